/* Statements of modules and declarations of counted lists: whoever reads them, the parameters are
 * numbered alike, viewers of one shape get one text, and nothing of the twin's is left in it. */
#include "store/statement.h"
#include "store/count.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>

static const int64_t some[] = { 1, 2, 20, 30 }, others[] = { 1, 7, 50 };
static const struct store_viewer viewers[] = {
    { .audiences = some, .audience_count = 4, .person = 7 },
    { .audiences = others, .audience_count = 3 },
    { .audiences = some, .audience_count = 1, .every_account = true },
    { .all = true },
};

static bool is_granted(const char *table, void *data)
{
    (void)data;
    return table[0] == 't';
}

/* Numbers behind "?" or "$" are those of a parameter. */
static void check_numbers(const struct statement *statement, char sign)
{
    unsigned most = statement->parameters + statement->audiences + statement->person;
    for (const char *at = statement->sql; *at;) {
        const char *past = statement_skip_quoted(at);
        if (past == at && *at == sign) {
            unsigned long number = strtoul(at + 1, NULL, 10);
            if (number < 1 || number > most)
                abort();
        }
        at = past == at ? at + 1 : past;
    }
}

static char *text_for(const char *source, enum statement_dialect dialect,
                      const struct store_viewer *viewer, unsigned parameters)
{
    const struct statement_reader reader = { .viewer = viewer, .is_granted = is_granted };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct statement statement;
    if (statement_expand(source, dialect, &reader, &statement, &error) < 0)
        abort();
    if (statement.parameters != parameters ||
        (viewer->all && (statement.audiences || statement.person)))
        abort();
    if (!statement.schema)
        check_numbers(&statement, dialect == STATEMENT_POSTGRES ? '$' : '?');
    char *text = g_strdup(statement.sql);
    statement_free(&statement);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *source = g_strndup((const char *)data, size), *script = NULL, *behind = NULL;
    struct statement twin;
    if (statement_expand(source, STATEMENT_TWIN, NULL, &twin, &error) == 0) {
        for (int dialect = STATEMENT_SQLITE; dialect <= STATEMENT_POSTGRES; dialect++) {
            char *texts[G_N_ELEMENTS(viewers)];
            for (size_t i = 0; i < G_N_ELEMENTS(viewers); i++)
                texts[i] =
                    text_for(source, (enum statement_dialect)dialect, &viewers[i], twin.parameters);
            if (strcmp(texts[0], texts[1]) != 0)
                abort();
            for (size_t i = 0; i < G_N_ELEMENTS(viewers); i++)
                g_free(texts[i]);
        }
        statement_free(&twin);
    } else if (!error.message[0]) {
        abort();
    }
    for (int kind = STORE_SQLITE; kind <= STORE_POSTGRES; kind++)
        if (count_script("shop", "a.sql", source, (enum store_kind)kind, &script, &behind,
                         &error) == 0) {
            g_free(script);
            g_free(behind);
        }
    g_free(source);
    return 0;
}
