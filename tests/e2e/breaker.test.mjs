/* A route that some workers do not call: status and metrics say so as long as it lasts, of every worker. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { readExposition } from '../lib/exposition.mjs';
import { connect } from '../lib/http.mjs';
import { makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const ROUTE = 'trial GET /trial/late/{milliseconds}';
const status = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout);

/* A call over a connection of its own, so that any worker may take it. */
async function callLate(portal) {
    const connection = await connect(portal.port);
    await connection.write('GET /trial/late/400 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.equal((await connection.response()).status, 503);
    connection.destroy();
}

test('the portal\'s own pages are called however often they were late: nobody could look after the rest without them', async (t) => {
    const portal = await startPortal({ modules: trial(), settings: { server: { workers: 1, handler_threads: 16, handler_time: '25ms' }, sign_in: { guesses: 1000 } } });
    t.after(() => portal.close());
    await makePerson(portal, { handle: 'lee', name: 'Lee', address: 'lee@example.com', password: 'seven quiet lorries' });
    const lee = await signIn(portal, 'lee');
    let page, missed = 0;
    await until(async () => (page = await lee.get('/account/security')).status === 200, { within: 60_000, what: 'a page in time' });
    /* Judging a password takes about that long, one or two at a time: of twelve sent at once some are late. */
    await until(async () => {
        const answers = await Promise.all(Array.from({ length: 12 }, () =>
            lee.submit(page, { current: 'not it at all', password: 'three blue kettles' }, 'form-new_password')));
        missed += answers.filter(({ status: code, text }) => code === 503 && /not ready in time/.test(text)).length;
        return missed >= 8;
    }, { within: 60_000, what: 'eight late answers' });
    await until(async () => { await callLate(portal); return (await status(portal)).taken_out.length > 0; }, { within: 60_000, what: 'the module\'s route to be taken out' });
    assert.deepEqual((await status(portal)).taken_out.map(({ route }) => route), [ROUTE]);
});

describe('a route that misses its deadline in every worker', () => {
    let portal;
    before(async () => { portal = await startPortal({ modules: trial(), settings: { server: { workers: 2, handler_threads: 16 } } }); });
    after(() => portal.close());

    test('is shown with the number of workers that do not call it', async () => {
        await until(async () => {
            await Promise.all(Array.from({ length: 3 }, () => callLate(portal)));
            const [row] = (await status(portal)).taken_out;
            assert.ok(!row || row.workers > 0, 'no worker was replaced for it');
            return row?.route === ROUTE && row.workers === 2;
        }, { within: 60_000, what: 'both workers to stop calling it' });
        const { stdout } = await portal.cli('status');
        assert.match(stdout, /Taken out:\n {2}trial GET \/trial\/late\/\{milliseconds\}: It missed its deadline again and again\. 2 of 2 workers do not call it\./);
    });

    test('is shown for the other worker when one is replaced', async () => {
        const [victim] = (await status(portal)).workers;
        process.kill(victim.pid, 'SIGKILL');
        await until(async () => {
            const { workers, taken_out: [row] } = await status(portal);
            return workers.length === 2 && workers.every(({ pid, state }) => pid !== victim.pid && state === 'serving') && row?.workers === 1;
        }, { within: 30_000, what: 'one worker to be left that does not call it' });
        const { samples } = readExposition((await portal.get('/metrics')).text);
        assert.equal(samples.get(`portico_route_out{route="${ROUTE}"}`), 1);
    });
});
