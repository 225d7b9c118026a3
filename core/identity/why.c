#include "identity/why.h"

#include "identity/audience.h"
#include "identity/delegation.h"
#include "identity/member.h"
#include "identity/person.h"
#include "identity/room.h"
#include "identity/second.h"

#include <portico/module.h>

struct chain {
    struct identity *identity;
    struct store_session *session;
    struct arena *arena;
    struct identity_roles *roles;
    struct identity_person person; /* id 0: not signed in */
    struct identity_account account;
    struct identity_standing standing;
    GArray *reasons;
    bool outside; /* as in the question */
    struct portico_error *error;
};

/* The last of the chain; NULL: memory ended, which its reading says. */
static struct value *say(struct chain *chain, bool good, const char *words)
{
    const struct identity_reason reason = { good, words, value_new(chain->arena, PORTICO_OBJECT) };
    g_array_append_val(chain->reasons, reason);
    if (reason.arguments) {
        value_set_text(reason.arguments, "person", chain->person.name);
        value_set_text(reason.arguments, "account", chain->account.name);
    }
    return reason.arguments;
}

static void set_text(struct value *arguments, const char *name, const char *text)
{
    if (arguments)
        value_set_text(arguments, name, text);
}

static void set_time(struct value *arguments, struct arena *arena, int64_t time)
{
    char text[32];
    clock_rfc3339(time / SECOND * SECOND, text, sizeof text);
    set_text(arguments, "time", arena_strdup(arena, text));
}

/* ---- who ---- */

static int read_subjects(struct chain *chain, const struct identity_question *question)
{
    int code = 0;
    if (question->person)
        code = identity_person_look(chain->session, question->person, &chain->person, chain->error);
    if (code == 0 && question->person && chain->person.state == IDENTITY_ACTIVE)
        code = identity_standing(chain->identity, chain->session, question->person,
                                 question->account, &chain->standing, chain->error);
    const int64_t account = question->account ? question->account : chain->standing.account;
    if (code == 0 && account)
        code = identity_account_look(chain->session, account, &chain->account, chain->error);
    if (code == 0 && account == IDENTITY_OWNER && !*chain->account.name)
        chain->account.name = chain->identity->portal;
    return code;
}

static void say_person(struct chain *chain)
{
    if (!chain->person.id)
        say(chain, true, /* translated */ "Nobody is signed in.");
    else if (chain->person.state == IDENTITY_ACTIVE)
        say(chain, true, /* translated */ "{person} may sign in.");
    else if (chain->person.state == IDENTITY_WAITING)
        say(chain, false, /* translated */ "{person} was invited and has not come yet.");
    else
        say(chain, false, /* translated */ "{person} is switched off and cannot sign in.");
}

/* ---- where ---- */

static void say_membership(struct chain *chain, const struct portico_value *row, int64_t now)
{
    const int64_t from = portico_get_integer(row, "from", 0);
    const int64_t until = portico_get_integer(row, "until", 0);
    struct value *arguments;
    if (portico_get_integer(row, "state", 0) != IDENTITY_MEMBERSHIP)
        arguments =
            say(chain, false, /* translated */ "{person} asked to join {account} and waits.");
    else if (until && until <= now)
        arguments = say(chain, false,
                        /* translated */ "{person} belonged to {account} until {time}.");
    else if (from > now)
        arguments = say(chain, false,
                        /* translated */ "{person} belongs to {account} from {time} on.");
    else if (portico_get_integer(row, "account_state", 0) != IDENTITY_OPEN)
        arguments = say(chain, false,
                        /* translated */
                        "{person} belongs to {account}, which is suspended or "
                        "closed.");
    else
        arguments = say(chain, true, /* translated */ "{person} belongs to {account}.");
    const char *name = portico_get_text(row, "name", "");
    set_text(arguments, "account", *name ? name : chain->identity->portal);
    set_time(arguments, chain->arena, until && until <= now ? until : from);
}

static bool lies_below(const struct value *above, int64_t account)
{
    for (uint32_t i = 0; above && i < above->count; i++)
        if (portico_get_integer(value_public(value_at(above, i)), "id", 0) == account)
            return true;
    return false;
}

/* What the account lent to companies of theirs. The person, the time twice, the account, the
 * person. */
enum { LENT_TO, LENT_KIND, LENT_STATE, LENT_OF_STATE, LENT_ACCEPTED, LENT_UNTIL, LENT_MAY };
#define MEMBERS_THERE                                                                              \
    "EXISTS (SELECT 1 FROM portico_account_above d "                                               \
    "JOIN portico_membership m ON m.account = d.above AND (d.distance = 0 OR m.below) "            \
    "JOIN portico_account o ON o.id = m.account "                                                  \
    "WHERE d.account = g.partner AND m.person = ? AND m.state = 1 "
#define LENT                                                                                       \
    "SELECT q.name, q.kind, q.state, a.state, g.accepted, g.valid_until, "                         \
    "CASE WHEN " MEMBERS_THERE "AND o.state = 1 AND coalesce(m.valid_from, 0) <= ? "               \
    "AND (m.valid_until IS NULL OR m.valid_until > ?) AND " IDENTITY_MAY_ACT ") "                  \
    "THEN 1 ELSE 0 END FROM portico_delegation g JOIN portico_account q ON q.id = g.partner "      \
    "JOIN portico_account a ON a.id = g.account "                                                  \
    "WHERE g.account = ? AND " MEMBERS_THERE ") ORDER BY g.id"

/* Why a delegation lets them not in; NULL: it does. */
static const char *words_of_lent(const struct value_cell *cells, int64_t now)
{
    if (cells[LENT_ACCEPTED].kind == PORTICO_NULL)
        return /* translated */ "{account} asked {partner} to act for it, and nobody there "
                                "accepted yet.";
    if (cells[LENT_UNTIL].integer <= now)
        return /* translated */ "{account} let {partner} act for it until {time}.";
    if (cells[LENT_OF_STATE].integer != IDENTITY_OPEN)
        return /* translated */ "{account} lets {partner} act for it, but is suspended or closed.";
    if (cells[LENT_STATE].integer != IDENTITY_OPEN || strcmp(cells[LENT_KIND].text, "partner") != 0)
        return /* translated */ "{account} lets {partner} act for it, but {partner} is "
                                "suspended, closed or no partner any more.";
    if (!cells[LENT_MAY].integer)
        return /* translated */ "{account} lets {partner} act for it, and {person} does not have "
                                "the permission {permission} at {partner}.";
    return NULL;
}

/* A delegation that was ended or withdrawn leaves nothing but its record in the log. */
static int say_lent(struct chain *chain)
{
    struct value *rows;
    const int64_t now = clock_now();
    int code = store_host_query(
        chain->session, LENT,
        PORTICO_ARGS(portico_arg_id(chain->person.id), portico_arg_time(now), portico_arg_time(now),
                     portico_arg_integer(chain->account.id), portico_arg_id(chain->person.id)),
        &rows, chain->error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        const char *words = words_of_lent(cells, now);
        struct value *arguments = words ? say(chain, false, words) : NULL;
        set_text(arguments, "partner", cells[LENT_TO].text);
        set_text(arguments, "permission", IDENTITY_ACT_PERMISSION);
        set_time(arguments, chain->arena, cells[LENT_UNTIL].integer);
    }
    return code;
}

/* The memberships that count there, and those of the account itself that do not. */
static int say_memberships(struct chain *chain)
{
    struct value *rows = NULL, *above = NULL;
    const int64_t now = clock_now();
    bool any = false;
    if (!chain->person.id)
        return 0;
    int code = identity_memberships(chain->session, chain->person.id, &rows, chain->error);
    if (code == 0 && chain->account.id)
        code = identity_account_above(chain->session, chain->account.id, &above, chain->error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        const int64_t account = portico_get_integer(row, "account", 0);
        const bool there = account == chain->account.id ||
                           (portico_get_boolean(row, "below", 0) && lies_below(above, account));
        if (there || (account == IDENTITY_OWNER && !chain->outside))
            say_membership(chain, row, now);
        any |= there;
    }
    if (!chain->account.id)
        say(chain, false, /* translated */ "{person} belongs to no account.");
    else if (!any)
        say(chain, false, /* translated */ "{person} does not belong to {account}.");
    if (chain->standing.through)
        set_text(say(chain, true,
                     /* translated */
                     "{account} lets {partner} act for it, and {person} may do so for "
                     "{partner}."),
                 "partner", chain->standing.through_name);
    return say_lent(chain);
}

/* ---- what they may ---- */

static const struct identity_permission *find_permission(const struct chain *chain,
                                                         const char *name)
{
    size_t count;
    const struct identity_permission *all = identity_roles_permissions(chain->roles, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

/* Titles of the roles of a mask, joined; "" for none. */
static const char *titles(const struct chain *chain, uint64_t mask)
{
    const char *joined = "";
    for (size_t i = 0; joined && i < identity_roles_count(chain->roles); i++) {
        const struct identity_role *role = identity_roles_at(chain->roles, i);
        if (mask & role->bit && !(chain->outside && role->owner))
            joined = arena_printf(chain->arena, "%s%s%s", joined, *joined ? ", " : "", role->title);
    }
    return joined ? joined : "";
}

static uint64_t mask_of(const struct chain *chain)
{
    return chain->standing.roles ? chain->standing.roles : IDENTITY_EVERYONE;
}

static bool answer_permission(struct chain *chain, const char *name)
{
    const uint64_t mask = mask_of(chain);
    const struct identity_permission *permission = find_permission(chain, name);
    const bool able = !chain->person.id || chain->person.state == IDENTITY_ACTIVE;
    set_text(say(chain, true, /* translated */ "So they act as: {roles}."), "roles",
             titles(chain, mask));
    if (strcmp(name, PORTICO_PUBLIC) == 0) {
        say(chain, true, /* translated */ "It is for everybody.");
        return able;
    }
    if (strcmp(name, PORTICO_SIGNED_IN) == 0) {
        const bool in = able && chain->person.id;
        say(chain, in, /* translated */ "It is for everybody who is signed in.");
        return in;
    }
    const uint64_t holders = (permission ? permission->roles : 0) | IDENTITY_ADMIN;
    if (chain->outside && !*titles(chain, holders)) {
        say(chain, (mask & holders) != 0,
            /* translated */ "It is for those who look after this portal.");
        return able && (mask & holders);
    }
    struct value *arguments =
        say(chain, (mask & holders) != 0,
            mask & holders ? /* translated */ "The permission {permission} is held by {roles}, and "
                                              "{through} is among them."
                           : /* translated */ "The permission {permission} is held by {roles}, and "
                                              "they are none of these.");
    set_text(arguments, "permission", name);
    set_text(arguments, "roles", titles(chain, holders));
    set_text(arguments, "through", titles(chain, mask & holders));
    return able && (mask & holders);
}

/* ---- what they see ---- */

static int say_audience(struct chain *chain, int64_t audience, bool sees)
{
    static const struct {
        const char *kind, *words;
    } kinds[] = {
        { "account", /* translated */ "It is shown to the members of {account}." },
        { "below", /* translated */ "It is shown to {account} and all accounts below it." },
        { "role", /* translated */ "It is shown to members of {account} with the role {role}." },
        { "team", /* translated */ "It is shown to a team of {account}." },
        { "keepers", /* translated */ "It is shown to whoever looks after {account}." },
        { "person", /* translated */ "It is shown to one person while they act in {account}." },
    };
    static const char *const fixed[] = {
        [IDENTITY_AUDIENCE_EVERYONE] = /* translated */ "It is shown to everybody.",
        [IDENTITY_AUDIENCE_MEMBERS] = /* translated */ "It is shown to everybody who is signed in.",
        [IDENTITY_AUDIENCE_STAFF] = /* translated */ "It is shown to the staff.",
        [IDENTITY_AUDIENCE_NOBODY] = /* translated */ "It is shown to nobody but people by name.",
    };
    struct identity_account account;
    struct value *rows, *arguments;
    if (audience > 0 && audience < (int64_t)G_N_ELEMENTS(fixed)) {
        say(chain, sees, fixed[audience]);
        return 0;
    }
    int code = identity_audience_look(chain->session, audience, &rows, chain->error);
    if (code < 0)
        return code;
    const struct portico_value *row = value_public(value_at(rows, 0));
    code = identity_account_look(chain->session, portico_get_integer(row, "account", 0), &account,
                                 chain->error);
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].kind, portico_get_text(row, "kind", "")) == 0) {
            arguments = say(chain, sees, kinds[i].words);
            set_text(arguments, "account", *account.name ? account.name : chain->identity->portal);
            set_text(arguments, "role", portico_get_text(row, "role", ""));
        }
    return code;
}

/* As the store sees them when they ask: by the same rule. */
static struct store_viewer viewer_of(const struct chain *chain)
{
    return chain->person.id
               ? (struct store_viewer){ .audiences = chain->standing.audiences,
                                        .audience_count = chain->standing.audience_count,
                                        .every_account = chain->standing.every_account }
               : store_viewer_everyone;
}

/* The roles of the owner's that let them see what is all companies'. */
static void say_every_account(struct chain *chain)
{
    const struct identity_permission *permission = find_permission(chain, IDENTITY_SEE_PERMISSION);
    const uint64_t holders = (permission ? permission->roles : 0) | IDENTITY_ADMIN;
    uint64_t through = 0;
    for (size_t i = 0; i < identity_roles_count(chain->roles); i++)
        if (identity_roles_at(chain->roles, i)->owner)
            through |= identity_roles_at(chain->roles, i)->bit & holders & chain->standing.roles;
    struct value *arguments = say(chain, true,
                                  /* translated */
                                  "{person} looks after all companies: {through} has the "
                                  "permission {permission}.");
    set_text(arguments, "permission", IDENTITY_SEE_PERMISSION);
    set_text(arguments, "through", titles(chain, through));
}

/* Beside each other: whether it is shown to them, and whether only as who looks after all. */
static bool sees_audience(const struct chain *chain, int64_t audience, bool *ret_every)
{
    struct store_viewer viewer = viewer_of(chain);
    const bool able = !chain->person.id || chain->person.state == IDENTITY_ACTIVE;
    const bool sees = able && store_viewer_sees(&viewer, audience);
    viewer.every_account = false;
    *ret_every = sees && !store_viewer_sees(&viewer, audience);
    return sees;
}

/* By name, and `ret_here`: while they act as they do now. */
static int is_granted(struct chain *chain, const struct identity_object *object, bool *ret_granted,
                      bool *ret_here)
{
    const struct store_viewer viewer = viewer_of(chain);
    struct value *rows;
    int code = store_host_query(
        chain->session,
        "SELECT place FROM portico_grant WHERE relation = ? AND object = ? AND person = ?",
        PORTICO_ARGS(portico_arg_text(object->relation), portico_arg_id(object->id),
                     portico_arg_id(chain->person.id)),
        &rows, chain->error);
    *ret_granted = code == 0 && rows->count > 0;
    *ret_here = false;
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        *ret_here |= store_viewer_sees(&viewer, value_rows_at(rows, i)->integer);
    return code;
}

static int answer_row(struct chain *chain, const struct identity_question *question, bool *ret_yes)
{
    const bool able = !chain->person.id || chain->person.state == IDENTITY_ACTIVE;
    bool named = false, here = false, every;
    const bool sees = sees_audience(chain, question->audience, &every);
    int code = say_audience(chain, question->audience, sees && !every);
    if (code == 0 && every)
        say_every_account(chain);
    if (code == 0 && question->granted && chain->person.id)
        code = is_granted(chain, &question->object, &named, &here);
    if (code == 0 && question->granted)
        say(chain, here,
            here ? /* translated */ "It was shown to {person} by name."
            : named
                ? /* translated */ "It was shown to {person} by name, for a company in which they "
                                   "do not act here."
                : /* translated */
                "It is shown to some people by name, {person} not among them.");
    *ret_yes = sees || (able && here);
    return code;
}

/* ---- the second step ---- */

/* Titles of their roles that ask for one, as identity_step_due() finds them; NULL: none does. */
static int find_asking(struct chain *chain, const char **ret_titles)
{
    const char *key = NULL;
    uint64_t asking = identity_second_roles(chain->identity, chain->roles, chain->standing.roles);
    int code = asking ? PORTICO_OK
                      : identity_second_needed(chain->identity, chain->session, chain->person.id,
                                               &key, chain->error);
    const struct identity_role *role = key ? identity_roles_find(chain->roles, key) : NULL;
    if (role)
        asking = role->bit;
    *ret_titles = asking || key ? titles(chain, asking) : NULL;
    return code;
}

/* Whether somebody is signed in, and nowhere with the second step done. */
static int is_signed_in_without(struct chain *chain, bool *ret_without)
{
    struct value *rows;
    int code = identity_session_list(chain->identity, chain->session, chain->person.id, 0, &rows,
                                     chain->error);
    if (code < 0)
        return code;
    *ret_without = rows->count > 0;
    for (uint32_t i = 0; i < rows->count; i++)
        if (portico_get_boolean(value_public(value_at(rows, i)), "proved", 0))
            *ret_without = false;
    return PORTICO_OK;
}

/* Whatever else they may: before the step is done, every page leads to it. */
static int say_second(struct chain *chain, bool *ret_stopped)
{
    const char *asking = NULL;
    struct identity_second second;
    bool without = false;
    *ret_stopped = false;
    if (!chain->person.id || chain->person.state != IDENTITY_ACTIVE)
        return PORTICO_OK;
    int code = find_asking(chain, &asking);
    if (code < 0 || !asking)
        return code;
    code = identity_second_look(chain->session, chain->person.id, &second, chain->error);
    if (code == 0)
        code = is_signed_in_without(chain, &without);
    if (code < 0)
        return code;
    if (*asking)
        set_text(say(chain, true, /* translated */ "A second factor is asked for by {roles}."),
                 "roles", asking);
    else
        say(chain, true, /* translated */ "A second factor is asked for by a role of theirs.");
    *ret_stopped = !second.any || without;
    say(chain, !*ret_stopped,
        !second.any ? /* translated */ "{person} has none, and sets one up before anything opens."
        : without   ? /* translated */ "{person} has one and showed it in no open session: each "
                                       "asks for it before anything opens."
                    : /* translated */ "{person} has one, and shows it in each session.");
    return PORTICO_OK;
}

/* ---- who could help ---- */

/* Admins of the account who may give a role that holds it. */
static bool account_admins_could(const struct chain *chain,
                                 const struct identity_permission *permission)
{
    const uint64_t admin =
        IDENTITY_EVERYONE | IDENTITY_MEMBER | IDENTITY_ACCOUNT_MEMBER | IDENTITY_ACCOUNT_ADMIN;
    for (size_t i = 0; permission && i < identity_roles_count(chain->roles); i++) {
        const struct identity_role *role = identity_roles_at(chain->roles, i);
        if (role->given && !role->owner && permission->roles & role->bit &&
            identity_roles_may_give(chain->roles, admin, role))
            return true;
    }
    return false;
}

static int find_givers(struct chain *chain, const char *permission, struct identity_why *why)
{
    const bool inside = chain->account.id && chain->account.id != IDENTITY_OWNER;
    int code = identity_givers(chain->identity, chain->session, chain->account.id, chain->person.id,
                               permission, why->givers, &why->giver_count, chain->error);
    why->in_account = inside && (account_admins_could(chain, find_permission(chain, permission)) ||
                                 (why->giver_count && why->givers[0].account == chain->account.id));
    return code;
}

static int answer(struct chain *chain, const struct identity_question *question,
                  struct identity_why *why)
{
    bool stopped = false;
    int code = read_subjects(chain, question);
    if (code < 0)
        return code;
    say_person(chain);
    code = say_memberships(chain);
    if (code == 0 && !question->permission)
        code = answer_row(chain, question, &why->yes);
    else if (code == 0)
        why->yes = answer_permission(chain, question->permission);
    if (code == 0 && question->permission && !why->yes && chain->person.id)
        code = find_givers(chain, question->permission, why);
    if (code == 0 && !question->before_step)
        code = say_second(chain, &stopped);
    why->yes = why->yes && !stopped;
    return code;
}

/* What was said, in the session's arena. */
static int keep(struct chain *chain, struct identity_why *why)
{
    const size_t size = chain->reasons->len * sizeof(struct identity_reason);
    struct identity_reason *kept = arena_alloc(chain->arena, size + 1);
    if (!kept)
        return identity_no_memory(chain->error);
    memcpy(kept, chain->reasons->data, size);
    why->reasons = kept;
    why->count = chain->reasons->len;
    return 0;
}

int identity_why(struct identity *identity, struct store_session *session,
                 const struct identity_question *question, struct identity_why *ret_why,
                 struct portico_error *error)
{
    struct identity_why why = { 0 };
    struct chain chain = { .identity = identity,
                           .session = session,
                           .arena = store_session_arena(session),
                           .outside = question->outside,
                           .person = { .name = "" },
                           .account = { .name = "" },
                           .error = error };
    int code = identity_roles_take(identity, session, -1, &chain.roles, error);
    if (code < 0)
        return code;
    chain.reasons = g_array_new(FALSE, FALSE, sizeof(struct identity_reason));
    code = answer(&chain, question, &why);
    if (code == 0)
        code = keep(&chain, &why);
    g_array_free(chain.reasons, TRUE);
    identity_roles_drop(chain.roles);
    if (code == 0)
        *ret_why = why;
    return code;
}
