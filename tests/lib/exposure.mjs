/* What a portal with the first-party modules shows to whom, held against what was reviewed (tests/e2e/exposure.txt).
 * `node tests/lib/exposure.mjs [--accept]`, which `./dev exposure` calls, prints the difference or takes it over. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from './paths.mjs';
import { startPortal } from './portal.mjs';

export const baseline = path.join(root, 'tests/e2e/exposure.txt');
const ADVICE = 'Look at each line: who reaches it now, and should they? If all of it is meant, `./dev exposure --accept` takes it over; commit tests/e2e/exposure.txt with the change.';

/** A new portal that serves nobody yet, with the modules of this repository. */
export const freshPortal = (options = {}) => startPortal({ start: false, modules: { communities: {} }, ...options });

/** { same, code, said }: the portal against a file, the reviewed one by itself; `said` is what to do. */
export async function compare(portal, file = baseline) {
    const { code, stdout, stderr } = await portal.cli('exposure', '--diff', file);
    if (code > 1 || stderr)
        throw new Error(stderr || `portico exposure left with ${code}`);
    const head = code === 1 ? 'The portal is open to more than was reviewed (lines marked “more”).'
        : 'The portal shows something else than was reviewed, and nobody reaches more.';
    return { same: stdout === '', code, said: stdout ? `${head}\n\n${stdout}\n${ADVICE}` : '' };
}

async function main(accept) {
    const portal = await freshPortal();
    try {
        if (accept) {
            const { code, stdout, stderr } = await portal.cli('exposure');
            if (code !== 0)
                throw new Error(stderr);
            const before = readFileSync(baseline, 'utf8');
            writeFileSync(baseline, before.replace(/^(?!#).*\n?/gm, '') + stdout);
            console.log(before.endsWith(stdout) ? 'Nothing changed.' : 'tests/e2e/exposure.txt is what the portal shows now: commit it with the change.');
            return 0;
        }
        const { same, said } = await compare(portal);
        console.log(same ? 'The portal shows what was reviewed.' : said);
        return same ? 0 : 1;
    } finally {
        await portal.close();
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
    process.exitCode = await main(process.argv.includes('--accept'));
