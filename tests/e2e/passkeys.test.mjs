/* Passkeys: adding them, signing in with one alone or as the second step, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { makePasskey } from '../lib/passkey.mjs';
import { letItGetLate, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';

const challengeOf = (page) => /data-challenge="([^"]+)"/.exec(page.text)?.[1];

/** Opens a page and sends what the passkey makes of its challenge to `action`. */
async function use(browser, page, action, passkey, more) {
    const challenge = challengeOf(await browser.get(page));
    return browser.post(action, { ...passkey.get(challenge, more), next: '/account' });
}
const enter = (browser, passkey, more) => use(browser, '/login?next=/account', '/login/passkey', passkey, more);
const REFUSED = '/login?next=/account&passkey=refused';

for (const database of ['sqlite', 'postgresql'])
    describe(`passkeys (${database})`, () => {
        let portal, number = 0;
        before(async () => {
            portal = await startPortal({ database });
        });
        after(() => portal?.close());

        async function add(person, passkey, more) {
            const page = await person.get('/account/security/passkey');
            return person.submit(page, { name: 'My key', ...passkey.create(challengeOf(page), more) }, 'form-passkey');
        }
        /** Somebody new with a password and a passkey. */
        async function owner(kind) {
            const handle = `mara${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const person = await signIn(portal, handle), passkey = makePasskey(portal.url, kind);
            const added = await add(person, passkey);
            assert.equal(added.status, 200, textOf(added.text));
            return { handle, person, passkey, codes: [...added.text.matchAll(/<li><code>([a-z1-9-]{11})<\/code>/g)].map(([, code]) => code) };
        }

        for (const kind of ['es256', 'eddsa', 'rs256'])
            test(`a passkey (${kind}) signs in without name and password`, async () => {
                const { passkey, codes } = await owner(kind);
                assert.equal(codes.length, 10);
                const browser = visitor(portal);
                const done = await enter(browser, passkey);
                assert.equal(done.headers.get('location'), '/account');
                const page = await browser.get('/account/security');
                assert.match(textOf(page.text), /My key Passkey, since/);
            });

        test('beside the password it is the second step', async () => {
            const { handle, passkey, codes } = await owner();
            const browser = visitor(portal);
            const asked = await browser.submit('/login', { name: handle, password: PASSWORD });
            assert.equal(asked.headers.get('location'), '/login/second?next=/');
            assert.match(textOf((await browser.get('/login/second')).text), /Use your passkey, or type one of your recovery codes/);
            const stranger = (await owner()).passkey;
            assert.match((await use(browser, '/login/second', '/login/second/passkey', stranger)).headers.get('location'), /passkey=refused/);
            assert.equal((await use(browser, '/login/second', '/login/second/passkey', passkey)).headers.get('location'), '/account');
            assert.equal((await browser.get('/account')).status, 200);
            const other = visitor(portal);
            await other.submit('/login', { name: handle, password: PASSWORD });
            assert.equal((await other.submit('/login/second', { code: codes[0] })).headers.get('location'), '/');
        });

        test('it proves again that it is still oneself', async () => {
            const { handle, passkey } = await owner();
            const browser = visitor(portal);
            await enter(browser, passkey);
            await letItGetLate(portal, handle);
            assert.equal((await browser.get('/account/security/passkey')).headers.get('location'), '/account/again?next=/account/security/passkey');
            assert.equal((await use(browser, '/account/again', '/account/again/passkey', passkey)).headers.get('location'), '/account');
            assert.equal((await browser.get('/account/security/passkey')).status, 200);
        });

        test('what one browser was asked opens nothing in another that says it is the same', async () => {
            const { passkey } = await owner();
            const [asked, other] = [visitor(portal), visitor(portal)];
            const challenge = challengeOf(await asked.get('/login?next=/account'));
            await other.get('/login');
            const sent = () => ({ ...passkey.get(challenge), next: '/account' });
            assert.equal((await other.post('/login/passkey', sent())).headers.get('location'), REFUSED);
            assert.equal(other.jar.get('portico'), undefined);
            assert.equal((await asked.post('/login/passkey', sent())).headers.get('location'), '/account');
        });

        test('who comes in by a passkey is known on that device, once', async () => {
            const { passkey } = await owner();
            const browser = visitor(portal);
            await enter(browser, passkey);
            const device = browser.jar.get('portico-device');
            await browser.post('/logout');
            await enter(browser, passkey);
            assert.equal(browser.jar.get('portico-device'), device);
        });

        test('what was signed once is not taken twice, nor for something else, nor from elsewhere', async () => {
            const { handle, passkey } = await owner();
            const browser = visitor(portal);
            const challenge = challengeOf(await browser.get('/login'));
            const signed = { ...passkey.get(challenge), next: '/account' };
            assert.equal((await browser.post('/login/passkey', signed)).headers.get('location'), '/account');
            await browser.post('/logout');
            assert.equal((await browser.post('/login/passkey', signed)).headers.get('location'), REFUSED, 'the same again');
            await browser.get('/login');
            assert.equal((await browser.post('/login/passkey', { ...passkey.get(challenge), next: '/account' })).headers.get('location'), REFUSED, 'the same challenge');
            const halfway = visitor(portal);
            await halfway.submit('/login', { name: handle, password: PASSWORD });
            assert.equal((await halfway.post('/login/second/passkey', { ...passkey.get(challengeOf(await halfway.get('/login'))), next: '/account' })).headers.get('location'),
                '/login/second?next=/account&passkey=refused', 'a challenge for entering');
            for (const more of [
                { origin: 'https://portal.example.org' }, { crossOrigin: true }, { flags: 1 }, { flags: 4 }, { party: 'elsewhere.example' }, { count: 1 },
            ])
                assert.equal((await enter(visitor(portal), passkey, more)).headers.get('location'), REFUSED, JSON.stringify(more));
            assert.equal((await enter(visitor(portal), { get: (one) => ({ ...passkey.get(one), signature: 'AAAA' }) })).headers.get('location'), REFUSED);
            assert.equal((await enter(visitor(portal), passkey)).headers.get('location'), '/account', 'and it still works');
        });

        test('many that send the same at once: one is let in', async () => {
            const { passkey } = await owner();
            const browser = visitor(portal);
            const signed = { ...passkey.get(challengeOf(await browser.get('/login'))), next: '/account' };
            const answers = await Promise.all(Array.from({ length: 5 }, () => visitor(portal, Object.fromEntries(browser.jar)).post('/login/passkey', signed)));
            assert.deepEqual(answers.map(({ headers }) => headers.get('location')).sort(), ['/account', REFUSED, REFUSED, REFUSED, REFUSED]);
        });

        test('one that is unknown, removed, or of somebody switched off hears the same', async () => {
            const { handle, person, passkey } = await owner();
            assert.equal((await enter(visitor(portal), makePasskey(portal.url))).headers.get('location'), REFUSED);
            await people(portal, 'disable', (await owner()).handle);
            const off = await owner();
            await people(portal, 'disable', off.handle);
            assert.equal((await enter(visitor(portal), off.passkey)).headers.get('location'), REFUSED);
            const id = /name="id" value="(\d+)" aria-label="Remove the passkey My key"/.exec((await person.get('/account/security')).text)[1];
            const thief = await signIn(portal, 'thief');
            assert.equal((await thief.post('/account/security/passkey/remove', { id })).status, 404);
            assert.equal((await person.post('/account/security/passkey/remove', { id })).headers.get('location'), '/account/security?saved=passkey-removed');
            assert.equal((await enter(visitor(portal), passkey)).headers.get('location'), REFUSED);
            assert.equal((await visitor(portal).submit('/login', { name: handle, password: PASSWORD })).headers.get('location'), '/', 'and no second step is left');
        });

        test('only a whole one of this portal is added, and once', async () => {
            const { person, passkey } = await owner();
            for (const [more, words] of [
                [{ origin: 'https://elsewhere.example' }, /was not made, or too late/], [{ party: 'elsewhere.example' }, /was not made, or too late/],
                [{ flags: 65 }, /was not made, or too late/], [{ flags: 5 }, /was not made, or too late/], [{}, /set up already/],
            ]) {
                const refused = await add(person, more.flags || more.origin || more.party ? makePasskey(portal.url) : passkey, more);
                assert.equal(refused.status, 422);
                assert.match(textOf(refused.text), words, JSON.stringify(more));
            }
        });
    });
