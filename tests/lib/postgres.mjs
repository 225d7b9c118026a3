/* One temporary PostgreSQL cluster for a whole run, and a fresh database for each portal. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import { quickRoom } from './paths.mjs';
import { until } from './wait.mjs';

let number = 0;
let shared;

/** Directory of the newest server binaries Debian installed; undefined if there are none. */
export function postgresBinaries() {
    const base = '/usr/lib/postgresql';
    if (!existsSync(base))
        return undefined;
    return readdirSync(base)
        .filter((version) => existsSync(`${base}/${version}/bin/initdb`))
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => `${base}/${version}/bin`)[0];
}

const isFree = (port) => new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
});

/* Of all tests one has a port, until it ends: that it has the same one for UDP says so to the others. */
const claim = (port) => new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
        socket.unref();
        resolve(true);
    });
});

/* Below the ports that the system gives to whoever asks for any, and to connections; where it gives nearly all, any. */
const given = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]);
const FIRST = 10_240, LAST = given > 2 * FIRST ? given - 1 : 65_535;

/** A loopback port nobody listens on, and no other test is given while this one runs: a portal may be started there again. */
export async function freePort() {
    for (let tries = 0; tries < 1000; tries++) {
        const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
        if (await claim(port) && await isFree(port))
            return port;
    }
    throw new Error(`No port from ${FIRST} to ${LAST} is free.`);
}

/* PostgreSQL refuses to run as root: there its own user owns the cluster. */
function asServerUser(command, args) {
    if (process.getuid() !== 0)
        return [command, args];
    return ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', command, ...args]];
}

/** Starts a cluster: { url, close() }. The URL is that of its superuser in database "postgres". */
export async function startPostgres() {
    const binaries = postgresBinaries();
    if (!binaries)
        throw new Error('There is no PostgreSQL server here. Run ./dev test, which installs it.');
    const directory = mkdtempSync(path.join(quickRoom(), 'portico-postgres-'));
    chmodSync(directory, 0o700);
    if (process.getuid() === 0) {
        const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8')
            .split('\n')
            .find((line) => line.startsWith('postgres:'))
            .split(':');
        chownSync(directory, Number(uid), Number(gid));
    }
    const data = path.join(directory, 'data');
    const environment = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
    const initialise = asServerUser(`${binaries}/initdb`, [
        '-D', data, '-U', 'portico', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C.UTF-8',
    ]);
    const made = spawnSync(...initialise, { encoding: 'utf8', cwd: '/', env: environment });
    if (made.status !== 0)
        throw new Error(`initdb failed:\n${made.stdout}${made.stderr}${made.error ?? ''}`);

    const port = await freePort();
    const [command, args] = asServerUser(`${binaries}/postgres`, [
        '-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', directory,
        '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'wal_level=minimal', '-c', 'max_wal_senders=0',
        '-c', 'max_connections=200', '-c', 'shared_buffers=64MB',
    ]);
    const server = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: environment });
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-20_000)));
    const url = `postgresql://portico@127.0.0.1:${port}/postgres`;
    let closed = false;
    const abandon = () => {
        if (closed)
            return;
        closed = true;
        server.kill('SIGQUIT');
        rmSync(directory, { recursive: true, force: true });
    };
    process.once('exit', abandon);
    await until(() => {
        if (server.exitCode !== null)
            throw new Error(`postgres ended:\n${log}`);
        return spawnSync('psql', [url, '-qAtc', 'SELECT 1'], { encoding: 'utf8' }).status === 0;
    }, { within: 60_000, every: 100, what: 'PostgreSQL to answer' });

    return {
        url,
        log: () => log,
        async close() {
            if (!closed && server.exitCode === null && server.signalCode === null) {
                const ended = new Promise((resolve) => server.once('exit', resolve));
                server.kill('SIGQUIT');
                await ended;
            }
            abandon();
        },
    };
}

/* The cluster this run shares: the one PORTICO_TEST_POSTGRES names, or one of this process's own. */
async function cluster() {
    if (process.env.PORTICO_TEST_POSTGRES)
        return { url: process.env.PORTICO_TEST_POSTGRES };
    shared ??= startPostgres();
    return shared;
}

/** Ends the cluster this process started for itself, if any. `startPortal` calls it with its last portal. */
export async function releasePostgres() {
    if (!shared)
        return;
    const running = await shared;
    shared = undefined;
    await running.close();
}

/** An empty database: { url, query(sql) → rows of texts, drop() }. */
export async function freshDatabase() {
    const { url } = await cluster();
    const name = `portico_test_${process.pid}_${Date.now().toString(36)}_${number++}`;
    const run = (where, sql) => {
        const done = spawnSync('psql', [where, '-qAt', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-c', sql], {
            encoding: 'utf8', maxBuffer: 1 << 28,
        });
        if (done.status !== 0)
            throw new Error(`psql failed: ${done.stderr}${done.error ?? ''}`);
        return done.stdout.split('\n').filter(Boolean).map((line) => line.split('\t'));
    };
    run(url, `CREATE DATABASE ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    return {
        url: own.href,
        query: (sql) => run(own.href, sql),
        drop: () => run(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    };
}
