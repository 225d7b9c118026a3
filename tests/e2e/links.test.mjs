/* Links that were mailed: what ends them before they are used, who may use them, and who is told. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { makePasskey } from '../lib/passkey.mjs';
import { letItGetLate, letterOf, makeAccount, makePerson, ownDomain, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const NEW = 'seven green lanterns';
const to = (answer) => answer.headers.get('location');

for (const database of ['sqlite', 'postgresql'])
    describe(`links that were mailed (${database})`, () => {
        const CONFIG = (signUp) => `[sign_in]\nsign_up = ${signUp}\nguesses = 50\n[mail]\nserver = smtp://127.0.0.1:${smtp.port}\nfrom = portal@example.com\n`;
        const letters = (address) => smtp.messages.map((message) => letterOf(portal, message)).filter((letter) => [letter.to].flat().includes(address));
        const letter = (address, subject) => until(() => letters(address).findLast((one) => subject.test(`${one.subject} ${one.text}`)),
            { within: 60_000, what: `a letter to ${address} about ${subject}` });
        const cli = async (...words) => {
            const done = await portal.cli(...words);
            assert.equal(done.code, 0, done.stderr);
            return done.stdout;
        };
        const rule = async (signUp) => {
            await portal.stop();
            portal.writeConfig({}, CONFIG(signUp));
            await portal.start();
        };
        let portal, smtp, number = 0;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, config: CONFIG('domain') });
            await makePerson(portal, { handle: 'ada', address: 'ada@example.com', roles: 'admin' });
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        /** Somebody new, signed in, with an address and a password. */
        async function somebody(fields = {}) {
            const handle = `vera${number++}`, address = `${handle}@example.com`;
            await makePerson(portal, { handle, address, password: true, ...fields });
            return { handle, address, person: await signIn(portal, handle) };
        }
        const forgot = async ({ handle, address }) => {
            assert.equal((await visitor(portal).submit('/account/forgot', { name: handle }, 'forgot')).status, 303);
            return (await letter(address, /Set a new password/)).link;
        };
        const add = async ({ person }, address) => {
            assert.equal((await person.submit('/account', { address }, 'form-address')).status, 303);
            return (await letter(address, /Confirm your address/)).link;
        };
        const addressOf = async ({ person }, address) => {
            const row = (await person.get('/account')).text.split('<li>').find((one) => one.includes(`<b>${address}</b>`));
            return /name="id" value="(\d+)"/.exec(row)[1];
        };
        const act = async (whose, address, what) =>
            assert.equal((await whose.person.post('/account/addresses', { id: await addressOf(whose, address), act: what })).status, 303);
        const reset = (link) => visitor(portal).submit(link, { password: NEW }, 'password');
        /** The link opens no page that could be sent. */
        const isOver = async (link, words) => {
            const page = await visitor(portal).get(link);
            assert.equal(page.status, 410, textOf(page.text));
            assert.match(textOf(page.text), words);
        };

        test('one that resets the password ends with its address, another main address, and the person', async () => {
            const vera = await somebody();
            const second = `second-${vera.address}`;
            assert.equal(to(await vera.person.submit(await add(vera, second))), '/account?saved=address');
            const toOld = await forgot(vera);
            await act(vera, second, 'main');
            await isOver(toOld, /leads nowhere/);
            const toSecond = (await forgot({ ...vera, address: second }));
            await act(vera, vera.address, 'main');
            await act(vera, second, 'remove');
            await isOver(toSecond, /leads nowhere/);
            assert.doesNotMatch(textOf((await vera.person.get('/account')).text), /second-/, 'and brings no address back');

            const off = await forgot(await somebody());
            const { handle } = { handle: `vera${number - 1}` };
            await cli('user', 'disable', handle);
            await cli('user', 'enable', handle);
            await isOver(off, /leads nowhere/);
            assert.equal((await visitor(portal).submit('/login', { name: handle, password: PASSWORD })).status, 303, 'the password is as it was');
        });

        test('a page that was open when the link ended sets nothing', async () => {
            const vera = await somebody(), browser = visitor(portal);
            const open = await browser.get(await forgot(vera));
            assert.equal(open.status, 200);
            await cli('user', 'disable', vera.handle);
            await cli('user', 'enable', vera.handle);
            assert.equal((await browser.submit(open, { password: NEW }, 'password')).status, 410);
            assert.equal((await visitor(portal).submit('/login', { name: vera.handle, password: NEW })).status, 422);
        });

        test('an address is confirmed by the sign-in it was added to, while it waits there', async () => {
            const cora = await somebody(), eve = await somebody();
            const mine = `mine-${cora.address}`, gone = `gone-${cora.address}`;
            const link = await add(cora, mine), removed = await add(cora, gone);
            await act(cora, gone, 'remove');
            const over = await cora.person.get(removed);
            assert.equal(over.status, 410, 'one that was withdrawn does not come back');

            const stranger = visitor(portal), page = await stranger.get(link);
            assert.equal(page.status, 200);
            assert.match(textOf(page.text), /Sign in first: mine-\S+ is confirmed by the sign-in it was added to/);
            const foreign = await eve.person.get(link);
            assert.equal(foreign.status, 403);
            assert.match(textOf(foreign.text), /This link is for another sign-in/);
            assert.doesNotMatch(textOf(foreign.text), /mine-/);
            for (const one of [stranger, eve.person])
                assert.notEqual((await one.post(link.split('?')[0])).status, 303);
            assert.match((await cora.person.get('/account')).text, /Not confirmed:/);

            /* On a phone where nobody is signed in it goes on after signing in. */
            const way = /href="(\/login\?next=[^"]+)"/.exec(page.text)[1].replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
            const signedIn = await stranger.submit(way, { name: cora.handle, password: PASSWORD }, 'login');
            assert.equal(to(signedIn), link);
            assert.equal(to(await stranger.submit(link, {}, 'confirm')), '/account?saved=address');
            assert.doesNotMatch((await cora.person.get('/account')).text, /Not confirmed:/);
            const record = (await cli('audit', 'list', '--json')).trim().split('\n').map((line) => JSON.parse(line))
                .filter(({ kind, ...rest }) => kind === 'address.confirmed' && JSON.stringify(rest).includes(cora.handle));
            assert.equal(record.length, 1);
        });

        test('a person who is disabled confirms nothing, nor once they are enabled', async () => {
            const dis = await somebody(), link = await add(dis, `later-${dis.address}`);
            await cli('user', 'disable', dis.handle);
            await isOver(link, /leads nowhere/);
            await cli('user', 'enable', dis.handle);
            await isOver(link, /leads nowhere/);
        });

        test('one that takes somebody in does so by the rules of the day it is used', async () => {
            const mill = await makeAccount(portal, `Mill ${database}`);
            const ada = await signIn(portal, 'ada');
            const join = async (address) => {
                assert.equal((await visitor(portal).submit('/account/join', { name: 'Late', address }, 'join')).status, 303);
                return (await letter(address, /Confirm your address/)).link;
            };
            await ownDomain(portal, mill, 'mill.example', { approval: false });
            const [late, later] = [await join('late@mill.example'), await join('later@mill.example')];
            assert.equal((await ada.submit('/admin/people/invite', { name: 'Inv', address: 'inv@example.com', role: 'member' }, 'invite')).status, 303);
            const invited = (await letter('inv@example.com', /You are invited/)).link;

            await rule('closed');
            for (const link of [late, invited])
                await isOver(link, /takes in nobody new/);
            const closed = await ada.get('/admin/people/invite');
            assert.match(textOf(closed.text), /takes in nobody new right now, invited or not/);
            assert.doesNotMatch(closed.text, /id="invite-address"/);
            const again = (await ada.get('/admin/people')).text.match(/\/admin\/people\/\d+/g);
            for (const page of new Set(again)) {
                if (!/Inv\b/.test(textOf((await ada.get(page)).text)))
                    continue;
                assert.equal(to(await ada.post(page, { act: 'link' })), `${page}?saved=closed`);
            }
            await rule('domain');
            assert.equal((await reset(late)).status, 303, 'the link is as good as before');
            assert.equal((await reset(invited)).status, 303);
            await cli('account', 'domain', `${mill}`, 'mill.example', '--remove');
            await isOver(later, /Nobody signs up with this address any more/);
        });

        test('an invitation of the staff ends with what its inviter may', async () => {
            const invite = async (whose, address, role) => {
                assert.equal((await whose.person.submit('/admin/people/invite', { name: 'Acc', address, role }, 'invite')).status, 303);
                return (await letter(address, /You are invited/)).link;
            };
            const rogue = await somebody({ roles: 'admin' }), other = await somebody({ roles: 'admin' });
            const links = [await invite(rogue, `one-${rogue.address}`, 'admin'), await invite(rogue, `two-${rogue.address}`, 'member'), await invite(other, `one-${other.address}`, 'admin')];
            await cli('user', 'role', rogue.handle, '-admin');
            for (const link of links.slice(0, 2))
                await isOver(link, /Whoever invited you may do so no more|leads nowhere/);
            await cli('user', 'disable', rogue.handle);
            await isOver(links[0], /leads nowhere/);
            assert.equal((await reset(links[2])).status, 303);
        });

        test('addresses that counted before hear of a new one, of another main one, of one that went, and of a password', async () => {
            const sil = await somebody({ locale: 'de' });
            const mine = `neu-${sil.address}`;
            assert.equal((await sil.person.submit('/account', { address: mine }, 'form-address')).status, 303);
            const { link } = await letter(mine, /gilt einmal, einen Tag lang/);
            assert.equal(to(await sil.person.submit(link, {}, 'confirm')), '/account?saved=address');
            const added = await letter(sil.address, /Eine Mailadresse kam bei .* dazu/);
            assert.match(added.text, new RegExp(`${mine} wurde als eine Ihrer Adressen`));
            assert.match(added.text, /Waren Sie das nicht, dann setzen Sie jetzt ein neues Passwort/);
            assert.equal(letters(mine).filter(({ text }) => /als eine Ihrer Adressen/.test(text)).length, 0, 'not the new one itself');
            await act(sil, mine, 'main');
            assert.match((await letter(sil.address, /woandershin/)).text, new RegExp(`${mine} ist ab jetzt Ihre Hauptadresse`));
            await act(sil, sil.address, 'remove');
            for (const address of [sil.address, mine])
                assert.match((await letter(address, /wurde bei .* entfernt/)).text, new RegExp(`${sil.address} zählt bei`));
            await letItGetLate(portal, sil.handle);
            assert.equal((await sil.person.submit('/account/security', { password: NEW, current: PASSWORD }, 'form-new_password')).status, 303);
            await letter(mine, /hat Ihr Passwort bei .* geändert/);
        });

        test('who set a new password by a link reads which passkeys open their sign-in still', async () => {
            const mara = await somebody(), bare = await somebody();
            const page = await mara.person.get('/account/security/passkey');
            const challenge = /data-challenge="([^"]+)"/.exec(page.text)[1];
            assert.equal((await mara.person.submit(page, { name: 'Blue key', ...makePasskey(portal.url).create(challenge) }, 'form-passkey')).status, 200);
            const done = await reset(await forgot(mara));
            assert.match(to(done), /^\/login\/second/, 'the mail alone does not open it');
            const told = await letter(mara.address, /was set anew/);
            assert.match(told.text, /This stays as it was and is asked for when you sign in: the passkey "Blue key"\./);
            assert.equal((await reset(await forgot(bare))).status, 303);
            assert.doesNotMatch((await letter(bare.address, /was set anew/)).text, /stays as it was/);
        });
    });
