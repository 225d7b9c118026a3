/* What the planner of the real database makes of an expanded statement. */
#ifndef TEST_PLAN_H
#define TEST_PLAN_H

#include "database.h"

#include <sqlite3.h>

/* `setting` is run before; `values` are those of the parameters, all of them whole numbers: "7,
 * 500"; "" for none. */
static inline char *plan_of_postgres(const struct database *database, const char *sql,
                                     const char *values, const char *setting)
{
    GString *plan = g_string_new(NULL);
    PGconn *server = PQconnectdb(database->url);
    PQclear(PQexec(server, setting));
    char **parts = g_strsplit(values, ",", -1);
    GString *explain = g_string_new("PREPARE asked (");
    for (char **part = parts; *part; part++)
        g_string_append(explain, part == parts ? "bigint" : ", bigint");
    g_string_append_printf(explain, ") AS %s", sql);
    if (*values)
        PQclear(PQexec(server, explain->str));
    char *execute = *values ? g_strdup_printf("EXPLAIN EXECUTE asked (%s)", values)
                            : g_strdup_printf("EXPLAIN %s", sql);
    PGresult *lines = PQexec(server, execute);
    if (PQresultStatus(lines) != PGRES_TUPLES_OK)
        g_error("%s: %s", explain->str, PQerrorMessage(server));
    for (int i = 0; i < PQntuples(lines); i++)
        g_string_append_printf(plan, "%s\n", PQgetvalue(lines, i, 0));
    PQclear(lines);
    PQfinish(server);
    g_strfreev(parts);
    g_string_free(explain, TRUE);
    g_free(execute);
    return g_string_free(plan, FALSE);
}

static inline char *plan_of_sqlite(const struct database *database, const char *sql)
{
    GString *plan = g_string_new(NULL);
    sqlite3 *db = NULL;
    sqlite3_stmt *lines = NULL;
    char *explain = g_strdup_printf("EXPLAIN QUERY PLAN %s", sql);
    const char *path = database->url + strlen("sqlite:");
    g_assert_cmpint(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
    if (sqlite3_prepare_v2(db, explain, -1, &lines, NULL) != SQLITE_OK)
        g_error("%s: %s", explain, sqlite3_errmsg(db));
    while (sqlite3_step(lines) == SQLITE_ROW)
        g_string_append_printf(plan, "%s\n", sqlite3_column_text(lines, 3));
    sqlite3_finalize(lines);
    sqlite3_close(db);
    g_free(explain);
    return g_string_free(plan, FALSE);
}

/* Free with g_free. */
static inline char *plan_explain(const struct database *database, const char *sql,
                                 const char *values)
{
    return database->kind == STORE_SQLITE ? plan_of_sqlite(database, sql)
                                          : plan_of_postgres(database, sql, values, "");
}

/* As a server plans that has seen the statement often: for any values. SQLite has but one plan. */
static inline char *plan_explain_generic(const struct database *database, const char *sql,
                                         const char *values)
{
    return database->kind == STORE_SQLITE
               ? plan_of_sqlite(database, sql)
               : plan_of_postgres(database, sql, values,
                                  "SET plan_cache_mode = force_generic_plan");
}

#endif
