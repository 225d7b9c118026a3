/* Whose a table is, and what a module's own SQL may say.
 *
 * A module's migrations make tables, indexes, views and triggers that begin with its name; its
 * statements touch these only, and call only the functions that both databases have in common and
 * that compute. The host's own statements run as "core" and are held to none of it. */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

#include "store/store.h"

#define OWNER_HOST "core"
#define OWNER_PORTAL "portico" /* the portal's own module, which works on the host's tables */

/* True for "core" and the portal's own module: the host's tables are theirs. */
bool owner_is_host(const char *module);
/* "status-page" owns what begins with "status_page_". Free with g_free. */
char *owner_prefix(const char *module);
/* A function a module may call, by its name in lower case. */
bool owner_allows_function(const char *name);
/* The names a module may not say in any SQL: the databases' own and the host's. In lower case. */
bool owner_is_reserved(const char *name);

/* One word of a statement's text that is no quoted text: a name as it stands, or "quoted". */
struct owner_word {
    char *name;     /* in lower case unless it stood in quotes; free with g_free */
    bool quoted;    /* it stood in double quotes */
    bool calls;     /* a "(" follows */
    bool qualified; /* a "." follows */
};
/* The next word at or behind `at`, which moves past it. False at the end. */
bool owner_next_word(const char **at, struct owner_word *ret_word);

/* Holds an expanded migration script of a module to its own names: EPERM with a sentence that
 * begins with "FILE:LINE: " and names what it found and what to write. `other` tells whose a
 * relation is, NULL if nobody's; it may be NULL. */
int owner_check_script(const char *module, const char *file, const char *script,
                       const char *(*other)(const char *name, void *data), void *data,
                       struct portico_error *error);

#endif
