/* An event as others read it: CloudEvents 1.0.2, JSON event format 1.0.2, structured mode. */
#include "event/event.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

/* Ids pass what the 32 bits of a CloudEvents Integer hold: they are texts, as everywhere in JSON.
 */
static int set_id(struct value *object, const char *key, int64_t id)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, id);
    return value_set_text(object, key, text);
}

struct value *event_to_cloudevent(const struct event_record *event, struct arena *arena,
                                  const char *canonical_url)
{
    struct value *object = value_new(arena, PORTICO_OBJECT);
    const char *source =
        arena_printf(arena, "%s%s", canonical_url ? canonical_url : "", event->source);
    char time[40];
    clock_rfc3339(event->time, time, sizeof time);
    if (!object || !source)
        return NULL;
    int failed = value_set_text(object, "specversion", "1.0");
    failed |= set_id(object, "id", event->id);
    failed |= value_set_text(object, "source", source);
    failed |= value_set_text(object, "type", event->type);
    failed |= value_set_text(object, "time", time);
    if (event->subject && *event->subject)
        failed |= value_set_text(object, "subject", event->subject);
    failed |= value_set_text(object, "datacontenttype", "application/json");
    /* Extensions: Distributed Tracing, and the portal's own, in letters and digits as they must be.
     */
    if (event->trace && *event->trace)
        failed |= value_set_text(object, "traceparent", event->trace);
    if (event->person)
        failed |= set_id(object, "personid", event->person);
    if (event->account)
        failed |= set_id(object, "accountid", event->account);
    if (event->data)
        failed |= value_set(object, TEXT("data"), event->data);
    return failed ? NULL : object;
}
