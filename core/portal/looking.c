/* Staff look into a company that they do not belong to, or at the portal in somebody's place, and
 * stop. Whom it is about is told. */
#include "identity/looking.h"
#include "base/error.h"
#include "identity/account.h"
#include "identity/audit.h"
#include "identity/holding.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/looking.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <glib.h>
#include <sodium.h>

#define REASON_MAX 200

static struct identity_switch who_of(struct portico_request *request, int64_t account)
{
    const struct viewer *viewer = inside_viewer(request);
    return (struct identity_switch){ .session = viewer->session,
                                     .person = viewer->asker ? viewer->asker : viewer->person,
                                     .account = account,
                                     .token = inside_session_token(request),
                                     .renewed = viewer->renewed != NULL,
                                     .origin = inside_network(request) };
}

/* ---- who is told ---- */

/* In the open transaction: the company's own admins, of whoever looked into it. */
static int tell_company(struct portico_request *request, const struct identity_looking *looking,
                        struct portico_error *error)
{
    struct identity_account account;
    struct store_session *session;
    const int64_t id = looking->who.account;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_account_look(session, id, &account, error);
    if (code < 0)
        return code;
    struct portico_value *arguments = portico_object(request);
    portico_set_text(arguments, "name", inside_viewer(request)->name);
    portico_set_text(arguments, "company", account.name);
    const struct portico_notice notice = {
        .kind = "account-entered",
        .subject = portico_printf(request, "entered/%lld", (long long)id),
        .title = /* translated */ "{name} of the staff looks into {company}",
        .arguments = arguments,
        .text = looking->reason,
        .url = "/account/company/log",
    };
    return company_tell_admins(request->context, id, &notice, NULL, error);
}

static int tell_person(struct portico_request *request, const struct identity_looking *looking,
                       struct portico_error *error)
{
    const portico_id person = looking->person;
    struct portico_value *arguments = portico_object(request);
    portico_set_text(arguments, "name", inside_viewer(request)->name);
    const struct portico_notice notice = {
        .size = sizeof notice,
        .flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION,
        .kind = "viewed-as",
        .subject = portico_printf(request, "viewed/%lld", (long long)person),
        .title =
            /* translated */ "{name} of the staff sees the portal as you do, for an hour at most",
        .arguments = arguments,
        .text = looking->reason,
        .url = "/account/security#looked",
        .people = &person,
        .people_count = 1,
        .reason = /* translated */ "because it is about you",
    };
    return portico_notify(portico_notices(request), &notice, error);
}

/* ---- beginning and stopping ---- */

const char *looking_lacks(struct portico_request *request)
{
    const char *lacking = portico_query_param(request, "lacking");
    if (lacking && strcmp(lacking, "reason") == 0)
        return portico_translate(
            request, /* translated */ "Say why, in at most 200 letters: they read it.", NULL);
    if (lacking && strcmp(lacking, "over") == 0)
        return portico_translate(request,
                                 /* translated */ "They may do more than you: ask an admin.", NULL);
    return NULL;
}

/* The records and what is told are in the same transaction: without them nobody looks. */
static int begin(struct portico_request *request, const struct identity_looking *looking,
                 char *token, struct portico_error *error)
{
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = identity_look_begin(inside_host(request)->identity, session, looking, token, error);
    if (code == 0)
        code = (looking->person ? tell_person : tell_company)(request, looking, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

static const char *reason_of(struct portico_request *request)
{
    const char *reason = portico_form(request, "reason");
    const bool said = reason && reason[strspn(reason, " \t\r\n")];
    return said && g_utf8_strlen(reason, -1) <= REASON_MAX ? reason : NULL;
}

/* From the page that offers it, which shows what is lacking. */
static int look(struct portico_request *request, const char *page,
                const struct identity_looking *looking)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *lacking = NULL;
    char token[IDENTITY_TOKEN_SIZE] = "";
    int answer, code = 0;
    if (!again_or_ask(request, page, &answer))
        return answer;
    if (!looking->reason)
        lacking = "reason";
    else
        code = begin(request, looking, token, &error);
    if (code == PORTICO_EEXIST)
        lacking = "way";
    else if (code == PORTICO_EPERM && looking->person)
        lacking = "over";
    if (lacking)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "%s?lacking=%s", page, lacking));
    if (code == 0 && *token)
        code = visit_new_token(request, token, &error);
    sodium_memzero(token, sizeof token);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, "/");
}

int enter_account(struct portico_request *request)
{
    const int64_t account = visit_number(portico_param(request, "id"));
    const struct identity_looking looking = { .who = who_of(request, account),
                                              .reason = reason_of(request) };
    return look(request, portico_printf(request, "/admin/accounts/%lld", (long long)account),
                &looking);
}

/* Where a look at a person is begun, by whoever looks after people and by who only looks. */
static const char *page_of(struct portico_request *request, int64_t person, bool admin)
{
    return portico_printf(request, "/admin/%s/%lld", admin ? "people" : "look", (long long)person);
}

int view_person(struct portico_request *request)
{
    const int64_t person = visit_number(portico_param(request, "id"));
    const struct identity_looking looking = { .who = who_of(request, 0),
                                              .person = person,
                                              .reason = reason_of(request) };
    if (!person)
        return PORTICO_ENOENT;
    return look(request, page_of(request, person, portico_may(request, "portico.admin")), &looking);
}

int leave_account(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct viewer *viewer = inside_viewer(request);
    const struct identity_switch who = who_of(request, 0);
    const char *page = "/";
    char token[IDENTITY_TOKEN_SIZE] = "";
    struct store_session *session = NULL;
    int code = viewer_looks(viewer) ? visit_session(request, &session, &error) : 0;
    if (code == 0 && viewer->asker)
        page = page_of(request, viewer->person,
                       identity_person_may(inside_host(request)->identity, session, viewer->asker,
                                           0, "portico.admin", NULL) > 0);
    else if (viewer->entered)
        page = portico_printf(request, "/admin/accounts/%lld", (long long)viewer->account);
    if (code == 0 && viewer_looks(viewer))
        code = identity_look_leave(session, &who, token, &error);
    if (code == 0 && *token)
        code = visit_new_token(request, token, &error);
    sodium_memzero(token, sizeof token);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303, page);
}
