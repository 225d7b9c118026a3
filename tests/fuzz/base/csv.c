/* CSV: any bytes are read to their end; what is read is UTF-8, and reads the same once written. */
#include "base/csv.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct csv_record *record)
{
    struct buffer buffer = { 0 };
    struct csv again;
    struct csv_record read;
    /* What begins with a byte order mark loses it at the beginning of a text only. */
    csv_write(&buffer, "x");
    csv_write_end(&buffer);
    for (size_t i = 0; i < record->count; i++)
        csv_write(&buffer, record->fields[i]);
    csv_write_end(&buffer);
    csv_begin(&again, buffer.data, buffer.length);
    again.separator = ',';
    int code = csv_next(&again, &read, NULL);
    code = csv_next(&again, &read, NULL);
    if (buffer.length < CSV_RECORD_MAX && (code != 1 || read.count != record->count))
        abort();
    for (size_t i = 0; code == 1 && i < read.count; i++)
        if (strcmp(read.fields[i] + (read.fields[i][0] == '\''), /* written before a formula */
                   record->fields[i] + (record->fields[i][0] == '\'')) != 0)
            abort();
    csv_end(&again);
    buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv csv;
    struct csv_record record;
    unsigned before = 0;
    int code;
    csv_begin(&csv, (const char *)data, size);
    while ((code = csv_next(&csv, &record, NULL)) != 0) {
        if (record.line <= before)
            abort();
        before = record.line;
        for (size_t i = 0; code > 0 && i < record.count; i++)
            if (!text_is_utf8(record.fields[i], strlen(record.fields[i])))
                abort();
        if (code > 0)
            write_again(&record);
    }
    csv_end(&csv);
    return 0;
}
