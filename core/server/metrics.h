/* A worker's part of the portal's figures, and /metrics over all of them. Loop thread only. */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include "server/board.h"

struct dispatch;
struct store;
struct metrics;

/* Goes on from what the slot's last worker counted. */
struct metrics *metrics_new(struct board *board, unsigned slot);
/* Accepts NULL; the board stays. */
void metrics_free(struct metrics *metrics);
/* Where the calls of a route are counted: on the board, or where that has no room in memory that
 * nobody reads. Lives as long as the metrics. */
struct board_route *metrics_route(struct metrics *metrics, const char *label);
/* After every turn of the loop: what requests move. */
void metrics_turn(struct metrics *metrics, const struct dispatch *dispatch);
/* Now and then, and before the figures are read: everything. */
void metrics_beat(struct metrics *metrics, const struct dispatch *dispatch);
/* The same of a jobs process. */
void metrics_jobs_beat(struct metrics *metrics, struct store *store);
const struct board *metrics_board(const struct metrics *metrics);

#endif
