import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { root } from '../lib/paths.mjs';
import { freePort } from '../lib/postgres.mjs';

const dev = (...words) => spawnSync('./dev', words, { cwd: root, encoding: 'utf8' });

test('./dev has every command that its help lists, and no other word', () => {
    const { status, stdout } = dev('help');
    assert.equal(status, 0);
    const listed = [...stdout.matchAll(/^\.\/dev (\w+)/gm)].map(([, name]) => name);
    assert.ok(listed.includes('run') && listed.includes('test'));
    for (const name of listed)
        assert.equal(dev(name, '--help').stdout, stdout, name);
    const unknown = dev('nonsense');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /there is no command nonsense/);
});

/* A project of its own in which the program is built already, and only says how it was called. */
function project(t) {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'portico-dev-'));
    t.after(() => rmSync(dir, { recursive: true }));
    copyFileSync(path.join(root, 'dev'), path.join(dir, 'dev'));
    for (const file of ['CMakeLists.txt', 'CMakePresets.json', 'package-lock.json'])
        writeFileSync(path.join(dir, file), '');
    for (const room of ['core', 'include', 'modules', 'examples', 'sdk', 'packaging', 'tests/unit', 'tests/fuzz', 'tests/bench', 'build/release/bin'])
        mkdirSync(path.join(dir, room), { recursive: true });
    writeFileSync(path.join(dir, 'build/release/bin/portico'), '#!/bin/sh\necho "$1 $2" >> "$PORTICO_CALLS"\n', { mode: 0o755 });
    writeFileSync(path.join(dir, 'build/release/.dev-stamp'), '');
    const at = (name) => path.join(dir, name);
    return {
        at,
        run: async (...words) => {
            const calls = at('calls');
            rmSync(calls, { force: true });
            const { status, stderr } = spawnSync('./dev', ['run', '--listen', `127.0.0.1:${await freePort()}`, ...words], {
                cwd: dir, encoding: 'utf8', env: { ...process.env, PORTICO_CALLS: calls },
            });
            return { status, stderr, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [] };
        },
    };
}

test('./dev run --fresh throws away what the demo filled, keeps the config, and fills anew', async (t) => {
    const { at, run } = project(t);
    const filled = ['demo --config', 'demo --sign-ins', 'run --config'], again = filled.slice(1);
    const first = await run();
    assert.deepEqual([first.status, first.calls], [0, filled], first.stderr);
    const conf = `${readFileSync(at('build/portal/portico.conf'), 'utf8')}# my own line\n`;
    writeFileSync(at('build/portal/portico.conf'), conf);
    writeFileSync(at('build/portal/data/portico.db'), 'what was written');
    assert.deepEqual((await run()).calls, again, 'it is filled once');
    assert.ok(existsSync(at('build/portal/data/portico.db')));

    const fresh = await run('--fresh');
    assert.deepEqual([fresh.status, fresh.calls], [0, filled], fresh.stderr);
    assert.match(fresh.stderr, /Throwing away what is in .*data/);
    assert.ok(existsSync(at('build/portal/data')) && !existsSync(at('build/portal/data/portico.db')));
    assert.equal(readFileSync(at('build/portal/portico.conf'), 'utf8'), conf);
    assert.deepEqual((await run()).calls, again);
});

test('./dev run --fresh throws away nothing but a demo', async (t) => {
    const { at, run } = project(t);
    assert.deepEqual((await run('--no-demo', '--data', 'own')).calls, ['run --config']);
    writeFileSync(at('own/data/portico.db'), 'what people wrote');
    const refused = await run('--fresh', '--data', 'own');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /own was not filled with the demo: --fresh throws nothing else away\. Remove .*own\/data by hand if it may go\./);
    assert.deepEqual(refused.calls, []);
    assert.equal(readFileSync(at('own/data/portico.db'), 'utf8'), 'what people wrote');
    assert.deepEqual((await run('--fresh')).calls, ['demo --config', 'demo --sign-ins', 'run --config'], 'where nothing is, nothing is thrown away');
});
