/* The module ABI against its baseline: what ./dev abi says of these headers, and that nothing slips past it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { root } from '../lib/paths.mjs';

const script = path.join(root, 'sdk/abi/abi.mjs');
let scratch, count = 0;

before(() => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'portico-abi-test-'));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

function compare(args = [], env = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
    return { status, said: stdout + stderr };
}

/* Copies of headers, baseline and breaks.md, to be changed: { args, edit(header, from, to), here }. */
function copy() {
    const place = path.join(scratch, `copy-${++count}`);
    cpSync(path.join(root, 'include'), path.join(place, 'include'), { recursive: true });
    for (const name of ['baseline.abi', 'breaks.md'])
        cpSync(path.join(root, 'sdk/abi', name), path.join(place, 'here', name));
    const here = path.join(place, 'here');
    return {
        here,
        args: ['--include', path.join(place, 'include'), '--here', here],
        edit(name, from, to) {
            const file = name.endsWith('.h') ? path.join(place, 'include/portico', name) : path.join(here, name);
            const text = readFileSync(file, 'utf8');
            assert.ok(text.includes(from), `${name} holds ${from}`);
            writeFileSync(file, text.replace(from, to));
        },
    };
}

test('the headers have the ABI of the baseline', () => {
    const { status, said } = compare();
    assert.equal(status, 0, said);
    assert.match(said, /is that of its baseline/);
});

describe('a change that nobody entered is refused:', () => {
    const changes = {
        'a member put between others': ['base.h', 'int32_t code;', 'int32_t spare; int32_t code;', /portico_error/],
        'two members exchanged': ['request.h', /const char \*\(\*method\)\(struct portico_request \*request\);/, '', /portico_request_api/],
        'a member of another type': ['job.h', 'uint32_t backoff_ms;', 'uint64_t backoff_ms;', /portico_job_type/],
        'a constant of another value': ['value.h', 'PORTICO_HTML = 5', 'PORTICO_HTML = 15', /PORTICO_HTML/],
        'a member added at the end': ['base.h', 'uint16_t minor;', 'uint16_t minor; uint32_t more;', /portico_table/],
        'a struct that is new': ['base.h', 'typedef int64_t portico_id;', 'typedef int64_t portico_id;\nstruct portico_novelty {\n    int x;\n};\n', /portico_novelty/],
    };
    for (const [name, [header, from, to, says]] of Object.entries(changes))
        test(name, () => {
            const place = copy();
            if (from instanceof RegExp) {
                const text = readFileSync(path.join(root, 'include/portico', header), 'utf8');
                place.edit(header, text.match(from)[0], to);
            } else {
                place.edit(header, from, to);
            }
            const { status, said } = compare(place.args);
            assert.equal(status, 1);
            assert.match(said, says);
        });
});

describe('the guard cannot be left out:', () => {
    test('without the tool it fails and names the package', () => {
        const tools = path.join(scratch, 'bin');
        cpSync('/usr/bin/env', path.join(tools, 'env'));
        const { status, said } = compare([], { PATH: tools });
        assert.equal(status, 1);
        assert.match(said, /cannot be run .*abigail-tools/);
    });
    test('without the baseline it fails', () => {
        const place = copy();
        rmSync(path.join(place.here, 'baseline.abi'));
        const { status, said } = compare(place.args);
        assert.equal(status, 1);
        assert.match(said, /baseline\.abi is missing/);
    });
    test('a baseline changed by hand fails', () => {
        const place = copy();
        writeFileSync(path.join(place.here, 'baseline.abi'), `${readFileSync(path.join(place.here, 'baseline.abi'), 'utf8')}\n`);
        const { status, said } = compare(place.args);
        assert.equal(status, 1);
        assert.match(said, /without \.\/dev abi --accept/);
    });
});

test('a change is accepted with an entry that says why, and not without', () => {
    const place = copy();
    place.edit('base.h', 'typedef int64_t portico_id;', 'typedef int64_t portico_id;\nstruct portico_novelty {\n    int x;\n};\n');
    const refused = compare([...place.args, '--accept', 'A novelty']);
    assert.equal(refused.status, 1);
    assert.match(refused.said, /has no entry "## A novelty"/);
    assert.equal(compare(place.args).status, 1);
    writeFileSync(path.join(place.here, 'breaks.md'), '# Breaks\n\n## A novelty\n\nAdded struct portico_novelty, because tests need one. Authors do nothing.\n');
    const accepted = compare([...place.args, '--accept', 'A novelty']);
    assert.equal(accepted.status, 0, accepted.said);
    assert.equal(compare(place.args).status, 0);
    assert.match(readFileSync(path.join(place.here, 'breaks.md'), 'utf8'), /^Baseline: [0-9a-f]{16}$/m);
});
