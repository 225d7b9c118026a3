/* An import killed three times and resumed leaves the very database an unbroken one leaves. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { programPath, startPortal } from '../lib/portal.mjs';
import { writeDump } from '../lib/stackexchange.mjs';
import { until } from '../lib/wait.mjs';

const full = process.env.PORTICO_TEST_FULL === '1';
/* Memory is measured on the program people run: a sanitizer's own is not ours. */
const preset = full ? 'build/release' : undefined;
const work = mkdtempSync(path.join(os.tmpdir(), 'portico-dump-'));
after(() => rmSync(work, { recursive: true, force: true }));

/* What an import leaves; times of the run itself and keyed seals differ between two portals. */
const tables = {
    communities_import: ['SELECT number, format, source, round, phase, position, space FROM communities_import ORDER BY number'],
    communities_import_skip: ['SELECT import, reason, example, number FROM communities_import_skip ORDER BY import, reason'],
    communities_space: ['SELECT id, audience, slug, title, topics, answers, solved, last_activity FROM communities_space ORDER BY id'],
    communities_author: ['SELECT * FROM communities_author ORDER BY id'],
    communities_topic: ['SELECT * FROM communities_topic ORDER BY id'],
    communities_post: [`SELECT id, audience, topic, kind, author, author_name, accepted, score, created, edited, licence, source_id,
        source_url, substr(body, 37) FROM communities_post ORDER BY id`],
    communities_comment: [`SELECT id, audience, topic, post, author, author_name, score, created, licence, source_id, substr(body, 37)
        FROM communities_comment ORDER BY id`],
    communities_vote: ['SELECT * FROM communities_vote ORDER BY post'],
    communities_tag: ['SELECT * FROM communities_tag ORDER BY name'],
    communities_topic_tag: ['SELECT * FROM communities_topic_tag ORDER BY tag, topic'],
    portico_document: ['SELECT kind, subject, audience, time, title, body, url FROM portico_document ORDER BY kind, subject'],
};

/* A command that reads `sql` from the portal's database, beside whoever writes it. */
function reader(portal, sql) {
    return portal.database === 'postgresql'
        ? ['psql', [portal.store.url, '-qAtc', sql]]
        : ['sqlite3', ['-readonly', '-cmd', '.timeout 5000', path.join(portal.dir, 'data/portico.db'), sql]];
}

/* Digest and rows of each table, streamed: a gigabyte passes through. */
async function contents(portal) {
    const found = {};
    for (const [table, [sql]] of Object.entries(tables)) {
        const child = spawn(...reader(portal, sql), { stdio: ['ignore', 'pipe', 'pipe'] });
        const hash = createHash('sha256');
        let bytes = 0, error = '';
        child.stderr.on('data', (text) => (error += text));
        child.stdout.on('data', (part) => {
            hash.update(part);
            bytes += part.length;
        });
        const code = await new Promise((resolve) => child.once('close', resolve));
        assert.equal(code, 0, `${table}: ${error}`);
        found[table] = `${bytes} bytes, ${hash.digest('hex')}`;
    }
    return found;
}

const phases = ['people', 'tag names', 'posts', 'orphans', 'comments', 'votes', 'topics', 'tags', 'space', 'finished'];

/* How far the last commit came: [index of the phase, position]. */
function progress(portal) {
    const done = spawnSync(...reader(portal, 'SELECT phase, position FROM communities_import'), { encoding: 'utf8' });
    const [phase, position] = done.stdout.trim().split('|');
    return [phases.indexOf(phase), Number(position ?? 0)];
}

/* Starts an import as the command line does; `ended` gives code, signal and its largest resident size. */
function start(portal, directory, format = 'stackexchange') {
    const child = spawn(programPath(preset), ['import', 'communities', '--format', format, directory, '--config', portal.conf], {
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '', resident = 0;
    for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => (output += text));
    const watch = setInterval(() => {
        try {
            resident = Math.max(resident, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
        } catch {
            /* it has ended */
        }
    }, 20);
    const ended = new Promise((resolve) => child.once('close', (code, signal) => {
        clearInterval(watch);
        resolve({ code, signal, output, resident });
    }));
    return { child, ended };
}

/* Kills the import once its commits have passed `phase` and `position`; false if it finished before. */
async function killPast(portal, directory, [phase, position]) {
    const run = start(portal, directory);
    await until(() => {
        const [at, done] = progress(portal);
        return run.child.exitCode !== null || at > phase || (at === phase && done > position);
    }, { within: full ? 3_600_000 : 120_000, every: 5, what: `phase ${phases[phase]} to pass ${position}` });
    run.child.kill('SIGKILL');
    const { code, signal, output } = await run.ended;
    assert.ok(signal === 'SIGKILL' || code === 0, output);
    return signal === 'SIGKILL' && progress(portal)[0] < phases.indexOf('finished');
}

/* Asks the import to stop as soon as it hears, so that it ends with its first commit. */
async function stopEarly(portal, directory, format) {
    const run = start(portal, directory, format);
    const hears = () => {
        try {
            const caught = /^SigCgt:\s+([0-9a-f]+)/m.exec(readFileSync(`/proc/${run.child.pid}/status`, 'utf8'))[1];
            return (BigInt(`0x${caught}`) & 2n) !== 0n; /* SIGINT is 2, the second bit */
        } catch {
            return run.child.exitCode !== null;
        }
    };
    await until(hears, { every: 1, what: 'the import to hear an interrupt' });
    run.child.kill('SIGINT');
    return run.ended;
}

test('an import stopped after each commit of its files goes on behind it', async () => {
    const directory = path.join(work, 'stopped');
    writeDump(directory, { bytes: 20_000 });
    const make = () => startPortal({ modules: { communities: {} }, start: false });
    const whole = await make();
    let stopped;
    /* How often it was stopped before it came to the topics; 0: it was over before it heard. */
    const stopEach = async () => {
        stopped = await make();
        for (let stops = 1; stops < 30; stops++) {
            const { code, output } = await stopEarly(stopped, directory);
            if (code === 0)
                return 0;
            assert.match(output, /Stopped\. What was imported stays/);
            if (progress(stopped)[0] >= phases.indexOf('topics'))
                return stops;
        }
        return assert.fail('it does not go on');
    };
    try {
        /* Five files have two commits each; on a busy machine some pass before it is told. */
        for (let rounds = 1; await stopEach() < 10; rounds++) {
            assert.ok(rounds < 20, 'It was never stopped after each commit.');
            await stopped.close();
        }
        const rest = await start(stopped, directory).ended;
        assert.equal(rest.code, 0, rest.output);
        const unbroken = await start(whole, directory).ended;
        assert.equal(unbroken.code, 0, unbroken.output);
        assert.deepEqual(await contents(stopped), await contents(whole));
    } finally {
        await stopped?.close();
        await whole.close();
    }
});

for (const database of ['sqlite', 'postgresql'])
    test(`a file of our own writing goes on where it was stopped, and of a broken one nothing is taken (${database})`, async () => {
        const directory = path.join(work, `own-${database}`), file = path.join(directory, 'harbour.xml'), many = 1000;
        const question = (n, title) => `<question id="${2 * n}" author="${n % 2 ? 'ann' : 'bo'}" age="9d" title="${title} ${n}?">It is **not** there.</question>
<answer id="${2 * n + 1}" to="${2 * n}" author="bo" age="8d">By the crane.</answer>
<comment id="${n}" to="${2 * n + 1}" author="ann" age="7d">It is wet.</comment>\n`;
        const write = (title, end = '') => writeFileSync(file, `<community space="harbour" title="Harbour" description="Berths.">
<person key="ann" name="Ann"/><person key="bo" name="Bo"/>\n${Array.from({ length: many }, (whole, n) => question(n + 1, title)).join('')}${end}</community>\n`);
        mkdirSync(directory);
        write('Where is berth');
        const portal = await startPortal({ database, modules: { communities: {} }, start: false });
        const read = (sql) => spawnSync(...reader(portal, sql), { encoding: 'utf8' }).stdout.trim();
        const sums = () => [read('SELECT topics, answers FROM communities_space'), ...['topic', 'post', 'comment', 'author'].map((table) => read(`SELECT count(*) FROM communities_${table}`))];
        const whole = [`${many}|${many}`, `${many}`, `${2 * many}`, `${many}`, '2'];
        try {
            const positions = [];
            for (let stops = 0; read('SELECT phase FROM communities_import') !== 'topics'; stops++) {
                const { code, output } = await stopEarly(portal, directory, 'demo');
                assert.ok(code !== 0 && stops < 200, output);
                positions.push(Number(read('SELECT position FROM communities_import')));
            }
            assert.ok(positions.length > 4, `${3 * many} rows have a few commits, but it was stopped after ${positions}.`);
            assert.deepEqual(positions.slice(0, -1), positions.slice(0, -1).toSorted((a, b) => a - b), 'it goes on and never back');
            const rest = await start(portal, directory, 'demo').ended;
            assert.equal(rest.code, 0, rest.output);
            assert.deepEqual(sums(), whole);

            write('Who has berth', '<comment id="1" to="99999" author="ann" age="1d">To nothing.</comment>');
            const broken = await start(portal, directory, 'demo').ended;
            assert.notEqual(broken.code, 0);
            assert.match(broken.output, /harbour\.xml, line 3003: a comment stands before the post it belongs to\. Nothing of this file was imported/);
            assert.equal(read("SELECT count(*) FROM communities_topic WHERE title LIKE 'Who%'"), '0');
            assert.equal(read('SELECT phase FROM communities_import'), 'finished');
            write('Who has berth');
            const again = await start(portal, directory, 'demo').ended;
            assert.equal(again.code, 0, again.output);
            assert.deepEqual(sums(), whole);
            assert.equal(read("SELECT count(*) FROM communities_topic WHERE title LIKE 'Who%'"), `${many}`);
        } finally {
            await portal.close();
        }
    });

for (const database of ['sqlite', 'postgresql'])
    describe(`an import on ${database}`, () => {
        const make = () => startPortal({ database, preset, modules: { communities: {} }, start: false });

        test('killed three times and resumed leaves the database of an unbroken run', async () => {
            let portal, whole;
            try {
                let totals, directory, bytes = full ? 1 << 30 : 1_500_000;
                /* On a machine that is through before the third blow, the dump grows. */
                for (let attempt = 0; ; attempt++, bytes *= 3) {
                    directory = path.join(work, `dump-${bytes}`);
                    totals = existsSync(directory) ? JSON.parse(readFileSync(`${directory}.json`, 'utf8')) : writeDump(directory, { bytes });
                    writeFileSync(`${directory}.json`, JSON.stringify(totals));
                    portal = await make();
                    const marks = [['posts', Math.floor(bytes / 5)], ['comments', 0], ['topics', 0]]
                        .map(([phase, position]) => [phases.indexOf(phase), position]);
                    let kills = 0;
                    while (kills < 3 && await killPast(portal, directory, marks[kills]))
                        kills++;
                    if (kills === 3)
                        break;
                    await portal.close();
                    portal = undefined;
                    assert.ok(attempt < 4, 'The import is always through before it can be killed three times.');
                }
                const rest = start(portal, directory);
                const resumed = await rest.ended;
                assert.equal(resumed.code, 0, resumed.output);

                whole = await make();
                const unbroken = await start(whole, directory).ended;
                assert.equal(unbroken.code, 0, unbroken.output);
                assert.deepEqual(await contents(portal), await contents(whole));

                const report = (output) => output.slice(output.search(/^ +\d+ topics/m));
                assert.equal(report(resumed.output), report(unbroken.output), 'both report the same');
                for (const what of ['topics', 'answers', 'comments'])
                    assert.match(unbroken.output, new RegExp(`\\b${totals[what]} ${what}`));
                const left = [...report(unbroken.output).split('Left out:\n')[1].matchAll(/^ *(\d+) /gm)];
                assert.equal(left.reduce((sum, [, number]) => sum + Number(number), 0), totals.skipped);
                if (full)
                    assert.ok(unbroken.resident <= 64 * 1024, `The import held ${unbroken.resident} KiB.`);
            } finally {
                await portal?.close();
                await whole?.close();
            }
        });
    });

describe('an import of a file that is no dump', () => {
    const refuse = async (posts, expected) => {
        const directory = mkdtempSync(path.join(work, 'bad-'));
        if (posts !== undefined)
            writeFileSync(path.join(directory, 'Posts.xml'), posts);
        const portal = await startPortal({ modules: { communities: {} }, start: false });
        try {
            const { code, stderr } = await portal.cli('import', 'communities', '--format', 'stackexchange', directory);
            assert.notEqual(code, 0);
            assert.match(stderr, expected);
        } finally {
            await portal.close();
        }
    };

    test('is refused when it declares entities', () =>
        refuse('<?xml version="1.0"?><!DOCTYPE posts [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><posts><row Id="1" Title="&b;"/></posts>',
            /DOCTYPE/));
    test('says near which byte it is broken', () =>
        refuse('<posts><row Id="1" PostTypeId="1" CreationDate="2020-01-01T00:00:00" Title="a" Body="b"/><row Id="2"</posts>',
            /not well-formed XML near byte \d+/));
    test('says what is missing when there is no Posts.xml', () => refuse(undefined, /no Posts\.xml/));
    test('says so when it is empty', () => refuse('', /not well-formed/));
});
