/* Passwords are hashed by processes beside the workers: what happens to sign-ins when one of either ends. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { makePerson, PASSWORD, textOf, visitor } from '../lib/people.mjs';
import { runProgram, startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const patience = { within: 60_000 };

const read = (pid, file) => {
    try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
        return ''; /* it is gone */
    }
};
/* A process that nobody has waited for yet is gone, too. */
const state = (pid) => /^State:\t(\w)/m.exec(read(pid, 'status'))?.[1] ?? 'Z';
const isAlive = (pid) => state(pid) !== 'Z';
/* The processes that hash for a worker. */
const hashers = (worker) => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map(Number)
    .filter((pid) => read(pid, 'status').includes(`\nPPid:\t${worker}\n`) && read(pid, 'cmdline') === 'portico\0hash-passwords\0');

async function workers(portal) {
    const { stdout } = await portal.cli('status', '--json');
    return JSON.parse(stdout).workers;
}

const serving = (portal) => until(async () => {
    const found = (await workers(portal)).filter((worker) => worker.state === 'serving');
    return found.length === 1 && found[0];
}, { ...patience, what: 'one worker to serve' });

const enter = (portal) => visitor(portal).submit('/login', { name: 'lee', password: PASSWORD });

/* The process that holds a sign-in now, stopped over it, and the answer that is to come. */
async function heldSignIn(portal) {
    const { pid: worker } = await serving(portal);
    assert.equal((await enter(portal)).status, 303);
    const [pid] = hashers(worker);
    process.kill(pid, 'SIGSTOP');
    await until(() => state(pid) === 'T', { ...patience, what: 'the process to stop' });
    const lee = visitor(portal), page = await lee.get('/login');
    const answer = lee.submit(page, { name: 'lee', password: PASSWORD });
    answer.catch(() => {}); /* it may fail before it is looked at */
    await until(async () => (await workers(portal)).some((one) => one.pid === worker && one.in_flight > 0), { ...patience, what: 'the sign-in to be under way' });
    return { worker, pid, answer };
}

test('a process that hashes is started by nobody but a worker', async () => {
    const { code, stdout, stderr } = await runProgram(['hash-passwords']);
    assert.deepEqual({ code, stdout, stderr }, {
        code: 2, stdout: '', stderr: 'portico hash-passwords: only a worker of `portico run` starts such a process.\n',
    });
});

describe('a portal that hashes passwords', () => {
    let portal;
    before(async () => {
        portal = await startPortal({ settings: { sign_in: { guesses: 1000 }, server: { handler_time: '1min' } } });
        await makePerson(portal, { handle: 'lee', password: true });
    });
    after(() => portal?.close());

    test('has no process for it until somebody signs in, and then one by name', async () => {
        const { pid: worker } = await serving(portal);
        assert.equal((await visitor(portal).get('/login')).status, 200);
        assert.deepEqual(hashers(worker), []);
        assert.equal((await enter(portal)).status, 303);
        const found = hashers(worker);
        assert.equal(found.length, 1);
        assert.equal(read(found[0], 'comm'), 'passwords\n');
        assert.equal((await enter(portal)).status, 303);
        assert.deepEqual(hashers(worker), found, 'the same one goes on');
    });

    test('loses no sign-in when such a process is killed, and says that it was', async () => {
        const { worker, pid, answer } = await heldSignIn(portal);
        process.kill(pid, 'SIGKILL');
        const signed = await answer;
        assert.equal(signed.status, 303, textOf(signed.text));
        await until(() => portal.lines().some(({ level, message }) => level === 'warning' &&
            message === 'A process that checks passwords was killed by signal 9 (Killed). Another takes its place.'),
        { ...patience, what: 'the log to say so' });
        assert.ok(!isAlive(pid));
        assert.equal(hashers(worker).length, 1);
        assert.equal((await serving(portal)).pid, worker);
    });

    test('loses none of many while they are killed again and again', async () => {
        const { pid: worker } = await serving(portal);
        let over = false;
        const statuses = [];
        const crowd = Promise.all(Array.from({ length: 3 }, async () => {
            for (let i = 0; i < 8; i++)
                statuses.push((await enter(portal)).status);
        })).finally(() => (over = true));
        const killed = new Set();
        /* One at a time, and never one before it has done something: none dies twice over the same password. */
        await until(() => {
            const [pid] = hashers(worker);
            const done = statuses.length;
            if (pid && !killed.has(pid) && done >= 4 * (killed.size + 1)) {
                killed.add(pid);
                process.kill(pid, 'SIGKILL');
            }
            return over;
        }, { ...patience, every: 5, what: 'all to be answered' });
        await crowd;
        assert.ok(killed.size > 0);
        assert.deepEqual(statuses, Array(24).fill(303));
    });

    test('answers who is signing in before a reload ends the worker', async () => {
        const { worker, pid, answer } = await heldSignIn(portal);
        assert.equal((await portal.cli('reload')).code, 0);
        assert.ok(isAlive(worker), 'it drains');
        process.kill(pid, 'SIGCONT');
        assert.equal((await answer).status, 303);
        await until(() => !isAlive(worker) && !isAlive(pid), { ...patience, what: 'both to end' });
        assert.notEqual((await serving(portal)).pid, worker);
        assert.equal((await enter(portal)).status, 303);
    });

    test('leaves no such process behind a worker that is killed', async () => {
        const { worker, pid, answer } = await heldSignIn(portal);
        process.kill(worker, 'SIGKILL');
        await assert.rejects(answer);
        process.kill(pid, 'SIGCONT');
        await until(() => !isAlive(pid), { ...patience, what: 'the process to end' });
        await until(async () => (await serving(portal)).pid !== worker, { ...patience, what: 'another worker' });
        assert.equal((await enter(portal)).status, 303);
    });

    test('answers who is signing in when everything is told to stop at once', async () => {
        const { pid, answer } = await heldSignIn(portal);
        process.kill(-portal.pid, 'SIGTERM'); /* as systemd does */
        process.kill(pid, 'SIGCONT');
        assert.equal((await answer).status, 303);
        assert.equal((await portal.ended).code, 0);
        assert.ok(!isAlive(pid));
    });
});
