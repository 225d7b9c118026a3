/* Where things are in the source tree and in the build under test. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The build directory under test: an absolute path. PORTICO_BUILD names another than build/asan. */
export function buildDirectory(preset = process.env.PORTICO_BUILD ?? 'build/asan') {
    return path.resolve(root, preset);
}

/** Real input that is not part of the project; undefined where it is absent. */
export const data = process.env.PORTICO_TEST_DATA || undefined;

/* Whether what is written there may be run, as modules are that a test builds. */
const mayRun = (mount) => !readFileSync('/proc/mounts', 'utf8').split('\n')
    .some((line) => line.split(' ')[1] === mount && line.split(' ')[3].split(',').includes('noexec'));

/** Where tests put what they remove again within seconds: in memory where there is much of it, since each commit waits for
 * the disk otherwise; where TMPDIR says, if it does. In the full tier on the disk, as a portal has it. */
export function quickRoom() {
    const memory = '/dev/shm';
    if (process.env.TMPDIR || process.env.PORTICO_TEST_FULL === '1' || !existsSync(memory) || !mayRun(memory))
        return os.tmpdir();
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize > 4 * 2 ** 30 ? memory : os.tmpdir();
}
