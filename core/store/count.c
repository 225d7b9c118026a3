#include "store/count.h"

#include "base/error.h"
#include "store/owner.h"

#include <ctype.h>
#include <glib.h>
#include <stdlib.h>

#define MARKER "-- count:"
#define BACK "-- uncount:"

static bool is_name(const char *word)
{
    for (const char *at = word; *at; at++)
        if (!islower((unsigned char)*at) && !(isdigit((unsigned char)*at) && at > word) &&
            *at != '_')
            return false;
    return *word != '\0';
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

char *count_list_name(const struct count_list *list)
{
    const char *keys[COUNT_KEYS_MAX];
    memcpy(keys, list->keys, list->count * sizeof *keys);
    qsort(keys, list->count, sizeof *keys, by_text);
    GString *name = g_string_new(list->table);
    for (size_t i = 0; i < list->count; i++)
        g_string_append_printf(name, " %s", keys[i]);
    g_string_ascii_down(name);
    return g_string_free(name, FALSE);
}

/* Of a length that both databases take. */
char *count_trigger_name(const char *list_name)
{
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, list_name, -1);
    char *name = g_strdup_printf(COUNT_TRIGGER_PREFIX "%.16s_", hash);
    g_free(hash);
    return name;
}

/* As append_key has it, so that no two keys are one: characters of each value, and the value. */
char *count_key(const struct portico_argument *values, size_t count, enum store_kind kind)
{
    GString *key = g_string_new(NULL);
    for (size_t i = 0; i < count && key; i++) {
        const struct portico_argument *value = &values[i];
        char *text = NULL;
        if (value->kind == PORTICO_TEXT)
            text = g_strndup(value->text, value->length);
        else if (value->kind == PORTICO_BOOLEAN && kind == STORE_POSTGRES)
            text = g_strdup(value->integer ? "true" : "false");
        else if (value->kind != PORTICO_NULL && value->kind != PORTICO_REAL)
            text = g_strdup_printf("%" G_GINT64_FORMAT, value->integer);
        if (text)
            g_string_append_printf(key, "%s%ld:%s", i ? "," : "", g_utf8_strlen(text, -1), text);
        else
            key = (g_string_free(key, TRUE), NULL);
        g_free(text);
    }
    return key ? g_string_free(key, FALSE) : NULL;
}

/* The key of one row. A value that is NULL is found by no condition, so any text does for it. */
static void append_key(GString *sql, char *const *keys, const char *row)
{
    g_string_append(sql, *keys ? "" : "''");
    for (char *const *key = keys; *key; key++)
        g_string_append_printf(
            sql, "%scoalesce(length(CAST(%s.%s AS TEXT)) || ':' || CAST(%s.%s AS TEXT), '-')",
            key == keys ? "" : " || ',' || ", row, *key, row, *key);
}

/* "'topic space', KEY, AUDIENCE, NUMBER" of one row. */
static void append_change(GString *sql, const char *name, char *const *keys, const char *row,
                          const char *number)
{
    g_string_append_printf(sql, "'%s', ", name);
    append_key(sql, keys, row);
    g_string_append_printf(sql, ", coalesce(%s.audience, 0), %s", row, number);
}

static void append_moved(GString *sql, char *const *keys, const char *differs)
{
    g_string_append_printf(sql, "OLD.audience %s NEW.audience", differs);
    for (char *const *key = keys; *key; key++)
        g_string_append_printf(sql, " OR OLD.%s %s NEW.%s", *key, differs, *key);
}

#define NOTE "INSERT INTO portico_count_change (list, key, audience, number) "

static void append_for_sqlite(GString *sql, const char *table, const char *name, char *const *keys,
                              const char *trigger)
{
    static const struct {
        const char *letter, *event, *row, *number;
    } simple[] = { { "i", "INSERT", "NEW", "1" }, { "d", "DELETE", "OLD", "-1" } };
    for (size_t i = 0; i < G_N_ELEMENTS(simple); i++) {
        g_string_append_printf(sql,
                               "DROP TRIGGER IF EXISTS %s%s;\nCREATE TRIGGER %s%s AFTER %s ON %s "
                               "BEGIN\n" NOTE "VALUES (",
                               trigger, simple[i].letter, trigger, simple[i].letter,
                               simple[i].event, table);
        append_change(sql, name, keys, simple[i].row, simple[i].number);
        g_string_append(sql, ");\nEND;\n");
    }
    g_string_append_printf(sql,
                           "DROP TRIGGER IF EXISTS %su;\nCREATE TRIGGER %su AFTER UPDATE ON %s "
                           "WHEN ",
                           trigger, trigger, table);
    append_moved(sql, keys, "IS NOT");
    g_string_append(sql, " BEGIN\n" NOTE "VALUES (");
    append_change(sql, name, keys, "OLD", "-1");
    g_string_append(sql, "), (");
    append_change(sql, name, keys, "NEW", "1");
    g_string_append(sql, ");\nEND;\n");
}

static void append_function(GString *sql, const char *trigger, const char *letter)
{
    g_string_append_printf(sql,
                           "DROP FUNCTION IF EXISTS %s%s() CASCADE;\nCREATE FUNCTION %s%s() "
                           "RETURNS trigger LANGUAGE plpgsql AS $portico$\nBEGIN\n" NOTE,
                           trigger, letter, trigger, letter);
}

/* Rows that come and go together are noted together; those that change, where it matters. */
static void append_for_postgres(GString *sql, const char *table, const char *name,
                                char *const *keys, const char *trigger)
{
    static const struct {
        const char *letter, *event, *transition, *number;
    } simple[] = { { "i", "INSERT", "NEW", "count(*)" }, { "d", "DELETE", "OLD", "-count(*)" } };
    for (size_t i = 0; i < G_N_ELEMENTS(simple); i++) {
        append_function(sql, trigger, simple[i].letter);
        g_string_append(sql, "SELECT ");
        append_change(sql, name, keys, "portico_row", simple[i].number);
        g_string_append_printf(sql,
                               " FROM portico_rows portico_row GROUP BY 2, 3;\nRETURN NULL;\nEND "
                               "$portico$;\nCREATE TRIGGER %s%s AFTER %s ON %s REFERENCING %s "
                               "TABLE AS portico_rows FOR EACH STATEMENT EXECUTE FUNCTION "
                               "%s%s();\n",
                               trigger, simple[i].letter, simple[i].event, table,
                               simple[i].transition, trigger, simple[i].letter);
    }
    append_function(sql, trigger, "u");
    g_string_append(sql, "VALUES (");
    append_change(sql, name, keys, "OLD", "-1");
    g_string_append(sql, "), (");
    append_change(sql, name, keys, "NEW", "1");
    g_string_append_printf(sql,
                           ");\nRETURN NULL;\nEND $portico$;\nCREATE TRIGGER %su AFTER UPDATE ON "
                           "%s FOR EACH ROW WHEN (",
                           trigger, table);
    append_moved(sql, keys, "IS DISTINCT FROM");
    g_string_append_printf(sql, ") EXECUTE FUNCTION %su();\n", trigger);
}

/* What is there is counted once the triggers stand, which keep writers off until the commit.
 * Changes go first: where a fold holds them, PostgreSQL waits for it here, and sees behind it what
 * it made of them. */
static void append_all_rows(GString *sql, const char *table, const char *name, char *const *keys)
{
    g_string_append_printf(sql,
                           "DELETE FROM portico_count_change WHERE list = '%s';\n"
                           "DELETE FROM portico_count WHERE list = '%s';\n" NOTE "SELECT ",
                           name, name);
    append_change(sql, name, keys, "t", "count(*)");
    g_string_append_printf(sql, " FROM %s t GROUP BY 2, 3;\n", table);
}

static void append_list(GString *sql, const struct count_list *list, enum store_kind kind)
{
    char *name = count_list_name(list), *trigger = count_trigger_name(name);
    char **words = g_strsplit(name, " ", -1);
    (kind == STORE_SQLITE ? append_for_sqlite : append_for_postgres)(sql, list->table, name,
                                                                     words + 1, trigger);
    append_all_rows(sql, list->table, name, words + 1);
    g_strfreev(words);
    g_free(name);
    g_free(trigger);
}

/* What it counted goes with it. */
static void append_back(GString *sql, const struct count_list *list, enum store_kind kind)
{
    static const char *const letters[] = { "i", "d", "u" };
    char *name = count_list_name(list), *trigger = count_trigger_name(name);
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
        g_string_append_printf(sql,
                               kind == STORE_SQLITE ? "DROP TRIGGER IF EXISTS %s%s;\n"
                                                    : "DROP FUNCTION IF EXISTS %s%s() CASCADE;\n",
                               trigger, letters[i]);
    g_string_append_printf(sql,
                           "DELETE FROM portico_count_change WHERE list = '%s';\n"
                           "DELETE FROM portico_count WHERE list = '%s';\n",
                           name, name);
    g_free(name);
    g_free(trigger);
}

static int refuse(const char *file, unsigned line, const char *what, const char *word,
                  struct portico_error *error)
{
    return error_set(error, PORTICO_EINVAL,
                     "%s:%u: \"%.60s\" %s: write \"" MARKER " TABLE KEY\" or \"" BACK
                     " TABLE KEY\", with the name of a table of the module's and up to %u of its "
                     "columns.",
                     file, line, word, what, COUNT_KEYS_MAX);
}

static int check_list(const char *module, char **words, const char *file, unsigned line,
                      struct portico_error *error)
{
    char *prefix = owner_prefix(module);
    bool own = words[0] && (owner_is_host(module) || g_str_has_prefix(words[0], prefix));
    g_free(prefix);
    for (char **word = words; *word; word++)
        if (!is_name(*word))
            return refuse(file, line, "is no name in lower case", *word, error);
    if (!own)
        return refuse(file, line, "is no table of the module's", words[0] ? words[0] : "", error);
    if (g_strv_length(words) > COUNT_KEYS_MAX + 1)
        return refuse(file, line, "is one key too many", words[COUNT_KEYS_MAX + 1], error);
    return 0;
}

/* Words between blanks; free with g_strfreev. */
static char **words_of(const char *line)
{
    GPtrArray *words = g_ptr_array_new();
    char **parts = g_strsplit_set(line, " \t", -1);
    for (char **part = parts; *part; part++)
        if (**part)
            g_ptr_array_add(words, g_strdup(*part));
    g_strfreev(parts);
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

/* One line of a migration that declares a list, or takes it back. */
struct mark {
    struct count_list list;
    bool back;
    unsigned line;
    char **words; /* what `list` names */
};

/* 1, 0 if the line is another, or EINVAL. Free the words of 1 with g_strfreev. */
static int read_mark(const char *module, const char *file, const char *text, unsigned line,
                     struct mark *ret_mark, struct portico_error *error)
{
    const char *at = text + strspn(text, " \t");
    bool back = g_str_has_prefix(at, BACK);
    if (!back && !g_str_has_prefix(at, MARKER))
        return 0;
    struct mark mark = { .back = back,
                         .line = line,
                         .words = words_of(at + strlen(back ? BACK : MARKER)) };
    int code = check_list(module, mark.words, file, line, error);
    if (code < 0) {
        g_strfreev(mark.words);
        return code;
    }
    mark.list.table = mark.words[0];
    for (char **word = mark.words + 1; *word; word++)
        mark.list.keys[mark.list.count++] = *word;
    *ret_mark = mark;
    return 1;
}

/* Calls `visit` with each such line. */
static int each_mark(const char *module, const char *file, const char *text,
                     int (*visit)(const struct mark *mark, void *data, struct portico_error *error),
                     void *data, struct portico_error *error)
{
    char **lines = g_strsplit(text, "\n", -1);
    int code = 0;
    for (unsigned i = 0; lines[i] && code >= 0; i++) {
        struct mark mark;
        code = read_mark(module, file, lines[i], i + 1, &mark, error);
        if (code <= 0)
            continue;
        code = visit(&mark, data, error);
        g_strfreev(mark.words);
    }
    g_strfreev(lines);
    return code < 0 ? code : 0;
}

struct scripts {
    GString *before, *behind;
    enum store_kind kind;
};

static int append_mark(const struct mark *mark, void *data, struct portico_error *error)
{
    (void)error;
    struct scripts *scripts = data;
    if (mark->back)
        append_back(scripts->before, &mark->list, scripts->kind);
    else
        append_list(scripts->behind, &mark->list, scripts->kind);
    return 0;
}

int count_script(const char *module, const char *file, const char *text, enum store_kind kind,
                 char **ret_before, char **ret_behind, struct portico_error *error)
{
    struct scripts scripts = { g_string_new(NULL), g_string_new(NULL), kind };
    int code = each_mark(module, file, text, append_mark, &scripts, error);
    char *before = g_string_free(scripts.before, FALSE);
    char *behind = g_string_free(scripts.behind, FALSE);
    if (code == 0) {
        *ret_before = before;
        *ret_behind = behind;
        return 0;
    }
    g_free(before);
    g_free(behind);
    return code;
}

struct notes {
    GHashTable *lists;
    const char *file;
    bool back; /* what is taken back goes first */
};

static int note_mark(const struct mark *mark, void *data, struct portico_error *error)
{
    struct notes *notes = data;
    int code = 0;
    char *name = count_list_name(&mark->list);
    if (mark->back == notes->back && !mark->back)
        g_hash_table_add(notes->lists, g_strdup(name));
    else if (mark->back == notes->back && !g_hash_table_remove(notes->lists, name))
        code = error_set(error, PORTICO_EINVAL,
                         "%s:%u: the list \"%s\" is not counted: name the table and the keys as "
                         "the line \"" MARKER "\" does that declared it.",
                         notes->file, mark->line, name);
    g_free(name);
    return code;
}

int count_note(const char *module, const char *file, const char *text, GHashTable *lists,
               struct portico_error *error)
{
    struct notes back = { lists, file, true }, declared = { lists, file, false };
    int code = each_mark(module, file, text, note_mark, &back, error);
    return code < 0 ? code : each_mark(module, file, text, note_mark, &declared, error);
}
