/* Module binaries that were built once and kept: every later host loads them unchanged and serves them.
 * tests/abi/kept/VERSION/ARCHITECTURE/NAME is a module directory; ./dev kept VERSION makes new ones. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { root } from '../lib/paths.mjs';
import { runProgram, startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const kept = path.join(root, 'tests/abi/kept');
const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch;
const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });
const json = (value) => ({ method: 'POST', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

/* What each kept module is asked, by its id. */
const asks = {
    async hello(portal) {
        assert.match((await portal.get('/hello/Ada%20%3Cb%3E')).text, /<h1>Hello, Ada &lt;b&gt;!<\/h1>/);
    },
    async requests(portal) {
        const order = await portal.get('/api/requests/v1/orders', json({ customer: 'Acme', lines: [{ item: 'tea', quantity: 3 }] }));
        assert.deepEqual([order.status, order.json], [201, { customer: 'Acme', pieces: 3 }]);
        assert.equal((await portal.get('/api/requests/v1/orders', json({ customer: 'Acme', lines: [{ item: 'tea', quantity: 0 }] }))).status, 422);
    },
    async replies(portal) {
        assert.match((await portal.get('/replies/view')).text, /<li>Earth &amp; Moon<\/li>/);
        assert.equal((await portal.get('/replies/json')).json.planets[1].name, 'Venus');
        assert.equal((await portal.get('/replies/file')).status, 200);
    },
    async database(portal) {
        for (const name of ['left', 'right'])
            assert.equal((await portal.get(`/database/${name}`, { method: 'POST' })).status, 201);
        assert.equal((await portal.get('/database/left/to/right', { method: 'POST' })).status, 303);
        assert.deepEqual((await portal.get('/database')).json.counters, [{ name: 'left', number: -1 }, { name: 'right', number: 1 }]);
    },
    async settings(portal) {
        assert.deepEqual((await portal.get('/settings')).json.greeting, 'Welcome');
    },
    async permissions(portal) {
        assert.deepEqual((await portal.get('/permissions')).json, { may_moderate: false });
    },
    async translations(portal) {
        const german = await portal.get('/translations?name=Ada', { headers: { 'Accept-Language': 'de' } });
        assert.match(german.text, /<h1>Guten Morgen, Ada\.<\/h1>/);
    },
    async migrations(portal) {
        assert.equal((await portal.get('/migrations')).json.tasks.length, 2);
    },
    async glossary(portal) {
        await portal.get('/glossary', form({ title: 'Audience', body: 'Who may see a row.' }));
        assert.deepEqual((await portal.get('/glossary?q=audience')).json.hits.map((hit) => hit.title), ['Audience']);
    },
    async health(portal) {
        await until(async () => /reserve is low/.test((await portal.cli('status', '--json')).stdout), { what: 'the check to be told' });
    },
};

Object.assign(asks, {
    async orders(portal) {
        assert.equal((await portal.get('/orders', form({ article: 'tea', pieces: 1 }))).status, 201);
        await until(async () => (await portal.get('/orders')).json.letters.length === 1, { within: 30_000, what: 'the letter' });
    },
    async reports(portal) {
        const { status, json: { id } } = await portal.get('/reports', form({ lines: 5, customer: 'acme' }));
        assert.equal(status, 202);
        await until(async () => (await portal.get(`/reports/${id}`)).json.state === 'done', { within: 30_000, what: 'the report' });
    },
    async hooks(portal) {
        assert.equal((await portal.get('/hooks/partners')).status, 403);
        assert.equal((await portal.get('/hooks/partners', { headers: { 'X-Partner-Key': 'plover' } })).json.page, 'partners');
    },
    async prices(portal) {
        assert.deepEqual((await portal.get('/offers/tea')).json.price, { cents: 450 });
    },
    async offers(portal) {
        assert.equal((await portal.get('/offers/gold')).status, 404);
    },
    async 'clock-and-ids'(portal) {
        const query = new URLSearchParams({ from: '2026-11-22T10:30:00+01:00', to: '2026-11-22t09:30:01.25z' });
        assert.equal((await portal.get(`/clock-and-ids/between?${query}`)).json.seconds, 1.25);
    },
    /* Its tables stand in the database with all others: that it runs is that it was accepted. */
    async 'personal-data'(portal) {
        assert.match((await portal.cli('status', '--json')).stdout, /personal-data/);
    },
});
/* Settings some of them need. */
const settings = { health: { reserve: 3 }, hooks: { key: 'plover' } };

/* Whoever checks this out under a lax umask has files that others may write, which a portal refuses. */
function tighten(directory) {
    for (const name of readdirSync(directory)) {
        const file = path.join(directory, name), folder = statSync(file).isDirectory();
        chmodSync(file, folder ? 0o755 : 0o644);
        if (folder)
            tighten(file);
    }
}

const versions = readdirSync(kept).filter((name) => existsSync(path.join(kept, name, machine)));

test('binaries are kept for this machine', () => {
    assert.ok(versions.length > 0, `nothing below ${kept} is for ${machine}`);
});

for (const version of versions)
    describe(`binaries of SDK ${version}`, () => {
        const names = readdirSync(path.join(kept, version, machine));
        let scratch, portal;

        before(async () => {
            scratch = mkdtempSync(path.join(os.tmpdir(), 'portico-kept-'));
            cpSync(path.join(kept, version, machine), scratch, { recursive: true });
            tighten(scratch);
            portal = await startPortal({
                modules: Object.fromEntries(names.map((name) => [name, { path: path.join(scratch, name), ...settings[name] }])),
            });
        });
        after(async () => {
            await portal?.close();
            rmSync(scratch, { recursive: true, force: true });
        });

        for (const name of names) {
            test(`${name} is loaded unchanged and answers`, async () => {
                assert.ok(asks[name], `nothing is asked of ${name}: add it to this file`);
                await asks[name](portal);
            });
            test(`${name} is shown by inspect as it was`, async () => {
                const { code, stdout, stderr } = await runProgram(['module', 'inspect', path.join(scratch, name), '--json']);
                assert.equal(code, 0, stdout + stderr);
                const shown = JSON.parse(stdout);
                assert.equal(shown.descriptor.id, name);
                assert.ok(version.startsWith(shown.note.sdk));
            });
        }
    });
