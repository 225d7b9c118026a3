/* The second step of signing in: showing the second factor, or setting one up where a role needs
 * it. Whoever is here is nobody yet; what they have is a token that opens these two pages. */
#include "identity/second.h"
#include "base/error.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/passkey.h"
#include "portal/second.h"
#include "portal/visit.h"

#define MINUTE INT64_C(60000000)

/* One request for one of the two pages. */
struct step {
    struct portico_request *request;
    struct store_session *session;
    struct identity_half half;
    const char *next;
};

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* Back to name and password, with the reason. */
static int begin_again(struct portico_request *request, const char *next)
{
    inside_set_cookie(request, COOKIE_STEP, "", COOKIE_REMOVED);
    return portico_reply_redirect(
        request, 303, portico_printf(request, "%s&over=1", visit_path(request, "/login", next)));
}

/* ENOENT: there is no such step any more. */
static int find(struct step *step, enum identity_half_purpose purpose, struct portico_error *error)
{
    const char *token = inside_cookie(step->request, COOKIE_STEP);
    int code = visit_session(step->request, &step->session, error);
    if (code == 0)
        code = identity_half_find(inside_host(step->request)->identity, step->session, token,
                                  visit_browser(step->request), &step->half, error);
    if (code == 0 && step->half.purpose != purpose)
        code = PORTICO_ENOENT;
    return code;
}

static int finish(const struct step *step, bool trust, struct identity_signed_in *ret_in,
                  struct portico_error *error)
{
    struct portico_request *request = step->request;
    const struct identity_half_end end = {
        .half = &step->half,
        .known = inside_cookie(request, COOKIE_DEVICE),
        .replaces = inside_cookie(request, COOKIE_SESSION),
        .trust = trust,
        .device = { .agent = inside_agent(request), .network = inside_network(request) },
    };
    return identity_half_finish(inside_host(request)->identity, step->session, &end, ret_in, error);
}

static int spend(const struct step *step, struct portico_form *form, struct portico_error *error)
{
    struct portico_request *request = step->request;
    int64_t wait = 0;
    const struct identity_second_try guess = { step->half.person,
                                               inside_cookie(request, COOKIE_DEVICE),
                                               inside_network(request) };
    int code =
        identity_second_spend(inside_host(request)->identity, step->session, &guess, &wait, error);
    if (code == PORTICO_ELIMIT)
        portico_form_reject(
            form, "code",
            visit_words(request,
                        /* translated */
                        "Too many tries. Try again in {minutes} min.", "minutes",
                        portico_printf(request, "%lld", (long long)(wait / MINUTE + 1))));
    return code;
}

static int set_cookies(const struct step *step, const struct identity_signed_in *in)
{
    int code = visit_set_cookies(step->request, in->token, in->known, step->half.remembered);
    return code < 0 ? code : inside_set_cookie(step->request, COOKIE_STEP, "", COOKIE_REMOVED);
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
        code = finish(step, trust, ret_in, error);
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
    portico_set_boolean(view, "refused", portico_query_param(step->request, "passkey") != NULL);
    portico_set_header(step->request, "Cache-Control", "no-store");
    return portico_form_reply(form, "second", view);
}

static int prove(const struct step *step, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = step->request;
    struct identity_signed_in in;
    int code = spend(step, form, &error);
    if (code == 0)
        code = prove_in(step, form, &in, &error);
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
        return begin_again(request, step->next);
    if (code == 0)
        code = set_cookies(step, &in);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, step->next, NULL, &error);
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
    int code = find(&step, IDENTITY_HALF_PROVE, &error);
    if (code == PORTICO_ENOENT)
        return begin_again(request, step.next);
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
        code = finish(step, false, ret_in, error);
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
    int code = find(&step, IDENTITY_HALF_PROVE, &error);
    if (code == 0)
        code = spend(&step, NULL, &error);
    if (code == 0)
        code = prove_passkey_in(&step, &in, &error);
    if (code == PORTICO_ENOENT)
        return begin_again(request, step.next);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT) {
        identity_count(inside_host(request)->identity, code);
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "%s&passkey=refused",
                           visit_path(request, "/login/second", step.next)));
    }
    if (code == 0)
        code = set_cookies(&step, &in);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, step.next);
}

/* ---- setting one up first ---- */

static int enrol_in(const struct step *step, struct portico_form *form,
                    struct identity_recovery *recovery, struct identity_signed_in *ret_in,
                    struct portico_error *error)
{
    struct portico_request *request = step->request;
    struct identity *identity = inside_host(request)->identity;
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    /* The step ends first: what is set up raises the rights it began under. */
    code = finish(step, false, ret_in, error);
    if (code == 0)
        code = identity_app_confirm(identity, step->session, step->half.person,
                                    portico_form_text(form, "code"), recovery, error);
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
    int code = second_show_offer(request, step->session, step->half.person, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_reply(form, "enrol", view);
}

static int enrol(const struct step *step, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = step->request;
    struct identity_recovery recovery;
    struct identity_signed_in in;
    int code = spend(step, form, &error);
    if (code == 0)
        code = enrol_in(step, form, &recovery, &in, &error);
    if (code == PORTICO_EPERM)
        second_refuse(request, form);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT)
        return show_enrol(step, form);
    if (code == PORTICO_ENOENT)
        return begin_again(request, step->next);
    if (code == 0)
        code = set_cookies(step, &in);
    return code < 0 ? visit_failed(request, code, &error)
                    : second_show_codes(request, &recovery, step->next, NULL);
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
    int code = find(&step, IDENTITY_HALF_ENROL, &error);
    if (code == PORTICO_ENOENT)
        return begin_again(request, step.next);
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_valid(form) ? enrol(&step, form) : show_enrol(&step, form);
}
