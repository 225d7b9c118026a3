/* `portico why`: what it answers is what the portal does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

describe('why', () => {
    let portal;
    const why = async (...words) => {
        const { stdout, stderr, code } = await portal.cli('why', '--json', ...words);
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout.trim().split('\n').at(-1));
    };
    before(async () => {
        portal = await startPortal({});
        await makePerson(portal, { handle: 'ben', name: 'Ben Ott' });
    });
    after(() => portal?.close());

    test('pages answer as it says, and a denial names who could help', async () => {
        const dana = await signIn(portal, 'dana', 'admin'), lee = await signIn(portal, 'lee', 'moderator');
        for (const [handle, person] of [['dana', dana], ['lee', lee]])
            for (const path of ['/admin', '/admin/people', '/account', '/admin/audit']) {
                const { yes, givers } = await why('--person', handle, '--route', `GET ${path}`);
                assert.equal((await person.get(path)).status, yes ? 200 : 403, `${handle} ${path}`);
                assert.deepEqual(givers, yes ? [] : ['dana']);
            }
        assert.equal((await why('--route', 'GET /admin')).yes, false);
        assert.equal((await why('--route', '/login')).yes, true);
    });

    test('the chain is read by people', async () => {
        const { stdout } = await portal.cli('why', '--person', 'ben', '--permission', 'portico.admin');
        assert.match(stdout, /^No\.\n {2}\+ Ben Ott may sign in\.\n {2}- Ben Ott belongs to no account\./m);
        assert.match(stdout, /- The permission portico\.admin is held by Admin, and they are none of these\.\nWho could give it: dana$/m);
    });

    test('what is not there is said, and what was not asked', async () => {
        for (const [words, message, code] of [
            [['--person', 'nobody', '--permission', 'portico.admin'], /nobody/, 1],
            [['--account', 'No such', '--permission', 'portico.admin'], /No such/, 1],
            [['--route', 'GET /nowhere'], /No module answers GET \/nowhere/, 1],
            [['--object', 'communities_topic/9; DROP TABLE x'], /is no row: write the table and the id/, 1],
            [['--object', 'no_such_table/9'], /There is no table no_such_table/, 1],
            [['--person', 'ben'], /say one of --route, --object and --permission/, 2],
            [['--route', '/admin', '--permission', 'portico.admin'], /say one of/, 2],
        ]) {
            const answer = await portal.cli('why', ...words);
            assert.equal(answer.code, code, answer.stderr);
            assert.match(answer.stderr, message);
        }
    });
});
