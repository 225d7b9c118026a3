/* Moderators decide, in a real browser: each story with script and without, on a wide screen and a phone. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { askQuestion, BLOCKED, communityStage, enter, heading, lastPost, press, said, WORLDS } from '../lib/community.mjs';

const stage = communityStage();

const menu = async (page, name) => {
    await page.locator('main .menu summary').click();
    await page.locator('main .menu').getByRole('link', { name, exact: true }).click();
};

/* From where the focus is to the button of those words, with nothing but the Tab key. */
async function tabTo(page, words) {
    for (let left = 10; left; left--) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement.textContent.trim()) === words)
            return;
    }
    throw new Error(`no Tab leads to “${words}”`);
}

for (const world of WORLDS) {
    const { script, mark } = world;
    const ask = (who, title, more = '') => askQuestion(stage.people[who], `${title} ${mark}`, `Θέλω να το ξέρω, ${title} ${mark}. ${more}`);

    test(`a moderator works through the queue by keyboard (${world.name})`, async (t) => {
        const { alkis, mara, nikos } = stage.people;
        const [good, bad] = ['Μια καλή ερώτηση που περιμένει', 'Μια κακή ερώτηση που περιμένει'];
        await ask('nikos', good, BLOCKED);
        await ask('nikos', bad, BLOCKED);
        const { path } = await ask('alkis', 'Μια ερώτηση με μια καλή απάντηση');
        await mara.submit(path, { body: `Μια απάντηση που μένει, ${mark}.` }, 'answer');
        await nikos.submit(`/communities/posts/${await lastPost(mara, path)}/flag`, { reason: 'rude', note: `Δεν μου αρέσει, ${mark}.` }, 'flag');

        const page = await enter(t, stage, world, 'thea', '/communities/moderation');
        const card = (words) => page.locator('article', { hasText: words });
        const decide = async (words, reason, button) => {
            await card(words).getByLabel('Reason').focus();
            await page.keyboard.type(reason);
            await tabTo(page, button);
            await page.keyboard.press('Enter');
        };
        await decide(`${good} ${mark}`, 'Εντάξει.', 'Approve');
        await said(page, 'Approved');
        assert.equal(await card(`${good} ${mark}`).count(), 0);
        if (script)
            assert.match(await page.evaluate(() => document.activeElement.textContent), /Approved/);
        await decide(`${bad} ${mark}`, `Διαφήμιση, ${mark}.`, 'Remove');
        await said(page, 'Removed');
        assert.equal(await card(`${bad} ${mark}`).count(), 0);
        await page.getByRole('button', { name: 'Undo' }).focus();
        await page.keyboard.press('Enter');
        await said(page, 'Restored');
        await page.goto(`${stage.portal.url}/communities/moderation`);
        await decide('Μια απάντηση που μένει, ' + mark, 'Δεν είναι προσβλητικό.', 'Keep it');
        await said(page, 'the reports are declined');
        assert.equal(await card('Μια απάντηση που μένει, ' + mark).count(), 0);

        await page.locator('main .sorts').getByRole('link', { name: 'Log' }).click();
        await heading(page, 'Moderation log');
        const log = await page.locator('main').innerText();
        for (const line of [`Approved: ${good} ${mark}`, `Removed: ${bad} ${mark}`, `Διαφήμιση, ${mark}.`, `Restored: ${bad} ${mark}`, 'Δεν είναι προσβλητικό.'])
            assert.ok(log.includes(line), `the log lacks “${line}”:\n${log}`);
        assert.match((await alkis.get('/communities/first')).text, new RegExp(`${good} ${mark}`));
    });

    test(`a moderator closes a question and opens it again (${world.name})`, async (t) => {
        const { path } = await ask('alkis', 'Μια ερώτηση που κλείνει');
        const page = await enter(t, stage, world, 'thea', path);
        await menu(page, 'Close');
        await heading(page, 'Close the question');
        await page.getByLabel('Reason').fill('ω'.repeat(501));
        await press(page, 'Close');
        await page.waitForSelector('.problems');
        assert.equal(await page.getByLabel('Reason').inputValue(), 'ω'.repeat(501));
        assert.match(await page.locator('.field .error').innerText(), /500/);
        await page.getByLabel('Reason').fill(`Απαντήθηκε, ${mark}.`);
        await press(page, 'Close');
        await said(page, 'Closed: nothing is added any more.');
        await page.getByText(`Closed: Απαντήθηκε, ${mark}.`).waitFor();
        assert.equal(await page.locator('#answer').count(), 0);
        await menu(page, 'Reopen');
        await press(page, 'Reopen');
        await said(page, 'Open again.');
        assert.equal(await page.locator('#answer').count(), 1);
    });

    test(`a moderator moves a question to another space (${world.name})`, async (t) => {
        const { path } = await ask('alkis', 'Μια ερώτηση σε λάθος χώρο');
        const page = await enter(t, stage, world, 'thea', path);
        await menu(page, 'Move');
        await heading(page, 'Move to another space');
        await page.getByLabel('Reason').fill('Ταιριάζει καλύτερα.');
        await press(page, 'Move');
        await page.waitForSelector('.problems');
        assert.equal(await page.getByLabel('Reason').inputValue(), 'Ταιριάζει καλύτερα.');
        await page.getByLabel('Ήσυχος χώρος').check();
        await press(page, 'Move');
        await said(page, 'Moved to this space.');
        await page.locator('.crumbs').getByRole('link', { name: 'Ήσυχος χώρος' }).waitFor();
    });

    test(`a moderator merges two questions, and the old address leads on (${world.name})`, async (t) => {
        const twin = await ask('alkis', 'Μια ερώτηση που υπάρχει ήδη'), original = await ask('mara', 'Η ερώτηση που μένει');
        const page = await enter(t, stage, world, 'thea', twin.path);
        await menu(page, 'Merge');
        await heading(page, 'Merge into another question');
        await page.getByLabel('Into the question').fill('κάπου αλλού');
        await press(page, 'Merge');
        await page.waitForSelector('.problems');
        assert.equal(await page.getByLabel('Into the question').inputValue(), 'κάπου αλλού');
        assert.ok(await page.locator('.field .error').innerText());
        await page.getByLabel('Into the question').fill(stage.portal.url + original.path);
        await press(page, 'Merge');
        await said(page, 'Merged');
        await heading(page, `Η ερώτηση που μένει ${mark}`);
        await page.goto(stage.portal.url + twin.path);
        await heading(page, `Η ερώτηση που μένει ${mark}`);
    });

    test(`a moderator removes an answer and puts it back (${world.name})`, async (t) => {
        const { path } = await ask('alkis', 'Μια ερώτηση με απάντηση');
        await stage.people.mara.submit(path, { body: `Μια απάντηση που φεύγει και έρχεται, ${mark}.` }, 'answer');
        const answer = await lastPost(stage.people.mara, path);
        const page = await enter(t, stage, world, 'thea', path);
        await page.locator(`#post-${answer}`).getByRole('link', { name: 'Remove' }).click();
        await page.getByLabel('Reason').fill('Δεν απαντά.');
        await press(page, 'Remove');
        await said(page, 'Removed.');
        assert.doesNotMatch((await stage.people.nikos.get(path)).text, /που φεύγει και έρχεται/);
        await page.locator(`#post-${answer}`).getByRole('button', { name: 'Restore' }).click();
        await said(page, 'Restored.');
        assert.match((await stage.people.nikos.get(path)).text, /που φεύγει και έρχεται/);
    });
}
