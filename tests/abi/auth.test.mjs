/* Modules that have a say in signing in and in who sees what, built with nothing but the installed SDK: their own tests,
 * the matrix of who reaches which row among them, on both databases, and a portal that is loaded with them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { buildDirectory, root } from '../lib/paths.mjs';
import { makePerson, PASSWORD, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { freshDatabase } from '../lib/postgres.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
const EXAMPLES = { '32-audience': 'audience', '33-auth': 'door', '34-sign-in': 'staffbook', '35-session': 'shift' };
let home, prefix, built, env;

before(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'portico-auth-'));
    prefix = path.join(home, '.local');
    built = path.join(home, 'build/examples');
    env = { HOME: home, PATH: `${prefix}/bin:${process.env.PATH}`, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
    await run('cmake', ['--install', buildDirectory(), '--prefix', prefix]);
    for (const example of Object.keys(EXAMPLES))
        cpSync(path.join(root, 'examples', example), path.join(home, example), { recursive: true });
    writeFileSync(path.join(home, 'CMakeLists.txt'), ['cmake_minimum_required(VERSION 3.25)', 'project(auth LANGUAGES C)', 'find_package(PorticoSDK REQUIRED)', 'enable_testing()',
        ...Object.keys(EXAMPLES).map((example) => `add_subdirectory(${example})`), ''].join('\n'));
    await run('sh', ['-c', `umask 022; cmake -G Ninja -S . -B build -DCMAKE_PREFIX_PATH=${prefix} -DPORTICO_WERROR=ON && cmake --build build`], { cwd: home, env, maxBuffer: 1 << 24 });
});
after(() => rmSync(home, { recursive: true, force: true }));

for (const database of ['sqlite', 'postgresql'])
    test(`their own tests pass on ${database}, the matrix of the audience example among them`, async () => {
        for (const id of Object.values(EXAMPLES)) {
            const where = database === 'postgresql' ? ['--database', (await freshDatabase()).url] : [];
            const { stdout } = await run('portico', ['module', 'test', path.join(built, id), '--mode', 'plain', ...where], { cwd: home, env, maxBuffer: 1 << 24 });
            const passed = stdout.match(/^ok /gm)?.length ?? 0;
            assert.ok(passed > 0 && stdout.includes(`1..${passed}\n`), `${id}:\n${stdout}`);
            if (id === 'audience')
                assert.match(stdout, /Nothing of one account reaches another[^]*Nothing of one's own reaches others/);
        }
    });

for (const database of ['sqlite', 'postgresql'])
    test(`in a portal on ${database} the door is shut for whom it says, and open again`, async (t) => {
        const modules = (shut) => ({ door: { path: path.join(built, 'door'), shut }, shift: { path: path.join(built, 'shift') }, staffbook: { path: path.join(built, 'staffbook') } });
        const portal = await startPortal({ database, modules: modules('The office is closed until Monday.') });
        t.after(() => portal.close());
        await makePerson(portal, { handle: 'dana', address: 'dana@example.com', password: true });
        const refused = await visitor(portal).submit('/login', { name: 'dana', password: PASSWORD });
        assert.match(textOf(refused.text), /The office is closed until Monday\./);
        assert.deepEqual(JSON.parse((await portal.get('/door')).text), { came: 0, went: 0 });
        portal.writeConfig(modules(''));
        assert.equal((await portal.cli('reload')).code, 0);
        const dana = visitor(portal);
        await until(async () => (await dana.submit('/login', { name: 'dana', password: PASSWORD })).status === 303, { within: 30_000, what: 'the door to open' });
        assert.equal((await dana.get('/account')).status, 200);
        await until(async () => (await portal.get('/door')).json.came === 1, { within: 30_000, what: 'the door to note who came' });
    });
