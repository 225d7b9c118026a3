/* Why somebody may or sees something: the answer is that of their standing, and the chain names
 * what decided. */
#include "identity/why.h"
#include "identity/audience.h"
#include "identity/delegation.h"
#include "identity/member.h"
#include "people.h"

/* A company, its member Dana, who has a role there, and Ben, who belongs to nobody. */
struct firm {
    struct people people;
    int64_t harbour, quay, dana, ben, chief;
};

static const struct identity_permission declared[] = {
    { .name = "bills.pay", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "portico.accounts.see", .roles = IDENTITY_ADMIN },
    { .name = "portico.admin", .roles = IDENTITY_ADMIN },
    { .name = "portico.company", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "talk.moderate", .roles = IDENTITY_MODERATOR },
    { .name = "talk.read", .roles = IDENTITY_EVERYONE },
};

static int64_t account(struct firm *firm, const char *name, int64_t parent)
{
    const struct identity_new_account made = { .name = name, .parent = parent };
    int64_t id = 0;
    people_must(&firm->people, identity_account_make(people_session(&firm->people), &made, &id,
                                                     &firm->people.error));
    return id;
}

static int64_t join(struct firm *firm, const struct identity_new_member *made)
{
    int64_t id = 0;
    people_must(&firm->people,
                identity_member_add(people_session(&firm->people), made, &id, &firm->people.error));
    return id;
}

static bool firm_new(struct firm *firm, gconstpointer kind)
{
    if (!people_new(&firm->people, kind))
        return false;
    identity_declare(firm->people.identity, declared, G_N_ELEMENTS(declared));
    firm->harbour = account(firm, "Harbour", 0);
    firm->quay = account(firm, "Quay", firm->harbour);
    firm->dana = people_add(&firm->people, "Dana", "dana@harbour.example", 0);
    firm->ben = people_add(&firm->people, "Ben", "ben@mill.example", 0);
    firm->chief = people_add(&firm->people, "Chief", "chief@owner.example", IDENTITY_ADMIN);
    join(firm, &(struct identity_new_member){ .account = firm->harbour,
                                              .person = firm->dana,
                                              .source = "invited",
                                              .roles = "account-admin",
                                              .below = true });
    return true;
}

static struct identity_why ask(struct firm *firm, struct identity_question question)
{
    struct identity_why why;
    people_must(&firm->people, identity_why(firm->people.identity, people_session(&firm->people),
                                            &question, &why, &firm->people.error));
    return why;
}

/* Whether a link of the chain begins so, and is good or not. */
static bool says(const struct identity_why *why, bool good, const char *beginning)
{
    for (size_t i = 0; i < why->count; i++)
        if (why->reasons[i].good == good && g_str_has_prefix(why->reasons[i].words, beginning))
            return true;
    return false;
}

static const char *named(const struct identity_why *why, const char *beginning, const char *member)
{
    for (size_t i = 0; i < why->count; i++)
        if (g_str_has_prefix(why->reasons[i].words, beginning))
            return portico_get_text(value_public(why->reasons[i].arguments), member, "");
    return "";
}

static void a_permission_is_held_through_a_role(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    struct identity_why why =
        ask(&firm, (struct identity_question){ .person = firm.dana, .permission = "bills.pay" });
    g_assert_true(why.yes);
    g_assert_cmpstr(named(&why, "The permission", "through"), ==, "Account admin");
    g_assert_true(says(&why, true, "{person} belongs to {account}."));
    /* By an account above. */
    why = ask(&firm, (struct identity_question){
                         .person = firm.dana, .account = firm.quay, .permission = "bills.pay" });
    g_assert_true(why.yes);
    g_assert_cmpstr(named(&why, "{person} belongs", "account"), ==, "Harbour");
    why = ask(&firm, (struct identity_question){ .permission = "talk.read" });
    g_assert_true(why.yes);
    why = ask(&firm, (struct identity_question){ .permission = "bills.pay" });
    g_assert_false(why.yes);
    g_assert_cmpuint(why.giver_count, ==, 0);
    people_free(&firm.people);
}

static void a_denial_names_who_could_help(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    join(&firm, &(struct identity_new_member){
                    .account = firm.harbour, .person = firm.ben, .source = "invited" });
    struct identity_why why =
        ask(&firm, (struct identity_question){ .person = firm.ben, .permission = "bills.pay" });
    g_assert_false(why.yes);
    g_assert_cmpuint(why.giver_count, ==, 2);
    g_assert_cmpstr(why.givers[0].name, ==, "Dana");
    g_assert_cmpint(why.givers[0].account, ==, firm.harbour);
    g_assert_cmpstr(why.givers[1].name, ==, "Chief");
    g_assert_cmpint(why.givers[1].account, ==, IDENTITY_OWNER);
    /* A role of the owner's is the owner's to give. */
    why =
        ask(&firm, (struct identity_question){ .person = firm.ben, .permission = "talk.moderate" });
    g_assert_false(why.yes);
    g_assert_cmpuint(why.giver_count, ==, 1);
    g_assert_false(why.in_account);
    people_free(&firm.people);
}

/* Names of who could give it, those named first in front, and whether it is the account's to give.
 */
static const char *givers(const struct identity_why *why)
{
    static char names[200];
    *names = '\0';
    for (size_t i = 0; i < why->giver_count; i++) {
        g_strlcat(names, i ? " " : "", sizeof names);
        g_strlcat(names, why->givers[i].name, sizeof names);
    }
    return names;
}

/* By what their roles hold, whatever these are called: in the account, above it and at the owner's.
 */
static void who_could_help_is_who_may_give_it(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    struct portico_error *error = &firm.people.error;
    const struct identity_new_role roles[] = { { .key = "buyer", .title = "Buyer" },
                                               { .key = "clerk", .title = "Clerk" },
                                               { .key = "desk", .title = "Desk", .owner = true },
                                               { .key = "people", .title = "People" } };
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
        people_must(&firm.people, identity_role_make(session, &roles[i], error));
    const struct {
        const char *role, *permission;
        bool allowed;
    } rules[] = { { "people", "portico.company", true },  { "people", "bills.pay", true },
                  { "clerk", "portico.company", true },   { "buyer", "bills.pay", true },
                  { "desk", "portico.admin", true },      { "desk", "bills.pay", true },
                  { "account-admin", "bills.pay", false } };
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        people_must(&firm.people, identity_role_rule(session, rules[i].role, rules[i].permission,
                                                     rules[i].allowed, error));
    const int64_t mill = account(&firm, "Mill", 0);
    const struct {
        const char *name, *roles;
        int64_t account;
    } people[] = { { "Pia", "people", mill },
                   { "Cleo", "clerk", mill },
                   { "Bo", "buyer", mill },
                   { "Dirk", "desk", IDENTITY_OWNER } };
    join(&firm,
         &(struct identity_new_member){ .account = mill, .person = firm.ben, .source = "invited" });
    int64_t pia = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++) {
        const int64_t person =
            people_add(&firm.people, people[i].name,
                       g_intern_string(arena_printf(store_session_arena(session), "%s@mill.example",
                                                    people[i].roles)),
                       0);
        pia = i == 0 ? person : pia;
        join(&firm, &(struct identity_new_member){ .account = people[i].account,
                                                   .person = person,
                                                   .source = "invited",
                                                   .roles = people[i].roles });
    }
    const struct identity_question mills = { .person = firm.ben,
                                             .account = mill,
                                             .permission = "bills.pay" };
    struct identity_why why = ask(&firm, mills);
    /* Cleo looks after the people but holds too little, Bo may but looks after nobody. */
    g_assert_cmpstr(givers(&why), ==, "Pia Chief Dirk");
    g_assert_true(!why.yes && why.in_account && why.givers[0].account == mill);
    /* Nobody gives themselves what they lack. */
    why = ask(&firm, (struct identity_question){
                         .person = pia, .account = mill, .permission = "talk.moderate" });
    g_assert_cmpstr(givers(&why), ==, "Chief");
    /* From above, where the membership counts below: Dana's does, once she may. */
    join(&firm, &(struct identity_new_member){
                    .account = firm.quay, .person = firm.ben, .source = "invited" });
    const struct identity_question quays = { .person = firm.ben,
                                             .account = firm.quay,
                                             .permission = "bills.pay" };
    why = ask(&firm, quays);
    g_assert_cmpstr(givers(&why), ==, "Chief Dirk");
    g_assert_false(why.in_account);
    people_must(&firm.people,
                identity_role_rule(session, "account-admin", "bills.pay", true, error));
    why = ask(&firm, quays);
    g_assert_cmpstr(givers(&why), ==, "Dana Chief Dirk");
    g_assert_true(why.in_account && why.givers[0].account == firm.quay);
    people_free(&firm.people);
}

static void each_way_not_to_belong_is_told(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    const struct identity_question question = { .person = firm.ben,
                                                .account = firm.harbour,
                                                .permission = "bills.pay" };
    struct identity_why why = ask(&firm, question);
    g_assert_true(says(&why, false, "{person} does not belong"));
    const int64_t membership =
        join(&firm, &(struct identity_new_member){ .account = firm.harbour,
                                                   .person = firm.ben,
                                                   .source = "invited",
                                                   .roles = "account-admin",
                                                   .from = NOON + DAY,
                                                   .until = NOON + 2 * DAY });
    why = ask(&firm, question);
    g_assert_true(!why.yes && says(&why, false, "{person} belongs to {account} from"));
    clock_stop(NOON + DAY);
    g_assert_true(ask(&firm, question).yes);
    clock_stop(NOON + 2 * DAY);
    why = ask(&firm, question);
    g_assert_true(!why.yes && says(&why, false, "{person} belonged"));
    g_assert_cmpstr(named(&why, "{person} belonged", "time"), ==, "2027-01-17T08:00:00Z");
    const struct identity_member_change longer = { .from = -1, .until = 0 };
    people_must(&firm.people,
                identity_member_change(session, membership, &longer, &firm.people.error));
    g_assert_true(ask(&firm, question).yes);
    people_must(&firm.people, identity_account_state(session, firm.harbour, IDENTITY_SUSPENDED,
                                                     &firm.people.error));
    why = ask(&firm, question);
    g_assert_true(!why.yes && says(&why, false, "{person} belongs to {account}, which"));
    people_must(&firm.people,
                identity_person_state(session, firm.ben, IDENTITY_DISABLED, &firm.people.error));
    why = ask(&firm, question);
    g_assert_true(!why.yes && says(&why, false, "{person} is switched off"));
    people_free(&firm.people);
}

/* Agent, of which Ben is a plain member and Pat an admin, and what Harbour lends to it. */
static void each_way_not_to_act_for_another_is_told(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    struct portico_error *error = &firm.people.error;
    const struct identity_new_account partner = { .name = "Agent", .kind = "partner" };
    const int64_t pat = people_add(&firm.people, "Pat", "pat@agent.example", 0);
    int64_t agent = 0, id = 0;
    people_must(&firm.people, identity_account_make(session, &partner, &agent, error));
    join(&firm, &(struct identity_new_member){
                    .account = agent, .person = firm.ben, .source = "invited" });
    join(&firm,
         &(struct identity_new_member){
             .account = agent, .person = pat, .source = "invited", .roles = "account-admin" });
    const struct identity_new_delegation lent = { .account = firm.harbour,
                                                  .partner = agent,
                                                  .roles = "account-admin",
                                                  .reason = "They run the billing.",
                                                  .until = NOON + DAY };
    const struct identity_question pats = { .person = pat,
                                            .account = firm.harbour,
                                            .permission = "bills.pay" };
    struct identity_question bens = pats;
    bens.person = firm.ben;
    people_must(&firm.people, identity_delegation_give(session, &lent, &id, error));
    struct identity_why why = ask(&firm, pats);
    g_assert_true(!why.yes && says(&why, false, "{account} asked {partner}"));
    g_assert_cmpstr(named(&why, "{account} asked", "partner"), ==, "Agent");
    people_must(&firm.people, identity_delegation_accept(session, id, error));
    why = ask(&firm, pats);
    g_assert_true(why.yes &&
                  says(&why, true, "{account} lets {partner} act for it, and {person} "));
    g_assert_false(says(&why, false, "{account} lets {partner}"));
    why = ask(&firm, bens);
    g_assert_true(!why.yes &&
                  says(&why, false, "{account} lets {partner} act for it, and {person} does not"));
    g_assert_cmpstr(named(&why, "{account} lets", "permission"), ==, "portico.account.act");
    const struct {
        int64_t account;
        const char *words;
    } cases[] = {
        { firm.harbour, "{account} lets {partner} act for it, but is" },
        { agent, "{account} lets {partner} act for it, but {partner}" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        people_must(&firm.people,
                    identity_account_state(session, cases[i].account, IDENTITY_SUSPENDED, error));
        why = ask(&firm, pats);
        g_assert_true(!why.yes && says(&why, false, cases[i].words));
        people_must(&firm.people,
                    identity_account_state(session, cases[i].account, IDENTITY_OPEN, error));
    }
    people_must(&firm.people, identity_account_kind(session, agent, "customer", error));
    why = ask(&firm, pats);
    g_assert_true(!why.yes && says(&why, false, cases[1].words));
    people_must(&firm.people, identity_account_kind(session, agent, "partner", error));
    clock_stop(NOON + DAY);
    why = ask(&firm, pats);
    g_assert_true(!why.yes && says(&why, false, "{account} let {partner} act for it until"));
    g_assert_cmpstr(named(&why, "{account} let {partner}", "time"), ==, "2027-01-16T08:00:00Z");
    people_must(&firm.people, identity_delegation_end(session, id, NULL, error));
    why = ask(&firm, pats);
    g_assert_false(why.yes || says(&why, false, "{account} "));
    people_free(&firm.people);
}

static void a_row_is_seen_through_its_audience(gconstpointer kind)
{
    struct firm firm;
    int64_t id = 0;
    if (!firm_new(&firm, kind))
        return;
    const struct identity_audience admins = { IDENTITY_FOR_ROLE, firm.harbour, "account-admin", 0 };
    people_must(&firm.people, identity_audience_of(people_session(&firm.people), &admins, &id,
                                                   &firm.people.error));
    struct identity_why why =
        ask(&firm, (struct identity_question){ .person = firm.dana, .audience = id });
    g_assert_true(why.yes && says(&why, true, "It is shown to members of {account} with the role"));
    why = ask(&firm, (struct identity_question){ .person = firm.ben, .audience = id });
    g_assert_true(!why.yes && says(&why, false, "It is shown to members of {account} with"));
    const struct identity_audience keepers = { IDENTITY_FOR_KEEPERS, firm.harbour, NULL, 0 };
    people_must(&firm.people, identity_audience_of(people_session(&firm.people), &keepers, &id,
                                                   &firm.people.error));
    why = ask(&firm, (struct identity_question){ .person = firm.dana, .audience = id });
    g_assert_true(why.yes && says(&why, true, "It is shown to whoever looks after {account}"));
    why = ask(&firm, (struct identity_question){ .person = firm.ben,
                                                 .audience = IDENTITY_AUDIENCE_NOBODY,
                                                 .granted = true,
                                                 .object = { "shop_order", 7 } });
    g_assert_true(!why.yes && says(&why, false, "It is shown to some people by name"));
    why = ask(&firm, (struct identity_question){ .audience = IDENTITY_AUDIENCE_MEMBERS });
    g_assert_false(why.yes);
    why = ask(&firm, (struct identity_question){ .audience = IDENTITY_AUDIENCE_EVERYONE });
    g_assert_true(why.yes);
    people_free(&firm.people);
}

/* Of the owner's people who see every company's rows, by a role of the owner's own. */
static void who_looks_after_all_companies_sees_each_ones_rows(gconstpointer kind)
{
    struct firm firm;
    int64_t rows = 0;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    struct portico_error *error = &firm.people.error;
    const struct identity_audience members = { IDENTITY_FOR_ACCOUNT, firm.harbour, NULL, 0 };
    people_must(&firm.people, identity_audience_of(session, &members, &rows, error));
    const struct identity_new_role desk = { .key = "desk", .title = "Desk", .owner = true };
    people_must(&firm.people, identity_role_make(session, &desk, error));
    join(&firm,
         &(struct identity_new_member){
             .account = IDENTITY_OWNER, .person = firm.ben, .source = "invited", .roles = "desk" });
    const struct identity_question question = { .person = firm.ben, .audience = rows };
    struct identity_why why = ask(&firm, question);
    g_assert_true(!why.yes && says(&why, false, "It is shown to the members"));
    g_assert_false(says(&why, true, "{person} looks after all companies"));
    people_must(&firm.people,
                identity_role_rule(session, "desk", "portico.accounts.see", true, error));
    why = ask(&firm, question);
    g_assert_true(why.yes && says(&why, false, "It is shown to the members"));
    g_assert_true(says(&why, true, "{person} looks after all companies"));
    g_assert_cmpstr(named(&why, "{person} looks after", "through"), ==, "Desk");
    /* Not what is for some people by name: of the fixed audiences nobody looks after. */
    why = ask(&firm, (struct identity_question){ .person = firm.ben,
                                                 .audience = IDENTITY_AUDIENCE_NOBODY });
    g_assert_false(why.yes || says(&why, true, "{person} looks after all companies"));
    /* A company's own role opens no other company. */
    people_must(&firm.people,
                identity_role_rule(session, "account-admin", "portico.accounts.see", true, error));
    const struct identity_new_account mill = { .name = "Mill" };
    int64_t other = 0, theirs = 0;
    people_must(&firm.people, identity_account_make(session, &mill, &other, error));
    const struct identity_audience millers = { IDENTITY_FOR_ACCOUNT, other, NULL, 0 };
    people_must(&firm.people, identity_audience_of(session, &millers, &theirs, error));
    why = ask(&firm, (struct identity_question){ .person = firm.dana, .audience = theirs });
    g_assert_false(why.yes || says(&why, true, "{person} looks after all companies"));
    why = ask(&firm, (struct identity_question){ .person = firm.dana, .audience = rows });
    g_assert_true(why.yes && says(&why, true, "It is shown to the members"));
    people_free(&firm.people);
}

/* The chain never says otherwise than what decides: for all of them, everywhere. */
static void the_answer_is_that_of_the_standing(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    const int64_t persons[] = { firm.dana, firm.ben, firm.chief };
    const int64_t accounts[] = { 0, firm.harbour, firm.quay, IDENTITY_OWNER };
    for (size_t p = 0; p < G_N_ELEMENTS(persons); p++)
        for (size_t a = 0; a < G_N_ELEMENTS(accounts); a++)
            for (size_t d = 0; d < G_N_ELEMENTS(declared); d++) {
                struct identity_standing standing;
                people_must(&firm.people,
                            identity_standing(firm.people.identity, people_session(&firm.people),
                                              persons[p], accounts[a], &standing,
                                              &firm.people.error));
                const struct identity_why why =
                    ask(&firm, (struct identity_question){ .person = persons[p],
                                                           .account = accounts[a],
                                                           .permission = declared[d].name });
                g_assert_cmpint(why.yes, ==,
                                identity_holds(declared, G_N_ELEMENTS(declared), standing.held,
                                               standing.roles, declared[d].name));
            }
    people_free(&firm.people);
}

static void session_of(struct firm *firm, int64_t person, bool proved)
{
    struct people *people = &firm->people;
    struct identity_device device = { .agent = "Browser", .network = "192.0.2.1" };
    char token[IDENTITY_TOKEN_SIZE];
    people_must(people, identity_session_start(people->identity, people_session(people), person,
                                               &device, false, token, &people->error));
    if (proved)
        people_must(people, identity_session_proved(people_session(people), token, &people->error));
}

static void a_second_factor_that_is_missing_is_a_reason(gconstpointer kind)
{
    static const char asked[] = "A second factor is asked for";
    struct firm firm;
    struct identity_rules rules = people_rules();
    if (!firm_new(&firm, kind))
        return;
    const struct identity_question pays = { .person = firm.dana, .permission = "bills.pay" };
    struct identity_question lacks = pays, door = pays;
    lacks.permission = "portico.admin";
    door.before_step = true;
    struct identity_why why = ask(&firm, pays);
    g_assert_true(why.yes && !says(&why, true, asked));
    rules.second_for = "account-admin";
    people_rule(&firm.people, &rules);
    identity_declare(firm.people.identity, declared, G_N_ELEMENTS(declared));
    why = ask(&firm, pays);
    g_assert_false(why.yes);
    g_assert_cmpuint(why.giver_count, ==, 0); /* it is theirs: nobody gives it */
    g_assert_cmpstr(named(&why, asked, "roles"), ==, "Account admin");
    g_assert_true(says(&why, false, "{person} has none, and sets one up"));
    g_assert_true(ask(&firm, door).yes);
    why = ask(&firm, lacks);
    g_assert_true(!why.yes && why.giver_count == 1);
    why = ask(&firm, (struct identity_question){ .person = firm.dana,
                                                 .audience = IDENTITY_AUDIENCE_MEMBERS });
    g_assert_false(why.yes);
    why = ask(&firm, (struct identity_question){ .person = firm.ben, .permission = "talk.read" });
    g_assert_true(why.yes && !says(&why, true, asked));
    /* A factor of the app, as second.c keeps it. */
    people_must(&firm.people,
                store_host_execute(people_session(&firm.people),
                                   "INSERT INTO portico_app (person, secret, step, confirmed) "
                                   "VALUES (?, 'sealed', 0, ?)",
                                   PORTICO_ARGS(portico_arg_id(firm.dana), portico_arg_time(NOON)),
                                   NULL, &firm.people.error));
    why = ask(&firm, pays);
    g_assert_true(why.yes && says(&why, true, "{person} has one, and shows it in each session."));
    session_of(&firm, firm.dana, false);
    why = ask(&firm, pays);
    g_assert_true(!why.yes && says(&why, false, "{person} has one and showed it in no open"));
    session_of(&firm, firm.dana, true);
    g_assert_true(ask(&firm, pays).yes);
    people_free(&firm.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("why", a_permission_is_held_through_a_role);
    DATABASE_TEST("why", a_denial_names_who_could_help);
    DATABASE_TEST("why", who_could_help_is_who_may_give_it);
    DATABASE_TEST("why", each_way_not_to_belong_is_told);
    DATABASE_TEST("why", each_way_not_to_act_for_another_is_told);
    DATABASE_TEST("why", a_row_is_seen_through_its_audience);
    DATABASE_TEST("why", who_looks_after_all_companies_sees_each_ones_rows);
    DATABASE_TEST("why", the_answer_is_that_of_the_standing);
    DATABASE_TEST("why", a_second_factor_that_is_missing_is_a_reason);
    return g_test_run();
}
