/* The lists of who has access to an account name everybody who has, and nobody else. */
#include "identity/roster.h"
#include "identity/delegate.h"
#include "identity/delegation.h"
#include "town.h"

#define PEOPLE 24
#define WORLDS 5

/* Companies of two floors with partners above some of them, and people put into them by chance. */
struct world {
    struct town town;
    GRand *chance;
    int64_t accounts[8], people[PEOPLE];
};

static bool by_chance(struct world *world, double part)
{
    return g_rand_double(world->chance) < part;
}

static int64_t account_of(struct world *world, const char *name, const char *kind, int64_t parent)
{
    const struct identity_new_account made = { .name = name, .kind = kind, .parent = parent };
    struct people *people = &world->town.people;
    int64_t id = 0;
    people_must(people, identity_account_make(people_session(people), &made, &id, &people->error));
    return id;
}

static void put_in(struct world *world, int64_t person, int64_t account)
{
    struct people *people = &world->town.people;
    const struct identity_new_member made = {
        .account = account,
        .person = person,
        .source = "invited",
        .roles = by_chance(world, 0.5) ? "account-admin" : NULL,
        .below = by_chance(world, 0.5),
        .waits = by_chance(world, 0.1),
        .from = by_chance(world, 0.1) ? NOON + DAY : 0,
        .until = by_chance(world, 0.2) ? NOON + DAY : 0,
    };
    int64_t id;
    const int code = identity_member_add(people_session(people), &made, &id, NULL);
    g_assert_true(code == 0 || code == PORTICO_EINVAL);
}

static void lend(struct world *world, int64_t account, int64_t partner)
{
    struct people *people = &world->town.people;
    const struct identity_new_delegation made = {
        .account = account,
        .partner = partner,
        .roles = by_chance(world, 0.5) ? "account-member" : "account-admin",
        .reason = "By chance.",
        .giver = world->town.dana,
        .until = NOON + (by_chance(world, 0.5) ? HOUR : 2 * DAY),
        .accepted = by_chance(world, 0.8),
    };
    int64_t id;
    people_must(people,
                identity_delegation_give(people_session(people), &made, &id, &people->error));
}

static bool world_new(struct world *world, gconstpointer kind, guint32 seed)
{
    if (!town_new(&world->town, kind))
        return false;
    struct people *people = &world->town.people;
    world->chance = g_rand_new_with_seed(seed);
    const int64_t group = account_of(world, "Group", "partner", 0);
    const int64_t agent = account_of(world, "Agent", "partner", group);
    const int64_t broker = account_of(world, "Broker", "partner", 0);
    const int64_t accounts[] = { world->town.harbour,
                                 world->town.quay,
                                 world->town.mill,
                                 group,
                                 agent,
                                 broker,
                                 account_of(world, "Customer", "customer", agent),
                                 account_of(world, "Berth", "customer", world->town.quay) };
    memcpy(world->accounts, accounts, sizeof accounts);
    for (int i = 0; i < PEOPLE; i++) {
        char name[8], address[32];
        g_snprintf(name, sizeof name, "P%02d", i);
        g_snprintf(address, sizeof address, "p%02d@town.example", i);
        world->people[i] = people_add(people, name, address, 0);
        for (size_t a = 0; a < G_N_ELEMENTS(accounts); a++)
            if (by_chance(world, 0.15))
                put_in(world, world->people[i], accounts[a]);
    }
    for (size_t a = 0; a < G_N_ELEMENTS(accounts); a++)
        for (size_t p = 3; p < 6; p++)
            if (a != p && by_chance(world, 0.4))
                lend(world, accounts[a], accounts[p]);
    for (int i = 0; i < 2; i++)
        people_must(people,
                    identity_person_state(people_session(people),
                                          world->people[g_rand_int_range(world->chance, 0, PEOPLE)],
                                          IDENTITY_DISABLED, &people->error));
    people_must(people, identity_account_state(people_session(people),
                                               accounts[g_rand_int_range(world->chance, 0, 8)],
                                               IDENTITY_SUSPENDED, &people->error));
    return true;
}

static void world_free(struct world *world)
{
    g_rand_free(world->chance);
    people_free(&world->town.people);
}

/* Whether a row of the roster is of somebody who may act there at this moment. */
static bool is_in(const struct portico_value *row, int64_t now)
{
    const int64_t until = portico_get_integer(row, "until", 0);
    return strcmp(portico_get_text(row, "kind", ""), "applied") != 0 &&
           portico_get_integer(row, "state", 0) == IDENTITY_ACTIVE &&
           portico_get_integer(row, "from", 0) <= now && (!until || until > now);
}

static void add(GHashTable *listed, int64_t person)
{
    g_hash_table_add(listed, GSIZE_TO_POINTER((gsize)person));
}

/* A page at a time, so that nobody is lost between two. */
static void list_roster(struct world *world, int64_t account, int64_t now, GHashTable *listed)
{
    struct people *people = &world->town.people;
    struct identity_roster wanted = { .account = account, .part = "", .kind = "reviewed" };
    struct value *rows;
    do {
        people_must(people,
                    identity_roster(people_session(people), &wanted, 3, &rows, &people->error));
        for (uint32_t i = 0; i < rows->count; i++) {
            const struct portico_value *row = value_public(value_at(rows, i));
            const bool above = strcmp(portico_get_text(row, "kind", ""), "above") == 0;
            if (is_in(row, now))
                add(listed, portico_get_integer(row, "person", 0));
            g_assert_true(!above || !portico_get_text(row, "address", NULL));
            g_assert_cmpint(*portico_get_text(row, "company", "") != '\0', ==, above);
            wanted.behind = portico_get_text(row, "name_key", "");
            wanted.id = portico_get_integer(row, "id", 0);
        }
    } while (rows->count == 3);
}

static void list_delegates(struct world *world, int64_t account, GHashTable *listed)
{
    struct people *people = &world->town.people;
    struct value *given, *rows;
    const struct identity_delegations every = { .account = account, .given = true };
    people_must(people,
                identity_delegations(people_session(people), &every, 200, &given, &people->error));
    for (uint32_t i = 0; i < given->count; i++) {
        struct identity_delegates wanted = { .account = account,
                                             .delegation = value_rows_at(given, i)->integer };
        int64_t count = 0, seen = 0;
        people_must(people, identity_delegates_count(people_session(people), account,
                                                     wanted.delegation, &count, &people->error));
        do {
            people_must(people, identity_delegates(people_session(people), &wanted, 2, &rows,
                                                   &people->error));
            for (uint32_t r = 0; r < rows->count; r++, seen++) {
                const struct portico_value *row = value_public(value_at(rows, r));
                add(listed, wanted.id = portico_get_integer(row, "id", 0));
                wanted.behind = portico_get_text(row, "name_key", "");
            }
        } while (rows->count == 2);
        g_assert_cmpint(seen, ==, count);
    }
}

/* Returns how many come in from outside. */
static unsigned compare(struct world *world, size_t a)
{
    unsigned outside = 0;
    const int64_t account = world->accounts[a];
    GHashTable *listed = g_hash_table_new(NULL, NULL);
    struct identity_account looked;
    struct people *people = &world->town.people;
    people_must(people,
                identity_account_look(people_session(people), account, &looked, &people->error));
    list_roster(world, account, clock_now(), listed);
    list_delegates(world, account, listed);
    for (int i = 0; i < PEOPLE && looked.state == IDENTITY_OPEN; i++) {
        const struct identity_person person = people_look(people, world->people[i]);
        struct identity_member own;
        const bool acts = person.state == IDENTITY_ACTIVE &&
                          stand(&world->town, person.id, account).account == account;
        g_assert_cmpint(g_hash_table_contains(listed, GSIZE_TO_POINTER((gsize)person.id)), ==,
                        acts);
        outside += acts && identity_member_of(people_session(people), account, person.id, &own,
                                              NULL) == PORTICO_ENOENT;
    }
    g_hash_table_destroy(listed);
    return outside;
}

static void who_is_listed_is_whoever_may_act_there(gconstpointer kind)
{
    unsigned outside = 0;
    for (guint32 seed = 1; seed <= WORLDS; seed++) {
        struct world world;
        if (!world_new(&world, kind, seed))
            return;
        for (int later = 0; later < 2; later++) {
            clock_stop(NOON + later * (DAY + MINUTE));
            for (size_t a = 0; a < G_N_ELEMENTS(world.accounts); a++)
                outside += compare(&world, a);
        }
        world_free(&world);
    }
    g_assert_cmpuint(outside, >, 50);
}

/* Who is found by what was typed of a name or an address, "," behind each. */
static char *found_by(struct town *town, const char *part)
{
    struct people *people = &town->people;
    const struct identity_roster wanted = { .account = town->harbour, .part = part, .kind = "" };
    struct value *rows;
    GString *names = g_string_new(NULL);
    people_must(people,
                identity_roster(people_session(people), &wanted, 20, &rows, &people->error));
    for (uint32_t i = 0; i < rows->count; i++)
        g_string_append_printf(names, "%s,",
                               portico_get_text(value_public(value_at(rows, i)), "name", ""));
    return g_string_free(names, FALSE);
}

static void a_domain_is_found_in_both_its_spellings(gconstpointer kind)
{
    static const struct {
        const char *typed, *found;
    } searches[] = {
        { "müller.example", "Eve,Jörg," },
        { "MÜLLER.example", "Eve,Jörg," },
        { "xn--mller-kva.example", "Eve,Jörg," },
        { "@müller.", "Eve,Jörg," },
        { "müller", "Eve,Jörg,Uli Müller," },
        { "eve@müller.example", "Eve," },
        { "joerg@", "Jörg," },
        { "jörg", "Jörg," },
        { "straße.example", "Ute," },
        { "strasse.example", "" },
        { ".example", "Eve,Jörg,Uli Müller,Ute," },
        { "%", "" },
    };
    static const char *const members[][2] = {
        { "Eve", "eve@xn--mller-kva.example" },
        { "Jörg", "joerg@Müller.example" },
        { "Uli Müller", "uli@mill.example" },
        { "Ute", "ute@straße.example" },
    };
    struct town town;
    struct value *rows;
    if (!town_new(&town, kind))
        return;
    struct people *people = &town.people;
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        join(&town, people_add(people, members[i][0], members[i][1], 0), town.harbour, "");
    for (size_t i = 0; i < G_N_ELEMENTS(searches); i++) {
        char *found = found_by(&town, searches[i].typed);
        g_assert_cmpstr(found, ==, searches[i].found);
        g_free(found);
    }
    static const char *const beginnings[] = { "eve@müller.example", "eve@MÜLLER", "joerg" };
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        people_must(people, identity_people_list(people_session(people), beginnings[i], NULL, 9,
                                                 &rows, &people->error));
        g_assert_cmpuint(rows->count, ==, 1);
    }
    people_free(people);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DATABASE_TEST("roster: domains", a_domain_is_found_in_both_its_spellings);
    DATABASE_TEST("roster", who_is_listed_is_whoever_may_act_there);
    return g_test_run();
}
