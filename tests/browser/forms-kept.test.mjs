/* What was written is not lost: drafts, a lost network, a sign-in that ended, a second press. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { accessibilityFindings, openPage, screenshot, sidewaysScroll, startBrowser } from '../lib/browser.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { signIn } from '../lib/signed.mjs';

let browser, portal;

before(async () => {
    browser = await startBrowser();
    portal = await startPortal({ modules: { wishes: { path: path.join(buildDirectory(), 'examples', 'wishes') } } });
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

const cookieOf = (person) => ({ name: 'portico', value: person.secret, url: portal.url });
const wishes = async (words) => (await portal.get('/wishes')).text.split(`>${words}<`).length - 1;

/* The form, as somebody who is signed in sees it. */
async function open(t, person, options = {}) {
    const opened = await openPage(browser, `${portal.url}/wishes`, options);
    t.after(() => opened.page.context().close());
    if (person)
        await opened.page.context().addCookies([cookieOf(person)]);
    await opened.page.goto(`${portal.url}/wishes/new`);
    return opened.page;
}

const keptDraft = (page) => page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.status() === 204);

test('what was typed survives a closed page, is there on another device, and goes when it is discarded', async (t) => {
    const mara = await signIn(portal, 'mara');
    const first = await open(t, mara);
    const kept = keptDraft(first);
    await first.fill('#wish-title', 'A garden behind the hou');
    await kept;
    await first.getByText(/^Draft kept/).waitFor();
    await first.close();

    const phone = await open(t, mara, { width: 390, height: 844 });
    assert.equal(await phone.inputValue('#wish-title'), 'A garden behind the hou');
    assert.match(await phone.locator('.draft').innerText(), /^Draft from/);
    const newer = keptDraft(phone);
    await phone.fill('#wish-title', 'A garden behind the house');
    await newer;

    const desk = await open(t, mara);
    assert.equal(await desk.inputValue('#wish-title'), 'A garden behind the house', 'the newest is shown');
    await desk.getByRole('button', { name: 'Discard' }).click();
    await desk.waitForFunction(() => document.querySelector('#wish-title').value === '');
    await desk.reload();
    assert.equal(await desk.inputValue('#wish-title'), '');
});

test('what was typed last is kept when the page is left before the pause is over', async (t) => {
    const mara = await signIn(portal, 'mara');
    const page = await open(t, mara);
    await page.fill('#wish-title', 'Left in a hurry');
    await page.goto(`${portal.url}/wishes`);
    const again = await open(t, mara);
    await again.waitForFunction(async () => {
        const text = await (await fetch('/wishes/new', { headers: { Accept: 'text/html' } })).text();
        return text.includes('Left in a hurry');
    });
    await page.close();
});

test('a form is sent once, however often its button is pressed', async (t) => {
    const page = await open(t);
    await page.fill('#wish-title', 'Pressed often');
    await page.fill('#wish-pieces', '1');
    await page.evaluate(() => {
        const button = document.querySelector('button.main');
        for (let i = 0; i < 5; i++)
            button.click();
    });
    await page.waitForURL('**/wishes');
    assert.equal(await wishes('Pressed often'), 1);
    await page.goBack();
    await page.waitForURL('**/wishes/new');
    await page.waitForFunction(() => document.querySelector('#wish-title')?.value === '');
    assert.equal(await wishes('Pressed often'), 1);
});

test('without a network the page says so and keeps what was written, which is sent once it is back', async (t) => {
    const page = await open(t);
    await page.fill('#wish-title', 'Under the tunnel');
    await page.fill('#wish-pieces', '1');
    await page.context().setOffline(true);
    await page.click('button.main');
    await page.getByRole('alert').getByText(/^There is no network right now/).waitFor();
    assert.equal(await page.inputValue('#wish-title'), 'Under the tunnel');
    await screenshot(page, 'form-offline');
    await page.context().setOffline(false);
    await page.click('button.main');
    await page.waitForURL('**/wishes');
    assert.equal(await wishes('Under the tunnel'), 1);
});

test('a form whose script gets no answer is sent by the browser itself, and done once', async (t) => {
    const page = await open(t);
    let first = true;
    await page.route('**/wishes/new', async (route) => {
        if (route.request().method() !== 'POST' || !first)
            return route.continue();
        first = false;
        await route.fetch(); /* it arrives, its answer does not */
        return route.abort('connectionreset');
    });
    await page.fill('#wish-title', 'The answer was lost');
    await page.fill('#wish-pieces', '1');
    await page.click('button.main');
    await page.waitForURL('**/wishes');
    assert.equal(await wishes('The answer was lost'), 1);
});

for (const script of [true, false])
    for (const [width, scheme] of [[1280, 'light'], [390, 'dark']])
        test(`a form sent under another sign-in comes back with what was written (${script ? 'script' : 'no script'}, ${width} px, ${scheme})`, async (t) => {
            const page = await open(t, await signIn(portal, 'ana'), { script, width, scheme });
            const title = `Kept ${script} ${width} <b>`;
            await page.fill('#wish-title', title);
            await page.fill('#wish-reason', 'First line\n\n**second**');
            await page.fill('#wish-pieces', '3');
            await page.context().addCookies([cookieOf(await signIn(portal, 'ben'))]);
            await page.click('button.main');
            await page.getByRole('heading', { name: 'This form is from another sign-in' }).waitFor();
            assert.equal(await page.inputValue('#wish-title'), title);
            assert.equal(await page.inputValue('#wish-reason'), 'First line\n\n**second**');
            assert.equal((await portal.get('/wishes')).text.includes(`Kept ${script} ${width}`), false);
            if (script) {
                assert.equal(await page.evaluate(() => document.activeElement.classList.contains('problems')), true);
                assert.deepEqual(await accessibilityFindings(page), []);
                assert.deepEqual(await sidewaysScroll(page), []);
            }
            await screenshot(page, `form-again-${script ? 'script' : 'plain'}-${width}`);
            await page.getByRole('button', { name: 'Send it again' }).click();
            await page.waitForURL('**/wishes');
            assert.equal((await portal.get('/wishes')).text.includes(`Kept ${script} ${width}`), true);
        });

test('a text that is nested too deep says so in its preview', async (t) => {
    const page = await open(t);
    await page.fill('#wish-reason', `${'>'.repeat(400)} deep`);
    await page.getByText(/^Lists and quotations stand too deep inside each other/).waitFor();
    assert.ok(await page.locator('#wish-reason').isVisible());
});
