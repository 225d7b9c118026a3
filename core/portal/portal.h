/* The portal's own module: sign-in, account and admin pages, written as a module author writes
 * pages, with the public SDK, and with what inside.h adds.
 *
 * portal.c holds the descriptor; there is one file per concern (language.c, …), whose handlers are
 * declared in pages.h. Pages lie under /login, /logout, /account, /admin and /portico, the API
 * under /api/portico; tables are portico_* (core/store/migrations), templates "portico/NAME"
 * (core/page/templates), words those of core/page/locale. */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include <portico/module.h>

/* For struct registry_options. Lives as long as the process. */
const struct portico_module *portal_module(void);

#endif
