/* All tags, the most used first. */
#include "communities.h"

int tags_read(struct portico_request *request, const char *cursor, uint32_t limit,
              struct portico_page *ret_page, struct portico_error *error)
{
    struct portico_page_query query = {
        .size = sizeof query,
        .limit = limit,
        .table = "communities_tag",
        .columns = "t.name, t.topics, t.description",
        .order = "topics DESC, name DESC",
        .cursor = cursor,
    };
    return portico_page(portico_db(request), &query, ret_page, error);
}

int page_tags(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    int code = tags_read(request, portico_query_param(request, "cursor"), 60, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    portico_set(view, "tags", page.rows);
    portico_set_boolean(view, "is_empty", portico_count(page.rows) == 0);
    portico_set_text(view, "next", page.next);
    portico_set_text(view, "previous", page.previous);
    portico_set_boolean(view, "is_paged", page.next || page.previous);
    return portico_reply_view(request, "tags", view);
}
