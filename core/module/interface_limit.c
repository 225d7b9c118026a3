/* portico.limit: how often a viewer may do a thing of this module. */
#include "base/clock.h"
#include "base/error.h"
#include "limit/limit.h"
#include "module/call.h"
#include "module/outgoing.h"

#include <sodium.h>
#include <stdio.h>

#define NAME_MAX_BYTES 100
#define SECOND INT64_C(1000000)

struct limits_handle {
    struct portico_limits public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_limit_open(struct scope *scope)
{
    struct limits_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_limit;
    handle->magic = LIMITS_MAGIC;
    handle->scope = scope;
    return handle;
}

/* A keyed hash: the table tells nobody's address, even to who can list all addresses. */
static int key_of(const struct scope *scope, const char *module, const char *name, char ret_key[65],
                  struct portico_error *error)
{
    const struct call *call = scope->call;
    struct module_outgoing *outgoing = call->host->outgoing;
    unsigned char key[KEYRING_KEY_SIZE] = { 0 }, hash[32];
    char network[LIMIT_NETWORK_SIZE] = "", who[32 + LIMIT_NETWORK_SIZE];
    unsigned number;
    int code = outgoing && outgoing->ring ? keyring_key(outgoing->ring, 0, &number, key, error) : 0;
    if (code < 0)
        return code;
    if (!call->viewer->person)
        limit_network(call->exchange->request.remote, network);
    snprintf(who, sizeof who, "%lld %s", (long long)call->viewer->person, network);
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, sizeof key, sizeof hash);
    const char *const parts[] = { module, name, who };
    for (size_t i = 0; i < 3; i++)
        crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(ret_key, 65, hash, sizeof hash);
    sodium_memzero(key, sizeof key);
    return 0;
}

/* "Try again in 3 minutes.", in the largest unit that is not too rough. */
static const char *words_of(const struct scope *scope, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {
        { 3600, /* translated */ "That was a lot in a short time. Try again in an hour.",
          /* translated */ "That was a lot in a short time. Try again in {count} hours." },
        { 60, /* translated */ "That was a lot in a short time. Try again in a minute.",
          /* translated */ "That was a lot in a short time. Try again in {count} minutes." },
        { 1, /* translated */ "That was a lot in a short time. Try again in a second.",
          /* translated */ "That was a lot in a short time. Try again in {count} seconds." },
    };
    size_t unit = seconds > 5400 ? 0 : seconds > 90 ? 1 : 2;
    int64_t count = (seconds + units[unit].seconds - 1) / units[unit].seconds;
    struct call *call = scope->call;
    struct value *arguments = value_new(scope->arena, PORTICO_OBJECT);
    const char *source = count == 1 ? units[unit].one : units[unit].many;
    if (!call->host->pages || !arguments || value_set_integer(arguments, "count", count) < 0)
        return source;
    return page_translate(call->host->pages, "portico", scope->arena, call->locale, source,
                          arguments);
}

/* `exchange`'s memory outlives the scope the limit may have been taken in. */
int interface_limit_reached(struct scope *scope, int64_t wait, const char *what,
                            struct portico_error *error)
{
    struct call *call = scope->call;
    int64_t seconds = (wait + SECOND - 1) / SECOND;
    const char *words = words_of(scope, seconds);
    if (what && call->host->pages)
        what = page_translate(call->host->pages, "portico", scope->arena, call->locale, what, NULL);
    if (what)
        words = arena_printf(scope->arena, "%s %s", what, words);
    if (call->exchange) {
        call->retry_after = (unsigned)seconds;
        call->limit_words = words ? arena_strdup(call->exchange->request.arena, words) : NULL;
    }
    return error_set(error, PORTICO_ELIMIT, "%s", words ? words : "");
}

int interface_limit_take(struct scope *scope, const char *module, const char *name, uint32_t most,
                         uint32_t seconds, struct portico_error *error)
{
    char key[65];
    int64_t wait = 0;
    /* Whoever looks in somebody's place takes nothing of what is theirs to take. */
    if (!scope->call->exchange || viewer_may(scope->call->viewer, PORTICO_UNLIMITED) ||
        scope->call->viewer->rows.looks)
        return 0;
    struct store_session *session = scope_session(scope, error);
    int code = session ? key_of(scope, module, name, key, error) : PORTICO_EIO;
    if (code < 0)
        return code;
    const struct limit limit = { .key = key, .most = most, .seconds = seconds };
    code = limit_take(session, &limit, clock_now(), &wait, error);
    return code == PORTICO_ELIMIT ? interface_limit_reached(scope, wait, NULL, error) : code;
}

static int limit_api_take(struct portico_limits *limits, const char *name, uint32_t most,
                          uint32_t seconds, struct portico_error *error)
{
    struct limits_handle *handle = (struct limits_handle *)limits;
    if (!handle || handle->magic != LIMITS_MAGIC)
        call_stale_handle("limits");
    struct scope *scope = thread_scope(handle->scope, PORTICO_LIMITS, __func__);
    if (!name || !*name || strlen(name) > NAME_MAX_BYTES)
        return error_set(error, PORTICO_EINVAL, "A limit is named by 1 to %d bytes.",
                         NAME_MAX_BYTES);
    return interface_limit_take(scope, scope->call->module->id, name, most, seconds, error);
}

const struct portico_limit_api interface_limit = {
    .table = { .size = sizeof(struct portico_limit_api), .major = 1, .minor = 0 },
    .take = limit_api_take,
};
