/* Events of the portal's about people, from pages and from commands. */
#include "base/error.h"
#include "identity/identity.h"
#include "portal/inside.h"
#include "portal/portal.h"

int portal_tell(struct portico_context *context, const char *type, int64_t person,
                const char *change, struct portico_error *error)
{
    struct portico_value *data = portico_object(context);
    portico_set_id(data, "person", person);
    if (change)
        portico_set_text(data, "change", change);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = type,
        .subject = portico_printf(context, "person/%lld", (long long)person),
        .data = data,
    };
    return portico_emit(portico_events(context), &emission, NULL, error);
}

int portal_tell_account(struct portico_context *context, const char *type, int64_t account,
                        int64_t person, const char *change, struct portico_error *error)
{
    struct portico_value *data = portico_object(context);
    portico_set_id(data, "account", account);
    if (person)
        portico_set_id(data, "person", person);
    if (change && *change)
        portico_set_text(data, "change", change);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = type,
        .subject = portico_printf(context, "account/%lld", (long long)account),
        .data = data,
    };
    return portico_emit(portico_events(context), &emission, NULL, error);
}

int portal_tell_role(struct portico_context *context, const char *role, const char *change,
                     struct portico_error *error)
{
    struct portico_value *data = portico_object(context);
    portico_set_text(data, "role", role);
    portico_set_text(data, "change", change);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = "portal.portico.role.changed",
        .subject = portico_printf(context, "role/%s", role),
        .data = data,
    };
    return portico_emit(portico_events(context), &emission, NULL, error);
}

int portal_tell_roles(struct portico_context *context, int64_t person, uint64_t roles,
                      struct portico_error *error)
{
    char words[32];
    identity_roles_write(roles, words);
    return portal_tell(context, "portal.portico.person.changed", person,
                       portico_printf(context, "roles: %s", *words ? words : "member"), error);
}

struct work {
    int (*run)(struct portico_context *context, struct store_session *session, void *data,
               struct portico_error *error);
    void *data;
};

static int in_transaction(struct portico_context *context, void *data, struct portico_error *error)
{
    const struct work *work = data;
    struct portico_db *db = portico_db(context);
    struct store_session *session = inside_context_session(context, error);
    if (!session)
        return PORTICO_EIO;
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = work->run(context, session, work->data, error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

int portal_work(struct module_host *host, const char *name,
                int (*work)(struct portico_context *context, struct store_session *session,
                            void *data, struct portico_error *error),
                void *data, struct portico_error *error)
{
    struct work given = { work, data };
    return module_call_work(host, registry_find(host->registry, "portico"), name, in_transaction,
                            &given, error);
}

int portal_transact(struct portico_context *context,
                    int (*work)(struct portico_context *context, struct store_session *session,
                                void *data, struct portico_error *error),
                    void *data, struct portico_error *error)
{
    struct work given = { work, data };
    struct portico_context *scope = portico_scope(context);
    int code = scope ? in_transaction(scope, &given, error)
                     : error_set(error, PORTICO_ENOMEM, "Memory ended.");
    portico_end_scope(scope);
    return code;
}
