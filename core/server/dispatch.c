#include "server/dispatch.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "module/cookie.h"
#include "module/forgery.h"
#include "module/form.h"
#include "module/hooks.h"
#include "module/request.h"
#include "module/respond.h"
#include "module/switch.h"
#include "server/builtin.h"
#include "server/door.h"
#include "server/edition.h"
#include "server/hooks.h"
#include "server/kept.h"
#include "server/prepared.h"
#include "server/sessions.h"
#include "server/tasks.h"

#include <stdatomic.h>
#include <stdlib.h>

#define TRACE_NAME_MAX (sizeof((struct module_trace_slot *)0)->name - 1)
#define BUILTIN_LABEL "portico"
#define SESSION_LABEL "portico session"

const int64_t dispatch_bounds[DISPATCH_BUCKETS - 1] = { 500,   1000,   2500,    5000,   10000,
                                                        50000, 250000, 1000000, 5000000 };

/* A call of a route, or of one of the server's own pages. */
struct job {
    struct task task; /* must be first */
    struct dispatch *dispatch;
    struct http_exchange *exchange;
    struct module_route *target; /* NULL: a builtin */
    const struct builtin *builtin;
    const struct viewer *viewer;
    struct route_match match;
    struct cache_key key;
    bool keep;       /* the answer may be kept under `key` */
    int64_t edition; /* the answer is of it, or of a later one */
    int64_t asked;   /* steady: when it was read; 0: not with this job */
    bool asks;       /* it is to be read with this job */
};

struct dispatch {
    struct dispatch_options options;
    struct tasks *tasks;
    struct hooks *hooks; /* NULL: no module has one */
    struct sessions *sessions;
    struct cache *cache;
    struct edition *edition;
    struct http_server *http;
    struct live *live;
    struct prepared *busy, *late;
    struct pool_group
        *groups; /* of routes, one a module; of hooks, one a module; the server's own */
    struct dispatch_route *routes; /* then hooks, then the server's own */
    size_t route_count;
    struct dispatch_route *own;     /* the server's pages */
    struct dispatch_route *reading; /* the last of routes: of sessions */
};

/* ---- responses made on the loop ---- */

/* Sends what stands in the response; hooks have a look at it first. */
static void finish(struct http_exchange *exchange)
{
    if (exchange->owner)
        hooks_before_send(exchange, NULL);
    else
        http_exchange_finish(exchange);
}

/* With the usual words of the status. */
static void answer_error(struct dispatch *dispatch, struct http_exchange *exchange, unsigned status)
{
    module_error_response(dispatch->options.host, exchange, status, NULL, NULL, NULL);
    finish(exchange);
}

static void answer_prepared(struct prepared *prepared, struct http_exchange *exchange)
{
    exchange->response.content = http_content_ref(prepared_for(prepared, &exchange->request));
    http_exchange_finish(exchange);
}

static void answer_prepared_instead(struct prepared *prepared, struct job *job)
{
    struct http_content *content = prepared_for(prepared, &job->exchange->request);
    http_exchange_answer_instead(job->exchange, content->status, content->fields, content->body);
}

/* ---- jobs ---- */

static void run_job(struct task *task)
{
    struct job *job = (struct job *)task;
    struct dispatch *dispatch = job->dispatch;
    if (job->asks) {
        job->asked = clock_steady();
        job->edition = edition_read(dispatch->options.host, job->exchange->request.arena);
    }
    if (job->target)
        module_call_route(dispatch->options.host, job->target, &job->match, job->viewer,
                          job->exchange);
    else
        job->builtin->answer(dispatch, job->exchange);
}

static void drop_job(struct task *task)
{
    struct job *job = (struct job *)task;
    answer_prepared_instead(job->dispatch->busy, job);
}

static void late_job(struct task *task, int64_t now)
{
    struct job *job = (struct job *)task;
    answer_prepared_instead(job->dispatch->late, job);
    log_warning("%s is still running %lld ms after it began; its limit is %lld ms. The person was "
                "answered 503.",
                task->route->label, (long long)((now - atomic_load(&task->pool.started)) / 1000),
                (long long)(task->limit / 1000));
}

/* What a request did to its own session holds from the next one on. */
static void settle_session(struct job *job)
{
    struct http_exchange *exchange = job->exchange;
    const struct dispatch *dispatch = job->dispatch;
    if (exchange->viewer && forgery_concerns(exchange->request.method))
        sessions_forget(dispatch->sessions, &exchange->request);
    if (exchange->added.length &&
        cookie_is_set(&exchange->response, dispatch->options.host->secure, COOKIE_SESSION))
        exchange->added = TEXT("");
}

static void done_job(struct task *task, bool ran)
{
    struct job *job = (struct job *)task;
    struct http_exchange *exchange = job->exchange;
    settle_session(job);
    if (ran && job->asked && job->edition >= 0)
        cache_confirm(job->dispatch->cache, job->edition, job->asked);
    if (ran && exchange->response.status >= 500)
        board_add(&task->route->counts->failures, 1);
    if (task->left) {
        http_exchange_finish(exchange);
        return;
    }
    const struct kept_place place = {
        .cache = job->dispatch->cache,
        .key = &job->key,
        .edition = job->edition,
        .seconds = job->keep ? job->target->route.cache_seconds : 0,
    };
    if (exchange->owner) {
        hooks_before_send(exchange, &place);
        return;
    }
    kept_take(&place, &exchange->response);
    http_exchange_finish(exchange);
}

static const struct task_kind job_kind = {
    .run = run_job, .dropped = drop_job, .late = late_job, .done = done_job
};

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
    finish(exchange);
}

static void call_route(struct dispatch *dispatch, struct job *job)
{
    struct http_exchange *exchange = job->exchange;
    struct task *task = &job->task;
    if (!tasks_allow(task, exchange->request.started)) {
        answer_taken_out(dispatch, exchange, task->route);
        return;
    }
    if (tasks_line_too_long(dispatch->tasks, task->route)) {
        tasks_give_up(task, exchange->request.started);
        answer_prepared(dispatch->busy, exchange);
        return;
    }
    tasks_submit(dispatch->tasks, task);
}

static const struct viewer *viewer_of(const struct http_exchange *exchange)
{
    return exchange->viewer ? exchange->viewer : &viewer_anonymous;
}

static struct job *job_new(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct job *job = arena_alloc(exchange->request.arena, sizeof *job);
    if (!job) {
        answer_prepared(dispatch->busy, exchange);
        return NULL;
    }
    /* Not the whole struct is cleared: the match is large and filled by the tree. */
    task_init(&job->task, &job_kind, dispatch->own);
    job->task.wait = dispatch->options.settings->queue_time;
    job->task.limit = dispatch->options.settings->run_time;
    job->dispatch = dispatch;
    job->exchange = exchange;
    job->target = NULL;
    job->builtin = NULL;
    job->viewer = viewer_of(exchange);
    job->keep = job->asks = false;
    job->edition = -1;
    job->asked = 0;
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
    finish(exchange);
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
    finish(exchange);
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
        finish(exchange);
        return;
    }
    struct job *job = job_new(dispatch, exchange);
    if (!job)
        return;
    job->builtin = builtin;
    call_route(dispatch, job);
}

static void answer_forbidden(struct dispatch *dispatch, struct http_exchange *exchange,
                             const struct viewer *viewer)
{
    if (viewer->person) {
        answer_error(dispatch, exchange, 403);
        return;
    }
    respond_sign_in(dispatch->options.host, exchange);
    finish(exchange);
}

/* A page that says who could help stands instead of one that somebody may not open. */
static bool find_help(struct dispatch *dispatch, struct job *job)
{
    const struct http_request *request = &job->exchange->request;
    const char *page = dispatch->options.host->access;
    struct route_match match;
    if (!job->viewer->person || !page || !text_equals(request->method, TEXT("GET")) ||
        respond_prefers_problem(request) ||
        !route_tree_match(registry_routes(dispatch->options.host->registry), TEXT("GET"),
                          text_of(page), &match) ||
        !match.route)
        return false;
    job->match = match;
    job->target = match.route;
    job->task.route = &dispatch->routes[job->target->index];
    return true;
}

/* Whoever was signed out while writing has it shown again, which takes a handler's thread; no hook
 * and no handler runs. */
static void refuse_viewer(struct dispatch *dispatch, struct job *job)
{
    if ((!job->viewer->person && form_may_show_again(job->target, &job->exchange->request)) ||
        find_help(dispatch, job))
        call_route(dispatch, job);
    else
        answer_forbidden(dispatch, job->exchange, job->viewer);
}

static void answer_foreign(struct dispatch *dispatch, struct http_exchange *exchange)
{
    module_error_response(dispatch->options.host, exchange, 403,
                          /* translated */ "This came from another site",
                          /* translated */
                          "Another site's page sent it, and the portal takes changes from its own "
                          "pages only. If you meant to do this, open the page here and do it "
                          "there.",
                          NULL);
    finish(exchange);
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
    job->task.route = &dispatch->routes[job->target->index];
    exchange->route = job->target->label;
    if (job->target->route.flags & (PORTICO_ROUTE_OUTSIDE | PORTICO_ROUTE_SITEMAP)) {
        job->viewer = &viewer_anonymous;
        exchange->viewer = NULL;
    } else if (forgery_concerns(request->method) &&
               forgery_is_foreign(dispatch->options.host, request)) {
        answer_foreign(dispatch, exchange);
        return;
    }
    if (door_only_shows(dispatch->options.host, exchange, &job->target->route, &job->viewer)) {
        finish(exchange);
        return;
    }
    if (!viewer_may(job->viewer, job->target->route.permission)) {
        refuse_viewer(dispatch, job);
        return;
    }
    if (door_needs_session(dispatch->options.host, exchange, &job->target->route, job->viewer)) {
        finish(exchange);
        return;
    }
    if (job->target->route.deadline_ms)
        job->task.limit = (int64_t)job->target->route.deadline_ms * 1000;
    /* A kept answer is found before the route, and so before its permission is asked for. */
    bool open_to_all = strcmp(job->target->route.permission, PORTICO_PUBLIC) == 0;
    if (key && open_to_all && job->target->route.cache_seconds &&
        text_equals(request->method, TEXT("GET"))) {
        job->key = *key;
        job->keep = true;
        job->edition = cache_edition(dispatch->cache);
        job->asks = cache_asks(dispatch->cache, request->started);
    }
    /* A kept answer would pass these hooks by. */
    if (exchange->owner && hooks_after_permission(exchange, &job->match, job->viewer, job))
        return;
    call_route(dispatch, job);
}

static void permitted(struct http_exchange *exchange, void *token, void *data)
{
    struct job *job = token;
    (void)exchange;
    job->keep = false;
    call_route(data, job);
}

/* From here on without hooks, or past those before routing. */
static void route_request(struct http_exchange *exchange, void *data)
{
    struct dispatch *dispatch = data;
    struct http_request *request = &exchange->request;
    bool reading =
        text_equals(request->method, TEXT("GET")) || text_equals(request->method, TEXT("HEAD"));
    struct cache_key key;
    bool anonymous = reading && !exchange->viewer;
    if (anonymous) {
        kept_key(dispatch->options.host, request, &viewer_anonymous, &key);
        struct http_content *kept = cache_find(dispatch->cache, &key, request->started);
        if (kept) {
            exchange->route = "kept";
            exchange->response.content = http_content_ref(kept);
            edition_ask(dispatch->edition, request->started);
            if (exchange->owner)
                hooks_send_kept(exchange);
            else
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
    dispatch_module(dispatch, exchange, anonymous ? &key : NULL);
}

/* It is known who asks. */
static void begin_request(struct http_exchange *exchange, void *data)
{
    struct dispatch *dispatch = data;
    if (door_asks_step(dispatch->options.host, dispatch->options.files, exchange))
        return;
    if (!dispatch->hooks || !hooks_before_routing(dispatch->hooks, exchange, viewer_of(exchange)))
        route_request(exchange, data);
}

static void answer_unknown(struct http_exchange *exchange, void *data)
{
    struct dispatch *dispatch = data;
    exchange->route = SESSION_LABEL;
    answer_prepared(dispatch->busy, exchange);
}

static void refuse_token(struct http_exchange *exchange, unsigned status, void *data)
{
    struct dispatch *dispatch = data;
    exchange->route = SESSION_LABEL;
    door_refuse(dispatch->options.host, exchange, status);
}

void dispatch_request(struct http_exchange *exchange, void *data)
{
    struct dispatch *dispatch = data;
    const struct dispatch_options *options = &dispatch->options;
    bool exempt = hooks_exempt(exchange->request.path);
    if (!options->viewer && !exempt && sessions_token_of(&exchange->request).data &&
        !door_is_of_tokens(exchange->request.path)) {
        refuse_token(exchange, 403, data);
        return;
    }
    if (options->viewer)
        exchange->viewer = options->viewer(exchange, options->data);
    else if (!exempt && sessions_ask(dispatch->sessions, exchange))
        return;
    begin_request(exchange, data);
}

bool dispatch_takes_files(const struct http_request *request, void *data)
{
    const struct dispatch *dispatch = data;
    const struct route_tree *tree = registry_routes(dispatch->options.host->registry);
    struct route_match match;
    return route_tree_match(tree, request->method, request->path, &match) && match.route &&
           request_takes_files(match.route);
}

static void tell_tried(const char *label, void *data)
{
    struct dispatch *dispatch = data;
    if (dispatch->options.changed)
        dispatch->options.changed(label, "tried", 0, dispatch->options.data);
}

void dispatch_turn(struct dispatch *dispatch)
{
    tasks_turn(dispatch->tasks);
    registry_tell_tried(dispatch->options.host->registry, tell_tried, dispatch);
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
    } else {
        registry_set_switch(dispatch->options.host->registry, label, SWITCH_OFF);
    }
}

void dispatch_try(struct dispatch *dispatch, const char *label)
{
    struct dispatch_route *route = find_route(dispatch, label);
    if (route)
        route->trying = true;
    else
        registry_set_switch(dispatch->options.host->registry, label, SWITCH_TO_TRY);
}

void dispatch_put_back(struct dispatch *dispatch, const char *label)
{
    struct dispatch_route *route = find_route(dispatch, label);
    if (route)
        route->taken_out = route->trying = false;
    else
        registry_set_switch(dispatch->options.host->registry, label, SWITCH_ON);
}

/* ---- making and ending ---- */

/* No module may take all threads, and no route all of its module's unless it asks for more. */
static unsigned share(unsigned threads)
{
    unsigned reserved = threads / 4 ? threads / 4 : 1;
    return threads > reserved ? threads - reserved : 1;
}

static size_t group_of(const struct registry *registry, const struct module *owner)
{
    size_t count = registry_module_count(registry);
    for (size_t i = 0; i < count; i++)
        if (registry_module_at(registry, i) == owner)
            return i;
    return count;
}

static void fill_route(struct dispatch *dispatch, struct dispatch_route *route, const char *label,
                       struct pool_group *group, unsigned concurrency)
{
    route->label = label;
    route->counts = metrics_route(dispatch->options.metrics, label);
    route->lane.group = group;
    route->lane.mean = 1000;
    route->lane.cap = concurrency ? concurrency : group->cap;
}

static void fill_routes(struct dispatch *dispatch)
{
    const struct registry *registry = dispatch->options.host->registry;
    unsigned threads = dispatch->options.settings->threads;
    size_t modules = registry_module_count(registry);
    struct dispatch_route *next = dispatch->routes;
    /* Hooks have threads of their own: a module's slow routes do not hold up every request. */
    struct pool_group *of_hooks = dispatch->groups + modules, *own = of_hooks + modules;
    for (size_t i = 0; i < modules; i++) {
        const struct portico_module *module = module_descriptor(registry_module_at(registry, i));
        dispatch->groups[i].cap = module->concurrency == PORTICO_SERIAL ? 1 : share(threads);
        of_hooks[i].cap = dispatch->groups[i].cap;
    }
    own->cap = threads;
    for (size_t i = 0; i < registry_route_count(registry); i++) {
        const struct module_route *target = registry_route_at(registry, i);
        next->kept_in = !target->owner || module_is_built_in(target->owner);
        fill_route(dispatch, next++, target->label,
                   &dispatch->groups[group_of(registry, target->owner)], target->route.concurrency);
    }
    for (size_t i = 0; i < registry_hook_count(registry); i++) {
        const struct module_hook *hook = registry_hook_at(registry, i);
        fill_route(dispatch, next++, hook->label, &of_hooks[group_of(registry, hook->owner)],
                   hook->hook->concurrency);
    }
    dispatch->own = next++;
    fill_route(dispatch, dispatch->own, BUILTIN_LABEL, own, 0);
    dispatch->reading = next;
    fill_route(dispatch, dispatch->reading, SESSION_LABEL, own, 0);
    dispatch->own->kept_in = dispatch->reading->kept_in = true;
}

static int make_hooks(struct dispatch *dispatch, struct portico_error *error)
{
    const struct registry *registry = dispatch->options.host->registry;
    const struct hooks_options options = { .tasks = dispatch->tasks,
                                           .host = dispatch->options.host,
                                           .routes =
                                               dispatch->routes + registry_route_count(registry),
                                           .routed = route_request,
                                           .permitted = permitted,
                                           .data = dispatch };
    return registry_hook_count(registry) ? hooks_new(&options, &dispatch->hooks, error) : 0;
}

static int make_sessions(struct dispatch *dispatch, struct portico_error *error)
{
    const struct sessions_options options = { .tasks = dispatch->tasks,
                                              .host = dispatch->options.host,
                                              .route = dispatch->reading,
                                              .known = begin_request,
                                              .refused = refuse_token,
                                              .unknown = answer_unknown,
                                              .data = dispatch };
    return sessions_new(&options, &dispatch->sessions, error);
}

static int make_edition(struct dispatch *dispatch, struct portico_error *error)
{
    const struct edition_options options = { .tasks = dispatch->tasks,
                                             .host = dispatch->options.host,
                                             .route = dispatch->reading,
                                             .cache = dispatch->cache };
    return edition_new(&options, &dispatch->edition, error);
}

int dispatch_new(const struct dispatch_options *options, struct dispatch **ret_dispatch,
                 struct portico_error *error)
{
    struct dispatch *dispatch = calloc(1, sizeof *dispatch);
    if (!dispatch)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the dispatcher.");
    dispatch->options = *options;
    const struct registry *registry = options->host->registry;
    dispatch->route_count = registry_route_count(registry) + registry_hook_count(registry) + 2;
    dispatch->routes = calloc(dispatch->route_count, sizeof *dispatch->routes);
    dispatch->groups = calloc(2 * registry_module_count(registry) + 1, sizeof *dispatch->groups);
    dispatch->cache = cache_new(options->settings->cache_bytes);
    int code = dispatch->routes && dispatch->groups
                   ? 0
                   : error_set(error, PORTICO_ENOMEM, "There is no memory for the dispatcher.");
    if (code == 0) {
        fill_routes(dispatch);
        code = prepared_new(options->host, 503, /* translated */ "The portal is busy right now",
                            /* translated */ "Try again in a moment.", &dispatch->busy, error);
    }
    if (code == 0)
        code = prepared_new(options->host, 503, /* translated */ "This took too long",
                            /* translated */
                            "The answer was not ready in time. Try again "
                            "in a moment.",
                            &dispatch->late, error);
    if (code == 0)
        code = tasks_new(options, &dispatch->tasks, error);
    if (code == 0)
        code = make_hooks(dispatch, error);
    if (code == 0)
        code = make_sessions(dispatch, error);
    if (code == 0)
        code = make_edition(dispatch, error);
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
    tasks_free(dispatch->tasks);
    hooks_free(dispatch->hooks);
    sessions_free(dispatch->sessions);
    edition_free(dispatch->edition);
    cache_free(dispatch->cache);
    prepared_free(dispatch->busy);
    prepared_free(dispatch->late);
    free(dispatch->routes);
    free(dispatch->groups);
    free(dispatch);
}

unsigned dispatch_outstanding(const struct dispatch *dispatch)
{
    return tasks_outstanding(dispatch->tasks);
}

unsigned dispatch_stuck(const struct dispatch *dispatch)
{
    return tasks_stuck(dispatch->tasks);
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
    return tasks_pool(dispatch->tasks);
}

size_t dispatch_route_count(const struct dispatch *dispatch)
{
    return dispatch->route_count;
}

const struct dispatch_route *dispatch_route_at(const struct dispatch *dispatch, size_t index)
{
    return &dispatch->routes[index];
}

void dispatch_set_live(struct dispatch *dispatch, struct live *live)
{
    dispatch->live = live;
}

struct sessions *dispatch_sessions(const struct dispatch *dispatch)
{
    return dispatch->sessions;
}

struct live *dispatch_live(const struct dispatch *dispatch)
{
    return dispatch->live;
}

void dispatch_set_http(struct dispatch *dispatch, struct http_server *http)
{
    dispatch->http = http;
}

struct http_server *dispatch_http(const struct dispatch *dispatch)
{
    return dispatch->http;
}
