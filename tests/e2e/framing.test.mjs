/* Every framing case over a real connection, alone and behind nginx: each byte stream has one reading.
 * A canary request follows each case. Where a message was refused, nothing behind it may be answered; where
 * it was read, the canary is the next request and nothing else is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { connect } from '../lib/http.mjs';
import { root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { freePort } from '../lib/postgres.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const CANARY = 'GET /healthz?canary HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n';
const REFUSALS = new Set([400, 408, 413, 414, 417, 431, 505]);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/* ---- the case file ---- */

const BYTES = { r: '\r', n: '\n', t: '\t', 0: '\0', '\\': '\\' };

/* Escapes of the case file undone; one character is one byte. */
const unescape = (text) => text.replace(/\\(?:x([0-9A-Fa-f]{2})|\((\d+) ([^)]*)\)|(.))/g, (_, hex, times, part, single) => {
    if (hex)
        return String.fromCharCode(Number.parseInt(hex, 16));
    if (times)
        return unescape(part).repeat(Number(times));
    assert.ok(single in BYTES, `unknown escape \\${single}`);
    return BYTES[single];
});

function readCases() {
    const cases = [];
    for (const line of readFileSync(path.join(root, 'tests/framing/cases.txt'), 'latin1').split('\n')) {
        const each = cases.at(-1);
        if (line.startsWith('## '))
            cases.push({ name: line.slice(3), bytes: '', expected: undefined, checks: {} });
        else if (line.startsWith('> '))
            each.bytes += unescape(line.slice(2));
        else if (line.startsWith('= '))
            each.expected = line.slice(2);
        else if (line && !line.startsWith('#')) {
            const [, key, value] = /^(\S+) ?(.*)$/.exec(line);
            each.checks[key] = unescape(value);
        }
    }
    return cases;
}

/* The trial module sends a body back, so what was read of it can be seen. */
function aimAtEcho({ bytes, checks, ...more }) {
    const aimed = bytes.replace(/^((?:\r\n)*)POST \/ /, '$1POST /trial/echo ');
    return {
        ...more,
        checks: aimed === bytes ? checks : { ...checks, path: '/trial/echo' },
        bytes: aimed,
        message: checks.rest ? aimed.slice(0, -checks.rest.length) : aimed,
        echoes: aimed !== bytes,
    };
}

const cases = readCases().map(aimAtEcho);
const binary = (text) => Buffer.from(text, 'latin1');
const utf8 = (text) => binary(text).toString('utf8');

/* Whether the canary behind an accepted message is a request of its own connection. */
function keepsOpen({ bytes, checks }) {
    if (checks.keep)
        return checks.keep === 'yes';
    return !/HTTP\/1\.0\r\n/.test(bytes);
}

/* ---- talking ---- */

/* Sends bytes and reads until the peer closes: its final answers, and what came that is none. */
async function converse(port, text) {
    const connection = await connect(port);
    try {
        await connection.write(binary(text));
        const answers = [];
        for (let answer; (answer = await connection.response());)
            if (answer.status >= 200)
                answers.push(answer);
        return { answers, surplus: (await connection.closed()).toString('latin1') };
    } finally {
        connection.destroy();
    }
}

/* What the portal itself read since the last look: its access lines up to those of a fence request. */
function watch(portal) {
    let seen = 0, number = 0;
    return async function read() {
        const mark = `/trial/hello/fence-${++number}`;
        await portal.get(mark);
        const lines = () => portal.lines().filter((line) => line.method !== undefined && line.path !== undefined);
        await until(() => lines().slice(seen).some((line) => line.path === mark), { what: 'the access line of the fence' });
        const now = lines();
        const fresh = now.slice(seen);
        seen = now.length;
        return fresh.filter((line) => !line.path.startsWith('/trial/hello/fence-'));
    };
}

const shown = (lines) => JSON.stringify(lines.map(({ method, path: target, status }) => [method, target, status]));

test('the case file was read whole', () => {
    assert.ok(cases.length >= 190, `${cases.length} cases`);
    for (const { name, bytes, expected } of cases)
        assert.ok(bytes.length && /^(\d{3}|accepted|more)$/.test(expected), name);
});

describe('over a connection', () => {
    let portal, read;
    before(async () => {
        portal = await startPortal({ modules: trial() });
        read = watch(portal);
        await read();
    });
    after(() => portal.close());

    const refused = (each) => async () => {
        const { answers, surplus } = await converse(portal.port, each.bytes + CANARY);
        assert.deepEqual(answers.map(({ status }) => status), [Number(each.expected)]);
        assert.equal(surplus, '');
        assert.match(answers[0].header('connection') ?? '', /close/i);
        const lines = await read();
        assert.ok(lines.every((line) => line.path !== '/healthz'), `the canary was read: ${shown(lines)}`);
        assert.ok(lines.length <= 1, shown(lines));
    };

    const accepted = (each) => async () => {
        const { checks, message } = each;
        const { answers, surplus } = await converse(portal.port, message + CANARY);
        const keeps = keepsOpen(each);
        assert.equal(answers.length, keeps ? 2 : 1);
        assert.equal(surplus, '');
        assert.ok(!REFUSALS.has(answers[0].status), `answered ${answers[0].status} ${answers[0].text}`);
        if (keeps)
            assert.equal(answers[1].text, 'ok\n', 'the canary is the next request');
        if (each.echoes) {
            assert.equal(answers[0].status, 200);
            assert.equal(answers[0].body.toString('latin1'), checks.body ?? answers[0].body.toString('latin1'));
        }
        const lines = await read();
        assert.equal(lines.length, answers.length, shown(lines));
        /* Lines stand in the order in which answers were ready, not in that of the requests. */
        const line = lines.find(({ request }) => request === answers[0].header('x-request-id'));
        const method = checks.method ?? /^\s*(\S+)/.exec(message)[1];
        assert.equal(line?.method, method, shown(lines));
        assert.equal([405, 501].includes(answers[0].status), !METHODS.has(method) || method === 'POST' && !each.echoes);
        if (checks.path !== undefined)
            assert.equal(line.path, utf8(checks.path));
    };

    const unfinished = (each) => async () => {
        const connection = await connect(portal.port);
        await connection.write(binary(each.bytes));
        assert.deepEqual(await read(), []);
        assert.equal(connection.isClosed(), false);
        connection.end();
        assert.equal(await connection.response(), undefined, 'no answer to half a message');
        connection.destroy();
        assert.ok((await read()).every(({ status }) => status >= 400));
    };

    const kinds = { accepted, more: unfinished };
    for (const each of cases)
        test(each.name, (kinds[each.expected] ?? refused)(each));

    test('a message and its canary are read the same when each byte comes alone', async () => {
        const each = cases.find(({ name }) => name === 'Chunks are joined');
        const connection = await connect(portal.port);
        connection.socket.setNoDelay(true);
        for (const byte of each.message + CANARY)
            await connection.write(binary(byte));
        assert.equal((await connection.response()).text, each.checks.body);
        assert.equal((await connection.response()).text, 'ok\n');
        assert.equal((await connection.closed()).length, 0);
        connection.destroy();
        assert.deepEqual((await read()).map(({ path: target }) => target).sort(), ['/healthz', '/trial/echo']);
    });
});

/* ---- behind a proxy ---- */

const NGINX = '/usr/sbin/nginx';

/* nginx before the portal, bodies passed on as they come, connections to the portal kept and shared. */
async function startNginx(target) {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'portico-nginx-'));
    const port = await freePort();
    const log = path.join(directory, 'access.log');
    const conf = path.join(directory, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `    ${kind}_temp_path ${directory}/${kind};`).join('\n');
    writeFileSync(conf, `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 256; }
http {
${temporary}
    log_format reading escape=json '{"method":"$request_method","target":"$request_uri","status":"$status","upstream":"$upstream_status"}';
    access_log ${log} reading;
    large_client_header_buffers 4 32k;
    keepalive_timeout 2s;
    upstream portal { server 127.0.0.1:${target}; keepalive 2; }
    server {
        listen 127.0.0.1:${port};
        location / {
            proxy_pass http://portal;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_request_buffering off;
            proxy_next_upstream off;
        }
    }
}
`);
    const child = spawn(NGINX, ['-c', conf, '-p', directory], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (part) => (complaints += part));
    const ended = new Promise((resolve) => child.once('close', resolve));
    await until(() => {
        if (child.exitCode !== null)
            throw new Error(`nginx ended: ${complaints}`);
        return connect(port).then((connection) => (connection.destroy(), true));
    }, { what: 'nginx to listen' });
    let seen = 0;
    return {
        port,
        /* What nginx read since the last look; requests that are not whole have no line. */
        async read(until_) {
            const mark = `/trial/hello/fence-nginx-${seen}`;
            await converse(port, `GET ${mark} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
            const lines = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []);
            await until(() => lines().slice(seen).some((line) => line.target === mark) && until_(lines().slice(seen)), { what: 'nginx to log what it read' });
            const now = lines();
            const fresh = now.slice(seen);
            seen = now.length;
            return fresh.filter((line) => !line.target.startsWith('/trial/hello/fence-'));
        },
        async stop() {
            child.kill('SIGTERM');
            await ended;
            rmSync(directory, { recursive: true, force: true });
        },
    };
}

describe('behind nginx', { skip: existsSync(NGINX) ? false : 'nginx is not installed' }, () => {
    let portal, nginx, read;
    const forwarded = [];
    before(async () => {
        portal = await startPortal({ modules: trial() });
        nginx = await startNginx(portal.port);
        read = watch(portal);
        await read();
        await nginx.read(() => true);
        await read();
    });
    after(async () => {
        await nginx?.stop();
        await portal.close();
    });

    /* Both ends write down what they read: the lists must be the same, request for request. */
    const agree = (each) => async () => {
        const { checks, message } = each;
        const { answers, surplus } = await converse(nginx.port, message + CANARY);
        /* To a request of HTTP/0.9 nginx answers with a body alone, and closes. */
        const bare = surplus ? 1 : 0;
        assert.doesNotMatch(surplus, /HTTP\/1/);
        assert.equal(bare && answers.length, 0);
        const passed = (lines) => lines.filter(({ upstream, target }) => upstream !== '' && upstream !== '-' && !target.startsWith('/trial/hello/fence-'));
        const byPortal = await read();
        const byNginx = passed(await nginx.read((lines) => passed(lines).length >= byPortal.length));
        await read();
        const isCanary = (target) => target.startsWith('/healthz');
        assert.deepEqual(byPortal.map((line) => [line.status, isCanary(line.path)]),
            byNginx.map((line) => [Number(line.upstream), isCanary(line.target)]),
            `nginx ${JSON.stringify(byNginx)}, portal ${shown(byPortal)}`);
        for (const [index, line] of byPortal.entries())
            if (line.method)
                assert.equal(line.method, byNginx[index].method);
        assert.ok(byPortal.filter((line) => isCanary(line.path)).length <= 1, 'the canary is read at most once');
        assert.ok(answers.length <= 2 && answers.length + bare >= byPortal.length, `${answers.length} answers`);
        if (byPortal.length)
            forwarded.push(each.name);
        if (each.expected === 'accepted' && each.echoes && byPortal[0]?.status === 200 && checks.body !== undefined)
            assert.equal(answers[0].body.toString('latin1'), checks.body);
    };
    for (const each of cases.filter(({ expected }) => expected !== 'more'))
        test(each.name, agree(each));

    test('nginx passed a good part of the cases on, refused ones among them', () => {
        const names = new Set(forwarded);
        const count = (kind) => cases.filter(({ name, expected }) => names.has(name) && (expected === 'accepted') === kind).length;
        assert.ok(count(true) >= 30, `${count(true)} accepted cases were passed on`);
        assert.ok(count(false) >= 10, `${count(false)} refused cases were passed on`);
    });
});
