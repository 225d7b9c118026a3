/* How the database means to read the lists of the module under test. */
#include "harness/plans.h"

#include "base/error.h"
#include "base/json.h"
#include "store/driver.h"
#include "store/owner.h"

#include <glib.h>
#include <libpq-fe.h>
#include <sqlite3.h>

static const struct bench *owner;
static GHashTable *looked_at; /* texts that were explained in this test */

/* ---- SQLite: its planner does not ask how many rows there are ---- */

/* A step through an index that begins at the first key of the order, "key<?" or "(key,id)<(?,?)".
 * With any other SQLite reads all that the viewer sees, and sorts it. */
static bool begins_at_key(const char *step, const char *key)
{
    static const char *const bounds[][2] = { { "", "<?" }, { "", ">?" }, { "(", "," } };
    bool found = strstr(step, "(rowid<?") || strstr(step, "(rowid>?");
    for (size_t i = 0; i < G_N_ELEMENTS(bounds) && !found; i++) {
        char *bound = g_strconcat(bounds[i][0], key, bounds[i][1], NULL);
        found = strstr(step, bound) != NULL;
        g_free(bound);
    }
    return found && g_str_has_prefix(step, "SEARCH ");
}

static bool is_good_on_sqlite(const char *url, const char *sql, const char *key, GString *plan)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *steps = NULL;
    char *explain = g_strdup_printf("EXPLAIN QUERY PLAN %s", sql);
    bool good = false;
    int result =
        sqlite3_open_v2(url + strlen("sqlite:"), &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
            ? sqlite3_prepare_v2(db, explain, -1, &steps, NULL)
            : SQLITE_CANTOPEN;
    if (result != SQLITE_OK)
        g_string_assign(plan, sqlite3_errmsg(db));
    while (result == SQLITE_OK && sqlite3_step(steps) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(steps, 3);
        g_string_append_printf(plan, "%s\n", step);
        good |= begins_at_key(step, key);
    }
    sqlite3_finalize(steps);
    sqlite3_close(db);
    g_free(explain);
    return good;
}

/* ---- PostgreSQL: asked whether there is a way without sorting, whatever it holds to be cheap ----
 */

static const char *word_in(const struct value *node, const char *name)
{
    const struct value *value = value_get(node, text_of(name));
    return value && value->kind == PORTICO_TEXT ? value->text : "";
}

/* Whether all rows of the table go through a sort, or are read without an index. What was granted
 * by name is few rows, found by their ids. */
static bool reads_all(const struct value *node, const char *table, bool sorted)
{
    const char *type = word_in(node, "Node Type"), *relative = word_in(node, "Parent Relationship");
    if (strcmp(type, "Limit") == 0 || strcmp(relative, "SubPlan") == 0 ||
        strcmp(relative, "InitPlan") == 0)
        sorted = false;
    if (strstr(type, "Sort"))
        sorted = true;
    if (g_ascii_strcasecmp(word_in(node, "Relation Name"), table) == 0 &&
        !strstr(word_in(node, "Index Cond"), "ANY (") &&
        (sorted || strcmp(type, "Seq Scan") == 0 || strcmp(type, "Bitmap Heap Scan") == 0))
        return true;
    const struct value *below = value_get(node, TEXT("Plans"));
    for (uint32_t i = 0; below && i < below->count; i++)
        if (reads_all(below->items[i], table, sorted))
            return true;
    return false;
}

static bool explain_postgres(PGconn *server, const struct statement *statement, GString *plan)
{
    GString *execute = g_string_new("EXPLAIN (FORMAT JSON) EXECUTE portico_list");
    GString *prepare = g_string_new("PREPARE portico_list");
    unsigned count = statement->parameters + statement->audiences + statement->person;
    for (unsigned i = 0; i < count; i++) {
        g_string_append(execute, i ? ", NULL" : " (NULL");
        /* The author's are known by what they stand beside, the viewer's by nothing. */
        g_string_append_printf(prepare, "%s%s", i ? ", " : " (",
                               i < statement->parameters ? "unknown" : "bigint");
    }
    g_string_append(execute, count ? ")" : "");
    g_string_append_printf(prepare, "%s AS %s", count ? ")" : "", statement->sql);
    const char *const steps[] = { "SET enable_seqscan = off; SET enable_sort = off; "
                                  "SET enable_bitmapscan = off; "
                                  "SET plan_cache_mode = force_generic_plan",
                                  prepare->str, execute->str };
    bool good = true;
    for (size_t i = 0; good && i < G_N_ELEMENTS(steps); i++) {
        PGresult *result = PQexec(server, steps[i]);
        good = PQresultStatus(result) == PGRES_COMMAND_OK || PQntuples(result) == 1;
        g_string_assign(plan, !good                    ? PQerrorMessage(server)
                              : PQntuples(result) == 1 ? PQgetvalue(result, 0, 0)
                                                       : "");
        PQclear(result);
    }
    g_string_free(execute, TRUE);
    g_string_free(prepare, TRUE);
    return good;
}

static bool is_good_on_postgres(struct arena *arena, const char *url,
                                const struct statement *statement, const char *table, GString *plan)
{
    struct value *whole = NULL;
    PGconn *server = PQconnectdb(url);
    bool good = explain_postgres(server, statement, plan) &&
                json_parse(arena, plan->str, plan->len, &whole, NULL) == 0;
    PQfinish(server);
    return good && !reads_all(value_get(value_at(whole, 0), TEXT("Plan")), table, false);
}

/* ---- what is told ---- */

static void look(struct store_session *session, const struct portico_page_query *query,
                 const char *key, const char *sql)
{
    struct statement statement;
    if (store_prepare(session, sql, &statement, NULL) < 0)
        return; /* as the list itself will say */
    GString *plan = g_string_new(NULL);
    const char *url = owner->room.settings.store.url;
    bool good = session->store->kind == STORE_SQLITE
                    ? is_good_on_sqlite(url, statement.sql, key, plan)
                    : is_good_on_postgres(session->arena, owner->options->database_url, &statement,
                                          query->table, plan);
    if (!good)
        bench_record(
            owner, RECORD_VIOLATION,
            "The list of %s ordered by %s%s%s reads all that the viewer sees and sorts it: "
            "make an index on what its condition compares, then audience, then its order, "
            "in its direction. The database would do this:\n%s",
            query->table, query->order, query->where ? " where " : "",
            query->where ? query->where : "", plan->str);
    g_string_free(plan, TRUE);
    statement_free(&statement);
}

static void on_page(struct store_session *session, const struct portico_page_query *query,
                    const char *key, const char *sql)
{
    if (g_hash_table_add(looked_at, g_strdup(sql)))
        look(session, query, key, sql);
}

void plans_watch(const struct bench *bench)
{
    owner = bench;
    looked_at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    store_page_watch = on_page;
}
