#include <portico/test.h>

static const char *make_note(struct portico_bench *bench, portico_id account, const char *canary)
{
    struct portico_context *context = portico_test_context(bench);
    (void)account;
    portico_test_post(bench, "/forgetful", portico_printf(context, "title=%s", canary));
    const char *id = portico_test_json_text(bench, "id");
    return id ? portico_printf(context, "id=%s", id) : NULL;
}

static void run(struct portico_bench *bench)
{
    portico_test_matrix(bench, make_note, 0);
}

static const struct portico_test tests[] = {
    { .name = "matrix", .run = run, .deadline_ms = 60000 },
};
PORTICO_EXPORT_TESTS(tests)
