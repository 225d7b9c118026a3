/* Tests of the example: Markdown in, clean HTML out, page by page. */
#include <portico/test.h>

static void a_notice_is_cleaned_and_shown(struct portico_bench *bench)
{
    portico_test_post(bench, "/notices", "text=**Open**+today<script>x</script>");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/notices"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "article strong"), "Open");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article script"), 0);
    portico_test_get(bench, "/notices/newest");
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "words"), "Open today");
}

static void what_is_for_staff_stands_on_no_other_page(struct portico_bench *bench)
{
    portico_test_post(bench, "/notices", "text=Keys&staff=1");
    portico_test_get(bench, "/notices");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article"), 0);
}

static const struct portico_test tests[] = {
    { .name = "A notice is cleaned and shown", .run = a_notice_is_cleaned_and_shown },
    { .name = "What is for staff stands on no other page",
      .run = what_is_for_staff_stands_on_no_other_page },
};
PORTICO_EXPORT_TESTS(tests)
