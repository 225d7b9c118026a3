#include "people.h"

#include "identity/again.h"

#include <pthread.h>

struct attempt {
    const char *name, *password, *known, *network;
};

static int knock(struct people *people, struct attempt attempt, struct identity_signed_in *in)
{
    const struct identity_sign_in asked = {
        .name = attempt.name,
        .password = attempt.password,
        .known = attempt.known,
        .device = { "Browser/1", attempt.network ? attempt.network : "192.0.2.1" },
    };
    database_next_session(&people->database);
    return identity_sign_in(people->identity, people_session(people), &asked, in, NULL,
                            &people->error);
}

/* Few guesses, so that the tests need few hashes. */
static int64_t mara_with(struct people *people, unsigned guesses)
{
    struct identity_rules rules = people_rules();
    rules.guesses = guesses;
    people_rule(people, &rules);
    int64_t mara = people_add(people, "Mara Lindqvist", "mara@example.com", 0);
    people_password(people, mara, GOOD);
    return mara;
}

static void the_right_password_begins_a_session(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in, again;
    struct identity_session found;
    if (!people_new(&people, kind))
        return;
    int64_t mara = mara_with(&people, 20);
    static const char *const names[] = { "mara@example.com", " MARA@example.com ",
                                         "mara.lindqvist" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        people_must(&people, knock(&people, (struct attempt){ names[i], GOOD, 0, 0 }, &in));
        g_assert_cmpint(in.person, ==, mara);
        people_must(&people, identity_session_find(people.identity, people_session(&people),
                                                   in.token, &found, &people.error));
        g_assert_cmpint(found.person.id, ==, mara);
    }
    g_assert_cmpint(people_look(&people, mara).last_sign_in, ==, NOON);

    /* The browser's session before ends: nothing that somebody else planted stays in use. */
    const struct identity_sign_in asked = {
        .name = "mara.lindqvist", .password = GOOD, .known = in.known, .replaces = in.token
    };
    people_must(&people, identity_sign_in(people.identity, people_session(&people), &asked, &again,
                                          NULL, &people.error));
    g_assert_cmpstr(again.token, !=, in.token);
    g_assert_cmpstr(again.known, ==, in.known);
    g_assert_cmpint(identity_session_find(people.identity, people_session(&people), in.token,
                                          &found, &people.error),
                    ==, PORTICO_ENOENT);
    people_free(&people);
}

static void who_is_unknown_disabled_or_wrong_hears_the_same(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    if (!people_new(&people, kind))
        return;
    mara_with(&people, 20);
    people_add(&people, "Admin Ann", NULL, IDENTITY_ADMIN);
    people_add(&people, "No Password", "none@example.com", 0);
    int64_t gone = people_add(&people, "Gone", "gone@example.com", 0);
    people_password(&people, gone, GOOD);
    people_must(&people, identity_person_state(people_session(&people), gone, IDENTITY_DISABLED,
                                               &people.error));
    static const struct attempt attempts[] = {
        { "mara@example.com", BETTER, 0, 0 },
        { "nobody@example.com", GOOD, 0, 0 },
        { "gone@example.com", GOOD, 0, 0 },
        { "none@example.com", "", 0, 0 },
        { "", "", 0, 0 },
        { "\xFF\xFE", GOOD, 0, 0 },
    };
    char *said = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(attempts); i++) {
        g_assert_cmpint(knock(&people, attempts[i], &in), ==, PORTICO_EPERM);
        if (said)
            g_assert_cmpstr(people.error.message, ==, said);
        else
            said = g_strdup(people.error.message);
    }
    g_free(said);
    people_free(&people);
}

static void guesses_run_out_alike_for_known_and_unknown_names(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    if (!people_new(&people, kind))
        return;
    mara_with(&people, 3);
    static const char *const names[] = { "mara@example.com", "nobody@example.com" };
    char *said[2];
    for (size_t n = 0; n < 2; n++) {
        struct attempt attempt = { names[n], BETTER, NULL, NULL };
        for (unsigned i = 0; i < 3; i++)
            g_assert_cmpint(knock(&people, attempt, &in), ==, PORTICO_EPERM);
        g_assert_cmpint(knock(&people, attempt, &in), ==, PORTICO_ELIMIT);
        said[n] = g_strdup(people.error.message);
        attempt.password = GOOD;
        g_assert_cmpint(knock(&people, attempt, &in), ==, PORTICO_ELIMIT);
    }
    g_assert_cmpstr(said[0], ==, said[1]);
    /* In no hour more than that. */
    const struct attempt right = { "mara@example.com", GOOD, NULL, NULL };
    clock_stop(NOON + HOUR);
    g_assert_cmpint(knock(&people, right, &in), ==, PORTICO_ELIMIT);
    clock_stop(NOON + HOUR + 10 * MINUTE);
    people_must(&people, knock(&people, right, &in));
    g_free(said[0]);
    g_free(said[1]);
    people_free(&people);
}

static void a_person_of_two_names_is_guessed_no_more_often(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    if (!people_new(&people, kind))
        return;
    mara_with(&people, 3);
    for (unsigned i = 0; i < 3; i++)
        knock(&people, (struct attempt){ "mara@example.com", BETTER, NULL, NULL }, &in);
    /* The other name answers as if the password were wrong: that both are one person's is not told.
     */
    g_assert_cmpint(knock(&people, (struct attempt){ "mara.lindqvist", GOOD, NULL, NULL }, &in), ==,
                    PORTICO_EPERM);
    people_free(&people);
}

static void a_device_that_was_here_before_still_gets_in(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in, other;
    if (!people_new(&people, kind))
        return;
    mara_with(&people, 3);
    people_must(&people,
                knock(&people, (struct attempt){ "mara@example.com", GOOD, NULL, NULL }, &in));
    int64_t ben = people_add(&people, "Ben", "ben@example.com", 0);
    people_password(&people, ben, BETTER);
    people_must(&people,
                knock(&people, (struct attempt){ "ben@example.com", BETTER, NULL, NULL }, &other));
    for (unsigned i = 0; i < 4; i++)
        knock(&people, (struct attempt){ "mara@example.com", "wrong guess", NULL, NULL }, &other);
    g_assert_cmpint(
        knock(&people, (struct attempt){ "mara@example.com", GOOD, other.known, NULL }, &other), ==,
        PORTICO_ELIMIT);
    people_must(&people,
                knock(&people, (struct attempt){ "mara@example.com", GOOD, in.known, NULL }, &in));
    /* Its own budget ends as well. */
    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpint(
            knock(&people, (struct attempt){ "mara@example.com", BETTER, in.known, NULL }, &other),
            ==, PORTICO_EPERM);
    g_assert_cmpint(
        knock(&people, (struct attempt){ "mara@example.com", GOOD, in.known, NULL }, &other), ==,
        PORTICO_ELIMIT);
    people_free(&people);
}

static void right_passwords_use_up_no_guesses(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    if (!people_new(&people, kind))
        return;
    mara_with(&people, 3);
    for (unsigned i = 0; i < 6; i++)
        people_must(&people,
                    knock(&people, (struct attempt){ "mara@example.com", GOOD, NULL, NULL }, &in));
    g_assert_cmpint(
        database_integer(&people.database, "SELECT count(*) FROM portico_guess WHERE spent > 0"),
        ==, 0);
    people_free(&people);
}

static void a_network_guesses_ten_times_as_often_as_a_name(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    int64_t wait = 0;
    if (!people_new(&people, kind))
        return;
    struct identity_rules rules = people_rules();
    rules.guesses = 3;
    people_rule(&people, &rules);
    /* All addresses of one /64 are one network. */
    for (unsigned i = 0; i < 31; i++) {
        char *name = g_strdup_printf("nobody%u", i);
        char *network = g_strdup_printf("2001:db8:1:2::%x", i);
        g_assert_cmpint(knock(&people, (struct attempt){ name, "x", NULL, network }, &in), ==,
                        i < 30 ? PORTICO_EPERM : PORTICO_ELIMIT);
        g_free(name);
        g_free(network);
    }
    const struct identity_sign_in asked = { .name = "somebody",
                                            .password = "x",
                                            .device = { NULL, "2001:db8:1:2:ffff::1" } };
    g_assert_cmpint(identity_sign_in(people.identity, people_session(&people), &asked, &in, &wait,
                                     &people.error),
                    ==, PORTICO_ELIMIT);
    g_assert_cmpint(wait, ==, 70 * MINUTE);
    g_assert_cmpint(
        knock(&people, (struct attempt){ "somebody", "x", NULL, "2001:db8:1:3::1" }, &in), ==,
        PORTICO_EPERM);
    people_free(&people);
}

struct rush {
    struct people *people;
    gint wrong, limited;
};

static void *rush(void *data)
{
    struct rush *rush = data;
    struct arena *arena = arena_new(0);
    const struct identity_sign_in asked = { .name = "mara@example.com",
                                            .password = BETTER,
                                            .device = { NULL, "192.0.2.1" } };
    for (unsigned i = 0; i < 6; i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        struct identity_signed_in in;
        struct store_session *session =
            store_session_new(rush->people->database.store, arena, &store_viewer_everyone, "core");
        int code = identity_sign_in(rush->people->identity, session, &asked, &in, NULL, &error);
        if (code == PORTICO_EPERM)
            g_atomic_int_inc(&rush->wrong);
        else if (code == PORTICO_ELIMIT)
            g_atomic_int_inc(&rush->limited);
        else
            g_error("%d %s", code, error.message);
        store_session_end(session);
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

static void a_rush_of_guesses_gets_as_many_as_one_after_another(gconstpointer kind)
{
    struct people people;
    pthread_t threads[6];
    if (!people_new(&people, kind))
        return;
    mara_with(&people, 7);
    struct rush all = { &people, 0, 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, rush, &all), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(all.wrong, ==, 7);
    g_assert_cmpint(all.limited, ==, 29);
    people_free(&people);
}

static void typing_the_password_again_refreshes_the_session(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    struct identity_session found;
    if (!people_new(&people, kind))
        return;
    int64_t mara = mara_with(&people, 3);
    people_must(&people,
                knock(&people, (struct attempt){ "mara@example.com", GOOD, NULL, NULL }, &in));
    struct store_session *session = people_session(&people);
    people_must(&people,
                identity_session_find(people.identity, session, in.token, &found, &people.error));
    clock_stop(NOON + MINUTE);
    g_assert_cmpint(
        identity_prove_again(people.identity, session, mara, found.id, BETTER, &people.error), ==,
        PORTICO_EPERM);
    people_must(&people, identity_prove_again(people.identity, session, mara, found.id, GOOD,
                                              &people.error));
    people_must(&people,
                identity_session_find(people.identity, session, in.token, &found, &people.error));
    g_assert_cmpint(found.fresh, ==, NOON + MINUTE);
    for (unsigned i = 0; i < 2; i++)
        identity_prove_again(people.identity, session, mara, found.id, BETTER, &people.error);
    g_assert_cmpint(
        identity_prove_again(people.identity, session, mara, found.id, GOOD, &people.error), ==,
        PORTICO_ELIMIT);
    people_free(&people);
}

static void a_password_of_lesser_parameters_is_hashed_anew(gconstpointer kind)
{
    static const char lesser[] =
        "$argon2id$v=19$m=8192,t=1,p=1$"
        "/y0GwPT+7ai6VkX+7Wlxgg$/Q0+zUPZPdS8UshRem867MsePViPVnK451f1XQTBroI";
    struct people people;
    struct identity_signed_in in;
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    database_execute(&people.database, "UPDATE portico_person SET password = ? WHERE id = ?",
                     PORTICO_ARGS(portico_arg_text(lesser), portico_arg_id(mara)));
    int64_t rights = people_look(&people, mara).rights;
    people_must(&people, knock(&people, (struct attempt){ "mara", GOOD, NULL, NULL }, &in));
    struct value *rows =
        database_query(&people.database, "SELECT password FROM portico_person", NULL, 0);
    g_assert_true(g_str_has_prefix(people_cell(rows, 0, 0)->text, "$argon2id$v=19$m=19456,t=2,"));
    g_assert_cmpint(people_look(&people, mara).rights, ==, rights);
    people_must(&people, knock(&people, (struct attempt){ "mara", GOOD, NULL, NULL }, &in));
    people_free(&people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("sign_in", the_right_password_begins_a_session);
    DATABASE_TEST("sign_in", who_is_unknown_disabled_or_wrong_hears_the_same);
    DATABASE_TEST("sign_in", guesses_run_out_alike_for_known_and_unknown_names);
    DATABASE_TEST("sign_in", a_person_of_two_names_is_guessed_no_more_often);
    DATABASE_TEST("sign_in", a_device_that_was_here_before_still_gets_in);
    DATABASE_TEST("sign_in", right_passwords_use_up_no_guesses);
    DATABASE_TEST("sign_in", a_network_guesses_ten_times_as_often_as_a_name);
    DATABASE_TEST("sign_in", a_rush_of_guesses_gets_as_many_as_one_after_another);
    DATABASE_TEST("sign_in", typing_the_password_again_refreshes_the_session);
    DATABASE_TEST("sign_in", a_password_of_lesser_parameters_is_hashed_anew);
    return g_test_run();
}
