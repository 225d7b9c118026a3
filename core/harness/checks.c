/* The table `portico.test`: what a test asks of its bench. */
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "harness/bench.h"
#include "harness/matrix.h"
#include "harness/outside.h"
#include "harness/surroundings.h"

#include <inttypes.h>
#include <stdio.h>

static int check(struct portico_bench *public, const char *file, int line, int good,
                 const char *what, const char *actual, const char *expected)
{
    const struct bench *bench = bench_of(public);
    if (good)
        return 1;
    /* Where memory ends, a test may see what it did not expect; the host's rules still hold. */
    enum record record = bench->mode == HARNESS_FAILING ? RECORD_NOTE : RECORD_FAILURE;
    if (expected)
        bench_record(bench, record, "%s:%d: %s\n  is       %.700s\n  expected %.700s", file, line,
                     what, actual ? actual : "(NULL)", expected);
    else
        bench_record(bench, record, "%s:%d: %s does not hold", file, line, what);
    return 0;
}

static void note(struct portico_bench *public, const char *text)
{
    bench_record(bench_of(public), RECORD_NOTE, "%s", text ? text : "");
}

static void as(struct portico_bench *public, const struct portico_test_viewer *given)
{
    struct bench *bench = bench_of(public);
    struct portico_test_viewer viewer = { 0 };
    if (!interface_read(&viewer, sizeof viewer, given,
                        offsetof(struct portico_test_viewer, locale) + sizeof(char *))) {
        bench_record(bench, RECORD_FAILURE, "A viewer needs its size.");
        return;
    }
    struct viewer *made = bench_viewer(bench, &viewer);
    if (!made)
        return;
    bench->acting = bench->session = 0;
    bench->locale = viewer.locale ? arena_strdup(bench->arena, viewer.locale) : NULL;
    bench_view_as(bench, made);
}

static uint32_t status(struct portico_bench *public)
{
    return bench_of(public)->answer.status;
}

static const char *header(struct portico_bench *public, const char *name)
{
    const struct bench_answer *answer = &bench_of(public)->answer;
    for (size_t i = 0; name && i < answer->field_count; i++)
        if (text_equals_ignoring_case(answer->fields[i].name, text_of(name)))
            return answer->fields[i].value.data;
    return NULL;
}

static const char *body(struct portico_bench *public, size_t *ret_length)
{
    const struct bench *bench = bench_of(public);
    if (ret_length)
        *ret_length = bench->answer.body.length;
    return bench->answer.body.data;
}

static const struct portico_value *json(struct portico_bench *public)
{
    struct bench *bench = bench_of(public);
    struct bench_answer *answer = &bench->answer;
    struct value *read = NULL;
    if (!answer->json_read &&
        json_parse(bench->arena, answer->body.data, answer->body.length, &read, NULL) == 0)
        answer->json = read;
    answer->json_read = true;
    return answer->json ? value_public(answer->json) : NULL;
}

/* "items.0.title" from a value downwards. */
static const struct value *follow(const struct value *value, const char *path)
{
    while (value && *path) {
        struct text word = { path, strcspn(path, ".") };
        long long index;
        if (value->kind == PORTICO_LISTING && text_to_int64(word, &index) && index >= 0)
            value = (size_t)index < value->count ? value->items[index] : NULL;
        else
            value = value->kind == PORTICO_OBJECT ? value_get(value, word) : NULL;
        path += word.length + (path[word.length] == '.');
    }
    return value;
}

static const char *json_text(struct portico_bench *public, const char *path)
{
    struct bench *bench = bench_of(public);
    const struct portico_value *all = json(public);
    const struct value *value = all && path ? follow(value_of(all), path) : NULL;
    if (!value)
        return NULL;
    switch (value->kind) {
    case PORTICO_TEXT: return value->text;
    case PORTICO_INTEGER: return arena_printf(bench->arena, "%" PRId64, value->integer);
    case PORTICO_REAL: return arena_printf(bench->arena, "%.17g", value->real);
    case PORTICO_BOOLEAN: return value->integer ? "true" : "false";
    case PORTICO_NULL: return "null";
    default: return NULL;
    }
}

static size_t count(struct portico_bench *public, const char *selector)
{
    return elements_count(bench_of(public), selector);
}

static const char *element(struct portico_bench *public, const char *selector, size_t index)
{
    return elements_text(bench_of(public), selector, index);
}

static const char *attribute(struct portico_bench *public, const char *selector, size_t index,
                             const char *name)
{
    return elements_attribute(bench_of(public), selector, index, name);
}

static portico_time now(struct portico_bench *public)
{
    (void)bench_of(public);
    return clock_now();
}

static void set_clock(struct portico_bench *public, portico_time time)
{
    struct bench *bench = bench_of(public);
    clock_stop(time);
    if (bench->call)
        bench->call->now = time;
}

static const char *message(struct portico_bench *public)
{
    return bench_of(public)->message.message;
}

const struct portico_test_api bench_api = {
    .table = { .size = sizeof(struct portico_test_api), .major = 1, .minor = 2 },
    .check = check,
    .note = note,
    .as = as,
    .send = bench_send,
    .status = status,
    .header = header,
    .body = body,
    .json = json,
    .json_text = json_text,
    .count = count,
    .element = element,
    .attribute = attribute,
    .context = bench_context,
    .now = now,
    .set_clock = set_clock,
    .set = surroundings_set,
    .run_jobs = surroundings_run_jobs,
    .mails = outside_mails,
    .answer_fetch = outside_answer,
    .fetched = outside_fetched,
    .emit = surroundings_emit,
    .call = surroundings_call,
    .command = surroundings_command,
    .import = surroundings_import,
    .file = surroundings_file,
    .message = message,
    .deliver_again = surroundings_deliver_again,
    .make_person = people_make,
    .notices = people_notices,
    .make_account = town_make_account,
    .make_member = town_make_member,
    .make_team = town_make_team,
    .make_role = town_make_role,
    .act = town_act,
    .matrix = matrix_run,
    .carry = town_carry,
};
