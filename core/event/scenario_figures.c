/* How scenarios go, for status: counted when it is asked. */
#include "event/scenario.h"

#include "base/error.h"

#define RUNS "{unfiltered the host's own measurement} "

#define OF_SCENARIO "(SELECT count(*) FROM portico_scenario_run WHERE module = ? AND scenario = ? "

/* Counts of runs by what became of them: each reads what it counts, not all that are kept. */
static int count_runs(struct store_session *session, const struct scenario_entry *entry,
                      int64_t since, struct value *figures, struct portico_error *error)
{
    static const char *const columns[] = { "started", "finished", "given_up", "open" };
    const struct portico_argument module = portico_arg_text(entry->module);
    const struct portico_argument scenario = portico_arg_text(entry->scenario->id);
    const struct portico_argument from = portico_arg_time(since);
    struct value *rows;
    int code =
        store_host_query(session,
                         RUNS "SELECT " OF_SCENARIO "AND started >= ?), " OF_SCENARIO
                              "AND finished >= ? AND state = 1), " OF_SCENARIO
                              "AND finished >= ? AND state = 2), " OF_SCENARIO "AND state = 0)",
                         PORTICO_ARGS(module, scenario, from, module, scenario, from, module,
                                      scenario, from, module, scenario),
                         &rows, error);
    for (size_t i = 0; code == 0 && i < sizeof columns / sizeof *columns; i++)
        value_set_integer(figures, columns[i], value_rows_at(rows, 0)[i].integer);
    return code;
}

/* Of those finished in the period: the middle one, in minutes. */
static int add_median(struct store_session *session, const struct scenario_entry *entry,
                      int64_t since, struct value *figures, struct portico_error *error)
{
    int64_t finished = portico_get_integer(value_public(figures), "finished", 0);
    struct value *rows;
    if (finished == 0)
        return 0;
    int code = store_host_query(
        session,
        RUNS "SELECT finished - started FROM portico_scenario_run WHERE module = ? "
             "AND scenario = ? AND state = 1 AND finished >= ? "
             "ORDER BY finished - started, id LIMIT 1 OFFSET ?",
        PORTICO_ARGS(portico_arg_text(entry->module), portico_arg_text(entry->scenario->id),
                     portico_arg_time(since), portico_arg_integer((finished - 1) / 2)),
        &rows, error);
    if (code < 0 || rows->count == 0)
        return code;
    double minutes = (double)value_rows_at(rows, 0)->integer / 60e6;
    struct value *real = value_scalar(figures->arena, PORTICO_REAL, 0, minutes);
    return real && value_set(figures, TEXT("median_minutes"), real) == 0
               ? 0
               : error_set(error, PORTICO_ENOMEM, "Memory ended while scenarios were counted.");
}

static int64_t passed(const struct value *rows, const char *step)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        if (strcmp(cells[0].text, step) == 0)
            return cells[1].integer;
    }
    return 0;
}

static int add_steps(struct store_session *session, const struct scenario_entry *entry,
                     int64_t since, struct value *figures, struct portico_error *error)
{
    struct value *rows, *list = value_new(figures->arena, PORTICO_LISTING);
    int code = store_host_query(session,
                                RUNS "SELECT p.step, count(*) FROM portico_scenario_pass p "
                                     "JOIN portico_scenario_run r ON r.id = p.run "
                                     "WHERE r.module = ? AND r.scenario = ? AND r.started >= ? "
                                     "GROUP BY p.step",
                                PORTICO_ARGS(portico_arg_text(entry->module),
                                             portico_arg_text(entry->scenario->id),
                                             portico_arg_time(since)),
                                &rows, error);
    if (code < 0)
        return code;
    bool whole = list != NULL;
    for (size_t i = 0; whole && i < entry->step_count; i++) {
        const struct portico_scenario_step *step = &entry->steps[i];
        if (!scenario_has_step(entry, step))
            continue;
        struct value *row = value_new(figures->arena, PORTICO_OBJECT);
        whole = row && value_set_text(row, "id", step->id) == 0 &&
                value_set_text(row, "title", step->title) == 0 &&
                value_set_integer(row, "passed", passed(rows, step->id)) == 0 &&
                value_append(list, row) == 0;
    }
    return whole && value_set(figures, TEXT("steps"), list) == 0
               ? 0
               : error_set(error, PORTICO_ENOMEM, "Memory ended while scenarios were counted.");
}

int scenario_figures(struct store_session *session, const struct scenario_entry *entries,
                     size_t count, int64_t now, struct value **ret_figures,
                     struct portico_error *error)
{
    struct arena *arena = store_session_arena(session);
    struct value *list = value_new(arena, PORTICO_LISTING);
    int64_t since = now - SCENARIO_PERIOD;
    for (size_t i = 0; i < count; i++) {
        struct value *row = list ? value_new(arena, PORTICO_OBJECT) : NULL;
        if (!row || value_append(list, row) < 0 ||
            value_set_text(row, "module", entries[i].module) < 0 ||
            value_set_text(row, "id", entries[i].scenario->id) < 0 ||
            value_set_text(row, "title", entries[i].scenario->title) < 0)
            return error_set(error, PORTICO_ENOMEM, "Memory ended while scenarios were counted.");
        int code = count_runs(session, &entries[i], since, row, error);
        if (code == 0)
            code = add_median(session, &entries[i], since, row, error);
        if (code == 0)
            code = add_steps(session, &entries[i], since, row, error);
        if (code < 0)
            return code;
    }
    if (!list)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while scenarios were counted.");
    *ret_figures = list;
    return 0;
}
