/* The authorization matrix: every route of the module under test × who asks × whose row it is. */
#ifndef HARNESS_MATRIX_H
#define HARNESS_MATRIX_H

#include "harness/bench.h"

int matrix_run(struct portico_bench *public,
               const char *(*make)(struct portico_bench *bench, portico_id account,
                                   const char *canary),
               uint32_t flags);

/* matrix_body.c: what the route takes, made from its form or schema: all fields, each with what it
 * would take. NULL for `ret_media_type`: no body. In the arena. */
const char *matrix_body(struct arena *arena, const struct portico_module *module,
                        const struct portico_route *route, const char **ret_media_type);

#endif
