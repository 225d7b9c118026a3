/* Two people who are one: what the one who remains gets, what ends, and what never grows by it. */
#include "identity/merge.h"

#include "identity/api_token.h"
#include "identity/roster.h"
#include "identity/second.h"
#include "identity/team.h"
#include "town.h"

static void hold_and_merge(struct town *town, int64_t from, int64_t into)
{
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    people_must(&town->people, store_begin(session, error));
    people_must(&town->people, identity_merge_hold(session, from, into, error));
    people_must(&town->people, identity_merge(session, from, into, error));
    people_must(&town->people, store_commit(session, error));
}

static int refused(struct town *town, int64_t from, int64_t into)
{
    struct store_session *session = people_session(&town->people);
    struct portico_error error = PORTICO_ERROR_INIT;
    people_must(&town->people, store_begin(session, &town->people.error));
    const int code = identity_merge_hold(session, from, into, &error);
    store_rollback(session);
    return code;
}

static struct identity_union union_in(struct town *town, int64_t account)
{
    struct identity_union *unions;
    size_t count;
    people_must(&town->people,
                identity_merge_look(people_session(&town->people), town->ben, town->dana, &unions,
                                    &count, &town->people.error));
    for (size_t i = 0; i < count; i++)
        if (unions[i].account == account)
            return unions[i];
    g_error("There is no such account among those of both.");
}

static void until(struct town *town, int64_t membership, int64_t end)
{
    const struct identity_member_change change = { .from = -1, .until = end };
    people_must(&town->people, identity_member_change(people_session(&town->people), membership,
                                                      &change, &town->people.error));
}

static int64_t number(struct town *town, const char *sql)
{
    return database_integer(&town->people.database, sql);
}

static void addresses_companies_and_the_handle_go_over(gconstpointer kind)
{
    struct town town;
    struct identity_person found;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    join(&town, town.dana, town.harbour, "");
    join(&town, town.ben, town.mill, "account-admin");
    const struct identity_person dana = people_look(&town.people, town.dana);
    const struct identity_person ben = people_look(&town.people, town.ben);
    hold_and_merge(&town, town.ben, town.dana);
    const struct identity_standing there = stand(&town, town.dana, town.mill);
    g_assert_true(may(&there, "bills.pay"));
    g_assert_true(stand(&town, town.dana, town.harbour).account == town.harbour);
    g_assert_false(stand(&town, town.ben, town.mill).account == town.mill);
    for (const char *const *who = (const char *const[]){ "ben@mill.example", ben.handle, NULL };
         *who; who++) {
        people_must(&town.people, identity_person_named(session, *who, &found, &town.people.error));
        g_assert_cmpint(found.id, ==, town.dana);
    }
    found = people_look(&town.people, town.dana);
    g_assert_cmpstr(found.address, ==, "dana@harbour.example");
    g_assert_cmpint(found.rights, >, dana.rights);
    found = people_look(&town.people, town.ben);
    g_assert_cmpint(found.merged_into, ==, town.dana);
    g_assert_cmpint(found.state, ==, IDENTITY_DISABLED);
    g_assert_cmpint(found.rights, >, ben.rights);
    people_free(&town.people);
}

static void what_the_vanishing_one_signed_in_with_ends_and_the_others_stays(gconstpointer kind)
{
    struct town town;
    char token[IDENTITY_TOKEN_SIZE], kept[IDENTITY_TOKEN_SIZE];
    struct identity_session live;
    const struct identity_device device = { "a test", "127.0.0.1" };
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    people_password(&town.people, town.ben, BETTER);
    people_password(&town.people, town.dana, GOOD);
    people_must(&town.people, identity_session_start(town.people.identity, session, town.ben,
                                                     &device, false, token, error));
    people_must(&town.people, identity_session_start(town.people.identity, session, town.dana,
                                                     &device, false, kept, error));
    char link[IDENTITY_TOKEN_SIZE];
    people_must(&town.people, identity_link_make(session, IDENTITY_LINK_RESET, town.ben,
                                                 "ben@mill.example", link, error));
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_cmpint(identity_session_find(town.people.identity, session, token, &live, NULL), ==,
                    PORTICO_ENOENT);
    people_must(&town.people,
                identity_session_find(town.people.identity, session, kept, &live, error));
    g_assert_cmpint(live.person.id, ==, town.dana);
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_link"), ==, 0);
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_person WHERE password IS NOT NULL"),
                    ==, 1);
    g_assert_cmpint(identity_person_state(session, town.ben, IDENTITY_ACTIVE, NULL), ==,
                    PORTICO_ENOENT);
    g_assert_cmpint(people_look(&town.people, town.ben).state, ==, IDENTITY_DISABLED);
    people_free(&town.people);
}

static int64_t alone(struct town *town, int64_t person, int64_t account)
{
    int64_t id = 0;
    people_must(&town->people, identity_audience_of_person(people_session(&town->people), person,
                                                           account, &id, &town->people.error));
    return id;
}

static void what_was_for_one_alone_is_for_the_one_who_remains(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, "");
    join(&town, town.ben, town.harbour, "");
    const int64_t bens = alone(&town, town.ben, town.harbour);
    const int64_t danas = alone(&town, town.dana, town.harbour);
    g_assert_false(sees(&town, town.dana, town.harbour, bens));
    const int64_t shown = people_look(&town.people, town.dana).shown;
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_true(sees(&town, town.dana, town.harbour, bens));
    g_assert_true(sees(&town, town.dana, town.harbour, danas));
    g_assert_false(sees(&town, town.ben, town.harbour, bens));
    g_assert_cmpint(people_look(&town.people, town.dana).shown, >, shown);
    /* What a job asks for of the one who vanished is of the one who remains, made before or not. */
    g_assert_cmpint(alone(&town, town.ben, town.harbour), ==, danas);
    const int64_t later = alone(&town, town.ben, town.mill);
    g_assert_cmpint(later, ==, alone(&town, town.dana, town.mill));
    join(&town, town.dana, town.mill, "");
    g_assert_true(sees(&town, town.dana, town.mill, later));
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_audience_person"), ==, 3);
    people_free(&town.people);
}

static void roles_are_added_where_they_last_as_long_and_end_otherwise(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const int64_t danas = join(&town, town.dana, town.harbour, "");
    const int64_t bens = join(&town, town.ben, town.harbour, "account-admin");
    struct identity_union united = union_in(&town, town.harbour);
    g_assert_cmpstr(united.gained, ==, "account-admin");
    g_assert_cmpstr(united.lost, ==, "");
    g_assert_false(united.takes_over);
    until(&town, bens, NOON + 30 * DAY);
    united = union_in(&town, town.harbour);
    g_assert_cmpstr(united.gained, ==, "");
    g_assert_cmpstr(united.lost, ==, "account-admin");
    until(&town, danas, NOON + 20 * DAY);
    united = union_in(&town, town.harbour);
    g_assert_cmpstr(united.gained, ==, "account-admin");
    hold_and_merge(&town, town.ben, town.dana);
    struct identity_member member;
    people_must(&town.people, identity_member_of(people_session(&town.people), town.harbour,
                                                 town.dana, &member, &town.people.error));
    g_assert_cmpint(member.id, ==, danas);
    g_assert_cmpint(member.until, ==, NOON + 20 * DAY);
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_membership"), ==, 1);
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_membership_role"), ==, 1);
    people_free(&town.people);
}

static void a_membership_that_is_over_brings_no_role_back(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const int64_t danas = join(&town, town.dana, town.harbour, "account-admin");
    join(&town, town.ben, town.harbour, "");
    join(&town, town.dana, town.mill, "");
    const int64_t over = join(&town, town.ben, town.mill, "account-admin");
    until(&town, danas, NOON + DAY);
    until(&town, over, NOON + DAY);
    clock_stop(NOON + 2 * DAY);
    struct identity_union united = union_in(&town, town.harbour);
    g_assert_true(united.takes_over);
    g_assert_cmpstr(united.lost, ==, "account-admin");
    united = union_in(&town, town.mill);
    g_assert_false(united.takes_over);
    g_assert_cmpstr(united.lost, ==, "account-admin");
    hold_and_merge(&town, town.ben, town.dana);
    const struct identity_standing harbour = stand(&town, town.dana, town.harbour);
    const struct identity_standing mill = stand(&town, town.dana, town.mill);
    g_assert_true(may(&harbour, "bills.see") && !may(&harbour, "bills.pay"));
    g_assert_true(may(&mill, "bills.see") && !may(&mill, "bills.pay"));
    people_free(&town.people);
}

static void teams_and_what_was_shared_by_name_go_over_at_once(gconstpointer kind)
{
    struct town town;
    int64_t team = 0, both = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    join(&town, town.dana, town.harbour, "");
    join(&town, town.ben, town.harbour, "");
    people_must(&town.people, identity_team_make(session, town.harbour, "Crane", &team, error));
    people_must(&town.people, identity_team_make(session, town.harbour, "Berth", &both, error));
    people_must(&town.people, identity_team_add(session, team, town.ben, error));
    people_must(&town.people, identity_team_add(session, both, town.ben, error));
    people_must(&town.people, identity_team_add(session, both, town.dana, error));
    database_execute(&town.people.database,
                     "INSERT INTO portico_grant (relation, object, person, giver, given) "
                     "VALUES ('shop_note', 1, ?, NULL, 0), ('shop_note', 2, ?, NULL, 0), "
                     "('shop_note', 2, ?, NULL, 0)",
                     PORTICO_ARGS(portico_arg_id(town.ben), portico_arg_id(town.ben),
                                  portico_arg_id(town.dana)));
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_true(sees(&town, town.dana, town.harbour,
                       audience(&town, IDENTITY_FOR_TEAM, town.harbour, NULL, team)));
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_team_member"), ==, 2);
    g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_grant"), ==, 2);
    people_free(&town.people);
}

/* Ben's place in a team, and what Harbour names him for, once his membership ends then. */
static void merge_with_a_place(struct town *town, int64_t end, int64_t *ret_team)
{
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    join(town, town->dana, town->harbour, "");
    const int64_t bens = join(town, town->ben, town->harbour, "");
    people_must(&town->people,
                identity_team_make(session, town->harbour, "Salaries", ret_team, error));
    people_must(&town->people, identity_team_add(session, *ret_team, town->ben, error));
    database_execute(
        &town->people.database,
        "INSERT INTO portico_account_contact (account, role, person) VALUES (?, 'legal', ?)",
        PORTICO_ARGS(portico_arg_id(town->harbour), portico_arg_id(town->ben)));
    if (end)
        until(town, bens, end);
}

static void a_place_in_a_team_goes_over_only_with_a_membership_that_lasts(gconstpointer kind)
{
    const struct {
        int64_t end, now;
        bool kept;
    } cases[] = { { 0, NOON, true },
                  { NOON + 30 * DAY, NOON, false },
                  { NOON + DAY, NOON + 2 * DAY, false } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct town town;
        int64_t team = 0;
        if (!town_new(&town, kind))
            return;
        merge_with_a_place(&town, cases[i].end, &team);
        clock_stop(cases[i].now);
        const struct identity_union united = union_in(&town, town.harbour);
        g_assert_cmpstr(united.teams, ==, "Salaries");
        g_assert_cmpint(united.adds, ==, cases[i].kept);
        hold_and_merge(&town, town.ben, town.dana);
        g_assert_cmpint(sees(&town, town.dana, town.harbour,
                             audience(&town, IDENTITY_FOR_TEAM, town.harbour, NULL, team)),
                        ==, cases[i].kept);
        g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_team_member"), ==,
                        cases[i].kept);
        g_assert_cmpint(number(&town, "SELECT count(*) FROM portico_account_contact"), ==,
                        cases[i].kept);
        people_free(&town.people);
    }
}

static void
a_place_of_a_membership_that_is_over_does_not_come_back_with_the_others(gconstpointer kind)
{
    struct town town;
    int64_t team = 0, crane = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const int64_t danas = join(&town, town.dana, town.harbour, "");
    join(&town, town.ben, town.harbour, "");
    people_must(&town.people, identity_team_make(session, town.harbour, "Salaries", &team, error));
    people_must(&town.people, identity_team_make(session, town.harbour, "Crane", &crane, error));
    people_must(&town.people, identity_team_add(session, team, town.dana, error));
    people_must(&town.people, identity_team_add(session, crane, town.ben, error));
    until(&town, danas, NOON + DAY);
    clock_stop(NOON + 2 * DAY);
    g_assert_true(union_in(&town, town.harbour).takes_over);
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_false(sees(&town, town.dana, town.harbour,
                        audience(&town, IDENTITY_FOR_TEAM, town.harbour, NULL, team)));
    g_assert_true(sees(&town, town.dana, town.harbour,
                       audience(&town, IDENTITY_FOR_TEAM, town.harbour, NULL, crane)));
    people_free(&town.people);
}

/* A membership in Harbour from one time to another; 0: none of it. */
static int64_t belongs(struct town *town, int64_t person, int64_t from, int64_t end,
                       const char *roles)
{
    const struct identity_new_member made = { .account = town->harbour,
                                              .person = person,
                                              .source = "invited",
                                              .roles = roles,
                                              .from = from,
                                              .until = end };
    int64_t id = 0;
    people_must(&town->people, identity_member_add(people_session(&town->people), &made, &id,
                                                   &town->people.error));
    return id;
}

static void a_membership_that_is_yet_to_begin_is_not_thrown_away(gconstpointer kind)
{
    struct town town;
    struct identity_member member;
    if (!town_new(&town, kind))
        return;
    const int64_t danas = belongs(&town, town.dana, 0, NOON + DAY, "account-admin");
    const int64_t bens = belongs(&town, town.ben, NOON + 9 * DAY, 0, "");
    clock_stop(NOON + 2 * DAY);
    struct identity_union united = union_in(&town, town.harbour);
    g_assert_true(united.takes_over && !united.loses_later);
    g_assert_cmpstr(united.lost, ==, "account-admin");
    hold_and_merge(&town, town.ben, town.dana);
    struct store_session *session = people_session(&town.people);
    people_must(&town.people,
                identity_member_of(session, town.harbour, town.dana, &member, &town.people.error));
    g_assert_cmpint(member.id, ==, bens);
    g_assert_cmpint(member.id, !=, danas);
    g_assert_cmpint(member.from, ==, NOON + 9 * DAY);
    people_free(&town.people);
}

static void a_membership_that_would_be_lost_before_it_begins_is_said(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const int64_t danas = belongs(&town, town.dana, NOON + 9 * DAY, 0, "account-admin");
    const int64_t bens = belongs(&town, town.ben, 0, NOON + DAY, "");
    g_assert_true(union_in(&town, town.harbour).takes_over);
    g_assert_true(union_in(&town, town.harbour).loses_later);
    until(&town, bens, 0);
    g_assert_true(union_in(&town, town.harbour).loses_later); /* a role */
    people_must(&town.people, identity_member_roles(people_session(&town.people), danas, "",
                                                    "account-admin", &town.people.error));
    g_assert_false(union_in(&town, town.harbour).loses_later);
    people_free(&town.people);
}

static void who_reviewed_a_membership_is_whoever_remains(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const int64_t eve = people_add(&town.people, "Eve", "eve@mill.example", 0);
    const int64_t eves = join(&town, eve, town.harbour, "");
    people_must(&town.people, identity_member_reviewed(people_session(&town.people), eves, town.ben,
                                                       &town.people.error));
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_cmpint(number(&town, "SELECT reviewer FROM portico_membership"), ==, town.dana);
    people_free(&town.people);
}

static void who_brought_somebody_is_whoever_remains(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct identity_new_member made = { .account = town.harbour,
                                              .person = people_add(&town.people, "Eve",
                                                                   "eve@mill.example", 0),
                                              .source = "invited",
                                              .by = town.ben };
    people_must(&town.people,
                identity_member_add(people_session(&town.people), &made, NULL, &town.people.error));
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_cmpint(number(&town, "SELECT brought_by FROM portico_membership"), ==, town.dana);
    people_free(&town.people);
}

static void names_are_told_of_whoever_the_merged_one_became(gconstpointer kind)
{
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    const int64_t eve = people_add(&town.people, "Eve", "eve@mill.example", 0);
    hold_and_merge(&town, town.ben, eve);
    hold_and_merge(&town, eve, town.dana);
    g_assert_cmpint(people_look(&town.people, town.ben).merged_into, ==, town.dana);
    people_must(&town.people, identity_people(session, (const int64_t[]){ town.ben, eve }, 2, &rows,
                                              &town.people.error));
    g_assert_cmpuint(rows->count, ==, 2);
    for (uint32_t i = 0; i < 2; i++)
        g_assert_cmpstr(people_cell(rows, i, 2)->text, ==, "Dana");
    people_must(&town.people,
                identity_people_list(session, "", NULL, 100, &rows, &town.people.error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_free(&town.people);
}

static int64_t known_as(struct town *town, const char *external)
{
    const struct identity_new_person made = { .name = "Ann",
                                              .external = external,
                                              .state = IDENTITY_ACTIVE };
    int64_t person = 0;
    people_must(&town->people, identity_person_make(people_session(&town->people), &made, &person,
                                                    &town->people.error));
    return person;
}

static void the_id_elsewhere_leads_imports_to_whoever_remains(gconstpointer kind)
{
    struct town town;
    int64_t found = 0;
    const char *leading = NULL;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const int64_t one = known_as(&town, "crm:2"), two = known_as(&town, "crm:1"),
                  own = known_as(&town, "crm:3");
    hold_and_merge(&town, one, town.dana);
    hold_and_merge(&town, two, town.dana);
    for (const char *const *external = (const char *const[]){ "crm:1", "crm:2", NULL }; *external;
         external++) {
        people_must(&town.people, identity_person_external(session, *external, &found, error));
        g_assert_cmpint(found, ==, town.dana);
        people_must(&town.people, identity_person_elsewhere(session, *external, &found, error));
        g_assert_cmpint(found, !=, town.dana);
    }
    /* Of several rows one says what they are called: their own if there is one. */
    people_must(&town.people, identity_person_leading(session, town.dana, &leading, error));
    g_assert_cmpstr(leading, ==, "crm:2");
    hold_and_merge(&town, town.dana, own);
    people_must(&town.people, identity_person_leading(session, own, &leading, error));
    g_assert_cmpstr(leading, ==, "crm:3");
    people_free(&town.people);
}

/* A directory that knows one password of everybody; the name is the id there. */
static int directory(void *data, const char *name, const char *password, struct arena *arena,
                     struct identity_verified *ret_verified, struct portico_error *error)
{
    (void)data, (void)error;
    *ret_verified = (struct identity_verified){ .right = strcmp(password, GOOD) == 0,
                                                .external = arena_printf(arena, "ldap:%s", name) };
    return 0;
}

static int sign_in_there(struct town *town, const char *name, struct identity_signed_in *in)
{
    const struct identity_sign_in asked = { .name = name,
                                            .password = GOOD,
                                            .device = { "Browser/1", "192.0.2.1" } };
    database_next_session(&town->people.database);
    return identity_sign_in(town->people.identity, people_session(&town->people), &asked, in, NULL,
                            &town->people.error);
}

static void a_directory_lets_nobody_in_as_whoever_the_merged_one_became(gconstpointer kind)
{
    struct town town;
    struct identity_signed_in in;
    if (!town_new(&town, kind))
        return;
    identity_ask_elsewhere(town.people.identity, directory, NULL);
    people_must(&town.people, sign_in_there(&town, "anna.there", &in));
    const int64_t anna = in.person;
    people_must(&town.people, sign_in_there(&town, "ines.there", &in));
    const int64_t ines = in.person;
    hold_and_merge(&town, anna, town.dana);
    g_assert_cmpint(sign_in_there(&town, "anna.there", &in), ==, PORTICO_EPERM);
    hold_and_merge(&town, town.dana, ines);
    g_assert_cmpint(sign_in_there(&town, "anna.there", &in), ==, PORTICO_EPERM);
    people_must(&town.people, sign_in_there(&town, "ines.there", &in));
    g_assert_cmpint(in.person, ==, ines);
    people_free(&town.people);
}

static void what_cannot_be_merged_is_refused_and_leaves_all_as_it_was(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const int64_t eve = people_add(&town.people, "Eve", "eve@mill.example", 0);
    struct store_session *session = people_session(&town.people);
    g_assert_cmpint(refused(&town, town.ben, town.ben), ==, PORTICO_EINVAL);
    g_assert_cmpint(refused(&town, town.ben, 4711), ==, PORTICO_ENOENT);
    hold_and_merge(&town, town.ben, town.dana);
    g_assert_cmpint(refused(&town, town.ben, eve), ==, PORTICO_ECONFLICT);
    g_assert_cmpint(refused(&town, eve, town.ben), ==, PORTICO_ECONFLICT);
    people_must(&town.people,
                identity_person_state(session, town.dana, IDENTITY_DISABLED, &town.people.error));
    g_assert_cmpint(refused(&town, eve, town.dana), ==, PORTICO_ECONFLICT);
    g_assert_cmpint(refused(&town, town.dana, eve), ==, 0);
    const struct identity_new_member made = { .account = town.mill,
                                              .person = town.ben,
                                              .source = "invited" };
    g_assert_cmpint(identity_member_add(session, &made, NULL, NULL), ==, PORTICO_ENOENT);
    people_free(&town.people);
}

static void the_last_admin_may_become_somebody_who_then_is_it(gconstpointer kind)
{
    struct town town;
    bool has = false;
    if (!town_new(&town, kind))
        return;
    const int64_t chief =
        people_add(&town.people, "Chief", "chief@harbour.example", IDENTITY_ADMIN);
    hold_and_merge(&town, chief, town.dana);
    people_must(&town.people,
                identity_has_admin(people_session(&town.people), &has, &town.people.error));
    g_assert_true(has);
    g_assert_true(people_look(&town.people, town.dana).roles & IDENTITY_ADMIN);
    people_free(&town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("merge", addresses_companies_and_the_handle_go_over);
    DATABASE_TEST("merge", what_the_vanishing_one_signed_in_with_ends_and_the_others_stays);
    DATABASE_TEST("merge", what_was_for_one_alone_is_for_the_one_who_remains);
    DATABASE_TEST("merge", roles_are_added_where_they_last_as_long_and_end_otherwise);
    DATABASE_TEST("merge", a_membership_that_is_over_brings_no_role_back);
    DATABASE_TEST("merge", teams_and_what_was_shared_by_name_go_over_at_once);
    DATABASE_TEST("merge", a_place_in_a_team_goes_over_only_with_a_membership_that_lasts);
    DATABASE_TEST("merge", a_place_of_a_membership_that_is_over_does_not_come_back_with_the_others);
    DATABASE_TEST("merge", a_membership_that_is_yet_to_begin_is_not_thrown_away);
    DATABASE_TEST("merge", a_membership_that_would_be_lost_before_it_begins_is_said);
    DATABASE_TEST("merge", who_reviewed_a_membership_is_whoever_remains);
    DATABASE_TEST("merge", who_brought_somebody_is_whoever_remains);
    DATABASE_TEST("merge", names_are_told_of_whoever_the_merged_one_became);
    DATABASE_TEST("merge", the_id_elsewhere_leads_imports_to_whoever_remains);
    DATABASE_TEST("merge", a_directory_lets_nobody_in_as_whoever_the_merged_one_became);
    DATABASE_TEST("merge", what_cannot_be_merged_is_refused_and_leaves_all_as_it_was);
    DATABASE_TEST("merge", the_last_admin_may_become_somebody_who_then_is_it);
    return g_test_run();
}
