/* Passkeys in a real browser, with Chromium's virtual authenticator. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openPage, startBrowser } from '../lib/browser.mjs';
import { makePerson, PASSWORD } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

describe('passkeys in a browser', () => {
    let portal, browser;
    before(async () => {
        portal = await startPortal({ named: true });
        await makePerson(portal, { handle: 'mara', name: 'Mara Lindqvist', address: 'mara@example.com', password: true });
        browser = await startBrowser();
    });
    after(async () => {
        await browser?.close();
        await portal?.close();
    });

    async function withAuthenticator(page) {
        const session = await page.context().newCDPSession(page);
        await session.send('WebAuthn.enable');
        const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
            options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
        });
        return { verified: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }) };
    }
    const withPassword = async (page) => {
        await page.goto(`${portal.named}/login`);
        await page.fill('#sign_in-name', 'mara');
        await page.fill('#sign_in-password', PASSWORD);
        await page.click('#form-sign_in .do button');
        await page.waitForURL(({ pathname }) => pathname !== '/login');
    };

    const signOut = async (page) => {
        await page.click('.bar .menu summary');
        await page.click('.bar form[action="/logout"] button');
        await page.waitForSelector('.bar a[href^="/login"]');
    };

    test('added, used alone, used as the second step, removed', async () => {
        const { page, close } = await openPage(browser, `${portal.named}/login`);
        const device = await withAuthenticator(page);
        await withPassword(page);
        await page.goto(`${portal.named}/account/security`);
        await page.click('a[href$="/security/passkey"]');
        await page.fill('#passkey-name', 'Blue laptop');
        await page.click('form[data-passkey="create"] .do button');
        await page.waitForSelector('.codes');
        await page.click('main a.btn.main');
        assert.match(await page.textContent('main'), /Blue laptop/);

        await signOut(page);
        await page.goto(`${portal.named}/login?next=/account/security`);
        await page.click('form[data-passkey="get"] button');
        await page.waitForURL(({ pathname }) => pathname === '/account/security').catch(async () => assert.fail(`${page.url()}: ${await page.textContent('main')}`));
        assert.match(await page.textContent('main'), /Blue laptop/);

        await signOut(page);
        await withPassword(page);
        await device.verified(false);
        await page.click('form[data-passkey="get"] button');
        await page.waitForSelector('form[data-passkey="get"] .error:not([hidden])');
        await device.verified(true);
        await page.click('form[data-passkey="get"] button');
        await page.waitForURL(`${portal.named}/`);

        await page.goto(`${portal.named}/account/security`);
        await page.click('button[aria-label="Remove the passkey Blue laptop"]');
        await page.waitForSelector('.note.good');
        assert.doesNotMatch(await page.textContent('main ul'), /Blue laptop/);
        const { stdout } = await portal.cli('audit', 'list', '--json', '--kind', 'passkey.');
        const records = stdout.trim().split('\n').map((line) => JSON.parse(line)).reverse();
        assert.deepEqual(records.map(({ kind, actor_name, person_name }) => [kind, actor_name, person_name]),
            ['passkey.added', 'passkey.removed'].map((kind) => [kind, 'Mara Lindqvist', 'Mara Lindqvist']));
        await close();
    });

    test('without script every page has a way without them', async () => {
        const { page, close } = await openPage(browser, `${portal.named}/login`, { script: false });
        assert.equal(await page.locator('form[data-passkey]').isVisible(), false);
        await withPassword(page);
        await page.goto(`${portal.named}/account/security/passkey`);
        assert.equal(await page.locator('form[data-passkey]').isVisible(), false);
        assert.match(await page.textContent('main'), /with script switched on/);
        await close();
    });
});
