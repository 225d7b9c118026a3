/* What the harness offers beside requests, each once. */
#include <portico/test.h>

static const char *first_note(struct portico_bench *bench)
{
    portico_test_get(bench, "/errand");
    return portico_test_json_text(bench, "notes.0.what");
}

static void an_event_is_delivered_when_jobs_run(struct portico_bench *bench)
{
    portico_test_as(bench, 7, "errand.ask");
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/errand/bread", ""), 303);
    PORTICO_CHECK_TEXT(bench, first_note(bench), NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_TEXT(bench, first_note(bench), "bread");
}

static void a_test_emits_events_itself(struct portico_bench *bench)
{
    int code = portico_test_emit(bench, "portal.errand.wish.made", "wish/1", "{\"what\":\"tea\"}");
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_TEXT(bench, first_note(bench), "tea");
    code = portico_test_emit(bench, "portal.errand.wish.made", "wish/1", "{}");
    PORTICO_CHECK_INTEGER(bench, code, PORTICO_EINVAL);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "does not fit its schema");
}

static void a_schedule_follows_the_clock(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_TEXT(bench, first_note(bench), NULL);
    portico_test_advance(bench, 16 * 3600);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_TEXT(bench, first_note(bench), "nightly");
}

static void mail_and_fetches_are_recorded(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    portico_test_answer_fetch(bench, "https://shop.example/price", 200, "Three coins.");
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/errand/order/now", ""), 303);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    const struct portico_value *fetch = portico_at(portico_test_fetched(bench), 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(fetch, "url", NULL), "https://shop.example/price");
    const struct portico_value *mail = portico_at(portico_test_mails(bench), 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(mail, "to", NULL), "dana@example.com");
    PORTICO_CHECK_TEXT(bench, portico_get_text(mail, "text", NULL), "Three coins.");
}

static void a_failing_job_is_counted_and_tried_again(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    portico_test_post(bench, "/errand/order/now", "");
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 1);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "has no answer for https://shop");
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_mails(bench)), 0);
    portico_test_answer_fetch(bench, "https://shop.example/price", 200, "Two coins.");
    portico_test_advance(bench, 60);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_mails(bench)), 1);
}

static void permissions_are_asked_for(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/errand/bread", ""), 401);
    portico_test_as(bench, 7, "errand.other");
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, "/errand/bread", ""), 403);
}

static void a_service_is_called_by_its_name(struct portico_bench *bench)
{
    struct portico_value *result = NULL;
    int code = portico_test_call(bench, "errand.sums", "twice", "{\"number\":21}", &result);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_INTEGER(bench, portico_get_integer(result, "number", 0), 42);
    code = portico_test_call(bench, "errand.sums", "twice", "{}", &result);
    PORTICO_CHECK_INTEGER(bench, code, PORTICO_EINVAL);
}

static void a_command_writes_what_it_did(struct portico_bench *bench)
{
    const char *output = NULL;
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "note --prefix > milk", &output), 0);
    PORTICO_CHECK_TEXT(bench, output, ">milk\n");
    PORTICO_CHECK_TEXT(bench, first_note(bench), "milk");
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "note", NULL), PORTICO_EINVAL);
}

static const struct portico_test tests[] = {
    { .name = "An event is delivered when jobs run", .run = an_event_is_delivered_when_jobs_run },
    { .name = "A test emits events itself", .run = a_test_emits_events_itself },
    { .name = "A schedule follows the clock", .run = a_schedule_follows_the_clock },
    { .name = "Mail and fetches are recorded", .run = mail_and_fetches_are_recorded },
    { .name = "A failing job is counted and tried again",
      .run = a_failing_job_is_counted_and_tried_again },
    { .name = "Permissions are asked for", .run = permissions_are_asked_for },
    { .name = "A service is called by its name", .run = a_service_is_called_by_its_name },
    { .name = "A command writes what it did", .run = a_command_writes_what_it_did },
};
PORTICO_EXPORT_TESTS(tests)
