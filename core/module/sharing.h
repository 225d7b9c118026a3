/* How widely something is shared: levels as people choose them, the audience each stands for, who
 * may choose it, and what it is called. */
#ifndef MODULE_SHARING_H
#define MODULE_SHARING_H

#include "module/call.h"

#include <portico/audience.h>

/* A choice. Texts are borrowed. */
struct sharing {
    uint32_t level; /* enum portico_level */
    int64_t account;
    const char *role; /* key, of ROLE */
    int64_t team;
    int64_t person; /* of PERSON; 0: nobody */
};

/* "account"; NULL: it is no level. */
const char *sharing_word(uint32_t level);
uint32_t sharing_level(struct text word); /* 0: it is none, or none that people choose */

/* Of what the viewer may know, brought into its form: the account in place of 0 is the active one,
 * a team brings its own, the account of the staff is the staff. ENOENT, EINVAL. */
int sharing_check(struct scope *scope, struct sharing *sharing, struct portico_error *error);
/* The audience of what was checked; made if there is none yet. */
int sharing_audience(struct scope *scope, const struct sharing *sharing, int64_t *ret_audience,
                     struct portico_error *error);
/* Back, in the scope's memory; PORTICO_LEVEL_ONLY_ME of nobody's. ENOENT: none that the viewer may
 * know about. */
int sharing_look(struct scope *scope, int64_t audience, struct sharing *ret_sharing,
                 struct portico_error *error);
/* 1: the viewer may show things to it; 0: not. */
int sharing_may(struct scope *scope, const struct sharing *sharing, struct portico_error *error);
/* What the text of a choice names, for people; what is NULL is looked up. */
struct sharing_names {
    const char *account, *role, *team;
};
/* In the reader's language: "Everybody at Acme". `names` may be NULL. */
int sharing_describe(struct scope *scope, const struct sharing *sharing,
                     const struct sharing_names *names, const char **ret_words,
                     struct portico_error *error);
int sharing_account_name(struct scope *scope, int64_t account, const char **ret_name,
                         struct portico_error *error);
struct identity_role;
/* In the reader's language, if every portal has it. */
const char *sharing_role_title(struct scope *scope, const struct identity_role *role);
/* Whether the viewer sees what is shared so, without a grant. */
bool sharing_includes(const struct viewer *viewer, int64_t audience);

#endif
