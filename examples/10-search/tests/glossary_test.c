/* Tests of the example: found by whom it is for, gone once it is removed. */
#include <portico/test.h>

static void a_term_is_found_until_it_is_removed(struct portico_bench *bench)
{
    portico_test_post(bench, "/glossary", "title=Portico&body=A+roof+on+columns");
    PORTICO_CHECK_STATUS(bench, 200);
    const char *id = portico_test_json_text(bench, "id");
    portico_test_get(bench, "/glossary?q=columns");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "hits.0.title"), "Portico");
    const char *target = portico_printf(portico_test_context(bench), "/glossary/%s", id ? id : "");
    portico_test_json_request(bench, "DELETE", target ? target : "/glossary/0", NULL);
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_get(bench, "/glossary?q=columns");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "hits.0.title"), NULL);
}

static void what_is_for_staff_is_hidden_from_others(struct portico_bench *bench)
{
    static const int64_t staff[] = { PORTICO_AUDIENCE_STAFF };
    portico_test_post(bench, "/glossary", "title=Vault&body=Keys+hang+here&staff=1");
    portico_test_get(bench, "/glossary?q=keys");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "hits.0.title"), NULL);
    const struct portico_test_viewer viewer = {
        .size = sizeof viewer, .person = 7, .sees = staff, .sees_count = 1
    };
    portico_test_as_viewer(bench, &viewer);
    portico_test_get(bench, "/glossary?q=keys");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "hits.0.title"), "Vault");
}

static const struct portico_test tests[] = {
    { .name = "A term is found until it is removed", .run = a_term_is_found_until_it_is_removed },
    { .name = "What is for staff is hidden from others",
      .run = what_is_for_staff_is_hidden_from_others },
};
PORTICO_EXPORT_TESTS(tests)
