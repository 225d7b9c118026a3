#include "identity/standing.h"

#include "identity/audience.h"
#include "identity/delegation.h"
#include "identity/person.h"
#include "identity/room.h"
#include "identity/second.h"

#include <inttypes.h>

/* One role of a membership, or the membership without any: rows of MEMBERSHIPS. */
enum { ACCOUNT, BELOW, FROM, UNTIL, STATE, LAST, ROLE };
#define MEMBERSHIPS                                                                                \
    "SELECT m.account, m.below, m.valid_from, m.valid_until, a.state, p.account, r.role "          \
    "FROM portico_membership m JOIN portico_account a ON a.id = m.account "                        \
    "JOIN portico_person p ON p.id = m.person "                                                    \
    "LEFT JOIN portico_membership_role r ON r.membership = m.id "                                  \
    "WHERE m.person = ? AND m.state = 1 ORDER BY m.created, m.id"

/* What lets somebody act for an account of others: one role of it, rows of DELEGATIONS. */
enum { THROUGH, THROUGH_NAME, WAY_FROM, WAY_UNTIL, WAY_ROLE };
#define DELEGATIONS                                                                                \
    "SELECT w.through, t.name, w.valid_from, w.valid_until, r.role " IDENTITY_ACTS_IN              \
    "JOIN portico_account t ON t.id = w.through "                                                  \
    "JOIN portico_delegation_role r ON r.delegation = w.delegation "                               \
    "WHERE w.person = ? AND w.account = ? AND a.state = 1 ORDER BY w.delegation, r.role"

/* How somebody comes to act in an account. */
enum way { NO_WAY, MEMBER, DELEGATE, ENTERED_IT };

struct reading {
    struct store_session *session;
    int64_t person, now, until;
    bool enters;   /* as staff, where nothing else lets them act there */
    bool looks;    /* in their place: not at what is for them alone */
    enum way way;  /* into the active account */
    uint64_t lent; /* DELEGATE: the roles they act with */
    int64_t through;
    const char *through_name;
    const struct value *memberships;
    const struct value *above; /* ids of the active account and all above it */
    GArray *audiences, *alone;
    struct portico_error *error;
};

/* Whether it is between the two; when that ends is kept in mind. */
static bool is_time(struct reading *reading, const struct value_cell *begin,
                    const struct value_cell *end)
{
    int64_t from = identity_integer(begin), until = identity_integer(end);
    if (until && until <= reading->now)
        return false;
    reading->until = MIN(reading->until, from > reading->now ? from : until ? until : INT64_MAX);
    return from <= reading->now;
}

/* Whether a membership holds now. */
static bool holds(struct reading *reading, const struct value_cell *cells)
{
    return is_time(reading, &cells[FROM], &cells[UNTIL]) && cells[STATE].integer == IDENTITY_OPEN;
}

static bool lies_below(const struct reading *reading, int64_t account)
{
    for (uint32_t i = 0; i < reading->above->count; i++)
        if (value_rows_at(reading->above, i)->integer == account)
            return true;
    return false;
}

/* Only staff who enter one find the way into an account that is suspended or closed. */
static int read_above(struct reading *reading, int64_t account)
{
    return store_host_query(
        reading->session,
        "SELECT b.above, a.name, a.state FROM portico_account_above b "
        "JOIN portico_account a ON a.id = b.account "
        "WHERE b.account = ? AND (a.state = 1 OR ? = 1) ORDER BY b.distance",
        PORTICO_ARGS(portico_arg_integer(account), portico_arg_integer(reading->enters)),
        (struct value **)(uintptr_t)&reading->above, reading->error);
}

/* Whether a membership makes its person a member of the account that `above` was read for. */
static bool counts_there(struct reading *reading, const struct value_cell *cells)
{
    return reading->above->count && value_rows_at(reading->above, 0)[2].integer == IDENTITY_OPEN &&
           holds(reading, cells) &&
           (cells[ACCOUNT].integer == value_rows_at(reading->above, 0)->integer ||
            (cells[BELOW].integer && lies_below(reading, cells[ACCOUNT].integer)));
}

static bool is_member(struct reading *reading)
{
    for (uint32_t i = 0; i < reading->memberships->count; i++)
        if (counts_there(reading, value_rows_at(reading->memberships, i)))
            return true;
    return false;
}

/* 0: none of that kind is in the cell. */
static uint64_t role_of(const struct identity_roles *roles, const struct value_cell *cell,
                        bool owner)
{
    const struct identity_role *role =
        identity_text(cell) ? identity_roles_find(roles, cell->text) : NULL;
    return role && role->owner == owner ? role->bit : 0;
}

static uint64_t roles_there(struct reading *reading, const struct identity_roles *roles, bool owner)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < reading->memberships->count; i++) {
        const struct value_cell *cells = value_rows_at(reading->memberships, i);
        bool counts = owner ? cells[ACCOUNT].integer == IDENTITY_OWNER && holds(reading, cells)
                            : counts_there(reading, cells);
        if (counts)
            bits |= (owner ? IDENTITY_STAFF : IDENTITY_ACCOUNT_MEMBER) |
                    role_of(roles, &cells[ROLE], owner);
    }
    return bits;
}

/* ---- which account, and which way into it ---- */

/* The roles that the account lets a partner's people act with; none: they do not. */
static int read_lent(struct reading *reading, const struct identity_roles *roles, int64_t account)
{
    struct value *rows;
    int code = store_host_query(
        reading->session, DELEGATIONS,
        PORTICO_ARGS(portico_arg_id(reading->person), portico_arg_integer(account)), &rows,
        reading->error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const struct identity_role *role = identity_roles_find(roles, cells[WAY_ROLE].text);
        if (!is_time(reading, &cells[WAY_FROM], &cells[WAY_UNTIL]) || !role || role->owner)
            continue;
        reading->lent |= role->bit;
        if (!reading->through) {
            reading->through = cells[THROUGH].integer;
            reading->through_name = cells[THROUGH_NAME].text;
        }
    }
    return code;
}

/* By the roles of the owner's account alone: none of a customer's opens another's. */
static bool owner_holds(struct reading *reading, const struct identity_roles *roles,
                        const char *permission)
{
    return identity_roles_hold(roles, roles_there(reading, roles, true), permission);
}

/* One way after the other; the first that there is. */
static int find_way(struct reading *reading, const struct identity_roles *roles, int64_t account)
{
    int code = read_above(reading, account);
    if (code < 0 || reading->above->count == 0)
        return code;
    if (is_member(reading))
        reading->way = MEMBER;
    else if ((code = read_lent(reading, roles, account)) == 0 && reading->lent)
        reading->way = DELEGATE;
    else if (code == 0 && reading->enters && account != IDENTITY_OWNER &&
             owner_holds(reading, roles, IDENTITY_ENTER_PERMISSION))
        reading->way = ENTERED_IT;
    return code;
}

/* The one asked for or none; where none is asked for, the last one, the first customer's, the
 * owner's. */
static int choose(struct reading *reading, const struct identity_roles *roles, int64_t asked,
                  int64_t *ret_account)
{
    const struct value *rows = reading->memberships;
    int64_t first = 0, last = rows->count ? identity_integer(&value_rows_at(rows, 0)[LAST]) : 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        bool better = !first || (first == IDENTITY_OWNER && cells[ACCOUNT].integer != first);
        if (holds(reading, cells) && better)
            first = cells[ACCOUNT].integer;
    }
    const int64_t tries[] = { asked, asked ? 0 : last, asked ? 0 : first };
    *ret_account = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(tries) && !*ret_account; i++) {
        int code = tries[i] ? find_way(reading, roles, tries[i]) : PORTICO_OK;
        if (code < 0)
            return code;
        if (reading->way != NO_WAY)
            *ret_account = tries[i];
    }
    return PORTICO_OK;
}

/* ---- what they see ---- */

/* Audiences of a person: those of each account they belong to, be it through one above, and what
 * all above it show to those below; who acts there for a partner, nothing of those above, who were
 * not asked. Beside each 0, or 1 where it is for them alone. */
#define SEES                                                                                       \
    "SELECT DISTINCT u.id, 0 " IDENTITY_ACTS_IN                                                    \
    "JOIN portico_account_above b ON b.account = w.account "                                       \
    "JOIN portico_audience u ON coalesce(u.account, 0) = b.above " IDENTITY_ACTS_IN_NOW            \
    "AND ((w.delegation = 0 AND (u.kind = 'below' OR (u.account = w.account "                      \
    "AND (u.kind = 'account' "                                                                     \
    "OR (u.kind = 'role' AND EXISTS (SELECT 1 FROM portico_membership_role r "                     \
    "WHERE r.membership = w.membership AND r.role = u.role)) "                                     \
    "OR (u.kind = 'team' AND EXISTS (SELECT 1 FROM portico_team_member t "                         \
    "WHERE t.team = u.team AND t.person = w.person)))))) "                                         \
    "OR (w.delegation <> 0 AND EXISTS (SELECT 1 FROM portico_delegation_role r "                   \
    "WHERE r.delegation = w.delegation AND ((u.kind = 'role' AND u.account = w.account "           \
    "AND r.role = u.role) OR (r.role = 'account-member' AND u.account = w.account "                \
    "AND u.kind IN ('account', 'below'))))))"
/* Those of whoever looks into an account as staff: what all its members see. */
#define ENTERED                                                                                    \
    "SELECT u.id, 0 FROM portico_account_above b JOIN portico_audience u ON u.account = b.above "  \
    "WHERE b.account = ? AND (u.kind = 'below' OR (u.kind = 'account' AND u.account = b.account))"

/* What is for them alone in the accounts they act in. */
#define SEES_ALONE                                                                                 \
    "SELECT p.id, 1 " IDENTITY_ACTS_IN                                                             \
    "JOIN portico_audience_person p ON p.person = w.person AND "                                   \
    "p.account = w.account " IDENTITY_ACTS_IN_NOW

static void add(struct reading *reading, int64_t audience)
{
    g_array_append_val(reading->audiences, audience);
}

static int add_all(struct reading *reading, const char *sql,
                   const struct portico_argument *arguments, size_t count)
{
    struct value *rows;
    int code = store_host_query(reading->session, sql, arguments, count, &rows, reading->error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        g_array_append_val(cells[1].integer ? reading->alone : reading->audiences,
                           cells[0].integer);
    }
    return code;
}

/* Those of whoever looks after an account they belong to, or after all of them: a row for each role
 * that a membership brings there, or one without any. */
enum { KEPT, KEPT_ACCOUNT, KEPT_ROLE };
#define KEEPS                                                                                      \
    "SELECT u.id, u.account, r.role " IDENTITY_ACTS_IN                                             \
    "JOIN portico_audience u ON u.kind = 'keepers' AND u.account = w.account "                     \
    "LEFT JOIN portico_membership_role r ON r.membership = w.membership " IDENTITY_ACTS_IN_NOW     \
    "AND w.delegation = 0 AND (? = 0 OR w.account = ?) ORDER BY u.id"

/* Those of all their companies, put together. */
static uint64_t roles_anywhere(struct reading *reading, const struct identity_roles *roles)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < reading->memberships->count; i++) {
        const struct value_cell *cells = value_rows_at(reading->memberships, i);
        if (holds(reading, cells))
            bits |= IDENTITY_ACCOUNT_MEMBER | role_of(roles, &cells[ROLE], false);
    }
    return bits;
}

static bool keeps(const struct identity_roles *roles, uint64_t bits, int64_t account)
{
    return identity_roles_hold(roles, bits,
                               account == IDENTITY_OWNER ? "portico.accounts" : "portico.company");
}

/* Of the account, or of all of them: 0. */
static int add_kept(struct reading *reading, const struct identity_roles *roles, int64_t account)
{
    const uint64_t always = roles_there(reading, roles, true) | IDENTITY_EVERYONE | IDENTITY_MEMBER;
    const uint64_t most = always | roles_anywhere(reading, roles);
    const struct portico_argument now = portico_arg_time(reading->now),
                                  which = portico_arg_integer(account);
    struct value *rows;
    if (!keeps(roles, most, IDENTITY_OWNER) && !keeps(roles, most, 0))
        return PORTICO_OK;
    int code =
        store_host_query(reading->session, KEEPS,
                         PORTICO_ARGS(portico_arg_id(reading->person), now, now, which, which),
                         &rows, reading->error);
    uint64_t bits = 0;
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const bool last =
            i + 1 == rows->count || value_rows_at(rows, i + 1)[KEPT].integer != cells[KEPT].integer;
        if (cells[KEPT_ACCOUNT].integer != IDENTITY_OWNER)
            bits |= IDENTITY_ACCOUNT_MEMBER | role_of(roles, &cells[KEPT_ROLE], false);
        if (last && keeps(roles, always | bits, cells[KEPT_ACCOUNT].integer))
            add(reading, cells[KEPT].integer);
        bits = last ? 0 : bits;
    }
    return code;
}

/* Of the account, or of all of them: 0. */
static int add_audiences(struct reading *reading, const struct identity_roles *roles,
                         int64_t account)
{
    const struct portico_argument person = portico_arg_id(reading->person),
                                  now = portico_arg_time(reading->now),
                                  which = portico_arg_integer(account);
    const struct portico_argument arguments[] = { person, now, now, which, which,
                                                  person, now, now, which, which };
    int code = reading->looks ? add_all(reading, SEES " AND (? = 0 OR w.account = ?)", arguments, 5)
                              : add_all(reading,
                                        SEES " AND (? = 0 OR w.account = ?) UNION ALL " SEES_ALONE
                                             "AND (? = 0 OR w.account = ?)",
                                        arguments, 10);
    return code < 0 ? code : add_kept(reading, roles, account);
}

static gint by_number(gconstpointer left, gconstpointer right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Sorted into `ids`, each once; their number back. */
static size_t sort(GArray *all, int64_t *ids)
{
    size_t kept = 0;
    g_array_sort(all, by_number);
    for (guint i = 0; i < all->len; i++)
        if (kept == 0 || ids[kept - 1] != g_array_index(all, int64_t, i))
            ids[kept++] = g_array_index(all, int64_t, i);
    return kept;
}

/* As many of those for them alone as there is room, which none of the others loses. */
static void add_alone(struct reading *reading, const int64_t *ids, size_t count, size_t room)
{
    for (size_t i = 0; i < MIN(count, room); i++)
        g_array_append_val(reading->audiences, ids[count - 1 - i]);
}

/* Sorted, each once, in the session's arena. */
static int finish(struct reading *reading, const int64_t **ret_audiences, size_t *ret_count)
{
    GArray *all = reading->audiences;
    const guint most = all->len + reading->alone->len;
    int64_t *ids = arena_alloc(store_session_arena(reading->session), (most + 1) * sizeof *ids);
    if (!ids)
        return identity_no_memory(reading->error);
    const size_t alone = sort(reading->alone, ids), others = sort(all, ids + alone);
    add_alone(reading, ids, alone, IDENTITY_AUDIENCES_MAX - MIN(others, IDENTITY_AUDIENCES_MAX));
    const size_t kept = sort(all, ids);
    if (kept > IDENTITY_AUDIENCES_MAX)
        return error_set(reading->error, PORTICO_ELIMIT,
                         "Person %" PRId64 " belongs to %zu audiences, more than %d: join teams or "
                         "roles of their accounts.",
                         reading->person, kept, IDENTITY_AUDIENCES_MAX);
    *ret_audiences = ids;
    *ret_count = kept;
    return PORTICO_OK;
}

static int begin(struct reading *reading)
{
    reading->now = clock_now();
    reading->until = INT64_MAX;
    reading->audiences = g_array_new(FALSE, FALSE, sizeof(int64_t));
    reading->alone = g_array_new(FALSE, FALSE, sizeof(int64_t));
    add(reading, IDENTITY_AUDIENCE_EVERYONE);
    add(reading, IDENTITY_AUDIENCE_MEMBERS);
    int code = store_host_query(reading->session, MEMBERSHIPS,
                                PORTICO_ARGS(portico_arg_id(reading->person)),
                                (struct value **)(uintptr_t)&reading->memberships, reading->error);
    return code;
}

static void end(struct reading *reading)
{
    g_array_free(reading->audiences, TRUE);
    g_array_free(reading->alone, TRUE);
}

/* What the way into the active account brings. */
static int act_there(struct reading *reading, const struct identity_roles *roles,
                     struct identity_standing *standing)
{
    standing->through_name = "";
    if (reading->way == ENTERED_IT) {
        standing->entered = true;
        return add_all(reading, ENTERED, PORTICO_ARGS(portico_arg_id(standing->account)));
    }
    if (reading->way == DELEGATE) {
        standing->roles |= reading->lent;
        standing->through = reading->through;
        standing->through_name = reading->through_name;
    } else {
        standing->roles |= roles_there(reading, roles, false);
    }
    return add_audiences(reading, roles, standing->account);
}

static int stand(struct reading *reading, const struct identity_roles *roles, int64_t asked,
                 struct identity_standing *standing)
{
    int code = begin(reading);
    if (code == 0)
        code = choose(reading, roles, asked, &standing->account);
    if (code < 0)
        return code;
    bool inside = standing->account && standing->account != IDENTITY_OWNER;
    standing->name = standing->account ? value_rows_at(reading->above, 0)[1].text : "";
    standing->through_name = "";
    standing->roles = IDENTITY_EVERYONE | IDENTITY_MEMBER | roles_there(reading, roles, true);
    if (inside)
        code = act_there(reading, roles, standing);
    /* Staff see what is the staff's wherever they act. */
    if (standing->roles & IDENTITY_STAFF)
        add(reading, IDENTITY_AUDIENCE_STAFF);
    if (code == 0 && standing->roles & IDENTITY_STAFF)
        code = add_audiences(reading, roles, IDENTITY_OWNER);
    return code;
}

/* What the roles hold, in the session's arena. */
static int hold(struct reading *reading, const struct identity_roles *roles,
                struct identity_standing *standing)
{
    size_t count;
    identity_roles_permissions(roles, &count);
    uint64_t *held = arena_alloc(store_session_arena(reading->session),
                                 (IDENTITY_HELD_WORDS(count) + 1) * sizeof *held);
    if (!held)
        return identity_no_memory(reading->error);
    identity_roles_held(roles, standing->roles, held);
    standing->held = held;
    standing->every_account = owner_holds(reading, roles, IDENTITY_SEE_PERMISSION);
    return PORTICO_OK;
}

static int stand_in(struct identity *identity, struct reading *reading, int64_t account,
                    struct identity_standing *ret_standing)
{
    struct identity_standing standing = { 0 };
    struct identity_roles *roles;
    int code = identity_roles_take(identity, reading->session, -1, &roles, reading->error);
    if (code < 0)
        return code;
    code = stand(reading, roles, account, &standing);
    if (code == 0)
        code = hold(reading, roles, &standing);
    if (code == 0)
        code = finish(reading, &standing.audiences, &standing.audience_count);
    end(reading);
    standing.second = identity_second_for(identity, roles, standing.roles);
    standing.until = reading->until;
    standing.number = identity_roles_number(roles);
    identity_roles_drop(roles);
    if (code == 0)
        *ret_standing = standing;
    return code;
}

int identity_standing(struct identity *identity, struct store_session *session, int64_t person,
                      int64_t account, struct identity_standing *ret_standing,
                      struct portico_error *error)
{
    struct reading reading = { .session = session, .person = person, .error = error };
    return stand_in(identity, &reading, account, ret_standing);
}

int identity_standing_entered(struct identity *identity, struct store_session *session,
                              int64_t person, int64_t account,
                              struct identity_standing *ret_standing, struct portico_error *error)
{
    struct reading reading = {
        .session = session, .person = person, .enters = true, .error = error
    };
    return stand_in(identity, &reading, account, ret_standing);
}

int identity_standing_looked(struct identity *identity, struct store_session *session,
                             int64_t person, int64_t account,
                             struct identity_standing *ret_standing, struct portico_error *error)
{
    struct reading reading = {
        .session = session, .person = person, .looks = true, .error = error
    };
    return stand_in(identity, &reading, account, ret_standing);
}

/* ---- wherever they are ---- */

/* ---- of what there is to see ---- */

#define TEN "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define SLICE 50
#define FIFTY "(" TEN ", " TEN ", " TEN ", " TEN ", " TEN ")"

static int add_some(struct reading *reading, const int64_t *ids, size_t count)
{
    const struct portico_argument person = portico_arg_id(reading->person),
                                  now = portico_arg_time(reading->now);
    struct portico_argument arguments[2 * (3 + SLICE)];
    for (size_t half = 0; half < 2; half++) {
        struct portico_argument *own = arguments + half * (3 + SLICE);
        own[0] = person;
        own[1] = own[2] = now;
        for (size_t i = 0; i < SLICE; i++)
            own[3 + i] = portico_arg_integer(i < count ? ids[i] : 0);
    }
    return reading->looks
               ? add_all(reading, SEES " AND u.id IN " FIFTY, arguments, 3 + SLICE)
               : add_all(reading,
                         SEES " AND u.id IN " FIFTY " UNION ALL " SEES_ALONE "AND p.id IN " FIFTY,
                         arguments, G_N_ELEMENTS(arguments));
}

/* Of `ids`, what was found: sorted, each once, in the session's arena. */
static int meet(const struct reading *reading, const int64_t *ids, size_t count,
                const int64_t **ret_audiences, size_t *ret_count)
{
    int64_t *met = arena_alloc(store_session_arena(reading->session), (count + 1) * sizeof *met);
    if (!met)
        return identity_no_memory(reading->error);
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_append_vals(wanted, ids, (guint)count);
    g_array_append_vals(reading->audiences, reading->alone->data, reading->alone->len);
    g_array_sort(reading->audiences, by_number);
    const size_t kept = sort(wanted, met);
    size_t seen = 0;
    for (size_t i = 0; i < kept; i++)
        if (bsearch(&met[i], reading->audiences->data, reading->audiences->len, sizeof *met,
                    by_number))
            met[seen++] = met[i];
    g_array_free(wanted, TRUE);
    *ret_audiences = met;
    *ret_count = seen;
    return PORTICO_OK;
}

/* `some`: of the given ones; else all. */
static int see(struct identity *identity, struct reading *reading, bool some,
               const int64_t **audiences, size_t *count, bool *ret_every)
{
    struct identity_roles *roles;
    int code = identity_roles_take(identity, reading->session, -1, &roles, reading->error);
    if (code < 0)
        return code;
    code = begin(reading);
    if (code == 0 && roles_there(reading, roles, true) & IDENTITY_STAFF)
        add(reading, IDENTITY_AUDIENCE_STAFF);
    for (size_t from = 0; some && code == 0 && from < *count; from += SLICE)
        code = add_some(reading, *audiences + from, MIN(SLICE, *count - from));
    if (code == 0)
        code = some ? add_kept(reading, roles, 0) : add_audiences(reading, roles, 0);
    if (code == 0)
        code = some ? meet(reading, *audiences, *count, audiences, count)
                    : finish(reading, audiences, count);
    if (code == 0)
        *ret_every = owner_holds(reading, roles, IDENTITY_SEE_PERMISSION);
    end(reading);
    identity_roles_drop(roles);
    return code;
}

int identity_sees(struct identity *identity, struct store_session *session, int64_t person,
                  bool looks, const int64_t **ret_audiences, size_t *ret_count, bool *ret_every,
                  struct portico_error *error)
{
    struct reading reading = {
        .session = session, .person = person, .looks = looks, .error = error
    };
    return see(identity, &reading, false, ret_audiences, ret_count, ret_every);
}

int identity_sees_some(struct identity *identity, struct store_session *session, int64_t person,
                       bool looks, const int64_t **audiences, size_t *count, bool *ret_every,
                       struct portico_error *error)
{
    struct reading reading = {
        .session = session, .person = person, .looks = looks, .error = error
    };
    return see(identity, &reading, true, audiences, count, ret_every);
}

int identity_may_see(struct identity *identity, struct store_session *session,
                     const struct identity_person *person, int64_t audience,
                     struct portico_error *error)
{
    const int64_t *audiences;
    size_t count;
    bool every;
    if (person->state != IDENTITY_ACTIVE)
        return 0;
    if (audience <= IDENTITY_AUDIENCE_FIXED) {
        audiences = identity_audiences(person->roles, &count);
        return bsearch(&audience, audiences, count, sizeof audience, by_number) != NULL;
    }
    audiences = &audience;
    count = 1;
    int code =
        identity_sees_some(identity, session, person->id, false, &audiences, &count, &every, error);
    return code < 0 ? code : count || every;
}
