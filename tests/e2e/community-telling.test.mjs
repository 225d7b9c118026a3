/* Who is told what: nothing of a question that is held, removed or for others reaches those who may not see it, by whatever way. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const api = '/api/communities/v1';
const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides."></community>\n';
/* Kept answers last longer than this by themselves. */
const SOON = 10_000;

const prepare = async ({ dir, cli }) => {
    const content = path.join(dir, 'content');
    mkdirSync(content);
    writeFileSync(path.join(content, 'harbour.xml'), SPACE);
    const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
    assert.equal(code, 0, stderr);
};

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
        let portal, ada, ben, mod;

        const ask = async (person, title, more = {}) => {
            const asked = await send(person, 'POST', '/topics', { space: 'harbour', title, body: `${title} I ask for a friend.`, tags: ['tides'], ...more });
            assert.equal(asked.status, 201, asked.text);
            return asked.json.id;
        };
        before(async () => {
            portal = await startPortal({ database, modules: { communities: {} }, prepare, settings: { server: { workers: 2 } } });
            [ada, ben, mod] = [await signIn(portal, 'ada'), await signIn(portal, 'ben'), await signIn(portal, 'mod', 'moderator')];
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
            assert.equal((await send(mod, 'POST', `/posts/${answered.json.id}/remove`, { reason: 'A joke.' })).status, 200);
            await all(pages.slice(-2), gone('plankton'), 'the removed answer to be gone everywhere');

            await all(pages.slice(-2), barnacles, 'the question to stay');
            const questions = (await send(mod, 'GET', `/topics/${id}`)).json.posts;
            const removed = await send(mod, 'POST', `/posts/${questions[0].id}/remove`, { reason: 'Not about berths.' });
            assert.equal(removed.status, 200, removed.text);
            await all(pages, gone('barnacles'), 'the removed question to be gone everywhere');
            assert.ok((await getByAll(portal, pages.at(-1))).every(({ status }) => status === 404));
        });
    });
