/* The author's harness against a module with one defect a route: each is named, and only that one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { programPath } from '../lib/portal.mjs';
import { readTap } from '../lib/tap.mjs';

const build = buildDirectory();
const flawed = path.join(build, 'tests/modules/flawed');
const tests = path.join(build, 'tests/modules/flawed_test.so');

function harness(...words) {
    const { status, stdout, stderr } = spawnSync(programPath(), ['module', 'test', ...words], { encoding: 'utf8', timeout: 240_000 });
    return { status, stdout, stderr };
}

/* Of each point its name and the lines of comment behind it. */
function paragraphs(stdout) {
    return new Map(stdout.split(/^(?=(?:not )?ok )/m).map((part) => {
        const [, verdict, name] = /^(not ok|ok) \d+ - (.*)$/m.exec(part) ?? [];
        return [name, { ok: verdict === 'ok', text: part }];
    }));
}

let points;
let run;

before(() => {
    run = harness(flawed, '--tests', tests);
    points = paragraphs(run.stdout);
});

/* The point of that name in those surroundings; a piece of their name is enough. */
function find(name, where) {
    return [...points].find(([full]) => where ? full?.startsWith(`${name} (`) && full.includes(where) : full === name)?.[1];
}

describe('a sound module passes', () => {
    for (const where of [undefined, 'older host', 'newer descriptor', 'allocations failing'])
        test(where ?? 'plainly', () => {
            const point = find('sound', where);
            assert.equal(point.ok, true, point.text);
        });
});

describe('a defect is reported by the name of the test that met it', () => {
    const plain = [
        ['leak', /1 block \(100 bytes\) that the module took with malloc was not freed/],
        ['state', /1 block \(64 bytes\) that the module took with malloc was not freed/],
        ['thread', /a thread is still running/],
        ['descriptor', /a file descriptor is still open \(number \d+, \/dev\/zero\)/],
        ['crash', /It crashed \(Aborted\) while it ran flawed GET \/flawed\/crash/],
        ['hang', /did not end within 3000 ms and was stopped while it ran flawed GET \/flawed\/hang/],
        ['leave', /It ended with exit status 0 before the test was over while it ran flawed GET \/flawed\/leave/],
        ['scope', /GET \/flawed\/scope left a scope open: end it with portico_end_scope/],
        ['cursor', /GET \/flawed\/cursor left a cursor open/],
        ['transaction', /GET \/flawed\/transaction left a transaction open/],
        ['stale', /It crashed \(Aborted\) while it ran flawed GET \/flawed\/stale[^]*a cursor handle that is not one/],
        ['expectation', /flawed_test\.c:\d+: [^]*is +sound[^]*expected silence/],
    ];
    for (const [name, sentence] of plain)
        test(name, () => {
            const point = find(name);
            assert.equal(point.ok, false);
            assert.match(point.text, sentence);
        });
});

describe('a defect that shows only in other surroundings is found there', () => {
    test('a function that an older host lacks', () => {
        assert.equal(find('newest').ok, true);
        const older = find('newest', 'older host');
        assert.equal(older.ok, false);
        assert.match(older.text, /ask PORTICO_HAS first/);
    });

    test('memory that is used without a look whether it is there', () => {
        assert.equal(find('unchecked').ok, true);
        const failing = find('unchecked', 'allocations failing');
        assert.equal(failing.ok, false);
        assert.match(failing.text, /while it ran flawed GET \/flawed\/unchecked[^]*Allocation 2, portico_alloc, failed as asked/);
    });

    test('people that are used without a look whether they were found', () => {
        assert.equal(find('heedless').ok, true);
        const failing = find('heedless', 'allocations failing');
        assert.equal(failing.ok, false);
        assert.match(failing.text, /while it ran flawed GET \/flawed\/heedless[^]*Allocation 2, portico_people_look, failed as asked/);
    });

    test('a failure that spoils later requests', () => {
        assert.equal(find('spoiled').ok, true);
        const failing = find('spoiled', 'allocations failing');
        assert.equal(failing.ok, false);
        assert.match(failing.text, /is answered 500 also after the failed allocation/);
    });
});

describe('the command', () => {
    test('ends with 1 if a test failed, and writes TAP that a runner reads', () => {
        assert.equal(run.status, 1);
        assert.equal(run.stderr, '');
        const read = readTap(run.stdout);
        assert.equal(read.length, Number(/^1\.\.(\d+)$/m.exec(run.stdout)[1]));
        assert.ok(read.some((point) => !point.ok));
    });

    test('ends with 0 if all passed', () => {
        const { status, stdout } = harness(flawed, '--tests', tests, '--filter', 'sound', '--mode', 'plain');
        assert.equal(stdout, 'ok 1 - sound\n1..1\n');
        assert.equal(status, 0);
    });

    test('finds the tests of an example where CMake puts them', () => {
        const { status, stdout } = harness(path.join(build, 'examples/database'), '--mode', 'plain', '--filter', 'sum');
        assert.match(stdout, /^ok 1 - The sum is that of all rows$/m);
        assert.equal(status, 0);
    });

    test('runs jobs, events, schedules, services and commands, and records mail and fetches', () => {
        const { status, stdout } = harness(path.join(build, 'tests/modules/errand'), '--tests', path.join(build, 'tests/modules/errand_test.so'));
        assert.equal(status, 0, stdout);
        assert.equal(readTap(stdout).length, 32);
    });

    test('says so when no test has that name', () => {
        const { status, stderr } = harness(flawed, '--tests', tests, '--filter', 'nowhere');
        assert.match(stderr, /has no such test/);
        assert.equal(status, 1);
    });

    test('says how to build tests where there are none', () => {
        const { status, stderr } = harness(path.join(build, 'tests/modules/cook'));
        assert.match(stderr, /no tests of cook were found\. Build them with portico_add_module_test/);
        assert.equal(status, 1);
    });

    test('refuses a file that is no test file', () => {
        const { status, stderr } = harness(flawed, '--tests', path.join(flawed, 'flawed.so'));
        assert.match(stderr, /portico_tests_entry/);
        assert.equal(status, 1);
    });

    test('names the modes it has', () => {
        const { status, stderr } = harness(flawed, '--tests', tests, '--mode', 'sideways');
        assert.match(stderr, /--mode is all, plain, older-host/);
        assert.equal(status, 2);
    });
});
