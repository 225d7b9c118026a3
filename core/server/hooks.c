#include "server/hooks.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "server/fields.h"
#include "server/kept.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define POINTS 4 /* enum portico_hook_point counts from 1 */

struct hooks {
    struct hooks_options options;
    size_t begin[POINTS + 1]; /* of a point in the registry's order; the next one's is its end */
};

/* A request on its way. In the request's memory; the loop's alone. */
struct stage {
    struct hooks *hooks;
    struct http_exchange *exchange;
    const struct viewer *viewer;
    const struct route_match *match; /* NULL before routing */
    void *token;
    uint32_t point;
    size_t next;       /* hook to ask */
    struct text added; /* lines for whatever answer comes */
    struct kept_place place;
};

/* One hook asked. In memory of its own, which ends when the hook has returned. */
struct hook_task {
    struct task task; /* must be first */
    struct arena *arena;
    struct stage *stage;        /* NULL: the request went on without it */
    struct http_exchange *held; /* whose request it reads */
    struct http_exchange own;   /* that request, with memory and response of the hook's own */
    struct module_host *host;
    const struct module_hook *hook;
    const struct route_match *match;
    const struct viewer *viewer;
    struct module_answer answer;
    struct portico_error error;
    int code;
};

static void go(struct stage *stage);

static const struct module_hook *hook_at(const struct hooks *hooks, size_t index)
{
    return registry_hook_at(hooks->options.host->registry, index);
}

/* ---- the end of a point ---- */

static struct text text_of_buffer(const struct buffer *buffer)
{
    return (struct text){ buffer->data, buffer->length };
}

static void conclude(struct stage *stage)
{
    struct http_exchange *exchange = stage->exchange;
    struct http_response *response = &exchange->response;
    kept_take(&stage->place, response);
    if (stage->added.length)
        fields_complete(&response->fields, response->content ? response->content->fields : TEXT(""),
                        stage->added);
    exchange->owner = NULL;
    http_exchange_finish(exchange);
}

/* All hooks of the point let it pass. */
static void proceed(struct stage *stage)
{
    const struct hooks_options *options = &stage->hooks->options;
    if (stage->point == PORTICO_BEFORE_ROUTING)
        options->routed(stage->exchange, options->data);
    else if (stage->point == PORTICO_AFTER_PERMISSION)
        options->permitted(stage->exchange, stage->token, options->data);
    else
        conclude(stage);
}

/* The response was made by a hook, or because of one: it is for this request alone. */
static void answered(struct stage *stage, const struct module_hook *hook)
{
    stage->place.seconds = 0;
    stage->exchange->route = hook->label;
    if (stage->point == PORTICO_BEFORE_SEND)
        conclude(stage);
    else
        hooks_before_send(stage->exchange, NULL);
}

/* A hook was not asked, failed or is late. */
static void pass_over(struct stage *stage, const struct module_hook *hook)
{
    struct http_exchange *exchange = stage->exchange;
    stage->place.seconds = 0; /* an answer without its fields is not worth keeping */
    if (hook->hook->failure == PORTICO_FAIL_OPEN) {
        go(stage);
        return;
    }
    struct value *arguments = value_new(exchange->request.arena, PORTICO_OBJECT);
    if (arguments)
        value_set_text(arguments, "hook", hook->label);
    module_error_response(stage->hooks->options.host, exchange, 503,
                          /* translated */ "A check of this request did not work",
                          /* translated */
                          "“{hook}” must agree before the portal answers, and it failed, took too "
                          "long or is switched off for a while. You did nothing wrong. Try "
                          "again in a moment.",
                          arguments);
    answered(stage, hook);
}

/* ---- what a hook did ---- */

static void drop_response(struct http_response *response)
{
    buffer_free(&response->fields);
    buffer_free(&response->body);
    http_content_unref(response->content);
    if (response->file >= 0)
        close(response->file);
    if (response->produce_end)
        response->produce_end(response->produce_data);
}

/* Its answer becomes the answer; what the exchange had goes with the hook. */
static void take_reply(struct stage *stage, struct hook_task *task)
{
    struct http_exchange *exchange = stage->exchange;
    struct http_response before = exchange->response;
    exchange->response = task->own.response;
    task->own.response = before;
    struct text etag = exchange->response.etag;
    exchange->response.etag =
        (struct text){ arena_strndup(exchange->request.arena, etag.data, etag.length),
                       etag.length };
    if (!exchange->response.etag.data)
        exchange->response.etag = TEXT("");
}

/* False: memory ended, and the answer would lack what the hook wanted in it. */
static bool take_fields(struct stage *stage, const struct http_response *given)
{
    struct http_response *response = &stage->exchange->response;
    struct arena *arena = stage->exchange->request.arena;
    struct text lines = text_of_buffer(&given->fields);
    if (stage->point == PORTICO_BEFORE_SEND) {
        if (given->varies)
            stage->place.seconds = 0;
        fields_replace(&response->fields, lines);
    } else if (lines.length) {
        char *joined = arena_printf(arena, "%.*s%.*s", (int)stage->added.length,
                                    stage->added.length ? stage->added.data : "", (int)lines.length,
                                    lines.data);
        if (!joined)
            return false;
        stage->added = text_of(joined);
    }
    return !given->fields.failed;
}

static void task_free(struct hook_task *task)
{
    struct http_exchange *held = task->held;
    drop_response(&task->own.response);
    arena_free(task->arena);
    http_exchange_release(held);
}

static void run(struct task *given)
{
    struct hook_task *task = (struct hook_task *)given;
    task->code = module_call_hook(task->host, task->hook, task->match, task->viewer, &task->answer,
                                  &task->own, &task->error);
}

/* The request goes on without it; from here on the task belongs to the hook's thread alone. */
static void leave(struct hook_task *task)
{
    struct stage *stage = task->stage;
    task->stage = NULL;
    pass_over(stage, task->hook);
}

static void dropped(struct task *given)
{
    leave((struct hook_task *)given);
}

static void late(struct task *given, int64_t now)
{
    struct hook_task *task = (struct hook_task *)given;
    struct log_scope outer = log_scope;
    log_scope.request = task->held->request.id;
    log_warning("%s has not returned %lld ms after it was asked; its limit is %lld ms. %s",
                task->hook->label, (long long)((now - given->queued) / 1000),
                (long long)(given->limit / 1000),
                task->hook->hook->failure == PORTICO_FAIL_OPEN ? "The request went on without it."
                                                               : "The person was answered 503.");
    log_scope = outer;
    leave(task);
}

static void done(struct task *given, bool ran)
{
    struct hook_task *task = (struct hook_task *)given;
    struct stage *stage = task->stage;
    const struct module_hook *hook = task->hook;
    int code = task->code;
    if (ran && code < 0) {
        struct log_scope outer = log_scope;
        log_scope.request = task->held->request.id;
        log_error("%s failed: %s", hook->label, task->error.message);
        log_scope = outer;
        board_add(&given->route->counts->failures, 1);
    }
    if (stage && code > 0)
        take_reply(stage, task);
    else if (stage && code == 0 && !take_fields(stage, &task->own.response))
        code = PORTICO_ENOMEM;
    task_free(task);
    if (!stage)
        return;
    if (code > 0)
        answered(stage, hook);
    else if (code < 0)
        pass_over(stage, hook);
    else
        go(stage);
}

static const struct task_kind hook_kind = {
    .run = run, .dropped = dropped, .late = late, .done = done
};

/* ---- asking ---- */

/* What a hook may read of the answer so far; false: memory ended. */
static bool read_answer(const struct stage *stage, struct hook_task *task)
{
    const struct http_response *response = &stage->exchange->response;
    const struct http_content *content = response->content;
    if (stage->point != PORTICO_BEFORE_SEND)
        return true;
    const struct text parts[] = { content ? content->fields : TEXT(""),
                                  text_of_buffer(&response->fields), stage->added };
    size_t length = parts[0].length + parts[1].length + parts[2].length, at = 0;
    char *fields = arena_alloc(task->arena, length);
    char *etag = arena_strndup(task->arena, response->etag.data ? response->etag.data : "",
                               response->etag.length);
    if (!fields || !etag)
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].length)
            memcpy(fields + at, parts[i].data, parts[i].length);
        at += parts[i].length;
    }
    task->answer.status = content ? content->status : response->status ? response->status : 500;
    task->answer.fields = (struct text){ fields, length };
    task->answer.etag = (struct text){ etag, response->etag.length };
    return true;
}

/* NULL: memory ended. */
static struct hook_task *task_new(struct stage *stage, const struct module_hook *hook)
{
    struct arena *arena = arena_new(0);
    struct hook_task *task = arena ? arena_zalloc(arena, sizeof *task) : NULL;
    if (!task) {
        arena_free(arena);
        return NULL;
    }
    task->arena = arena;
    task->stage = stage;
    task->held = stage->exchange;
    task->own.request = stage->exchange->request;
    task->own.request.arena = arena;
    task->own.response = (struct http_response){ .file = -1 };
    task->host = stage->hooks->options.host;
    task->hook = hook;
    task->match = stage->match;
    task->viewer = stage->viewer;
    task->error = (struct portico_error)PORTICO_ERROR_INIT;
    if (read_answer(stage, task))
        return task;
    arena_free(arena);
    return NULL;
}

/* False: it is not asked. */
static bool ask(struct stage *stage, size_t index)
{
    const struct hooks_options *options = &stage->hooks->options;
    const struct module_hook *hook = hook_at(stage->hooks, index);
    struct hook_task *task = task_new(stage, hook);
    int64_t now = clock_steady();
    if (!task)
        return false;
    task_init(&task->task, &hook_kind, &options->routes[index]);
    uint32_t deadline = hook->hook->deadline_ms;
    task->task.limit = deadline ? (int64_t)deadline * 1000 : HOOKS_DEADLINE;
    task->task.wait = task->task.limit;
    task->task.from_queue = true;
    bool allowed = tasks_allow(&task->task, now);
    if (!allowed || tasks_line_too_long(options->tasks, task->task.route)) {
        if (allowed)
            tasks_give_up(&task->task, now);
        arena_free(task->arena);
        return false;
    }
    http_exchange_hold(stage->exchange);
    tasks_submit(options->tasks, &task->task);
    return true;
}

static void go(struct stage *stage)
{
    const struct hooks *hooks = stage->hooks;
    while (stage->next < hooks->begin[stage->point + 1]) {
        size_t index = stage->next++;
        const struct module_hook *hook = hook_at(hooks, index);
        if (!module_hook_applies(hook, stage->exchange->request.path))
            continue;
        if (!ask(stage, index))
            pass_over(stage, hook);
        return;
    }
    proceed(stage);
}

/* ---- for the dispatcher ---- */

/* The portal's own files and signs of life are nobody else's: a broken hook must not hide them. */
bool hooks_exempt(struct text path)
{
    static const struct text exempt[] = { TEXT("/healthz"), TEXT("/readyz"), TEXT("/metrics"),
                                          TEXT("/assets") };
    for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++)
        if (text_equals(path, exempt[i]))
            return true;
    return text_starts(path, TEXT("/assets/"));
}

/* From the given point on. */
static bool any_applies(const struct hooks *hooks, uint32_t point, uint32_t end, struct text path)
{
    for (size_t i = hooks->begin[point]; i < hooks->begin[end]; i++)
        if (module_hook_applies(hook_at(hooks, i), path))
            return true;
    return false;
}

bool hooks_before_routing(struct hooks *hooks, struct http_exchange *exchange,
                          const struct viewer *viewer)
{
    struct text path = exchange->request.path;
    if (hooks_exempt(path) || !any_applies(hooks, PORTICO_BEFORE_ROUTING, POINTS, path))
        return false;
    struct stage *stage = arena_zalloc(exchange->request.arena, sizeof *stage);
    if (!stage) {
        exchange->response.status = 503;
        http_exchange_finish(exchange);
        return true;
    }
    stage->hooks = hooks;
    stage->exchange = exchange;
    stage->viewer = viewer;
    stage->point = PORTICO_BEFORE_ROUTING;
    stage->next = hooks->begin[PORTICO_BEFORE_ROUTING];
    exchange->owner = stage;
    go(stage);
    return true;
}

bool hooks_after_permission(struct http_exchange *exchange, const struct route_match *match,
                            const struct viewer *viewer, void *token)
{
    struct stage *stage = exchange->owner;
    const struct hooks *hooks = stage->hooks;
    if (!any_applies(hooks, PORTICO_AFTER_PERMISSION, PORTICO_BEFORE_SEND, exchange->request.path))
        return false;
    stage->match = match;
    stage->viewer = viewer;
    stage->token = token;
    stage->point = PORTICO_AFTER_PERMISSION;
    stage->next = hooks->begin[PORTICO_AFTER_PERMISSION];
    go(stage);
    return true;
}

void hooks_before_send(struct http_exchange *exchange, const struct kept_place *place)
{
    struct stage *stage = exchange->owner;
    if (!exchange->connection) { /* nobody is left to be sent anything */
        exchange->owner = NULL;
        http_exchange_finish(exchange);
        return;
    }
    if (place)
        stage->place = *place;
    stage->point = PORTICO_BEFORE_SEND;
    stage->next = stage->hooks->begin[PORTICO_BEFORE_SEND];
    go(stage);
}

void hooks_send_kept(struct http_exchange *exchange)
{
    conclude(exchange->owner);
}

int hooks_new(const struct hooks_options *options, struct hooks **ret_hooks,
              struct portico_error *error)
{
    struct hooks *hooks = calloc(1, sizeof *hooks);
    if (!hooks)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the hooks.");
    hooks->options = *options;
    size_t count = registry_hook_count(options->host->registry), at = 0;
    for (uint32_t point = 0; point <= POINTS; point++) {
        while (at < count && hook_at(hooks, at)->hook->point < point)
            at++;
        hooks->begin[point] = at;
    }
    *ret_hooks = hooks;
    return PORTICO_OK;
}

void hooks_free(struct hooks *hooks)
{
    free(hooks);
}
