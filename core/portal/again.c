#include "portal/again.h"

#include "base/error.h"
#include "identity/again.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/passkey.h"
#include "portal/visit.h"

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

static int is_fresh(struct portico_request *request, bool *ret_fresh, struct portico_error *error)
{
    struct store_session *session;
    int code = visit_session(request, &session, error);
    return code < 0 ? code
                    : identity_is_fresh(session, inside_viewer(request)->session, ret_fresh, error);
}

int again_ask(struct portico_request *request, struct portico_form *form,
              struct portico_error *error)
{
    bool fresh = false;
    int code = is_fresh(request, &fresh, error);
    return code == 0 && fresh ? portico_form_leave_out(form, AGAIN_FIELD) : code;
}

/* In the transaction that uses the code up: its person is told, as when it opens the second step.
 */
static int tell_recovery(void *data, int64_t person, struct portico_error *error)
{
    struct portico_request *request = data;
    int code = letters_tell(request, person, LETTERS_RECOVERY_USED, error);
    return code < 0 ? code : visit_audit(request, "recovery.used", person, person, NULL, error);
}

int again_passes(struct portico_request *request, struct portico_form *form,
                 struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(request);
    struct store_session *session;
    const struct identity_opening used = { tell_recovery, request };
    bool fresh = false;
    int code = is_fresh(request, &fresh, error);
    if (code == 0)
        code = visit_session(request, &session, error);
    if (code < 0 || fresh)
        return code < 0 ? code : 1;
    code = identity_prove_again_by(inside_host(request)->identity, session, viewer->person,
                                   viewer->session, portico_form_text(form, AGAIN_FIELD), &used,
                                   error);
    if (code == PORTICO_EPERM)
        portico_form_reject(form, AGAIN_FIELD,
                            say(request, /* translated */ "This is not your password."));
    else if (code == PORTICO_ELIMIT)
        portico_form_reject(form, AGAIN_FIELD,
                            say(request, /* translated */ "Too many tries. Try again in an hour."));
    else
        return code < 0 ? code : 1;
    return 0;
}

int again_or_ask(struct portico_request *request, const char *path, int *ret_answer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    bool fresh = false;
    int code = is_fresh(request, &fresh, &error);
    if (code == 0 && fresh)
        return 1;
    *ret_answer = code < 0 ? visit_failed(request, code, &error)
                           : portico_reply_redirect(request, 303,
                                                    visit_path(request, "/account/again", path));
    return 0;
}

int again_or_keep(struct portico_request *request, struct portico_form *form, const char *path,
                  int *ret_answer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (again_or_ask(request, path, ret_answer))
        return 1;
    int code = *ret_answer < 0 ? *ret_answer : inside_keep_draft(form, &error);
    if (code < 0)
        *ret_answer = visit_failed(request, code, &error);
    return 0;
}

int again_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *next = inside_next(request, portico_query_param(request, "next"), "/account");
    struct portico_form *form = portico_form_open(request, "again", NULL);
    bool fresh = false;
    int code = is_fresh(request, &fresh, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (fresh)
        return portico_reply_redirect(request, 303, next);
    portico_form_action(form, "/account/again");
    portico_form_set_text(form, "next", next);
    if (portico_form_valid(form)) {
        int passes = again_passes(request, form, &error);
        if (passes < 0)
            return visit_failed(request, passes, &error);
        if (passes)
            return portico_form_done(
                form, inside_next(request, portico_form_text(form, "next"), "/account"), NULL,
                &error);
    }
    struct portico_value *view = visit_view(request);
    code = passkey_offer(request, view, IDENTITY_PASSKEY_AGAIN, inside_viewer(request)->person,
                         "/account/again/passkey", next, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "refused", portico_query_param(request, "passkey") != NULL);
    return portico_form_reply(form, "again", view);
}

int again_passkey(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *next = inside_next(request, portico_form(request, "next"), "/account");
    const struct viewer *viewer = inside_viewer(request);
    struct identity_passkey_claim claim;
    struct store_session *session;
    int64_t person;
    passkey_claim(request, &claim);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = identity_passkey_use(inside_host(request)->identity, session, IDENTITY_PASSKEY_AGAIN,
                                    viewer->person, &claim, &person, &error);
    if (code == 0)
        code = identity_session_fresh(session, viewer->session, &error);
    if (code == 0)
        code = identity_session_prove(session, viewer->session, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code == PORTICO_EPERM)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "%s&passkey=refused",
                                                     visit_path(request, "/account/again", next)));
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, next);
}
