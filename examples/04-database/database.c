/* Database: typed parameters, rows as values, a transaction, a constraint, a cursor. */
#include <portico/portico.h>

/* All counters at once; the rows go to JSON as they are. */
static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request),
                             "SELECT name, number FROM database_counter ORDER BY name",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;
    portico_set(answer, "counters", rows);
    return portico_reply_json(request, answer);
}

/* Makes a counter; a second one of that name is a conflict. */
static int create(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *name = portico_param(request, "name");
    int code = portico_execute(portico_db(request),
                               "INSERT INTO database_counter (id, name, number, created) "
                               "VALUES (?, ?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(portico_new_id(request)),
                                            portico_arg_text(name), portico_arg_integer(0),
                                            portico_arg_time(portico_now(request))),
                               NULL, &error);
    if (code == PORTICO_EEXIST)
        return portico_reply_problem(request, 409, NULL, "There is one already", NULL);
    if (code < 0)
        return code;
    portico_set_status(request, 201);
    return portico_reply_json(request, portico_object(request));
}

/* Moves one from a counter to another: both or neither. */
static int transfer(struct portico_db *db, const char *from, const char *to,
                    struct portico_error *error)
{
    int64_t changed = 0;
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_execute(db, "UPDATE database_counter SET number = number - 1 WHERE name = ?",
                           PORTICO_ARGS(portico_arg_text(from)), NULL, error);
    if (code == 0)
        code = portico_execute(db, "UPDATE database_counter SET number = number + 1 WHERE name = ?",
                               PORTICO_ARGS(portico_arg_text(to)), &changed, error);
    if (code == 0 && changed == 1)
        return portico_commit(db, error);
    portico_rollback(db);
    return code < 0 ? code : PORTICO_ENOENT;
}

static int move(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = transfer(portico_db(request), portico_param(request, "from"),
                        portico_param(request, "to"), &error);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/database");
}

/* A cursor holds one row at a time, however many there are. */
static int sum(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_cursor *cursor = NULL;
    struct portico_value *row = NULL, *answer = portico_object(request);
    int64_t total = 0;
    int code = portico_cursor_open(portico_db(request), "SELECT number FROM database_counter",
                                   PORTICO_NO_ARGS, &cursor, &error);
    while (code >= 0 && (code = portico_cursor_next(cursor, &row, &error)) > 0)
        total += portico_get_integer(row, "number", 0);
    portico_cursor_close(cursor);
    if (code < 0)
        return code;
    portico_set_integer(answer, "sum", total);
    return portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/database", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/database/sum", .handler = sum, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/database/{name}",
      .handler = create,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/database/{from}/to/{to}",
      .handler = move,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "database_counter", .reason = "Names of counters, nothing of people." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Database",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
