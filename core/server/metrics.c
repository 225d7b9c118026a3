/* /metrics of one worker, in Prometheus text exposition format 0.0.4. */
#include "base/clock.h"
#include "server/builtin.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"

static void head(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(struct buffer *out, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    head(out, name, type, help);
    buffer_printf(out, "%s %" PRIu64 "\n", name, value);
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

static void write_http(struct buffer *out, const struct http_counters *http)
{
    single(out, "portico_http_connections_accepted_total", "counter", "Connections accepted.",
           http->accepted);
    single(out, "portico_http_requests_total", "counter", "Requests read whole.", http->requests);
    single(out, "portico_http_refused_total", "counter", "Requests the parser refused.",
           http->refused);
    single(out, "portico_http_timed_out_total", "counter",
           "Connections ended because the peer was too slow.", http->timed_out);
    single(out, "portico_http_received_bytes_total", "counter", "Bytes read.", http->bytes_in);
    single(out, "portico_http_sent_bytes_total", "counter", "Bytes written.", http->bytes_out);
    single(out, "portico_http_connections", "gauge", "Open connections.", http->open);
    single(out, "portico_http_connections_idle", "gauge", "Open connections without a request.",
           http->idle);
    head(out, "portico_http_responses_total", "counter", "Responses by first digit of the status.");
    for (unsigned i = 1; i < 6; i++)
        buffer_printf(out, "portico_http_responses_total{class=\"%uxx\"} %" PRIu64 "\n", i,
                      http->status[i]);
}

/* One family: `value` of every route that was called. */
static void write_routes(struct buffer *out, const struct dispatch *dispatch, const char *name,
                         const char *type, const char *help,
                         uint64_t (*value)(const struct dispatch_route *route))
{
    head(out, name, type, help);
    for (size_t i = 0; i < dispatch_route_count(dispatch); i++) {
        const struct dispatch_route *route = dispatch_route_at(dispatch, i);
        buffer_printf(out, "%s{route=\"", name);
        label(out, route->label);
        buffer_printf(out, "\"} %" PRIu64 "\n", value(route));
    }
}

static uint64_t failures_of(const struct dispatch_route *route)
{
    return route->failures;
}

static uint64_t late_of(const struct dispatch_route *route)
{
    return route->late;
}

static uint64_t shed_of(const struct dispatch_route *route)
{
    return route->shed;
}

static uint64_t out_of(const struct dispatch_route *route)
{
    return route->taken_out || route->breaker.state != BREAKER_CLOSED;
}

static void write_durations(struct buffer *out, const struct dispatch *dispatch)
{
    static const char name[] = "portico_route_duration_seconds";
    head(out, name, "histogram", "Time in handlers.");
    for (size_t i = 0; i < dispatch_route_count(dispatch); i++) {
        const struct dispatch_route *route = dispatch_route_at(dispatch, i);
        uint64_t count = 0;
        for (unsigned b = 0; b < DISPATCH_BUCKETS; b++) {
            count += route->durations[b];
            buffer_printf(out, "%s_bucket{route=\"", name);
            label(out, route->label);
            if (b < DISPATCH_BUCKETS - 1)
                buffer_printf(out, "\",le=\"%g\"} %" PRIu64 "\n", (double)dispatch_bounds[b] / 1e6,
                              count);
            else
                buffer_printf(out, "\",le=\"+Inf\"} %" PRIu64 "\n", count);
        }
        buffer_printf(out, "%s_sum{route=\"", name);
        label(out, route->label);
        buffer_printf(out, "\"} %.6f\n%s_count{route=\"", (double)route->duration_sum / 1e6, name);
        label(out, route->label);
        buffer_printf(out, "\"} %" PRIu64 "\n", count);
    }
}

static void write_store(struct buffer *out, struct store *store)
{
    struct store_statistics statistics = { 0 };
    store_statistics(store, &statistics);
    single(out, "portico_store_commits_total", "counter", "Write transactions committed.",
           statistics.commits);
    single(out, "portico_store_statements_total", "counter", "Statements run.",
           statistics.statements);
    single(out, "portico_store_flushes_total", "counter",
           "Flushes of the log; one serves every commit that waits.", statistics.flushes);
    single(out, "portico_store_checkpoints_total", "counter", "Checkpoints of the log.",
           statistics.checkpoints);
    single(out, "portico_store_log_pages", "gauge", "Pages in the write-ahead log.",
           statistics.wal_pages);
    single(out, "portico_store_connections", "gauge", "Open database connections.",
           statistics.connections);
    single(out, "portico_store_connections_busy", "gauge", "Database connections in use.",
           statistics.connections_busy);
}

static void write_cache(struct buffer *out, const struct cache_counters *cache)
{
    single(out, "portico_cache_hits_total", "counter", "Answers served from memory.", cache->hits);
    single(out, "portico_cache_kept_total", "counter", "Answers taken into memory.", cache->kept);
    single(out, "portico_cache_dropped_total", "counter", "Kept answers dropped.", cache->dropped);
    single(out, "portico_cache_entries", "gauge", "Kept answers.", cache->entries);
    single(out, "portico_cache_bytes", "gauge", "Memory of kept answers.", cache->bytes);
}

static void write_process(struct buffer *out)
{
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    single(out, "process_resident_memory_bytes", "gauge", "Resident memory of this worker.",
           (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE));
}

void metrics_answer(struct dispatch *dispatch, struct http_exchange *exchange)
{
    builtin_reply(exchange, 200, MEDIA_TYPE, TEXT(""));
    struct buffer *out = &exchange->response.body;
    struct http_server *http = dispatch_http(dispatch);
    if (http)
        write_http(out, http_server_counters(http));
    write_durations(out, dispatch);
    write_routes(out, dispatch, "portico_route_failures_total", "counter",
                 "Calls that ended with a status of 500 or more.", failures_of);
    write_routes(out, dispatch, "portico_route_late_total", "counter",
                 "Calls that missed their deadline.", late_of);
    write_routes(out, dispatch, "portico_route_shed_total", "counter",
                 "Requests answered 503 without a call.", shed_of);
    write_routes(out, dispatch, "portico_route_out", "gauge",
                 "1 while the route is not called because it kept failing.", out_of);
    single(out, "portico_pool_threads", "gauge", "Handler threads.",
           pool_threads(dispatch_pool(dispatch)));
    single(out, "portico_pool_waiting", "gauge", "Requests waiting for a handler thread.",
           pool_waiting(dispatch_pool(dispatch)));
    single(out, "portico_pool_outstanding", "gauge", "Requests in handlers or waiting for one.",
           dispatch_outstanding(dispatch));
    single(out, "portico_pool_stuck", "gauge", "Handlers past their deadline.",
           dispatch_stuck(dispatch));
    write_cache(out, cache_counters(dispatch_cache(dispatch)));
    write_store(out, dispatch_host(dispatch)->store);
    write_process(out);
}
