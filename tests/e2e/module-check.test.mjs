/* `portico module check` finds no error in any module of this tree: what we ask of others, we keep. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { runProgram } from '../lib/portal.mjs';

const build = buildDirectory();
const modules = ['examples', 'modules'].flatMap((kind) => readdirSync(path.join(build, kind))
    .map((name) => path.join(build, kind, name)).filter((place) => existsSync(path.join(place, `${path.basename(place)}.so`))));

test('there are modules to examine', () => assert.ok(modules.length > 20, `${modules.length} modules`));

for (const place of modules)
    test(`${path.basename(place)} is without errors`, async () => {
        const { code, stdout, stderr } = await runProgram(['module', 'check', place]);
        assert.equal(code, 0, stdout + stderr);
        assert.doesNotMatch(stdout, /^error /m);
    });
