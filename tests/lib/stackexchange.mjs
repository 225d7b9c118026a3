/* A Stack Exchange dump of any size, the same bytes for the same arguments, and one read back for comparison. */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const words = `portal order batch gateway carrier label printer stock report account invoice warehouse scan
    queue driver export import token webhook header cursor page archive role group session certificate
    partner message retry timeout replay resume window field value table column index search answer`.split(/\s+/);

/* mulberry32: small, quick and good enough to make text. */
function random(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

function escape(text) {
    return text.replace(/[&<>"\n]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#xA;' })[c]);
}

/* Rows to a file in blocks, so that a gigabyte takes no memory here either. */
function writer(file, root) {
    const descriptor = openSync(file, 'w');
    let block = `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<${root}>\n`, bytes = 0;
    const flush = () => {
        bytes += writeSync(descriptor, block);
        block = '';
    };
    return {
        row(attributes) {
            block += '  <row';
            for (const [name, value] of Object.entries(attributes))
                if (value !== undefined)
                    block += ` ${name}="${escape(String(value))}"`;
            block += ' />\n';
            if (block.length > 1 << 20)
                flush();
        },
        size: () => bytes + block.length,
        close() {
            block += `</${root}>\n`;
            flush();
            closeSync(descriptor);
        },
    };
}

/**
 * Writes Posts, Users, Comments, Votes and Tags.xml of about `bytes` bytes into `directory`. Some answers stand
 * before their question, some rows are broken in the ways dumps are: returned `skipped` counts them.
 */
export function writeDump(directory, { bytes = 400_000, seed = 1 } = {}) {
    mkdirSync(directory, { recursive: true });
    const next = random(seed);
    const pick = (list) => list[Math.floor(next() * list.length)];
    const sentence = (count) => Array.from({ length: count }, () => pick(words)).join(' ');
    const moment = (number) => new Date(Date.UTC(2015, 0, 1) + number * 61_007).toISOString().slice(0, 23);
    const people = 40, tags = ['edi', 'labels', 'reports', 'sso', 'c++', 'webhooks'];
    const file = (name) => path.join(directory, `${name}.xml`);
    const totals = { topics: 0, answers: 0, comments: 0, skipped: 0 };

    const users = writer(file('Users'), 'users');
    for (let id = 1; id <= people; id++)
        users.row({ Id: id, DisplayName: `${sentence(1)} <${id}> & co`, Reputation: id * 7 });
    users.row({ Id: people + 1, DisplayName: '' });
    totals.skipped++;
    users.close();
    const names = writer(file('Tags'), 'tags');
    tags.forEach((tag, index) => names.row({ Id: index + 1, TagName: tag, Count: 1 }));
    names.close();

    const posts = writer(file('Posts'), 'posts');
    const comments = writer(file('Comments'), 'comments');
    const votes = writer(file('Votes'), 'votes');
    let id = 0, comment = 0, vote = 0;
    const talk = (post) => {
        for (let count = Math.floor(next() * 3); count > 0; count--, totals.comments++)
            comments.row({ Id: ++comment, PostId: post, Score: Math.floor(next() * 5), Text: `${sentence(9)} \`${pick(words)}\``,
                CreationDate: moment(post + comment), UserId: 1 + Math.floor(next() * people) });
        for (let count = Math.floor(next() * 4); count > 0; count--)
            votes.row({ Id: ++vote, PostId: post, VoteTypeId: pick([2, 2, 3]), CreationDate: moment(post) });
    };
    const body = () => Array.from({ length: 2 + Math.floor(next() * 4) }, () => `<p>${sentence(30)} <em>${pick(words)}</em> &amp; so on.</p>`)
        .join('\n') + `<pre><code>${sentence(6)} &lt;${pick(words)}&gt;</code></pre>`;
    const answer = (own, question) => {
        posts.row({ Id: own, PostTypeId: 2, ParentId: question, CreationDate: moment(own), Score: Math.floor(next() * 20) - 3,
            Body: body(), OwnerUserId: 1 + Math.floor(next() * people), LastActivityDate: moment(own), CommentCount: 0 });
        totals.answers++;
        talk(own);
    };
    while (posts.size() + comments.size() + votes.size() < bytes) {
        const question = (id += 10), answers = Math.floor(next() * 5), early = answers > 0 && next() < 0.2;
        if (early)
            answer(question + 1, question);
        posts.row({ Id: question, PostTypeId: 1, AcceptedAnswerId: answers > 1 && next() < 0.6 ? question + 2 : undefined,
            CreationDate: moment(question), Score: Math.floor(next() * 50) - 5, ViewCount: Math.floor(next() * 1000), Body: body(),
            OwnerUserId: 1 + Math.floor(next() * people), LastActivityDate: moment(question + 5), Title: `How does ${sentence(6)}?`,
            Tags: next() < 0.5 ? `<${pick(tags)}><${pick(words)}>` : `|${pick(tags)}|`, AnswerCount: answers });
        totals.topics++;
        talk(question);
        for (let number = early ? 2 : 1; number <= answers; number++)
            answer(question + number, question);
        if (next() < 0.02) {
            posts.row({ Id: question + 6, PostTypeId: 2, ParentId: 999_999_999, CreationDate: moment(question), Score: 1, Body: body() });
            posts.row({ Id: question + 7, PostTypeId: 1, CreationDate: 'yesterday', Score: 1, Body: body(), Title: sentence(4) });
            posts.row({ Id: question + 8, PostTypeId: 3, CreationDate: moment(question), Score: 0, Body: body() });
            posts.row({ Id: question + 9, PostTypeId: 1, CreationDate: moment(question), Score: 0, Body: '', Title: sentence(3) });
            totals.skipped += 4;
        }
    }
    comments.row({ Id: ++comment, PostId: 999_999_998, Score: 0, Text: 'nobody there', CreationDate: moment(1), UserId: 1 });
    totals.skipped++;
    posts.close();
    comments.close();
    votes.close();
    return totals;
}

/** Rows of one file of a dump as objects of their attributes: an own small reader, for files a test can hold. */
export function readRows(file) {
    const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
    const decode = (text) => text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, number, name) =>
        name ? entities[name] ?? all : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(number)));
    return [...readFileSync(file, 'utf8').matchAll(/<row\s([^>]*?)\/>/g)].map(([, attributes]) =>
        Object.fromEntries([...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, decode(value)])));
}
