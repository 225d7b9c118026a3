/* What somebody may know of accounts, who belongs to them, and facts about them. */
#include "identity/known.h"
#include "identity/account.h"
#include "identity/fact.h"
#include "identity/holding.h"
#include "identity/member.h"
#include "identity/role.h"
#include "people.h"

/* Harbour with its Quay below, and Mill; Dana in Quay, Ben in Mill, Gus in Harbour and below. */
struct town {
    struct people people;
    int64_t harbour, quay, mill;
    int64_t dana, ben, gus;
};

static int64_t make_account(struct town *town, const char *name, int64_t parent)
{
    const struct identity_new_account made = { .name = name, .parent = parent };
    int64_t id = 0;
    people_must(&town->people, identity_account_make(people_session(&town->people), &made, &id,
                                                     &town->people.error));
    return id;
}

static void join(struct town *town, int64_t person, int64_t account, bool below)
{
    const struct identity_new_member made = {
        .account = account, .person = person, .source = "invited", .below = below
    };
    int64_t id = 0;
    people_must(&town->people, identity_member_add(people_session(&town->people), &made, &id,
                                                   &town->people.error));
}

static const struct identity_permission declared[] = {
    { .name = "bills.pay", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "bills.see", .roles = IDENTITY_ACCOUNT_MEMBER },
    { .name = "talk.moderate", .roles = IDENTITY_MODERATOR },
    { .name = "talk.read", .roles = IDENTITY_MEMBER },
};

static bool town_new(struct town *town, gconstpointer kind)
{
    if (!people_new(&town->people, kind))
        return false;
    identity_declare(town->people.identity, declared, G_N_ELEMENTS(declared));
    town->harbour = make_account(town, "Harbour", 0);
    town->quay = make_account(town, "Quay", town->harbour);
    town->mill = make_account(town, "Mill", 0);
    town->dana = people_add(&town->people, "Dana", "dana@harbour.example", 0);
    town->ben = people_add(&town->people, "Ben", "ben@mill.example", 0);
    town->gus = people_add(&town->people, "Gus", "gus@harbour.example", 0);
    join(town, town->dana, town->quay, false);
    join(town, town->ben, town->mill, false);
    join(town, town->gus, town->harbour, true);
    return true;
}

static bool knows(struct town *town, int64_t person, bool all, int64_t account)
{
    const struct identity_knower knower = { .person = person, .all = all };
    int known =
        identity_knows(people_session(&town->people), &knower, account, &town->people.error);
    people_must(&town->people, MIN(known, 0));
    return known;
}

static void what_one_acts_in_and_what_lies_above_is_known(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    g_assert_true(knows(&town, town.dana, false, town.quay));
    g_assert_true(knows(&town, town.dana, false, town.harbour));
    g_assert_false(knows(&town, town.dana, false, town.mill));
    g_assert_true(knows(&town, town.dana, false, IDENTITY_OWNER));
    g_assert_true(knows(&town, town.gus, false, town.quay));
    g_assert_false(knows(&town, town.ben, false, town.harbour));
    g_assert_false(knows(&town, 0, false, town.mill));
    g_assert_true(knows(&town, 0, true, town.mill));
    g_assert_false(knows(&town, 0, true, 12345));
    people_free(&town.people);
}

static void unknown_ones_are_left_out_of_lists(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    const struct identity_knower dana = { .person = town.dana };
    const int64_t ids[] = { town.mill, town.quay, IDENTITY_OWNER, 0, 12345 };
    people_must(&town.people, identity_known(town.people.identity, session, &dana, ids,
                                             G_N_ELEMENTS(ids), &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        bool owner = cells[0].integer == IDENTITY_OWNER;
        g_assert_cmpstr(cells[2].text, ==, owner ? "owner" : "customer");
        g_assert_cmpint(cells[3].kind, ==, owner ? PORTICO_NULL : PORTICO_ID);
        if (!owner)
            g_assert_cmpint(cells[3].integer, ==, town.harbour);
    }
    people_must(&town.people, identity_known_of(town.people.identity, session, &dana, town.gus, 10,
                                                &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpstr(value_rows_at(rows, 0)[1].text, ==, "Harbour");
    people_must(&town.people, identity_known_of(town.people.identity, session, &dana, town.ben, 10,
                                                &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 0);
    people_free(&town.people);
}

static void people_of_an_account_are_those_who_can_act_in_it(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    people_must(&town.people,
                identity_people_in(session, town.quay, "", 10, &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpint(value_rows_at(rows, 0)[0].integer, ==, town.dana);
    g_assert_cmpint(value_rows_at(rows, 1)[0].integer, ==, town.gus);
    people_must(&town.people,
                identity_people_in(session, town.quay, "gU", 10, &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&town.people, identity_account_state(session, town.harbour, IDENTITY_SUSPENDED,
                                                     &town.people.error));
    people_must(&town.people,
                identity_people_in(session, town.quay, "", 10, &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_free(&town.people);
}

static void facts_are_kept_for_each_module(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    const char *content = NULL;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    people_must(&town.people, identity_fact_set(session, town.mill, "shop", "tier", "gold", error));
    people_must(&town.people,
                identity_fact_set(session, town.mill, "shop", "tier", "silver", error));
    people_must(&town.people, identity_fact_set(session, town.mill, "desk", "tier", "1", error));
    people_must(&town.people, identity_fact(session, town.mill, "shop", "tier", &content, error));
    g_assert_cmpstr(content, ==, "silver");
    g_assert_cmpint(identity_fact(session, town.quay, "shop", "tier", &content, error), ==,
                    PORTICO_ENOENT);
    g_assert_cmpint(identity_fact_set(session, 12345, "shop", "tier", "gold", error), ==,
                    PORTICO_ENOENT);
    people_must(&town.people, identity_fact_set(session, town.quay, "desk", "tier", "2", error));
    people_must(&town.people, identity_facts_move(session, town.mill, town.quay, error));
    people_must(&town.people, identity_facts(session, town.quay, &rows, error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpstr(value_rows_at(rows, 0)[2].text, ==, "2");
    g_assert_cmpstr(value_rows_at(rows, 1)[2].text, ==, "silver");
    people_must(&town.people, identity_fact_set(session, town.quay, "desk", "tier", NULL, error));
    people_must(&town.people, identity_facts(session, town.quay, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&town.people, identity_facts(session, town.mill, &rows, error));
    g_assert_cmpuint(rows->count, ==, 0);
    people_free(&town.people);
}

static bool names(struct town *town, int64_t person, const char *handle)
{
    const struct identity_knower knower = { .person = person };
    int64_t found = 0;
    int code = identity_nameable_one(people_session(&town->people), &knower, handle, &found,
                                     &town->people.error);
    if (code != PORTICO_ENOENT)
        people_must(&town->people, code);
    return code == 0;
}

static void people_name_those_they_share_an_account_with(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    people_add(&town.people, "Ida", NULL, 0);
    int64_t ivo = people_add(&town.people, "Ivo", NULL, 0);
    people_add(&town.people, "Sam", "sam@owner.example", IDENTITY_MODERATOR);
    g_assert_true(names(&town, town.dana, "Gus"));
    g_assert_true(names(&town, town.gus, "dana"));
    g_assert_false(names(&town, town.dana, "ben"));
    g_assert_false(names(&town, town.dana, "nobody"));
    g_assert_true(names(&town, town.dana, "sam"));
    g_assert_false(names(&town, town.dana, "ida"));
    g_assert_true(names(&town, ivo, "ida"));
    g_assert_false(names(&town, ivo, "dana"));
    const struct identity_knower dana = { .person = town.dana };
    people_must(&town.people, identity_nameable(people_session(&town.people), &dana, "g", 10, &rows,
                                                &town.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_free(&town.people);
}

/* Dana belongs to Mill as well; asked within one company, the other is as if she did not. */
static void within_one_account_the_others_are_unknown(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.mill, false);
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const struct identity_knower knowers[] = {
        { .person = town.dana },
        { .person = town.dana, .within = town.mill },
        { .person = town.dana, .within = town.quay },
        { .person = town.dana, .within = IDENTITY_NO_ACCOUNT },
    };
    static const bool mill[] = { true, true, false, false };
    static const bool quay[] = { true, false, true, false };
    for (size_t i = 0; i < G_N_ELEMENTS(knowers); i++) {
        const struct identity_knower *knower = &knowers[i];
        const int64_t ids[] = { town.mill, town.quay, town.harbour };
        int64_t id;
        g_assert_cmpint(identity_knows(session, knower, town.mill, error), ==, mill[i]);
        g_assert_cmpint(identity_knows(session, knower, town.quay, error), ==, quay[i]);
        g_assert_cmpint(identity_knows(session, knower, town.harbour, error), ==, quay[i]);
        g_assert_cmpint(identity_knows(session, knower, IDENTITY_OWNER, error), ==, 1);
        people_must(&town.people, identity_known(town.people.identity, session, knower, ids,
                                                 G_N_ELEMENTS(ids), &rows, error));
        g_assert_cmpuint(rows->count, ==, (mill[i] ? 1u : 0) + (quay[i] ? 2u : 0));
        people_must(&town.people, identity_known_of(town.people.identity, session, knower,
                                                    town.dana, 10, &rows, error));
        g_assert_cmpuint(rows->count, ==, (mill[i] ? 1u : 0) + (quay[i] ? 1u : 0));
        g_assert_cmpint(identity_nameable_one(session, knower, "ben", &id, NULL), ==,
                        mill[i] ? 0 : PORTICO_ENOENT);
        g_assert_cmpint(identity_nameable_one(session, knower, "gus", &id, NULL), ==,
                        quay[i] ? 0 : PORTICO_ENOENT);
        people_must(&town.people, identity_nameable(session, knower, "g", 10, &rows, error));
        g_assert_cmpuint(rows->count, ==, quay[i]);
    }
    people_free(&town.people);
}

/* Whoever asks for one person by their handle reads one row, however many begin so. */
static void whose_handle_it_is_comes_first(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    const struct identity_new_person named = { .name = "Zita",
                                               .handle = "gusto",
                                               .state = IDENTITY_ACTIVE };
    int64_t zita = 0;
    people_must(&town.people, identity_person_make(session, &named, &zita, &town.people.error));
    const struct identity_knower all = { .all = true };
    people_add(&town.people, "Gusto Able", NULL, 0);
    people_must(&town.people,
                identity_nameable(session, &all, "Gusto", 1, &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(value_rows_at(rows, 0)->integer, ==, zita);
    people_free(&town.people);
}

static bool may(struct town *town, int64_t person, int64_t account, const char *permission)
{
    int held = identity_person_may(town->people.identity, people_session(&town->people), person,
                                   account, permission, &town->people.error);
    people_must(&town->people, MIN(held, 0));
    return held;
}

static unsigned holding(struct town *town, int64_t account, const char *permission,
                        int64_t *ret_first)
{
    struct value *rows;
    people_must(&town->people,
                identity_people_holding(town->people.identity, people_session(&town->people),
                                        account, permission, 10, &rows, &town->people.error));
    *ret_first = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return rows->count;
}

static void what_somebody_may_follows_from_roles_rules_and_the_account(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    int64_t first = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    const struct identity_new_role desk = { "desk", "Desk", NULL, true };
    int64_t sam = people_add(&town.people, "Sam", "sam@owner.example", IDENTITY_MODERATOR);
    int64_t eva = people_add(&town.people, "Eva", "eva@owner.example", 0);
    const struct identity_new_member staff = {
        .account = IDENTITY_OWNER, .person = eva, .source = "invited", .roles = "desk"
    };
    int64_t id;
    people_must(&town.people, identity_role_make(session, &desk, &town.people.error));
    people_must(&town.people, identity_member_add(session, &staff, &id, &town.people.error));
    g_assert_true(may(&town, town.dana, town.quay, "bills.see"));
    g_assert_false(may(&town, town.dana, town.mill, "bills.see"));
    g_assert_false(may(&town, town.dana, 0, "bills.see"));
    g_assert_false(may(&town, town.dana, town.quay, "bills.pay"));
    g_assert_true(may(&town, town.dana, 0, "talk.read"));
    g_assert_true(may(&town, sam, town.mill, "talk.moderate"));
    g_assert_false(may(&town, eva, 0, "talk.moderate"));
    g_assert_cmpuint(holding(&town, 0, "talk.moderate", &first), ==, 1);
    people_must(&town.people,
                identity_role_rule(session, "desk", "talk.moderate", true, &town.people.error));
    g_assert_true(may(&town, eva, 0, "talk.moderate"));
    g_assert_cmpuint(holding(&town, 0, "talk.moderate", &first), ==, 2);
    g_assert_cmpint(first, ==, sam);
    g_assert_cmpuint(holding(&town, 0, "talk.read", &first), ==, 0);
    g_assert_cmpuint(holding(&town, town.quay, "bills.see", &first), ==, 2);
    g_assert_cmpint(first, ==, town.dana);
    g_assert_cmpuint(holding(&town, 0, "bills.see", &first), ==, 0);
    g_assert_false(may(&town, 12345, 0, "talk.read"));
    g_assert_cmpint(identity_people_holding(town.people.identity, session, 0, "no.such", 10, &rows,
                                            &town.people.error),
                    ==, PORTICO_EINVAL);
    people_free(&town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("known", what_one_acts_in_and_what_lies_above_is_known);
    DATABASE_TEST("known", unknown_ones_are_left_out_of_lists);
    DATABASE_TEST("known", people_of_an_account_are_those_who_can_act_in_it);
    DATABASE_TEST("known", facts_are_kept_for_each_module);
    DATABASE_TEST("known", people_name_those_they_share_an_account_with);
    DATABASE_TEST("known", within_one_account_the_others_are_unknown);
    DATABASE_TEST("known", whose_handle_it_is_comes_first);
    DATABASE_TEST("known", what_somebody_may_follows_from_roles_rules_and_the_account);
    return g_test_run();
}
