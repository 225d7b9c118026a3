/* Workers killed while they write: what was acknowledged is there, once, and whole. */
import { killWorkersUnderWrites } from '../faults/writes.mjs';
import { test } from 'node:test';

for (const database of ['sqlite', 'postgresql'])
    test(`nothing acknowledged is lost or doubled when workers are killed under write load (${database})`,
        () => killWorkersUnderWrites({ database, kills: 6, writers: 12 }));
