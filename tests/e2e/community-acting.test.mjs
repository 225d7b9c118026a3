/* People act on what others wrote, at once and while workers are killed: votes are exact, what was answered stays. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { bringing } from '../lib/content.mjs';
import { signIn, signInCrowd } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const api = '/api/communities/v1';
const full = Boolean(process.env.PORTICO_TEST_FULL);
const PEOPLE = full ? 1000 : 100;

const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides."></community>\n';

const prepare = bringing(SPACE);

/* Processes that serve requests. */
const workers = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout).workers.map(({ pid }) => pid);

/* A request of the API; whoever is cut off by a killed worker asks again, as any client would. No answer is a server's
 * error: a full queue alone says 503, and when to come back. */
async function send(person, method, target, body) {
    return until(async () => {
        let answer;
        try {
            answer = await person.portal.get(`${api}${target}`, {
                method,
                headers: { Cookie: person.cookie, 'X-CSRF-Token': person.token, 'Content-Type': 'application/json' },
                body: body === undefined ? undefined : JSON.stringify(body),
            });
        } catch {
            return undefined;
        }
        person.errors += answer.status >= 500 && !(answer.status === 503 && answer.headers.get('retry-after'));
        return answer.status === 503 ? undefined : answer;
    }, { within: 120_000, every: 100, what: `an answer to ${method} ${target}` });
}

for (const database of ['sqlite', 'postgresql'])
    describe(`acting in a community on ${database}`, () => {
        let portal, ada, mod, topic, answer;
        const people = [];

        const person = async (handle, roles) => ({ ...await signIn(portal, handle, roles), portal, errors: 0 });
        const read = async (target) => (await portal.get(`${api}${target}`)).json;

        before(async () => {
            portal = await startPortal({ database, modules: { communities: {} }, prepare, settings: { server: { workers: 2, handler_threads: 4 } } });
            [ada, mod] = [await person('ada'), await person('mod', 'moderator')];
            for (const voter of await signInCrowd(portal, 'voter', PEOPLE))
                people.push({ ...voter, portal, errors: 0 });
            topic = (await send(ada, 'POST', '/topics', { space: 'harbour', title: 'Who assigns a berth at night?', body: 'The office is closed after ten.' })).json.id;
            answer = (await send(mod, 'POST', `/topics/${topic}/answers`, { body: 'Call the pilot station.' })).json.id;
        });
        after(() => portal?.close());

        test(`votes of ${PEOPLE} people at once on one answer are exact, and survive killed workers`, async () => {
            let victim = (await workers(portal)).at(-1);
            const acknowledged = new Map();
            const vote = async (at, value) => {
                const { status, json, text } = await send(people[at], 'PUT', `/posts/${answer}/vote`, { value });
                assert.equal(status, 200, text);
                assert.equal(json.value, value);
                acknowledged.set(at, value);
            };
            /* Each votes, and every fourth thinks better of it. */
            const votes = people.map(async (voter, at) => {
                await vote(at, at % 3 ? 1 : -1);
                if (at % 4 === 0)
                    await vote(at, [0, 1, -1][at % 3]);
            });
            const all = Promise.all(votes);
            for (const part of [0.2, 0.5]) {
                await Promise.race([all, until(() => acknowledged.size > PEOPLE * part, { within: 240_000, every: 5, what: 'a part of the votes' })]);
                process.kill(victim, 'SIGKILL');
                const gone = victim;
                victim = await until(async () => (await workers(portal)).filter((pid) => pid !== gone).at(-1), { what: 'another worker' });
            }
            await all;
            const last = [...acknowledged.values()];
            const post = await read(`/posts/${answer}`);
            assert.equal(last.length, PEOPLE);
            assert.equal(post.votes_up, last.filter((value) => value > 0).length);
            assert.equal(post.votes_down, last.filter((value) => value < 0).length);
            assert.equal(post.score, last.reduce((sum, value) => sum + value, 0));
            assert.deepEqual(people.filter(({ errors }) => errors), [], 'nobody was answered with an error of the server');
            assert.equal((await send(people[0], 'GET', `/topics/${topic}`)).status, 200);
        });

        test('a question, its answer and its acceptance are counted once by everybody who looks', async () => {
            const asked = await send(ada, 'POST', '/topics', { space: 'harbour', title: 'Where is the tide table?', body: 'I only find the one of last year.', tags: ['tides'] });
            assert.equal(asked.status, 201, asked.text);
            const { id } = asked.json;
            const answered = await send(people[0], 'POST', `/topics/${id}/answers`, { body: 'It hangs on the pier, by the crane.' });
            assert.equal(answered.status, 201, answered.text);
            const stolen = await send(people[1], 'PUT', `/posts/${answered.json.id}/accepted`, { accepted: true });
            assert.equal(stolen.status, 403);
            const accepted = await send(ada, 'PUT', `/posts/${answered.json.id}/accepted`, { accepted: true });
            assert.equal(accepted.json.state, 'solved', accepted.text);
            const [space] = (await read('/spaces')).items;
            assert.deepEqual([space.topics, space.answers, space.solved], [2, 2, 1]);
        });

        test('what a newcomer fills with links waits, unseen, until a moderator lets it through', async () => {
            const links = 'https://a.example/ and https://b.example/ and https://c.example/ are cheap.';
            const sent = await send(people[2], 'POST', `/topics/${topic}/answers`, { body: links });
            assert.equal(sent.status, 201, sent.text);
            const seen = async (who) => (await (who ? send(who, 'GET', `/topics/${topic}`) : portal.get(`${api}/topics/${topic}`)))
                .json.posts.some(({ id }) => id === sent.json.id);
            assert.deepEqual([await seen(), await seen(ada), await seen(people[2]), await seen(mod)], [false, false, true, true]);
            const past = async (who) => (await send(who, 'GET', `/posts/${sent.json.id}/revisions`)).status;
            assert.deepEqual([await past(ada), await past(people[2]), await past(mod)], [404, 200, 200], 'and so with its history');
            assert.equal((await send(ada, 'GET', '/moderation')).status, 403);
            const { json: queue } = await send(mod, 'GET', '/moderation');
            assert.deepEqual(queue.items.map(({ id, held }) => ({ id, held })), [{ id: sent.json.id, held: true }]);
            const approved = await send(mod, 'POST', `/posts/${sent.json.id}/approve`, { reason: 'These are the makers.' });
            assert.equal(approved.status, 200, approved.text);
            assert.equal(await seen(ada), true);
            const { json: log } = await send(mod, 'GET', '/moderation/log');
            assert.deepEqual(log.items.slice(0, 2).map(({ name }) => name), ['approve', 'hold']);
        });

        /* Whoever changes a topic and its comments takes the topic first: here somebody has it, and wants the comment next. */
        test('an edit of a comment that is held waits for whoever changes its topic, and holds up nobody', { skip: database === 'sqlite' && 'one writes at a time there' }, async () => {
            const comment = (await send(people[3], 'POST', `/posts/${answer}/comments`, { body: 'He answers at any hour.' })).json.id;
            const { version } = (await send(people[3], 'GET', `/comments/${comment}`)).json;
            const client = spawn('psql', [portal.store.url, '-qAt', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'pipe', 'pipe'] });
            let said = '';
            client.stdout.on('data', (text) => (said += text));
            client.stderr.on('data', (text) => (said += text));
            const ended = new Promise((resolve) => client.once('close', resolve));
            client.stdin.write(`SET statement_timeout = '60s'; BEGIN; UPDATE communities_topic SET views = views WHERE id = ${topic}; SELECT 'locked';\n`
                + `DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pg_backend_pid() = ANY(pg_blocking_pids(pid))) LOOP\n`
                + `PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$;\n`
                + `UPDATE communities_comment SET created = created WHERE id = ${comment}; COMMIT; SELECT 'through';\n`);
            client.stdin.end();
            await until(() => said.includes('locked') || client.exitCode !== null, { what: 'the question to be locked' });
            const edited = await portal.get(`${api}/comments/${comment}`, {
                method: 'PATCH',
                headers: { Cookie: people[3].cookie, 'X-CSRF-Token': people[3].token, 'Content-Type': 'application/json', 'If-Match': `"${version}"` },
                body: JSON.stringify({ body: 'https://a.example/ and https://b.example/ and https://c.example/ say so.' }),
            });
            if (edited.status !== 200)
                client.kill();
            assert.equal(edited.status, 200, edited.text);
            assert.equal(await ended, 0, said);
            assert.deepEqual(said.trim().split('\n'), ['locked', 'through']);
            assert.equal((await portal.get(`${api}/comments/${comment}`)).status, 404, 'it waits for a moderator');
        });

        test('many moderators who merge and move the same questions at once leave each where one of them put it', async () => {
            const twin = (await send(mod, 'POST', '/topics', { space: 'harbour', title: 'Who gives out berths after ten?', body: 'I arrive at eleven with a small boat.' })).json.id;
            const answers = await Promise.all(Array.from({ length: 6 }, () => send(mod, 'POST', `/topics/${twin}/merge`, { into: topic })));
            const statuses = answers.map(({ status }) => status).sort();
            assert.equal(statuses.filter((status) => status === 200).length, 1, `one merges, the others come too late: ${statuses}`);
            const old = await portal.get(`${api}/topics/${twin}`, { redirect: 'manual' });
            assert.deepEqual([old.status, old.headers.get('location')], [301, `${api}/topics/${topic}`]);
        });
    });
