#include <portico/test.h>

static const char *make_note(struct portico_bench *bench, portico_id account, const char *canary)
{
    struct portico_context *context = portico_test_context(bench);
    (void)account;
    portico_test_post(bench, "/forgetful", portico_printf(context, "title=%s", canary));
    const char *id = portico_test_json_text(bench, "id");
    return id ? portico_printf(context, "id=%s second=%s query:note=%s body:parent=%s body:typo=%s",
                               id, id, id, id, id)
              : NULL;
}

static void run(struct portico_bench *bench)
{
    /* Excuses only routes that write. */
    portico_test_matrix(bench, make_note, PORTICO_MATRIX_UNREACHED);
}

/* Its rows are for all of the account, but should not be. */
static void run_narrow(struct portico_bench *bench)
{
    portico_test_matrix(bench, make_note, PORTICO_MATRIX_NARROW);
}

static const struct portico_test tests[] = {
    { .name = "matrix", .run = run, .deadline_ms = 60000 },
    { .name = "narrow", .run = run_narrow, .deadline_ms = 60000 },
};
PORTICO_EXPORT_TESTS(tests)
