/* Events: with the change or not at all, delivered after the commit, in order, and shown. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { startChores } from '../lib/chores.mjs';
import { programPath } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

for (const database of ['sqlite', 'postgresql']) {
    describe(`events on ${database}`, () => {
        let portal;
        before(async () => { portal = await startChores({ database, settings: { server: { workers: 1, handler_threads: 4, jobs: 2 } } }); });
        after(() => portal?.close());

        const listed = async (...words) => {
            const { code, stdout, stderr } = await portal.cli('event', 'list', '--json', ...words);
            assert.equal(code, 0, stderr);
            return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
        };

        test('a handler runs after the commit, in a jobs process', async () => {
            const { id, status } = await portal.ring('door', { word: 'hello' });
            assert.equal(status, 200);
            await portal.untilWord('door hello');
            const row = (await portal.done()).find(({ what }) => what === 'door hello');
            assert.equal(row.job, id, 'the handler sees the id of the event');
        });

        test('an event of a transaction that is rolled back is never delivered', async () => {
            await portal.ring('door', { word: 'ghost', undo: 1 });
            await portal.ring('door', { word: 'after the ghost' });
            await portal.untilWord('door after the ghost');
            assert.ok(!(await portal.words()).includes('door ghost'));
            assert.ok((await listed()).every(({ data }) => data.word !== 'ghost'));
        });

        test('a handler in the transaction that refuses undoes the change and its event', async () => {
            const answer = await portal.ring('door', { word: 'refused' });
            assert.equal(answer.status, 409);
            assert.match(answer.detail, /Nobody says that here\./);
            assert.ok((await listed()).every(({ data }) => data.word !== 'refused'));
        });

        test('an event whose data does not fit its schema is refused', async () => {
            const answer = await portal.ring('door');
            assert.equal(answer.status, 409);
            assert.match(answer.detail, /word/);
        });

        test('events of one subject are delivered in their order though the first fails for a while', async () => {
            portal.sign('break');
            for (let i = 0; i < 5; i++)
                await portal.ring('gate', { word: `${i}` });
            await portal.untilLog(/^chores event notice failed and is tried again .*The bell is broken\./);
            portal.unsign('break');
            await portal.untilWord('gate 4', 60_000);
            assert.deepEqual((await portal.words()).filter((word) => word.startsWith('gate')),
                ['gate 0', 'gate 1', 'gate 2', 'gate 3', 'gate 4']);
        });

        test('the list shows CloudEvents, one a line, and only the wanted types', async () => {
            const events = await listed('--type', 'portal.chores.*');
            const [first] = events;
            assert.equal(first.specversion, '1.0');
            assert.equal(first.type, 'portal.chores.bell.rung');
            assert.equal(first.source, `${portal.url}/modules/chores`);
            assert.equal(first.subject, 'door');
            assert.deepEqual(first.data, { word: 'hello' });
            assert.match(first.id, /^\d+$/);
            assert.match(first.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
            assert.ok(!Number.isNaN(Date.parse(first.time)));
            assert.deepEqual(await listed('--type', 'portal.nobody.*'), []);
            const wrong = await portal.cli('event', 'list', '--type', 'chores');
            assert.equal(wrong.code, 2);
            assert.match(wrong.stderr, /^portico event: --type takes types of events: "chores" is no type of event/);
        });

        test('following the list shows what happens from now on', async () => {
            const child = spawn(programPath(), ['event', 'list', '--follow', '--json', '--config', portal.conf], { stdio: ['ignore', 'pipe', 'inherit'] });
            let text = '';
            child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
            try {
                await until(() => text.includes('"gate"'), { within: 30_000, what: 'what happened before' });
                await portal.ring('window', { word: 'news' });
                await until(() => text.includes('"news"'), { within: 30_000, what: 'the new event' });
                child.kill('SIGTERM');
                const [code] = await once(child, 'close');
                assert.equal(code, 0);
            } finally {
                child.kill('SIGKILL');
            }
        });

        test('a handler that crashes its process is named and taken out, and delivers once it is mended', async () => {
            portal.sign('collapse');
            await portal.ring('roof', { word: 'falls' });
            await portal.untilLog(/^Jobs process \d+ .* while it ran chores event notice\.$/);
            await portal.untilLog(/^chores event notice crashed 5 times within a minute and is taken out/, 90_000);
            const { id } = await portal.queue('sweep', { word: 'jobs go on' });
            await portal.untilJob(id, 'done');
            portal.unsign('collapse');
            await portal.untilWord('roof falls', 120_000);
            await portal.untilLog(/^chores event notice ran well again and is back\./);
        });
    });
}

test('a handler in the transaction that crashes is named and taken out: what emits is refused, and works again once it is mended', async (t) => {
    const portal = await startChores({ settings: { server: { workers: 1, jobs: 1 } } });
    t.after(() => portal.close());
    portal.sign('quarrel');
    const out = async () => (await portal.status()).taken_out.map(({ route }) => route);
    await until(async () => {
        await portal.ring('door', { word: 'crash' }).catch(() => {});
        return (await out()).includes('chores event judge');
    }, { within: 90_000, what: 'the handler to be taken out' });
    assert.deepEqual(await out(), ['chores event judge'], 'who emits is not blamed');
    await until(async () => {
        const { detail } = await portal.ring('door', { word: 'unheard' }).catch(() => ({}));
        return /The handler judge of module chores refused the event .* It crashed repeatedly and is switched off for a while; it is tried again by itself\./.test(detail);
    }, { within: 20_000, what: 'the emitter to be told' });
    portal.unsign('quarrel');
    await until(async () => (await portal.ring('door', { word: 'heard' }).catch(() => ({}))).status === 200,
        { within: 120_000, what: 'the handler to be back' });
    await portal.untilLog(/^chores event judge answered again and is back\./);
    assert.deepEqual(await out(), []);
    assert.equal((await portal.ring('door', { word: 'refused' })).status, 409, 'it judges again');
    await portal.untilWord('door heard');
    const words = await portal.words();
    assert.ok(!words.includes('door unheard') && !words.includes('door crash'), 'what was refused did not happen');
});

test('two transactions that emit about two subjects in opposite order: one is undone and told to try again', async (t) => {
    const portal = await startChores({ database: 'postgresql', settings: { server: { workers: 1, handler_threads: 4, jobs: 1 } } });
    t.after(() => portal.close());
    const both = async (...doors) => (await portal.get(`/chores/both/${doors.join('/')}`, { method: 'POST', headers: { accept: 'application/json' } }));
    let round = 0;
    /* Where the machine is so slow that the transactions' time ends first, the next round shows it. */
    const answers = await until(async () => {
        const [left, right] = [`left${++round}`, `right${round}`];
        const pair = await Promise.all([both(left, right), both(right, left)]);
        return pair.some(({ status }) => status === 409) && pair;
    }, { within: 60_000, what: 'two transactions to wait for each other' });
    const refused = answers.find(({ status }) => status === 409);
    assert.match(refused.json.detail, /^Two transactions waited for each other, and this one was undone: roll it back and try again from its beginning/);
    assert.equal(answers.find((answer) => answer !== refused).status, 200);
    await portal.untilWord(`right${round} both`);
});
