/* Days that come: each is told once, by one of all who look, and none of what was told by hand. */
#include "identity/day.h"

#include "identity/delegation.h"
#include "town.h"

#include <pthread.h>

static unsigned due(struct town *town, enum identity_day day)
{
    struct value *rows;
    people_must(&town->people, identity_days_due(people_session(&town->people), day, 100, &rows,
                                                 &town->people.error));
    return rows->count;
}

static int take(struct town *town, enum identity_day day, int64_t id)
{
    const int taken =
        identity_day_take(people_session(&town->people), day, id, &town->people.error);
    people_must(&town->people, MIN(taken, 0));
    return taken;
}

static int64_t member(struct town *town, int64_t from, int64_t until)
{
    const struct identity_new_member made = {
        .account = town->mill, .person = town->ben, .source = "staff", .from = from, .until = until
    };
    int64_t id = 0;
    people_must(&town->people, identity_member_add(people_session(&town->people), &made, &id,
                                                   &town->people.error));
    return id;
}

static void write_days(struct town *town, int64_t membership, int64_t from, int64_t until)
{
    const struct identity_member_change change = { .from = from, .until = until };
    people_must(&town->people, identity_member_change(people_session(&town->people), membership,
                                                      &change, &town->people.error));
}

static void a_membership_begins_and_ends_once_each(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const int64_t id = member(&town, NOON + DAY, NOON + 3 * DAY);
    clock_stop(NOON + DAY - 1);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN) + due(&town, IDENTITY_DAY_ENDED), ==, 0);
    g_assert_cmpint(take(&town, IDENTITY_DAY_BEGAN, id), ==, 0);
    clock_stop(NOON + DAY);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_BEGAN, id), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_BEGAN, id), ==, 0);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN), ==, 0);
    clock_stop(NOON + 3 * DAY - 1);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_ENDED), ==, 0);
    clock_stop(NOON + 3 * DAY);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_ENDED), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_ENDED, id), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_ENDED, id), ==, 0);
    clock_stop(NOON + 30 * DAY);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN) + due(&town, IDENTITY_DAY_ENDED), ==, 0);
    people_free(&town.people);
}

static void what_was_changed_by_hand_before_is_not_told(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    const int64_t id = member(&town, 0, NOON + DAY);
    clock_stop(NOON + 2 * DAY);
    write_days(&town, id, -1, NOON + 9 * DAY); /* renewed before anybody was told */
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN) + due(&town, IDENTITY_DAY_ENDED), ==, 0);
    write_days(&town, id, NOON + 4 * DAY, -1); /* put off: it begins then */
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN) + due(&town, IDENTITY_DAY_ENDED), ==, 0);
    clock_stop(NOON + 4 * DAY);
    g_assert_cmpint(take(&town, IDENTITY_DAY_BEGAN, id), ==, 1);
    clock_stop(NOON + 9 * DAY);
    g_assert_cmpint(take(&town, IDENTITY_DAY_ENDED, id), ==, 1);
    write_days(&town, id, 0, 0); /* and again */
    g_assert_cmpint(take(&town, IDENTITY_DAY_BEGAN, id), ==, 1);
    write_days(&town, id, -1, NOON + 10 * DAY);
    clock_stop(NOON + 11 * DAY);
    people_must(&town.people, identity_member_remove(session, id, &town.people.error));
    g_assert_cmpint(take(&town, IDENTITY_DAY_ENDED, id), ==, 0);
    /* Who comes with a last day that is over was never told to belong by it, and who waits for
     * approval neither begins nor ends. */
    const int64_t late = member(&town, 0, NOON + 10 * DAY);
    g_assert_cmpint(take(&town, IDENTITY_DAY_ENDED, late), ==, 0);
    const struct identity_new_member waiting = { .account = town.mill,
                                                 .person = town.dana,
                                                 .source = "domain",
                                                 .waits = true,
                                                 .from = NOON + 12 * DAY };
    int64_t asked = 0;
    people_must(&town.people, identity_member_add(session, &waiting, &asked, &town.people.error));
    clock_stop(NOON + 13 * DAY);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN), ==, 0);
    people_must(&town.people, identity_member_approve(session, asked, &town.people.error));
    g_assert_cmpuint(due(&town, IDENTITY_DAY_BEGAN), ==, 0); /* the approval told of it */
    people_free(&town.people);
}

static int64_t lend(struct town *town, int64_t until, bool accepted)
{
    const struct identity_new_account agent = { .name = "Agent", .kind = "partner" };
    struct identity_new_delegation made = { .account = town->harbour,
                                            .roles = "account-member",
                                            .reason = "They run the billing.",
                                            .until = until,
                                            .accepted = accepted };
    struct store_session *session = people_session(&town->people);
    int64_t id = 0;
    people_must(&town->people,
                identity_account_make(session, &agent, &made.partner, &town->people.error));
    people_must(&town->people, identity_delegation_give(session, &made, &id, &town->people.error));
    return id;
}

static void a_delegation_is_reminded_of_and_over_once_for_each_last_day(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct database *database = &town.people.database;
    const int64_t id = lend(&town, NOON + 30 * DAY, true);
    const int64_t soon = lend(&town, NOON + 5 * DAY, true); /* who gave it knows */
    const int64_t offer = lend(&town, NOON + 30 * DAY, false);
    clock_stop(NOON + 16 * DAY - 1);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_NEAR), ==, 0);
    clock_stop(NOON + 16 * DAY);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_NEAR), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_NEAR, id), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_NEAR, id), ==, 0);
    database_execute(database, "UPDATE portico_delegation SET valid_until = ? WHERE id = ?",
                     PORTICO_ARGS(portico_arg_time(NOON + 60 * DAY), portico_arg_id(id)));
    g_assert_cmpint(take(&town, IDENTITY_DAY_NEAR, id), ==, 0);
    clock_stop(NOON + 47 * DAY);
    g_assert_cmpint(take(&town, IDENTITY_DAY_NEAR, id), ==, 1);
    g_assert_cmpuint(due(&town, IDENTITY_DAY_OVER), ==, 2);
    g_assert_cmpint(take(&town, IDENTITY_DAY_OVER, soon), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_OVER, offer), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_OVER, id), ==, 0);
    clock_stop(NOON + 60 * DAY);
    g_assert_cmpint(take(&town, IDENTITY_DAY_NEAR, id), ==, 0);
    g_assert_cmpint(take(&town, IDENTITY_DAY_OVER, id), ==, 1);
    g_assert_cmpint(take(&town, IDENTITY_DAY_OVER, id), ==, 0);
    struct identity_delegation found;
    people_must(&town.people, identity_delegation_look(people_session(&town.people), id, &found,
                                                       &town.people.error));
    g_assert_true(found.told);
    people_free(&town.people);
}

static void nobody_is_reminded_of_one_that_lets_nobody_in(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    lend(&town, NOON + 30 * DAY, true);
    clock_stop(NOON + 20 * DAY);
    people_must(&town.people, identity_account_state(session, town.harbour, IDENTITY_SUSPENDED,
                                                     &town.people.error));
    g_assert_cmpuint(due(&town, IDENTITY_DAY_NEAR), ==, 0);
    people_must(&town.people,
                identity_account_state(session, town.harbour, IDENTITY_OPEN, &town.people.error));
    g_assert_cmpuint(due(&town, IDENTITY_DAY_NEAR), ==, 1);
    people_free(&town.people);
}

struct race {
    struct town *town;
    int64_t id;
    gint taken;
};

static void *race(void *data)
{
    struct race *race = data;
    struct arena *arena = arena_new(0);
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session =
        store_session_new(race->town->people.database.store, arena, &store_viewer_everyone, "core");
    int code = store_begin(session, &error);
    const int taken =
        code < 0 ? code : identity_day_take(session, IDENTITY_DAY_ENDED, race->id, &error);
    if (code == 0 && taken >= 0)
        code = store_commit(session, &error);
    else if (code == 0)
        store_rollback(session);
    if (code == 0 && taken == 1)
        g_atomic_int_inc(&race->taken);
    store_session_end(session);
    arena_free(arena);
    return NULL;
}

static void of_many_who_look_at_once_one_tells(gconstpointer kind)
{
    struct town town;
    pthread_t threads[8];
    if (!town_new(&town, kind))
        return;
    struct race all = { &town, member(&town, 0, NOON + DAY), 0 };
    clock_stop(NOON + DAY);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, race, &all), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(all.taken, ==, 1);
    people_free(&town.people);
}

/* ---- rows from before ---- */

static const char old_membership[] =
    "INSERT INTO portico_membership (id, account, person, title, state, below, source, valid_from, "
    "valid_until, created, name_key) VALUES (?, 1, ?, '', 1, FALSE, 'staff', ?, ?, 1, '')";
static const char old_delegation[] =
    "INSERT INTO portico_delegation (id, account, partner, reason, valid_until, created, accepted) "
    "VALUES (?, ?, 2, 'Billing', ?, 1, 1)";

static void add_membership(struct database *database, int64_t id, int64_t from, int64_t until)
{
    const struct portico_argument none = portico_arg_text(NULL);
    database_execute(database, old_membership,
                     PORTICO_ARGS(portico_arg_id(id), portico_arg_id(id),
                                  from ? portico_arg_time(from) : none,
                                  until ? portico_arg_time(until) : none));
}

static unsigned due_in(struct database *database, enum identity_day day)
{
    struct value *rows;
    struct portico_error error = PORTICO_ERROR_INIT;
    database_must(identity_days_due(database->session, day, 100, &rows, &error), &error);
    return rows->count;
}

static void what_came_before_the_upgrade_is_told_to_nobody(gconstpointer kind)
{
    struct database database;
    if (!database_new(&database, (enum store_kind)GPOINTER_TO_INT(kind)))
        return;
    const int64_t now = clock_now();
    people_upgrade(&database, "00[0-3]*.sql", MIGRATE_BEFORE);
    people_upgrade(&database, "004*.sql", MIGRATE_BEFORE);
    add_membership(&database, 101, 0, 0);
    add_membership(&database, 102, now - 9 * DAY, now - DAY); /* over */
    add_membership(&database, 103, now - 9 * DAY, now + DAY); /* holds */
    add_membership(&database, 104, now + DAY, 0);             /* will */
    for (int i = 0; i < 2; i++)
        database_execute(&database, old_delegation,
                         PORTICO_ARGS(portico_arg_id(201 + i), portico_arg_id(11 + i),
                                      portico_arg_time(i ? now + DAY : now - DAY)));
    people_upgrade(&database, "0050*.sql", MIGRATE_BEFORE);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_BEGAN), ==, 0);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_ENDED), ==, 0);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_OVER), ==, 0);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_NEAR), ==, 1);
    clock_stop(now + 2 * DAY);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_BEGAN), ==, 1);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_ENDED), ==, 1);
    g_assert_cmpuint(due_in(&database, IDENTITY_DAY_OVER), ==, 1);
    clock_stop(0);
    database_free(&database);
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    DATABASE_TEST("day", a_membership_begins_and_ends_once_each);
    DATABASE_TEST("day", what_was_changed_by_hand_before_is_not_told);
    DATABASE_TEST("day", a_delegation_is_reminded_of_and_over_once_for_each_last_day);
    DATABASE_TEST("day", nobody_is_reminded_of_one_that_lets_nobody_in);
    DATABASE_TEST("day", of_many_who_look_at_once_one_tells);
    DATABASE_TEST("day", what_came_before_the_upgrade_is_told_to_nobody);
    return g_test_run();
}
