/* Asking for a permission that one lacks: told once a day, answered once, and not without end. */
#include "identity/asking.h"
#include "identity/account.h"
#include "identity/member.h"
#include "people.h"

struct town {
    struct people people;
    int64_t harbour, mill, dana, ben;
};

static int64_t make_account(struct town *town, const char *name)
{
    const struct identity_new_account made = { .name = name };
    int64_t id = 0;
    people_must(&town->people, identity_account_make(people_session(&town->people), &made, &id,
                                                     &town->people.error));
    return id;
}

static void join(struct town *town, int64_t person, int64_t account)
{
    const struct identity_new_member made = { .account = account,
                                              .person = person,
                                              .source = "invited" };
    int64_t id = 0;
    people_must(&town->people, identity_member_add(people_session(&town->people), &made, &id,
                                                   &town->people.error));
}

static bool town_new(struct town *town, gconstpointer kind)
{
    if (!people_new(&town->people, kind))
        return false;
    town->harbour = make_account(town, "Harbour");
    town->mill = make_account(town, "Mill");
    town->dana = people_add(&town->people, "Dana", "dana@harbour.example", 0);
    town->ben = people_add(&town->people, "Ben", "ben@harbour.example", 0);
    join(town, town->dana, town->harbour);
    join(town, town->ben, town->harbour);
    return true;
}

/* In a transaction of its own; `ret_new` may be NULL. */
static int ask(struct town *town, int64_t person, const char *permission, int64_t *ret_id,
               bool *ret_new)
{
    struct store_session *session = people_session(&town->people);
    const struct identity_asking wanted = { .person = person,
                                            .account = town->harbour,
                                            .permission = permission,
                                            .path = "/bills",
                                            .words = "for the audit" };
    bool fresh = false;
    people_must(&town->people, store_begin(session, &town->people.error));
    int code = identity_ask(session, &wanted, ret_id, &fresh, &town->people.error);
    if (code == 0)
        people_must(&town->people, store_commit(session, &town->people.error));
    else
        store_rollback(session);
    if (ret_new)
        *ret_new = fresh;
    return code;
}

static uint32_t count_waiting(struct town *town, int64_t account)
{
    struct value *rows;
    people_must(&town->people, identity_askings(people_session(&town->people), account, 0, 50,
                                                &rows, &town->people.error));
    return rows->count;
}

static void the_same_is_told_once_a_day(gconstpointer kind)
{
    struct town town;
    int64_t first = 0, again = 0;
    bool fresh;
    if (!town_new(&town, kind))
        return;
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &first, &fresh));
    g_assert_true(fresh);
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &again, &fresh));
    g_assert_false(fresh);
    g_assert_cmpint(again, ==, first);
    clock_stop(NOON + DAY - 1);
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &again, &fresh));
    g_assert_false(fresh);
    clock_stop(NOON + DAY);
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &again, &fresh));
    g_assert_true(fresh);
    g_assert_cmpint(again, ==, first);
    g_assert_cmpint(count_waiting(&town, town.harbour), ==, 1);
    people_free(&town.people);
}

static void an_answer_is_given_once_and_asking_begins_anew(gconstpointer kind)
{
    struct town town;
    struct identity_asking asking;
    int64_t id = 0;
    bool fresh;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &id, NULL));
    people_must(&town.people,
                identity_asking_answer(session, id, town.dana, NULL, &town.people.error));
    g_assert_cmpint(
        identity_asking_answer(session, id, town.dana, "account-admin", &town.people.error), ==,
        PORTICO_ECONFLICT);
    people_must(&town.people, identity_asking_look(session, id, &asking, &town.people.error));
    g_assert_null(asking.role);
    g_assert_cmpint(asking.answerer, ==, town.dana);
    g_assert_cmpint(count_waiting(&town, town.harbour), ==, 0);
    clock_stop(NOON + DAY);
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &id, &fresh));
    g_assert_true(fresh);
    people_must(&town.people, identity_asking_of(session, town.ben, town.harbour, "bills.pay",
                                                 &asking, &town.people.error));
    g_assert_cmpint(asking.answered, ==, 0);
    g_assert_cmpstr(asking.words, ==, "for the audit");
    people_free(&town.people);
}

static void too_much_of_one_person_is_refused_and_others_ask_on(gconstpointer kind)
{
    struct town town;
    int64_t id = 0;
    if (!town_new(&town, kind))
        return;
    for (unsigned i = 0; i < IDENTITY_ASKINGS_MAX; i++) {
        char *permission = g_strdup_printf("bills.pay-%u", i);
        people_must(&town.people, ask(&town, town.ben, permission, &id, NULL));
        g_free(permission);
    }
    g_assert_cmpint(ask(&town, town.ben, "bills.see", &id, NULL), ==, PORTICO_ELIMIT);
    people_must(&town.people, ask(&town, town.dana, "bills.see", &id, NULL));
    clock_stop(NOON + DAY); /* what waits may still be asked again */
    people_must(&town.people, ask(&town, town.ben, "bills.pay-3", &id, NULL));
    people_free(&town.people);
}

static void only_those_who_belong_wait_in_an_account(gconstpointer kind)
{
    struct town town;
    struct identity_member member;
    int64_t id = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    people_must(&town.people, ask(&town, town.ben, "bills.pay", &id, NULL));
    g_assert_cmpint(count_waiting(&town, town.harbour), ==, 1);
    g_assert_cmpint(count_waiting(&town, 0), ==, 1);
    g_assert_cmpint(count_waiting(&town, town.mill), ==, 0);
    people_must(&town.people,
                identity_member_of(session, town.harbour, town.ben, &member, &town.people.error));
    people_must(&town.people, identity_member_remove(session, member.id, &town.people.error));
    g_assert_cmpint(count_waiting(&town, town.harbour), ==, 0);
    people_free(&town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("asking", the_same_is_told_once_a_day);
    DATABASE_TEST("asking", an_answer_is_given_once_and_asking_begins_anew);
    DATABASE_TEST("asking", too_much_of_one_person_is_refused_and_others_ask_on);
    DATABASE_TEST("asking", only_those_who_belong_wait_in_an_account);
    return g_test_run();
}
