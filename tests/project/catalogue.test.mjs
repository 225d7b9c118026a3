import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

import { root } from '../lib/paths.mjs';

const program = path.join(root, 'sdk/catalogue.mjs');
const run = (...words) => spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });

test('no catalogue of the project is behind its sources', () => {
    const done = run('--check');
    assert.equal(done.status, 0, done.stderr);
});

test('texts of calls, descriptors and templates reach the catalogue and its translations', (t) => {
    const directory = path.join(mkdtempSync(path.join(os.tmpdir(), 'portico-catalogue-')), 'greeting');
    t.after(() => rmSync(path.dirname(directory), { recursive: true }));
    mkdirSync(path.join(directory, 'templates'), { recursive: true });
    mkdirSync(path.join(directory, 'locale'));
    writeFileSync(path.join(directory, 'greeting.c'), `
        /* portico_translate(req, "in a comment", NULL) */
        x = portico_translate(request, "Good \\"morning\\", "
                              "{name}", view);
        { .key = "tone", .title = "Tone", .help = "How it speaks." },`);
    writeFileSync(path.join(directory, 'templates/hello.mustache'),
        '<h1>{{t "Hello"}}</h1> {{plural guests.number "{n} guest" "{n} guests"}}');
    writeFileSync(path.join(directory, 'locale/de.po'),
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Hello"\nmsgstr "Hallo"\n');

    assert.equal(run('--check', directory).status, 1, 'a missing catalogue is stale');
    const written = run(directory);
    assert.equal(written.status, 0, written.stderr);
    const template = readFileSync(path.join(directory, 'locale/greeting.pot'), 'utf8');
    for (const text of ['Good \\"morning\\", {name}', 'Tone', 'How it speaks.', 'Hello', '{n} guest'])
        assert.ok(template.includes(`msgid "${text}"`), `${text} is missing:\n${template}`);
    assert.ok(template.includes('msgid_plural "{n} guests"'));
    assert.ok(!template.includes('in a comment'));
    const german = readFileSync(path.join(directory, 'locale/de.po'), 'utf8');
    assert.match(german, /msgid "Hello"\nmsgstr "Hallo"/);
    assert.match(german, /msgid "Tone"\nmsgstr ""/);
    assert.equal(run('--check', directory).status, 0);
});
