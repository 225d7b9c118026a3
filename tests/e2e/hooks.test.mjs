/* Hooks: a module's say in requests that are not its own, and what their failing, lateness and crashing mean. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { readExposition } from '../lib/exposition.mjs';
import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const warden = () => ({ warden: { path: path.join(buildDirectory(), 'tests/modules/warden') } });
const json = (value) => ({ method: 'POST', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json', Accept: 'application/json' } });
const asked = (answer) => Number(answer.headers.get('x-asked'));
const status = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout);

describe('hooks', () => {
    let portal;
    before(async () => { portal = await startPortal({ modules: warden(), settings: { server: { workers: 1, handler_threads: 16 } } }); });
    after(() => portal.close());

    test('before routing are asked for every address but the portal\'s files and signs of life', async () => {
        for (const address of ['/warden/page', '/nothing/here', '/', '/search', '/robots.txt', '/warden/secret'])
            assert.ok(asked(await portal.get(address, { redirect: 'manual' })) > 0, address);
        for (const address of ['/healthz', '/readyz', '/metrics', '/assets/none.css'])
            assert.equal((await portal.get(address)).headers.get('x-asked'), null, address);
    });

    test('that let a request pass leave it whole: method, query, body', async () => {
        const sent = await portal.get('/warden/closed?do=field', json({ name: 'Ada' }));
        assert.equal(sent.status, 200);
        assert.equal(sent.text, '{"name":"Ada"}');
        assert.equal(sent.headers.get('x-obeyed'), '/warden/closed');
        const head = await portal.get('/warden/page', { method: 'HEAD' });
        assert.equal(head.status, 200);
        assert.ok(asked(head) > 0);
        assert.equal(head.bytes.length, 0);
    });

    test('may answer for a route, and for an address that nobody has', async () => {
        const answer = await portal.get('/warden/closed?do=answer', json({ name: 'Ada', city: 'London' }));
        assert.equal(answer.status, 200);
        assert.equal(answer.json.from, 'the hook');
        assert.ok(answer.json.sum > 100);
        assert.ok(answer.headers.get('etag') === null || answer.headers.get('etag').startsWith('"'));
        assert.equal((await portal.get('/nowhere/at/all?do=answer')).json.from, 'the hook');
        assert.equal((await portal.get('/nowhereelse?do=answer')).status, 404);
        const head = await portal.get('/nowhere?do=answer', { method: 'HEAD' });
        assert.equal(head.status, 200);
        assert.equal(head.bytes.length, 0);
        assert.ok(Number(head.headers.get('content-length')) > 0);
    });

    test('that fail closed answer 503 with a sentence and a reference, as page and as problem', async () => {
        const problem = await portal.get('/warden/closed?do=fail', json({}));
        assert.equal(problem.status, 503);
        assert.match(problem.headers.get('content-type'), /problem\+json/);
        assert.match(problem.json.detail, /“warden hook closed” must agree/);
        assert.match(problem.json.request, /^[0-9a-f]{16}$/);
        const page = await portal.get('/warden/closed?do=fail', { headers: { Accept: 'text/html', 'Accept-Language': 'de' } });
        assert.equal(page.status, 503);
        assert.match(page.text, /Eine Prüfung dieser Anfrage ist gescheitert/);
        await until(() => portal.log().includes('warden hook closed failed: The keys are lost.'), { what: 'the failure in the log' });
    });

    test('that fail open let the request go on', async () => {
        const answer = await portal.get('/warden/open?do=fail', json({ a: 1 }));
        assert.equal(answer.status, 200);
        assert.equal(answer.text, '{"a":1}');
    });

    test('that are late hold nobody: closed is answered 503, open goes on, and what they do then is dropped', async () => {
        const body = { name: 'x'.repeat(200_000) };
        const [closed, open] = await Promise.all([
            portal.get('/warden/closed?do=late&for=2500', json(body)),
            portal.get('/warden/open?do=late&for=2500', json(body)),
        ]);
        assert.equal(closed.status, 503);
        assert.match(closed.json.title, /A check of this request did not work/);
        assert.equal(open.status, 200);
        assert.equal(open.text, JSON.stringify(body));
        assert.equal(open.headers.get('x-late'), null);
        /* Both still read the request, which is answered; others come and go meanwhile. */
        for (let i = 0; i < 20; i++)
            assert.equal((await portal.get(`/warden/page${i}`)).json.page, `page${i}`);
        await until(() => (portal.log().match(/read \d{8,} afterwards/g) ?? []).length === 2, { what: 'both late hooks to have read all' });
        await until(async () => (await status(portal)).workers[0].stuck === 0, { what: 'no hook to be stuck' });
    });

    test('that are late before the answer is sent: closed, it is not sent', async () => {
        assert.equal((await portal.get('/warden/sent?do=late&for=2000')).status, 503);
        assert.equal((await portal.get('/warden/sent?do=fail')).status, 503);
        assert.equal((await portal.get('/warden/sent')).status, 200);
    });

    test('after permission may refuse, but are not asked where the permission was refused', async () => {
        const denied = await portal.get('/warden/permit', { headers: { 'X-Deny': '1', Accept: 'application/json' } });
        assert.equal(denied.status, 403);
        assert.equal(denied.json.detail, 'To permit.');
        assert.equal((await portal.get('/warden/permit')).status, 200);
        assert.equal((await portal.get('/warden/secret', { headers: { Accept: 'application/json' } })).status, 401);
        assert.equal((await portal.get('/warden/page')).json.secret, 0);
    });

    test('before send run in the order of their names, see the answer and replace its fields', async () => {
        const answer = await portal.get('/warden/page');
        assert.equal(answer.headers.get('x-order'), 'abc');
        assert.equal(answer.headers.get('x-own'), 'the hook\'s');
        assert.match(answer.headers.get('x-seen'), /^200 application\/json -\d+$/, 'the security field was refused');
        assert.match(answer.headers.get('content-security-policy'), /^default-src 'none'/);
        assert.match((await portal.get('/not/there')).headers.get('x-seen'), /^404 text\/html/);
    });

    test('before send may answer instead, and are not asked about that answer', async () => {
        const answer = await portal.get('/warden/swap');
        assert.equal(answer.status, 418);
        assert.deepEqual(answer.json, { instead_of: 200 });
        assert.equal(answer.headers.get('x-own'), null);
    });

    test('a kept answer is the one after the hooks before sending, and those before routing are asked for it', async () => {
        /* Kept ones are given only while it is known that nothing was changed, which is looked at now and then. */
        const [first, second, unchanged] = await until(async () => {
            const [one, other] = [await portal.get('/warden/kept'), await portal.get('/warden/kept')];
            const last = await portal.get('/warden/kept', { headers: { 'If-None-Match': one.headers.get('etag') } });
            return one.json.made === other.json.made && last.status === 304 && [one, other, last];
        }, { within: 60_000, what: 'the second and third to be answered with what was kept of the first' });
        assert.equal(second.headers.get('x-order'), 'abc');
        assert.match(second.headers.get('x-seen'), /^200/);
        assert.ok(asked(second) > asked(first));
        assert.ok(asked(unchanged) > asked(second));
    });

    test('an answer that hooks after permission let pass is not kept: the next is asked for too', async () => {
        const first = await portal.get('/warden/kept/passed');
        assert.ok((await portal.get('/warden/kept/passed')).json.made > first.json.made);
        assert.equal((await portal.get('/warden/kept/passed', { headers: { 'X-Deny': '1' } })).status, 403);
    });

    test('many at once, with peers that hang up, leave nothing behind', async () => {
        await Promise.all(Array.from({ length: 60 }, async (_, i) => {
            const stop = new AbortController();
            if (i % 3 === 0)
                setTimeout(() => stop.abort(), i);
            const order = ['field', 'fail', 'answer', 'late&for=900'][i % 4];
            const answer = await portal.get(`/warden/${i % 2 ? 'open' : 'closed'}?do=${order}`, { ...json({ i }), signal: stop.signal }).catch(() => null);
            assert.ok(!answer || [200, 503].includes(answer.status), `${answer?.status}`);
        }));
        await until(async () => { const [worker] = (await status(portal)).workers; return worker.stuck === 0 && worker.in_flight === 0; },
            { within: 20_000, what: 'nothing to be under way' });
    });

    test('have figures like routes', async () => {
        const { samples } = readExposition((await portal.get('/metrics')).text);
        assert.ok(samples.get('portico_route_late_total{route="warden hook closed"}') >= 1);
        assert.ok(samples.get('portico_route_failures_total{route="warden hook closed"}') >= 1);
        assert.ok(samples.get('portico_route_duration_seconds_count{route="warden hook count"}') > 20);
    });
});

test('a hook that keeps missing its deadline is not asked for a while: closed 503 at once, open passed over', async (t) => {
    const portal = await startPortal({ modules: warden(), settings: { server: { workers: 1, handler_threads: 16 } } });
    t.after(() => portal.close());
    const isOut = async (name) => (await status(portal)).taken_out.some(({ route }) => route === `warden hook ${name}`);
    const late = (name) => Promise.all(Array.from({ length: 3 }, () => portal.get(`/warden/${name}?do=late&for=900`)));
    /* Asked, it would agree to this one; and after a while it is. */
    await until(async () => {
        await late('closed');
        return (await portal.get('/warden/closed')).status === 503;
    }, { within: 60_000, what: 'the breaker of closed to open' });
    assert.ok(await isOut('closed'));
    const { stdout } = await portal.cli('status');
    assert.match(stdout, /warden hook closed: It missed its deadline again and again/);
    await until(async () => {
        await late('open');
        return isOut('open');
    }, { within: 60_000, what: 'the breaker of open to open' });
    assert.equal((await portal.get('/warden/page')).status, 200);
    assert.equal((await portal.get('/warden/open')).status, 200);
});

test('a hook that crashes is blamed by name, taken out as a route is, and answers 503 for its paths alone', async (t) => {
    const portal = await startPortal({ modules: warden(), settings: { server: { workers: 1 } } });
    t.after(() => portal.close());
    /* Asked, it would agree to the second; and after a while it is asked again, and crashes. */
    const answer = await until(async () => {
        await portal.get('/warden/closed?do=crash').catch(() => {});
        const agreed = await portal.get('/warden/closed', { headers: { Accept: 'application/json' } });
        return agreed.status === 503 && agreed;
    }, { within: 90_000, what: 'the hook to be taken out' });
    assert.match(answer.json.detail, /“warden hook closed”/);
    assert.ok((await status(portal)).taken_out.some(({ route, reason }) => route === 'warden hook closed' && /crashed/.test(reason)));
    assert.match(portal.log(), /warden hook closed/);
    assert.equal((await portal.get('/warden/page')).status, 200);
});
