/* What script adds to pages that are complete without it. */
import './files.js';
import './forms.js';
import './live.js';
import './markdown.js';
import './mention.js';
import './passkey.js';
import './similar.js';
import './suggest.js';

const root = document.documentElement;
root.classList.add('script');

/* Ctrl K (or ⌘ K) and "/" reach the search from anywhere but a text field. */
function focusSearch() {
    const field = document.querySelector('.find input');
    const visible = field && field.offsetParent !== null;
    if (visible) {
        field.focus();
        field.select();
        return true;
    }
    const link = document.querySelector('a.find, .find button');
    link?.focus();
    return Boolean(link);
}

document.addEventListener('keydown', (event) => {
    const command = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k';
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !typing;
    if ((command || slash) && focusSearch())
        event.preventDefault();
    if (event.key === 'Escape')
        closeMenus();
});

/* A menu is a <details>: it closes when something else is pressed, and gives the focus back on Escape. */
function closeMenus(except) {
    for (const menu of document.querySelectorAll('details.menu[open]'))
        if (menu !== except) {
            if (menu.contains(document.activeElement))
                menu.querySelector('summary')?.focus();
            menu.open = false;
        }
}

document.addEventListener('click', (event) => {
    closeMenus(event.target.closest?.('details.menu'));
});

/* A form that only chooses what a list shows needs no button once script is there. */
document.addEventListener('change', (event) => {
    event.target.closest?.('form[data-submit-on-change]')?.requestSubmit();
});

/* A form is sent once: a second press while the first is under way does nothing. */
document.addEventListener('submit', (event) => {
    if (event.target.dataset.sent) {
        event.preventDefault();
        return;
    }
    if (event.target.method === 'post')
        event.target.dataset.sent = 'yes';
});
addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]'))
        delete form.dataset.sent;
});

/* What scrolls sideways inside a text can be scrolled by keyboard too. */
for (const block of document.querySelectorAll('.prose pre, .prose table'))
    if (block.scrollWidth > block.clientWidth)
        block.tabIndex = 0;
