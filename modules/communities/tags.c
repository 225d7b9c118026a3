/* All tags, the most used first. */
#include "communities.h"

#include <ctype.h>

/* What the viewer sees of them: topics for others are not counted. */
#define TAGS_SEEN                                                                                  \
    "{unfiltered counted below} SELECT g.name, SUM(c.topics) AS \"topics:integer\", "              \
    "g.description\n"                                                                              \
    "FROM communities_tag g\n"                                                                     \
    "JOIN {visible communities_tag_count} c ON c.tag = g.name\n"
#define TAGS_GROUPED                                                                               \
    "GROUP BY g.name, g.description\n"                                                             \
    "HAVING SUM(c.topics) > 0\n"

int tag_read(struct portico_request *request, const char *name, struct portico_value **ret_tag,
             struct portico_error *error)
{
    return portico_query_one(portico_db(request), TAGS_SEEN "WHERE g.name = ?\n" TAGS_GROUPED,
                             PORTICO_ARGS(portico_arg_text(name)), ret_tag, error);
}

/* Most tags of a page. */
#define ROWS_MOST 200

/* The rows of a page by what is shown of them, the most used first. */
static void put_in_order(const struct portico_value *rows, size_t *ret_order)
{
    int64_t numbers[ROWS_MOST];
    for (size_t i = 0; i < portico_count(rows); i++) {
        int64_t number = portico_get_integer(portico_at(rows, i), "topics", 0);
        size_t at = i;
        for (; at > 0 && numbers[at - 1] < number; at--) {
            numbers[at] = numbers[at - 1];
            ret_order[at] = ret_order[at - 1];
        }
        numbers[at] = number;
        ret_order[at] = i;
    }
}

/* What moderators and imports say of these, for whoever sees the tag: the rows anew. */
static int add_descriptions(struct portico_request *request, struct portico_value *rows,
                            struct portico_value **ret_rows, struct portico_error *error)
{
    static const char *const same[] = { "name", "topics" };
    struct portico_argument names[ROWS_MOST];
    size_t order[ROWS_MOST];
    struct portico_value *described = NULL, *list = portico_listing(request);
    struct portico_value *descriptions = portico_object(request);
    size_t count = portico_count(rows);
    /* As many places as a whole page of this size has, so that the text stays one. */
    size_t places = count > 60 ? ROWS_MOST : count > 20 ? 60 : 20;
    char marks[3 * ROWS_MOST + 1] = "?";
    for (size_t i = 1; i < places; i++)
        memcpy(marks + 3 * i - 2, ", ?", 4);
    for (size_t i = 0; count && i < places; i++)
        names[i] = portico_arg_text(
            portico_get_text(portico_at(rows, i < count ? i : count - 1), "name", ""));
    int code = count ? portico_query(portico_db(request),
                                     portico_printf(request,
                                                    "{unfiltered seen above} SELECT name, "
                                                    "description\n"
                                                    "FROM communities_tag\n"
                                                    "WHERE name IN (%s) AND description IS NOT "
                                                    "NULL",
                                                    marks),
                                     names, places, &described, error)
                     : PORTICO_OK;
    if (code < 0)
        return code;
    for (size_t i = 0; i < portico_count(described); i++) {
        const struct portico_value *row = portico_at(described, i);
        portico_set(descriptions, portico_get_text(row, "name", ""),
                    portico_get(row, "description"));
    }
    put_in_order(rows, order);
    for (size_t i = 0; i < count; i++) {
        const struct portico_value *row = portico_at(rows, order[i]);
        struct portico_value *tag = portico_append_object(list);
        view_copy(tag, row, same, sizeof same / sizeof *same);
        portico_set_text(tag, "description",
                         portico_get_text(descriptions, portico_get_text(row, "name", ""), NULL));
    }
    *ret_rows = list;
    return PORTICO_OK;
}

/* Each tag once: by the audience with the most of its topics that the viewer sees, which the list
 * is walked by; the numbers shown are of all they see. So each audience is a list in its index, and
 * nobody's page sorts what it does not show. */
int tags_read(struct portico_request *request, const char *cursor, uint32_t limit,
              struct portico_page *ret_page, struct portico_error *error)
{
    struct portico_page_query query = {
        .size = sizeof query,
        .limit = limit,
        .table = "communities_tag_count",
        .columns = "t.tag AS name, (SELECT SUM(c.topics) FROM {visible communities_tag_count} c "
                   "WHERE c.tag = t.tag) AS \"topics:integer\"",
        .where = "t.topics > 0 AND NOT EXISTS (SELECT 1 FROM {visible communities_tag_count} w "
                 "WHERE w.tag = t.tag AND (w.topics > t.topics "
                 "OR (w.topics = t.topics AND w.audience < t.audience)))",
        .order = "topics DESC, tag DESC",
        .cursor = cursor,
    };
    struct portico_page page = *ret_page;
    int code = portico_page(portico_db(request), &query, &page, error);
    if (code == 0)
        code = add_descriptions(request, page.rows, &page.rows, error);
    if (code == 0)
        *ret_page = page;
    return code;
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
    return portico_query(
        portico_db(request),
        TAGS_SEEN "WHERE g.name LIKE ? ESCAPE '!'\n" TAGS_GROUPED "ORDER BY 2 DESC, g.name\n"
                  "LIMIT ?",
        PORTICO_ARGS(portico_arg_text(pattern), portico_arg_integer(limit)), ret_rows, error);
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
