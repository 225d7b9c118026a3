/* One topic's page as Node makes it as fast as it goes, from the portal's own database: plain http, prepared
 * statements, the page put together by hand. It reads what the portal reads for who is signed in; what stands around
 * posts, comments and related topics is ready text, cut from the portal's page. No sanitizing, no tag of the answer's
 * content, no limits, no log: the portal has them.
 *
 * topic.mjs PORT DATABASE TOPIC NAME PAGE: NAME is the viewer's, PAGE a file with the page as the portal sent it. */
import Database from 'better-sqlite3';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , port, file, topicText, name, pageFile] = process.argv;
const database = new Database(file, { readonly: true });
const topic = Number(topicText), page = readFileSync(pageFile, 'utf8');
const person = database.prepare('SELECT id FROM portico_person WHERE name = ?').get(name).id;

const EVERYONE = 1, SIGNED_IN = 2;
const visible = `audience IN (${EVERYONE}, ${SIGNED_IN})`;
const statements = Object.fromEntries(Object.entries({
    author: 'SELECT id FROM communities_author WHERE person = ?',
    topic: `SELECT t.id, t.title, t.slug, t.excerpt, t.tags, t.state, t.closed, t.score, t.views, t.answers, t.comments, t.created,
        t.last_activity, a.name, a.company, a.handle, s.slug AS space, s.title AS space_title, s.description, s.topics
        FROM communities_topic t JOIN communities_space s ON s.id = t.space LEFT JOIN communities_author a ON a.id = t.author
        WHERE t.id = ? AND t.${visible}`,
    posts: `SELECT p.id, p.kind, p.accepted, p.score, p.status, p.created, p.edited, p.body, p.author, a.handle, a.staff,
        COALESCE(p.author_name, a.name) AS name, a.company FROM communities_post p LEFT JOIN communities_author a ON a.id = p.author
        WHERE p.topic = ? AND p.${visible} ORDER BY p.kind, p.accepted DESC, p.score DESC, p.id LIMIT 102`,
    comments: `SELECT c.id, c.post, c.score, c.status, c.created, c.edited, c.body, c.author, a.handle,
        COALESCE(c.author_name, a.name) AS name FROM communities_comment c LEFT JOIN communities_author a ON a.id = c.author
        WHERE c.topic = ? AND c.${visible} ORDER BY c.created, c.id LIMIT 2000`,
    related: `SELECT q.id, q.slug, q.title, q.answers, q.state FROM communities_topic_tag t JOIN communities_topic q ON q.id = t.topic
        WHERE t.tag = (SELECT g.name FROM communities_topic_tag o JOIN communities_tag g ON g.name = o.tag
            WHERE o.topic = ? AND g.topics > 1 ORDER BY g.topics, g.name LIMIT 1)
        AND t.topic <> ? AND t.${visible} AND q.${visible} ORDER BY t.score DESC, t.topic DESC LIMIT 6`,
    following: "SELECT level FROM portico_follow WHERE module = 'communities' AND subject = ? AND person = ?",
    draft: "SELECT content, updated FROM portico_draft WHERE person = ? AND module = 'communities' AND form = 'answer' AND subject = ?",
    notice: "SELECT id FROM portico_notice WHERE module = 'communities' AND subject = ? AND person = ? AND read_at IS NULL",
}).map(([name, text]) => [name, database.prepare(text)]));

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const special = /[&<>"']/;
const escape = (text) => (special.test(text) ? text.replace(/[&<>"']/g, (letter) => entities[letter]) : text);

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number) => (number < 10 ? `0${number}` : `${number}`);
function time(microseconds, now) {
    const at = new Date(microseconds / 1000), iso = at.toISOString();
    const seconds = Math.max(0, (now - microseconds / 1000) / 1000);
    const [count, unit] = seconds < 3600 ? [Math.floor(seconds / 60), 'minute'] : seconds < 86400 ? [Math.floor(seconds / 3600), 'hour'] : [Math.floor(seconds / 86400), 'day'];
    const title = `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
    return `<time datetime="${iso.slice(0, -1)}${String(microseconds % 1000).padStart(3, '0')}Z" title="${title}">${count} ${unit}${count === 1 ? '' : 's'} ago</time>`;
}

const initials = (name) => name.split(' ').map((word) => word[0]).join('').toUpperCase().slice(0, 2);
const TIME = /<time [^>]*>[^<]*<\/time>/g;
const cut = (text, values) => {
    let pieces = [text];
    for (const [value, name] of values)
        pieces = pieces.flatMap((piece) => (typeof piece === 'string' ? piece.split(value).flatMap((part, i) => (i ? [{ name }, part] : [part])) : [piece]));
    return pieces.filter((piece) => piece !== '').map((piece) => (typeof piece === 'string' ? piece : piece.name));
};
const SEAL = 'k1:'.length + 32 + ':'.length; /* before a body, by which the portal knows its own */
const TIME_HERE = 0, ID = 1, BODY = 2, NAME = 3, FACE = 4, COMPANY = 5, SCORE = 6, COMMENTS = 7, SAID = 8;

/* Text with the places of what differs from row to row; even a row's kind is a template of its own. */
function templateOf(text, row) {
    const timed = text.replace(TIME, '\u0000');
    return cut(timed, [['\u0000', TIME_HERE], [row.body.slice(SEAL), BODY], [`aria-hidden="true">${initials(row.name)}<`, FACE],
        [`<b>${escape(row.name)}</b>`, NAME], [`– ${escape(row.name)},`, NAME], [`<span class="pill accent">${escape(row.company ?? '\u0001')}</span>`, COMPANY],
        [`<span class="num">${row.score}<small>`, SCORE], [`>${row.score} votes<`, SCORE],
        [`data-say="${row.score} votes"`, SAID], [String(row.id), ID]]);
}

function fill(template, row, kind, now, comments) {
    let text = '';
    for (const piece of template)
        switch (piece) {
        case TIME_HERE: text += time(row.created, now); break;
        case ID: text += row.id; break;
        case BODY: text += row.body.slice(SEAL); break;
        case NAME: text += kind === 'comment' ? `– ${escape(row.name)},` : `<b>${escape(row.name)}</b>`; break;
        case FACE: text += `aria-hidden="true">${initials(row.name)}<`; break;
        case COMPANY: text += `<span class="pill accent">${escape(row.company)}</span>`; break;
        case SCORE: text += kind === 'comment' ? `>${row.score} votes<` : `<span class="num">${row.score}<small>`; break;
        case SAID: text += `data-say="${row.score} votes"`; break;
        case COMMENTS: text += comments; break;
        default: text += piece;
        }
    return text;
}

/* ---- the page taken apart, once ---- */

const rows = statements.posts.all(topic);
const byPost = Map.groupBy?.(statements.comments.all(topic), ({ post }) => post)
    ?? statements.comments.all(topic).reduce((map, row) => map.set(row.post, [...(map.get(row.post) ?? []), row]), new Map());
const articles = [...page.matchAll(/<article\b.*?<\/article>\n?/gs)];
if (articles.length !== rows.length)
    throw new Error(`The page has ${articles.length} posts, the database ${rows.length}.`);
const templates = new Map();
const kindOf = (row, comments) => `${row.kind} ${row.accepted} ${comments.length > 0} ${row.score === 1}`;
let commentTemplate;
articles.forEach(([text], index) => {
    const row = rows[index], comments = byPost.get(row.id) ?? [];
    const list = /(<li id="comment-.*<\/li>\n)/s.exec(text)?.[1];
    if (list && !commentTemplate)
        commentTemplate = templateOf(list.slice(0, list.indexOf('</li>\n') + 6), comments[0]);
    const own = list ? cut(text, [[list, COMMENTS]]) : [text];
    const template = own.flatMap((piece) => (typeof piece === 'string' ? templateOf(piece, row) : [piece]));
    if (!templates.has(kindOf(row, comments)))
        templates.set(kindOf(row, comments), template);
});
const between = articles.slice(0, -1).map((match, i) => page.slice(match.index + match[0].length, articles[i + 1].index));
const head = page.slice(0, articles[0].index), last = articles.at(-1), rest = page.slice(last.index + last[0].length);
const relatedAt = /<li><span class="sign.*<\/li>\n/s.exec(rest.slice(rest.indexOf('aria-labelledby="related"')))?.[0] ?? '';
const [beforeRelated, afterRelated] = relatedAt ? rest.split(relatedAt) : [rest, ''];
const oneRelated = relatedAt.slice(0, relatedAt.indexOf('</li>') + 5);

function relatedRow({ id, slug, title, answers, state }) {
    return oneRelated.replace(/<b>.*<\/span>/s, `<b><a class="cover" href="/communities/topics/${id}/${slug}">${escape(title)}</a></b><span>${answers} answers${state === 2 ? ' · solved' : ''}</span>`);
}

function makePage() {
    const now = Date.now(), subject = `topic/${topic}`;
    statements.author.get(person);
    if (!statements.topic.get(topic))
        return undefined;
    const posts = statements.posts.all(topic), all = new Map();
    for (const comment of statements.comments.all(topic)) {
        const list = all.get(comment.post);
        if (list)
            list.push(comment);
        else
            all.set(comment.post, [comment]);
    }
    const related = statements.related.all(topic, topic);
    statements.following.get(subject, person);
    statements.draft.get(person, subject);
    statements.notice.all(subject, person);
    statements.notice.all(`moderation/${topic}`, person);
    let text = head;
    for (let i = 0; i < posts.length; i++) {
        const row = posts[i], comments = all.get(row.id) ?? [];
        let list = '';
        for (const comment of comments)
            list += fill(commentTemplate, comment, 'comment', now);
        text += fill(templates.get(kindOf(row, comments)), row, 'post', now, list) + (between[i] ?? '');
    }
    return text + beforeRelated + related.map(relatedRow).join('\n') + afterRelated;
}

createServer((request, response) => {
    const text = request.url.startsWith('/topic') && request.headers.cookie ? makePage() : undefined;
    if (text === undefined && request.url !== '/ready') {
        response.writeHead(404, { 'Content-Length': 0 }).end();
        return;
    }
    const body = Buffer.from(text ?? 'ready');
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'private, no-cache', 'Content-Length': body.length }).end(body);
}).listen(Number(port), '127.0.0.1').keepAliveTimeout = 300_000;
