/* Search over topics. */
#include "communities.h"

#include "read.h"

/* Hits that the index gives at once, and how many of its hits it passes over at most. */
#define HITS_AT_ONCE 100
#define HITS_PASSED_MOST 1000

/* Ids of hits, as many as one statement takes; the last fills the rest. */
static void list_ids(const struct portico_value *hits, struct portico_argument ids[HITS_AT_ONCE])
{
    size_t count = portico_count(hits);
    for (size_t i = 0; i < HITS_AT_ONCE; i++)
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
    struct portico_argument ids[HITS_AT_ONCE];
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
                            ids, HITS_AT_ONCE, &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(hits) && portico_count(seen) < most; i++)
        if (is_among(rows, portico_get_integer(portico_at(hits, i), "id", 0)))
            portico_append(seen, portico_at(hits, i));
    if (code == 0)
        *ret_seen = seen;
    return code;
}

/* Hits from `at` on as the index holds them, and of these what the viewer sees. */
static int read_some(struct portico_request *request, const char *words, int64_t at, int64_t limit,
                     struct portico_value **ret_rows, struct portico_value **ret_seen,
                     struct portico_error *error)
{
    const struct portico_search_query query = {
        .size = sizeof query,
        .limit = (uint32_t)limit,
        .text = words,
        .kind = "topic",
        .offset = (uint32_t)at,
    };
    int code = portico_search_query(portico_search(request), &query, ret_rows, error);
    return code < 0 ? code : search_keep_seen(request, *ret_rows, HITS_AT_ONCE, ret_seen, error);
}

/* Counts what the viewer sees, from the first hit on: the index may still hold what is hidden from
 * them, and neither what a page shows, nor its number, nor whether there is another tells of it. As
 * a rule it holds nothing of the kind, and all comes with the first step. */
int search_read(struct portico_request *request, const char *words, int64_t offset, int64_t limit,
                struct portico_value **ret_hits, int64_t *ret_next, struct portico_error *error)
{
    struct portico_value *hits = portico_listing(request);
    int64_t counted = 0, wanted = offset + limit + 1, at = 0;
    int more = 1;
    while (more && counted < wanted && at <= HITS_PASSED_MOST) {
        struct portico_value *rows = NULL, *seen = NULL;
        int64_t step = at == 0 && wanted < HITS_AT_ONCE ? wanted : HITS_AT_ONCE;
        int code = read_some(request, words, at, step, &rows, &seen, error);
        if (code < 0)
            return code;
        int64_t read = (int64_t)portico_count(rows);
        for (int64_t i = 0; i < read && counted < wanted; i++) {
            struct portico_value *hit = portico_at(rows, (size_t)i);
            if (!is_among(seen, portico_get_integer(hit, "id", 0)))
                continue;
            if (counted >= offset && counted < offset + limit)
                portico_append(hits, hit);
            counted++;
        }
        at += read;
        more = read == step;
    }
    *ret_hits = hits;
    *ret_next = counted == wanted && offset + limit <= SEARCH_DEEPEST ? offset + limit : 0;
    return PORTICO_OK;
}

int page_search(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page tags = { .size = sizeof tags };
    struct portico_value *hits = NULL;
    int code = PORTICO_OK;
    int64_t offset = 0, next = 0, limit = view_page_size(request);
    limit = limit < HITS_AT_ONCE ? limit : HITS_AT_ONCE - 1;
    const char *words = portico_query_param(request, "q");
    const char *from = portico_query_param(request, "from");
    if (from && (words_integer(from, &offset) < 0 || offset < 0 || offset > SEARCH_DEEPEST))
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
    if (next)
        portico_set_integer(view, "next", next);
    if (offset > 0)
        portico_set_integer(view, "previous", offset > limit ? offset - limit : 0);
    portico_set_boolean(view, "has_previous", offset > 0);
    portico_set_boolean(view, "has_next", next != 0);
    portico_set_boolean(view, "is_paged", offset > 0 || next);
    if (*words && !offset)
        search_tell(request, (int64_t)portico_count(hits));
    return portico_reply_view(request, "search", view);
}
