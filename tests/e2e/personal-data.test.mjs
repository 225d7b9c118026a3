/* 20-personal-data as its author and an admin would try it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { buildDirectory } from '../lib/paths.mjs';
import { makePerson } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const execute = promisify(execFile);
/* What the database answers: one value. */
const ask = async (portal, sql) => (await (portal.store
    ? execute('psql', ['-AtX', '-v', 'ON_ERROR_STOP=1', '-d', portal.store.url, '-c', sql])
    : execute('sqlite3', ['-cmd', '.timeout 20000', path.join(portal.dir, 'data/portico.db'), sql]))).stdout.trim();

for (const database of ['sqlite', 'postgresql'])
    test(`20-personal-data: a person is handed out, erased, and erased again (${database})`, async (t) => {
        const portal = await startPortal({
            database,
            modules: { 'personal-data': { path: path.join(buildDirectory(), 'examples/personal-data') } },
        });
        t.after(() => portal.close());
        const part = (document, table) => document.modules
            .find((each) => each.module === 'personal-data').tables.find((each) => each.table === table);

        const file = path.join(portal.dir, 'dana.json');
        const exported = await portal.cli('person', 'export', '7', '--output', file);
        assert.equal(exported.code, 0, exported.stderr);
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const dana = JSON.parse(readFileSync(file, 'utf8'));
        assert.equal(dana.person, '7');
        assert.match(dana.exported, /^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
        assert.deepEqual(dana.modules.map((each) => each.module), ['core', 'personal-data']);
        assert.deepEqual(part(dana, 'personal_data_entry'), {
            title: 'Entries in the guest book', table: 'personal_data_entry',
            rows: [{ id: '1', name: 'Dana', text: 'Hello there.', written: '2026-01-01T00:00:00Z' }],
        });
        assert.deepEqual(part(dana, 'personal_data_like').rows,
            [{ entry: '2', person: '7', liked: '2026-01-01T00:00:00Z' }]);
        assert.equal(part(dana, 'personal_data_holiday'), undefined);
        assert.deepEqual(dana.modules[1].more, { 'guest-book': { likes_received: 2 } });
        assert.equal((await portal.cli('person', 'export', '7', '--output', file)).code, 1, 'a file is not replaced');

        const dry = await portal.cli('person', 'retention', '--dry-run');
        assert.match(dry.stdout, /1 rows in personal_data_like are past their time/);
        assert.match((await portal.cli('person', 'retention')).stdout, /1 rows in personal_data_like were past/);
        assert.equal((await portal.cli('person', 'retention')).stdout, '');

        const erased = await portal.cli('person', 'erase', '7');
        assert.equal(erased.code, 0, erased.stderr);
        assert.match(erased.stdout, /1 rows in personal_data_entry\n +1 rows in personal_data_like\n/);
        assert.match(erased.stdout, /Person 7 is erased\. The proof is request \d+\./);
        const again = await portal.cli('person', 'erase', '7');
        assert.equal(again.code, 0, again.stderr);
        assert.doesNotMatch(again.stdout, /rows in/);

        const left = JSON.parse((await portal.cli('person', 'export', '7')).stdout);
        assert.deepEqual(part(left, 'personal_data_entry').rows, []);
        assert.equal(part(left, 'personal_data_invoice').rows.length, 1, 'kept by duty');
        const requests = left.modules[0].tables.find((each) => each.table === 'portico_personal_request').rows;
        assert.deepEqual(requests.map((each) => each.kind).sort(), ['erase', 'erase', 'export', 'export']);
        const other = JSON.parse((await portal.cli('person', 'export', '8')).stdout);
        assert.equal(part(other, 'personal_data_entry').rows[0].name, 'Lee');
        const { stdout } = await portal.cli('audit', 'list', '--kind', 'person.', '--json');
        const acts = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
        assert.deepEqual(acts.map(({ kind, person, origin }) => `${kind} ${person} ${origin}`), [
            'person.exported 8 command line', 'person.exported 7 command line', 'person.erased 7 command line',
            'person.erased 7 command line', 'person.exported 7 command line']);
    });

for (const database of ['sqlite', 'postgresql'])
    test(`20-personal-data: rows of somebody merged are the other's, once each (${database})`, async (t) => {
        const portal = await startPortal({
            database, start: false,
            modules: { 'personal-data': { path: path.join(buildDirectory(), 'examples/personal-data') } },
        });
        t.after(() => portal.close());
        assert.equal((await portal.cli('migrate')).code, 0);
        const [ana, twin] = [await makePerson(portal, { handle: 'ana', name: 'Ana Ruiz' }), await makePerson(portal, { handle: 'ana.ruiz', name: 'A. Ruiz' })];
        const rows = [...Array(1300).keys()].map((n) => `(${1000 + n}, ${n % 3 ? twin : ana}, 'A. Ruiz', 'Words', ${n})`);
        await ask(portal, `INSERT INTO personal_data_entry (id, author, name, text, written) VALUES ${rows}`);
        await ask(portal, `INSERT INTO personal_data_like (entry, person, liked) VALUES (1, ${ana}, 10), (1, ${twin}, 20), (2, ${ana}, 40), (2, ${twin}, 30), (3, ${twin}, 50), (3, 8, 60)`);
        const merged = await portal.cli('person', 'merge', 'ana.ruiz', 'ana', '--reason', 'Twice here.');
        assert.equal(merged.code, 0, merged.stderr);
        await portal.start();
        await until(async () => (await ask(portal, "SELECT count(*) FROM portico_personal_request WHERE kind = 'merge' AND finished IS NOT NULL")) === '1',
            { within: 60_000, what: 'the rows to go over' });
        assert.equal(await ask(portal, `SELECT count(*) FROM personal_data_entry WHERE author = ${ana}`), '1300');
        assert.equal(await ask(portal, `SELECT count(*) FROM personal_data_entry WHERE name = 'A. Ruiz' AND (id - 1000) % 3 > 0`), '0', 'the hook renamed them');
        assert.equal(await ask(portal, `SELECT count(*) FROM personal_data_like WHERE person = ${twin}`), '0');
        assert.equal(await ask(portal, `SELECT sum(liked) FROM personal_data_like WHERE person = ${ana}`), '110', 'the later of each');
        assert.equal(await ask(portal, 'SELECT count(*) FROM personal_data_like WHERE entry = 3'), '2');
    });

test('portico person says what is wrong with its words', async (t) => {
    const portal = await startPortal({ start: false });
    t.after(() => portal.close());
    assert.match((await portal.cli('person', 'export')).stderr, /Usage: portico person export ID/);
    assert.match((await portal.cli('person', 'erase', 'dana')).stderr, /`dana` is not the id of a person/);
    assert.match((await portal.cli('person', 'forget', '7')).stderr, /unknown action `forget`/);
});
