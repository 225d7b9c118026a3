/* Builds module binaries that are kept for later hosts: node sdk/abi/keep.mjs VERSION [COMMIT]
 *
 * Writes tests/abi/kept/VERSION/ARCHITECTURE/NAME/: NAME.so without debug information, and the files a
 * module directory holds beside it. Headers and sources are those of COMMIT (HEAD unless given), so that
 * an old SDK can be kept late. VERSION is the SDK's version and a count: 0.1.0 and 0.1.1 are two states
 * of SDK 0.1. What is kept once is never built again: a directory that exists is refused.
 * tests/abi/kept.test.mjs loads and asks them all. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/* Examples worth keeping: each area of the SDK that a module of that time could use. */
const WANTED = ['01-hello', '02-requests', '03-replies', '04-database', '05-settings', '06-permissions', '08-translations',
    '09-migrations', '10-search', '11-health', '13-events', '14-jobs', '15-hooks', '16-services', '17-clock-and-ids', '20-personal-data'];
const FILES = ['templates', 'migrations', 'locale', 'assets'];
const [version, commit = 'HEAD'] = process.argv.slice(2);

function run(program, args, options = {}) {
    const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: root, maxBuffer: 1 << 28, ...options });
    if (error || status !== 0) {
        console.error(`${program} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
        process.exit(1);
    }
    return stdout;
}

if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
    console.error('Usage: node sdk/abi/keep.mjs VERSION [COMMIT], such as 0.1.1');
    process.exit(1);
}
const target = path.join(root, 'tests/abi/kept', version, run('uname', ['-m']).toString().trim());
if (existsSync(target)) {
    console.error(`${target} is there already. What is kept is never built again: take the next number.`);
    process.exit(1);
}
const place = mkdtempSync(path.join(os.tmpdir(), 'portico-keep-'));
try {
    run('tar', ['-x', '-C', place], { input: run('git', ['archive', commit, 'examples', 'include', 'sdk/cmake']) });
    run('sh', ['-c', `printf 'cmake_minimum_required(VERSION 3.25)\nproject(kept LANGUAGES C)\nset(CMAKE_C_EXTENSIONS OFF)\nadd_compile_definitions(_GNU_SOURCE)\nlist(APPEND CMAKE_MODULE_PATH ${place}/sdk/cmake)\ninclude(PorticoAddModule)\nfunction(portico_add_module_test)\nendfunction()\nfile(GLOB lists examples/*/CMakeLists.txt)\nforeach(list \${lists})\n  get_filename_component(folder \${list} DIRECTORY)\n  add_subdirectory(\${folder})\nendforeach()\n' > CMakeLists.txt`], { cwd: place });
    const wanted = readdirSync(path.join(place, 'examples')).filter((name) => WANTED.includes(name) && existsSync(path.join(place, 'examples', name, 'CMakeLists.txt')));
    for (const name of readdirSync(path.join(place, 'examples')))
        if (!wanted.includes(name))
            rmSync(path.join(place, 'examples', name), { recursive: true });
    run('cmake', ['-G', 'Ninja', '-S', place, '-B', path.join(place, 'build'), '-DCMAKE_BUILD_TYPE=Release']);
    run('cmake', ['--build', path.join(place, 'build')]);
    const built = path.join(place, 'build/examples');
    for (const name of readdirSync(built).filter((entry) => existsSync(path.join(built, entry, `${entry}.so`)))) {
        mkdirSync(path.join(target, name), { recursive: true });
        run('strip', ['--strip-unneeded', '-o', path.join(target, name, `${name}.so`), path.join(built, name, `${name}.so`)]);
        for (const kind of FILES.filter((folder) => existsSync(path.join(built, name, folder))))
            cpSync(path.join(built, name, kind), path.join(target, name, kind), { recursive: true });
        console.log(`${version} ${name}`);
    }
} finally {
    rmSync(place, { recursive: true, force: true });
}
