/* Days that come are acts too: a membership that begins or ends by its day, and a delegation that runs out, are recorded,
 * told to modules and to those concerned, once. Instead of the clock the rows are moved. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { join, letterOf, makeAccount, makePerson, PASSWORD, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { query, runJob } from '../lib/tables.mjs';
import { until } from '../lib/wait.mjs';

const DAY = 86_400_000, MINUTE = { within: 60_000 };
const LENT = '/account/company/delegations', PEOPLE = '/account/company/people', LOG = '/account/company/log', NEWS = '/account/notices';
/* Midnight, UTC, so many days from when the test began, and the day that begins with it. */
const TODAY = Math.floor(Date.now() / DAY), midnight = (days) => (TODAY + days) * DAY;
const dayOf = (days) => new Date(midnight(days)).toISOString().slice(0, 10);
/* As a page writes it in English. */
const written = (days) => `${new Date(midnight(days)).getUTCDate()} ${new Date(midnight(days)).toLocaleString('en', { month: 'short', timeZone: 'UTC' })}\\w* ${dayOf(days).slice(0, 4)}`;

for (const database of ['sqlite', 'postgresql'])
    describe(`days that come (${database})`, () => {
        const who = {}, ids = {}, accounts = {};
        let portal, smtp;
        const modules = (settings = {}) => ({ gatekeeper: { path: path.join(buildDirectory(), 'tests/modules/gatekeeper'), ...settings } });
        const cli = async (...words) => {
            const { code, stdout, stderr } = await portal.cli(...words);
            assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
            return stdout;
        };
        const lines = async (...words) => (await cli(...words)).trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
        /* Records of a kind: [who did it, about whom, at which company, with which other, what, from where]. */
        const records = async (kind) => (await lines('audit', 'export')).filter((record) => record.kind === kind)
            .map(({ actor, person, account, other, object, origin }) => [actor, person, account, other ?? null, object, origin]);
        const events = async (type, is = () => true) => (await lines('event', 'list', '--json')).filter((one) => one.type === `portal.portico.${type}` && is(one.data))
            .map(({ data }) => data);
        const heard = (type, person, account, change) => until(() => portal.lines().some(({ message }) => message === `Heard portal.portico.${type} of ${person} in ${account}: ${change}`),
            { ...MINUTE, what: `the module to hear of ${type} ${change}` });
        const reads = (handle, words) => until(async () => textOf((await who[handle].get(NEWS)).text).match(words), { ...MINUTE, what: `${handle} to read ${words}` });
        const mailed = (handle, words) => until(() => smtp.messages.filter(({ to }) => to === `${handle}@example.com`).map((message) => letterOf(portal, message))
            .some((letter) => words.test(letter.text)), { ...MINUTE, what: `mail to ${handle}` });
        /* Twice: what was told is told no more. */
        const days = async () => {
            await Promise.all([1, 2, 3].map(() => runJob(portal, 'tell-days')));
        };
        const write = (table, id, columns) => query(portal, `UPDATE ${table} SET ${Object.entries(columns)
            .map(([column, ms]) => `${column} = ${ms === null ? 'NULL' : ms * 1000}`).join(', ')} WHERE id = ${id}`);
        const delegated = () => query(portal, `SELECT id FROM portico_delegation WHERE account = ${accounts.Acme}`);
        const told = () => events('account.changed', ({ change }) => change === 'delegation');

        before(async () => {
            smtp = await startSmtp();
            portal = await startPortal({ database, modules: modules(), settings: { mail: { server: `smtp://127.0.0.1:${smtp.port}`, from: 'portal@example.com' }, server: { jobs: 2 } } });
            for (const name of ['Acme', 'Northwind'])
                accounts[name] = await makeAccount(portal, name);
            await cli('account', 'kind', 'Northwind', 'partner');
            for (const [handle, locale] of [['dana'], ['pat', 'de'], ['ben', 'de'], ['ida']])
                ids[handle] = await makePerson(portal, { handle, name: handle[0].toUpperCase() + handle.slice(1), address: `${handle}@example.com`, locale });
            await join(portal, accounts.Acme, 'dana', 'account-admin');
            await join(portal, accounts.Northwind, 'pat', 'account-admin');
            for (const handle of Object.keys(ids))
                who[handle] = await signIn(portal, handle);
        });
        after(async () => {
            await portal?.close();
            await smtp?.close();
        });

        test('a session is over by time, by a new password and by switching its person off, told once', async () => {
            ids.gone = await makePerson(portal, { handle: 'gone', name: 'Gone', address: 'gone@example.com', password: true });
            const ended = (change) => events('session.ended', (data) => data.person === ids.gone && data.change === change).then(({ length }) => length);
            who.gone = await signIn(portal, 'gone');
            const other = await signIn(portal, 'gone');
            await days();
            assert.equal(await ended('time'), 0);
            const id = await query(portal, `SELECT min(id) FROM portico_session WHERE person = ${ids.gone}`);
            await write('portico_session', id, { last_seen: Date.now() - 31 * 60_000 });
            await days();
            await heard('session.ended', ids.gone, 'none', 'time');
            assert.equal(await ended('time'), 1);
            const left = (await who.gone.get('/account')).status === 200 ? who.gone : other;
            const saved = await left.submit('/account/security', { password: 'eleven narrow boats', current: PASSWORD }, 'form-new_password');
            assert.equal(saved.status, 303, textOf(saved.text));
            await heard('session.ended', ids.gone, 'none', 'all others');
            await cli('user', 'disable', 'gone');
            await heard('session.ended', ids.gone, 'none', 'all');
            assert.deepEqual(await Promise.all(['time', 'all others', 'all'].map(ended)), [1, 1, 1]);
        });

        test('a membership begins with its first day and is over after its last, told once to log, modules and the person', async () => {
            await cli('account', 'member', 'Acme', 'ben', '--from', '2099-12-01', '--until', '2099-12-31');
            const id = query(portal, `SELECT id FROM portico_membership WHERE person = ${ids.ben}`);
            await days();
            assert.deepEqual([await records('membership.began'), await records('membership.ended')], [[], []], 'nothing came yet');

            write('portico_membership', id, { valid_from: midnight(0) });
            await days();
            assert.deepEqual(await records('membership.began'), [[null, ids.ben, accounts.Acme, null, `from ${dayOf(0)}`, 'portal']]);
            assert.deepEqual(await events('membership.added', ({ change }) => change === 'began'), [{ account: accounts.Acme, person: ids.ben, change: 'began' }]);
            await heard('membership.added', ids.ben, accounts.Acme, 'began');
            await reads('ben', /Sie gehören ab jetzt zu Acme/);
            await mailed('ben', /Sie gehören ab jetzt zu Acme/);
            assert.match(textOf((await who.dana.get(LOG)).text), new RegExp(`Membership began by its first day: from ${written(0)} The portal · about Ben`));

            write('portico_membership', id, { valid_from: midnight(-9), valid_until: midnight(0) });
            await days();
            assert.deepEqual(await records('membership.ended'), [[null, ids.ben, accounts.Acme, null, `until ${dayOf(-1)}`, 'portal']]);
            assert.deepEqual(await events('membership.removed'), [{ account: accounts.Acme, person: ids.ben, change: 'ended' }]);
            await heard('membership.removed', ids.ben, accounts.Acme, 'ended');
            await reads('ben', /Sie gehören nicht mehr zu Acme: Ihr letzter Tag dort ist vorbei/);
            assert.doesNotMatch(textOf((await who.ben.get(NEWS)).text), /Sie gehören ab jetzt zu Acme/, 'what was said before is over');
            assert.match(textOf((await who.dana.get(LOG)).text), new RegExp(`Membership ended by its last day: until ${written(-1)} The portal · about Ben`));

            /* Whoever renews it lets it begin at once, in their own name. */
            assert.equal((await who.dana.post(`${PEOPLE}/${id}`, { act: 'membership', title: '', until: '2099-12-31' })).status, 303);
            assert.deepEqual((await records('membership.began')).at(-1), [ids.dana, ids.ben, accounts.Acme, null, `from ${dayOf(-9)}`, '127.0.0.0/24']);
            await reads('ben', /Sie gehören ab jetzt zu Acme/);
            await days();
            assert.deepEqual([(await records('membership.began')).length, (await records('membership.ended')).length], [2, 1]);
        });

        test('what was renewed, taken away or let run out by hand before is not told by the day', async () => {
            for (const handle of ['ida', 'pat'])
                await cli('account', 'member', 'Acme', handle, '--until', '2099-12-31');
            const [ida, pat] = ['ida', 'pat'].map((handle) => query(portal, `SELECT id FROM portico_membership WHERE person = ${ids[handle]} AND account = ${accounts.Acme}`));
            const before = (await records('membership.ended')).length;
            for (const id of [ida, pat])
                write('portico_membership', id, { valid_until: midnight(0) });
            await cli('account', 'member', 'Acme', 'ida', '--until', '2099-11-30');
            await cli('account', 'leave', 'Acme', 'pat');
            await days();
            assert.equal((await records('membership.ended')).length, before);
            await cli('account', 'member', 'Acme', 'ida', '--until', dayOf(-1));
            assert.deepEqual((await records('membership.ended')).at(-1), [null, ids.ida, accounts.Acme, null, `until ${dayOf(-1)}`, 'command line'], 'who writes a past day ends it');
            await reads('ida', /You belong to Acme no more/);
            await days();
            assert.equal((await records('membership.ended')).length, before + 1);
        });

        test('both companies hear of each step of a delegation', async () => {
            const steps = async (act) => {
                const before = await told();
                await act();
                assert.deepEqual((await told()).slice(0, -before.length || undefined).map(({ account }) => account).sort(), [accounts.Acme, accounts.Northwind].sort());
            };
            const offer = () => who.dana.submit(LENT, { partner: 'Northwind', until: dayOf(200), reason: 'They run our billing.', 'role-account-member': '1' }, LENT);
            await steps(offer);
            await steps(() => who.dana.post(LENT, { end: delegated() }));
            await steps(offer);
            await steps(() => who.pat.post(LENT, { accept: delegated() }));
            await steps(() => who.pat.post(LENT, { end: delegated() }));
            await heard('account.changed', 'nobody', accounts.Northwind, 'delegation');
        });

        test('a delegation is reminded of once for each last day, and runs out once', async () => {
            await cli('account', 'delegate', 'Acme', 'Northwind', 'account-member', '--until', dayOf(300), '--reason', 'They run our billing.', '--accepted');
            const id = delegated(), reminders = () => query(portal, `SELECT count(*) FROM portico_notice WHERE title LIKE '%only until%' AND person = ${ids.dana}`);
            write('portico_delegation', id, { accepted: midnight(-30), valid_until: midnight(10) });
            await days();
            await reads('dana', new RegExp(`Northwind acts for Acme only until ${written(9)}`));
            await mailed('dana', /Northwind acts for Acme only until/);
            assert.equal(reminders(), '1');
            assert.doesNotMatch(textOf((await who.pat.get(NEWS)).text), /handelt nur noch bis/, 'those who may give it anew');
            write('portico_delegation', id, { valid_until: midnight(12) });
            await days();
            await reads('dana', new RegExp(`Northwind acts for Acme only until ${written(11)}`));
            assert.deepEqual([await records('delegation.expired'), (await records('delegation.lapsed'))], [[], []], 'it is not over');

            const before = (await told()).length, what = `account-member, until ${dayOf(-1)}`;
            write('portico_delegation', id, { valid_until: midnight(0) });
            await days();
            assert.deepEqual(await records('delegation.expired'), [[null, null, accounts.Acme, accounts.Northwind, what, 'portal'], [null, null, accounts.Northwind, accounts.Acme, what, 'portal']]);
            assert.equal((await told()).length, before + 2);
            await reads('dana', /Northwind acts for Acme no more: the last day is over/);
            await reads('pat', /Northwind handelt nicht mehr für Acme: Der letzte Tag ist vorbei/);
            await mailed('pat', /Northwind handelt nicht mehr für Acme/);
            assert.doesNotMatch(textOf((await who.dana.get(NEWS)).text), /only until/, 'the reminder is over');
            assert.match(textOf((await who.dana.get(LOG)).text), new RegExp(`Delegation ran out: Account member, until ${written(-1)} The portal · Northwind`));

            /* Its row is left; who takes it away is recorded, and nobody is told twice. */
            const notices = () => query(portal, "SELECT count(*) FROM portico_notice WHERE kind = 'delegation'"), count = notices();
            assert.equal((await who.dana.post(LENT, { end: id })).status, 303);
            assert.equal((await records('delegation.ended')).at(-1)[0], ids.dana);
            assert.deepEqual([(await told()).length, notices()], [before + 2, count]);
            assert.equal(delegated(), '');
        });

        test('an offer that nobody answered runs out as one', async () => {
            assert.equal((await who.dana.submit(LENT, { partner: 'Northwind', until: dayOf(200), reason: 'Orders.', 'role-account-member': '1' }, LENT)).status, 303);
            await reads('pat', /Acme bittet Northwind, für sie zu handeln/);
            write('portico_delegation', delegated(), { valid_until: midnight(0) });
            await days();
            assert.deepEqual((await records('delegation.lapsed')).map(([, , account]) => account), [accounts.Acme, accounts.Northwind]);
            assert.equal((await records('delegation.expired')).length, 2);
            await reads('pat', /Acme bittet Northwind nicht mehr, für sie zu handeln: Der letzte Tag ist vorbei/);
            await reads('dana', /Acme asks Northwind no more to act for them: the last day is over/);
        });

        test('a module that refuses, or fails, holds no day up', async () => {
            const again = async (joining) => {
                await portal.stop();
                portal.writeConfig(modules({ joining }));
                await portal.start();
            };
            const began = async () => (await records('membership.began')).filter(([, , account]) => account === accounts.Northwind);
            for (const [handle, joining, words] of [['ida', 'Nobody comes in today.', /Nobody comes in today/], ['ben', 'fail', /The directory cannot be reached/]]) {
                await again('');
                await cli('account', 'member', 'Northwind', handle, '--from', '2099-12-01');
                await again(joining);
                query(portal, `UPDATE portico_membership SET valid_from = ${midnight(0) * 1000} WHERE person = ${ids[handle]} AND account = ${accounts.Northwind}`);
                await runJob(portal, 'tell-days');
                assert.deepEqual((await began()).at(-1), [null, ids[handle], accounts.Northwind, null, `from ${dayOf(0)}`, 'portal']);
                await heard('membership.added', ids[handle], accounts.Northwind, 'began');
                assert.ok(portal.lines().some(({ message }) => /a module would not have it.*gatekeeper/.test(message) && words.test(message)), 'the log says who would not');
            }
            assert.equal((await began()).length, 2);
        });
    });
