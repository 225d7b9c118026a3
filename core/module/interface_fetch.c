/* portico.fetch: the one way out to other servers. */
#include "base/error.h"
#include "fetch/fetch.h"
#include "module/call.h"
#include "module/outgoing.h"

#define REQUEST_SIZE_1_0 (offsetof(struct portico_fetch_request, redirects) + sizeof(uint32_t))
#define ANSWER_SIZE_1_0 (offsetof(struct portico_fetch_answer, body_length) + sizeof(size_t))

struct fetch_handle {
    struct portico_fetch public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_fetch_open(struct scope *scope)
{
    struct fetch_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_fetch;
    handle->magic = FETCH_MAGIC;
    handle->scope = scope;
    return handle;
}

static int send_out(struct scope *scope, const struct fetch_request *request,
                    struct fetch_answer *ret_answer, struct portico_error *error)
{
    const struct module_host *host = scope->call->host;
    static const struct fetch_rules none;
    const struct fetch_rules *rules = host->outgoing ? &host->outgoing->rules : &none;
    if (!host->outside || !host->outside->fetch)
        return fetch_send(rules, request, scope->arena, ret_answer, error);
    int code = fetch_check(rules, request, error);
    return code < 0 ? code
                    : host->outside->fetch(request, scope->arena, ret_answer, host->outside->data,
                                           error);
}

static int fetch_api_fetch(struct portico_fetch *fetch, const struct portico_fetch_request *request,
                           struct portico_fetch_answer *ret_answer, struct portico_error *error)
{
    struct fetch_handle *handle = (struct fetch_handle *)fetch;
    if (!handle || handle->magic != FETCH_MAGIC)
        call_stale_handle("fetch");
    struct scope *scope = thread_scope(handle->scope, PORTICO_FETCH, __func__);
    struct portico_fetch_request own = { 0 };
    uint32_t answer_size = ret_answer ? ret_answer->size : 0;
    if (!interface_read(&own, sizeof own, request, REQUEST_SIZE_1_0) ||
        answer_size < ANSWER_SIZE_1_0)
        return error_set(error, PORTICO_EINVAL,
                         "A fetch needs the sizes of request and answer "
                         "set.");
    if (call_transaction(scope->call))
        return error_set(
            error, PORTICO_EPERM,
            "A fetch waits for another server, and everyone who writes would wait with "
            "it: commit or roll back the transaction first, or queue a job in it.");
    struct fetch_request asked = {
        .method = own.method,
        .url = own.url,
        .headers = own.headers ? value_of(own.headers) : NULL,
        .body = own.body,
        .body_length = own.body_length,
        .answer_max = own.answer_max,
        .timeout_ms = own.timeout_ms,
        .redirects = own.redirects,
    };
    struct fetch_answer got = { 0 };
    int code = send_out(scope, &asked, &got, error);
    if (code < 0)
        return code;
    const struct portico_fetch_answer answer = {
        .size = answer_size,
        .status = got.status,
        .headers = value_public(got.headers),
        .body = got.body,
        .body_length = got.body_length,
    };
    memcpy(ret_answer, &answer, answer_size < sizeof answer ? answer_size : sizeof answer);
    return PORTICO_OK;
}

const struct portico_fetch_api interface_fetch = {
    .table = { .size = sizeof(struct portico_fetch_api), .major = 1, .minor = 0 },
    .fetch = fetch_api_fetch,
};
