/* Forms: one declaration is the page, the check on the server and the JSON API. */
#include <portico/portico.h>

static int write_wish(struct portico_request *request, struct portico_form *form, portico_id id,
                      struct portico_error *error)
{
    return portico_execute(
        portico_db(request),
        "INSERT INTO wishes_wish (id, title, reason, urgency, pieces, person) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title, "
        "reason = excluded.reason, urgency = excluded.urgency, pieces = excluded.pieces",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(portico_form_text(form, "title")),
                     portico_arg_text(portico_form_text(form, "reason")),
                     portico_arg_text(portico_form_text(form, "urgency")),
                     portico_arg_integer(portico_form_integer(form, "pieces")),
                     portico_arg_id(portico_person(request))),
        NULL, error);
}

/* What only the database knows is said beside the field, like all the rest. */
static int check_title(struct portico_request *request, struct portico_form *form, portico_id id,
                       struct portico_error *error)
{
    struct portico_value *same = NULL;
    int code = portico_query(
        portico_db(request), "SELECT id FROM wishes_wish WHERE title = ? AND id <> ?",
        PORTICO_ARGS(portico_arg_text(portico_form_text(form, "title")), portico_arg_integer(id)),
        &same, error);
    if (code == 0 && portico_count(same) > 0)
        portico_form_reject(form, "title",
                            portico_translate(request,
                                              "There is such a wish already: name yours otherwise.",
                                              NULL));
    return code;
}

/* Sends a valid form: both the page and the API come here. `id` 0: a new wish. */
static int save(struct portico_request *request, struct portico_form *form, portico_id id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *json = portico_object(request);
    id = id ? id : portico_new_id(request);
    portico_set_id(json, "id", id);
    int code = portico_form_begin(form, &error);
    if (code == 0)
        code = write_wish(request, form, id, &error);
    return code == 0 ? portico_form_done(form, "/wishes", json, &error) : code;
}

/* GET and POST /wishes/new, and POST /api/wishes/v1/wishes with the same fields as JSON. */
static int wish(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_form *form = portico_form_open(request, "wish", NULL);
    if (portico_form_sent(form) && portico_form_valid(form)) {
        int code = check_title(request, form, 0, &error);
        if (code < 0)
            return code;
        if (portico_form_valid(form))
            return save(request, form, 0);
    }
    return portico_form_reply(form, "wish", portico_object(request));
}

/* GET and POST /wishes/{id}: the same form, showing what is there. */
static int edit(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id id = portico_id_read(portico_param(request, "id"));
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(request),
                             "SELECT title, reason, urgency, pieces FROM wishes_wish WHERE id = ?",
                             PORTICO_ARGS(portico_arg_id(id)), &rows, &error);
    const struct portico_value *row = portico_at(rows, 0);
    if (code < 0 || !row)
        return code < 0 ? code : PORTICO_ENOENT;
    struct portico_form *form =
        portico_form_open(request, "wish", portico_printf(request, "wish/%lld", (long long)id));
    portico_form_set(form, "title", portico_get(row, "title"));
    portico_form_set(form, "reason", portico_get(row, "reason"));
    portico_form_set(form, "urgency", portico_get(row, "urgency"));
    portico_form_set(form, "pieces", portico_get(row, "pieces"));
    portico_form_submit(form, portico_translate(request, "Save", NULL));
    if (portico_form_sent(form) && portico_form_valid(form))
        return save(request, form, id);
    return portico_form_reply(form, "wish", portico_object(request));
}

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *view = portico_object(request);
    int code = portico_query(portico_db(request),
                             "SELECT id AS \"id:id\", title, pieces FROM wishes_wish ORDER BY id",
                             PORTICO_NO_ARGS, &rows, &error);
    portico_set(view, "wishes", rows);
    return code < 0 ? code : portico_reply_view(request, "list", view);
}

static const struct portico_form_type forms[] = {
    { .name = "wish", .submit = "Send the wish", .flags = PORTICO_FORM_DRAFT | PORTICO_FORM_OPEN },
};
static const struct portico_field form_fields[] = {
    { "wish", "title", PORTICO_FIELD_TEXT, PORTICO_FIELD_REQUIRED, .label = "What do you wish for?",
      .help = "A few words that others find it by.", .minimum_length = 3, .maximum_length = 60 },
    { "wish", "reason", PORTICO_FIELD_MARKDOWN, .label = "Why?", .maximum_length = 2000 },
    { "wish", "urgency", PORTICO_FIELD_CHOICE, PORTICO_FIELD_REQUIRED, .label = "How soon?",
      .choices = "someday=Someday\nsoon=Soon\nnow=Now", .initial = "someday" },
    { "wish", "pieces", PORTICO_FIELD_INTEGER, PORTICO_FIELD_REQUIRED, .label = "How many?",
      .minimum = "1", .maximum = "99", .initial = "1" },
};
static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/wishes", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/wishes/new", .handler = wish, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/wishes/new",
      .handler = wish,
      .permission = PORTICO_PUBLIC,
      .form = "wish" },
    { .method = "GET", .pattern = "/wishes/{id}", .handler = edit, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/wishes/{id}",
      .handler = edit,
      .permission = PORTICO_PUBLIC,
      .form = "wish" },
    { .method = "POST",
      .pattern = "/api/wishes/v1/wishes",
      .handler = wish,
      .permission = PORTICO_PUBLIC,
      .summary = "Sends a wish",
      .response_schema = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}}}",
      .form = "wish" },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "wishes_wish",
      .title = "Your wishes",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person" },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Wishes",
    .routes = PORTICO_LIST(routes),
    .forms = PORTICO_LIST(forms),
    .form_fields = PORTICO_LIST(form_fields),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
