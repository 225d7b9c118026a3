#include "identity/fact.h"

#include "identity/room.h"

int identity_fact_set(struct store_session *session, int64_t account, const char *module,
                      const char *fact, const char *content, struct portico_error *error)
{
    int64_t changed = 0;
    if (!content)
        return store_host_execute(
            session,
            "DELETE FROM portico_account_fact WHERE account = ? AND module = ? AND fact = ?",
            PORTICO_ARGS(portico_arg_id(account), portico_arg_text(module), portico_arg_text(fact)),
            NULL, error);
    int code = store_host_execute(
        session,
        "INSERT INTO portico_account_fact (account, module, fact, content, changed) "
        "SELECT a.id, ?, ?, ?, ? FROM portico_account a WHERE a.id = ? "
        "ON CONFLICT (account, module, fact) DO UPDATE "
        "SET content = excluded.content, changed = excluded.changed",
        PORTICO_ARGS(portico_arg_text(module), portico_arg_text(fact), portico_arg_text(content),
                     portico_arg_time(clock_now()), portico_arg_id(account)),
        &changed, error);
    if (code == 0 && changed == 0)
        code = error_set(error, PORTICO_ENOENT, "There is no such account.");
    return code;
}

int identity_fact(struct store_session *session, int64_t account, const char *module,
                  const char *fact, const char **ret_content, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        "SELECT content FROM portico_account_fact WHERE account = ? AND module = ? AND fact = ?",
        PORTICO_ARGS(portico_arg_id(account), portico_arg_text(module), portico_arg_text(fact)),
        &rows, error);
    if (code == 0 && rows->count == 0)
        code = error_set(error, PORTICO_ENOENT, "This is not known of the account.");
    if (code == 0)
        *ret_content = value_rows_at(rows, 0)->text;
    return code;
}

static const char *told(struct arena *arena, const char *content)
{
    if (!content)
        return "none";
    if (strlen(content) <= IDENTITY_FACT_TOLD)
        return content;
    const char *end = g_utf8_find_prev_char(content, content + IDENTITY_FACT_TOLD + 1);
    return arena_printf(arena, "%.*s…", end ? (int)(end - content) : 0, content);
}

static int record(struct store_session *session, const struct identity_fact_change *change,
                  const char *before, const struct identity_act *act, struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct identity_act done = *act;
    const char *was = told(arena, before), *is = told(arena, change->content);
    done.account = change->account;
    done.object =
        was && is ? arena_printf(arena, "%s.%s: %s: now %s", change->module, change->fact, was, is)
                  : NULL;
    return done.object ? identity_audit(session, &done, error) : identity_no_memory(error);
}

/* One writer of a fact at a time, so that what it was is what the one before wrote. */
static int change_in(struct store_session *session, const struct identity_fact_change *change,
                     const struct identity_act *act, struct portico_error *error)
{
    const char *before = NULL;
    char *name = g_strdup_printf("portico_account_fact/%lld/%s.%s", (long long)change->account,
                                 change->module, change->fact);
    int code = identity_lock(session, name, error);
    g_free(name);
    if (code == 0)
        code =
            identity_fact(session, change->account, change->module, change->fact, &before, error);
    if (code == 0 || code == PORTICO_ENOENT)
        code = identity_fact_set(session, change->account, change->module, change->fact,
                                 change->content, error);
    return code < 0 || g_strcmp0(before, change->content) == 0
               ? code
               : record(session, change, before, act, error);
}

int identity_fact_change(struct store_session *session, const struct identity_fact_change *change,
                         const struct identity_act *act, struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    return code < 0 ? code
                    : identity_step_end(&step, change_in(session, change, act, error), error);
}

int identity_facts(struct store_session *session, int64_t account, struct value **ret_rows,
                   struct portico_error *error)
{
    return store_host_query(session,
                            "SELECT module, fact, content, changed AS \"changed:time\" "
                            "FROM portico_account_fact WHERE account = ? ORDER BY module, fact",
                            PORTICO_ARGS(portico_arg_id(account)), ret_rows, error);
}

int identity_facts_move(struct store_session *session, int64_t from, int64_t to,
                        struct portico_error *error)
{
    struct identity_step step;
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    code = store_host_execute(
        session,
        "UPDATE portico_account_fact SET account = ? WHERE account = ? AND NOT EXISTS "
        "(SELECT 1 FROM portico_account_fact o WHERE o.account = ? "
        "AND o.module = portico_account_fact.module AND o.fact = portico_account_fact.fact)",
        PORTICO_ARGS(portico_arg_id(to), portico_arg_id(from), portico_arg_id(to)), NULL, error);
    if (code == 0)
        code = store_host_execute(session, "DELETE FROM portico_account_fact WHERE account = ?",
                                  PORTICO_ARGS(portico_arg_id(from)), NULL, error);
    return identity_step_end(&step, code, error);
}
