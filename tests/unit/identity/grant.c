/* Rows shown to named people: who gives, who takes, and what raises whose rights. */
#include "identity/grant.h"

#include "identity/account.h"
#include "identity/member.h"
#include "people.h"

#include <pthread.h>
#include <sqlite3.h>

#define TABLES                                                                                     \
    "CREATE TABLE shop_note (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL,\n"            \
    "    granted {boolean} NOT NULL,\n    title {text}\n);\n"                                      \
    "CREATE TABLE shop_plain (\n    id {id} PRIMARY KEY,\n    audience {id} NOT NULL\n);\n"

/* Notes 1 and 2 of a shop, which nobody sees, and three people. */
struct shop {
    struct people people;
    int64_t dana, ben, eve;
    int64_t account; /* in which they share; 0: none */
};

static const struct identity_object first = { "shop_note", 1 };
static const struct identity_object second = { "shop_note", 2 };

static bool shop_new(struct shop *shop, gconstpointer kind)
{
    static const char insert[] = "{unfiltered a test} INSERT INTO shop_note "
                                 "(id, audience, granted, title) VALUES (?, 4, ?, 'a note')";
    if (!people_new(&shop->people, kind))
        return false;
    people_must(&shop->people,
                database_try_migrate(&shop->people.database, "shop", "0001-tables.before.sql",
                                     TABLES, MIGRATE_BEFORE, &shop->people.error));
    shop->dana = people_add(&shop->people, "Dana", "dana@harbour.example", 0);
    shop->ben = people_add(&shop->people, "Ben", "ben@mill.example", 0);
    shop->eve = people_add(&shop->people, "Eve", "eve@mill.example", 0);
    for (int64_t id = 1; id <= 2; id++)
        database_execute(&shop->people.database, insert,
                         PORTICO_ARGS(portico_arg_id(id), portico_arg_boolean(0)));
    return true;
}

static int put(struct shop *shop, const struct identity_object *object, const int64_t *people,
               size_t count, int64_t giver)
{
    const struct identity_act act = { .actor = giver,
                                      .account = shop->account,
                                      .origin = "portal" };
    return identity_grants_put(people_session(&shop->people), object, people, count, &act,
                               &shop->people.error);
}

static void give(struct shop *shop, const struct identity_object *object, int64_t person)
{
    people_must(&shop->people, identity_grant_give(people_session(&shop->people), object, person,
                                                   shop->eve, &shop->people.error));
}

static void take(struct shop *shop, const struct identity_object *object, int64_t person)
{
    people_must(&shop->people, identity_grant_take(people_session(&shop->people), object, person,
                                                   &shop->people.error));
}

static int64_t rights(struct shop *shop, int64_t person)
{
    return people_look(&shop->people, person).rights;
}

/* How many rows they are shown by name. */
static int64_t granted(struct shop *shop, int64_t person)
{
    char *sql = g_strdup_printf("SELECT count(*) FROM portico_grant WHERE person = %lld",
                                (long long)person);
    const int64_t count = database_integer(&shop->people.database, sql);
    g_free(sql);
    return count;
}

static int64_t marked(struct shop *shop)
{
    return database_integer(&shop->people.database,
                            "{unfiltered a test} SELECT count(*) FROM shop_note WHERE granted");
}

static void given_and_taken_it_raises_the_rights_of_that_person_once_each(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    int64_t danas = rights(&shop, shop.dana), bens = rights(&shop, shop.ben);
    give(&shop, &first, shop.dana);
    give(&shop, &first, shop.dana);
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas + 1);
    g_assert_cmpint(marked(&shop), ==, 1);
    give(&shop, &first, shop.ben);
    take(&shop, &first, shop.dana);
    take(&shop, &first, shop.dana);
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas + 2);
    g_assert_cmpint(rights(&shop, shop.ben), ==, bens + 1);
    g_assert_cmpint(marked(&shop), ==, 1);
    take(&shop, &first, shop.ben);
    g_assert_cmpint(marked(&shop), ==, 0);
    people_free(&shop.people);
}

static void the_list_names_who_has_it_and_from_whom(gconstpointer kind)
{
    struct shop shop;
    struct value *rows;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    give(&shop, &first, shop.ben);
    give(&shop, &second, shop.ben);
    people_must(&shop.people,
                identity_grants(people_session(&shop.people), &first, &rows, &shop.people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpint(value_rows_at(rows, 0)[0].integer, ==, shop.ben);
    g_assert_cmpstr(value_rows_at(rows, 1)[2].text, ==, "Dana");
    g_assert_cmpint(value_rows_at(rows, 1)[3].integer, ==, shop.eve);
    g_assert_cmpint(granted(&shop, shop.ben), ==, 2);
    people_free(&shop.people);
}

static void put_leaves_exactly_the_people_named(gconstpointer kind)
{
    struct shop shop;
    struct value *rows;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    int64_t danas = rights(&shop, shop.dana), bens = rights(&shop, shop.ben);
    const int64_t both[] = { shop.dana, shop.ben };
    people_must(&shop.people, put(&shop, &first, both, 2, 0));
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas);
    g_assert_cmpint(rights(&shop, shop.ben), ==, bens + 1);
    people_must(&shop.people, put(&shop, &first, both + 1, 1, 0));
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas + 1);
    people_must(&shop.people,
                identity_grants(people_session(&shop.people), &first, &rows, &shop.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&shop.people, put(&shop, &first, NULL, 0, 0));
    g_assert_cmpint(marked(&shop), ==, 0);
    people_free(&shop.people);
}

static void open_account(struct shop *shop, int64_t member)
{
    const struct identity_new_account made = { .name = "Mill" };
    struct store_session *session = people_session(&shop->people);
    struct portico_error *error = &shop->people.error;
    people_must(&shop->people, identity_account_make(session, &made, &shop->account, error));
    const struct identity_new_member joined = { .account = shop->account,
                                                .person = member,
                                                .source = "invited" };
    int64_t id = 0;
    people_must(&shop->people, identity_member_add(session, &joined, &id, error));
}

static void each_change_of_whom_a_row_is_shared_with_is_recorded(gconstpointer kind)
{
    static const struct identity_audit_filter grants = { .kind = "grant." };
    struct shop shop;
    struct value *rows;
    if (!shop_new(&shop, kind))
        return;
    /* Named twice it is one change; once more it is none. */
    const int64_t people[] = { shop.dana, shop.dana }, other[] = { shop.ben };
    open_account(&shop, shop.ben);
    people_must(&shop.people, put(&shop, &first, people, 2, shop.eve));
    people_must(&shop.people, put(&shop, &first, people, 1, shop.eve));
    people_must(&shop.people, put(&shop, &first, other, 1, shop.eve));
    people_must(&shop.people, identity_audit_list(people_session(&shop.people), &grants, 10, &rows,
                                                  &shop.people.error));
    const struct {
        const char *kind;
        int64_t person;
    } expected[] = { { "grant.given", shop.ben },
                     { "grant.taken", shop.dana },
                     { "grant.given", shop.dana } };
    g_assert_cmpuint(portico_count(value_public(rows)), ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        const struct portico_value *row = portico_at(value_public(rows), i);
        g_assert_cmpstr(portico_get_text(row, "kind", NULL), ==, expected[i].kind);
        g_assert_cmpint(portico_get_integer(row, "person", 0), ==, expected[i].person);
        g_assert_cmpint(portico_get_integer(row, "actor", 0), ==, shop.eve);
        /* That of a company tells of its own people alone. */
        g_assert_cmpint(portico_get_integer(row, "account", 0), ==,
                        expected[i].person == shop.ben ? shop.account : 0);
        g_assert_cmpstr(portico_get_text(row, "object", NULL), ==, "shop_note/1");
    }
    people_free(&shop.people);
}

static void what_cannot_be_granted_is_refused_and_leaves_nothing(gconstpointer kind)
{
    struct shop shop;
    struct store_turn turn;
    if (!shop_new(&shop, kind))
        return;
    struct store_session *session = people_session(&shop.people);
    struct portico_error *error = &shop.people.error;
    const struct identity_object plain = { "shop_plain", 1 }, none = { "shop_note", 3 };
    const struct identity_object evil = { "shop_note SET title = ''; --", 1 };
    const struct identity_object hosts = { "portico_person", shop.dana };
    g_assert_cmpint(identity_grant_give(session, &none, shop.dana, 0, error), ==, PORTICO_ENOENT);
    g_assert_cmpint(identity_grant_give(session, &first, 99, 0, error), ==, PORTICO_ENOENT);
    g_assert_cmpint(identity_grant_give(session, &plain, shop.dana, 0, error), ==, PORTICO_EINVAL);
    g_assert_cmpint(identity_grant_give(session, &evil, shop.dana, 0, error), ==, PORTICO_EPERM);
    g_assert_cmpint(identity_grant_give(session, &hosts, shop.ben, 0, error), ==, PORTICO_EINVAL);
    store_session_as(session, "forum", &turn);
    g_assert_cmpint(identity_grant_give(session, &first, shop.dana, 0, error), ==, PORTICO_EPERM);
    store_session_back(session, &turn);
    store_session_as(session, "shop", &turn);
    g_assert_cmpint(identity_grant_give(session, &hosts, shop.dana, 0, error), ==, PORTICO_EPERM);
    give(&shop, &first, shop.dana);
    store_session_back(session, &turn);
    g_assert_cmpint(database_integer(&shop.people.database, "SELECT count(*) FROM portico_grant"),
                    ==, 1);
    people_free(&shop.people);
}

static void a_row_has_no_more_grants_than_a_list_of_names_can_bear(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    for (int64_t i = 0; i < IDENTITY_GRANTS_MAX; i++)
        database_execute(&shop.people.database,
                         "INSERT INTO portico_grant (relation, object, person, giver, given) "
                         "VALUES ('shop_note', 1, ?, NULL, 0)",
                         PORTICO_ARGS(portico_arg_integer(i + 1)));
    int64_t danas = rights(&shop, shop.dana);
    g_assert_cmpint(
        identity_grant_give(people_session(&shop.people), &first, shop.dana, 0, &shop.people.error),
        ==, PORTICO_ELIMIT);
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas);
    people_free(&shop.people);
}

static void moved_from_one_person_to_another_nothing_is_doubled(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    give(&shop, &second, shop.dana);
    give(&shop, &second, shop.ben);
    people_must(&shop.people, identity_grants_move(people_session(&shop.people), shop.dana,
                                                   shop.ben, &shop.people.error));
    g_assert_cmpint(granted(&shop, shop.ben), ==, 2);
    g_assert_cmpint(database_integer(&shop.people.database, "SELECT count(*) FROM portico_grant"),
                    ==, 2);
    people_free(&shop.people);
}

/* ---- where it was shown ---- */

static void name_dana(struct shop *shop, int64_t account)
{
    const int64_t people[] = { shop->dana };
    shop->account = account;
    people_must(&shop->people, put(shop, &first, people, 1, shop->eve));
}

static int64_t places(struct shop *shop)
{
    return database_integer(&shop->people.database,
                            "SELECT count(DISTINCT place) FROM portico_grant "
                            "WHERE relation = 'shop_note' AND object = 1");
}

static void shown_in_two_companies_it_is_seen_in_both_and_listed_once(gconstpointer kind)
{
    struct shop shop;
    struct value *rows;
    if (!shop_new(&shop, kind))
        return;
    open_account(&shop, shop.dana);
    const int64_t mill = shop.account;
    open_account(&shop, shop.dana);
    const int64_t harbour = shop.account;
    name_dana(&shop, mill);
    name_dana(&shop, mill);
    g_assert_cmpint(places(&shop), ==, 1);
    name_dana(&shop, harbour);
    g_assert_cmpint(places(&shop), ==, 2);
    /* Saved where she is nobody, it stays where it was. */
    open_account(&shop, shop.ben);
    name_dana(&shop, shop.account);
    g_assert_cmpint(places(&shop), ==, 2);
    people_must(&shop.people,
                identity_grants(people_session(&shop.people), &first, &rows, &shop.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&shop.people, identity_grants_move(people_session(&shop.people), shop.dana,
                                                   shop.ben, &shop.people.error));
    g_assert_cmpint(places(&shop), ==, 2);
    const int64_t eve[] = { shop.eve };
    people_must(&shop.people, put(&shop, &first, eve, 1, shop.eve));
    g_assert_cmpint(
        database_integer(&shop.people.database,
                         "SELECT count(*) FROM portico_audit WHERE kind = 'grant.taken'"),
        ==, 1);
    people_free(&shop.people);
}

static void put_both(struct shop *shop, int64_t one, int64_t other)
{
    const int64_t people[] = { one, other };
    people_must(&shop->people, put(shop, &first, people, 2, shop->eve));
}

static void who_has_it_keeps_it_also_when_not_active_any_more(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    put_both(&shop, shop.dana, shop.ben);
    database_execute(&shop.people.database, "UPDATE portico_person SET state = 2 WHERE id = ?",
                     PORTICO_ARGS(portico_arg_id(shop.ben)));
    int64_t bens = rights(&shop, shop.ben);
    put_both(&shop, shop.eve, shop.ben);
    g_assert_cmpint(rights(&shop, shop.ben), ==, bens);
    const int64_t people[] = { shop.ben };
    people_must(&shop.people, put(&shop, &first, people, 1, shop.eve));
    g_assert_cmpint(put(&shop, &second, people, 1, shop.eve), ==, PORTICO_ENOENT);
    g_assert_cmpint(
        database_integer(&shop.people.database, "SELECT sum(person) FROM portico_grant"), ==,
        shop.ben);
    people_free(&shop.people);
}

static void a_giver_who_was_erased_is_forgotten(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    database_execute(&shop.people.database,
                     "INSERT INTO portico_grant (relation, object, person, giver, given) "
                     "VALUES ('shop_note', 2, 7, 77, 0)",
                     PORTICO_NO_ARGS);
    people_must(&shop.people,
                identity_grants_sweep(people_session(&shop.people), &shop.people.error));
    g_assert_cmpint(database_integer(&shop.people.database, "SELECT sum(giver) FROM portico_grant"),
                    ==, shop.eve);
    people_free(&shop.people);
}

static void what_rows_that_are_gone_were_granted_goes(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    give(&shop, &second, shop.dana);
    database_execute(&shop.people.database,
                     "{unfiltered a test} DELETE FROM shop_note WHERE id = 1", PORTICO_NO_ARGS);
    database_execute(&shop.people.database,
                     "INSERT INTO portico_grant (relation, object, person, giver, given) "
                     "VALUES ('shop_gone', 2, 7, NULL, 0)",
                     PORTICO_NO_ARGS);
    people_must(&shop.people,
                identity_grants_sweep(people_session(&shop.people), &shop.people.error));
    g_assert_cmpint(
        database_integer(&shop.people.database, "SELECT sum(object) FROM portico_grant"), ==, 2);
    people_free(&shop.people);
}

/* A process that ran before the table was made knows nothing of it. */
static void a_sweep_that_knows_an_older_schema_takes_nothing_of_the_newer(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    struct database newer = shop.people.database;
    struct store_options options = database_options(&newer);
    database_open(&newer, &options);
    people_must(&shop.people,
                database_try_migrate(&newer, "shop", "0002-more.before.sql",
                                     "CREATE TABLE shop_more (\n    id {id} PRIMARY KEY,\n"
                                     "    audience {id} NOT NULL,\n    granted {boolean}\n);\n"
                                     "INSERT INTO shop_more (id, audience, granted) "
                                     "VALUES (5, 4, TRUE);\n",
                                     MIGRATE_BEFORE, &shop.people.error));
    database_execute(&newer,
                     "INSERT INTO portico_grant (relation, object, person, giver, given) VALUES "
                     "('shop_more', 5, 7, NULL, 0), ('shop_more', 6, 7, NULL, 0)",
                     PORTICO_NO_ARGS);
    database_close(&newer);
    people_must(&shop.people,
                identity_grants_sweep(people_session(&shop.people), &shop.people.error));
    g_assert_cmpint(
        database_integer(&shop.people.database, "SELECT sum(object) FROM portico_grant"), ==, 6);
    people_free(&shop.people);
}

/* As a merge leaves them. */
static const char merged[] = "UPDATE portico_person SET state = 2, merged_into = ? WHERE id = ?";

static void whoever_was_merged_stands_for_the_one_who_remains(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    database_execute(&shop.people.database, merged,
                     PORTICO_ARGS(portico_arg_id(shop.dana), portico_arg_id(shop.ben)));
    int64_t danas = rights(&shop, shop.dana);
    give(&shop, &first, shop.ben);
    g_assert_cmpint(granted(&shop, shop.dana), ==, 1);
    g_assert_cmpint(granted(&shop, shop.ben), ==, 0);
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas + 1);
    /* Named by either id, and by both. */
    put_both(&shop, shop.ben, shop.eve);
    put_both(&shop, shop.ben, shop.dana);
    g_assert_cmpint(rights(&shop, shop.dana), ==, danas + 1);
    g_assert_cmpint(database_integer(&shop.people.database, "SELECT count(*) FROM portico_grant"),
                    ==, 1);
    take(&shop, &first, shop.ben);
    g_assert_cmpint(granted(&shop, shop.dana), ==, 0);
    g_assert_cmpint(marked(&shop), ==, 0);
    people_free(&shop.people);
}

struct giving {
    struct shop *shop;
    gint over, code;
};

static void *give_beside(void *data)
{
    struct giving *giving = data;
    struct arena *arena = arena_new(0);
    struct store_session *session = store_session_new(giving->shop->people.database.store, arena,
                                                      &store_viewer_everyone, "shop");
    giving->code = identity_grant_give(session, &first, giving->shop->ben, 0, NULL);
    store_session_end(session);
    arena_free(arena);
    g_atomic_int_set(&giving->over, 1);
    return NULL;
}

static PGresult *ask(PGconn *server, const char *sql)
{
    PGresult *result = PQexec(server, sql);
    g_assert_true(PQresultStatus(result) == PGRES_COMMAND_OK ||
                  PQresultStatus(result) == PGRES_TUPLES_OK);
    return result;
}

static void tell(PGconn *server, char *sql)
{
    PQclear(ask(server, sql));
    g_free(sql);
}

/* On SQLite one writes after the other, so that there is no beside. */
static void what_is_given_beside_a_merge_is_not_lost(gconstpointer kind)
{
    struct shop shop;
    pthread_t thread;
    if (!shop_new(&shop, kind))
        return;
    if (shop.people.database.kind == STORE_POSTGRES) {
        struct giving giving = { .shop = &shop };
        PGconn *server = PQconnectdb(shop.people.database.url);
        tell(server, g_strdup("BEGIN"));
        tell(server, g_strdup_printf("SELECT id FROM portico_person WHERE id IN (%lld, %lld) "
                                     "FOR UPDATE",
                                     (long long)shop.ben, (long long)shop.dana));
        tell(server, g_strdup_printf("UPDATE portico_grant SET person = %lld WHERE person = %lld",
                                     (long long)shop.dana, (long long)shop.ben));
        g_assert_cmpint(pthread_create(&thread, NULL, give_beside, &giving), ==, 0);
        for (bool waits = false; !waits && !g_atomic_int_get(&giving.over);) {
            PGresult *locks = ask(server, "SELECT 1 FROM pg_stat_activity "
                                          "WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))");
            waits = PQntuples(locks) > 0;
            PQclear(locks);
        }
        tell(server, g_strdup_printf("UPDATE portico_person SET state = 2, merged_into = %lld "
                                     "WHERE id = %lld",
                                     (long long)shop.dana, (long long)shop.ben));
        tell(server, g_strdup("COMMIT"));
        PQfinish(server);
        pthread_join(thread, NULL);
        g_assert_cmpint(granted(&shop, shop.ben), ==, 0);
        g_assert_cmpint(granted(&shop, shop.dana), ==, giving.code == 0);
    }
    people_free(&shop.people);
}

/* Behind the store's back, as somebody with the database's own tools does. */
static void alter(const struct database *database, const char *sql)
{
    if (database->kind == STORE_POSTGRES) {
        PGconn *server = PQconnectdb(database->url);
        PGresult *result = PQexec(server, sql);
        g_assert_cmpint(PQresultStatus(result), ==, PGRES_COMMAND_OK);
        PQclear(result);
        PQfinish(server);
        return;
    }
    sqlite3 *file = NULL;
    g_assert_cmpint(sqlite3_open(strchr(database->url, ':') + 1, &file), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(file, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(file);
}

static void
a_sweep_that_cannot_read_the_schema_takes_nothing_and_forgets_nothing(gconstpointer kind)
{
    struct shop shop;
    if (!shop_new(&shop, kind))
        return;
    give(&shop, &first, shop.dana);
    database_execute(&shop.people.database,
                     "INSERT INTO portico_grant (relation, object, person, giver, given) "
                     "VALUES ('shop_gone', 2, 7, NULL, 0)",
                     PORTICO_NO_ARGS);
    alter(&shop.people.database, "ALTER TABLE portico_migration RENAME COLUMN script TO lost");
    g_assert_cmpint(identity_grants_sweep(people_session(&shop.people), &shop.people.error), <, 0);
    give(&shop, &second, shop.dana);
    g_assert_cmpint(database_integer(&shop.people.database, "SELECT count(*) FROM portico_grant"),
                    ==, 3);
    alter(&shop.people.database, "ALTER TABLE portico_migration RENAME COLUMN lost TO script");
    people_must(&shop.people,
                identity_grants_sweep(people_session(&shop.people), &shop.people.error));
    g_assert_cmpint(database_integer(&shop.people.database, "SELECT count(*) FROM portico_grant"),
                    ==, 2);
    people_free(&shop.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("grant", given_and_taken_it_raises_the_rights_of_that_person_once_each);
    DATABASE_TEST("grant", the_list_names_who_has_it_and_from_whom);
    DATABASE_TEST("grant", put_leaves_exactly_the_people_named);
    DATABASE_TEST("grant", each_change_of_whom_a_row_is_shared_with_is_recorded);
    DATABASE_TEST("grant", what_cannot_be_granted_is_refused_and_leaves_nothing);
    DATABASE_TEST("grant", a_row_has_no_more_grants_than_a_list_of_names_can_bear);
    DATABASE_TEST("grant", moved_from_one_person_to_another_nothing_is_doubled);
    DATABASE_TEST("grant", shown_in_two_companies_it_is_seen_in_both_and_listed_once);
    DATABASE_TEST("grant", who_has_it_keeps_it_also_when_not_active_any_more);
    DATABASE_TEST("grant", whoever_was_merged_stands_for_the_one_who_remains);
    DATABASE_TEST("grant", what_is_given_beside_a_merge_is_not_lost);
    DATABASE_TEST("grant", a_giver_who_was_erased_is_forgotten);
    DATABASE_TEST("grant", what_rows_that_are_gone_were_granted_goes);
    DATABASE_TEST("grant", a_sweep_that_knows_an_older_schema_takes_nothing_of_the_newer);
    DATABASE_TEST("grant", a_sweep_that_cannot_read_the_schema_takes_nothing_and_forgets_nothing);
    return g_test_run();
}
