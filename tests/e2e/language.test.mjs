/* The portal's own module: its first pages, and the language people choose. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { startPortal } from '../lib/portal.mjs';
import { cookiesOf, signIn, tokenOf } from '../lib/signed.mjs';

const title = (answer) => /<h1>(.*?)<\/h1>/.exec(answer.text)?.[1];

for (const database of ['sqlite', 'postgresql'])
    test(`somebody signed in keeps the language they choose (${database})`, async (t) => {
        const portal = await startPortal({ database });
        t.after(() => portal.close());
        const mara = await signIn(portal, 'mara');
        const before = await mara.get('/portico/language', { headers: { 'Accept-Language': 'en' } });
        assert.equal(title(before), 'Language');
        assert.ok(before.text.includes(`value="${mara.token}"`));
        const chosen = await mara.post('/portico/language', { language: 'de', next: '/search' });
        assert.equal(chosen.status, 303, chosen.text);
        assert.equal(chosen.headers.get('location'), '/search');
        const elsewhere = await signIn(portal, 'mara');
        assert.equal(title(await elsewhere.get('/portico/language', { headers: { 'Accept-Language': 'en' } })), 'Sprache');
    });

test('the language of who is not signed in', async (t) => {
    const portal = await startPortal();
    t.after(() => portal.close());

    await t.test('is kept in a cookie that scripts do not see', async () => {
        const page = await portal.get('/portico/language');
        const visitor = cookiesOf(page)['portico-visitor'].value;
        const answer = await portal.get('/portico/language', {
            method: 'POST', headers: { Cookie: `portico-visitor=${visitor}` },
            body: new URLSearchParams({ language: 'de', next: '/search?q=a', portico_token: tokenOf(visitor) }),
        });
        assert.equal(answer.status, 303, answer.text);
        assert.equal(answer.headers.get('location'), '/search?q=a');
        const { value, attributes } = cookiesOf(answer)['portico-locale'];
        assert.equal(value, 'de');
        assert.ok(attributes.includes('HttpOnly') && attributes.includes('SameSite=Lax') && attributes.includes('Path=/'));
        const next = await portal.get('/portico/language', { headers: { Cookie: 'portico-locale=de', 'Accept-Language': 'en' } });
        assert.equal(title(next), 'Sprache');
    });

    await t.test('leads back to this portal only', async () => {
        for (const next of ['https://example.org/', '//example.org', '/\\example.org', 'javascript:alert(1)', '/a\r\nb', '']) {
            const answer = await portal.get('/portico/language', { method: 'POST', body: new URLSearchParams({ language: 'en', next }) });
            assert.equal(answer.headers.get('location'), '/', next);
        }
    });

    await t.test('is one that the portal speaks', async () => {
        for (const language of ['xx', '', 'de; Max-Age=9', '../de']) {
            const answer = await portal.get('/portico/language', { method: 'POST', body: new URLSearchParams({ language }) });
            assert.equal(answer.status, 400, language);
            assert.equal(answer.headers.get('set-cookie'), null);
        }
    });

    await t.test('leaves the pages of all others as they are', async () => {
        assert.equal(title(await portal.get('/portico/language', { headers: { 'Accept-Language': 'de' } })), 'Sprache');
        assert.equal(title(await portal.get('/portico/language')), 'Language');
    });
});

test('the portal itself is no module to switch off', async (t) => {
    const portal = await startPortal({ modules: { portico: { enabled: true } }, start: false });
    t.after(() => portal.close());
    const { code, stdout, stderr } = await portal.cli('check');
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /the portal itself/);
});
