/* The portal as its admin and its visitors meet it: start, answers, limits, deaths, status, stop. */
import assert from 'node:assert/strict';
import {
    closeSync, cpSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync,
} from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { connect } from '../lib/http.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { processesOf, runProgram, startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const status = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout);
/* Where portico.state keeps the word that stops all writing: behind its magic number. */
const POISONED = 4;
const isAlive = (pid) => existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a running portal', () => {
    let portal;
    before(async () => { portal = await startPortal({ modules: trial() }); });
    after(() => portal.close());

    test('hands a request to its module and sends what it replies', async () => {
        const answer = await portal.get('/trial/hello/World');
        assert.equal(answer.status, 200);
        assert.equal(answer.text, 'Hello World');
    });

    test('sends the security fields with every answer', async () => {
        for (const target of ['/trial/hello/you', '/healthz', '/nowhere', '/']) {
            const { headers } = await portal.get(target);
            assert.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
            assert.doesNotMatch(headers.get('content-security-policy'), /unsafe/);
            assert.equal(headers.get('x-content-type-options'), 'nosniff');
            assert.ok(headers.get('referrer-policy'));
            assert.match(headers.get('x-request-id'), /^[0-9a-f]{16}$/);
        }
    });

    test('answers an unknown address with a page for browsers and a problem for programs', async () => {
        const page = await portal.get('/nowhere', { headers: { accept: 'text/html' } });
        assert.equal(page.status, 404);
        assert.match(page.headers.get('content-type'), /^text\/html/);
        const problem = await portal.get('/nowhere', { headers: { accept: 'application/json' } });
        assert.equal(problem.status, 404);
        assert.match(problem.headers.get('content-type'), /^application\/problem\+json/);
        assert.equal(problem.json.status, 404);
    });

    test('tells a wrong method what the address answers to, and OPTIONS as well', async () => {
        const wrong = await portal.get('/trial/hello/you', { method: 'DELETE' });
        assert.equal(wrong.status, 405);
        assert.match(wrong.headers.get('allow'), /GET, HEAD, OPTIONS/);
        const asked = await portal.get('/trial/notes', { method: 'OPTIONS' });
        assert.equal(asked.status, 204);
        assert.match(asked.headers.get('allow'), /GET.*POST/);
        assert.equal((await portal.get('/healthz', { method: 'POST' })).status, 405);
        const [file] = /\/assets\/[^"]+\.css/.exec((await portal.get('/nowhere', { headers: { Accept: 'text/html' } })).text);
        assert.equal((await portal.get(file, { method: 'OPTIONS' })).headers.get('allow'), 'GET, HEAD, OPTIONS');
        assert.equal((await portal.get(file, { method: 'POST' })).status, 405);
    });

    test('answers a method it does not know with 501', async () => {
        const connection = await connect(portal.port);
        await connection.write('BREW /trial/hello/you HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await connection.response()).status, 501);
        connection.destroy();
    });

    test('answers HEAD as GET without the body', async () => {
        const connection = await connect(portal.port);
        await connection.write('HEAD /trial/hello/you HTTP/1.1\r\nHost: a\r\n\r\n');
        const response = await connection.response({ head: true });
        assert.equal(response.status, 200);
        assert.equal(response.header('content-length'), '9');
        connection.destroy();
    });

    test('keeps pipelined answers in the order of their requests', async () => {
        const connection = await connect(portal.port);
        const targets = ['/trial/slow/80', '/trial/hello/a', '/healthz', '/trial/hello/b'];
        await connection.write(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
        const bodies = [];
        for (const _ of targets)
            bodies.push((await connection.response()).text);
        assert.deepEqual(bodies, ['slow', 'Hello a', 'ok\n', 'Hello b']);
        connection.destroy();
    });

    test('calls a route with cache_seconds once for the same question', async () => {
        /* Kept ones are given only while it is known that nothing was changed, which is looked at now and then. */
        const first = await until(async () => {
            const [one, other] = [await portal.get('/trial/kept'), await portal.get('/trial/kept')];
            return one.text === other.text && one;
        }, { within: 60_000, what: 'the second of two to be answered with what was kept of the first' });
        assert.notEqual((await portal.get('/trial/kept?other')).text, first.text);
        const head = await portal.get('/trial/kept', { method: 'HEAD' });
        assert.equal(head.headers.get('content-length'), String(first.text.length));
    });

    test('never keeps an answer that is for one person', async () => {
        const first = await portal.get('/trial/personal');
        assert.notEqual((await portal.get('/trial/personal')).text, first.text);
    });

    test('never keeps an answer that depends on a header its handler read', async () => {
        for (const wish of ['tea', 'coffee']) {
            const answer = await portal.get('/trial/varied', { headers: { 'X-Wish': wish } });
            assert.equal(answer.text, wish);
            assert.equal(answer.headers.get('vary'), 'x-wish');
        }
    });

    test('speaks the reader\'s language in its own errors', async () => {
        const headers = { 'Accept-Language': 'de', Accept: 'application/json' };
        assert.equal((await portal.get('/nowhere', { headers })).json.title, 'Hier ist nichts');
        assert.equal((await portal.get('/healthz', { headers, method: 'POST' })).json.detail,
            'Diese Adresse beantwortet GET, HEAD, OPTIONS.');
    });

    test('shows what is wrong with a template in the page, in development', async () => {
        const directory = path.join(portal.dir, 'broken', 'hello');
        cpSync(path.join(buildDirectory(), 'examples/hello'), directory, { recursive: true });
        writeFileSync(path.join(directory, 'templates/hello.mustache'), '<p>\n<a href={{name}}>\n');
        const broken = { modules: { hello: { path: directory } } };
        const developing = await startPortal({ ...broken, settings: { portal: { development: true } } });
        try {
            const answer = await developing.get('/hello/you', { headers: { Accept: 'text/html' } });
            assert.equal(answer.status, 500);
            assert.match(answer.text, /hello\.mustache:2: /);
        } finally {
            await developing.close();
        }
        await assert.rejects(startPortal(broken), /hello\.mustache:2: /);
    });

    test('does not call a route whose permission the visitor lacks', async () => {
        assert.equal((await portal.get('/trial/private', { headers: { Accept: 'application/json' } })).status, 401);
        const page = await portal.get('/trial/private');
        assert.equal(page.status, 303);
        assert.equal(page.headers.get('location'), '/login?next=/trial/private');
    });

    test('leads from the start page to the first page a visitor may open', async () => {
        const answer = await portal.get('/');
        assert.equal(answer.status, 303);
        assert.equal(answer.headers.get('location'), '/trial/hello/you');
    });

    test('shows metrics that follow the text exposition format', async () => {
        await portal.get('/trial/hello/you');
        const { text, headers } = await portal.get('/metrics');
        assert.match(headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
        const typed = new Set();
        for (const line of text.trimEnd().split('\n')) {
            const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
            if (type)
                assert.ok(!typed.has(type[1]), `${type[1]} stands once`), typed.add(type[1]);
            else if (!line.startsWith('# HELP '))
                assert.match(line, /^[a-z_:][a-z0-9_:]*(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? [0-9.e+-]+$/i);
        }
        assert.match(text, /portico_route_duration_seconds_count\{route="trial GET \/trial\/hello\/\{name\}"\} [1-9]/);
        assert.ok(text.endsWith('\n'));
    });

    test('writes an access line with the request id', async () => {
        const answer = await portal.get('/trial/hello/logged');
        const id = answer.headers.get('x-request-id');
        const line = await until(() => portal.lines().find((each) => each.request === id && each.path), { what: 'the access line' });
        assert.equal(line.status, 200);
        assert.equal(line.path, '/trial/hello/logged');
        assert.equal(line.route, 'trial GET /trial/hello/{name}');
    });

    test('finds nothing in an empty search, and says so in a page', async () => {
        const answer = await portal.get('/search?q=nothing+like+this', { headers: { accept: 'text/html' } });
        assert.equal(answer.status, 200);
        assert.match(answer.text, /Nothing was found/);
        assert.equal((await portal.get('/robots.txt')).status, 200);
    });

    test('shows workers, modules and health in its status', async () => {
        const now = await status(portal);
        assert.equal(now.state, 'serving');
        assert.equal(now.workers.length, 1);
        assert.ok(now.workers[0].memory_kib > 0);
        assert.deepEqual(now.modules.map(({ id }) => id), ['trial']);
        assert.equal(now.health.state, 'healthy');
        const { stdout, code } = await portal.cli('status');
        assert.equal(code, 0);
        assert.match(stdout, /serving, generation 1/);
    });

    test('does not let a second portal onto its data', async () => {
        const { code, stderr } = await portal.cli('run');
        assert.equal(code, 1);
        assert.match(stderr, /already runs with this data directory/);
        assert.equal((await portal.get('/healthz')).status, 200);
    });
});

describe('when a handler misbehaves', () => {
    test('a late answer becomes 503, the route is named, and after five it is not called for a while', async () => {
        const portal = await startPortal({ modules: trial(), settings: { server: { handler_threads: 16 } } });
        try {
            for (let i = 0; i < 5; i++) {
                const answer = await portal.get('/trial/late/600', { headers: { 'Accept-Language': i % 2 ? 'de' : 'en' } });
                assert.equal(answer.status, 503);
                assert.match(answer.text, i % 2 ? /Das hat zu lange gedauert/ : /This took too long/);
                assert.ok(answer.headers.get('retry-after'));
            }
            const refused = await portal.get('/trial/late/1');
            assert.equal(refused.status, 503);
            assert.match(refused.text, /trial GET \/trial\/late\/\{milliseconds\}/);
            assert.deepEqual((await status(portal)).taken_out.map(({ route }) => route), ['trial GET /trial/late/{milliseconds}']);
            assert.ok(portal.lines().some(({ level, message }) => level === 'error' && /late.* is not called for/.test(message)));
            assert.equal((await portal.get('/trial/hello/you')).status, 200);
            await until(async () => (await portal.get('/trial/late/1')).status === 200,
                { within: 60_000, every: 100, what: 'the route to be tried again and to be back' });
        } finally {
            await portal.close();
        }
    });

    test('a worker with a spinning handler is named and replaced while the others are served', async () => {
        const portal = await startPortal({ modules: trial() });
        try {
            const [worker] = (await status(portal)).workers;
            assert.equal((await portal.get('/trial/spin')).status, 503);
            await until(() => portal.lines().some(({ process, message }) => process === 'supervisor' && /trial GET \/trial\/spin in worker/.test(message)),
                { what: 'the supervisor to name the handler' });
            assert.equal((await portal.get('/trial/hello/you')).status, 200);
            await until(() => !isAlive(worker.pid), { within: 30_000, what: 'the stuck worker to be gone' });
            assert.equal((await portal.get('/trial/hello/you')).status, 200);
        } finally {
            await portal.close();
        }
    });

    test('however often /readyz is asked, modules are asked once a second at most', async () => {
        const portal = await startPortal({ modules: trial() });
        const asked = () => portal.lines().filter(({ message }) => /asked how it is/.test(message ?? '')).length;
        try {
            const before = asked(), began = Date.now();
            const answers = await Promise.all(Array.from({ length: 200 }, () => portal.get('/readyz')));
            assert.ok(answers.every(({ status }) => status === 200));
            await portal.get('/trial/hello/you'); /* its line stands behind those of the checks */
            const seconds = Math.ceil((Date.now() - began) / 1000), workers = (await status(portal)).workers.length;
            assert.ok(asked() - before <= workers * (seconds + 1), `${asked() - before} checks in ${seconds} s`);
        } finally {
            await portal.close();
        }
    });

    test('a slow route does not take all handlers: others answer while it fills its share', async () => {
        const portal = await startPortal({ modules: trial(), settings: { server: { queue_time: '8s' } } });
        try {
            const slow = Array.from({ length: 8 }, () => portal.get('/trial/slow/3000'));
            await until(async () => (await portal.get('/readyz')).status === 200, { what: '/readyz while the slow ones run' });
            const running = slow.map((answer) => answer.then(() => 'ended'));
            assert.equal(await Promise.race([...running, Promise.resolve('under way')]), 'under way');
            const answers = await Promise.all(slow);
            assert.ok(answers.every((answer) => [200, 503].includes(answer.status)));
        } finally {
            await portal.close();
        }
    });

    test('a handler that ends its process with success is named and taken out like one that crashes', async () => {
        const portal = await startPortal({ modules: trial() });
        try {
            await until(async () => {
                const answer = await portal.get('/trial/leave').catch(() => undefined);
                return answer?.status === 503;
            }, { within: 60_000, every: 100, what: 'the route to be taken out' });
            assert.ok(portal.lines().some(({ level, message }) => level === 'error' &&
                /ended with code 0 while it ran trial GET \/trial\/leave/.test(message)));
            await until(async () => (await portal.get('/trial/hello/you')).status === 200, { what: 'a replacement to serve' });
        } finally {
            await portal.close();
        }
    });

    test('a copy of the process that a handler forks ends at once, and programs still run', async () => {
        const portal = await startPortal({ modules: trial() });
        try {
            assert.equal((await portal.get('/trial/copy')).text, 'ended');
            await until(() => portal.lines().some(({ level, message }) => level === 'error' && /posix_spawn/.test(message)),
                { what: 'the log to say so' });
            assert.equal((await portal.get('/trial/run')).text, 'seven');
        } finally {
            await portal.close();
        }
    });

    test('a route that crashes its worker five times is taken out, shown, and comes back once it is sound', async () => {
        const release = path.join('/tmp', `portico-release-${process.pid}`);
        const portal = await startPortal({ modules: trial({ release }) });
        try {
            for (let i = 0; i < 5; i++) {
                await portal.get('/trial/crash').catch(() => undefined);
                await until(async () => (await portal.get('/healthz')).status === 200, { within: 30_000, what: 'a replacement to serve' });
            }
            const answer = await until(async () => {
                const tried = await portal.get('/trial/crash').catch(() => undefined);
                return tried?.status === 503 && tried;
            }, { within: 30_000, what: 'the route to be taken out' });
            assert.match(answer.text, /trial GET \/trial\/crash/);
            assert.ok(portal.lines().some(({ message }) => /while it ran trial GET \/trial\/crash/.test(message)));
            const { taken_out: out } = await status(portal);
            assert.deepEqual(out.map(({ route }) => route), ['trial GET /trial/crash']);
            assert.equal((await portal.get('/trial/hello/you')).status, 200);
            writeFileSync(release, '');
            await until(async () => (await portal.get('/trial/crash')).status === 200,
                { within: 60_000, every: 250, what: 'the route to be tried and to be back' });
            assert.deepEqual((await status(portal)).taken_out, []);
        } finally {
            await portal.close();
        }
    });
});

describe('when a process ends', () => {
    test('a killed worker is replaced and the log says so', async () => {
        const portal = await startPortal({ modules: trial(), settings: { server: { workers: 2 } } });
        try {
            const before = (await status(portal)).workers.map(({ pid }) => pid);
            process.kill(before[0], 'SIGKILL');
            const workers = await until(async () => {
                const now = (await status(portal)).workers;
                return now.filter(({ state }) => state === 'serving').length === 2 && !now.some(({ pid }) => pid === before[0]) && now;
            }, { within: 30_000, what: 'two workers to serve again' });
            assert.ok(workers.some(({ pid }) => pid === before[1]));
            assert.ok(portal.lines().some(({ message }) => message?.includes(`(pid ${before[0]}) was killed by signal 9`)));
        } finally {
            await portal.close();
        }
    });

    test('workers whose supervisor was killed end by themselves and leave the port', async () => {
        const portal = await startPortal({ modules: trial(), settings: { server: { workers: 2 } } });
        try {
            assert.equal((await status(portal)).workers.length, 2);
            process.kill(portal.pid, 'SIGKILL');
            /* Also a migration's second half that was under way. */
            await until(() => processesOf(portal).every((pid) => !isAlive(pid)), { within: 60_000, what: 'all that it started to end' });
            await portal.start();
            assert.equal((await portal.get('/trial/hello/again')).status, 200);
        } finally {
            await portal.close();
        }
    });

    test('stop lets a request under way finish, then everything is gone', async () => {
        const portal = await startPortal({ modules: trial() });
        try {
            const slow = portal.get('/trial/slow/4000');
            await until(async () => (await status(portal)).workers[0].in_flight > 0, { what: 'the slow request to run' });
            const stopped = await portal.cli('stop');
            assert.equal(stopped.code, 0);
            assert.equal((await slow).text, 'slow');
            assert.deepEqual(await portal.ended, { code: 0, signal: null });
            assert.equal((await portal.cli('status')).code, 4);
            assert.equal((await portal.cli('reload')).code, 4);
        } finally {
            await portal.close();
        }
    });

    test('a module stops on the thread it started on, after its last handler returned', async () => {
        const directory = mkdtempSync(path.join(os.tmpdir(), 'portico-journal-'));
        const journal = path.join(directory, 'journal');
        const portal = await startPortal({ modules: trial({ journal }), settings: { server: { jobs: 0 } } });
        try {
            const slow = portal.get('/trial/slow/4000');
            await until(async () => (await status(portal)).workers[0].in_flight > 0, { what: 'the slow request to run' });
            assert.equal((await portal.cli('stop')).code, 0);
            assert.equal((await slow).text, 'slow');
            await portal.ended;
            const lines = readFileSync(journal, 'utf8').trim().split('\n').map((line) => line.split(' '));
            assert.deepEqual(lines.map(([what]) => what), ['start', 'slow', 'stop']);
            assert.equal(lines[0][1], lines[2][1]);
            assert.notEqual(lines[1][1], lines[0][1]);
        } finally {
            await portal.close();
            rmSync(directory, { recursive: true, force: true });
        }
    });

    test('a second signal ends the portal at once', async () => {
        const portal = await startPortal({ modules: trial() });
        try {
            const slow = portal.get('/trial/slow/9000').catch(() => 'cut off');
            await until(async () => (await status(portal)).workers[0].in_flight > 0, { what: 'the slow request to run' });
            process.kill(portal.pid, 'SIGINT');
            await until(() => portal.lines().some(({ message }) => /^Stopping/.test(message ?? '')), { what: 'the portal to begin to stop' });
            process.kill(portal.pid, 'SIGINT');
            await portal.ended;
            assert.equal(await slow, 'cut off');
        } finally {
            await portal.close();
        }
    });

    test('a request past the draining time is given up', async () => {
        const portal = await startPortal({ modules: trial(), settings: { server: { drain_time: '300ms' } } });
        try {
            const slow = portal.get('/trial/slow/8000').catch(() => 'cut off');
            await until(async () => (await status(portal)).workers[0].in_flight > 0, { what: 'the slow request to run' });
            await portal.stop();
            assert.equal(await slow, 'cut off');
            assert.ok(portal.lines().some(({ message }) => /The draining time is over; 1 requests/.test(message ?? '')));
        } finally {
            await portal.close();
        }
    });
});

test('a poisoned database log is verified by one process, then the portal serves and writes again', async () => {
    const portal = await startPortal({ modules: trial() });
    try {
        assert.equal((await portal.get('/trial/notes?word=before', { method: 'POST' })).status, 201);
        const mark = openSync(path.join(portal.dir, 'data/locks/portico.state'), 'r+');
        writeSync(mark, Buffer.from([1, 0, 0, 0]), 0, 4, POISONED);
        closeSync(mark);
        await until(() => portal.lines().some(({ message }) => /The database was verified/.test(message ?? '')), { within: 30_000, what: 'the recovery' });
        await until(async () => (await portal.get('/readyz')).status === 200, { within: 30_000, what: 'the portal to be ready again' });
        await until(async () => (await portal.get('/trial/notes?word=later', { method: 'POST' })).status === 201, { what: 'it to write again' });
        assert.deepEqual((await portal.get('/trial/notes?after=')).json.notes.map(({ word }) => word), ['before', 'later']);
    } finally {
        await portal.close();
    }
});

test('a portal does not start with a module that refuses to, and says why', async () => {
    const portal = await startPortal({ modules: trial({ refusal: 'no moon tonight' }), start: false });
    try {
        const { code, stderr } = await portal.cli('run');
        assert.equal(code, 3);
        assert.match(stderr, /The trial does not start: no moon tonight/);
    } finally {
        await portal.close();
    }
});

test('a portal serves a Unix socket and several addresses at once', async () => {
    const portal = await startPortal({ modules: trial(), start: false });
    try {
        const socket = path.join(portal.dir, 'web.sock');
        writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace(/listen = .*/, `listen = 127.0.0.1:${portal.port} [::1]:${portal.port} ${socket}`));
        await portal.start();
        const text = await new Promise((resolve, reject) => {
            http.get({ socketPath: socket, path: '/trial/hello/socket' }, (response) => {
                let body = '';
                response.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => resolve(body));
            }).on('error', reject);
        });
        assert.equal(text, 'Hello socket');
        assert.equal(await (await fetch(`http://[::1]:${portal.port}/trial/hello/six`)).text(), 'Hello six');
        await portal.stop();
        assert.ok(!existsSync(socket), 'the socket file is gone');
    } finally {
        await portal.close();
    }
});

test('portico stop, status and reload say that no portal runs', async () => {
    const portal = await startPortal({ modules: {}, start: false });
    try {
        for (const command of ['stop', 'status', 'reload']) {
            const { code, stderr } = await runProgram([command, '--config', portal.conf]);
            assert.equal(code, 4);
            assert.match(stderr, /No portal runs/);
        }
    } finally {
        await portal.close();
    }
});

test('status answers beside a database server that is silent, and says so', async (t) => {
    const portal = await startPortal({ database: 'postgresql', settings: { server: { workers: 1, jobs: 1 } } });
    t.after(() => portal.close());
    const sockets = new Set();
    const silent = createServer((socket) => sockets.add(socket.on('error', () => {})));
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => { sockets.forEach((socket) => socket.destroy()); silent.close(); });
    const text = readFileSync(portal.conf, 'utf8');
    writeFileSync(portal.conf, text.replace(/postgresql:\/\/[^\n]*/, `postgresql://portico@127.0.0.1:${silent.address().port}/portal`));
    const now = await status(portal);
    assert.equal(now.state, 'serving');
    assert.match(now.queue.problem, /^The database server cannot be reached \(no answer in 1000 ms\)/);
    assert.equal(now.mail.configured, false);
    assert.match(now.mail.problem, /^No mail leaves this portal: \[mail\] `server` is not set\./);
    const { stdout } = await portal.cli('status');
    assert.match(stdout, /\nQueue: The database server cannot be reached/);
    assert.match(stdout, /\nMail: No mail leaves this portal: /);
    writeFileSync(portal.conf, text);
});
