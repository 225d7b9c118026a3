/* Two people who are one: who may merge them, what that leads to, and doing it; for the page and
 * the command alike. The rule of giving holds for everything that either of them may: whoever
 * merges them could have given it to the other. */
#ifndef PORTAL_MANAGE_MERGE_H
#define PORTAL_MANAGE_MERGE_H

#include "identity/merge.h"
#include "portal/manage.h"

#define MANAGE_MERGE_PERMISSION "portico.people.merge"
#define MANAGE_MERGE_REASON_MAX 200 /* characters */

/* The one who vanishes, the one who remains, and why; the reason is kept in the audit log. */
struct manage_merge {
    int64_t from, into;
    const char *reason;
    const char *seen; /* of manage_merge_seen, as it was confirmed; NULL: it is not compared */
};
/* Whether who asks merges people at all, and looks at these: EPERM, before anything of them is
 * shown. */
int manage_merge_open(const struct manage *manage, const struct manage_merge *merge,
                      struct portico_error *error);
/* A word for what would follow: another one once that is something else. */
int manage_merge_seen(const struct manage *manage, const struct manage_merge *merge,
                      const char **ret_seen, struct portico_error *error);
/* Whether it would be done, as things are; changes nothing. EPERM: one of them is who asks, or may
 * more than they could give; ECONFLICT: one is being erased, is merged already or just being
 * merged, may not remain, or a membership that is yet to begin would be lost; EINVAL: they are the
 * same, or there is no reason; ENOENT. The sentence, to be translated, says which. */
int manage_merge_may(const struct manage *manage, const struct manage_merge *merge,
                     struct portico_error *error);
/* Does it, tells both, records it and each right that it gave or took, for each company of theirs,
 * and queues the job `ret_job` that puts one in place of the other in the modules' rows. ECONFLICT
 * also: what would follow is not what was seen. */
int manage_merge(const struct manage *manage, const struct manage_merge *merge, int64_t *ret_job,
                 struct portico_error *error);
/* Looks once more for rows of somebody who was merged, as after a module was enabled that was not
 * while they went over. ENOENT: there is nobody of that id, or they were not merged. */
int manage_merge_again(const struct manage *manage, int64_t from, int64_t *ret_job,
                       struct portico_error *error);

#endif
