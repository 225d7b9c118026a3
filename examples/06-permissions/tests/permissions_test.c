/* Tests of the example: who may, and who may not. */
#include <portico/test.h>

static void only_moderators_see_all(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/permissions/all"), 403);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/permissions/mine"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "may_moderate"), "false");
    portico_test_as(bench, 7, "permissions.moderate");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/permissions/all"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "may_moderate"), "true");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "person"), "7");
}

static void nobody_signed_in_gets_only_what_is_public(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/permissions"), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/permissions/mine"), 303);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Location"),
                       "/login?next=/permissions/mine");
}

static const struct portico_test tests[] = {
    { .name = "Only moderators see all", .run = only_moderators_see_all },
    { .name = "Nobody signed in gets only what is public",
      .run = nobody_signed_in_gets_only_what_is_public },
};
PORTICO_EXPORT_TESTS(tests)
