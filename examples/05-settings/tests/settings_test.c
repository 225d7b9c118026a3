/* Tests of the example: defaults, and what the config says instead. */
#include <portico/test.h>

static void settings_come_typed(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/settings"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "rows"), "25");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "patience_ms"), "1500");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "upload_bytes"), "1048576");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "has_key"), "false");
}

static void a_value_out_of_range_is_not_taken(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "rows", "101"), PORTICO_EINVAL);
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "rows", "7"), 0);
    portico_test_get(bench, "/settings");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "rows"), "7");
}

static const struct portico_test tests[] = {
    { .name = "Settings come typed",
      .run = settings_come_typed,
      .settings = "rows = 25\npatience = 1500ms" },
    { .name = "A value out of range is not taken", .run = a_value_out_of_range_is_not_taken },
};
PORTICO_EXPORT_TESTS(tests)
