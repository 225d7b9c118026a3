/* portico.session: what modules attached to the viewer's session when it began. */
#include "base/error.h"
#include "identity/session.h"
#include "module/call.h"
#include "module/session_values.h"

struct session_handle {
    struct portico_session public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_session_open(struct scope *scope)
{
    struct session_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = interface_shown(&interface_session);
    handle->magic = SESSION_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *session_scope(struct portico_session *session)
{
    struct session_handle *handle = (struct session_handle *)session;
    if (!handle || handle->magic != SESSION_MAGIC)
        call_stale_handle("session");
    return handle->scope;
}

#define session_scope(session) thread_scope(session_scope(session), PORTICO_SESSION, __func__)

static int none(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "No such value is attached to this session.");
}

/* What is attached is the session's own: of no token, and not of whom somebody looks as. */
static int read_value(struct scope *scope, const struct module *module,
                      const struct portico_session_value *value, struct portico_value **ret_value,
                      struct portico_error *error)
{
    const struct viewer *viewer = scope->call->viewer;
    const char *carried = NULL;
    call_vary(scope->call);
    if (!viewer->session || viewer->by_token || viewer->asker)
        return none(error);
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_session_carried(session, viewer->session, viewer->person,
                                                  &carried, error)
                       : PORTICO_EIO;
    if (code < 0)
        return code;
    struct value *found = session_values_read(module, value, carried, scope->arena);
    if (!found)
        return none(error);
    *ret_value = value_public(found);
    return PORTICO_OK;
}

static int session_api_get(struct portico_session *session, const char *key,
                           struct portico_value **ret_value, struct portico_error *error)
{
    struct scope *scope = session_scope(session);
    const struct module *module = scope->call->module;
    const struct portico_session_value *value = session_values_find(module, key);
    if (!value)
        return error_set(error, PORTICO_EINVAL,
                         "\"%.64s\" is not in .session_values of module %s: add it there or "
                         "correct the key.",
                         key ? key : "", module->id);
    return read_value(scope, module, value, ret_value, error);
}

static int session_api_get_shared(struct portico_session *session, const char *module,
                                  const char *key, struct portico_value **ret_value,
                                  struct portico_error *error)
{
    struct scope *scope = session_scope(session);
    const struct module *other = registry_find(scope->call->host->registry, module ? module : "");
    const struct portico_session_value *value = other ? session_values_find(other, key) : NULL;
    if (!value || !(value->flags & PORTICO_SESSION_SHARED || other == scope->call->module))
        return none(error);
    return read_value(scope, other, value, ret_value, error);
}

const struct portico_session_api interface_session = {
    .table = { .size = sizeof(struct portico_session_api), .major = 1, .minor = 0 },
    .get = session_api_get,
    .get_shared = session_api_get_shared,
};
