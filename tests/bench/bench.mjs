/* Figures with their peers, in one run: node tests/bench/bench.mjs [P1 P2 P3 P4 P6 P7 P8 P9 P10 sign-in S12]
 *
 * Server on core 0, load generator on core 1, 64 keep-alive connections, rounds that alternate between the
 * servers; quoted are medians. "cost" is CPU seconds of all server processes per 100,000 requests.
 * PORTICO_BENCH_SECONDS (3) and PORTICO_BENCH_ROUNDS (3) make it longer; P8 compares the two numbers of topics in
 * PORTICO_BENCH_TOPICS (10000 1000000). */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { root } from '../lib/paths.mjs';
import { formsOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { writeCommunity } from './community.mjs';
import { alternate, load, median, memory } from './measure.mjs';
import { flushEachCommit, startFastify, startNginx, startTopic } from './peers.mjs';
import { measureRevoked } from './revoked.mjs';

const seconds = Number(process.env.PORTICO_BENCH_SECONDS ?? 3);
const rounds = Number(process.env.PORTICO_BENCH_ROUNDS ?? 3);
const preset = process.env.PORTICO_BUILD ?? 'build/release';
const bench = path.join(root, 'build/bench');
const block = readFileSync(path.join(root, 'tests/bench/module/assets/block.0f1e2d3c4b5a.txt'));
const quiet = { log: { access: false, level: 'warning' } };
const under = path.join(root, 'build/bench-data');
const goals = [];

const fixed = (number) => (number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(3));

function report(id, title, lines, checks) {
    console.log(`\n${id}  ${title}`);
    for (const line of lines)
        console.log(`    ${line}`);
    for (const { what, value, goal, unit = '', least = false } of checks) {
        const met = least ? value >= goal : value <= goal;
        goals.push({ id, met });
        console.log(`    ${met ? 'met   ' : 'MISSED'} ${what}: ${fixed(value)}${unit} (goal: at ${least ? 'least' : 'most'} ${goal}${unit})`);
    }
}

const costs = (results) => Object.entries(results).map(([name, { rate, cost }]) =>
    `${name.padEnd(28)} ${fixed(cost).padStart(7)} CPU s per 100k   ${String(Math.round(rate)).padStart(7)} requests/s`);

function buildModule() {
    for (const words of [['-S', path.join(root, 'tests/bench/module'), '-B', bench, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=RelWithDebInfo'], ['--build', bench]]) {
        const done = spawnSync('cmake', words, { encoding: 'utf8' });
        if (done.status !== 0)
            throw new Error(`The bench module does not build:\n${done.stdout}${done.stderr}`);
    }
}

const benchModule = { bench: { path: path.join(bench, 'modules/bench') } };

/* Everything this build has, with the demo where the module brings one. */
function allModules() {
    const directory = path.join(root, preset, 'modules');
    return Object.fromEntries(readdirSync(directory).map((name) => [name, {}]));
}

const portal = (options = {}) => startPortal({
    preset, under, modules: benchModule, settings: { ...quiet, ...options.settings },
    launcher: ['taskset', '-c', '0'], env: { ASAN_OPTIONS: '' }, ...options.more,
});

/* Servers a figure needs, closed when it is done. */
async function withServers(names, figure) {
    const directory = mkdtempSync(path.join(under, 'peers-'));
    const made = {
        portico: () => portal(),
        communities: () => portal({
            more: {
                modules: { communities: {} },
                prepare: async ({ cli }) => {
                    writeCommunity(path.join(directory, 'community'));
                    const done = await cli('import', '--format', 'demo', 'communities', path.join(directory, 'community'));
                    if (done.code !== 0)
                        throw new Error(`The community was not imported:\n${done.stderr}`);
                },
            },
        }),
        nginx: () => startNginx(directory, block),
        fastify: () => startFastify(directory),
    };
    const servers = {};
    try {
        for (const name of names)
            servers[name] = await made[name]();
        await figure(servers);
    } finally {
        for (const server of Object.values(servers))
            await server.close();
        rmSync(directory, { recursive: true, force: true });
    }
}

const at = (server, target) => ({ pid: server.pid, url: server.url + target });

const PASSWORD = 'three blue kettles';

/* Makes somebody with a password: the mail address. */
async function makeReader(server, number) {
    const address = `reader${number}@example.com`;
    for (const [words, input] of [
        [['user', 'add', `Reader ${number}`, '--mail', address], ''],
        [['user', 'passwd', address, '--password-fd', '0'], `${PASSWORD}\n`],
    ]) {
        const done = await server.cli(...words, { input });
        if (done.code !== 0)
            throw new Error(`There is no reader ${number}:\n${done.stderr}`);
    }
    return address;
}

/* Signs in by the form: true, or why not. */
async function enter(browser, address) {
    const answer = await browser.submit('/login', { name: address, password: PASSWORD });
    return answer.status === 303 || `${address} could not sign in: ${answer.status} ${answer.text}`;
}

/* What load() sends to sign in `count` people at once, again and again. wrk sends it: a script would need so much of the
 * readers' core that their p99 told of it. */
async function signInsOf(server, count) {
    const browser = visitor(server);
    const form = formsOf((await browser.get('/login')).text).find(({ action }) => action === '/login');
    const words = [[...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')];
    for (let i = 1; i <= count; i++) {
        const { portico_key: _, ...fields } = { ...form.fields, name: await makeReader(server, i), password: PASSWORD };
        words.push(String(new URLSearchParams(fields)));
    }
    return { ...at(server, '/login'), seconds, connections: count, script: path.join(root, 'tests/bench/sign_in.lua'), words };
}

/* Two pages that say the same, but for what differs with each request. */
function sameWords(page, other) {
    const still = (text) => text.replace(/(name="(?:portico_key|opened)" value=|data-live-since=)"[^"]*"/g, '$1').replace(/\s+/g, ' ');
    const [one, two] = [still(page), still(other)];
    const at = [...one].findIndex((letter, i) => letter !== two[i]);
    if (at >= 0 || one.length !== two.length)
        throw new Error(`The peer's page is another one: "${one.slice(Math.max(0, at - 40), at + 80)}" there "${two.slice(Math.max(0, at - 40), at + 80)}"`);
}

/* Somebody signed in: their cookies as a header. */
async function cookiesOfReader(server) {
    const browser = visitor(server);
    const entered = await enter(browser, await makeReader(server, 1));
    if (entered !== true)
        throw new Error(entered);
    return [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

/* Lines "DATABASE TOPICS WHAT MICROSECONDS" of bench_visible, to be asked by the first three. */
function growth(...topics) {
    const directory = path.join(root, preset);
    execFileSync('ninja', ['-C', directory, 'bench_visible'], { stdio: 'ignore' });
    /* With the database's server on one core: whether two of them wake each other is worth more than what is measured. */
    const said = execFileSync('taskset', ['-c', '0', path.join(directory, 'tests/bench_visible'), path.join(root, 'core/store/migrations'), ...topics], { encoding: 'utf8' });
    const figures = new Map(said.trim().split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
    return (...words) => figures.get(words.join(' ')) ?? NaN;
}

const figures = {
    P1: () => withServers(['portico', 'nginx', 'fastify'], async ({ portico, nginx, fastify }) => {
        const results = await alternate({
            'Portico, cached answer': at(portico, '/bench/cached'),
            'nginx return': at(nginx, '/return'),
            'Fastify': at(fastify, '/answer'),
        }, { rounds, seconds });
        report('P1', 'smallest response, from the loop', costs(results), [{
            what: 'cost to nginx', value: results['Portico, cached answer'].cost / results['nginx return'].cost, goal: 0.95, unit: ' x',
        }]);
    }),
    P2: () => withServers(['portico', 'nginx'], async ({ portico, nginx }) => {
        const results = await alternate({
            'Portico, handler thread': at(portico, '/bench/answer'),
            'nginx return': at(nginx, '/return'),
        }, { rounds, seconds });
        report('P2', 'smallest response, on a handler thread', costs(results), [{
            what: 'cost to nginx', value: results['Portico, handler thread'].cost / results['nginx return'].cost, goal: 1.25, unit: ' x',
        }]);
    }),
    P3: () => withServers(['portico', 'nginx', 'fastify'], async ({ portico, nginx, fastify }) => {
        const results = await alternate({
            'Portico, fortunes': at(portico, '/bench/fortunes'),
            'nginx return': at(nginx, '/return'),
            'Fastify, fortunes (SQLite)': at(fastify, '/fortunes'),
        }, { rounds, seconds });
        const cost = results['Portico, fortunes'].cost;
        report('P3', 'fortunes: 12 rows and one, sorted, escaped, rendered', costs(results), [
            { what: 'cost to nginx return', value: cost / results['nginx return'].cost, goal: 1.9, unit: ' x' },
            { what: 'cost to Fastify', value: cost / results['Fastify, fortunes (SQLite)'].cost, goal: 0.4, unit: ' x' },
        ]);
    }),
    P4: () => withServers(['portico', 'nginx'], async ({ portico, nginx }) => {
        const results = await alternate({
            'Portico, static file': at(portico, '/assets/bench/block.0f1e2d3c4b5a.txt'),
            'nginx, static file': at(nginx, '/block.txt'),
        }, { rounds, seconds });
        report('P4', '4 KiB static file', costs(results), [{
            what: 'cost to nginx', value: results['Portico, static file'].cost / results['nginx, static file'].cost, goal: 0.8, unit: ' x',
        }]);
    }),
    async P6() {
        const times = [];
        const directory = await portal({ more: { modules: allModules(), start: false, launcher: [] }, settings: { server: { workers: 2 } } });
        try {
            await directory.start();
            await directory.stop();
            for (let i = 0; i < Math.max(5, rounds); i++) {
                const started = process.hrtime.bigint();
                const starting = directory.start();
                await firstAnswer(directory.port);
                times.push(Number(process.hrtime.bigint() - started) / 1e9);
                await starting;
                await directory.stop();
            }
        } finally {
            await directory.close();
        }
        report('P6', 'exec to the first 200, all modules, existing database', [`${times.map((time) => `${fixed(time)} s`).join(', ')}`],
            [{ what: 'median', value: median(times), goal: 0.3, unit: ' s' }]);
    },
    async P7() {
        const server = await portal({ more: { modules: allModules() }, settings: { server: { workers: 2 } } });
        let total;
        try {
            await Promise.all(Array.from({ length: 20 }, () => server.get('/readyz')));
            total = memory(server.pid);
        } finally {
            await server.close();
        }
        const own = await idleConnection(() => portal({ settings: { http: { idle_time: '10min' } } }), '/bench/cached');
        const directory = mkdtempSync(path.join(under, 'peers-'));
        const peer = await idleConnection(() => startNginx(directory, block), '/return');
        rmSync(directory, { recursive: true, force: true });
        report('P7', 'memory: supervisor and two workers, all modules; an idle connection', [
            `Portico ${fixed(total / 1048576)} MB PSS · idle connection: Portico ${fixed(own)} B, nginx ${fixed(peer)} B of user memory`,
        ], [
            { what: 'PSS', value: total / 1048576, goal: 40, unit: ' MB' },
            { what: 'an idle connection', value: own, goal: 600, unit: ' B' },
        ]);
    },
    P8() {
        const [few, many] = (process.env.PORTICO_BENCH_TOPICS ?? '10000 1000000').split(' ');
        const figure = growth(few, many);
        const grows = ['first-page', 'middle-page', 'last-page', 'count', 'home', 'search'];
        const sizes = [1, 10, 100, 1000];
        const lines = ['sqlite', 'postgresql'].flatMap((database) => [
            ...grows.map((what) => `${database.padEnd(11)} ${what.padEnd(12)} ${fixed(figure(database, few, what)).padStart(9)} µs at ${few} topics   ` +
                `${fixed(figure(database, many, what)).padStart(9)} µs at ${many}`),
            `${database.padEnd(11)} what the filter adds with ${sizes.map((size) => `${size}: ${fixed(figure(database, many, `filter-${size}`))} µs`).join('   ')}`,
            `${database.padEnd(11)} how somebody stands in an account, read anew: ${fixed(figure(database, many, 'standing'))} µs`,
        ]);
        report('P8', `visible lists of 1,000 accounts, from ${few} to ${many} topics`, lines, ['sqlite', 'postgresql'].flatMap((database) => [
            ...grows.map((what) => ({ what: `${database}: ${what} grows`, value: figure(database, many, what) / figure(database, few, what), goal: 1.3, unit: ' x' })),
            { what: `${database}: the filter of 100 audiences adds`, value: figure(database, many, 'filter-100'), goal: 10, unit: ' µs' },
        ]));
    },
    async P9() {
        /* The disk is others' too: each round has its own peer, measured before and after it. */
        const peer = [await flushEachCommit(under, 1)];
        const own = [];
        const server = await portal({ settings: { server: { handler_threads: 32 } } });
        let stored;
        try {
            for (let round = 0; round < rounds; round++) {
                own.push((await load({ ...at(server, '/api/bench/v1/writes'), seconds, connections: 32, script: path.join(root, 'tests/bench/writes.lua') })).rate);
                peer.push(await flushEachCommit(under, 1));
            }
            stored = (await server.get('/api/bench/v1/writes')).json.number;
        } finally {
            await server.close();
        }
        report('P9', 'durable small writes on SQLite, 32 writers, flushed before every answer', [
            `Portico ${fixed(median(own))} writes/s · one flush a commit ${fixed(median(peer))} commits/s on the same disk · ${stored} rows stored`,
        ], [{
            what: 'rate to one flush a commit', goal: 12, unit: ' x', least: true,
            value: median(own.map((rate, round) => rate / ((peer[round] + peer[round + 1]) / 2))),
        }]);
    },
    /* nginx runs along to tell how fast the machine is at the time. */
    P10: () => withServers(['communities', 'nginx'], async ({ communities, nginx }) => {
        const script = path.join(root, 'tests/bench/uncached.lua');
        const list = '/communities/measured';
        const topic = /\/communities\/topics\/[^"]+/.exec((await communities.get(list)).text)[0];
        const cookie = await cookiesOfReader(communities);
        const page = (await communities.get(topic, { headers: { Cookie: cookie, Accept: 'text/html' } })).text;
        const peer = await startTopic(communities.dir, {
            database: path.join(communities.dir, 'data/portico.db'), topic: topic.split('/')[3], person: 'Reader 1', page, cookie,
        });
        sameWords(page, peer.text);
        const results = await alternate({
            'topic of 20 posts': { ...at(communities, topic), script },
            'the same, signed in': { ...at(communities, topic), script, cookie },
            'that by Node, signed in': { pid: peer.pid, url: peer.url, script, cookie },
            'list of 20 topics': { ...at(communities, list), script },
            'that list, signed in': { ...at(communities, list), script, cookie },
            'topic, kept answer': at(communities, topic),
            'nginx return': at(nginx, '/return'),
        }, { rounds, seconds });
        await peer.close();
        const cost = (name) => results[name].cost / 100;
        report('P10', 'community pages, as guest and signed in, each made anew', [
            ...costs(results),
            `signed in to guest: topic ${fixed(cost('the same, signed in') / cost('topic of 20 posts'))} x, `
                + `list ${fixed(cost('that list, signed in') / cost('list of 20 topics'))} x`,
            `the same page by Node (http, better-sqlite3, the same rows, the frame ready): ${fixed(cost('that by Node, signed in') / cost('the same, signed in'))} x Portico's`,
        ], [
            { what: 'signed in to guest, topic', value: cost('the same, signed in') / cost('topic of 20 posts'), goal: 1.5, unit: ' x' },
            { what: 'topic of 20 posts', value: cost('topic of 20 posts'), goal: 0.18, unit: ' ms' },
            { what: 'topic of 20 posts, signed in', value: cost('the same, signed in'), goal: 0.18, unit: ' ms' },
            { what: 'list of 20 topics', value: cost('list of 20 topics'), goal: 0.12, unit: ' ms' },
            { what: 'list of 20 topics, signed in', value: cost('that list, signed in'), goal: 0.12, unit: ' ms' },
        ]);
    }),
    /* Readers at a pace the core has room for, with and without four people who sign in again and again. */
    'SIGN-IN': async () => {
        const script = path.join(root, 'tests/bench/paced.lua');
        const server = await portal({ settings: { server: { handler_threads: 16 } } });
        const targets = { 'page of rows': '/bench/fortunes', 'from the loop': '/bench/cached' };
        const seen = Object.fromEntries(Object.keys(targets).map((name) => [name, { quiet: [], busy: [], rates: [] }]));
        try {
            const signIns = await signInsOf(server, 4);
            for (let round = 0; round < rounds; round++)
                for (const [name, target] of Object.entries(targets)) {
                    const readers = { ...at(server, target), seconds, connections: 10, script };
                    seen[name].quiet.push((await load(readers)).p99);
                    const [{ p99 }, { rate }] = await Promise.all([load(readers), load(signIns)]);
                    seen[name].busy.push(p99);
                    seen[name].rates.push(rate);
                }
        } finally {
            await server.close();
        }
        report('SIGN-IN', 'signing in with a password beside 1,000 requests/s of others', Object.entries(seen).map(([name, { quiet: alone, busy, rates }]) =>
            `${name.padEnd(28)} p99 ${fixed(median(alone))} ms alone, ${fixed(median(busy))} ms beside ${fixed(median(rates))} sign-ins/s`),
        Object.entries(seen).map(([name, { quiet: alone, busy }]) => ({
            what: `p99 beside sign-ins to alone, ${name}`, value: median(busy.map((p99, round) => p99 / alone[round])), goal: 2, unit: ' x',
        })));
    },
    S12: async () => {
        const directory = mkdtempSync(path.join(under, 'revoked-'));
        writeCommunity(path.join(directory, 'community'));
        try {
            for (const database of ['sqlite', 'postgresql']) {
                const results = await measureRevoked({ database, preset, under, rounds, directory: path.join(directory, 'community') });
                const all = Object.values(results).flatMap(({ pages, stream }) => [...pages, ...stream]);
                report('S12', `what was taken away is so on both workers (${database}, not pinned, ${rounds} times each)`, Object.entries(results).map(([name, { pages, stream }]) =>
                    `${name.padEnd(38)} last answer as before ${fixed(median(pages)).padStart(5)} ms, at most ${fixed(Math.max(...pages))}`
                        + (stream.length ? `; its stream ended after ${fixed(median(stream))} ms, at most ${fixed(Math.max(...stream))}` : '')),
                [{ what: 'longest of all', value: Math.max(...all), goal: 1000, unit: ' ms' }]);
            }
        } finally {
            rmSync(directory, { recursive: true, force: true });
        }
    },
};

/* Asks again and again, a few milliseconds apart, until a 200 comes. */
function firstAnswer(port) {
    const end = Date.now() + 30_000;
    return new Promise((resolve, reject) => {
        const again = () => (Date.now() > end ? reject(new Error('No answer within 30 s.')) : setTimeout(ask, 1));
        const ask = () => {
            const socket = net.connect(port, '127.0.0.1');
            let text = '';
            socket.on('connect', () => socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'));
            socket.on('data', (part) => (text += part));
            socket.on('error', () => {});
            socket.on('close', () => (text.startsWith('HTTP/1.1 200') ? resolve() : again()));
        };
        ask();
    });
}

/* User memory of one idle connection that was answered before: what 2,000 more of them add. */
async function idleConnection(start, target) {
    const server = await start();
    const sockets = [];
    const open = () => new Promise((resolve, reject) => {
        const socket = net.connect(server.port, '127.0.0.1');
        sockets.push(socket);
        socket.once('error', reject);
        socket.once('connect', () => socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
        socket.once('data', () => resolve());
    });
    const more = async (count) => {
        for (let i = 0; i < count; i += 50)
            await Promise.all(Array.from({ length: 50 }, open));
        return memory(server.pid, 'Pss_Anon');
    };
    try {
        const before = await more(500);
        return (await more(2000) - before) / 2000;
    } finally {
        for (const socket of sockets)
            socket.destroy();
        await server.close();
    }
}

const wanted = process.argv.slice(2).map((name) => name.toUpperCase());
const unknown = wanted.filter((name) => !figures[name]);
if (unknown.length) {
    console.error(`There is no figure ${unknown.join(', ')}. There are ${Object.keys(figures).join(' ')}.`);
    process.exit(2);
}
mkdirSync(under, { recursive: true });
buildModule();
const version = (command, ...args) => {
    const done = spawnSync(command, args, { encoding: 'utf8' });
    return (done.stdout + done.stderr).trim().split('\n')[0];
};
console.log(`${os.cpus()[0].model}, ${os.cpus().length} cores · Linux ${os.release()} · load ${os.loadavg()[0].toFixed(1)}`);
console.log(`${version('nginx', '-v')} · node ${process.version} · ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()}`);
console.log(`server on core 0, load on core 1, 64 keep-alive connections, ${rounds} alternating rounds of ${seconds} s, medians`);
for (const [name, figure] of Object.entries(figures))
    if (wanted.length === 0 || wanted.includes(name)) {
        try {
            await figure();
        } catch (error) {
            goals.push({ id: name, met: false });
            console.log(`\n${name}  could not be measured: ${error.message}`);
        }
    }
const missed = goals.filter((goal) => !goal.met).map((goal) => goal.id);
console.log(`\n${goals.length - missed.length} of ${goals.length} goals met${missed.length ? `; missed: ${[...new Set(missed)].join(' ')}` : ''}`);
