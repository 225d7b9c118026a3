/* Forms that need no page of their own: opened and sent by script, the answer put in place; drafts kept while typing;
 * how much room is left. Each form works without any of it. */
import { say, swapped } from './page.js';

/* The fields as the browser would send them, with the button that was pressed. */
function bodyOf(form, submitter) {
    const data = new FormData(form, submitter);
    return form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
}

const keeping = new WeakMap(); /* form → the draft on its way */

function post(form, submitter, { extra = {}, keepalive = false, headers = {} } = {}) {
    const body = bodyOf(form, submitter);
    for (const [name, value] of Object.entries(extra))
        body.set(name, value);
    const action = submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? '';
    return fetch(action || location.href, { method: 'POST', body, keepalive, headers: { Accept: 'text/html', ...headers } });
}

/* The page to show for what was sent, and its address if it is another page's answer. Sent on by itself, fetch() forgets
 * which piece of that page was made: the server says where instead. */
async function answerTo(form, submitter) {
    const answer = await post(form, submitter, { headers: { 'Portico-Redirect': 'tell' } });
    const place = answer.headers.get('portico-location');
    if (!place)
        return { answer, url: answer.redirected ? new URL(answer.url) : undefined };
    await answer.text(); /* read to its end, or leaving the page would count as breaking it off */
    const named = new URL(place, location.href), page = await fetch(named, { headers: { Accept: 'text/html' } });
    const url = new URL(page.url);
    url.hash = named.hash;
    return { answer: page, url };
}

/* What of `page` stands for what of this one: the parts the form names, or all of <main>. */
function put(form, page, elsewhere) {
    const selector = form.dataset.part;
    const refused = page.querySelector('[aria-invalid="true"], .problems');
    const own = selector && !refused && document.querySelector(selector);
    const fresh = own && page.querySelector(selector);
    if (own && fresh) {
        const node = document.importNode(fresh, true);
        own.replaceWith(node);
        return node;
    }
    if (elsewhere)
        for (const nav of ['.bar nav', '.side', '.tabbar'])
            document.querySelector(nav)?.replaceChildren(...(page.querySelector(nav)?.cloneNode(true).childNodes ?? []));
    document.title = page.title;
    const main = document.importNode(page.querySelector('main'), true);
    document.querySelector('main').replaceWith(main);
    return main;
}

const buttonsOf = (form) => [...form.elements].filter(({ type }) => type === 'submit');

/* The focus stays on a button that only changed its part of the page, and what it made is said: data-say, or its words. */
function backTo(part, form, submitter) {
    const now = form.id && document.getElementById(form.id);
    const button = now && part.contains(now) && buttonsOf(now)[buttonsOf(form).indexOf(submitter)];
    button?.focus();
    if (button)
        say(now.dataset.say ?? button.textContent.trim());
    return Boolean(button);
}

function focusOn(part, arrived) {
    const wrong = part.querySelector('[aria-invalid="true"]') ?? part.querySelector('.problems');
    const target = wrong ?? arrived ?? part.querySelector('[role="status"]:not(.draft, .count), .note') ?? part.querySelector('h1') ?? part;
    if (!target.matches('a, button, input, select, textarea, [tabindex]'))
        target.tabIndex = -1;
    target.focus();
    target.scrollIntoView?.({ block: 'nearest' });
    say(wrong ? part.querySelector('.problems b')?.textContent : target.textContent);
}

const idsIn = (part) => new Set([...part.querySelectorAll('[id]')].map(({ id }) => id));

async function send(form, submitter) {
    await keeping.get(form)?.catch(() => {});
    const { answer, url } = await answerTo(form, submitter);
    if (!answer.headers.get('content-type')?.startsWith('text/html'))
        throw new TypeError('The answer is no page.');
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!page.querySelector('main'))
        throw new TypeError('The answer has no main part.');
    const moved = url && url.href !== location.href;
    const known = url?.pathname === location.pathname && idsIn(document.querySelector('main'));
    if (moved && !form.dataset.part) {
        history.pushState({ portico: 'sent' }, '', url.href);
        shown = address();
    }
    const other = answer.status === 401 || answer.status === 403; /* somebody else is signed in by now, or nobody */
    const part = put(form, page, other || (moved && !form.dataset.part));
    swapped(part);
    if (form.dataset.part && backTo(part, form, submitter))
        return;
    const named = url?.hash ? part.querySelector(`[id="${CSS.escape(url.hash.slice(1))}"]`) : null;
    const made = known ? [...part.querySelectorAll('article[id], li[id]')].find(({ id }) => !known.has(id)) : null;
    focusOn(part, named ?? made);
}

/* Without a network the browser's own page would stand where the form was. */
function tellOffline(form) {
    const note = Object.assign(document.createElement('div'), { className: 'note warn offline', textContent: document.body.dataset.offline });
    form.querySelector(':scope > .offline')?.remove();
    note.setAttribute('role', 'alert');
    form.append(note);
}

function sendPlainly(form, submitter) {
    if (submitter?.name) /* form.submit() leaves the button out */
        form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: submitter.name, value: submitter.value }));
    form.submit();
}

document.addEventListener('submit', (event) => {
    const form = event.target, submitter = event.submitter;
    if (form.method !== 'post' || !(form.hasAttribute('data-part') || form.hasAttribute('data-whole')))
        return;
    if (event.defaultPrevented && !form.dataset.sent)
        return;
    event.preventDefault();
    if (form.dataset.sent)
        return;
    form.dataset.sent = 'yes';
    forget(form);
    send(form, submitter)
        .catch(() => (navigator.onLine ? sendPlainly(form, submitter) : tellOffline(form)))
        .finally(() => delete form.dataset.sent);
});

/* A link to the page of a form, with `data-inline`: the form is put in the link's place. */
async function open(link) {
    const answer = await fetch(link.href, { headers: { Accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const form = answer.ok && !answer.redirected && page.querySelector('main form[data-whole]');
    if (!form)
        throw new TypeError('The answer is no page with a form.');
    const own = document.importNode(form, true);
    link.replaceWith(own);
    swapped(own);
    own.querySelector('input:not([type="hidden"]), textarea, select')?.focus();
}

document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[data-inline]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
        return;
    event.preventDefault();
    if (link.getAttribute('aria-busy'))
        return;
    link.setAttribute('aria-busy', 'true');
    open(link).catch(() => location.assign(link.href));
});

/* The way back leads to pages of the server again: a form that was sent is fetched anew. Moving within a page is not
 * that. */
const address = () => location.pathname + location.search;
let shown = address();
addEventListener('popstate', () => {
    if (address() !== shown)
        location.reload();
});

/* Drafts: kept after a pause, and at once when the page is left. */
const timers = new Map(), DRAFT_AFTER = 1500;

function forget(form) {
    clearTimeout(timers.get(form));
    return timers.delete(form);
}

function keep(form, leaving = false) {
    forget(form);
    const way = post(form, null, { extra: { portico_draft: 'keep' }, keepalive: leaving }).then(async (answer) => {
        await answer.text(); /* to its end, or it may count as broken off */
        const line = form.querySelector('.draft'), discard = form.querySelector('.discard');
        if (answer.status !== 204 || !line)
            return;
        const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
        line.textContent = form.dataset.draft.replace('{time}', time);
        if (discard)
            discard.hidden = false;
    });
    keeping.set(form, way);
    way.catch(() => {}); /* the next key tries again */
}

document.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form?.hasAttribute('data-draft') || form.dataset.sent)
        return;
    forget(form);
    timers.set(form, setTimeout(() => keep(form), DRAFT_AFTER));
});

document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden')
        for (const form of [...timers.keys()])
            keep(form, true);
});

/* Room left, once it gets narrow. The server counts the same way: characters, not bytes. */
function count(field) {
    const most = Number(field.dataset.most), left = most - [...field.value].length;
    let line = field.parentElement.querySelector(':scope > .count');
    if (left > Math.max(20, most / 10)) {
        line?.remove();
        return;
    }
    if (!line) {
        line = Object.assign(document.createElement('p'), { className: 'help count' });
        line.setAttribute('role', 'status');
        field.after(line);
    }
    line.classList.toggle('over', left < 0);
    line.textContent = (left < 0 ? field.dataset.over : field.dataset.left).replace('{n}', Math.abs(left));
}

document.addEventListener('input', (event) => {
    if (event.target.dataset?.most)
        count(event.target);
});
