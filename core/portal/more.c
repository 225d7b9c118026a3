/* The last page of signing in: what modules ask, named in [sign_in] steps, before the session
 * begins. It is asked of everybody, whichever way they came. */
#include "base/error.h"
#include "base/value_copy.h"
#include "module/form.h"
#include "module/sign_in.h"
#include "portal/pages.h"
#include "portal/step.h"

#include <glib.h>

/* The step that is due, and what it asks. */
struct more {
    struct step step;
    const char *service; /* NULL: nothing is asked any more */
    struct sign_in_asked asked;
};

static bool is_passed(const char *passed, const char *service)
{
    char **words = g_strsplit(passed ? passed : "", " ", -1);
    const bool found = g_strv_contains((const char *const *)words, service);
    g_strfreev(words);
    return found;
}

/* Negative: a module failed, and the answer is visit_shut's. */
static int find_due(struct more *more, struct portico_error *error)
{
    struct portico_request *request = more->step.request;
    struct module_host *host = inside_host(request);
    const char *const *service = sign_in_steps(host);
    int code = PORTICO_OK;
    for (; code == 0 && *service; service++) {
        if (is_passed(more->step.half.passed, *service))
            continue;
        code = sign_in_ask(host, *service, more->step.half.person, portico_locale(request),
                           inside_arena(request), &more->asked, error);
        if (code == 0 && more->asked.due) {
            more->service = *service;
            return PORTICO_OK;
        }
    }
    return code;
}

/* What goes with the session is asked for before the transaction: it may take its time. */
static int decorate(struct more *more, struct portico_error *error)
{
    struct portico_request *request = more->step.request;
    struct identity_half *half = &more->step.half;
    struct identity_person person;
    int code = identity_person_look(more->step.session, half->person, &person, error);
    return code < 0 ? code
                    : sign_in_decorate(inside_host(request), &person, portico_locale(request),
                                       inside_arena(request), &half->carried, error);
}

/* That they answered was rolled back with the session, which the last of them refused. */
static void answered_after_all(const struct more *more)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (step_answered(&more->step, &error) < 0)
        portico_log(more->step.request, PORTICO_LOG_ERROR, "%s", error.message);
}

/* Nothing is asked any more: the session begins. */
static int enter(struct more *more)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = more->step.request;
    struct identity_signed_in in;
    const char *next;
    if (decorate(more, &error) < 0)
        return visit_shut(request, more->step.half.person);
    int code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = step_finish(&more->step, false, &in, &error);
    if (code == 0)
        code = step_answered(&more->step, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (visit_kept_out(code, &error))
        answered_after_all(more);
    if (visit_vetoed(&error))
        return visit_failed(request, code, &error);
    if (code == PORTICO_ENOENT)
        return step_over(request, more->step.next);
    if (code == 0)
        code = step_done(&more->step, &in, &next);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, next);
}

static int show(const struct more *more, struct portico_form *form)
{
    struct portico_request *request = more->step.request;
    struct portico_value *view = visit_view(request);
    portico_set_text(view, "title", more->asked.title);
    portico_set_text(view, "text", more->asked.text);
    portico_set_header(request, "Cache-Control", "no-store");
    return portico_form_reply(form, "more", view);
}

static struct portico_value *values_of(struct portico_request *request, struct portico_form *form)
{
    const struct form *whole = (const struct form *)form;
    struct portico_value *values = portico_object(request);
    for (unsigned i = 0; i < whole->field_count; i++) {
        const char *name = whole->fields[i].field->name;
        const struct portico_value *value = portico_form_value(form, name);
        struct value *copy = value ? value_copy(inside_arena(request), value_of(value)) : NULL;
        if (copy)
            portico_set(values, name, value_public(copy));
    }
    return values;
}

/* Beside what another answer of the same sign-in may do at this moment: then it is read again. */
static int pass(struct more *more, const struct value *result,
                const struct identity_second_try *guess, struct portico_error *error)
{
    struct portico_request *request = more->step.request;
    struct module_host *host = inside_host(request);
    const struct identity_half *half = &more->step.half;
    int code = PORTICO_ECONFLICT;
    while (code == PORTICO_ECONFLICT) {
        struct identity_half now = *half;
        now.passed =
            portico_printf(request, "%s %s", half->passed ? half->passed : "", more->service);
        code =
            sign_in_carry(host, more->service, result, inside_arena(request), &now.carried, error);
        if (code == 0)
            code = identity_half_pass(host->identity, more->step.session, half, &now, guess, error);
        if (code != PORTICO_ECONFLICT)
            break;
        int again = step_find(&more->step, IDENTITY_HALF_MORE, error);
        if (again < 0 || is_passed(half->passed, more->service))
            return again;
    }
    return code;
}

/* A guess, as a code may be asked for. 0: it is right, and the step is done. */
static int try_answer(struct more *more, struct portico_form *form, bool *ret_failed,
                      struct portico_error *error)
{
    struct portico_request *request = more->step.request;
    const struct identity_half *half = &more->step.half;
    struct value *result;
    const struct identity_second_try guess = { half->person, inside_cookie(request, COOKIE_DEVICE),
                                               inside_network(request) };
    int code = step_spend(&more->step, form, NULL, error);
    if (code < 0)
        return code;
    code = sign_in_answer(inside_host(request), more->service, half->person,
                          value_of(values_of(request, form)), portico_locale(request),
                          inside_arena(request), &result, error);
    *ret_failed = code < 0 && code != PORTICO_EPERM;
    return code < 0 ? code : pass(more, result, &guess, error);
}

static int answer(struct more *more, struct portico_form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = more->step.request;
    bool failed = false;
    int code = try_answer(more, form, &failed, &error);
    if (failed)
        return visit_shut(request, more->step.half.person);
    if (code == PORTICO_EPERM)
        portico_form_reject(form, NULL, error.message);
    if (code == PORTICO_EPERM || code == PORTICO_ELIMIT)
        return show(more, form);
    if (code == PORTICO_ENOENT)
        return step_over(request, more->step.next);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, visit_path(request, "/login/more", more->step.next),
                                        NULL, &error);
}

int more_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t wait = 0;
    struct more more = { .step = { .request = request,
                                   .next = inside_next(
                                       request, portico_query_param(request, "next"), "/") } };
    int code = step_find(&more.step, IDENTITY_HALF_MORE, &error);
    if (code == PORTICO_ENOENT)
        return step_over(request, more.step.next);
    if (code == 0)
        code = step_ask(&more.step, &wait, &error);
    if (code == PORTICO_ELIMIT)
        return step_wait(request, wait);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (find_due(&more, &error) < 0)
        return visit_shut(request, more.step.half.person);
    if (!more.service)
        return enter(&more);
    struct portico_form *form =
        inside_form_of(request, more.asked.of, more.asked.form, more.service);
    if (!form)
        return visit_shut(request, more.step.half.person);
    code = step_answered(&more.step, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_form_action(form, visit_path(request, "/login/more", more.step.next));
    return portico_form_valid(form) ? answer(&more, form) : show(&more, form);
}
