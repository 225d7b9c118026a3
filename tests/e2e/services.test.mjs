/* Services: what one module asks of another, and what that does to neither of them. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const at = (name) => ({ path: path.join(buildDirectory(), 'tests/modules', name) });
const modules = () => ({ cook: at('cook'), pantry: { ...at('pantry'), shelf: 'lower' } });
const status = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout);

describe('a service', () => {
    let portal;
    before(async () => { portal = await startPortal({ modules: modules(), settings: { portal: { development: true }, server: { workers: 1, handler_threads: 16 } } }); });
    after(() => portal.close());
    const call = async (way, what, headers = {}) => (await portal.get(`/cook/${way}${what ? `?what=${what}` : ''}`, { headers })).json;

    test('runs as its own module, for the reader who asked, and its result stays with the caller', async () => {
        const answer = await call('stock', 'salt', { 'Accept-Language': 'de' });
        assert.equal(answer.code, 0);
        assert.deepEqual(answer.result, { shelf: 'lower', language: 'de', state: 'the pantry\'s own', count: 3, things: ['salt 0', 'salt 1', 'salt 2'] });
    });

    test('is offered if it is declared, there and new enough', async () => {
        const { stock, dreams, wine, keys } = await call('stock', 'salt');
        assert.deepEqual({ stock, dreams, wine, keys }, { stock: true, dreams: false, wine: false, keys: false });
    });

    test('says whole sentences where it cannot be called', async () => {
        for (const [way, what, sentence] of [
            ['undeclared', 'salt', /The module cook called the service pantry\.keys, which is not in its uses: add it to PORTICO_MODULE_USES\./],
            ['dream', 'salt', /No enabled module offers the service pantry\.dreams 1\.0/],
            ['unknown', 'salt', /The service pantry\.stock has no method steal/],
            ['transaction', 'salt', /was called in an open transaction: call before portico_begin or after portico_commit/],
            ['empty', null, /The argument of pantry method pantry\.stock\/fetch does not fit: .*what/],
            ['stock', 'mice', /^The mice were faster\.$/],
            ['stock', 'lie', /What pantry method pantry\.stock\/fetch returned does not fit its response schema: .*count/],
            ['stock', 'nothing', /returned no object/],
        ]) {
            const answer = await call(way, what);
            assert.ok(answer.code < 0, way);
            assert.match(answer.error, sentence);
            assert.equal(answer.result, undefined);
        }
        assert.ok((await call('stock', 'silence')).error.length > 0, 'an error without words gets its name');
    });

    test('of a serial module is called by serial modules at once, and nobody waits for ever', async () => {
        const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => call('stock', `thing${i}`)));
        answers.forEach(({ result }, i) => assert.equal(result.things[2], `thing${i} 2`));
    });
});

test('a result that does not fit is the caller\'s to judge in production', async (t) => {
    const portal = await startPortal({ modules: modules() });
    t.after(() => portal.close());
    assert.equal((await portal.get('/cook/stock?what=lie')).json.code, 0);
});

test('a crash inside a method is the provider\'s: it is blamed, taken out, and callers are told', async (t) => {
    const portal = await startPortal({ modules: modules(), settings: { server: { workers: 1 } } });
    t.after(() => portal.close());
    const label = 'pantry method pantry.stock/fetch';
    await until(async () => {
        await portal.get('/cook/stock?what=crash').catch(() => {});
        const { taken_out: rows } = await status(portal);
        assert.ok(!rows.some(({ route }) => /^cook/.test(route)), 'the caller is not blamed');
        return rows.some(({ route, reason }) => route === label && /crashed/.test(reason));
    }, { within: 90_000, what: 'the method to be taken out' });
    await until(async () => {
        const answer = await portal.get('/cook/stock?what=salt').catch(() => null);
        return answer?.json?.code < 0 && /crashed repeatedly and is switched off for a while/.test(answer.json.error);
    }, { within: 20_000, what: 'callers to be told' });
});

test('a method taken out by the jobs processes that called it is tried there and comes back', async (t) => {
    const portal = await startPortal({ modules: modules(), settings: { server: { workers: 1, jobs: 1 } }, start: false });
    t.after(() => portal.close());
    const spoiled = path.join(portal.dir, 'spoiled');
    writeFileSync(spoiled, '');
    const { cook, pantry } = modules();
    portal.modules = { cook: { ...cook, spoiled }, pantry };
    portal.writeConfig(portal.modules);
    await portal.start();
    const label = 'pantry method pantry.stock/fetch';
    const said = (pattern) => portal.lines().some(({ message }) => pattern.test(message ?? ''));
    await until(async () => (await status(portal)).taken_out.some(({ route, kind }) => route === label && kind === 'job'),
        { within: 90_000, what: 'the method to be taken out' });
    await until(async () => /switched off for a while/.test((await portal.get('/cook/stock?what=salt')).json.error),
        { within: 20_000, what: 'workers to know it, too' });
    rmSync(spoiled);
    await until(() => said(/^pantry method pantry\.stock\/fetch ran well again and is back\./), { within: 120_000, what: 'a job to try it' });
    await until(async () => (await portal.get('/cook/stock?what=salt')).json.code === 0, { within: 20_000, what: 'workers to call it again' });
    assert.deepEqual((await status(portal)).taken_out, []);
});

test('a caller is refused whose service is missing or too old, with both files named', async (t) => {
    const portal = await startPortal({ modules: { cook: at('cook'), pantry: { ...at('pantry'), enabled: false } }, start: false });
    t.after(() => portal.close());
    const { code, stdout, stderr } = await portal.cli('check');
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /cook\/cook\.so: It needs the service pantry\.stock 1\.1, but the module pantry is not enabled: write \[module pantry\]/);
});
