/* A module that forgets who may see its rows, one way after another: matrix and random calls find each of them. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ask, difference, listsOf, runMatrix } from '../lib/authorization.mjs';
import { expect } from '../lib/authorization-side.mjs';
import { startWorld } from '../lib/authorization-world.mjs';
import { runCanaries } from '../lib/canary.mjs';
import { png } from '../lib/images.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { until } from '../lib/wait.mjs';

const isOwn = ({ route }) => route.startsWith('/leaky') && route !== '/leaky/forget';
const LISTS = ['/leaky/rows', '/leaky/rows.csv', '/leaky/feed.atom', '/leaky/suggest'];

/* What each way is found by, and in which words. */
const WAYS = {
    object: /^(call \d+: )?GET \/leaky\/rows\/.* (shows|tells) .*account [AB]/m,
    403: /GET \/leaky\/rows\/\{id\} tells .* of what account [AB] has: 403, but 404/,
    header: /GET \/leaky\/rows\/\{id\} tells .* of what account [AB] has: headers .*"x-row"/,
    second: /GET \/leaky\/rows\/\{id\}\/beside\/\{other\} (tells|shows) .*(account [AB] has: 200, but 404|“kanarie)/i,
    pair: /POST \/leaky\/rows\/\{id\}\/join\/\{other\} tells .* account [AB] has, all ids being of it: 200, but 404/,
    right: /POST \/leaky\/rows\/\{id\}\/title lets somebody change leaky_row through an id of another account/,
    write: /POST \/leaky\/rows\/\{id\} lets somebody change leaky_row through an id of another account/,
    count: /GET \/leaky\/rows\? tells .* of what another company made/,
    suggest: /GET \/leaky\/suggest\S* (shows .* “kanarie|tells)/i,
    feed: /GET \/leaky\/feed\.atom\S* (shows .* “kanarie|tells)/i,
    export: /GET \/leaky\/rows\.csv\S* (shows .* “kanarie|tells)/i,
    file: /GET \/portico\/files\/\{id\}\/\{name\} tells .* of what account [AB] has: 200, but 404/,
    stream: /A stream tells .* of portal\.leaky\.row\.changed about row\/\d+, which belongs to account [AB]/,
    mail: /A mail to solo@example\.com, “A new row”, shows “kanarie/i,
    log: /The log says “kanarie/i,
};

describe('a module that forgets who may see its rows', () => {
    let world, chief, number = 0;

    const forget = async (way) => expect(await ask(world, chief, { method: 'POST', route: '/leaky/forget' }, { body: { way } }, {}), 200);
    const write = async (side) => {
        const word = `Kanarie${side}row${++number}`;
        const files = { picture: [png(3 + (number % 40)), `${word}.png`] };
        const member = world.actor(`a member of ${side}`);
        const { id, path: file } = expect(await ask(world, member, { method: 'POST', route: '/leaky/rows' }, { files, body: { title: word } }, {}), 200).json;
        const [, fileId, fileName] = /\/portico\/files\/(\d+)\/([^/]+)$/.exec(file);
        return { row: id, file: fileId, fileName };
    };
    const writeTwo = async (side) => ({ ...(await write(side)), other: (await write(side)).row });
    const found = () => [...new Set(world.findings.splice(0))];

    /* All that holds it against who may see it: lists before and after, the matrix, random calls with streams, mail and log. */
    async function hold(way) {
        await forget(way);
        const others = world.actors.filter((actor) => !actor.side && !world.looksAfter(actor));
        const before = await Promise.all(others.map((actor) => listsOf(world, actor)));
        world.values = { A: await writeTwo('A'), B: await writeTwo('B') };
        const after = await Promise.all(others.map((actor) => listsOf(world, actor)));
        for (const [at, actor] of others.entries())
            for (const [list, answer] of Object.entries(before[at])) {
                const told = difference(after[at][list], answer);
                if (told)
                    world.findings.push(`${list} tells ${actor.name} of what another company made: ${told} before`);
            }
        world.values.missing = Object.fromEntries(Object.entries(world.values.A).map(([kind, value]) => [kind, /^\d+$/.test(value) ? String(BigInt(value) + 777_777_000_111n) : `none-${value}`]));
        await runMatrix(world, (route) => isOwn(route) || route.route === '/portico/files/{id}/{name}');
        await runCanaries(world, {
            seed: 5, calls: 60, only: isOwn, alone: true, subjects: (values) => [`row/${values.row}`],
            writes: [
                { by: 'member', route: 'POST /leaky/rows', recipe: (word) => ({ body: { title: word } }) },
                { by: 'member', route: 'POST /leaky/rows/{row}', recipe: (word) => ({ body: { title: word } }) },
            ],
        });
        await forget('');
        return found();
    }

    before(async () => {
        world = await startWorld({ standings: false, modules: { leaky: { path: path.join(buildDirectory(), 'tests/modules/leaky') } } });
        chief = world.actor('an admin of the portal');
        world.actors = world.actors.filter(({ name }) => /^(somebody (not|without)|a member of|an admin of the portal)/.test(name));
        const row = { sees: (actor, side) => actor.side === side || world.seesRows(actor) };
        world.kinds = { row, other: row, file: row, fileName: row };
        world.recipes = {
            'GET /leaky/rows/{id}': { ids: { id: 'row' } },
            'POST /leaky/rows/{id}': { ids: { id: 'row' }, body: { title: 'Another' } },
            'GET /leaky/rows/{id}/beside/{other}': { ids: { id: 'row' } },
            'POST /leaky/rows/{id}/join/{other}': { ids: { id: 'row' }, body: {} },
            'POST /leaky/rows/{id}/title': { ids: { id: 'row' }, body: { title: '' }, own: [422], valid: { body: { title: 'Renamed' } } },
            'POST /leaky/rows': { body: { title: '' }, own: [422] },
            'GET /portico/files/{id}/{name}': { ids: { id: 'file', name: 'fileName' } },
        };
        world.searches = { '/leaky/suggest': [{ q: 'Kanarie' }] };
        world.routes = world.routes.filter(({ route }) => route.startsWith('/leaky') || route === '/portico/files/{id}/{name}');
    });
    after(() => world?.close());

    test('is sound while it forgets nothing', async () => assert.deepEqual(await hold(''), []));
    for (const [way, sentence] of Object.entries(WAYS))
        test(`is found out when it forgets: ${way}`, async () => {
            /* What streams and mails bring may come after they were looked at: once more, then. */
            await until(async () => (await hold(way)).some((one) => sentence.test(one)), { within: 60_000, what: String(sentence) });
        });
    test('is sound again once it forgets nothing', async () => assert.deepEqual(await hold(''), []));
});
