#include "people.h"

#include <pthread.h>

static int look(struct people *people, const char *token, const char **reason)
{
    struct identity_link link;
    return identity_link_look(people_session(people), token, &link, reason, &people->error);
}

static void a_link_is_for_one_purpose_once_and_for_a_while(gconstpointer kind)
{
    struct people people;
    struct identity_link link;
    char token[IDENTITY_TOKEN_SIZE], newer[IDENTITY_TOKEN_SIZE];
    const char *reason = NULL;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    people_must(&people, identity_link_make(session, IDENTITY_LINK_INVITE, mara, "mara@example.com",
                                            token, &people.error));
    people_must(&people, look(&people, token, &reason));
    g_assert_cmpint(
        identity_link_use(session, token, IDENTITY_LINK_RESET, &link, &reason, &people.error), ==,
        PORTICO_ENOENT);
    people_must(&people, identity_link_use(session, token, IDENTITY_LINK_INVITE, &link, &reason,
                                           &people.error));
    g_assert_cmpint(link.person, ==, mara);
    g_assert_cmpstr(link.address, ==, "mara@example.com");
    g_assert_cmpint(link.expires, ==, NOON + 7 * DAY);
    g_assert_cmpint(
        identity_link_use(session, token, IDENTITY_LINK_INVITE, &link, &reason, &people.error), ==,
        PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "used already"));

    people_must(&people, identity_link_make(session, IDENTITY_LINK_RESET, mara, "mara@example.com",
                                            token, &people.error));
    people_must(&people, identity_link_make(session, IDENTITY_LINK_RESET, mara, "mara@example.com",
                                            newer, &people.error));
    g_assert_cmpint(look(&people, token, &reason), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "nowhere"));
    clock_stop(NOON + HOUR);
    g_assert_cmpint(look(&people, newer, &reason), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "too old"));
    g_assert_cmpint(look(&people, "no link", &reason), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "nowhere"));
    people_free(&people);
}

struct race {
    struct people *people;
    const char *token;
    gint used;
};

static void *race(void *data)
{
    struct race *race = data;
    struct arena *arena = arena_new(0);
    struct identity_link link;
    struct store_session *session =
        store_session_new(race->people->database.store, arena, &store_viewer_everyone, "core");
    if (identity_link_use(session, race->token, IDENTITY_LINK_RESET, &link, NULL, NULL) == 0)
        g_atomic_int_inc(&race->used);
    store_session_end(session);
    arena_free(arena);
    return NULL;
}

static void of_many_who_use_a_link_at_once_one_does(gconstpointer kind)
{
    struct people people;
    char token[IDENTITY_TOKEN_SIZE];
    pthread_t threads[8];
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    people_must(&people, identity_link_make(people_session(&people), IDENTITY_LINK_RESET, mara,
                                            NULL, token, &people.error));
    struct race all = { &people, token, 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, race, &all), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(all.used, ==, 1);
    people_free(&people);
}

static void somebody_signs_up_and_is_nobody_until_the_address_is_proven(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    struct identity_signed_in in;
    struct identity_person found;
    const char *field = "none", *reason = NULL;
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    const struct identity_sign_up asked = { "Mara Lindqvist", "Mara@example.com", "de",
                                            "Europe/Berlin", "192.0.2.1" };
    people_must(&people, identity_sign_up(people.identity, session, &asked, &letter, &field, NULL,
                                          &people.error));
    g_assert_null(field);
    g_assert_cmpint(letter.kind, ==, IDENTITY_LETTER_LINK);
    g_assert_cmpint(letter.purpose, ==, IDENTITY_LINK_SIGN_UP);
    g_assert_cmpstr(letter.address, ==, "Mara@example.com");
    g_assert_cmpstr(letter.locale, ==, "de");
    g_assert_cmpint(identity_person_named(session, "mara.lindqvist", &found, NULL), ==,
                    PORTICO_ENOENT);
    g_assert_cmpint(identity_link_password(people.identity, session, letter.token, "lindqvist",
                                           NULL, &person, &reason, &people.error),
                    ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(reason, "your name"));
    people_must(&people, identity_link_password(people.identity, session, letter.token, GOOD, NULL,
                                                &person, &reason, &people.error));
    people_must(&people, identity_person_named(session, "mara@example.com", &found, &people.error));
    g_assert_cmpint(found.id, ==, person);
    g_assert_cmpint(found.state, ==, IDENTITY_ACTIVE);
    const struct identity_sign_in back = { .name = "mara@example.com", .password = GOOD };
    people_must(&people,
                identity_sign_in(people.identity, session, &back, &in, NULL, &people.error));
    g_assert_cmpint(identity_link_password(people.identity, session, letter.token, BETTER, NULL,
                                           &person, &reason, &people.error),
                    ==, PORTICO_ENOENT);
    people_free(&people);
}

static void signing_up_with_an_address_that_counts_writes_to_its_owner(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    people_password(&people, mara, GOOD);
    const struct identity_sign_up asked = { "Somebody", "MARA@example.com", "", "", "192.0.2.1" };
    people_must(&people, identity_sign_up(people.identity, session, &asked, &letter, NULL, NULL,
                                          &people.error));
    g_assert_cmpint(letter.kind, ==, IDENTITY_LETTER_ALREADY);
    g_assert_cmpint(letter.person, ==, mara);
    g_assert_cmpstr(letter.address, ==, "mara@example.com");
    g_assert_cmpint(database_integer(&people.database, "SELECT count(*) FROM portico_person"), ==,
                    1);
    people_must(&people, identity_link_password(people.identity, session, letter.token, BETTER,
                                                NULL, &person, NULL, &people.error));
    g_assert_cmpint(person, ==, mara);
    people_free(&people);
}

static void of_two_who_sign_up_with_one_address_the_first_to_confirm_has_it(gconstpointer kind)
{
    struct people people;
    struct identity_letter letters[2];
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    const struct identity_sign_up asked[2] = {
        { "First", "shared@example.com", "", "", "192.0.2.1" },
        { "Second", "shared@example.com", "", "", "192.0.2.2" },
    };
    for (size_t i = 0; i < 2; i++)
        people_must(&people, identity_sign_up(people.identity, session, &asked[i], &letters[i],
                                              NULL, NULL, &people.error));
    g_assert_cmpint(letters[1].kind, ==, IDENTITY_LETTER_LINK);
    people_must(&people, identity_link_password(people.identity, session, letters[1].token, GOOD,
                                                NULL, &person, NULL, &people.error));
    g_assert_cmpint(identity_link_password(people.identity, session, letters[0].token, BETTER, NULL,
                                           &person, NULL, &people.error),
                    ==, PORTICO_EEXIST);
    people_free(&people);
}

static void signing_up_is_refused_where_it_is_closed_or_too_much(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    const char *field = NULL;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    struct identity_sign_up asked = { "", "x@example.com", "", "", "192.0.2.1" };
    g_assert_cmpint(
        identity_sign_up(people.identity, session, &asked, &letter, &field, NULL, &people.error),
        ==, PORTICO_EINVAL);
    g_assert_cmpstr(field, ==, "name");
    asked = (struct identity_sign_up){ "X", "not an address", "", "", "192.0.2.1" };
    g_assert_cmpint(
        identity_sign_up(people.identity, session, &asked, &letter, &field, NULL, &people.error),
        ==, PORTICO_EINVAL);
    g_assert_cmpstr(field, ==, "address");
    asked = (struct identity_sign_up){ "Xavier", "x@example.com", "", "", "192.0.2.1" };
    for (unsigned i = 0; i < 6; i++)
        g_assert_cmpint(identity_sign_up(people.identity, session, &asked, &letter, &field, NULL,
                                         &people.error),
                        ==, i < 5 ? 0 : PORTICO_ELIMIT);
    struct identity_rules rules = people_rules();
    rules.sign_up = false;
    people_rule(&people, &rules);
    asked.address = "y@example.com";
    g_assert_cmpint(
        identity_sign_up(people.identity, session, &asked, &letter, &field, NULL, &people.error),
        ==, PORTICO_EPERM);
    people_free(&people);
}

static void a_forgotten_password_is_set_anew_by_who_reads_the_mail(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE];
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    people_password(&people, mara, GOOD);
    people_must(&people, identity_session_start(people.identity, session, mara, NULL, true, token,
                                                &people.error));
    people_must(&people, identity_forgot(people.identity, session, "nobody@example.com",
                                         "192.0.2.1", &letter, NULL, &people.error));
    g_assert_cmpint(letter.kind, ==, IDENTITY_LETTER_NONE);
    people_must(&people, identity_forgot(people.identity, session, "mara", "192.0.2.1", &letter,
                                         NULL, &people.error));
    g_assert_cmpint(letter.kind, ==, IDENTITY_LETTER_LINK);
    g_assert_cmpstr(letter.address, ==, "mara@example.com");
    people_must(&people, identity_link_password(people.identity, session, letter.token, BETTER,
                                                NULL, &person, NULL, &people.error));
    g_assert_cmpint(identity_session_find(people.identity, session, token, &found, &people.error),
                    ==, PORTICO_ENOENT);
    /* Known or not, five times an hour. */
    static const char *const names[] = { "mara@example.com", "unknown@example.com" };
    for (size_t n = 0; n < 2; n++)
        for (unsigned i = 0; i < 6; i++)
            g_assert_cmpint(identity_forgot(people.identity, session, names[n], "192.0.2.9",
                                            &letter, NULL, &people.error),
                            ==, i < 5 ? 0 : PORTICO_ELIMIT);
    people_free(&people);
}

static void a_disabled_person_gets_no_way_in(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    char token[IDENTITY_TOKEN_SIZE];
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    people_add(&people, "Ann", NULL, IDENTITY_ADMIN);
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    people_must(&people, identity_link_make(session, IDENTITY_LINK_INVITE, mara, "mara@example.com",
                                            token, &people.error));
    people_must(&people, identity_person_state(session, mara, IDENTITY_DISABLED, &people.error));
    people_must(&people, identity_forgot(people.identity, session, "mara", "192.0.2.1", &letter,
                                         NULL, &people.error));
    g_assert_cmpint(letter.kind, ==, IDENTITY_LETTER_NONE);
    g_assert_cmpint(identity_link_password(people.identity, session, token, GOOD, NULL, &person,
                                           NULL, &people.error),
                    ==, PORTICO_ENOENT);
    /* Neither does one that is made later, or one from before once they are enabled. */
    people_must(&people, identity_link_make(session, IDENTITY_LINK_INVITE, mara, "mara@example.com",
                                            token, &people.error));
    g_assert_cmpint(identity_link_password(people.identity, session, token, GOOD, NULL, &person,
                                           NULL, &people.error),
                    ==, PORTICO_EPERM);
    people_free(&people);
}

static void reset_fails(struct people *people, const char *token, int code)
{
    int64_t person;
    g_assert_cmpint(identity_link_password(people->identity, people_session(people), token, BETTER,
                                           NULL, &person, NULL, &people->error),
                    ==, code);
}

static void forgot(struct people *people, struct identity_letter *letter)
{
    people_must(people, identity_forgot(people->identity, people_session(people), "mara",
                                        "192.0.2.1", letter, NULL, &people->error));
    g_assert_cmpint(letter->kind, ==, IDENTITY_LETTER_LINK);
}

static int confirm(struct people *people, const char *token, int64_t person)
{
    struct identity_link link;
    return identity_link_address(people->identity, people_session(people), token, person, &link,
                                 NULL, &people->error);
}

static void write_to(struct people *people, int64_t person, const char *address,
                     struct identity_letter *letter)
{
    people_must(people, identity_letter_for_address(people_session(people), person, address, letter,
                                                    &people->error));
}

static int64_t address_id(struct people *people, const char *address)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT id FROM portico_address WHERE address = '%s'", address);
    return database_integer(&people->database, sql);
}

static void a_link_ends_with_its_address_its_main_and_its_person(gconstpointer kind)
{
    struct people people;
    struct identity_letter reset, added, other;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    people_add(&people, "Ann", NULL, IDENTITY_ADMIN);
    int64_t mara = people_add(&people, "Mara", "old@example.com", 0);
    people_password(&people, mara, GOOD);
    write_to(&people, mara, "new@example.com", &added);
    people_must(&people, confirm(&people, added.token, mara));

    /* Another is the main one. */
    forgot(&people, &reset);
    write_to(&people, mara, "third@example.com", &other);
    people_must(&people, identity_address_main(
                             session, mara, address_id(&people, "new@example.com"), &people.error));
    reset_fails(&people, reset.token, PORTICO_ENOENT);
    people_must(&people, confirm(&people, other.token, mara));

    /* It is removed; what went to others stays. */
    forgot(&people, &reset);
    write_to(&people, mara, "Fourth@example.com", &added);
    write_to(&people, mara, "fifth@example.com", &other);
    people_must(&people,
                identity_address_remove(session, mara, address_id(&people, "Fourth@example.com"),
                                        &people.error));
    reset_fails(&people, reset.token, PORTICO_ENOENT);
    g_assert_cmpint(confirm(&people, added.token, mara), ==, PORTICO_ENOENT);
    people_must(&people, confirm(&people, other.token, mara));

    /* It is gone some other way, or counts no more. */
    forgot(&people, &reset);
    database_execute(&people.database,
                     "UPDATE portico_address SET verified = NULL "
                     "WHERE address = 'new@example.com'",
                     NULL, 0);
    reset_fails(&people, reset.token, PORTICO_ENOENT);
    database_execute(&people.database,
                     "UPDATE portico_address SET verified = 1 "
                     "WHERE address = 'new@example.com'",
                     NULL, 0);

    /* The person was disabled meanwhile. */
    people_must(&people, identity_person_state(session, mara, IDENTITY_DISABLED, &people.error));
    people_must(&people, identity_person_state(session, mara, IDENTITY_ACTIVE, &people.error));
    reset_fails(&people, reset.token, PORTICO_ENOENT);
    people_free(&people);
}

static void an_address_is_confirmed_by_whose_it_is_to_be(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    if (!people_new(&people, kind))
        return;
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    int64_t ben = people_add(&people, "Ben", "ben@example.com", 0);
    write_to(&people, mara, "new@example.com", &letter);
    g_assert_cmpint(confirm(&people, letter.token, 0), ==, PORTICO_EPERM);
    g_assert_cmpint(confirm(&people, letter.token, ben), ==, PORTICO_EPERM);
    people_must(&people, confirm(&people, letter.token, mara));
    g_assert_cmpint(database_integer(&people.database,
                                     "SELECT count(*) FROM portico_audit WHERE kind = "
                                     "'address.confirmed' AND actor = person"),
                    ==, 1);
    people_free(&people);
}

static void who_comes_in_anew_does_so_by_the_rules_of_now(gconstpointer kind)
{
    struct people people;
    struct identity_letter letter;
    struct identity_person whose;
    char invited[IDENTITY_TOKEN_SIZE], made[IDENTITY_TOKEN_SIZE];
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    struct identity_rules rules = people_rules();
    const struct identity_sign_up asked = { "Late", "late@harbour.example", "", "", "192.0.2.1" };
    const struct identity_new_person inv = { .name = "Inv",
                                             .address = "inv@example.com",
                                             .state = IDENTITY_WAITING };
    people_must(&people, identity_sign_up(people.identity, session, &asked, &letter, NULL, NULL,
                                          &people.error));
    people_must(&people, identity_person_make(session, &inv, &person, &people.error));
    people_must(&people, identity_link_invite(session, person, "inv@example.com", 0, invited,
                                              &people.error));
    /* Somebody whom the operator made is here already. */
    int64_t mara = people_add(&people, "Mara", "mara@example.com", 0);
    people_must(&people,
                identity_link_invite(session, mara, "mara@example.com", 0, made, &people.error));
    rules.by_domain = true;
    people_rule(&people, &rules);
    reset_fails(&people, letter.token, PORTICO_ENOENT);
    rules.by_domain = rules.sign_up = false;
    people_rule(&people, &rules);
    reset_fails(&people, letter.token, PORTICO_ENOENT);
    rules.closed = true;
    people_rule(&people, &rules);
    reset_fails(&people, letter.token, PORTICO_ENOENT);
    reset_fails(&people, invited, PORTICO_ENOENT);
    reset_fails(&people, made, 0);
    rules = people_rules();
    people_rule(&people, &rules);
    reset_fails(&people, letter.token, 0);
    reset_fails(&people, invited, 0);
    whose = people_look(&people, person);
    g_assert_cmpint(whose.state, ==, IDENTITY_ACTIVE);
    people_free(&people);
}

static void an_invitation_of_the_staff_ends_with_what_its_inviter_may(gconstpointer kind)
{
    static const struct identity_permission admins[] = { { .name = "portico.admin",
                                                           .roles = IDENTITY_ADMIN } };
    struct people people;
    char links[3][IDENTITY_TOKEN_SIZE];
    int64_t guests[3];
    if (!people_new(&people, kind))
        return;
    identity_declare(people.identity, admins, 1);
    struct store_session *session = people_session(&people);
    people_add(&people, "Ann", NULL, IDENTITY_ADMIN);
    int64_t rogue = people_add(&people, "Rogue", "rogue@example.com", IDENTITY_ADMIN);
    for (size_t i = 0; i < 3; i++) {
        const struct identity_new_person guest = { .name = "Guest",
                                                   .address = i == 0   ? "a@example.com"
                                                              : i == 1 ? "b@example.com"
                                                                       : "c@example.com",
                                                   .roles = i == 1 ? 0 : IDENTITY_ADMIN,
                                                   .state = IDENTITY_WAITING };
        people_must(&people, identity_person_make(session, &guest, &guests[i], &people.error));
        people_must(&people, identity_link_invite(session, guests[i], guest.address,
                                                  i == 2 ? 0 : rogue, links[i], &people.error));
    }
    people_must(&people, identity_person_roles(session, rogue, 0, IDENTITY_ADMIN, &people.error));
    reset_fails(&people, links[0], PORTICO_ENOENT);
    reset_fails(&people, links[1], PORTICO_ENOENT);
    people_must(&people, identity_person_roles(session, rogue, IDENTITY_ADMIN, 0, &people.error));
    reset_fails(&people, links[1], 0);
    people_must(&people, identity_person_state(session, rogue, IDENTITY_DISABLED, &people.error));
    people_must(&people, identity_person_state(session, rogue, IDENTITY_ACTIVE, &people.error));
    reset_fails(&people, links[0], PORTICO_ENOENT);
    reset_fails(&people, links[2], 0);
    people_free(&people);
}

static void the_first_admin_is_made_by_a_link_and_no_second(gconstpointer kind)
{
    struct people people;
    char token[IDENTITY_TOKEN_SIZE], other[IDENTITY_TOKEN_SIZE];
    const char *field = NULL, *reason = NULL;
    int64_t person;
    if (!people_new(&people, kind))
        return;
    struct store_session *session = people_session(&people);
    people_must(&people,
                identity_link_make(session, IDENTITY_LINK_ADMIN, 0, NULL, token, &people.error));
    static const struct {
        struct identity_first_admin admin;
        const char *field;
    } wrong[] = {
        { { "", "ann@example.com", GOOD, NULL, NULL, NULL }, "name" },
        { { "Ann", "ann", GOOD, NULL, NULL, NULL }, "address" },
        { { "Ann", "ann@example.com", "short", NULL, NULL, NULL }, "password" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_assert_cmpint(identity_link_admin(people.identity, session, token, &wrong[i].admin,
                                            &person, &field, &reason, &people.error),
                        ==, PORTICO_EINVAL);
        g_assert_cmpstr(field, ==, wrong[i].field);
    }
    const struct identity_first_admin ann = { "Ann", "ann@example.com", GOOD, "en", "UTC", NULL };
    people_must(&people, identity_link_admin(people.identity, session, token, &ann, &person, &field,
                                             &reason, &people.error));
    g_assert_null(field);
    struct identity_person found = people_look(&people, person);
    g_assert_true(found.roles & IDENTITY_ADMIN);
    g_assert_cmpstr(found.address, ==, "ann@example.com");
    people_must(&people,
                identity_link_make(session, IDENTITY_LINK_ADMIN, 0, NULL, other, &people.error));
    const struct identity_first_admin bea = { "Bea", "bea@example.com", GOOD, NULL, NULL, NULL };
    g_assert_cmpint(identity_link_admin(people.identity, session, other, &bea, &person, &field,
                                        &reason, &people.error),
                    ==, PORTICO_ECONFLICT);
    g_assert_cmpint(identity_link_admin(people.identity, session, token, &bea, &person, &field,
                                        &reason, &people.error),
                    ==, PORTICO_ENOENT);
    people_free(&people);
}

/* Mails that one writer gets to send to the address, of those asked for. */
static unsigned sent_by(struct people *people, int64_t person, int64_t account, unsigned asked)
{
    const struct identity_writer writer = { person, account };
    unsigned sent = 0;
    int64_t wait = 0;
    for (unsigned i = 0; i < asked; i++) {
        int code = identity_letter_take_sender(people->identity, people_session(people), &writer,
                                               &wait, &people->error);
        if (code == 0)
            code = identity_letter_take_address(people->identity, people_session(people), &writer,
                                                i % 2 ? "vic@else.example" : "Vic@Else.example",
                                                &wait, &people->error);
        if (code == PORTICO_ELIMIT)
            break;
        people_must(people, code);
        sent++;
    }
    g_assert_true(sent == asked || wait > 0);
    return sent;
}

static void each_writes_so_often_to_an_address_and_nobody_for_others(gconstpointer kind)
{
    enum { OTHERS = 9 };
    struct people people;
    if (!people_new(&people, kind))
        return;
    g_assert_cmpuint(sent_by(&people, 1, 0, 6), ==, 5);
    g_assert_cmpuint(sent_by(&people, 1, 101, 6), ==, 5); /* confirming takes nothing of inviting */
    g_assert_cmpuint(sent_by(&people, 2, 101, 1), ==, 0); /* of the company, not of its admin */
    for (int i = 1; i <= OTHERS; i++) {
        g_assert_cmpuint(sent_by(&people, 1 + i, 101 + i, 6), ==, 5);
        g_assert_cmpuint(sent_by(&people, 1 + i, 0, 6), ==, 5);
    }
    g_assert_cmpuint(sent_by(&people, 50, 150, 1), ==, 0); /* fifty of all */
    g_assert_cmpuint(sent_by(&people, 50, 0, 1), ==, 0);
    people_free(&people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("link", a_link_is_for_one_purpose_once_and_for_a_while);
    DATABASE_TEST("link", of_many_who_use_a_link_at_once_one_does);
    DATABASE_TEST("link", somebody_signs_up_and_is_nobody_until_the_address_is_proven);
    DATABASE_TEST("link", signing_up_with_an_address_that_counts_writes_to_its_owner);
    DATABASE_TEST("link", of_two_who_sign_up_with_one_address_the_first_to_confirm_has_it);
    DATABASE_TEST("link", signing_up_is_refused_where_it_is_closed_or_too_much);
    DATABASE_TEST("link", a_forgotten_password_is_set_anew_by_who_reads_the_mail);
    DATABASE_TEST("link", a_disabled_person_gets_no_way_in);
    DATABASE_TEST("link", a_link_ends_with_its_address_its_main_and_its_person);
    DATABASE_TEST("link", an_address_is_confirmed_by_whose_it_is_to_be);
    DATABASE_TEST("link", who_comes_in_anew_does_so_by_the_rules_of_now);
    DATABASE_TEST("link", an_invitation_of_the_staff_ends_with_what_its_inviter_may);
    DATABASE_TEST("link", the_first_admin_is_made_by_a_link_and_no_second);
    DATABASE_TEST("link", each_writes_so_often_to_an_address_and_nobody_for_others);
    return g_test_run();
}
