/* A space where each person sees their own questions: not even colleagues of the same company learn that there are others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isReady, listen } from '../lib/live.mjs';
import { join, leave, letterOf, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const MINUTE = 60_000, api = '/api/communities/v1';
const modules = { communities: { newcomer_posts: 0, questions_an_hour: 100 } };

async function ask(person, method, target, body) {
    return person.get(`${api}${target}`, {
        method, headers: { Accept: 'application/json', 'X-CSRF-Token': person.tokenNow(), 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
}
async function send(...words) {
    const answer = await ask(...words);
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
}
const acting = (who, name) => until(async () => (await who.get('/api/portico/v1/account')).json.name === name, { within: MINUTE, what: `acting for ${name}` });
const scrub = (answer) => answer.text.replaceAll(/[0-9a-f]{16,}|Request \S+|"request":"[^"]*"|"instance":"[^"]*"|switch\?\S*|id=\d+|\d{10,}/g, '');

for (const database of ['sqlite', 'postgresql'])
    test(`what one asks there is read by oneself and the staff who see all companies, and by nobody else (${database})`, async (t) => {
        const smtp = await startSmtp();
        t.after(() => smtp.close());
        const portal = await startPortal({ database, modules, settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' }, server: { workers: 2 } } });
        t.after(() => portal.close());
        const acme = await makeAccount(portal, 'Acme'), mill = await makeAccount(portal, 'Mill');
        const who = {}, memberships = {}, ids = {};
        for (const [handle, company, roles] of [['dana', acme, ''], ['mia', acme, ''], ['ada', acme, 'account-admin'], ['bob', mill, '']]) {
            ids[handle] = await makePerson(portal, { handle, name: `Person ${handle}`, address: `${handle}@example.com` });
            memberships[handle] = await join(portal, company, handle, roles);
            who[handle] = await signIn(portal, handle);
        }
        await join(portal, mill, 'dana');
        [who.chief, who.moe] = [await signIn(portal, 'chief', 'admin'), await signIn(portal, 'moe', 'moderator')];
        for (const handle of ['mia', 'ada'])
            await acting(who[handle], 'Acme');
        await who.dana.post('/account/switch', { account: acme });
        await acting(who.dana, 'Acme');

        /* The form offers it, and makes it a space of own questions as well. */
        const form = await who.chief.get('/communities/spaces/new');
        assert.match(textOf(form.text), /Own questions only .* Each person their own Each person sees only what they asked themselves/);
        const made = await send(who.chief, 'POST', '/spaces', { title: 'Pay', kind: 'questions', writers: 'members', sharing: { level: 'signed-in' }, own_people: true });
        assert.deepEqual([made.own_topics, made.own_people], [true, true]);
        assert.match(textOf((await who.dana.get('/communities/pay')).text), /Only you, and those of our team who look after all companies, read what you ask here/);

        /* Whoever opens the form is known by the time it is sent. */
        await who.dana.get('/communities/ask?space=pay');
        const { id: topic } = await send(who.dana, 'POST', '/topics', { space: 'pay', title: 'Why is my zeppelin bonus missing?', body: 'The zeppelin bonus of May is not there.', tags: ['bonus'] });
        const { id: other } = await send(who.mia, 'POST', '/topics', { space: 'pay', title: 'When is the balloon paid?', body: 'The balloon of June is not there yet.', tags: ['bonus'] });
        await until(async () => (await ask(who.dana, 'GET', `/topics/${topic}`)).status === 200, { within: MINUTE, what: 'the own question' });
        await until(async () => (await ask(who.mia, 'GET', `/topics/${other}`)).status === 200, { within: MINUTE, what: 'the own question' });
        const sees = async (person) => {
            const titles = (text) => [/zeppelin/.test(text) && 'zeppelin', /balloon/.test(text) && 'balloon'].filter(Boolean).join(' ');
            const get = async (target) => (await person.get(target)).text;
            const space = (await ask(person, 'GET', '/spaces')).json.items.find(({ slug }) => slug === 'pay');
            const tag = (await ask(person, 'GET', '/tags')).json.items.find(({ name }) => name === 'bonus');
            const found = [];
            for (const target of [`${api}/topics`, `${api}/topics?space=pay`, '/communities/pay', '/communities', '/communities/pay?sort=newest', '/communities/tags/bonus', '/communities/pay/feed.atom', '/communities/feed.atom'])
                found.push(titles(await get(target)));
            /* By a word of each, so that what was asked for says nothing. */
            for (const target of [`${api}/search?q=bonus+missing`, `${api}/search?q=June`, '/communities/search?q=bonus+missing', '/communities/search?q=June', '/search?q=bonus+missing', '/search?q=June'])
                found.push(titles(await get(target)));
            return { found: [...new Set(found.filter(Boolean))], topics: space?.topics, tagged: tag?.topics ?? 0, one: (await ask(person, 'GET', `/topics/${topic}`)).status, two: (await ask(person, 'GET', `/topics/${other}`)).status };
        };
        /* Each worker knows of what is new for somebody alone within a second, and one may before the other. */
        const comesToSee = (person, expected) => until(async () => {
            assert.deepEqual(await sees(person), expected);
            return true;
        }, { within: MINUTE, what: 'them to see what is theirs' });
        await comesToSee(who.dana, { found: ['zeppelin'], topics: 1, tagged: 1, one: 200, two: 404 });
        await comesToSee(who.mia, { found: ['balloon'], topics: 1, tagged: 1, one: 404, two: 200 });

        const streams = {};
        for (const handle of ['dana', 'mia']) {
            streams[handle] = await listen(portal, `watch=topic/${topic}`, { Cookie: `portico=${who[handle].jar.get('portico')}` });
            t.after(() => streams[handle].close());
            await isReady(streams[handle]);
        }
        await send(who.chief, 'POST', `/topics/${topic}/answers`, { body: 'The zeppelin comes with the next pay.' });
        const told = (handle) => streams[handle].events.filter(({ data }) => data.subject === `topic/${topic}`).length;
        await until(() => told('dana'), { within: MINUTE, what: 'the page of whoever asked to be told' });

        for (const handle of ['ada', 'bob', 'moe'])
            assert.deepEqual(await sees(who[handle]), { found: [], topics: 0, tagged: 0, one: 404, two: 404 }, handle);
        const all = await sees(who.chief);
        assert.deepEqual([all.topics, all.tagged, all.one, all.two], [2, 2, 200, 200]);
        assert.ok(all.found.includes('zeppelin balloon'));

        /* Foreign as missing. */
        for (const [method, target] of [['GET', ''], ['POST', '/answers'], ['PATCH', '']])
            assert.equal(scrub(await ask(who.mia, method, `/topics/${topic}${target}`, method === 'GET' ? undefined : { body: 'It is not yours.' })),
                scrub(await ask(who.mia, method, `/topics/4611686018427387904${target}`, method === 'GET' ? undefined : { body: 'It is not yours.' })), `${method} ${target}`);

        /* Staff who look at the portal as she does see what she sees, and not what is hers alone; as themselves they see all. */
        const root = await signIn(portal, 'root', 'admin');
        assert.equal((await ask(root, 'GET', `/topics/${topic}`)).status, 200);
        const looked = await root.post(`/admin/people/${ids.dana}/view`, { reason: 'She misses a space.' });
        assert.equal(looked.status, 303, textOf(looked.text));
        assert.deepEqual(await sees(root), { found: [], topics: 0, tagged: 0, one: 404, two: 404 });

        /* Told: whoever asked, by mail and in the portal; nobody of the company, and nothing on their stream. */
        const letters = (handle) => smtp.messages.filter(({ to }) => JSON.stringify(to).includes(`${handle}@example.com`)).map((message) => letterOf(portal, message));
        await until(() => letters('dana').some(({ subject, text }) => /zeppelin/.test(subject + text)), { within: MINUTE, what: 'the letter to the one who asked' });
        assert.ok(!smtp.messages.some(({ to }) => /(mia|ada|bob)@example\.com/.test(JSON.stringify(to))));
        for (const handle of ['mia', 'ada', 'bob'])
            assert.doesNotMatch((await who[handle].get('/account/notices')).text, /zeppelin/);
        assert.equal(told('mia'), 0);
        assert.match((await who.dana.get('/account/notices')).text, /zeppelin/);
        assert.doesNotMatch((await root.get('/account/notices')).text, /zeppelin/, 'nor do staff who look in her place read it there');

        /* In another company of theirs it is not there, and it leads into the one it was asked for. */
        await who.dana.post('/account/switch', { account: mill });
        await acting(who.dana, 'Mill');
        assert.equal((await ask(who.dana, 'GET', `/topics/${topic}`)).status, 404);
        assert.match(JSON.stringify((await ask(who.dana, 'GET', '/topics?accounts=all')).json), /zeppelin/);
        await who.dana.post('/account/switch', { account: acme });
        await acting(who.dana, 'Acme');

        /* What was asked alone stays so, whatever the space becomes; it does not become everybody's at all. */
        const change = (fields) => send(who.chief, 'PATCH', `/spaces/${made.id}`, fields);
        await change({ own_people: false, own_topics: true });
        const refused = await ask(who.chief, 'PATCH', `/spaces/${made.id}`, { own_people: false, own_topics: false });
        assert.equal(refused.status, 422);
        assert.match(refused.text, /People asked here what they alone were to read/);
        await send(who.mia, 'POST', '/topics', { space: 'pay', title: 'When does the balloon of July come?', body: 'All of us wait for it.', tags: ['bonus'] });
        await comesToSee(who.ada, { found: ['balloon'], topics: 1, tagged: 1, one: 404, two: 404 });
        await until(async () => (await sees(who.dana)).topics === 2, { within: MINUTE, what: 'her to see it beside her own' });
        assert.equal((await sees(who.bob)).topics, 0);

        /* What was each company's becomes each person's at once. */
        await change({ own_people: true });
        assert.deepEqual(await sees(who.ada), { found: [], topics: 0, tagged: 0, one: 404, two: 404 });
        await comesToSee(who.dana, { found: ['zeppelin'], topics: 1, tagged: 1, one: 200, two: 404 });

        /* A question of another space that is moved there is its author's alone. */
        await send(who.chief, 'POST', '/spaces', { title: 'Yard', kind: 'questions', writers: 'members', sharing: { level: 'account', account: acme } });
        const { id: moved } = await send(who.mia, 'POST', '/topics', { space: 'yard', title: 'Who has the key of the yard?', body: 'The balloon is in the yard, behind a door.' });
        assert.equal((await ask(who.ada, 'GET', `/topics/${moved}`)).status, 200);
        await send(who.chief, 'POST', `/topics/${moved}/move`, { space: 'pay', reason: 'It is about one person.' });
        await until(async () => (await ask(who.ada, 'GET', `/topics/${moved}`)).status === 404, { within: MINUTE, what: 'the move' });
        assert.equal((await ask(who.mia, 'GET', `/topics/${moved}`)).status, 200);

        /* Whoever leaves the company reaches nothing of it. */
        await leave(portal, memberships.dana);
        await until(async () => (await ask(who.dana, 'GET', `/topics/${topic}`)).status === 404, { within: MINUTE, what: 'the end of the membership' });
        assert.equal((await ask(who.chief, 'GET', `/topics/${topic}`)).status, 200);
    });
