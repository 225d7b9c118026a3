/* The language of the pages: kept with the person, or in a cookie of who is not signed in. */
#include "identity/person.h"
#include "page/page.h"
#include "portal/inside.h"
#include "portal/pages.h"

#include <string.h>

#define KEPT_SECONDS ((int64_t)400 * 24 * 3600) /* the longest that browsers keep a cookie */

int language_page(struct portico_request *request)
{
    struct arena *arena = inside_arena(request);
    const struct page_set *pages = inside_host(request)->pages;
    struct portico_value *view = portico_object(request);
    struct portico_value *languages = portico_listing(request);
    const char *tag;
    for (size_t i = 0; (tag = page_language_at(pages, i)); i++) {
        struct portico_value *language = portico_object(request);
        portico_set_text(language, "tag", tag);
        portico_set_text(language, "name", page_language_name(arena, tag));
        portico_set_boolean(language, "chosen", strcmp(tag, portico_locale(request)) == 0);
        portico_append(languages, language);
    }
    portico_set(view, "languages", languages);
    portico_set_text(view, "next", inside_next(request, portico_query_param(request, "next"), "/"));
    portico_set_text(view, "token", inside_token(request));
    return portico_reply_view(request, "language", view);
}

static bool is_language(const struct page_set *pages, const char *tag)
{
    const char *known;
    for (size_t i = 0; (known = page_language_at(pages, i)); i++)
        if (strcmp(known, tag) == 0)
            return true;
    return false;
}

int language_choose(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *tag = portico_form(request, "language");
    const struct viewer *viewer = inside_viewer(request);
    if (!tag || !is_language(inside_host(request)->pages, tag))
        return PORTICO_EINVAL;
    int code = inside_set_cookie(request, COOKIE_LOCALE, tag, KEPT_SECONDS);
    if (code == 0 && viewer->person) {
        const struct identity_profile profile = { .locale = tag };
        struct store_session *session = inside_session(request, &error);
        code = session ? identity_person_change(session, viewer->person, &profile, &error)
                       : error.code;
    }
    if (code < 0)
        return code;
    return portico_reply_redirect(request, 303,
                                  inside_next(request, portico_form(request, "next"), "/"));
}
