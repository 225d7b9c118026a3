/* One flush a commit: SQLite in WAL with synchronous=FULL, as fast as a single writer goes. Prints commits a second. */
import { rmSync } from 'node:fs';

import Database from 'better-sqlite3';

const [, , file, seconds] = process.argv;
const database = new Database(file);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE number (id INTEGER PRIMARY KEY, number INTEGER NOT NULL)');
const insert = database.prepare('INSERT INTO number (number) VALUES (?)');
const started = process.hrtime.bigint();
const end = started + BigInt(Math.round(Number(seconds) * 1e9));
let commits = 0;
while (process.hrtime.bigint() < end)
    insert.run(commits++);
console.log(commits / (Number(process.hrtime.bigint() - started) / 1e9));
database.close();
for (const ending of ['', '-wal', '-shm'])
    rmSync(file + ending, { force: true });
