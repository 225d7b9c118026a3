/* Fastify as fast as it goes: no log, no hooks, a prepared statement, the page made by hand. */
import Database from 'better-sqlite3';
import Fastify from 'fastify';

const [, , port, file] = process.argv;
const database = new Database(file);
database.pragma('journal_mode = WAL');
database.exec(`
    DROP TABLE IF EXISTS fortune;
    CREATE TABLE fortune (id INTEGER PRIMARY KEY, message TEXT NOT NULL)`);
const insert = database.prepare('INSERT INTO fortune (message) VALUES (?)');
for (const message of ['fortune: No such file or directory',
    'A computer scientist is someone who fixes things that are not broken.',
    'After enough decimal places, nobody gives a damn.',
    'A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1',
    'A computer program does what you tell it to do, not what you want it to do.',
    'Emacs is a nice operating system, but I prefer UNIX.', 'Any program that runs right is obsolete.',
    'A list is only as strong as its weakest link.', 'Feature: A bug with seniority.',
    'Computers make very fast, very accurate mistakes.',
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    'フレームワークのベンチマーク'])
    insert.run(message);
const all = database.prepare('SELECT id, message FROM fortune');

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => text.replace(/[&<>"']/g, (letter) => entities[letter]);

const server = Fastify({ logger: false, keepAliveTimeout: 300_000 });
server.get('/answer', (request, reply) => {
    reply.header('content-type', 'text/plain; charset=utf-8').send('Hello, World!');
});
server.get('/fortunes', (request, reply) => {
    const rows = all.all();
    rows.push({ id: 0, message: 'Additional fortune added at request time.' });
    rows.sort((a, b) => (a.message < b.message ? -1 : a.message > b.message ? 1 : 0));
    let page = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Fortunes</title></head><body><table><tr><th>id</th><th>message</th></tr>';
    for (const { id, message } of rows)
        page += `<tr><td>${id}</td><td>${escape(message)}</td></tr>`;
    reply.header('content-type', 'text/html; charset=utf-8').send(`${page}</table></body></html>\n`);
});
await server.listen({ host: '127.0.0.1', port: Number(port) });
