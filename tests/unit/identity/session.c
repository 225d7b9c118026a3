#include "people.h"

static const struct identity_device laptop = { "Browser/1", "192.0.2.7" };

static void begin(struct people *people, int64_t person, bool remember,
                  char token[IDENTITY_TOKEN_SIZE])
{
    people_must(people, identity_session_start(people->identity, people_session(people), person,
                                               &laptop, remember, token, &people->error));
}

static int find(struct people *people, const char *token, struct identity_session *found)
{
    database_next_session(&people->database);
    return identity_session_find(people->identity, people_session(people), token, found,
                                 &people->error);
}

static void a_session_is_found_by_its_token_and_not_by_what_is_kept(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE], other[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", "mara@example.com", IDENTITY_ADMIN);
    begin(&people, mara, false, token);
    begin(&people, mara, false, other);
    g_assert_cmpuint(strlen(token), ==, 43);
    g_assert_cmpstr(token, !=, other);
    people_must(&people, find(&people, token, &found));
    g_assert_cmpint(found.person.id, ==, mara);
    g_assert_cmpuint(found.person.roles, ==,
                     IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_STAFF | IDENTITY_ADMIN);
    g_assert_cmpint(found.expires, ==, NOON + 30 * MINUTE);
    g_assert_cmpint(found.fresh, ==, NOON);
    g_assert_false(found.due || found.stale || found.remembered);
    struct value *kept = database_query(
        &people.database, "SELECT token_hash FROM portico_session ORDER BY id", NULL, 0);
    char *hash = g_strdup(people_cell(kept, 0, 0)->text);
    g_assert_cmpint(find(&people, hash, &found), ==, PORTICO_ENOENT);
    g_free(hash);
    static const char *const none[] = { "", "x", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_cmpint(find(&people, none[i], &found), ==, PORTICO_ENOENT);
    g_assert_cmpint(find(&people, NULL, &found), ==, PORTICO_ENOENT);
    people_free(&people);
}

static void a_session_ends_when_idle_and_when_it_is_old(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", NULL, 0);
    begin(&people, mara, false, token);
    clock_stop(NOON + 30 * MINUTE - SECOND);
    people_must(&people, find(&people, token, &found));
    g_assert_true(found.due);
    clock_stop(NOON + 30 * MINUTE);
    g_assert_cmpint(find(&people, token, &found), ==, PORTICO_ENOENT);

    /* In use, it lasts for twelve hours. */
    begin(&people, mara, false, token);
    int64_t began = clock_now();
    for (int64_t at = 0; at < 12 * HOUR; at += 20 * MINUTE) {
        clock_stop(began + at);
        people_must(&people, find(&people, token, &found));
        people_must(&people,
                    identity_session_seen(people_session(&people), found.id, &people.error));
    }
    clock_stop(began + 12 * HOUR);
    g_assert_cmpint(find(&people, token, &found), ==, PORTICO_ENOENT);
    people_free(&people);
}

static void a_session_is_noted_as_seen_once_a_minute(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    begin(&people, people_add(&people, "Mara", NULL, 0), false, token);
    people_must(&people, find(&people, token, &found));
    static const int64_t steps[][2] = { { 59 * SECOND, 0 },
                                        { MINUTE, MINUTE },
                                        { 2 * MINUTE - SECOND, MINUTE },
                                        { 2 * MINUTE, 2 * MINUTE } };
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        clock_stop(NOON + steps[i][0]);
        people_must(&people,
                    identity_session_seen(people_session(&people), found.id, &people.error));
        people_must(&people, find(&people, token, &found));
        g_assert_cmpint(found.last_seen, ==, NOON + steps[i][1]);
    }
    people_free(&people);
}

static void a_kept_session_lasts_as_the_rules_of_today_say(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", NULL, 0);
    begin(&people, mara, true, token);
    clock_stop(NOON + 20 * DAY);
    people_must(&people, find(&people, token, &found));
    g_assert_true(found.remembered);
    g_assert_cmpint(found.expires, ==, NOON + 30 * DAY);
    struct identity_rules rules = people_rules();
    rules.remember = 10 * DAY;
    people_rule(&people, &rules);
    g_assert_cmpint(find(&people, token, &found), ==, PORTICO_ENOENT);
    rules.remember = 0;
    people_rule(&people, &rules);
    begin(&people, mara, true, token);
    people_must(&people, find(&people, token, &found));
    g_assert_false(found.remembered);
    people_free(&people);
}

static void a_disabled_person_has_no_session_and_begins_none(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    people_add(&people, "Ann", NULL, IDENTITY_ADMIN);
    int64_t mara = people_add(&people, "Mara", NULL, 0);
    begin(&people, mara, true, token);
    people_must(&people, identity_person_state(session, mara, IDENTITY_DISABLED, &people.error));
    g_assert_cmpint(find(&people, token, &found), ==, PORTICO_ENOENT);
    g_assert_cmpint(database_integer(&people.database, "SELECT count(*) FROM portico_session"), ==,
                    0);
    session = people_session(&people);
    g_assert_cmpint(identity_session_start(people.identity, session, mara, &laptop, false, token,
                                           &people.error),
                    ==, PORTICO_ENOENT);
    /* Enabled again, what ended stays ended. */
    people_must(&people, identity_person_state(session, mara, IDENTITY_ACTIVE, &people.error));
    g_assert_cmpint(find(&people, token, &found), ==, PORTICO_ENOENT);
    people_free(&people);
}

static void new_roles_ask_for_a_new_token_and_requests_under_way_are_not_lost(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char old[IDENTITY_TOKEN_SIZE], made[IDENTITY_TOKEN_SIZE], third[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", NULL, 0);
    begin(&people, mara, false, old);
    people_must(&people, identity_person_roles(people_session(&people), mara, IDENTITY_MODERATOR, 0,
                                               &people.error));
    people_must(&people, find(&people, old, &found));
    g_assert_true(found.stale);
    g_assert_true(found.person.roles & IDENTITY_MODERATOR);
    people_must(&people, identity_session_rotate(people_session(&people), found.id, old,
                                                 IDENTITY_RIGHTS_CHANGED, made, &people.error));
    g_assert_cmpint(identity_session_rotate(people_session(&people), found.id, old,
                                            IDENTITY_RIGHTS_CHANGED, third, &people.error),
                    ==, PORTICO_ENOENT);
    people_must(&people, find(&people, made, &found));
    g_assert_false(found.stale);
    people_must(&people, find(&people, old, &found));
    g_assert_false(found.stale);
    clock_stop(NOON + 10 * SECOND);
    g_assert_cmpint(find(&people, old, &found), ==, PORTICO_ENOENT);
    people_must(&people, find(&people, made, &found));

    people_must(&people, identity_session_rotate(people_session(&people), found.id, made,
                                                 IDENTITY_SECRET_CHANGED, third, &people.error));
    g_assert_cmpint(find(&people, made, &found), ==, PORTICO_ENOENT);
    people_must(&people, find(&people, third, &found));
    people_free(&people);
}

static void open_forms_outlive_new_rights_and_nothing_else(gconstpointer kind)
{
    struct people people;
    struct identity_session found;
    char tokens[4][IDENTITY_TOKEN_SIZE], first[IDENTITY_TOKEN_SIZE];
    if (!people_new(&people, kind))
        return;
    begin(&people, people_add(&people, "Mara", NULL, 0), false, tokens[0]);
    people_must(&people, find(&people, tokens[0], &found));
    g_assert_null(found.form_token);
    g_assert_true(identity_form_token(tokens[0], first));
    static const enum identity_rotation why[] = { IDENTITY_RIGHTS_CHANGED, IDENTITY_RIGHTS_CHANGED,
                                                  IDENTITY_ACCOUNT_CHANGED };
    for (size_t i = 0; i < G_N_ELEMENTS(why); i++) {
        people_must(&people, identity_session_rotate(people_session(&people), found.id, tokens[i],
                                                     why[i], tokens[i + 1], &people.error));
        people_must(&people, find(&people, tokens[i + 1], &found));
        g_assert_false(found.former);
        if (why[i] == IDENTITY_ACCOUNT_CHANGED)
            g_assert_true(identity_form_token(tokens[i + 1], first));
        g_assert_cmpstr(found.form_token, ==, first);
        people_must(&people, find(&people, tokens[i], &found));
        g_assert_true(found.former);
        g_assert_cmpstr(found.form_token, ==, first);
    }
    people_free(&people);
}

static void sessions_are_listed_and_ended_by_whose_they_are(gconstpointer kind)
{
    struct people people;
    struct value *rows;
    struct identity_session found, others;
    char tokens[3][IDENTITY_TOKEN_SIZE], bens[IDENTITY_TOKEN_SIZE];
    int64_t ended;
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", NULL, 0), ben = people_add(&people, "Ben", NULL, 0);
    for (size_t i = 0; i < 3; i++) {
        clock_stop(NOON + (int64_t)i * SECOND);
        begin(&people, mara, i == 0, tokens[i]);
    }
    begin(&people, ben, false, bens);
    people_must(&people, find(&people, bens, &others));
    people_must(&people, find(&people, tokens[1], &found));
    struct store_session *session = people_session(&people);
    people_must(&people, identity_session_list(people.identity, session, mara, found.id, &rows,
                                               &people.error));
    g_assert_cmpuint(rows->count, ==, 3);
    g_assert_cmpstr(people_cell(rows, 0, 4)->text, ==, "Browser/1");
    g_assert_cmpstr(people_cell(rows, 0, 5)->text, ==, "192.0.2.7");
    for (size_t i = 0; i < 3; i++)
        g_assert_cmpint(people_cell(rows, i, 8)->integer, ==, i == 1);
    g_assert_cmpint(people_cell(rows, 2, 6)->integer, ==, 1);
    g_assert_cmpint(identity_session_end_one(session, mara, others.id, &people.error), ==,
                    PORTICO_ENOENT);
    people_must(&people, identity_session_end_one(session, mara, people_cell(rows, 0, 0)->integer,
                                                  &people.error));
    people_must(&people, identity_session_end_all(session, mara, found.id, &ended, &people.error));
    g_assert_cmpint(ended, ==, 1);
    people_must(&people, find(&people, tokens[1], &found));
    people_must(&people, find(&people, bens, &found));
    session = people_session(&people);
    people_must(&people, identity_session_end(session, bens, &people.error));
    people_must(&people, identity_session_end(session, "no token", &people.error));
    g_assert_cmpint(find(&people, bens, &found), ==, PORTICO_ENOENT);
    people_free(&people);
}

static void what_is_over_is_removed(gconstpointer kind)
{
    struct people people;
    char token[IDENTITY_TOKEN_SIZE], kept[IDENTITY_TOKEN_SIZE];
    struct identity_session found;
    int64_t person;
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    begin(&people, mara, false, token);
    begin(&people, mara, true, kept);
    const struct identity_new_person waiting = { .name = "Wait", .address = "wait@example.com" };
    people_must(&people,
                identity_person_make(people_session(&people), &waiting, &person, &people.error));
    people_must(&people, identity_link_make(people_session(&people), IDENTITY_LINK_SIGN_UP, person,
                                            "wait@example.com", token, &people.error));
    people_must(&people, identity_guess_take(people.identity, people_session(&people), "a", "b", 3,
                                             NULL, &people.error));
    g_assert_cmpint(identity_prune(people_session(&people), 500, &people.error), ==, 0);
    clock_stop(NOON + 4 * DAY);
    /* Guess, and the sign-up with its address and link. */
    g_assert_cmpint(identity_prune(people_session(&people), 500, &people.error), ==, 4);
    g_assert_cmpint(identity_prune(people_session(&people), 500, &people.error), ==, 0);
    struct value *rows;
    people_must(&people, identity_sessions_over(people.identity, people_session(&people), 500,
                                                &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(people_cell(rows, 0, 0)->integer, ==, mara);
    people_must(&people, identity_sessions_over(people.identity, people_session(&people), 500,
                                                &rows, &people.error));
    g_assert_cmpuint(rows->count, ==, 0);
    people_must(&people, find(&people, kept, &found));
    g_assert_cmpint(database_integer(&people.database, "SELECT count(*) FROM portico_person"), ==,
                    1);
    people_free(&people);
}

static void a_forms_token_belongs_to_its_session(void)
{
    char token[IDENTITY_TOKEN_SIZE], other[IDENTITY_TOKEN_SIZE];
    char first[IDENTITY_TOKEN_SIZE], again[IDENTITY_TOKEN_SIZE], second[IDENTITY_TOKEN_SIZE];
    identity_token_make(token);
    identity_token_make(other);
    g_assert_true(identity_form_token(token, first));
    g_assert_true(identity_form_token(token, again));
    g_assert_true(identity_form_token(other, second));
    g_assert_cmpstr(first, ==, again);
    g_assert_cmpstr(first, !=, second);
    g_assert_cmpstr(first, !=, token);
    g_assert_false(identity_form_token("none", first));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/form", a_forms_token_belongs_to_its_session);
    DATABASE_TEST("session", a_session_is_found_by_its_token_and_not_by_what_is_kept);
    DATABASE_TEST("session", a_session_ends_when_idle_and_when_it_is_old);
    DATABASE_TEST("session", a_session_is_noted_as_seen_once_a_minute);
    DATABASE_TEST("session", a_kept_session_lasts_as_the_rules_of_today_say);
    DATABASE_TEST("session", a_disabled_person_has_no_session_and_begins_none);
    DATABASE_TEST("session", new_roles_ask_for_a_new_token_and_requests_under_way_are_not_lost);
    DATABASE_TEST("session", open_forms_outlive_new_rights_and_nothing_else);
    DATABASE_TEST("session", sessions_are_listed_and_ended_by_whose_they_are);
    DATABASE_TEST("session", what_is_over_is_removed);
    return g_test_run();
}
