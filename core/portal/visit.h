/* What the pages around signing in share. */
#ifndef PORTAL_VISIT_H
#define PORTAL_VISIT_H

#include "portal/inside.h"
#include "portal/portal.h"

#include "identity/audit.h"
#include "identity/session.h"

#define VISIT_KNOWN ((int64_t)365 * 24 * 3600) /* seconds of the device's cookie */

/* The browser's session becomes one of that person: begun, its cookies set, the one before ended.
 * Or, where they have a second step to do, that begins. `ret_path` is where to go on: `path`, or
 * that step, which leads there. */
int visit_begin(struct portico_request *request, int64_t person, bool remember, const char *path,
                const char **ret_path, struct portico_error *error);
/* The same, in the open transaction, of somebody who has shown enough for both steps. */
int visit_enter(struct portico_request *request, int64_t person, const char *path,
                const char **ret_path, struct portico_error *error);
/* A module that is asked about each sign-in failed: 503, and a record of it. */
int visit_shut(struct portico_request *request, int64_t person);
/* "You are not signed in", and why. */
int visit_refused(struct portico_request *request, unsigned status, const char *why);
/* What modules are told of a session in the transaction that begins it, which they may refuse.
 * `data` is the request. */
int visit_began(void *data, int64_t person, struct portico_error *error);
/* A module refused the session, or failed over it: then the sign-in was right, and still nobody is
 * let in. visit_failed answers with the reason. */
bool visit_vetoed(const struct portico_error *error);
/* It refused, in its own words, and did not fail. */
bool visit_kept_out(int code, const struct portico_error *error);
/* A module refused an event of the transaction, or failed over it. */
bool visit_event_refused(int code, const struct portico_error *error);
/* Then what whoever is told no reads: its own words, where it refused. Logged. NULL: it is
 * something else. */
const char *visit_event_words(struct portico_request *request, int code,
                              const struct portico_error *error);
/* The same as an answer to whoever would have joined a company. */
int visit_not_joined(struct portico_request *request, int code, const struct portico_error *error);
/* What only this browser has, for a step that no other may take. */
const char *visit_browser(struct portico_request *request);
/* The second step, once its cookie is set; `step` as in struct identity_signed_in. */
int visit_step(struct portico_request *request, unsigned step, const char *token, const char *next,
               const char **ret_path);
/* "PAGE?next=NEXT", encoded. */
const char *visit_path(struct portico_request *request, const char *page, const char *next);
/* Sets the cookies of a session; `known` may be NULL. */
int visit_set_cookies(struct portico_request *request, const char *token, const char *known,
                      bool remember);
/* The browser's session goes on under that token. */
int visit_new_token(struct portico_request *request, const char *token,
                    struct portico_error *error);
/* An id as a form or address has it; 0: none. */
int64_t visit_number(const char *text);
/* The same where none means something else than one that is not there: -1 for what is no id. */
int64_t visit_chosen(const char *text);
/* The session's cookie gets a new token. */
int visit_rotate(struct portico_request *request, struct portico_error *error);
/* Members of every page around signing in: "can_mail", "contact", "contact_link", "sign_up". */
struct portico_value *visit_view(struct portico_request *request);
/* What is wrong with a name that somebody chose, in the reader's words; NULL: nothing. `whose`: who
 * is to be called so from now on, and may keep what they are called; NULL: nobody yet. */
struct identity_person;
const char *visit_wrong_name(struct portico_request *request, const char *name,
                             const struct identity_person *whose);
/* Words for the reader, `{name}` replaced by a text; NULL arguments: none. */
const char *visit_words(struct portico_request *request, const char *source, const char *name,
                        const char *text);
/* The session's database as the identity room wants it, or the error's code. */
int visit_session(struct portico_request *request, struct store_session **ret_session,
                  struct portico_error *error);
/* What went wrong goes to the log; the code for the handler to return. */
int visit_failed(struct portico_request *request, int code, const struct portico_error *error);
/* A record of an act of `actor` about `person`, from the request's network, with the
 * commit of the open transaction; `object` may be NULL. */
int visit_audit(struct portico_request *request, const char *kind, int64_t actor, int64_t person,
                const char *object, struct portico_error *error);
/* An event of the portal's about a person, in the open transaction; `change` (a word) may be NULL.
 */
int visit_tell(struct portico_request *request, const char *type, int64_t person,
               const char *change, struct portico_error *error);

#endif
