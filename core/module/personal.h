/* Personal data of the modules of a generation and of the host: tables, and hooks beside them. */
#ifndef MODULE_PERSONAL_H
#define MODULE_PERSONAL_H

#include "module/registry.h"
#include "store/personal.h"

#include <stdio.h>

/* The host's tables first, then each module's, as their migrations make them. */
struct personal_book;
int personal_book_open(const struct registry *registry, const char *core_migrations,
                       struct personal_book **ret_book, struct portico_error *error);
void personal_book_close(struct personal_book *book); /* accepts NULL */
size_t personal_book_count(const struct personal_book *book);
const struct personal_source *personal_book_at(const struct personal_book *book, size_t index);
/* Of the host's tables it is the portal's own module, or NULL where a registry has none. */
struct module *personal_book_module(const struct personal_book *book, size_t index);

/* Everything of a person as JSON, a heading for each module and table, noted as a request that was
 * met. Like all below on a handler thread or in a program of its own, as the host itself; `session`
 * sees all rows. How many rows of tables it was. */
int personal_book_export(const struct personal_book *book, struct module_host *host,
                         struct store_session *session, int64_t person, FILE *file,
                         int64_t *ret_rows, struct portico_error *error);
/* ECONFLICT: they were merged into somebody, with whom alone they are erased. */
int personal_check_merged(struct store_session *session, int64_t person,
                          struct portico_error *error);
/* Erases the person, and whoever was merged into them, everywhere, in transactions of at most
 * `most` rows, the host's tables last. What was cut off goes on where it was; `told` as in struct
 * personal_erasure. EBUSY: events and jobs of the person are still under way and keep their data;
 * all else is erased, and once more ends it. ECONFLICT: they were merged into somebody, and are
 * erased with them alone. `ret_request` (may be NULL): the proof. */
#define PERSONAL_ERASE_JOB "erase-person" /* of the host; argument "person" */
struct personal_slices {
    unsigned most;
    void (*told)(const char *table, int64_t rows, void *data);
    void *data;
    const struct identity_act *act; /* for the log, with the beginning; NULL: it stands there */
};
int personal_book_erase(const struct personal_book *book, struct module_host *host,
                        struct store_session *session, int64_t person,
                        const struct personal_slices *slices, int64_t *ret_request,
                        struct portico_error *error);

/* What the module's hooks know, a member for each by its name,
 * in `ret_export` (an object); and their forgetting. The first failure ends it. */
int module_call_export(struct module_host *host, struct module *module, int64_t person,
                       struct value *ret_export, struct portico_error *error);
int module_call_erase(struct module_host *host, struct module *module, int64_t person,
                      struct portico_error *error);

/* Puts one person in place of another everywhere, the host's tables last; `tables` says who, and
 * how much at once. Repeatable; what was cut off goes on where it was. EBUSY: rows still come up.
 * What fails in one table or module keeps no other from its rows: the first error is returned. */
#define PERSONAL_MERGE_JOB "merge-people" /* of the host; arguments "from", "into" */
int personal_book_merge(const struct personal_book *book, struct module_host *host,
                        const struct personal_merging *tables, int64_t *ret_rows,
                        struct portico_error *error);
/* One call of a hook's merge_people: positive while more is left; 0 where it has none. */
int module_call_merge(struct module_host *host, struct module *module,
                      const struct portico_personal_hook *hook, int64_t from, int64_t into,
                      struct portico_error *error);
/* Tells of each table that is wanted, of source `index`, in which the person has rows, counted up
 * to `most`. */
int personal_book_counts(const struct personal_book *book, struct store_session *session,
                         int64_t person, unsigned most,
                         bool (*wanted)(size_t index, const struct portico_personal_table *table),
                         void (*told)(size_t index, const struct portico_personal_table *table,
                                      int64_t rows, void *data),
                         void *data, struct portico_error *error);

/* All tables, until nothing is over its time: slices of `most` rows, each its own transaction.
 * `told` hears of each table with rows (may be NULL). `must_stop` is asked after each slice (may
 * be NULL): if it is true, the rest is left for another time and the result is PORTICO_EBUSY. */
int personal_book_retain(const struct personal_book *book, struct store_session *session,
                         int64_t now, unsigned most, bool dry,
                         void (*told)(const char *module, const char *table, int64_t rows,
                                      void *data),
                         bool (*must_stop)(void *data), void *data, struct portico_error *error);

#endif
