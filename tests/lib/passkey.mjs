/* An authenticator in software: what a browser sends of a passkey (Web Authentication, level 2). */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest();
const PRESENT = 1, VERIFIED = 4, ATTESTED = 64;

const KINDS = {
    es256: {
        make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
        cose: ({ x, y }) => [Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x, 'base64url'), Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url')],
        hash: 'sha256',
    },
    eddsa: {
        make: () => generateKeyPairSync('ed25519'),
        cose: ({ x }) => [Buffer.from('a4010103272006215820', 'hex'), Buffer.from(x, 'base64url')],
        hash: null,
    },
    rs256: {
        make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
        cose: ({ n, e }) => [Buffer.from('a401030339010020590100', 'hex'), Buffer.from(n, 'base64url'), Buffer.from('2143', 'hex'), Buffer.from(e, 'base64url')],
        hash: 'sha256',
    },
};

/** A passkey for `origin`: { id, create(challenge), get(challenge, more) }, each the fields of the form. `more`: { origin, count, flags, crossOrigin }. */
export function makePasskey(origin, kind = 'es256') {
    const { publicKey, privateKey } = KINDS[kind].make();
    const credential = randomBytes(32);
    let count = 0;
    const client = (type, challenge, more) => Buffer.from(JSON.stringify({ type, challenge, origin: more.origin ?? origin, crossOrigin: more.crossOrigin ?? false }));
    const head = (flags, used, party = new URL(origin).hostname) => {
        const counter = Buffer.alloc(4);
        counter.writeUInt32BE(used);
        return Buffer.concat([sha256(party), Buffer.from([flags]), counter]);
    };
    return {
        id: credential.toString('base64url'),
        create(challenge, more = {}) {
            const length = Buffer.from([0, credential.length]);
            const data = Buffer.concat([
                head(more.flags ?? PRESENT | VERIFIED | ATTESTED, more.count ?? count, more.party), Buffer.alloc(16), length, credential,
                ...KINDS[kind].cose(publicKey.export({ format: 'jwk' })),
            ]);
            return { client_data: client('webauthn.create', challenge, more).toString('base64url'), auth_data: data.toString('base64url') };
        },
        get(challenge, more = {}) {
            const said = client('webauthn.get', challenge, more);
            const data = head(more.flags ?? PRESENT | VERIFIED, more.count ?? ++count, more.party);
            return {
                credential: this.id, client_data: said.toString('base64url'), auth_data: data.toString('base64url'),
                signature: sign(KINDS[kind].hash, Buffer.concat([data, sha256(said)]), privateKey).toString('base64url'),
            };
        },
    };
}
