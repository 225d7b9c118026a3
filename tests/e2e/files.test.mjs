/* Files that people send: images taken by what they are, and shown to whom they are for. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { chunk, corpus, gif, png, SECRET } from '../lib/images.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { signIn } from '../lib/signed.mjs';

const images = corpus();
const pictures = { path: path.join(buildDirectory(), 'examples/pictures') };

/* POST /portico/images as the script of the pages does. */
function send(portal, person, data, { name = 'cat.png', field = 'image', type = 'image/png', token = person?.token } = {}) {
    const body = new FormData();
    body.append(field, new Blob([data], { type }), name);
    const headers = { Accept: 'application/json', ...(person && { Cookie: person.cookie }), ...(token && { 'X-CSRF-Token': token }) };
    return portal.get('/portico/images', { method: 'POST', body, headers });
}

const bytesOf = (portal, person, url, headers = {}) =>
    fetch(portal.url + url, { headers: { ...(person && { Cookie: person.cookie }), ...headers } });

for (const database of ['sqlite', 'postgresql'])
    test(`an image sent while writing (${database})`, async (t) => {
        const portal = await startPortal({ database });
        t.after(() => portal.close());
        const mara = await signIn(portal, 'mara');
        const ben = await signIn(portal, 'ben');
        const data = png(4, 5, { before: [chunk('tEXt', `Comment\0${SECRET}`)], trailer: '<script>alert(1)</script>' });
        const answer = await send(portal, mara, data, { name: 'My [cat] & me.png' });
        assert.equal(answer.status, 201, answer.text);
        const { url } = answer.json;

        await t.test('is answered with its address, ready for the text', () => {
            assert.match(url, /^\/portico\/files\/[1-9]\d+\/My%20%5Bcat%5D%20%26%20me\.png$/);
            assert.deepEqual(answer.json, { url, markdown: `![My  cat    me](${url})`, width: 4, height: 5 });
            assert.equal(answer.headers.get('location'), url);
        });

        await t.test('is shown without what is not part of the picture', async () => {
            const shown = await bytesOf(portal, mara, url);
            assert.equal(shown.status, 200);
            assert.deepEqual(Buffer.from(await shown.arrayBuffer()), png(4, 5));
        });

        await t.test('can do nothing but be shown', async () => {
            const { headers } = await bytesOf(portal, mara, url);
            assert.equal(headers.get('content-type'), 'image/png');
            assert.equal(headers.get('x-content-type-options'), 'nosniff');
            assert.equal(headers.get('content-disposition'), `inline; filename="My [cat] & me.png"; filename*=UTF-8''My%20%5Bcat%5D%20%26%20me.png`);
            assert.ok(headers.get('content-security-policy').split(', ').includes("default-src 'none'; sandbox"));
            assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
            assert.match(headers.get('cache-control'), /^private, /);
            assert.equal(headers.get('etag'), `"${createHash('sha256').update(png(4, 5)).digest('hex').slice(0, 32)}"`);
        });

        await t.test('answers conditions and ranges', async () => {
            const { headers } = await bytesOf(portal, mara, url);
            const same = await bytesOf(portal, mara, url, { 'If-None-Match': headers.get('etag') });
            assert.equal(same.status, 304);
            const part = await bytesOf(portal, mara, url, { Range: 'bytes=1-3' });
            assert.equal(part.status, 206);
            assert.equal(await part.text(), 'PNG');
            assert.equal(part.headers.get('content-range'), `bytes 1-3/${png(4, 5).length}`);
            assert.equal((await bytesOf(portal, mara, url, { Range: 'bytes=9999-' })).status, 416);
            const head = await fetch(portal.url + url, { method: 'HEAD', headers: { Cookie: mara.cookie } });
            assert.equal(head.headers.get('content-length'), String(png(4, 5).length));
        });

        await t.test('is nobody else\'s until it stands in something', async () => {
            assert.equal((await bytesOf(portal, ben, url)).status, 404);
            assert.equal((await bytesOf(portal, null, url)).status, 404);
        });

        await t.test('lies on disk once, however often it is sent', async () => {
            assert.equal((await send(portal, ben, png(4, 5), { name: 'other.png' })).status, 201);
            const hash = createHash('sha256').update(png(4, 5)).digest('hex');
            const files = path.join(path.dirname(portal.conf), 'data/files');
            assert.ok(existsSync(path.join(files, hash.slice(0, 2), hash.slice(2))), hash);
            assert.equal(readdirSync(files).filter((name) => name.length === 2).length, 1);
        });
    });

test('an image is taken', async (t) => {
    const portal = await startPortal();
    t.after(() => portal.close());
    const mara = await signIn(portal, 'mara');

    await t.test('from who is signed in and on this portal', async () => {
        assert.equal((await send(portal, null, png())).status, 401);
        assert.equal((await send(portal, mara, png(), { token: null })).status, 403);
        assert.equal((await send(portal, mara, png(), { token: 'x' })).status, 403);
    });

    await t.test('by what it is, never by its name', async () => {
        for (const [name, type, data] of [['a.svg', 'image/svg+xml', png()], ['a.html', 'text/html', png()], ['a', '', png()]]) {
            const { status, json } = await send(portal, mara, data, { name, type });
            assert.equal(status, 201);
            assert.match(json.url, /\/a\.png$/);
            assert.equal((await bytesOf(portal, mara, json.url)).headers.get('content-type'), 'image/png');
        }
        for (const name of ['other-svg', 'other-html', 'other-pdf', 'other-avif']) {
            const { status, json } = await send(portal, mara, images[name], { name: 'cat.png' });
            assert.equal(status, 422, name);
            assert.equal(json.detail, 'This is no PNG, JPEG, GIF or WebP image.');
        }
    });

    await t.test('whole, and of a size that browsers can show', async () => {
        for (const name of ['bad-png-truncated', 'bad-jpeg-html', 'bad-gif-block', 'bad-webp-truncated'])
            assert.equal((await send(portal, mara, images[name])).status, 422, name);
        for (const name of ['large-png-side', 'large-png-bomb', 'large-jpeg-bomb', 'large-gif-script', 'large-webp-canvas'])
            assert.equal((await send(portal, mara, images[name])).status, 413, name);
    });

    await t.test('without the script a GIF may be as well', async () => {
        const { json } = await send(portal, mara, gif(1, 1, { trailer: '*/=alert(1)//' }), { name: 'x.js' });
        assert.deepEqual(Buffer.from(await (await bytesOf(portal, mara, json.url)).arrayBuffer()), gif());
    });

    await t.test('under the name people gave it, if that is one', async () => {
        for (const [name, expected] of [['../../etc/passwd', 'passwd.png'], ['C:\\temp\\cat.PNG', 'cat.PNG'], ['.htaccess', 'htaccess.png'],
            ['gnp.\u202eexe', 'gnp.png'], ['K\u00e4tzchen.png', 'K\u00e4tzchen.png'], ['"><img src=x>.png', '"><img src=x>.png']]) {
            const { json } = await send(portal, mara, png(), { name });
            assert.equal(decodeURIComponent(json.url.split('/').at(-1)), expected, name);
            assert.doesNotMatch(json.markdown, /^!\[[^\]]*["<>`]/);
        }
    });

    await t.test('only as a form\'s file', async () => {
        assert.equal((await send(portal, mara, png(), { field: 'other' })).status, 422);
        const answer = await portal.get('/portico/images', {
            method: 'POST', body: png(), headers: { Accept: 'application/json', Cookie: mara.cookie, 'X-CSRF-Token': mara.token, 'Content-Type': 'image/png' },
        });
        assert.equal(answer.status, 422);
        const broken = await portal.get('/portico/images', {
            method: 'POST', body: '--b\r\nContent-Disposition: form-data; name="image"; filename*=UTF-8\'\'a\r\n\r\nx\r\n--b--',
            headers: { Accept: 'application/json', Cookie: mara.cookie, 'X-CSRF-Token': mara.token, 'Content-Type': 'multipart/form-data; boundary=b' },
        });
        assert.equal(broken.status, 400);
    });

    await t.test('up to the size of uploads, where other bodies are smaller', async () => {
        const large = png(2000, 2000, { before: [chunk('tEXt', `a\0${'x'.repeat(3 * 1024 * 1024)}`)] });
        assert.equal((await send(portal, mara, large)).status, 201);
        const huge = png(4, 4, { before: [chunk('tEXt', `a\0${'x'.repeat(11 * 1024 * 1024)}`)] });
        assert.equal(await send(portal, mara, huge).then(({ status }) => status, () => 413), 413);
        const elsewhere = await mara.post('/portico/language', { language: 'de', more: 'x'.repeat(2 * 1024 * 1024) }).then(({ status }) => status, () => 413);
        assert.equal(elsewhere, 413);
    });
});

test('what is no file answers 404', async (t) => {
    const portal = await startPortal();
    t.after(() => portal.close());
    for (const id of ['1', '0', '01', '-1', 'x', '99999999999999999999', '1%00'])
        assert.ok([400, 404].includes((await portal.get(`/portico/files/${id}/cat.png`)).status), id);
});

test('28-files keeps pictures with their rows, for everyone to see', async (t) => {
    const portal = await startPortal({ modules: { pictures } });
    t.after(() => portal.close());
    const mara = await signIn(portal, 'mara');
    const add = (fields) => {
        const body = new FormData();
        for (const [name, value] of Object.entries({ portico_token: mara.token, ...fields }))
            body.append(name, value, ...(value instanceof Blob ? ['dot.gif'] : []));
        return portal.get('/pictures', { method: 'POST', body, headers: { Cookie: mara.cookie, Accept: 'text/html' } });
    };
    assert.equal((await add({ title: 'A dot', picture: new Blob([images['good-gif-secret-comment']]) })).status, 303);
    assert.equal((await add({ title: 'No dot', picture: new Blob(['<svg/>']) })).status, 422);
    assert.equal((await add({ title: 'No dot' })).status, 422);
    const list = await portal.get('/pictures');
    const [, src] = /<img src="([^"]+)" alt="A dot" width="1" height="1"/.exec(list.text);
    const shown = await bytesOf(portal, null, src);
    assert.equal(shown.status, 200);
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), gif());
});
