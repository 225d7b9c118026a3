/* How somebody stands in an account: which one they act in, what they may and what they see. */
#include "identity/standing.h"
#include "identity/acting.h"
#include "identity/audience.h"
#include "identity/member.h"
#include "identity/role.h"
#include "identity/team.h"
#include "town.h"

static void who_belongs_to_no_account_sees_what_all_see(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct identity_standing standing = stand(&town, town.dana, town.harbour);
    g_assert_cmpint(standing.account, ==, 0);
    g_assert_cmpuint(standing.roles, ==, IDENTITY_EVERYONE | IDENTITY_MEMBER);
    g_assert_cmpuint(standing.audience_count, ==, 2);
    g_assert_true(may(&standing, "talk.read"));
    g_assert_false(may(&standing, "bills.see"));
    people_free(&town.people);
}

/* The first thing shown to an account's members changes nobody's rights: the audience is there. */
static void an_accounts_members_are_an_audience_from_its_first_day_on(gconstpointer kind)
{
    struct town town;
    int64_t before, after;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    people_must(&town.people, identity_rights_number(session, &before, &town.people.error));
    int64_t harbour = audience(&town, IDENTITY_FOR_ACCOUNT, town.harbour, NULL, 0);
    int64_t quay = audience(&town, IDENTITY_FOR_ACCOUNT, town.quay, NULL, 0);
    people_must(&town.people, identity_rights_number(session, &after, &town.people.error));
    g_assert_cmpint(harbour, !=, quay);
    g_assert_cmpint(after, ==, before);
    audience(&town, IDENTITY_FOR_BELOW, town.harbour, NULL, 0);
    people_must(&town.people, identity_rights_number(session, &after, &town.people.error));
    g_assert_cmpint(after, >, before);
    people_free(&town.people);
}

static int64_t alone(struct town *town, int64_t person, int64_t account)
{
    int64_t id = 0, again = 0;
    struct store_session *session = people_session(&town->people);
    people_must(&town->people,
                identity_audience_of_person(session, person, account, &id, &town->people.error));
    people_must(&town->people,
                identity_audience_of_person(session, person, account, &again, &town->people.error));
    g_assert_cmpint(id, ==, again);
    return id;
}

static bool is_among(const struct identity_standing *standing, int64_t wanted)
{
    for (size_t i = 0; i < standing->audience_count; i++)
        if (standing->audiences[i] == wanted)
            return true;
    return false;
}

/* What is read anew of one person alone, and what of everybody. */
static void numbers(struct town *town, int64_t person, int64_t *ret_shown, int64_t *ret_rights,
                    int64_t *ret_all)
{
    struct store_session *session = people_session(&town->people);
    struct identity_person looked;
    people_must(&town->people, identity_person_look(session, person, &looked, &town->people.error));
    people_must(&town->people, identity_rights_number(session, ret_all, &town->people.error));
    *ret_shown = looked.shown;
    *ret_rights = looked.rights;
}

static void what_is_for_one_person_is_read_anew_for_them_alone(gconstpointer kind)
{
    struct town town;
    int64_t shown, rights, all, now_shown, now_rights, now_all, none = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    join(&town, town.dana, town.harbour, NULL);
    numbers(&town, town.dana, &shown, &rights, &all);
    alone(&town, town.dana, town.harbour);
    numbers(&town, town.dana, &now_shown, &now_rights, &now_all);
    g_assert_cmpint(now_shown, ==, shown + 1);
    g_assert_cmpint(now_rights, ==, rights);
    g_assert_cmpint(now_all, ==, all);
    /* And nothing moves for what is nobody's, or for people who are not there. */
    alone(&town, IDENTITY_NO_PERSON, town.harbour);
    g_assert_cmpint(identity_audience_of_person(session, 4711, town.harbour, &none, error), ==,
                    PORTICO_EINVAL);
    numbers(&town, town.dana, &now_shown, &now_rights, &now_all);
    g_assert_cmpint(now_shown, ==, shown + 1);
    g_assert_cmpint(now_all, ==, all);
    people_free(&town.people);
}

/* Teams of an account, all of whose audiences a person sees. */
static void join_teams(struct town *town, int64_t person, int64_t account, int64_t count)
{
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    people_must(&town->people, store_begin(session, error));
    for (int64_t i = 1; i <= count; i++) {
        const struct portico_argument id = portico_arg_id(i), whose = portico_arg_id(account),
                                      who = portico_arg_id(person);
        char name[24];
        snprintf(name, sizeof name, "team %d", (int)i);
        people_must(&town->people,
                    store_host_execute(session,
                                       "INSERT INTO portico_team (id, account, name, name_key, "
                                       "created) VALUES (?, ?, ?, ?, ?)",
                                       PORTICO_ARGS(id, whose, portico_arg_text(name),
                                                    portico_arg_text(name), portico_arg_time(1)),
                                       NULL, error));
        people_must(&town->people,
                    store_host_execute(session,
                                       "INSERT INTO portico_team_member (team, person) "
                                       "VALUES (?, ?)",
                                       PORTICO_ARGS(id, who), NULL, error));
        people_must(&town->people,
                    store_host_execute(session,
                                       "INSERT INTO portico_audience (id, kind, account, team) "
                                       "VALUES (?, 'team', ?, ?)",
                                       PORTICO_ARGS(portico_arg_id(1000 + i), whose, id), NULL,
                                       error));
    }
    people_must(&town->people, store_commit(session, error));
}

static void what_is_for_one_person_takes_no_room_of_the_rest(gconstpointer kind)
{
    struct town town;
    const int64_t *audiences = NULL;
    size_t count = 0;
    bool every = true;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    join(&town, town.dana, town.harbour, NULL);
    join(&town, town.dana, town.mill, NULL);
    people_must(&town.people, identity_sees(town.people.identity, session, town.dana, false,
                                            &audiences, &count, &every, error));
    /* Room for one more. */
    join_teams(&town, town.dana, town.harbour, IDENTITY_AUDIENCES_MAX - 1 - (int64_t)count);
    const int64_t first = alone(&town, town.dana, town.harbour),
                  second = alone(&town, town.dana, town.mill);
    people_must(&town.people, identity_sees(town.people.identity, session, town.dana, false,
                                            &audiences, &count, &every, error));
    g_assert_cmpuint(count, ==, IDENTITY_AUDIENCES_MAX);
    bool has_first = false, has_second = false;
    for (size_t i = 0; i < count; i++) {
        has_first |= audiences[i] == first;
        has_second |= audiences[i] == second;
    }
    g_assert_true(has_second);
    g_assert_false(has_first);
    g_assert_true(sees(&town, town.dana, town.mill, second));
    people_free(&town.people);
}

static void what_is_for_one_person_is_theirs_in_that_account_alone(gconstpointer kind)
{
    struct town town;
    int64_t none = 0;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    int64_t membership = join(&town, town.dana, town.harbour, "account-admin");
    join(&town, town.dana, town.mill, NULL);
    join(&town, town.ben, town.harbour, NULL);
    const int64_t there = alone(&town, town.dana, town.harbour);
    const int64_t here = alone(&town, town.dana, town.mill),
                  bens = alone(&town, town.ben, town.harbour);
    g_assert_cmpint(there, !=, here);
    g_assert_true(sees(&town, town.dana, town.harbour, there));
    g_assert_false(sees(&town, town.dana, town.harbour, here));
    g_assert_false(sees(&town, town.dana, town.harbour, bens));
    g_assert_true(sees(&town, town.dana, town.mill, here));
    g_assert_false(sees(&town, town.dana, town.mill, there));
    g_assert_false(sees(&town, town.ben, town.harbour, there));
    /* Told by notice as shown on a page. */
    struct identity_person dana, ben;
    people_must(&town.people, identity_person_look(session, town.dana, &dana, error));
    people_must(&town.people, identity_person_look(session, town.ben, &ben, error));
    g_assert_true(may_see(&town, town.dana, there));
    g_assert_true(may_see(&town, town.dana, here));
    g_assert_false(may_see(&town, town.ben, there));
    g_assert_cmpint(identity_audience_of_person(session, town.dana, 4711, &none, error), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_audience_of_person(session, 4711, town.harbour, &none, error), ==,
                    PORTICO_EINVAL);
    /* Whoever looks in their place sees what they see, and not that. */
    struct identity_standing looked;
    const int64_t all = audience(&town, IDENTITY_FOR_ACCOUNT, town.harbour, NULL, 0);
    people_must(&town.people, identity_standing_looked(town.people.identity, session, town.dana,
                                                       town.harbour, &looked, error));
    g_assert_true(is_among(&looked, all));
    g_assert_false(is_among(&looked, there));
    /* What is nobody's is not theirs either. */
    const int64_t nobodys = alone(&town, IDENTITY_NO_PERSON, town.harbour);
    g_assert_false(sees(&town, town.dana, town.harbour, nobodys));
    g_assert_false(may_see(&town, town.dana, nobodys));
    /* Who is merged into somebody gives them what was theirs, beside what the other had there. */
    people_must(&town.people, identity_audience_move_person(session, town.ben, town.dana, error));
    g_assert_true(sees(&town, town.dana, town.harbour, bens));
    g_assert_true(sees(&town, town.dana, town.harbour, there));
    g_assert_false(sees(&town, town.ben, town.harbour, bens));
    g_assert_cmpint(alone(&town, town.dana, town.harbour), ==, there);
    /* So does what a request of theirs that was under way made since. */
    const int64_t late = alone(&town, town.ben, town.harbour);
    g_assert_cmpint(late, !=, bens);
    people_must(&town.people, identity_audience_move_person(session, town.ben, town.dana, error));
    g_assert_true(sees(&town, town.dana, town.harbour, late));
    g_assert_true(sees(&town, town.dana, town.harbour, bens));
    g_assert_cmpint(alone(&town, town.dana, town.harbour), ==, there);
    /* And who leaves the account sees it no more. */
    people_must(&town.people, identity_member_remove(session, membership, error));
    g_assert_false(sees(&town, town.dana, town.harbour, there));
    g_assert_true(sees(&town, town.dana, town.mill, here));
    people_free(&town.people);
}

static void roles_hold_in_their_account_only(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, "account-admin");
    join(&town, town.dana, town.mill, NULL);
    const struct identity_standing harbour = stand(&town, town.dana, town.harbour);
    const struct identity_standing mill = stand(&town, town.dana, town.mill);
    g_assert_cmpstr(harbour.name, ==, "Harbour");
    g_assert_true(may(&harbour, "bills.pay"));
    g_assert_true(may(&harbour, "bills.see"));
    g_assert_cmpint(mill.account, ==, town.mill);
    g_assert_false(may(&mill, "bills.pay"));
    g_assert_true(may(&mill, "bills.see"));
    g_assert_false(may(&mill, "talk.moderate"));
    /* Asked for another's, they act in none, and never by themselves in their own. */
    const struct identity_standing quay = stand(&town, town.dana, town.quay);
    g_assert_cmpint(quay.account, ==, 0);
    g_assert_cmpuint(quay.roles, ==, IDENTITY_EVERYONE | IDENTITY_MEMBER);
    people_free(&town.people);
}

static void the_owners_roles_hold_everywhere(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    int64_t mara = people_add(&town.people, "Mara", "mara@owner.example", IDENTITY_MODERATOR);
    join(&town, mara, town.mill, NULL);
    const struct identity_standing mill = stand(&town, mara, town.mill);
    const struct identity_standing owner = stand(&town, mara, IDENTITY_OWNER);
    g_assert_true(may(&mill, "talk.moderate"));
    g_assert_true(may(&mill, "bills.see"));
    g_assert_cmpint(owner.account, ==, IDENTITY_OWNER);
    g_assert_true(may(&owner, "talk.moderate"));
    g_assert_false(may(&owner, "bills.see"));
    g_assert_true(sees(&town, mara, town.mill, IDENTITY_AUDIENCE_STAFF));
    g_assert_false(sees(&town, town.ben, 0, IDENTITY_AUDIENCE_STAFF));
    people_free(&town.people);
}

static void each_audience_is_seen_by_those_it_names(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    int64_t kim = people_add(&town.people, "Kim", "kim@quay.example", 0), team = 0;
    int64_t membership = join(&town, town.dana, town.harbour, "account-admin");
    join(&town, town.ben, town.harbour, NULL);
    join(&town, kim, town.quay, NULL);
    people_must(&town.people, identity_team_make(session, town.harbour, "Night shift", &team,
                                                 &town.people.error));
    people_must(&town.people, identity_team_add(session, team, town.ben, &town.people.error));
    const struct {
        int64_t audience;
        bool dana, ben, kim;
    } cases[] = {
        { audience(&town, IDENTITY_FOR_ACCOUNT, town.harbour, NULL, 0), true, true, false },
        { audience(&town, IDENTITY_FOR_BELOW, town.harbour, NULL, 0), true, true, true },
        { audience(&town, IDENTITY_FOR_ROLE, town.harbour, "account-admin", 0), true, false,
          false },
        { audience(&town, IDENTITY_FOR_TEAM, 0, NULL, team), false, true, false },
        { audience(&town, IDENTITY_FOR_ACCOUNT, town.quay, NULL, 0), false, false, true },
        { audience(&town, IDENTITY_FOR_BELOW, town.quay, NULL, 0), false, false, true },
        { audience(&town, IDENTITY_FOR_ACCOUNT, town.mill, NULL, 0), false, false, false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(sees(&town, town.dana, 0, cases[i].audience), ==, cases[i].dana);
        g_assert_cmpint(sees(&town, town.ben, 0, cases[i].audience), ==, cases[i].ben);
        g_assert_cmpint(sees(&town, kim, 0, cases[i].audience), ==, cases[i].kim);
    }
    /* In all accounts below as well. */
    const bool below = true;
    const struct identity_member_change wider = { .below = &below, .from = -1, .until = -1 };
    people_must(&town.people,
                identity_member_change(session, membership, &wider, &town.people.error));
    g_assert_true(sees(&town, town.dana, town.quay, cases[4].audience));
    g_assert_false(sees(&town, town.dana, town.quay, cases[0].audience));
    g_assert_true(sees(&town, town.dana, town.harbour, cases[0].audience));
    people_free(&town.people);
}

static void a_membership_holds_from_when_to_when(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct identity_new_member made = { .account = town.mill,
                                              .person = town.ben,
                                              .source = "invited",
                                              .from = NOON + HOUR,
                                              .until = NOON + 2 * HOUR };
    people_must(&town.people,
                identity_member_add(people_session(&town.people), &made, NULL, &town.people.error));
    g_assert_cmpint(stand(&town, town.ben, town.mill).account, ==, 0);
    g_assert_cmpint(stand(&town, town.ben, town.mill).until, ==, NOON + HOUR);
    clock_stop(NOON + HOUR);
    g_assert_cmpint(stand(&town, town.ben, town.mill).account, ==, town.mill);
    g_assert_cmpint(stand(&town, town.ben, town.mill).until, ==, NOON + 2 * HOUR);
    clock_stop(NOON + 2 * HOUR);
    g_assert_cmpint(stand(&town, town.ben, town.mill).account, ==, 0);
    g_assert_cmpint(stand(&town, town.ben, town.mill).until, ==, INT64_MAX);
    people_free(&town.people);
}

static void nobody_acts_in_an_account_that_is_suspended(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    join(&town, town.ben, town.mill, NULL);
    int64_t before = stand(&town, town.ben, 0).number;
    int64_t for_mill = audience(&town, IDENTITY_FOR_ACCOUNT, town.mill, NULL, 0);
    g_assert_true(sees(&town, town.ben, 0, for_mill));
    people_must(&town.people,
                identity_account_state(session, town.mill, IDENTITY_SUSPENDED, &town.people.error));
    g_assert_false(sees(&town, town.ben, 0, for_mill));
    g_assert_cmpint(stand(&town, town.ben, 0).number, >, before);
    people_must(&town.people,
                identity_account_state(session, town.mill, IDENTITY_OPEN, &town.people.error));
    g_assert_true(sees(&town, town.ben, 0, for_mill));
    g_assert_cmpint(
        identity_account_state(session, IDENTITY_OWNER, IDENTITY_CLOSED, &town.people.error), ==,
        PORTICO_EPERM);
    people_free(&town.people);
}

static void what_is_held_through_a_suspended_account_is_held_no_more(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    struct value *accounts;
    const struct identity_new_member made = {
        .account = town.harbour, .person = town.dana, .source = "invited", .below = true
    };
    int64_t quay = audience(&town, IDENTITY_FOR_ACCOUNT, town.quay, NULL, 0);
    people_must(&town.people, identity_member_add(session, &made, NULL, error));
    g_assert_true(sees(&town, town.dana, town.quay, quay));
    g_assert_true(may_see(&town, town.dana, quay));
    people_must(&town.people, identity_accounts_lately(session, town.dana, 10, &accounts, error));
    g_assert_cmpuint(accounts->count, ==, 2);
    people_must(&town.people,
                identity_account_state(session, town.harbour, IDENTITY_SUSPENDED, error));
    g_assert_false(sees(&town, town.dana, town.quay, quay));
    g_assert_false(may_see(&town, town.dana, quay));
    people_must(&town.people, identity_accounts_lately(session, town.dana, 10, &accounts, error));
    g_assert_cmpuint(accounts->count, ==, 0);
    people_free(&town.people);
}

static void the_staff_is_the_owners_until_taken_out(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const struct identity_new_account below = { .name = "Annex", .parent = IDENTITY_OWNER };
    struct identity_new_member made = {
        .account = IDENTITY_OWNER, .person = town.dana, .source = "invited", .until = NOON + HOUR
    };
    int64_t id;
    g_assert_cmpint(identity_account_make(session, &below, &id, error), ==, PORTICO_EINVAL);
    g_assert_cmpint(identity_member_add(session, &made, NULL, error), ==, PORTICO_EINVAL);
    made.until = 0;
    people_must(&town.people, identity_member_add(session, &made, NULL, error));
    g_assert_true(stand(&town, town.dana, 0).roles & IDENTITY_STAFF);
    /* Whoever is of the staff without a role stays so when roles are settled. */
    people_must(&town.people, identity_person_roles(session, town.dana, 0, IDENTITY_STORED, error));
    g_assert_true(stand(&town, town.dana, 0).roles & IDENTITY_STAFF);
    /* Who is so for a role alone leaves with it. */
    people_must(&town.people,
                identity_person_roles(session, town.ben, IDENTITY_MODERATOR, 0, error));
    g_assert_true(sees(&town, town.ben, 0, IDENTITY_AUDIENCE_STAFF));
    people_must(&town.people,
                identity_person_roles(session, town.ben, 0, IDENTITY_MODERATOR, error));
    g_assert_false(sees(&town, town.ben, 0, IDENTITY_AUDIENCE_STAFF));
    people_free(&town.people);
}

static void an_account_moves_with_all_below_it(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    int64_t berth = account_below(&town, "Berth", town.quay);
    int64_t below_harbour = audience(&town, IDENTITY_FOR_BELOW, town.harbour, NULL, 0);
    int64_t below_mill = audience(&town, IDENTITY_FOR_BELOW, town.mill, NULL, 0);
    join(&town, town.ben, berth, NULL);
    g_assert_true(sees(&town, town.ben, 0, below_harbour));
    int64_t former = 0;
    people_must(&town.people, identity_account_move(session, town.quay, town.mill, &former, error));
    g_assert_cmpint(former, ==, town.harbour);
    g_assert_false(sees(&town, town.ben, 0, below_harbour));
    g_assert_true(sees(&town, town.ben, 0, below_mill));
    g_assert_cmpint(identity_account_move(session, town.mill, berth, NULL, error), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_account_move(session, town.mill, town.mill, NULL, error), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_account_move(session, IDENTITY_OWNER, town.mill, NULL, error), ==,
                    PORTICO_EPERM);
    people_must(&town.people, identity_account_move(session, town.quay, 0, NULL, error));
    g_assert_false(sees(&town, town.ben, 0, below_mill));
    people_free(&town.people);
}

static void somebody_acts_where_they_acted_last(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE];
    join(&town, town.dana, town.harbour, NULL);
    join(&town, town.dana, town.mill, NULL);
    g_assert_cmpint(stand(&town, town.dana, 0).account, ==, town.harbour);
    people_must(&town.people, identity_session_start(town.people.identity, session, town.dana, NULL,
                                                     false, token, error));
    people_must(&town.people,
                identity_session_find(town.people.identity, session, token, &found, error));
    g_assert_cmpint(found.account, ==, 0);
    const struct identity_switch wanted = {
        .session = found.id, .person = town.dana, .account = town.mill, .token = token
    };
    char given[IDENTITY_TOKEN_SIZE];
    people_must(&town.people,
                identity_session_switch(town.people.identity, session, &wanted, given, error));
    g_assert_cmpstr(given, !=, token);
    people_must(&town.people,
                identity_session_find(town.people.identity, session, given, &found, error));
    g_assert_cmpint(found.account, ==, town.mill);
    /* Requests under way know the old one a little longer. */
    people_must(&town.people,
                identity_session_find(town.people.identity, session, token, &found, error));
    g_assert_cmpint(found.account, ==, town.mill);
    /* But it switches nothing: there would be no new token, and forms of Mill would pass in
     * Harbour. */
    char none[IDENTITY_TOKEN_SIZE] = "";
    const struct identity_switch late = {
        .session = found.id, .person = town.dana, .account = town.harbour, .token = token
    };
    g_assert_cmpint(identity_session_switch(town.people.identity, session, &late, none, error), ==,
                    PORTICO_ECONFLICT);
    people_must(&town.people,
                identity_session_find(town.people.identity, session, given, &found, error));
    g_assert_cmpint(found.account, ==, town.mill);
    const struct identity_switch foreign = {
        .session = found.id, .person = town.dana, .account = town.quay, .token = given
    };
    g_assert_cmpint(identity_session_switch(town.people.identity, session, &foreign, token, error),
                    ==, PORTICO_ENOENT);
    struct value *accounts;
    people_must(&town.people, identity_accounts_lately(session, town.dana, 9, &accounts, error));
    g_assert_cmpuint(accounts->count, ==, 2);
    g_assert_cmpint(value_rows_at(accounts, 0)->integer, ==, town.mill);
    people_must(&town.people,
                identity_accounts_search(session, town.dana, "RBO", NULL, 9, &accounts, error));
    g_assert_cmpuint(accounts->count, ==, 1);
    people_must(&town.people,
                identity_accounts_search(session, town.dana, "%", NULL, 9, &accounts, error));
    g_assert_cmpuint(accounts->count, ==, 0);
    g_assert_cmpint(stand(&town, town.dana, 0).account, ==, town.mill);
    people_free(&town.people);
}

static void what_reaches_who_sees_every_account_is_of_all(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const int64_t harbour = audience(&town, IDENTITY_FOR_ACCOUNT, town.harbour, NULL, 0);
    const int64_t id = people_add(&town.people, "Mara", "mara@owner.example", IDENTITY_MODERATOR);
    const char *const permission = IDENTITY_SEE_PERMISSION;
    const int64_t *audiences;
    size_t count;
    bool every = true;
    join(&town, town.dana, town.mill, "account-admin");
    g_assert_false(may_see(&town, id, harbour));
    people_must(&town.people, identity_sees(town.people.identity, session, id, false, &audiences,
                                            &count, &every, error));
    g_assert_false(every);
    people_must(&town.people, identity_role_rule(session, "moderator", permission, true, error));
    people_must(&town.people,
                identity_role_rule(session, "account-admin", permission, true, error));
    g_assert_true(may_see(&town, id, harbour));
    g_assert_false(may_see(&town, town.dana, harbour));
    people_must(&town.people, identity_sees(town.people.identity, session, id, false, &audiences,
                                            &count, &every, error));
    g_assert_true(every);
    people_must(&town.people, identity_sees(town.people.identity, session, town.dana, false,
                                            &audiences, &count, &every, error));
    g_assert_false(every);
    people_must(&town.people, identity_role_rule(session, "moderator", permission, false, error));
    g_assert_false(may_see(&town, id, harbour));
    people_free(&town.people);
}

static void what_reaches_somebody_anywhere_is_of_all_their_accounts(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    int64_t harbour = audience(&town, IDENTITY_FOR_ACCOUNT, town.harbour, NULL, 0);
    int64_t quay = audience(&town, IDENTITY_FOR_ACCOUNT, town.quay, NULL, 0);
    int64_t mill = audience(&town, IDENTITY_FOR_ACCOUNT, town.mill, NULL, 0);
    join(&town, town.dana, town.harbour, NULL);
    int64_t membership = join(&town, town.dana, town.mill, NULL);
    g_assert_true(may_see(&town, town.dana, harbour));
    g_assert_true(may_see(&town, town.dana, mill));
    g_assert_false(may_see(&town, town.dana, quay));
    g_assert_true(may_see(&town, town.dana, IDENTITY_AUDIENCE_MEMBERS));
    g_assert_false(may_see(&town, town.dana, IDENTITY_AUDIENCE_STAFF));
    int64_t before = people_look(&town.people, town.dana).rights;
    people_must(&town.people, identity_member_remove(session, membership, error));
    g_assert_cmpint(people_look(&town.people, town.dana).rights, >, before);
    g_assert_false(may_see(&town, town.dana, mill));
    people_free(&town.people);
}

static void who_is_above_very_many_companies_sees_what_reaches_them(gconstpointer kind)
{
    enum { MANY = 520 }; /* each with two audiences of its own */
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const int64_t mill = audience(&town, IDENTITY_FOR_ACCOUNT, town.mill, NULL, 0);
    int64_t last = 0;
    const struct identity_new_member above = { .account = town.harbour,
                                               .person = town.dana,
                                               .source = "invited",
                                               .roles = "account-admin",
                                               .below = true };
    people_must(&town.people, identity_member_add(session, &above, &last, error));
    people_must(&town.people, store_begin(session, error));
    for (int i = 0; i < MANY; i++) {
        char name[20];
        snprintf(name, sizeof name, "Pier %d", i);
        last = account_below(&town, name, town.harbour);
    }
    people_must(&town.people, store_commit(session, error));
    const int64_t ids[] = { mill, audience(&town, IDENTITY_FOR_KEEPERS, last, NULL, 0),
                            audience(&town, IDENTITY_FOR_ACCOUNT, last, NULL, 0),
                            IDENTITY_AUDIENCE_MEMBERS, IDENTITY_AUDIENCE_STAFF };
    const int64_t *audiences = ids;
    size_t count = G_N_ELEMENTS(ids);
    bool every = true;
    people_must(&town.people, identity_sees_some(town.people.identity, session, town.dana, false,
                                                 &audiences, &count, &every, error));
    g_assert_cmpuint(count, ==, 3);
    g_assert_cmpint(audiences[0], ==, IDENTITY_AUDIENCE_MEMBERS);
    g_assert_true(!every && audiences[1] < audiences[2] && audiences[1] != mill);
    g_assert_cmpint(identity_sees(town.people.identity, session, town.dana, false, &audiences,
                                  &count, &every, error),
                    ==, PORTICO_ELIMIT);
    people_free(&town.people);
}

static void what_keepers_are_told_is_of_their_roles(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const struct identity_new_role care = { .key = "care", .title = "Care", .owner = true };
    const int64_t quay = audience(&town, IDENTITY_FOR_KEEPERS, town.quay, NULL, 0);
    const int64_t mill = audience(&town, IDENTITY_FOR_KEEPERS, town.mill, NULL, 0);
    const int64_t all = audience(&town, IDENTITY_FOR_KEEPERS, IDENTITY_OWNER, NULL, 0);
    people_must(&town.people, identity_role_make(session, &care, error));
    people_must(&town.people, identity_role_rule(session, "care", "portico.company", true, error));
    /* By a role of the company, and by one of the owner's where they belong to it. */
    const int64_t first = join(&town, town.dana, town.quay, "account-admin");
    join(&town, town.dana, town.mill, NULL);
    join(&town, town.ben, town.mill, NULL);
    join(&town, town.ben, IDENTITY_OWNER, "care");
    g_assert_true(may_see(&town, town.dana, quay) && sees(&town, town.dana, town.quay, quay));
    g_assert_false(may_see(&town, town.dana, mill) || sees(&town, town.dana, town.mill, mill));
    g_assert_true(may_see(&town, town.ben, mill) && sees(&town, town.ben, town.mill, mill));
    g_assert_false(may_see(&town, town.ben, quay) || may_see(&town, town.ben, all));
    people_must(&town.people, identity_role_rule(session, "care", "portico.accounts", true, error));
    g_assert_true(may_see(&town, town.ben, all) && sees(&town, town.ben, town.mill, all));
    g_assert_false(may_see(&town, town.ben, quay));
    people_must(&town.people, identity_member_remove(session, first, error));
    g_assert_false(may_see(&town, town.dana, quay));
    /* A rule from before on what is the owner's says nothing. */
    people_must(&town.people,
                store_host_execute(session,
                                   "INSERT INTO portico_role_rule (role, permission, allowed) "
                                   "VALUES ('member', 'portico.accounts', TRUE)",
                                   NULL, 0, NULL, error));
    g_assert_false(may_see(&town, town.dana, all));
    people_free(&town.people);
}

static void accounts_are_found_by_name_id_and_what_others_call_them(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    struct identity_account found;
    people_must(&town.people, identity_account_known_as(session, town.mill, "crm:7", error));
    people_must(&town.people, identity_account_known_as(session, town.mill, "crm:7", error));
    g_assert_cmpint(identity_account_known_as(session, town.quay, "crm:7", error), ==,
                    PORTICO_EEXIST);
    people_must(&town.people, identity_account_named(session, "MILL", &found, error));
    g_assert_cmpint(found.id, ==, town.mill);
    people_must(&town.people, identity_account_named(session, "external:crm:7", &found, error));
    g_assert_cmpint(found.id, ==, town.mill);
    g_assert_cmpint(identity_account_named(session, "Nowhere", &found, error), ==, PORTICO_ENOENT);
    account_below(&town, "Mill", 0);
    g_assert_cmpint(identity_account_named(session, "Mill", &found, error), ==, PORTICO_ECONFLICT);
    people_free(&town.people);
}

static void lists_of_accounts_members_and_teams_say_what_is_there(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    struct value *rows;
    const struct identity_account_filter all = { 0 };
    int64_t team = 0, again = 0;
    join(&town, town.dana, town.mill, "account-admin");
    int64_t membership = join(&town, town.ben, town.mill, NULL);
    people_must(&town.people, identity_account_list(session, &all, NULL, 2, &rows, error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpstr(people_cell(rows, 0, 3)->text, ==, "Harbour");
    g_assert_cmpstr(people_cell(rows, 1, 3)->text, ==, "Mill");
    g_assert_cmpint(people_cell(rows, 1, 6)->integer, ==, 2);
    const struct identity_place mill = { "Mill", town.mill };
    people_must(&town.people, identity_account_list(session, &all, &mill, 2, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(people_cell(rows, 0, 0)->integer, ==, town.quay);
    g_assert_cmpint(people_cell(rows, 0, 1)->integer, ==, town.harbour);
    people_must(&town.people, identity_members(session, town.mill, "", NULL, 10, &rows, error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpint(people_cell(rows, 0, 0)->integer, ==, membership);
    g_assert_cmpstr(people_cell(rows, 0, 4)->text, ==, "ben@mill.example");
    const struct identity_place ben = { "Ben", town.ben };
    people_must(&town.people, identity_members(session, town.mill, "", &ben, 10, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(people_cell(rows, 0, 1)->integer, ==, town.dana);
    people_must(&town.people, identity_members(session, town.mill, "da", NULL, 10, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&town.people, identity_memberships(session, town.dana, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpint(people_cell(rows, 0, 1)->integer, ==, town.mill);
    people_must(&town.people, identity_team_make(session, town.mill, "Night shift", &team, error));
    g_assert_cmpint(identity_team_make(session, town.mill, "night  SHIFT", &again, error), ==,
                    PORTICO_EEXIST);
    g_assert_cmpint(identity_team_add(session, team, 4711, error), <, 0);
    people_must(&town.people, identity_team_add(session, team, town.ben, error));
    people_must(&town.people, identity_teams(session, town.mill, &rows, error));
    g_assert_cmpint(people_cell(rows, 0, 2)->integer, ==, 1);
    int64_t for_team = audience(&town, IDENTITY_FOR_TEAM, 0, NULL, team);
    people_must(&town.people, identity_audience_look(session, for_team, &rows, error));
    g_assert_cmpint(people_cell(rows, 0, 1)->integer, ==, town.mill);
    people_must(&town.people, identity_team_take(session, team, town.ben, error));
    /* Somebody else's rights are not touched by taking them out of where they are not. */
    const int64_t rights = people_look(&town.people, town.dana).rights;
    g_assert_cmpint(identity_team_take(session, team, town.dana, error), ==, PORTICO_ENOENT);
    g_assert_cmpint(people_look(&town.people, town.dana).rights, ==, rights);
    g_assert_false(sees(&town, town.ben, 0, for_team));
    people_must(&town.people, identity_team_remove(session, team, error));
    people_must(&town.people, identity_teams(session, town.mill, &rows, error));
    g_assert_cmpuint(rows->count, ==, 0);
    people_free(&town.people);
}

static void who_applied_belongs_once_approved(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    int64_t id = 0;
    const struct identity_new_member made = {
        .account = town.mill, .person = town.ben, .source = "domain", .waits = true
    };
    people_must(&town.people, identity_member_add(session, &made, &id, &town.people.error));
    g_assert_cmpint(stand(&town, town.ben, town.mill).account, ==, 0);
    g_assert_cmpint(identity_member_add(session, &made, &id, &town.people.error), ==,
                    PORTICO_EEXIST);
    people_must(&town.people, identity_member_approve(session, id, &town.people.error));
    g_assert_cmpint(stand(&town, town.ben, town.mill).account, ==, town.mill);
    people_free(&town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("standing", who_belongs_to_no_account_sees_what_all_see);
    DATABASE_TEST("standing", an_accounts_members_are_an_audience_from_its_first_day_on);
    DATABASE_TEST("standing", what_is_for_one_person_is_theirs_in_that_account_alone);
    DATABASE_TEST("standing", what_is_for_one_person_is_read_anew_for_them_alone);
    DATABASE_TEST("standing", what_is_for_one_person_takes_no_room_of_the_rest);
    DATABASE_TEST("standing", roles_hold_in_their_account_only);
    DATABASE_TEST("standing", the_owners_roles_hold_everywhere);
    DATABASE_TEST("standing", each_audience_is_seen_by_those_it_names);
    DATABASE_TEST("standing", a_membership_holds_from_when_to_when);
    DATABASE_TEST("standing", nobody_acts_in_an_account_that_is_suspended);
    DATABASE_TEST("standing", what_is_held_through_a_suspended_account_is_held_no_more);
    DATABASE_TEST("standing", the_staff_is_the_owners_until_taken_out);
    DATABASE_TEST("standing", an_account_moves_with_all_below_it);
    DATABASE_TEST("standing", somebody_acts_where_they_acted_last);
    DATABASE_TEST("standing", what_reaches_who_sees_every_account_is_of_all);
    DATABASE_TEST("standing", what_reaches_somebody_anywhere_is_of_all_their_accounts);
    DATABASE_TEST("standing", who_is_above_very_many_companies_sees_what_reaches_them);
    DATABASE_TEST("standing", what_keepers_are_told_is_of_their_roles);
    DATABASE_TEST("standing", accounts_are_found_by_name_id_and_what_others_call_them);
    DATABASE_TEST("standing", lists_of_accounts_members_and_teams_say_what_is_there);
    DATABASE_TEST("standing", who_applied_belongs_once_approved);
    return g_test_run();
}
