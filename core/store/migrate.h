/* Migrations: numbered files per module, checksummed, run under a lock by a child process. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store.h"

/* One module's migrations: `directory`/NNNN-name.before.sql and NNNN-name.after.sql. Portable SQL
 * with type tokens {id} {text} {integer} {real} {boolean} {time} {json} {blob}; statements end with
 * ";". Lines "-- sqlite:", "-- postgresql:" and "-- all:" begin a section for one database or for
 * both again; "-- count: TABLE KEY" declares a counted list (count.h). Numbers begin at 0001 and
 * have no gaps; one number may have a file of each phase. */
struct migrate_source {
    const char *module; /* "core" for the host's own */
    const char *directory;
};
enum migrate_phase { MIGRATE_BEFORE, MIGRATE_AFTER };

/* What is pending and what does not fit: a changed checksum, a gap, a database newer than the
 * files. PORTICO_ECONFLICT: the database has had other migrations than the files are. */
struct migrate_plan {
    unsigned pending;
    char newest[128];
};
int migrate_check(struct store *store, const struct migrate_source *sources, size_t count,
                  enum migrate_phase phase, struct migrate_plan *ret_plan,
                  struct portico_error *error);
/* Applies the phase under the migration lock; each file is one transaction; run again it does
 * nothing. Errors of a statement begin with "FILE:LINE: ". */
int migrate_apply(struct store *store, const struct migrate_source *sources, size_t count,
                  enum migrate_phase phase, void (*progress)(const char *module, const char *file),
                  struct portico_error *error);

/* Hands every file of a source to `visit`, path and text as they stand, in the order of their
 * numbers, `before` before `after`; stops at a negative result. */
int migrate_read(const struct migrate_source *source,
                 int (*visit)(const char *file, const char *text, void *data,
                              struct portico_error *error),
                 void *data, struct portico_error *error);

/* Inside the transaction of a migration, behind its statements: EINVAL if a view and a trigger have
 * one name, for then nobody could tell what the one reads from what the other does. */
int migrate_check_names(struct store_session *session, struct portico_error *error);

#endif
