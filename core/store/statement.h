/* From a module's portable SQL to one database's: parameters, {visible TABLE}, {unfiltered reason}.
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "store/store.h"

/* Relations of this name exist in the twin only; a statement that names one itself is refused. */
#define STATEMENT_VISIBLE_PREFIX "portico_visible_"

enum statement_dialect { STATEMENT_SQLITE, STATEMENT_POSTGRES, STATEMENT_TWIN };

/* An expanded statement. Free with statement_free. */
struct statement {
    char *sql;
    unsigned parameters;
    uint64_t counts; /* bit n: parameter n, of the first 64, stands behind LIMIT or OFFSET */
    bool writes;     /* it says INSERT, UPDATE or DELETE somewhere */
    bool inserts;    /* it says INSERT somewhere */
    bool schema;     /* it changes the schema */
    bool visible;    /* its text depends on the viewer's audiences */
    bool unfiltered; /* it began with {unfiltered reason} */
    char *common;    /* names of WITH's relations, each followed by "\n"; NULL: none */
};

/* Expands one statement. EINVAL with a sentence for an unknown token, several statements at once,
 * statements that control transactions, parentheses that do not match, and what only one of the
 * databases reads, or each of them in its own way: so is a divisor that may be 0. */
int statement_expand(const char *source, enum statement_dialect dialect,
                     const struct store_viewer *viewer, struct statement *ret_statement,
                     struct portico_error *error);
void statement_free(struct statement *statement);

/* Where the first statement of a script ends: past its ";", or at the end of the text. Quotes and
 * comments are respected. */
const char *statement_end(const char *script);
/* The character after the quoted text, quoted name or comment at `at`; `at` itself if there is
 * none. */
const char *statement_skip_quoted(const char *at);
/* Whether a part of a statement closes the quotes and parentheses it opens, and no others; NULL is
 * whole. */
bool statement_is_whole(const char *part);

#endif
