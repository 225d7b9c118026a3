/* Writing in a community: images by button, by pasting and by dropping; words offered; one part of a page renewed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessibilityFindings, openPage, screenshot, sidewaysScroll, startBrowser } from '../lib/browser.mjs';
import { startCommunity } from '../lib/community.mjs';
import { gif, png } from '../lib/images.mjs';

let browser, portal, people;

before(async () => {
    browser = await startBrowser();
    ({ portal, people } = await startCommunity());
});
after(async () => {
    await browser?.close();
    await portal?.close();
});

async function open(t, target, options = {}) {
    const cookies = [{ name: 'portico', value: people.mara.jar.get('portico'), url: portal.url }];
    const opened = await openPage(browser, portal.url + target, { cookies, ...options });
    t.after(() => opened.page.context().close());
    return opened.page;
}

/* Files as the clipboard or a mouse brings them. */
const bring = (page, kind, files) => page.evaluate(([type, given]) => {
    const data = new DataTransfer();
    for (const { name, media, bytes } of given)
        data.items.add(new File([Uint8Array.from(bytes)], name, { type: media }));
    const area = document.querySelector('#ask-body'), common = { bubbles: true, cancelable: true };
    area.focus();
    const event = type === 'paste' ? new ClipboardEvent('paste', { ...common, clipboardData: data }) : new DragEvent('drop', { ...common, dataTransfer: data });
    area.dispatchEvent(event);
    return event.defaultPrevented;
}, [kind, files.map(({ name, media, data }) => ({ name, media, bytes: [...data] }))]);

const text = (page) => page.inputValue('#ask-body');
const imageIn = (page) => page.waitForFunction(() => /\]\(\/portico\/files\//.test(document.querySelector('#ask-body').value));

for (const [width, scheme] of [[1280, 'light'], [390, 'dark']])
    test(`an image chosen by button stands in the text, asks to be described, and is in the preview (${width} px, ${scheme})`, async (t) => {
        const page = await open(t, '/communities/ask', { width, scheme });
        await page.fill('#ask-body', 'Look: ');
        const chooser = page.waitForEvent('filechooser');
        await page.getByRole('button', { name: 'Add an image' }).click();
        await (await chooser).setFiles({ name: 'gate.png', mimeType: 'image/png', buffer: png(40, 30) });
        await imageIn(page);
        assert.match(await text(page), /^Look: !\[gate\]\(\/portico\/files\/\d+\/gate\.png\)/);
        await page.getByText(/^The image is in the text\. Write between the brackets/).waitFor();
        const chosen = await page.evaluate(() => {
            const area = document.querySelector('#ask-body');
            return area.value.slice(area.selectionStart, area.selectionEnd);
        });
        assert.equal(chosen, 'gate', 'its name is chosen, to be written over');
        await page.keyboard.type('The gate at night');
        await screenshot(page, `form-image-${width}`);
        assert.deepEqual(await accessibilityFindings(page), []);
        assert.deepEqual(await sidewaysScroll(page), []);
        await page.locator('.shown img[alt="The gate at night"]').waitFor();
    });

for (const [width, scheme] of [[1280, 'light'], [390, 'dark']])
    test(`without script an image is chosen with the text, shown before it is sent, and sent with it (${width} px, ${scheme})`, async (t) => {
        const cookies = [{ name: 'portico', value: people.nikos.jar.get('portico'), url: portal.url }]; /* mara votes below */
        const page = await open(t, '/communities/ask', { width, scheme, script: false, cookies });
        const choose = (name, mimeType, buffer) => page.getByLabel(/^Add an image/).setInputFiles({ name, mimeType, buffer });
        assert.doesNotMatch(await page.innerText('main'), /\b(paste|drop)\b/i, 'what cannot be done is not offered');
        await page.fill('#ask-title', `Who paints the gate? ${width}`);
        await page.fill('#ask-body', 'It was green **before**.');
        await choose('plan.pdf', 'application/pdf', Buffer.from('%PDF-1.4 nothing'));
        await page.getByRole('button', { name: 'Preview' }).click();
        await page.locator('#ask-body-error').getByText('This is no PNG, JPEG, GIF or WebP image. Choose an image once more; what you wrote is still here.').waitFor();
        assert.equal(await text(page), 'It was green **before**.');
        assert.equal(await page.inputValue('#ask-title'), `Who paints the gate? ${width}`);
        await screenshot(page, `form-image-plain-error-${width}`, { full: true });
        await choose('gate.png', 'image/png', png(60, 40));
        await page.getByRole('button', { name: 'Preview' }).click();
        await page.locator('.shown img[alt="gate"]').waitFor();
        assert.ok(await page.locator('.shown img').evaluate((image) => image.complete && image.naturalWidth === 60));
        assert.equal(await page.locator('#ask-body-error').count(), 0);
        await screenshot(page, `form-image-plain-${width}`, { full: true });
        await page.locator('input[name=space][value=first]').check();
        await choose('other.png', 'image/png', png(30, 20));
        await page.getByRole('button', { name: 'Ask your question' }).click();
        const heading = page.getByRole('heading', { name: `Who paints the gate? ${width}` });
        const similar = page.locator('.note', { hasText: 'Similar questions' });
        await heading.or(similar).first().waitFor();
        if (await similar.count())
            await page.getByRole('button', { name: 'Ask your question' }).click();
        await heading.waitFor();
        assert.deepEqual(await page.locator('article .prose img').evaluateAll((images) => images.map(({ alt }) => alt)), ['gate', 'other']);
    });

test('with script there is one way to add an image', async (t) => {
    const page = await open(t, '/communities/ask');
    await page.getByRole('button', { name: 'Add an image' }).waitFor();
    assert.equal(await page.locator('input[type=file]:visible, noscript').count(), 0);
    assert.equal(await page.locator('[name=body_image]').count(), 0);
    await page.getByText('You can also paste or drop it into the text.').waitFor();
});

for (const kind of ['paste', 'drop'])
    test(`images come by ${kind}, several at once`, async (t) => {
        const page = await open(t, '/communities/ask');
        await page.fill('#ask-body', ''); /* the draft of an earlier test */
        const taken = await bring(page, kind, [{ name: 'a.png', media: 'image/png', data: png() }, { name: 'b.gif', media: 'image/gif', data: gif() }]);
        assert.ok(taken, 'the browser does not open them itself');
        await page.waitForFunction(() => (document.querySelector('#ask-body').value.match(/\]\(\/portico\/files\//g) ?? []).length === 2);
        assert.equal(await page.locator('.markdown .told').count(), 1);
    });

test('what cannot be taken is said beside the field, and the text stays as it was', async (t) => {
    const page = await open(t, '/communities/ask');
    await page.fill('#ask-body', 'Before.');
    assert.ok(await bring(page, 'drop', [{ name: 'plan.pdf', media: 'application/pdf', data: Buffer.from('%PDF-1.4 nothing') }]));
    await page.locator('.markdown .unsent').getByText('This is no PNG, JPEG, GIF or WebP image.').waitFor();
    assert.equal(await text(page), 'Before.');
    await bring(page, 'drop', [{ name: 'wide.png', media: 'image/png', data: png(30000, 30000) }]);
    await page.waitForFunction(() => /pixels/.test(document.querySelector('.markdown .unsent')?.textContent ?? ''));
    assert.equal(await page.locator('.markdown .unsent').count(), 1);
    assert.equal(await text(page), 'Before.');
});

test('tags are offered while typing and taken by keyboard, as a combobox with a list', async (t) => {
    const page = await open(t, '/communities/ask');
    const field = page.locator('#ask-tags');
    assert.equal(await field.getAttribute('role'), 'combobox');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    await field.focus();
    await page.keyboard.type('πύ');
    const list = page.locator(`#${await field.getAttribute('aria-controls')}`);
    await list.getByRole('option').first().waitFor();
    assert.equal(await field.getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('Escape');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    assert.equal(await field.inputValue(), 'πύ');
    await page.keyboard.press('ArrowDown');
    await list.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    const active = await field.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
    assert.deepEqual(await accessibilityFindings(page), []);
    await page.keyboard.press('Enter');
    assert.match(await field.inputValue(), /^πύλη, $/);
    assert.equal(new URL(page.url()).pathname, '/communities/ask', 'Enter chose, and did not send');
});

test('a vote renews its part of the page and leaves the rest as it was', async (t) => {
    const page = await open(t, '/communities');
    await page.goto(new URL(await page.locator('main a[href*="/communities/topics/"]').first().getAttribute('href'), portal.url).href);
    await page.evaluate(() => { document.querySelector('h1').dataset.untouched = 'yes'; });
    const form = page.locator('form[id^="vote-"][data-part]').first();
    const answered = page.waitForResponse((answer) => /\/vote$/.test(new URL(answer.url()).pathname));
    await form.locator('button').first().click();
    await answered;
    await page.waitForFunction(() => document.querySelector('form[id^="vote-"] [aria-pressed="true"]'));
    assert.equal(await page.locator('h1[data-untouched]').count(), 1);
});

test('who was signed out while writing keeps the text, signs in on another page and sends it', async (t) => {
    const page = await open(t, '/communities/ask');
    await page.fill('#ask-title', 'What happens when my session ends?');
    await page.fill('#ask-body', 'I wrote for an hour.');
    const space = page.locator('#ask-space');
    if (await space.count())
        await space.selectOption('first');
    else
        await page.locator('input[name=space][value=first]').check();
    await page.context().clearCookies();
    await page.locator('form.form button.main').click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    assert.equal(await page.inputValue('#ask-body'), 'I wrote for an hour.');
    assert.equal(await page.getByRole('link', { name: 'Sign in on a new page' }).getAttribute('target'), '_blank');
    await screenshot(page, 'form-signed-out');
    assert.deepEqual(await accessibilityFindings(page), []);
    await page.context().addCookies([{ name: 'portico', value: people.mara.jar.get('portico'), url: portal.url }]);
    await page.getByRole('button', { name: 'Send it again' }).click();
    await page.getByRole('heading', { name: 'This form is from another sign-in' }).waitFor();
    await page.getByRole('button', { name: 'Send it again' }).click();
    await page.getByRole('heading', { name: 'What happens when my session ends?' }).waitFor();
});
