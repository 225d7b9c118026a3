/* What portico.account tells of an account's contacts, its account team and its partners, to whom
 * it is for. */
#ifndef MODULE_ACCOUNT_RELATIONS_H
#define MODULE_ACCOUNT_RELATIONS_H

#include "module/call.h"

/* As portico_account_contacts(), portico_account_team() and portico_account_partners(). */
int account_relations_contacts(struct scope *scope, int64_t account, const char *role,
                               struct portico_value **ret_rows, struct portico_error *error);
int account_relations_team(struct scope *scope, int64_t account, struct portico_value **ret_rows,
                           struct portico_error *error);
int account_relations_partners(struct scope *scope, int64_t account,
                               struct portico_value **ret_rows, struct portico_error *error);

#endif
