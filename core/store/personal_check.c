/* What is declared of each table, held against the tables there are. */
#include "store/personal_shape.h"

#include "store/driver.h"
#include "store/owner.h"

#include <stdarg.h>

struct checking {
    struct personal_shape *shape;
    const struct portico_personal_table *tables;
    size_t count, at;
    void (*say)(const char *sentence, void *data);
    void *data;
    GHashTable *read; /* tables that the match being prepared reads */
    char *function;   /* the first that is not allowed */
};

__attribute__((format(printf, 2, 3))) static void say(const struct checking *checking,
                                                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sentence = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    checking->say(sentence, checking->data);
    g_free(sentence);
}

static const struct portico_personal_table *entry_of(const struct checking *checking,
                                                     const char *table, size_t before)
{
    for (size_t i = 0; i < before; i++)
        if (g_ascii_strcasecmp(checking->tables[i].table, table) == 0)
            return &checking->tables[i];
    return NULL;
}

static void check_missing(const struct checking *checking)
{
    for (guint i = 0; i < checking->shape->tables->len; i++) {
        const struct personal_table *table = checking->shape->tables->pdata[i];
        if (!entry_of(checking, table->name, checking->count))
            say(checking,
                "The table %s stands in no entry of .personal_data: add { .table = \"%s\", "
                ".title = \"…\", .erase = PORTICO_ERASE_ROWS, .person = \"…\" }, or, if it holds "
                "nothing of people, { .table = \"%s\", .reason = \"…\" }.",
                table->name, table->name, table->name);
    }
}

/* Each word of a list of columns is one of the table's. */
static void check_columns(const struct checking *checking, const struct personal_table *table,
                          const char *member, const char *list, bool kinds, bool cleared)
{
    char **words = g_strsplit_set(list, " \t\n", -1);
    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        const struct store_column label = store_column_of(*word);
        char *name = kinds ? g_strndup(label.name.data, label.name.length) : g_strdup(*word);
        const struct personal_column *column = personal_column(table, name);
        if (!column)
            say(checking,
                "The .%s of table %s names \"%s\", which is none of its columns: correct it, with "
                "blanks between names.",
                member, table->name, *word);
        else if (cleared && column->key)
            say(checking,
                "The .%s of table %s names %s, which is part of a key: rows could not all be "
                "emptied there. Use PORTICO_ERASE_ROWS, or leave it out.",
                member, table->name, name);
        g_free(name);
    }
    g_strfreev(words);
}

static int on_use(void *data, int action, const char *table, const char *what, const char *database,
                  const char *trigger)
{
    (void)database, (void)trigger;
    struct checking *checking = data;
    if (action == SQLITE_FUNCTION && !checking->function && !owner_allows_function(what) &&
        !owner_is_host(checking->shape->module))
        checking->function = g_strdup(what);
    if (action == SQLITE_READ && table)
        g_hash_table_add(checking->read, g_ascii_strdown(table, -1));
    return SQLITE_OK;
}

static unsigned count_parameters(const char *sql)
{
    unsigned count = 0;
    for (const char *at = sql; *at;) {
        const char *past = statement_skip_quoted(at);
        count += past == at && *at == '?';
        at = past == at ? at + 1 : past;
    }
    return count;
}

/* Rows that are found through another table must go before that table's. */
static void check_order(struct checking *checking, const struct portico_personal_table *entry)
{
    GHashTableIter iterator;
    gpointer name;
    g_hash_table_iter_init(&iterator, checking->read);
    while (g_hash_table_iter_next(&iterator, &name, NULL)) {
        const struct portico_personal_table *earlier = g_ascii_strcasecmp(name, entry->table) == 0
                                                           ? NULL
                                                           : entry_of(checking, name, checking->at);
        if (earlier && earlier->erase == PORTICO_ERASE_ROWS &&
            !owner_is_host(checking->shape->module))
            say(checking,
                "The .match of table %s looks into %s, whose rows are erased before: put %s first "
                "in .personal_data.",
                entry->table, earlier->table, entry->table);
    }
}

/* Rows that are found by an id in themselves must say where it stands: a merge of two people puts
 * another there. */
static void check_found_in_row(const struct checking *checking,
                               const struct portico_personal_table *entry)
{
    GHashTableIter iterator;
    gpointer name;
    bool elsewhere = false;
    g_hash_table_iter_init(&iterator, checking->read);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        elsewhere |= g_ascii_strcasecmp(name, entry->table) != 0;
    if (!elsewhere && !entry->people)
        say(checking,
            "The .match of table %s finds rows by an id in themselves: name the columns that hold "
            "a person's id in .people, with blanks between, or write .people = \"\" if none is to "
            "become another's when two people become one.",
            entry->table);
}

static void check_match(struct checking *checking, const struct portico_personal_table *entry)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct statement statement;
    char *sql = g_strdup_printf("{unfiltered a person's rows} SELECT 1 FROM %s WHERE (%s)",
                                entry->table, entry->match);
    if (count_parameters(entry->match) != 1) {
        say(checking,
            "The .match of table %s has not one ? but %u: write one for the person's id, such as "
            "\"author = ?\" or \"? IN (author, editor)\".",
            entry->table, count_parameters(entry->match));
    } else if (!statement_is_whole(entry->match)) {
        say(checking,
            "The .match of table %s is not one condition: it closes what it did not open.",
            entry->table);
    } else if (statement_expand(sql, STATEMENT_TWIN, NULL, &statement, &error) < 0) {
        say(checking, "The .match of table %s is not one condition: %s", entry->table,
            error.message);
    } else {
        sqlite3_stmt *prepared = NULL;
        checking->read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        sqlite3_set_authorizer(checking->shape->db, on_use, checking);
        int result = sqlite3_prepare_v2(checking->shape->db, statement.sql, -1, &prepared, NULL);
        sqlite3_set_authorizer(checking->shape->db, NULL, NULL);
        sqlite3_finalize(prepared);
        if (result != SQLITE_OK)
            say(checking,
                "The .match of table %s is refused by the database: %s. It may use this module's "
                "tables only.",
                entry->table, sqlite3_errmsg(checking->shape->db));
        else if (checking->function)
            say(checking, "The .match of table %s calls %s, which a module's SQL may not.",
                entry->table, checking->function);
        else {
            check_order(checking, entry);
            check_found_in_row(checking, entry);
        }
        g_hash_table_destroy(checking->read);
        g_free(checking->function);
        checking->read = NULL;
        checking->function = NULL;
        statement_free(&statement);
    }
    g_free(sql);
}

static void check_person(struct checking *checking, const struct portico_personal_table *entry,
                         const struct personal_table *table)
{
    if (!entry->person == !entry->match) {
        say(checking,
            "The table %s must say whose its rows are, in one way: .person names the column with "
            "the person's id, or .match a condition with one ?.",
            entry->table);
    } else if (entry->person && !personal_column(table, entry->person)) {
        say(checking, "The .person of table %s names \"%s\", which is none of its columns.",
            entry->table, entry->person);
    } else if (entry->match) {
        check_match(checking, entry);
    }
}

/* What a merge of two people is to rewrite. */
static void check_people(const struct checking *checking,
                         const struct portico_personal_table *entry,
                         const struct personal_table *table)
{
    char **columns = personal_people(entry);
    for (char **name = columns; *name; name++) {
        if (entry->people && !personal_column(table, *name))
            say(checking,
                "The .people of table %s names \"%s\", which is none of its columns: correct it, "
                "with blanks between names.",
                entry->table, *name);
        else if (personal_key_is_expression(checking->shape, table, *name))
            say(checking,
                "The column %s of table %s stands in a unique key with an expression, so that a "
                "merge of two people could not tell which rows stand in each other's way: make the "
                "key of columns, or write .people = \"\" and a merge_people.",
                *name, entry->table);
    }
    g_strfreev(columns);
    if (entry->merge > PORTICO_MERGE_LATER)
        say(checking, "The .merge of table %s is %u, which this portal does not know.",
            entry->table, entry->merge);
    if (entry->merge == PORTICO_MERGE_LATER && !entry->time)
        say(checking,
            "The table %s is merged by what is later, but has no .time: name the column that says "
            "it.",
            entry->table);
}

static void check_retention(const struct checking *checking,
                            const struct portico_personal_table *entry,
                            const struct personal_table *table)
{
    bool erases = entry->erase == PORTICO_ERASE_ROWS || entry->erase == PORTICO_ERASE_COLUMNS;
    if (entry->time && !personal_column(table, entry->time))
        say(checking, "The .time of table %s names \"%s\", which is none of its columns.",
            entry->table, entry->time);
    if (entry->retention_days && !entry->time)
        say(checking,
            "The table %s has .retention_days but no .time: name the column that it counts from.",
            entry->table);
    if (entry->retention_days && !erases)
        say(checking,
            "The table %s has .retention_days, but its rows are kept: set .erase to "
            "PORTICO_ERASE_ROWS or PORTICO_ERASE_COLUMNS.",
            entry->table);
}

static void check_entry(struct checking *checking, const struct portico_personal_table *entry)
{
    const struct personal_table *table = personal_table(checking->shape, entry->table);
    if (!table) {
        say(checking,
            "The entry %s of .personal_data is none of the tables that the migrations make: "
            "correct the name or remove it.",
            entry->table);
        return;
    }
    if (entry_of(checking, entry->table, checking->at))
        say(checking,
            "The table %s stands in .personal_data twice: one entry says all, a .match such as "
            "\"? IN (author, editor)\" finds several people.",
            entry->table);
    if (entry->erase > PORTICO_ERASE_KEEP) {
        say(checking, "The .erase of table %s is %u, which this portal does not know.",
            entry->table, entry->erase);
        return;
    }
    bool kept = entry->erase == PORTICO_NOT_PERSONAL || entry->erase == PORTICO_ERASE_KEEP;
    if (kept && (!entry->reason || !*entry->reason))
        say(checking, "The table %s is %s without a .reason: say %s.", entry->table,
            entry->erase == PORTICO_NOT_PERSONAL ? "not personal" : "kept",
            entry->erase == PORTICO_NOT_PERSONAL ? "what it holds instead"
                                                 : "by which duty its rows stay");
    check_retention(checking, entry, table);
    if (entry->erase == PORTICO_NOT_PERSONAL)
        return;
    if (!entry->title || !*entry->title)
        say(checking, "The table %s has no .title, its heading when data is handed out.",
            entry->table);
    check_person(checking, entry, table);
    check_people(checking, entry, table);
    if (entry->columns)
        check_columns(checking, table, "columns", entry->columns, true, false);
    if (entry->erase == PORTICO_ERASE_COLUMNS && (!entry->cleared || !*entry->cleared))
        say(checking, "The table %s is erased by columns, but .cleared names none.", entry->table);
    else if (entry->erase == PORTICO_ERASE_COLUMNS)
        check_columns(checking, table, "cleared", entry->cleared, false, true);
    else if (entry->cleared)
        say(checking, "The table %s has .cleared: that is for PORTICO_ERASE_COLUMNS.",
            entry->table);
}

void personal_check(struct personal_shape *shape, const struct portico_personal_table *tables,
                    size_t count, void (*tell)(const char *sentence, void *data), void *data)
{
    struct checking checking = {
        .shape = shape, .tables = tables, .count = count, .say = tell, .data = data
    };
    check_missing(&checking);
    for (checking.at = 0; checking.at < count; checking.at++)
        check_entry(&checking, &tables[checking.at]);
}
