/* The audit log: what admins and the command line do is in it, sealed; what cannot be written down is not done. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { makePerson, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { query } from '../lib/tables.mjs';

/* What anybody can do with the export alone. */
function check(text) {
    let seal = '0'.repeat(64);
    const records = text.trim().split('\n').map((line) => JSON.parse(line));
    for (const line of text.trim().split('\n')) {
        const [record, , own] = /^(.*)(,"hash":"([0-9a-f]{64})"\})$/.exec(line).slice(1, 4);
        seal = createHash('sha256').update(`${seal}\n${record}}`).digest('hex');
        assert.equal(seal, own, line);
    }
    return records;
}

for (const database of ['sqlite', 'postgresql'])
    describe(`the audit log (${database})`, () => {
        let portal, dana;
        before(async () => {
            portal = await startPortal({ database });
            dana = await signIn(portal, 'dana', 'admin');
            await makePerson(portal, { handle: 'ben', name: 'Ben Ott' });
        });
        after(() => portal?.close());
        const idOf = async (name) => /\/admin\/people\/(\d+)/.exec((await dana.get(`/admin/people?q=${name}`)).text)[1];
        const kinds = async (...words) => {
            const { stdout, code, stderr } = await portal.cli('audit', 'list', '--json', ...words);
            assert.equal(code, 0, stderr);
            return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
        };

        test('only admins read it', async () => {
            const lee = await signIn(portal, 'lee', 'moderator');
            assert.equal((await lee.get('/admin/audit')).status, 403);
            assert.equal((await lee.post('/admin/audit')).status, 403);
            assert.equal((await lee.post('/admin/audit/export')).status, 403);
            assert.equal((await visitor(portal).get('/admin/audit')).status, 303);
        });

        test('roles, states and sessions say who did it to whom, and from where', async () => {
            const ben = await idOf('Ben');
            assert.equal((await dana.post(`/admin/people/${ben}`, { act: 'roles', moderator: 'on' })).status, 303);
            assert.equal((await dana.post(`/admin/people/${ben}`, { act: 'disable' })).status, 303);
            assert.equal((await dana.post(`/admin/people/${ben}`, { act: 'enable' })).status, 303);
            assert.equal((await portal.cli('user', 'role', 'ben', '-moderator')).code, 0);
            const records = (await kinds('--who', 'ben')).filter(({ kind }) => /^(role|person)\./.test(kind)).reverse();
            const told = records.filter(({ kind }) => kind !== 'person.made').map(({ kind, actor_name, origin, object }) => [kind, actor_name, origin, object]);
            const here = '127.0.0.0/24';
            assert.deepEqual(told, [
                ['role.given', 'dana', here, 'moderator'],
                ['person.disabled', 'dana', here, null],
                ['person.enabled', 'dana', here, null],
                ['role.taken', null, 'command line', 'moderator'],
            ]);
            assert.deepEqual((await kinds('--kind', 'role.', '--who', 'ben')).map(({ kind }) => kind), ['role.taken', 'role.given']);
        });

        test('settings say which, never what', async () => {
            assert.equal((await dana.submit('/admin/settings', { contact: 'secret@example.com' }, 'settings')).status, 303);
            const [record] = await kinds('--kind', 'settings.changed');
            assert.equal(record.object, '[portal] contact');
            assert.ok(!JSON.stringify(await kinds()).includes('secret@example.com'));
        });

        test('the page shows it, narrowed as asked, and names today’s names', async () => {
            const page = textOf((await dana.get('/admin/audit?kind=role.given&who=ben')).text);
            assert.match(page, /Role given: moderator dana · about Ben Ott/);
            assert.ok(!page.includes('Role taken: moderator'), page);
            assert.match(textOf((await dana.get('/admin/audit?who=nobody')).text), /Nothing found/);
            assert.match(textOf((await dana.get('/admin/audit?account=No+such')).text), /Nothing found/);
            assert.equal((await dana.get('/admin/audit?kind=%22&who=%27&before=x')).status, 200);
        });

        test('the file can be checked by anybody, and the seals by a button', async () => {
            const file = await dana.post('/admin/audit/export');
            assert.equal(file.status, 200);
            const records = check(file.text);
            assert.equal(records.at(-1).kind, 'audit.exported');
            const { stdout, code } = await portal.cli('audit', 'export');
            assert.equal(code, 0);
            assert.deepEqual(check(stdout).slice(0, records.length), records);
            assert.match(textOf((await dana.post('/admin/audit')).text), /Every record is the one that was sealed/);
        });

        test('a kept seal is met by the log it was kept from alone', async () => {
            const kept = (await portal.cli('audit', 'verify')).stdout.trim().split('\n').at(-1);
            assert.match(kept, /^\d+:[0-9a-f]{64}$/);
            const good = await portal.cli('audit', 'verify', kept);
            assert.equal(good.code, 0, good.stderr);
            const other = await portal.cli('audit', 'verify', `1:${'a'.repeat(64)}`);
            assert.equal(other.code, 1);
            assert.match(other.stderr, /No record of the audit log has the seal/);
        });

        test('an act that cannot be written down is refused, and a changed record is named', async () => {
            const ben = await idOf('Ben');
            query(portal, 'ALTER TABLE portico_audit RENAME TO kept_away');
            assert.ok((await dana.post(`/admin/people/${ben}`, { act: 'roles', admin: 'on' })).status >= 500);
            assert.notEqual((await portal.cli('user', 'disable', 'ben')).code, 0);
            assert.ok((await dana.submit('/admin/settings', { contact: 'other@example.com' }, 'settings')).status >= 500);
            query(portal, 'ALTER TABLE kept_away RENAME TO portico_audit');
            const { stdout } = await portal.cli('user', 'list', 'ben');
            assert.match(stdout, /Ben Ott\s+-\s+member\s+active/);
            assert.ok(!(await dana.get('/admin/settings')).text.includes('other@example.com'));
            query(portal, "UPDATE portico_audit SET object = 'admin' WHERE number = 3");
            const { code, stderr } = await portal.cli('audit', 'verify');
            assert.equal(code, 1);
            assert.match(stderr, /Record 3 of the audit log is not the one that was sealed/);
            assert.match(textOf((await dana.post('/admin/audit')).text), /Record 3 of the audit log/);
            const file = await dana.post('/admin/audit/export');
            assert.equal(file.status, 409);
            assert.match(textOf(file.text), /Record 3 of the audit log/);
        });
    });
