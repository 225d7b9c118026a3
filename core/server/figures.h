/* The queue's figures on the board: read often while jobs come and go, and never so often that
 * counting takes the queue's time. */
#ifndef SERVER_FIGURES_H
#define SERVER_FIGURES_H

#include "server/board.h"
#include "store/store.h"

/* Of one process that reads them; all zero: never read. */
struct figures {
    int64_t looked;  /* steady µs */
    int64_t all_due; /* steady µs: then those of jobs that are over are counted as well */
    bool moved;      /* jobs came or went since */
};

/* When they are to be read again, steady µs. */
int64_t figures_due(const struct figures *figures);
/* They were read just now, or could not be. */
void figures_looked(struct figures *figures);
int figures_read(struct figures *figures, struct store_session *session, struct board_queue *queue,
                 struct portico_error *error);

#endif
