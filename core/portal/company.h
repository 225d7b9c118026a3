/* What the pages share on which a company looks after its own people: those of the account one acts
 * for, with the permission portico.company there. */
#ifndef PORTAL_COMPANY_H
#define PORTAL_COMPANY_H

#include "portal/manage.h"
#include "portal/visit.h"

#define COMPANY_PERMISSION "portico.company"

struct company {
    struct portico_request *request;
    struct store_session *session;
    struct manage manage;
    int64_t account;
    struct portico_value *roles; /* objects "key title description may": given in accounts */
};
/* ENOENT: one acts for none, or for the owner's, whose people are the portal admins'. */
int company_open(struct portico_request *request, struct company *ret_company,
                 struct portico_error *error);
/* Begins the transaction of a change: the account is held, so that two admins take turns, and
 * whether one still may is asked again. EPERM. */
int company_begin(const struct company *company, struct portico_error *error);
/* The same in a transaction that is open already. */
int company_hold(const struct company *company, struct portico_error *error);
/* Whether who asks belongs to it themselves, or looks after accounts as staff: a partner's people
 * change nothing of who belongs to a company, in which group and as what. In the transaction.
 * EPERM. */
int company_own(const struct company *company, struct portico_error *error);
/* Commits, or rolls back where `code` is negative. */
int company_end(const struct company *company, int code, struct portico_error *error);
/* Whether a file may go out to this request: 1; 0: it comes from another site, or wants the file as
 * a part of a page, such as a picture, and `ret_answer` is the code to return. First of all, as
 * what goes out is written down in its reader's name. */
int company_may_send(struct portico_request *request, int *ret_answer);
/* Sends a file of the company's as an attachment, which is written down first: `kind` says what
 * went out. */
int company_send(const struct company *company, const char *kind, const char *name, FILE *file,
                 struct portico_error *error);

/* A view with "company", its name, and "can_mail". */
struct portico_value *company_view(const struct company *company);
/* The titles of these roles (keys separated by blanks), separated by commas; NULL: none. */
const char *company_titles(const struct company *company, const char *keys);
/* The keys of the ticked boxes "role-KEY". */
const char *company_roles_sent(const struct company *company);
/* company_log_words.c: what a record keeps of an act, in the reader's words; NULL: nothing that the
 * company reads. */
const char *company_log_details(const struct company *company, const struct portico_value *row);
/* A page of the roster as objects for templates; `ret_last` is the row it ends with, NULL where
 * nothing follows. */
struct identity_roster;
int company_list(const struct company *company, const struct identity_roster *wanted,
                 struct portico_value *list, const struct portico_value **ret_last,
                 struct portico_error *error);
/* company_export.c: a page that was led to once its reader proved who they are says "file", the
 * path of what they asked for, and the browser goes on to it. */
void company_show_file(struct portico_request *request, struct portico_value *view,
                       const char *path);
/* company_partners.c: "partners": the delegations of the company that hold, as delegation_show()
 * has them, with what the partial "delegation-people" shows of who acts by each now, "reviewed",
 * and "may": whether one may end it. "any_partners". */
int company_show_partners(const struct company *company, struct portico_value *view,
                          struct portico_error *error);
/* Members "members", "waiting_count", "above_count" and "partner_count". */
int company_show_counts(const struct company *company, struct portico_value *view,
                        struct portico_error *error);
/* company_home.c, for the staff's page as well. "team", "any_team": who looks after the account;
 * "contacts": for each thing "key title people any"; "domains", "any_domains". */
int company_show_team(struct portico_request *request, struct store_session *session,
                      int64_t account, struct portico_value *view, struct portico_error *error);
int company_show_contacts(struct portico_request *request, struct store_session *session,
                          int64_t account, struct portico_value *view, struct portico_error *error);
int company_show_domains(struct portico_request *request, struct store_session *session,
                         int64_t account, struct portico_value *view, struct portico_error *error);
/* "facts" for the partial "account-facts", "any_facts": what modules know of the account; `staff`
 * false: what it sees of that itself. */
int company_show_facts(struct portico_request *request, struct store_session *session,
                       int64_t account, bool staff, struct portico_value *view,
                       struct portico_error *error);
/* One of the company's own people, by name, handle or the address that the company sees: whose
 * another one is, is nobody's business here. Of anybody else nothing is told: EINVAL. */
int company_person(const struct company *company, const char *who, int64_t *ret_person,
                   struct portico_error *error);
/* Ends a membership of the account's, and keeps an invitation that is withdrawn: one click asks
 * them back with what they had. 0 in `ret_invitation`: they have no address. */
int company_take_out(const struct company *company, int64_t membership, int64_t *ret_invitation,
                     struct portico_error *error);
/* application.c: a notice to those who look after a company: its own, else those above, else staff,
 * who find it at `staff_url` (NULL: they are not told). Of `notice`, who is told and why is filled
 * in. */
int company_tell_admins(struct portico_context *context, int64_t account,
                        const struct portico_notice *notice, const char *staff_url,
                        struct portico_error *error);
/* "role" is among the keys. */
bool company_has(const char *keys, const char *role);
/* The sentence that stands for a word of the address in `outcomes`; NULL: none. */
struct company_outcome {
    const char *name, *words;
};
const char *company_said(struct portico_request *request, const struct company_outcome *outcomes,
                         size_t count);
/* Members "roles" with "checked" for those of the keys, "fixed" where one may not change it. */
void company_show_roles(const struct company *company, struct portico_value *view,
                        const char *keys);
/* Writes the mail of an invitation in the open transaction. */
struct identity_invitation;
int company_write(const struct company *company, int64_t invitation, const char *token,
                  struct portico_error *error);
/* What the audit log keeps of an invitation. */
int company_record(const struct company *company, const char *kind, int64_t person,
                   const char *object, struct portico_error *error);

#endif
