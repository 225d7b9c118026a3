/* Feeds of the newest questions: all, of a space, of a tag; Atom (RFC 4287) and RSS 2.0 of the same
 * data. */
#include "communities.h"

#include <ctype.h>
#include <time.h>

/* As in mail (RFC 822 with four digits of the year), which RSS wants; in no language but its own.
 */
static const char *mail_time(struct portico_request *request, portico_time time)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)(time / 1000000);
    struct tm parts = { 0 };
    gmtime_r(&seconds, &parts);
    return portico_printf(request, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[parts.tm_wday],
                          parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                          parts.tm_min, parts.tm_sec);
}

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
        portico_set_text(entry, "created_mail",
                         mail_time(request, portico_get_integer(entry, "created", 0)));
        if (portico_get_integer(entry, "last_activity", 0) > updated)
            updated = portico_get_integer(entry, "last_activity", 0);
        portico_append(entries, entry);
    }
    updated = updated ? updated : portico_now(request);
    portico_set_time(view, "updated", updated);
    portico_set_text(view, "updated_mail", mail_time(request, updated));
}

const char *path_url(struct portico_request *request, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = path ? portico_alloc(request, strlen(path) * 3 + 1) : NULL;
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
    portico_set_text(view, "page_url", path_url(request, path));
    portico_set_text(view, "feed_url", path_url(request, portico_path(request)));
    add_entries(request, view, page.rows);
    return strcmp(strrchr(portico_path(request), '.'), ".rss") == 0
               ? portico_reply_template(request, "application/rss+xml", "rss", view)
               : portico_reply_template(request, "application/atom+xml", "feed", view);
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
    int code = tag_read(request, list.tag, &row, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    return reply_feed(request, &list, portico_printf(request, "/communities/tags/%s", list.tag),
                      list.tag);
}
