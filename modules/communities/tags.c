/* All tags, the most used first. */
#include "communities.h"

#include <ctype.h>

/* What the viewer sees of them: topics for others are not counted. */
#define TAG_TOPICS(g)                                                                              \
    "(SELECT SUM(c.topics) FROM {visible communities_tag_count} c WHERE c.tag = " g ".name) "      \
    "AS \"topics:integer\""

int tag_read(struct portico_request *request, const char *name, struct portico_value **ret_tag,
             struct portico_error *error)
{
    return portico_query_one(portico_db(request),
                             "SELECT g.name, " TAG_TOPICS("g") ", g.description\n"
                                                               "FROM {visible communities_tag} g\n"
                                                               "WHERE g.name = ?",
                             PORTICO_ARGS(portico_arg_text(name)), ret_tag, error);
}

int tags_read(struct portico_request *request, const char *cursor, uint32_t limit,
              struct portico_page *ret_page, struct portico_error *error)
{
    struct portico_page_query query = {
        .size = sizeof query,
        .limit = limit,
        .table = "communities_tag",
        .columns = "t.name, " TAG_TOPICS("t") ", t.description",
        .order = "topics DESC, name DESC",
        .cursor = cursor,
    };
    return portico_page(portico_db(request), &query, ret_page, error);
}

/* The most used tags that begin so; "%" and "_" mean themselves. */
int tags_find(struct portico_request *request, const char *beginning, int64_t limit,
              struct portico_value **ret_rows, struct portico_error *error)
{
    char *pattern = portico_alloc(request, strlen(beginning) * 2 + 2), *out = pattern;
    if (!pattern)
        return PORTICO_ENOMEM;
    for (const unsigned char *at = (const unsigned char *)beginning; *at; at++) {
        if (strchr("%_!", *at))
            *out++ = '!';
        *out++ = (char)(*at < 0x80 ? tolower(*at) : *at);
    }
    *out = '%';
    return portico_query(portico_db(request),
                         "SELECT g.name, " TAG_TOPICS("g") ", g.description\n"
                                                           "FROM {visible communities_tag} g\n"
                                                           "WHERE g.name LIKE ? ESCAPE '!'\n"
                                                           "ORDER BY 2 DESC, g.name\n"
                                                           "LIMIT ?",
                         PORTICO_ARGS(portico_arg_text(pattern), portico_arg_integer(limit)),
                         ret_rows, error);
}

int page_tags(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    int code = tags_read(request, portico_query_param(request, "cursor"), 60, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    const char *cursor = portico_query_param(request, "cursor");
    view_head(request, view, "/communities/tags", NULL,
              cursor ? portico_printf(request, "cursor=%s", cursor) : NULL);
    portico_set(view, "tags", page.rows);
    portico_set_boolean(view, "is_empty", portico_count(page.rows) == 0);
    portico_set_text(view, "next", page.next);
    portico_set_text(view, "previous", page.previous);
    portico_set_boolean(view, "is_paged", page.next || page.previous);
    return portico_reply_view(request, "tags", view);
}
