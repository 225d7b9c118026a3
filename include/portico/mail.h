/* Mail: queued with the change that wants it, sent by a jobs process. */
#ifndef PORTICO_MAIL_H
#define PORTICO_MAIL_H

#include "context.h"

#define PORTICO_MAIL "portico.mail"

/** One message. Texts are borrowed until the call returns. Since 0.1. */
struct portico_message {
    uint32_t size;       /**< sizeof(struct portico_message) */
    const char *to;      /**< one address: "ana@example.com" or "Ana <ana@example.com>" */
    const char *subject; /**< one line */
    const char *text;    /**< the plain body; required */
    const struct portico_value *html; /**< a PORTICO_HTML value, or NULL */
    const char *reply_to;             /**< one address, or NULL */
    /** Address of a page of this portal that ends such mail at one POST (RFC 8058), or NULL. */
    const char *unsubscribe;
    /** Messages of one thread have the same: "topic/123"; NULL: a thread of its own. */
    const char *thread;
};

struct portico_mail;
/** `portico.mail` 1.0, remotable. Declare "portico.mail 1.0" in PORTICO_MODULE_USES. Since 0.1. */
struct portico_mail_api {
    struct portico_table table;
    int (*send)(struct portico_mail *mail, const struct portico_message *message,
                portico_id *ret_id, struct portico_error *error);
};
/** Public head: its table. */
struct portico_mail {
    const struct portico_mail_api *api;
};

/** The mail of this call, or NULL if the module did not declare "portico.mail 1.0". Borrowed. */
#define portico_mail(handle) ((struct portico_mail *)portico_interface((handle), PORTICO_MAIL, 1))

/** Queues a message in the open transaction of this call's database, or in one of its own: it is
 * sent if and only if that is committed. EINVAL: an address or line that is none. `ret_id` may be
 * NULL. */
static inline int portico_mail_send(struct portico_mail *mail,
                                    const struct portico_message *message, portico_id *ret_id,
                                    struct portico_error *error)
{
    return mail ? mail->api->send(mail, message, ret_id, error) : PORTICO_EPERM;
}

#endif
