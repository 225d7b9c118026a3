/* One hash: what is asked and what comes of it. A program without a server does it in its own
 * thread; a worker asks a process that does nothing else, over a socket (gate.h). What crosses has
 * a fixed size, so that there is nothing to parse. */
#ifndef IDENTITY_HASHER_H
#define IDENTITY_HASHER_H

#include "identity/password.h"

#define IDENTITY_HASHER_WORD "hash-passwords" /* argv[1] of such a process */

enum identity_hash_task {
    IDENTITY_HASH_MAKE = 1, /* of the password */
    IDENTITY_HASH_COMPARE   /* whether it is the password */
};

enum identity_hash_outcome {
    IDENTITY_HASH_NO, /* it is another password */
    IDENTITY_HASH_DONE,
    IDENTITY_HASH_NO_MEMORY
};

struct identity_hash_question {
    uint32_t task;
    char password[4 * IDENTITY_PASSWORD_MOST + 4]; /* UTF-8 and its NUL */
    char hash[IDENTITY_HASH_SIZE];                 /* to compare with */
};

struct identity_hash_answer {
    uint32_t outcome;
    char hash[IDENTITY_HASH_SIZE]; /* the one made */
};

/* False: the question is none. sodium_init was called. */
bool identity_hasher_answer(const struct identity_hash_question *question,
                            struct identity_hash_answer *ret_answer);
/* Whether the parameters of a hash are below those of the ones made here. */
bool identity_hasher_is_old(const char *hash);

/* The process: answers what is asked on standard input until that is closed; returns the exit code.
 * `main` of every program that opens a gate calls it when argv[1] is IDENTITY_HASHER_WORD. */
int identity_hasher_main(void);

#endif
