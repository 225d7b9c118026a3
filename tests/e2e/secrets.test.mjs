/* 18-secrets, and keys that change while a portal runs. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });

async function portalWith(t, options = {}) {
    const secrets = { path: path.join(buildDirectory(), 'examples/secrets') };
    const portal = await startPortal({ modules: { secrets }, settings: { server: { workers: 2 } }, ...options });
    t.after(() => portal.close());
    portal.seal = async (text) => (await portal.get('/secrets/sealed', form({ text }))).json.sealed;
    portal.open = (sealed) => portal.get('/secrets/opened', form({ sealed }));
    return portal;
}

test('18-secrets opens what it sealed and follows the links it signed, and no others', async (t) => {
    const portal = await portalWith(t);
    const sealed = await portal.seal('4111 1111 – geheim');
    assert.match(sealed, /^s1\.1\.[A-Za-z0-9_-]+$/);
    assert.equal((await portal.open(sealed)).json.text, '4111 1111 – geheim');
    for (const wrong of [sealed.slice(0, -1), sealed.replace('s1.1.', 's1.2.'), 's1.1.', '', 'x'])
        assert.equal((await portal.open(wrong)).status, 422, wrong);

    const { link } = (await portal.get('/secrets/link?reader=7')).json;
    assert.deepEqual((await portal.get(link)).json, { off: '7' });
    assert.equal((await portal.get(link.replace('reader=7', 'reader=8'))).status, 404);
    assert.equal((await portal.get(link.slice(0, -1))).status, 404);
    assert.equal((await portal.get('/secrets/off?reader=7')).status, 404);
});

test('keys are rotated and retired while the portal runs, in every process within seconds', async (t) => {
    const portal = await portalWith(t);
    const old = await portal.seal('old');
    const ring = path.join(portal.dir, 'data/secret.keys');
    assert.equal(statSync(ring).mode & 0o777, 0o600);

    assert.equal((await portal.cli('key', 'retire', '1')).code, 1);
    const rotated = await portal.cli('key', 'rotate');
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.match(rotated.stdout, /^Key 2 is in use/);
    /* One worker seals with it before the other: only what says key 2 outlives key 1. */
    let fresh;
    await until(async () => (fresh = await portal.seal('new')).startsWith('s1.2.'), { what: 'the new key in use' });
    /* Whichever worker answers: some take the new key a moment later. */
    const opened = () => Promise.all(Array.from({ length: 10 }, () => portal.open(fresh)));
    await until(async () => (await opened()).every(({ status }) => status === 200), { what: 'the new key in every worker' });
    for (const { json } of await opened())
        assert.equal(json.text, 'new');
    assert.equal((await portal.open(old)).json.text, 'old');

    assert.equal((await portal.cli('key', 'retire', '1')).code, 0);
    await until(async () => (await portal.open(old)).status === 422, { what: 'the retired key to be gone' });
    assert.equal((await portal.open(fresh)).json.text, 'new');
    const { stdout } = await portal.cli('key', 'list');
    assert.match(stdout, /^1 +retired .*\n2 +in use /m);
    assert.equal((await portal.cli('key', 'retire', '1')).code, 1);
    assert.equal((await portal.cli('key', 'retire', 'one')).code, 2);
    assert.equal((await portal.cli('key', 'turn')).code, 2);
    const acts = (await portal.cli('audit', 'list', '--kind', 'key.', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(acts.map(({ kind, object }) => `${kind} ${object ?? ''}`), ['key.retired 1', 'key.made '], 'and what failed stands nowhere');
    assert.equal(statSync(ring).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(ring, 'utf8'), /^1 .* [0-9a-f]{64}$/m);
});

test('a broken key ring leaves a running portal as it is, and no other starts', async (t) => {
    const portal = await portalWith(t);
    const sealed = await portal.seal('kept');
    const ring = path.join(portal.dir, 'data/secret.keys');
    writeFileSync(ring, 'no ring\n', { mode: 0o600 });
    await until(async () => {
        assert.equal((await portal.open(sealed)).json.text, 'kept');
        return portal.lines().some((line) => line.level === 'warning' && /The keys read last stay in use/.test(line.message));
    }, { what: 'the warning about the ring' });
    const reload = await portal.cli('reload');
    assert.notEqual(reload.code, 0);
    assert.match(reload.stderr, /secret\.keys.*Restore it from a copy/s);
    assert.equal((await portal.open(sealed)).json.text, 'kept');
});

test('a secret is used as its file has it now, and the last good one while the file is broken', async (t) => {
    const portal = await portalWith(t, { start: false });
    const file = path.join(portal.dir, 'token');
    const put = (text, mode = 0o600) => {
        writeFileSync(`${file}.next`, text, { mode });
        renameSync(`${file}.next`, file);
    };
    const length = async () => (await portal.get('/secrets/token')).json.length;
    put('first\n');
    portal.writeConfig({ secrets: { path: path.join(buildDirectory(), 'examples/secrets'), token_file: file } });
    await portal.start();
    assert.equal(await length(), 5);
    put('a longer one\n');
    await until(async () => (await length()) === 12, { what: 'the changed token' });
    put('open to all', 0o644);
    await until(async () => {
        assert.equal(await length(), 12);
        return portal.lines().some((line) => /open to others.*stays in use/.test(line.message ?? ''));
    }, { what: 'the warning about the file' });
    put('third');
    await until(async () => (await length()) === 5, { what: 'the mended token' });
    assert.doesNotMatch(portal.log(), /longer one|third|first\b.*token/);
});
