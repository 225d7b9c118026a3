#include "harness/matrix_town.h"

#include "base/clock.h"
#include "base/error.h"
#include "harness/surroundings.h"
#include "identity/delegation.h"

#include <glib.h>

#define DAY INT64_C(86400000000)
#define AGENTS "matrix-agents" /* a role that may act for other companies */

/* The authors are the third and fourth, see matrix_author(). */
static const struct asker all[ASKERS] = {
    { .name = "somebody not signed in", .home = AT_NOWHERE, .side = SIDES, .foreign = true },
    { .name = "a member of the account", .home = AT_ONE, .foreign = true },
    { .name = "an admin of the account",
      .home = AT_ONE,
      .foreign = true,
      .roles = "account-admin" },
    { .name = "an admin of another account",
      .home = AT_OTHER,
      .side = 1,
      .foreign = true,
      .roles = "account-admin" },
    { .name = "one of the staff", .home = AT_OWNER, .side = SIDES, .foreign = true, .staff = true },
    { .name = "an admin of the portal", .home = AT_NOWHERE, .side = SIDES, .stored = "admin" },
    { .name = "an admin of the account above it",
      .home = AT_ABOVE,
      .side = SIDES,
      .foreign = true,
      .roles = "account-admin" },
    { .name = "somebody above it who acts in it",
      .home = AT_ABOVE,
      .foreign = true,
      .below = true },
    { .name = "a partner who acts for it", .home = AT_ACTING, .foreign = true, .roles = AGENTS },
    { .name = "a partner who acted for it",
      .home = AT_FORMER,
      .side = SIDES,
      .foreign = true,
      .roles = AGENTS },
    { .name = "an access token of another account",
      .home = AT_OTHER,
      .side = 1,
      .foreign = true,
      .by_token = true },
};

const struct asker *matrix_author(const struct matrix_town *town, int side)
{
    return &town->askers[2 + side];
}

static portico_id make_account(struct bench *bench, const char *name, const char *kind,
                               portico_id parent)
{
    const struct portico_test_account made = {
        .size = sizeof made, .name = name, .kind = kind, .parent = parent
    };
    return town_make_account(&bench->public, &made);
}

/* One that holds, or one that was ended. */
static int lend(struct bench *bench, portico_id account, portico_id partner, bool ends)
{
    const struct identity_new_delegation made = { .account = account,
                                                  .partner = partner,
                                                  .roles = "account-member",
                                                  .reason = "The matrix asks.",
                                                  .until = clock_now() + DAY,
                                                  .accepted = true };
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    int64_t id = 0;
    int code =
        session ? identity_delegation_give(session, &made, &id, &bench->message) : PORTICO_ENOMEM;
    if (code == 0 && ends)
        code = identity_delegation_end(session, id, NULL, &bench->message);
    store_session_end(session);
    arena_free(arena);
    if (code < 0)
        bench_record(bench, RECORD_FAILURE, "A delegation could not be made: %s",
                     bench->message.message);
    return code;
}

static int make_places(struct bench *bench, portico_id accounts[HOMES])
{
    const struct portico_test_role agents = { .size = sizeof agents,
                                              .key = AGENTS,
                                              .title = "Agents",
                                              .permissions = "portico.account.act" };
    accounts[AT_ABOVE] = make_account(bench, "Matrix Above", "customer", 0);
    accounts[AT_ONE] = make_account(bench, "Matrix One", "customer", accounts[AT_ABOVE]);
    accounts[AT_OTHER] = make_account(bench, "Matrix Two", "customer", 0);
    accounts[AT_ACTING] = make_account(bench, "Matrix Partner", "partner", 0);
    accounts[AT_FORMER] = make_account(bench, "Matrix Former Partner", "partner", 0);
    accounts[AT_OWNER] = PORTICO_ACCOUNT_OWNER;
    int code = town_make_role(&bench->public, &agents);
    if (code == 0)
        code = lend(bench, accounts[AT_ONE], accounts[AT_ACTING], false);
    if (code == 0)
        code = lend(bench, accounts[AT_ONE], accounts[AT_FORMER], true);
    return code;
}

static int make_person(struct bench *bench, const struct matrix_town *town, size_t number,
                       struct asker *asker)
{
    const struct portico_test_person person = {
        .size = sizeof person,
        .handle = arena_printf(bench->arena, "matrix-%zu", number),
        .name = arena_printf(bench->arena, "Matrix %c", (int)('A' + number)),
        .roles = asker->stored,
    };
    asker->person = bench_api.make_person(&bench->public, &person);
    const struct portico_test_member member = {
        .size = sizeof member,
        .below = asker->below,
        .account = town->accounts[asker->home],
        .person = asker->person,
        .roles = asker->roles,
    };
    return !asker->person   ? PORTICO_EINVAL
           : member.account ? town_make_member(&bench->public, &member)
                            : PORTICO_OK;
}

int matrix_settle(struct bench *bench, bool staff_sees, struct matrix_town *town)
{
    memcpy(town->askers, all, sizeof all);
    int code = make_places(bench, town->accounts);
    for (size_t i = 1; code == 0 && i < ASKERS; i++) {
        struct asker *asker = &town->askers[i];
        asker->foreign &= !(asker->staff && staff_sees);
        code = make_person(bench, town, i, asker);
    }
    return code;
}

int matrix_act(struct bench *bench, const struct matrix_town *town, const struct asker *asker)
{
    static const struct portico_test_viewer nobody = { .size = sizeof nobody };
    const bool at_home = asker->side == SIDES && asker->home < AT_OWNER;
    const portico_id account = at_home               ? town->accounts[asker->home]
                               : asker->side < SIDES ? town->accounts[asker->side]
                                                     : 0;
    if (!asker->person) {
        bench_api.as(&bench->public, &nobody);
        return PORTICO_OK;
    }
    int code = town_act(&bench->public, asker->person, account);
    bench->by_token = asker->by_token;
    return code;
}
