/* The pages people see, in a real browser: at every width, in both themes, without script, by keyboard. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after, before } from 'node:test';

import { accessibilityFindings, openPage, screenshot, sidewaysScroll, startBrowser } from '../lib/browser.mjs';
import { root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';

const demo = path.join(root, 'modules/communities/demo');
let portal;
let browser;
const pages = {};

/* href of the first link on a page that matches a pattern */
async function linkOn(target, pattern) {
    const { text, status } = await portal.get(target);
    assert.equal(status, 200, `${target} answered ${status}`);
    const main = text.slice(text.indexOf('<main'));
    const found = [...main.matchAll(/<a\b[^>]*\bhref="([^"]+)"/g)].map((match) => match[1].replaceAll('&amp;', '&'))
        .find((href) => pattern.test(href));
    assert.ok(found, `${target} has no link like ${pattern}`);
    return found;
}

before(async () => {
    portal = await startPortal({
        modules: { communities: {} },
        prepare: async ({ cli }) => {
            const done = await cli('import', 'communities', '--format', 'demo', demo);
            assert.equal(done.code, 0, `${done.stdout}${done.stderr}`);
        },
    });
    browser = await startBrowser();
    pages.start = '/communities';
    pages.list = await linkOn(pages.start, /^\/communities\/(?!topics|tags|search|feed|ask)[^/?#.]+$/);
    pages.topic = await linkOn(pages.list, /^\/communities\/topics\/\d+/);
    pages.tag = await linkOn(pages.topic, /^\/communities\/tags\/./);
    pages.search = `/communities/search?q=${encodeURIComponent('replay batch')}`;
    pages.missing = '/communities/no-such-space-here';
});

after(async () => {
    await browser?.close();
    await portal?.close();
});

for (const name of ['start', 'list', 'topic', 'tag', 'search'])
    for (const [device, width, height] of [['desktop', 1440, 900], ['phone', 390, 844]])
        for (const scheme of ['light', 'dark'])
            test(`the ${name} page on a ${device} in ${scheme} has no serious accessibility finding`, async () => {
                const { page, close } = await openPage(browser, portal.url + pages[name], { width, height, scheme, isMobile: device === 'phone', hasTouch: device === 'phone' });
                await screenshot(page, `${name}-${device}-${scheme}`);
                assert.deepEqual(await accessibilityFindings(page), []);
                await close();
            });

for (const name of ['start', 'list', 'topic', 'tag', 'search'])
    test(`the ${name} page does not scroll sideways at 1024, 768, 390 and 320 px`, async () => {
        for (const width of [1024, 768, 390, 320]) {
            const { page, close } = await openPage(browser, portal.url + pages[name], { width, height: 700 });
            if (width === 320)
                await screenshot(page, `${name}-narrow`);
            assert.deepEqual(await sidewaysScroll(page), [], `at ${width} px`);
            await close();
        }
    });

test('a page that is not there says so in the shell, in words and with a way on', async () => {
    const { page, complaints } = await openPage(browser, portal.url + pages.missing);
    await screenshot(page, 'missing');
    assert.deepEqual(complaints.filter((line) => !line.includes('404')), []);
    assert.equal(await page.locator('h1').count(), 1);
    assert.ok(await page.locator('main a').count() > 0, 'no link leads on from the error page');
    assert.deepEqual(await accessibilityFindings(page), []);
    await page.context().close();
});

test('without script a reader gets from the list to a topic and finds it by search', async () => {
    const { page, close } = await openPage(browser, portal.url + pages.list, { script: false });
    const title = await page.locator(`main a[href="${pages.topic}"]`).first().innerText();
    await page.locator(`main a[href="${pages.topic}"]`).first().click();
    await page.waitForURL(`**${pages.topic}`);
    assert.equal((await page.locator('h1').innerText()).trim(), title.trim());
    const word = title.split(/\W+/).sort((a, b) => b.length - a.length)[0];
    await page.locator('form[role="search"] input, .find input').first().fill(word);
    await page.keyboard.press('Enter');
    await page.waitForURL(/[?&]q=/);
    assert.ok((await page.locator('main').innerText()).includes(title.trim()), `search for "${word}" does not list "${title}"`);
    await close();
});

test('the skip link is the first stop of the keyboard and leads into the page', async () => {
    const { page, close } = await openPage(browser, portal.url + pages.topic);
    await page.keyboard.press('Tab');
    const skip = page.locator(':focus');
    assert.match(await skip.getAttribute('class'), /\bskip\b/);
    assert.ok((await skip.boundingBox()).x >= 0, 'the focused skip link is not visible');
    await page.keyboard.press('Enter');
    assert.match(page.url(), /#main$/);
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)),
        'the next stop after the skip link is not in the page');
    await close();
});

test('Ctrl K and the slash key reach the search from anywhere', async () => {
    const { page, close } = await openPage(browser, portal.url + pages.topic);
    for (const key of ['Control+k', '/']) {
        await page.evaluate(() => document.activeElement?.blur());
        await page.keyboard.press(key);
        assert.equal(await page.evaluate(() => document.activeElement?.closest('.find') !== null), true, key);
    }
    await close();
});

test('every focus stop of a page can be seen and is named', async () => {
    const { page, close } = await openPage(browser, portal.url + pages.list);
    const stops = await page.locator('a[href], button, input:not([type="hidden"]), select, summary').count();
    const wrong = [];
    for (let i = 0; i < Math.min(stops, 60); i++) {
        await page.keyboard.press('Tab');
        const problem = await page.evaluate(() => {
            const element = document.activeElement;
            if (!element || element === document.body)
                return '';
            const name = element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.[0]?.textContent.trim() || element.title;
            const field = element.closest('.find') ?? element;
            const style = getComputedStyle(element);
            const outer = getComputedStyle(field);
            const seen = [style, outer].some((one) => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 1);
            return name && seen ? '' : `${element.outerHTML.slice(0, 120)} ${name ? 'shows no focus' : 'has no name'}`;
        });
        if (problem)
            wrong.push(problem);
    }
    assert.deepEqual(wrong, []);
    await close();
});

test('each page has one h1, landmarks, a language and a title of its own', async () => {
    const titles = new Set();
    for (const name of ['start', 'list', 'topic', 'tag', 'search']) {
        const { page, close } = await openPage(browser, portal.url + pages[name]);
        assert.equal(await page.locator('h1').count(), 1, name);
        for (const landmark of ['header', 'main#main', 'nav'])
            assert.ok(await page.locator(landmark).count() >= 1, `${name} has no ${landmark}`);
        assert.equal(await page.getAttribute('html', 'lang'), 'en');
        titles.add(await page.title());
        await close();
    }
    assert.equal(titles.size, 5, [...titles].join(' | '));
});

test('what is pressed on a phone is large enough for a finger', async () => {
    const { page, close } = await openPage(browser, portal.url + pages.list, { width: 390, height: 844, isMobile: true, hasTouch: true });
    const small = await page.evaluate(() => [...document.querySelectorAll('.btn, .icon, .tabbar a, .sorts a, .pager a, .brand, .find button')]
        .filter((element) => element.offsetParent !== null || getComputedStyle(element).position === 'fixed')
        .map((element) => [element.outerHTML.slice(0, 80), Math.round(element.getBoundingClientRect().height)])
        .filter(([, size]) => size < 44));
    assert.deepEqual(small, []);
    await close();
});

test('a first load weighs at most 100 KB and asks one host', async () => {
    const hosts = new Set();
    let bytes = 0;
    const context = await browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    session.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(portal.url + pages.topic, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    await context.close();
    assert.deepEqual([...hosts], [new URL(portal.url).host]);
    assert.ok(bytes > 0 && bytes <= 100 * 1024, `${bytes} bytes`);
});

test('printing leaves the shell away and shows the whole answer', async () => {
    const { page, close } = await openPage(browser, portal.url + pages.topic);
    await page.emulateMedia({ media: 'print' });
    await screenshot(page, 'topic-print');
    for (const part of ['.bar', '.side', '.tabbar'])
        for (const element of await page.locator(part).all())
            assert.equal(await element.isVisible(), false, part);
    assert.equal(await page.locator('h1').isVisible(), true);
    await close();
});

test('right-to-left mirrors the shell without scrolling sideways', async () => {
    for (const width of [1440, 390]) {
        const { page, close } = await openPage(browser, portal.url + pages.topic, { width });
        await page.evaluate(() => (document.documentElement.dir = 'rtl'));
        assert.deepEqual(await sidewaysScroll(page), [], `at ${width} px`);
        if (width === 1440) {
            const side = await page.locator('.side').boundingBox();
            assert.ok(side.x > 700, `the navigation is at ${side.x}`);
            await screenshot(page, 'topic-right-to-left');
        }
        await close();
    }
});
