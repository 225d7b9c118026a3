/* Communities of a test, from a text of theirs. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** For `startPortal`'s `prepare`: imports the community of this XML. */
export const bringing = (xml) => async ({ dir, cli }) => {
    const content = path.join(dir, 'content');
    mkdirSync(content);
    writeFileSync(path.join(content, 'community.xml'), xml);
    const { code, stderr } = await cli('import', 'communities', '--format', 'demo', content);
    assert.equal(code, 0, stderr);
};
