#include "server/figures.h"

#include "base/clock.h"
#include "job/job.h"

#include <glib.h>
#include <stdatomic.h>

#define SECOND INT64_C(1000000)
#define IDLE (60 * SECOND) /* between two looks; one second while the queue moves */
/* Counting all jobs that are kept takes at most this part of the time, if a minute is enough. */
#define ALL_SHARE 100

int64_t figures_due(const struct figures *figures)
{
    return figures->looked ? figures->looked + (figures->moved ? SECOND : IDLE) : 0;
}

void figures_looked(struct figures *figures)
{
    figures->moved = false;
    figures->looked = clock_steady();
}

int figures_read(struct figures *figures, struct store_session *session, struct board_queue *queue,
                 struct portico_error *error)
{
    struct value *counts = NULL;
    int64_t begun = clock_steady();
    bool all = begun >= figures->all_due;
    int code =
        all ? job_figures(session, &counts, error) : job_figures_open(session, &counts, error);
    if (code < 0)
        return code;
    if (all) {
        int64_t pause = (clock_steady() - begun) * ALL_SHARE;
        figures->all_due = begun + CLAMP(pause, SECOND, IDLE);
    }
    const struct portico_value *given = value_public(counts);
    const struct {
        board_number *number;
        const char *key;
    } rows[] = {
        { &queue->waiting, "waiting" },     { &queue->running, "running" },
        { &queue->done, "done" },           { &queue->failed, "failed" },
        { &queue->cancelled, "cancelled" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (portico_get(given, rows[i].key))
            atomic_store_explicit(rows[i].number,
                                  (uint64_t)portico_get_integer(given, rows[i].key, 0),
                                  memory_order_relaxed);
    int64_t age = portico_get_integer(given, "oldest_due_age", 0);
    atomic_store_explicit(&queue->oldest, age > 0 ? (uint64_t)(clock_now() - age) : 0,
                          memory_order_relaxed);
    atomic_store_explicit(&queue->seen, (uint64_t)clock_now(), memory_order_relaxed);
    return 0;
}
