/* Two sign-ins become one where one of them only asked to join: what modules are told and what the company's log keeps is
 * what happened, and who only asked was no member. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, letterOf, makeAccount, makePerson, ownDomain, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

for (const database of ['sqlite', 'postgresql'])
    describe(`a merge with somebody who only asked to join (${database})`, () => {
        let portal, smtp;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, settings: { sign_in: { sign_up: 'domain' }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        const lines = async (...words) => {
            const { stdout, stderr, code } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
            return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
        };
        const idOf = async (name) => String((await lines('user', 'list', '--json')).find((one) => one.name === name).id);
        /* A company of its own for each case, its domain, and somebody of it who asked to join. */
        const company = async (name) => {
            const id = await makeAccount(portal, name);
            await ownDomain(portal, id, `${name.toLowerCase()}.example`);
            await makePerson(portal, { handle: `${name.toLowerCase()}-boss`, address: `boss@${name.toLowerCase()}-boss.example` });
            await join(portal, id, `${name.toLowerCase()}-boss`, 'account-admin');
            return id;
        };
        const ask = async (name, who) => {
            const address = `${who}@${name.toLowerCase()}.example`;
            const browser = visitor(portal);
            await browser.submit('/account/join', { name: who, address }, 'join');
            const { link } = await until(() => smtp.messages.map((message) => letterOf(portal, message)).find(({ to, link: there }) => there && [to].flat().some((one) => one.includes(address))),
                { within: 120_000, what: `a letter to ${address}` });
            assert.equal((await browser.submit(link, { password: 'three blue kettles' }, 'password')).status, 303);
            return idOf(who);
        };
        const merged = async (from, into) => {
            const { code, stderr } = await portal.cli('person', 'merge', from, into, '--reason', 'She signed up twice.');
            assert.equal(code, 0, stderr);
        };
        /* What is told of the company since, and what its log keeps: "removed PERSON merged". */
        const told = async (account) => (await lines('event', 'list', '--json'))
            .filter(({ type, data }) => type.startsWith('portal.portico.membership.') && String(data.account) === account && data.change === 'merged')
            .map(({ type, data }) => `${type.split('.').pop()} ${data.person}`);
        const kept = async (account) => (await lines('audit', 'list', '--account', account, '--json'))
            .filter(({ kind, object }) => kind.startsWith('membership.') && object === 'merged')
            .sort((a, b) => a.number - b.number).map(({ kind, person }) => `${kind.split('.').pop()} ${person}`);
        const notices = async (name) => textOf((await (await signIn(portal, `${name.toLowerCase()}-boss`)).get('/account/notices')).text);

        test('who belonged to it becomes one with who had asked: that one is a member now, and was none', async () => {
            const account = await company('Alder');
            const asked = await ask('Alder', 'Ann');
            await until(async () => /Ann asks to join Alder/.test(await notices('Alder')), { within: 60_000, what: 'the notice' });
            const member = await makePerson(portal, { handle: 'alder-member', address: 'member@alder-member.example' });
            await join(portal, account, 'alder-member');
            await merged('alder-member', asked);
            assert.deepEqual(await told(account), [`removed ${member}`, `added ${asked}`]);
            assert.deepEqual(await kept(account), [`removed ${member}`, `made ${asked}`]);
            assert.doesNotMatch(await notices('Alder'), /asks to join/, 'nobody is to be answered any more');
        });

        test('who had asked becomes one with a member: an application is over, no membership', async () => {
            const account = await company('Birch');
            const asked = await ask('Birch', 'Bea');
            const member = await makePerson(portal, { handle: 'birch-member', address: 'member@birch-member.example' });
            await join(portal, account, 'birch-member');
            await merged(asked, 'birch-member');
            assert.deepEqual(await told(account), [`declined ${asked}`]);
            assert.deepEqual(await kept(account), [`declined ${asked}`]);
            assert.doesNotMatch(await notices('Birch'), /asks to join/);
            assert.match((await portal.cli('account', 'members', account)).stdout, /birch-member/);
            assert.ok(member);
        });

        test('who had asked becomes one with somebody new to it: the other asks from now on, and is no member', async () => {
            const account = await company('Cedar');
            const asked = await ask('Cedar', 'Cid');
            const other = await makePerson(portal, { handle: 'cedar-other', address: 'other@cedar-other.example' });
            await merged(asked, 'cedar-other');
            assert.deepEqual(await told(account), [`declined ${asked}`, `applied ${other}`]);
            assert.deepEqual(await kept(account), [`declined ${asked}`, `applied ${other}`]);
            assert.match((await portal.cli('account', 'members', account)).stdout, /cedar-other.*applied/);
        });

        test('where both had asked, one application is left', async () => {
            const account = await company('Dogwood');
            const [asked, again] = [await ask('Dogwood', 'Dee'), await ask('Dogwood', 'Dora')];
            await merged(asked, again);
            assert.deepEqual(await told(account), [`declined ${asked}`]);
            assert.deepEqual(await kept(account), [`declined ${asked}`]);
            const left = await notices('Dogwood');
            assert.match(left, /Dora asks to join/);
            assert.doesNotMatch(left, /Dee asks to join/);
        });

        test('a member in place of somebody new is told as before', async () => {
            const account = await company('Elm');
            const [member, other] = [await makePerson(portal, { handle: 'elm-member' }), await makePerson(portal, { handle: 'elm-other' })];
            await join(portal, account, 'elm-member');
            await merged('elm-member', 'elm-other');
            assert.deepEqual(await told(account), [`removed ${member}`, `added ${other}`]);
            assert.deepEqual(await kept(account), [`removed ${member}`, `made ${other}`]);
        });
    });
