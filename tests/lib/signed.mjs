/* People who are signed in, for tests that are not about signing in. */
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';

import { buildDirectory } from './paths.mjs';

const execute = promisify(execFile);

/** Runs the helper against a portal's database: its output without the line end. */
export async function people(portal, ...words) {
    const program = path.join(buildDirectory(portal.preset), 'tests/signed');
    const { stdout } = await execute(program, [portal.conf, ...words]);
    return stdout.trim();
}

/** What forms of a cookie's owner carry. */
export const tokenOf = (secret) => createHmac('sha256', Buffer.from(secret, 'base64url')).update('csrf').digest('base64url');

/**
 * Signs somebody in, making them if there is none: { secret, cookie, token, get, post }. `get` and `post` send the
 * cookie; `post` sends a form's fields with the token, unless they name another.
 */
export async function signIn(portal, handle, roles = '') {
    const secret = await people(portal, 'start', handle, roles);
    const cookie = `portico=${secret}`;
    const token = tokenOf(secret);
    return {
        secret, cookie, token,
        get: (target, request = {}) => portal.get(target, { ...request, headers: { Cookie: cookie, Accept: 'text/html', ...request.headers } }),
        post: (target, fields = {}, headers = {}) => portal.get(target, {
            method: 'POST', headers: { Cookie: cookie, Accept: 'text/html', ...headers },
            body: new URLSearchParams({ portico_token: token, ...fields }),
        }),
    };
}

/** The cookies an answer sets: { name: { value, attributes } }. */
export function cookiesOf(answer) {
    return Object.fromEntries(answer.headers.getSetCookie().map((line) => {
        const [pair, ...attributes] = line.split('; ');
        const at = pair.indexOf('=');
        return [pair.slice(0, at), { value: pair.slice(at + 1), attributes }];
    }));
}
