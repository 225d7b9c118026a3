/* One test in its own process: the room it runs in and what it has seen so far. */
#ifndef HARNESS_BENCH_H
#define HARNESS_BENCH_H

#include "harness/harness.h"
#include "module/call.h"
#include "server/dispatch.h"
#include "server/room.h"

#define BENCH_MAGIC 0x62656e63u
#define BENCH_REQUESTS_MAX 512
/* 2026-01-15T12:00:00Z */
#define BENCH_TIME INT64_C(1768478400000000)

/* Shared with the parent, which reads it after the child ended, in whatever way. */
struct bench_shared {
    struct server_page page;
    /* Statuses of a plain run, for the failing ones to be held against. */
    uint32_t statuses[BENCH_REQUESTS_MAX];
    uint32_t status_count;
    uint64_t allocations; /* made in the module's calls, by tables.h */
};

/* What a child tells its parent: one letter, a text, and RECORD_END. */
enum record {
    RECORD_FAILURE = 'F',   /* a check of the test did not hold */
    RECORD_VIOLATION = 'V', /* the module broke a rule of the host */
    RECORD_REFUSED = 'R',   /* the room did not open */
    RECORD_NOTE = 'N',
    RECORD_RETURNED = 'T', /* the test's function returned */
    RECORD_ENDED = 'E',    /* all was shut down */
};
#define RECORD_END '\x1e'

/* The last answer. Texts in the bench's arena. */
struct bench_answer {
    unsigned status;
    struct http_field *fields;
    size_t field_count;
    struct text body;
    const struct value *json; /* once asked for */
    bool json_read;
    void *page; /* the parsed HTML, once asked for; elements.c */
};

struct bench {
    struct portico_bench public; /* must be first */
    uint32_t magic;
    const struct harness_options *options;
    const struct portico_test *test;
    enum harness_mode mode;
    uint64_t fail_at; /* HARNESS_FAILING: which allocation; 0: none */
    struct bench_shared *shared;
    int report; /* where records go */
    char *directory;
    struct arena *arena;
    struct room room;
    struct module *module;
    struct event_base *base;
    struct board *board;
    struct metrics *metrics;
    struct dispatch *dispatch;
    struct http_server *http;
    struct viewer *viewer;
    const char *locale;
    int64_t acting, acting_in; /* as a person, in an account; 0: a viewer of the test's making */
    int64_t session;           /* of whoever asks, where it carries something; else 0 */
    bool by_token;             /* they come by an access token */
    struct call *call;         /* of the test's own context; NULL: not asked for yet */
    struct bench_answer answer;
    unsigned requests;
    struct portico_error message;
};

extern const struct portico_test_api bench_api;

void bench_record(const struct bench *bench, enum record record, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A viewer in the bench's arena, from what the test asked for. */
struct viewer *bench_viewer(struct bench *bench, const struct portico_test_viewer *wanted);
/* From now on requests come from this viewer, and the test's own context is theirs. */
void bench_view_as(struct bench *bench, struct viewer *viewer);
/* Opens the room in the bench's directory: config, migrations, modules, loop. */
int bench_open(struct bench *bench, struct buffer *report);
/* Stops the modules and closes all but the arena. */
void bench_close(struct bench *bench);
/* The child's whole life; returns its exit code. */
int bench_run(struct bench *bench);

/* request.c */
uint32_t bench_send(struct portico_bench *public, const struct portico_test_request *request);

/* elements.c: what selectors find in the last answer. */
size_t elements_count(struct bench *bench, const char *selector);
const char *elements_text(struct bench *bench, const char *selector, size_t index);
const char *elements_attribute(struct bench *bench, const char *selector, size_t index,
                               const char *name);
void elements_forget(struct bench *bench);

/* surroundings.c: the context of the test itself, opened when first asked for. */
struct portico_context *bench_context(struct portico_bench *public);
void bench_end_context(struct bench *bench);
/* What it reads from now on is what the calls before have left. */
void bench_renew_context(const struct bench *bench);

static inline struct bench *bench_of(struct portico_bench *public)
{
    struct bench *bench = (struct bench *)public;
    if (!bench || bench->magic != BENCH_MAGIC)
        call_stale_handle("test bench");
    return bench;
}

#endif
