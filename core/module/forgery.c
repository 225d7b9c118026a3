#include "module/forgery.h"

#include "identity/session.h"
#include "module/cookie.h"

#include <sodium.h>

bool forgery_concerns(struct text method)
{
    static const struct text safe[] = { { "GET", 3 }, { "HEAD", 4 }, { "OPTIONS", 7 } };
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
        if (text_equals(method, safe[i]))
            return false;
    return true;
}

/* Behind "://": what a portal without a configured URL goes by. */
static bool is_host_of(struct text origin, struct text host)
{
    const char *at = memmem(origin.data, origin.length, "://", 3);
    if (!at || host.length == 0)
        return false;
    size_t before = (size_t)(at + 3 - origin.data);
    return text_equals_ignoring_case((struct text){ at + 3, origin.length - before }, host);
}

bool forgery_is_foreign(const struct module_host *host, const struct http_request *request)
{
    struct text site = http_request_field(request, TEXT("sec-fetch-site"));
    struct text origin = http_request_field(request, TEXT("origin"));
    if (site.data && !text_equals(site, TEXT("same-origin")) && !text_equals(site, TEXT("none")))
        return true;
    if (!origin.data)
        return false;
    return host->origin ? !text_equals(origin, text_of(host->origin))
                        : !is_host_of(origin, request->host);
}

static bool is_destination(const struct http_request *request, struct text wanted)
{
    return text_equals(http_request_field(request, TEXT("sec-fetch-dest")), wanted);
}

bool forgery_opens(const struct http_request *request)
{
    return !http_request_field(request, TEXT("sec-fetch-dest")).data ||
           is_destination(request, TEXT("document"));
}

bool forgery_takes_file(const struct http_request *request)
{
    struct text site = http_request_field(request, TEXT("sec-fetch-site"));
    return !text_equals(site, TEXT("cross-site")) &&
           (forgery_opens(request) || is_destination(request, TEXT("empty")));
}

static bool cookie_token(const struct call *call, enum cookie cookie,
                         char ret_token[IDENTITY_TOKEN_SIZE])
{
    struct text sent =
        cookie_find(&call->exchange->request, cookie_name(call->host->secure, cookie));
    char secret[IDENTITY_TOKEN_SIZE] = "";
    if (sent.length != sizeof secret - 1)
        return false;
    memcpy(secret, sent.data, sent.length);
    return identity_form_token(secret, ret_token);
}

const char *forgery_token_of(struct call *call)
{
    struct http_response *response = &call->exchange->response;
    struct arena *arena = call->exchange->request.arena;
    char token[IDENTITY_TOKEN_SIZE], secret[IDENTITY_TOKEN_SIZE];
    response->varies = true;
    if (call->viewer->token)
        return call->viewer->token;
    if (call->visitor_token)
        return call->visitor_token;
    if (!cookie_token(call, COOKIE_VISITOR, token)) {
        identity_token_make(secret);
        if (!identity_form_token(secret, token) ||
            cookie_set(response, call->host->secure, COOKIE_VISITOR, text_of(secret),
                       COOKIE_UNTIL_CLOSED) < 0)
            return NULL;
    }
    call->visitor_token = arena_strdup(arena, token);
    return call->visitor_token;
}

static struct text sent_token(const struct call *call)
{
    struct text header = http_request_field(&call->exchange->request, TEXT(FORGERY_HEADER));
    if (header.data)
        return header;
    for (size_t i = 0; i < call->form.count; i++)
        if (text_equals(call->form.pairs[i].name, TEXT(FORGERY_FIELD)))
            return call->form.pairs[i].value;
    return (struct text){ NULL, 0 };
}

static bool is_same(struct text sent, const char *token)
{
    return sent.length == IDENTITY_TOKEN_SIZE - 1 && strlen(token) == sent.length &&
           sodium_memcmp(sent.data, token, sent.length) == 0;
}

bool forgery_passes(const struct call *call)
{
    char session[IDENTITY_TOKEN_SIZE], visitor[IDENTITY_TOKEN_SIZE];
    if (!forgery_concerns(call->exchange->request.method) ||
        call->route->route.flags & PORTICO_ROUTE_OUTSIDE)
        return true;
    /* No browser sends it by itself. */
    if (call->viewer->by_token)
        return true;
    bool has_session = cookie_token(call, COOKIE_SESSION, session);
    bool has_visitor = cookie_token(call, COOKIE_VISITOR, visitor);
    if (!has_session && !has_visitor)
        return true;
    struct text sent = sent_token(call);
    if (has_session && !call->viewer->former && is_same(sent, session))
        return true;
    /* The session's token was made anew since, and its open pages are as good as before. */
    if (call->viewer->token && is_same(sent, call->viewer->token))
        return true;
    /* Whoever is signed in fills in that sign-in's forms, not those shown before it. */
    return !call->viewer->person && has_visitor && is_same(sent, visitor);
}
