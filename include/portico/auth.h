/* Signing in: what a module hears of it, how it refuses, and what it may be asked.
 *
 * Three services of a module have a say once the owner names them in the portal's file: one that
 * knows other passwords than the portal's, one that asks one thing more, and one that attaches
 * values to the session.
 *
 * A module listens to events of the portal: a handler in .event_handlers names them. In the
 * transaction (PORTICO_IN_TRANSACTION) it stands between the right password and the session; after
 * it (PORTICO_AFTER_COMMIT) it is told, at least once. Nothing needs to be declared for it. */
#ifndef PORTICO_AUTH_H
#define PORTICO_AUTH_H

#include "event.h"
#include "service.h"
#include "session.h"

/**
 * Somebody signs in: whatever is asked of them (password, second step, passkey, link) was right,
 * and their session begins with the commit of this transaction. `data.person` is their id; the
 * viewer is whoever was there before, most often nobody.
 *
 * A handler in the transaction lets them in by returning 0. PORTICO_EPERM with a sentence in
 * `error` refuses: nobody is signed in, and the sentence is shown to them, so write it for people,
 * in portico_locale(). It fails closed: any other negative result, a late commit (2 s), a crash,
 * and a handler that is switched off after crashes mean no sign-in as well; then the portal says
 * that a part of it does not answer. Log and audit log (`session.refused`) have each refusal. Only
 * whoever knows the password learns of it.
 *
 * A handler after the commit hears of sessions that have begun. Since 0.1.
 */
#define PORTICO_SESSION_BEGAN "portal.portico.session.began"

/**
 * Somebody signed out, or sessions of theirs were ended: `data.person` is their id, `data.change`
 * is absent where they signed out, "one", "all others" or "all" where they or the staff ended them,
 * set a new password, or the person was switched off, and "time" where one lasted or was left as
 * long as it may: that is told within five minutes, for each one, and no handler in the transaction
 * is asked. Not told are the session that a new sign-in in the same browser takes the place of,
 * what ends with "portal.portico.person.merged" or "portal.portico.person.erased", and what
 * `portico user passwd` ends: no module runs then. Since 0.1.
 */
#define PORTICO_SESSION_ENDED "portal.portico.session.ended"

/**
 * Somebody belongs to an account from now on: taken in by an admin, by staff or an import, by an
 * invitation they accepted, by an address in one of its domains, by an approval, or merged with
 * somebody who did; the owner's account (1) also by the role moderator or admin. What `portico user
 * add --role` makes is not told: no module runs then. `data.account` and `data.person` are ids;
 * `data.change` is absent, the keys of the roles they were given with it, "approved" where they had
 * asked to join, "merged", or "began": the first day of a membership came, or one that had ended
 * was made longer. One that is made with a first day to come is told when it is made and again with
 * "began". Who asks and waits does not belong to it yet: that is
 * "portal.portico.membership.applied", then this event or "portal.portico.membership.declined".
 *
 * A handler in the transaction that returns PORTICO_EPERM with a sentence for people in `error`
 * refuses: nothing is changed, and whoever did it – the newcomer, the admin who approves – reads
 * the sentence. Any other negative result changes nothing either. A day that comes is not refused:
 * it is told without the handlers in the transaction then, to those after the commit. Since 0.1.
 */
#define PORTICO_MEMBERSHIP_ADDED "portal.portico.membership.added"
/** Somebody belongs to an account as something else: other roles (`data.change` is "roles"),
 * another title, reach or days ("membership"; with a first day put off they belong to it no more
 * until then), or somebody was merged into them ("merged").
 * `data.account`, `data.person` as of PORTICO_MEMBERSHIP_ADDED. Since 0.1. */
#define PORTICO_MEMBERSHIP_CHANGED "portal.portico.membership.changed"
/** Somebody belongs to an account no more: `data.account`, `data.person`, and `data.change`
 * "merged" where they became somebody else, or "ended" where the last day of their membership is
 * over; its row is left then, and told again without a change once it is taken away. Since 0.1. */
#define PORTICO_MEMBERSHIP_REMOVED "portal.portico.membership.removed"

/**
 * A verifier: a service of yours with this method, which the owner names in `[sign_in] verifiers`.
 * It is asked about a name and a password that are not the portal's own, whoever they may be of;
 * of several, in the order of that line, until one says yes. PORTICO_VERIFIER is the beginning of
 * the row in .methods.
 *
 * The argument has "name" as typed and "password", neither of them empty. The result has "right"
 * (boolean) and "external": who that is in your directory, 1 to 150 bytes that stay theirs whatever
 * they are called; required with a yes, and wanted with a no where the name is known, so that
 * guesses under all names of somebody count together. "name" is what people call them.
 *
 * Whoever is right is the portal's person with the id elsewhere "<id of your module>:<external>";
 * where there is none, one is made, who belongs to no company yet. Names and addresses bring nobody
 * to a person that is there. People who are switched off, guesses, second factors and events are
 * the portal's matter as in each sign-in.
 *
 * It fails closed: a negative result, one of another shape, a crash, and no return within
 * `[sign_in] ask_time` let nobody in who has no password of the portal. It runs on a thread of its
 * own, for no viewer, and several at once: give each question to the directory a time limit. Since
 * 0.1.
 */
#define PORTICO_VERIFY "verify"
/** See PORTICO_VERIFY. Since 0.1. */
#define PORTICO_VERIFIER                                                                           \
    .name = PORTICO_VERIFY, .summary = "Whether a name and a password belong together",            \
    .request_schema = "{\"type\":\"object\",\"required\":[\"name\",\"password\"],"                 \
                      "\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1},"            \
                      "\"password\":{\"type\":\"string\",\"minLength\":1}}}",                      \
    .response_schema = "{\"type\":\"object\",\"required\":[\"right\"],\"properties\":{"            \
                       "\"right\":{\"type\":\"boolean\"},\"external\":{\"type\":\"string\","       \
                       "\"minLength\":1},\"name\":{\"type\":\"string\"}}}"

/**
 * A further step: a service of yours with the methods PORTICO_STEP_ASK and PORTICO_STEP_ANSWER,
 * which the owner names in `[sign_in] steps`. Everybody passes all of them, in the order of that
 * line, after password, link or passkey and the second factor, and before their session begins.
 *
 * PORTICO_STEP_ASK (row: PORTICO_STEP_ASKING) gets "person", an id as text, and says whether
 * something is "due" (boolean); if so with "form", one of your .forms with PORTICO_FORM_OPEN, and
 * "title" and, where needed, "text" for the page, in portico_locale(). It is called each time
 * the page is shown and before each answer.
 *
 * PORTICO_STEP_ANSWER (row: PORTICO_STEP_ANSWERING) gets "person" and "values", what was sent in
 * the form's fields once they pass. It returns an object with "right" true, or PORTICO_EPERM with a
 * sentence for the reader, who may try again; tries are limited as codes of a second factor are.
 * The object may have "session", values for the session as PORTICO_DECORATE gives them: where a key
 * or a value is not declared, none of them is attached, and the step is passed nevertheless.
 *
 * They fail closed as a verifier does, and whoever is signed in already is not asked; nor are
 * access tokens, which their person made in a session. Since 0.1.
 */
#define PORTICO_STEP_ASK "ask"
/** See PORTICO_STEP_ASK. Since 0.1. */
#define PORTICO_STEP_ANSWER "answer"
/** See PORTICO_STEP_ASK. Since 0.1. */
#define PORTICO_STEP_ASKING                                                                        \
    .name = PORTICO_STEP_ASK, .summary = "What is asked before a session begins",                  \
    .request_schema = "{\"type\":\"object\",\"required\":[\"person\"],"                            \
                      "\"properties\":{\"person\":{\"type\":\"string\"}}}",                        \
    .response_schema = "{\"type\":\"object\",\"required\":[\"due\"],\"properties\":{"              \
                       "\"due\":{\"type\":\"boolean\"},\"form\":{\"type\":\"string\"},"            \
                       "\"title\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"}}}"
/** See PORTICO_STEP_ASK. Since 0.1. */
#define PORTICO_STEP_ANSWERING                                                                     \
    .name = PORTICO_STEP_ANSWER, .summary = "Whether what was answered will do",                   \
    .request_schema = "{\"type\":\"object\",\"required\":[\"person\",\"values\"],"                 \
                      "\"properties\":{\"person\":{\"type\":\"string\"},"                          \
                      "\"values\":{\"type\":\"object\"}}}",                                        \
    .response_schema = "{\"type\":\"object\",\"required\":[\"right\"],"                            \
                       "\"properties\":{\"right\":{\"type\":\"boolean\"},"                         \
                       "\"session\":{\"type\":\"object\"}}}"

/**
 * A decorator: a service of yours with this method, which the owner names in `[sign_in]
 * decorators`. It is asked at each sign-in, after all that may still refuse it but handlers in the
 * transaction, and says what the session carries: values of .session_values (session.h), which your
 * handlers read by portico_session_get(). PORTICO_DECORATOR is the beginning of the row in
 * .methods.
 *
 * The argument has "person", an id as text, and "external", your own id of them, where a verifier
 * of yours brought them or they were imported with it. The result's "session" is an object: a text,
 * number or boolean for each key that is to be attached, a date as "2026-11-23"; what is absent or
 * null is not.
 *
 * What fails (a negative result, one of another shape, with a key or a value that is not declared,
 * a crash, no return within `[sign_in] ask_time`) attaches nothing. Then nobody is let in if a
 * value of your module is PORTICO_SESSION_REQUIRED and no step attached it; else the session begins
 * without. It runs on a thread of its own, for no viewer. Access tokens have no session and carry
 * nothing. Since 0.1.
 */
#define PORTICO_DECORATE "decorate"
/** See PORTICO_DECORATE. Since 0.1. */
#define PORTICO_DECORATOR                                                                          \
    .name = PORTICO_DECORATE, .summary = "What a session carries that begins",                     \
    .request_schema = "{\"type\":\"object\",\"required\":[\"person\"],"                            \
                      "\"properties\":{\"person\":{\"type\":\"string\"},"                          \
                      "\"external\":{\"type\":\"string\"}}}",                                      \
    .response_schema = "{\"type\":\"object\",\"required\":[\"session\"],"                          \
                       "\"properties\":{\"session\":{\"type\":\"object\"}}}"

#endif
