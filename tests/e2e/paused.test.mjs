/* Processes that stand still for a while and go on: what they held is another's by then. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { startChores } from '../lib/chores.mjs';
import { processesOf as group } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

/* State letters of a process's threads, as in proc(5); none if it is gone. */
function states(pid) {
    try {
        return readdirSync(`/proc/${pid}/task`).map((thread) =>
            readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/^.*\) /s, '')[0]);
    } catch {
        return [];
    }
}

async function pause(portal) {
    /* Who waits for a process it is just starting cannot be stopped before that one has begun. */
    await until(async () => {
        const { workers, jobs } = await portal.status();
        return group(portal).length === 1 + workers.length + jobs.length;
    }, { within: 30_000, what: 'the portal to have all its processes and no others' });
    process.kill(-portal.pid, 'SIGSTOP');
    await until(() => group(portal).every((pid) => states(pid).every((state) => 'TZX'.includes(state))),
        { within: 30_000, what: 'all processes of the portal to stand still' });
}

function resume(portal) {
    if (portal.isRunning())
        process.kill(-portal.pid, 'SIGCONT');
}

/* A second machine of a portal: its own directory, the same database and key ring. */
async function startSecond(first) {
    const second = await startChores({ settings: { database: { url: first.store.url } }, start: false });
    if (existsSync(path.join(first.dir, 'data/secret.keys')))
        copyFileSync(path.join(first.dir, 'data/secret.keys'), path.join(second.dir, 'data/secret.keys'));
    return second.start();
}

test('a jobs process that stands still is replaced, and its job runs to its end once', async (t) => {
    const portal = await startChores();
    t.after(() => portal.close());
    const { id } = await portal.queue('linger', { word: 'survivor' });
    await portal.untilJob(id, 'running');
    const [still] = (await portal.status()).jobs;
    process.kill(still.pid, 'SIGSTOP');
    await portal.untilLog(new RegExp(`^Jobs process \\d+ \\(pid ${still.pid}\\) stands still: .* It is killed and replaced\\.$`));
    await until(async () => {
        const { jobs, queue } = await portal.status();
        return jobs.every(({ pid }) => pid !== still.pid) && queue.running_jobs?.length === 1;
    }, { within: 30_000, what: 'another process to run it' });
    portal.sign('go');
    await portal.untilJob(id, 'done');
    assert.deepEqual(await portal.words(), ['survivor']);
});

test('a portal that stood still as a whole goes on with the processes it had', async (t) => {
    const portal = await startChores();
    t.after(async () => {
        resume(portal);
        await portal.close();
    });
    const pids = async () => {
        const { workers, jobs } = await portal.status();
        return [...workers, ...jobs].map(({ pid }) => pid);
    };
    const before = await pids();
    await pause(portal);
    /* Longer than a single process may stand still, by the clock that the supervisor looks at. */
    const begun = process.hrtime.bigint();
    await until(() => process.hrtime.bigint() - begun > 4_000_000_000n, { what: 'the time to pass' });
    resume(portal);
    const { id } = await portal.queue('sweep', { word: 'awake' });
    await portal.untilJob(id, 'done');
    assert.deepEqual(await pids(), before);
    assert.deepEqual(portal.lines().filter(({ level }) => level === 'error').map(({ message }) => message), []);
});

describe('a machine that stands still past the lease of its job, on postgresql', () => {
    for (const [name, what] of [['linger', 'tells its progress'], ['stare', 'only writes']])
        test(`writes nothing when it goes on, and the job that ${what} runs to its end once, elsewhere`, async (t) => {
            const first = await startChores({ database: 'postgresql' });
            let second;
            t.after(async () => {
                resume(first);
                await second?.close();
                await first.close();
            });
            first.sign('deaf');
            const { id } = await first.queue(name, { word: 'survivor' });
            await first.untilJob(id, 'running');
            await pause(first);
            /* As if the lease's 30 s were over; the one that stands still has not seen them pass. */
            first.store.query(`UPDATE portico_job SET due = 0 WHERE id = ${id}`);
            second = await startSecond(first);
            await until(async () => (await second.job(id)).attempt === 2 && (await second.job(id)).state === 'running',
                { within: 60_000, what: 'the other machine to take the job' });

            first.sign('go');
            resume(first);
            await first.untilLog(/^chores job \w+ lost its lease while it ran: job \d+ is another process's now\.$/);
            assert.deepEqual(await second.words(), []);
            assert.equal((await second.job(id)).state, 'running');

            second.sign('go');
            const job = await second.untilJob(id, 'done');
            assert.equal(job.attempt, 2);
            assert.deepEqual((await second.done()).filter(({ what: word }) => word === 'survivor').map(({ attempt }) => attempt), [2]);
        });
});
