/* Every refusal of a module tells its author what to do: each sentence in the sources is looked at. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/paths.mjs';

const room = path.join(root, 'core/module');
const files = readdirSync(room).filter((name) => /^(?:loader|note|uses|descriptor|check.*|inspect.*|needs)\.c$/.test(name));
/* Words that begin an instruction. What ends in another sentence leaves the advice to that one. */
const ADVICE = /\b(?:add|begin|build|call|choose|correct|define|delete|disable|enable|end|give|install|keep|leave|link|make|move|name|put|remove|rename|replace|save|run|say|set|shorten|state|take|update|use|write)\b/i;

/* The texts of one call's literals, joined as the compiler does, comments aside. */
function sentences(name) {
    const text = readFileSync(path.join(room, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const calls = [...text.matchAll(/(?:descriptor_say|error_set)\(([\s\S]*?)\);/g)];
    return calls.map(([, call]) => ({ name, sentence: [...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]).join('') }))
        .filter(({ sentence }) => sentence.replace(/%[-.*\d]*[a-z]+/g, '').trim().length > 3);
}

const all = files.flatMap(sentences);

test('refusals are found in every file that refuses', () => {
    assert.ok(all.length > 50, `only ${all.length} were found`);
});

for (const name of files.filter((file) => sentences(file).length))
    test(`${name}: every refusal says what to do`, () => {
        const silent = sentences(name).filter(({ sentence }) => !ADVICE.test(sentence) && !/Memory ended|(?:: | )%s$|static const data\.$/.test(sentence));
        assert.deepEqual(silent.map(({ sentence }) => sentence), []);
    });
