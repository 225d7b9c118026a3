/* Notices: telling people in the portal and by mail what concerns them, as they chose.
 *
 * A module says what happened, and about what; the host finds out who is told: those who follow the
 * subject and those the module names, less who did it, who muted it, who may not see it, who cannot
 * sign in, and who switched this kind off. A notice is queued with the change that wants it and
 * told by a jobs process; a change rolled back told nobody. */
#ifndef PORTICO_NOTICE_H
#define PORTICO_NOTICE_H

#include "context.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_NOTICES "portico.notice"

/** Most people of portico_notice.people, and of .except. */
#define PORTICO_NOTICE_PEOPLE_MAX 1000

/** How somebody stands to a subject. Since 0.1. */
enum portico_follow_level {
    PORTICO_MUTED = -1,  /**< told nothing about it, but what names them (PORTICO_NOTICE_MENTION) */
    PORTICO_NORMAL = 0,  /**< told what names them */
    PORTICO_FOLLOWS = 1, /**< told what happens to it */
};

/** A kind of notice: one switch for the portal and one for mail in each person's settings. In
 * .notices. Since 0.1. */
struct portico_notice_kind {
    const char *name;        /**< lower-case words joined by "-"; stays the same over versions */
    const char *title;       /**< English source text: "Answers to questions I follow" */
    const char *description; /**< a sentence under it, English source text; or NULL */
    uint32_t mail;           /**< 1: by mail too until switched off; 0: by mail once switched on */
    uint32_t reserved;       /**< 0 */
};

/** How a notice behaves; combine with |. Since 0.1. */
enum portico_notice_flag {
    PORTICO_NOTICE_ONLY_NAMED = 1u << 0, /**< followers are not told, only `people` */
    /** It speaks to `people` in person, as a mention does: that they muted the subject does not
     * hold it back; switching its kind off does. */
    PORTICO_NOTICE_MENTION = 1u << 1,
};

/** What people are told. Texts are borrowed until the call returns. Since 0.1. */
struct portico_notice {
    uint32_t size;       /**< sizeof(struct portico_notice) */
    uint32_t flags;      /**< enum portico_notice_flag */
    const char *kind;    /**< one of .notices of this module */
    const char *subject; /**< what it is about, "topic/123", at most 200 bytes: its followers are
                              told; what is unread about it collapses into one notice a kind */
    /** English source text of one line, translated for each reader: "{actor} answered “{title}”".
     * `{actor}` is the name of who did it, as it is when it is read; other names stand in
     * `arguments`. */
    const char *title;
    const struct portico_value *arguments; /**< texts, numbers and times, which read as
                                                days, for {…}; or NULL */
    const char *text;         /**< what was written, plain, shown as an excerpt; or NULL */
    const char *url;          /**< path of this portal: where to look */
    portico_id audience;      /**< only people in it are told; asked again whenever it is shown or
                                   mailed. 0: `people` only, who may see it by being named */
    const portico_id *people; /**< told whether they follow or not; NULL: none */
    size_t people_count;      /**< at most PORTICO_NOTICE_PEOPLE_MAX */
    const portico_id *except; /**< not told by this one, such as those another notice names; or
                                   NULL */
    size_t except_count;      /**< at most PORTICO_NOTICE_PEOPLE_MAX */
    portico_id actor;         /**< who did it, and is not told; 0: who is signed in in this call */
    /** English source text of why it is told, without a full stop: "because you follow this
     * question". NULL: the host's words. */
    const char *reason;
    /** What below the subject it is about, a word as that: "post/456"; what
     * portico_notice_withdraw_part() takes back. NULL: the subject as a whole. */
    const char *part;
};

/** The notices of a call; see portico_notices(). Since 0.1. */
struct portico_notices;
/** `portico.notice` 1.1, remotable. Declare "portico.notice 1.0" in PORTICO_MODULE_USES, or 1.1
 * with portico_followed(). Since 0.1. */
struct portico_notice_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_notify(). */
    int (*notify)(struct portico_notices *notices, const struct portico_notice *notice,
                  struct portico_error *error);
    /** As portico_follow(). */
    int (*follow)(struct portico_notices *notices, portico_id person, const char *subject,
                  int32_t level, struct portico_error *error);
    /** As portico_following(). */
    int (*following)(struct portico_notices *notices, portico_id person, const char *subject,
                     int32_t *ret_level, struct portico_error *error);
    /** As portico_followers(). */
    int (*followers)(struct portico_notices *notices, const char *subject, int64_t *ret_count,
                     struct portico_error *error);
    /** As portico_follow_move(). */
    int (*move)(struct portico_notices *notices, const char *from, const char *into,
                struct portico_error *error);
    /** As portico_notice_seen(). */
    int (*seen)(struct portico_notices *notices, const char *subject, struct portico_error *error);
    /** As portico_notice_withdraw(). */
    int (*withdraw)(struct portico_notices *notices, const char *subject,
                    struct portico_error *error);
    /** As portico_notice_withdraw_part(). */
    int (*withdraw_part)(struct portico_notices *notices, const char *subject, const char *part,
                         struct portico_error *error);
    /** As portico_followed(). Since 1.1. */
    int (*followed)(struct portico_notices *notices, portico_id person, const char *prefix,
                    const char *after, uint32_t most, struct portico_value **ret_rows,
                    struct portico_error *error);
};
/** Public head: its table. */
struct portico_notices {
    const struct portico_notice_api *api; /**< what can be done with it */
};

/** The notices of this call, or NULL if the module did not declare "portico.notice 1.0". Borrowed;
 * the calling thread's. Since 0.1. */
#define portico_notices(handle)                                                                    \
    ((struct portico_notices *)portico_interface((handle), PORTICO_NOTICES, 1))

/**
 * Tells people, in the open transaction of this call's database or in one of its own: after the
 * commit, by a jobs process. Never waits for it. EINVAL: no kind of this module, or a text, path or
 * argument that is none; ELIMIT: too many people, or its texts are longer than 64 KiB together.
 * Handler thread, as all below. Since 0.1.
 */
static inline int portico_notify(struct portico_notices *notices,
                                 const struct portico_notice *notice, struct portico_error *error)
{
    return notices ? notices->api->notify(notices, notice, error) : portico_undeclared(error);
}
/** Sets how a person stands to a subject of this module, in the open transaction if there is one;
 * the same twice is as once. EINVAL: no enum portico_follow_level, or a subject that is none.
 * Since 0.1. */
static inline int portico_follow(struct portico_notices *notices, portico_id person,
                                 const char *subject, int32_t level, struct portico_error *error)
{
    return notices ? notices->api->follow(notices, person, subject, level, error)
                   : portico_undeclared(error);
}
/** How a person stands to it: PORTICO_NORMAL where nothing was said. Since 0.1. */
static inline int portico_following(struct portico_notices *notices, portico_id person,
                                    const char *subject, int32_t *ret_level,
                                    struct portico_error *error)
{
    return notices ? notices->api->following(notices, person, subject, ret_level, error)
                   : portico_undeclared(error);
}
/**
 * The subjects of this module that a person follows and whose names begin with `prefix` ("topic/"),
 * those followed last first: a list of objects "subject" (text), "changed" (time) and "place"
 * (text), at most `most` (1 to 100). `after` is the "place" of the one before the first wanted;
 * NULL: from the beginning. What they may see of it is for the module to ask. EINVAL: a place that
 * is none, or another number. ENOTSUP: the host is older. Since 0.1.
 */
static inline int portico_followed(struct portico_notices *notices, portico_id person,
                                   const char *prefix, const char *after, uint32_t most,
                                   struct portico_value **ret_rows, struct portico_error *error)
{
    if (!notices)
        return portico_undeclared(error);
    return PORTICO_HAS(notices->api, followed)
               ? notices->api->followed(notices, person, prefix, after, most, ret_rows, error)
               : PORTICO_ENOTSUP;
}
/** How many follow a subject. Since 0.1. */
static inline int portico_followers(struct portico_notices *notices, const char *subject,
                                    int64_t *ret_count, struct portico_error *error)
{
    return notices ? notices->api->followers(notices, subject, ret_count, error)
                   : portico_undeclared(error);
}
/** One subject became another, as when questions are merged: who followed or muted `from` does so
 * with `into` where they chose nothing for that. Unread notices go along. Since 0.1. */
static inline int portico_follow_move(struct portico_notices *notices, const char *from,
                                      const char *into, struct portico_error *error)
{
    return notices ? notices->api->move(notices, from, into, error) : portico_undeclared(error);
}
/** The viewer looks at the subject: what they were told about it counts as read, and mail about it
 * that has not left is not sent. For the handler of its page; writes only if there is something
 * unread. Nobody signed in: nothing happens. Since 0.1. */
static inline int portico_notice_seen(struct portico_notices *notices, const char *subject,
                                      struct portico_error *error)
{
    return notices ? notices->api->seen(notices, subject, error) : portico_undeclared(error);
}
/** Takes back everybody's notices about a subject, read or not, and mail that has not left: it is
 * gone, or no longer for those who were told. Followers stay. Since 0.1. */
static inline int portico_notice_withdraw(struct portico_notices *notices, const char *subject,
                                          struct portico_error *error)
{
    return notices ? notices->api->withdraw(notices, subject, error) : portico_undeclared(error);
}
/** The same for what names this part of the subject alone. Where its news stand for earlier ones
 * too, the notice stays for those, without its excerpt and the name of who did it. EINVAL: a part
 * that is none. Since 0.1. */
static inline int portico_notice_withdraw_part(struct portico_notices *notices, const char *subject,
                                               const char *part, struct portico_error *error)
{
    return notices ? notices->api->withdraw_part(notices, subject, part, error)
                   : portico_undeclared(error);
}

#endif
