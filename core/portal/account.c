/* Your account: who you are to others, your addresses, where you are signed in. */
#include "base/error.h"
#include "identity/link.h"
#include "module/session_values.h"
#include "page/format.h"
#include "portal/again.h"
#include "portal/device.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <stdlib.h>

/* The page's two forms; of a request, at most one is sent. */
struct account {
    struct portico_request *request;
    struct store_session *session;
    struct portico_form *profile, *address;
    struct identity_person person;
};

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- what is shown ---- */

static void offer_languages(const struct account *account)
{
    struct portico_request *request = account->request;
    const struct module_host *host = inside_host(request);
    const char *tag;
    for (size_t i = 0; (tag = page_language_at(host->pages, i)); i++)
        portico_form_choice(account->profile, "language", tag,
                            page_language_name(inside_arena(request), tag));
}

static int open_forms(struct account *account)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = account->request;
    const struct module_host *host = inside_host(request);
    int code = visit_session(request, &account->session, &error);
    if (code == 0)
        code = identity_person_look(account->session, inside_viewer(request)->person,
                                    &account->person, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    const struct identity_person *person = &account->person;
    account->profile = portico_form_open(request, "profile", NULL);
    account->address = portico_form_open(request, "address", NULL);
    code = again_ask(request, account->address, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    offer_languages(account);
    portico_form_set_text(account->profile, "name", person->name);
    portico_form_set_text(account->profile, "handle", person->handle);
    portico_form_set_text(account->profile, "language",
                          *person->locale ? person->locale : portico_locale(request));
    portico_form_set_text(account->profile, "timezone",
                          *person->timezone ? person->timezone
                                            : config_text(host->config, "portal", "timezone"));
    return 0;
}

static int show_addresses(const struct account *account, struct portico_value *view,
                          struct portico_error *error)
{
    struct value *rows;
    struct portico_value *list = portico_set_list(view, "addresses");
    int code = identity_addresses(account->session, account->person.id, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const bool verified = portico_get_integer(row, "verified", 0) != 0;
        const bool main = portico_value_integer(portico_get(row, "main")) != 0;
        portico_set_id(item, "id", portico_get_integer(row, "id", 0));
        portico_set_text(item, "address", portico_get_text(row, "address", ""));
        portico_set_boolean(item, "verified", verified);
        portico_set_boolean(item, "main", main);
        portico_set_boolean(item, "may_main", verified && !main);
        portico_set_boolean(item, "may_remove", !main);
    }
    return code;
}

/* What modules attached to a session is shown to whose it is. */
static void show_carried(struct portico_request *request, const char *carried,
                         struct portico_value *item)
{
    const struct facts_reader reader = { inside_host(request), portico_locale(request),
                                         inside_arena(request) };
    struct value *list = carried ? session_values_shown(&reader, carried) : NULL;
    if (list && list->count)
        portico_set(item, "carried", value_public(list));
}

static int show_sessions(const struct account *account, struct portico_value *view,
                         struct portico_error *error)
{
    struct value *rows;
    struct portico_request *request = account->request;
    struct portico_value *list = portico_set_list(view, "sessions");
    int code =
        identity_session_list(inside_host(request)->identity, account->session, account->person.id,
                              inside_viewer(request)->session, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        device_show(request, row, item);
        show_carried(request, portico_get_text(row, "carried", NULL), item);
    }
    if (code == 0)
        portico_set_boolean(view, "others", rows->count > 1);
    return code;
}

static const struct {
    const char *name, *words;
} outcomes[] = {
    { "profile", /* translated */ "Your profile is saved." },
    { "address", /* translated */ "The address is confirmed: it counts as yours." },
    { "main", /* translated */ "Mail goes to that address from now on." },
    { "removed", /* translated */ "The address is removed." },
    { "asked", /* translated */ "If the address is free, a mail with a link is on its way to it." },
    { "ended", /* translated */ "That session is ended." },
    { "all-ended", /* translated */ "You are signed out everywhere else." },
};

static const char *outcome(struct portico_request *request)
{
    const char *saved = portico_query_param(request, "saved");
    for (size_t i = 0; saved && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            return say(request, outcomes[i].words);
    return NULL;
}

static int show(const struct account *account, const struct portico_form *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = account->request;
    struct portico_value *view = visit_view(request);
    int code = show_addresses(account, view, &error);
    /* Where somebody is signed in is theirs alone. */
    if (code == 0 && !inside_viewer(request)->asker)
        code = show_sessions(account, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set(view, "profile", portico_form_view(account->profile));
    portico_set(view, "address_form", portico_form_view(account->address));
    portico_set_text(view, "saved", refused ? NULL : outcome(request));
    portico_set_text(view, "name", account->person.name);
    portico_set_text(view, "handle", account->person.handle);
    portico_set_text(view, "initials", account->person.initials);
    if (refused)
        portico_set_status(request, 422);
    portico_set_header(request, "Cache-Control", "private, no-cache");
    return portico_reply_view(request, "account", view);
}

/* ---- what is changed ---- */

/* What of it changed: the log, which outlives the person, has nobody's name. */
static int record_renamed(const struct account *account, bool name, bool handle,
                          struct portico_error *error)
{
    return visit_audit(account->request, "person.renamed", account->person.id, account->person.id,
                       name && handle ? "name, handle"
                       : name         ? "name"
                                      : "handle",
                       error);
}

/* With the event, so that modules that keep a copy of the name learn of it. */
static int change_profile(const struct account *account, const struct identity_profile *profile,
                          struct portico_error *error)
{
    struct portico_request *request = account->request;
    struct identity_person person;
    int code = portico_begin(portico_db(request), error);
    if (code == 0)
        code = identity_person_change(account->session, account->person.id, profile, error);
    if (code == 0)
        code = identity_person_look(account->session, account->person.id, &person, error);
    const bool name = code == 0 && strcmp(person.name, account->person.name) != 0,
               handle = code == 0 && strcmp(person.handle, account->person.handle) != 0;
    if (name || handle)
        code = visit_tell(request, "portal.portico.person.renamed", person.id, NULL, error);
    if (code == 0 && (name || handle))
        code = record_renamed(account, name, handle, error);
    if (code < 0)
        portico_rollback(portico_db(request));
    return code < 0 ? code : portico_commit(portico_db(request), error);
}

static int save_profile(const struct account *account)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = account->request;
    struct portico_form *form = account->profile;
    const char *wrong_name =
        visit_wrong_name(request, portico_form_text(form, "name"), &account->person);
    const struct identity_profile profile = { .name = portico_form_text(form, "name"),
                                              .handle = portico_form_text(form, "handle"),
                                              .locale = portico_form_text(form, "language"),
                                              .timezone = portico_form_text(form, "timezone") };
    if (wrong_name)
        portico_form_reject(form, "name", wrong_name);
    if (identity_handle_check(profile.handle, NULL) < 0)
        portico_form_reject(
            form, "handle",
            say(request,
                /* translated */ "3 to 40 small letters a to z, digits, dots or hyphens."));
    if (!format_is_timezone(profile.timezone))
        portico_form_reject(
            form, "timezone",
            say(request, /* translated */ "Write a time zone such as Europe/Berlin."));
    if (!portico_form_valid(form))
        return show(account, form);
    int code = change_profile(account, &profile, &error);
    if (code == PORTICO_EEXIST) {
        portico_form_reject(form, "handle",
                            say(request, /* translated */ "Somebody has this handle already."));
        return show(account, form);
    }
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_done(form, "/account?saved=profile", NULL, &error);
}

/* `ret_often`: so much was mailed lately that this is not. It is recorded as asked for, also where
 * the address is somebody else's and no letter goes out: whoever asked reads their own records, and
 * one that is missing would tell them whose the address is. */
static int write_for_address(const struct account *account, const char *address, bool *ret_often,
                             struct portico_error *error)
{
    struct identity_letter letter;
    int code = portico_begin(portico_db(account->request), error);
    if (code < 0)
        return code;
    code = letters_take(account->request, 0, address, error);
    *ret_often = code == PORTICO_ELIMIT;
    if (code == 0)
        code = identity_letter_for_address(account->session, account->person.id, address, &letter,
                                           error);
    if (code == 0)
        code = letters_send(account->request, &letter, account->person.name, error);
    if (code == 0)
        code = visit_audit(account->request, "address.added", account->person.id,
                           account->person.id, NULL, error);
    if (code == 0)
        return portico_commit(portico_db(account->request), error);
    portico_rollback(portico_db(account->request));
    return code;
}

static int add_address(const struct account *account)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = account->request;
    struct portico_form *form = account->address;
    bool often = false;
    int code = again_passes(request, form, &error);
    if (code == 0)
        return show(account, form);
    if (code > 0)
        code = write_for_address(account, portico_form_text(form, "address"), &often, &error);
    if (often)
        return code;
    if (code == PORTICO_EINVAL || code == PORTICO_ELIMIT) {
        portico_form_reject(
            form, "address",
            code == PORTICO_EINVAL
                ? say(request, /* translated */ "Write a whole mail address, such as "
                                                "mara@example.com.")
                : say(request, /* translated */ "Five addresses are the most: remove one first."));
        return show(account, form);
    }
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_form_done(form, "/account?saved=asked", NULL, &error);
}

int account_page(struct portico_request *request)
{
    struct account account = { .request = request };
    int code = open_forms(&account);
    if (code < 0)
        return code;
    const struct {
        struct portico_form *form;
        int (*save)(const struct account *account);
    } forms[] = {
        { account.profile, save_profile },
        { account.address, add_address },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!portico_form_sent(forms[i].form))
            continue;
        return portico_form_valid(forms[i].form) ? forms[i].save(&account)
                                                 : show(&account, forms[i].form);
    }
    return show(&account, NULL);
}

static bool is_act(const char *act, const char *name)
{
    return act && strcmp(act, name) == 0;
}

/* What is done to an address, told by mail and written down. */
struct address_act {
    const char *name, *kind;
    int (*run)(struct store_session *session, int64_t person, int64_t id,
               struct portico_error *error);
    enum letters_news news;
    const char *saved;
};
static const struct address_act address_acts[] = {
    { "main", "address.main", identity_address_main, LETTERS_ADDRESS_MAIN, "main" },
    { "remove", "address.removed", identity_address_remove, LETTERS_ADDRESS_GONE, "removed" },
};

/* One that never counted is of no interest to anybody else. */
static int change_address(const struct account *account, int64_t id, const struct address_act *act,
                          struct portico_error *error)
{
    struct portico_request *request = account->request;
    const int64_t person = account->person.id;
    struct letters_before before;
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = letters_before(request, person, &before, error);
    const char *address = code == 0 ? letters_address(&before, id) : NULL;
    if (code == 0)
        code = act->run(account->session, person, id, error);
    if (code == 0 && address)
        code = letters_tell_before(request, &before, act->news, address, error);
    if (code == 0)
        code = visit_audit(request, act->kind, person, person, NULL, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

/* Another mail to confirm it. */
static int ask_again(const struct account *account, int64_t id, bool *ret_often,
                     struct portico_error *error)
{
    struct value *rows;
    int code = identity_addresses(account->session, account->person.id, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        if (portico_get_integer(row, "id", 0) == id)
            return write_for_address(account, portico_get_text(row, "address", ""), ret_often,
                                     error);
    }
    return code;
}

/* One button beside an address: "id" and what to do, "act". */
int account_address(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct account account = { .request = request };
    const char *name = portico_form(request, "act");
    const int64_t id = visit_number(portico_form(request, "id"));
    const struct address_act *act = NULL;
    bool often = false;
    int answer;
    if (!is_act(name, "ask") && !again_or_ask(request, "/account", &answer))
        return answer;
    for (size_t i = 0; i < sizeof address_acts / sizeof *address_acts; i++)
        if (is_act(name, address_acts[i].name))
            act = &address_acts[i];
    if (!act && !is_act(name, "ask"))
        return PORTICO_EINVAL;
    int code = open_forms(&account);
    if (code < 0)
        return code;
    code =
        act ? change_address(&account, id, act, &error) : ask_again(&account, id, &often, &error);
    if (often)
        return code;
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(
                          request, 303,
                          portico_printf(request, "/account?saved=%s", act ? act->saved : "asked"));
}

/* Ends one session, "id", or all others. */
int account_session(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct viewer *viewer = inside_viewer(request);
    const char *one = portico_form(request, "id");
    struct store_session *session;
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = portico_begin(portico_db(request), &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = one ? identity_session_end_one(session, viewer->person, visit_number(one), &error)
               : identity_session_end_all(session, viewer->person, viewer->session, NULL, &error);
    if (code == 0)
        code = visit_audit(request, "sessions.ended", viewer->person, viewer->person, NULL, &error);
    if (code == 0)
        code = visit_tell(request, "portal.portico.session.ended", viewer->person,
                          one ? "one" : "all others", &error);
    if (code == 0)
        code = portico_commit(portico_db(request), &error);
    else
        portico_rollback(portico_db(request));
    if (code < 0 && code != PORTICO_ENOENT)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(request, 303,
                                  one ? "/account?saved=ended" : "/account?saved=all-ended");
}
