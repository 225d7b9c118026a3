/* One's own account, in a real browser: with script and without, on wide screens and phones. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openPage, startBrowser } from '../lib/browser.mjs';
import { letItGetLate, letterOf, makePerson, PASSWORD, signIn } from '../lib/people.mjs';
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
        settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
    });
});
after(async () => {
    await browser?.close();
    await portal?.close();
    await smtp?.close();
});

for (const [width, script] of [[1280, true], [390, true], [390, false]])
    test(`profile, password, addresses and sessions are one's own to change, and the account to erase (${width} px, ${script ? 'script' : 'no script'})`, async (t) => {
        const handle = `mara-${width}-${script ? 'one' : 'two'}`, second = `${handle}.second@example.com`;
        await makePerson(portal, { handle, name: 'Mara Lindqvist', address: `${handle}@example.com`, password: true });
        await signIn(portal, handle);
        const { cookies } = await signIn(portal, handle);
        const { page, complaints } = await openPage(browser, `${portal.url}/account`, { width, script, cookies });
        t.after(async () => {
            await page.context().close(); /* a download is no page: the browser says that it went nowhere */
            assert.deepEqual(complaints.filter((line) => !/422|data\/file net::ERR_ABORTED/.test(line)), []);
        });
        const said = (words) => page.locator('.note.good').getByText(words).waitFor();
        const sendForm = (id) => page.locator(`#form-${id} .do button`).click();

        await page.fill('#profile-name', 'Mara Lund');
        await page.fill('#profile-handle', 'No Handle');
        await sendForm('profile');
        await page.locator('#profile-handle-error').waitFor();
        assert.equal(await page.inputValue('#profile-name'), 'Mara Lund');
        await page.fill('#profile-handle', `${handle}.lund`);
        await sendForm('profile');
        await said('Your profile is saved.');
        await page.getByRole('heading', { level: 1, name: 'Mara Lund' }).waitFor();

        await letItGetLate(portal, `${handle}.lund`);
        await page.getByRole('link', { name: 'Password and second step' }).click();
        await page.getByText('Change your password').click();
        await page.fill('#new_password-current', 'not it');
        await page.fill('#new_password-password', NEW);
        await sendForm('new_password');
        await page.locator('#new_password-current-error').waitFor();
        await page.fill('#new_password-current', PASSWORD);
        await page.fill('#new_password-password', NEW);
        await sendForm('new_password');
        await said('Your password is changed. You are signed out elsewhere.');

        await page.goto(`${portal.url}/account`);
        await page.locator('summary', { hasText: 'Add an address' }).click();
        await page.fill('#address-address', second);
        await sendForm('address');
        await said('a mail with a link is on its way');
        const message = await until(() => smtp.messages.find(({ to }) => to === second), { within: 60_000, what: 'the letter' });
        await page.goto(portal.url + letterOf(portal, message).link);
        await page.getByRole('button', { name: 'Confirm this address' }).click();
        await said('The address is confirmed');
        await page.getByRole('button', { name: `Send mail to ${second}` }).click();
        await said('Mail goes to that address from now on.');
        await page.getByRole('button', { name: `Remove ${handle}@example.com` }).click();
        await said('The address is removed.');

        await signIn(portal, `${handle}.lund`);
        await page.goto(`${portal.url}/account`);
        await page.getByRole('button', { name: 'End all others' }).click();
        await said('You are signed out everywhere else.');

        await page.getByRole('link', { name: 'Take it along, or erase your account' }).click();
        const waiting = page.waitForEvent('download');
        await page.getByRole('button', { name: 'Download the file' }).click();
        assert.equal((await waiting).suggestedFilename(), `${handle}.lund.json`);
        await letItGetLate(portal, `${handle}.lund`);
        await page.reload();
        await page.locator('#erase-current').focus();
        await page.keyboard.type('not it');
        await page.keyboard.press('Enter');
        await page.locator('#erase-current-error').waitFor();
        await page.locator('#erase-current').fill(NEW);
        await page.locator('#erase-current').press('Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 1, name: 'Your account is gone' }).waitFor();
    });
