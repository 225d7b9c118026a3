#include "module/apart.h"

#include "base/error.h"
#include "base/value_copy.h"
#include "module/call.h"

#include <stdatomic.h>

#define APART_ARENA 16384
#define FIRST_SLOT (MODULE_TRACE_SLOTS - 1 - APART_MAX) /* the last one is the loop's */

/* One call; freed by whoever of the two that know it is last. */
struct apart {
    GMutex mutex;
    GCond returned;
    unsigned users; /* under the mutex, as all below once the thread runs */
    bool done;
    struct module_host *host;
    struct module_method *method;
    const struct value *arguments;
    const char *locale;
    struct arena *arena;
    unsigned slot;
    int code;
    struct value *result;
    struct portico_error error;
};

static _Atomic unsigned running;
static _Atomic(const char *) slots[APART_MAX]; /* the label of what runs there; NULL: free */
static void (*thread_enter)(unsigned slot, void *data);
static void (*thread_leave)(void *data);

void apart_use(void (*enter)(unsigned slot, void *data), void (*leave)(void *data))
{
    thread_enter = enter;
    thread_leave = leave;
}

unsigned apart_running(void)
{
    return atomic_load(&running);
}

/* Two that count at the same moment may both be refused, never both let in. */
static bool take_slot(const char *label, unsigned *ret_slot)
{
    unsigned of_method = 0, taken = APART_MAX;
    for (unsigned i = 0; taken == APART_MAX && i < APART_MAX; i++) {
        const char *none = NULL;
        if (atomic_compare_exchange_strong(&slots[i], &none, label))
            taken = i;
    }
    for (unsigned i = 0; i < APART_MAX; i++)
        of_method += atomic_load(&slots[i]) == label;
    if (taken == APART_MAX || of_method <= APART_OF_METHOD) {
        *ret_slot = taken;
        return taken < APART_MAX;
    }
    atomic_store(&slots[taken], NULL);
    return false;
}

static void drop(struct apart *apart)
{
    g_mutex_lock(&apart->mutex);
    const bool last = --apart->users == 0;
    g_mutex_unlock(&apart->mutex);
    if (!last)
        return;
    arena_free(apart->arena);
    g_mutex_clear(&apart->mutex);
    g_cond_clear(&apart->returned);
    g_free(apart);
}

static void run(struct apart *apart)
{
    static const struct portico_error none = PORTICO_ERROR_INIT;
    struct call caller = { 0 };
    struct portico_error error = none;
    struct value *result = NULL;
    call_begin(&caller, CALL_METHOD, apart->host, apart->method->owner, &viewer_anonymous,
               apart->arena);
    caller.locale = apart->locale;
    int code =
        services_call_method(&caller.scope, apart->method, apart->arguments, &result, &error);
    call_end(&caller);
    g_mutex_lock(&apart->mutex);
    apart->done = true;
    apart->code = code;
    apart->result = result;
    apart->error = error;
    g_cond_signal(&apart->returned);
    g_mutex_unlock(&apart->mutex);
}

static void *thread_main(void *data)
{
    struct apart *apart = data;
    const unsigned slot = apart->slot;
    if (thread_enter)
        thread_enter(FIRST_SLOT + slot, NULL);
    run(apart);
    drop(apart);
    if (thread_leave)
        thread_leave(NULL);
    atomic_store(&slots[slot], NULL);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static int start(struct apart *apart, struct portico_error *error)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    apart->users = 2;
    atomic_fetch_add(&running, 1);
    int failure = pthread_create(&thread, &attributes, thread_main, apart);
    pthread_attr_destroy(&attributes);
    if (failure == 0)
        return PORTICO_OK;
    apart->users = 1;
    atomic_fetch_sub(&running, 1);
    atomic_store(&slots[apart->slot], NULL);
    return error_set(error, PORTICO_EBUSY, "No thread could be started for %s: %s.",
                     apart->method->label, strerror(failure));
}

/* The result, or why there is none by then. */
static int wait_for(struct apart *apart, int64_t time, struct arena *arena,
                    struct value **ret_result, struct portico_error *error)
{
    const gint64 end = g_get_monotonic_time() + time;
    int code;
    g_mutex_lock(&apart->mutex);
    while (!apart->done && g_cond_wait_until(&apart->returned, &apart->mutex, end))
        ;
    if (!apart->done)
        code = error_set(error, PORTICO_ETIMEDOUT, "%s did not return within %lld ms.",
                         apart->method->label, (long long)(time / 1000));
    else if (apart->code < 0)
        code = error_set(error, apart->code, "%s", apart->error.message);
    else if ((*ret_result = value_copy(arena, apart->result)))
        code = PORTICO_OK;
    else
        code = error_set(error, PORTICO_ENOMEM, "Memory ended.");
    g_mutex_unlock(&apart->mutex);
    return code;
}

static struct apart *apart_new(struct module_host *host, struct module_method *method,
                               const struct value *arguments, const char *locale)
{
    struct apart *apart = g_new0(struct apart, 1);
    g_mutex_init(&apart->mutex);
    g_cond_init(&apart->returned);
    apart->users = 1;
    apart->host = host;
    apart->method = method;
    apart->arena = arena_new(APART_ARENA);
    apart->arguments = apart->arena ? value_copy(apart->arena, arguments) : NULL;
    apart->locale = apart->arena ? arena_strdup(apart->arena, locale) : NULL;
    if (apart->arguments && apart->locale)
        return apart;
    drop(apart);
    return NULL;
}

int apart_call(struct module_host *host, const char *service, const char *name,
               const struct value *arguments, const char *locale, int64_t time, struct arena *arena,
               struct value **ret_result, struct portico_error *error)
{
    const char *key = arena_printf(arena, "%s/%s", service, name);
    struct module_method *method = key ? g_hash_table_lookup(host->registry->methods, key) : NULL;
    unsigned slot = 0;
    if (!method)
        return error_set(error, PORTICO_ENOTSUP, "No module offers the method %s/%s.", service,
                         name);
    if (!take_slot(method->label, &slot))
        return error_set(error, PORTICO_EBUSY, "Too many calls of %s have not returned yet.",
                         method->label);
    struct apart *apart = apart_new(host, method, arguments, locale);
    if (!apart) {
        atomic_store(&slots[slot], NULL);
        return error_set(error, PORTICO_ENOMEM, "Memory ended before %s was called.",
                         method->label);
    }
    apart->slot = slot;
    int code = start(apart, error);
    if (code == 0)
        code = wait_for(apart, time, arena, ret_result, error);
    drop(apart);
    return code;
}
