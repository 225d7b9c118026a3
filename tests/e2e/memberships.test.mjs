/* From when to when somebody belongs to a company, and how they came: set by command, import and on pages, alike. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { hold, join, letItGetLate, letterOf, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const PEOPLE = '/account/company/people', INVITE = '/account/company/invite';
const MINUTE = { within: 60_000 };
const REVERSED = /The first day lies after the last one: choose an earlier first day or a later last one\./;

/* The field of a form with what stands beside it, as text. */
const fieldOf = (html, name) => textOf(html.match(new RegExp(`<div class="field[^"]*"><label for="${name}">.*?</div>`, 's'))?.[0] ?? '');
const valueOf = (html, name) => html.match(new RegExp(`name="${name}"[^>]* value="([^"]*)"`))?.[1];

for (const database of ['sqlite', 'postgresql'])
    describe(`from when to when somebody belongs to a company (${database})`, () => {
        let portal, smtp, harbour, dana, ann;
        const cli = async (...words) => {
            const { code, stdout, stderr } = await portal.cli(...words);
            assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
            return stdout;
        };
        const refuses = async (words, complaint) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 1, words.join(' '));
            assert.match(stderr, complaint);
        };
        const rows = async (...words) => (await cli(...words, '--json')).split('\n').filter(Boolean).map((line) => JSON.parse(line));
        const member = async (handle, account = 'Harbour') => (await rows('account', 'members', account)).find((row) => row.handle === handle);
        const days = async (handle, account) => {
            const { from, until: end } = await member(handle, account);
            return [from?.slice(0, 19) ?? null, end?.slice(0, 19) ?? null];
        };
        const records = async (kind, handle) => (await rows('audit', 'list', '--kind', kind, '--who', handle)).map(({ object, actor_name }) => [object, actor_name]);
        const names = async (who) => (await who.get('/api/portico/v1/accounts')).json.items.map(({ name }) => name);

        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
            portal.write = (name, text) => {
                writeFileSync(path.join(portal.dir, name), text);
                return path.join(portal.dir, name);
            };
            harbour = await makeAccount(portal, 'Harbour');
            await makePerson(portal, { handle: 'dana', name: 'Dana Reyes', address: 'dana@example.com' });
            await join(portal, harbour, 'dana', 'account-admin');
            dana = await signIn(portal, 'dana');
            ann = await signIn(portal, 'ann', 'admin');
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        test('whoever makes somebody one of the staff, or lets them reach below, proves again that it is them', async () => {
            const zoe = await signIn(portal, 'zoe', 'admin');
            await makePerson(portal, { handle: 'fido', address: 'fido@example.com' });
            await join(portal, harbour, 'fido');
            const [, fido] = /\/people\/(\d+)/.exec((await ann.get(`/admin/accounts/${harbour}`)).text.split(/(?=<li)/).find((row) => row.includes('fido')));
            await letItGetLate(portal, 'zoe');
            const place = async (target, fields) => (await zoe.post(target, fields)).headers.get('location');
            assert.equal(await place('/admin/accounts/1', { act: 'add', who: 'fido' }), '/account/again?next=/admin/accounts/1');
            const page = `/admin/accounts/${harbour}/people/${fido}`;
            assert.equal(await place(page, { act: 'save', title: '', below: '1' }), `/account/again?next=${page}`);
            assert.equal(await place(page, { act: 'save', title: 'Mate' }), `/admin/accounts/${harbour}?saved=member`);
            assert.deepEqual(await names(await signIn(portal, 'fido')), ['Harbour']);
        });

        test('a command says the first day and the last, and refuses days that lie the wrong way round', async () => {
            await makePerson(portal, { handle: 'ben', name: 'Ben', address: 'ben@example.com' });
            await cli('account', 'member', 'Harbour', 'ben', '--from', '2099-12-01', '--until', '2099-12-01', '--title', 'Buyer');
            assert.deepEqual(await days('ben'), ['2099-12-01T00:00:00', '2099-12-02T00:00:00'], 'one day, all of it');
            assert.equal((await member('ben')).source, 'staff');
            assert.match(await cli('account', 'members', 'Harbour'), /STATE +FROM +UNTIL\n[^]*ben +Ben +ben@example\.com +- +member +2099-12-01 +2099-12-01\n/);
            assert.match(await cli('account', 'members', 'Harbour'), /dana .* member +- +-\n/);
            await refuses(['account', 'member', 'Harbour', 'ben', '--from', '2099-12-02'], REVERSED);
            await refuses(['account', 'member', 'Harbour', 'ben', '--until', '2099-11-30'], REVERSED);
            await refuses(['account', 'member', 'Harbour', 'ben', '--from', 'soon'], /`soon` is no day: write the first one, such as 2027-06-30/);
            await refuses(['account', 'member', '1', 'ben', '--from', '2099-12-02'], /does so until they are taken out/);
            assert.deepEqual(await days('ben'), ['2099-12-01T00:00:00', '2099-12-02T00:00:00'], 'nothing was changed');
            await cli('account', 'member', 'Harbour', 'ben', '--until', '2100-01-31');
            assert.deepEqual(await days('ben'), ['2099-12-01T00:00:00', '2100-02-01T00:00:00'], 'what is not said stays');
            assert.deepEqual(await records('membership.made', 'ben'), [['Buyer, from 2099-12-01, until 2099-12-01', null]]);
            assert.deepEqual(await records('membership.changed', 'ben'), [['until 2100-01-31', null]]);
        });

        test('an import takes the first day, says what is wrong with it, and changes nothing the second time', async () => {
            const files = [portal.write('accounts.csv', 'external,name\ncrm:1,Mill\n'),
                portal.write('people.csv', 'external,name,mail\nhr:1,Ida,ida@example.com\nhr:2,Jo,jo@example.com\nhr:3,Kit,kit@example.com\n'),
                portal.write('members.csv', 'account,person,from,until\ncrm:1,hr:1,2099-12-01,\ncrm:1,hr:2,2099-12-02,2099-12-01\ncrm:1,hr:3,soon,\n')];
            const run = async (...words) => {
                const { code, stdout, stderr } = await portal.cli('account', 'import', ...files, ...words);
                assert.equal(code, 1, 'two rows are wrong');
                assert.match(stderr, new RegExp(`members\\.csv:3: ${REVERSED.source}`));
                assert.match(stderr, /members\.csv:4: "soon" is no day/);
                return stdout.match(/^memberships.*$/m)[0].match(/\d+/g).map(Number);
            };
            assert.deepEqual(await run('--dry-run'), [1, 0, 0, 2]);
            assert.deepEqual(await run(), [1, 0, 0, 2]);
            assert.deepEqual(await days('ida', 'external:crm:1'), ['2099-12-01T00:00:00', null]);
            assert.equal((await member('ida', 'external:crm:1')).source, 'import');
            assert.deepEqual(await run(), [0, 0, 1, 2]);
            const change = async (text, ...words) => {
                const { stdout, stderr } = await portal.cli('account', 'import', portal.write('change.csv', text), ...words);
                return [stdout.match(/^memberships.*$/m)[0].match(/\d+/g).map(Number), stderr];
            };
            for (const words of [['--dry-run'], []]) {
                const [counts, said] = await change('account,person,until\ncrm:1,hr:1,2099-11-30\n', ...words);
                assert.deepEqual(counts, [0, 0, 0, 1], 'a last day before the first that is there');
                assert.match(said, REVERSED);
            }
            assert.deepEqual((await change('account,person,title\ncrm:1,hr:1,Miller\n'))[0], [0, 1, 0, 0]);
            assert.deepEqual(await days('ida', 'external:crm:1'), ['2099-12-01T00:00:00', null], 'a column that is not there changes nothing');
            assert.deepEqual((await change('account,person,from\ncrm:1,hr:1,\n', '--dry-run'))[0], [0, 1, 0, 0]);
            assert.deepEqual((await change('account,person,from\ncrm:1,hr:1,\n'))[0], [0, 1, 0, 0]);
            assert.deepEqual(await days('ida', 'external:crm:1'), [null, null]);
            assert.deepEqual((await records('membership.changed', 'ida'))[0], ['from the start', null]);
        });

        test('staff sets both days on the page of somebody, and a list says who is yet to begin', async () => {
            await makePerson(portal, { handle: 'cleo', name: 'Cleo', address: 'cleo@example.com' });
            const account = `/admin/accounts/${harbour}`;
            assert.equal((await ann.post(account, { act: 'add', who: 'cleo', title: 'Buyer' })).status, 303);
            const { person } = await member('cleo'), page = `${account}/people/${person}`;
            assert.match(textOf((await ann.get(page)).text), /@cleo · Taken in by ann on \d+ \w+ \d{4}\./);
            const saved = await ann.submit(page, { from: '2099-12-01', until: '2099-12-31' });
            assert.equal(saved.headers.get('location'), `${account}?saved=member`);
            assert.deepEqual(await days('cleo'), ['2099-12-01T00:00:00', '2100-01-01T00:00:00']);
            const shown = await ann.get(page);
            assert.deepEqual([valueOf(shown.text, 'from'), valueOf(shown.text, 'until')], ['2099-12-01', '2099-12-31']);
            assert.match(textOf(shown.text), /@cleo · Taken in by ann on [^.]*\. From 1 Dec 2099/);
            assert.match(textOf((await ann.get(account)).text), /Cleo Buyer · cleo@example\.com From 1 Dec 2099/);
            assert.match(textOf((await ann.get(`/admin/people/${person}`)).text), /Harbour Buyer From 1 Dec 2099/);
            assert.deepEqual((await records('membership.changed', 'cleo'))[0], ['from 2099-12-01, until 2099-12-31', 'ann']);

            const refused = await ann.submit(page, { from: '2100-01-01', title: 'Head of buying' });
            assert.equal(refused.status, 422);
            assert.match(fieldOf(refused.text, 'from'), REVERSED);
            assert.doesNotMatch(fieldOf(refused.text, 'until'), REVERSED);
            assert.deepEqual([valueOf(refused.text, 'from'), valueOf(refused.text, 'until'), valueOf(refused.text, 'title')], ['2100-01-01', '2099-12-31', 'Head of buying'], 'what was typed is kept');
            const none = await ann.submit(page, { from: 'soon', until: 'later' });
            assert.equal(none.status, 422);
            for (const field of ['from', 'until'])
                assert.match(fieldOf(none.text, field), /This is no day: write one such as 2027-06-30, or leave it empty\./);
            assert.deepEqual(await days('cleo'), ['2099-12-01T00:00:00', '2100-01-01T00:00:00'], 'nothing was changed');
            assert.equal((await ann.submit(page, { from: '' })).status, 303);
            assert.deepEqual(await days('cleo'), [null, '2100-01-01T00:00:00']);
            assert.doesNotMatch(textOf((await ann.get(account)).text), /Cleo Buyer · cleo@example\.com From/);
        });

        test('the company sets them on its own page of somebody, in the reader\'s language, beside the field what is wrong', async () => {
            await makePerson(portal, { handle: 'emil', name: 'Emil', address: 'emil@example.com' });
            const id = await join(portal, harbour, 'emil'), page = `${PEOPLE}/${id}`;
            assert.equal((await dana.post(page, { act: 'membership', title: 'Buyer', from: '2099-12-01', until: '2099-12-01' })).headers.get('location'), `${page}?saved=membership`);
            assert.deepEqual(await days('emil'), ['2099-12-01T00:00:00', '2099-12-02T00:00:00']);
            assert.match(textOf((await dana.get(page)).text), /emil@example\.com From 1 Dec 2099/);
            assert.match(textOf((await dana.get(`${PEOPLE}?q=emil`)).text), /Emil emil@example\.com · Buyer Never signed in · until 1 Dec 2099 From 1 Dec 2099/);
            assert.match(textOf((await dana.get('/account/company/review')).text), /Emil .*From 1 Dec 2099/);
            assert.match((await dana.get(`${PEOPLE}.csv`)).text, /^emil@example\.com,Emil,,Buyer,member,2099-12-01,2099-12-01,,,,\r$/m);
            assert.deepEqual((await records('membership.changed', 'emil'))[0], ['from 2099-12-01, until 2099-12-01', 'Dana Reyes']);
            await dana.post('/portico/language', { language: 'de', next: '/' });
            assert.match(textOf((await dana.get(`${PEOPLE}?q=emil`)).text), /Ab 1\. Dez\. 2099/);
            await dana.post('/portico/language', { language: 'en', next: '/' });

            for (const [fields, field, words] of [[{ from: '2099-12-02' }, 'from', REVERSED], [{ from: 'soon' }, 'from', /This is no day/],
                [{ from: '', until: '2001-01-01' }, 'until', /a day that is still to come/], [{ title: 'x'.repeat(300) }, 'title', /Write a shorter title/]]) {
                const typed = { title: 'Head of buying', from: '2099-12-01', until: '2099-12-01', ...fields };
                const refused = await dana.post(page, { act: 'membership', ...typed });
                assert.equal(refused.status, 422, field);
                assert.match(fieldOf(refused.text, field), words);
                assert.deepEqual(Object.fromEntries(Object.keys(typed).map((name) => [name, valueOf(refused.text, name)])), typed, 'what was typed is kept');
            }
            assert.deepEqual(await days('emil'), ['2099-12-01T00:00:00', '2099-12-02T00:00:00'], 'nothing was changed');
            assert.equal((await dana.post(page, { act: 'membership', title: 'Buyer' })).status, 303);
            assert.deepEqual(await days('emil'), ['2099-12-01T00:00:00', '2099-12-02T00:00:00'], 'a form without the days leaves them');
        });

        test('before its first day a membership gives nothing, and it begins and ends in an open session within a moment', async () => {
            await makePerson(portal, { handle: 'finn', name: 'Finn', address: 'finn@example.com' });
            const finn = await signIn(portal, 'finn');
            const id = await join(portal, harbour, 'finn', 'account-admin');
            await until(async () => (await finn.get(PEOPLE)).status === 200, { ...MINUTE, what: 'the membership to hold' });
            assert.equal((await dana.post(`${PEOPLE}/${id}`, { act: 'membership', title: '', from: '2099-12-01', until: '' })).status, 303);
            await until(async () => (await finn.get(PEOPLE)).status !== 200, { ...MINUTE, what: 'it to be yet to begin' });
            assert.deepEqual(await names(finn), []);
            assert.equal((await finn.get('/api/portico/v1/account')).json.active, false);
            assert.equal((await finn.post('/account/switch', { account: harbour })).status, 404);
            assert.match(await cli('why', '--person', 'finn', '--account', 'Harbour', '--permission', 'portico.company'), /Finn belongs to Harbour from .*2099.* on/);

            /* Nothing is changed when it begins and ends: the session looks again by itself. */
            const begins = Date.now() + 5000;
            await hold(portal, id, { from: 5000 });
            for (let seen = await names(finn); Date.now() < begins; seen = await names(finn))
                assert.deepEqual(seen, []);
            await until(async () => (await finn.post('/account/switch', { account: harbour })).status === 303, { ...MINUTE, what: 'it to begin' });
            assert.deepEqual(await names(finn), ['Harbour']);
            assert.equal((await finn.get(PEOPLE)).status, 200);
            const ends = Date.now() + 5000;
            await hold(portal, id, { until: 5000 });
            for (let seen = await names(finn); Date.now() < ends; seen = await names(finn))
                assert.deepEqual(seen, ['Harbour']);
            await until(async () => (await names(finn)).length === 0, { ...MINUTE, what: 'it to end' });
            assert.notEqual((await finn.get(PEOPLE)).status, 200);
        });

        test('both pages say how somebody came, and by whom while there is somebody of that name', async () => {
            const said = async (handle) => {
                const { id, person } = await member(handle);
                const [own, staff] = [await dana.get(`${PEOPLE}/${id}`), await ann.get(`/admin/accounts/${harbour}/people/${person}`)];
                assert.deepEqual([own.status, staff.status], [200, 200]);
                const words = /(?:Came|Taken) [^.]*\./;
                assert.equal(words.exec(textOf(own.text))?.[0], words.exec(textOf(staff.text))?.[0]);
                return words.exec(textOf(own.text))?.[0].replace(/\d+ \w+ \d{4}/, 'DAY');
            };
            await makePerson(portal, { handle: 'gus', name: 'Gus Moor', address: 'gus@example.com' });
            await join(portal, harbour, 'gus', 'account-admin');
            const gus = await signIn(portal, 'gus');
            await until(async () => (await gus.get(INVITE)).status === 200, { ...MINUTE, what: 'the role' });
            await makePerson(portal, { handle: 'hal', name: 'Hal', address: 'hal@example.com' });
            const hal = await signIn(portal, 'hal');
            assert.equal((await gus.submit(INVITE, { people: 'hal@example.com', language: 'en', role: 'none' }, 'company_invite')).status, 303);
            const letter = await until(() => smtp.messages.map((message) => letterOf(portal, message)).find(({ to }) => [to].flat().some((one) => one.includes('hal@'))), { ...MINUTE, what: 'the letter' });
            assert.equal((await hal.post(letter.link, { act: 'accept' })).status, 303);
            assert.equal(await said('hal'), 'Came by invitation of Gus Moor on DAY.');
            assert.equal(await said('ben'), 'Taken in by whoever runs the portal on DAY.');
            assert.equal(await said('cleo'), 'Taken in by ann on DAY.');

            await cli('account', 'know', 'Harbour', 'crm:8');
            const lone = portal.write('lone.csv', 'external,name,mail\nhr:8,Kay,kay@example.com\n'), in_ = portal.write('in.csv', 'account,person\ncrm:8,hr:8\n');
            await cli('account', 'import', lone, in_);
            assert.equal(await said('kay'), 'Taken over from another system on DAY.');

            await cli('person', 'erase', (await member('gus')).person);
            assert.equal(await said('hal'), 'Came by invitation on DAY.');
        });
    });
