/* A company looks after its own people in a browser: how its pages look, how somebody comes and goes, and an admin's day. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startBrowser } from '../lib/browser.mjs';
import { lookAt } from '../lib/look.mjs';
import { join, letterOf, makeAccount, makePerson, ownDomain, signIn, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { codeOf } from '../lib/totp.mjs';
import { until } from '../lib/wait.mjs';

const PEOPLE = '/account/company/people', GOOD = 'three blue kettles', MINUTE = { within: 60_000 };
let portal, smtp, browser;
/* What people wrote is nobody's words; names are Greek. */
const stage = { said: '\\S+@\\S+|\\w+\\.example|_portico-domain\\S*|[\\w-]{43}|@?(anna|petros|rena|boss|lone)\\b|address,name,roles,title[^]*|account-admin|\\d+ \\w+ \\d{4}|\\d+(min|d|h)\\b|\\+49 30 1|English|Deutsch' };
const at = {};

before(async () => {
    smtp = await startSmtp();
    portal = await startPortal({ settings: { sign_in: { sign_up: 'domain' }, portal: { name: 'Πύλη', development: true }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
    browser = await startBrowser();
    Object.assign(stage, { portal, browser });
    await setTheScene();
});
after(async () => {
    await browser?.close();
    await portal?.close();
    await smtp?.close();
});

/* A browser of somebody's own. */
async function sitDown({ cookies = [], width = 1280, script = true } = {}) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: script, locale: 'en-GB' });
    context.setDefaultTimeout(MINUTE.within);
    await context.addCookies(cookies);
    const page = await context.newPage();
    const open = (path) => page.goto(new URL(path, portal.url).href);
    const shows = (text) => page.locator('main').getByText(text).first().waitFor();
    return { page, open, shows, leave: () => context.close() };
}
const letterTo = (address, number = 1) => until(() => {
    const all = smtp.messages.map((message) => letterOf(portal, message)).filter(({ to }) => [to].flat().some((one) => one.includes(address)));
    return all.length >= number && all[number - 1];
}, { ...MINUTE, what: `letter ${number} to ${address}` });
/* What holds within a second, looked at again as a person would. */
const seen = (who, path, text) => until(async () => {
    await who.open(path);
    return await who.page.locator('main').getByText(text).count() > 0;
}, { ...MINUTE, every: 200, what: `${text} at ${path}` });

async function goOver({ page, open, shows }, name) {
    await open('/account/switch');
    await page.click(`main button[aria-label="Switch to ${name}"]`);
    await until(async () => (await page.locator('.bar .account').first().textContent()).includes(name), { ...MINUTE, what: `${name} above the page` });
}

async function adminOf(name, handle, fullName) {
    const account = await makeAccount(portal, name);
    await makePerson(portal, { handle, name: fullName, address: `${handle}@example.com`, password: GOOD });
    await join(portal, account, handle, 'account-admin');
    return { account, admin: await signIn(portal, handle) };
}

test('a pill is told from the row that the pointer is on', async () => {
    const { admin } = await adminOf('Pier', 'pia', 'Pia Lund');
    const pia = await sitDown({ cookies: admin.cookies });
    await pia.open(PEOPLE);
    const row = pia.page.locator('.rows > li', { hasText: 'You' });
    await row.hover();
    const colours = () => row.evaluate((li) => [getComputedStyle(li.querySelector('.pill:not(.accent)')).backgroundColor, getComputedStyle(li).backgroundColor]);
    const [pill, behind] = await until(async () => {
        const found = await colours();
        return found[1] !== 'rgba(0, 0, 0, 0)' && found;
    }, { ...MINUTE, what: 'the row to change under the pointer' });
    assert.notEqual(pill, behind);
    await pia.leave();
});

for (const [width, script] of [[1280, true], [390, false]])
    test(`somebody is invited, accepts, sets up a second step, goes between companies, gets a role and is taken out (${width} px, script ${script ? 'on' : 'off'})`, async () => {
        const name = `kim${width}`, address = `${name}@example.com`;
        const { admin } = await adminOf(`Harbour ${width}`, `dana${width}`, 'Dana Okafor');
        const mill = await makeAccount(portal, `Mill ${width}`);
        const dana = await sitDown({ cookies: admin.cookies, width, script });
        let kim = await sitDown({ width, script });

        await dana.open(PEOPLE);
        await dana.page.click('.lead a:has-text("Invite")');
        await dana.page.fill('textarea[name="people"]', address);
        await dana.page.click('main .do button');
        await dana.shows('1 invitation is on its way.');
        const { link } = await letterTo(address);

        await kim.open(link);
        await kim.shows(`Harbour ${width} invites you`);
        await kim.page.fill('#accept-name', 'Kim Son');
        await kim.page.fill('#accept-password', GOOD);
        await kim.page.click('main .do button');
        await kim.page.waitForURL(`${portal.url}/`);

        await kim.open('/account/security/app');
        const key = await kim.page.textContent('code.key');
        await kim.page.fill('#app-code', codeOf(key));
        await kim.page.click('main .do button');
        await kim.page.waitForSelector('.codes');
        /* At another computer. Here a picture of the page may still bring the session's next cookie. */
        await kim.leave();
        kim = await sitDown({ width, script });
        await kim.open('/login');
        await kim.page.fill('#sign_in-name', address);
        await kim.page.fill('#sign_in-password', GOOD);
        await kim.page.click('main .do button');
        await kim.page.fill('#second-code', codeOf(key, 1));
        await kim.page.click('main .do button');
        await kim.page.waitForURL((url) => !url.pathname.startsWith('/login'));

        const handle = await handleOf(kim);
        await join(portal, mill, handle);
        await seen(kim, '/account/switch', `Mill ${width}`);
        await goOver(kim, `Mill ${width}`);
        await goOver(kim, `Harbour ${width}`);
        await kim.open(PEOPLE);
        await kim.shows('You may not');

        await dana.open(`${PEOPLE}?q=kim`);
        await dana.page.click('main .rows a');
        await dana.page.check('input[name="role-account-admin"]');
        await dana.page.click('button[value="roles"]');
        await dana.shows('The roles are saved.');
        await seen(kim, PEOPLE, `People of Harbour ${width}`);

        await dana.page.click('button[value="remove"]');
        await dana.shows('They do not belong to the company any more.');
        await seen(kim, '/', 'is not open to you any more');
        await kim.open(PEOPLE);
        assert.equal(await kim.page.getByText(`People of Harbour ${width}`).count(), 0);
        await kim.leave();
        await dana.leave();
    });

const handleOf = async (who) => {
    await who.open('/account');
    return who.page.inputValue('#profile-handle');
};

/* ---- how the pages look ---- */

/* A company with something of everything, and one with nothing. */
async function setTheScene() {
    const account = await makeAccount(portal, 'Μύλος της βόρειας πλευράς του λιμανιού'), empty = await makeAccount(portal, 'Άδειο');
    for (const [handle, name] of [['anna', 'Άννα Παπαδοπούλου-Κωνσταντινίδη του Αγίου Νικολάου'], ['petros', 'Πέτρος']])
        await makePerson(portal, { handle, name, address: `${handle}@mill.example` });
    await makePerson(portal, { handle: 'boss', name: 'Θέμις', address: 'boss@mill.example' });
    await makePerson(portal, { handle: 'lone', name: 'Μόνη', address: 'lone@empty.example' });
    await makePerson(portal, { handle: 'rena', name: 'Ρένα', address: 'rena@owner.example', roles: 'admin' });
    await join(portal, account, 'boss', 'account-admin');
    await join(portal, account, 'anna');
    await join(portal, account, 'petros');
    await join(portal, empty, 'boss');
    await join(portal, empty, 'lone', 'account-admin');
    await ownDomain(portal, account, 'mill.example');
    const staff = await signIn(portal, 'rena');
    for (const fields of [{ act: 'team', team_who: 'rena', team_role: 'Βοήθεια', team_phone: '+49 30 1' }, { act: 'domain', domain: 'other.example' },
        { act: 'contact', role: 'billing', contact_who: 'anna' }])
        await staff.post(`/admin/accounts/${account}`, fields);
    const boss = stage.boss = await signIn(portal, 'boss');
    stage.lone = await signIn(portal, 'lone');
    stage.anna = await signIn(portal, 'anna');
    stage.staff = staff;
    await boss.post('/account/switch', { account });
    await boss.submit('/account/company/invite', { people: 'address,name\nnew@mill.example,Νέα', language: 'en', role: 'none' }, 'company_invite');
    at.link = (await letterTo('new@mill.example')).link;
    await visitor(portal).submit('/account/join', { name: 'Ζωή', address: 'zoe@mill.example' }, 'join');
    await visitor(portal).submit((await letterTo('zoe@mill.example')).link, { password: GOOD }, 'password');
    at.team = (await boss.post('/account/company/teams', { name: 'Αποβάθρα' })).headers.get('location').replace(/\?.*/, '');
    await boss.post(at.team, { act: 'in', who: 'anna' });
    at.person = /\/account\/company\/people\/\d+(?="[^>]*>Άννα)/.exec((await boss.get(PEOPLE)).text)[0];
    at.applicant = /\/account\/company\/people\/\d+(?="[^>]*>Ζωή)/.exec((await boss.get(PEOPLE)).text)[0];
    at.invitation = /\/account\/company\/invitations\/\d+/.exec((await boss.get(PEOPLE)).text)[0];
}
const as = (name) => () => [{ name: 'portico', value: stage[name].jar.get('portico'), url: portal.url, httpOnly: true, sameSite: 'Lax' }];
const unfold = async (page) => {
    for (const one of await page.locator('main .more > summary').all())
        await one.click();
};
const sends = (button, selector = '[role="alert"]') => async (page) => {
    await page.click(button);
    await page.waitForSelector(selector);
};

lookAt(stage, [
    { name: 'a company at a glance', path: '/account/company', as: as('boss'), prepare: unfold },
    { name: 'a company at a glance for a member', path: '/account/company', as: as('anna') },
    { name: 'an empty company at a glance', path: '/account/company', as: as('lone') },
    { name: 'a contact that is nobody', path: '/account/company', as: as('boss'), status: 422, prepare: async (page) => { await unfold(page); await page.fill('#who', 'ξένος'); await sends('button[value="name"]')(page); } },
    { name: 'the people of a company', path: PEOPLE, as: as('boss') },
    { name: 'nobody waits at a company', path: `${PEOPLE}?show=waiting`, as: as('lone') },
    { name: 'one of a company', path: () => at.person, as: as('boss') },
    { name: 'one who asks to join', path: () => at.applicant, as: as('boss') },
    { name: 'inviting into a company', path: '/account/company/invite', as: as('boss'), prepare: unfold },
    { name: 'inviting with mistakes', path: '/account/company/invite', as: as('boss'), status: 422, prepare: async (page) => { await page.fill('textarea[name="people"]', 'ένας\nδύο'); await page.click('main .form .btn.main'); await page.waitForSelector('.sign.bad'); } },
    { name: 'an invitation of a company', path: () => at.invitation, as: as('boss') },
    { name: 'the access review', path: '/account/company/review', as: as('boss') },
    { name: 'a review that takes somebody out', path: '/account/company/review', as: as('boss'), prepare: async (page) => { await page.locator('main .check input').first().check(); await page.click('main .choices button'); await page.waitForSelector('main .btn.bad'); } },
    { name: 'what happened at a company', path: '/account/company/log', as: as('boss') },
    { name: 'the teams', path: '/account/company/teams', as: as('boss') },
    { name: 'no teams yet', path: '/account/company/teams', as: as('lone') },
    { name: 'a team', path: () => at.team, as: as('boss') },
    { name: 'an invitation', path: () => at.link },
    { name: 'an invitation that leads nowhere', path: '/account/invitation/nonsense', status: 410 },
    { name: 'the companies one acts for', path: '/account/switch', as: as('boss') },
    { name: 'no company of that name', path: '/account/switch?q=zzz', as: as('boss') },
]);

/* ---- a day ---- */

for (const [width, script] of [[1280, true], [390, false]])
    test(`a company's admin has a day of work and mends a mistake (${width} px, script ${script ? 'on' : 'off'})`, async () => {
        const company = `Yard ${width}`, domain = `yard${width}.example`;
        const { account, admin } = await adminOf(company, `otto${width}`, 'Otto Brandt');
        await ownDomain(portal, account, domain);
        for (const [handle, name] of [['ina', 'Ina Vogel'], ['jan', 'Jan Kraus']]) {
            await makePerson(portal, { handle: `${handle}${width}`, name, address: `${handle}@${domain}` });
            await join(portal, account, `${handle}${width}`);
        }
        await visitor(portal).submit('/account/join', { name: 'Zoe Lang', address: `zoe@${domain}` }, 'join');
        await visitor(portal).submit((await letterTo(`zoe@${domain}`)).link, { password: GOOD }, 'password');
        const otto = await sitDown({ cookies: admin.cookies, width, script }), { page } = otto;

        /* 1 he is told that somebody asks, 2 and takes her in from the overview */
        await seen(otto, '/account/notices', `Zoe Lang asks to join ${company}`);
        await otto.open('/account/company');
        await page.click('main button[aria-label="Approve Zoe Lang"]');
        await otto.shows('Approved: they belong to the company now.');
        await otto.shows('Nobody asks to join');
        /* 3 he invites two from a table and mistypes one; nothing is sent, 4 he mends it */
        await page.click('.lead a:has-text("Invite")');
        await page.fill('textarea[name="people"]', `address,name,roles,title\nkai@${domain},Kai Brun,account-admin,Buyer\nlea-${domain},Lea Moor,,`);
        await page.click('main .form .do button');
        await otto.shows(`Line 3: lea-${domain}`);
        assert.match(await page.inputValue('textarea[name="people"]'), /Kai Brun/);
        await page.fill('textarea[name="people"]', `address,name,roles,title\nkai@${domain},Kai Brun,account-admin,Buyer\nlea@${domain},Lea Moor,,`);
        await page.click('main .form .do button');
        await otto.shows('2 invitations are on their way.');
        /* 5 one is sent again, 6 the other withdrawn and 7 asked back after all */
        await page.click('main .rows a:has-text("Kai Brun")');
        await page.click('button[value="again"]');
        await otto.shows('Another invitation is on its way.');
        await letterTo(`kai@${domain}`, 2);
        await page.click('main .rows a:has-text("Lea Moor")');
        await page.click('button[value="withdraw"]');
        await otto.shows('The invitation of Lea Moor is withdrawn.');
        await page.click('.note button[value="again"]');
        await letterTo(`lea@${domain}`, 2);
        /* 8 he finds Ina, makes her an admin too, 9 says what she does and until when */
        await page.fill('main input[name="q"]', 'ina');
        await page.press('main input[name="q"]', 'Enter');
        await otto.open(`${PEOPLE}?q=ina`);
        await page.click('main .rows a:has-text("Ina Vogel")');
        await page.check('input[name="role-account-admin"]');
        await page.click('button[value="roles"]');
        await otto.shows('The roles are saved.');
        await page.fill('#title', 'Head of dispatch');
        await page.fill('#until', '2039-12-31');
        await page.click('button[value="membership"]');
        await otto.shows('Saved.');
        assert.equal(await page.inputValue('#until'), '2039-12-31');
        /* 10 he makes a team of her, 11 names her for bills */
        await otto.open('/account/company');
        await page.click('.lead a:has-text("Teams")');
        await page.fill('main input[name="name"]', 'Night shift');
        await page.click('main .inline-form button');
        await otto.shows('The team is there.');
        await page.fill('input[name="who"]', `ina@${domain}`);
        await page.click('button[value="in"]');
        await otto.shows('Ina Vogel');
        await otto.open('/account/company');
        await page.click('summary:has-text("Name somebody")');
        await page.selectOption('#role', 'billing');
        await page.fill('#who', `ina@${domain}`);
        await page.click('button[value="name"]');
        await otto.shows('Saved. Whoever works with you sees it at once.');
        /* 12 he reviews who may act for them and ticks Jan */
        await otto.open('/account/company/review');
        await page.check('input[aria-label="Take Jan Kraus out"]');
        await page.click('main .choices button');
        await otto.shows('Take these people out?');
        await otto.shows('Jan Kraus');
        await page.click('main .choices button');
        await otto.shows('Reviewed.');
        await otto.open(`${PEOPLE}?q=jan`);
        await otto.shows('Nobody found');
        /* 13 he reads what happened, 14 and takes the list along */
        await otto.open('/account/company/log');
        for (const words of ['Access reviewed', 'Member removed', 'Contact changed', 'Team made', 'Role given', 'Invitation withdrawn', 'Member approved'])
            await page.locator('main .rows').getByText(words).first().waitFor();
        const list = await page.context().request.get(`${portal.url}${PEOPLE}.csv`);
        assert.match(await list.text(), new RegExp(`ina@${domain},Ina Vogel,account-admin,Head of dispatch,member,,2039-12-31`));
        await otto.leave();
    });
