/* Forms in a real browser: with script and without, on wide screens and phones, in both themes. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { accessibilityFindings, openPage, screenshot, sidewaysScroll, startBrowser } from '../lib/browser.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

let browser, portal;

before(async () => {
    browser = await startBrowser();
    portal = await startPortal({ modules: { wishes: { path: path.join(buildDirectory(), 'examples', 'wishes') } } });
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

/* A refused form is answered 422, which the browser notes, and so it does with previews that are refused or given up:
 * that is meant here, everything else is not. */
async function open(t, options) {
    const opened = await openPage(browser, `${portal.url}/wishes/new`, options);
    t.after(async () => {
        await opened.page.context().close();
        assert.deepEqual(opened.complaints.filter((line) => !/422|429|\/portico\/markdown|ERR_FAILED/.test(line)), []);
    });
    return opened.page;
}

const fill = async (page, title, pieces) => {
    await page.fill('#wish-title', title);
    await page.fill('#wish-pieces', pieces);
};
const count = async () => (await portal.get('/wishes')).text.match(/<li>/g)?.length ?? 0;

for (const script of [true, false])
    for (const [width, scheme] of [[1280, 'light'], [390, 'dark']])
        test(`a form says what is wrong, keeps the rest and is sent (${script ? 'script' : 'no script'}, ${width} px, ${scheme})`, async (t) => {
            const page = await open(t, { width, scheme, script });
            const earlier = await count();
            await fill(page, `Wish ${script} ${width}`, '100');
            await page.click('button.main');
            await page.waitForSelector('.problems');
            assert.equal(await page.inputValue('#wish-title'), `Wish ${script} ${width}`);
            assert.equal(await page.locator('#wish-pieces-error').innerText(), 'Write a number of at most 99.');
            if (script) {
                assert.equal(await page.evaluate(() => document.activeElement.id), 'wish-pieces');
                assert.deepEqual(await accessibilityFindings(page), []);
                assert.deepEqual(await sidewaysScroll(page), []);
            }
            await page.fill('#wish-pieces', '10');
            await page.click('button.main');
            await page.waitForURL('**/wishes');
            await page.getByRole('heading', { name: 'Wishes' }).waitFor();
            if (script)
                await page.waitForFunction(() => document.activeElement.matches('h1'));
            assert.equal(await count(), earlier + 1);
        });

test('the way back leads to the same form with its key, or to a fresh one, never to what was typed with a new key', async (t) => {
    const page = await open(t, { script: false });
    const key = await page.getAttribute('[name=portico_key]', 'value');
    await fill(page, 'A way back', '1');
    await page.click('button.main');
    await page.waitForURL('**/wishes');
    await page.goBack();
    const same = await page.getAttribute('[name=portico_key]', 'value') === key;
    assert.ok(same || await page.inputValue('#wish-title') === '');
});

test('a link to the page of a form opens it in its place', async (t) => {
    const page = await open(t, {});
    const earlier = await count();
    await page.goto(`${portal.url}/wishes`);
    await page.evaluate(() => document.querySelector('main').insertAdjacentHTML('beforeend', '<p><a id="here" href="/wishes/new" data-inline>Wish</a></p>'));
    await page.focus('#here');
    await page.keyboard.press('Enter');
    await page.waitForSelector('p > form #wish-title');
    assert.equal(new URL(page.url()).pathname, '/wishes');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'wish-title');
    await fill(page, 'Wish in place', '3');
    await page.keyboard.press('Enter');
    await page.getByText('Wish in place').waitFor();
    assert.equal(await count(), earlier + 1);
});

test('the room left is counted in characters once it gets narrow', async (t) => {
    const page = await open(t, {});
    await page.fill('#wish-title', 'ä'.repeat(30));
    assert.equal(await page.locator('.count').count(), 0);
    await page.fill('#wish-title', '🌱'.repeat(58));
    assert.equal(await page.locator('.count').innerText(), 'Characters left: 2');
    await page.fill('#wish-title', '🌱'.repeat(61));
    assert.equal(await page.locator('.count').innerText(), 'Characters too many: 1');
});

const box = (page, selector) => page.locator(selector).evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
});
const region = (page) => page.getByRole('group', { name: 'Preview' });

for (const [width, scheme] of [[1280, 'light'], [390, 'dark']])
    test(`what is written stands ${width > 600 ? 'beside' : 'below'} it as it will read, and nothing moves (${width} px, ${scheme})`, async (t) => {
        const page = await open(t, { width, scheme });
        assert.equal(await region(page).innerText(), 'Nothing to show yet.');
        const empty = await box(page, '.shown');
        await page.locator('#wish-reason').pressSequentially('**well** <img src=x onerror="document.title=1">');
        await page.locator('.shown strong').waitFor();
        assert.equal(await page.locator('.shown [onerror]').count(), 0);
        const area = await box(page, '#wish-reason'), shown = await box(page, '.shown');
        assert.ok(width > 600 ? shown.left >= area.right && shown.top <= area.top : shown.top >= area.bottom && shown.left <= area.left, JSON.stringify({ area, shown }));
        await page.fill('#wish-reason', 'many\n\n'.repeat(30).concat('words '.repeat(30)));
        await page.locator('.shown').getByText('words').waitFor();
        const filled = await box(page, '.shown');
        if (width > 600)
            assert.equal(filled.bottom, (await box(page, '.writing')).bottom, 'as high as what is written');
        else
            assert.equal(filled.bottom - filled.top, empty.bottom - empty.top);
        await page.keyboard.press('Tab');
        assert.ok(await page.evaluate(() => document.activeElement.matches('.shown [role=group]')), 'by keyboard, to scroll it');
        assert.equal(await page.locator('.shown').evaluate((element) => Boolean(element.closest('[aria-live], [role=status]'))), false, 'not read aloud at each key');
        assert.deepEqual(await accessibilityFindings(page), []);
        assert.deepEqual(await sidewaysScroll(page), []);
        await screenshot(page, `form-preview-${width}`);
    });

for (const [width, scheme] of [[1280, 'light'], [390, 'dark']])
    test(`without script a button shows how it will read, and sends nothing (${width} px, ${scheme})`, async (t) => {
        const page = await open(t, { width, scheme, script: false });
        const earlier = await count();
        await fill(page, 'Not sent yet', '7');
        await page.fill('#wish-reason', 'It is **due**');
        await page.getByRole('button', { name: 'Preview' }).click();
        await page.locator('.shown strong', { hasText: 'due' }).waitFor();
        assert.equal(await page.inputValue('#wish-title'), 'Not sent yet');
        assert.equal(await page.inputValue('#wish-reason'), 'It is **due**');
        assert.equal(await page.locator('.problems').count(), 0);
        const shown = await box(page, '.shown');
        assert.ok(shown.top >= 0 && shown.top < 900, 'it is in sight');
        await screenshot(page, `form-preview-plain-${width}`);
        await page.fill('#wish-title', 'no');
        await page.getByRole('button', { name: 'Preview' }).click();
        await page.locator('.shown strong').waitFor();
        assert.equal(await page.locator('.problems').count(), 0, 'what is not sent is not judged');
        assert.equal(await count(), earlier);
        await page.fill('#wish-reason', `${'>'.repeat(400)} deep`);
        await page.getByRole('button', { name: 'Preview' }).click();
        await page.locator('#wish-reason-error').getByText(/stand too deep inside each other/).waitFor();
        await fill(page, `Sent at last ${width}`, '7');
        await page.fill('#wish-reason', 'It is **due**');
        await page.keyboard.press('Tab');
        await page.click('button.main');
        await page.waitForURL('**/wishes');
        assert.equal(await count(), earlier + 1);
    });

/* Previews as they are asked for: each is answered when the test says so. */
async function held(page) {
    const waiting = [];
    await page.route('**/portico/markdown', (route) => waiting.push(route));
    return waiting;
}

test('a preview that is overtaken is given up, whatever it would say', async (t) => {
    const page = await open(t, {});
    const waiting = await held(page);
    const overtaken = page.waitForEvent('requestfailed');
    await page.fill('#wish-reason', 'first');
    await until(() => waiting.length === 1);
    await page.fill('#wish-reason', 'second');
    await until(() => waiting.length === 2);
    assert.match((await overtaken).failure().errorText, /ABORTED/);
    await waiting[1].continue();
    await page.locator('.shown').getByText('second').waitFor();
    await waiting[0].continue().catch(() => {});
    assert.equal(await region(page).innerText(), 'second');
});

test('typing without a pause is followed about once a second, and what comes last is shown', async (t) => {
    const page = await open(t, {});
    let asked = 0;
    page.on('request', (request) => { asked += request.url().endsWith('/portico/markdown'); });
    const began = Date.now();
    for (let round = 0; round < 4 || asked < 2; round++)
        await page.locator('#wish-reason').pressSequentially('typing on and on ', { delay: 20 });
    await page.locator('#wish-reason').pressSequentially('to the end');
    await page.locator('.shown').getByText('to the end').waitFor();
    const seconds = (Date.now() - began) / 1000;
    assert.ok(asked <= seconds + 2, `${asked} previews in ${seconds} s`);
});

test('a preview that cannot be made says so, keeps what it showed, and comes back by itself or with the next key', async (t) => {
    const page = await open(t, {});
    await page.fill('#wish-reason', '**kept**');
    await page.locator('.shown strong').waitFor();
    await page.route('**/portico/markdown', (route) => route.abort());
    await page.fill('#wish-reason', '**kept** and more');
    await page.locator('.shown [role=status]').getByText('The preview could not be made. What you wrote is not lost.').waitFor();
    assert.equal(await page.locator('.shown strong').innerText(), 'kept');
    await page.unroute('**/portico/markdown');
    let refused = 0;
    await page.route('**/portico/markdown', (route) => (refused++ ? route.continue() : route.fulfill({
        status: 429, headers: { 'retry-after': '1', 'content-type': 'application/problem+json' }, body: '{"detail":"That was a lot in a short time."}',
    })));
    await page.fill('#wish-reason', '**kept** and more words');
    await page.locator('.shown [role=status]').getByText('That was a lot in a short time.').waitFor();
    await page.locator('.shown').getByText('and more words').waitFor();
    assert.equal(await page.locator('.shown [role=status]').innerText(), '');
});

test('what is shown stays where one reads it', async (t) => {
    const page = await open(t, { width: 390 });
    const lines = [...Array(80).keys()].map((n) => `Line ${n}`).join('\n\n');
    await page.fill('#wish-reason', lines);
    await page.locator('.shown').getByText('Line 79').waitFor();
    const scroll = () => region(page).evaluate((element) => element.scrollTop);
    const node = await region(page).locator('p').nth(40).elementHandle();
    assert.ok(await scroll() > 400, 'where one writes');
    await region(page).evaluate((element) => { element.scrollTop = 400; });
    await page.fill('#wish-reason', `${lines}\n\nand the last`);
    await page.locator('.shown').getByText('and the last').waitFor();
    assert.equal(await scroll(), 400);
    assert.ok(await node.evaluate((element) => element.isConnected), 'what stayed the same is the same');
    await region(page).evaluate((element) => { element.scrollTop = element.scrollHeight; });
    await page.fill('#wish-reason', `${lines}\n\nand the last\n\nof all`);
    await page.locator('.shown').getByText('of all').waitFor();
    assert.ok(await region(page).evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop < 4), 'at the end one stays at the end');
});
