/* portico account import: accounts, people and memberships of another system, found again by their ids there. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { startPortal } from '../lib/portal.mjs';

async function portalWith(t, options = {}) {
    const portal = await startPortal({ start: false, ...options });
    t.after(() => portal.close());
    assert.equal((await portal.cli('user', 'add', 'Ann', '--mail', 'ann@example.com', '--role', 'admin')).code, 0);
    portal.write = (name, text) => {
        writeFileSync(path.join(portal.dir, name), text);
        return path.join(portal.dir, name);
    };
    portal.import = (...words) => portal.cli('account', 'import', ...words);
    portal.rows = async (...words) => {
        const { code, stdout, stderr } = await portal.cli(...words, '--json');
        assert.equal(code, 0, stderr);
        return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    };
    return portal;
}

/* "accounts 2 made 0 changed …" as { accounts: [made, changed, same, wrong] }. */
const counts = (stdout) => Object.fromEntries([...stdout.matchAll(/^(\w+).*? (\d+) made +(\d+) changed +(\d+) as they were +(\d+) wrong$/gm)]
    .map(([, what, ...numbers]) => [what, numbers.map(Number)]));

const ACCOUNTS = 'external,name,kind,above,state\ncrm:2,Acme North,customer,crm:1,\ncrm:1,"Acme, Group",,,open\ncrm:3,Broker,partner,,suspended\n';
const PEOPLE = '\uFEFFexternal;name;mail;locale\nhr:1;Dana Whitfield;dana@acme.example;de\nhr:2;Ben Okafor;ben@acme.example;\n';
const MEMBERS = '[{"account":"crm:1","person":"hr:1","roles":"account-admin","title":"Head of IT","below":"yes","until":"2999-06-30"},\n {"account":"crm:2","person":"hr:2"}]\n';

for (const database of ['sqlite', 'postgresql'])
    test(`files are taken in, dry first, and again without changing anything (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        const files = [portal.write('members.json', MEMBERS), portal.write('people.csv', PEOPLE), portal.write('accounts.csv', ACCOUNTS)];
        const dry = await portal.import(...files, '--dry-run');
        assert.equal(dry.code, 0, dry.stderr);
        assert.deepEqual(counts(dry.stdout), { accounts: [3, 0, 0, 0], places: [0, 0, 3, 0], people: [2, 0, 0, 0], memberships: [2, 0, 0, 0] });
        assert.match(dry.stdout, /nothing was changed/);
        assert.deepEqual(await portal.rows('account', 'list'), []);

        const first = await portal.import(...files);
        assert.equal(first.code, 0, first.stderr);
        assert.deepEqual(counts(first.stdout), { accounts: [3, 0, 0, 0], places: [0, 1, 2, 0], people: [2, 0, 0, 0], memberships: [2, 0, 0, 0] });
        assert.deepEqual((await portal.rows('account', 'list')).map(({ name, kind, state, members }) => [name, kind, state, members]),
            [['Acme North', 'customer', 'open', 1], ['Acme, Group', 'customer', 'open', 1], ['Broker', 'partner', 'suspended', 0]]);
        assert.deepEqual((await portal.rows('account', 'show', 'external:crm:2'))[0].above.map(({ name }) => name), ['Acme, Group']);
        const [dana] = await portal.rows('account', 'members', 'external:crm:1');
        assert.deepEqual([dana.name, dana.address, dana.title, dana.roles, dana.below, dana.until.slice(0, 10)],
            ['Dana Whitfield', 'dana@acme.example', 'Head of IT', 'account-admin', true, '2999-07-01']);

        const again = await portal.import(...files);
        assert.deepEqual(counts(again.stdout), { accounts: [0, 0, 3, 0], places: [0, 0, 3, 0], people: [0, 0, 2, 0], memberships: [0, 0, 2, 0] });

        portal.write('accounts.csv', 'external,name,above\ncrm:2,Acme South,\n');
        portal.write('members.json', '{"account":"crm:1","person":"hr:1","roles":""}\n');
        portal.write('people.csv', 'external,name,mail\nhr:2,Ben O. Okafor,ben@acme.example\n');
        const change = await portal.import(...files);
        assert.deepEqual(counts(change.stdout), { accounts: [0, 1, 0, 0], places: [0, 1, 0, 0], people: [0, 1, 0, 0], memberships: [0, 1, 0, 0] });
        assert.deepEqual((await portal.rows('account', 'show', 'Acme South'))[0].above, []);
        assert.equal((await portal.rows('account', 'members', 'external:crm:1'))[0].roles, '');
        assert.equal((await portal.rows('account', 'members', 'external:crm:1'))[0].title, 'Head of IT', 'what a file leaves out stays');
    });

for (const database of ['sqlite', 'postgresql'])
    test(`of somebody whom a merge gave two ids one row says what they are, the other who is meant (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        const files = [portal.write('accounts.csv', 'external,name\ncrm:1,Acme\ncrm:2,Mill\n'),
            portal.write('people.csv', 'external,name,mail\nhr:1,Dana Whitfield,dana@acme.example\nhr:2,D. Whitfield,d@acme.example\n'),
            portal.write('members.csv', 'account,person,roles\ncrm:1,hr:1,account-admin\ncrm:1,hr:2,\n')];
        const first = await portal.import(...files);
        assert.equal(first.code, 0, first.stderr);
        const merged = await portal.cli('person', 'merge', 'external:hr:2', 'external:hr:1', '--reason', 'Here twice.');
        assert.equal(merged.code, 0, merged.stderr);
        portal.write('members.csv', 'account,person,roles\ncrm:1,hr:1,account-admin\ncrm:1,hr:2,\ncrm:2,hr:2,\n');
        const again = await portal.import(...files);
        assert.equal(again.code, 0, again.stderr);
        assert.deepEqual([counts(again.stdout).people, counts(again.stdout).memberships], [[0, 0, 2, 0], [1, 0, 2, 0]]);
        const [dana] = await portal.rows('account', 'members', 'external:crm:1');
        assert.deepEqual([dana.name, dana.roles], ['Dana Whitfield', 'account-admin']);
        assert.deepEqual((await portal.rows('account', 'members', 'external:crm:2')).map(({ name }) => name), ['Dana Whitfield'], 'who is meant');
    });

for (const database of ['sqlite', 'postgresql'])
    test(`rows that are wrong are told with their line and left out, the others are taken in (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        const long = 'x'.repeat(10 * 1024 * 1024);
        const accounts = portal.write('accounts.csv', Buffer.concat([
            Buffer.from('external,name,kind,above\ncrm:1,Acme,,\n,No id,,\ncrm:2,,,\ncrm:3,Odd,friend,\ncrm:4,Lost,,crm:99\ncrm:5,Ring A,,crm:6\ncrm:6,Ring B,,crm:5\ncrm:7,Few\n'),
            Buffer.from([0xff, 0xfe, 0x2c, 0x61, 0x2c, 0x2c, 0x0a]), Buffer.from(`crm:8,${long},,\n"crm:9,Open,,\ncrm:10,Last,,\n`)]));
        const people = portal.write('people.jsonl', '{"external":"hr:1","name":"Dana","mail":"dana@acme.example"}\n{"external":"hr:2","name":"Ann again","mail":"ann@example.com"}\n'
            + '{"external":"hr:3","name":"Nowhere","mail":"nowhere"}\n{"external":"hr:4","name":"\\u202Eevil","mail":"evil@acme.example"}\nrubbish\n{"external":5,"name":"x","mail":"y@acme.example"}\n{"extern":"hr:6"}\n');
        const members = portal.write('members.csv', 'account,person,roles,until\ncrm:1,hr:1,account-admin,\ncrm:1,hr:2,,\ncrm:99,hr:1,,\ncrm:10,hr:1,owner,\ncrm:10,hr:1,admin,\ncrm:10,hr:1,,soon\n');
        const report = path.join(portal.dir, 'report.csv');
        for (const dry of [true, false]) {
            const { code, stdout, stderr } = await portal.import(accounts, people, members, ...(dry ? ['--dry-run'] : ['--report', report]));
            assert.equal(code, 1, stdout);
            for (const [place, words] of [
                ['accounts.csv:3', 'The column "external" is empty'], ['accounts.csv:5', 'of kind customer or partner'], ['accounts.csv:6', 'No account has the id "crm:99"'],
                ['accounts.csv:7', 'would lie below itself'], ['accounts.csv:8', 'would lie below itself'], ['accounts.csv:9', 'has 2 fields and the heading 4'],
                ['accounts.csv:10', 'is not UTF-8'], ['accounts.csv:11', 'longer than 64 KiB'], ['accounts.csv:12', 'none closes it'],
                ['people.jsonl:2', 'is that of @ann'], ['people.jsonl:3', 'Write a whole mail address'], ['people.jsonl:5', 'no JSON object'],
                ['people.jsonl:6', '"external" is no text'], ['people.jsonl:7', '"extern" is no column'], ['members.csv:3', 'No person has the id "hr:2"'],
                ['members.csv:4', 'No account has the id "crm:99"'], ['members.csv:5', 'There is no role "owner"']])
                assert.ok(stderr.split('\n').some((line) => line.includes(`${place}: `) && line.includes(words)), `${place} ${words} in\n${stderr}`);
            assert.deepEqual(counts(stdout).accounts.slice(0, 2), [2, 0]);
            assert.deepEqual(counts(stdout).people.slice(0, 2), [1, 0]);
            assert.deepEqual(counts(stdout).places, [0, 0, 2, 0], 'of those that are refused nothing more is said');
            /* What cannot be read counts among what its file brings. */
            const short = await portal.import(portal.write('short.csv', 'account,person,roles\ncrm:1,hr:1\n'), '--dry-run');
            assert.deepEqual(counts(short.stdout), { memberships: [0, 0, 0, 1] });
        }
        assert.deepEqual((await portal.rows('account', 'list')).map(({ name, members }) => [name, members]), [['Acme', 1], ['Last', 0]]);
        const lines = readFileSync(report, 'utf8').split('\r\n');
        assert.equal(lines[0], 'file,line,what,outcome,id,problem');
        assert.ok(lines.some((line) => line.includes('accounts.csv,2,account,made,crm:1,')));
        assert.ok(lines.some((line) => line.includes('members.csv,6,membership,wrong,hr:1 in crm:10,')), 'a role of the owner only');

        const twice = await portal.import(portal.write('twice.csv', 'external,name\ncrm:20,A\ncrm:20,B\n'));
        assert.equal(twice.code, 1);
        assert.match(twice.stderr, /twice\.csv:3: the id "crm:20" stands there twice\. Nothing was changed\./);
        for (const [text, words] of [['', /empty/], ['external,nme\n', /"nme" is no column/], ['external,external\n', /stands there twice/]])
            assert.match((await portal.import(portal.write('odd.csv', text))).stderr, words);
        assert.match((await portal.import(path.join(portal.dir, 'none.csv'))).stderr, /none\.csv/);
        assert.match((await portal.import(accounts, '--report', report)).stderr, /never replaces a file/);
    });

for (const database of ['sqlite', 'postgresql'])
    test(`contacts and account teams are taken in by what else the files bring, and change nothing the second time (${database})`, async (t) => {
        const portal = await portalWith(t, { database });
        const lines = async (...words) => (await portal.cli('account', ...words)).stdout;
        const files = [portal.write('accounts.csv', ACCOUNTS), portal.write('people.csv', PEOPLE), portal.write('members.json', MEMBERS),
            portal.write('contacts.csv', 'account,person,mail,contact\ncrm:1,hr:1,,billing  technical\ncrm:2,,BEN@acme.example,legal\n'),
            portal.write('team.json', '{"account":"crm:1","mail":"ann@example.com","team":"Account  manager","phone":"+49 30 901820"}\n')];
        const dry = await portal.import(...files, '--dry-run');
        assert.equal(dry.code, 0, dry.stderr);
        assert.deepEqual([counts(dry.stdout).contacts, counts(dry.stdout).teams], [[2, 0, 0, 0], [1, 0, 0, 0]]);
        const first = await portal.import(...files);
        assert.equal(first.code, 0, first.stderr);
        assert.deepEqual([counts(first.stdout).contacts, counts(first.stdout).teams], [[2, 0, 0, 0], [1, 0, 0, 0]]);
        assert.match(await lines('contact', 'external:crm:1'), /billing +dana\.whitfield[^]*technical +dana\.whitfield/);
        assert.match(await lines('contact', 'external:crm:2'), /legal +ben\.okafor/);
        assert.match(await lines('team', 'external:crm:1'), /ann.*Account manager.*\+49 30 901820/);
        const again = await portal.import(...files);
        assert.deepEqual([counts(again.stdout).contacts, counts(again.stdout).teams], [[0, 0, 2, 0], [0, 0, 1, 0]]);

        /* A row says all that somebody is named for; what a file leaves out stays. */
        portal.write('contacts.csv', 'account,person,contact\ncrm:1,hr:1,security billing\ncrm:2,hr:2,\n');
        portal.write('team.json', '{"account":"crm:1","mail":"ann@example.com","team":"Service manager"}\n');
        const change = await portal.import(...files.slice(3), '--dry-run');
        assert.deepEqual([counts(change.stdout).contacts, counts(change.stdout).teams], [[0, 2, 0, 0], [0, 1, 0, 0]]);
        assert.match(await lines('contact', 'external:crm:2'), /ben\.okafor/, 'a dry run changes nothing');
        assert.equal((await portal.import(...files.slice(3))).code, 0);
        const after = await lines('contact', 'external:crm:1');
        assert.match(after, /billing +dana/);
        assert.match(after, /security +dana/);
        assert.doesNotMatch(after, /technical +dana/);
        assert.doesNotMatch(await lines('contact', 'external:crm:2'), /ben/);
        assert.match(await lines('team', 'external:crm:1'), /ann.*Service manager.*\+49 30 901820/);
        portal.write('team.json', '{"account":"crm:1","mail":"ann@example.com","team":""}\n');
        assert.deepEqual(counts((await portal.import(files[4])).stdout).teams, [0, 1, 0, 0]);
        assert.doesNotMatch(await lines('team', 'external:crm:1'), /ann/);
        assert.deepEqual(counts((await portal.import(files[4])).stdout).teams, [0, 0, 1, 0]);

        const wrong = portal.write('wrong.csv', 'account,person,mail,contact\ncrm:99,hr:1,,legal\ncrm:1,hr:9,,legal\ncrm:1,,nobody@example.com,legal\ncrm:1,hr:1,,lawyers\ncrm:2,hr:1,,legal\ncrm:1,hr:1,dana@acme.example,legal\ncrm:1,,,legal\n,hr:1,,legal\n');
        const teams = portal.write('teams.csv', 'account,person,mail,team,phone\ncrm:1,hr:1,,Advisor,\ncrm:1,,ann@example.com,Advisor,call me\n');
        for (const words of [['--dry-run'], []]) {
            const { code, stdout, stderr } = await portal.import(wrong, teams, ...words);
            assert.equal(code, 1);
            assert.deepEqual([counts(stdout).contacts, counts(stdout).teams], [[0, 0, 0, 8], [0, 0, 0, 2]], stderr);
            for (const [place, said] of [['wrong.csv:2', 'No account has the id "crm:99"'], ['wrong.csv:3', 'No person has the id "hr:9"'], ['wrong.csv:4', 'Nobody signs in with "nobody@example.com"'],
                ['wrong.csv:5', '"lawyers" is no kind of contact'], ['wrong.csv:6', 'Only who belongs to the company is named here'], ['wrong.csv:7', 'leave the other empty'],
                ['wrong.csv:8', 'The column "person" is empty'], ['wrong.csv:9', 'The column "account" is empty'], ['teams.csv:2', 'Only staff of the portal\'s own company'], ['teams.csv:3', 'Write a phone number']])
                assert.ok(stderr.split('\n').some((line) => line.includes(`${place}: `) && line.includes(said)), `${place} ${said} in\n${stderr}`);
        }
        /* A dry run counts whom it would name, as the run itself does. */
        const many = Array.from({ length: 21 }, (_, i) => `crew:${i}`);
        const crew = [portal.write('crew.csv', `external,name,mail\n${many.map((id, i) => `${id},Crew ${i},crew${i}@acme.example\n`).join('')}`),
            portal.write('crew-in.csv', `account,person\n${many.map((id) => `crm:2,${id}\n`).join('')}`),
            portal.write('crew-for.csv', `account,person,contact\n${many.map((id) => `crm:2,${id},technical\n`).join('')}`)];
        for (const words of [['--dry-run'], []]) {
            const { stdout, stderr } = await portal.import(...crew, ...words);
            assert.deepEqual(counts(stdout).contacts, [20, 0, 0, 1], stderr);
            assert.match(stderr, /crew-for\.csv:22: At most 20 people are named for one thing/);
        }

        /* What is named by turns would change with each run; what is no address names nobody. */
        const turns = portal.write('turns.csv', 'account,person,mail,contact\ncrm:1,hr:1,,legal\ncrm:1,,dana@acme.example,technical\ncrm:1,,external:zoe@hr.example,billing\n');
        const zoe = await portal.import(portal.write('zoe.csv', 'external,name,mail\nzoe@hr.example,Zoe,zoe@acme.example\n'), portal.write('zoe-in.csv', 'account,person\ncrm:1,zoe@hr.example\n'));
        assert.equal(zoe.code, 0, zoe.stderr);
        for (const expected of [[0, 1, 0, 2], [0, 0, 1, 2]]) {
            const dry = await portal.import(turns, '--dry-run');
            assert.deepEqual(counts(dry.stdout).contacts, expected);
            const { stdout, stderr } = await portal.import(turns);
            assert.deepEqual(counts(stdout).contacts, expected);
            assert.match(stderr, /turns\.csv:3: They stand at \S*turns\.csv:2 for this account already/);
            assert.match(stderr, /turns\.csv:4: Nobody signs in with "external:zoe@hr\.example"/);
        }
        assert.match(await lines('contact', 'external:crm:1'), /legal +dana/);
        for (const [text, said] of [['account,person,contact,roles\n', /"roles" stands beside "contact"/], ['account,person,team,contact\n', /"contact" stands beside "team"/], ['account,person,phone\n', /"phone" stands beside "team" only/]])
            assert.match((await portal.import(portal.write('odd.csv', text))).stderr, said);
    });
