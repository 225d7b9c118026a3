/* Companies of a test's portal, who belongs to them as what, and requests in their name. */
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "harness/surroundings.h"
#include "identity/account.h"
#include "identity/member.h"
#include "identity/person.h"
#include "identity/role.h"
#include "identity/standing.h"
#include "identity/team.h"
#include "module/session_values.h"

#include <inttypes.h>

#define ACCOUNT_SIZE_1_1 (offsetof(struct portico_test_account, parent) + sizeof(portico_id))
#define MEMBER_SIZE_1_1 (offsetof(struct portico_test_member, roles) + sizeof(char *))
#define ROLE_SIZE_1_1 (offsetof(struct portico_test_role, permissions) + sizeof(char *))

struct store_session *town_session(struct bench *bench, struct arena **ret_arena)
{
    struct arena *arena = arena_new(0);
    struct store_session *session =
        arena ? store_session_new(bench->room.store, arena, &store_viewer_host, "core") : NULL;
    if (!session)
        error_set(&bench->message, PORTICO_ENOMEM, "Memory ended.");
    *ret_arena = arena;
    return session;
}

/* What was made; the test's own reads see it. */
static int close_session(struct bench *bench, struct store_session *session, struct arena *arena,
                         const char *what, int code)
{
    store_session_end(session);
    arena_free(arena);
    bench_renew_context(bench);
    if (code < 0)
        bench_record(bench, RECORD_FAILURE, "%s: %s", what, bench->message.message);
    return code;
}

portico_id town_make_account(struct portico_bench *public, const struct portico_test_account *given)
{
    struct bench *bench = bench_of(public);
    struct portico_test_account own = { 0 };
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    int64_t id = 0;
    int code = !session ? PORTICO_ENOMEM
               : interface_read(&own, sizeof own, given, ACCOUNT_SIZE_1_1) && own.name
                   ? 0
                   : error_set(&bench->message, PORTICO_EINVAL,
                               "An account of a test needs size and name set.");
    const struct identity_new_account made = {
        .name = own.name, .kind = own.kind, .external = own.external, .parent = own.parent
    };
    if (code == 0)
        code = identity_account_make(session, &made, &id, &bench->message);
    return close_session(bench, session, arena, "An account could not be made", code) < 0 ? 0 : id;
}

int town_make_member(struct portico_bench *public, const struct portico_test_member *given)
{
    struct bench *bench = bench_of(public);
    struct portico_test_member own = { 0 };
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    int64_t id = 0;
    int code =
        !session ? PORTICO_ENOMEM
        : interface_read(&own, sizeof own, given, MEMBER_SIZE_1_1)
            ? 0
            : error_set(&bench->message, PORTICO_EINVAL, "A member of a test needs its size set.");
    const struct identity_new_member made = { .account = own.account,
                                              .person = own.person,
                                              .source = "invited",
                                              .roles = own.roles,
                                              .below = own.below != 0 };
    if (code == 0)
        code = identity_member_add(session, &made, &id, &bench->message);
    return close_session(bench, session, arena, "A member could not be made", code);
}

portico_id town_make_team(struct portico_bench *public, portico_id account, const char *name,
                          const portico_id *people, size_t count)
{
    struct bench *bench = bench_of(public);
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    int64_t id = 0;
    int code = session
                   ? identity_team_make(session, account, name ? name : "", &id, &bench->message)
                   : PORTICO_ENOMEM;
    for (size_t i = 0; code == 0 && people && i < count; i++)
        code = identity_team_add(session, id, people[i], &bench->message);
    return close_session(bench, session, arena, "A team could not be made", code) < 0 ? 0 : id;
}

static int allow(struct store_session *session, const struct portico_test_role *role,
                 struct portico_error *error)
{
    int code = 0;
    for (const char *at = role->permissions; code == 0 && at && *(at += strspn(at, " "));) {
        size_t length = strcspn(at, " ");
        const char *name = arena_strndup(store_session_arena(session), at, length);
        code = name ? identity_role_rule(session, role->key, name, true, error) : PORTICO_ENOMEM;
        at += length;
    }
    return code;
}

int town_make_role(struct portico_bench *public, const struct portico_test_role *given)
{
    struct bench *bench = bench_of(public);
    struct portico_test_role own = { 0 };
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    int code = !session ? PORTICO_ENOMEM
               : interface_read(&own, sizeof own, given, ROLE_SIZE_1_1) && own.key
                   ? 0
                   : error_set(&bench->message, PORTICO_EINVAL,
                               "A role of a test needs size and key set.");
    const struct identity_new_role made = { .key = own.key,
                                            .title = own.title ? own.title : own.key,
                                            .owner = own.owner != 0 };
    if (code == 0)
        code = identity_role_make(session, &made, &bench->message);
    if (code == 0)
        code = allow(session, &own, &bench->message);
    return close_session(bench, session, arena, "A role could not be made", code);
}

/* ---- acting ---- */

/* As the server makes one of a session, in the bench's memory. */
static struct viewer *viewer_of(struct bench *bench, const struct identity_person *person,
                                const struct identity_standing *standing)
{
    struct viewer viewer = { .person = person->id,
                             .session = bench->session,
                             .by_token = bench->by_token,
                             .rights = person->rights + person->shown,
                             .name = person->name,
                             .initials = person->initials,
                             .handle = person->handle,
                             .locale = *person->locale ? person->locale : NULL };
    registry_stand(bench->room.registry, standing, &viewer);
    return viewer_copy(bench->arena, &viewer);
}

int town_stand(struct bench *bench)
{
    struct identity_standing standing = { 0 };
    struct identity_person person = { 0 };
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    struct viewer *viewer = NULL;
    int code = session ? identity_person_look(session, bench->acting, &person, &bench->message)
                       : PORTICO_ENOMEM;
    if (code == 0 && person.state != IDENTITY_ACTIVE)
        code = error_set(&bench->message, PORTICO_EPERM, "%s may not sign in.", person.name);
    if (code == 0)
        code = identity_standing(bench->room.identity, session, bench->acting, bench->acting_in,
                                 &standing, &bench->message);
    if (code == 0 && bench->acting_in && standing.account != bench->acting_in)
        code = error_set(&bench->message, PORTICO_EPERM,
                         "%s cannot act in account %" PRId64
                         ": make them a member of it by portico_test_join().",
                         person.name, bench->acting_in);
    if (code == 0)
        viewer = viewer_of(bench, &person, &standing);
    if (code == 0 && !viewer)
        code = error_set(&bench->message, PORTICO_ENOMEM, "Memory ended.");
    store_session_end(session);
    arena_free(arena);
    if (code == 0)
        bench_view_as(bench, viewer);
    return code;
}

int town_act(struct portico_bench *public, portico_id person, portico_id account)
{
    struct bench *bench = bench_of(public);
    bench->acting = person;
    bench->acting_in = account;
    bench->session = 0;
    bench->by_token = false;
    bench->locale = NULL;
    int code = town_stand(bench);
    if (code < 0)
        bench_record(bench, RECORD_FAILURE, "Nobody can act so: %s", bench->message.message);
    return code;
}

/* A session of whoever asks, with nothing but what it carries. */
static int begin_carrying(struct bench *bench, struct store_session *session, const char *carried,
                          int64_t *ret_session)
{
    const int64_t id = id_new(), now = clock_now();
    char token[24];
    snprintf(token, sizeof token, "%" PRId64, id);
    *ret_session = id;
    return store_host_execute(
        session,
        "INSERT INTO portico_session (id, token_hash, person, rights, created, last_seen, expires, "
        "fresh, remembered, agent, network, carried) "
        "VALUES (?, ?, ?, 0, ?, ?, ?, ?, FALSE, '', '', ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(token),
                     portico_arg_id(bench->viewer->person), portico_arg_time(now),
                     portico_arg_time(now), portico_arg_time(INT64_MAX), portico_arg_time(now),
                     portico_arg_text(carried)),
        NULL, &bench->message);
}

int town_carry(struct portico_bench *public, const char *values_json)
{
    struct bench *bench = bench_of(public);
    struct arena *arena = NULL;
    struct store_session *session = town_session(bench, &arena);
    struct value *values = NULL;
    const char *carried = NULL;
    int64_t id = 0;
    int code = !session ? PORTICO_ENOMEM
               : !bench->viewer->person
                   ? error_set(&bench->message, PORTICO_EINVAL,
                               "Nobody is signed in who could carry something.")
                   : json_parse(arena, values_json, strlen(values_json), &values, &bench->message);
    if (code == 0)
        code = session_values_add(bench->module, values, NULL, arena, &carried, &bench->message);
    if (code == 0)
        code = begin_carrying(bench, session, carried, &id);
    if (code == 0)
        bench->session = bench->viewer->session = id;
    return close_session(bench, session, arena, "The session could carry nothing", code);
}
