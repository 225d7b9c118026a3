#include "cli/module_diff.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"

#include <glib.h>

static const struct value *parse(struct arena *arena, const char *json)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *value = NULL;
    g_assert_cmpint(json_parse(arena, json, strlen(json), &value, &error), ==, 0);
    return value;
}

static void fields_are_told_apart_by_form_and_name(void)
{
    static const char before[] =
        "{\"forms\": [{\"name\": \"note\", \"submit\": \"Send\"}], \"form_fields\": ["
        "{\"form\": \"note\", \"name\": \"title\", \"label\": \"Title\"}, "
        "{\"form\": \"note\", \"name\": \"ends\", \"label\": \"Ends\"}]}";
    static const char after[] =
        "{\"forms\": [{\"name\": \"note\", \"submit\": \"Send\"}], \"form_fields\": ["
        "{\"form\": \"note\", \"name\": \"title\", \"label\": \"Title\"}, "
        "{\"form\": \"note\", \"name\": \"ends\", \"label\": \"Last day\"}, "
        "{\"form\": \"note\", \"name\": \"room\", \"label\": \"Room\"}]}";
    struct arena *arena = arena_new(0);
    struct buffer out = { 0 };
    g_assert_cmpuint(module_diff(parse(arena, before), parse(arena, before), &out), ==, 0);
    g_assert_cmpuint(module_diff(parse(arena, before), parse(arena, after), &out), ==, 2);
    g_assert_cmpstr(buffer_text(&out), ==,
                    "~ field note ends: label Ends is now Last day\n+ field note room (Room)\n");
    buffer_free(&out);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/module-diff/fields", fields_are_told_apart_by_form_and_name);
    return g_test_run();
}
