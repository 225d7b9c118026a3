/* Audiences: who may see a row, as one number for its `audience` column; and rows shown to people
 * by name.
 *
 * An audience is the same number for the same people every time it is asked for, in this portal. A
 * module writes it into the `audience` column of its rows, and `{visible TABLE}` does the rest; see
 * db.h. A table with a column `granted {boolean} NOT NULL` beside it also shows rows to people by
 * name. People choose an audience by a PORTICO_FIELD_SHARING of a form; see form.h. */
#ifndef PORTICO_AUDIENCE_H
#define PORTICO_AUDIENCE_H

#include "context.h"
#include "search.h"

/** Name of the interface. Since 0.1. */
#define PORTICO_AUDIENCES "portico.audience"

/** How widely something is shared, from the fewest on. In forms and JSON each is the word behind
 * it. Since 0.1. */
enum portico_level {
    PORTICO_LEVEL_ONLY_ME = 1,   /**< "me": whoever shares it */
    PORTICO_LEVEL_PEOPLE = 2,    /**< "people": they and people they name */
    PORTICO_LEVEL_ROLE = 3,      /**< "role": members of an account with a role */
    PORTICO_LEVEL_TEAM = 4,      /**< "team": a team of an account */
    PORTICO_LEVEL_ACCOUNT = 5,   /**< "account": its members */
    PORTICO_LEVEL_BELOW = 6,     /**< "below": its members and those of all accounts below it */
    PORTICO_LEVEL_SIGNED_IN = 7, /**< "signed-in": PORTICO_AUDIENCE_SIGNED_IN */
    PORTICO_LEVEL_EVERYONE = 8,  /**< "everyone": PORTICO_AUDIENCE_EVERYONE */
    PORTICO_LEVEL_STAFF = 9,     /**< "staff": PORTICO_AUDIENCE_STAFF */
    /** "person": one person while they act in an account, by portico_audience_person(); no choice
     * of forms. */
    PORTICO_LEVEL_PERSON = 10,
};

/** The audiences of a call; see portico_audiences(). Since 0.1. */
struct portico_audiences;
/** `portico.audience` 1.1, remotable; 1.0 ended with `granted`. Declare "portico.audience 1.0" in
 * PORTICO_MODULE_USES. Since 0.1. */
struct portico_audiences_api {
    struct portico_table table; /**< size and version of this table */
    /** As portico_audience(). */
    int (*of)(struct portico_audiences *audiences, uint32_t level, portico_id account,
              const char *role, portico_id team, portico_id *ret_audience,
              struct portico_error *error);
    /** As portico_audience_may(). */
    int (*may)(struct portico_audiences *audiences, portico_id audience);
    /** As portico_audience_describe(). */
    int (*describe)(struct portico_audiences *audiences, portico_id audience,
                    struct portico_value **ret_description, struct portico_error *error);
    /** As portico_grant(). */
    int (*grant)(struct portico_audiences *audiences, const char *table, portico_id row,
                 const portico_id *people, size_t count, struct portico_error *error);
    /** As portico_granted(). */
    int (*granted)(struct portico_audiences *audiences, const char *table, portico_id row,
                   struct portico_value **ret_people, struct portico_error *error);
    /** As portico_audience_person(); since portico.audience 1.1. */
    int (*person)(struct portico_audiences *audiences, portico_id account, portico_id person,
                  portico_id *ret_audience, struct portico_error *error);
};
/** Public head: its table. */
struct portico_audiences {
    const struct portico_audiences_api *api; /**< what can be asked */
};

/** The audiences of this call, or NULL if the module did not declare "portico.audience 1.0".
 * Borrowed; the calling thread's. Since 0.1. */
#define portico_audiences(handle)                                                                  \
    ((struct portico_audiences *)portico_interface((handle), PORTICO_AUDIENCES, 1))

/**
 * The audience of a level. `account` is for ROLE, ACCOUNT and BELOW, 0 being the active one; `role`
 * (its key, such as "account-admin") for ROLE; `team` for TEAM. ONLY_ME and PEOPLE are
 * PORTICO_AUDIENCE_NOBODY, with a grant for each of them. It does not ask whether the viewer may
 * choose it: portico_audience_may(). Asked for the first time it is made, in the open transaction
 * or one of its own. ENOENT: no such account or team that the viewer may know about, or no such
 * role there. EINVAL: no level, or no role named. Handler thread, as all below. Since 0.1.
 */
static inline int portico_audience(struct portico_audiences *audiences, uint32_t level,
                                   portico_id account, const char *role, portico_id team,
                                   portico_id *ret_audience, struct portico_error *error)
{
    return audiences
               ? audiences->api->of(audiences, level, account, role, team, ret_audience, error)
               : portico_undeclared(error);
}
/** The members of an account; 0: the active one. Since 0.1. */
static inline int portico_audience_account(struct portico_audiences *audiences, portico_id account,
                                           portico_id *ret_audience, struct portico_error *error)
{
    return portico_audience(audiences, PORTICO_LEVEL_ACCOUNT, account, NULL, 0, ret_audience,
                            error);
}
/** The members of an account and of all below it; 0: the active one. Since 0.1. */
static inline int portico_audience_below(struct portico_audiences *audiences, portico_id account,
                                         portico_id *ret_audience, struct portico_error *error)
{
    return portico_audience(audiences, PORTICO_LEVEL_BELOW, account, NULL, 0, ret_audience, error);
}
/** The members of an account (0: the active one) with a role. Since 0.1. */
static inline int portico_audience_role(struct portico_audiences *audiences, portico_id account,
                                        const char *role, portico_id *ret_audience,
                                        struct portico_error *error)
{
    return portico_audience(audiences, PORTICO_LEVEL_ROLE, account, role, 0, ret_audience, error);
}
/** The people of a team. Since 0.1. */
static inline int portico_audience_team(struct portico_audiences *audiences, portico_id team,
                                        portico_id *ret_audience, struct portico_error *error)
{
    return portico_audience(audiences, PORTICO_LEVEL_TEAM, 0, NULL, team, ret_audience, error);
}
/** In place of a person: nobody of the account. Since 0.1. */
#define PORTICO_NO_PERSON ((portico_id)-1)
/**
 * One person (0: the viewer) while they act in an account (0: the active one), and nobody else
 * there: for what is between somebody and the owner, such as a question about their own pay.
 * Whoever sees what is all accounts' sees it too, and they alone
 * where it is PORTICO_NO_PERSON: for what somebody left who is not there any more. Whoever looks at
 * the portal in the person's place does not see it. Made when it is first asked for; then the
 * person sees it a moment later, as with any right they get. It does not ask whether the viewer may
 * know them. ENOENT: no such person or account. ENOTSUP: hosts before portico.audience 1.1. Since
 * 0.1.
 */
static inline int portico_audience_person(struct portico_audiences *audiences, portico_id account,
                                          portico_id person, portico_id *ret_audience,
                                          struct portico_error *error)
{
    if (!audiences)
        return portico_undeclared(error);
    return PORTICO_HAS(audiences->api, person)
               ? audiences->api->person(audiences, account, person, ret_audience, error)
               : PORTICO_ENOTSUP;
}
/**
 * 1: the viewer may show something to this audience; 0: not, also where it cannot be read. Nobody
 * shares with an account they cannot act in, unless they have "portico.accounts.see"; nor with the
 * staff unless they are of it. Jobs and commands may all. What PORTICO_FIELD_SHARING gives was
 * asked already. Since 0.1.
 */
static inline int portico_audience_may(struct portico_audiences *audiences, portico_id audience)
{
    return audiences ? audiences->api->may(audiences, audience) : 0;
}
/**
 * What it is, for people and for JSON: an object with "level" (its word), "account" (id), "role"
 * (key), "team" (id) and "person" (id) – null where there is none –, and "text", in the reader's
 * language, such as "Everybody at Acme". ENOENT: the viewer may know about no such audience. Since
 * 0.1.
 */
static inline int portico_audience_describe(struct portico_audiences *audiences,
                                            portico_id audience,
                                            struct portico_value **ret_description,
                                            struct portico_error *error)
{
    return audiences ? audiences->api->describe(audiences, audience, ret_description, error)
                     : portico_undeclared(error);
}
/**
 * Shows row `row` of this module's `table` to these people beside its audience, and to nobody else
 * by name; `count` 0: to nobody. The table has the columns `id`, `audience` and `granted`; the last
 * is the host's to keep. At most 200 people: ELIMIT. ENOENT: no such row or active person. EPERM:
 * no table of this module. EINVAL: no such columns. In the open transaction or one of its own.
 * Who has it keeps it, active or not. Who can act in the account that the viewer acts in sees it
 * while they act there, and no more once they cannot; staff while they are staff; anybody else, and
 * whoever is named where nobody acts, wherever they are. Whoever was merged stands for the one who
 * remains; EBUSY: they were being merged at that moment, so ask again. What a row that is deleted
 * was granted shows nobody anything, and goes within the hour. Since 0.1.
 */
static inline int portico_grant(struct portico_audiences *audiences, const char *table,
                                portico_id row, const portico_id *people, size_t count,
                                struct portico_error *error)
{
    return audiences ? audiences->api->grant(audiences, table, row, people, count, error)
                     : portico_undeclared(error);
}
/** Whom the row is shown to by name: people as in people.h. It does not ask who reads that. Since
 * 0.1. */
static inline int portico_granted(struct portico_audiences *audiences, const char *table,
                                  portico_id row, struct portico_value **ret_people,
                                  struct portico_error *error)
{
    return audiences ? audiences->api->granted(audiences, table, row, ret_people, error)
                     : portico_undeclared(error);
}

#endif
