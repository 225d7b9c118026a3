/* Full-text search: FTS5 on SQLite, tsvector on PostgreSQL; one table of documents with audiences.
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "store/store.h"

#include <portico/search.h>

int search_index(struct store_session *session, const char *module,
                 const struct portico_document *document, struct portico_error *error);
int search_remove(struct store_session *session, const char *module, const char *kind, int64_t id,
                  struct portico_error *error);
/* `module` NULL searches all modules; rows as in <portico/search.h> plus "module". */
int search_query(struct store_session *session, const char *module,
                 const struct portico_search_query *query, struct value **ret_hits,
                 struct portico_error *error);
/* Brings the parts of SQLite's index, of which each commit adds one and every search reads all,
 * together by at most `pages` written pages of it, in a transaction of its own. `anew`: all parts
 * become one, unless they are; otherwise what was begun so goes on. False in `ret_more`: nothing
 * was left to do, as always on PostgreSQL. */
int search_tidy(struct store_session *session, unsigned pages, bool anew, bool *ret_more,
                struct portico_error *error);

#endif
