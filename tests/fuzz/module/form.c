/* Values of forms, of every type: what comes from anybody's browser. The first byte is the type. */
#include "module/form.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *arena, const struct form_rules *rules, struct text typed)
{
    struct form_reading first = { 0 }, second = { 0 };
    if (form_read(arena, rules, typed, &first) < 0)
        return;
    if (!first.text || !text_is_utf8(first.text, strlen(first.text)))
        __builtin_trap();
    if (first.sentence && first.value)
        __builtin_trap();
    if (form_read(arena, rules, text_of(first.text), &second) < 0)
        return;
    if (!first.sentence && strcmp(first.text, second.text) != 0)
        __builtin_trap();
    const char *again = first.value ? form_typed(arena, rules->field, first.value) : NULL;
    if (first.value && !again)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct form_choice choices[] = { { "a", "A" }, { "b", "B" } };
    if (size < 2 || !text_is_utf8((const char *)data + 1, size - 1))
        return 0;
    const struct portico_field field = {
        .form = "f",
        .name = "n",
        .type = 1u + data[0] % PORTICO_FIELD_REAL,
        .flags = data[0] & 128 ? PORTICO_FIELD_REQUIRED : 0,
        .maximum_length = data[0] & 64 ? 5 : 0,
    };
    const struct form_rules rules = { &field, choices, 2 };
    struct arena *arena = arena_new(0);
    if (arena)
        check(arena, &rules, (struct text){ (const char *)data + 1, size - 1 });
    arena_free(arena);
    return 0;
}
