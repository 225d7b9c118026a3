/* Audiences: notes that people show to whom they choose, and to nobody else. */
#include <portico/portico.h>

/* The row first: what is granted is a row that is there. Who wrote it changes it. */
static int write_note(struct portico_request *request, struct portico_form *form, portico_id id,
                      int is_new, struct portico_error *error)
{
    struct portico_shared shared = { .size = sizeof shared };
    int64_t changed = 0;
    int code = portico_form_shared(form, "sharing", &shared, error);
    if (code == 0)
        code = portico_execute(
            portico_db(request),
            is_new ? "INSERT INTO audience_note (title, audience, id, person) VALUES (?, ?, ?, ?)"
                   : "UPDATE {visible audience_note} SET title = ?, audience = ? "
                     "WHERE id = ? AND person = ?",
            PORTICO_ARGS(portico_arg_text(portico_form_text(form, "title")),
                         portico_arg_id(shared.audience), portico_arg_id(id),
                         portico_arg_id(portico_person(request))),
            &changed, error);
    if (code < 0 || changed != 1) /* deleted meanwhile, or no longer theirs */
        return code < 0 ? code : PORTICO_ENOENT;
    return portico_grant(portico_audiences(request), "audience_note", id, shared.people,
                         shared.people_count, error);
}

static int save(struct portico_request *request, struct portico_form *form, portico_id id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *json = portico_object(request);
    int is_new = id == 0;
    id = is_new ? portico_new_id(request) : id;
    portico_set_id(json, "id", id);
    int code = portico_form_begin(form, &error);
    if (code == 0)
        code = write_note(request, form, id, is_new, &error);
    return code == 0 ? portico_form_done(form, "/audience", json, &error) : code;
}

/* GET and POST /audience/new, and POST /api/audience/v1/notes with the same fields as JSON. */
static int add(struct portico_request *request)
{
    struct portico_form *form = portico_form_open(request, "note", NULL);
    if (portico_form_sent(form) && portico_form_valid(form))
        return save(request, form, 0);
    return portico_form_reply(form, "note", portico_object(request));
}

/* A note of another company is not there: {visible} has no such row. */
static int find(struct portico_request *request, struct portico_value **ret_note,
                struct portico_error *error)
{
    return portico_query_one(
        portico_db(request),
        "SELECT n.id AS \"id:id\", n.title, n.person AS \"person:id\", "
        "n.audience AS \"audience:id\" FROM {visible audience_note} n WHERE n.id = ?",
        PORTICO_ARGS(portico_arg_id(portico_id_read(portico_param(request, "id")))), ret_note,
        error);
}

/* GET and POST /audience/{id}: whoever sees it may know that it is another's. */
static int edit(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *note, *people;
    int code = find(request, &note, &error);
    portico_id id = code == 0 ? portico_get_integer(note, "id", 0) : 0;
    if (code == 0 && portico_get_integer(note, "person", 0) != portico_person(request))
        code = PORTICO_EPERM;
    if (code == 0)
        code = portico_granted(portico_audiences(request), "audience_note", id, &people, &error);
    if (code < 0)
        return code;
    struct portico_form *form =
        portico_form_open(request, "note", portico_printf(request, "note/%lld", (long long)id));
    portico_form_set(form, "title", portico_get(note, "title"));
    code =
        portico_form_set_shared(form, "sharing", portico_get_integer(note, "audience", 0), people);
    if (code == 0 && portico_form_sent(form) && portico_form_valid(form))
        return save(request, form, id);
    return code < 0 ? code : portico_form_reply(form, "note", portico_object(request));
}

/* GET /api/audience/v1/notes/{id}: the note, and in words who sees it. */
static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *note = NULL, *sharing = NULL;
    int code = find(request, &note, &error);
    if (code == 0)
        code = portico_audience_describe(
            portico_audiences(request), portico_get_integer(note, "audience", 0), &sharing, &error);
    portico_set(note, "sharing", sharing);
    return code < 0 ? code : portico_reply_json(request, note);
}

/* GET /audience: a list and its number, both of what this reader sees. */
static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    struct portico_page page = { .size = sizeof page };
    int64_t number = 0;
    int more;
    const struct portico_page_query query = { .size = sizeof query,
                                              .limit = 20,
                                              .table = "audience_note",
                                              .columns = "t.id AS \"id:id\", t.title",
                                              .order = "id DESC",
                                              .cursor = portico_query_param(request, "page") };
    int code = portico_page(portico_db(request), &query, &page, &error);
    if (code == 0)
        code = portico_page_count(portico_db(request), &query, &number, &more, &error);
    portico_set(view, "notes", page.rows);
    portico_set_integer(view, "number", number);
    portico_set_text(view, "next", page.next);
    return code < 0 ? code : portico_reply_view(request, "list", view);
}

static const struct portico_form_type forms[] = { { .name = "note", .submit = "Save" } };
static const struct portico_field form_fields[] = {
    { "note", "title", PORTICO_FIELD_TEXT, PORTICO_FIELD_REQUIRED, .label = "Title" },
    { "note", "sharing", PORTICO_FIELD_SHARING, .label = "Who may see it?",
      .choices = "me people role team account below everyone staff", .initial = "account" },
};
#define OBJECT "{\"type\":\"object\"}"
static const struct portico_route routes[] = {
    { "GET", "/audience", list, PORTICO_SIGNED_IN, .flags = PORTICO_ROUTE_ALL_ACCOUNTS },
    { "GET", "/audience/new", add, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/audience/new", add, PORTICO_SIGNED_IN, .form = "note" },
    { "GET", "/audience/{id}", edit, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/audience/{id}", edit, PORTICO_SIGNED_IN, .form = "note" },
    { "POST", "/api/audience/v1/notes", add, PORTICO_SIGNED_IN, .form = "note",
      .summary = "Writes a note", .response_schema = OBJECT },
    { "GET", "/api/audience/v1/notes/{id}", show, PORTICO_SIGNED_IN,
      .summary = "A note, and who sees it", .response_schema = OBJECT },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "audience_note", .title = "Notes", .erase = PORTICO_ERASE_ROWS, .person = "person" },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Notes",
    .routes = PORTICO_LIST(routes),
    .forms = PORTICO_LIST(forms),
    .form_fields = PORTICO_LIST(form_fields),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
