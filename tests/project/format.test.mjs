import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

import { root } from '../lib/paths.mjs';

test('the C sources are laid out as clang-format decides', () => {
    const { status, stderr } = spawnSync('./dev', ['format', '--check'], { cwd: root, encoding: 'utf8' });
    const places = [...stderr.matchAll(/^(.*?:\d+):\d+: (?:error|warning): code should be clang-formatted/gm)].map(([, place]) => place);
    assert.deepEqual([...new Set(places)], [], './dev format puts it right');
    assert.equal(status, 0, stderr);
});
