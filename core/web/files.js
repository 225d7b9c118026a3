/* Images in a text: pasted, dropped or chosen, sent at once, and named where the cursor was. */
import { insert } from './markdown.js';
import { onPart } from './page.js';

const TYPES = 'image/png,image/jpeg,image/gif,image/webp';
const sending = new WeakMap(); /* form → images on their way */

/* { markdown }, or an Error whose message is for who sent it. */
async function post(area, file, failed) {
    const body = new FormData();
    body.append('image', file, file.name || 'image');
    body.append('portico_token', area.form?.elements.portico_token?.value ?? '');
    const answer = await fetch('/portico/images', { method: 'POST', body, headers: { Accept: 'application/json' } })
        .catch(() => null);
    const json = await answer?.json().catch(() => null);
    if (!answer?.ok || !json?.markdown)
        throw new Error(json?.detail ?? failed);
    return json;
}

function tell(area, words, className, role) {
    const line = Object.assign(document.createElement('p'), { className, textContent: words });
    line.setAttribute('role', role);
    area.after(line);
}

/* Between the brackets stands the file's name: chosen, it is written over by what the image shows. */
function chooseText(area, markdown) {
    const at = area.value.indexOf(markdown), end = markdown.indexOf('](');
    if (at >= 0 && document.activeElement === area)
        area.setSelectionRange(at + 2, at + end);
}

async function take(box, area, { file, insert: put }) {
    const replace = put(`![${box.dataset.sending.replace('{name}', file.name.replace(/[[\]\\]/g, ' '))}]()`);
    for (const line of box.querySelectorAll('.unsent, .told'))
        line.remove();
    try {
        const { markdown } = await post(area, file, box.dataset.unsent);
        replace(markdown);
        chooseText(area, markdown);
        box.querySelector('.told')?.remove(); /* of an image sent beside this one */
        tell(area, box.dataset.sent, 'help told', 'status');
    } catch (error) {
        replace('');
        tell(area, error.message, 'error unsent', 'alert');
    }
}

document.addEventListener('portico:image', (event) => {
    const area = event.target, box = area.closest('.markdown');
    if (!box?.dataset.image)
        return;
    event.preventDefault();
    const way = take(box, area, event.detail), form = area.form;
    sending.set(form, Promise.all([sending.get(form), way]));
});

/* A text that is sent names all its images. */
document.addEventListener('submit', (event) => {
    const form = event.target, submitter = event.submitter, ways = sending.get(form);
    if (!ways)
        return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ways.then(() => {
        if (sending.get(form) === ways)
            sending.delete(form);
        form.requestSubmit(submitter);
    });
}, { capture: true });

function equip(box) {
    const area = box.querySelector('textarea');
    if (!area || !box.dataset.image || box.querySelector('.choose'))
        return;
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn small choose', textContent: box.dataset.image });
    const chooser = Object.assign(document.createElement('input'), { type: 'file', accept: TYPES, multiple: true, hidden: true });
    button.addEventListener('click', () => chooser.click());
    chooser.addEventListener('change', () => {
        for (const file of chooser.files)
            area.dispatchEvent(new CustomEvent('portico:image', { bubbles: true, cancelable: true, detail: { file, insert: (text) => insert(area, text) } }));
        chooser.value = '';
        area.focus();
    });
    const ways = Object.assign(document.createElement('p'), { className: 'help ways', textContent: box.dataset.ways, id: `${area.id}-ways` });
    button.setAttribute('aria-describedby', ways.id);
    area.after(button, chooser, ways);
}

onPart((root) => root.querySelectorAll('.markdown').forEach(equip));
