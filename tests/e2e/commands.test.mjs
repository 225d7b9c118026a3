/* Commands of modules: parsed, explained and run by the program, beside a running portal or without one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { programPath, startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const enabled = { commands: { path: path.join(buildDirectory(), 'examples/commands') } };

async function portalWith(t, options = {}) {
    const portal = await startPortal({ modules: enabled, start: false, ...options });
    t.after(() => portal.close());
    return portal;
}

for (const database of ['sqlite', 'postgresql'])
    test(`23-commands adds, lists and sweeps lines on ${database}`, async (t) => {
        const portal = await portalWith(t, { database });
        const added = await portal.cli('commands', 'add', 'first', 'zweite – größer');
        assert.deepEqual([added.code, added.stdout, added.stderr], [0, '', ''], added.stderr);
        const plain = await portal.cli('commands', 'list');
        assert.equal(plain.stdout, 'first\nzweite – größer\n');
        const numbered = await portal.cli('commands', 'list', '--numbered');
        assert.equal(numbered.stdout, '1  first\n2  zweite – größer\n');
        const kept = await portal.cli('commands', 'sweep');
        assert.equal(kept.stdout, '0 lines removed.\n');
        const swept = await portal.cli('commands', 'sweep', '--older-than=0');
        assert.equal(swept.stdout, '2 lines removed.\n');
        assert.equal((await portal.cli('commands', 'list')).stdout, '');
    });

test('a command runs beside the portal that serves', async (t) => {
    const portal = await portalWith(t, { start: true });
    assert.equal((await portal.cli('commands', 'add', 'beside')).code, 0);
    assert.equal((await portal.cli('commands', 'list')).stdout, 'beside\n');
    assert.equal((await portal.get('/readyz')).status, 200);
});

test('a failing command prints its message and ends with 1', async (t) => {
    const portal = await portalWith(t);
    const failed = await portal.cli('commands', 'sweep', '--older-than', 'soon');
    assert.equal(failed.code, 1);
    assert.equal(failed.stderr, 'portico commands sweep: --older-than takes a number of days, such as 30.\n');
});

test('help lists the commands of modules and their options', async (t) => {
    const portal = await portalWith(t);
    const all = await portal.cli('--help');
    assert.equal(all.code, 0);
    assert.match(all.stdout, /Commands of modules:\n {2}commands add +Add lines\n {2}commands list/);
    const module = await portal.cli('commands', '--help');
    assert.equal(module.code, 0);
    assert.match(module.stdout, /^Usage: portico commands COMMAND/);
    assert.match(module.stdout, /\n {2}sweep +Remove old lines\n/);
    const one = await portal.cli('commands', 'sweep', '--help');
    assert.equal(one.code, 0);
    assert.match(one.stdout, /^Usage: portico commands sweep \[OPTION…\]\n/);
    assert.match(one.stdout, /--older-than DAYS +Keeps younger lines/);
    const helped = await portal.cli('help', 'commands', 'sweep', { cwd: portal.dir });
    assert.equal(helped.stdout, one.stdout);
});

test('wrong words are told with what would be right', async (t) => {
    const portal = await portalWith(t);
    const cases = [
        [['commands'], 2, /Usage: portico commands COMMAND/],
        [['commands', 'swep'], 2, /portico commands: unknown command `swep`. Did you mean `sweep`\?/],
        [['commands', 'sweep', '--older-then'], 2, /portico commands sweep: unknown option `--older-then`. Did you mean `--older-than`\?/],
        [['commands', 'sweep', 'now'], 2, /`now` is one argument too many/],
        [['commands', 'add'], 2, /portico commands add: an argument is missing/],
        [['comands'], 2, /portico: unknown command `comands`/],
    ];
    for (const [words, code, says] of cases) {
        const answer = await portal.cli(...words);
        assert.equal(answer.code, code, words.join(' '));
        assert.match(answer.stderr, says);
        assert.equal(answer.stdout, '');
    }
});

test('a module that is not enabled has no commands', async (t) => {
    const portal = await portalWith(t, { modules: { commands: { ...enabled.commands, enabled: false } } });
    const refused = await portal.cli('commands', 'list');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /unknown command `commands`/);
    assert.doesNotMatch((await portal.cli('--help')).stdout, /Commands of modules/);
});

test('Ctrl-C asks a command to stop, and its exit status is 130', async (t) => {
    const patience = { path: path.join(buildDirectory(), 'tests/modules/patience') };
    const portal = await portalWith(t, { modules: { patience } });
    const child = spawn(programPath(), ['patience', 'wait', '--config', portal.conf], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    await until(() => output.includes('waiting\n'), { within: 60_000, what: 'the command to begin' });
    child.kill('SIGINT');
    assert.deepEqual(await ended, { code: 130, signal: null }, complaint);
    assert.equal(output, 'waiting\nasked to stop\n');
    assert.match(complaint, /^Stopped\.$/m);
});
