/* What people come to a community for, as `portico status` counts it after they used it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bringing } from '../lib/content.mjs';
import { signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides."></community>\n';

const prepare = bringing(SPACE);

/* Address of what somebody asked, through the form. */
async function ask(person, title) {
    const sent = await person.submit('/communities/ask', { space: 'harbour', title, body: `${title} I ask for a friend.`, tags: 'tides', seen: 'yes' }, 'ask');
    assert.equal(sent.status, 303, sent.text);
    return sent.headers.get('location').replace(/[?#].*/, '');
}

for (const database of ['sqlite', 'postgresql'])
    test(`status tells how many found an answer, and how many questions were answered (${database})`, async (t) => {
        const portal = await startPortal({ database, modules: { communities: { newcomer_posts: 0 } }, prepare });
        t.after(() => portal.close());
        const [ada, ben, cleo, dora] = [await signIn(portal, 'ada'), await signIn(portal, 'ben'), await signIn(portal, 'cleo'), await signIn(portal, 'dora')];
        const mod = await signIn(portal, 'mod', 'moderator');
        const search = '/communities/search?q=barnacles';
        const guest = { get: (target) => portal.get(target, { headers: { Accept: 'text/html' } }) };
        const open = async (person, target) => {
            const answer = await person.get(target);
            assert.equal(answer.status, 200, answer.text);
            return answer.text;
        };

        /* Ada asks twice, Ben opens one and answers it, Ada accepts. */
        const topic = await ask(ada, 'Where do barnacles come from?');
        await ask(ada, 'Who paints the buoys in winter?');
        assert.equal((await ben.submit(topic, { body: 'From the plankton of spring.' }, 'answer')).status, 303);
        const [, accept] = /action="(\/communities\/posts\/\d+\/accept)"/.exec(await open(ada, topic));
        assert.equal((await ada.post(accept, { accepted: 'yes' })).status, 303);
        assert.match(await open(ada, topic), /Accepted answer/);

        /* Cleo searches and opens what is solved, more than once; Dora only searches. */
        await until(async () => (await open(cleo, search)).includes(topic), { within: 60_000, what: 'the question to be found' });
        for (let times = 0; times < 2; times++)
            await open(cleo, topic);
        await open(dora, search);
        /* Guests and moderators are nobody's success. */
        for (const other of [guest, mod])
            for (const target of [search, topic])
                await open(other, target);

        const figures = async () => Object.fromEntries(JSON.parse((await portal.cli('status', '--json')).stdout).scenarios
            .filter(({ module }) => module === 'communities').map((one) => [one.id, { ...one, steps: Object.fromEntries(one.steps.map(({ id, passed }) => [id, passed])) }]));
        const short = ({ started, finished, given_up, open: left, steps }) => ({ started, finished, given_up, open: left, ...steps });
        let seen;
        await until(async () => {
            seen = await figures();
            assert.deepEqual(short(seen['find-an-answer']), { started: 3, finished: 1, given_up: 0, open: 2, searched: 2, opened: 2 });
            assert.deepEqual(short(seen['get-an-answer']), { started: 2, finished: 1, given_up: 0, open: 1, shown: 2, answered: 1 });
            return true;
        }, { within: 60_000, every: 500, what: 'the runs to be counted' });
        assert.equal(seen['find-an-answer'].title, 'Find an answer');
        assert.ok(seen['get-an-answer'].median_minutes >= 0);

        const { stdout } = await portal.cli('status');
        assert.match(stdout, /communities Find an answer: 3 begun, 1 finished, 0 given up, 2 open, half within \d+ min\n +Searched +2\n +Opened a question +2\n/);
        assert.match(stdout, /communities Get a question answered: 2 begun, 1 finished, 0 given up, 1 open, half within \d+ min\n +The question is shown +2\n +Somebody answered +1\n/);
    });
