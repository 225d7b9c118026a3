/* The second step of signing in: showing the second factor, or setting one up where a role needs
 * it. Whoever is here is nobody yet; what they have is a token that opens these two pages. */
#include "identity/second.h"
#include "base/error.h"
#include "identity/standing.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/passkey.h"
#include "portal/second.h"
#include "portal/step.h"
#include "portal/visit.h"

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- beginning it in a session that goes on ---- */

/* What only this browser has: a cookie that whoever was signed in for long may not have. */
static int give_cookie(struct portico_request *request, const char *next)
{
    char token[IDENTITY_TOKEN_SIZE];
    identity_token_make(token);
    int code = inside_set_cookie(request, COOKIE_VISITOR, token, COOKIE_UNTIL_CLOSED);
    return code < 0
               ? code
               : portico_reply_redirect(request, 303,
                                        portico_printf(request, "%s&given=1",
                                                       visit_path(request, "/login/step", next)));
}

static int begin_due(struct portico_request *request, struct store_session *session,
                     const char *next, const char **ret_path, struct portico_error *error)
{
    struct identity *identity = inside_host(request)->identity;
    const char *cookie = inside_cookie(request, COOKIE_SESSION);
    char token[IDENTITY_TOKEN_SIZE];
    struct identity_session live;
    struct identity_standing standing;
    unsigned due = 0;
    int code = identity_session_find(identity, session, cookie ? cookie : "", &live, error);
    if (code == 0)
        code = identity_standing(identity, session, live.person.id, live.account, &standing, error);
    if (code == 0)
        code = identity_step_due(identity, session, &live, &standing, &due, error);
    *ret_path = next;
    if (code < 0 || !due)
        return code;
    code = identity_half_start(identity, session, live.person.id, due, live.remembered,
                               visit_browser(request), token, error);
    return code < 0 ? code : visit_step(request, due, token, next, ret_path);
}

int step_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    const char *next = inside_next(request, portico_query_param(request, "next"), "/"), *path;
    if (!inside_cookie(request, COOKIE_VISITOR) && !portico_query_param(request, "given"))
        return give_cookie(request, next);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = begin_due(request, session, next, &path, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code == PORTICO_ENOENT)
        return portico_reply_redirect(request, 303, visit_path(request, "/login", next));
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, path);
}

/* Who is at the step may be signed in already: then no password was asked for. */
static void show_whether_signed_in(const struct step *step, struct portico_value *view)
{
    struct portico_request *request = step->request;
    const char *cookie = inside_cookie(request, COOKIE_SESSION);
    struct identity_session live;
    bool goes_on = cookie &&
                   identity_session_find(inside_host(request)->identity, step->session, cookie,
                                         &live, NULL) == 0 &&
                   live.person.id == step->half.person;
    portico_set_boolean(view, "goes_on", goes_on);
    if (goes_on)
        portico_set_text(view, "leave_token", inside_token(request));
}

/* ---- showing it ---- */

static int prove_in(const struct step *step, struct portico_form *form,
                    struct identity_signed_in *ret_in, struct portico_error *error)
{
    struct portico_request *request = step->request;
    const bool trust = portico_form_boolean(form, "trust");
    enum identity_proof proof;
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = identity_code_use(inside_host(request)->identity, step->session, step->half.person,
                             portico_form_text(form, "code"), &proof, error);
    if (code == 0)
        code = step_finish(step, trust, ret_in, error);
    if (code == 0 && proof == IDENTITY_PROOF_RECOVERY)
        code = letters_tell(request, step->half.person, LETTERS_RECOVERY_USED, error);
    if (code == 0 && proof == IDENTITY_PROOF_RECOVERY)
        code = visit_audit(request, "recovery.used", step->half.person, step->half.person, NULL,
                           error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

static int show_second(const struct step *step, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(step->request);
    struct identity_second second;
    int code = identity_second_look(step->session, step->half.person, &second, &error);
    if (code == 0)
        code = passkey_offer(step->request, view, IDENTITY_PASSKEY_SECOND, step->half.person,
                             "/login/second/passkey", step->next, &error);
    if (code < 0)
        return visit_failed(step->request, code, &error);
    portico_set_boolean(view, "app", second.app);
    show_whether_signed_in(step, view);
    portico_set_boolean(view, "refused", portico_query_param(step->request, "passkey") != NULL);
    portico_set_header(step->request, "Cache-Control", "no-store");
    return portico_form_reply(form, "second", view);
}

static int prove(const struct step *step, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = step->request;
    struct identity_signed_in in;
    const char *next;
    int code = step_spend(step, form, "code", &error);
    if (code == 0)
        code = prove_in(step, form, &in, &error);
    if (visit_vetoed(&error))
        return step_kept_out(step, code, &error);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT)
        identity_count(inside_host(request)->identity, code);
    if (code == PORTICO_EPERM)
        portico_form_reject(
            form, "code",
            say(request, /* translated */ "This code is not right, or was used already: take the "
                                          "next one your app shows."));
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT)
        return show_second(step, form);
    if (code == PORTICO_ENOENT)
        return step_over(request, step->next);
    if (code == 0)
        code = step_done(step, &in, &next);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, next, NULL, &error);
}

int second_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_form *form = portico_form_open(request, "second", NULL);
    const struct identity_rules *rules = identity_rules(inside_host(request)->identity);
    struct step step = { .request = request,
                         .next = inside_next(request, portico_query_param(request, "next"), "/") };
    portico_form_set_text(form, "next", step.next);
    portico_form_action(form, "/login/second");
    if (!rules->trust)
        portico_form_leave_out(form, "trust");
    if (portico_form_sent(form))
        step.next = inside_next(request, portico_form_text(form, "next"), "/");
    int code = step_find(&step, IDENTITY_HALF_PROVE, &error);
    if (code == PORTICO_ENOENT)
        return step_over(request, step.next);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_valid(form) ? prove(&step, form) : show_second(&step, form);
}

static int prove_passkey_in(const struct step *step, struct identity_signed_in *ret_in,
                            struct portico_error *error)
{
    struct identity_passkey_claim claim;
    int64_t person;
    passkey_claim(step->request, &claim);
    int code = portico_begin(portico_db(step->request), error);
    if (code < 0)
        return code;
    code = identity_passkey_use(inside_host(step->request)->identity, step->session,
                                IDENTITY_PASSKEY_SECOND, step->half.person, &claim, &person, error);
    if (code == 0)
        code = step_finish(step, false, ret_in, error);
    if (code == 0)
        return portico_commit(portico_db(step->request), error);
    portico_rollback(portico_db(step->request));
    return code;
}

int second_passkey(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct step step = { .request = request,
                         .next = inside_next(request, portico_form(request, "next"), "/") };
    struct identity_signed_in in;
    const char *next;
    int code = step_find(&step, IDENTITY_HALF_PROVE, &error);
    if (code == 0)
        code = step_spend(&step, NULL, NULL, &error);
    if (code == 0)
        code = prove_passkey_in(&step, &in, &error);
    if (visit_vetoed(&error))
        return step_kept_out(&step, code, &error);
    if (code == PORTICO_ENOENT)
        return step_over(request, step.next);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT) {
        identity_count(inside_host(request)->identity, code);
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "%s&passkey=refused",
                           visit_path(request, "/login/second", step.next)));
    }
    if (code == 0)
        code = step_done(&step, &in, &next);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, next);
}

/* ---- setting one up first ---- */

static struct identity_enrolling enrolling_of(const struct step *step)
{
    return (struct identity_enrolling){ .person = step->half.person,
                                        .id = step->half.id,
                                        .half = true };
}

static int enrol_in(const struct step *step, struct portico_form *form,
                    struct identity_recovery *recovery, struct identity_signed_in *ret_in,
                    struct portico_error *error)
{
    struct portico_request *request = step->request;
    struct identity *identity = inside_host(request)->identity;
    const struct identity_enrolling enrolling = enrolling_of(step);
    const char *sealed;
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = identity_app_offered(step->session, &enrolling, &sealed, error);
    /* The step ends first: what is set up raises the rights it began under. */
    if (code == 0)
        code = step_finish(step, false, ret_in, error);
    if (code == 0)
        code = identity_app_confirm(identity, step->session, step->half.person, sealed,
                                    portico_form_text(form, "code"), recovery, error);
    if (code == 0 && ret_in->step)
        code = identity_half_renew(step->session, ret_in->token, error);
    if (code == 0)
        code = letters_tell(request, step->half.person, LETTERS_APP_SET, error);
    if (code == 0)
        code = visit_audit(request, "second-factor.added", step->half.person, step->half.person,
                           "app", error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

static int show_enrol(const struct step *step, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = step->request;
    struct portico_value *view = visit_view(request);
    const struct identity_enrolling enrolling = enrolling_of(step);
    int code = second_show_offer(request, step->session, &enrolling, view, &error);
    if (code == PORTICO_ENOENT)
        return step_over(request, step->next);
    if (code < 0)
        return visit_failed(request, code, &error);
    show_whether_signed_in(step, view);
    return portico_form_reply(form, "enrol", view);
}

static int enrol(const struct step *step, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = step->request;
    struct identity_recovery recovery;
    struct identity_signed_in in;
    const char *next;
    int code = step_spend(step, form, "code", &error);
    if (code == 0)
        code = enrol_in(step, form, &recovery, &in, &error);
    if (visit_vetoed(&error)) /* before the code was looked at: it stays a guess */
        return visit_failed(request, code, &error);
    if (code == PORTICO_EPERM)
        second_refuse(request, form);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT)
        return show_enrol(step, form);
    if (code == PORTICO_ENOENT)
        return step_over(request, step->next);
    if (code == 0)
        code = step_done(step, &in, &next);
    return code < 0 ? visit_failed(request, code, &error)
                    : second_show_codes(request, &recovery, next, NULL);
}

int enrol_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_form *form = portico_form_open(request, "enrol", NULL);
    struct step step = { .request = request,
                         .next = inside_next(request, portico_query_param(request, "next"), "/") };
    portico_form_set_text(form, "next", step.next);
    portico_form_action(form, "/login/enrol");
    if (portico_form_sent(form))
        step.next = inside_next(request, portico_form_text(form, "next"), "/");
    int code = step_find(&step, IDENTITY_HALF_ENROL, &error);
    if (code == PORTICO_ENOENT)
        return step_over(request, step.next);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_valid(form) ? enrol(&step, form) : show_enrol(&step, form);
}
