/* Commands beside a running portal, and an import that a person stops. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, createWriteStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { root } from '../lib/paths.mjs';
import { programPath, startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

describe('module enable and disable beside a running portal', () => {
    let portal;
    before(async () => {
        portal = await startPortal();
    });
    after(() => portal.close());

    const managed = () => readFileSync(path.join(portal.dir, 'data/managed.conf'), 'utf8');

    test('enable takes the module into service at once', async () => {
        assert.equal((await portal.get('/api/communities/v1/spaces')).status, 404);
        const { code, stdout, stderr } = await portal.cli('module', 'enable', 'communities');
        assert.equal(code, 0, stderr);
        assert.match(stdout, /Module communities is enabled\./);
        assert.equal((await portal.get('/api/communities/v1/spaces')).status, 200);
    });

    test('a module that the portal refuses is set back, and the portal serves on', async () => {
        const kept = readFileSync(portal.conf, 'utf8');
        appendFileSync(portal.conf, '\n[log]\nlevel = loud\n');
        const before = managed();
        const { code, stderr } = await portal.cli('module', 'disable', 'communities');
        assert.equal(code, 3);
        assert.match(stderr, /`level` must be one of/);
        assert.match(stderr, /serves on as before; nothing was changed/);
        assert.equal(managed(), before);
        assert.equal((await portal.get('/api/communities/v1/spaces')).status, 200);
        portal.writeConfig();
        assert.equal(readFileSync(portal.conf, 'utf8'), kept);
    });

    test('the audit log says what was switched, and what the portal did not take up', async () => {
        const { stdout } = await portal.cli('audit', 'list', '--kind', 'module.', '--json');
        const acts = stdout.trim().split('\n').map((line) => JSON.parse(line));
        assert.deepEqual(acts.map(({ kind, object, origin }) => `${kind} ${object} ${origin}`),
            ['module.refused', 'module.disabled', 'module.enabled'].map((kind) => `${kind} communities command line`));
        /* What cannot be written down is not done. */
        const chain = (sql) => execFileSync('sqlite3', ['-cmd', '.timeout 60000', path.join(portal.dir, 'data/portico.db'), sql]);
        const before = managed();
        chain('ALTER TABLE portico_audit_chain RENAME TO lost');
        const refused = await portal.cli('module', 'disable', 'communities');
        chain('ALTER TABLE lost RENAME TO portico_audit_chain');
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /cannot be written into the audit log, so nothing was done/);
        assert.equal(managed(), before);
    });

    test("check --settings lists the module's own settings with their defaults", async () => {
        const { code, stdout } = await portal.cli('check', '--settings', '--json');
        assert.equal(code, 0);
        const rows = JSON.parse(stdout).filter((row) => row.section === 'module communities');
        assert.equal(rows.find((row) => row.key === 'enabled').value, 'true');
        const size = rows.find((row) => row.key === 'page_size');
        assert.deepEqual([size.type, size.default, size.value], ['integer', '20', undefined]);
    });

    test('check --settings lists the settings of sound modules beside a broken one, which is named', async () => {
        portal.writeConfig(undefined, '[module nowhere]\nenabled = true\n');
        const { code, stdout, stderr } = await portal.cli('check', '--settings', '--json');
        const plain = await portal.cli('check', '--settings');
        portal.writeConfig();
        assert.equal(code, 3);
        assert.match(stderr, /The module nowhere is enabled but was found in none of/);
        const rows = JSON.parse(stdout).filter((row) => row.section === 'module communities');
        assert.equal(rows.find((row) => row.key === 'page_size').default, '20');
        assert.match(plain.stdout, /\[module communities\][^[]*\n {2}page_size \(integer/);
    });

    test('a misspelt setting of a module is named with its line and the nearest', async () => {
        const kept = readFileSync(portal.conf, 'utf8');
        appendFileSync(portal.conf, '\n[module communities]\npage_sise = 10\n');
        const line = readFileSync(portal.conf, 'utf8').split('\n').indexOf('page_sise = 10') + 1;
        const { code, stderr } = await portal.cli('check');
        portal.writeConfig();
        assert.equal(readFileSync(portal.conf, 'utf8'), kept);
        assert.equal(code, 3);
        assert.match(stderr, new RegExp(`portico\\.conf:${line}: Unknown key \`page_sise\` in \\[module communities\\]\\. Did you mean \`page_size\`\\?`));
    });

    test('disable takes it out of service', async () => {
        const { code, stdout } = await portal.cli('module', 'disable', 'communities');
        assert.equal(code, 0);
        assert.match(stdout, /Module communities is disabled\./);
        assert.equal((await portal.get('/api/communities/v1/spaces')).status, 404);
    });
});

/* A user other than root who may run the program under test: the tree can lie where only root gets. */
function otherUser() {
    if (process.getuid() !== 0)
        return undefined;
    const nobody = 65534;
    const tried = spawnSync(programPath(), ['version'], { uid: nobody, gid: nobody });
    return tried.status === 0 ? nobody : undefined;
}

describe('commands that root gives beside a portal of another user', { skip: otherUser() === undefined && 'needs root, and a build that others may read' }, () => {
    test('what module and import write belongs to the portal\'s user', async (t) => {
        const user = otherUser();
        const portal = await startPortal({ start: false });
        t.after(() => portal.close());
        for (const place of [portal.dir, portal.conf, path.join(portal.dir, 'data')])
            chownSync(place, user, user);
        for (const words of [['module', 'enable', 'communities'],
            ['import', 'communities', '--format', 'demo', path.join(root, 'modules/communities/demo')]]) {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        }
        const made = readdirSync(path.join(portal.dir, 'data'), { recursive: true });
        assert.ok(made.includes('managed.conf') && made.includes('portico.db'), made.join(' '));
        for (const name of made)
            assert.equal(statSync(path.join(portal.dir, 'data', name)).uid, user, name);
    });
});

describe('an import that a person stops', () => {
    const dump = mkdtempSync(path.join(os.tmpdir(), 'portico-dump-'));
    const posts = 45_000;
    before(async () => {
        const file = createWriteStream(path.join(dump, 'Posts.xml'));
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<posts>\n');
        for (let id = 1; id <= posts; id++) {
            const kind = id % 3 === 1 ? `PostTypeId="1" Title="Question ${id}"` : `PostTypeId="2" ParentId="${id - ((id - 1) % 3)}"`;
            file.write(`<row Id="${id}" ${kind} CreationDate="2020-01-01T00:00:00.000" Score="1" Body="&lt;p&gt;Text ${id}&lt;/p&gt;" />\n`);
        }
        file.end('</posts>\n');
        await once(file, 'finish');
    });
    after(() => rmSync(dump, { recursive: true, force: true }));

    test('Ctrl-C ends it with 130 and says how to go on; run again it finishes', async () => {
        const portal = await startPortal({ start: false, modules: { communities: {} } });
        try {
            const args = ['import', 'communities', '--format', 'stackexchange', dump, '--config', portal.conf];
            const log = path.join(portal.dir, 'data/portico.db-wal');
            assert.equal((await portal.cli('migrate', '--phase', 'before')).code, 0);
            const shaped = existsSync(log) ? statSync(log).size : 0;
            const child = spawn(programPath(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
            let stderr = '';
            child.stdout.resume();
            child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
            const ended = once(child, 'close');
            await until(() => existsSync(log) && statSync(log).size > shaped + 1_000_000,
                { within: 60_000, what: 'the import to write its first rows' });
            child.kill('SIGINT');
            const [code, signal] = await ended;
            assert.deepEqual({ code, signal }, { code: 130, signal: null }, stderr);
            assert.match(stderr, /Stopped\. What was imported stays; run the same command again to go on from there\.\n$/);
            const again = await portal.cli(...args.slice(0, 5));
            assert.equal(again.code, 0, again.stderr);
            assert.match(again.stdout, new RegExp(`^ +${posts / 3} topics$`, 'm'));
        } finally {
            await portal.close();
        }
    });
});
