/* A module that somebody wrote who had nothing but the installed SDK, its guide and its reference: it goes on building,
 * passing its own tests and serving, as its author left it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { buildDirectory, root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
let home, prefix, loans;

before(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'portico-newcomer-'));
    prefix = path.join(home, '.local');
    loans = path.join(home, 'loans');
    await run('cmake', ['--install', buildDirectory(), '--prefix', prefix]);
    cpSync(path.join(root, 'tests/newcomer/loans'), loans, { recursive: true });
});
after(() => rmSync(home, { recursive: true, force: true }));

test('its ci.sh builds it without a warning, finds nothing to mend and passes its tests in every surrounding', async () => {
    const env = { HOME: home, PATH: `${prefix}/bin:${process.env.PATH}`, LC_ALL: 'C.UTF-8', CMAKE_PREFIX_PATH: prefix, CMAKE_GENERATOR: 'Ninja' };
    const { stdout } = await run('sh', ['-c', 'umask 022; exec ./ci.sh'], { cwd: loans, env, maxBuffer: 1 << 24 });
    assert.match(stdout, /100% tests passed/);
});

const json = (value) => ({ method: 'POST', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

for (const database of ['sqlite', 'postgresql'])
    test(`it lends and takes back in a portal on ${database}`, async (t) => {
        const portal = await startPortal({
            preset: prefix, database, modules: { loans: { path: path.join(loans, 'build/modules/loans') } },
        });
        t.after(() => portal.close());
        assert.match((await portal.get('/loans')).text, /Nothing is lent\./);
        const api = '/api/loans/v1/loans';
        const lent = await portal.get(api, json({ thing: 'Saw', borrower: 'Dana', days: 3 }));
        assert.equal(lent.status, 201, lent.text);
        assert.equal((await portal.get(api, json({ thing: 'Saw', borrower: 'Lee', days: 3 }))).status, 409);
        assert.equal((await portal.get(api, json({ thing: 'Saw', borrower: 'Lee', days: 'many' }))).status, 422);
        assert.match((await portal.get('/loans')).text, /Saw/);
        assert.match((await portal.get('/loans', { headers: { 'Accept-Language': 'de' } })).text, /Verliehene Werkzeuge/);
        const back = await portal.get(`${api}/${lent.json.id}/return`, json({}));
        assert.equal(back.status, 200, back.text);
        assert.match((await portal.get('/loans')).text, /Nothing is lent\./);
        await until(async () => /borrow and bring back|1 begun, 1 finished/i.test((await portal.cli('status')).stdout),
            { within: 30_000, what: 'status to show the scenario' });
        const { stdout } = await portal.cli('event', 'list');
        assert.match(stdout, /portal\.loans\.loan\.borrowed[^]*portal\.loans\.loan\.returned/);
    });
