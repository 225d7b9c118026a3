/* `portico exposure`: what can be reached by whom, a line each, and what became more. */
#include "cli/alone.h"
#include "cli/manage.h"
#include "identity/role.h"
#include "server/builtin.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNFILTERED "{unfiltered exposure} "
/* Ends what a line is about, and begins who reaches it. */
#define REACHED_BY ": "

/* One call at work. */
struct exposure {
    const struct cli_call *call;
    struct room room;
    struct arena *arena;
    struct store_session *session;
    struct identity_roles *roles;
    GPtrArray *lines; /* "ABOUT: WHO WHO", borrowed from the arena */
    bool memory;      /* ended */
    bool grew;
    struct portico_error error;
};

static void add_line(struct exposure *exposure, char *line)
{
    if (line)
        g_ptr_array_add(exposure->lines, line);
    exposure->memory |= !line;
}

/* ---- who ---- */

static bool has_word(const char *words, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = words; *(at += strspn(at, " ")); at += strcspn(at, " "))
        if (strcspn(at, " ") == length && strncmp(at, word, length) == 0)
            return true;
    return false;
}

/* Whether all who hold the role are among `who` already: everyone are all, members all who are
 * signed in, and whoever holds a role in an account belongs to it. */
static bool covers(const struct exposure *exposure, const char *who, const char *key)
{
    const struct identity_role *role = identity_roles_find(exposure->roles, key);
    if (has_word(who, key) || has_word(who, "everyone"))
        return true;
    if (strcmp(key, "everyone") == 0)
        return false;
    return has_word(who, "member") ||
           (role && role->given && has_word(who, role->owner ? "staff" : "account-member"));
}

/* The roles that hold a permission, the widest alone. */
static const char *who_may(struct exposure *exposure, const char *permission)
{
    size_t count;
    const struct identity_permission *all = identity_roles_permissions(exposure->roles, &count);
    const char *who = "";
    if (strcmp(permission, PORTICO_PUBLIC) == 0)
        return "everyone";
    if (strcmp(permission, PORTICO_SIGNED_IN) == 0)
        return "member";
    for (int given = 0; given <= 1; given++)
        for (size_t i = 0; who && i < identity_roles_count(exposure->roles); i++) {
            const struct identity_role *role = identity_roles_at(exposure->roles, i);
            if (role->given == (given == 1) && !covers(exposure, who, role->key) &&
                identity_may(all, count, role->bit, permission))
                who = arena_printf(exposure->arena, "%s%s%s", who, *who ? " " : "", role->key);
        }
    exposure->memory |= !who;
    return who ? who : "";
}

/* ---- what ---- */

static const char *kind_of(const struct portico_route *route)
{
    if (strncmp(route->pattern, "/api/", 5) == 0 || strncmp(route->pattern, "/tmf-api/", 9) == 0)
        return "api";
    if (strncmp(route->pattern, "/portico/files/", 15) == 0)
        return "file";
    if (route->flags & PORTICO_ROUTE_OUTSIDE)
        return "outside";
    return route->flags & PORTICO_ROUTE_HIDDEN ? "feed" : "page";
}

static void add_routes(struct exposure *exposure)
{
    size_t count;
    const struct builtin *own = builtin_all(&count);
    for (size_t i = 0; i < count; i++)
        add_line(exposure,
                 arena_printf(exposure->arena, "route %.*s GET %s public" REACHED_BY "everyone",
                              (int)own[i].path.length, own[i].path.data,
                              text_equals(own[i].path, TEXT("/portico/live")) ? "stream" : "page"));
    add_line(exposure,
             arena_strdup(exposure->arena,
                          "route /assets/{name...} GET file public" REACHED_BY "everyone"));
    for (size_t i = 0; i < registry_route_count(exposure->room.registry); i++) {
        const struct portico_route *route = &registry_route_at(exposure->room.registry, i)->route;
        add_line(exposure, arena_printf(exposure->arena, "route %s %s %s %s" REACHED_BY "%s",
                                        route->pattern, route->method, kind_of(route),
                                        route->permission, who_may(exposure, route->permission)));
    }
}

static void add_permissions(struct exposure *exposure)
{
    size_t count;
    const struct identity_permission *all = identity_roles_permissions(exposure->roles, &count);
    for (size_t i = 0; i < count; i++)
        add_line(exposure, arena_printf(exposure->arena, "permission %s" REACHED_BY "%s",
                                        all[i].name, who_may(exposure, all[i].name)));
}

/* Rows of a table by what kind of audience sees them; without one, its owner's code judges. Then
 * those that members of another account see too: shared wider than one account, or with the
 * accounts below it where there are any. */
static int add_rows(struct exposure *exposure, const char *table)
{
    struct value *rows;
    int64_t others = 0;
    const char *sql = arena_printf(
        exposure->arena,
        UNFILTERED "SELECT coalesce(a.kind, CASE WHEN p.id IS NULL THEN 'by-name' ELSE 'person' "
                   "END) AS kind, count(*) AS count, "
                   "sum(CASE WHEN a.kind IN ('everyone', 'signed-in') OR a.kind = 'below' AND "
                   "EXISTS (SELECT 1 FROM portico_account c WHERE c.parent = a.account) "
                   "THEN 1 ELSE 0 END) AS others FROM %s t "
                   "LEFT JOIN portico_audience a ON a.id = t.audience "
                   "LEFT JOIN portico_audience_person p ON p.id = t.audience "
                   "GROUP BY coalesce(a.kind, CASE WHEN p.id IS NULL THEN 'by-name' ELSE 'person' "
                   "END)",
        table);
    if (!sql)
        return PORTICO_ENOMEM;
    int code = store_query(exposure->session, sql, NULL, 0, &rows, &exposure->error);
    if (code < 0)
        return code;
    if (rows->count == 0)
        add_line(exposure, arena_printf(exposure->arena, "rows %s" REACHED_BY "none", table));
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        add_line(exposure, arena_printf(exposure->arena, "rows %s %s" REACHED_BY "%lld", table,
                                        cells[0].text, (long long)cells[1].integer));
        others += cells[2].integer;
    }
    if (others)
        add_line(exposure,
                 arena_printf(exposure->arena, "rows %s another-account" REACHED_BY "%" PRId64,
                              table, others));
    return 0;
}

static int add_tables(struct exposure *exposure)
{
    const char *const *tables = store_shown_tables(exposure->session);
    if (!tables)
        return error_set(&exposure->error, PORTICO_EFAULT,
                         "The schema of the database cannot be read: `portico check` says more.");
    int code = 0;
    for (; code == 0 && *tables; tables++)
        if (strncmp(*tables, "portico_count", 13) != 0)
            code = add_rows(exposure, *tables);
    return code;
}

static gint by_text(gconstpointer one, gconstpointer other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* ---- what became more ---- */

/* What a line is about, without what may change of it: "route PATTERN METHOD", "rows TABLE KIND",
 * "permission NAME". */
static char *subject_of(const char *line)
{
    const char *end = g_strrstr(line, REACHED_BY);
    if (end && g_str_has_prefix(line, "route ")) {
        const char *method = strchr(line + 6, ' ');
        const char *kind = method && method < end ? strchr(method + 1, ' ') : NULL;
        end = kind && kind < end ? kind : end;
    }
    return end ? g_strndup(line, (gsize)(end - line)) : g_strdup(line);
}

static const char *reached_by(const char *line)
{
    const char *end = g_strrstr(line, REACHED_BY);
    return end ? end + strlen(REACHED_BY) : "";
}

static bool is_more(const struct exposure *exposure, const char *before, const char *now)
{
    char **words = g_strsplit(reached_by(now), " ", -1);
    bool more = false;
    for (char **word = words; *word; word++)
        more |= **word && !covers(exposure, before ? reached_by(before) : "", *word);
    g_strfreev(words);
    return more;
}

/* How many rows there are is no matter; that there are some for another audience is. */
static bool is_same(const char *before, const char *now)
{
    return strcmp(before, now) == 0 || g_str_has_prefix(now, "rows ");
}

static void compare_line(struct exposure *exposure, GHashTable *before, const char *line)
{
    char *subject = subject_of(line);
    const char *old = g_hash_table_lookup(before, subject);
    const bool none = g_str_has_suffix(line, REACHED_BY "none");
    if (!old || !is_same(old, line)) {
        const bool more = !none && is_more(exposure, old, line);
        exposure->grew |= more;
        if (old)
            printf("- %s\n", old);
        printf("+ %s%s\n", line, more ? "  (more)" : "");
    }
    g_hash_table_remove(before, subject);
    g_free(subject);
}

static int compare(struct exposure *exposure, const char *file)
{
    char *text;
    GError *fault = NULL;
    if (!g_file_get_contents(file, &text, NULL, &fault)) {
        error_set(&exposure->error, PORTICO_EIO,
                  "%s. Name a file that `portico exposure` was written to.", fault->message);
        g_error_free(fault);
        return PORTICO_EIO;
    }
    GHashTable *before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (**line && **line != '#')
            g_hash_table_insert(before, subject_of(*line), *line);
    for (guint i = 0; i < exposure->lines->len; i++)
        compare_line(exposure, before, exposure->lines->pdata[i]);
    for (char **line = lines; *line; line++) {
        char *subject = subject_of(*line);
        if (g_hash_table_remove(before, subject))
            printf("- %s\n", *line);
        g_free(subject);
    }
    g_strfreev(lines);
    g_hash_table_destroy(before);
    g_free(text);
    return 0;
}

/* ---- the answer ---- */

static void print_json(struct exposure *exposure, const char *line)
{
    static const char *const names[][4] = { { "route", "method", "kind", "permission" },
                                            { "permission" },
                                            { "table", "audience" } };
    struct value *shown = value_new(exposure->arena, PORTICO_OBJECT);
    char *about = g_strndup(line, (gsize)(reached_by(line) - line) - strlen(REACHED_BY));
    char **words = g_strsplit(about, " ", -1), **who = g_strsplit(reached_by(line), " ", -1);
    const bool rows = strcmp(words[0], "rows") == 0;
    const char *const *name = names[rows ? 2 : strcmp(words[0], "permission") == 0];
    for (char **word = words + 1; shown && *word; word++)
        value_set_text(shown, *name++, *word);
    if (rows)
        value_set_integer(shown, "rows", g_ascii_strtoll(who[0], NULL, 10));
    struct portico_value *list = rows ? NULL : portico_set_list(value_public(shown), "roles");
    for (char **word = who; list && *word; word++)
        if (**word)
            portico_append_text(list, *word);
    if (shown)
        cli_print_json(shown);
    g_strfreev(words);
    g_strfreev(who);
    g_free(about);
}

static int look(struct exposure *exposure)
{
    exposure->arena = arena_new(0);
    exposure->session = exposure->arena ? store_session_new(exposure->room.store, exposure->arena,
                                                            &store_viewer_host, "core")
                                        : NULL;
    if (!exposure->session)
        return error_set(&exposure->error, PORTICO_ENOMEM, "Memory ended.");
    registry_declare(exposure->room.registry, exposure->room.identity);
    int code = identity_roles_take(exposure->room.identity, exposure->session, -1, &exposure->roles,
                                   &exposure->error);
    if (code < 0)
        return code;
    add_permissions(exposure);
    add_routes(exposure);
    code = add_tables(exposure);
    if (code == 0 && exposure->memory)
        code = error_set(&exposure->error, PORTICO_ENOMEM, "Memory ended.");
    g_ptr_array_sort(exposure->lines, by_text);
    return code;
}

static int print(struct exposure *exposure)
{
    const char *old = cli_value(exposure->call, "diff");
    if (old)
        return compare(exposure, old);
    for (guint i = 0; i < exposure->lines->len; i++)
        if (cli_value(exposure->call, "json"))
            print_json(exposure, exposure->lines->pdata[i]);
        else
            printf("%s\n", (const char *)exposure->lines->pdata[i]);
    return 0;
}

static int run(const struct cli_call *call)
{
    struct exposure exposure = { .call = call, .error = PORTICO_ERROR_INIT };
    if (cli_value(call, "diff") && cli_value(call, "json")) {
        fputs("portico exposure: say one of --diff and --json.\n", stderr);
        return CLI_USAGE;
    }
    exposure.lines = g_ptr_array_new();
    int exit = alone_open(call, "exposure", &exposure.room);
    if (exit == 0 && (look(&exposure) < 0 || print(&exposure) < 0))
        exit = cli_fail(call, &exposure.error);
    if (exit == 0 && exposure.grew)
        exit = CLI_FAILED;
    identity_roles_drop(exposure.roles);
    store_session_end(exposure.session);
    arena_free(exposure.arena);
    alone_close(&exposure.room);
    g_ptr_array_free(exposure.lines, TRUE);
    return exit;
}

static const struct cli_option options[] = {
    { "diff", "OLD", "A file of an earlier time: what was added and removed since." },
    { "json", NULL, "One JSON object a line." },
};

const struct cli_command cli_exposure = {
    .name = "exposure",
    .summary = "list what everyone, each role and each kind of audience can reach",
    .arguments = "",
    .description =
        "A line for each permission and route, with the roles that reach it, and for each table "
        "with an audience, with how many rows each kind of audience is shown. The order is stable, "
        "so that what is kept in a file can be held against what is now.\n\n"
        "“everyone” are all who ask, “member” all who are signed in, also those who belong to no "
        "company; whoever holds a role in a company reaches its routes while they act there, and "
        "of rows those of that company. A wider role stands for those within it. “another-account” "
        "counts the rows of a table that members of another company see too.\n\n"
        "With --diff it prints what was added (+) and removed (-), and exits with 1 if somebody "
        "reaches more than before: lines marked (more).",
    CLI_OPTIONS(options),
    .run = run,
};
