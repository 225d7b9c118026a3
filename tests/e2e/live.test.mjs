/* News for open pages: the stream, who is told what, and what ends it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';

import { readExposition } from '../lib/exposition.mjs';
import { isReady, listen } from '../lib/live.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people, signIn } from '../lib/signed.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

const examples = path.join(buildDirectory(), 'examples');
const desk = { desk: { path: path.join(examples, 'desk') } };
const CALLED = 'portal.desk.number.called';

const calls = (stream) => stream.events.filter(({ type }) => type === CALLED);
const callNext = async (portal, id = 1) => assert.equal((await portal.get(`/desk/${id}/next`, { method: 'POST' })).status, 303);

for (const database of ['sqlite', 'postgresql'])
    test(`open pages are told (${database})`, async (t) => {
        const portal = await startPortal({ database, modules: desk, settings: { server: { workers: 2 } } });
        t.after(() => portal.close());

        await t.test('what happened to the subjects they watch, and nothing else', async () => {
            const stream = await listen(portal, 'watch=desk/1');
            assert.match(stream.headers.get('content-type'), /^text\/event-stream/);
            assert.equal(stream.headers.get('cache-control'), 'no-store');
            await isReady(stream);
            await callNext(portal, 2);
            await callNext(portal, 1);
            await until(() => calls(stream).length, { what: 'the call' });
            const [{ id, data }] = calls(stream);
            assert.match(id, /^\d+$/);
            assert.deepEqual(Object.keys(data), ['subject', 'time', 'person_is_me']);
            assert.equal(data.subject, 'desk/1');
            assert.equal(data.person_is_me, false);
            assert.ok(Math.abs(Date.parse(data.time) - Date.now()) < 60_000);
            assert.equal(calls(stream).length, 1);
            stream.close();
        });

        await t.test('whether they did it themselves', async () => {
            const mara = await signIn(portal, 'mara');
            const hers = await listen(portal, 'watch=desk/1', { Cookie: mara.cookie });
            const other = await listen(portal, 'watch=desk/1');
            await Promise.all([isReady(hers), isReady(other)]);
            assert.equal((await mara.post('/desk/1/next')).status, 303);
            await until(() => calls(hers).length && calls(other).length, { what: 'both to be told' });
            assert.equal(calls(hers)[0].data.person_is_me, true);
            assert.equal(calls(other)[0].data.person_is_me, false);
            hers.close();
            other.close();
        });

        await t.test('what they missed, from their last event on', async () => {
            const first = await listen(portal, 'watch=desk/1');
            await isReady(first);
            await callNext(portal);
            await until(() => calls(first).length, { what: 'the first call' });
            const { id } = calls(first)[0];
            first.close();
            for (let i = 0; i < 3; i++)
                await callNext(portal);
            const second = await listen(portal, 'watch=desk/1', { 'Last-Event-ID': id });
            await isReady(second);
            const ids = calls(second).map((event) => event.id);
            assert.equal(new Set(ids.filter((one) => BigInt(one) > BigInt(id))).size, 3);
            second.close();
        });

        await t.test('what happened since the page was made', async () => {
            const since = (Date.now() - 1) * 1000;
            await callNext(portal);
            const stream = await listen(portal, `watch=desk/1&since=${since}`);
            await isReady(stream);
            assert.equal(calls(stream).length, 1);
            stream.close();
        });

        await t.test('that too much happened, rather than a part of it', async () => {
            const stream = await listen(portal, 'watch=desk/1', { 'Last-Event-ID': '1' });
            await isReady(stream);
            assert.equal(stream.events[0].type, 'portico.lost');
            assert.equal(calls(stream).length, 0);
            stream.close();
        });

        await t.test('also when the worker they were connected to is killed', async () => {
            const stream = await listen(portal, 'watch=desk/1');
            await isReady(stream);
            await callNext(portal);
            await until(() => calls(stream).length, { what: 'the call before' });
            const { id } = calls(stream)[0];
            const status = JSON.parse((await portal.cli('status', '--json')).stdout);
            for (const worker of status.workers)
                process.kill(worker.pid, 'SIGKILL');
            await until(() => stream.ended, { what: 'the stream to end' });
            await until(async () => (await portal.get('/desk/1/next', { method: 'POST' }).catch(() => ({}))).status === 303,
                { what: 'new workers to serve' });
            const again = await listen(portal, 'watch=desk/1', { 'Last-Event-ID': id });
            await isReady(again);
            assert.ok(calls(again).some((event) => BigInt(event.id) > BigInt(id)));
            again.close();
        });

        await t.test('no more once somebody is disabled', async () => {
            await signIn(portal, 'chief', 'admin');
            const person = await signIn(portal, 'nobody.else');
            const stream = await listen(portal, 'watch=desk/1', { Cookie: person.cookie });
            await isReady(stream);
            await people(portal, 'disable', 'nobody.else');
            await until(() => stream.ended, { what: 'the stream to end' });
            assert.equal(calls(stream).length, 0);
        });

        await t.test('no more once somebody signed out', async () => {
            const person = await signIn(portal, 'otto');
            const stream = await listen(portal, 'watch=desk/1', { Cookie: person.cookie });
            await isReady(stream);
            await people(portal, 'end', person.secret);
            await until(() => stream.ended, { what: 'the stream to end' });
        });

        await t.test('no more once roles changed', async () => {
            const person = await signIn(portal, 'ines');
            const stream = await listen(portal, 'watch=desk/1', { Cookie: person.cookie });
            await isReady(stream);
            await people(portal, 'roles', 'ines', 'moderator');
            await until(() => stream.ended, { what: 'the stream to end' });
        });
    });

test('a stream', async (t) => {
    const portal = await startPortal({ modules: desk });
    t.after(() => portal.close());

    await t.test('names what it watches', async () => {
        for (const query of ['', 'watch=', 'watch=a%0Ab', `watch=${'x'.repeat(201)}`, Array.from({ length: 21 }, (_, i) => `watch=${i}`).join('&')]) {
            const stream = await listen(portal, query);
            assert.equal(stream.status, 400, query);
        }
    });

    await t.test('is one of six of a person', async () => {
        const mara = await signIn(portal, 'mara');
        const streams = [];
        for (let i = 0; i < 6; i++)
            streams.push(await listen(portal, 'watch=desk/1', { Cookie: mara.cookie }));
        const seventh = await listen(portal, 'watch=desk/1', { Cookie: mara.cookie, Accept: 'application/json' });
        assert.equal(seventh.status, 429);
        assert.ok(seventh.headers.get('retry-after'));
        streams.pop().close();
        await until(async () => {
            const next = await listen(portal, 'watch=desk/1', { Cookie: mara.cookie });
            streams.push(next);
            return next.status === 200;
        }, { what: 'the place to be free again' });
        for (const stream of streams)
            stream.close();
    });

    await t.test('goes on when what ends is another page of the same session, that began before its rights changed', async () => {
        const person = await signIn(portal, 'ines');
        for (const roles of ['moderator', '', 'moderator']) {
            const before = await listen(portal, 'watch=desk/1', { Cookie: person.cookie });
            await isReady(before);
            await people(portal, 'roles', 'ines', roles);
            await person.post('/desk/1/next'); // what is known of the session is read again after it
            const after = await listen(portal, 'watch=desk/1', { Cookie: person.cookie });
            await until(() => before.ended, { what: 'the page from before to be told to ask again' });
            await isReady(after);
            await callNext(portal);
            await until(() => calls(after).length, { what: 'the other page to be told' });
            after.close();
        }
    });

    await t.test('of a reader that takes nothing is cut, and holds up nobody', async () => {
        const socket = net.connect({ port: portal.port, host: '127.0.0.1' });
        socket.on('error', () => {});
        socket.write(`GET /portico/live?watch=desk/1 HTTP/1.1\r\nHost: 127.0.0.1:${portal.port}\r\n\r\n`);
        socket.pause();
        const quick = await listen(portal, 'watch=desk/1');
        await isReady(quick);
        await callNext(portal);
        await until(() => calls(quick).length === 1, { what: 'the reader beside it to be told' });
        socket.destroy();
        quick.close();
    });

    await t.test('ends when the portal is told to end', async () => {
        const stream = await listen(portal, 'watch=desk/1');
        await isReady(stream);
        const { code } = await portal.stop();
        assert.equal(code, 0);
        await until(() => stream.ended, { what: 'the stream to end' });
    });
});

/* Over a Unix socket, whose buffers are small and do not grow. The portal waits ten minutes for a peer that takes nothing,
 * so what ends the stream is the length of its queue. */
test('a reader that falls more than 64 KiB behind is cut, and one beside it told all', async (t) => {
    const portal = await startPortal({ modules: trial(), settings: { http: { write_time: '10min' } }, start: false });
    t.after(() => portal.close());
    const file = path.join(portal.dir, 'web.sock');
    writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace(/listen = .*/, `listen = 127.0.0.1:${portal.port} ${file}`));
    await portal.start();
    assert.ok(existsSync(file));
    const subject = 'a'.repeat(190);
    const streams = async () => readExposition((await portal.get('/metrics')).text).samples.get('portico_live_streams');

    const quick = await listen(portal, `watch=${subject}`);
    await isReady(quick);
    const slow = net.connect(file);
    t.after(() => slow.destroy());
    slow.on('error', () => {});
    slow.pause();
    slow.write(`GET /portico/live?watch=${subject} HTTP/1.1\r\nHost: 127.0.0.1:${portal.port}\r\n\r\n`);
    await until(async () => await streams() === 2, { what: 'both streams to be open' });

    let told = 0;
    await until(async () => {
        const flood = await portal.get(`/trial/flood/${subject}/100`, { method: 'POST' });
        assert.equal(flood.status, 200, flood.text);
        told += 100;
        await until(() => quick.events.filter(({ type }) => type === 'portal.trial.flood.came').length === told,
            { what: `the quick reader to be told ${told} times` });
        assert.ok(told < 20_000, 'the queue of a reader that takes nothing is bounded');
        return await streams() === 1;
    }, { within: 60_000, what: 'the slow reader to be cut' });
    assert.equal(quick.ended, false);
    quick.close();
    await until(async () => await streams() === 0, { what: 'no stream to be left' });
});

test('readers that keep up are told of much more than 64 KiB that happened at once', async (t) => {
    const portal = await startPortal({ modules: trial() });
    t.after(() => portal.close());
    const subject = 'b'.repeat(190);
    const stream = await listen(portal, `watch=${subject}`);
    await isReady(stream);
    const flood = await portal.get(`/trial/flood/${subject}/900`, { method: 'POST' });
    assert.equal(flood.status, 200, flood.text);
    await until(() => stream.events.length === 901, { within: 60_000, what: 'all to be told' });
    assert.ok(stream.text.length > 2 * 65536);
    assert.equal(stream.ended, false);
    /* And one that missed them, with the next one. */
    const late = await listen(portal, `watch=${subject}&since=${Number(BigInt(Date.parse(stream.events[1].data.time)) * 1000n)}`);
    await isReady(late);
    assert.equal(late.ended, false);
    stream.close();
    late.close();
});
