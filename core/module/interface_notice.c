/* portico.notice: what a module says happened, and how people stand to it. */
#include "base/error.h"
#include "module/call.h"
#include "notify/notice.h"

#define NOTICE_SIZE_1_0 (offsetof(struct portico_notice, reason) + sizeof(char *))

struct notices_handle {
    struct portico_notices public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_notice_open(struct scope *scope)
{
    struct notices_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_notice;
    handle->magic = NOTICES_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *notice_scope(struct portico_notices *notices)
{
    struct notices_handle *handle = (struct notices_handle *)notices;
    if (!handle || handle->magic != NOTICES_MAGIC)
        call_stale_handle("notices");
    return handle->scope;
}

#define notice_scope(notices) thread_scope(notice_scope(notices), PORTICO_NOTICES, __func__)

static const char *module_of(const struct scope *scope)
{
    return scope->call->module->id;
}

static int check_kind(const struct module *module, const char *kind, struct portico_error *error)
{
    const struct portico_notice_kind *kinds = module->descriptor->notices.items;
    for (uint32_t i = 0; kind && i < module->descriptor->notices.count; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return 0;
    return error_set(error, PORTICO_EINVAL,
                     "\"%.60s\" is no kind of notice of module %s: add it to .notices.",
                     kind ? kind : "", module->id);
}

static int notice_api_notify(struct portico_notices *notices, const struct portico_notice *notice,
                             struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct portico_notice own = { 0 };
    if (!interface_read(&own, sizeof own, notice, NOTICE_SIZE_1_0))
        return error_set(error, PORTICO_EINVAL, "A notice needs its size set.");
    int code = check_kind(scope->call->module, own.kind, error);
    struct store_session *session = code < 0 ? NULL : scope_session(scope, error);
    if (!session)
        return code < 0 ? code : PORTICO_EIO;
    return notice_queue(session, module_of(scope), &own, scope->call->viewer->person, error);
}

static int notice_api_follow(struct portico_notices *notices, portico_id person,
                             const char *subject, int32_t level, struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    return session ? notice_follow(session, module_of(scope), person, subject, level, error)
                   : PORTICO_EIO;
}

static int notice_api_following(struct portico_notices *notices, portico_id person,
                                const char *subject, int32_t *ret_level,
                                struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    int level = 0;
    int code = session ? notice_following(session, module_of(scope), person, subject, &level, error)
                       : PORTICO_EIO;
    if (code == 0)
        *ret_level = level;
    return code;
}

static int notice_api_followers(struct portico_notices *notices, const char *subject,
                                int64_t *ret_count, struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    return session ? notice_followers(session, module_of(scope), subject, ret_count, error)
                   : PORTICO_EIO;
}

static int notice_api_followed(struct portico_notices *notices, portico_id person,
                               const char *prefix, const char *after, uint32_t most,
                               struct portico_value **ret_rows, struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    struct value *rows = NULL;
    int code = session ? notice_followed(session, module_of(scope), person, prefix, after, most,
                                         &rows, error)
                       : PORTICO_EIO;
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

static int notice_api_move(struct portico_notices *notices, const char *from, const char *into,
                           struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    return session ? notice_follow_move(session, module_of(scope), from, into, error) : PORTICO_EIO;
}

static int notice_api_seen(struct portico_notices *notices, const char *subject,
                           struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    /* In somebody's place nobody reads what they were told. */
    if (scope->call->viewer->rows.looks)
        return PORTICO_OK;
    struct store_session *session = scope_session(scope, error);
    return session
               ? notice_seen(session, module_of(scope), scope->call->viewer->person, subject, error)
               : PORTICO_EIO;
}

static int notice_api_withdraw(struct portico_notices *notices, const char *subject,
                               struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    return session ? notice_withdraw(session, module_of(scope), subject, NULL, error) : PORTICO_EIO;
}

static int notice_api_withdraw_part(struct portico_notices *notices, const char *subject,
                                    const char *part, struct portico_error *error)
{
    struct scope *scope = notice_scope(notices);
    struct store_session *session = scope_session(scope, error);
    if (!part)
        return error_set(error, PORTICO_EINVAL,
                         "Which part of a subject is taken back is missing.");
    return session ? notice_withdraw(session, module_of(scope), subject, part, error) : PORTICO_EIO;
}

const struct portico_notice_api interface_notice = {
    .table = { .size = sizeof(struct portico_notice_api), .major = 1, .minor = 1 },
    .notify = notice_api_notify,
    .follow = notice_api_follow,
    .following = notice_api_following,
    .followers = notice_api_followers,
    .move = notice_api_move,
    .seen = notice_api_seen,
    .withdraw = notice_api_withdraw,
    .withdraw_part = notice_api_withdraw_part,
    .followed = notice_api_followed,
};
