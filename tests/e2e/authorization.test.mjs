/* The authorization matrix of the whole portal, made from its route table: every route × who asks × whose object. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { checkMail, difference, keyOf, listsOf, masked, runMatrix } from '../lib/authorization.mjs';
import { makeSide, shareValues } from '../lib/authorization-side.mjs';
import { runCanaries } from '../lib/canary.mjs';
import { startWorld } from '../lib/authorization-world.mjs';

const full = Boolean(process.env.PORTICO_TEST_FULL);
const found = (world) => [...new Set(world.findings.splice(0))];

for (const database of ['sqlite', 'postgresql'])
    describe(`the authorization matrix (${database})`, () => {
        let world;
        before(async () => {
            world = await startWorld({ database, full });
        });
        after(() => world?.close());

        test('lists, counts, searches, feeds and exports are the same before and after another company has something', async () => {
            await makeSide(world, 'A');
            const others = world.actors.filter(({ side, name }) => side === 'A' || (!side && !world.looksAfter({ name, roles: world.actor(name).roles })));
            const before = await Promise.all(others.map((actor) => listsOf(world, actor)));
            await makeSide(world, 'B');
            const after = await Promise.all(others.map((actor) => listsOf(world, actor)));
            for (const [at, actor] of others.entries())
                for (const [list, answer] of Object.entries(before[at])) {
                    /* What one exported oneself stands there now; that nothing of others does, the canaries say. */
                    if (/^GET \/account\/company(\/log)?\?/.test(list))
                        continue;
                    const told = difference(after[at][list], answer);
                    assert.equal(told, undefined, `${list} tells ${actor.name} of what another company made: ${told} before`);
                }
            checkMail(world);
            assert.deepEqual(found(world), []);
        });

        test('every route answers for a foreign object as for a missing one, changes none, and reaches whom exposure says', async () => {
            await shareValues(world);
            await runMatrix(world);
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

describe('an answer without what is random', () => {
    const answer = (text, headers = {}, status = 200) => ({ status, text, headers: new Headers({ 'x-request-id': 'r4nd0mr4nd0m', ...headers }) });
    const differ = (one, other, ids) => difference(masked(one, ids), masked(other, ids));

    test('is the same with another request id, token, form key, and its own id', () => {
        const page = (request, secret, id) => ({
            ...answer(`<form action="/x/${id}"><input name="portico_token" value="${secret}"><input name="portico_key" value="k${secret}"> Request ${request}`),
            headers: new Headers({ 'x-request-id': request, date: `Sun, ${secret}` }),
        });
        assert.equal(difference(masked(page('aaaaaaaa', 'one', '12345'), ['12345']), masked(page('bbbbbbbb', 'two', '67890'), ['67890'])), undefined);
    });
    test('differs by status, header field, cookie, and any byte else', () => {
        const base = answer('<p>No such page.</p>');
        for (const [name, other] of Object.entries({
            status: answer('<p>No such page.</p>', {}, 403),
            'header field': answer('<p>No such page.</p>', { 'x-more': '1' }),
            cookie: answer('<p>No such page.</p>', { 'set-cookie': 'flag=1; Path=/' }),
            byte: answer('<p>No such page!</p>'),
            'byte at the end': answer('<p>No such page.</p>\n'),
            'field of a form': answer('<p>No such page.</p><input name="portico_account" value="a">'),
        }))
            assert.notEqual(differ(base, other, []), undefined, name);
        const field = (value) => answer(`<input name="title" value="${value}">`);
        assert.notEqual(differ(field('one'), field('two'), []), undefined, 'the value of a field that is no token');
        assert.notEqual(differ(answer('id 12345'), answer('id 67890'), ['12345']), undefined, 'an id that was not asked for');
    });
});
