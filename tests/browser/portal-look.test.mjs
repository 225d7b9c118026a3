/* How the portal's own pages look: signing in, the account, notices, administration. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { startBrowser } from '../lib/browser.mjs';
import { askQuestion, LONG, SAID, startCommunity } from '../lib/community.mjs';
import { lookAt } from '../lib/look.mjs';
import { join, letItGetLate, makeAccount, makePerson, PASSWORD, signIn } from '../lib/people.mjs';
import { codeOf } from '../lib/totp.mjs';
import { until } from '../lib/wait.mjs';

/* Values of settings, names of keys, files and programs are nobody's words. */
const stage = { said: `[^]*answered[^]*|[^]*sees the portal as you do[^]*|[^]*asks you for a role in[^]*|You have new recovery codes at[^]*|An authenticator app was set up at[^]*|An access token was made at[^]*|Authorization: Bearer ptk_…|ptk_[\\w-]+|\\d{4}-\\d\\d-\\d\\d|No mail leaves this portal: [^]*|\\S+@\\S+|${SAID}|@?(eleni|rhea|theo|lena|foti|ilia|anna|nora)\\b|a test|\\d+ \\w+ \\d{4}|\\d+(min|d|h)\\b|UTC|\\S*\\/\\S+|\\[\\w+\\]|(portico|communities)\\.[\\w.]+|communities|\\d+\\.\\d+\\.\\d+|Chrome|Linux|(true|false|en|tokens|url|data|brand|development|hashes|closed|open|second_factor|trust|invitation|domain|app|verifiers|steps|decorators|ask_time)\\b` };
const at = {};
const COMPANY = '/account/company/people';
const as = (handle) => () => stage.people[handle].cookies;

before(async () => {
    Object.assign(stage, await startCommunity());
    const { portal, people } = stage;
    await makePerson(portal, { handle: 'eleni', name: `Ελένη ${LONG.slice(0, 60)}`, address: 'eleni.of.a.long.address.of.somebody@department.of.a.subdomain.example.com', password: true });
    await makePerson(portal, { handle: 'rhea', name: 'Ρέα Βλάχου', address: 'rhea@example.com', password: true, roles: 'admin' });
    people.eleni = await signIn(portal, 'eleni');
    people.rhea = await signIn(portal, 'rhea');
    await signIn(portal, 'eleni');
    const asked = await askQuestion(people.eleni, 'Πότε ανοίγει η πύλη;', 'Κάθε πρωί περιμένω και δεν ξέρω ως πότε.');
    await people.alkis.submit(asked.path, { body: 'Στις έξι, εκτός από την Κυριακή.' }, 'answer');
    await until(async () => (at.message = /\/admin\/mail\/\d+/.exec((await people.rhea.get('/admin/mail')).text)?.[0]), { within: 60_000, what: 'the mail to wait' });
    at.unsubscribe = /\/portico\/unsubscribe\/\S+/.exec((await people.rhea.get(at.message)).text)[0];
    at.person = /\/admin\/people\/\d+/.exec((await people.rhea.get('/admin/people?q=eleni')).text)[0];
    await makePerson(portal, { handle: 'theo', name: 'Θέο Ράλλης', address: 'theo@example.com', password: true });
    people.theo = await signIn(portal, 'theo');
    const page = await people.theo.get('/account/security/app');
    at.key = /<code class="key">(.*?)<\/code>/.exec(page.text)[1];
    await people.theo.submit(page, { code: codeOf(at.key) }, 'form-app');
    people.theo = await signIn(portal, 'theo');
    await makePerson(portal, { handle: 'lena', name: 'Λένα Μάη', address: 'lena@example.com', password: true });
    people.lena = await signIn(portal, 'lena');
    await letItGetLate(portal, 'lena');
    const lastDay = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
    await people.rhea.submit('/account/tokens/new', { name: 'Κάθε νύχτα', last_day: lastDay, make: '1', 'scope-portico.audit': '1' }, '/account/tokens/new');
    const harbour = await makeAccount(portal, 'Ναυπηγεία Περάματος και Υιοί');
    await makePerson(portal, { handle: 'foti', name: 'Φωτεινή Ρήγα', address: 'foti@example.com', password: true });
    await join(portal, harbour, 'foti', 'account-admin');
    await makePerson(portal, { handle: 'ilia', name: 'Ηλίας Δήμας', address: 'ilia@example.com', password: true });
    await join(portal, harbour, 'ilia');
    people.foti = await signIn(portal, 'foti');
    at.other = /\/admin\/people\/(\d+)/.exec((await people.rhea.get('/admin/people?q=foti')).text)[1];
    people.ilia = await signIn(portal, 'ilia');
    await makePerson(portal, { handle: 'anna', name: 'Άννα Βέργη', address: 'anna@example.com', password: true });
    await join(portal, harbour, 'anna');
    people.anna = await signIn(portal, 'anna');
    assert.equal((await people.ilia.post('/account/access', { path: COMPANY, words: 'Έρχονται δύο νέοι.' })).status, 303);
    at.request = /\/account\/access\/requests\/\d+/.exec((await people.foti.get('/account/access/requests')).text)[0];
    /* An admin who sees the portal as theo does, from here on. */
    const theo = /\/admin\/people\/\d+/.exec((await people.rhea.get('/admin/people?q=theo')).text)[0];
    await makePerson(portal, { handle: 'nora', name: 'Νόρα Φωκά', address: 'nora@example.com', password: true, roles: 'admin' });
    people.nora = await signIn(portal, 'nora');
    assert.equal((await people.nora.post(`${theo}/view`, { reason: 'Δεν βρίσκει μια ερώτηση.' })).headers.get('location'), '/');
    people.nora.cookies[0].value = people.nora.jar.get('portico');
    stage.browser = await startBrowser();
});
after(async () => {
    await stage.browser?.close();
    await stage.portal?.close();
});

const refused = (form) => async (page) => {
    await page.locator(`${form} .do button`).first().click();
    await page.waitForSelector('.problems, .error');
};
/* Words that are there for ears only lie in one pixel. */
const inSight = (selector) => async (page) => {
    const { width, height } = await page.locator(selector).first().boundingBox();
    assert.ok(width > 100 && height > 20, `${selector} is ${width} × ${height} px`);
};
const unfold = async (page) => {
    for (const one of await page.locator('main .more > summary').all())
        await one.click();
};

lookAt(stage, [
    { name: 'signing in', path: '/login' },
    { name: 'signing in with mistakes', path: '/login', status: 422, prepare: refused('main') },
    { name: 'joining where nobody joins', path: '/account/join' },
    { name: 'a forgotten password', path: '/account/forgot' },
    { name: 'the link is made', path: '/account/sent?for=forgot' },
    { name: 'a link that leads nowhere', path: '/account/link/nonsense', status: 410 },
    { name: 'the language', path: '/portico/language' },
    { name: 'the account', path: '/account', as: as('eleni'), prepare: unfold },
    { name: 'the account with mistakes', path: '/account', as: as('eleni'), status: 422, prepare: async (page) => { await page.fill('#profile-handle', 'X'); await refused('#form-profile')(page); } },
    { name: 'how one signs in', path: '/account/security', as: as('eleni'), prepare: unfold },
    { name: 'how one signs in with a second step', path: '/account/security', as: as('theo') },
    { name: 'setting up an app', path: '/account/security/app', as: as('eleni') },
    { name: 'setting up an app with mistakes', path: '/account/security/app', as: as('eleni'), status: 422, prepare: refused('main') },
    { name: 'a new passkey', path: '/account/security/passkey', as: as('eleni') },
    { name: 'the access tokens', path: '/account/tokens', as: as('rhea'), prepare: inSight('.rows li') },
    { name: 'no access tokens', path: '/account/tokens', as: as('eleni') },
    { name: 'making an access token', path: '/account/tokens/new', as: as('rhea') },
    { name: 'making an access token with mistakes', path: '/account/tokens/new', as: as('rhea'), status: 422, prepare: async (page) => { await page.click('main .do button'); await page.waitForSelector('.note.bad'); } },
    { name: 'a new access token', path: '/account/tokens/new', as: as('rhea'), prepare: async (page) => { await page.fill('#name', LONG.slice(0, 30)); await page.click('main .do button'); await page.waitForSelector('code.key'); } },
    { name: 'new recovery codes', path: '/account/security', as: as('theo'), prepare: async (page) => { await page.click('form[action$="/codes"] button'); await page.waitForSelector('.codes'); } },
    { name: 'is it still you', path: '/account/again', as: as('lena') },
    { name: 'one more step', path: '/login', prepare: async (page) => { await page.fill('#sign_in-name', 'theo'); await page.fill('#sign_in-password', PASSWORD); await page.click('main .do button'); await page.waitForSelector('#second-code'); } },
    { name: 'one\'s own data', path: '/account/data', as: as('eleni') },
    { name: 'an account that is gone', path: '/account/erased' },
    { name: 'the notices', path: '/account/notices', as: as('eleni'), prepare: inSight('.unread') },
    { name: 'a page that is not for one', path: COMPANY, as: as('anna'), status: 403, prepare: unfold },
    { name: 'a page that one asked for', path: COMPANY, as: as('ilia'), status: 403 },
    { name: 'who asks for access', path: '/account/access/requests', as: as('foti'), prepare: inSight('.rows li') },
    { name: 'nobody asks for access', path: '/account/access/requests?after=9000000000000000000', as: as('foti') },
    { name: 'a request for access', path: () => at.request, as: as('foti') },
    { name: 'who may what', path: `/admin/why?person=ilia&what=${COMPANY}`, as: as('rhea') },
    { name: 'who may what, asked wrongly', path: '/admin/why?what=nothing', as: as('rhea'), status: 422 },
    { name: 'no notices', path: '/account/notices', as: as('rhea') },
    { name: 'what one is told', path: '/account/notices/settings', as: as('eleni') },
    { name: 'no more mail', path: () => at.unsubscribe },
    { name: 'the administration', path: '/admin', as: as('rhea') },
    { name: 'the people', path: '/admin/people', as: as('rhea') },
    { name: 'nobody found', path: '/admin/people?q=zzz', as: as('rhea') },
    { name: 'a person for admins', path: () => at.person, as: as('rhea') },
    { name: 'why one looks is missing', path: () => `${at.person}?lacking=reason`, as: as('rhea'), prepare: inSight('#why') },
    { name: 'the portal as somebody else sees it', path: '/account', as: as('nora') },
    { name: 'what is closed to who looks in somebody\'s place', path: '/account/security', as: as('nora'), status: 403 },
    { name: 'a person\'s data for admins', path: () => `${at.person}/data`, as: as('rhea') },
    { name: 'finding whom somebody is merged with', path: () => `${at.person}/merge?q=foti`, as: as('rhea') },
    { name: 'merging two people with a mistake', path: () => `${at.person}/merge?with=${at.other}`, as: as('rhea'), status: 422, prepare: refused('main') },
    { name: 'inviting with mistakes', path: '/admin/people/invite', as: as('rhea'), status: 422, prepare: refused('main') },
    { name: 'the modules', path: '/admin/modules', as: as('rhea') },
    { name: 'a module', path: '/admin/modules/communities', as: as('rhea') },
    { name: 'the settings of the portal', path: '/admin/settings', as: as('rhea') },
    { name: 'the audit log', path: '/admin/audit', as: as('rhea'), prepare: inSight('.rows li') },
    { name: 'nothing found in the audit log', path: '/admin/audit?who=nobody', as: as('rhea') },
    { name: 'mail that waits', path: '/admin/mail', as: as('rhea') },
    { name: 'a message', path: () => at.message, as: as('rhea') },
]);
