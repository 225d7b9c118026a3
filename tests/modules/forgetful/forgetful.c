/* One way to forget whose a row is in each route, and one route that does not. */
#include <portico/portico.h>

#define FORGOTTEN "{unfiltered the author did not think of it} "

static portico_id id_of(struct portico_request *request)
{
    return portico_id_read(portico_param(request, "id"));
}

static int reply_row(struct portico_request *request, const char *sql)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row;
    int code = portico_query_one(portico_db(request), sql,
                                 PORTICO_ARGS(portico_arg_id(id_of(request))), &row, &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

static int sound(struct portico_request *request)
{
    return reply_row(request, "SELECT n.title FROM {visible forgetful_note} n WHERE n.id = ?");
}

static int shown(struct portico_request *request)
{
    return reply_row(request, FORGOTTEN "SELECT title FROM forgetful_note WHERE id = ?");
}

/* There is such a row, but not for you. */
static int told(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row;
    int code = sound(request);
    if (code != PORTICO_ENOENT)
        return code;
    code = portico_query_one(portico_db(request),
                             FORGOTTEN "SELECT id FROM forgetful_note WHERE id = ?",
                             PORTICO_ARGS(portico_arg_id(id_of(request))), &row, &error);
    return code == 0 ? PORTICO_EPERM : code;
}

/* The same answer to all, and the row of others is gone. */
static int changed(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_execute(portico_db(request),
                    FORGOTTEN "UPDATE forgetful_note SET title = 'mine' WHERE id = ?",
                    PORTICO_ARGS(portico_arg_id(id_of(request))), NULL, &error);
    return PORTICO_ENOENT;
}

static int counted(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row;
    int code = portico_query_one(portico_db(request),
                                 FORGOTTEN "SELECT count(*) AS notes FROM forgetful_note",
                                 PORTICO_NO_ARGS, &row, &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

/* By what has no index: it would be read whole, and sorted. */
static int sorted(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    const struct portico_page_query query = { .size = sizeof query,
                                              .limit = 20,
                                              .table = "forgetful_note",
                                              .columns = "t.title",
                                              .order = "title DESC, id DESC",
                                              .cursor = portico_query_param(request, "cursor") };
    int code = portico_page(portico_db(request), &query, &page, &error);
    return code < 0 ? code : portico_reply_json(request, page.rows);
}

/* An id that is none ends badly. */
static int brittle(struct portico_request *request)
{
    int code = sound(request);
    return code == PORTICO_ENOENT && id_of(request) == 0 ? PORTICO_EFAULT : code;
}

static int find(struct portico_request *request, const char *sql, portico_id id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row;
    return portico_query_one(portico_db(request), sql, PORTICO_ARGS(portico_arg_id(id)), &row,
                             &error);
}

/* Under a note that is there, whoever sees it. */
static int linked(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_value *body = portico_json(request, &error);
    portico_id id = portico_id_read(portico_get_text(body, "parent", ""));
    int code = find(request, FORGOTTEN "SELECT id FROM forgetful_note WHERE id = ?", id);
    return code < 0 ? code : portico_reply_json(request, portico_object(request));
}

/* All of them, or one that the address names. */
static int filtered(struct portico_request *request)
{
    portico_id id = portico_id_read(portico_query_param(request, "note"));
    struct portico_value *answer = portico_object(request);
    int there = find(request, FORGOTTEN "SELECT id FROM forgetful_note WHERE id = ?", id) == 0;
    portico_set_boolean(answer, "there", there);
    return portico_reply_json(request, answer);
}

/* Nobody gets there: its check is wrong. */
static int lost(struct portico_request *request)
{
    (void)request;
    return PORTICO_ENOENT;
}

static int away(struct portico_request *request)
{
    int code = find(request, "SELECT n.title FROM {visible forgetful_note} n WHERE n.id = ?",
                    id_of(request));
    return code < 0 ? code : portico_reply_redirect(request, 303, "/forgetful/nowhere");
}

/* The same words to all, but not the same fields. */
static int headed(struct portico_request *request)
{
    int code = sound(request);
    if (code != PORTICO_ENOENT)
        return code;
    if (find(request, FORGOTTEN "SELECT id FROM forgetful_note WHERE id = ?", id_of(request)) == 0)
        portico_set_header(request, "X-Note", "1");
    portico_set_status(request, 404);
    return portico_reply_json(request, portico_object(request));
}

/* Whoever sees the first gets the second. */
static int paired(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = find(request, "SELECT n.title FROM {visible forgetful_note} n WHERE n.id = ?",
                    id_of(request));
    if (code == 0)
        code = portico_query_one(
            portico_db(request), FORGOTTEN "SELECT id FROM forgetful_note WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(portico_id_read(portico_param(request, "second")))), &row,
            &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

/* It never looks for the row: what it is asked with does not please it. */
static int unfit(struct portico_request *request)
{
    return portico_reply_problem(request, 422, NULL, "That does not fit.", NULL);
}

static int add(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *answer = portico_object(request);
    portico_id id = portico_new_id(request), audience = 0;
    int code = portico_audience_account(portico_audiences(request), 0, &audience, &error);
    if (code == 0)
        code = portico_execute(portico_db(request),
                               "INSERT INTO forgetful_note (id, title, audience) VALUES (?, ?, ?)",
                               PORTICO_ARGS(portico_arg_id(id),
                                            portico_arg_text(portico_form(request, "title")),
                                            portico_arg_id(audience)),
                               NULL, &error);
    portico_set_id(answer, "id", id);
    return code < 0 ? code : portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { "GET", "/forgetful/sound/{id}", sound, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/shown/{id}", shown, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/told/{id}", told, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/forgetful/changed/{id}", changed, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/counted", counted, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/brittle/{id}", brittle, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/unknown/{other}", sound, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/api/forgetful/v1/links", linked, PORTICO_SIGNED_IN, .summary = "Links a note",
      .request_schema = "{\"type\":\"object\",\"required\":[\"parent\"],"
                        "\"properties\":{\"parent\":{\"type\":\"string\"}}}",
      .response_schema = "{\"type\":\"object\"}" },
    { "GET", "/forgetful/filtered", filtered, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/lost/{id}", lost, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/away/{id}", away, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/sorted", sorted, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/headed/{id}", headed, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/paired/{id}/{second}", paired, PORTICO_SIGNED_IN, .form = NULL },
    { "GET", "/forgetful/unfit/{id}", unfit, PORTICO_SIGNED_IN, .form = NULL },
    { "POST", "/forgetful", add, PORTICO_SIGNED_IN, .form = NULL },
};
static const struct portico_personal_table personal_data[] = {
    { .table = "forgetful_note", .erase = PORTICO_NOT_PERSONAL, .reason = "Notes are nobody's." },
};
static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Forgetful",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
