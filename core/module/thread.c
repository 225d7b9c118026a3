#include "module/thread.h"

#include "base/log.h"
#include "module/call.h"

#include <stdlib.h>

static _Thread_local bool is_loop;

void thread_is_loop(void)
{
    is_loop = true;
}

/* "db_query" of "portico.db" is its "query"; some functions are named "content_api_plain". */
static const char *member_name(const char *interface, const char *function)
{
    const char *word = strrchr(interface, '.');
    size_t length = word ? strlen(word + 1) : 0;
    if (length && strncmp(function, word + 1, length) == 0 && function[length] == '_')
        function += length + 1;
    return strncmp(function, "api_", 4) == 0 ? function + 4 : function;
}

void thread_check(const struct scope *scope, const char *interface, const char *function)
{
    const struct call *call = scope->call;
    if (!is_loop && pthread_equal(call->thread, pthread_self()))
        return;
    log_error(
        "The module %s called %s of %s on %s, with a context of another thread: a context and "
        "all handles of it belong to the thread that the module was called on. Copy what the "
        "other thread needs, or queue a job. This process stops.",
        call->module->id, member_name(interface, function), interface,
        is_loop ? "the thread of the event loop" : "a thread of its own");
    abort();
}
