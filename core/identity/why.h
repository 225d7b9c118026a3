/* Why somebody may do or see something, or not: the answer of the same standing that decides, with
 * the chain of reasons that leads to it. */
#ifndef IDENTITY_WHY_H
#define IDENTITY_WHY_H

#include "identity/giver.h"
#include "identity/grant.h"
#include "identity/standing.h"

struct identity_question {
    int64_t person;         /* 0: somebody who is not signed in */
    int64_t account;        /* in which they would act; 0: the one they act in by themselves */
    const char *permission; /* what a route asks for; or NULL, and it is about a row: */
    struct identity_object object; /* `relation` as in a statement: a module's table */
    int64_t audience;              /* the row's */
    bool granted;                  /* and whether it is shown to people by name */
    bool before_step; /* of a page that opens before a second factor was shown, such as /login */
    bool outside; /* who reads it is none of the staff: the owner's roles are not named, nor who is
                   * a member there */
};

/* One link of the chain: an English sentence with {names}, to be translated. */
struct identity_reason {
    bool good;
    const char *words;
    struct value *arguments;
};
struct identity_why {
    bool yes;
    const struct identity_reason *reasons;
    size_t count;
    /* Who could give what is lacking: those of the account first. */
    struct identity_giver givers[IDENTITY_GIVERS_MAX];
    size_t giver_count;
    bool in_account; /* a role of the account holds it, which those who look after it may give */
};

/* In the session's arena. ENOENT: no such person or account. */
int identity_why(struct identity *identity, struct store_session *session,
                 const struct identity_question *question, struct identity_why *ret_why,
                 struct portico_error *error);

#endif
