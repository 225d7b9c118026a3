/* The module of tests/modules/trial as a portal's `modules`, with its settings. */
import path from 'node:path';

import { buildDirectory } from './paths.mjs';

export const trial = (settings = {}, preset = undefined) =>
    ({ trial: { path: path.join(buildDirectory(preset), 'tests/modules/trial'), ...settings } });
