#include "store/owner.h"

#include "base/error.h"
#include "store/script.h"
#include "store/statement.h"

#include <ctype.h>
#include <glib.h>

#define DEPTH_MAX 100u

/* On both databases, with the same meaning, and without a look at anything but their arguments. */
static const char *const functions[] = {
    "abs",         "avg",          "coalesce",   "count",   "cume_dist", "dense_rank",
    "first_value", "lag",          "last_value", "lead",    "length",    "like",
    "lower",       "ltrim",        "max",        "min",     "nth_value", "ntile",
    "nullif",      "percent_rank", "rank",       "replace", "round",     "row_number",
    "rtrim",       "substr",       "sum",        "trim",    "upper",
};

static const char *const reserved_prefixes[] = { "portico_", "pg_", "sqlite_", "pragma_" };

/* Names of PostgreSQL that look things up in its catalogs when text is cast to them, and the
 * standard's own catalogs. */
static const char *const reserved_names[] = {
    "information_schema",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "current_user",
    "session_user",
    "current_role",
    "current_catalog",
    "current_schema",
};

/* Words that a parenthesis may follow in a script though they are no functions. */
static const char *const before_parenthesis[] = {
    "add",  "all",    "and",       "any",       "as",        "between", "by",      "case",
    "cast", "char",   "character", "check",     "conflict",  "decimal", "default", "distinct",
    "else", "exists", "except",    "filter",    "from",      "having",  "in",      "intersect",
    "is",   "join",   "key",       "limit",     "not",       "numeric", "offset",  "on",
    "only", "or",     "over",      "precision", "returning", "select",  "set",     "some",
    "then", "union",  "unique",    "update",    "using",     "values",  "varchar", "varying",
    "when", "where",  "with",      "column",    "delete",    "include", "primary", "rename",
};

static const char *const creatable[] = { "TABLE", "INDEX", "VIEW", "TRIGGER" };

static bool stands_in(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool owner_is_host(const char *module)
{
    return strcmp(module, OWNER_HOST) == 0 || strcmp(module, OWNER_PORTAL) == 0;
}

char *owner_prefix(const char *module)
{
    return g_strdelimit(g_strconcat(module, "_", NULL), "-", '_');
}

bool owner_allows_function(const char *name)
{
    return stands_in(name, functions, G_N_ELEMENTS(functions));
}

bool owner_is_reserved(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reserved_prefixes); i++)
        if (g_str_has_prefix(name, reserved_prefixes[i]))
            return true;
    return stands_in(name, reserved_names, G_N_ELEMENTS(reserved_names));
}

static bool begins_word(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool continues_word(char c)
{
    return begins_word(c) || isdigit((unsigned char)c);
}

static const char *past_blanks(const char *at)
{
    for (;;) {
        const char *start = at;
        at += strspn(at, " \t\r\n\f\v");
        if (*at == '-' || *at == '/')
            at = statement_skip_quoted(at);
        if (at == start)
            return at;
    }
}

/* What stands in double quotes, "" inside for one. */
static char *unquote(const char *start, const char *end)
{
    GString *name = g_string_new(NULL);
    for (const char *at = start + 1; at < end - 1; at++) {
        g_string_append_c(name, *at);
        at += at[0] == '"' && at[1] == '"';
    }
    return g_string_free(name, FALSE);
}

bool owner_next_word(const char **at, struct owner_word *ret_word)
{
    const char *from = *at;
    while (*from && !begins_word(*from)) {
        const char *past = statement_skip_quoted(from);
        if (*from == '"')
            break;
        if (isdigit((unsigned char)*from))
            while (continues_word(*from))
                from++;
        else
            from = past == from ? from + 1 : past;
    }
    if (!*from) {
        *at = from;
        return false;
    }
    struct owner_word word = { .quoted = *from == '"' };
    const char *end = word.quoted ? statement_skip_quoted(from) : from;
    while (!word.quoted && continues_word(*end))
        end++;
    word.name = word.quoted ? unquote(from, end) : g_ascii_strdown(from, end - from);
    const char *next = past_blanks(end);
    word.calls = *next == '(';
    word.qualified = *next == '.';
    *at = end;
    *ret_word = word;
    return true;
}

/* A walk through one statement of a script. */
struct reading {
    const char *module;
    char *prefix;
    const char *at;
    struct owner_word word; /* the current one */
    bool ended;
};

static void advance(struct reading *reading)
{
    g_free(reading->word.name);
    reading->word = (struct owner_word){ 0 };
    reading->ended = !owner_next_word(&reading->at, &reading->word);
}

static bool is(const struct reading *reading, const char *upper)
{
    return !reading->ended && !reading->word.quoted &&
           g_ascii_strcasecmp(reading->word.name, upper) == 0;
}

static void skip(struct reading *reading, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(reading, words[i]))
            advance(reading);
}

static int refuse_name(const struct reading *reading, const char *what, struct portico_error *error)
{
    return error_set(error, PORTICO_EPERM,
                     "It %s \"%.80s\", which is not module %s's: what a module makes and touches "
                     "begins with \"%s\", such as %sitem.",
                     what, reading->ended ? "" : reading->word.name, reading->module,
                     reading->prefix, reading->prefix);
}

/* The name of what is made, changed or dropped; the module's own, without a schema before it. */
static int check_own(struct reading *reading, const char *what, struct portico_error *error)
{
    static const char *const before[] = { "CONCURRENTLY", "IF", "NOT", "EXISTS", "ONLY" };
    skip(reading, before, G_N_ELEMENTS(before));
    if (reading->ended || reading->word.qualified ||
        !g_str_has_prefix(reading->word.name, reading->prefix))
        return refuse_name(reading, what, error);
    return 0;
}

static int refuse_statement(const struct reading *reading, const char *first,
                            struct portico_error *error)
{
    return error_set(error, PORTICO_EPERM,
                     "\"%s %.40s\" is not for a module's migration: it may CREATE, ALTER and DROP "
                     "TABLE, INDEX, VIEW and TRIGGER, and INSERT, UPDATE and DELETE, all of its "
                     "own names.",
                     first, reading->ended ? "" : reading->word.name);
}

static int check_object(struct reading *reading, const char *verb, const char *what,
                        struct portico_error *error)
{
    bool known = false;
    for (size_t i = 0; i < G_N_ELEMENTS(creatable); i++)
        known |= is(reading, creatable[i]);
    if (!known)
        return refuse_statement(reading, verb, error);
    advance(reading);
    return check_own(reading, what, error);
}

static int check_create(struct reading *reading, struct portico_error *error)
{
    static const char *const before[] = { "OR", "REPLACE", "UNIQUE" };
    skip(reading, before, G_N_ELEMENTS(before));
    return check_object(reading, "CREATE", "makes", error);
}

static int check_alter(struct reading *reading, struct portico_error *error)
{
    return check_object(reading, "ALTER", "changes", error);
}

static int check_drop(struct reading *reading, struct portico_error *error)
{
    return check_object(reading, "DROP", "drops", error);
}

static int check_write(struct reading *reading, struct portico_error *error)
{
    static const char *const before[] = { "INTO", "FROM" };
    skip(reading, before, G_N_ELEMENTS(before));
    return check_own(reading, "writes", error);
}

static const struct {
    const char *verb;
    int (*check)(struct reading *reading, struct portico_error *error);
} verbs[] = {
    { "CREATE", check_create }, { "ALTER", check_alter },  { "DROP", check_drop },
    { "INSERT", check_write },  { "UPDATE", check_write }, { "DELETE", check_write },
};

static int check_head(struct reading *reading, struct portico_error *error)
{
    advance(reading);
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (is(reading, verbs[i].verb)) {
            advance(reading);
            return verbs[i].check(reading, error);
        }
    char *first = g_strdup(reading->ended ? "" : reading->word.name);
    advance(reading);
    int code = refuse_statement(reading, first, error);
    g_free(first);
    return code;
}

/* Words before which a "(" opens columns, not arguments. */
static bool names_columns(const char *before)
{
    static const char *const words[] = { "into", "on",         "references", "table", "exists",
                                         "view", "constraint", "key",        "index" };
    return stands_in(before, words, G_N_ELEMENTS(words));
}

/* Where the walk through a statement's words stands. */
struct position {
    char *before, *earlier; /* the word before, and the one before that */
    const char *behind;     /* the end of the word before */
    bool direct;            /* nothing but blanks and comments stands between */
    bool listed;            /* a comma does */
    unsigned depth;         /* of parentheses */
    bool from[DEPTH_MAX];   /* in them, relations are being listed */
};

/* Over what stands between two words. */
static void look_between(struct position *position, const char *end)
{
    position->direct = true;
    position->listed = false;
    for (const char *at = position->behind; at < end && *at != '"' && !begins_word(*at);) {
        const char *past = statement_skip_quoted(at);
        bool comment = past != at && *at != '\'';
        position->direct &= comment || isspace((unsigned char)*at);
        position->listed = comment || isspace((unsigned char)*at) ? position->listed : *at == ',';
        if (*at == '(' && position->depth < DEPTH_MAX - 1)
            position->from[++position->depth] = false;
        if (*at == ')' && position->depth)
            position->depth--;
        at = past != at ? past : at + 1;
        while (isdigit((unsigned char)at[-1]) && continues_word(*at))
            at++;
    }
}

static void move_on(struct position *position, const struct reading *reading)
{
    static const char *const ends[] = { "where",     "group",  "having", "order",  "limit",
                                        "offset",    "union",  "except", "select", "intersect",
                                        "returning", "values", "window", "set",    "begin" };
    const struct owner_word *word = &reading->word;
    bool *from = &position->from[position->depth];
    g_free(position->earlier);
    position->earlier = position->before;
    position->before = g_ascii_strdown(word->name, -1);
    position->behind = reading->at;
    if (word->quoted)
        return;
    if (strcmp(position->before, "from") == 0 || strcmp(position->before, "join") == 0)
        *from = true;
    else if (stands_in(position->before, ends, G_N_ELEMENTS(ends)))
        *from = false;
}

/* Where a relation's name stands; a trigger's OF is followed by columns. */
static bool stands_for_relation(const struct position *position)
{
    static const char *const words[] = { "into", "from", "join", "references", "only", "table" };
    const char *before = position->before;
    bool from = position->from[position->depth];
    return stands_in(before, words, G_N_ELEMENTS(words)) || (from && position->listed) ||
           (position->direct && strcmp(before, "update") == 0) ||
           (position->direct && from && strcmp(before, "using") == 0) ||
           (strcmp(before, "to") == 0 && strcmp(position->earlier, "rename") == 0);
}

/* Words that stand there and are no name: IF behind TABLE, ON behind UPDATE and the like. */
static bool is_beside_relation(const char *word)
{
    static const char *const words[] = { "if",       "lateral", "of",     "cascade",
                                         "restrict", "no",      "nowait", "skip" };
    return stands_in(word, words, G_N_ELEMENTS(words));
}

static int check_word(const struct reading *reading, const struct position *position,
                      const char *(*other)(const char *name, void *data), void *data,
                      struct portico_error *error)
{
    const struct owner_word *word = &reading->word;
    char *lower = g_ascii_strdown(word->name, -1);
    bool own = g_str_has_prefix(lower, reading->prefix);
    const char *owner = other && !own ? other(lower, data) : NULL;
    bool reserved = owner_is_reserved(lower);
    bool keyword =
        !word->quoted && (stands_in(lower, before_parenthesis, G_N_ELEMENTS(before_parenthesis)) ||
                          strcmp(lower, "select") == 0);
    bool function = word->calls && !own && !keyword && !names_columns(position->before) &&
                    !owner_allows_function(lower);
    bool foreign = stands_for_relation(position) && !own && !keyword &&
                   (word->quoted || !is_beside_relation(lower));
    g_free(lower);
    if (owner && strcmp(owner, reading->module) != 0)
        return error_set(error, PORTICO_EPERM,
                         "It names \"%.80s\", which belongs to module %s: ask that module through "
                         "a service or listen to its events.",
                         word->name, owner);
    if (reserved)
        return error_set(error, PORTICO_EPERM,
                         "It names \"%.80s\", which is the host's or the database's own: a "
                         "module's migration keeps to names that begin with \"%s\".",
                         word->name, reading->prefix);
    if (foreign)
        return refuse_name(reading, "reads or writes", error);
    if (function)
        return error_set(error, PORTICO_EPERM,
                         "It calls %.80s(), which is not one of the functions that a module may "
                         "use on both databases; compute it in the module.",
                         word->name);
    return 0;
}

static int check_words(struct reading *reading, const char *statement,
                       const char *(*other)(const char *name, void *data), void *data,
                       struct portico_error *error)
{
    struct position position = { .before = g_strdup(""),
                                 .earlier = g_strdup(""),
                                 .behind = statement };
    int code = 0;
    reading->at = statement;
    for (advance(reading); !reading->ended && code == 0; advance(reading)) {
        look_between(&position, reading->at);
        code = check_word(reading, &position, other, data, error);
        move_on(&position, reading);
    }
    g_free(position.before);
    g_free(position.earlier);
    return code;
}

/* Where the two databases would not agree what is text, what is a name and what is a comment. */
static const char *find_dialect(const char *statement)
{
    for (const char *at = statement; *at;) {
        bool quote = *at == '\'' || *at == '"';
        char before = at > statement ? at[-1] : ' ';
        if (strchr("$[]`", *at) || (at[0] == '/' && at[1] == '*') ||
            (quote && (continues_word(before) || before == '&')))
            return at;
        const char *past = statement_skip_quoted(at);
        at = past == at ? at + 1 : past;
    }
    return NULL;
}

static int check_statement(const char *module, const char *statement,
                           const char *(*other)(const char *name, void *data), void *data,
                           struct portico_error *error)
{
    struct reading reading = { .module = module, .prefix = owner_prefix(module), .at = statement };
    int code = 0;
    const char *dialect = find_dialect(statement);
    if (dialect)
        code = error_set(error, PORTICO_EPERM,
                         "At \"%.20s\" the databases read differently: write names in double "
                         "quotes, texts in single ones with nothing before, comments with --.",
                         dialect);
    if (code == 0)
        code = check_head(&reading, error);
    if (code == 0)
        code = check_words(&reading, statement, other, data, error);
    g_free(reading.word.name);
    g_free(reading.prefix);
    return code;
}

int owner_check_script(const char *module, const char *file, const char *script,
                       const char *(*other)(const char *name, void *data), void *data,
                       struct portico_error *error)
{
    int code = 0;
    if (owner_is_host(module))
        return 0;
    for (const char *at = script; code == 0 && *at;) {
        const char *from = at;
        char *statement = script_next(&at, true);
        if (statement)
            code = check_statement(module, statement, other, data, error);
        if (code < 0)
            error_prefix(error, "%s:%u: ", file, script_line(script, from, -1));
        g_free(statement);
    }
    return code;
}
