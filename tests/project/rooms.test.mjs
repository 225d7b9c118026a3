import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { root } from '../lib/paths.mjs';

/* From the ground up. A room includes from its own floor or below. */
const FLOORS = ['base', 'config', 'store', 'http', 'route', 'search', 'limit', 'job', 'event', 'file', 'identity', 'fetch', 'notify', 'page', 'module', 'portal', 'server', 'harness', 'cli'];

const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
const files = listed.stdout.split('\n').filter((file) => file && existsSync(path.join(root, file)));
const lines = (file) => readFileSync(path.join(root, file), 'utf8').split('\n');
const includes = (file) => lines(file).flatMap((line) => /^\s*#\s*include\s+([<"])([^>"]+)[>"]/.exec(line)?.slice(2) ?? []);
const sources = files.filter((file) => /\.[ch]$/.test(file));

test('a room of the core includes only from its own floor or below', () => {
    const wrong = sources.filter((file) => file.startsWith('core/')).flatMap((file) => {
        const floor = FLOORS.indexOf(file.split('/')[1]);
        return includes(file)
            .filter((name) => FLOORS.indexOf(name.split('/')[0]) > floor)
            .map((name) => `${file} includes ${name}`);
    });
    assert.deepEqual(wrong, []);
});

test('the core names no module', () => {
    const modules = [...new Set(files.map((file) => /^modules\/([^/]+)\//.exec(file)?.[1]).filter(Boolean))];
    assert.ok(modules.includes('communities'));
    const wrong = sources.filter((file) => file.startsWith('core/')).flatMap((file) =>
        lines(file).filter((line) => modules.some((name) => new RegExp(`"/?${name}["/]`).test(line)))
            .map((line) => `${file}: ${line.trim()}`));
    assert.deepEqual(wrong, []);
});

test('modules and examples include nothing of the core', () => {
    const wrong = sources.filter((file) => /^(modules|examples)\//.test(file)).flatMap((file) =>
        includes(file).filter((name) => FLOORS.includes(name.split('/')[0])).map((name) => `${file} includes ${name}`));
    assert.deepEqual(wrong, []);
});

test('SDK headers include only libc and each other', () => {
    const wrong = sources.filter((file) => file.startsWith('include/')).flatMap((file) =>
        includes(file).filter((name) => !/^(std\w+|string|stdarg)\.h$/.test(name)
            && !existsSync(path.join(root, path.dirname(file), name)) && !existsSync(path.join(root, 'include', name)))
            .map((name) => `${file} includes ${name}`));
    assert.deepEqual(wrong, []);
});

test('no source file is longer than 800 lines', () => {
    const long = sources.filter((file) => lines(file).length > 800);
    assert.deepEqual(long, []);
});

test('no header, source or script promises work for another day', () => {
    const promise = /\b(?:TODO|FIXME|XXX)\b/;
    const wrong = files.filter((file) => /\.(?:[ch]|mjs|sql|mustache|css|js|md)$|^dev$/.test(file) && !file.endsWith('rooms.test.mjs') && !file.endsWith('tap.mjs'))
        .flatMap((file) => lines(file).filter((line) => promise.test(line)).map((line) => `${file}: ${line.trim()}`));
    assert.deepEqual(wrong, []);
});

test('links between documents lead somewhere', () => {
    const wrong = files.filter((file) => file.endsWith('.md')).flatMap((file) =>
        [...readFileSync(path.join(root, file), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
            .filter((match) => !existsSync(path.join(root, path.dirname(file), match[1])))
            .map((match) => `${file} links to ${match[1]}`));
    assert.deepEqual(wrong, []);
});
