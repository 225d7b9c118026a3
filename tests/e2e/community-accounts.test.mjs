/* A community of people who belong to several companies: lists of one of them and of all, and what ends with a right. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { isReady, listen, open } from '../lib/live.mjs';
import { root } from '../lib/paths.mjs';
import { formsOf, join, leave, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const MINUTE = 60_000;
const api = '/api/communities/v1';
const modules = { communities: { newcomer_posts: 0, questions_an_hour: 100, page_size: 5 } };

async function send(person, method, target, body) {
    const answer = await person.get(`${api}${target}`, {
        method,
        headers: { Accept: 'application/json', 'X-CSRF-Token': person.tokenNow(), 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
}
const ask = async (person, space, title, tags = ['tides']) => (await send(person, 'POST', '/topics', { space, title, body: `${title} I looked everywhere.`, tags })).id;
const openSpace = (person, title, sharing, own_topics = false) => send(person, 'POST', '/spaces', { title, kind: 'questions', writers: 'members', sharing, own_topics });
const acting = (who, name) => until(async () => (await who.get('/api/portico/v1/account')).json.name === name, { within: MINUTE, what: `acting for ${name}` });

describe('lists of all companies of a person', () => {
    const ids = {}, topics = {};
    let portal, dana, dirk, chief;
    const goTo = async (who, name) => {
        await who.post('/account/switch', { account: ids[name] });
        await acting(who, name);
    };
    const why = async (...words) => {
        const { code, stdout, stderr } = await portal.cli('why', '--json', ...words);
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout);
    };
    before(async () => {
        portal = await startPortal({ modules });
        for (const name of ['Acme', 'Mill', 'Quarry'])
            ids[name] = await makeAccount(portal, name);
        for (const [handle, companies] of [['dana', ['Acme', 'Mill']], ['dirk', ['Quarry']]]) {
            await makePerson(portal, { handle, address: `${handle}@example.com` });
            for (const name of companies)
                await join(portal, ids[name], handle);
        }
        [dana, dirk, chief] = [await signIn(portal, 'dana'), await signIn(portal, 'dirk'), await signIn(portal, 'chief', 'admin')];
        for (const name of ['Acme', 'Mill', 'Quarry'])
            await openSpace(chief, `Yard of ${name}`, { level: 'account', account: ids[name] });
        await openSpace(chief, 'Contracts', { level: 'signed-in' }, true);
        await acting(dirk, 'Quarry');
        await ask(dirk, 'contracts', 'Who pays for the quarry?', ['bills', 'quarry']);
        for (const name of ['Acme', 'Mill']) {
            await goTo(dana, name);
            topics[`key ${name}`] = await ask(dana, `yard-of-${name.toLowerCase()}`, `Where is the key of ${name}?`, ['keys', name.toLowerCase()]);
            topics[`pay ${name}`] = await ask(dana, 'contracts', `When does ${name} pay?`, ['bills', name.toLowerCase()]);
        }
    });
    after(() => portal?.close());

    const seen = (text) => [...new Set([...textOf(text).matchAll(/key of (\w+)\?|When does (\w+) pay|for the (quarry)/g)].map(([, a, b, c]) => (a ? `key ${a}` : b ? `pay ${b}` : c)))].sort();
    const ALL = ['key Acme', 'key Mill', 'pay Acme', 'pay Mill'], MILL = ['key Mill', 'pay Mill'];

    test('show what any of them sees, where the address asks for it', async () => {
        const lists = { '/communities': 1, '/communities/mine': 1, '/communities/mine?show=followed': 1, '/communities/people/dana': 1, '/communities/tags/keys': /key/, '/communities/tags/bills?sort=newest': /pay/,
            '/communities/contracts?sort=unanswered': /pay/, '/communities/search?q=key': /key/, [`${api}/topics`]: 1, [`${api}/search?q=pay`]: /pay/, [`${api}/topics?tag=keys`]: /key/ };
        for (const [list, which] of Object.entries(lists)) {
            const all = `${list}${list.includes('?') ? '&' : '?'}accounts=all`;
            const of = (titles) => titles.filter((title) => which === 1 || which.test(title));
            assert.deepEqual(seen((await dana.get(list)).text), of(MILL), list);
            assert.deepEqual(seen((await dana.get(all)).text), of(ALL), all);
            assert.deepEqual(seen((await dirk.get(all)).text).filter((title) => title !== 'quarry'), [], `${all} for somebody of one company`);
        }
    });

    test('`portico why` says of each row what its page does, and through what', async () => {
        for (const [name, topic] of Object.entries(topics)) {
            const object = ['--object', `communities_topic/${topic}`];
            for (const [person, handle, company] of [[dana, 'dana', 'Acme'], [dana, 'dana', 'Mill'], [dirk, 'dirk', 'Quarry'], [portal]]) {
                if (person === dana)
                    await goTo(dana, company);
                const { status } = await person.get(`${api}/topics/${topic}`, { headers: { Accept: 'application/json' } });
                const { yes, reasons } = await why(...object, ...(handle ? ['--person', handle, '--account', company] : []));
                assert.equal(status, yes ? 200 : 404, `${name} for ${handle} in ${company}: ${JSON.stringify(reasons)}`);
                assert.equal(yes, name.endsWith(company), `${name} for ${handle} in ${company}`);
                assert.ok(reasons.length > 0);
            }
        }
        const text = (await portal.cli('why', '--object', `communities_topic/${topics['key Acme']}`, '--person', 'dirk')).stdout;
        assert.match(text, /^No\.\n/);
        assert.match((await portal.cli('why', '--object', 'communities_topic/77')).stderr, /communities_topic has no row of that id/);
    });

    test('of staff who look after all companies and of a partner\'s people it says what the page does, too', async () => {
        const said = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        const day = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
        ids.Northwind = await makeAccount(portal, 'Northwind');
        await said('account', 'kind', 'Northwind', 'partner');
        for (const [handle, account, roles] of [['lee', 1, ''], ['pat', ids.Northwind, 'account-admin']]) {
            await makePerson(portal, { handle, address: `${handle}@example.com` });
            await join(portal, account, handle, roles);
        }
        const [lee, pat] = [await signIn(portal, 'lee'), await signIn(portal, 'pat')];
        const agree = async (person, handle, company) => {
            for (const [name, topic] of Object.entries(topics)) {
                const answer = await why('--object', `communities_topic/${topic}`, '--person', handle, '--account', company);
                const { status } = await person.get(`${api}/topics/${topic}`, { headers: { Accept: 'application/json' } });
                assert.equal(status, answer.yes ? 200 : 404, `${name} for ${handle} in ${company}: ${JSON.stringify(answer.reasons)}`);
                answers[name] = answer;
            }
        };
        let answers = {};
        const seesAll = (name) => answers[name].reasons.some(({ good, text }) => good && /^lee looks after all companies: Desk has the permission portico\.accounts\.see\.$/.test(text));
        await agree(lee, 'lee', '1');
        assert.ok(Object.keys(topics).every((name) => !answers[name].yes && !seesAll(name)), 'before');
        await said('role', 'add', 'desk', 'Desk', '--place', 'owner');
        await said('role', 'allow', 'desk', 'portico.accounts.see');
        await said('role', 'give', 'desk', 'lee');
        await until(async () => (await lee.get(`${api}/topics/${topics['key Acme']}`, { headers: { Accept: 'application/json' } })).status === 200, { within: MINUTE, what: 'the role to hold' });
        await agree(lee, 'lee', '1');
        assert.ok(Object.keys(topics).every((name) => answers[name].yes && seesAll(name)), JSON.stringify(answers));

        await said('account', 'delegate', 'Acme', 'Northwind', 'account-member', '--until', day, '--reason', 'Keys.', '--accepted');
        await until(async () => (await pat.post('/account/switch', { account: ids.Acme })).status === 303, { within: MINUTE, what: 'the way in' });
        await acting(pat, 'Acme');
        await agree(pat, 'pat', 'Acme');
        for (const [name, { yes }] of Object.entries(answers))
            assert.equal(yes, name.endsWith('Acme'), name);
        assert.ok(answers['key Acme'].reasons.some(({ good, text }) => good && text === 'Acme lets Northwind act for it, and pat may do so for Northwind.'));
    });

    test('of what somebody follows show it page by page, those followed last first', async () => {
        const followed = async (query = '') => (await dirk.get(`/communities/mine?show=followed${query}`)).text;
        const titles = (text) => [...text.matchAll(/<a class="cover" href="[^"]*">([^<]*)<\/a>/g)].map(([, title]) => title);
        assert.match(textOf(await followed()), /Questions you follow, those you followed last first/);
        const asked = [];
        for (let i = 0; i < 24; i++) {
            asked.unshift(`What is the ${i}th price of gravel?`);
            await ask(dirk, 'yard-of-quarry', asked[0], ['gravel']);
        }
        const first = await followed();
        assert.deepEqual(titles(first), asked.slice(0, 20));
        const next = /rel="next" href="\?show=followed&amp;(cursor=[^"]+)"/.exec(first)[1].replaceAll('&amp;', '&');
        const second = await followed(`&${next}`);
        assert.deepEqual(titles(second), [...asked.slice(20), 'Who pays for the quarry?']);
        assert.doesNotMatch(second, /rel="next"/);
        const open = /<a class="cover" href="([^"]*)">What is the 23th/.exec(first)[1];
        assert.equal((await dirk.submit(open, { level: 'normal' }, 'follow')).status, 303);
        assert.deepEqual(titles(await followed()), asked.slice(1, 21), 'what is followed no more is gone');
        assert.equal((await dirk.get('/communities/mine?show=followed&cursor=soon')).status, 400);
        assert.match(textOf((await chief.get('/communities/mine?show=followed')).text), /You follow nothing yet/);
    });

    test('count what they show', async () => {
        const count = async (query) => Object.fromEntries((await dana.get(`${api}/tags${query}`)).json.items.map(({ name, topics }) => [name, topics]));
        assert.deepEqual(await count(''), { bills: 1, keys: 1, mill: 2 });
        assert.deepEqual(await count('?accounts=all'), { acme: 2, bills: 2, keys: 2, mill: 2 });
        const spaces = async (query) => Object.fromEntries((await dana.get(`${api}/spaces${query}`)).json.items.map(({ slug, topics }) => [slug, topics]));
        assert.deepEqual(await spaces(''), { contracts: 1, 'yard-of-mill': 1 });
        assert.deepEqual(await spaces('?accounts=all'), { contracts: 2, 'yard-of-acme': 1, 'yard-of-mill': 1 });
    });

    test('stay lists of all on the way to further pages, orders, tabs, spaces, tags and searches', async () => {
        for (let i = 0; i < 6; i++)
            await ask(dana, 'yard-of-mill', `Which wheel of the mill is number ${i} of them?`, ['wheels']);
        const targets = ['/communities?accounts=all', '/communities/yard-of-mill?accounts=all', '/communities/tags?accounts=all', '/communities/tags/wheels?accounts=all',
            '/communities/mine?accounts=all', '/communities/search?q=wheel&accounts=all', '/communities/search?accounts=all', '/communities/contracts?sort=unanswered&accounts=all'];
        const lists = /^(\?|\/communities(\?|$|\/(mine|waiting|tags|search|contracts|yard-of-\w+)(\/[a-z]+)?(\?|$)))/;
        let pagers = 0;
        for (const target of targets) {
            const { text, status } = await dana.get(target);
            assert.equal(status, 200, target);
            const main = /<main.*<\/main>/s.exec(text)[0].replace(/<p class="note moved">.*?<\/p>/s, '');
            const links = [...main.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href.replace(/&amp;/g, '&'));
            for (const link of links.filter((one) => lists.test(one) && !/feed/.test(one)))
                assert.match(link, /[?&]accounts=all$/, `${link} on ${target}`);
            for (const link of links.filter((one) => /cursor|from=/.test(one))) {
                pagers++;
                assert.equal((await dana.get(new URL(link, `http://a${target}`).pathname + new URL(link, `http://a${target}`).search)).status, 200, link);
            }
            assert.doesNotMatch(text, /rel="canonical" href="[^"]*accounts/);
            if (/action="\/communities\/search"/.test(main))
                assert.match(main, /name="accounts" value="all"/, target);
        }
        assert.ok(pagers >= 4, `${pagers} pagers`);
        assert.doesNotMatch((await dana.get('/communities')).text.replace(/<header.*?<\/header>/s, ''), /main[^]*accounts=all/);
    });

    test('lead into the company that sees a space when somebody asks there', async () => {
        await goTo(dana, 'Mill');
        const { text } = await dana.get('/communities/yard-of-acme?accounts=all');
        const link = /href="(\/communities\/ask\?space=yard-of-acme)"/.exec(text)[1];
        const over = await dana.get(link);
        assert.equal(over.status, 303);
        await acting(dana, 'Acme');
        assert.match((await dana.follow(over)).text, /value="yard-of-acme"[^>]*(checked|selected)/);
        const missing = await dirk.get('/communities/ask?space=yard-of-nobody');
        const foreign = await dirk.get('/communities/ask?space=yard-of-acme');
        assert.equal(missing.status, 404);
        assert.equal(foreign.status, 404);
    });

    test('keep apart what somebody began to write in each: no draft comes along to another', async () => {
        const begun = async () => formsOf((await dana.get('/communities/ask')).text).find(({ fields }) => 'title' in fields).fields.title;
        await goTo(dana, 'Acme');
        const saved = await dana.submit('/communities/ask', { space: 'contracts', title: 'Acme has a contract that ends', body: 'Nobody else knows of it.', tags: 'bills', portico_draft: 'save' }, 'form-ask');
        assert.ok(saved.status < 400, textOf(saved.text));
        await until(async () => (await begun()) === 'Acme has a contract that ends', { within: MINUTE, what: 'the draft' });
        await goTo(dana, 'Mill');
        assert.equal(await begun(), '');
        await goTo(dana, 'Acme');
        assert.equal(await begun(), 'Acme has a contract that ends');
    });

    test('are offered to nobody of one company, nor to guests', async () => {
        assert.doesNotMatch((await dirk.get('/communities?accounts=all')).text, /accounts=all/);
        assert.doesNotMatch((await portal.get('/communities?accounts=all')).text, /accounts=all/);
        assert.match((await dana.get('/communities')).text, /href="\/communities\?accounts=all"/);
    });
});

for (const database of ['sqlite', 'postgresql'])
    test(`what a company reads ends for who is taken out of it, on pages that stand open and in mail on its way (${database})`, async (t) => {
        let isOpen = false;
        const smtp = await startSmtp({ answer: (verb) => (verb === 'RCPT' && !isOpen ? '451 4.3.0 not now' : undefined) });
        t.after(() => smtp.close());
        const portal = await startPortal({ database, modules, settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' }, server: { workers: 2 } } });
        t.after(() => portal.close());
        const acme = await makeAccount(portal, 'Acme');
        const who = {}, memberships = {};
        for (const handle of ['dana', 'bob', 'carl']) {
            await makePerson(portal, { handle, address: `${handle}@example.com` });
            memberships[handle] = await join(portal, acme, handle);
            who[handle] = await signIn(portal, handle);
        }
        const chief = await signIn(portal, 'chief', 'admin');
        await openSpace(chief, 'Yard', { level: 'account', account: acme });
        const topic = await ask(who.dana, 'yard', 'Where is the zeppelin tonight?');
        await send(who.bob, 'POST', `/topics/${topic}/answers`, { body: 'Over the yard, I believe.' });
        const told = (stream) => stream.events.filter(({ data }) => data.subject === `topic/${topic}`).length;
        const streams = {};
        for (const handle of ['dana', 'bob']) {
            streams[handle] = await listen(portal, `watch=topic/${topic}`, { Cookie: who[handle].cookie });
            await isReady(streams[handle]);
        }
        t.after(() => streams.bob.close());
        const begun = told(streams.dana);
        await send(who.carl, 'POST', `/topics/${topic}/answers`, { body: 'It left for the harbour.' });
        await until(() => told(streams.dana) > begun && told(streams.bob) > 0, { within: MINUTE, what: 'both to be told on their pages' });
        const notices = async (handle) => textOf((await who[handle].get('/account/notices')).text);
        await until(async () => /zeppelin/.test(await notices('dana')) && /zeppelin/.test(await notices('bob')), { within: MINUTE, what: 'both to have a notice' });
        const jobs = async () => JSON.parse((await portal.cli('job', 'list', '--json')).stdout);
        const mails = async () => (await jobs()).filter(({ name, state }) => name === 'mail' && state === 'waiting');
        await until(async () => (await mails()).filter(({ attempt }) => attempt > 0).length >= 2, { within: MINUTE, what: 'mail to both to be put off' });

        await leave(portal, memberships.dana);
        await until(() => streams.dana.ended, { within: MINUTE, what: 'her stream to end' });
        const last = told(streams.dana), hisOwn = told(streams.bob);
        await until(async () => !/zeppelin/.test(await notices('dana')), { within: MINUTE, what: 'her notice to be gone' });
        await send(who.bob, 'POST', `/topics/${topic}/answers`, { body: 'And back again this morning.' });
        await until(() => told(streams.bob) > hisOwn, { within: MINUTE, what: 'the others to be told on' });
        assert.equal(told(streams.dana), last);
        assert.equal(streams.bob.ended, false);
        const again = await open(portal, `watch=topic/${topic}&since=0`, { Cookie: who.dana.cookie });
        assert.equal(told(again), 0);
        again.close();

        isOpen = true;
        for (const { id } of await mails()) {
            await portal.cli('job', 'cancel', id);
            await portal.cli('job', 'retry', id);
        }
        await until(async () => (await mails()).length === 0, { within: MINUTE, what: 'all mail to be gone or dropped' });
        await until(() => smtp.messages.some(({ to }) => to === 'bob@example.com'), { within: MINUTE, what: "Bob's mail" });
        assert.deepEqual(smtp.messages.filter(({ to }) => to === 'dana@example.com').map(({ text }) => text), []);
    });

test('pictures of the demo are for whom the space is for', async (t) => {
    const portal = await startPortal({
        modules,
        prepare: async ({ dir, cli }) => {
            const content = path.join(dir, 'content');
            mkdirSync(content);
            copyFileSync(path.join(root, 'modules/communities/demo/wall-display.png'), path.join(content, 'wall.png'));
            for (const [slug, readers] of [['open', 'everyone'], ['team', 'staff']])
                writeFileSync(path.join(content, `${slug}.xml`), `<community space="${slug}" title="${slug}" readers="${readers}" description="Of walls.">
<person key="mara" name="Mara Lindqvist"/>
<question id="1" author="mara" age="3d" title="Which wall is this one here?">![Wall](image:wall.png)</question>
<answer id="2" to="1" author="mara" age="2d">![Again](image:wall.png)</answer>
<comment id="1" to="2" author="mara" age="1d">It is the one by the gate.</comment>
</community>\n`);
            const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
            assert.equal(code, 0, stderr);
        },
    });
    t.after(() => portal.close());
    const chief = await signIn(portal, 'chief', 'admin');
    const { items } = await send(chief, 'GET', '/topics');
    assert.equal(items.length, 2);
    for (const { id, space } of items) {
        const { posts } = await send(chief, 'GET', `/topics/${id}`);
        const pictures = posts.map(({ body }) => /src="([^"]+)"/.exec(body)[1]);
        assert.equal(pictures.length, 2);
        for (const picture of pictures) {
            assert.equal((await chief.get(picture)).status, 200);
            assert.equal((await portal.get(picture)).status, space === 'team' ? 404 : 200, `${space} ${picture}`);
        }
    }
});
