#include "server/runner.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "module/switch.h"
#include "server/crash.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define HOPELESS 2000000 /* µs past its deadline after which a handler's process is replaced */
#define LABEL_MAX (sizeof((struct module_trace_slot *)0)->name)

void runner_wake(struct runner *runner)
{
    const uint64_t one = 1;
    while (write(runner->wake, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

struct store_session *runner_session(const struct runner *runner, struct arena *arena)
{
    return store_session_new(runner->options.host->store, arena, &store_viewer_host, HOST_MODULE);
}

struct runner_work *runner_find(struct runner *runner, const char *module, const char *name,
                                enum job_kind kind)
{
    char label[256];
    g_snprintf(label, sizeof label, "%s %s %s", module, kind == JOB_EVENT ? "event" : "job", name);
    struct runner_work *work = g_hash_table_lookup(runner->works, label);
    return work && work->work->kind == kind ? work : NULL;
}

/* ---- from the claiming thread to the pool, and back ---- */

static void run_on_thread(struct pool_job *job, unsigned slot, void *data)
{
    run_work(data, (struct run *)job, slot);
}

static void count(struct run *run)
{
    struct board_route *counts = run->work->counts;
    unsigned bucket = 0;
    while (bucket < BOARD_BUCKETS - 1 && run->pool.took > work_bounds[bucket])
        bucket++;
    board_add(&counts->requests, 1);
    board_add(&counts->failures, run->failed);
    board_add(&counts->durations[bucket], 1);
    board_add(&counts->duration_sum, (uint64_t)run->pool.took);
}

static void done(struct pool_job *job, void *data)
{
    struct runner *runner = data;
    struct run *run = (struct run *)job;
    run->returned = true;
    count(run);
    if (run->trying && runner->options.tried)
        runner->options.tried(run->work->work->label, runner->options.data);
}

static void submit_taken(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    struct run *run = runner->taken_head;
    runner->taken_head = runner->taken_tail = NULL;
    pthread_mutex_unlock(&runner->lock);
    while (run) {
        struct run *next = run->next;
        pool_submit(runner->pool, &run->pool, &run->work->lane);
        run = next;
    }
}

static void forget_returned(struct runner *runner)
{
    bool any = false;
    pthread_mutex_lock(&runner->lock);
    for (guint i = runner->runs->len; i > 0; i--) {
        struct run *run = g_ptr_array_index(runner->runs, i - 1);
        if (!run->returned || run->held)
            continue;
        run->work->running--;
        run->work->group->running--;
        run->work->try_under_way &= !run->trying;
        g_ptr_array_remove_index_fast(runner->runs, i - 1);
        run_free(run);
        any = true;
    }
    pthread_mutex_unlock(&runner->lock);
    if (any)
        claims_nudge(runner);
}

static void tell_outcomes(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    bool tested = runner->tested;
    bool empty =
        runner->draining && !runner->claiming && (runner->runs->len == 0 || runner->given_back);
    pthread_mutex_unlock(&runner->lock);
    if (tested && !runner->told_tested) {
        runner->told_tested = true;
        runner->options.tested(*runner->problem ? runner->problem : NULL, runner->options.data);
    }
    if (empty && !runner->told_emptied) {
        runner->told_emptied = true;
        runner->options.emptied(runner->options.data);
    }
}

void runner_turn(struct runner *runner)
{
    submit_taken(runner);
    pool_turn(runner->pool);
    forget_returned(runner);
    if (runner->options.tried)
        registry_tell_tried(runner->options.host->registry, runner->options.tried,
                            runner->options.data);
    tell_outcomes(runner);
}

static void on_wake(evutil_socket_t descriptor, short what, void *data)
{
    uint64_t got;
    (void)what;
    (void)data;
    /* runner_turn, which follows every turn, looks. */
    while (read(descriptor, &got, sizeof got) < 0 && errno == EINTR)
        ;
}

/* ---- what is late ---- */

static void look_at(struct runner *runner, struct run *run, int64_t now, unsigned *stuck)
{
    int64_t late = run->deadline ? now - run->deadline : 0;
    if (late <= 0)
        return;
    ++*stuck;
    if (!run->named) {
        run->named = true;
        board_add(&run->work->counts->late, 1);
    }
    if (late > HOPELESS && !runner->told_stuck && !runner->draining) {
        runner->told_stuck = true;
        runner->options.stuck(run->work->work->label, runner->options.data);
    }
}

void runner_beat(struct runner *runner)
{
    struct server_page *page = runner->options.page;
    int64_t now = clock_steady();
    unsigned stuck = 0;
    pthread_mutex_lock(&runner->lock);
    unsigned running = runner->runs->len;
    for (guint i = 0; i < running; i++)
        look_at(runner, g_ptr_array_index(runner->runs, i), now, &stuck);
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, runner->works);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const struct runner_work *work = value;
        atomic_store_explicit(&work->counts->out, work->taken_out, memory_order_relaxed);
    }
    pthread_mutex_unlock(&runner->lock);
    atomic_store_explicit(&page->stuck, stuck, memory_order_relaxed);
    atomic_store_explicit(&page->running, running, memory_order_relaxed);
}

/* ---- what the supervisor says ---- */

void runner_serve(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    runner->serving = true;
    pthread_mutex_unlock(&runner->lock);
    claims_nudge(runner);
}

void runner_drain(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    runner->draining = true;
    for (guint i = 0; i < runner->runs->len; i++) {
        struct run *run = g_ptr_array_index(runner->runs, i);
        atomic_store(&run->watch.stop, true);
    }
    pthread_mutex_unlock(&runner->lock);
    claims_nudge(runner);
    runner_wake(runner);
}

void runner_give_back(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    runner->giving_back = true;
    pthread_mutex_unlock(&runner->lock);
    claims_nudge(runner);
}

void runner_name(uint64_t word, int pid, unsigned slot, char ret_name[RUNNER_NAME_SIZE])
{
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    g_snprintf(ret_name, RUNNER_NAME_SIZE, "%s/%08x/%d/%u", host, (unsigned)(word & 0xffffffffu),
               pid, slot);
}

void runner_gone(struct runner *runner, int pid, unsigned slot)
{
    char name[RUNNER_NAME_SIZE];
    runner_name(runner->options.board->word, pid, slot, name);
    pthread_mutex_lock(&runner->lock);
    g_ptr_array_add(runner->gone, g_strdup(name));
    pthread_mutex_unlock(&runner->lock);
    claims_nudge(runner);
}

/* The label went through a trace slot, which may have cut it. */
static void set_state(struct runner *runner, const char *label, enum module_switch_state state)
{
    GHashTableIter iterator;
    gpointer key, value;
    pthread_mutex_lock(&runner->lock);
    g_hash_table_iter_init(&iterator, runner->works);
    while (g_hash_table_iter_next(&iterator, &key, &value)) {
        struct runner_work *work = value;
        if (strncmp(key, label, LABEL_MAX - 1) != 0)
            continue;
        work->taken_out = state != SWITCH_ON;
        work->trying = state == SWITCH_TO_TRY;
    }
    pthread_mutex_unlock(&runner->lock);
    registry_set_switch(runner->options.host->registry, label, state);
    claims_nudge(runner);
}

void runner_take_out(struct runner *runner, const char *label)
{
    set_state(runner, label, SWITCH_OFF);
}

void runner_try(struct runner *runner, const char *label)
{
    set_state(runner, label, SWITCH_TO_TRY);
}

void runner_put_back(struct runner *runner, const char *label)
{
    set_state(runner, label, SWITCH_ON);
}

unsigned runner_running(struct runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    unsigned running = runner->runs->len;
    pthread_mutex_unlock(&runner->lock);
    return running;
}

/* ---- making and ending ---- */

/* No module may take all threads. */
static unsigned share(unsigned threads)
{
    unsigned reserved = threads / 4 ? threads / 4 : 1;
    return threads > reserved ? threads - reserved : 1;
}

static void make_works(struct runner *runner)
{
    const struct registry *registry = runner->options.host->registry;
    size_t modules = registry_module_count(registry);
    runner->groups = g_new0(struct runner_group, modules + 1);
    for (size_t i = 0; i < modules; i++) {
        const struct portico_module *module = module_descriptor(registry_module_at(registry, i));
        runner->groups[i].pool.cap =
            module->concurrency == PORTICO_SERIAL ? 1 : share(runner->threads);
    }
    runner->groups[modules].pool.cap = runner->threads;
    for (guint i = 0; i < runner->list->len; i++) {
        const struct work *work = g_ptr_array_index(runner->list, i);
        struct runner_work *made = g_new0(struct runner_work, 1);
        size_t group = modules;
        for (size_t m = 0; work->owner && m < modules; m++) {
            if (registry_module_at(registry, m) == work->owner)
                group = m;
        }
        made->work = work;
        made->group = &runner->groups[group];
        made->counts = metrics_route(runner->options.metrics, work->label);
        made->lane = (struct pool_lane){ .group = &made->group->pool,
                                         .cap = made->group->pool.cap,
                                         .mean = 1000 };
        g_hash_table_insert(runner->works, work->label, made);
    }
}

static int start(struct runner *runner, struct portico_error *error)
{
    const struct runner_options *options = &runner->options;
    sigset_t all, before;
    runner->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    runner->nudge = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (runner->wake >= 0)
        runner->wake_event =
            event_new(options->base, runner->wake, EV_READ | EV_PERSIST, on_wake, runner);
    if (!runner->wake_event || runner->nudge < 0 || event_add(runner->wake_event, NULL) != 0)
        return error_set(error, PORTICO_EIO, "Cannot make the events of the jobs process: %s.",
                         strerror(errno));
    const struct pool_options pool = { .base = options->base,
                                       .threads = runner->threads,
                                       .enter = crash_enter,
                                       .leave = crash_leave,
                                       .run = run_on_thread,
                                       .done = done,
                                       .data = runner };
    int code = pool_new(&pool, &runner->pool, error);
    if (code < 0)
        return code;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&runner->thread, NULL, claims_main, runner);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    runner->has_thread = failure == 0;
    return failure ? error_set(error, PORTICO_EBUSY, "Cannot start the thread that takes jobs: %s.",
                               strerror(failure))
                   : 0;
}

int runner_new(const struct runner_options *options, struct runner **ret_runner,
               struct portico_error *error)
{
    struct runner *runner = g_new0(struct runner, 1);
    runner->options = *options;
    runner->wake = runner->nudge = -1;
    runner->threads = options->settings->threads;
    runner->list = work_list(options->host->registry);
    runner->schedule = work_schedule(options->host->registry);
    runner->works = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    runner->runs = g_ptr_array_new();
    runner->gone = g_ptr_array_new_with_free_func(g_free);
    pthread_mutex_init(&runner->lock, NULL);
    runner_name(options->board->word, (int)getpid(), options->slot, runner->name);
    make_works(runner);
    int code = start(runner, error);
    if (code < 0)
        runner_free(runner);
    else
        *ret_runner = runner;
    return code;
}

void runner_free(struct runner *runner)
{
    if (!runner)
        return;
    pthread_mutex_lock(&runner->lock);
    runner->closing = true;
    pthread_mutex_unlock(&runner->lock);
    if (runner->has_thread) {
        claims_nudge(runner);
        pthread_join(runner->thread, NULL);
    }
    pool_free(runner->pool);
    if (runner->wake_event)
        event_free(runner->wake_event);
    if (runner->wake >= 0)
        close(runner->wake);
    if (runner->nudge >= 0)
        close(runner->nudge);
    g_ptr_array_free(runner->gone, TRUE);
    g_ptr_array_free(runner->runs, TRUE);
    g_hash_table_destroy(runner->works);
    g_array_free(runner->schedule, TRUE);
    g_ptr_array_free(runner->list, TRUE);
    g_free(runner->groups);
    pthread_mutex_destroy(&runner->lock);
    g_free(runner);
}
