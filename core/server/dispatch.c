#include "server/dispatch.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "server/builtin.h"
#include "server/crash.h"
#include "server/kept.h"
#include "server/prepared.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SWEEP 25000      /* µs between two looks at what waits and runs */
#define HOPELESS 2000000 /* µs past its deadline after which a handler's worker is replaced */
#define TRACE_NAME_MAX (sizeof((struct module_trace_slot *)0)->name - 1)
#define BUILTIN_LABEL "portico"

const int64_t dispatch_bounds[DISPATCH_BUCKETS - 1] = { 500,   1000,   2500,    5000,   10000,
                                                        50000, 250000, 1000000, 5000000 };

struct job {
    struct pool_job pool; /* must be first */
    struct http_exchange *exchange;
    struct dispatch_route *route;
    struct module_route *target; /* NULL: a builtin */
    const struct builtin *builtin;
    const struct viewer *viewer;
    struct route_match match;
    struct cache_key key;
    bool keep;     /* the answer may be kept under `key` */
    bool answered; /* the peer has its answer already */
    bool trying;   /* the one call that tries a route taken out */
    int64_t queued, limit;
    struct job *before, *after; /* outstanding, oldest first */
};

struct dispatch {
    struct dispatch_options options;
    struct pool *pool;
    struct cache *cache;
    struct http_server *http;
    struct event *sweep;
    bool sweeping;
    struct job *oldest, *newest;
    unsigned outstanding, stuck;
    bool told_stuck;
    struct prepared *busy, *late;
    struct pool_group *groups; /* one a module, then the server's own */
    struct dispatch_route *routes;
    size_t route_count;
    struct dispatch_route *own; /* the last of routes: the server's pages */
};

/* ---- responses made on the loop ---- */

/* With the usual words of the status. */
static void answer_error(struct dispatch *dispatch, struct http_exchange *exchange, unsigned status)
{
    module_error_response(dispatch->options.host, exchange, status, NULL, NULL, NULL);
    http_exchange_finish(exchange);
}

static void answer_prepared(struct prepared *prepared, struct http_exchange *exchange)
{
    exchange->response.content = http_content_ref(prepared_for(prepared, &exchange->request));
    http_exchange_finish(exchange);
}

static void answer_prepared_instead(struct prepared *prepared, struct job *job)
{
    struct http_content *content = prepared_for(prepared, &job->exchange->request);
    job->answered = true;
    http_exchange_answer_instead(job->exchange, content->status, content->fields, content->body);
}

/* ---- the outstanding list and the sweep over it ---- */

static void link_job(struct dispatch *dispatch, struct job *job)
{
    job->before = dispatch->newest;
    job->after = NULL;
    *(dispatch->newest ? &dispatch->newest->after : &dispatch->oldest) = job;
    dispatch->newest = job;
    dispatch->outstanding++;
    job->route->pending++;
    if (!dispatch->sweeping) {
        const struct timeval time = { .tv_usec = SWEEP };
        dispatch->sweeping = event_add(dispatch->sweep, &time) == 0;
    }
}

static void unlink_job(struct dispatch *dispatch, struct job *job)
{
    *(job->before ? &job->before->after : &dispatch->oldest) = job->after;
    *(job->after ? &job->after->before : &dispatch->newest) = job->before;
    dispatch->outstanding--;
    job->route->pending--;
}

static void tell_changed(struct dispatch *dispatch, const struct dispatch_route *route,
                         const char *state)
{
    if (dispatch->options.changed)
        dispatch->options.changed(route->label, state,
                                  breaker_wait(&route->breaker, clock_steady()),
                                  dispatch->options.data);
}

static void miss_deadline(struct dispatch *dispatch, struct job *job, int64_t now)
{
    struct dispatch_route *route = job->route;
    answer_prepared_instead(dispatch->late, job);
    dispatch->stuck++;
    board_add(&route->counts->late, 1);
    log_warning("%s is still running %lld ms after it began; its limit is %lld ms. The person was "
                "answered 503.",
                route->label, (long long)((now - atomic_load(&job->pool.started)) / 1000),
                (long long)(job->limit / 1000));
    if (breaker_missed(&route->breaker, now)) {
        log_error("%s misses its deadline again and again and is not called for %lld s.",
                  route->label, (long long)(breaker_wait(&route->breaker, now) / 1000000));
        tell_changed(dispatch, route, "open");
    }
}

static void sweep_job(struct dispatch *dispatch, struct job *job, int64_t now)
{
    int64_t started = atomic_load_explicit(&job->pool.started, memory_order_relaxed);
    if (started == 0) {
        if (!job->answered && now - job->queued > dispatch->options.settings->queue_time &&
            pool_withdraw(&job->pool))
            answer_prepared_instead(dispatch->busy, job);
        return;
    }
    if (!job->answered && now - started > job->limit &&
        atomic_load(&job->pool.state) == POOL_RUNNING)
        miss_deadline(dispatch, job, now);
    bool hopeless = job->answered && now - started > job->limit + HOPELESS;
    bool crowded = dispatch->stuck * 2 >= pool_threads(dispatch->pool);
    if (!dispatch->told_stuck && dispatch->stuck && (hopeless || crowded)) {
        dispatch->told_stuck = true;
        if (dispatch->options.stuck)
            dispatch->options.stuck(job->route->label, dispatch->options.data);
    }
}

static void on_sweep(evutil_socket_t descriptor, short what, void *data)
{
    struct dispatch *dispatch = data;
    (void)descriptor;
    (void)what;
    int64_t now = clock_steady();
    struct job *after;
    for (struct job *job = dispatch->oldest; job; job = after) {
        after = job->after;
        sweep_job(dispatch, job, now);
    }
    struct server_page *page = dispatch->options.page;
    atomic_store_explicit(&page->stuck, dispatch->stuck, memory_order_relaxed);
    const struct timeval time = { .tv_usec = SWEEP };
    dispatch->sweeping = dispatch->outstanding && event_add(dispatch->sweep, &time) == 0;
}

/* ---- jobs ---- */

static void run(struct pool_job *pool_job, unsigned slot, void *data)
{
    struct dispatch *dispatch = data;
    struct job *job = (struct job *)pool_job;
    struct server_page *page = dispatch->options.page;
    int64_t started = atomic_load_explicit(&pool_job->started, memory_order_relaxed);
    atomic_store_explicit(&page->deadline[slot], started + job->limit, memory_order_relaxed);
    if (job->target)
        module_call_route(dispatch->options.host, job->target, &job->match, job->viewer,
                          job->exchange);
    else
        job->builtin->answer(dispatch, job->exchange);
    atomic_store_explicit(&page->deadline[slot], 0, memory_order_relaxed);
}

static void enter(unsigned slot, void *data)
{
    (void)data;
    module_trace_claim(slot);
    crash_claim(slot);
}

static void leave(void *data)
{
    (void)data;
    crash_release();
}

static void count_duration(struct dispatch_route *route, int64_t took)
{
    unsigned bucket = 0;
    while (bucket < DISPATCH_BUCKETS - 1 && took > dispatch_bounds[bucket])
        bucket++;
    board_add(&route->counts->durations[bucket], 1);
    board_add(&route->counts->duration_sum, (uint64_t)took);
    route->average = (route->average * 7 + took) / 8;
}

static void settle_try(struct dispatch *dispatch, struct job *job, bool well)
{
    struct dispatch_route *route = job->route;
    if (!job->trying)
        return;
    route->try_under_way = false;
    if (well)
        tell_changed(dispatch, route, "tried");
}

static void done(struct pool_job *pool_job, void *data)
{
    struct dispatch *dispatch = data;
    struct job *job = (struct job *)pool_job;
    struct dispatch_route *route = job->route;
    unlink_job(dispatch, job);
    if (atomic_load(&pool_job->state) != POOL_RETURNED) {
        board_add(&route->counts->shed, 1);
        breaker_untried(&route->breaker, clock_steady());
        settle_try(dispatch, job, false);
        http_exchange_finish(job->exchange);
        return;
    }
    if (job->answered)
        dispatch->stuck--;
    board_add(&route->counts->requests, 1);
    if (job->exchange->response.status >= 500)
        board_add(&route->counts->failures, 1);
    count_duration(route, pool_job->took);
    if (!job->answered && breaker_succeeded(&route->breaker)) {
        log_info("%s answers in time again.", route->label);
        tell_changed(dispatch, route, "closed");
    }
    settle_try(dispatch, job, !job->answered);
    if (job->keep && !job->answered)
        kept_take(dispatch->cache, &job->key, job->target->route.cache_seconds,
                  &job->exchange->response);
    http_exchange_finish(job->exchange);
}

/* A longer line than can be answered in time helps nobody: the excess is told so at once. */
static bool line_too_long(const struct dispatch *dispatch, const struct dispatch_route *route)
{
    const struct server_settings *settings = dispatch->options.settings;
    /* One route may not fill the line of all: the others keep the rest of it. */
    if (dispatch->outstanding >= settings->queue_length ||
        route->pending >= settings->queue_length / 4)
        return true;
    unsigned cap =
        route->lane.cap < route->lane.group->cap ? route->lane.cap : route->lane.group->cap;
    int64_t wait = (int64_t)route->pending / cap * route->average;
    return route->pending > cap && wait > settings->queue_time * 3 / 4;
}

static void submit(struct dispatch *dispatch, struct http_exchange *exchange, struct job *job)
{
    struct dispatch_route *route = job->route;
    job->exchange = exchange;
    job->queued = clock_steady();
    exchange->owner = job;
    link_job(dispatch, job);
    pool_submit(dispatch->pool, &job->pool, &route->lane);
}

static void answer_taken_out(struct dispatch *dispatch, struct http_exchange *exchange,
                             const struct dispatch_route *route)
{
    struct value *arguments = value_new(exchange->request.arena, PORTICO_OBJECT);
    if (arguments)
        value_set_text(arguments, "route", route->label);
    module_error_response(dispatch->options.host, exchange, 503,
                          /* translated */ "This part is taking a break",
                          /* translated */
                          "“{route}” failed repeatedly and is switched off for a "
                          "while; it is tried again by itself. Everything else "
                          "works.",
                          arguments);
    http_exchange_finish(exchange);
}

/* False: the route must not be called now. Marks the job that tries it. */
static bool may_call(struct dispatch_route *route, struct job *job, int64_t now)
{
    if (route->taken_out) {
        if (!route->trying || route->try_under_way)
            return false;
        route->try_under_way = true;
        job->trying = true;
        return true;
    }
    return route->breaker.state == BREAKER_CLOSED || breaker_allows(&route->breaker, now);
}

static void call_route(struct dispatch *dispatch, struct http_exchange *exchange, struct job *job)
{
    struct dispatch_route *route = job->route;
    if (!may_call(route, job, exchange->request.started)) {
        board_add(&route->counts->shed, 1);
        answer_taken_out(dispatch, exchange, route);
        return;
    }
    if (line_too_long(dispatch, route)) {
        board_add(&route->counts->shed, 1);
        route->try_under_way = job->trying ? false : route->try_under_way;
        breaker_untried(&route->breaker, exchange->request.started);
        answer_prepared(dispatch->busy, exchange);
        return;
    }
    submit(dispatch, exchange, job);
}

static struct job *job_new(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct job *job = arena_alloc(exchange->request.arena, sizeof *job);
    if (!job) {
        answer_prepared(dispatch->busy, exchange);
        return NULL;
    }
    /* Not the whole struct is cleared: the match is large and filled by the tree. */
    job->target = NULL;
    job->builtin = NULL;
    const struct dispatch_options *options = &dispatch->options;
    job->viewer = options->viewer ? options->viewer(exchange, options->data) : &viewer_anonymous;
    job->keep = job->answered = job->trying = false;
    job->limit = dispatch->options.settings->run_time;
    return job;
}

/* ---- finding who answers ---- */

static const struct text known_methods[] = {
    TEXT("GET"),   TEXT("HEAD"),   TEXT("POST"),    TEXT("PUT"),
    TEXT("PATCH"), TEXT("DELETE"), TEXT("OPTIONS"),
};

static bool is_known_method(struct text method)
{
    for (size_t i = 0; i < sizeof known_methods / sizeof *known_methods; i++) {
        if (text_equals(method, known_methods[i]))
            return true;
    }
    return false;
}

static void answer_options(struct http_exchange *exchange, const char *allow)
{
    exchange->response.status = 204;
    http_response_field(&exchange->response, TEXT("allow"), text_of(allow));
    http_exchange_finish(exchange);
}

static void answer_wrong_method(struct dispatch *dispatch, struct http_exchange *exchange,
                                const char *allow)
{
    if (text_equals(exchange->request.method, TEXT("OPTIONS"))) {
        answer_options(exchange, allow);
        return;
    }
    struct value *arguments = value_new(exchange->request.arena, PORTICO_OBJECT);
    if (arguments)
        value_set_text(arguments, "methods", allow);
    module_error_response(dispatch->options.host, exchange, 405, NULL,
                          /* translated */ "This address answers to {methods}.", arguments);
    http_response_field(&exchange->response, TEXT("allow"), text_of(allow));
    http_exchange_finish(exchange);
}

static void dispatch_builtin(struct dispatch *dispatch, struct http_exchange *exchange,
                             const struct builtin *builtin, bool reading)
{
    exchange->route = builtin->label;
    if (!reading) {
        answer_wrong_method(dispatch, exchange, "GET, HEAD, OPTIONS");
        return;
    }
    if (!builtin->threaded) {
        builtin->answer(dispatch, exchange);
        http_exchange_finish(exchange);
        return;
    }
    struct job *job = job_new(dispatch, exchange);
    if (!job)
        return;
    job->builtin = builtin;
    job->route = dispatch->own;
    call_route(dispatch, exchange, job);
}

static void dispatch_module(struct dispatch *dispatch, struct http_exchange *exchange,
                            const struct cache_key *key)
{
    struct http_request *request = &exchange->request;
    struct job *job = job_new(dispatch, exchange);
    if (!job)
        return;
    const struct route_tree *tree = registry_routes(dispatch->options.host->registry);
    if (!route_tree_match(tree, request->method, request->path, &job->match)) {
        answer_error(dispatch, exchange, 404);
        return;
    }
    if (!job->match.route) {
        answer_wrong_method(dispatch, exchange, job->match.allow);
        return;
    }
    job->target = job->match.route;
    job->route = &dispatch->routes[job->target->index];
    exchange->route = job->target->label;
    if (!viewer_may(job->viewer, job->target->route.permission)) {
        answer_error(dispatch, exchange, job->viewer->person ? 403 : 401);
        return;
    }
    if (job->target->route.deadline_ms)
        job->limit = (int64_t)job->target->route.deadline_ms * 1000;
    /* A kept answer is found before the route, and so before its permission is asked for. */
    bool open_to_all = strcmp(job->target->route.permission, PORTICO_PUBLIC) == 0;
    if (key && open_to_all && job->target->route.cache_seconds &&
        text_equals(request->method, TEXT("GET"))) {
        job->key = *key;
        job->keep = true;
    }
    call_route(dispatch, exchange, job);
}

void dispatch_request(struct http_exchange *exchange, void *data)
{
    struct dispatch *dispatch = data;
    struct http_request *request = &exchange->request;
    bool reading =
        text_equals(request->method, TEXT("GET")) || text_equals(request->method, TEXT("HEAD"));
    struct cache_key key;
    if (reading) {
        kept_key(dispatch->options.host, request, &viewer_anonymous, &key);
        struct http_content *kept = cache_find(dispatch->cache, &key, request->started);
        if (kept) {
            exchange->route = "kept";
            exchange->response.content = http_content_ref(kept);
            http_exchange_finish(exchange);
            return;
        }
    }
    const struct builtin *builtin = builtin_find(request->path);
    if (builtin) {
        dispatch_builtin(dispatch, exchange, builtin, reading);
        return;
    }
    if (reading && http_files_serve(dispatch->options.files, exchange)) {
        exchange->route = "files";
        http_exchange_finish(exchange);
        return;
    }
    if (!is_known_method(request->method)) {
        answer_error(dispatch, exchange, 501);
        return;
    }
    if (http_files_have(dispatch->options.files, request->path)) {
        exchange->route = "files";
        answer_wrong_method(dispatch, exchange, "GET, HEAD, OPTIONS");
        return;
    }
    if (text_equals(request->path, TEXT("*"))) {
        answer_options(exchange, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
        return;
    }
    dispatch_module(dispatch, exchange, reading ? &key : NULL);
}

void dispatch_turn(struct dispatch *dispatch)
{
    pool_turn(dispatch->pool);
    atomic_store_explicit(&dispatch->options.page->running, dispatch->outstanding,
                          memory_order_relaxed);
}

/* ---- what the supervisor says ---- */

static struct dispatch_route *find_route(struct dispatch *dispatch, const char *label)
{
    for (size_t i = 0; i < dispatch->route_count; i++) {
        /* The label went through a trace slot, which may have cut it. */
        if (strncmp(dispatch->routes[i].label, label, TRACE_NAME_MAX) == 0)
            return &dispatch->routes[i];
    }
    return NULL;
}

void dispatch_take_out(struct dispatch *dispatch, const char *label)
{
    struct dispatch_route *route = find_route(dispatch, label);
    if (route) {
        route->taken_out = true;
        route->trying = false;
    }
}

void dispatch_try(struct dispatch *dispatch, const char *label)
{
    struct dispatch_route *route = find_route(dispatch, label);
    if (route)
        route->trying = true;
}

void dispatch_put_back(struct dispatch *dispatch, const char *label)
{
    struct dispatch_route *route = find_route(dispatch, label);
    if (route)
        route->taken_out = route->trying = false;
}

/* ---- making and ending ---- */

/* No module may take all threads, and no route all of its module's unless it asks for more. */
static unsigned share(unsigned threads)
{
    unsigned reserved = threads / 4 ? threads / 4 : 1;
    return threads > reserved ? threads - reserved : 1;
}

static void fill_routes(struct dispatch *dispatch)
{
    const struct registry *registry = dispatch->options.host->registry;
    unsigned threads = dispatch->options.settings->threads;
    size_t modules = registry_module_count(registry);
    for (size_t i = 0; i < modules; i++) {
        const struct portico_module *module = module_descriptor(registry_module_at(registry, i));
        dispatch->groups[i].cap = module->concurrency == PORTICO_SERIAL ? 1 : share(threads);
    }
    dispatch->groups[modules].cap = threads;
    for (size_t i = 0; i < dispatch->route_count; i++) {
        struct dispatch_route *route = &dispatch->routes[i];
        const struct module_route *target =
            route == dispatch->own ? NULL : registry_route_at(registry, i);
        size_t group = modules;
        for (size_t m = 0; target && m < modules; m++) {
            if (registry_module_at(registry, m) == target->owner)
                group = m;
        }
        route->label = target ? target->label : BUILTIN_LABEL;
        route->counts = metrics_route(dispatch->options.metrics, route->label);
        route->lane.group = &dispatch->groups[group];
        route->lane.mean = 1000;
        route->lane.cap = target && target->route.concurrency ? target->route.concurrency
                                                              : route->lane.group->cap;
    }
}

int dispatch_new(const struct dispatch_options *options, struct dispatch **ret_dispatch,
                 struct portico_error *error)
{
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);
    if (!dispatch)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the dispatcher.");
    dispatch->options = *options;
    dispatch->route_count = registry_route_count(options->host->registry) + 1;
    dispatch->routes = calloc(dispatch->route_count, sizeof *dispatch->routes);
    dispatch->groups =
        calloc(registry_module_count(options->host->registry) + 1, sizeof *dispatch->groups);
    dispatch->cache = cache_new(options->settings->cache_bytes);
    dispatch->sweep = evtimer_new(options->base, on_sweep, dispatch);
    int code = dispatch->routes && dispatch->groups && dispatch->sweep ? 0 : PORTICO_ENOMEM;
    if (code == 0) {
        dispatch->own = &dispatch->routes[dispatch->route_count - 1];
        fill_routes(dispatch);
        code =
            prepared_new(options->host, 503, /* translated */ "The portal is busy right now",
                         /* translated */ "Please try again in a moment.", &dispatch->busy, error);
    }
    if (code == 0)
        code = prepared_new(options->host, 503, /* translated */ "This took too long",
                            /* translated */
                            "The answer was not ready in time. Please try again "
                            "in a moment.",
                            &dispatch->late, error);
    const struct pool_options pool = { .base = options->base,
                                       .threads = options->settings->threads,
                                       .enter = enter,
                                       .leave = leave,
                                       .run = run,
                                       .done = done,
                                       .data = dispatch };
    if (code == 0)
        code = pool_new(&pool, &dispatch->pool, error);
    if (code < 0)
        dispatch_free(dispatch);
    else
        *ret_dispatch = dispatch;
    return code;
}

void dispatch_free(struct dispatch *dispatch)
{
    if (!dispatch)
        return;
    pool_free(dispatch->pool);
    cache_free(dispatch->cache);
    if (dispatch->sweep)
        event_free(dispatch->sweep);
    prepared_free(dispatch->busy);
    prepared_free(dispatch->late);
    free(dispatch->routes);
    free(dispatch->groups);
    free(dispatch);
}

unsigned dispatch_outstanding(const struct dispatch *dispatch)
{
    return dispatch->outstanding;
}

unsigned dispatch_stuck(const struct dispatch *dispatch)
{
    return dispatch->stuck;
}

struct module_host *dispatch_host(const struct dispatch *dispatch)
{
    return dispatch->options.host;
}

struct cache *dispatch_cache(const struct dispatch *dispatch)
{
    return dispatch->cache;
}

struct metrics *dispatch_metrics(const struct dispatch *dispatch)
{
    return dispatch->options.metrics;
}

struct pool *dispatch_pool(const struct dispatch *dispatch)
{
    return dispatch->pool;
}

size_t dispatch_route_count(const struct dispatch *dispatch)
{
    return dispatch->route_count;
}

const struct dispatch_route *dispatch_route_at(const struct dispatch *dispatch, size_t index)
{
    return &dispatch->routes[index];
}

void dispatch_set_http(struct dispatch *dispatch, struct http_server *http)
{
    dispatch->http = http;
}

struct http_server *dispatch_http(const struct dispatch *dispatch)
{
    return dispatch->http;
}
