import assert from 'node:assert/strict';
import test from 'node:test';

import { readTap } from '../lib/tap.mjs';

test('points of g_test are counted with their skips and failures', () => {
    const points = readTap(['TAP version 13', '# random seed: R02S1', '1..3', 'ok 1 /base/arena/grows',
        'not ok 2 /base/arena/aligns - base.c:12: assertion failed', 'ok 3 /data/spec # SKIP no test data'].join('\n'));
    assert.deepEqual(points.map(({ ok, skip }) => [ok, skip]), [[true, undefined], [false, undefined], [true, 'no test data']]);
    assert.equal(points[0].name, '/base/arena/grows');
});

test('a parent counts only when it failed by itself', () => {
    const points = readTap(['# Subtest: outer', '    # Subtest: a', '    ok 1 - a', '    # Subtest: b', '    not ok 2 - b',
        '    1..2', 'not ok 1 - outer', '# Subtest: hook', '    ok 1 - c', '    1..1', 'not ok 2 - hook', '1..2'].join('\n'));
    assert.deepEqual(points.map(({ name, ok }) => [name, ok]),
        [['outer › a', true], ['outer › b', false], ['hook › c', true], ['hook', false]]);
});

test('words like ok inside a failure\'s detail are not points', () => {
    const points = readTap(['not ok 1 - x', '  ---', '  error: |-', '    ok 7 - this is part of a message', '  ...', 'ok 2 - y'].join('\n'));
    assert.equal(points.length, 2);
    assert.match(points[0].detail, /part of a message/);
});

test('a bail-out is a failure', () => {
    assert.deepEqual(readTap('ok 1 /a\nBail out! no memory').map(({ ok }) => ok), [true, false]);
});
