#include "server/door.h"

#include "module/forgery.h"
#include "module/respond.h"

#include <glib.h>

#define STEP_LABEL "portico second step"

bool door_is_of_tokens(struct text path)
{
    return text_starts(path, TEXT("/api/")) || text_equals(path, TEXT("/portico/live"));
}

void door_refuse(struct module_host *host, struct http_exchange *exchange, unsigned status)
{
    const char *words =
        status == 429 ? /* translated */ "Too many access tokens were tried that are none. Try "
                                         "again in an hour."
        : status == 401
            ? /* translated */ "This access token opens nothing: it is over, was revoked, or is "
                               "none. Make another on the page “How you sign in”."
            : /* translated */ "An access token opens the API and nothing else: use addresses "
                               "below /api/, or sign in with a browser.";
    module_error_response(host, exchange, status, NULL, words, NULL);
    respond_field(&exchange->response, "WWW-Authenticate",
                  status == 401 ? "Bearer error=\"invalid_token\"" : "Bearer");
    http_exchange_finish(exchange);
}

bool door_asks_step(struct module_host *host, const struct http_files *files,
                    struct http_exchange *exchange)
{
    if (!exchange->viewer || !exchange->viewer->step)
        return false;
    exchange->viewer = NULL;
    if (respond_opens_before_step(exchange->request.path) ||
        http_files_have(files, exchange->request.path))
        return false;
    exchange->route = STEP_LABEL;
    respond_step(host, exchange);
    http_exchange_finish(exchange);
    return true;
}

static bool is_way_out(const struct portico_route *route)
{
    static const char *const ways[] = { "/account/leave", "/account/switch", "/logout",
                                        "/api/portico/v1/account" };
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
        if (strcmp(route->pattern, ways[i]) == 0)
            return true;
    return false;
}

/* Why it is not served; NULL: it is. */
static const char *refusal(const struct viewer *viewer, const struct portico_route *route,
                           bool unsafe)
{
    if (unsafe && viewer->look_over)
        return /* translated */ "The time to look is over, and this page was shown in it. Open it "
                                "again, and do it there.";
    if (unsafe && viewer->asker)
        return /* translated */ "You see the portal as somebody else does, and nothing is changed "
                                "while you do. Stop it first, and do it then.";
    if (unsafe)
        return /* translated */ "You look into this company as staff, and nothing is changed "
                                "while you do. Leave it first, and do it then.";
    if (viewer->asker && route->flags & PORTICO_ROUTE_PRIVATE)
        return /* translated */ "This page is for the person alone: how they sign in, and what "
                                "they take along.";
    return NULL;
}

bool door_only_shows(struct module_host *host, struct http_exchange *exchange,
                     const struct portico_route *route, const struct viewer **viewer)
{
    const bool unsafe = forgery_concerns(exchange->request.method);
    const char *words = NULL;
    if (!viewer_looks(*viewer))
        return false;
    if (unsafe && is_way_out(route)) {
        struct viewer *leaving = arena_alloc(exchange->request.arena, sizeof *leaving);
        if (leaving) {
            *leaving = **viewer;
            leaving->rows.looks = false;
            *viewer = leaving;
        }
        return false;
    }
    words = refusal(*viewer, route, unsafe);
    if (words)
        module_error_response(host, exchange, 403, /* translated */ "You only look", words, NULL);
    return words != NULL;
}

bool door_needs_session(struct module_host *host, struct http_exchange *exchange,
                        const struct portico_route *route, const struct viewer *viewer)
{
    if (!viewer->by_token || !(route->flags & ROUTE_OF_SESSIONS))
        return false;
    module_error_response(host, exchange, 403, /* translated */ "A session is needed",
                          /* translated */
                          "An access token does not open this: sign in with a "
                          "browser, and do it there.",
                          NULL);
    return true;
}
