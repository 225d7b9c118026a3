/* Streams of news, as open pages read them. */
import assert from 'node:assert/strict';

import { until } from './wait.mjs';

/** A stream of news that is read all the time: { status, headers, text, events, ended, close }. */
export async function listen(portal, query, headers = {}) {
    const stop = new AbortController();
    const answer = await fetch(new URL(`/portico/live?${query}`, portal.url), { headers, signal: stop.signal });
    const stream = { status: answer.status, headers: answer.headers, events: [], ended: false, text: '', close: () => stop.abort() };
    if (answer.status !== 200) {
        stream.ended = true;
        stream.text = await answer.text();
        return stream;
    }
    (async () => {
        const decoder = new TextDecoder();
        try {
            for await (const part of answer.body) {
                stream.text += decoder.decode(part, { stream: true });
                const blocks = stream.text.split('\n\n');
                stream.events = blocks.slice(0, -1).flatMap((block) => {
                    const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
                    return fields.data ? [{ id: fields.id, type: fields.event, data: JSON.parse(fields.data) }] : [];
                });
            }
        } catch {
            /* closed by the test, or cut */
        }
        stream.ended = true;
    })();
    return stream;
}

const hasBegun = (stream) => stream.events.some(({ type }) => type === 'portico.ready');

/** Waits until the stream tells what happens from now on. One that was refused, or that ends before it does, is a failure. */
export async function isReady(stream) {
    assert.equal(stream.status, 200, stream.text);
    await until(() => hasBegun(stream) || stream.ended, { within: 60_000, what: 'the stream to begin' });
    assert.ok(hasBegun(stream), `The stream ended before it began: ${JSON.stringify(stream.text)}`);
}

/** A stream as a page has one: where what its person may see changed while it began, it comes back. */
export async function open(portal, query, headers = {}) {
    let stream;
    await until(async () => {
        stream = await listen(portal, query, headers);
        await until(() => hasBegun(stream) || stream.ended, { within: 60_000, what: 'the stream to begin' });
        return hasBegun(stream);
    }, { within: 60_000, every: 1000, what: 'a stream to begin' });
    return stream;
}
