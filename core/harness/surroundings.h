/* What a test does beside requests: settings, jobs, events, services, commands, importers, files.
 */
#ifndef HARNESS_SURROUNDINGS_H
#define HARNESS_SURROUNDINGS_H

#include "harness/bench.h"

/* Each as its member of struct portico_test_api says. */
int surroundings_set(struct portico_bench *public, const char *key, const char *value);
int surroundings_import(struct portico_bench *public, const char *format, const char *directory,
                        const struct portico_value **ret_report);
const char *surroundings_file(struct portico_bench *public, const char *name, const char *content);

#endif
