/* PO files of translators. */
#include "page/po.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int each(const struct po_entry *entry, void *data)
{
    size_t *bytes = data;
    for (unsigned i = 0; i < entry->form_count; i++)
        *bytes += entry->forms[i].length;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    size_t bytes = 0;
    po_read(arena, "x.po", (struct text){ (const char *)data, size }, each, &bytes, NULL);
    arena_free(arena);
    return 0;
}
