/* The harness of module authors: a module and its tests in one process, in the real host.
 *
 * Each test runs in a child process with a room, a database and a clock of its own. Its requests
 * enter where a connection's bytes do. The parent loads nothing but the list of tests: it starts
 * the children, ends those that hang, reads what they report and writes TAP. */
#ifndef HARNESS_HARNESS_H
#define HARNESS_HARNESS_H

#include "base/buffer.h"

#include <portico/test.h>

/* In what surroundings a test runs; it runs again for each that is asked for. */
enum harness_mode {
    HARNESS_PLAIN = 1,
    HARNESS_OLDER = 2,   /* tables end before their last minor, but for what the module needs */
    HARNESS_NEWER = 4,   /* the descriptor is larger than this host knows */
    HARNESS_FAILING = 8, /* one allocation after the other fails */
};
#define HARNESS_ALL (HARNESS_PLAIN | HARNESS_OLDER | HARNESS_NEWER | HARNESS_FAILING)

struct harness_options {
    const char *directory;    /* of the module, absolute; its name is the module's id */
    const char *tests;        /* the tests' shared object, absolute */
    const char *const *with;  /* directories of other modules, absolute; NULL-terminated */
    const char *filter;       /* only tests whose name holds it; NULL: all */
    unsigned modes;           /* of enum harness_mode */
    unsigned failures;        /* how many allocations fail at most, spread over all; 0: all */
    bool plans;               /* lists that the database would sort are violations */
    const char *database_url; /* of PostgreSQL; NULL: SQLite in memory */
    int output;               /* where TAP goes */
};

/* Runs the tests. 0: all passed; 1: some did not; negative: they could not be run. */
int harness_run(const struct harness_options *options, struct portico_error *error);

#endif
