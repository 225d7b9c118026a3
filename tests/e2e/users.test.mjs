/* portico init and portico user: the first admin, and people made, changed and looked at from a shell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runProgram, startPortal } from '../lib/portal.mjs';

const GOOD = 'three blue kettles', BETTER = 'nine brown bottles';

async function portalWith(t, options = {}) {
    const portal = await startPortal(options);
    t.after(() => portal.close());
    portal.user = (...words) => portal.cli('user', ...words);
    portal.make = async (...words) => {
        const made = await portal.user('add', ...words);
        assert.equal(made.code, 0, made.stderr);
        return made.stdout;
    };
    portal.people = async (...words) => {
        const listed = await portal.user('list', '--json', ...words);
        assert.equal(listed.code, 0, listed.stderr);
        return listed.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    };
    return portal;
}

test('portico init prints one link until there is an admin, and then refuses', async (t) => {
    const portal = await portalWith(t);
    const links = [];
    for (let i = 0; i < 2; i++) {
        const { code, stdout, stderr } = await portal.cli('init');
        assert.equal(code, 0, stderr);
        links.push(/\/account\/link\/([A-Za-z0-9_-]{43})\n/.exec(stdout)[1]);
    }
    assert.notEqual(links[0], links[1]);
    await portal.make('Ann Admin', '--mail', 'ann@example.com', '--role', 'admin', '--invite');
    const refused = await portal.cli('init');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /This portal has an admin/);
    assert.equal(refused.stdout, '');
});

test('people are made, listed, given roles, disabled and enabled', async (t) => {
    const portal = await portalWith(t);
    assert.match(await portal.make('Ann Admin', '--mail', 'ann@example.com', '--role', 'admin'), /^ann\.admin is made/);
    assert.match(await portal.make('Mara Lindqvist', '--mail', 'mara@example.com', '--invite'), /\/account\/link\/[A-Za-z0-9_-]{43}\n/);
    const taken = await portal.user('add', 'Other', '--mail', 'MARA@example.com');
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /belongs to another sign-in/);

    const people = await portal.people();
    assert.deepEqual(people.map(({ handle, roles, state }) => [handle, roles.trim(), state]),
        [['ann.admin', 'admin', 'active'], ['mara.lindqvist', '', 'active']]);
    assert.deepEqual((await portal.people('mar')).map(({ address }) => address), ['mara@example.com']);
    assert.match((await portal.user('list')).stdout, /mara\.lindqvist +Mara Lindqvist +mara@example\.com +member +active +never/);

    assert.match((await portal.user('role', 'mara@example.com', '+moderator', '+admin')).stdout, /is admin moderator\./);
    assert.match((await portal.user('role', 'mara.lindqvist', '-admin')).stdout, /is moderator\./);
    const last = await portal.user('role', 'ann.admin', '-admin');
    assert.equal(last.code, 1);
    assert.match(last.stderr, /the last active admin/);
    assert.equal((await portal.user('disable', 'ann.admin')).code, 1);
    assert.equal((await portal.user('disable', 'mara.lindqvist')).code, 0);
    assert.equal((await portal.people('mar'))[0].state, 'disabled');
    assert.equal((await portal.user('enable', people[1].id)).code, 0);
    assert.equal((await portal.people('mar'))[0].state, 'active');
    assert.match((await portal.user('sessions', 'mara.lindqvist')).stdout, /^BEGUN/);
    assert.match((await portal.user('sessions', 'mara.lindqvist', '--end')).stdout, /^0 sessions/);
    const nobody = await portal.user('passwd', 'nobody.here', '--password-fd', '0');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /Nobody is called "nobody\.here"/);
});

test('a password comes from a descriptor, is held to the rules and is shown nowhere', async (t) => {
    const portal = await portalWith(t);
    const passwd = (input) => runProgram(['user', 'passwd', 'mara', '--password-fd', '0', '--config', portal.conf], { input });
    await portal.make('Mara', '--mail', 'mara@example.com');
    for (const [input, complaint] of [
        ['password\n', /first that others would try/], ['short\n', /at least 8/], ['', /at least 8/],
        ['mara2026\n', /your name/], [`${'x y '.repeat(400)}\n`, /too long|at most 200/]]) {
        const { code, stderr } = await passwd(input);
        assert.equal(code, 1, input);
        assert.match(stderr, complaint);
    }
    for (const password of [GOOD, BETTER]) {
        const { code, stdout, stderr } = await passwd(`${password}\r\n`);
        assert.equal(code, 0, stderr);
        assert.ok(!stdout.includes(password) && !portal.log().includes(password));
    }
    const alone = await portal.user('passwd', 'mara');
    assert.equal(alone.code, 1);
    assert.match(alone.stderr, /This is no terminal: write --password-fd 0/);
});
