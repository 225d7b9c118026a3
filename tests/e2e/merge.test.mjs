/* Two sign-ins of one human being become one: by an admin's page or the command, with what each module holds. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { join, letItGetLate, letterOf, makeAccount, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const execute = promisify(execFile);
const MINUTE = { within: 120_000 }, WHY = 'She signed up twice.', MANY = 25_000, POSTS = 4_000;
const SPACE = `<community space="harbour" title="Harbour" description="Berths and tides.">
<person key="a" name="Ann" company="Nobody"/>
<question id="1" author="a" age="9d" active="2d" score="1" views="3" tags="quay" title="Where is the quay?">Words of it</question>
<answer id="2" to="1" author="a" age="8d" score="4">An answer</answer>
</community>`;

/* What the database answers: one value. While the portal runs, for reading. */
const ask = async (portal, sql) => (await (portal.store
    ? execute('psql', ['-AtX', '-v', 'ON_ERROR_STOP=1', '-d', portal.store.url, '-c', sql])
    : execute('sqlite3', ['-cmd', '.timeout 20000', path.join(portal.dir, 'data/portico.db'), sql]))).stdout.trim();

for (const database of ['sqlite', 'postgresql'])
    describe(`two people who are one (${database})`, () => {
        let portal, smtp, acme, mill, root, mara, lena, ids, topics, victim, killed, counted;

        before(async () => {
            smtp = await startSmtp();
            ids = {};
            portal = await startPortal({
                database,
                modules: { communities: { newcomer_posts: 0 } },
                settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } },
                prepare: async (made) => {
                    const content = path.join(made.dir, 'content');
                    mkdirSync(content);
                    writeFileSync(path.join(content, 'harbour.xml'), SPACE);
                    const { code, stderr } = await made.cli('import', 'communities', '--format', 'demo', content);
                    assert.equal(code, 0, stderr);
                },
            });
            acme = await makeAccount(portal, 'Acme');
            mill = await makeAccount(portal, 'Mill');
            for (const [handle, name, roles] of [['chief', 'Chief', 'admin'], ['root', 'Root', 'admin'], ['mara', 'Mara Holm'], ['lena', 'Mara Holm'], ['dana', 'Dana'], ['olga', 'Olga'], ['mod', 'Mod', 'moderator'], ['ben', 'Ben']])
                ids[handle] = await makePerson(portal, { handle, name, roles, address: `${handle}@example.com`, password: handle === 'mara' });
            await join(portal, acme, 'dana', 'account-admin');
            await join(portal, mill, 'olga', 'account-admin');
            await join(portal, acme, 'mara');
            await join(portal, acme, 'lena', 'account-admin');
            await join(portal, mill, 'lena');
            [root, mara, lena] = [await signIn(portal, 'root'), await signIn(portal, 'mara'), await signIn(portal, 'lena')];
            topics = {};
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        const page = (from, into) => `/admin/people/${ids[into]}/merge?with=${ids[from]}&into=${ids[into]}`;
        const merge = (who, from, into, fields = {}) => who.submit(page(from, into), { reason: WHY, ...fields }, 'merge');
        const send = (who, method, target, body) => who.get(`/api/communities/v1${target}`, {
            method, headers: { Accept: 'application/json', 'X-CSRF-Token': who.tokenNow(), 'Content-Type': 'application/json' }, body: JSON.stringify(body),
        });
        /* The rows of modules are all over; the look for what came late waits its hour. */
        const over = () => until(async () => await ask(portal, "SELECT count(*) FROM portico_personal_request WHERE kind = 'merge' AND finished IS NULL") === '0', { ...MINUTE, every: 50, what: 'the rows to go over' });
        const left = async () => Number(await ask(portal, `SELECT count(*) FROM communities_comment WHERE author IN (SELECT a.id FROM communities_author a WHERE a.person = ${ids.lena})`));
        const write = async (who, title, body) => {
            const asked = await send(who, 'POST', '/topics', { space: 'harbour', title, body });
            assert.equal(asked.status, 201, asked.text);
            return asked.json.id;
        };
        const postOf = (topic) => ask(portal, `SELECT id FROM communities_post WHERE topic = ${topic} AND kind = 1`);
        const exact = async () => {
            const wrong = await ask(portal, `SELECT count(*) FROM communities_post p WHERE p.import IS NULL AND p.score <> (SELECT coalesce(sum(b.value), 0) FROM communities_ballot b WHERE b.target = p.id)`);
            assert.equal(wrong, '0', 'each score is the sum of its votes');
            assert.equal(await ask(portal, 'SELECT count(*) FROM communities_topic t JOIN communities_post p ON p.topic = t.id AND p.kind = 1 WHERE t.score <> p.score'), '0');
        };

        test('it takes the permission; oneself, the mightier and companies of others are refused', async () => {
            const mod = await signIn(portal, 'mod');
            assert.equal((await mod.get(page('lena', 'mara'))).status, 403);
            assert.equal((await mara.post(page('lena', 'mara'), { reason: WHY })).status, 403);
            assert.equal((await root.get(`/admin/people/${ids.mara}/merge?with=4711`)).status, 404);
            assert.equal((await root.get('/admin/people/4711/merge')).status, 404);
            assert.match(textOf((await root.get(page('root', 'mara'))).text), /Nobody merges themselves: ask another admin\./);
            assert.match(textOf((await root.get(page('mara', 'mara'))).text), /This is the same person: choose somebody else\./);
            const own = await root.post(page('root', 'mara'), { reason: WHY, portico_form: 'merge' });
            assert.notEqual(own.status, 303);
            assert.equal((await portal.cli('role', 'allow', 'moderator', 'portico.people.merge')).code, 0);
            await until(async () => (await mod.get(page('chief', 'mara'))).status === 200, { ...MINUTE, what: 'the permission' });
            const mightier = (await mod.get(page('chief', 'ben'))).text;
            assert.match(textOf(mightier), /They may do more than you: ask an admin\./);
            assert.ok(!mightier.includes('chief@example.com'), 'nothing of the mightier is shown');
            /* Nor is it found: by name, handle or address, beside whom they may merge. */
            for (const query of ['chief', 'Chief', 'chief@example.com', 'c', 'mod'])
                assert.match(textOf((await mod.get(`/admin/people/${ids.ben}/merge?q=${encodeURIComponent(query)}`)).text), /Nobody found/, query);
            assert.match(textOf((await mod.get(`/admin/people/${ids.ben}/merge?q=dana`)).text), /Found D Dana @dana · dana@example\.com/);
            assert.match(textOf((await root.get(`/admin/people/${ids.ben}/merge?q=chief`)).text), /Found C Chief @chief · chief@example\.com/);
            const hidden = await mod.get(`/admin/people/${ids.chief}/merge`);
            assert.equal(hidden.status, 403);
            assert.ok(!/Chief|chief@/.test(hidden.text), 'not their name either');
            assert.match(textOf((await mod.get(page('lena', 'mara'))).text), /A role is given and taken only by who holds what it contains|only who looks after companies merges them/);
            for (const [from, into] of [['chief', 'ben'], ['lena', 'mara'], ['mod', 'ben']])
                assert.notEqual((await mod.post(page(from, into), { reason: WHY })).status, 303, `${from} into ${into}`);
            assert.equal(await ask(portal, 'SELECT count(*) FROM portico_person WHERE merged_into IS NOT NULL'), '0');
            /* No company's role may hold it. */
            const refused = await portal.cli('role', 'allow', 'account-admin', 'portico.people.merge');
            assert.notEqual(refused.code, 0);
            assert.match(refused.stderr, /This is about all companies: only a role of the owner's company may/);
            assert.equal((await portal.cli('role', 'deny', 'moderator', 'portico.people.merge')).code, 0);
            await until(async () => (await mod.get(page('chief', 'mara'))).status === 403, { ...MINUTE, what: 'the rules' });
            const dana = await signIn(portal, 'dana');
            assert.equal((await dana.get(page('lena', 'mara'))).status, 403);
            assert.equal((await dana.get(`/admin/people/${ids.mara}/merge?q=ben`)).status, 403);
            assert.equal((await portal.cli('role', 'reset', 'moderator', 'portico.people.merge')).code, 0);
        });

        test('the page finds the other, shows both, and says what follows', async () => {
            const found = await root.get(`/admin/people/${ids.mara}/merge`);
            assert.match(textOf(found.text), /Of the same name MH Mara Holm @lena · lena@example\.com/);
            assert.match(textOf((await root.get(`/admin/people/${ids.mara}/merge?q=ben`)).text), /Found B Ben @ben/);
            const shown = textOf((await root.get(page('lena', 'mara'))).text);
            for (const words of ['@mara', '@lena', 'lena@example.com', 'Acme', 'Mill', 'Remains', 'Let this one remain',
                'Acme: @mara gets the roles', 'Mill: @mara belongs to it from now on.', 'The handle @lena leads to @mara; nobody else gets it.'])
                assert.ok(shown.includes(words), `${words}\n${shown}`);
            const other = textOf((await root.get(page('mara', 'lena'))).text);
            assert.ok(other.includes('The handle @mara leads to @lena'), other);
            assert.equal((await merge(root, 'lena', 'mara', { reason: ' ' })).status, 422);
            assert.equal((await merge(root, 'lena', 'mara', { reason: 'x'.repeat(201) })).status, 422);
            /* What was confirmed is what is done: another role since then, and nothing is. */
            const seen = await root.get(page('lena', 'mara'));
            await join(portal, mill, 'mara');
            const stale = await root.submit(seen, { reason: WHY }, 'merge');
            assert.equal(stale.status, 422);
            assert.match(textOf(stale.text), /What would follow is not what you saw/);
            assert.match(textOf(stale.text), /Mill: both belong to it/, 'it shows what is so now');
            assert.equal(await ask(portal, 'SELECT count(*) FROM portico_person WHERE merged_into IS NOT NULL'), '0');
            await ask(portal, `DELETE FROM portico_membership WHERE account = ${mill} AND person = ${ids.mara}`);
            await letItGetLate(portal, 'root');
            const asked = await merge(root, 'lena', 'mara');
            assert.equal(asked.status, 422, 'without a proof');
            root = await signIn(portal, 'root');
        });

        test('companies, addresses and the handle go over at once; the other is signed out, and both are told', async () => {
            topics.mara = await write(mara, 'Who opens the lock at night?', 'The office is closed after ten.');
            topics.lena = await write(lena, 'Where do I moor in winter?', 'The east quay is iced over then.');
            const ben = await signIn(portal, 'ben');
            topics.ben = await write(ben, 'Which pilot speaks German?', 'We come from Hamburg next week.');
            topics.marasPost = await postOf(topics.mara);
            topics.lenasPost = await postOf(topics.lena);
            topics.bensPost = await postOf(topics.ben);
            for (const [who, post, value] of [[mara, topics.bensPost, 1], [lena, topics.bensPost, 1], [lena, topics.marasPost, 1], [ben, topics.marasPost, 1], [ben, topics.lenasPost, -1]])
                assert.equal((await send(who, 'PUT', `/posts/${post}/vote`, { value })).status, 200);
            await exact();
            /* More than a few slices of rows, as of somebody who was here for years. */
            await portal.stop();
            const author = (handle) => `(SELECT a.id FROM communities_author a WHERE a.person = ${ids[handle]})`;
            await ask(portal, `INSERT INTO communities_comment (id, audience, topic, post, author, score, created, body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY}) SELECT 700000000 + i, 1, ${topics.ben}, ${topics.bensPost}, ${author('lena')}, 0, i, 'Old words' FROM n`);
            await ask(portal, `INSERT INTO portico_follow (module, subject, person, level, mark, changed) VALUES ('communities', 'topic/${topics.ben}', ${ids.lena}, 2, 1, 1), ('communities', 'topic/7', ${ids.lena}, 2, 1, 1)`);
            /* Posts that are counted, a report of each on the same, of which moderators closed the one. */
            await ask(portal, `INSERT INTO communities_post (id, audience, topic, kind, author, accepted, score, created, body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${POSTS}) SELECT 800000000 + i, 1, ${topics.ben}, 2, ${author('lena')}, FALSE, 0, i, 'Old answer' FROM n`);
            await ask(portal, `UPDATE communities_author SET posts = posts + ${POSTS} WHERE person = ${ids.lena}`);
            await ask(portal, `INSERT INTO communities_flag (id, target, kind, topic, author, reason, state, created, closed) VALUES (900000001, ${topics.bensPost}, 1, ${topics.ben}, ${author('mara')}, 'spam', 2, 1, 2), (900000002, ${topics.bensPost}, 1, ${topics.ben}, ${author('lena')}, 'spam', 0, 3, NULL)`);
            await portal.start();
            [victim] = JSON.parse((await portal.cli('status', '--json')).stdout).jobs;
            [root, mara, lena] = [await signIn(portal, 'root'), await signIn(portal, 'mara'), await signIn(portal, 'lena')];
            assert.equal((await root.submit(`/admin/people/${ids.lena}`, { reason: 'Look' }, 'view')).status, 303, 'root sees as Lena');
            const chief = await signIn(portal, 'chief');
            /* The process that does it dies in its midst. */
            killed = (async () => {
                await until(async () => (await left()) < MANY - 500, { ...MINUTE, every: 5, what: 'the first rows to go over' });
                process.kill(victim.pid, 'SIGKILL');
                return left();
            })();
            killed.catch(() => {});
            /* At no moment is somebody's number another than that of what they wrote. */
            counted = (async () => {
                const wrong = [], seen = `SELECT a.posts - (SELECT count(*) FROM communities_post p WHERE p.author = a.id AND p.audience <> 4 AND p.import IS NULL) FROM communities_author a WHERE a.person = ${ids.mara}`;
                for (const end = Date.now() + MINUTE.within; Date.now() < end && await ask(portal, `SELECT count(*) FROM communities_author WHERE person = ${ids.lena}`) !== '0';)
                    wrong.push(await ask(portal, seen));
                wrong.push(await ask(portal, seen));
                return wrong.filter((off) => off !== '0');
            })();
            counted.catch(() => {});
            const done = await merge(chief, 'lena', 'mara');
            assert.equal(done.status, 303, textOf(done.text));
            assert.equal(done.headers.get('location'), `/admin/people/${ids.mara}?saved=merged`);
            assert.match(textOf((await chief.get(done.headers.get('location'))).text), /Merged\. What they wrote and follow goes over within minutes\./);
            assert.equal((await chief.get(`/admin/people/${ids.lena}`)).headers.get('location'), `/admin/people/${ids.mara}`);
            await until(async () => (await lena.get('/account')).status !== 200, { ...MINUTE, what: 'Lena to be signed out' });
            await until(async () => !textOf((await root.get('/')).text).includes('you see the portal as'), { ...MINUTE, what: 'the look to end' });
            const names = (await mara.get('/api/portico/v1/accounts')).json.items.map(({ name }) => name);
            assert.deepEqual(names.sort(), ['Acme', 'Mill']);
            const again = visitor(portal);
            assert.equal((await again.submit('/login', { name: 'lena@example.com', password: PASSWORD }, 'login')).status, 303);
            assert.match(textOf((await again.get('/account')).text), /@mara/);
        });

        test('whoever was merged is not merged again; a killed job goes on, and nothing is lost', async () => {
            const waits = (from, into) => root.get(page(from, into)).then(({ text }) => textOf(text));
            root = await signIn(portal, 'root');
            assert.match(await waits('lena', 'ben'), /merged into somebody already/);
            const all = async () => Number(await ask(portal, 'SELECT count(*) FROM communities_comment WHERE id > 700000000 AND id <= 700000000 + ' + MANY));
            assert.ok(await killed > 0, 'it was killed before it was through');
            assert.equal(await all(), MANY);
            await over();
            assert.equal(await left(), 0);
            assert.equal(await all(), MANY);
            assert.equal(await ask(portal, `SELECT count(*) FROM communities_author WHERE person = ${ids.lena}`), '0');
            assert.equal(await ask(portal, `SELECT count(*) FROM communities_comment c LEFT JOIN communities_author a ON a.id = c.author WHERE c.id > 700000000 AND c.id <= 700000000 + ${MANY} AND a.person = ${ids.mara}`), String(MANY));
            assert.equal(await ask(portal, "SELECT count(*) FROM portico_personal_request WHERE kind = 'merge' AND finished IS NOT NULL"), '1');
        });

        test('posts are counted right at each moment, and an open report stays in the queue', async () => {
            assert.deepEqual(await counted, []);
            assert.equal(await ask(portal, `SELECT count(*) FROM communities_post p JOIN communities_author a ON a.id = p.author WHERE p.id > 800000000 AND p.id <= 800000000 + ${POSTS} AND a.person = ${ids.mara}`), String(POSTS));
            assert.equal(await ask(portal, `SELECT f.id FROM communities_flag f JOIN communities_author a ON a.id = f.author WHERE f.target = ${topics.bensPost} AND a.person = ${ids.mara} AND f.state = 0`), '900000002');
            assert.equal(await ask(portal, `SELECT count(*) FROM communities_flag WHERE target = ${topics.bensPost}`), '1');
        });

        test('who voted twice, or for what they wrote themselves, voted once or not at all, and sums say so', async () => {
            await exact();
            assert.equal(await ask(portal, `SELECT score FROM communities_post WHERE id = ${topics.bensPost}`), '1');
            assert.equal(await ask(portal, `SELECT score FROM communities_post WHERE id = ${topics.marasPost}`), '1');
            assert.equal(await ask(portal, `SELECT score FROM communities_post WHERE id = ${topics.lenasPost}`), '-1');
            assert.equal(await ask(portal, `SELECT up || ' ' || down FROM communities_vote WHERE post = ${topics.bensPost}`), '1 0');
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_follow WHERE person = ${ids.lena}`), '0');
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_follow WHERE person = ${ids.mara} AND subject = 'topic/7'`), '1');
            const profile = await mara.get('/communities/people/lena');
            assert.equal(profile.headers.get('location'), '/communities/people/mara');
            const text = textOf((await mara.get('/communities/people/mara')).text);
            assert.match(text, /Who opens the lock at night\?/);
            assert.match(text, /Where do I moor in winter\?/);
            assert.ok(!textOf((await mara.get(`/communities/topics/${topics.lena}`)).text).includes('@lena'));
        });

        test('the log has it for the portal and for each company; both people are told why', async () => {
            const log = textOf((await root.get('/admin/audit?kind=person.merged')).text);
            assert.match(log, new RegExp(`People merged: into ${ids.mara}: ${WHY}`));
            for (const handle of ['dana', 'olga']) {
                const who = await signIn(portal, handle);
                assert.match(textOf((await who.get('/account/company/log')).text), /People merged: She signed up twice\. Chief/, handle);
            }
            /* Since when she is what there, and by whom. */
            const acts = (account) => ask(portal, `SELECT kind || ' ' || person || ' ' || coalesce(object, '') FROM portico_audit WHERE account = ${account} AND actor = ${ids.chief} AND kind <> 'person.merged' ORDER BY number`).then((text) => text.split('\n'));
            assert.deepEqual(await acts(acme), [`membership.removed ${ids.lena} merged`, `membership.changed ${ids.mara} merged`, `role.given ${ids.mara} account-admin`]);
            assert.deepEqual((await acts(mill)).slice(0, 2), [`membership.removed ${ids.lena} merged`, `membership.made ${ids.mara} merged`]);
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_audit WHERE kind = 'address.added' AND person = ${ids.mara} AND actor = ${ids.chief}`), '1');
            mara = await signIn(portal, 'mara');
            await until(async () => /The sign-in of Mara Holm \(@lena\) became one with yours/.test(textOf((await mara.get('/account/notices')).text)), { ...MINUTE, what: 'the notice' });
            const letter = await until(() => smtp.messages.map((message) => letterOf(portal, message)).find(({ subject }) => /became one with another/.test(subject)), { ...MINUTE, what: 'the letter' });
            assert.ok([letter.to].flat().some((one) => one.includes('lena@example.com')));
            assert.match(letter.text, /Your sign-in @lena at Test portal became one with @mara/);
            assert.equal((await portal.cli('audit', 'verify')).code, 0);
        });

        test('the command says what would follow, and does the same', async () => {
            const words = ['person', 'merge', 'ben', 'mara@example.com'];
            assert.match((await portal.cli(...words)).stderr, /Say why/);
            assert.match((await portal.cli(...words, '--reason', 'She\nsigned up twice.')).stderr, /Say why, in one line/);
            const dry = await portal.cli(...words, '--reason', WHY, '--dry-run');
            assert.equal(dry.code, 0, dry.stderr);
            assert.match(dry.stdout, /Ben \(@ben, \d+\) becomes one with Mara Holm \(@mara, \d+\):/);
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_person WHERE id = ${ids.ben} AND merged_into IS NULL`), '1');
            const done = await portal.cli(...words, '--reason', WHY);
            assert.equal(done.code, 0, done.stderr);
            assert.match(done.stdout, /Merged\. Job \d+ puts @mara in place of @ben/);
            assert.match((await portal.cli(...words, '--reason', WHY)).stderr, /This is the same person/);
            await over();
            await exact();
            assert.equal(await ask(portal, `SELECT score FROM communities_post WHERE id = ${topics.bensPost}`), '0', 'her own now');
        });

        test('another merge and an erasure wait for rows that go over; erasing takes the merged with it', async () => {
            await portal.stop();
            assert.equal((await portal.cli('person', 'merge', 'dana', 'mara', '--reason', WHY)).code, 0);
            const second = await portal.cli('person', 'merge', 'olga', 'mara', '--reason', WHY);
            assert.equal(second.code, 1);
            assert.match(second.stderr, /One of them was just merged, and rows are still going over/);
            const early = await portal.cli('person', 'erase', ids.mara);
            assert.equal(early.code, 1);
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_audit WHERE kind = 'person.erased' AND person = ${ids.mara}`), '0', 'what waits is no record of an erasure');
            assert.match(early.stderr, /are still going over\. Run the same command again once that job, merge-people, is over/);
            /* Who went keeps the handle for the one who remains, and is not erased alone. */
            const alone = await portal.cli('person', 'erase', ids.lena);
            assert.equal(alone.code, 1);
            assert.match(alone.stderr, new RegExp(`Person ${ids.lena} was merged into person ${ids.mara}, .*@lena leads\\. Erase person ${ids.mara}`));
            assert.equal(await ask(portal, "SELECT merged_into FROM portico_person WHERE handle = 'lena'"), ids.mara);
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_audit WHERE kind = 'person.erased' AND person = ${ids.lena}`), '0', 'what is refused is no record of an erasure');
            /* Rows that a module held while it was not enabled, and their way over. */
            const follow = (subject) => ask(portal, `INSERT INTO portico_follow (module, subject, person, level, mark, changed) VALUES ('communities', '${subject}', ${ids.lena}, 2, 1, 1)`);
            const follows = async (who, subject) => await ask(portal, `SELECT count(*) FROM portico_follow WHERE person = ${ids[who]} AND subject = '${subject}'`);
            await follow('topic/99');
            assert.match((await portal.cli('person', 'merge-again', ids.mara)).stderr, /was not merged into anybody/);
            const again = await portal.cli('person', 'merge-again', ids.lena);
            assert.equal(again.code, 0, again.stderr);
            assert.match(again.stdout, /looks for what still names person/);
            await portal.start();
            await over();
            await until(async () => await follows('mara', 'topic/99') === '1', { ...MINUTE, every: 100, what: 'the rows to go over after all' });
            assert.equal(await follows('lena', 'topic/99'), '0');
            /* One for each, once that of the command is through. */
            await until(async () => await ask(portal, "SELECT count(*) FROM portico_job WHERE name = 'merge-people' AND state < 2") === '3', { ...MINUTE, every: 100, what: 'a late look for each' });
            await until(async () => (await portal.cli('person', 'erase', ids.mara)).code === 0, { ...MINUTE, every: 500, what: 'the erasure' });
            assert.equal(await ask(portal, `SELECT count(*) FROM portico_person WHERE id IN (${ids.mara}, ${ids.lena}, ${ids.ben}, ${ids.dana})`), '0');
            /* What comes late under the id of somebody who was merged into the erased is erased. */
            await portal.stop();
            await follow('topic/100');
            await ask(portal, "UPDATE portico_job SET due = 0 WHERE name = 'merge-people' AND state = 0");
            await portal.start();
            await until(async () => await follows('lena', 'topic/100') === '0', { ...MINUTE, every: 100, what: 'the late look' });
            await until(async () => await ask(portal, "SELECT count(*) FROM portico_job WHERE name = 'merge-people' AND state < 2") === '0', { ...MINUTE, every: 100, what: 'the late looks to end' });
            assert.equal(await ask(portal, "SELECT count(*) FROM portico_job WHERE name = 'merge-people' AND state > 2"), '0', 'none was given up');
            await over();
        });
    });
