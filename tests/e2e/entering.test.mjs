/* Staff look into a company they do not belong to: with a reason, for an hour, as its admins read. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, letItGetLate, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const LOG = '/account/company/log', MINUTE = { within: 60_000 };

for (const database of ['sqlite', 'postgresql'])
    describe(`staff in a company of others (${database})`, () => {
        let portal, acme, page, dana, sam, admin;
        before(async () => {
            portal = await startPortal({ database });
            acme = await makeAccount(portal, 'Acme');
            page = `/admin/accounts/${acme}`;
            await makePerson(portal, { handle: 'dana', name: 'Dana', address: 'dana@example.com' });
            await join(portal, acme, 'dana', 'account-admin');
            dana = await signIn(portal, 'dana');
            sam = await signIn(portal, 'sam', 'moderator');
            admin = await signIn(portal, 'root', 'admin');
        });
        after(() => portal?.close());

        const account = async (who) => (await who.get('/api/portico/v1/account')).json;
        const enter = (who, reason = 'The orders do not show.') => who.post(`${page}/enter`, { reason });

        test('they need the permission, a reason and a proof, and the company reads that they came and went', async () => {
            assert.equal((await enter(sam)).status, 403);
            assert.equal((await enter(dana)).status, 403);
            assert.equal((await enter(admin, ' ')).headers.get('location'), `${page}?lacking=reason`);
            assert.match(textOf((await admin.get(`${page}?lacking=reason`)).text), /Say why, in at most 200 letters/);
            assert.equal((await admin.post('/admin/accounts/4711/enter', { reason: 'x' })).status, 404);
            assert.equal((await enter(admin, 'Λ'.repeat(201))).headers.get('location'), `${page}?lacking=reason`);
            assert.equal((await enter(admin, 'Λ'.repeat(200))).headers.get('location'), '/', 'letters, not bytes');
            assert.equal((await admin.post('/account/leave')).headers.get('location'), page);
            assert.equal((await enter(admin)).headers.get('location'), '/');
            const entered = await account(admin);
            assert.deepEqual([entered.active, entered.name], [true, 'Acme']);
            assert.match(textOf((await admin.get('/account')).text), /You look into Acme as staff\. .*Leave Acme/);
            assert.match(textOf((await dana.get(LOG)).text), /Account entered by staff: The orders do not show\. root/);
            for (const changed of ['/account/company/teams', '/account/company/invite', page]) {
                const refused = await admin.post(changed, { act: 'make', name: 'Night shift' });
                assert.equal(refused.status, 403, changed);
                assert.match(textOf(refused.text), /nothing is changed while you do\. Leave it first/);
            }
            await until(async () => /root of the staff looks into Acme The orders do not show\./.test(textOf((await dana.get('/account/notices')).text)), { ...MINUTE, what: 'the notice' });
            assert.equal((await admin.post('/account/leave')).headers.get('location'), page);
            assert.notEqual((await account(admin)).name, 'Acme');
            assert.doesNotMatch(textOf((await admin.get('/account')).text), /You look into/);
            assert.match(textOf((await dana.get(LOG)).text), /Account left by staff root/);
        });

        test('the company reads that they left, however they did', async () => {
            const left = async () => textOf((await dana.get(LOG)).text).split('Account left by staff').length;
            const before = await left();
            const own = (await admin.get('/api/portico/v1/accounts')).json.items[0].id;
            await enter(admin);
            assert.equal((await admin.post('/account/switch', { account: own })).status, 303);
            assert.equal(await left(), before + 1);
            const rhea = await signIn(portal, 'rhea', 'admin');
            assert.equal((await enter(rhea)).status, 303);
            await rhea.post('/logout');
            assert.equal(await left(), before + 2);
        });

        test('who lacks the permission from then on is out within a second, and late proofs are asked again', async () => {
            const role = async (...words) => assert.equal((await portal.cli('role', ...words)).code, 0);
            await role('allow', 'moderator', 'portico.accounts.enter');
            await until(async () => (await enter(sam)).status === 303, { ...MINUTE, what: 'the permission' });
            assert.equal((await account(sam)).name, 'Acme');
            assert.equal((await sam.get('/account/company/people')).status, 403, 'with the rights of their own');
            const shown = await sam.get('/account');
            await role('reset', 'moderator', 'portico.accounts.enter');
            await until(async () => (await account(sam)).name !== 'Acme', { ...MINUTE, what: 'the end' });
            assert.match(textOf((await dana.get(LOG)).text), /Account left by staff sam/);
            assert.equal((await sam.submit(shown, { name: 'Sam the Second' }, '/account')).status, 403, 'a form that was shown while looking');
            assert.doesNotMatch((await sam.get('/account')).text, /Sam the Second/);
            await letItGetLate(portal, 'root');
            assert.equal((await enter(admin)).headers.get('location'), `/account/again?next=${page}`);
        });
    });
