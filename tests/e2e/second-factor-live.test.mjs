/* A role that needs a second factor, given to somebody who is signed in without one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { isReady, listen } from '../lib/live.mjs';
import { join, makeAccount, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { codeOf } from '../lib/totp.mjs';
import { until } from '../lib/wait.mjs';

const keyOf = (page) => textOf(/<code class="key">(.*?)<\/code>/s.exec(page.text)[1]).replace(/ /g, '');
const codesOf = (page) => [...page.text.matchAll(/<li><code>([a-z1-9-]{11})<\/code>/g)].map(([, code]) => code);
const STEP = '/login/step?next=/account';

for (const database of ['sqlite', 'postgresql'])
    describe(`a second factor needed from now on (${database})`, () => {
        let portal, number = 0;
        before(async () => {
            portal = await startPortal({ database, settings: { server: { workers: 2 }, sign_in: { second_factor: 'moderator account-admin' } } });
        });
        after(() => portal?.close());

        /** Somebody signed in with a password alone. */
        async function signedIn() {
            const handle = `nora${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const browser = visitor(portal);
            assert.equal((await browser.submit('/login', { name: handle, password: PASSWORD })).headers.get('location'), '/');
            assert.equal((await browser.get('/account')).status, 200);
            return { handle, browser };
        }
        const isStopped = (browser) => until(async () => {
            const answer = await browser.get('/account');
            return answer.headers.get('location') === STEP && answer;
        }, { within: 60_000, what: 'the step to be asked for' });

        test('the next request of the session leads to setting one up, and nothing else opens', async () => {
            const { handle, browser } = await signedIn();
            const stream = await listen(portal, 'watch=portal.portico.person', { Cookie: `portico=${browser.jar.get('portico')}` });
            await isReady(stream);
            await people(portal, 'roles', handle, 'moderator', '');
            await isStopped(browser);
            await until(() => stream.ended, { within: 60_000, what: 'the stream to end' });
            /* A worker trusts for half a second what it read of a session. */
            await until(async () => {
                for (let i = 0; i < 12; i++)
                    assert.equal((await browser.get('/account', { headers: { Connection: 'close' } })).headers.get('location'), STEP);
                return true;
            }, { within: 60_000, what: 'each worker to stop it' });
            for (const path of ['/', '/search?q=a', '/admin', '/account/security', '/portico/files/1/x', '/nothing/there'])
                assert.match((await browser.get(path)).headers.get('location') ?? '', /^\/login\/step\?next=/, path);
            assert.equal((await browser.post('/account/security/codes')).headers.get('location'), '/login/step?next=/');
            for (const method of ['GET', 'PUT']) {
                const api = await browser.get('/api/portico/v1/account', { method, headers: { 'x-csrf-token': browser.tokenNow(), 'Content-Type': 'application/json' }, body: method === 'PUT' ? '{"id":"1"}' : undefined });
                assert.equal(api.status, 403);
                assert.equal(api.headers.get('content-type'), 'application/problem+json');
                assert.equal(JSON.parse(api.text).title, 'A second step is needed');
            }
            const refused = await listen(portal, 'watch=portal.portico.person', { Cookie: `portico=${browser.jar.get('portico')}`, Accept: 'text/event-stream' });
            assert.equal(refused.status, 403);

            const before = browser.jar.get('portico');
            let asked = await isStopped(browser);
            for (let i = 0; i < 4 && asked.status === 303; i++)
                asked = await browser.follow(asked);
            assert.match(textOf(asked.text), /that needs a second step beside the password/);
            assert.doesNotMatch(textOf(asked.text), /Your password was right/);
            const wrong = await browser.submit(asked, { code: '000000' }, 'enrol');
            assert.equal(wrong.status, 422, textOf(wrong.text));
            assert.equal((await browser.get('/account')).status, 303, 'nothing is open yet');
            const done = await browser.submit(wrong, { code: codeOf(keyOf(wrong)) }, 'enrol');
            assert.equal(codesOf(done).length, 10, textOf(done.text));
            assert.equal((await browser.get('/account')).status, 200);
            assert.notEqual(browser.jar.get('portico'), before);
            const old = visitor(portal, { portico: before });
            await until(async () => (await old.get('/account')).headers.get('location')?.startsWith('/login?'), { within: 60_000, what: 'the session without it to end' });
        });

        test('who has a factor and signed in without it shows it', async () => {
            const { handle, browser } = await signedIn();
            const other = await signIn(portal, handle);
            const page = await other.get('/account/security/app');
            const key = keyOf(page);
            assert.equal((await other.submit(page, { code: codeOf(key) }, 'form-app')).status, 200);
            assert.equal((await browser.get('/account')).status, 200, 'nothing needs it yet');
            await people(portal, 'roles', handle, 'moderator', '');
            let asked = await isStopped(browser);
            assert.equal((await other.get('/account')).status, 200, 'where it was set up it was shown');
            for (let i = 0; i < 4 && asked.status === 303; i++)
                asked = await browser.follow(asked);
            assert.match(asked.text, /You have a role that needs this step/);
            const done = await browser.submit(asked, { code: codeOf(key, 1) }, 'second');
            assert.equal(done.headers.get('location'), '/account');
            assert.equal((await browser.follow(done)).status, 200);
        });

        test('a role in an account needs it as well, and going over to that account does', async () => {
            const { handle, browser } = await signedIn();
            const [plain, strict] = [await makeAccount(portal, `Plain ${number}`), await makeAccount(portal, `Strict ${number}`)];
            await join(portal, plain, handle);
            await join(portal, strict, handle, 'account-admin');
            await browser.post('/account/switch', { account: strict, next: '/account' });
            const asked = await isStopped(browser);
            assert.match((await browser.follow(asked)).headers.get('location'), /^\/login\/(step|enrol)\?/);
        });

        test('`why` says what the door does, and why', async () => {
            const { handle, browser } = await signedIn();
            const harbour = await makeAccount(portal, `Harbour ${number}`);
            await join(portal, harbour, handle, 'account-admin');
            const why = async (path) => {
                const { stdout, stderr, code } = await portal.cli('why', '--json', '--person', handle, '--account', harbour, '--route', path);
                assert.equal(code, 0, stderr);
                return JSON.parse(stdout.trim().split('\n').at(-1));
            };
            const words = ({ reasons }) => reasons.map(({ good, text }) => `${good ? '+' : '-'} ${text}`).join('\n');
            await browser.post('/account/switch', { account: harbour, next: '/account' });
            await isStopped(browser);
            for (const path of ['/account', '/account/company', '/account/notices', '/login']) {
                const opens = (await browser.get(path)).headers.get('location')?.startsWith('/login/step') !== true;
                assert.equal((await why(path)).yes, opens, path);
            }
            assert.match(words(await why('/account/company')), new RegExp(`\\+ A second factor is asked for by Account admin\\.\n- ${handle} has none, and sets one up before anything opens\\.`));
            assert.deepEqual((await why('/account/company')).givers, []);
            const other = await signIn(portal, 'root', 'admin');
            const page = await other.get(`/admin/why?person=${handle}&account=${harbour}&what=/account/company`);
            assert.match(textOf(page.text), / No .*A second factor is asked for by Account admin\. \S+ has none, and sets one up/);
        });

        test('one may sign out instead', async () => {
            const { handle, browser } = await signedIn();
            await people(portal, 'roles', handle, 'moderator', '');
            let asked = await isStopped(browser);
            for (let i = 0; i < 4 && asked.status === 303; i++)
                asked = await browser.follow(asked);
            const left = await browser.submit(asked, {}, '/logout');
            assert.equal(left.headers.get('location'), '/');
            assert.equal(browser.jar.get('portico'), undefined);
            assert.equal((await browser.get('/account')).headers.get('location'), '/login?next=/account');
        });
    });
