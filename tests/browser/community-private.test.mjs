/* Two companies in one community: a space of one, and a space where each sees its own questions; in a real browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openPage, startBrowser } from '../lib/browser.mjs';
import { join, leave, makeAccount, makePerson, signIn } from '../lib/people.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const MINUTE = 60_000;
let portal, browser, accounts;
const people = {};

before(async () => {
    portal = await startPortal({ modules: { communities: { newcomer_posts: 0, questions_an_hour: 100 } } });
    accounts = { harbour: await makeAccount(portal, 'Harbour'), mill: await makeAccount(portal, 'Mill') };
    for (const [handle, name, companies, roles] of [['ada', 'Ada Pier', ['harbour']], ['bob', 'Bob Quay', ['harbour']], ['nia', 'Nia Stone', ['mill']], ['eve', 'Eve Lock', ['harbour'], 'admin']]) {
        await makePerson(portal, { handle, name, address: `${handle}@example.com` });
        for (const company of companies)
            await join(portal, accounts[company], handle);
        people[handle] = await signIn(portal, handle, roles);
    }
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

/* A page of somebody's own; what the browser complains of fails the test, but for what is not there for them. */
async function enter(t, handle, target, { width, script }) {
    const { page, complaints } = await openPage(browser, portal.url + target, { width, script, cookies: people[handle].cookies, isMobile: width < 500, hasTouch: width < 500 });
    page.setDefaultTimeout(MINUTE);
    t.after(async () => {
        await page.context().close();
        assert.deepEqual(complaints.filter((line) => !/404|422/.test(line)), []);
    });
    return page;
}
const main = (page) => page.locator('main').innerText();
const title = (page) => page.locator('h1').innerText();

async function ask(page, words) {
    await page.getByLabel('Title').fill(words);
    await page.locator('textarea[name=body]').fill(`${words} I looked everywhere and asked everybody.`);
    await page.getByRole('button', { name: 'Ask your question' }).click();
    await page.getByRole('heading', { level: 1, name: words }).waitFor();
    return new URL(page.url()).pathname;
}

/* Each world asks in words of its own: what is alike is shown before it is sent. */
const WORDS = {
    1280: { pilots: 'Where does the zeppelin land?', harbour: 'Why is the crane on our bill twice?', mill: 'When does the contract of the mill end?' },
    390: { pilots: 'Which zeppelin needs a berth tonight?', harbour: 'Who signs for crane number nine?', mill: 'May the mill have another password?' },
};

for (const [width, script] of [[1280, true], [390, false]]) {
    const said = WORDS[width];
    const world = `${width} px, script ${script ? 'on' : 'off'}`;

    test(`a space of one company is opened, used by it, and not there for another (${world})`, async (t) => {
        const name = `Pilots ${width}`, slug = `pilots-${width}`, words = said.pilots;
        const eve = await enter(t, 'eve', '/communities/spaces/new', { width, script });
        await eve.getByLabel('Name').fill(name);
        await eve.getByLabel('Everybody at Harbour', { exact: true }).check();
        await eve.getByRole('button', { name: 'Open the space' }).click();
        await eve.getByText('The space is there.').waitFor();
        assert.match(await main(eve), new RegExp(`${name}\\s+0 questions · Everybody at Harbour`));

        const ada = await enter(t, 'ada', `/communities/${slug}`, { width, script });
        assert.match(await ada.locator('#readers').innerText(), /Everybody at Harbour, partners who act for them, and those of our team who look after all companies read it\. Nobody else sees that it is there\./);
        await ada.getByRole('link', { name: 'Ask here' }).click();
        await ada.getByRole('heading', { level: 2, name: 'Who reads it' }).waitFor();
        const path = await ask(ada, words);
        assert.match(await ada.locator('#readers').innerText(), /Everybody at Harbour/);

        const handle = `cal${width}`;
        await makePerson(portal, { handle, name: 'Cal Mast', address: `${handle}@example.com` });
        const membership = await join(portal, accounts.harbour, handle);
        people[handle] = await signIn(portal, handle);
        const cal = await enter(t, handle, '/communities', { width, script });
        await cal.getByRole('link', { name: words }).first().click();
        await cal.getByRole('heading', { level: 1, name: words }).waitFor();
        await leave(portal, membership);
        await until(async () => (await cal.reload()).status() === 404, { within: MINUTE, every: 200, what: 'the topic is gone with the membership' });

        const nia = await enter(t, 'nia', '/communities', { width, script });
        assert.doesNotMatch(await main(nia), new RegExp(`zeppelin|${name}`));
        await nia.goto(new URL('/communities/search?q=zeppelin', portal.url).href);
        assert.doesNotMatch(await main(nia), /land\?|berth/);
        await nia.goto(new URL(`/communities/${slug}`, portal.url).href);
        const missing = await title(nia);
        await nia.goto(new URL('/communities/there-is-none', portal.url).href);
        assert.equal(await title(nia), missing);
        await nia.goto(new URL(path, portal.url).href);
        assert.equal(await title(nia), missing);
    });

    test(`each company sees its own questions only (${world})`, async (t) => {
        const name = `Contracts ${width}`, slug = `contracts-${width}`;
        const eve = await enter(t, 'eve', '/communities/spaces/new', { width, script });
        await eve.getByLabel('Name').fill(name);
        await eve.getByLabel('Everybody at Harbour', { exact: true }).check();
        await eve.getByLabel('Own questions only').check();
        await eve.getByRole('button', { name: 'Open the space' }).click();
        await eve.getByText(/that is for a space which everybody/).waitFor();
        await eve.locator('input[name=sharing][value=signed-in]').check();
        await eve.getByRole('button', { name: 'Open the space' }).click();
        await eve.getByText('The space is there.').waitFor();

        const ada = await enter(t, 'ada', `/communities/ask?space=${slug}`, { width, script });
        assert.match(await main(ada), /Only Harbour, partners who act for it, and those of our team who look after all companies read what you ask here\./);
        await ask(ada, said.harbour);
        assert.match(await ada.locator('#readers').innerText(), /Only Harbour, partners who act for it, and those of our team who look after all companies read it\./);

        const nia = await enter(t, 'nia', `/communities/${slug}`, { width, script });
        assert.doesNotMatch(await main(nia), /crane/);
        assert.match(await main(nia), /Questions\s+0/);
        await nia.getByRole('link', { name: 'Ask here' }).click();
        await ask(nia, said.mill);
        await nia.goto(new URL(`/communities/${slug}`, portal.url).href);
        assert.match(await main(nia), /Questions\s+1/);

        const bob = await enter(t, 'bob', `/communities/${slug}`, { width, script });
        assert.match(await main(bob), /crane/);
        assert.doesNotMatch(await main(bob), /mill/);
        assert.match(await main(bob), /Questions\s+1/);
    });
}
