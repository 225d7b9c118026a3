/* Guessing passwords: how many are evaluated, who still gets in, and what the time of an answer tells. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { makePerson, PASSWORD, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const WRONG = /This name and this password do not belong together/, ENOUGH = /Too many tries/;
const GUESSES = 20; /* as a portal has it that says nothing of it */

/**
 * How far the answers' times of two groups lie apart: the z of Mann and Whitney's U, which is that of a normal
 * distribution where both are of one kind, however long an answer takes on this machine.
 */
function apart(one, other) {
    const all = [...one.map((time) => ({ time, of: one })), ...other.map((time) => ({ time, of: other }))].sort((a, b) => a.time - b.time);
    const ranks = all.reduce((sum, { of }, place) => sum + (of === one ? place + 1 : 0), 0);
    const [n, m] = [one.length, other.length];
    const u = ranks - n * (n + 1) / 2;
    return (u - n * m / 2) / Math.sqrt(n * m * (n + m + 1) / 12);
}
const CERTAIN = 4.5; /* by chance once in 150,000 runs */

/** The times of `rounds` tries of each kind, one after the other and in another order each round. */
async function timesOf(kinds, rounds) {
    const times = kinds.map(() => []);
    for (let round = 0; round < rounds; round++)
        for (const kind of kinds.map((_, number) => number).sort(() => Math.random() - 0.5)) {
            const begun = process.hrtime.bigint();
            await kinds[kind](round);
            times[kind].push(Number(process.hrtime.bigint() - begun));
        }
    return times;
}

for (const database of ['sqlite', 'postgresql']) {
    describe(`guesses (${database})`, () => {
        let portal;
        before(async () => {
            portal = await startPortal({ database });
            for (const handle of ['mara', 'lee'])
                await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
        });
        after(() => portal?.close());
        const knock = async (browser, name, password) => {
            const answer = await browser.submit('/login', { name, password });
            return answer.status === 303 ? 'in' : WRONG.test(textOf(answer.text)) ? 'wrong' : ENOUGH.test(textOf(answer.text)) ? 'enough' : answer.status;
        };

        test('twenty in an hour are evaluated for a name, known or not, and the known device still gets in', async (t) => {
            const known = visitor(portal);
            assert.equal(await knock(known, 'mara', PASSWORD), 'in');
            await known.post('/logout');
            const evaluated = {};
            for (const name of ['mara', 'nobody-there']) {
                const answers = [];
                for (let i = 0; i < GUESSES + 4; i++)
                    answers.push(await knock(visitor(portal), name, `guess number ${i}`));
                evaluated[name] = answers.filter((answer) => answer === 'wrong').length;
                assert.deepEqual(answers, [...Array(GUESSES).fill('wrong'), ...Array(4).fill('enough')], name);
                assert.equal(await knock(visitor(portal), name, PASSWORD), 'enough', 'the right one is not evaluated either');
            }
            t.diagnostic(`evaluated guesses: ${JSON.stringify(evaluated)}`);
            assert.equal(await knock(visitor(portal), 'mara@example.com', PASSWORD), 'wrong', 'nor under another name');
            assert.equal(await knock(known, 'mara', PASSWORD), 'in');
        });

        test('wrong ones stand in the audit log, not more than twenty of a network', async () => {
            const lines = (await portal.cli('audit', 'list', '--kind', 'session.refused', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line));
            assert.equal(lines.length, 20);
            assert.ok(lines.every(({ object, actor }) => object === 'password' && !Number(actor)), JSON.stringify(lines[0]));
        });
    });

    test(`the time of an answer does not tell known names from unknown ones (${database})`, async (t) => {
        const portal = await startPortal({ database, settings: { sign_in: { guesses: 1000 }, server: { workers: 1 } } });
        t.after(() => portal.close());
        await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
        const browser = visitor(portal), rounds = 24;
        const page = await browser.get('/login');
        const fields = async (sent) => {
            const answer = await browser.submit(page, sent);
            assert.equal(answer.status, 422);
        };
        await fields({ name: 'mara', password: 'warming up' });
        const [known, unknown, unasked] = await timesOf([
            (round) => fields({ name: 'mara', password: `wrong ${round}` }),
            (round) => fields({ name: 'nora', password: `wrong ${round}` }),
            () => fields({ name: 'mara', password: '' }),
        ], rounds);
        const z = apart(known, unknown), seen = apart(known, unasked);
        t.diagnostic(`known against unknown: z = ${z.toFixed(2)}; against one that is not evaluated: z = ${seen.toFixed(2)} (${rounds} each)`);
        assert.ok(Math.abs(seen) > CERTAIN, `a difference there is would be seen: ${seen}`);
        assert.ok(Math.abs(z) < CERTAIN, `${z}`);
    });
}
