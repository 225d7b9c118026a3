/* Access tokens of the API: made by people, cut to what they chose and hold, over within a second. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { isReady, listen } from '../lib/live.mjs';
import { join, leave, letItGetLate, makeAccount, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { until } from '../lib/wait.mjs';

const WITHIN = { within: 60_000 };
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

for (const database of ['sqlite', 'postgresql'])
    describe(`access tokens (${database})`, () => {
        let portal, number = 0;
        before(async () => {
            portal = await startPortal({ database, settings: { server: { workers: 2 }, sign_in: { tokens: '30d', guesses: 3, second_factor: 'moderator' } } });
        });
        after(() => portal?.close());

        const use = (token, path = '/api/portico/v1/account', request = {}) => portal.get(path, { ...request, headers: { Authorization: `Bearer ${token}`, ...request.headers } });
        const command = async (...words) => (await portal.cli('token', ...words)).stdout;

        /** Somebody with a password, signed in: { handle, browser }. */
        async function somebody() {
            const handle = `tola${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const browser = visitor(portal);
            await browser.submit('/login', { name: handle, password: PASSWORD });
            return { handle, browser };
        }
        /** Makes a token on the page: the token. */
        async function makeToken(browser, fields = {}) {
            const made = await browser.submit('/account/tokens/new', { name: 'Ledger', last_day: inDays(7), make: '1', ...fields }, '/account/tokens/new');
            assert.equal(made.status, 200, textOf(made.text));
            assert.equal(made.headers.get('cache-control'), 'no-store');
            return /<code class="key">(ptk_[\w-]{43})<\/code>/.exec(made.text)[1];
        }
        const isOver = (token) => until(async () => (await use(token)).status === 401, { ...WITHIN, what: 'the token to be over' });

        test('a token made on the page opens the API as its person, and no page', async () => {
            const { handle, browser } = await somebody();
            const account = await makeAccount(portal, 'Ledger Ltd');
            await join(portal, account, handle);
            await browser.post('/account/switch', { account });
            await until(async () => JSON.parse((await browser.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).text).id === account, { ...WITHIN, what: 'the switch' });
            const token = await makeToken(browser);
            const page = await browser.get('/account/tokens');
            assert.match(textOf(page.text), /Ledger Ledger Ltd · Last day \d{4}-\d\d-\d\d · never used/);
            assert.doesNotMatch(page.text, new RegExp(token), 'it is shown once');
            const answer = await use(token);
            assert.equal(answer.status, 200, answer.text);
            assert.equal(JSON.parse(answer.text).id, account);
            assert.equal(answer.headers.getSetCookie().length, 0);
            assert.match(textOf((await browser.get('/account/tokens')).text), /used (?!never)/);
            for (const path of ['/account', '/account/tokens', '/login', '/', '/admin'])
                assert.equal((await use(token, path, { headers: { Accept: 'application/json' } })).status, 403, path);
            assert.equal((await use(token, '/account/tokens/new', { method: 'POST', body: new URLSearchParams({ make: '1', name: 'x' }) })).status, 403);
            const audit = (await portal.cli('audit', 'list')).stdout;
            assert.match(audit, /token\.made/);
        });

        test('it makes, sees and revokes no token, and does not switch its account', async () => {
            const { handle, browser } = await somebody();
            const [one, two] = [await makeAccount(portal, `One ${number}`), await makeAccount(portal, `Two ${number}`)];
            await join(portal, one, handle);
            await join(portal, two, handle);
            const token = await makeToken(browser);
            const json = { 'Content-Type': 'application/json' };
            assert.equal((await use(token, '/api/portico/v1/tokens')).status, 403);
            assert.deepEqual(JSON.parse((await use(token, '/api/portico/v1/accounts')).text).items.map(({ active }) => active), [true], 'and knows no other');
            assert.equal((await use(token, '/api/portico/v1/tokens', { method: 'POST', headers: json, body: '{"name":"more","last_day":"2099-01-01"}' })).status, 403);
            const other = await use(token, '/api/portico/v1/account', { method: 'PUT', headers: json, body: JSON.stringify({ id: two }) });
            assert.deepEqual([other.status, other.json.title], [403, 'A session is needed']);
            const own = JSON.parse((await browser.get('/api/portico/v1/tokens', { headers: { Accept: 'application/json' } })).text).items;
            assert.equal(own.length, 1);
            assert.equal((await use(token, `/api/portico/v1/tokens/${own[0].id}`, { method: 'DELETE' })).status, 403);
            assert.equal((await use(token)).status, 200);
            const stranger = await somebody();
            const foreign = await stranger.browser.get(`/api/portico/v1/tokens/${own[0].id}`, { method: 'DELETE', headers: { 'x-csrf-token': stranger.browser.tokenNow() } });
            const missing = await stranger.browser.get('/api/portico/v1/tokens/1', { method: 'DELETE', headers: { 'x-csrf-token': stranger.browser.tokenNow() } });
            assert.equal(foreign.status, 404);
            assert.equal(missing.status, 404);
            const gone = await browser.get(`/api/portico/v1/tokens/${own[0].id}`, { method: 'DELETE', headers: { 'x-csrf-token': browser.tokenNow() } });
            assert.equal(gone.status, 200, gone.text);
            await isOver(token);
        });

        test('the API makes one for a session that was proven lately', async () => {
            const { handle, browser } = await somebody();
            const send = (body) => browser.get('/api/portico/v1/tokens', { method: 'POST', headers: { 'x-csrf-token': browser.tokenNow(), 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
            const made = await send({ name: 'By API', last_day: inDays(3) });
            assert.equal(made.status, 201, made.text);
            assert.equal((await use(JSON.parse(made.text).token)).status, 200);
            assert.equal((await send({ name: 'No end' })).status, 422, 'the admin set a maximum');
            assert.equal((await send({ name: 'Far', last_day: inDays(40) })).status, 422);
            assert.equal((await send({ name: 'Past', last_day: inDays(-1) })).status, 422);
            assert.equal((await send({ name: 'More', last_day: inDays(3), scopes: 'portico.admin' })).status, 403, 'nobody gives what they lack');
            await letItGetLate(portal, handle);
            assert.equal((await send({ name: 'Late', last_day: inDays(3) })).status, 403);
            assert.match((await browser.get('/account/tokens/new')).headers.get('location'), /^\/account\/again\?next=/);
        });

        test('it may what was chosen and is still held, without a form token', async () => {
            const { handle, browser } = await somebody();
            await people(portal, 'roles', handle, 'admin', '');
            await until(async () => (await browser.get('/admin')).status === 200, { ...WITHIN, what: 'the role' });
            const page = await browser.get('/account/tokens/new');
            assert.match(page.text, /name="scope-portico\.admin"/);
            const [narrow, wide] = [await makeToken(browser), await makeToken(browser, { 'scope-portico.audit': '1' })];
            for (const token of [narrow, wide])
                assert.equal((await use(token)).status, 200);
            assert.match(textOf((await browser.get('/account/tokens')).text), /May: Read the audit log\./);
        });

        test('what ends it ends it everywhere, with the streams it opened', async () => {
            const { handle, browser } = await somebody();
            const token = await makeToken(browser);
            const stream = await listen(portal, 'watch=portal.portico.person', { Authorization: `Bearer ${token}` });
            assert.equal(stream.status, 200, stream.text);
            await isReady(stream);
            const [, id] = /name="id" value="(\d+)"/.exec((await browser.get('/account/tokens')).text);
            assert.equal((await browser.post('/account/tokens/revoke', { id })).headers.get('location'), '/account/tokens?saved=revoked');
            await until(() => stream.ended, { ...WITHIN, what: 'the stream to end' });
            await isOver(token);
            const disabled = await makeToken(browser);
            await people(portal, 'disable', handle, '');
            await isOver(disabled);
        });

        test('a password set anew revokes all, and leaving its company ends one', async () => {
            const { handle, browser } = await somebody();
            const token = await makeToken(browser);
            await people(portal, 'password', handle, 'rain on seven roofs');
            await isOver(token);
            const other = await somebody();
            const membership = await join(portal, await makeAccount(portal, `Left ${number}`), other.handle);
            await until(async () => JSON.parse((await other.browser.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).text).active, { ...WITHIN, what: 'the account' });
            const theirs = await makeToken(other.browser);
            assert.equal((await use(theirs)).status, 200);
            await leave(portal, membership);
            await isOver(theirs);
        });

        test('a token ends with the membership or delegation it was made under, whatever begins later', async () => {
            const acts = (browser, account) => until(async () => JSON.parse((await browser.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).text).id === account, { ...WITHIN, what: 'the account' });
            const said = async (...words) => assert.equal((await portal.cli(...words)).code, 0, words.join(' '));
            const { handle, browser } = await somebody();
            const name = `Back ${number}`, account = await makeAccount(portal, name);
            const membership = await join(portal, account, handle);
            await acts(browser, account);
            const before = await makeToken(browser);
            await leave(portal, membership);
            await isOver(before);
            assert.match(textOf((await browser.get('/account/tokens')).text), /Over/);
            await join(portal, account, handle);
            await acts(browser, account);
            const now = await makeToken(browser);
            assert.equal((await use(now)).status, 200);
            assert.equal((await use(before)).status, 401, 'what it stood on is gone');
            const partner = `Agents ${number}`, agents = await makeAccount(portal, partner), agent = await somebody();
            await said('account', 'kind', partner, 'partner');
            await join(portal, agents, agent.handle, 'account-admin');
            const lend = async () => {
                await said('account', 'delegate', name, partner, 'account-member', '--until', inDays(30), '--reason', 'Tickets.', '--accepted');
                await until(async () => (await agent.browser.post('/account/switch', { account })).status === 303 && JSON.parse((await agent.browser.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).text).id === account, { ...WITHIN, what: 'the way in' });
            };
            await lend();
            const lent = await makeToken(agent.browser);
            assert.equal((await use(lent)).status, 200);
            await said('account', 'undelegate', name, partner);
            await isOver(lent);
            await lend();
            assert.equal((await use(await makeToken(agent.browser))).status, 200);
            assert.equal((await use(lent)).status, 401, 'the delegation it stood on is gone');
        });

        test('a role that needs a second factor closes a token made without one', async () => {
            const { handle, browser } = await somebody();
            const account = await makeAccount(portal, `Stepped ${number}`);
            await join(portal, account, handle);
            await until(async () => JSON.parse((await browser.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).text).id === account, { ...WITHIN, what: 'the account' });
            const token = await makeToken(browser);
            assert.equal((await use(token)).status, 200);
            await people(portal, 'roles', handle, 'moderator', '');
            const refused = await until(async () => {
                const answer = await use(token);
                return answer.status === 403 && answer;
            }, { ...WITHIN, what: 'the step to be due' });
            assert.equal(JSON.parse(refused.text).title, 'A second step is needed');
        });

        test('staff see and revoke a token, on the page and by command', async () => {
            const { handle, browser } = await somebody();
            const [first, second] = [await makeToken(browser), await makeToken(browser, { name: 'Second' })];
            const admin = await signIn(portal, 'ann', 'admin');
            const path = /\/admin\/people\/\d+/.exec((await admin.get(`/admin/people?q=${handle}`)).text)[0];
            const page = await admin.get(path);
            assert.match(textOf(page.text), /Access tokens .*Second/);
            const id = /name="token" value="(\d+)"/.exec(page.text)[1];
            assert.match((await admin.post(path, { act: 'token', token: id })).headers.get('location'), /saved=token/);
            await isOver(second);
            assert.match(await command('list', handle), /Ledger/);
            const [{ id: left }] = (await command('list', handle, '--json')).trim().split('\n').map((line) => JSON.parse(line));
            assert.match(await command('revoke', String(left)), /is revoked/);
            await isOver(first);
        });

        test('tokens that are none are refused alike, and after some the network waits', async () => {
            const { browser } = await somebody();
            const token = await makeToken(browser);
            const guess = (i) => `ptk_${'A'.repeat(40)}${String(i).padStart(3, '0')}`;
            const first = await use(guess(0));
            assert.equal(first.status, 401);
            assert.equal(first.headers.get('www-authenticate'), 'Bearer error="invalid_token"');
            assert.equal(first.headers.get('content-type'), 'application/problem+json');
            let last;
            for (let i = 1; i < 100 && last?.status !== 429; i++)
                last = await use(guess(i));
            assert.equal(last.status, 429);
            assert.equal((await use(token)).status, 200, 'those that are one work on');
        });
    });
