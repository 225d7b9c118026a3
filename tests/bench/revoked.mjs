/* How long what somebody may not do or see any more is still done and seen: of each act the time from its end to the
 * last request that was answered as before, over all workers, and to the end of a stream that was open. */
import http from 'node:http';

import { isReady, listen } from '../lib/live.mjs';
import { join, leave, letItGetLate, makeAccount, makePerson, PASSWORD, signIn, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { people } from '../lib/signed.mjs';
import { until } from '../lib/wait.mjs';

const WORKERS = 2;
const SEATS = 8; /* connections kept open, of which each worker has some */
const PAUSE = 5; /* ms between two requests of one */
const QUIET = 1_500; /* ms without an answer as before, after which there is none to come */
const LONGEST = 30_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* One connection that asks the same again and again: `last` is when the last request was sent that was answered with
 * `status` as before. */
function sit(portal, target, headers, status) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const seat = { last: 0, answered: 0, open: true };
    const ask = () => new Promise((resolve, reject) => {
        const sent = performance.now();
        http.get(new URL(target, portal.url), { agent, headers: { Accept: 'text/html', ...headers } }, (answer) => {
            answer.resume();
            answer.on('end', () => {
                seat.answered++;
                if (answer.statusCode === status)
                    seat.last = sent;
                resolve();
            });
        }).on('error', reject);
    });
    seat.done = (async () => {
        while (seat.open) {
            await ask();
            await pause(PAUSE);
        }
        agent.destroy();
    })();
    return seat;
}

/* Does `act` while requests and a stream go on: { pages, stream } in ms after its end; `stream` is null if none is open. */
async function watch(portal, { pages, stream, act }) {
    const seats = pages.flatMap(({ target, headers, status = 200 }) => Array.from({ length: SEATS }, () => sit(portal, target, headers, status)));
    const live = stream && await listen(portal, stream.query, stream.headers);
    try {
        if (live)
            await isReady(live);
        await until(() => seats.every(({ answered, last }) => answered > 3 && last > 0), { within: LONGEST, what: 'each connection to be answered' });
        await act();
        const from = performance.now();
        let closed = 0;
        await until(() => {
            if (live?.ended)
                closed ||= performance.now() - from;
            return (!live || live.ended) && seats.every(({ last }) => performance.now() - Math.max(last, from) > QUIET);
        }, { within: LONGEST, every: 2, what: 'what was taken away to be gone' });
        return { pages: Math.max(0, ...seats.map(({ last }) => last - from)), stream: live ? closed : null };
    } finally {
        for (const seat of seats)
            seat.open = false;
        await Promise.all(seats.map(({ done }) => done));
        live?.close();
    }
}

/** A figure of each act: { name: { pages: [ms], stream: [ms] } } of `rounds` on a portal of two workers. */
export async function measureRevoked({ database, preset, under, rounds, directory }) {
    const portal = await startPortal({
        database, preset, under, env: { ASAN_OPTIONS: '' }, modules: { communities: {} },
        settings: { log: { access: false, level: 'warning' }, server: { workers: WORKERS, handler_threads: 4 }, sign_in: { tokens: '30d' } },
        prepare: async ({ cli }) => {
            const done = await cli('import', '--format', 'demo', 'communities', directory);
            if (done.code !== 0)
                throw new Error(`The community was not imported:\n${done.stderr}`);
        },
    });
    const results = {};
    let number = 0;
    const note = (name, { pages, stream }) => {
        const of = (results[name] ??= { pages: [], stream: [] });
        of.pages.push(pages);
        if (stream !== null)
            of.stream.push(stream);
    };
    const api = '/api/communities/v1';
    const cookies = (jar) => ({ Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') });
    const settled = async (person) => {
        /* Rights that a session was given lately come with a new token. */
        for (let same = 0, before; same < 3; same++, await pause(600)) {
            await person.get('/account');
            if (person.jar.get('portico') !== before)
                same = 0;
            before = person.jar.get('portico');
        }
        return person;
    };
    const watched = 'watch=portal.portico.person';
    const figures = {
        'deactivated': async (handle) => {
            const person = await settled(await signIn(portal, handle));
            return { pages: [{ target: '/account', headers: cookies(person.jar) }], stream: { query: watched, headers: cookies(person.jar) }, act: () => people(portal, 'disable', handle) };
        },
        'password changed elsewhere': async (handle) => {
            const person = await settled(await signIn(portal, handle));
            return { pages: [{ target: '/account', headers: cookies(person.jar) }], stream: { query: watched, headers: cookies(person.jar) }, act: () => people(portal, 'password', handle, PASSWORD) };
        },
        'left the company': async (handle) => {
            const account = await makeAccount(portal, `Company of ${handle}`);
            const person = await signIn(portal, handle), membership = await join(portal, account, handle);
            await settled(person);
            return { pages: [{ target: '/account/company', headers: cookies(person.jar) }], stream: { query: watched, headers: cookies(person.jar) }, act: () => leave(portal, membership) };
        },
        'role taken': async (handle) => {
            const person = await settled(await signIn(portal, handle, 'admin'));
            return { pages: [{ target: '/admin', headers: cookies(person.jar) }], act: () => people(portal, 'roles', handle, '', 'admin') };
        },
        'access token withdrawn': async (handle) => {
            await makePerson(portal, { handle, address: `${handle}@example.com`, password: true });
            const browser = visitor(portal);
            await browser.submit('/login', { name: handle, password: PASSWORD });
            const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
            const made = await browser.submit('/account/tokens/new', { name: 'Ledger', last_day: day, make: '1' }, '/account/tokens/new');
            const headers = { Authorization: `Bearer ${/<code class="key">(ptk_[\w-]{43})<\/code>/.exec(made.text)[1]}` };
            const page = (await browser.get('/account/tokens')).text, id = /name="id" value="(\d+)"/.exec(page)[1];
            return {
                pages: [{ target: '/api/portico/v1/account', headers }], stream: { query: watched, headers },
                act: async () => {
                    const { code, stderr } = await portal.cli('token', 'revoke', id);
                    if (code !== 0)
                        throw new Error(stderr);
                },
            };
        },
        'question removed, pages kept for all': async (handle, chief) => {
            const { json } = await portal.get(`${api}/topics?limit=1`), topic = json.items[0];
            const { posts } = (await portal.get(`${api}/topics/${topic.id}`)).json;
            return {
                pages: [{ target: `/communities/topics/${topic.id}/${topic.slug}` }, { target: `${api}/topics/${topic.id}` }],
                act: async () => {
                    const answer = await chief.get(`${api}/posts/${posts[0].id}/remove`, {
                        method: 'POST', body: JSON.stringify({ reason: 'Measured.' }),
                        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': chief.tokenNow() },
                    });
                    if (answer.status !== 200)
                        throw new Error(answer.text);
                },
            };
        },
    };
    try {
        const chief = await settled(await signIn(portal, 'chief', 'admin'));
        for (let round = 0; round < rounds; round++)
            for (const [name, prepare] of Object.entries(figures))
                note(name, await watch(portal, await prepare(`reader${number++}`, chief)));
    } finally {
        await portal.close();
    }
    return results;
}
