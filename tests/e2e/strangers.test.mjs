/* What somebody at the door can neither learn nor prepare: who is known, a session planted before, more guesses by asking
 * another worker. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { readExposition } from '../lib/exposition.mjs';
import { cookiesOf, formsOf, makePerson, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { until } from '../lib/wait.mjs';

const isIn = async (portal, secret) => (await visitor(portal, { portico: secret }).get('/account')).status === 200;
const outcomes = async (portal) => {
    const { samples } = readExposition((await portal.get('/metrics')).text);
    return Object.fromEntries(['signed_in', 'wrong', 'limited'].map((name) => [name, samples.get(`portico_sign_ins_total{outcome="${name}"}`)]));
};

/* All of an answer that does not differ from one to the next anyway; `name` is what was typed. How long one is to wait is
 * held apart: a minute may end between two answers. */
const WAIT = /Try again in (\d+) min/;
const waitOf = (answer) => Number(WAIT.exec(answer.text)?.[1] ?? 0);
function whole(answer, name) {
    const headers = [...answer.headers].filter(([key]) => !['date', 'x-request-id', 'set-cookie'].includes(key));
    const cookies = Object.entries(cookiesOf(answer)).map(([key, { value, attributes }]) => [key, value.length, attributes]);
    const text = answer.text.replace(/name="portico_(?:key|token)" value="[^"]*"/g, '').replace(/data-challenge="[\w-]{75}"/, 'data-challenge').replaceAll(name, 'NAME').replace(WAIT, 'Try again in N min');
    return { status: answer.status, headers, cookies, text: text.replace(answer.headers.get('x-request-id'), 'ID') };
}

describe('a stranger', () => {
    let portal;
    before(async () => {
        portal = await startPortal({ settings: { sign_in: { guesses: 4 } } });
        await makePerson(portal, { handle: 'chief', roles: 'admin' });
        await makePerson(portal, { handle: 'known1', address: 'known1@example.com', password: true });
        await makePerson(portal, { handle: 'barred', address: 'barred@example.com', password: true });
        await makePerson(portal, { handle: 'blank1', address: 'blank1@example.com' });
        await people(portal, 'disable', 'barred');
    });
    after(() => portal.close());

    /* Names of one length, so that the answers have one too. */
    test('sees no difference in status, body or header between names that are known, closed, without password or nobody\'s', async () => {
        const cases = { known1: 'not the words of it', barred: PASSWORD, blank1: 'not the words of it', nobody: 'not the words of it' };
        for (let round = 1; round <= 6; round++) {
            const seen = [], waits = [];
            for (const [name, password] of Object.entries(cases)) {
                const answer = await visitor(portal).submit('/login', { name, password });
                seen.push(whole(answer, name));
                waits.push(waitOf(answer));
            }
            assert.equal(seen[0].status, 422);
            assert.match(textOf(seen[0].text), round <= 4 ? /do not belong together/ : /Too many tries/, `round ${round}`);
            for (const other of seen.slice(1))
                assert.deepEqual(other, seen[0], `round ${round}`);
            assert.ok(waits.every((minutes, at) => waits[0] - minutes >= 0 && waits[0] - minutes <= (at ? 1 : 0)), `round ${round}: ${waits}`);
            assert.equal(waits[0] > 0, round > 4, `round ${round}: ${waits}`);
        }
    });

    test('is counted by how the tries ended, not by name', async () => {
        await until(async () => {
            const { wrong, limited } = await outcomes(portal);
            return wrong === 16 && limited === 8;
        }, { what: 'the tries to be counted' });
        assert.doesNotMatch((await portal.get('/metrics')).text, /known1|barred|blank1/);
    });
});

describe('signing in', () => {
    let portal;
    before(async () => {
        portal = await startPortal();
        await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
    });
    after(() => portal.close());

    test('makes a secret of its own, whatever cookies were planted before', async () => {
        const ended = await signIn(portal, 'mara');
        await people(portal, 'end', ended.secret);
        for (const planted of ['A'.repeat(43), ended.secret, 'x', `${'A'.repeat(42)}=`]) {
            const victim = visitor(portal, { portico: planted, 'portico-visitor': 'B'.repeat(43), 'portico-device': planted });
            const page = await victim.get('/login');
            assert.equal(page.status, 200);
            const done = await victim.submit(page, { name: 'mara', password: PASSWORD });
            assert.equal(done.status, 303, textOf(done.text));
            const secret = victim.jar.get('portico');
            assert.match(secret, /^[\w-]{43}$/);
            assert.notEqual(secret, planted);
            assert.notEqual(victim.jar.get('portico-device'), planted);
            assert.equal(await isIn(portal, secret), true);
            assert.equal(await isIn(portal, planted), false, planted);
        }
    });

    test('gives another secret each time, and the one before ends with it', async () => {
        const mara = visitor(portal);
        const secrets = [];
        for (let i = 0; i < 3; i++) {
            assert.equal((await mara.submit('/login', { name: 'mara', password: PASSWORD })).status, 303);
            secrets.push(mara.jar.get('portico'));
            await mara.post('/logout');
        }
        assert.equal(new Set(secrets).size, 3);
        for (const secret of secrets)
            assert.equal(await isIn(portal, secret), false);
    });

    test('counts who came in, and whose session was known', async () => {
        const mara = await signIn(portal, 'mara');
        await until(async () => {
            await mara.get('/account');
            await mara.get('/account');
            const { samples } = readExposition((await portal.get('/metrics')).text);
            return samples.get('portico_sessions_known_total') > 0 && samples.get('portico_sessions_read_total') > 0
                && samples.get('portico_sign_ins_total{outcome="signed_in"}') === 7;
        }, { what: 'sessions and sign-ins to be counted' });
    });
});

for (const database of ['sqlite', 'postgresql'])
    describe(`guesses on two workers (${database})`, () => {
        const GUESSES = 5;
        let portal;
        before(async () => {
            portal = await startPortal({ database, settings: { server: { workers: 2 }, sign_in: { guesses: GUESSES } } });
            await makePerson(portal, { handle: 'mara', address: 'mara@example.com', password: true });
        });
        after(() => portal.close());

        /* What the answers said, of tries at once over connections of their own. */
        const guess = async (name, times) => (await Promise.all(Array.from({ length: times }, (_, i) =>
            visitor(portal).submit('/login', { name, password: `wrong guess ${i}` })))).map(({ text }) => textOf(text));
        const evaluated = (words) => words.filter((text) => /do not belong together/.test(text)).length;
        const limited = (words) => words.filter((text) => /Too many tries/.test(text)).length;
        const processes = () => new Set(portal.lines().filter(({ route }) => route === 'portico POST /login').map((line) => line.process));

        test('share one budget', async () => {
            const words = [];
            let times = 0;
            await until(async () => {
                /* Which of two takes a connection is the kernel's to say: of more at once, both take some. */
                words.push(...await guess('mara', times = Math.min(times + 4, 16)));
                return processes().size === 2 && words.length >= 12;
            }, { within: 60_000, what: 'both workers to have been asked' });
            assert.equal(evaluated(words), GUESSES);
            assert.equal(limited(words), words.length - GUESSES);
        });

        test('keep it when the workers that counted are gone', async () => {
            assert.equal(evaluated(await guess('somebody', 2)), 2);
            const { workers } = JSON.parse((await portal.cli('status', '--json')).stdout);
            for (const { pid } of workers)
                process.kill(pid, 'SIGKILL');
            await until(async () => {
                const now = JSON.parse((await portal.cli('status', '--json')).stdout).workers;
                return now.length === 2 && now.every(({ pid, state }) => state === 'serving' && !workers.some((old) => old.pid === pid));
            }, { within: 60_000, what: 'other workers to serve' });
            const words = [];
            for (let i = 0; i < 4; i++)
                words.push(...await guess('somebody', 2));
            assert.equal(evaluated(words), GUESSES - 2);
        });
    });

describe('behind a proxy', () => {
    const GUESSES = 3;
    const guess = async (portal, from) => {
        const headers = { 'X-Forwarded-For': from }, who = visitor(portal);
        const { action, fields } = formsOf((await who.get('/login', { headers })).text)[0];
        return textOf((await who.post(action, { ...fields, name: `nobody${from}`, password: 'not the words of it' }, headers)).text);
    };

    test('strangers of one network do not use up the tries of another', async (t) => {
        const portal = await startPortal({ settings: { http: { trusted_proxies: '127.0.0.0/8' }, sign_in: { guesses: GUESSES } } });
        t.after(() => portal.close());
        for (let i = 0; i < 40; i++)
            await guess(portal, `198.51.100.${i}, 203.0.113.${i}`);
        assert.match(await guess(portal, '198.51.100.7, 203.0.113.99'), /Too many tries/);
        assert.match(await guess(portal, '203.0.113.7, 198.51.100.99'), /do not belong together/);
        await until(() => portal.lines().some(({ remote }) => remote === '198.51.100.99'), { what: 'the log to say who asked' });
    });

    test('who is no proxy is not believed', async (t) => {
        const portal = await startPortal({ settings: { http: { trusted_proxies: '10.0.0.0/8' }, sign_in: { guesses: GUESSES } } });
        t.after(() => portal.close());
        for (let i = 0; i < 40; i++)
            await guess(portal, `203.0.${i}.7`);
        assert.match(await guess(portal, '198.51.100.7'), /Too many tries/);
    });
});
