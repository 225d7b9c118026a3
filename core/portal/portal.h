/* The portal's own module: sign-in, account and admin pages, written as a module author writes
 * pages, with the public SDK, and with what inside.h adds.
 *
 * portal.c holds the descriptor; there is one file per concern (language.c, …), whose handlers are
 * declared in pages.h. Pages lie under /login, /logout, /account, /admin and /portico, the API
 * under /api/portico; tables are portico_* (core/store/migrations), templates "portico/NAME"
 * (core/page/templates), words those of core/page/locale. */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include "module/registry.h"

#include <portico/portico.h>

/* For struct registry_options. Lives as long as the process. */
const struct portico_module *portal_module(void);

/* An event of the portal's about a person, in the open transaction of this call; `change` (a word)
 * may be NULL. Of a page, or of a command that runs as portal_work. */
int portal_tell(struct portico_context *context, const char *type, int64_t person,
                const char *change, struct portico_error *error);
/* The event of their roles, which are now those. */
int portal_tell_roles(struct portico_context *context, int64_t person, uint64_t roles,
                      struct portico_error *error);
/* An event about an account, or (`person`) a membership of it; `change` may be NULL. */
int portal_tell_account(struct portico_context *context, const char *type, int64_t account,
                        int64_t person, const char *change, struct portico_error *error);
/* Somebody comes into a company by an invitation or an address in its domain, or asks to: the
 * event, and a notice for its admins if they are to approve. In the open transaction; `data` is the
 * request. */
int portal_tell_joined(void *data, int64_t person, int64_t account, struct portico_error *error);
/* Whoever asked to join was answered: its notices are taken back. In the open transaction. */
int portal_application_over(struct portico_context *context, int64_t membership,
                            struct portico_error *error);
/* The event that a role is another now. */
int portal_tell_role(struct portico_context *context, const char *role, const char *change,
                     struct portico_error *error);
/* Runs `work` in the portal's name in one transaction; `session` is its. */
int portal_work(struct module_host *host, const char *name,
                int (*work)(struct portico_context *context, struct store_session *session,
                            void *data, struct portico_error *error),
                void *data, struct portico_error *error);
/* The same in a running job of the portal's, whose lease its transaction is guarded by. */
int portal_transact(struct portico_context *context,
                    int (*work)(struct portico_context *context, struct store_session *session,
                                void *data, struct portico_error *error),
                    void *data, struct portico_error *error);

#endif
