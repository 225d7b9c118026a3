/* Extracts what people read into translation catalogues: node sdk/catalogue.mjs [--check] [DIRECTORY…]
 *
 * For each module directory it reads the C and C++ sources and headers (portico_translate calls and the titles, labels,
 * helps and summaries of the descriptor) and the templates ({{t "…"}}, {{plural count "one" "many"}}), writes
 * locale/MODULE.pot and brings every locale/LANG.po up to date with msgmerge. With --check it writes
 * nothing, names what is stale and ends with 1. Without directories: all of this source tree. Installed with the SDK as
 * share/portico/sdk/catalogue.mjs, it needs the directories. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const LITERALS = '((?:\\s*"(?:[^"\\\\]|\\\\.)*")+)';

/* Where a source text stands in C. The pattern's first group is the text: one or more string literals. */
const C_PATTERNS = [
    new RegExp(`\\bportico_translate\\(\\s*[^,"]+,${LITERALS}`, 'g'),
    new RegExp(`\\bpage_translate\\((?:\\s*[^,"]+,){4}${LITERALS}`, 'g'),
    new RegExp(`\\.(?:title|description|help|summary|group|label|submit)\\s*=${LITERALS}`, 'g'),
    new RegExp(`(?<!\\.choices = )/\\* translated \\*/${LITERALS}`, 'g'),
];
/* Where not all that is called a title is shown to people: only what says so. */
const MARKED = [C_PATTERNS.at(-1)];
/* Choices of a form's field are lines "value=Title"; those of a setting words, shown as they are translated. */
const CHOICES = new RegExp(`\\.choices\\s*=(?:\\s*/\\* translated \\*/)?${LITERALS}`, 'g');
const SETTING_CHOICES = new RegExp(`\\.choices\\s*=\\s*(?:/\\* translated \\*/)${LITERALS}`, 'g');
/* Rows of the host's table of errors: status, title, detail. */
const ERROR_ROWS = new RegExp(`\\{\\s*\\d{3},${LITERALS}(?:,${LITERALS})?`, 'g');
const WORD = '"((?:[^"\\\\]|\\\\.)*)"';
const TEMPLATE_PATTERNS = [
    new RegExp(`\\{\\{[#^]?\\s*(?:t|translate)\\s+${WORD}`, 'g'),
    new RegExp(`\\{\\{\\s*plural\\s+[\\w.]+\\s+${WORD}\\s+${WORD}`, 'g'),
];
const ESCAPES = { n: '\n', t: '\t', '"': '"', '\\': '\\', r: '\r', '?': '?', "'": "'" };

const unescape = (text) => text.replace(/\\(.)/gs, (whole, letter) => ESCAPES[letter] ?? whole);
const literal = (text) => [...text.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((match) => unescape(match[1])).join('');
/* A macro's lines are one, as the compiler reads them. */
const withoutComments = (text) => text.replace(/\\\n/g, ' ').replace(/\/\*(?! translated \*\/).*?\*\//gs, ' ');

function walk(directory, ending) {
    if (!existsSync(directory))
        return [];
    return readdirSync(directory, { withFileTypes: true })
        .flatMap((entry) => {
            const file = path.join(directory, entry.name);
            if (entry.isDirectory())
                return entry.name === 'node_modules' ? [] : walk(file, ending);
            return file.endsWith(ending) ? [file] : [];
        })
        .sort();
}

/* The texts of one catalogue: Map from "msgid\0plural" to { id, plural, files }. */
function extract(sources, templates, patterns, base) {
    const entries = new Map();
    const add = (file, id, plural) => {
        if (!id)
            return;
        const entry = entries.get(id) ?? { id, files: new Set() };
        entry.plural ??= plural;
        entry.files.add(path.relative(base, file));
        entries.set(id, entry);
    };
    for (const file of sources) {
        const text = withoutComments(readFileSync(file, 'utf8'));
        for (const pattern of /\/core\/config\//.test(file) && base === root ? MARKED : patterns)
            for (const match of text.matchAll(pattern))
                for (const words of match.slice(1).filter(Boolean))
                    add(file, literal(words));
        for (const match of text.matchAll(CHOICES))
            for (const line of literal(match[1]).split('\n').filter((choice) => choice.includes('=')))
                add(file, line.slice(line.indexOf('=') + 1));
        for (const match of text.matchAll(SETTING_CHOICES))
            for (const word of literal(match[1]).split(' '))
                add(file, word);
    }
    for (const file of templates) {
        const text = readFileSync(file, 'utf8');
        for (const match of text.matchAll(TEMPLATE_PATTERNS[0]))
            add(file, unescape(match[1]));
        for (const match of text.matchAll(TEMPLATE_PATTERNS[1]))
            add(file, unescape(match[1]), unescape(match[2]));
    }
    return [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

const quote = (text) => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;

function catalogue(name, entries, base) {
    const maker = base === root ? './dev catalogue' : 'catalogue.mjs';
    const head = `# Source texts of ${name}. Made by ${maker}; translate into LANG.po beside this file.\n`
        + 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n';
    return head + entries.map(({ id, plural, files }) => {
        const where = [...files].sort().map((file) => `#: ${file}\n`).join('');
        return plural === undefined
            ? `\n${where}msgid ${quote(id)}\nmsgstr ""\n`
            : `\n${where}msgid ${quote(id)}\nmsgid_plural ${quote(plural)}\nmsgstr[0] ""\nmsgstr[1] ""\n`;
    }).join('');
}

/* Source texts a .po file holds, as far as needed to tell whether one is missing. */
function known(file) {
    const texts = new Set();
    for (const match of readFileSync(file, 'utf8').matchAll(/^msgid((?:\s*"(?:[^"\\]|\\.)*")+)/gm))
        texts.add(literal(match[1]));
    return texts;
}

/* Without what a build in the module's directory made. */
const sources = (directory) => ['.c', '.h', '.cc', '.cpp'].flatMap((ending) => walk(directory, ending))
    .filter((file) => !/^(?:build|tests)\//.test(path.relative(directory, file)));

/* { name, base, locale, sources, templates } of a module directory, or of the host. */
function moduleCatalogue(directory) {
    return {
        name: path.basename(directory), locale: path.join(directory, 'locale'),
        base: directory.startsWith(root + path.sep) ? root : directory,
        sources: sources(directory), templates: walk(path.join(directory, 'templates'), '.mustache'),
        patterns: C_PATTERNS,
    };
}
function hostCatalogue() {
    return {
        name: 'portico', base: root, locale: path.join(root, 'core/page/locale'),
        sources: ['.c', '.h'].flatMap((ending) => walk(path.join(root, 'core'), ending)).filter((file) => !/\/core\/(?:cli|http)\//.test(file)),
        patterns: [...C_PATTERNS, ERROR_ROWS],
        templates: walk(path.join(root, 'core/page/templates'), '.mustache'),
    };
}

const words = process.argv.slice(2);
const check = words.includes('--check');
const given = words.filter((word) => word !== '--check');
if (!given.length && !existsSync(path.join(root, 'core'))) {
    console.error('Name the directory of a module: node catalogue.mjs [--check] DIRECTORY…');
    process.exit(2);
}
const catalogues = given.length
    ? given.map((directory) => moduleCatalogue(path.resolve(directory)))
    : [hostCatalogue(), ...readdirSync(path.join(root, 'modules')).map((name) => path.join(root, 'modules', name))
        .filter((directory) => statSync(directory).isDirectory()).map(moduleCatalogue)];
const stale = [];

for (const { name, base, locale, sources, templates, patterns } of catalogues) {
    const entries = extract(sources, templates, patterns, base);
    const template = path.join(locale, `${name}.pot`);
    const text = catalogue(name, entries, base);
    const same = existsSync(template) && readFileSync(template, 'utf8') === text;
    if (!same && entries.length) {
        if (check) {
            stale.push(template);
        } else {
            mkdirSync(locale, { recursive: true });
            writeFileSync(template, text);
        }
    }
    for (const translation of walk(locale, '.po')) {
        const has = known(translation);
        if (entries.every(({ id }) => has.has(id)))
            continue;
        if (check) {
            stale.push(translation);
            continue;
        }
        const merged = spawnSync('msgmerge', ['--update', '--quiet', '--backup=none', '--no-fuzzy-matching', '--no-wrap',
            translation, template], { stdio: 'inherit' });
        if (merged.status !== 0)
            throw new Error(`msgmerge could not bring ${translation} up to date.`);
    }
}
if (stale.length) {
    console.error(`Catalogues are behind the sources: ${stale.map((file) => path.relative(root, file)).join(', ')}. Run ${given.length ? 'this without --check' : './dev catalogue'}.`);
    process.exitCode = 1;
}
