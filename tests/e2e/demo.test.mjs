/* `portico demo`: an invented company, its customers, and what they wrote. */
import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';
import { formsOf, textOf, visitor } from '../lib/people.mjs';

const mainOf = ({ text }) => /<main\b.*<\/main>/s.exec(text)?.[0] ?? '';
const html = { headers: { Accept: 'text/html' } };

for (const database of ['sqlite', 'postgresql'])
    describe(`the demo on ${database}`, () => {
        let portal, report;

        before(async () => {
            portal = await startPortal({
                database,
                modules: { communities: {} },
                prepare: async ({ cli }) => {
                    report = await cli('demo');
                },
            });
        });
        after(() => portal?.close());

        const signIns = () => [...report.stdout.matchAll(/^ {2}(\S+@\S+\.example) +(.+), (.+)$/gm)].map(([, address, name]) => ({ address, name }));
        const password = () => /password is “([^”]+)”/.exec(report.stdout)[1];

        test('it prints who can sign in, and they can', async () => {
            assert.equal(report.code, 0, report.stderr);
            assert.equal(signIns().length, 6);
            for (const { address, name } of signIns()) {
                const person = visitor(portal);
                const answer = await person.submit('/login?next=/communities', { name: address, password: password() });
                assert.equal(answer.status, 303, answer.text);
                const page = await person.follow(answer);
                assert.equal(page.status, 200);
                assert.ok(page.text.includes(name), `${name} is named in the page`);
            }
        });

        test('a company has its teams, its contacts and people at the owner\'s whom it asks', async () => {
            const dana = visitor(portal);
            const { address } = signIns().find(({ name }) => name.startsWith('Dana'));
            await dana.submit('/login?next=/account/company', { name: address, password: password() });
            const contacts = (await dana.get('/account/company', html)).text;
            for (const word of ['Lena Brandt', 'Priya Nair', 'Mara Lindqvist', 'Kenji Morita', '+49 40 555 0142'])
                assert.ok(contacts.includes(word), `${word}\n${contacts}`);
            const teams = (await dana.get('/account/company/teams', html)).text;
            for (const word of ['Finance', 'Night shift'])
                assert.ok(teams.includes(word), `${word}\n${teams}`);
        });

        const signedIn = async (first) => {
            const person = visitor(portal);
            const { address } = signIns().find(({ name }) => name.startsWith(first));
            const answer = await person.submit('/login?next=/communities', { name: address, password: password() });
            assert.equal(answer.status, 303, answer.text);
            return person;
        };
        const topicsOf = async (person, words) =>
            (await person.get('/api/communities/v1/topics?limit=100')).json.items.filter(({ title }) => title.includes(words));
        const topicOf = async (person, words) => {
            const [found] = await topicsOf(person, words);
            assert.ok(found, `no title has ${words}`);
            return (await person.get(`/api/communities/v1/topics/${found.id}`)).json;
        };
        const age = (time) => Date.now() - Date.parse(time);

        test('moderators find what waits, for its reasons, and what they did before', async () => {
            const mara = await signedIn('Mara');
            const { items } = (await mara.get('/api/communities/v1/moderation')).json;
            assert.deepEqual(items.map(({ kind, held, flags }) => [kind, held, flags.length]).sort(), [
                ['answer', false, 1], ['answer', true, 0], ['comment', false, 1], ['comment', false, 2],
                ['question', false, 1], ['question', true, 0],
            ], JSON.stringify(items));
            const flags = items.flatMap((item) => item.flags);
            assert.deepEqual([...new Set(flags.map(({ reason }) => reason))].length, 4, 'for each reason there is one');
            assert.ok(new Set(flags.map(({ author }) => author)).size >= 5, 'they come from different people');
            /* What they are told of is what is open, not what they decided weeks ago. */
            await until(async () => JSON.parse((await portal.cli('job', 'list', '--json')).stdout).every(({ name, state }) => name !== 'notices' || /done|failed/.test(state)), { what: 'all to be told' });
            const notices = mainOf(await mara.get('/account/notices', html)).split('<li').filter((one) => one.includes('Something was reported'));
            assert.deepEqual(notices.map((one) => /\d+ times/.exec(one)?.[0]), [`${flags.length} times`]);
            for (const { because } of items.filter((item) => item.held))
                assert.match(because, /^A newcomer (wrote it, with 4 links|sent it within seconds)$/);
            for (const { since } of items)
                assert.ok(age(since) > 0 && age(since) < 2 * 86400e3, since);
            const log = (await mara.get('/api/communities/v1/moderation/log')).json.items;
            assert.deepEqual(log.map(({ name }) => name).sort(), ['close', 'hold', 'hold', 'merge', 'move', 'remove']);
            for (const { name, reason, author } of log)
                assert.ok(reason && author, name);
        });

        test('what is held or removed is not shown, and counts nowhere', async () => {
            for (const words of ['Refurbished scanners', 'Two codes on one box'])
                assert.deepEqual(await topicsOf(portal, words), [], words);
            const { items } = (await portal.get('/api/communities/v1/search?q=refurbished+scanners')).json;
            assert.deepEqual(items.filter(({ title }) => /Refurbished/.test(title)), [], 'nor is it found');
            const scale = await topicOf(portal, 'Scale shows grams');
            assert.equal(scale.answers, 2);
            const closed = await topicOf(portal, 'When do our accounts get 4.2');
            assert.equal(closed.closed, true);
            const moved = await topicOf(portal, 'A webhook when an order is split');
            assert.equal(moved.space, 'integrations');
        });

        test('questions, answers and a comment have a history', async () => {
            const topic = await topicOf(portal, 'Label printer prints the first page twice');
            const { items } = (await portal.get(`/api/communities/v1/posts/${topic.posts[0].id}/revisions`)).json;
            assert.deepEqual(items.map(({ number, author, title }) => [number, author, title]), [
                [2, 'Mara Lindqvist', 'Label printer prints the first page twice'],
                [1, 'Rob Delaney', 'Printer problem since Monday'],
                [0, 'Rob Delaney', 'Printer problem since Monday'],
            ]);
            assert.ok(items.every(({ created }, at) => at === 0 || created < items[at - 1].created), 'one after the other');
            const batch = await topicOf(portal, 'replay a failed EDI batch');
            const [, best] = batch.posts;
            const edited = (await portal.get(`/api/communities/v1/comments/${best.comments[0].id}/revisions`)).json.items;
            assert.deepEqual(edited.map(({ number }) => number), [1, 0]);
            const answer = (await portal.get(`/api/communities/v1/posts/${best.id}/revisions`)).json.items;
            assert.equal(answer[0].note, 'How to check that it worked');
        });

        test('who signs in follows questions and has news of them', async () => {
            for (const { name } of signIns()) {
                const person = await signedIn(name.split(' ')[0]);
                const followed = await person.get('/communities/mine?show=followed', html);
                assert.match(followed.text, /href="\/communities\/topics\//, `${name} follows something`);
                await until(async () => /href="\/[^"]*communities|notices\/\d+/.test(mainOf(await person.get('/account/notices', html))),
                    { what: `${name} to have news` });
            }
        });

        test('two of them have begun a question', async () => {
            for (const [name, title] of [['Lena', /^Schichtübergabe/], ['Dana', /^Which reports/]]) {
                const page = await (await signedIn(name)).get('/communities/ask', html);
                const form = formsOf(page.text).find(({ fields }) => 'body' in fields);
                assert.match(form.fields.title, title);
                assert.ok(form.fields.body.length > 50, textOf(page.text));
            }
        });

        test('run again it changes nothing', async () => {
            const mara = await signedIn('Mara');
            const queue = (await mara.get('/api/communities/v1/moderation')).text;
            const log = (await mara.get('/api/communities/v1/moderation/log')).text;
            const people = (await portal.cli('user', 'list', '--json')).stdout;
            const topics = (await portal.get('/api/communities/v1/topics?limit=100')).text;
            const again = await portal.cli('demo');
            assert.equal(again.code, 0, again.stderr);
            assert.equal(again.stdout, report.stdout);
            const strip = (text) => text.replace(/"last_sign_in":"[^"]*",?/g, '');
            assert.equal(strip((await portal.cli('user', 'list', '--json')).stdout), strip(people));
            assert.equal((await portal.get('/api/communities/v1/topics?limit=100')).text, topics);
            assert.equal((await mara.get('/api/communities/v1/moderation')).text, queue);
            assert.equal((await mara.get('/api/communities/v1/moderation/log')).text, log);
        });

        test('pictures of the texts are the portal\'s own files, for everybody', async () => {
            const { items } = (await portal.get('/api/communities/v1/search?q=gs1+batch')).json;
            const topic = items.find((item) => /GS1/.test(item.title));
            const page = await portal.get(topic.url ?? `/communities/topics/${topic.id}`, html);
            const [, source] = /<img[^>]+src="(\/portico\/files\/[^"]+)"/.exec(page.text);
            const image = await portal.get(source);
            assert.equal(image.status, 200);
            assert.equal(image.headers.get('content-type'), 'image/png');
        });
    });

test('a portal with people of its own is not filled unless it is asked for', async (t) => {
    const portal = await startPortal({ start: false });
    t.after(() => portal.close());
    const made = await portal.cli('user', 'add', 'Ana Reyes', '--mail', 'ana@example.com');
    assert.equal(made.code, 0, made.stderr);
    const refused = await portal.cli('demo');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /has people of its own[^]*--anyway/);
    const asked = await portal.cli('demo', '--anyway');
    assert.equal(asked.code, 0, asked.stderr);
});
