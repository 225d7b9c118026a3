/* Clock and ids: time as text, time that never steps back, ids as text. */
#ifndef PORTICO_CLOCK_H
#define PORTICO_CLOCK_H

#include "context.h"

/**
 * Microseconds that only ever grow, for measuring how long something took; no relation to the time
 * of day, and only comparable within one process. 0 on a host too old to have it. The calling
 * thread's context only, like all here. Since 0.1.
 */
#define portico_steady(handle) portico_context_steady(PORTICO_CONTEXT(handle))
/** Behind portico_steady(). */
static inline int64_t portico_context_steady(struct portico_context *context)
{
    return PORTICO_HAS(context->api, steady) ? context->api->steady(context) : 0;
}
/**
 * A time as RFC 3339 in UTC, "2026-11-22T09:30:00Z", with no, three or six decimals, as few as hold
 * it exactly. For machines: people are shown `{{time}}` in a template, in their own zone and words.
 * In this call's memory; NULL when memory ended or the year is not 0 to 9999. Since 0.1.
 */
#define portico_time_text(handle, time) portico_context_time_text(PORTICO_CONTEXT(handle), (time))
/** Behind portico_time_text(). */
static inline const char *portico_context_time_text(struct portico_context *context,
                                                    portico_time time)
{
    return PORTICO_HAS(context->api, time_text) ? context->api->time_text(context, time) : NULL;
}
/**
 * Reads RFC 3339 section 5.6: date, "T", time and zone ("Z" or "+01:00"), T and Z in either case.
 * Decimals after the sixth are dropped. A leap second, which only the last minute of a month in UTC
 * may have, counts as the second after it. EINVAL, with `ret_time` untouched, for anything else, be
 * it a day no month has, a missing zone or a blank for the T. NULL is such a text too. Since 0.1.
 */
#define portico_time_read(handle, text, ret_time)                                                  \
    portico_context_time_read(PORTICO_CONTEXT(handle), (text), (ret_time))
/** Behind portico_time_read(). */
static inline int portico_context_time_read(struct portico_context *context, const char *text,
                                            portico_time *ret_time)
{
    return PORTICO_HAS(context->api, time_read) ? context->api->time_read(context, text, ret_time)
                                                : PORTICO_ENOTSUP;
}
/** An id from a path, query or form: decimal digits without sign or leading zero; 0 for anything
 * else, NULL included. Asks no host: it may be called anywhere. Since 0.1. */
static inline portico_id portico_id_read(const char *text)
{
    portico_id id = 0;
    if (!text || *text < '1' || *text > '9')
        return 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (id > (INT64_MAX - (*text - '0')) / 10)
            return 0;
        id = id * 10 + (*text - '0');
    }
    return *text ? 0 : id;
}
/** The time at which portico_new_id made an id, to the millisecond: ids are ordered by it. 0 for
 * what is no id. Since 0.1. */
#define portico_id_time(handle, id) portico_context_id_time(PORTICO_CONTEXT(handle), (id))
/** Behind portico_id_time(). */
static inline portico_time portico_context_id_time(struct portico_context *context, portico_id id)
{
    return PORTICO_HAS(context->api, id_time) ? context->api->id_time(context, id) : 0;
}

#endif
