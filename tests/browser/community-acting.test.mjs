/* People act on what others wrote, in a real browser: each story with script and without, on a wide screen and a phone. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { askQuestion, communityStage, enter, heading, lastPost, press, said, WORLDS } from '../lib/community.mjs';

const stage = communityStage();

const focused = (page) => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim());

/* A question of alkis with an answer of mara's: { path, answer }, the answer's id. */
async function question(mark, story) {
    const { alkis, mara } = stage.people;
    const { path } = await askQuestion(alkis, `Πότε κλείνει η πύλη; ${story} ${mark}`, `Θέλω να ξέρω πότε κλείνει, ${story} ${mark}.`);
    await mara.submit(path, { body: `Κλείνει στις **τρεις**, ${story} ${mark}.` }, 'answer');
    return { path, answer: await lastPost(mara, path) };
}

for (const world of WORLDS) {
    const { script, mark } = world;

    test(`somebody votes, changes their mind and takes it back (${world.name})`, async (t) => {
        const { path, answer } = await question(mark, 'ψήφος');
        const page = await enter(t, stage, world, 'nikos', path);
        const post = page.locator(`#post-${answer}`), up = post.getByRole('button', { name: 'This helps' }), down = post.getByRole('button', { name: 'This does not help' });
        if (script)
            await page.evaluate(() => (window.stayed = true));
        for (const [button, score, pressed] of [[up, '1 vote', true], [down, '-1 votes', true], [down, '0 votes', false]]) {
            await button.click();
            await post.locator(`.vote .num:text-matches("^${score.replace('-', '[-−]').replace(' ', '\\\\s*')}$")`).waitFor();
            assert.equal(await button.getAttribute('aria-pressed'), String(pressed));
            if (!script)
                continue;
            assert.equal(await focused(page), await button.getAttribute('aria-label'));
            await page.locator('body > [role="status"]', { hasText: new RegExp(`^${score.replace('-', '[-−]')}$`) }).waitFor({ state: 'attached' });
        }
        assert.equal(await page.evaluate(() => window.stayed).catch(() => undefined), script ? true : undefined);
    });

    test(`who asked accepts an answer and takes that back (${world.name})`, async (t) => {
        const { path, answer } = await question(mark, 'αποδοχή');
        const page = await enter(t, stage, world, 'alkis', path);
        await press(page, 'This solved it');
        await page.locator(`#post-${answer} .pill`, { hasText: 'Accepted answer' }).waitFor();
        assert.match(await page.locator('.lead').innerText(), /Solved/);
        await press(page, 'Take the acceptance back');
        await page.getByRole('button', { name: 'This solved it' }).waitFor();
        assert.equal(await page.locator('.pill', { hasText: 'Accepted answer' }).count(), 0);
        assert.doesNotMatch(await page.locator('.lead').innerText(), /Solved/);
    });

    test(`somebody follows a question, and no more (${world.name})`, async (t) => {
        const { path } = await question(mark, 'ακολουθώ');
        const page = await enter(t, stage, world, 'nikos', path);
        await press(page, 'Follow');
        await page.getByRole('button', { name: 'Following', exact: true }).waitFor();
        if (script)
            assert.equal(await focused(page), 'Following');
        await press(page, 'Following');
        await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
    });

    test(`somebody reports an answer (${world.name})`, async (t) => {
        const { path, answer } = await question(mark, 'αναφορά');
        const page = await enter(t, stage, world, 'nikos', path);
        await page.locator(`#post-${answer}`).getByRole('link', { name: 'Report' }).click();
        await heading(page, 'Report to the moderators');
        await page.getByLabel('In your words').fill(`Δεν είναι σωστό, ${mark}.`);
        await press(page, 'Report');
        await page.waitForSelector('.problems');
        assert.equal(await page.locator('.field .error').innerText(), 'Choose one.');
        assert.equal(await page.getByLabel('In your words').inputValue(), `Δεν είναι σωστό, ${mark}.`);
        await page.getByLabel('Something else').check();
        await press(page, 'Report');
        await said(page, 'Moderators look at what you reported.');
    });

    test(`somebody removes an own question and puts it back (${world.name})`, async (t) => {
        const title = `Μια ερώτηση κατά λάθος ${mark}`;
        const { path } = await askQuestion(stage.people.mara, title, `Αυτή η ερώτηση δεν είναι σωστή, ${mark}.`);
        const page = await enter(t, stage, world, 'mara', path);
        await page.locator('article').getByRole('link', { name: 'Remove' }).click();
        await heading(page, 'Remove');
        await page.getByRole('link', { name: 'Back without doing anything' }).click();
        await heading(page, title);
        await page.locator('article').getByRole('link', { name: 'Remove' }).click();
        await press(page, 'Remove');
        await said(page, 'Removed.');
        assert.equal((await stage.portal.get(path)).status, 404);
        await press(page, 'Restore');
        await said(page, 'Restored.');
        assert.equal((await stage.portal.get(path)).status, 200);
    });
}
