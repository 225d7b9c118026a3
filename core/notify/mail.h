/* Mail: checked and queued with the change that wants it, rendered and delivered by a job.
 *
 * A job's arguments are the message as an object of texts; whatever is wrong with it was refused
 * when it was queued, so rendering fails for no other reason than memory. */
#ifndef NOTIFY_MAIL_H
#define NOTIFY_MAIL_H

#include "base/arena.h"
#include "base/value.h"
#include "job/job.h"

#define MAIL_JOB "mail"  /* name of the host job */
#define MAIL_ATTEMPTS 20 /* about two days, by the back-off of the host job */

struct identity;

struct mail_message {
    const char *module; /* id of who sends it */
    const char *to, *subject, *text;
    const char *html;        /* sanitized; NULL: none */
    const char *reply_to;    /* NULL: none */
    const char *unsubscribe; /* path or URL of this portal; NULL: none */
    const char *thread;      /* NULL: a thread of its own */
    const char *portal_url;  /* without trailing slash */
    int64_t person;   /* instead of `to`: their main verified address when it leaves; 0: `to` */
    int64_t owner;    /* with `to`: whose letter it is, gone once they are; 0: nobody's */
    int64_t notice;   /* it tells of: asked again when it leaves; 0: none */
    int64_t told;     /* the order that notice came from */
    const char *part; /* of its subject; NULL: none */
};

/* How mail leaves; texts are borrowed. */
struct mail_server {
    const char *url;      /* smtp://HOST[:PORT] or smtps://HOST[:PORT] */
    const char *from;     /* as mail_address_parse reads it */
    const char *user;     /* "" or NULL: nobody signs in */
    const char *password; /* or NULL */
    const char *tls;      /* "auto", "required", "none" */
    const char *ca_file;  /* NULL: the system's */
    int64_t time;         /* µs of the whole conversation; 0: 60 s */
};

/* EINVAL with the sentence: an address, line or link that is none; ELIMIT: too long. */
int mail_check(const struct mail_message *message, struct portico_error *error);
/* Checks, and queues in the session's open transaction or one of its own. */
int mail_queue(struct store_session *session, const struct mail_message *message, int64_t *ret_id,
               struct portico_error *error);
/* A queued message out of its job's arguments; borrowed from them. */
int mail_read(const struct value *arguments, struct mail_message *ret_message,
              struct portico_error *error);
/* Finds out where a message to a person goes: 1, its `to` is set, in the session's arena; 0:
 * nowhere any more, and nothing is wrong (they or its owner were erased or disabled, or its
 * notice needs no mail). */
int mail_resolve(struct identity *identity, struct store_session *session,
                 struct mail_message *message, struct portico_error *error);

/* Header and body of RFC 5322 and MIME, with CRLF; the id makes its Message-ID, the same in every
 * try. */
int mail_render(const struct mail_message *message, const char *from, int64_t id, int64_t date,
                struct buffer *text, struct portico_error *error);

/* One SMTP conversation. 0: the server took it over. EINVAL: it refused this message for good, with
 * its words; EIO, ETIMEDOUT, EBUSY: trying again may help. `ret_words`, in the arena, is what the
 * server said last, NULL to not want it. */
int mail_deliver(const struct mail_server *server, const struct mail_message *message,
                 const struct buffer *text, struct arena *arena, const char **ret_words,
                 struct portico_error *error);

#endif
