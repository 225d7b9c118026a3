/* A portal's database from beside it: rows looked at, and moved in time where a test cannot wait. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { until } from './wait.mjs';

const DONE = 2; /* a job's state from which on it runs no more */

/** Runs one statement: what it gives, a line a row. */
export function query(portal, sql) {
    const [program, words] = portal.database === 'postgresql'
        ? ['psql', [portal.store.url, '-qAtc', sql]]
        : ['sqlite3', ['-cmd', '.timeout 20000', path.join(portal.dir, 'data/portico.db'), sql]];
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    assert.equal(status, 0, `${sql}: ${stderr}`);
    return stdout.trim();
}

/** Runs one of the host's jobs out of its turn, to its end. */
export async function runJob(portal, job) {
    const { code, stdout, stderr } = await portal.cli('job', 'run', 'core', job);
    assert.equal(code, 0, stderr);
    const id = /\d+/.exec(stdout)[0];
    await until(() => Number(query(portal, `SELECT state FROM portico_job WHERE id = ${id}`)) >= DONE, { within: 60_000, every: 20, what: `${job} to be done` });
}
