/* What modules and visitors wrote reaches the terminal as text, never as commands to it. */
#include "cli/terminal.h"

#include "base/json.h"

#include <glib.h>

static void test_clean(void)
{
    static const char given[] =
        "{\"a\":\"Ana\\u001b[2J\\u0007 \\u007f\\u009b2J caf\xc3\xa9 \\u00a0\","
        "\"list\":[{\"note\":\"one\\n999 done\\ttwo\\r\"},\"\\u009d0;x\\u009c\"],"
        "\"said\":\"first\\nsecond\\u001bc\",\"number\":7,\"none\":null,\"empty\":\"\"}";
    static const char cleaned[] =
        "{\"a\":\"Ana?[2J? ???2J caf\xc3\xa9 \xc2\xa0\","
        "\"list\":[{\"note\":\"one 999 done two?\"},\"??0;x??\"],"
        "\"said\":\"first\\nsecond?c\",\"number\":7,\"none\":null,\"empty\":\"\"}";
    struct arena *arena = arena_new(0);
    struct value *value = NULL;
    struct buffer text = { 0 };
    g_assert_cmpint(json_parse(arena, given, sizeof given - 1, &value, NULL), ==, 0);
    terminal_clean(value, "said");
    json_write(&text, value);
    g_assert_cmpstr(buffer_text(&text), ==, cleaned);
    buffer_free(&text);
    arena_free(arena);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/terminal/texts of others tell the terminal nothing", test_clean);
    return g_test_run();
}
