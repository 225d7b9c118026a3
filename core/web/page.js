/* What the parts of the front end share: running again on what was put into the page, and saying things aloud. */

const runs = [];

/** Calls `run(root)` for the page now, and for each part that is put into it afterwards. */
export function onPart(run) {
    runs.push(run);
    run(document);
}

/* What is for pages without script. Fetched by one, a page is read as if there were none. */
onPart((root) => root.querySelectorAll('noscript').forEach((part) => part.remove()));

/** `part` was put into the page: it is made ready as the page was. Modules' scripts hear "portico:part". */
export function swapped(part) {
    for (const run of runs)
        run(part);
    part.dispatchEvent(new CustomEvent('portico:part', { bubbles: true }));
}

/* There from the start: what a region holds when it comes is not said by all readers of pages. */
const region = Object.assign(document.createElement('div'), { className: 'unseen' });
region.setAttribute('role', 'status');
document.body.append(region);

/** Says `text` to those who listen to the page. */
export function say(text) {
    region.textContent = text ?? '';
}
