/* Tests of full-text search on both databases. */
#include "search/search.h"
#include "../store/database.h"

#include <sqlite3.h>

static void add(struct database *database, int64_t id, int64_t audience, const char *title,
                const char *body)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_document document = { .size = sizeof document,
                                         .kind = "topic",
                                         .id = id,
                                         .audience = audience,
                                         .time = id,
                                         .title = title,
                                         .body = body,
                                         .url = "/topic/1",
                                         .locale = "en" };
    database_must(search_index(database->session, "communities", &document, &error), &error);
}

static struct value *find(struct database *database, const char *text)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_search_query query = { .size = sizeof query, .limit = 20, .text = text };
    struct value *hits = NULL;
    database_must(search_query(database->session, "communities", &query, &hits, &error), &error);
    return hits;
}

static int64_t first(struct database *database, const char *text)
{
    struct value *hits = find(database, text);
    return hits->count ? value_get(value_at(hits, 0), TEXT("id"))->integer : 0;
}

static void words_phrases_and_beginnings_find_documents(gconstpointer kind)
{
    struct database database;
    if (!database_with_core(&database, kind))
        return;
    add(&database, 1, 1, "Loading a module", "The loader verifies a copy of the file.");
    add(&database, 2, 1, "Slow queries", "Add an index. The copy verifies nothing.");
    add(&database, 3, 1, "Grüße", "Straße und Café");
    g_assert_cmpint(first(&database, "loader"), ==, 1);
    g_assert_cmpint(first(&database, "LOADER file"), ==, 1);
    g_assert_cmpint(first(&database, "load"), ==, 1);
    g_assert_cmpint(first(&database, "verif"), !=, 0);
    g_assert_cmpint(first(&database, "\"verifies nothing\""), ==, 2);
    g_assert_cmpuint(find(&database, "\"nothing verifies\"")->count, ==, 0);
    g_assert_cmpuint(find(&database, "loader index")->count, ==, 0);
    g_assert_cmpuint(find(&database, "verifies")->count, ==, 2);
    g_assert_cmpint(first(&database, "Grüße"), ==, 3);
    database_free(&database);
}

static void a_word_in_the_title_ranks_first(gconstpointer kind)
{
    struct database database;
    if (!database_with_core(&database, kind))
        return;
    add(&database, 1, 1, "Something else",
        "Here the migration is mentioned once among other words.");
    add(&database, 2, 1, "Migration", "How a schema changes over time, one file after the other.");
    add(&database, 3, 1, "Other matters",
        "A migration again, among many other words that stand here.");
    g_assert_cmpint(first(&database, "migration"), ==, 2);
    g_assert_cmpuint(find(&database, "migration")->count, ==, 3);
    database_free(&database);
}

static void excerpts_escape_the_text_and_mark_the_words(gconstpointer kind)
{
    struct database database;
    if (!database_with_core(&database, kind))
        return;
    add(&database, 1, 1, "Escaping", "A needle in <script>alert(1)</script> & more \x01 hay.");
    struct value *row = value_at(find(&database, "needle"), 0);
    struct value *excerpt = value_get(row, TEXT("excerpt"));
    g_assert_cmpuint(excerpt->kind, ==, PORTICO_HTML);
    g_assert_nonnull(strstr(excerpt->text, "<mark>needle</mark>"));
    g_assert_null(strstr(excerpt->text, "<script"));
    g_assert_cmpuint(value_get(row, TEXT("time"))->kind, ==, PORTICO_TIME);
    g_assert_cmpstr(value_get(row, TEXT("module"))->text, ==, "communities");
    database_free(&database);
}

static void only_the_viewers_audiences_are_found(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_with_core(&database, kind))
        return;
    add(&database, 1, 1, "public secret", "x");
    add(&database, 2, 3, "staff secret", "x");
    g_assert_cmpuint(find(&database, "secret")->count, ==, 1);
    static const int64_t audiences[] = { 1, 2, 3 };
    const struct store_viewer staff = { .audiences = audiences, .audience_count = 3 };
    struct store_session *session =
        store_session_new(database.store, database.arena, &staff, "core");
    struct portico_search_query query = { .size = sizeof query, .limit = 20, .text = "secret" };
    struct value *hits;
    database_must(search_query(session, NULL, &query, &hits, &error), &error);
    g_assert_cmpuint(hits->count, ==, 2);
    store_session_end(session);
    database_free(&database);
}

static void indexing_again_replaces_and_removing_forgets(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_with_core(&database, kind))
        return;
    add(&database, 1, 1, "zebra", "old");
    add(&database, 1, 1, "giraffe", "new");
    g_assert_cmpuint(find(&database, "zebra")->count, ==, 0);
    g_assert_cmpuint(find(&database, "giraffe")->count, ==, 1);
    database_must(store_begin(database.session, &error), &error);
    database_must(search_remove(database.session, "communities", "topic", 1, &error), &error);
    store_rollback(database.session);
    g_assert_cmpuint(find(&database, "giraffe")->count, ==, 1);
    database_must(search_remove(database.session, "communities", "topic", 1, &error), &error);
    g_assert_cmpuint(find(&database, "giraffe")->count, ==, 0);
    database_must(search_remove(database.session, "communities", "topic", 1, &error), &error);
    database_free(&database);
}

static void no_input_is_an_error(gconstpointer kind)
{
    static const char *const inputs[] = {
        "",           " ",          "\"",
        "\"\"",       "\"a",        "a\"",
        "AND",        "OR NOT",     "NEAR(a b)",
        "a*",         "*",          "title:x",
        "-a",         "^a",         "(",
        ")",          "a & b | !c", "'",
        "\\",         "a:*",        "<->",
        "{x}",        "\xff\xfe",   "?",
        "a ? b",      ";--",        "the",
        "\"the of\"", "日本語",     "\xF0\x9F\x98\x80",
        "é",          "\xCC\x81",   "x\x01y",
        "1 2 3",      "a_b",        "a.b-c/d",
        "Ⅷ ² ½",      "ﷺ",          "\"a\" \"b\" c\"d",
    };
    struct database database;
    if (!database_with_core(&database, kind))
        return;
    add(&database, 1, 1, "a b c", "x y z");
    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++)
        g_assert_nonnull(find(&database, inputs[i]));
    GRand *random = g_rand_new_with_seed(1);
    for (int round = 0; round < 300; round++) {
        char text[40];
        int length = g_rand_int_range(random, 1, 39);
        for (int i = 0; i < length; i++)
            text[i] = g_rand_boolean(random) ? "ab\"*:()&|!'- \\<"[g_rand_int_range(random, 0, 15)]
                                             : (char)g_rand_int_range(random, 1, 256);
        text[length] = '\0';
        g_assert_nonnull(find(&database, text));
    }
    g_rand_free(random);
    char *many = g_strnfill(5000, 'a');
    for (size_t i = 1; i < 5000; i += 2)
        many[i] = ' ';
    g_assert_nonnull(find(&database, many));
    g_free(many);
    database_free(&database);
}

/* Of how many parts SQLite's index is. */
static int parts_of(const struct database *database)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *count = NULL;
    g_assert_cmpint(
        sqlite3_open_v2(database->url + strlen("sqlite:"), &db, SQLITE_OPEN_READWRITE, NULL), ==,
        SQLITE_OK);
    g_assert_cmpint(sqlite3_prepare_v2(db,
                                       "SELECT count(DISTINCT segid) FROM "
                                       "portico_document_words_idx",
                                       -1, &count, NULL),
                    ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_step(count), ==, SQLITE_ROW);
    int parts = sqlite3_column_int(count, 0);
    sqlite3_finalize(count);
    sqlite3_close(db);
    return parts;
}

/* With words of its own, so that the parts have more than a page each. */
static void add_some(struct database *database, int64_t from, int64_t to)
{
    for (int64_t id = from; id < to; id++) {
        GString *body = g_string_new("harbour");
        for (int64_t word = 0; word < 40; word++)
            g_string_append_printf(body, " w%" G_GINT64_FORMAT, id * 7919 + word * 104729);
        add(database, id, 1, "Document", body->str);
        g_string_free(body, TRUE);
    }
}

static void the_parts_of_the_index_become_one_step_by_step(gconstpointer kind)
{
    struct database database;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!database_with_core(&database, kind))
        return;
    bool more = true;
    unsigned steps = 0;
    add_some(&database, 1, 150);
    bool lite = database.kind == STORE_SQLITE;
    g_assert_true(!lite || parts_of(&database) > 1);
    for (; more; steps++) {
        database_must(search_tidy(database.session, 4, steps == 0, &more, &error), &error);
        /* Others write between two steps, and all is found in the middle of it. */
        if (steps == 1)
            add_some(&database, 150, 152);
        g_assert_cmpuint(find(&database, "harbour")->count, ==, 20);
        g_assert_cmpuint(steps, <, 1000);
    }
    g_assert_cmpuint(steps, >, lite ? 4 : 0);
    g_assert_true(!lite || parts_of(&database) <= 3);
    g_assert_cmpuint(find(&database, "w1179931")->count, ==, 1); /* 149's */
    for (more = true, steps = 0; more; steps++)
        database_must(search_tidy(database.session, 1000, true, &more, &error), &error);
    g_assert_true(!lite || parts_of(&database) == 1);
    g_assert_cmpuint(steps, <=, 3);
    add(&database, 149, 1, "Another", "quay");
    g_assert_cmpuint(find(&database, "w1179931")->count, ==, 0);
    g_assert_cmpint(first(&database, "quay"), ==, 149);
    database_free(&database);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("search", words_phrases_and_beginnings_find_documents);
    DATABASE_TEST("search", a_word_in_the_title_ranks_first);
    DATABASE_TEST("search", excerpts_escape_the_text_and_mark_the_words);
    DATABASE_TEST("search", only_the_viewers_audiences_are_found);
    DATABASE_TEST("search", indexing_again_replaces_and_removing_forgets);
    DATABASE_TEST("search", no_input_is_an_error);
    DATABASE_TEST("search", the_parts_of_the_index_become_one_step_by_step);
    return g_test_run();
}
