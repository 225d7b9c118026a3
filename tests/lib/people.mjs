/* People for tests: made and signed in without the sign-in page, or a browser without a screen that goes through it. */
import { people, tokenOf } from './signed.mjs';

export { cookiesOf, tokenOf } from './signed.mjs';

/** What makePerson sets where nothing is said. */
export const PASSWORD = 'a new and long passphrase';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };

/** The text of HTML: entities read, tags left out, blanks joined. */
export function textOf(html) {
    return html.replace(/<(script|style)\b.*?<\/\1>/gs, ' ').replace(/<[^>]*>/g, ' ')
        .replace(/&([a-z]+|#\w+);/g, (whole, name) => ENTITIES[name] ?? whole).replace(/\s+/g, ' ').trim();
}

const attribute = (tag, name) => {
    const found = new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s>/])`).exec(tag);
    return found ? textOf(found[1] ?? '') : undefined;
};

/**
 * The forms of a page as a browser would send them: [{ id, action, method, fields }], the ones in the page's frame
 * (search, sign out) left out. `fields` has what stands in the page, unticked boxes and buttons left out.
 */
export function formsOf(html) {
    const main = /<main\b.*<\/main>/s.exec(html)?.[0] ?? html;
    return [...main.matchAll(/(<form\b[^>]*>)(.*?)<\/form>/gs)].map(([, head, body]) => {
        const fields = {};
        for (const [tag] of body.matchAll(/<input\b[^>]*>/g)) {
            const type = attribute(tag, 'type'), name = attribute(tag, 'name');
            const box = type === 'checkbox' || type === 'radio';
            if (name && type !== 'file' && (!box || attribute(tag, 'checked') !== undefined))
                fields[name] = attribute(tag, 'value') ?? (box ? 'on' : '');
        }
        for (const [, tag, text] of body.matchAll(/(<textarea\b[^>]*>)\n?(.*?)<\/textarea>/gs))
            fields[attribute(tag, 'name')] = text.replace(/&([a-z]+|#\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
        for (const [, tag, options] of body.matchAll(/(<select\b[^>]*>)(.*?)<\/select>/gs)) {
            const all = [...options.matchAll(/<option\b[^>]*>/g)].map(([option]) => option);
            const chosen = all.find((option) => attribute(option, 'selected') !== undefined) ?? all[0];
            if (chosen)
                fields[attribute(tag, 'name')] = attribute(chosen, 'value') ?? '';
        }
        return { id: attribute(head, 'id'), action: attribute(head, 'action'), method: attribute(head, 'method') ?? 'get', fields };
    });
}

/**
 * A browser without a screen: { jar, get, post, submit, follow }. `jar` is a Map of cookies; answers set and remove
 * them. `get(target, request)`; `post(target, fields, headers)` sends a form's fields with the token of the session, if
 * there is one; `submit(target, fields, which)` opens the page, fills the form (`which`: part of its action or id; the
 * first one otherwise) and sends it; `follow(answer)` opens what a redirect names.
 */
export function visitor(portal, cookies = {}) {
    const jar = new Map(Object.entries(cookies));
    const own = { jar };

    async function ask(target, request) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await portal.get(target, {
            ...request, headers: { Accept: 'text/html', ...(cookie ? { Cookie: cookie } : {}), ...request.headers },
        });
        for (const line of answer.headers.getSetCookie()) {
            const [pair, ...attributes] = line.split('; ');
            const at = pair.indexOf('='), name = pair.slice(0, at), value = pair.slice(at + 1);
            if (!value || attributes.includes('Max-Age=0'))
                jar.delete(name);
            else
                jar.set(name, value);
        }
        return answer;
    }

    own.get = (target, request = {}) => ask(target, request);
    own.tokenNow = () => tokenOf(jar.get('portico'));
    own.post = (target, fields = {}, headers = {}) => {
        const secret = jar.get('portico') ?? jar.get('portico-visitor');
        const token = secret ? { portico_token: tokenOf(secret) } : {};
        return ask(target, { method: 'POST', headers, body: new URLSearchParams({ ...token, ...fields }) });
    };
    own.submit = async (target, fields = {}, which = '') => {
        const page = typeof target === 'string' ? await own.get(target) : target;
        const form = formsOf(page.text).find(({ action, id, method }) => method === 'post' && `${action} ${id ?? ''}`.includes(which));
        if (!form)
            throw new Error(`${typeof target === 'string' ? target : 'The page'} (${page.status}) has no form ${which}:\n${textOf(page.text)}`);
        const sent = { ...form.fields, ...fields };
        for (const name of Object.keys(sent))
            if (sent[name] === undefined)
                delete sent[name];
        return ask(form.action, { method: 'POST', body: new URLSearchParams(sent) });
    };
    own.follow = (answer) => own.get(answer.headers.get('location'));
    return own;
}

/**
 * Makes somebody who may sign in: their id. `name` is the handle's where it is not given; `address` counts at once;
 * `password` true or words; `roles` such as "moderator"; `locale` such as "de".
 */
export async function makePerson(portal, { handle, name = handle, address, password, roles, locale }) {
    const id = await people(portal, 'make', handle, name, address ?? '');
    if (roles)
        await people(portal, 'roles', handle, roles, '');
    if (password)
        await people(portal, 'password', handle, password === true ? PASSWORD : password);
    if (locale)
        await people(portal, 'locale', handle, locale);
    return id;
}

/** Makes a customer's account: its id. `below` is the id of the one above it. */
export const makeAccount = (portal, name, { below = '' } = {}) => people(portal, 'account', name, below);

/** Somebody who was made belongs to an account from now on, with roles such as "account-admin": the membership's id. */
export const join = (portal, account, handle, roles = '') => people(portal, 'member', account, handle, roles);

/** The domain is the account's: who confirms an address there joins it, with `approval` once an admin said so. */
export const ownDomain = (portal, account, domain, { approval = true } = {}) => people(portal, 'domain', account, domain, approval ? '' : 'join');

/** The membership ends. */
export const leave = (portal, membership) => people(portal, 'leave', membership);

/** The membership holds from so many milliseconds from now on until so many; '' for no such end. */
export const hold = (portal, membership, { from = '', until = '' }) => people(portal, 'term', membership, `${from}`, `${until}`);

/**
 * Signs somebody in, making them if there is none: a visitor with { secret, cookie, token } of the session. `cookies`
 * are what playwright's context.addCookies takes.
 */
export const signIn = async (portal, handle, roles = '') => signedIn(portal, handle, await people(portal, 'start', handle, roles));

/** It is long ago that somebody signed in, on every device: what is grave asks for a proof again. */
export const letItGetLate = (portal, handle) => people(portal, 'stale', handle);

/** Signs in `count` people at once, named `name` and a number from 0: what signIn() gives for each. */
export async function signInCrowd(portal, name, count) {
    const secrets = await people(portal, 'crowd', name, String(count));
    return secrets.split('\n').map((secret, number) => signedIn(portal, `${name}${number}`, secret));
}

function signedIn(portal, handle, secret) {
    return {
        ...visitor(portal, { portico: secret }), handle, secret,
        cookie: `portico=${secret}`,
        token: tokenOf(secret),
        cookies: [{ name: 'portico', value: secret, url: portal.url, httpOnly: true, sameSite: 'Lax' }],
    };
}

/** The text part of a mail as the sink took it over: { to, subject, text, link } with the first path of this portal in it. */
export function letterOf(portal, message) {
    const subject = /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(message.text)?.[1].replace(/\r\n[ \t]/g, ' ');
    const boundary = /boundary="?([^";\r\n]+)/.exec(message.text)?.[1];
    const part = boundary ? message.text.split(`--${boundary}`).find((one) => /content-type: text\/plain/i.test(one)) : message.text;
    const at = part.indexOf('\r\n\r\n');
    const coding = /content-transfer-encoding: (\S+)/i.exec(part.slice(0, at))?.[1]?.toLowerCase();
    const body = part.slice(at + 4);
    const bytes = coding === 'base64' ? Buffer.from(body, 'base64')
        : coding === 'quoted-printable'
            ? Buffer.from(body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (whole, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1')
            : Buffer.from(body, 'latin1');
    const text = bytes.toString('utf8');
    const found = text.split(/\s+/).find((word) => word.startsWith(`${portal.url}/`));
    return { to: message.to, subject, text, link: found?.slice(portal.url.length), raw: message.text };
}
