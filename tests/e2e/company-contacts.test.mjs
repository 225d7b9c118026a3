/* A company's contacts, domains and teams: who names them, who sees them, and that none is another company's business. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startNameServer } from '../lib/dns.mjs';
import { png } from '../lib/images.mjs';
import { join, letterOf, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const HOME = '/account/company', TEAMS = `${HOME}/teams`, MINUTE = { within: 60_000 };

for (const database of ['sqlite', 'postgresql'])
    describe(`a company's contacts, domains and teams (${database})`, () => {
        let portal, names, smtp, harbour, mill, rita, dana, lee, olga;
        before(async () => {
            names = await startNameServer();
            smtp = await startSmtp();
            portal = await startPortal({ database, settings: { server: { name_server: names.address }, mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' } } });
            harbour = await makeAccount(portal, 'Harbour');
            mill = await makeAccount(portal, 'Mill');
            const somebody = async (handle, account, role = '') => {
                await makePerson(portal, { handle, name: `${handle[0].toUpperCase()}${handle.slice(1)}`, address: `${handle}@example.org` });
                await join(portal, account, handle, role);
                return signIn(portal, handle);
            };
            dana = await somebody('dana', harbour, 'account-admin');
            lee = await somebody('lee', harbour);
            olga = await somebody('olga', mill, 'account-admin');
            await makePerson(portal, { handle: 'rita', name: 'Rita', address: 'rita@owner.example' });
            rita = await signIn(portal, 'rita', 'admin');
        });
        after(async () => {
            await portal?.close();
            await names?.close();
            await smtp?.close();
        });

        const staff = (fields, account = harbour) => rita.post(`/admin/accounts/${account}`, fields);
        const outcome = (answer) => answer.headers.get('location')?.replace(/.*saved=/, '') ?? /role="alert">.*?<span>(.*?)<\/span>/s.exec(answer.text)?.[1].replace(/<.*/s, '').replaceAll('&#39;', "'").trim();
        const cli = async (...words) => {
            const { code, stdout, stderr } = await portal.cli('account', ...words);
            return code === 0 ? stdout : stderr;
        };
        const home = async (who) => textOf((await who.get(HOME)).text);
        const scrub = (answer) => [answer.status, answer.text.replaceAll(/Request \S+|[0-9a-f]{16,}/g, '')];
        const told = async () => (await portal.cli('event', 'list', '--json')).stdout.trim().split('\n').map((line) => JSON.parse(line))
            .filter(({ type }) => type === 'portal.portico.account.changed').map(({ data }) => data.change);

        test('staff are named as the account team, and every member of that company sees how to reach them', async () => {
            assert.match(await home(lee), /Who looks after you here Nobody is named yet/);
            assert.equal(outcome(await staff({ act: 'team', team_who: 'rita', team_role: 'Account manager', team_phone: '+49 30 901820' })), 'named');
            assert.match(await home(lee), /Rita Account manager Write \+49 30 901820/);
            assert.match((await lee.get(HOME)).text, /href="mailto:rita@owner\.example".*href="tel:\+4930901820"/s);
            assert.doesNotMatch(await home(olga), /Rita/);
            assert.equal(outcome(await staff({ act: 'team', team_who: 'lee', team_role: 'Friend' })), "Only staff of the portal's own company is named here.");
            assert.match(outcome(await staff({ act: 'team', team_who: 'rita', team_role: 'Manager', team_phone: 'call me' })), /Write a phone number/);
            assert.match(outcome(await staff({ act: 'team', team_who: 'rita', team_role: '' })), /Say what they are for the company/);
            assert.equal(await cli('team', 'Harbour', 'rita', 'Key account', '--phone', '110'), 'rita looks after Harbour.\n');
            assert.match(await cli('team', 'Harbour'), /^rita +Key account +110 +rita@owner\.example\n$/);
            assert.match(await home(dana), /Rita Key account Write 110/);
            assert.equal(await cli('team', 'Harbour', 'rita', '--remove'), 'rita looks after Harbour no more.\n');
            assert.match(await home(dana), /Nobody is named yet/);
            assert.ok((await told()).includes('team'));
        });

        test('a photo of who looks after a company is seen by its members and by staff, and goes with them', async () => {
            const name = async (image, file = 'rita.png') => {
                const body = new FormData();
                for (const [field, value] of Object.entries({ portico_token: rita.tokenNow(), act: 'team', team_who: 'rita', team_role: 'Account manager', team_phone: '' }))
                    body.append(field, value);
                body.append('team_photo', new Blob([image]), file);
                return rita.get(`/admin/accounts/${harbour}`, { method: 'POST', body });
            };
            const photoOf = async (who) => /<img class="face" src="([^"]+)"/.exec((await who.get(HOME)).text)?.[1].replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
            assert.match(outcome(await name('no image', 'rita.txt')), /image/);
            assert.equal(await photoOf(lee), undefined, 'and she was not named');
            assert.equal(outcome(await name(png(9))), 'named');
            const first = await photoOf(lee);
            const shown = await lee.get(first);
            assert.deepEqual([shown.status, shown.headers.get('content-type'), shown.headers.get('cache-control')], [200, 'image/png', 'private, no-store']);
            assert.equal((await rita.get(first)).status, 200);
            for (const who of [olga, await signIn(portal, 'solo')]) {
                const foreign = await who.get(first);
                assert.deepEqual(scrub(foreign), scrub(await who.get(first.replace(/\/\d+\?.*/, '/777777777777777777'))), 'as if there were none');
                assert.equal(foreign.status, 404);
            }
            assert.equal(outcome(await name(png(11))), 'named');
            assert.notEqual(await photoOf(lee), first, 'another in its place');
            assert.notDeepEqual((await lee.get(await photoOf(lee))).bytes, shown.bytes);
            assert.match(await cli('team', 'Harbour', 'rita', '--remove'), /no more/);
            assert.equal((await lee.get(first)).status, 404);
            await cli('team', 'Harbour', 'rita', 'Key account');
            assert.equal(await photoOf(lee), undefined, 'it went with them');
            await cli('team', 'Harbour', 'rita', '--remove');
        });

        test('whom one asks about what is named by the company and by staff, of its own people only', async () => {
            const name = (who, role = 'billing') => dana.post(HOME, { act: 'name', role, who });
            assert.equal(outcome(await name('lee@example.org')), 'named');
            assert.match(await home(lee), /Billing Lee · lee@example\.org/);
            const [foreign, missing] = [await name('olga@example.org'), await name('nobody@example.org')];
            assert.deepEqual([foreign.status, outcome(foreign)], [422, outcome(missing)], 'whether somebody exists elsewhere is not told');
            assert.match(outcome(missing), /Nobody of your company has this name, address or handle/);
            assert.equal((await lee.post(HOME, { act: 'name', role: 'legal', who: 'lee' })).status, 403, 'its admins alone');
            /* By the name that they go by, if it is one person's here. */
            const ids = [];
            for (const [handle, account] of [['nora1', harbour], ['nora2', mill], ['nora3', harbour]]) {
                ids.push(await makePerson(portal, { handle, name: 'Nora Berg', address: `${handle}@example.org` }));
                await join(portal, account, handle);
                const answer = await name('  nora BERG ', 'technical');
                if (handle === 'nora3')
                    assert.deepEqual([answer.status, outcome(answer)], [422, 'Several people of your company have this name: give an address or a handle.']);
                else
                    assert.equal(outcome(answer), 'named');
            }
            assert.match(await home(dana), /Nora Berg · nora1@example\.org Take away/);
            assert.equal(outcome(await dana.post(HOME, { act: 'unname', role: 'technical', person: ids[0] })), 'unnamed');
            assert.deepEqual(outcome(await name('Olga', 'technical')), outcome(missing), 'nobody of another company');
            /* Nobody takes an address or an id for a name to be named in its owner's place. */
            for (const guise of ['ines@example.org', '4711', 'external:crm-7']) {
                await join(portal, harbour, await makePerson(portal, { handle: `guise${guise.length}`, name: guise }).then(() => `guise${guise.length}`));
                assert.deepEqual(outcome(await name(guise, 'technical')), outcome(missing), guise);
            }
            assert.equal((await name('lee', 'king')).status, 422);
            assert.equal(outcome(await staff({ act: 'contact', role: 'security', contact_who: 'dana' })), 'named');
            assert.equal(await cli('contact', 'Harbour', 'legal', 'dana'), 'dana is legal contact of Harbour.\n');
            assert.match(await cli('contact', 'Harbour'), /^billing +lee .*\nlegal +dana .*\nsecurity +dana .*\n$/);
            assert.match(await cli('contact', 'Harbour', 'legal', 'olga'), /Only who belongs to the company is named here/);
            assert.match(await home(dana), /Security Dana · dana@example\.org Take away Legal Dana/);
            assert.doesNotMatch(await home(olga), /dana@|lee@/);
            const person = /name="person" value="(\d+)"/.exec((await dana.get(HOME)).text)[1];
            await olga.post(HOME, { act: 'unname', role: 'billing', person });
            assert.match(await home(lee), /Billing Lee/, 'another company takes nothing away');
            assert.equal(outcome(await dana.post(HOME, { act: 'unname', role: 'billing', person })), 'unnamed');
            assert.match(await home(lee), /Billing Nobody named/);
            const log = textOf((await dana.get(`${HOME}/log`)).text);
            assert.match(log, /Contact changed dana? · about Lee/i);
        });

        test('ids and what others call somebody name nobody, a colleague as little as a stranger', async () => {
            const name = async (who) => {
                const answer = await dana.post(HOME, { act: 'name', role: 'billing', who });
                return [answer.status, outcome(answer)];
            };
            const [own, other] = [await makePerson(portal, { handle: 'xena', name: 'Xena', address: 'xena@example.org' }), await makePerson(portal, { handle: 'yoko', name: 'Yoko', address: 'yoko@example.org' })];
            await join(portal, harbour, 'xena');
            await join(portal, mill, 'yoko');
            const file = path.join(portal.dir, 'people.csv');
            writeFileSync(file, 'external,name,mail\nhr:1,Xena,xena@example.org\nhr:2,Yoko,yoko@example.org\n');
            assert.doesNotMatch(await cli('import', file), /[1-9]\d* wrong/);
            const missing = await name('nobody-there');
            for (const who of ['external:hr:1', 'external:hr:2', 'external:hr:9', `${own}`, `${other}`, '7'])
                assert.deepEqual(await name(who), missing, who);
            assert.equal(missing[0], 422);
            for (const who of ['xena', 'xena@example.org', 'Xena'])
                assert.equal((await name(who))[1], 'named', who);
            await dana.post(HOME, { act: 'unname', role: 'billing', person: own });
        });

        test('a private address is not tied to its person, by naming, teams or inviting', async () => {
            const name = (who) => dana.post(HOME, { act: 'name', role: 'billing', who });
            await makePerson(portal, { handle: 'priya', name: 'Priya', address: 'priya@example.org' });
            await join(portal, harbour, 'priya');
            const priya = await signIn(portal, 'priya');
            await priya.submit('/account', { address: 'private@else.example' }, 'form-address');
            const { link } = letterOf(portal, await until(() => smtp.messages.find(({ to }) => to === 'private@else.example'), { ...MINUTE, what: 'the letter' }));
            assert.equal((await priya.submit(link)).headers.get('location'), '/account?saved=address');
            const [own, missing] = [await name('private@else.example'), await name('missing@else.example')];
            assert.deepEqual([own.status, outcome(own)], [422, outcome(missing)]);
            assert.equal(outcome(await name('Priya@Example.org')), 'named', 'what the company sees');
            const team = /teams\/(\d+)/.exec((await dana.post(TEAMS, { name: 'Private' })).headers.get('location'))[1];
            const into = async (who) => outcome(await dana.post(`${TEAMS}/${team}`, { act: 'in', who }));
            assert.equal(await into('private@else.example'), await into('missing@else.example'));
            assert.equal(await into('priya'), 'in');
            const invite = async (people) => (await dana.submit(`${HOME}/invite`, { people, language: 'en', role: 'none' }, 'company_invite')).headers.get('location');
            assert.equal(await invite('private@else.example'), await invite('missing@else.example'), 'as many are invited');
            for (const address of ['private@else.example', 'missing@else.example'])
                assert.match(textOf((await dana.get(`${HOME}/people?q=${encodeURIComponent(address)}`)).text), new RegExp(`${address} .*Invited`));
            assert.doesNotMatch(textOf((await dana.get(`${HOME}/people?q=private%40`)).text), /Priya/);
            assert.match(await invite('priya@example.org'), /invited=0/, 'who is seen to belong to it');
            const letter = letterOf(portal, await until(() => smtp.messages.filter(({ to }) => to === 'private@else.example')[1], { ...MINUTE, what: 'the invitation' }));
            assert.equal((await priya.post(letter.link, { act: 'accept' })).status, 303);
        });

        test('who leaves the company is its contact no more, also when they come back', async () => {
            await makePerson(portal, { handle: 'max', name: 'Max', address: 'max@example.org' });
            await join(portal, harbour, 'max');
            await dana.post(HOME, { act: 'name', role: 'technical', who: 'max' });
            assert.match(await home(lee), /Technical Max/);
            const id = /people\/(\d+)"[^>]*>Max/.exec((await dana.get(`${HOME}/people?q=max`)).text)[1];
            await dana.post(`${HOME}/people/${id}`, { act: 'remove' });
            assert.match(await home(lee), /Technical Nobody named/);
            await join(portal, harbour, 'max');
            assert.match(await home(lee), /Technical Nobody named/);
        });

        test('a domain is refused where others have theirs or anybody gets an address, and is one company\'s', async () => {
            const add = async (domain, account) => outcome(await staff({ act: 'domain', domain, approval: '1' }, account));
            for (const suffix of ['co.uk', 'com', 'github.io'])
                assert.match(await add(suffix), /whole domain|domains of their own under this one/, suffix);
            assert.match(await add('gmail.com'), /Anybody gets an address there/);
            assert.match(await add('not a domain'), /Write a whole domain/);
            assert.equal(await add('@Harbour.Example'), 'domain');
            assert.match(await add('harbour.example', mill), /another company/);
            assert.match(await add('owner.example', 1), /has no domains/);
            assert.match(await home(dana), /harbour\.example .*Not confirmed yet/);
            assert.doesNotMatch(await home(lee), /harbour\.example/, 'its admins alone');
            assert.doesNotMatch(await home(olga), /harbour\.example/);
        });

        test('a domain counts once its record in the DNS says so, or staff vouches for it', async () => {
            const look = async (known) => outcome(await staff({ act: 'look', known }));
            const [, record, token] = /<code>(_portico-domain\.harbour\.example)<\/code> <code>([\w-]+)<\/code>/.exec((await dana.get(HOME)).text);
            assert.match(await look('harbour.example'), /The record is not there yet/);
            names.texts.set(record, ['something else', `${token}x`, token.slice(1)]);
            assert.match(await look('harbour.example'), /The record is not there yet/);
            names.texts.set(record, ['something else', token]);
            assert.equal(await look('harbour.example'), 'verified');
            assert.match(await home(dana), /harbour\.example .*Confirmed/);
            assert.equal((await staff({ act: 'look', known: 'mill.example' })).status, 422, 'no domain of the company\'s');
            assert.equal(await cli('domain', 'Mill', 'mill.example', '--no-approval'), 'mill.example is a domain of Mill.\n');
            assert.match(await cli('domain', 'Mill'), /^mill\.example +without approval not confirmed\n {2}TXT _portico-domain\.mill\.example [\w-]{43}\n$/);
            assert.equal(await cli('domain', 'Mill', 'mill.example', '--confirm'), 'mill.example is confirmed as a domain of Mill.\n');
            assert.match(await home(olga), /mill\.example .*Confirmed/);
            assert.equal(outcome(await staff({ act: 'undomain', known: 'mill.example' })), "This is no domain of the company's.");
            assert.equal(outcome(await staff({ act: 'undomain', known: 'mill.example' }, mill)), 'undomain');
            assert.match(await home(olga), /No domain yet/);
            const kinds = (await portal.cli('audit', 'list', '--json', '--kind', 'domain.')).stdout.trim().split('\n').map((line) => JSON.parse(line));
            assert.deepEqual(kinds.map(({ kind, object }) => `${kind} ${object}`).reverse(), ['domain.added harbour.example, with approval',
                'domain.verified harbour.example, dns', 'domain.added mill.example, without approval',
                'domain.verified mill.example, staff', 'domain.removed mill.example']);
        });

        test('teams are made, renamed, filled, emptied and removed, and one of another company is none', async () => {
            const made = await dana.post(TEAMS, { name: 'Dock 4' });
            const team = made.headers.get('location').replace(/\?.*/, '');
            assert.equal((await dana.post(TEAMS, { name: ' dock  4' })).status, 422, 'a name is one team\'s');
            assert.equal(outcome(await dana.post(team, { act: 'in', who: 'lee' })), 'in');
            assert.match(textOf((await dana.get(team)).text), /Lee lee@example\.org Take out/);
            assert.match(outcome(await dana.post(team, { act: 'in', who: 'dana' })), /Nobody gives themselves what a team sees/);
            assert.match(outcome(await dana.post(team, { act: 'in', who: 'olga' })), /Nobody of your company/);
            assert.equal(outcome(await dana.post(team, { act: 'rename', name: 'Dock 5' })), 'renamed');
            const absent = `${TEAMS}/4611686018427387904`;
            assert.deepEqual(scrub(await olga.get(team)), scrub(await olga.get(absent)));
            assert.equal((await olga.get(team)).status, 404);
            for (const act of ['in', 'out', 'rename', 'remove']) {
                const fields = { act, who: 'olga', person: '1', name: 'Mine' };
                const [one, other] = [await olga.post(team, fields), await olga.post(absent, fields)];
                assert.deepEqual([one.status, ...scrub(one)], [404, ...scrub(other)], act);
            }
            for (const path of [TEAMS, team])
                assert.equal((await lee.get(path)).status, 403);
            assert.match(textOf((await dana.get(TEAMS)).text), /Dock 5 1 person/);
            const person = /name="person" value="(\d+)"/.exec((await dana.get(team)).text)[1];
            assert.equal(outcome(await dana.post(team, { act: 'out', person })), 'out');
            assert.equal(outcome(await dana.post(team, { act: 'remove' })), 'removed');
            assert.equal((await dana.get(team)).status, 404);
            await until(async () => (await told()).filter((change) => change === 'teams').length >= 5, { ...MINUTE, what: 'the events' });
            assert.match(textOf((await dana.get(`${HOME}/log`)).text), /Team removed.*Team changed.*Team made/);
        });
    });
