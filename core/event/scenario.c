#include "event/scenario.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>

#define RUNS "{unfiltered the host's own measurement} "
#define CORRELATION_MAX 200
#define ABANDON_HOURS 168u
#define HOUR INT64_C(3600000000)
#define BLANKS " \t\r\n"

/* Adds those of `types` that `so_far` lacks. NULL: memory ended. */
static const char *add_types(const char *so_far, const char *types, struct arena *arena)
{
    for (const char *at = types ? types + strspn(types, BLANKS) : ""; so_far && *at;
         at += strspn(at, BLANKS)) {
        size_t length = strcspn(at, BLANKS);
        const char *type = arena_strndup(arena, at, length);
        if (!type)
            return NULL;
        bool there = false;
        for (const char *old = so_far; *old && !there; old += strspn(old, BLANKS)) {
            size_t old_length = strcspn(old, BLANKS);
            there = old_length == length && memcmp(old, type, length) == 0;
            old += old_length;
        }
        if (!there)
            so_far = arena_printf(arena, "%s%s%s", so_far, *so_far ? " " : "", type);
        at += length;
    }
    return so_far;
}

const char *scenario_types(const struct scenario_entry *entries, size_t count, struct arena *arena)
{
    const char *types = "";
    for (size_t i = 0; i < count; i++) {
        types = add_types(types, entries[i].scenario->starts, arena);
        types = types ? add_types(types, entries[i].scenario->finishes, arena) : NULL;
        for (size_t s = 0; types && s < entries[i].step_count; s++)
            if (scenario_has_step(&entries[i], &entries[i].steps[s]))
                types = add_types(types, entries[i].steps[s].passes, arena);
        if (!types)
            return NULL;
    }
    return types;
}

static bool names(const char *types, const char *type)
{
    return types && event_matches(types, type);
}

/* What ties the event to a run, "" if nothing does. */
static void correlate(const struct portico_scenario *scenario, const struct event_record *event,
                      char ret_key[CORRELATION_MAX + 1])
{
    const char *by = scenario->correlate;
    ret_key[0] = '\0';
    if (!by) {
        if (event->person || event->account)
            snprintf(ret_key, CORRELATION_MAX + 1, "person/%" PRId64 "/account/%" PRId64,
                     event->person, event->account);
        return;
    }
    if (strcmp(by, "subject") == 0) {
        snprintf(ret_key, CORRELATION_MAX + 1, "%s", event->subject ? event->subject : "");
        return;
    }
    const struct value *member = event->data ? value_get(event->data, text_of(by)) : NULL;
    if (member && member->kind == PORTICO_TEXT && member->count <= CORRELATION_MAX)
        snprintf(ret_key, CORRELATION_MAX + 1, "%s", member->text);
    else if (member && (member->kind == PORTICO_INTEGER || member->kind == PORTICO_ID))
        snprintf(ret_key, CORRELATION_MAX + 1, "%" PRId64, member->integer);
}

/* One event on its way through one scenario. */
struct taking {
    struct store_session *session;
    const struct scenario_entry *entry;
    const struct event_record *event;
    const char *key;
    int64_t run; /* the open one; 0: none */
    struct portico_error *error;
};

/* The same for each delivery of the event: a second one finds the run it began. */
static int64_t run_id(const struct taking *taking)
{
    char text[300];
    int length = snprintf(text, sizeof text, "%" PRId64 "/%s/%s", taking->event->id,
                          taking->entry->module, taking->entry->scenario->id);
    uint64_t hash = hash_sum_of(text, (size_t)length).words[0];
    /* The id's own time and slot stay, so that runs sort as their events do. */
    return (int64_t)((uint64_t)taking->event->id & ~UINT64_C(0x3fffff)) |
           (int64_t)(hash & UINT64_C(0x3fffff));
}

static int find_run(struct taking *taking)
{
    struct value *rows;
    int code = store_host_query(
        taking->session,
        RUNS "SELECT id FROM portico_scenario_run WHERE module = ? AND scenario = ? "
             "AND correlation = ? AND state = 0",
        PORTICO_ARGS(portico_arg_text(taking->entry->module),
                     portico_arg_text(taking->entry->scenario->id), portico_arg_text(taking->key)),
        &rows, taking->error);
    if (code == 0)
        taking->run = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

/* Whether this event began a run before, even one that is over. */
static int began_before(struct taking *taking, bool *ret_began)
{
    struct value *rows;
    int code =
        store_host_query(taking->session, RUNS "SELECT id FROM portico_scenario_run WHERE id = ?",
                         PORTICO_ARGS(portico_arg_id(run_id(taking))), &rows, taking->error);
    if (code == 0)
        *ret_began = rows->count > 0;
    return code;
}

static int begin_run(struct taking *taking)
{
    const struct event_record *event = taking->event;
    int64_t id = run_id(taking), changed = 0;
    int code = store_host_execute(
        taking->session,
        RUNS "INSERT INTO portico_scenario_run "
             "(id, module, scenario, correlation, person, account, state, started, last_seen) "
             "VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(taking->entry->module),
                     portico_arg_text(taking->entry->scenario->id), portico_arg_text(taking->key),
                     portico_arg_id(event->person), portico_arg_id(event->account),
                     portico_arg_time(event->time), portico_arg_time(event->time)),
        &changed, taking->error);
    if (code == 0 && changed)
        taking->run = id;
    return code;
}

static int pass_step(struct taking *taking, const struct portico_scenario_step *step)
{
    return store_host_execute(
        taking->session,
        RUNS "INSERT INTO portico_scenario_pass (run, step, time) VALUES (?, ?, ?) "
             "ON CONFLICT (run, step) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(taking->run), portico_arg_text(step->id),
                     portico_arg_time(taking->event->time)),
        NULL, taking->error);
}

static int pass_steps(struct taking *taking)
{
    int code = 0;
    for (size_t i = 0; code == 0 && taking->run && i < taking->entry->step_count; i++) {
        const struct portico_scenario_step *step = &taking->entry->steps[i];
        if (scenario_has_step(taking->entry, step) && names(step->passes, taking->event->type))
            code = pass_step(taking, step);
    }
    return code;
}

/* News of a run: a late event does not make it older. */
static int touch_run(struct taking *taking, bool finish)
{
    const struct portico_argument time = portico_arg_time(taking->event->time);
    const struct portico_argument run = portico_arg_id(taking->run);
    if (finish)
        return store_host_execute(taking->session,
                                  RUNS "UPDATE portico_scenario_run SET state = 1, finished = ?, "
                                       "last_seen = ? WHERE id = ? AND state = 0",
                                  PORTICO_ARGS(time, time, run), NULL, taking->error);
    return store_host_execute(taking->session,
                              RUNS "UPDATE portico_scenario_run SET last_seen = ? WHERE id = ? "
                                   "AND last_seen < ?",
                              PORTICO_ARGS(time, run, time), NULL, taking->error);
}

static int continue_run(struct taking *taking)
{
    int code = pass_steps(taking);
    if (code < 0)
        return code;
    bool finishes = names(taking->entry->scenario->finishes, taking->event->type);
    code = touch_run(taking, finishes);
    if (code == 0 && finishes)
        taking->run = 0;
    return code;
}

static int take_one(struct store_session *session, const struct scenario_entry *entry,
                    const struct event_record *event, struct portico_error *error)
{
    char key[CORRELATION_MAX + 1];
    correlate(entry->scenario, event, key);
    if (!*key)
        return 0;
    struct taking taking = { session, entry, event, key, 0, error };
    bool starts = names(entry->scenario->starts, event->type), before = false;
    int code = starts ? began_before(&taking, &before) : 0;
    if (code < 0 || before)
        return code;
    code = find_run(&taking);
    if (code == 0 && taking.run)
        code = continue_run(&taking);
    if (code == 0 && !taking.run && starts) {
        code = begin_run(&taking);
        if (code == 0)
            code = pass_steps(&taking);
    }
    return code;
}

static bool concerns(const struct scenario_entry *entry, const char *type)
{
    if (names(entry->scenario->starts, type) || names(entry->scenario->finishes, type))
        return true;
    for (size_t i = 0; i < entry->step_count; i++)
        if (scenario_has_step(entry, &entry->steps[i]) && names(entry->steps[i].passes, type))
            return true;
    return false;
}

static int take_all(struct store_session *session, const struct scenario_entry *entries,
                    size_t count, const struct event_record *event, struct portico_error *error)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        if (concerns(&entries[i], event->type))
            code = take_one(session, &entries[i], event, error);
    return code;
}

int scenario_take(struct store_session *session, const struct scenario_entry *entries, size_t count,
                  const struct event_record *event, struct portico_error *error)
{
    if (store_in_transaction(session))
        return take_all(session, entries, count, event, error);
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = take_all(session, entries, count, event, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}

int scenario_abandon(struct store_session *session, const struct scenario_entry *entries,
                     size_t count, int64_t now, unsigned most, int64_t *ret_given_up,
                     struct portico_error *error)
{
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const struct portico_scenario *scenario = entries[i].scenario;
        int64_t hours = scenario->abandon_hours ? scenario->abandon_hours : ABANDON_HOURS;
        int64_t changed = 0;
        int code = store_host_execute(
            session,
            RUNS "UPDATE portico_scenario_run SET state = 2, finished = ? WHERE state = 0 "
                 "AND id IN (SELECT id FROM portico_scenario_run WHERE module = ? "
                 "AND scenario = ? AND state = 0 AND last_seen < ? ORDER BY last_seen LIMIT ?)",
            PORTICO_ARGS(portico_arg_time(now), portico_arg_text(entries[i].module),
                         portico_arg_text(scenario->id), portico_arg_time(now - hours * HOUR),
                         portico_arg_integer(most)),
            &changed, error);
        if (code < 0)
            return code;
        total += changed;
    }
    if (ret_given_up)
        *ret_given_up = total;
    return 0;
}

static int prune_runs(struct store_session *session, int64_t before, unsigned most,
                      int64_t *ret_removed, struct portico_error *error)
{
    static const char doomed[] =
        RUNS "SELECT id FROM portico_scenario_run WHERE finished < ? ORDER BY finished LIMIT ?";
    struct value *rows;
    int code = store_host_query(session, doomed,
                                PORTICO_ARGS(portico_arg_time(before), portico_arg_integer(most)),
                                &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_argument id = portico_arg_id(value_rows_at(rows, i)->integer);
        code = store_host_execute(session, RUNS "DELETE FROM portico_scenario_pass WHERE run = ?",
                                  &id, 1, NULL, error);
        if (code == 0)
            code = store_host_execute(session, RUNS "DELETE FROM portico_scenario_run WHERE id = ?",
                                      &id, 1, NULL, error);
    }
    if (code == 0 && ret_removed)
        *ret_removed = rows->count;
    return code;
}

int scenario_prune(struct store_session *session, int64_t before, unsigned most,
                   int64_t *ret_removed, struct portico_error *error)
{
    if (store_in_transaction(session))
        return prune_runs(session, before, most, ret_removed, error);
    int code = store_begin(session, error);
    if (code < 0)
        return code;
    code = prune_runs(session, before, most, ret_removed, error);
    if (code == 0)
        return store_commit(session, error);
    store_rollback(session);
    return code;
}
