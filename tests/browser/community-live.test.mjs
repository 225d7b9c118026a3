/* Two people at one question: one reads, the other answers; what was there stays where it was until it is asked for. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { screenshot } from '../lib/browser.mjs';
import { askQuestion, communityStage, enter, lastPost, WORLDS } from '../lib/community.mjs';
import { until } from '../lib/wait.mjs';

const WITHIN = { timeout: 60_000 };
const stage = communityStage();

const ask = async (story) => (await askQuestion(stage.people.alkis, `Ποιος απάντησε; ${story}`, `Περιμένω μια απάντηση, ${story}.`)).path;
/* Id of what somebody answered; it stands last, since nobody votes. */
async function answer(handle, path, text) {
    const sent = await stage.people[handle].submit(path, { body: `Απάντηση από εδώ: ${text}, ${path}.` }, 'answer');
    assert.equal(sent.status, 303, sent.text);
    return lastPost(stage.people[handle], path);
}

const banner = (page, words) => page.getByRole('link', { name: words, exact: true }).waitFor(WITHIN);
const heard = (page, words) => page.locator('body > [role="status"]', { hasText: words }).waitFor({ state: 'attached', ...WITHIN });
/* Where everything of the page stands but for the banner, and how far it is scrolled. */
const places = (page) => page.evaluate(() => [scrollX, scrollY, ...[...document.querySelectorAll('body > :not([role="status"]), main *')]
    .filter((element) => !element.closest('.news'))
    .map((element) => Object.values(element.getBoundingClientRect().toJSON()).join(' '))]);
const requestsOf = (page) => {
    const seen = [];
    page.context().on('request', (request) => request.url().includes('/portico/live') && seen.push(request.url()));
    return seen;
};

/* Tab by tab, as somebody without a mouse gets there. */
async function tabTo(page, words, key = 'Tab') {
    for (let presses = 0; presses < 100; presses++) {
        await page.keyboard.press(key);
        if (await page.evaluate(() => document.activeElement.textContent.trim()) === words)
            return;
    }
    assert.fail(`“${words}” is not reached by ${key}`);
}

for (const world of WORLDS.filter(({ script }) => script)) {
    test(`a reader is told of new answers, and goes on reading (${world.name})`, async (t) => {
        const path = await ask(`ανάγνωση ${world.mark}`);
        const first = await answer('thea', path, 'πρώτη');
        const page = await enter(t, stage, world, 'nikos', path);
        await page.locator('#answer textarea').fill('Γράφω ακόμη κάτι.');
        /* What says that the draft is kept takes a place of its own. */
        await page.locator('#answer .draft', { hasText: 'Draft kept' }).waitFor(WITHIN);
        await page.evaluate(() => scrollTo({ top: 120, behavior: 'instant' }));
        const before_ = await places(page);

        const second = await answer('mara', path, 'δεύτερη');
        await banner(page, '1 new answer – show');
        await heard(page, '1 new answer – show');
        assert.deepEqual(await places(page), before_);
        const third = await answer('thea', path, 'τρίτη');
        await banner(page, '2 new answers – show');
        await heard(page, '2 new answers – show');
        assert.deepEqual(await places(page), before_);
        assert.equal(await page.locator('#answers article').count(), 1);
        if (process.env.PORTICO_SCREENSHOTS)
            await screenshot(page, `new-answers-${world.width}`);

        await tabTo(page, '2 new answers – show', 'Shift+Tab');
        await page.keyboard.press('Enter');
        await page.locator(`#post-${third}`).waitFor(WITHIN);
        assert.deepEqual(await page.locator('#answers article').evaluateAll((all) => all.map(({ id }) => id)), [first, second, third].map((id) => `post-${id}`));
        await page.waitForFunction((id) => document.activeElement.id === id, `post-${second}`, WITHIN);
        assert.ok(await page.locator(`#post-${second}`).evaluate((post) => post.getBoundingClientRect().top < innerHeight && post.getBoundingClientRect().bottom > 0));
        assert.equal(await page.locator('.news').isVisible(), false);
        assert.equal(await page.locator('#answer textarea').inputValue(), 'Γράφω ακόμη κάτι.');

        await answer('mara', path, 'τέταρτη');
        await banner(page, '1 new answer – show');
    });

    test(`a comment one is writing stays when new answers are shown (${world.name})`, async (t) => {
        const path = await ask(`σχόλιο ${world.mark}`);
        const first = await answer('thea', path, 'πρώτη');
        const page = await enter(t, stage, world, 'nikos', path);
        await page.locator(`#post-${first} a[data-inline]`).first().click();
        const comment = page.locator(`#post-${first} textarea`);
        await comment.fill('Μισό σχόλιο');
        const second = await answer('mara', path, 'δεύτερη');
        await page.getByRole('link', { name: '1 new answer – show' }).click(WITHIN);
        await page.locator(`#post-${second}`).waitFor(WITHIN);
        assert.equal(await comment.inputValue(), 'Μισό σχόλιο');
    });

    test(`who asked without a new page is told there (${world.name})`, async (t) => {
        const page = await enter(t, stage, world, 'alkis', '/communities/ask', /422|ERR_ABORTED/); /* a draft on its way */
        await page.evaluate(() => (window.stayed = true));
        await page.fill('#ask-title', `Θα μου πει κάποιος πότε; ${world.mark}`);
        await page.fill('#ask-body', `Περιμένω εδώ μια απάντηση χωρίς να φύγω, ${world.mark}.`);
        await page.getByLabel('Ενσωματώσεις').check();
        await page.locator('[name="seen"]').evaluate((field) => (field.value = 'yes')); /* it is none of those that are similar */
        await page.getByRole('button', { name: 'Ask your question' }).click();
        await page.waitForURL(/\/communities\/topics\/\d+/, WITHIN);
        assert.equal(await page.evaluate(() => window.stayed), true);
        await answer('mara', new URL(page.url()).pathname, 'αμέσως');
        await banner(page, '1 new answer – show');
    });
}

for (const world of WORLDS.filter(({ script }) => !script))
    test(`loading the page again shows new answers (${world.name})`, async (t) => {
        const path = await ask(`χωρίς ${world.mark}`);
        const page = await enter(t, stage, world, 'nikos', path);
        const id = await answer('mara', path, 'πρώτη');
        assert.equal(await page.locator('.news').isVisible(), false);
        await page.reload();
        assert.equal(await page.locator(`#post-${id}`).isVisible(), true);
        assert.equal(await page.locator('.news').isVisible(), false);
    });

test('tabs of one person share one stream, and the next goes on with it', async (t) => {
    const path = await ask('καρτέλες');
    const page = await enter(t, stage, WORLDS[0], 'nikos', '/communities');
    const streams = requestsOf(page);
    await page.goto(stage.portal.url + path);
    const other = await page.context().newPage();
    await other.goto(stage.portal.url + path);
    await answer('mara', path, 'πρώτη');
    await Promise.all([page, other].map((tab) => banner(tab, '1 new answer – show')));
    assert.equal(streams.length, 1);

    await page.close();
    await until(() => streams.length === 2, { within: 60_000, what: 'the other tab to read the stream' });
    await answer('thea', path, 'δεύτερη');
    await banner(other, '2 new answers – show');
    assert.equal(streams.length, 2);
});

test('a tab is not told of what its page shows already', async (t) => {
    const [here, there] = [await ask('εδώ'), await ask('εκεί')];
    const page = await enter(t, stage, WORLDS[0], 'nikos', here);
    await answer('mara', here, 'πρώτη');
    await banner(page, '1 new answer – show');
    const known = await answer('mara', there, 'γνωστή');
    const answered = Date.now();
    await until(() => Date.now() > answered + 1500, { what: 'the answer to be an old one' });
    const other = await page.context().newPage();
    await other.goto(stage.portal.url + there);
    await other.locator(`#post-${known}`).waitFor();
    await answer('thea', there, 'νέα');
    await other.locator('.news').waitFor(WITHIN);
    assert.equal(await other.locator('.news').innerText(), '1 new answer – show');
});
