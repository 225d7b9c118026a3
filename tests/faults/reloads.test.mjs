/* R6 at full scale: 50 reloads under keep-alive and pipelined load, every tenth one refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startLoad } from '../lib/load.mjs';
import { startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const skip = process.env.PORTICO_TEST_FULL ? false : 'takes minutes: ./dev faults';

test('50 reloads under load fail none of 100,000 requests', { skip }, async (context) => {
    const portal = await startPortal({ modules: trial(), settings: { server: { workers: 2 }, log: { access: false } } });
    try {
        const load = startLoad(portal.port, { connections: 32, pipelines: 8 });
        for (let reload = 1; reload <= 50; reload++) {
            const asked = load.answers;
            const wrong = reload % 10 === 0;
            portal.writeConfig(trial(wrong ? { refusal: 'not today' } : {}));
            const { code, stderr } = await portal.cli('reload');
            assert.equal(code, wrong ? 3 : 0, stderr);
            await until(() => load.answers >= asked + 2000, { within: 120_000, what: '2,000 answers after the reload' });
        }
        await load.stop();
        context.diagnostic(`${load.answers} requests, ${load.failures.length} failed`);
        assert.ok(load.answers >= 100_000);
        assert.deepEqual(load.failures, []);
    } finally {
        await portal.close();
    }
});
