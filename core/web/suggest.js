/* Words offered while typing into a field of several: data-suggest names where they come from. The pattern is the ARIA
 * combobox with a list; without script the field is a plain one. */
import { onPart } from './page.js';

const WAIT = 150;
let counter = 0;

/* The word the cursor is in, and where it begins and ends. */
function wordAt(field) {
    const at = field.selectionStart ?? field.value.length;
    const from = field.value.slice(0, at).search(/[^,\s]*$/);
    const rest = field.value.slice(at).search(/[,\s]/);
    return { from, to: rest < 0 ? field.value.length : at + rest, word: field.value.slice(from, at) };
}

function equip(field) {
    const list = Object.assign(document.createElement('ul'), { className: 'offers', id: `offers-${++counter}`, hidden: true });
    let timer, asked = 0;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', document.querySelector(`label[for="${CSS.escape(field.id)}"]`)?.textContent ?? '');
    field.setAttribute('role', 'combobox');
    field.setAttribute('aria-autocomplete', 'list');
    field.setAttribute('aria-controls', list.id);
    field.parentElement.classList.add('offering');
    field.after(list);
    const options = () => [...list.children];
    const chosen = () => list.querySelector('[aria-selected="true"]');
    const close = () => {
        list.hidden = true;
        field.setAttribute('aria-expanded', 'false');
        field.removeAttribute('aria-activedescendant');
    };
    const mark = (option) => {
        chosen()?.setAttribute('aria-selected', 'false');
        option?.setAttribute('aria-selected', 'true');
        option?.scrollIntoView({ block: 'nearest' });
        field.setAttribute('aria-activedescendant', option?.id ?? '');
    };
    const take = (option) => {
        const { from, to } = wordAt(field);
        field.setRangeText(`${option.dataset.name}, `, from, to, 'end');
        close();
        field.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const show = (items) => {
        list.replaceChildren(...items.map(({ name, title, count }, index) => {
            const option = Object.assign(document.createElement('li'), { id: `${list.id}-${index}`, textContent: title ?? name });
            option.setAttribute('role', 'option');
            option.setAttribute('aria-selected', 'false');
            option.dataset.name = name;
            if (count !== undefined)
                option.append(Object.assign(document.createElement('span'), { className: 'hush', textContent: ` ${count}` }));
            return option;
        }));
        list.hidden = items.length === 0;
        field.setAttribute('aria-expanded', items.length > 0);
    };
    const ask = async () => {
        const { word } = wordAt(field), own = ++asked;
        if (!word)
            return close();
        const url = new URL(field.dataset.suggest, location.href);
        url.searchParams.set('q', word);
        try {
            const { items = [] } = await (await fetch(url, { headers: { Accept: 'application/json' } })).json();
            if (own === asked && document.activeElement === field)
                show(items.slice(0, 8));
        } catch {
            close(); /* words can be typed all the same */
        }
    };
    close();
    field.addEventListener('input', (event) => {
        clearTimeout(timer);
        if (event.isTrusted)
            timer = setTimeout(ask, WAIT);
    });
    field.addEventListener('blur', close);
    field.addEventListener('keydown', (event) => {
        if (list.hidden) {
            if (event.key === 'ArrowDown')
                ask();
            return;
        }
        const all = options(), at = all.indexOf(chosen());
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
            mark(all[(at + (event.key === 'ArrowDown' ? 1 : all.length - (at < 0 ? 0 : 1))) % all.length]);
        else if (event.key === 'Enter' && chosen())
            take(chosen());
        else if (event.key === 'Escape')
            close();
        else
            return;
        event.preventDefault();
        event.stopPropagation();
    });
    list.addEventListener('pointerdown', (event) => {
        event.preventDefault(); /* the field keeps the focus */
        const option = event.target.closest('[role="option"]');
        if (option)
            take(option);
    });
}

onPart((root) => root.querySelectorAll('input[data-suggest]:not([role="combobox"])').forEach(equip));
