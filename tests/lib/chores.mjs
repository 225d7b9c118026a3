/* The module of tests/modules/chores in a portal: what it did, and the signs that say how it behaves. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { buildDirectory } from './paths.mjs';
import { startPortal } from './portal.mjs';
import { until } from './wait.mjs';

/** A portal with the module `chores`; options as of startPortal. Adds what the tests of jobs and events ask for. */
export async function startChores(options = {}) {
    const directory = path.join(buildDirectory(options.preset), 'tests/modules/chores');
    const portal = await startPortal({ ...options, start: false });
    const signs = path.join(portal.dir, 'signs');
    mkdirSync(signs);
    const modules = { chores: { path: directory, signs } };
    portal.modules = modules;
    portal.writeConfig(modules, options.config ?? '');

    portal.sign = (name) => writeFileSync(path.join(signs, name), '');
    portal.unsign = (name) => rmSync(path.join(signs, name), { force: true });
    portal.status = async () => JSON.parse((await portal.cli('status', '--json')).stdout);

    const post = async (target) => {
        const answer = await portal.get(target, { method: 'POST', headers: { accept: 'application/json' } });
        return { status: answer.status, ...answer.json };
    };
    /* Queues a job: { status, id }. */
    portal.queue = (name, query = {}) => post(`/chores/queue/${name}?${new URLSearchParams(query)}`);
    /* Emits an event about a subject. */
    portal.ring = (subject, query = {}) => post(`/chores/ring/${subject}?${new URLSearchParams(query)}`);
    /* State of a job, or undefined. */
    portal.job = async (id) => (await portal.get(`/chores/job/${id}`)).json;
    /* Rows that jobs and handlers wrote, in their order: [{ what, job, attempt }]. */
    portal.done = async () => (await portal.get('/chores/done')).json.done;
    portal.words = async () => (await portal.done()).map(({ what }) => what).filter((what) => what !== 'tick');
    portal.untilJob = (id, state, within = 30_000) =>
        until(async () => {
            const job = await portal.job(id);
            return job?.state === state && job;
        }, { within, what: `job ${id} to be ${state}` });
    portal.untilWord = (word, within = 30_000) =>
        until(async () => (await portal.words()).includes(word), { within, what: `“${word}” to be done` });
    portal.untilLog = (pattern, within = 30_000) =>
        until(() => portal.lines().find(({ message }) => pattern.test(message ?? '')), { within, what: `${pattern} in the log` });
    if (options.start !== false)
        await portal.start();
    return portal;
}
