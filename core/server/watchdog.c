/* Reads the workers' shared pages as a stranger's: numbers are compared, texts are cut and cleaned.
 */
#include "server/supervisor.h"

#include "base/clock.h"
#include "base/log.h"

#include <signal.h>
#include <stdatomic.h>

#define LATE 500000     /* µs past its deadline after which a handler is named */
#define NO_BEAT 2500000 /* µs without a beat of the loop after which a worker is replaced */
#define GAP 1000000     /* µs between two looks after which the watchdog itself stood still */

static void name_late(struct worker_process *worker, int64_t now)
{
    for (unsigned i = 0; i < MODULE_TRACE_SLOTS; i++) {
        const struct module_trace_slot *slot = &worker->page->trace.slots[i];
        if (!atomic_load_explicit(&slot->kind, memory_order_relaxed))
            continue;
        int64_t since = atomic_load_explicit(&slot->since, memory_order_relaxed);
        int64_t deadline = atomic_load_explicit(&worker->page->deadline[i], memory_order_relaxed);
        /* A time before the machine's start is none; it would leave the type's range below. */
        if (deadline <= 0 || since < 0 || now - deadline < LATE || worker->named[i] == since)
            continue;
        char label[sizeof slot->name];
        blame_label(slot, label);
        worker->named[i] = since;
        log_error("%s in %s %u (pid %d) runs for %lld ms and does not return.", label,
                  worker->kind == WORKER_JOBS ? "jobs process" : "worker", worker->slot,
                  (int)worker->pid, (long long)((now - since) / 1000));
    }
}

static void look(struct worker_process *worker, void *data)
{
    int64_t now = *(const int64_t *)data;
    uint64_t beat = atomic_load_explicit(&worker->page->trace.beat, memory_order_relaxed);
    if (worker->condemned)
        return;
    if (worker->state == WORKER_STARTING) {
        int64_t limit = worker->generation->settings.start_time;
        if (now - worker->started > limit && worker->generation == worker->supervisor->current) {
            log_error("%s %u (pid %d) did not become ready and is killed.",
                      worker_process_word(worker), worker->slot, (int)worker->pid);
            kill(worker->pid, SIGKILL);
        }
        return;
    }
    name_late(worker, now);
    if (beat != worker->beat) {
        worker->beat = beat;
        worker->beat_seen = now;
    } else if (now - worker->beat_seen > NO_BEAT) {
        log_error("%s %u (pid %d) stands still: its loop does not turn. It is killed and replaced.",
                  worker_process_word(worker), worker->slot, (int)worker->pid);
        worker->beat_seen = now;
        kill(worker->pid, SIGKILL);
    }
}

static void forgive(struct worker_process *worker, void *data)
{
    int64_t gap = *(const int64_t *)data;
    worker->beat_seen += gap;
    worker->started += gap;
}

/* A container that was frozen, a machine that was out of breath: time in which the watchdog did not
 * run is not held against those it watches, which did not run either. */
void watchdog_look(struct supervisor *supervisor, int64_t now)
{
    int64_t gap = supervisor->looked ? now - supervisor->looked : 0;
    supervisor->looked = now;
    if (gap > GAP)
        supervisor_each(supervisor, forgive, &gap);
    supervisor_each(supervisor, look, &now);
}
