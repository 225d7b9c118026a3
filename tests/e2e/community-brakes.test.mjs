/* What slows people down in a community, on both databases: six limits an hour, their quarter for newcomers, what waits
 * for a moderator, and the same words twice. Who is over one reads why and loses nothing; nobody else is held up. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { formsOf, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides.">\n</community>\n';
const api = '/api/communities/v1';
const MOST = 2;

async function harbour(t, database, settings) {
    const portal = await startPortal({
        database, modules: { communities: settings },
        prepare: async ({ dir, cli }) => {
            const content = path.join(dir, 'content');
            mkdirSync(content);
            writeFileSync(path.join(content, 'harbour.xml'), SPACE);
            const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
            assert.equal(code, 0, stderr);
        },
    });
    t.after(() => portal.close());
    return portal;
}

/* A program of somebody's. */
const send = (who, method, target, body) => who.get(api + target, {
    method, body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': who.token },
});
async function made(answer) {
    const { status, json, text } = await answer;
    assert.equal(status, 201, text);
    return json;
}
const question = (number, by = '') => ({ space: 'harbour', title: `Which berth is number ${number} ${by}?`, body: `I look for number ${number} since noon ${by}.`, tags: [] });
const LATER = /That was a lot in a short time\. Try again in (an hour|\d+ minutes)\./;

/* Refused for now, with the time to wait. */
function assertLimited({ status, headers, text, json }, what) {
    assert.equal(status, 429, `${what}: ${text}`);
    const seconds = Number(headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= 1.05 * 3600, `${what}: ${seconds} s`); /* a twentieth late at most */
    assert.match(json ? json.detail : textOf(text), LATER, what);
}

for (const database of ['sqlite', 'postgresql'])
    describe(`brakes of a community on ${database}`, () => {
        test('each limit an hour refuses with the time to wait, keeps what was written, and is of one person alone', async (t) => {
            const limits = Object.fromEntries(['questions', 'answers', 'comments', 'votes', 'flags'].map((what) => [`${what}_an_hour`, MOST]));
            const portal = await harbour(t, database, { newcomer_posts: 0, ...limits });
            const [lars, maren, mod] = [await signIn(portal, 'lars'), await signIn(portal, 'maren'), await signIn(portal, 'moira', 'moderator')];
            /* By no limit herself: as many as are acted on, and a text of each of the others to edit. */
            const topics = [];
            for (let number = 0; number <= MOST + 1; number++)
                topics.push(await made(send(mod, 'POST', '/topics', question(number))));
            const own = new Map();
            for (const who of [lars, maren])
                own.set(who, (await made(send(who, 'POST', '/topics', question('seven', who.handle)))).post);
            const pageOf = async (who, topic) => who.follow(await who.get(`/communities/topics/${topic.id}`));

            /* One after another of each: by a page, and what a program sends. Lars and Maren asked once already. */
            const acts = {
                question: { before: 1, fields: (n, who) => ({ ...question(n, who.handle), tags: '', seen: 'yes' }), kept: ['title', 'body'],
                    page: (who, n, fields) => who.submit('/communities/ask?space=harbour', fields, 'ask'), program: (who, n) => send(who, 'POST', '/topics', question(n, who.handle)) },
                answer: { fields: (n, who) => ({ body: `Number ${n} is behind the crane, says ${who.handle}.` }), kept: ['body'],
                    page: async (who, n, fields) => who.submit(await pageOf(who, topics[n]), fields, 'form-answer'), program: (who, n, fields) => send(who, 'POST', `/topics/${topics[n].id}/answers`, fields) },
                comment: { fields: (n, who) => ({ body: `Number ${n} is also what ${who.handle} asks.` }), kept: ['body'],
                    page: (who, n, fields) => who.submit(`/communities/posts/${topics[n].post}/comments`, fields, 'comments'), program: (who, n, fields) => send(who, 'POST', `/posts/${topics[n].post}/comments`, fields) },
                edit: { fields: (n, who) => ({ title: `Which berth is it of ${n + 5}, please?`, body: `I look for it since noon, the ${n}th time, ${who.handle}.`, tags: '', note: 'said it better' }), kept: ['title', 'body', 'note'],
                    page: (who, n, fields) => who.submit(`/communities/posts/${own.get(who)}/edit`, fields, 'edit'),
                    program: (who, n, { title, body }) => who.get(`${api}/posts/${own.get(who)}`, { method: 'PATCH', body: JSON.stringify({ title, body }), headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': who.token, 'If-Match': '*' } }) },
                report: { fields: (n) => ({ reason: 'other', note: `There is no number ${n}.` }), kept: ['reason', 'note'],
                    page: (who, n, fields) => who.submit(`/communities/posts/${topics[n].post}/flag`, fields, 'flag'), program: (who, n, fields) => send(who, 'POST', `/posts/${topics[n].post}/flags`, fields) },
                vote: { fields: () => ({ value: 'up' }), kept: [],
                    page: (who, n, fields) => who.post(`/communities/posts/${topics[n].post}/vote`, fields), program: (who, n) => send(who, 'PUT', `/posts/${topics[n].post}/vote`, { value: 1 }) },
            };
            const seen = async () => {
                const { json: { items: all } } = await mod.get(`${api}/topics?limit=100`, { headers: { Accept: 'application/json' } });
                const whole = await Promise.all(all.map(async ({ id }) => (await mod.get(`${api}/topics/${id}`, { headers: { Accept: 'application/json' } })).json));
                const queue = (await mod.get(`${api}/moderation`, { headers: { Accept: 'application/json' } })).json.items;
                return JSON.stringify([whole.map(({ title, answers, comments, posts }) => [title, answers, comments, posts.map(({ body, score }) => [body, score])]), queue.map(({ id, flags }) => [id, flags.length])]);
            };
            for (const [what, { before = 0, fields, kept, page, program }] of Object.entries(acts)) {
                const first = what === 'question' ? 10 : 0; /* titles of their own */
                for (let n = before; n < MOST; n++)
                    assert.equal((await page(lars, first + n, fields(first + n, lars))).status, 303, `${what} ${n} of ${MOST}`);
                const count = await seen();
                const sent = fields(first + MOST, lars);
                const refused = await page(lars, first + MOST, sent);
                assertLimited(refused, what);
                if (kept.length) {
                    const form = formsOf(refused.text).find((one) => one.method === 'post' && kept[0] in one.fields && kept.at(-1) in one.fields);
                    assert.ok(form, `${what}: its form is shown again`);
                    for (const name of kept.filter((one) => one !== 'reason'))
                        assert.equal(form.fields[name], sent[name], `${what}: ${name} is kept`);
                    assertLimited(await lars.post(form.action, { ...form.fields, ...(sent.reason ? { reason: sent.reason } : {}) }), `${what} again`);
                }
                assertLimited(await program(lars, first + MOST, sent), `${what} by a program`);
                assert.equal(await seen(), count, `${what}: nothing was made`);
                for (const who of [maren, mod]) {
                    if (what === 'edit' && who === mod || what === 'vote' && who === mod || what === 'report' && who === mod)
                        continue; /* of what is her own */
                    const { status, text } = await program(who, first + MOST, fields(first + MOST, who));
                    assert.ok(status < 300, `${what} of ${who.handle}: ${status} ${text}`);
                }
                assert.notEqual(await seen(), count, `${what}: of others it is`);
            }
        });

        test('a newcomer gets a quarter, and waits for a moderator where others do not', async (t) => {
            const portal = await harbour(t, database, { newcomer_posts: 1, newcomer_links: 1, questions_an_hour: 8, blocked_words: 'casino, cheap watches' });
            const somebody = async (handle) => signIn(portal, handle);
            const known = await somebody('known');
            await made(send(known, 'POST', '/topics', question(1, 'first')));
            const waits = async (who) => textOf((await who.get('/communities/waiting')).text);
            const isHeld = async (who, answer, words) => {
                const { id, held } = await made(answer);
                assert.equal(held, true);
                assert.match(await waits(who), /A moderator reads this before others do\. It is safe here, and you are told as soon as it is shown\./);
                assert.match(await waits(who), words, 'it is kept');
                assert.equal((await portal.get(`/communities/topics/${id}`)).status, 404, 'nobody else sees it');
            };

            /* Within seconds of opening the form, which programs do not open. */
            const fields = (who) => ({ space: 'harbour', title: `Who is the pilot of ${who.handle}?`, body: 'Nobody answers on channel nine.', tags: '', seen: 'yes' });
            const hasty = await somebody('hasty');
            const sent = await hasty.submit('/communities/ask?space=harbour', fields(hasty), 'ask');
            assert.deepEqual([sent.status, sent.headers.get('location')], [303, '/communities/waiting'], textOf(sent.text));
            assert.match(await waits(hasty), /Your question .*Who is the pilot of hasty\? Nobody answers on channel nine\./);
            assert.doesNotMatch((await known.get('/communities')).text, /pilot of hasty/);
            const shown = await known.submit('/communities/ask?space=harbour', fields(known), 'ask');
            assert.match(shown.headers.get('location'), /^\/communities\/topics\/\d+/);
            assert.match((await hasty.get('/communities')).text, /pilot of known/);

            /* Links. */
            const links = (who) => ({ ...question(2, who.handle), body: 'It is on https://example.org/a or https://example.org/b, I think.' });
            const linking = await somebody('linking');
            await isHeld(linking, send(linking, 'POST', '/topics', links(linking)), /example\.org\/b/);
            assert.equal((await made(send(known, 'POST', '/topics', links(known)))).held, false);

            /* Words of the list hold whoever uses them, and nobody who does not. */
            const spam = (who) => ({ ...question(3, who.handle), body: 'Cheap  watches are not what I mean, but the casino on the pier.' });
            await isHeld(known, send(known, 'POST', '/topics', spam(known)), /casino on the pier/);
            const plain = await somebody('plain');
            assert.equal((await made(send(plain, 'POST', '/topics', { ...spam(plain), body: 'The casinos on the pier are closed.' }))).held, false);

            /* A quarter of eight. */
            const eager = await somebody('eager');
            for (let n = 0; n < 2; n++)
                assert.equal((await made(send(eager, 'POST', '/topics', { ...question(4 + n, 'eager'), body: `The casino again, ${n}.` }))).held, true);
            assertLimited(await send(eager, 'POST', '/topics', question(6, 'eager')), 'a third of a newcomer');
            await made(send(known, 'POST', '/topics', question(6, 'known')));
        });

        test('the same words within a day are refused with what to do, and kept; another may say them', async (t) => {
            const portal = await harbour(t, database, { newcomer_posts: 0 });
            const [lars, maren] = [await signIn(portal, 'lars'), await signIn(portal, 'maren')];
            const topics = [];
            for (const n of [1, 2])
                topics.push(await made(send(maren, 'POST', '/topics', question(n))));
            const words = { body: 'Have a look in the office behind the crane.' };
            const page = async (who, topic) => who.submit(await who.follow(await who.get(`/communities/topics/${topic.id}`)), words, 'form-answer');
            assert.equal((await page(lars, topics[0])).status, 303);
            const refused = await page(lars, topics[1]);
            assert.equal(refused.status, 422);
            assert.match(textOf(refused.text), /You wrote exactly this within the last day\. Edit what you wrote there, or say it in other words\./);
            const form = formsOf(refused.text).find(({ id }) => id?.startsWith('form-answer'));
            assert.equal(form.fields.body, words.body);
            const program = await send(lars, 'POST', `/topics/${topics[1].id}/answers`, words);
            assert.equal(program.status, 422, program.text);
            assert.match(program.text, /You wrote exactly this within the last day/);
            assert.equal((await page(maren, topics[1])).status, 303);
            assert.equal((await lars.post(form.action, { ...form.fields, body: `${words.body} It is green.` })).status, 303);
        });
    });
