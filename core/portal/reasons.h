/* The questions of "why" as people write them, and its answer as they read it: for the page and the
 * command alike. */
#ifndef PORTAL_REASONS_H
#define PORTAL_REASONS_H

#include "identity/why.h"
#include "module/registry.h"

#include <portico/portico.h>

/* "GET /admin/audit", or the path alone. ENOENT: nothing answers it. */
int reasons_route(const struct registry *registry, const char *written,
                  const struct module_route **ret_route, struct portico_error *error);
/* What that route asks for, into the question. */
void reasons_of_route(const struct module_route *route, struct identity_question *question);
/* "communities_topic/123", into the question. The session is the host's own: no row is hidden from
 * it. EINVAL: it is no such table; ENOENT: it has no such row. */
int reasons_row(struct store_session *session, const char *written,
                struct identity_question *question, struct portico_error *error);
/* Members "yes" and "reasons", objects "good text" in that language. */
void reasons_show(struct page_set *pages, struct arena *arena, const char *locale,
                  const struct identity_why *why, struct portico_value *view);
/* What a permission lets one do, as its module says it, in that language; its name where no module
 * does. */
const char *reasons_permission(const struct module_host *host, struct arena *arena,
                               const char *locale, const char *name);

#endif
