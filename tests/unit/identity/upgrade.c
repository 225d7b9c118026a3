/* Rows from before a migration that gives them a meaning anew. */
#include "identity/account.h"
#include "identity/audience.h"
#include "people.h"

struct member {
    int64_t id, account, person;
    bool below;
    int64_t until; /* 0: for ever */
};

static void add_members(struct database *database, const struct member *members, size_t count)
{
    static const char insert[] =
        "INSERT INTO portico_membership (id, account, person, title, state, below, source, "
        "created, "
        "valid_until, name_key) VALUES (?, ?, ?, '', 1, ?, 'staff', 1, ?, '')";
    for (size_t i = 0; i < count; i++)
        database_execute(
            database, insert,
            PORTICO_ARGS(portico_arg_id(members[i].id), portico_arg_id(members[i].account),
                         portico_arg_id(members[i].person), portico_arg_boolean(members[i].below),
                         members[i].until ? portico_arg_time(members[i].until)
                                          : portico_arg_text(NULL)));
}

static void lies_below(struct database *database, int64_t account, int64_t above, int distance)
{
    database_execute(
        database, "INSERT INTO portico_account_above (account, above, distance) VALUES (?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(account), portico_arg_id(above),
                     portico_arg_integer(distance)));
}

static int64_t of_token(struct database *database, const char *column, int64_t id)
{
    char *sql = g_strdup_printf("SELECT coalesce(%s, 0) FROM portico_api_token WHERE id = %d",
                                column, (int)id);
    const int64_t found = database_integer(database, sql);
    g_free(sql);
    return found;
}

/* A database with what `names` are up to, and whose rows are of then. */
static bool from_before(struct database *database, gconstpointer kind, const char *names)
{
    if (!database_new(database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return false;
    people_upgrade(database, "00[0-4]*.sql", MIGRATE_BEFORE);
    people_upgrade(database, names, MIGRATE_BEFORE);
    people_upgrade(database, names, MIGRATE_AFTER);
    for (int64_t account = 5; account <= 8; account++)
        lies_below(database, account, account, 0);
    return true;
}

/* ---- 0052 and 0053: what was shown by name ---- */

/* 11, 12 of 5 and 6; 13 of 7; 14 of none; 15 of the staff; 16 reaches 5 from 8 above it. 17 was of
 * 5 and left, 18 of the staff and left, 19 is 11 by now. */
static const struct member neighbours[] = {
    { 101, 5, 11, false, 0 }, { 102, 6, 11, false, 0 }, { 103, 5, 12, false, 0 },
    { 104, 6, 12, false, 0 }, { 105, 7, 13, false, 0 }, { 106, IDENTITY_OWNER, 15, false, 0 },
    { 107, 8, 16, true, 0 },
};

static void show(struct database *database, int64_t object, int64_t person, int64_t giver)
{
    database_execute(database,
                     "INSERT INTO portico_grant (relation, object, person, giver, given) "
                     "VALUES ('shop_note', ?, ?, ?, 1)",
                     PORTICO_ARGS(portico_arg_id(object), portico_arg_id(person),
                                  giver ? portico_arg_id(giver) : portico_arg_text(NULL)));
}

static bool is_shown(struct database *database, int64_t object, int64_t person, int64_t place)
{
    char *sql = g_strdup_printf("SELECT count(*) FROM portico_grant WHERE object = %d AND "
                                "person = %d AND place = %d",
                                (int)object, (int)person, (int)place);
    const bool is = database_integer(database, sql) == 1;
    g_free(sql);
    return is;
}

static void was_taken_out(struct database *database, int64_t number, int64_t person,
                          int64_t account)
{
    database_execute(
        database,
        "INSERT INTO portico_audit (number, time, kind, person, account, origin, hash) "
        "VALUES (?, 1, 'membership.removed', ?, ?, 'portal', '')",
        PORTICO_ARGS(portico_arg_integer(number), portico_arg_id(person), portico_arg_id(account)));
}

static void what_was_shown_by_name_is_bound_to_where_both_are(gconstpointer kind)
{
    static const struct {
        int64_t object, person, place;
    } expected[] = {
        { 1, 12, 505 },
        { 1, 12, 506 },
        { 1, 13, IDENTITY_AUDIENCE_NOBODY },
        { 1, 14, IDENTITY_AUDIENCE_EVERYONE },
        { 1, 15, IDENTITY_AUDIENCE_STAFF },
        { 1, 16, 505 },
        { 2, 13, IDENTITY_AUDIENCE_EVERYONE },
        { 3, 13, IDENTITY_AUDIENCE_EVERYONE },
        { 4, 12, IDENTITY_AUDIENCE_EVERYONE },
        { 5, 12, IDENTITY_AUDIENCE_NOBODY },
        { 6, 12, IDENTITY_AUDIENCE_EVERYONE },
        { 7, 12, 505 },
        { 7, 12, 506 },
    };
    struct database database;
    if (!from_before(&database, kind, "005[01]*.sql"))
        return;
    add_members(&database, neighbours, G_N_ELEMENTS(neighbours));
    lies_below(&database, 5, 8, 1);
    for (int64_t i = 5; i <= 8; i++)
        database_execute(
            &database, "INSERT INTO portico_audience (id, kind, account) VALUES (?, 'account', ?)",
            PORTICO_ARGS(portico_arg_id(500 + i), portico_arg_id(i)));
    for (int64_t person = 12; person <= 16; person++)
        show(&database, 1, person, 11);
    show(&database, 2, 13, 15);
    show(&database, 3, 13, 0);
    show(&database, 4, 12, 14);
    show(&database, 5, 12, 17);
    show(&database, 6, 12, 18);
    show(&database, 7, 12, 19);
    was_taken_out(&database, 1, 17, 5);
    was_taken_out(&database, 2, 18, IDENTITY_OWNER);
    database_execute(&database,
                     "INSERT INTO portico_person (id, name, name_key, handle, locale, timezone, "
                     "state, rights, created, merged_into) "
                     "VALUES (19, 'Nan', 'nan', 'nan', 'en', 'UTC', 2, 1, 1, 11)",
                     PORTICO_NO_ARGS);
    people_upgrade(&database, "005[23]*.sql", MIGRATE_BEFORE);
    /* Somebody saves a list of names before the old version is gone. */
    database_execute(&database,
                     "INSERT INTO portico_grant (relation, object, person, giver, given, place) "
                     "VALUES ('shop_note', 1, 12, 11, 2, 505), ('shop_note', 1, 15, 11, 2, 3)",
                     PORTICO_NO_ARGS);
    people_upgrade(&database, "005[23]*.sql", MIGRATE_AFTER);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_true(
            is_shown(&database, expected[i].object, expected[i].person, expected[i].place));
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_grant"), ==,
                    G_N_ELEMENTS(expected));
    database_free(&database);
}

/* ---- 0054: access tokens ---- */

static void add_token(struct database *database, int64_t id, int64_t person, int64_t account)
{
    char *hash = g_strdup_printf("hash %d", (int)id);
    database_execute(
        database,
        "INSERT INTO portico_api_token (id, person, account, name, token_hash, scopes, "
        "proved, created) VALUES (?, ?, ?, 'Ledger', ?, '', FALSE, 1)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(person),
                     account ? portico_arg_id(account) : portico_arg_text(NULL),
                     portico_arg_text(hash)));
    g_free(hash);
}

static void add_delegation(struct database *database, int64_t id, int64_t partner, int64_t until,
                           bool accepted)
{
    database_execute(
        database,
        "INSERT INTO portico_delegation (id, account, partner, reason, valid_until, created, "
        "accepted) VALUES (?, 5, ?, 'Billing', ?, 1, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(partner), portico_arg_time(until),
                     accepted ? portico_arg_time(1) : portico_arg_text(NULL)));
}

static void a_token_is_bound_to_the_way_in_that_lasts_longest(gconstpointer kind)
{
    static const struct member members[] = {
        { 101, 5, 11, false, 0 }, { 102, 8, 12, true, 9000 }, { 103, 6, 13, false, 0 },
        { 104, 7, 13, false, 0 }, { 105, 8, 14, false, 0 }, /* from above, but not below */
    };
    static const struct {
        int64_t token, membership, delegation;
    } expected[] = { { 1, 101, 0 }, { 2, 102, 0 }, { 3, 104, 202 }, { 4, 0, 0 }, { 5, 0, 0 } };
    struct database database;
    if (!from_before(&database, kind, "005[0-3]*.sql"))
        return;
    add_members(&database, members, G_N_ELEMENTS(members));
    lies_below(&database, 5, 8, 1);
    add_delegation(&database, 201, 6, 10, true);
    add_delegation(&database, 202, 7, 9000, true);
    add_delegation(&database, 203, 8, 9999, false);
    for (int64_t i = 1; i <= 4; i++)
        add_token(&database, i, 10 + i, 5);
    add_token(&database, 5, 11, 0);
    people_upgrade(&database, "0054*.sql", MIGRATE_BEFORE);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpint(of_token(&database, "membership", expected[i].token), ==,
                        expected[i].membership);
        g_assert_cmpint(of_token(&database, "delegation", expected[i].token), ==,
                        expected[i].delegation);
    }
    database_free(&database);
}

/* ---- 0055: notices to a company's admins ---- */

static void what_admins_were_told_before_is_read_no_more(gconstpointer kind)
{
    static const char *const kinds[] = { "application", "delegation", "membership" };
    struct database database;
    if (!from_before(&database, kind, "005[0-4]*.sql"))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        database_execute(&database,
                         "{unfiltered a test} INSERT INTO portico_notice (id, person, module, "
                         "kind, subject, title, url, reason, "
                         "repeats, mention, on_page, changed) "
                         "VALUES (?, 11, 'portico', ?, ?, 'News', '/', '', 1, FALSE, TRUE, 1)",
                         PORTICO_ARGS(portico_arg_id((int64_t)i + 1), portico_arg_text(kinds[i]),
                                      portico_arg_text(kinds[i])));
    people_upgrade(&database, "0055*.sql", MIGRATE_BEFORE);
    people_upgrade(&database, "0055*.sql", MIGRATE_AFTER);
    g_assert_cmpint(
        database_integer(
            &database,
            "{unfiltered a test} SELECT count(*) FROM portico_notice WHERE audience = 4"),
        ==, 2);
    g_assert_cmpint(
        database_integer(
            &database,
            "{unfiltered a test} SELECT count(*) FROM portico_notice WHERE audience IS NULL"),
        ==, 1);
    database_free(&database);
}

/* ---- 0056: drafts ---- */

static void add_person(struct database *database, int64_t id, int64_t account)
{
    database_execute(database,
                     "INSERT INTO portico_person (id, name, name_key, handle, locale, timezone, "
                     "state, rights, created, account) VALUES (?, 'Nan', 'nan', ?, 'en', 'UTC', 1, "
                     "1, 1, ?)",
                     PORTICO_ARGS(portico_arg_id(id),
                                  portico_arg_text(id == 11   ? "ann"
                                                   : id == 12 ? "bea"
                                                              : "cid"),
                                  account ? portico_arg_id(account) : portico_arg_text(NULL)));
}

static void a_draft_stays_where_its_author_acted(gconstpointer kind)
{
    static const struct {
        int64_t person;
        const char *subject;
    } expected[] = { { 11, "account/6 topic/3" }, { 12, "account/5 topic/3" }, { 14, "topic/3" } };
    struct database database;
    if (!from_before(&database, kind, "005[0-5]*.sql"))
        return;
    add_members(&database, neighbours, G_N_ELEMENTS(neighbours));
    add_person(&database, 11, 6);
    add_person(&database, 12, 0);
    add_person(&database, 14, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        database_execute(&database,
                         "INSERT INTO portico_draft (person, module, form, subject, content, "
                         "updated) VALUES (?, 'shop', 'note', 'topic/3', '{}', 1)",
                         PORTICO_ARGS(portico_arg_id(expected[i].person)));
    people_upgrade(&database, "0056*.sql", MIGRATE_BEFORE);
    people_upgrade(&database, "0056*.sql", MIGRATE_AFTER);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        char *sql = g_strdup_printf("SELECT count(*) FROM portico_draft WHERE person = %d AND "
                                    "subject = '%s'",
                                    (int)expected[i].person, expected[i].subject);
        g_assert_cmpint(database_integer(&database, sql), ==, 1);
        g_free(sql);
    }
    g_assert_cmpint(database_integer(&database, "SELECT count(*) FROM portico_draft"), ==,
                    G_N_ELEMENTS(expected));
    database_free(&database);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    DATABASE_TEST("upgrade", what_was_shown_by_name_is_bound_to_where_both_are);
    DATABASE_TEST("upgrade", a_token_is_bound_to_the_way_in_that_lasts_longest);
    DATABASE_TEST("upgrade", what_admins_were_told_before_is_read_no_more);
    DATABASE_TEST("upgrade", a_draft_stays_where_its_author_acted);
    return g_test_run();
}
