/* One-time links: the first admin, a first or new password, one more address. Looking at a link
 * does not use it: programs that read mail open links before people do. */
#include "identity/link.h"
#include "base/error.h"
#include "identity/password.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/visit.h"

/* What a link is for, in words. */
static const struct {
    const char *title, *text, *submit;
    bool named; /* its person may correct their name */
} purposes[] = {
    [IDENTITY_LINK_SIGN_UP] = { .title = "Choose a password",
                                .text = /* translated */ "Your address is confirmed with it, and "
                                                         "you are in.",
                                .submit = /* translated */ "Start",
                                .named = true },
    [IDENTITY_LINK_INVITE] = { .title = "Welcome",
                               .text = /* translated */ "Choose a password, and you are in.",
                               .submit = /* translated */ "Start",
                               .named = true },
    [IDENTITY_LINK_RESET] = { .title = "Set a new password",
                              .text = /* translated */ "You are signed out everywhere else.",
                              .submit = /* translated */ "Set the password" },
    [IDENTITY_LINK_ADDRESS] = { 0 },
};

/* The link, if it is one and may be used as things stand. */
static int look(struct portico_request *request, const char *token,
                struct store_session **ret_session, struct identity_link *ret_link,
                const char **ret_reason, struct portico_error *error)
{
    int code = visit_session(request, ret_session, error);
    if (code == 0)
        code = identity_link_look(*ret_session, token, ret_link, ret_reason, error);
    return code < 0 ? code
                    : identity_link_good(inside_host(request)->identity, *ret_session, ret_link,
                                         ret_reason, error);
}

/* The link is over: why, and what to do. */
static int over(struct portico_request *request, const char *reason)
{
    struct portico_value *view = visit_view(request);
    portico_set_text(view, "reason", portico_translate(request, reason, NULL));
    portico_set_boolean(view, "signed_in", inside_viewer(request)->person != 0);
    portico_set_status(request, 410);
    return portico_reply_view(request, "link-over", view);
}

static int show(struct portico_request *request, struct portico_form *form, const char *view,
                const struct identity_link *link)
{
    struct portico_value *data = visit_view(request);
    portico_set_text(data, "address", link->address);
    portico_set_text(data, "title",
                     purposes[link->purpose].title
                         ? portico_translate(request, purposes[link->purpose].title, NULL)
                         : NULL);
    portico_set_text(data, "text",
                     purposes[link->purpose].text
                         ? portico_translate(request, purposes[link->purpose].text, NULL)
                         : NULL);
    return portico_form_reply(form, view, data);
}

/* Somebody proved who they are: they are signed in at once, or asked for their second factor. */
static int welcome(struct portico_request *request, struct portico_form *form, int64_t person,
                   const char *path)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = visit_begin(request, person, false, path, &path, &error);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, path, NULL, &error);
}

/* ---- a password ---- */

/* What is told in the transaction of a joining, and whether that failed. */
struct telling {
    struct portico_request *request;
    bool failed;
};

static int tell_joined(void *data, int64_t person, int64_t account, struct portico_error *error)
{
    struct telling *telling = data;
    int code = portal_tell_joined(telling->request, person, account, error);
    telling->failed = code < 0;
    return code;
}

/* Their sessions are over. Whoever the password is of reads that it was set by a link, and what
 * opens their sign-in still. */
static int tell_set(void *data, int64_t person, struct portico_error *error)
{
    struct telling *telling = data;
    struct letters_before before;
    int code = letters_before(telling->request, person, &before, error);
    if (code == 0)
        code = visit_tell(telling->request, "portal.portico.session.ended", person, "all", error);
    return code < 0 ? code
                    : letters_tell_before(telling->request, &before, LETTERS_PASSWORD_RESET, NULL,
                                          error);
}

static int set_password(struct portico_request *request, struct portico_form *form,
                        const struct identity_link *link, const char *token)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    const char *reason = NULL;
    const struct identity_profile profile = { .name = portico_form_text(form, "name") };
    struct telling telling = { .request = request };
    const struct identity_joining joining = { tell_joined, &telling, tell_set };
    int64_t person = 0;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_link_password(inside_host(request)->identity, session, token,
                                      portico_form_text(form, "password"), &joining, &person,
                                      &reason, &error);
    /* Nothing was done, and the link is as good as before. */
    if (telling.failed)
        return visit_not_joined(request, code, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code == PORTICO_EINVAL) {
        portico_form_reject(form, "password",
                            portico_translate(request, reason ? reason : error.message, NULL));
        return show(request, form, "link", link);
    }
    if (code == PORTICO_EEXIST || code == PORTICO_EPERM) {
        portico_form_reject(
            form, NULL,
            code == PORTICO_EPERM
                ? portico_translate(request, "This sign-in is switched off.", NULL)
                : portico_translate(
                      request, "This address belongs to another sign-in by now: sign in with that.",
                      NULL));
        return show(request, form, "link", link);
    }
    if (code == 0 && purposes[link->purpose].named && *profile.name)
        code = identity_person_change(session, person, &profile, &error);
    return code < 0 ? visit_failed(request, code, &error) : welcome(request, form, person, "/");
}

static int password_page(struct portico_request *request, const struct identity_link *link,
                         const char *token)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_person person;
    struct store_session *session;
    const char *wrong = NULL;
    struct portico_form *form = portico_form_open(request, "password", NULL);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_person_look(session, link->person, &person, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (purposes[link->purpose].named)
        portico_form_set_text(form, "name", person.name);
    else
        portico_form_leave_out(form, "name");
    portico_form_submit(form, portico_translate(request, purposes[link->purpose].submit, NULL));
    bool good = portico_form_valid(form) == 1;
    if (good && purposes[link->purpose].named)
        wrong = visit_wrong_name(request, portico_form_text(form, "name"), &person);
    if (wrong) {
        portico_form_reject(form, "name", wrong);
        good = false;
    }
    return good ? set_password(request, form, link, token) : show(request, form, "link", link);
}

/* ---- the first admin ---- */

static const char *first_field(const char *field)
{
    return field && (strcmp(field, "name") == 0 || strcmp(field, "address") == 0) ? field
                                                                                  : "password";
}

static int make_admin(struct portico_request *request, struct portico_form *form,
                      const struct identity_link *link, const char *token)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    const char *field = NULL, *reason = NULL;
    int64_t person = 0;
    const struct identity_joining joining = { .joined = portal_tell_joined, .data = request };
    const struct identity_first_admin admin = { .name = portico_form_text(form, "name"),
                                                .address = portico_form_text(form, "address"),
                                                .password = portico_form_text(form, "password"),
                                                .locale = portico_locale(request),
                                                .joining = &joining };
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_link_admin(inside_host(request)->identity, session, token, &admin, &person,
                                   &field, &reason, &error);
    if (visit_event_refused(code, &error))
        return visit_not_joined(request, code, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code == PORTICO_ECONFLICT)
        return over(request,
                    /* translated */ "This portal has an admin by now: sign in, or ask them.");
    if (code == PORTICO_EINVAL || code == PORTICO_EEXIST) {
        const char *at = first_field(field);
        const char *words = strcmp(at, "name") == 0 ? "Write a name people know you by."
                            : strcmp(at, "address") == 0
                                ? "Write a whole mail address, such as mara@example.com."
                            : reason ? reason
                                     : error.message;
        portico_form_reject(form, at, portico_translate(request, words, NULL));
        return show(request, form, "first-admin", link);
    }
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_log(request, PORTICO_LOG_INFO, "The first admin signed in: person %lld.",
                (long long)person);
    return welcome(request, form, person, "/admin");
}

static int first_admin_page(struct portico_request *request, const struct identity_link *link,
                            const char *token)
{
    struct portico_form *form = portico_form_open(request, "first_admin", NULL);
    return portico_form_valid(form) ? make_admin(request, form, link, token)
                                    : show(request, form, "first-admin", link);
}

int link_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *token = portico_param(request, "token"), *reason = NULL;
    struct identity_link link = { 0 };
    struct store_session *session;
    int code = look(request, token, &session, &link, &reason, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code < 0)
        return visit_failed(request, code, &error);
    switch (link.purpose) {
    case IDENTITY_LINK_ADMIN: return first_admin_page(request, &link, token);
    case IDENTITY_LINK_ADDRESS:
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "/account/confirm/%s", token));
    default: return password_page(request, &link, token);
    }
}

/* ---- one more address ---- */

/* Only whose sign-in it is to belong to confirms it: others are told what to do, and whoever is not
 * signed in goes on from there. */
static int not_theirs(struct portico_request *request, const struct identity_link *link,
                      const char *token)
{
    const bool nobody = inside_viewer(request)->person == 0;
    struct portico_value *view = visit_view(request);
    portico_set_text(view, "address", nobody ? link->address : NULL);
    portico_set_text(view, "sign_in",
                     nobody ? visit_path(request, "/login",
                                         portico_printf(request, "/account/confirm/%s", token))
                            : NULL);
    portico_set_header(request, "Cache-Control", "private, no-store");
    portico_set_status(request, nobody ? 200 : 403);
    return portico_reply_view(request, "confirm-whose", view);
}

/* Those who had addresses before are told of the new one. */
static int confirm_in(struct portico_request *request, struct store_session *session,
                      const char *token, struct identity_link *link, const char **ret_reason,
                      struct portico_error *error)
{
    const int64_t person = inside_viewer(request)->person;
    struct letters_before before;
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = letters_before(request, person, &before, error);
    if (code == 0)
        code = identity_link_address(inside_host(request)->identity, session, token, person, link,
                                     ret_reason, error);
    if (code == 0)
        code = letters_tell_before(request, &before, LETTERS_ADDRESS_NEW, link->address, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

int confirm_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *token = portico_param(request, "token"), *reason = NULL;
    const struct viewer *viewer = inside_viewer(request);
    struct identity_link link = { 0 };
    struct store_session *session;
    struct portico_form *form = portico_form_open(request, "confirm", NULL);
    int code = look(request, token, &session, &link, &reason, &error);
    if (code == 0 && link.purpose != IDENTITY_LINK_ADDRESS)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "/account/link/%s", token));
    if (code == 0 && (viewer->person != link.person || viewer->asker))
        return not_theirs(request, &link, token);
    if (code == 0 && !portico_form_valid(form))
        return show(request, form, "confirm", &link);
    if (code == 0)
        code = confirm_in(request, session, token, &link, &reason, &error);
    if (code == PORTICO_ENOENT)
        return over(request, reason ? reason : error.message);
    if (code == PORTICO_EEXIST)
        return over(request, /* translated */ "This address belongs to another sign-in by now.");
    if (code == PORTICO_EPERM)
        return not_theirs(request, &link, token);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, "/account?saved=address", NULL, &error);
}
