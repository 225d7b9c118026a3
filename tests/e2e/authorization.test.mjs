/* The authorization matrix of the whole portal on SQLite, and what it compares. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { difference, masked } from '../lib/authorization.mjs';
import { authorizationMatrix } from '../lib/authorization-suite.mjs';

authorizationMatrix('sqlite');

describe('an answer without what is random', () => {
    const answer = (text, headers = {}, status = 200) => ({ status, text, headers: new Headers({ 'x-request-id': 'r4nd0mr4nd0m', ...headers }) });
    const differ = (one, other, ids) => difference(masked(one, ids), masked(other, ids));

    test('is the same with another request id, token, form key, and its own id', () => {
        const page = (request, secret, id) => ({
            ...answer(`<form action="/x/${id}"><input name="portico_token" value="${secret}"><input name="portico_key" value="k${secret}"> Request ${request}`),
            headers: new Headers({ 'x-request-id': request, date: `Sun, ${secret}` }),
        });
        assert.equal(difference(masked(page('aaaaaaaa', 'one', '12345'), ['12345']), masked(page('bbbbbbbb', 'two', '67890'), ['67890'])), undefined);
    });
    test('differs by status, header field, cookie, and any byte else', () => {
        const base = answer('<p>No such page.</p>');
        for (const [name, other] of Object.entries({
            status: answer('<p>No such page.</p>', {}, 403),
            'header field': answer('<p>No such page.</p>', { 'x-more': '1' }),
            'header field whose words are new each time': answer('<p>No such page.</p>', { etag: '"1"' }),
            cookie: answer('<p>No such page.</p>', { 'set-cookie': 'flag=1; Path=/' }),
            byte: answer('<p>No such page!</p>'),
            'byte at the end': answer('<p>No such page.</p>\n'),
            'field of a form': answer('<p>No such page.</p><input name="portico_account" value="a">'),
        }))
            assert.notEqual(differ(base, other, []), undefined, name);
        const field = (value) => answer(`<input name="title" value="${value}">`);
        assert.notEqual(differ(field('one'), field('two'), []), undefined, 'the value of a field that is no token');
        assert.notEqual(differ(answer('id 12345'), answer('id 67890'), ['12345']), undefined, 'an id that was not asked for');
    });
});
