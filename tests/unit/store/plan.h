/* What the planner of the real database makes of an expanded statement. */
#ifndef TEST_PLAN_H
#define TEST_PLAN_H

#include "database.h"

#include <sqlite3.h>

/* `values` are those of the parameters, all of them whole numbers: "7, 500". */
static inline char *plan_of_postgres(const struct database *database, const char *sql,
                                     const char *values)
{
    GString *plan = g_string_new(NULL);
    PGconn *server = PQconnectdb(database->url);
    char **parts = g_strsplit(values, ",", -1);
    GString *explain = g_string_new("PREPARE asked (");
    for (char **part = parts; *part; part++)
        g_string_append(explain, part == parts ? "bigint" : ", bigint");
    g_string_append_printf(explain, ") AS %s", sql);
    PQclear(PQexec(server, explain->str));
    char *execute = g_strdup_printf("EXPLAIN EXECUTE asked (%s)", values);
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
                                          : plan_of_postgres(database, sql, values);
}

#endif
