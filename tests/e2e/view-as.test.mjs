/* Staff see the portal as one person does: with a reason, for an hour, reading only, and known to whom it is about. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { snapshotOf } from '../lib/authorization-world.mjs';
import { bringing } from '../lib/content.mjs';
import { png } from '../lib/images.mjs';
import { isReady, listen } from '../lib/live.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { join, letItGetLate, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { query } from '../lib/tables.mjs';
import { until } from '../lib/wait.mjs';

const LOG = '/account/company/log', MINUTE = { within: 60_000 }, WHY = 'She misses a topic.';
/* What changes by itself, and what belongs to who looks: their session, and that they look. */
const OWN = /^(portico_(session|look|job|schedule|migration|metric|lease|process|state|live|counted|count)\w*|sqlite_\w+)$/;
const SPACE = `<?xml version="1.0" encoding="UTF-8"?>
<community space="harbour" position="1" title="Harbour" description="Berths and tides.">
<person key="a" name="Ann" company="Nobody"/>
<question id="1" author="a" age="9d" active="2d" score="1" views="3" tags="quay" title="Where is the quay?">Words of it</question>
<answer id="2" to="1" author="a" age="8d" score="1">An answer</answer>
</community>`;

const prepare = bringing(SPACE);

/* Every page and answer that links lead to from there. */
async function walk(who, starts, most = 120) {
    const seen = new Map(), open = [...starts];
    while (open.length && seen.size < most) {
        const target = open.shift();
        if (seen.has(target))
            continue;
        const answer = await who.get(target);
        seen.set(target, answer);
        for (const [, link] of answer.text.matchAll(/href="(\/[^"#]*)/g))
            if (!/^\/(assets|static)\//.test(link))
                open.push(link.replaceAll('&amp;', '&'));
    }
    return seen;
}

for (const database of ['sqlite', 'postgresql'])
    describe(`seeing the portal as somebody else does (${database})`, () => {
        let portal, acme, ids, dana, mia, admin;
        before(async () => {
            portal = await startPortal({ database, prepare, modules: { communities: { newcomer_posts: 0 }, audience: { path: path.join(buildDirectory(), 'examples/audience') } } });
            acme = await makeAccount(portal, 'Acme');
            ids = {};
            for (const [handle, name] of Object.entries({ dana: 'Dana Reed', mia: 'Mia Holm', lee: 'Lee' }))
                ids[handle] = await makePerson(portal, { handle, name, address: `${handle}@example.com` });
            await join(portal, acme, 'dana', 'account-admin');
            await join(portal, acme, 'mia');
            [dana, mia] = [await signIn(portal, 'dana'), await signIn(portal, 'mia')];
            admin = await signIn(portal, 'root', 'admin');
            ids.root = await makePerson(portal, { handle: 'chief', name: 'Chief', roles: 'admin' });
        });
        after(() => portal?.close());

        const account = async (who) => (await who.get('/api/portico/v1/account')).json;
        const page = (handle) => `/admin/people/${ids[handle]}`;
        const view = (who, handle, reason = WHY) => who.post(`${page(handle)}/view`, { reason });
        const sees = async (who, name) => textOf((await who.get('/account')).text).includes(`you see the portal as ${name} does.`);
        const stop = async (who) => assert.equal((await who.post('/account/leave')).status, 303);
        /* What the beginning had told is told. */
        const settled = () => until(async () => {
            const jobs = JSON.parse((await portal.cli('job', 'list', '--json')).stdout);
            return !jobs.some(({ state }) => state === 'waiting' || state === 'running');
        }, { ...MINUTE, what: 'the jobs to be done' });
        const role = async (...words) => assert.equal((await portal.cli('role', ...words)).code, 0);

        test('it takes the permission, a reason and a proof, and ends with a button on every page', async () => {
            assert.equal((await view(dana, 'mia')).status, 403);
            assert.equal((await view(admin, 'mia', ' ')).headers.get('location'), `${page('mia')}?lacking=reason`);
            assert.match(textOf((await admin.get(`${page('mia')}?lacking=reason`)).text), /Say why, in at most 200 letters: they read it/);
            assert.equal((await admin.post('/admin/people/4711/view', { reason: WHY })).status, 404);
            assert.equal((await view(admin, 'mia')).headers.get('location'), '/');
            for (const target of ['/account', '/communities', '/search?q=quay', '/nowhere']) {
                const shown = await admin.get(target);
                assert.match(textOf(shown.text), /root, you see the portal as Mia Holm does\. .* Stop/, target);
            }
            assert.equal((await account(admin)).name, 'Acme');
            assert.equal((await admin.get('/admin')).status, 403, 'with the rights of Mia');
            assert.equal((await admin.get('/account/company/people')).status, 403);
            assert.equal((await admin.post('/account/leave')).headers.get('location'), page('mia'));
            assert.equal((await admin.get('/admin')).status, 200);
            assert.equal(await sees(admin, 'Mia Holm'), false);
        });

        test('both companies and the person read who looked, and why', async () => {
            const log = textOf((await dana.get(LOG)).text);
            assert.match(log, /Looked at the portal in somebody's place: She misses a topic\. root · about Mia Holm/);
            assert.match(log, /Stopped looking in somebody's place root · about Mia Holm/);
            assert.match(textOf((await mia.get('/account/security')).text), /Who saw the portal as you root She misses a topic\./);
            assert.doesNotMatch(textOf((await dana.get('/account/security')).text), /Who saw the portal as you/);
            await until(async () => /root of the staff sees the portal as you do/.test(textOf((await mia.get('/account/notices')).text)), { ...MINUTE, what: 'the notice' });
            assert.match(textOf((await admin.get('/admin/audit')).text), /root \(in the place of Mia Holm\)/);
        });

        test('what is shown to nobody else or to people by name stays closed, on pages and in the API', async () => {
            const words = ({ status, text }) => [status, textOf(text).replaceAll(/"request":"\w+"|request: \w+|\d+/gi, '')];
            const share = async (who, title, sharing) => {
                const made = await who.get('/api/audience/v1/notes', {
                    method: 'POST', body: JSON.stringify({ title, sharing }), headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': who.tokenNow() },
                });
                assert.equal(made.status, 201, made.text);
                return JSON.parse(made.text).id;
            };
            const own = await share(mia, 'Canary of mine', { level: 'me' });
            const named = await share(dana, 'Canary for Mia', { level: 'people', people: ['mia'] });
            const ours = await share(dana, 'Tides for all of us', { level: 'account' });
            const note = (id) => `/api/audience/v1/notes/${id}`, form = `/audience/${own}`;
            for (const target of [note(own), note(named), note(ours), form])
                await until(async () => (await mia.get(target)).status === 200, { ...MINUTE, what: `Mia to see ${target}` });
            assert.match((await mia.get('/audience')).text, /Canary of mine/);
            assert.equal((await view(admin, 'mia')).status, 303);
            for (const [hidden, missing] of [[note(own), note('4711')], [note(named), note('4711')], [form, '/audience/4711']])
                assert.deepEqual(words(await admin.get(hidden)), words(await admin.get(missing)), 'as what is not there');
            assert.equal((await admin.get(note(ours))).status, 200);
            const list = (await admin.get('/audience')).text;
            assert.match(list, /Tides for all of us/);
            assert.doesNotMatch(list, /Canary/);
            await stop(admin);
        });

        test('nothing is written while one looks, and what is the person\'s alone is closed', async () => {
            await mia.get('/communities/harbour');
            /* A picture that stands in no text yet: what she alone sent. */
            const form = new FormData();
            form.set('image', new Blob([png()], { type: 'image/png' }), 'draft.png');
            const sent = await mia.get('/portico/images', { method: 'POST', body: form, headers: { Accept: 'application/json', 'X-CSRF-Token': mia.tokenNow() } });
            assert.equal(sent.status, 201, sent.text);
            assert.equal((await mia.get(sent.json.url)).status, 200);
            assert.equal((await view(admin, 'mia')).status, 303);
            const hidden = await admin.get(sent.json.url), missing = await admin.get(sent.json.url.replace(/\d+/, '4711'));
            assert.equal(hidden.status, 404);
            const words = ({ text }) => textOf(text).replaceAll(/request: \w+|\d+/gi, '');
            assert.equal(words(hidden), words(missing), 'as what is not there');
            await settled();
            const before = await snapshotOf(portal, OWN);
            const seen = await walk(admin, ['/', '/account', '/account/notices', '/communities', '/communities/harbour', '/search?q=quay', '/api/communities/v1/topics',
                '/communities/ask', '/account/switch', '/account/access?path=/admin', '/portico/people?q=da', '/account/notices/settings']);
            assert.ok(seen.size > 20, `only ${seen.size} pages`);
            assert.ok([...seen.keys()].some((target) => /^\/communities\/t\/|quay/.test(target)), [...seen.keys()].join(' '));
            for (const [target, answer] of seen)
                assert.ok(answer.status < 500, `${target} answers ${answer.status}`);
            const changed = await snapshotOf(portal, OWN);
            for (const table of Object.keys(before))
                assert.deepEqual(changed[table], before[table], `${table} is as it was`);
            for (const target of ['/account/security', '/account/security/app', '/account/security/passkey', '/account/tokens', '/account/tokens/new', '/account/data', '/account/again', '/api/portico/v1/tokens'])
                assert.equal((await admin.get(target)).status, 403, target);
            const own = (await admin.get('/account')).text;
            assert.doesNotMatch(textOf(own), /Where you are signed in|Password and second step/);
            for (const [target, fields] of [['/account', { name: 'X' }], ['/account/notices/read', {}], ['/portico/markdown', { text: 'x' }], ['/account/data/file', {}], [`${page('mia')}/view`, { reason: WHY }], ['/communities/ask', {}]]) {
                const refused = await admin.post(target, fields);
                assert.equal(refused.status, 403, target);
                assert.match(textOf(refused.text), /nothing is changed while you do\. Stop it first/, target);
            }
            assert.equal((await admin.get('/api/communities/v1/topics', { method: 'POST', headers: { 'X-CSRF-Token': admin.tokenNow(), 'Content-Type': 'application/json' }, body: '{}' })).status, 403);
            assert.deepEqual(await snapshotOf(portal, OWN), before);
            await stop(admin);
        });

        test('nobody sees more than they may, not even by a rule', async () => {
            const mod = await signIn(portal, 'mod', 'moderator');
            assert.equal((await view(mod, 'mia')).status, 403);
            await role('allow', 'moderator', 'portico.people.view_as');
            await until(async () => (await view(mod, 'mia')).status === 303, { ...MINUTE, what: 'the permission' });
            assert.ok(await sees(mod, 'Mia Holm'));
            await stop(mod);
            assert.equal((await view(mod, 'root')).headers.get('location'), `/admin/look/${ids.root}?lacking=over`);
            assert.equal((await admin.post(`${page('root')}/view`, { reason: WHY })).headers.get('location'), '/', 'one admin as another');
            await stop(admin);
            /* What was allowed ends with the rule. */
            assert.equal((await view(mod, 'mia')).status, 303);
            await role('reset', 'moderator', 'portico.people.view_as');
            await until(async () => !await sees(mod, 'Mia Holm'), { ...MINUTE, what: 'the end' });
            assert.equal((await mod.get('/account/security')).status, 200, 'as themselves again');
        });

        test('whoever holds that permission alone begins at a page of their own', async () => {
            await role('add', 'lookers', 'Lookers', '--place', 'owner');
            await role('allow', 'lookers', 'portico.people.view_as');
            await makePerson(portal, { handle: 'vera', name: 'Vera', address: 'vera@example.com', password: true });
            await join(portal, '1', 'vera', 'lookers');
            const vera = await signIn(portal, 'vera');
            assert.equal((await vera.get('/admin/people')).status, 403);
            assert.match((await vera.get('/account')).text, /href="\/admin\/look">/);
            assert.doesNotMatch((await dana.get('/account')).text, /\/admin\/look/);
            const found = await vera.get('/admin/look?q=mi');
            assert.match(textOf(found.text), /Mia Holm @mia/);
            assert.doesNotMatch(found.text, /mia@example\.com|Dana/, 'whom they look for, and nothing that they need not know');
            const target = `/admin/look/${ids.mia}`;
            assert.match(textOf((await vera.get(target)).text), /Mia Holm .* See what they see .* Companies Acme/);
            assert.equal((await vera.submit(target, { reason: ' ' }, 'view')).headers.get('location'), `${target}?lacking=reason`);
            assert.match(textOf((await vera.get(`${target}?lacking=reason`)).text), /Say why, in at most 200 letters/);
            assert.equal((await vera.submit(target, { reason: WHY }, 'view')).headers.get('location'), '/');
            assert.ok(await sees(vera, 'Mia Holm'));
            assert.equal((await vera.post('/account/leave')).headers.get('location'), target);
            const mightier = textOf((await vera.get(`/admin/look/${ids.root}`)).text);
            assert.match(mightier, /They may do more than you/);
            assert.doesNotMatch(mightier, /Companies/, 'nor where those belong in whose place they may not look');
            assert.equal((await vera.get('/admin/look/4711')).status, 404);
            /* A customer's role is not let hold it, and opens nothing whatever a rule from before says of it. */
            const refused = await portal.cli('role', 'allow', 'account-admin', 'portico.people.view_as');
            assert.equal(refused.code, 1);
            assert.match(refused.stderr, /This is about all companies: only a role of the owner's company may/);
            query(portal, "INSERT INTO portico_role_rule (role, permission, allowed) VALUES ('account-admin', 'portico.people.view_as', TRUE)");
            query(portal, 'UPDATE portico_rights SET number = number + 1');
            await until(async () => (await dana.get('/admin/look')).status === 403 && !(await dana.get('/account')).text.includes('/admin/look'), { ...MINUTE, what: 'the rule' });
            assert.equal((await dana.get(`/admin/look/${ids.mia}`)).status, 403);
            await role('reset', 'account-admin', 'portico.people.view_as');
        });

        test('why is read by the company that is looked at, and by no other of the person\'s', async () => {
            const mill = await makeAccount(portal, 'Mill');
            await makePerson(portal, { handle: 'otto', name: 'Otto', address: 'otto@example.com' });
            ids.nora = await makePerson(portal, { handle: 'nora', name: 'Nora Lund', address: 'nora@example.com' });
            await join(portal, mill, 'otto', 'account-admin');
            await join(portal, acme, 'nora');
            await join(portal, mill, 'nora');
            const otto = await signIn(portal, 'otto'), nora = await signIn(portal, 'nora');
            await nora.post('/account/switch', { account: acme });
            assert.equal((await view(admin, 'nora', 'A ticket of Acme.')).status, 303);
            assert.equal((await account(admin)).name, 'Acme');
            const logOf = async (who) => textOf((await who.get(LOG)).text);
            assert.match(await logOf(dana), /Looked at the portal in somebody's place: A ticket of Acme\. root · about Nora Lund/);
            const others = await logOf(otto);
            assert.match(others, /Looked at the portal in somebody's place root · about Nora Lund/, 'that somebody came');
            assert.doesNotMatch(others, /A ticket of Acme/);
            /* One company at a time, so that none is looked at without its record. */
            const all = '/communities?accounts=all', everything = /This page shows what belongs to all your companies/;
            assert.match(textOf((await nora.get(all)).text), everything);
            assert.doesNotMatch(textOf((await admin.get(all)).text), everything);
            const shown = textOf((await nora.get('/account/security')).text);
            assert.match(shown, /Who saw the portal as you root A ticket of Acme\./);
            assert.equal(shown.split('A ticket of Acme.').length, 2, 'one look is one line');
            /* Going over there is looking at it. */
            assert.equal((await admin.post('/account/switch', { account: mill })).status, 303);
            assert.equal((await account(admin)).name, 'Mill');
            assert.match(await logOf(otto), /Looked here in somebody's place: A ticket of Acme\. root · about Nora Lund/);
            await stop(admin);
        });

        test('it ends when somebody\'s rights change, and the stream with it', async () => {
            assert.equal((await view(admin, 'mia')).status, 303);
            const stream = await listen(portal, 'watch=topic/1', { Cookie: `portico=${admin.jar.get('portico')}` });
            await isReady(stream);
            await join(portal, acme, 'lee');
            assert.ok(await sees(admin, 'Mia Holm'), 'others\' rights are no matter');
            assert.equal((await portal.cli('user', 'role', 'mia', '+moderator')).code, 0);
            await until(() => stream.ended, { ...MINUTE, what: 'the stream to end' });
            await until(async () => !await sees(admin, 'Mia Holm'), { ...MINUTE, what: 'the end' });
            const ended = textOf((await dana.get(LOG)).text).split('Stopped looking').length;
            assert.ok(ended >= 3, 'it is written down');
        });

        test('a form that was shown while looking is nobody\'s afterwards', async () => {
            assert.equal((await view(admin, 'dana')).status, 303);
            const shown = await admin.get('/account/company/teams');
            assert.ok(await sees(admin, 'Dana Reed'));
            assert.equal((await portal.cli('user', 'role', 'dana', '+moderator')).code, 0);
            const spare = new Map(admin.jar);
            await until(async () => !await sees(admin, 'Dana Reed'), { ...MINUTE, what: 'the end' });
            assert.equal((await admin.submit(shown, { name: 'Night shift' }, 'teams')).status, 403, 'with the new cookie');
            assert.notEqual(admin.jar.get('portico'), spare.get('portico'));
            assert.equal((await portal.cli('user', 'role', 'dana', '-moderator')).code, 0);
        });

        test('it ends with the person, with the session, and with a late proof it does not begin', async () => {
            const asker = await signIn(portal, 'rhea', 'admin');
            assert.equal((await view(asker, 'lee')).status, 303);
            assert.ok(await sees(asker, 'Lee'));
            assert.equal((await portal.cli('user', 'disable', 'lee')).code, 0);
            await until(async () => !await sees(asker, 'Lee'), { ...MINUTE, what: 'the end' });
            assert.equal((await view(asker, 'dana')).status, 303);
            const left = textOf((await dana.get(LOG)).text).split('Stopped looking').length;
            await asker.post('/logout');
            assert.equal(textOf((await dana.get(LOG)).text).split('Stopped looking').length, left + 1);
            await letItGetLate(portal, 'root');
            assert.equal((await view(admin, 'dana')).headers.get('location'), `/account/again?next=${page('dana')}`);
        });
    });
