/* A real community's dump, imported on both databases: what pages, feeds and API show equals the file. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { data, root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { readRows } from '../lib/stackexchange.mjs';
import { until } from '../lib/wait.mjs';

const directory = data && path.join(data, 'stackexchange');
const api = '/api/communities/v1';
const html = { headers: { accept: 'text/html' } };

/* The number of a row in its file, from the id the portal gave it. */
const sourceOf = (id) => Number(BigInt(id) & ((1n << 40n) - 1n));

/* Follows `next` to the end and returns all items. */
async function all(portal, target) {
    const items = [];
    for (let cursor; cursor !== null;) {
        const url = new URL(target, portal.url);
        if (cursor)
            url.searchParams.set('cursor', cursor);
        const answer = await portal.get(url);
        assert.equal(answer.status, 200, `${url}: ${answer.text}`);
        items.push(...answer.json.items);
        cursor = answer.json.next ?? null;
    }
    return items;
}

const space = 'stackexchange';

for (const database of ['sqlite', 'postgresql'])
    describe(`the communities on ${database}`, { skip: directory ? false : 'PORTICO_TEST_DATA is not set' }, () => {
        let portal, report, rows, questions, answers;

        before(async () => {
            portal = await startPortal({
                database,
                modules: { communities: {} },
                prepare: async ({ cli }) => {
                    report = await cli('import', 'communities', '--format', 'stackexchange', directory);
                },
            });
            rows = readRows(path.join(directory, 'Posts.xml'));
            questions = rows.filter((row) => row.PostTypeId === '1');
            answers = rows.filter((row) => row.PostTypeId === '2');
        });
        after(() => portal?.close());

        test('the import reports what came in and what was left out, and why', () => {
            assert.equal(report.code, 0, report.stderr);
            assert.match(report.stdout, new RegExp(`${questions.length} topics`));
            assert.match(report.stdout, new RegExp(`${answers.length} answers`));
            const wikis = rows.length - questions.length - answers.length;
            assert.match(report.stdout, new RegExp(`${wikis} it describes a tag that Tags.xml does not name`));
        });

        test('every question stands in the list once, with the score, views and answers of the file', async () => {
            const topics = await all(portal, `${api}/topics?space=${space}&limit=37`);
            assert.equal(topics.length, questions.length);
            const byId = new Map(topics.map((topic) => [sourceOf(topic.id), topic]));
            assert.equal(byId.size, questions.length);
            for (const question of questions) {
                const topic = byId.get(Number(question.Id));
                assert.ok(topic, question.Title);
                assert.equal(topic.title, question.Title);
                assert.equal(topic.score, Number(question.Score));
                assert.equal(topic.views, Number(question.ViewCount));
                assert.equal(topic.answers, answers.filter((answer) => answer.ParentId === question.Id).length);
                assert.equal(topic.closed, question.ClosedDate !== undefined);
                assert.deepEqual(topic.tags, question.Tags.slice(1, -1).split('><'));
                assert.equal(new Date(topic.created).getTime(), Date.parse(`${question.CreationDate}Z`));
                assert.equal(new Date(topic.last_activity).getTime(), Date.parse(`${question.LastActivityDate}Z`));
            }
        });

        test('accepted answers and the scores of all answers equal the file', async () => {
            const topics = await all(portal, `${api}/topics?space=${space}&limit=100`);
            let accepted = 0, seen = 0;
            for (const { id, state } of topics) {
                const question = questions.find((row) => Number(row.Id) === sourceOf(id));
                const { json } = await portal.get(`${api}/topics/${id}`);
                const [first, ...rest] = json.posts;
                assert.equal(first.kind, 'question');
                assert.equal(first.score, Number(question.Score));
                const own = answers.filter((row) => row.ParentId === question.Id);
                assert.deepEqual(new Map(rest.map((post) => [sourceOf(post.id), post.score])),
                    new Map(rest.map((post) => [sourceOf(post.id), Number(own.find((row) => Number(row.Id) === sourceOf(post.id)).Score)])));
                assert.equal(rest.length, own.length);
                const chosen = rest.filter((post) => post.accepted).map((post) => sourceOf(post.id));
                const expected = own.some((row) => row.Id === question.AcceptedAnswerId) ? [Number(question.AcceptedAnswerId)] : [];
                assert.deepEqual(chosen, expected, question.Title);
                assert.equal(state, expected.length ? 'solved' : own.length ? 'answered' : 'open');
                if (expected.length)
                    assert.equal(sourceOf(rest[0].id), expected[0], 'the accepted answer comes first');
                const scores = rest.filter((post) => !post.accepted).map((post) => post.score);
                assert.deepEqual(scores, [...scores].sort((a, b) => b - a), 'then the highest score');
                accepted += expected.length;
                seen += rest.length;
            }
            assert.equal(seen, answers.length);
            assert.equal(accepted, questions.filter((row) => answers.some((answer) => answer.Id === row.AcceptedAnswerId
                && answer.ParentId === row.Id)).length);
        });

        test('lists are sorted as their name says, and unanswered ones hold no answer', async () => {
            const by = { active: 'last_activity', newest: 'created', votes: 'score' };
            for (const [sort, member] of Object.entries(by)) {
                const topics = await all(portal, `${api}/topics?sort=${sort}&limit=50`);
                const keys = topics.map((topic) => (sort === 'votes' ? topic.score : Date.parse(topic[member])));
                assert.deepEqual(keys, [...keys].sort((a, b) => b - a), sort);
            }
            const open = await all(portal, `${api}/topics?sort=unanswered&limit=50`);
            assert.equal(open.length, questions.filter((row) => !answers.some((answer) => answer.ParentId === row.Id)).length);
            assert.ok(open.every((topic) => topic.state === 'open'));
        });

        test('a tag lists exactly the questions that carry it, and counts them', async () => {
            const tags = await all(portal, `${api}/tags?limit=100`);
            const expected = new Map();
            for (const { Tags } of questions)
                for (const tag of Tags.slice(1, -1).split('><'))
                    expected.set(tag, (expected.get(tag) ?? 0) + 1);
            assert.deepEqual(new Map(tags.map((tag) => [tag.name, tag.topics])), new Map([...expected].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? 1 : -1))));
            const [most] = tags;
            assert.equal((await all(portal, `${api}/topics?tag=${most.name}&limit=7`)).length, most.topics);
            const page = await portal.get(`/communities/tags/${most.name}?sort=votes`, html);
            assert.equal(page.status, 200);
            assert.match(page.text, new RegExp(`<h1>${most.name}</h1>`));
        });

        for (const [name, at, size] of [['home', '/communities', 10], ['space', `/communities/${space}`, 20]])
            test(`the ${name} page goes through all questions by its next links`, async () => {
                const found = new Set();
                let target = `${at}?sort=newest`, pages = 0;
                while (target) {
                    const { status, text } = await portal.get(target, html);
                    assert.equal(status, 200, text);
                    for (const [, id] of text.matchAll(/class="cover" href="\/communities\/topics\/(\d+)\//g))
                        found.add(sourceOf(id));
                    const [, next] = /rel="next" href="([^"]+)"/.exec(text) ?? [];
                    target = next && new URL(next.replaceAll('&amp;', '&'), `${portal.url}${at}`).href;
                    pages++;
                }
                assert.equal(pages, Math.ceil(questions.length / size));
                assert.equal(found.size, questions.length);
            });

        test('a topic page shows question, answers, credit and structured data, at one address', async () => {
            const question = questions.find((row) => row.AcceptedAnswerId && Number(row.AnswerCount) > 1);
            const topics = await all(portal, `${api}/topics?limit=100`);
            const topic = topics.find(({ id }) => sourceOf(id) === Number(question.Id));
            const bare = await portal.get(`/communities/topics/${topic.id}`, html);
            assert.equal(bare.status, 301);
            assert.equal(bare.headers.get('location').replace(portal.url, ''), `/communities/topics/${topic.id}/${topic.slug}`);
            assert.equal((await portal.get(`/communities/topics/${topic.id}/wrong`, html)).status, 301);
            const { status, text } = await portal.get(`/communities/topics/${topic.id}/${topic.slug}`, html);
            assert.equal(status, 200, text);
            assert.equal([...text.matchAll(/<article /g)].length, 1 + topic.answers);
            assert.ok(text.indexOf('Accepted answer') > 0);
            assert.match(text, /https:\/\/creativecommons\.org\/licenses\/by-sa\/3\.0\//);
            const [, linked] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text);
            const structured = JSON.parse(linked);
            assert.equal(structured['@type'], 'QAPage');
            assert.equal(structured.mainEntity.name, question.Title);
            assert.equal(structured.mainEntity.answerCount, topic.answers);
            assert.equal(structured.mainEntity.acceptedAnswer['@type'], 'Answer');
        });

        test('search finds a question by the words of its title and of its answers', async () => {
            const question = questions.find((row) => row.Title.split(' ').length > 6);
            const hits = await portal.get(`${api}/search?q=${encodeURIComponent(question.Title)}`);
            assert.equal(hits.status, 200, hits.text);
            assert.ok(hits.json.items.some((hit) => hit.title === question.Title), question.Title);
            const page = await portal.get('/communities/search?q=espresso', html);
            assert.equal(page.status, 200);
            assert.match(page.text, /<mark>/);
            const none = await portal.get('/communities/search?q=zzyzxqqq', html);
            assert.equal(none.status, 200);
            assert.match(none.text, /Nothing found for/);
            assert.match(none.text, /class="btn" href="\/communities"/);
            assert.equal((await portal.get('/communities/search', html)).status, 200);
        });

        test('feeds are Atom with one entry a question, of all, a space and a tag', async () => {
            const [tag] = await all(portal, `${api}/tags?limit=100`);
            for (const target of ['/communities/feed.atom', `/communities/${space}/feed.atom`, `/communities/tags/${tag.name}/feed.atom`]) {
                const { status, headers, text } = await portal.get(target);
                assert.equal(status, 200, text);
                assert.match(headers.get('content-type'), /^application\/atom\+xml/);
                assert.match(text, /^<\?xml version="1\.0" encoding="utf-8"\?>\s*<feed xmlns="http:\/\/www\.w3\.org\/2005\/Atom">/);
                const [head, ...entries] = text.split('<entry>');
                for (const part of [head, ...entries]) {
                    for (const element of ['id', 'title', 'updated'])
                        assert.equal(part.match(new RegExp(`<${element}>[^<]+</${element}>`, 'g'))?.length, 1, `${element} in ${part}`);
                    assert.match(part, /<updated>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z<\/updated>/);
                }
                assert.match(head, new RegExp(`rel="self"[^>]*href="${portal.url}${target}"`));
                assert.ok(entries.length > 0);
                assert.ok(entries.every((entry) => /<author><name>[^<]+<\/name><\/author>/.test(entry)));
                assert.equal(new Set(entries.map((entry) => /<id>([^<]+)/.exec(entry)[1])).size, entries.length);
            }
        });

        test('the API picks fields, and says what is wrong in a problem document', async () => {
            const { json } = await portal.get(`${api}/topics?fields=title,score&limit=1`);
            assert.deepEqual(Object.keys(json.items[0]).sort(), ['id', 'score', 'title']);
            for (const [target, status] of [[`${api}/topics?limit=0`, 400], [`${api}/topics?sort=best`, 400], [`${api}/topics?cursor=rubbish`, 400],
                [`${api}/topics/1`, 404], [`${api}/topics/none`, 404], [`${api}/search`, 400], [`${api}/topics?space=nowhere`, 404]]) {
                const answer = await portal.get(target);
                assert.equal(answer.status, status, `${target}: ${answer.text}`);
                assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
                assert.equal(answer.json.status, status);
                assert.ok(answer.json.title);
            }
            const post = (await portal.get(`${api}/topics/${json.items[0].id}`)).json.posts[0];
            const alone = await portal.get(`${api}/posts/${post.id}`);
            assert.equal(alone.status, 200, alone.text);
            assert.equal(alone.json.body, post.body);
            assert.equal((await portal.get(`${api}/spaces`)).json.items[0].slug, space);
        });

        test('what is not there answers 404, and a foreign cursor 400, as pages', async () => {
            for (const [target, status] of [['/communities/nowhere', 404], ['/communities/topics/12345', 404], ['/communities/topics/x/y', 404],
                ['/communities/tags/nothing-like-it', 404], [`/communities/${space}?sort=best`, 404], [`/communities/${space}?cursor=rubbish`, 400]]) {
                const answer = await portal.get(target, html);
                assert.equal(answer.status, status, `${target}: ${answer.text}`);
                assert.match(answer.headers.get('content-type'), /^text\/html/);
            }
        });

        test('pages speak German to who asks for it', async () => {
            const { text } = await portal.get('/communities', { headers: { accept: 'text/html', 'accept-language': 'de' } });
            assert.match(text, /Neueste Fragen/);
            assert.match(text, /<html lang="de"/);
        });

        test('the same dump imported again changes nothing', async () => {
            const before = await all(portal, `${api}/topics?limit=100`);
            const again = await portal.cli('import', 'communities', '--format', 'stackexchange', directory);
            assert.equal(again.code, 0, again.stderr);
            assert.equal(again.stdout, report.stdout);
            assert.deepEqual(await all(portal, `${api}/topics?limit=100`), before);
        });
    });

for (const database of ['sqlite', 'postgresql'])
    describe(`the demo community on ${database}`, () => {
        let portal, report;
        const demo = path.join(root, 'modules/communities/demo');

        before(async () => {
            portal = await startPortal({
                database,
                modules: { communities: {} },
                prepare: async ({ cli }) => {
                    report = await cli('import', 'communities', '--format', 'demo', demo);
                },
            });
        });
        after(() => portal?.close());

        test('it fills six spaces with solved and open questions, code and comments', async () => {
            assert.equal(report.code, 0, report.stderr);
            const { items } = (await portal.get(`${api}/spaces`)).json;
            assert.deepEqual(items.map((item) => item.slug).sort(),
                ['administration', 'analytics', 'announcements', 'handhelds', 'integrations', 'using-acme']);
            const topics = await all(portal, `${api}/topics`);
            assert.ok(topics.length >= 60);
            const oldest = Math.min(...topics.map((topic) => Date.parse(topic.created)));
            assert.ok(Date.now() - oldest > 520 * 86400_000, 'eighteen months of questions');
            assert.deepEqual([...new Set(topics.map((topic) => topic.state))].sort(), ['answered', 'open', 'solved']);
            const edi = topics.find((topic) => topic.title.includes('EDI batch'));
            const page = await portal.get(`/communities/topics/${edi.id}/${edi.slug}`, html);
            assert.match(page.text, /<pre><code/);
            assert.match(page.text, /class="comments"/);
            assert.match(page.text, /Mara Lindqvist/);
            assert.ok(topics.every((topic) => Date.now() - Date.parse(topic.created) > 0));
        });

        test('imported again it changes nothing', async () => {
            const before = await all(portal, `${api}/topics`);
            const again = await portal.cli('import', 'communities', '--format', 'demo', demo);
            assert.equal(again.code, 0, again.stderr);
            assert.deepEqual(await all(portal, `${api}/topics`), before);
        });
    });

describe('a portal without content', () => {
    let portal;
    before(async () => (portal = await startPortal({ modules: { communities: {} } })));
    after(() => portal?.close());

    test('keeps a feed for the next who asks in the same language', async () => {
        const hits = async () => Number(/^portico_cache_hits_total (\d+)/m.exec((await portal.get('/metrics')).text)[1]);
        const ask = (language) => portal.get('/communities/feed.atom', { headers: { 'Accept-Language': language } });
        const before = await hits();
        await ask('en');
        await ask('de');
        assert.equal(await hits(), before);
        /* Given only while it is known that nothing was changed, which is looked at now and then. */
        await until(async () => {
            const english = await ask('en'), known = await hits();
            assert.equal((await ask('en')).text, english.text);
            return await hits() === known + 1;
        }, { within: 60_000, what: 'the kept feed to be given' });
    });

    test('says on every page what will be here, and is healthy', async () => {
        const home = await portal.get('/communities', html);
        assert.equal(home.status, 200, home.text);
        assert.match(home.text, /No questions yet/);
        assert.match(home.text, /No spaces yet/);
        assert.match((await portal.get('/communities/tags', html)).text, /No tags yet/);
        assert.equal((await portal.get('/communities/feed.atom')).status, 200);
        assert.equal((await portal.get('/readyz')).status, 200);
    });
});
