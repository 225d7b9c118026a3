/* Budgets of guesses: counted in the database, so that all processes share them and a restart
 * forgets none. Spans of ten minutes: the last hour is the span that runs and six before it. */
#include "identity/room.h"

#define SPAN (10 * MINUTE)
#define SPANS 6 /* before the one that runs */

int identity_spend(struct store_session *session, const char *key, unsigned most, int64_t *ret_wait,
                   struct portico_error *error)
{
    int64_t now = clock_now(), span = now / SPAN;
    struct value *rows;
    int code = identity_lock(session, key, error);
    if (code == 0)
        code = store_host_query(
            session,
            "SELECT coalesce(sum(spent), 0), coalesce(min(span), 0) "
            "FROM portico_guess WHERE guess_key = ? AND span >= ? "
            "AND spent > 0",
            PORTICO_ARGS(portico_arg_text(key), portico_arg_integer(span - SPANS)), &rows, error);
    if (code < 0)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    /* PostgreSQL sums to a number of its own. */
    int64_t spent = cells[0].kind == PORTICO_REAL ? (int64_t)cells[0].real : cells[0].integer;
    if (spent >= most) {
        if (ret_wait)
            *ret_wait = (cells[1].integer + SPANS + 1) * SPAN - now;
        return error_set(error, PORTICO_ELIMIT,
                         /* translated */ "Too many attempts: wait a while and try again.");
    }
    return store_host_execute(session,
                              "INSERT INTO portico_guess (guess_key, span, spent) VALUES (?, ?, 1) "
                              "ON CONFLICT (guess_key, span) "
                              "DO UPDATE SET spent = portico_guess.spent + 1",
                              PORTICO_ARGS(portico_arg_text(key), portico_arg_integer(span)), NULL,
                              error);
}

/* From the newest span that has one: which it was does not matter. */
int identity_unspend(struct store_session *session, const char *key, struct portico_error *error)
{
    return store_host_execute(session,
                              "UPDATE portico_guess SET spent = spent - 1 "
                              "WHERE guess_key = ? AND span = (SELECT max(g.span) "
                              "FROM portico_guess g WHERE g.guess_key = ? AND g.spent > 0)",
                              PORTICO_ARGS(portico_arg_text(key), portico_arg_text(key)), NULL,
                              error);
}

int identity_guess_take(struct identity *identity, struct store_session *session, const char *kind,
                        const char *key, unsigned most, int64_t *ret_wait,
                        struct portico_error *error)
{
    char blind[IDENTITY_HASH_TEXT];
    struct identity_step step;
    identity_blind(identity, kind, key, blind);
    int code = identity_step_begin(&step, session, error);
    if (code < 0)
        return code;
    return identity_step_end(&step, identity_spend(session, blind, most, ret_wait, error), error);
}

int identity_guess_return(struct identity *identity, struct store_session *session,
                          const char *kind, const char *key, struct portico_error *error)
{
    char blind[IDENTITY_HASH_TEXT];
    identity_blind(identity, kind, key, blind);
    return identity_unspend(session, blind, error);
}
