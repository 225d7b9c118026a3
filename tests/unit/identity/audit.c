/* The audit log: a chain in which every change shows. */
#include "identity/audit.h"
#include "identity/account.h"
#include "people.h"

#include <sodium.h>

static void act(struct people *people, const char *kind, const char *object)
{
    const struct identity_act done = { .kind = kind,
                                       .actor = 7,
                                       .person = 8,
                                       .account = 9,
                                       .object = object,
                                       .origin = "192.0.2.0/24" };
    people_must(people, identity_audit(people_session(people), &done, &people->error));
}

/* What a walk saw: the lines, and the seals calculated from them as anybody would. */
struct seen {
    GPtrArray *lines;
    char seal[IDENTITY_SEAL_SIZE];
};

static int see(void *data, int64_t number, const char *seal, const char *line,
               struct portico_error *error)
{
    struct seen *seen = data;
    unsigned char sum[crypto_hash_sha256_BYTES];
    const char *end = strstr(line, ",\"hash\":\"");
    (void)error;
    g_assert_nonnull(end);
    char *text = g_strdup_printf("%s\n%.*s}", seen->seal, (int)(end - line), line);
    crypto_hash_sha256(sum, (const unsigned char *)text, strlen(text));
    sodium_bin2hex(seen->seal, sizeof seen->seal, sum, sizeof sum);
    g_assert_cmpstr(seen->seal, ==, seal);
    g_free(text);
    g_ptr_array_add(seen->lines, g_strdup(line));
    g_assert_cmpuint(seen->lines->len, ==, (guint)number);
    return 0;
}

static int walk(struct people *people, struct seen *seen)
{
    seen->lines = g_ptr_array_new_with_free_func(g_free);
    memset(seen->seal, '0', sizeof seen->seal - 1);
    seen->seal[sizeof seen->seal - 1] = '\0';
    return identity_audit_walk(people_session(people), 0, see, seen, &people->error);
}

static int count(void *data, int64_t number, const char *seal, const char *line,
                 struct portico_error *error)
{
    (void)number, (void)seal, (void)line, (void)error;
    ++*(unsigned *)data;
    return 0;
}

static void change(struct people *people, const char *sql)
{
    people_must(people,
                store_host_execute(people_session(people), sql, NULL, 0, NULL, &people->error));
}

static void records_are_sealed_so_that_anybody_can_check_them(gconstpointer kind)
{
    struct people people;
    struct seen seen;
    if (!people_new(&people, kind))
        return;
    act(&people, "role.given", "billing");
    act(&people, "settings.changed", NULL);
    act(&people, "role.taken", "one \"quoted\" thing");
    people_must(&people, walk(&people, &seen));
    g_assert_cmpuint(seen.lines->len, ==, 3);
    g_assert_true(g_str_has_prefix(
        seen.lines->pdata[0],
        "{\"number\":1,\"time\":\"2027-01-15T08:00:00Z\",\"kind\":\"role.given\",\"actor\":\"7\","
        "\"as\":null,\"person\":\"8\",\"account\":\"9\",\"object\":\"billing\","
        "\"origin\":\"192.0.2.0/24\",\"hash\":\""));
    g_ptr_array_free(seen.lines, TRUE);
    people_free(&people);
}

/* Each change of the rows, by whoever can write in the database, is found where it was made. */
static void a_record_changed_left_out_or_cut_off_is_named(gconstpointer kind)
{
    static const struct {
        const char *sql, *number;
    } changes[] = {
        { "UPDATE portico_audit SET actor = 1 WHERE number = 2", "Record 2 " },
        { "UPDATE portico_audit SET object = NULL WHERE number = 3", "Record 3 " },
        { "UPDATE portico_audit SET time = time + 1 WHERE number = 1", "Record 1 " },
        { "DELETE FROM portico_audit WHERE number = 2", "Record 2 " },
        { "DELETE FROM portico_audit WHERE number = 1", "Record 1 " },
        { "DELETE FROM portico_audit WHERE number = 4", "Record 4 " },
        { "UPDATE portico_audit SET number = 9 WHERE number = 4", "Record 4 " },
        { "UPDATE portico_audit SET hash = 'ab' WHERE number = 4", "Record 4 " },
        { "UPDATE portico_audit_chain SET last_hash = 'ab'", "Record 4 " },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        struct people people;
        unsigned records = 0;
        if (!people_new(&people, kind))
            return;
        act(&people, "role.given", "a");
        act(&people, "role.given", "b");
        act(&people, "role.given", "c");
        act(&people, "role.given", "d");
        change(&people, changes[i].sql);
        g_assert_cmpint(
            identity_audit_walk(people_session(&people), 0, count, &records, &people.error), ==,
            PORTICO_EIO);
        g_assert_true(g_str_has_prefix(people.error.message, changes[i].number));
        g_assert_cmpuint(records, ==, (unsigned)(changes[i].number[7] - '1'));
        people_free(&people);
    }
}

static void nothing_breaks_out_of_the_line_of_a_record(gconstpointer kind)
{
    struct people people;
    struct value *rows;
    const struct identity_audit_filter all = { 0 };
    char *longest = g_strnfill(500, 'x');
    if (!people_new(&people, kind))
        return;
    act(&people, "role.given", "a\nrole.given \"forged\"\xe2\x80\xae\x1b[2J\xff");
    act(&people, "role.given", longest);
    people_must(&people,
                identity_audit_list(people_session(&people), &all, 10, &rows, &people.error));
    g_assert_cmpuint(strlen(portico_get_text(value_public(value_at(rows, 0)), "object", "")), ==,
                     IDENTITY_AUDIT_OBJECT_MAX);
    g_assert_cmpstr(portico_get_text(value_public(value_at(rows, 1)), "object", ""), ==,
                    "a\\u{a}role.given \"forged\"\\u{202e}\\u{1b}[2J\xef\xbf\xbd");
    g_free(longest);
    people_free(&people);
}

/* What cannot be written down is not done; what is undone was never written down. */
static void a_record_stands_and_falls_with_its_act(gconstpointer kind)
{
    struct people people;
    struct identity_audit_chain chain;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    const struct identity_act unknown = { .kind = "role.invented" };
    g_assert_cmpint(identity_audit(session, &unknown, &people.error), ==, PORTICO_EINVAL);
    people_must(&people, store_begin(session, &people.error));
    act(&people, "role.given", NULL);
    store_rollback(session);
    people_must(&people, identity_audit_chain(session, &chain, &people.error));
    g_assert_cmpint(chain.last, ==, 0);
    change(&people, "DELETE FROM portico_audit_chain");
    const struct identity_act given = { .kind = "role.given" };
    people_must(&people, store_begin(session, &people.error));
    change(&people, "UPDATE portico_rights SET number = 77");
    people_must(&people, identity_audit(session, &given, &people.error));
    g_assert_cmpint(store_commit(session, &people.error), <, 0);
    g_assert_nonnull(strstr(people.error.message, "nothing was done"));
    g_assert_false(store_in_transaction(session));
    int64_t rights = 0;
    people_must(&people, identity_rights_number(session, &rights, &people.error));
    g_assert_cmpint(rights, !=, 77);
    g_assert_cmpint(identity_audit(session, &given, &people.error), <, 0);
    people_free(&people);
}

static int64_t number_at(const struct value *rows, uint32_t index)
{
    return portico_get_integer(value_public(value_at(rows, index)), "number", 0);
}

static void lists_are_narrowed_and_customers_read_what_is_theirs(gconstpointer kind)
{
    struct people people;
    struct value *rows;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    act(&people, "role.given", NULL);
    act(&people, "settings.changed", NULL);
    const struct identity_act elsewhere = { .kind = "role.taken", .actor = 8, .account = 10 };
    people_must(&people, identity_audit(session, &elsewhere, &people.error));
    act(&people, "view-as.began", NULL);
    static const struct {
        struct identity_audit_filter filter;
        int64_t numbers[5];
    } cases[] = {
        { { 0 }, { 4, 3, 2, 1 } },
        { { .account = 9 }, { 4, 2, 1 } },
        { { .account = 9, .customers = true }, { 4, 1 } },
        { { .account = 9, .customers = true, .before = 4 }, { 1 } },
        { { .account = 11, .customers = true }, { 0 } },
        { { .person = 8 }, { 4, 3, 2, 1 } },
        { { .person = 7 }, { 4, 2, 1 } },
        { { .kind = "role." }, { 3, 1 } },
        { { .kind = "role.taken" }, { 3 } },
        { { .kind = "role" }, { 0 } },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        people_must(&people,
                    identity_audit_list(session, &cases[i].filter, 10, &rows, &people.error));
        uint32_t wanted = 0;
        for (; cases[i].numbers[wanted]; wanted++)
            g_assert_cmpint(number_at(rows, wanted), ==, cases[i].numbers[wanted]);
        g_assert_cmpuint(rows->count, ==, wanted);
    }
    const struct identity_audit_filter nowhere = { .customers = true };
    g_assert_cmpint(identity_audit_list(session, &nowhere, 10, &rows, &people.error), ==,
                    PORTICO_EINVAL);
    people_free(&people);
}

static void whoever_became_somebody_is_found_with_them(gconstpointer kind)
{
    struct people people;
    struct value *rows;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    const int64_t ben = people_add(&people, "Ben", "ben@mill.example", 0);
    const int64_t dana = people_add(&people, "Dana", "dana@harbour.example", 0);
    const struct identity_act by = { .kind = "role.given", .actor = ben, .person = 8 };
    const struct identity_act about = { .kind = "role.taken", .actor = 7, .person = ben };
    people_must(&people, identity_audit(session, &by, &people.error));
    people_must(&people, identity_audit(session, &about, &people.error));
    act(&people, "role.given", NULL);
    const struct identity_audit_filter danas = { .person = dana };
    for (uint32_t wanted = 0; wanted <= 2; wanted += 2) {
        people_must(&people, identity_audit_list(session, &danas, 10, &rows, &people.error));
        g_assert_cmpuint(rows->count, ==, wanted);
        database_execute(&people.database, "UPDATE portico_person SET merged_into = ? WHERE id = ?",
                         PORTICO_ARGS(portico_arg_id(dana), portico_arg_id(ben)));
    }
    const struct identity_audit_filter about_dana = { .person = dana, .about = true };
    people_must(&people, identity_audit_list(session, &about_dana, 10, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(portico_get_integer(value_public(value_at(rows, 0)), "person", 0), ==, ben);
    people_free(&people);
}

/* The rest is as whole as it was, and says that something went. */
static void old_records_go_from_the_front_and_the_rest_stays_sealed(gconstpointer kind)
{
    struct people people;
    struct identity_audit_chain chain;
    unsigned records = 0;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    act(&people, "role.given", "a");
    act(&people, "role.given", "b");
    act(&people, "role.given", "c");
    clock_stop(NOON + DAY);
    act(&people, "role.given", "d");
    g_assert_cmpint(identity_audit_prune(session, NOON + 1, 2, &people.error), ==, 2);
    g_assert_cmpint(identity_audit_prune(session, NOON + 1, 2, &people.error), ==, 1);
    g_assert_cmpint(identity_audit_prune(session, NOON + 1, 2, &people.error), ==, 0);
    people_must(&people, identity_audit_walk(session, 0, count, &records, &people.error));
    g_assert_cmpuint(records, ==, 3); /* d, and twice that some were pruned */
    people_must(&people, identity_audit_chain(session, &chain, &people.error));
    g_assert_cmpint(chain.gone, ==, 3);
    g_assert_cmpint(chain.last, ==, 6);
    const struct identity_audit_filter pruned = { .kind = "audit.pruned" };
    struct value *rows;
    people_must(&people, identity_audit_list(session, &pruned, 10, &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    change(&people, "DELETE FROM portico_audit WHERE number = 4");
    g_assert_cmpint(identity_audit_walk(session, 0, count, &records, &people.error), ==,
                    PORTICO_EIO);
    people_free(&people);
}

static void test_kinds(void)
{
    size_t number;
    const struct identity_act_kind *kinds = identity_act_kinds(&number);
    g_assert_cmpuint(number, >=, 30);
    for (size_t i = 0; i < number; i++) {
        g_assert_true(i == 0 || strcmp(kinds[i - 1].key, kinds[i].key) < 0);
        g_assert_true(strchr(kinds[i].key, '.') != NULL && !strpbrk(kinds[i].key, "'\"% "));
        g_assert_true(identity_act_kind(kinds[i].key) == &kinds[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit/every kind of act is named once, in order", test_kinds);
    DATABASE_TEST("audit", records_are_sealed_so_that_anybody_can_check_them);
    DATABASE_TEST("audit", a_record_changed_left_out_or_cut_off_is_named);
    DATABASE_TEST("audit", nothing_breaks_out_of_the_line_of_a_record);
    DATABASE_TEST("audit", a_record_stands_and_falls_with_its_act);
    DATABASE_TEST("audit", lists_are_narrowed_and_customers_read_what_is_theirs);
    DATABASE_TEST("audit", whoever_became_somebody_is_found_with_them);
    DATABASE_TEST("audit", old_records_go_from_the_front_and_the_rest_stays_sealed);
    return g_test_run();
}
