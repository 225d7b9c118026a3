/* The empty in-memory SQLite copy of the migrated schema in which every statement is checked once:
 * does it touch a table with an audience column otherwise than through {visible TABLE}, or anything
 * that another module or the host made? */
#ifndef STORE_TWIN_H
#define STORE_TWIN_H

#include <portico/db.h>

#include <stdbool.h>

struct arena;
struct count_list;
struct store;
struct store_session;
struct twin;

struct twin *twin_new(void);
void twin_free(struct twin *twin);
/* 0, or EPERM naming table and module, or EINVAL if the statement is outside the portable subset.
 * The verdict is kept. Where no migration has run there is nothing to guard and all passes.
 * Thread-safe. */
int twin_check(struct store *store, const char *sql, const char *module,
               struct portico_error *error);
/* Whether rows of the table may be hidden from some; so too where no schema has been read.
 * Thread-safe. */
bool twin_is_guarded(struct store *store, const char *table);
/* Whether its rows may be granted to named people: it has the columns id, audience and granted.
 * Thread-safe. */
bool twin_is_granted(struct store *store, const char *table);
/* All of them, NULL behind the last, of the schema as it is now, which is read anew: another
 * process may have migrated. NULL: it cannot be read, there is none, or memory ended. Thread-safe.
 */
const char *const *twin_granted_tables(struct store *store, struct arena *arena);
/* The same of all tables with an audience column. */
const char *const *twin_shown_tables(struct store *store, struct arena *arena);
/* Whether the list is counted by the triggers whose names begin so, on this table, and by keys that
 * read as these values do: NULL ends neither. Thread-safe. */
bool twin_counts(struct store *store, const char *trigger, const struct count_list *list,
                 const struct portico_argument *values);
/* Whose the table is, as the schema was last read; NULL: not known. g_free. Thread-safe. */
char *twin_owner(struct store *store, const char *table);
/* How many migrations made the schema that statements are checked against: one that was checked
 * against another is checked again. Thread-safe. */
unsigned twin_generation(struct store *store);
/* EPERM: the table is another's or there is none; EINVAL: its rows cannot be granted. */
int twin_check_grantable(struct store *store, const char *module, const char *table,
                         struct portico_error *error);
/* EPERM: the table is another's or there is none; EINVAL: all see its rows, or they have no id. */
int twin_check_visible(struct store *store, const char *module, const char *table,
                       struct portico_error *error);
/* Holds a script to what its module may make and name; `script` is expanded, `file` is where it
 * stands. */
int twin_check_script(struct store *store, const char *module, const char *file, const char *script,
                      struct portico_error *error);
/* Whether the database itself has the table, in lower case, whatever the twin knows. */
int twin_has_table(struct store_session *session, const char *table, bool *ret_has,
                   struct portico_error *error);
/* Whether any migration has ever run. */
int twin_has_migrations(struct store_session *session, bool *ret_has, struct portico_error *error);
/* Reads the schema anew, when a store is opened and after migrations; a changed one makes all
 * verdicts be forgotten. Where it cannot be read, all stays as it was. */
int twin_renew(struct store *store, struct portico_error *error);
/* Has the database keep an image of the twin, so that the next process need not run all migrations
 * to make its own: after migrations. Where the host's migrations have not run it does nothing. */
int twin_keep(struct store *store, struct portico_error *error);

#endif
