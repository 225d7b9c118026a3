/* Who is told what: nothing of a question that is held, removed or for others reaches those who may not see it, by whatever way. */
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { bringing } from '../lib/content.mjs';
import { isReady, listen } from '../lib/live.mjs';
import { signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { until } from '../lib/wait.mjs';

const api = '/api/communities/v1';
const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides."></community>\n';
/* Kept answers last longer than this by themselves. */
const SOON = 10_000;

const prepare = bringing(SPACE);

const send = async (person, method, target, body) => {
    const answer = await person.get(`${api}${target}`, {
        method,
        headers: { Accept: 'application/json', 'X-CSRF-Token': person.token, 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answer;
};

/* On a connection of its own: another worker may answer it. */
const getOnce = (portal, target) => new Promise((resolve, reject) => {
    http.get(new URL(target, portal.url), { agent: false, headers: { Accept: 'text/html' } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: answer.statusCode, text }));
        answer.on('error', reject);
    }).on('error', reject);
});
/* Often enough that each of two workers gives one of the answers. */
const getByAll = (portal, target) => Promise.all(Array.from({ length: 16 }, () => getOnce(portal, target)));

for (const database of ['sqlite', 'postgresql'])
    describe(`telling in a community on ${database}`, () => {
        let portal, admin, ada, ben, mod;

        const ask = async (person, title, more = {}) => {
            const asked = await send(person, 'POST', '/topics', { space: 'harbour', title, body: `${title} I ask for a friend.`, tags: ['tides'], ...more });
            assert.equal(asked.status, 201, asked.text);
            return asked.json.id;
        };
        before(async () => {
            portal = await startPortal({ database, modules: { communities: { newcomer_posts: 0, blocked_words: 'casino' } }, prepare, settings: { server: { workers: 2 } } });
            [ada, ben, mod, admin] = [await signIn(portal, 'ada'), await signIn(portal, 'ben'), await signIn(portal, 'mod', 'moderator'), await signIn(portal, 'root', 'admin')];
            const bridge = { title: 'Bridge', kind: 'questions', writers: 'members', sharing: { level: 'staff' } };
            assert.equal((await send(admin, 'POST', '/spaces', bridge)).status, 201);
        });
        after(() => portal?.close());

        test('what is taken from view is gone from kept answers of all workers', async () => {
            const title = 'Where do barnacles come from?';
            const id = await ask(ada, title);
            const answered = await send(ben, 'POST', `/topics/${id}/answers`, { body: 'From the plankton of spring.' });
            const pages = ['/communities', '/communities/harbour', '/communities/tags/tides', '/communities/feed.atom', '/communities/harbour/feed.atom',
                `${api}/topics`, `${api}/topics/${id}`, `/communities/topics/${id}/where-do-barnacles-come-from`];
            const shown = (text) => (answers) => answers.every((answer) => answer.text.includes(text));
            const gone = (text) => (answers) => answers.every((answer) => answer.status === 404 || !answer.text.includes(text));
            const all = (targets, holds, what) => until(async () => {
                for (const target of targets)
                    assert.ok(holds(await getByAll(portal, target)), target);
                return true;
            }, { within: SOON, what });

            const barnacles = shown('barnacles');
            for (const target of pages)
                await until(async () => barnacles(await getByAll(portal, target)), { within: 60_000, what: `${target} to show the question` });
            await until(async () => shown('plankton')(await getByAll(portal, pages.at(-1))), { within: 60_000, what: 'the answer' });
            for (const [method, target, body, solved] of [['PUT', `/posts/${answered.json.id}/accepted`, { accepted: true }, true], ['PUT', `/posts/${answered.json.id}/accepted`, { accepted: false }, false],
                ['POST', `/topics/${id}/close`, { reason: 'Said all.' }, undefined]]) {
                const done = await send(mod, method, target, body);
                assert.equal(done.status, 200, done.text);
                const holds = (answers) => answers.every(({ text }) => (solved === undefined ? JSON.parse(text).closed : (JSON.parse(text).state === 'solved') === solved));
                await all([`${api}/topics/${id}`], holds, `${target} ${JSON.stringify(body)} to show everywhere`);
            }
            assert.equal((await send(mod, 'POST', `/topics/${id}/reopen`, { reason: 'Not all.' })).status, 200);
            assert.equal((await send(mod, 'POST', `/posts/${answered.json.id}/remove`, { reason: 'A joke.' })).status, 200);
            await all(pages.slice(-2), gone('plankton'), 'the removed answer to be gone everywhere');

            await all(pages.slice(-2), barnacles, 'the question to stay');
            const questions = (await send(mod, 'GET', `/topics/${id}`)).json.posts;
            const removed = await send(mod, 'POST', `/posts/${questions[0].id}/remove`, { reason: 'Not about berths.' });
            assert.equal(removed.status, 200, removed.text);
            await all(pages, gone('barnacles'), 'the removed question to be gone everywhere');
            assert.ok((await getByAll(portal, pages.at(-1))).every(({ status }) => status === 404));
        });

        describe('nothing reaches a guest or a member', () => {
            const begun = (Date.now() - 1) * 1000;
            const asks = { guest: () => portal, member: () => ada };
            const told = (stream, subjects) => stream.events.filter(({ data }) => subjects.includes(data.subject));
            const counts = async (who) => {
                const places = (await who.get(`${api}/spaces`)).json.items.map(({ slug, topics, answers }) => `${slug} ${topics} ${answers}`);
                const tags = (await who.get(`${api}/tags?limit=100`)).json.items.map(({ name, topics }) => `${name} ${topics}`);
                const written = await Promise.all(['ben', 'mod'].map(async (handle) => {
                    const { text } = await who.get(`/communities/people/${handle}`, { headers: { Accept: 'text/html' } });
                    return `${handle} ${/\d+ contributions?/.exec(text)?.[0] ?? 'is nobody'}`;
                }));
                return [...places, ...tags, ...written];
            };
            /* A question that says its kind in words of its own: one to look for it by, one that is never in an address. */
            const question = (kind, more = {}) => ({ space: 'harbour', title: `Who took the ${kind}key to the ${kind}hoard?`, body: `It hung in the ${kind}shed.`, tags: ['tides', `${kind}key`], ...more });
            const places = (kind, { id, post }) => {
                const found = `q=${kind}key`;
                return ['/communities', '/communities?sort=newest', '/communities?sort=unanswered', '/communities/harbour', '/communities/bridge', '/communities/tags',
                    '/communities/tags/tides', `/communities/tags/${kind}key`, `/communities/search?${found}`, `/search?${found}`, '/communities/people/ben', '/communities/people/mod',
                    `/communities/topics/${id}`, `/communities/topics/${seen}`, `/communities/posts/${post}/history`, '/communities/feed.atom', '/communities/feed.rss',
                    '/communities/harbour/feed.atom', '/communities/bridge/feed.rss', `/communities/tags/${kind}key/feed.atom`, '/communities/tags/tides/feed.rss',
                    '/communities/sitemap.xml', '/communities/sitemap/0', '/communities/moderation', '/communities/mine', '/communities/waiting', '/account/notices',
                    ...['topics?limit=100', 'topics?sort=newest&limit=100', `topics?tag=${kind}key`, 'topics?space=bridge', `topics/${id}`, `posts/${post}`, `search?${found}`,
                        `similar?q=${encodeURIComponent(question(kind).title)}`, 'tags?limit=100', 'spaces'].map((target) => `${api}/${target}`)];
            };
            const leaks = async (who, kind, made) => {
                const found = [];
                for (const target of places(kind, made)) {
                    const { status, text } = await who.get(target, { headers: { Accept: target.startsWith(api) ? 'application/json' : 'text/html' } });
                    assert.ok(status < 500, `${target}: ${text}`);
                    const words = [`${kind}hoard`, `${kind}shed`, ...target.includes(`${kind}key`) ? [] : [`${kind}key`], ...target.includes(made.id) ? [] : [made.id]];
                    found.push(...words.filter((word) => text.includes(word)).map((word) => `${target} (${status}) says ${word}`));
                }
                return found;
            };
            const made = {}, streams = {}, before_ = {};
            let seen, subjects;
            const create = async (kind, person, more) => {
                const asked = await send(person, 'POST', '/topics', question(kind, more));
                assert.equal(asked.status, 201, asked.text);
                const { posts } = (await send(person, 'GET', `/topics/${asked.json.id}`)).json;
                made[kind] = { id: asked.json.id, post: posts[0].id };
                return made[kind];
            };

            before(async () => {
                seen = await ask(ben, 'When does the ferry leave on Sundays?');
                for (const [name, who] of Object.entries(asks))
                    before_[name] = await until(async () => {
                        const now = await counts(who());
                        return now.includes('bridge') ? undefined : now;
                    }, { what: 'the counts' });
                await create('team', mod, { space: 'bridge' });
                await create('held', ben, { body: 'It hung in the heldshed of the casino.' });
                await create('gone', ben);
                assert.equal((await ada.post(`/communities/topics/${made.gone.id}/follow`, { level: 'follow' })).status, 303);
                subjects = Object.values(made).map(({ id }) => `topic/${id}`);
                const watch = new URLSearchParams([...subjects, `topic/${seen}`].map((subject) => ['watch', subject])).toString();
                for (const [name, cookie] of [['guest', ''], ['member', ada.cookie], ['moderator', mod.cookie]])
                    streams[name] = await listen(portal, watch, cookie ? { Cookie: cookie } : {});
                await Promise.all(Object.values(streams).map(isReady));
                streams.watch = watch;
            });
            after(() => ['guest', 'member', 'moderator'].forEach((name) => streams[name]?.close()));

            test('of what was removed, or is held, or is for the team: not on pages, in search, feeds, sitemap, API or notices', async () => {
                const answered = await send(mod, 'POST', `/topics/${made.gone.id}/answers`, { body: 'It is with the gonehoard, in the goneshed.' });
                assert.equal(answered.status, 201, answered.text);
                const notices = async () => (await ada.get('/account/notices')).text;
                await until(async () => (await notices()).includes('gonehoard'), { within: 60_000, what: 'ada to have a notice' });
                assert.equal((await send(mod, 'POST', `/posts/${made.gone.post}/remove`, { reason: 'Not for all.' })).status, 200);
                for (const who of Object.values(asks))
                    for (const kind of Object.keys(made))
                        await until(async () => {
                            assert.deepEqual(await leaks(who(), kind, made[kind]), []);
                            return true;
                        }, { within: 60_000, what: `nothing to be told of the ${kind} question` });
                assert.notDeepEqual(await leaks(mod, 'team', made.team), [], 'moderators find it by the same ways');
            });

            test('by counts of spaces, tags and people', async () => {
                for (const [name, who] of Object.entries(asks))
                    await until(async () => {
                        assert.deepEqual(await counts(who()), before_[name]);
                        return true;
                    }, { within: 60_000, what: `the counts of a ${name} to be as before` });
            });

            test('by open pages, or by those opened later', async () => {
                const answer = async (id, body) => assert.equal((await send(mod, 'POST', `/topics/${id}/answers`, { body })).status, 201);
                await answer(made.team.id, 'The boatswain has it since yesterday.');
                assert.equal((await send(ben, 'POST', `/topics/${seen}/answers`, { body: 'Ask them at the casino.' })).status, 201); /* held */
                await answer(seen, 'At nine and at noon.');
                const news = (stream) => told(stream, [`topic/${seen}`]);
                for (const name of ['guest', 'member', 'moderator'])
                    await until(() => news(streams[name]).length, { within: 60_000, what: `the ${name} to be told of the visible answer` });
                await until(() => told(streams.moderator, [`topic/${made.team.id}`]).length, { within: 60_000, what: 'the moderator to be told' });
                const late = {};
                for (const [name, cookie] of [['guest', ''], ['member', ada.cookie]]) {
                    late[name] = await listen(portal, `${streams.watch}&since=${begun}`, cookie ? { Cookie: cookie } : {});
                    await isReady(late[name]);
                    assert.equal(news(late[name]).length, 1, 'the held answer is no news');
                    assert.equal(news(streams[name]).length, 1);
                    /* Before it was removed an answer to it was no secret. */
                    const secret = subjects.filter((subject) => subject !== `topic/${made.gone.id}`);
                    assert.deepEqual(told(streams[name], secret), []);
                    assert.deepEqual(told(late[name], secret), []);
                    late[name].close();
                }
            });

            test('once they may no longer see it: an open stream ends, and a new one says nothing', async () => {
                const endings = { mate: () => people(portal, 'roles', 'mate', '', 'moderator'), purser: () => people(portal, 'disable', 'purser') };
                for (const [handle, end] of Object.entries(endings)) {
                    const person = await signIn(portal, handle, 'moderator');
                    const watch = `watch=topic/${made.team.id}`;
                    const stream = await listen(portal, watch, { Cookie: person.cookie });
                    await isReady(stream);
                    assert.equal((await send(mod, 'POST', `/topics/${made.team.id}/answers`, { body: `It was on the hook when ${handle} looked.` })).status, 201);
                    await until(() => told(stream, subjects).length === 1, { within: 60_000, what: `${handle} to be told` });
                    await end();
                    await until(() => stream.ended, { within: 60_000, what: `the stream of ${handle} to end` });
                    const again = await listen(portal, `${watch}&since=${begun}`, { Cookie: person.cookie });
                    if (again.status === 200) {
                        await isReady(again);
                        assert.deepEqual(told(again, subjects), []);
                        again.close();
                    }
                }
            });
        });
    });
