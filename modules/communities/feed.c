/* Atom feeds (RFC 4287) of the newest questions: all, of a space, of a tag. */
#include "communities.h"

#include <ctype.h>

static void add_entries(struct portico_request *request, struct portico_value *view,
                        const struct portico_value *rows)
{
    struct portico_value *entries = portico_set_list(view, "entries");
    portico_time updated = 0;
    for (size_t i = 0; i < portico_count(rows); i++) {
        struct portico_value *entry = view_topic(request, portico_at(rows, i));
        const char *path = portico_printf(request, "/communities/topics/%lld/%s",
                                          (long long)portico_get_integer(entry, "id", 0),
                                          portico_get_text(entry, "slug", ""));
        portico_set_text(entry, "url", portico_external_url(request, path));
        /* Without the slug: the id stays when the title is edited. */
        path = portico_printf(request, "/communities/topics/%lld",
                              (long long)portico_get_integer(entry, "id", 0));
        portico_set_text(entry, "atom_id", portico_external_url(request, path));
        if (portico_get_integer(entry, "last_activity", 0) > updated)
            updated = portico_get_integer(entry, "last_activity", 0);
        portico_append(entries, entry);
    }
    portico_set_time(view, "updated", updated ? updated : portico_now(request));
}

/* Absolute URL of a decoded path: what a tag holds beyond letters and digits is percent-encoded. */
static const char *url_of(struct portico_request *request, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = portico_alloc(request, strlen(path) * 3 + 1);
    char *out = encoded;
    for (const unsigned char *at = (const unsigned char *)path; encoded && *at; at++) {
        if (isalnum(*at) || strchr("/-._~", *at)) {
            *out++ = (char)*at;
            continue;
        }
        *out++ = '%';
        *out++ = digits[*at >> 4];
        *out++ = digits[*at & 15];
    }
    return encoded ? portico_external_url(request, encoded) : NULL;
}

/* `path` is the page the feed belongs to; the feed lies beside it. */
static int reply_feed(struct portico_request *request, struct topic_list *list, const char *path,
                      const char *title)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    list->sort = topic_sort_named("newest");
    list->limit = (uint32_t)portico_setting_integer(request, "feed_items");
    int code = topic_list_read(request, list, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    portico_set_text(view, "name", title);
    portico_set_text(view, "page_url", url_of(request, path));
    portico_set_text(view, "feed_url", url_of(request, portico_path(request)));
    add_entries(request, view, page.rows);
    return portico_reply_template(request, "application/atom+xml", "feed", view);
}

int feed_all(struct portico_request *request)
{
    struct topic_list list = { 0 };
    return reply_feed(request, &list, "/communities", NULL);
}

int feed_space(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *space = NULL;
    const char *slug = portico_param(request, "space");
    int code = space_read(request, slug, &space, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct topic_list list = { .space = portico_get_integer(space, "id", 0) };
    return reply_feed(request, &list, portico_printf(request, "/communities/%s", slug),
                      portico_get_text(space, "title", slug));
}

int feed_tag(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    struct topic_list list = { .tag = portico_param(request, "tag") };
    int code = portico_query_one(portico_db(request),
                                 "SELECT g.name\n"
                                 "FROM {visible communities_tag} g\n"
                                 "WHERE g.name = ?",
                                 PORTICO_ARGS(portico_arg_text(list.tag)), &row, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    return reply_feed(request, &list, portico_printf(request, "/communities/tags/%s", list.tag),
                      list.tag);
}
