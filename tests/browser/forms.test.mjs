/* Forms in a real browser: with script and without, on wide screens and phones, in both themes. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { accessibilityFindings, openPage, sidewaysScroll, startBrowser } from '../lib/browser.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';

let browser, portal;

before(async () => {
    browser = await startBrowser();
    portal = await startPortal({ modules: { wishes: { path: path.join(buildDirectory(), 'examples', 'wishes') } } });
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

/* A refused form is answered 422, which the browser notes: that is meant here, everything else is not. */
async function open(t, options) {
    const opened = await openPage(browser, `${portal.url}/wishes/new`, options);
    t.after(async () => {
        await opened.page.context().close();
        assert.deepEqual(opened.complaints.filter((line) => !/422/.test(line)), []);
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

test('a field of Markdown has two tabs that the keyboard reaches', async (t) => {
    const page = await open(t, {});
    await page.getByRole('tab', { name: 'Write' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('tab', { name: 'Preview' }).getAttribute('aria-selected'), 'true');
    assert.equal(await page.getByRole('tabpanel').innerText(), 'Nothing to show yet.');
    await page.keyboard.press('ArrowLeft');
    assert.ok(await page.locator('#wish-reason').isVisible());
});

test('the preview shows Markdown as it will be shown, cleaned', async (t) => {
    const page = await open(t, {});
    await page.fill('#wish-reason', '**well** <img src=x onerror="document.title=1">');
    await page.getByRole('tab', { name: 'Preview' }).click();
    await page.locator('.shown strong').waitFor();
    assert.equal(await page.locator('.shown [onerror]').count(), 0);
});
