/* /admin/import: companies, people and who belongs where from files, looked through first, imported once somebody says so. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { queryOf } from '../lib/authorization-world.mjs';
import { formsOf, join, leave, letItGetLate, makeAccount, makePerson, PASSWORD, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const COMPANIES = 'external,name,kind,above,state\ncrm:2,Acme North,customer,crm:1,\ncrm:1,"Acme, Group",,,open\n';
const PEOPLE = 'external,name,mail,locale\nhr:1,Dana Whitfield,dana@acme.example,de\nhr:2,Ben Okafor,ben@acme.example,\n';
const MEMBERS = '[{"account":"crm:1","person":"hr:1","roles":"account-admin","title":"Head of IT"},\n {"account":"crm:2","person":"hr:2"}]\n';

/* Sends files as the form does: what the portal answers. */
async function send(who, files) {
    const [form] = formsOf((await who.get('/admin/import')).text).filter(({ method }) => method === 'post');
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields))
        body.append(name, value);
    for (const [field, [name, text]] of Object.entries(files))
        body.append(field, new Blob([text]), name);
    return who.get('/admin/import', { method: 'POST', body });
}

/* The page of an import once it is over. */
async function over(who, answer) {
    const where = answer.headers.get('location');
    assert.equal(answer.status, 303, textOf(answer.text));
    const page = await until(async () => {
        const now = await who.get(where);
        assert.equal(now.status, 200, textOf(now.text));
        return /http-equiv="refresh"/.test(now.text) ? undefined : now;
    }, { within: 60_000, what: 'the end of the import' });
    return { where, page, words: textOf(page.text), rows: rowsOf(page.text) };
}

const rowsOf = (html) => Object.fromEntries([...html.matchAll(/<tr><th scope="row">(.*?)<\/th>(.*?)<\/tr>/gs)]
    .map(([, what, cells]) => [textOf(what), [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, count]) => Number(count.replace(/\D/g, '')))]));

async function portalWith(t, database) {
    const portal = await startPortal({ database });
    t.after(() => portal.close());
    return portal;
}

function written(portal, name, text) {
    writeFileSync(path.join(portal.dir, name), text);
    return path.join(portal.dir, name);
}

const records = async (portal) => (await portal.cli('audit', 'list', '--json')).stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));

for (const database of ['sqlite', 'postgresql'])
    test(`files are looked through first, imported once, and change nothing the second time (${database})`, async (t) => {
        const portal = await portalWith(t, database);
        const rhea = await signIn(portal, 'rhea', 'admin');
        const files = { companies: ['companies.csv', COMPANIES], people: ['people.csv', PEOPLE], memberships: ['members.json', MEMBERS] };
        const dry = await over(rhea, await send(rhea, files));
        assert.match(dry.words, /What would change/);
        assert.deepEqual(dry.rows, { Companies: [2, 0, 0, 0], 'Places among companies': [0, 0, 2, 0], People: [2, 0, 0, 0], 'Who belongs where': [2, 0, 0, 0] });
        assert.doesNotMatch((await rhea.get('/admin/accounts')).text, /Acme/, 'nothing was changed');

        const [again, twice] = [await rhea.post(dry.where, { act: 'import' }), await rhea.post(dry.where, { act: 'import' })];
        assert.equal(again.headers.get('location'), twice.headers.get('location'), 'once is enough');
        const done = await over(rhea, again);
        assert.match(done.words, /What was imported.*Everything is as these files say/);
        assert.deepEqual(done.rows, { Companies: [2, 0, 0, 0], 'Places among companies': [0, 1, 1, 0], People: [2, 0, 0, 0], 'Who belongs where': [2, 0, 0, 0] });
        const report = /href="(\/admin\/import\/\d+\/report)"/.exec(done.page.text)[1];
        const answer = await rhea.get(report);
        assert.match(answer.headers.get('content-disposition'), /^attachment; filename="import-report\.csv"$/);
        assert.equal(answer.headers.get('cache-control'), 'private, no-store');
        const lines = answer.text.split('\r\n');
        assert.equal(lines[0], 'file,line,what,outcome,id,problem');
        assert.ok(lines.includes('members.json,1,membership,made,hr:1 in crm:1,'), lines.join('\n'));

        const same = await over(rhea, await send(rhea, files));
        assert.match(same.words, /Everything is as these files say already/);
        assert.deepEqual(formsOf(same.page.text).filter(({ method }) => method === 'post'), [], 'nothing to import');
        assert.match(textOf((await rhea.get(dry.where)).text), /You had this imported/);
        assert.match(textOf((await rhea.get('/admin/import')).text), /companies\.csv, people\.csv, members\.json Imported/);

        const log = await records(portal);
        const run = log.find(({ kind }) => kind === 'import.run');
        assert.match(run.object, /^7 made, 1 changed, 0 wrong$|^6 made, 1 changed, 0 wrong$/);
        for (const kind of ['import.run', 'account.made', 'person.made', 'membership.made', 'role.given'])
            for (const record of log.filter((one) => one.kind === kind && one.number > 0).filter(({ object }) => object !== 'admin')) {
                if (kind === 'person.made' && !/^hr:/.test(record.object ?? ''))
                    continue;
                assert.equal(record.actor_name ?? record.actor, run.actor_name ?? run.actor, `${kind} ${JSON.stringify(record)}`);
                assert.match(record.origin, /^127\.0\.0\.0\/24$/, kind);
            }
    });

test('contacts and account teams stand in the preview, the import and the pages of the company', async (t) => {
    const portal = await portalWith(t);
    const rhea = await signIn(portal, 'rhea', 'admin');
    const TEAM = 'account,mail,team,phone\ncrm:1,nobody@example.com,Account manager,+49 30 901820\n';
    await makePerson(portal, { handle: 'tess', name: 'Tess Vale', address: 'tess@example.com' });
    await join(portal, '1', 'tess');
    const files = { companies: ['companies.csv', COMPANIES], people: ['people.csv', PEOPLE], memberships: ['members.json', MEMBERS],
        contacts: ['contacts.json', `{"account":"crm:1","person":"hr:1","contact":"billing"}\n{"account":"crm:1","mail":"tess@example.com","team":"Account manager","phone":"+49 30 901820"}\n`] };
    const dry = await over(rhea, await send(rhea, files));
    assert.deepEqual([dry.rows.Contacts, dry.rows['Account teams']], [[1, 0, 0, 0], [1, 0, 0, 0]]);
    const done = await over(rhea, await rhea.post(dry.where, { act: 'import' }));
    assert.deepEqual([done.rows.Contacts, done.rows['Account teams']], [[1, 0, 0, 0], [1, 0, 0, 0]]);
    const [, page] = /href="(\/admin\/accounts\/\d+)"[^>]*>Acme, Group/.exec((await rhea.get('/admin/accounts')).text);
    const shown = textOf((await rhea.get(page)).text);
    assert.match(shown, /Tess Vale Account manager/);
    assert.match(shown, /Billing .*Dana Whitfield/);
    const log = await records(portal);
    assert.deepEqual(log.filter(({ kind }) => kind === 'contact.changed').map(({ object }) => object).sort(), ['account team: Account manager', 'billing on']);
    const again = await over(rhea, await send(rhea, { contacts: files.contacts }));
    assert.deepEqual([again.rows.Contacts, again.rows['Account teams']], [[0, 0, 1, 0], [0, 0, 1, 0]]);
    const odd = await over(rhea, await send(rhea, { contacts: ['team.csv', TEAM] }));
    assert.match(odd.words, /team\.csv, line 2 Nobody signs in with "nobody@example\.com"/);
});

for (const database of ['sqlite', 'postgresql'])
    test(`the report of an import is open to its sender while they may import, and nowhere else (${database})`, async (t) => {
        const portal = await portalWith(t, database);
        const rhea = await signIn(portal, 'rhea', 'admin'), otto = await signIn(portal, 'otto', 'admin');
        assert.equal((await portal.cli('role', 'add', 'sales', 'Sales', '--place', 'owner')).code, 0);
        assert.equal((await portal.cli('role', 'allow', 'sales', 'portico.accounts')).code, 0);
        await makePerson(portal, { handle: 'sally', name: 'Sally', address: 'sally@example.com', password: true });
        const membership = await join(portal, '1', 'sally', 'sales');
        const sally = await signIn(portal, 'sally');
        const dry = await over(sally, await send(sally, { companies: ['companies.csv', COMPANIES] }));
        const report = `${dry.where}/report`;
        assert.match((await sally.get(report)).text, /^file,line,what,outcome,id,problem\r\n/);

        const [, id] = (await queryOf(portal, "SELECT name, id FROM portico_file WHERE name = 'import-report.csv'")).trim().split('|');
        const direct = `/portico/files/${id}/import-report.csv`;
        for (const who of [sally, rhea, otto]) {
            const words = (answer) => [answer.status, textOf(answer.text).replace(/name this request: \w+/, '')];
            assert.deepEqual(words(await who.get(direct)), words(await who.get('/portico/files/7777777777/import-report.csv')), 'the file has no other address');
            assert.deepEqual(words(await who.get(who === sally ? `${dry.where}0/report` : report)), words(await who.get('/admin/import/7777777777/report')), 'one of another is not there');
        }
        await leave(portal, membership);
        await until(async () => (await sally.get(report)).status === 403, { within: 60_000, what: 'the end of what she may' });
        await join(portal, '1', 'sally', 'sales');
        await until(async () => (await sally.get(report)).status === 200, { within: 60_000, what: 'what she may again' });
        await sally.post('/logout');
        const out = await sally.get(report);
        assert.equal(out.status, 303);
        assert.match(out.headers.get('location'), /^\/login/);
    });

test('refused lines are named with their reason and left out, and what cannot be read is said beside its field', async (t) => {
    const portal = await portalWith(t);
    const rhea = await signIn(portal, 'rhea', 'admin');
    for (const [file, words] of [['external,nme\n', /nme.* is no column/], ['', /file is empty|Choose/], ['external,external\n', /stands there twice/]])
        assert.match(textOf((await send(rhea, { companies: ['odd.csv', file] })).text), words);
    assert.match(textOf((await send(rhea, {})).text), /Choose at least one file/);

    const wrong = `external,name,above\n${Array.from({ length: 30 }, (_, i) => `crm:${i},,\n`).join('')}crm:99,Last,\n`;
    const dry = await over(rhea, await send(rhea, { companies: ['accounts.csv', wrong] }));
    assert.deepEqual(dry.rows.Companies, [1, 0, 0, 30]);
    assert.deepEqual(dry.rows['Places among companies'], [0, 0, 1, 0], 'of those that are refused nothing more is said');
    assert.equal([...dry.page.text.matchAll(/accounts\.csv, line \d+/g)].length, 20, 'the first ones');
    assert.match(dry.words, /accounts\.csv, line 2 .*The report has all of them/);
    const done = await over(rhea, await rhea.submit(dry.where, { act: 'import' }));
    assert.match(done.words, /30 lines were refused and left out/);
    assert.match((await rhea.get('/admin/accounts')).text, /Last/);

    const twice = await over(rhea, await send(rhea, { companies: ['twice.csv', 'external,name\ncrm:20,A\ncrm:20,B\n'] }));
    assert.match(twice.words, /It could not go on\..*twice\.csv:3: the id "crm:20" stands there twice/);
});

test('an import is its sender\'s alone, is proved again, and gives nothing its sender lacks', async (t) => {
    const portal = await portalWith(t);
    const rhea = await signIn(portal, 'rhea', 'admin'), otto = await signIn(portal, 'otto', 'admin');
    const role = await portal.cli('role', 'add', 'sales', 'Sales', '--place', 'owner');
    assert.equal(role.code, 0, role.stderr);
    for (const permission of ['portico.accounts'])
        assert.equal((await portal.cli('role', 'allow', 'sales', permission)).code, 0);
    await makePerson(portal, { handle: 'sally', name: 'Sally', address: 'sally@example.com', password: true });
    await join(portal, '1', 'sally', 'sales');
    const sally = await signIn(portal, 'sally');
    const acme = await makeAccount(portal, 'Acme');
    assert.equal((await portal.cli('account', 'know', acme, 'crm:1')).code, 0);
    assert.equal((await portal.cli('account', 'import', written(portal, 'people.csv', 'external,name,mail\nhr:1,Dana,dana@example.com\n'))).code, 0);

    const people = await over(sally, await send(sally, { people: ['people.csv', 'external,name,mail\nhr:9,Nina,nina@example.com\nhr:1,Dana W,dana@example.com\n'] }));
    assert.deepEqual(people.rows.People, [0, 0, 0, 2], 'who looks after companies makes no people');
    assert.match(people.words, /made and changed by who looks after the portal/);
    const roles = await over(sally, await send(sally, { memberships: ['members.csv', 'account,person,roles\ncrm:1,hr:1,account-admin\n'] }));
    assert.deepEqual(roles.rows['Who belongs where'], [0, 0, 0, 1], 'nobody gives what they lack, and the preview says so');
    const plain = await over(sally, await send(sally, { memberships: ['members.csv', 'account,person\ncrm:1,hr:1\n'] }));
    assert.deepEqual(plain.rows['Who belongs where'], [1, 0, 0, 0]);

    const missing = await rhea.get('/admin/import/7777777777');
    for (const target of [plain.where]) {
        const foreign = await rhea.get(target);
        assert.equal(foreign.status, 404);
        const without = (answer) => textOf(answer.text).replace(/name this request: \w+/, '');
        assert.equal(without(foreign), without(missing));
        assert.equal((await otto.post(target, { act: 'import' })).status, 404);
    }
    const amy = await signIn(portal, 'amy');
    assert.equal((await amy.get('/admin/import')).status, 403);

    await letItGetLate(portal, 'sally');
    const asked = await sally.submit(plain.where, { act: 'import' });
    assert.equal(asked.headers.get('location'), `/account/again?next=${plain.where}`);
    const proved = await sally.submit(asked.headers.get('location'), { current: PASSWORD }, 'again');
    assert.equal(proved.headers.get('location'), plain.where);
    const done = await over(sally, await sally.submit(plain.where, { act: 'import' }));
    assert.deepEqual(done.rows['Who belongs where'], [1, 0, 0, 0]);
});
