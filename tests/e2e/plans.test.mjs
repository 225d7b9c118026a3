/* Lists as the databases mean to read them: through an index in their order, as far as the page goes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { programPath } from '../lib/portal.mjs';
import { freshDatabase, releasePostgres } from '../lib/postgres.mjs';

const build = buildDirectory();

/* The tests of a module, asked for plans: { code, said }. */
async function explained(directory, tests, url) {
    const child = spawn(programPath(), ['module', 'test', path.join(build, directory), '--tests', path.join(build, tests), '--mode', 'plain', '--plans',
        ...(url ? ['--database', url] : [])], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => (said += text));
    return { code: await new Promise((resolve) => child.once('close', resolve)), said };
}

for (const kind of ['sqlite', 'postgresql'])
    describe(`plans of lists (${kind})`, () => {
        let database;
        before(async () => {
            database = kind === 'postgresql' ? await freshDatabase() : undefined;
        });
        after(async () => {
            database?.drop();
            await releasePostgres();
        });

        test('no list of the community is read whole or sorted, whoever reads it', async () => {
            const { code, said } = await explained('modules/communities', 'tests/communities_plans_test.so', database?.url);
            assert.equal(code, 0, said);
            assert.match(said, /^ok 1 - Every list is read by every kind of viewer$/m);
        });

        test('a list without an index is found out', async () => {
            const { code, said } = await explained('tests/modules/forgetful', 'tests/modules/forgetful_test.so', database?.url);
            assert.equal(code, 1, said);
            assert.match(said, /The list of forgetful_note ordered by title DESC, id DESC reads all that the viewer sees and sorts it/);
        });
    });
