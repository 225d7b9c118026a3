/* News for open pages: elements that say data-live="SUBJECT …" are told of what happens to these subjects.
 *
 * data-live-since    time (µs) the page was made at: nothing after it is missed
 * data-live-types    event types that count, separated by blanks; all by default
 * data-live-refresh  the element (it has an id) is taken anew from the page
 * data-live-one, data-live-many  words with {n}: the element is shown with how often others did something
 * data-live-show     id of the part that the link in such an element takes anew from the page, instead of loading it
 *
 * Each element also gets a "portico:live" event with { type, subject, time, person_is_me }. One stream serves all tabs of
 * a browser: the tab that holds the lock reads it and passes on what comes. */
import { onPart, say, swapped } from './page.js';

const MOST = 20;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
const COMMITTED = 1000;
const TYPE = 'portico:live';

const elements = () => [...document.querySelectorAll('[data-live]')];
const subjectsOf = (element) => element.dataset.live.split(' ').filter(Boolean);
const since = () => Math.max(0, ...elements().map((element) => Number(element.dataset.liveSince) || 0));
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/* ---- what a page does with an event ---- */

const told = new Set();

function isNew(id) {
    if (told.has(id))
        return false;
    told.add(id);
    if (told.size > 500)
        told.delete(told.values().next().value);
    return true;
}

function count(element) {
    const n = Number(element.dataset.liveCount ?? 0) + 1;
    element.dataset.liveCount = n;
    const words = (n === 1 ? element.dataset.liveOne : element.dataset.liveMany).replace('{n}', n);
    const link = element.querySelector('a') ?? element;
    link.textContent = words;
    element.hidden = false;
    say(words);
}

/* What somebody is writing within a part stays when the part is taken anew. */
function keepWritten(old, fresh) {
    for (const field of old.querySelectorAll('textarea'))
        if (field.value !== field.defaultValue) {
            const own = field.closest('article[id]');
            own && fresh.querySelector(`#${CSS.escape(own.id)}`)?.replaceWith(own);
        }
}

/* The first that was not there before; else what stands over them. */
function focusOnNew(old, fresh) {
    const first = [...fresh.querySelectorAll('article[id]')].find(({ id }) => !old.has(id));
    if (first)
        first.tabIndex = -1;
    (first ?? fresh.querySelector('h2[tabindex]'))?.focus();
}

/* What the link would show, without losing the place or what is being written. */
async function show(element, link) {
    const name = element.dataset.liveShow;
    try {
        const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const old = document.getElementById(name);
        const known = new Set([...old.querySelectorAll('article[id]')].map(({ id }) => id));
        const fresh = document.importNode(page.getElementById(name), true);
        old.replaceWith(fresh);
        element.hidden = true;
        element.dataset.liveCount = 0;
        swapped(fresh);
        keepWritten(old, fresh);
        focusOnNew(known, fresh);
    } catch {
        location.assign(link.href);
    }
}

addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-live-show] a');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
        return;
    event.preventDefault();
    show(link.closest('[data-live-show]'), link);
});

const waiting = new Set();

/* All elements of a page are taken from one answer, however many events came. */
async function refresh(element) {
    waiting.add(element.id);
    if (waiting.size > 1)
        return;
    await pause(50);
    const names = [...waiting];
    waiting.clear();
    try {
        const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
        const text = await answer.text();
        if (!answer.ok)
            return;
        const page = new DOMParser().parseFromString(text, 'text/html');
        for (const name of names) {
            const old = document.getElementById(name);
            const fresh = page.getElementById(name);
            if (old && fresh && !old.contains(document.activeElement))
                old.replaceChildren(...fresh.childNodes);
        }
    } catch {
        /* the next event tries again */
    }
}

function tell(element, type, data) {
    const types = element.dataset.liveTypes?.split(' ').filter(Boolean);
    if (types && !types.includes(type))
        return;
    element.dispatchEvent(new CustomEvent(TYPE, { bubbles: true, detail: { type, ...data } }));
    if ('liveRefresh' in element.dataset)
        refresh(element);
    if (element.dataset.liveOne && !data.person_is_me)
        count(element);
}

/* A stream that serves several tabs tells again what one of them missed: younger pages show it already. An event's time
 * is a little before others see what it tells of. */
const wasThere = (element, { time }) => Date.parse(time) + COMMITTED < (Number(element.dataset.liveSince) || 0) / 1000;

function handle({ id, type, data }) {
    if (type === 'portico.lost') {
        for (const element of elements().filter((one) => 'liveRefresh' in one.dataset))
            refresh(element);
        return;
    }
    if (id && !isNew(id))
        return;
    for (const element of elements())
        if (subjectsOf(element).includes(data.subject) && !wasThere(element, data))
            tell(element, type, data);
}

/* ---- the stream ---- */

/* One event of the text between two empty lines; null for a comment. */
function parse(block) {
    const event = { type: 'message', text: '' };
    for (const line of block.split('\n')) {
        const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).replace(/^ /, '')];
        if (name === 'id')
            event.id = value;
        else if (name === 'event')
            event.type = value;
        else if (name === 'data')
            event.text += value;
    }
    return event.text ? { id: event.id, type: event.type, data: JSON.parse(event.text) } : null;
}

/* Reads until the answer ends; what comes goes to `give`. */
async function readStream(url, signal, last, give) {
    const headers = { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) };
    const answer = await fetch(url, { headers, cache: 'no-store', signal });
    if (!answer.ok)
        return false;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ;) {
        const { done, value } = await reader.read();
        if (done)
            return true;
        text += value;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
            const event = parse(text.slice(0, end));
            if (event)
                give(event);
        }
    }
}

/* The stream of some subjects, opened again whenever it ends, until it is stopped. */
function openStream(subjects, from, give) {
    const stop = new AbortController();
    const stream = { last: from.last, stop: () => stop.abort() };
    const query = new URLSearchParams([...subjects.map((subject) => ['watch', subject]), ['since', from.since]]);
    (async () => {
        for (let wait = FIRST_PAUSE; !stop.signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
            try {
                const read = await readStream(`/portico/live?${query}`, stop.signal, stream.last, (event) => {
                    stream.last = event.id ?? stream.last;
                    give(event);
                });
                if (read)
                    wait = FIRST_PAUSE / 2;
            } catch {
                /* it is opened again below */
            }
            await pause(wait);
        }
    })();
    return stream;
}

/* ---- one stream for all tabs ---- */

/* Where tabs cannot agree, each has its own. */
function watchAlone() {
    let stream;
    return (subjects, from) => {
        stream?.stop();
        stream = subjects.length ? openStream(subjects, { since: from, last: stream?.last }, handle) : undefined;
    };
}

function watchTogether() {
    const channel = new BroadcastChannel(TYPE);
    const name = crypto.getRandomValues(new Uint32Array(2)).join('-');
    const tabs = new Map(); /* of the leader: name to subjects */
    let mine;
    let leads = false;
    let stream;
    let watched = '';

    const take = ({ name: tab, subjects, since: from }) => {
        tabs.set(tab, subjects);
        const all = [...new Set([...tabs.values()].flat())].slice(0, MOST).sort();
        if (!leads || all.join('\n') === watched)
            return;
        watched = all.join('\n');
        const last = stream?.last;
        stream?.stop();
        stream = all.length ? openStream(all, { since: from, last }, (event) => {
            channel.postMessage({ kind: 'event', event });
            handle(event);
        }) : undefined;
    };
    channel.onmessage = ({ data }) => {
        if (data.kind === 'event')
            handle(data.event);
        else if (data.kind === 'who')
            channel.postMessage(mine);
        else if (leads && data.kind === 'watch')
            take(data);
        else if (leads && data.kind === 'leave')
            tabs.delete(data.name);
    };
    navigator.locks.request(TYPE, () => {
        leads = true;
        channel.postMessage({ kind: 'who' });
        take(mine);
        return new Promise(() => {});
    });
    addEventListener('pagehide', () => channel.postMessage({ kind: 'leave', name }));
    return (subjects, from) => {
        mine = { kind: 'watch', name, subjects, since: from };
        channel.postMessage(mine);
        if (leads)
            take(mine);
    };
}

let watching = '';
let watch;

/* Begins with the first part of the page that says what it watches. */
function start() {
    const subjects = [...new Set(elements().flatMap(subjectsOf))].slice(0, MOST);
    if (subjects.join('\n') === watching)
        return;
    watching = subjects.join('\n');
    watch ??= navigator.locks && globalThis.BroadcastChannel ? watchTogether() : watchAlone();
    watch(subjects, since());
}

onPart(start);
/* A page that comes back as it was left may have missed more than a stream tells. */
addEventListener('pageshow', (event) => {
    if (event.persisted && elements().length)
        location.reload();
});
