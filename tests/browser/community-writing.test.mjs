/* People write in the community, in a real browser: each story with script and without, on a wide screen and a phone. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { askQuestion, communityStage, enter, heading, lastPost, press, WORLDS } from '../lib/community.mjs';
import { png } from '../lib/images.mjs';

const stage = communityStage();

const main = (page) => page.locator('main').innerText();
const problems = (page) => page.waitForSelector('.problems');

/* The image in the text: sent at once, named where the cursor was. What keeps it in the draft. */
async function addImage(page) {
    const kept = page.waitForResponse((answer) => answer.status() === 204 && /\]\(\/|%5D%28%2F/i.test(answer.request().postData() ?? ''));
    kept.catch(() => {}); /* where the test fails before */
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add an image' }).click();
    await (await chosen).setFiles({ name: 'πύλη.png', mimeType: 'image/png', buffer: png(64, 32) });
    await page.waitForFunction(() => /!\[.*\]\(\/\S+\)/.test(document.querySelector('#ask-body').value));
    return () => kept;
}

/* What was written is kept, the image with it: while typing, or by a button where no script runs. */
async function keepDraft(page, kept) {
    if (kept) {
        await kept();
        await page.locator('.draft', { hasText: 'Draft kept' }).waitFor();
    } else {
        await press(page, 'Save draft');
    }
    await page.goto(`${stage.portal.url}/communities/ask`);
    await page.locator('.draft', { hasText: 'Draft from' }).waitFor();
}

/* At what was just written: by script the focus is there, without it the address names it. */
async function landed(page, script, id) {
    if (script)
        assert.equal(await page.evaluate(() => document.activeElement.id), id);
    else
        assert.equal(new URL(page.url()).hash, `#${id}`);
    assert.ok(await page.locator(`#${id}`).evaluate((piece) => {
        const { top, bottom } = piece.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    }), 'it is in sight');
}

for (const world of WORLDS) {
    const { script, mark } = world;

    test(`somebody asks a question (${world.name})`, async (t) => {
        const page = await enter(t, stage, world, 'alkis', '/communities/ask', /422|ERR_ABORTED/); /* a draft on its way when the page is left */
        const title = `Πώς επαναλαμβάνω μια παρτίδα από χθες; ${mark}`, body = `Η παρτίδα **έμεινε** στη μέση, ${mark}.`;
        await page.fill('#ask-title', 'Πώς');
        await page.fill('#ask-body', body);
        await press(page, 'Ask your question');
        await problems(page);
        assert.equal(await page.inputValue('#ask-title'), 'Πώς');
        assert.equal(await page.inputValue('#ask-body'), body);
        assert.match(await page.locator('#ask-title-error').innerText(), /\d+ characters/);
        assert.equal(await page.locator('#ask-title').getAttribute('aria-invalid'), 'true');
        assert.ok(await page.locator('.error', { hasText: 'Choose one.' }).isVisible());

        await page.getByLabel('Ενσωματώσεις').check();
        await page.fill('#ask-title', title);
        let kept;
        if (script) {
            await page.locator('[data-similar] a', { hasText: 'χωρίς διπλότυπα' }).waitFor();
            await page.locator('.shown strong', { hasText: 'έμεινε' }).waitFor();
            kept = await addImage(page);
        }
        await keepDraft(page, kept);
        assert.equal(await page.inputValue('#ask-title'), title);
        assert.ok((await page.inputValue('#ask-body')).includes(body));
        if (script)
            await page.locator('[data-similar] a').first().waitFor();

        await press(page, 'Ask your question');
        if (!script) {
            const similar = page.locator('.note', { hasText: 'Similar questions' });
            await similar.getByRole('link', { name: /χωρίς διπλότυπα/ }).waitFor();
            assert.equal(await page.inputValue('#ask-title'), title);
            await press(page, 'Ask your question');
        }
        await page.waitForURL(/\/communities\/topics\/\d+/);
        await heading(page, title);
        assert.equal(await page.locator('article .prose strong', { hasText: 'έμεινε' }).count(), 1);
        if (script) {
            await page.locator('article .prose img').scrollIntoViewIfNeeded();
            await page.waitForFunction(() => document.querySelector('article .prose img').naturalWidth === 64);
        }
        await page.goto(`${stage.portal.url}/communities/ask`);
        assert.equal(await page.inputValue('#ask-title'), '', 'the draft is gone once it was sent');
    });

    test(`somebody answers, comments and mends a comment (${world.name})`, async (t) => {
        const { path } = await askQuestion(stage.people.alkis, `Ποιος μεταφορέας δέχεται παρτίδες τη νύχτα; ${mark}`, `Ψάχνω έναν για τη νύχτα, ${mark}.`);
        const page = await enter(t, stage, world, 'mara', path);
        if (script)
            await page.evaluate(() => (window.stayed = true));
        await page.fill('#answer [name=body]', 'Όλοι');
        await press(page, 'Post your answer');
        await problems(page);
        assert.equal(await page.inputValue('#answer [name=body]'), 'Όλοι');
        assert.match(await page.locator('#answer .field .error').innerText(), /\d+ characters/);
        if (script)
            assert.equal(await page.evaluate(() => document.activeElement.name), 'body');
        await page.fill('#answer [name=body]', `Ο μεταφορέας **ΑΒΓ**, κάθε νύχτα ως τις τρεις, ${mark}.`);
        await press(page, 'Post your answer');
        const answer = page.locator('article', { has: page.locator('.prose strong', { hasText: 'ΑΒΓ' }) });
        await answer.waitFor();
        if (script)
            assert.match(await page.evaluate(() => document.activeElement.id), /^post-\d+$/);
        else
            assert.match(page.url(), /#post-\d+$/);
        await page.getByRole('heading', { level: 2, name: '1 answer' }).waitFor();

        await answer.getByRole('link', { name: 'Add a comment' }).click();
        const place = script ? answer : page.locator('main', { has: page.getByRole('heading', { name: 'Comment on the answer' }) });
        await place.locator('textarea').fill('Ν');
        await place.getByRole('button', { name: 'Comment', exact: true }).click();
        await problems(page);
        const written = page.locator('main textarea').first();
        assert.equal(await written.inputValue(), 'Ν');
        await written.fill(`Και τα Σάββατα, ${mark}.`);
        await press(page, 'Comment');
        const comment = page.locator('.comments li', { hasText: `Και τα Σάββατα, ${mark}.` });
        await comment.waitFor();
        await landed(page, script, await comment.getAttribute('id'));

        await comment.getByRole('link', { name: 'Edit' }).click();
        await heading(page, 'Edit the comment');
        await page.locator('main textarea').fill(`Και τις Κυριακές, ${mark}.`);
        await press(page, 'Save changes');
        await page.locator('.comments li', { hasText: `Και τις Κυριακές, ${mark}.` }).getByText('edited').waitFor();
        await landed(page, script, await page.locator('.comments li', { hasText: `Και τις Κυριακές, ${mark}.` }).getAttribute('id'));
        assert.match(page.url(), /#comment-\d+$/);
        await page.locator('.comments li', { hasText: `Και τις Κυριακές, ${mark}.` }).getByRole('link', { name: 'Edited: see what it said' }).click();
        await heading(page, 'History of the comment');
        await page.locator('.diff ins', { hasText: 'Κυριακές' }).waitFor();
        await page.locator('.diff del', { hasText: 'Σάββατα' }).waitFor();
        await page.getByRole('navigation', { name: 'You are here' }).getByRole('link').last().click();
        await page.locator('.comments li', { hasText: `Και τις Κυριακές, ${mark}.` }).waitFor();

        await answer.getByRole('link', { name: 'Edit' }).first().click();
        await heading(page, 'Edit the answer');
        await page.locator('main [name=body]').fill(`Ο μεταφορέας **ΑΒΓ**, κάθε νύχτα ως τις δύο, ${mark}.`);
        await press(page, 'Save changes');
        await answer.getByText(`κάθε νύχτα ως τις δύο, ${mark}`).waitFor();
        await landed(page, script, await answer.getAttribute('id'));

        await page.goto(page.url().replace(/\/topics\/.*/, `/posts/${(await answer.getAttribute('id')).slice('post-'.length)}/comments`));
        await heading(page, 'Comment on the answer');
        await page.locator('main textarea').fill(`Και τις αργίες, ${mark}.`);
        await press(page, 'Comment');
        const third = page.locator('.comments li', { hasText: `Και τις αργίες, ${mark}.` });
        await third.waitFor();
        await landed(page, script, await third.getAttribute('id'));
        if (script)
            assert.equal(await page.evaluate(() => window.stayed), undefined, 'a link to another page loads it');
    });

    test(`somebody edits a question, and the history says what changed (${world.name})`, async (t) => {
        const { path } = await askQuestion(stage.people.alkis, `Πού βρίσκω τον αριθμό ελέγχου; ${mark}`, `Στην πύλη δεν τον βλέπω πουθενά, ${mark}.`);
        const post = await lastPost(stage.people.alkis, path);
        const page = await enter(t, stage, world, 'alkis', path);
        await page.locator(`#post-${post}`).getByRole('link', { name: 'Edit' }).click();
        await heading(page, 'Edit the question');
        await page.fill('main [name=title]', '');
        await page.fill('main [name=body]', `Στην πύλη **7** δεν τον βλέπω, ${mark}.`);
        await page.fill('main [name=note]', 'ποια πύλη');
        await press(page, 'Save changes');
        await problems(page);
        assert.equal(await page.inputValue('main [name=body]'), `Στην πύλη **7** δεν τον βλέπω, ${mark}.`);
        assert.equal(await page.inputValue('main [name=note]'), 'ποια πύλη');
        await page.fill('main [name=title]', `Πού βρίσκω τον νέο αριθμό ελέγχου; ${mark}`);
        await press(page, 'Save changes');
        await heading(page, `Πού βρίσκω τον νέο αριθμό ελέγχου; ${mark}`);

        await page.locator(`#post-${post}`).getByRole('link', { name: 'History' }).click();
        await heading(page, 'History of the question');
        const newest = page.locator('section', { has: page.getByRole('heading', { level: 2, name: 'Version 2' }) });
        assert.match(await newest.innerText(), /ποια πύλη/);
        assert.equal((await newest.locator('.diff ins').allInnerTexts()).join('').includes('7'), true);
        assert.equal((await newest.locator('.diff del').allInnerTexts()).join('').includes('πουθενά'), true);
        await page.getByRole('link', { name: 'Side by side' }).click();
        await newest.getByRole('group', { name: 'Before' }).getByText('πουθενά').waitFor();
        await page.locator('.crumbs a').last().click();
        await heading(page, `Πού βρίσκω τον νέο αριθμό ελέγχου; ${mark}`);
        assert.match(await main(page), /Edited/);
    });
}
