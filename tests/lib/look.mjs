/* Looks at pages as people do, and says in lines what is wrong: at every width, in both themes, in the pseudo-language,
 * by keyboard. Boxes are compared, never pixels.
 *
 *     const stage = {};                                    // { browser, portal } once before() ran
 *     lookAt(stage, [{ name: 'the list', path: '/communities' }, …]);
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessibilityFindings, openPage, screenshot, sidewaysScroll } from './browser.mjs';

const full = Boolean(process.env.PORTICO_TEST_FULL);
const takesPictures = Boolean(process.env.PORTICO_SCREENSHOTS);
export const WIDTHS = full ? [320, 390, 768, 1024, 1280, 1440] : [320, 768, 1280];

/* In the page: what is wrong with its boxes. Everything is in sight, since the window is as high as the page. */
function boxes() {
    const SMALLEST = 24, LEGIBLE = 96, SLACK = 1;
    const findings = [];
    const name = (element) => `<${element.localName}${element.className && typeof element.className === 'string' ? ` class="${element.className}"` : ''}> `
        + `“${(element.getAttribute('aria-label') ?? (element.innerText || element.name || element.value || '')).trim().replace(/\s+/g, ' ').slice(0, 40)}”`;
    const styled = new Map();
    const style = (element) => styled.get(element) ?? styled.set(element, getComputedStyle(element)).get(element);
    const upwards = (element, wanted) => {
        for (let up = element; up && up !== document.documentElement; up = up.parentElement)
            if (wanted(style(up), up))
                return up;
    };
    const unseen = (element) => upwards(element, (now) => now.clipPath !== 'none');
    /* What floats over the page, such as an open menu: it lies over the rest by its nature. */
    const layer = (element) => upwards(element, ({ position }, up) => position === 'fixed' || up.matches('.menu > ul, .offers, .skip'));
    const box = (element) => element.getBoundingClientRect();
    const parts = (element) => (style(element).display === 'inline' ? [...element.getClientRects()] : [box(element)]);
    const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && box(element).width > 0 && !unseen(element);
    const stops = [...document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]')]
        .filter((element) => shown(element) && !element.disabled);
    const meets = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;

    /* Nothing that is pressed lies over another, or under anything. */
    for (const [index, one] of stops.entries()) {
        for (const other of stops.slice(index + 1))
            if (!one.contains(other) && !other.contains(one) && layer(one) === layer(other)
                && parts(one).some((a) => parts(other).some((b) => meets(a, b))))
                findings.push(`${name(one)} and ${name(other)} overlap`);
        const { left, top, width, height } = parts(one)[0];
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        const own = there && (one.contains(there) || there.contains(one) || there.closest('label')?.control === one);
        if (there && !own && layer(there) === layer(one))
            findings.push(`${name(one)} lies under ${name(there)}`);
    }

    /* A finger finds it. Links within a sentence, and those whose whole row is pressed, are as high as the text. */
    for (const element of stops) {
        const target = element.matches('[type="checkbox"], [type="radio"]') ? element.labels?.[0] ?? element : element;
        const { width, height } = box(target);
        if (style(target).display !== 'inline' && !element.matches('.cover') && Math.min(width, height) < SMALLEST - .5)
            findings.push(`${name(element)} is ${Math.round(width)} × ${Math.round(height)} px`);
    }

    for (const field of stops)
        if (field.matches('textarea, select, input:not([type="checkbox"], [type="radio"])') && box(field).width < LEGIBLE)
            findings.push(`${name(field)} shows ${Math.round(box(field).width)} px of what is written in it`);

    /* The focus goes as one reads. */
    for (const element of document.querySelectorAll('[tabindex]'))
        if (element.tabIndex > 0)
            findings.push(`${name(element)} has a place of its own in the order of focus`);
    const order = stops.filter((element) => element.tabIndex >= 0 && !layer(element));
    for (const [index, next] of order.slice(1).entries()) {
        const now = order[index], a = parts(now)[0], b = parts(next)[0];
        const back = b.bottom <= a.top + SLACK && b.left < a.right - SLACK;
        const left = b.right <= a.left + SLACK && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 2;
        if (back || left)
            findings.push(`the focus goes back from ${name(now)} to ${name(next)}`);
    }

    /* Words stay in their card, and are cut only where that is said by an ellipsis. */
    const clips = ({ overflowX }) => overflowX !== 'visible';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || element.closest('script, style, option') || !shown(element))
            continue;
        const holder = upwards(element, (now, up) => clips(now) || up.matches('.card, .tile, .note, .btn, .pill, main, .bar, .side'));
        if (!holder || clips(style(holder)))
            continue;
        range.selectNodeContents(node);
        const outer = box(holder);
        if ([...range.getClientRects()].some(({ left, right, width }) => width > 0 && (left < outer.left - SLACK || right > outer.right + SLACK)))
            findings.push(`“${node.data.trim().slice(0, 40)}” reaches out of ${name(holder)}`);
    }
    for (const element of document.querySelectorAll('body *'))
        if (/hidden|clip/.test(style(element).overflowX) && style(element).textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + SLACK
            && element.innerText?.trim() && shown(element))
            findings.push(`${name(element)} is cut`);

    if (document.querySelectorAll('h1').length !== 1)
        findings.push(`the page has ${document.querySelectorAll('h1').length} h1`);
    return [...new Set(findings)];
}

/** What is wrong with the boxes of the page as it stands: overlap, small targets, order of focus, cut words, sideways scroll. */
export async function boxFindings(page) {
    const { width } = page.viewportSize();
    const height = await page.evaluate(() => Math.ceil(document.documentElement.scrollHeight));
    await page.setViewportSize({ width, height: Math.max(600, Math.min(height, 12_000)) });
    return [...await page.evaluate(boxes), ...await sidewaysScroll(page)];
}

/* In the page: what stands there in plain letters, though every text of the program has other ones. */
function plainWords(said) {
    const written = new RegExp(said, 'g');
    const findings = [];
    const check = (text, where) => {
        const rest = text.replace(written, ' ');
        if (/[A-Za-z]{3}/.test(rest))
            findings.push(`${where}: “${text.trim().replace(/\s+/g, ' ').slice(0, 80)}”`);
    };
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        if (!node.parentElement.closest('script, style, code, kbd, textarea, time, .prose, [lang]:not(html)'))
            check(node.data, node.parentElement.localName);
    for (const attribute of ['aria-label', 'title', 'placeholder', 'alt', 'data-write', 'data-preview'])
        for (const element of document.querySelectorAll(`[${attribute}]:not([lang], time, .prose *)`))
            check(element.getAttribute(attribute), attribute);
    return findings;
}

/** Words of a page in the pseudo-language that are not: `said` is a pattern of what people wrote or the portal is called. */
export const untranslated = (page, said) => page.evaluate(plainWords, said);

async function arrive(stage, item, options = {}) {
    const value = (one) => (typeof one === 'function' ? one() : one);
    const { page, complaints } = await openPage(stage.browser, stage.portal.url + value(item.path), { cookies: value(item.as) ?? [], ...options });
    await item.prepare?.(page);
    return { page, complaints: () => complaints.filter((line) => !item.status || !line.includes(String(item.status))) };
}

async function everyWidth(page, widths, findings) {
    for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        findings.push(...(await boxFindings(page)).map((line) => `${width} px: ${line}`));
    }
}

/* Full looks where layouts differ; the other theme is a matter of contrast alone. The short run takes wide and light, or
 * narrow and dark, from page to page: they share one stylesheet. */
const LOOKS = [[1280, 'light'], [390, 'dark']];
const CONTRASTS = [[1280, 'dark', ['color-contrast']], [390, 'light', ['color-contrast']]];
const looksOf = (index) => (full ? [...LOOKS, ...CONTRASTS] : takesPictures ? LOOKS : [LOOKS[index % LOOKS.length]]);

const pictureName = (item, look) => `${item.name.replace(/\W+/g, '-')}-${look}`;

async function inEveryLook(page, item, looks, findings) {
    for (const [width, scheme, rules] of looks) {
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
        await page.emulateMedia({ colorScheme: scheme });
        findings.push(...(await accessibilityFindings(page, { rules, every: true })).map((line) => `${width} px, ${scheme}: ${line}`));
        if (takesPictures)
            await screenshot(page, pictureName(item, `${width}-${scheme}`), { full: true });
    }
}

/* One visit of a page: its findings by `look`, which gets the page and the list to put them in. */
async function visit(stage, item, options, look) {
    const { page, complaints } = await arrive(stage, item, options);
    const findings = [];
    await look(page, findings);
    await page.context().close();
    assert.deepEqual([...findings, ...complaints()], []);
}

/**
 * Tests of how pages look. In the full tier two of each page: at every width and in both themes; in the pseudo-language. The
 * short run looks once, in the pseudo-language, whose longer words leave less room than those of any other. `stage` has
 * { browser, portal }, and `said`, a pattern of what people wrote there, once the tests run; a portal in development speaks
 * the pseudo-language. A page is { name, path, as, status, prepare }: `path` and `as` (cookies) may be functions; `status` is
 * given where it is not 200; `prepare(page)` brings it into the state to be looked at. PORTICO_SCREENSHOTS=1 leaves pictures
 * in build/screenshots.
 */
export function lookAt(stage, pages) {
    const pseudo = { locale: 'en-XA' };
    for (const [index, item] of pages.entries()) {
        if (!full && !takesPictures) {
            test(`${item.name} holds at every width, is legible, and has room for longer words`, () => visit(stage, item, pseudo, async (page, findings) => {
                await inEveryLook(page, item, looksOf(index), findings);
                findings.push(...await untranslated(page, stage.said ?? '^$'));
                await everyWidth(page, WIDTHS, findings);
            }));
            continue;
        }
        test(`${item.name} holds at every width and is legible`, () => visit(stage, item, {}, async (page, findings) => {
            await inEveryLook(page, item, looksOf(index), findings);
            await everyWidth(page, WIDTHS, findings);
        }));
        test(`${item.name} speaks the reader's language and has room for longer words`, () => visit(stage, item, pseudo, async (page, findings) => {
            findings.push(...await untranslated(page, stage.said ?? '^$'));
            await everyWidth(page, [390, 1280], findings);
            if (takesPictures)
                await screenshot(page, pictureName(item, 'pseudo'), { full: true });
        }));
    }
}
