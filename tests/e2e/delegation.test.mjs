/* A company lets a partner act for it: what the partner's people may there, who sees it, how it ends. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { join, letItGetLate, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const PAGE = '/account/company/delegations', PEOPLE = '/account/company/people', LOG = '/account/company/log';
const MINUTE = { within: 60_000 };
/* A last day next year. */
const DAY = new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);
const asked = { partner: 'Northwind', 'role-account-admin': '1', until: DAY, reason: 'They look after our people.' };

for (const database of ['sqlite', 'postgresql'])
    describe(`a partner that acts for a company (${database})`, () => {
        let portal, acme, northwind, dana, pat, lee, admin;
        before(async () => {
            portal = await startPortal({ database });
            acme = await makeAccount(portal, 'Acme');
            northwind = await makeAccount(portal, 'Northwind');
            await said('account', 'kind', 'Northwind', 'partner');
            dana = await personOf(acme, 'dana', 'account-admin');
            pat = await personOf(northwind, 'pat', 'account-admin');
            lee = await personOf(northwind, 'lee');
            admin = await signIn(portal, 'root', 'admin');
        });
        after(() => portal?.close());

        async function personOf(account, handle, roles) {
            await makePerson(portal, { handle, name: handle[0].toUpperCase() + handle.slice(1), address: `${handle}@example.com` });
            await join(portal, account, handle, roles);
            return signIn(portal, handle);
        }
        const said = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        const names = async (who) => (await who.get('/api/portico/v1/accounts')).json.items.map(({ name }) => name);
        const goOver = (who, account) => who.post('/account/switch', { account });
        const give = (who, more = {}) => who.submit(PAGE, { ...asked, ...more }, PAGE);
        const endOf = (text) => /name="end" value="(\d+)"/.exec(text)?.[1];
        const offerOf = (text) => /name="accept" value="(\d+)"/.exec(text)?.[1];
        const accept = async (who) => who.post(PAGE, { accept: offerOf((await who.get(PAGE)).text) });
        /* Offered and accepted; both act for their own companies. */
        const lend = async (from, to) => {
            const offered = await give(from);
            assert.equal(offered.status, 303, textOf(offered.text));
            await goOver(to, northwind);
            assert.equal((await accept(to)).headers.get('location'), `${PAGE}?saved=accepted`);
        };
        const end = async (who) => who.post(PAGE, { end: endOf((await who.get(PAGE)).text) });

        test('its admins find the company, act there as themselves with what was given, and both sides read of it', async () => {
            assert.deepEqual(await names(pat), ['Northwind']);
            assert.equal((await goOver(pat, acme)).status, 404);
            assert.equal((await give(dana)).headers.get('location'), `${PAGE}?saved=given`);
            /* Only offered: both read of it, and nobody is in. */
            assert.match(textOf((await dana.get(PAGE)).text), /They act for you Northwind Account admin, Account member · until \d{1,2} \w+ \d{4} .* offered by Dana Not accepted yet Withdraw/);
            const offer = await pat.get(PAGE);
            assert.match(textOf(offer.text), /They ask you to act for them Acme Account admin, Account member · until \d{1,2} \w+ \d{4} They look after our people\. · offered by Dana Accept Decline/);
            assert.deepEqual(await names(pat), ['Northwind']);
            assert.equal((await goOver(pat, acme)).status, 404);
            const notice = await until(async () => /Acme asks Northwind to act for them/.test((await pat.get('/account/notices')).text) && pat.get('/account/notices'), { ...MINUTE, what: 'the notice' });
            assert.match(notice.text, new RegExp(`${PAGE}\\?of=${offerOf(offer.text)}`));
            assert.equal((await lee.post(PAGE, { accept: offerOf(offer.text) })).status, 403, 'a member accepts nothing');
            assert.equal((await dana.post(PAGE, { accept: offerOf(offer.text) })).status, 404, 'nor does who offers it');
            assert.equal((await accept(pat)).headers.get('location'), `${PAGE}?saved=accepted`);
            await until(async () => (await names(pat)).includes('Acme'), { ...MINUTE, what: 'the way in' });
            await until(async () => /Northwind acts for Acme from now on/.test((await dana.get('/account/notices')).text), { ...MINUTE, what: 'the notice' });
            assert.deepEqual(await names(lee), ['Northwind'], 'a member of the partner may not act for others');
            assert.match(textOf((await pat.get('/account')).text), /Acme – for Northwind/);
            assert.equal((await pat.get('/api/portico/v1/accounts')).json.items.find(({ name }) => name === 'Acme').through, 'Northwind');
            assert.match(textOf((await pat.get('/account/switch')).text), /Acme for Northwind/);
            assert.equal((await goOver(pat, acme)).status, 303);
            assert.match(textOf((await pat.get(PEOPLE)).text), /People of Acme.*Dana/);
            const log = textOf((await dana.get(LOG)).text);
            assert.match(log, /Delegation accepted.* Pat · Northwind .*Delegation offered.* Dana · Northwind/);
            assert.match(textOf((await pat.get(LOG)).text), /Delegation offered.* Dana · Northwind/, 'as what they were given lets them read');
            await goOver(pat, northwind);
            assert.match(textOf((await pat.get(PAGE)).text), /You act for them Acme Account admin, Account member · until \d{1,2} \w+ \d{4} They look after our people\. · given by Dana End/);
            assert.match(textOf((await pat.get(LOG)).text), /Delegation accepted.* Pat · Acme .*Delegation offered.* Dana · Acme/);
            assert.match(textOf((await dana.get(PAGE)).text), /They act for you Northwind Account admin/);
        });

        test('either company ends it, and whoever acts there is out within a second', async () => {
            await goOver(pat, acme);
            assert.equal((await pat.get(PEOPLE)).status, 200);
            assert.equal((await end(dana)).status, 303);
            await until(async () => (await pat.get(PEOPLE)).status !== 200, { ...MINUTE, what: 'the end' });
            assert.deepEqual(await names(pat), ['Northwind']);
            await lend(dana, pat);
            assert.equal((await end(pat)).status, 303);
            assert.equal(endOf((await dana.get(PAGE)).text), undefined);
            assert.match(textOf((await dana.get(LOG)).text), /Delegation ended: Account admin, Account member Pat · Northwind/);
        });

        test('an offer is withdrawn by the one, declined by the other, and over with what its giver may', async () => {
            await goOver(pat, northwind);
            await give(dana);
            const first = offerOf((await pat.get(PAGE)).text);
            assert.equal((await end(dana)).headers.get('location'), `${PAGE}?saved=withdrawn`);
            assert.equal((await pat.post(PAGE, { accept: first })).status, 404, 'withdrawn is gone');
            assert.match(textOf((await pat.get(LOG)).text), /^.*?Delegation withdrawn.*? Dana · Acme/);
            await until(async () => /Acme asks Northwind no more to act for them/.test((await pat.get('/account/notices')).text), { ...MINUTE, what: 'the notice' });
            await give(dana);
            assert.equal((await end(pat)).headers.get('location'), `${PAGE}?saved=declined`);
            assert.match(textOf((await dana.get(LOG)).text), /^.*?Delegation declined.*? Pat · Northwind/);
            await until(async () => /Northwind does not want to act for Acme/.test((await dana.get('/account/notices')).text), { ...MINUTE, what: 'the notice' });
            assert.deepEqual(await names(pat), ['Northwind']);

            /* What may be given is asked anew: a rule, a role and a sign-in may have changed meanwhile. */
            const gus = await personOf(acme, 'gus', 'account-admin');
            await give(gus);
            await said('account', 'member', 'Acme', 'gus', '-account-admin');
            const late = await pat.post(PAGE, { accept: offerOf((await pat.get(PAGE)).text) });
            assert.equal(late.status, 422);
            assert.match(textOf(late.text), /Whoever offered it may not do so any more/);
            assert.deepEqual(await names(pat), ['Northwind']);
            await said('account', 'member', 'Acme', 'gus', '+account-admin');
            await letItGetLate(portal, 'pat');
            assert.equal((await accept(pat)).headers.get('location'), `/account/again?next=${PAGE}`, 'it is proved again');
            await said('user', 'disable', 'gus');
            pat = await signIn(portal, 'pat');
            assert.equal((await accept(pat)).status, 422, 'who cannot sign in offers nothing');
            /* A link to one opens for its companies alone. */
            const link = `${PAGE}?of=${offerOf((await pat.get(PAGE)).text)}`;
            assert.equal((await pat.get(link)).status, 200);
            const stranger = await personOf(await makeAccount(portal, 'Wharf'), 'wren', 'account-admin');
            assert.deepEqual([(await stranger.get(link)).status, (await stranger.get(`${PAGE}?of=4711`)).status], [404, 404]);
            assert.equal((await end(pat)).status, 303);
        });

        test('nobody gives it on, to themselves, without proof, or ends what is others\'', async () => {
            await lend(dana, pat);
            const id = endOf((await dana.get(PAGE)).text);
            await until(async () => (await names(pat)).includes('Acme'), { ...MINUTE, what: 'the way in' });
            const olga = await personOf(await makeAccount(portal, 'Mill'), 'olga', 'account-admin');
            const foreign = await olga.post(PAGE, { end: id }), missing = await olga.post(PAGE, { end: '4711' });
            assert.deepEqual([foreign.status, foreign.text.replace(/[0-9a-f-]{16,}/g, '')], [404, missing.text.replace(/[0-9a-f-]{16,}/g, '')]);
            await makeAccount(portal, 'Broker');
            await said('account', 'kind', 'Broker', 'partner');
            await goOver(pat, acme);
            assert.doesNotMatch((await pat.get(PAGE)).text, /Let a partner act for you/);
            const onward = await pat.post(PAGE, { ...asked, partner: 'Broker' });
            assert.equal(onward.status, 422);
            assert.match(textOf(onward.text), /only people of this one let others act for it/);
            await end(dana);
            await join(portal, northwind, 'dana');
            const own = await give(dana);
            assert.match(textOf(own.text), /You belong to that company yourself/);
            assert.equal(own.status, 422);
            for (const other of [northwind, `external:crm:0815`]) {
                const told = await give(dana, { partner: other });
                assert.match(textOf(told.text), /No partner is called exactly so/, other);
            }
            const anyone = await give(dana, { partner: 'Mill' }), nobody = await give(dana, { partner: 'Nowhere' });
            assert.equal(anyone.status, 422);
            assert.match(textOf(anyone.text), /No partner is called exactly so/);
            assert.match(textOf(nobody.text), /No partner is called exactly so/);
            assert.match(textOf((await give(dana, { partner: 'Broker', until: '2020-01-01' })).text), /The last day is over already/);
            assert.match(textOf((await give(dana, { partner: 'Broker', until: '9999-12-31' })).text), /It ends within two years/);
            assert.match(textOf((await give(dana, { partner: 'Broker', reason: ' ' })).text), /A reason is missing/);
            await letItGetLate(portal, 'dana');
            assert.equal((await give(dana, { partner: 'Broker' })).headers.get('location'), `/account/again?next=${PAGE}`);
        });

        test('a partner\'s admins are not asked without end', async () => {
            const ask = await makeAccount(portal, 'Asker');
            const ann = await personOf(ask, 'ann', 'account-admin');
            for (let i = 0; i < 10; i++) {
                assert.equal((await give(ann)).status, 303);
                assert.equal((await end(ann)).headers.get('location'), `${PAGE}?saved=withdrawn`);
            }
            const often = await give(ann);
            assert.equal(often.status, 429);
            assert.ok(Number(often.headers.get('retry-after')) > 0);
            assert.match(textOf(often.text), /Partners were asked too often within an hour, and each time their admins are told\. .*Try again in/);
            assert.match(often.text, /They look after our people\./, 'what was written stays');
            assert.equal((await give(ann, { partner: 'Broker' })).status, 303, 'another one may still be asked');
        });

        test('whoever acts for a partner gives nothing that lasts, and ends no other partner\'s', async () => {
            const broker = await makeAccount(portal, 'Ferry');
            await said('account', 'kind', String(broker), 'partner');
            await said('account', 'delegate', 'Acme', 'Ferry', 'account-member', '--until', DAY, '--reason', 'Tickets.', '--accepted');
            const other = endOf((await dana.get(PAGE)).text);
            await said('account', 'delegate', 'Acme', 'Northwind', 'account-admin', '--until', DAY, '--reason', 'People.', '--accepted');
            await until(async () => (await names(pat)).includes('Acme'), { ...MINUTE, what: 'the way in' });
            await goOver(pat, acme);
            const words = /You act here for another company: only people of this one/;
            const invited = await pat.submit('/account/company/invite', { people: 'new@example.com', language: 'en', role: 'account-admin' }, 'company_invite');
            const plain = await pat.submit('/account/company/invite', { people: 'new@example.com', language: 'en', role: 'none' }, 'company_invite');
            for (const answer of [invited, plain]) {
                assert.notEqual(answer.status, 303);
                assert.match(textOf(answer.text), words);
            }
            assert.doesNotMatch(textOf((await dana.get(LOG)).text.replace(/<select.*?<\/select>/gs, '')), /Invitation sent/);
            const ended = await pat.post(PAGE, { end: other });
            assert.equal(ended.status, 422);
            assert.match(textOf(ended.text), words);
            const id = (path, text) => new RegExp(`${path}/(\\d+)`).exec(text)[1];
            assert.equal((await dana.post('/account/company/teams', { name: 'Board' })).status, 303);
            const team = `/account/company/teams/${id('/account/company/teams', (await dana.get('/account/company/teams')).text)}`;
            assert.equal((await dana.submit('/account/company/invite', { people: 'guest@example.com', language: 'en', role: 'none' }, 'company_invite')).status, 303);
            const guest = `/account/company/invitations/${id('/account/company/invitations', (await dana.get(`${PEOPLE}?show=waiting`)).text)}`;
            const before = (await dana.get(LOG)).text;
            for (const [path, fields, status = 200] of [
                ['/account/company/teams', { name: 'Crew' }],
                [team, { act: 'remove' }],
                ['/account/company', { act: 'name', role: 'security', who: 'dana' }],
                [guest, { act: 'withdraw' }, 403],
            ]) {
                const answer = await pat.post(path, fields);
                assert.equal(answer.status, status === 200 ? 422 : status, `${path} ${JSON.stringify(fields)}: ${textOf(answer.text)}`);
                assert.match(textOf(answer.text), words, path);
            }
            const review = (await pat.get('/account/company/review')).text;
            assert.match(textOf(review), words, 'told before they tick anybody');
            assert.doesNotMatch(review, /type="checkbox"|btn main/);
            assert.equal((await pat.submit('/account/company/review', { sure: '1' }, '/review')).headers.get('location'), '/account/company/review?lacking=1');
            const list = (text) => /<ul class="rows.*?<\/ul>/s.exec(text)[0].match(/<b>.*?<\/b>/gs).map(textOf);
            assert.deepEqual(list((await dana.get(LOG)).text), list(before), 'nothing of it was done');
            await said('account', 'undelegate', 'Acme', 'Ferry');
            assert.equal((await end(pat)).status, 303, 'what they were lent they give back');
        });

        test('staff give and end it on the company\'s page, and the operator by command', async () => {
            const page = `/admin/accounts/${acme}`;
            const given = await admin.post(page, { act: 'delegate', ...asked });
            assert.equal(given.status, 303, textOf(given.text));
            const shown = await admin.get(page);
            assert.match(textOf(shown.text), /Northwind Account admin · until \d{1,2} \w+ \d{4} They look after our people\. · offered by root Not accepted yet Withdraw/);
            assert.match(textOf((await admin.get(`/admin/accounts/${northwind}`)).text), /It is asked to act for Acme/);
            await goOver(pat, northwind);
            assert.equal((await accept(pat)).status, 303);
            assert.match(textOf((await admin.get(page)).text), /Northwind Account admin · until \d{1,2} \w+ \d{4} They look after our people\. · given by root End/);
            assert.match(textOf((await admin.get(`/admin/accounts/${northwind}`)).text), /It acts for Acme/);
            assert.equal((await admin.post(page, { act: 'undelegate', end: endOf(shown.text) })).status, 303);
            await said('account', 'delegate', 'Acme', 'Northwind', 'account-member', '--until', DAY, '--reason', 'Orders.');
            await goOver(pat, northwind);
            assert.equal((await accept(pat)).status, 303, 'what the operator offers');
            await until(async () => (await names(pat)).includes('Acme'), { ...MINUTE, what: 'the way in' });
            await goOver(pat, acme);
            assert.equal((await pat.get(PEOPLE)).status, 403, 'a member looks after nobody');
            /* What a partner was lent ends when it is none any more, and does not come back with the kind. */
            await said('account', 'kind', 'Northwind', 'customer');
            await until(async () => !(await names(pat)).includes('Acme'), { ...MINUTE, what: 'the end' });
            assert.match(textOf((await dana.get(LOG)).text), /^.*?Delegation ended/);
            await said('account', 'kind', 'Northwind', 'partner');
            assert.doesNotMatch((await dana.get(PAGE)).text, /name="end"/);
            assert.equal((await names(pat)).includes('Acme'), false);
        });
    });
