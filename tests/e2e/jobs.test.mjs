/* Jobs: queued, scheduled, leased, tried again, stopped, taken over, taken out. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { startChores } from '../lib/chores.mjs';
import { readExposition } from '../lib/exposition.mjs';
import { until } from '../lib/wait.mjs';

const QUICK = { server: { workers: 1, handler_threads: 4, drain_time: '1s' } };

for (const database of ['sqlite', 'postgresql']) {
    describe(`jobs on ${database}`, () => {
        let portal;
        before(async () => { portal = await startChores({ database }); });
        after(() => portal?.close());

        test('a queued job runs once, in a jobs process', async () => {
            const { id, status } = await portal.queue('sweep', { word: 'once' });
            assert.equal(status, 200);
            const job = await portal.untilJob(id, 'done');
            assert.equal(job.attempt, 1);
            assert.deepEqual((await portal.words()).filter((word) => word === 'once'), ['once']);
        });

        test('a job whose transaction was rolled back never runs', async () => {
            const undone = await portal.queue('sweep', { word: 'undone', undo: 1 });
            assert.equal(undone.status, 200);
            const { id } = await portal.queue('sweep', { word: 'after it' });
            await portal.untilJob(id, 'done');
            assert.ok(!(await portal.words()).includes('undone'));
            assert.equal((await portal.get(`/chores/job/${undone.id}`)).status, 404);
        });

        test('a job that fails is tried again with back-off until it succeeds', async () => {
            const { id } = await portal.queue('falter', { word: 'third time', failures: 2 });
            await portal.untilJob(id, 'done');
            const rows = (await portal.done()).filter(({ what }) => what === 'third time');
            assert.deepEqual(rows.map(({ attempt }) => attempt), [3]);
        });

        test('a job that keeps failing is given up, shown with its reason, and runs when it is retried', async () => {
            const { id } = await portal.queue('falter', { word: 'never', failures: 3 });
            const job = await portal.untilJob(id, 'failed');
            assert.match(job.error, /The broom broke\./);
            const listed = await portal.cli('job', 'list', '--state', 'failed');
            assert.equal(listed.code, 0, listed.stderr);
            assert.match(listed.stdout, new RegExp(`^${id} +failed +chores falter +\\d+/\\d+ +\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\n +.*The broom broke\\.`, 'm'));
            const shown = JSON.parse((await portal.cli('job', 'show', id, '--json')).stdout);
            assert.equal(shown.state, 'failed');
            assert.equal((await portal.cli('job', 'retry', id)).code, 0);
            await until(async () => portal.lines().filter(({ message }) => message?.includes(`portico job retry ${id}`)).length === 2,
                { within: 30_000, what: 'the retried job to be given up once more' });
        });

        test('while a job with a key waits, another with the same key is not added', async () => {
            await portal.queue('linger', { word: 'in front', lane: 'one' });
            const first = await portal.queue('sweep', { word: 'keyed', key: 'k', lane: 'one' });
            const running = await portal.queue('linger', { word: 'first', lane: 'two' });
            await portal.untilJob(running.id, 'running');
            const behind = await portal.queue('linger', { word: 'second', lane: 'two', key: 'k' });
            const again = await portal.queue('linger', { word: 'third', lane: 'two', key: 'k' });
            assert.equal(behind.status, 200);
            assert.equal(again.status, 409);
            portal.sign('go');
            await portal.untilWord('second');
            portal.unsign('go');
            await portal.untilJob(first.id, 'done');
            assert.ok(!(await portal.words()).includes('third'));
        });

        test('progress of a running job is in its state and in status, and it stops when it is cancelled', async () => {
            const { id } = await portal.queue('linger', { word: 'unfinished' });
            await until(async () => (await portal.job(id))?.done > 1, { within: 30_000, what: 'progress' });
            const row = (await portal.status()).queue.running_jobs.find(({ name }) => name === 'linger');
            assert.equal(row.total, 100000);
            assert.equal(row.note, 'lingering');
            /* Now and then one of a schedule runs beside it. */
            const { stdout } = await until(async () => {
                const shown = await portal.cli('status');
                return /Queue: \d+ waiting, 1 running/.test(shown.stdout) && shown;
            }, { what: 'nothing to run beside it' });
            assert.match(stdout, /chores linger, try 1, \d+ of 100000: lingering/);
            const cancelled = await portal.cli('job', 'cancel', id);
            assert.equal(cancelled.code, 0, cancelled.stderr);
            await portal.untilJob(id, 'cancelled');
            assert.ok(!(await portal.words()).includes('unfinished'));
        });

        test('an admin runs a job out of its schedule', async () => {
            const wrong = await portal.cli('job', 'run', 'chores', 'swep');
            assert.equal(wrong.code, 2);
            assert.match(wrong.stderr, /no job `swep`. It has:\n {2}sweep: Sweep/);
            const { code, stdout, stderr } = await portal.cli('job', 'run', 'chores', 'sweep', '--arguments', '{"word": "by hand"}');
            assert.equal(code, 0, stderr);
            assert.match(stdout, /^Job \d+ is queued\.\n$/);
            await portal.untilWord('by hand');
            const host = await portal.cli('job', 'run', 'core', 'prune-jobs');
            const id = /\d+/.exec(host.stdout)[0];
            await until(async () => JSON.parse((await portal.cli('job', 'show', id, '--json')).stdout).state === 'done',
                { within: 30_000, what: 'the host’s own job to run' });
        });

        test('the figures of the queue are in the metrics', async () => {
            const { samples } = await until(async () => {
                const found = readExposition((await portal.get('/metrics')).text);
                return found.samples.get('portico_jobs{state="done"}') > 0 && found;
            }, { within: 30_000, what: 'the figures to be read' });
            assert.equal(samples.get('portico_jobs_processes'), 1);
            assert.equal(samples.get('portico_workers'), 1);
            assert.ok(samples.get('portico_jobs_failures_total{job="chores job falter"}') >= 5);
            assert.ok(samples.get('portico_jobs_run_seconds_count{job="chores job sweep"}') >= 3);
            assert.equal(samples.get('portico_jobs_out{job="chores job crash"}'), 0);
            assert.ok(samples.has('portico_jobs_oldest_age_seconds'));
        });
    });

    describe(`jobs processes that end on ${database}`, () => {
        let portal;
        before(async () => { portal = await startChores({ database, settings: QUICK }); });
        after(() => portal?.close());

        test('a job of a killed process is taken over, and runs again', async () => {
            const { id } = await portal.queue('linger', { word: 'survivor' });
            await portal.untilJob(id, 'running');
            const [victim] = (await portal.status()).jobs;
            process.kill(victim.pid, 'SIGKILL');
            await until(async () => {
                const [running] = (await portal.status()).queue.running_jobs ?? [];
                return running && !running.runner.includes(`/${victim.pid}/`);
            }, { within: 30_000, what: 'another process to run it' });
            portal.sign('go');
            await portal.untilJob(id, 'done');
            portal.unsign('go');
            assert.deepEqual((await portal.words()).filter((word) => word === 'survivor'), ['survivor']);
        });

        test('a reload lets a running job stop, and the new generation takes it up', async () => {
            const { id } = await portal.queue('linger', { word: 'moved' });
            await portal.untilJob(id, 'running');
            const [old] = (await portal.status()).jobs;
            const { code, stderr } = await portal.cli('reload');
            assert.equal(code, 0, stderr);
            await until(async () => {
                const { jobs, queue } = await portal.status();
                return jobs.every(({ pid }) => pid !== old.pid) && queue.running_jobs.length === 1;
            }, { within: 30_000, what: 'the new jobs process to run it' });
            const job = await portal.job(id);
            assert.equal(job.attempt, 1, 'a job that stopped because it was asked to has not failed');
            portal.sign('go');
            await portal.untilJob(id, 'done');
            portal.unsign('go');
        });

        test('a job that does not stop goes back to the queue at the end of the draining time', async () => {
            portal.sign('deaf');
            const { id } = await portal.queue('linger', { word: 'late riser' });
            await portal.untilJob(id, 'running');
            const [old] = (await portal.status()).jobs;
            assert.equal((await portal.cli('reload')).code, 0);
            await portal.untilLog(/The draining time is over; 1 jobs go back to the queue\./);
            await until(async () => {
                const { jobs, queue } = await portal.status();
                return jobs.every(({ pid }) => pid !== old.pid) && queue.running_jobs.length === 1;
            }, { within: 30_000, what: 'the new jobs process to run it' });
            portal.sign('go');
            await portal.untilJob(id, 'done');
            portal.unsign('go');
            portal.unsign('deaf');
            assert.deepEqual((await portal.words()).filter((word) => word === 'late riser'), ['late riser']);
        });

        test('a spinning job is named, loses its lease, and its process is replaced', async () => {
            const { id } = await portal.queue('spin', { word: 'too late' });
            const [old] = (await portal.status()).jobs;
            await portal.untilLog(/^chores job spin is past its deadline of 500 ms and lost its lease/);
            await portal.untilLog(/^chores job spin in jobs process \d+ .* does not return\./);
            await portal.untilLog(/^Jobs process \d+ .* has handlers that do not return, of chores job spin/);
            const job = await portal.untilJob(id, 'waiting');
            assert.match(job.error, /It ran longer than its deadline of 500 ms\./);
            portal.sign('go'); /* its write comes after its lease is gone, and is refused */
            await until(async () => (await portal.status()).jobs.every(({ pid }) => pid !== old.pid),
                { within: 30_000, what: 'the process to be replaced' });
            assert.ok(!(await portal.words()).includes('too late'));
            assert.equal((await portal.cli('job', 'cancel', id)).code, 0);
            assert.equal((await portal.job(id)).state, 'cancelled');
            portal.unsign('go');
        });

        test('a job that crashes its process again and again is named, taken out, and comes back', async () => {
            const { id } = await portal.queue('crash', { word: 'mended' });
            await portal.untilLog(/^Jobs process \d+ .* while it ran chores job crash\.$/);
            await portal.untilLog(/^chores job crash crashed 5 times within a minute and is taken out/, 90_000);
            const [row] = (await portal.status()).taken_out;
            assert.equal(row.route, 'chores job crash');
            assert.equal(row.kind, 'job');
            const other = await portal.queue('sweep', { word: 'all else works' });
            await portal.untilJob(other.id, 'done');
            portal.sign('go');
            await portal.untilJob(id, 'done', 90_000);
            await portal.untilLog(/^chores job crash ran well again and is back\./);
            portal.unsign('go');
            assert.deepEqual((await portal.status()).taken_out, []);
        });
    });

    describe(`two jobs processes on ${database}`, () => {
        let portal;
        before(async () => { portal = await startChores({ database, settings: { server: { workers: 1, handler_threads: 4, jobs: 2 } } }); });
        after(() => portal?.close());

        test('a schedule is due once for all of them', async () => {
            assert.equal((await portal.status()).jobs.length, 2);
            const ticks = async () => (await portal.done()).filter(({ what }) => what === 'tick');
            await until(async () => (await ticks()).length >= 3, { within: 30_000, what: 'three ticks' });
            const listed = JSON.parse((await portal.cli('job', 'list', '--json')).stdout);
            const created = listed.filter(({ name }) => name === 'tick').map((job) => Date.parse(job.created)).sort((a, b) => a - b);
            for (let i = 1; i < created.length; i++)
                assert.ok(created[i] - created[i - 1] >= 1000, `two of one time: ${created}`);
        });

        test('many jobs run once each, in order within a lane', async () => {
            const words = Array.from({ length: 20 }, (_, i) => `lane ${String(i).padStart(2, '0')}`);
            for (const word of words)
                await portal.queue('sweep', { word, lane: 'road' });
            const loose = Array.from({ length: 60 }, (_, i) => `loose ${i}`);
            await Promise.all(loose.map((word) => portal.queue('sweep', { word })));
            await until(async () => (await portal.words()).length >= 80, { within: 60_000, what: 'all of them' });
            const done = await portal.words();
            assert.deepEqual(done.filter((word) => word.startsWith('lane')), words);
            assert.deepEqual(done.filter((word) => word.startsWith('loose')).sort(), [...loose].sort());
        });
    });
}

describe('jobs without what they need', () => {
    test('the commands say so when there is no database yet', async () => {
        const portal = await startChores({ start: false });
        try {
            for (const words of [['job', 'list'], ['event', 'list']]) {
                const { code, stderr } = await portal.cli(...words);
                assert.equal(code, 1);
                assert.match(stderr, /There is no database at .*portico\.db yet\. The first `portico run` makes it\./);
            }
        } finally {
            await portal.close();
        }
    });

    test('without jobs processes work waits, and runs once there is one', async () => {
        const portal = await startChores({ settings: { server: { workers: 1, handler_threads: 4, jobs: 0 } } });
        try {
            assert.deepEqual((await portal.status()).jobs, []);
            const { id } = await portal.queue('sweep', { word: 'patience' });
            assert.equal((await portal.job(id)).state, 'waiting');
            writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace('jobs = 0', 'jobs = 1'));
            assert.equal((await portal.cli('reload')).code, 0);
            await portal.untilJob(id, 'done');
        } finally {
            await portal.close();
        }
    });
});

test('work that a command or an import queues wakes the portal that runs', async (t) => {
    const portal = await startChores({ settings: { log: { level: 'debug' }, server: { workers: 1, jobs: 1 } } });
    t.after(() => portal.close());
    const woken = () => portal.lines().filter(({ message }) => message === 'Work was queued from outside: a jobs process is woken.').length;
    for (const [words, word] of [
        [['chores', 'ask', 'by command'], 'by command'],
        [['import', 'chores', portal.dir, '--format', 'words'], 'imported'],
        [['job', 'run', 'chores', 'sweep', '--arguments', '{"word": "by hand"}'], 'by hand'],
    ]) {
        const before = woken();
        const { code, stderr } = await portal.cli(...words);
        assert.equal(code, 0, stderr);
        await until(() => woken() > before, { within: 20_000, what: `${word} to wake the portal` });
        await portal.untilWord(word);
    }
});
