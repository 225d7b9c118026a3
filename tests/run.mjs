/* Runs the tests: node tests/run.mjs [--full] [--only ROOM] [NAME…]
 *
 * A test file is a unit program (build/…/tests/test_*), a module's tests (build/…/tests/*_test.so), a fuzz
 * target (its kept corpus, then a few seconds of libFuzzer) or a *.test.mjs. NAMEs are parts of the names this prints; without any, all run. The last
 * line is "N passed, N failed"; the exit code is 0 only if something ran and nothing failed. */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { buildDirectory, quickRoom, root } from './lib/paths.mjs';
import { postgresBinaries, startPostgres } from './lib/postgres.mjs';
import { readTap } from './lib/tap.mjs';

const MINUTE = 60_000;
const options = { full: false, only: undefined, names: [] };
for (let arguments_ = process.argv.slice(2); arguments_.length;) {
    const argument = arguments_.shift();
    if (argument === '--full')
        options.full = true;
    else if (argument === '--only')
        options.only = arguments_.shift();
    else
        options.names.push(argument);
}

const build = buildDirectory();
const fuzzBuild = path.join(root, 'build/fuzz');
if (options.full)
    process.env.PORTICO_TEST_FULL = '1';
/* What tests leave behind goes with it; the database server, which is another user, passes through. */
const scratch = process.env.TMPDIR = mkdtempSync(path.join(quickRoom(), 'portico-run-'));
chmodSync(scratch, 0o711);
const patience = options.full ? 12 : 1;
const fuzzSeconds = options.full ? 60 : 5;

function entries(directory, pattern) {
    return existsSync(directory) && statSync(directory).isDirectory()
        ? readdirSync(directory).filter((name) => pattern.test(name)).sort() : [];
}

/* They find their files from where they were compiled: what __FILE__ says may count from the build directory. */
function unitPrograms() {
    return entries(path.join(build, 'tests'), /^test_[a-z0-9_]+$/).map((name) => ({
        name: `unit ${name.slice('test_'.length)}`,
        command: [path.join(build, 'tests', name), '--tap'],
        cwd: build,
        minutes: 10,
    }));
}

/* A target without a kept corpus is replayed with none: then only the fuzzing says something. */
function fuzzTargets() {
    return entries(path.join(build, 'tests'), /^fuzz_[a-z0-9_]+$/).flatMap((program) => {
        const target = program.slice('fuzz_'.length);
        const corpus = path.join(root, 'tests/fuzz/corpus', target);
        const fuzzer = path.join(fuzzBuild, 'tests', program);
        const items = [];
        if (existsSync(corpus))
            items.push({
                name: `fuzz ${target} corpus`,
                command: [path.join(build, 'tests', program), ...entries(corpus, /^[^.]/).map((file) => path.join(corpus, file))],
                minutes: 2,
                single: 'answers every kept input without a finding',
            });
        if (existsSync(fuzzer)) {
            const grown = path.join(scratch, target);
            mkdirSync(grown);
            if (existsSync(corpus))
                cpSync(corpus, grown, { recursive: true });
            items.push({
                name: `fuzz ${target}`,
                command: [fuzzer, grown, `-max_total_time=${fuzzSeconds}`, '-timeout=10', '-rss_limit_mb=2048',
                    '-print_final_stats=1', `-artifact_prefix=${path.join(root, 'build', `crash-${target}-`)}`],
                minutes: 3,
                single: `survives ${fuzzSeconds} s of new inputs`,
            });
        }
        return items;
    });
}

/* `--with`: the modules that WITH of a portico_add_module_test names beside the tested one. */
function neighbours(name) {
    const lists = ['modules', 'examples'].flatMap((kind) => entries(path.join(root, kind), /^[^.]/)
        .map((folder) => path.join(root, kind, folder, 'CMakeLists.txt')).filter((file) => existsSync(file)));
    for (const list of lists) {
        const call = new RegExp(`portico_add_module_test\\(${name}\\s[^)]*\\bWITH ([^)A-Z]+)`).exec(readFileSync(list, 'utf8'));
        if (call)
            return ['--with', call[1].trim().split(/\s+/).map((module) => path.join(build, 'examples', module)).join(' ')];
    }
    return [];
}

/* Tests of modules and examples, run by `portico module test` in all its modes; further suites of a module that has
 * several plainly, but for --full. */
function moduleTests() {
    return entries(path.join(build, 'tests'), /_test\.so$/).flatMap((file) => {
        const name = file.slice(0, -'_test.so'.length);
        /* MODULE_test.so, or MODULE_SUITE_test.so of a module with more than one suite. */
        const directory = [name, name.replace(/_[^_]*$/, '')]
            .flatMap((module) => ['modules', 'examples'].map((kind) => path.join(build, kind, module)))
            .find((place) => existsSync(place));
        const words = ['--plans', '--failures', options.full ? '100' : '2', ...neighbours(name)];
        if (directory && path.basename(directory) !== name && !options.full)
            words.push('--mode', 'plain');
        return directory ? [{
            name: `module ${name}`,
            command: [path.join(build, 'bin/portico'), 'module', 'test', directory, '--tests', path.join(build, 'tests', file), ...words],
            minutes: 20,
        }] : [];
    });
}

function nodeFiles() {
    const rooms = ['tests', 'examples', 'modules'].flatMap((top) =>
        [top, ...entries(path.join(root, top), /^[^.]/).map((folder) => path.join(top, folder))]);
    return rooms.flatMap((room) => entries(path.join(root, room), /\.test\.mjs$/).map((file) => ({
        name: `${path.basename(room)} ${file.slice(0, -'.test.mjs'.length)}`,
        command: [process.execPath, '--test-reporter=tap', path.join(root, room, file)],
        minutes: 25,
    })));
}

function environment(postgres) {
    const all = {
        ...process.env,
        PORTICO_BUILD: build,
        ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
        UBSAN_OPTIONS: 'print_stacktrace=1',
        G_DEBUG: 'fatal-warnings',
        G_SLICE: 'always-malloc',
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
    };
    if (postgres)
        all.PORTICO_TEST_POSTGRES = postgres.url;
    return all;
}

/* Ends a test file that took too long, and what it started: first asked, so that it can clean up. */
function stop(child) {
    const signal = (target, name) => {
        try {
            process.kill(target, name);
        } catch {
            /* it is gone already */
        }
    };
    signal(child.pid, 'SIGTERM');
    return setTimeout(() => signal(-child.pid, 'SIGKILL'), 5_000);
}

function runFile(item, env) {
    return new Promise((resolve) => {
        const started = Date.now();
        const limit = item.minutes * MINUTE * patience;
        const child = spawn(item.command[0], item.command.slice(1), {
            cwd: item.cwd ?? root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
        });
        let stdout = '';
        let stderr = '';
        let late = false;
        let killer;
        const timer = setTimeout(() => { late = true; killer = stop(child); }, limit);
        running.add(child);
        child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
        child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
        child.once('error', (error) => (stderr += `${error}\n`));
        child.once('close', (code, signal) => {
            clearTimeout(timer);
            clearTimeout(killer);
            running.delete(child);
            const end = late ? `did not end within ${limit / 1000} s`
                : signal ? `was ended by ${signal}` : code ? `ended with code ${code}` : undefined;
            resolve({ item, stdout, stderr, end, seconds: (Date.now() - started) / 1000 });
        });
    });
}

/* Points of one file: what its TAP says, and one more failure where its end says otherwise. */
function judge({ item, stdout, stderr, end, seconds }) {
    if (item.single)
        return { item, seconds, stdout, stderr, points: [{ name: item.single, ok: !end, detail: end }] };
    const points = readTap(stdout);
    if (end && !points.some((point) => !point.ok))
        points.push({ name: 'the test file itself', ok: false, detail: `It ${end}.` });
    else if (points.length === 0)
        points.push({ name: 'the test file itself', ok: false, detail: 'It ran no test.' });
    return { item, seconds, stdout, stderr, points };
}

const tail = (text, lines) => text.split('\n').slice(-lines).join('\n');

function show({ item, seconds, stdout, stderr, points }) {
    const failed = points.filter((point) => !point.ok);
    const skipped = points.filter((point) => point.skip !== undefined);
    const mark = failed.length ? 'FAILED' : 'ok';
    const aside = skipped.length ? `, ${skipped.length} skipped` : '';
    console.log(`${mark.padEnd(7)}${item.name} (${points.length} tests${aside}, ${seconds.toFixed(1)} s)`);
    for (const point of skipped)
        console.log(`         skipped: ${point.name}${point.skip ? ` (${point.skip})` : ''}`);
    const told = new Set();
    for (const point of failed) {
        console.log(`  not ok ${point.name}`);
        if (point.detail)
            console.log((told.has(point.detail) ? 'for the same reason' : point.detail).replace(/^/gm, '         '));
        told.add(point.detail);
    }
    if (failed.length) {
        const output = item.single || !failed.some((point) => point.detail) ? tail(stdout, 40) : '';
        const text = [output, tail(stderr, 80)].filter((part) => part.trim()).join('\n');
        if (text)
            console.log(text.replace(/^/gm, '       | '));
    }
}

const running = new Set();
let postgres;
let ended = false;

async function cleanUp() {
    if (ended)
        return;
    ended = true;
    for (const child of running)
        stop(child);
    await postgres?.close();
    rmSync(scratch, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, async () => {
        await cleanUp();
        process.exit(130);
    });

/* A browser takes a core of its own while others wait: spread over the run, there is seldom more than one. */
function spread(items) {
    const browser = items.filter(({ name }) => name.startsWith('browser ')), others = items.filter((item) => !browser.includes(item));
    const places = [browser, others].flatMap((list) => list.map((item, index) => ({ item, at: (index + 0.5) / list.length })));
    return places.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

const wanted = spread([...unitPrograms(), ...moduleTests(), ...fuzzTargets(), ...nodeFiles()])
    .filter((item) => !options.only || item.name.startsWith(`${options.only} `))
    .filter((item) => options.names.length === 0 || options.names.some((name) => item.name.includes(name)
        || item.command.some((word) => word.startsWith(root) && path.relative(root, word).includes(name))));
if (wanted.length && postgresBinaries() && !process.env.PORTICO_TEST_POSTGRES)
    postgres = await startPostgres();
const env = environment(postgres);
/* One more than there are cores: more of them keep no core busier, and what has a time of its own gets late. */
const width = Math.min(4, os.cpus().length + 1);
const results = [];
const queue = [...wanted];
await Promise.all(Array.from({ length: width }, async () => {
    for (let item; !ended && (item = queue.shift());) {
        const result = judge(await runFile(item, env));
        results.push(result);
        show(result);
    }
}));
await cleanUp();

const points = results.flatMap((result) => result.points);
const skipped = points.filter((point) => point.skip !== undefined).length;
const failed = points.filter((point) => !point.ok).length;
const passed = points.length - failed - skipped;
if (options.names.length && wanted.length === 0)
    console.log(`No test file is called anything like ${options.names.join(' or ')}.`);
if (results.length > 3) {
    const slow = [...results].sort((a, b) => b.seconds - a.seconds).slice(0, 5);
    console.log(`\nSlowest: ${slow.map(({ item, seconds }) => `${item.name} ${seconds.toFixed(1)} s`).join(' · ')}`);
}
if (failed)
    console.log(`Failed: ${results.filter((result) => result.points.some((point) => !point.ok)).map(({ item }) => item.name).join(' · ')}`);
if (skipped)
    console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || passed === 0 ? 1 : 0;
