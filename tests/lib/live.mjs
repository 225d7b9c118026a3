/* Streams of news, as open pages read them. */
import { until } from './wait.mjs';

/** A stream of news that is read all the time: { status, headers, text, events, ended, close }. */
export async function listen(portal, query, headers = {}) {
    const stop = new AbortController();
    const answer = await fetch(new URL(`/portico/live?${query}`, portal.url), { headers, signal: stop.signal });
    const stream = { status: answer.status, headers: answer.headers, events: [], ended: false, text: '', close: () => stop.abort() };
    if (answer.status !== 200) {
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

/** Waits until the stream tells what happens from now on. */
export const isReady = (stream) => until(() => stream.events.some(({ type }) => type === 'portico.ready'), { within: 60_000, what: 'the stream to begin' });
