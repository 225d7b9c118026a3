/* Lists of all accounts that somebody acts in, not of the active one alone: with "?accounts=all"
 * rows are filtered by all they see in any of them. What they may do stays that of the active one,
 * and a link behind a row leads into its account (deep_link.h). */
#ifndef MODULE_ALL_ACCOUNTS_H
#define MODULE_ALL_ACCOUNTS_H

#include "module/registry.h"

/* Who reads a page that is such a list: a copy in the request's memory that says so to the frame,
 * with the rows of all accounts where the address asks for it. `viewer` itself for who acts in one
 * account at most, and where it cannot be known. Handler thread. */
const struct viewer *all_accounts_viewer(struct module_host *host, const struct viewer *viewer,
                                         const struct http_request *request);
/* The same page of all accounts, or of the active one; its first page. In the request's memory. */
const char *all_accounts_path(const struct http_request *request, bool all);

#endif
