/* `portico account team`, `contact` and `domain`: acts on the account that `data` is. */
#ifndef CLI_ACCOUNT_CONTACTS_H
#define CLI_ACCOUNT_CONTACTS_H

#include "cli/manage.h"

int account_team(struct cli_manage *at, void *data, struct portico_error *error);
int account_contact(struct cli_manage *at, void *data, struct portico_error *error);
int account_domain(struct cli_manage *at, void *data, struct portico_error *error);

#endif
