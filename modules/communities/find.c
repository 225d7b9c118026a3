/* Search over topics. */
#include "communities.h"

#include "read.h"

#define OFFSET_MAX 1000
/* Hits a search gives at most; one is read to know whether there are more. */
#define SEARCH_MAX 100

int search_read(struct portico_request *request, const char *words, int64_t offset, int64_t limit,
                struct portico_value **ret_hits, int *ret_more, struct portico_error *error)
{
    struct portico_search_query query = {
        .size = sizeof query,
        .limit = (uint32_t)limit + 1,
        .text = words,
        .kind = "topic",
        .offset = (uint32_t)offset,
    };
    struct portico_value *rows = NULL;
    int code = portico_search_query(portico_search(request), &query, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *hits = portico_listing(request);
    for (size_t i = 0; i < portico_count(rows) && i < (size_t)limit; i++)
        portico_append(hits, portico_at(rows, i));
    *ret_hits = hits;
    *ret_more = portico_count(rows) > (size_t)limit;
    return PORTICO_OK;
}

int page_search(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page tags = { .size = sizeof tags };
    struct portico_value *hits = NULL;
    int more = 0, code = PORTICO_OK;
    int64_t offset = 0, limit = view_page_size(request);
    limit = limit < SEARCH_MAX ? limit : SEARCH_MAX - 1;
    const char *words = portico_query_param(request, "q");
    const char *from = portico_query_param(request, "from");
    if (from && (words_integer(from, &offset) < 0 || offset < 0 || offset > OFFSET_MAX))
        return PORTICO_ENOENT;
    words = words ? words + strspn(words, " ") : "";
    if (*words)
        code = search_read(request, words, offset, limit, &hits, &more, &error);
    if (code == 0 && portico_count(hits) == 0)
        code = tags_read(request, NULL, 20, &tags, &error);
    if (code < 0)
        return view_failed(request, code, &error);

    struct portico_value *view = view_page(request);
    portico_set_text(view, "q", words);
    portico_set_boolean(view, "asked", *words != '\0');
    portico_set_boolean(view, "found", portico_count(hits) > 0);
    portico_set(view, "hits", hits);
    portico_set(view, "tags", tags.rows);
    portico_set_boolean(view, "has_tags", portico_count(tags.rows) > 0);
    int has_next = more && offset + limit <= OFFSET_MAX;
    if (has_next)
        portico_set_integer(view, "next", offset + limit);
    if (offset > 0)
        portico_set_integer(view, "previous", offset > limit ? offset - limit : 0);
    portico_set_boolean(view, "has_previous", offset > 0);
    portico_set_boolean(view, "has_next", has_next);
    portico_set_boolean(view, "is_paged", offset > 0 || has_next);
    if (*words && !offset)
        search_tell(request, (int64_t)portico_count(hits));
    return portico_reply_view(request, "search", view);
}
