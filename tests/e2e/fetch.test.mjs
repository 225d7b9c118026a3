/* 22-fetch: where modules' requests go, and where they do not. */
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';

const json = { headers: { Accept: 'application/json' } };

async function serve(t, answer) {
    const server = http.createServer(answer);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    return server.address().port;
}

async function portalWith(t, page, hosts) {
    const fetch = { path: path.join(buildDirectory(), 'examples/fetch'), page };
    const portal = await startPortal({ modules: { fetch }, settings: hosts ? { fetch: { hosts } } : {} });
    t.after(() => portal.close());
    return portal;
}

test('22-fetch reads a page of a host the admin allows, and follows it where it is allowed', async (t) => {
    const port = await serve(t, (request, response) => {
        if (request.url === '/moved')
            response.writeHead(302, { Location: '/now' }).end();
        else
            response.writeHead(200, { 'Content-Type': 'text/plain' }).end(`all is well, ${request.headers.accept}`);
    });
    const portal = await portalWith(t, `http://127.0.0.1:${port}/moved`, `127.0.0.1:${port}`);
    assert.deepEqual((await portal.get('/fetch')).json, { status: 200, type: 'text/plain', words: 'all is well, text/plain' });

    const held = await portal.get('/fetch/held', json);
    assert.equal(held.status, 502);
    assert.match(held.json.detail, /commit or roll back the transaction first/);
});

test('a fetch of a private place, over http or of the portal itself is refused and says why', async (t) => {
    let asked = 0;
    const port = await serve(t, (request, response) => {
        asked++;
        response.end('inside');
    });
    const portal = await portalWith(t, 'https://127.0.0.1/');
    const section = { path: path.join(buildDirectory(), 'examples/fetch') };
    for (const [page, reason] of [
        ['https://127.0.0.2/', /is loopback/],
        ['https://127.0.0.1/', /the portal's own/],
        ['https://localhost/', /is loopback/],
        [`http://127.0.0.1:${port}/`, /http is allowed only for/],
        [`https://2130706433:${port}/`, /neither a name nor an IPv4 address|four decimal numbers/],
        [portal.url.replace('http:', 'https:'), /the portal's own/],
        ['https://user:pw@127.0.0.1/', /user name or password/],
    ]) {
        portal.writeConfig({ fetch: { ...section, page } });
        assert.equal((await portal.cli('reload')).code, 0);
        const answer = await portal.get('/fetch', json);
        assert.equal(answer.status, 502, page);
        assert.match(answer.json.detail, reason);
    }
    assert.equal(asked, 0);
});
