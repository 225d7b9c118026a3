/* The pages of admins: people, modules, settings that go into service at once or stay as they were. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { formsOf, letItGetLate, letterOf, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const events = async (portal, type) => {
    const { stdout, code, stderr } = await portal.cli('event', 'list', '--json');
    assert.equal(code, 0, stderr);
    return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter((event) => event.type === `portal.portico.person.${type}`);
};

for (const database of ['sqlite', 'postgresql'])
    describe(`people, for admins (${database})`, () => {
        let portal, smtp, dana;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
            dana = await signIn(portal, 'dana', 'admin');
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });
        const idOf = async (name) => /\/admin\/people\/(\d+)/.exec((await dana.get(`/admin/people?q=${encodeURIComponent(name)}`)).text)?.[1];

        test('nobody else sees them', async () => {
            const lee = await signIn(portal, 'lee', 'moderator');
            for (const page of ['/admin', '/admin/people', '/admin/people/invite', '/admin/modules', '/admin/mail'])
                assert.equal((await lee.get(page)).status, 403, page);
            assert.equal((await visitor(portal).get('/admin')).status, 303);
        });

        test('who is invited gets a link, chooses a password and has the role', async () => {
            const invited = await dana.submit('/admin/people/invite', { name: 'Priya N.', address: 'priya@example.com', role: 'moderator', language: 'de' }, 'form-invite');
            assert.equal(invited.status, 303, textOf(invited.text));
            assert.match(textOf((await dana.follow(invited)).text), /The invitation is on its way/);
            const message = await until(() => smtp.messages.find(({ to }) => to === 'priya@example.com'), { within: 60_000, what: 'the letter' });
            const letter = letterOf(portal, message);
            assert.match(letter.text, /dana lädt Sie zu Test portal ein/);
            const priya = visitor(portal);
            const done = await priya.submit(letter.link, { name: 'Priya Nair', password: 'rain on seven roofs' });
            assert.equal(done.status, 303, textOf(done.text));
            const page = await priya.get('/account');
            assert.match(page.text, /<html lang="de"/);
            assert.match(page.text, /<h1>Priya Nair<\/h1>/);
            assert.match(textOf((await dana.get(`/admin/people/${await idOf('priya')}`)).text), /Priya Nair/);
            const [event] = await events(portal, 'invited');
            assert.equal(event.subject, `person/${await idOf('priya')}`);
            const again = await dana.submit('/admin/people/invite', { name: 'Priya', address: 'PRIYA@example.com' }, 'form-invite');
            assert.equal(again.status, 422);
            assert.match(textOf(again.text), /Priya Nair signs in with this address already/);
        });

        test('somebody switched off is out at once and cannot come back until switched on', async () => {
            await makePerson(portal, { handle: 'otto', name: 'Otto', address: 'otto@example.com', password: true });
            const otto = await signIn(portal, 'otto'), id = await idOf('otto');
            const off = await dana.post(`/admin/people/${id}`, { act: 'disable' });
            assert.equal(off.headers.get('location'), `/admin/people/${id}?saved=disabled`);
            await until(async () => (await otto.get('/account')).status === 303, { what: 'the session to end' });
            assert.equal((await visitor(portal).submit('/login', { name: 'otto', password: PASSWORD })).status, 422);
            await dana.post(`/admin/people/${id}`, { act: 'enable' });
            assert.equal((await visitor(portal).submit('/login', { name: 'otto', password: PASSWORD })).status, 303);
            assert.equal((await events(portal, 'disabled')).length, 1);
            await until(() => portal.lines().some(({ message }) => message?.includes(`disabled, person ${id}`)), { what: 'the log to say so' });
        });

        test('roles change at once, and nobody changes their own', async () => {
            await makePerson(portal, { handle: 'rosa', name: 'Rosa' });
            const rosa = await signIn(portal, 'rosa'), id = await idOf('rosa');
            assert.equal((await rosa.get('/admin')).status, 403);
            await dana.post(`/admin/people/${id}`, { act: 'roles', admin: '1' });
            await until(async () => (await rosa.get('/admin')).status === 200, { what: 'the role to hold' });
            await dana.post(`/admin/people/${id}`, { act: 'roles' });
            await until(async () => (await rosa.get('/admin')).status === 403, { what: 'the role to be gone' });
            const own = await idOf('dana');
            const last = await dana.post(`/admin/people/${own}`, { act: 'roles' });
            assert.match(textOf((await dana.follow(last)).text), /Nobody changes what they may themselves/);
            assert.equal((await dana.get('/admin')).status, 200);
        });

        test('what the command line changes of people is told like what the page changes', async () => {
            await makePerson(portal, { handle: 'cleo', name: 'Cleo' });
            const id = await idOf('cleo'), own = async () => (await Promise.all(['changed', 'disabled', 'enabled'].map((type) => events(portal, type)))).flat()
                .filter(({ subject }) => subject === `person/${id}`).map(({ type, data }) => [type.split('.').pop(), data.change]);
            for (const words of [['role', 'cleo', '+moderator'], ['role', 'cleo', '-moderator'], ['disable', 'cleo'], ['enable', 'cleo'], ['sessions', 'cleo', '--end']]) {
                const { code, stderr } = await portal.cli('user', ...words);
                assert.equal(code, 0, stderr);
            }
            assert.notEqual((await portal.cli('user', 'role', 'dana', '-admin')).code, 0, 'the last admin stays');
            assert.deepEqual(await own(), [['changed', 'roles: moderator'], ['changed', 'roles: member'], ['changed', 'sessions: ended'], ['disabled', undefined], ['enabled', undefined]]);
            await dana.post(`/admin/people/${id}`, { act: 'roles', moderator: '1' });
            assert.deepEqual((await own())[3], ['changed', 'roles: moderator'], 'the page says the same');
        });

        test('a role goes with an invitation only from who may give it and proved who they are, and is in the log', async () => {
            const invite = (who, address, role) => who.submit('/admin/people/invite', { name: 'New one', address, role, language: 'en' }, 'form-invite');
            assert.equal((await invite(dana, 'nina@example.com', 'moderator')).status, 303);
            const { stdout } = await portal.cli('audit', 'list', '--json', '--kind', 'role.', '--who', (await idOf('new one')));
            assert.deepEqual(stdout.trim().split('\n').map((line) => JSON.parse(line)).map(({ kind, object, actor_name }) => [kind, object, actor_name]), [['role.given', 'moderator', 'dana']]);
            const eva = await signIn(portal, 'eva', 'admin');
            await letItGetLate(portal, 'eva');
            const late = await invite(eva, 'otis@example.com', 'admin');
            assert.equal(late.headers.get('location'), '/account/again?next=/admin/people/invite');
            assert.equal((await invite(eva, 'olaf@example.com', 'member')).status, 303, 'without a role nothing is asked');
            assert.equal(smtp.messages.some(({ to }) => to === 'otis@example.com'), false);
        });

        test('who looks after people without being an admin makes no admin and touches nobody who may more', async () => {
            for (const words of [['add', 'keeper', 'Keeper', '--place', 'owner'], ['allow', 'keeper', 'portico.admin']])
                assert.equal((await portal.cli('role', ...words)).code, 0);
            await makePerson(portal, { handle: 'paul', name: 'Paul', address: 'paul@example.com', password: true });
            const sam = await signIn(portal, 'sam'), [own, less] = [await idOf('dana'), await idOf('paul')];
            assert.equal((await portal.cli('role', 'give', 'keeper', 'sam')).code, 0);
            await until(async () => (await sam.get('/admin/people')).status === 200, { what: 'the role to hold' });
            const invited = await sam.submit('/admin/people/invite', { name: 'Mole', address: 'mole@example.com', role: 'admin', language: 'en' }, 'form-invite');
            assert.equal(invited.status, 422);
            assert.match(textOf(invited.text), /only by who holds what it contains/);
            assert.equal(await idOf('mole'), undefined);
            for (const act of ['disable', 'sessions', 'link', 'second'])
                assert.equal((await sam.post(`/admin/people/${own}`, { act })).headers.get('location'), `/admin/people/${own}?saved=more`, act);
            assert.equal((await sam.get(`/admin/people/${own}/data`)).status, 403);
            assert.equal((await sam.post(`/admin/people/${own}/data/file`)).status, 403);
            assert.equal((await dana.get('/admin')).status, 200);
            assert.equal((await sam.post(`/admin/people/${less}`, { act: 'disable' })).headers.get('location'), `/admin/people/${less}?saved=disabled`);
            assert.equal((await sam.post(`/admin/people/${less}/data/file`)).status, 200);
        });

        test('the list goes on page by page without missing anybody', async () => {
            for (let i = 0; i < 30; i++)
                await makePerson(portal, { handle: `many-${String(i).padStart(2, '0')}`, name: 'Many of one name' });
            const seen = new Set();
            for (let target = '/admin/people?q=many'; target;) {
                const { text } = await dana.get(target);
                for (const [, handle] of text.matchAll(/@(many-\d+)/g))
                    seen.add(handle);
                target = /rel="next" href="([^"]+)"/.exec(text)?.[1].replaceAll('&amp;', '&');
            }
            assert.equal(seen.size, 30);
            assert.match(textOf((await dana.get('/admin/people?q=zzz')).text), /Nobody found/);
        });
    });

describe('settings of modules', () => {
    let portal, dana;
    const page = '/admin/modules/communities';
    const form = async () => formsOf((await dana.get(page)).text).find(({ fields }) => 'page_size' in fields);
    const managed = () => path.join(portal.dir, 'data/managed.conf');
    const save = async (fields) => dana.post(page, { ...(await form()).fields, portico_act: 'save', ...fields });
    before(async () => {
        portal = await startPortal({ modules: { communities: { feed_items: 40 } } });
        dana = await signIn(portal, 'dana', 'admin');
    });
    after(() => portal?.close());

    test('are listed with help, limits and what holds if nothing is set', async () => {
        const { text } = await dana.get(page);
        assert.match(textOf(text), /Questions a page How many questions a list shows at once\. From 5 to 100\. If empty: 20\./);
    });

    test('what stands in the admin\'s own files is shown as locked, with the place', async () => {
        const { text } = await dana.get(page);
        assert.match(text, /<input id="setting-feed_items"[^>]*value="40"[^>]* readonly/);
        assert.match(textOf(text), new RegExp(`Set in ${portal.conf}, line \\d+: change it there`));
        await save({ feed_items: '50' });
        assert.match((await dana.get(page)).text, /id="setting-feed_items"[^>]*value="40"/);
    });

    test('a value that does not fit is refused beside its field, kept as typed, and nothing is written', async () => {
        const refused = await save({ page_size: '4000' });
        assert.equal(refused.status, 422);
        assert.match(textOf(refused.text), /Write a whole number\. From 5 to 100\./);
        assert.match(refused.text, /id="setting-page_size"[^>]*value="4000"/);
        assert.ok(!existsSync(managed()));
    });

    test('saving takes it into service at once; undoing takes it back', async () => {
        const saved = await save({ page_size: '7', title: 'Ask us' });
        assert.equal(saved.status, 303, textOf(saved.text));
        assert.match(saved.headers.get('location'), /saved=live/);
        const shown = await dana.follow(saved);
        assert.match(textOf(shown.text), /Saved, and in service from now on/);
        assert.equal((await form()).fields.page_size, '7');
        assert.match((await portal.get('/communities')).text, /<h1>Ask us<\/h1>/);
        assert.match(readFileSync(managed(), 'utf8'), /\[module communities\]\npage_size = 7|title = Ask us/);
        const undone = await dana.post('/admin/modules');
        assert.match(undone.headers.get('location'), /saved=undone/);
        assert.equal((await form()).fields.page_size, '20');
        assert.doesNotMatch((await portal.get('/communities')).text, /<h1>Ask us<\/h1>/);
        assert.ok(readdirSync(path.dirname(managed())).some((name) => /^managed\.conf\.\d+$/.test(name)));
    });

    test('what the portal refuses as a whole is undone, with its reason', async () => {
        const before = readFileSync(managed(), 'utf8');
        const conf = readFileSync(portal.conf, 'utf8');
        writeFileSync(portal.conf, `${conf}\n[module nowhere]\nenabled = true\n`);
        const refused = await save({ page_size: '9' });
        writeFileSync(portal.conf, conf);
        assert.equal(refused.status, 422);
        assert.match(textOf(refused.text), /The portal does not take this.*nowhere/);
        assert.equal(readFileSync(managed(), 'utf8'), before);
        assert.equal((await portal.get('/communities')).status, 200);
    });

    const versions = () => readdirSync(path.dirname(managed())).filter((name) => /^managed\.conf\.\d+$/.test(name)).sort();
    const refusedByThePortal = async (act) => {
        const conf = readFileSync(portal.conf, 'utf8');
        writeFileSync(portal.conf, `${conf}\n[module nowhere]\nenabled = true\n`);
        const answer = await act();
        writeFileSync(portal.conf, conf);
        return answer;
    };

    test('what was refused is no version: undoing goes back to what was before the last change that held', async () => {
        await save({ page_size: '11' });
        await save({ page_size: '12' });
        const before = versions();
        assert.equal((await refusedByThePortal(() => save({ page_size: '9' }))).status, 422);
        assert.notEqual((await refusedByThePortal(() => portal.cli('module', 'disable', 'communities'))).code, 0);
        assert.equal((await refusedByThePortal(() => dana.post('/admin/modules'))).status, 422);
        assert.deepEqual(versions(), before);
        assert.equal((await form()).fields.page_size, '12');
        await dana.post('/admin/modules');
        assert.equal((await form()).fields.page_size, '11');
    });

    test('two admins who save from the same page lose nothing: the second is shown what changed', async () => {
        const seen = (await form()).fields;
        assert.equal((await dana.post(page, { ...seen, portico_act: 'save', page_size: '15' })).status, 303);
        const theirs = await dana.post(page, { ...seen, portico_act: 'save', title: 'Ask anything' });
        assert.equal(theirs.status, 422);
        assert.match(textOf(theirs.text), /Somebody else changed settings meanwhile\. Nothing of yours is saved yet\..*Somebody else changed this meanwhile\. It was: 11\./);
        const again = formsOf(theirs.text).find(({ fields }) => 'page_size' in fields).fields;
        assert.equal(again.page_size, '15');
        assert.equal(again.title, 'Ask anything');
        assert.equal((await dana.post(page, { ...again, portico_act: 'save' })).status, 303);
        const both = await dana.post(page, { ...seen, portico_act: 'save', title: 'Ask anything', page_size: '16' });
        assert.equal(both.status, 422);
        assert.match(textOf(both.text), /Somebody else changed this meanwhile, to: 15\. Save once more to set yours\./);
        assert.equal((await form()).fields.page_size, '15');
        const mine = formsOf(both.text).find(({ fields }) => 'page_size' in fields).fields;
        assert.equal((await dana.post(page, { ...mine, portico_act: 'save' })).status, 303);
        assert.equal((await form()).fields.page_size, '16');
        assert.match((await portal.get('/communities')).text, /<h1>Ask anything<\/h1>/);
    });

    test('a module that portico.conf switches on stays on, with the reason; what is no act is refused', async () => {
        const conf = readFileSync(portal.conf, 'utf8');
        assert.match(conf, /\[module communities\]\nenabled = true/);
        const off = await dana.post(page, { portico_act: 'off' });
        assert.equal(off.status, 422);
        assert.match(textOf(off.text), /enabled.*portico\.conf/);
        assert.equal((await dana.post(page, { portico_act: 'nothing' })).status, 400);
        assert.equal((await portal.get('/communities')).status, 200);
    });

    test('"Undo" undoes the change it stands beside, never one that came after', async () => {
        const saved = await dana.follow(await save({ page_size: '21' }));
        const undo = formsOf(saved.text).find(({ fields }) => 'version' in fields).fields;
        const again = await dana.follow(await save({ page_size: '22' }));
        const refused = await dana.post('/admin/modules', undo);
        assert.equal(refused.status, 422);
        assert.match(textOf(refused.text), /Somebody else changed settings since/);
        assert.equal((await form()).fields.page_size, '22');
        assert.equal((await dana.post('/admin/modules', formsOf(again.text).find(({ fields }) => 'version' in fields).fields)).status, 303);
        assert.equal((await form()).fields.page_size, '21');
    });

    test('two admins saving at once, one of them refused: the other\'s change stays', async () => {
        const seen = (await form()).fields;
        const answers = await Promise.all([
            dana.post(page, { ...seen, portico_act: 'save', page_size: '31' }),
            dana.post('/admin/settings', { portico_section: 'portal', name: 'Test portal', timezone: 'Mars/Olympus' }),
            dana.post('/admin/settings', { portico_section: 'portal', name: 'Test portal', timezone: 'Mars/Elysium' }),
        ]);
        assert.deepEqual(answers.map(({ status }) => status), [303, 422, 422]);
        assert.equal((await form()).fields.page_size, '31');
        assert.doesNotMatch(readFileSync(managed(), 'utf8'), /Mars/);
    });
});

test('a portal without modules says what may be done: switch one on, sign in, or wait', async (t) => {
    const portal = await startPortal({ modules: {} });
    t.after(() => portal.close());
    const dana = await signIn(portal, 'dana', 'admin'), lee = await signIn(portal, 'lee');
    const [admin, member, guest] = await Promise.all([dana, lee, visitor(portal)].map((each) => each.get('/')));
    for (const page of [admin, member, guest])
        assert.equal(page.status, 200, textOf(page.text));
    assert.match(textOf(admin.text), /Switch on the first module .*portico module enable NAME/);
    assert.match(admin.text, /href="\/admin\/modules"/);
    assert.match(textOf(member.text), /Nothing here yet .*Your sign-in works already/);
    assert.match(guest.text, /<a class="btn main" href="\/login">Sign in<\/a>/);
    const page = await dana.get('/admin');
    assert.match(textOf(page.text), /No mail leaves this portal\. .*Set up mail/);
    assert.match(page.text, /<a href="\/admin\/mail">Set up mail<\/a>/);
});

describe('settings of the portal', () => {
    let portal, dana;
    const page = '/admin/settings';
    const form = async (key) => formsOf((await dana.get(page)).text).find(({ fields }) => key in fields).fields;
    const save = async (key, fields) => dana.post(page, { ...await form(key), ...fields });
    const told = async () => (await portal.cli('event', 'list', '--json')).stdout.trim().split('\n').filter(Boolean)
        .map((line) => JSON.parse(line)).filter(({ type }) => type.startsWith('portal.portico.settings.'));
    before(async () => {
        portal = await startPortal({ settings: { sign_in: { guesses: 50 } } });
        dana = await signIn(portal, 'dana', 'admin');
    });
    after(() => portal?.close());

    test('show what may change while it serves, and where the rest stands', async () => {
        const { text } = await dana.get(page);
        assert.match(text, new RegExp(`id="setting-guesses"[^>]*value="50"[^>]* readonly`));
        assert.match(textOf(text), new RegExp(`Canonical URL ${portal.url} Set in ${portal.conf}, line \\d+: change it there\\.`));
        assert.match(textOf(text), new RegExp(`Brand directory Nothing is set Set brand in ${portal.conf}, section \\[portal\\]\\.`));
        assert.equal((await (await signIn(portal, 'lee')).get(page)).status, 403);
    });

    test('are refused beside the field, or as a whole, and everything stays', async () => {
        const wrong = await save('idle', { idle: 'soon' });
        assert.equal(wrong.status, 422);
        assert.match(textOf(wrong.text), /Write a time such as 30s, 5min, 2h or 7d\. From 2min to 30d\./);
        const zone = await save('contact', { timezone: 'Mars/Olympus' });
        assert.equal(zone.status, 422);
        assert.match(textOf(zone.text), /The portal does not take this, and serves on as before\./);
        assert.match(zone.text, /id="setting-timezone"[^>]*value="Mars\/Olympus"/);
        assert.deepEqual(await told(), []);
        assert.equal((await dana.post(page, { portico_section: 'database', url: 'sqlite:other.db' })).status, 400);
    });

    test('are in service at once, told as an event, and can be undone', async () => {
        assert.doesNotMatch(textOf((await portal.get('/account/join')).text), /desk@example\.com/);
        const contact = await save('contact', { contact: 'desk@example.com' });
        assert.match(contact.headers.get('location'), /^\/admin\/settings\?saved=live$/, textOf(contact.text));
        assert.match(textOf((await portal.get('/account/join')).text), /desk@example\.com/);
        await save('sign_up', { sign_up: 'open' });
        assert.ok(formsOf((await portal.get('/account/join')).text).length, 'people may join');
        const undone = await dana.post('/admin/modules', { back: 'settings' });
        assert.equal(undone.headers.get('location'), '/admin/settings?saved=undone');
        assert.equal((await form('sign_up')).sign_up, 'invitation');
        assert.deepEqual((await told()).map(({ type, data }) => [type.split('.').pop(), data.settings]), [
            ['changed', ['[portal] contact']], ['changed', ['[sign_in] sign_up']], ['undone', []],
        ]);
    });
});
