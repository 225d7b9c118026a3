/* People of a test's portal, and what they were told. */
#include "base/error.h"
#include "base/json.h"
#include "base/value_copy.h"
#include "harness/surroundings.h"
#include "module/notices.h"

#define PERSON_SIZE_1_0 (offsetof(struct portico_test_person, locale) + sizeof(char *))
#define NOTICES_MAX 1000

portico_id people_make(struct portico_bench *public, const struct portico_test_person *person)
{
    struct bench *bench = bench_of(public);
    struct portico_test_person own = { 0 };
    uint64_t roles = 0;
    int64_t id = 0;
    int code = interface_read(&own, sizeof own, person, PERSON_SIZE_1_0) && own.handle
                   ? 0
                   : error_set(&bench->message, PORTICO_EINVAL,
                               "A person of a test needs size and handle set.");
    if (code == 0 && own.roles)
        code = identity_roles_read(own.roles, &roles, &bench->message);
    struct arena *arena = NULL;
    struct store_session *session = code == 0 ? town_session(bench, &arena) : NULL;
    const struct identity_new_person made = { .name = own.name ? own.name : own.handle,
                                              .handle = own.handle,
                                              .address = own.address,
                                              .verified = own.address != NULL,
                                              .locale = own.locale ? own.locale : "en",
                                              .roles = roles,
                                              .state = IDENTITY_ACTIVE };
    if (code == 0)
        code = session ? identity_person_make(session, &made, &id, &bench->message)
                       : error_set(&bench->message, PORTICO_ENOMEM, "Memory ended.");
    store_session_end(session);
    arena_free(arena);
    bench_renew_context(bench);
    if (code < 0)
        bench_record(bench, RECORD_FAILURE, "The person %s could not be made: %s",
                     own.handle ? own.handle : "", bench->message.message);
    return code < 0 ? 0 : id;
}

static const char *words(struct bench *bench, const char *module, const char *source,
                         const struct value *arguments)
{
    return page_translate(bench->room.host.pages, module, bench->arena, "en", source, arguments);
}

static struct value *object_of(struct bench *bench, const struct portico_value *row)
{
    struct value *notice = value_new(bench->arena, PORTICO_OBJECT), *arguments = NULL;
    const char *module = portico_get_text(row, "module", "");
    const char *json = portico_get_text(row, "arguments", NULL);
    if (!json || json_parse(bench->arena, json, strlen(json), &arguments, NULL) < 0)
        arguments = value_new(bench->arena, PORTICO_OBJECT);
    value_set_text(arguments, "actor", portico_get_text(row, "actor_name", "Somebody"));
    value_set_text(notice, "kind", portico_get_text(row, "kind", ""));
    value_set_text(notice, "subject", portico_get_text(row, "subject", ""));
    value_set_text(notice, "title",
                   words(bench, module, portico_get_text(row, "title", ""), arguments));
    value_set_text(notice, "text", portico_get_text(row, "excerpt", NULL));
    value_set_text(notice, "url", portico_get_text(row, "url", ""));
    value_set_text(notice, "reason",
                   words(bench, module, portico_get_text(row, "reason", ""), NULL));
    value_set_integer(notice, "count", portico_get_integer(row, "repeats", 0));
    value_set_boolean(notice, "unread", portico_get_integer(row, "read", 0) == 0);
    return notice;
}

/* What the person would see on the page of notices. */
const struct portico_value *people_notices(struct portico_bench *public, portico_id person)
{
    struct bench *bench = bench_of(public);
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    struct value *list = value_new(bench->arena, PORTICO_LISTING), *rows = NULL;
    struct identity_person who;
    int code = session ? identity_person_look(session, person, &who, &bench->message)
                       : error_set(&bench->message, PORTICO_ENOMEM, "Memory ended.");
    if (code == 0)
        code = notice_list(session, &(struct notice_reader){ bench->room.identity, person, false },
                           NULL, NOTICES_MAX, &rows, &bench->message);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        value_append(list, object_of(bench, value_public(value_at(rows, i))));
    store_session_end(session);
    arena_free(arena);
    return value_public(list);
}
