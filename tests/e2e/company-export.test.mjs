/* The list of a company's people as CSV, however long it is. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { join, makeAccount, makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const execute = promisify(execFile);
const MANY = 12_000;

test('a list of more than ten thousand goes out whole, each line once and in order', async (t) => {
    const portal = await startPortal();
    t.after(() => portal.close());
    const account = await makeAccount(portal, 'Harbour');
    await makePerson(portal, { handle: 'dana', name: 'Dana', address: 'dana@example.com' });
    await join(portal, account, 'dana', 'account-admin');
    const dana = await signIn(portal, 'dana');
    await execute('sqlite3', ['-cmd', '.timeout 60000', path.join(portal.dir, 'data/portico.db'),
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
         INSERT INTO portico_invitation (id, account, inviter, address, address_key, name, name_key, title, roles, locale, state, created, expires)
         SELECT 1000000 + i, ${account}, 1, 'p' || i || '@example.com', 'p' || i || '@example.com', printf('Person %06d', i), printf('person %06d', i), '', '', 'en', 1, 1, 4000000000000000 FROM n`]);
    const { status, text, headers } = await dana.get('/account/company/people.csv');
    assert.equal(status, 200);
    assert.match(headers.get('content-disposition'), /people\.csv/);
    const lines = text.trimEnd().split('\r\n');
    assert.equal(lines.length, MANY + 2);
    assert.equal(lines[0], 'address,name,roles,title,state,until,last_sign_in,reviewed');
    assert.match(lines[1], /^dana@example\.com,Dana,account-admin,,member,,/);
    assert.deepEqual(lines.slice(2).filter((line, i) => !line.startsWith(`p${i + 1}@example.com,Person ${String(i + 1).padStart(6, '0')},,,invited,`)), []);
});
