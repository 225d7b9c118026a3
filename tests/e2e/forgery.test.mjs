/* Requests that change something come from the portal's own pages: every unsafe route of every module. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { buildDirectory, root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { cookiesOf, signIn, tokenOf } from '../lib/signed.mjs';

const modules = {
    communities: { path: path.join(buildDirectory(), 'modules/communities') },
    desk: { path: path.join(buildDirectory(), 'examples/desk') },
};
const REFUSED = /This form is from another sign-in|This came from another site/;
const OUTSIDE = 1 << 2;

/* Every unsafe route of the portal's own module, as its source says, and of the modules, as the portal inspects them:
 * { label, method, target, outside }. */
async function unsafeRoutes(portal) {
    const source = readFileSync(path.join(root, 'core/portal/portal.c'), 'utf8');
    const rows = source.match(/\{\s*\.method[^}]*?\.pattern = "[^"]*"[^;]*?\}(?=,\s)/gs) ?? [];
    const found = rows.map((row) => ({
        module: 'portico', method: /\.method = "(\w+)"/.exec(row)[1], pattern: /\.pattern = "([^"]+)"/.exec(row)[1],
        flags: /PORTICO_ROUTE_OUTSIDE/.test(row) ? OUTSIDE : 0,
    }));
    for (const module of Object.keys(modules)) {
        const { stdout } = await portal.cli('module', 'inspect', module, '--json');
        found.push(...JSON.parse(stdout).descriptor.routes.map((route) => ({ module, ...route })));
    }
    return found.filter(({ method }) => method !== 'GET').map(({ module, method, pattern, flags }) => ({
        label: `${module} ${method} ${pattern}`, method, target: pattern.replace(/\{[^}]+\}/g, '1'), outside: Boolean(flags & OUTSIDE),
    }));
}

function send(portal, { method, target }, headers, token) {
    const body = target.startsWith('/api/') ? undefined : new URLSearchParams(token ? { portico_token: token } : {});
    return portal.get(target, {
        method, body,
        headers: { Accept: 'text/html', ...(token && !body ? { 'X-CSRF-Token': token } : {}), ...headers },
    });
}

test('a request that changes something', async (t) => {
    const portal = await startPortal({ modules });
    t.after(() => portal.close());
    const chief = await signIn(portal, 'chief', 'admin');
    const other = await signIn(portal, 'other');
    const routes = await unsafeRoutes(portal);
    assert.ok(routes.some(({ label }) => label === 'desk POST /desk/{desk}/next'));
    assert.ok(routes.some(({ label }) => label === 'portico POST /portico/language'));
    const inside = routes.filter(({ outside }) => !outside);
    const host = { Cookie: chief.cookie };
    const refused = {
        'without a token': [host, undefined],
        'with a wrong token': [host, tokenOf('A'.repeat(43))],
        'with a cut token': [host, chief.token.slice(0, 20)],
        'with the token of another session': [host, other.token],
        'with the session itself as token': [host, chief.secret],
        'from another site': [{ ...host, 'Sec-Fetch-Site': 'cross-site' }, chief.token],
        'from another host of the same site': [{ ...host, 'Sec-Fetch-Site': 'same-site' }, chief.token],
        'from a foreign origin': [{ ...host, Origin: 'https://example.org' }, chief.token],
        'from the same host at another port': [{ ...host, Origin: 'http://127.0.0.1:1' }, chief.token],
        'from no origin that may be told': [{ ...host, Origin: 'null' }, chief.token],
        'from another site, signed in nowhere': [{ 'Sec-Fetch-Site': 'cross-site' }, undefined],
    };
    for (const [what, [headers, token]] of Object.entries(refused))
        await t.test(`is refused ${what}, whatever the route`, async () => {
            for (const route of inside) {
                const answer = await send(portal, route, headers, token);
                assert.equal(answer.status, 403, `${route.label}: ${answer.text}`);
                assert.match(answer.text, REFUSED, route.label);
            }
        });

    await t.test('is taken with its session\'s token, whatever the route', async () => {
        for (const route of inside) {
            const person = await signIn(portal, 'chief', 'admin');
            const answer = await send(portal, route, { Cookie: person.cookie, Origin: portal.url, 'Sec-Fetch-Site': 'same-origin' }, person.token);
            assert.doesNotMatch(answer.text, REFUSED, route.label);
        }
    });

    await t.test('is taken from programs that bring no cookie and come from no page', async () => {
        assert.equal((await portal.get('/desk/1/next', { method: 'POST' })).status, 303);
        assert.equal((await portal.get('/desk/1/next', { method: 'POST', headers: { 'Sec-Fetch-Site': 'none' } })).status, 303);
    });

    await t.test('of a visitor needs that visitor\'s token', async () => {
        const page = await portal.get('/portico/language');
        const secret = cookiesOf(page)['portico-visitor'].value;
        const { attributes } = cookiesOf(page)['portico-visitor'];
        assert.ok(attributes.includes('HttpOnly') && attributes.includes('SameSite=Lax'));
        assert.ok(page.text.includes(tokenOf(secret)));
        assert.ok(!page.text.includes(secret));
        const choose = (token) => portal.get('/portico/language', {
            method: 'POST', headers: { Cookie: `portico-visitor=${secret}` },
            body: new URLSearchParams({ language: 'en', ...(token ? { portico_token: token } : {}) }),
        });
        assert.equal((await choose()).status, 403);
        assert.equal((await choose(other.token)).status, 403);
        assert.equal((await choose(tokenOf(secret))).status, 303);
    });

    await t.test('of somebody signed in is not theirs with the token they had before', async () => {
        const page = await portal.get('/portico/language');
        const secret = cookiesOf(page)['portico-visitor'].value;
        const answer = await portal.get('/desk/1/next', {
            method: 'POST', headers: { Cookie: `portico-visitor=${secret}; ${other.cookie}` },
            body: new URLSearchParams({ portico_token: tokenOf(secret) }),
        });
        assert.equal(answer.status, 403);
    });

    await t.test('to a route for the outside runs as nobody who is signed in', async () => {
        for (const route of routes.filter(({ outside }) => outside)) {
            const answer = await send(portal, route, { ...host, Origin: 'https://example.org', 'Sec-Fetch-Site': 'cross-site' });
            assert.doesNotMatch(answer.text, REFUSED, route.label);
        }
    });

    await t.test('tells API clients in their own form', async () => {
        const answer = await portal.get('/desk/1/next', { method: 'POST', headers: { ...host, Accept: 'application/json' } });
        assert.equal(answer.status, 403);
        assert.equal(answer.json.title, 'This form is from another sign-in');
    });
});

test('a portal without a configured address goes by the one it is called by', async (t) => {
    const portal = await startPortal({ modules: { desk: modules.desk }, start: false });
    t.after(() => portal.close());
    writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace(/^url = .*\n/m, ''));
    await portal.start();
    const call = (Origin) => portal.get('/desk/1/next', { method: 'POST', headers: { Origin } });
    assert.equal((await call(`http://127.0.0.1:${portal.port}`)).status, 303);
    assert.equal((await call('http://example.org')).status, 403);
});
