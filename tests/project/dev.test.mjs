import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

import { root } from '../lib/paths.mjs';

const dev = (...words) => spawnSync('./dev', words, { cwd: root, encoding: 'utf8' });

test('./dev has every command that its help lists, and no other word', () => {
    const { status, stdout } = dev('help');
    assert.equal(status, 0);
    const listed = [...stdout.matchAll(/^\.\/dev (\w+)/gm)].map(([, name]) => name);
    assert.ok(listed.includes('run') && listed.includes('test'));
    for (const name of listed)
        assert.equal(dev(name, '--help').stdout, stdout, name);
    const unknown = dev('nonsense');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /there is no command nonsense/);
});
