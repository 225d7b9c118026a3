/* Scenarios: the jobs customers come for, measured from events. */
#ifndef PORTICO_SCENARIO_H
#define PORTICO_SCENARIO_H

#include "base.h"

/**
 * A customer job such as "get a question answered". The host listens to the named events, keeps a
 * run for each person and account (or for each `correlate`), and shows in `portico status` how many
 * start, pass each step, finish and give up. In .scenarios. Since 0.1.
 */
struct portico_scenario {
    const char *id;          /**< a word, unique in the module */
    const char *title;       /**< English source text, the customer's words */
    const char *description; /**< a sentence for admins, English source text; or NULL */
    const char *starts;   /**< event types that begin a run, separated by blanks; of any module */
    const char *finishes; /**< event types that end it well */
    /**
     * What ties events of one run together: "subject", or the name of a text or id member of the
     * events' data. The run then belongs to the person and account of the event that began it,
     * whoever did the rest. NULL: the person and account of each event.
     */
    const char *correlate;
    uint32_t abandon_hours; /**< a run without news for so long counts as given up; 0: 168 */
};

/** A step on the way. In .scenario_steps, in order. Since 0.1. */
struct portico_scenario_step {
    const char *scenario; /**< id of one of .scenarios */
    const char *id;       /**< a word, unique in the scenario */
    const char *title;    /**< English source text */
    const char *passes;   /**< event types that pass it, separated by blanks */
};

#endif
