/* Values of a session: attached by modules when it begins, read by them alone, gone with it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { join, makeAccount, makePerson, PASSWORD, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const ENOENT = -3, EINVAL = -1;
const IN_A_MONTH = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const SHUT = /asked about each sign-in does not answer, so nobody is let in/;
const module = (name, settings = {}) => ({ [name]: { path: path.join(buildDirectory(), 'tests/modules', name), ...settings } });
const to = (answer) => answer.headers.get('location');

async function portalWith(t, database, modules, sign_in) {
    const portal = await startPortal({ database, modules, settings: { sign_in: { ask_time: '1s', verifiers: '', ...sign_in } } });
    t.after(() => portal.close());
    return portal;
}
async function enter(portal, handle, where = '/account') {
    const browser = visitor(portal);
    const answer = await browser.submit(`/login?next=${where}`, { name: handle, password: PASSWORD });
    return { browser, answer: to(answer)?.startsWith('/login/more') ? await browser.follow(answer) : answer };
}
const own = async (browser, key, of = 'carrier') => (await browser.get(`/api/${of}/v1/own?key=${key}`)).json;
const peek = async (browser, key, from = 'strict', of = 'carrier') => (await browser.get(`/api/${from}/v1/peek?module=${of}&key=${key}`)).json;

for (const database of ['sqlite', 'postgresql']) {
    test(`a module reads what it attached, by type, in that session alone (${database})`, async (t) => {
        const portal = await portalWith(t, database, { ...module('carrier'), ...module('strict') }, { decorators: 'carrier.values strict.values' });
        const ids = {};
        for (const handle of ['mara', 'omar'])
            ids[handle] = await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
        const { browser: mara, answer } = await enter(portal, 'mara');
        assert.equal(to(answer), '/account');
        const desk = ids.mara.slice(-12);
        assert.deepEqual(await own(mara, 'desk'), { code: 0, value: desk });
        assert.deepEqual(await own(mara, 'seats'), { code: 0, value: 2.5 });
        assert.deepEqual(await own(mara, 'since'), { code: 0, value: '2026-11-23' });
        assert.deepEqual(await own(mara, 'guest'), { code: 0, value: true });
        assert.deepEqual(await own(mara, 'tier'), { code: 0, value: 'gold' });
        assert.equal((await own(mara, 'chair')).code, EINVAL);

        /* An answer that might be kept for all of the same audiences is not: it says what is one session's. */
        const { browser: omar } = await enter(portal, 'omar');
        assert.deepEqual(await own(omar, 'desk'), { code: 0, value: ids.omar.slice(-12) });
        assert.deepEqual(await own(mara, 'desk'), { code: 0, value: desk });
        assert.equal((await own(visitor(portal), 'desk')).code, ENOENT);

        /* Other modules read what is shared, and learn nothing else. */
        assert.deepEqual(await peek(mara, 'desk'), { code: 0, value: desk });
        assert.equal((await peek(mara, 'seats')).code, ENOENT);
        assert.equal((await peek(mara, 'desk', 'strict', 'nobody')).code, ENOENT);
        assert.deepEqual(await peek(mara, 'seats', 'carrier'), { code: 0, value: 2.5 }, 'its own by that way too');

        const seen = textOf((await mara.get('/account')).text);
        assert.match(seen, new RegExp(`Desk: ${desk}`));
        assert.match(seen, /Guest: Yes .*Tier: All of it/);
        const { stdout } = await portal.cli('person', 'export', ids.mara);
        assert.match(stdout, new RegExp(`carrier.{1,10}desk.{1,8}${desk}`));
    });

    test(`they stay through a change of company and a new token, and end with the session (${database})`, async (t) => {
        const portal = await portalWith(t, database, module('carrier'), { decorators: 'carrier.values' });
        const id = await makePerson(portal, { handle: 'dana', address: 'dana@example.com', password: true });
        const accounts = [await makeAccount(portal, 'Harbour'), await makeAccount(portal, 'Mill')];
        for (const account of accounts)
            await join(portal, account, 'dana');
        const desk = { code: 0, value: id.slice(-12) };
        const { browser: dana } = await enter(portal, 'dana');
        assert.deepEqual(await own(dana, 'desk'), desk);

        const before = dana.jar.get('portico');
        assert.equal((await dana.post('/account/switch', { account: accounts[1] })).status, 303);
        assert.notEqual(dana.jar.get('portico'), before);
        assert.deepEqual(await own(dana, 'desk'), desk);
        assert.equal((await portal.cli('user', 'role', 'dana', '+moderator')).code, 0);
        await until(async () => (await own(dana, 'desk')).code === 0 && dana.jar.get('portico') !== before, { within: 60_000, what: 'a session under the new rights' });
        assert.deepEqual(await own(dana, 'desk'), desk);

        /* A token of the API is no session of theirs. */
        const made = await dana.submit('/account/tokens/new', { name: 'Ledger', last_day: IN_A_MONTH, make: '1' }, '/account/tokens/new');
        const [, token] = /<code class="key">(ptk_[\w-]{43})<\/code>/.exec(made.text);
        assert.equal((await portal.get('/api/carrier/v1/own?key=desk', { headers: { Authorization: `Bearer ${token}` } })).json.code, ENOENT);

        const { browser: again } = await enter(portal, 'dana');
        await dana.post('/logout');
        assert.equal((await own(dana, 'desk')).code, ENOENT);
        assert.deepEqual(await own(again, 'desk'), desk, 'the other session has its own');
    });

    test(`staff who look in somebody's place read neither theirs nor their own (${database})`, async (t) => {
        const portal = await portalWith(t, database, module('carrier'), { decorators: 'carrier.values' });
        const mia = await makePerson(portal, { handle: 'mia', address: 'mia@example.com', password: true });
        await makePerson(portal, { handle: 'root', address: 'root@example.com', password: true, roles: 'admin' });
        await enter(portal, 'mia');
        const { browser: admin } = await enter(portal, 'root');
        assert.equal((await own(admin, 'desk')).code, 0);
        const looked = await admin.post(`/admin/people/${mia}/view`, { reason: 'She misses a topic.' });
        assert.equal(looked.status, 303, textOf(looked.text));
        assert.equal((await own(admin, 'desk')).code, ENOENT);
    });

    for (const how of ['fail', 'hang', 'nonsense', 'long', 'unknown', 'type', 'choice'])
        test(`a decorator that does not answer right attaches nothing, or lets nobody in: ${how} (${database})`, async (t) => {
            const portal = await portalWith(t, database, { ...module('carrier', { how }), ...module('strict') }, { decorators: 'carrier.values strict.values' });
            await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
            const { browser, answer } = await enter(portal, 'mara');
            assert.equal(to(answer), '/account');
            assert.equal((await own(browser, 'desk')).code, ENOENT);
            assert.equal((await own(browser, 'tier')).code, ENOENT, 'all of it or nothing');
            assert.equal((await own(browser, 'desk', 'strict')).code, 0);

            const closed = await portalWith(t, database, module('strict', { how }), { decorators: 'strict.values' });
            await makePerson(closed, { handle: 'mara', address: 'mara@example.com', password: true });
            const { browser: outside, answer: refused } = await enter(closed, 'mara');
            assert.equal(refused.status, 503);
            assert.match(textOf(refused.text), SHUT);
            assert.equal(outside.jar.get('portico'), undefined);
            assert.match((await closed.cli('audit', 'list')).stdout, /session\.refused/);
        });

    test(`where it fails too often nobody is asked about any more for a while (${database})`, async (t) => {
        const portal = await portalWith(t, database, module('strict', { how: 'fail' }), { decorators: 'strict.values', guesses: 3 });
        for (const handle of ['mara', 'omar'])
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
        const MORE = '/login/more?next=/account';
        const { browser: mara, answer } = await enter(portal, 'mara');
        assert.equal(answer.status, 503);
        for (let i = 1; i < 3; i++)
            assert.match(textOf((await mara.get(MORE)).text), SHUT);
        const asked = () => portal.lines().filter(({ message }) => /Nobody is let in/.test(message)).length;
        const before = await until(() => asked() === 3 && 3, { within: 60_000, what: 'the last line about it' });
        const { browser: again, answer: refused } = await enter(portal, 'mara');
        for (const late of [refused, await again.get(MORE), await mara.get(MORE)]) {
            assert.equal(late.status, 429);
            assert.match(textOf(late.text), /You are not signed in Too many tries\. Try again in \d+ min\./);
        }
        assert.equal((await enter(portal, 'omar')).answer.status, 503, 'it is hers, not the network\'s');
        await until(() => asked() > before, { within: 60_000, what: 'the line about omar' });
        assert.equal(asked(), before + 1, 'the module was asked about nobody else');
    });

    test(`a value that is required and not given lets nobody in, whatever else is given (${database})`, async (t) => {
        const portal = await portalWith(t, database, module('strict', { how: 'without' }), { decorators: 'strict.values' });
        await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
        const { browser, answer } = await enter(portal, 'mara');
        assert.equal(answer.status, 503);
        assert.equal(browser.jar.get('portico'), undefined);
        await until(() => portal.lines().some(({ message }) => /strict lets no session begin without desk/.test(message)), { what: 'the log to say why' });
    });
}

test('a service that does not decorate is refused before a portal begins', async (t) => {
    const portal = await startPortal({ start: false, modules: module('carrier'), settings: { sign_in: { decorators: 'carrier.people' } } });
    t.after(() => portal.close());
    const { code, stdout, stderr } = await portal.cli('check');
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /offers the service carrier\.people with the method decorate/);
});
