/* Mail to people about their sign-in: a link, and what it is for. */
#ifndef PORTAL_LETTERS_H
#define PORTAL_LETTERS_H

#include "identity/link.h"

#include <portico/portico.h>

/* Queues it in the open transaction, in the person's language where it is known, else the
 * request's. IDENTITY_LETTER_NONE costs as much and goes nowhere. `actor` is who asks for it; NULL:
 * nobody who is named. */
int letters_send(struct portico_request *request, const struct identity_letter *letter,
                 const char *actor, struct portico_error *error);
/* In the open transaction, before mail goes to an address that who asks chose: the budgets of
 * identity_letter_take. ELIMIT as inside_limit has it: nothing may be sent. `account` as there. */
int letters_take(struct portico_request *request, int64_t account, const char *address,
                 struct portico_error *error);
/* Its two halves: what one person and account send; and to one address, where ELIMIT comes with
 * after how many µs one may go there. */
int letters_take_sender(struct portico_request *request, int64_t account,
                        struct portico_error *error);
int letters_take_address(struct portico_request *request, int64_t account, const char *address,
                         int64_t *ret_wait, struct portico_error *error);
/* What inside_limit is told where they are used up. */
extern const char letters_often[];
/* What somebody is told about their own sign-in, so that they notice what was not them. */
enum letters_news {
    LETTERS_RECOVERY_USED,
    LETTERS_RECOVERY_MADE,
    LETTERS_APP_SET,
    LETTERS_APP_GONE,
    LETTERS_PASSKEY_SET,
    LETTERS_PASSKEY_GONE,
    LETTERS_TOKEN_MADE,
    LETTERS_SECOND_GONE, /* an admin took all of it away */
    LETTERS_ADDRESS_NEW,
    LETTERS_ADDRESS_MAIN,
    LETTERS_ADDRESS_GONE,
    LETTERS_PASSWORD_SET,
    LETTERS_PASSWORD_RESET, /* by a link; says what else opens their sign-in */
};
/* Queues it to their main address in the open transaction; without one nobody is told. */
int letters_tell(struct portico_request *request, int64_t person, enum letters_news news,
                 struct portico_error *error);
/* Somebody and the addresses that counted as theirs before something changed: whoever took over the
 * sign-in does not keep its owner from hearing of it. */
struct letters_before {
    int64_t person;
    struct value *addresses; /* as identity_addresses has them */
};
/* In the open transaction, before the change. */
int letters_before(struct portico_request *request, int64_t person,
                   struct letters_before *ret_before, struct portico_error *error);
/* The one with that id; NULL: none that counted. */
const char *letters_address(const struct letters_before *before, int64_t id);
/* After it: queues the news to all of them. `address` is what it is about, or NULL. */
int letters_tell_before(struct portico_request *request, const struct letters_before *before,
                        enum letters_news news, const char *address, struct portico_error *error);
/* An invitation into a company. */
struct letters_invitation {
    const char *address, *locale;
    int64_t person; /* whose address it is; 0: nobody's yet */
    const char *company, *actor;
    int64_t days; /* it is good for */
    const char *token;
};
int letters_invite(struct portico_request *request, const struct letters_invitation *invitation,
                   struct portico_error *error);
/* Whether this portal has a mail server: if not, pages say so instead of sending people to their
 * mail. */
bool letters_leave(struct portico_request *request);

#endif
