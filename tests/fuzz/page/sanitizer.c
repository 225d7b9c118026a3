/* HTML of people: sanitizing what was sanitized changes nothing. */
#include "page/content.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    struct value *once = NULL, *twice = NULL;
    if (content_sanitize(arena, (const char *)data, size, &once, NULL) == 0) {
        if (content_sanitize(arena, once->text, once->count, &twice, NULL) < 0 ||
            once->count != twice->count || memcmp(once->text, twice->text, once->count) != 0)
            abort();
        if (memmem(once->text, once->count, "<script", 7))
            abort();
        content_plain(arena, once, 100);
    }
    arena_free(arena);
    return 0;
}
