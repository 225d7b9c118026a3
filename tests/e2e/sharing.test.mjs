/* The field "Who may see it?" of 32-audience: each level that it offers, by form and API, to whom it then shows the note. What
 * is for all who are signed in, which that one does not offer, partner-portal.test.mjs shares. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { formsOf, join, makeAccount, makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const api = '/api/audience/v1/notes';
/* Who sees what dana shares, beside herself. */
const SEEN_BY = {
    me: [], people: ['dora'], role: ['dora'], team: ['dan'], account: ['dora', 'dan'], below: ['dora', 'dan', 'nora'],
    everyone: ['dora', 'dan', 'nora', 'dirk', 'mara'],
};

for (const database of ['sqlite', 'postgresql'])
    describe(`sharing at each level (${database})`, () => {
        const who = {};
        let portal, acme, offered;
        /* Of radio buttons, or of a list where there are many. */
        const choices = (text) => {
            const [, list = ''] = /<select\b[^>]*\bname="sharing"[^>]*>(.*?)<\/select>/s.exec(text) ?? [];
            return [...text.matchAll(/<input\b[^>]*\bname="sharing"[^>]*>/g), ...list.matchAll(/<option\b[^>]*>/g)].map(([tag]) => /value="([^"]*)"/.exec(tag)[1]).filter(Boolean);
        };
        const written = async (reader, title) => new RegExp(`>${title}<`).test((await who[reader].get('/audience')).text);
        const asJson = (body) => ({ method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': who.dana.tokenNow() }, body: JSON.stringify(body) });

        before(async () => {
            portal = await startPortal({ database, modules: { audience: { path: path.join(buildDirectory(), 'examples/audience') } } });
            acme = await makeAccount(portal, 'Acme');
            const companies = { dana: [acme, ''], dora: [acme, 'account-admin'], dan: [acme, ''], nora: [await makeAccount(portal, 'Acme North', { below: acme }), ''], dirk: [await makeAccount(portal, 'Mill'), ''], mara: ['1', ''] };
            for (const [handle, [account, roles]] of Object.entries(companies)) {
                await makePerson(portal, { handle, address: `${handle}@example.com` });
                await join(portal, account, handle, roles);
                who[handle] = await signIn(portal, handle);
            }
            const teams = '/account/company/teams';
            assert.equal((await who.dora.post(teams, { name: 'The crew' })).status, 303);
            const [, team] = /\/account\/company\/teams\/(\d+)/.exec((await who.dora.get(teams)).text);
            for (const handle of ['dana', 'dan'])
                assert.equal((await who.dora.post(`${teams}/${team}`, { act: 'in', who: handle })).status, 303);
            offered = choices((await who.dana.get('/audience/new')).text);
        });
        after(() => portal?.close());

        test('the form offers each level once; staff share among themselves', async () => {
            const levels = (values) => values.map((value) => value.split(':')[0]).sort();
            assert.deepEqual(levels(offered), Object.keys(SEEN_BY).sort());
            assert.ok(levels(choices((await who.mara.get('/audience/new')).text)).includes('staff'));
            assert.equal((await who.mara.post('/audience/new', { title: 'Of the staff', sharing: 'staff' })).status, 303);
            await until(() => written('mara', 'Of the staff'), { within: 60_000, what: 'staff to see it' });
            for (const reader of ['dana', 'dora', 'dirk'])
                assert.equal(await written(reader, 'Of the staff'), false, reader);
            const refused = await who.dana.post('/audience/new', { title: 'For the staff', sharing: 'staff' });
            assert.equal(refused.status, 422);
        });

        test('lists of the same people in other orders, made at once, wait for each other', async () => {
            const people = ['dan', 'dora', 'mara'];
            /* Of a page that is open: it stays good while what she is shown by name gives her session new secrets. */
            const token = formsOf((await who.dana.get('/audience/new')).text).find(({ fields }) => 'sharing' in fields).fields.portico_token;
            const note = (body) => ({ ...asJson(body), headers: { ...asJson(body).headers, 'X-CSRF-Token': token } });
            for (let turn = 0; turn < 4; turn++) {
                const made = await Promise.all([0, 1, 2, 3].map((n) =>
                    who.dana.get(api, note({ title: `crosswise ${turn} ${n}`, sharing: { level: 'people', people: n % 2 ? people : [...people].reverse() } }))));
                assert.deepEqual(made.map(({ status }) => status), [201, 201, 201, 201], made.map(({ text }) => text).join());
            }
        });

        for (const [level, readers] of Object.entries(SEEN_BY))
            test(`by form and API: ${level}`, async () => {
                const value = offered.find((one) => one.split(':')[0] === level), more = level === 'people' ? { sharing_people: 'dora' } : {};
                assert.equal((await who.dana.post('/audience/new', { title: `formed ${level}`, sharing: value, ...more })).status, 303);
                const [, one, other] = value.split(':');
                const sharing = { level, ...{ role: { role: one, account: other }, team: { team: one }, account: { account: one }, below: { account: one }, people: { people: ['dora'] } }[level] };
                const made = await who.dana.get(api, asJson({ title: `sent ${level}`, sharing }));
                assert.equal(made.status, 201, made.text);
                /* An audience that is new is theirs within a second. */
                for (const reader of ['dana', ...readers])
                    for (const way of ['formed', 'sent'])
                        await until(() => written(reader, `${way} ${level}`), { within: 60_000, what: `${reader} to see it, ${way}` });
                for (const reader of Object.keys(who).filter((one) => one !== 'dana' && !readers.includes(one)))
                    for (const way of ['formed', 'sent'])
                        assert.equal(await written(reader, `${way} ${level}`), false, `${way}: ${reader}`);
                for (const reader of ['dora', 'nora', 'dirk', 'mara']) {
                    const read = await who[reader].get(`${api}/${made.json.id}`, { headers: { Accept: 'application/json' } });
                    assert.equal(read.status, readers.includes(reader) ? 200 : 404, reader);
                }
            });

        test('a note shown by name is read while one acts in its company, and no more once one has left it', async () => {
            const mill = (await who.dirk.get('/audience/new')).text.match(/value="account:(\d+)"/)[1];
            await makePerson(portal, { handle: 'bob', address: 'bob@example.com' });
            for (const account of [acme, mill])
                await join(portal, account, 'bob');
            who.bob = await signIn(portal, 'bob');
            const goes = async (account) => assert.equal((await who.bob.post('/account/switch', { account })).status, 303);
            const made = await until(async () => {
                const answer = await who.dana.get(api, asJson({ title: 'Named', sharing: { level: 'people', people: ['bob'] } }));
                return answer.status === 201 && answer;
            }, { within: 60_000, what: 'bob to be found' });
            const read = async () => (await who.bob.get(`${api}/${made.json.id}`, { headers: { Accept: 'application/json' } })).status;
            const reads = (status, what) => until(async () => await read() === status, { within: 60_000, what });
            await goes(acme);
            await reads(200, 'bob to read it');
            await goes(mill);
            await reads(404, 'it to stay in its company');
            const said = async (...words) => {
                const { code, stderr } = await portal.cli(...words);
                assert.equal(code, 0, stderr);
            };
            await goes(acme);
            await reads(200, 'bob to read it again');
            await said('account', 'suspend', 'Acme');
            await reads(404, 'it to be closed with its company');
            await said('account', 'open', 'Acme');
            await goes(acme);
            await reads(200, 'it to be open with its company');
            const why = await portal.cli('why', '--person', 'bob', '--account', 'Mill', '--object', `audience_note/${made.json.id}`);
            assert.match(why.stdout, /It was shown to bob by name, for a company in which they do not act here\./);
            await goes(mill);
            const page = '/account/tokens/new', token = /<code class="key">(ptk_[\w-]{43})<\/code>/.exec((await who.bob.submit(page, { name: 'Ledger', last_day: new Date(Date.now() + 86_400_000 * 7).toISOString().slice(0, 10), make: '1' }, page)).text)[1];
            const byToken = (target, body) => portal.get(target, { ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}), headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', 'Content-Type': 'application/json' } });
            assert.equal((await byToken(`${api}/${made.json.id}`)).status, 404, 'a token reads in its own company alone');
            assert.equal((await byToken(api, { title: 'Elsewhere', sharing: { level: 'account', account: acme } })).status, 422, 'and writes there alone');
            assert.equal((await byToken(api, { title: 'Here', sharing: { level: 'account', account: mill } })).status, 201);
            const named = (people) => byToken(api, { title: 'By name', sharing: { level: 'people', people } });
            const answers = [await named(['dana']), await named(['nobody.at.all'])].map(({ status, text }) => [status, text.replaceAll(/dana|nobody\.at\.all/g, 'NAME').replaceAll(/[0-9a-f]{16}/g, 'ID')]);
            assert.equal(answers[0][0], 422, 'nor does it name the people of another');
            assert.deepEqual(answers[0], answers[1], 'or tell that there are such');
            assert.equal((await named(['dirk'])).status, 201);
            await said('account', 'leave', 'Acme', 'bob');
            await reads(404, 'it to end with the membership');
            assert.equal(await written('bob', 'Named'), false);
        });

        test('so it is with whoever acts there for a partner, and what they share with themselves', async () => {
            const partner = await makeAccount(portal, 'Northwind');
            const said = async (...words) => {
                const { code, stderr } = await portal.cli(...words);
                assert.equal(code, 0, stderr);
            };
            await said('account', 'kind', 'Northwind', 'partner');
            for (const handle of ['pat', 'pia']) {
                await makePerson(portal, { handle, address: `${handle}@example.com` });
                await join(portal, partner, handle, 'account-admin');
                who[handle] = await signIn(portal, handle);
            }
            const day = new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10);
            await said('account', 'delegate', 'Acme', 'Northwind', 'account-admin', '--until', day, '--reason', 'People.', '--accepted');
            for (const handle of ['pat', 'pia'])
                await until(async () => (await who[handle].post('/account/switch', { account: acme })).status === 303, { within: 60_000, what: 'the way in' });
            const made = await until(async () => {
                const answer = await who.pat.get(api, { ...asJson({ title: 'Lent', sharing: { level: 'people', people: ['pia'] } }), headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': who.pat.tokenNow() } });
                return answer.status === 201 && answer;
            }, { within: 60_000, what: 'it to be written' });
            const reads = (handle, status, what) => until(async () => (await who[handle].get(`${api}/${made.json.id}`, { headers: { Accept: 'application/json' } })).status === status, { within: 60_000, what: `${handle} ${what}` });
            for (const handle of ['pat', 'pia'])
                await reads(handle, 200, 'to read it');
            await said('account', 'undelegate', 'Acme', 'Northwind');
            for (const handle of ['pat', 'pia'])
                await reads(handle, 404, 'to read it no more');
        });

        test('another company, its team, and who is of another company are refused as what there is none of', async () => {
            const foreign = (await who.dirk.get('/audience/new')).text.match(/value="account:(\d+)"/)[1];
            const refused = async (sharing) => {
                const answer = await who.dana.get(api, asJson({ title: 'Of others', sharing }));
                return `${answer.status} ${answer.text.replace(/"request":"\w+"/, '').replaceAll(foreign, 'ID').replaceAll('4711', 'ID').replaceAll('dirk', 'WHO').replaceAll('adam', 'WHO')}`;
            };
            for (const [one, other] of [[{ level: 'account', account: foreign }, { level: 'account', account: '4711' }], [{ level: 'below', account: foreign }, { level: 'below', account: '4711' }],
                [{ level: 'role', role: 'account-admin', account: foreign }, { level: 'role', role: 'account-admin', account: '4711' }], [{ level: 'people', people: ['dirk'] }, { level: 'people', people: ['adam'] }]]) {
                const said = await refused(one);
                assert.match(said, /^(403|404|422) /, JSON.stringify(one));
                assert.equal(said, await refused(other), JSON.stringify(one));
            }
        });
    });
