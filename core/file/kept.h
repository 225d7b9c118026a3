/* Files that are kept: rows of portico_file, which say whose a content is and who may see it. */
#ifndef FILE_KEPT_H
#define FILE_KEPT_H

#include "file/blob.h"

#include <stdbool.h>

#define KEPT_SUBJECT_MAX 200
#define KEPT_LOOSE_MAX 100                            /* files of a person that belong to nothing */
#define KEPT_LOOSE_BYTES (INT64_C(200) * 1024 * 1024) /* and their bytes */
#define KEPT_LOOSE_TIME (INT64_C(24) * 3600 * 1000000) /* µs after which they go */

struct kept_file {
    int64_t id;
    int64_t person; /* who sent it; 0: nobody, or not known any more */
    const char *module;
    const char *subject;  /* NULL: it belongs to nothing yet */
    int64_t audience;     /* 0: only who sent it */
    const char *relation; /* the table of a row whose readers alone see it, and not its audience or
                             sender; a table without audiences has none; NULL: none */
    int64_t object;       /* that row's id */
    const char *hash, *media_type, *name;
    int64_t bytes;
    uint32_t width, height, frames; /* 0: no image */
    int64_t created;
};

/* Adds a row, in the open transaction if there is one; `id` and `created` are the caller's. EINVAL:
 * nobody could see it, or its subject is none; ELIMIT: too much that belongs to nothing. */
int kept_add(struct store_session *session, const struct kept_file *file,
             struct portico_error *error);
/* ENOENT; its texts lie in the session's arena. */
int kept_find(struct store_session *session, int64_t id, struct kept_file *ret_file,
              struct portico_error *error);
/* ENOENT: the session's viewer may not see it. One with a row is seen by whoever sees the row as it
 * is now, by name too; any other by who sent it and who is in its audience. */
int kept_see(struct store_session *session, const struct kept_file *file,
             struct portico_error *error);
/* What belongs to nothing, or to this subject already, becomes part of it. ENOENT; EPERM: another
 * person's, another subject's or another module's. What the portal itself took in (module
 * "portico"), as images in a text are, may become any module's. */
int kept_assign(struct store_session *session, const char *module, int64_t person, int64_t id,
                const char *subject, int64_t audience, struct portico_error *error);
/* How many files of a subject there are, after changing their audience, giving them to the readers
 * of a row, or removing them. The row is one of a table of the module's with the columns id and
 * audience; EPERM, EINVAL: it is not; ENOENT: there is no such row. */
int kept_show(struct store_session *session, const char *module, const char *subject,
              int64_t audience, struct portico_error *error);
int kept_follow(struct store_session *session, const char *module, const char *subject,
                const char *relation, int64_t object, struct portico_error *error);
int kept_drop(struct store_session *session, const char *module, const char *subject,
              struct portico_error *error);
/* Removes at most `most` rows that belonged to nothing before `before` (µs), and those that nobody
 * can see. How many. */
int kept_prune(struct store_session *session, int64_t before, unsigned most,
               struct portico_error *error);
/* Removes at most `most` files of rows that are gone, in transactions of its own: how many. A table
 * that cannot be asked keeps its files and holds up no other: its error is told behind them. */
int kept_sweep(struct store_session *session, unsigned most, struct portico_error *error);

#endif
