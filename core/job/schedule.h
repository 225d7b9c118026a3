/* When a scheduled job is due: "every 15min" or five fields as crontab(5) has them, UTC. */
#ifndef JOB_SCHEDULE_H
#define JOB_SCHEDULE_H

#include "store/store.h"

struct schedule {
    int64_t every;    /* µs; 0: the fields below */
    uint64_t minutes; /* bit per minute */
    uint32_t hours, days, months, weekdays;
    bool any_day, any_weekday; /* "*": the other of the two decides, as in crontab(5) */
};
/* EINVAL with a sentence that quotes the wrong part; also for one that never comes (31 February).
 */
int schedule_parse(const char *text, struct schedule *ret_schedule, struct portico_error *error);
/* The first time after `time`. "every" counts from 1970, so that all processes agree. */
int64_t schedule_next(const struct schedule *schedule, int64_t time);

/* One line of `schedule_due`. */
struct schedule_entry {
    const char *module, *name, *text;
    struct schedule schedule;
    unsigned attempts;
};
/* Queues what is due, once over all processes; missed times count as one. One call does so much and
 * no more, for its caller has leases to renew: then `ret_next` is `now`, and the rest is done by
 * the next call. Otherwise it is when the next is due. Rows of entries that no process has had for
 * a week after they were due are removed. */
int schedule_run(struct store_session *session, const struct schedule_entry *entries, size_t count,
                 int64_t now, int64_t *ret_next, struct portico_error *error);

#endif
