/* Looking after the portal, in a real browser: people, settings of modules and of the portal, mail that did not leave. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openPage, startBrowser } from '../lib/browser.mjs';
import { makePerson, signIn, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const TAKEN = { timeout: 60_000 };
let browser, portal, dana;

before(async () => {
    browser = await startBrowser();
    portal = await startPortal({ modules: { communities: {} } });
    dana = await signIn(portal, 'dana', 'admin');
    await makePerson(portal, { handle: 'mara', name: 'Mara Lindqvist', address: 'mara@example.com', password: true });
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

async function open(t, target, options) {
    const { page, complaints } = await openPage(browser, portal.url + target, { cookies: dana.cookies, ...options });
    t.after(async () => {
        await page.context().close();
        assert.deepEqual(complaints.filter((line) => !/422/.test(line)), []);
    });
    return page;
}

for (const [width, script] of [[1280, true], [390, false]]) {
    const way = `${width} px, ${script ? 'script' : 'no script'}`;

    test(`somebody is invited, gets a role, is switched off and on again; their link waits where no mail leaves (${way})`, async (t) => {
        const page = await open(t, '/admin', { width, script });
        const name = `Priya of ${width}`;
        await page.locator('main').getByRole('link', { name: /People/ }).click();
        await page.getByRole('link', { name: 'Invite somebody' }).click();
        await page.fill('#invite-name', name);
        await page.fill('#invite-address', 'no address');
        await page.locator('main .form button.main').click();
        await page.waitForSelector('#invite-address-error');
        assert.equal(await page.inputValue('#invite-name'), name);
        await page.fill('#invite-address', `priya-${width}@example.com`);
        await page.locator('main .form button.main').click();
        await page.locator('.note.warn').getByText('The invitation is made, but no mail leaves this portal.').waitFor();

        await page.getByRole('link', { name }).click();
        await page.getByLabel('Moderator').check();
        await page.getByRole('button', { name: 'Save the roles' }).click();
        await page.locator('.note.good').getByText('The roles are saved.').waitFor();
        await page.goto(`${portal.url}/admin/people?q=mara`);
        await page.getByRole('link', { name: 'Mara Lindqvist' }).click();
        await page.getByRole('button', { name: 'Switch off' }).click();
        await page.locator('.note.good').getByText('Switched off: all sessions are ended, and access tokens open nothing.').waitFor();
        await page.getByRole('button', { name: 'Switch on again' }).click();
        await page.locator('.note.good').getByText('Switched on again.').waitFor();

        await page.goto(`${portal.url}/admin/mail`);
        await page.getByRole('link', { name: 'You are invited to Test portal' }).first().click();
        const letter = await page.locator('pre.letter').innerText();
        const link = letter.split(/\s+/).find((word) => word.startsWith(`${portal.url}/account/link/`));
        assert.equal((await visitor(portal).get(link.slice(portal.url.length))).status, 200);
    });

    test(`a setting that does not fit keeps what was typed; one that does is in service, and can be undone (${way})`, async (t) => {
        const page = await open(t, '/admin/modules/communities', { width, script });
        const save = (form) => page.locator(`form:has(${form}) .do button.main`).click();
        await page.fill('#setting-page_size', '3000');
        await save('#setting-page_size');
        await page.locator('#setting-page_size-error').waitFor();
        assert.equal(await page.inputValue('#setting-page_size'), '3000');
        await page.fill('#setting-page_size', '9');
        await save('#setting-page_size');
        await page.locator('.note.good').getByText('Saved, and in service from now on.').waitFor(TAKEN);
        assert.equal(await page.inputValue('#setting-page_size'), '9');
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.locator('.note.good').getByText('The last change is undone.').waitFor(TAKEN);

        await page.goto(`${portal.url}/admin/settings`);
        await page.fill('#setting-contact', `desk-${width}@example.com`);
        await save('#setting-contact');
        await page.locator('.note.good').getByText('Saved, and in service from now on.').waitFor(TAKEN);
        assert.equal(await page.inputValue('#setting-contact'), `desk-${width}@example.com`);
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.locator('.note.good').getByText('The last change is undone.').waitFor(TAKEN);
        assert.equal(await page.inputValue('#setting-contact'), '');
    });
}
