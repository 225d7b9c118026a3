/* Whether what a migration left behind is counted as the declarations say. */
#include "store/count.h"
#include "store/driver.h"
#include "store/owner.h"
#include "store/twin.h"

#include "base/error.h"

#define UNFILTERED "{unfiltered counts are the host's own} "

static const char *const trigger_queries[] = {
    [STORE_SQLITE] = UNFILTERED "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' "
                                "AND tbl_name = ? COLLATE NOCASE AND name IN (? || 'i', ? || 'u', "
                                "? || 'd')",
    [STORE_POSTGRES] = UNFILTERED "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = "
                                  "t.tgrelid WHERE c.relname = ? AND pg_table_is_visible(c.oid) "
                                  "AND t.tgname IN (? || 'i', ? || 'u', ? || 'd')",
};

static const char *const type_queries[] = {
    [STORE_SQLITE] = UNFILTERED "SELECT lower(type) FROM pragma_table_info(?) WHERE name = ? "
                                "COLLATE NOCASE",
    [STORE_POSTGRES] = UNFILTERED "SELECT format_type(a.atttypid, NULL) FROM pg_attribute a "
                                  "JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname = ? AND "
                                  "pg_table_is_visible(c.oid) AND a.attname = ? AND NOT "
                                  "a.attisdropped",
};

/* Whose values have one text each. */
static const char *const types[] = { "integer", "bigint", "smallint", "boolean", "text" };

static int check_column(struct store_session *session, const char *list, const char *table,
                        const char *column, struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, type_queries[session->store->kind],
                                PORTICO_ARGS(portico_arg_text(table), portico_arg_text(column)),
                                &rows, error);
    if (code < 0)
        return code;
    const char *type = rows->count ? value_rows_at(rows, 0)->text : NULL;
    for (size_t i = 0; type && i < G_N_ELEMENTS(types); i++)
        if (strcmp(type, types[i]) == 0)
            return 0;
    if (type)
        return error_set(error, PORTICO_EINVAL,
                         "The list \"%s\" is counted by %s, which is %s: keys are {id}, {text}, "
                         "{integer}, {boolean} or {time}.",
                         list, column, type);
    return error_set(error, PORTICO_EINVAL,
                     "The list \"%s\" is counted, and its table has no column %s: write "
                     "\"-- uncount: %s\" into this migration, and \"-- count: …\" for what is to "
                     "be counted behind it.",
                     list, column, list);
}

static int check_triggers(struct store_session *session, const char *list, const char *table,
                          struct portico_error *error)
{
    struct value *rows;
    char *trigger = count_trigger_name(list);
    const struct portico_argument name = portico_arg_text(trigger);
    int code =
        store_host_query(session, trigger_queries[session->store->kind],
                         PORTICO_ARGS(portico_arg_text(table), name, name, name), &rows, error);
    if (code == 0 && value_rows_at(rows, 0)->integer != 3)
        code = error_set(error, PORTICO_EINVAL,
                         "The list \"%s\" is counted, and this migration renames, drops or makes "
                         "anew its table: write \"-- uncount: %s\" into it, and \"-- count: …\" "
                         "for what is to be counted behind it.",
                         list, list);
    g_free(trigger);
    return code;
}

/* One that begins as the module's do may be that of a module whose id is longer. */
static int check_owner(struct store_session *session, const char *module, const char *table,
                       struct portico_error *error)
{
    char *owner = owner_is_host(module) ? NULL : twin_owner(session->store, table);
    int code = 0;
    if (owner && strcmp(owner, module) != 0)
        code = error_set(error, PORTICO_EPERM,
                         "The table %s belongs to module %s: a module counts lists of its own "
                         "tables.",
                         table, owner);
    g_free(owner);
    return code;
}

int count_check(struct store_session *session, const char *module, GHashTable *lists,
                struct portico_error *error)
{
    GHashTableIter each_list;
    gpointer list;
    int code = 0;
    g_hash_table_iter_init(&each_list, lists);
    while (code == 0 && g_hash_table_iter_next(&each_list, &list, NULL)) {
        char **words = g_strsplit(list, " ", -1);
        code = check_owner(session, module, words[0], error);
        if (code == 0)
            code = check_triggers(session, list, words[0], error);
        for (char **key = words + 1; code == 0 && *key; key++)
            code = check_column(session, list, words[0], *key, error);
        g_strfreev(words);
    }
    return code;
}
