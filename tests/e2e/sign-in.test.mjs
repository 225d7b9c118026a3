/* Coming in: the first admin, signing up, signing in and out, a forgotten password – and what a stranger learns of it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { formsOf, join, letterOf, makeAccount, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const NEW = 'rain on seven roofs';

async function start(settings = {}, database = 'sqlite') {
    const smtp = await startSmtp();
    const portal = await startPortal({
        database,
        settings: {
            mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' },
            ...settings,
            sign_in: { sign_up: 'open', ...settings.sign_in },
        },
    });
    return { smtp, portal, stop: () => Promise.all([portal.close(), smtp.close()]) };
}

/* The letters to an address, once there are `count`. */
async function letters(portal, smtp, to, count = 1) {
    const found = () => smtp.messages.filter((message) => message.to === to);
    await until(() => found().length >= count, { within: 60_000, what: `letter ${count} to ${to}` });
    return found().map((message) => letterOf(portal, message));
}

/* What a page says to a stranger: without what differs from page to page anyway. */
const said = (answer) => [answer.status, answer.headers.get('location'),
    answer.text.replace(/name="portico_(?:key|token)" value="[^"]*"/g, '').replace(/value="[^"]*"/g, '').replace(/data-challenge="[\w-]{75}"/, 'data-challenge')];
const me = (answer) => /<li class="who"><b>(.*?)<\/b>/.exec(answer.text)?.[1];

for (const database of ['sqlite', 'postgresql'])
    describe(`coming in (${database})`, () => {
        let portal, smtp, stop;
        before(async () => ({ portal, smtp, stop } = await start({}, database)));
        after(() => stop?.());

        test('the link of portico init makes the first admin, once', async () => {
            const { stdout, code } = await portal.cli('init');
            assert.equal(code, 0);
            const link = stdout.split(/\s+/).find((word) => word.startsWith(portal.url)).slice(portal.url.length);
            const dana = visitor(portal);
            const looked = await dana.get(link);
            assert.equal(looked.status, 200);
            const weak = await dana.submit(link, { name: 'Dana Ott', address: 'dana@example.com', password: 'password' });
            assert.equal(weak.status, 422);
            assert.ok(weak.text.includes('value="Dana Ott"'), 'what was typed is kept');
            assert.ok(!weak.text.includes('value="password"'));
            const made = await dana.submit(link, { name: 'Dana Ott', address: 'dana@example.com', password: NEW });
            assert.equal(made.status, 303, textOf(made.text));
            assert.equal(made.headers.get('location'), '/admin');
            const admin = await dana.follow(made);
            assert.equal(admin.status, 200);
            assert.equal(me(admin), 'Dana Ott');
            const again = await visitor(portal).get(link);
            assert.equal(again.status, 410);
            assert.match(textOf(again.text), /used already/);
        });

        test('who signs up confirms the address, chooses a password and is in', async () => {
            const mara = visitor(portal);
            const asked = await mara.submit('/account/join', { name: 'Mara Lindqvist', address: 'Mara@Example.com' });
            assert.equal(asked.status, 303, textOf(asked.text));
            assert.match(textOf((await mara.follow(asked)).text), /Look into your mail/);
            const [letter] = await letters(portal, smtp, 'Mara@example.com');
            assert.match(letter.subject, /Confirm your address for Test portal/);
            assert.match(letter.raw, /text\/html/);
            const early = await mara.submit('/login', { name: 'mara@example.com', password: NEW });
            assert.equal(early.status, 422, 'nobody signs in with an address that is not confirmed');
            await mara.get(letter.link);
            await mara.get(letter.link);
            const done = await mara.submit(letter.link, { password: NEW });
            assert.equal(done.status, 303, textOf(done.text));
            assert.equal(me(await mara.follow(done)) ?? me(await mara.get('/account')), 'Mara Lindqvist');
            assert.equal((await visitor(portal).get(letter.link)).status, 410);
        });

        test('signing in leads on, signing out ends the session at once', async () => {
            await makePerson(portal, { handle: 'lee', name: 'Lee Park', address: 'lee@example.com', password: true });
            const lee = visitor(portal);
            const sent = await lee.get('/account');
            assert.equal(sent.status, 303);
            const page = await lee.follow(sent);
            const signed = await lee.submit(page, { name: 'LEE@example.com', password: PASSWORD });
            assert.equal(signed.status, 303, textOf(signed.text));
            assert.equal(signed.headers.get('location'), '/account');
            assert.equal(me(await lee.follow(signed)), 'Lee Park');
            assert.equal((await lee.get('/login?next=/search')).headers.get('location'), '/search');
            const secret = lee.jar.get('portico');
            const out = await lee.post('/logout');
            assert.equal(out.status, 303);
            assert.equal(lee.jar.get('portico'), undefined);
            assert.equal((await visitor(portal, { portico: secret }).get('/account')).status, 303);
        });

        test('a session that is kept has a cookie that outlives the browser', async () => {
            const lee = visitor(portal);
            const kept = await lee.submit('/login', { name: 'lee', password: PASSWORD, remember: '1' });
            const line = kept.headers.getSetCookie().find((cookie) => cookie.startsWith('portico='));
            assert.match(line, /Max-Age=2592000/);
            assert.match(line, /HttpOnly/);
            const short = await visitor(portal).submit('/login', { name: 'lee', password: PASSWORD });
            assert.doesNotMatch(short.headers.getSetCookie().find((cookie) => cookie.startsWith('portico=')), /Max-Age/);
        });

        test('a forgotten password is set anew by mail, and all sessions end', async () => {
            const before = await signIn(portal, 'lee');
            const lee = visitor(portal);
            assert.equal((await lee.submit('/account/forgot', { name: 'lee' })).status, 303);
            const [letter] = await letters(portal, smtp, 'lee@example.com');
            const done = await lee.submit(letter.link, { password: NEW });
            assert.equal(done.status, 303, textOf(done.text));
            assert.equal((await lee.get('/account')).status, 200);
            await until(async () => (await before.get('/account')).status === 303, { what: 'the other session to end' });
            assert.equal((await visitor(portal).submit('/login', { name: 'lee', password: PASSWORD })).status, 422);
            assert.equal((await visitor(portal).submit('/login', { name: 'lee', password: NEW })).status, 303);
        });

        test('a stranger learns nothing of who is known', async () => {
            for (const [path, known, unknown] of [
                ['/login', { name: 'lee@example.com', password: 'x y z wrong' }, { name: 'nobody@example.com', password: 'x y z wrong' }],
                ['/login', { name: 'lee', password: '' }, { name: 'nobody', password: '' }],
                ['/account/forgot', { name: 'lee@example.com' }, { name: 'nobody@example.com' }],
                ['/account/join', { name: 'A Name', address: 'lee@example.com' }, { name: 'A Name', address: 'new@example.com' }],
            ])
                assert.deepEqual(said(await visitor(portal).submit(path, known)), said(await visitor(portal).submit(path, unknown)), path);
            /* Sent at the same time, they come in any order. */
            const subjects = (await letters(portal, smtp, 'lee@example.com', 4)).map(({ subject }) => subject);
            assert.ok(subjects.includes('You have a sign-in at Test portal already'), subjects.join('; '));
        });

        test('letters come in the reader\'s language', async () => {
            await makePerson(portal, { handle: 'jana', name: 'Jana Weiß', address: 'jana@example.com', password: true, locale: 'de' });
            await visitor(portal).submit('/account/forgot', { name: 'jana' });
            const [letter] = await letters(portal, smtp, 'jana@example.com');
            assert.match(letter.text, /Öffnen Sie den Link/);
        });
    });

describe('guessing', () => {
    let portal, stop;
    before(async () => {
        ({ portal, stop } = await start({ sign_in: { guesses: 3 } }));
        await makePerson(portal, { handle: 'priya', address: 'priya@example.com', password: true });
    });
    after(() => stop?.());

    test('ends after some tries with the time to wait and a way out, known or not', async () => {
        const device = visitor(portal);
        assert.equal((await device.submit('/login', { name: 'priya', password: PASSWORD })).status, 303);
        await device.post('/logout');
        for (const name of ['priya', 'nobody']) {
            const words = [];
            for (let i = 0; i < 4; i++)
                words.push(textOf((await visitor(portal).submit('/login', { name, password: `wrong guess ${i}` })).text));
            assert.match(words[0], /do not belong together/);
            assert.match(words[3], /Too many tries\. Try again in \d+ min, or set a new password/, name);
        }
        assert.equal((await visitor(portal).submit('/login', { name: 'priya', password: PASSWORD })).status, 422, 'the right one neither');
        const own = await device.submit('/login', { name: 'priya', password: PASSWORD });
        assert.equal(own.status, 303, 'a device that signed in before still gets in');
    });

    test('who signs in while somebody is signed in is the other from then on; a mistake changes nothing', async () => {
        await makePerson(portal, { handle: 'first', name: 'First Person', password: true });
        await makePerson(portal, { handle: 'second', name: 'Second Person', password: true });
        const browser = await signIn(portal, 'first'), before = browser.jar.get('portico');
        const moved = await browser.get('/login?next=/account');
        assert.equal(moved.headers.get('location'), '/account', 'who looks is in already');
        const { portico_form, portico_key } = formsOf((await visitor(portal).get('/login')).text)[0].fields;
        const sent = { portico_form, portico_key, name: 'second', password: PASSWORD, next: '/account' };
        const wrong = await browser.post('/login', { ...sent, password: 'not it' });
        assert.equal(wrong.status, 422, wrong.headers.get('location'));
        assert.equal(me(await browser.get('/account')), 'First Person');
        const signed = await browser.post('/login', sent);
        assert.equal(signed.status, 303, textOf(signed.text));
        assert.notEqual(browser.jar.get('portico'), before);
        assert.equal(me(await browser.get('/account')), 'Second Person');
        assert.equal((await visitor(portal, { portico: before }).get('/account')).status, 303, 'the first session is over');
    });

    test('next leads to paths of this portal only', async () => {
        const someone = await signIn(portal, 'priya');
        for (const next of ['https://example.org/', '//example.org', '/\\example.org', 'javascript:alert(1)', '/\t/example.org'])
            assert.equal((await someone.get(`/login?next=${encodeURIComponent(next)}`)).headers.get('location'), '/', next);
        const page = await visitor(portal).get('/login?next=//example.org/');
        assert.equal(formsOf(page.text)[0].fields.next, '/');
    });
});

describe('a portal without mail that takes no strangers', () => {
    let portal;
    before(async () => {
        portal = await startPortal({ settings: { portal: { contact: 'help@example.com' } } });
        await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
    });
    after(() => portal?.close());

    test('says whom to ask', async () => {
        const page = await portal.get('/account/join');
        assert.equal(page.status, 200);
        assert.match(textOf(page.text), /ask them for an invitation/);
        assert.ok(page.text.includes('href="mailto:help@example.com"'));
    });

    test('says that it cannot send mail, and staff find the letter', async () => {
        const page = await portal.get('/account/forgot');
        assert.match(textOf(page.text), /This portal cannot send mail yet\..*help@example\.com/);
        const someone = visitor(portal);
        const sent = await someone.submit('/account/forgot', { name: 'mara' });
        assert.match(textOf((await someone.follow(sent)).text), /Ask for your link/);
        const admin = await signIn(portal, 'dana', 'admin');
        const message = await until(async () => /href="(\/admin\/mail\/\d+)"/.exec((await admin.get('/admin/mail')).text)?.[1], { what: 'the message to be listed' });
        const text = textOf((await admin.get(message)).text);
        const link = text.split(' ').find((word) => word.startsWith(portal.url)).slice(portal.url.length);
        assert.equal((await someone.submit(link, { password: NEW })).status, 303);
    });

    test('keeps the secrets of links out of its log', async () => {
        const { stdout } = await portal.cli('init').catch(() => ({ stdout: '' }));
        const link = stdout.split(/\s+/).find((word) => word.startsWith(portal.url))?.slice(portal.url.length) ?? `/account/link/${'a'.repeat(43)}`;
        await portal.get(link);
        await until(() => portal.lines().some(({ route }) => /account\/link/.test(route ?? '')), { what: 'the request to be logged' });
        assert.ok(!portal.log().includes(link.split('/').at(-1)));
    });
});

test('a portal that is closed takes in nobody new, also whom a company invites', async (t) => {
    const portal = await startPortal({ settings: { sign_in: { sign_up: 'closed' }, portal: { contact: 'help@example.com' } } });
    t.after(() => portal.close());
    const account = await makeAccount(portal, 'Mill');
    await makePerson(portal, { handle: 'olga', name: 'Olga' });
    await join(portal, account, 'olga', 'account-admin');
    const olga = await signIn(portal, 'olga');
    const page = await portal.get('/account/join');
    assert.ok(!formsOf(page.text).some(({ fields }) => 'address' in fields), textOf(page.text));
    const sent = await visitor(portal).post('/account/join', { name: 'Ida', address: 'ida@mill.example' });
    assert.equal(textOf(sent.text), textOf(page.text), 'what is sent nevertheless finds the same page');
    const invited = await olga.submit('/account/company/invite', { people: 'ida@mill.example', language: 'en', role: 'none' }, 'company_invite');
    assert.equal(invited.status, 422);
    assert.match(textOf(invited.text), /takes in nobody new right now/);
    assert.doesNotMatch((await portal.cli('user', 'list')).stdout, /Ida|ida@mill/);
    assert.doesNotMatch(textOf((await olga.get('/account/company/people?show=waiting')).text), /ida@mill/);
});
