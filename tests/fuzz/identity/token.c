/* Tokens of cookies: what is no token gives none, and what is gives one of the same form. */
#include "identity/session.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), made[IDENTITY_TOKEN_SIZE], next[IDENTITY_TOKEN_SIZE];
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (identity_form_token(text, made)) {
        if (strlen(text) != IDENTITY_TOKEN_SIZE - 1 || strlen(made) != IDENTITY_TOKEN_SIZE - 1 ||
            !identity_form_token(made, next))
            abort();
    }
    free(text);
    return 0;
}
