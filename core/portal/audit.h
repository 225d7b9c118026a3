/* Records of the audit log as templates show them. */
#ifndef PORTAL_AUDIT_H
#define PORTAL_AUDIT_H

#include <portico/portico.h>

#include <stdbool.h>

/* Members "number time words object origin operator by_itself actor as person account" of a row of
 * identity_audit_list. */
void audit_show(struct portico_request *request, const struct portico_value *row,
                struct portico_value *item);
/* The kinds of acts, by their words, as "kinds" of "key words chosen"; `customers`: only those that
 * admins of companies may read. */
void audit_show_kinds(struct portico_request *request, const char *chosen, bool customers,
                      struct portico_value *view);

#endif
