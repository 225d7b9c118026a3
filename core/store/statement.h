/* From a module's portable SQL to one database's: parameters, {visible TABLE}, {unfiltered reason}.
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "store/store.h"

/* Relations of this name exist in the twin only; a statement that names one itself is refused. */
#define STATEMENT_VISIBLE_PREFIX "portico_visible_"

enum statement_dialect { STATEMENT_SQLITE, STATEMENT_POSTGRES, STATEMENT_TWIN };

/* Whom a statement is expanded for, and whose rows go to named people too. */
struct statement_reader {
    const struct store_viewer *viewer;
    bool (*is_granted)(const char *table, void *data); /* in lower case; NULL: no table is */
    void *data;
};

/* What of a viewer the text depends on: how many members the set has, rounded up, whether all
 * accounts are seen, whether all rows are. Viewers of one shape have one text, and pass their set
 * as parameters behind the author's, its last member again where the text takes more. */
unsigned statement_shape(const struct store_viewer *viewer);

/* An expanded statement. Free with statement_free. */
struct statement {
    char *sql;
    unsigned parameters; /* the author's, which come first */
    unsigned audiences;  /* then so many of the viewer's set */
    bool person;         /* and then the viewer's person */
    uint64_t counts;     /* bit n: parameter n, of the first 64, stands behind LIMIT or OFFSET */
    bool writes;         /* it says INSERT, UPDATE or DELETE somewhere */
    bool inserts;        /* it says INSERT somewhere */
    bool schema;         /* it changes the schema */
    bool visible;        /* its text depends on the viewer's shape */
    bool unfiltered;     /* it began with {unfiltered reason} */
    char *common;        /* names of WITH's relations, each followed by "\n"; NULL: none */
};

/* The host's own tokens beside {visible TABLE}, which the twin does not know: {audiences}, the
 * members of the viewer's set with commas between, {audience rows}, a SELECT of them, and {viewer},
 * their person.
 *
 * Expands one statement; for the twin without a reader. ELIMIT: the viewer has more audiences than
 * STORE_AUDIENCES_MAX. EINVAL with a sentence for an unknown token, several statements at once,
 * statements that control transactions, parentheses that do not match, and what only one of the
 * databases reads, or each of them in its own way: so is a divisor that may be 0. */
int statement_expand(const char *source, enum statement_dialect dialect,
                     const struct statement_reader *reader, struct statement *ret_statement,
                     struct portico_error *error);
void statement_free(struct statement *statement);

/* Where the first statement of a script ends: past its ";", or at the end of the text. Quotes and
 * comments are respected. */
const char *statement_end(const char *script);
/* The character after the quoted text, quoted name or comment at `at`; `at` itself if there is
 * none. */
const char *statement_skip_quoted(const char *at);
/* Whether a part of a statement closes the quotes and parentheses it opens, and no others, and
 * holds no comment: so it reads alike wherever it is put. NULL is whole. */
bool statement_is_whole(const char *part);

/* The viewer's parameters of a statement, number `at` of `audiences` and the person behind them. */
int64_t statement_viewer_value(const struct store_viewer *viewer, unsigned audiences, unsigned at);

#endif
