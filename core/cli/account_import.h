/* `portico account import FILE…`. */
#ifndef CLI_ACCOUNT_IMPORT_H
#define CLI_ACCOUNT_IMPORT_H

#include "cli/cli.h"

int account_import(const struct cli_call *call);

#endif
