#include "module/deep_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "identity/acting.h"
#include "identity/standing.h"
#include "module/cookie.h"
#include "module/forgery.h"
#include "module/respond.h"

#include <unistd.h>

#define TRIES 5u /* accounts they belong to, those used last first */

struct following {
    struct module_host *host;
    struct module_route *route;
    const struct route_match *match;
    const struct viewer *viewer;
    struct http_exchange *exchange;
    deep_link_call *call;
    struct store_session *session;
};

/* A person opens the address itself: not a page that shows it as a picture, nor a browser that
 * fetches it before anybody wants it (Fetch Metadata, Resource Hints). */
static bool opens_page(const struct http_request *request)
{
    struct text accept = http_request_field(request, TEXT("accept"));
    return text_equals(request->method, TEXT("GET")) && !respond_prefers_problem(request) &&
           forgery_opens(request) && !http_request_field(request, TEXT("sec-purpose")).data &&
           accept.data && memmem(accept.data, accept.length, "text/html", strlen("text/html"));
}

static void drop(struct http_response *response)
{
    buffer_free(&response->fields);
    buffer_free(&response->body);
    http_content_unref(response->content);
    if (response->file >= 0)
        close(response->file);
    if (response->produce_end)
        response->produce_end(response->produce_data);
    *response = (struct http_response){ .file = -1 };
}

/* Whether the page is there for who acts in that account. */
static bool sees_it(const struct following *following, int64_t account)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_standing standing;
    struct viewer viewer = *following->viewer;
    struct module_host *host = following->host;
    if (identity_standing(host->identity, following->session, viewer.person, account, &standing,
                          &error) < 0 ||
        standing.account != account)
        return false;
    registry_stand(host->registry, &standing, &viewer);
    if (!viewer_may(&viewer, following->route->route.permission))
        return false;
    following->call(host, following->route, following->match, &viewer, following->exchange);
    unsigned status = following->exchange->response.status;
    drop(&following->exchange->response);
    return status >= 200 && status < 400;
}

static int set_cookie(const struct following *following, const char *token)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_session found;
    int code =
        identity_session_find(following->host->identity, following->session, token, &found, &error);
    if (code < 0)
        return code;
    int64_t left = (found.expires - clock_now()) / 1000000;
    return cookie_set(&following->exchange->response, following->host->secure, COOKIE_SESSION,
                      text_of(token), found.remembered ? left : (int64_t)COOKIE_UNTIL_CLOSED);
}

/* 0: the session acts there, and the response leads to the same address. */
static int go_over(const struct following *following, int64_t account)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct http_exchange *exchange = following->exchange;
    struct arena *arena = exchange->request.arena;
    const char *token =
        cookie_session_token(&exchange->request, following->viewer, following->host->secure);
    const char *address =
        arena_strndup(arena, exchange->request.target.data, exchange->request.target.length);
    const struct identity_switch wanted = { .session = following->viewer->session,
                                            .person = following->viewer->person,
                                            .account = account,
                                            .from = following->viewer->account,
                                            .token = token,
                                            .renewed = following->viewer->renewed != NULL };
    char given[IDENTITY_TOKEN_SIZE] = "";
    if (!token || !address || !respond_is_local(address))
        return PORTICO_EINVAL;
    int code = identity_session_switch(following->host->identity, following->session, &wanted,
                                       given, &error);
    if (code == 0 && *given)
        code = set_cookie(following, given);
    if (code < 0) {
        log_warning("A link into another account could not be followed: %s", error.message);
        drop(&exchange->response);
        return code;
    }
    exchange->response.status = 303;
    respond_field(&exchange->response, "Location", address);
    respond_field(&exchange->response, "Cache-Control", "no-store");
    return PORTICO_OK;
}

/* The first of the accounts that sees it; 0: none does. For a partner nobody acts but who chose to.
 */
static int64_t find(const struct following *following)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows;
    if (identity_accounts_own(following->session, following->viewer->person,
                              following->viewer->account, TRIES, &rows, &error) < 0)
        return 0;
    for (uint32_t i = 0; i < rows->count; i++)
        if (sees_it(following, value_rows_at(rows, i)->integer))
            return value_rows_at(rows, i)->integer;
    return 0;
}

void deep_link_follow(struct module_host *host, struct module_route *route,
                      const struct route_match *match, const struct viewer *viewer,
                      struct http_exchange *exchange, deep_link_call *call)
{
    bool others = viewer->account_count > (viewer->account ? 1u : 0u);
    if (exchange->response.status != 404 || !viewer->session || viewer_looks(viewer) || !others ||
        !host->store || !opens_page(&exchange->request))
        return;
    struct following following = { host, route, match, viewer, exchange, call, NULL };
    following.session =
        store_session_new(host->store, exchange->request.arena, &store_viewer_host, "core");
    if (!following.session)
        return;
    struct http_response answer = exchange->response;
    exchange->response = (struct http_response){ .file = -1 };
    int64_t account = find(&following);
    if (account && go_over(&following, account) == 0)
        drop(&answer);
    else
        exchange->response = answer;
    store_session_end(following.session);
}
