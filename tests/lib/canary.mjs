/* Random calls in the world of the authorization matrix: whatever anybody asks, nothing that belongs to the other company
 * comes in an answer, a mail, a stream or the log. The seed makes the same calls again. */
import { ask, canariesIn, checkMail, curlOf, keyOf, MALFORMED, settled } from './authorization.mjs';
import { png } from './images.mjs';
import { isReady, listen } from './live.mjs';
import { join, leave, makePerson, signIn } from './people.mjs';
import { people } from './signed.mjs';
import { until } from './wait.mjs';

const IDS = /\{(\w+)(?:\.\.\.)?\}/g;
const SOON = { within: 60_000 };
const WRONG = [...MALFORMED, '', ' ', 'null', '[]', '{{7*7}}', '%00', '../..', "' OR 1=1 --", '\u{1F981}'.repeat(40), 'x'.repeat(3000), '-9223372036854775808', '1e9', 'true'];
const QUERIES = ['q', 'page', 'cursor', 'sort', 'space', 'tag', 'account', 'show', 'for', 'limit', 'watch', 'person', 'id', 'topic', 'from', 'next', 'order', 'kind'];
const WORDS = ['KanarieA', 'kanarieb', 'the', 'pier', 'KanarieBWor', 'gate', '*', '"', 'a OR b'];

/** Numbers from 0 up to 1, the same for the same seed. */
export function randomOf(seed) {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
    const below = (count) => Math.floor(next() * count);
    return { next, below, pick: (list) => list[below(list.length)], one: (part) => next() < part };
}

/* What people of a company write that is theirs: { name, by, route, recipe(canary) }; ids are of their own side. */
export const WRITES = [
    { by: 'member', route: 'POST /api/audience/v1/notes', recipe: (word) => ({ json: { title: word, sharing: { level: 'account' } } }) },
    { by: 'member', route: 'POST /api/audience/v1/notes', recipe: (word) => ({ json: { title: word, sharing: { level: 'me' } } }) },
    { by: 'admin', route: 'POST /api/audience/v1/notes', recipe: (word) => ({ json: { title: word, sharing: { level: 'role', role: 'account-admin' } } }) },
    { by: 'member', route: 'POST /api/communities/v1/topics', recipe: (word, mention) => ({ json: { space: '{space}', title: `${word} is where?`, body: `Where is ${word}, ${mention}?`, tags: [word.toLowerCase()] } }) },
    { by: 'member', route: 'POST /api/communities/v1/topics', recipe: (word, mention) => ({ json: { space: 'desk', title: `${word} ends when?`, body: `When does ${word} end, ${mention}?` } }) },
    { by: 'admin', route: 'POST /api/communities/v1/topics/{topic}/answers', recipe: (word, mention) => ({ json: { body: `It is behind ${word}, ${mention}.` } }) },
    { by: 'member', route: 'POST /api/communities/v1/topics/{ownTopic}/answers', recipe: (word, mention) => ({ json: { body: `It ends with ${word}, ${mention}.` } }) },
    { by: 'member', route: 'POST /api/communities/v1/posts/{post}/comments', recipe: (word, mention) => ({ json: { body: `It was ${word}, ${mention}, not that.` } }) },
    { by: 'admin', route: 'POST /api/communities/v1/posts/{leftPost}/comments', recipe: (word, mention) => ({ json: { body: `That is ${word}, ${mention}, not this.` } }) },
    { by: 'member', route: 'PUT /api/communities/v1/topics/{topic}/follow', recipe: () => ({ json: { level: 'follow' } }) },
    { by: 'admin', route: 'PUT /api/communities/v1/topics/{ownTopic}/follow', recipe: () => ({ json: { level: 'follow' } }) },
    { by: 'admin', route: 'PUT /api/communities/v1/posts/{question}/vote', recipe: () => ({ json: { value: 1 } }) },
    { by: 'member', route: 'POST /api/communities/v1/posts/{post}/flags', recipe: (word) => ({ json: { reason: 'other', note: `${word} is not so` } }) },
    { by: 'member', route: 'POST /portico/images', recipe: (word) => ({ files: { image: [png(3), `${word}.png`] } }) },
    { by: 'member', route: 'POST /account/access', recipe: (word) => ({ body: { path: '/account/company/people', words: word } }) },
    { by: 'admin', route: 'POST /account/company/teams', recipe: (word) => ({ body: { name: word } }) },
    { by: 'admin', route: 'POST /account/company/invite', recipe: (word) => ({ body: { portico_form: 'company_invite', people: `${word.toLowerCase()}@example.com`, language: 'en', role: 'none' } }) },
];

/* ---- who walks beside the actors of the matrix ---- */

const MEMBER = ['everyone', 'member', 'account-member'];
const accountOf = async ({ visitor }) => (await visitor.get('/api/portico/v1/account', { headers: { Accept: 'application/json' } })).json?.id;
const sideOf = (world, account) => ['A', 'B'].find((side) => world.accounts[side] === account);

/* Somebody of both companies, who switches; and somebody who goes from one to the other for good. */
async function addWalkers(world) {
    const { portal, accounts } = world;
    for (const handle of ['rhea', 'rob'])
        await makePerson(portal, { handle, name: `Person ${handle}`, address: `${handle}@example.com` });
    for (const side of ['A', 'B'])
        await join(portal, accounts[side], 'rhea');
    const both = { name: 'somebody of both', roles: MEMBER, both: true, visitor: await signIn(portal, 'rhea') };
    const mover = { name: 'somebody who moves', roles: MEMBER, visitor: await signIn(portal, 'rob'), membership: await join(portal, accounts.A, 'rob') };
    world.actors.push(both, mover);
    /* What they were mailed, they could read in the company they were of then. */
    world.toldUntil.set(both, Infinity).set(mover, Infinity);
    both.side = sideOf(world, await accountOf(both));
    const reads = world.reads;
    /* Whoever is of both, or on the way from one to the other, may read both just then. */
    world.reads = (actor, side) => reads(actor, side) || actor.between === true;
    await arrive(world, mover, 'A');
    return { both, mover };
}

const arrive = async (world, mover, side) => {
    await until(async () => {
        await ask(world, { ...mover, between: true }, { method: 'PUT', route: '/api/portico/v1/account' }, { json: { id: world.accounts[side] } }, {});
        return (await accountOf(mover)) === world.accounts[side];
    }, { ...SOON, every: 100, what: `the move to ${side}` });
    mover.side = side;
};

async function move(world, mover) {
    const other = mover.side === 'A' ? 'B' : 'A';
    await world.inTurn(() => leave(world.portal, mover.membership));
    mover.membership = await world.inTurn(() => join(world.portal, world.accounts[other], mover.visitor.handle));
    await arrive(world, mover, other);
}

/* ---- calls ---- */

/* An id of each kind: mostly what there is, on either side. */
function valueOf(random, world, kind, side) {
    const { values } = world, dice = random.next();
    if (dice < 0.35)
        return values[side][kind];
    if (dice < 0.7)
        return values[side === 'A' ? 'B' : 'A'][kind];
    if (dice < 0.8)
        return values.missing[kind];
    if (dice < 0.88)
        return random.pick(WRONG);
    const ids = Object.values(values[random.pick(['A', 'B'])]).filter((value) => /^\d+$/.test(value));
    return random.pick(ids);
}

/* Fields of a body changed, left out, or of another kind. */
function bent(random, world, fields) {
    if (!fields || !random.one(0.4))
        return fields;
    const names = Object.keys(fields), result = { ...fields };
    const name = names.length ? random.pick(names) : 'id';
    const ids = Object.values(world.values[random.pick(['A', 'B'])]).filter((value) => /^\d+$/.test(value));
    const bend = random.below(4);
    if (bend === 0)
        delete result[name];
    else
        result[bend === 1 ? random.pick(['id', 'topic', 'to', 'space', 'account', 'person', 'other']) : name] = bend === 2 ? random.pick(WRONG) : random.pick(ids);
    return result;
}

function randomCall(random, world, actor, number) {
    const route = random.pick(world.walked), side = actor.side ?? random.pick(['A', 'B']);
    const recipe = random.pick([world.recipes[keyOf(route)] ?? {}].flat());
    const call = { number, actor, route, recipe: { ...recipe, alone: false, body: bent(random, world, recipe.body), json: bent(random, world, recipe.json) }, values: {} };
    if (route.method === 'GET' && random.one(0.3))
        call.recipe.query = { ...recipe.query, [random.pick(QUERIES)]: random.one(0.5) ? random.pick(WORDS) : valueOf(random, world, random.pick(Object.keys(world.values.A)), side) };
    for (const [, name] of JSON.stringify([route.route, recipe.query, recipe.body, recipe.json]).matchAll(IDS))
        call.values[name] = valueOf(random, world, recipe.ids?.[name] ?? name, side);
    return call;
}

/* With a canary of its own: nobody else can have written it. */
function writtenCall(random, world, writes, number) {
    const side = random.pick(['A', 'B']), write = random.pick(writes);
    const [method, pattern] = write.route.split(' ');
    const word = `Kanarie${side}${number.toString(36)}x${random.below(1e6).toString(36)}`;
    const mention = random.pick(world.actors.filter(({ rare }) => !rare).map(({ visitor }) => visitor.handle).filter(Boolean).map((handle) => `@${handle}`));
    const actor = world.actor(`${write.by === 'admin' ? 'an admin' : 'a member'} of ${side}`);
    return { number, actor, route: { method, route: pattern }, recipe: write.recipe(word, mention), values: world.values[side], word };
}

/** All calls that a seed makes: lists, one an actor, of calls in their order. */
function planOf(world, { seed, calls, writes, walkers, every }) {
    const walking = world.actors.filter(({ rare }) => !rare);
    const random = randomOf(seed), lanes = new Map(walking.map((actor) => [actor, []]));
    for (let number = 1; number <= calls; number++) {
        const dice = random.next();
        const call = dice < 0.12 ? writtenCall(random, world, writes, number) : randomCall(random, world, random.pick(walking), number);
        lanes.get(call.actor).push(call);
        if (number % every === 0 && walkers)
            for (const [actor, change] of [[walkers.mover, 'move'], [walkers.both, 'switch'], [world.actor('a moderator'), 'roles'], [random.pick(walking), 'again']])
                lanes.get(actor).push({ actor, change });
    }
    return lanes;
}

async function changed(world, { actor, change }) {
    const { portal } = world;
    if (change === 'move')
        return move(world, actor);
    if (change === 'again' && actor.visitor.handle && !actor.both) {
        actor.visitor = await world.again(actor);
    } else if (change === 'switch') {
        const other = actor.side === 'A' ? 'B' : 'A';
        await ask(world, { ...actor, between: true }, { method: 'PUT', route: '/api/portico/v1/account' }, { json: { id: world.accounts[other] } }, {});
        actor.side = sideOf(world, await accountOf(actor));
    } else if (change === 'roles') {
        actor.moderates = !(actor.moderates ?? true);
        await world.inTurn(() => people(portal, 'roles', actor.visitor.handle, ...(actor.moderates ? ['moderator', ''] : ['', 'moderator'])));
    }
    return undefined;
}

async function called(world, call, statuses) {
    const { actor, route, recipe, values } = call;
    /* Who is of both reads what is of the other account once a link there has switched. */
    const walker = { ...actor, call: call.number, between: actor.both };
    let answer;
    try {
        answer = await ask(world, walker, route, recipe, values);
    } catch (error) {
        world.findings.push(`call ${call.number}: ${keyOf(route)} gives ${actor.name} no answer: ${error.message}`);
    }
    const status = answer?.status ?? 0;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status >= 500) {
        const request = answer.headers.get('x-request-id');
        const said = world.portal.lines().filter((line) => line.request === request).map(({ message }) => message).join(' ');
        world.findings.push(`call ${call.number}: ${keyOf(route)} answers ${actor.name} with ${status}; the log has “${said}”: ${curlOf(world.portal, answer.asked.target, answer.asked)}`);
    }
    if (actor.both)
        await lookAgain(world, actor, call, answer);
    const out = status === 401 || answer?.headers.get('location')?.startsWith('/login') || route.route === '/logout';
    if (out && actor.visitor.handle)
        actor.visitor = await world.again(actor);
}

/* A link may have taken them to their other account; else nothing of it may stand in the answer but its name, and what they
 * are told of and take along wherever they act. */
async function lookAgain(world, actor, call, answer) {
    const now = sideOf(world, await accountOf(actor)), stayed = now === actor.side;
    actor.side = now;
    if (!stayed || !answer || answer.status === 303 || /^\/account\/(data|notices|switch)|^\/api\/portico\/v1\/accounts?$/.test(call.route.route))
        return;
    const text = answer.text.replace(/kanarie[ab]company/gi, 'company');
    for (const [word, side] of canariesIn(text, (one) => one === now, JSON.stringify([call.values, call.recipe])))
        world.findings.push(`call ${call.number}: ${keyOf(call.route)} shows ${actor.name}, who acts in ${now}, “${word}” of account ${side}:\n  ${curlOf(world.portal, answer.asked.target, answer.asked)}`);
}

/* ---- streams ---- */

/* Open pages of people that watch what is of the other company. */
async function openStreams(world, subjects) {
    const watching = [];
    for (const actor of world.actors.filter(({ both, name, rare, visitor }) => !both && name !== 'somebody who moves' && (!rare || visitor.handle)))
        for (const side of ['A', 'B'].filter((one) => !world.reads(actor, one) && !world.seesRows(actor))) {
            const cookie = [...actor.visitor.jar].map(([name, value]) => `${name}=${value}`).join('; ');
            const query = subjects(world.values[side]).map((subject) => `watch=${encodeURIComponent(subject)}`).join('&');
            watching.push({ actor, side, stream: await listen(world.portal, query, cookie ? { Cookie: cookie } : {}) });
        }
    await Promise.all(watching.map(({ stream }) => isReady(stream)));
    return watching;
}

function checkStreams(world, watching) {
    for (const { actor, side, stream } of watching) {
        stream.close();
        for (const { type, data } of stream.events)
            if (data.subject)
                world.findings.push(`A stream tells ${actor.name} of ${type} about ${data.subject}, which belongs to account ${side}.`);
        for (const [word, whose] of canariesIn(stream.text, (one) => world.reads(actor, one)))
            world.findings.push(`A stream shows ${actor.name} “${word}”, which belongs to account ${whose}.`);
    }
}

/* The log names ids and what was asked for, as it was typed; never what people write. */
function checkLog(world) {
    const lines = world.portal.lines();
    for (const line of lines.slice(world.logged ?? 0)) {
        const [word] = canariesIn(JSON.stringify({ ...line, path: undefined }), () => false).keys();
        if (word)
            world.findings.push(`The log says “${word}”: ${JSON.stringify(line).slice(0, 400)}`);
    }
    world.logged = lines.length;
}

const SUBJECTS = (values) => [`topic/${values.topic}`, `topic/${values.ownTopic}`, `topic/${values.leftTopic}`, `note/${values.note}`, `space/${values.spaceId}`];

/**
 * Makes `calls` random ones, those of `seed`, with `lanes` of actors at once; findings stand in world.findings. `only`
 * picks routes, `writes` is what people write, `subjects` of a side are watched; rights change `changes` times, with `alone`
 * never. What was counted: { seed, calls, statuses, routes, seen }.
 */
export async function runCanaries(world, { seed, calls, only = () => true, writes = WRITES, subjects = SUBJECTS, changes = 6, alone = false }) {
    const statuses = {};
    world.seen = { A: 0, B: 0 };
    world.walked = world.routes.filter((route) => only(route) && !world.unwalked.has(keyOf(route)));
    const walkers = alone ? undefined : await addWalkers(world);
    const lanes = planOf(world, { seed, calls, writes, walkers, every: Math.ceil(calls / (changes + 1)) });
    const watching = await openStreams(world, subjects);
    await Promise.all([...lanes.values()].map(async (lane) => {
        for (const call of lane)
            await (call.change ? changed(world, call) : called(world, call, statuses));
    }));
    await settled(world);
    checkStreams(world, watching);
    checkMail(world);
    checkLog(world);
    const made = [...lanes.values()].flat().filter(({ change }) => !change);
    return { seed, calls: made.length, statuses, routes: new Set(made.filter(({ word }) => !word).map(({ route }) => keyOf(route))).size, seen: world.seen };
}
