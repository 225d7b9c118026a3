/* Somebody's own account: profile, addresses, password, sessions. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { formsOf, letItGetLate, letterOf, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const NEW = 'rain on seven roofs';

for (const database of ['sqlite', 'postgresql'])
    describe(`the account (${database})`, () => {
        let portal, smtp;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
            await makePerson(portal, { handle: 'mara', name: 'Mara Lindqvist', address: 'mara@example.com', password: true });
            await makePerson(portal, { handle: 'lee', name: 'Lee Park', address: 'lee@example.com', password: true });
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        test('name, handle, language and time zone are one\'s own to change, at once', async () => {
            const mara = await signIn(portal, 'mara');
            const saved = await mara.submit('/account', { name: 'Mara Lund', handle: 'mara.lund', language: 'de', timezone: 'Europe/Berlin' }, 'form-profile');
            assert.equal(saved.status, 303, textOf(saved.text));
            const page = await mara.follow(saved);
            assert.match(page.text, /<html lang="de"/);
            assert.match(page.text, /<h1>Mara Lund<\/h1>/);
            assert.equal(formsOf(page.text).find(({ id }) => id === 'form-profile').fields.timezone, 'Europe/Berlin');
            await mara.submit('/account', { name: 'Mara Lindqvist', handle: 'mara', language: 'en' }, 'form-profile');
        });

        test('what does not fit is said beside its field, and nothing changes', async () => {
            const mara = await signIn(portal, 'mara');
            for (const [fields, words] of [
                [{ handle: 'lee' }, /Somebody has this handle already/],
                [{ handle: 'No Handle' }, /3 to 40 small letters/],
                [{ timezone: 'Mars/Olympus' }, /Write a time zone such as Europe\/Berlin/],
                [{ name: '\u202e' }, /Take out the control characters/],
                [{ name: '\u200b' }, /Write something that can be seen/],
                [{ name: '?!' }, /Write a name people know you by/],
            ]) {
                const refused = await mara.submit('/account', fields, 'form-profile');
                assert.equal(refused.status, 422, JSON.stringify(fields));
                assert.match(textOf(refused.text), words);
            }
            assert.equal(formsOf((await mara.get('/account')).text).find(({ id }) => id === 'form-profile').fields.handle, 'mara');
        });

        test('one more address counts once its link is opened, and may become the main one', async () => {
            const mara = await signIn(portal, 'mara');
            await letItGetLate(portal, 'mara');
            const wrong = await mara.submit('/account', { address: 'second@example.com', current: 'not it' }, 'form-address');
            assert.match(textOf(wrong.text), /This is not your password/);
            const added = await mara.submit('/account', { address: 'second@example.com', current: PASSWORD }, 'form-address');
            assert.equal(added.status, 303, textOf(added.text));
            const message = await until(() => smtp.messages.find(({ to }) => to === 'second@example.com'), { within: 60_000, what: 'the letter' });
            assert.equal((await visitor(portal).submit('/login', { name: 'second@example.com', password: PASSWORD })).status, 422);
            const { link } = letterOf(portal, message);
            const confirmed = await mara.submit(link);
            assert.equal(confirmed.headers.get('location'), '/account?saved=address');
            assert.equal((await visitor(portal).submit('/login', { name: 'second@example.com', password: PASSWORD })).status, 303);
            const id = /name="id" value="(\d+)"><button[^>]*value="main"/.exec((await mara.get('/account')).text)[1];
            assert.equal((await mara.post('/account/addresses', { id, act: 'main' })).status, 303);
            const old = /name="id" value="(\d+)"><button[^>]*value="remove"/.exec((await mara.get('/account')).text)[1];
            assert.equal((await mara.post('/account/addresses', { id: old, act: 'remove' })).status, 303);
            assert.doesNotMatch(textOf((await mara.get('/account')).text), /mara@example\.com/);
        });

        test('nobody touches the addresses of others', async () => {
            const lee = await signIn(portal, 'lee'), mara = await signIn(portal, 'mara');
            await lee.submit('/account', { address: 'lee2@example.com', current: PASSWORD }, 'form-address');
            const id = /name="id" value="(\d+)"><button[^>]*value="remove"/.exec((await lee.get('/account')).text)[1];
            for (const act of ['main', 'remove'])
                assert.equal((await mara.post('/account/addresses', { id, act })).status, 404);
            assert.match(textOf((await lee.get('/account')).text), /lee2@example\.com/);
        });

        test('a new password asks for the old one and ends all other sessions', async () => {
            const lee = visitor(portal), other = await signIn(portal, 'lee');
            await lee.submit('/login', { name: 'lee', password: PASSWORD });
            await letItGetLate(portal, 'lee');
            const before = lee.jar.get('portico');
            const wrong = await lee.submit('/account/security', { current: 'not it', password: NEW }, 'form-new_password');
            assert.match(textOf(wrong.text), /This is not your password/);
            const changed = await lee.submit('/account/security', { current: PASSWORD, password: NEW }, 'form-new_password');
            assert.equal(changed.status, 303, textOf(changed.text));
            assert.notEqual(lee.jar.get('portico'), before);
            assert.match(textOf((await lee.follow(changed)).text), /Your password is changed/);
            await until(async () => (await other.get('/account')).status === 303, { what: 'the other session to end' });
            assert.equal((await visitor(portal, { portico: before }).get('/account')).status, 303);
        });

        test('sessions are listed with device words and can be ended', async () => {
            const phone = visitor(portal);
            const page = await phone.get('/login');
            const agent = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36';
            const { action, fields } = formsOf(page.text)[0];
            await phone.post(action, { ...fields, name: 'lee', password: NEW }, { 'User-Agent': agent });
            const lee = await signIn(portal, 'lee');
            const list = await lee.get('/account');
            assert.match(textOf(list.text), /Chrome on Android/);
            const id = /name="id" value="(\d+)" aria-label="End the session on Chrome on Android"/.exec(list.text)[1];
            assert.equal((await lee.post('/account/sessions', { id })).status, 303);
            await until(async () => (await phone.get('/account')).status === 303, { what: 'the phone to be signed out' });
            const third = await signIn(portal, 'lee');
            assert.equal((await lee.post('/account/sessions')).status, 303);
            await until(async () => (await third.get('/account')).status === 303, { what: 'all others to be signed out' });
            assert.equal((await lee.get('/account')).status, 200);
        });
    });
