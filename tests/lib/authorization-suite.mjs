/* The authorization matrix of the whole portal, made from its route table: every route × who asks × whose object. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { checkMail, difference, keyOf, listsOf, runMatrix, runValid } from './authorization.mjs';
import { makeSide, shareValues } from './authorization-side.mjs';
import { endStandings } from './authorization-standings.mjs';
import { startWorld } from './authorization-world.mjs';
import { runCanaries } from './canary.mjs';

const full = Boolean(process.env.PORTICO_TEST_FULL);
const found = (world) => [...new Set(world.findings.splice(0))];

/** The tests of it on a database; each in a file of its own, since they take minutes. */
export function authorizationMatrix(database) {
    describe(`the authorization matrix (${database})`, () => {
        let world;
        before(async () => {
            world = await startWorld({ database, full });
        });
        after(() => world?.close());

        test('lists, counts, searches, feeds and exports are the same before and after another company has something', async (t) => {
            await makeSide(world, 'A');
            await endStandings(world);
            const others = world.actors.filter((actor) => (actor.side === 'A' || (!actor.side && !world.looksAfter(actor))) && (full || !actor.rare || actor.lists));
            const before = await Promise.all(others.map((actor) => listsOf(world, actor)));
            await makeSide(world, 'B');
            const after = await Promise.all(others.map((actor) => listsOf(world, actor)));
            for (const [at, actor] of others.entries())
                for (const [list, answer] of Object.entries(before[at])) {
                    /* What one exported oneself stands there now; that nothing of others does, the canaries say. */
                    if (/^GET \/account\/company(\/log(\.csv)?)?\?/.test(list))
                        continue;
                    const told = difference(after[at][list], answer);
                    assert.equal(told, undefined, `${list} tells ${actor.name} of what another company made: ${told} before`);
                }
            checkMail(world);
            t.diagnostic(`${world.requests} requests, ${world.laterPages?.length} later pages of lists`);
            assert.deepEqual(found(world), []);
            assert.ok(new Set(world.laterPages).size >= 10, `lists go on: ${[...new Set(world.laterPages)].join(', ')}`);
        });

        test('every route answers for a foreign object as for a missing one, changes none, and reaches whom exposure says', async (t) => {
            await shareValues(world);
            await runMatrix(world);
            t.diagnostic(`${world.covered.size} of ${world.routes.length} routes, asked in ${world.actors.length} ways to come in: ${world.requests} requests, ${world.findings.length} findings`);
            assert.deepEqual(found(world), []);
            assert.deepEqual(world.routes.map(keyOf).filter((key) => !world.covered.has(key)), [], 'every route is covered');
        });

        test('random calls, with rights that change meanwhile, bring nothing of another company in answers, mails, streams and the log', async (t) => {
            const seed = Number(process.env.PORTICO_TEST_SEED) || Math.floor(Math.random() * 1e9);
            const done = await runCanaries(world, { seed, calls: full ? 10_500 : 900 });
            t.diagnostic(`seed ${done.seed} (PORTICO_TEST_SEED makes the same calls): ${done.calls} calls of ${done.routes} routes, answered ${JSON.stringify(done.statuses)}; words of one's own were seen ${JSON.stringify(done.seen)} times`);
            assert.deepEqual(found(world), [], `seed ${seed}`);
            assert.ok(Math.min(done.seen.A, done.seen.B) > done.calls / 10, 'people see what is theirs');
        });
    });

    /* In a world of its own: random calls take away what this needs. */
    describe(`what the matrix calls right (${database})`, () => {
        let world;
        before(async () => {
            world = await startWorld({ database, full });
            await makeSide(world, 'A');
            await endStandings(world);
            await makeSide(world, 'B');
            await shareValues(world);
        });
        after(() => world?.close());

        test('each route that writes is done by somebody with what is right, so that it was refused for others for no other reason', async (t) => {
            const done = await runValid(world);
            t.diagnostic(`${done} routes that write`);
            assert.deepEqual(found(world), []);
            assert.ok(done > 90, String(done));
        });
    });
}
