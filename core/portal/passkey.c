/* Passkeys: adding and removing them, and signing in with one alone. */
#include "portal/passkey.h"

#include "base/error.h"
#include "portal/again.h"
#include "portal/device.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/second.h"
#include "portal/visit.h"

#include <stdlib.h>

#define PAGE "/account/security"
#define NETWORK_SHARE 10 /* many sit behind one network */
#define NAME_MAX 60

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- shared ---- */

/* "portal.example" of "https://portal.example:8443"; "" where no URL is set. */
static const char *party_id(struct portico_request *request)
{
    const char *origin = inside_host(request)->origin;
    const char *host = origin ? strstr(origin, "://") : NULL;
    return host ? portico_printf(request, "%.*s", (int)strcspn(host + 3, ":/"), host + 3) : "";
}

/* What only this browser has: its session, or the cookie behind the tokens of its forms. What it
 * says it is others say as well. */
static const char *own_browser(struct portico_request *request)
{
    const struct viewer *viewer = inside_viewer(request);
    const char *token = inside_token(request);
    return viewer->person ? portico_printf(request, "session %lld %s", (long long)viewer->session,
                                           inside_agent(request))
                          : portico_printf(request, "visitor %s %s", token ? token : "",
                                           inside_agent(request));
}

void passkey_claim(struct portico_request *request, struct identity_passkey_claim *ret_claim)
{
    const char *origin = inside_host(request)->origin;
    *ret_claim = (struct identity_passkey_claim){
        .party = { .origin = origin ? origin : "", .id = party_id(request) },
        .browser = own_browser(request),
        .client = portico_form(request, "client_data"),
        .data = portico_form(request, "auth_data"),
        .credential = portico_form(request, "credential"),
        .signature = portico_form(request, "signature"),
    };
}

/* The credentials, separated by blanks. */
static int meant(struct portico_request *request, int64_t person, const char **ret_text,
                 struct portico_error *error)
{
    struct store_session *session;
    struct value *rows;
    const char *text = "";
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_passkeys(session, person, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        text = portico_printf(request, "%s%s%s", text, *text ? " " : "",
                              portico_get_text(row, "credential", ""));
    }
    if (code == 0)
        *ret_text = text;
    return code;
}

int passkey_offer(struct portico_request *request, struct portico_value *view,
                  enum identity_passkey_use use, int64_t person, const char *action,
                  const char *next, struct portico_error *error)
{
    const char *id = party_id(request), *credentials = "";
    char challenge[WEBAUTHN_CHALLENGE_MAX];
    int code = person ? meant(request, person, &credentials, error) : 0;
    if (code < 0 || !*id || (!*credentials && person && use != IDENTITY_PASSKEY_ADD))
        return code;
    identity_challenge(inside_host(request)->identity, use, person, own_browser(request),
                       challenge);
    struct portico_value *offer = portico_set_object(view, "passkey");
    portico_set_text(offer, "token", inside_token(request));
    portico_set_text(offer, "party", id);
    portico_set_text(offer, "challenge", challenge);
    portico_set_text(offer, "credentials", credentials);
    portico_set_text(offer, "action", action);
    portico_set_text(offer, "next", next);
    return 0;
}

/* ---- adding one ---- */

static int show(struct portico_request *request, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct viewer *viewer = inside_viewer(request);
    struct portico_value *view = visit_view(request);
    int code = passkey_offer(request, view, IDENTITY_PASSKEY_ADD, viewer->person, PAGE "/passkey",
                             NULL, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_text(view, "user", portico_printf(request, "%lld", (long long)viewer->person));
    portico_set_text(view, "handle", viewer->handle);
    portico_set_text(view, "person", viewer->name);
    portico_set_text(view, "portal_name",
                     config_text(inside_host(request)->config, "portal", "name"));
    portico_set_header(request, "Cache-Control", "no-store");
    return portico_form_reply(form, "security-passkey", view);
}

static int add_in(struct portico_request *request, struct store_session *session,
                  struct portico_form *form, struct identity_recovery *recovery,
                  struct portico_error *error)
{
    struct identity *identity = inside_host(request)->identity;
    const int64_t person = inside_viewer(request)->person;
    struct identity_passkey_claim claim;
    struct identity_second second;
    passkey_claim(request, &claim);
    int code = identity_passkey_add(identity, session, person, portico_form_text(form, "name"),
                                    &claim, error);
    if (code == 0)
        code = identity_session_prove(session, inside_viewer(request)->session, error);
    if (code == 0)
        code = identity_second_look(session, person, &second, error);
    if (code == 0 && second.recovery == 0)
        code = identity_recovery_make(identity, session, person, recovery, error);
    if (code == 0)
        code = letters_tell(request, person, LETTERS_PASSKEY_SET, error);
    return code < 0 ? code
                    : visit_audit(request, "passkey.added", person, person,
                                  portico_form_text(form, "name"), error);
}

static int add(struct portico_request *request, struct store_session *session,
               struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_recovery recovery = { 0 };
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = add_in(request, session, form, &recovery, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code == 0)
        return second_show_codes(request, &recovery, PAGE,
                                 say(request, /* translated */ "The passkey is set up."));
    if (code != PORTICO_EINVAL && code != PORTICO_EEXIST && code != PORTICO_ELIMIT)
        return visit_failed(request, code, &error);
    portico_form_reject(
        form, NULL,
        code == PORTICO_ELIMIT
            ? say(request, /* translated */ "Twenty passkeys are the most: remove one first.")
        : code == PORTICO_EEXIST
            ? say(request, /* translated */ "This passkey is set up already.")
            : say(request, /* translated */ "The passkey was not made, or too late: try it once "
                                            "more."));
    return show(request, form);
}

int security_passkey(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_form *form = portico_form_open(request, "passkey", NULL);
    struct store_session *session;
    int answer;
    if (!again_or_ask(request, PAGE "/passkey", &answer))
        return answer;
    int code = visit_session(request, &session, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_form_set_text(form, "name", device_words(request, inside_agent(request)));
    return portico_form_valid(form) ? add(request, session, form) : show(request, form);
}

/* ---- removing one ---- */

static int remove_in(struct portico_request *request, struct store_session *session, int64_t id,
                     struct portico_error *error)
{
    const int64_t person = inside_viewer(request)->person;
    int code = identity_passkey_remove(inside_host(request)->identity, session, person, id, error);
    if (code == 0)
        code = letters_tell(request, person, LETTERS_PASSKEY_GONE, error);
    return code < 0 ? code : visit_audit(request, "passkey.removed", person, person, NULL, error);
}

int security_passkey_remove(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *id = portico_form(request, "id");
    struct store_session *session;
    int answer;
    if (!again_or_ask(request, PAGE, &answer))
        return answer;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = remove_in(request, session, id ? strtoll(id, NULL, 10) : 0, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code < 0 && code != PORTICO_ECONFLICT)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(request, 303,
                                  code < 0 ? PAGE "?saved=needed" : PAGE "?saved=passkey-removed");
}

/* ---- signing in with one ---- */

static int enter_in(struct portico_request *request, struct store_session *session,
                    const char **next, struct portico_error *error)
{
    struct identity_passkey_claim claim;
    int64_t person = 0;
    passkey_claim(request, &claim);
    int code = identity_passkey_use(inside_host(request)->identity, session, IDENTITY_PASSKEY_ENTER,
                                    0, &claim, &person, error);
    return code < 0 ? code : visit_enter(request, person, *next, next, error);
}

/* Whatever it was, the answer is the same: nothing is told of who has one. */
int passkey_enter(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity *identity = inside_host(request)->identity;
    const char *network = inside_network(request);
    const char *next = inside_next(request, portico_form(request, "next"), "/");
    struct store_session *session;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_guess_take(identity, session, "passkey", network ? network : "",
                                   identity_rules(identity)->guesses * NETWORK_SHARE, NULL, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = enter_in(request, session, &next, &error);
    if (code == 0)
        code = identity_guess_return(identity, session, "passkey", network ? network : "", &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    identity_count(identity, code);
    /* It was the right one: that it was given back was rolled back too. */
    if (visit_vetoed(&error))
        identity_guess_return(identity, session, "passkey", network ? network : "", NULL);
    if (visit_vetoed(&error))
        return visit_failed(request, code, &error);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT || code == PORTICO_ENOENT)
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "%s&passkey=refused", visit_path(request, "/login", next)));
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, next);
}
