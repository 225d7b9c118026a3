/* The tables that a module under test sees: they count, fail and end early as its mode asks, and
 * hand everything else to the host's own. */
#ifndef HARNESS_TABLES_H
#define HARNESS_TABLES_H

#include "harness/bench.h"

/* Before the room opens. `uses`: what the module under test needs, which even an older host has.
 * `fail_at`: which allocation fails, from 1; 0: none. */
void tables_install(const struct bench *bench, const struct uses *uses, bool older,
                    uint64_t fail_at);
/* Calls of the module begin and end: only between them allocations count. They nest. */
void tables_enter(void);
void tables_leave(void);
uint64_t tables_allocations(void);
/* True once, after the allocation failed. */
bool tables_failed(void);
/* Records what a call of the module left open, and forgets it. `what`: "GET /notes". */
void tables_check(const struct bench *bench, const char *what);

/* Where a table ended before what follows `member`. */
#define END_OF(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))
/* One of the host's tables, ours, and where it ended before its last minor; 0: it has one alone. */
struct tables_shown {
    const void *host;
    void *own;
    const char *name;
    size_t before;
};
/* False: what the module calls by `name` is the allocation that fails. */
bool tables_grant(const char *name);
int tables_no_memory(struct portico_error *error);

/* tables_people.c: forms, files, people, accounts, audiences, notices and limits. */
#define TABLES_PEOPLE 9
extern const struct tables_shown tables_people[TABLES_PEOPLE];
void tables_people_replace(void);

#endif
