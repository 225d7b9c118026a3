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

#endif
