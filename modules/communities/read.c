#include "read.h"

#include "events.h"

#define AGAIN_SECONDS 3600

/* What is told of reading is no reason to refuse it. */
static void note(struct portico_request *request, int code, const struct portico_error *error)
{
    if (code < 0)
        portico_log(request, PORTICO_LOG_WARNING, "What was read is not told: %s", error->message);
}

/* Those who came as customers; moderators look at everything. */
static int is_counted(struct portico_request *request)
{
    return portico_person(request) && !portico_may(request, "communities.moderate");
}

/* Once an hour: a page that is loaded again is no new reading. */
static int is_first(struct portico_request *request, const char *what)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_limit_take(portico_limits(request), what, 1, AGAIN_SECONDS, &error);
    if (code != PORTICO_ELIMIT)
        note(request, code, &error);
    return code == 0;
}

static void emit(struct portico_request *request, const char *type, const char *subject,
                 const struct portico_value *data)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    /* What somebody reads is theirs: handlers count it, nobody else learns of it. */
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = type,
        .subject = subject,
        .data = data,
    };
    note(request, portico_emit(portico_events(request), &emission, NULL, &error), &error);
}

static void see(struct portico_request *request, const char *subject)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    note(request, portico_notice_seen(portico_notices(request), subject, &error), &error);
}

void read_tell(struct portico_request *request, const struct portico_value *topic)
{
    portico_id id = portico_get_integer(topic, "id", 0);
    if (!portico_person(request))
        return;
    see(request, topic_subject(PORTICO_CONTEXT(request), id));
    see(request, moderation_subject(PORTICO_CONTEXT(request), id));
    const struct portico_value *question = portico_at(portico_get(topic, "posts"), 0);
    if (!is_counted(request) || portico_get_boolean(question, "is_mine", 0) ||
        !is_first(request, portico_printf(request, "read/%lld", (long long)id)))
        return;
    struct portico_value *data = portico_object(request);
    const char *subject = topic_subject(PORTICO_CONTEXT(request), id);
    portico_set_id(data, "topic", id);
    portico_set_text(data, "kind", "question");
    emit(request, EVENT_READ, subject, data);
    if (portico_get_boolean(topic, "is_solved", 0))
        emit(request, EVENT_FOUND, subject, data);
}

void search_tell(struct portico_request *request, int64_t hits)
{
    struct portico_value *data = portico_object(request);
    if (!is_counted(request))
        return;
    portico_set_integer(data, "hits", hits);
    emit(request, EVENT_SEARCHED, NULL, data);
}

void queue_seen(struct portico_request *request)
{
    see(request, QUEUE_SUBJECT);
}
