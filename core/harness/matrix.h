/* The authorization matrix: every route of the module under test × who asks × whose row it is. */
#ifndef HARNESS_MATRIX_H
#define HARNESS_MATRIX_H

#include "harness/bench.h"

int matrix_run(struct portico_bench *public,
               const char *(*make)(struct portico_bench *bench, portico_id account,
                                   const char *canary),
               uint32_t flags);

/* "id=12 space=3": what stands behind "id=", in the arena. NULL: it is not given. */
const char *matrix_value(struct arena *arena, const char *values, struct text name);

/* matrix_body.c: what the route takes, made from its form or schema: all fields, each with what it
 * would take, or with what `values` gives it as "body:NAME=…". NULL for `ret_media_type`: no body.
 * In the arena. */
const char *matrix_body(struct arena *arena, const struct portico_module *module,
                        const struct portico_route *route, const char *values,
                        const char **ret_media_type);

/* Whether it takes a field `name` in its body, by its form or schema. */
bool matrix_takes(struct arena *arena, const struct portico_module *module,
                  const struct portico_route *route, struct text name);

#endif
