/* Sessions: nobody gets one by planting it, and what is revoked is so on every worker within a second. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { cookiesOf, people, signIn } from '../lib/signed.mjs';
import { until } from '../lib/wait.mjs';

const modules = { desk: { path: path.join(buildDirectory(), 'examples/desk') } };
const isSignedIn = (answer) => answer.text.includes('name="portico_token"') && answer.text.includes('class="face"');

/* Answers to several fresh connections at once, and so in all likelihood of each worker. */
const answers = (portal, cookie) => Promise.all(Array.from({ length: 8 }, () =>
    portal.get('/desk/1', { headers: { Cookie: cookie, Connection: 'close' } })));
const everywhere = async (portal, cookie) => (await answers(portal, cookie)).map(isSignedIn);

/* What takes a session's cookie away. */
function isCleared(answer) {
    const gone = cookiesOf(answer).portico;
    return answer.status === 200 && gone?.value === '' && gone.attributes.includes('Max-Age=0');
}

for (const database of ['sqlite', 'postgresql'])
    test(`a session on two workers (${database})`, async (t) => {
        const portal = await startPortal({ database, modules, settings: { server: { workers: 2 } } });
        t.after(() => portal.close());
        await signIn(portal, 'chief', 'admin');

        await t.test('is known to both', async () => {
            const mara = await signIn(portal, 'mara');
            assert.ok((await everywhere(portal, mara.cookie)).every(Boolean));
        });

        const ends = {
            'sign-out': (person) => people(portal, 'end', person.secret),
            'a changed password': (person) => people(portal, 'password', person.handle),
            'its person is disabled': (person) => people(portal, 'disable', person.handle),
        };
        for (const [what, end] of Object.entries(ends))
            await t.test(`is over on both after ${what}`, async () => {
                const handle = `p${what.length}.${database}`;
                const person = { handle, ...(await signIn(portal, handle)) };
                assert.ok((await everywhere(portal, person.cookie)).every(Boolean));
                await end(person);
                const ended = Date.now();
                await until(async () => (await answers(portal, person.cookie)).every((answer) => !isSignedIn(answer) && isCleared(answer)),
                    { what: 'the session to be over everywhere' });
                t.diagnostic(`${what}: over on each worker after ${Date.now() - ended} ms`);
            });

        await t.test('gets a new secret when roles change, and the old one ends', async () => {
            const person = await signIn(portal, 'ines');
            await people(portal, 'roles', 'ines', 'moderator');
            const fresh = await until(async () =>
                cookiesOf(await portal.get('/desk/1', { headers: { Cookie: person.cookie } })).portico?.value,
            { what: 'the new secret' });
            assert.match(fresh, /^[\w-]{43}$/);
            assert.notEqual(fresh, person.secret);
            assert.ok((await everywhere(portal, `portico=${fresh}`)).every(Boolean));
            await until(async () => (await everywhere(portal, person.cookie)).every((signed) => !signed),
                { within: 60_000, what: 'the old secret to end' });
            assert.ok((await everywhere(portal, `portico=${fresh}`)).every(Boolean));
        });

        await t.test('is not made by who plants its cookie', async () => {
            for (const planted of ['A'.repeat(43), 'x', '', `${'A'.repeat(43)}=`, 'a b', '../..', '%00'.repeat(14) + 'A']) {
                const answer = await portal.get('/desk/1', { headers: { Cookie: `portico=${planted}` } });
                assert.equal(answer.status, 200, planted);
                assert.ok(!isSignedIn(answer), planted);
            }
        });
    });

test('pages of who is signed in are kept for nobody', async (t) => {
    const portal = await startPortal({ modules });
    t.after(() => portal.close());
    const mara = await signIn(portal, 'mara');
    const hers = await mara.get('/desk/1');
    assert.ok(isSignedIn(hers));
    assert.ok(!isSignedIn(await portal.get('/desk/1')));
    assert.ok(isSignedIn(await mara.get('/desk/1')));
});

test('“Sign in” in the bar leads back to the page it stood on, and from pages around signing in to none', async (t) => {
    const portal = await startPortal({ modules });
    t.after(() => portal.close());
    const led = async (target) => /<a class="btn" href="([^"]+)">Sign in<\/a>/.exec((await portal.get(target, { headers: { Accept: 'text/html' } })).text)?.[1];
    assert.equal(await led('/desk/1?a=1&b=%C3%A4'), '/login?next=/desk/1%3Fa%3D1%26b%3D%25C3%25A4');
    assert.equal(await led('/nothing/here'), '/login?next=/nothing/here');
    assert.equal(await led('/desk/1'), '/login?next=/desk/1', 'not that of the page kept before');
    for (const target of ['/login', '/account/forgot', '/account/join', '/portico/language', '/account/link/nonsense'])
        assert.equal(await led(target), '/login', target);
});

test('who must sign in is led to the page for it and back', async (t) => {
    const portal = await startPortal({ modules: { permissions: { path: path.join(buildDirectory(), 'examples/permissions') } } });
    t.after(() => portal.close());
    const answer = await portal.get('/permissions/mine?a=1&b=%C3%A4', { headers: { Accept: 'text/html' } });
    assert.equal(answer.status, 303, answer.text);
    assert.equal(answer.headers.get('location'), '/login?next=/permissions/mine%3Fa%3D1%26b%3D%25C3%25A4');
    const mara = await signIn(portal, 'mara');
    assert.equal((await mara.get('/permissions/mine')).status, 200);
    assert.equal((await mara.get('/permissions/all')).status, 403);
    const program = await portal.get('/permissions/mine', { headers: { Accept: 'application/json' } });
    assert.equal(program.status, 401);
    assert.equal(program.json.status, 401);
});
