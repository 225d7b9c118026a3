/* Notices: who follows what, who is told, what each was told, and by which way.
 *
 * notice_queue writes a host job with the change; the job tells people in slices, each a
 * transaction in which its place moves on, so that whoever was told is not told again. Every
 * question whether somebody may be told is notice_may_see's, asked when told, shown and mailed. */
#ifndef NOTIFY_NOTICE_H
#define NOTIFY_NOTICE_H

#include "config/keyring.h"
#include "identity/person.h"
#include "job/job.h"
#include "notify/mail.h"

#include <portico/notice.h>

#define NOTICE_JOB "notices" /* name of the host job */
#define NOTICE_SUBJECT_MAX 200
#define NOTICE_TEXTS_MAX 65000                /* of one notice, as JSON */
#define NOTICE_MAIL_EVERY INT64_C(3600000000) /* µs between mails of one kind about one subject */
#define NOTICE_KEPT (180 * 24 * INT64_C(3600000000)) /* µs after the last news */

/* EINVAL with a sentence: it is empty, too long or has control characters. */
int notice_check_subject(const char *subject, struct portico_error *error);

/* ---- notice_follow.c ---- */

int notice_follow(struct store_session *session, const char *module, int64_t person,
                  const char *subject, int level, struct portico_error *error);
int notice_following(struct store_session *session, const char *module, int64_t person,
                     const char *subject, int *ret_level, struct portico_error *error);
int notice_followers(struct store_session *session, const char *module, const char *subject,
                     int64_t *ret_count, struct portico_error *error);
/* Rows "subject changed place", as of portico_followed. */
#define NOTICE_FOLLOWED_MOST 100
int notice_followed(struct store_session *session, const char *module, int64_t person,
                    const char *prefix, const char *after, unsigned most, struct value **ret_rows,
                    struct portico_error *error);
int notice_follow_move(struct store_session *session, const char *module, const char *from,
                       const char *into, struct portico_error *error);

/* ---- notice_queue.c ---- */

/* Checks, and queues the telling in the open transaction or one of its own. `actor` stands in where
 * the notice names none. That the kind is declared has been checked. */
int notice_queue(struct store_session *session, const char *module,
                 const struct portico_notice *notice, int64_t actor, struct portico_error *error);
/* A notice out of its job's arguments; borrowed from them. */
struct notice_order {
    int64_t id; /* of the job: later ones are higher */
    const char *module, *kind, *subject, *part, *title, *excerpt, *url, *reason;
    const struct value *arguments, *people, *except;
    int64_t audience, actor;
    unsigned flags;
};
int notice_order_read(const struct job_claim *claim, struct notice_order *ret_order,
                      struct portico_error *error);

/* ---- notice_tell.c ---- */

/* What telling needs of the generation. */
struct notice_host {
    struct identity *identity;
    struct keyring *ring;   /* signs the links in mails */
    const char *portal_url; /* without trailing slash; NULL: no mail can link anywhere */
    /* The words of `module` in a language, in the session's arena. */
    const char *(*translate)(const char *module, const char *locale, const char *source,
                             const struct value *arguments, struct arena *arena, void *data);
    /* How a kind is mailed until somebody chose; false: no such kind any more. */
    bool (*kind)(const char *module, const char *kind, bool *ret_mail, void *data);
    /* In place of mail_queue; NULL: that. */
    int (*mail)(struct store_session *session, const struct mail_message *message, int64_t *ret_id,
                void *data, struct portico_error *error);
    bool (*must_stop)(void *data); /* NULL: never */
    void *data;
};
/* The whole job, in sessions guarded by the claim. EBUSY: it was to stop, and the place is kept. */
int notice_tell(struct store *store, const struct job_claim *claim, const struct notice_host *host,
                struct portico_error *error);
/* 1: somebody may be told what is for `audience` (0: for those it names): active people who see
 * that, in any account they belong to. 0: not. */
int notice_may_see(struct identity *identity, struct store_session *session,
                   const struct identity_person *person, int64_t audience,
                   struct portico_error *error);

/* ---- notice_mail.c ---- */

/* The arguments a notice was given (NULL: none), as they were before they were kept, with "actor",
 * the name of who did it. In the arena; NULL: memory ended. */
struct value *notice_arguments(const struct value *kept, const char *module, const char *actor,
                               struct arena *arena);

/* The message about a notice in words of `person`; texts in the arena. `actor` is the name of who
 * did it; NULL: nobody who is still known. */
int notice_write_mail(const struct notice_order *order, const struct identity_person *person,
                      const char *actor, int64_t notice, int64_t repeats, bool follows,
                      const struct notice_host *host, struct arena *arena,
                      struct mail_message *ret_message, struct portico_error *error);
/* Asked when a message about a notice is about to leave: it is still there, unread, not taken back,
 * not switched off, and its reader may still see it. 1, 0 or negative. */
int notice_mail_wanted(struct identity *identity, struct store_session *session,
                       const struct mail_message *message, struct portico_error *error);

/* What the link in a mail switches off: with `follows` the subject, else mail of the kind. */
struct notice_switch {
    int64_t person;
    const char *module, *kind, *subject;
    bool follows;
};
int notice_switch_sign(struct keyring *ring, const struct notice_switch *off, struct arena *arena,
                       const char **ret_token, struct portico_error *error);
/* EINVAL: no token of this portal. */
int notice_switch_read(struct keyring *ring, const char *token, struct arena *arena,
                       struct notice_switch *ret_off, struct portico_error *error);
/* Off, or on again as it was. */
int notice_switch_set(struct store_session *session, const struct notice_switch *off, bool on,
                      struct portico_error *error);
int notice_switch_is_off(struct store_session *session, const struct notice_switch *off,
                         bool *ret_off, struct portico_error *error);

/* ---- notice_withdraw.c ---- */

/* Takes back what was told of a subject, or of one part of it alone, and what is still to be. */
int notice_withdraw(struct store_session *session, const char *module, const char *subject,
                    const char *part, struct portico_error *error);
/* Keeps subject and part (NULL: none) from being taken back until the transaction ends. */
int notice_lock(struct store_session *session, const char *module, const char *subject,
                const char *part, struct portico_error *error);
/* 1: one of them was taken back after the order `told`. */
int notice_is_withdrawn(struct store_session *session, const char *module, const char *subject,
                        const char *part, int64_t told, struct portico_error *error);

/* ---- notice_list.c ---- */

/* Newest first, behind `before` (changed and id of the last one; 0: from the first): rows "id
 * module kind subject title arguments excerpt url reason actor_name actor repeats changed read".
 * Only what the person may see; `looks`: what whoever looks in their place may. */
struct notice_place {
    int64_t changed, id;
};
/* Whose notices: those of what they see now. `looks`: as whoever looks in their place does. */
struct notice_reader {
    struct identity *identity;
    int64_t person;
    bool looks;
};
int notice_list(struct store_session *session, const struct notice_reader *reader,
                const struct notice_place *before, unsigned limit, struct value **ret_rows,
                struct portico_error *error);
/* Unread ones that the person may see; 100 stands for more than 99. */
int notice_unread(struct store_session *session, const struct notice_reader *reader,
                  int64_t *ret_count, struct portico_error *error);
/* One of theirs; 0: all until `until`. */
int notice_read(struct store_session *session, int64_t person, int64_t id, int64_t until,
                struct portico_error *error);
/* All about a subject, as its page is looked at. Writes only if there is something unread. */
int notice_seen(struct store_session *session, const char *module, int64_t person,
                const char *subject, struct portico_error *error);

/* What a person chose for a kind; `choice` holds the kind's own words before, and keeps them where
 * nothing was chosen. */
struct notice_choice {
    bool on_page, by_mail;
};
int notice_choice(struct store_session *session, int64_t person, const char *module,
                  const char *kind, struct notice_choice *choice, struct portico_error *error);
int notice_choose(struct store_session *session, int64_t person, const char *module,
                  const char *kind, const struct notice_choice *choice,
                  struct portico_error *error);
/* Rows "module subject level changed url" of what a person follows or muted, newest first. */
int notice_follows_of(struct store_session *session, int64_t person, int level, unsigned limit,
                      struct value **ret_rows, struct portico_error *error);

/* Removes notices long without news, and the marks of withdrawals; at most `most` rows of each. How
 * many they were. */
int notice_prune(struct store_session *session, int64_t now, unsigned most,
                 struct portico_error *error);

#endif
