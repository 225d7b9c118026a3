/* Files to import: any bytes are read to their end, row by row, each line at most once for CSV. */
#include "portal/import_read.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct import_reader reader;
    struct import_row row;
    struct arena *arena = arena_new(0);
    int code = import_read_begin(&reader, (const char *)data, size, NULL);
    size_t left = size + 1;
    while (code == 0 && (code = import_read_next(&reader, arena, &row, NULL)) != 0) {
        if (import_read_left(&reader) >= left)
            abort();
        left = import_read_left(&reader);
        for (int i = 0; code > 0 && i < IMPORT_FIELDS; i++)
            if (row.fields[i] && !text_is_utf8(row.fields[i], strlen(row.fields[i])))
                abort();
        code = 0;
        arena_reset(arena);
    }
    import_read_end(&reader);
    arena_free(arena);
    return 0;
}
