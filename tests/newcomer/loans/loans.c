/* Loans: tools that a company lends to its customers. A page, a JSON API, events, a nightly job. */
#include <portico/portico.h>

#include <stdio.h>
#include <stdlib.h>

#define DAY INT64_C(86400000000) /* microseconds */
#define A_PAGE 20
#define SLICE 100

#define BORROWED "portal.loans.loan.borrowed"
#define RETURNED "portal.loans.loan.returned"

#define COLUMNS                                                                                    \
    "t.id AS \"id:id\", t.thing, t.borrower, t.borrowed AS \"borrowed:time\", t.due AS "           \
    "\"due:time\", t.returned AS \"returned:time\", t.overdue AS \"overdue:time\""

/* Says in the log what failed, and passes the code on. */
static int failed(struct portico_request *request, int code, const struct portico_error *error)
{
    if (code != PORTICO_ENOENT)
        portico_log(request, PORTICO_LOG_ERROR, "%s", error->message);
    return code;
}

/* One page of loans: those that are out, or all. */
static int read_page(struct portico_request *request, int all, struct portico_page *ret_page,
                     struct portico_error *error)
{
    const struct portico_page_query query = {
        .size = sizeof query,
        .limit = A_PAGE,
        .table = "loans_loan",
        .columns = COLUMNS,
        .where = all ? NULL : "t.returned IS NULL",
        .order = "id DESC",
        .cursor = portico_query_param(request, "page"),
    };
    int code = portico_page(portico_db(request), &query, ret_page, error);
    if (code == PORTICO_EINVAL)
        portico_log(request, PORTICO_LOG_WARNING, "%s", error->message);
    return code;
}

/* ---- the page ---- */

static void set_way(struct portico_request *request, struct portico_value *pager, const char *name,
                    const char *cursor)
{
    portico_set_text(pager, name,
                     cursor ? portico_printf(request, "/loans?page=%s", cursor) : NULL);
}

/* GET /loans. Everybody may read it, so it does not name the borrowers. */
static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    int code = read_page(request, 0, &page, &error);
    if (code == PORTICO_EINVAL)
        return portico_reply_problem(
            request, 400, NULL, portico_translate(request, "There is no such page.", NULL), NULL);
    if (code < 0)
        return failed(request, code, &error);
    struct portico_value *view = portico_object(request);
    struct portico_value *loans = portico_set_list(view, "loans");
    struct portico_value *pager = portico_set_object(view, "pager");
    struct portico_value *empty = portico_set_object(view, "empty");
    for (size_t i = 0; i < portico_count(page.rows); i++) {
        const struct portico_value *row = portico_at(page.rows, i);
        struct portico_value *loan = portico_append_object(loans);
        int64_t due = portico_get_integer(row, "due", 0);
        portico_set_text(loan, "thing", portico_get_text(row, "thing", ""));
        portico_set_time(loan, "due", due);
        portico_set_boolean(loan, "late", due < portico_now(request));
    }
    set_way(request, pager, "previous", page.previous);
    set_way(request, pager, "next", page.next);
    portico_set_text(empty, "title", portico_translate(request, "Nothing is lent.", NULL));
    portico_set_text(empty, "text",
                     portico_translate(request, "Every tool is here: come and borrow one.", NULL));
    portico_set(empty, "action", NULL);
    portico_set_integer(view, "count", (int64_t)portico_count(page.rows));
    portico_set_boolean(view, "any", portico_count(page.rows) > 0);
    return portico_reply_view(request, "list", view);
}

/* ---- the API ---- */

/* 1 if the desk's key is not set or was given; else a problem was answered and `ret_code` says
 * what it returned. */
static int desk_may(struct portico_request *request, int *ret_code)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *key = NULL, *given = portico_header(request, "X-Loans-Key");
    char *signature = NULL;
    int code = portico_secret_read(portico_secrets(request), "desk_key", &key, &error);
    if (code == PORTICO_ENOENT)
        return 1;
    if (code == 0)
        code = portico_sign(portico_secrets(request), "desk", key, strlen(key), &signature, &error);
    if (code < 0) {
        *ret_code = failed(request, code, &error);
        return 0;
    }
    if (given && portico_verify(portico_secrets(request), "desk", given, strlen(given), signature,
                                NULL) == 0)
        return 1;
    *ret_code = portico_reply_problem(
        request, 403, NULL, portico_translate(request, "Only the desk lends.", NULL),
        portico_translate(request, "Send the desk's key as X-Loans-Key.", NULL));
    return 0;
}

static int read_loan(struct portico_request *request, portico_id id,
                     struct portico_value **ret_loan, struct portico_error *error)
{
    return portico_query_one(portico_db(request),
                             "SELECT " COLUMNS " FROM {visible loans_loan} t WHERE t.id = ?",
                             PORTICO_ARGS(portico_arg_id(id)), ret_loan, error);
}

/* GET /api/loans/v1/loans */
static int api_list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    const char *state = portico_query_param(request, "state");
    if (state && strcmp(state, "out") && strcmp(state, "all"))
        return portico_reply_problem(request, 400, NULL, "There is no such state",
                                     "state is out or all.");
    int code = read_page(request, state && strcmp(state, "all") == 0, &page, &error);
    if (code == PORTICO_EINVAL)
        return portico_reply_problem(request, 400, NULL, "The cursor is none",
                                     "Take page from next or previous of an earlier answer.");
    if (code < 0)
        return failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    portico_set(answer, "loans", page.rows);
    portico_set_text(answer, "next", page.next);
    portico_set_text(answer, "previous", page.previous);
    return portico_reply_json(request, answer);
}

/* Tells that a thing went out or came back, in the open transaction. */
static int tell(struct portico_request *request, const char *type, portico_id id, const char *thing,
                struct portico_error *error)
{
    struct portico_value *data = portico_object(request);
    portico_set_text(data, "loan", portico_printf(request, "%lld", (long long)id));
    portico_set_text(data, "thing", thing);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = type,
        .subject = portico_printf(request, "loan/%lld", (long long)id),
        .data = data,
    };
    if (!data || !emission.subject)
        return PORTICO_ENOMEM;
    return portico_emit(portico_events(request), &emission, NULL, error);
}

/* The loan and the event that tells of it: both or neither. */
static int keep_loan(struct portico_request *request, portico_id id,
                     const struct portico_value *body, struct portico_error *error)
{
    struct portico_db *db = portico_db(request);
    const char *thing = portico_get_text(body, "thing", NULL);
    portico_time now = portico_now(request);
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_execute(
        db,
        "INSERT INTO loans_loan (id, audience, thing, borrower, borrowed, due)\n"
        "VALUES (?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(
            portico_arg_id(id), portico_arg_id(PORTICO_AUDIENCE_EVERYONE), portico_arg_text(thing),
            portico_arg_text(portico_get_text(body, "borrower", NULL)), portico_arg_time(now),
            portico_arg_time(now + portico_get_integer(body, "days", 1) * DAY)),
        NULL, error);
    if (code == 0)
        code = tell(request, BORROWED, id, thing, error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

/* POST /api/loans/v1/loans */
static int api_borrow(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *loan = NULL;
    int code = 0;
    if (!desk_may(request, &code))
        return code;
    const struct portico_value *body = portico_json(request, &error);
    if (!body)
        return error.code;
    int64_t longest = portico_setting_integer(request, "longest_days");
    if (portico_get_integer(body, "days", 1) > longest) {
        struct portico_value *arguments = portico_object(request);
        portico_set_integer(arguments, "days", longest);
        return portico_reply_problem(
            request, 422, NULL, portico_translate(request, "This is too long.", NULL),
            portico_translate(request, "A loan lasts at most {days} days.", arguments));
    }
    portico_id id = portico_new_id(request);
    code = keep_loan(request, id, body, &error);
    if (code == PORTICO_EEXIST)
        return portico_reply_problem(
            request, 409, NULL, portico_translate(request, "This is lent already.", NULL),
            portico_translate(request, "Wait until it comes back, or take another.", NULL));
    if (code == 0)
        code = read_loan(request, id, &loan, &error);
    if (code < 0)
        return failed(request, code, &error);
    portico_set_status(request, 201);
    return portico_reply_json(request, loan);
}

/* GET /api/loans/v1/loans/{id} */
static int api_show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *loan = NULL;
    int code = read_loan(request, portico_id_read(portico_param(request, "id")), &loan, &error);
    return code < 0 ? failed(request, code, &error) : portico_reply_json(request, loan);
}

static int bring_back(struct portico_request *request, portico_id id,
                      struct portico_value **ret_loan, struct portico_error *error)
{
    struct portico_db *db = portico_db(request);
    struct portico_value *loan = NULL;
    int64_t changed = 0;
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_execute(
        db, "UPDATE {visible loans_loan} SET returned = ? WHERE id = ? AND returned IS NULL",
        PORTICO_ARGS(portico_arg_time(portico_now(request)), portico_arg_id(id)), &changed, error);
    if (code == 0)
        code = read_loan(request, id, &loan, error);
    if (code == 0 && changed == 0)
        code = PORTICO_ECONFLICT;
    if (code == 0)
        code = tell(request, RETURNED, id, portico_get_text(loan, "thing", ""), error);
    if (code == 0)
        code = portico_commit(db, error);
    else
        portico_rollback(db);
    if (code == 0)
        *ret_loan = loan;
    return code;
}

/* POST /api/loans/v1/loans/{id}/return */
static int api_return(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *loan = NULL;
    int code = 0;
    if (!desk_may(request, &code))
        return code;
    code = bring_back(request, portico_id_read(portico_param(request, "id")), &loan, &error);
    if (code == PORTICO_ECONFLICT)
        return portico_reply_problem(
            request, 409, NULL, portico_translate(request, "This came back already.", NULL), NULL);
    return code < 0 ? failed(request, code, &error) : portico_reply_json(request, loan);
}

/* DELETE /api/loans/v1/loans/{id} */
static int api_delete(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t changed = 0;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = portico_execute(portico_db(request), "DELETE FROM {visible loans_loan} WHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(id)), &changed, &error);
    if (code < 0)
        return failed(request, code, &error);
    if (changed == 0)
        return PORTICO_ENOENT;
    portico_set_status(request, 204);
    return portico_reply_bytes(request, "text/plain", "", 0);
}

/* ---- events ---- */

/* In the transaction: the statistics never differ from what they count. The event, not the request,
 * knows the person, so that is written down here too. */
static int count_loan(struct portico_context *context, const struct portico_event *event,
                      struct portico_error *error)
{
    int64_t out = strcmp(event->type, BORROWED) == 0;
    const char *thing = portico_get_text(event->data, "thing", NULL);
    portico_id id = portico_id_read(portico_get_text(event->data, "loan", NULL));
    int code = portico_execute(
        portico_db(context),
        "INSERT INTO loans_statistic (thing, borrowed, returned) VALUES (?, ?, ?)\n"
        "ON CONFLICT (thing) DO UPDATE SET borrowed = loans_statistic.borrowed + ?,\n"
        "returned = loans_statistic.returned + ?",
        PORTICO_ARGS(portico_arg_text(thing), portico_arg_integer(out),
                     portico_arg_integer(1 - out), portico_arg_integer(out),
                     portico_arg_integer(1 - out)),
        NULL, error);
    if (code == 0 && out && event->person)
        code = portico_execute(
            portico_db(context),
            "{unfiltered the borrower of a new loan} UPDATE loans_loan SET person = ? WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(event->person), portico_arg_id(id)), NULL, error);
    return code;
}

/* One message to the desk, in the open transaction; nothing if no address is set. */
static int write_desk(struct portico_context *context, const char *subject, const char *text,
                      struct portico_error *error)
{
    const char *to = portico_setting_text(context, "desk_address");
    const struct portico_message message = {
        .size = sizeof message,
        .to = to,
        .subject = subject,
        .text = text,
    };
    if (!to || !*to)
        return PORTICO_OK;
    if (!subject || !text)
        return PORTICO_ENOMEM;
    return portico_mail_send(portico_mail(context), &message, NULL, error);
}

/* After the commit, each event once. */
static int write_letter(struct portico_context *context, const struct portico_event *event,
                        struct portico_error *error)
{
    struct portico_db *db = portico_db(context);
    const char *thing = portico_get_text(event->data, "thing", "");
    int64_t changed = 0;
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_execute(
        db,
        "INSERT INTO loans_letter (event, sent) VALUES (?, ?)\n"
        "ON CONFLICT (event) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(event->id), portico_arg_time(portico_now(context))), &changed,
        error);
    if (code == 0 && changed == 1)
        code = write_desk(
            context,
            portico_printf(context, strcmp(event->type, BORROWED) ? "Back: %s" : "Lent: %s", thing),
            "See the list of loans in the portal.\n", error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

/* ---- the nightly job ---- */

/* Marks one slice of late loans after `last`. How many, or a negative code. */
static int mark_slice(struct portico_context *context, struct portico_job *job, portico_id *last,
                      int64_t *done, struct portico_error *error)
{
    struct portico_db *db = portico_db(context);
    struct portico_value *rows = NULL, *state = portico_object(context);
    portico_time now = portico_now(context);
    portico_id next = *last;
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_query(
        db,
        "{unfiltered nightly}\n"
        "SELECT id AS \"id:id\", thing FROM loans_loan WHERE returned IS NULL\n"
        "AND overdue IS NULL AND due < ? AND id > ? ORDER BY id LIMIT ?",
        PORTICO_ARGS(portico_arg_time(now), portico_arg_integer(*last), portico_arg_integer(SLICE)),
        &rows, error);
    size_t count = portico_count(rows);
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct portico_value *row = portico_at(rows, i);
        next = portico_get_integer(row, "id", 0);
        code = portico_execute(
            db, "{unfiltered nightly} UPDATE loans_loan SET overdue = ? WHERE id = ?",
            PORTICO_ARGS(portico_arg_time(now), portico_arg_id(next)), NULL, error);
        if (code == 0)
            code = write_desk(
                context, portico_printf(context, "Overdue: %s", portico_get_text(row, "thing", "")),
                "It should have come back. Ask the borrower.\n", error);
    }
    portico_set_id(state, "last", next);
    portico_set_integer(state, "done", *done + (int64_t)count);
    if (code == 0)
        code = portico_job_save(job, state, error);
    if (code == 0)
        code = portico_commit(db, error);
    else
        portico_rollback(db);
    if (code < 0)
        return code;
    *last = next;
    *done += (int64_t)count;
    return (int)count;
}

static int mark_overdue(struct portico_context *context, struct portico_job *job,
                        struct portico_error *error)
{
    const struct portico_value *saved = portico_job_saved(job);
    portico_id last = portico_get_integer(saved, "last", 0);
    int64_t done = portico_get_integer(saved, "done", 0);
    int count = SLICE;
    while (count == SLICE) {
        if (portico_job_progress(job, done, 0, "late loans marked"))
            return PORTICO_EBUSY;
        struct portico_context *scope = portico_scope(context);
        count = scope ? mark_slice(scope, job, &last, &done, error) : PORTICO_ENOMEM;
        portico_end_scope(scope);
    }
    if (count < 0)
        return count;
    portico_job_progress(job, done, done, "late loans marked");
    if (done > 0)
        portico_log(context, PORTICO_LOG_INFO, "%lld loans are newly overdue.", (long long)done);
    return PORTICO_OK;
}

/* ---- command and health ---- */

static int print_overdue(struct portico_context *context, const struct portico_command_call *call,
                         struct portico_error *error)
{
    struct portico_cursor *cursor = NULL;
    struct portico_value *row = NULL;
    const char *days = call->option(context, "days");
    char *end = NULL;
    long long late = days ? strtoll(days, &end, 10) : 0;
    if (days && (end == days || *end || late < 0 || late > 36500)) {
        error->code = PORTICO_EINVAL;
        snprintf(error->message, sizeof error->message,
                 "--days takes a number of days from 0 to 36500.");
        return PORTICO_EINVAL;
    }
    int code = portico_cursor_open(
        portico_db(context),
        "{unfiltered for an admin}\n"
        "SELECT thing, borrower, due AS \"due:time\" FROM loans_loan\n"
        "WHERE returned IS NULL AND due < ? ORDER BY due, id",
        PORTICO_ARGS(portico_arg_time(portico_now(context) - late * DAY)), &cursor, error);
    while (code >= 0 && (code = portico_cursor_next(cursor, &row, error)) > 0) {
        const char *due = portico_time_text(context, portico_get_integer(row, "due", 0));
        const char *line = portico_printf(context, "%s\t%s\t%s\n", due ? due : "",
                                          portico_get_text(row, "thing", ""),
                                          portico_get_text(row, "borrower", ""));
        code = line ? call->write(context, line, strlen(line)) : PORTICO_ENOMEM;
    }
    portico_cursor_close(cursor);
    return code;
}

static int check_overdue(struct portico_context *context, char *ret_message, size_t size)
{
    struct portico_value *row = NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t limit = portico_setting_integer(context, "overdue_limit");
    int code =
        portico_query_one(portico_db(context),
                          "{unfiltered a number}\n"
                          "SELECT count(*) AS number FROM loans_loan\n"
                          "WHERE returned IS NULL AND due < ?",
                          PORTICO_ARGS(portico_arg_time(portico_now(context))), &row, &error);
    if (code < 0) {
        snprintf(ret_message, size, "The loans cannot be read: %s", error.message);
        return PORTICO_DEGRADED;
    }
    int64_t late = portico_get_integer(row, "number", 0);
    if (late <= limit)
        return PORTICO_HEALTHY;
    snprintf(ret_message, size,
             "%lld loans are overdue: see `portico loans overdue`, or raise `overdue_limit`.",
             (long long)late);
    return PORTICO_DEGRADED;
}

/* ---- the descriptor ---- */

#define LOAN_SCHEMA                                                                                \
    "{ \"type\": \"object\", \"required\": [\"id\", \"thing\", \"borrower\", \"borrowed\","        \
    "  \"due\", \"returned\", \"overdue\"], \"properties\": {"                                     \
    "  \"id\": { \"type\": \"string\" }, \"thing\": { \"type\": \"string\" },"                     \
    "  \"borrower\": { \"type\": \"string\" }, \"borrowed\": { \"type\": \"string\" },"            \
    "  \"due\": { \"type\": \"string\" }, \"returned\": { \"type\": [\"string\", \"null\"] },"     \
    "  \"overdue\": { \"type\": [\"string\", \"null\"] } } }"

static const char borrow_schema[] =
    "{ \"type\": \"object\", \"required\": [\"thing\", \"borrower\", \"days\"],"
    "  \"additionalProperties\": false, \"properties\": {"
    "  \"thing\": { \"type\": \"string\", \"minLength\": 1, \"maxLength\": 200 },"
    "  \"borrower\": { \"type\": \"string\", \"minLength\": 1, \"maxLength\": 200 },"
    "  \"days\": { \"type\": \"integer\", \"minimum\": 1 } } }";

static const char list_schema[] =
    "{ \"type\": \"object\", \"required\": [\"loans\", \"next\", \"previous\"], \"properties\": {"
    "  \"loans\": { \"type\": \"array\", \"items\": " LOAN_SCHEMA " },"
    "  \"next\": { \"type\": [\"string\", \"null\"] },"
    "  \"previous\": { \"type\": [\"string\", \"null\"] } } }";

static const struct portico_permission permissions[] = {
    { .name = "loans.delete",
      .title = "Delete loans",
      .description = "Remove a loan that was written down by mistake." },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/loans", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/api/loans/v1/loans",
      .handler = api_list,
      .permission = PORTICO_PUBLIC,
      .summary = "Loans, newest first",
      .response_schema = list_schema },
    { .method = "POST",
      .pattern = "/api/loans/v1/loans",
      .handler = api_borrow,
      .permission = PORTICO_PUBLIC,
      .summary = "Borrow a tool",
      .request_schema = borrow_schema,
      .response_schema = LOAN_SCHEMA },
    { .method = "GET",
      .pattern = "/api/loans/v1/loans/{id}",
      .handler = api_show,
      .permission = PORTICO_PUBLIC,
      .summary = "One loan",
      .response_schema = LOAN_SCHEMA },
    { .method = "POST",
      .pattern = "/api/loans/v1/loans/{id}/return",
      .handler = api_return,
      .permission = PORTICO_PUBLIC,
      .summary = "Bring a tool back",
      .request_schema = "{ \"type\": \"object\", \"additionalProperties\": false }",
      .response_schema = LOAN_SCHEMA },
    { .method = "DELETE",
      .pattern = "/api/loans/v1/loans/{id}",
      .handler = api_delete,
      .permission = "loans.delete",
      .summary = "Delete a loan",
      .response_schema = "{}" },
};

static const struct portico_navigation navigation[] = {
    { .path = "/loans", .title = "Tools on loan", .icon = "wrench", .permission = PORTICO_PUBLIC },
};

static const struct portico_setting settings[] = {
    { .key = "longest_days",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "14",
      .minimum = "1",
      .maximum = "365",
      .title = "Longest loan",
      .help = "How many days a tool may be away." },
    { .key = "overdue_limit",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "10",
      .minimum = "0",
      .title = "Overdue loans",
      .help = "With more overdue loans than this the health check warns." },
    { .key = "desk_address",
      .type = PORTICO_SETTING_TEXT,
      .title = "Address of the desk",
      .help = "Who gets mail about loans. Empty: nobody." },
    { .key = "desk_key",
      .type = PORTICO_SETTING_SECRET,
      .title = "Key of the desk",
      .help = "Written as desk_key_file. If it is set, only who sends it may lend and take back." },
};

#define EVENT_SCHEMA                                                                               \
    "{ \"type\": \"object\", \"required\": [\"loan\", \"thing\"], \"properties\": {"               \
    "  \"loan\": { \"type\": \"string\" }, \"thing\": { \"type\": \"string\" } } }"

static const struct portico_event_type event_types[] = {
    { .type = BORROWED, .title = "A tool was borrowed", .data_schema = EVENT_SCHEMA },
    { .type = RETURNED, .title = "A tool came back", .data_schema = EVENT_SCHEMA },
};

static const struct portico_event_handler event_handlers[] = {
    { .name = "count",
      .types = BORROWED " " RETURNED,
      .phase = PORTICO_IN_TRANSACTION,
      .handle = count_loan },
    { .name = "letter", .types = BORROWED " " RETURNED, .handle = write_letter },
};

static const struct portico_job_type jobs[] = {
    { .name = "overdue",
      .title = "Mark overdue loans",
      .schedule = "15 2 * * *",
      .run = mark_overdue },
};

static const struct portico_health_check health_checks[] = {
    { .name = "overdue", .check = check_overdue },
};

static const struct portico_scenario scenarios[] = {
    { .id = "borrow-and-bring-back",
      .title = "Borrow a tool and bring it back",
      .starts = BORROWED,
      .finishes = RETURNED,
      .correlate = "subject",
      .abandon_hours = 24 * 60 },
};

static const struct portico_command commands[] = {
    { .name = "overdue",
      .summary = "Print overdue loans, the longest overdue first",
      .description = "One line each: when it was due, what, and who has it, parted by tabs.",
      .run = print_overdue },
};

static const struct portico_command_option command_options[] = {
    { .command = "overdue",
      .name = "days",
      .argument = "DAYS",
      .help = "Only those that are late by more days than this." },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "loans_loan",
      .title = "What you borrowed",
      .erase = PORTICO_ERASE_COLUMNS,
      .person = "person",
      .columns = "id thing borrower borrowed due returned",
      .cleared = "borrower person",
      .time = "returned",
      .retention_days = 365 },
    { .table = "loans_statistic", .reason = "It counts things, not people." },
    { .table = "loans_letter", .reason = "Ids of events alone." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Loans",
    .description = "Tools that we lend to our customers.",
    .routes = PORTICO_LIST(routes),
    .permissions = PORTICO_LIST(permissions),
    .settings = PORTICO_LIST(settings),
    .navigation = PORTICO_LIST(navigation),
    .health_checks = PORTICO_LIST(health_checks),
    .event_types = PORTICO_LIST(event_types),
    .event_handlers = PORTICO_LIST(event_handlers),
    .jobs = PORTICO_LIST(jobs),
    .scenarios = PORTICO_LIST(scenarios),
    .personal_data = PORTICO_LIST(personal_data),
    .commands = PORTICO_LIST(commands),
    .command_options = PORTICO_LIST(command_options),
};
PORTICO_EXPORT_MODULE(module)
