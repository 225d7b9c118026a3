/* portico.people: who somebody is, what they may, and words in their language. */
#include "base/error.h"
#include "base/text.h"
#include "identity/holding.h"
#include "identity/person.h"
#include "module/call.h"
#include "module/join.h"
#include "module/knower.h"

#define LIMIT_FIND 50
#define LIMIT_HOLDING 100

struct people_handle {
    struct portico_people public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_people_open(struct scope *scope)
{
    struct people_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_people;
    handle->magic = PEOPLE_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *people_scope(struct portico_people *people)
{
    struct people_handle *handle = (struct people_handle *)people;
    if (!handle || handle->magic != PEOPLE_MAGIC)
        call_stale_handle("people");
    return handle->scope;
}

#define people_scope(people) thread_scope(people_scope(people), PORTICO_PEOPLE, __func__)

static int people_api_look(struct portico_people *people, const portico_id *ids, size_t count,
                           struct portico_value **ret_rows, struct portico_error *error)
{
    struct scope *scope = people_scope(people);
    struct value *rows = NULL;
    if (count > PORTICO_PEOPLE_MAX)
        return error_set(error, PORTICO_ELIMIT,
                         "%zu people are looked at at once, at most %d can be: look in parts, or "
                         "use portico_people_join.",
                         count, PORTICO_PEOPLE_MAX);
    if (count && !ids)
        return error_set(error, PORTICO_EINVAL, "%zu people are counted, and none is given.",
                         count);
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_people(session, ids, count, &rows, error) : PORTICO_EIO;
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

static int look_up(struct scope *scope, const int64_t *ids, size_t count, struct value **ret_rows,
                   struct portico_error *error)
{
    return identity_people(scope_session(scope, error), ids, count, ret_rows, error);
}

static int people_api_join(struct portico_people *people, const struct portico_value *items,
                           const char *column, const char *member, struct portico_value **ret_items,
                           struct portico_error *error)
{
    return join_rows(people_scope(people), items, column, member, look_up, ret_items, error);
}

/* ---- finding ---- */

/* What "@" finds while somebody writes: who belongs to another company is told to nobody. */
static int people_api_find(struct portico_people *people, const char *beginning, uint32_t limit,
                           struct portico_value **ret_rows, struct portico_error *error)
{
    struct scope *scope = people_scope(people);
    const struct viewer *viewer = scope->call->viewer;
    const struct identity_knower knower = knower_of(viewer);
    struct value *rows = NULL;
    if (!viewer->person && !knower.all)
        return error_set(error, PORTICO_EPERM, "People are listed for those who are signed in.");
    if (limit < 1 || limit > LIMIT_FIND)
        return error_set(error, PORTICO_EINVAL, "1 to %d people are found at once, not %u.",
                         LIMIT_FIND, limit);
    struct store_session *session = scope_session(scope, error);
    int code = session ? 0 : PORTICO_EIO;
    if (code == 0 && beginning && *beginning)
        code = identity_nameable(session, &knower, beginning, limit, &rows, error);
    else if (code == 0)
        rows = value_new(scope->arena, PORTICO_LISTING);
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

/* As the others give somebody; ENOENT for those nobody sees. */
static int row_of(struct scope *scope, struct store_session *session, int64_t id, const char *who,
                  struct portico_value **ret_row, struct portico_error *error)
{
    struct value *rows = NULL;
    int code = identity_people(session, &id, 1, &rows, error);
    if (code < 0)
        return code;
    struct value *row = rows->count ? value_at(rows, 0) : NULL;
    (void)scope;
    if (!row)
        return error_set(error, PORTICO_ENOENT, "There is nobody called \"%.60s\".", who);
    *ret_row = value_public(row);
    return 0;
}

static int people_api_named(struct portico_people *people, const char *handle,
                            struct portico_value **ret_row, struct portico_error *error)
{
    struct scope *scope = people_scope(people);
    struct identity_person person;
    long long number;
    char *key = handle ? g_ascii_strdown(handle, -1) : g_strdup("");
    struct store_session *session = scope_session(scope, error);
    /* Addresses and ids name nobody here: this is what readers write after "@". */
    int code = !session ? PORTICO_EIO
               : identity_handle_check(key, error) < 0
                   ? error_set(error, PORTICO_ENOENT, "There is nobody called \"%.60s\".", key)
                   : identity_person_named(session, key, &person, error);
    /* Another handle is that of somebody who was merged with them. */
    if (code == 0 && strcmp(person.handle, key) != 0 && text_to_int64(text_of(key), &number))
        code = error_set(error, PORTICO_ENOENT, "There is nobody called \"%.60s\".", key);
    if (code == 0)
        code = row_of(scope, session, person.id, key, ret_row, error);
    g_free(key);
    return code;
}

static int people_api_external(struct portico_people *people, const char *external,
                               portico_id *ret_id, struct portico_error *error)
{
    struct scope *scope = people_scope(people);
    int64_t id = 0;
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_person_external(session, external ? external : "", &id, error)
                       : PORTICO_EIO;
    if (code == 0)
        *ret_id = id;
    return code;
}

/* ---- permissions and words ---- */

static int people_api_may_in(struct portico_people *people, portico_id id, portico_id account,
                             const char *permission)
{
    struct scope *scope = people_scope(people);
    struct store_session *session = id && permission ? scope_session(scope, NULL) : NULL;
    bool known = session && (!account || knower_must_know(scope, account, NULL) == 0);
    return known && identity_person_may(scope->call->host->identity, session, id, account,
                                        permission, NULL) == 1;
}

static int people_api_may(struct portico_people *people, portico_id id, const char *permission)
{
    return people_api_may_in(people, id, 0, permission);
}

static int people_api_holding_in(struct portico_people *people, portico_id account,
                                 const char *permission, uint32_t limit,
                                 struct portico_value **ret_rows, struct portico_error *error)
{
    struct scope *scope = people_scope(people);
    struct value *rows = NULL;
    if (limit < 1 || limit > LIMIT_HOLDING)
        return error_set(error, PORTICO_EINVAL, "1 to %d people are found at once, not %u.",
                         LIMIT_HOLDING, limit);
    struct store_session *session = scope_session(scope, error);
    int code = session ? 0 : PORTICO_EIO;
    if (code == 0 && account)
        code = knower_must_know(scope, account, error);
    if (code == 0)
        code = identity_people_holding(scope->call->host->identity, session, account,
                                       permission ? permission : "", limit, &rows, error);
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

static int people_api_holding(struct portico_people *people, const char *permission, uint32_t limit,
                              struct portico_value **ret_rows, struct portico_error *error)
{
    return people_api_holding_in(people, 0, permission, limit, ret_rows, error);
}

static const char *people_api_translate(struct portico_people *people, portico_id id,
                                        const char *source, const struct portico_value *arguments)
{
    struct scope *scope = people_scope(people);
    struct call *call = scope->call;
    struct identity_person person = { .locale = "" };
    struct store_session *session = id ? scope_session(scope, NULL) : NULL;
    const char *locale = call->locale;
    if (!source || !call->host->pages)
        return source;
    if (session && identity_person_look(session, id, &person, NULL) == 0 && *person.locale)
        locale = page_negotiate_locale(call->host->pages, person.locale);
    return page_translate(call->host->pages, call->module->id, scope->arena, locale, source,
                          arguments ? value_of(arguments) : NULL);
}

const struct portico_people_api interface_people = {
    .table = { .size = sizeof(struct portico_people_api), .major = 1, .minor = 1 },
    .look = people_api_look,
    .join = people_api_join,
    .find = people_api_find,
    .named = people_api_named,
    .external = people_api_external,
    .may = people_api_may,
    .holding = people_api_holding,
    .translate = people_api_translate,
    .may_in = people_api_may_in,
    .holding_in = people_api_holding_in,
};
