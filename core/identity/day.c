#include "identity/day.h"

#include "identity/room.h"

/* What is to be told, and what it is to have been: with the time, a second one, and how long before
 * an end it is near. */
static const struct {
    const char *table, *due, *done;
    size_t arguments;
} days[IDENTITY_DAYS] = {
    [IDENTITY_DAY_BEGAN] = { "portico_membership",
                             "NOT held AND state = 1 AND coalesce(valid_from, 0) <= ? "
                             "AND coalesce(valid_until, 9223372036854775807) > ?",
                             "held = TRUE", 2 },
    [IDENTITY_DAY_ENDED] = { "portico_membership", "held AND state = 1 AND valid_until <= ?",
                             "held = FALSE", 1 },
    [IDENTITY_DAY_OVER] = { "portico_delegation",
                            "valid_until <= ? AND (told IS NULL OR told <> valid_until)",
                            "told = valid_until", 1 },
    [IDENTITY_DAY_NEAR] = { "portico_delegation",
                            "valid_until > ? AND valid_until <= ? AND accepted <= valid_until - ? "
                            "AND (reminded IS NULL OR reminded <> valid_until) "
                            "AND NOT EXISTS (SELECT 1 FROM portico_account a "
                            "WHERE a.id IN (account, partner) AND a.state <> 1)",
                            "reminded = valid_until", 3 },
};

/* The arguments of its `due`, and one behind them. */
#define ARGUMENTS 4

static size_t now_of(enum identity_day day, struct portico_argument ret_arguments[ARGUMENTS])
{
    const int64_t now = clock_now();
    ret_arguments[0] = portico_arg_time(now);
    ret_arguments[1] =
        portico_arg_time(day == IDENTITY_DAY_NEAR ? now + IDENTITY_DAYS_BEFORE : now);
    ret_arguments[2] = portico_arg_integer(IDENTITY_DAYS_BEFORE);
    return days[day].arguments;
}

int identity_days_due(struct store_session *session, enum identity_day day, unsigned most,
                      struct value **ret_rows, struct portico_error *error)
{
    struct portico_argument arguments[ARGUMENTS];
    size_t count = now_of(day, arguments);
    arguments[count++] = portico_arg_integer(most);
    /* In no order: that would be the key's, and read all there are. */
    const char *sql =
        arena_printf(store_session_arena(session), "SELECT id FROM %s WHERE %s LIMIT ?",
                     days[day].table, days[day].due);
    return sql ? store_host_query(session, sql, arguments, count, ret_rows, error)
               : identity_no_memory(error);
}

int identity_day_take(struct store_session *session, enum identity_day day, int64_t id,
                      struct portico_error *error)
{
    int64_t changed = 0;
    struct portico_argument arguments[ARGUMENTS];
    size_t count = now_of(day, arguments);
    arguments[count++] = portico_arg_id(id);
    const char *sql =
        arena_printf(store_session_arena(session), "UPDATE %s SET %s WHERE %s AND id = ?",
                     days[day].table, days[day].done, days[day].due);
    int code = sql ? store_host_execute(session, sql, arguments, count, &changed, error)
                   : identity_no_memory(error);
    return code < 0 ? code : changed > 0;
}
