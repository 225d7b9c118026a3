/* ThreadSanitizer beside everything at once: pages, API, search, files, uploads, writes, late answers, reloads and
 * an import, on both databases. Any finding in any process fails the test. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { startLoad } from '../lib/load.mjs';
import { buildDirectory, root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const preset = process.env.PORTICO_TSAN ?? 'build/tsan';
const skip = !process.env.PORTICO_TEST_FULL ? 'takes minutes: ./dev faults'
    : existsSync(path.join(buildDirectory(preset), 'bin/portico')) ? false : 'the build tsan is not there: ./dev build tsan';
const demo = path.join(root, 'modules/communities/demo');
const RELOADS = 4;
const ANSWERS = 2_000; /* between two reloads */

/* Addresses of every kind: what the home page links to, assets, API, search, status, errors, and slow ones. */
async function targetsOf(portal) {
    const { text } = await portal.get('/communities', { headers: { accept: 'text/html' } });
    const linked = [...text.matchAll(/(?:href|src)="(\/[^"#]*)"/g)].map(([, target]) => target.replaceAll('&amp;', '&'));
    return [...new Set([
        ...linked, '/', '/communities', '/search?q=how+to', '/search?q=nothing', '/healthz', '/readyz', '/metrics',
        '/api/communities/v1/spaces', '/api/communities/v1/topics?limit=5', '/nowhere', '/trial/hello/you', '/trial/kept',
        '/trial/personal', '/trial/notes?after=',
    ])];
}

/* What a writer asks in turn: an upload, a row, and what is answered instead of its handler, in German. */
const asks = [
    (portal) => portal.get('/trial/echo', { method: 'POST', body: 'x'.repeat(3_000) }),
    (portal) => portal.get(`/trial/notes?word=word-${process.hrtime.bigint()}`, { method: 'POST' }),
    (portal) => portal.get('/trial/late/250', { headers: { 'accept-language': 'de, en;q=0.5' } }),
];

/* Asks until `done` says so: { answers, failures }. */
async function write(portal, done) {
    const result = { answers: 0, failures: [] };
    for (let n = 0; !done(); n++) {
        const answer = await asks[n % asks.length](portal);
        result.answers++;
        if (![200, 201, 503].includes(answer.status))
            result.failures.push(`${answer.status} ${answer.text.slice(0, 200)}`);
    }
    return result;
}

for (const database of ['sqlite', 'postgresql'])
    test(`threads do not race (${database})`, { skip }, async (context) => {
        const imported = async ({ cli }) => {
            const { code, stderr } = await cli('import', 'communities', '--format', 'demo', demo);
            assert.equal(code, 0, stderr);
        };
        const portal = await startPortal({
            preset, database, within: 120_000, prepare: imported,
            modules: { communities: {}, ...trial({}, preset) },
            settings: { server: { workers: 2 } },
        });
        try {
            const targets = await targetsOf(portal);
            assert.ok(targets.length >= 30, `${targets.length} addresses`);
            const load = startLoad(portal.port, { connections: 16, pipelines: 0, target: (n) => targets[n % targets.length], check: () => true });
            let ended = false;
            const writers = Array.from({ length: 4 }, () => write(portal, () => ended));
            const again = imported(portal);
            for (let reload = 1; reload <= RELOADS; reload++) {
                const asked = load.answers;
                const { code, stderr } = await portal.cli('reload');
                assert.equal(code, 0, stderr);
                await until(() => load.answers >= asked + ANSWERS, { within: 300_000, what: 'answers after the reload' });
                assert.equal((await portal.cli('status')).code, 0);
            }
            await again;
            ended = true;
            const written = await Promise.all(writers);
            await load.stop();
            assert.deepEqual(written.flatMap(({ failures }) => failures), []);
            context.diagnostic(`${load.answers} answers to ${targets.length} addresses, ${written.reduce((sum, { answers }) => sum + answers, 0)} writes`);
        } finally {
            await portal.close();
        }
    });
