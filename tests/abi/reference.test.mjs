/* The reference made of the SDK's headers: every symbol has its text, and doxygen finds nothing to complain of. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { root } from '../lib/paths.mjs';

let place, result;

before(() => {
    place = mkdtempSync(path.join(os.tmpdir(), 'portico-reference-'));
    result = spawnSync('doxygen', ['sdk/reference/Doxyfile'], {
        cwd: root, encoding: 'utf8', env: { ...process.env, PORTICO_VERSION: 'test', PORTICO_REFERENCE: place },
    });
});
after(() => rmSync(place, { recursive: true, force: true }));

test('doxygen makes the reference without a warning: no symbol of the SDK is left without its text', () => {
    assert.equal(result.error, undefined);
    assert.equal(result.stderr.replaceAll(`${root}/`, '').trim(), '');
    assert.equal(result.status, 0);
});

test('every function, macro, struct and constant of the headers stands in the reference', () => {
    const described = readdirSync(path.join(place, 'xml')).filter((file) => file.endsWith('.xml'))
        .map((file) => readFileSync(path.join(place, 'xml', file), 'utf8')).join('');
    const missing = readdirSync(path.join(root, 'include/portico')).flatMap((header) => {
        const text = readFileSync(path.join(root, 'include/portico', header), 'utf8').replace(/\/\*.*?\*\//gs, '')
            /* What is for C++ alone stands in the chapter on other languages; what a macro makes is the module's own. */
            .replace(/^#ifdef __cplusplus\n.*?^#(?:else|endif)/gms, '').replace(/\\\n(?:.*\\\n)*.*/g, '');
        const names = [
            ...text.matchAll(/^#define (PORTICO_\w+|portico_\w+)/gm),
            ...text.matchAll(/^struct (portico_\w+) \{/gm),
            ...text.matchAll(/^(?:static inline|PORTICO_\w+\(.*\))?[\w *]*?\b(portico_\w+)\([^;]*$/gm),
            ...text.matchAll(/^    (PORTICO_\w+) =/gm),
        ].map(([, name]) => name).filter((name) => !/_H$/.test(name));
        assert.ok(names.length || header === 'portico.h', `${header} names something`);
        return [...new Set(names)].filter((name) => !described.includes(`<name>${name}</name>`)).map((name) => `${header}: ${name}`);
    });
    assert.deepEqual(missing, []);
});

test('the list of headers on its first page is the list of headers', () => {
    const page = readFileSync(path.join(root, 'sdk/reference/index.md'), 'utf8');
    const listed = [...page.matchAll(/^\| portico\/(\w+\.h) \|/gm)].map(([, name]) => name);
    assert.deepEqual(listed, readdirSync(path.join(root, 'include/portico')).filter((name) => name !== 'portico.h').sort());
});
