/* Who reaches what: the portal against what was reviewed, and the command that tells. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { baseline, compare, freshPortal } from '../lib/exposure.mjs';
import { buildDirectory } from '../lib/paths.mjs';

for (const database of ['sqlite', 'postgresql'])
    test(`the portal is open to whom it was reviewed for (${database})`, async () => {
        const portal = await freshPortal({ database });
        try {
            const { same, said } = await compare(portal);
            assert.ok(same, said);
        } finally {
            await portal.close();
        }
    });

describe('portico exposure', () => {
    let portal;
    const forgetful = { forgetful: { path: path.join(buildDirectory(), 'tests/modules/forgetful') } };
    const exposure = async (...words) => {
        const { code, stdout, stderr } = await portal.cli('exposure', ...words);
        assert.equal(stderr, '');
        return { code, lines: stdout.split('\n').filter(Boolean) };
    };
    /* A file of lines, for --diff. */
    const written = (name, lines) => {
        const file = path.join(portal.dir, name);
        writeFileSync(file, `${lines.join('\n')}\n`);
        return file;
    };
    const role = async (...words) => {
        const { code, stderr } = await portal.cli('role', ...words);
        assert.equal(code, 0, stderr);
    };
    before(async () => {
        portal = await freshPortal();
    });
    after(() => portal?.close());

    test('says each thing in one line, always in the same order', async () => {
        const { lines } = await exposure();
        assert.deepEqual(lines, [...lines].sort(), 'sorted');
        assert.equal(new Set(lines).size, lines.length);
        for (const line of lines)
            assert.match(line, /^(permission \S+|route \S+ [A-Z]+ (page|api|feed|file|stream|outside) \S+|rows \S+( \S+)?): \S.*$/);
        assert.deepEqual((await exposure()).lines, lines);
    });

    test('gives programs the same', async () => {
        const { lines } = await exposure(), { lines: objects } = await exposure('--json');
        assert.equal(objects.length, lines.length);
        assert.deepEqual(JSON.parse(objects.find((line) => line.includes('"/admin/audit","method":"GET"'))),
            { route: '/admin/audit', method: 'GET', kind: 'page', permission: 'portico.audit', roles: ['admin'] });
    });

    test('says when a module brings routes and tables', async () => {
        const before = written('before', (await exposure()).lines);
        portal.writeConfig({ communities: {}, ...forgetful });
        const { code, said } = await compare(portal, before);
        portal.writeConfig();
        assert.equal(code, 1);
        assert.match(said, /^The portal is open to more than was reviewed.*\n\n(\+ .*\n)+\nLook at each line/);
        assert.match(said, /^\+ route \/forgetful\/shown\/\{id\} GET page signed-in: member {2}\(more\)$/m);
        assert.match(said, /^\+ rows forgetful_note: none$/m);
        assert.match(said, /`\.\/dev exposure --accept` takes it over/);
    });

    test('says which role of the owner\'s reaches more, and what is not reached any more', async () => {
        await role('add', 'helpers', 'Helpers', '--place', 'owner');
        const before = written('roles', (await exposure()).lines);
        await role('allow', 'helpers', 'communities.moderate');
        const opened = await compare(portal, before);
        assert.equal(opened.code, 1);
        assert.match(opened.said, /^- permission communities\.moderate: admin moderator\n\+ permission communities\.moderate: admin moderator helpers {2}\(more\)$/m);
        assert.match(opened.said, /^\+ route \/communities\/moderation GET page communities\.moderate: admin moderator helpers {2}\(more\)$/m);
        const now = written('now', (await exposure()).lines);
        await role('deny', 'moderator', 'communities.moderate');
        const closed = await compare(portal, now);
        assert.equal(closed.code, 0, closed.said);
        assert.match(closed.said, /nobody reaches more/);
        assert.match(closed.said, /^\+ permission communities\.moderate: admin helpers$/m);
        await role('reset', 'moderator', 'communities.moderate');
        await role('remove', 'helpers');
    });

    test('takes a wider role for all within it, and not the other way', async () => {
        const { lines } = await exposure();
        const as = (who) => written('who', lines.map((line) => line.replace(/^(route \/admin\/audit GET .*): .*$/, `$1: ${who}`)));
        for (const [who, code] of [['everyone', 0], ['member', 0], ['staff', 0], ['admin moderator', 0], ['moderator', 1], ['account-member', 1], ['', 1]])
            assert.equal((await exposure('--diff', as(who))).code, code, who);
    });

    test('counts rows by who sees them; more of the same are no news, rows for others are', async () => {
        const content = path.join(portal.dir, 'content');
        mkdirSync(content);
        const before = written('rows', (await exposure()).lines);
        writeFileSync(path.join(content, 'one.xml'), '<?xml version="1.0"?><community space="one" position="1" title="One" description="All"><person key="a" name="Ann" company="Harbour"/><question id="1" author="a" age="1d" active="1d" score="0" views="1" tags="x" title="Which?">Words</question></community>');
        const taken = await portal.cli('import', 'communities', '--format', 'demo', content);
        assert.equal(taken.code, 0, taken.stderr);
        const grown = await exposure('--diff', before);
        assert.equal(grown.code, 1);
        assert.ok(grown.lines.includes('+ rows communities_topic everyone: 1  (more)'), grown.lines.join('\n'));
        assert.ok(grown.lines.includes('- rows communities_topic: none'));
        assert.ok(grown.lines.includes('+ rows communities_topic another-account: 1  (more)'), grown.lines.join('\n'));
        const fewer = written('fewer', (await exposure()).lines.map((line) => line.replace(/^(rows \S+ everyone): \d+$/, '$1: 12345')));
        assert.deepEqual(await exposure('--diff', fewer), { code: 0, lines: [] });
    });

    test('refuses a file that is not there, and two ways of saying it', async () => {
        const none = await portal.cli('exposure', '--diff', path.join(portal.dir, 'none'));
        assert.equal(none.code, 1);
        assert.match(none.stderr, /none.*Name a file that `portico exposure` was written to/);
        assert.equal((await portal.cli('exposure', '--json', '--diff', baseline)).code, 2);
    });
});

test('what was reviewed has no line twice', () => {
    const lines = readFileSync(baseline, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
    assert.equal(new Set(lines).size, lines.length);
    assert.ok(lines.length > 150);
});
