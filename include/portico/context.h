/* The call a module runs in: memory, log, settings, words, clock, ids; the way to other tables. */
#ifndef PORTICO_CONTEXT_H
#define PORTICO_CONTEXT_H

#include "base.h"
#include "value.h"

struct portico_context;
struct portico_request;

/** Severities of a log line, as in RFC 5424 section 6.2.1. */
enum portico_log_level {
    PORTICO_LOG_ERROR = 3,
    PORTICO_LOG_WARNING = 4,
    PORTICO_LOG_INFO = 6,
    PORTICO_LOG_DEBUG = 7,
};

/** Name of the interface, for PORTICO_MODULE_USES: every module gets it, and names it only to say
 * which minor it cannot do without. */
#define PORTICO_CONTEXT_INTERFACE "portico.context"

/**
 * `portico.context` 1.1; 1.0 ended with end_scope. A context is one invocation of module code: a
 * request, `start`, a health check, an import. It ends, with all it allocated, when that call
 * returns. Used by the calling thread only. Since 0.1.
 */
struct portico_context_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_alloc(). */
    void *(*alloc)(struct portico_context *context, size_t size);
    /** As portico_printf(), with a list of arguments. */
    char *(*vprintf)(struct portico_context *context, const char *format, va_list arguments);
    /** As portico_log(), with a list of arguments. */
    void (*vlog)(struct portico_context *context, int level, const char *format, va_list arguments);
    /** As portico_state(). */
    void *(*state)(struct portico_context *context);
    /** As portico_set_state(). */
    void (*set_state)(struct portico_context *context, void *state);
    /** As portico_interface(). */
    void *(*interface)(struct portico_context *context, const char *name, uint16_t major);
    /** As portico_setting(). */
    const struct portico_value *(*setting)(struct portico_context *context, const char *key);
    /** As portico_translate(). */
    const char *(*translate)(struct portico_context *context, const char *source,
                             const struct portico_value *arguments);
    /** As portico_now(). */
    portico_time (*now)(struct portico_context *context);
    /** As portico_new_id(). */
    portico_id (*new_id)(struct portico_context *context);
    /** A new value of kind PORTICO_OBJECT or PORTICO_LISTING; NULL for other kinds or when memory
     * ended. */
    struct portico_value *(*make)(struct portico_context *context, uint32_t kind);
    /** As portico_may(). */
    int (*may)(struct portico_context *context, const char *permission);
    /** As portico_locale(). */
    const char *(*locale)(struct portico_context *context);
    /** As portico_scope(). */
    struct portico_context *(*scope)(struct portico_context *context);
    /** As portico_end_scope(). */
    void (*end_scope)(struct portico_context *scope);
    /** As portico_steady(). */
    int64_t (*steady)(struct portico_context *context);
    /** As portico_time_text(). */
    const char *(*time_text)(struct portico_context *context, portico_time time);
    /** As portico_time_read(). */
    int (*time_read)(struct portico_context *context, const char *text, portico_time *ret_time);
    /** As portico_id_time(). */
    portico_time (*id_time)(struct portico_context *context, portico_id id);
    /** As portico_call(). */
    int (*call)(struct portico_context *context, const char *service, const char *method,
                const struct portico_value *arguments, struct portico_value **ret_result,
                struct portico_error *error);
    /** As portico_offers(). */
    int (*offers)(struct portico_context *context, const char *service);
    /** As portico_person(). */
    portico_id (*person)(struct portico_context *context);
    /** As portico_account(). */
    portico_id (*account)(struct portico_context *context);
};

/** Public head of a context: its table. */
struct portico_context {
    const struct portico_context_api *api; /**< what can be done in it */
};

/** Public head of a request: its table and the context it runs in. See request.h. */
struct portico_request {
    const struct portico_request_api *api; /**< what can be read and answered */
    struct portico_context *context;       /**< the call it is handled in */
};

/** Behind PORTICO_CONTEXT(). */
static inline struct portico_context *portico_context_of_request(struct portico_request *request)
{
    return request->context;
}
/** Behind PORTICO_CONTEXT(). */
static inline struct portico_context *portico_context_itself(struct portico_context *context)
{
    return context;
}
/** The context of a request or of a context: every call below takes either. */
/* clang-format off */
#ifdef __cplusplus
static inline struct portico_context *portico_context_any(struct portico_request *request)
{
    return request->context;
}
static inline struct portico_context *portico_context_any(struct portico_context *context)
{
    return context;
}
#define PORTICO_CONTEXT(handle) portico_context_any(handle)
#else
#define PORTICO_CONTEXT(handle)                                   \
    _Generic((handle),                                            \
        struct portico_request *: portico_context_of_request,     \
        struct portico_context *: portico_context_itself)(handle)
#endif
/* clang-format on */

/** Zeroed memory until the call ends, aligned for any type; NULL when memory ended. */
#define portico_alloc(handle, size) portico_context_alloc(PORTICO_CONTEXT(handle), (size))
/** Behind portico_alloc(). */
static inline void *portico_context_alloc(struct portico_context *context, size_t size)
{
    return context->api->alloc(context, size);
}

/** Formatted text until the call ends; NULL when memory ended. */
#define portico_printf(handle, ...) portico_context_printf(PORTICO_CONTEXT(handle), __VA_ARGS__)
/** Behind portico_printf(). */
PORTICO_PRINTF(2, 3)
static inline char *portico_context_printf(struct portico_context *context, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = context->api->vprintf(context, format, arguments);
    va_end(arguments);
    return text;
}

/** One JSON log line with module, route and request id. Never log secrets or personal data. */
#define portico_log(handle, level, ...)                                                            \
    portico_context_log(PORTICO_CONTEXT(handle), (level), __VA_ARGS__)
/** Behind portico_log(). */
PORTICO_PRINTF(3, 4)
static inline void portico_context_log(struct portico_context *context, int level,
                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    context->api->vlog(context, level, format, arguments);
    va_end(arguments);
}

/** The pointer the module kept with portico_set_state in `start`; NULL if none. */
#define portico_state(handle) (PORTICO_CONTEXT(handle)->api->state(PORTICO_CONTEXT(handle)))
/** Keeps the module's state for this process. Only inside `start` and `stop`. */
#define portico_set_state(handle, pointer)                                                         \
    (PORTICO_CONTEXT(handle)->api->set_state(PORTICO_CONTEXT(handle), (pointer)))

/** A new empty object (or list) in this call's memory; NULL when memory ended. */
#define portico_object(handle)                                                                     \
    (PORTICO_CONTEXT(handle)->api->make(PORTICO_CONTEXT(handle), PORTICO_OBJECT))
/** A new empty list in this call's memory; NULL when memory ended. */
#define portico_listing(handle)                                                                    \
    (PORTICO_CONTEXT(handle)->api->make(PORTICO_CONTEXT(handle), PORTICO_LISTING))

/** Now, UTC microseconds; steady within one call. */
#define portico_now(handle) (PORTICO_CONTEXT(handle)->api->now(PORTICO_CONTEXT(handle)))
/** A new 63-bit time-ordered id, unique over all processes and nodes. */
#define portico_new_id(handle) (PORTICO_CONTEXT(handle)->api->new_id(PORTICO_CONTEXT(handle)))

/** This module's setting `key`, typed and defaulted by its schema; NULL if the schema lacks it. */
#define portico_setting(handle, key)                                                               \
    (PORTICO_CONTEXT(handle)->api->setting(PORTICO_CONTEXT(handle), (key)))
/** Setting `key` as an integer: a number, bytes of a SIZE, milliseconds of a DURATION; 0 if the
 * schema lacks it. */
#define portico_setting_integer(handle, key) portico_value_integer(portico_setting(handle, key))
/** Setting `key` as text; NULL if it is not set. Borrowed for the call. */
#define portico_setting_text(handle, key) portico_text_of(portico_setting(handle, key), NULL)
/** Setting `key` as truth: 1 or 0. */
#define portico_setting_boolean(handle, key)                                                       \
    (portico_value_integer(portico_setting(handle, key)) != 0)
/** Integer, id, time or truth of a value; 0 for NULL and other kinds. */
static inline int64_t portico_value_integer(const struct portico_value *value)
{
    if (!value)
        return 0;
    return value->api->kind(value) == PORTICO_BOOLEAN ? value->api->boolean(value, 0)
                                                      : value->api->integer(value, 0);
}

/**
 * The reader's words for an English source text; the catalogue is extracted from these calls.
 * `{name}` in the text is replaced by member `name` of `arguments` (an object, or NULL); a time
 * reads as its day, in UTC.
 */
#define portico_translate(handle, source, arguments)                                               \
    (PORTICO_CONTEXT(handle)->api->translate(PORTICO_CONTEXT(handle), (source), (arguments)))
/** BCP 47 tag of the reader's language, such as "de". Borrowed for the call. */
#define portico_locale(handle) (PORTICO_CONTEXT(handle)->api->locale(PORTICO_CONTEXT(handle)))

/**
 * A context inside this one, for long work in slices such as an importer's batches: same viewer,
 * module and state, but memory, database session and interfaces of its own. End it with
 * portico_end_scope before the call returns; NULL when memory ended.
 */
#define portico_scope(handle) (PORTICO_CONTEXT(handle)->api->scope(PORTICO_CONTEXT(handle)))
/** Ends a scope: rolls back what it left open and frees all it allocated. Accepts NULL. */
static inline void portico_end_scope(struct portico_context *scope)
{
    if (scope)
        scope->api->end_scope(scope);
}

/** 1 if the viewer has `permission` in the active account, else 0. */
#define portico_may(handle, permission)                                                            \
    (PORTICO_CONTEXT(handle)->api->may(PORTICO_CONTEXT(handle), (permission)))

/** Id of the person who is signed in; 0: nobody, or the host itself (jobs, commands, events after
 * commit: there the event names the person). For columns that say whose a row is. */
#define portico_person(handle) portico_context_person(PORTICO_CONTEXT(handle))
/** Behind portico_person(). */
static inline portico_id portico_context_person(struct portico_context *context)
{
    return PORTICO_HAS(context->api, person) ? context->api->person(context) : 0;
}
/** Id of the account the person acts in; 0: none. */
#define portico_account(handle) portico_context_account(PORTICO_CONTEXT(handle))
/** Behind portico_account(). */
static inline portico_id portico_context_account(struct portico_context *context)
{
    return PORTICO_HAS(context->api, account) ? context->api->account(context) : 0;
}

/** The handle of an interface this module declared in PORTICO_MODULE_USES, or NULL. */
#define portico_interface(handle, name, major)                                                     \
    (PORTICO_CONTEXT(handle)->api->interface(PORTICO_CONTEXT(handle), (name), (major)))

#endif
