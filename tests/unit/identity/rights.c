#include "people.h"

#include <portico/module.h>

static const struct identity_permission permissions[] = {
    { .name = "shop.buy", .roles = IDENTITY_MEMBER },
    { .name = "shop.look", .roles = IDENTITY_EVERYONE },
    { .name = "shop.own" },
    { .name = "shop.tidy", .roles = IDENTITY_MODERATOR },
};
enum { COUNT = G_N_ELEMENTS(permissions) };

static const unsigned anonymous = IDENTITY_EVERYONE;
static const unsigned member = IDENTITY_EVERYONE | IDENTITY_MEMBER;
static const unsigned moderator = IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_MODERATOR;
static const unsigned admin = IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_ADMIN;

static void a_role_may_what_names_it_and_admins_may_everything(void)
{
    const struct {
        const char *permission;
        bool may[4]; /* anonymous, member, moderator, admin */
    } table[] = {
        { PORTICO_PUBLIC, { true, true, true, true } },
        { PORTICO_SIGNED_IN, { false, true, true, true } },
        { "shop.look", { true, true, true, true } },
        { "shop.buy", { false, true, true, true } },
        { "shop.tidy", { false, false, true, true } },
        { "shop.own", { false, false, false, true } },
        { "shop.unknown", { false, false, false, true } },
    };
    const uint64_t roles[] = { anonymous, member, moderator, admin };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        for (size_t r = 0; r < G_N_ELEMENTS(roles); r++)
            if (identity_may(permissions, COUNT, roles[r], table[i].permission) != table[i].may[r])
                g_error("%s %zu", table[i].permission, r);
    /* Somebody disabled has no role at all. */
    g_assert_false(identity_may(permissions, COUNT, 0, "shop.look"));
    const char *names[COUNT];
    g_assert_cmpuint(identity_rights(permissions, COUNT, moderator, names), ==, 3);
    g_assert_cmpstr(names[2], ==, "shop.tidy");
    g_assert_cmpuint(identity_rights(permissions, COUNT, admin, names), ==, 4);
    g_assert_false(identity_may(NULL, 0, member, "shop.buy"));
}

static void roles_are_read_and_written_as_words(void)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    uint64_t roles = 99;
    char words[32];
    g_assert_cmpint(identity_roles_read(" member  admin", &roles, &error), ==, 0);
    g_assert_cmpuint(roles, ==, IDENTITY_MEMBER | IDENTITY_ADMIN);
    g_assert_cmpint(identity_roles_read("", &roles, &error), ==, 0);
    g_assert_cmpuint(roles, ==, 0);
    roles = 99;
    g_assert_cmpint(identity_roles_read("member owner", &roles, &error), ==, PORTICO_EINVAL);
    g_assert_nonnull(strstr(error.message, "\"owner\""));
    g_assert_cmpuint(roles, ==, 99);
    identity_roles_write(IDENTITY_MODERATOR | IDENTITY_ADMIN | IDENTITY_MEMBER, words);
    g_assert_cmpstr(words, ==, "admin moderator");
    identity_roles_write(member, words);
    g_assert_cmpstr(words, ==, "");
}

static void audiences_follow_from_roles(void)
{
    const uint64_t roles[] = { anonymous, member, moderator, admin };
    const size_t counts[] = { 1, 2, 3, 3 };
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        size_t count;
        const int64_t *audiences = identity_audiences(roles[i], &count);
        g_assert_cmpuint(count, ==, counts[i]);
        for (size_t a = 0; a < count; a++)
            g_assert_cmpint(audiences[a], ==, (int64_t)a + 1);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rights/may", a_role_may_what_names_it_and_admins_may_everything);
    g_test_add_func("/rights/words", roles_are_read_and_written_as_words);
    g_test_add_func("/rights/audiences", audiences_follow_from_roles);
    return g_test_run();
}
