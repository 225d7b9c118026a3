/* Who stands in the portal of the authorization matrix in other ways than by a membership in A or B: above and below A, for a
 * partner, by a role of the owner's, by a token, looking, and no more. Each has what follows from how they came in:
 * - roles: as `portico exposure` says them, by which they reach routes; `may`: what keeps them from it nevertheless;
 * - holds: { side: kinds of audiences } whose rows they see, where that is not what members see;
 * - reads(side, word): the canaries they may read, where that is not all of their side;
 * - `as`: in whose name they are, for what is one person's alone; `lists`: their lists are compared in the short run, too.
 * They are made by the pages for it, as people make them. */
import { ask, settled } from './authorization.mjs';
import { expect, send } from './authorization-side.mjs';
import { signIn, signInCrowd, visitor } from './people.mjs';
import { people } from './signed.mjs';
import { runJob } from './tables.mjs';
import { until } from './wait.mjs';

const SOON = { within: 60_000 };
const MEMBER = ['everyone', 'member'], OF_ACCOUNT = [...MEMBER, 'account-member'];
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
/** What a company says of the partner it asks. */
export const OFFER = { until: inDays(200), 'role-account-member': '1' };

const post = (world, actor, route, body) => ask(world, actor, { method: 'POST', route }, { body }, {});
const accountNow = async (who) => (await who.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).json ?? {};

/** Makes a company by the page for it: its id. */
export async function makeCompany(world, name, { kind = 'customer', below } = {}) {
    const made = expect(await post(world, world.actor('an admin of the portal'), '/admin/accounts/new', { name, kind, ...(below ? { below } : {}) }), 303);
    return /\/admin\/accounts\/(\d+)/.exec(made.headers.get('location'))[1];
}

/* Somebody of the crowd belongs to a company from now on. */
async function add(world, account, person, fields = {}) {
    expect(await post(world, world.actor('an admin of the portal'), `/admin/accounts/${account}`, { act: 'add', who: person.handle, ...fields }), 303);
}

const actsIn = (person, account) => until(async () => (await accountNow(person)).id === account, { ...SOON, every: 50, what: `${person.handle} to act in ${account}` });

async function switchTo(person, account) {
    await until(async () => (await person.post('/account/switch', { account })).status === 303, { ...SOON, every: 50, what: `${person.handle} to switch` });
    await actsIn(person, account);
}

const idOf = async (world, person) => (await world.query(`SELECT id FROM portico_person WHERE handle = '${person.handle}'`)).trim();

/* What somebody is in a company from now on, and nothing else. */
async function keepAs(world, account, person, fields) {
    expect(await post(world, world.actor('an admin of the portal'), `/admin/accounts/${account}/people/${await idOf(world, person)}`, { act: 'save', title: '', until: '', ...fields }), 303);
}

/* A partner of that name, which acts for A with `roles`: `person` accepts it, and acts there. At home they may do nothing but
 * that, so that no link takes them there. */
async function lendTo(world, person, name, roles) {
    const chief = world.actor('an admin of the portal');
    const partner = await makeCompany(world, name, { kind: 'partner' });
    await add(world, partner, person, { 'role-account-admin': '1' });
    const given = Object.fromEntries(roles.map((role) => [`role-${role}`, '1']));
    expect(await post(world, chief, `/admin/accounts/${world.accounts.A}`, { act: 'delegate', partner: name, until: inDays(200), reason: 'They look after it.', ...given }), 303);
    await actsIn(person, partner);
    const page = '/account/company/delegations';
    const offer = await until(async () => /name="accept" value="(\d+)"/.exec((await person.get(page)).text)?.[1], { ...SOON, every: 50, what: 'the offer' });
    expect(await person.post(page, { accept: offer }), 303);
    await keepAs(world, partner, person, { 'role-agents': '1' });
    await switchTo(person, world.accounts.A);
    return partner;
}

/* A role that may do this, in the owner's company or in any other; and `person` who holds it. */
async function makeRole(world, key, place, permissions) {
    const chief = world.actor('an admin of the portal');
    expect(await post(world, chief, '/admin/roles', { new_key: key, new_title: key, place }), 303);
    for (const permission of permissions)
        expect(await post(world, chief, `/admin/roles/${key}`, { act: 'allow', permission }), 303);
}

async function giveRole(world, person, key, permissions) {
    await makeRole(world, key, 'owner', permissions);
    await add(world, '1', person, { [`role-${key}`]: '1' });
}

/* ---- what keeps one from what one's roles reach ---- */

const UNSAFE = /^(POST|PUT|PATCH|DELETE)$/;
/* Pages of the person alone, which nobody sees in their place (PORTICO_ROUTE_PRIVATE). */
const PRIVATE = new Set(['/account/again', '/account/security', '/account/security/app', '/account/security/passkey', '/account/tokens', '/account/tokens/new', '/api/portico/v1/tokens', '/account/data']);
const WAYS_OUT = new Set(['/account/leave', '/account/switch', '/logout', '/api/portico/v1/account']);

/* Whoever looks only reads; pages that keep something for who opens them are not for them. */
const KEEPS = new Set(['/account/security/app']);
const looksOnly = (route) => (route.kind === 'outside' || KEEPS.has(route.route) ? undefined : !UNSAFE.test(route.method) || WAYS_OUT.has(route.route));
const looksAs = (route) => looksOnly(route) && !(route.method === 'GET' && PRIVATE.has(route.route));

/* A token opens the API, and there what it was made for. What has no viewer at all is served to it as to anybody. */
const byToken = (scopes) => (route, recipe) => {
    if (route.kind === 'file' || /^\/(healthz|readyz|metrics|robots\.txt|favicon\.ico)$/.test(route.route) || route.kind === 'outside')
        return undefined;
    if (!/^\/api\//.test(route.route) && route.route !== '/portico/live')
        return false;
    const asked = recipe.asks ?? route.permission;
    return !recipe.sessionsAlone && (['public', 'signed-in'].includes(asked) || scopes.includes(asked));
};

/* ---- who they are ---- */

/** Makes the companies above and below A, and the partners: before A has anything. */
export async function makeTree(world) {
    const chief = world.actor('an admin of the portal');
    world.tree = { above: await makeCompany(world, 'Holding Group') };
    expect(await post(world, chief, `/admin/accounts/${world.accounts.A}`, { act: 'move', above_name: 'Holding Group' }), 303);
    for (const [key, name] of Object.entries({ below: 'Branch Office', paused: 'Paused Office' }))
        world.tree[key] = await makeCompany(world, name, { below: 'KanarieACompany Ltd' });
    world.partners = {};
    for (const [side, name] of Object.entries({ A: 'Northwind', B: 'Southwind' }))
        world.partners[side] = { id: await makeCompany(world, name, { kind: 'partner' }), name };
    await makeCompany(world, 'Westwind', { kind: 'partner' });
}

/** Those who stand from the beginning on. */
export async function makeStandings(world) {
    const { portal, accounts, tree } = world;
    const names = ['above', 'aboveAll', 'below', 'paused', 'mate', 'agent', 'clerk', 'late', 'ended', 'asked', 'helper', 'looker', 'enterer', 'gone'];
    const crowd = Object.fromEntries((await signInCrowd(portal, 'stand', names.length)).map((person, at) => [names[at], person]));
    world.crowd = crowd;
    const actor = (name, more) => world.actors.push({ name, rare: true, ...more });

    await add(world, tree.above, crowd.above, { 'role-account-admin': '1' });
    actor('an admin of the company above A', { roles: [...OF_ACCOUNT, 'account-admin'], visitor: crowd.above, lists: true });
    await add(world, tree.above, crowd.aboveAll);
    await keepAs(world, tree.above, crowd.aboveAll, { below: '1' });
    await switchTo(crowd.aboveAll, accounts.A);
    actor('a member above A who counts below', { side: 'A', roles: OF_ACCOUNT, visitor: crowd.aboveAll });
    await add(world, tree.below, crowd.below);
    const forBelow = (side, word) => side === 'A' && (!word || /^kanariea(company|\w*below)$/i.test(word));
    actor('a member of the company below A', { roles: OF_ACCOUNT, visitor: crowd.below, holds: { A: ['below'] }, knows: ['A'], reads: forBelow, lists: true });
    await add(world, tree.paused, crowd.paused);
    actor('a member of a suspended company below A', { roles: MEMBER, visitor: crowd.paused, holds: { A: ['below'] }, knows: ['A'], reads: forBelow, ends: 'noteBelow' });
    await add(world, accounts.A, crowd.mate);
    actor('a member of A who is in no team', { side: 'A', roles: OF_ACCOUNT, visitor: crowd.mate, holds: { A: ['account', 'below'] } });

    await makeRole(world, 'agents', 'account', ['portico.account.act']);
    await lendTo(world, crowd.agent, 'Agency', ['account-member']);
    actor('a delegate who acts for A', { side: 'A', roles: OF_ACCOUNT, visitor: crowd.agent, holds: { A: ['account', 'below'] } });
    await lendTo(world, crowd.clerk, 'Bureau', ['account-admin']);
    actor('a delegate who looks after people of A', { side: 'A', roles: [...MEMBER, 'account-admin'], visitor: crowd.clerk, holds: { A: ['role'] }, lists: true });
    world.lent = { late: await lendTo(world, crowd.late, 'Lately', ['account-member']), ended: await lendTo(world, crowd.ended, 'Formerly', ['account-member']) };
    /* For whom it was they know, and read it where that is kept. */
    const afterwards = (side, word) => side === 'A' && /^kanarieacompany$/i.test(word ?? '');
    actor('a delegate for A whose time is over', { side: 'A', roles: MEMBER, visitor: crowd.late, own: 'late', ends: 'note', afterwards, lists: true });
    actor('a delegate for A who was sent away', { side: 'A', roles: MEMBER, visitor: crowd.ended, own: 'ended', ends: 'note', afterwards });
    await add(world, world.partners.A.id, crowd.asked, { 'role-account-admin': '1' });
    actor('an admin of the partner that A asks', { roles: [...OF_ACCOUNT, 'account-admin'], visitor: crowd.asked, partnerOf: 'A', reads: (side, word) => side === 'A' && (!word || /^kanariea(company|reason)$/i.test(word)) });

    await giveRole(world, crowd.helper, 'helpers', ['communities.moderate']);
    actor('one with a role of the owner\'s', { roles: [...MEMBER, 'staff', 'helpers'], visitor: crowd.helper });
    await giveRole(world, crowd.enterer, 'enterers', ['portico.accounts.enter']);
    await giveRole(world, crowd.looker, 'lookers', ['portico.people.view_as']);

    await add(world, accounts.A, crowd.gone);
    actor('somebody who was switched off', { side: 'A', roles: ['everyone'], visitor: crowd.gone, ends: 'note' });
}

/* Who may not go on looking, since the rights of one of both changed: a worker trusts for half a second that they may. */
const OVER = "SELECT a.id FROM portico_look l JOIN portico_person a ON a.id = l.asker LEFT JOIN portico_person p ON p.id = l.person WHERE a.rights + coalesce(p.rights, 0) <> l.rights";

/* Who looks; `begin` is done again where the look is over, since somebody's rights changed, say. */
async function addLooker(world, name, person, more, begin) {
    const { A } = world.accounts, visitor = { ...person, handle: undefined };
    const isThere = async () => (await accountNow(person)).id === A;
    const id = await idOf(world, person);
    let seen;
    const goesOn = async () => seen === world.written || !(await world.query(OVER)).split('\n').includes(id);
    const ready = async () => {
        const written = world.written;
        if (await isThere() && await goesOn()) {
            seen = written;
            return;
        }
        person.jar.set('portico', (await world.inTurn(() => signIn(world.portal, person.handle))).secret);
        expect(await begin(person), 303);
        await until(isThere, { ...SOON, every: 50, what: `${name} to look` });
        await settled(world);
    };
    await ready();
    world.actors.push({ name, rare: true, side: 'A', visitor, ready, ...more });
}

async function addLookers(world) {
    const { crowd, accounts } = world, reason = 'To see.';
    await addLooker(world, 'one of the staff who looks into A', crowd.enterer, { roles: [...MEMBER, 'staff', 'enterers'], may: looksOnly, holds: { A: ['account', 'below'] } },
        (person) => person.post(`/admin/accounts/${accounts.A}/enter`, { reason }));
    await addLooker(world, 'one of the staff who looks as a member of A', crowd.looker, { roles: OF_ACCOUNT, may: looksAs, holds: { A: ['account', 'below', 'team'] }, lists: true },
        (person) => person.post(`/admin/people/${world.people.amy}/view`, { reason }));
}

async function makeTokens(world) {
    const member = world.actor('a member of A');
    for (const [name, scopes] of Object.entries({ 'a token of a member of A that reads': 'communities.read', 'a token of a member of A that writes': 'communities.read communities.write communities.vote' })) {
        const { token } = await send(world, member, 'POST', '/api/portico/v1/tokens', { name, last_day: inDays(7), scopes });
        world.actors.push({ name, rare: true, side: 'A', as: member.name, roles: OF_ACCOUNT, scopes: scopes.split(' '), may: byToken(scopes.split(' ')), visitor: { ...visitor(world.portal), bearer: token }, holds: { A: ['account', 'below', 'team'] } });
    }
}

/** Who acts for A and could act elsewhere acts in A again: a link there may have taken them along. */
export async function goBack(world) {
    for (const person of [world.crowd.aboveAll, world.crowd.agent, world.crowd.clerk])
        if ((await accountNow(person)).id !== world.accounts.A)
            await switchTo(person, world.accounts.A);
}

const unread = async (visitor) => Number(/(\d+) unread notice/.exec((await visitor.get('/account')).text)?.[1] ?? 0);

/** Once A has something: some come in a way that does not last, and what others had ends after they saw it. */
export async function endStandings(world) {
    const { portal, accounts, tree, crowd } = world, chief = world.actor('an admin of the portal');
    const values = world.values.A, ending = world.actors.filter(({ ends }) => ends);
    const reads = (actor, status) => until(async () => status.includes((await actor.visitor.get(`/api/audience/v1/notes/${values[actor.ends]}`)).status), { ...SOON, every: 50, what: `${status} for ${actor.name}` });
    for (const actor of ending)
        await reads(actor, [200]);
    expect(await post(world, chief, `/admin/accounts/${tree.paused}`, { act: 'suspend' }), 303);
    await people(portal, 'lapse', accounts.A, world.lent.late);
    const [, given] = new RegExp(`Formerly.*?name="end" value="(\\d+)"`, 's').exec((await chief.visitor.get(`/admin/accounts/${accounts.A}`)).text);
    expect(await post(world, chief, `/admin/accounts/${accounts.A}`, { act: 'undelegate', end: given }), 303);
    await people(portal, 'disable', crowd.gone.handle);
    for (const actor of ending) {
        await reads(actor, [404, 401, 403]);
        /* Who has a company of their own acts for that again. */
        if (actor.own) {
            await switchTo(actor.visitor, world.lent[actor.own]);
            actor.roles = [...OF_ACCOUNT, 'agents'];
        }
        Object.assign(actor, { side: undefined, holds: {}, knows: [], reads: actor.afterwards ?? (() => false) });
        if (actor.visitor === crowd.gone)
            actor.visitor = { ...crowd.gone, handle: undefined };
        /* What they were told of while they could read it is theirs. */
        world.toldUntil.set(actor, world.smtp.messages.length);
    }
    /* What ran out is told now, and not in the middle of what follows. */
    await runJob(portal, 'tell-days');
    await settled(world);
    await addLookers(world);
    await makeTokens(world);
    await settled(world);
    /* A worker trusts for half a second what it read of a person's notices. */
    for (const who of [crowd.looker, world.actor('a member of A').visitor, world.actor('an admin of A').visitor]) {
        let last;
        await until(async () => last === (last = await unread(who)), { ...SOON, every: 700, what: `the notices of ${who.handle}` });
    }
}
