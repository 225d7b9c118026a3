/* A real portal for a test: its own directory, port and database; the program that was built, unchanged. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { buildDirectory } from './paths.mjs';
import { freePort, freshDatabase, releasePostgres } from './postgres.mjs';
import { until } from './wait.mjs';

/* What a sanitizer prints when it found something: no test passes over it. */
const FINDING = /ERROR: (?:Address|Leak|Thread|UndefinedBehavior)Sanitizer|WARNING: ThreadSanitizer|runtime error:/;
const running = new Set();

process.once('exit', () => {
    for (const portal of running)
        portal.abandon();
});
for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => process.exit(1));

/* What is no line of the log's own: a sanitizer's words. */
const findings = (log) => log.split('\n').filter((line) => !line.startsWith('{')).join('\n');

/* Environment of the program under test: sanitizers stop at the first finding and say where. GLib's own pools would
 * hide a use after free from them, and look like races to ThreadSanitizer, which does not see into GLib. */
function environment(extra) {
    return {
        ...process.env,
        ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
        UBSAN_OPTIONS: 'print_stacktrace=1',
        TSAN_OPTIONS: 'second_deadlock_stack=1:history_size=4',
        G_SLICE: 'always-malloc',
        ...extra,
    };
}

/** Runs the program to its end: { code, signal, stdout, stderr }. */
export function runProgram(args, { preset, env, input, within = 300_000, cwd } = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(programPath(preset), args, { env: environment(env), cwd, stdio: ['pipe', 'pipe', 'pipe'] });
        const output = { stdout: '', stderr: '' };
        for (const stream of ['stdout', 'stderr'])
            child[stream].setEncoding('utf8').on('data', (text) => (output[stream] += text));
        const timer = setTimeout(() => child.kill('SIGKILL'), within);
        child.stdin.on('error', () => {});
        child.stdin.end(input);
        child.once('error', reject);
        child.once('close', (code, signal) => {
            clearTimeout(timer);
            if (FINDING.test(output.stderr))
                reject(new Error(`portico ${args.join(' ')}: a sanitizer found something:\n${output.stderr}`));
            else
                resolve({ code, signal, ...output });
        });
    });
}

/** Absolute path of the program under test. */
export function programPath(preset) {
    return path.join(buildDirectory(preset), 'bin/portico');
}

/** Ids of all processes of a portal: of its supervisor, and of whatever that started. */
export function processesOf({ pid }) {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((one) => {
        try {
            return readFileSync(`/proc/${one}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[2] === String(pid);
        } catch {
            return false; /* it is gone */
        }
    });
}

/* Key-file text from { name: { key: value } }; each module is enabled unless it says otherwise. */
function moduleSections(modules) {
    return Object.entries(modules)
        .map(([name, settings]) => {
            const keys = { enabled: true, ...settings };
            return `[module ${name}]\n${Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join('')}`;
        })
        .join('\n');
}

/**
 * Makes a portal's directory and starts it. Options:
 * - modules: { name: { key: value } } to enable, with their settings; `path` names a directory;
 * - settings: { section: { key: value } } of the host, over what a test portal has anyway;
 * - config: more text for the end of portico.conf;
 * - database: 'sqlite' (default) or 'postgresql' (a fresh database in the run's cluster);
 * - preset: build directory, 'build/asan' unless PORTICO_BUILD says otherwise;
 * - env: more environment; prepare: async ({ dir, conf, cli }) called before the start, to import content;
 * - start: false makes the directory only (then `start()` starts it);
 * - within: ms until it must answer;
 * - under: directory to make the portal's own directory in (the system's for temporary files);
 * - launcher: command words put before the program, such as ['taskset', '-c', '0'].
 */
export async function startPortal(options = {}) {
    const { modules = {}, settings = {}, config = '', database = 'sqlite', preset, env, prepare, start = true,
        within = 120_000, under = os.tmpdir(), launcher = [] } = options;
    const program = programPath(preset);
    if (!existsSync(program))
        throw new Error(`${program} is not there. Run ./dev build asan, or name another build in PORTICO_BUILD.`);
    const dir = mkdtempSync(path.join(under, 'portico-test-'));
    const conf = path.join(dir, 'portico.conf');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    /* Browsers know no passkeys of an address of numbers. */
    const named = `http://localhost:${port}`;
    mkdirSync(path.join(dir, 'data'), { mode: 0o700 });
    const store = database === 'postgresql' ? await freshDatabase() : undefined;
    const host = {
        portal: { name: 'Test portal', url: options.named ? named : url, data: 'data', ...settings.portal },
        http: { listen: `127.0.0.1:${port}`, ...settings.http },
        server: { workers: 1, handler_threads: 4, ...settings.server },
        ...(store ? { database: { url: store.url, ...settings.database } } : settings.database ? { database: settings.database } : {}),
    };
    for (const [section, keys] of Object.entries(settings))
        host[section] ??= keys;
    const text = Object.entries(host)
        .map(([section, keys]) => `[${section}]\n${Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join('')}`)
        .join('\n');
    const portal = { url, named, port, dir, conf, database, store, preset, child: undefined, pid: undefined };
    let log = '';

    portal.writeConfig = (sections = modules, more = config) =>
        writeFileSync(conf, `${text}\n${moduleSections(sections)}\n${more}\n`);
    portal.writeConfig();
    running.add(portal);

    /* JSON log lines and whatever else the program printed. */
    portal.log = () => log;
    portal.lines = () => log.split('\n').flatMap((line) => {
        try {
            return line.startsWith('{') ? [JSON.parse(line)] : [];
        } catch {
            return [];
        }
    });

    portal.cli = (...args) => {
        const last = typeof args.at(-1) === 'object' ? args.pop() : {};
        return runProgram([...args, '--config', conf], { preset, env, ...last });
    };

    portal.isRunning = () => portal.child !== undefined && portal.child.exitCode === null && portal.child.signalCode === null;

    portal.abandon = () => {
        if (portal.isRunning())
            try {
                process.kill(-portal.pid, 'SIGKILL');
            } catch {
                /* it ended by itself meanwhile */
            }
        rmSync(dir, { recursive: true, force: true });
    };

    /* Starts the program and waits until it is ready to serve. */
    portal.start = async () => {
        log = '';
        const [first, ...words] = [...launcher, program, 'run', '--config', conf];
        const child = spawn(first, words, {
            detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: environment(env), cwd: dir,
        });
        portal.child = child;
        portal.pid = child.pid;
        portal.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
        for (const stream of [child.stdout, child.stderr])
            stream.setEncoding('utf8').on('data', (part) => (log += part));
        try {
            await until(async () => {
                if (!portal.isRunning())
                    return true;
                return (await portal.get('/readyz')).status === 200;
            }, { within, every: 50, what: 'the portal to answer 200 at /readyz' });
            if (!portal.isRunning())
                throw new Error('The portal ended instead of answering.');
        } catch (error) {
            portal.abandon();
            running.delete(portal);
            throw new Error(`${error.message}\n--- its log\n${log}\n--- its config\n${text}`, { cause: error });
        }
        return portal;
    };

    /* GET (or options.method): { status, headers, text, json }. Redirects are shown, not followed. */
    portal.get = async (target, request = {}) => {
        const response = await fetch(new URL(target, url), { redirect: 'manual', signal: AbortSignal.timeout(60_000), ...request });
        const body = Buffer.from(await response.arrayBuffer());
        const answer = { status: response.status, headers: response.headers, bytes: body, text: body.toString('utf8') };
        if (/\bjson\b/.test(response.headers.get('content-type') ?? '') && body.length)
            answer.json = JSON.parse(answer.text);
        return answer;
    };

    /* Ends it as an admin would, and fails if it did not end cleanly: { code, signal }. */
    portal.stop = async ({ signal = 'SIGTERM', patience = 60_000 } = {}) => {
        if (!portal.child)
            return { code: 0, signal: null };
        if (portal.isRunning())
            process.kill(portal.pid, signal);
        let timer;
        const late = new Promise((resolve) => (timer = setTimeout(resolve, patience, 'late')));
        const ended = await Promise.race([portal.ended, late]);
        clearTimeout(timer);
        if (ended === 'late') {
            portal.abandon();
            throw new Error(`The portal did not end within ${patience} ms of ${signal}.\n--- its log\n${log}`);
        }
        if (FINDING.test(log))
            throw new Error(`A sanitizer found something:\n${findings(log)}\n--- its log\n${log}`);
        return ended;
    };

    portal.close = async () => {
        try {
            await portal.stop();
        } finally {
            portal.abandon();
            running.delete(portal);
            store?.drop();
            if (store && running.size === 0)
                await releasePostgres();
        }
    };

    if (prepare)
        await prepare(portal);
    return start ? portal.start() : portal;
}
