/* People offered after "@" in a text: names from the portal, taken with Enter, Tab or a press. The text works without. */
import { onPart } from './page.js';

const WAIT = 150;
let counter = 0;

/* The "@word" the cursor stands behind. */
function mentionAt(area) {
    const before = area.value.slice(0, area.selectionStart);
    const found = /(^|[\s(])@([\p{L}\p{N}.-]{1,40})$/u.exec(before);
    return found && { word: found[2], from: before.length - found[2].length };
}

function equip(area) {
    const list = Object.assign(document.createElement('ul'), { className: 'offers', id: `people-${++counter}`, hidden: true });
    const box = document.createElement('div');
    let timer, asked = 0;
    box.className = 'offering';
    area.before(box);
    box.append(area, list);
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', '@');
    area.dataset.people = 'yes';
    area.setAttribute('aria-controls', list.id);
    area.setAttribute('aria-autocomplete', 'list');
    const chosen = () => list.querySelector('[aria-selected="true"]');
    const close = () => {
        list.hidden = true;
        area.removeAttribute('aria-activedescendant');
    };
    const mark = (option) => {
        chosen()?.setAttribute('aria-selected', 'false');
        option.setAttribute('aria-selected', 'true');
        option.scrollIntoView({ block: 'nearest' });
        area.setAttribute('aria-activedescendant', option.id);
    };
    const take = (option) => {
        const mention = mentionAt(area);
        if (mention)
            area.setRangeText(`${option.dataset.name} `, mention.from, area.selectionStart, 'end');
        close();
        area.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const show = (items) => {
        list.replaceChildren(...items.map(({ name, title }, index) => {
            const option = Object.assign(document.createElement('li'), { id: `${list.id}-${index}`, textContent: `${title} @${name}` });
            option.setAttribute('role', 'option');
            option.setAttribute('aria-selected', 'false');
            option.dataset.name = name;
            return option;
        }));
        list.hidden = items.length === 0;
        if (items.length)
            mark(list.firstChild);
    };
    const ask = async () => {
        const mention = mentionAt(area), own = ++asked;
        if (!mention)
            return close();
        try {
            const answer = await fetch(`/portico/people?q=${encodeURIComponent(mention.word)}`, { headers: { Accept: 'application/json' } });
            const { items = [] } = answer.ok ? await answer.json() : {};
            if (own === asked && document.activeElement === area)
                show(items);
        } catch {
            close(); /* a handle can be typed all the same */
        }
    };
    area.addEventListener('input', (event) => {
        clearTimeout(timer);
        if (event.isTrusted)
            timer = setTimeout(ask, WAIT);
    });
    area.addEventListener('blur', close);
    area.addEventListener('keydown', (event) => {
        if (list.hidden)
            return;
        const all = [...list.children], at = all.indexOf(chosen());
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
            mark(all[(at + (event.key === 'ArrowDown' ? 1 : all.length - 1)) % all.length]);
        else if (event.key === 'Enter' || event.key === 'Tab')
            take(chosen());
        else if (event.key === 'Escape')
            close();
        else
            return;
        event.preventDefault();
        event.stopPropagation();
    });
    list.addEventListener('pointerdown', (event) => {
        event.preventDefault(); /* the text keeps the focus */
        const option = event.target.closest('[role="option"]');
        if (option)
            take(option);
    });
}

onPart((root) => root.querySelectorAll('form .markdown textarea:not([data-people])').forEach(equip));
