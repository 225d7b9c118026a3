/* What the portal keeps for a while goes by itself: each kind is still there just before its time and gone after it, on
 * both databases. Instead of the clock the rows are moved. */
import assert from 'node:assert/strict';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { png } from '../lib/images.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { makePerson, signIn, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { query, runJob } from '../lib/tables.mjs';
import { until } from '../lib/wait.mjs';

const HOUR = 3_600_000_000, DAY = 24 * HOUR; /* µs, as times are kept */

/* Rows of `table` that are a little younger than `age` stay, a little older they go. */
const kinds = [
    { table: 'portico_sent', job: 'prune-forms', column: 'created', age: DAY },
    { table: 'portico_draft', job: 'prune-forms', column: 'updated', age: 90 * DAY },
    { table: 'portico_file', job: 'prune-files', column: 'created', age: DAY },
    { table: 'portico_notice', job: 'prune-notices', column: 'changed', age: 180 * DAY },
    { table: 'portico_limit', job: 'prune-notices', column: 'expires', age: 0 },
    { table: 'portico_link', job: 'prune-people', column: 'expires', age: 30 * DAY },
    { table: 'portico_challenge', job: 'prune-people', column: 'expires', age: 0 },
    { table: 'portico_half', job: 'prune-people', column: 'expires', age: 0 },
    { table: 'portico_device', job: 'prune-people', column: 'last_seen', age: 400 * DAY },
    { table: 'portico_session', job: 'tell-days', column: 'last_seen', age: HOUR / 2 },
];

const count = (portal, table) => Number(query(portal, `SELECT count(*) FROM ${table}`));

/* The bytes of kept files. */
const blobs = (portal) => readdirSync(path.join(portal.dir, 'data/files'), { recursive: true })
    .filter((name) => name !== 'lock').map((name) => path.join(portal.dir, 'data/files', name)).filter((name) => statSync(name).isFile());

/* One of each kind, made as people make them. */
async function fill(portal) {
    const mara = await makePerson(portal, { handle: 'mara', name: 'Mara Lind', address: 'mara@example.com' });
    await makePerson(portal, { handle: 'ben', name: 'Ben Ott' });
    const own = await signIn(portal, 'mara'), other = await signIn(portal, 'ben');
    const wish = { portico_form: 'wish', title: 'A garden', urgency: 'soon', pieces: '2' };
    assert.equal((await own.post('/wishes/new', { ...wish, portico_key: 'k1' })).status, 303);
    assert.equal((await own.post('/wishes/new', { ...wish, title: 'A po', portico_draft: 'keep' })).status, 204);
    const body = new FormData();
    body.append('image', new Blob([png()]), 'cat.png');
    const secret = own.jar.get('portico');
    const image = await portal.get('/portico/images', { method: 'POST', body, headers: { Cookie: `portico=${secret}`, 'X-CSRF-Token': own.token } });
    assert.equal(image.status, 201, image.text);
    assert.equal((await own.post('/talk/tea', { body: 'I drink it.' })).status, 303);
    assert.equal((await other.post('/talk/tea', { body: 'Boil it.' })).status, 303);
    await until(() => count(portal, 'portico_notice') > 0, { within: 60_000, every: 100, what: 'the notice' });
    const stranger = visitor(portal);
    await stranger.submit('/login', { name: 'mara@example.com', password: 'a wrong one' }, 'sign_in');
    assert.ok(count(portal, 'portico_guess') > 0);
    const now = Date.now() * 1000;
    query(portal, `INSERT INTO portico_link (id, purpose, token_hash, created, expires, used) VALUES (1, 1, 'h', ${now}, ${now}, ${now})`);
    query(portal, `INSERT INTO portico_challenge (challenge_key, expires) VALUES ('k', ${now + HOUR})`);
    query(portal, `INSERT INTO portico_half (id, token_hash, person, rights, purpose, remembered, browser, expires) VALUES (1, 'h', 1, 0, 1, FALSE, '', ${now + HOUR})`);
    query(portal, `INSERT INTO portico_device (id, person, token_hash, created, last_seen) VALUES (1, 1, 'h', ${now}, ${now})`);
    return mara;
}

for (const database of ['sqlite', 'postgresql'])
    test(`what is kept for a while stays that long and goes then (${database})`, async (t) => {
        const modules = Object.fromEntries(['wishes', 'talk'].map((name) => [name, { path: path.join(buildDirectory(), 'examples', name) }]));
        const portal = await startPortal({ modules, database });
        t.after(() => portal.close());
        portal.database = database;
        await fill(portal);
        for (const { table, job, column, age } of kinds)
            await t.test(`${table} by ${job}`, async () => {
                const before = count(portal, table);
                const moved = (minutes) => `UPDATE ${table} SET ${column} = ${Date.now() * 1000 - age + minutes * 60_000_000}`;
                assert.ok(before > 0, 'there is something to remove');
                query(portal, moved(10));
                await runJob(portal, job);
                assert.equal(count(portal, table), before, 'not yet');
                query(portal, moved(-10));
                await runJob(portal, job);
                assert.equal(count(portal, table), 0);
            });
        await t.test('guesses by prune-people', async () => {
            await runJob(portal, 'prune-people');
            assert.ok(count(portal, 'portico_guess') > 0, 'not yet');
            query(portal, 'UPDATE portico_guess SET span = span - 14');
            await runJob(portal, 'prune-people');
            assert.equal(count(portal, 'portico_guess'), 0);
        });
        await t.test('the bytes of a file that nothing names, a day after they came', async () => {
            await runJob(portal, 'prune-files');
            assert.equal(blobs(portal).length, 1, 'not yet');
            const old = Date.now() / 1000 - 25 * 3600;
            for (const name of blobs(portal))
                utimesSync(name, old, old);
            await runJob(portal, 'prune-files');
            assert.deepEqual(blobs(portal), []);
        });
    });
