/* The second step of signing in: with an app, with recovery codes, needed by a role, and around it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { formsOf, letItGetLate, letterOf, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { codeOf } from '../lib/totp.mjs';
import { until } from '../lib/wait.mjs';

const keyOf = (page) => textOf(/<code class="key">(.*?)<\/code>/s.exec(page.text)[1]).replace(/ /g, '');
const codesOf = (page) => [...page.text.matchAll(/<li><code>([a-z1-9-]{11})<\/code>/g)].map(([, code]) => code);

/** Sets up the app of somebody who is signed in: { key, codes }. */
async function setUp(person) {
    const page = await person.get('/account/security/app');
    const key = keyOf(page);
    const done = await person.submit(page, { code: codeOf(key) }, 'form-app');
    assert.equal(done.status, 200, textOf(done.text));
    return { key, codes: codesOf(done) };
}

for (const database of ['sqlite', 'postgresql'])
    describe(`the second step of signing in (${database})`, () => {
        let portal, smtp, number = 0;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({
                database,
                settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' }, sign_in: { second_factor: 'moderator' } },
            });
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        /** Somebody new with an app: { handle, key, codes, browser }, the browser being at the second step. */
        async function atTheDoor(fields = {}) {
            const handle = `mara${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const one = { handle, ...await setUp(await signIn(portal, handle)), browser: visitor(portal) };
            one.asked = await one.browser.submit('/login', { name: handle, password: PASSWORD, ...fields });
            assert.equal(one.asked.status, 303, textOf(one.asked.text));
            return one;
        }

        test('the password leads to the second step, and a code to where one wanted to go', async () => {
            const one = await atTheDoor({ next: '/account' });
            assert.equal(one.asked.headers.get('location'), '/login/second?next=/account');
            assert.equal(one.browser.jar.get('portico'), undefined);
            const step = one.browser.jar.get('portico-step');
            for (const path of ['/account', '/account/security', '/account/data'])
                assert.equal((await one.browser.get(path)).status, 303, `${path} is not for who is half signed in`);
            assert.equal((await visitor(portal, { portico: step }).get('/account')).status, 303, 'the token of the step is no session');
            const wrong = await one.browser.submit('/login/second?next=/account', { code: '000000' });
            assert.equal(wrong.status, 422);
            assert.match(textOf(wrong.text), /This code is not right/);
            const done = await one.browser.submit('/login/second?next=/account', { code: codeOf(one.key, 1) });
            assert.equal(done.headers.get('location'), '/account');
            assert.equal(one.browser.jar.get('portico-step'), undefined);
            assert.notEqual(one.browser.jar.get('portico'), step);
            assert.equal((await one.browser.follow(done)).status, 200);
        });

        test('a code is used once, also where many send it at the same time', async () => {
            /* Several times: whoever counts tries and whoever gives them back meet in few. */
            for (let turn = 0; turn < 6; turn++) {
                const one = await atTheDoor();
                const browsers = [one.browser, ...Array.from({ length: 4 }, () => visitor(portal))];
                for (const browser of browsers.slice(1))
                    await browser.submit('/login', { name: one.handle, password: PASSWORD });
                const pages = await Promise.all(browsers.map((browser) => browser.get('/login/second')));
                const code = codeOf(one.key, 1);
                const answers = await Promise.all(browsers.map((browser, i) => browser.submit(pages[i], { code })));
                assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422, 422, 422, 422]);
                assert.equal(browsers.filter(({ jar }) => jar.has('portico')).length, 1);
            }
        });

        test('what was half done in one browser is nothing in another', async () => {
            const one = await atTheDoor();
            const thief = visitor(portal, { 'portico-step': one.browser.jar.get('portico-step') });
            const page = await thief.get('/login/second');
            assert.equal(page.headers.get('location'), '/login?next=/&over=1');
            const sent = await visitor(portal, { 'portico-step': one.browser.jar.get('portico-step') })
                .post('/login/second', { portico_form: 'second', code: codeOf(one.key, 1), next: '/' });
            assert.equal(sent.headers.get('location'), '/login?next=/&over=1');
            assert.match(textOf((await thief.follow(page)).text), /sign in once more/);
            assert.equal((await one.browser.submit('/login/second', { code: codeOf(one.key, 1) })).status, 303, 'nor is anything used up');
        });

        test('whoever planted a session before gets nothing of the one that follows', async () => {
            const one = await atTheDoor();
            const planted = await signIn(portal, 'stranger');
            one.browser.jar.set('portico', planted.secret);
            const again = await one.browser.submit('/login/second', { code: codeOf(one.key, 1) });
            assert.equal(again.status, 303);
            if (again.headers.get('location').startsWith('/login'))
                await one.browser.submit('/login', { name: one.handle, password: PASSWORD });
            assert.notEqual(one.browser.jar.get('portico'), planted.secret);
            await until(async () => (await planted.get('/account')).status === 303, { within: 60_000, what: 'the planted session to end' });
        });

        test('who is switched off between the steps does not come in, nor after a change of the password', async () => {
            for (const act of ['disable', 'password']) {
                const one = await atTheDoor();
                const page = await one.browser.get('/login/second');
                await people(portal, act, one.handle, '');
                const refused = await one.browser.submit(page, { code: codeOf(one.key, 1) });
                assert.equal(refused.headers.get('location'), '/login?next=/&over=1', act);
                assert.equal(one.browser.jar.get('portico'), undefined);
            }
        });

        test('a recovery code works once, and a mail tells of it', async () => {
            const one = await atTheDoor();
            assert.equal(new Set(one.codes).size, 10);
            assert.equal((await one.browser.submit('/login/second', { code: ` ${one.codes[2].toUpperCase()} ` })).status, 303);
            const other = visitor(portal);
            await other.submit('/login', { name: one.handle, password: PASSWORD });
            assert.equal((await other.submit('/login/second', { code: one.codes[2] })).status, 422);
            const told = await until(() => smtp.messages.filter(({ to }) => to === `${one.handle}@example.com`).map((message) => letterOf(portal, message))
                .find(({ subject }) => /recovery code was used/.test(subject)), { within: 60_000, what: 'the mail' });
            assert.equal(told.link, '/account/security');
            assert.match(textOf((await one.browser.get('/account/security')).text), /9 left/);
            const later = await one.browser.post('/account/security/codes');
            assert.equal(codesOf(later).length, 10);
            assert.equal(later.headers.get('cache-control'), 'no-store');
            assert.equal((await other.submit('/login/second', { code: one.codes[3] })).status, 422, 'those before are over');
            assert.equal((await other.submit('/login/second', { code: codesOf(later)[0] })).status, 303);
        });

        test('a link for a new password does not step over it', async () => {
            const one = await atTheDoor();
            const browser = visitor(portal);
            await browser.submit('/account/forgot', { name: one.handle });
            const { link } = await until(() => smtp.messages.filter(({ to }) => to === `${one.handle}@example.com`).map((message) => letterOf(portal, message))
                .find(({ subject }) => /new password/.test(subject)), { within: 60_000, what: 'the link' });
            const set = await browser.submit(link, { password: 'rain on seven roofs' });
            assert.equal(set.headers.get('location'), '/login/second?next=/', textOf(set.text));
            assert.equal(browser.jar.get('portico'), undefined);
            assert.equal((await browser.submit(await browser.follow(set), { code: codeOf(one.key, 1) })).headers.get('location'), '/');
            assert.equal((await browser.get('/account')).status, 200);
        });

        test('a device that is trusted is asked for the password only', async () => {
            const one = await atTheDoor();
            await one.browser.submit('/login/second', { code: codeOf(one.key, 1), trust: '1' });
            assert.ok(one.browser.jar.has('portico'));
            await one.browser.post('/logout');
            const again = await one.browser.submit('/login', { name: one.handle, password: PASSWORD });
            assert.equal(again.headers.get('location'), '/');
            assert.ok(one.browser.jar.has('portico'));
            assert.equal((await visitor(portal, { 'portico-device': one.browser.jar.get('portico-device') })
                .submit('/login', { name: 'mara0', password: PASSWORD })).headers.get('location'), '/login/second?next=/', 'it is trusted for one person');
        });

        test('too many codes are not looked at any more', async () => {
            const one = await atTheDoor();
            let last;
            for (let i = 0; i < 21; i++)
                last = await one.browser.submit('/login/second', { code: '000000' });
            assert.match(textOf(last.text), /Too many tries\. Try again in \d+ min/);
            assert.match(textOf((await one.browser.submit('/login/second', { code: codeOf(one.key, 1) })).text), /Too many tries/);
        });

        test('who has a role that needs it sets it up before anything else', async () => {
            await makePerson(portal, { handle: 'modesta', address: 'modesta@example.com', password: true, roles: 'moderator' });
            const browser = visitor(portal);
            const asked = await browser.submit('/login', { name: 'modesta', password: PASSWORD, next: '/account' });
            assert.equal(asked.headers.get('location'), '/login/enrol?next=/account');
            assert.equal((await browser.get('/account')).status, 303);
            assert.equal((await browser.get('/login/second')).headers.get('location'), '/login?next=/&over=1', 'there is nothing to show yet');
            await browser.submit('/login', { name: 'modesta', password: PASSWORD, next: '/account' });
            const page = await browser.get('/login/enrol?next=/account');
            assert.match(textOf(page.text), /Your role at .* needs a second step/);
            const wrong = await browser.submit(page, { code: '000000' });
            assert.match(textOf(wrong.text), /This is not the code the app shows/);
            assert.equal(keyOf(wrong), keyOf(page), 'the picture stays the same');
            const done = await browser.submit(wrong, { code: codeOf(keyOf(page)) });
            assert.equal(done.status, 200);
            assert.equal(codesOf(done).length, 10);
            assert.match(done.text, /href="\/account"/);
            assert.equal((await browser.get('/account')).status, 200);
            assert.doesNotMatch((await browser.get('/account/security')).text, /Remove the authenticator app/);
            const removed = await browser.post('/account/security/remove');
            assert.match(textOf((await browser.follow(removed)).text), /set up another one first/);
        });

        test('a secret is shown to whoever opened it alone, and nobody else confirms with it', async () => {
            const handle = `mona${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true, roles: 'moderator' });
            const atTheOffer = async () => {
                const browser = visitor(portal);
                await browser.submit('/login', { name: handle, password: PASSWORD });
                return { browser, page: await browser.get('/login/enrol') };
            };
            const thief = await atTheOffer(), owner = await atTheOffer();
            assert.notEqual(keyOf(thief.page), keyOf(owner.page), 'who knows the password knows another secret');
            const wrong = await owner.browser.submit(owner.page, { code: codeOf(keyOf(thief.page)) }, 'enrol');
            assert.equal(wrong.status, 422, 'what others were shown confirms nothing');
            assert.equal(keyOf(wrong), keyOf(owner.page));
            assert.equal((await owner.browser.submit(wrong, { code: codeOf(keyOf(owner.page)) }, 'enrol')).status, 200);
            assert.equal((await owner.browser.get('/account')).status, 200);
            const late = await thief.browser.submit(thief.page, { code: codeOf(keyOf(thief.page)) }, 'enrol');
            assert.match(late.headers.get('location') ?? '', /^\/login\?/, 'and is over once the owner has a factor');
            const again = visitor(portal);
            const asked = await again.submit('/login', { name: handle, password: PASSWORD });
            assert.match(asked.headers.get('location'), /^\/login\/second/);
            assert.equal((await again.submit('/login/second', { code: codeOf(keyOf(thief.page), 1) })).status, 422);
            assert.equal((await again.submit('/login/second', { code: codeOf(keyOf(owner.page), 1) })).status, 303);
        });

        test('two sessions of one person are offered two secrets, and one that was set up ends the other', async () => {
            const handle = `nils${number++}`;
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const [one, two] = [await signIn(portal, handle), await signIn(portal, handle)];
            const pages = [await one.get('/account/security/app'), await two.get('/account/security/app')];
            assert.notEqual(keyOf(pages[0]), keyOf(pages[1]));
            assert.equal(keyOf(await one.get('/account/security/app')), keyOf(pages[0]), 'the picture stays the same');
            assert.equal((await one.submit(pages[0], { code: codeOf(keyOf(pages[0])) }, 'form-app')).status, 200);
            assert.notEqual(keyOf(await two.get('/account/security/app')), keyOf(pages[1]));
        });

        test('what is grave asks again after ten minutes, once for all of it', async () => {
            const one = await atTheDoor();
            const { browser, handle, key } = one;
            await browser.submit('/login/second', { code: codeOf(key, 1) });
            assert.equal(formsOf((await browser.get('/account/security')).text).find(({ id }) => id === 'form-new_password').fields.current, undefined);
            await letItGetLate(portal, handle);
            assert.equal(formsOf((await browser.get('/account/security')).text).find(({ id }) => id === 'form-new_password').fields.current, '');
            for (const path of ['/account/security/remove', '/account/security/codes']) {
                const asked = await browser.post(path);
                assert.equal(asked.headers.get('location'), '/account/again?next=/account/security', path);
            }
            assert.equal((await browser.get('/account/security/app')).headers.get('location'), '/account/again?next=/account/security/app');
            assert.equal((await browser.post('/account/data/file')).headers.get('location'), '/account/again?next=/account/data');
            const wrong = await browser.submit('/account/again?next=/account/data', { current: 'not it' });
            assert.match(textOf(wrong.text), /This is not your password/);
            assert.equal((await browser.submit('/account/again?next=/account/data', { current: one.codes[0] })).headers.get('location'), '/account/data');
            await until(() => smtp.messages.filter(({ to }) => to === `${handle}@example.com`).map((message) => letterOf(portal, message))
                .find(({ subject }) => /recovery code was used/.test(subject)), { within: 60_000, what: 'the mail about the recovery code' });
            assert.match((await portal.cli('audit', 'list')).stdout, /recovery\.used/);
            assert.equal((await browser.post('/account/data/file')).status, 200);
            assert.equal((await browser.get('/account/again?next=//elsewhere.example/')).headers.get('location'), '/account');
            const removed = await browser.post('/account/security/remove');
            assert.equal(removed.headers.get('location'), '/account/security?saved=removed');
            const next = visitor(portal);
            assert.equal((await next.submit('/login', { name: handle, password: PASSWORD })).headers.get('location'), '/');
        });

        test('an admin takes a lost second factor away, from others only', async () => {
            const one = await atTheDoor();
            const admin = await signIn(portal, 'ann', 'admin');
            const path = /\/admin\/people\/\d+/.exec((await admin.get(`/admin/people?q=${one.handle}`)).text)[0];
            assert.match(textOf((await admin.get(path)).text), /Take the second step away/);
            await letItGetLate(portal, 'ann');
            assert.equal((await admin.post(path, { act: 'second' })).headers.get('location'), `/account/again?next=${path}`);
            const fresh = await signIn(portal, 'ann');
            assert.match((await fresh.post(path, { act: 'second' })).headers.get('location'), /saved=second/);
            const later = visitor(portal);
            assert.equal((await later.submit('/login', { name: one.handle, password: PASSWORD })).headers.get('location'), '/');
            await setUp(fresh);
            const own = /\/admin\/people\/\d+/.exec((await fresh.get('/admin/people?q=ann')).text)[0];
            assert.doesNotMatch((await fresh.get(own)).text, /Take the second step away/);
            await fresh.post(own, { act: 'second' });
            assert.match(textOf((await fresh.get(own)).text), /Second step Set up/);
        });
    });
