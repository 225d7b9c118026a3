/* What twin.c, which judges, and twin_make.c, which makes it, share of the twin. */
#ifndef STORE_TWIN_PARTS_H
#define STORE_TWIN_PARTS_H

#include "store/twin.h"

#include <glib.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#define TWIN_UNFILTERED "{unfiltered the check itself} "

struct statement;

/* Every table stands twice in the twin: as itself, and as portico_visible_TABLE, which takes the
 * place of {visible TABLE} and of INSERT's target. What touches the first is a direct use. */
struct twin {
    pthread_mutex_t mutex;
    sqlite3 *db;          /* NULL: not built */
    char *source;         /* what it was made from: of the migrations; NULL: not built */
    bool is_kept;         /* the database has its image */
    GHashTable *guarded;  /* tables with an audience column, and full-text tables */
    GHashTable *shown;    /* tables with an audience column */
    GHashTable *granted;  /* those of them whose rows are granted to named people too */
    GHashTable *triggers; /* whose names no view has: their tables, in lower case */
    atomic_uint generation;
    GHashTable *owners;   /* of all tables, views, indexes and triggers, in lower case: module */
    GHashTable *verdicts; /* by module and what it wrote */
    /* Of the statement being prepared: */
    const struct statement *statement;
    const char *module;
    const char *offence;  /* guarded table it touches */
    char *foreign;        /* relation or function that is not the module's; NULL: none */
    const char *stranger; /* whose that is, or NULL */
    bool calls;           /* `foreign` is a function */
};

/* Closes it and forgets what it said. With the lock held, or alone. */
void twin_forget(struct twin *twin);

#endif
