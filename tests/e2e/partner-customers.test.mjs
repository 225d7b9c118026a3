/* A partner that acts for many companies finds each of them; and so do staff. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const PAGE = '/account/company/delegations', CUSTOMERS = 30, A_PAGE = 25;
const DAY = new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);
const nameOf = (i) => `Customer ${String(i).padStart(2, '0')}${i % 10 === 7 ? ' Werft' : ''}`;

for (const database of ['sqlite', 'postgresql'])
    describe(`a partner of many companies (${database})`, () => {
        let portal, reach, pat, admin;
        before(async () => {
            portal = await startPortal({ database });
            reach = await makeAccount(portal, 'Reach');
            await said('account', 'kind', 'Reach', 'partner');
            await makePerson(portal, { handle: 'pat', name: 'Pat', address: 'pat@example.com' });
            await join(portal, reach, 'pat', 'account-admin');
            for (let i = 1; i <= CUSTOMERS; i++) {
                await makeAccount(portal, nameOf(i));
                await said('account', 'delegate', nameOf(i), 'Reach', 'account-member', '--until', DAY, '--reason', 'They run our billing.', ...(i > 3 ? ['--accepted'] : []));
            }
            pat = await signIn(portal, 'pat');
            await pat.post('/account/switch', { account: reach });
            admin = await signIn(portal, 'root', 'admin');
        });
        after(() => portal?.close());

        const said = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        const named = (text) => [...new Set([...textOf(text).matchAll(/Customer \d\d(?: Werft)?/g)].map(([name]) => name))].sort();
        const nextOf = (text) => /rel="next" href="([^"]+)"/.exec(text)?.[1].replaceAll('&amp;', '&');
        /* All that its pages name, and how many pages there were. */
        const walk = async (who, path) => {
            const found = [];
            let pages = 0;
            for (let next = path; next && pages < 9; pages++) {
                const { status, text } = await who.get(next);
                assert.equal(status, 200);
                found.push(...named(text));
                next = nextOf(text);
            }
            return { names: [...new Set(found)].sort(), pages };
        };
        const all = Array.from({ length: CUSTOMERS }, (_, i) => nameOf(i + 1));

        test('all its customers stand on its pages, a few at a time, and those who ask on each', async () => {
            assert.deepEqual(await walk(pat, PAGE), { names: all, pages: 2 });
            const first = await pat.get(PAGE);
            assert.equal(named(first.text).length, A_PAGE + 3);
            assert.equal((first.text.match(/name="accept"/g) ?? []).length, 3);
            const second = await pat.get(nextOf(first.text));
            assert.match(second.text, /rel="prev" href="\/account\/company\/delegations\?customer="/);
            const ended = /name="end" value="(\d+)" aria-label="End it for Customer 30/.exec(second.text)[1];
            assert.equal((await pat.post(PAGE, { end: ended })).headers.get('location'), `${PAGE}?saved=ended`, 'one of the last is ended as any is');
            assert.equal((await walk(pat, PAGE)).names.includes('Customer 30'), false);
            await said('account', 'delegate', 'Customer 30', 'Reach', 'account-member', '--until', DAY, '--reason', 'They run our billing.', '--accepted');
        });

        test('one is found by a part of its name, here and where one goes over', async () => {
            const found = await pat.get(`${PAGE}?customer=WERFT`);
            assert.deepEqual(named(found.text).filter((name) => /Werft/.test(name)), ['Customer 07 Werft', 'Customer 17 Werft', 'Customer 27 Werft']);
            assert.match(found.text, /name="customer" value="WERFT"/);
            assert.match(textOf((await pat.get(`${PAGE}?customer=nobody%25`)).text), /You act for no company of that name/);
            assert.deepEqual(named((await pat.get(PAGE)).text).length, A_PAGE + 3);
            assert.deepEqual(named((await pat.get('/account/switch?q=werft')).text).filter((name) => /Werft/.test(name)), ['Customer 07 Werft', 'Customer 17 Werft', 'Customer 27 Werft']);
        });

        test('staff find them on the page of the account', async () => {
            const page = `/admin/accounts/${reach}`;
            assert.deepEqual(await walk(admin, page), { names: all, pages: 2 });
            assert.deepEqual(named((await admin.get(`${page}?customer=27`)).text).filter((name) => /27/.test(name)), ['Customer 27 Werft']);
            assert.match(textOf((await admin.get(`${page}?customer=zebra`)).text), /Partners who act for it/);
        });
    });
