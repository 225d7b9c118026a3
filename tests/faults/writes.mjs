/* A writer gives every note a name of its own and keeps what it was told: written, refused, or nothing. After
 * the kills an auditor reads all notes: written ones are there once, refused ones are not, the others may be. */
import assert from 'node:assert/strict';
import http from 'node:http';

import { startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';
import { until } from '../lib/wait.mjs';

function write(port, agent, word) {
    return new Promise((resolve) => {
        const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent, path: `/trial/notes?word=${word}` }, (response) => {
            response.resume();
            response.on('end', () => resolve(response.statusCode === 201 ? 'written' : response.statusCode === 503 ? 'refused' : 'unknown'));
            response.on('error', () => resolve('unknown'));
        });
        request.on('error', () => resolve('unknown'));
        request.end();
    });
}

async function readAll(portal) {
    const words = [];
    for (let last = '';;) {
        const { json } = await portal.get(`/trial/notes?after=${last}`);
        if (json.notes.length === 0)
            return words;
        words.push(...json.notes.map(({ word }) => word));
        last = words.at(-1);
    }
}

/** Kills a worker `kills` times under the load of `writers`; asserts that the book is right afterwards. */
export async function killWorkersUnderWrites({ database, kills, writers, workers = 2, preset }) {
    const portal = await startPortal({ modules: trial({}, preset), database, preset, settings: { server: { workers }, log: { access: false } } });
    try {
        const book = new Map();
        let running = true;
        const serving = async () => JSON.parse((await portal.cli('status', '--json')).stdout).workers.filter(({ state }) => state === 'serving');
        const writing = Array.from({ length: writers }, async (_, writer) => {
            const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
            for (let n = 0; running; n++) {
                const word = `w${writer}-${String(n).padStart(7, '0')}`;
                book.set(word, await write(portal.port, agent, word));
            }
            agent.destroy();
        });
        const written = () => [...book.values()].filter((outcome) => outcome === 'written').length;
        for (let kill = 0; kill < kills; kill++) {
            const before = written();
            await until(() => written() > before + writers, { within: 60_000, what: 'writes to go on' });
            const living = await until(async () => {
                const now = await serving();
                return now.length === workers && now;
            }, { within: 60_000, what: 'all workers to serve' });
            process.kill(living[kill % workers].pid, 'SIGKILL');
        }
        await until(async () => (await serving()).length === workers, { within: 60_000, what: 'all workers to serve' });
        running = false;
        await Promise.all(writing);

        const found = await readAll(portal);
        const there = new Set(found);
        assert.equal(there.size, found.length, 'no note is there twice');
        const lost = [...book].filter(([word, outcome]) => outcome === 'written' && !there.has(word));
        assert.deepEqual(lost, [], 'no acknowledged note is lost');
        const ghosts = found.filter((word) => !book.has(word));
        assert.deepEqual(ghosts, [], 'nothing is there that nobody wrote');
        assert.ok(written() > kills * writers, `${written()} notes were written`);
        assert.ok(portal.isRunning(), 'the supervisor lives');
        return { written: written(), unknown: [...book.values()].filter((outcome) => outcome === 'unknown').length };
    } finally {
        await portal.close();
    }
}
