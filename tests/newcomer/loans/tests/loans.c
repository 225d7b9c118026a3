/* Tests of Loans, run by `portico module test`: see portico/test.h. */
#include <portico/test.h>

#define API "/api/loans/v1/loans"
#define DAY 86400

static uint32_t borrow(struct portico_bench *bench, const char *thing, int days)
{
    return portico_test_json_request(
        bench, "POST", API,
        portico_printf(portico_test_context(bench),
                       "{\"thing\":\"%s\",\"borrower\":\"Dana\",\"days\":%d}", thing, days));
}

/* "/api/loans/v1/loans/ID" and what follows, of the loan answered last. */
static const char *address(struct portico_bench *bench, const char *rest)
{
    const char *id = portico_test_json_text(bench, "id");
    return portico_printf(portico_test_context(bench), API "/%s%s", id ? id : "0", rest);
}

/* In a scope: the test's own context goes on seeing what it saw when it read first. */
static int64_t number(struct portico_bench *bench, const char *sql)
{
    struct portico_value *row = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_context *scope = portico_scope(portico_test_context(bench));
    if (!scope)
        return PORTICO_ENOMEM;
    int64_t number = portico_query_one(portico_db(scope), sql, PORTICO_NO_ARGS, &row, &error);
    if (number < 0)
        portico_test_note(bench, error.message);
    else
        number = portico_get_integer(row, "number", -100);
    portico_end_scope(scope);
    return number;
}

static void says_so_while_nothing_is_lent(struct portico_bench *bench)
{
    portico_test_get(bench, "/loans");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "Tools on loan");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "div.empty"), "Nothing is lent.");
}

static void shows_what_is_lent(struct portico_bench *bench)
{
    borrow(bench, "Saw <big>", 3);
    PORTICO_CHECK_STATUS(bench, 201);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "due"), "2026-01-18T12:00:00Z");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "returned"), "null");
    portico_test_get(bench, address(bench, ""));
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_get(bench, "/loans");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.loans li"), "Saw <big>");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "b.late"), 0);
    portico_test_advance(bench, 4 * DAY);
    portico_test_get(bench, "/loans");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "b.late"), 1);
}

static void speaks_german(struct portico_bench *bench)
{
    const struct portico_test_viewer viewer = { .size = sizeof viewer, .locale = "de" };
    portico_test_as_viewer(bench, &viewer);
    portico_test_get(bench, "/loans");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "Verliehene Werkzeuge");
    borrow(bench, "Saw", 15);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "detail"),
                       "Eine Leihe dauert höchstens 14 Tage.");
}

static void lends_a_thing_once_at_a_time(struct portico_bench *bench)
{
    borrow(bench, "Saw", 3);
    const char *back = address(bench, "/return");
    borrow(bench, "Saw", 3);
    PORTICO_CHECK_STATUS(bench, 409);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "title"), "This is lent already.");
    portico_test_json_request(bench, "POST", back, "{}");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "returned"), "2026-01-15T12:00:00Z");
    portico_test_json_request(bench, "POST", back, "{}");
    PORTICO_CHECK_STATUS(bench, 409);
    borrow(bench, "Saw", 3);
    PORTICO_CHECK_STATUS(bench, 201);
}

static void wants_a_body_with_a_return(struct portico_bench *bench)
{
    borrow(bench, "Saw", 3);
    portico_test_json_request(bench, "POST", address(bench, "/return"), NULL);
    PORTICO_CHECK_STATUS(bench, 415);
}

static void refuses_what_does_not_fit(struct portico_bench *bench)
{
    portico_test_json_request(bench, "POST", API, "{\"thing\":\"Saw\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    portico_test_json_request(bench, "POST", API, "{");
    PORTICO_CHECK_STATUS(bench, 400);
    portico_test_post(bench, API, "thing=Saw&borrower=Dana&days=3");
    PORTICO_CHECK_STATUS(bench, 415);
    borrow(bench, "Saw", 15);
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "detail"),
                       "A loan lasts at most 14 days.");
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "longest_days", "20"), 0);
    borrow(bench, "Saw", 15);
    PORTICO_CHECK_STATUS(bench, 201);
    portico_test_json_request(bench, "POST", API "/77/return", "{}");
    PORTICO_CHECK_STATUS(bench, 404);
    portico_test_get(bench, API "/nonsense");
    PORTICO_CHECK_STATUS(bench, 404);
}

static void pages_by_cursor(struct portico_bench *bench)
{
    for (int i = 0; i < 45; i++)
        borrow(bench, portico_printf(portico_test_context(bench), "Saw %d", i), 3);
    portico_test_get(bench, API);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.0.thing"), "Saw 44");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "previous"), "null");
    portico_test_get(bench, portico_printf(portico_test_context(bench), API "?page=%s",
                                           portico_test_json_text(bench, "next")));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.0.thing"), "Saw 24");
    portico_test_get(bench, portico_printf(portico_test_context(bench), API "?page=%s",
                                           portico_test_json_text(bench, "next")));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.4.thing"), "Saw 0");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "next"), "null");
    portico_test_get(bench, API "?page=garbage");
    PORTICO_CHECK_STATUS(bench, 400);
    portico_test_get(bench, API "?state=lost");
    PORTICO_CHECK_STATUS(bench, 400);
    portico_test_get(bench, "/loans");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "nav.pager a"), 1);
}

static void deletes_with_the_permission_alone(struct portico_bench *bench)
{
    borrow(bench, "Saw", 3);
    const char *loan = address(bench, "");
    portico_test_json_request(bench, "DELETE", loan, NULL);
    PORTICO_CHECK_STATUS(bench, 401);
    portico_test_as(bench, 7, NULL);
    portico_test_json_request(bench, "DELETE", loan, NULL);
    PORTICO_CHECK_STATUS(bench, 403);
    portico_test_as(bench, 7, "loans.delete");
    portico_test_json_request(bench, "DELETE", loan, NULL);
    PORTICO_CHECK_STATUS(bench, 204);
    portico_test_json_request(bench, "DELETE", loan, NULL);
    PORTICO_CHECK_STATUS(bench, 404);
}

static void counts_and_writes_down_the_person(struct portico_bench *bench)
{
    portico_test_as(bench, 7, NULL);
    borrow(bench, "Saw", 3);
    portico_test_json_request(bench, "POST", address(bench, "/return"), "{}");
    borrow(bench, "Saw", 3);
    borrow(bench, "Saw", 3);
    PORTICO_CHECK_INTEGER(bench, number(bench, "SELECT borrowed AS number FROM loans_statistic"),
                          2);
    PORTICO_CHECK_INTEGER(bench, number(bench, "SELECT returned AS number FROM loans_statistic"),
                          1);
    PORTICO_CHECK_INTEGER(
        bench,
        number(bench,
               "{unfiltered test} SELECT count(*) AS number FROM loans_loan WHERE person = 7"),
        2);
}

static void writes_to_the_desk_once(struct portico_bench *bench)
{
    borrow(bench, "Saw", 3);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    const struct portico_value *mails = portico_test_mails(bench);
    PORTICO_CHECK_INTEGER(bench, portico_count(mails), 1);
    PORTICO_CHECK_TEXT(bench, portico_get_text(portico_at(mails, 0), "subject", NULL), "Lent: Saw");
    PORTICO_CHECK_INTEGER(bench, number(bench, "SELECT count(*) AS number FROM loans_letter"), 1);
}

static void marks_overdue_loans_at_night(struct portico_bench *bench)
{
    struct portico_context *context = portico_test_context(bench);
    struct portico_error error = PORTICO_ERROR_INIT;
    for (int i = 0; i < 250; i++)
        portico_execute(portico_db(context),
                        "INSERT INTO loans_loan (id, audience, thing, borrower, borrowed, due)\n"
                        "VALUES (?, 1, ?, 'Dana', ?, ?)",
                        PORTICO_ARGS(portico_arg_id(portico_new_id(context)),
                                     portico_arg_text(portico_printf(context, "Saw %d", i)),
                                     portico_arg_time(portico_test_now(bench)),
                                     portico_arg_time(portico_test_now(bench))),
                        NULL, &error);
    borrow(bench, "Drill", 14);
    /* The first run begins the schedule. */
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    portico_test_advance(bench, DAY);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench,
                          number(bench, "{unfiltered test} SELECT count(*) AS number FROM "
                                        "loans_loan WHERE overdue IS NOT NULL"),
                          250);
    /* 250, and one for the drill that was lent. */
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_mails(bench)), 251);
    portico_test_advance(bench, DAY);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_mails(bench)), 251);
}

static void prints_overdue_loans(struct portico_bench *bench)
{
    const char *output = NULL;
    borrow(bench, "Saw", 1);
    borrow(bench, "Drill", 9);
    portico_test_advance(bench, 3 * DAY);
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "overdue", &output), 0);
    /* An older host writes no times. */
    PORTICO_CHECK_HOLDS(bench, output, "\tSaw\tDana\n");
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "overdue --days 5", &output), 0);
    PORTICO_CHECK_TEXT(bench, output, "");
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "overdue --days x", &output), -1);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "--days takes");
}

static void only_the_desk_lends_if_it_has_a_key(struct portico_bench *bench)
{
    borrow(bench, "Saw", 1);
    PORTICO_CHECK_STATUS(bench, 403);
    static const char body[] = "{\"thing\":\"Saw\",\"borrower\":\"Dana\",\"days\":1}";
    struct portico_test_request request = {
        .size = sizeof request,
        .method = "POST",
        .target = API,
        .fields = "X-Loans-Key: open sesame",
        .media_type = "application/json",
        .body = body,
        .body_length = sizeof body - 1,
    };
    PORTICO_CHECK_INTEGER(bench, portico_test_send(bench, &request), 201);
    request.fields = "X-Loans-Key: open";
    PORTICO_CHECK_INTEGER(bench, portico_test_send(bench, &request), 403);
}

static void is_ready_and_warns(struct portico_bench *bench)
{
    borrow(bench, "Saw", 1);
    portico_test_advance(bench, 3 * DAY);
    portico_test_get(bench, "/readyz");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "1 loans are overdue");
}

static const struct portico_test tests[] = {
    { .name = "The page says so while nothing is lent", .run = says_so_while_nothing_is_lent },
    { .name = "What is lent stands on the page and in the API", .run = shows_what_is_lent },
    { .name = "Page and problems are translated", .run = speaks_german },
    { .name = "A thing is lent once at a time", .run = lends_a_thing_once_at_a_time },
    { .name = "A return needs a body, be it empty", .run = wants_a_body_with_a_return },
    { .name = "What does not fit is refused", .run = refuses_what_does_not_fit },
    { .name = "The list is read by cursor", .run = pages_by_cursor },
    { .name = "Loans are deleted with the permission alone",
      .run = deletes_with_the_permission_alone },
    { .name = "Loans are counted, with the person who borrowed",
      .run = counts_and_writes_down_the_person },
    { .name = "The desk gets one message for each loan",
      .run = writes_to_the_desk_once,
      .settings = "desk_address = desk@example.com" },
    { .name = "Overdue loans are marked at night, many of them and once",
      .run = marks_overdue_loans_at_night,
      .settings = "desk_address = desk@example.com" },
    { .name = "The command prints overdue loans", .run = prints_overdue_loans },
    { .name = "If the desk has a key, only the desk lends",
      .run = only_the_desk_lends_if_it_has_a_key,
      .settings = "desk_key_file = " DESK_KEY_FILE },
    { .name = "Too many overdue loans are a warning",
      .run = is_ready_and_warns,
      .settings = "overdue_limit = 0" },
};
PORTICO_EXPORT_TESTS(tests)
