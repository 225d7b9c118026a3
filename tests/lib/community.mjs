/* A small community for browsers: its texts are Greek, so that words of the program stand out in the pseudo-language. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';

import { openPage, startBrowser } from './browser.mjs';
import { makePerson, signIn } from './people.mjs';
import { startPortal } from './portal.mjs';

/** What people wrote and are called there, for look.mjs: nothing of it is to be translated. */
export const SAID = 'Test portal|@?(alkis|mara|thea|nikos)\\b|CC BY-SA [0-9.]+|Ctrl K|English|Deutsch|https?://\\S+';

/** A word of 90 letters, and the word that makes a text wait for a moderator. */
export const LONG = 'παρτίδαεπανάληψη'.repeat(6).slice(0, 90);
export const BLOCKED = 'απαγορευμένο';

const PROSE = 'Η νυχτερινή παρτίδα προς τον μεταφορέα απέτυχε στη μέση. Η πύλη δείχνει 412 από 900 μηνύματα ως *σταλμένα*. Αν πατήσω «επανάληψη», ξεκινά πάλι από την αρχή;';
const CONTENT = `<?xml version="1.0" encoding="UTF-8"?>
<community space="first" position="1" title="Ενσωματώσεις" description="Ό,τι στέλνει και δέχεται μηνύματα: πύλες, παρτίδες και σύνδεσμοι.">
<person key="a" name="Πρίγια Νάιρ" company="Βόρεια Μεταφορική"/>
<person key="b" name="Χάνα Όρτιζ ${LONG}" company="Άκμε"/>
<question id="1" author="a" age="9d" active="2d" score="18" views="231" tags="παρτίδες πύλη ${LONG.slice(0, 34)}" accepted="2" title="Πώς επαναλαμβάνω μια παρτίδα χωρίς διπλότυπα;"><![CDATA[
${PROSE}

\`\`\`
παρτίδα 2026-11-17T23:00Z  σταλμένα 412/900  σε αναμονή 488  αποτυχημένα 0  μεταφορέας ΑΒΓ  πύλη 7  προσπάθεια 3
\`\`\`

| στήλη | άλλη στήλη | τρίτη στήλη με μακρύ τίτλο | τέταρτη στήλη |
|---|---|---|---|
| 1 | ${LONG} | 3 | 4 |

${LONG}
]]></question>
<answer id="2" to="1" author="b" age="8d" score="31"><![CDATA[
Η **συνέχεια**, όχι η επανάληψη. Η συνέχεια κρατά τους αριθμούς ελέγχου, κι έτσι ο μεταφορέας πετά ό,τι έχει ήδη.

1. Άνοιξε την παρτίδα.
2. Πάτησε «συνέχεια».
]]></answer>
<answer id="3" to="1" author="a" age="7d" score="2"><![CDATA[Σε εμάς βοήθησε να περιμένουμε δέκα λεπτά.]]></answer>
<comment id="1" to="2" author="a" age="7d" score="4">Αυτό ήταν. Ευχαριστώ.</comment>
<comment id="2" to="2" author="b" age="6d" score="0">${LONG}</comment>
${[...Array(24).keys()].map((n) => `<question id="${10 + n}" author="${n % 2 ? 'a' : 'b'}" age="${n + 10}d" score="${n}" views="${n * 40}" tags="πύλη" title="Ερώτηση αριθμός ${n + 1} για την πύλη${n === 3 ? ` ${LONG}` : ''}">${PROSE}</question>`).join('\n')}
</community>`;
const EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<community space="quiet" position="2" title="Ήσυχος χώρος" description="Εδώ δεν ρώτησε κανείς ακόμη."></community>\n';

/** Sends a member's question: { topic, path }. */
export async function askQuestion(person, title, body, tags = 'πύλη') {
    const answer = await person.submit('/communities/ask', { space: 'first', title, body, tags, seen: 'yes' }, 'ask');
    if (answer.status !== 303)
        throw new Error(`asking answered ${answer.status}: ${answer.text}`);
    const path_ = answer.headers.get('location').replace(/[?#].*/, '');
    return { path: path_, topic: /topics\/(\d+)/.exec(path_)?.[1] };
}

/** Id of the post that a topic's page shows last. */
export async function lastPost(person, topic) {
    const { text } = await person.get(topic);
    return [...text.matchAll(/ id="post-(\d+)"/g)].at(-1)[1];
}

/**
 * Starts it: { portal, people: { alkis, mara, thea, nikos } }, each a visitor of people.mjs; thea moderates. `newcomers`:
 * posts until somebody is none any more.
 */
export async function startCommunity({ newcomers = 0 } = {}) {
    const portal = await startPortal({
        modules: { communities: { newcomer_posts: newcomers, blocked_words: BLOCKED, questions_an_hour: 100 } },
        settings: { portal: { development: true } },
        prepare: async ({ cli, dir }) => {
            const content = path.join(dir, 'content');
            mkdirSync(content);
            writeFileSync(path.join(content, 'first.xml'), CONTENT);
            writeFileSync(path.join(content, 'quiet.xml'), EMPTY);
            const done = await cli('import', 'communities', '--format', 'demo', content);
            if (done.code !== 0)
                throw new Error(`${done.stdout}${done.stderr}`);
        },
    });
    const people = {};
    for (const [handle, name, roles] of [['alkis', 'Άλκης Δήμου'], ['mara', 'Μάρα Λίντα'], ['thea', 'Θέα Ρήγα', 'moderator'], ['nikos', `Νίκος ${LONG.slice(0, 60)}`]]) {
        await makePerson(portal, { handle, name, address: `${handle}@example.com` });
        people[handle] = await signIn(portal, handle, roles);
    }
    return { portal, people };
}

/** The same story is told in each: with script and without, on a wide screen and a phone. */
export const WORLDS = [true, false].flatMap((script) => [1280, 390].map((width) => ({
    script, width, name: `${script ? 'with' : 'without'} script, ${width} px`, mark: `${script ? 'α' : 'β'}${width}`,
})));

/**
 * Opens a page as somebody in a world; what the browser complains of fails the test, but for refused forms, which are
 * answered 422.
 */
export async function enter(t, stage, { script, width }, handle, target, expected = /422/) {
    const { page, complaints } = await openPage(stage.browser, stage.portal.url + target, {
        script, width, cookies: stage.people[handle].cookies, isMobile: width < 500, hasTouch: width < 500,
    });
    t.after(async () => {
        /* What closing cuts off is no complaint. */
        const seen = complaints.filter((line) => !expected.test(line));
        await page.context().close();
        assert.deepEqual(seen, []);
    });
    return page;
}

/** The community and a browser for the tests of a file: { portal, people, browser, … } once they run. */
export function communityStage() {
    const stage = {};
    before(async () => {
        Object.assign(stage, await startCommunity());
        stage.browser = await startBrowser();
    });
    after(async () => {
        await stage.browser?.close();
        await stage.portal?.close();
    });
    return stage;
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
export const press = (page, name) => page.locator('main').getByRole('button', { name, exact: true }).click();
export const said = (page, words) => page.locator('main [role="status"]', { hasText: words }).waitFor();
