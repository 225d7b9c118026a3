/* Modules that have a say in signing in: one that knows other passwords, and one that asks one thing more. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { makePasskey } from '../lib/passkey.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { letterOf, makeAccount, makePerson, ownDomain, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const modules = (settings = {}) => ({ gatekeeper: { path: path.join(buildDirectory(), 'tests/modules/gatekeeper'), ...settings } });
const WRONG = /This name and this password do not belong together/;
const SHUT = /asked about each sign-in does not answer, so nobody is let in/;
const to = (answer) => answer.headers.get('location');
const log = async (portal, ...words) => (await portal.cli('audit', 'list', ...words)).stdout;

for (const database of ['sqlite', 'postgresql']) {
    describe(`a verifier (${database})`, () => {
        let portal;
        before(async () => {
            portal = await startPortal({ database, modules: modules(), settings: { server: { workers: 1 }, sign_in: { verifiers: 'gatekeeper.people', ask_time: '1s', guesses: 4 } } });
        });
        after(() => portal?.close());
        const knock = (browser, name, password = 'good') => browser.submit('/login', { name, password });

        test('lets in whom the directory knows, and makes a person of them once', async () => {
            const first = visitor(portal), second = visitor(portal);
            assert.equal(to(await knock(first, 'nora')), '/');
            assert.match(textOf((await first.get('/account')).text), /Somebody Elsewhere/);
            assert.equal(to(await knock(second, 'nora/other')), '/', 'another name of the same');
            assert.equal((await log(portal)).match(/person\.made/g).length, 1);
        });

        test('brings nobody to a person of the portal by name or address', async () => {
            await makePerson(portal, { handle: 'vic', address: 'vic@example.com', password: true });
            const browser = visitor(portal);
            assert.equal(to(await knock(browser, 'vic')), '/');
            assert.match(textOf((await browser.get('/account')).text), /Somebody Elsewhere/, 'the directory has its own vic');
            const own = visitor(portal);
            assert.equal(to(await knock(own, 'vic', PASSWORD)), '/');
            assert.doesNotMatch(textOf((await own.get('/account')).text), /Somebody Elsewhere/);
        });

        test('its wrong password, an unknown name and an empty password hear the same', async () => {
            const said = [];
            for (const [name, password] of [['wanda', 'bad'], ['nobody1', 'bad'], ['wanda', '\u200b']]) {
                const refused = await knock(visitor(portal), name, password);
                assert.equal(refused.status, 422);
                said.push(textOf(refused.text));
            }
            assert.match(said[0], WRONG);
            assert.equal(said[1].replace('nobody1', 'wanda'), said[0]);
            assert.match(await log(portal), /session\.refused/);
        });

        test('somebody who is switched off is refused like a wrong password', async () => {
            const browser = visitor(portal);
            assert.equal(to(await knock(browser, 'olga')), '/');
            assert.equal((await portal.cli('user', 'disable', 'external:gatekeeper:olga')).code, 0);
            const refused = await knock(visitor(portal), 'olga');
            assert.equal(refused.status, 422);
            assert.match(textOf(refused.text), WRONG);
            assert.notEqual((await browser.get('/account')).status, 200);
        });

        test('guesses under all names of one person count together; the known device still gets in', async () => {
            const known = visitor(portal);
            assert.equal(to(await knock(known, 'gus')), '/');
            for (let i = 0; i < 4; i++)
                assert.match(textOf((await knock(visitor(portal), `gus/${i}`, 'bad')).text), WRONG);
            assert.match(textOf((await knock(visitor(portal), 'gus/9')).text), WRONG, 'the right password under a fresh name is not told');
            await known.post('/logout');
            assert.equal(to(await knock(known, 'gus')), '/');
        });

        test('one that hangs, fails, answers nonsense or says yes to nobody lets nobody in, and who has a password here comes in', async () => {
            for (const name of ['hang', 'fail', 'nonsense', 'whoever']) {
                const browser = visitor(portal);
                const refused = await knock(browser, name);
                assert.equal(refused.status, 503, name);
                assert.equal(browser.jar.get('portico'), undefined);
            }
            assert.match(await log(portal), /module failed/);
            await until(() => portal.lines().some(({ message }) => /did not return within/.test(message)), { what: 'the log to say so' });
            await makePerson(portal, { handle: 'ann', address: 'ann@example.com', password: true });
            assert.equal(to(await knock(visitor(portal), 'ann', PASSWORD)), '/');
        });

        test('one that crashes is named, and taken out when it does so again and again', async () => {
            for (let i = 0; i < 5; i++) {
                await knock(visitor(portal), `crash${i}`).catch(() => undefined);
                await until(async () => (await portal.get('/healthz').catch(() => ({}))).status === 200, { within: 60_000, what: 'a new worker' });
            }
            await until(() => portal.lines().some(({ message }) => /gatekeeper method gatekeeper\.people\/verify/.test(message)), { what: 'the log to name it' });
            await until(async () => (await knock(visitor(portal), 'nora')).status === 503, { within: 60_000, what: 'the method to be taken out' });
            assert.equal(to(await knock(visitor(portal), 'ann', PASSWORD)), '/');
        });
    });

    describe(`a further step (${database})`, () => {
        let portal, number = 0;
        before(async () => {
            portal = await startPortal({ database, modules: modules(), settings: { sign_in: { verifiers: 'gatekeeper.people', steps: 'gatekeeper.word', ask_time: '1s' } } });
        });
        after(() => portal?.close());
        const MORE = '/login/more?next=/account';

        async function person() {
            const handle = `mara${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            return handle;
        }
        async function isAsked(browser, answer) {
            assert.equal(to(answer), MORE);
            assert.notEqual((await browser.get('/account')).status, 200, 'nobody is signed in');
            const page = await browser.get(MORE);
            assert.match(textOf(page.text), /The word of the day Whoever comes in says it/);
            const done = await browser.submit(page, { word: 'sesame' });
            assert.equal(to(done), MORE);
            assert.equal(to(await browser.follow(done)), '/account');
            assert.equal((await browser.get('/account')).status, 200);
        }

        test('is passed with values that its module does not declare, which are left out as a decorator\'s are', async () => {
            const browser = visitor(portal);
            await browser.submit('/login?next=/account', { name: await person(), password: PASSWORD });
            const done = await browser.submit(MORE, { word: 'sesame with a chair' });
            assert.equal(to(done), MORE);
            assert.equal(to(await browser.follow(done)), '/account');
            await until(() => portal.lines().some(({ message }) => /"chair" is not in \.session_values of module gatekeeper/.test(message)), { what: 'the log to say which' });
        });

        test('stands behind the password, says what is wrong, and lets nobody by', async () => {
            const handle = await person(), browser = visitor(portal);
            const asked = await browser.submit('/login?next=/account', { name: handle, password: PASSWORD });
            const wrong = await browser.submit(MORE, { word: 'abracadabra' });
            assert.equal(wrong.status, 422);
            assert.match(textOf(wrong.text), /That is not the word of the day/);
            assert.equal((await browser.submit(MORE, { word: '' })).status, 422);
            await isAsked(browser, asked);
            assert.match(to(await browser.get(MORE)), /^\/login\?/, 'it is over');
        });

        test('stands behind a directory, a passkey, a second factor and a link as well', async () => {
            const elsewhere = visitor(portal);
            await isAsked(elsewhere, await elsewhere.submit('/login?next=/account', { name: 'pia', password: 'good' }));

            const handle = await person(), owner = await signIn(portal, handle), passkey = makePasskey(portal.url);
            const challenge = async (browser, page) => /data-challenge="([^"]+)"/.exec((await browser.get(page)).text)?.[1];
            const added = await owner.submit(await owner.get('/account/security/passkey'), { name: 'Key', ...passkey.create(await challenge(owner, '/account/security/passkey')) }, 'form-passkey');
            assert.equal(added.status, 200, textOf(added.text));
            const codes = [...added.text.matchAll(/<li><code>([a-z1-9-]{11})<\/code>/g)].map(([, code]) => code);
            const alone = visitor(portal);
            await isAsked(alone, await alone.post('/login/passkey', { ...passkey.get(await challenge(alone, '/login?next=/account')), next: '/account' }));

            const second = visitor(portal);
            await second.submit('/login?next=/account', { name: handle, password: PASSWORD });
            assert.notEqual((await second.get(MORE)).status, 200, 'the second factor comes first');
            await second.submit('/login?next=/account', { name: handle, password: PASSWORD });
            await isAsked(second, await second.submit('/login/second?next=/account', { code: codes[0] }));

            const { stdout } = await portal.cli('user', 'add', 'New One', '--mail', 'new@example.com', '--invite');
            const invited = visitor(portal);
            const link = /\/account\/link\/\S+/.exec(stdout)[0];
            const asked = await invited.submit(link, { password: 'a rather long new passphrase', name: 'New One' });
            assert.equal(to(asked), '/login/more?next=/');
            assert.notEqual((await invited.get('/account')).status, 200);
        });

        test('a step that hangs, fails or answers nonsense lets nobody in', async () => {
            const handle = await person();
            for (const word of ['hang', 'fail', 'nonsense']) {
                const browser = visitor(portal);
                await browser.submit('/login?next=/account', { name: handle, password: PASSWORD });
                const refused = await browser.submit(MORE, { word });
                assert.equal(refused.status, 503, word);
                assert.match(textOf(refused.text), SHUT);
                assert.equal(browser.jar.get('portico'), undefined);
            }
            assert.match(await log(portal), /session\.refused.*module failed|module failed/s);
        });

        test('what belongs to one browser opens nothing in another, and tries are limited', async () => {
            const handle = await person(), browser = visitor(portal);
            await browser.submit('/login?next=/account', { name: handle, password: PASSWORD });
            const thief = visitor(portal, { 'portico-step': browser.jar.get('portico-step') ?? '' });
            assert.match(to(await thief.get(MORE)), /^\/login\?/);
            let last;
            for (let i = 0; i < 21; i++)
                last = await browser.submit(MORE, { word: 'abracadabra' });
            assert.match(textOf(last.text), /Too many tries/);
            assert.match(textOf((await browser.submit(MORE, { word: 'sesame' })).text), /Too many tries/);
        });
    });

    describe(`whom a module keeps out (${database})`, () => {
        let portal, codes, passkey;
        const WORDS = 'The house is closed today.', MORE = '/login/more?next=/account', GUESSES = 4;
        const challenge = async (browser, page) => /data-challenge="([^"]+)"/.exec((await browser.get(page)).text)?.[1];
        const rules = (steps) => `[sign_in]\nguesses = ${GUESSES}\n${steps ? `steps = ${steps}\n` : ''}`;
        const again = async (settings, steps) => {
            await portal.stop();
            portal.writeConfig(modules(settings), rules(steps));
            await portal.start();
        };
        const isShut = (answer) => {
            assert.equal(answer.status, 403, textOf(answer.text));
            assert.match(textOf(answer.text), /The house is closed today\./);
        };
        const many = async (turn) => {
            for (let i = 0; i < 2 * GUESSES; i++)
                isShut(await turn());
        };

        before(async () => {
            portal = await startPortal({ database, modules: modules(), config: rules() });
            for (const handle of ['ada', 'mara'])
                await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const owner = await signIn(portal, 'ada');
            passkey = makePasskey(portal.url);
            const added = await owner.submit(await owner.get('/account/security/passkey'), { name: 'Key', ...passkey.create(await challenge(owner, '/account/security/passkey')) }, 'form-passkey');
            codes = [...added.text.matchAll(/<li><code>([a-z1-9-]{11})<\/code>/g)].map(([, code]) => code);
            assert.ok(codes.length > 1, textOf(added.text));
        });
        after(() => portal?.close());

        test('loses no try for what they answered right: password, code or passkey', async () => {
            await again({ door: WORDS });
            const home = visitor(portal);
            await many(() => home.submit('/login', { name: 'mara', password: PASSWORD }));
            const second = visitor(portal);
            await second.submit('/login?next=/account', { name: 'ada', password: PASSWORD });
            await many(() => second.submit('/login/second?next=/account', { code: codes[0] }));
            const alone = visitor(portal);
            for (let i = 0; i < 2; i++)
                isShut(await alone.post('/login/passkey', { ...passkey.get(await challenge(alone, '/login?next=/account')), next: '/account' }));
            assert.match(await log(portal), /session\.refused/);
            /* What is wrong is counted as ever. */
            for (let i = 0; i < GUESSES; i++)
                assert.equal((await second.submit('/login/second?next=/account', { code: 'aaaaa-aaaaa' })).status, 422);
            assert.match(textOf((await second.submit('/login/second?next=/account', { code: codes[0] })).text), /Too many tries/);
            /* Refusing somebody again and again fills no log. */
            const refusals = async () => (await log(portal, '--kind', 'session.refused')).match(/session\.refused/g).length;
            for (let i = 0; i < 24; i++)
                isShut(await home.submit('/login', { name: 'mara', password: PASSWORD }));
            assert.equal(await refusals(), 20, 'of one network in an hour');
            await again({});
            assert.equal(to(await home.submit('/login', { name: 'mara', password: PASSWORD })), '/');
        });

        test('loses none at a further step either; what is wrong there, or fails, is counted', async () => {
            await again({ door: WORDS }, 'gatekeeper.word');
            const browser = visitor(portal);
            await browser.submit('/login?next=/account', { name: 'mara', password: PASSWORD });
            assert.equal(to(await browser.submit(MORE, { word: 'sesame' })), MORE);
            await many(() => browser.get(MORE));
            const guesser = visitor(portal);
            await guesser.submit('/login?next=/account', { name: 'mara', password: PASSWORD });
            for (let i = 0; i < GUESSES; i++)
                assert.equal((await guesser.submit(MORE, { word: 'abracadabra' })).status, 422);
            assert.match(textOf((await guesser.submit(MORE, { word: 'sesame' })).text), /Too many tries/);
            await again({ door: 'fail' }, 'gatekeeper.word');
            for (let i = 0; i < GUESSES; i++)
                assert.equal((await browser.get(MORE)).status, 503);
            assert.equal((await browser.get(MORE)).status, 429);
        });
    });

    for (const how of ['hang', 'fail', 'nonsense', 'formless'])
        test(`a step that cannot say whether it is due lets nobody in: ${how} (${database})`, async (t) => {
            const portal = await startPortal({ database, modules: modules({ step: how }), settings: { sign_in: { steps: 'gatekeeper.word', ask_time: '500ms' } } });
            t.after(() => portal.close());
            await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
            const browser = visitor(portal);
            const asked = await browser.submit('/login', { name: 'mara', password: PASSWORD });
            const refused = await browser.follow(asked);
            assert.equal(refused.status, 503);
            assert.match(textOf(refused.text), SHUT);
        });

    test(`where nothing is due nobody sees a page (${database})`, async (t) => {
        const portal = await startPortal({ database, modules: modules({ step: 'none' }), settings: { sign_in: { steps: 'gatekeeper.word' } } });
        t.after(() => portal.close());
        await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
        const browser = visitor(portal);
        const asked = await browser.submit('/login', { name: 'mara', password: PASSWORD });
        assert.equal(to(await browser.follow(asked)), '/');
        assert.equal((await browser.get('/account')).status, 200);
    });
}

test('a module that refuses a joining by domain undoes all of it, and the link is as good as before', async (t) => {
    const smtp = await startSmtp();
    t.after(() => smtp.close());
    const portal = await startPortal({
        modules: modules({ joining: 'The mill takes nobody in today.' }),
        settings: { sign_in: { sign_up: 'domain' }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
    });
    t.after(() => portal.close());
    await ownDomain(portal, await makeAccount(portal, 'Mill'), 'mill.example', { approval: false });
    const ida = visitor(portal);
    await ida.submit('/account/join', { name: 'Ida', address: 'ida@mill.example' }, 'join');
    const letter = await until(() => smtp.messages.length && letterOf(portal, smtp.messages[0]), { within: 60_000, what: 'the letter' });
    for (let i = 0; i < 2; i++) {
        const refused = await ida.submit(letter.link, { password: 'three blue kettles' }, 'password');
        assert.equal(refused.status, 403);
        assert.match(textOf(refused.text), /You did not join The mill takes nobody in today\./);
    }
    assert.doesNotMatch((await portal.cli('audit', 'list')).stdout, /membership\.made|password\.reset/);
});

test('a service that nobody offers is refused before a portal begins', async (t) => {
    const portal = await startPortal({ start: false, modules: modules(), settings: { sign_in: { verifiers: 'gatekeeper.word', steps: 'nobody.there' } } });
    t.after(() => portal.close());
    const { code, stdout, stderr } = await portal.cli('check');
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /offers the service gatekeeper\.word with the method verify/);
    assert.match(stdout + stderr, /offers the service nobody\.there with the method ask/);
});
