/* Content: Markdown that people write, kept sealed, and shown page by page to whom it is for. */
#include <portico/portico.h>

#define NOTICES_A_PAGE 5

static int put(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_content *content = portico_content(request);
    const char *text = portico_form(request, "text"), *staff = portico_form(request, "staff");
    if (!text || !*text)
        return portico_reply_problem(request, 422, NULL, "The notice is empty",
                                     "Write a few words.");
    struct portico_value *body = portico_markdown(content, text, strlen(text), &error);
    if (!body)
        return portico_reply_problem(request, 422, NULL, "This cannot be shown", error.message);
    int code = portico_execute(
        portico_db(request),
        "INSERT INTO notices_notice (id, audience, body, created) VALUES (?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(request)),
                     portico_arg_id(staff ? PORTICO_AUDIENCE_STAFF : PORTICO_AUDIENCE_EVERYONE),
                     portico_arg_text(portico_html_seal(content, body)),
                     portico_arg_time(portico_now(request))),
        NULL, &error);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/notices");
}

/* The way to a page beside this one, or nothing. */
static void set_way(struct portico_request *request, struct portico_value *pager, const char *name,
                    const char *cursor)
{
    portico_set_text(pager, name,
                     cursor ? portico_printf(request, "/notices?page=%s", cursor) : NULL);
}

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    const struct portico_page_query query = {
        .size = sizeof query,
        .limit = NOTICES_A_PAGE,
        .table = "notices_notice",
        .columns = "t.body AS \"body:html\", t.created AS \"created:time\"",
        .order = "created DESC, id DESC",
        .cursor = portico_query_param(request, "page"),
    };
    int code = portico_page(portico_db(request), &query, &page, &error);
    if (code < 0)
        return code;
    struct portico_value *view = portico_object(request);
    struct portico_value *pager = portico_set_object(view, "pager");
    portico_set(view, "notices", page.rows);
    set_way(request, pager, "previous", page.previous);
    set_way(request, pager, "next", page.next);
    return portico_reply_view(request, "list", view);
}

/* The first words of the newest notice, for a preview: markup and all are gone. */
static int newest(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL, *answer = portico_object(request);
    int code = portico_query_one(portico_db(request),
                                 "SELECT n.body AS \"body:html\" FROM {visible notices_notice} n\n"
                                 "ORDER BY n.created DESC, n.id DESC LIMIT 1",
                                 PORTICO_NO_ARGS, &row, &error);
    if (code < 0)
        return code;
    portico_set_text(answer, "words",
                     portico_html_plain(portico_content(request), portico_get(row, "body"), 40));
    return portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/notices", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/notices", .handler = put, .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/notices/newest",
      .handler = newest,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "notices_notice", .reason = "Notices are the owner's own and name no author." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Notices",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
