/* A template as a module's author may write it: first byte the mode, then source, NUL, data as
 * JSON. */
#include "page/template.h"
#include "base/json.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct template *resolve(const struct template *from, struct text name, void *data)
{
    (void)name;
    (void)data;
    return (struct template *)(uintptr_t)from;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    size_t length = strnlen(text, size - 1);
    struct arena *arena = arena_new(0);
    struct template_names names;
    struct template_report report = { .count = 0 };
    struct buffer out = { 0 };
    struct value *view = NULL;
    template_names_init(&names, arena);
    struct template_source source = {
        .file = "x", .module = "m", .name = "x", .text = { text, length }, .mode = data[0] % 4
    };
    struct template *template = template_compile(&names, arena, &source, &report);
    if (template) {
        template_link(template, resolve, NULL, &report);
        template_check(arena, template, &report);
    }
    if (length + 1 < size)
        json_parse(arena, text + length + 1, size - length - 2, &view, NULL);
    if (template && report.count == 0) {
        struct template_context context = { .names = &names, .arena = arena, .steps = 20000 };
        template_render(template, &context, view, &out, NULL);
    }
    buffer_free(&out);
    template_names_clear(&names);
    arena_free(arena);
    return 0;
}
