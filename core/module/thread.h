/* Which thread an SDK call may run on, watched in builds with a sanitizer.
 *
 * Everything behind a context – its memory, session, handles – belongs to the thread that the call
 * runs on. A module that hands a context to a thread of its own works most of the time and corrupts
 * memory the rest of it, so under a sanitizer the first such call stops the process with a
 * sentence. Values carry no context: any handler thread may use one, one at a time. */
#ifndef MODULE_THREAD_H
#define MODULE_THREAD_H

struct scope;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define THREAD_TAGS 1
#else
#define THREAD_TAGS 0
#endif

/* The event loop's thread says so once: no module code runs on it. */
void thread_is_loop(void);
/* Aborts with a sentence that names call and module if this is not the thread of the scope's call,
 * or is the event loop's. `function` is the name of the table's function, "db_query". */
void thread_check(const struct scope *scope, const char *interface, const char *function);

/* The scope, checked where THREAD_TAGS says so. */
static inline struct scope *thread_scope(struct scope *scope, const char *interface,
                                         const char *function)
{
    if (THREAD_TAGS)
        thread_check(scope, interface, function);
    return scope;
}

#endif
