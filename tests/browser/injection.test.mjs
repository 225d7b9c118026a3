/* Scripts that people write into every text of the portal, in a real browser that is told of no content policy: none
 * runs, none becomes an attribute, an address or an element that would. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { startBrowser } from '../lib/browser.mjs';
import { png } from '../lib/images.mjs';
import { disguisedUploads, payloads } from '../lib/payloads.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { formsOf, join, makeAccount, makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const api = '/api/communities/v1';
const BATCH = 24; /* documents looked at side by side */
const all = payloads();
const full = Boolean(process.env.PORTICO_TEST_FULL);
/* Where each payload needs a page of its own: one in `one` of them, all in the full tier. */
const some = (one, shift = 0) => all.filter(({ number }) => full || number % one === shift % one);
const textAt = (number) => all[number % all.length].text;
/* What a form may carry: with a NUL it is refused as a whole. */
const typedAt = (number) => textAt(number).replaceAll('\u0000', '');
/* Of texts that stand on one line, without what no command or file takes. */
const line = (text) => text.replace(/[\u0000-\u001f\u007f\u2028\u2029\ud800-\udfff]/g, ' ').trim();

let browser, context, portal, chief;
const hits = [];
const elsewhere = [];
const served = new Map(); /* what answers an address of the stage instead of the portal */

const xml = (text) => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '').replace(/[&<>"'\n\t\r]/g, (c) => `&#${c.charCodeAt(0)};`);
const padded = (text) => `${text} and more words`;

/* Of two payloads one space, with the first as its title and the second as what it is for; of each an author, a question,
 * an answer and a comment, each text with it. There may be 200 spaces. */
const spaceOf = (number) => `s${number - number % 2}`;
function content(dir) {
    mkdirSync(dir);
    for (let i = 0; i < all.length; i += 2) {
        const two = all.slice(i, i + 2);
        const parts = two.map(({ number, text }) => {
            const words = xml(text);
            return `<person key="p${number}" name="${words}" company="${words}"/>
<question id="${number * 3 + 1}" author="p${number}" age="2d" score="1" views="1" tags="t${number}" title="${words}">${words}</question>
<answer id="${number * 3 + 2}" to="${number * 3 + 1}" author="p${number}" age="1d" score="1">${words}</answer>
<comment id="${number * 3 + 3}" to="${number * 3 + 2}" author="p${number}" age="1h" score="0">${words}</comment>`;
        });
        writeFileSync(path.join(dir, `${spaceOf(two[0].number)}.xml`), `<community space="${spaceOf(two[0].number)}" title="${xml(two[0].text)}" description="${xml(two.at(-1).text)}">
${parts.join('\n')}
</community>\n`);
    }
}

/* Requests of the stage: from `served`, or from the portal as the chief sees it, in both cases without a policy. What
 * the pages bring along is left out, but for what payloads name. */
async function answer(route) {
    const request = route.request();
    const url = new URL(request.url());
    if (url.origin !== portal.url) {
        elsewhere.push(request.url());
        return route.abort();
    }
    const own = served.get(url.pathname);
    if (own)
        return route.fulfill({ status: 200, contentType: own.type, body: own.body });
    if (request.resourceType() !== 'document')
        return route.abort();
    let got = await chief.get(url.pathname + url.search);
    for (let more = 5; more && got.status >= 300 && got.status < 400; more--) {
        assert.match(got.headers.get('location'), /^\/(?![/\\])/, 'a redirect leads elsewhere');
        got = await chief.follow(got);
    }
    const { headers, bytes, status } = got;
    return route.fulfill({
        status, body: bytes,
        headers: Object.fromEntries([...headers].filter(([name]) => !/^(content-security-policy|x-frame-options|content-length|content-encoding|set-cookie)/.test(name))),
    });
}

/* Runs in the stage: opens addresses in frames, then lists what in them could run. */
async function look(addresses) {
    const frames = addresses.map((address) => {
        const frame = document.createElement('iframe');
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
        frame.src = address;
        document.body.append(frame);
        return { frame, address, loaded };
    });
    await Promise.all(frames.map(({ loaded }) => loaded));
    const found = [];
    const addressed = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'xlink:href', 'background', 'cite'];
    for (const { frame, address } of frames) {
        const page = frame.contentDocument;
        if (!page) {
            found.push(`${address}: went elsewhere`);
            continue;
        }
        for (const element of page.querySelectorAll('*')) {
            const name = element.localName;
            const data = name === 'script' && element.type === 'application/ld+json';
            if (data)
                try {
                    JSON.parse(element.textContent);
                } catch {
                    found.push(`${address}: structured data that is none`);
                }
            if (['iframe', 'object', 'embed', 'base', 'frame', 'applet', 'template', 'math', 'foreignObject', 'animate', 'set'].includes(name)
                || (name === 'script' && !data && !/^\/assets\//.test(element.getAttribute('src') ?? ''))
                || (name === 'meta' && element.httpEquiv) || (name === 'style'))
                found.push(`${address}: ${element.outerHTML.slice(0, 200)}`);
            for (const { name: attribute, value } of element.attributes) {
                if (/^on|^style$|^srcdoc$/i.test(attribute))
                    found.push(`${address}: ${element.outerHTML.slice(0, 200)}`);
                if (!addressed.includes(attribute))
                    continue;
                let scheme = 'http:';
                try {
                    scheme = new URL(value, page.baseURI).protocol;
                } catch {
                    /* leads nowhere */
                }
                if (!['http:', 'https:', 'mailto:'].includes(scheme))
                    found.push(`${address}: ${element.outerHTML.slice(0, 200)}`);
            }
            element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
            element.focus?.();
        }
    }
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return found;
}

/* What could run in documents of the portal (addresses) or in answers kept ({ type, body }), a batch at a time. */
async function findings(documents) {
    const addresses = documents.map((document, i) => {
        if (typeof document === 'string')
            return document;
        served.set(`/stage/${i}`, document);
        return `/stage/${i}`;
    });
    const found = [];
    const page = await context.newPage();
    page.on('dialog', (dialog) => {
        hits.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    for (let i = 0; i < addresses.length; i += BATCH) {
        await page.goto(`${portal.url}/stage`);
        found.push(...await page.evaluate(look, addresses.slice(i, i + BATCH)));
    }
    await page.close();
    return found;
}

async function assertQuiet(documents) {
    assert.ok(documents.length);
    const found = await findings(documents);
    assert.deepEqual(found.slice(0, 10), []);
    assert.deepEqual([...new Set(hits)].slice(0, 10), []);
}

/* Calls one after another in a few lanes, results in order. */
async function inLanes(items, work, lanes = 6) {
    const results = [];
    let next = 0;
    await Promise.all(Array.from({ length: lanes }, async () => {
        for (let i = next++; i < items.length; i = next++)
            results[i] = await work(items[i], i);
    }));
    return results;
}

const send = (method, target, body, headers = {}) => chief.get(target, {
    method, ...(body ? { body: JSON.stringify(body) } : {}),
    headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), Accept: 'application/json', 'X-CSRF-Token': chief.token, ...headers },
});
const kept = ({ headers, text }) => ({ type: headers.get('content-type') ?? 'text/html', body: text });
const items = async (target) => (await chief.get(target, { headers: { Accept: 'application/json' } })).json.items;

before(async () => {
    browser = await startBrowser();
    portal = await startPortal({
        modules: {
            communities: { newcomer_posts: 0, page_size: 100, feed_items: 100 },
            contacts: { path: path.join(buildDirectory(), 'examples/contacts') },
        },
        prepare: async ({ dir, cli }) => {
            content(path.join(dir, 'content'));
            const { code, stderr } = await cli('import', 'communities', '--format', 'demo', path.join(dir, 'content'));
            assert.equal(code, 0, stderr);
        },
    });
    await makePerson(portal, { handle: 'chief', name: 'Chief', address: 'chief@example.org' });
    chief = await signIn(portal, 'chief', 'admin');
    served.set('/stage', { type: 'text/html', body: '<!doctype html><title>Stage</title>' });
    context = await browser.newContext();
    await context.exposeBinding('__x', (source, number) => hits.push(`payload ${number}: ${all[number]?.text ?? number}`));
    await context.route('**/*', answer);
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

test('payloads run where nothing stands in their way, so that a quiet page means something', async () => {
    assert.ok(all.length >= 300);
    const raw = some(4);
    const found = await findings(raw.map(({ text }) => ({ type: 'text/html', body: `<!doctype html><body><p>${text}</p>` })));
    const run = new Set(hits.map((hit) => hit.split(':')[0]));
    assert.ok(run.size > raw.length / 6, `${run.size} of ${raw.length} ran`);
    assert.ok(found.length > raw.length / 3, `${found.length} were found`);
    hits.length = elsewhere.length = 0;
});

test('nothing runs where imported communities are read', async () => {
    const topics = [];
    const pages = [];
    for (let next = `${api}/topics?limit=100`; next;) {
        const { json } = await chief.get(next, { headers: { Accept: 'application/json' } });
        topics.push(...json.items);
        pages.push(next.replace(`${api}/topics`, '/communities'));
        next = json.next && (json.next.startsWith('/') ? json.next : `${api}/topics?limit=100&cursor=${encodeURIComponent(json.next)}`);
    }
    assert.ok(topics.length >= 300, `${topics.length} topics`);
    const lists = ['/communities', '/communities?sort=newest', '/communities/tags', '/communities/feed.atom', '/communities/search', '/communities/waiting'];
    const topicPages = topics.filter((_, i) => full || i % 12 === 0).map(({ id, slug }) => `/communities/topics/${id}/${slug || 'x'}`);
    const spaces = [...new Set(some(32).map(({ number }) => `/communities/${spaceOf(number)}`))];
    const tags = some(32, 1).map(({ number }) => `/communities/tags/t${number}`);
    await assertQuiet([...lists, ...pages, ...topicPages, ...spaces, ...tags]);
});

test('nothing runs that people write into questions, answers, comments and their edits', async () => {
    const asked = await inLanes(all, async ({ text }) => {
        const { json, status, text: said } = await send('POST', `${api}/topics`, {
            space: 's2', title: padded(text).slice(0, 150), body: `${padded(text)}\n\n${text}`, tags: ['one'],
        });
        assert.ok([201, 422, 400].includes(status), said);
        return json;
    });
    const made = asked.filter(({ id }) => id);
    assert.ok(made.length > 300, `${made.length} questions`);
    const [one] = made;
    await inLanes(all, ({ text }) => send('POST', `${api}/topics/${one.id}/answers`, { body: padded(text) }));
    await inLanes(all, ({ text }) => send('POST', `${api}/posts/${one.post}/comments`, { body: padded(text) }));
    const revised = made.slice(0, 8);
    for (const [i, { text }] of all.entries()) {
        const { post } = revised[i % revised.length];
        await send('PATCH', `${api}/posts/${post}`, { title: padded(text).slice(0, 150), body: `${padded(text)} ${text}`, note: text },
            { 'If-Match': `"${Math.floor(i / revised.length)}"` });
    }
    const { json: whole } = await chief.get(`${api}/topics/${one.id}`, { headers: { Accept: 'application/json' } });
    assert.ok(whole.comments > 300 && whole.answers > 300, `${whole.answers} answers, ${whole.comments} comments`);
    const home = (await chief.get(`/communities/topics/${one.id}`)).headers.get('location'); /* its title is another now */
    const answers = [];
    for (let from = home; from;) {
        answers.push(from);
        const next = /rel="next" href="(\?from=[^"]+)"/.exec((await chief.get(from)).text)?.[1];
        from = next && `${home}${next}`;
    }
    assert.ok(answers.length > 2, `${answers.length} pages of answers`);
    const pages = made.filter((_, i) => full || i % 16 === 0).map(({ id, slug }) => `/communities/topics/${id}/${slug}`);
    await assertQuiet([...answers, ...pages,
        ...revised.flatMap(({ post }) => [`/communities/posts/${post}/history`, `/communities/posts/${post}/history?view=side`, `/communities/posts/${post}/edit`]),
        '/communities', '/communities/s2', '/communities/tags/one', '/communities/feed.atom', '/communities/s2/feed.atom', '/communities/people/chief', '/search?q=more+words']);
});

test('nothing runs that stands in a form again, in a draft, in a preview or in words to search for', async () => {
    const page = await chief.get('/communities/ask?space=s2');
    const { fields } = formsOf(page.text).find(({ id }) => id === 'form-ask');
    /* Four payloads a form; every field gets every one in the full tier. */
    const text = (number) => all[number % all.length].text;
    const again = await inLanes(some(8), async ({ number }) => kept(await chief.post('/communities/ask', {
        ...fields, title: text(number), body: text(number + 1), tags: text(number + 2), space: text(number + 3), opened: text(number),
    })));
    const drafts = await inLanes(some(16), async ({ number }) => {
        await chief.post('/communities/ask', { ...fields, title: text(number), body: text(number + 1), tags: text(number + 2), portico_draft: 'keep' });
        return kept(await chief.get('/communities/ask?space=s2'));
    }, 1);
    const previews = await inLanes(some(8, 1), async ({ number }) => kept(await chief.post('/portico/markdown', {
        text: [0, 1, 2, 3].map((more) => text(number + more)).join('\n\n'),
    })));
    const words = some(12).flatMap(({ text }) => {
        const q = encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''));
        return [`/search?q=${q}`, `/communities/search?q=${q}`];
    });
    const queries = some(64, 3).flatMap(({ text }) => {
        const q = encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''));
        return [`/communities?sort=${q}`, `/login?next=${q}`, `/communities/ask?space=${q}`, `/communities/tags/${q}`, `/${q}`, `/communities/people/${q}`, `/portico/language?next=${q}`];
    });
    await assertQuiet([...again, ...drafts, ...previews, ...words, ...queries]);
});

test('nothing runs that is reported, decided, named or sent by mail', async () => {
    const posts = await items(`${api}/topics?limit=100`);
    const targets = await inLanes(posts, async ({ id }) => (await chief.get(`${api}/topics/${id}`, { headers: { Accept: 'application/json' } })).json.posts.at(-1).id);
    const pages = [];
    for (let i = 0; i < all.length; i += targets.length) {
        const part = all.slice(i, i + targets.length);
        await inLanes(part, ({ text }, at) => send('POST', `${api}/posts/${targets[at]}/flags`, { reason: 'other', note: text.slice(0, 500) }));
        pages.push(kept(await chief.get('/communities/moderation')));
        await inLanes(part, ({ text }, at) => send('POST', `${api}/posts/${targets[at]}/remove`, { reason: text.slice(0, 500) }));
        pages.push(kept(await chief.get('/communities/moderation')), kept(await chief.get('/communities/moderation/log')));
        await inLanes(part, (_, at) => send('POST', `${api}/posts/${targets[at]}/restore`));
    }
    const closed = await inLanes(some(32, 5), async ({ text }, at) => {
        const { id, slug } = posts[at % posts.length];
        await send('POST', `${api}/topics/${id}/close`, { reason: text });
        const shown = kept(await chief.get(`/communities/topics/${id}/${slug}`));
        await send('POST', `${api}/topics/${id}/reopen`, { reason: text });
        return shown;
    }, 1);
    const names = await inLanes(some(16, 1), async ({ text }) => {
        const said = await chief.submit('/account', { name: text }, 'account');
        return kept(said.status === 303 ? await chief.follow(said) : said);
    }, 1);
    const agents = await inLanes(some(32, 7), async ({ text }) => kept(await chief.get('/account', {
        headers: { 'User-Agent': text.replace(/[^\x20-\x7e]/g, ''), Referer: `${portal.url}/x`, 'Accept-Language': 'en' },
    })));
    await inLanes(some(16, 2), ({ text }) => chief.submit('/admin/people/invite', { name: text, address: `p${Math.random()}@example.org` }, 'invite'), 1);
    const mail = await chief.get('/admin/mail');
    const letters = [...new Set([...mail.text.matchAll(/href="(\/admin\/mail\/\d+)"/g)].map(([, href]) => href))];
    const people = await chief.get('/admin/people');
    const persons = [...new Set([...people.text.matchAll(/href="(\/admin\/people\/\d+)"/g)].map(([, href]) => href))];
    assert.ok(letters.length, 'no letter was written');
    await assertQuiet([...pages, ...closed, ...names, ...agents, ...letters, ...persons, '/admin/mail', '/admin/people', '/account/notices', '/communities/moderation/log', '/admin']);
});

test('a file that is not what it is called is no page, and its name no markup', async () => {
    const image = png();
    const upload = async (name, type, bytes) => {
        const form = new FormData();
        form.set('portico_token', chief.token);
        form.set('image', new File([bytes], name, { type }));
        return chief.get('/portico/images', { method: 'POST', body: form, headers: { 'X-CSRF-Token': chief.token, Accept: 'application/json' } });
    };
    const taken = [];
    for (const { name, type, bytes } of disguisedUploads(image)) {
        const { status, json } = await upload(name, type, bytes);
        assert.ok([201, 422, 413].includes(status), `${name}: ${status}`);
        if (status === 201)
            taken.push(json);
    }
    for (const { text } of some(12)) {
        const { status, json } = await upload(`${text}.png`, 'image/png', image);
        if (status === 201)
            taken.push(json);
    }
    assert.ok(taken.length > 20, `${taken.length} were taken`);
    for (const { url } of taken) {
        const { headers, bytes } = await chief.get(url);
        assert.match(headers.get('content-type'), /^image\/(png|gif|jpeg|webp)$/, url);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.match(headers.get('content-security-policy'), /default-src 'none'|sandbox/);
        assert.ok(!bytes.includes('__x'), url);
    }
    const shown = await inLanes(taken, async ({ markdown }) => kept(await chief.post('/portico/markdown', { text: markdown })));
    for (const { body } of shown.filter(({ type }) => /html/.test(type)))
        assert.equal(body.match(/<img /g)?.length, 1, body);
    await assertQuiet([...shown, ...taken.map(({ url }) => url).map((url) => ({ type: 'text/html', body: `<!doctype html><img src="${url}">` }))]);
});

test('nothing runs that managers call spaces and say of them', async () => {
    const spaces = await items(`${api}/spaces`);
    let taken = 0;
    const pages = [];
    for (let from = 0; from < all.length; from += spaces.length) {
        await inLanes(all.slice(from, from + spaces.length), async ({ text }, at) => {
            const { status, text: said } = await send('PATCH', `${api}/spaces/${spaces[at].id}`, { title: `A ${text}`.slice(0, 40), description: padded(text).slice(0, 400) });
            assert.ok([200, 422, 400].includes(status), said);
            taken += status === 200;
        });
        const some = spaces.filter((_, at) => full || at % 20 === 0);
        const targets = ['/communities', '/communities/spaces', '/communities/ask', ...some.flatMap(({ id, slug }) => [`/communities/spaces/${id}/edit`, `/communities/${slug}`])];
        pages.push(...await inLanes(targets, async (target) => kept(await chief.get(target))));
    }
    assert.ok(taken > 200, `${taken} were taken`);
    await assertQuiet(pages);
});

test('nothing runs that moderators say of tags, and give as reasons to move, merge and close', async () => {
    const described = await inLanes(some(3), async ({ number, text }) => {
        const { status, text: said } = await send('PATCH', `${api}/tags/t${number}`, { description: text });
        assert.ok([200, 400, 422].includes(status), said);
        return status === 200 && number;
    });
    const tags = described.filter((number) => number !== false);
    assert.ok(tags.length > described.length / 2, `${tags.length} of ${described.length} tags were described`);
    const lists = [];
    for (let from = '/communities/tags'; from;) {
        lists.push(from);
        const next = /rel="next" href="([^"]+)"/.exec((await chief.get(from)).text)?.[1].replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
        from = next && new URL(next, new URL(from, portal.url)).href.slice(portal.url.length);
    }
    assert.ok(lists.length > 3, `${lists.length} pages of tags`);
    const ones = tags.filter((number) => full || number % 24 === 0).flatMap((number) => [`/communities/tags/t${number}`, `/communities/tags/t${number}/edit`, `/communities/tags/t${number}/feed.atom`]);
    const again = await inLanes(some(64, 3), async ({ number }) => kept(await chief.submit('/communities/tags/t0/edit', { description: typedAt(number).repeat(20) }, 'tag')));

    /* Who asked is told the reasons. */
    await makePerson(portal, { handle: 'asker', name: 'Asker', address: 'asker@example.org' });
    const asker = await signIn(portal, 'asker', 'moderator');
    const ask = async (title, body) => {
        const { status, json, text } = await asker.get(`${api}/topics`, {
            method: 'POST', body: JSON.stringify({ space: 's4', title, body, tags: ['two'] }),
            headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': asker.token },
        });
        assert.equal(status, 201, text);
        return json;
    };
    const stays = await ask('Where all of them come to', 'All of them come here.');
    const pages = [];
    let taken = 0;
    for (const { number } of some(24, 7)) {
        const one = await ask(`Number ${number} of what moderators look after`, `It is number ${number}.`);
        const did = async (act, reason, more = {}) => {
            const { status, text } = await send('POST', `${api}/topics/${one.id}/${act}`, { reason, ...more });
            assert.ok([200, 422].includes(status), text);
            taken += status === 200;
        };
        await did('close', typedAt(number));
        await did('move', typedAt(number + 1), { space: 's6' });
        pages.push(kept(await chief.follow(await chief.get(`/communities/topics/${one.id}`))));
        await did('reopen', typedAt(number + 2));
        for (const [act, wrong] of [['move', { space: typedAt(number) }], ['merge', { into: typedAt(number) }], ['close', {}]]) {
            const form = await chief.get(`/communities/moderation/${act}/${one.id}`);
            pages.push(kept(await chief.submit(form, { ...wrong, reason: `${typedAt(number + 3)}${act === 'close' ? 'x'.repeat(500) : ''}` }, act)));
        }
        await did('merge', typedAt(number + 4), { into: stays.id });
        pages.push(kept(await chief.get('/communities/moderation/log')));
    }
    assert.ok(taken > 3 * some(24, 7).length, `${taken} reasons were taken`);
    for (const target of ['/account/notices', '/communities/mine', `/communities/topics/${stays.id}`])
        pages.push(kept(await asker.get(target)));
    await assertQuiet([...lists, ...ones, ...again, ...pages]);
});

test('nothing runs in the settings of the communities, refused or in service', async () => {
    const page = '/admin/modules/communities';
    const save = async (fields) => {
        const { fields: shown } = formsOf((await chief.get(page)).text).find(({ fields }) => 'import_site' in fields);
        const own = Object.fromEntries(Object.entries(shown).filter(([name]) => !name.startsWith('was.')));
        return chief.post(page, { ...own, portico_act: 'save', ...fields });
    };
    const refused = await inLanes(some(8, 3), async ({ number }) => {
        const answer = await save({ title: typedAt(number), import_space: typedAt(number + 1), import_site: typedAt(number + 2), blocked_words: typedAt(number + 3), questions_an_hour: typedAt(number + 4) });
        assert.equal(answer.status, 422);
        return kept(answer);
    });
    /* Each saving is taken into service by new processes: some at a time. */
    const few = some(24, 5), served = [];
    for (let i = 0; i < few.length; i += 6) {
        const part = few.slice(i, i + 6);
        const joined = (shift) => line(part.map(({ number }) => typedAt(number + shift)).join(' '));
        const answer = await save({ title: joined(0), import_space: joined(1), import_site: joined(2), blocked_words: joined(3) });
        assert.equal(answer.status, 303, answer.text);
        for (const target of [answer.headers.get('location'), page, '/communities', '/communities/tags', '/communities/feed.atom', '/communities/s2', '/communities/ask', '/admin/modules', '/'])
            served.push(kept(await chief.get(target)));
    }
    assert.ok(served.some(({ body }) => body.includes('__x')), 'no title was in service');
    const back = await save({ title: '', import_space: '', import_site: '', blocked_words: '' });
    assert.equal(back.status, 303, back.text);
    await assertQuiet([...refused, ...served]);
});

test('nothing runs that is said of a company: name, facts, contacts, teams, reasons of delegations, invitations, people', async () => {
    const staffPage = (account) => `/admin/accounts/${account}`;
    const home = '/account/company';
    const somebody = async (handle, account, roles) => {
        await makePerson(portal, { handle, name: handle, address: `${handle}@example.org` });
        await join(portal, account, handle, roles);
        return signIn(portal, handle);
    };
    const done = (answer) => assert.equal(answer.status, 303, answer.text);
    const partner = await makeAccount(portal, 'Partner');
    const pat = await somebody('pat', partner, 'account-admin');
    done(await chief.post(staffPage(partner), { act: 'name', new_name: 'Partner', kind: 'partner' }));
    const companyOf = async (number) => {
        const account = await makeAccount(portal, `Acme ${number}`), staff = staffPage(account);
        const dana = await somebody(`dana${number}`, account, 'account-admin'), lee = await somebody(`lee${number}`, account);
        done(await chief.post(staff, { act: 'know', external: `crm:${number}` }));
        done(await dana.post(home, { act: 'name', role: 'billing', who: `lee${number}` }));
        const member = /\/account\/company\/people\/\d+/.exec((await dana.get(`${home}/people?q=lee${number}`)).text)[0];
        const person = /\/admin\/people\/\d+/.exec((await chief.get(`/admin/people?q=lee${number}`)).text)[0];
        return { staff, dana, lee, member, person };
    };
    const until = new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);
    const quoted = (text) => `"${line(text).replaceAll('"', '""')}"`;
    const taken = {};
    const pages = [];
    /* What is refused comes again in its form. */
    const tries = async (what, answer) => {
        assert.ok([303, 422].includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
        if (answer.status === 303)
            taken[what] = (taken[what] ?? 0) + 1;
        else
            pages.push(kept(answer));
        return answer;
    };
    const shows = async (who, ...targets) => {
        for (const target of targets) {
            const { status, ...answer } = await who.get(target);
            assert.equal(status, 200, target);
            pages.push(kept(answer));
        }
    };
    const rounds = some(48, 11);
    let staff, dana, lee, member, person;
    for (const [round, { number }] of rounds.entries()) {
        if (round % 9 === 0) /* one may not ask its partners more often within an hour */
            ({ staff, dana, lee, member, person } = await companyOf(round));
        const at = (more) => typedAt(number + more);
        await tries('company', await chief.post(staff, { act: 'name', new_name: at(0) }));
        await tries('new company', await chief.post('/admin/accounts/new', { name: at(1), below: at(2), external: at(3) }));
        await tries('account team', await chief.post(staff, { act: 'team', team_who: 'chief', team_role: at(4).slice(0, 60), team_phone: '' }));
        await tries('phone', await chief.post(staff, { act: 'team', team_who: at(5), team_role: at(6), team_phone: at(7) }));
        await tries('id elsewhere', await chief.post(staff, { act: 'know', external: at(8) }));
        await tries('contact', await dana.post(home, { act: 'name', role: 'billing', who: at(9) }));
        await tries('name', await lee.submit('/account', { name: at(10) }, 'account'));
        await tries('handle', await lee.submit('/account', { name: at(11), handle: at(12), timezone: at(13) }, 'account'));
        await tries('title', await dana.post(member, { act: 'membership', title: at(14), until: '' }));
        const team = (await tries('team', await dana.post(`${home}/teams`, { name: at(15) }))).headers.get('location')?.replace(/\?.*/, '');
        if (team) {
            await tries('in the team', await dana.post(team, { act: 'in', who: lee.handle }));
            await tries('team again', await dana.post(team, { act: 'rename', name: at(16) }));
            await tries('team of whom', await dana.post(team, { act: 'in', who: at(17) }));
            await shows(dana, team);
        }
        await tries('partner', await dana.submit(`${home}/delegations`, { partner: at(18), until: at(19), reason: at(20) }, 'delegations'));
        await tries('delegation', await dana.submit(`${home}/delegations`, { partner: 'Partner', 'role-account-admin': '1', until, reason: at(21) }, 'delegations'));
        await tries('who is invited', await dana.submit(`${home}/invite`, { people: at(22), language: 'en', role: 'none' }, 'company_invite'));
        const table = `address,name,title\nguest${number}@example.org,${quoted(at(23))},${quoted(at(24))}`;
        await tries('invitation', await dana.submit(`${home}/invite`, { people: table, language: 'en', role: 'none' }, 'company_invite'));
        const invited = /\/account\/company\/invitations\/\d+/.exec((await dana.get(`${home}/people?q=guest${number}`)).text)?.[0];
        await shows(dana, home, `${home}/people?show=waiting`, `${home}/delegations`, `${home}/log`, `${home}/teams`, member, ...(invited ? [invited] : []), '/account/switch', '/account');
        await shows(pat, `${home}/delegations`, '/account/notices');
        await shows(chief, staff, person);
        const end = /name="end" value="(\d+)"/.exec((await dana.get(`${home}/delegations`)).text)?.[1];
        if (end)
            await tries('delegation ended', await dana.post(`${home}/delegations`, { end }));
        if (team)
            await tries('team removed', await dana.post(team, { act: 'remove' }));
    }
    for (const what of ['company', 'account team', 'name', 'title', 'team', 'team again', 'delegation', 'invitation'])
        assert.ok(taken[what] > rounds.length / 2, `${what}: ${taken[what]} of ${rounds.length} were taken`);

    /* What a system says of them; an address alone becomes a link. */
    const addresses = all.filter(({ text }) => /^\[x\]\(/.test(text)).map(({ text }) => line(text.slice(4, -1)));
    const words = some(8, 2).map(({ text }) => line(text));
    const facts = full ? [...addresses, ...words] : [addresses[0], addresses[19], words.filter((text) => /https?:/.test(text)).concat(words).join(' ').slice(0, 480)];
    for (const fact of facts) {
        const { code, stderr } = await portal.cli('contacts', 'know', `crm:${rounds.length - 1 - (rounds.length - 1) % 9}`, 'terms', fact);
        assert.equal(code, 0, stderr);
        await shows(dana, home);
        await shows(chief, staff);
    }
    await assertQuiet([...pages, '/admin/accounts', '/admin/audit', '/admin/mail', '/admin/people', '/account/switch', '/admin']);
});

test('nothing runs in what the portal\'s own scripts build: lists of people, similar questions, previews, drafts, parts of pages', async () => {
    const named = some(32, 9);
    await inLanes(named, async ({ number, text }) => {
        const handle = `pay${number}`;
        await makePerson(portal, { handle, address: `${handle}@example.org` });
        const person = await signIn(portal, handle);
        await person.submit('/account', { name: text }, 'account');
    }, 2);
    const scripted = await browser.newContext({ bypassCSP: true });
    const ran = [];
    await scripted.exposeBinding('__x', (source, number) => ran.push(`payload ${number}: ${all[number]?.text ?? number}`));
    await scripted.addCookies(chief.cookies);
    const page = await scripted.newPage();
    page.on('dialog', (dialog) => {
        ran.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    await page.goto(`${portal.url}/communities/ask?space=s2`);
    const title = page.locator('#form-ask [name=title]');
    const body = page.locator('#form-ask textarea[name=body]');
    await title.pressSequentially('and more words');
    await page.locator('[data-similar] li').first().waitFor();
    for (const { number } of named.slice(0, 8)) {
        await body.fill('');
        await body.pressSequentially(`@pay${number}`);
        await page.locator('[role=option]', { hasText: `@pay${number}` }).first().waitFor();
    }
    await page.keyboard.press('Escape');
    for (const { number } of some(64, 5)) {
        const text = [0, 1, 2, 3].map((more) => all[(number + more) % all.length].text).join('\n\n');
        const preview = page.waitForResponse((answer) => answer.url().endsWith('/portico/markdown')
            && new URLSearchParams(answer.request().postData()).get('text') === text.replaceAll('\r\n', '\n'));
        await body.fill(text);
        await (await preview).finished();
    }
    /* A mistake: the form comes again, put into the page by script. */
    await title.fill(all[0].text.slice(0, 3));
    await page.locator('#form-ask .btn.main').click();
    await page.locator('#form-ask [aria-invalid=true]').first().waitFor();
    const topics = await items(`${api}/topics?limit=20`);
    for (const { id, slug } of topics.slice(0, 10)) {
        await page.goto(`${portal.url}/communities/topics/${id}/${slug}`);
        await page.evaluate(() => document.querySelectorAll('main *').forEach((element) => {
            element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
            element.dispatchEvent(new FocusEvent('focus'));
        }));
    }
    assert.deepEqual([...new Set(ran)].slice(0, 10), []);
    await scripted.close();
});

test('nothing was fetched from anywhere but the portal', () => {
    assert.deepEqual([...new Set(elsewhere)].slice(0, 10), []);
});
