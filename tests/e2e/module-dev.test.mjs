/* `portico module new` and `portico module dev`, as an author meets them: from nothing to a page that follows edits. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { programPath, runProgram } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
const PATIENCE = { within: 120_000 };
let place;

before(() => { place = mkdtempSync(path.join(os.tmpdir(), 'portico-author-')); });
after(() => rmSync(place, { recursive: true, force: true }));

/* The command, with what it prints so far. */
function startDev(t, ...words) {
    const child = spawn(programPath(), ['module', 'dev', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const dev = { child, output: '', complaints: '' };
    dev.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    child.stdout.setEncoding('utf8').on('data', (text) => (dev.output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (dev.complaints += text));
    t.after(() => child.kill('SIGKILL'));
    dev.prints = (pattern) => until(() => pattern.test(dev.output + dev.complaints), { ...PATIENCE,
        what: `${pattern} in\n${dev.output}\n${dev.complaints}` });
    dev.url = () => /http:\/\/127\.0\.0\.1:\d+/.exec(dev.output)[0];
    return dev;
}

function edit(file, ...changes) {
    let text = readFileSync(file, 'utf8');
    for (const [from, to] of changes) {
        assert.ok(text.includes(from), `${file} has ${from}`);
        text = text.replace(from, to);
    }
    writeFileSync(file, text);
}

const page = async (url) => (await fetch(url)).text();

test('names that cannot be are refused with the reason, and nothing is made', async () => {
    for (const [name, says] of [['admin', /none of the portal's own/], ['Notes', /lower-case letters/], ['a_b', /lower-case/],
        ['9lives', /begins with a letter/], ['status', /a command of the program/], ['x'.repeat(41), /at most 40/]]) {
        const refused = await runProgram(['module', 'new', name], { cwd: place });
        assert.equal(refused.code, 2, name);
        assert.match(refused.stderr, says);
        assert.ok(!existsSync(path.join(place, name)), name);
    }
});

test('what exists is left as it is', async () => {
    const directory = path.join(place, 'taken');
    writeFileSync(directory, 'mine');
    const refused = await runProgram(['module', 'new', 'notes', '--directory', directory]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /taken exists already; nothing was changed/);
    assert.equal(readFileSync(directory, 'utf8'), 'mine');
});

test('a new module builds, passes its tests and is followed, with the printed steps unchanged', async (t) => {
    const made = await runProgram(['module', 'new', 'quick-notes'], { cwd: place });
    assert.equal(made.code, 0, made.stderr);
    const steps = made.stdout.split('\n').filter((line) => line.startsWith('    ')).map((line) => line.trim());
    assert.match(steps.at(-1), /portico module dev$/);
    const { stdout } = await run('sh', ['-ec', steps.slice(0, -1).join('\n')], { cwd: place, maxBuffer: 1 << 24 });
    assert.match(stdout, /100% tests passed, 0 tests failed out of 1/);
    const directory = path.join(place, 'quick-notes');
    const checked = await runProgram(['module', 'check', path.join(directory, 'build/modules/quick-notes/quick-notes.so')]);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);

    const dev = startDev(t, directory);
    await dev.prints(/\+ route GET \/quick-notes \(public\)/);
    assert.match(dev.output, /\+ setting rows \(20\)\n/);
    assert.match(dev.output, /\+ migration 0001-initial\.before\.sql\n/);
    assert.match(await page(`${dev.url()}/quick-notes`), /There are no notes yet/);

    edit(path.join(directory, 'quick-notes.c'),
        ['    { .method = "POST", .pattern = "/quick-notes"',
            '    { .method = "GET", .pattern = "/quick-notes/again", .handler = list, .permission = PORTICO_PUBLIC },\n'
            + '    { .method = "POST", .pattern = "/quick-notes"'],
        ['.initial = "20"', '.initial = "30"']);
    await dev.prints(/\+ route GET \/quick-notes\/again \(public\)\n~ setting rows: initial 20 is now 30\n/);
    assert.match(await page(`${dev.url()}/quick-notes/again`), /There are no notes yet/);

    edit(path.join(directory, 'templates/list.mustache'), ['There are no notes yet.', 'Nothing here so far.']);
    await dev.prints(/= it registers what it did before/);
    assert.match(await page(`${dev.url()}/quick-notes`), /Nothing here so far/);

    edit(path.join(directory, 'quick-notes.c'), ['return portico_reply_view(', 'return portico_reply_vew(']);
    await dev.prints(/quick-notes\.c:\d+:\d+: (?:warning|error): implicit declaration of function .portico_reply_vew/);
    await dev.prints(/The build failed|undefined reference/);
    assert.match(await page(`${dev.url()}/quick-notes`), /Nothing here so far/);

    edit(path.join(directory, 'quick-notes.c'), ['return portico_reply_vew(', 'return portico_reply_view('],
        ['.handler = list, .permission = PORTICO_PUBLIC },', '.handler = list },']);
    await dev.prints(/The route GET \/quick-notes states no permission/);
    edit(path.join(directory, 'quick-notes.c'), ['.handler = list },', '.handler = list, .permission = PORTICO_SIGNED_IN },']);
    await dev.prints(/~ route GET \/quick-notes(?:\/again)?: permission public is now signed-in\n/);

    const url = dev.url();
    dev.child.kill('SIGINT');
    assert.deepEqual(await dev.ended, { code: 0, signal: null }, dev.complaints);
    await assert.rejects(fetch(url), 'the portal ended with it');
    assert.doesNotMatch(dev.complaints, /Sanitizer|runtime error/);
});

test('without a CMakeLists.txt dev says how to begin', async () => {
    const refused = await runProgram(['module', 'dev', place]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /there is no CMakeLists\.txt in .*`portico module new NAME` makes a module/);
});
