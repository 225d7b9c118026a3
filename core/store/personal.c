#include "store/personal_shape.h"

#include "base/error.h"
#include "store/owner.h"
#include "store/script.h"
#include "store/statement.h"

/* Where .people is "", nothing becomes another's when two people become one: proofs and records
 * stay as they were written, what somebody signs in with ends, and what rights hang on is put
 * together at once, by core/identity/merge.c. */
const struct portico_personal_table personal_core[] = {
    { .table = "portico_event",
      .title = "What you did",
      .erase = PORTICO_ERASE_COLUMNS,
      .people = "person",
      .match = "person = ? AND NOT EXISTS (SELECT 1 FROM portico_job j "
               "WHERE j.person = portico_event.person AND j.state < 2)",
      .columns = "type source subject time account data",
      .cleared = "person data" },
    { .table = "portico_job",
      .title = "Work done for you",
      .erase = PORTICO_ERASE_ROWS,
      .people = "person",
      .match = "person = ? AND state >= 2",
      .columns = "module name created finished arguments" },
    { .table = "portico_scenario_pass",
      .title = "Steps you passed",
      .erase = PORTICO_ERASE_ROWS,
      .match = "run IN (SELECT r.id FROM portico_scenario_run r WHERE r.person = ?)",
      .columns = "run step time" },
    { .table = "portico_scenario_run",
      .title = "What you set out to do",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "id module scenario account started finished" },
    { .table = "portico_personal_request",
      .title = "Requests about your data",
      .erase = PORTICO_ERASE_KEEP,
      .people = "",
      .person = "person",
      .columns = "id kind requested finished",
      .reason = /* translated */ "The proof that the request was met." },
    { .table = "portico_audit",
      .title = "What was done that bears on security",
      .erase = PORTICO_ERASE_KEEP,
      .people = "",
      .match = "? IN (actor, acted_as, person)",
      .columns = "number time:time kind",
      .reason = /* translated */ "Numbers without names, kept so that nobody can hide an act." },
    { .table = "portico_audit_chain", .reason = "Where the audit log stands, no people." },
    { .table = "portico_schema_image", .reason = "How the tables are made, no rows of them." },
    { .table = "portico_session",
      .title = "Where you are signed in",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id created:time last_seen:time expires:time agent network "
                 "carried" },
    { .table = "portico_look",
      .title = "Where you looked as staff",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "asker",
      .columns = "account valid_until:time" },
    { .table = "portico_device",
      .title = "Devices you signed in with",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id created:time last_seen:time trusted:time" },
    { .table = "portico_verified",
      .title = "Your name in another directory",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "name" },
    { .table = "portico_app",
      .title = "Your authenticator app",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "confirmed:time" },
    { .table = "portico_recovery",
      .title = "Your recovery codes",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "made:time used:time" },
    { .table = "portico_passkey",
      .title = "Your passkeys",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id name created:time used:time" },
    { .table = "portico_api_token",
      .title = "Your access tokens",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id name account:id scopes created:time expires:time used:time" },
    { .table = "portico_challenge", .reason = "Keyed sums, for ten minutes." },
    { .table = "portico_half",
      .title = "Sign-ins you began",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "expires:time carried" },
    { .table = "portico_link",
      .title = "Links sent to you",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id purpose address created:time expires:time used:time" },
    { .table = "portico_membership_role",
      .title = "Your roles",
      .erase = PORTICO_ERASE_ROWS,
      .match = "membership IN (SELECT m.id FROM portico_membership m WHERE m.person = ?)",
      .columns = "membership role" },
    { .table = "portico_membership_review",
      .title = "Companies below yours that looked at your access",
      .erase = PORTICO_ERASE_ROWS,
      .match = "membership IN (SELECT m.id FROM portico_membership m WHERE m.person = ?)",
      .columns = "membership account reviewed:time" },
    { .table = "portico_membership",
      .title = "The accounts you belong to",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id account title source valid_from:time valid_until:time created:time" },
    { .table = "portico_invitation",
      .title = "Invitations into companies",
      .erase = PORTICO_ERASE_ROWS,
      .match = "address_key IN (SELECT a.address_key FROM portico_address a WHERE a.person = ? "
               "AND a.verified IS NOT NULL)",
      .columns = "account address name title roles created:time expires:time" },
    { .table = "portico_asking",
      .title = "What you asked to be allowed",
      .erase = PORTICO_ERASE_ROWS,
      .people = "person answerer",
      .person = "person",
      .columns = "account permission path words asked:time answered:time role" },
    { .table = "portico_delegation",
      .title = "Partners you let act for a company",
      .erase = PORTICO_ERASE_COLUMNS,
      .person = "giver",
      .columns = "account partner reason valid_until:time created:time accepted:time",
      .cleared = "giver" },
    { .table = "portico_delegation_role", .reason = "Roles of companies, no people." },
    { .table = "portico_account_domain", .reason = "Domains of companies, no people." },
    { .table = "portico_account_team",
      .title = "The companies you look after",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "account role phone created:time" },
    { .table = "portico_account_contact",
      .title = "What your companies name you for",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "account role" },
    { .table = "portico_account_use",
      .title = "The accounts you acted in",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "account used:time" },
    { .table = "portico_team_member",
      .title = "Your teams",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "team" },
    { .table = "portico_grant",
      .title = "What was shared with you by name",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "relation object given:time" },
    { .table = "portico_address",
      .title = "Your addresses",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "id:id address verified:time main:boolean created:time" },
    { .table = "portico_person",
      .title = "Your profile",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      /* By the key and an index, which "? IN (id, merged_into)" would not use. */
      .match = "id IN (SELECT p.id FROM (SELECT CAST(? AS bigint) AS one) who "
               "JOIN portico_person p ON p.id = who.one OR p.merged_into = who.one)",
      .columns = "id:id handle name locale timezone state external password_changed:time "
                 "created:time last_sign_in:time" },
    { .table = "portico_guess", .reason = "Keyed sums of what was tried, for two hours." },
    { .table = "portico_follow",
      .title = "What you follow",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "module subject level changed:time" },
    /* Not its words: they are of others, of what one may not see any more. */
    { .table = "portico_notice",
      .title = "What you were told, and others of you",
      .erase = PORTICO_ERASE_ROWS,
      .people = "person actor",
      .match = "? IN (person, actor)",
      .columns = "module kind subject changed:time" },
    { .table = "portico_notice_choice",
      .title = "What you chose to be told",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "module kind on_page:boolean by_mail:boolean" },
    { .table = "portico_notice_withdrawn", .reason = "Subjects, no people." },
    { .table = "portico_limit", .reason = "Hashes, removed within days." },
    { .table = "portico_draft",
      .title = "What you wrote and did not send",
      .erase = PORTICO_ERASE_ROWS,
      .people = "person",
      .person = "person",
      .time = "updated",
      .merge = PORTICO_MERGE_LATER,
      .columns = "module form subject content updated" },
    { .table = "portico_sent",
      .title = "Forms you sent lately",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "location created" },
    { .table = "portico_file",
      .title = "Files you sent",
      .erase = PORTICO_ERASE_COLUMNS,
      .person = "person",
      .columns = "id name media_type bytes subject created",
      .cleared = "person name" },
    { .table = "portico_document", .reason = "Modules remove what they put in." },
    { .table = "portico_account", .reason = "Companies, no people." },
    { .table = "portico_account_above", .reason = "Companies, no people." },
    { .table = "portico_account_external", .reason = "Companies, no people." },
    { .table = "portico_account_fact", .reason = "Companies, no people." },
    { .table = "portico_role", .reason = "Kinds of members, no people." },
    { .table = "portico_role_rule", .reason = "Kinds of members, no people." },
    { .table = "portico_rights", .reason = "One number." },
    { .table = "portico_team", .reason = "Names of groups; who is in them goes." },
    { .table = "portico_audience", .reason = "Kinds of viewers, no people." },
    { .table = "portico_audience_person",
      .title = "The companies in which something is for you alone",
      .erase = PORTICO_ERASE_ROWS,
      .people = "",
      .person = "person",
      .columns = "account" },
    { .table = "portico_count", .reason = "Numbers of rows." },
    { .table = "portico_count_change", .reason = "Numbers of rows." },
    { .table = "portico_edition", .reason = "One number." },
    { .table = "portico_schedule", .reason = "When jobs are due." },
};
const size_t personal_core_count = G_N_ELEMENTS(personal_core);

/* Own names for the types, so that ids, times and truths can be told from numbers. */
static const struct {
    const char *token, *type;
} tokens[] = {
    { "{id}", "ID" },
    { "{time}", "TIME" },
    { "{boolean}", "BOOLEAN" },
    { "{json}", "JSON" },
};

static char *with_types(const char *text)
{
    char *result = g_strdup(text);
    for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++) {
        char **parts = g_strsplit(result, tokens[i].token, -1);
        g_free(result);
        result = g_strjoinv(tokens[i].type, parts);
        g_strfreev(parts);
    }
    return result;
}

static int run_file(const char *file, const char *text, void *data, struct portico_error *error)
{
    static const enum store_kind kinds[] = { STORE_POSTGRES, STORE_SQLITE };
    struct personal_shape *shape = data;
    char *script = NULL, *typed = with_types(text);
    int code = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds) && code == 0; i++) {
        g_free(script);
        script = NULL;
        code = script_expand(file, typed, kinds[i], &script, error);
        if (code == 0)
            code = owner_check_script(shape->module, file, script, NULL, NULL, error);
    }
    for (const char *at = script; code == 0 && *at;) {
        const char *from = at;
        char *statement = script_next(&at, true);
        if (statement && sqlite3_exec(shape->db, statement, NULL, NULL, NULL) != SQLITE_OK)
            code = error_set(error, PORTICO_EINVAL,
                             "%s:%u: The database refused the statement (%s). Mend it; what only "
                             "one database understands stands in a section for each.",
                             file, script_line(script, from, sqlite3_error_offset(shape->db)),
                             sqlite3_errmsg(shape->db));
        g_free(statement);
    }
    g_free(script);
    g_free(typed);
    return code;
}

/* Texts are NULL when memory ends: a table that is not seen would pass every check. */
static int read_column(struct personal_table *table, sqlite3_stmt *row)
{
    const char *name = (const char *)sqlite3_column_text(row, 0);
    const char *type = (const char *)sqlite3_column_text(row, 1);
    if (!name || !type)
        return SQLITE_NOMEM;
    struct personal_column column = {
        .name = g_ascii_strdown(name, -1),
        .type = g_ascii_strup(type, -1),
        .required = sqlite3_column_int(row, 2) != 0,
        .key = sqlite3_column_int(row, 3) != 0,
        .primary = sqlite3_column_int(row, 3) != 0,
    };
    g_array_append_val(table->columns, column);
    return SQLITE_OK;
}

static void table_free(void *data)
{
    struct personal_table *table = data;
    for (guint i = 0; i < table->columns->len; i++) {
        g_free(g_array_index(table->columns, struct personal_column, i).name);
        g_free(g_array_index(table->columns, struct personal_column, i).type);
    }
    g_array_free(table->columns, TRUE);
    g_free(table->name);
    g_free(table);
}

/* Columns of unique indexes cannot all become the same. */
static int note_keys(struct personal_table *table, sqlite3_stmt *row)
{
    if (sqlite3_column_type(row, 0) == SQLITE_NULL) /* an expression */
        return SQLITE_OK;
    const char *name = (const char *)sqlite3_column_text(row, 0);
    if (!name)
        return SQLITE_NOMEM;
    struct personal_column *column = personal_column(table, name);
    if (column)
        column->key = true;
    return SQLITE_OK;
}

/* Every row of what SQLite says about a table. */
static int read_about(struct personal_shape *shape, struct personal_table *table, const char *sql,
                      int (*take)(struct personal_table *table, sqlite3_stmt *row))
{
    sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(shape->db, sql, -1, &rows, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(rows, 1, table->name, -1, SQLITE_STATIC);
    while (result == SQLITE_OK && (result = sqlite3_step(rows)) == SQLITE_ROW)
        result = take(table, rows);
    sqlite3_finalize(rows);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int read_table(struct personal_shape *shape, const char *name)
{
    if (!name)
        return SQLITE_NOMEM;
    struct personal_table *table = g_new0(struct personal_table, 1);
    table->name = g_ascii_strdown(name, -1);
    table->columns = g_array_new(FALSE, FALSE, sizeof(struct personal_column));
    g_ptr_array_add(shape->tables, table);
    int result = read_about(
        shape, table, "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?)", read_column);
    if (result != SQLITE_OK)
        return result;
    return read_about(shape, table,
                      "SELECT c.name FROM pragma_index_list(?) i, pragma_index_info(i.name) c "
                      "WHERE i.\"unique\"",
                      note_keys);
}

static int read_tables(struct personal_shape *shape, struct portico_error *error)
{
    sqlite3_stmt *names = NULL;
    int result = sqlite3_prepare_v2(shape->db,
                                    "SELECT name FROM pragma_table_list WHERE schema = 'main' "
                                    "AND type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
                                    -1, &names, NULL);
    while (result == SQLITE_OK && (result = sqlite3_step(names)) == SQLITE_ROW)
        result = read_table(shape, (const char *)sqlite3_column_text(names, 0));
    sqlite3_finalize(names);
    if (result == SQLITE_DONE)
        return 0;
    return error_set(error, result == SQLITE_NOMEM ? PORTICO_ENOMEM : PORTICO_EIO,
                     "The tables of module %s could not be listed: %s.", shape->module,
                     sqlite3_errstr(result));
}

int personal_shape_new(const struct migrate_source *source, struct personal_shape **ret_shape,
                       struct portico_error *error)
{
    struct personal_shape *shape = g_new0(struct personal_shape, 1);
    shape->module = g_strdup(source->module);
    shape->tables = g_ptr_array_new_with_free_func(table_free);
    int code = 0;
    if (sqlite3_open(":memory:", &shape->db) != SQLITE_OK)
        code = error_set(error, PORTICO_ENOMEM, "Memory ended for the tables of module %s.",
                         source->module);
    if (code == 0)
        code = migrate_read(source, run_file, shape, error);
    if (code == 0)
        code = read_tables(shape, error);
    if (code < 0) {
        personal_shape_free(shape);
        return code;
    }
    *ret_shape = shape;
    return 0;
}

void personal_shape_free(struct personal_shape *shape)
{
    if (!shape)
        return;
    g_ptr_array_free(shape->tables, TRUE);
    sqlite3_close(shape->db);
    g_free(shape->module);
    g_free(shape);
}

struct personal_table *personal_table(const struct personal_shape *shape, const char *name)
{
    for (guint i = 0; i < shape->tables->len; i++) {
        struct personal_table *table = shape->tables->pdata[i];
        if (g_ascii_strcasecmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

struct personal_column *personal_column(const struct personal_table *table, const char *name)
{
    for (guint i = 0; i < table->columns->len; i++) {
        struct personal_column *column = &g_array_index(table->columns, struct personal_column, i);
        if (g_ascii_strcasecmp(column->name, name) == 0)
            return column;
    }
    return NULL;
}
