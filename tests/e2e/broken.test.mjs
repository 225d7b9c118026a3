/* What an admin can get wrong, beside a running portal: every broken config and module is refused by `check` and
 * `reload` with exit code 3 and a sentence that says where and what to do, and the portal serves on as before. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { trial } from '../lib/trial.mjs';

const run = promisify(execFile);
const scratch = mkdtempSync(path.join(os.tmpdir(), 'portico-broken-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const status = async (portal) => JSON.parse((await portal.cli('status', '--json')).stdout);

/* ---- a guest: a sound module that each case spoils in one place ---- */

const MIGRATION = 'CREATE TABLE guest_visit (\n    id {id} PRIMARY KEY,\n    name {text} NOT NULL\n);\n';
const TEMPLATE = '{{<portico/shell}}\n{{$title}}Guest{{/title}}\n{{$main}}\n<h1>{{t "Welcome"}}</h1>\n{{/main}}\n{{/portico/shell}}\n';
const ROUTE = '{ .method = "GET", .pattern = "/guest/hello", .handler = hello, .permission = PORTICO_PUBLIC },';

/* The guest's source; `before` stands above the descriptor, `routes` and `members` in it. */
const source = ({ before: above = '', routes = '', members = '', uses = 'portico.db 1.0', end = 'PORTICO_EXPORT_MODULE(module)' } = {}) => `
#define PORTICO_MODULE_USES "${uses}"
#include <portico/portico.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int hello(struct portico_request *request)
{
    return portico_reply_view(request, "hello", portico_object(request));
}
${above}
static const struct portico_route routes[] = {
    ${ROUTE}
    ${routes}
};
static const struct portico_personal_table personal_data[] = {
    { .table = "guest_visit", .reason = "Nobody is named." },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Guest",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
    ${members}
};
${end}
`;

let places = 0;
/* A module directory of its own for a case: { directory, file }. */
async function build({ text = source(), id = 'guest', include = path.join(root, 'include'), flags = [] } = {}) {
    const directory = path.join(scratch, `place-${++places}`, 'guest');
    const file = path.join(directory, 'guest.so');
    for (const inner of ['migrations', 'templates'])
        mkdirSync(path.join(directory, inner), { recursive: true, mode: 0o755 });
    writeFileSync(path.join(directory, 'migrations/0001-visit.before.sql'), MIGRATION);
    writeFileSync(path.join(directory, 'templates/hello.mustache'), TEMPLATE);
    writeFileSync(path.join(directory, '../guest.c'), text);
    await run('cc', ['-std=gnu17', '-shared', '-fPIC', '-I', include, `-DPORTICO_MODULE_ID="${id}"`, '-DPORTICO_MODULE_VERSION="1.0.0"',
        '-o', file, path.join(directory, '../guest.c'), ...flags]);
    chmodSync(file, 0o755);
    return { directory, file };
}

/* The headers of an SDK that this portal does not know. */
function headersOf(abi) {
    const include = path.join(scratch, `include-${abi}`);
    cpSync(path.join(root, 'include'), include, { recursive: true });
    const file = path.join(include, 'portico/base.h');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/#define PORTICO_ABI \d+/, `#define PORTICO_ABI ${abi}`));
    return include;
}

/* Builds a case's module, then spoils it further. */
const spoilt = (options, spoil = () => {}) => async () => {
    const made = await build(typeof options === 'function' ? options() : options);
    spoil(made);
    return made;
};
const constructor = (body) => ({ text: source({ before: `__attribute__((constructor)) static void early(void) { ${body} }` }) });
const start = (body) => ({
    text: source({
        before: `static int start(struct portico_context *context, struct portico_error *error) { (void)context; (void)error; ${body} }`,
        members: '.start = start,',
    }),
});
const setting = (text) => ({
    text: source({
        before: `static const struct portico_setting settings[] = { { ${text} } };`,
        members: '.settings = PORTICO_LIST(settings),',
    }),
});
const route = (text) => ({ text: source({ routes: `{ .method = "GET", .handler = hello, ${text} },` }) });
const bytes = (at, value) => ({ file }) => {
    const content = readFileSync(file);
    content.set(value, at);
    writeFileSync(file, content);
};

/* [what is wrong, how it is made, what the refusal says, whether `check` sees it without running the module] */
const modules = [
    ['it was built for another ABI', spoilt(() => ({ include: headersOf(99) })), [/ABI 99/, /update Portico or install an older version/]],
    ['it has no note', spoilt({ text: source({ end: 'PORTICO_VISIBLE const struct portico_module *portico_module_entry(void);\nconst struct portico_module *portico_module_entry(void) { return &module; }' }) }), [/no Portico note/, /PORTICO_EXPORT_MODULE/]],
    ['it does not export its entry', spoilt({ text: source({ end: '#undef PORTICO_VISIBLE\n#define PORTICO_VISIBLE __attribute__((visibility("hidden")))\nPORTICO_EXPORT_MODULE(module)' }) }), [/does not export portico_module_entry/, /end the source with PORTICO_EXPORT_MODULE/]],
    ['a constructor aborts', spoilt(constructor('abort();')), [/constructor of it crashed/, /move it to \.start/]],
    ['a constructor does not come back', spoilt(constructor('for (;;) pause();')), [/did not come back within/, /move it to \.start/]],
    ['a constructor ends the process', spoilt(constructor('_exit(0);')), [/ended the process with status 0/]],
    ['it lacks a symbol', spoilt({ text: source({ before: 'int of_nobody(void);\n__attribute__((used)) static int call(void) { return of_nobody(); }' }) }), [/undefined symbol: of_nobody/, /Install the library it needs/]],
    ['it can be written by others', spoilt({}, ({ file }) => chmodSync(file, 0o666)), [/can be written by others \(mode 0666\)/, /chmod go-w/]],
    ['its directory can be written by others', spoilt({}, ({ directory }) => chmodSync(directory, 0o777)), [/can be written by others/, /chmod go-w/]],
    ['it is a link', spoilt({}, ({ file }) => {
        cpSync(file, `${file}.real`);
        rmSync(file);
        symlinkSync(`${file}.real`, file);
    }), [/a link is not followed/]],
    ['it says that it is another module', spoilt({ id: 'visitor' }), [/says that it is the module visitor, not guest/, /install it as/]],
    ['its entry gives nothing', spoilt({ text: source({ end: 'static const struct portico_module *none(void) { return NULL; }\n#define module *none()\nPORTICO_EXPORT_MODULE(module)' }) }), [/returned NULL instead of a descriptor/]],
    ['a route lies in the place of another module', spoilt(route('.pattern = "/communities/mine", .permission = PORTICO_PUBLIC')), [/GET \/communities\/mine/, /outside \/guest and \/api\/guest\//]],
    ['it registers the same route twice', spoilt({ text: source({ routes: ROUTE }) }), [/registers GET \/guest\/hello twice/, /remove one/]],
    ['a route states no permission', spoilt(route('.pattern = "/guest/free"')), [/GET \/guest\/free states no permission/, /PORTICO_SIGNED_IN/]],
    ['a route needs a permission nobody can have', spoilt(route('.pattern = "/guest/odd", .permission = "guest.odd"')), [/needs the permission "guest\.odd"/, /add it there or correct the name/]],
    ['an API route has no schema', spoilt(route('.pattern = "/api/guest/v1/all", .permission = PORTICO_PUBLIC, .summary = "All"')), [/\/api\/guest\/v1\/all has no \.response_schema/]],
    ['an API route has a schema that is none', spoilt(route('.pattern = "/api/guest/v1/all", .permission = PORTICO_PUBLIC, .summary = "All", .response_schema = "{\\"type\\":\\"thing\\"}"')), [/response schema of .*\/api\/guest\/v1\/all is wrong/]],
    ['a template has a tag that is not closed', spoilt({}, ({ directory }) => writeFileSync(path.join(directory, 'templates/hello.mustache'), '<p>one\n<p>{{two</p>\n')), [/hello\.mustache:2/], false],
    ['a template writes where it must not', spoilt({}, ({ directory }) => writeFileSync(path.join(directory, 'templates/hello.mustache'), '<p>\n<script>\n{{code}}</script>\n')), [/hello\.mustache:3/], false],
    ['a catalogue is no catalogue', spoilt({}, ({ directory }) => {
        mkdirSync(path.join(directory, 'locale'));
        writeFileSync(path.join(directory, 'locale/de.po'), 'msgid "Welcome"\nmsgstring "Willkommen"\n');
    }), [/de\.po:2/], false],
    ['a migration was changed after it was applied', spoilt({}, ({ directory }) => writeFileSync(path.join(directory, 'migrations/0001-visit.before.sql'), MIGRATION.replace('NOT NULL', ''))), [/0001-visit\.before\.sql was changed after it had been applied/, /restore the file/]],
    ['a migration is no SQL', spoilt({}, ({ directory }) => writeFileSync(path.join(directory, 'migrations/0002-more.before.sql'), 'CREATE NONSENSE;\n')), [/0002-more/], false],
    ['start fails', spoilt(start('error->code = PORTICO_EIO; snprintf(error->message, sizeof error->message, "The guest book is locked: unlock it."); return PORTICO_EIO;')), [/module guest could not start: The guest book is locked: unlock it\./], false],
    ['start crashes', spoilt(start('abort();')), [/A new (?:worker|jobs process) was killed by signal 6 \(Aborted\) while the module guest was starting/, /Mend or disable it/], false],
    ['it needs a newer interface', spoilt({ text: source({ uses: 'portico.db 1.99' }) }), [/needs portico\.db 1\.99, this portal has 1\.1/, /update Portico/]],
    ['it needs an interface this portal does not have', spoilt({ text: source({ uses: 'portico.telepathy 1.0' }) }), [/needs portico\.telepathy 1\.0, which this portal does not have/]],
    ['a setting has a default that does not fit', spoilt(setting('.key = "limit", .type = PORTICO_SETTING_INTEGER, .title = "Limit", .initial = "many"')), [/default of setting limit is wrong/]],
    ['a setting is a choice of nothing', spoilt(setting('.key = "kind", .type = PORTICO_SETTING_CHOICE, .title = "Kind", .initial = "a"')), [/kind is a choice without \.choices/]],
    ['the file was cut short', spoilt({}, ({ file }) => truncateSync(file, 3000)), [/guest\.so/]],
    ['the file is empty', spoilt({}, ({ file }) => truncateSync(file, 0)), [/not a shared object: build it with -shared -fPIC/]],
    ['the file is no program', spoilt({}, ({ file }) => writeFileSync(file, '#!/bin/sh\necho hello\n')), [/not a shared object/]],
    ['it was built for another kind of machine', spoilt({}, bytes(18, [0x08, 0x00])), [/another kind of machine/]],
    ['it is not there', spoilt({}, ({ file }) => rmSync(file)), [/guest\.so cannot be opened/]],
];
const ownedByAnother = ['it belongs to another user', spoilt({}, ({ file }) => chownSync(file, 65534, 65534)), [/belongs to user 65534/, /chown root/]];

/* ---- configs ---- */

/* [what is wrong, text for the end of the config or a change of it, what the refusal says, whether `check` sees it] */
const configs = [
    ['a key that is misspelt', '[log]\nlevle = info\n', [/Unknown key `levle` in \[log\]/, /Did you mean `level`\?/]],
    ['a section that is misspelt', '[databse]\nurl = sqlite:x.db\n', [/databse/, /Did you mean \[database\]\?/]],
    ['a line that is none', 'this is no line\n', [/neither `\[section\]`, `key = value` nor a comment/]],
    ['a section twice', '[http]\n', [/The section \[http\] began already in line \d+/]],
    ['a key twice', '[log]\nlevel = info\nlevel = debug\n', [/`level` in \[log\] is set already in line \d+/]],
    ['a word that is no choice', '[log]\nlevel = loud\n', [/`level` must be one of/, /loud/]],
    ['a number that is none', [/workers = 1/, 'workers = many'], [/workers/, /many/]],
    ['a number out of range', [/workers = 1/, 'workers = 100000'], [/workers/, /100000/]],
    ['a duration without unit', '[limits]\nhead_time = soon\n', [/head_time|limits/]],
    ['an address that is none', [/listen = .*/, 'listen = nowhere'], [/listen/, /nowhere/]],
    ['an address that cannot be had', [/listen = .*/, 'listen = 192.0.2.1:80'], [/192\.0\.2\.1/], false],
    ['a URL of the portal that is none', [/url = http.*/, 'url = portal'], [/url/, /portal/]],
    ['a database of an unknown kind', '[database]\nurl = oracle:portal\n', [/`url` must be sqlite:PATH or postgresql:\/\//]],
    ['a module that is not there', '[module nowhere]\nenabled = true\n', [/module nowhere is enabled but was found in none of/, /enabled = false/]],
    ['a setting of a module out of range', [/\[module communities\]/, '[module communities]\npage_size = 0'], [/page_size/, /0/]],
    ['a setting a module does not have', [/\[module communities\]/, '[module communities]\npage_sise = 10'], [/Unknown key `page_sise` in \[module communities\]/, /Did you mean `page_size`\?/]],
    ['a word that is neither yes nor no', [/enabled = true/, 'enabled = perhaps'], [/enabled/, /perhaps/]],
    ['bytes that are no text', 'name = \u{fffd}\xff\n', [/portico\.conf/], true, 'latin1'],
];

describe('beside a running portal', () => {
    let portal, good, sections;

    before(async () => {
        good = await build();
        sections = { communities: {}, guest: { path: good.directory } };
        portal = await startPortal({ modules: sections });
    });
    after(() => portal?.close());

    /* Refused by both commands where they can see it; the portal is what it was. */
    async function refuses(says, { where, checks = true }) {
        const { generation } = await status(portal);
        for (const command of checks ? ['check', 'reload'] : ['reload']) {
            const { code, stdout, stderr } = await portal.cli(command);
            assert.equal(code, 3, `${command}: ${stdout}${stderr}`);
            for (const words of [...says, where])
                assert.match(stderr, words, command);
            if (command === 'reload')
                assert.match(stderr, /serves on as before/);
        }
        const now = await status(portal);
        assert.equal(now.generation, generation);
        assert.match(now.last_refusal, says[0]);
        assert.match((await portal.get('/guest/hello')).text, /<h1>Welcome<\/h1>/);
        assert.equal((await portal.get('/communities')).status, 200);
    }

    async function mended() {
        portal.writeConfig(sections);
        const { code, stderr } = await portal.cli('reload');
        assert.equal(code, 0, stderr);
        assert.equal((await status(portal)).last_refusal, undefined);
        assert.equal((await portal.get('/guest/hello')).status, 200);
    }

    describe('a config is refused for', () => {
        for (const [name, change, says, checks = true, encoding = 'utf8'] of configs)
            test(name, async () => {
                portal.writeConfig(sections, typeof change === 'string' ? '' : undefined);
                const text = readFileSync(portal.conf, 'utf8');
                const spoiltText = typeof change === 'string' ? text + change : text.replace(...change);
                assert.notEqual(spoiltText, text);
                writeFileSync(portal.conf, spoiltText, encoding);
                await refuses(says, { where: checks ? /portico\.conf:\d+: / : /192/, checks });
            });

        test('a file of conf.d, which is the one that is named', async () => {
            portal.writeConfig(sections);
            const directory = path.join(portal.dir, 'conf.d');
            mkdirSync(directory);
            writeFileSync(path.join(directory, '10-log.conf'), '# ours\n[log]\nlevel = loud\n');
            await refuses([/loud/], { where: /conf\.d\/10-log\.conf:3: / });
            rmSync(directory, { recursive: true });
        });

        test('not being there', async () => {
            portal.writeConfig(sections);
            const text = readFileSync(portal.conf);
            rmSync(portal.conf);
            const { code, stderr } = await portal.cli('check');
            assert.equal(code, 3);
            assert.match(stderr, /portico\.conf does not exist/);
            assert.equal((await portal.get('/guest/hello')).status, 200);
            writeFileSync(portal.conf, text);
        });

        test('everything at once, each with its line', async () => {
            portal.writeConfig(sections, '[log]\nlevel = loud\nnothing = 1\n[module nowhere]\nenabled = true\n');
            const { code, stderr } = await portal.cli('check');
            assert.equal(code, 3);
            const lines = [...stderr.matchAll(/portico\.conf:(\d+): /g)].map(([, line]) => Number(line));
            assert.equal(lines.length, 3, stderr);
            assert.equal(new Set(lines).size, 3);
        });

        test('nothing once it is mended', mended);
    });

    describe('a module is refused when', () => {
        for (const [name, make, says, checks = true] of [...modules, ownedByAnother])
            test(name, { skip: name === ownedByAnother[0] && process.getuid() !== 0 ? 'only root can give files away' : false }, async () => {
                const { directory } = await make();
                portal.writeConfig({ ...sections, guest: { path: directory } });
                await refuses(says, { where: /guest/, checks });
            });

        test('nothing once it is mended', mended);

        test('it is one of two, the sound one of which is not taken either', async () => {
            const { directory } = await modules.find(([name]) => name === 'start fails')[1]();
            portal.writeConfig({ ...sections, ...trial(), guest: { path: directory } });
            assert.equal((await portal.cli('reload')).code, 3);
            assert.equal((await portal.get('/trial/hello/you')).status, 404);
            portal.writeConfig({ ...sections, ...trial() });
            assert.equal((await portal.cli('reload')).code, 0);
            assert.equal((await portal.get('/trial/hello/you')).status, 200);
        });
    });
});
