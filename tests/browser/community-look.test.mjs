/* How the community's pages look: every page and state, at every width, in both themes and the pseudo-language. */
import { after, before } from 'node:test';

import { startBrowser } from '../lib/browser.mjs';
import { askQuestion, BLOCKED, lastPost, LONG, SAID, startCommunity } from '../lib/community.mjs';
import { lookAt } from '../lib/look.mjs';
import { join, makeAccount, makePerson, signIn } from '../lib/people.mjs';

const stage = { said: `${SAID}|@?eleni\\b|/communities/quays` };
const at = {};
const as = (handle) => () => stage.people[handle].cookies;

/* A company with a long name: its own space, with a question, and a space where each company sees its own. */
async function openPrivateSpaces() {
    const account = await makeAccount(stage.portal, `Λιμάνι ${LONG.slice(0, 60)}`);
    await makePerson(stage.portal, { handle: 'eleni', name: 'Ελένη Μόλου', address: 'eleni@example.com' });
    await join(stage.portal, account, 'eleni');
    const eleni = stage.people.eleni = await signIn(stage.portal, 'eleni', 'admin');
    const { text } = await eleni.get('/communities/spaces/new');
    const [, sharing] = /name="sharing"[^>]*value="(account[^"]*)"/.exec(text) ?? /value="(account[^"]*)"[^>]*name="sharing"/.exec(text);
    const description = `Πού δένει ποιος, και πότε ${LONG}`;
    await eleni.submit('/communities/spaces/new', { title: 'Προβλήτες', slug: 'quays', description, sharing }, 'spaces');
    await eleni.submit('/communities/spaces/new', { title: `Συμβόλαια ${LONG.slice(0, 60)}`, slug: 'contracts', description, sharing: 'signed-in', own_topics: '1' }, 'spaces');
    const spaces = await eleni.get('/communities/spaces');
    [at.quays] = [...spaces.text.matchAll(/\/communities\/spaces\/(\d+)\/edit/g)].map(([, id]) => id).slice(-2);
    const asked = await eleni.submit('/communities/ask', { space: 'quays', title: 'Ποια προβλήτα είναι ελεύθερη απόψε;', body: 'Έρχεται ένα πλοίο ακόμη, και καμία δεν φαίνεται ελεύθερη.', tags: 'πύλη', seen: 'yes' }, 'ask');
    at.berth = asked.headers.get('location').replace(/[?#].*/, '');
}

before(async () => {
    Object.assign(stage, await startCommunity());
    const { alkis, mara, thea, nikos } = stage.people;
    const asked = await askQuestion(alkis, 'Γιατί σταματά η πύλη κάθε νύχτα;', 'Κάθε νύχτα στις τρεις η πύλη **σταματά** και δεν ξεκινά πάλι.');
    await mara.submit(asked.path, { body: 'Στις τρεις τρέχει το αντίγραφο ασφαλείας. Βάλε το στις πέντε.' }, 'answer');
    const answer = await lastPost(mara, asked.path);
    const question = (/ id="post-(\d+)"/.exec((await alkis.get(asked.path)).text))[1];
    await nikos.submit(`/communities/posts/${answer}/comments`, { body: 'Έτσι το κάναμε κι εμείς.' }, 'comment');
    await alkis.submit(`/communities/posts/${question}/edit`, { body: 'Κάθε νύχτα στις τρεις και μισή η πύλη **σταματά**.', note: 'ακριβής ώρα' }, 'edit');
    await nikos.submit(`/communities/posts/${answer}/flag`, { reason: 'other', note: `Δεν είναι σωστό ${LONG}` }, 'flag');
    await askQuestion(nikos, `Μια ερώτηση που περιμένει ${LONG.slice(0, 60)}`, `Εδώ είναι το ${BLOCKED} και τίποτε άλλο.`);
    const closed = await askQuestion(mara, 'Ποια έκδοση έχει τη νέα πύλη;', 'Στις σημειώσεις δεν βρήκα ποια έκδοση είναι.');
    await thea.submit(`/communities/moderation/close/${closed.topic}`, { reason: 'Απαντήθηκε στις σημειώσεις.' });
    const gone = await askQuestion(alkis, 'Μια ερώτηση που έφυγε', 'Αυτή η ερώτηση αφαιρέθηκε από συντονιστή.');
    const gonePost = await lastPost(alkis, gone.path);
    await thea.submit(`/communities/posts/${gonePost}/remove`, { reason: 'Διπλή.' });
    const comment = (/ id="comment-(\d+)"/.exec((await nikos.get(asked.path)).text))[1];
    await mara.submit(`/communities/posts/${question}/comments`, { body: 'Και σε εμάς το ίδιο, κάθε **Δευτέρα**.' }, 'comment');
    const edited = (/ id="comment-(\d+)"/.exec((await mara.get(asked.path)).text))[1];
    await mara.submit(`/communities/comments/${edited}/edit`, { body: 'Και σε εμάς το ίδιο, κάθε **Τρίτη**.' }, 'edit_comment');
    Object.assign(at, { edited, topic: asked.path, id: asked.topic, question, answer, comment, closed: closed.path, gone: gone.path });
    const { text } = await mara.get('/communities/first');
    at.long = /href="(\/communities\/topics\/\d+\/[^"]*)"[^>]*>Πώς επαναλαμβάνω/.exec(text)?.[1];
    await openPrivateSpaces();
    stage.browser = await startBrowser();
});
after(async () => {
    await stage.browser?.close();
    await stage.portal?.close();
});

const send = (page) => page.locator('main .form button.main').click();
const refused = async (page) => {
    await send(page);
    await page.waitForSelector('.problems');
};
const unfold = (links) => async (page) => {
    for (let left = await page.locator(links).count(); left; left--) {
        await page.locator(links).first().click();
        await page.waitForFunction(([wanted, more]) => document.querySelectorAll(wanted).length < more, [links, left]);
    }
};

/* As live.js shows it once somebody answers. */
const news = (page) => page.locator('.news').evaluate((line) => {
    line.querySelector('a').textContent = line.dataset.liveMany.replace('{n}', '2');
    line.hidden = false;
});

lookAt(stage, [
    { name: 'the community as a guest', path: '/communities' },
    { name: 'the community as a member', path: '/communities', as: as('alkis') },
    { name: 'a space', path: '/communities/first' },
    { name: 'a space without questions', path: '/communities/quiet', as: as('alkis') },
    { name: 'the community with private spaces', path: '/communities', as: as('eleni') },
    { name: 'opening a space', path: '/communities/spaces/new', as: as('eleni') },
    { name: 'opening a space with mistakes', path: '/communities/spaces/new', as: as('eleni'), status: 422, prepare: refused },
    { name: 'the list of spaces', path: '/communities/spaces', as: as('eleni') },
    { name: 'changing a private space', path: () => `/communities/spaces/${at.quays}/edit`, as: as('eleni') },
    { name: 'a private space', path: '/communities/quays', as: as('eleni') },
    { name: 'a space of own questions', path: '/communities/contracts', as: as('eleni') },
    { name: 'a space of own questions without a company', path: '/communities/contracts', as: as('alkis') },
    { name: 'asking in a space of own questions', path: '/communities/ask?space=contracts', as: as('eleni') },
    { name: 'a topic of a private space', path: () => at.berth, as: as('eleni') },
    { name: 'the tags', path: '/communities/tags' },
    { name: 'a tag', path: () => `/communities/tags/${encodeURIComponent('πύλη')}` },
    { name: 'a search', path: () => `/communities/search?q=${encodeURIComponent('παρτίδα')}` },
    { name: 'a search for nothing there', path: () => `/communities/search?q=${encodeURIComponent(LONG)}` },
    { name: 'a topic as a guest', path: () => at.long },
    { name: 'a topic as its asker', path: () => at.topic, as: as('alkis'), prepare: unfold('a[data-inline]') },
    { name: 'a topic as a moderator', path: () => at.topic, as: as('thea') },
    { name: 'a topic with news', path: () => at.topic, as: as('mara'), prepare: news },
    { name: 'a closed topic', path: () => at.closed, as: as('alkis') },
    { name: 'a removed topic as its asker', path: () => at.gone, as: as('alkis') },
    { name: 'asking', path: '/communities/ask', as: as('alkis') },
    { name: 'asking with mistakes', path: '/communities/ask', as: as('alkis'), status: 422, prepare: refused },
    { name: 'answering with a mistake', path: () => at.topic, as: as('nikos'), status: 422, prepare: (page) => page.locator('#answer button.main').click().then(() => page.waitForSelector('.problems')) },
    { name: 'commenting', path: () => `/communities/posts/${at.answer}/comments`, as: as('alkis') },
    { name: 'editing', path: () => `/communities/posts/${at.question}/edit`, as: as('alkis') },
    { name: 'editing a comment', path: () => `/communities/comments/${at.comment}/edit`, as: as('nikos') },
    { name: 'the history', path: () => `/communities/posts/${at.question}/history` },
    { name: 'the history side by side', path: () => `/communities/posts/${at.question}/history?view=side` },
    { name: 'the history of a comment', path: () => `/communities/comments/${at.edited}/history` },
    { name: 'reporting', path: () => `/communities/posts/${at.answer}/flag`, as: as('alkis') },
    { name: 'removing', path: () => `/communities/posts/${at.answer}/remove`, as: as('thea') },
    { name: 'closing', path: () => `/communities/moderation/close/${at.id}`, as: as('thea') },
    { name: 'moving', path: () => `/communities/moderation/move/${at.id}`, as: as('thea') },
    { name: 'merging with a mistake', path: () => `/communities/moderation/merge/${at.id}`, as: as('thea'), status: 422, prepare: refused },
    { name: 'the moderation queue', path: '/communities/moderation', as: as('thea') },
    { name: 'the moderation log', path: '/communities/moderation/log', as: as('thea') },
    { name: 'what of mine waits', path: '/communities/waiting', as: as('nikos') },
    { name: 'nothing of mine waits', path: '/communities/waiting', as: as('alkis') },
    { name: 'what I asked', path: '/communities/mine', as: as('alkis') },
    { name: 'describing a tag', path: () => `/communities/tags/${encodeURIComponent('πύλη')}/edit`, as: as('thea') },
    { name: 'a person', path: '/communities/people/alkis' },
    { name: 'a page that is not there', path: '/communities/nothing-here', status: 404 },
    { name: 'a page that is not for everyone', path: '/communities/moderation', as: as('alkis'), status: 403 },
]);
