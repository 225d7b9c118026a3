/* Scaffold name: a page with a list of notes and a form that adds one. */
#include <portico/portico.h>

#define TEXT_MAX 500

/* GET /scaffold-name */
static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request), *notes = NULL;
    int code =
        portico_query(portico_db(request),
                      "SELECT text, created AS \"created:time\" FROM scaffold_name_note "
                      "ORDER BY id DESC LIMIT ?",
                      PORTICO_ARGS(portico_arg_integer(portico_setting_integer(request, "rows"))),
                      &notes, &error);
    if (code < 0) {
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
        return code;
    }
    portico_set_boolean(view, "any", portico_count(notes) > 0);
    portico_set(view, "notes", notes);
    return portico_reply_view(request, "list", view);
}

/* POST /scaffold-name */
static int add(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *text = portico_form(request, "text");
    if (!text || !*text || strlen(text) > TEXT_MAX)
        return portico_reply_problem(request, 422, NULL,
                                     portico_translate(request, "A note has 1 to 500 bytes.", NULL),
                                     NULL);
    int code = portico_execute(portico_db(request),
                               "INSERT INTO scaffold_name_note (id, text, created) "
                               "VALUES (?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(portico_new_id(request)),
                                            portico_arg_text(text),
                                            portico_arg_time(portico_now(request))),
                               NULL, &error);
    if (code < 0) {
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
        return code;
    }
    return portico_reply_redirect(request, 303, "/scaffold-name");
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/scaffold-name", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/scaffold-name", .handler = add, .permission = PORTICO_PUBLIC },
};

static const struct portico_navigation navigation[] = {
    { .path = "/scaffold-name",
      .title = "Scaffold name",
      .icon = "puzzle",
      .permission = PORTICO_PUBLIC },
};

static const struct portico_setting settings[] = {
    { .key = "rows",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "20",
      .minimum = "1",
      .maximum = "100",
      .title = "Rows",
      .help = "How many notes the page shows." },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "scaffold_name_note",
      .erase = PORTICO_NOT_PERSONAL,
      .reason = "Notes are kept without the name of who wrote them." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Scaffold name",
    .routes = PORTICO_LIST(routes),
    .navigation = PORTICO_LIST(navigation),
    .settings = PORTICO_LIST(settings),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
