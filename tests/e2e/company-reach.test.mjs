/* Who acts for a company without belonging to it stands wherever its admins see who has access: on the page of people, in
 * its file, in the access review. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { formsOf, join, makeAccount, makePerson, signIn, textOf } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const PEOPLE = '/account/company/people', REVIEW = '/account/company/review', LOG = '/account/company/log', PARTNERS = '/account/company/delegations';
const MINUTE = { within: 60_000 };
const DAY = new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);

for (const database of ['sqlite', 'postgresql'])
    describe(`who reaches a company besides its own people (${database})`, () => {
        let portal, harbour, northwind, dana;
        before(async () => {
            portal = await startPortal({ database });
            const holding = await makeAccount(portal, 'Holding');
            harbour = await makeAccount(portal, 'Harbour', { below: holding });
            const quay = await makeAccount(portal, 'Quay', { below: harbour });
            northwind = await makeAccount(portal, 'Northwind');
            await said('account', 'kind', 'Northwind', 'partner');
            dana = await personOf(harbour, 'dana', 'account-admin');
            await personOf(holding, 'uma', 'account-admin');
            await personOf(holding, 'otto', 'account-admin');
            await personOf(quay, 'ike', 'account-admin');
            await personOf(northwind, 'pat', 'account-admin');
            await personOf(northwind, 'lee');
            await said('account', 'member', 'Holding', 'uma', '--all-below', '--until', DAY);
            await said('account', 'delegate', 'Harbour', 'Northwind', 'account-member', '--until', DAY, '--reason', 'They run our billing.', '--accepted');
        });
        after(() => portal?.close());

        const said = async (...words) => {
            const { code, stderr } = await portal.cli(...words);
            assert.equal(code, 0, stderr);
        };
        async function personOf(account, handle, roles) {
            await makePerson(portal, { handle, name: handle[0].toUpperCase() + handle.slice(1), address: `${handle}@private.example` });
            await join(portal, account, handle, roles);
            return signIn(portal, handle);
        }
        const over = async (who, account) => assert.equal((await who.post('/account/switch', { account })).status, 303);
        const page = async (target, who = dana) => textOf((await who.get(target)).text);
        const endOf = (text) => /name="end-(\d+)"/.exec(text)?.[1];
        const csv = async () => (await dana.get(`${PEOPLE}.csv`)).text;

        test('those above and a partner\'s people who may act are listed with why, with what, until when; by name and company alone', async () => {
            const shown = await page(PEOPLE);
            assert.match(shown, /1 person belongs to it · 1 more acts here from a company above/);
            assert.match(shown, /Uma Belongs to Holding, above yours, and reaches below\. What they may is for the admins there to change\. Never here yet · until \d{1,2} \w+ \d{4} Account admin/);
            assert.match(shown, /Northwind Account member · until \d{1,2} \w+ \d{4} They run our billing\. 1 person there may act by it now: Pat · never here yet/);
            assert.match(shown, /Staff who run this portal may reach every company by their role\./);
            assert.doesNotMatch(shown, /Otto|Lee|Ike/, 'who may not act here is nobody\'s business');
            assert.doesNotMatch(shown, /(uma|pat)@/, 'nor are addresses of other companies\' people');
            assert.doesNotMatch(await page(`${PEOPLE}?q=private.example`), /Uma|Pat/, 'not even by looking for them');
            assert.match(await page(`${PEOPLE}?q=uma`), /Uma Belongs to Holding/);
            assert.equal((await dana.get(`${PEOPLE}?show=waiting`)).text.includes('Uma'), false);
        });

        test('the file has them with company, roles and days, and none of them is invited when it is sent back in', async () => {
            const lines = (await csv()).trimEnd().split('\r\n');
            assert.equal(lines[0], 'address,name,roles,title,state,from,until,last_sign_in,reviewed,company,last_here');
            assert.ok(lines.includes(`"",Uma,account-admin,,above,,${DAY},,,Holding,`), lines.join('\n'));
            assert.ok(lines.some((line) => new RegExp(`^"",Pat,account-member,,partner,\\d{4}-\\d\\d-\\d\\d,${DAY},,,Northwind,$`).test(line)), lines.join('\n'));
            assert.equal(lines.length, 4);
            const { fields } = formsOf((await dana.get('/account/company/invite')).text).find(({ method }) => method === 'post');
            const body = new FormData();
            for (const [name, value] of Object.entries({ ...fields, people: '' }))
                body.append(name, value);
            body.append('list', new Blob([`${lines.join('\r\n')}\r\nnew@example.com,New,,,,,,,,,\r\n`]), 'people.csv');
            const sent = await dana.get('/account/company/invite', { method: 'POST', body });
            assert.equal(sent.status, 303, textOf(sent.text));
            assert.match(await page(`${PEOPLE}?show=waiting`), /New new@example\.com/);
        });

        test('when they were last here is told, of here alone', async () => {
            const pat = await signIn(portal, 'pat');
            await over(pat, harbour);
            assert.match(await page(PEOPLE), /Pat · last here/);
            assert.match(await csv(), /,Pat,account-member,,partner,[^\r]*,Northwind,\d{4}-\d\d-\d\d\r/);
        });

        test('a review looks at all of them: without one page of it, it is none', async () => {
            const shown = await dana.get(REVIEW);
            assert.match(textOf(shown.text), /Northwind Account member .* Pat · .* End .*Uma Belongs to Holding/);
            assert.doesNotMatch(shown.text, /(uma|pat)@/);
            const out = shown.text.split(/(?=<li)/).find((row) => row.includes('Uma')).includes('name="out-');
            assert.equal(out, false, 'whoever is above is not to be taken out here');
            const skipped = await dana.submit(shown, { lent: '' }, REVIEW);
            assert.equal(skipped.headers.get('location'), `${REVIEW}?part=1`, 'the delegation was not looked at');
            const done = await dana.submit(await dana.get(REVIEW), {}, REVIEW);
            assert.equal(done.headers.get('location'), `${REVIEW}?done=1`);
            const after = await page(REVIEW);
            assert.match(after, /Last reviewed .* by Dana\./);
            assert.match(after, /Pat · last here .*? confirmed .*Uma .*? confirmed/);
            assert.match(await csv(), /,Uma,account-admin,,above,,[^\r]*,\d{4}-\d\d-\d\d,Holding,/);
            assert.match(await csv(), /,Pat,account-member,,partner,[^\r]*,\d{4}-\d\d-\d\d,Northwind,/);
        });

        test('who came above since the review is due in the next one', async () => {
            await said('account', 'member', 'Holding', 'otto', '--all-below');
            const shown = await dana.get(REVIEW);
            assert.match(textOf(shown.text), /Otto Belongs to Holding/);
            const { fields } = formsOf(shown.text).find(({ action }) => action === REVIEW);
            const first = fields.ids.trim().split(' ')[0];
            assert.equal((await dana.submit(shown, { ids: first }, REVIEW)).headers.get('location'), `${REVIEW}?part=1`);
            assert.equal((await dana.submit(await dana.get(REVIEW), {}, REVIEW)).headers.get('location'), `${REVIEW}?done=1`);
            await said('account', 'leave', 'Holding', 'otto');
            assert.doesNotMatch(await page(REVIEW), /Otto/);
        });

        test('a membership that does not reach here is not confirmed from here', async () => {
            const shown = await dana.get(REVIEW);
            const foreign = await join(portal, await makeAccount(portal, 'Mill'), 'ike', 'account-admin');
            const before = await csv();
            assert.equal((await dana.submit(shown, { ids: String(foreign), lent: '', [`out-${foreign}`]: '1', sure: '1' }, REVIEW)).status, 303);
            assert.equal(await csv(), before);
            assert.match((await portal.cli('account', 'members', 'Mill')).stdout, /ike/i);
        });

        test('a delegation that is ticked is ended as by hand, once that was said twice', async () => {
            const pat = await signIn(portal, 'pat');
            await over(pat, harbour);
            assert.equal((await pat.get('/account/company')).status, 200);
            const shown = await dana.get(REVIEW), end = endOf(shown.text);
            const asked = await dana.submit(shown, { [`end-${end}`]: '1' }, REVIEW);
            assert.match(textOf(asked.text), /Take this access away\? .*Northwind They run our billing\./);
            assert.match(await page(PARTNERS), /They act for you Northwind/, 'nothing is done before the answer');
            const done = await dana.submit(asked, {}, REVIEW);
            assert.equal(done.headers.get('location'), `${REVIEW}?done=1`);
            assert.doesNotMatch(await page(REVIEW), /Northwind/);
            assert.match(await page(LOG), /Delegation ended: Account member Dana · Northwind/);
            await until(async () => !/Harbour/.test(await page('/account', pat)), { ...MINUTE, what: 'Pat to be out' });
            await over(pat, northwind);
            assert.match(await page(LOG, pat), /Delegation ended: Account member Dana · Harbour/, 'the partner reads of it');
        });

        test('who acts for one partner ends that one\'s delegation alone', async () => {
            const southwind = await makeAccount(portal, 'Southwind');
            await said('account', 'kind', 'Southwind', 'partner');
            const sue = await personOf(southwind, 'sue', 'account-admin');
            for (const partner of ['Northwind', 'Southwind'])
                await said('account', 'delegate', 'Harbour', partner, 'account-admin', 'account-member', '--until', DAY, '--reason', 'They run our people.', '--accepted');
            await until(async () => (await sue.post('/account/switch', { account: harbour })).status === 303, { ...MINUTE, what: 'the way in' });
            const shown = await sue.get(REVIEW);
            assert.match(textOf(shown.text), /Northwind .*Southwind/);
            assert.equal([...shown.text.matchAll(/type="checkbox"/g)].length, 0, 'who acts for a company reviews nobody');
            const { fields } = formsOf(shown.text).find(({ action }) => action === REVIEW);
            const [other] = fields.lent.trim().split(' ');
            const forged = await sue.submit(shown, { [`end-${other}`]: '1', sure: '1' }, REVIEW);
            assert.equal(forged.headers.get('location'), `${REVIEW}?lacking=1`);
            assert.match(await page(PARTNERS), /They act for you Northwind/);
        });
    });
