/* A module that has a say in who belongs to a company is asked whichever way somebody comes in. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { join, letterOf, makeAccount, makePerson, ownDomain, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const modules = (settings = {}) => ({ gatekeeper: { path: path.join(buildDirectory(), 'tests/modules/gatekeeper'), ...settings } });
const to = (answer) => answer.headers.get('location');
const log = async (portal, ...words) => (await portal.cli('audit', 'list', ...words)).stdout;

for (const database of ['sqlite', 'postgresql'])
    describe(`a module that says who joins a company (${database})`, () => {
        const NOBODY = 'The mill takes nobody in today.';
        const joining = (words) => portal.writeConfig(modules(words ? { joining: words } : {}), CONFIG());
        const CONFIG = () => `[sign_in]\nsign_up = domain\n[mail]\nserver = smtp://127.0.0.1:${smtp.port}\nfrom = portal@example.com\n`;
        const again = async (words) => {
            await portal.stop();
            joining(words);
            await portal.start();
        };
        const letterTo = async (address) => (await until(() => smtp.messages.map((message) => letterOf(portal, message))
            .find(({ to }) => [to].flat().some((one) => one.includes(address))), { within: 60_000, what: `a letter to ${address}` })).link;
        const events = async () => (await portal.cli('event', 'list', '--json')).stdout.trim().split('\n')
            .map((line) => JSON.parse(line)).filter(({ type }) => type.startsWith('portal.portico.membership.'));
        let portal, smtp, mill, olga, ada;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, modules: modules(), config: CONFIG() });
            mill = await makeAccount(portal, 'Mill');
            await ownDomain(portal, mill, 'mill.example');
            await makePerson(portal, { handle: 'olga', address: 'olga@example.com' });
            await join(portal, mill, 'olga', 'account-admin');
            await makePerson(portal, { handle: 'ada', address: 'ada@example.com', roles: 'admin' });
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        test('is asked when an application is approved, on each page where it is; refused, nothing changes', async () => {
            const ida = visitor(portal);
            await ida.submit('/account/join', { name: 'Ida', address: 'ida@mill.example' }, 'join');
            assert.equal((await ida.submit(await letterTo('ida@mill.example'), { password: 'three blue kettles' }, 'password')).status, 303);
            assert.deepEqual((await events()).map(({ type }) => type.split('.').pop()), ['applied']);
            await again(NOBODY);
            [olga, ada] = [await signIn(portal, 'olga'), await signIn(portal, 'ada')];
            const waiting = await olga.get('/account/company/people?show=waiting');
            const own = /\/account\/company\/people\/\d+/.exec(waiting.text)[0];
            const account = await ada.get(`/admin/accounts/${mill}`);
            const staffs = [...account.text.matchAll(/\/admin\/accounts\/\d+\/people\/\d+/g)].map(([path]) => path);
            const idas = (await Promise.all(staffs.map((path) => ada.get(path)))).findIndex(({ text }) => /Waits for approval/.test(text));
            for (const [who, path, fields] of [[olga, own, { act: 'approve' }], [olga, own, { act: 'approve', home: '1' }], [ada, staffs[idas], { act: 'save', title: '' }]]) {
                const refused = await who.post(path, fields);
                assert.equal(refused.status, 422, `${path}: ${textOf(refused.text)}`);
                assert.match(textOf(refused.text), /The mill takes nobody in today\./);
                assert.doesNotMatch(textOf(refused.text), /handler|gatekeeper/, 'its words alone');
                assert.match(textOf(refused.text), /Asks to join|Waits for approval/);
            }
            assert.notEqual((await portal.cli('account', 'member', mill, 'ida@mill.example')).code, 0);
            assert.doesNotMatch(await log(portal), /membership\.approved/);
            await again('fail');
            const failing = await olga.post(own, { act: 'approve' });
            assert.equal(failing.status, 422);
            assert.match(textOf(failing.text), /does not answer\. Nothing was changed/);
            await again();
            for (let i = 0; i < 2; i++)
                assert.equal(to(await olga.post(own, { act: 'approve' })), `${own}?saved=approved`);
            assert.deepEqual((await events()).map(({ type, data }) => [type.split('.').pop(), data.change]), [['applied', undefined], ['added', 'approved']], 'once');
            assert.equal((await log(portal)).match(/membership\.approved/g).length, 1);
        });

        test('is asked when an invitation is accepted, by somebody new and by somebody who is there', async () => {
            await makePerson(portal, { handle: 'ron', address: 'ron@example.com' });
            const ron = await signIn(portal, 'ron');
            for (const address of ['new@example.com', 'ron@example.com'])
                assert.equal((await olga.submit('/account/company/invite', { people: address, language: 'en', role: 'none', outside: '1' }, 'company_invite')).status, 303);
            const links = [await letterTo('new@example.com'), await letterTo('ron@example.com')];
            const accept = [() => visitor(portal).submit(links[0], { name: 'Nell', password: 'three blue kettles' }, 'accept'),
                () => ron.post(links[1], { act: 'accept' })];
            await again(NOBODY);
            for (const turn of accept) {
                const refused = await turn();
                assert.equal(refused.status, 403, textOf(refused.text));
                assert.match(textOf(refused.text), /You did not join The mill takes nobody in today\./);
            }
            assert.doesNotMatch((await portal.cli('user', 'list')).stdout, /Nell/, 'nobody is made');
            assert.doesNotMatch(await log(portal), /invitation\.accepted/);
            await again();
            for (const turn of accept)
                assert.equal((await turn()).status, 303, 'the link is as good as before');
            assert.deepEqual((await events()).map(({ type }) => type.split('.').pop()), ['applied', 'added', 'added', 'added']);
        });

        test('or nobody, but somebody reads of the application: who looks after it from above, else staff', async () => {
            const [holding, alone] = [await makeAccount(portal, 'Holding'), await makeAccount(portal, 'Alone')];
            const below = await makeAccount(portal, 'Plant', { below: holding });
            for (const [handle, ...words] of [['hana', '--all-below'], ['igor']]) {
                await makePerson(portal, { handle, address: `${handle}@example.com` });
                const { code, stderr } = await portal.cli('account', 'member', holding, handle, '+account-admin', ...words);
                assert.equal(code, 0, stderr);
            }
            const told = async (handle) => textOf((await (await signIn(portal, handle)).get('/account/notices')).text);
            for (const [account, domain, who] of [[below, 'plant.example', 'Pia'], [alone, 'alone.example', 'Lou']]) {
                await ownDomain(portal, account, domain);
                const address = `${who.toLowerCase()}@${domain}`;
                await visitor(portal).submit('/account/join', { name: who, address }, 'join');
                assert.equal((await visitor(portal).submit(await letterTo(address), { password: 'three blue kettles' }, 'password')).status, 303);
            }
            await until(async () => /Pia asks to join Plant/.test(await told('hana')), { within: 60_000, what: 'the one above to be told' });
            await until(async () => /Lou asks to join Alone/.test(await told('ada')), { within: 60_000, what: 'staff to be told' });
            assert.doesNotMatch(await told('ada'), /Pia asks/, 'not where somebody else looks after it');
            assert.doesNotMatch(await told('igor'), /asks to join/, 'who looks after the one above alone');
            assert.doesNotMatch(await told('hana'), /Lou asks/);
            /* The notice leads to where it is answered, for who acts elsewhere, too. */
            for (const [handle, who, page] of [['ada', 'Lou', `/admin/accounts/${alone}/people/`], ['hana', 'Pia', '/account/company/people/']]) {
                const reader = await signIn(portal, handle);
                const [, link] = new RegExp(`<a href="([^"]+)">${who} asks to join`).exec((await reader.get('/account/notices')).text);
                assert.ok(link.startsWith(page), link);
                let answer = await reader.get(link);
                if (answer.status === 303)
                    answer = await reader.follow(answer);
                assert.equal(answer.status, 200, `${link}: ${textOf(answer.text)}`);
                assert.match(textOf(answer.text), new RegExp(`${who}.*(Approve|Waits for approval)`));
            }
        });

        test('and who looks after the company no more reads of its applicants no more', async () => {
            const account = await makeAccount(portal, 'Quay');
            await ownDomain(portal, account, 'quay.example');
            for (const handle of ['quinn', 'wim']) {
                await makePerson(portal, { handle, address: `${handle}@example.com` });
                await join(portal, account, handle, 'account-admin');
            }
            const [quinn, wim] = [await signIn(portal, 'quinn'), await signIn(portal, 'wim')];
            const reads = async (who) => /Uma asks to join Quay.*uma@quay\.example/.test(textOf((await who.get('/account/notices')).text));
            await visitor(portal).submit('/account/join', { name: 'Uma', address: 'uma@quay.example' }, 'join');
            assert.equal((await visitor(portal).submit(await letterTo('uma@quay.example'), { password: 'three blue kettles' }, 'password')).status, 303);
            for (const who of [quinn, wim])
                await until(() => reads(who), { within: 60_000, what: 'the notice' });
            const said = async (...words) => assert.equal((await portal.cli(...words)).code, 0, words.join(' '));
            await said('account', 'member', 'Quay', 'wim', '-account-admin');
            await until(async () => !await reads(wim), { within: 60_000, what: 'the notice to be hidden' });
            const api = await wim.get('/api/portico/v1/notices', { headers: { Accept: 'application/json' } });
            assert.doesNotMatch(api.text, /Uma|uma@/);
            assert.ok(await reads(quinn), 'who looks after it still reads it');
            await said('account', 'member', 'Quay', 'wim', '+account-admin');
            await until(() => reads(wim), { within: 60_000, what: 'the notice to be back with the role' });
            await said('account', 'leave', 'Quay', 'wim');
            await until(async () => !await reads(wim), { within: 60_000, what: 'the notice to be hidden' });
        });

        test('is asked when a role makes somebody one of the staff, and told when they are none any more', async () => {
            const sam = await makePerson(portal, { handle: 'sam', address: 'sam@example.com' });
            const earlier = (await events()).length;
            const page = `/admin/people/${sam}`;
            const invite = (address) => ada.submit('/admin/people/invite', { name: 'Vera', address, role: 'moderator', language: 'en' }, 'invite');
            const about = async (who) => (await log(portal, '--json', '--who', who)).trim().split('\n').filter(Boolean).map((line) => JSON.parse(line))
                .map(({ kind, object }) => `${kind} ${object ?? ''}`.trim());
            await again(NOBODY);
            const refused = await ada.post(page, { act: 'roles', moderator: '1' });
            assert.equal(refused.status, 403, textOf(refused.text));
            assert.match(textOf(refused.text), /Nothing was changed The mill takes nobody in today\./);
            assert.notEqual((await portal.cli('user', 'role', 'sam', '+moderator')).code, 0);
            const invited = await invite('vera@example.com');
            assert.equal(invited.status, 422);
            assert.match(textOf(invited.text), /The mill takes nobody in today\./);
            assert.deepEqual(await about('sam'), []);
            assert.doesNotMatch((await portal.cli('user', 'list')).stdout, /Vera/);
            await again();
            assert.match(to(await ada.post(page, { act: 'roles', moderator: '1' })), /saved=roles/);
            for (const words of [['+admin'], ['-admin', '-moderator']])
                assert.equal((await portal.cli('user', 'role', 'sam', ...words)).code, 0);
            assert.equal((await invite('vera@example.com')).status, 303);
            const told = (await events()).slice(earlier).map(({ type, data }) => [type.split('.').pop(), data.account, data.person === `${sam}`, data.change]);
            assert.deepEqual(told, [['added', '1', true, 'moderator'], ['changed', '1', true, 'roles'], ['removed', '1', true, undefined], ['added', '1', false, 'moderator']]);
            assert.deepEqual((await about('sam')).toReversed(), ['membership.made', 'role.given moderator', 'role.given admin', 'membership.removed', 'role.taken moderator', 'role.taken admin']);
        });
    });
