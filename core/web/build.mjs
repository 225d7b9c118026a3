/* Builds the front end: node core/web/build.mjs OUTPUT_DIRECTORY
 *
 * Writes minified files under content-hashed names with .br and .gz beside them, and manifest.json, which
 * maps the plain names ("portico.css") to the hashed ones. Files of earlier builds are removed. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

import esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const icons = path.resolve(here, '../../node_modules/lucide-static/icons');
const fonts = path.resolve(here, '../../node_modules/@fontsource-variable/inter/files');
const browsers = ['chrome123', 'firefox121', 'safari17.5'];
const stylesheetLimit = 15 * 1024;

function fail(sentence) {
    console.error(`core/web: ${sentence}`);
    process.exit(1);
}

/* Minified text of a stylesheet or module, with what it imports. */
function bundle(name) {
    const result = esbuild.buildSync({
        entryPoints: [path.join(here, name)], bundle: true, minify: true, write: false, format: 'esm',
        target: browsers, charset: 'utf8', legalComments: 'none', logLevel: 'warning', external: ['*.woff2'],
    });
    return Buffer.from(result.outputFiles[0].contents);
}

/* What stands inside <svg> of an icon file, on one line. */
function inside(file, what) {
    let text;
    try {
        text = readFileSync(file, 'utf8');
    } catch {
        fail(`icons.txt names ${what}, which is not an icon of lucide-static. Look it up at its package's icons/.`);
    }
    return text.replace(/<!--.*?-->/gs, '').replace(/^.*?<svg[^>]*>/s, '').replace(/<\/svg>\s*$/, '')
        .replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');
}

/* One <symbol> a line of icons.txt: "name", or "name=other" to offer an icon under a second name. */
function sprite() {
    const symbols = readFileSync(path.join(here, 'icons.txt'), 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => {
            const [id, source = id] = line.split('=');
            return `<symbol id="${id}" viewBox="0 0 24 24">${inside(path.join(icons, `${source}.svg`), line)}</symbol>`;
        });
    const mark = `<symbol id="portico" viewBox="0 0 22 22">${inside(path.join(here, 'mark.svg'), 'mark')}</symbol>`;
    return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${mark}${symbols.join('')}</svg>`);
}

function hashedName(name, bytes) {
    const { name: stem, ext } = path.parse(name);
    return `${stem}.${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}${ext}`;
}

/* The stylesheet names its fonts by their plain names; browsers need the hashed ones. */
function stylesheet(fontFiles) {
    let text = bundle('portico.css').toString();
    for (const [name, bytes] of Object.entries(fontFiles)) {
        if (!text.includes(`url(${name})`))
            fail(`portico.css does not use ${name}. Take it out of build.mjs, or name it in an @font-face.`);
        text = text.replaceAll(`url(${name})`, `url(${hashedName(name, bytes)})`);
    }
    return Buffer.from(text);
}

function compressed(name, bytes) {
    if (name.endsWith('.woff2'))
        return {}; /* is compressed already */
    return {
        '.br': zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } }),
        '.gz': zlib.gzipSync(bytes, { level: 9 }),
    };
}

const output = process.argv[2] ?? fail('say where to write: node core/web/build.mjs DIRECTORY');
const fontFiles = {
    'inter.woff2': readFileSync(path.join(fonts, 'inter-latin-wght-normal.woff2')),
    'inter-extended.woff2': readFileSync(path.join(fonts, 'inter-latin-ext-wght-normal.woff2')),
};
const files = {
    ...fontFiles,
    'portico.css': stylesheet(fontFiles),
    'portico.js': bundle('portico.js'),
    'icons.svg': sprite(),
    'mark.svg': readFileSync(path.join(here, 'mark.svg')),
};

mkdirSync(output, { recursive: true });
const manifest = {};
const written = new Set(['manifest.json']);
for (const [name, bytes] of Object.entries(files)) {
    const hashed = hashedName(name, bytes);
    const variants = compressed(name, bytes);
    if (name === 'portico.css' && variants['.gz'].length > stylesheetLimit)
        fail(`the stylesheet is ${variants['.gz'].length} bytes compressed, over its limit of ${stylesheetLimit}. Take something out.`);
    for (const [suffix, content] of Object.entries({ '': bytes, ...variants })) {
        writeFileSync(path.join(output, hashed + suffix), content);
        written.add(hashed + suffix);
    }
    manifest[name] = hashed;
}
writeFileSync(path.join(output, 'manifest.json.new'), `${JSON.stringify(manifest, null, 2)}\n`);
renameSync(path.join(output, 'manifest.json.new'), path.join(output, 'manifest.json'));
for (const name of readdirSync(output))
    if (!written.has(name))
        rmSync(path.join(output, name), { recursive: true });
