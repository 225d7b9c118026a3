#include "server/builtin.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "http/form.h"
#include "module/all_accounts.h"
#include "module/respond.h"
#include "search/search.h"

#include <glib.h>
#include <pthread.h>
#include <stdlib.h>

#define READINESS_TIME G_TIME_SPAN_SECOND
#define SEARCH_HITS 20
#define SEARCH_OFFSET_MAX 1000

void builtin_reply(struct http_exchange *exchange, unsigned status, const char *media_type,
                   struct text body)
{
    struct http_response *response = &exchange->response;
    response->status = status;
    http_response_field(response, TEXT("content-type"), text_of(media_type));
    http_response_field(response, TEXT("cache-control"), TEXT("no-store"));
    buffer_append(&response->body, body.data, body.length);
}

static void reply_json(struct http_exchange *exchange, unsigned status, const struct value *value)
{
    builtin_reply(exchange, status, "application/json", TEXT(""));
    json_write(&exchange->response.body, value);
}

/* The loop answers: that is all it says. */
static void answer_health(struct dispatch *dispatch, struct http_exchange *exchange)
{
    (void)dispatch;
    builtin_reply(exchange, 200, "text/plain; charset=utf-8", TEXT("ok\n"));
}

static void add_check(struct value *checks, const char *name, const char *state,
                      const char *message)
{
    struct value *check = value_new(checks->arena, PORTICO_OBJECT);
    value_set_text(check, "check", name);
    value_set_text(check, "state", state);
    if (message)
        value_set_text(check, "message", message);
    value_append(checks, check);
}

/* Database and every module's own checks; 503 when one of them says that serving makes no sense. */
static void check_all(struct dispatch *dispatch, struct http_exchange *exchange)
{
    static const char *const states[] = { "healthy", "degraded", "failed" };
    struct module_host *host = dispatch_host(dispatch);
    struct arena *arena = exchange->request.arena;
    struct value *answer = value_new(arena, PORTICO_OBJECT);
    struct value *checks = value_new(arena, PORTICO_LISTING);
    if (!answer || !checks)
        return;
    struct portico_error error = PORTICO_ERROR_INIT;
    bool stored = store_health(host->store, &error) == 0;
    add_check(checks, "database", stored ? "healthy" : "failed", stored ? NULL : error.message);
    int worst = stored ? PORTICO_HEALTHY : PORTICO_FAILED;
    for (size_t i = 0; i < registry_module_count(host->registry); i++) {
        int state = module_call_health(host, registry_module_at(host->registry, i), checks);
        worst = state > worst ? state : worst;
    }
    worst = worst > PORTICO_FAILED ? PORTICO_FAILED : worst;
    value_set_text(answer, "state", states[worst]);
    value_set(answer, TEXT("checks"), checks);
    reply_json(exchange, worst == PORTICO_FAILED ? 503 : 200, answer);
    if (worst == PORTICO_FAILED)
        http_response_field(&exchange->response, TEXT("retry-after"), TEXT("2"));
}

/* Anybody may ask, so the checks themselves run once a second at most; in between the answer
 * stands. */
static struct {
    pthread_mutex_t lock;
    struct http_content *answer;
    int64_t
        until; /* clock_steady; moved on by who checks anew, so that nobody else does meanwhile */
} readiness = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct http_content *standing_readiness(void)
{
    struct http_content *answer = NULL;
    int64_t now = clock_steady();
    pthread_mutex_lock(&readiness.lock);
    if (readiness.answer && now < readiness.until)
        answer = http_content_ref(readiness.answer);
    else
        readiness.until = now + READINESS_TIME;
    pthread_mutex_unlock(&readiness.lock);
    return answer;
}

static void keep_readiness(struct http_content *answer)
{
    pthread_mutex_lock(&readiness.lock);
    http_content_unref(readiness.answer);
    readiness.answer = answer;
    readiness.until = clock_steady() + READINESS_TIME;
    pthread_mutex_unlock(&readiness.lock);
}

static void answer_ready(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    bool always = dispatch_host(dispatch)->asks_always;
    response->content = always ? NULL : standing_readiness();
    if (response->content)
        return;
    check_all(dispatch, exchange);
    struct text fields = { response->fields.data, response->fields.length };
    struct text body = { response->body.data, response->body.length };
    if (response->status && !always)
        keep_readiness(http_content_new(response->status, fields, body, TEXT(""), 0));
}

static const char *first_page(const struct module_host *host, const struct viewer *viewer)
{
    for (size_t i = 0; i < registry_module_count(host->registry); i++) {
        const struct portico_module *module =
            module_descriptor(registry_module_at(host->registry, i));
        const struct portico_navigation *entries = module->navigation.items;
        for (uint32_t n = 0; n < module->navigation.count; n++) {
            if (viewer_may(viewer, entries[n].permission))
                return entries[n].path;
        }
    }
    return NULL;
}

static void redirect(struct http_exchange *exchange, unsigned status, const char *path)
{
    exchange->response.status = status;
    http_response_field(&exchange->response, TEXT("location"), text_of(path));
}

/* No module has a page for this reader: what may be done about it. */
static int answer_welcome(struct module_host *host, struct http_exchange *exchange,
                          const struct viewer *viewer, struct portico_error *error)
{
    struct value *view = value_new(exchange->request.arena, PORTICO_OBJECT);
    const char *locale = respond_locale(host, &exchange->request, viewer);
    if (!view || value_set_boolean(view, "admin", viewer_may(viewer, "portico.admin")) < 0 ||
        value_set_boolean(view, "guest", viewer->person == 0) < 0)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the first page.");
    return respond_render(host, exchange, viewer, locale, "portico", "welcome", view, error);
}

static void answer_root(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct module_host *host = dispatch_host(dispatch);
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct viewer *viewer = exchange->viewer ? exchange->viewer : &viewer_anonymous;
    const char *path = first_page(host, viewer);
    if (path) {
        redirect(exchange, 303, path);
        http_response_field(&exchange->response, TEXT("cache-control"), TEXT("no-store"));
        return;
    }
    if (answer_welcome(host, exchange, viewer, &error) < 0) {
        log_error("The first page failed: %s", error.message);
        module_error_response(host, exchange, 500, NULL, NULL, NULL);
        return;
    }
    exchange->response.status = 200;
    http_response_field(&exchange->response, TEXT("content-type"),
                        TEXT("text/html; charset=utf-8"));
    http_response_field(&exchange->response, TEXT("cache-control"), TEXT("no-store"));
}

static void answer_robots(struct dispatch *dispatch, struct http_exchange *exchange)
{
    const struct module_host *host = dispatch_host(dispatch);
    struct buffer *body = &exchange->response.body;
    builtin_reply(exchange, 200, "text/plain; charset=utf-8",
                  TEXT("User-agent: *\nDisallow: /api/\nDisallow: /search\n"));
    for (size_t i = 0; host->canonical_url && i < registry_route_count(host->registry); i++) {
        const struct portico_route *route = &registry_route_at(host->registry, i)->route;
        if (route->flags & PORTICO_ROUTE_SITEMAP)
            buffer_printf(body, "Sitemap: %s%s\n", host->canonical_url, route->pattern);
    }
}

static void answer_icon(struct dispatch *dispatch, struct http_exchange *exchange)
{
    static const char *const names[] = { "favicon.ico", "favicon.svg", "mark.svg" };
    const struct value *portal = dispatch_host(dispatch)->portal;
    const struct portico_value *assets = portico_get(value_public(portal), "assets");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = portico_get_text(assets, names[i], NULL);
        if (path) {
            redirect(exchange, 307, path);
            return;
        }
    }
    module_error_response(dispatch_host(dispatch), exchange, 404, NULL, NULL, NULL);
}

static const char *query_value(const struct http_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equals(pairs[i].name, text_of(name)))
            return pairs[i].value.data;
    }
    return "";
}

static int run_search(struct module_host *host, struct arena *arena, const struct viewer *viewer,
                      const char *words, unsigned offset, struct value **ret_hits,
                      struct portico_error *error)
{
    const struct portico_search_query query = {
        .size = sizeof query, .limit = SEARCH_HITS, .text = words, .offset = offset
    };
    struct store_session *session = store_session_new(host->store, arena, &viewer->rows, "core");
    if (!session)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for a search.");
    int code = search_query(session, NULL, &query, ret_hits, error);
    store_session_end(session);
    return code;
}

static const char *kind_title(const struct module_host *host, const char *module, const char *kind)
{
    const struct module *owner = registry_find(host->registry, module);
    const struct portico_module *descriptor = owner ? module_descriptor(owner) : NULL;
    const struct portico_search_kind *kinds = descriptor ? descriptor->search_kinds.items : NULL;
    for (uint32_t i = 0; kinds && i < descriptor->search_kinds.count; i++) {
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].title;
    }
    return NULL;
}

/* The path of the same search from another hit on; null where there is none. */
static void set_pager_path(struct value *pager, const char *name, const char *words, bool all,
                           bool exists, long offset)
{
    char *escaped = g_uri_escape_string(words, NULL, FALSE);
    const char *path = arena_printf(pager->arena, "/search?q=%s%s&offset=%ld", escaped,
                                    all ? "&accounts=all" : "", offset < 0 ? 0 : offset);
    value_set_text(pager, name, exists ? path : NULL);
    g_free(escaped);
}

/* What the template portico/search reads. */
static struct value *search_view(struct module_host *host, struct arena *arena,
                                 const struct viewer *viewer, const char *words, long offset,
                                 const struct value *hits)
{
    struct value *view = value_new(arena, PORTICO_OBJECT);
    struct value *list = value_new(arena, PORTICO_LISTING);
    struct value *pager = value_new(arena, PORTICO_OBJECT);
    size_t found = hits ? portico_count(value_public(hits)) : 0;
    bool more = found == SEARCH_HITS && offset + SEARCH_HITS <= SEARCH_OFFSET_MAX;
    if (!view || !list || !pager)
        return NULL;
    for (size_t i = 0; i < found; i++) {
        struct value *hit = value_at(hits, i);
        const struct portico_value *row = hit ? value_public(hit) : NULL;
        if (!row)
            continue;
        value_set_text(hit, "kind_title",
                       kind_title(host, portico_get_text(row, "module", ""),
                                  portico_get_text(row, "kind", "")));
        value_append(list, hit);
    }
    value_set_text(view, "query", *words ? words : NULL);
    value_set_integer(view, "count", offset + (long)found);
    value_set_boolean(view, "more", more);
    value_set_boolean(view, "has_hits", found > 0);
    value_set(view, TEXT("hits"), list);
    set_pager_path(pager, "previous", words, viewer->all_accounts, offset > 0,
                   offset - SEARCH_HITS);
    set_pager_path(pager, "next", words, viewer->all_accounts, more, offset + SEARCH_HITS);
    value_set(view, TEXT("pager"), pager);
    return view;
}

static void answer_search(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct module_host *host = dispatch_host(dispatch);
    struct arena *arena = exchange->request.arena;
    const struct viewer *viewer = all_accounts_viewer(
        host, exchange->viewer ? exchange->viewer : &viewer_anonymous, &exchange->request);
    struct portico_error error = PORTICO_ERROR_INIT;
    struct http_pair *pairs = NULL;
    size_t count = 0;
    if (http_form_parse(arena, exchange->request.query, &pairs, &count) < 0) {
        module_error_response(host, exchange, 400, NULL, NULL, NULL);
        return;
    }
    const char *words = query_value(pairs, count, "q");
    long offset = strtol(query_value(pairs, count, "offset"), NULL, 10);
    offset = offset < 0 ? 0 : offset > SEARCH_OFFSET_MAX ? SEARCH_OFFSET_MAX : offset;
    struct value *hits = NULL;
    int code = *words ? run_search(host, arena, viewer, words, (unsigned)offset, &hits, &error) : 0;
    if (code == 0)
        code = respond_render(host, exchange, viewer,
                              respond_locale(host, &exchange->request, viewer), "portico", "search",
                              search_view(host, arena, viewer, words, offset, hits), &error);
    if (code < 0) {
        log_error("The search page failed: %s", error.message);
        module_error_response(host, exchange, code == PORTICO_EBUSY ? 503 : 500, NULL, NULL, NULL);
        return;
    }
    exchange->response.status = 200;
    http_response_field(&exchange->response, TEXT("content-type"),
                        TEXT("text/html; charset=utf-8"));
    http_response_field(&exchange->response, TEXT("cache-control"), TEXT("no-store"));
}

static void answer_live(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct live *live = dispatch_live(dispatch);
    if (live)
        live_answer(live, exchange);
    else
        module_error_response(dispatch_host(dispatch), exchange, 404, NULL, NULL, NULL);
}

static const struct builtin builtins[] = {
    { TEXT("/"), "portico /", answer_root, false },
    { TEXT("/search"), "portico /search", answer_search, true },
    { TEXT("/healthz"), "portico /healthz", answer_health, false },
    { TEXT("/readyz"), "portico /readyz", answer_ready, true },
    { TEXT("/metrics"), "portico /metrics", metrics_answer, false },
    { TEXT("/robots.txt"), "portico /robots.txt", answer_robots, false },
    { TEXT("/favicon.ico"), "portico /favicon.ico", answer_icon, false },
    { TEXT("/portico/live"), "portico /portico/live", answer_live, false },
};

const struct builtin *builtin_all(size_t *ret_count)
{
    *ret_count = sizeof builtins / sizeof *builtins;
    return builtins;
}

const struct builtin *builtin_find(struct text path)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        if (text_equals(path, builtins[i].path))
            return &builtins[i];
    }
    return NULL;
}
