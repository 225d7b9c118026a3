/* What a test does beside requests: settings, jobs, events, services, commands, importers, files.
 */
#ifndef HARNESS_SURROUNDINGS_H
#define HARNESS_SURROUNDINGS_H

#include "harness/bench.h"

/* Each as its member of struct portico_test_api says. */
int surroundings_set(struct portico_bench *public, const char *key, const char *value);
int surroundings_import(struct portico_bench *public, const char *format, const char *directory,
                        const struct portico_value **ret_report);
int surroundings_run_jobs(struct portico_bench *public);
int surroundings_deliver_again(struct portico_bench *public);
int surroundings_emit(struct portico_bench *public, const char *type, const char *subject,
                      const char *data_json);
int surroundings_call(struct portico_bench *public, const char *service, const char *method,
                      const char *arguments_json, struct portico_value **ret_result);
int surroundings_command(struct portico_bench *public, const char *words, const char **ret_output);
const char *surroundings_file(struct portico_bench *public, const char *name, const char *content);

/* people.c */
portico_id people_make(struct portico_bench *public, const struct portico_test_person *person);
const struct portico_value *people_notices(struct portico_bench *public, portico_id person);

/* town.c: companies, who belongs to them, and acting as one of these. */
portico_id town_make_account(struct portico_bench *public,
                             const struct portico_test_account *account);
int town_make_member(struct portico_bench *public, const struct portico_test_member *member);
portico_id town_make_team(struct portico_bench *public, portico_id account, const char *name,
                          const portico_id *people, size_t count);
int town_make_role(struct portico_bench *public, const struct portico_test_role *role);
int town_act(struct portico_bench *public, portico_id person, portico_id account);
int town_carry(struct portico_bench *public, const char *values_json);
/* Reads anew what the one who acts may and sees. Negative, with the bench's message: they cannot
 * act any more. */
int town_stand(struct bench *bench);
/* A session of the host's own in a test's database; end it with its arena. */
struct store_session *town_session(struct bench *bench, struct arena **ret_arena);

/* Queues what schedules have due; the first time, they begin to count. */
int surroundings_schedule(struct bench *bench);

#endif
