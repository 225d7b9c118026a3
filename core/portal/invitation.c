/* Accepting an invitation into a company. Looking at it does not use it: programs that read mail
 * open links before people do. */
#include "identity/invitation.h"
#include "base/error.h"
#include "identity/account.h"
#include "identity/acting.h"
#include "identity/audit.h"
#include "identity/person.h"
#include "portal/company.h"
#include "portal/pages.h"
#include "portal/visit.h"

struct accepting {
    struct portico_request *request;
    struct store_session *session;
    const char *token;
    struct identity_invitation invitation;
    struct identity_account account;
    int64_t whose; /* the address is; 0: nobody's yet */
};

static int over(struct portico_request *request, const char *reason)
{
    struct portico_value *view = visit_view(request);
    portico_set_text(view, "reason", portico_translate(request, reason, NULL));
    portico_set_boolean(view, "signed_in", inside_viewer(request)->person != 0);
    portico_set_status(request, 410);
    return portico_reply_view(request, "link-over", view);
}

/* Shown with the one thing that can be done here. */
static int show(const struct accepting *accepting, struct portico_form *form)
{
    struct portico_request *request = accepting->request;
    struct identity_person inviter;
    struct portico_value *view = visit_view(request);
    const int64_t person = inside_viewer(request)->person;
    const bool known = identity_person_look(accepting->session, accepting->invitation.inviter,
                                            &inviter, NULL) == 0;
    portico_set_text(view, "company", accepting->account.name);
    portico_set_text(view, "address", accepting->invitation.address);
    portico_set_text(view, "inviter", known ? inviter.name : NULL);
    portico_set_time(view, "expires", accepting->invitation.expires);
    portico_set_boolean(view, "mine", person && accepting->whose == person);
    portico_set_boolean(view, "new", !person && !accepting->whose);
    portico_set_boolean(view, "sign", !person && accepting->whose);
    portico_set_boolean(view, "other", person && accepting->whose != person);
    portico_set_text(view, "who", inside_viewer(request)->name);
    portico_set_text(
        view, "sign_in",
        portico_printf(request, "/login?next=/account/invitation/%s", accepting->token));
    portico_set_text(view, "path",
                     portico_printf(request, "/account/invitation/%s", accepting->token));
    portico_set_header(request, "Referrer-Policy", "no-referrer");
    if (form)
        return portico_form_reply(form, "invitation", view);
    return portico_reply_view(request, "invitation", view);
}

/* ---- somebody who has a sign-in ---- */

static int go_over(const struct accepting *accepting, struct portico_error *error)
{
    struct portico_request *request = accepting->request;
    const struct viewer *viewer = inside_viewer(request);
    char token[IDENTITY_TOKEN_SIZE];
    const struct identity_switch wanted = { .session = viewer->session,
                                            .person = viewer->person,
                                            .account = accepting->invitation.account,
                                            .token = inside_session_token(request),
                                            .renewed = viewer->renewed != NULL };
    int code = identity_session_switch(inside_host(request)->identity, accepting->session, &wanted,
                                       token, error);
    return code == 0 && *token ? visit_new_token(request, token, error) : code;
}

static int accept_own(struct accepting *accepting)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = accepting->request;
    const char *reason = NULL;
    const int64_t person = inside_viewer(request)->person;
    const struct identity_joining joining = { .joined = portal_tell_joined, .data = request };
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = identity_invitation_accept(inside_host(request)->identity, accepting->session,
                                          accepting->token, person, inside_network(request),
                                          &joining, &accepting->invitation, &reason, &error);
    if (code == 0)
        code = go_over(accepting, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (visit_event_refused(code, &error))
        return visit_not_joined(request, code, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code == PORTICO_EPERM)
        return show(accepting, NULL);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, "/");
}

static int decline(const struct accepting *accepting)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = accepting->request;
    const struct identity_act act = { .kind = "invitation.declined",
                                      .actor = inside_viewer(request)->person,
                                      .person = inside_viewer(request)->person,
                                      .account = accepting->invitation.account,
                                      .origin = inside_network(request) };
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = identity_invitation_end(accepting->session, accepting->invitation.id,
                                       IDENTITY_DECLINED, &error);
    if (code == 0)
        code = identity_audit(accepting->session, &act, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    return code < 0 && code != PORTICO_ENOENT ? visit_failed(request, code, &error)
                                              : over(request, /* translated */
                                                     "Declined. Nobody is told, and nothing else "
                                                     "happens.");
}

/* ---- somebody new ---- */

static int join(struct accepting *accepting, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = accepting->request;
    const char *field = NULL, *reason = NULL, *path = "/";
    int64_t person = 0;
    const struct identity_joining joining = { .joined = portal_tell_joined, .data = request };
    const struct identity_newcomer newcomer = { .name = portico_form_text(form, "name"),
                                                .password = portico_form_text(form, "password"),
                                                .locale = portico_locale(request),
                                                .origin = inside_network(request),
                                                .joining = &joining };
    int code = identity_invitation_join(inside_host(request)->identity, accepting->session,
                                        accepting->token, &newcomer, &person,
                                        &accepting->invitation, &field, &reason, &error);
    if (visit_event_refused(code, &error))
        return visit_not_joined(request, code, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code == PORTICO_EEXIST)
        return portico_reply_redirect(
            request, 303, portico_printf(request, "/account/invitation/%s", accepting->token));
    if (code == PORTICO_EINVAL && field) {
        portico_form_reject(
            form, field,
            strcmp(field, "name") == 0
                ? visit_wrong_name(request, newcomer.name, NULL)
                : portico_translate(request, reason ? reason : error.message, NULL));
        return show(accepting, form);
    }
    if (code == 0)
        code = visit_begin(request, person, false, "/", &path, &error);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, path, NULL, &error);
}

int invitation_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct accepting accepting = { .request = request, .token = portico_param(request, "token") };
    const char *reason = NULL, *act = portico_form(request, "act");
    struct portico_form *form = portico_form_open(request, "accept", NULL);
    int code = visit_session(request, &accepting.session, &error);
    if (code == 0)
        code = identity_invitation_look(accepting.session, accepting.token, &accepting.invitation,
                                        &reason, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code == 0)
        code = identity_account_look(accepting.session, accepting.invitation.account,
                                     &accepting.account, &error);
    if (code == 0)
        code = identity_invitation_whose(accepting.session, &accepting.invitation, &accepting.whose,
                                         &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    const int64_t person = inside_viewer(request)->person;
    if (person)
        return !act || accepting.whose != person ? show(&accepting, NULL)
               : strcmp(act, "accept") == 0      ? accept_own(&accepting)
               : strcmp(act, "decline") == 0     ? decline(&accepting)
                                                 : PORTICO_EINVAL;
    if (accepting.whose)
        return show(&accepting, NULL);
    portico_form_set_text(form, "name", accepting.invitation.name);
    return portico_form_valid(form) ? join(&accepting, form) : show(&accepting, form);
}
