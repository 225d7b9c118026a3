/* /metrics of the whole portal, in Prometheus text exposition format 0.0.4. */
#include "server/metrics.h"

#include "base/clock.h"
#include "identity/sign_in.h"
#include "server/builtin.h"
#include "server/live.h"
#include "server/sessions.h"
#include "server/work.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define RESIDENT_BEATS 5 /* beats between two looks at the worker's memory */

struct metrics {
    struct board *board;
    struct board_slot *slot;       /* NULL: the board has none for this worker */
    uint64_t before[BOARD_GAUGES]; /* what the slot's earlier workers counted */
    GPtrArray *spare;              /* rows that are not on the board */
    unsigned beats;
};

/* ---- what this worker counts ---- */

struct metrics *metrics_new(struct board *board, unsigned slot)
{
    struct metrics *metrics = g_new0(struct metrics, 1);
    metrics->board = board;
    metrics->slot = slot < BOARD_SLOTS ? &board->slots[slot] : NULL;
    metrics->spare = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; metrics->slot && i < BOARD_GAUGES; i++)
        metrics->before[i] = atomic_load_explicit(&metrics->slot->figures[i], memory_order_relaxed);
    board_tidy(board, slot);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    g_ptr_array_free(metrics->spare, TRUE);
    g_free(metrics);
}

struct board_route *metrics_route(struct metrics *metrics, const char *label)
{
    struct board_route *row =
        metrics->slot
            ? board_claim(metrics->board, (unsigned)(metrics->slot - metrics->board->slots), label)
            : NULL;
    if (row)
        return row;
    row = g_new0(struct board_route, 1);
    g_ptr_array_add(metrics->spare, row);
    return row;
}

const struct board *metrics_board(const struct metrics *metrics)
{
    return metrics->board;
}

static void set(struct metrics *metrics, enum board_figure figure, uint64_t value)
{
    if (figure < BOARD_GAUGES)
        value += metrics->before[figure];
    atomic_store_explicit(&metrics->slot->figures[figure], value, memory_order_relaxed);
}

void metrics_turn(struct metrics *metrics, const struct dispatch *dispatch)
{
    if (!metrics->slot)
        return;
    const struct http_counters *http = http_server_counters(dispatch_http(dispatch));
    const struct cache_counters *cache = cache_counters(dispatch_cache(dispatch));
    set(metrics, BOARD_ACCEPTED, http->accepted);
    set(metrics, BOARD_REQUESTS, http->requests);
    set(metrics, BOARD_REFUSED, http->refused);
    set(metrics, BOARD_TIMED_OUT, http->timed_out);
    set(metrics, BOARD_RECEIVED, http->bytes_in);
    set(metrics, BOARD_SENT, http->bytes_out);
    for (unsigned class = 1; class < 6; class ++)
        set(metrics, BOARD_STATUS_1XX + class - 1, http->status[class]);
    set(metrics, BOARD_OPEN, http->open);
    set(metrics, BOARD_IDLE, http->idle);
    set(metrics, BOARD_CACHE_HITS, cache->hits);
}

static uint64_t resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void set_store(struct metrics *metrics, struct store *store)
{
    struct store_statistics statistics = { 0 };
    store_statistics(store, &statistics);
    set(metrics, BOARD_COMMITS, statistics.commits);
    set(metrics, BOARD_STATEMENTS, statistics.statements);
    set(metrics, BOARD_FLUSHES, statistics.flushes);
    set(metrics, BOARD_CHECKPOINTS, statistics.checkpoints);
    set(metrics, BOARD_LOG_PAGES, statistics.wal_pages);
    set(metrics, BOARD_DATABASE_OPEN, statistics.connections);
    set(metrics, BOARD_DATABASE_BUSY, statistics.connections_busy);
}

/* Who asks: sessions and sign-ins. The figures of outcomes stand in their order. */
static void set_people(struct metrics *metrics, const struct dispatch *dispatch)
{
    const struct sessions_counters *sessions = sessions_counters(dispatch_sessions(dispatch));
    const struct identity *identity = dispatch_host(dispatch)->identity;
    set(metrics, BOARD_SESSIONS_KNOWN, sessions->known);
    set(metrics, BOARD_SESSIONS_READ, sessions->read);
    for (unsigned i = 0; identity && i < IDENTITY_OUTCOMES; i++)
        set(metrics, BOARD_SIGNED_IN + i, identity_sign_ins(identity, (enum identity_outcome)i));
}

void metrics_beat(struct metrics *metrics, const struct dispatch *dispatch)
{
    const struct cache_counters *cache = cache_counters(dispatch_cache(dispatch));
    if (!metrics->slot)
        return;
    metrics_turn(metrics, dispatch);
    set(metrics, BOARD_CACHE_KEPT, cache->kept);
    set(metrics, BOARD_CACHE_DROPPED, cache->dropped);
    set(metrics, BOARD_CACHE_ENTRIES, cache->entries);
    set(metrics, BOARD_CACHE_BYTES, cache->bytes);
    set(metrics, BOARD_THREADS, pool_threads(dispatch_pool(dispatch)));
    set(metrics, BOARD_WAITING, pool_waiting(dispatch_pool(dispatch)));
    set(metrics, BOARD_OUTSTANDING, dispatch_outstanding(dispatch));
    set(metrics, BOARD_STUCK, dispatch_stuck(dispatch));
    set(metrics, BOARD_STREAMS,
        dispatch_live(dispatch) ? live_streams(dispatch_live(dispatch)) : 0);
    set_people(metrics, dispatch);
    set_store(metrics, dispatch_host(dispatch)->store);
    for (size_t i = 0; i < dispatch_route_count(dispatch); i++) {
        const struct dispatch_route *route = dispatch_route_at(dispatch, i);
        bool out = route->taken_out || route->breaker.state != BREAKER_CLOSED;
        atomic_store_explicit(&route->counts->out, out, memory_order_relaxed);
    }
    if (metrics->beats++ % RESIDENT_BEATS == 0)
        set(metrics, BOARD_RESIDENT, resident_bytes());
}

void metrics_jobs_beat(struct metrics *metrics, struct store *store)
{
    if (!metrics->slot)
        return;
    set_store(metrics, store);
    if (metrics->beats++ % RESIDENT_BEATS == 0)
        set(metrics, BOARD_RESIDENT, resident_bytes());
}

/* ---- what all count ---- */

static const struct figure {
    const char *name, *type, *help;
    const char *labels;
    enum board_figure figure;
} figures[] = {
    { "portico_http_connections_accepted_total", "counter", "Connections accepted.", "",
      BOARD_ACCEPTED },
    { "portico_http_requests_total", "counter", "Requests read whole.", "", BOARD_REQUESTS },
    { "portico_http_refused_total", "counter", "Requests the parser refused.", "", BOARD_REFUSED },
    { "portico_http_timed_out_total", "counter", "Connections ended because the peer was too slow.",
      "", BOARD_TIMED_OUT },
    { "portico_http_received_bytes_total", "counter", "Bytes read.", "", BOARD_RECEIVED },
    { "portico_http_sent_bytes_total", "counter", "Bytes written.", "", BOARD_SENT },
    { "portico_http_responses_total", "counter", "Responses by first digit of the status.",
      "{class=\"1xx\"}", BOARD_STATUS_1XX },
    { "portico_http_responses_total", NULL, NULL, "{class=\"2xx\"}", BOARD_STATUS_2XX },
    { "portico_http_responses_total", NULL, NULL, "{class=\"3xx\"}", BOARD_STATUS_3XX },
    { "portico_http_responses_total", NULL, NULL, "{class=\"4xx\"}", BOARD_STATUS_4XX },
    { "portico_http_responses_total", NULL, NULL, "{class=\"5xx\"}", BOARD_STATUS_5XX },
    { "portico_http_connections", "gauge", "Open connections.", "", BOARD_OPEN },
    { "portico_http_connections_idle", "gauge", "Open connections without a request.", "",
      BOARD_IDLE },
    { "portico_live_streams", "gauge", "Open pages that are told of news.", "", BOARD_STREAMS },
    { "portico_sessions_known_total", "counter",
      "Requests of people signed in whose session was known from a moment before.", "",
      BOARD_SESSIONS_KNOWN },
    { "portico_sessions_read_total", "counter", "Sessions read from the database.", "",
      BOARD_SESSIONS_READ },
    { "portico_sign_ins_total", "counter", "Tries to sign in with a password, by how they ended.",
      "{outcome=\"signed_in\"}", BOARD_SIGNED_IN },
    { "portico_sign_ins_total", NULL, NULL, "{outcome=\"wrong\"}", BOARD_SIGN_IN_WRONG },
    { "portico_sign_ins_total", NULL, NULL, "{outcome=\"limited\"}", BOARD_SIGN_IN_LIMITED },
    { "portico_sign_ins_total", NULL, NULL, "{outcome=\"failed\"}", BOARD_SIGN_IN_FAILED },
    { "portico_pool_threads", "gauge", "Handler threads.", "", BOARD_THREADS },
    { "portico_pool_waiting", "gauge", "Requests waiting for a handler thread.", "",
      BOARD_WAITING },
    { "portico_pool_outstanding", "gauge", "Requests in handlers or waiting for one.", "",
      BOARD_OUTSTANDING },
    { "portico_pool_stuck", "gauge", "Handlers past their deadline.", "", BOARD_STUCK },
    { "portico_cache_hits_total", "counter", "Answers served from memory.", "", BOARD_CACHE_HITS },
    { "portico_cache_kept_total", "counter", "Answers taken into memory.", "", BOARD_CACHE_KEPT },
    { "portico_cache_dropped_total", "counter", "Kept answers dropped.", "", BOARD_CACHE_DROPPED },
    { "portico_cache_entries", "gauge", "Kept answers.", "", BOARD_CACHE_ENTRIES },
    { "portico_cache_bytes", "gauge", "Memory of kept answers.", "", BOARD_CACHE_BYTES },
    { "portico_store_commits_total", "counter", "Write transactions committed.", "",
      BOARD_COMMITS },
    { "portico_store_statements_total", "counter", "Statements run.", "", BOARD_STATEMENTS },
    { "portico_store_flushes_total", "counter",
      "Flushes of the log; one serves every commit that waits.", "", BOARD_FLUSHES },
    { "portico_store_checkpoints_total", "counter", "Checkpoints of the log.", "",
      BOARD_CHECKPOINTS },
    { "portico_store_log_pages", "gauge", "Pages in the write-ahead log.", "", BOARD_LOG_PAGES },
    { "portico_store_connections", "gauge", "Open database connections.", "", BOARD_DATABASE_OPEN },
    { "portico_store_connections_busy", "gauge", "Database connections in use.", "",
      BOARD_DATABASE_BUSY },
    { "process_resident_memory_bytes", "gauge",
      "Resident memory of all workers and jobs processes; what they share counts for each.", "",
      BOARD_RESIDENT },
};

static void head(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Label values escape backslash, quote and line feed. */
static void label(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            buffer_append_char(out, '\\');
        buffer_append_char(out, *text == '\n' ? ' ' : *text);
    }
}

/* One number of every route. */
struct route_family {
    const char *name, *type, *help;
    size_t member;
};

static const struct route_family route_families[] = {
    { "portico_route_failures_total", "counter", "Calls that ended with a status of 500 or more.",
      offsetof(struct board_route, failures) },
    { "portico_route_late_total", "counter", "Calls that missed their deadline.",
      offsetof(struct board_route, late) },
    { "portico_route_shed_total", "counter", "Requests answered 503 without a call.",
      offsetof(struct board_route, shed) },
    { "portico_route_out", "gauge", "Workers that do not call the route because it kept failing.",
      offsetof(struct board_route, out) },
};

static void write_routes(struct buffer *out, const struct dispatch *dispatch,
                         const struct board_route *sums, const struct route_family *family)
{
    head(out, family->name, family->type, family->help);
    for (size_t i = 0; i < dispatch_route_count(dispatch); i++) {
        const board_number *number =
            (const void *)((const unsigned char *)&sums[i] + family->member);
        buffer_printf(out, "%s{route=\"", family->name);
        label(out, dispatch_route_at(dispatch, i)->label);
        buffer_printf(out, "\"} %" PRIu64 "\n", *number);
    }
}

static void write_histogram(struct buffer *out, const char *name, const char *key,
                            const char *value, const int64_t bounds[BOARD_BUCKETS - 1],
                            const struct board_route *sum)
{
    uint64_t count = 0;
    for (unsigned b = 0; b < BOARD_BUCKETS; b++) {
        count += sum->durations[b];
        buffer_printf(out, "%s_bucket{%s=\"", name, key);
        label(out, value);
        if (b < BOARD_BUCKETS - 1)
            buffer_printf(out, "\",le=\"%g\"} %" PRIu64 "\n", (double)bounds[b] / 1e6, count);
        else
            buffer_printf(out, "\",le=\"+Inf\"} %" PRIu64 "\n", count);
    }
    buffer_printf(out, "%s_sum{%s=\"", name, key);
    label(out, value);
    buffer_printf(out, "\"} %.6f\n%s_count{%s=\"", (double)sum->duration_sum / 1e6, name, key);
    label(out, value);
    buffer_printf(out, "\"} %" PRIu64 "\n", count);
}

/* ---- jobs ---- */

static const struct {
    const char *state;
    size_t member;
} queue_states[] = {
    { "waiting", offsetof(struct board_queue, waiting) },
    { "running", offsetof(struct board_queue, running) },
    { "done", offsetof(struct board_queue, done) },
    { "failed", offsetof(struct board_queue, failed) },
    { "cancelled", offsetof(struct board_queue, cancelled) },
};

static uint64_t queue_number(const struct board_queue *queue, size_t member)
{
    const board_number *number = (const void *)((const unsigned char *)queue + member);
    return atomic_load_explicit(number, memory_order_relaxed);
}

/* Of the whole queue, as the jobs process that looked last saw it. */
static void write_queue(struct buffer *out, const struct board_queue *queue)
{
    uint64_t oldest = queue_number(queue, offsetof(struct board_queue, oldest));
    uint64_t now = (uint64_t)clock_now();
    uint64_t age = oldest && oldest < now ? now - oldest : 0;
    head(out, "portico_jobs", "gauge",
         "Jobs and deliveries by state; those over are kept 7 days and counted at least once a "
         "minute.");
    for (size_t i = 0; i < G_N_ELEMENTS(queue_states); i++)
        buffer_printf(out, "portico_jobs{state=\"%s\"} %" PRIu64 "\n", queue_states[i].state,
                      queue_number(queue, queue_states[i].member));
    head(out, "portico_jobs_oldest_age_seconds", "gauge",
         "How long the oldest job that is due waits.");
    buffer_printf(out, "portico_jobs_oldest_age_seconds %.6f\n", (double)age / 1e6);
}

static const struct route_family work_families[] = {
    { "portico_jobs_failures_total", "counter", "Tries that failed.",
      offsetof(struct board_route, failures) },
    { "portico_jobs_late_total", "counter", "Tries that missed their deadline.",
      offsetof(struct board_route, late) },
    { "portico_jobs_out", "gauge",
      "Jobs processes that do not run this kind because it kept crashing.",
      offsetof(struct board_route, out) },
};

static void write_work_family(struct buffer *out, const GPtrArray *list,
                              const struct board_route *sums, const struct route_family *family)
{
    head(out, family->name, family->type, family->help);
    for (guint i = 0; i < list->len; i++) {
        const struct work *work = g_ptr_array_index(list, i);
        const board_number *number =
            (const void *)((const unsigned char *)&sums[i] + family->member);
        buffer_printf(out, "%s{job=\"", family->name);
        label(out, work->label);
        buffer_printf(out, "\"} %" PRIu64 "\n", *number);
    }
}

static void write_jobs(struct buffer *out, const struct board *board,
                       const struct registry *registry)
{
    GPtrArray *list = work_list(registry);
    struct board_route *sums = g_new0(struct board_route, list->len + 1);
    write_queue(out, &board->queue);
    head(out, "portico_jobs_run_seconds", "histogram", "Running time of one try.");
    for (guint i = 0; i < list->len; i++) {
        const struct work *work = g_ptr_array_index(list, i);
        board_sum_route(board, work->label, &sums[i]);
        write_histogram(out, "portico_jobs_run_seconds", "job", work->label, work_bounds, &sums[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(work_families); i++)
        write_work_family(out, list, sums, &work_families[i]);
    g_free(sums);
    g_ptr_array_free(list, TRUE);
}

static void write_figures(struct buffer *out, const struct board_totals *totals)
{
    for (size_t i = 0; i < G_N_ELEMENTS(figures); i++) {
        const struct figure *row = &figures[i];
        if (row->type)
            head(out, row->name, row->type, row->help);
        buffer_printf(out, "%s%s %" PRIu64 "\n", row->name, row->labels,
                      totals->figures[row->figure]);
    }
}

static void write_durations(struct buffer *out, const struct dispatch *dispatch,
                            const struct board_route *sums)
{
    head(out, "portico_route_duration_seconds", "histogram", "Time in handlers.");
    for (size_t i = 0; i < dispatch_route_count(dispatch); i++)
        write_histogram(out, "portico_route_duration_seconds", "route",
                        dispatch_route_at(dispatch, i)->label, dispatch_bounds, &sums[i]);
}

void metrics_answer(struct dispatch *dispatch, struct http_exchange *exchange)
{
    struct metrics *metrics = dispatch_metrics(dispatch);
    const struct board *board = metrics_board(metrics);
    struct buffer *out = &exchange->response.body;
    size_t routes = dispatch_route_count(dispatch);
    struct board_totals totals;
    struct board_route *sums = g_new0(struct board_route, routes);
    metrics_beat(metrics, dispatch);
    board_sum(board, &totals);
    for (size_t i = 0; i < routes; i++)
        board_sum_route(board, dispatch_route_at(dispatch, i)->label, &sums[i]);
    builtin_reply(exchange, 200, MEDIA_TYPE, TEXT(""));
    head(out, "process_start_time_seconds", "gauge", "When the portal started.");
    buffer_printf(out, "process_start_time_seconds %.6f\n",
                  (double)atomic_load_explicit(&board->started, memory_order_relaxed) / 1e6);
    head(out, "portico_workers", "gauge", "Living workers.");
    buffer_printf(out, "portico_workers %" PRIu64 "\n", totals.workers);
    head(out, "portico_jobs_processes", "gauge", "Living jobs processes.");
    buffer_printf(out, "portico_jobs_processes %" PRIu64 "\n", totals.jobs);
    write_figures(out, &totals);
    write_durations(out, dispatch, sums);
    for (size_t i = 0; i < G_N_ELEMENTS(route_families); i++)
        write_routes(out, dispatch, sums, &route_families[i]);
    write_jobs(out, board, dispatch_host(dispatch)->registry);
    g_free(sums);
}
