/* Who of the staff reads the letters that wait: their links let whoever has them in. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, letItGetLate, makeAccount, makePerson, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

for (const database of ['sqlite', 'postgresql'])
    describe(`letters that wait (${database})`, () => {
        let portal, helper, admin;
        const LINK = /\/account\/(link|invitation)\/[\w-]{43}/;
        const command = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        const newest = async (staff) => /href="(\/admin\/mail\/\d+)"/.exec((await staff.get('/admin/mail')).text)?.[1];
        const letterFor = async (name) => {
            const before = await newest(admin);
            await visitor(portal).submit('/account/forgot', { name });
            return until(async () => {
                const now = await newest(admin);
                return now === before ? undefined : now;
            }, { what: 'the letter to wait' });
        };
        before(async () => {
            portal = await startPortal({ database, settings: { sign_in: { sign_up: 'open' } } });
            await command('role', 'add', 'desk', 'Help desk', '--place', 'owner');
            await command('role', 'allow', 'desk', 'portico.admin');
            for (const [handle, roles] of [['helper', undefined], ['boss', 'admin'], ['mara', undefined], ['lee', undefined]])
                await makePerson(portal, { handle, address: `${handle}@example.com`, roles, password: true });
            await join(portal, '1', 'helper', 'desk');
            helper = await signIn(portal, 'helper');
            admin = await signIn(portal, 'boss');
        });
        after(() => portal?.close());
        const kinds = async () => (await portal.cli('audit', 'list', '--kind', 'mail.read', '--json')).stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));

        test('an admin\'s link is for admins, and each reading is a record', async () => {
            const letter = await letterFor('boss');
            const page = await helper.get(letter);
            assert.equal(page.status, 200);
            assert.doesNotMatch(page.text, LINK);
            assert.match(textOf(page.text), /they may do more than you: ask an admin/);
            assert.deepEqual(await kinds(), []);
            assert.match((await admin.get(letter)).text, LINK);
            assert.equal((await kinds()).length, 1);
        });

        test('staff hand on the link of who may do no more, once they prove that it is them', async () => {
            const letter = await letterFor('mara');
            await letItGetLate(portal, 'helper');
            const asked = await helper.get(letter);
            assert.equal(asked.status, 303);
            assert.equal(asked.headers.get('location'), `/account/again?next=${letter}`);
            helper = await signIn(portal, 'helper');
            assert.match((await helper.get(letter)).text, LINK);
            const [record] = (await kinds()).slice(-1);
            assert.equal(record.object, 'Set a new password for Test portal');
            const told = async (who) => textOf((await who.get('/account/security')).text);
            assert.match(await told(await signIn(portal, 'mara')), /Who read a letter to you helper Set a new password for Test portal/);
            assert.doesNotMatch(await told(helper), /Who read a letter/);
        });

        test('the link of who acts for a company, and of nobody yet, is for who looks after companies', async () => {
            const mill = await makeAccount(portal, 'Mill');
            for (const [handle, roles] of [['moe', 'account-admin'], ['ned', '']]) {
                await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
                await join(portal, mill, handle, roles);
            }
            for (const handle of ['moe', 'ned']) {
                const letter = await letterFor(handle);
                assert.doesNotMatch((await helper.get(letter)).text, LINK, handle);
                assert.match((await admin.get(letter)).text, LINK, handle);
            }
            const before = await newest(admin);
            assert.equal((await visitor(portal).submit('/account/join', { name: 'Newcomer', address: 'new@example.com' })).status, 303);
            const letter = await until(async () => {
                const now = await newest(admin);
                return now === before ? undefined : now;
            }, { what: 'the letter to wait' });
            assert.doesNotMatch((await helper.get(letter)).text, LINK);
            assert.match((await admin.get(letter)).text, LINK);
        });

        test('an invitation is read by who may give what it gives', async () => {
            const acme = await makeAccount(portal, 'Acme'), before = await newest(admin);
            await join(portal, acme, 'lee', 'account-admin');
            const lee = await signIn(portal, 'lee');
            const sent = await lee.submit('/account/company/invite', { people: 'ida@example.com', role: 'account-admin' });
            assert.equal(sent.status, 303, textOf(sent.text));
            const letter = await until(async () => {
                const now = await newest(admin);
                return now === before ? undefined : now;
            }, { what: 'the invitation to wait' });
            assert.doesNotMatch((await helper.get(letter)).text, LINK);
            assert.match((await admin.get(letter)).text, LINK);
        });
    });
