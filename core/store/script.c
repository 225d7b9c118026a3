#include "store/script.h"

#include "base/error.h"
#include "store/statement.h"

#include <glib.h>
#include <sqlite3.h>

/* What a column type is called. Text sorts by bytes on both, so that lists page alike. */
static const struct {
    const char *token;
    const char *types[2];
    bool whole; /* calculated with, as whole numbers of 64 bits */
} types[] = {
    { "{id}", { [STORE_SQLITE] = "INTEGER", [STORE_POSTGRES] = "BIGINT" }, false },
    { "{integer}", { [STORE_SQLITE] = "INTEGER", [STORE_POSTGRES] = "BIGINT" }, true },
    { "{time}", { [STORE_SQLITE] = "INTEGER", [STORE_POSTGRES] = "BIGINT" }, true },
    { "{boolean}", { [STORE_SQLITE] = "INTEGER", [STORE_POSTGRES] = "BOOLEAN" }, false },
    { "{real}", { [STORE_SQLITE] = "REAL", [STORE_POSTGRES] = "DOUBLE PRECISION" }, false },
    { "{text}", { [STORE_SQLITE] = "TEXT", [STORE_POSTGRES] = "TEXT COLLATE \"C\"" }, false },
    { "{json}", { [STORE_SQLITE] = "TEXT", [STORE_POSTGRES] = "TEXT COLLATE \"C\"" }, false },
    { "{blob}", { [STORE_SQLITE] = "BLOB", [STORE_POSTGRES] = "BYTEA" }, false },
};

static const struct {
    const char *marker;
    int kind; /* -1: all */
} sections[] = {
    { "-- sqlite:", STORE_SQLITE },
    { "-- postgresql:", STORE_POSTGRES },
    { "-- all:", -1 },
};

/* As much of what should have been a token as names it. */
static size_t token_length(const char *token)
{
    size_t length = strcspn(token, "}\n");
    length += token[length] == '}';
    return length < 20 ? length : 20;
}

/* SQLite keeps a number that has become larger than 64 bits as a fraction, and a word as a word.
 * PostgreSQL refuses both; so does this, by the name that the driver knows. Columns that are added
 * to a table go without: SQLite would read all of the table for it. */
static void append_rule(GString *out, size_t before)
{
    static const char create[] = "CREATE TABLE";
    size_t start = before;
    while (start > 0 && out->str[start - 1] != ';')
        start--;
    start += strspn(out->str + start, " \t\r\n");
    if (g_ascii_strncasecmp(out->str + start, create, strlen(create)) != 0)
        return;
    size_t end = before;
    while (end > 0 && strchr(" \t\r\n", out->str[end - 1]))
        end--;
    size_t name = end;
    while (name > 0 && (g_ascii_isalnum(out->str[name - 1]) || out->str[name - 1] == '_'))
        name--;
    char *column = g_strndup(out->str + name, end - name);
    if (*column && g_ascii_strcasecmp(column, "AS") != 0)
        g_string_append_printf(
            out, " CONSTRAINT " SCRIPT_WHOLE_NUMBER " CHECK (\"%s\" = \"%s\" | 0)", column, column);
    g_free(column);
}

static int append_line(GString *out, const char *line, size_t length, enum store_kind kind,
                       const char *file, unsigned number, struct portico_error *error)
{
    for (size_t i = 0; i < length;) {
        if (line[i] != '{') {
            g_string_append_c(out, line[i++]);
            continue;
        }
        size_t type = 0;
        while (type < G_N_ELEMENTS(types) &&
               strncmp(line + i, types[type].token, strlen(types[type].token)) != 0)
            type++;
        if (type == G_N_ELEMENTS(types))
            return error_set(error, PORTICO_EINVAL,
                             "%s:%u: \"%.*s\" is no type token: write {id}, {text}, {integer}, "
                             "{real}, {boolean}, {time}, {json} or {blob}.",
                             file, number, (int)token_length(line + i), line + i);
        size_t before = out->len;
        g_string_append(out, types[type].types[kind]);
        if (types[type].whole && kind == STORE_SQLITE)
            append_rule(out, before);
        i += strlen(types[type].token);
    }
    return 0;
}

int script_expand(const char *file, const char *text, enum store_kind kind, char **ret_script,
                  struct portico_error *error)
{
    GString *out = g_string_new(NULL);
    int section = -1, code = 0;
    for (unsigned number = 1; *text && code == 0; number++) {
        size_t length = strcspn(text, "\n");
        length += text[length] == '\n';
        bool marker = false;
        for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
            if (g_str_has_prefix(text, sections[i].marker)) {
                section = sections[i].kind;
                marker = true;
            }
        bool comment = g_str_has_prefix(text, "--");
        if (!marker && !comment && (section == -1 || section == (int)kind))
            code = append_line(out, text, length, kind, file, number, error);
        else
            g_string_append_c(out, '\n');
        text += length;
    }
    if (code < 0) {
        g_string_free(out, TRUE);
        return code;
    }
    *ret_script = g_string_free(out, FALSE);
    return 0;
}

static bool is_complete(const char *start, const char *end)
{
    char *text = g_strndup(start, (gsize)(end - start));
    bool complete = sqlite3_complete(text) != 0;
    g_free(text);
    return complete;
}

/* Nothing but comments. */
static bool says_nothing(const char *statement)
{
    for (const char *next; *statement; statement = next) {
        next = g_ascii_isspace(*statement)               ? statement + 1
               : *statement == '"' || *statement == '\'' ? statement
                                                         : statement_skip_quoted(statement);
        if (next == statement)
            return false;
    }
    return true;
}

char *script_next(const char **at, bool triggers)
{
    const char *start = *at;
    const char *end = statement_end(start);
    if (triggers)
        while (*end && !is_complete(start, end))
            end = statement_end(end);
    *at = end;
    size_t length = (size_t)(end - start);
    if (length && start[length - 1] == ';')
        length--;
    char *statement = g_strstrip(g_strndup(start, length));
    if (!says_nothing(statement))
        return statement;
    g_free(statement);
    return NULL;
}

unsigned script_line(const char *script, const char *from, int64_t offset)
{
    const char *at = from;
    while (g_ascii_isspace(*at))
        at++;
    if (offset >= 0)
        at += offset < (int64_t)strlen(at) ? offset : 0;
    else
        for (const char *next;
             (next = statement_skip_quoted(at)) != at && *at != '"' && *at != '\'';)
            for (at = next; g_ascii_isspace(*at);)
                at++;
    unsigned line = 1;
    for (const char *c = script; c < at; c++)
        line += *c == '\n';
    return line;
}
