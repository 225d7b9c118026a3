/* Compares the module ABI of the headers with its baseline: node sdk/abi/abi.mjs [--accept TITLE]
 *
 * A library that mentions every struct and enum of include/portico is built and compared with
 * sdk/abi/baseline.abi by abidiff. Any difference ends with 1, an addition too: then breaks.md gets
 * an entry "## TITLE" that says what changed, what an author has to do and why, and --accept TITLE
 * writes the new baseline and its mark into that entry. Nothing is skipped: a missing compiler, tool
 * or baseline ends with 1 as well. --include DIR and --here DIR name other headers and another
 * directory with baseline.abi and breaks.md. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const options = { include: fileURLToPath(new URL('../../include', import.meta.url)), here: path.dirname(fileURLToPath(import.meta.url)) };
for (let words = process.argv.slice(2); words.length;) {
    const [word, value] = words.splice(0, 2);
    if (!['--accept', '--include', '--here'].includes(word) || !value)
        fail('Usage: node sdk/abi/abi.mjs [--accept TITLE] [--include DIR] [--here DIR]');
    options[word.slice(2)] = value;
}
const baseline = path.join(options.here, 'baseline.abi');
const breaks = path.join(options.here, 'breaks.md');
/* Where the headers lie, line numbers and the machine are no part of the ABI. */
const QUIET = ['--no-show-locs', '--no-comp-dir-path', '--no-corpus-path', '--no-architecture'];

function fail(sentence) {
    console.error(sentence);
    process.exit(1);
}

function run(program, args) {
    const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (error)
        fail(`${program} cannot be run (${error.code}): without it nothing watches the ABI. On Debian: apt install gcc abigail-tools`);
    return { status, output: stdout + stderr };
}

/* A function for every type: what no function mentions abidw leaves out. */
function surface() {
    const headers = readdirSync(path.join(options.include, 'portico')).filter((name) => name.endsWith('.h')).sort();
    const text = headers.map((name) => readFileSync(path.join(options.include, 'portico', name), 'utf8')).join('\n');
    const types = [...new Set([...text.matchAll(/^(struct|enum) (portico_\w+) \{/gm)].map((match) => `${match[1]} ${match[2]}`))].sort();
    if (types.length < 20)
        fail(`Only ${types.length} types were found below ${options.include}/portico: are these the headers?`);
    return '#define PORTICO_MODULE_ID "surface"\n#define PORTICO_MODULE_VERSION "1.0.0"\n'
        + `${headers.map((name) => `#include <portico/${name}>\n`).join('')}\n`
        + types.map((type) => `void use_${type.replace(' ', '_')}(${type} *it);\nvoid use_${type.replace(' ', '_')}(${type} *it)\n{\n    (void)it;\n}\n`).join('');
}

function build(place) {
    const source = path.join(place, 'surface.c'), library = path.join(place, 'surface.so');
    writeFileSync(source, surface());
    const { status, output } = run('cc', ['-std=c17', '-g', '-O0', '-shared', '-fPIC', '-I', options.include, '-o', library, source]);
    if (status !== 0)
        fail(`The headers do not compile:\n${output}`);
    return library;
}

const markOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/* Puts the baseline's mark under its heading, in place of an older one. */
function record(title, mark) {
    const text = existsSync(breaks) ? readFileSync(breaks, 'utf8') : '';
    const entry = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${title}\n`));
    if (!entry || entry.replace(/^.*\n/, '').replace(/^Baseline: .*$/m, '').trim().length < 40)
        fail(`${breaks} has no entry "## ${title}" that says what changed, what a module author has to do, and why. Write it first.`);
    const others = entry.replace(/^Baseline: .*\n/m, '').trimEnd();
    writeFileSync(breaks, text.replace(entry, `${others}\n\nBaseline: ${mark}\n${text.endsWith(entry) ? '' : '\n'}`));
}

const place = mkdtempSync(path.join(os.tmpdir(), 'portico-abi-'));
try {
    const library = build(place);
    if (options.accept) {
        const { status, output } = run('abidw', [...QUIET, library]);
        if (status !== 0)
            fail(`abidw failed:\n${output}`);
        record(options.accept, markOf(output));
        writeFileSync(baseline, output);
        console.log(`${baseline} is the ABI of these headers now.`);
    } else {
        if (!existsSync(baseline))
            fail(`${baseline} is missing: without it nothing watches the ABI. Make it with ./dev abi --accept TITLE.`);
        if (!readFileSync(breaks, 'utf8').includes(`Baseline: ${markOf(readFileSync(baseline))}`))
            fail(`${breaks} has no entry with the mark of ${baseline}: it was changed without ./dev abi --accept TITLE.`);
        const { status, output } = run('abidiff', ['--no-architecture', '--no-show-locs', '--no-corpus-path', baseline, library]);
        if (status !== 0)
            fail(`${output.trim()}\n\nThe module ABI is not that of its baseline. Undo it, or write an entry in ${breaks} and run ./dev abi --accept TITLE.`);
        console.log('The module ABI is that of its baseline.');
    }
} finally {
    rmSync(place, { recursive: true, force: true });
}
