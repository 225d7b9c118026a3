/* Each kind of act that the audit log knows is written by the act itself: who did it, to whom, at which company. What other
 * suites hold against their acts is theirs; the last test says of each kind where. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory, root } from '../lib/paths.mjs';
import { join, letItGetLate, letterOf, makeAccount, makePerson, ownDomain, PASSWORD, signIn, textOf, visitor } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { codeOf } from '../lib/totp.mjs';
import { until } from '../lib/wait.mjs';

const NEW = 'rain on seven roofs';
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const done = (answer, status = 303) => assert.equal(answer.status, status, textOf(answer.text)) ?? answer;

/* [what is done, how: what it returns is not looked at, records "kind by whom about whom at which company: object", and kinds
 * of which there is none]; nobody: "-". */
const acts = (at) => {
    const { who, portal } = at, company = '/account/company', PEOPLE = `${company}/people`, LENT = `${company}/delegations`;
    const cli = async (...words) => {
        const { code, stderr } = await portal.cli(...words);
        assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    };
    const letterTo = async (address, subject) => (await until(() => at.smtp.messages.filter(({ to }) => to === address).map((message) => letterOf(portal, message))
        .find((letter) => subject.test(letter.subject)), { within: 60_000, what: `a letter to ${address}` })).link;
    const offers = async (person) => [...(await person.get(LENT)).text.matchAll(/name="(accept|end)" value="(\d+)"/g)].map(([, name, id]) => ({ name, id }));
    const offer = () => who.dana.post(LENT, { partner: 'Northwind', reason: 'They run our billing.', until: inDays(90), 'role-account-member': '1' });
    const answer = async (person, name) => done(await person.post(LENT, { [name]: (await offers(person)).find((one) => one.name === name).id }));
    const invited = async (address) => {
        done(await who.dana.submit(`${company}/invite`, { people: address, language: 'en', role: 'none' }, 'company_invite'));
        const { text } = await who.dana.get(`${PEOPLE}?show=waiting`);
        return new RegExp(`/invitations/(\\d+)[^>]*>${address}`).exec(text)?.[1] ?? /\/invitations\/(\d+)/.exec(text)[1];
    };
    const asked = async () => {
        done(await who.ben.post('/account/access', { path: PEOPLE, words: 'Two colleagues wait.' }));
        return /\/account\/access\/requests\/\d+/.exec((await who.dana.get('/account/access/requests')).text)[0];
    };
    const renames = (changes) => who.mara.submit('/account', changes, 'form-profile');
    const team = async () => /\/account\/company\/teams\/\d+/.exec((await who.dana.get(`${company}/teams`)).text)[0];
    const addresses = async (act) => new RegExp(`name="id" value="(\\d+)"><button[^>]*value="${act}"`).exec((await who.mara.get('/account')).text)[1];
    return [
        ['an account is renamed', () => cli('account', 'rename', 'Shell', 'Husk'), ['account.renamed - - Husk: Shell: now Husk']],
        ['it is moved', () => cli('account', 'move', 'Husk', 'Acme'), [`account.moved - - Husk: below none: now below ${at.accounts.Acme}`]],
        ['it is moved out', () => cli('account', 'move', 'Husk'), [`account.moved - - Husk: below ${at.accounts.Acme}: now below none`]],
        ['it is of another kind', () => cli('account', 'kind', 'Husk', 'partner'), ['account.changed - - Husk: customer: now partner']],
        ['it is known elsewhere', () => cli('account', 'know', 'Husk', 'crm:1'), ['account.changed - - Husk: crm:1: on']],
        ['a module knows more of it', () => cli('contacts', 'know', 'crm:1', 'plan', 'basic'), ['account.fact - - Husk: contacts.plan: none: now basic']],
        ['the same', () => cli('contacts', 'know', 'crm:1', 'plan', 'basic'), [], ['account.fact', 'account.fact-inside']],
        ['and something else, as its people read', async () => {
            await cli('account', 'know', 'Acme', 'crm:2');
            await cli('contacts', 'know', 'crm:2', 'terms', 'Thirty days net.');
            await cli('contacts', 'know', 'crm:2', 'terms', `As agreed: now ${'ü'.repeat(60)}`);
            await cli('contacts', 'know', 'crm:2', 'plan', 'plus');
            await cli('contacts', 'know', 'crm:2', 'plan');
            const log = textOf((await who.dana.get(`${company}/log`)).text);
            for (const words of ['Support plan: – → Around the clock', 'Support plan: Around the clock → –', 'Terms: – → Thirty days net.'])
                assert.ok(log.includes(words), `${words}: ${log}`);
        }, [['none', 'Thirty days net.'], ['Thirty days net.', `As agreed: now ${'ü'.repeat(12)}…`]].map(([was, is]) => `account.fact - - Acme: contacts.terms: ${was}: now ${is}`).concat(
            [['none', 'plus'], ['plus', 'none']].map(([was, is]) => `account.fact - - Acme: contacts.plan: ${was}: now ${is}`))],
        ['and what they do not read', async () => {
            await cli('contacts', 'know', 'crm:2', 'credit', 'true');
            assert.doesNotMatch((await who.dana.get(`${company}/log`)).text, /credit|staff alone/);
        }, ['account.fact-inside - - Acme: contacts.credit: none: now true'], ['account.fact']],
        ['it is so no more', () => cli('account', 'forget', 'Husk', 'crm:1'), ['account.changed - - Husk: crm:1: off']],
        ['somebody looks after it', () => cli('account', 'team', 'Husk', 'chief', 'Advisor'), ['contact.changed - chief Husk: account team: Advisor']],
        ['as something else', () => cli('account', 'team', 'Husk', 'chief', 'Manager'), ['contact.changed - chief Husk: account team: Advisor: now Manager']],
        ['it is suspended', () => cli('account', 'suspend', 'Husk'), ['account.suspended - - Husk: was open']],
        ['it is opened again', () => cli('account', 'open', 'Husk'), ['account.opened - - Husk: was suspended']],
        ['it is closed', () => cli('account', 'close', 'Husk'), ['account.closed - - Husk: was open']],
        ['a role is made', () => cli('role', 'add', 'buyer', 'Buyer'), ['role.made - - -: buyer']],
        ['it is described', async () => done(await who.chief.post('/admin/roles/buyer', { act: 'describe', new_title: 'Buyers' })), ['role.described chief - -: buyer']],
        ['it is ruled', () => cli('role', 'allow', 'buyer', 'portico.company'), ['role.ruled - - -: buyer may portico.company']],
        ['its rule is taken back', () => cli('role', 'reset', 'buyer', 'portico.company'), ['role.reset - - -: buyer reset portico.company']],
        ['it is removed', () => cli('role', 'remove', 'buyer'), ['role.removed - - -: buyer']],
        ['a team is made', async () => done(await who.dana.post(`${company}/teams`, { name: 'The crew' })), ['team.made dana - Acme: The crew']],
        ['somebody joins it', async () => done(await who.dana.post(await team(), { act: 'in', who: 'ben' })), ['team.changed dana ben Acme: The crew: in']],
        ['it is removed', async () => done(await who.dana.post(await team(), { act: 'remove' })), ['team.removed dana - Acme']],
        ['a partner is asked', async () => done(await offer()), ['delegation.offered dana - Acme Northwind', 'delegation.offered dana - Northwind Acme']],
        ['it declines', () => answer(who.pat, 'end'), ['delegation.declined pat - Acme Northwind', 'delegation.declined pat - Northwind Acme']],
        ['an offer is withdrawn', async () => { await offer(); await answer(who.dana, 'end'); }, ['delegation.withdrawn dana - Acme Northwind', 'delegation.withdrawn dana - Northwind Acme']],
        ['an offer is accepted', async () => { await offer(); await answer(who.pat, 'accept'); }, ['delegation.accepted pat - Acme Northwind', 'delegation.accepted pat - Northwind Acme']],
        ['a delegation ends', () => answer(who.dana, 'end'), ['delegation.ended dana - Acme Northwind', 'delegation.ended dana - Northwind Acme']],
        ['one is given by command', () => cli('account', 'delegate', 'Acme', 'Northwind', 'account-member', '--until', inDays(60), '--reason', 'It was agreed.', '--accepted'), ['delegation.given - - Acme Northwind', 'delegation.given - - Northwind Acme']],
        ['somebody is invited into a company', async () => { at.invitation = await invited('guest@acme.example'); }, ['invitation.sent dana - Acme']],
        ['the invitation is withdrawn', async () => done(await who.dana.post(`${company}/invitations/${at.invitation}`, { act: 'withdraw' })), ['invitation.withdrawn dana - Acme']],
        ['an application is approved', async () => {
            const ida = visitor(portal);
            await ida.submit('/account/join', { name: 'Ida', address: 'ida@acme.example' }, 'join');
            done(await ida.submit(await letterTo('ida@acme.example', /./), { password: NEW }, 'password'));
            const [own] = /\/account\/company\/people\/\d+/.exec((await who.dana.get(`${PEOPLE}?show=waiting`)).text);
            done(await who.dana.post(own, { act: 'approve' }));
        }, ['membership.approved dana Ida Acme']],
        ['a permission is asked for', async () => { at.asked = await asked(); }, ['access.asked ben ben Acme']],
        ['it is refused', async () => done(await who.dana.post(at.asked, { act: 'refuse' })), ['access.refused dana ben Acme']],
        ['access is reviewed', async () => done(await who.dana.submit(`${company}/review`, {}, 'review')), ['access.reviewed dana - Acme']],
        ['the list of people goes out', async () => done(await who.dana.get(`${PEOPLE}.csv`), 200), ['people.exported dana - Acme']],
        ['somebody is invited into the portal', async () => done(await who.chief.submit('/admin/people/invite', { name: 'Nils', address: 'nils@example.com', role: 'member' }, 'invite')), ['person.invited chief Nils -']],
        ['while they wait they are invited again', async () => done(await who.chief.post(`/admin/people/${await at.idOf('Nils')}`, { act: 'link' })), ['person.invited chief Nils -'], ['password.link-sent']],
        ['who is in gets a link for a password', async () => done(await who.chief.post(`/admin/people/${at.ids.mara}`, { act: 'link' })), ['password.link-sent chief mara -'], ['person.invited']],
        ['and nothing goes out to who has no address', async () => {
            const answer = done(await who.chief.post(`/admin/people/${at.ids.nell}`, { act: 'link' }));
            assert.match(answer.headers.get('location'), /saved=nowhere/);
        }, [], ['person.invited', 'password.link-sent']],
        ['somebody goes by another name', async () => done(await renames({ name: 'Mara Lind' })), ['person.renamed mara mara -: name']],
        ['by another handle, and back', async () => {
            done(await renames({ handle: 'mara2', name: 'Mara Lindqvist' }));
            done(await renames({ handle: 'mara' }));
        }, ['person.renamed mara mara -: name, handle', 'person.renamed mara mara -: handle']],
        ['in another language', async () => done(await renames({ language: 'de' })).status && done(await renames({ language: 'en' })), [], ['person.renamed']],
        ['an import says another name', async () => {
            const file = path.join(portal.dir, 'people.csv');
            for (const name of ['Xena Old', 'Xena']) {
                writeFileSync(file, `external,name,mail\nhr:77,${name},xena@example.com\n`);
                await cli('account', 'import', file);
            }
        }, ['person.renamed - Xena -: name']],
        ['an address is asked for, be it free or somebody else\'s', async () => {
            for (const address of ['third@example.com', 'dana@example.com'])
                done(await who.mara.submit('/account', { address, current: PASSWORD }, 'form-address'));
        }, ['address.added mara mara -', 'address.added mara mara -']],
        ['one more address is confirmed', async () => {
            done(await who.mara.submit('/account', { address: 'second@example.com', current: PASSWORD }, 'form-address'));
            done(await who.mara.submit(await letterTo('second@example.com', /./)));
        }, ['address.confirmed mara mara -']],
        ['it becomes the main one', async () => done(await who.mara.post('/account/addresses', { id: await addresses('main'), act: 'main' })), ['address.main mara mara -']],
        ['the other is removed', async () => done(await who.mara.post('/account/addresses', { id: await addresses('remove'), act: 'remove' })), ['address.removed mara mara -']],
        ['an app is set up', async () => {
            const page = await who.mara.get('/account/security/app');
            at.key = textOf(/<code class="key">(.*?)<\/code>/s.exec(page.text)[1]).replace(/ /g, '');
            done(await who.mara.submit(page, { code: codeOf(at.key) }, 'form-app'), 200);
        }, ['second-factor.added mara mara -']],
        ['recovery codes are made', async () => { at.codes = [...done(await who.mara.post('/account/security/codes'), 200).text.matchAll(/<li><code>([a-z1-9-]{11})</g)].map(([, code]) => code); }, ['recovery.made mara mara -']],
        ['one of them is used', async () => {
            await letItGetLate(portal, 'mara');
            done(await who.mara.submit('/account/again?next=/account', { current: at.codes[0] }));
        }, ['recovery.used mara mara -']],
        ['the app is removed', async () => done(await who.mara.post('/account/security/remove')), ['second-factor.removed mara mara -']],
        ['a token is made', async () => {
            done(await who.mara.submit('/account/tokens/new', { name: 'A script', last_day: inDays(7), make: '1' }, 'tokens/new'), 200);
        }, ['token.made mara mara Acme']],
        ['it is revoked', async () => done(await who.mara.post('/account/tokens/revoke', { id: /<button[^>]* name="id" value="(\d+)" aria-label="Revoke the token A script"/.exec((await who.mara.get('/account/tokens')).text)[1] })), ['token.revoked mara mara -']],
        ['a password is changed', async () => done(await who.mara.submit('/account/security', { password: NEW }, 'form-new_password')), ['password.changed mara mara -']],
        ['a password is set by a link', async () => {
            const browser = visitor(portal);
            await browser.submit('/account/forgot', { name: 'ben' });
            done(await browser.submit(await letterTo('ben@acme.example', /new password/), { password: NEW }));
            who.ben = browser;
        }, ['password.reset ben ben -']],
        ['somebody signs out', async () => done(await who.ben.post('/logout')), ['session.ended ben ben -']],
        ['somebody ends their other sessions', async () => done(await who.mara.post('/account/sessions')), ['sessions.ended mara mara -']],
        ['settings are taken back', async () => {
            done(await who.chief.submit('/admin/settings', { contact: 'desk@example.com' }, 'settings'));
            done(await who.chief.post('/admin/modules', { back: 'settings' }));
        }, ['settings.undone chief - -']],
        ['staff look in somebody\'s place, go over to another company of theirs, and stop', async () => {
            done(await who.chief.post(`/admin/people/${at.ids.mara}/view`, { reason: 'She cannot find the bill.' }));
            await until(async () => (await who.chief.get('/account/switch')).text.includes('Mill'), { within: 60_000, what: 'the look' });
            done(await who.chief.post('/account/switch', { account: at.accounts.Mill }));
            done(await who.chief.post('/account/leave'));
        }, ['view-as.moved chief mara Mill', 'view-as.ended chief mara Acme', 'view-as.ended chief mara Mill']],
    ];
};

for (const database of ['sqlite', 'postgresql'])
    describe(`each act is in the audit log (${database})`, () => {
        const at = { who: {}, ids: {}, accounts: {} };
        let last = 0;
        const news = async () => {
            const { stdout, code, stderr } = await at.portal.cli('audit', 'export');
            assert.equal(code, 0, stderr);
            const all = stdout.trim().split('\n').map((line) => JSON.parse(line)), fresh = all.filter(({ number }) => number > last);
            last = all.at(-1)?.number ?? last;
            return fresh;
        };
        before(async () => {
            at.smtp = await startSmtp();
            at.portal = await startPortal({ database, settings: { mail: { server: `smtp://127.0.0.1:${at.smtp.port}`, from: 'portal@example.com' }, sign_in: { sign_up: 'domain' } }, modules: { contacts: { path: path.join(buildDirectory(), 'examples/contacts') } } });
            for (const name of ['Acme', 'Mill', 'Northwind', 'Shell'])
                at.accounts[name] = await makeAccount(at.portal, name);
            assert.equal((await at.portal.cli('account', 'kind', 'Northwind', 'partner')).code, 0);
            await ownDomain(at.portal, at.accounts.Acme, 'acme.example');
            for (const [handle, ...memberships] of [['dana', ['Acme', 'account-admin']], ['ben', ['Acme']], ['pat', ['Northwind', 'account-admin']], ['mara', ['Acme'], ['Mill']], ['chief']]) {
                at.ids[handle] = await makePerson(at.portal, { handle, address: handle === 'ben' ? 'ben@acme.example' : `${handle}@example.com`, password: true, roles: handle === 'chief' ? 'admin' : undefined });
                for (const [name, roles = ''] of memberships)
                    await join(at.portal, at.accounts[name], handle, roles);
                at.who[handle] = await signIn(at.portal, handle);
            }
        });
        after(async () => {
            await at.portal?.close();
            await at.smtp?.close();
        });

        test('with who did it, to whom and where', async (t) => {
            const people = new Map(), companies = Object.fromEntries(Object.entries(at.accounts).map(([name, id]) => [id, name === 'Shell' ? 'Husk' : name]));
            const learn = async () => {
                for (const { id, handle, name } of (await at.portal.cli('user', 'list', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line)))
                    people.set(id, at.ids[handle] ? handle : name);
            };
            const worded = ({ kind, actor, person, account, other, object }, withObject) =>
                [kind, people.get(actor) ?? '-', people.get(person) ?? '-', companies[account] ?? '-', ...(companies[other] ? [companies[other]] : [])].join(' ') + (withObject ? `: ${object}` : '');
            at.idOf = async (name) => {
                await learn();
                return [...people].find(([, one]) => one === name)[0];
            };
            at.ids.nell = await makePerson(at.portal, { handle: 'nell' });
            await news();
            for (const [what, run, expected, none = []] of acts(at))
                await t.test(what, async () => {
                    await run();
                    await learn();
                    const fresh = await news(), kinds = new Set([...none, ...expected.map((line) => line.split(' ')[0])]);
                    assert.deepEqual(fresh.filter(({ kind }) => kinds.has(kind)).map((record) => worded(record, expected[0]?.includes(': '))).sort(), [...expected].sort());
                    assert.ok(fresh.every(({ origin }) => ['command line', 'import', 'link', 'portal', '127.0.0.0/24'].includes(origin)), JSON.stringify(fresh));
                });
        });
    });

test('each kind is held against its act, here or by name elsewhere', () => {
    const source = readFileSync(path.join(root, 'core/identity/audit.c'), 'utf8');
    const kinds = [...source.matchAll(/^ {4}\{ "([a-z-]+\.[a-z-]+)",/gm)].map(([, kind]) => kind);
    const rooms = ['tests/e2e', 'tests/browser', 'tests/unit/identity'].map((room) => path.join(root, room));
    const tests = rooms.flatMap((room) => readdirSync(room).map((file) => readFileSync(path.join(room, file), 'utf8'))).join('\n');
    assert.ok(kinds.length >= 85, String(kinds.length));
    assert.deepEqual(kinds.filter((kind) => !new RegExp(`${kind.replace('.', '\\\\?\\.')}(?![a-z-])`).test(tests)), [], 'no test names these');
});
