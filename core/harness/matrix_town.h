/* The accounts of a matrix, and who asks in it: in them, above them, in their name and elsewhere.
 */
#ifndef HARNESS_MATRIX_TOWN_H
#define HARNESS_MATRIX_TOWN_H

#include "harness/bench.h"

#define SIDES 2
#define ASKERS 11

/* Where somebody belongs. The first two are the sides. */
enum asker_home {
    AT_ONE,
    AT_OTHER,
    AT_ABOVE,  /* the account above the first */
    AT_ACTING, /* a partner that acts for the first */
    AT_FORMER, /* a partner that did */
    AT_OWNER,  /* the owner's, with what is stored of them alone */
    AT_NOWHERE,
    HOMES
};

/* Who asks, and on which side: 0 and 1 are the accounts, SIDES is neither. */
struct asker {
    const char *name;
    enum asker_home home;
    int side;           /* they act in */
    bool foreign;       /* to what accounts have, wherever they do not belong */
    const char *roles;  /* in the account */
    const char *stored; /* in the owner's */
    bool staff, below, by_token;
    portico_id person;
};

struct matrix_town {
    portico_id accounts[HOMES]; /* 0: none of their own */
    struct asker askers[ASKERS];
};

/* The one who makes the rows of a side: an admin of the account. */
const struct asker *matrix_author(const struct matrix_town *town, int side);

/* Makes all of them. Negative: it is recorded what could not be made. */
int matrix_settle(struct bench *bench, bool staff_sees, struct matrix_town *town);

/* The bench's next requests are theirs. Negative: it is recorded why not. */
int matrix_act(struct bench *bench, const struct matrix_town *town, const struct asker *asker);

#endif
