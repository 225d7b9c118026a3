/* Mail: queued with the change that wants it, sent by a jobs process. */
#ifndef PORTICO_MAIL_H
#define PORTICO_MAIL_H

#include "context.h"

/** Name of the interface. */
#define PORTICO_MAIL "portico.mail"

/** One message. Texts are borrowed until the call returns. Since 0.1. */
struct portico_message {
    uint32_t size;       /**< sizeof(struct portico_message) */
    const char *to;      /**< one address: "ana@example.com" or "Ana <ana@example.com>"; NULL with
                              `person` */
    const char *subject; /**< one line, at most 500 bytes */
    const char *text;    /**< the plain body; required */
    const struct portico_value *html; /**< a PORTICO_HTML value, or NULL */
    const char *reply_to;             /**< one address, or NULL */
    /** Path or URL of a page of this portal that ends such mail at one POST without a session
     * (RFC 8058), or NULL. Sign it: portico_sign(). */
    const char *unsubscribe;
    /** Messages of one thread of this module have the same: "topic/123", at most 200 bytes; NULL: a
     * thread of its own. */
    const char *thread;
    /** Instead of `to`: goes to this person's main verified address, looked up when it is sent;
     * somebody erased or disabled meanwhile gets none. Write it in their language:
     * portico_people_translate(). 0: `to` says where. */
    portico_id person;
};

/** The mail of one call; see portico_mail(). Since 0.1. */
struct portico_mail;
/** `portico.mail` 1.0, remotable. Declare "portico.mail 1.0" in PORTICO_MODULE_USES. Since 0.1. */
struct portico_mail_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_mail_send(). */
    int (*send)(struct portico_mail *mail, const struct portico_message *message,
                portico_id *ret_id, struct portico_error *error);
};
/** Public head: its table. Since 0.1. */
struct portico_mail {
    const struct portico_mail_api *api; /**< called through the function below */
};

/** The mail of this call, or NULL if the module did not declare "portico.mail 1.0". Borrowed; the
 * calling thread's. Since 0.1. */
#define portico_mail(handle) ((struct portico_mail *)portico_interface((handle), PORTICO_MAIL, 1))

/**
 * Queues a message in the open transaction of this call's database, or in one of its own: it is
 * sent if and only if that is committed, by a jobs process, from the portal's own address. Never
 * waits for a mail server. `ret_id`, which may be NULL, is the id of the job that sends it. EINVAL:
 * an address, line or link that is none, both or neither of `to` and `person`, html the host did
 * not make; ENOENT: the person has no verified address, or may not sign in; ELIMIT: its texts are
 * longer than 64 KiB together. Handler thread. Since 0.1.
 */
static inline int portico_mail_send(struct portico_mail *mail,
                                    const struct portico_message *message, portico_id *ret_id,
                                    struct portico_error *error)
{
    return mail ? mail->api->send(mail, message, ret_id, error) : portico_undeclared(error);
}

#endif
