/* Stands where a portal reaches out: nothing leaves, a test sees what would have. */
#ifndef HARNESS_OUTSIDE_H
#define HARNESS_OUTSIDE_H

#include "harness/bench.h"

/* Before the room opens. What is recorded lives in the bench's arena. */
void outside_begin(struct bench *bench);
/* Each as its member of struct portico_test_api says. */
const struct portico_value *outside_mails(struct portico_bench *public);
const struct portico_value *outside_fetched(struct portico_bench *public);
void outside_answer(struct portico_bench *public, const char *url, uint32_t status,
                    const char *media_type, const void *body, size_t length);
/* The module's transaction: mail that was sent in it is recorded only if it is committed. */
void outside_transaction_begun(void);
void outside_transaction_ended(bool committed);

#endif
