/* What the pages of companies and roles share. */
#ifndef PORTAL_ADMIN_ACCOUNTS_H
#define PORTAL_ADMIN_ACCOUNTS_H

#include "portal/manage.h"

/* What is done on the page of a company, in its transaction. */
struct admin_act {
    struct portico_request *request;
    struct manage manage;
    int64_t account;
};
/* What is said of a refused act, in the reader's words; NULL: it was no refusal. */
const char *admin_refusal(struct portico_request *request, int code,
                          const struct portico_error *error);
/* The owner's account is called as the portal. */
const char *admin_account_name(struct portico_request *request, int64_t id, const char *name);
/* The members of an account behind the query's `after`: "members", "any_members", "next_member". */
int admin_show_members(struct portico_request *request, struct store_session *session,
                       int64_t account, struct portico_value *view, struct portico_error *error);
/* The roles held in an account: "roles" of "key", "title", "description", "has" (as `held`, keys
 * with a blank around each), "may" (the reader may give it). */
int admin_show_roles(struct portico_request *request, struct store_session *session,
                     int64_t account, const char *held, struct portico_value *view,
                     struct portico_error *error);
/* "Account admin, Buyer": the titles of roles (keys with blanks between); "": none. */
int admin_role_titles(struct portico_request *request, struct store_session *session,
                      const char *keys, const char **ret_titles, struct portico_error *error);
/* The roles ticked in such a form, of those there are: keys with a blank around each. */
int admin_read_roles(struct portico_request *request, struct store_session *session,
                     int64_t account, const char **ret_roles, struct portico_error *error);

/* admin_contacts.c */
int admin_act_team(struct admin_act *act, struct portico_error *error);
int admin_act_unteam(struct admin_act *act, struct portico_error *error);
int admin_act_contact(struct admin_act *act, struct portico_error *error);
int admin_act_uncontact(struct admin_act *act, struct portico_error *error);
int admin_act_domain(struct admin_act *act, struct portico_error *error);
int admin_look_domain(struct admin_act *act, struct portico_error *error);
int admin_act_look(struct admin_act *act, struct portico_error *error);
int admin_act_vouch(struct admin_act *act, struct portico_error *error);
int admin_act_undomain(struct admin_act *act, struct portico_error *error);
/* How many of the declared permissions a role holds. */
size_t admin_count_held(const struct identity_roles *roles, const struct identity_role *role);

#endif
