/* Scenarios: customer jobs, followed from the events that begin, pass and end them.
 *
 * The host listens to the named types as one listener of module "core", whose deliveries come in
 * order. A run is a row; a step is passed once a run; what is delivered twice counts once. */
#ifndef EVENT_SCENARIO_H
#define EVENT_SCENARIO_H

#include "event/event.h"

#include <portico/scenario.h>

#include <string.h>

/* The listener's name, of module "core"; its deliveries share one lane. */
#define SCENARIO_LISTENER "scenarios"

/* One scenario of the generation, in the order of the modules and of their lists. */
struct scenario_entry {
    const char *module;
    const struct portico_scenario *scenario;
    const struct portico_scenario_step *steps; /* all of the module; others' are passed over */
    size_t step_count;
};
static inline bool scenario_has_step(const struct scenario_entry *entry,
                                     const struct portico_scenario_step *step)
{
    return strcmp(step->scenario, entry->scenario->id) == 0;
}

/* As stored. */
enum scenario_state { SCENARIO_OPEN, SCENARIO_FINISHED, SCENARIO_GIVEN_UP };

#define SCENARIO_PERIOD INT64_C(2592000000000) /* µs that figures look back: 30 days */

/* All types that the scenarios name, each once, separated by blanks; "" if there are none. NULL:
 * memory ended. */
const char *scenario_types(const struct scenario_entry *entries, size_t count, struct arena *arena);

/* Takes one event into every scenario it belongs to, in one transaction (the open one, if there
 * is). Repeatable. */
int scenario_take(struct store_session *session, const struct scenario_entry *entries, size_t count,
                  const struct event_record *event, struct portico_error *error);

/* Gives up runs without news for longer than their scenario waits; at most `most` of each scenario.
 */
int scenario_abandon(struct store_session *session, const struct scenario_entry *entries,
                     size_t count, int64_t now, unsigned most, int64_t *ret_given_up,
                     struct portico_error *error);

/* Runs that ended before `before` are removed with what they passed; at most `most`. */
int scenario_prune(struct store_session *session, int64_t before, unsigned most,
                   int64_t *ret_removed, struct portico_error *error);

/* For status: a list of objects with "module", "id", "title", "started", "finished", "given_up" (in
 * the last 30 days), "open" (now), "median_minutes" (of those finished; absent if there are none)
 * and "steps", a list of { "id", "title", "passed" } over the runs begun in these days. */
int scenario_figures(struct store_session *session, const struct scenario_entry *entries,
                     size_t count, int64_t now, struct value **ret_figures,
                     struct portico_error *error);

#endif
