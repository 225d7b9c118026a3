/* Partners that act for a company: shown and changed alike on its own pages and the staff's. */
#ifndef PORTAL_DELEGATION_H
#define PORTAL_DELEGATION_H

#include "portal/manage.h"

/* "given", "received" and "asked" (offered to it): lists of objects with "id", "company",
 * "company_id", "until" (the last day as text), "over", "offered", "reason", "giver" and "roles";
 * and "any_given", "any_received", "any_asked". Of those received the page that the query asks for,
 * by "customer", a part of the name: "customer", "received_searched", "received_behind",
 * "received_long" (there is more than what is shown) and "received_next", the path behind `page`,
 * that of this page. Of those asked the first, and "more_asked". */
int delegation_show(struct portico_request *request, struct store_session *session, int64_t account,
                    const char *page, struct portico_value *view, struct portico_error *error);
/* One as these lists have it; `given`: as who gave it reads it. */
struct identity_roles;
void delegation_show_one(struct portico_request *request, const struct identity_roles *roles,
                         const struct identity_delegation *of, bool given,
                         struct portico_value *item);
/* Ended by an admin of one of its companies, on whichever page; `ret_said`: what it was, such as
 * "ended". In the open transaction. ENOENT; EPERM: who acts for a partner ends that one's alone. */
struct company;
int delegation_end(const struct company *company, int64_t id, const char **ret_said,
                   struct portico_error *error);
/* Whether they may. */
bool delegation_ends(const struct company *company, const struct identity_delegation *of);
/* What was typed, so that it stands there again: "partner", "until", "reason", "as_member". */
void delegation_show_typed(struct portico_request *request, struct portico_value *view, bool again);
/* Gives one as the form says, with these roles (keys) beside that of a member. In the open
 * transaction. EINVAL, EPERM, EEXIST: a sentence to show. */
int delegation_give(struct portico_request *request, const struct manage *manage, int64_t account,
                    const char *roles, struct portico_error *error);

#endif
