/* A fresh database for each test, SQLite or PostgreSQL. PostgreSQL is the server of
 * $PORTICO_TEST_POSTGRES (a libpq URL whose user may create databases), or a cluster started here;
 * where neither is possible the test says skipped. */
#ifndef TEST_DATABASE_H
#define TEST_DATABASE_H

#include "base/arena.h"
#include "store/migrate.h"
#include "store/store.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POSTGRES_PROGRAMS "/usr/lib/postgresql/15/bin"

struct database {
    enum store_kind kind;
    char *directory;
    char *url;
    struct store *store;
    struct arena *arena;
    struct store_session *session;
};

static char *database_cluster; /* directory of the cluster started here */
static pid_t database_owner;
static char *database_cluster_url; /* "postgresql:///postgres?host=…" or the environment's */

static inline void database_must(int code, const struct portico_error *error)
{
    if (code < 0)
        g_error("%d: %s", code, error->message);
}

static inline bool database_run(const char *command)
{
    return system(command) == 0;
}

/* The server refuses to run as root: then it runs as the package's own user. */
static inline const char *database_as(void)
{
    if (getuid() != 0)
        return "";
    return getpwnam("postgres") ? "setpriv --reuid=postgres --regid=postgres --clear-groups "
                                : NULL;
}

static inline void database_stop_cluster(void)
{
    if (!database_cluster)
        return;
    char *command =
        g_strdup_printf("cd / && %s" POSTGRES_PROGRAMS
                        "/pg_ctl -D %s/data -m immediate stop >/dev/null 2>&1; rm -rf %s",
                        database_as(), database_cluster, database_cluster);
    database_run(command);
    g_free(command);
    g_free(database_cluster);
    g_free(database_cluster_url);
    database_cluster = NULL;
}

/* A failed assertion aborts: the cluster does not outlive its test. */
static inline void database_on_abort(int signal_number)
{
    (void)signal_number;
    if (getpid() == database_owner)
        database_stop_cluster();
}

static inline bool database_start_cluster(void)
{
    const char *as = database_as();
    if (!as || access(POSTGRES_PROGRAMS "/initdb", X_OK) != 0)
        return false;
    database_cluster = g_strdup("/tmp/portico-test-XXXXXX");
    if (!g_mkdtemp_full(database_cluster, 0755))
        return false;
    char *command = g_strdup_printf(
        "cd / && %s%s%s && "
        "%s" POSTGRES_PROGRAMS
        "/initdb -D %s/data -A trust -U postgres -E UTF8 --locale=C.UTF-8 -N "
        ">%s/initdb.log 2>&1 && "
        "%s" POSTGRES_PROGRAMS "/pg_ctl -D %s/data -w -t 60 -l %s/data/server.log "
        "-o \"-c listen_addresses= -c unix_socket_directories=%s -c max_connections=80\" start "
        ">/dev/null 2>&1",
        *as ? "chown postgres " : "true ", database_cluster, "", as, database_cluster,
        database_cluster, as, database_cluster, database_cluster, database_cluster);
    bool started = database_run(command);
    g_free(command);
    database_owner = getpid();
    atexit(database_stop_cluster);
    signal(SIGABRT, database_on_abort);
    database_cluster_url =
        g_strdup_printf("postgresql://postgres@/postgres?host=%s", database_cluster);
    return started;
}

static inline bool database_has_postgres(void)
{
    static int known = -1;
    if (known < 0 && g_getenv("PORTICO_TEST_POSTGRES")) {
        database_cluster_url = g_strdup(g_getenv("PORTICO_TEST_POSTGRES"));
        known = 1;
    }
    if (known < 0)
        known = database_start_cluster();
    return known;
}

/* Runs one statement on the server as its owner. */
static inline void database_admin(const char *verb, const char *name, const char *rest)
{
    PGconn *server = PQconnectdb(database_cluster_url);
    char *sql = g_strdup_printf("%s DATABASE %s%s", verb, name, rest);
    PGresult *result = PQexec(server, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        g_error("%s: %s", sql, PQerrorMessage(server));
    PQclear(result);
    PQfinish(server);
    g_free(sql);
}

/* The server's URL with another database name. */
static inline char *database_url_named(const char *name)
{
    const char *authority = strstr(database_cluster_url, "://") + 3;
    const char *path = authority + strcspn(authority, "/?");
    const char *rest = path + strcspn(path, "?");
    return g_strdup_printf("%.*s/%s%s", (int)(path - database_cluster_url), database_cluster_url,
                           name, rest);
}

static inline struct store_options database_options(const struct database *database)
{
    return (struct store_options){ .url = database->url, .directory = database->directory };
}

static inline void database_open(struct database *database, const struct store_options *options)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(store_open(options, &database->store, &error), &error);
    database->arena = arena_new(0);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_everyone, "core");
}

static inline void database_close(struct database *database)
{
    store_session_end(database->session);
    arena_free(database->arena);
    store_close(database->store);
    database->store = NULL;
    database->session = NULL;
    database->arena = NULL;
}

static inline char *database_name(const struct database *database)
{
    const char *path = strstr(database->url, "/portico_test_") + 1;
    return g_strndup(path, strcspn(path, "?"));
}

/* Empty, or as the closed `template` is; NULL: empty. False after saying skipped. */
static inline bool database_new_from(struct database *database, enum store_kind kind,
                                     const struct database *template)
{
    static unsigned number;
    *database = (struct database){ .kind = kind };
    if (kind == STORE_POSTGRES && !database_has_postgres()) {
        g_test_skip("PostgreSQL 15 is not here");
        return false;
    }
    database->directory = g_dir_make_tmp("portico-store-XXXXXX", NULL);
    if (kind == STORE_POSTGRES) {
        char *name = g_strdup_printf("portico_test_%d_%u", (int)getpid(), number++);
        char *other = template ? database_name(template) : NULL;
        char *rest = other ? g_strdup_printf(" TEMPLATE %s", other) : g_strdup("");
        database_admin("CREATE", name, rest);
        database->url = database_url_named(name);
        g_free(rest);
        g_free(other);
        g_free(name);
    } else {
        database->url = g_strdup_printf("sqlite:%s/portico.db", database->directory);
        char *command = template ? g_strdup_printf("cp -p %s/portico.db* %s/", template->directory,
                                                   database->directory)
                                 : NULL;
        g_assert_true(!command || database_run(command));
        g_free(command);
    }
    struct store_options options = database_options(database);
    database_open(database, &options);
    return true;
}

/* Empty. False after saying skipped. */
static inline bool database_new(struct database *database, enum store_kind kind)
{
    return database_new_from(database, kind, NULL);
}

/* Of a closed one. */
static inline void database_remove(struct database *database, bool has_server)
{
    if (database->kind == STORE_POSTGRES && has_server) {
        char *name = database_name(database);
        database_admin("DROP", name, " WITH (FORCE)");
        g_free(name);
    }
    char *command = g_strdup_printf("rm -rf %s", database->directory);
    g_assert_true(database_run(command));
    g_free(command);
    g_free(database->directory);
    g_free(database->url);
}

static inline void database_free(struct database *database)
{
    if (database->store)
        database_close(database);
    database_remove(database, true);
}

/* With another session, on the store as a process finds it that starts now. */
static inline void database_reopen(struct database *database)
{
    struct store_options options = database_options(database);
    database_close(database);
    database_open(database, &options);
}

static inline void database_migrate_core(struct database *database)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    char *folder = g_canonicalize_filename(__FILE__ "/../../../../core/store/migrations", NULL);
    const struct migrate_source core = { .module = "core", .directory = folder };
    database_must(migrate_apply(database->store, &core, 1, MIGRATE_BEFORE, NULL, &error), &error);
    g_free(folder);
}

static struct database database_templates[2]; /* by kind: closed, with the host's tables */
static pid_t database_templates_owner;

static inline void database_drop_templates(void)
{
    if (getpid() != database_templates_owner)
        return;
    /* A cluster started here is gone by now, or goes with all that is in it. */
    for (size_t i = 0; i < G_N_ELEMENTS(database_templates); i++)
        if (database_templates[i].url)
            database_remove(&database_templates[i], g_getenv("PORTICO_TEST_POSTGRES") != NULL);
}

/* One that new ones are copied from: the host's migrations run once in a program. */
static inline struct database *database_template(enum store_kind kind)
{
    struct database *template = &database_templates[kind == STORE_POSTGRES];
    if (template->url)
        return template;
    if (!database_templates_owner) {
        database_templates_owner = getpid();
        atexit(database_drop_templates);
    }
    if (!database_new(template, kind))
        return NULL;
    database_migrate_core(template);
    database_close(template);
    return template;
}

/* With the host's tables. False after saying skipped. */
static inline bool database_with_core(struct database *database, gconstpointer kind)
{
    struct database *template = database_template((enum store_kind)GPOINTER_TO_INT(kind));
    if (!template)
        return false;
    return database_new_from(database, template->kind, template);
}

/* A fresh session, as the next request gets one. */
static inline void database_next_session(struct database *database)
{
    store_session_end(database->session);
    arena_reset(database->arena);
    database->session =
        store_session_new(database->store, database->arena, &store_viewer_everyone, "core");
}

/* Writes `text` as a migration of module `module` and applies what is pending. */
static inline int database_try_migrate(struct database *database, const char *module,
                                       const char *file, const char *text, enum migrate_phase phase,
                                       struct portico_error *error)
{
    char *folder = g_build_filename(database->directory, module, NULL);
    char *path = g_build_filename(folder, file, NULL);
    g_mkdir_with_parents(folder, 0700);
    if (text)
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
    struct migrate_source source = { .module = module, .directory = folder };
    int code = migrate_apply(database->store, &source, 1, phase, NULL, error);
    g_free(path);
    g_free(folder);
    return code;
}

static inline void database_migrate(struct database *database, const char *text)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(database_try_migrate(database, "core", "0001-tables.before.sql", text,
                                       MIGRATE_BEFORE, &error),
                  &error);
}

static inline int database_try(struct database *database, const char *sql,
                               const struct portico_argument *arguments, size_t count,
                               struct portico_error *error)
{
    return store_execute(database->session, sql, arguments, count, NULL, error);
}

static inline int64_t database_execute(struct database *database, const char *sql,
                                       const struct portico_argument *arguments, size_t count)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t changed = -1;
    database_must(store_execute(database->session, sql, arguments, count, &changed, &error),
                  &error);
    return changed;
}

static inline struct value *database_query(struct database *database, const char *sql,
                                           const struct portico_argument *arguments, size_t count)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *rows = NULL;
    database_must(store_query(database->session, sql, arguments, count, &rows, &error), &error);
    return rows;
}

static inline int64_t database_integer(struct database *database, const char *sql)
{
    struct value *rows = database_query(database, sql, NULL, 0);
    g_assert_cmpuint(rows->count, ==, 1);
    return value_rows_at(rows, 0)->integer;
}

/* Adds the test once for each database. */
#define DATABASE_TEST(room, function)                                                              \
    g_test_add_data_func("/" room "/sqlite/" #function, GINT_TO_POINTER(STORE_SQLITE), function);  \
    g_test_add_data_func("/" room "/postgresql/" #function, GINT_TO_POINTER(STORE_POSTGRES),       \
                         function)

#endif
