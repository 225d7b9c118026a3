/* The figures of /metrics speak for the whole portal, whichever worker answers, and never fall. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { readExposition } from '../lib/exposition.mjs';
import { connect } from '../lib/http.mjs';
import { data } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const CALLS = 'portico_route_duration_seconds_count{route="trial GET /trial/hello/{name}"}';
const samples = path.join(data ?? '', 'openmetrics');
const skip = data && existsSync(samples) ? false : 'PORTICO_TEST_DATA has no openmetrics';

/* One scrape over a connection of its own, so that any worker may answer. */
async function scrape(portal) {
    const connection = await connect(portal.port);
    await connection.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const { status, text } = await connection.response();
    connection.destroy();
    assert.equal(status, 200);
    return readExposition(text);
}

async function call(portal, times) {
    const connection = await connect(portal.port);
    for (let i = 0; i < times; i++) {
        await connection.write('GET /trial/hello/you HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await connection.response()).status, 200);
    }
    return connection;
}

const workers = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout).workers
    .filter(({ state }) => state === 'serving');

/* Every counter of `before` is there and at least as high. */
function assertNoneFell(before, now) {
    for (const [key, value] of before.samples) {
        const name = /^[^{]+/.exec(key)[0];
        if (before.types.get(name) === 'gauge')
            continue;
        assert.ok(now.samples.get(key) >= value, `${key} fell from ${value} to ${now.samples.get(key)}`);
    }
}

describe('the reader of the exposition format', () => {
    test('takes no text that a scraper refuses', { skip }, () => {
        const bad = readdirSync(samples).filter((name) => name.startsWith('invalid-'));
        assert.ok(bad.length > 0);
        for (const name of bad)
            assert.throws(() => readExposition(readFileSync(path.join(samples, name), 'utf8')), undefined, name);
    });

    test('takes a histogram as Prometheus writes it', { skip }, () => {
        const { types } = readExposition(readFileSync(path.join(samples, 'valid-4.txt'), 'utf8').trimStart());
        assert.equal(types.get('request_duration_microseconds'), 'histogram');
    });
});

describe('the figures of a portal with two workers', () => {
    let portal;
    before(async () => { portal = await startPortal({ modules: trial(), settings: { server: { workers: 2 } } }); });
    after(() => portal.close());

    test('count every call once, whichever worker took it and whichever is asked', async () => {
        const before = (await scrape(portal)).samples.get(CALLS);
        const connections = await Promise.all(Array.from({ length: 40 }, () => call(portal, 5)));
        const counts = (await workers(portal)).map((worker) => worker.requests);
        for (let i = 0; i < 20; i++)
            assert.equal((await scrape(portal)).samples.get(CALLS), before + 200);
        assert.equal(counts.length, 2);
        const { samples: now } = await scrape(portal);
        assert.equal(now.get('portico_workers'), 2);
        assert.equal(now.get('portico_pool_threads') % 2, 0);
        for (const connection of connections)
            connection.destroy();
    });

    test('are well-formed: each family has HELP, TYPE and no sample twice', async () => {
        const { types, samples: now } = await scrape(portal);
        for (const [name, type] of types)
            assert.equal(type === 'counter', name.endsWith('_total'), `${name} is a ${type}`);
        assert.ok(now.get('process_start_time_seconds') > 1.6e9);
        assert.ok(now.get('process_resident_memory_bytes') > 1e6);
        assert.ok(now.get('portico_store_commits_total') >= 0);
    });

    test('do not fall when a worker is killed and replaced', async () => {
        const before = await scrape(portal);
        const [victim] = await workers(portal);
        process.kill(victim.pid, 'SIGKILL');
        let last = before;
        await until(async () => {
            const now = await scrape(portal);
            assertNoneFell(last, now);
            last = now;
            const pids = (await workers(portal)).map(({ pid }) => pid);
            return pids.length === 2 && !pids.includes(victim.pid);
        }, { within: 30_000, what: 'a new worker' });
        const calls = last.samples.get(CALLS);
        (await call(portal, 5)).destroy();
        assert.equal((await scrape(portal)).samples.get(CALLS), calls + 5);
    });

    test('do not fall over a reload', async () => {
        const before = await scrape(portal);
        assert.ok(before.samples.get(CALLS) > 0);
        assert.equal((await portal.cli('reload')).code, 0);
        const now = await scrape(portal);
        assertNoneFell(before, now);
        const status = JSON.parse((await portal.cli('status', '--json')).stdout);
        assert.ok(status.requests >= now.samples.get('portico_http_requests_total'));
    });
});
