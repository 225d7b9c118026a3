#include "limit/limit.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <stdio.h>

#define SECOND INT64_C(1000000)

/* The steps of the window that ends with `last`, oldest first, as rows "step" and "taken". */
static int steps_of(struct store_session *session, const struct limit *limit, int64_t last,
                    struct value **ret_rows, struct portico_error *error)
{
    return store_host_query(
        session,
        "SELECT step, taken FROM portico_limit WHERE key_hash = ? AND "
        "step >= ? ORDER BY step",
        PORTICO_ARGS(portico_arg_text(limit->key), portico_arg_integer(last - LIMIT_STEPS)),
        ret_rows, error);
}

static int64_t cell(const struct value *rows, size_t row, unsigned column)
{
    return value_rows_at(rows, row)[column].integer;
}

/* When enough of the oldest steps have left the window for one more. */
static int64_t wait_of(const struct value *rows, const struct limit *limit, int64_t total,
                       int64_t step, int64_t now)
{
    int64_t leaves = now;
    for (size_t i = 0; i < rows->count && total > limit->most; i++) {
        total -= cell(rows, i, 1);
        leaves = (cell(rows, i, 0) + LIMIT_STEPS + 1) * step;
    }
    return leaves > now ? leaves - now : 1;
}

static int64_t total_of(const struct value *rows)
{
    int64_t total = 0;
    for (size_t i = 0; i < rows->count; i++)
        total += cell(rows, i, 1);
    return total;
}

static int refuse(const struct limit *limit, int64_t wait, int64_t *ret_wait,
                  struct portico_error *error)
{
    *ret_wait = wait;
    return error_set(error, PORTICO_ELIMIT, "There were %u within %u s.", limit->most,
                     limit->seconds);
}

/* Who is over it anyway costs one read: knocking on makes no writes. */
static int look(struct store_session *session, const struct limit *limit, int64_t now,
                int64_t *ret_wait, struct portico_error *error)
{
    int64_t step = limit->seconds * SECOND / LIMIT_STEPS;
    struct value *rows = NULL;
    int code = steps_of(session, limit, now / step, &rows, error);
    if (code < 0)
        return code;
    int64_t total = total_of(rows) + 1;
    if (total <= limit->most)
        return 0;
    return refuse(limit, wait_of(rows, limit, total, step, now), ret_wait, error);
}

/* First counts, then looks: whoever counts at the same time waits for the row, so that two of them
 * never both take the last place of it. */
static int count(struct store_session *session, const struct limit *limit, int64_t now,
                 int64_t *ret_wait, struct portico_error *error)
{
    int64_t step = limit->seconds * SECOND / LIMIT_STEPS, last = now / step;
    struct value *rows = NULL;
    int code = store_host_execute(
        session,
        "INSERT INTO portico_limit (key_hash, step, taken, expires) VALUES (?, ?, 1, ?) "
        "ON CONFLICT (key_hash, step) DO UPDATE SET taken = portico_limit.taken + 1",
        PORTICO_ARGS(portico_arg_text(limit->key), portico_arg_integer(last),
                     portico_arg_time((last + LIMIT_STEPS + 1) * step)),
        NULL, error);
    if (code == 0)
        code = steps_of(session, limit, last, &rows, error);
    if (code < 0)
        return code;
    int64_t total = total_of(rows);
    if (total <= limit->most)
        return 0;
    code = store_host_execute(
        session, "UPDATE portico_limit SET taken = taken - 1 WHERE key_hash = ? AND step = ?",
        PORTICO_ARGS(portico_arg_text(limit->key), portico_arg_integer(last)), NULL, error);
    if (code < 0)
        return code;
    return refuse(limit, wait_of(rows, limit, total, step, now), ret_wait, error);
}

int limit_take(struct store_session *session, const struct limit *limit, int64_t now,
               int64_t *ret_wait, struct portico_error *error)
{
    if (limit->most < 1 || limit->most > LIMIT_MOST || limit->seconds < 1 ||
        limit->seconds > LIMIT_SECONDS_MOST)
        return error_set(error, PORTICO_EINVAL,
                         "A limit is 1 to %d times in 1 to %d seconds, not %u in %u.", LIMIT_MOST,
                         LIMIT_SECONDS_MOST, limit->most, limit->seconds);
    int code = look(session, limit, now, ret_wait, error);
    if (code < 0 || store_in_transaction(session))
        return code < 0 ? code : count(session, limit, now, ret_wait, error);
    code = store_begin(session, error);
    if (code == 0)
        code = count(session, limit, now, ret_wait, error);
    if (code < 0)
        store_rollback(session);
    return code < 0 ? code : store_commit(session, error);
}

static void network_of_4(const unsigned char *bytes, char *ret_network)
{
    snprintf(ret_network, LIMIT_NETWORK_SIZE, "%u.%u.%u.0/24", bytes[0], bytes[1], bytes[2]);
}

void limit_network(const char *address, char ret_network[LIMIT_NETWORK_SIZE])
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET, address, bytes) == 1) {
        network_of_4(bytes, ret_network);
    } else if (inet_pton(AF_INET6, address, bytes) == 1) {
        if (memcmp(bytes, mapped, sizeof mapped) == 0) {
            network_of_4(bytes + 12, ret_network);
            return;
        }
        memset(bytes + 7, 0, 9);
        inet_ntop(AF_INET6, bytes, text, sizeof text);
        snprintf(ret_network, LIMIT_NETWORK_SIZE, "%s/56", text);
    } else {
        snprintf(ret_network, LIMIT_NETWORK_SIZE, "%.48s", address);
    }
}

int limit_prune(struct store_session *session, int64_t now, unsigned most,
                struct portico_error *error)
{
    int64_t changed = 0;
    int code = store_host_execute(session,
                                  "DELETE FROM portico_limit WHERE (key_hash, step) IN (SELECT "
                                  "l.key_hash, l.step FROM portico_limit l WHERE l.expires < ? "
                                  "LIMIT ?)",
                                  PORTICO_ARGS(portico_arg_time(now), portico_arg_integer(most)),
                                  &changed, error);
    return code < 0 ? code : (int)changed;
}
