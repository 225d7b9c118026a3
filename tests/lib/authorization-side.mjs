/* What the people of one company make in the portal of the authorization matrix: by pages and API, as they do. All that is
 * theirs alone holds a canary: a word that begins with “kanarie” and the side's letter. */
import { ask, lettersTo, settled } from './authorization.mjs';
import { OFFER } from './authorization-standings.mjs';
import { png } from './images.mjs';
import { join, leave, makePerson, PASSWORD, signIn } from './people.mjs';
import { until } from './wait.mjs';

const SOON = { within: 60_000 };
const api = '/api/communities/v1';

export function expect(answer, status) {
    if (![status].flat().includes(answer.status))
        throw new Error(`${answer.status} instead of ${status}:\n${answer.text.slice(0, 3000)}`);
    return answer;
}

/** Sends JSON to the API as an actor: what was made. */
export const send = async (world, actor, method, route, json) =>
    expect(await ask(world, actor, { method, route }, { json }, {}), [200, 201]).json;

/** Makes all of one side, 'A' or 'B': { kind: value }, also in world.values. */
export async function makeSide(world, side) {
    const canary = (word) => `Kanarie${side}${word}`;
    const values = { account: world.accounts[side], accountNamed: world.accounts[side] };
    await makePeople(world, side, values, canary);
    await makeNotes(world, side, values, canary);
    await makeFiles(world, side, values, canary);
    await makeCommunity(world, side, values, canary);
    await comeAndGo(world, side, values, canary);
    await makeOwn(world, side, values, canary);
    await settled(world);
    world.values ??= {};
    world.values[side] = values;
    return values;
}

const membersOf = (world, side) => [world.actor(`a member of ${side}`), world.actor(`an admin of ${side}`)];

/* Colleagues, an invitation, somebody who asks for a right, a team. */
async function makePeople(world, side, values, canary) {
    const { portal, smtp } = world;
    const [member, admin] = membersOf(world, side);
    const hidden = canary('Hidden').toLowerCase();
    values.colleaguePerson = await makePerson(portal, { handle: hidden, name: canary('Person'), address: `${canary('Address').toLowerCase()}@example.com` });
    values.membership = await join(portal, world.accounts[side], hidden);
    values.colleague = values.silent = hidden;
    /* What another session of theirs reads, a worker knows within a second. */
    await until(async () => (await admin.visitor.get(`/account/company/people/${values.membership}`)).status === 200, { ...SOON, what: 'the membership' });

    const invited = `${canary('Invited').toLowerCase()}@example.com`;
    expect(await admin.visitor.submit('/account/company/invite', { people: invited, language: 'en', role: 'none' }, 'company_invite'), 303);
    const roster = await admin.visitor.get('/account/company/people?show=waiting');
    [, values.invitation] = /\/account\/company\/invitations\/(\d+)/.exec(roster.text);
    await until(() => smtp.messages.some(({ to }) => to === invited), { ...SOON, what: 'the invitation' });

    expect(await member.visitor.post('/account/access', { path: '/account/company/people', words: canary('Wish') }), 303);
    [, values.asking] = /\/account\/access\/requests\/(\d+)/.exec((await admin.visitor.get('/account/access/requests')).text);
    await settled(world);

    expect(await admin.visitor.post('/account/company/teams', { name: canary('Team') }), 303);
    [, values.team] = /\/account\/company\/teams\/(\d+)/.exec((await admin.visitor.get('/account/company/teams')).text);
    values.teamNamed = values.team;
    expect(await admin.visitor.post(`/account/company/teams/${values.team}`, { act: 'in', who: member.visitor.handle }), 303);

    const page = '/account/company/delegations';
    expect(await admin.visitor.post(page, { partner: world.partners[side].name, reason: canary('Reason'), ...OFFER }), 303);
    [, values.delegation] = new RegExp(`${world.partners[side].name}.*?name="end" value="(\\d+)"`, 's').exec((await admin.visitor.get(page)).text);
    values.delegationRow = values.delegation;
}

async function makeNotes(world, side, values, canary) {
    const [member, admin] = membersOf(world, side);
    const levels = {
        note: { level: 'account' }, noteOfRole: { level: 'role', role: 'account-admin' }, noteNamed: { level: 'people', people: [admin.visitor.handle] },
        noteOwn: { level: 'me' }, noteBelow: { level: 'below' }, noteTeam: { level: 'team', account: values.account, team: values.team },
    };
    for (const [kind, sharing] of Object.entries(levels))
        values[kind] = (await send(world, member, 'POST', '/api/audience/v1/notes', { title: canary(kind), sharing })).id;
}

async function upload(world, actor, bytes, name) {
    const image = await ask(world, actor, { method: 'POST', route: '/portico/images' }, { files: { image: [bytes, name] } }, {});
    const [path, id, file] = /\/portico\/files\/(\d+)\/([^/]+)$/.exec(expect(image, 201).json.url);
    return { path, id, file };
}

/* One that belongs to nothing yet, and one that stands in a topic. */
async function makeFiles(world, side, values, canary) {
    const [member] = membersOf(world, side), size = side === 'A' ? 5 : 7;
    const own = await upload(world, member, png(size), `${canary('Picture')}.png`);
    [values.file, values.fileName] = [own.id, own.file];
    const shown = await upload(world, member, png(size + 1), `${canary('Shown')}.png`);
    [values.shown, values.shownName, values.shownPath] = [shown.id, shown.file, shown.path];
}

/* A space that only the account reads, with a topic, an answer and a comment; and a question among one's own. */
async function makeCommunity(world, side, values, canary) {
    const chief = world.actor('an admin of the portal');
    const [member, admin] = membersOf(world, side);
    const made = await send(world, chief, 'POST', `${api}/spaces`, {
        title: canary('Space'), description: canary('About'), kind: 'questions', writers: 'members', sharing: { level: 'account', account: world.accounts[side] },
    });
    values.spaceId = made.id;
    values.space = (await send(world, chief, 'GET', `${api}/spaces/${made.id}`)).slug;
    values.tag = canary('Tag').toLowerCase();
    const topic = await send(world, member, 'POST', `${api}/topics`, {
        space: values.space, title: `${canary('Topic')} is where in the harbour?`, body: `The ${canary('Words')} are not where they were. ![seen](${values.shownPath})`, tags: [values.tag],
    });
    [values.topic, values.slug, values.question] = [topic.id, topic.slug, topic.post];
    /* The audience of a company is made with what is first shown to it; a session knows it within a second. */
    await until(async () => (await admin.visitor.get(`${api}/topics/${topic.id}`)).status === 200, { ...SOON, what: 'the space' });
    values.post = (await send(world, admin, 'POST', `${api}/topics/${topic.id}/answers`, { body: `The ${canary('Answer')} hangs on the pier.` })).id;
    values.comment = (await send(world, member, 'POST', `${api}/posts/${values.post}/comments`, { body: `The ${canary('Comment')} was wet when it came.` })).id;

    const own = await send(world, member, 'POST', `${api}/topics`, {
        space: 'desk', title: `${canary('Contract')} ends when exactly?`, body: `The ${canary('Bill')} of this month is not right.`,
    });
    [values.ownTopic, values.ownSlug] = [own.id, own.slug];
    values.ownPost = (await send(world, chief, 'POST', `${api}/topics/${own.id}/answers`, { body: `The ${canary('Reply')} is on its way to you.` })).id;

    /* More than a page holds. */
    for (const number of ['first', 'second', 'third', 'fourth'])
        await send(world, member, 'POST', `${api}/topics`, { space: 'desk', title: `${canary(number)} is due when exactly?`, body: `The ${canary(`${number}Bill`)} says nothing of it.` });

    const alone = await send(world, member, 'POST', `${api}/topics`, {
        space: 'pay', title: `${canary('Bonus')} is missing since when?`, body: `The ${canary('Pay')} of this month is not right.`,
    });
    values.aloneTopic = alone.id;
    /* What is for one person is made with their first question of that kind, as above. */
    await until(async () => (await member.visitor.get(`${api}/topics/${alone.id}`)).status === 200, { ...SOON, what: 'the question of their own' });
    values.alonePost = (await send(world, chief, 'POST', `${api}/topics/${alone.id}/answers`, { body: `The ${canary('Sum')} comes with the next.` })).id;
}

/* Somebody belongs to A for a while: writes, is told of an answer, and goes. Side B has the same by a member. */
async function comeAndGo(world, side, values, canary) {
    const gone = world.actor('somebody who has left A'), [member, admin] = membersOf(world, side);
    const author = side === 'A' ? gone : member;
    const reads = async (status) => until(async () => (await gone.visitor.get(`${api}/topics/${values.topic}`)).status === status, { ...SOON, what: `${status} for who comes and goes` });
    let membership;
    if (side === 'A') {
        membership = await join(world.portal, world.accounts.A, gone.visitor.handle);
        /* Until they have left, what they read is theirs. */
        gone.side = 'A';
        await reads(200);
    }
    const shown = await upload(world, author, png(side === 'A' ? 9 : 10), 'gate.png');
    [values.leftShown, values.leftShownName] = [shown.id, shown.file];
    const asked = await send(world, author, 'POST', `${api}/topics`, { space: values.space, title: 'Who has the old key of the gate?', body: `It hung behind the door for years. ![gate](${shown.path})` });
    [values.leftTopic, values.leftQuestion] = [asked.id, asked.post];
    values.leftPost = (await send(world, author, 'POST', `${api}/topics/${values.topic}/answers`, { body: 'Look behind the second crane, left.' })).id;
    values.leftComment = (await send(world, author, 'POST', `${api}/posts/${values.post}/comments`, { body: 'The pier was painted since then.' })).id;
    values.leftOwn = (await send(world, author, 'POST', `${api}/topics`, { space: 'desk', title: 'Who pays for the old gate?', body: 'The bill came twice this year.' })).id;
    values.leftNote = (await send(world, author, 'POST', '/api/audience/v1/notes', { title: 'Keys of the gate', sharing: { level: 'account' } })).id;
    if (side !== 'A')
        return;
    await send(world, admin, 'POST', `${api}/topics/${asked.id}/answers`, { body: `The ${canary('Told')} has it in the drawer.` });
    await until(() => lettersTo(world, gone).some(({ text }) => text.includes(canary('Told'))), { ...SOON, what: 'the mail about the answer' });
    await leave(world.portal, membership);
    await reads(404);
    gone.side = undefined;
    /* From here on they are told nothing: this is the first mail that may not go to them. */
    world.toldUntil.set(gone, world.smtp.messages.length);
    await send(world, admin, 'POST', `${api}/topics/${asked.id}/answers`, { body: `The ${canary('Later')} was found, @${gone.visitor.handle}.` });
}

/* What is one person's alone: a key, an address, a session. */
async function makeOwn(world, side, values, canary) {
    const { portal } = world;
    const [member] = membersOf(world, side);
    const key = await send(world, member, 'POST', '/api/portico/v1/tokens', { name: canary('Key'), last_day: new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10) });
    values.key = key.id;
    const second = `${canary('Second').toLowerCase()}@example.com`;
    expect(await member.visitor.post('/account', { portico_form: 'address', address: second, current: PASSWORD }), 303);
    await signIn(portal, member.visitor.handle);
    const account = (await member.visitor.get('/account')).text;
    [, values.address] = /action="\/account\/addresses".*?name="id" value="(\d+)"/s.exec(account);
    [, values.session] = /action="\/account\/sessions".*?name="id" value="(\d+)"/s.exec(account);
}

/** What there is none of, and what everybody has: once both sides are made. */
export async function shareValues(world) {
    const { values } = world;
    const shared = {
        handle: 'solo', from: '0', role: 'moderator', module: 'communities', mail: '1', token: 'x'.repeat(43),
        person: world.people.solo, accountRow: world.accounts.A, member: world.people.amy, ...world.open,
    };
    for (const side of ['A', 'B'])
        Object.assign(values[side], shared);
    values.missing = {};
    for (const kind of Object.keys({ ...values.A, ...values.B })) {
        const value = values.A[kind];
        values.missing[kind] = /^\d+$/.test(value) ? String(BigInt(value) + 777_777_000_111n) : `none-${value}`;
    }
}
