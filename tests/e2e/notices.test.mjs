/* 29-people-and-notices in a portal: the page of notices, what people choose, mail and its one click. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const talk = { path: path.join(buildDirectory(), 'examples/talk') };

async function portalWith(t, options = {}) {
    const portal = await startPortal({ modules: { talk }, ...options });
    t.after(() => portal.close());
    await makePerson(portal, { handle: 'mara', name: 'Mara Lind', address: 'mara@example.com', locale: 'de' });
    await makePerson(portal, { handle: 'benjamin', name: 'Benjamin <b>', address: 'ben@example.com' });
    const mara = await signIn(portal, 'mara');
    const ben = await signIn(portal, 'benjamin');
    assert.equal((await mara.post('/talk/tea', { body: 'I drink it.' })).status, 303);
    assert.equal((await ben.post('/talk/tea', { body: 'Boil it <i>first</i>.' })).status, 303);
    return { portal, mara, ben };
}

/* The page once it shows a notice. */
async function told(visitor) {
    return until(async () => {
        const page = await visitor.get('/account/notices');
        assert.equal(page.status, 200);
        return /<ul class="rows/.test(page.text) && page;
    });
}

const words = (message) => Buffer.from(message.text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();

for (const database of ['sqlite', 'postgresql'])
    test(`who follows is told in the portal and by mail, and ends it with one click, on ${database}`, async (t) => {
        const smtp = await startSmtp();
        t.after(() => smtp.close());
        const { portal, mara, ben } = await portalWith(t, {
            database, settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
        });
        const page = await told(mara);
        assert.match(textOf(page.text), /Benjamin <b> answered in tea/);
        assert.doesNotMatch(page.text, /<i>first/);
        assert.match(page.text, /class="unread"/);
        assert.match((await ben.get('/account/notices')).text, /class="empty"/);

        const message = await until(() => smtp.messages[0]);
        assert.equal(message.to, 'mara@example.com');
        assert.match(words(message), /Sie erhalten diese E-Mail/);
        const link = /List-Unsubscribe: <(?:[^/]*\/\/[^/]*)([^>]*)>/.exec(message.text.replace(/\r\n[ \t]/g, ''))[1];

        const before = await portal.get(link, { headers: { Accept: 'text/html' } });
        assert.equal(before.status, 200);
        assert.match(before.text, /<form[^>]*method="post"/);
        const click = await portal.get(link, {
            method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
            headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://mail.example' },
        });
        assert.equal(click.status, 200);
        const settings = await mara.get('/account/notices/settings');
        assert.match(settings.text, /topic\/tea/);
        const undone = await portal.get(link, { method: 'POST', body: new URLSearchParams({ undo: '1' }) });
        assert.equal(undone.status, 200);
        assert.doesNotMatch((await mara.get('/account/notices/settings')).text, /topic\/tea/);
        assert.equal((await portal.get('/portico/unsubscribe/none')).status, 404);
    });

test('notices are read one by one or all at once, and by looking at what they are about', async (t) => {
    const { mara, ben } = await portalWith(t);
    const page = await told(mara);
    const id = /name="id" value="(\d+)"/.exec(page.text)[1];
    assert.equal((await mara.post('/account/notices/read', { id })).status, 303);
    assert.doesNotMatch((await mara.get('/account/notices')).text, /class="unread"/);
    await ben.post('/talk/tea', { body: 'Or not.' });
    await until(async () => /class="unread"/.test((await mara.get('/account/notices')).text));
    await mara.get('/talk/tea');
    assert.doesNotMatch((await mara.get('/account/notices')).text, /class="unread"/);
});

test('nobody reads or mutes the notices of somebody else', async (t) => {
    const { mara, ben } = await portalWith(t);
    const id = /name="id" value="(\d+)"/.exec((await told(mara)).text)[1];
    assert.equal((await ben.post('/account/notices/mute', { id })).status, 404);
    await ben.post('/account/notices/read', { id });
    assert.match((await mara.get('/account/notices')).text, /class="unread"/);
    assert.equal((await mara.post('/account/notices/read', { id }, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
});

test('a kind switched off is told no more, and a muted subject neither', async (t) => {
    const { mara, ben } = await portalWith(t);
    const id = /name="id" value="(\d+)"/.exec((await told(mara)).text)[1];
    const saved = await mara.submit('/account/notices/settings', { 'mail.talk.answers': undefined }, 'settings');
    assert.equal(saved.status, 303);
    const settings = await mara.follow(saved);
    assert.doesNotMatch(settings.text, /name="mail\.talk\.answers"[^>]*checked/);
    assert.match(settings.text, /name="page\.talk\.answers"[^>]*checked/);
    assert.equal((await mara.post('/account/notices/mute', { id })).status, 303);
    await ben.post('/talk/tea', { body: 'Once more.' });
    await ben.post('/talk/tea', { body: 'For @mara this time.' });
    const page = await until(async () => {
        const now = await mara.get('/account/notices');
        return /mentioned you/.test(now.text) && now;
    });
    assert.doesNotMatch(page.text, /Once more/);
});

test('without a mail server the portal says so and shows admins the message', async (t) => {
    const { portal, mara } = await portalWith(t);
    const admin = await signIn(portal, 'root', 'admin');
    await told(mara);
    const list = await until(async () => {
        const page = await admin.get('/admin/mail');
        assert.equal(page.status, 200);
        return /\/admin\/mail\/\d+/.test(page.text) && page;
    });
    assert.match(textOf(list.text), /No mail leaves this portal/);
    const message = await admin.get(/\/admin\/mail\/\d+/.exec(list.text)[0]);
    assert.match(textOf(message.text), /answered in tea/);
    assert.match(message.text, /\/portico\/unsubscribe\//);
    assert.equal((await mara.get('/admin/mail')).status, 403);
});
