/* Modules in other languages than C: the examples in C++ and Rust, and whether Rust's tables are laid out as C's. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { buildDirectory, root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
const RUSTC = existsSync('/usr/bin/rustc') ? '/usr/bin/rustc' : 'rustc';
const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });

async function portalWith(t, name, options = {}) {
    const portal = await startPortal({ modules: { [name]: { path: path.join(buildDirectory(), 'examples', name) } }, ...options });
    t.after(() => portal.close());
    return portal;
}

for (const database of ['sqlite', 'postgresql'])
    test(`24-cplusplus counts words in a transaction, and an exception becomes an error page, on ${database}`, async (t) => {
        const portal = await portalWith(t, 'cplusplus', { database });
        assert.equal((await portal.get('/cplusplus', form({ text: 'tea cake tea' }))).status, 303);
        assert.equal((await portal.get('/cplusplus', form({ text: 'tea' }))).status, 303);
        assert.match((await portal.get('/cplusplus')).text, /<li>cake: 1<\/li><li>tea: 3<\/li>/);
        assert.equal((await portal.get('/cplusplus', form({ text: 'throw' }))).status, 500);
        await until(() => portal.log().includes('A word that this example does not count'), { what: 'the log to say why' });
        assert.equal((await portal.get('/cplusplus')).status, 200);
    });

test('25-rust counts letters for page and API, and a panic becomes an error page', async (t) => {
    const portal = await portalWith(t, 'rust');
    assert.match((await portal.get('/rust?text=Abba%20%C3%A9')).text, /<li>a: 2<\/li><li>b: 2<\/li><li>é: 1<\/li>/);
    assert.deepEqual((await portal.get('/api/rust/v1/letters?text=oho')).json,
        { letters: [{ letter: 'o', number: 2 }, { letter: 'h', number: 1 }] });
    assert.equal((await portal.get('/rust?text=panic')).status, 500);
    assert.equal((await portal.get('/rust')).status, 200);
});

/* The binding's structs with their members, read from its source: { ValueApi: ['table', …] }. */
function structs() {
    const source = readFileSync(path.join(root, 'examples/25-rust/portico.rs'), 'utf8');
    return [...source.matchAll(/^pub struct (\w+) \{\n([^}]*)^\}/gm)].map(([, name, body]) =>
        [name, [...body.matchAll(/^ {4}pub (\w+):/gm)].map(([, member]) => member)]);
}
const C_NAMES = { ValueApi: 'portico_value_api', Value: 'portico_value', ContextApi: 'portico_context_api',
    Context: 'portico_context', RequestApi: 'portico_request_api', Request: 'portico_request', Table: 'portico_table',
    List: 'portico_list', Route: 'portico_route', Module: 'portico_module' };

test('every member of the Rust tables lies where the C headers have it', async (t) => {
    const place = mkdtempSync(path.join(os.tmpdir(), 'portico-layout-'));
    t.after(() => rmSync(place, { recursive: true, force: true }));
    const all = structs();
    assert.deepEqual(all.map(([name]) => name).sort(), Object.keys(C_NAMES).sort());
    const members = all.flatMap(([name, list]) => list.map((member) => [name, member]));
    assert.ok(members.length > 60, 'the members were found');
    writeFileSync(path.join(place, 'c.c'), `#include <portico/portico.h>\n#include <stdio.h>\nint main(void)\n{\n${
        members.map(([name, member]) => `    printf("${name}.${member} %zu %zu\\n", offsetof(struct ${C_NAMES[name]}, ${member}), sizeof(((struct ${C_NAMES[name]} *)0)->${member}));`).join('\n')}\n}\n`);
    writeFileSync(path.join(place, 'r.rs'), `#[path = ${JSON.stringify(path.join(root, 'examples/25-rust/portico.rs'))}]\nmod portico;\nuse portico::*;
fn size<T>(_: *const T) -> usize { std::mem::size_of::<T>() }
fn main() {\n${members.map(([name, member]) => `    { let all = std::mem::MaybeUninit::<${name}>::uninit(); let at = unsafe { std::ptr::addr_of!((*all.as_ptr()).${member}) };
      println!("${name}.${member} {} {}", at as usize - all.as_ptr() as usize, size(at)); }`).join('\n')}\n}\n`);
    await run('cc', ['-std=c17', '-I', path.join(root, 'include'), '-o', path.join(place, 'c'), path.join(place, 'c.c')]);
    await run(RUSTC, ['--edition', '2021', '-o', path.join(place, 'r'), path.join(place, 'r.rs')]);
    const [c, rust] = await Promise.all([run(path.join(place, 'c')), run(path.join(place, 'r'))]);
    assert.deepEqual(rust.stdout.split('\n'), c.stdout.split('\n'));
});
