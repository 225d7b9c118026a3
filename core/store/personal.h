/* Personal data: what is declared of each table, held against the tables there are; and with it
 * what is handed out of a person, erased, and let go after its time. */
#ifndef STORE_PERSONAL_H
#define STORE_PERSONAL_H

#include "store/migrate.h"

#include <portico/personal.h>

/* The empty tables that a module's migrations leave, in memory. */
struct personal_shape;
/* Runs the files as SQLite reads them. EPERM for what is not the module's, EINVAL for what does not
 * run; the sentence names the file. A module without migrations has no tables. */
int personal_shape_new(const struct migrate_source *source, struct personal_shape **ret_shape,
                       struct portico_error *error);
void personal_shape_free(struct personal_shape *shape); /* accepts NULL */

/* Says everything that is wrong: tables that no entry names, entries that do not fit their table.
 */
void personal_check(struct personal_shape *shape, const struct portico_personal_table *tables,
                    size_t count, void (*say)(const char *sentence, void *data), void *data);

/* A module's tables, checked. */
struct personal_source {
    const char *module;
    const struct portico_personal_table *tables;
    size_t count;
    struct personal_shape *shape;
};
/* The host's own tables, and where their migrations lie. */
extern const struct portico_personal_table personal_core[];
extern const size_t personal_core_count;

/* Hands each row of the person in one table, an object in `arena`, to `row`; stops at a negative
 * result. */
int personal_export(struct store_session *session, const struct personal_source *source,
                    const struct portico_personal_table *table, int64_t person,
                    int (*row)(struct value *row, void *data, struct portico_error *error),
                    void *data, struct portico_error *error);

/* One erasure at work. */
struct personal_erasure {
    struct store_session *session;
    int64_t person;
    int64_t request;      /* the proof, of personal_request_open */
    struct value *report; /* its object: for each module how many rows each table had, so far */
    unsigned most;        /* rows of one transaction */
    /* Hears of each transaction that erased something; may be NULL. */
    void (*told)(const char *table, int64_t rows, void *data);
    void *data;
};
/* Erases the person from all tables, in the order of the list: slices of `most` rows, each a
 * transaction with what the report says of it. Cut off anywhere and repeated, it ends the same. The
 * rows of a table go together if it has no primary key, or its match looks into the table itself.
 */
int personal_erase(const struct personal_erasure *erasure, const struct personal_source *source,
                   struct portico_error *error);

/* Two people becoming one. */
struct personal_merging {
    struct store_session *session;
    int64_t from, into;
    unsigned most; /* rows of one statement, of which a transaction has at most three */
    /* Hears of each transaction that changed something, and ends it all by a negative result; may
     * be NULL. */
    int (*told)(const char *table, int64_t rows, void *data, struct portico_error *error);
    void *data;
};
/* Puts `into` in place of `from` in the columns that the tables' entries name, slice by slice;
 * where a unique key leaves room for one row, that goes which the entry says. Cut off anywhere and
 * repeated, it ends the same. A table that fails keeps no other from its rows; the first error is
 * returned. `ret_rows`: how many rows changed or went, also then; 0: nothing was left. */
int personal_merge(const struct personal_merging *merging, const struct personal_source *source,
                   int64_t *ret_rows, struct portico_error *error);
/* How many rows of one table are the person's, counted up to `most`. */
int personal_count(struct store_session *session, const struct personal_source *source,
                   const struct portico_personal_table *table, int64_t person, unsigned most,
                   int64_t *ret_rows, struct portico_error *error);

/* Rows of one table whose time is over, erased as the table says, at most `most` (in a transaction
 * of its own); `dry`: only counted. */
int personal_retain(struct store_session *session, const struct personal_source *source,
                    const struct portico_personal_table *table, int64_t now, unsigned most,
                    bool dry, int64_t *ret_rows, struct portico_error *error);

/* The proof: one row a request. One that was cut off is taken up again with what it reported, an
 * object; `ret_report` may be NULL. */
int personal_request_open(struct store_session *session, const char *kind, int64_t person,
                          int64_t *ret_id, struct value **ret_report, struct portico_error *error);
/* `finished`: it is over. */
int personal_request_note(struct store_session *session, int64_t id, const struct value *report,
                          bool finished, struct portico_error *error);
/* Events and jobs of the person that are still under way: they are erased once they are over. */
int personal_waiting(struct store_session *session, int64_t person, int64_t *ret_waiting,
                     struct portico_error *error);

#endif
