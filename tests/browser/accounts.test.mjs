/* Staff looks after companies in a browser: how the pages look, and a morning's work with and without script. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startBrowser } from '../lib/browser.mjs';
import { lookAt } from '../lib/look.mjs';
import { formsOf, makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

/* Names, ids elsewhere and names of permissions are nobody's words. */
const stage = { said: '[^\\s\\w]+\\.csv|@?(rhea|mara)\\b|crm:\\d+|\\S+@\\S+|portico\\.[\\w.]+|\\w+\\.\\w+|\\d+ \\w+ \\d{4}|\\d{4}-\\d\\d-\\d\\d|buyer' };
const at = {};
const as = (handle) => () => stage.people[handle].cookies;

/* The path of an import that was looked through. */
async function sendImport(who, text) {
    const [{ fields }] = formsOf((await who.get('/admin/import')).text);
    const body = new FormData();
    for (const [name, value] of Object.entries(fields))
        body.append(name, value);
    body.append('companies', new Blob([text]), 'εταιρείες.csv');
    const where = (await who.get('/admin/import', { method: 'POST', body })).headers.get('location');
    await until(async () => !/http-equiv="refresh"/.test((await who.get(where)).text), { within: 60_000, what: 'the preview' });
    return where;
}

before(async () => {
    stage.portal = await startPortal({ settings: { portal: { name: 'Πύλη', development: true } } });
    const cli = async (...words) => {
        const { code, stdout, stderr } = await stage.portal.cli(...words);
        assert.equal(code, 0, stderr);
        return stdout;
    };
    const mara = await makePerson(stage.portal, { handle: 'mara', name: 'Μάρα Λίντκβιστ', address: 'mara@example.com' });
    stage.people = { rhea: await signIn(stage.portal, 'rhea', 'admin') };
    await cli('account', 'add', 'Μύλος', '--external', 'crm:1');
    await cli('account', 'add', 'Μύλος της βόρειας πλευράς του λιμανιού', '--below', 'Μύλος');
    await cli('account', 'add', 'Λιμάνι', '--kind', 'partner');
    await cli('account', 'suspend', 'Λιμάνι');
    await cli('role', 'add', 'buyer', 'Αγοραστής');
    await cli('account', 'member', 'Μύλος', 'mara', '+account-admin', '+buyer', '--title', 'Διευθύντρια');
    const [mill] = (await cli('account', 'list', 'Μύλος', '--json')).split('\n').map((line) => JSON.parse(line || '{}'));
    at.account = `/admin/accounts/${mill.id}`;
    at.import = await sendImport(stage.people.rhea, 'external,name\ncrm:7,Νέα εταιρεία\ncrm:8,\n,Χωρίς\n');
    at.member = `${at.account}/people/${mara}`;
    stage.browser = await startBrowser();
});
after(async () => {
    await stage.browser?.close();
    await stage.portal?.close();
});

const unfold = async (page) => {
    for (const one of await page.locator('main .more > summary').all())
        await one.click();
};

lookAt(stage, [
    { name: 'the companies', path: '/admin/accounts', as: as('rhea') },
    { name: 'no company found', path: '/admin/accounts?q=zzz', as: as('rhea') },
    { name: 'a new company', path: '/admin/accounts/new', as: as('rhea') },
    { name: 'a company', path: () => at.account, as: as('rhea'), prepare: unfold },
    { name: 'one of its people', path: () => at.member, as: as('rhea'), prepare: unfold },
    { name: 'importing', path: '/admin/import', as: as('rhea'), prepare: unfold },
    { name: 'an import with refused lines', path: () => at.import, as: as('rhea') },
    { name: 'the roles', path: '/admin/roles', as: as('rhea'), prepare: unfold },
    { name: 'a role', path: '/admin/roles/buyer', as: as('rhea'), prepare: unfold },
]);

for (const [width, javaScriptEnabled] of [[1280, true], [390, false]])
    test(`a company is made, mended and given its people ${javaScriptEnabled ? 'with' : 'without'} script, ${width} px wide`, async () => {
        const context = await stage.browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled });
        await context.addCookies(stage.people.rhea.cookies);
        const page = await context.newPage();
        const name = `Acme ${width}`;
        const shows = (text) => page.getByText(text).first().waitFor();
        await page.goto(`${stage.portal.url}/admin`);
        await page.click('main a[href="/admin/accounts"]');
        await page.click('main a[href="/admin/accounts/new"]');
        await page.fill('#name', name);
        await page.fill('#below', 'Nowhere');
        await page.click('main .btn.main');
        await shows('No account is called "Nowhere"');
        assert.equal(await page.inputValue('#name'), name, 'what was typed is kept');
        await page.fill('#below', '');
        await page.click('main .btn.main');
        await shows('Add its people next.');
        await page.click('summary:has-text("Add a person")');
        await page.fill('#who', 'mara@example.com');
        await page.check('input[name="role-account-admin"]');
        await page.click('button[value="add"]');
        await shows('They belong to it from now on.');
        await page.click('main .rows a:has-text("Μάρα")');
        await page.fill('#title', 'Head of IT');
        await page.press('#title', 'Enter');
        await shows('Saved. It holds everywhere within a second.');
        await shows('Head of IT');
        await page.click('button[value="suspend"]');
        await shows('Suspended: nobody acts in it any more.');
        await page.click('button[value="open"]');
        await shows('Opened again.');
        await page.click('main .rows a:has-text("Μάρα")');
        await page.click('summary:has-text("Take them out")');
        await page.click('button[value="leave"]');
        await shows('They belong to it no more.');
        await shows('Nobody yet');
        await context.close();
    });
