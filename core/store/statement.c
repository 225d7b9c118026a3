#include "store/statement.h"

#include "base/error.h"

#include <ctype.h>
#include <glib.h>
#include <inttypes.h>

#define PARENTHESES_MAX 100
#define BLANKS " \t\r\n\f\v"
#define SET_LEAST 4u /* members a set is rounded up to, but for a guest's single one */

enum { SHAPE_SIZE = 0xffff, SHAPE_EVERY_ACCOUNT = 1 << 16, SHAPE_ALL = 1 << 17 };

enum verb { VERB_UNKNOWN, VERB_READS, VERB_WRITES, VERB_SCHEMA, VERB_REFUSED };

/* What a statement may begin with. */
static const struct {
    const char *word;
    enum verb verb;
} verbs[] = {
    { "SELECT", VERB_READS },   { "WITH", VERB_READS },     { "VALUES", VERB_READS },
    { "INSERT", VERB_WRITES },  { "UPDATE", VERB_WRITES },  { "DELETE", VERB_WRITES },
    { "CREATE", VERB_SCHEMA },  { "ALTER", VERB_SCHEMA },   { "DROP", VERB_SCHEMA },
    { "COMMENT", VERB_SCHEMA }, { "ANALYZE", VERB_SCHEMA }, { "BEGIN", VERB_REFUSED },
};

/* Words that follow a relation and are therefore not its alias. */
static const char *const after_relation[] = {
    "WHERE",     "JOIN",   "LEFT",   "RIGHT",   "INNER",     "OUTER",  "CROSS",  "FULL",
    "NATURAL",   "ON",     "USING",  "GROUP",   "ORDER",     "LIMIT",  "SET",    "UNION",
    "FOR",       "EXCEPT", "FROM",   "FETCH",   "RETURNING", "HAVING", "OFFSET", "WINDOW",
    "INTERSECT", "SELECT", "VALUES", "DEFAULT", "WITH",
};

struct expansion {
    const char *source, *at;
    GString *out;
    enum statement_dialect dialect;
    const struct statement_reader *reader; /* NULL: the twin's */
    unsigned shape;
    unsigned before_viewer; /* parameters of the author's; known when it is read again */
    struct statement *statement;
    struct portico_error *error;
    int depth;
    enum verb verb;
    struct text before;      /* the word before the current token */
    struct text before_that; /* and the one before it */
    struct text qualifier;   /* alias of the target of UPDATE or DELETE, if it is {visible …} */
    struct text target;      /* and its table */
    bool condition_open;     /* the target's condition stands, its parenthesis is open */
    bool condition_written;
    struct text name;                    /* the token before, if it is a name */
    struct text opened[PARENTHESES_MAX]; /* the names before the parentheses that are open */
    GString *common;
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool word_is(struct text word, const char *upper)
{
    return text_equals_ignoring_case(word, text_of(upper));
}

/* Behind the quote that closes the one at `at`, past doubled ones; NULL: none does. */
static const char *past_quotes(const char *at)
{
    const char *end = at;
    do {
        end = strchr(end + 1, *at);
    } while (end && end[1] == *at && *++end);
    return end ? end + 1 : NULL;
}

const char *statement_skip_quoted(const char *at)
{
    if (*at == '\'' || *at == '"') {
        const char *past = past_quotes(at);
        return past ? past : at + strlen(at);
    }
    if (*at == '$') { /* PostgreSQL's $tag$ … $tag$, in migrations */
        size_t tag = 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
        char *closing = at[tag] == '$' ? g_strndup(at, tag + 1) : NULL;
        const char *end = closing ? strstr(at + tag + 1, closing) : NULL;
        g_free(closing);
        return end ? end + tag + 1 : at;
    }
    if (at[0] == '-' && at[1] == '-')
        return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') {
        const char *end = strstr(at + 2, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    return at;
}

bool statement_is_whole(const char *part)
{
    int depth = 0;
    const char *at = part ? part : "";
    while (*at && depth >= 0) {
        bool quote = *at == '\'' || *at == '"';
        const char *past = quote ? past_quotes(at) : at + 1;
        if (!past || (!quote && statement_skip_quoted(at) != at))
            return false;
        depth += (*at == '(') - (*at == ')');
        at = past;
    }
    return depth == 0;
}

const char *statement_end(const char *script)
{
    while (*script && *script != ';') {
        const char *past = statement_skip_quoted(script);
        script = past == script ? script + 1 : past;
    }
    return *script ? script + 1 : script;
}

static const char *skip_blanks(const char *at)
{
    for (;;) {
        const char *start = at;
        at += strspn(at, BLANKS);
        if (*at == '-' || *at == '/')
            at = statement_skip_quoted(at);
        if (at == start)
            return at;
    }
}

static struct text word_at(const char *at)
{
    size_t length = 0;
    while (is_word(at[length]))
        length++;
    return (struct text){ at, length };
}

static bool is_after_relation(struct text word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(after_relation); i++)
        if (word_is(word, after_relation[i]))
            return true;
    return false;
}

/* The alias written behind a relation, or one of length 0. */
static struct text alias_at(const char *at)
{
    struct text word = word_at(skip_blanks(at));
    if (word_is(word, "AS"))
        word = word_at(skip_blanks(word.data + word.length));
    return is_after_relation(word) ? (struct text){ word.data, 0 } : word;
}

unsigned statement_shape(const struct store_viewer *viewer)
{
    if (viewer->all)
        return SHAPE_ALL;
    unsigned size = viewer->audience_count > 1 ? SET_LEAST : (unsigned)viewer->audience_count;
    while (size < viewer->audience_count && size < STORE_AUDIENCES_MAX)
        size *= 2;
    return size | (viewer->every_account ? SHAPE_EVERY_ACCOUNT : 0);
}

int64_t statement_viewer_value(const struct store_viewer *viewer, unsigned audiences, unsigned at)
{
    if (at >= audiences)
        return viewer->person;
    return viewer->audiences[MIN(at, viewer->audience_count - 1)];
}

static void append_parameter(struct expansion *e, unsigned number)
{
    g_string_append_printf(e->out, e->dialect == STATEMENT_POSTGRES ? "$%u" : "?%u", number);
}

/* The viewer's set, with `between` between two; `nobody` where it is empty. */
static void append_set(struct expansion *e, const char *between, const char *nobody)
{
    unsigned size = e->statement->audiences = e->shape & SHAPE_SIZE;
    for (unsigned i = 0; i < size; i++) {
        g_string_append(e->out, i ? between : "");
        append_parameter(e, e->before_viewer + i + 1);
    }
    g_string_append(e->out, size ? "" : nobody);
}

/* Behind the set, though the text may not hold it. */
static void append_person(struct expansion *e)
{
    e->statement->audiences = e->shape & SHAPE_SIZE;
    e->statement->person = true;
    append_parameter(e, e->before_viewer + e->statement->audiences + 1);
}

static void append_column(struct expansion *e, struct text qualifier, const char *column)
{
    if (qualifier.length)
        g_string_append_printf(e->out, "%.*s.", (int)qualifier.length, qualifier.data);
    g_string_append(e->out, column);
}

/* PostgreSQL reads what was granted once and looks it up by its index, where IN would keep it from
 * using any. */
static void append_grants(struct expansion *e, struct text table, struct text qualifier)
{
    bool postgres = e->dialect == STATEMENT_POSTGRES;
    g_string_append(e->out, " OR (");
    append_column(e, qualifier, "granted AND ");
    append_column(e, qualifier, postgres ? "id = ANY (ARRAY(" : "id IN (");
    g_string_append(e->out, "SELECT g.object FROM portico_grant g WHERE g.person = ");
    append_person(e);
    char *relation = g_ascii_strdown(table.data, (gssize)table.length);
    g_string_append_printf(e->out, " AND g.relation = '%s' AND g.place IN (", relation);
    append_set(e, ",", "NULL");
    g_string_append(e->out, postgres ? "))))" : ")))");
    g_free(relation);
}

static bool is_granted(const struct expansion *e, struct text table)
{
    if (!e->reader->is_granted)
        return false;
    char *lower = g_ascii_strdown(table.data, (gssize)table.length);
    bool granted = e->reader->is_granted(lower, e->reader->data);
    g_free(lower);
    return granted;
}

static void append_condition(struct expansion *e, struct text table, struct text qualifier)
{
    if (e->shape & SHAPE_ALL) {
        g_string_append(e->out, "1 = 1");
        return;
    }
    g_string_append_c(e->out, '(');
    append_column(e, qualifier, "audience IN (");
    append_set(e, ",", "NULL");
    g_string_append_c(e->out, ')');
    if (e->shape & SHAPE_EVERY_ACCOUNT) {
        g_string_append(e->out, " OR ");
        append_column(e, qualifier, "audience > " G_STRINGIFY(STORE_AUDIENCE_FIXED));
    }
    if (is_granted(e, table))
        append_grants(e, table, qualifier);
    g_string_append_c(e->out, ')');
}

static void append_target(struct expansion *e, struct text table, struct text alias)
{
    bool twin = e->dialect == STATEMENT_TWIN;
    g_string_append_printf(e->out, "%s%.*s", twin ? STATEMENT_VISIBLE_PREFIX : "",
                           (int)table.length, table.data);
    if (twin && !alias.length)
        g_string_append_printf(e->out, " AS %.*s", (int)table.length, table.data);
}

/* A text takes so many of the viewer's set, and a set that was cut would hide rows of theirs. */
static int check_set(const struct expansion *e)
{
    if (!e->reader || e->reader->viewer->audience_count <= STORE_AUDIENCES_MAX)
        return 0;
    return error_set(e->error, PORTICO_ELIMIT,
                     "The viewer belongs to %zu audiences, more than %d: join teams or roles of "
                     "their accounts.",
                     e->reader->viewer->audience_count, STORE_AUDIENCES_MAX);
}

static int expand_visible(struct expansion *e, struct text table)
{
    struct text alias = alias_at(e->at);
    bool target = word_is(e->before, "UPDATE") ||
                  (word_is(e->before, "FROM") && word_is(e->before_that, "DELETE"));
    e->statement->visible = true;
    if (target && (e->depth || e->qualifier.length))
        return error_set(e->error, PORTICO_EINVAL,
                         "{visible %.*s} as the target of UPDATE or DELETE must stand in the "
                         "outermost statement: write one statement for each change.",
                         (int)table.length, table.data);
    if (check_set(e) < 0)
        return PORTICO_ELIMIT;
    if (target) {
        e->qualifier = alias.length ? alias : table;
        e->target = table;
    }
    if (target || e->dialect == STATEMENT_TWIN) {
        append_target(e, table, alias);
        return 0;
    }
    g_string_append_printf(e->out, "(SELECT * FROM %.*s WHERE ", (int)table.length, table.data);
    append_condition(e, table, (struct text){ "", 0 });
    g_string_append_c(e->out, ')');
    if (!alias.length)
        g_string_append_printf(e->out, " AS %.*s", (int)table.length, table.data);
    return 0;
}

/* The host's own tokens. */
static bool expand_own(struct expansion *e, struct text name, struct text rest)
{
    if (word_is(name, "audiences") && !rest.length) {
        append_set(e, ",", "NULL");
    } else if (word_is(name, "audience") && word_is(rest, "rows")) {
        g_string_append(e->out, "VALUES (");
        append_set(e, "),(", "CAST(NULL AS BIGINT)");
        g_string_append_c(e->out, ')');
    } else if (word_is(name, "viewer") && !rest.length) {
        append_person(e);
    } else {
        return false;
    }
    return true;
}

static int expand_token(struct expansion *e)
{
    const char *close = strchr(e->at, '}');
    struct text token = { e->at + 1, close ? (size_t)(close - e->at) - 1 : strlen(e->at + 1) };
    struct text name = word_at(token.data);
    struct text rest = text_trim(
        (struct text){ name.data + name.length, token.length - MIN(name.length, token.length) });
    e->at = close ? close + 1 : token.data + token.length;
    if (close && word_is(name, "visible") && rest.length &&
        word_at(rest.data).length == rest.length)
        return expand_visible(e, rest);
    if (close && e->reader && expand_own(e, name, rest)) {
        e->statement->visible = true;
        return check_set(e);
    }
    if (close && word_is(name, "unfiltered") && rest.length && e->verb == VERB_UNKNOWN) {
        e->statement->unfiltered = true;
        return 0;
    }
    return error_set(e->error, PORTICO_EINVAL,
                     "The statement holds {%.*s}, which is no token: write {visible TABLE} for a "
                     "relation, or {unfiltered reason} at the start.",
                     (int)MIN(token.length, 60), token.data);
}

static int take_verb(struct expansion *e, struct text word)
{
    e->verb = VERB_REFUSED;
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (word_is(word, verbs[i].word))
            e->verb = verbs[i].verb;
    e->statement->schema = e->verb == VERB_SCHEMA;
    if (e->verb != VERB_REFUSED)
        return 0;
    return error_set(e->error, PORTICO_EINVAL,
                     "A statement cannot begin with \"%.*s\": write SELECT, WITH, VALUES, INSERT, "
                     "UPDATE or DELETE; transactions have calls of their own.",
                     (int)MIN(word.length, 40), word.data);
}

static void close_condition(struct expansion *e)
{
    if (!e->qualifier.length || e->dialect == STATEMENT_TWIN)
        return;
    if (e->condition_open)
        g_string_append_c(e->out, ')');
    else if (!e->condition_written) {
        g_string_append(e->out, " WHERE ");
        append_condition(e, e->target, e->qualifier);
    }
    e->condition_open = false;
    e->condition_written = true;
}

static int refuse_dialect(struct expansion *e, const char *what, const char *instead)
{
    return error_set(e->error, PORTICO_EINVAL,
                     "The statement holds %s, which the two databases do not read alike: %s.", what,
                     instead);
}

/* INSERT OR REPLACE, REPLACE INTO and SELECT … INTO: only one of the databases has them, and they
 * change rows that nobody named. */
static int check_insert(struct expansion *e, struct text word)
{
    bool change = word_is(e->before, "INSERT") || word_is(e->before, "UPDATE");
    if (change && word_is(word, "OR"))
        return refuse_dialect(e, "OR behind INSERT or UPDATE", "write ON CONFLICT");
    if (word_is(word, "INTO") && !word_is(e->before, "INSERT"))
        return refuse_dialect(e, "INTO without INSERT", "write INSERT INTO");
    return 0;
}

/* "name AS (", "name (columns) AS MATERIALIZED (" and the like: a relation of WITH. */
static void note_common(struct expansion *e, struct text as)
{
    static const char *const words[] = { "NOT", "MATERIALIZED" };
    const char *at = skip_blanks(as.data + as.length);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (word_is(word_at(at), words[i]))
            at = skip_blanks(at + strlen(words[i]));
    if (*at != '(' || !e->name.length)
        return;
    if (!e->common)
        e->common = g_string_new(NULL);
    g_string_append_len(e->common, e->name.data, (gssize)e->name.length);
    g_string_append_c(e->common, '\n');
}

/* WITH before a relation's name, not that of WITH TIME ZONE; and RECURSIVE does not stand there. */
static bool begins_common(struct text with)
{
    const char *at = skip_blanks(with.data + with.length);
    const char *end = *at == '"' ? statement_skip_quoted(at) : at + word_at(at).length;
    if (word_is((struct text){ at, (size_t)(end - at) }, "RECURSIVE"))
        return false;
    const char *next = skip_blanks(end);
    return end > at && (*next == '(' || word_is(word_at(next), "AS"));
}

/* INTEGER and REAL are narrower on PostgreSQL than SQLite's, where CAST makes them. */
static bool expand_cast(struct expansion *e, struct text word)
{
    static const char *const wide[][2] = { { "INTEGER", "BIGINT" },
                                           { "INT", "BIGINT" },
                                           { "REAL", "DOUBLE PRECISION" } };
    if (e->dialect != STATEMENT_POSTGRES || !word_is(e->before, "AS") || e->depth == 0 ||
        !word_is(e->opened[e->depth - 1], "CAST"))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(wide); i++)
        if (word_is(word, wide[i][0])) {
            g_string_append(e->out, wide[i][1]);
            return true;
        }
    return false;
}

static int expand_word(struct expansion *e)
{
    struct text word = word_at(e->at);
    if (check_insert(e, word) < 0)
        return PORTICO_EINVAL;
    if (word_is(word, "AS"))
        note_common(e, word);
    if (e->verb == VERB_UNKNOWN && take_verb(e, word) < 0)
        return PORTICO_EINVAL;
    struct text prefix = TEXT(STATEMENT_VISIBLE_PREFIX);
    if (word.length >= prefix.length &&
        text_equals_ignoring_case((struct text){ word.data, prefix.length }, prefix))
        return error_set(e->error, PORTICO_EINVAL,
                         "The name \"%.*s\" is reserved: choose one that does not begin "
                         "with " STATEMENT_VISIBLE_PREFIX ".",
                         (int)MIN(word.length, 60), word.data);
    if (word_is(word, "INSERT") || word_is(word, "UPDATE") || word_is(word, "DELETE"))
        e->statement->writes = true;
    e->statement->inserts |= word_is(word, "INSERT");
    e->at += word.length;
    bool outermost = e->depth == 0 && e->qualifier.length && e->dialect != STATEMENT_TWIN;
    bool inserted = e->dialect == STATEMENT_TWIN && e->depth == 0 && word_is(e->before, "INTO") &&
                    word_is(e->before_that, "INSERT");
    if (outermost && word_is(word, "RETURNING")) {
        close_condition(e);
        g_string_append_c(e->out, ' ');
    }
    if (inserted)
        append_target(e, word, alias_at(e->at));
    else if (!expand_cast(e, word))
        g_string_append_len(e->out, word.data, (gssize)word.length);
    /* SQLite's WITH is recursive without the word. On PostgreSQL a relation of WITH that names
     * itself or a later one would mean a table of that name, which nobody has checked. */
    if (e->dialect == STATEMENT_POSTGRES && word_is(word, "WITH") && begins_common(word))
        g_string_append(e->out, " RECURSIVE");
    if (outermost && word_is(word, "WHERE") && !e->condition_written) {
        g_string_append_c(e->out, ' ');
        append_condition(e, e->target, e->qualifier);
        g_string_append(e->out, " AND (");
        e->condition_open = e->condition_written = true;
    }
    e->before_that = e->before;
    e->before = e->name = word;
    return 0;
}

static int expand_parameter(struct expansion *e)
{
    e->at++;
    if (isdigit((unsigned char)*e->at))
        return error_set(
            e->error, PORTICO_EINVAL,
            "Numbered parameters are not portable: write \"?\" and pass them in order.");
    unsigned number = ++e->statement->parameters;
    if (number <= 64 && (word_is(e->before, "LIMIT") || word_is(e->before, "OFFSET")))
        e->statement->counts |= UINT64_C(1) << (number - 1);
    e->before_that = e->before;
    e->before = (struct text){ "", 0 };
    if (e->dialect == STATEMENT_TWIN)
        g_string_append_c(e->out, '?');
    else
        append_parameter(e, number);
    return 0;
}

static int expand_quoted(struct expansion *e)
{
    const char *end = statement_skip_quoted(e->at);
    if (*e->at == '-' || *e->at == '/') {
        g_string_append_c(e->out, ' ');
    } else {
        if (g_ascii_strncasecmp(e->at + 1, STATEMENT_VISIBLE_PREFIX,
                                sizeof STATEMENT_VISIBLE_PREFIX - 1) == 0 &&
            *e->at == '"')
            return error_set(e->error, PORTICO_EINVAL,
                             "Names that begin with " STATEMENT_VISIBLE_PREFIX " are reserved.");
        bool quoted = end - e->at > 2 && end[-1] == *e->at;
        g_string_append_len(e->out, e->at, end - e->at);
        e->before_that = e->before;
        e->before = (struct text){ "", 0 };
        e->name = (struct text){ e->at + 1, quoted ? (size_t)(end - e->at) - 2 : 0 };
    }
    e->at = end;
    return 0;
}

/* Where the two databases would not agree what is text and what is a name, what runs would not be
 * what was checked: E'…' and U&'…', [name] and `name`, $tag$ and $1. */
static int check_character(struct expansion *e)
{
    char c = *e->at, before = e->at > e->source ? e->at[-1] : ' ';
    if (strchr("[]`", c))
        return refuse_dialect(e, "a name in brackets or backticks", "write it in double quotes");
    if (c == '$')
        return refuse_dialect(e, "a dollar sign", "write ? for a parameter");
    if ((c == '\'' || c == '"') && (is_word(before) || before == '&'))
        return refuse_dialect(e, "a letter before a quote", "write plain quotes");
    return 0;
}

/* SQLite answers NULL where PostgreSQL refuses to divide by 0. */
static int check_divisor(struct expansion *e)
{
    const char *at = skip_blanks(e->at + 1);
    if (g_ascii_strtod(at, NULL) > 0 || word_is(word_at(at), "NULLIF"))
        return 0;
    return refuse_dialect(e, "a divisor that may be 0",
                          "divide by a number, or by nullif(x, 0), which makes the result NULL");
}

static int expand_parenthesis(struct expansion *e)
{
    if (*e->at == '(') {
        if (e->depth == PARENTHESES_MAX)
            return error_set(e->error, PORTICO_EINVAL,
                             "The statement has more than %d parentheses open at once.",
                             PARENTHESES_MAX);
        e->opened[e->depth++] = e->name;
        e->name.length = 0;
    } else {
        if (e->depth == 0)
            return error_set(e->error, PORTICO_EINVAL,
                             "A parenthesis is closed that was never opened.");
        e->name = e->opened[--e->depth];
    }
    g_string_append_c(e->out, *e->at++);
    return 0;
}

static int expand_one(struct expansion *e)
{
    char c = *e->at;
    if (e->verb != VERB_SCHEMA && check_character(e) < 0)
        return PORTICO_EINVAL;
    if ((c == '/' || c == '%') && e->verb != VERB_SCHEMA && statement_skip_quoted(e->at) == e->at &&
        check_divisor(e) < 0)
        return PORTICO_EINVAL;
    if (c == '(' || c == ')')
        return expand_parenthesis(e);
    if (c == '?')
        return expand_parameter(e);
    if (c == '{')
        return expand_token(e);
    if (is_word(c))
        return expand_word(e);
    if (statement_skip_quoted(e->at) != e->at)
        return expand_quoted(e);
    if (c == ';') {
        if (*skip_blanks(e->at + 1))
            return error_set(e->error, PORTICO_EINVAL,
                             "One call runs one statement: more text follows the \";\".");
        e->at += strlen(e->at);
        return 0;
    }
    if (!strchr(BLANKS, c))
        e->name.length = 0;
    g_string_append_c(e->out, c);
    e->at++;
    return 0;
}

/* Reads the statement once; `before_viewer` as in struct expansion. */
static int expand(const char *source, enum statement_dialect dialect,
                  const struct statement_reader *reader, unsigned before_viewer,
                  struct statement *ret_statement, struct portico_error *error)
{
    struct statement statement = { 0 };
    struct expansion e = { .source = source,
                           .at = source,
                           .out = g_string_sized_new(strlen(source) + 64),
                           .dialect = dialect,
                           .reader = reader,
                           .shape = reader ? statement_shape(reader->viewer) : 0,
                           .before_viewer = before_viewer,
                           .statement = &statement,
                           .error = error,
                           .before = { "", 0 },
                           .before_that = { "", 0 },
                           .qualifier = { "", 0 },
                           .target = { "", 0 },
                           .name = { "", 0 } };
    int code = 0;
    while (*e.at && code == 0)
        code = expand_one(&e);
    if (code == 0 && e.depth)
        code = error_set(error, PORTICO_EINVAL, "A parenthesis of the statement is never closed.");
    if (code == 0 && e.verb == VERB_UNKNOWN)
        code = error_set(error, PORTICO_EINVAL, "The statement is empty.");
    if (e.common)
        statement.common = g_string_free(e.common, FALSE);
    if (code < 0) {
        g_string_free(e.out, TRUE);
        g_free(statement.common);
        return code;
    }
    close_condition(&e);
    statement.sql = g_string_free(e.out, FALSE);
    *ret_statement = statement;
    return 0;
}

/* How many parameters the author wrote is known at the end only: where the viewer's come behind
 * them, the statement is read again. */
int statement_expand(const char *source, enum statement_dialect dialect,
                     const struct statement_reader *reader, struct statement *ret_statement,
                     struct portico_error *error)
{
    struct statement statement;
    int code = expand(source, dialect, reader, 0, &statement, error);
    if (code < 0)
        return code;
    unsigned parameters = statement.parameters;
    if (parameters && (statement.audiences || statement.person)) {
        statement_free(&statement);
        code = expand(source, dialect, reader, parameters, &statement, error);
    }
    if (code == 0)
        *ret_statement = statement;
    return code;
}

void statement_free(struct statement *statement)
{
    g_free(statement->sql);
    g_free(statement->common);
    statement->sql = statement->common = NULL;
}
