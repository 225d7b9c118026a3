/* Search over topics. */
#include "communities.h"

#include "read.h"

#define OFFSET_MAX 1000
/* Hits a search gives at most; one is read to know whether there are more. */
#define SEARCH_MAX 100

/* Ids of hits, as many as one statement takes; the last fills the rest. */
static void list_ids(const struct portico_value *hits, struct portico_argument ids[SEARCH_MAX])
{
    size_t count = portico_count(hits);
    for (size_t i = 0; i < SEARCH_MAX; i++)
        ids[i] = portico_arg_id(
            portico_get_integer(portico_at(hits, i < count ? i : count - 1), "id", 0));
}

static int is_among(const struct portico_value *rows, portico_id id)
{
    for (size_t i = 0; i < portico_count(rows); i++)
        if (portico_get_integer(portico_at(rows, i), "id", 0) == id)
            return 1;
    return 0;
}

#define TEN "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
int search_keep_seen(struct portico_request *request, const struct portico_value *hits, size_t most,
                     struct portico_value **ret_seen, struct portico_error *error)
{
    struct portico_argument ids[SEARCH_MAX];
    struct portico_value *rows = portico_listing(request), *seen = portico_listing(request);
    list_ids(hits, ids);
    int code =
        portico_count(hits) == 0
            ? PORTICO_OK
            : portico_query(portico_db(request),
                            "SELECT t.id AS \"id:id\"\n"
                            "FROM {visible communities_topic} t\n" SPACE_JOIN(
                                "t") "\n"
                                     "WHERE t.id IN (" TEN ", " TEN ", " TEN ", " TEN ", " TEN ",\n"
                                     "    " TEN ", " TEN ", " TEN ", " TEN ", " TEN ")",
                            ids, SEARCH_MAX, &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(hits) && portico_count(seen) < most; i++)
        if (is_among(rows, portico_get_integer(portico_at(hits, i), "id", 0)))
            portico_append(seen, portico_at(hits, i));
    if (code == 0)
        *ret_seen = seen;
    return code;
}

/* Reads on where the viewer may not see what the index still holds, so that neither what a page
 * shows nor whether there is another tells of it. */
#define SEARCH_ROUNDS 5
int search_read(struct portico_request *request, const char *words, int64_t offset, int64_t limit,
                struct portico_value **ret_hits, int64_t *ret_next, struct portico_error *error)
{
    struct portico_value *hits = portico_listing(request);
    int64_t next = 0, at = offset, read = limit + 1;
    for (int round = 0; !next && read > limit && at <= OFFSET_MAX && round < SEARCH_ROUNDS;
         round++) {
        struct portico_value *rows = NULL, *seen = NULL;
        const struct portico_search_query query = {
            .size = sizeof query,
            .limit = (uint32_t)limit + 1,
            .text = words,
            .kind = "topic",
            .offset = (uint32_t)at,
        };
        int code = portico_search_query(portico_search(request), &query, &rows, error);
        if (code == 0)
            code = search_keep_seen(request, rows, SEARCH_MAX, &seen, error);
        if (code < 0)
            return code;
        read = (int64_t)portico_count(rows);
        for (int64_t i = 0; !next && i < read; i++) {
            struct portico_value *hit = portico_at(rows, (size_t)i);
            if (!is_among(seen, portico_get_integer(hit, "id", 0)))
                continue;
            if ((int64_t)portico_count(hits) < limit)
                portico_append(hits, hit);
            else
                next = at + i;
        }
        at += read;
    }
    *ret_hits = hits;
    *ret_next = next;
    return PORTICO_OK;
}

int page_search(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page tags = { .size = sizeof tags };
    struct portico_value *hits = NULL;
    int code = PORTICO_OK;
    int64_t offset = 0, next = 0, limit = view_page_size(request);
    limit = limit < SEARCH_MAX ? limit : SEARCH_MAX - 1;
    const char *words = portico_query_param(request, "q");
    const char *from = portico_query_param(request, "from");
    if (from && (words_integer(from, &offset) < 0 || offset < 0 || offset > OFFSET_MAX))
        return PORTICO_ENOENT;
    words = words ? words + strspn(words, " ") : "";
    if (*words)
        code = search_read(request, words, offset, limit, &hits, &next, &error);
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
    int has_next = next && next <= OFFSET_MAX;
    if (has_next)
        portico_set_integer(view, "next", next);
    if (offset > 0)
        portico_set_integer(view, "previous", offset > limit ? offset - limit : 0);
    portico_set_boolean(view, "has_previous", offset > 0);
    portico_set_boolean(view, "has_next", has_next);
    portico_set_boolean(view, "is_paged", offset > 0 || has_next);
    if (*words && !offset)
        search_tell(request, (int64_t)portico_count(hits));
    return portico_reply_view(request, "search", view);
}
