/* Mail to an address that its sender chose: so many an hour to each address and of each sender; and names in it are no addresses of the web, nor the portal's own. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, makeAccount, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';

const INVITE = '/account/company/invite', PEOPLE = '/account/company/people', TEAMS = '/account/company/teams';
const HOUR = 3600;

for (const database of ['sqlite', 'postgresql'])
    describe(`mail to chosen addresses (${database})`, () => {
        let portal, dana, olga, mara, admin;
        before(async () => {
            portal = await startPortal({ database, settings: { sign_in: { sign_up: 'open' } } });
            dana = await adminOf(await makeAccount(portal, 'Harbour'), 'dana');
            olga = await adminOf(await makeAccount(portal, 'Mill'), 'olga');
            await makePerson(portal, { handle: 'mara', name: 'Mara Lindqvist', address: 'mara@example.com', password: true });
            mara = await signIn(portal, 'mara');
            await makePerson(portal, { handle: 'kora', name: 'Kora Holm', address: 'kora@example.com', password: true });
            admin = await signIn(portal, 'root', 'admin');
        });
        after(() => portal?.close());

        async function adminOf(account, handle) {
            await makePerson(portal, { handle, address: `${handle}@example.com` });
            await join(portal, account, handle, 'account-admin');
            return signIn(portal, handle);
        }
        /* 429 with the time to wait, said in words as well. */
        const assertOften = (answer, words = /Nothing was sent: within an hour only so many mails go to one address/) => {
            assert.equal(answer.status, 429, textOf(answer.text));
            const seconds = Number(answer.headers.get('retry-after'));
            assert.ok(seconds > 0 && seconds <= 1.2 * HOUR, answer.headers.get('retry-after'));
            assert.match(textOf(answer.text), words);
            assert.match(textOf(answer.text), /Try again in (an hour|a minute|\d+ (minutes|hours))/);
        };
        const askAs = (who, address) => who.submit('/account', { address, current: PASSWORD }, 'form-address');
        const askFor = (address) => askAs(mara, address);
        const idOf = async (who, address) => new RegExp(`/account/company/invitations/(\\d+)[^]*?${address}|${address}[^]*?/account/company/invitations/(\\d+)`)
            .exec((await who.get(`${PEOPLE}?q=${encodeURIComponent(address)}`)).text)?.slice(1).find(Boolean);
        const invite = (who, people) => who.submit(INVITE, { people, language: 'en', role: 'none' }, 'company_invite');

        test('one more address is asked for so often, and no more to it', async () => {
            assert.equal((await askFor('victim@else.example')).status, 303);
            const id = [...(await mara.get('/account')).text.matchAll(/name="id" value="(\d+)"/g)].at(-1)[1];
            for (let i = 2; i <= 5; i++)
                assert.equal((await mara.post('/account/addresses', { id, act: 'ask' })).status, 303);
            assertOften(await mara.post('/account/addresses', { id, act: 'ask' }));
            assertOften(await askFor('Victim@else.example'));
            const api = await mara.get('/account/addresses', { method: 'POST', headers: { Accept: 'application/json' },
                body: new URLSearchParams({ portico_token: mara.token, id, act: 'ask' }) });
            assertOften({ status: api.status, headers: api.headers, text: api.json.detail });
            assert.equal((await invite(dana, 'victim@else.example')).status, 303, 'it keeps no company from inviting');
            const other = await askAs(await signIn(portal, 'kora'), 'victim@else.example');
            assert.equal(other.status, 303, 'nor tells others that somebody asked');
        });

        test('one person asks for so many addresses, whatever they are', async () => {
            const remove = async () => {
                const page = (await mara.get('/account')).text;
                for (const [, id] of [...page.matchAll(/name="id" value="(\d+)"[^]{0,200}?value="remove"/g)].slice(-1))
                    assert.equal((await mara.post('/account/addresses', { id, act: 'remove' })).status, 303);
            };
            let last, sent = 0;
            for (; sent < 40; sent++) {
                last = await askFor(`many${sent}@else.example`);
                if (last.status !== 303)
                    break;
                await remove();
            }
            assertOften(last);
            assert.equal(sent, 15, 'twenty within the hour, with the five before');
        });

        test('an invitation is sent again so often, and that is told to no other company', async () => {
            assert.equal((await invite(dana, 'guest@else.example')).status, 303);
            const id = await idOf(dana, 'guest@else.example');
            const again = () => dana.post(`/account/company/invitations/${id}`, { act: 'again' });
            for (let i = 2; i <= 5; i++)
                assert.equal((await again()).status, 303);
            assertOften(await again());
            assert.equal((await invite(olga, 'guest@else.example')).status, 303);
        });

        test('of a list the line says that no more goes to its address, and without it the others are invited', async () => {
            const mails = async () => JSON.parse((await portal.cli('job', 'list', '--json')).stdout).filter(({ name }) => name === 'mail').length;
            const before = await mails();
            const refused = await invite(dana, 'other@else.example\ndana@example.com\nguest@else.example\nahead@else.example');
            assert.equal(refused.status, 422);
            assert.equal(await mails(), before, 'no mail goes to those before it either');
            assert.ok(Number(refused.headers.get('retry-after')) > 0);
            assert.match(textOf(refused.text), /Line 3: guest@else\.example Within an hour only so many mails go to one address: leave it out, or wait\. That was a lot in a short time\. Try again in (an hour|\d+ minutes)/);
            assert.doesNotMatch(textOf(refused.text), /Line [124]:/, 'and no other line');
            assert.match(refused.text, /<textarea[^>]*>[^<]*other@else\.example/, 'what was written stays');
            assert.equal(await idOf(dana, 'other@else.example'), undefined, 'all of them or none');
            for (let i = 0; i < 4; i++)
                await invite(dana, 'other@else.example\nguest@else.example');
            const sent = await invite(dana, 'other@else.example\ndana@example.com');
            assert.equal(sent.status, 303, 'what was not sent took nothing');
            assert.match(sent.headers.get('location'), /invited=1\b/);
        });

        test('who belongs to the company already takes nothing of what may be sent, nor does an address written twice', async () => {
            for (let i = 0; i < 6; i++)
                assert.equal((await invite(dana, 'dana@example.com')).status, 303, `time ${i + 1}`);
            const twice = await invite(dana, 'twice@else.example\nTwice@else.example\ntwice@else.example');
            assert.match(twice.headers.get('location'), /invited=1\b/);
            for (let i = 2; i <= 5; i++)
                assert.equal((await invite(dana, 'twice@else.example')).status, 303, `mail ${i}`);
            assert.equal((await invite(dana, 'twice@else.example')).status, 422);
        });

        test('staff invite so often, first and again', async () => {
            const form = { name: 'Ines Guest', address: 'staffs@else.example', language: 'en' };
            const sent = await admin.submit('/admin/people/invite', form, 'invite');
            assert.equal(sent.status, 303, textOf(sent.text));
            const id = /\/admin\/people\/(\d+)/.exec((await admin.get('/admin/people?q=Ines')).text)[1];
            const again = () => admin.post(`/admin/people/${id}`, { act: 'link' });
            for (let i = 2; i <= 5; i++)
                assert.match((await again()).headers.get('location'), /saved=invited/);
            assertOften(await again());
        });

        test('strangers wait as well, and keep nobody from inviting', async () => {
            const join = () => visitor(portal).submit('/account/join', { name: 'Ian', address: 'new@else.example' }, 'join');
            for (let i = 0; i < 5; i++)
                assert.equal((await join()).status, 303);
            assertOften(await join());
            assertOften(await visitor(portal).submit('/account/forgot', { name: 'new@else.example' }, 'forgot'));
            assert.equal((await invite(dana, 'new@else.example')).status, 303);
        });

        test('a name is no address of the web, and not that of those who run the portal', async () => {
            const web = /without an address of the web or of mail/, theirs = /Those who run the portal are called so/;
            for (const [name, words] of [['Open http://evil.example', web], ['Mara evil.com', web], ['Support', theirs], ['Test portal Team', theirs], ['Kundendienst', theirs]]) {
                const saved = await mara.submit('/account', { name }, 'form-profile');
                assert.equal(saved.status, 422, name);
                assert.match(textOf(saved.text), words);
                const joined = await visitor(portal).submit('/account/join', { name, address: 'joins@else.example' }, 'join');
                assert.equal(joined.status, 422, name);
                assert.match(textOf(joined.text), words);
                const invited = await invite(dana, `name;address\n${name};named@else.example`);
                assert.equal(invited.status, 422, name);
                assert.match(textOf(invited.text), words);
            }
            const team = await dana.post(TEAMS, { name: 'See www.evil.example' });
            assert.equal(team.status, 422);
            assert.match(textOf(team.text), web);
            assert.equal((await dana.post(TEAMS, { name: 'Support' })).status, 303, 'a team may be called as it works');
        });

        test('who is called so already stays so, and staff may be', async () => {
            await makePerson(portal, { handle: 'sue', name: 'Sue Support', address: 'sue@example.com' });
            const sue = await signIn(portal, 'sue');
            assert.equal((await sue.submit('/account', { timezone: 'Europe/Berlin' }, 'form-profile')).status, 303);
            assert.equal((await sue.submit('/account', { name: 'Sue Admin' }, 'form-profile')).status, 422);
            assert.equal((await admin.submit('/account', { name: 'Root Support' }, 'form-profile')).status, 303);
            const invited = await admin.submit('/admin/people/invite', { name: 'Acme Support', address: 'acme@else.example', language: 'en' }, 'invite');
            assert.equal(invited.status, 303, 'whom staff name');
            const made = await portal.cli('user', 'add', 'Help Desk', '--mail', 'desk@else.example');
            assert.equal(made.code, 0, made.stderr);
        });
    });
