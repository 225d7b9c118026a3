/* Writing in a community, in a running portal on both databases: what is made is there once, counted exactly, and stays
 * text; edits of one text do not overwrite each other unseen. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { png } from '../lib/images.mjs';
import { join, makeAccount, formsOf, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { queryOf } from '../lib/authorization-world.mjs';

const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides.">\n</community>\n';
const QUESTION = {
    space: 'harbour', title: 'Who assigns a berth at night?', tags: ['berths', 'pilots'],
    body: 'The office is **closed** after ten, and nobody answers.',
};
const api = '/api/communities/v1';

/* A community with one space and two people to whom no brake applies. */
async function harbour(t, options = {}) {
    const portal = await startPortal({
        modules: { communities: { newcomer_posts: 0, questions_an_hour: 1000, answers_an_hour: 1000, comments_an_hour: 1000 } },
        settings: { server: { workers: 2, handler_threads: 4 } },
        prepare: async ({ dir, cli }) => {
            const content = path.join(dir, 'content');
            mkdirSync(content);
            writeFileSync(path.join(content, 'harbour.xml'), SPACE);
            const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
            assert.equal(code, 0, stderr);
        },
        ...options,
    });
    t.after(() => portal.close());
    await makePerson(portal, { handle: 'mara', name: 'Mara Lind' });
    await makePerson(portal, { handle: 'benjamin', name: 'Benjamin Ott' });
    return { portal, mara: await signIn(portal, 'mara'), ben: await signIn(portal, 'benjamin') };
}

/* JSON as one who is signed in sends it. */
const send = (visitor, method, target, body, headers = {}) => visitor.get(target, {
    method, body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': visitor.token, ...headers },
});

async function made(answer) {
    const { status, json, text } = await answer;
    assert.equal(status, 201, text);
    return json.id;
}

const read = async (visitor, target) => {
    const { status, json, text } = await visitor.get(target, { headers: { Accept: 'application/json' } });
    assert.equal(status, 200, text);
    return json;
};

for (const database of ['sqlite', 'postgresql']) {
    test(`questions, answers and comments are made by pages and programs alike, on ${database}`, async (t) => {
        const { portal, mara, ben } = await harbour(t, { database });
        const topic = await made(send(mara, 'POST', `${api}/topics`, QUESTION));
        const asked = await mara.submit('/communities/ask?space=harbour', {
            title: 'Where do I read the tide table?', body: 'I only find the one of last year.', tags: 'tides, @mara', opened: '1',
        });
        assert.equal(asked.status, 422, 'a tag with "@" is none');
        const second = await mara.submit('/communities/ask?space=harbour', {
            title: 'Where do I read the tide table?', body: 'I only find the one of last year.', tags: 'tides', opened: '1',
        });
        assert.equal(second.status, 303, textOf(second.text));
        const page = await ben.get(`/communities/topics/${topic}/who-assigns-a-berth-at-night`);
        const answered = await ben.submit(page, { body: 'Call the pilot station, as @mara did.', opened: '1' }, 'form-answer');
        assert.equal(answered.status, 303, textOf(answered.text));
        const answer = /#post-(\d+)$/.exec(answered.headers.get('location'))[1];
        await made(send(mara, 'POST', `${api}/posts/${answer}/comments`, { body: 'They answered at once.' }));

        const full = await read(portal, `${api}/topics/${topic}`);
        assert.equal(full.state, 'answered');
        assert.deepEqual([full.answers, full.comments, full.author], [1, 1, 'Mara Lind']);
        assert.match(full.posts[1].body, /<a href="\/communities\/people\/mara"[^>]*>@mara<\/a>/);
        assert.equal(full.posts[1].comments.length, 1);
        const { items: [space] } = await read(portal, `${api}/spaces`);
        assert.deepEqual([space.topics, space.answers, space.solved], [2, 1, 0]);
        const { items: hits } = await read(portal, `${api}/search?q=pilot+station`);
        assert.deepEqual(hits.map(({ id }) => id), [topic]);
        const person = await portal.get('/communities/people/mara');
        assert.equal(person.status, 200);
        assert.match(textOf(person.text), /2 contributions/);
    });

    test(`one form sent a hundred times at once makes one question, on ${database}`, async (t) => {
        const { portal, mara } = await harbour(t, { database });
        const page = await mara.get('/communities/ask?space=harbour');
        const { fields } = formsOf(page.text).find(({ id }) => id === 'form-ask');
        const sent = { ...fields, title: QUESTION.title, body: QUESTION.body, tags: 'berths', opened: '1', seen: 'yes' };
        const answers = await Promise.all(Array.from({ length: 100 }, () => mara.post('/communities/ask', sent)));
        const places = new Set(answers.map(({ status, headers }) => `${status} ${headers.get('location')}`));
        assert.equal(places.size, 1, [...places].join('\n'));
        assert.match([...places][0], /^303 \/communities\/topics\/\d+/);
        const { items } = await read(portal, `${api}/topics`);
        assert.equal(items.length, 1);
        const { items: [space] } = await read(portal, `${api}/spaces`);
        assert.equal(space.topics, 1);
    });

    test(`what was begun as a comment, or as a change of one, is there again until it is sent, on ${database}`, async (t) => {
        const { mara, ben } = await harbour(t, { database });
        const { json: { post } } = await send(mara, 'POST', `${api}/topics`, QUESTION);
        const form = `/communities/posts/${post}/comments`;
        const begun = async (person, path) => formsOf((await person.get(path)).text).find(({ fields }) => 'body' in fields).fields.body;
        const first = await ben.submit(form, { body: 'They answered at once, bu', opened: '1', portico_draft: 'save' });
        assert.ok(first.status < 400, textOf(first.text));
        assert.equal(await begun(ben, form), 'They answered at once, bu');
        assert.equal(await begun(mara, form), '', 'it is nobody else\'s');
        const sent = await ben.submit(form, { body: 'They answered at once, but late.', opened: '1' });
        assert.equal(sent.status, 303, textOf(sent.text));
        assert.equal(await begun(ben, form), '');
        const edit = `/communities/comments/${/#comment-(\d+)$/.exec(sent.headers.get('location'))[1]}/edit`;
        const changed = await ben.submit(edit, { body: 'They answered, but late', portico_draft: 'save' });
        assert.ok(changed.status < 400, textOf(changed.text));
        assert.equal(await begun(ben, edit), 'They answered, but late');
    });

    test(`answers and comments that arrive at once are all counted, on ${database}`, async (t) => {
        const { portal, mara, ben } = await harbour(t, { database });
        const topic = await made(send(mara, 'POST', `${api}/topics`, QUESTION));
        const writers = [mara, ben];
        await Promise.all(Array.from({ length: 40 }, (_, i) =>
            made(send(writers[i % 2], 'POST', `${api}/topics/${topic}/answers`, { body: `Way ${i} to do it, which is not the same.` }))));
        /* Whoever is signed in is never answered from what is kept for a few seconds. */
        const full = await read(ben, `${api}/topics/${topic}`);
        assert.equal(full.answers, 40);
        assert.equal(full.posts.length, 41);
        await Promise.all(Array.from({ length: 40 }, (_, i) =>
            made(send(writers[i % 2], 'POST', `${api}/posts/${full.posts[1].id}/comments`, { body: `Remark number ${i}.` }))));
        assert.equal((await read(ben, `${api}/topics/${topic}`)).comments, 40);
        const { items: [space] } = await read(portal, `${api}/spaces`);
        assert.deepEqual([space.topics, space.answers], [1, 40]);
    });

    test(`of edits made from one version one is kept and the others are told, on ${database}`, async (t) => {
        const { portal, mara } = await harbour(t, { database });
        const { json: { post } } = await send(mara, 'POST', `${api}/topics`, QUESTION);
        const edits = await Promise.all(Array.from({ length: 10 }, (_, i) =>
            send(mara, 'PATCH', `${api}/posts/${post}`, { body: `What editor number ${i} wrote.` }, { 'If-Match': '"0"' })));
        assert.deepEqual(edits.map(({ status }) => status).sort(), [200, ...Array(9).fill(412)]);
        const now = await read(portal, `${api}/posts/${post}`);
        assert.equal(now.version, 1);
        assert.equal((await send(mara, 'PATCH', `${api}/posts/${post}`, { body: 'Without saying from what.' })).status, 428);
        const { items } = await read(portal, `${api}/posts/${post}/revisions`);
        assert.deepEqual(items.map(({ number, source }) => [number, source]), [[1, now.source], [0, QUESTION.body]]);
    });

    test(`of edits of a comment one is kept, with what it said before, on ${database}`, async (t) => {
        const { portal, mara } = await harbour(t, { database });
        const { json: { post } } = await send(mara, 'POST', `${api}/topics`, QUESTION);
        const comment = await made(send(mara, 'POST', `${api}/posts/${post}/comments`, { body: 'Remark number 0.' }));
        const said = ['Remark number 0.'];
        let { version } = await read(mara, `${api}/comments/${comment}`);
        for (let round = 1; round <= 3; round++) {
            const edits = await Promise.all(Array.from({ length: 10 }, (_, i) =>
                send(mara, 'PATCH', `${api}/comments/${comment}`, { body: `Remark number ${round}, by hand ${i}.` }, { 'If-Match': `"${version}"` })));
            assert.deepEqual(edits.map(({ status }) => status).sort(), [200, ...Array(9).fill(412)], `round ${round}`);
            const at = edits.findIndex(({ status }) => status === 200);
            said.unshift(`Remark number ${round}, by hand ${at}.`);
            ({ version } = edits[at].json);
        }
        const { items } = await read(mara, `${api}/comments/${comment}/revisions`);
        assert.deepEqual(items.map(({ number, source, author }) => [number, source, author]),
            said.map((source, at) => [3 - at, source, 'Mara Lind']));
    });
}

/* A form of a page, sent as a browser without script does: its fields and, with them, an image. */
async function sendWith(person, target, which, fields, image, name = 'gate.png') {
    const form = formsOf((await person.get(target)).text).find(({ id }) => id?.startsWith(which));
    const body = () => {
        const data = new FormData();
        for (const [field, value] of Object.entries({ ...form.fields, ...fields }))
            data.append(field, value);
        data.append('body_image', new Blob([image], { type: 'image/png' }), name);
        return data;
    };
    return () => person.get(form.action.replace(/#.*/, ''), { method: 'POST', body: body() });
}

const imagesIn = (text) => [...new Set([...text.matchAll(/\/portico\/files\/\d+\/[\w.%-]+/g)].map(([path]) => path))];

for (const database of ['sqlite', 'postgresql'])
    test(`an image comes with the text where no script sends it, on ${database}`, async (t) => {
        const { portal, mara, ben } = await harbour(t, { database });
        const files = async () => Number((await queryOf(portal, 'SELECT count(*) FROM portico_file')).trim());
        const QUESTION = { space: 'harbour', title: 'Why is the gate shut at night?', body: 'It was **open** in May, and look at it now.', tags: 'gates', seen: 'yes', opened: '1' };
        let topic;

        await t.test('and is seen by whoever reads it; sent again, at once too, it is one of each', async () => {
            const again = await sendWith(mara, '/communities/ask', 'form-ask', QUESTION, png(40, 30));
            const answers = await Promise.all([again(), again(), again()]);
            answers.push(await again());
            assert.deepEqual(answers.map(({ status }) => status), [303, 303, 303, 303], textOf(answers.find(({ status }) => status !== 303)?.text ?? ''));
            assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1);
            topic = answers[0].headers.get('location');
            const [image] = imagesIn((await ben.get(topic)).text);
            assert.match(image, /gate\.png$/);
            assert.equal((await portal.get(image)).headers.get('content-type'), 'image/png');
            const loose = await files();
            await (await again)();
            assert.equal(await files(), loose, 'what was sent before keeps nothing more');
        });

        await t.test('with an answer, a comment and what is edited as well', async () => {
            const answered = await (await sendWith(ben, topic, 'form-answer', { body: 'The watchman sleeps, see here.' }, png(8, 8), 'watch [man].png'))();
            assert.equal(answered.status, 303, textOf(answered.text));
            const page = (await mara.get(topic)).text, [, post] = [.../ id="post-(\d+)"/.exec(page)];
            const commented = await (await sendWith(ben, `/communities/posts/${post}/comments`, 'form-comment', { body: 'From the other side:' }, png(9, 9), 'side.png'))();
            assert.equal(commented.status, 303, textOf(commented.text));
            const edited = await (await sendWith(mara, `/communities/posts/${post}/edit`, 'form-edit', {}, png(10, 10), 'now.png'))();
            assert.equal(edited.status, 303, textOf(edited.text));
            const found = imagesIn((await portal.get(topic)).text).map((path) => path.split('/').at(-1)).sort();
            assert.deepEqual(found, ['gate.png', 'now.png', 'side.png', 'watch%20%5Bman%5D.png']);
        });

        await t.test('what is no image is said beside the text, with every value kept', async () => {
            const before = await files();
            for (const [image, words] of [[Buffer.from('%PDF-1.4'), /This is no PNG, JPEG, GIF or WebP image\. Choose an image once more/], [png(30000, 30000), /pixels.*Choose an image once more/]]) {
                const answer = await (await sendWith(mara, '/communities/ask', 'form-ask', { ...QUESTION, title: 'Why is the other gate shut?' }, image))();
                assert.equal(answer.status, 422);
                assert.match(textOf(/id="ask-body-error".*?<\/p>/s.exec(answer.text)[0]), words);
                const { fields } = formsOf(answer.text).find(({ id }) => id === 'form-ask');
                assert.deepEqual([fields.title, fields.body.trim(), fields.tags, fields.space], ['Why is the other gate shut?', QUESTION.body, 'gates', 'harbour']);
            }
            assert.equal(await files(), before);
        });

        await t.test('beside another mistake, and in a preview, it is taken and stands in the text', async () => {
            const refused = await (await sendWith(mara, '/communities/ask', 'form-ask', { ...QUESTION, title: 'x' }, png(4, 4)))();
            assert.equal(refused.status, 422);
            const text = (answer) => formsOf(answer.text).find(({ id }) => id === 'form-ask').fields.body.trim();
            assert.match(text(refused), /^It was \*\*open\*\* in May, and look at it now\.\n\n!\[gate\]\(\/portico\/files\/\d+\/gate\.png\)$/);
            assert.doesNotMatch(refused.text, /id="ask-body-error"/);
            const shown = await (await sendWith(mara, '/communities/ask', 'form-ask', { ...QUESTION, portico_draft: 'preview' }, png(4, 4)))();
            assert.equal(shown.status, 200);
            const [image] = imagesIn(text(shown));
            assert.ok(shown.text.includes(`<img src="${image}"`), 'it is seen before it is sent');
            assert.equal((await mara.get(image)).status, 200);
            assert.equal((await ben.get(image)).status, 404, 'by who chose it');
            const saved = await (await sendWith(mara, '/communities/ask', 'form-ask', { ...QUESTION, portico_draft: 'save' }, png(4, 4)))();
            assert.equal(imagesIn(text(saved)).length, 1);
            assert.deepEqual(imagesIn(text(await mara.get('/communities/ask'))), imagesIn(text(saved)), 'and the draft keeps it');
        });

        await t.test('up to the size of uploads, and as many as a script may send', async () => {
            const large = Buffer.concat([png(4, 4), Buffer.alloc(3 * 1024 * 1024)]);
            const taken = await (await sendWith(mara, '/communities/ask', 'form-ask', { ...QUESTION, portico_draft: 'preview' }, large))();
            assert.equal(imagesIn(taken.text).length > 0, true, `${taken.status}`);
            const again = await sendWith(ben, '/communities/ask', 'form-ask', { ...QUESTION, portico_draft: 'preview' }, png(4, 4));
            let last;
            for (let sent = 0; sent < 105 && !/id="ask-body-error"/.test(last?.text ?? ''); sent++)
                last = await again();
            assert.match(textOf(/id="ask-body-error".*?<\/p>/s.exec(last.text)[0]), /^.*(?:That was a lot|You sent many images).*Choose an image once more; what you wrote is still here\.$/s);
            assert.match(last.text, /It was \*\*open\*\* in May/);
        });

        await t.test('from nobody who is not signed in', async () => {
            const before = await files(), form = new FormData();
            form.append('portico_form', 'ask');
            form.append('body', 'Not mine.');
            form.append('body_image', new Blob([png(4, 4)]), 'gate.png');
            assert.ok([401, 403, 303].includes((await portal.get('/communities/ask', { method: 'POST', body: form })).status));
            assert.equal(await files(), before);
        });
    });

test('what people write stays text in every place it is shown', async (t) => {
    const { portal, mara } = await harbour(t);
    const evil = '<script>window.hit=1</script><img src=x onerror="window.hit=1">';
    const { json: { id, post } } = await send(mara, 'POST', `${api}/topics`, {
        space: 'harbour', title: `Title ${evil}`, body: `Body ${evil} [a](javascript:hit()) [b]( data:text/html,x )`, tags: ['ok'],
    });
    assert.equal((await send(mara, 'POST', `${api}/topics`, { ...QUESTION, tags: ['<b>'] })).status, 422);
    await made(send(mara, 'POST', `${api}/posts/${post}/comments`, { body: `Comment ${evil}` }));
    const version = { 'If-Match': '"0"' };
    assert.equal((await send(mara, 'PATCH', `${api}/posts/${post}`, { body: `New ${evil}`, note: evil }, version)).status, 200);
    const topic = await mara.get((await mara.get(`/communities/topics/${id}`)).headers.get('location'));
    const pages = { topic };
    for (const target of ['/communities', '/communities/harbour', `/communities/posts/${post}/history`, `/communities/posts/${post}/edit`,
        `/communities/posts/${post}/comments`, '/communities/people/mara', '/communities/feed.atom', '/communities/search?q=Title'])
        pages[target] = await mara.get(target);
    for (const [name, { status, text }] of Object.entries(pages)) {
        assert.equal(status, 200, name);
        assert.ok(!/<script>window|<img[^>]*onerror|href="(?:javascript|data):/i.test(text), name);
    }
    assert.ok(textOf(pages.topic.text).includes('window.hit=1'), 'it is shown as what it is');
});

test('no text makes its readers ask for a page of the portal, or another server, as an image', async (t) => {
    const { portal, mara } = await harbour(t);
    const body = 'Words and words ![nice](/account/company/people.csv) ![](/portico/people?q=a) ![far](https:/evil.example/t.png)';
    const { json: { id, post } } = await send(mara, 'POST', `${api}/topics`, { ...QUESTION, body });
    await made(send(mara, 'POST', `${api}/posts/${post}/comments`, { body }));
    const topic = await mara.get((await mara.get(`/communities/topics/${id}`)).headers.get('location'));
    const preview = await mara.post('/portico/markdown', { text: body });
    const shown = { topic, preview };
    for (const target of [`${api}/topics/${id}`, `${api}/posts/${post}`, `/communities/posts/${post}/history`, `/communities/posts/${post}/comments`,
        '/communities', '/communities/harbour', '/communities/feed.atom', '/communities/feed.rss'])
        shown[target] = await mara.get(target);
    for (const [name, { status, text }] of Object.entries(shown)) {
        assert.equal(status, 200, name);
        assert.doesNotMatch(text, /(?:<|&lt;)img[^>]*(?:people|evil)/, name);
    }
    for (const { text } of [topic, preview])
        for (const link of ['href="/account/company/people.csv"', 'href="/portico/people?q=a"', 'href="https:/evil.example/t.png"'])
            assert.ok(text.includes(link), link);
});

test('without script the form shows similar questions once, with everything kept', async (t) => {
    const { mara } = await harbour(t);
    await made(send(mara, 'POST', `${api}/topics`, QUESTION));
    const words = { title: 'Who assigns berths at night?', body: 'Nobody picks up the telephone.', tags: 'berths', opened: '1' };
    const first = await mara.submit('/communities/ask?space=harbour', words);
    assert.equal(first.status, 200);
    assert.match(textOf(first.text), /Similar questions/);
    const [form] = formsOf(first.text);
    assert.deepEqual([form.fields.title, form.fields.body, form.fields.tags], [words.title, words.body, words.tags]);
    const second = await mara.submit(first);
    assert.equal(second.status, 303, textOf(second.text));
});

test('who is not signed in is led to the sign-in page, and back to the question', async (t) => {
    const { portal, mara } = await harbour(t);
    const topic = await made(send(mara, 'POST', `${api}/topics`, QUESTION));
    const ask = await portal.get('/communities/ask?space=harbour', { headers: { Accept: 'text/html' } });
    assert.equal(ask.status, 303);
    assert.match(ask.headers.get('location'), /^\/login\?next=/);
    const page = await portal.get(`/communities/topics/${topic}/who-assigns-a-berth-at-night`, { headers: { Accept: 'text/html' } });
    const [, next] = /href="\/login\?next=([^"]+)"/.exec(page.text) ?? [];
    assert.equal(decodeURIComponent(next), `/communities/topics/${topic}/who-assigns-a-berth-at-night`);
    assert.equal(formsOf(page.text).length, 0);
    const posted = await portal.get(`${api}/topics`, {
        method: 'POST', body: JSON.stringify(QUESTION), headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(posted.status, 401);
});

test('a text that is full of names of nobody is asked about for the first hundred only', async (t) => {
    const { mara } = await harbour(t);
    const topic = await made(send(mara, 'POST', `${api}/topics`, QUESTION));
    const strangers = (count) => Array.from({ length: count }, (_, i) => `@stranger${i}`).join(' ');
    for (const count of [99, 100])
        await made(send(mara, 'POST', `${api}/topics/${topic}/answers`, { body: `${strangers(count)} @benjamin and ${count}` }));
    const { posts } = await read(mara, `${api}/topics/${topic}`);
    const links = (count) => posts.find(({ body }) => body.includes(`and ${count}<`)).body.includes('people/benjamin"');
    assert.deepEqual([links(99), links(100)], [true, false]);
});

test('while somebody writes, the portal says whom "@" may mean, to members only', async (t) => {
    const { portal, mara } = await harbour(t);
    const { items } = await read(mara, '/portico/people?q=ben');
    assert.deepEqual(items, [{ name: 'benjamin', title: 'Benjamin Ott' }]);
    assert.deepEqual((await read(mara, '/portico/people?q=')).items, []);
    const mill = await makeAccount(portal, 'Mill');
    await makePerson(portal, { handle: 'bendix', name: 'Bendix of the mill' });
    await join(portal, mill, 'bendix');
    assert.deepEqual((await read(mara, '/portico/people?q=bend')).items, [], 'nobody of a company that is not hers');
    const asked = await portal.get('/portico/people?q=ben', { headers: { Accept: 'application/json' } });
    assert.equal(asked.status, 401);
});

test('an image in a question belongs to it, and is seen by exactly those who see the question', async (t) => {
    const { portal, mara, ben } = await harbour(t);
    await makePerson(portal, { handle: 'chief', name: 'The Chief' });
    const chief = await signIn(portal, 'chief', 'moderator');
    const body = new FormData();
    body.append('image', new Blob([png(7, 5)]), 'gate.png');
    const sent = await mara.get('/portico/images', { method: 'POST', body, headers: { 'X-CSRF-Token': mara.token, Accept: 'application/json' } });
    assert.equal(sent.status, 201, sent.text);
    const { url, markdown } = JSON.parse(sent.text);
    const stranger = () => portal.get(url);
    const seen = async () => [await mara.get(url), await ben.get(url), await chief.get(url), await stranger()].map(({ status }) => status);
    assert.deepEqual(await seen(), [200, 404, 404, 404], 'before it stands in a text it is its sender\'s alone');
    const made = await send(mara, 'POST', `${api}/topics`, { ...QUESTION, body: `Here: ${markdown}` });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(await seen(), [200, 200, 200, 200]);
    const page = await chief.get(`/communities/topics/${JSON.parse(made.text).id}/who-assigns-a-berth-at-night`);
    const [, post] = / id="post-(\d+)"/.exec(page.text);
    const removed = await chief.post(`/communities/posts/${post}/remove`, { portico_form: 'decide', reason: 'Off topic.' });
    assert.equal(removed.status, 303, removed.text);
    const [owner, other, , outside] = await seen();
    assert.deepEqual([owner, other, outside], [200, 404, 404], 'what is taken from view takes its image along');
});
