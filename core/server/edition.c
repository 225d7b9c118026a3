#include "server/edition.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdlib.h>

#define READING_TIME 10000000 /* µs; by then nothing kept is given out any more */

struct edition {
    struct task task; /* must be first */
    struct edition_options options;
    struct arena *arena; /* of the reading under way; NULL: there is none */
    int64_t found, at;
};

int64_t edition_read(struct module_host *host, struct arena *arena)
{
    int64_t edition = -1;
    struct store_session *session =
        store_session_new(host->store, arena, &store_viewer_host, "core");
    if (!session)
        return -1;
    int code = store_edition(session, &edition, NULL);
    store_session_end(session);
    return code < 0 ? -1 : edition;
}

static void run(struct task *task)
{
    struct edition *edition = (struct edition *)task;
    edition->at = clock_steady();
    edition->found = edition_read(edition->options.host, edition->arena);
}

/* Nobody waits for it. */
static void dropped(struct task *task)
{
    (void)task;
}

static void late(struct task *task, int64_t now)
{
    (void)task;
    (void)now;
}

static void done(struct task *task, bool ran)
{
    struct edition *edition = (struct edition *)task;
    if (ran && edition->found >= 0)
        cache_confirm(edition->options.cache, edition->found, edition->at);
    arena_free(edition->arena);
    edition->arena = NULL;
}

static const struct task_kind kind = { .run = run, .dropped = dropped, .late = late, .done = done };

void edition_ask(struct edition *edition, int64_t now)
{
    struct task *task = &edition->task;
    if (edition->arena || !cache_asks(edition->options.cache, now))
        return;
    task_init(task, &kind, edition->options.route);
    task->wait = task->limit = READING_TIME;
    if (!tasks_allow(task, now))
        return;
    edition->arena = arena_new(0);
    if (edition->arena)
        tasks_submit(edition->options.tasks, task);
    else
        tasks_give_up(task, now);
}

int edition_new(const struct edition_options *options, struct edition **ret_edition,
                struct portico_error *error)
{
    struct edition *edition = calloc(1, sizeof *edition);
    if (!edition)
        return error_set(error, PORTICO_ENOMEM, "There is no memory for kept answers.");
    edition->options = *options;
    *ret_edition = edition;
    return PORTICO_OK;
}

void edition_free(struct edition *edition)
{
    if (!edition)
        return;
    arena_free(edition->arena);
    free(edition);
}
