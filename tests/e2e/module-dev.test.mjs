/* `portico module new` and `portico module dev`, as an author meets them: from nothing to a page that follows edits. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../lib/paths.mjs';
import { programPath, runProgram, startPortal } from '../lib/portal.mjs';
import { freePort } from '../lib/postgres.mjs';
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

/* A module of the scaffold, built, in a directory of its own. */
async function makeModule(name, directory = path.join(place, name)) {
    const made = await runProgram(['module', 'new', name, '--directory', directory], { cwd: place });
    assert.equal(made.code, 0, made.stderr);
    return directory;
}

async function end(dev) {
    dev.child.kill('SIGINT');
    assert.deepEqual(await dev.ended, { code: 0, signal: null }, dev.complaints);
    assert.doesNotMatch(dev.complaints, /Sanitizer|runtime error/);
}

/* Lines of the portal's log do not count: a generation that has just begun may meet the same file. */
const count = (text, part) => text.split('\n').filter((line) => !line.startsWith('{"time"')).join('\n').split(part).length - 1;

test('with --listen it serves there; --fresh throws away what a former run kept', async (t) => {
    const directory = await makeModule('kept-notes');
    const address = `127.0.0.1:${await freePort()}`;
    const url = `http://${address}/kept-notes`;
    const first = startDev(t, directory, '--listen', address);
    await first.prints(new RegExp(`kept-notes serves at ${url}\n`));
    const sent = await fetch(url, { method: 'POST', redirect: 'manual', headers: { origin: `http://${address}` },
        body: new URLSearchParams({ text: 'Bread and milk' }) });
    assert.ok(sent.status < 400, `${sent.status}`);
    assert.match(await page(url), /Bread and milk/);
    await end(first);

    const second = startDev(t, directory, `--listen=${address}`);
    await second.prints(/serves at/);
    assert.match(await page(url), /Bread and milk/, 'the database is kept from run to run');
    await end(second);

    const third = startDev(t, directory, '--listen', address, '--fresh');
    await third.prints(/serves at/);
    assert.doesNotMatch(await page(url), /Bread and milk/);
    assert.match(await page(url), /There are no notes yet/);
    await end(third);
});

test('mistakes in migrations are said once, with file and line; a changed one names --fresh, which helps', async (t) => {
    const directory = await makeModule('moved-notes');
    const migration = path.join(directory, 'migrations/0002-more.before.sql');
    writeFileSync(migration, '-- More of them.\n\nCREATE TABLE moved_notes_more (\n    id {id} PRIMARY KEY,,\n);\n');
    const dev = startDev(t, directory);
    await dev.prints(/0002-more\.before\.sql:4: .*syntax error.*Mend it/);
    edit(migration, [',,', '']);
    await dev.prints(/The table moved_notes_more stands in no entry of \.personal_data/);
    assert.equal(count(dev.complaints, 'syntax error'), 1, dev.complaints);
    rmSync(migration);
    await dev.prints(/serves at/);

    const extra = path.join(directory, 'templates/extra.mustache');
    writeFileSync(extra, '{{nothing x}}\n<p title={{a}}>\n');
    await dev.prints(/extra\.mustache:2: \{\{a\}\} is an attribute value without quotes/);
    assert.equal(count(dev.complaints, 'extra.mustache:1: There is no helper "nothing"'), 1, dev.complaints);
    rmSync(extra);
    await dev.prints(/= it registers what it did before/);

    const initial = path.join(directory, 'migrations/0001-initial.before.sql');
    edit(initial, [');', ');\n-- A word more.']);
    await dev.prints(/`portico module dev --fresh`/);
    assert.equal(count(dev.complaints, '0001-initial.before.sql was changed after it had been applied'), 1, dev.complaints);
    assert.equal((await fetch(`${dev.url()}/moved-notes`)).status, 200, 'what was served before goes on');
    await end(dev);

    const fresh = startDev(t, directory, '--fresh');
    await fresh.prints(/serves at/);
    assert.doesNotMatch(fresh.complaints, /was changed/);
    await end(fresh);
});

test('with --config it is served inside that portal, beside its other modules', async (t) => {
    const directory = await makeModule('guest-notes');
    await run('cmake', ['-S', directory, '-B', path.join(directory, 'build'),
        `-DCMAKE_PREFIX_PATH=${path.dirname(path.dirname(programPath()))}`]);
    await run('cmake', ['--build', path.join(directory, 'build')]);
    const portal = await startPortal({ modules: { communities: true,
        'guest-notes': { enabled: true, path: path.join(directory, 'build/modules/guest-notes') } } });
    t.after(() => portal.stop());
    const dev = startDev(t, directory, '--config', portal.conf);
    await dev.prints(/\+ route GET \/guest-notes \(public\)/);
    edit(path.join(directory, 'templates/list.mustache'), ['There are no notes yet.', 'Nothing by guests so far.']);
    await dev.prints(/= it registers what it did before/);
    assert.match(await page(`${portal.url}/guest-notes`), /Nothing by guests so far/);
    assert.equal((await fetch(`${portal.url}/communities`)).status, 200);
    await end(dev);
    assert.match(await page(`${portal.url}/guest-notes`), /Nothing by guests so far/, 'that portal goes on');

    for (const option of [['--fresh'], ['--listen', '127.0.0.1:1'], ['--with', 'prices']]) {
        const refused = await runProgram(['module', 'dev', directory, '--config', portal.conf, ...option]);
        assert.equal(refused.code, 2);
        assert.match(refused.stderr, new RegExp(`${option[0]} is for the portal that dev makes`));
    }
});

test('a module that uses another is served with it by --with, by its name or its path', async (t) => {
    const shop = path.join(place, 'shop');
    const source = (name) => path.join(root, 'examples/16-services', name);
    for (const [name, uses] of [['prices', ''], ['offers', ' USES "prices.list 1.0, stock.levels 1.0?"']]) {
        mkdirSync(path.join(shop, name), { recursive: true });
        copyFileSync(source(`${name}.c`), path.join(shop, name, `${name}.c`));
        writeFileSync(path.join(shop, name, 'CMakeLists.txt'), 'cmake_minimum_required(VERSION 3.25)\n'
            + `project(${name} C)\nfind_package(PorticoSDK REQUIRED)\n`
            + `portico_add_module(${name} VERSION 1.0.0 SOURCES ${name}.c${uses})\n`);
    }
    const offers = path.join(shop, 'offers');
    const alone = startDev(t, offers);
    await alone.prints(/prices\.list/);
    await alone.prints(/The portal does not start; mend what it says and save/);
    await end(alone);

    const unbuilt = startDev(t, offers, '--with', 'prices');
    await unbuilt.prints(/no prices\.so is in .*\/shop\/prices or its build\/modules\/prices\. Build that module first/);
    await end(unbuilt);

    const built = startDev(t, path.join(shop, 'prices'));
    await built.prints(/\+ service prices\.list/);
    await end(built);
    for (const word of ['prices', path.join(shop, 'prices'), path.join(shop, 'prices/build/modules/prices')]) {
        const dev = startDev(t, offers, '--with', word);
        await dev.prints(/offers serves at/);
        assert.equal((await fetch(`${dev.url()}/offers/tea`)).status, 200, word);
        await end(dev);
    }
});
