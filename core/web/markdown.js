/* Fields of Markdown: what is written stands beside it as it will read; images come by pasting or dropping them. */
import { onPart } from './page.js';

/* ms: after the last key, and between two looks however one types. The portal takes twice as many. */
const PAUSE = 300, APART = 1000;

/* Only what changed is changed: images do not blink, a choice of words stays, and so does where one reads. Who writes at
 * the end and reads at the end stays there. */
function put(shown, markup, area) {
    const fresh = document.createElement('template');
    fresh.innerHTML = markup; /* made safe by the portal, as it will be shown */
    const old = [...shown.childNodes], now = [...fresh.content.childNodes];
    const most = Math.min(old.length, now.length), from = shown.scrollTop;
    const atEnd = document.activeElement === area && area.selectionEnd === area.value.length
        && shown.scrollHeight - shown.clientHeight - from < 4;
    let head = 0, tail = 0;
    while (head < most && old[head].isEqualNode(now[head]))
        head++;
    while (tail < most - head && old.at(-1 - tail).isEqualNode(now.at(-1 - tail)))
        tail++;
    const behind = old[old.length - tail] ?? null;
    for (const node of old.slice(head, old.length - tail))
        node.remove();
    for (const node of now.slice(head, now.length - tail))
        shown.insertBefore(node, behind);
    shown.scrollTop = atEnd ? shown.scrollHeight : from;
}

/* { markup }, or { words } of why there is none and, where it pays to try again, `after` how many ms. */
async function ask(area, signal) {
    const body = new URLSearchParams({ text: area.value, portico_token: area.form?.elements.portico_token?.value ?? '' });
    const answer = await fetch('/portico/markdown', { method: 'POST', body, signal, headers: { Accept: 'application/json' } });
    if (answer.ok)
        return { markup: await answer.text() };
    const { detail } = await answer.json();
    return { words: detail, after: 1000 * Number(answer.headers.get('retry-after')) };
}

function equip(box) {
    const area = box.querySelector('textarea'), shown = box.querySelector('.shown > .prose');
    if (!area || !shown || box.dataset.ready)
        return;
    box.dataset.ready = 'yes';
    const told = Object.assign(document.createElement('p'), { className: 'unshown' });
    told.setAttribute('role', 'status'); /* what is shown is not read aloud at each key; that it is not shown is, once */
    shown.after(told);
    let timer, since, last = -APART, under;
    const tell = (words) => {
        if (told.textContent !== words)
            told.textContent = words;
    };
    const look = async () => {
        under?.abort();
        const own = under = new AbortController();
        since = undefined;
        if (!area.value.trim()) {
            const words = Object.assign(document.createElement('p'), { className: 'hush', textContent: box.dataset.nothing });
            shown.replaceChildren(words);
            return tell('');
        }
        last = performance.now();
        const { markup, words, after } = await ask(area, own.signal).catch(() => ({ words: box.dataset.failed }));
        if (own.signal.aborted || !box.isConnected)
            return undefined;
        if (markup !== undefined)
            put(shown, markup, area);
        else if (after)
            later(after);
        return tell(markup === undefined ? words : '');
    };
    const later = (wait) => {
        clearTimeout(timer);
        timer = setTimeout(look, wait);
    };
    area.addEventListener('input', () => {
        const now = performance.now();
        since ??= now;
        later(Math.max(last + APART, Math.min(now + PAUSE, since + APART)) - now);
    });
    if (area.value.trim())
        look();
}

/* Images are taken by whoever listens to "portico:image": detail has the file, and insert(text), which puts text where
 * the cursor is and gives a function that replaces it, for "Uploading…" and what comes of it. */
export function insert(area, text) {
    const from = area.selectionStart;
    area.setRangeText(text, from, area.selectionEnd, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
    return (other) => {
        const at = area.value.indexOf(text);
        if (at >= 0)
            area.setRangeText(other, at, at + text.length, 'preserve');
        area.dispatchEvent(new Event('input', { bubbles: true }));
    };
}

function offer(event, files) {
    const area = event.target.closest?.('.markdown textarea');
    for (const file of area ? files : []) {
        const detail = { file, insert: (text) => insert(area, text) };
        if (!area.dispatchEvent(new CustomEvent('portico:image', { bubbles: true, cancelable: true, detail })))
            event.preventDefault();
    }
}

/* What is pasted beside images is text. What is dropped would otherwise be opened in place of the page: the portal says
 * why it does not take it. */
document.addEventListener('paste', (event) => offer(event, [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'))));
document.addEventListener('drop', (event) => offer(event, [...(event.dataTransfer?.files ?? [])]));

onPart((root) => root.querySelectorAll('.markdown').forEach(equip));
