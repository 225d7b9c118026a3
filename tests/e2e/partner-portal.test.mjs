/* A portal for partners and one for the owner's people within the same portal, as docs/operating.md arranges it: the same
 * pages and rules, other audiences. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const api = '/api/communities/v1';
const SPACES = { Bulletins: 'the price list for resellers', Backroom: 'the rota of our own desk', Northside: 'the crane in the north yard', Square: 'the opening hours at christmas' };
/* Who reads which of them. The owner's people read as the portal's staff do: what is for staff, and for all who are signed in. */
const READS = {
    north: ['Bulletins', 'Northside', 'Square'],
    south: ['Bulletins', 'Square'],
    below: ['Bulletins', 'Northside', 'Square'],
    acme: ['Square'],
    single: ['Square'],
    desk: ['Backroom', 'Square'],
};

for (const database of ['sqlite', 'postgresql'])
    describe(`partners, staff and customers in one portal (${database})`, () => {
        const who = {}, topics = {};
        let portal, chief;
        const send = async (person, method, target, body) => {
            const answer = await person.get(`${api}${target}`, {
                method, headers: { Accept: 'application/json', 'X-CSRF-Token': person.tokenNow(), 'Content-Type': 'application/json' }, body: JSON.stringify(body),
            });
            assert.ok(answer.status < 300, answer.text);
            return answer.json;
        };
        const account = async (...words) => {
            const { code, stderr } = await portal.cli('account', ...words);
            assert.equal(code, 0, stderr);
        };
        const idOf = async (name) => JSON.parse((await portal.cli('account', 'show', name, '--json')).stdout).id;

        before(async () => {
            portal = await startPortal({ database, modules: { communities: { newcomer_posts: 0 } } });
            await account('add', 'Partners', '--kind', 'partner');
            await account('add', 'Northern Machines', '--kind', 'partner', '--below', 'Partners');
            await account('add', 'Southern Machines', '--kind', 'partner', '--below', 'Partners');
            await account('add', 'Northern Mill', '--below', 'Northern Machines');
            await makeAccount(portal, 'Acme');
            const companies = { north: 'Northern Machines', south: 'Southern Machines', below: 'Northern Mill', acme: 'Acme', single: undefined, desk: '1' };
            for (const [handle, name] of Object.entries(companies)) {
                await makePerson(portal, { handle, address: `${handle}@example.com` });
                if (name)
                    await join(portal, name === '1' ? '1' : await idOf(name), handle);
                who[handle] = await signIn(portal, handle);
            }
            chief = await signIn(portal, 'chief', 'admin');
            const levels = {
                Bulletins: { level: 'below', account: await idOf('Partners') }, Backroom: { level: 'staff' },
                Northside: { level: 'below', account: await idOf('Northern Machines') }, Square: { level: 'signed-in' },
            };
            for (const [title, sharing] of Object.entries(levels)) {
                await send(chief, 'POST', '/spaces', { title, kind: 'questions', writers: 'members', sharing });
                const [asker] = Object.entries(READS).find(([, spaces]) => spaces.includes(title));
                topics[title] = (await send(who[asker], 'POST', '/topics', { space: title.toLowerCase(), title: `Where is ${SPACES[title]}?`, body: `I looked in every drawer for ${SPACES[title]}.`, tags: ['paper'] })).id;
            }
        });
        after(() => portal?.close());

        test('each reads what is shared with them, in lists, counts, search and feeds, and nothing else', async () => {
            await until(async () => (await chief.get('/communities/search?q=drawer')).text.includes('price list'), { within: 60_000, what: 'the search to know the topics' });
            for (const [handle, spaces] of Object.entries(READS)) {
                const person = who[handle];
                const home = textOf((await person.get('/communities')).text), found = (await person.get('/communities/search?q=drawer')).text;
                const listed = (await person.get(`${api}/topics`, { headers: { Accept: 'application/json' } })).json.items.map(({ id }) => id);
                for (const [title, words] of Object.entries(SPACES)) {
                    const sees = spaces.includes(title), said = `${handle} ${title}`;
                    assert.equal(home.includes(title), sees, said);
                    assert.equal(found.includes(words), sees, said);
                    assert.equal(listed.includes(topics[title]), sees, said);
                    assert.equal((await person.get(`/communities/${title.toLowerCase()}`)).status, sees ? 200 : 404, said);
                    assert.equal((await person.get(`${api}/topics/${topics[title]}`, { headers: { Accept: 'application/json' } })).status, sees ? 200 : 404, said);
                }
                const tag = textOf((await person.get('/communities/tags')).text);
                assert.match(tag, new RegExp(`paper[^a-z]*${spaces.length}\\b`), handle);
            }
        });

        test('a partner who comes later reads at once what is for all of them', async () => {
            await account('add', 'Western Machines', '--kind', 'partner', '--below', 'Partners');
            await makePerson(portal, { handle: 'west', address: 'west@example.com' });
            await join(portal, await idOf('Western Machines'), 'west');
            const west = await signIn(portal, 'west');
            assert.equal((await west.get('/communities/bulletins')).status, 200);
            assert.equal((await west.get('/communities/northside')).status, 404);
            await account('move', 'Western Machines');
            await until(async () => (await west.get('/communities/bulletins')).status === 404, { within: 60_000, what: 'a partner no more to read no more' });
        });

        test('and the exposure counts what more than one company reaches', async () => {
            const lines = async () => (await portal.cli('exposure')).stdout.split('\n').filter((line) => line.startsWith('rows communities_topic '));
            assert.deepEqual(await lines(), ['another-account: 3', 'below: 2', 'signed-in: 1', 'staff: 1'].map((line) => `rows communities_topic ${line}`));
            await account('move', 'Northern Mill');
            assert.equal((await lines())[0], 'rows communities_topic another-account: 2');
        });
    });
