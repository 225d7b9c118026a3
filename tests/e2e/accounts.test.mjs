/* portico account and portico role: companies, their tree, who belongs to them, and what roles may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makePerson } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

async function portalWith(t, options = {}) {
    const portal = await startPortal(options);
    t.after(() => portal.close());
    const said = async (...words) => {
        const { code, stdout, stderr } = await portal.cli(...words);
        assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
        return stdout;
    };
    portal.account = (...words) => said('account', ...words);
    portal.role = (...words) => said('role', ...words);
    portal.rows = async (...words) => (await said(...words, '--json')).split('\n').filter(Boolean).map((line) => JSON.parse(line));
    portal.refuses = async (words, complaint, exit = 1) => {
        const { code, stdout, stderr } = await portal.cli(...words);
        assert.equal(code, exit, `${words.join(' ')}: ${stdout}${stderr}`);
        assert.match(stderr, complaint);
        assert.equal(stdout, '');
    };
    return portal;
}

for (const database of ['sqlite', 'postgresql'])
    test(`accounts are made, listed, renamed, moved, suspended and closed by command (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        assert.match(await portal.account('add', 'Acme Group', '--external', 'crm:1'), /^Acme Group is made: \d+\.\n$/);
        await portal.account('add', 'Acme North', '--below', 'Acme Group');
        await portal.account('add', 'Broker', '--kind', 'partner');
        assert.deepEqual((await portal.rows('account', 'list')).map(({ name, kind, state, members }) => [name, kind, state, members]),
            [['Acme Group', 'customer', 'open', 0], ['Acme North', 'customer', 'open', 0], ['Broker', 'partner', 'open', 0]]);
        assert.deepEqual((await portal.rows('account', 'list', 'acme n')).map(({ name }) => name), ['Acme North']);
        assert.deepEqual((await portal.rows('account', 'list', 'crm:1')).map(({ name }) => name), ['Acme Group']);
        assert.deepEqual((await portal.rows('account', 'list', '--kind', 'partner')).map(({ name }) => name), ['Broker']);

        assert.equal(await portal.account('rename', 'external:crm:1', 'Acme Holding'), 'Acme Group is called Acme Holding now.\n');
        await portal.account('know', 'Acme Holding', 'erp:77');
        await portal.refuses(['account', 'know', 'Broker', 'erp:77'], /"erp:77" is another account's already/);
        await portal.account('forget', 'Acme Holding', 'crm:1');
        await portal.refuses(['account', 'forget', 'Acme Holding', 'crm:1'], /has no id "crm:1"/);
        const [north] = await portal.rows('account', 'show', 'Acme North');
        assert.deepEqual(north.above.map(({ name }) => name), ['Acme Holding']);
        const [group] = await portal.rows('account', 'show', 'Acme Holding');
        assert.deepEqual([group.below.map(({ name }) => name), group.external], [['Acme North'], [{ external: 'erp:77' }]]);

        await portal.refuses(['account', 'move', 'Acme Holding', 'Acme North'], /cannot lie below itself/);
        assert.equal(await portal.account('move', 'Acme North', 'Broker'), 'Acme North lies below Broker now.\n');
        assert.equal(await portal.account('move', 'Acme North'), 'Acme North lies below none now.\n');
        assert.match(await portal.account('suspend', 'Broker'), /is suspended: nobody acts in it/);
        assert.match(await portal.account('show', 'Broker'), /^state +suspended$/m);
        assert.equal(await portal.account('open', 'Broker'), 'Broker is open.\n');
        await portal.account('close', 'Broker');
        await portal.account('kind', 'Broker', 'customer');
        assert.deepEqual((await portal.rows('account', 'list', 'bro')).map(({ kind, state }) => [kind, state]), [['customer', 'closed']]);
        await portal.refuses(['account', 'close', '1'], /account of the portal's owner/);
        await portal.refuses(['account', 'show', 'Nowhere'], /No account is called "Nowhere"/);
        await portal.refuses(['account', 'add', 'X', '--below', 'Broker'], /not there or closed/);
        await portal.refuses(['account', 'add', 'X', '--kind', 'friend'], /of kind customer or partner/);
    });

for (const database of ['sqlite', 'postgresql'])
    test(`people belong to accounts with roles, and roles are defined and ruled, by command (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        await makePerson(portal, { handle: 'dana', address: 'dana@acme.example' });
        await portal.account('add', 'Acme');
        assert.match(await portal.role('add', 'buyer', 'Buyer', '--description', 'Orders for the company.'), /^The role buyer is made/);
        assert.equal(await portal.account('member', 'Acme', 'dana', '+account-admin', '+buyer', '--title', 'Head of IT', '--until', '2999-06-30'),
            'dana belongs to Acme as account-admin buyer.\n');
        assert.equal(await portal.account('member', 'Acme', 'dana@acme.example', '-account-admin'), 'dana belongs to Acme as buyer.\n');
        const [dana] = await portal.rows('account', 'members', 'Acme');
        assert.deepEqual([dana.handle, dana.title, dana.roles, dana.until.slice(0, 10)], ['dana', 'Head of IT', 'buyer', '2999-06-30']);
        assert.match(await portal.account('members', 'Acme'), /dana +dana +dana@acme\.example +buyer +member +2999-06-30/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', '+staff'], /is not given/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', '+moderator'], /held in the owner's account only/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', 'buyer'], /says neither \+ nor -/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', '--until', 'soon'], /`soon` is no time/);
        await portal.refuses(['account', 'member', 'Acme', 'nobody'], /Nobody is called "nobody"/);

        await portal.refuses(['role', 'add', 'buyer', 'Again'], /There is a role "buyer" already/);
        await portal.refuses(['role', 'allow', 'buyer', 'portico.admn'], /did you mean "portico\.admin"/);
        await portal.refuses(['role', 'deny', 'admin', 'portico.admin'], /Admins may do everything/);
        assert.match(await portal.role('show', 'buyer'), /^Buyer: Orders for the company\.\n/);
        assert.match(await portal.role('show', 'buyer'), /^no +portico\.unlimited$/m);
        assert.equal(await portal.role('allow', 'buyer', 'portico.unlimited'), 'buyer holds portico.unlimited.\n');
        assert.match(await portal.role('show', 'buyer'), /^yes +portico\.unlimited$/m);
        await portal.role('reset', 'buyer', 'portico.unlimited');
        assert.match(await portal.role('show', 'buyer'), /^no +portico\.unlimited$/m);
        await portal.role('describe', 'buyer', 'Purchaser');
        await portal.role('give', 'moderator', 'dana');
        assert.match(await portal.role('take', 'buyer', 'dana', '--in', 'Acme'), /no more in Acme/);
        const roles = Object.fromEntries((await portal.rows('role', 'list')).map((role) => [role.role, role]));
        assert.deepEqual([roles.buyer.title, roles.buyer.holders, roles.buyer.place, roles.moderator.holders], ['Purchaser', 0, 'account', 1]);
        await portal.role('give', 'buyer', 'dana', '--in', 'Acme');
        assert.match(await portal.role('remove', 'buyer'), /nobody holds it any more/);
        assert.equal((await portal.rows('account', 'members', 'Acme'))[0].roles, '');
        await portal.refuses(['role', 'remove', 'staff'], /it stays/);
        assert.equal(await portal.account('leave', 'Acme', 'dana'), 'dana belongs to Acme no more.\n');
        assert.deepEqual(await portal.rows('account', 'members', 'Acme'), []);
        const events = (await portal.rows('event', 'list')).map(({ type, data }) => `${type.replace('portal.portico.', '')} ${data.change ?? ''}`);
        for (const one of ['account.added ', 'membership.added account-admin buyer ', 'membership.changed roles', 'membership.removed ',
            'role.changed added', 'role.changed rules', 'role.changed removed', 'person.changed roles: moderator'])
            assert.ok(events.includes(one), `${one} in ${events.join(', ')}`);
    });
