/* Passkeys: the browser asks its person and signs; what comes of it is sent as an ordinary form. Without script, or where
 * a browser knows none, the forms stay hidden: every page has a way without them. */
import { onPart } from './page.js';

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const named = (credentials) => credentials.split(' ').filter(Boolean).map((id) => ({ type: 'public-key', id: bytes(id) }));

async function create({ challenge, party, credentials, user, handle, person, portal }) {
    const { response } = await navigator.credentials.create({
        publicKey: {
            challenge: bytes(challenge),
            rp: { id: party, name: portal },
            user: { id: new TextEncoder().encode(user), name: handle, displayName: person },
            pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
            excludeCredentials: named(credentials),
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            attestation: 'none',
        },
    });
    return { client_data: text(response.clientDataJSON), auth_data: text(response.getAuthenticatorData()) };
}

async function get({ challenge, party, credentials }) {
    const { rawId, response } = await navigator.credentials.get({
        publicKey: { challenge: bytes(challenge), rpId: party, allowCredentials: named(credentials), userVerification: 'required' },
    });
    return {
        credential: text(rawId), client_data: text(response.clientDataJSON), auth_data: text(response.authenticatorData),
        signature: text(response.signature),
    };
}

function equip(form) {
    const failed = form.querySelector('[data-failed]');
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        failed.hidden = true;
        try {
            const said = await (form.dataset.passkey === 'create' ? create : get)(form.dataset);
            for (const [name, value] of Object.entries(said))
                form.elements[name].value = value;
            form.submit();
        } catch {
            failed.textContent = failed.dataset.failed;
            failed.hidden = false;
        }
    });
}

if (window.PublicKeyCredential)
    onPart((root) => {
        root.querySelectorAll('form[data-passkey]').forEach(equip);
        for (const words of root.querySelectorAll('[data-no-passkey]'))
            words.hidden = true;
    });
