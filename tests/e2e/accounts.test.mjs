/* portico account and portico role: companies, their tree, who belongs to them, and what roles may. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { letItGetLate, makePerson, PASSWORD, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

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
        assert.deepEqual([dana.handle, dana.title, dana.roles, dana.until.slice(0, 10)], ['dana', 'Head of IT', 'buyer', '2999-07-01']);
        assert.match(await portal.account('members', 'Acme'), /dana +dana +dana@acme\.example +buyer +member +- +2999-06-30/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', '+staff'], /is not given/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', '+moderator'], /held in the owner's account only/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', 'buyer'], /says neither \+ nor -/);
        await portal.refuses(['account', 'member', 'Acme', 'dana', '--until', 'soon'], /`soon` is no day/);
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

/* The parts of an admin's page that staff reads: its text, and where a form led. */
const led = (answer) => `${answer.status} ${answer.headers.get('location') ?? textOf(answer.text)}`;

for (const database of ['sqlite', 'postgresql'])
    test(`staff looks after companies, their people and roles on pages (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        const admin = await signIn(portal, 'ann', 'admin');
        const dana = await makePerson(portal, { handle: 'dana', name: 'Dana Whitfield', address: 'dana@acme.example' });

        assert.match(textOf((await admin.get('/admin/accounts')).text), /No company yet/);
        const wrong = await admin.submit('/admin/accounts/new', { name: '', below: 'Nowhere' });
        assert.equal(wrong.status, 422);
        const made = await admin.submit('/admin/accounts/new', { name: 'Acme Group', external: 'crm:1' });
        const acme = /^\/admin\/accounts\/(\d+)\?saved=made$/.exec(made.headers.get('location'))[1];
        assert.match(textOf((await admin.follow(made)).text), /Add its people next\. .* Nobody yet/);
        await admin.submit('/admin/accounts/new', { name: 'Acme North', below: 'external:crm:1', kind: 'partner' });
        const list = textOf((await admin.get('/admin/accounts?kind=partner')).text);
        assert.match(list, /Acme North Partner · 0 people/);
        assert.doesNotMatch(list, /Acme Group/);

        const page = `/admin/accounts/${acme}`;
        const change = (fields) => admin.post(page, fields);
        assert.equal(led(await change({ act: 'name', new_name: 'Acme Holding', kind: 'customer' })), `303 ${page}?saved=name`);
        assert.match(led(await change({ act: 'move', above_name: 'Acme North' })), /^422 .*cannot lie below itself/);
        assert.equal(led(await change({ act: 'know', external: 'erp:7' })), `303 ${page}?saved=known`);
        assert.equal(led(await change({ act: 'forget', known: 'erp:7' })), `303 ${page}?saved=forgotten`);
        assert.match(led(await change({ act: 'add', who: 'nobody@here.example' })), /^422 .*Nobody is called "nobody@here\.example".*Invite somebody/);
        assert.equal((await change({ act: 'nothing' })).status, 400);

        assert.equal(led(await admin.post('/admin/roles', { new_key: 'buyer', new_title: 'Buyer', new_description: 'Orders.', place: 'account' })),
            '303 /admin/roles/buyer?saved=made');
        assert.match(led(await admin.post('/admin/roles', { new_key: 'Buyer!', new_title: 'Buyer' })), /^422 .*A role's key has 2 to 40 letters/);
        assert.equal(led(await admin.post('/admin/roles/buyer', { act: 'allow', permission: 'portico.unlimited' })), '303 /admin/roles/buyer?saved=rule');
        assert.match(textOf((await admin.get('/admin/roles/buyer')).text), /Do things as often as needed May · portico\.unlimited Your rule/);
        assert.match(led(await admin.post('/admin/roles/buyer', { act: 'allow', permission: 'portico.audit' })), /^422 .*only a role of the owner's company may/);
        const offers = async (role) => [...(await admin.get(`/admin/roles/${role}`)).text.matchAll(/portico\.(\w[\w.]*)/g)].map(([, name]) => name);
        assert.ok(!(await offers('buyer')).includes('accounts.see') && (await offers('moderator')).includes('accounts.see'), 'what is about all companies is offered to the owner\'s');
        assert.match(led(await admin.post('/admin/roles/admin', { act: 'deny', permission: 'portico.admin' })), /^422 /);

        assert.equal(led(await change({ act: 'add', who: 'dana', title: 'Head of IT', 'role-buyer': '1' })), `303 ${page}?saved=added`);
        assert.match(textOf((await admin.get(page)).text), /Dana Whitfield Head of IT · dana@acme\.example Buyer/);
        const member = `${page}/people/${dana}`;
        assert.match(textOf((await admin.get(`/admin/people/${dana}`)).text), /Companies Acme Holding Head of IT/);
        assert.equal(led(await admin.submit(member, { 'role-buyer': undefined, 'role-account-admin': '1', until: '2999-01-31' })), `303 ${page}?saved=member`);
        const [row] = await portal.rows('account', 'members', acme);
        assert.deepEqual([row.roles, row.until.slice(0, 10), row.title], ['account-admin', '2999-02-01', 'Head of IT']);
        assert.match(led(await admin.submit(member, { until: 'soon' })), /^422 .*This is no day/);
        assert.equal(led(await change({ act: 'suspend' })), `303 ${page}?saved=suspended`);
        assert.match(textOf((await admin.get(page)).text), /nobody acts in it until it is opened again/);
        assert.equal(led(await change({ act: 'open' })), `303 ${page}?saved=opened`);
        assert.equal(led(await admin.post(member, { act: 'leave' })), `303 ${page}?saved=left`);
        assert.equal((await admin.get(member)).status, 404);
        assert.equal((await admin.get('/admin/accounts/4711')).status, 404);
        assert.equal((await admin.post('/admin/accounts/4711', { act: 'know', external: 'erp:9' })).status, 404);
        assert.equal(led(await change({ act: 'know', external: 'erp:9' })), `303 ${page}?saved=known`, 'nobody took it');
        assert.equal((await admin.get('/admin/roles/none')).status, 404);
        assert.equal(led(await admin.post('/admin/roles/buyer', { act: 'remove' })), '303 /admin/roles?removed=1');
    });

test('whoever looks after companies without being an admin gives only what they hold, and nothing to themselves', async (t) => {
    const portal = await portalWith(t);
    const sam = await signIn(portal, 'sam'), dana = await makePerson(portal, { handle: 'dana', address: 'dana@acme.example' });
    const id = (await portal.rows('user', 'list', 'sam'))[0].id;
    for (const page of ['/admin/accounts', '/admin/accounts/1', '/admin/roles', '/admin/roles/admin'])
        assert.equal((await sam.get(page)).status, 403, page);
    await portal.role('add', 'keeper', 'Keeper', '--place', 'owner');
    for (const permission of ['portico.accounts', 'portico.roles'])
        await portal.role('allow', 'keeper', permission);
    await portal.role('add', 'empty', 'Empty', '--place', 'owner');
    await portal.role('add', 'other', 'Other', '--place', 'owner');
    await portal.role('allow', 'other', 'portico.unlimited');
    await portal.role('give', 'keeper', 'sam');
    await portal.account('add', 'Acme');
    await until(async () => (await sam.get('/admin/accounts')).status === 200, { what: 'the role to hold' });

    const add = (fields) => sam.post('/admin/accounts/1', { act: 'add', who: 'dana', ...fields });
    for (const role of ['admin', 'moderator', 'empty', 'other'])
        assert.match(led(await add({ [`role-${role}`]: '1' })), /^422 .*only by who holds what it contains/, role);
    assert.equal(led(await add({ 'role-keeper': '1' })), '303 /admin/accounts/1?saved=added');
    const own = await sam.post(`/admin/accounts/1/people/${id}`, { act: 'save', 'role-keeper': '1', 'role-admin': '1' });
    assert.match(led(own), /^422 .*Nobody changes what they may themselves/);
    assert.match(led(await sam.post(`/admin/accounts/1/people/${id}`, { act: 'leave' })), /^422 .*themselves/);
    assert.match(led(await sam.post('/admin/accounts/1', { act: 'add', who: 'sam' })), /^422 .*themselves/);

    const rule = (role, permission, act = 'allow') => sam.post(`/admin/roles/${role}`, { act, permission });
    assert.match(led(await rule('keeper', 'portico.accounts', 'deny')), /^422 .*a role that they hold themselves/);
    assert.match(led(await rule('staff', 'portico.accounts')), /^422 .*a role that they hold themselves/);
    assert.match(led(await rule('other', 'portico.admin')), /^422 .*a permission that they lack/);
    assert.match(led(await rule('other', 'portico.unlimited', 'deny')), /^422 .*a permission that they lack/);
    assert.equal(led(await rule('other', 'portico.accounts')), '303 /admin/roles/other?saved=rule');

    const remove = (role) => sam.post(`/admin/roles/${role}`, { act: 'remove' });
    assert.match(led(await remove('other')), /^422 .*removed only by who holds what it contains/);
    assert.match(led(await remove('keeper')), /^422 .*a role that they hold themselves/);
    assert.equal(led(await remove('empty')), '303 /admin/roles?removed=1');

    await portal.role('give', 'admin', 'dana');
    assert.match(led(await sam.post(`/admin/accounts/1/people/${dana}`, { act: 'leave' })), /^422 .*only by who holds what it contains/);
    assert.equal((await portal.rows('account', 'members', '1')).length, 2);
});

test('what is grave is asked for again of who signed in long ago, and is not done', async (t) => {
    const portal = await portalWith(t), admin = await signIn(portal, 'ann', 'admin');
    const dana = await makePerson(portal, { handle: 'dana', name: 'Dana Whitfield', address: 'dana@acme.example' });
    await portal.account('add', 'Acme');
    await portal.account('member', 'Acme', 'dana');
    await portal.role('add', 'buyer', 'Buyer');
    const [{ id: acme }] = await portal.rows('account', 'list');
    const page = `/admin/accounts/${acme}`, member = `${page}/people/${dana}`;
    const [settings] = [await admin.get('/admin/settings')];
    await letItGetLate(portal, 'ann');
    const asks = (path) => `303 /account/again?next=${path}`;
    for (const act of ['suspend', 'close', 'move'])
        assert.equal(led(await admin.post(page, { act })), asks(page), act);
    assert.equal(led(await admin.post(page, { act: 'add', who: 'ann', 'role-buyer': '1' })), asks(page));
    assert.equal(led(await admin.post(member, { act: 'save', title: '', until: '', 'role-account-admin': '1' })), asks(member));
    assert.equal(led(await admin.post('/admin/roles', { new_key: 'seller', new_title: 'Seller', place: 'account' })), asks('/admin/roles'));
    for (const act of ['allow', 'deny', 'reset', 'describe', 'remove'])
        assert.equal(led(await admin.post('/admin/roles/buyer', { act, permission: 'portico.unlimited' })), asks('/admin/roles/buyer'), act);
    assert.equal(led(await admin.submit(settings, { name: 'Another' }, '/admin/settings')), asks('/admin/settings'));
    assert.equal(led(await admin.post('/admin/audit/export')), asks('/admin/audit'));
    assert.equal(led(await admin.post(page, { act: 'name', new_name: 'Acme Group' })), `303 ${page}?saved=name`);
    assert.equal(led(await admin.post(member, { act: 'save', title: 'Head of IT', until: '' })), `303 ${page}?saved=member`, 'a title gives nothing');
    assert.deepEqual((await portal.rows('account', 'list')).map(({ name, state, members }) => [name, state, members]), [['Acme Group', 'open', 1]]);
    assert.deepEqual((await portal.rows('role', 'list')).map(({ role }) => role).filter((role) => /buyer|seller/.test(role)), ['buyer']);
    assert.equal((await portal.rows('account', 'members', 'Acme Group'))[0].roles, '');
});

test('at a company, who gives a role or invites with one proves again that it is them, and what was typed is still there', async (t) => {
    const portal = await portalWith(t), people = '/account/company/people', invite = '/account/company/invite';
    await portal.account('add', 'Acme');
    for (const [handle, ...roles] of [['dana', '+account-admin'], ['ben']]) {
        await makePerson(portal, { handle, address: `${handle}@acme.example`, password: true });
        await portal.account('member', 'Acme', handle, ...roles);
    }
    const dana = await signIn(portal, 'dana');
    const [, ben] = /people\/(\d+)"[^>]*>ben</.exec((await dana.get(people)).text) ?? /people\/(\d+)/.exec((await dana.get(`${people}?q=ben`)).text);
    const page = `${people}/${ben}`, asks = (path) => `303 /account/again?next=${path}`;
    const rolesOfBen = async () => (await portal.rows('account', 'members', 'Acme')).find(({ handle }) => handle === 'ben').roles;
    assert.match(led(await dana.submit(invite, { people: 'lee@acme.example', role: 'account-admin' }, 'company_invite')), /^303 .*invited=1/, 'who just signed in is not asked');
    const waiting = (await dana.get(`${people}?show=waiting`)).text;
    const [, lee] = /invitations\/(\d+)/.exec(waiting);

    await letItGetLate(portal, 'dana');
    assert.equal(led(await dana.post(page, { act: 'roles', 'role-account-admin': '1' })), asks(page));
    assert.equal(led(await dana.post(page, { act: 'membership', title: '', below: '1' })), asks(page), 'reaching further is more');
    assert.equal(led(await dana.post(`/account/company/invitations/${lee}`, { act: 'again' })), asks(`/account/company/invitations/${lee}`));
    assert.equal(await rolesOfBen(), '');
    assert.equal(led(await dana.post(page, { act: 'membership', title: 'Buyer' })), `303 ${page}?saved=membership`, 'a title gives nothing');
    assert.match(led(await dana.submit(invite, { people: 'eva@acme.example', role: 'none' }, 'company_invite')), /^303 .*invited=1/, 'nor does an invitation without a role');

    const typed = 'kim@acme.example\npat@acme.example';
    for (const sent of [{ people: typed, role: 'account-admin' }, { people: 'kim@acme.example,,account-admin', role: 'none' }])
        assert.equal(led(await dana.submit(invite, sent, 'company_invite')), asks(invite));
    await dana.submit(invite, { people: typed, role: 'account-admin' }, 'company_invite');
    assert.doesNotMatch((await dana.get(`${people}?show=waiting`)).text, /kim@acme/);
    assert.equal(led(await dana.submit(`/account/again?next=${invite}`, { current: PASSWORD }, 'again')), `303 ${invite}`);
    const back = await dana.get(invite);
    assert.match(back.text, /kim@acme\.example\npat@acme\.example/);
    assert.match(led(await dana.submit(back, {}, 'company_invite')), /^303 .*invited=2/, 'it goes out as it was typed');
    assert.doesNotMatch((await dana.get(invite)).text, /kim@acme/, 'and is kept no longer');
    assert.equal(led(await dana.post(page, { act: 'roles', 'role-account-admin': '1' })), `303 ${page}?saved=roles`);
    assert.equal(await rolesOfBen(), 'account-admin');
});
