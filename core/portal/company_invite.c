/* Inviting into a company: one, several, or a list as CSV; and what becomes of an invitation. */
#include "base/csv.h"
#include "base/error.h"
#include "identity/domain.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/sign_in.h"
#include "portal/again.h"
#include "portal/company.h"
#include "portal/letters.h"
#include "portal/pages.h"

#include <glib.h>

#define MOST 100u      /* at a time */
#define NO_ROLE "none" /* of the form; no role has that key */
#define PEOPLE "/account/company/people"

/* A line of what was written, and what is wrong with it. */
struct guest {
    unsigned line;
    const char *address, *name, *roles, *title;
    const char *key;     /* its one form */
    const char *problem; /* in the reader's words; NULL: none */
    bool skipped;        /* belongs to the company already */
    bool of_file;        /* the line is one of the list's */
};

struct inviting {
    struct company company;
    struct portico_form *form;
    struct guest *guests;
    size_t count;
    const char *roles; /* of all that name none */
    bool outside;      /* people of other companies are meant */
    size_t domains;    /* of the account */
    bool reads_file;   /* those read now are the list's */
    int64_t wait;      /* µs until all of them may be written to; 0: they may */
};

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* ---- reading what was written ---- */

enum { ADDRESS, NAME, ROLES, TITLE, STATE, COLUMNS };

static int column_of(const char *word)
{
    static const struct {
        const char *word;
        int column;
    } words[] = { { "address", ADDRESS }, { "mail", ADDRESS },    { "email", ADDRESS },
                  { "e-mail", ADDRESS },  { "adresse", ADDRESS }, { "name", NAME },
                  { "roles", ROLES },     { "role", ROLES },      { "rollen", ROLES },
                  { "rolle", ROLES },     { "title", TITLE },     { "titel", TITLE },
                  { "funktion", TITLE },  { "state", STATE } };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(word, words[i].word) == 0)
            return words[i].column;
    return -1;
}

/* Where the columns are, if the record names them. */
static bool read_head(const struct csv_record *record, int ret_places[COLUMNS])
{
    int places[COLUMNS] = { -1, -1, -1, -1, -1 };
    for (size_t i = 0; i < record->count; i++) {
        char *word = g_strstrip(g_strdup(record->fields[i]));
        int column = column_of(word);
        g_free(word);
        if (column >= 0)
            places[column] = (int)i;
    }
    if (places[ADDRESS] < 0)
        return false;
    memcpy(ret_places, places, sizeof places);
    return true;
}

static const char *field(struct inviting *inviting, const struct csv_record *record, int place)
{
    char *text = place >= 0 && (size_t)place < record->count
                     ? g_strstrip(g_strdup(record->fields[place]))
                     : NULL;
    const char *kept = text ? arena_strdup(inside_arena(inviting->company.request), text) : "";
    g_free(text);
    return kept ? kept : "";
}

static struct guest *add(struct inviting *inviting, unsigned line, const char *address)
{
    if (inviting->count >= MOST)
        return NULL;
    struct guest *guest = &inviting->guests[inviting->count++];
    *guest = (struct guest){
        .line = line, .address = address, .name = "", .title = "", .of_file = inviting->reads_file
    };
    return guest;
}

static bool all_addresses(const struct csv_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        if (*record->fields[i] && !strchr(record->fields[i], '@'))
            return false;
    return true;
}

/* People of other companies in the export of a company's people: none to invite. */
static bool is_of_others(struct inviting *inviting, const struct csv_record *record,
                         const int places[COLUMNS])
{
    const char *state = field(inviting, record, places[STATE]);
    return strcmp(state, "above") == 0 || strcmp(state, "partner") == 0;
}

/* ELIMIT: there are more than MOST. */
static int read_record(struct inviting *inviting, const struct csv_record *record,
                       const int places[COLUMNS])
{
    if (all_addresses(record)) {
        for (size_t i = 0; i < record->count; i++)
            if (*field(inviting, record, (int)i) &&
                !add(inviting, record->line, field(inviting, record, (int)i)))
                return PORTICO_ELIMIT;
        return 0;
    }
    if (is_of_others(inviting, record, places))
        return 0;
    struct guest *guest = add(inviting, record->line, field(inviting, record, places[ADDRESS]));
    if (!guest)
        return PORTICO_ELIMIT;
    guest->name = field(inviting, record, places[NAME]);
    guest->roles = field(inviting, record, places[ROLES]);
    guest->title = field(inviting, record, places[TITLE]);
    return 0;
}

static int read_guests(struct inviting *inviting, const char *text, size_t length)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int places[COLUMNS] = { ADDRESS, NAME, ROLES, TITLE, -1 };
    struct csv csv;
    struct csv_record record;
    int code, got;
    bool first = true;
    csv_begin(&csv, text, length);
    for (code = 0; code == 0 && (got = csv_next(&csv, &record, &error)) != 0; first = false) {
        if (got < 0) {
            struct guest *guest = add(inviting, record.line, "");
            code = guest ? 0 : PORTICO_ELIMIT;
            if (guest)
                guest->problem =
                    say(inviting->company.request,
                        arena_strdup(inside_arena(inviting->company.request), error.message));
        } else if (!first || !read_head(&record, places)) {
            code = read_record(inviting, &record, places);
        }
    }
    csv_end(&csv);
    return code;
}

/* ---- checking each ---- */

/* What is wrong with their roles; those of the form where the line names none. */
static void check_roles(struct inviting *inviting, struct guest *guest)
{
    struct portico_request *request = inviting->company.request;
    char *words = g_strdelimit(g_strdup(guest->roles ? guest->roles : ""), ",;|\t", ' ');
    const char *named = arena_strdup(inside_arena(request), g_strstrip(words));
    g_free(words);
    guest->roles = *named ? named : inviting->roles;
    for (const char *at = guest->roles; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
        const char *key = portico_printf(request, "%.*s", (int)strcspn(at, " "), at);
        const struct portico_value *found = NULL;
        for (size_t i = 0; i < portico_count(inviting->company.roles); i++)
            if (strcmp(portico_get_text(portico_at(inviting->company.roles, i), "key", ""), key) ==
                0)
                found = portico_at(inviting->company.roles, i);
        if (!found)
            guest->problem =
                visit_words(request, /* translated */ "There is no role “{role}”.", "role", key);
        else if (!portico_get_boolean(found, "may", 0))
            guest->problem = visit_words(
                request,
                /* translated */ "The role “{role}” is given only by who holds what it contains.",
                "role", portico_get_text(found, "title", ""));
    }
}

static int check_domain(struct inviting *inviting, struct guest *guest, struct portico_error *error)
{
    int64_t whose = 0;
    if (!inviting->domains || inviting->outside)
        return 0;
    int code = identity_domain_of(inviting->company.session, guest->address, &whose, NULL, error);
    if (code == 0 && whose != inviting->company.account)
        guest->problem = say(inviting->company.request,
                             /* translated */ "This address is not one of your company's. If you "
                                              "mean it, tick the box below.");
    return code;
}

static int check_guest(struct inviting *inviting, struct guest *guest, struct portico_error *error)
{
    struct portico_request *request = inviting->company.request;
    struct arena *arena = inside_arena(request);
    struct portico_error wrong = PORTICO_ERROR_INIT;
    const char *kept;
    if (guest->problem)
        return 0;
    check_roles(inviting, guest);
    if (identity_address_check(guest->address, arena, NULL, &guest->key, NULL) < 0)
        guest->problem = say(request, "Write a whole mail address, such as mara@example.com.");
    else if (*guest->name && identity_name_chosen(inviting->company.manage.identity, guest->name,
                                                  arena, &kept, &wrong) < 0)
        guest->problem = say(request, wrong.message);
    else if (*guest->title && identity_name_check(guest->title, arena, &kept, NULL) < 0)
        guest->problem = say(request, "Write a shorter title, without hidden characters.");
    else if (!guest->problem)
        return check_domain(inviting, guest, error);
    return 0;
}

/* ---- sending ---- */

/* One more mail to each of them; the line says where it is one too many, and how long to wait. */
static int take(struct inviting *inviting, struct guest *guest, struct portico_error *error)
{
    struct company *company = &inviting->company;
    struct portico_error often = PORTICO_ERROR_INIT;
    int64_t wait = 0;
    int code = letters_take_sender(company->request, company->account, error);
    if (code < 0)
        return code;
    code = letters_take_address(company->request, company->account, guest->address, &wait, error);
    if (code != PORTICO_ELIMIT)
        return code;
    inside_limit(company->request->context, wait, /* translated */
                 "Within an hour only so many mails go to one address: leave it out, or wait.",
                 &often);
    guest->problem = arena_strdup(inside_arena(company->request), often.message);
    inviting->wait = wait > inviting->wait ? wait : inviting->wait;
    return guest->problem ? 0 : error_set(error, PORTICO_ENOMEM, "Memory ended while inviting.");
}

static int invite_one(struct inviting *inviting, struct guest *guest, struct portico_error *error)
{
    struct company *company = &inviting->company;
    char token[IDENTITY_TOKEN_SIZE];
    int64_t id = 0;
    const struct identity_new_invitation made = {
        .account = company->account,
        .inviter = company->manage.actor,
        .address = guest->address,
        .name = guest->name,
        .title = guest->title,
        .roles = guest->roles,
        .locale = portico_form_text(inviting->form, "language"),
    };
    int code = identity_giving(company->manage.identity, company->session, company->manage.actor,
                               company->account, 0, guest->roles, error);
    if (code == 0)
        code =
            identity_invite(company->manage.identity, company->session, &made, &id, token, error);
    guest->skipped = code == PORTICO_EEXIST;
    if (guest->skipped)
        return 0;
    if (code == 0)
        code = take(inviting, guest, error);
    /* Nothing is sent any more where one may not be: the others are asked for their budgets alone.
     */
    if (code < 0 || inviting->wait)
        return code;
    code = company_write(company, id, token, error);
    return code < 0
               ? code
               : company_record(company, "invitation.sent", 0,
                                portico_printf(company->request, "%lld", (long long)id), error);
}

/* Lines of one address as they were written. */
static int by_key(const void *one, const void *other)
{
    const struct guest *const a = *(struct guest *const *)one, *const b =
                                                                   *(struct guest *const *)other;
    const int order = strcmp(a->key, b->key);
    return order ? order : (a > b) - (a < b);
}

/* In the order of their addresses, so that two who invite the same people at once wait for one
 * another and neither for both. Of lines with one address the last counts: one mail goes there. */
static int invite_all(struct inviting *inviting, unsigned *ret_sent, struct portico_error *error)
{
    struct guest *order[MOST];
    unsigned sent = 0;
    int code = 0;
    for (size_t i = 0; i < inviting->count; i++)
        order[i] = &inviting->guests[i];
    qsort(order, inviting->count, sizeof *order, by_key);
    for (size_t i = 0; code == 0 && i < inviting->count; i++) {
        order[i]->skipped =
            i + 1 < inviting->count && strcmp(order[i]->key, order[i + 1]->key) == 0;
        if (!order[i]->skipped)
            code = invite_one(inviting, order[i], error);
        sent += code == 0 && !order[i]->skipped;
    }
    *ret_sent = sent;
    return code;
}

/* ---- the page ---- */

static int show(struct inviting *inviting)
{
    struct portico_value *view = company_view(&inviting->company);
    struct portico_value *problems = portico_set_list(view, "problems");
    for (size_t i = 0; i < inviting->count; i++) {
        const struct guest *guest = &inviting->guests[i];
        if (!guest->problem)
            continue;
        struct portico_value *item = portico_append_object(problems);
        portico_set_integer(item, "line", guest->line);
        portico_set_boolean(item, "of_file", guest->of_file);
        portico_set_text(item, "address", guest->address);
        portico_set_text(item, "problem", guest->problem);
    }
    portico_set_boolean(view, "wrong", portico_count(problems) > 0);
    portico_set(view, "role_list", inviting->company.roles);
    return portico_form_reply(inviting->form, "company-invite", view);
}

static int refuse(struct inviting *inviting, const char *sentence)
{
    portico_form_reject(inviting->form, "people", say(inviting->company.request, sentence));
    return show(inviting);
}

/* Those that were written, and behind them those of the list. */
static int read_all(struct inviting *inviting, struct portico_error *error)
{
    struct portico_upload list = { .size = sizeof list };
    const char *written = portico_form_text(inviting->form, "people");
    int code = written ? read_guests(inviting, written, strlen(written)) : 0;
    int sent = portico_upload(portico_files(inviting->company.request), "list", PORTICO_ACCEPT_ANY,
                              &list, error);
    inviting->reads_file = true;
    if (code == 0 && sent == 0)
        code = read_guests(inviting, list.data, list.length);
    return code < 0 || sent == PORTICO_ENOENT ? code : sent;
}

static int refuse_lines(struct inviting *inviting)
{
    return refuse(inviting, inviting->count == 1
                                ? inviting->guests[0].problem
                                : /* translated */ "Nothing was sent yet: mend the lines named "
                                                   "above, or leave them out.");
}

static int try_all(struct inviting *inviting, struct portico_error *error)
{
    int code = read_all(inviting, error);
    if (code == PORTICO_ELIMIT)
        return refuse(inviting, /* translated */ "At most 100 people are invited at a time.");
    if (inviting->count == 0)
        return refuse(inviting,
                      /* translated */ "Write at least one mail address, or choose a list.");
    bool wrong = false;
    for (size_t i = 0; code == 0 && i < inviting->count; i++) {
        code = check_guest(inviting, &inviting->guests[i], error);
        wrong |= inviting->guests[i].problem != NULL;
    }
    if (code < 0)
        return visit_failed(inviting->company.request, code, error);
    return wrong ? refuse_lines(inviting) : 1;
}

static bool gives_roles(const struct inviting *inviting)
{
    for (size_t i = 0; i < inviting->count; i++)
        if (*inviting->guests[i].roles)
            return true;
    return false;
}

/* What was typed stands there when they come back. */
static int keep_all(struct inviting *inviting, int code)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_rollback(portico_db(inviting->company.request));
    int kept = inside_keep_draft(inviting->form, &error);
    return kept < 0 ? visit_failed(inviting->company.request, kept, &error) : code;
}

/* All of them or none: the lines that may not be sent say so, and nothing is taken of any budget.
 */
static int refuse_often(struct inviting *inviting)
{
    struct portico_request *request = inviting->company.request;
    portico_rollback(portico_db(request));
    portico_set_header(
        request, "Retry-After",
        portico_printf(request, "%lld", (long long)((inviting->wait + 999999) / 1000000)));
    return refuse_lines(inviting);
}

static int send_all(struct inviting *inviting)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_request *request = inviting->company.request;
    unsigned sent = 0;
    int answer;
    if (identity_rules(inviting->company.manage.identity)->closed)
        return refuse(inviting, /* translated */ "This portal takes in nobody new right now: ask "
                                                 "whoever runs it.");
    int code = try_all(inviting, &error);
    if (code != 1)
        return code;
    if (gives_roles(inviting) &&
        !again_or_keep(request, inviting->form, "/account/company/invite", &answer))
        return answer;
    code = portico_form_begin(inviting->form, &error);
    if (code == 0)
        code = company_hold(&inviting->company, &error);
    if (code == 0)
        code = invite_all(inviting, &sent, &error);
    if (code == 0 && inviting->wait)
        return refuse_often(inviting);
    if (code == PORTICO_ELIMIT)
        return keep_all(inviting, code);
    if (code == PORTICO_EPERM && inviting->company.manage.through) {
        portico_rollback(portico_db(request));
        return refuse(inviting, error.message);
    }
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_form_done(inviting->form,
                             portico_printf(request, PEOPLE "?invited=%u&show=waiting", sent), NULL,
                             &error);
}

int company_invite_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct inviting inviting = { 0 };
    const struct module_host *host = inside_host(request);
    struct value *domains;
    const char *tag;
    int code = company_open(request, &inviting.company, &error);
    if (code == 0)
        code =
            identity_domains(inviting.company.session, inviting.company.account, &domains, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    /* What is kept of it belongs to the company it was typed for. */
    inviting.form = portico_form_open(
        request, "company_invite",
        portico_printf(request, "account/%lld", (long long)inviting.company.account));
    inviting.domains = domains->count;
    inviting.guests = arena_zalloc(inside_arena(request), MOST * sizeof *inviting.guests);
    for (size_t i = 0; (tag = page_language_at(host->pages, i)); i++) {
        portico_form_choice(inviting.form, "language", tag,
                            page_language_name(inside_arena(request), tag));
        /* The pages may be read in one that nobody is written to in. */
        if (i == 0 || strcmp(tag, portico_locale(request)) == 0)
            portico_form_set_text(inviting.form, "language", tag);
    }
    portico_form_choice(inviting.form, "role", NO_ROLE,
                        say(request, /* translated */ "No special role"));
    portico_form_set_text(inviting.form, "role", NO_ROLE);
    for (size_t i = 0; i < portico_count(inviting.company.roles); i++) {
        const struct portico_value *role = portico_at(inviting.company.roles, i);
        if (portico_get_boolean(role, "may", 0))
            portico_form_choice(inviting.form, "role", portico_get_text(role, "key", ""),
                                portico_get_text(role, "title", ""));
    }
    if (!inviting.domains)
        portico_form_leave_out(inviting.form, "outside");
    const char *asked = portico_query_param(request, "address");
    if (asked)
        portico_form_set_text(inviting.form, "people", asked);
    if (!inviting.guests || !portico_form_valid(inviting.form))
        return show(&inviting);
    const char *role = portico_form_text(inviting.form, "role");
    inviting.roles = strcmp(role, NO_ROLE) == 0 ? "" : role;
    inviting.outside = inviting.domains && portico_form_boolean(inviting.form, "outside");
    return send_all(&inviting);
}

/* ---- one invitation ---- */

int company_invitation_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct identity_invitation invitation;
    struct identity_person inviter;
    int code = company_open(request, &company, &error);
    if (code == 0)
        code =
            identity_invitation_of(company.session, company.account,
                                   visit_number(portico_param(request, "id")), &invitation, &error);
    if (code == 0 && invitation.state != IDENTITY_INVITED)
        code = PORTICO_ENOENT;
    if (code < 0)
        return visit_failed(request, code, &error);
    struct portico_value *view = company_view(&company);
    const bool known =
        identity_person_look(company.session, invitation.inviter, &inviter, NULL) == 0;
    portico_set_id(view, "id", invitation.id);
    portico_set_text(view, "name", *invitation.name ? invitation.name : invitation.address);
    portico_set_text(view, "address", invitation.address);
    portico_set_text(view, "title", *invitation.title ? invitation.title : NULL);
    portico_set_text(view, "roles", company_titles(&company, invitation.roles));
    portico_set_text(view, "inviter", known ? inviter.name : NULL);
    portico_set_time(view, "created", invitation.created);
    portico_set_time(view, "expires", invitation.expires);
    portico_set_boolean(view, "expired", invitation.expires <= portico_now(request));
    return portico_reply_view(request, "company-invitation", view);
}

/* Withdrawn and expired ones too: it asks somebody back. */
static int again(const struct company *company, const struct identity_invitation *invitation,
                 struct portico_error *error)
{
    char token[IDENTITY_TOKEN_SIZE];
    if (identity_rules(company->manage.identity)->closed)
        return error_set(error, PORTICO_EPERM, "This portal takes in nobody new.");
    int code = letters_take(company->request, company->account, invitation->address, error);
    if (code == 0)
        code = identity_giving(company->manage.identity, company->session, company->manage.actor,
                               company->account, 0, invitation->roles, error);
    if (code == 0)
        code = identity_invitation_renew(company->manage.identity, company->session, invitation->id,
                                         token, error);
    if (code == 0)
        code = company_write(company, invitation->id, token, error);
    return code < 0
               ? code
               : company_record(company, "invitation.sent", 0,
                                portico_printf(company->request, "%lld", (long long)invitation->id),
                                error);
}

static int withdraw(const struct company *company, const struct identity_invitation *invitation,
                    struct portico_error *error)
{
    int code = identity_invitation_end(company->session, invitation->id, IDENTITY_WITHDRAWN, error);
    return code < 0
               ? code
               : company_record(company, "invitation.withdrawn", 0,
                                portico_printf(company->request, "%lld", (long long)invitation->id),
                                error);
}

/* Where it can be sent again from: of one that was withdrawn that is the list. */
static const char *page_of(struct portico_request *request,
                           const struct identity_invitation *invitation)
{
    return invitation->state == IDENTITY_INVITED
               ? portico_printf(request, "/account/company/invitations/%lld",
                                (long long)invitation->id)
               : portico_printf(request, PEOPLE "?removed=%lld", (long long)invitation->id);
}

int company_invitation_change(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct company company;
    struct identity_invitation invitation;
    const char *act = portico_form(request, "act");
    const bool resends = act && strcmp(act, "again") == 0;
    int answer;
    if (!resends && (!act || strcmp(act, "withdraw") != 0))
        return PORTICO_EINVAL;
    int code = company_open(request, &company, &error);
    const int64_t id = visit_number(portico_param(request, "id"));
    if (code == 0)
        code = identity_invitation_of(company.session, company.account, id, &invitation, &error);
    if (code == 0 && resends && *invitation.roles &&
        !again_or_ask(request, page_of(request, &invitation), &answer))
        return answer;
    if (code == 0)
        code = company_begin(&company, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    code = company_own(&company, &error);
    if (code == 0)
        code = identity_invitation_of(company.session, company.account, id, &invitation, &error);
    if (code == 0)
        code = resends ? again(&company, &invitation, &error)
                       : withdraw(&company, &invitation, &error);
    code = company_end(&company, code, &error);
    if (code == PORTICO_ELIMIT)
        return code;
    if (code == PORTICO_EPERM)
        return portico_reply_problem(
            request, 403, NULL,
            portico_translate(request, /* translated */ "You may not do this", NULL),
            portico_translate(request, error.message, NULL));
    if (code < 0)
        return visit_failed(request, code, &error);
    return portico_reply_redirect(
        request, 303,
        resends ? PEOPLE "?saved=again&show=waiting"
                : portico_printf(request, PEOPLE "?removed=%lld", (long long)invitation.id));
}
