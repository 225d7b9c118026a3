/* Ways into an account of others: a partner that it lets act for it, and staff who enter it. */
#include "identity/delegation.h"
#include "identity/acting.h"
#include "identity/audit.h"
#include "identity/known.h"
#include "identity/looking.h"
#include "town.h"

/* The town with Agent, a partner, of which Pat is an admin and Lee a member. */
struct port {
    struct town town;
    int64_t agent, pat, lee;
};

static bool port_new(struct port *port, gconstpointer kind)
{
    struct town *town = &port->town;
    if (!town_new(town, kind))
        return false;
    const struct identity_new_account agent = { .name = "Agent", .kind = "partner" };
    people_must(&town->people, identity_account_make(people_session(&town->people), &agent,
                                                     &port->agent, &town->people.error));
    port->pat = people_add(&town->people, "Pat", "pat@agent.example", 0);
    port->lee = people_add(&town->people, "Lee", "lee@agent.example", 0);
    join(town, port->pat, port->agent, "account-admin");
    join(town, port->lee, port->agent, NULL);
    return true;
}

static int give(struct port *port, int64_t account, const char *roles, int64_t until, int64_t *ret)
{
    const struct identity_new_delegation made = { .account = account,
                                                  .partner = port->agent,
                                                  .roles = roles,
                                                  .reason = "They run the billing.",
                                                  .giver = port->town.dana,
                                                  .until = until };
    return identity_delegation_give(people_session(&port->town.people), &made, ret,
                                    &port->town.people.error);
}

static int64_t given(struct port *port, int64_t account, const char *roles)
{
    int64_t id = 0;
    struct people *people = &port->town.people;
    people_must(people, give(port, account, roles, NOON + DAY, &id));
    people_must(people, identity_delegation_accept(people_session(people), id, &people->error));
    return id;
}

static void a_partners_admin_acts_with_what_was_given_and_nobody_else_there(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    const int64_t members = audience(town, IDENTITY_FOR_ACCOUNT, town->harbour, NULL, 0);
    const int64_t below = audience(town, IDENTITY_FOR_BELOW, town->harbour, NULL, 0);
    const int64_t admins = audience(town, IDENTITY_FOR_ROLE, town->harbour, "account-admin", 0);
    const int64_t quay = audience(town, IDENTITY_FOR_ACCOUNT, town->quay, NULL, 0);
    const int64_t before = stand(town, port.pat, 0).number;
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    const int64_t id = given(&port, town->harbour, "account-admin");
    const struct identity_standing pat = stand(town, port.pat, town->harbour);
    g_assert_cmpint(pat.number, >, before);
    g_assert_cmpint(pat.account, ==, town->harbour);
    g_assert_cmpint(pat.through, ==, port.agent);
    g_assert_cmpstr(pat.through_name, ==, "Agent");
    g_assert_cmpint(pat.until, ==, NOON + DAY);
    g_assert_true(may(&pat, "bills.pay"));
    g_assert_false(may(&pat, "bills.see"));
    g_assert_true(sees(town, port.pat, town->harbour, admins));
    g_assert_false(sees(town, port.pat, town->harbour, members));
    g_assert_false(sees(town, port.pat, town->harbour, below));
    g_assert_cmpint(stand(town, port.pat, town->quay).account, ==, 0);
    g_assert_cmpint(stand(town, port.lee, town->harbour).account, ==, 0);
    g_assert_cmpint(stand(town, town->ben, town->harbour).account, ==, 0);
    bool accepted = false;
    people_must(&town->people, identity_delegation_end(people_session(&town->people), id, &accepted,
                                                       &town->people.error));
    g_assert_true(accepted);
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    g_assert_cmpint(stand(town, port.pat, 0).number, >, pat.number);
    given(&port, town->harbour, "account-member");
    const struct identity_standing member = stand(town, port.pat, town->harbour);
    g_assert_true(may(&member, "bills.see"));
    g_assert_false(may(&member, "bills.pay"));
    g_assert_true(sees(town, port.pat, town->harbour, members));
    g_assert_true(sees(town, port.pat, town->harbour, below));
    g_assert_false(sees(town, port.pat, town->harbour, admins));
    g_assert_false(sees(town, port.pat, town->harbour, quay));
    people_free(&town->people);
}

static void what_the_company_above_shows_below_it_is_not_the_partners(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    const struct identity_person pat = people_look(&town->people, port.pat);
    struct store_session *session = people_session(&town->people);
    const int64_t above = audience(town, IDENTITY_FOR_BELOW, town->harbour, NULL, 0);
    const int64_t own = audience(town, IDENTITY_FOR_BELOW, town->quay, NULL, 0);
    given(&port, town->quay, "account-member");
    g_assert_true(sees(town, port.pat, town->quay, own));
    g_assert_false(sees(town, port.pat, town->quay, above));
    g_assert_cmpint(
        identity_may_see(town->people.identity, session, &pat, own, &town->people.error), ==, 1);
    g_assert_cmpint(
        identity_may_see(town->people.identity, session, &pat, above, &town->people.error), ==, 0);
    people_free(&town->people);
}

static void it_is_over_after_its_last_day_and_with_what_it_rests_on(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    const int64_t members = audience(town, IDENTITY_FOR_ACCOUNT, town->harbour, NULL, 0);
    const struct identity_person pat = people_look(&town->people, port.pat);
    given(&port, town->harbour, "account-member");
    g_assert_cmpint(identity_may_see(town->people.identity, session, &pat, members, error), ==, 1);
    const struct {
        int64_t account;
        enum identity_account_state state;
    } cases[] = { { town->harbour, IDENTITY_SUSPENDED }, { port.agent, IDENTITY_CLOSED } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        people_must(&town->people,
                    identity_account_state(session, cases[i].account, cases[i].state, error));
        g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
        g_assert_cmpint(identity_may_see(town->people.identity, session, &pat, members, error), ==,
                        0);
        people_must(&town->people,
                    identity_account_state(session, cases[i].account, IDENTITY_OPEN, error));
        g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, town->harbour);
    }
    people_must(&town->people, identity_account_kind(session, port.agent, "customer", error));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    people_must(&town->people, identity_account_kind(session, port.agent, "partner", error));
    people_must(&town->people,
                identity_role_rule(session, "account-admin", "portico.account.act", false, error));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    people_must(&town->people,
                identity_role_rule(session, "account-member", "portico.account.act", true, error));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, town->harbour);
    g_assert_cmpint(stand(town, port.lee, town->harbour).account, ==, town->harbour);
    clock_stop(NOON + DAY);
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    g_assert_cmpint(identity_may_see(town->people.identity, session, &pat, members, error), ==, 0);
    /* What is over gives way. */
    int64_t id = 0;
    people_must(&town->people, give(&port, town->harbour, "account-admin", NOON + 2 * DAY, &id));
    people_must(&town->people, identity_delegation_accept(session, id, error));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, town->harbour);
    people_free(&town->people);
}

static void it_does_not_pass_on(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    const struct identity_new_account made = { .name = "Broker", .kind = "partner" };
    int64_t broker = 0, id = 0;
    people_must(&town->people, identity_account_make(session, &made, &broker, error));
    given(&port, town->harbour, "account-admin");
    const struct identity_new_delegation onward = { .accepted = true,
                                                    .account = port.agent,
                                                    .partner = broker,
                                                    .roles = "account-admin",
                                                    .reason = "They help us.",
                                                    .until = NOON + DAY };
    people_must(&town->people, identity_delegation_give(session, &onward, &id, error));
    join(town, town->ben, broker, "account-admin");
    g_assert_cmpint(stand(town, town->ben, port.agent).account, ==, port.agent);
    g_assert_cmpint(stand(town, town->ben, town->harbour).account, ==, 0);
    people_free(&town->people);
}

static void what_is_offered_lets_nobody_in_before_it_is_accepted(gconstpointer kind)
{
    struct port port;
    struct identity_delegation found;
    struct value *rows;
    int64_t id = 0, again = 0;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    const struct identity_delegations received = { .account = port.agent };
    const struct identity_knower pat = { .person = port.pat };
    const int64_t before = stand(town, port.pat, 0).number;
    people_must(&town->people, give(&port, town->harbour, "account-admin", NOON + DAY, &id));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    g_assert_cmpint(identity_acts_in(session, port.pat, town->harbour, error), ==, 0);
    g_assert_cmpint(identity_knows(session, &pat, town->harbour, error), ==, 0);
    g_assert_cmpint(stand(town, port.pat, 0).number, ==, before);
    people_must(&town->people, identity_delegations(session, &received, 200, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&town->people, identity_delegation_look(session, id, &found, error));
    g_assert_cmpint(found.accepted, ==, 0);
    g_assert_cmpint(found.giver, ==, town->dana);
    g_assert_false(found.commanded);
    g_assert_cmpint(give(&port, town->harbour, "account-admin", NOON + DAY, &again), ==,
                    PORTICO_EEXIST);

    /* What became of its companies, its last day and its roles is asked when it is accepted. */
    people_must(&town->people, identity_account_kind(session, port.agent, "customer", error));
    g_assert_cmpint(identity_delegation_accept(session, id, error), ==, PORTICO_EINVAL);
    people_must(&town->people, identity_account_kind(session, port.agent, "partner", error));
    clock_stop(NOON + DAY);
    g_assert_cmpint(identity_delegation_accept(session, id, error), ==, PORTICO_EINVAL);
    clock_stop(NOON);
    const struct identity_new_role finance = { "finance", "Finance", "", false };
    people_must(&town->people, identity_role_make(session, &finance, error));
    people_must(&town->people, give(&port, town->mill, "finance", NOON + DAY, &again));
    people_must(&town->people, identity_role_remove(session, "finance", error));
    g_assert_cmpint(identity_delegation_accept(session, again, error), ==, PORTICO_EINVAL);

    people_must(&town->people, identity_delegation_accept(session, id, error));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, town->harbour);
    g_assert_cmpint(stand(town, port.pat, 0).number, >, before);
    g_assert_cmpint(identity_delegation_accept(session, id, error), ==, PORTICO_ENOENT);
    g_assert_cmpint(identity_delegation_accept(session, 4711, error), ==, PORTICO_ENOENT);
    people_free(&town->people);
}

static void what_makes_no_sense_is_refused(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    int64_t id = 0;
    const struct identity_new_role owners = { "sales", "Sales", "", true };
    people_must(&town->people, identity_role_make(session, &owners, &town->people.error));
    g_assert_cmpint(give(&port, IDENTITY_OWNER, "account-admin", NOON + DAY, &id), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(give(&port, port.agent, "account-admin", NOON + DAY, &id), ==, PORTICO_EINVAL);
    g_assert_cmpint(give(&port, town->harbour, " ", NOON + DAY, &id), ==, PORTICO_EINVAL);
    g_assert_cmpint(give(&port, town->harbour, "admin", NOON + DAY, &id), ==, PORTICO_EINVAL);
    g_assert_cmpint(give(&port, town->harbour, "sales", NOON + DAY, &id), ==, PORTICO_EINVAL);
    g_assert_cmpint(give(&port, town->harbour, "none", NOON + DAY, &id), ==, PORTICO_ENOENT);
    g_assert_cmpint(give(&port, town->harbour, "account-admin", NOON, &id), ==, PORTICO_EINVAL);
    g_assert_cmpint(
        give(&port, town->harbour, "account-admin", NOON + IDENTITY_DELEGATION_LONGEST + 1, &id),
        ==, PORTICO_EINVAL);
    given(&port, town->harbour, "account-admin");
    g_assert_cmpint(give(&port, town->harbour, "account-member", NOON + DAY, &id), ==,
                    PORTICO_EEXIST);
    /* One whose last role was removed is no reason to refuse another. */
    const struct identity_new_role buyers = { "buyer", "Buyer", "", false };
    people_must(&town->people, identity_role_make(session, &buyers, &town->people.error));
    g_assert_cmpint(give(&port, town->mill, "buyer", NOON + DAY, &id), ==, 0);
    people_must(&town->people, identity_role_remove(session, "buyer", &town->people.error));
    g_assert_cmpint(give(&port, town->mill, "account-member", NOON + DAY, &id), ==, 0);
    const struct identity_new_delegation customer = { .account = town->harbour,
                                                      .partner = town->mill,
                                                      .roles = "account-admin",
                                                      .reason = "They help us.",
                                                      .until = NOON + DAY };
    g_assert_cmpint(identity_delegation_give(session, &customer, &id, &town->people.error), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_delegation_end(session, 4711, NULL, &town->people.error), ==,
                    PORTICO_ENOENT);
    people_free(&town->people);
}

static int offer(struct town *town, unsigned number)
{
    char *name = g_strdup_printf("Agent %u", number);
    const struct identity_new_account account = { .name = name, .kind = "partner" };
    struct identity_new_delegation made = { .account = town->harbour,
                                            .roles = "account-member",
                                            .reason = "They help us.",
                                            .until = NOON + DAY };
    int64_t id = 0;
    struct store_session *session = people_session(&town->people);
    people_must(&town->people,
                identity_account_make(session, &account, &made.partner, &town->people.error));
    g_free(name);
    return identity_delegation_give(session, &made, &id, &town->people.error);
}

static void no_more_act_for_a_company_than_its_lists_show(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    for (unsigned i = 0; i < IDENTITY_DELEGATIONS_MAX; i++)
        people_must(&port.town.people, offer(&port.town, i));
    g_assert_cmpint(offer(&port.town, IDENTITY_DELEGATIONS_MAX), ==, PORTICO_ELIMIT);
    people_free(&port.town.people);
}

static void lists_name_the_account_and_for_whom_one_acts_there(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    const struct identity_delegations received = { .account = port.agent };
    const struct identity_delegations mills = { .account = town->mill, .given = true };
    const struct identity_knower pat = { .person = port.pat };
    struct identity_delegation found;
    struct value *rows;
    given(&port, town->quay, "account-member");
    const int64_t id = given(&port, town->mill, "account-admin account-member");
    people_must(&town->people,
                identity_accounts_search(session, port.pat, "", NULL, 9, &rows, error));
    g_assert_cmpuint(rows->count, ==, 3);
    g_assert_cmpstr(people_cell(rows, 0, 4)->text, ==, "");
    g_assert_cmpstr(people_cell(rows, 1, 1)->text, ==, "Mill");
    g_assert_cmpstr(people_cell(rows, 1, 4)->text, ==, "Agent");
    people_must(&town->people, identity_accounts_lately(session, port.pat, 9, &rows, error));
    g_assert_cmpuint(rows->count, ==, 3);
    people_must(&town->people, identity_accounts_own(session, port.pat, 0, 9, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpstr(people_cell(rows, 0, 1)->text, ==, "Agent");
    people_must(&town->people,
                identity_accounts_own(session, port.pat, port.agent, 9, &rows, error));
    g_assert_cmpuint(rows->count, ==, 0);
    join(town, port.pat, town->mill, NULL);
    people_must(&town->people,
                identity_accounts_search(session, port.pat, "mill", NULL, 9, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    g_assert_cmpstr(people_cell(rows, 0, 4)->text, ==, "");
    g_assert_cmpint(stand(town, port.pat, town->mill).through, ==, 0);
    /* What lies above the one, a partner need not know. */
    g_assert_cmpint(identity_knows(session, &pat, town->quay, error), ==, 1);
    g_assert_cmpint(identity_knows(session, &pat, town->harbour, error), ==, 0);
    people_must(&town->people, identity_delegations(session, &mills, 200, &rows, error));
    g_assert_cmpuint(rows->count, ==, 1);
    people_must(&town->people, identity_delegations(session, &received, 200, &rows, error));
    g_assert_cmpuint(rows->count, ==, 2);
    g_assert_cmpint(people_cell(rows, 0, 0)->integer, ==, id);
    people_must(&town->people, identity_delegation_look(session, id, &found, error));
    g_assert_cmpstr(found.roles, ==, "account-admin account-member");
    g_assert_cmpstr(found.partner_name, ==, "Agent");
    g_assert_cmpstr(found.giver_name, ==, "Dana");
    people_free(&town->people);
}

static void a_role_that_is_removed_is_lent_no_more(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    const struct identity_new_role finance = { "finance", "Finance", "", false };
    people_must(&town->people, identity_role_make(session, &finance, &town->people.error));
    given(&port, town->harbour, "finance");
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, town->harbour);
    people_must(&town->people, identity_role_remove(session, "finance", &town->people.error));
    people_must(&town->people, identity_role_make(session, &finance, &town->people.error));
    g_assert_cmpint(stand(town, port.pat, town->harbour).account, ==, 0);
    /* Nor do they find it among theirs, or change what is the company's. */
    g_assert_cmpint(identity_acts_in(session, port.pat, town->harbour, NULL), ==, 0);
    struct value *rows;
    people_must(&town->people,
                identity_accounts_lately(session, port.pat, 9, &rows, &town->people.error));
    for (uint32_t i = 0; i < rows->count; i++)
        g_assert_cmpint(value_rows_at(rows, i)->integer, !=, town->harbour);
    people_free(&town->people);
}

/* ---- staff ---- */

static void staff_who_enter_see_what_members_see_and_keep_their_own_roles(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    const int64_t members = audience(town, IDENTITY_FOR_ACCOUNT, town->harbour, NULL, 0);
    const int64_t admins = audience(town, IDENTITY_FOR_ROLE, town->harbour, "account-admin", 0);
    const int64_t mill = audience(town, IDENTITY_FOR_ACCOUNT, town->mill, NULL, 0);
    const int64_t mara =
        people_add(&town->people, "Mara", "mara@owner.example", IDENTITY_MODERATOR);
    struct identity_standing entered;
    people_must(&town->people, identity_standing_entered(town->people.identity, session, mara,
                                                         town->harbour, &entered, error));
    g_assert_cmpint(entered.account, ==, 0);
    people_must(&town->people,
                identity_role_rule(session, "moderator", "portico.accounts.enter", true, error));
    g_assert_cmpint(stand(town, mara, town->harbour).account, ==, 0);
    people_must(&town->people,
                identity_account_state(session, town->harbour, IDENTITY_SUSPENDED, error));
    people_must(&town->people, identity_standing_entered(town->people.identity, session, mara,
                                                         town->harbour, &entered, error));
    g_assert_cmpint(entered.account, ==, town->harbour);
    g_assert_true(entered.entered);
    g_assert_true(may(&entered, "talk.moderate"));
    g_assert_false(may(&entered, "bills.see"));
    const struct {
        int64_t audience;
        bool seen;
    } cases[] = { { members, true }, { admins, false }, { mill, false } };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool seen = false;
        for (size_t k = 0; k < entered.audience_count; k++)
            seen |= entered.audiences[k] == cases[i].audience;
        g_assert_cmpint(seen, ==, cases[i].seen);
    }
    /* A role of a customer's opens nothing so. */
    people_must(&town->people, identity_role_rule(session, "account-admin",
                                                  "portico.accounts.enter", true, error));
    people_must(&town->people, identity_standing_entered(town->people.identity, session, port.pat,
                                                         town->mill, &entered, error));
    g_assert_cmpint(entered.account, ==, 0);
    people_free(&town->people);
}

static unsigned records_of(struct town *town, const char *kind)
{
    struct value *rows;
    const struct identity_audit_filter filter = { .kind = kind };
    people_must(&town->people, identity_audit_list(people_session(&town->people), &filter, 50,
                                                   &rows, &town->people.error));
    return rows->count;
}

static void who_entered_is_back_where_they_were_after_an_hour(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct identity *identity = town->people.identity;
    struct portico_error *error = &town->people.error;
    const int64_t ada = people_add(&town->people, "Ada", "ada@owner.example", IDENTITY_ADMIN);
    struct identity_session found;
    char token[IDENTITY_TOKEN_SIZE], inside[IDENTITY_TOKEN_SIZE], out[IDENTITY_TOKEN_SIZE];
    join(town, ada, town->mill, NULL);
    people_must(&town->people,
                identity_session_start(identity, session, ada, NULL, true, token, error));
    people_must(&town->people, identity_session_find(identity, session, token, &found, error));
    people_must(&town->people, identity_session_settle(session, found.id, ada, town->mill, error));
    struct identity_looking wanted = { .who = { .session = found.id,
                                                .person = ada,
                                                .account = town->mill,
                                                .token = token,
                                                .origin = "portal" },
                                       .reason = "The orders do not show." };
    g_assert_cmpint(identity_look_begin(identity, session, &wanted, inside, error), ==,
                    PORTICO_EEXIST);
    wanted.who.account = 4711;
    g_assert_cmpint(identity_look_begin(identity, session, &wanted, inside, error), ==,
                    PORTICO_ENOENT);
    wanted.who.account = town->harbour;
    people_must(&town->people, identity_look_begin(identity, session, &wanted, inside, error));
    people_must(&town->people, identity_session_find(identity, session, inside, &found, error));
    g_assert_cmpint(found.look.account, ==, town->harbour);
    g_assert_cmpint(found.look.until, ==, NOON + HOUR);
    g_assert_cmpint(identity_look_holds(identity, session, &found.look, error), ==, 1);
    struct identity_watched watched = { .session = found.id,
                                        .account = town->harbour,
                                        .rights = found.person.rights,
                                        .number = stand(town, ada, 0).number,
                                        .until = INT64_MAX };
    people_must(&town->people, identity_session_watch(identity, session, &watched, 1, error));
    g_assert_false(watched.over);
    g_assert_cmpint(identity_looks_close(session, clock_now(), 10, error), ==, 0);
    clock_stop(NOON + HOUR);
    people_must(&town->people, identity_session_watch(identity, session, &watched, 1, error));
    g_assert_true(watched.over);
    people_must(&town->people, identity_session_find(identity, session, inside, &found, error));
    g_assert_cmpint(found.account, ==, town->mill);
    g_assert_cmpint(identity_look_holds(identity, session, &found.look, error), ==, 0);
    /* Its end is written down also where nobody asks any more. */
    g_assert_cmpint(identity_looks_close(session, clock_now(), 10, error), ==, 1);
    g_assert_cmpint(identity_looks_close(session, clock_now(), 10, error), ==, 0);
    g_assert_cmpint(records_of(town, "account.entered"), ==, 1);
    g_assert_cmpint(records_of(town, "account.left"), ==, 1);
    /* Going over to another account is leaving. */
    wanted.who.token = inside;
    people_must(&town->people, identity_look_begin(identity, session, &wanted, out, error));
    wanted.who.token = out;
    wanted.who.account = town->mill;
    people_must(&town->people,
                identity_session_switch(identity, session, &wanted.who, token, error));
    people_must(&town->people, identity_session_find(identity, session, token, &found, error));
    g_assert_cmpint(found.look.session, ==, 0);
    g_assert_cmpint(records_of(town, "account.left"), ==, 2);
    g_assert_cmpint(found.account, ==, town->mill);
    people_free(&town->people);
}

static void only_the_owners_roles_let_somebody_see_every_account(gconstpointer kind)
{
    struct port port;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    struct portico_error *error = &town->people.error;
    const int64_t ada = people_add(&town->people, "Ada", "ada@owner.example", IDENTITY_ADMIN);
    const int64_t mara =
        people_add(&town->people, "Mara", "mara@owner.example", IDENTITY_MODERATOR);
    g_assert_true(stand(town, ada, 0).every_account);
    g_assert_false(stand(town, mara, 0).every_account);
    people_must(&town->people,
                identity_role_rule(session, "moderator", "portico.accounts.see", true, error));
    people_must(&town->people,
                identity_role_rule(session, "account-admin", "portico.accounts.see", true, error));
    g_assert_true(stand(town, mara, 0).every_account);
    g_assert_false(stand(town, port.pat, 0).every_account);
    people_free(&town->people);
}

static unsigned named(struct port *port, const char *beginning)
{
    const struct identity_knower knower = { .person = port->pat };
    struct value *rows;
    people_must(&port->town.people,
                identity_nameable(people_session(&port->town.people), &knower, beginning, 10, &rows,
                                  &port->town.people.error));
    return rows->count;
}

static void who_was_lent_no_membership_names_nobody_there(gconstpointer kind)
{
    struct port port;
    int64_t id;
    if (!port_new(&port, kind))
        return;
    struct town *town = &port.town;
    struct store_session *session = people_session(&town->people);
    const struct identity_new_role desk = { "desk", "Desk", NULL, false };
    const struct identity_knower knower = { .person = port.pat };
    people_must(&town->people, identity_role_make(session, &desk, &town->people.error));
    join(town, town->dana, town->harbour, NULL);
    const int64_t lent = given(&port, town->harbour, "desk");
    g_assert_cmpint(identity_acts_in(session, port.pat, town->harbour, NULL), ==, 1);
    g_assert_cmpint(identity_acts_as_member(session, port.pat, town->harbour, NULL), ==, 0);
    g_assert_cmpuint(named(&port, "Dana"), ==, 0);
    g_assert_cmpint(identity_nameable_one(session, &knower, "dana", &id, NULL), ==, PORTICO_ENOENT);
    g_assert_cmpuint(named(&port, "Lee"), ==, 1); /* their own colleague */
    people_must(&town->people, identity_delegation_end(session, lent, NULL, &town->people.error));
    given(&port, town->harbour, "desk account-member");
    g_assert_cmpint(identity_acts_as_member(session, port.pat, town->harbour, NULL), ==, 1);
    g_assert_cmpuint(named(&port, "Dana"), ==, 1);
    people_free(&town->people);
}

/* Of a partner's customers, a page of nine at a time. */
static unsigned count_pages(struct port *port, const char *kind, const char *part)
{
    struct people *people = &port->town.people;
    struct identity_delegations wanted = { .account = port->agent, .kind = kind, .part = part };
    struct value *rows;
    unsigned count = 0;
    do {
        people_must(people, identity_delegations(people_session(people), &wanted, 9, &rows,
                                                 &people->error));
        for (uint32_t i = 0; i < rows->count; i++, count++) {
            const char *behind = people_cell(rows, i, 1)->text;
            g_assert_cmpstr(behind, >=, wanted.behind ? wanted.behind : "");
            wanted.behind = behind;
            wanted.id = people_cell(rows, i, 0)->integer;
        }
    } while (rows->count == 9);
    return count;
}

static void a_partner_of_many_finds_each_of_its_customers(gconstpointer kind)
{
    enum { CUSTOMERS = IDENTITY_DELEGATIONS_MAX + 5 };
    struct port port;
    char name[40];
    int64_t id;
    if (!port_new(&port, kind))
        return;
    for (int i = 0; i < CUSTOMERS; i++) {
        g_snprintf(name, sizeof name, i % 2 ? "Mill Ä%d" : "Yard %d", i / 4);
        given(&port, account_below(&port.town, name, 0), "account-admin");
    }
    people_must(&port.town.people, give(&port, port.town.quay, "account-admin", NOON + DAY, &id));
    g_assert_cmpuint(count_pages(&port, NULL, NULL), ==, CUSTOMERS + 1);
    g_assert_cmpuint(count_pages(&port, "accepted", ""), ==, CUSTOMERS);
    g_assert_cmpuint(count_pages(&port, "accepted", "mill ä"), ==, CUSTOMERS / 2);
    g_assert_cmpuint(count_pages(&port, "offered", NULL), ==, 1);
    g_assert_cmpuint(count_pages(&port, "accepted", "quay"), ==, 0);
    people_free(&port.town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("delegation", a_partners_admin_acts_with_what_was_given_and_nobody_else_there);
    DATABASE_TEST("delegation", what_the_company_above_shows_below_it_is_not_the_partners);
    DATABASE_TEST("delegation", it_is_over_after_its_last_day_and_with_what_it_rests_on);
    DATABASE_TEST("delegation", it_does_not_pass_on);
    DATABASE_TEST("delegation", what_is_offered_lets_nobody_in_before_it_is_accepted);
    DATABASE_TEST("delegation", what_makes_no_sense_is_refused);
    DATABASE_TEST("delegation", no_more_act_for_a_company_than_its_lists_show);
    DATABASE_TEST("delegation", a_partner_of_many_finds_each_of_its_customers);
    DATABASE_TEST("delegation", lists_name_the_account_and_for_whom_one_acts_there);
    DATABASE_TEST("delegation", a_role_that_is_removed_is_lent_no_more);
    DATABASE_TEST("delegation", staff_who_enter_see_what_members_see_and_keep_their_own_roles);
    DATABASE_TEST("delegation", who_entered_is_back_where_they_were_after_an_hour);
    DATABASE_TEST("delegation", only_the_owners_roles_let_somebody_see_every_account);
    DATABASE_TEST("delegation", who_was_lent_no_membership_names_nobody_there);
    return g_test_run();
}
