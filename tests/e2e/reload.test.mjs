/* Reloads: the new generation takes over without a lost request, or is refused and nothing changes. */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { connect } from '../lib/http.mjs';
import { startLoad } from '../lib/load.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { freePort } from '../lib/postgres.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const status = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout);

test('ten reloads under load lose no request, on idle, busy and pipelined connections', async () => {
    const portal = await startPortal({ modules: trial(), settings: { server: { workers: 2 } } });
    try {
        const idle = await connect(portal.port);
        await idle.write('GET /trial/hello/first HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await idle.response()).status, 200);
        const load = startLoad(portal.port);
        for (let generation = 2; generation <= 11; generation++) {
            const asked = load.answers;
            const { code, stdout, stderr } = await portal.cli('reload');
            assert.equal(code, 0, stderr);
            assert.match(stdout, new RegExp(`Generation ${generation} serves`));
            await until(() => load.answers > asked + 50, { within: 30_000, what: 'answers of the new generation' });
        }
        await load.stop();
        assert.deepEqual(load.failures, []);
        assert.ok(load.answers > 500, `${load.answers} answers`);
        await idle.write('GET /trial/hello/last HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await idle.response()).text, 'Hello last', 'the idle connection went through ten generations');
        idle.destroy();
        await until(async () => (await status(portal)).workers.every(({ generation }) => generation === 11), { within: 40_000, what: 'the old workers to be gone' });
    } finally {
        await portal.close();
    }
});

test('an upload and a slow answer under way at a reload come to their end', async () => {
    const portal = await startPortal({ modules: trial() });
    try {
        const upload = await connect(portal.port);
        await upload.write('POST /trial/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello');
        const slow = portal.get('/trial/slow/4000');
        await until(async () => (await status(portal)).workers[0].in_flight > 0, { what: 'the slow request to run' });
        assert.equal((await portal.cli('reload')).code, 0);
        await upload.write('world');
        const response = await upload.response();
        assert.equal(response.text, 'helloworld');
        assert.equal((await slow).text, 'slow');
        upload.destroy();
    } finally {
        await portal.close();
    }
});

test('reloads that are asked for at the same time all get the outcome of a change begun after they asked', async () => {
    const portal = await startPortal({ modules: trial() });
    try {
        const answers = await Promise.all(Array.from({ length: 4 }, () => portal.cli('reload')));
        assert.ok(answers.every(({ code }) => code === 0));
        assert.ok((await status(portal)).generation >= 2, 'those that came together may share one');
    } finally {
        await portal.close();
    }
});

test('a changed address is served and the old one closed', async () => {
    const portal = await startPortal({ modules: trial() });
    try {
        const port = await freePort();
        writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace(/listen = .*/, `listen = 127.0.0.1:${port}`));
        assert.equal((await portal.cli('reload')).code, 0);
        assert.equal(await (await fetch(`http://127.0.0.1:${port}/trial/hello/new`)).text(), 'Hello new');
        await until(() => connect(portal.port).then((connection) => (connection.destroy(), false), () => true),
            { within: 30_000, what: 'the old address to be closed' });
    } finally {
        await portal.close();
    }
});

test('SIGHUP reloads as the command does', async () => {
    const portal = await startPortal({ modules: trial() });
    try {
        process.kill(portal.pid, 'SIGHUP');
        await until(async () => (await status(portal)).generation === 2, { within: 30_000, what: 'generation 2' });
        assert.equal((await portal.get('/trial/hello/you')).status, 200);
    } finally {
        await portal.close();
    }
});

test('enabling a module and reloading brings its pages, disabling it takes them away', async () => {
    const portal = await startPortal({ modules: {} });
    try {
        assert.equal((await portal.get('/trial/hello/you')).status, 404);
        portal.writeConfig(trial());
        assert.equal((await portal.cli('reload')).code, 0);
        assert.equal((await portal.get('/trial/hello/you')).status, 200);
        assert.equal((await portal.get('/trial/notes?after=')).status, 200, 'its table was made');
        portal.writeConfig({});
        assert.equal((await portal.cli('reload')).code, 0);
        assert.equal((await portal.get('/trial/hello/you')).status, 404);
    } finally {
        await portal.close();
    }
});

describe('what cannot be taken into service is refused with its reason, and the portal serves on', () => {
    let portal;
    before(async () => { portal = await startPortal({ modules: trial() }); });
    after(() => portal.close());

    const good = () => portal.writeConfig(trial());
    const broken = (name) => {
        const directory = path.join(portal.dir, name, 'trial');
        mkdirSync(directory, { recursive: true });
        cpSync(path.join(buildDirectory(), 'tests/modules/trial/migrations'), path.join(directory, 'migrations'), { recursive: true });
        return directory;
    };
    const cases = {
        'an unknown key': [() => portal.writeConfig(trial(), '[server]\nworkerz = 2\n'), /workerz/],
        'a line that is none': [() => portal.writeConfig(trial(), 'this is no line\n'), /portico\.conf:\d+/],
        'a value out of range': [() => portal.writeConfig(trial(), '[log]\nlevel = loud\n'), /loud/],
        'an address that cannot be had': [() => writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace(/listen = .*/, 'listen = 192.0.2.1:80')), /192\.0\.2\.1/],
        'a module that is not there': [() => portal.writeConfig({ ...trial(), nowhere: {} }), /nowhere/],
        'a module file that is none': [() => {
            const directory = broken('text');
            writeFileSync(path.join(directory, 'trial.so'), 'not a program', { mode: 0o644 });
            portal.writeConfig({ trial: { path: directory } });
        }, /trial\.so/],
        'a module that refuses to start': [() => portal.writeConfig(trial({ refusal: 'bad omens' })), /bad omens/],
        'a module whose check fails': [() => portal.writeConfig(trial({ health: 'failed' })), /unwell/],
        'a module setting of the wrong kind': [() => portal.writeConfig(trial({ health: 'maybe' })), /maybe/],
        'a migration that is no SQL': [() => {
            const directory = broken('sql');
            copyFileSync(path.join(buildDirectory(), 'tests/modules/trial/trial.so'), path.join(directory, 'trial.so'));
            writeFileSync(path.join(directory, 'migrations/0002-bad.before.sql'), 'CREATE NONSENSE;\n');
            portal.writeConfig({ trial: { path: directory } });
        }, /0002-bad/],
    };
    for (const [name, [spoil, reason]] of Object.entries(cases))
        test(name, async () => {
            const { generation } = await status(portal);
            spoil();
            const { code, stderr } = await portal.cli('reload');
            assert.equal(code, 3, stderr);
            assert.match(stderr, reason);
            assert.match(stderr, /serves on as before/);
            assert.equal((await portal.get('/trial/hello/you')).text, 'Hello you');
            const now = await status(portal);
            assert.equal(now.generation, generation);
            assert.match(now.last_refusal, reason);
            good();
        });

    test('once it is mended the next reload succeeds', async () => {
        good();
        const { code, stderr } = await portal.cli('reload');
        assert.equal(code, 0, stderr);
        assert.equal((await status(portal)).last_refusal, undefined);
    });
});
