/* The API as the portal describes it: valid OpenAPI, the routes of whoever asks and no others, and what is answered fits it. */
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020.js';
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const DOCUMENT = '/api/portico/v1/openapi.json';
const TOPICS = '/api/communities/v1/topics', WISHES = '/api/wishes/v1/wishes', TOKENS = '/api/portico/v1/tokens';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/* [method, pattern, operation] of a document. */
const operationsOf = (document) => Object.entries(document.paths).flatMap(([pattern, item]) =>
    METHODS.filter((method) => item[method]).map((method) => [method.toUpperCase(), pattern, item[method]]));
const namesOf = (document) => operationsOf(document).map(([method, pattern]) => `${method} ${pattern}`).sort();

const checker = () => new Ajv({ strict: false, validateFormats: false, allErrors: true });
/* The check of one schema of a document, in which references lead to its components. */
const fits = (document, schema) => checker().compile({ ...schema, components: document.components });
const explain = async (document) => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    return valid ? '' : JSON.stringify(errors);
};

/* What stands for an answer: its status, the hundred it belongs to, with references followed. */
function answerOf(document, operation, status) {
    const found = operation.responses[status] ?? operation.responses[`${String(status)[0]}XX`];
    return found?.$ref ? document.components.responses[found.$ref.split('/').at(-1)] : found;
}

function assertAnswers(document, [method, pattern], answer) {
    const described = answerOf(document, document.paths[pattern][method.toLowerCase()], answer.status);
    const type = answer.headers.get('content-type').split(';')[0];
    assert.ok(described?.content[type], `${method} ${pattern}: ${answer.status} ${type} is not described`);
    const check = fits(document, described.content[type].schema);
    assert.ok(check(JSON.parse(answer.text)), `${method} ${pattern} ${answer.status}: ${JSON.stringify(check.errors)}\n${answer.text}`);
}

describe('the description of the API', () => {
    let portal, people, token, documents;
    const json = (body, headers = {}) => ({ method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
    const inSession = (who, body) => json(body, { 'x-csrf-token': who.tokenNow(), Accept: 'application/json' });
    const bearer = (target, request = {}) => portal.get(target, { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } });

    before(async () => {
        const example = (name) => ({ path: path.join(buildDirectory(), 'examples', name) });
        portal = await startPortal({ modules: { communities: { newcomer_posts: 0 }, wishes: example('wishes'), requests: example('requests') } });
        people = { nobody: portal, member: await signIn(portal, 'amy'), moderator: await signIn(portal, 'moe', 'moderator'), admin: await signIn(portal, 'chief', 'admin') };
        const space = await people.admin.get('/api/communities/v1/spaces', inSession(people.admin, { title: 'Harbour', kind: 'questions', writers: 'members', sharing: { level: 'everyone' } }));
        assert.equal(space.status, 201, space.text);
        const made = await people.admin.get(TOKENS, inSession(people.admin, { name: 'Ledger', scopes: 'communities.write', last_day: inDays(7) }));
        assert.equal(made.status, 201, made.text);
        token = JSON.parse(made.text).token;
        documents = {};
        for (const [name, who] of [...Object.entries(people), ['token', { get: bearer }]]) {
            const answer = await who.get(DOCUMENT);
            assert.equal(answer.status, 200, answer.text);
            documents[name] = JSON.parse(answer.text);
        }
    });
    after(() => portal?.close());

    test('is valid OpenAPI 3.1, and each of its schemas is valid', async () => {
        for (const [name, document] of Object.entries(documents)) {
            assert.match(document.openapi, /^3\.1\./);
            assert.equal(await explain(document), '', name);
            const operations = operationsOf(document);
            assert.ok(operations.length > 5);
            for (const [method, pattern, operation] of operations) {
                const named = operation.parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
                assert.deepEqual(named, [...pattern.matchAll(/\{([^}]+)\}/g)].map(([, word]) => word), pattern);
                assert.ok(operation.summary && document.tags.some((tag) => tag.name === operation.tags[0]), pattern);
                for (const holder of [operation.requestBody, ...Object.values(operation.responses)])
                    for (const { schema } of Object.values(holder?.content ?? {}))
                        assert.doesNotThrow(() => fits(document, schema), `${method} ${pattern}`);
                for (const { $ref } of Object.values(operation.responses))
                    assert.ok(!$ref || document.components.responses[$ref.split('/').at(-1)], $ref);
                for (const scheme of operation.security.flatMap(Object.keys))
                    assert.ok(document.components.securitySchemes[scheme], scheme);
            }
            const shapes = Object.keys(document.paths).map((pattern) => pattern.replace(/\{[^}]+\}/g, '{}'));
            assert.equal(new Set(shapes).size, shapes.length, 'no path under two names');
            const ids = operations.map(([, , { operationId }]) => operationId);
            assert.equal(new Set(ids).size, ids.length);
        }
        assert.equal(documents.admin.info.title, 'The API of Test portal');
        assert.equal(documents.admin.servers[0].url, portal.url);
    });

    test('would not pass these checks if it were broken', async () => {
        const spoilt = (change) => {
            const document = structuredClone(documents.admin);
            change(document, document.paths[`${TOKENS}/{id}`].delete);
            return document;
        };
        for (const change of [
            (document) => delete document.info.version,
            (document) => { document.openapi = '2.9'; },
            (document) => { document.paths['no/slash'] = {}; },
            (document, operation) => delete operation.parameters[0].in,
            (document, operation) => { operation.responses.fine = { description: 'x' }; },
            (document) => { document.components.securitySchemes.token = { type: 'none' }; },
        ])
            assert.notEqual(await explain(spoilt(change)), '', String(change));
        assert.throws(() => fits(documents.admin, { type: 'thing' }));
        assert.throws(() => fits(documents.admin, { $ref: '#/components/schemas/Nothing' }));
    });

    test('names every route that whoever asks may call, and no other', async () => {
        const { stdout } = await portal.cli('exposure', '--json');
        const routes = stdout.trim().split('\n').map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'api');
        const reached = (...roles) => routes.filter((route) => roles.includes('admin') || route.roles.some((role) => roles.includes(role)))
            .map(({ method, route }) => `${method} ${route}`).sort();
        for (const [who, roles] of [['admin', ['admin']], ['nobody', ['everyone']], ['member', ['everyone', 'member']], ['moderator', ['everyone', 'member', 'staff', 'moderator']]])
            assert.deepEqual(namesOf(documents[who]), reached(...roles), who);
        assert.ok(documents.nobody.paths[WISHES] && !documents.nobody.paths[TOKENS] && !documents.nobody.paths[TOPICS].post);
        assert.ok(documents.moderator.paths['/api/communities/v1/moderation'] && !documents.member.paths['/api/communities/v1/moderation']);
    });

    test('says to an access token what its scopes open', () => {
        assert.ok(documents.token.paths[TOPICS].post, 'communities.write is one');
        assert.ok(!documents.token.paths['/api/communities/v1/moderation'], 'communities.moderate is none, though its person may');
    });

    test('says nothing of modules that are not on, nor to nobody of permissions', async () => {
        assert.doesNotMatch(JSON.stringify(documents.nobody), /communities\.(write|moderate|manage)|"signed-in"/);
        const plain = await startPortal();
        try {
            const { text } = await plain.get(DOCUMENT);
            assert.doesNotMatch(text, /communit|wish/i);
            assert.deepEqual(JSON.parse(text).tags.map(({ name }) => name), ['portico']);
        } finally {
            await plain.close();
        }
    });

    test('is nobody else\'s, and comes once', async () => {
        const answer = await people.member.get(DOCUMENT);
        assert.match(answer.headers.get('cache-control'), /private/);
        for (const field of ['cookie', 'authorization', 'accept-language'])
            assert.ok(answer.headers.get('vary').toLowerCase().includes(field), field);
        const etag = answer.headers.get('etag');
        assert.equal((await people.member.get(DOCUMENT, { headers: { 'If-None-Match': etag } })).status, 304);
        assert.equal((await portal.get(DOCUMENT, { headers: { 'If-None-Match': etag } })).status, 200);
        assert.equal((await portal.get(DOCUMENT, { headers: { Authorization: 'Bearer ptk_none' } })).status, 401);
    });

    test('what is answered fits it: lists, one, refusals', async () => {
        const { admin, member } = documents, call = ['POST', TOPICS];
        const question = { space: 'harbour', title: 'Which quay is the next one?', body: 'Words enough to be a question of somebody.', tags: ['quay'] };
        const takes = fits(member, member.paths[TOPICS].post.requestBody.content['application/json'].schema);
        assert.ok(takes(question), JSON.stringify(takes.errors));
        const made = await people.member.get(TOPICS, inSession(people.member, question));
        assert.equal(made.status, 201, made.text);
        assertAnswers(member, call, made);
        for (const wrong of [{ ...question, title: 3 }, { ...question, body: '' }, { ...question, colour: 'red' }, {}]) {
            assert.ok(!takes(wrong), JSON.stringify(wrong));
            const refused = await people.member.get(TOPICS, inSession(people.member, wrong));
            assert.equal(refused.status, 422);
            assert.ok(JSON.parse(refused.text).errors.length);
            assertAnswers(member, call, refused);
        }
        const list = await people.member.get(TOPICS), { id } = JSON.parse(list.text).items[0];
        assertAnswers(member, ['GET', TOPICS], list);
        assertAnswers(member, ['GET', `${TOPICS}/{id}`], await people.member.get(`${TOPICS}/${id}`));
        const none = await people.member.get(`${TOPICS}/999999999`);
        assert.equal(none.status, 404);
        assertAnswers(member, ['GET', `${TOPICS}/{id}`], none);
        const unknown = await portal.get(TOKENS);
        assert.equal(unknown.status, 401);
        assertAnswers(admin, ['GET', TOKENS], unknown);
        for (const target of [TOKENS, '/api/portico/v1/accounts', '/api/portico/v1/account', DOCUMENT])
            assertAnswers(admin, ['GET', target], await people.admin.get(target));
        const wish = await portal.get(WISHES, json({ title: 'A bench', urgency: 'now', pieces: 1 }));
        assert.equal(wish.status, 201);
        assertAnswers(documents.nobody, ['POST', WISHES], wish);
        const text = await portal.get(WISHES, { method: 'POST', body: 'title=x' });
        assert.equal(text.status, 415);
        assertAnswers(documents.nobody, ['POST', WISHES], text);
    });

    test('who shows what is right: a session its token as well, an access token where one is named', async () => {
        const { security } = documents.member.paths[TOPICS].post, schemes = documents.member.components.securitySchemes;
        assert.deepEqual(security, [{ session: [], forgery: [] }, { token: [] }]);
        assert.deepEqual([schemes.session.name, schemes.forgery.name, schemes.token.scheme], ['portico', 'x-csrf-token', 'bearer']);
        assert.equal((await people.member.get(TOPICS, json({}, { Accept: 'application/json' }))).status, 403, 'without the token of the session');
        assert.equal((await people.member.get(TOPICS, inSession(people.member, {}))).status, 422, 'with it');
        assert.equal((await bearer(TOPICS, json({}))).status, 422);
        let refusing = 0;
        for (const [method, pattern, operation] of operationsOf(documents.token)) {
            const open = operation.security.some((way) => 'token' in way);
            if (method !== 'GET' && open)
                continue;
            const sent = method === 'GET' || method === 'DELETE' ? { method } : { ...json(pattern === TOKENS ? { name: 'One' } : { id: '1' }), method };
            const answer = await bearer(pattern.replace(/\{[^}]+\}/g, '1'), sent);
            assert.equal(answer.status === 403, !open, `${method} ${pattern}: ${answer.status} ${answer.text}`);
            refusing += !open;
        }
        assert.equal(refusing, 4);
    });

    test('says to staff who look at the portal in somebody\'s place no more than they can open', async () => {
        const id = await makePerson(portal, { handle: 'mia', address: 'mia@example.com' });
        const looker = await signIn(portal, 'lara', 'admin');
        assert.ok(JSON.parse((await looker.get(DOCUMENT)).text).paths[TOKENS]);
        assert.equal((await looker.post(`/admin/people/${id}/view`, { reason: 'A question of theirs, by phone' })).status, 303);
        let names;
        await until(async () => {
            names = namesOf(JSON.parse((await looker.get(DOCUMENT)).text));
            return !names.includes('GET /api/communities/v1/moderation');
        }, { within: 60_000, what: 'the look to begin' });
        assert.equal((await looker.get(TOKENS)).status, 403);
        assert.deepEqual(namesOf(documents.member).filter((name) => !names.includes(name)), [`GET ${TOKENS}`]);
        await looker.post('/account/leave');
    });

    test('reads in the language of whoever asks', async () => {
        const { json: document } = await portal.get(DOCUMENT, { headers: { 'Accept-Language': 'de' } });
        assert.equal(document.info.title, 'Die API von Test portal');
        const german = await people.member.get(DOCUMENT, { headers: { 'Accept-Language': 'de' } });
        assert.equal(JSON.parse(german.text).paths['/api/portico/v1/account'].get.summary, 'Die Firma, für die Sie handeln');
        assert.equal(await explain(document), '');
    });
});
