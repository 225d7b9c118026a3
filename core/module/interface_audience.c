/* portico.audience: who may see a row, as a number; and rows shown to people by name. */
#include "base/error.h"
#include "identity/audience.h"
#include "identity/grant.h"
#include "identity/person.h"
#include "module/sharing.h"

struct audiences_handle {
    struct portico_audiences public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_audience_open(struct scope *scope)
{
    struct audiences_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = interface_shown(&interface_audience);
    handle->magic = AUDIENCES_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *audience_scope(struct portico_audiences *audiences)
{
    struct audiences_handle *handle = (struct audiences_handle *)audiences;
    if (!handle || handle->magic != AUDIENCES_MAGIC)
        call_stale_handle("audiences");
    return handle->scope;
}

#define audience_scope(audiences)                                                                  \
    thread_scope(audience_scope(audiences), PORTICO_AUDIENCES, __func__)

static int audience_api_of(struct portico_audiences *audiences, uint32_t level, portico_id account,
                           const char *role, portico_id team, portico_id *ret_audience,
                           struct portico_error *error)
{
    struct scope *scope = audience_scope(audiences);
    struct sharing sharing = { .level = level, .account = account, .role = role, .team = team };
    int64_t audience = 0;
    int code = sharing_check(scope, &sharing, error);
    if (code == 0)
        code = sharing_audience(scope, &sharing, &audience, error);
    if (code == 0)
        *ret_audience = audience;
    return code;
}

static int audience_api_may(struct portico_audiences *audiences, portico_id audience)
{
    struct scope *scope = audience_scope(audiences);
    struct sharing sharing;
    return sharing_look(scope, audience, &sharing, NULL) == 0 &&
           sharing_may(scope, &sharing, NULL) == 1;
}

static int set_id(struct value *object, const char *name, int64_t id)
{
    return value_set(object, text_of(name),
                     id ? value_scalar(object->arena, PORTICO_ID, id, 0)
                        : value_new(object->arena, PORTICO_NULL));
}

static int audience_api_describe(struct portico_audiences *audiences, portico_id audience,
                                 struct portico_value **ret_description,
                                 struct portico_error *error)
{
    struct scope *scope = audience_scope(audiences);
    struct sharing sharing;
    const char *text;
    int code = sharing_look(scope, audience, &sharing, error);
    if (code == 0)
        code = sharing_describe(scope, &sharing, NULL, &text, error);
    if (code < 0)
        return code;
    struct value *object = value_new(scope->arena, PORTICO_OBJECT);
    if (!object || value_set_text(object, "level", sharing_word(sharing.level)) < 0 ||
        set_id(object, "account", sharing.account) < 0 ||
        value_set_text(object, "role", sharing.role) < 0 ||
        set_id(object, "team", sharing.team) < 0 || set_id(object, "person", sharing.person) < 0 ||
        value_set_text(object, "text", text) < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while an audience was described.");
    *ret_description = value_public(object);
    return 0;
}

static int audience_api_person(struct portico_audiences *audiences, portico_id account,
                               portico_id person, portico_id *ret_audience,
                               struct portico_error *error)
{
    struct scope *scope = audience_scope(audiences);
    const struct viewer *viewer = scope->call->viewer;
    struct store_session *session = scope_session(scope, error);
    int64_t audience = 0;
    int code =
        session ? identity_audience_of_person(session, person ? person : viewer->person,
                                              account ? account : viewer->account, &audience, error)
                : PORTICO_EIO;
    if (code == PORTICO_EINVAL)
        code = error_set(error, PORTICO_ENOENT,
                         "There is no such person or account to show something to.");
    if (code == 0)
        *ret_audience = audience;
    return code;
}

/* ---- people by name ---- */

static int audience_api_grant(struct portico_audiences *audiences, const char *table,
                              portico_id row, const portico_id *people, size_t count,
                              struct portico_error *error)
{
    struct scope *scope = audience_scope(audiences);
    const struct identity_object object = { .relation = table ? table : "", .id = row };
    if (count && !people)
        return error_set(error, PORTICO_EINVAL, "%zu people are counted, and none is given.",
                         count);
    const struct viewer *viewer = scope->call->viewer;
    const struct identity_act act = { .actor = viewer->person,
                                      .account = viewer->account,
                                      .other = viewer->through,
                                      .origin = "portal" };
    struct store_session *session = scope_session(scope, error);
    return session ? identity_grants_put(session, &object, people, count, &act, error)
                   : PORTICO_EIO;
}

static int audience_api_granted(struct portico_audiences *audiences, const char *table,
                                portico_id row, struct portico_value **ret_people,
                                struct portico_error *error)
{
    struct scope *scope = audience_scope(audiences);
    const struct identity_object object = { .relation = table ? table : "", .id = row };
    struct value *rows, *people;
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_grants(session, &object, &rows, error) : PORTICO_EIO;
    if (code < 0)
        return code;
    int64_t *ids = arena_alloc(scope->arena, (rows->count + 1) * sizeof *ids);
    if (!ids)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while people were listed.");
    for (uint32_t i = 0; i < rows->count; i++)
        ids[i] = value_rows_at(rows, i)->integer;
    code = identity_people(session, ids, rows->count, &people, error);
    if (code == 0)
        *ret_people = value_public(people);
    return code;
}

const struct portico_audiences_api interface_audience = {
    .table = { .size = sizeof(struct portico_audiences_api), .major = 1, .minor = 1 },
    .of = audience_api_of,
    .may = audience_api_may,
    .describe = audience_api_describe,
    .grant = audience_api_grant,
    .granted = audience_api_granted,
    .person = audience_api_person,
};
