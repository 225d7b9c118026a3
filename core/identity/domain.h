/* Verified domains: whose mail addresses they are. A domain is one account's at most. */
#ifndef IDENTITY_DOMAIN_H
#define IDENTITY_DOMAIN_H

#include "identity/account.h"

/* As it is kept: lower case, "@" before it left out; in the session's arena. EINVAL: it is none,
 * one where anybody gets an address, or one under which others have domains, such as "co.uk". */
int identity_domain_check(struct store_session *session, const char *written,
                          const char **ret_domain, struct portico_error *error);
/* Once the domain is verified, who confirmed an address there joins, with `approval` once an admin
 * of the account said so. Once more changes that. EEXIST: it is another account's. */
int identity_domain_add(struct store_session *session, int64_t account, const char *domain,
                        bool approval, struct portico_error *error);
/* It is known to be theirs, from now on. ENOENT: it is not the account's. */
int identity_domain_verified(struct store_session *session, int64_t account, const char *domain,
                             struct portico_error *error);
/* What a TXT record of IDENTITY_DOMAIN_RECORD and the domain holds to show that it is theirs, in
 * the session's arena. ENOENT: it is not the account's. */
#define IDENTITY_DOMAIN_RECORD "_portico-domain."
int identity_domain_token(struct store_session *session, int64_t account, const char *domain,
                          const char **ret_token, struct portico_error *error);
int identity_domain_remove(struct store_session *session, int64_t account, const char *domain,
                           struct portico_error *error);
/* Rows "domain approval created verified token" of an account, by name. */
int identity_domains(struct store_session *session, int64_t account, struct value **ret_rows,
                     struct portico_error *error);
/* Whose verified domain the address lies in, the whole of it; 0: nobody's, or the account is not
 * open. */
int identity_domain_of(struct store_session *session, const char *address, int64_t *ret_account,
                       bool *ret_approval, struct portico_error *error);
/* In the open transaction: somebody who confirmed this address joins the account whose domain it
 * lies in, or applies. 0: nothing to do; 1: joined; 2: applied, with its id. */
int identity_domain_join(struct store_session *session, int64_t person, const char *address,
                         int64_t *ret_account, struct portico_error *error);

#endif
