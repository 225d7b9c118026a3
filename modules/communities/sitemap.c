/* The sitemap (sitemaps.org 0.9): one file while it is small, else an index of parts. Each part is
 * read by itself, from one topic's id on, so that none grows with the community. */
#include "communities.h"

/* Far below the protocol's 50,000 URLs and 50 MB: what one answer costs stays small. */
#define PART_URLS 5000
#define PARTS_MAX 50000
#define TAGS_MOST 1000

static void add_page(struct portico_request *request, struct portico_value *pages, const char *path,
                     const struct portico_value *row)
{
    struct portico_value *page = portico_append_object(pages);
    portico_set_text(page, "url", path_url(request, path));
    portico_set(page, "last_activity", row ? portico_get(row, "last_activity") : NULL);
}

/* Home, spaces and tags. */
static int add_places(struct portico_request *request, struct portico_value *pages,
                      struct portico_error *error)
{
    struct portico_value *spaces = NULL, *tags = NULL;
    int code = spaces_read(request, &spaces, error);
    if (code == 0)
        code = portico_query(portico_db(request),
                             "SELECT g.name\n"
                             "FROM {visible communities_tag} g\n"
                             "WHERE g.topics > 0\n"
                             "ORDER BY g.topics DESC, g.name\n"
                             "LIMIT ?",
                             PORTICO_ARGS(portico_arg_integer(TAGS_MOST)), &tags, error);
    if (code < 0)
        return code;
    add_page(request, pages, "/communities", NULL);
    for (size_t i = 0; i < portico_count(spaces); i++) {
        const struct portico_value *row = portico_at(spaces, i);
        add_page(request, pages,
                 portico_printf(request, "/communities/%s", portico_get_text(row, "slug", "")),
                 row);
    }
    for (size_t i = 0; i < portico_count(tags); i++)
        add_page(request, pages,
                 portico_printf(request, "/communities/tags/%s",
                                portico_get_text(portico_at(tags, i), "name", "")),
                 NULL);
    return PORTICO_OK;
}

static int add_topics(struct portico_request *request, portico_id from, struct portico_value *pages,
                      struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = portico_query(
        portico_db(request),
        "SELECT t.id AS \"id:id\", t.slug, t.last_activity AS \"last_activity:time\"\n"
        "FROM {visible communities_topic} t\n" SPACE_JOIN("t") "\n"
                                                               "WHERE t.id >= ?\n"
                                                               "ORDER BY t.id\n"
                                                               "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(from), portico_arg_integer(PART_URLS)), &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        const struct portico_value *row = portico_at(rows, i);
        add_page(request, pages,
                 portico_printf(request, "/communities/topics/%lld/%s",
                                (long long)portico_get_integer(row, "id", 0),
                                portico_get_text(row, "slug", "")),
                 row);
    }
    return code;
}

/* The topic that the part after the one from `from` on begins with; 0: there is none. */
static int find_next(struct portico_request *request, portico_id from, portico_id *ret_next,
                     struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(request),
        "SELECT t.id AS \"id:id\"\n"
        "FROM {visible communities_topic} t\n" SPACE_JOIN("t") "\n"
                                                               "WHERE t.id >= ?\n"
                                                               "ORDER BY t.id\n"
                                                               "LIMIT 1 OFFSET ?",
        PORTICO_ARGS(portico_arg_id(from), portico_arg_integer(PART_URLS)), &row, error);
    if (code == 0)
        *ret_next = portico_get_integer(row, "id", 0);
    else if (code == PORTICO_ENOENT)
        *ret_next = 0;
    return code == PORTICO_ENOENT ? PORTICO_OK : code;
}

static void add_part(struct portico_request *request, struct portico_value *parts, portico_id from)
{
    portico_set_text(
        portico_append_object(parts), "url",
        path_url(request, portico_printf(request, "/communities/sitemap/%lld", (long long)from)));
}

/* Part 0 has the places, part 1 the topics from the first on. */
static int reply_index(struct portico_request *request, portico_id second)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    struct portico_value *parts = portico_set_list(view, "parts");
    int code = PORTICO_OK;
    add_part(request, parts, 0);
    add_part(request, parts, 1);
    while (code == 0 && second && portico_count(parts) < PARTS_MAX) {
        add_part(request, parts, second);
        code = find_next(request, second, &second, &error);
    }
    return code < 0 ? view_failed(request, code, &error)
                    : portico_reply_template(request, "application/xml", "sitemaps", view);
}

static int reply_pages(struct portico_request *request, int with_places, portico_id from)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    struct portico_value *pages = portico_set_list(view, "pages");
    int code = with_places ? add_places(request, pages, &error) : PORTICO_OK;
    if (code == 0 && from)
        code = add_topics(request, from, pages, &error);
    if (code == 0 && portico_count(pages) == 0)
        return PORTICO_ENOENT;
    return code < 0 ? view_failed(request, code, &error)
                    : portico_reply_template(request, "application/xml", "sitemap", view);
}

int sitemap(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id second = 0;
    int code = find_next(request, 1, &second, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    return second ? reply_index(request, second) : reply_pages(request, 1, 1);
}

int sitemap_part(struct portico_request *request)
{
    const char *part = portico_param(request, "from");
    int places = strcmp(part, "0") == 0;
    portico_id from = portico_id_read(part);
    return places || from ? reply_pages(request, places, from) : PORTICO_ENOENT;
}
