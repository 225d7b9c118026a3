/* HTTP by hand: sends exactly these bytes, reads exactly what comes back. For framing tests, where a
 * client library would mend the request first. */
import net from 'node:net';

const CRLF2 = '\r\n\r\n';

/* One response from the front of `bytes`: { response, rest }, or undefined while it is not whole. */
function take(bytes, { head, ended }) {
    const end = bytes.indexOf(CRLF2);
    if (end < 0)
        return undefined;
    const lines = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const match = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(lines[0]);
    if (!match)
        throw new Error(`Not a status line: ${JSON.stringify(lines[0])}`);
    const fields = lines.slice(1).map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    const all = (name) => fields.filter(([key]) => key === name).map(([, value]) => value);
    const response = {
        status: Number(match[2]),
        version: `1.${match[1]}`,
        reason: match[3] ?? '',
        fields,
        header: (name) => all(name.toLowerCase()).join(', ') || undefined,
    };
    const body = bytes.subarray(end + 4);
    const done = (content, rest) => ({ response: { ...response, body: content, text: content.toString('utf8') }, rest });
    if (response.status < 200 || response.status === 204 || response.status === 304 || head)
        return done(Buffer.alloc(0), body);
    if (all('transfer-encoding').some((value) => /chunked$/i.test(value)))
        return takeChunks(body, done);
    const length = all('content-length')[0];
    if (length !== undefined) {
        const size = Number(length);
        return body.length >= size ? done(body.subarray(0, size), body.subarray(size)) : undefined;
    }
    return ended ? done(body, Buffer.alloc(0)) : undefined;
}

function takeChunks(body, done) {
    const parts = [];
    for (let at = 0;;) {
        const line = body.indexOf('\r\n', at);
        if (line < 0)
            return undefined;
        const size = Number.parseInt(body.subarray(at, line).toString('latin1'), 16);
        if (!Number.isInteger(size))
            throw new Error(`Not a chunk size: ${body.subarray(at, line).toString('latin1')}`);
        if (size === 0) {
            let next = line + 2;
            for (;;) {
                const stop = body.indexOf('\r\n', next);
                if (stop < 0)
                    return undefined;
                if (stop === next)
                    return done(Buffer.concat(parts), body.subarray(stop + 2));
                next = stop + 2;
            }
        }
        if (body.length < line + 2 + size + 2)
            return undefined;
        parts.push(body.subarray(line + 2, line + 2 + size));
        at = line + 2 + size + 2;
    }
}

/** A raw connection: write(bytes), response({ head }) → next response, closed() → rest, end(), destroy(). */
export async function connect(port, { host = '127.0.0.1', within = 30_000 } = {}) {
    const socket = net.connect({ port, host, allowHalfOpen: true });
    let bytes = Buffer.alloc(0);
    let ended = false;
    let failure;
    let wake = () => {};
    socket.on('data', (part) => { bytes = Buffer.concat([bytes, part]); wake(); });
    socket.on('end', () => { ended = true; wake(); });
    socket.on('close', () => { ended = true; wake(); });
    socket.on('error', (error) => { failure = error; ended = true; wake(); });
    await new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
    });

    async function wait(ready, what) {
        const end = Date.now() + within;
        for (;;) {
            const value = ready();
            if (value !== undefined)
                return value;
            const left = end - Date.now();
            if (left <= 0)
                throw new Error(`Waited ${within} ms in vain for ${what}; so far: ${JSON.stringify(bytes.toString('latin1').slice(0, 400))}`);
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, left);
                wake = () => { clearTimeout(timer); resolve(); };
            });
        }
    }

    return {
        socket,
        write: (data) => new Promise((resolve) => socket.write(data, () => resolve())),
        /* undefined if the peer closed without a whole response */
        async response({ head = false } = {}) {
            const got = await wait(() => {
                const taken = take(bytes, { head, ended });
                return taken ?? (ended ? null : undefined);
            }, 'a response');
            if (!got)
                return undefined;
            bytes = got.rest;
            return got.response;
        },
        /* waits for the peer to close; what it sent and nobody took comes back */
        closed: () => wait(() => (ended ? bytes : undefined), 'the peer to close'),
        isClosed: () => ended,
        failure: () => failure,
        end: () => socket.end(),
        destroy: () => socket.destroy(),
    };
}

/**
 * Sends bytes on a new connection and collects answers: { responses, closed }. Reads `count` final
 * responses (1xx are listed too), then, with `close`, waits for the peer to close. `methods` tells which
 * answers have no body ("HEAD").
 */
export async function send(port, bytes, { count = 1, close = false, within = 30_000, methods = [] } = {}) {
    const connection = await connect(port, { within });
    try {
        for (const part of Array.isArray(bytes) ? bytes : [bytes])
            await connection.write(part);
        const responses = [];
        for (let final = 0; final < count;) {
            const response = await connection.response({ head: methods[final] === 'HEAD' });
            if (!response)
                break;
            responses.push(response);
            if (response.status >= 200)
                final++;
        }
        if (close)
            await connection.closed();
        return { responses, closed: connection.isClosed() };
    } finally {
        connection.destroy();
    }
}
