/* The second factor: setting it up, using it, and what stands between the password and a session.
 */
#include "people.h"

#include "base/error.h"
#include "identity/again.h"
#include "identity/member.h"

#include <pthread.h>

#define STEP ((int64_t)TOTP_SECONDS * SECOND)

/* Bytes of a secret as it is shown. */
static void secret_of(const char *text, unsigned char ret_secret[TOTP_SECRET_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i < TOTP_SECRET_SIZE / 5; i++) {
        uint64_t bits = 0;
        for (size_t k = 0; k < 8; k++)
            bits = bits << 5 | (uint64_t)(strchr(letters, text[8 * i + k]) - letters);
        for (size_t k = 5; k > 0; k--, bits >>= 8)
            ret_secret[5 * i + k - 1] = (unsigned char)bits;
    }
}

/* Somebody with a password and an app. */
struct owner {
    struct people people;
    int64_t id;
    unsigned char secret[TOTP_SECRET_SIZE];
    struct identity_recovery recovery;
};

static struct store_session *session_of(struct owner *owner)
{
    database_next_session(&owner->people.database);
    return people_session(&owner->people);
}

static const char *code_at(const struct owner *owner, int64_t time)
{
    static char code[TOTP_DIGITS + 1];
    totp_code(owner->secret, totp_step(time), code);
    return code;
}

/* A session of theirs, where an app is set up. */
static struct identity_enrolling enrolling_of(struct owner *owner)
{
    struct people *people = &owner->people;
    struct identity_session live;
    char token[IDENTITY_TOKEN_SIZE];
    people_must(people, identity_session_start(people->identity, session_of(owner), owner->id, NULL,
                                               false, token, &people->error));
    people_must(people, identity_session_find(people->identity, session_of(owner), token, &live,
                                              &people->error));
    return (struct identity_enrolling){ .person = owner->id, .id = live.id };
}

static void offer(struct owner *owner, const struct identity_enrolling *enrolling,
                  char ret_text[TOTP_TEXT_SIZE])
{
    struct people *people = &owner->people;
    people_must(people, identity_app_offer(people->identity, session_of(owner), enrolling, ret_text,
                                           &people->error));
}

static int confirm(struct owner *owner, const struct identity_enrolling *enrolling,
                   const char *code)
{
    struct people *people = &owner->people;
    struct store_session *session = session_of(owner);
    const char *sealed;
    int result = identity_app_offered(session, enrolling, &sealed, &people->error);
    return result < 0 ? result
                      : identity_app_confirm(people->identity, session, owner->id, sealed, code,
                                             &owner->recovery, &people->error);
}

static void set_up(struct owner *owner)
{
    char text[TOTP_TEXT_SIZE], again[TOTP_TEXT_SIZE];
    const struct identity_enrolling enrolling = enrolling_of(owner);
    offer(owner, &enrolling, text);
    offer(owner, &enrolling, again);
    g_assert_cmpstr(text, ==, again);
    secret_of(text, owner->secret);
    people_must(&owner->people, confirm(owner, &enrolling, code_at(owner, clock_now())));
}

static bool owner_new(struct owner *owner, gconstpointer kind, const struct identity_rules *rules)
{
    *owner = (struct owner){ 0 };
    if (!people_new(&owner->people, kind))
        return false;
    if (rules)
        people_rule(&owner->people, rules);
    owner->id = people_add(&owner->people, "Mara Lindqvist", "mara@example.com", 0);
    people_password(&owner->people, owner->id, GOOD);
    set_up(owner);
    clock_stop(NOON + HOUR);
    return true;
}

static int sign_in(struct owner *owner, const char *known, struct identity_signed_in *in)
{
    const struct identity_sign_in asked = { .name = "mara@example.com",
                                            .password = GOOD,
                                            .known = known,
                                            .browser = "one",
                                            .device = { "Browser/1", "192.0.2.1" } };
    return identity_sign_in(owner->people.identity, session_of(owner), &asked, in, NULL,
                            &owner->people.error);
}

static int find_half(struct owner *owner, const char *token, const char *browser,
                     struct identity_half *half)
{
    return identity_half_find(owner->people.identity, session_of(owner), token, browser, half,
                              &owner->people.error);
}

/* A code and the session for it, at once, as a page does it. */
static int show(struct people *people, struct store_session *session,
                const struct identity_half *half, const char *code, bool trust,
                struct identity_signed_in *in, struct portico_error *error)
{
    const struct identity_half_end end = { .half = half,
                                           .trust = trust,
                                           .device = { "Browser/1", "192.0.2.1" } };
    enum identity_proof proof;
    int result = store_begin(session, error);
    if (result == 0)
        result = identity_code_use(people->identity, session, half->person, code, &proof, error);
    if (result == 0)
        result = identity_half_finish(people->identity, session, &end, in, error);
    if (result == 0)
        return store_commit(session, error);
    store_rollback(session);
    return result;
}

static int try(struct owner *owner, const char *code, bool trust, struct identity_signed_in *in)
{
    struct identity_signed_in first;
    struct identity_half half;
    people_must(&owner->people, sign_in(owner, NULL, &first));
    people_must(&owner->people, find_half(owner, first.token, "one", &half));
    return show(&owner->people, session_of(owner), &half, code, trust, in, &owner->people.error);
}

static bool is_session(struct owner *owner, const char *token)
{
    struct identity_session found;
    return identity_session_find(owner->people.identity, session_of(owner), token, &found,
                                 &owner->people.error) == 0;
}

static void the_password_alone_is_no_session_any_more(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in, done;
    struct identity_half half;
    if (!owner_new(&owner, kind, NULL))
        return;
    people_must(&owner.people, sign_in(&owner, NULL, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_PROVE);
    g_assert_cmpstr(in.known, ==, "");
    g_assert_false(is_session(&owner, in.token));
    people_must(&owner.people, find_half(&owner, in.token, "one", &half));
    g_assert_cmpint(half.person, ==, owner.id);
    g_assert_cmpint(people_look(&owner.people, owner.id).last_sign_in, ==, 0);
    people_must(&owner.people,
                show(&owner.people, session_of(&owner), &half, code_at(&owner, clock_now()), false,
                     &done, &owner.people.error));
    g_assert_true(is_session(&owner, done.token));
    g_assert_cmpstr(done.token, !=, in.token);
    g_assert_cmpint(people_look(&owner.people, owner.id).last_sign_in, ==, clock_now());
    /* It was one step, and led to one session. */
    g_assert_cmpint(find_half(&owner, in.token, "one", &half), ==, PORTICO_ENOENT);
    people_free(&owner.people);
}

static void a_half_is_of_one_browser_and_ends_in_time_and_with_the_rights(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in, done;
    struct identity_half half;
    if (!owner_new(&owner, kind, NULL))
        return;
    people_must(&owner.people, sign_in(&owner, NULL, &in));
    static const char *const others[] = { "two", "", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpint(find_half(&owner, in.token, others[i], &half), ==, PORTICO_ENOENT);
    clock_stop(NOON + HOUR + IDENTITY_HALF_TIME);
    g_assert_cmpint(find_half(&owner, in.token, "one", &half), ==, PORTICO_ENOENT);
    people_must(&owner.people, sign_in(&owner, NULL, &in));
    people_must(&owner.people, find_half(&owner, in.token, "one", &half));
    /* The password is changed, or the person switched off, between the steps and within the second:
     * nobody comes in, and the code is not used up. */
    people_password(&owner.people, owner.id, GOOD);
    g_assert_cmpint(show(&owner.people, session_of(&owner), &half, code_at(&owner, clock_now()),
                         false, &done, &owner.people.error),
                    ==, PORTICO_ENOENT);
    people_must(&owner.people, sign_in(&owner, NULL, &in));
    people_must(&owner.people, find_half(&owner, in.token, "one", &half));
    people_must(&owner.people, identity_person_state(session_of(&owner), owner.id,
                                                     IDENTITY_DISABLED, &owner.people.error));
    g_assert_cmpint(show(&owner.people, session_of(&owner), &half, code_at(&owner, clock_now()),
                         false, &done, &owner.people.error),
                    ==, PORTICO_ENOENT);
    g_assert_cmpint(find_half(&owner, in.token, "one", &half), ==, PORTICO_ENOENT);
    people_must(&owner.people, identity_person_state(session_of(&owner), owner.id, IDENTITY_ACTIVE,
                                                     &owner.people.error));
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), false, &done));
    people_free(&owner.people);
}

static void each_code_works_once_and_a_step_before_or_after(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in;
    if (!owner_new(&owner, kind, NULL))
        return;
    int64_t now = clock_now();
    g_assert_cmpint(try(&owner, code_at(&owner, now - 2 * STEP), false, &in), ==, PORTICO_EPERM);
    g_assert_cmpint(try(&owner, code_at(&owner, now + 2 * STEP), false, &in), ==, PORTICO_EPERM);
    people_must(&owner.people, try(&owner, code_at(&owner, now - STEP), false, &in));
    people_must(&owner.people, try(&owner, code_at(&owner, now), false, &in));
    people_must(&owner.people, try(&owner, code_at(&owner, now + STEP), false, &in));
    for (int64_t at = -1; at <= 1; at++)
        g_assert_cmpint(try(&owner, code_at(&owner, now + at * STEP), false, &in), ==,
                        PORTICO_EPERM);
    /* Nor does the one that set it up. */
    clock_stop(NOON);
    g_assert_cmpint(try(&owner, code_at(&owner, NOON), false, &in), ==, PORTICO_EPERM);
    people_free(&owner.people);
}

static void recovery_codes_work_once_each_until_there_are_others(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in;
    struct identity_second second;
    struct identity_recovery later;
    if (!owner_new(&owner, kind, NULL))
        return;
    char *typed = g_ascii_strup(owner.recovery.codes[3], -1);
    typed[5] = ' ';
    people_must(&owner.people, try(&owner, typed, false, &in));
    g_assert_cmpint(try(&owner, owner.recovery.codes[3], false, &in), ==, PORTICO_EPERM);
    people_must(&owner.people,
                identity_second_look(session_of(&owner), owner.id, &second, &owner.people.error));
    g_assert_cmpuint(second.recovery, ==, 9);
    people_must(&owner.people, identity_recovery_make(owner.people.identity, session_of(&owner),
                                                      owner.id, &later, &owner.people.error));
    g_assert_cmpint(try(&owner, owner.recovery.codes[4], false, &in), ==, PORTICO_EPERM);
    people_must(&owner.people, try(&owner, later.codes[0], false, &in));
    /* Another phone keeps them; without a factor there are none. */
    set_up(&owner);
    g_assert_cmpstr(owner.recovery.codes[0], ==, "");
    people_must(&owner.people, try(&owner, later.codes[1], false, &in));
    people_must(&owner.people, identity_app_remove(owner.people.identity, session_of(&owner),
                                                   owner.id, &owner.people.error));
    people_must(&owner.people,
                identity_second_look(session_of(&owner), owner.id, &second, &owner.people.error));
    g_assert_false(second.any);
    g_assert_cmpuint(second.recovery, ==, 0);
    g_assert_cmpint(identity_recovery_make(owner.people.identity, session_of(&owner), owner.id,
                                           &later, &owner.people.error),
                    ==, PORTICO_ENOENT);
    g_free(typed);
    people_free(&owner.people);
}

struct rush {
    struct owner *owner;
    struct identity_half half;
    const char *code;
    gint *won;
};

static void *rush(void *data)
{
    struct rush *rush = data;
    struct arena *arena = arena_new(0);
    struct portico_error error = PORTICO_ERROR_INIT;
    struct identity_signed_in in;
    struct store_session *session = store_session_new(rush->owner->people.database.store, arena,
                                                      &store_viewer_everyone, "core");
    int code = show(&rush->owner->people, session, &rush->half, rush->code, false, &in, &error);
    if (code == 0)
        g_atomic_int_inc(rush->won);
    else
        g_assert_cmpint(code, ==, PORTICO_EPERM);
    store_session_end(session);
    arena_free(arena);
    return NULL;
}

static void of_many_at_once_one_has_the_code(gconstpointer kind)
{
    struct owner owner;
    struct rush all[6];
    pthread_t threads[6];
    if (!owner_new(&owner, kind, NULL))
        return;
    char *codes[] = { g_strdup(code_at(&owner, clock_now())), g_strdup(owner.recovery.codes[0]) };
    for (size_t n = 0; n < G_N_ELEMENTS(codes); n++) {
        gint won = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
            struct identity_signed_in in;
            people_must(&owner.people, sign_in(&owner, NULL, &in));
            all[i] = (struct rush){ .owner = &owner, .code = codes[n], .won = &won };
            people_must(&owner.people, find_half(&owner, in.token, "one", &all[i].half));
        }
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            g_assert_cmpint(pthread_create(&threads[i], NULL, rush, &all[i]), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            pthread_join(threads[i], NULL);
        g_assert_cmpint(won, ==, 1);
        g_free(codes[n]);
    }
    people_free(&owner.people);
}

static void a_trusted_device_is_not_asked_until_its_time_is_over(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in, first;
    struct identity_rules rules = people_rules();
    rules.trust = 30 * DAY;
    if (!owner_new(&owner, kind, &rules))
        return;
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), true, &first));
    people_must(&owner.people, sign_in(&owner, first.known, &in));
    g_assert_cmpuint(in.step, ==, 0);
    g_assert_true(is_session(&owner, in.token));
    people_must(&owner.people, sign_in(&owner, NULL, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_PROVE);
    clock_stop(clock_now() + 30 * DAY);
    people_must(&owner.people, sign_in(&owner, first.known, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_PROVE);
    /* Another phone, or another password, and all devices are asked again. */
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), true, &first));
    people_password(&owner.people, owner.id, GOOD);
    people_must(&owner.people, sign_in(&owner, first.known, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_PROVE);
    clock_stop(clock_now() + HOUR);
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), true, &first));
    set_up(&owner);
    people_must(&owner.people, sign_in(&owner, first.known, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_PROVE);
    people_free(&owner.people);
}

static void codes_are_guessed_as_often_as_passwords(gconstpointer kind)
{
    struct owner owner;
    struct identity_rules rules = people_rules();
    int64_t wait = 0;
    rules.guesses = 3;
    if (!owner_new(&owner, kind, &rules))
        return;
    const struct identity_second_try guess = { owner.id, NULL, "192.0.2.1" };
    for (unsigned i = 0; i < 3; i++)
        people_must(&owner.people,
                    identity_tries_take(owner.people.identity, session_of(&owner),
                                        IDENTITY_TRIES_GUESS, &guess, &wait, &owner.people.error));
    g_assert_cmpint(identity_tries_take(owner.people.identity, session_of(&owner),
                                        IDENTITY_TRIES_GUESS, &guess, &wait, &owner.people.error),
                    ==, PORTICO_ELIMIT);
    g_assert_cmpint(wait, >, 0);
    /* Others cannot keep the person from where they were before. */
    char known[IDENTITY_TOKEN_SIZE];
    people_must(&owner.people,
                identity_device_know(session_of(&owner), owner.id, known, &owner.people.error));
    const struct identity_second_try at_home = { owner.id, known, "192.0.2.1" };
    people_must(&owner.people,
                identity_tries_take(owner.people.identity, session_of(&owner), IDENTITY_TRIES_GUESS,
                                    &at_home, &wait, &owner.people.error));
    people_free(&owner.people);
}

static void a_role_can_need_it(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    struct identity_rules rules = people_rules();
    struct owner admin = { 0 };
    if (!people_new(&people, kind))
        return;
    rules.second_for = "moderator  admin";
    people_rule(&people, &rules);
    int64_t mara = people_add(&people, "Mara Lindqvist", "mara@example.com", 0);
    people_password(&people, mara, GOOD);
    admin.people = people;
    people_must(&admin.people, sign_in(&admin, NULL, &in));
    g_assert_cmpuint(in.step, ==, 0);
    people_must(&admin.people, identity_person_roles(session_of(&admin), mara, IDENTITY_ADMIN, 0,
                                                     &admin.people.error));
    people_must(&admin.people, sign_in(&admin, NULL, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_ENROL);
    g_assert_false(is_session(&admin, in.token));
    admin.id = mara;
    set_up(&admin);
    g_assert_cmpint(
        identity_app_remove(admin.people.identity, session_of(&admin), mara, &admin.people.error),
        ==, PORTICO_ECONFLICT);
    people_must(&admin.people,
                identity_second_forget(session_of(&admin), mara, &admin.people.error));
    people_must(&admin.people, sign_in(&admin, NULL, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_ENROL);
    people_free(&admin.people);
}

/* Before its first day and after its last a membership gives nothing, and asks for nothing. */
static void a_role_needs_it_from_the_first_day_to_the_last(gconstpointer kind)
{
    struct people people;
    struct identity_signed_in in;
    struct identity_rules rules = people_rules();
    struct owner dana = { 0 };
    if (!people_new(&people, kind))
        return;
    rules.second_for = "account-admin";
    people_rule(&people, &rules);
    dana.id = people_add(&people, "Mara Lindqvist", "mara@example.com", 0);
    people_password(&people, dana.id, GOOD);
    dana.people = people;
    const struct identity_new_account harbour = { .name = "Harbour" };
    struct identity_new_member made = { .person = dana.id,
                                        .source = "invited",
                                        .roles = "account-admin",
                                        .from = NOON + DAY,
                                        .until = NOON + 2 * DAY };
    int64_t membership = 0;
    people_must(&dana.people, identity_account_make(session_of(&dana), &harbour, &made.account,
                                                    &dana.people.error));
    people_must(&dana.people,
                identity_member_add(session_of(&dana), &made, &membership, &dana.people.error));
    const struct {
        int64_t time;
        unsigned step;
    } days[] = {
        { NOON, 0 },
        { NOON + DAY - 1, 0 },
        { NOON + DAY, IDENTITY_HALF_ENROL },
        { NOON + 2 * DAY - 1, IDENTITY_HALF_ENROL },
        { NOON + 2 * DAY, 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
        clock_stop(days[i].time);
        people_must(&dana.people, sign_in(&dana, NULL, &in));
        g_assert_cmpuint(in.step, ==, days[i].step);
    }
    people_free(&dana.people);
}

static void secrets_are_sealed_for_one_person(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in;
    enum identity_proof proof;
    if (!owner_new(&owner, kind, NULL))
        return;
    char text[TOTP_TEXT_SIZE];
    totp_text(owner.secret, text);
    struct value *rows =
        database_query(&owner.people.database, "SELECT secret FROM portico_app", NULL, 0);
    const char *kept = people_cell(rows, 0, 0)->text;
    g_assert_null(strstr(kept, text));
    int64_t lee = people_add(&owner.people, "Lee Park", "lee@example.com", 0);
    database_execute(&owner.people.database,
                     "INSERT INTO portico_app (person, secret, step, confirmed) "
                     "SELECT ?, a.secret, 0, a.confirmed FROM portico_app a",
                     PORTICO_ARGS(portico_arg_id(lee)));
    g_assert_cmpint(identity_code_use(owner.people.identity, session_of(&owner), lee,
                                      code_at(&owner, clock_now()), &proof, &owner.people.error),
                    ==, PORTICO_EIO);
    g_assert_nonnull(strstr(owner.people.error.message, "kept under another key"));
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), false, &in));
    people_free(&owner.people);
}

static void a_code_proves_again_who_sits_there(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in;
    struct identity_session found;
    bool fresh = true;
    if (!owner_new(&owner, kind, NULL))
        return;
    struct identity *identity = owner.people.identity;
    struct portico_error *error = &owner.people.error;
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), false, &in));
    people_must(&owner.people,
                identity_session_find(identity, session_of(&owner), in.token, &found, error));
    people_must(&owner.people, identity_is_fresh(session_of(&owner), found.id, &fresh, error));
    g_assert_true(fresh);
    clock_stop(clock_now() + IDENTITY_FRESH_TIME);
    people_must(&owner.people, identity_is_fresh(session_of(&owner), found.id, &fresh, error));
    g_assert_false(fresh);
    static const char *const wrong[] = { "000000", BETTER, "" };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(
            identity_prove_again(identity, session_of(&owner), owner.id, found.id, wrong[i], error),
            ==, PORTICO_EPERM);
    people_must(&owner.people, identity_prove_again(identity, session_of(&owner), owner.id,
                                                    found.id, code_at(&owner, clock_now()), error));
    people_must(&owner.people, identity_is_fresh(session_of(&owner), found.id, &fresh, error));
    g_assert_true(fresh);
    g_assert_cmpint(identity_prove_again(identity, session_of(&owner), owner.id, found.id,
                                         code_at(&owner, clock_now()), error),
                    ==, PORTICO_EPERM);
    people_must(&owner.people, identity_prove_again(identity, session_of(&owner), owner.id,
                                                    found.id, GOOD, error));
    people_free(&owner.people);
}

static int told_not(void *data, int64_t person, struct portico_error *error)
{
    int64_t *told = data;
    *told = person;
    return error_set(error, PORTICO_EIO, "The log cannot be written.");
}

static void a_recovery_code_proves_nothing_again_where_that_cannot_be_told(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in;
    struct identity_session found;
    struct identity_second second;
    int64_t told = 0;
    bool fresh = true;
    if (!owner_new(&owner, kind, NULL))
        return;
    const struct identity_opening used = { told_not, &told };
    struct identity *identity = owner.people.identity;
    struct portico_error *error = &owner.people.error;
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), false, &in));
    people_must(&owner.people,
                identity_session_find(identity, session_of(&owner), in.token, &found, error));
    clock_stop(clock_now() + IDENTITY_FRESH_TIME);
    g_assert_cmpint(identity_prove_again_by(identity, session_of(&owner), owner.id, found.id,
                                            owner.recovery.codes[1], &used, error),
                    ==, PORTICO_EIO);
    g_assert_cmpint(told, ==, owner.id);
    people_must(&owner.people, identity_is_fresh(session_of(&owner), found.id, &fresh, error));
    g_assert_false(fresh);
    people_must(&owner.people, identity_second_look(session_of(&owner), owner.id, &second, error));
    g_assert_cmpuint(second.recovery, ==, 10);
    people_must(&owner.people, identity_prove_again(identity, session_of(&owner), owner.id,
                                                    found.id, owner.recovery.codes[1], error));
    people_free(&owner.people);
}

static void steps_of_modules_stand_behind_all_else(gconstpointer kind)
{
    struct owner owner;
    struct identity_signed_in in, later;
    struct identity_half half;
    struct identity_session found;
    struct identity_rules rules = people_rules();
    if (!owner_new(&owner, kind, NULL))
        return;
    rules.steps = true;
    people_rule(&owner.people, &rules);
    struct identity *identity = owner.people.identity;
    struct portico_error *error = &owner.people.error;
    people_must(&owner.people, try(&owner, code_at(&owner, clock_now()), false, &in));
    g_assert_cmpuint(in.step, ==, IDENTITY_HALF_MORE);
    g_assert_cmpint(identity_session_find(identity, session_of(&owner), in.token, &found, error),
                    ==, PORTICO_ENOENT);
    people_must(&owner.people,
                identity_half_find(identity, session_of(&owner), in.token, NULL, &half, error));
    g_assert_cmpint(half.purpose, ==, IDENTITY_HALF_MORE);
    g_assert_true(half.proved);
    const struct identity_second_try guess = { owner.id, NULL, "192.0.2.0/24" };
    struct identity_half now = half;
    now.passed = " a.b";
    now.carried = "{\"a\":{\"desk\":\"12\"}}";
    people_must(&owner.people,
                identity_half_pass(identity, session_of(&owner), &half, &now, &guess, error));
    /* Another step that was answered at the same moment takes nothing of it away. */
    struct identity_half other = half;
    other.passed = " c.d";
    g_assert_cmpint(identity_half_pass(identity, session_of(&owner), &half, &other, &guess, error),
                    ==, PORTICO_ECONFLICT);
    people_must(&owner.people,
                identity_half_find(identity, session_of(&owner), in.token, NULL, &half, error));
    g_assert_cmpstr(half.passed, ==, " a.b");
    const struct identity_half_end end = { .half = &half };
    people_must(&owner.people,
                identity_half_finish(identity, session_of(&owner), &end, &later, error));
    g_assert_cmpuint(later.step, ==, 0);
    people_must(&owner.people,
                identity_session_find(identity, session_of(&owner), later.token, &found, error));
    g_assert_true(found.proved);
    const char *carried = NULL;
    people_must(&owner.people,
                identity_session_carried(session_of(&owner), found.id, owner.id, &carried, error));
    g_assert_cmpstr(carried, ==, "{\"a\":{\"desk\":\"12\"}}");
    people_must(&owner.people, identity_session_carried(session_of(&owner), found.id, owner.id + 1,
                                                        &carried, error));
    g_assert_null(carried);
    g_assert_cmpint(identity_half_finish(identity, session_of(&owner), &end, &later, error), ==,
                    PORTICO_ENOENT);
    people_free(&owner.people);
}

static void modules_are_asked_no_more_for_a_while_once_they_failed_too_often(gconstpointer kind)
{
    struct owner owner;
    struct identity_rules rules = people_rules();
    int64_t wait = 0;
    if (!owner_new(&owner, kind, NULL))
        return;
    rules.guesses = 3;
    people_rule(&owner.people, &rules);
    struct identity *identity = owner.people.identity;
    struct portico_error *error = &owner.people.error;
    const struct identity_second_try try = { owner.id, NULL, "192.0.2.0/24" };
    const struct identity_second_try other = { owner.id + 1, NULL, "192.0.2.0/24" };
    /* What is answered counts as often as one likes for nothing. */
    for (unsigned i = 0; i < 2 * rules.guesses; i++) {
        people_must(&owner.people, identity_tries_take(identity, session_of(&owner),
                                                       IDENTITY_TRIES_MODULES, &try, &wait, error));
        people_must(&owner.people, identity_tries_return(identity, session_of(&owner),
                                                         IDENTITY_TRIES_MODULES, &try, error));
    }
    for (unsigned i = 0; i < rules.guesses; i++)
        people_must(&owner.people, identity_tries_take(identity, session_of(&owner),
                                                       IDENTITY_TRIES_MODULES, &try, &wait, error));
    g_assert_cmpint(identity_tries_take(identity, session_of(&owner), IDENTITY_TRIES_MODULES, &try,
                                        &wait, error),
                    ==, PORTICO_ELIMIT);
    g_assert_cmpint(wait, >, HOUR);
    /* Others of the network are asked about, and codes of the same person are a matter of theirs.
     */
    people_must(&owner.people, identity_tries_take(identity, session_of(&owner),
                                                   IDENTITY_TRIES_MODULES, &other, &wait, error));
    people_must(&owner.people, identity_tries_take(identity, session_of(&owner),
                                                   IDENTITY_TRIES_GUESS, &try, &wait, error));
    clock_stop(clock_now() + 2 * HOUR);
    people_must(&owner.people, identity_tries_take(identity, session_of(&owner),
                                                   IDENTITY_TRIES_MODULES, &try, &wait, error));
    people_free(&owner.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("second", a_recovery_code_proves_nothing_again_where_that_cannot_be_told);
    DATABASE_TEST("second", steps_of_modules_stand_behind_all_else);
    DATABASE_TEST("second", modules_are_asked_no_more_for_a_while_once_they_failed_too_often);
    DATABASE_TEST("second", the_password_alone_is_no_session_any_more);
    DATABASE_TEST("second", a_half_is_of_one_browser_and_ends_in_time_and_with_the_rights);
    DATABASE_TEST("second", each_code_works_once_and_a_step_before_or_after);
    DATABASE_TEST("second", recovery_codes_work_once_each_until_there_are_others);
    DATABASE_TEST("second", of_many_at_once_one_has_the_code);
    DATABASE_TEST("second", a_trusted_device_is_not_asked_until_its_time_is_over);
    DATABASE_TEST("second", codes_are_guessed_as_often_as_passwords);
    DATABASE_TEST("second", a_role_can_need_it);
    DATABASE_TEST("second", a_role_needs_it_from_the_first_day_to_the_last);
    DATABASE_TEST("second", secrets_are_sealed_for_one_person);
    DATABASE_TEST("second", a_code_proves_again_who_sits_there);
    return g_test_run();
}
