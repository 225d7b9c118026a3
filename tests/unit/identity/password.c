#include "people.h"

#include <sodium.h>

static const struct identity_password_context mara = { "Harbour Works", "Mara Lindqvist",
                                                       "mara.lindqvist", "mara@example.com" };

static void good_passwords_are_taken(void)
{
    static const char *const good[] = { GOOD,
                                        BETTER,
                                        "xK4!vqz9",
                                        "the harbour sleeps at nine",
                                        "Mara had a little lamb",
                                        "grüne Äpfel im Mai",
                                        "秘密の合言葉です八文字",
                                        "hunter and gatherer",
                                        "1972-harvest-moon" };
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        if (identity_password_check(good[i], &mara, NULL, &error) < 0)
            g_error("%s: %s", good[i], error.message);
}

static void weak_passwords_are_refused_with_a_reason(void)
{
    static const struct {
        const char *password, *said;
    } weak[] = {
        { "", "at least 8" },
        { "short", "at least 8" },
        { "ｓｈｏｒｔ", "at least 8" },
        { "12345678", "in a row" },
        { "87654321", "in a row" },
        { "aaaaaaaaaaaa", "in a row" },
        { "abcdefghij", "in a row" },
        { "qwertzuiop", "in a row" },
        { "qwertyuiop", "in a row" },
        { "abababababab", "in a row" },
        { "xyzxyzxyzxyz", "in a row" },
        { "11112222", "in a row" },
        { "password", "first that others" },
        { "Password1!", "first that others" },
        { "P@ssw0rd", "first that others" },
        { "Passwort123", "first that others" },
        { "1q2w3e4r5t", "first that others" },
        { "letmein2026", "first that others" },
        { "IloveYou!!", "first that others" },
        { "lindqvist1", "your name" },
        { "Mara2026", "your name" },
        { "Lindqvist!", "your name" },
        { "maralind", NULL },
        { "mara@example.com", "your name" },
        { "harbour1", "your name" },
        { "HarbourWorks", NULL },
        { "Harbour Works", "your name" },
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(weak); i++) {
        const char *reason = NULL;
        int code = identity_password_check(weak[i].password, &mara, &reason, &error);
        if (!weak[i].said)
            continue;
        if (code != PORTICO_EINVAL || !strstr(reason, weak[i].said))
            g_error("%s: %d %s", weak[i].password, code, reason ? reason : "taken");
    }
    char *longest = g_strnfill(100, 'x');
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 30; i++)
        g_string_append(text, "kettle ");
    g_assert_cmpint(identity_password_check(text->str, &mara, NULL, &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "at most 200"));
    g_assert_cmpint(identity_password_check("x\xFFyzabcdefg", &mara, NULL, &error), ==,
                    PORTICO_EINVAL);
    g_string_free(text, TRUE);
    g_free(longest);
}

static void a_hash_holds_its_parameters_and_not_the_password(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct identity_rules rules = people_rules();
    struct identity *identity = people_identity(&rules);
    char hash[IDENTITY_HASH_SIZE], other[IDENTITY_HASH_SIZE];
    bool old = true;
    database_must(identity_hash(identity, GOOD, hash, &error), &error);
    database_must(identity_hash(identity, GOOD, other, &error), &error);
    g_assert_true(g_str_has_prefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
    g_assert_cmpstr(hash, !=, other);
    g_assert_cmpint(identity_verify(identity, hash, GOOD, &old, &error), ==, 1);
    g_assert_false(old);
    g_assert_cmpint(identity_verify(identity, hash, BETTER, NULL, &error), ==, 0);
    g_assert_cmpint(identity_verify(identity, hash, "", NULL, &error), ==, 0);
    g_assert_cmpint(identity_verify(identity, NULL, GOOD, NULL, &error), ==, 0);
    g_assert_cmpint(identity_verify(identity, "", "", NULL, &error), ==, 0);
    g_assert_cmpint(identity_verify(identity, hash, "\xFF", NULL, &error), ==, 0);
    /* The same characters in another form are the same password (NFKC). */
    database_must(identity_hash(identity, "grüne Äpfel", hash, &error), &error);
    g_assert_cmpint(identity_verify(identity, hash, "gru\xCC\x88ne A\xCC\x88pfel", NULL, &error),
                    ==, 1);
    identity_close(identity);
}

static void a_hash_of_lesser_parameters_is_old(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct identity_rules rules = people_rules();
    struct identity *identity = people_identity(&rules);
    char lesser[crypto_pwhash_STRBYTES];
    bool old = false;
    g_assert_cmpint(crypto_pwhash_str_alg(lesser, GOOD, strlen(GOOD), 1, 8 * 1024 * 1024,
                                          crypto_pwhash_ALG_ARGON2ID13),
                    ==, 0);
    g_assert_cmpint(identity_verify(identity, lesser, GOOD, &old, &error), ==, 1);
    g_assert_true(old);
    identity_close(identity);
}

static void the_longest_password_is_taken_and_no_longer_one(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct identity_rules rules = people_rules();
    struct identity *identity = people_identity(&rules);
    char hash[IDENTITY_HASH_SIZE];
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < IDENTITY_PASSWORD_MOST; i++)
        g_string_append(text, "\xF0\x9F\xAB\x96"); /* four bytes, as long as a character gets */
    database_must(identity_hash(identity, text->str, hash, &error), &error);
    g_assert_cmpint(identity_verify(identity, hash, text->str, NULL, &error), ==, 1);
    g_string_append_c(text, 'x');
    g_assert_cmpint(identity_verify(identity, hash, text->str, NULL, &error), ==, 0);
    g_assert_cmpint(identity_hash(identity, text->str, hash, &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "at most 200 characters"));
    g_string_free(text, TRUE);
    identity_close(identity);
}

static void a_new_password_ends_other_sessions_and_raises_the_rights(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char here[IDENTITY_TOKEN_SIZE], there[IDENTITY_TOKEN_SIZE];
    struct identity_letter letter;
    const char *reason = NULL;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t person = people_add(&people, "Mara Lindqvist", "mara@example.com", 0);
    people_password(&people, person, GOOD);
    struct identity_person before = people_look(&people, person);
    g_assert_cmpint(before.password_changed, ==, NOON);
    people_must(&people, identity_session_start(people.identity, session, person, NULL, false, here,
                                                &people.error));
    people_must(&people, identity_session_start(people.identity, session, person, NULL, false,
                                                there, &people.error));
    people_must(&people,
                identity_session_find(people.identity, session, here, &found, &people.error));
    people_must(&people, identity_forgot(people.identity, session, "mara@example.com", "192.0.2.1",
                                         &letter, NULL, &people.error));
    g_assert_cmpint(identity_password_set(people.identity, session, person, "password", found.id,
                                          NULL, &reason, &people.error),
                    ==, PORTICO_EINVAL);
    g_assert_nonnull(reason);
    people_must(&people, identity_password_set(people.identity, session, person, BETTER, found.id,
                                               NULL, &reason, &people.error));
    g_assert_cmpint(people_look(&people, person).rights, ==, before.rights + 1);
    people_must(&people,
                identity_session_find(people.identity, session, here, &found, &people.error));
    g_assert_true(found.stale);
    g_assert_cmpint(identity_session_find(people.identity, session, there, &found, &people.error),
                    ==, PORTICO_ENOENT);
    struct identity_link link;
    g_assert_cmpint(identity_link_look(session, letter.token, &link, NULL, &people.error), ==,
                    PORTICO_ENOENT);
    people_free(&people);
}

static void nothing_is_hashed_in_an_open_transaction(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t person = people_add(&people, "Mara", "mara@example.com", 0);
    people_must(&people, store_begin(session, &people.error));
    g_assert_cmpint(
        identity_password_set(people.identity, session, person, GOOD, 0, NULL, NULL, &people.error),
        ==, PORTICO_EINVAL);
    const struct identity_sign_in asked = { .name = "mara", .password = GOOD };
    g_assert_cmpint(identity_sign_in(people.identity, session, &asked, &in, NULL, &people.error),
                    ==, PORTICO_EINVAL);
    store_rollback(session);
    people_free(&people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/password/good", good_passwords_are_taken);
    g_test_add_func("/password/weak", weak_passwords_are_refused_with_a_reason);
    g_test_add_func("/password/hash", a_hash_holds_its_parameters_and_not_the_password);
    g_test_add_func("/password/old", a_hash_of_lesser_parameters_is_old);
    g_test_add_func("/password/longest", the_longest_password_is_taken_and_no_longer_one);
    DATABASE_TEST("password", a_new_password_ends_other_sessions_and_raises_the_rights);
    DATABASE_TEST("password", nothing_is_hashed_in_an_open_transaction);
    return g_test_run();
}
