/* Things like the one being written, offered while its title is typed: `data-similar` names where they come from, `data-of`
 * the field they are like, `data-seen` the field of the form that is told once some were shown. Without script the form
 * shows them when it is sent. */
import { onPart } from './page.js';

const WAIT = 400, LEAST = 8;

function equip(box) {
    const form = box.closest('form'), field = form?.elements[box.dataset.of], list = box.querySelector('ul');
    let timer, asked = 0;
    if (!field || !list || box.dataset.ready)
        return;
    box.dataset.ready = 'yes';
    box.setAttribute('role', 'status');
    const show = (items) => {
        list.replaceChildren(...items.map(({ url, title }) => {
            const item = document.createElement('li'), link = document.createElement('a');
            link.href = new URL(url, location.href).pathname;
            link.target = '_blank'; /* what was typed stays where it is */
            link.rel = 'noopener';
            link.textContent = title;
            item.append(link);
            return item;
        }));
        box.hidden = items.length === 0;
        if (items.length)
            form.elements[box.dataset.seen].value = 'yes';
    };
    const ask = async () => {
        const own = ++asked, words = field.value.trim();
        if (words.length < LEAST)
            return show([]);
        const url = new URL(box.dataset.similar, location.href);
        url.searchParams.set('q', words);
        try {
            const { items = [] } = await (await fetch(url, { headers: { Accept: 'application/json' } })).json();
            if (own === asked)
                show(items);
        } catch {
            show([]); /* the form shows them when it is sent */
        }
    };
    field.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(ask, WAIT);
    });
    if (field.value.trim())
        ask();
}

onPart((root) => root.querySelectorAll('[data-similar]').forEach(equip));
