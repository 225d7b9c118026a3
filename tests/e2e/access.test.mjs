/* Who may not open a page learns who can help, asks with one click, and others answer; `portico why` as a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { join, leave, makeAccount, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const PEOPLE = '/account/company/people';

/* Harbour has an admin, ada, and two members, ben and cem; Mill has an admin of its own, mia. */
async function town(t, options) {
    const portal = await startPortal(options);
    t.after(() => portal.close());
    const ids = { Harbour: await makeAccount(portal, 'Harbour'), Mill: await makeAccount(portal, 'Mill') };
    const who = {};
    for (const [handle, account, roles] of [
        ['ada', 'Harbour', 'account-admin'], ['ben', 'Harbour', ''], ['cem', 'Harbour', ''], ['mia', 'Mill', 'account-admin'],
    ]) {
        who[handle] = await signIn(portal, handle);
        await join(portal, ids[account], handle, roles);
    }
    await until(async () => (await who.ada.get(PEOPLE)).status === 200, { within: 60_000, what: 'ada to be admin' });
    await until(async () => (await who.mia.get(PEOPLE)).status === 200, { within: 60_000, what: 'mia to be admin' });
    await until(async () => /Harbour/.test((await who.ben.get('/account/switch')).text), { within: 60_000, what: 'ben to belong' });
    return { portal, ids, ...who };
}

const noticed = (who, text) => until(async () => {
    const page = await who.get('/account/notices');
    return text.test(textOf(page.text)) && page.text;
}, { within: 60_000, what: `the notice ${text}` });

for (const database of ['sqlite', 'postgresql'])
    test(`one asks with one click where a page is not open, and an admin gives the role (${database})`, async (t) => {
        const { ben, ada, cem, mia } = await town(t, { database });
        const page = await ben.get(`${PEOPLE}?q=a`);
        assert.equal(page.status, 403);
        const text = textOf(page.text);
        assert.match(text, /You may not open this page/);
        assert.match(text, /for Harbour: Look after the company's people/);
        assert.match(text, /ada .*Ask them/i);
        assert.doesNotMatch(page.text, /mia/i);

        const asked = await ben.post('/account/access', { path: PEOPLE, words: 'Two new colleagues wait.' });
        assert.equal(asked.status, 303);
        assert.match(textOf((await ben.follow(asked)).text), /They are asked\..*Who was asked .*ada/i);
        /* A second click, another tab: told once. */
        assert.equal((await ben.post('/account/access', { path: PEOPLE, words: 'Again!' })).status, 303);

        const notices = await noticed(ada, /ben.* asks you for a role in Harbour/i);
        assert.equal(new Set(notices.match(/\/account\/access\/requests\/\d+/g)).size, 1);
        assert.doesNotMatch(textOf(notices), /2 times|twice/i);
        const [, request] = /href="(\/account\/access\/requests\/\d+)"/.exec((await ada.get('/account/access/requests')).text);
        const shown = textOf((await ada.get(request)).text);
        assert.match(shown, /Two new colleagues wait\./);
        assert.doesNotMatch(shown, /Again!/);
        /* Of the owner's roles nothing is told to companies. */
        for (const words of [text, shown])
            assert.doesNotMatch(words, /\bAdmin\b(?! of)/);
        assert.match(shown, /A role that holds it Account admin and 1 thing more/);

        /* Who could not answer finds nothing there: not the one who asked, a colleague, or another company's admin. */
        const scrub = (answer) => answer.text.replaceAll(/[0-9a-f]{16,}|Request \S+|\d{6,}/g, '');
        for (const other of [ben, cem, mia]) {
            const foreign = await other.get(request), missing = await other.get('/account/access/requests/4611686018427387904');
            assert.deepEqual([foreign.status, missing.status], [404, 404]);
            assert.equal(scrub(foreign), scrub(missing));
            const answer = await other.post(request, { act: 'give', role: 'account-admin' });
            assert.equal(answer.status, 404);
        }
        assert.doesNotMatch((await mia.get('/account/access/requests')).text, /ben/i);
        assert.equal((await ben.get(PEOPLE)).status, 403);

        assert.equal((await ada.post(request, { act: 'give', role: 'no-such-role' })).status, 400);
        assert.equal((await ada.post(request, { act: 'give', role: 'account-admin' })).headers.get('location'), '/account/access/requests?given=1');
        await until(async () => (await ben.get(PEOPLE)).status === 200, { within: 60_000, what: 'the role to hold' });
        await noticed(ben, /ada.* gave you what you asked for/i);
        assert.equal((await ben.get(`/account/access?path=${PEOPLE}`)).headers.get('location'), PEOPLE);
        /* Answered once: a second answer changes nothing. */
        assert.equal((await ada.post(request, { act: 'refuse' })).headers.get('location'), request);
        assert.match(textOf((await ada.get(request)).text), /A role was given for it/);
        const log = textOf((await ada.get('/account/company/log')).text);
        assert.match(log, /Asked for a permission .*ben/i);
        assert.match(log, /Role given/);
    });

test('who looks after a company\'s people by a role of the owner\'s making is named, asked and gives', async (t) => {
    const { portal, ben, mia } = await town(t, {});
    const said = async (...words) => {
        const { code, stderr } = await portal.cli(...words);
        assert.equal(code, 0, stderr);
    };
    const pier = await makeAccount(portal, 'Pier');
    await said('role', 'add', 'people-manager', 'People manager');
    await said('role', 'allow', 'people-manager', 'portico.company');
    const pia = await signIn(portal, 'pia'), lou = await signIn(portal, 'lou');
    await join(portal, pier, 'pia', 'people-manager');
    await join(portal, pier, 'lou');
    await until(async () => (await pia.get(PEOPLE)).status === 200, { within: 60_000, what: 'pia to look after people' });
    await until(async () => /Pier/.test((await lou.get('/account/switch')).text), { within: 60_000, what: 'lou to belong' });
    const page = textOf((await lou.get(PEOPLE)).text);
    assert.match(page, /for Pier: Look after the company's people/);
    assert.match(page, /pia .*Ask them/i);
    assert.equal((await lou.post('/account/access', { path: PEOPLE, words: 'The harvest begins.' })).status, 303);
    await noticed(pia, /lou.* asks you for a role in Pier/i);
    const [, request] = /href="(\/account\/access\/requests\/\d+)"/.exec((await pia.get('/account/access/requests')).text);
    assert.match(textOf((await pia.get(request)).text), /A role that holds it People manager/);
    assert.equal((await mia.get(request)).status, 404);
    assert.equal((await pia.post(request, { act: 'give', role: 'people-manager' })).headers.get('location'), '/account/access/requests?given=1');
    await until(async () => (await lou.get(PEOPLE)).status === 200, { within: 60_000, what: 'the role to hold' });
    /* Of another company's nobody is named. */
    assert.doesNotMatch((await ben.get(PEOPLE)).text, /pia/i);
});

test('what is refused is said, and whoever is asked too much is left alone', async (t) => {
    const { ben, ada, portal } = await town(t, {});
    assert.equal((await ben.post('/account/access', { path: PEOPLE })).status, 303);
    const list = await ada.get('/account/access/requests');
    const [, request] = /href="(\/account\/access\/requests\/\d+)"/.exec(list.text);
    assert.equal((await ada.post(request, { act: 'refuse' })).status, 303);
    await noticed(ben, /ada.* did not give you what you asked for/i);
    const page = textOf((await ben.get(PEOPLE)).text);
    assert.match(page, /You asked lately, and it was not given to you/);
    assert.doesNotMatch(page, /Ask them/);
    await ben.post('/account/access', { path: PEOPLE });
    assert.match(textOf((await ada.get('/account/access/requests')).text), /Nobody waits for an answer/);
    const { stdout } = await portal.cli('audit', 'list', '--json');
    assert.match(stdout, /access\.refused/);
});

test('of what is not for them to get, nobody tells customers who has it', async (t) => {
    const { ben, portal } = await town(t, {});
    const dana = await signIn(portal, 'dana', 'admin'), lee = await signIn(portal, 'lee', 'moderator');
    const customer = await ben.get('/admin/audit');
    assert.equal(customer.status, 403);
    assert.doesNotMatch(customer.text, /dana|Ask them/i);
    assert.equal((await ben.post('/account/access', { path: '/admin/audit' })).status, 404);
    /* The staff's own are told, and ask the portal's admins. */
    const staff = await lee.get('/admin/audit');
    assert.match(textOf(staff.text), /Read the audit log.*dana.*Ask them/i);
    await lee.post('/account/access', { path: '/admin/audit' });
    await noticed(dana, /lee.* asks you for a role in/i);
    for (const path of ['/nowhere', 'https://elsewhere.example/', '//elsewhere.example', '/login', '/account', ''])
        assert.equal((await ben.get(`/account/access?path=${encodeURIComponent(path)}`)).status, 404, path);
    /* An address that quotes the words of another refusal is no refusal. */
    const words = '/x refused the event portal.portico.session.began x';
    assert.equal((await ben.get(`/account/access?path=${encodeURIComponent(words)}`)).status, 404);
    assert.doesNotMatch((await portal.cli('audit', 'list', '--json')).stdout, /session\.refused/);
    /* What scripts ask is answered as before. */
    const api = await ben.get('/admin/audit', { headers: { Accept: 'application/json' } });
    assert.deepEqual([api.status, api.headers.get('content-type')], [403, 'application/problem+json']);
});

test('who may in another company of theirs is led there', async (t) => {
    const { portal, ids, mia } = await town(t, {});
    const membership = await join(portal, ids.Harbour, 'mia');
    await until(async () => /Harbour/.test((await mia.get('/account/switch')).text), { within: 60_000, what: 'mia to belong' });
    await mia.post('/account/switch', { account: ids.Harbour });
    const page = await mia.get(PEOPLE);
    assert.equal(page.status, 403);
    assert.match(textOf(page.text), /You may in Mill\. Open it as Mill/);
    const over = await mia.post('/account/switch', { stay: ids.Mill }, { referer: `${portal.url}${PEOPLE}` });
    assert.equal(over.status, 303);
    assert.equal((await mia.get(PEOPLE)).status, 200);
    await leave(portal, membership);
});

test('a page answers as the command does', async (t) => {
    const { portal } = await town(t, {});
    const dana = await signIn(portal, 'dana', 'admin');
    const why = async (fields) => dana.get(`/admin/why?${new URLSearchParams(fields)}`);
    for (const [person, what] of [['ada', PEOPLE], ['ben', PEOPLE], ['', '/login'], ['dana', 'portico.admin'], ['ben', 'portico.admin']]) {
        const { stdout } = await portal.cli('why', '--json', ...person ? ['--person', person] : [], what.startsWith('/') ? '--route' : '--permission', what);
        const said = JSON.parse(stdout.trim().split('\n').at(-1));
        const page = await why({ person, account: '', what });
        assert.equal(page.status, 200);
        const text = textOf(page.text);
        for (const { text: reason } of said.reasons)
            assert.ok(text.includes(reason), `${reason} in ${text}`);
        assert.match(text, said.yes ? /Ask Yes/ : /Ask No/);
    }
    for (const [fields, wrong] of [
        [{ person: 'nobody', what: '/admin' }, /Nobody is called so/], [{ what: '/nowhere' }, /There is no such page, row or permission/],
        [{ what: 'no.such' }, /no such page, row or permission/], [{ what: 'portico_person/1' }, /no such page, row or permission/],
        [{ account: 'No such', what: '/admin' }, /No company is called so/],
    ]) {
        const page = await why(fields);
        assert.equal(page.status, 422);
        assert.match(textOf(page.text), wrong);
    }
    assert.equal((await portal.get('/admin/why')).status, 303);
});
