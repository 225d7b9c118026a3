/* Fields of Markdown: a preview beside what is written, images by pasting or dropping them. */
import { onPart } from './page.js';

let counter = 0;

function tab(words, panel, chosen) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: words, id: `tab-${++counter}` });
    button.setAttribute('role', 'tab');
    button.setAttribute('aria-controls', panel.id);
    button.setAttribute('aria-selected', chosen);
    button.tabIndex = chosen ? 0 : -1;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', button.id);
    return button;
}

async function preview(box, area, panel) {
    if (!area.value.trim()) {
        panel.textContent = box.dataset.nothing;
        return;
    }
    const body = new URLSearchParams({ text: area.value, portico_token: area.form?.elements.portico_token?.value ?? '' });
    try {
        const answer = await fetch('/portico/markdown', { method: 'POST', body, headers: { Accept: 'application/json' } });
        if (answer.ok)
            panel.innerHTML = await answer.text(); /* made safe by the portal, as it will be shown */
        else
            panel.textContent = (await answer.json()).detail;
    } catch {
        panel.textContent = box.dataset.failed;
    }
}

function equip(box) {
    const area = box.querySelector('textarea'), writing = document.createElement('div'), shown = document.createElement('div');
    const list = Object.assign(document.createElement('div'), { className: 'tabs' });
    if (!area || box.querySelector('[role="tablist"]'))
        return;
    writing.id = `write-${++counter}`;
    shown.id = `shown-${counter}`;
    shown.className = 'prose shown';
    shown.hidden = true;
    area.before(writing);
    writing.append(...[...box.children].filter((child) => child !== writing));
    const tabs = [tab(box.dataset.write, writing, true), tab(box.dataset.preview, shown, false)];
    list.setAttribute('role', 'tablist');
    list.append(...tabs);
    box.prepend(list);
    box.append(shown);
    const choose = (chosen) => {
        for (const [index, one] of tabs.entries()) {
            one.setAttribute('aria-selected', one === chosen);
            one.tabIndex = one === chosen ? 0 : -1;
            [writing, shown][index].hidden = one !== chosen;
        }
        if (chosen === tabs[1]) {
            preview(box, area, shown);
        }
    };
    list.addEventListener('click', (event) => {
        if (tabs.includes(event.target))
            choose(event.target);
    });
    list.addEventListener('keydown', (event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')
            return;
        const next = tabs[1 - tabs.indexOf(document.activeElement)] ?? tabs[0];
        next.focus();
        choose(next);
    });
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
