#include "portal/step.h"

#define MINUTE INT64_C(60000000)

int step_over(struct portico_request *request, const char *next)
{
    inside_set_cookie(request, COOKIE_STEP, "", COOKIE_REMOVED);
    return portico_reply_redirect(
        request, 303, portico_printf(request, "%s&over=1", visit_path(request, "/login", next)));
}

int step_find(struct step *step, enum identity_half_purpose purpose, struct portico_error *error)
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

int step_finish(const struct step *step, bool trust, struct identity_signed_in *ret_in,
                struct portico_error *error)
{
    struct portico_request *request = step->request;
    const struct identity_half_end end = {
        .half = &step->half,
        .known = inside_cookie(request, COOKIE_DEVICE),
        .replaces = inside_cookie(request, COOKIE_SESSION),
        .trust = trust,
        .device = { .agent = inside_agent(request), .network = inside_network(request) },
        .browser = visit_browser(request),
        .opening = { visit_began, request },
    };
    return identity_half_finish(inside_host(request)->identity, step->session, &end, ret_in, error);
}

static struct identity_second_try try_of(const struct step *step)
{
    return (struct identity_second_try){ step->half.person,
                                         inside_cookie(step->request, COOKIE_DEVICE),
                                         inside_network(step->request) };
}

static const char *too_many(struct portico_request *request, int64_t wait)
{
    return visit_words(request, /* translated */ "Too many tries. Try again in {minutes} min.",
                       "minutes", portico_printf(request, "%lld", (long long)(wait / MINUTE + 1)));
}

int step_spend(const struct step *step, struct portico_form *form, const char *field,
               struct portico_error *error)
{
    struct portico_request *request = step->request;
    const struct identity_second_try guess = try_of(step);
    int64_t wait = 0;
    int code = identity_tries_take(inside_host(request)->identity, step->session,
                                   IDENTITY_TRIES_GUESS, &guess, &wait, error);
    if (code == PORTICO_ELIMIT && form)
        portico_form_reject(form, field, too_many(request, wait));
    return code;
}

int step_ask(const struct step *step, int64_t *ret_wait, struct portico_error *error)
{
    const struct identity_second_try one = try_of(step);
    return identity_tries_take(inside_host(step->request)->identity, step->session,
                               IDENTITY_TRIES_MODULES, &one, ret_wait, error);
}

int step_answered(const struct step *step, struct portico_error *error)
{
    const struct identity_second_try one = try_of(step);
    return identity_tries_return(inside_host(step->request)->identity, step->session,
                                 IDENTITY_TRIES_MODULES, &one, error);
}

int step_kept_out(const struct step *step, int code, const struct portico_error *error)
{
    struct portico_error unsaid = PORTICO_ERROR_INIT;
    const struct identity_second_try guess = try_of(step);
    if (identity_tries_return(inside_host(step->request)->identity, step->session,
                              IDENTITY_TRIES_GUESS, &guess, &unsaid) < 0)
        portico_log(step->request, PORTICO_LOG_ERROR, "%s", unsaid.message);
    return visit_failed(step->request, code, error);
}

int step_wait(struct portico_request *request, int64_t wait)
{
    return visit_refused(request, 429, too_many(request, wait));
}

int step_done(const struct step *step, const struct identity_signed_in *in, const char **ret_path)
{
    struct portico_request *request = step->request;
    *ret_path = step->next;
    if (in->step) {
        int code = *in->known ? inside_set_cookie(request, COOKIE_DEVICE, in->known, VISIT_KNOWN)
                              : PORTICO_OK;
        return code < 0 ? code : visit_step(request, in->step, in->token, step->next, ret_path);
    }
    int code = visit_set_cookies(request, in->token, in->known, step->half.remembered);
    return code < 0 ? code : inside_set_cookie(request, COOKIE_STEP, "", COOKIE_REMOVED);
}
