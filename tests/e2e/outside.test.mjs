/* A module written by a stranger: an installed Portico, the guide's own files and commands, nothing of this tree.
 * What docs/modules/building.md shows is taken out of it and done, so that it cannot say what does not work. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { buildDirectory, root } from '../lib/paths.mjs';
import { runProgram, startPortal } from '../lib/portal.mjs';

const run = promisify(execFile);
const guide = readFileSync(path.join(root, 'docs/modules/building.md'), 'utf8');
const blocks = [...guide.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, kind, text]) => ({ kind, text }));

/* The one block of that kind in the guide that contains `words`. */
function block(kind, words) {
    const found = blocks.filter((each) => each.kind === kind && each.text.includes(words));
    assert.equal(found.length, 1, `the guide has one ${kind} block with ${words}`);
    return found[0].text;
}

/* What the module grows by in the second half: a table, a handler that writes to it, a setting, words. */
const table = `CREATE TABLE greeting_visit (
    id {id} PRIMARY KEY,
    name {text} NOT NULL,
    at {time} NOT NULL
);
`;
const uses = `#define PORTICO_MODULE_USES "portico.db 1.0"
`;
const remember = `static int remember(struct portico_request *request, const char *name)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_execute(portico_db(request),
                               "INSERT INTO greeting_visit (id, name, at) VALUES (?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(portico_new_id(request)),
                                            portico_arg_text(name),
                                            portico_arg_time(portico_now(request))),
                               NULL, &error);
    if (code < 0)
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
    return code;
}
`;
const settings = `static const struct portico_personal_table personal_data[] = {
    { .table = "greeting_visit", .reason = "Names are typed freely and belong to nobody who signs in." },
};
static const struct portico_setting settings[] = {
    { .key = "remember", .type = PORTICO_SETTING_BOOLEAN, .initial = "true",
      .title = "Remember visits" },
};
`;
const german = `msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Hello {name}"
msgstr "Guten Tag, {name}"
`;

let home, prefix, shell;

function write(file, text) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, text, { mode: 0o644 });
}

before(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'portico-outside-'));
    prefix = path.join(home, '.local');
    const env = { HOME: home, PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
    shell = (commands, cwd = home) => run('sh', ['-e', '-c', `umask 022\n${commands}`], { cwd, env });
    /* The build under test stands in for a release build. */
    const [build, install, exported, ...rest] = block('text', 'cmake --install').trim().split('\n');
    assert.equal(build, './dev build');
    assert.deepEqual(rest, []);
    assert.match(install, /^cmake --install build\/release /);
    await shell(install.replace('build/release', buildDirectory()), root);
    const { stdout } = await shell(`${exported}\ncommand -v portico`);
    assert.equal(stdout.trim(), path.join(prefix, 'bin/portico'));

    write(path.join(home, 'greeting/CMakeLists.txt'), block('cmake', 'project(greeting'));
    write(path.join(home, 'greeting/greeting.c'), block('c', 'PORTICO_EXPORT_MODULE'));
    write(path.join(home, 'greeting/templates/hello.mustache'), block('mustache', 'portico/shell'));
});
after(() => rmSync(home, { recursive: true, force: true }));

/* Runs the guide's `portico …` lines against a portal's config, as they stand. */
async function guided(portal, words) {
    const line = blocks.filter(({ kind }) => kind === 'sh' || kind === 'text').flatMap(({ text }) => text.split('\n'))
        .concat([...guide.matchAll(/`(portico [^`]*)`/g)].map(([, text]) => text))
        .find((each) => each.startsWith(words));
    assert.ok(line, `the guide says ${words}`);
    assert.match(line, /--config portico\.conf/);
    return runProgram(line.replace(/#.*/, '').trim().split(/\s+/).slice(1), { preset: prefix, cwd: portal.dir });
}

const portalOf = (config, database) => startPortal({ preset: prefix, config, database });
/* The guide's section of the config, with the module's real place. */
const sectionFor = (directory) => block('text', '[module greeting]').replace(/path = .*/, `path = ${directory}`);

test('the installed program runs from its prefix, with first-party modules and the front end', async (t) => {
    const portal = await portalOf('[module communities]\nenabled = true\n');
    t.after(() => portal.close());
    const page = await portal.get('/communities', { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200, page.text);
    for (const [, target] of page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g))
        assert.equal((await portal.get(target)).status, 200, target);
    for (const file of ['share/man/man1/portico.1', 'lib/pkgconfig/portico-sdk.pc', 'include/portico/portico.h'])
        assert.ok(existsSync(path.join(prefix, file)), file);
});

describe('the first module of the guide, built with CMake', () => {
    let portal, directory;
    before(async () => {
        await shell(block('sh', 'cmake -S greeting'));
        directory = path.join(home, 'greeting/build/modules/greeting');
        assert.ok(existsSync(path.join(directory, 'templates/hello.mustache')));
        portal = await portalOf('');
    });
    after(() => portal?.close());

    test('it is enabled beside a running portal, and its page stands in the portal\'s frame', async () => {
        assert.equal((await portal.get('/greeting/Dana')).status, 404);
        appendFileSync(portal.conf, sectionFor(directory));
        const enabled = await guided(portal, 'portico module enable greeting');
        assert.equal(enabled.code, 0, enabled.stderr);
        const answer = await portal.get('/greeting/Dana%20%3Cb%3E');
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.text, /<h1>Hello Dana &lt;b&gt;<\/h1>/);
        assert.match(answer.text, /<title>Dana &lt;b&gt; · Test portal/);
        assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
    });

    test('check finds nothing wrong and reload takes a change up', async () => {
        const source = path.join(home, 'greeting/templates/hello.mustache');
        write(source, readFileSync(source, 'utf8').replace('"Hello {name}"', '"Welcome {name}"'));
        await shell(block('sh', 'cmake -S greeting'));
        for (const words of ['portico check', 'portico reload']) {
            const { code, stderr } = await guided(portal, words);
            assert.equal(code, 0, stderr);
        }
        assert.match((await portal.get('/greeting/Dana')).text, /<h1>Welcome Dana<\/h1>/);
    });

    test('it is disabled and its address is gone', async () => {
        const { code, stderr } = await guided(portal, 'portico module disable greeting');
        assert.equal(code, 0, stderr);
        assert.equal((await portal.get('/greeting/Dana')).status, 404);
        assert.equal((await portal.get('/healthz')).status, 200);
    });

    test('with enabled = true in portico.conf that line alone switches it, and the command says so', async () => {
        writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace('[module greeting]\n', '[module greeting]\nenabled = true\n'));
        assert.equal((await guided(portal, 'portico reload')).code, 0);
        assert.equal((await portal.get('/greeting/Dana')).status, 200);
        const line = readFileSync(portal.conf, 'utf8').split('\n').indexOf('enabled = true') + 1;
        const refused = await guided(portal, 'portico module disable greeting');
        assert.notEqual(refused.code, 0);
        assert.match(refused.stderr, new RegExp(`portico\\.conf:${line}.*Change it there`));
        assert.equal((await portal.get('/greeting/Dana')).status, 200);
        writeFileSync(portal.conf, readFileSync(portal.conf, 'utf8').replace('enabled = true', 'enabled = false'));
        assert.equal((await guided(portal, 'portico reload')).code, 0);
        assert.equal((await portal.get('/greeting/Dana')).status, 404);
    });
});

for (const database of ['sqlite', 'postgresql'])
    describe(`the same with all the guide tells of data, settings and words, built with cc and pkg-config, on ${database}`, () => {
        let portal;
        const directory = () => path.join(home, 'by-hand/greeting');
        const inGerman = { headers: { 'accept-language': 'de' } };

        /* The guide's module and the pieces put together: its handler remembers, and another one lists who came. */
        function wholeSource() {
            const source = block('c', 'PORTICO_EXPORT_MODULE');
            const whole = source
                .replace('#include', `${uses}#include`)
                .replace('static int hello(', `${remember}
    ${settings}
    static int list(struct portico_request *request)
    {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct portico_value *rows = NULL, *answer = portico_object(request);
        int code = portico_query(portico_db(request), "SELECT name FROM greeting_visit ORDER BY id LIMIT 100",
                                 PORTICO_NO_ARGS, &rows, &error);
        if (code < 0)
            return code;
        portico_set(answer, "visits", rows);
        return portico_reply_json(request, answer);
    }

    static int hello(`)
                .replace('    return portico_reply_view(', `    const char *name = portico_param(request, "name");
        if (portico_setting_boolean(request, "remember") && remember(request, name) < 0)
            return PORTICO_EIO;
        return portico_reply_view(`)
                .replace('.permission = PORTICO_PUBLIC },\n', `.permission = PORTICO_PUBLIC },
        { .method = "GET", .pattern = "/greeting", .handler = list, .permission = PORTICO_PUBLIC },\n`)
                .replace('    .routes =', '    .settings = PORTICO_LIST(settings),\n    .personal_data = PORTICO_LIST(personal_data),\n    .routes =');
            assert.equal(whole.match(/remember|list/g)?.length >= 6, true);
            return whole;
        }

        before(async () => {
            write(path.join(home, 'greeting/greeting.c'), wholeSource());
            write(path.join(home, 'greeting/templates/hello.mustache'), block('mustache', 'portico/shell'));
            await shell(block('sh', 'cc -shared'));
            write(path.join(directory(), 'migrations/0001-initial.before.sql'), table);
            write(path.join(directory(), 'locale/de.po'), german);
            portal = await portalOf(sectionFor(directory()), database);
            assert.equal((await portal.get('/greeting/Dana')).status, 404, 'a module that is named but not enabled is silent');
            const enabled = await guided(portal, 'portico module enable greeting');
            assert.equal(enabled.code, 0, enabled.stderr);
        });
        after(() => portal?.close());

        test('its page renders and speaks the reader\'s language', async () => {
            const answer = await portal.get('/greeting/Dana');
            assert.equal(answer.status, 200, answer.text);
            assert.match(answer.text, /<h1>Hello Dana<\/h1>/);
            assert.match((await portal.get('/greeting/Dana', inGerman)).text, /<h1>Guten Tag, Dana<\/h1>/);
        });

        test('its table was made and keeps what it writes', async () => {
            await portal.get('/greeting/Lee');
            assert.deepEqual((await portal.get('/greeting')).json, { visits: [{ name: 'Dana' }, { name: 'Dana' }, { name: 'Lee' }] });
        });

        test('a setting in the config reaches it with the next reload', async () => {
            const before = (await portal.get('/greeting')).json;
            appendFileSync(portal.conf, 'remember = false\n');
            assert.equal((await guided(portal, 'portico reload')).code, 0);
            assert.match((await portal.get('/greeting/Kim')).text, /<h1>Hello Kim<\/h1>/);
            assert.deepEqual((await portal.get('/greeting')).json, before);
        });

        test('inspect shows what it is made of', async () => {
            const { code, stdout } = await runProgram(['module', 'inspect', 'greeting', '--config', portal.conf], { preset: prefix });
            assert.equal(code, 0);
            for (const words of [/Greeting/, /portico\.db 1\.0/, /GET +\/greeting\/\{name\}/, /remember/])
                assert.match(stdout, words);
        });

        test('it is disabled, its address is gone, and its data stays for when it is back', async () => {
            assert.equal((await guided(portal, 'portico module disable greeting')).code, 0);
            assert.equal((await portal.get('/greeting/Dana')).status, 404);
            assert.equal((await portal.get('/greeting')).status, 404);
            assert.equal((await guided(portal, 'portico module enable greeting')).code, 0);
            assert.equal((await portal.get('/greeting')).json.visits.length, 3);
        });
    });
