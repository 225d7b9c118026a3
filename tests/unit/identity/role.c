/* Roles the owner defines, and what they may. */
#include "identity/role.h"

#include "identity/giving.h"
#include "identity/invitation.h"
#include "identity/member.h"
#include "town.h"

static void the_owner_defines_roles_and_what_they_may(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    const struct identity_new_role finance = { "finance", "Finance", "Pays bills.", false };
    people_must(&town.people, identity_role_make(session, &finance, error));
    g_assert_cmpint(identity_role_make(session, &finance, error), ==, PORTICO_EEXIST);
    int64_t membership = join(&town, town.ben, town.mill, "finance");
    struct identity_standing standing = stand(&town, town.ben, 0);
    g_assert_false(may(&standing, "bills.pay"));
    people_must(&town.people, identity_role_rule(session, "finance", "bills.pay", true, error));
    standing = stand(&town, town.ben, 0);
    g_assert_true(may(&standing, "bills.pay"));
    people_must(&town.people,
                identity_role_rule(session, "account-member", "bills.see", false, error));
    standing = stand(&town, town.ben, 0);
    g_assert_false(may(&standing, "bills.see"));
    people_must(&town.people, identity_role_reset(session, "account-member", "bills.see", error));
    standing = stand(&town, town.ben, 0);
    g_assert_true(may(&standing, "bills.see"));
    g_assert_cmpint(identity_role_rule(session, "admin", "bills.see", false, error), ==,
                    PORTICO_EPERM);
    g_assert_cmpint(identity_role_rule(session, "everyone", "talk.read", false, error), ==,
                    PORTICO_EPERM);
    g_assert_cmpint(identity_member_roles(session, membership, "moderator", NULL, error), ==,
                    PORTICO_EINVAL);
    g_assert_cmpint(identity_member_roles(session, membership, "account-member", NULL, error), ==,
                    PORTICO_EINVAL);
    people_must(&town.people, identity_role_remove(session, "finance", error));
    standing = stand(&town, town.ben, 0);
    g_assert_false(may(&standing, "bills.pay"));
    g_assert_cmpint(identity_role_remove(session, "admin", error), ==, PORTICO_EPERM);
    people_free(&town.people);
}

static void nobody_gives_what_they_lack(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct identity_roles *roles;
    const struct identity_new_role finance = { "finance", "Finance", "", false };
    people_must(&town.people, identity_role_make(session, &finance, &town.people.error));
    people_must(&town.people,
                identity_role_rule(session, "finance", "bills.pay", true, &town.people.error));
    people_must(&town.people,
                identity_roles_take(town.people.identity, session, -1, &roles, &town.people.error));
    const uint64_t member = IDENTITY_MEMBER | IDENTITY_ACCOUNT_MEMBER;
    const uint64_t admin = member | IDENTITY_ACCOUNT_ADMIN;
    const struct {
        const char *role;
        uint64_t held;
        bool may;
    } cases[] = {
        { "finance", admin, true },          { "finance", member, false },
        { "account-admin", admin, true },    { "moderator", admin, false },
        { "admin", admin, false },           { "admin", IDENTITY_ADMIN, true },
        { "finance", IDENTITY_ADMIN, true }, { "staff", IDENTITY_ADMIN, false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(identity_roles_may_give(roles, cases[i].held,
                                                identity_roles_find(roles, cases[i].role)),
                        ==, cases[i].may);
    identity_roles_drop(roles);
    people_free(&town.people);
}

static void a_role_is_described_anew(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    struct store_session *session = people_session(&town.people);
    struct portico_error *error = &town.people.error;
    struct identity_roles *roles;
    const struct identity_new_role finance = { "finance", "Finance", "", false };
    people_must(&town.people, identity_role_make(session, &finance, error));
    people_must(&town.people,
                identity_role_describe(session, "finance", "Accounting", "Pays.", error));
    people_must(&town.people,
                identity_roles_take(town.people.identity, session, -1, &roles, error));
    g_assert_cmpstr(identity_roles_find(roles, "finance")->title, ==, "Accounting");
    g_assert_cmpuint(identity_roles_count(roles), ==, 8);
    identity_roles_drop(roles);
    g_assert_cmpint(identity_role_describe(session, "none", "None", NULL, error), ==,
                    PORTICO_ENOENT);
    people_free(&town.people);
}

/* From before it was refused. */
static void what_is_the_owners_roles_alone_no_rule_gives_to_another(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    join(&town, town.dana, town.harbour, "account-admin");
    struct store_session *session = people_session(&town.people);
    static const char *const names[] = { "portico.accounts.see", "talk.moderate" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        people_must(&town.people, identity_role_rule(session, "account-admin", names[i], true,
                                                     &town.people.error));
    const struct identity_standing standing = stand(&town, town.dana, town.harbour);
    g_assert_true(may(&standing, "talk.moderate"));
    g_assert_false(may(&standing, "portico.accounts.see"));
    g_assert_false(standing.every_account);
    people_free(&town.people);
}

static int make(struct town *town, const char *key)
{
    const struct identity_new_role made = { .key = key, .title = "Buyer" };
    return identity_role_make(people_session(&town->people), &made, &town->people.error);
}

static void drop(struct town *town, const char *key)
{
    people_must(&town->people,
                identity_role_remove(people_session(&town->people), key, &town->people.error));
}

static void what_was_shown_to_a_role_is_no_others_of_its_key(gconstpointer kind)
{
    static const char *const keys[] = { "shown", "invited", "neither" };
    struct town town;
    char link[IDENTITY_TOKEN_SIZE];
    int64_t id = 0;
    if (!town_new(&town, kind))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        people_must(&town.people, make(&town, keys[i]));
    audience(&town, IDENTITY_FOR_ROLE, town.harbour, "shown", 0);
    const struct identity_new_invitation invitation = { .account = town.harbour,
                                                        .inviter = town.dana,
                                                        .address = "eve@harbour.example",
                                                        .roles = "account-admin invited" };
    people_must(&town.people, identity_invite(town.people.identity, people_session(&town.people),
                                              &invitation, &id, link, &town.people.error));
    g_assert_cmpint(make(&town, "shown"), ==, PORTICO_EEXIST);
    g_assert_nonnull(strstr(town.people.error.message, "already"));
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        drop(&town, keys[i]);
    for (size_t i = 0; i < 2; i++) {
        g_assert_cmpint(make(&town, keys[i]), ==, PORTICO_EEXIST);
        g_assert_nonnull(strstr(town.people.error.message, "take another key"));
    }
    people_must(&town.people, make(&town, "neither"));
    people_free(&town.people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("role", the_owner_defines_roles_and_what_they_may);
    DATABASE_TEST("role", nobody_gives_what_they_lack);
    DATABASE_TEST("role", a_role_is_described_anew);
    DATABASE_TEST("role", what_is_the_owners_roles_alone_no_rule_gives_to_another);
    DATABASE_TEST("role", what_was_shown_to_a_role_is_no_others_of_its_key);
    return g_test_run();
}
