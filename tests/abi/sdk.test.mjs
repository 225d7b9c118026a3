/* The SDK as a stranger gets it: installed headers alone, both ways to build, and a portal that loads the result. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { until } from '../lib/wait.mjs';

const run = promisify(execFile);
const strict = ['-std=c17', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only'];
const names = ['-DPORTICO_MODULE_ID="alone"', '-DPORTICO_MODULE_VERSION="1.0.0"'];
const headers = readdirSync(path.join(root, 'include/portico'));

const source = (word) => `
#include <portico/portico.h>

static int show(struct portico_request *request)
{
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "word", "${word}");
    return portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/stranger", .handler = show, .permission = PORTICO_PUBLIC },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Stranger",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
`;

let place, prefix;

/* Installs what an author gets – headers and the SDK's files – from a configuration of its own. */
before(async () => {
    place = mkdtempSync(path.join(os.tmpdir(), 'portico-sdk-'));
    prefix = path.join(place, 'prefix');
    mkdirSync(path.join(place, 'tree'));
    writeFileSync(path.join(place, 'tree/CMakeLists.txt'), `
cmake_minimum_required(VERSION 3.25)
project(portico VERSION 0.1.0 LANGUAGES C)
include(GNUInstallDirs)
install(DIRECTORY ${root}/include/portico DESTINATION \${CMAKE_INSTALL_INCLUDEDIR})
add_subdirectory(${root}/sdk sdk)
`);
    await run('cmake', ['-G', 'Ninja', '-S', path.join(place, 'tree'), '-B', path.join(place, 'build'), `-DCMAKE_INSTALL_PREFIX=${prefix}`, '-DCMAKE_INSTALL_LIBDIR=lib']);
    await run('cmake', ['--install', path.join(place, 'build')]);
});
after(() => rmSync(place, { recursive: true, force: true }));

for (const header of headers)
    test(`${header} compiles alone, strictly, from the tree and as installed`, async () => {
        const file = path.join(place, `${header}.c`);
        writeFileSync(file, `#include <portico/${header}>\nint used;\n`);
        for (const include of [path.join(root, 'include'), path.join(prefix, 'include')])
            await run('cc', [...strict, ...names, '-I', include, file]);
    });

for (const header of headers)
    test(`${header} compiles alone as C++17, strictly`, async () => {
        const file = path.join(place, `${header}.cc`);
        writeFileSync(file, `#include <portico/${header}>\nint used;\n`);
        await run('c++', ['-std=c++17', ...strict.slice(1), ...names, '-I', path.join(prefix, 'include'), file]);
    });

test('a whole module compiles without a warning under -Wpedantic', async () => {
    const file = path.join(place, 'pedantic.c');
    writeFileSync(file, source('pedantic'));
    await run('cc', [...strict, ...names, '-I', path.join(prefix, 'include'), file]);
});

/* The author's project, with CMake and find_package. */
async function buildWithCmake(word) {
    const project = path.join(place, `cmake-${word}`);
    mkdirSync(project);
    writeFileSync(path.join(project, 'stranger.c'), source(word));
    writeFileSync(path.join(project, 'CMakeLists.txt'), `
cmake_minimum_required(VERSION 3.25)
project(stranger LANGUAGES C)
find_package(PorticoSDK REQUIRED)
portico_add_module(stranger VERSION 1.0.0 SOURCES stranger.c)
`);
    const build = path.join(project, 'build');
    await run('cmake', ['-G', 'Ninja', '-S', project, '-B', build, `-DCMAKE_PREFIX_PATH=${prefix}`]);
    await run('cmake', ['--build', build]);
    return path.join(build, 'modules/stranger');
}

/* The same with nothing but cc and pkg-config. */
async function buildByHand(word) {
    const directory = path.join(place, `hand-${word}`, 'stranger');
    mkdirSync(directory, { recursive: true });
    const file = path.join(directory, '..', 'stranger.c');
    writeFileSync(file, `#define PORTICO_MODULE_ID "stranger"\n#define PORTICO_MODULE_VERSION "1.1.0"\n${source(word)}`);
    const { stdout } = await run('pkg-config', ['--cflags', 'portico-sdk'],
        { env: { ...process.env, PKG_CONFIG_PATH: path.join(prefix, 'lib/pkgconfig') } });
    await run('cc', ['-shared', '-fPIC', ...stdout.trim().split(/\s+/), '-o', path.join(directory, 'stranger.so'), file]);
    return directory;
}

/* A compiler under a lax umask leaves group-writable files, which a portal rightly refuses. */
function tighten(directory) {
    chmodSync(directory, 0o755);
    chmodSync(path.join(directory, 'stranger.so'), 0o755);
    return directory;
}

test('modules built outside the tree answer after a reload, and a newer one replaces an older', async (t) => {
    const first = tighten(await buildWithCmake('first'));
    const second = tighten(await buildByHand('second'));
    assert.ok(existsSync(path.join(first, 'stranger.so')));
    const portal = await startPortal();
    t.after(() => portal.close());
    assert.equal((await portal.get('/stranger')).status, 404);
    for (const [directory, word] of [[first, 'first'], [second, 'second']]) {
        portal.writeConfig({ stranger: { path: directory } });
        const reload = await portal.cli('reload');
        assert.equal(reload.code, 0, reload.stderr);
        await until(async () => (await portal.get('/stranger')).json?.word === word, { what: `the ${word} module to answer` });
    }
});

test('a broken module is refused with its reason while the portal serves on', async (t) => {
    const good = tighten(await buildWithCmake('steady'));
    const portal = await startPortal({ modules: { stranger: { path: good } } });
    t.after(() => portal.close());
    const broken = path.join(place, 'broken', 'stranger');
    mkdirSync(broken, { recursive: true });
    const cases = {
        'not a library': [() => writeFileSync(path.join(broken, 'stranger.so'), 'hello', { mode: 0o755 }), /It is not a shared object/],
        'not there': [() => rmSync(path.join(broken, 'stranger.so'), { force: true }), /cannot be opened/],
        'writable by others': [() => {
            writeFileSync(path.join(broken, 'stranger.so'), 'hello');
            chmodSync(path.join(broken, 'stranger.so'), 0o777);
        }, /can be written by others/],
    };
    for (const [name, [spoil, says]] of Object.entries(cases)) {
        spoil();
        portal.writeConfig({ stranger: { path: broken } });
        const refused = await portal.cli('reload');
        assert.notEqual(refused.code, 0, name);
        assert.match(refused.stdout + refused.stderr, says, name);
        assert.equal((await portal.get('/stranger')).json.word, 'steady', name);
    }
});

/* A project of its own with these CMake lines; where it was configured. */
async function configure(name, lines, ...options) {
    const project = path.join(place, name);
    mkdirSync(path.join(project, 'templates/parts'), { recursive: true });
    writeFileSync(path.join(project, 'stranger.c'), source(name));
    writeFileSync(path.join(project, 'templates/parts/row.mustache'), 'one');
    writeFileSync(path.join(project, 'CMakeLists.txt'),
        `cmake_minimum_required(VERSION 3.25)\nproject(stranger LANGUAGES C)\nfind_package(PorticoSDK REQUIRED)\n${lines}\n`);
    const build = path.join(project, 'build');
    await run('cmake', ['-S', project, '-B', build, `-DCMAKE_PREFIX_PATH=${prefix}`, ...options]);
    return { project, build, make: () => run('cmake', ['--build', build]) };
}
const plain = 'portico_add_module(stranger VERSION 1.0.0 SOURCES stranger.c)';

for (const generator of ['Ninja', 'Unix Makefiles'])
    test(`with ${generator} files that change, come and go are taken over by the next build, and installed`, async () => {
        const { project, build, make } = await configure(`files-${generator.replace(' ', '-')}`, plain, '-G', generator);
        const copy = path.join(build, 'modules/stranger/templates/parts');
        await make();
        assert.equal(readFileSync(path.join(copy, 'row.mustache'), 'utf8'), 'one');
        writeFileSync(path.join(project, 'templates/parts/row.mustache'), 'two');
        writeFileSync(path.join(project, 'templates/parts/more.mustache'), 'more');
        await make();
        assert.equal(readFileSync(path.join(copy, 'row.mustache'), 'utf8'), 'two');
        assert.ok(existsSync(path.join(copy, 'more.mustache')));
        rmSync(path.join(project, 'templates/parts/more.mustache'));
        await make();
        assert.ok(!existsSync(path.join(copy, 'more.mustache')));
        const target = path.join(project, 'installed');
        await run('cmake', ['--install', build, '--prefix', target, '--component', 'portico_stranger']);
        assert.deepEqual(readdirSync(path.join(target, 'lib/portico/modules/stranger')).sort(), ['stranger.so', 'templates']);
    });

test('a module is hardened, shows its entry alone and carries the note', async () => {
    const { build, make } = await configure('hardened', plain, '-G', 'Ninja');
    await make();
    const file = path.join(build, 'modules/stranger/stranger.so');
    const dynamic = (await run('readelf', ['-dW', file])).stdout;
    assert.match(dynamic, /BIND_NOW|FLAGS_1.*NOW/);
    const segments = (await run('readelf', ['-lW', file])).stdout;
    assert.match(segments, /GNU_RELRO/);
    assert.match(segments, /GNU_STACK.*RW /);
    const exported = (await run('nm', ['-D', '--defined-only', file])).stdout.trim().split('\n').map((line) => line.split(' ').pop().replace(/@.*/, ''));
    assert.deepEqual(exported, ['portico_module_entry']);
    assert.match((await run('readelf', ['-p', '.note.portico', file])).stdout, /id=stranger/);
});

test('a symbol that no library has, a warning under WERROR and an unknown word end the build with its name', async () => {
    const missing = await configure('missing', plain, '-G', 'Ninja');
    const file = path.join(missing.project, 'stranger.c');
    writeFileSync(file, `${source('missing').replace('struct portico_value *answer', 'extern int nowhere(void);\n    nowhere();\n    struct portico_value *answer')}`);
    await assert.rejects(missing.make(), (error) => /undefined reference to `nowhere'/.test(error.stdout + error.stderr));
    const strictly = await configure('strictly', plain, '-G', 'Ninja', '-DPORTICO_WERROR=ON');
    writeFileSync(path.join(strictly.project, 'stranger.c'), `${source('strictly')}\nstatic int unused;\n`);
    await assert.rejects(strictly.make(), (error) => /unused.? defined but not used/.test(error.stdout + error.stderr));
    await assert.rejects(configure('unknown', 'portico_add_module(stranger VERSION 1.0.0 SOURCE stranger.c)'), /does not know:\s*SOURCE/);
    await assert.rejects(configure('misnamed', 'portico_add_module(My_Module VERSION 1.0.0 SOURCES stranger.c)'), /is not a\s+module's name/);
});

test('a module is built as a part of a larger project', async () => {
    const whole = path.join(place, 'whole');
    await configure('part', plain, '-G', 'Ninja');
    mkdirSync(whole);
    writeFileSync(path.join(whole, 'CMakeLists.txt'),
        `cmake_minimum_required(VERSION 3.25)\nproject(whole LANGUAGES C)\nadd_subdirectory(${path.join(place, 'part')} part)\n`);
    await run('cmake', ['-G', 'Ninja', '-S', whole, '-B', path.join(whole, 'build'), `-DCMAKE_PREFIX_PATH=${prefix}`]);
    await run('cmake', ['--build', path.join(whole, 'build')]);
    assert.ok(existsSync(path.join(whole, 'build/part/modules/stranger/stranger.so')));
});

test('pkg-config tells other build systems the flags of a hardened module', async () => {
    const directory = path.join(place, 'makefile');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'stranger.c'), source('make'));
    writeFileSync(path.join(directory, 'Makefile'), `stranger/stranger.so: stranger.c
\tmkdir -p stranger
\t$(CC) $(shell pkg-config --variable=module_cflags portico-sdk) $(shell pkg-config --cflags portico-sdk) \\
\t    -DPORTICO_MODULE_ID='"stranger"' -DPORTICO_MODULE_VERSION='"1.0.0"' \\
\t    $(shell pkg-config --variable=module_ldflags portico-sdk) -o $@ $<
`);
    await run('make', ['-C', directory], { env: { ...process.env, PKG_CONFIG_PATH: path.join(prefix, 'lib/pkgconfig') } });
    assert.match((await run('readelf', ['-dW', path.join(directory, 'stranger/stranger.so')])).stdout, /BIND_NOW|NOW/);
});
