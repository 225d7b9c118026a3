/* From a mail to no more of its kind, in one click and without signing in: as mail programs do it (RFC 8058) and as
 * people do. Other mail goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bringing } from '../lib/content.mjs';
import { formsOf, letterOf, makePerson, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people, tokenOf } from '../lib/signed.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides.">\n</community>\n';
const WEB = 'https://portal.example.com'; /* mail programs click on https alone */
const api = '/api/communities/v1';

const prepare = bringing(SPACE);

async function stage(t, database) {
    const smtp = await startSmtp();
    t.after(() => smtp.close());
    const portal = await startPortal({
        database, prepare, modules: { communities: { newcomer_posts: 0 } },
        settings: { portal: { url: WEB }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
    });
    t.after(() => portal.close());
    const somebody = async (handle) => {
        await makePerson(portal, { handle, address: `${handle}@example.org` });
        const secret = await people(portal, 'start', handle, '');
        const cookie = `__Host-portico=${secret}`;
        const look = async (target) => {
            const page = await portal.get(target, { headers: { Cookie: cookie, Accept: 'text/html' } });
            return page.status === 301 ? look(page.headers.get('location')) : page;
        };
        const send = async (method, target, body) => {
            const { status, json, text } = await portal.get(`${api}${target}`, {
                method, body: JSON.stringify(body),
                headers: { Cookie: cookie, 'X-CSRF-Token': tokenOf(secret), 'Content-Type': 'application/json', Accept: 'application/json' },
            });
            assert.equal(status, 201, text);
            return json;
        };
        return { look, send };
    };
    const [ada, ben] = [await somebody('ada'), await somebody('ben')];
    const letters = () => smtp.messages.filter(({ to }) => to === 'ada@example.org').map((message) => letterOf(portal, message));
    return {
        portal,
        ask: (word) => ada.send('POST', '/topics', { space: 'harbour', title: `Where do I find the ${word}?`, body: `I look for the ${word} since noon.`, tags: [] }),
        comment: ({ post }, words) => ben.send('POST', `/posts/${post}/comments`, { body: words }),
        answer: ({ id }, words) => ben.send('POST', `/topics/${id}/answers`, { body: words }),
        /* News of what somebody has not looked at comes once. */
        read: async ({ id }) => {
            assert.equal((await ada.look(`/communities/topics/${id}`)).status, 200);
            assert.doesNotMatch((await ada.look('/account/notices')).text, /class="unread"/);
        },
        letter: (words) => until(() => letters().find(({ text }) => text.includes(words)), { within: 60_000, what: `the mail of “${words}”` }),
        came: (words) => letters().some(({ text }) => text.includes(words)),
    };
}

/* A field of a mail, unfolded. */
const field = ({ raw }, name) => new RegExp(`^${name}: (.*)$`, 'mi').exec(raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' '))?.[1].trim();
const pathOf = (address) => {
    assert.ok(address?.startsWith(`${WEB}/portico/unsubscribe/`), `${address}`);
    return address.slice(WEB.length);
};
const linkOf = (letter) => pathOf(/^<([^>]+)>$/.exec(field(letter, 'List-Unsubscribe'))?.[1]);

for (const database of ['sqlite', 'postgresql']) {
    test(`a mail program ends mail of one kind with one POST, and other kinds still come (${database})`, async (t) => {
        const { portal, ask, comment, answer, letter, came } = await stage(t, database);
        const [bell, rope, lamp, oar] = [await ask('bell'), await ask('rope'), await ask('lamp'), await ask('oar')];
        await comment(bell, 'The bell hangs in the office.');
        const mail = await letter('The bell hangs in the office.');
        assert.equal(field(mail, 'List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click');
        const click = () => portal.get(linkOf(mail), {
            method: 'POST', body: 'List-Unsubscribe=One-Click', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        });
        const clicked = await click();
        assert.equal(clicked.status, 200, clicked.text);
        assert.match(textOf(clicked.text), /You get no more mail of this kind: Comments on what I wrote\./);
        assert.equal((await click()).status, 200, 'twice is as once');

        await comment(rope, 'The rope is below deck.');
        await answer(lamp, 'The lamp is above the door.');
        await letter('The lamp is above the door.');

        /* What comes after it is switched on again comes, and nothing that was written before. */
        const page = await visitor(portal).get(linkOf(mail));
        const on = await visitor(portal).submit(page, {}, '/portico/unsubscribe/');
        assert.match(textOf(on.text), /Get no more mail of this kind: Comments on what I wrote\?/);
        await comment(oar, 'The oar broke in spring.');
        await letter('The oar broke in spring.');
        assert.ok(!came('The rope is below deck.'));
    });

    test(`a person opens the link without a sign-in, and one click ends it; looking at it does not (${database})`, async (t) => {
        const { portal, ask, comment, answer, read, letter, came } = await stage(t, database);
        const [bell, rope] = [await ask('bell'), await ask('rope')];
        await answer(bell, 'The bell hangs in the office.');
        const mail = await letter('The bell hangs in the office.');
        const written = pathOf(mail.text.split(/\s+/).find((word) => word.includes('/portico/unsubscribe/')));
        const ada = visitor(portal);
        for (let look = 0; look < 2; look++) {
            const page = await ada.get(written);
            assert.equal(page.status, 200);
            assert.match(textOf(page.text), /Be told nothing more about this, in the portal or by mail, unless somebody names you\?/);
            assert.deepEqual(formsOf(page.text).map(({ method, fields }) => [method, Object.keys(fields)]), [['post', []]], 'one form, nothing to fill in');
        }
        const clicked = await ada.submit(await ada.get(written), {}, '/portico/unsubscribe/');
        assert.equal(clicked.status, 200);
        assert.match(textOf(clicked.text), /Switched off .*You are told nothing more about this/);

        await read(bell);
        await answer(bell, 'Or it hangs in the shed.');
        await answer(rope, 'The rope is below deck.');
        await letter('The rope is below deck.');
        await comment(bell, 'Ask the pilot, @ada.');
        await letter('Ask the pilot, @ada.');
        assert.ok(!came('Or it hangs in the shed.'));
        assert.equal((await portal.get(`${written.slice(0, -2)}xx`)).status, 404, 'a link that was tampered with ends nothing');
    });
}
