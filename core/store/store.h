/* The database interface: one session per call, typed parameters, rows as values. SQLite or
 * PostgreSQL. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/value.h"

#include <portico/db.h>

struct store;
struct store_session;

enum store_kind { STORE_SQLITE, STORE_POSTGRES };

struct store_options {
    const char *url;          /* "sqlite:PATH" or "postgresql://…" (libpq URI without password) */
    const char *password;     /* of the PostgreSQL user; NULL: none */
    const char *directory;    /* private directory for lock files and the poison mark (0700) */
    unsigned connections;     /* most connections of this process; 0: one a thread on SQLite, 8 on
                                 PostgreSQL */
    int64_t transaction_time; /* deadline of a write transaction, µs; 0: 2 s */
    int64_t statement_time;   /* deadline of a statement; 0: 10 s */
    int64_t connect_time;     /* PostgreSQL: for the server to take a connection; 0: 2 s */
    bool one_flush_a_commit;  /* bench peer: flush inside every commit */
};

int store_open(const struct store_options *options, struct store **ret_store,
               struct portico_error *error);
void store_close(struct store *store); /* accepts NULL; no checkpoint */
enum store_kind store_kind(const struct store *store);
/* 0, or negative with the sentence for /readyz (poisoned log, server unreachable). */
int store_health(struct store *store, struct portico_error *error);

/* One process alone heals a poisoned log: it opens the database with nobody else there, lets SQLite
 * verify what reached the disk, checks integrity and clears the mark. EBUSY while another process
 * has it open; 0 if there was nothing to heal. PostgreSQL heals itself: always 0. */
int store_recover(const struct store_options *options, struct portico_error *error);
/* Returns once everything this process committed or read so far is on disk: call it before an
 * effect leaves (mail, webhook, stream). */
int store_settle(struct store *store, struct portico_error *error);

/* Figures for /metrics, of this process. */
struct store_statistics {
    uint64_t commits;
    uint64_t statements;
    uint64_t flushes;     /* SQLite: one serves every commit that waited for it */
    uint64_t checkpoints; /* SQLite */
    uint64_t wal_pages;   /* SQLite: length of the log */
    unsigned connections;
    unsigned connections_busy;
};
void store_statistics(struct store *store, struct store_statistics *ret_statistics);

/* Audiences up to this id are the same in every portal; those of accounts have others. */
#define STORE_AUDIENCE_FIXED 15
/* Most audiences of one viewer: a page's time grows with them. */
#define STORE_AUDIENCES_MAX 1024

/* Who a session acts for: the audiences whose rows it may see. Borrowed while the session lives. */
struct store_viewer {
    const int64_t *audiences; /* sorted */
    size_t audience_count;
    int64_t person;     /* sees what was granted to them by name; 0: nobody */
    bool every_account; /* sees rows of every audience above STORE_AUDIENCE_FIXED too */
    bool looks;         /* reads only: whatever would change something is refused */
    bool in_place;      /* somebody else looks in the person's place: not at what is theirs alone,
                         * nor at what was shown to them by name, so that `person` is 0 */
    bool all;           /* the host itself, in jobs and deliveries: no row is hidden */
};
extern const struct store_viewer store_viewer_everyone;
/* What is said to whoever only looks. */
#define STORE_LOOKS_ONLY                                                                           \
    "You only look here, and nothing is changed while you do. Leave first, and do it then."
/* Whether rows of the audience are shown to the viewer; what was granted by name is not asked. */
bool store_viewer_sees(const struct store_viewer *viewer, int64_t audience);
extern const struct store_viewer store_viewer_host;

/* A session is one call's database: used by one thread, ended with the call. Takes its connection
 * when first used; on SQLite it renews the read snapshot then. Rows are made in `arena`. */
struct store_session *store_session_new(struct store *store, struct arena *arena,
                                        const struct store_viewer *viewer, const char *module);
/* Rolls back what is open (and says so in the log), closes cursors, returns the connection. NULL is
 * fine. */
void store_session_end(struct store_session *session);
/* Whether a cursor of it is open. */
bool store_has_cursors(const struct store_session *session);
struct store *store_session_store(const struct store_session *session);
struct arena *store_session_arena(const struct store_session *session);
const struct store_viewer *store_session_viewer(const struct store_session *session);

int store_query(struct store_session *session, const char *sql,
                const struct portico_argument *arguments, size_t count, struct value **ret_rows,
                struct portico_error *error);
int store_execute(struct store_session *session, const char *sql,
                  const struct portico_argument *arguments, size_t count, int64_t *ret_changed,
                  struct portico_error *error);
int store_begin(struct store_session *session, struct portico_error *error);
int store_commit(struct store_session *session, struct portico_error *error);
void store_rollback(struct store_session *session);
bool store_in_transaction(const struct store_session *session);

/* Whether the last EINVAL was for a value that was given or calculated: the statement is right. */
bool store_refused_value(const struct store_session *session);

struct store_cursor;

/* Only a rollback is left in the open transaction: every later statement is refused with `reason`,
 * a whole sentence. */
void store_doom(struct store_session *session, const char *reason);

/* In whose name a session's statements are from now on, and what was before. The host's own
 * statements in a module's session (queue, events, personal data) run as "core": a module may not
 * touch portico_* tables, the host may. Turns nest; each ends before the function that began it
 * returns. */
struct store_turn {
    char module[64];
    struct store_cursor *cursors;
    bool lent;
};
void store_session_as(struct store_session *session, const char *module,
                      struct store_turn *ret_turn);
/* As store_session_as, for other module code in the open transaction: it can neither commit it nor
 * begin one, its rollback dooms the transaction, and its cursors are closed with the turn. */
void store_session_lend(struct store_session *session, const char *module,
                        struct store_turn *ret_turn);
void store_session_back(struct store_session *session, const struct store_turn *turn);
/* store_query and store_execute as "core": one statement of the host's own in whoever's session. */
int store_host_query(struct store_session *session, const char *sql,
                     const struct portico_argument *arguments, size_t count,
                     struct value **ret_rows, struct portico_error *error);
int store_host_execute(struct store_session *session, const char *sql,
                       const struct portico_argument *arguments, size_t count, int64_t *ret_changed,
                       struct portico_error *error);

/* Calls `done(data)` once the open transaction has committed, on the committing thread; not at all
 * if it does not. The same pair is kept once. */
void store_on_commit(struct store_session *session, void (*done)(void *data), void *data);

/* Has the open transaction do this as the last thing before its commit, in the order asked for: for
 * rows that every writer waits for, so that nobody holds them while it waits for others. If it
 * fails, the commit does, and nothing was done. ENOMEM. */
int store_before_commit(struct store_session *session,
                        int (*write)(struct store_session *session, void *data,
                                     struct portico_error *error),
                        void *data, struct portico_error *error);

/* The open transaction takes something from view that others may be shown from what was kept: once
 * it has committed, the edition is another. */
void store_outdate(struct store_session *session);
/* The edition as the session reads it: what was read after it, while it stays the same, may be
 * shown to whoever might see it then. */
int store_edition(struct store_session *session, int64_t *ret_edition, struct portico_error *error);

/* Whether rows of the table may be granted to named people by whom the session works for: EPERM if
 * it is not theirs, EINVAL if it has not the columns id, audience and granted. */
int store_check_grantable(struct store_session *session, const char *table,
                          struct portico_error *error);

/* Whether the table has rows that some see and others not, and belongs to whom the session works
 * for: EPERM if it is not theirs, EINVAL if it has not the columns id and audience. */
int store_check_visible(struct store_session *session, const char *table,
                        struct portico_error *error);

/* The names of all tables whose rows may be granted to named people, NULL behind the last; in the
 * session's arena. The schema is read anew for it; NULL: it cannot be, or memory ended. */
const char *const *store_granted_tables(struct store_session *session);
/* The same of all tables with an audience column. */
const char *const *store_shown_tables(struct store_session *session);

/* From now on every transaction of the session calls `check` first, under its own locks, and fails
 * with what that returns; changes outside a transaction get one. `data` lives as long as the
 * session. */
void store_session_guard(struct store_session *session,
                         int (*check)(struct store_session *session, void *data,
                                      struct portico_error *error),
                         void *data);

int store_cursor_open(struct store_session *session, const char *sql,
                      const struct portico_argument *arguments, size_t count,
                      struct store_cursor **ret_cursor, struct portico_error *error);
/* 1 with a row object valid until the next call, 0 at the end, negative. */
int store_cursor_next(struct store_cursor *cursor, struct value **ret_row,
                      struct portico_error *error);
void store_cursor_close(struct store_cursor *cursor);

int store_page(struct store_session *session, const struct portico_page_query *query,
               struct portico_page *ret_page, struct portico_error *error);

/* How many rows a visible list has: of `query`, what stands in `columns`, `order`, `cursor` and
 * `limit` is not looked at. Exact where its table and key are declared (count.h); else exact to
 * 1,000, and then `ret_more`. */
int store_page_count(struct store_session *session, const struct portico_page_query *query,
                     int64_t *ret_count, bool *ret_more, struct portico_error *error);
/* Adds up what was noted of counted lists, at most so many notes in a transaction of its own. How
 * many they were. One at a time. */
int store_count_fold(struct store_session *session, unsigned most, struct portico_error *error);

/* How `:html` columns are opened: set once by the page room (a floor above) before any session.
 * Returns the html of sealed text, in the arena; NULL: memory ended. */
void store_set_html_opener(struct value *(*open)(struct arena *arena, const char *text,
                                                 size_t length));

#endif
