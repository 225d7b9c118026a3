/* A company looks after its own people: invitations, roles, removal; never beyond its own, never one's own rights. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { formsOf, join, letterOf, makeAccount, makePerson, ownDomain, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const PEOPLE = '/account/company/people', INVITE = '/account/company/invite', GOOD = 'three blue kettles';
const MINUTE = { within: 60_000 };

for (const database of ['sqlite', 'postgresql'])
    describe(`a company's own people (${database})`, () => {
        let portal, smtp, harbour, mill, dana, olga;
        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, settings: { sign_in: { sign_up: 'domain' }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
            harbour = await makeAccount(portal, 'Harbour');
            mill = await makeAccount(portal, 'Mill');
            dana = await adminOf(harbour, 'dana');
            olga = await adminOf(mill, 'olga');
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        async function adminOf(account, handle) {
            await makePerson(portal, { handle, address: `${handle}@example.com` });
            await join(portal, account, handle, 'account-admin');
            return signIn(portal, handle);
        }
        const letterTo = (address, number = 1) => until(() => {
            const all = smtp.messages.map((message) => letterOf(portal, message)).filter(({ to }) => [to].flat().some((one) => one.includes(address)));
            return all.length >= number && all[number - 1];
        }, { within: 180_000, what: `letter ${number} to ${address}` }); /* behind three hundred to others */
        const invite = async (who, people, more = {}) => {
            const sent = await who.submit(INVITE, { people, language: 'en', role: 'none', ...more }, 'company_invite');
            assert.equal(sent.status, 303, textOf(sent.text));
            return sent;
        };
        const idOf = async (who, name, kind = 'people') => {
            const page = await who.get(`${PEOPLE}?q=${encodeURIComponent(name)}`);
            return new RegExp(`/account/company/${kind}/(\\d+)`).exec(page.text)?.[1];
        };
        const names = async (who) => (await who.get('/api/portico/v1/accounts')).json.items.map(({ name }) => name);

        test('somebody new accepts, chooses a name and a password, and acts for the company', async () => {
            await invite(dana, 'lee@example.com', { language: 'de' });
            assert.match(textOf((await dana.get(`${PEOPLE}?show=waiting`)).text), /lee@example\.com .*Invited/);
            assert.match(textOf((await dana.get('/account/company/log')).text), /Invitation sent dana · for lee@example\.com/);
            assert.doesNotMatch((await portal.cli('audit', 'list')).stdout, /lee@example/, 'the log itself has no addresses');
            const letter = await letterTo('lee@example.com');
            assert.match(letter.text, /dana lädt Sie ein, bei Test portal für Harbour zu handeln/);
            const lee = visitor(portal);
            assert.equal((await lee.get(letter.link)).status, 200);
            assert.equal((await lee.get(letter.link)).status, 200, 'looking does not use it');
            const weak = await lee.submit(letter.link, { name: 'Lee Park', password: 'password' }, 'accept');
            assert.equal(weak.status, 422);
            const joined = await lee.submit(letter.link, { name: 'Lee Park', password: GOOD }, 'accept');
            assert.equal(joined.status, 303, textOf(joined.text));
            assert.deepEqual(await names(lee), ['Harbour']);
            assert.equal((await lee.get(letter.link)).status, 410, 'once');
            assert.equal((await lee.get(PEOPLE)).status, 403, 'a member is no admin');
            assert.match(textOf((await dana.get(PEOPLE)).text), /Lee Park lee@example\.com/);
        });

        test('who has a sign-in accepts when signed in with the invited address, and nobody else does', async () => {
            await makePerson(portal, { handle: 'rosa', name: 'Rosa', address: 'rosa@example.com', password: true });
            await makePerson(portal, { handle: 'zoe', name: 'Zoe', address: 'zoe@example.com' });
            await invite(dana, 'rosa@example.com', { role: 'account-admin' });
            const { link } = await letterTo('rosa@example.com');
            assert.match(textOf((await visitor(portal).get(link)).text), /You have a sign-in with this address\. Sign in/);
            const zoe = await signIn(portal, 'zoe');
            assert.match(textOf((await zoe.get(link)).text), /You are signed in as Zoe, and this address is not yours/);
            await zoe.post(link, { act: 'accept' });
            assert.deepEqual(await names(zoe), []);
            const rosa = await signIn(portal, 'rosa');
            assert.equal((await rosa.post(link, { act: 'accept' })).status, 303);
            assert.deepEqual(await names(rosa), ['Harbour']);
            assert.equal((await rosa.get(PEOPLE)).status, 200, 'with the role of the invitation');
            assert.equal((await rosa.post(link, { act: 'accept' })).status, 410);
        });

        test('a table is checked line by line, and sent whole or not at all', async () => {
            const before = smtp.messages.length;
            const table = 'Name,Address,Roles\nAda,ada@example.com,account-admin\nBob,bob at example,\nCy,cy@example.com,admin\nDee,dee@example.com,nothing\nMia,müller@else.example,';
            const wrong = await dana.submit(INVITE, { people: table, language: 'en', role: 'none' }, 'company_invite');
            assert.equal(wrong.status, 422);
            assert.match(textOf(wrong.text), /Line 3: bob at example Write a whole mail address.*Line 4: cy@example\.com There is no role “admin”.*Line 5: dee@example\.com There is no role “nothing”.*Line 6: müller@else\.example Write a whole mail address/);
            assert.doesNotMatch(textOf(wrong.text), /Line 2/);
            assert.equal(await idOf(dana, 'ada@', 'invitations'), undefined);
            await invite(dana, 'Name;Address;Roles;Title\nAda;ada@example.com;account-admin;"Head, ""all"" of it"\nBea;bea@example.com;;\n;dana@example.com;;');
            await Promise.all([letterTo('ada@example.com'), letterTo('bea@example.com')]);
            assert.equal(await idOf(dana, 'dana@', 'invitations'), undefined, 'whoever belongs to it already is not invited');
            const links = smtp.messages.slice(before).map((message) => letterOf(portal, message)).filter(({ to }) => to === 'dana@example.com').map(({ link }) => link);
            assert.ok(!links.some((link) => link?.startsWith('/account/invitation/')), `and gets no mail: ${links}`);
            assert.match(textOf((await dana.get(`${PEOPLE}?q=ada`)).text), /Ada ada@example\.com · Head, "all" of it .*Account admin Invited/);
        });

        test('a list is taken as a file, too, beside what is written, and its lines are told apart', async () => {
            const send = async (list, people = '') => {
                const { fields } = formsOf((await dana.get(INVITE)).text).find(({ method }) => method === 'post');
                const body = new FormData();
                for (const [name, value] of Object.entries({ ...fields, people }))
                    body.append(name, value);
                body.append('list', new Blob([list]), 'people.csv');
                return dana.get(INVITE, { method: 'POST', body });
            };
            const wrong = await send('\uFEFFaddress;name\nfay@example.com;Fay\nnobody;Gil\n', 'hal at example');
            assert.equal(wrong.status, 422);
            assert.match(textOf(wrong.text), /Line 1: hal at example .*Line 3 of the list: nobody Write a whole mail address/);
            assert.equal(await idOf(dana, 'fay@', 'invitations'), undefined);
            assert.equal((await send('\uFEFFaddress;name\nfay@example.com;Fay\n', 'gus@example.com')).status, 303);
            await letterTo('fay@example.com');
            await letterTo('gus@example.com');
            assert.match(textOf((await send(`address\n${Array.from({ length: 101 }, (_, i) => `n${i}@example.com\n`).join('')}`)).text), /At most 100 people are invited at a time/);
            await dana.post('/portico/language', { language: 'de', next: '/' });
            assert.match(textOf((await send(new Uint8Array([0xe4, 0x40, 0x78, 0x0a]))).text), /Zeile 1 der Liste .*UTF-8: Speichern|Zeile 1 der Liste .*(nicht|kein) UTF-8/);
            await dana.post('/portico/language', { language: 'en', next: '/' });
            assert.match(textOf((await send('\n')).text), /Write at least one mail address, or choose a list/);
        });

        test('an invitation is sent again, withdrawn and asked back', async () => {
            await invite(dana, 'kim@example.com');
            const first = await letterTo('kim@example.com');
            const id = await idOf(dana, 'kim@', 'invitations');
            await dana.post(`/account/company/invitations/${id}`, { act: 'again' });
            const second = await letterTo('kim@example.com', 2);
            assert.equal((await visitor(portal).get(first.link)).status, 410, 'the link before opens nothing');
            assert.equal((await visitor(portal).get(second.link)).status, 200);
            const withdrawn = await dana.follow(await dana.post(`/account/company/invitations/${id}`, { act: 'withdraw' }));
            assert.match(textOf(withdrawn.text), /The invitation of kim@example\.com is withdrawn\. Invite again/);
            assert.equal((await visitor(portal).get(second.link)).status, 410);
            await dana.post(`/account/company/invitations/${id}`, { act: 'again' });
            assert.equal((await visitor(portal).get((await letterTo('kim@example.com', 3)).link)).status, 200);
        });

        test('roles change at once, and whoever is taken out is out within a second and asked back by one click', async () => {
            await makePerson(portal, { handle: 'max', name: 'Max', address: 'max@example.com' });
            await join(portal, harbour, 'max');
            const max = await signIn(portal, 'max');
            await until(async () => (await names(max)).includes('Harbour'), { ...MINUTE, what: 'the membership' });
            const id = await idOf(dana, 'max@');
            assert.match((await dana.follow(await dana.post(`${PEOPLE}/${id}`, { act: 'roles', 'role-account-admin': '1' }))).text, /The roles are saved/);
            await until(async () => (await max.get(PEOPLE)).status === 200, { ...MINUTE, what: 'the role' });
            const limited = await dana.follow(await dana.post(`${PEOPLE}/${id}`, { act: 'membership', title: 'Buyer', until: '2039-12-31' }));
            assert.match(limited.text, /value="Buyer".*value="2039-12-31"/s);
            assert.match((await dana.post(`${PEOPLE}/${id}`, { act: 'membership', until: '2001-01-01' })).text, /a day that is still to come/);
            const removed = await dana.follow(await dana.post(`${PEOPLE}/${id}`, { act: 'remove' }));
            assert.match(textOf(removed.text), /Max ?: They do not belong to the company any more\. Invite again/);
            await until(async () => (await max.get(PEOPLE)).status !== 200, { ...MINUTE, what: 'the end of it' });
            assert.deepEqual(await names(max), []);
            await dana.submit(removed, { act: 'again' }, '/account/company/invitations/');
            const { link } = await letterTo('max@example.com');
            assert.equal((await max.post(link, { act: 'accept' })).status, 303);
            await until(async () => (await max.get(PEOPLE)).status === 200, { ...MINUTE, what: 'the role of before' });
        });

        test('nobody changes their own, and another company\'s admin finds nothing', async () => {
            const own = await idOf(dana, 'dana@');
            for (const act of ['roles', 'remove', 'membership']) {
                const answer = await dana.post(`${PEOPLE}/${own}`, { act });
                assert.match(answer.headers.get('location') ?? '', /saved=lacking/, act);
            }
            assert.equal((await dana.get(PEOPLE)).status, 200);
            const scrub = (answer) => answer.text.replaceAll(/Request \S+|[0-9a-f]{16,}/g, '').replaceAll(/(people|invitations)\/\d+/g, '');
            await invite(dana, 'pia@example.com');
            const invitation = await idOf(dana, 'pia@', 'invitations');
            const missing = '4611686018427387904';
            for (const [path, acts] of [[`${PEOPLE}/${own}`, ['roles', 'remove', 'approve', 'membership']],
                [`/account/company/invitations/${invitation}`, ['again', 'withdraw']]]) {
                const absent = path.replace(/\d+$/, missing);
                const [foreign, none] = [await olga.get(path), await olga.get(absent)];
                assert.deepEqual([foreign.status, scrub(foreign)], [404, scrub(none)]);
                for (const act of acts) {
                    const [one, other] = [await olga.post(path, { act }), await olga.post(absent, { act })];
                    assert.deepEqual([one.status, scrub(one)], [404, scrub(other)], act);
                }
            }
            assert.doesNotMatch((await olga.get(PEOPLE)).text, /dana@example\.com|pia@example/);
            assert.doesNotMatch((await olga.get(`${PEOPLE}.csv`)).text, /dana@|pia@/);
        });

        test('only who acts in the companies below lets others act there, and the log says so', async () => {
            const group = await makeAccount(portal, 'Group'), yard = await makeAccount(portal, 'Group Yard', { below: group });
            const rita = await adminOf(group, 'rita');
            await makePerson(portal, { handle: 'tom', name: 'Tom', address: 'tom@example.com' });
            await join(portal, group, 'tom');
            const tom = await idOf(rita, 'tom@'), change = () => rita.post(`${PEOPLE}/${tom}`, { act: 'membership', title: '', below: '1', until: '2039-12-30' });
            assert.match((await change()).headers.get('location'), /saved=lacking$/);
            const cli = async (...words) => {
                const { code, stdout, stderr } = await portal.cli(...words);
                assert.equal(code, 0, stderr);
                return stdout;
            };
            await cli('account', 'member', 'Group', 'rita', '--all-below');
            assert.match((await change()).headers.get('location'), /saved=membership$/);
            const records = (await cli('audit', 'list', '--json', '--kind', 'membership.changed', '--who', 'tom')).trim().split('\n').map((line) => JSON.parse(line));
            assert.deepEqual(records.map(({ object, actor_name }) => [object, actor_name]), [['below on, until 2039-12-30', 'rita']]);
            assert.deepEqual((await names(rita)).filter((name) => name === 'Group Yard').length, 1, yard);
        });

        test('an invitation is over once its sender may give it no more or is taken out', async () => {
            const firm = await makeAccount(portal, 'Firm');
            const [vera, walt] = [await adminOf(firm, 'vera'), await adminOf(firm, 'walt')];
            await makePerson(portal, { handle: 'xeno', name: 'Xeno', address: 'xeno@example.com' });
            await makePerson(portal, { handle: 'yves', name: 'Yves', address: 'yves@example.com' });
            const [xeno, yves] = [await signIn(portal, 'xeno'), await signIn(portal, 'yves')];
            await invite(walt, 'xeno@example.com', { role: 'account-admin' });
            const { link } = await letterTo('xeno@example.com');
            const id = await idOf(vera, 'walt@');
            assert.match((await vera.post(`${PEOPLE}/${id}`, { act: 'roles' })).headers.get('location'), /saved=roles/);
            const refused = await xeno.post(link, { act: 'accept' });
            assert.equal(refused.status, 410);
            assert.match(textOf(refused.text), /Whoever invited you may do so no more: ask somebody else who looks after the company's people/);
            assert.deepEqual(await names(xeno), []);
            await vera.post(`${PEOPLE}/${id}`, { act: 'roles', 'role-account-admin': '1' });
            await until(async () => (await walt.get(PEOPLE)).status === 200, { ...MINUTE, what: 'the role again' });
            await invite(walt, 'yves@example.com');
            const other = await letterTo('yves@example.com');
            await vera.post(`${PEOPLE}/${id}`, { act: 'remove' });
            assert.equal((await yves.post(other.link, { act: 'accept' })).status, 410);
            assert.deepEqual(await names(yves), []);
        });

        test('what became of an invitation stands in the audit log with its roles, one declined for the staff alone', async () => {
            await makePerson(portal, { handle: 'vic', name: 'Vic', address: 'vic@example.com' });
            const vic = await signIn(portal, 'vic');
            const records = async (kind) => (await portal.cli('audit', 'list', '--json', '--kind', kind, '--who', 'vic')).stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
            await invite(dana, 'vic@example.com');
            await vic.post((await letterTo('vic@example.com')).link, { act: 'decline' });
            assert.equal((await records('invitation.declined')).length, 1);
            assert.doesNotMatch(textOf((await dana.get('/account/company/log')).text.replace(/<select.*?<\/select>/gs, '')), /declined/, 'as the page says: nobody is told');
            await invite(dana, 'vic@example.com', { role: 'account-admin' });
            await vic.post((await letterTo('vic@example.com', 2)).link, { act: 'accept' });
            const [accepted] = await records('invitation.accepted'), [given] = await records('role.given');
            assert.match(accepted.object, /^\d+$/);
            assert.deepEqual([given.object, given.actor_name, given.person_name], ['account-admin', 'dana', 'Vic']);
        });

        test('sending again counts as sending: a company sends so many invitations within the hour and no more', async () => {
            const account = await makeAccount(portal, 'Loud'), otis = await adminOf(account, 'otis');
            /* A few at a time: a hundred may take longer than a transaction on a busy machine, and are refused then. */
            for (let round = 1; round <= 12; round++)
                await invite(otis, Array.from({ length: 25 }, (_, n) => `guest${round}.${n}@loud.example`).join('\n'));
            const id = await idOf(otis, 'guest1.0@', 'invitations');
            const again = await otis.post(`/account/company/invitations/${id}`, { act: 'again' });
            assert.equal(again.status, 429);
            assert.match(textOf(again.text), /Nothing was sent: within an hour only so many mails go to one address, or for one person, company or network/);
        });

        test('people are looked for to mention or to share, and none without a beginning', async () => {
            assert.equal((await dana.get('/portico/people?for=anything&q=d')).status, 400);
            assert.deepEqual((await dana.get('/portico/people?for=sharing&q=')).json.items, []);
        });

        test('who only wrote an address down reads no invitation that went there', async () => {
            await invite(dana, 'sent@example.com');
            await makePerson(portal, { handle: 'nosy', name: 'Nosy', address: 'nosy@example.com' });
            const nosy = await signIn(portal, 'nosy');
            const added = await nosy.submit('/account', { address: 'sent@example.com' }, 'form-address');
            assert.equal(added.status, 303, textOf(added.text));
            const file = await nosy.post('/account/data/file');
            const rows = (table) => JSON.parse(file.text).modules.flatMap(({ tables }) => tables).find((each) => each.table === table).rows;
            assert.ok(rows('portico_address').some(({ address }) => address === 'sent@example.com'));
            assert.deepEqual(rows('portico_invitation'), []);
        });

        test('the list of one\'s companies does not tell another\'s id from one that is none', async () => {
            const zulu = await makeAccount(portal, 'Zulu');
            const after = async (id) => (await olga.get(`/api/portico/v1/accounts?after=${id}`)).json.items.map(({ name }) => name);
            assert.deepEqual(await after('4611686018427387904'), ['Mill']);
            assert.deepEqual(await after(zulu), ['Mill']);
            assert.deepEqual(await after(mill), []);
        });

        test('of two admins who take one another out at the same time one remains', async () => {
            const account = await makeAccount(portal, 'Race');
            const [ann, ben] = [await adminOf(account, 'ann'), await adminOf(account, 'ben')];
            await until(async () => (await ann.get(PEOPLE)).status === 200 && (await ben.get(PEOPLE)).status === 200, { ...MINUTE, what: 'both' });
            const [ofAnn, ofBen] = [await idOf(ben, 'ann@'), await idOf(ann, 'ben@')];
            await Promise.all([ann.post(`${PEOPLE}/${ofBen}`, { act: 'remove' }), ben.post(`${PEOPLE}/${ofAnn}`, { act: 'remove' })]);
            const left = async () => (await Promise.all([ann, ben].map(async (who) => (await who.get(PEOPLE)).status))).filter((status) => status === 200).length;
            await until(async () => await left() === 1, { ...MINUTE, what: 'one of them to be out' });
        });

        test('who signs up with an address in the company\'s domain asks to join, and is approved or declined', async () => {
            await assert.rejects(ownDomain(portal, mill, 'gmail.com'), /Anybody gets an address there/);
            await ownDomain(portal, mill, '@Mill.Example');
            await assert.rejects(ownDomain(portal, harbour, 'mill.example'), /another company's/);
            for (const name of ['Ida', 'Joe', 'Stranger']) {
                const address = name === 'Stranger' ? 'stranger@elsewhere.example' : `${name.toLowerCase()}@mill.example`;
                const asked = await visitor(portal).submit('/account/join', { name, address }, 'join');
                assert.deepEqual([asked.status, asked.headers.get('location')], [303, '/account/sent?for=join'], 'the same for all');
            }
            const ida = visitor(portal), joe = visitor(portal);
            for (const [who, address] of [[ida, 'ida@mill.example'], [joe, 'joe@mill.example']])
                assert.equal((await who.submit((await letterTo(address)).link, { password: GOOD }, 'password')).status, 303);
            assert.ok(!smtp.messages.some((message) => letterOf(portal, message).to.toString().includes('stranger')));
            assert.deepEqual(await names(ida), [], 'not before somebody approved');
            assert.match(textOf((await olga.get(`${PEOPLE}?show=waiting`)).text), /Ida ida@mill\.example .*Asks to join Approve.*Joe/);
            const outside = await olga.submit(INVITE, { people: 'guest@other.example', language: 'en', role: 'none' }, 'company_invite');
            assert.equal(outside.status, 422);
            assert.match(textOf(outside.text), /not one of your company's/);
            await invite(olga, 'guest@other.example', { outside: '1' });
            await olga.post(`${PEOPLE}/${await idOf(olga, 'ida@')}`, { act: 'approve' });
            await until(async () => (await names(ida)).includes('Mill'), { ...MINUTE, what: 'Ida to belong to it' });
            const declined = await olga.follow(await olga.post(`${PEOPLE}/${await idOf(olga, 'joe@')}`, { act: 'decline' }));
            assert.match(textOf(declined.text), /Joe ?: Declined/);
            assert.match((await letterTo('olga@example.com')).subject, /Ida asks to join Mill/);
            const told = (await portal.cli('event', 'list', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line).type.replace('portal.portico.', ''));
            assert.deepEqual(['membership.applied', 'membership.declined'].map((type) => told.filter((each) => each === type).length), [2, 1]);
            assert.doesNotMatch(textOf((await olga.get('/account/notices')).text), /asks to join Mill/, 'answered is over');
            assert.doesNotMatch((await portal.cli('user', 'list', '--json')).stdout, /Stranger/, 'nothing is left of who may not come in');
            const log = textOf((await olga.get('/account/company/log')).text);
            assert.match(log, /Member declined olga · about Joe/);
            assert.doesNotMatch(log, /Member removed olga · about Joe/);
            assert.deepEqual(await names(joe), []);
        });

        test('a review confirms all but those ticked, notes when and by whom, and stands in the log', async () => {
            await makePerson(portal, { handle: 'ulf', name: 'Ulf', address: 'ulf@example.com' });
            await join(portal, mill, 'ulf');
            const ulf = await idOf(olga, 'ulf@');
            const REVIEW = '/account/company/review';
            assert.doesNotMatch(textOf((await olga.get(REVIEW)).text), /Last reviewed/);
            const asked = await olga.submit(REVIEW, { [`out-${ulf}`]: '1' }, REVIEW);
            assert.match(textOf(asked.text), /Take these people out\?.* Ulf /);
            assert.doesNotMatch(textOf(asked.text), /olga@/, 'whoever stays is not in question');
            assert.match((await olga.get(PEOPLE)).text, /ulf@/, 'nothing is done before the answer');
            const done = await olga.follow(await olga.submit(asked, {}, REVIEW));
            assert.match(textOf(done.text), /Last reviewed .* by olga\. Reviewed\. .*confirmed/);
            assert.doesNotMatch(done.text, /ulf@/);
            assert.match((await olga.get(`${PEOPLE}.csv`)).text, /olga@example\.com,olga,account-admin,,member,,,,\d{4}-\d\d-\d\d/);
            const log = textOf((await olga.get('/account/company/log')).text);
            assert.match(log, /Access reviewed olga/);
            assert.match(log, /Member removed olga · about Ulf/);
            assert.doesNotMatch(log, /dana/, 'nothing of another company');
        });

        test('a review counts once everybody was looked at, not with its first page', async () => {
            const REVIEW = '/account/company/review', LAST = /Last reviewed/;
            const quay = await makeAccount(portal, 'Quay');
            for (let i = 0; i < 27; i++) {
                const handle = `quay${i}`;
                await makePerson(portal, { handle, address: `${handle}@quay.example` });
                await join(portal, quay, handle, i ? '' : 'account-admin');
            }
            const boss = await signIn(portal, 'quay0');
            const first = await boss.get(REVIEW);
            const second = await boss.submit(first, {}, REVIEW);
            assert.match(second.headers.get('location'), /\/review\?behind=/);
            const page = await boss.follow(second);
            assert.doesNotMatch(textOf(page.text), LAST, 'others were not looked at yet');
            const log = async () => textOf((await boss.get('/account/company/log')).text);
            assert.match(await log(), /Access reviewed in part quay0/);
            assert.match((await portal.cli('audit', 'list', '--kind', 'access.confirmed')).stdout, /quay0/);
            assert.doesNotMatch(await log(), /Access reviewed quay0/);
            /* Who begins with the last page did not look at the others. */
            const skipped = await boss.submit(await boss.get(second.headers.get('location').replace(/&since=\d+/, '')), {}, REVIEW);
            assert.equal(skipped.headers.get('location'), `${REVIEW}?part=1`);
            const told = textOf((await boss.follow(skipped)).text);
            assert.match(told, /It counts as a review once everybody was looked at/);
            assert.doesNotMatch(told, LAST);
            const done = await boss.submit(page, {}, REVIEW);
            assert.equal(done.headers.get('location'), `${REVIEW}?done=1`);
            assert.match(textOf((await boss.follow(done)).text), /Last reviewed .* by quay0\. Reviewed\./);
            assert.match(await log(), /Access reviewed quay0/);
        });

        test('the list goes out as CSV that is no formula, and can be sent back in', async () => {
            await makePerson(portal, { handle: 'eve', name: '=HYPERLINK("x")', address: 'eve@example.com' });
            await join(portal, mill, 'eve');
            const csv = await olga.get(`${PEOPLE}.csv`);
            assert.match(csv.headers.get('content-type'), /text\/csv/);
            assert.match(csv.text, /^address,name,roles,title,state/);
            assert.match(csv.text, /eve@example\.com,"'=HYPERLINK\(""x""\)"/);
        });

        test('a link to a page of another of one\'s companies leads there, says so, and back', async () => {
            await join(portal, mill, 'dana', 'account-admin');
            await until(async () => (await names(dana)).includes('Mill'), { ...MINUTE, what: 'the second membership' });
            const eve = await idOf(olga, 'eve@');
            const open = (target, headers = {}) => dana.get(target, { headers });
            assert.equal((await open(`${PEOPLE}/${eve}`, { 'Sec-Fetch-Dest': 'image' })).status, 404, 'not as a picture');
            assert.equal((await open(`${PEOPLE}/${eve}`, { 'Sec-Purpose': 'prefetch' })).status, 404, 'not before anybody wants it');
            assert.equal((await dana.post(`${PEOPLE}/${eve}`, { act: 'remove' })).status, 404, 'for reading only');
            const led = await open(`${PEOPLE}/${eve}?saved=x`);
            assert.deepEqual([led.status, led.headers.get('location')], [303, `${PEOPLE}/${eve}?saved=x`]);
            const page = await dana.follow(led);
            assert.equal(page.status, 200);
            assert.match(textOf(page.text), /You act for Mill now\. This page is not there for Harbour, where you came from\. Back to Harbour Stay here/);
            assert.equal((await dana.post('/account/switch', { account: harbour })).status, 303);
            assert.doesNotMatch((await dana.get(PEOPLE)).text, /You act for Mill now/);
            const scrub = (answer) => answer.text.replaceAll(/Request \S+|[0-9a-f]{16,}/g, '').replaceAll(/people\/\d+/g, '');
            const race = await idOf(await signIn(portal, 'olga'), 'olga@');
            assert.ok(race);
            const lost = await olga.get(`${PEOPLE}/4611686018427387904`), foreign = await olga.get(`${PEOPLE}/${await idOf(dana, 'lee@')}`);
            assert.deepEqual([foreign.status, scrub(foreign)], [404, scrub(lost)]);
        });
    });
