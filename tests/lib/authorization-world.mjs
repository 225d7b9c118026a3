/* The portal of the authorization matrix: two companies with all that people make in a portal, and what each route takes. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { send } from './authorization-side.mjs';
import { makeStandings, makeTree, OFFER } from './authorization-standings.mjs';
import { png } from './images.mjs';
import { buildDirectory } from './paths.mjs';
import { join, makeAccount, makePerson, PASSWORD, signIn, visitor } from './people.mjs';
import { startPortal } from './portal.mjs';
import { people } from './signed.mjs';
import { startSmtp } from './smtp.mjs';

const execute = promisify(execFile);
const MEMBER = ['everyone', 'member'], STAFF = [...MEMBER, 'staff'];
const ROLES = {
    'somebody not signed in': ['everyone'],
    'somebody without a company': MEMBER,
    'somebody who has left A': MEMBER,
    'a member of A': [...MEMBER, 'account-member'],
    'an admin of A': [...MEMBER, 'account-member', 'account-admin'],
    'a member of B': [...MEMBER, 'account-member'],
    'an admin of B': [...MEMBER, 'account-member', 'account-admin'],
    'one of the staff': STAFF,
    'a moderator': [...STAFF, 'moderator'],
    'an admin of the portal': [...STAFF, 'moderator', 'admin'],
};

/* What no refused request may change is all but this: who was here when, what is queued and counted, keys of forms. Sessions
 * and mail come and go by themselves: none that is there may end, or go to another. */
const VOLATILE = /^(portico_(session|look|api_token|job|schedule|event|limit|guess|token|link|mail|metric|form|sent|known|device|audit|count|account_use|rights|live|state|lease|process|migration)\w*|sqlite_\w+)$/;

const KEPT = {
    portico_session: 'SELECT id, person, account FROM portico_session',
    portico_api_token: 'SELECT id, person, account, scopes, expires FROM portico_api_token',
    portico_job: "SELECT id, kind, person, account FROM portico_job WHERE name LIKE '%mail%' AND state > 1",
};

/** What its database answers: a line a row, columns between bars. */
export const queryOf = async (portal, sql) => (portal.store
    ? await execute('psql', ['-AtX', '-d', portal.store.url, '-c', sql], { maxBuffer: 1 << 28 })
    : await execute('sqlite3', ['-readonly', '-cmd', '.timeout 20000', path.join(portal.dir, 'data/portico.db'), sql], { maxBuffer: 1 << 28 })).stdout;

/** The lines of each table, of everything in the database that a refused request may not change; `volatile` tables left out. */
export async function snapshotOf(portal, volatile = VOLATILE) {
    const names = `SELECT name FROM ${portal.store ? '(SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema())' : 'sqlite_master WHERE type = \'table\''}`;
    const query = (sql) => queryOf(portal, sql);
    portal.tables ??= (await query(portal.store ? `${names} t` : names)).split('\n').filter((name) => name && !volatile.test(name) && !/_(fts|data|idx|content|docsize|config)$/.test(name)).sort();
    const mark = (name) => `SELECT '<<${name}>>';`;
    const all = await query([...portal.tables.map((name) => `${mark(name)} SELECT * FROM ${name};`), ...Object.entries(KEPT).map(([name, sql]) => `${mark(`kept ${name}`)} ${sql};`)].join(' '));
    const parts = all.split(/^<<([\w ]+)>>$/m);
    return Object.fromEntries(parts.slice(1).flatMap((name, at, list) => (at % 2 ? [] : [[name, list[at + 1].split('\n').sort()]])));
}

const CONTENT = (word) => `<?xml version="1.0" encoding="UTF-8"?>
<community space="${word}" position="1" title="Space ${word}" description="What is written here.">
<person key="a" name="Ann" company="Nobody"/>
<question id="1" author="a" age="9d" active="2d" score="1" views="3" tags="${word}-tag" title="A question of ${word}">Words of it</question>
<answer id="2" to="1" author="a" age="8d" score="1">An answer</answer>
<comment id="1" to="2" author="a" age="7d" score="0">A comment</comment>
</community>`;

/**
 * Starts it. `modules` beside the portal's and `audience`; `full`: more wrong ids; `standings`: those of
 * authorization-standings.mjs as well. See authorization.mjs for what it gives.
 */
export async function startWorld({ database = 'sqlite', full = false, modules = {}, standings = true } = {}) {
    const smtp = await startSmtp();
    const portal = await startPortal({
        database,
        modules: {
            communities: { page_size: 5, newcomer_posts: 0, questions_an_hour: 1000, answers_an_hour: 1000, comments_an_hour: 1000, votes_an_hour: 10000, flags_an_hour: 1000 },
            audience: { path: path.join(buildDirectory(), 'examples/audience') }, ...modules,
        },
        settings: {
            sign_in: { sign_up: 'open', guesses: 1000 },
            mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' },
        },
        prepare: async ({ cli, dir }) => {
            const content = path.join(dir, 'content');
            mkdirSync(content);
            for (const word of ['harbour', 'quay'])
                writeFileSync(path.join(content, `${word}.xml`), CONTENT(word));
            const done = await cli('import', 'communities', '--format', 'demo', content);
            if (done.code !== 0)
                throw new Error(done.stderr);
        },
    });
    const world = {
        portal, smtp, full, withStandings: standings, number: 0, requests: 0, written: 0, findings: [], covered: new Set(),
        reads: () => true, accounts: {}, people: {}, unlisted: ['/metrics', '/portico/live', '/logout'], mails: 0, toldUntil: new Map(),
        snapshot: () => snapshotOf(portal), query: (sql) => queryOf(portal, sql),
        /* They take the world away from all that come after. */
        unwalked: new Set(['POST /account/leave', 'POST /admin/modules', 'POST /admin/modules/{id}', 'POST /admin/settings']),
    };
    world.close = async () => {
        await portal.close();
        await smtp.close();
    };
    try {
        await makeActors(world);
        await readRoutes(world);
    } catch (error) {
        await world.close();
        throw error;
    }
    world.recipes = recipesOf();
    world.kinds = kindsOf(world);
    world.searches = searchesOf();
    /* One after the other: two programs of the helper at once could give two rows one id. */
    let last = Promise.resolve();
    world.inTurn = (work) => (last = last.catch(() => {}).then(work));
    world.again = (actor) => world.inTurn(() => signIn(portal, actor.visitor.handle));
    world.anew = (actor) => anew(world, actor);
    return world;
}

/* A session that nobody used yet: of some that are made at once, since the helper takes its time to begin. */
async function anew(world, actor) {
    const { handle } = actor.visitor;
    actor.spare ??= [];
    if (!actor.spare.length)
        await world.inTurn(async () => {
            if (!actor.spare.length)
                for (const secret of (await people(world.portal, 'starts', handle, '10')).split('\n')) {
                    const spare = { ...visitor(world.portal, { portico: secret }), handle };
                    /* It notes where they act when it is used first. */
                    await spare.get('/api/portico/v1/account');
                    actor.spare.push(spare);
                }
        });
    return actor.spare.shift();
}

async function makeActors(world) {
    const { portal } = world;
    world.actors = [];
    for (const [side, handles] of Object.entries({ A: ['amy', 'ada'], B: ['bob', 'bea'] })) {
        world.accounts[side] = await makeAccount(portal, `Kanarie${side}Company Ltd`);
        for (const handle of handles) {
            world.people[handle] = await makePerson(portal, { handle, name: `Person ${handle}`, address: `${handle}@example.com`, password: true });
            await join(portal, world.accounts[side], handle, handle.endsWith('a') ? 'account-admin' : '');
        }
    }
    for (const handle of ['solo', 'lee', 'sam', 'moe', 'chief'])
        world.people[handle] = await makePerson(portal, { handle, name: `Person ${handle}`, address: `${handle}@example.com` });
    await join(portal, '1', 'sam');
    const add = (name, side, who) => world.actors.push({ name, side, roles: ROLES[name], visitor: who });
    add('somebody not signed in', undefined, visitor(portal));
    add('somebody without a company', undefined, await signIn(portal, 'solo'));
    add('somebody who has left A', undefined, await signIn(portal, 'lee'));
    add('a member of A', 'A', await signIn(portal, 'amy'));
    add('an admin of A', 'A', await signIn(portal, 'ada'));
    add('a member of B', 'B', await signIn(portal, 'bob'));
    add('an admin of B', 'B', await signIn(portal, 'bea'));
    add('one of the staff', undefined, await signIn(portal, 'sam'));
    add('a moderator', undefined, await signIn(portal, 'moe', 'moderator'));
    add('an admin of the portal', undefined, await signIn(portal, 'chief', 'admin'));
    world.actor = (name) => world.actors.find((actor) => actor.name === name);
    const api = '/api/communities/v1', chief = world.actor('an admin of the portal');
    if (world.withStandings) {
        await makeTree(world);
        await makeStandings(world);
    }
    const open = await send(world, world.actor('somebody without a company'), 'POST', `${api}/topics`, { space: 'harbour', title: 'Which quay is the next one?', body: 'Words enough to be a question of somebody.', tags: ['quay-tag'] });
    world.open = { openTopic: open.id, openPost: open.post };
    /* Where everybody asks, and each company reads its own. */
    await send(world, chief, 'POST', `${api}/spaces`, { title: 'Desk', kind: 'questions', writers: 'members', sharing: { level: 'signed-in' }, own_topics: true });
    /* And where each person reads their own, which their colleagues do not. */
    await send(world, chief, 'POST', `${api}/spaces`, { title: 'Pay', kind: 'questions', writers: 'members', sharing: { level: 'signed-in' }, own_people: true });
    /* Who forms are sent by where nobody is signed in: a visitor with a secret of their own. */
    const page = await portal.get('/portico/language');
    const secret = /portico-visitor=([^;]+)/.exec(page.headers.getSetCookie().join(' '))[1];
    world.actors[0].visitor.jar.set('portico-visitor', secret);
}

/** Reads what the portal answers to and whom, as `portico exposure` says it. */
export async function readRoutes(world) {
    const { code, stdout, stderr } = await world.portal.cli('exposure', '--json');
    if (code !== 0)
        throw new Error(stderr);
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
    world.routes = lines.filter(({ route }) => route);
    const permissions = world.permissions = Object.fromEntries(lines.filter(({ route, permission }) => !route && permission).map(({ permission, roles }) => [permission, roles]));
    /* Whoever looks after companies reads their names and people; whoever sees all accounts, all their rows. */
    const holds = (actor, name) => actor.roles.includes('admin') || (permissions[name] ?? []).some((role) => actor.roles.includes(role));
    world.looksAfter = (actor) => ['portico.accounts', 'portico.admin', 'portico.accounts.see'].some((name) => holds(actor, name));
    world.mayNameAny = (actor) => holds(actor, 'portico.accounts.see');
    world.seesRows = (actor) => 'portico.accounts.see' in permissions && world.mayNameAny(actor);
    world.reads = (actor, side, word) => (actor.reads ? actor.reads(side, word) : actor.side === side || world.looksAfter(actor));
}

/* The kinds of audiences of a side whose rows somebody sees: those of its members, but where they came in another way. */
const holdsOf = (actor, side) => (actor.holds ? actor.holds[side] ?? []
    : actor.side !== side ? [] : ['account', 'below', ...(actor.roles.includes('account-admin') ? ['role'] : []), ...(actor.name === `a member of ${side}` ? ['team'] : [])]);

/* Who sees an object of a side. */
function kindsOf(world) {
    const isMember = (actor, side) => (actor.as ?? actor.name) === `a member of ${side}`, isAdmin = (actor, side) => actor.name === `an admin of ${side}`;
    /* Whoever acts there and looks after its people. */
    const looksAfter = (actor, side) => actor.side === side && actor.roles.includes('account-admin');
    const ofAccount = { sees: (actor, side) => actor.side === side };
    const shown = (audience) => ({ sees: (actor, side) => holdsOf(actor, side).includes(audience) || world.seesRows(actor) });
    const row = shown('account');
    const ofAdmin = { sees: looksAfter }, own = { sees: isMember }, shared = { sees: () => true };
    const all = (names, kind) => Object.fromEntries(names.split(' ').map((name) => [name, kind]));
    return {
        account: ofAccount, teamNamed: row, accountNamed: { sees: (actor, side) => actor.side === side || actor.knows?.includes(side) || world.mayNameAny(actor) },
        asking: { sees: (actor, side) => looksAfter(actor, side) || world.looksAfter(actor) },
        delegation: { sees: (actor, side) => looksAfter(actor, side) || actor.partnerOf === side },
        delegationRow: { sees: (actor) => world.looksAfter(actor) },
        ...all('membership invitation team colleague colleaguePerson', ofAdmin),
        ...all('note topic slug question post comment ownTopic ownSlug ownPost space spaceId tag shown shownName silent', row),
        noteBelow: shown('below'),
        /* Whoever shares a note sees it, also where its audience does not show it to them. */
        ...Object.fromEntries(Object.entries({ noteOfRole: 'role', noteTeam: 'team' }).map(([kind, audience]) => [kind, { sees: (actor, side) => isMember(actor, side) || shown(audience).sees(actor, side) }])),
        noteNamed: { sees: (actor, side) => isMember(actor, side) || isAdmin(actor, side) },
        noteOwn: own,
        ...all('aloneTopic alonePost', { sees: (actor, side) => isMember(actor, side) || world.seesRows(actor) }),
        ...all('leftTopic leftQuestion leftPost leftComment leftOwn leftNote', row),
        /* Whoever sent a file has its bytes, and goes on seeing it. */
        ...all('leftShown leftShownName', { sees: (actor, side) => row.sees(actor, side) || (side === 'A' && actor.name === 'somebody who has left A') }),
        ...all('file fileName address session key', own),
        ...all('handle from role module mail token person accountRow member openTopic openPost', shared),
    };
}

/* Words to look for in lists: those of both sides. And lists of what everybody has, which have an id in their address. */
function searchesOf() {
    const words = ['KanarieB', 'kanarieb', 'Person'];
    const q = words.map((word) => ({ q: word }));
    const some = ['/communities/harbour', '/communities/harbour/feed.atom', '/communities/harbour/feed.rss', '/communities/desk', '/communities/desk/feed.atom', '/communities/pay', '/communities/pay/feed.atom',
        '/communities/tags/harbour-tag', '/communities/tags/harbour-tag/feed.atom', '/communities/sitemap/0',
        ...['solo', 'bob', 'bea', 'chief'].map((handle) => `/communities/people/${handle}`)];
    return {
        ...Object.fromEntries(some.map((path) => [path, [{}]])),
        '/search': q, '/communities/search': q, '/api/communities/v1/search': [...q, { q: 'the', limit: 1 }], '/api/communities/v1/similar': q,
        '/portico/people': [...q, ...q.map((one) => ({ ...one, for: 'sharing' }))],
        '/account/company/people': [...q, { show: 'waiting' }], '/account/company/people.csv': q, '/account/switch': q,
        '/account/company/log': [{ account: '2' }, { who: 'cora' }, { kind: 'role.given' }], '/account/company/log.csv': [{ account: '2' }, { who: 'cora' }], '/api/communities/v1/topics': [{ space: 'harbour' }, { space: 'desk' }, { space: 'pay' }, { tag: 'harbour-tag' }, { limit: 2 }],
        '/api/communities/v1/spaces': [{ limit: 1 }], '/api/communities/v1/tags': [{ limit: 1 }],
    };
}

/* A week from now, as a form has a day. */
const soon = () => new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);

const SECRET = 'Whoever has the secret of a link may use it; there is none of another account to try.';

/* What each route takes. Ids are called as their kind, but where `ids` says otherwise. */
function recipesOf() {
    const all = {};
    const add = (methods, pattern, recipe) => {
        for (const method of methods.split(' '))
            all[`${method} ${pattern}`] = method === 'GET' && !Array.isArray(recipe) ? { ...recipe, body: undefined, json: undefined, valid: undefined } : recipe;
    };
    communitiesRecipes(add);
    portalRecipes(add);
    adminRecipes(add);
    const notes = ['note', 'noteOfRole', 'noteTeam', 'noteNamed', 'noteOwn', 'noteBelow', 'leftNote'];
    /* It says in words whom a note is for, which is not told of a company that one only looks into. */
    add('GET', '/api/audience/v1/notes/{id}', notes.map((kind) => ({ ids: { id: kind }, hidden: ['one of the staff who looks into A'] })));
    add('GET', '/audience/{id}', notes.map((kind) => ({ ids: { id: kind } })));
    add('POST', '/audience/{id}', notes.map((kind) => ({ ids: { id: kind }, body: { portico_form: 'note', title: '' }, own: [422, 403],
        valid: { body: { portico_form: 'note', title: 'Another title', sharing: 'account' }, undone: kind === 'leftNote' ? 'Who wrote it has left.' : undefined },
    })));
    add('POST', '/audience/new', {
        body: { portico_form: 'note', title: '' }, own: [422],
        valid: [{ body: { portico_form: 'note', title: 'Of an account', sharing: 'account:{accountNamed}' } }, { body: { portico_form: 'note', title: 'Of a team', sharing: 'team:{teamNamed}' } }],
    });
    add('POST', '/api/audience/v1/notes', [
        { json: { title: 'a', sharing: { level: 'account', account: '{accountNamed}' } }, others: ['a member of A'] },
        { json: { title: 'a', sharing: { level: 'below', account: '{accountNamed}' } }, others: ['a member of B'] },
        { json: { title: 'a', sharing: { level: 'role', account: '{accountNamed}', role: 'account-admin' } }, others: ['a member of A'] },
    ]);
    return all;
}

function portalRecipes(add) {
    const token = { ids: { token: 'token' }, own: [410, 404, 422] };
    for (const pattern of ['/account/confirm/{token}', '/account/invitation/{token}', '/account/link/{token}'])
        add('GET POST', pattern, { ...token, unreached: SECRET });
    add('GET POST', '/portico/unsubscribe/{token}', { ...token, unreached: SECRET });
    add('GET', '/account/company/people/{id}', { ids: { id: 'membership' } });
    add('POST', '/account/company/people/{id}', ['membership', 'approve', 'decline', 'roles', 'remove', ''].map((act) => ({
        ids: { id: 'membership' }, body: { act, title: 'Buyer', until: '' }, others: act === 'membership' ? undefined : [], unreached: act === 'membership' ? undefined : 'The first of them shows it.',
    })));
    add('GET', '/account/company/invitations/{id}', { ids: { id: 'invitation' } });
    add('POST', '/account/company/invitations/{id}', ['again', 'withdraw'].map((act) => ({
        ids: { id: 'invitation' }, body: { act }, others: act === 'again' ? undefined : [], unreached: act === 'again' ? undefined : 'The first of them shows it.',
    })));
    add('POST', '/account/company/invite', {
        body: { portico_form: 'company_invite', people: 'not an address', language: 'en', role: 'none' }, own: [422],
        valid: { body: { portico_form: 'company_invite', people: 'a-newcomer@example.com', language: 'en', role: 'none' } },
    });
    /* Whom an admin of the company does not know of is passed over, and that they looked is written down. */
    add('POST', '/account/company/review', {
        body: { ids: '{membership}' }, valid: { body: { ids: '{membership}', 'out-{membership}': '1', sure: '1' }, after: 5 },
    });
    add('POST', '/account/company', ['name', 'unname'].map((act) => ({ body: { act, role: 'billing', who: '{colleague}' }, others: act === 'name' ? undefined : [], unreached: act === 'name' ? undefined : 'The first of them shows it.' })).concat({
        body: { act: 'unname', role: 'billing', person: '{colleaguePerson}' }, others: [], unreached: 'The first of them shows it.',
        valid: { body: { act: 'unname', role: 'billing', person: '{colleaguePerson}' }, after: 2 },
    }));
    add('GET', '/account/team/{account}/{person}', { ids: { account: 'account', person: 'person' }, unreached: 'Nobody has a photo there; company-contacts.test.mjs shows it.' });
    add('POST', '/account/company/teams', { body: { name: '' }, own: [422], valid: { body: { name: 'The new ones' } } });
    add('GET', '/account/company/teams/{id}', { ids: { id: 'team' } });
    add('POST', '/account/company/teams/{id}', ['in', 'out', 'rename', 'remove'].map((act) => ({
        ids: { id: 'team' }, body: { in: { act, who: '{colleague}' }, out: { act, person: '{colleaguePerson}' } }[act] ?? { act, name: 'Other' }, others: act === 'in' ? undefined : [], unreached: act === 'in' ? undefined : 'The first of them shows it.',
    })));
    add('POST', '/account/company/delegations', [
        { body: {}, own: [400, 422], valid: { body: { partner: 'Westwind', reason: 'They do it.', ...OFFER } } },
        { body: { end: '{delegation}' }, others: [], valid: { after: 15 } },
        { body: { accept: '{delegation}' }, others: [], valid: { by: 'an admin of the partner that A asks', after: 14 } },
    ].map((recipe, at) => (at ? { ...recipe, unreached: 'The first of them shows it, and what is right.' } : recipe)));
    add('GET', '/account/company/delegations', [{}, { query: { of: '{delegation}' } }]);
    for (const file of ['people', 'log'])
        add('GET', `/account/company/${file}.csv`, { alone: true });
    add('POST', '/account/leave', { alone: true, body: {}, own: [400, 404, 409], valid: { alone: false, by: 'one of the staff who looks into A', after: 30 } });
    add('POST', '/account/tokens/new', { body: { name: '' }, own: [200, 422], valid: { body: { make: '1', name: 'A key', last_day: soon() } } });
    add('POST', '/account/tokens/revoke', { body: { id: '{key}' }, others: [], unreached: 'The API does the same.', valid: { after: 16 } });
    add('GET', '/api/portico/v1/tokens', { sessionsAlone: true });
    add('POST', '/api/portico/v1/tokens', { sessionsAlone: true, json: { name: '' }, own: [422], valid: { json: { name: 'A key', last_day: soon() } } });
    add('DELETE', '/api/portico/v1/tokens/{id}', { sessionsAlone: true, ids: { id: 'key' } });
    add('POST', '/account/switch', { alone: true, body: { account: '{account}' }, zero: 'It stands for no company.' });
    add('PUT', '/api/portico/v1/account', { sessionsAlone: true, alone: true, json: { id: '{account}' }, zero: 'It stands for no company.' });
    add('POST', '/account/addresses', ['remove', 'main', 'ask'].map((act) => ({ body: { id: '{address}', act }, others: act === 'ask' ? undefined : [], unreached: act === 'ask' ? undefined : 'The first of them shows it.' })));
    add('POST', '/account/sessions', { body: { id: '{session}' }, others: [], unreached: 'It would end the session that others ask for.', valid: { after: 40 } });
    add('POST', '/account/notices/read', { body: { until: '1' } });
    add('POST', '/account/notices/mute', { body: { module: 'communities', subject: 'topic/{ownTopic}' } });
    add('POST', '/account/notices/settings', { body: {} });
    add('POST', '/account/access', { body: { path: '/nowhere-at-all' }, own: [404], valid: { body: { path: '/account/company/people', words: 'Please.' } } });
    add('GET', '/account/access', { query: { path: '/account/company/people' }, gates: true });
    add('GET', '/account/access/requests/{id}', { ids: { id: 'asking' } });
    add('POST', '/account/access/requests/{id}', ['nothing', 'give', 'refuse'].map((act) => ({
        ids: { id: 'asking' }, body: { act, role: 'account-admin' }, own: [400], others: act === 'nothing' ? undefined : [], unreached: act === 'nothing' ? undefined : 'The first of them shows it.',
        valid: act === 'refuse' ? { after: 17 } : { undone: 'One of them is enough: it is answered then.' },
    })));
    add('GET', '/portico/files/{id}/{name}', ['file', 'shown', 'leftShown'].map((kind) => ({ ids: { id: kind, name: `${kind}Name` } })));
    add('GET', '/portico/live', ['note', 'membership', 'topic', 'aloneTopic'].map((kind) => ({ stream: true, query: { watch: `${kind === 'aloneTopic' ? 'topic' : kind}/{id}` }, ids: { id: kind } })));
    add('POST', '/portico/images', { files: { image: [png(), 'a.png'] }, own: [201] });
    add('POST', '/portico/markdown', { body: { text: 'words' } });
    add('POST', '/portico/language', { body: { language: 'en', next: '/' } });
    add('GET', '/assets/{name...}', { ids: { name: 'token' }, unreached: 'Names of assets hold a hash; they are the same for all.' });
    add('POST', '/account', { body: {}, own: [422], valid: { body: { portico_form: 'profile', name: 'Another name', handle: 'solo', language: 'en', timezone: 'Europe/Berlin' }, by: 'somebody without a company' } });
    add('POST', '/account/again', { body: {}, own: [422], valid: { body: { portico_form: 'again', current: PASSWORD } } });
    const device = 'It takes an authenticator; passkeys.test.mjs has one.', app = 'It takes an app that counts; second-factor.test.mjs has one.';
    add('POST', '/account/again/passkey', { body: { client_data: 'x' }, own: [303], gates: true, valid: { undone: device } });
    add('POST', '/account/security', { body: {}, own: [422], valid: { body: { portico_form: 'new_password', current: PASSWORD, password: 'eight louder lorries' }, after: 50 } });
    add('POST', '/account/security/app', { body: {}, own: [422], valid: { undone: app } });
    add('POST', '/account/security/codes', { body: {}, own: [404, 409, 422], valid: { undone: app } });
    add('POST', '/account/security/passkey', { body: { client_data: 'x' }, own: [422, 400], valid: { undone: device } });
    add('POST', '/account/security/passkey/remove', { body: { id: '{token}' }, own: [404], valid: { undone: device } });
    add('POST', '/account/security/remove', { body: {}, own: [404, 409, 422], valid: { undone: app } });
    add('POST', '/account/data', { body: {}, own: [422], valid: { body: { portico_form: 'erase', current: PASSWORD }, by: 'a member of B', after: 60 } });
    add('POST', '/account/data/file', { body: {} });
    add('POST', '/login', { body: { name: 'nobody-of-this-name', password: 'x' }, own: [422], valid: { body: { portico_form: 'sign_in', name: 'ada', password: PASSWORD }, by: 'somebody not signed in', after: 20 } });
    for (const pattern of ['/login/enrol', '/login/second', '/login/passkey', '/login/second/passkey', '/login/more'])
        add('POST', pattern, { body: {}, own: [303, 400, 422], gates: true, unreached: 'It needs the password first; second-factor.test.mjs goes there.' });
    for (const pattern of ['/login/enrol', '/login/second', '/login/step', '/login/more'])
        add('GET', pattern, { gates: true, unreached: 'It needs the password first; second-factor.test.mjs goes there.' });
    add('POST', '/logout', { alone: true, body: {}, gates: true });
    add('POST', '/account/forgot', { body: { address: 'nobody-there@example.com' }, own: [422], valid: { body: { portico_form: 'forgot', name: 'nobody-there@example.com' } } });
    add('POST', '/account/join', { body: { address: 'not an address' }, own: [422], valid: { body: { portico_form: 'join', address: 'a-stranger@example.com', name: 'A Stranger' } } });
}

function adminRecipes(add) {
    add('GET', '/admin/people/{id}', { ids: { id: 'person' } });
    add('GET', '/admin/look/{id}', { ids: { id: 'person' } });
    const worldly = 'It takes the world away from what comes after; the tests of that page do it.';
    const generation = 'It starts the portal anew; admin.test.mjs does it.';
    const acts = (names, fields = {}) => names.map((act) => ({ body: { act, ...fields }, undone: worldly }));
    add('POST', '/admin/people/{id}', {
        ids: { id: 'person' }, body: { act: 'enable' }, valid: acts(['roles', 'disable', 'sessions', 'link', 'second'], { admin: '1' }),
    });
    add('POST', '/admin/people/{id}/view', { ids: { id: 'person' }, alone: true, body: {}, own: [422], valid: { body: { reason: 'They asked for it.' } } });
    add('GET', '/admin/people/{id}/merge', { ids: { id: 'person' } });
    add('POST', '/admin/people/{id}/merge', {
        ids: { id: 'person', with: 'member' }, body: {}, own: [200, 422],
        valid: { query: { with: '{with}', into: '{id}' }, alone: true, body: { portico_form: 'merge', reason: 'Here twice.' }, fromAction: 'seen', after: 20 },
    });
    add('GET', '/admin/people/{id}/data', { ids: { id: 'person' } });
    add('POST', '/admin/people/{id}/data', { ids: { id: 'person' }, body: {}, own: [422], valid: { undone: worldly } });
    add('POST', '/admin/people/{id}/data/file', { ids: { id: 'person' }, body: {} });
    add('POST', '/admin/people/invite', { body: { address: 'not an address' }, own: [422], valid: { body: { portico_form: 'invite', address: 'a-guest@example.com', name: 'A Guest', role: 'member', language: 'en' } } });
    add('GET', '/admin/accounts/{id}', { ids: { id: 'accountRow' } });
    add('POST', '/admin/accounts/{id}', [{
        ids: { id: 'accountRow' }, body: { act: 'open' },
        valid: acts(['suspend', 'close']).concat({ body: { act: 'add', who: '{handle}' }, undone: worldly }, { body: { act: 'know', external: 'crm:1' }, undone: worldly }, { body: { act: 'name', new_name: 'Renamed Ltd' }, undone: worldly }),
    }, {
        ids: { id: 'accountRow', delegation: 'delegationRow' }, body: { act: 'undelegate', end: '{delegation}' }, others: [], unreached: 'The first of them shows it.', valid: { after: 14.5 },
    }]);
    add('POST', '/admin/accounts/{id}/enter', { ids: { id: 'accountRow' }, alone: true, body: {}, own: [422], valid: { body: { reason: 'They asked for it.' } } });
    add('POST', '/admin/accounts/new', { body: {}, own: [422], valid: { body: { name: 'A new one Ltd', kind: 'customer' } } });
    add('POST', '/admin/import', { body: { portico_form: 'import' }, own: [422], valid: { body: { portico_form: 'import' }, files: { companies: ['external,name\ncrm:4711,Quarry Ltd\n', 'companies.csv'] } } });
    const sent = { ids: { id: 'token' }, unreached: 'An import is its sender\'s alone; import-page.test.mjs shows it.' };
    add('GET', '/admin/import/{id}', sent);
    add('GET', '/admin/import/{id}/report', sent);
    add('POST', '/admin/import/{id}', { ...sent, body: { act: 'stop' }, own: [404] });
    add('GET', '/admin/accounts/{id}/people/{person}', { ids: { id: 'accountRow', person: 'member' } });
    add('POST', '/admin/accounts/{id}/people/{person}', { ids: { id: 'accountRow', person: 'member' }, body: { act: 'save', title: 'Buyer' }, valid: acts(['leave']) });
    add('GET', '/admin/roles/{key}', { ids: { key: 'role' } });
    add('POST', '/admin/roles/{key}', { ids: { key: 'role' }, body: { act: 'reset', permission: 'communities.vote' } });
    add('POST', '/admin/roles', { body: {}, own: [422], valid: { body: { new_key: 'testers', new_title: 'Testers', place: 'owner' } } });
    add('GET', '/admin/modules/{id}', { ids: { id: 'module' } });
    add('POST', '/admin/modules/{id}', { ids: { id: 'module' }, body: { portico_act: 'off' }, own: [422], valid: { undone: generation } });
    add('POST', '/admin/modules', { body: { version: 'x' }, own: [409, 422, 404, 400], valid: { undone: generation } });
    add('POST', '/admin/settings', { body: { portico_section: 'none' }, own: [404, 422, 400], valid: { undone: generation } });
    add('POST', '/admin/audit', { body: {} });
    add('POST', '/admin/audit/export', { body: {} });
    add('GET', '/admin/mail/{id}', { ids: { id: 'mail' }, unreached: 'All mail has left; mail.test.mjs has some that did not.' });
    add('POST', '/admin/mail/{id}', { ids: { id: 'mail' }, body: {}, unreached: 'All mail has left; mail.test.mjs has some that did not.' });
}

const WORDS = 'Words enough to stand in any of these places.';
const TITLE = 'Where is the third crane today?';

function communitiesRecipes(add) {
    const page = '/communities', api = '/api/communities/v1';
    const topic = { ids: { id: 'topic' } }, post = { ids: { id: 'post' } }, comment = { ids: { id: 'comment' } };
    /* Of one's own questions, and of what somebody wrote who left, where that is asked another way. */
    const each = (recipe, ...kinds) => kinds.map((kind) => ({ ...recipe, ids: { ...recipe.ids, id: kind } }));
    const topics = (recipe) => each(recipe, 'topic', 'ownTopic', 'aloneTopic', 'leftTopic', 'leftOwn');
    const posts = (recipe) => each(recipe, 'post', 'ownPost', 'alonePost', 'leftPost', 'leftQuestion');
    const comments = (recipe) => each(recipe, 'comment', 'leftComment');
    add('GET', `${page}/{space}`, {});
    add('GET', `${page}/{space}/feed.atom`, {});
    add('GET', `${page}/{space}/feed.rss`, {});
    add('GET', `${page}/topics/{id}`, topics({}));
    add('GET', `${page}/topics/{id}/{slug}`, [{ ids: { id: 'topic', slug: 'slug' } }, { ids: { id: 'ownTopic', slug: 'ownSlug' } }]);
    add('GET', `${page}/posts/{id}`, posts({}));
    add('GET', `${page}/posts/{id}/history`, posts({}));
    add('GET', `${page}/comments/{id}/history`, comments({}));
    /* Who never wrote is named by those alone who act there as members. */
    add('GET', `${page}/people/{handle}`, [{}, { ids: { handle: 'silent' }, hidden: ['one of the staff who looks into A'] }]);
    add('GET', `${page}/tags/{tag}`, {});
    add('GET', `${page}/tags/{tag}/feed.atom`, {});
    add('GET', `${page}/tags/{tag}/feed.rss`, {});
    add('GET', `${page}/sitemap/{from}`, {});
    add('GET POST', `${page}/tags/{tag}/edit`, { body: { portico_form: 'tag' }, own: [422], valid: { body: { portico_form: 'tag', description: 'About it' } } });
    add('PATCH', `${api}/tags/{tag}`, { json: { description: 'About it' }, own: [422], valid: {} });
    add('POST', `${page}/ask`, { body: { portico_form: 'ask' }, own: [422], valid: { body: { portico_form: 'ask', space: '{space}', title: TITLE, body: WORDS, tags: '' } } });
    add('POST', `${api}/topics`, { json: { title: 'x' }, own: [422], valid: { json: { space: '{space}', title: TITLE, body: WORDS, tags: [] } } });
    add('POST', `${page}/topics/{id}`, topics({ body: { portico_form: 'answer' }, own: [422], valid: { body: { portico_form: 'answer', body: WORDS } } }));
    add('POST', `${api}/topics/{id}/answers`, topics({ json: { body: '' }, own: [422], valid: { json: { body: WORDS } } }));
    add('GET POST', `${page}/posts/{id}/comments`, { ...post, body: { portico_form: 'comment' }, own: [422], valid: { body: { portico_form: 'comment', body: WORDS } } });
    add('POST', `${api}/posts/{id}/comments`, { ...post, json: { body: '' }, own: [422], valid: { json: { body: WORDS } } });
    for (const method of ['GET', 'POST']) {
        add(method, `${page}/posts/{id}/edit`, posts({ ...(method === 'POST' ? { body: { portico_form: 'edit' }, valid: { fromPage: 'version', body: { portico_form: 'edit', version: '0', title: TITLE, body: WORDS, tags: '' } } } : {}), own: [422, 409] }));
        add(method, `${page}/comments/{id}/edit`, comments({ ...(method === 'POST' ? { body: { portico_form: 'edit_comment' }, valid: { fromPage: 'version', body: { portico_form: 'edit_comment', version: '0', body: WORDS } } } : {}), own: [422, 409] }));
    }
    const anyVersion = { headers: { 'If-Match': '*' }, after: 1 };
    add('PATCH', `${api}/posts/{id}`, posts({ json: {}, own: [422, 428, 412], valid: { ...anyVersion, json: { body: `${WORDS} Again.` } } }));
    add('PATCH', `${api}/comments/{id}`, comments({ json: {}, own: [422, 428, 412], valid: { ...anyVersion, json: { body: `${WORDS} Again.` } } }));
    add('GET', `${api}/search`, { query: { q: 'words' } });
    add('GET', `${api}/comments/{id}`, comments({}));
    add('GET', `${api}/posts/{id}`, posts({}));
    add('GET', `${api}/posts/{id}/revisions`, posts({}));
    add('GET', `${api}/comments/{id}/revisions`, comments({}));
    add('GET', `${api}/topics/{id}`, topics({}));
    add('GET', `${api}/topics`, [{}, { query: { space: '{space}' } }, { query: { tag: '{tag}' } }]);
    add('GET', `${api}/spaces/{id}`, { ids: { id: 'spaceId' } });
    add('PATCH', `${api}/spaces/{id}`, { ids: { id: 'spaceId' }, json: {}, own: [422, 428], valid: { json: { title: 'Renamed', kind: 'questions', writers: 'members', sharing: { level: 'account', account: '{accountNamed}' } } } });
    const fields = { title: 'Another place', kind: 'questions', writers: 'members' };
    add('POST', `${api}/spaces`, { json: {}, own: [422], valid: { json: { ...fields, sharing: { level: 'account', account: '{accountNamed}' } } } });
    add('POST', `${page}/spaces/new`, { body: {}, own: [422], valid: { body: { portico_form: 'space', ...fields, sharing: 'account:{accountNamed}' } } });
    add('GET POST', `${page}/spaces/{id}/edit`, { ids: { id: 'spaceId' }, body: {}, own: [422], valid: { body: { portico_form: 'space', ...fields, sharing: 'account:{accountNamed}' } } });
    add('POST', `${page}/spaces/{id}/move`, { ids: { id: 'spaceId' }, body: { to: 'down' }, own: [422] });
    for (const [kind, ids] of [['posts', post], ['comments', comment]]) {
        add('POST', `${page}/${kind}/{id}/vote`, { ...ids, body: { value: 'none' }, valid: { body: { value: 'up' } } });
        add('PUT', `${api}/${kind}/{id}/vote`, { ...ids, json: { value: 0 }, valid: { json: { value: 1 } } });
        add('GET POST', `${page}/${kind}/{id}/flag`, { ...ids, body: { portico_form: 'flag' }, own: [422, 409], valid: { body: { portico_form: 'flag', reason: 'spam', note: '' } } });
        add('POST', `${api}/${kind}/{id}/flags`, { ...ids, json: { reason: 'nothing' }, own: [422, 409], valid: { json: { reason: 'spam' } } });
        /* What is taken away is put back each time, so that the next one finds it. */
        const decide = { portico_form: 'decide', reason: 'It is not ours.' };
        add('GET POST', `${page}/${kind}/{id}/remove`, { ...ids, body: { portico_form: 'nothing' }, own: [422, 200], valid: { body: decide, after: 10 } });
        add('POST', `${page}/${kind}/{id}/restore`, { ...ids, body: {}, own: [409, 404], valid: { body: {}, after: 11 } });
        add('POST', `${api}/${kind}/{id}/remove`, { ...ids, json: { reason: 7 }, own: [422], valid: { json: { reason: 'It is not ours.' }, after: 12 } });
        add('POST', `${api}/${kind}/{id}/restore`, { ...ids, own: [409, 404], valid: { after: 13 } });
        const held = 'Nothing is held back in this world; community-moderating.test.mjs decides about what is.';
        add('POST', `${api}/${kind}/{id}/approve`, { ...ids, json: {}, own: [409], valid: { json: { reason: '' }, undone: held } });
        add('POST', `${api}/${kind}/{id}/keep`, { ...ids, json: {}, own: [409], valid: { json: { reason: '' }, own: [409], after: 2 } });
        add('POST', `${page}/moderation/${kind}/{id}`, { ...ids, body: { act: 'nothing' }, own: [422, 400], valid: ['approve', 'keep', 'remove'].map((act) => ({ body: { act, reason: '' }, undone: act === 'remove' ? undefined : held, after: 14 })) });
    }
    add('POST', `${page}/posts/{id}/accept`, { ...post, body: {}, own: [303], valid: { body: { accepted: '1' } } });
    add('PUT', `${api}/posts/{id}/accepted`, { ...post, json: { accepted: false }, valid: { json: { accepted: true } } });
    add('POST', `${page}/topics/{id}/follow`, { ...topic, body: { level: 'follow' } });
    add('PUT', `${api}/topics/{id}/follow`, { ...topic, json: { level: 'follow' } });
    /* Of two ids, one is everybody's each time. */
    const away = 'Once is enough: it is not there for the next one.';
    const given = {
        close: [{ after: 3 }], reopen: [{ after: 4 }],
        move: [{ ids: { id: 'openTopic', to: 'space' }, fields: { space: '{to}' }, after: 5 }, { fields: { space: 'harbour' }, undone: away }],
        merge: [{ ids: { id: 'openTopic', into: 'topic' }, fields: { into: '{into}' }, after: 20 }, { ids: { id: 'topic', into: 'openTopic' }, fields: { into: '{into}' }, undone: away }],
    };
    for (const [act, ways] of Object.entries(given)) {
        const valid = (as, fixed) => ways.map(({ fields, ...way }) => ({ ...way, [as]: { ...fixed, ...fields, reason: '' } }));
        add('GET POST', `${page}/moderation/${act}/{id}`, {
            ...topic, body: { portico_form: 'nothing' }, own: [422, 409, 200],
            valid: valid('body', { portico_form: ['move', 'merge'].includes(act) ? act : 'decide' }),
        });
        add('POST', `${api}/topics/{id}/${act}`, {
            ...topic, json: { reason: 7 }, own: [422, 409],
            valid: valid('json', {}).map((way) => (['move', 'merge'].includes(act) ? { ...way, undone: away } : { ...way, own: [409] })),
        });
    }
}
