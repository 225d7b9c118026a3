/* The account one acts in: which ones there are, and going over to another. */
#include "base/error.h"
#include "identity/account.h"
#include "identity/acting.h"
#include "identity/known.h"
#include "identity/looking.h"
#include "portal/pages.h"
#include "portal/visit.h"

#define ACCOUNTS_A_PAGE 25

static const char *name_of(struct portico_request *request, const char *name)
{
    return name && *name ? name : config_text(inside_host(request)->config, "portal", "name");
}

/* A token acts in its own account, and knows no other. */
static int list_own(struct portico_request *request, struct portico_value *list,
                    struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(request);
    struct identity_account account;
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0 && viewer->account)
        code = identity_account_look(session, viewer->account, &account, error);
    if (code < 0 || !viewer->account)
        return code;
    struct portico_value *item = portico_append_object(list);
    portico_set_id(item, "id", account.id);
    portico_set_text(item, "name", name_of(request, account.name));
    portico_set_text(item, "kind", account.kind);
    if (viewer->through_name && *viewer->through_name)
        portico_set_text(item, "through", viewer->through_name);
    portico_set_boolean(item, "active", 1);
    return PORTICO_OK;
}

/* Fills a view with the page of accounts that the query asks for, and what follows it. */
static int list_accounts(struct portico_request *request, struct portico_value *list,
                         const char **ret_next, struct portico_error *error)
{
    const char *part = portico_query_param(request, "q");
    const int64_t after = visit_number(portico_query_param(request, "after"));
    struct identity_account last;
    struct store_session *session;
    struct value *rows = NULL;
    int code = visit_session(request, &session, error);
    /* Of an account one does not act in nothing is told, not even that it is there. */
    const bool behind =
        code == 0 && after &&
        identity_acts_in(session, inside_viewer(request)->person, after, NULL) == 1 &&
        identity_account_look(session, after, &last, NULL) == 0;
    const struct identity_place place = { behind ? last.name : "", after };
    if (code == 0)
        code = identity_accounts_search(session, inside_viewer(request)->person, part ? part : "",
                                        behind ? &place : NULL, ACCOUNTS_A_PAGE + 1, &rows, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count && i < ACCOUNTS_A_PAGE; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const int64_t id = portico_get_integer(row, "id", 0);
        portico_set_id(item, "id", id);
        portico_set_text(item, "name", name_of(request, portico_get_text(row, "name", "")));
        portico_set_text(item, "kind", portico_get_text(row, "kind", ""));
        if (*portico_get_text(row, "through", ""))
            portico_set_text(item, "through", portico_get_text(row, "through", ""));
        portico_set_boolean(item, "active", id == inside_viewer(request)->account);
        if (i + 1 == ACCOUNTS_A_PAGE && rows->count > ACCOUNTS_A_PAGE)
            *ret_next = portico_printf(request, "%lld", (long long)id);
    }
    return 0;
}

/* ---- the page ---- */

int switch_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *query = portico_query_param(request, "q"), *next = NULL;
    struct portico_value *view = portico_object(request);
    struct portico_value *list = portico_set_list(view, "accounts");
    int code = list_accounts(request, list, &next, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "any", portico_count(list) > 0);
    portico_set_boolean(view, "searched", query && *query);
    portico_set_boolean(view, "long", next || (query && *query) || portico_count(list) > 8);
    portico_set_text(view, "query", query);
    portico_set_text(view, "next", next);
    portico_set_boolean(view, "behind", portico_query_param(request, "after") != NULL);
    return portico_reply_view(request, "switch", view);
}

static int go_over(struct portico_request *request, int64_t account, struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(request);
    const struct identity_switch wanted = { .session = viewer->session,
                                            .person = viewer->person,
                                            .account = account,
                                            .token = inside_session_token(request),
                                            .renewed = viewer->renewed != NULL,
                                            .origin = inside_network(request) };
    char token[IDENTITY_TOKEN_SIZE];
    struct store_session *session;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    /* In somebody's place it is the look that goes over, and nothing of theirs. */
    code = (viewer->asker ? identity_look_switch : identity_session_switch)(
        inside_host(request)->identity, session, &wanted, token, error);
    if (code == 0)
        code = portico_commit(portico_db(request), error);
    else
        portico_rollback(portico_db(request));
    return code == 0 && *token ? visit_new_token(request, token, error) : code;
}

/* "account": over there, and home; "stay": what a link led to is where one wants to be. */
int switch_account(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *stay = portico_form(request, "stay");
    const char *back = portico_header(request, "referer");
    const char *own = inside_host(request)->canonical_url;
    int code =
        go_over(request, visit_chosen(stay ? stay : portico_form(request, "account")), &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    const size_t length = own ? strlen(own) : 0;
    const bool here = stay && back && length && strncmp(back, own, length) == 0;
    return portico_reply_redirect(request, 303,
                                  inside_next(request, here ? back + length : NULL, "/"));
}

/* ---- the API ---- */

int accounts_api(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    const char *next = NULL;
    int code = inside_viewer(request)->by_token ? list_own(request, items, &error)
                                                : list_accounts(request, items, &next, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (next)
        portico_set_text(answer, "next", next);
    return portico_reply_json(request, answer);
}

static int reply_account(struct portico_request *request, int64_t id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_account account;
    struct store_session *session;
    struct portico_value *answer = portico_object(request);
    int code = visit_session(request, &session, &error);
    if (code == 0 && id)
        code = identity_account_look(session, id, &account, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(answer, "active", id != 0);
    if (id) {
        portico_set_id(answer, "id", id);
        portico_set_text(answer, "name", name_of(request, account.name));
        portico_set_text(answer, "kind", account.kind);
    }
    return portico_reply_json(request, answer);
}

int account_api(struct portico_request *request)
{
    return reply_account(request, inside_viewer(request)->account);
}

int account_api_choose(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_value *body = portico_json(request, &error);
    const int64_t account = visit_chosen(portico_get_text(body, "id", ""));
    int code = go_over(request, account, &error);
    return code < 0 ? visit_failed(request, code, &error) : reply_account(request, account);
}
