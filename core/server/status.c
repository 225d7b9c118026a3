/* What `portico status` shows, as one JSON object. */
#include "server/supervisor.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* Proportional set size in KiB, or 0. */
static int64_t pss_of(pid_t pid)
{
    char path[64], line[256];
    long long pss = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "Pss: %lld", &pss) == 1)
            break;
    }
    if (file)
        fclose(file);
    return pss;
}

/* By kind of the process. */
struct lists {
    struct value *lists[2];
};

static void add_worker(struct worker_process *worker, void *data)
{
    static const char *const states[] = { "starting", "ready", "serving", "draining" };
    const struct lists *lists = data;
    struct value *list = lists->lists[worker->kind];
    struct value *row = value_new(list->arena, PORTICO_OBJECT);
    const struct server_page *page = worker->page;
    if (!row)
        return;
    value_set_integer(row, "pid", worker->pid);
    value_set_integer(row, "slot", worker->slot);
    value_set_integer(row, "generation", worker->generation->number);
    value_set_text(row, "state", states[worker->state]);
    value_set_integer(row, "uptime_seconds", (clock_steady() - worker->started) / 1000000);
    if (worker->kind == WORKER_JOBS) {
        value_set_integer(row, "running", atomic_load(&page->running));
    } else {
        value_set_integer(row, "requests", (int64_t)atomic_load(&page->requests));
        value_set_integer(row, "in_flight", atomic_load(&page->running));
        value_set_integer(row, "connections", atomic_load(&page->connections));
    }
    value_set_integer(row, "stuck", atomic_load(&page->stuck));
    value_set_integer(row, "memory_kib", pss_of(worker->pid));
    value_append(list, row);
}

static struct value *addresses_of(const struct generation *generation, struct arena *arena)
{
    struct value *list = value_new(arena, PORTICO_LISTING);
    for (size_t i = 0; list && generation && i < generation->listeners.count; i++) {
        const char *shown = generation->listeners.items[i].shown;
        value_append(list, value_text(arena, shown, strlen(shown)));
    }
    return list;
}

struct value *status_make(struct supervisor *supervisor, struct arena *arena)
{
    struct value *status = value_new(arena, PORTICO_OBJECT);
    struct lists lists = { { [WORKER_SERVES] = value_new(arena, PORTICO_LISTING),
                             [WORKER_JOBS] = value_new(arena, PORTICO_LISTING) } };
    const struct generation *current = supervisor->current;
    if (!status || !lists.lists[WORKER_SERVES] || !lists.lists[WORKER_JOBS])
        return NULL;
    const char *state = supervisor->stopping   ? "stopping"
                        : supervisor->poisoned ? "recovering"
                        : !current             ? "starting"
                        : supervisor->step == CHANGE_NONE || supervisor->step == CHANGE_AFTER
                            ? "serving"
                            : "reloading";
    value_set_boolean(status, "ok", true);
    value_set_text(status, "version", supervisor->options->version);
    value_set_text(status, "state", state);
    value_set_integer(status, "pid", getpid());
    value_set_integer(status, "generation", current ? current->number : 0);
    value_set_integer(status, "uptime_seconds", (clock_steady() - supervisor->started) / 1000000);
    value_set_integer(status, "memory_kib", pss_of(getpid()));
    struct board_totals totals;
    board_sum(supervisor->board, &totals);
    value_set_integer(status, "requests", (int64_t)totals.figures[BOARD_REQUESTS]);
    value_set(status, TEXT("addresses"), addresses_of(current, arena));
    supervisor_each(supervisor, add_worker, &lists);
    value_set(status, TEXT("workers"), lists.lists[WORKER_SERVES]);
    value_set(status, TEXT("jobs"), lists.lists[WORKER_JOBS]);
    if (current && current->modules) {
        struct buffer text = { 0 };
        struct value *modules = NULL;
        json_write(&text, current->modules);
        if (!text.failed && json_parse(arena, text.data, text.length, &modules, NULL) == 0)
            value_set(status, TEXT("modules"), modules);
        buffer_free(&text);
    }
    value_set(status, TEXT("taken_out"), blame_list(supervisor, arena));
    if (supervisor->last_refusal.length)
        value_set_text(status, "last_refusal", buffer_text(&supervisor->last_refusal));
    return status;
}
