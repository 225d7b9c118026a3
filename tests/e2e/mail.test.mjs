/* 21-mail, against a mail server of the test's own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { buildDirectory } from '../lib/paths.mjs';
import { startPortal } from '../lib/portal.mjs';
import { startSmtp } from '../lib/smtp.mjs';
import { until } from '../lib/wait.mjs';

const post = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });
const from = 'Jörgs Portal <portal@example.com>';

async function sink(t, options) {
    const smtp = await startSmtp(options);
    t.after(() => smtp.close());
    return smtp;
}

async function portalWith(t, mail, options = {}) {
    const portal = await startPortal({
        modules: { mail: { path: path.join(buildDirectory(), 'examples/mail') } },
        settings: mail ? { mail: { from, ...mail } } : {},
        ...options,
    });
    t.after(() => portal.close());
    portal.welcome = (fields) => portal.get('/mail/members', post({ to: 'ana@example.com', name: 'Ana', ...fields }));
    portal.jobs = async () => {
        const { code, stdout, stderr } = await portal.cli('job', 'list', '--json');
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout).filter((job) => job.name === 'mail');
    };
    return portal;
}

/* A certificate for 127.0.0.1 that is its own authority. */
function certificate(t) {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'portico-mail-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = (name) => path.join(dir, name);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', '/CN=sink', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key'), '-out', file('cert')], { stdio: 'ignore' });
    return { file: file('cert'), key: readFileSync(file('key')), cert: readFileSync(file('cert')) };
}

/* Header fields, unfolded, and the body. */
function parse(text) {
    const [head, ...rest] = text.split('\r\n\r\n');
    const headers = {};
    for (const line of head.replace(/\r\n[ \t]/g, ' ').split('\r\n'))
        headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 2);
    return { headers, body: rest.join('\r\n\r\n') };
}

for (const database of ['sqlite', 'postgresql'])
    test(`21-mail is sent if and only if its change is committed, on ${database}`, async (t) => {
        const smtp = await sink(t);
        const portal = await portalWith(t, { server: `smtp://127.0.0.1:${smtp.port}` },
            { database, settings: { portal: { url: 'https://portal.example.com' }, mail: { from, server: `smtp://127.0.0.1:${smtp.port}` } } });
        assert.equal((await portal.welcome({ name: 'Nobody', refused: 1 })).status, 409);
        assert.equal((await portal.welcome({ to: 'Ana Ñ <ana@bücher.example>', name: 'Ana 🙂', thread: 'member/7' })).status, 303);
        await until(() => smtp.messages.length === 1, { what: 'the message' });
        const [message] = smtp.messages;
        assert.equal(message.from, 'portal@example.com');
        assert.equal(message.to, 'ana@xn--bcher-kva.example');
        const { headers, body } = parse(message.text);
        assert.equal(headers.from, '=?UTF-8?B?SsO2cmdzIFBvcnRhbA==?= <portal@example.com>');
        assert.match(headers.to, /^=\?UTF-8\?B\?.*\?= <ana@xn--bcher-kva\.example>$/);
        assert.equal(Buffer.from(/B\?(.*)\?=/.exec(headers.subject)[1], 'base64').toString(), 'Welcome, Ana 🙂');
        assert.match(headers['message-id'], /^<\d+@portal\.example\.com>$/);
        assert.match(headers['in-reply-to'], /^<thread\.[0-9a-f]{32}@portal\.example\.com>$/);
        assert.equal(headers.references, headers['in-reply-to']);
        assert.equal(headers['reply-to'], '"Service" <service@example.com>');
        assert.equal(headers['list-unsubscribe'], '<https://portal.example.com/mail/off>');
        assert.equal(headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
        assert.equal(headers['auto-submitted'], 'auto-generated');
        assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 600_000, headers.date);
        const boundary = /^multipart\/alternative; boundary="(.*)"$/.exec(headers['content-type'])[1];
        const parts = body.split(`--${boundary}`);
        assert.equal(parts.length, 4);
        assert.match(parts[1], /text\/plain; charset=utf-8[^]*Write to us if anything is unclear\./);
        assert.match(parts[2], /text\/html; charset=utf-8[^]*<strong>Write to us<\/strong>/);
        assert.ok(message.text.split('\r\n').every((line) => line.length <= 78), message.text);
        const jobs = await portal.jobs();
        assert.equal(jobs.length, 1);
    });

test('a message that is none is refused before it is queued', async (t) => {
    const smtp = await sink(t);
    const portal = await portalWith(t, { server: `smtp://127.0.0.1:${smtp.port}` });
    for (const fields of [
        { to: 'ana' }, { to: 'ana@' }, { to: 'ana@example.com, eve@example.com' }, { to: 'ana@example.com\r\nBcc: eve@example.com' },
        { to: 'Ana\r\nBcc: eve@example.com <ana@example.com>' }, { to: 'ana@[127.0.0.1]' }, { name: 'Ana\r\nBcc: eve@example.com' },
        { name: 'x'.repeat(600) }, { thread: 'a\nb' },
    ])
        assert.equal((await portal.welcome(fields)).status, 422, JSON.stringify(fields));
    assert.deepEqual(await portal.jobs(), []);
    assert.equal(smtp.conversations.length, 0);
});

test('4xx and a cut connection are tried again, 5xx is given up with the words of the server', async (t) => {
    const smtp = await sink(t, {
        answer: (verb, line, count) => {
            if (verb === 'RCPT' && line.includes('nobody'))
                return '550 5.1.1 nobody here of that name';
            if (verb === 'RCPT' && line.includes('later') && count === 1)
                return '451 4.7.1 greylisted';
            if (verb === 'BODY' && count === 1)
                return 'CUT';
            return undefined;
        },
    });
    const portal = await portalWith(t, { server: `smtp://127.0.0.1:${smtp.port}` });
    const failing = (words) => until(async () => (await portal.jobs()).find((job) => words.test(job.error ?? '')),
        { what: `a job that failed with ${words}` });

    /* Not after the minute it would wait by itself. */
    const tryNow = async ({ id }) => {
        for (const action of ['cancel', 'retry'])
            assert.equal((await portal.cli('job', action, String(id))).code, 0);
    };

    await portal.welcome({ to: 'later@example.com' });
    const grey = await failing(/451 4\.7\.1 greylisted/);
    assert.equal(grey.state, 'waiting');
    await tryNow(grey);
    const cut = await failing(/cannot be used/);
    assert.equal(cut.state, 'waiting');
    await tryNow(cut);
    await until(() => smtp.messages.length === 1, { what: 'the message after two failures' });

    await portal.welcome({ to: 'nobody@example.com' });
    const gone = await failing(/550 5\.1\.1 nobody here of that name/);
    assert.equal(gone.state, 'failed');
    assert.equal(smtp.messages.length, 1);
});

test('without a mail server messages wait among the failed jobs, the log says so once, and staff can read them', async (t) => {
    const portal = await portalWith(t, undefined);
    await portal.welcome({ name: 'Ana' });
    await portal.welcome({ name: 'Bo' });
    const jobs = await until(async () => {
        const failed = (await portal.jobs()).filter((job) => job.state === 'failed');
        return failed.length === 2 ? failed : undefined;
    }, { what: 'two failed jobs' });
    assert.match(jobs[0].error, /No mail leaves this portal/);
    assert.equal(portal.lines().filter((line) => line.level === 'warning' && /No mail leaves this portal/.test(line.message)).length, 1);
    const shown = await portal.cli('job', 'show', String(jobs[0].id));
    assert.match(shown.stdout, /Good to have you here/);
    const tried = await portal.cli('mail', 'test', 'ana@example.com');
    assert.equal(tried.code, 1);
    assert.match(tried.stderr, /No mail leaves this portal/);
});

test('mail test sends over STARTTLS and prints what the server said; nothing is sent in the clear', async (t) => {
    const cert = certificate(t);
    const secured = await sink(t, { secure: { key: cert.key, cert: cert.cert } });
    const plain = await sink(t);
    const portal = await portalWith(t, { server: `smtp://127.0.0.1:${secured.port}`, tls: 'required', ca_file: cert.file }, { start: false });
    const sent = await portal.cli('mail', 'test', 'ana@example.com');
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stdout, /took the message for ana@example\.com: 250 2\.0\.0 queued as 42/);
    assert.deepEqual(secured.conversations[0].map((line) => line.split(' ')[0]), ['EHLO', 'STARTTLS', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT']);

    const unsecured = await portalWith(t, { server: `smtp://127.0.0.1:${plain.port}`, tls: 'required' }, { start: false });
    const refused = await unsecured.cli('mail', 'test', 'ana@example.com');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /offers no STARTTLS/);
    assert.deepEqual(plain.messages, []);

    const strange = await portalWith(t, { server: `smtp://127.0.0.1:${secured.port}`, tls: 'required' }, { start: false });
    assert.equal((await strange.cli('mail', 'test', 'ana@example.com')).code, 1);
    assert.equal(secured.messages.length, 1);
    assert.equal((await portal.cli('mail', 'test', 'ana')).code, 1);
});
