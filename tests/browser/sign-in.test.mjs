/* Coming in, in a real browser: with script and without, on wide screens and phones, in both themes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessibilityFindings, openPage, screenshot, sidewaysScroll, startBrowser } from '../lib/browser.mjs';
import { letterOf, PASSWORD } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const NEW = 'rain on seven roofs';
let browser, portal, smtp;

before(async () => {
    browser = await startBrowser();
    smtp = await startSmtp();
    portal = await startPortal({
        modules: { communities: {} },
        settings: { sign_in: { sign_up: 'open' }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
    });
});
after(async () => {
    await browser?.close();
    await portal?.close();
    await smtp?.close();
});

/* A refused form is answered 422 and a link that is over 410, which the browser notes: that is meant here. */
async function open(t, target, options) {
    const opened = await openPage(browser, portal.url + target, options);
    t.after(async () => {
        await opened.page.context().close();
        assert.deepEqual(opened.complaints.filter((line) => !/422|410/.test(line)), []);
    });
    return opened.page;
}

/* axe waits by promises and timers, which do not run in a page without script: there the boxes alone are judged. */
async function sound(page, script = true) {
    if (script)
        assert.deepEqual(await accessibilityFindings(page), []);
    assert.deepEqual(await sidewaysScroll(page), []);
    assert.equal(await page.locator('h1').count(), 1);
}

async function letterTo(address) {
    const message = await until(() => smtp.messages.find(({ to }) => to === address), { within: 60_000, what: `the letter to ${address}` });
    return letterOf(portal, message);
}

const send = (page) => page.locator('main .form button.main').click();
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const main = (page) => page.locator('main').innerText();

test('the first admin comes in by the link of portico init', async (t) => {
    const { stdout } = await portal.cli('init');
    const link = stdout.split(/\s+/).find((word) => word.startsWith(portal.url)).slice(portal.url.length);
    const page = await open(t, link, { width: 1280 });
    await heading(page, 'Your portal is ready');
    await sound(page);
    await screenshot(page, 'first-admin');
    await page.fill('#first_admin-name', 'Dana Ott');
    await page.fill('#first_admin-address', 'dana@example.com');
    await page.fill('#first_admin-password', NEW);
    await send(page);
    await heading(page, 'Administration');
    await sound(page);
});

for (const [width, scheme, script] of [[1280, 'light', true], [390, 'dark', true], [390, 'light', false], [1280, 'dark', false]]) {
    const way = `${script ? 'script' : 'no script'}, ${width} px, ${scheme}`;
    const address = `mara-${script}-${width}@example.com`;

    test(`somebody joins, confirms the address, signs out, forgets the password and comes back (${way})`, async (t) => {
        const page = await open(t, '/login', { width, scheme, script });
        await sound(page, script);
        await page.getByRole('link', { name: 'New here? Join' }).click();
        await heading(page, 'Join');
        await page.fill('#join-name', 'Mara Lindqvist');
        await page.fill('#join-address', 'not an address');
        await send(page);
        await page.waitForSelector('.problems');
        assert.equal(await page.inputValue('#join-name'), 'Mara Lindqvist');
        await sound(page, script);
        await page.fill('#join-address', address);
        await send(page);
        await heading(page, 'Look into your mail');
        await sound(page, script);

        await page.goto(portal.url + (await letterTo(address)).link);
        await heading(page, 'Choose a password');
        await page.fill('#password-password', 'password');
        await send(page);
        await page.waitForSelector('.problems');
        await sound(page, script);
        await page.fill('#password-password', PASSWORD);
        await send(page);
        await page.locator('.menu summary').waitFor();

        await page.locator('.bar .menu summary').click();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.goto(`${portal.url}/communities`);
        await page.locator('.bar').getByRole('link', { name: 'Sign in' }).click();
        assert.match(page.url(), /\/login\?next=\/communities$/);
        await page.fill('#sign_in-name', address);
        await page.fill('#sign_in-password', 'not the password');
        await send(page);
        await page.waitForSelector('.problems');
        assert.match(await main(page), /do not belong together/);
        await sound(page, script);

        await page.fill('#sign_in-password', PASSWORD);
        await send(page);
        await page.waitForURL(`${portal.url}/communities`);
        await page.locator('.bar .menu summary').click();
        await page.locator('.bar .menu').getByRole('link', { name: 'Language' }).click();
        await page.getByRole('button', { name: 'Deutsch' }).click();
        await page.locator('html[lang="de"]').waitFor();
        await page.goto(`${portal.url}/portico/language`);
        await page.getByRole('button', { name: 'English' }).click();
        await page.locator('html[lang="en"]').waitFor();
        await page.locator('.bar .menu summary').click();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.locator('.bar').getByRole('link', { name: 'Sign in' }).click();

        await page.getByRole('link', { name: 'Forgot your password?' }).click();
        await heading(page, 'Set a new password');
        smtp.messages.length = 0;
        await page.fill('#forgot-name', address);
        await send(page);
        await heading(page, 'Look into your mail');
        const { link } = await letterTo(address);
        await page.goto(portal.url + link);
        await page.fill('#password-password', NEW);
        await send(page);
        await page.locator('.menu summary').waitFor();
        await page.goto(portal.url + link);
        await heading(page, 'This link is over');
        await sound(page, script);
    });
}
