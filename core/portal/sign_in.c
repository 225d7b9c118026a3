/* Signing in and out, asking for a sign-in, and coming back without the password. */
#include "base/error.h"
#include "identity/link.h"
#include "identity/looking.h"
#include "identity/second.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/passkey.h"
#include "portal/visit.h"

#define MINUTE INT64_C(60000000)

/* ---- signing in ---- */

static int refuse_sign_in(struct portico_request *request, struct portico_form *form, int code,
                          int64_t wait)
{
    if (code == PORTICO_EPERM)
        return portico_form_reject(
            form, NULL,
            portico_translate(request,
                              "This name and this password do not belong together. Check both, "
                              "or set a new password.",
                              NULL));
    int64_t minutes = wait / MINUTE + 1;
    return portico_form_reject(
        form, NULL,
        visit_words(request,
                    /* translated */
                    "Too many tries. Try again in {minutes} min, or set a new password.", "minutes",
                    portico_printf(request, "%lld", (long long)minutes)));
}

static int try_sign_in(struct portico_request *request, struct portico_form *form,
                       struct portico_value *view)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_signed_in in;
    struct store_session *session;
    int64_t wait = 0;
    const struct identity_sign_in asked = {
        .name = portico_form_text(form, "name"),
        .password = portico_form_text(form, "password"),
        .known = inside_cookie(request, COOKIE_DEVICE),
        .replaces = inside_cookie(request, COOKIE_SESSION),
        .remember = portico_form_boolean(form, "remember"),
        .browser = visit_browser(request),
        .device = { .agent = inside_agent(request), .network = inside_network(request) },
        .opening = { visit_began, request },
    };
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code =
            identity_sign_in(inside_host(request)->identity, session, &asked, &in, &wait, &error);
    if ((code == PORTICO_EPERM || code == PORTICO_ELIMIT) && !visit_vetoed(&error)) {
        refuse_sign_in(request, form, code, wait);
        return portico_form_reply(form, "login", view);
    }
    const char *next = inside_next(request, portico_form_text(form, "next"), "/");
    if (code == 0)
        code = in.step ? visit_step(request, in.step, in.token, next, &next)
                       : visit_set_cookies(request, in.token, in.known, asked.remember);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, next, NULL, &error);
}

int sign_in_page(struct portico_request *request)
{
    const struct identity_rules *rules = identity_rules(inside_host(request)->identity);
    const char *next = inside_next(request, portico_query_param(request, "next"), "/");
    struct portico_form *form = portico_form_open(request, "sign_in", NULL);
    struct portico_value *view = visit_view(request);
    /* Who sends a name and a password is to be them from now on, whoever was here before. */
    if (inside_viewer(request)->person && !portico_form_sent(form))
        return portico_reply_redirect(request, 303, next);
    portico_set_boolean(view, "over", portico_query_param(request, "over") != NULL);
    portico_set_boolean(view, "refused", portico_query_param(request, "passkey") != NULL);
    passkey_offer(request, view, IDENTITY_PASSKEY_ENTER, 0, "/login/passkey", next, NULL);
    portico_form_set_text(form, "next", next);
    portico_form_action(form, "/login");
    if (!rules->remember)
        portico_form_leave_out(form, "remember");
    if (portico_form_valid(form))
        return try_sign_in(request, form, view);
    return portico_form_reply(form, "login", view);
}

/* Whose session it is, also where a step is due and they are nobody so far; 0: nobody's. */
static int64_t person_of(struct portico_request *request, struct store_session *session,
                         const char *token)
{
    struct identity_session live;
    return identity_session_find(inside_host(request)->identity, session, token, &live, NULL) == 0
               ? live.person.id
               : 0;
}

static int end_session(struct portico_request *request, struct store_session *session,
                       const char *token, struct portico_error *error)
{
    const int64_t person = person_of(request, session, token);
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = identity_session_end(session, token, error);
    if (code == 0 && person)
        code = identity_look_end(session, inside_viewer(request)->session, inside_network(request),
                                 error);
    if (code == 0 && person)
        code = visit_audit(request, "session.ended", person, person, NULL, error);
    if (code == 0 && person)
        code = visit_tell(request, "portal.portico.session.ended", person, NULL, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

int sign_out(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *token = inside_cookie(request, COOKIE_SESSION);
    struct store_session *session;
    int code = visit_session(request, &session, &error);
    if (code == 0 && token)
        code = end_session(request, session, token, &error);
    if (code == 0)
        code = inside_set_cookie(request, COOKIE_SESSION, "", COOKIE_REMOVED);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, "/");
}

/* ---- asking for a link ---- */

/* Writes the letter in the open transaction of the form, and answers the same whoever asked. */
static int sent(struct portico_request *request, struct portico_form *form,
                const struct identity_letter *letter, const char *path)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = letters_send(request, letter, NULL, &error);
    if (code == 0)
        return portico_form_done(form, path, NULL, &error);
    return visit_failed(request, code, &error);
}

static int refuse_often(struct portico_request *request, int64_t wait)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_rollback(portico_db(request));
    return inside_limit(request->context, wait, letters_often, &error);
}

static int try_join(struct portico_request *request, struct portico_form *form,
                    struct portico_value *view)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_letter letter;
    struct store_session *session;
    const char *field = NULL;
    int64_t wait = 0;
    const struct identity_sign_up asked = {
        .name = portico_form_text(form, "name"),
        .address = portico_form_text(form, "address"),
        .locale = portico_locale(request),
        .network = inside_network(request),
    };
    int code = portico_form_begin(form, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_sign_up(inside_host(request)->identity, session, &asked, &letter, &field,
                                &wait, &error);
    if (code == PORTICO_EINVAL && field)
        portico_form_reject(form, field,
                            strcmp(field, "name") == 0
                                ? visit_wrong_name(request, asked.name, NULL)
                                : portico_translate(request,
                                                    "Write a whole mail address, such as "
                                                    "mara@example.com.",
                                                    NULL));
    else if (code == PORTICO_ELIMIT)
        return refuse_often(request, wait);
    else if (code < 0)
        return visit_failed(request, code, &error);
    else
        return sent(request, form, &letter, "/account/sent?for=join");
    portico_rollback(portico_db(request));
    return portico_form_reply(form, "join", view);
}

int join_page(struct portico_request *request)
{
    struct portico_value *view = visit_view(request);
    struct portico_form *form = portico_form_open(request, "join", NULL);
    if (inside_viewer(request)->person)
        return portico_reply_redirect(request, 303, "/account");
    if (!identity_rules(inside_host(request)->identity)->sign_up)
        return portico_reply_view(request, "join-closed", view);
    if (portico_form_valid(form))
        return try_join(request, form, view);
    return portico_form_reply(form, "join", view);
}

static int try_forgot(struct portico_request *request, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t wait = 0;
    struct identity_letter letter;
    struct store_session *session;
    int code = portico_form_begin(form, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_forgot(inside_host(request)->identity, session,
                               portico_form_text(form, "name"), inside_network(request), &letter,
                               &wait, &error);
    if (code == 0)
        return sent(request, form, &letter, "/account/sent?for=forgot");
    return code == PORTICO_ELIMIT ? refuse_often(request, wait)
                                  : visit_failed(request, code, &error);
}

int forgot_page(struct portico_request *request)
{
    struct portico_value *view = visit_view(request);
    struct portico_form *form = portico_form_open(request, "forgot", NULL);
    if (portico_form_valid(form))
        return try_forgot(request, form);
    return portico_form_reply(form, "forgot", view);
}

int sent_page(struct portico_request *request)
{
    struct portico_value *view = visit_view(request);
    const char *what = portico_query_param(request, "for");
    portico_set_boolean(view, "joined", what && strcmp(what, "join") == 0);
    return portico_reply_view(request, "sent", view);
}
