/* The authorization matrix: every route of a portal × who asks × whose object is named, over HTTP.
 *
 * A world says who there is and what they made:
 * - portal; routes: lines of `portico exposure --json`;
 * - actors: [{ name, side, roles, visitor }]; `side` 'A' or 'B' is whose account they act in, or undefined; `may(route,
 *   recipe)` is false where the way they came in keeps them from what their roles reach, and undefined where that says nothing
 *   of it; `rare`: asked the shorter way, and at every third route, but with world.full; `ready()` is called before they are
 *   asked, since something may have changed; a visitor with `bearer` is a token of the API;
 * - kinds: { name: { sees(actor, side) } }, the sorts of objects; `values`: { A, B, missing }, each { kind: value }; a kind
 *   whose values are the same on both sides is everybody's, and only missing and malformed ones are asked for;
 * - recipes: { 'METHOD PATTERN': recipe or list of them }; a route with ids or a body needs one. A recipe has `query`,
 *   `body` (a form) or `json`, in which "{note}" stands for an id as "{id}" does in the path; `ids`: { id: 'note' } says of
 *   which kind it is, where it is not called so itself; `alone`: a new session for each request; `others`: their actors only;
 *   `asks`: the permission that the handler asks itself, where its route asks less; `sessionsAlone`: no token of the API does;
 *   `own`: statuses that show that it was reached, where none below 400 does; `tells`: foreign ids may leave traces that no
 *   answer shows (a sentence why); `hidden`: who sees the object, but not here; `unreached`: nobody gets further (a sentence
 *   why); `zero`: the id “0” stands for none (a sentence why);
 *   `valid`: one or a list of what it sends where all is right, each { body, json, ids, headers … } instead of the recipe's
 *   own. Of others' objects it must change nothing; of one's own it must work (runValid): `undone` says why not, where it
 *   does not; `by`: who does it, where that is one alone; `after`: a number, the higher ones last; `fromPage`: a field that is
 *   then taken from the page with the form; `fromAction`: a part of the query that is then taken from where its form goes;
 * - `reads(actor, side)`: who may read the canaries of a side anywhere: words that begin with “kanarie” and its letter;
 * - smtp: where its mail goes; toldUntil: a Map of those who left their side, to how many mails had gone out then;
 * - everybody: whoever is asked the shorter way is so at every route;
 * - query(sql): what its database answers, a line a row; snapshot(): { table: lines } of all that a refused request may not change; of tables behind “kept ” no line may go.
 * What it finds are sentences, each with the call as a line for a shell. */
import { cookiesOf, letterOf, tokenOf } from './people.mjs';
import { until } from './wait.mjs';

const IDS = /\{(\w+)(?:\.\.\.)?\}/g;
const UNSAFE = /^(POST|PUT|PATCH|DELETE)$/;
/* Reviewed: what these fields say is new with each answer, or follows from its bytes, which are compared without what is new
 * in them. That they are there is compared. Cookies are compared apart. */
const SAID_EACH_TIME = ['date', 'x-request-id', 'content-length', 'etag'];
/* Fields of forms, a challenge of passkeys and when a form or list was opened, that are new with each answer. */
const NEW_EACH_TIME = /(name="portico_(?:key|token)" value=|data-challenge=|name="opened" value=|name="(?:until|since)" value=(?="\d{16}"))"[\w.-]*"/g;

/* A feed without entries is as new as its answer. */
const EMPTY_FEED = /<updated>[^<]*<\/updated>(\s*<\/feed>)/;

/* Where somebody is signed in, by when they were last there. */
const DEVICES = /(?:<li>(?:(?!<li>).)*? · 127\.0\.0\.1<(?:(?!<li>).)*?<\/li>\s*)+/gs;

/* Tokens are used by asking with them. */
const TOKEN_USED = /· (?:never used|used <time>)/g;

export const MALFORMED = ['x', '99999999999999999999', '0', '-1', '1%27', '%F0%9F%A6%81'];

/** An answer without what is random in it, and with its own ids taken out: two of these are held byte for byte. */
export function masked(answer, ids = []) {
    const secret = answer.headers.get('x-request-id');
    const plain = (text) => {
        let result = secret ? text.replaceAll(secret, '<request>') : text;
        result = result.replace(NEW_EACH_TIME, '$1"<new>"');
        for (const id of ids)
            if (id.length > 4)
                result = result.replaceAll(id, '<id>');
        return result;
    };
    return {
        status: answer.status,
        headers: [...answer.headers].filter(([name]) => name !== 'set-cookie').map(([name, value]) => [name, SAID_EACH_TIME.includes(name) ? '' : plain(value)]),
        cookies: Object.entries(cookiesOf(answer)).map(([name, { attributes }]) => [name, ...attributes.filter((one) => !/^Expires=/.test(one))]),
        text: plain(answer.text),
    };
}

/** Where two masked answers differ, in words; undefined: nowhere. */
export function difference(one, other) {
    if (one.status !== other.status)
        return `${one.status}, but ${other.status}`;
    for (const part of ['headers', 'cookies'])
        if (JSON.stringify(one[part]) !== JSON.stringify(other[part]))
            return `${part} ${JSON.stringify(one[part])}, but ${JSON.stringify(other[part])}`;
    if (one.text === other.text)
        return undefined;
    let at = 0;
    while (one.text[at] === other.text[at])
        at++;
    const piece = (text) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 60));
    return `${piece(one.text)}, but ${piece(other.text)}`;
}

const fillIn = (part, values) => {
    if (typeof part === 'string')
        return part.replace(IDS, (whole, name) => values[name] ?? whole);
    if (Array.isArray(part))
        return part.map((one) => fillIn(one, values));
    return part && typeof part === 'object' ? Object.fromEntries(Object.entries(part).map(([key, one]) => [fillIn(key, values), fillIn(one, values)])) : part;
};

const namesIn = (part) => [...(JSON.stringify(part) ?? '').matchAll(IDS)].map(([, name]) => name);

export const keyOf = ({ method, route }) => `${method} ${route}`;

const secretOf = ({ jar }) => jar.get('portico');

/** Asks as an actor: the answer. `values` are what the ids of route and recipe are. */
export async function ask(world, actor, { method, route }, recipe, values) {
    const { portal } = world;
    const visitor = recipe.alone && actor.visitor.handle ? await world.anew(actor) : actor.visitor;
    let target = route.replace(IDS, (whole, name) => encodeURIComponent(values[name] ?? whole).replaceAll('%25', '%'));
    if (recipe.query)
        target += `?${new URLSearchParams(fillIn(recipe.query, values))}`;
    const headers = { Accept: route.startsWith('/api/') ? 'application/json' : 'text/html', ...recipe.headers };
    if (visitor.bearer)
        headers.Authorization = `Bearer ${visitor.bearer}`;
    if (visitor.jar.size)
        headers.Cookie = [...visitor.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const request = { method, headers };
    const token = visitor.jar.size ? tokenOf(secretOf(visitor) ?? visitor.jar.get('portico-visitor')) : undefined;
    if (UNSAFE.test(method)) {
        headers['Idempotency-Key'] = `key-${++world.number}`;
        if (recipe.json !== undefined || route.startsWith('/api/')) {
            if (recipe.json !== undefined) {
                headers['Content-Type'] = 'application/json';
                request.body = JSON.stringify(fillIn(recipe.json, values));
            }
            if (token)
                headers['X-CSRF-Token'] = token;
        } else if (recipe.files) {
            request.body = new FormData();
            request.body.set('portico_token', token ?? '');
            for (const [name, value] of Object.entries(fillIn(recipe.body ?? {}, values)))
                request.body.set(name, value);
            for (const [name, [bytes, file]] of Object.entries(recipe.files))
                request.body.set(name, new Blob([bytes]), file);
        } else {
            request.body = new URLSearchParams({ ...(token ? { portico_token: token } : {}), portico_key: `key-${world.number}`, ...fillIn(recipe.body ?? {}, values) });
        }
    }
    world.requests++;
    const answer = recipe.stream ? await beginning(portal, target, request) : await portal.get(target, request);
    if (UNSAFE.test(method) && answer.status < 400)
        world.written++;
    /* A session gets a new secret when its rights change, with whatever answer comes next. */
    const renewed = cookiesOf(answer).portico?.value;
    if (renewed && secretOf(visitor))
        visitor.jar.set('portico', renewed);
    answer.asked = { target, ...request };
    checkCanaries(world, actor, target, request, answer, JSON.stringify([values, recipe.query, recipe.json, recipe.body]));
    return answer;
}

/* A stream's answer is what it says until it has begun. */
async function beginning(portal, target, request) {
    const stop = new AbortController();
    const response = await fetch(new URL(target, portal.url), { redirect: 'manual', ...request, signal: stop.signal });
    let text = '';
    try {
        for await (const part of response.body) {
            text += Buffer.from(part).toString('utf8');
            if (/event: portico\.ready\n/.test(text) && text.endsWith('\n\n'))
                break;
        }
    } finally {
        stop.abort();
    }
    /* The number of the last event that anybody saw, and when. */
    return { status: response.status, headers: response.headers, text: text.replace(/^id: \d+$/gm, 'id').replace(/^data: .*$/gm, 'data') };
}

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

const CANARY = /kanarie([ab])[a-z0-9]+/gi;

/** The canaries in a text that somebody may not read, but for what they sent themselves: a Map to the side of each. */
export function canariesIn(text, reads, sent = '') {
    const said = sent.toLowerCase(), found = new Map();
    for (const [word, letter] of text.matchAll(CANARY))
        if (!reads(letter.toUpperCase(), word) && !said.includes(word.toLowerCase()))
            found.set(word, letter.toUpperCase());
    return found;
}

/** The request as a line for a shell. */
export function curlOf(portal, target, { method = 'GET', headers = {}, body }) {
    const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
    const sent = body instanceof FormData
        ? [...body].map(([name, value]) => `-F ${quoted(`${name}=${typeof value === 'string' ? value : `@${value.name}`}`)}`)
        : body === undefined ? [] : [`--data-raw ${quoted(body)}`];
    return ['curl', '-sS', '-i', '-X', method, ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`), ...sent, quoted(new URL(target, portal.url))].join(' ');
}

function checkCanaries(world, actor, target, request, answer, sent) {
    const all = `${answer.text}\n${[...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')}`;
    for (const [word, side] of canariesIn(all, (one, word) => world.reads(actor, one, word), decoded(target) + sent))
        world.findings.push(`${actor.call ? `call ${actor.call}: ` : ''}${request.method} ${target} shows ${actor.name} “${word}”, which belongs to account ${side}:\n  ${curlOf(world.portal, target, request)}`);
    for (const [, letter] of world.seen && actor.side ? all.matchAll(CANARY) : [])
        world.seen[letter.toUpperCase()]++;
}

/** The mails to an actor: [{ at, subject, text }], `at` counts all that went out. */
export const lettersTo = (world, actor) => world.smtp.messages.flatMap((message, at) =>
    (message.to === `${actor.visitor.handle}@example.com` ? [{ at, ...letterOf(world.portal, message) }] : []));

/** The canaries in mails to people who may not read them, of mails since the last time: a finding each. */
export function checkMail(world) {
    const { messages } = world.smtp;
    for (; world.mails < messages.length; world.mails++) {
        const { to, subject, text, raw } = letterOf(world.portal, messages[world.mails]);
        const actor = world.actors.find(({ visitor }) => `${visitor.handle}@example.com` === to);
        const own = /kanarie([ab])/i.exec(to)?.[1].toUpperCase();
        const reads = (side) => side === own || (actor && (world.reads(actor, side) || world.mails < (world.toldUntil.get(actor) ?? 0)));
        for (const [word, side] of canariesIn(`${subject}\n${text}\n${raw}`, reads))
            world.findings.push(`A mail to ${to}, “${subject}”, shows “${word}”, which belongs to account ${side}.`);
    }
}

const TO_TELL = "state < 2 AND failures = 0 AND (kind <> 0 OR ((name LIKE '%notice%' OR name LIKE '%mail%') AND name NOT LIKE 'prune%'))";

/** Until all that was queued is told: events, notices and mails of what was written. */
export const settled = (world) => until(async () => (await world.query(`SELECT count(*) FROM portico_job WHERE ${TO_TELL}`)).trim() === '0',
    { within: 60_000, every: 100, what: 'all that is to be told' });

const isGate = (answer) => answer.status === 401 || answer.status === 403 || (answer.status === 303 && /^\/(login|account\/again)\b/.test(answer.headers.get('location') ?? ''));

/** Whether an actor reaches a route: by what `portico exposure` says of their roles, and by how they came in. */
export function reaches(world, actor, route, recipe = {}) {
    const roles = recipe.asks ? world.permissions[recipe.asks] : route.roles;
    return roles.some((role) => actor.roles.includes(role)) && (actor.may ? actor.may(route, recipe) : true);
}

/* What is wrong with whom it lets in; undefined: nothing. */
function gateFault(world, actor, route, recipe, answer) {
    const reached = reaches(world, actor, route, recipe);
    if (reached === undefined || isGate(answer) !== reached || (recipe.gates && reached))
        return undefined;
    return `answers ${actor.name} with ${answer.status}${recipe.isValid ? ', asked rightly' : ''}, but by their roles and how they came in they ${reached ? 'reach it' : 'do not reach it'}.`;
}

/* Who looks only, or is nobody any more, has no other session to try it with. */
const isAsked = (actor, recipe) => !(recipe.alone && actor.rare && !actor.visitor.handle && !actor.visitor.bearer);

/* The kinds of the ids in a route and recipe: [{ name, kind }]; throws where one is unknown. */
function slotsOf(world, route, recipe) {
    const names = new Set([...namesIn(route.route), ...namesIn(recipe.query), ...namesIn(recipe.body), ...namesIn(recipe.json)]);
    return [...names].map((name) => {
        const kind = recipe.ids?.[name] ?? name;
        if (!world.kinds[kind])
            throw new Error(`${keyOf(route)}: the matrix does not know what {${name}} stands for. Name its kind in the recipe.`);
        return { name, kind };
    });
}

const SIDES = ['A', 'B'];
const isShared = (world, kind) => world.values.A[kind] === world.values.B[kind];
const seesOf = (world, actor, kind) => SIDES.filter((side) => isShared(world, kind) || world.kinds[kind].sees(actor, side));

/* Values of all ids: what the actor sees, or else of A. */
function nearest(world, actor, slots) {
    return Object.fromEntries(slots.map(({ name, kind }) => {
        const side = seesOf(world, actor, kind).includes(actor.side) ? actor.side : seesOf(world, actor, kind)[0] ?? 'A';
        return [name, world.values[side][kind]];
    }));
}

/* The recipe, and what it sends where all is right. */
const waysOf = (recipe) => [recipe, ...[recipe.valid ?? []].flat().map((valid) => ({ ...recipe, own: [], ...valid, isValid: true }))];

/* Asks with these ids instead of the near ones. */
async function askWith(world, actor, route, recipe, slots, ids) {
    const answer = await ask(world, actor, route, recipe, { ...nearest(world, actor, slots), ...ids });
    const values = Object.values(ids).flatMap((value) => [value, encodeURIComponent(value)]);
    return { answer, bare: masked(answer, values) };
}

/* What the answer for foreign ids tells, where those for missing ones are `missing`; undefined: nothing. */
async function toldBy(world, actor, route, recipe, slots, foreignIds, missingIds, missing) {
    const foreign = await askWith(world, actor, route, recipe, slots, foreignIds);
    const told = difference(foreign.bare, missing.bare);
    /* A secret that was new in one of them, or a notice that came in between. */
    const between = route.method === 'GET' && foreign.answer.status === missing.answer.status;
    if (!told || !(between || [foreign, missing].some(({ answer }) => cookiesOf(answer).portico?.value)))
        return told;
    await settled(world);
    const again = await askWith(world, actor, route, recipe, slots, foreignIds);
    return difference(again.bare, (await askWith(world, actor, route, recipe, slots, missingIds)).bare);
}

const find = (world, route, text) => world.findings.push(`${keyOf(route)} ${text}`);

/* In words, which id was another's and what was sent with it. */
function placeOf(world, route, recipe, { name, kind }) {
    const where = world.kinds[kind].path === false || route.route.includes(`{${name}`) ? '' : ` (by ${name} in its ${recipe.query && namesIn(recipe.query).includes(name) ? 'query' : 'body'})`;
    return recipe.isValid ? `${where || ` (by ${name})`}, asked rightly` : where;
}

const isShort = (world, actor) => Boolean(actor.rare) && !world.full;

/* A third of those who are asked the shorter way, others from route to route, and whom a recipe names. With world.everybody all. */
function isDue(world, actor, route, recipe) {
    if (!isShort(world, actor) || world.everybody || recipe.others?.includes(actor.name))
        return true;
    const rare = world.actors.filter((one) => one.rare);
    return (rare.indexOf(actor) + world.routes.indexOf(route)) % 3 === 0;
}

async function checkSlot(world, actor, route, recipe, slots, slot) {
    const { name, kind } = slot, where = placeOf(world, route, recipe, slot);
    const at = (value) => askWith(world, actor, route, recipe, slots, { [name]: value });
    const missing = await at(world.values.missing[kind]);
    const reached = reaches(world, actor, route, recipe);
    const fault = gateFault(world, actor, route, recipe, missing.answer);
    if (fault)
        find(world, route, fault);
    const seen = seesOf(world, actor, kind);
    for (const side of SIDES.filter((one) => !seen.includes(one) || (!reached && !isShared(world, kind)))) {
        const told = await toldBy(world, actor, route, recipe, slots, { [name]: world.values[side][kind] }, { [name]: world.values.missing[kind] }, missing);
        if (told)
            find(world, route, `tells ${actor.name} of what account ${side} has${where}: ${told} for what is not there.`);
    }
    if (recipe.isValid || isShort(world, actor))
        return;
    for (const value of (world.full ? MALFORMED : MALFORMED.slice(0, reached ? 2 : 1)).filter((one) => one !== '0' || !recipe.zero)) {
        const { answer } = await at(value);
        const expected = [400, 404, 422, missing.answer.status].includes(answer.status);
        if (!expected)
            find(world, route, `answers ${actor.name} with ${answer.status} for “${value}”${where}, which is no id, and ${missing.answer.status} for one that there is none of.`);
    }
}

/* Ids that belong together, all of another account: whoever only looks whether they do lets these through. */
async function checkTogether(world, actor, route, recipe, slots) {
    const rows = slots.filter(({ kind }) => !isShared(world, kind));
    const all = (values) => Object.fromEntries(rows.map(({ name, kind }) => [name, values[kind]]));
    for (const side of rows.length < 2 ? [] : SIDES) {
        if (rows.some(({ kind }) => seesOf(world, actor, kind).includes(side)))
            continue;
        const missing = await askWith(world, actor, route, recipe, slots, all(world.values.missing));
        const told = await toldBy(world, actor, route, recipe, slots, all(world.values[side]), all(world.values.missing), missing);
        if (told)
            find(world, route, `tells ${actor.name} of what account ${side} has, all ids being of it: ${told} for what is not there.`);
    }
}

/* Whoever does not reach a route does not get there with what is right either. */
async function checkGate(world, actor, route, recipe, slots) {
    if (recipe.gates || reaches(world, actor, route, recipe) !== false)
        return;
    const fault = gateFault(world, actor, route, recipe, await ask(world, actor, route, recipe, nearest(world, actor, slots)));
    if (fault)
        find(world, route, fault);
}

/* All that is asked of one actor: the shorter way of one of them, the rightest, and of who is turned away at the gate no more
 * than that. */
async function checkActor(world, actor, route, ways) {
    const short = isShort(world, actor);
    for (const { way, slots } of (short ? ways.slice(-1) : ways).filter((one) => isAsked(actor, one.way))) {
        if (!short || reaches(world, actor, route, way) !== false || way.gates)
            for (const slot of slots)
                await checkSlot(world, actor, route, way, slots, slot);
        if (!short)
            await checkTogether(world, actor, route, way, slots);
        if (way.isValid || short)
            await checkGate(world, actor, route, way, slots);
    }
}

/* Refused requests, all actors at once; nothing may have changed after them. */
async function checkRefused(world, route, recipe) {
    const ways = waysOf(recipe).map((way) => ({ way, slots: slotsOf(world, route, way) }));
    const unsafe = UNSAFE.test(route.method) && !recipe.tells && ways.some(({ way, slots }) => way.isValid || slots.some(({ kind }) => !isShared(world, kind)));
    const actors = world.actors.filter((actor) => isDue(world, actor, route, recipe));
    for (const actor of actors)
        await actor.ready?.();
    const before = unsafe ? await world.snapshot() : undefined;
    await Promise.all(actors.map((actor) => checkActor(world, actor, route, ways)));
    if (!unsafe)
        return;
    const after = await world.snapshot();
    for (const table of Object.keys(after))
        if (table.startsWith('kept ') ? before[table].some((line) => !after[table].includes(line)) : String(before[table]) !== String(after[table]))
            find(world, route, `lets somebody change ${table} through an id of another account: ${changeOf(before[table], after[table])}`);
}

function changeOf(before, after) {
    const old = new Set(before);
    return after.find((line) => !old.has(line)) ?? 'a row is gone';
}

/* What one may reach is reached: else the matrix would prove nothing. */
async function checkOwn(world, route, recipe, slots) {
    let reached = Boolean(recipe.unreached);
    const seen = [];
    for (const actor of world.actors.filter((one) => isAsked(one, recipe) && isDue(world, one, route, recipe))) {
        if (slots.length && !slots.every(({ kind }) => seesOf(world, actor, kind).length))
            continue;
        if (recipe.others && !recipe.others.includes(actor.name))
            continue;
        await actor.ready?.();
        const answer = await ask(world, actor, route, recipe, nearest(world, actor, slots));
        if (answer.status >= 500)
            world.findings.push(`${keyOf(route)} answers ${actor.name} with ${answer.status}.`);
        const fault = slots.length || recipe.gates ? undefined : gateFault(world, actor, route, recipe, answer);
        if (fault)
            find(world, route, fault);
        if (route.method === 'GET' && answer.status === 404 && slots.some(({ kind }) => !isShared(world, kind)) && !recipe.unreached && !recipe.hidden?.includes(actor.name) && reaches(world, actor, route, recipe))
            find(world, route, `does not show ${actor.name} what they see: ${JSON.stringify(nearest(world, actor, slots))}`);
        reached ||= (answer.status < 400 && !isGate(answer)) || (recipe.own ?? []).includes(answer.status);
        seen.push(`${actor.name} ${answer.status}`);
    }
    if (!reached)
        world.findings.push(`${keyOf(route)} lets nobody through (${seen.join(', ') || 'nobody sees such an object'}): its recipe proves nothing.`);
}

/** Runs it over all routes, or those that `only` picks. Findings stand in world.findings, what was covered in world.covered. */
export async function runMatrix(world, only = () => true) {
    for (const route of world.routes.filter(only)) {
        const key = keyOf(route);
        const recipe = world.recipes[key] ?? (route.method === 'GET' && !namesIn(route.route).length ? {} : undefined);
        if (!recipe) {
            world.findings.push(`${key} has no recipe in the authorization matrix: say in tests/lib/authorization-world.mjs what it takes, and of which kind its ids are.`);
            continue;
        }
        for (const one of [recipe].flat()) {
            await checkRefused(world, route, one);
            await checkOwn(world, route, one, slotsOf(world, route, one));
        }
        world.covered.add(key);
    }
    for (const key of Object.keys(world.recipes))
        if (!world.routes.some((route) => keyOf(route) === key))
            world.findings.push(`${key} has a recipe, but there is no such route.`);
}

/* The recipe with the field, or part of the query, as the page of the form has it. */
async function withField(world, actor, route, recipe, values) {
    if (!recipe.fromPage && !recipe.fromAction)
        return recipe;
    const { text } = await ask(world, actor, { ...route, method: 'GET' }, { query: recipe.query }, values);
    if (recipe.fromAction) {
        const [, part] = new RegExp(`action="[^"]*;${recipe.fromAction}=(\\w+)`).exec(text) ?? [];
        return { ...recipe, query: { ...recipe.query, [recipe.fromAction]: part ?? '' } };
    }
    const [, value] = new RegExp(`name="${recipe.fromPage}" value="([^"]*)"`).exec(text) ?? [];
    return { ...recipe, body: { ...recipe.body, [recipe.fromPage]: value ?? '' } };
}

/* Somebody's form that says what is missing in the address it leads to is none that was taken. */
const isTaken = (answer) => answer.status < 400 && !isGate(answer) && !/[?&](lacking|passkey)=/.test(answer.headers.get('location') ?? '');

/* Whether somebody who sees all it names gets it done; who walks from one company to the other is not asked. */
async function isDone(world, route, recipe) {
    const slots = slotsOf(world, route, recipe), said = [];
    for (const actor of world.actors.filter(({ both, membership }) => !both && !membership)) {
        if (recipe.by ? recipe.by !== actor.name : !isAsked(actor, recipe))
            continue;
        if (reaches(world, actor, route, recipe) === false || !slots.every(({ kind }) => seesOf(world, actor, kind).length))
            continue;
        const values = nearest(world, actor, slots);
        const answer = await ask(world, actor, route, await withField(world, actor, route, recipe, values), values);
        if (answer.status >= 500)
            find(world, route, `answers ${actor.name} with ${answer.status}, asked rightly.`);
        if (isTaken(answer) || (recipe.own ?? []).includes(answer.status))
            return undefined;
        said.push(`${actor.name} ${answer.status}`);
    }
    return said.join(', ') || 'nobody sees all that it names';
}

/* What is sent to a route that writes and is to be done: what the recipes call right; and where one calls nothing so, what it
 * asks with anyway. */
const writesOf = (recipe) => {
    const right = waysOf(recipe).filter(({ isValid }) => isValid);
    return right.length ? right : [{ ...recipe, own: [], isPlain: true }];
};

/** Each route that writes is done by somebody, with what is right, else that it was refused for others' proves nothing. It uses
 * the world up: what comes after it finds things taken away. How many were done. */
export async function runValid(world, only = () => true) {
    const done = new Set(), said = new Map();
    const all = world.routes.filter((route) => only(route) && UNSAFE.test(route.method)).flatMap((route) => [world.recipes[keyOf(route)] ?? []].flat()
        .flatMap((recipe) => writesOf(recipe).filter(({ undone, isPlain, unreached }) => !undone && !(isPlain && unreached)).map((way) => ({ route, way }))));
    for (const { route, way } of all.sort((one, other) => (one.way.after ?? 0) - (other.way.after ?? 0))) {
        const told = await isDone(world, route, way);
        if (!told)
            done.add(keyOf(route));
        else if (way.isPlain)
            said.set(keyOf(route), told);
        else
            find(world, route, `does for nobody what its recipe calls right (${told}): ${JSON.stringify(way.json ?? way.body)}`);
    }
    for (const route of world.routes.filter((one) => only(one) && UNSAFE.test(one.method) && !done.has(keyOf(one)))) {
        const recipes = [world.recipes[keyOf(route)] ?? []].flat();
        if (!recipes.every((recipe) => recipe.unreached || writesOf(recipe).every(({ undone }) => undone)))
            find(world, route, `is done by nobody (${said.get(keyOf(route)) ?? 'it is not tried'}): say in its recipe what is right, or why nobody gets further here.`);
    }
    return done.size;
}

/* Where a page of a list says that it goes on: a path. */
function nextOf({ json, text }, target) {
    const link = [...text.matchAll(/<(?:a|link)\b[^>]*>/g)].map(([tag]) => tag).find((tag) => /[?;](cursor|page|after|before|from)=\w/.test(tag) && !/rel="prev"/.test(tag));
    const href = /href="([^"]*)"/.exec(link ?? '')?.[1].replaceAll('&amp;', '&');
    const [path, query] = target.split('?');
    if (href)
        return new URL(href, `http://portal${path}`);
    return typeof json?.next === 'string' && json.next ? new URL(`?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), [path.endsWith('/accounts') ? 'after' : 'cursor']: json.next })}`, `http://portal${path}`) : undefined;
}

/* One list, page by page. */
async function listOf(world, actor, route, query, lists) {
    let at = { route, query };
    for (let page = 0; at && page < (world.full ? 20 : 3); page++) {
        const said = await ask(world, actor, at.route, { query: at.query }, {}), answer = masked(said);
        /* A session may get a new secret in between, for a reason of its own. */
        const cookies = answer.cookies.filter(([name]) => name !== 'portico');
        lists[`${keyOf(route)}?${new URLSearchParams(query)}${page ? ` page ${page + 1}` : ''}`] = { ...answer, cookies, text: answer.text.replace(/<time\b.*?<\/time>/gs, '<time>').replace(TOKEN_USED, '· used').replace(EMPTY_FEED, '<updated>now</updated>$1').replace(DEVICES, '<devices>') };
        const next = said.status === 200 ? nextOf(said, said.asked.target) : undefined;
        at = next && { route: { method: 'GET', route: next.pathname }, query: Object.fromEntries(next.searchParams) };
        if (page)
            (world.laterPages ??= []).push(`${actor.name}: ${keyOf(route)}`);
    }
}

/** What the lists of an actor say now: every route that reads without an id, and the queries of `searches`; their later pages
 * as well. */
export async function listsOf(world, actor) {
    const lists = {}, named = Object.keys(world.searches).filter((path) => !world.routes.some(({ route }) => route === path));
    const plain = world.routes.filter(({ method, route }) => method === 'GET' && !route.includes('{') && !world.unlisted.includes(route));
    for (const route of [...plain, ...named.map((path) => ({ method: 'GET', route: path }))])
        for (const query of [...(named.includes(route.route) ? [] : [{}]), ...(world.searches[route.route] ?? [])]) {
            await listOf(world, actor, route, query, lists);
        }
    return lists;
}
