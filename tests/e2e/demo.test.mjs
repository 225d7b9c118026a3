/* `portico demo`: an invented company, its customers, and what they wrote. */
import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startPortal } from '../lib/portal.mjs';
import { visitor } from '../lib/people.mjs';

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

        test('run again it changes nothing', async () => {
            const people = (await portal.cli('user', 'list', '--json')).stdout;
            const topics = (await portal.get('/api/communities/v1/topics?limit=100')).text;
            const again = await portal.cli('demo');
            assert.equal(again.code, 0, again.stderr);
            assert.equal(again.stdout, report.stdout);
            const strip = (text) => text.replace(/"last_sign_in":"[^"]*",?/g, '');
            assert.equal(strip((await portal.cli('user', 'list', '--json')).stdout), strip(people));
            assert.equal((await portal.get('/api/communities/v1/topics?limit=100')).text, topics);
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
