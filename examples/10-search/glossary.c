/* Search: what is indexed inside a transaction is found once that is committed, by whom it is for.
 */
#include <portico/portico.h>

/* Indexes a term for an audience; the same id again replaces it. */
static int put(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *title = portico_form(request, "title"), *body = portico_form(request, "body");
    const char *staff = portico_form(request, "staff");
    if (!title || !body)
        return PORTICO_EINVAL;
    portico_id id = portico_new_id(request);
    const struct portico_document document = {
        .size = sizeof document,
        .kind = "term",
        .id = id,
        .audience = staff ? PORTICO_AUDIENCE_STAFF : PORTICO_AUDIENCE_EVERYONE,
        .time = portico_now(request),
        .title = title,
        .body = body,
        .url = "/glossary",
    };
    int code = portico_search_index(portico_search(request), &document, &error);
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "id", id);
    return code < 0 ? code : portico_reply_json(request, answer);
}

static int take(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id id = 0;
    for (const char *c = portico_param(request, "id");
         *c >= '0' && *c <= '9' && id < INT64_MAX / 10; c++)
        id = id * 10 + (*c - '0');
    int code = portico_search_remove(portico_search(request), "term", id, &error);
    return code < 0 ? code : portico_reply_json(request, portico_object(request));
}

static int find(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *hits = NULL, *answer = portico_object(request);
    const char *words = portico_query_param(request, "q");
    const struct portico_search_query query = {
        .size = sizeof query, .limit = 10, .text = words ? words : "", .kind = "term"
    };
    int code = portico_search_query(portico_search(request), &query, &hits, &error);
    if (code < 0)
        return code;
    portico_set(answer, "hits", hits);
    return portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/glossary", .handler = find, .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/glossary", .handler = put, .permission = PORTICO_PUBLIC },
    { .method = "DELETE",
      .pattern = "/glossary/{id}",
      .handler = take,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_search_kind kinds[] = {
    { .kind = "term", .title = "Term", .icon = "file-text" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Glossary",
    .routes = PORTICO_LIST(routes),
    .search_kinds = PORTICO_LIST(kinds),
};
PORTICO_EXPORT_MODULE(module)
