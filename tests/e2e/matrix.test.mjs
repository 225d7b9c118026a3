/* The authorization matrix of the harness against a module that forgets whose a row is, one way a route. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { programPath } from '../lib/portal.mjs';

const build = buildDirectory();
let run, plain, narrow;

before(() => {
    run = spawnSync(programPath(), ['module', 'test', path.join(build, 'tests/modules/forgetful'),
        '--tests', path.join(build, 'tests/modules/forgetful_test.so'), '--mode', 'plain'], { encoding: 'utf8', timeout: 240_000 });
    [, plain, narrow] = /^(.*?\n)(not ok 2 .*)$/s.exec(run.stdout) ?? ['', run.stdout, ''];
});

describe('the matrix fails for a module', () => {
    const found = [
        ['that shows what others have', /GET \/forgetful\/shown\/\{id\} shows an admin of another account what another account wrote/],
        ['that shows it to the staff too', /GET \/forgetful\/shown\/\{id\} shows one of the staff what another account wrote/],
        ['that shows it to whoever is above the company', /GET \/forgetful\/shown\/\{id\} shows an admin of the account above it what another account wrote/],
        ['that shows what others have to whoever acts from above', /GET \/forgetful\/shown\/\{id\} shows somebody above it who acts in it what another account wrote/],
        ['that shows what others have to a partner who acts for one', /GET \/forgetful\/shown\/\{id\} shows a partner who acts for it what another account wrote/],
        ['that shows it to a partner who does no more', /GET \/forgetful\/shown\/\{id\} shows a partner who acted for it what another account wrote/],
        ['that tells it an access token', /POST \/api\/forgetful\/v1\/links \(by parent in its body\) tells an access token of another account that there is a row of another account/],
        ['that says what it does not show', /GET \/forgetful\/told\/\{id\} tells a member of the account that there is a row of another account: 403, but 404 for a missing one/],
        ['that says so in a field of its header', /GET \/forgetful\/headed\/\{id\} tells an admin of another account by its header that there is a row of another account/],
        ['that looks at the first of two ids alone', /GET \/forgetful\/paired\/\{id\}\/\{second\} tells an admin of another account that there is a row of another account: 200, but 404 for a missing one/],
        ['that refuses all it is asked with', /GET \/forgetful\/unfit\/\{id\} is reached by nobody/],
        ['that lets others change it behind the same answer', /POST \/forgetful\/changed\/\{id\} lets an admin of another account change a row of another account/],
        ['that counts it', /GET \/forgetful\/counted tells one of the staff of a row more of another account/],
        ['that breaks over an id that is none', /GET \/forgetful\/brittle\/x answers a member of the account with 500, but that is no id: 400 or 404/],
        ['that looks a row up whose id comes in a body', /POST \/api\/forgetful\/v1\/links \(by parent in its body\) tells a member of the account that there is a row of another account: 200, but 404 for a missing one/],
        ['that says whether there is what a query names', /GET \/forgetful\/filtered \(by note in its query\) tells an admin of another account by its body that there is a row of another account/],
        ['whose test names a field that no route takes', /no route that answers otherwise for "body:typo"/],
        ['that lets nobody read a page, though its buttons are excused', /GET \/forgetful\/lost\/\{id\} is reached by nobody/],
        ['that sends people on to where there is nothing', /GET \/forgetful\/away\/\{id\} is reached by nobody/],
        ['whose test leaves a parameter out', /GET \/forgetful\/unknown\/\{other\}: the matrix does not know what \{other\} takes/],
    ];
    for (const [name, sentence] of found)
        test(name, () => assert.match(plain, sentence));
    test('that shows to all of a company what is for some of it', () => {
        assert.match(narrow, /GET \/forgetful\/sound\/\{id\} shows a member of the account what others in it wrote/);
        assert.match(narrow, /GET \/forgetful\/sound\/\{id\} shows somebody above it who acts in it what others in it wrote/);
        assert.match(narrow, /GET \/forgetful\/sound\/\{id\} shows a partner who acts for it what others in it wrote/);
        assert.match(narrow, /GET \/forgetful\/counted tells a member of the account/);
    });
    test('and says so by its exit', () => {
        assert.equal(run.status, 1, run.stdout);
        assert.match(run.stdout, /^not ok 1 - matrix$/m);
    });
});

test('the matrix finds nothing where nothing is forgotten', () => {
    assert.doesNotMatch(plain, /\/forgetful\/sound/);
    assert.doesNotMatch(plain, /somebody not signed in/);
});
