/* Verified domains: whose mail addresses they are. A domain is one account's at most. */
#ifndef IDENTITY_DOMAIN_H
#define IDENTITY_DOMAIN_H

#include "identity/account.h"

/* As it is kept: lower case, "@" before it left out; in the session's arena. EINVAL: it is none, or
 * one where anybody gets an address. */
int identity_domain_check(struct store_session *session, const char *written,
                          const char **ret_domain, struct portico_error *error);
/* Who confirmed an address there joins, with `approval` once an admin of the account said so. Once
 * more changes that. EEXIST: it is another account's. */
int identity_domain_add(struct store_session *session, int64_t account, const char *domain,
                        bool approval, struct portico_error *error);
/* ENOENT: it is not the account's. */
int identity_domain_remove(struct store_session *session, int64_t account, const char *domain,
                           struct portico_error *error);
/* Rows "domain approval created" of an account, by name. */
int identity_domains(struct store_session *session, int64_t account, struct value **ret_rows,
                     struct portico_error *error);
/* Whose domain the address lies in, the whole of it; 0: nobody's, or the account is not open. */
int identity_domain_of(struct store_session *session, const char *address, int64_t *ret_account,
                       bool *ret_approval, struct portico_error *error);
/* In the open transaction: somebody who confirmed this address joins the account whose domain it
 * lies in, or applies. 0: nothing to do; 1: joined; 2: applied, with its id. */
int identity_domain_join(struct store_session *session, int64_t person, const char *address,
                         int64_t *ret_account, struct portico_error *error);

#endif
