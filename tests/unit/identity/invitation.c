/* Invitations into an account: what holds when they are accepted is what holds then. */
#include "identity/invitation.h"
#include "identity/member.h"
#include "identity/person.h"
#include "people.h"

static const struct identity_permission declared[] = {
    { .name = "bills.pay", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "portico.company", .roles = IDENTITY_ACCOUNT_ADMIN },
};

/* Harbour, looked after by Dana; Ben is of no account yet. */
struct firm {
    struct people people;
    int64_t harbour, dana, ben, admin; /* admin: Dana's membership */
};

static struct portico_error *error_of(struct firm *firm)
{
    return &firm->people.error;
}

static int64_t join(struct firm *firm, int64_t person, const char *roles, int64_t until)
{
    const struct identity_new_member made = { .account = firm->harbour,
                                              .person = person,
                                              .source = "invited",
                                              .roles = roles,
                                              .until = until };
    int64_t id = 0;
    people_must(&firm->people,
                identity_member_add(people_session(&firm->people), &made, &id, error_of(firm)));
    return id;
}

static bool firm_new(struct firm *firm, gconstpointer kind)
{
    const struct identity_new_account made = { .name = "Harbour" };
    if (!people_new(&firm->people, kind))
        return false;
    identity_declare(firm->people.identity, declared, G_N_ELEMENTS(declared));
    people_must(&firm->people, identity_account_make(people_session(&firm->people), &made,
                                                     &firm->harbour, error_of(firm)));
    firm->dana = people_add(&firm->people, "Dana", "dana@harbour.example", 0);
    firm->ben = people_add(&firm->people, "Ben", "ben@mill.example", 0);
    firm->admin = join(firm, firm->dana, "account-admin", 0);
    return true;
}

static int64_t invite(struct firm *firm, const char *address, const char *roles,
                      char token[IDENTITY_TOKEN_SIZE])
{
    const struct identity_new_invitation made = {
        .account = firm->harbour, .inviter = firm->dana, .address = address, .roles = roles
    };
    int64_t id = 0;
    people_must(&firm->people, identity_invite(firm->people.identity, people_session(&firm->people),
                                               &made, &id, token, error_of(firm)));
    return id;
}

static int accept(struct firm *firm, int64_t person, const char *token, const char **ret_reason)
{
    struct identity_invitation accepted;
    *ret_reason = "";
    return identity_invitation_accept(firm->people.identity, people_session(&firm->people), token,
                                      person, "portal", NULL, &accepted, ret_reason,
                                      error_of(firm));
}

/* "account-admin" or "", NULL of who belongs to it not. */
static const char *roles_of(struct firm *firm, int64_t person)
{
    struct identity_member member;
    struct value *rows;
    struct store_session *session = people_session(&firm->people);
    if (identity_member_of(session, firm->harbour, person, &member, error_of(firm)) < 0)
        return NULL;
    people_must(&firm->people, identity_roles_of_member(session, member.id, &rows, error_of(firm)));
    return rows->count ? people_cell(rows, 0, 0)->text : "";
}

static void who_may_give_no_more_invites_nobody(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    if (!firm_new(&firm, kind))
        return;
    invite(&firm, "ben@mill.example", "account-admin", token);
    people_must(&firm.people, identity_member_roles(people_session(&firm.people), firm.admin, NULL,
                                                    "account-admin", error_of(&firm)));
    g_assert_cmpint(accept(&firm, firm.ben, token, &reason), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "Whoever invited you may do so no more"));
    g_assert_null(roles_of(&firm, firm.ben));
    people_must(&firm.people, identity_member_roles(people_session(&firm.people), firm.admin,
                                                    "account-admin", NULL, error_of(&firm)));
    people_must(&firm.people, accept(&firm, firm.ben, token, &reason));
    g_assert_cmpstr(roles_of(&firm, firm.ben), ==, "account-admin");
    people_free(&firm.people);
}

static void roles_that_were_there_before_are_not_recorded_as_given(gconstpointer kind)
{
    struct firm firm;
    struct value *rows;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    if (!firm_new(&firm, kind))
        return;
    const struct identity_new_member made = {
        .account = firm.harbour, .person = firm.ben, .source = "test", .roles = "account-admin"
    };
    invite(&firm, "ben@mill.example", NULL, token);
    people_must(&firm.people,
                identity_member_add(people_session(&firm.people), &made, NULL, error_of(&firm)));
    people_must(&firm.people, accept(&firm, firm.ben, token, &reason));
    people_must(&firm.people,
                store_host_query(people_session(&firm.people),
                                 "SELECT (SELECT count(*) FROM portico_audit "
                                 "WHERE kind = 'role.given'), (SELECT count(*) FROM portico_audit "
                                 "WHERE kind = 'invitation.accepted' AND origin = 'portal')",
                                 NULL, 0, &rows, error_of(&firm)));
    g_assert_cmpint(value_rows_at(rows, 0)[0].integer, ==, 0);
    g_assert_cmpint(value_rows_at(rows, 0)[1].integer, ==, 1);
    people_free(&firm.people);
}

static void whose_own_time_is_over_invites_nobody(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    if (!firm_new(&firm, kind))
        return;
    const struct identity_member_change change = { .from = -1, .until = NOON + DAY };
    invite(&firm, "ben@mill.example", NULL, token);
    people_must(&firm.people, identity_member_change(people_session(&firm.people), firm.admin,
                                                     &change, error_of(&firm)));
    clock_stop(NOON + 2 * DAY);
    g_assert_cmpint(accept(&firm, firm.ben, token, &reason), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "Whoever invited you may do so no more"));
    people_free(&firm.people);
}

static void nobody_accepts_their_own(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    int64_t id;
    bool taken;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    invite(&firm, "dana@elsewhere.example", "account-admin", token);
    people_must(&firm.people, identity_address_add(session, firm.dana, "dana@elsewhere.example",
                                                   &id, &taken, error_of(&firm)));
    people_must(&firm.people,
                store_host_execute(session, "UPDATE portico_address SET verified = ? WHERE id = ?",
                                   PORTICO_ARGS(portico_arg_time(NOON), portico_arg_id(id)), NULL,
                                   error_of(&firm)));
    g_assert_cmpint(accept(&firm, firm.dana, token, &reason), ==, PORTICO_ENOENT);
    g_assert_nonnull(strstr(reason, "Whoever invited you"));
    people_free(&firm.people);
}

static void a_member_gets_no_roles_by_one(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    if (!firm_new(&firm, kind))
        return;
    invite(&firm, "ben@mill.example", "account-admin", token);
    join(&firm, firm.ben, NULL, 0);
    people_must(&firm.people, accept(&firm, firm.ben, token, &reason));
    g_assert_cmpstr(roles_of(&firm, firm.ben), ==, "");
    people_free(&firm.people);
}

static void who_is_switched_off_invites_nobody(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    invite(&firm, "ben@mill.example", NULL, token);
    people_must(&firm.people,
                identity_person_state(session, firm.dana, IDENTITY_DISABLED, error_of(&firm)));
    people_must(&firm.people,
                identity_person_state(session, firm.dana, IDENTITY_ACTIVE, error_of(&firm)));
    g_assert_cmpint(accept(&firm, firm.ben, token, &reason), ==, PORTICO_ENOENT);
    g_assert_null(roles_of(&firm, firm.ben));
    people_free(&firm.people);
}

static void who_is_taken_out_leaves_no_invitation(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    struct value *rows;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    const int64_t id = invite(&firm, "ben@mill.example", NULL, token);
    people_must(&firm.people, identity_invitations_end(session, firm.dana, 4711, error_of(&firm)));
    people_must(&firm.people,
                store_host_query(session, "SELECT state FROM portico_invitation WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(id)), &rows, error_of(&firm)));
    g_assert_cmpint(people_cell(rows, 0, 0)->integer, ==, IDENTITY_INVITED);
    people_must(&firm.people,
                identity_invitations_end(session, firm.dana, firm.harbour, error_of(&firm)));
    g_assert_cmpint(accept(&firm, firm.ben, token, &reason), ==, PORTICO_ENOENT);
    people_free(&firm.people);
}

static void who_belonged_once_is_asked_back_with_what_is_said_now(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason;
    struct identity_member member;
    if (!firm_new(&firm, kind))
        return;
    join(&firm, firm.ben, "account-admin", NOON + DAY);
    clock_stop(NOON + 2 * DAY);
    invite(&firm, "ben@mill.example", NULL, token);
    people_must(&firm.people, accept(&firm, firm.ben, token, &reason));
    g_assert_cmpstr(roles_of(&firm, firm.ben), ==, "");
    people_must(&firm.people, identity_member_of(people_session(&firm.people), firm.harbour,
                                                 firm.ben, &member, error_of(&firm)));
    g_assert_cmpint(member.until, ==, 0);
    g_assert_cmpstr(member.source, ==, "invited");
    g_assert_cmpint(member.by, ==, firm.dana);
    people_free(&firm.people);
}

static void a_closed_portal_takes_in_nobody_new(gconstpointer kind)
{
    struct firm firm;
    char token[IDENTITY_TOKEN_SIZE];
    const char *reason = "", *field = NULL;
    struct identity_invitation joined;
    struct identity_rules rules = people_rules();
    int64_t person = 0;
    const struct identity_newcomer newcomer = { .name = "Lee", .password = GOOD, .locale = "en" };
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    invite(&firm, "lee@mill.example", NULL, token);
    rules.closed = true;
    people_rule(&firm.people, &rules);
    identity_declare(firm.people.identity, declared, G_N_ELEMENTS(declared));
    g_assert_cmpint(identity_invitation_join(firm.people.identity, session, token, &newcomer,
                                             &person, &joined, &field, &reason, error_of(&firm)),
                    ==, PORTICO_ENOENT);
    g_assert_cmpstr(reason, ==, "This portal takes in nobody new.");
    rules.closed = false;
    people_rule(&firm.people, &rules);
    identity_declare(firm.people.identity, declared, G_N_ELEMENTS(declared));
    people_must(&firm.people,
                identity_invitation_join(firm.people.identity, session, token, &newcomer, &person,
                                         &joined, &field, &reason, error_of(&firm)));
    g_assert_cmpstr(roles_of(&firm, person), ==, "");
    people_free(&firm.people);
}

static void an_id_elsewhere_is_of_an_account_that_is_there(gconstpointer kind)
{
    struct firm firm;
    if (!firm_new(&firm, kind))
        return;
    struct store_session *session = people_session(&firm.people);
    g_assert_cmpint(identity_account_known_as(session, 4711, "crm:1", error_of(&firm)), ==,
                    PORTICO_ENOENT);
    people_must(&firm.people,
                identity_account_known_as(session, firm.harbour, "crm:1", error_of(&firm)));
    people_free(&firm.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("invitation", roles_that_were_there_before_are_not_recorded_as_given);
    DATABASE_TEST("invitation", who_may_give_no_more_invites_nobody);
    DATABASE_TEST("invitation", whose_own_time_is_over_invites_nobody);
    DATABASE_TEST("invitation", nobody_accepts_their_own);
    DATABASE_TEST("invitation", a_member_gets_no_roles_by_one);
    DATABASE_TEST("invitation", who_is_switched_off_invites_nobody);
    DATABASE_TEST("invitation", who_is_taken_out_leaves_no_invitation);
    DATABASE_TEST("invitation", who_belonged_once_is_asked_back_with_what_is_said_now);
    DATABASE_TEST("invitation", a_closed_portal_takes_in_nobody_new);
    DATABASE_TEST("invitation", an_id_elsewhere_is_of_an_account_that_is_there);
    return g_test_run();
}
