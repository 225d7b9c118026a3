/* Forms: every pair that is given out is UTF-8 and NUL-terminated. */
#include "http/form.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(256);
    struct http_pair *pairs = NULL;
    size_t count = 0;
    if (http_form_parse(arena, (struct text){ (const char *)data, size }, &pairs, &count) == 0)
        for (size_t i = 0; i < count; i++)
            if (!text_is_utf8(pairs[i].name.data, pairs[i].name.length) ||
                !text_is_utf8(pairs[i].value.data, pairs[i].value.length) ||
                pairs[i].name.data[pairs[i].name.length] ||
                pairs[i].value.data[pairs[i].value.length])
                abort();
    arena_free(arena);
    return 0;
}
