/* The account somebody acts in: named in the shell, switched on a page and by the API, the same in every tab and worker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { join, leave, makeAccount, PASSWORD, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { until } from '../lib/wait.mjs';

async function town(t, options) {
    const portal = await startPortal(options);
    t.after(() => portal.close());
    const dana = await signIn(portal, 'dana');
    const ids = {};
    for (const name of ['Harbour', 'Mill', 'Quarry'])
        ids[name] = await makeAccount(portal, name);
    const memberships = { Harbour: await join(portal, ids.Harbour, 'dana'), Mill: await join(portal, ids.Mill, 'dana') };
    const active = async (who = dana) => (await who.get('/api/portico/v1/account')).json;
    return { portal, dana, ids, memberships, active };
}

for (const database of ['sqlite', 'postgresql']) {
    test(`one switches to one's own accounts and to no other (${database})`, async (t) => {
        const { dana, ids, active } = await town(t, { database });
        await until(async () => (await active()).active, { within: 60_000, what: 'the membership to hold' });
        assert.equal((await active()).name, 'Harbour');
        const page = await dana.get('/account/switch');
        assert.match(textOf(page.text), /Your companies .*Harbour You act here .*Mill Switch/);
        assert.doesNotMatch(page.text, /Quarry/);

        const before = dana.jar.get('portico');
        const switched = await dana.post('/account/switch', { account: ids.Mill });
        assert.deepEqual([switched.status, switched.headers.get('location')], [303, '/']);
        assert.notEqual(dana.jar.get('portico'), before, 'the session has a new token');
        assert.equal((await active()).name, 'Mill');
        assert.match((await dana.get('/')).text, /You act for Mill\. Switch company/);

        const foreign = await dana.post('/account/switch', { account: ids.Quarry });
        const missing = await dana.post('/account/switch', { account: '4611686018427387904' });
        const scrub = (answer) => answer.text.replaceAll(/[0-9a-f]{16,}|Request \S+|switch\?\S*/g, '');
        assert.deepEqual([foreign.status, missing.status], [404, 404]);
        assert.equal(scrub(foreign), scrub(missing));
        assert.equal((await active()).name, 'Mill');
    });

    test(`the API names, lists and changes the account (${database})`, async (t) => {
        const { portal, dana, ids, active } = await town(t, { database });
        await until(async () => (await active()).active, { within: 60_000, what: 'the membership to hold' });
        const put = (body) => dana.get('/api/portico/v1/account', {
            method: 'PUT', body: JSON.stringify(body),
            headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': dana.tokenNow() },
        });
        assert.deepEqual((await put({ id: ids.Mill })).json, { active: true, id: ids.Mill, name: 'Mill', kind: 'customer' });
        assert.equal((await active()).id, ids.Mill);
        for (const id of [ids.Quarry, '4611686018427387904', 'harbour', ''])
            assert.equal((await put({ id })).status, 404, id);
        assert.equal((await put({})).status, 422);
        const { items } = (await dana.get('/api/portico/v1/accounts?q=ill')).json;
        assert.deepEqual(items, [{ id: ids.Mill, name: 'Mill', kind: 'customer', active: true }]);
        assert.equal((await portal.get('/api/portico/v1/account')).status, 401);
    });
}

test('other tabs and workers act in the new account within a second, and their forms are not sent in its name', async (t) => {
    const { portal, dana, ids } = await town(t, { settings: { server: { workers: 3, handler_threads: 2 } } });
    const names = async (who, count) => {
        const answers = await Promise.all(Array.from({ length: count }, () => who.get('/api/portico/v1/account')));
        return new Set(answers.map(({ json }) => json.name));
    };
    await until(async () => (await names(dana, 8)).has('Harbour'), { within: 60_000, what: 'the membership to hold' });
    /* Goes over: what a tab that has not heard of it meets in the ten seconds that the old token is known; false: they were over. */
    const goOver = async (there) => {
        await names(dana, 24);
        const old = dana.jar.get('portico');
        const form = (await dana.get('/account')).text, begun = Date.now();
        await dana.post('/account/switch', { account: ids[there] });
        assert.deepEqual(await names(dana, 24), new Set([there]), 'the new token is known to no worker that trusts the old account');
        const tab = { get: (target) => portal.get(target, { headers: { Cookie: `portico=${old}` } }) };
        /* What a worker read before the switch it trusts for half a second, also one that none of these requests reaches. */
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const known = await names(tab, 24);
        const sent = await dana.submit({ status: 200, text: form }, { name: 'Dana the Second' }, '/account');
        assert.notEqual(sent.status, 303);
        const tokenIn = (text) => /name="portico_token" value="([^"]+)"/.exec(text)?.[1];
        const fields = (value) => new URLSearchParams({ portico_token: value, name: 'Dana the Third' });
        const late = (value) => portal.get('/account', { method: 'POST', headers: { Cookie: `portico=${old}` }, body: fields(value) });
        const foreign = await late(tokenIn(form)), shown = tokenIn((await tab.get('/account')).text), own = await late(shown);
        assert.doesNotMatch((await dana.get('/account')).text, /<h1>Dana the Second/);
        return Date.now() - begun < 10_000 && { there, known, foreign, isOther: shown !== tokenIn(form), own };
    };
    const met = await goOver('Mill') || await goOver('Harbour') || await goOver('Mill');
    assert.ok(met, 'of three times one was over within ten seconds');
    assert.deepEqual(met.known, new Set([met.there]), 'every worker knows it under the old token');
    assert.equal(met.foreign.status, 403, 'known for ten seconds more, but not to act by forms of the other account');
    assert.ok(met.isOther);
    assert.notEqual(met.own.status, 403, 'what is shown of the account now can be sent');
});

test('a page that is open can be sent after an admin changed its reader\'s rights', async (t) => {
    const { portal, dana, ids, active } = await town(t, {});
    await until(async () => (await active()).active, { within: 60_000, what: 'the membership to hold' });
    const form = { status: 200, text: (await dana.get('/account')).text }, old = dana.jar.get('portico');
    for (const quarry of [ids.Quarry, await makeAccount(portal, 'Pit')]) {
        const before = dana.jar.get('portico');
        await join(portal, quarry, 'dana');
        await until(async () => {
            await active();
            return dana.jar.get('portico') !== before;
        }, { within: 60_000, what: 'a new token for the new rights' });
    }
    assert.notEqual(dana.jar.get('portico'), old);
    const sent = await dana.submit(form, { name: 'Dana the Second' }, '/account');
    assert.equal(sent.status, 303);
    assert.match((await dana.get('/account')).text, /Dana the Second/);
    const late = { status: 200, text: (await dana.get('/account')).text };
    await dana.post('/account/switch', { account: ids.Mill });
    assert.equal((await dana.submit(late, { name: 'Dana the Third' }, '/account')).status, 403, 'another account\'s form');
});

/* Each request comes in the moment after the rights changed, so that reading it renews the session. */
for (const database of ['sqlite', 'postgresql'])
    test(`what changes the session itself goes well in the request that renews it (${database})`, async (t) => {
        const { portal, ids, ...before } = await town(t, { database });
        await people(portal, 'password', 'dana', PASSWORD);
        const dana = await signIn(portal, 'dana'), active = () => before.active(dana);
        await until(async () => (await active()).name === 'Harbour', { within: 60_000, what: 'the membership to hold' });
        const form = { status: 200, text: (await dana.get('/account')).text };
        let pits = 0;
        const renewing = async () => {
            await join(portal, await makeAccount(portal, `Pit ${++pits}`), 'dana');
            /* What is known of a session is gone by then. */
            await new Promise((resolve) => setTimeout(resolve, 1_500));
        };
        for (const to of ['Mill', 'Harbour', 'Mill']) {
            await renewing();
            const token = dana.jar.get('portico');
            const switched = await dana.post('/account/switch', { account: ids[to] });
            assert.equal(switched.status, 303, switched.text);
            const lines = switched.headers.getSetCookie().filter((line) => line.startsWith('portico='));
            assert.equal(lines.length, 1, lines.join('\n'));
            assert.notEqual(dana.jar.get('portico'), token);
            assert.equal((await active()).name, to);
        }
        assert.equal((await dana.submit(form, { name: 'Dana the Second' }, '/account')).status, 403, 'forms of before are over');
        const page = await dana.get('/account/security');
        await renewing();
        const changed = await dana.submit(page, { current: PASSWORD, password: 'eight louder lorries' }, 'form-new_password');
        assert.equal(changed.status, 303, changed.text);
        assert.equal((await active()).name, 'Mill');
    });

test('who loses the account they act in acts in none, and is told so', async (t) => {
    const { portal, dana, ids, memberships, active } = await town(t, {});
    await until(async () => (await active()).name === 'Harbour', { within: 60_000, what: 'the membership to hold' });
    await leave(portal, memberships.Harbour);
    await until(async () => !(await active()).active, { within: 60_000, what: 'the membership to be over' });
    assert.match(textOf((await dana.get('/')).text), /The company you acted for is not open to you any more\. You act for none right now/);
    await dana.post('/account/switch', { account: ids.Mill });
    assert.equal((await active()).name, 'Mill');
    assert.doesNotMatch((await dana.get('/')).text, /not open to you any more/);
});

test('somebody with many accounts finds one by any part of its name', async (t) => {
    const { portal, dana } = await town(t, {});
    for (let i = 0; i < 30; i++)
        await join(portal, await makeAccount(portal, `Depot ${String(i).padStart(2, '0')}`), 'dana');
    const first = await until(async () => {
        const page = await dana.get('/account/switch');
        return page.text.includes('after=') && page;
    }, { within: 60_000, what: 'a second page of accounts' });
    const next = /href="(\/account\/switch\?q=&amp;after=\d+)"/.exec(first.text)[1].replaceAll('&amp;', '&');
    const second = await dana.get(next);
    assert.match(second.text, /Depot 29/);
    assert.doesNotMatch(second.text, /<b>Depot 00/);
    assert.match((await dana.get('/account/switch?q=pot%2017')).text, /Depot 17/);
    assert.match(textOf((await dana.get('/account/switch?q=nowhere')).text), /No company of yours is called so/);
    assert.match((await dana.get('/')).text, /All your companies/);
});

/* Pat, who looks after Northwind and Mill, acts for six companies that let Northwind do so, and used these later than Mill. */
for (const database of ['sqlite', 'postgresql'])
    test(`a link leads into a company of one's own however many one acts for (${database})`, async (t) => {
        const portal = await startPortal({ database });
        t.after(() => portal.close());
        const PEOPLE = '/account/company/people';
        const day = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
        const northwind = await makeAccount(portal, 'Northwind'), mill = await makeAccount(portal, 'Mill');
        assert.equal((await portal.cli('account', 'kind', 'Northwind', 'partner')).code, 0);
        const pat = await signIn(portal, 'pat');
        await join(portal, northwind, 'pat', 'account-admin');
        await join(portal, mill, 'pat', 'account-admin');
        await signIn(portal, 'olga');
        const olga = await join(portal, mill, 'olga');
        const lent = [], theirs = [];
        for (let i = 1; i <= 6; i++) {
            lent.push(await makeAccount(portal, `Pier ${i}`));
            const { code, stderr } = await portal.cli('account', 'delegate', `Pier ${i}`, 'Northwind', 'account-admin', '--until', day, '--reason', 'People.', '--accepted');
            assert.equal(code, 0, stderr);
            theirs.push(await join(portal, lent.at(-1), 'olga'));
        }
        const goOver = (account) => until(async () => (await pat.post('/account/switch', { account })).status === 303, { within: 60_000, what: `acting for ${account}` });
        const status = async (membership) => (await pat.get(`${PEOPLE}/${membership}`)).status;
        await goOver(mill);
        for (const [i, account] of lent.entries()) {
            await goOver(account);
            assert.equal(await status(theirs[i]), 200, 'whoever chose to act there sees the page');
        }
        await goOver(northwind);
        assert.equal(await status(theirs[5]), 404, 'and for another nobody acts without having chosen to');
        const led = await pat.get(`${PEOPLE}/${olga}`);
        assert.deepEqual([led.status, led.headers.get('location')], [303, `${PEOPLE}/${olga}`]);
        assert.match(textOf((await pat.follow(led)).text), /You act for Mill now\./);
    });
