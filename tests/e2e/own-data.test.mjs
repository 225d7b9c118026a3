/* What the portal holds of somebody: taken along as a file, erased by oneself or by an admin. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { queryOf } from '../lib/authorization-world.mjs';
import { png } from '../lib/images.mjs';
import { letItGetLate, letterOf, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const SPACE = '<community space="harbour" title="Harbour" description="Berths and tides.">\n</community>\n';

/* An image as the script of the pages sends it: its path in a text. */
async function sendImage(person) {
    const body = new FormData();
    body.set('image', new Blob([png()], { type: 'image/png' }), 'tide table.png');
    const answer = await person.get('/portico/images', { method: 'POST', body, headers: { 'X-CSRF-Token': person.token, Accept: 'application/json' } });
    assert.equal(answer.status, 201, answer.text);
    return answer.json.url;
}

for (const database of ['sqlite', 'postgresql'])
    describe(`one's own data (${database})`, () => {
        let portal, dana, mara, image, topic, comment;
        const rowsOf = (document, table) => document.modules.flatMap(({ tables }) => tables).find((each) => each.table === table).rows;
        const idOf = async (name) => /\/admin\/people\/(\d+)/.exec((await dana.get(`/admin/people?q=${name}`)).text)?.[1];
        const gone = (name) => until(async () => !(await idOf(name)), { within: 60_000, what: `${name} to be erased` });

        before(async () => {
            portal = await startPortal({
                database,
                modules: { communities: { newcomer_posts: 0 } },
                prepare: async ({ dir, cli }) => {
                    const content = path.join(dir, 'content');
                    mkdirSync(content);
                    writeFileSync(path.join(content, 'harbour.xml'), SPACE);
                    const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
                    assert.equal(code, 0, stderr);
                },
            });
            await makePerson(portal, { handle: 'dana', name: 'Dana Ott', password: true, roles: 'admin' });
            dana = await signIn(portal, 'dana');
            await makePerson(portal, { handle: 'mara', name: 'Mara Lindqvist', address: 'mara@example.com', password: true });
            mara = await signIn(portal, 'mara');
            image = await sendImage(mara);
            const asked = await mara.submit('/communities/ask?space=harbour', {
                title: 'Where do I read the tide table?', body: `I only find this one: ![table](${image})`, tags: 'tides', opened: '1',
            });
            assert.equal(asked.status, 303, textOf(asked.text));
            topic = asked.headers.get('location');
            const { text } = await mara.get(topic);
            const [, post] = / id="post-(\d+)"/.exec(text);
            await mara.submit(`/communities/posts/${post}/comments`, { body: 'It hung by the northern crane.', opened: '1' }, 'form-comment');
            comment = / id="comment-(\d+)"/.exec((await mara.get(topic)).text)[1];
            const mended = await mara.submit(`/communities/comments/${comment}/edit`, { body: 'It hangs by the southern crane.' }, 'edit_comment');
            assert.equal(mended.status, 303, textOf(mended.text));
            const kept = await mara.submit('/communities/ask?space=harbour', {
                title: 'Half a thought', body: 'Not sent yet.', tags: 'tides', opened: '1', portico_draft: 'save',
            });
            assert.ok(kept.status < 400, textOf(kept.text));
        });
        after(() => portal?.close());

        test('the file has what was written, drafts, and files with their addresses; nobody else gets it', async () => {
            const answer = await mara.post('/account/data/file');
            assert.equal(answer.status, 200, textOf(answer.text));
            assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="mara.json"');
            const document = JSON.parse(answer.text);
            assert.equal(rowsOf(document, 'portico_person')[0].name, 'Mara Lindqvist');
            assert.equal(rowsOf(document, 'portico_address')[0].address, 'mara@example.com');
            assert.match(JSON.stringify(rowsOf(document, 'portico_draft')), /Half a thought/);
            assert.equal(rowsOf(document, 'communities_topic')[0].title, 'Where do I read the tide table?');
            assert.deepEqual(rowsOf(document, 'communities_revision').map(({ source }) => source).sort(),
                ['It hangs by the southern crane.', 'It hung by the northern crane.']);
            assert.equal(rowsOf(document, 'portico_file').length, 1);
            const [file] = document.modules[0].more.files.files;
            assert.equal(file.address, portal.url + image);
            assert.equal((await mara.get(image)).headers.get('content-type'), 'image/png');
            assert.doesNotMatch(answer.text, /argon2/);
            const own = /\/admin\/people\/(\d+)/.exec((await dana.get('/admin/people?q=mara')).text)[1];
            assert.equal((await dana.post(`/admin/people/${own}/data/file`)).status, 200);
            const { stdout } = await portal.cli('event', 'list', '--json');
            const told = stdout.trim().split('\n').map((line) => JSON.parse(line)).filter(({ type }) => type === 'portal.portico.person.exported');
            assert.deepEqual(told.map(({ subject }) => subject), [`person/${own}`, `person/${own}`], 'whoever it is handed to, it is told');

            const id = await idOf('mara');
            assert.equal((await mara.post(`/admin/people/${id}/data/file`)).status, 403);
            assert.equal((await visitor(portal).post('/account/data/file')).status, 401);
            const byAdmin = JSON.parse((await dana.post(`/admin/people/${id}/data/file`)).text);
            assert.equal(byAdmin.person, id);
        });

        test('the page says what goes and what stays, and why', async () => {
            const text = textOf((await mara.get('/account/data')).text);
            assert.match(text, /What goes .*Where you are signed in.*Votes.* What stays, without the name .*Questions and answers.* What stays, and why .*Requests about your data: The proof that the request was met\./);
        });

        test('a wrong password changes nothing', async () => {
            await letItGetLate(portal, 'mara');
            const refused = await mara.submit('/account/data', { current: 'not it' }, 'form-erase');
            assert.equal(refused.status, 422);
            assert.match(textOf(refused.text), /This is not your password/);
            assert.equal((await mara.get('/account')).status, 200);
        });

        test('erased: out everywhere at once, gone soon; what others read stays without the name', async () => {
            const other = await signIn(portal, 'mara'), id = await idOf('mara');
            const sent = await mara.submit('/account/data', { current: PASSWORD }, 'form-erase');
            assert.equal(sent.status, 303, textOf(sent.text));
            assert.equal(mara.jar.get('portico'), undefined);
            assert.match(textOf((await mara.follow(sent)).text), /Your account is gone/);
            await until(async () => (await other.get('/account')).status === 303, { what: 'the other session to end' });
            assert.equal((await visitor(portal).submit('/login', { name: 'mara', password: PASSWORD })).status, 422);
            await gone('mara');
            assert.equal((await dana.get(`/admin/people/${id}`)).status, 404);
            const page = await portal.get(topic);
            assert.equal(page.status, 200);
            assert.match(textOf(page.text), /tide table/);
            assert.doesNotMatch(page.text, /Mara|mara/);
            assert.equal((await portal.get(image)).status, 200);
            const past = await portal.get(`/communities/comments/${comment}/history`);
            assert.match(textOf(past.text), /It hung by the northern crane/);
            assert.doesNotMatch(past.text, /Mara|mara/);

            /* The person goes before all of theirs, and the proof is written last. */
            await until(async () => (await queryOf(portal, `SELECT count(*) FROM portico_personal_request WHERE person = ${id} AND kind = 'erase' AND finished IS NOT NULL`)).trim() === '1',
                { within: 60_000, what: 'the request to be met' });
            const { stdout } = await portal.cli('person', 'export', id);
            const left = JSON.parse(stdout).modules.flatMap(({ tables }) => tables).filter(({ rows }) => rows.length);
            assert.deepEqual(left.map(({ table }) => table), ['portico_personal_request', 'portico_audit']);
            const met = left[0].rows.filter(({ finished }) => finished !== null);
            assert.deepEqual(met.map(({ kind }) => kind).sort(), ['erase', 'export', 'export', 'export'], 'the proof stays');
        });

        test('the last admin stays; an admin erases others with their own password', async () => {
            await makePerson(portal, { handle: 'otto', name: 'Otto Berg', password: true });
            const otto = await signIn(portal, 'otto'), id = await idOf('otto');
            const own = await dana.submit('/account/data', { current: PASSWORD }, 'form-erase');
            assert.equal(own.status, 422, own.headers.get('location'));
            assert.match(textOf(own.text), /This is the last admin/);
            assert.equal((await dana.get('/admin')).status, 200);

            const page = await dana.get(`/admin/people/${id}/data`);
            assert.match(textOf(page.text), /Data of Otto Berg .*Erase this person for good/);
            const sent = await dana.submit(page, { current: PASSWORD }, 'form-erase');
            assert.equal(sent.headers.get('location'), '/admin/people?erased=1', textOf(sent.text));
            assert.match(textOf((await dana.follow(sent)).text), /signed out for good/);
            await until(async () => (await otto.get('/account')).status === 303, { what: 'the session to end' });
            await gone('otto');
        });
    });

/* All rows of all tables. */
const dumpOf = (portal) => execFileSync(
    ...(portal.store ? ['pg_dump', ['--data-only', '--inserts', portal.store.url]]
        : ['sqlite3', ['-readonly', '-cmd', '.timeout 20000', path.join(portal.dir, 'data/portico.db'), '.dump']]),
    { encoding: 'utf8', maxBuffer: 1 << 28 });

for (const database of ['sqlite', 'postgresql'])
    test(`of who is erased no name, address or link is left in any table, nor in mail about them (${database})`, async (t) => {
        const smtp = await startSmtp({ answer: (verb, line) => (verb === 'RCPT' && line.includes('zora.second') ? '550 5.1.1 nobody here' : undefined) });
        const portal = await startPortal({
            database,
            modules: { communities: { newcomer_posts: 0 } },
            settings: { sign_in: { sign_up: 'open' }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
            prepare: async ({ dir, cli }) => {
                mkdirSync(path.join(dir, 'content'));
                writeFileSync(path.join(dir, 'content/harbour.xml'), SPACE);
                assert.equal((await cli('import', 'communities', '--format', 'demo', path.join(dir, 'content'))).code, 0);
            },
        });
        t.after(async () => {
            await portal.close();
            await smtp.close();
        });
        const mailTo = (address) => until(() => smtp.messages.find(({ to }) => to === address), { within: 60_000, what: `mail to ${address}` });
        await makePerson(portal, { handle: 'dana', name: 'Dana Ott', roles: 'admin' });
        await makePerson(portal, { handle: 'bob', name: 'Bob Bach', address: 'bob@example.com' });
        const dana = await signIn(portal, 'dana'), bob = await signIn(portal, 'bob'), zora = visitor(portal);

        await zora.submit('/account/join', { name: 'Zora Quill', address: 'zora.first@example.com' });
        const { link } = letterOf(portal, await mailTo('zora.first@example.com'));
        assert.equal((await zora.submit(link, { password: PASSWORD })).status, 303);
        assert.equal((await zora.submit('/account', { name: 'Zora Vellum', handle: 'zvellum' }, 'form-profile')).status, 303);
        assert.equal((await zora.submit('/account', { address: 'zora.second@example.com', current: PASSWORD }, 'form-address')).status, 303);
        const asked = await bob.submit('/communities/ask?space=harbour', { title: 'Where do I moor tonight?', body: 'All berths are taken.', tags: 'tides', opened: '1' });
        const answered = await zora.submit(asked.headers.get('location'), { body: 'At the zorapier, behind the crane.' }, 'answer');
        assert.equal(answered.status, 303, textOf(answered.text));
        assert.match(letterOf(portal, await mailTo('bob@example.com')).text, /Zora Vellum/);
        await until(() => /550 5\.1\.1/.test(dumpOf(portal)), { within: 60_000, what: 'the second address to be refused' });
        const names = /zora\.(?:first|second)|Zora (?:Quill|Vellum)|zvellum/i, secret = link.split('/').at(-1);
        assert.match(dumpOf(portal), names);

        const id = /\/admin\/people\/(\d+)/.exec((await dana.get('/admin/people?q=zvellum')).text)[1];
        await until(async () => (await portal.cli('person', 'erase', id)).code === 0, { within: 60_000, what: 'what is under way to end' });
        const left = dumpOf(portal);
        assert.deepEqual(left.split('\n').filter((line) => names.test(line) || line.includes(secret)), []);
        assert.match(left, /zorapier/, 'what others read stays');
    });
