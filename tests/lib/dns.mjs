/* A name server for tests: answers questions for TXT records from a map, NXDOMAIN otherwise. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/* The name of a question, "_a.example.com", and where it ends. */
function nameOf(message) {
    const labels = [];
    let at = 12;
    for (; message[at]; at += message[at] + 1)
        labels.push(message.subarray(at + 1, at + 1 + message[at]).toString('latin1'));
    return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function answer(message, texts) {
    const { name, end } = nameOf(message), found = texts.get(name) ?? [];
    const head = Buffer.from(message.subarray(0, 12));
    head.writeUInt16BE(found.length ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found.length, 6);
    head.writeUInt32BE(0, 8);
    const records = found.map((text) => {
        const parts = text.match(/.{1,20}/gs).map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)]));
        const data = Buffer.concat(parts), record = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0]);
        record.writeUInt16BE(data.length, 10);
        return Buffer.concat([record, data]);
    });
    return Buffer.concat([head, message.subarray(12, end), ...records]);
}

/** Starts one: { address, texts, close }. `texts` is a map of names to lists of texts. */
export async function startNameServer() {
    const socket = createSocket('udp4'), texts = new Map();
    socket.on('message', (message, { port, address }) => socket.send(answer(message, texts), port, address));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return { address: `127.0.0.1:${socket.address().port}`, texts, close: () => new Promise((done) => socket.close(done)) };
}
