/* Companies for the staff: which there are, and what one is: its name, place, state, ids elsewhere,
 * facts and people. What is changed goes through manage.h. */
#include "portal/admin_accounts.h"
#include "base/error.h"
#include "identity/person.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/delegation.h"
#include "portal/pages.h"
#include "portal/visit.h"

#define ACCOUNTS_A_PAGE 25
#define BELOW_SHOWN 50
#define WHO_MAX 254

const char *admin_refusal(struct portico_request *request, int code,
                          const struct portico_error *error)
{
    const bool said = code == PORTICO_EINVAL || code == PORTICO_EEXIST ||
                      code == PORTICO_ECONFLICT || code == PORTICO_EPERM ||
                      code == PORTICO_ELIMIT || code == PORTICO_ENOENT;
    const char *words = visit_event_words(request, code, error);
    return words ? words : said ? portico_translate(request, error->message, NULL) : NULL;
}

const char *admin_account_name(struct portico_request *request, int64_t id, const char *name)
{
    return id == IDENTITY_OWNER ? config_text(inside_host(request)->config, "portal", "name")
                                : name;
}

/* ---- the list ---- */

static void show_state(const char *state, const char *kind, struct portico_value *item)
{
    portico_set_boolean(item, "suspended", strcmp(state, "suspended") == 0);
    portico_set_boolean(item, "closed", strcmp(state, "closed") == 0);
    portico_set_boolean(item, "partner", strcmp(kind, "partner") == 0);
}

static void show_listed(struct portico_request *request, const struct portico_value *row,
                        struct portico_value *item)
{
    const int64_t id = portico_get_integer(row, "id", 0);
    portico_set_id(item, "id", id);
    portico_set_text(item, "name",
                     admin_account_name(request, id, portico_get_text(row, "name", "")));
    show_state(portico_get_text(row, "state", ""), portico_get_text(row, "kind", ""), item);
    portico_set_integer(item, "members", portico_get_integer(row, "members", 0));
}

static enum identity_account_state state_of(const char *word)
{
    static const char *const words[] = { "", "open", "suspended", "closed" };
    for (int i = 1; word && i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            return (enum identity_account_state)i;
    return 0;
}

/* What was asked for, so that the fields and the pages keep it. */
static void show_filter(struct portico_request *request, const struct identity_account_filter *of,
                        struct portico_value *view)
{
    const char *state = portico_query_param(request, "state");
    portico_set_text(view, "query", of->beginning ? of->beginning : "");
    portico_set_text(view, "kind", of->kind ? of->kind : "");
    portico_set_text(view, "state", of->state ? state : "");
    portico_set_boolean(view, "customers", of->kind && strcmp(of->kind, "customer") == 0);
    portico_set_boolean(view, "partners", of->kind && strcmp(of->kind, "partner") == 0);
    portico_set_boolean(view, "opened", of->state == IDENTITY_OPEN);
    portico_set_boolean(view, "suspended", of->state == IDENTITY_SUSPENDED);
    portico_set_boolean(view, "closed", of->state == IDENTITY_CLOSED);
    portico_set_boolean(view, "filtered",
                        (of->beginning && *of->beginning) || of->kind || of->state);
}

int accounts_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *query = portico_query_param(request, "q");
    const char *kind = portico_query_param(request, "kind");
    const int64_t after = visit_number(portico_query_param(request, "after"));
    const struct identity_account_filter filter = {
        .beginning = query && strlen(query) <= WHO_MAX ? query : NULL,
        .kind =
            kind && (strcmp(kind, "customer") == 0 || strcmp(kind, "partner") == 0) ? kind : NULL,
        .state = (int)state_of(portico_query_param(request, "state")),
    };
    struct identity_account last = { 0 };
    struct store_session *session;
    struct value *rows = NULL;
    int code = visit_session(request, &session, &error);
    const bool behind =
        code == 0 && after && identity_account_look(session, after, &last, NULL) == 0;
    const struct identity_place place = { behind ? last.name : "", after };
    if (code == 0)
        code = identity_account_list(session, &filter, behind ? &place : NULL, ACCOUNTS_A_PAGE + 1,
                                     &rows, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = visit_view(request);
    struct portico_value *list = portico_set_list(view, "accounts");
    for (uint32_t i = 0; i < rows->count && i < ACCOUNTS_A_PAGE; i++)
        show_listed(request, value_public(value_at(rows, i)), portico_append_object(list));
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "behind", behind);
    show_filter(request, &filter, view);
    if (rows->count > ACCOUNTS_A_PAGE)
        portico_set_id(
            view, "next",
            portico_get_integer(value_public(value_at(rows, ACCOUNTS_A_PAGE - 1)), "id", 0));
    else
        portico_set_text(view, "next", NULL);
    return portico_reply_view(request, "accounts", view);
}

/* ---- making one ---- */

static const char *typed(struct portico_request *request, const char *field)
{
    const char *value = portico_form(request, field);
    return value ? value : "";
}

static int make(struct portico_request *request, int64_t *ret_account, struct portico_error *error)
{
    const char *below = typed(request, "below"), *external = typed(request, "external");
    const char *kind = typed(request, "kind");
    struct identity_account above = { 0 };
    struct identity_new_account made = { .name = typed(request, "name"),
                                         .kind = *kind ? kind : NULL,
                                         .external = *external ? external : NULL };
    struct manage manage;
    int code = manage_of(request, &manage, error);
    if (code == 0)
        code = portico_begin(portico_db(request), error);
    if (code == 0 && *below)
        code = identity_account_named(manage.session, below, &above, error);
    made.parent = above.id;
    if (code == 0)
        code = manage_account_add(&manage, &made, ret_account, error);
    if (code == 0)
        code = portico_commit(portico_db(request), error);
    else
        portico_rollback(portico_db(request));
    return code;
}

int account_new_page(struct portico_request *request)
{
    static const char *const fields[] = { "name", "below", "external" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    const bool sent = strcmp(portico_method(request), "POST") == 0;
    const char *refused = NULL;
    int64_t account = 0;
    int code = sent ? make(request, &account, &error) : 0;
    if (sent && code == 0)
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "/admin/accounts/%lld?saved=made", (long long)account));
    if (code < 0 && !(refused = admin_refusal(request, code, &error)))
        return visit_failed(request, code, &error);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        portico_set_text(view, fields[i], sent ? typed(request, fields[i]) : "");
    portico_set_boolean(view, "partner", strcmp(typed(request, "kind"), "partner") == 0);
    portico_set_text(view, "refused", refused);
    if (refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "account-new", view);
}

/* ---- one of them ---- */

static const struct {
    const char *name, *words;
} outcomes[] = {
    { "made", /* translated */ "The company is there. Add its people next." },
    { "name", /* translated */ "Saved." },
    { "suspended", /* translated */ "Suspended: nobody acts in it any more." },
    { "opened", /* translated */ "Opened again." },
    { "closed", /* translated */ "Closed: nobody acts in it any more, and nobody joins it." },
    { "moved", /* translated */ "Moved, with everything below it." },
    { "known", /* translated */ "The id is added." },
    { "forgotten", /* translated */ "The id is taken away." },
    { "added", /* translated */ "They belong to it from now on." },
    { "member", /* translated */ "Saved. It holds everywhere within a second." },
    { "left", /* translated */ "They belong to it no more." },
    { "named", /* translated */ "Saved. The company sees it at once." },
    { "unnamed", /* translated */ "Taken away." },
    { "domain", /* translated */ "The domain is added. It counts once it is confirmed." },
    { "verified", /* translated */ "Confirmed: whoever has an address there can come in by it." },
    { "undomain",
      /* translated */ "The domain is taken away. Whoever came in by it still belongs to it." },
    { "lent",
      /* translated */ "Offered. They act for it once an admin of the partner accepts it." },
    { "ended", /* translated */ "Ended. It holds everywhere within a second." },
};

static void show_outcome(struct portico_request *request, struct portico_value *view)
{
    const char *saved = portico_query_param(request, "saved"), *words = NULL;
    for (size_t i = 0; saved && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            words = portico_translate(request, outcomes[i].words, NULL);
    portico_set_text(view, "saved", words);
}

static void show_named(struct portico_request *request, const struct value *rows,
                       struct portico_value *list)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const int64_t id = portico_get_integer(row, "id", 0);
        portico_set_id(item, "id", id);
        portico_set_text(item, "name",
                         admin_account_name(request, id, portico_get_text(row, "name", "")));
        show_state(portico_get_text(row, "state", ""), portico_get_text(row, "kind", ""), item);
    }
}

static int show_tree(struct portico_request *request, struct store_session *session,
                     const struct identity_account *account, struct portico_value *view,
                     struct portico_error *error)
{
    struct value *above, *below, *externals;
    int code = identity_account_above(session, account->id, &above, error);
    if (code == 0)
        code = identity_account_below(session, account->id, BELOW_SHOWN + 1, &below, error);
    if (code == 0)
        code = identity_account_externals(session, account->id, &externals, error);
    if (code < 0)
        return code;
    portico_set_boolean(view, "any_above", above->count > 0);
    portico_set_boolean(view, "any_below", below->count > 0);
    portico_set_boolean(view, "more_below", below->count > BELOW_SHOWN);
    below->count = below->count > BELOW_SHOWN ? BELOW_SHOWN : below->count;
    show_named(request, above, portico_set_list(view, "above"));
    show_named(request, below, portico_set_list(view, "below"));
    struct portico_value *list = portico_set_list(view, "externals");
    for (uint32_t i = 0; i < externals->count; i++)
        portico_set_text(portico_append_object(list), "external",
                         value_rows_at(externals, i)->text);
    return PORTICO_OK;
}

/* Why they did not get in. */
static const char *entering_lacks(struct portico_request *request)
{
    const char *lacking = portico_query_param(request, "lacking");
    if (lacking && strcmp(lacking, "reason") == 0)
        return portico_translate(
            request, /* translated */ "Say why, in at most 200 letters: its admins read it.", NULL);
    if (lacking && strcmp(lacking, "way") == 0)
        return portico_translate(
            request, /* translated */ "You act for this company already: switch to it.", NULL);
    return NULL;
}

static void show_account(struct portico_request *request, const struct identity_account *account,
                         struct portico_value *view)
{
    portico_set_id(view, "id", account->id);
    portico_set_id(view, "account", account->id);
    portico_set_boolean(view, "may_enter", portico_may(request, "portico.accounts.enter"));
    portico_set_text(view, "entering", entering_lacks(request));
    portico_set_text(view, "name", admin_account_name(request, account->id, account->name));
    portico_set_boolean(view, "owner", account->id == IDENTITY_OWNER);
    portico_set_boolean(view, "partner", strcmp(account->kind, "partner") == 0);
    portico_set_boolean(view, "opened", account->state == IDENTITY_OPEN);
    portico_set_boolean(view, "suspended", account->state == IDENTITY_SUSPENDED);
    portico_set_boolean(view, "closed", account->state == IDENTITY_CLOSED);
    portico_set_time(view, "created", account->created);
}

/* With what was typed and refused, or as it is. */
static int reply_account(struct portico_request *request, int64_t id, const char *act, int refusal,
                         const char *refused)
{
    static const char *const fields[] = { "new_name",    "above_name", "external",  "who",
                                          "title",       "team_who",   "team_role", "team_phone",
                                          "contact_who", "domain" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_account account;
    struct store_session *session;
    struct portico_value *view = visit_view(request);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_account_look(session, id, &account, &error);
    if (code == 0)
        code = show_tree(request, session, &account, view, &error);
    if (code == 0)
        code = company_show_facts(request, session, id, true, view, &error);
    if (code == 0)
        code = admin_show_members(request, session, id, view, &error);
    if (code == 0)
        code = admin_show_roles(request, session, id, NULL, view, &error);
    if (code == 0)
        code = company_show_team(request, session, id, view, &error);
    if (code == 0)
        code = company_show_contacts(request, session, id, view, &error);
    if (code == 0)
        code = company_show_domains(request, session, id, view, &error);
    if (code == 0)
        code = delegation_show(request, session, id,
                               portico_printf(request, "/admin/accounts/%lld", (long long)id), view,
                               &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    show_account(request, &account, view);
    delegation_show_typed(request, view, refused && strcmp(act, "delegate") == 0);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        portico_set_text(view, fields[i], refused ? typed(request, fields[i]) : "");
    if (!refused || strcmp(act, "name") != 0)
        portico_set_text(view, "new_name", account.name);
    show_outcome(request, view);
    portico_set_text(view, "refused", refused);
    portico_set_boolean(view, "wrong_delegation", refused && strcmp(act, "delegate") == 0);
    portico_set_boolean(view, "wrong_who", refused && strcmp(act, "add") == 0);
    portico_set_boolean(view, "wrong_team", refused && strcmp(act, "team") == 0);
    portico_set_boolean(view, "wrong_contact", refused && strcmp(act, "contact") == 0);
    portico_set_boolean(view, "wrong_domain", refused && strcmp(act, "domain") == 0);
    if (refused)
        inside_refused(request, refusal);
    return portico_reply_view(request, "account-admin", view);
}

int admin_account_page(struct portico_request *request)
{
    return reply_account(request, visit_number(portico_param(request, "id")), NULL, 0, NULL);
}

/* ---- changing it ---- */

static int act_name(struct admin_act *act, struct portico_error *error)
{
    struct identity_account account;
    const char *kind = typed(act->request, "kind");
    const char *name = typed(act->request, "new_name");
    int code = identity_account_look(act->manage.session, act->account, &account, error);
    if (code == 0 && strcmp(account.name, name) != 0)
        code = manage_account_rename(&act->manage, act->account, name, error);
    if (code == 0 && *kind && strcmp(account.kind, kind) != 0)
        code = manage_account_kind(&act->manage, act->account, kind, error);
    return code;
}

static int act_suspend(struct admin_act *act, struct portico_error *error)
{
    return manage_account_state(&act->manage, act->account, IDENTITY_SUSPENDED, error);
}

static int act_open(struct admin_act *act, struct portico_error *error)
{
    return manage_account_state(&act->manage, act->account, IDENTITY_OPEN, error);
}

static int act_close(struct admin_act *act, struct portico_error *error)
{
    return manage_account_state(&act->manage, act->account, IDENTITY_CLOSED, error);
}

static int act_move(struct admin_act *act, struct portico_error *error)
{
    const char *name = typed(act->request, "above_name");
    struct identity_account above = { 0 };
    int code = *name ? identity_account_named(act->manage.session, name, &above, error) : 0;
    return code < 0 ? code : manage_account_move(&act->manage, act->account, above.id, error);
}

static int act_know(struct admin_act *act, struct portico_error *error)
{
    return manage_account_know(&act->manage, act->account, typed(act->request, "external"), error);
}

static int act_forget(struct admin_act *act, struct portico_error *error)
{
    return manage_account_forget(&act->manage, act->account, typed(act->request, "known"), error);
}

static int act_add(struct admin_act *act, struct portico_error *error)
{
    struct identity_person person;
    const struct identity_new_member base = { .account = act->account,
                                              .title = typed(act->request, "title"),
                                              .source = "staff" };
    struct identity_new_member made = base;
    int code =
        identity_person_named(act->manage.session, typed(act->request, "who"), &person, error);
    if (code == 0)
        code =
            admin_read_roles(act->request, act->manage.session, act->account, &made.roles, error);
    made.person = person.id;
    return code < 0 ? code : manage_member_add(&act->manage, &made, NULL, error);
}

static int act_delegate(struct admin_act *act, struct portico_error *error)
{
    const char *roles;
    int code = admin_read_roles(act->request, act->manage.session, act->account, &roles, error);
    return code < 0 ? code
                    : delegation_give(act->request, &act->manage, act->account, roles, error);
}

static int act_undelegate(struct admin_act *act, struct portico_error *error)
{
    return manage_delegation_end(&act->manage, act->account,
                                 visit_number(typed(act->request, "end")), NULL, error);
}

static const struct {
    const char *name, *saved;
    int (*run)(struct admin_act *act, struct portico_error *error);
    bool grave; /* who does it proves again that it is them */
    int (*before)(struct admin_act *act, struct portico_error *error); /* outside the transaction */
} acts[] = {
    { "name", "name", act_name, false, NULL },
    { "suspend", "suspended", act_suspend, true, NULL },
    { "open", "opened", act_open, false, NULL },
    { "close", "closed", act_close, true, NULL },
    { "move", "moved", act_move, true, NULL },
    { "know", "known", act_know, false, NULL },
    { "forget", "forgotten", act_forget, false, NULL },
    { "add", "added", act_add, false, NULL },
    { "team", "named", admin_act_team, false, NULL },
    { "unteam", "unnamed", admin_act_unteam, false, NULL },
    { "contact", "named", admin_act_contact, false, NULL },
    { "uncontact", "unnamed", admin_act_uncontact, false, NULL },
    { "domain", "domain", admin_act_domain, true, NULL },
    { "look", "verified", admin_act_look, false, admin_look_domain },
    { "vouch", "verified", admin_act_vouch, true, NULL },
    { "undomain", "undomain", admin_act_undomain, false, NULL },
    { "delegate", "lent", act_delegate, true, NULL },
    { "undelegate", "ended", act_undelegate, false, NULL },
};

/* Adding somebody is as grave as the roles that are ticked; to the owner's company, it makes them
 * one of the staff. */
static int is_grave(const struct admin_act *act, size_t i, bool *ret_grave,
                    struct portico_error *error)
{
    const char *roles = " ";
    int code = acts[i].run == act_add ? admin_read_roles(act->request, act->manage.session,
                                                         act->account, &roles, error)
                                      : 0;
    *ret_grave =
        acts[i].grave || roles[1] || (acts[i].run == act_add && act->account == IDENTITY_OWNER);
    return code;
}

int admin_account_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *name = typed(request, "act"), *refused;
    struct admin_act act = { .request = request,
                             .account = visit_number(portico_param(request, "id")) };
    size_t i = 0;
    while (i < sizeof acts / sizeof *acts && strcmp(acts[i].name, name) != 0)
        i++;
    if (i == sizeof acts / sizeof *acts)
        return PORTICO_EINVAL;
    bool grave = false;
    int answer;
    int code = manage_of(request, &act.manage, &error);
    if (code == 0)
        code = is_grave(&act, i, &grave, &error);
    if (code == 0 && grave &&
        !again_or_ask(request,
                      portico_printf(request, "/admin/accounts/%lld", (long long)act.account),
                      &answer))
        return answer;
    if (code == 0 && acts[i].before)
        code = acts[i].before(&act, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = acts[i].run(&act, &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code == 0)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "/admin/accounts/%lld?saved=%s",
                                                     (long long)act.account, acts[i].saved));
    refused = admin_refusal(request, code, &error);
    return refused ? reply_account(request, act.account, name, code, refused)
                   : visit_failed(request, code, &error);
}
