/* The servers Portico is measured beside, each on core 0 with one worker and no access log. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../lib/postgres.mjs';
import { until } from '../lib/wait.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

async function start(name, url, command, args) {
    const child = spawn('taskset', ['-c', '0', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: here });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => (log += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    process.once('exit', () => child.kill('SIGKILL'));
    await until(async () => {
        if (child.exitCode !== null)
            throw new Error(`${name} ended:\n${log}`);
        return (await fetch(url)).ok;
    }, { within: 20_000, every: 50, what: `${name} to answer` });
    return {
        pid: child.pid,
        async close() {
            child.kill('SIGTERM');
            await ended;
        },
    };
}

/** nginx with `return 200` at /return and the 4 KiB file at /block.txt. */
export async function startNginx(directory, block) {
    const port = await freePort();
    mkdirSync(path.join(directory, 'files'), { recursive: true });
    writeFileSync(path.join(directory, 'files/block.txt'), block);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${directory}/${kind};`).join(' ');
    writeFileSync(path.join(directory, 'nginx.conf'), `
        worker_processes 1; daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
        ${process.getuid() === 0 ? 'user root;' : ''}
        events { worker_connections 8192; }
        http {
            ${paths}
            access_log off; keepalive_requests 100000000; keepalive_timeout 300s; sendfile on; tcp_nopush on;
            open_file_cache max=100; default_type text/plain;
            server {
                listen 127.0.0.1:${port} reuseport;
                root ${directory}/files;
                location = /return { return 200 "Hello, World!"; }
            }
        }`);
    const url = `http://127.0.0.1:${port}`;
    const server = await start('nginx', `${url}/return`, '/usr/sbin/nginx', ['-c', path.join(directory, 'nginx.conf'), '-e', `${directory}/error.log`]);
    return { ...server, port, url };
}

/** Fastify with /answer and /fortunes from SQLite. */
export async function startFastify(directory) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = await start('Fastify', `${url}/answer`, process.execPath, [path.join(here, 'peers/fastify.mjs'), String(port), path.join(directory, 'fortunes.db')]);
    return { ...server, port, url };
}

/** Node with one topic's page from the portal's database, as `person` sees it; `page` is the portal's own. Its `url` is the page. */
export async function startTopic(directory, { database, topic, person, page, cookie }) {
    const port = await freePort(), file = path.join(directory, 'topic.html'), url = `http://127.0.0.1:${port}`;
    writeFileSync(file, page);
    const server = await start('Node', `${url}/ready`, process.execPath, [path.join(here, 'peers/topic.mjs'), String(port), database, topic, person, file]);
    const text = await (await fetch(`${url}/topic`, { headers: { Cookie: cookie } })).text();
    return { ...server, port, url: `${url}/topic`, text };
}

/** Durable writes a second of one connection that flushes each commit, in a file of `directory`. */
export async function flushEachCommit(directory, seconds) {
    const child = spawn('taskset', ['-c', '0', process.execPath, path.join(here, 'peers/flush.mjs'), path.join(directory, `flush-${process.pid}.db`), String(seconds)],
        { stdio: ['ignore', 'pipe', 'inherit'], cwd: here });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0)
        throw new Error(`The peer that flushes each commit ended with ${code}.`);
    return Number(output);
}
