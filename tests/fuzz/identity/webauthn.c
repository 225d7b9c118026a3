/* What browsers send of passkeys: never a crash, whatever it holds. */
#include "identity/webauthn.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct webauthn_party party = { "https://portal.example", "portal.example" };

/* The first byte says which of the three. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int algorithms[] = WEBAUTHN_ALGORITHMS;
    char challenge[WEBAUTHN_CHALLENGE_MAX];
    struct webauthn_key key = { .key_length = 64 };
    uint32_t count;
    if (size == 0)
        return 0;
    const struct webauthn_bytes bytes = { data + 1, size - 1 };
    switch (data[0] % 3) {
    case 0:
        if (webauthn_client(bytes, WEBAUTHN_GET, party.origin, challenge, NULL) == 0 &&
            strlen(challenge) >= sizeof challenge)
            __builtin_trap();
        break;
    case 1: webauthn_register(&party, bytes, &key, NULL); break;
    default:
        key.algorithm = algorithms[data[0] / 3 % 3];
        if (webauthn_verify(&party, &key, bytes, bytes, bytes, &count, NULL) == 0)
            __builtin_trap();
    }
    return 0;
}
