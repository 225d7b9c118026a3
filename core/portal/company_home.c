/* A company at a glance: who looks after it here, what waits for its admins, whom to ask about
 * what. Its members see the page too; what is the admins' stands there for them alone. */
#include "base/error.h"
#include "identity/contact.h"
#include "identity/domain.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "module/facts.h"
#include "portal/audit.h"
#include "portal/company.h"
#include "portal/pages.h"
#include "portal/photo.h"

#include <glib.h>

#define RECORDS_SHOWN 5

/* ---- whom to ask ---- */

/* The link that a telephone takes. */
static const char *dialled(struct portico_request *request, const char *phone)
{
    char *kept = arena_alloc(inside_arena(request), strlen(phone) + sizeof "tel:");
    size_t length = strlen("tel:");
    if (kept)
        memcpy(kept, "tel:", length);
    for (; kept && *phone; phone++)
        if (g_ascii_isdigit(*phone) || (*phone == '+' && kept[length - 1] == ':'))
            kept[length++] = *phone;
    if (kept)
        kept[length] = '\0';
    return kept;
}

int company_show_team(struct portico_request *request, struct store_session *session,
                      int64_t account, struct portico_value *view, struct portico_error *error)
{
    struct value *rows;
    int code = identity_account_team(session, account, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "team");
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const char *name = portico_get_text(row, "name", "");
        const char *phone = portico_get_text(row, "phone", ""), *photo = NULL;
        const int64_t person = portico_get_integer(row, "person", 0);
        code = photo_path(request, session, account, person, &photo, error);
        portico_set_id(item, "person", person);
        portico_set_text(item, "photo", photo);
        portico_set_text(item, "name", name);
        portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
        portico_set_text(item, "role", portico_get_text(row, "role", ""));
        portico_set_text(item, "address", portico_get_text(row, "address", NULL));
        portico_set_text(item, "phone", *phone ? phone : NULL);
        portico_set_text(item, "dialled", dialled(request, phone));
    }
    portico_set_boolean(view, "any_team", rows->count > 0);
    return code;
}

int company_show_contacts(struct portico_request *request, struct store_session *session,
                          int64_t account, struct portico_value *view, struct portico_error *error)
{
    struct value *rows;
    const char *key, *title;
    int code = identity_contacts(session, account, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "contacts");
    for (size_t i = 0; (key = identity_contact_role(i, &title)); i++) {
        struct portico_value *item = portico_append_object(list);
        struct portico_value *people = portico_set_list(item, "people");
        portico_set_text(item, "key", key);
        portico_set_text(item, "title", portico_translate(request, title, NULL));
        for (uint32_t n = 0; n < rows->count; n++) {
            const struct portico_value *row = value_public(value_at(rows, n));
            if (strcmp(portico_get_text(row, "role", ""), key) != 0)
                continue;
            struct portico_value *person = portico_append_object(people);
            portico_set_id(person, "person", portico_get_integer(row, "person", 0));
            portico_set_id(person, "membership", portico_get_integer(row, "membership", 0));
            portico_set_text(person, "name", portico_get_text(row, "name", ""));
            portico_set_text(person, "address", portico_get_text(row, "address", NULL));
        }
        portico_set_boolean(item, "any", portico_count(people) > 0);
    }
    return PORTICO_OK;
}

/* ---- what is the admins' ---- */

int company_show_domains(struct portico_request *request, struct store_session *session,
                         int64_t account, struct portico_value *view, struct portico_error *error)
{
    struct value *rows;
    int code = identity_domains(session, account, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "domains");
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        const char *domain = portico_get_text(row, "domain", "");
        portico_set_text(item, "domain", domain);
        portico_set_boolean(item, "approval",
                            portico_value_integer(portico_get(row, "approval")) != 0);
        portico_set_boolean(item, "verified", portico_get_integer(row, "verified", 0) != 0);
        portico_set_text(item, "token", portico_get_text(row, "token", NULL));
        portico_set_text(item, "record",
                         portico_printf(request, IDENTITY_DOMAIN_RECORD "%s", domain));
    }
    portico_set_boolean(view, "any_domains", rows->count > 0);
    return PORTICO_OK;
}

static int show_waiting(const struct company *company, struct portico_value *view,
                        struct portico_error *error)
{
    const struct identity_roster wanted = { .account = company->account,
                                            .part = "",
                                            .kind = "applied" };
    const struct portico_value *last;
    return company_list(company, &wanted, portico_set_list(view, "applied"), &last, error);
}

static int show_review(const struct company *company, struct portico_value *view,
                       struct portico_error *error)
{
    int64_t due = 0;
    int code = identity_roster_due(company->session, company->account, &due, error);
    portico_set_boolean(view, "review_due", due && due <= portico_now(company->request));
    if (due)
        portico_set_time(view, "review", due);
    else
        portico_set_text(view, "review", NULL);
    return code;
}

static int show_records(const struct company *company, struct portico_value *view,
                        struct portico_error *error)
{
    struct value *rows;
    const struct identity_audit_filter filter = { .account = company->account, .customers = true };
    int code = identity_audit_list(company->session, &filter, RECORDS_SHOWN, &rows, error);
    if (code < 0)
        return code;
    struct portico_value *list = portico_set_list(view, "records");
    for (uint32_t i = 0; i < rows->count; i++)
        audit_show(company->request, value_public(value_at(rows, i)), portico_append_object(list));
    portico_set_boolean(view, "any_records", rows->count > 0);
    return PORTICO_OK;
}

static int show_admin(const struct company *company, struct portico_value *view,
                      struct portico_error *error)
{
    int code = company_show_counts(company, view, error);
    if (code == 0)
        code = show_waiting(company, view, error);
    if (code == 0)
        code = show_review(company, view, error);
    if (code == 0)
        code =
            company_show_domains(company->request, company->session, company->account, view, error);
    return code < 0 ? code : show_records(company, view, error);
}

/* ---- the page ---- */

int company_show_facts(struct portico_request *request, struct store_session *session,
                       int64_t account, bool staff, struct portico_value *view,
                       struct portico_error *error)
{
    struct value *facts;
    int code = facts_of_account(inside_host(request), session, account, staff,
                                portico_locale(request), &facts, error);
    if (code < 0)
        return code;
    portico_set(view, "facts", value_public(facts));
    portico_set_boolean(view, "any_facts", facts->count > 0);
    return PORTICO_OK;
}

static const struct company_outcome outcomes[] = {
    { "named", /* translated */ "Saved. Whoever works with you sees it at once." },
    { "unnamed", /* translated */ "Taken away." },
    { "approved", /* translated */ "Approved: they belong to the company now." },
};

/* `refused`: what was wrong with what was sent; NULL: nothing. */
static int show(const struct company *company, const char *refused)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = company->request;
    struct identity_account account;
    struct portico_value *view = company_view(company);
    const bool admin = portico_may(request, COMPANY_PERMISSION);
    int code = identity_account_look(company->session, company->account, &account, &error);
    if (code == 0)
        code = company_show_team(request, company->session, company->account, view, &error);
    if (code == 0)
        code = company_show_contacts(request, company->session, company->account, view, &error);
    if (code == 0)
        code = company_show_facts(request, company->session, company->account, false, view, &error);
    if (code == 0 && admin)
        code = show_admin(company, view, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_boolean(view, "admin", admin);
    portico_set_boolean(view, "partner", strcmp(account.kind, "partner") == 0);
    portico_set_time(view, "created", account.created);
    portico_set_text(view, "saved", company_said(request, outcomes, G_N_ELEMENTS(outcomes)));
    portico_set_text(view, "refused", refused);
    portico_set_text(view, "who", refused ? portico_form(request, "who") : "");
    if (refused)
        portico_set_status(request, 422);
    return portico_reply_view(request, "company", view);
}

int company_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    int code = company_open(request, &company, &error);
    return code < 0 ? visit_failed(request, code, &error) : show(&company, NULL);
}

/* ---- whom to ask about what ---- */

static const char nobody[] =
    /* translated */
    "Nobody of your company has this name, address or handle: invite them first.";
static const char several[] =
    /* translated */
    "Several people of your company have this name: give an address or a handle.";

/* Not an id, and not what others call somebody: what those are of colleagues, nobody is shown. */
static bool is_shown(const char *who)
{
    return who[strspn(who, "-0123456789 ")] && !g_str_has_prefix(who, "external:");
}

int company_person(const struct company *company, const char *who, int64_t *ret_person,
                   struct portico_error *error)
{
    struct identity_person person = { 0 };
    struct identity_member member;
    int code = is_shown(who) ? identity_person_named(company->session, who, &person, NULL)
                             : PORTICO_ENOENT;
    if (code == 0 && strchr(who, '@') &&
        !identity_address_is(company->session, who, person.address))
        code = PORTICO_ENOENT;
    if (code == 0)
        code = identity_member_of(company->session, company->account, person.id, &member, NULL);
    /* Somebody of another company may be called by it. */
    if (code == PORTICO_ENOENT && is_shown(who) && !strchr(who, '@'))
        code = identity_member_called(company->session, company->account, who, &person.id, NULL);
    if (code < 0)
        return error_set(error, PORTICO_EINVAL, "%s", code == PORTICO_ECONFLICT ? several : nobody);
    *ret_person = person.id;
    return PORTICO_OK;
}

static int name_contact(const struct company *company, bool wanted, struct portico_error *error)
{
    struct portico_request *request = company->request;
    const char *who = portico_form(request, "who"), *role = portico_form(request, "role");
    int64_t person = visit_number(portico_form(request, "person"));
    int code = wanted ? company_person(company, who ? who : "", &person, error) : 0;
    return code < 0 ? code
                    : manage_contact(&company->manage, company->account, role ? role : "", person,
                                     wanted, error);
}

int company_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    const char *act = portico_form(request, "act");
    const bool names = act && strcmp(act, "name") == 0;
    if (!names && (!act || strcmp(act, "unname") != 0))
        return PORTICO_EINVAL;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_own(&company, &error);
    if (code == 0)
        code = name_contact(&company, names, &error);
    code = company_end(&company, code, &error);
    if (code == PORTICO_EINVAL || code == PORTICO_ELIMIT || code == PORTICO_EPERM)
        return show(&company, portico_translate(request, error.message, NULL));
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303,
                                             portico_printf(request, "/account/company?saved=%s",
                                                            names ? "named" : "unnamed"));
}
