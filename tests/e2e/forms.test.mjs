/* Forms as people and programs send them: refused with what to mend, sent once however often, on both databases. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { signIn } from '../lib/signed.mjs';
import { formsOf, join, makeAccount, signIn as visitorOf, textOf } from '../lib/people.mjs';
import { until } from '../lib/wait.mjs';

async function portalWithWishes(t, options = {}) {
    const portal = await startPortal({ modules: { wishes: { path: path.join(buildDirectory(), 'examples', 'wishes') } }, ...options });
    t.after(() => portal.close());
    return portal;
}

/* What a browser knows once it has shown a form: its hidden fields and the cookies that came with it. */
async function openForm(portal, target) {
    const page = await portal.get(target);
    assert.equal(page.status, 200);
    const hidden = Object.fromEntries([...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]));
    const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    const send = (fields, request = {}) => portal.get(target, {
        method: 'POST', body: new URLSearchParams({ ...hidden, ...fields }), headers: { Cookie: cookie }, ...request,
    });
    return { page, hidden, cookie, send };
}

/* Posts of one form while workers are killed. */
const POSTS = process.env.PORTICO_TEST_FULL ? 1000 : 150;
const wish = { title: 'A garden', reason: '', urgency: 'soon', pieces: '2' };
const json = (value, headers = {}) => ({ method: 'POST', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json', ...headers } });
const wishes = async (portal) => [...(await portal.get('/wishes')).text.matchAll(/\/wishes\/(\d+)"/g)].map(([, id]) => id);

test('27-forms: a form is shown with its limits, refused with what to mend, and keeps what was typed', async (t) => {
    const portal = await portalWithWishes(t);
    const form = await openForm(portal, '/wishes/new');
    assert.match(form.page.headers.get('cache-control'), /private/);
    assert.match(form.page.text, /<label for="wish-title">What do you wish for\?<\/label>/);
    assert.match(form.hidden.portico_key, /^[0-9a-f]{32}$/);
    const refused = await form.send({ ...wish, title: ' x ', pieces: '100', urgency: 'never', reason: '<b>&amp;' });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /<a href="#wish-title">What do you wish for\?<\/a>: Write at least 3 characters; it has 1\./);
    assert.match(refused.text, /id="wish-title"[^>]* value="x"[^>]* aria-describedby="wish-title-error wish-title-help" aria-invalid="true"/);
    assert.match(refused.text, /Choose one of the list\./);
    assert.match(refused.text, /Write a number of at most 99\./);
    assert.match(refused.text, />\n?&lt;b&gt;&amp;amp;<\/textarea>/);
    assert.ok(refused.text.includes(form.hidden.portico_key), 'what was refused may be sent again under its key');
    const sent = await form.send(wish);
    assert.equal(sent.status, 303);
    assert.equal(sent.headers.get('location'), '/wishes');
    const [id] = await wishes(portal);
    const edit = await openForm(portal, `/wishes/${id}`);
    assert.match(edit.page.text, /value="A garden"/);
    assert.match(edit.page.text, />Save<\/button>/);
    assert.equal((await edit.send({ ...wish, title: 'A larger garden' })).status, 303);
    assert.deepEqual(await wishes(portal), [id]);
});

test('the same declaration is the JSON API: kinds, unknown members and limits are named by field', async (t) => {
    const portal = await portalWithWishes(t);
    const api = '/api/wishes/v1/wishes';
    const made = await portal.get(api, json({ title: 'A bench', urgency: 'now', pieces: 1 }));
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), '/wishes');
    assert.match(made.json.id, /^\d+$/);
    const refused = await portal.get(api, json({ title: 3, urgency: 'never', pieces: '1' }));
    assert.equal(refused.status, 422);
    assert.match(refused.headers.get('content-type'), /^application\/problem\+json/);
    assert.deepEqual(refused.json.errors.map(({ field }) => field), ['title', 'urgency', 'pieces']);
    assert.equal(refused.json.errors[0].detail, 'Send this as a text.');
    const unknown = await portal.get(api, json({ title: 'A table', urgency: 'now', pieces: 1, colour: 'red' }));
    assert.match(unknown.json.errors[0].detail, /There is no field “colour”/);
    assert.equal((await portal.get(api, json([1]))).status, 422);
    assert.equal((await portal.get(api, { method: 'POST', body: 'title=x' })).status, 415);
    const german = await portal.get(api, json({}, { 'Accept-Language': 'de' }));
    assert.equal(german.json.errors[0].detail, 'Füllen Sie das aus.');
});

for (const database of ['sqlite', 'postgresql']) {
    test(`a form posted 1,000 times at once with one key makes one object, and every post gets its answer (${database})`, async (t) => {
        const portal = await portalWithWishes(t, { database, settings: { server: { workers: 2 } } });
        const form = await openForm(portal, '/wishes/new');
        const answers = [];
        const one = async () => {
            let answer;
            await until(async () => { /* a full queue says 503, and when to come back */
                answer = await form.send(wish);
                return answer.status !== 503;
            }, { within: 120_000, every: 100, what: 'a post to be taken' });
            answers.push(answer);
        };
        await Promise.all(Array.from({ length: 1000 }, one));
        assert.deepEqual([...new Set(answers.map(({ status, headers }) => `${status} ${headers.get('location')}`))], ['303 /wishes']);
        assert.equal((await wishes(portal)).length, 1);

        const other = await form.send({ ...wish, title: 'A pond' });
        assert.equal(other.status, 422);
        assert.match(other.text, /This was sent already, with other words/);
        assert.match(other.text, /<a href="\/wishes">See what was sent<\/a>/);
        const key = /name="portico_key" value="([^"]+)"/.exec(other.text)[1];
        assert.notEqual(key, form.hidden.portico_key);
        assert.equal((await form.send({ ...wish, title: 'A pond', portico_key: key })).status, 303);
        assert.equal((await wishes(portal)).length, 2);
    });

    test(`a form posted ${POSTS} times at once with one key while workers are killed makes one object, and what was acknowledged stays (${database})`, async (t) => {
        const portal = await portalWithWishes(t, { database, settings: { server: { workers: 2 } } });
        const serving = async () => JSON.parse((await portal.cli('status', '--json')).stdout).workers.filter(({ state }) => state === 'serving').map(({ pid }) => pid);
        const form = await openForm(portal, '/wishes/new');
        const answers = [];
        let cut = 0, killing = true;
        const one = () => until(async () => {
            const answer = await form.send(wish).catch(() => undefined);
            cut += !answer; /* whoever is cut off asks again with the same key */
            if (!answer || answer.status === 503)
                return false;
            answers.push(`${answer.status} ${answer.headers.get('location')}`);
            return !killing; /* as many are under way all the time */
        }, { within: 240_000, every: 20, what: 'a post to be taken' });
        const killed = new Set();
        const victim = () => until(async () => (await serving()).find((pid) => !killed.has(pid)), { within: 60_000, what: 'another worker' });
        let next = await victim();
        const all = Promise.all(Array.from({ length: POSTS }, one));
        /* At once, before any is answered; then while some are answered and others wait. */
        t.after(() => (killing = false));
        for (let kill = 0; kill < 4; kill++) {
            const acknowledged = answers.length;
            process.kill(next, 'SIGKILL');
            killed.add(next);
            if (acknowledged)
                assert.equal((await until(() => wishes(portal).catch(() => undefined), { what: 'the list' })).length, 1, 'what was acknowledged is there');
            await until(() => answers.length > acknowledged, { within: 60_000, every: 1, what: 'an answer after it' });
            next = await victim();
        }
        killing = false;
        await all;
        assert.ok(cut > 0, 'no post was under way when a worker was killed');
        assert.ok(answers.length >= POSTS);
        assert.deepEqual([...new Set(answers)], ['303 /wishes']);
        assert.equal((await wishes(portal)).length, 1);
        t.diagnostic(`${answers.length} posts were answered, ${cut} cut off and sent again`);
    });

    test(`an API client that repeats its Idempotency-Key gets the first answer again (${database})`, async (t) => {
        const portal = await portalWithWishes(t, { database });
        const body = { title: 'A kite', urgency: 'now', pieces: 1 };
        const answers = await Promise.all(Array.from({ length: 20 }, () => portal.get('/api/wishes/v1/wishes', json(body, { 'Idempotency-Key': '"k-1"' }))));
        assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))], [`201 ${answers[0].text}`]);
        const changed = await portal.get('/api/wishes/v1/wishes', json({ ...body, pieces: 2 }, { 'Idempotency-Key': '"k-1"' }));
        assert.equal(changed.status, 422);
        assert.match(changed.json.errors[0].detail, /sent already/);
        assert.equal((await wishes(portal)).length, 1);
    });

    test(`who retries after a worker was killed has sent once (${database})`, async (t) => {
        const portal = await portalWithWishes(t, { database, settings: { server: { workers: 2 } } });
        const workers = async () => JSON.parse((await portal.cli('status', '--json')).stdout).workers.filter(({ state }) => state === 'serving');
        const forms = await Promise.all(Array.from({ length: 40 }, () => openForm(portal, '/wishes/new')));
        const serving = await workers();
        const sending = forms.map(async (form, index) => {
            let answer;
            await until(async () => {
                answer = await form.send({ ...wish, title: `Wish ${index}` }).catch(() => undefined);
                return answer && answer.status !== 503;
            }, { within: 60_000, every: 50, what: 'an answer after the worker was killed' });
            return answer.status;
        });
        await Promise.any(sending); /* the others are under way */
        for (const { pid } of serving)
            process.kill(pid, 'SIGKILL');
        assert.deepEqual([...new Set(await Promise.all(sending))], [303]);
        await until(async () => (await portal.get('/readyz').catch(() => ({}))).status === 200, { within: 60_000, every: 50, what: 'the workers to be back' });
        assert.equal((await wishes(portal)).length, forms.length);
    });
}

for (const database of ['sqlite', 'postgresql'])
    test(`a key is of one company: sent again for another it is done there, and answered as there (${database})`, async (t) => {
        const portal = await portalWithWishes(t, { database });
        const [first, second] = [await makeAccount(portal, 'First'), await makeAccount(portal, 'Second')];
        const mara = await visitorOf(portal, 'mara');
        for (const account of [first, second])
            await join(portal, account, 'mara');
        const goOver = (account) => until(async () => {
            await mara.post('/account/switch', { account });
            return (await mara.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).json.id === account;
        }, { within: 60_000, what: 'the account' });
        await goOver(first);
        const { portico_key: key } = formsOf((await mara.get('/wishes/new')).text).find(({ fields }) => fields.portico_key).fields;
        const send = async (title = 'A garden') => {
            const sent = await mara.post('/wishes/new', { ...wish, title, portico_key: key });
            assert.equal(sent.status, 303, textOf(sent.text));
            return sent.headers.get('location');
        };
        await send();
        await send();
        assert.equal((await wishes(portal)).length, 1);
        await goOver(second);
        /* No two wishes have one title: the form itself answers, and not what it once did elsewhere. */
        const refused = await mara.post('/wishes/new', { ...wish, portico_key: key });
        assert.equal(refused.status, 422, 'what was done for the first company is not the answer');
        await send('A gate');
        await send('A gate');
        assert.equal((await wishes(portal)).length, 2);
    });

test('forms that were sent are forgotten by the hour', async (t) => {
    const portal = await portalWithWishes(t);
    const form = await openForm(portal, '/wishes/new');
    assert.equal((await form.send(wish)).status, 303);
    const pruned = await portal.cli('job', 'run', 'core', 'prune-forms');
    assert.equal(pruned.code, 0, pruned.stderr);
    assert.equal((await form.send(wish)).status, 303, 'a day is not over yet: still the first answer');
    assert.equal((await wishes(portal)).length, 1);
});

/* A page of the portal's own, as a browser says it. */
const fromHere = (portal) => ({ Origin: portal.url, 'Sec-Fetch-Site': 'same-origin' });

test('a form sent under another sign-in is not done, and shown again with what was written', async (t) => {
    const portal = await portalWithWishes(t);
    const form = await openForm(portal, '/wishes/new');
    const mara = await signIn(portal, 'mara');
    const written = { ...wish, title: '"><script>alert(1)</script>', reason: 'Because </textarea><b>' };
    const send = (fields, headers = {}) => portal.get('/wishes/new', {
        method: 'POST', body: new URLSearchParams({ ...form.hidden, ...fields }),
        headers: { Cookie: `${form.cookie}; ${mara.cookie}`, Accept: 'text/html', ...fromHere(portal), ...headers },
    });
    const refused = await send(written);
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('cache-control'), /no-store/);
    assert.match(refused.text, /<h1>This form is from another sign-in<\/h1>/);
    const [again] = formsOf(refused.text);
    assert.equal(again.action, '/wishes/new');
    assert.deepEqual({ ...again.fields }, { ...form.hidden, ...written, portico_token: mara.token });
    assert.doesNotMatch(refused.text, /<script>alert|<b>"/);
    assert.deepEqual(await wishes(portal), []);

    const strange = await send(written, { 'Sec-Fetch-Site': 'cross-site' });
    assert.equal(strange.status, 403);
    assert.doesNotMatch(strange.text, /alert/, 'words from another site are not shown');
    const silent = await portal.get('/wishes/new', { method: 'POST', headers: { Cookie: mara.cookie, Accept: 'text/html' }, body: new URLSearchParams({ ...form.hidden, ...written }) });
    assert.equal(silent.status, 403);
    assert.doesNotMatch(silent.text, /alert/, 'words from nowhere are not shown');
    const program = await send(written, { Accept: 'application/json' });
    assert.equal(program.json.title, 'This form is from another sign-in');

    const sent = await send({ ...again.fields });
    assert.equal(sent.status, 303);
    assert.equal((await wishes(portal)).length, 1);
});

test('passwords are not shown again; who is signed out meanwhile keeps what was written', async (t) => {
    const portal = await startPortal({ modules: { communities: {} } });
    t.after(() => portal.close());
    const mara = await signIn(portal, 'mara');
    const door = await portal.get('/login', { headers: { Accept: 'text/html' } });
    const [form] = formsOf(door.text).filter(({ fields }) => 'password' in fields);
    const refused = await portal.get('/login', {
        method: 'POST', headers: { Cookie: mara.cookie, Accept: 'text/html', ...fromHere(portal) },
        body: new URLSearchParams({ ...form.fields, name: 'mara', password: 'never shown again' }),
    });
    assert.equal(refused.status, 403);
    assert.doesNotMatch(refused.text, /never shown again/);
    assert.match(refused.text, /Enter it once more\./);
    assert.equal(formsOf(refused.text)[0].fields.name, 'mara');

    const asked = await portal.get('/communities/ask', {
        method: 'POST', headers: { Cookie: `portico=${'A'.repeat(43)}`, Accept: 'text/html', ...fromHere(portal) },
        body: new URLSearchParams({ portico_form: 'ask', space: 'harbour', title: 'Who opens the gate?', body: 'I stand <here>.' }),
    });
    assert.equal(asked.status, 401);
    assert.match(asked.text, /<h1>You are signed out<\/h1>/);
    assert.match(asked.text, /href="\/login\?next=\/communities\/ask" target="_blank"/);
    const [again] = formsOf(asked.text);
    assert.equal(again.fields.title, 'Who opens the gate?');
    assert.equal(again.fields.body, 'I stand <here>.');
    assert.equal(again.fields.space, 'harbour', 'a choice that only the handler knows goes along');
});

test('previews come as fast as anybody types, and end for who does not type', async (t) => {
    const portal = await portalWithWishes(t);
    const [mara, ben] = [await signIn(portal, 'mara'), await signIn(portal, 'ben')];
    const { hidden, cookie } = await openForm(portal, '/wishes/new');
    const look = (who) => portal.get('/portico/markdown', {
        method: 'POST', body: new URLSearchParams({ text: '**due**' }),
        headers: { Accept: 'application/json', Cookie: who.cookie, 'X-CSRF-Token': who.token },
    });
    const looks = (who, count) => Promise.all(Array.from({ length: count }, () => look(who)));
    const first = await looks(mara, 60);
    assert.deepEqual([...new Set(first.map(({ status, text }) => `${status} ${text.trim()}`))], ['200 <p><strong>due</strong></p>'], 'a minute without a pause');
    const answers = await looks(mara, 100);
    const taken = answers.filter(({ status }) => status === 200), refused = answers.filter(({ status }) => status === 429);
    assert.deepEqual([taken.length, refused.length], [60, 40]);
    const seconds = Number(refused[0].headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= 65, `${seconds}`);
    assert.match(refused[0].json.detail, /^That was a lot in a short time\. Try again in/);
    assert.equal((await look(ben)).status, 200, 'to each their own');
    const visitor = { cookie, token: hidden.portico_token };
    assert.ok((await looks(visitor, 130)).every(({ status }) => status === 200), 'a network holds more than one person');
});
