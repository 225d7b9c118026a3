/* The database's password goes from its file to the server, and nowhere else. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { programPath } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const PASSWORD = 'open-sesame-73';
const ASK_FOR_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/* A database server that asks every client for its password in clear text, and then keeps it waiting. */
function passwordServer() {
    const given = [];
    const sockets = new Set();
    const server = net.createServer((socket) => {
        sockets.add(socket);
        let received = Buffer.alloc(0);
        let greeted = false;
        socket.on('error', () => {});
        socket.on('data', (bytes) => {
            received = Buffer.concat([received, bytes]);
            if (!greeted && received.length >= 8 && received.length >= received.readInt32BE(0)) {
                const wantsEncryption = received.readInt32BE(4) !== 196608;
                received = received.subarray(received.readInt32BE(0));
                greeted = !wantsEncryption;
                socket.write(wantsEncryption ? 'N' : ASK_FOR_PASSWORD);
            } else if (greeted && received[0] === 0x70) {
                given.push(received.subarray(5, received.length - 1).toString());
                received = Buffer.alloc(0);
            }
        });
    });
    const end = () => {
        server.close();
        for (const socket of sockets)
            socket.destroy();
    };
    return { server, given, end };
}

/* What of /proc belongs to this process and those it started, as one text each. */
function visible(pid, file) {
    const path = `/proc/${pid}/${file}`;
    const own = existsSync(path) ? [readFileSync(path, 'latin1')] : [];
    const children = `/proc/${pid}/task/${pid}/children`;
    const pids = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ').filter(Boolean) : [];
    return own.concat(pids.flatMap((child) => visible(child, file)));
}

describe('the password of the database', () => {
    const { server, given, end } = passwordServer();
    let directory;
    before(async () => {
        directory = mkdtempSync(path.join(os.tmpdir(), 'portico-password-'));
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        writeFileSync(path.join(directory, 'password'), `${PASSWORD}\n`, { mode: 0o600 });
        writeFileSync(path.join(directory, 'portico.conf'), [
            '[portal]', 'name = Trial', `data = ${directory}/data`,
            '[http]', `listen = ${directory}/http`,
            '[log]', 'level = debug',
            '[database]', `url = postgresql://portal@127.0.0.1:${server.address().port}/portal`,
            'password_file = password', ''].join('\n'));
    });
    after(() => {
        end();
        rmSync(directory, { recursive: true, force: true });
    });

    test('reaches the server, but no environment, command line or log', async () => {
        const portal = spawn(programPath(), ['run', '--config', path.join(directory, 'portico.conf')],
            { stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        for (const stream of [portal.stdout, portal.stderr])
            stream.setEncoding('utf8').on('data', (text) => (said += text));
        try {
            await until(() => given.length > 0 || portal.exitCode !== null, { within: 60_000, what: 'the password to arrive' });
            assert.equal(given[0], PASSWORD);
            const shown = [...visible(portal.pid, 'environ'), ...visible(portal.pid, 'cmdline')];
            assert.ok(shown.length > 2, 'there are child processes to look at');
            for (const text of shown)
                assert.ok(!text.includes(PASSWORD));
        } finally {
            end();
            await until(() => portal.exitCode !== null, { within: 60_000, what: 'the portal to give up' });
        }
        assert.match(said, /database server cannot be reached/);
        assert.ok(!said.includes(PASSWORD));
    });
});
