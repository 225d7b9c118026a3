/* Why somebody may do or see something, or not, for admins: what `portico why` says, on a page. */
#include "identity/why.h"
#include "base/error.h"
#include "identity/account.h"
#include "identity/person.h"
#include "portal/pages.h"
#include "portal/reasons.h"
#include "portal/visit.h"

/* One question at work. */
struct asked {
    struct portico_request *request;
    struct store_session *session; /* as the host itself: no row is hidden */
    struct identity_question question;
    const char *wrong; /* the field that names what is not there */
};

static const char *typed(struct portico_request *request, const char *name)
{
    const char *text = portico_query_param(request, name);
    return text ? text : "";
}

/* A row is written as TABLE/ID, a page with a slash before it, else it is a permission's name. */
static int read_what(struct asked *asked, const char *what, struct portico_error *error)
{
    const struct module_route *route = NULL;
    const char *slash = strchr(what, '/');
    if (!slash) {
        asked->question.permission = what;
        return 0;
    }
    if (slash > what && slash[-1] != ' ')
        return reasons_row(asked->session, what, &asked->question, error);
    int code = reasons_route(inside_host(asked->request)->registry, what, &route, error);
    if (code == 0)
        reasons_of_route(route, &asked->question);
    return code;
}

static bool is_declared(const struct asked *asked, const char *permission)
{
    const struct viewer *viewer = inside_viewer(asked->request);
    if (strcmp(permission, PORTICO_PUBLIC) == 0 || strcmp(permission, PORTICO_SIGNED_IN) == 0)
        return true;
    for (size_t i = 0; i < viewer->permission_count; i++)
        if (strcmp(viewer->permissions[i].name, permission) == 0)
            return true;
    return false;
}

static int read_question(struct asked *asked, struct portico_error *error)
{
    struct portico_request *request = asked->request;
    const char *who = typed(request, "person"), *at = typed(request, "account");
    struct identity_person person = { 0 };
    struct identity_account account = { 0 };
    asked->wrong = "person";
    int code = *who ? identity_person_named(asked->session, who, &person, error) : 0;
    if (code == 0 && *at) {
        asked->wrong = "account";
        code = identity_account_named(asked->session, at, &account, error);
    }
    asked->question.person = person.id;
    asked->question.account = account.id;
    if (code < 0)
        return code;
    asked->wrong = "what";
    code = read_what(asked, typed(request, "what"), error);
    if (code == 0 && asked->question.permission && !is_declared(asked, asked->question.permission))
        code = error_set(error, PORTICO_ENOENT, "No module declares the permission %.100s.",
                         asked->question.permission);
    return code;
}

static void show_answer(struct asked *asked, const struct identity_why *why,
                        struct portico_value *view)
{
    struct portico_request *request = asked->request;
    const struct module_host *host = inside_host(request);
    reasons_show(host->pages, inside_arena(request), portico_locale(request), why, view);
    portico_set_text(view, "permission", asked->question.permission);
    portico_set_text(view, "permission_words",
                     asked->question.permission
                         ? reasons_permission(host, inside_arena(request), portico_locale(request),
                                              asked->question.permission)
                         : NULL);
    struct portico_value *list = portico_set_list(view, "givers");
    for (size_t i = 0; i < why->giver_count; i++) {
        struct portico_value *item = portico_append_object(list);
        portico_set_id(item, "id", why->givers[i].id);
        portico_set_text(item, "name", why->givers[i].name);
    }
    portico_set_boolean(view, "any_givers", portico_count(list) > 0);
}

static int answer(struct asked *asked, struct portico_value *view, struct portico_error *error)
{
    struct identity_why why;
    int code = read_question(asked, error);
    if (code == 0)
        code = identity_why(inside_host(asked->request)->identity, asked->session, &asked->question,
                            &why, error);
    if (code == 0)
        show_answer(asked, &why, view);
    return code;
}

/* What was not found, beside the field that names it. */
static void show_wrong(const struct asked *asked, int code, struct portico_value *view)
{
    static const struct {
        const char *field, *words;
    } said[] = {
        { "person", /* translated */ "Nobody is called so." },
        { "account", /* translated */ "No company is called so." },
        { "what", /* translated */ "There is no such page, row or permission." },
    };
    static const char several[] = /* translated */ "Several are called so: write the id.";
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (strcmp(said[i].field, asked->wrong) == 0)
            portico_set_text(view, portico_printf(asked->request, "wrong_%s", said[i].field),
                             portico_translate(asked->request,
                                               code == PORTICO_ECONFLICT ? several : said[i].words,
                                               NULL));
    portico_set_status(asked->request, 422);
}

int why_page(struct portico_request *request)
{
    static const char *const fields[] = { "person", "account", "what" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    struct asked asked = { .request = request };
    int code = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        portico_set_text(view, fields[i], typed(request, fields[i]));
    if (*typed(request, "what")) {
        asked.session = store_session_new(inside_host(request)->store, inside_arena(request),
                                          &store_viewer_host, "core");
        code = asked.session ? answer(&asked, view, &error) : PORTICO_ENOMEM;
        store_session_end(asked.session);
    }
    if (code == PORTICO_ENOENT || code == PORTICO_EINVAL || code == PORTICO_ECONFLICT)
        show_wrong(&asked, code, view);
    else if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "answered", code == 0 && *typed(request, "what"));
    return portico_reply_view(request, "why", view);
}
