/* The guide for module authors: whatever it shows is done, in order, as a stranger would with an installed Portico.
 *
 * Every fenced block says on the line before it what it is:
 *   <!-- from FILE -->   an excerpt of a file of this tree, which other tests build and run; whole lines, one after another
 *   <!-- file PATH -->   written to PATH in the chapter's scratch directory
 *   <!-- append PATH --> added at the end of that file
 *   <!-- run -->         run there by a shell that stops at the first failure; what it prints is kept
 *   <!-- output -->      what the last run printed holds these lines, in this order; … stands for anything
 *   <!-- config -->      a portico.conf that `portico check` finds nothing wrong with, the examples being its modules
 * A block of kind `text` that says nothing is for the eye alone. Blocks of one chapter build on one another. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { buildDirectory, root } from '../lib/paths.mjs';
import { freePort } from '../lib/postgres.mjs';

const guide = path.join(root, 'docs/modules');
const chapters = readdirSync(guide).filter((name) => name.endsWith('.md')).sort();
/* What else is done as it says. */
const beside = ['../../examples/README.md'];
/* The one address the guide serves at; another port stands in for it here, so that tests disturb nobody. */
const ADDRESS = '127.0.0.1:8090';

function blocksOf(chapter) {
    const lines = readFileSync(path.join(guide, chapter), 'utf8').split('\n');
    const blocks = [];
    for (let at = 0; at < lines.length; at++) {
        const fence = /^(`{3,})(\w*)$/.exec(lines[at]);
        if (!fence)
            continue;
        const end = lines.indexOf(fence[1], at + 1);
        assert.ok(end > at, `${chapter}:${at + 1}: the block ends`);
        const note = /^<!-- (from|file|append|run|output|config)(?: (\S+))? -->$/.exec(lines[at - 1] ?? '');
        blocks.push({ line: at + 1, kind: fence[2], what: note?.[1], file: note?.[2], lines: lines.slice(at + 1, end) });
        at = end;
    }
    return blocks;
}

/* Without the indentation its lines share: an excerpt may stand further left than in its file. */
function dedent(lines) {
    const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)[0].length));
    return lines.map((line) => line.slice(depth).trimEnd());
}

function isExcerpt(lines, whole) {
    const wanted = dedent(lines);
    for (let at = 0; at + wanted.length <= whole.length; at++) {
        const part = whole.slice(at, at + wanted.length);
        if (part.some((line) => line.trim()) && dedent(part).every((line, index) => line === wanted[index]))
            return true;
    }
    return false;
}

/* Whether the expected lines stand in the printed text, in order, each a whole line but for … */
function isPrinted(expected, printed) {
    const lines = printed.split('\n').map((line) => line.trimEnd());
    let at = 0;
    for (const line of expected.map((each) => each.trimEnd()).filter((each) => each && each !== '…')) {
        const pattern = new RegExp(`^${line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
        while (at < lines.length && !pattern.test(lines[at]))
            at++;
        if (at++ >= lines.length)
            return line;
    }
    return null;
}

describe('every block of the guide says what it is', () => {
    for (const chapter of chapters)
        test(chapter, () => {
            const unsaid = blocksOf(chapter).filter(({ kind, what }) => kind !== 'text' && !what)
                .map(({ line }) => `${chapter}:${line}`);
            assert.deepEqual(unsaid, [], 'blocks that are not of kind text and do not say what they are');
        });
});

describe('excerpts stand in their files', () => {
    for (const chapter of chapters)
        for (const { line, file, lines } of blocksOf(chapter).filter(({ what }) => what === 'from'))
            test(`${chapter}:${line} from ${file}`, () => {
                assert.ok(/^(examples|modules|sdk|tests\/modules)\//.test(file), `${file} is a file that is built and tested`);
                assert.ok(isExcerpt(lines, readFileSync(path.join(root, file), 'utf8').split('\n')),
                    `these lines are not in ${file}:\n${lines.join('\n')}`);
            });
});

test('links of the guide lead somewhere', () => {
    const lost = chapters.flatMap((chapter) => {
        const text = readFileSync(path.join(guide, chapter), 'utf8').replace(/^```.*?^```/gms, '');
        return [...text.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, target]) => target)
            .filter((target) => !/^https?:/.test(target) && !existsSync(path.join(guide, target)))
            .map((target) => `${chapter}: ${target}`);
    });
    assert.deepEqual(lost, []);
});

test('its first page leads to every chapter', () => {
    const text = readFileSync(path.join(guide, 'README.md'), 'utf8');
    assert.deepEqual(chapters.filter((chapter) => chapter !== 'README.md' && !text.includes(`(${chapter})`)), []);
});

describe('what the guide tells to do works', () => {
    let home, prefix;
    before(() => {
        home = mkdtempSync(path.join(os.tmpdir(), 'portico-guide-'));
        prefix = path.join(home, '.local');
        const installed = spawnSync('cmake', ['--install', buildDirectory(), '--prefix', prefix], { encoding: 'utf8' });
        assert.equal(installed.status, 0, installed.stderr);
    });
    after(() => rmSync(home, { recursive: true, force: true }));

    /* Whatever it leaves running is ended with it: it gets a process group of its own. */
    function shell(commands, cwd, started) {
        return new Promise((resolve, reject) => {
            const child = spawn('sh', ['-e', '-c', `umask 022\n${commands}`], {
                cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
                env: {
                    HOME: home, PATH: `${prefix}/bin:${process.env.PATH}`, LC_ALL: 'C.UTF-8', CMAKE_PREFIX_PATH: prefix,
                    PKG_CONFIG_PATH: `${prefix}/lib/pkgconfig`, CMAKE_GENERATOR: 'Ninja',
                },
            });
            started.push(child);
            let printed = '';
            for (const stream of [child.stdout, child.stderr])
                stream.setEncoding('utf8').on('data', (text) => (printed += text));
            const late = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 240_000);
            child.once('error', reject);
            /* Not "close": a server that the commands left in the background keeps the pipes. */
            child.once('exit', (code, signal) => {
                clearTimeout(late);
                setImmediate(() => resolve({ code: code ?? signal, printed: () => printed }));
            });
        });
    }

    test('links of the installed guide, examples and what is beside them lead somewhere', () => {
        const installed = path.join(prefix, 'share/doc/portico');
        const pages = [], lost = [];
        const walk = (directory) => {
            for (const entry of readdirSync(directory, { withFileTypes: true })) {
                const file = path.join(directory, entry.name);
                if (entry.isDirectory())
                    walk(file);
                else if (entry.name.endsWith('.md'))
                    pages.push(file);
            }
        };
        walk(installed);
        for (const page of pages)
            for (const [, target] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g))
                if (!/^https?:/.test(target) && !existsSync(path.join(path.dirname(page), target)))
                    lost.push(`${path.relative(installed, page)}: ${target}`);
        assert.ok(pages.length > chapters.length);
        assert.deepEqual(lost, []);
    });

    for (const chapter of [...chapters, ...beside]) {
        const blocks = blocksOf(chapter).filter(({ what }) => what && what !== 'from');
        if (blocks.length)
            test(chapter, async (t) => {
                const scratch = path.join(home, chapter.replace(/\W/g, '-'));
                const address = `127.0.0.1:${await freePort()}`;
                const started = [];
                mkdirSync(scratch);
                t.after(() => {
                    for (const child of started)
                        try {
                            process.kill(-child.pid, 'SIGTERM');
                        } catch {
                            /* all of it has ended */
                        }
                });
                let last = null;
                for (const { what, file, lines, line } of blocks) {
                    const place = `${chapter}:${line}`;
                    const text = `${lines.join('\n')}\n`.replaceAll(ADDRESS, address);
                    if (what === 'file' || what === 'append') {
                        const target = path.join(scratch, file);
                        mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 });
                        (what === 'file' ? writeFileSync : appendFileSync)(target, text, { mode: 0o644 });
                    } else if (what === 'run') {
                        last = await shell(text, scratch, started);
                        assert.equal(last.code, 0, `${place}:\n${last.printed()}`);
                    } else if (what === 'output') {
                        assert.ok(last, `${place}: something ran before`);
                        assert.equal(isPrinted(text.split('\n'), last.printed()), null, `${place}: not printed; what was:\n${last.printed()}`);
                    } else {
                        const config = path.join(scratch, 'shown.conf');
                        writeFileSync(config, `[modules]\ndirectories = ${path.join(buildDirectory(), 'examples')}\n\n${text}`);
                        const { code, printed } = await shell(`portico check --config ${config}`, scratch, started);
                        assert.equal(code, 0, `${place}:\n${printed()}`);
                    }
                }
            });
    }
});
