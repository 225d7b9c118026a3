/* 17-clock-and-ids as its author would try it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';

test('17-clock-and-ids reads times in any zone, writes them in UTC and tells when an id was made', async (t) => {
    const portal = await startPortal({ modules: { 'clock-and-ids': { path: path.join(buildDirectory(), 'examples/clock-and-ids') } } });
    t.after(() => portal.close());

    const ask = (from, to) => portal.get(`/clock-and-ids/between?${new URLSearchParams({ from, to })}`);
    assert.deepEqual((await ask('2026-11-22T10:30:00+01:00', '2026-11-22t09:30:01.25z')).json,
        { from: '2026-11-22T09:30:00Z', to: '2026-11-22T09:30:01.250Z', seconds: 1.25 });
    for (const wrong of ['2026-11-22', '2026-02-29T00:00:00Z', '2026-11-22T09:30:00'])
        assert.equal((await ask(wrong, '2026-11-22T09:30:00Z')).status, 422, wrong);
    assert.equal((await portal.get('/clock-and-ids/between')).status, 422);

    const before = Date.now();
    const made = (await portal.get('/clock-and-ids/new')).json;
    assert.match(made.id, /^[1-9][0-9]*$/);
    assert.ok(made.took_us >= 0);
    const looked = (await portal.get(`/clock-and-ids/ids/${made.id}`)).json;
    assert.ok(Date.parse(looked.made) >= before && Date.parse(looked.made) <= Date.now(), looked.made);
    for (const wrong of ['0', '01', '-5', '12x', '9223372036854775808'])
        assert.equal((await portal.get(`/clock-and-ids/ids/${wrong}`)).status, 404, wrong);
});
