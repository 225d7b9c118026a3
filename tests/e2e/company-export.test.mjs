/* The list of a company's people as CSV, however long it is. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { join, letItGetLate, makeAccount, makePerson, PASSWORD, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const execute = promisify(execFile);
const MANY = 12_000;

/* A company, and who looks after it. */
async function harbour(t) {
    const portal = await startPortal();
    t.after(() => portal.close());
    const account = await makeAccount(portal, 'Harbour');
    await makePerson(portal, { handle: 'dana', name: 'Dana', address: 'dana@example.com' });
    await join(portal, account, 'dana', 'account-admin');
    return { portal, account, dana: await signIn(portal, 'dana') };
}

test('a list of more than ten thousand goes out whole, each line once and in order', async (t) => {
    const { portal, account, dana } = await harbour(t);
    await execute('sqlite3', ['-cmd', '.timeout 60000', path.join(portal.dir, 'data/portico.db'),
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
         INSERT INTO portico_invitation (id, account, inviter, address, address_key, name, name_key, title, roles, locale, state, created, expires)
         SELECT 1000000 + i, ${account}, 1, 'p' || i || '@example.com', 'p' || i || '@example.com', printf('Person %06d', i), printf('person %06d', i), '', '', 'en', 1, 1, 4000000000000000 FROM n`]);
    const { status, text, headers } = await dana.get('/account/company/people.csv');
    assert.equal(status, 200);
    assert.match(headers.get('content-disposition'), /people\.csv/);
    const lines = text.trimEnd().split('\r\n');
    assert.equal(lines.length, MANY + 2);
    assert.equal(lines[0], 'address,name,roles,title,state,from,until,last_sign_in,reviewed,company,last_here');
    assert.match(lines[1], /^dana@example\.com,Dana,account-admin,,member,,/);
    assert.deepEqual(lines.slice(2).filter((line, i) => !line.startsWith(`p${i + 1}@example.com,Person ${String(i + 1).padStart(6, '0')},,,invited,`)), []);
});

test('what happened at a company is narrowed on its page and goes out whole, its own alone', async (t) => {
    const portal = await startPortal();
    t.after(() => portal.close());
    const account = await makeAccount(portal, 'Harbour');
    await makeAccount(portal, 'Mill');
    await makePerson(portal, { handle: 'dana', name: 'Dana', address: 'dana@example.com' });
    await makePerson(portal, { handle: 'ben', name: '=Ben', address: 'ben@example.com' });
    await makePerson(portal, { handle: 'zora', name: 'Zora Canary', address: 'zora@example.com' });
    for (const [company, ...member] of [['Harbour', 'dana', '+account-admin'], ['Harbour', 'ben'], ['Mill', 'zora', '+account-admin']]) {
        const { code, stderr } = await portal.cli('account', 'member', company, ...member);
        assert.equal(code, 0, stderr);
    }
    const dana = await signIn(portal, 'dana');
    const of = async (query) => (await dana.get(`/account/company/log${query}`, { headers: { Accept: 'text/html' } })).text;
    const records = (text) => [...text.matchAll(/<div class="what wrap"><b>([^<]*)<\/b><span>([^<]*)/g)].map(([, what, about]) => `${what} | ${about}`);
    let all = records(await of(''));
    assert.ok(all.some((line) => /Ben/.test(line)) && all.some((line) => /Dana/.test(line)), all.join('\n'));
    const bens = records(await of('?who=ben'));
    assert.ok(bens.length > 0 && bens.length < all.length && bens.every((line) => /Ben/.test(line)), bens.join('\n'));
    const given = records(await of('?kind=membership.made'));
    assert.ok(given.length >= 2 && given.every((line) => line.startsWith('Member added')), given.join('\n'));
    /* Somebody of another company is nobody here, as is whom nobody knows. */
    const foreign = await of('?who=zora'), missing = await of('?who=adam');
    assert.match(foreign, /Nothing found/);
    assert.equal(foreign.replaceAll('zora', 'adam').replace(/name="portico_token" value="[^"]*"/g, ''), missing.replace(/name="portico_token" value="[^"]*"/g, ''));

    /* Staff stand in it by name; what else they are called is not told. */
    const id = await makePerson(portal, { handle: 'rita', name: 'Rita', address: 'rita.private@example.com', roles: 'admin' });
    const staff = await signIn(portal, 'rita', 'admin');
    assert.equal((await staff.post(`/admin/accounts/${account}`, { act: 'contact', role: 'billing', contact_who: 'dana' })).status, 303);
    assert.ok(records(await of('?who=rita')).length > 0 && records(await of('?who=RITA')).length > 0);
    for (const name of ['rita.private@example.com', id])
        assert.match(await of(`?who=${name}`), /Nothing found/, name);
    assert.ok(records(await of('?who=ben@example.com')).length > 0, 'one\'s own people by all they are called');

    assert.equal((await dana.submit('/account/company/invite', { people: 'guest@example.com', language: 'en', role: 'none' }, 'company_invite')).status, 303);
    all = records(await of(''));
    const many = 1_200;
    await execute('sqlite3', ['-cmd', '.timeout 60000', path.join(portal.dir, 'data/portico.db'),
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})
         INSERT INTO portico_audit (number, time, kind, actor, acted_as, person, account, other, object, origin, hash)
         SELECT 1000000 + i, i * 1000000, 'role.given', 0, 0, 0, ${account}, 0, 'account-member', 'portal', 'x' FROM n`]);
    const { status, text, headers } = await dana.get('/account/company/log.csv');
    assert.equal(status, 200);
    assert.match(headers.get('content-disposition'), /log\.csv/);
    const lines = text.trimEnd().split('\r\n');
    assert.equal(lines[0], 'time,kind,what,who,about,company,why,guest,details');
    assert.equal(lines.filter((line) => /^1970-01-01T\d\d:\d\d:\d\dZ,role\.given,Role given,,,,,,Account member$/.test(line)).length, many);
    assert.equal(new Set(lines.slice(1, many + 1)).size, many, 'each once');
    assert.equal(lines.filter((line) => /,invitation\.\w+,[^,]*,Dana,,,,guest@example\.com,$/.test(line)).length, 1, 'whom an invitation went to');
    assert.equal(lines[1].slice(0, 20), '1970-01-01T00:20:00Z', 'the newest first');
    assert.equal(lines.length, 1 + many + all.length);
    assert.doesNotMatch(text, /Zora|Mill/);
    assert.doesNotMatch(text, /(^|,)=/m, 'no cell is a formula');
    const page = await of('?kind=role.given&who=');
    const [, older] = /rel="next" href="([^"]+)"/.exec(page);
    const behind = await dana.get(older.replaceAll('&amp;', '&'), { headers: { Accept: 'text/html' } });
    assert.ok(records(behind.text).length === 50 && records(behind.text).every((line) => line.startsWith('Role given')), 'the next page is narrowed as well');
    /* So does the portal's own log. */
    const root = await signIn(portal, 'root', 'admin');
    const whole = (await root.get('/admin/audit?kind=role.given&account=Harbour', { headers: { Accept: 'text/html' } })).text;
    const next = /rel="next" href="([^"]+)"/.exec(whole)[1].replaceAll('&amp;', '&');
    const kinds = [...(await root.get(next, { headers: { Accept: 'text/html' } })).text.matchAll(/<div class="what wrap"><b>([^:<]*)/g)];
    assert.ok(kinds.length === 50 && kinds.every(([, what]) => what === 'Role given'), next);
    const narrowed = (await dana.get('/account/company/log.csv?who=ben')).text.trimEnd().split('\r\n');
    assert.equal(narrowed.length, 1 + bens.length);
    assert.match(await of('?kind=audit.exported'), /Audit log exported/);
});

test('no file goes out, and none is written down, where a page shows it as a picture or another site leads there', async (t) => {
    const { dana } = await harbour(t);
    const written = async () => {
        const { text } = await dana.get('/account/company/log');
        return [...text.matchAll(/<b>(List of people exported|Audit log exported)/g)].length;
    };
    const asked = (site, destination) => ({ headers: {
        ...(site ? { 'Sec-Fetch-Site': site } : {}), ...(destination ? { 'Sec-Fetch-Dest': destination } : {}),
    } });
    const files = ['/account/company/people.csv', '/account/company/log.csv'];
    for (const file of files)
        for (const [site, destination] of [['same-origin', 'image'], ['same-origin', 'iframe'], [undefined, 'image'], ['cross-site', 'document'], ['cross-site', undefined]]) {
            const { status, text, headers } = await dana.get(file, asked(site, destination));
            assert.equal(status, 403, `${file} ${site} ${destination}`);
            assert.match(textOf(text), /Another page asked for this file, and nothing was handed out\./);
            assert.equal(headers.get('content-disposition'), null);
        }
    assert.equal(await written(), 0);
    for (const file of files)
        for (const [site, destination] of [['same-origin', 'document'], ['none', 'document'], ['same-origin', 'empty'], []])
            assert.equal((await dana.get(file, asked(site, destination))).status, 200, `${file} ${site} ${destination}`);
    assert.equal(await written(), 8);
});

test('ten minutes after they proved who they are, an admin proves it again, and the file comes by itself', async (t) => {
    const portal = await startPortal();
    t.after(() => portal.close());
    const account = await makeAccount(portal, 'Harbour');
    await makePerson(portal, { handle: 'dana', name: 'Dana', address: 'dana@example.com', password: true });
    await join(portal, account, 'dana', 'account-admin');
    const dana = await signIn(portal, 'dana');
    const exports = async () => (await portal.cli('audit', 'list')).stdout.match(/(people|audit)\.exported/g)?.length ?? 0;
    for (const [file, page, next] of [
        ['/account/company/people.csv', '/account/company/people?file=1', '/account/company/people?file=1'],
        ['/account/company/log.csv?who=d%26na&kind=role.given', '/account/company/log?kind=role.given&who=d%26na&file=1', '/account/company/log?kind=role.given%26who=d%2526na%26file=1'],
    ]) {
        const before = await exports();
        await letItGetLate(portal, 'dana');
        const asked = await dana.get(file);
        assert.equal(asked.status, 303, file);
        assert.equal(decodeURIComponent(asked.headers.get('location')), decodeURIComponent(`/account/again?next=${next}`));
        assert.equal(await exports(), before, 'nothing was handed out');
        const wrong = await dana.submit(asked.headers.get('location'), { current: 'not it' }, 'again');
        assert.equal(wrong.status, 422);
        const proved = await dana.submit(asked.headers.get('location'), { current: PASSWORD }, 'again');
        assert.equal(proved.headers.get('location'), page);
        const shown = await dana.follow(proved);
        assert.match(textOf(shown.text), /The file is on its way\. Load it here if it does not come\./);
        const refresh = /^0;url=(.+)$/.exec(shown.headers.get('refresh'))[1];
        const [path, query = ''] = file.split('?');
        assert.equal(refresh.split('?')[0], path);
        assert.deepEqual(Object.fromEntries(new URLSearchParams(refresh.split('?')[1] ?? '')), Object.fromEntries(new URLSearchParams(query)));
        const handed = await dana.get(refresh);
        assert.equal(handed.status, 200);
        assert.match(handed.headers.get('content-disposition'), /attachment/);
        assert.equal(await exports(), before + 1);
        assert.equal((await dana.get(page.replace(/[?&]file=1/, ''))).headers.get('refresh'), null);
    }
});
