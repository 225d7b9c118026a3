/* 19-scenarios as its author would try it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

for (const database of ['sqlite', 'postgresql'])
    test(`19-scenarios: status counts who begins, passes a step and gets there (${database})`, async (t) => {
        const portal = await startPortal({
            database,
            modules: { scenarios: { path: path.join(buildDirectory(), 'examples/scenarios') } },
        });
        t.after(() => portal.close());

        const tell = async (book, what) => {
            const answer = await portal.get(`/api/scenarios/v1/books/${book}/${what}`, {
                method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}',
            });
            assert.equal(answer.status, 200, answer.text);
        };
        const figures = async () => JSON.parse((await portal.cli('status', '--json')).stdout).scenarios[0];

        await tell('middlemarch', 'wished');
        await tell('middlemarch', 'offered');
        await tell('emma', 'wished');
        await tell('emma', 'wished');
        await tell('nobody-wished-it', 'offered');
        await tell('middlemarch', 'read');

        let seen;
        await until(async () => (seen = await figures()).finished === 1, { within: 30_000, what: 'the run to finish' });
        assert.deepEqual({ ...seen, median_minutes: undefined }, {
            module: 'scenarios', id: 'read-a-book', title: 'Read a book I wished for',
            started: 2, finished: 1, given_up: 0, open: 1, median_minutes: undefined,
            steps: [{ id: 'offered', title: 'Somebody offered it', passed: 1 }],
        });
        assert.ok(seen.median_minutes >= 0 && seen.median_minutes < 5, seen.median_minutes);
        const { stdout } = await portal.cli('status');
        assert.match(stdout, /Read a book I wished for: 2 begun, 1 finished, 0 given up, 1 open/);
    });
