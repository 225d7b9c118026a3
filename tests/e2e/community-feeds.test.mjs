/* What programs read of a community: feeds, sitemap, the address a page is known by, structured data. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const api = '/api/communities/v1';
const html = { headers: { Accept: 'text/html' } };
const HOSTILE = 'Why </script><!-- "quotes" & ]]> in a title?';
const SPACE = '<community space="harbour" title="Harbour &amp; pier" description="Berths and tides."></community>\n';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
const decode = (text) => text.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

/* The elements of an XML document, in order: { name, attributes, text, path }. It refuses what is not well-formed. */
function elementsOf(xml) {
    const all = [], open = [];
    const rest = xml.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>/, '')
        .replace(/<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|([^<]+)/g, (whole, closes, name, attributes, empty, text) => {
            if (text !== undefined) {
                assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)|\]\]>/i);
                if (open.length)
                    open.at(-1).text += decode(text);
                else
                    assert.equal(text.trim(), '');
            } else if (closes) {
                assert.equal(open.pop()?.name, name, `the end of ${name}`);
            } else {
                const element = { name, text: '', path: [...open.map((one) => one.name), name].join('/'), attributes: {} };
                for (const [, key, value] of attributes.matchAll(/([\w:]+)="([^"]*)"/g))
                    element.attributes[key] = decode(value);
                all.push(element);
                if (!empty)
                    open.push(element);
            }
            return '';
        });
    assert.equal(rest, '', `not well-formed: ${rest.slice(0, 100)}`);
    assert.equal(open.length, 0);
    return all;
}

const at = (elements, where) => elements.filter((element) => element.path === where);
const textsAt = (elements, where) => at(elements, where).map(({ text }) => text);
const linkOf = (text, rel) => decode(new RegExp(`<link rel="${rel}" href="([^"]*)"`).exec(text)?.[1] ?? '');
const structuredOf = (text) => JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)[1]);

for (const database of ['sqlite', 'postgresql'])
    describe(`a community as programs read it on ${database}`, () => {
        let portal, ada, ben, mod, hostile, plain, answer;

        const send = (person, method, target, body) => person.get(`${api}${target}`, {
            method,
            headers: { Accept: 'application/json', 'X-CSRF-Token': person.token, 'Content-Type': 'application/json' },
            body: JSON.stringify(body),
        });
        const made = async (...request) => {
            const { status, json, text } = await send(...request);
            assert.ok(status < 300, text);
            return json.id;
        };
        const ask = (title, tags = ['tides']) => made(ada, 'POST', '/topics', { space: 'harbour', title, body: `${title} **Really?**`, tags });

        before(async () => {
            portal = await startPortal({
                database, modules: { communities: { page_size: 5, newcomer_posts: 0, questions_an_hour: 50 } },
                prepare: async ({ dir, cli }) => {
                    const content = path.join(dir, 'content');
                    mkdirSync(content);
                    writeFileSync(path.join(content, 'harbour.xml'), SPACE);
                    assert.equal((await cli('import', 'communities', '--format', 'demo', content)).code, 0);
                },
            });
            [ada, ben, mod] = [await signIn(portal, 'ada'), await signIn(portal, 'ben'), await signIn(portal, 'mod', 'moderator')];
            plain = await ask('When is high water?');
            answer = await made(ben, 'POST', `/topics/${plain}/answers`, { body: 'At noon, more or less.' });
            await made(mod, 'POST', `/topics/${plain}/answers`, { body: 'Look at the table by the crane.' });
            for (let i = 1; i <= 6; i++)
                await ask(`How deep is basin ${i}?`);
            hostile = await ask(HOSTILE, ['c++', 'tides']);
        });
        after(() => portal?.close());

        test('RSS 2.0 says what the Atom feed says, of all, a space and a tag', async () => {
            for (const place of ['/communities', '/communities/harbour', '/communities/tags/tides', '/communities/tags/c%2B%2B']) {
                const { status, headers, text } = await portal.get(`${place}/feed.rss`);
                assert.equal(status, 200, text);
                assert.match(headers.get('content-type'), /^application\/rss\+xml/);
                const rss = elementsOf(text);
                assert.deepEqual([rss[0].name, rss[0].attributes.version], ['rss', '2.0']);
                for (const name of ['title', 'link', 'description', 'language', 'lastBuildDate', 'atom:link'])
                    assert.equal(at(rss, `rss/channel/${name}`).length, 1, name);
                const self = at(rss, 'rss/channel/atom:link')[0].attributes;
                assert.deepEqual([self.rel, self.type, self.href], ['self', 'application/rss+xml', `${portal.url}${place}/feed.rss`]);
                assert.equal(textsAt(rss, 'rss/channel/link')[0], `${portal.url}${place}`);

                const atom = elementsOf((await portal.get(`${place}/feed.atom`)).text);
                assert.ok(textsAt(atom, 'feed/entry/title').length > 0);
                for (const [item, entry] of [['title', 'title'], ['guid', 'id'], ['description', 'summary'], ['dc:creator', 'author/name']])
                    assert.deepEqual(textsAt(rss, `rss/channel/item/${item}`), textsAt(atom, `feed/entry/${entry}`), item);
                assert.deepEqual(textsAt(rss, 'rss/channel/item/link'), at(atom, 'feed/entry/link').map(({ attributes }) => attributes.href));
                assert.deepEqual(textsAt(rss, 'rss/channel/item/category'), at(atom, 'feed/entry/category').map(({ attributes }) => attributes.term));
                const dates = textsAt(rss, 'rss/channel/item/pubDate');
                for (const [i, date] of [...dates, textsAt(rss, 'rss/channel/lastBuildDate')[0]].entries()) {
                    assert.match(date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/);
                    assert.equal(new Date(date).toUTCString().replace('GMT', '+0000'), date);
                    if (i < dates.length)
                        assert.equal(Date.parse(date), Math.floor(Date.parse(textsAt(atom, 'feed/entry/published')[i]) / 1000) * 1000);
                }
                assert.ok(at(rss, 'rss/channel/item/guid').every(({ attributes }) => attributes.isPermaLink === 'true'));
            }
            assert.equal((await portal.get('/communities/nowhere/feed.rss')).status, 404);
        });

        test('pages name both feeds, and each is there', async () => {
            const topic = (await portal.get(`${api}/topics/${hostile}`)).json;
            for (const page of ['/communities', '/communities/harbour', '/communities/tags/c%2B%2B', `/communities/topics/${hostile}/${topic.slug}`]) {
                const { text } = await portal.get(page, html);
                const feeds = [...text.matchAll(/<link rel="alternate" type="application\/(atom|rss)\+xml" href="([^"]*)"/g)];
                assert.deepEqual(feeds.map(([, kind]) => kind), ['atom', 'rss'], page);
                for (const [, , href] of feeds)
                    assert.equal((await portal.get(decode(href).replace(portal.url, ''))).status, 200, href);
            }
        });

        test('robots.txt names the sitemap, and it has each page that everyone may see, once', async () => {
            const { text: robots } = await portal.get('/robots.txt');
            assert.match(robots, new RegExp(`^Sitemap: ${portal.url}/communities/sitemap\\.xml$`, 'm'));
            const held = await made(ada, 'POST', '/topics', { space: 'harbour', title: 'A secret of the pilots?', body: 'It is in the safe.' });
            const { posts } = (await portal.get(`${api}/topics/${held}`)).json;
            assert.equal((await send(mod, 'POST', `/posts/${posts[0].id}/remove`, { reason: 'Secret.' })).status, 200);
            for (const who of [portal, mod]) {
                const answered = await who.get('/communities/sitemap.xml');
                assert.match(answered.headers.get('content-type'), /^application\/xml/);
                const elements = elementsOf(answered.text);
                assert.equal(elements[0].attributes.xmlns, 'http://www.sitemaps.org/schemas/sitemap/0.9');
                const places = textsAt(elements, 'urlset/url/loc').map((url) => url.replace(portal.url, ''));
                assert.equal(new Set(places).size, places.length);
                for (const place of ['/communities', '/communities/harbour', '/communities/tags/tides', '/communities/tags/c%2B%2B'])
                    assert.ok(places.includes(place), place);
                const topics = places.filter((place) => place.startsWith('/communities/topics/'));
                assert.equal(topics.length, 8);
                assert.ok(topics.every((place) => !place.includes(String(held)) && !place.includes('secret')));
                for (const time of textsAt(elements, 'urlset/url/lastmod'))
                    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
                assert.ok(at(elements, 'urlset/url/lastmod').length >= 8);
                for (const place of places)
                    assert.equal((await portal.get(place, html)).status, 200, place);
            }
            const part = elementsOf((await portal.get('/communities/sitemap/0')).text);
            assert.ok(textsAt(part, 'urlset/url/loc').every((url) => !url.includes('/topics/')));
            for (const wrong of ['x', '-1', '999999999999999999'])
                assert.equal((await portal.get(`/communities/sitemap/${wrong}`)).status, 404, wrong);
        });

        test('a page further on is known by its own address, another order of the first by the first', async () => {
            const canonical = async (target) => linkOf((await portal.get(target, html)).text, 'canonical').replace(portal.url, '');
            assert.equal(await canonical('/communities?x=1'), '/communities');
            for (const place of ['/communities/harbour', '/communities/tags/tides']) {
                assert.equal(await canonical(place), place);
                assert.equal(await canonical(`${place}?sort=votes`), place);
                const { text } = await portal.get(`${place}?sort=newest`, html);
                const next = decode(/rel="next" href="([^"]*)"/.exec(text)[1]);
                assert.equal(await canonical(`${place}${next}`), `${place}${next}`);
                assert.equal(await canonical(`${place}${next}&utm_source=mail`), `${place}${next}`);
            }
            assert.equal(await canonical('/communities/tags/c%2B%2B'), '/communities/tags/c%2B%2B');
            const { slug } = (await portal.get(`${api}/topics/${plain}`)).json;
            assert.equal(await canonical(`/communities/topics/${plain}/${slug}?from=100`), `/communities/topics/${plain}/${slug}?from=100`);
        });

        test('structured data is complete, and a hostile title stays in it', async () => {
            const read = async (id) => {
                const topic = (await portal.get(`${api}/topics/${id}`)).json;
                const target = `/communities/topics/${id}/${topic.slug}`;
                const { text } = await portal.get(`${target}?${Date.now()}`, html); /* not one that was kept */
                return { page: structuredOf(text), url: `${portal.url}${target}`, topic };
            };
            const complete = (piece, type) => {
                assert.equal(piece['@type'], type);
                for (const name of ['text', 'url'])
                    assert.ok(piece[name].length > 0, name);
                for (const name of ['datePublished', 'dateModified'])
                    assert.ok(Date.parse(piece[name]) > 0, name);
                assert.ok(Number.isInteger(piece.upvoteCount) && piece.upvoteCount >= 0);
                assert.equal(piece.author['@type'], 'Person');
                assert.match(piece.author.url, new RegExp(`^${portal.url}/communities/people/`));
            };
            const first = await read(hostile);
            assert.equal(first.page['@context'], 'https://schema.org');
            assert.equal(first.page['@type'], 'QAPage');
            complete(first.page.mainEntity, 'Question');
            assert.equal(first.page.mainEntity.name, HOSTILE);
            assert.equal(first.page.mainEntity.url, first.url);
            assert.equal(first.page.mainEntity.answerCount, 0);

            assert.equal((await send(ben, 'PUT', `/posts/${first.topic.posts[0].id}/vote`, { value: -1 })).status, 200);
            assert.equal((await send(ada, 'PUT', `/posts/${answer}/accepted`, { accepted: true })).status, 200);
            const { page, url } = await read(plain);
            const question = page.mainEntity;
            assert.equal(question.answerCount, 2);
            complete(question.acceptedAnswer, 'Answer');
            assert.equal(question.acceptedAnswer.url, `${url}#post-${answer}`);
            assert.equal(question.acceptedAnswer.text.trim(), 'At noon, more or less.');
            assert.equal(question.suggestedAnswer.length, 1);
            question.suggestedAnswer.forEach((one) => complete(one, 'Answer'));
        });
    });

describe('a community too large for one file', () => {
    const TOPICS = 5010;
    let portal;
    before(async () => {
        const question = (n) => `<question id="${n}" author="a" age="${1 + n % 500}d" score="0" views="0" tags="berths" title="Berth ${n}">Is it free?</question>\n`;
        portal = await startPortal({
            modules: { communities: {} },
            prepare: async ({ dir, cli }) => {
                const content = path.join(dir, 'content');
                mkdirSync(content);
                writeFileSync(path.join(content, 'harbour.xml'), SPACE.replace('></community>',
                    `><person key="a" name="Ada"/>${Array.from({ length: TOPICS }, (whole, n) => question(n + 1)).join('')}</community>`));
                const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
                assert.equal(code, 0, stderr);
            },
        });
    });
    after(() => portal?.close());

    test('has an index of parts, which together name each question once', async () => {
        const read = async (target) => elementsOf((await portal.get(target)).text);
        const index = await read('/communities/sitemap.xml');
        assert.equal(index[0].name, 'sitemapindex');
        const parts = textsAt(index, 'sitemapindex/sitemap/loc').map((url) => url.replace(portal.url, ''));
        assert.equal(parts.length, 3);
        const places = (await Promise.all(parts.map(read))).flatMap((part) => textsAt(part, 'urlset/url/loc'));
        assert.equal(new Set(places).size, places.length);
        assert.equal(places.filter((url) => url.includes('/topics/')).length, TOPICS);
        assert.ok(places.includes(`${portal.url}/communities/harbour`));
    });
});
