/* A module that takes something else for being shown a row: the matrix finds each way of that by the one it lets in. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ask, difference, listsOf, runMatrix, runValid } from '../lib/authorization.mjs';
import { expect, send } from '../lib/authorization-side.mjs';
import { endStandings, goBack } from '../lib/authorization-standings.mjs';
import { startWorld } from '../lib/authorization-world.mjs';
import { buildDirectory } from '../lib/paths.mjs';

/* Whom each way lets in, and to which note. */
const LETS_IN = {
    audience: {
        team: ['a member above A who counts below', 'a member of A who is in no team', 'a delegate who acts for A', 'one of the staff who looks into A', 'an admin of A'],
        note: ['a delegate who looks after people of A'],
    },
    below: { note: ['an admin of the company above A'] },
    above: { note: ['a member of the company below A'] },
    account: { note: ['an admin of the company above A', 'an admin of the partner that A asks', 'an admin of B'] },
    staff: { note: ['one with a role of the owner\'s'] },
    end: {
        seen: ['a delegate for A whose time is over', 'a delegate for A who was sent away'],
        seenBelow: ['a member of a suspended company below A'],
    },
    look: { mine: ['one of the staff who looks as a member of A'] },
    session: { note: ['somebody who was switched off', 'somebody not signed in'] },
};

describe('a module that is lenient', () => {
    let world, chief;
    const fixed = {};

    const forget = async (way) => expect(await ask(world, chief, { method: 'POST', route: '/lenient/forget' }, { body: { way } }, {}), 200);
    const write = async (side, kind, share = '') =>
        expect(await ask(world, world.actor(`a member of ${side}`), { method: 'POST', route: '/lenient/notes' }, { body: { title: `Kanarie${side}${kind}`, share } }, {}), 200).json.id;
    const found = () => [...new Set(world.findings.splice(0))];
    const pick = (...names) => (route) => names.includes(route.route) && route.route !== '/lenient/forget';

    async function hold(way, only) {
        await forget(way);
        await runMatrix(world, only);
        await forget('');
        await goBack(world);
        return found();
    }

    /* Where a list of one of A changes with what B writes. */
    async function told() {
        const actor = world.actor('a member of A'), before = await listsOf(world, actor);
        await write('B', 'another');
        const after = await listsOf(world, actor);
        return Object.keys(before).flatMap((list) => (after[list] && difference(after[list], before[list]) ? [list] : []));
    }

    before(async () => {
        world = await startWorld({ modules: { lenient: { path: path.join(buildDirectory(), 'tests/modules/lenient') } } });
        chief = world.actor('an admin of the portal');
        world.everybody = true;
        world.values = {};
        for (const side of ['A', 'B']) {
            const [member, admin] = [world.actor(`a member of ${side}`), world.actor(`an admin of ${side}`)];
            expect(await admin.visitor.post('/account/company/teams', { name: 'The crew' }), 303);
            const [, team] = /\/account\/company\/teams\/(\d+)/.exec((await admin.visitor.get('/account/company/teams')).text);
            expect(await admin.visitor.post(`/account/company/teams/${team}`, { act: 'in', who: member.visitor.handle }), 303);
            const values = world.values[side] = fixed[side] = {};
            for (const [kind, share] of Object.entries({ note: '', seen: '', seenBelow: 'below', team: `team:${team}`, mine: 'mine' }))
                values[kind] = await write(side, kind, share);
        }
        /* They see theirs before it ends. */
        const audience = {};
        for (const [kind, level] of Object.entries({ note: 'account', noteBelow: 'below' }))
            audience[kind] = (await send(world, world.actor('a member of A'), 'POST', '/api/audience/v1/notes', { title: 'Of A', sharing: { level } })).id;
        for (const actor of world.actors.filter(({ ends }) => ends))
            for (const kind of [actor.ends === 'note' ? 'seen' : 'seenBelow'])
                expect(await ask(world, actor, { method: 'POST', route: `/lenient/notes/${fixed.A[kind]}/opened` }, { body: {} }, {}), 200);
        world.values.A = { ...fixed.A, ...audience };
        await endStandings(world);
        world.values = { A: fixed.A, B: fixed.B, missing: Object.fromEntries(Object.entries(fixed.A).map(([kind, id]) => [kind, String(BigInt(id) + 777_777_000_111n)])) };
        const { note, noteBelow, noteTeam, aloneTopic } = world.kinds;
        world.kinds = { note, seen: note, seenBelow: noteBelow, team: noteTeam, mine: aloneTopic };
        const each = (recipe = {}) => ['note', 'seen', 'seenBelow', 'team', 'mine'].map((kind) => ({ ...recipe, ids: { id: kind } }));
        world.recipes = {
            'GET /lenient/notes/{id}': each(),
            'GET /lenient/open/{id}': each(),
            'GET /api/lenient/v1/notes/{id}': each(),
            'POST /lenient/notes/{id}/opened': each({ body: {} }),
            'POST /lenient/notes': { body: { title: '' }, own: [422], valid: { body: { title: 'One more' } } },
            'POST /api/lenient/v1/notes/{id}': { asks: 'lenient.write', ids: { id: 'note' }, json: { title: 'Another title' } },
        };
        world.searches = {};
        world.routes = world.routes.filter(({ route }) => /^(\/api)?\/lenient\//.test(route) && route !== '/lenient/forget');
    });
    after(() => world?.close());

    test('is sound while it forgets nothing', async () => {
        assert.deepEqual(await hold(''), []);
        assert.deepEqual(await told(), []);
        await runValid(world);
        assert.deepEqual(found(), []);
    });
    for (const [way, kinds] of Object.entries(LETS_IN))
        test(`is found out by all whom it lets in when it forgets: ${way}`, async () => {
            const said = (await hold(way, pick('/lenient/notes/{id}', '/lenient/open/{id}', '/api/lenient/v1/notes/{id}'))).join('\n');
            for (const [kind, names] of Object.entries(kinds))
                for (const name of names) {
                    const by = new RegExp(`(notes|open)/(\\{id\\}|${fixed.A[kind]}|${fixed.B[kind]}) (tells|shows) ${name} `);
                    assert.match(said, by, `${name} by a ${kind}`);
                }
        });
    test('is found out by a token that reads when it asks for the rights of its person', async () => {
        const said = (await hold('scope', pick('/api/lenient/v1/notes/{id}'))).join('\n');
        assert.match(said, /POST \/api\/lenient\/v1\/notes\/\{id\} answers a token of a member of A that reads with \d+.*, but by their roles and how they came in they do not reach it/);
    });
    test('is found out by the later pages of a list', async () => {
        await forget('page');
        const lists = await told();
        await forget('');
        assert.match(found().join('\n'), /GET \/lenient\/notes\?cursor=\d+ shows a member of A “KanarieB/);
        assert.deepEqual(lists.slice(0, 1), ['GET /lenient/notes? page 2']);
    });
    test('is sound again once it forgets nothing', async () => assert.deepEqual(await hold(''), []));
});
