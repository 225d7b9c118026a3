/* Live: open pages show the number that is called, in every browser, as soon as it is. */
#include <portico/portico.h>

#define CALLED "portal.desk.number.called"

static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *view = portico_object(request);
    portico_id id = portico_id_read(portico_param(request, "desk"));
    /* Before the number is read: what happens in between is told to the page once it is open. */
    portico_set_integer(view, "now", portico_now(request));
    int code = portico_query(portico_db(request), "SELECT number FROM desk_desk WHERE id = ?",
                             PORTICO_ARGS(portico_arg_id(id)), &rows, &error);
    if (code < 0)
        return code;
    if (portico_count(rows) == 0)
        return PORTICO_ENOENT;
    portico_set_id(view, "id", id);
    portico_set_integer(view, "number", portico_get_integer(portico_at(rows, 0), "number", 0));
    return portico_reply_view(request, "desk", view);
}

static int count_on(struct portico_request *request, portico_id id, struct portico_error *error)
{
    struct portico_db *db = portico_db(request);
    int64_t changed = 0;
    const struct portico_emission called = {
        .size = sizeof called,
        .type = CALLED,
        .subject = portico_printf(request, "desk/%lld", (long long)id),
        .audience = PORTICO_AUDIENCE_EVERYONE,
    };
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_execute(db, "UPDATE desk_desk SET number = number + 1 WHERE id = ?",
                           PORTICO_ARGS(portico_arg_id(id)), &changed, error);
    if (code == 0 && changed == 0)
        code = PORTICO_ENOENT;
    if (code == 0)
        code = portico_emit(portico_events(request), &called, NULL, error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

static int call_next(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id id = portico_id_read(portico_param(request, "desk"));
    int code = count_on(request, id, &error);
    if (code < 0)
        return code;
    return portico_reply_redirect(request, 303,
                                  portico_printf(request, "/desk/%lld", (long long)id));
}

static const struct portico_event_type event_types[] = {
    { .type = CALLED,
      .title = "Number called",
      .data_schema = "{\"type\":\"object\"}",
      .flags = PORTICO_EVENT_LIVE },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/desk/{desk}", .handler = show, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/desk/{desk}/next",
      .handler = call_next,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "desk_desk", .reason = "numbers only" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Desk",
    .routes = PORTICO_LIST(routes),
    .event_types = PORTICO_LIST(event_types),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
