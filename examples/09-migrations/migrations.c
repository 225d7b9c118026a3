/* Migrations: migrations/NNNN-name.before.sql adds, .after.sql takes away once nothing needs the
 * old. */
#include <portico/portico.h>

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request),
                             "SELECT id AS \"id:id\", title, done AS \"done:boolean\", "
                             "due AS \"due:time\" FROM migrations_task ORDER BY id",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;
    portico_set(answer, "tasks", rows);
    return portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/migrations", .handler = list, .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "migrations_task", .reason = "Tasks of nobody in particular." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Migrations",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
