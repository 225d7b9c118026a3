/* What a page loads besides itself: hashed names, compressed variants, one stylesheet, a strict policy. */
import assert from 'node:assert/strict';
import http from 'node:http';
import test, { after, before } from 'node:test';

import { startPortal } from '../lib/portal.mjs';

let portal;
let page;
let assets;

/* fetch() would undo the encoding: this tells what was really sent */
function raw(target, headers = {}) {
    return new Promise((resolve, reject) => {
        http.get(new URL(target, portal.url), { headers, agent: false }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
        }).once('error', reject);
    });
}

before(async () => {
    portal = await startPortal({ modules: { communities: {} } });
    page = await portal.get('/search', { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200, page.text);
    assets = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map((match) => match[1]);
});
after(() => portal?.close());

test('a page names its font, stylesheet, script and icons by the hash of their content', () => {
    for (const kind of [/inter\.[0-9a-f]{8,}\.woff2$/, /portico\.[0-9a-f]{8,}\.css$/, /portico\.[0-9a-f]{8,}\.js$/, /icons\.[0-9a-f]{8,}\.svg$/])
        assert.ok(assets.some((target) => kind.test(target)), `${kind} in ${assets}`);
});

test('assets are kept by browsers for a year and come compressed when asked', async () => {
    for (const target of new Set(assets)) {
        const plain = await raw(target, { 'accept-encoding': 'identity' });
        assert.equal(plain.status, 200, target);
        assert.match(plain.headers['cache-control'], /max-age=31536000/);
        assert.match(plain.headers['cache-control'], /immutable/);
        assert.equal(plain.headers['content-encoding'], undefined);
        const packs = !target.endsWith('.woff2'); /* a font is compressed already */
        assert.equal(/accept-encoding/i.test(plain.headers.vary ?? ''), packs, target);
        for (const encoding of packs ? ['br', 'gzip'] : []) {
            const packed = await raw(target, { 'accept-encoding': encoding });
            assert.equal(packed.headers['content-encoding'], encoding, target);
            assert.ok(packed.body.length < plain.body.length, target);
        }
        const again = await raw(target, { 'accept-encoding': 'identity', 'if-none-match': plain.headers.etag });
        assert.equal(again.status, 304, target);
        assert.equal(again.body.length, 0);
    }
});

test('the stylesheet weighs at most 15 KB compressed', async () => {
    const target = assets.find((name) => name.endsWith('.css'));
    const { body } = await raw(target, { 'accept-encoding': 'gzip' });
    assert.ok(body.length <= 15 * 1024, `${body.length} bytes`);
});

test('every icon a page uses is in the sprite', async () => {
    const used = [...page.text.matchAll(/<use href="([^"#]+)#([^"]+)"/g)];
    assert.ok(used.length > 0, 'the page uses no icon');
    for (const [, sprite, name] of used) {
        const { body } = await raw(sprite, { 'accept-encoding': 'identity' });
        assert.ok(body.includes(`id="${name}"`), `${name} is not in ${sprite}`);
    }
});

test('the content policy allows nothing inline and no other origin', () => {
    const policy = page.headers.get('content-security-policy');
    assert.ok(policy, 'no content policy');
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/);
    assert.match(policy, /default-src '(?:self|none)'/);
    assert.doesNotMatch(page.text, /<style\b|\sstyle="|\son[a-z]+="/);
});

test('an asset that is not there is 404, and none is found by climbing', async () => {
    for (const target of ['/assets/none.css', '/assets/../../portico.conf', '/assets/%2e%2e/%2e%2e/portico.conf', '/assets/'])
        assert.ok([400, 404].includes((await raw(target)).status), target);
});
