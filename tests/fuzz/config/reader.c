/* Any bytes as a config file: the reader and the value parser never read past the end and always
 * end. */
#include "config/reader.h"
#include "base/text.h"
#include "config/config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool on_section(const char *section, const char *file, unsigned line, void *data)
{
    (void)file;
    (void)line;
    (void)data;
    return section[0] != 'z';
}

static void on_entry(const struct config_reader_entry *entry, void *data)
{
    unsigned *count = data;
    ++*count;
    if (!text_is_utf8(entry->value, strlen(entry->value)))
        abort();
    for (size_t i = 0; i < config_key_count; i++) {
        struct config_value value;
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = config_parse_value(&config_keys[i].setting, entry->value, &value, &error);
        if (code < 0 && !error.message[0])
            abort();
    }
}

static void on_problem(const char *file, unsigned line, const char *message, void *data)
{
    (void)file;
    (void)line;
    (void)data;
    if (!text_is_utf8(message, strlen(message)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new(0);
    unsigned count = 0;
    struct config_reader reader = { arena, on_section, on_entry, on_problem, &count };
    config_reader_parse(&reader, "fuzz.conf", (const char *)bytes, size);
    arena_free(arena);
    return 0;
}
