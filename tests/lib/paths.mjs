/* Where things are in the source tree and in the build under test. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The build directory under test: an absolute path. PORTICO_BUILD names another than build/asan. */
export function buildDirectory(preset = process.env.PORTICO_BUILD ?? 'build/asan') {
    return path.resolve(root, preset);
}

/** Real input that is not part of the project; undefined where it is absent. */
export const data = process.env.PORTICO_TEST_DATA || undefined;
