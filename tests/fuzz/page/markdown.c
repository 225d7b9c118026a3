/* Markdown of people: what comes out holds nothing the sanitizer would take away for safety. */
#include "page/content.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    struct value *html = NULL;
    if (content_markdown(arena, (const char *)data, size, &html, NULL) == 0) {
        content_plain(arena, html, 200);
        if (memmem(html->text, html->count, "<script", 7) ||
            memmem(html->text, html->count, "href=\"javascript:", 17))
            abort();
    }
    arena_free(arena);
    return 0;
}
