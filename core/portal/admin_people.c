/* People for admins: who there is, inviting, roles, switching off, ending sessions. Each act is an
 * event and a line in the log. */
#include "base/error.h"
#include "identity/giving.h"
#include "identity/link.h"
#include "identity/second.h"
#include "identity/session.h"
#include "identity/standing.h"
#include "portal/admin_accounts.h"
#include "portal/again.h"
#include "portal/device.h"
#include "portal/letters.h"
#include "portal/looking.h"
#include "portal/manage_merge.h"
#include "portal/pages.h"
#include "portal/people_list.h"
#include "portal/term.h"
#include "portal/tokens.h"
#include "portal/visit.h"

#include <stdlib.h>

/* ---- the list ---- */

static void show_person(struct portico_request *request, const struct portico_value *row,
                        struct portico_value *list)
{
    struct portico_value *item = portico_append_object(list);
    const char *name = portico_get_text(row, "name", "");
    const char *roles = portico_get_text(row, "roles", "");
    const char *state = portico_get_text(row, "state", "");
    const int64_t signed_in = portico_get_integer(row, "last_sign_in", 0);
    portico_set_id(item, "id", portico_get_integer(row, "id", 0));
    portico_set_text(item, "name", name);
    portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
    portico_set_text(item, "handle", portico_get_text(row, "handle", ""));
    portico_set_text(item, "address", portico_get_text(row, "address", NULL));
    portico_set_boolean(item, "admin", strstr(roles, "admin") != NULL);
    portico_set_boolean(item, "moderator", strstr(roles, "moderator") != NULL);
    portico_set_boolean(item, "waiting", strcmp(state, "waiting") == 0);
    portico_set_boolean(item, "disabled", strcmp(state, "disabled") == 0);
    if (signed_in)
        portico_set_time(item, "last_sign_in", signed_in);
    else
        portico_set_text(item, "last_sign_in", NULL);
}

int people_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    struct store_session *session;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = people_list_show(request, session, show_person, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "invited", portico_query_param(request, "invited") != NULL);
    portico_set_boolean(view, "erased", portico_query_param(request, "erased") != NULL);
    return portico_reply_view(request, "people", view);
}

static void note(struct portico_request *request, const char *what, int64_t person)
{
    portico_log(request, PORTICO_LOG_INFO, "Admin %lld: %s, person %lld.",
                (long long)inside_viewer(request)->person, what, (long long)person);
}

/* ---- inviting ---- */

static bool takes_nobody(struct portico_request *request)
{
    return identity_rules(inside_host(request)->identity)->closed;
}

static int make_invited(struct portico_request *request, struct portico_form *form,
                        struct store_session *session, int64_t *ret_person,
                        struct portico_error *error)
{
    const char *address = NULL, *key;
    const char *role = portico_form_text(form, "role");
    struct identity_letter letter = { .kind = IDENTITY_LETTER_LINK,
                                      .purpose = IDENTITY_LINK_INVITE,
                                      .locale = portico_form_text(form, "language") };
    const struct identity_new_person made = { .name = portico_form_text(form, "name"),
                                              .address = portico_form_text(form, "address"),
                                              .locale = letter.locale,
                                              .state = IDENTITY_WAITING };
    const uint64_t roles = identity_role_named(role, strlen(role)) & IDENTITY_STORED;
    const struct viewer *viewer = inside_viewer(request);
    struct manage manage;
    int code = manage_of(request, &manage, error);
    if (code == 0)
        code = identity_address_check(made.address, inside_arena(request), &address, &key, error);
    if (code == 0)
        code = letters_take(request, IDENTITY_OWNER, address, error);
    if (code == 0)
        code = identity_person_make(session, &made, ret_person, error);
    if (code == 0 && roles)
        code = identity_giving(inside_host(request)->identity, session, viewer->person,
                               IDENTITY_OWNER, *ret_person, role, error);
    if (code == 0)
        code = identity_link_invite(session, *ret_person, address, viewer->person, letter.token,
                                    error);
    letter.person = code == 0 ? *ret_person : 0;
    letter.address = address;
    if (code == 0)
        code = letters_send(request, &letter, viewer->name, error);
    if (code == 0)
        code = visit_tell(request, "portal.portico.person.invited", *ret_person, NULL, error);
    if (code == 0)
        code = visit_audit(request, "person.invited", viewer->person, *ret_person,
                           *role ? role : NULL, error);
    return code < 0 || !roles ? code : manage_staff_roles(&manage, *ret_person, roles, 0, error);
}

static int invite(struct portico_request *request, struct portico_form *form,
                  struct portico_value *view)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_person known;
    struct store_session *session;
    const char *name;
    int64_t person = 0;
    int code = visit_session(request, &session, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    if (identity_name_check(portico_form_text(form, "name"), inside_arena(request), &name, NULL) <
        0)
        portico_form_reject(
            form, "name", portico_translate(request, "Write the name people know them by.", NULL));
    if (identity_person_named(session, portico_form_text(form, "address"), &known, NULL) == 0)
        portico_form_reject(
            form, "address",
            visit_words(request, /* translated */ "{name} signs in with this address already.",
                        "name", known.name));
    if (!portico_form_valid(form))
        return portico_form_reply(form, "invite", view);
    code = portico_form_begin(form, &error);
    if (code == 0)
        code = make_invited(request, form, session, &person, &error);
    if (code == PORTICO_EPERM || visit_event_refused(code, &error)) {
        const char *words = visit_event_words(request, code, &error);
        portico_rollback(portico_db(request));
        portico_form_reject(form, "role",
                            words ? words : portico_translate(request, error.message, NULL));
        return portico_form_reply(form, "invite", view);
    }
    if (code == PORTICO_EINVAL) {
        portico_rollback(portico_db(request));
        portico_form_reject(form, "address",
                            portico_translate(request,
                                              "Write a whole mail address, such as "
                                              "mara@example.com.",
                                              NULL));
        return portico_form_reply(form, "invite", view);
    }
    if (code == PORTICO_ELIMIT)
        return code;
    if (code < 0)
        return visit_failed(request, code, &error);
    note(request, "invited", person);
    return portico_form_done(form, "/admin/people?invited=1", NULL, &error);
}

int invite_page(struct portico_request *request)
{
    struct portico_form *form = portico_form_open(request, "invite", NULL);
    struct portico_value *view = visit_view(request);
    const struct module_host *host = inside_host(request);
    const char *tag;
    for (size_t i = 0; (tag = page_language_at(host->pages, i)); i++)
        portico_form_choice(form, "language", tag, page_language_name(inside_arena(request), tag));
    portico_form_set_text(form, "language", config_text(host->config, "portal", "language"));
    const char *role = portico_form(request, "role");
    int answer;
    const bool closed = takes_nobody(request);
    portico_set_boolean(view, "closed", closed);
    if (closed) {
        portico_set_status(request, portico_form_sent(form) ? 403 : 200);
        return portico_form_reply(form, "invite", view);
    }
    if (role && identity_role_named(role, strlen(role)) & IDENTITY_STORED &&
        !again_or_keep(request, form, "/admin/people/invite", &answer))
        return answer;
    return portico_form_valid(form) ? invite(request, form, view)
                                    : portico_form_reply(form, "invite", view);
}

/* ---- one of them ---- */

static int show_memberships(struct portico_request *request, struct store_session *session,
                            int64_t person, struct portico_value *view, struct portico_error *error)
{
    struct value *rows;
    int code = identity_memberships(session, person, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "memberships");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const int64_t account = portico_get_integer(row, "account", 0);
        const int64_t state = portico_get_integer(row, "account_state", IDENTITY_OPEN);
        portico_set_id(item, "account", account);
        portico_set_text(item, "company",
                         admin_account_name(request, account, portico_get_text(row, "name", "")));
        portico_set_text(item, "title", portico_get_text(row, "title", ""));
        portico_set_boolean(item, "owner", account == IDENTITY_OWNER);
        portico_set_boolean(item, "applied",
                            portico_get_integer(row, "state", 1) == IDENTITY_APPLIED);
        portico_set_boolean(item, "suspended", state != IDENTITY_OPEN);
        const int64_t until = portico_get_integer(row, "until", 0);
        portico_set_boolean(item, "over", until && until <= portico_now(request));
        term_show_begin(request, portico_get_integer(row, "from", 0), item);
    }
    portico_set_boolean(view, "any_memberships", rows->count > 0);
    return PORTICO_OK;
}

static const struct {
    const char *name, *words;
} outcomes[] = {
    { "roles", /* translated */ "The roles are saved." },
    { "second", /* translated */ "Their second factor is taken away, and a mail tells them." },
    { "token", /* translated */ "Revoked: the token opens nothing any more." },
    { "disabled",
      /* translated */ "Switched off: all sessions are ended, and access tokens open nothing." },
    { "enabled", /* translated */ "Switched on again." },
    { "sessions", /* translated */ "All sessions are ended." },
    { "reset", /* translated */ "A mail with a link for a new password is on its way." },
    { "invited", /* translated */ "Another invitation is on its way." },
    { "last", /* translated */ "This is the last admin: make somebody else one first." },
    { "nowhere", /* translated */ "There is no confirmed address to write to." },
    { "closed",
      /* translated */ "This portal takes in nobody new right now, invited or not: nothing was "
                       "sent." },
    { "more", /* translated */ "They may do more than you: ask an admin." },
    { "own", /* translated */ "Nobody changes what they may themselves: ask another admin." },
    { "merged",
      /* translated */ "Merged. What they wrote and follow goes over within minutes." },
    { "leaving", /* translated */ "They are being erased: nothing is changed any more." },
};

static void show_outcome(struct portico_request *request, struct portico_value *view)
{
    const char *saved = portico_query_param(request, "saved"), *words = NULL;
    for (size_t i = 0; saved && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            words = portico_translate(request, outcomes[i].words, NULL);
    const bool refused = words && (strcmp(saved, "last") == 0 || strcmp(saved, "nowhere") == 0 ||
                                   strcmp(saved, "more") == 0 || strcmp(saved, "own") == 0 ||
                                   strcmp(saved, "leaving") == 0 || strcmp(saved, "closed") == 0);
    portico_set_text(view, "saved", refused ? NULL : words);
    portico_set_text(view, "refused", refused ? words : NULL);
}

static int show_details(struct portico_request *request, struct store_session *session,
                        const struct identity_person *person, struct portico_value *view,
                        struct portico_error *error)
{
    struct value *addresses, *sessions;
    struct portico_value *list = portico_set_list(view, "addresses");
    int code = identity_addresses(session, person->id, &addresses, error);
    for (uint32_t i = 0; code == 0 && i < addresses->count; i++) {
        const struct portico_value *row = value_public(value_at(addresses, i));
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "address", portico_get_text(row, "address", ""));
        portico_set_boolean(item, "verified", portico_get_integer(row, "verified", 0) != 0);
        portico_set_boolean(item, "main", portico_value_integer(portico_get(row, "main")) != 0);
    }
    list = portico_set_list(view, "sessions");
    if (code == 0)
        code = identity_session_list(inside_host(request)->identity, session, person->id, 0,
                                     &sessions, error);
    for (uint32_t i = 0; code == 0 && i < sessions->count; i++)
        device_show(request, value_public(value_at(sessions, i)), portico_append_object(list));
    if (code == 0)
        portico_set_boolean(view, "any_sessions", sessions->count > 0);
    return code;
}

int person_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_person person;
    struct store_session *session;
    struct portico_value *view = visit_view(request);
    struct identity_second second;
    bool leaving = false, merging = false;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = identity_person_look(session, visit_number(portico_param(request, "id")), &person,
                                    &error);
    if (code == 0 && person.merged_into)
        return portico_reply_redirect(
            request, 303,
            portico_printf(request, "/admin/people/%lld", (long long)person.merged_into));
    if (code == 0)
        code = identity_merging(session, person.id, &merging, &error);
    if (code == 0)
        code = show_details(request, session, &person, view, &error);
    if (code == 0)
        code = identity_leaving(session, person.id, &leaving, &error);
    if (code == 0)
        code = identity_second_look(session, person.id, &second, &error);
    if (code == 0)
        code = tokens_show(request, session, person.id, view, &error);
    if (code == 0)
        code = show_memberships(request, session, person.id, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "merging", merging);
    portico_set_boolean(view, "may_merge",
                        person.id != inside_viewer(request)->person && !leaving &&
                            portico_may(request, MANAGE_MERGE_PERMISSION));
    portico_set_boolean(view, "second", second.any);
    portico_set_boolean(view, "may_forget",
                        second.any && person.id != inside_viewer(request)->person);
    portico_set_id(view, "id", person.id);
    portico_set_text(view, "name", person.name);
    portico_set_text(view, "handle", person.handle);
    portico_set_text(view, "initials", person.initials);
    portico_set_boolean(view, "active", person.state == IDENTITY_ACTIVE);
    portico_set_boolean(view, "waiting", person.state == IDENTITY_WAITING);
    portico_set_boolean(view, "disabled", person.state == IDENTITY_DISABLED && !leaving);
    portico_set_boolean(view, "leaving", leaving);
    portico_set_boolean(view, "moderator", (person.roles & IDENTITY_MODERATOR) != 0);
    portico_set_boolean(view, "admin", (person.roles & IDENTITY_ADMIN) != 0);
    portico_set_boolean(view, "self", person.id == inside_viewer(request)->person);
    portico_set_boolean(view, "may_view",
                        person.state == IDENTITY_ACTIVE &&
                            person.id != inside_viewer(request)->person &&
                            portico_may(request, IDENTITY_VIEW_PERMISSION));
    portico_set_text(view, "viewing", looking_lacks(request));
    portico_set_time(view, "created", person.created);
    if (person.last_sign_in)
        portico_set_time(view, "last_sign_in", person.last_sign_in);
    else
        portico_set_text(view, "last_sign_in", NULL);
    show_outcome(request, view);
    return portico_reply_view(request, "person", view);
}

struct act {
    struct portico_request *request;
    struct store_session *session;
    int64_t person;
    const char *saved; /* the outcome to show */
};

static int act_roles(struct act *act, struct portico_error *error)
{
    uint64_t wanted = (portico_form(act->request, "moderator") ? IDENTITY_MODERATOR : 0) |
                      (portico_form(act->request, "admin") ? IDENTITY_ADMIN : 0);
    struct manage manage;
    act->saved = "roles";
    int code = manage_of(act->request, &manage, error);
    if (code == 0)
        code = identity_giving(manage.identity, manage.session, manage.actor, IDENTITY_OWNER,
                               act->person, "moderator admin", error);
    return code < 0
               ? code
               : manage_staff_roles(&manage, act->person, wanted, IDENTITY_STORED & ~wanted, error);
}

static int act_disable(struct act *act, struct portico_error *error)
{
    act->saved = "disabled";
    int code = identity_person_state(act->session, act->person, IDENTITY_DISABLED, error);
    if (code == 0)
        code = visit_tell(act->request, "portal.portico.session.ended", act->person, "all", error);
    return code < 0 ? code
                    : visit_tell(act->request, "portal.portico.person.disabled", act->person, NULL,
                                 error);
}

static int act_enable(struct act *act, struct portico_error *error)
{
    act->saved = "enabled";
    int code = identity_person_state(act->session, act->person, IDENTITY_ACTIVE, error);
    return code < 0 ? code
                    : visit_tell(act->request, "portal.portico.person.enabled", act->person, NULL,
                                 error);
}

static int act_sessions(struct act *act, struct portico_error *error)
{
    const struct viewer *viewer = inside_viewer(act->request);
    act->saved = "sessions";
    int code =
        identity_session_end_all(act->session, act->person,
                                 viewer->person == act->person ? viewer->session : 0, NULL, error);
    if (code == 0)
        code = visit_tell(act->request, "portal.portico.session.ended", act->person, "all", error);
    return code < 0 ? code
                    : visit_tell(act->request, "portal.portico.person.changed", act->person,
                                 "sessions: ended", error);
}

static int send_link(struct act *act, enum identity_purpose purpose, const char *address,
                     const char *locale, struct portico_error *error)
{
    struct identity_letter letter = { .kind = IDENTITY_LETTER_LINK,
                                      .purpose = purpose,
                                      .person = act->person,
                                      .address = address,
                                      .locale = locale };
    const int64_t inviter = inside_viewer(act->request)->person;
    int code =
        purpose == IDENTITY_LINK_INVITE
            ? identity_link_invite(act->session, act->person, address, inviter, letter.token, error)
            : identity_link_make(act->session, purpose, act->person, address, letter.token, error);
    return code < 0 ? code
                    : letters_send(act->request, &letter, inside_viewer(act->request)->name, error);
}

/* What went out alone is written down, as what it was. */
static int record_link(struct act *act, bool invited, struct portico_error *error)
{
    int code = visit_audit(act->request, invited ? "person.invited" : "password.link-sent",
                           inside_viewer(act->request)->person, act->person, NULL, error);
    return code < 0 ? code
                    : visit_tell(act->request, "portal.portico.person.changed", act->person,
                                 invited ? "invitation: sent again" : "password: link sent", error);
}

/* Whoever never came in is invited again, others get a link for a new password. */
static int act_link(struct act *act, struct portico_error *error)
{
    struct identity_person person;
    struct value *addresses = NULL;
    const char *address = NULL;
    int code = identity_person_look(act->session, act->person, &person, error);
    if (code == 0)
        code = identity_addresses(act->session, act->person, &addresses, error);
    if (code < 0)
        return code;
    const bool waiting = person.state == IDENTITY_WAITING;
    act->saved = waiting ? "invited" : "reset";
    if (waiting && takes_nobody(act->request)) {
        act->saved = "closed";
        return 0;
    }
    address = person.address;
    if (waiting && addresses->count)
        address = portico_get_text(value_public(value_at(addresses, 0)), "address", NULL);
    if (!address) {
        act->saved = "nowhere";
        return 0;
    }
    /* To an address that is proven it goes however often somebody else asked. */
    code = waiting ? letters_take(act->request, IDENTITY_OWNER, address, error) : 0;
    if (code < 0)
        return code;
    code = send_link(act, waiting ? IDENTITY_LINK_INVITE : IDENTITY_LINK_RESET, address,
                     person.locale, error);
    return code < 0 ? code : record_link(act, waiting, error);
}

/* Whoever lost everything begins anew with the password; nobody does so for themselves. */
static int act_second(struct act *act, struct portico_error *error)
{
    act->saved = "second";
    if (inside_viewer(act->request)->person == act->person)
        return error_set(error, PORTICO_EPERM, "Nobody takes their own second factor away here.");
    int code = identity_second_forget(act->session, act->person, error);
    if (code == 0)
        code = letters_tell(act->request, act->person, LETTERS_SECOND_GONE, error);
    return code < 0 ? code
                    : visit_tell(act->request, "portal.portico.person.changed", act->person,
                                 "second factor: taken away", error);
}

static int act_token(struct act *act, struct portico_error *error)
{
    act->saved = "token";
    int code = tokens_revoke(act->request, act->session, act->person,
                             visit_number(portico_form(act->request, "token")), error);
    return code < 0 ? code
                    : visit_tell(act->request, "portal.portico.person.changed", act->person,
                                 "access token: revoked", error);
}

static const struct {
    const char *name, *what;
    const char *kind; /* of its record; NULL: it writes its own */
    int (*run)(struct act *act, struct portico_error *error);
    bool grave; /* who does it proves again that it is them */
} acts[] = {
    { "roles", "roles changed", NULL, act_roles, true },
    { "disable", "disabled", "person.disabled", act_disable, false },
    { "enable", "enabled", "person.enabled", act_enable, false },
    { "sessions", "sessions ended", "sessions.ended", act_sessions, false },
    { "token", "access token revoked", NULL, act_token, false },
    { "link", "link asked for", NULL, act_link, false },
    { "second", "second factor taken away", "second-factor.removed", act_second, true },
};

int person_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *name = portico_form(request, "act");
    struct act act = { .request = request, .person = visit_number(portico_param(request, "id")) };
    size_t i = 0;
    while (i < sizeof acts / sizeof *acts && (!name || strcmp(acts[i].name, name) != 0))
        i++;
    if (i == sizeof acts / sizeof *acts)
        return PORTICO_EINVAL;
    if (!act.person)
        return PORTICO_ENOENT;
    bool leaving = false;
    struct identity_person person = { 0 };
    const char *page = portico_printf(request, "/admin/people/%lld", (long long)act.person);
    int answer;
    if (acts[i].grave && !again_or_ask(request, page, &answer))
        return answer;
    int code = visit_session(request, &act.session, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code == 0)
        code = identity_person_look(act.session, act.person, &person, &error);
    if (code == 0 && person.merged_into)
        code = PORTICO_ENOENT;
    if (code == 0)
        code = identity_leaving(act.session, act.person, &leaving, &error);
    if (code == 0)
        code = identity_over(inside_host(request)->identity, act.session,
                             inside_viewer(request)->person, act.person, &error);
    const bool more = code == PORTICO_EPERM;
    act.saved = "leaving";
    if (code == 0 && !leaving)
        code = acts[i].run(&act, &error);
    if (code == 0 && !leaving && acts[i].kind)
        code = visit_audit(request, acts[i].kind, inside_viewer(request)->person, act.person, NULL,
                           &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    const char *refused = visit_event_words(request, code, &error);
    if (refused)
        return portico_reply_problem(
            request, code == PORTICO_EPERM ? 403 : 503, NULL,
            portico_translate(request, /* translated */ "Nothing was changed", NULL), refused);
    if (code == PORTICO_ECONFLICT)
        act.saved = "last";
    else if (code == PORTICO_ELIMIT)
        return code;
    else if (code == PORTICO_EPERM)
        act.saved = more ? "more" : "own";
    else if (code < 0)
        return visit_failed(request, code, &error);
    else if (!leaving)
        note(request, acts[i].what, act.person);
    return portico_reply_redirect(request, 303,
                                  portico_printf(request, "%s?saved=%s", page, act.saved));
}
