/* A community against somebody who does not use its pages: requests made by hand, ids of others, what was taken away. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { png } from '../lib/images.mjs';
import { makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const api = '/api/communities/v1';
const SECRET = 'saltpetre';
let portal, mara, ben, mod;

const send = (visitor, method, target, body, headers = {}) => visitor.get(target, {
    method, ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), Accept: 'application/json', 'X-CSRF-Token': visitor.token, ...headers },
});

let asked = 0;
async function ask(visitor, body = `Nobody answers the telephone, ${asked}.`) {
    const { status, json, text } = await send(visitor, 'POST', `${api}/topics`, { space: 'harbour', title: `Who assigns berth number ${asked++}?`, body, tags: ['one'] });
    assert.equal(status, 201, text);
    return json;
}

before(async () => {
    portal = await startPortal({
        modules: { communities: { newcomer_posts: 0 } },
        prepare: async ({ dir, cli }) => {
            mkdirSync(path.join(dir, 'content'));
            writeFileSync(path.join(dir, 'content/harbour.xml'), '<community space="harbour" title="Harbour" description="Berths.">\n</community>\n');
            const { code, stderr } = await cli('import', 'communities', '--format', 'demo', path.join(dir, 'content'));
            assert.equal(code, 0, stderr);
        },
    });
    await makePerson(portal, { handle: 'mara' });
    await makePerson(portal, { handle: 'benjamin' });
    await makePerson(portal, { handle: 'noor', roles: 'moderator' });
    [mara, ben, mod] = [await signIn(portal, 'mara'), await signIn(portal, 'benjamin'), await signIn(portal, 'noor')];
});
after(() => portal?.close());

test('a token counts where a page of another site cannot put it, whatever the body calls itself', async () => {
    const body = JSON.stringify({ space: 'harbour', title: 'Who assigns this berth?', body: 'Nobody answers.', portico_token: mara.token });
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded, application/json', 'multipart/form-data'])
        for (const target of [`${api}/topics`, `${api}/topics?portico_token=${mara.token}`]) {
            const answer = await send(mara, 'POST', target, body, { 'Content-Type': type, 'X-CSRF-Token': '' });
            assert.equal(answer.status, 403, `${type} ${target}: ${answer.text}`);
        }
    const { post } = await ask(mara);
    for (const name of ['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'])
        assert.equal((await ben.get(`/communities/posts/${post}/vote?_method=POST&value=1`, { headers: { [name]: 'POST' } })).status, 405);
});

test('members that a form does not have are refused, not stored', async () => {
    const { post } = await ask(mara);
    for (const more of [{ status: 2 }, { author: '1' }, { author_name: 'X' }, { accepted: true }, { score: 99 }, { audience: '1' }, { created: 0 }, { topic: '1' }, { staff: true }])
        assert.equal((await send(mara, 'PATCH', `${api}/posts/${post}`, { body: 'Another text of it.', ...more }, { 'If-Match': '"0"' })).status, 422, JSON.stringify(more));
    for (const value of [2, -2, 1e9, '1', 1.5, null, true, [1]])
        assert.equal((await send(ben, 'PUT', `${api}/posts/${post}/vote`, { value })).status, 422, JSON.stringify(value));
    assert.equal((await mod.get(`${api}/posts/${post}`, { headers: { Accept: 'application/json' } })).json.version, 0);
});

test('what nobody can see is no title, tag or text, and no title turns around what stands beside it', async () => {
    const fine = { space: 'harbour', title: 'Who assigns this berth by night?', body: 'Nobody answers the telephone.', tags: ['one'] };
    const { post } = await ask(mara);
    for (const unseen of ['\u200b', '\u2060', '\ufeff', '\u00ad', '\u3164', '\u2800', '\u034f', '\u2003', '\u{e0041}'].map((letter) => letter.repeat(30)))
        for (const [target, body] of [[`${api}/topics`, { ...fine, title: unseen }], [`${api}/topics`, { ...fine, body: unseen }],
            [`${api}/topics`, { ...fine, tags: ['\u200b\u2060'] }], [`${api}/posts/${post}/comments`, { body: unseen }]])
            assert.equal((await send(mara, 'POST', target, body)).status, 422, escape(JSON.stringify(body)));
    for (const turned of ['\u202e', '\u2067'])
        assert.equal((await send(mara, 'POST', `${api}/topics`, { ...fine, title: `Who assigns ${turned}this berth by night?` })).status, 422);
});

test('what is another\'s to do is refused to everybody else', async () => {
    const { id, post } = await ask(mara);
    const { json: { id: answer } } = await send(ben, 'POST', `${api}/topics/${id}/answers`, { body: 'Call the pilot station at night.' });
    const refused = [
        [mara, 'PUT', `posts/${post}/vote`, { value: 1 }], [ben, 'PATCH', `posts/${post}`, { body: 'Something else entirely.' }],
        [ben, 'PUT', `posts/${answer}/accepted`, { accepted: true }], [ben, 'POST', `posts/${post}/remove`, { reason: 'x' }],
        [ben, 'POST', `topics/${id}/close`, {}], [ben, 'GET', 'moderation'], [ben, 'GET', 'moderation/log'],
    ];
    for (const [visitor, method, target, body] of refused)
        assert.equal((await send(visitor, method, `${api}/${target}`, body, { 'If-Match': '"0"' })).status, 403, `${method} ${target}`);
});

test('what was taken away is nowhere for others, by no route', async () => {
    const { id, slug } = await ask(mara);
    const form = new FormData();
    form.set('image', new File([png()], 'plan.png', { type: 'image/png' }));
    const { json: image } = await mara.get('/portico/images', { method: 'POST', body: form, headers: { 'X-CSRF-Token': mara.token } });
    assert.equal((await send(ben, 'POST', `${api}/topics/${id}/answers`, { body: `This one is mine: ${image.markdown}` })).status, 201);
    assert.equal((await ben.get(image.url)).status, 404, 'naming an image does not make it readable');
    const { json: { id: answer } } = await send(mara, 'POST', `${api}/topics/${id}/answers`, { body: `They hide the ${SECRET}: ${image.markdown}` });
    const { json: { id: comment } } = await send(mara, 'POST', `${api}/posts/${answer}/comments`, { body: `Where is the ${SECRET}?` });
    assert.equal((await ben.get(image.url)).status, 200);
    assert.equal((await send(mod, 'POST', `${api}/posts/${answer}/remove`, { reason: 'It is dangerous.' })).status, 200);
    const places = [`${api}/posts/${answer}`, `${api}/posts/${answer}/revisions`, `${api}/comments/${comment}`, `/communities/posts/${answer}`,
        `/communities/posts/${answer}/history`, `/communities/posts/${answer}/edit`, `/communities/posts/${answer}/comments`,
        `/communities/posts/${answer}/flag`, `/communities/posts/${answer}/remove`, `/communities/comments/${comment}/edit`,
        `/communities/comments/${comment}/flag`, `${api}/search?q=${SECRET}`, `${api}/similar?q=hide+${SECRET}`, `${api}/topics/${id}`,
        `/communities/topics/${id}/${slug}`, '/communities/people/mara', '/communities/feed.atom', '/communities/harbour/feed.atom'];
    for (const place of places)
        assert.ok(!(await ben.get(place)).text.replaceAll(`?q=${SECRET}`, '').includes(`the ${SECRET}`), place);
    assert.equal((await ben.get(image.url)).status, 404);
    for (const [method, target, body] of [['PUT', `posts/${answer}/vote`, { value: 1 }], ['POST', `posts/${answer}/comments`, { body: 'Hello there.' }],
        ['POST', `posts/${answer}/flags`, { reason: 'spam' }], ['PATCH', `posts/${answer}`, { body: 'Something else entirely.' }],
        ['POST', `posts/${answer}/restore`], ['PUT', `comments/${comment}/vote`, { value: 1 }]])
        assert.equal((await send(ben, method, `${api}/${target}`, body, { 'If-Match': '"0"' })).status, 404, `${method} ${target}`);
    assert.equal((await send(mara, 'POST', `${api}/posts/${answer}/restore`)).status, 403, 'who wrote it does not undo a moderator');
});

test('what was taken away is in answers kept for strangers for half a minute at most', async () => {
    const { stdout } = await portal.cli('module', 'inspect', 'communities', '--json');
    const { routes } = JSON.parse(stdout).descriptor;
    assert.ok(routes.some(({ cache_seconds }) => cache_seconds > 0));
    assert.deepEqual(routes.filter(({ cache_seconds }) => cache_seconds > 30).map(({ pattern }) => pattern), []);
});
