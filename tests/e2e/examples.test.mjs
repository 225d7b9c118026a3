/* Every example, as its author would try it: one portal per example, asked over HTTP. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { join, makeAccount, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { until } from '../lib/wait.mjs';

/* A portal with one example on, closed when the test ends. */
async function portalWith(t, name, { settings = {}, ...options } = {}) {
    const module = { path: path.join(buildDirectory(), 'examples', name), ...settings };
    const portal = await startPortal({ modules: { [name]: module }, ...options });
    t.after(() => portal.close());
    return portal;
}

const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });
const json = (value) => ({ method: 'POST', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

test('01-hello greets by the name in the path, escaped and inside the shell', async (t) => {
    const portal = await portalWith(t, 'hello');
    const page = await portal.get('/hello/J%C3%B6rg%20%3Cb%3E');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.text, /<h1>Hello, Jörg &lt;b&gt;!<\/h1>/);
    assert.match(page.text, /<title>Hello · Test portal<\/title>/);
    assert.equal((await portal.get('/hello')).status, 404);
});

test('02-requests reads path, query, form and JSON, and the schema guards the body', async (t) => {
    const portal = await portalWith(t, 'requests');
    const read = await portal.get('/requests/news?page=2', { headers: { 'Accept-Language': 'de' } });
    assert.deepEqual(read.json, { method: 'GET', path: '/requests/news', section: 'news', page: '2', language: 'de' });

    const sent = await portal.get('/requests/feedback', form({ text: 'fine' }));
    assert.equal(sent.status, 303);
    assert.equal(sent.headers.get('location'), '/requests/thanks');
    assert.equal((await portal.get('/requests/feedback', form({ text: '' }))).status, 422);

    const order = await portal.get('/api/requests/v1/orders',
        json({ customer: 'Acme', lines: [{ item: 'tea', quantity: 3 }, { item: 'cup' }] }));
    assert.equal(order.status, 201);
    assert.deepEqual(order.json, { customer: 'Acme', pieces: 4 });

    const refused = await portal.get('/api/requests/v1/orders', json({ customer: 'Acme', lines: [{ item: 'tea', quantity: 0 }] }));
    assert.equal(refused.status, 422);
    assert.match(refused.headers.get('content-type'), /^application\/problem\+json/);
    assert.match(refused.json.detail, /^\/lines\/0\/quantity must be at least 1/);
    const plain = await portal.get('/api/requests/v1/orders', { method: 'POST', body: '{}', headers: { 'Content-Type': 'text/plain' } });
    assert.equal(plain.status, 415);
});

test('03-replies answers in every format, with tags and conditional requests', async (t) => {
    const portal = await portalWith(t, 'replies');
    assert.match((await portal.get('/replies/view')).text, /<li>Earth &amp; Moon<\/li>/);

    assert.match((await portal.get('/robots.txt')).text, new RegExp(`^Sitemap: ${portal.url}/replies/sitemap\\.xml$`, 'm'));
    const answer = await portal.get('/replies/json');
    assert.equal(answer.json.planets[1].name, 'Venus');
    const again = await portal.get('/replies/json', { headers: { 'If-None-Match': answer.headers.get('etag') } });
    assert.equal(again.status, 304);
    assert.equal(again.bytes.length, 0);

    const problem = await portal.get('/replies/problem', { headers: { Accept: 'application/json' } });
    assert.equal(problem.status, 409);
    assert.equal(problem.json.type, 'https://errors.example/taken');
    assert.equal(problem.json.title, 'That orbit is taken');
    const page = await portal.get('/replies/problem', { headers: { Accept: 'text/html' } });
    assert.equal(page.status, 409);
    assert.match(page.text, /<h1>That orbit is taken<\/h1>/);

    assert.equal((await portal.get('/replies/redirect')).headers.get('location'), '/replies/view');
    const bytes = await portal.get('/replies/bytes');
    assert.equal(bytes.headers.get('cache-control'), 'max-age=3600');
    assert.equal(bytes.bytes.subarray(0, 6).toString(), 'GIF89a');
    const range = await portal.get('/replies/file', { headers: { Range: 'bytes=3-7' } });
    assert.equal(range.status, 206);
    assert.equal(range.text, 'orbit');
    assert.match((await portal.get('/replies/feed')).text, /<planet>Earth &amp; Moon<\/planet>/);
    assert.equal((await portal.get('/replies/missing')).status, 404);
    const head = await portal.get('/replies/json', { method: 'HEAD' });
    assert.equal(head.headers.get('etag'), answer.headers.get('etag'));
    assert.equal(head.bytes.length, 0);
});

for (const database of ['sqlite', 'postgresql'])
    test(`04-database keeps its constraints and moves both or neither on ${database}`, async (t) => {
        const portal = await portalWith(t, 'database', { database });
        for (const name of ['left', 'right'])
            assert.equal((await portal.get(`/database/${name}`, { method: 'POST' })).status, 201);
        assert.equal((await portal.get('/database/left', { method: 'POST' })).status, 409);
        assert.equal((await portal.get('/database/left/to/right', { method: 'POST' })).status, 303);
        assert.equal((await portal.get('/database/left/to/nowhere', { method: 'POST' })).status, 404);
        const all = await portal.get('/database');
        assert.deepEqual(all.json.counters, [{ name: 'left', number: -1 }, { name: 'right', number: 1 }]);
        assert.equal((await portal.get('/database/sum')).json.sum, 0);
    });

test('05-settings come typed from the config, and a wrong one is refused with its line', async (t) => {
    const portal = await portalWith(t, 'settings', { settings: { rows: 25, patience: '1500ms', upload: '2MiB', order: 'oldest' } });
    assert.deepEqual((await portal.get('/settings')).json, {
        greeting: 'Welcome', rows: 25, friendly: true, patience_ms: 1500, upload_bytes: 2097152, order: 'oldest', has_key: false,
    });
    const secret = path.join(portal.dir, 'key');
    writeFileSync(secret, 'hunter2\n', { mode: 0o600 });
    const section = { path: path.join(buildDirectory(), 'examples/settings') };
    portal.writeConfig({ settings: { ...section, key_file: secret, greeting: 'Moin' } });
    assert.equal((await portal.cli('reload')).code, 0);
    await until(async () => (await portal.get('/settings')).json.greeting === 'Moin', { what: 'the new settings' });
    assert.equal((await portal.get('/settings')).json.has_key, true);

    portal.writeConfig({ settings: { ...section, rows: 1000 } });
    const refused = await portal.cli('check');
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout + refused.stderr, /portico\.conf:\d+:.*rows/);
});

test('06-permissions are checked before the handler, and navigation hides what is not allowed', async (t) => {
    const portal = await portalWith(t, 'permissions');
    assert.deepEqual((await portal.get('/permissions')).json, { may_moderate: false, person: '0' });
    for (const hidden of ['/permissions/mine', '/permissions/all']) {
        const answer = await portal.get(hidden, { headers: { Accept: 'application/json' } });
        assert.ok([401, 403, 404].includes(answer.status), `${hidden}: ${answer.status}`);
        assert.equal(answer.json.may_moderate, undefined);
    }
    const page = await portal.get('/nothing-here', { headers: { Accept: 'text/html' } });
    assert.match(page.text, /For everyone/);
    assert.doesNotMatch(page.text, /For moderators/);
});

test('07-templates escape data, keep safe markup and mark the current entry', async (t) => {
    const portal = await portalWith(t, 'templates');
    const page = await portal.get('/templates');
    assert.match(page.text, /<h1>2 teas<\/h1>/);
    assert.match(page.text, /Earl &lt;Grey&gt;: 990/);
    assert.match(page.text, /Sencha: 1,250/);
    assert.match(page.text, /<strong>80 °C<\/strong>/);
    assert.doesNotMatch(page.text, /alert\(1\)<\/script>|<script>alert/);
    assert.match(page.text, /<a href="\/templates" aria-current="page">/);
});

test('08-translations follow the reader, and the cookie goes before the browser', async (t) => {
    const portal = await portalWith(t, 'translations');
    const english = await portal.get('/translations?name=Ada');
    assert.match(english.text, /<h1>Good morning, Ada\.<\/h1>/);
    assert.match(english.text, /3 letters/);
    const german = await portal.get('/translations?name=Ada', { headers: { 'Accept-Language': 'fr, de-AT;q=0.8' } });
    assert.match(german.text, /<h1>Guten Morgen, Ada\.<\/h1>/);
    assert.match(german.text, /3 Briefe/);
    assert.match(german.text, /<html lang="de"/);
    const chosen = await portal.get('/translations', { headers: { 'Accept-Language': 'de', Cookie: 'a=b; portico-locale=en' } });
    assert.match(chosen.text, /Good morning/);
});

for (const database of ['sqlite', 'postgresql'])
    test(`09-migrations ran in order and made the same shape on ${database}`, async (t) => {
        const portal = await portalWith(t, 'migrations', { database });
        assert.deepEqual((await portal.get('/migrations')).json.tasks, [
            { id: '7001', title: 'Read the example', done: true, due: null },
            { id: '7002', title: 'Write a migration', done: false, due: '2026-01-01T00:00:00Z' },
        ]);
    });

for (const database of ['sqlite', 'postgresql'])
    test(`10-search finds what is for everyone, until it is removed, on ${database}`, async (t) => {
        const portal = await portalWith(t, 'glossary', { database });
        const kept = await portal.get('/glossary', form({ title: 'Audience', body: 'Who may see a row.' }));
        assert.equal(kept.status, 200);
        await portal.get('/glossary', form({ title: 'Secret audience', body: 'Only for staff.', staff: '1' }));
        const found = await portal.get('/glossary?q=audience');
        assert.deepEqual(found.json.hits.map((hit) => hit.title), ['Audience']);
        assert.equal(found.json.hits[0].id, kept.json.id);
        assert.deepEqual((await portal.get('/glossary?q=%22%28%2A%20AND')).json.hits, []);
        assert.equal((await portal.get(`/glossary/${kept.json.id}`, { method: 'DELETE' })).status, 200);
        assert.deepEqual((await portal.get('/glossary?q=audience')).json.hits, []);
    });

test('11-health says in status what is low', async (t) => {
    const portal = await portalWith(t, 'health', { settings: { reserve: 3 } });
    const status = await until(async () => {
        const answer = await portal.cli('status', '--json');
        return /reserve is low/.test(answer.stdout) && answer;
    }, { what: 'the check to be told by status' });
    assert.match(status.stdout, /degraded/);
});

test('12-logging writes lines that carry module, route and request', async (t) => {
    const portal = await portalWith(t, 'logging');
    const answer = await portal.get('/logging/trouble');
    assert.equal(answer.text, 'done\n');
    const line = await until(() => portal.lines().find((one) => /There is trouble/.test(one.message ?? '')), { what: 'the line' });
    assert.equal(line.level, 'warning');
    assert.equal(line.module, 'logging');
    assert.equal(line.route, 'logging GET /logging/{what}');
    assert.match(line.request, /^[0-9a-f]{16}$/);
    assert.ok(portal.lines().some((one) => one.message === 'Logging starts.' && one.module === 'logging'));
});

test('15-hooks guards its paths by a header, fails closed without a key, and points to help', async (t) => {
    const portal = await portalWith(t, 'hooks', { settings: { key: 'plover' } });
    const refused = await portal.get('/hooks/partners', { headers: { Accept: 'application/json' } });
    assert.equal(refused.status, 403);
    assert.equal(refused.json.title, 'Partners only');
    assert.equal((await portal.get('/hooks/partners', { headers: { 'X-Partner-Key': 'plover' } })).json.page, 'partners');
    assert.equal((await portal.get('/hooks/anybody')).json.page, 'anybody');
    assert.equal((await portal.get('/not/here')).headers.get('link'), '</hooks/help>; rel="help"');
    assert.equal((await portal.get('/hooks/anybody')).headers.get('link'), null);

    const open = await portalWith(t, 'hooks');
    assert.equal((await open.get('/hooks/partners')).status, 503);
    assert.equal((await open.get('/hooks/anybody')).status, 200);
});

test('16-services asks another module, which starts first, and passes its word on', async (t) => {
    const at = (name) => ({ path: path.join(buildDirectory(), 'examples', name) });
    const portal = await startPortal({ modules: { offers: at('offers'), prices: at('prices') } });
    t.after(() => portal.close());
    assert.deepEqual((await portal.get('/offers/tea')).json, { item: 'tea', price: { cents: 450 }, stock_known: false });
    assert.equal((await portal.get('/offers/gold')).status, 404);
});

test('26-content keeps Markdown sealed, shows it page by page and only to whom it is for', async (t) => {
    const portal = await portalWith(t, 'notices');
    for (let number = 1; number <= 7; number++)
        assert.equal((await portal.get('/notices', form({ text: `Notice **${number}** <script>alert(1)</script>` }))).status, 303);
    assert.equal((await portal.get('/notices', form({ text: 'For *staff* alone', staff: '1' }))).status, 303);
    assert.equal((await portal.get('/notices', form({ text: '' }))).status, 422);

    const first = await portal.get('/notices');
    assert.deepEqual([...first.text.matchAll(/Notice <strong>(\d)<\/strong>/g)].map(([, number]) => number), ['7', '6', '5', '4', '3']);
    assert.doesNotMatch(first.text, /<script>alert|For <em>staff/);
    const [, next] = /href="(\/notices\?page=[^"]+)"/.exec(first.text);
    const second = await portal.get(next.replaceAll('&amp;', '&'));
    assert.deepEqual([...second.text.matchAll(/Notice <strong>(\d)<\/strong>/g)].map(([, number]) => number), ['2', '1']);
    assert.equal((await portal.get('/notices?page=rubbish')).status, 400);
    assert.match((await portal.get('/notices/newest')).json.words, /^Notice 7 /);
});

test('13-events undoes an order that a handler in its transaction refuses, and thanks for the others after it', async (t) => {
    const portal = await portalWith(t, 'orders', { settings: {} });
    const order = (article, pieces) => portal.get('/orders', form({ article, pieces }));
    assert.equal((await order('cup', 2)).status, 201);
    const refused = await portal.get('/orders', { ...form({ article: 'cup', pieces: 1 }), headers: { Accept: 'application/json' } });
    assert.equal(refused.status, 409);
    assert.match(refused.json.detail, /handler reserve of module orders .*There are not enough of these\./);
    assert.equal((await order('tea', 1)).status, 201);
    await until(async () => (await portal.get('/orders')).json.letters.length === 2,
        { within: 30_000, what: 'both letters' });
    const { stock, letters } = (await portal.get('/orders')).json;
    assert.deepEqual(stock, [{ article: 'cup', pieces: 0 }, { article: 'tea', pieces: 4 }]);
    assert.deepEqual(letters.map(({ text }) => text).sort(), ['Thank you for the cup.', 'Thank you for the tea.']);
});

test('14-jobs writes a report in slices, each line once, and counts the seconds by itself', async (t) => {
    const portal = await portalWith(t, 'reports', { settings: {} });
    const { status, json: { id } } = await portal.get('/reports', form({ lines: 95, customer: 'acme' }));
    assert.equal(status, 202);
    const report = async () => (await portal.get(`/reports/${id}`)).json;
    await until(async () => (await report()).state === 'done', { within: 30_000, what: 'the report' });
    const done = await report();
    assert.deepEqual(done.written, { lines: 95, numbers: 95 });
    assert.equal(done.attempt, 1);
    await until(async () => (await portal.get('/reports')).json.beats[0]?.count >= 2,
        { within: 30_000, what: 'two beats' });
});

test('32-audience lists what all companies of a person have, where they ask for it', async (t) => {
    const portal = await portalWith(t, 'audience');
    const ids = { Acme: await makeAccount(portal, 'Acme'), Mill: await makeAccount(portal, 'Mill'), Quarry: await makeAccount(portal, 'Quarry') };
    const [dana, dirk] = [await signIn(portal, 'dana'), await signIn(portal, 'dirk')];
    for (const account of [ids.Acme, ids.Mill])
        await join(portal, account, 'dana');
    await join(portal, ids.Quarry, 'dirk');
    const acting = (who, name) => until(async () => (await who.get('/api/portico/v1/account')).json.name === name, { within: 60_000, what: `acting for ${name}` });
    const write = async (who, title) => assert.equal((await who.post('/audience/new', { title, sharing: 'account' })).status, 303);
    await acting(dirk, 'Quarry');
    await write(dirk, 'Of the quarry');
    for (const [name, title] of [['Acme', 'Of Acme'], ['Mill', 'Of the mill']]) {
        await dana.post('/account/switch', { account: ids[name] });
        await acting(dana, name);
        await write(dana, title);
    }
    const titles = async (target) => [...(await dana.get(target)).text.matchAll(/Of (?:Acme|the mill|the quarry)/g)].map(([title]) => title).sort();
    assert.deepEqual(await titles('/audience'), ['Of the mill']);
    assert.deepEqual(await titles('/audience?accounts=all'), ['Of Acme', 'Of the mill']);
    assert.deepEqual(await titles('/audience?accounts=other'), ['Of the mill']);
    const one = await dana.get('/audience?q=a%26b&page=');
    assert.match(one.text, /href="\/audience\?q=a%26b&(amp;)?accounts=all"/);
    const all = await dana.get('/audience?accounts=all');
    assert.match(textOf(all.text), /This page shows what belongs to all your companies\. Only Mill/);
    assert.match(textOf(all.text), /2 notes/);
    /* A row of another of them opens there. */
    const [, path] = /href="(\/audience\/\d+)">Of Acme/.exec(all.text);
    const over = await dana.get(path, { headers: { Accept: 'text/html' } });
    assert.equal(over.status, 303);
    await acting(dana, 'Acme');
    assert.equal((await dana.follow(over)).status, 200);
    /* Who acts in one alone is offered nothing, and sees no more for asking. */
    const alone = await dirk.get('/audience?accounts=all');
    assert.match(alone.text, /Of the quarry/);
    assert.doesNotMatch(alone.text, /accounts=all|Of Acme|Of the mill/);
    assert.equal((await portal.get('/audience?accounts=all')).status, 303);
});

test('32-audience shows a note to whom it was shared with, offers only people one may name, and refuses the rest', async (t) => {
    const portal = await portalWith(t, 'audience');
    const cli = async (...words) => assert.equal((await portal.cli(...words)).code, 0, words.join(' '));
    for (const handle of ['dana', 'dora', 'dirk'])
        await signIn(portal, handle);
    for (const [account, ...handles] of [['Acme', 'dana', 'dora'], ['Mill', 'dirk']]) {
        await cli('account', 'add', account);
        for (const handle of handles)
            await cli('account', 'member', account, handle, '+account-admin');
    }
    const [dana, dora, dirk] = [await signIn(portal, 'dana'), await signIn(portal, 'dora'), await signIn(portal, 'dirk')];
    const offered = (await dana.get('/portico/people?for=sharing&q=d')).json.items.map(({ name }) => name);
    assert.deepEqual(offered, ['dana', 'dora']);

    const sent = await dana.post('/audience/new', { title: 'For Dora', sharing: 'people', sharing_people: 'dora' });
    assert.equal(sent.status, 303, sent.text);
    for (const [reader, count] of [[dana, 1], [dora, 1], [dirk, 0]])
        assert.equal((await reader.get('/audience')).text.includes('For Dora'), count === 1);
    const refusals = ['dirk', 'nobody'].map((handle) =>
        dana.post('/audience/new', { title: 'For others', sharing: 'people', sharing_people: handle }));
    for (const refused of await Promise.all(refusals)) {
        assert.equal(refused.status, 422);
        assert.match(refused.text, /There is nobody called “(dirk|nobody)” whom you can name\./);
    }
});

test('36-contacts names the account team, contacts and partners to those of the company', async (t) => {
    for (const database of ['sqlite', 'postgresql']) {
        const portal = await portalWith(t, 'contacts', { database });
        const cli = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        for (const handle of ['mara', 'dana', 'dora', 'pat'])
            await signIn(portal, handle);
        for (const words of [['add', 'Acme'], ['add', 'Northwind', '--kind', 'partner'], ['member', '1', 'mara'], ['member', 'Acme', 'dana', '+account-admin'], ['member', 'Acme', 'dora'],
            ['member', 'Northwind', 'pat', '+account-admin'], ['team', 'Acme', 'mara', 'Account manager', '--phone', '+49 30 901820'], ['contact', 'Acme', 'technical', 'dora']])
            await cli('account', ...words);
        const lend = ['account', 'delegate', 'Acme', 'Northwind', 'account-member', '--until', new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10), '--reason', 'Orders.'];
        await cli(...lend);
        const dana = await signIn(portal, 'dana');
        const offered = (await dana.get('/contacts')).text;
        assert.match(offered, /mara<\/b><span>Account manager · \+49 30 901820/);
        assert.match(offered, /dora<\/b><span>Technical matters/);
        assert.doesNotMatch(offered, /Northwind/, 'asked, and not there yet');
        await cli('account', 'undelegate', 'Acme', 'Northwind');
        await cli(...lend, '--accepted');
        assert.match((await dana.get('/contacts')).text, /Northwind<\/b><span>Acts for your company/);
        const dora = (await (await signIn(portal, 'dora')).get('/contacts')).text;
        assert.match(dora, /mara<\/b>/);
        assert.doesNotMatch(dora, /Northwind/, 'for those who look after the company');
        assert.doesNotMatch((await (await signIn(portal, 'pat')).get('/contacts')).text, /mara|dora/);
    }
});

for (const database of ['sqlite', 'postgresql'])
    test(`36-contacts keeps facts that stand on the page of their company as its readers write them, and on no other's (${database})`, async (t) => {
        const portal = await portalWith(t, 'contacts', { database });
        const cli = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        const facts = (page) => [...page.text.matchAll(/<div><dt>(.*?)<\/dt><dd>(.*?)<\/dd><\/div>/g)].map(([, title, text]) => [textOf(title), textOf(text)]);
        const about = (page) => (/About your company|Über Ihre Firma/.test(page.text) ? facts({ text: page.text.slice(page.text.search(/id="facts"/)) }) : undefined);
        for (const handle of ['dana', 'olga'])
            await signIn(portal, handle);
        const ann = await signIn(portal, 'ann', 'admin');
        for (const words of [['add', 'Acme', '--external', 'crm:1'], ['add', 'Mill', '--external', 'crm:2'], ['member', 'Acme', 'dana'], ['member', 'Mill', 'olga']])
            await cli('account', ...words);
        const [dana, olga] = [await signIn(portal, 'dana'), await signIn(portal, 'olga')];
        assert.equal(about(await dana.get('/account/company')), undefined, 'nothing is known: nothing is said');
        for (const [fact, value] of [['plan', 'plus'], ['plan_until', '2027-06-30'], ['uptime', '99.995'], ['terms', 'https://example.com/terms?of=1&lang=en'], ['credit', 'true']])
            await cli('contacts', 'know', 'crm:1', fact, value);
        const refused = await portal.cli('contacts', 'know', 'crm:1', 'plan', 'gold');
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /"gold" is no value of plan/);
        const page = await dana.get('/account/company');
        assert.deepEqual(about(page), [['Support plan', 'Around the clock'], ['Plan ends', '30 Jun 2027'], ['Promised uptime in percent', '99.995'],
            ['Terms', 'https://example.com/terms?of=1&lang=en']]);
        assert.match(page.text, /<a href="https:\/\/example\.com\/terms\?of=1&amp;lang=en" rel="noopener noreferrer">/);
        await dana.post('/portico/language', { language: 'de', next: '/' });
        assert.deepEqual(about(await dana.get('/account/company')).slice(0, 3), [['Supportplan', 'Rund um die Uhr'], ['Plan endet', '30. Juni 2027'], ['Zugesagte Verfügbarkeit in Prozent', '99,995']]);

        /* The staff reads all of it; another company nothing. */
        const [acme, mill] = (await portal.cli('account', 'list', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line).id);
        const staff = facts(await ann.get(`/admin/accounts/${acme}`));
        assert.deepEqual(staff.at(-1), ['Pays on invoice As accounting says it. Only the staff sees this.', 'Yes']);
        assert.ok(staff.some(([title, text]) => title === 'Plan ends' && text === '30 Jun 2027'), JSON.stringify(staff));
        const secret = /Support plan|Around the clock|99\.995|example\.com\/terms|call at any time/;
        assert.match((await dana.get('/contacts')).text, /rufen Sie jederzeit an/);
        for (const path of ['/account/company', '/contacts', '/'])
            assert.doesNotMatch((await olga.get(path)).text, secret, path);
        assert.doesNotMatch((await ann.get(`/admin/accounts/${mill}`)).text, secret);
        assert.equal((await olga.get(`/admin/accounts/${acme}`)).status, 403);
        assert.doesNotMatch((await dana.get('/account/company')).text, /Pays on invoice/);
        await cli('contacts', 'know', 'crm:2', 'plan', 'basic');
        assert.deepEqual(about(await olga.get('/account/company')), [['Support plan', 'On working days']]);
        for (const fact of ['plan', 'plan_until', 'uptime', 'terms'])
            await cli('contacts', 'know', 'crm:1', fact);
        assert.equal(about(await dana.get('/account/company')), undefined, 'what only the staff sees makes no card');
    });

test('33-auth refuses a sign-in in its words, fails closed, and notes who came and went', async (t) => {
    for (const database of ['sqlite', 'postgresql']) {
        const open = await portalWith(t, 'door', { database });
        await makePerson(open, { handle: 'mara', address: 'mara@example.com', password: true });
        const mara = visitor(open);
        assert.equal((await mara.submit('/login', { name: 'mara', password: PASSWORD })).headers.get('location'), '/');
        await mara.post('/logout');
        await until(async () => {
            const { came, went } = (await open.get('/door')).json;
            return came === 1 && went === 1;
        }, { within: 60_000, what: 'the book' });

        for (const [settings, status, words] of [[{ shut: 'We move house today.' }, 403, /We move house today\./], [{ broken: true }, 503, /does not answer, so nobody is let in/]]) {
            const portal = await portalWith(t, 'door', { database, settings });
            await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
            await makePerson(portal, { handle: 'ann', address: 'ann@example.com', password: true, roles: 'admin' });
            const browser = visitor(portal);
            const refused = await browser.submit('/login', { name: 'mara', password: PASSWORD });
            assert.equal(refused.status, status);
            assert.match(textOf(refused.text), words);
            assert.equal(browser.jar.get('portico'), undefined);
            assert.equal((await browser.submit('/login', { name: 'mara', password: 'not it at all' })).status, 422, 'a wrong password learns nothing of it');
            const admin = await visitor(portal).submit('/login', { name: 'ann', password: PASSWORD });
            assert.equal(admin.status, settings.shut ? 303 : 503);
            assert.match((await portal.cli('audit', 'list')).stdout, /session\.refused/);
            await until(() => portal.lines().some(({ message }) => /The handler guard of module door refused the event/.test(message)), { what: 'the log to say who refused' });
            assert.equal((await portal.get('/door')).json.came <= 1, true);
        }
    }
});

test('34-sign-in lets in people of another directory once they agreed to the rules', async (t) => {
    for (const database of ['sqlite', 'postgresql']) {
        const portal = await startPortal({
            database, modules: { staffbook: { path: path.join(buildDirectory(), 'examples/staffbook') } },
            config: '[sign_in]\nverifiers = staffbook.people\nsteps = staffbook.rules\n',
        });
        t.after(() => portal.close());
        const omar = visitor(portal);
        assert.equal((await omar.submit('/login', { name: 'omar', password: 'harbour lights at noon' })).status, 422);
        const asked = await omar.submit('/login', { name: 'omar@staff.example', password: 'seven paper lanterns' });
        const page = await omar.follow(asked);
        assert.match(textOf(page.text), /Rules of the house Whoever leaves last puts out the lantern/);
        assert.match(textOf((await omar.submit(page, { word: 'light' })).text), /Write the last word of the rules/);
        assert.equal((await omar.follow(await omar.submit(page, { word: 'lantern' }))).headers.get('location'), '/');
        assert.match(textOf((await omar.get('/account')).text), /Omar Finch/);
        await omar.post('/logout');
        const again = await omar.submit('/login', { name: 'omar', password: 'seven paper lanterns' });
        assert.equal((await omar.follow(again)).headers.get('location'), '/', 'nothing is due the second time');
    }
});

test('35-session asks for the contract of each session, and knows the departments of a directory', async (t) => {
    for (const database of ['sqlite', 'postgresql']) {
        const portal = await startPortal({
            database, modules: { shift: { path: path.join(buildDirectory(), 'examples/shift') } },
            config: '[sign_in]\nsteps = shift.contract\ndecorators = shift.people\n',
        });
        t.after(() => portal.close());
        await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
        const working = async (contract) => {
            const browser = visitor(portal);
            const page = await browser.follow(await browser.submit('/login', { name: 'mara', password: PASSWORD }));
            assert.match(textOf(page.text), /Today's contract/);
            assert.equal((await browser.follow(await browser.submit(page, { contract }))).headers.get('location'), '/');
            return browser;
        };
        const today = async (browser) => (await browser.get('/api/shift/v1/today')).json;
        const north = await working('north'), south = await working('south');
        assert.deepEqual([await today(north), await today(south)], [{ contract: 'north', department: null }, { contract: 'south', department: null }]);
        assert.match(textOf((await south.get('/account')).text), /Contract: Maintenance north.*|Contract: Maintenance south/);
    }
});

test('an entry of no group stands in the menu before all groups, whichever module comes first', async () => {
    const portal = await startPortal({ modules: { communities: {}, templates: { path: path.join(buildDirectory(), 'examples/templates') } } });
    try {
        const [, menu] = /<nav\b[^>]*class="side"[^>]*>(.*?)<\/nav>/s.exec((await portal.get('/communities')).text);
        assert.ok(menu.indexOf('href="/templates"') < menu.indexOf('href="/communities"'), menu);
        assert.ok(menu.indexOf('href="/templates"') < menu.indexOf('Together'), menu);
    } finally {
        await portal.close();
    }
});
