/* The command line as an admin meets it: help, exit codes, complaints, man pages. No portal runs here. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { root } from '../lib/paths.mjs';
import { programPath, runProgram } from '../lib/portal.mjs';

const OK = 0, FAILED = 1, USAGE = 2, CONFIG = 3, NOT_RUNNING = 4;
const commands = ['run', 'check', 'reload', 'stop', 'status', 'module', 'init', 'demo', 'user', 'account', 'role', 'token', 'audit', 'why', 'exposure', 'person', 'job', 'event', 'key', 'mail', 'import', 'version'];
let scratch;

before(() => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'portico-cli-'));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;
/* A new directory with portico.conf and other files: { dir, conf }. */
function place(conf, files = {}) {
    const dir = path.join(scratch, `place-${++count}`);
    mkdirSync(dir, { recursive: true });
    for (const [name, text] of Object.entries({ 'portico.conf': conf, ...files })) {
        mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
        writeFileSync(path.join(dir, name), text);
    }
    return { dir, conf: path.join(dir, 'portico.conf') };
}

describe('help and usage', () => {
    test('the help lists every command and every exit code', async () => {
        const { code, stdout, stderr } = await runProgram(['--help']);
        assert.equal(code, OK);
        assert.equal(stderr, '');
        for (const command of commands)
            assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
        for (const exit of [0, 1, 2, 3, 4, 130])
            assert.match(stdout, new RegExp(`^ +${exit}  \\S`, 'm'));
        assert.doesNotMatch(stdout, /^ {2}(worker|migrate) /m);
    });

    for (const command of [...commands, 'migrate'])
        test(`portico ${command} --help tells its usage, options and exit codes`, async () => {
            const { code, stdout, stderr } = await runProgram([command, '--help']);
            assert.equal(code, OK);
            assert.equal(stderr, '');
            assert.match(stdout, new RegExp(`^Usage: portico ${command} \\[OPTION…\\]`));
            assert.match(stdout, /--config FILE/);
            assert.match(stdout, /Exit codes:/);
            for (const line of stdout.split('\n'))
                assert.ok([...line].length <= 100, `too wide: ${line}`);
            assert.deepEqual(await runProgram(['help', command]), { code, signal: null, stdout, stderr });
        });

    const wrong = [
        [[], /a command is missing/],
        [['chek'], /unknown command `chek`\. Did you mean `check`\?/],
        [['xyzzyplugh'], /unknown command `xyzzyplugh`\.\nTry `portico --help`/],
        [['--frobnicate'], /unknown option `--frobnicate`/],
        [['help', 'chek'], /Did you mean `check`\?/],
        [['check', '--setings'], /unknown option `--setings`\. Did you mean `--settings`\?/],
        [['check', '--cofnig', 'x'], /Did you mean `--config`\?/],
        [['check', '-x'], /unknown option `-x`/],
        [['check', '--config'], /a value is missing after `--config`/],
        [['check', '--json=yes'], /no value belongs to `--json=yes`/],
        [['check', 'surplus'], /`surplus` is one argument too many/],
        [['module'], /an argument is missing/],
        [['module', 'lst'], /unknown action `lst`\. Did you mean `list`\?/],
        [['module', 'enable'], /Usage: portico module enable NAME/],
        [['module', 'list', 'surplus'], /Usage: portico module list/],
        [['job', 'lst'], /portico job: unknown action `lst`\. Did you mean `list`\?\nTry `portico job --help`/],
        [['job', 'retry'], /Usage: portico job retry ID/],
        [['key', 'forget'], /unknown action `forget`\. Write `list`, `rotate` or `retire`\./],
        [['key', 'retire'], /Usage: portico key retire NUMBER/],
        [['person', 'erase'], /Usage: portico person erase ID/],
        [['user', 'passwd'], /Usage: portico user passwd WHO/],
        [['user', 'lst'], /unknown action `lst`\. Did you mean `list`\?/],
        [['user', 'add', 'Mara', '--role', 'owner', '--mail', 'm@example.com'], /"owner" is no role/],
        [['user', 'role', 'mara', 'admin'], /`admin` says neither/],
        [['mail', 'send', 'a@b.example'], /unknown action `send`\. Write `test`\./],
        [['event', 'list', 'surplus'], /one argument too many/],
        [['import', 'communities'], /an argument is missing/],
        [['import', 'communities', '/tmp'], /--format is missing/],
        [['migrate', '--phase', 'during'], /--phase must be `before` or `after`, not `during`/],
        [['--manual', 'nothing.1'], /there is no man page `nothing\.1`/],
    ];
    for (const [args, complaint] of wrong)
        test(`portico ${args.join(' ')} ends with 2 and says what is wrong`, async () => {
            const { code, stdout, stderr } = await runProgram(args);
            assert.equal(code, USAGE);
            assert.equal(stdout, '');
            assert.match(stderr, complaint);
        });

    test('options may be written with an equals sign, and stand behind arguments', async () => {
        const { dir, conf } = place('');
        for (const args of [['check', `--config=${conf}`], ['module', 'list', '--config', conf]])
            assert.equal((await runProgram(args, { cwd: dir })).code, OK);
    });

    test('without --config, portico.conf in the current directory is read', async () => {
        const { dir } = place('[portal]\nnme = x\n');
        const { code, stderr } = await runProgram(['check'], { cwd: dir });
        assert.equal(code, CONFIG);
        assert.match(stderr, /\/portico\.conf:2: Unknown key `nme` in \[portal\]\. Did you mean `name`\?/);
    });
});

describe('version', () => {
    test('it names the version, the ABI and the libraries that run', async () => {
        const { code, stdout } = await runProgram(['version', '--json']);
        assert.equal(code, OK);
        const version = JSON.parse(stdout);
        assert.match(version.version, /^\d+\.\d+\.\d+$/);
        assert.equal(typeof version.abi, 'number');
        for (const library of ['libevent', 'glib', 'jansson', 'sqlite', 'libpq', 'libsodium', 'icu'])
            assert.match(version.libraries[library].running, /^\d+\.\d+/);
        const text = (await runProgram(['--version'])).stdout;
        assert.match(text, new RegExp(`^portico ${version.version}\n`));
    });
});

describe('check', () => {
    test('a config without mistakes is fine', async () => {
        const { conf } = place('[portal]\nname = Acme\n');
        const { code, stdout, stderr } = await runProgram(['check', '--config', conf]);
        assert.deepEqual({ code, stderr }, { code: OK, stderr: '' });
        assert.match(stdout, /is fine: 0 modules enabled\./);
    });

    test('it makes and changes nothing', async () => {
        const { dir, conf } = place('');
        await runProgram(['check', '--config', conf]);
        assert.deepEqual(readdirSync(dir), ['portico.conf']);
    });

    test('a config that is not there ends with 3 and names --config', async () => {
        const { code, stderr } = await runProgram(['check', '--config', '/nonexistent.conf']);
        assert.equal(code, CONFIG);
        assert.match(stderr, /\/nonexistent\.conf does not exist\. Name another with --config FILE\./);
    });

    /* [what is broken, config, where and what is said, other files] */
    const broken = [
        ['a line that is no setting', '[portal]\nname: Acme\n', /portico\.conf:2: `name: Acme` is neither `\[section\]`, `key = value` nor a comment/],
        ['a key before any section', 'name = Acme\n', /portico\.conf:1: The key `name` stands before any section/],
        ['a section twice', '[log]\n[http]\n[log]\n', /portico\.conf:3: The section \[log\] began already in line 1/],
        ['a key twice', '[log]\nlevel = info\nlevel = debug\n', /portico\.conf:3: `level` in \[log\] is set already in line 2/],
        ['a misspelt key', '[http]\n\nlisen = 127.0.0.1:80\n', /portico\.conf:3: Unknown key `lisen` in \[http\]\. Did you mean `listen`\?/],
        ['a misspelt section', '[htpp]\n', /portico\.conf:1: Unknown section \[htpp\]\. Did you mean \[http\]\?/],
        ['a number out of range', '[server]\nworkers = 1000\n', /portico\.conf:2: `workers` must be a whole number, from 1 to 64, not `1000`/],
        ['a time without unit', '[server]\nhandler_time = 30\n', /portico\.conf:2: `handler_time` must be a time such as 500ms, 2s/],
        ['an address without port', '[http]\nlisten = localhost\n', /portico\.conf:2: `listen` holds `localhost`, which is not HOST:PORT/],
        ['bytes that are not UTF-8', Buffer.from('[portal]\nname = Gr\xFCn\n', 'latin1'), /portico\.conf:2: The line is not valid UTF-8/],
        ['an open quote', '[portal]\nname = "Acme\n', /portico\.conf:2: The value of `name` lacks its closing quote/],
        ['a password in the database URL', '[database]\nurl = postgresql://me:pw@db/portal\n', /portico\.conf:2: `url` holds a password.*`password_file`/],
        ['a secret that others can read', '[database]\npassword_file = pw\n', /portico\.conf:2: The secret file \S+\/pw is open to others \(mode 0644\)\. Run `chmod 600 /, { pw: 'x' }],
        ['an open address without URL', '[http]\nlisten = 0.0.0.0:80\n', /portico\.conf:2: .* Set `url` in \[portal\]/],
        ['a module that is not installed', '\n[module absent]\nenabled = true\n', /portico\.conf:2: The module absent is enabled but was found in none of/],
        ['a module file that is no module', '[modules]\ndirectories = mods\n[module fake]\nenabled = true\n', /portico\.conf:3: \S+\/mods\/fake\/fake\.so: /, { 'mods/fake/fake.so': 'not an ELF file' }],
        ['a mistake in conf.d', '', /conf\.d\/10\.conf:2: Unknown key `nme`/, { 'conf.d/10.conf': '[portal]\nnme = x\n' }],
        ['a mistake in managed.conf', '', /data\/managed\.conf:2: `level` must be one of/, { 'data/managed.conf': '[log]\nlevel = loud\n' }],
    ];
    for (const [what, text, complaint, files] of broken)
        test(`${what} is refused with file, line and what to do`, async () => {
            const { dir, conf } = place(text, files);
            if (files?.pw)
                chmodSync(path.join(dir, 'pw'), 0o644);
            const { code, stderr } = await runProgram(['check', '--config', conf]);
            assert.equal(code, CONFIG);
            assert.match(stderr, complaint);
            assert.match(stderr, /\n1 problem\.\n$/);
            assert.doesNotMatch(stderr, /me:pw/);
            const json = await runProgram(['check', '--json', '--config', conf]);
            assert.equal(json.code, CONFIG);
            const report = JSON.parse(json.stdout);
            assert.equal(report.valid, false);
            assert.equal(report.problems.length, 1);
            const { file, line, message } = report.problems[0];
            assert.match(`${file}:${line}: ${message}`, complaint);
        });

    test('all mistakes are told at once, in the order of the lines', async () => {
        const { conf } = place('x = 1\n[log]\nlevel = loud\n[server]\nworkers = 0\nthreads = 4\n');
        const { code, stderr } = await runProgram(['check', '--config', conf]);
        assert.equal(code, CONFIG);
        assert.deepEqual([...stderr.matchAll(/portico\.conf:(\d+):/g)].map((match) => Number(match[1])), [1, 3, 5, 6]);
        assert.match(stderr, /\n4 problems\.\n$/);
    });

    test('the environment is part of the config', async () => {
        const { conf } = place('[log]\nlevel = info\n');
        const { code, stderr } = await runProgram(['check', '--config', conf], { env: { PORTICO_LOG_LEVEL: 'loud' } });
        assert.equal(code, CONFIG);
        assert.match(stderr, /^environment variable PORTICO_LOG_LEVEL: `level` must be one of/m);
    });

    test('--settings lists each setting with type, default, range, help and place', async () => {
        const { conf } = place('[server]\nworkers = 3\n', { 'data/managed.conf': '[portal]\nname = Acme\n' });
        const { code, stdout } = await runProgram(['check', '--settings', '--config', conf]);
        assert.equal(code, OK);
        assert.match(stdout, /^\[server\]\n {2}workers \(integer, from 1, to 64; default: 2\)\n {6}= 3 \(\S+portico\.conf:2, locked\)\n/m);
        assert.match(stdout, /name \(text; default: Portico\)\n {6}= Acme \(\S+managed\.conf:2\)/);
        const rows = JSON.parse((await runProgram(['check', '--settings', '--json', '--config', conf])).stdout);
        assert.ok(rows.length > 25);
        for (const row of rows) {
            assert.ok(row.help.length > 10, `${row.section} ${row.key} has no help`);
            assert.ok(row.title, `${row.section} ${row.key} has no title`);
            assert.equal(typeof row.default, 'string');
        }
        const workers = rows.find((row) => row.section === 'server' && row.key === 'workers');
        assert.deepEqual([workers.value, workers.line, workers.locked, workers.minimum, workers.maximum], ['3', 2, true, '1', '64']);
    });
});

describe('module', () => {
    test('an empty installation says so', async () => {
        const { conf } = place('[modules]\ndirectories = none\n');
        const { code, stdout } = await runProgram(['module', 'list', '--json', '--config', conf]);
        assert.equal(code, OK);
        assert.ok(Array.isArray(JSON.parse(stdout)));
    });

    test('a module that does not exist cannot be inspected or enabled', async () => {
        const { dir, conf } = place('');
        for (const action of ['inspect', 'enable']) {
            const { code, stderr } = await runProgram(['module', action, 'absent', '--config', conf]);
            assert.equal(code, FAILED);
            assert.match(stderr, /there is no module `absent` in the module directories/);
        }
        assert.ok(!existsSync(path.join(dir, 'data/managed.conf')));
    });

    test('a broken module is listed as broken, and is not enabled', async () => {
        const { dir, conf } = place('[modules]\ndirectories = mods\n', { 'mods/fake/fake.so': 'not an ELF file' });
        const list = await runProgram(['module', 'list', '--json', '--config', conf]);
        const row = JSON.parse(list.stdout).find((module) => module.name === 'fake');
        assert.equal(row.state, 'broken');
        assert.ok(row.problem.endsWith('.'));
        const { code, stderr } = await runProgram(['module', 'enable', 'fake', '--config', conf]);
        assert.equal(code, CONFIG);
        assert.match(stderr, /`fake` cannot run as it is; nothing was changed\./);
        assert.ok(!existsSync(path.join(dir, 'data/managed.conf')));
    });

    const hello = path.join(path.dirname(path.dirname(programPath())), 'modules');
    const installed = existsSync(hello) ? readdirSync(hello).filter((name) => existsSync(path.join(hello, name, `${name}.so`))) : [];
    test('an installed module is enabled and disabled in managed.conf, with its history', { skip: installed.length ? false : 'no module is built' }, async () => {
        const name = installed[0];
        const { dir, conf } = place('');
        const managed = path.join(dir, 'data/managed.conf');
        const enable = await runProgram(['module', 'enable', name, '--config', conf]);
        assert.equal(enable.code, OK, enable.stderr);
        assert.match(enable.stdout, new RegExp(`Module ${name} is enabled\\. No portal runs now`));
        assert.match(readFileSync(managed, 'utf8'), new RegExp(`\\[module ${name}\\]\nenabled = true\n`));
        const inspected = JSON.parse((await runProgram(['module', 'inspect', name, '--json', '--config', conf])).stdout);
        assert.equal(inspected.state, 'enabled');
        assert.ok(inspected.version);
        assert.ok(inspected.descriptor.title);
        assert.match((await runProgram(['module', 'enable', name, '--config', conf])).stdout, /enabled already/);
        const check = await runProgram(['check', '--config', conf]);
        assert.equal(check.code, OK, check.stderr);
        assert.match(check.stdout, /1 module enabled/);
        assert.equal((await runProgram(['module', 'disable', name, '--config', conf])).code, OK);
        assert.match(readFileSync(managed, 'utf8'), /enabled = false/);
        assert.match(readFileSync(`${managed}.1`, 'utf8'), /enabled = true/);
    });

    test('a module that the config switches is locked', { skip: installed.length ? false : 'no module is built' }, async () => {
        const name = installed[0];
        const { dir, conf } = place(`[module ${name}]\nenabled = false\n`);
        const { code, stderr } = await runProgram(['module', 'enable', name, '--config', conf]);
        assert.equal(code, FAILED);
        assert.match(stderr, /portico\.conf:2 and locked by it\. Change it there\./);
        assert.ok(!existsSync(path.join(dir, 'data/managed.conf')));
    });
});

describe('a portal that does not run', () => {
    for (const command of ['reload', 'stop', 'status'])
        test(`portico ${command} ends with 4`, async () => {
            const { conf } = place('');
            const { code, stderr } = await runProgram([command, '--config', conf]);
            assert.equal(code, NOT_RUNNING);
            assert.notEqual(stderr, '');
        });

    for (const command of ['run', 'migrate'])
        test(`portico ${command} refuses a config with problems and ends with 3`, async () => {
            const { conf } = place('[portal]\nnme = x\n');
            const { code, stderr } = await runProgram([command, '--config', conf]);
            assert.equal(code, CONFIG);
            assert.match(stderr, /portico\.conf:2: Unknown key `nme`/);
        });

    test('portico import refuses a directory that is not there, and a module that is not enabled', async () => {
        const { dir, conf } = place('');
        const missing = await runProgram(['import', 'absent', '--format', 'x', path.join(dir, 'none'), '--config', conf]);
        assert.equal(missing.code, FAILED);
        assert.match(missing.stderr, /none is not a directory that can be read/);
        const absent = await runProgram(['import', 'absent', '--format', 'x', dir, '--config', conf]);
        assert.equal(absent.code, FAILED);
        assert.match(absent.stderr, /no module `absent` is enabled\. `portico module list` lists them/);
    });
});

describe('manual', () => {
    /* The words of a roff page. */
    const plain = (roff) => roff.replace(/\\f[BRI]/g, '').replace(/\\-/g, '-').replace(/\\&/g, '').replace(/\\e/g, '\\');

    test('there is a man page for the program, each command and the config', async () => {
        for (const page of ['portico.1', 'portico.conf.5', ...commands.map((command) => `portico-${command}.1`)]) {
            const { code, stdout, stderr } = await runProgram(['--manual', page]);
            assert.deepEqual({ code, stderr }, { code: OK, stderr: '' });
            assert.match(stdout, /^\.TH PORTICO\S* [15] /);
            assert.match(stdout, /^\.SH NAME$/m);
            assert.match(stdout, /^\.SH DESCRIPTION$/m);
        }
    });

    test('the build makes and installs exactly these pages', () => {
        const list = readFileSync(path.join(root, 'packaging/CMakeLists.txt'), 'utf8');
        const names = /foreach\(command ([a-z ]+)\)/.exec(list)[1].split(' ');
        assert.deepEqual(names, commands);
    });

    for (const command of commands)
        test(`every option and exit code of ${command} stands in its man page`, async () => {
            const page = plain((await runProgram(['--manual', `portico-${command}.1`])).stdout);
            const help = (await runProgram([command, '--help'])).stdout;
            const options = [...help.matchAll(/^ {2}--([a-z-]+)/gm)].map((match) => match[1]);
            assert.ok(options.includes('config') && options.includes('help'));
            for (const option of options)
                assert.ok(page.includes(`--${option}`), `--${option}`);
            const exits = [...help.matchAll(/^ +(\d+) {2}\S/gm)].map((match) => match[1]);
            assert.deepEqual(exits, ['0', '1', '2', '3', '4', '130']);
            for (const exit of exits)
                assert.match(page, new RegExp(`^\\.TP\n${exit}\n`, 'm'));
        });

    test('every key stands in portico.conf(5) and in the sample config, with its default', async () => {
        const { conf } = place('');
        const rows = JSON.parse((await runProgram(['check', '--settings', '--json', '--config', conf])).stdout);
        const page = plain((await runProgram(['--manual', 'portico.conf.5'])).stdout);
        const sample = readFileSync(path.join(root, 'packaging/portico.conf'), 'utf8');
        for (const row of rows) {
            const part = page.split(`.SH "[${row.section}]"`)[1].split('.SH')[0];
            assert.match(part, new RegExp(`^${row.key}$`, 'm'), `[${row.section}] ${row.key} in the man page`);
            const section = sample.split(`\n[${row.section}]\n`)[1].split(/\n\[/)[0];
            const line = new RegExp(`^#?${row.key} =(.*)$`, 'm').exec(section);
            assert.ok(line, `[${row.section}] ${row.key} in the sample`);
            if (row.type !== 'secret' && row.key !== 'data')
                assert.equal(line[1].trim(), row.default, `[${row.section}] ${row.key}`);
        }
    });

    test('the sample config is read without a problem, as it is and with every comment taken away', async () => {
        const sample = readFileSync(path.join(root, 'packaging/portico.conf'), 'utf8');
        const all = sample.replace(/^#(\[|[a-z_]+ =)/gm, '$1').replace(/^password_file = .*$/gm, 'password_file =')
            .replace('[module communities]\nenabled = true', '[module communities]\nenabled = false');
        for (const text of [sample, all]) {
            const { conf } = place(text);
            const { code, stderr } = await runProgram(['check', '--config', conf]);
            assert.equal(code, OK, stderr);
        }
    });
});
