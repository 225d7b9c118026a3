/* A town of companies and people, and how these stand there. */
#ifndef TEST_TOWN_H
#define TEST_TOWN_H

#include "identity/audience.h"
#include "identity/member.h"
#include "identity/role.h"
#include "identity/standing.h"
#include "people.h"

/* A town of two companies: Harbour with its Quay below, and Mill. */
struct town {
    struct people people;
    int64_t harbour, quay, mill;
    int64_t dana, ben; /* of no account yet */
};

static const struct identity_permission declared[] = {
    { .name = "bills.pay", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "bills.see", .roles = IDENTITY_ACCOUNT_MEMBER },
    { .name = "portico.account.act", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "portico.accounts", .roles = IDENTITY_ADMIN, .owner = true },
    { .name = "portico.accounts.enter", .roles = IDENTITY_ADMIN, .owner = true },
    { .name = "portico.accounts.see", .roles = IDENTITY_ADMIN, .owner = true },
    { .name = "portico.company", .roles = IDENTITY_ACCOUNT_ADMIN },
    { .name = "talk.moderate", .roles = IDENTITY_MODERATOR },
    { .name = "talk.read", .roles = IDENTITY_EVERYONE },
};

static inline int64_t account_below(struct town *town, const char *name, int64_t parent)
{
    const struct identity_new_account made = { .name = name, .parent = parent };
    int64_t id = 0;
    people_must(&town->people, identity_account_make(people_session(&town->people), &made, &id,
                                                     &town->people.error));
    return id;
}

static inline bool town_new(struct town *town, gconstpointer kind)
{
    if (!people_new(&town->people, kind))
        return false;
    identity_declare(town->people.identity, declared, G_N_ELEMENTS(declared));
    town->harbour = account_below(town, "Harbour", 0);
    town->quay = account_below(town, "Quay", town->harbour);
    town->mill = account_below(town, "Mill", 0);
    town->dana = people_add(&town->people, "Dana", "dana@harbour.example", 0);
    town->ben = people_add(&town->people, "Ben", "ben@mill.example", 0);
    return true;
}

static inline int64_t join(struct town *town, int64_t person, int64_t account, const char *roles)
{
    const struct identity_new_member made = {
        .account = account, .person = person, .source = "invited", .roles = roles
    };
    int64_t id = 0;
    people_must(&town->people, identity_member_add(people_session(&town->people), &made, &id,
                                                   &town->people.error));
    return id;
}

static inline struct identity_standing stand(struct town *town, int64_t person, int64_t account)
{
    struct identity_standing standing;
    people_must(&town->people,
                identity_standing(town->people.identity, people_session(&town->people), person,
                                  account, &standing, &town->people.error));
    return standing;
}

static inline bool may(const struct identity_standing *standing, const char *permission)
{
    return identity_holds(declared, G_N_ELEMENTS(declared), standing->held, standing->roles,
                          permission);
}

static inline int64_t audience(struct town *town, enum identity_audience_kind kind, int64_t account,
                               const char *role, int64_t team)
{
    const struct identity_audience wanted = { kind, account, role, team };
    int64_t id = 0, again = 0;
    people_must(&town->people, identity_audience_of(people_session(&town->people), &wanted, &id,
                                                    &town->people.error));
    people_must(&town->people, identity_audience_of(people_session(&town->people), &wanted, &again,
                                                    &town->people.error));
    g_assert_cmpint(id, ==, again);
    g_assert_cmpint(id, >, IDENTITY_AUDIENCE_FIXED);
    return id;
}

/* Wherever they are. */
static inline bool may_see(struct town *town, int64_t person, int64_t wanted)
{
    const struct identity_person who = people_look(&town->people, person);
    int sees = identity_may_see(town->people.identity, people_session(&town->people), &who, wanted,
                                &town->people.error);
    const int64_t *audiences;
    size_t count;
    bool every, listed = false;
    people_must(&town->people, MIN(sees, 0));
    people_must(&town->people,
                identity_sees(town->people.identity, people_session(&town->people), person, false,
                              &audiences, &count, &every, &town->people.error));
    for (size_t i = 0; i < count; i++)
        listed |= audiences[i] == wanted;
    g_assert_cmpint(sees, ==, listed || (every && wanted > IDENTITY_AUDIENCE_FIXED));
    return sees;
}

static inline bool sees(struct town *town, int64_t person, int64_t account, int64_t wanted)
{
    const struct identity_standing standing = stand(town, person, account);
    for (size_t i = 0; i < standing.audience_count; i++) {
        g_assert_true(i == 0 || standing.audiences[i - 1] < standing.audiences[i]);
        if (standing.audiences[i] == wanted)
            return true;
    }
    return false;
}

#endif
