#include "module/sharing.h"

#include "base/error.h"
#include "identity/audience.h"
#include "identity/member.h"
#include "identity/role.h"
#include "module/knower.h"

#include <stdlib.h>

static const char *const levels[] = {
    [PORTICO_LEVEL_ONLY_ME] = "me",          [PORTICO_LEVEL_PEOPLE] = "people",
    [PORTICO_LEVEL_ROLE] = "role",           [PORTICO_LEVEL_TEAM] = "team",
    [PORTICO_LEVEL_ACCOUNT] = "account",     [PORTICO_LEVEL_BELOW] = "below",
    [PORTICO_LEVEL_SIGNED_IN] = "signed-in", [PORTICO_LEVEL_EVERYONE] = "everyone",
    [PORTICO_LEVEL_STAFF] = "staff",         [PORTICO_LEVEL_PERSON] = "person",
};
#define LEVELS (sizeof levels / sizeof *levels)

const char *sharing_word(uint32_t level)
{
    return level < LEVELS ? levels[level] : NULL;
}

uint32_t sharing_level(struct text word)
{
    for (uint32_t level = PORTICO_LEVEL_ONLY_ME; level <= PORTICO_LEVEL_STAFF; level++)
        if (text_equals(word, text_of(levels[level])))
            return level;
    return 0;
}

/* ---- what there is ---- */

static int no_such(struct portico_error *error)
{
    return error_set(error, PORTICO_ENOENT, "There is nobody of that kind to share with.");
}

static bool is_of_account(uint32_t level)
{
    return level == PORTICO_LEVEL_ROLE || level == PORTICO_LEVEL_TEAM ||
           level == PORTICO_LEVEL_ACCOUNT || level == PORTICO_LEVEL_BELOW;
}

static int team_account(struct store_session *session, int64_t team, int64_t *ret_account,
                        struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session, "SELECT account FROM portico_team WHERE id = ?",
                                PORTICO_ARGS(portico_arg_id(team)), &rows, error);
    if (code == 0)
        *ret_account = rows->count ? value_rows_at(rows, 0)->integer : 0;
    return code;
}

/* Given by somebody, in an account of that kind. */
static int check_role(struct store_session *session, const struct sharing *sharing,
                      struct portico_error *error)
{
    if (!sharing->role || !*sharing->role)
        return error_set(error, PORTICO_EINVAL, "To share with a role, name the role.");
    int place = identity_role_place(session, sharing->role, NULL);
    bool owner = sharing->account == IDENTITY_OWNER;
    if (place == (owner ? IDENTITY_HELD_BY_OWNER : IDENTITY_HELD_BY_ACCOUNTS))
        return 0;
    return place < 0 && place != PORTICO_ENOENT && place != PORTICO_EINVAL ? place : no_such(error);
}

int sharing_check(struct scope *scope, struct sharing *sharing, struct portico_error *error)
{
    const struct viewer *viewer = scope->call->viewer;
    const struct identity_knower knower = knower_of(viewer);
    struct store_session *session = scope_session(scope, error);
    int64_t owner = 0;
    int code = session ? 0 : PORTICO_EIO;
    if (!sharing_word(sharing->level) || sharing->level == PORTICO_LEVEL_PERSON)
        return error_set(error, PORTICO_EINVAL, "%u is no level of sharing.", sharing->level);
    if (!is_of_account(sharing->level)) {
        *sharing = (struct sharing){ .level = sharing->level };
        return 0;
    }
    if (code == 0 && sharing->level == PORTICO_LEVEL_TEAM)
        code = team_account(session, sharing->team, &owner, error);
    if (code == 0 && sharing->level == PORTICO_LEVEL_TEAM &&
        (!owner || (sharing->account && sharing->account != owner)))
        code = no_such(error);
    if (code < 0)
        return code;
    sharing->account = owner ? owner : sharing->account ? sharing->account : viewer->account;
    int known = identity_knows(session, &knower, sharing->account, error);
    if (known <= 0)
        return known < 0 ? known : no_such(error);
    if (sharing->level == PORTICO_LEVEL_ROLE)
        return check_role(session, sharing, error);
    sharing->role = NULL;
    if (sharing->account == IDENTITY_OWNER && sharing->level != PORTICO_LEVEL_TEAM)
        *sharing = (struct sharing){ .level = PORTICO_LEVEL_STAFF };
    return 0;
}

/* ---- as an audience ---- */

int sharing_audience(struct scope *scope, const struct sharing *sharing, int64_t *ret_audience,
                     struct portico_error *error)
{
    static const int64_t fixed[] = {
        [PORTICO_LEVEL_ONLY_ME] = PORTICO_AUDIENCE_NOBODY,
        [PORTICO_LEVEL_PEOPLE] = PORTICO_AUDIENCE_NOBODY,
        [PORTICO_LEVEL_SIGNED_IN] = PORTICO_AUDIENCE_SIGNED_IN,
        [PORTICO_LEVEL_EVERYONE] = PORTICO_AUDIENCE_EVERYONE,
        [PORTICO_LEVEL_STAFF] = PORTICO_AUDIENCE_STAFF,
    };
    static const enum identity_audience_kind kinds[] = {
        [PORTICO_LEVEL_ROLE] = IDENTITY_FOR_ROLE,
        [PORTICO_LEVEL_TEAM] = IDENTITY_FOR_TEAM,
        [PORTICO_LEVEL_ACCOUNT] = IDENTITY_FOR_ACCOUNT,
        [PORTICO_LEVEL_BELOW] = IDENTITY_FOR_BELOW,
    };
    if (!is_of_account(sharing->level)) {
        *ret_audience = fixed[sharing->level];
        return 0;
    }
    const struct identity_audience wanted = { .kind = kinds[sharing->level],
                                              .account = sharing->account,
                                              .role = sharing->role,
                                              .team = sharing->team };
    struct store_session *session = scope_session(scope, error);
    return session ? identity_audience_of(session, &wanted, ret_audience, error) : PORTICO_EIO;
}

/* Of portico_audience's kinds: "account", "below", "role", "team", and those every portal has; or
 * "person". */
static uint32_t level_of(int64_t audience, const char *kind)
{
    if (strcmp(kind, "person") == 0)
        return PORTICO_LEVEL_PERSON;
    switch (audience) {
    case PORTICO_AUDIENCE_EVERYONE: return PORTICO_LEVEL_EVERYONE;
    case PORTICO_AUDIENCE_SIGNED_IN: return PORTICO_LEVEL_SIGNED_IN;
    case PORTICO_AUDIENCE_STAFF: return PORTICO_LEVEL_STAFF;
    case PORTICO_AUDIENCE_NOBODY: return PORTICO_LEVEL_ONLY_ME;
    default: return audience > IDENTITY_AUDIENCE_FIXED ? sharing_level(text_of(kind)) : 0;
    }
}

/* For this person alone; whoever looks in their place is another. */
static bool is_theirs(const struct viewer *viewer, const struct sharing *sharing)
{
    return viewer->person && !viewer->asker && sharing->person == viewer->person;
}

int sharing_look(struct scope *scope, int64_t audience, struct sharing *ret_sharing,
                 struct portico_error *error)
{
    struct value *rows;
    struct store_session *session = scope_session(scope, error);
    int code = session ? identity_audience_look(session, audience, &rows, error) : PORTICO_EIO;
    if (code < 0)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    struct sharing found = {
        .level = level_of(audience, cells[0].text),
        .account = cells[1].kind == PORTICO_NULL ? 0 : cells[1].integer,
        .role = cells[2].kind == PORTICO_TEXT ? arena_strdup(scope->arena, cells[2].text) : NULL,
        .team = cells[3].kind == PORTICO_NULL ? 0 : cells[3].integer,
        .person = cells[4].kind == PORTICO_NULL || cells[4].integer == IDENTITY_NO_PERSON
                      ? 0
                      : cells[4].integer,
    };
    const struct identity_knower knower = knower_of(scope->call->viewer);
    int known = found.level == PORTICO_LEVEL_PERSON
                    ? knower.all || is_theirs(scope->call->viewer, &found)
                : found.level && is_of_account(found.level)
                    ? identity_knows(session, &knower, found.account, error)
                    : found.level != 0;
    if (known <= 0)
        return known < 0 ? known : error_set(error, PORTICO_ENOENT, "There is no such audience.");
    *ret_sharing = found;
    return 0;
}

/* ---- who may choose it ---- */

int sharing_may(struct scope *scope, const struct sharing *sharing, struct portico_error *error)
{
    const struct viewer *viewer = scope->call->viewer;
    const struct identity_knower knower = knower_of(viewer);
    if (knower.all && (viewer->rows.all || viewer->roles & IDENTITY_STAFF))
        return 1;
    if (sharing->level == PORTICO_LEVEL_STAFF)
        return (viewer->roles & IDENTITY_STAFF) != 0;
    if (sharing->level == PORTICO_LEVEL_PERSON)
        return is_theirs(viewer, sharing) && sharing->account == viewer->account;
    if (!is_of_account(sharing->level))
        return sharing->level == PORTICO_LEVEL_EVERYONE || viewer->person != 0;
    /* A token acts in its own account alone. */
    if (!viewer->person || (viewer->by_token && sharing->account != viewer->account))
        return 0;
    struct store_session *session = scope_session(scope, error);
    return session ? identity_acts_as_member(session, viewer->person, sharing->account, error)
                   : PORTICO_EIO;
}

static int by_number(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

bool sharing_includes(const struct viewer *viewer, int64_t audience)
{
    return viewer->rows.audience_count &&
           bsearch(&audience, viewer->rows.audiences, viewer->rows.audience_count, sizeof audience,
                   by_number);
}

/* ---- what it is called ---- */

static const char *words(struct scope *scope, const char *source, const struct value *arguments)
{
    const struct call *call = scope->call;
    return call->host->pages ? page_translate(call->host->pages, "portico", scope->arena,
                                              call->locale, source, arguments)
                             : source;
}

int sharing_account_name(struct scope *scope, int64_t account, const char **ret_name,
                         struct portico_error *error)
{
    const struct identity_knower all = { .all = true };
    struct store_session *session = scope_session(scope, error);
    struct value *rows;
    int code = session ? identity_known(scope->call->host->identity, session, &all, &account, 1,
                                        &rows, error)
                       : PORTICO_EIO;
    if (code == 0)
        *ret_name = rows->count ? value_rows_at(rows, 0)[1].text : "";
    return code;
}

const char *sharing_role_title(struct scope *scope, const struct identity_role *role)
{
    return role->built_in ? words(scope, role->title, NULL) : role->title;
}

static int set_role(struct scope *scope, const char *key, struct value *arguments,
                    struct portico_error *error)
{
    struct identity_roles *roles;
    int code = identity_roles_take(scope->call->host->identity, scope_session(scope, error), -1,
                                   &roles, error);
    if (code < 0)
        return code;
    const struct identity_role *role = identity_roles_find(roles, key);
    code = value_set_text(arguments, "role", role ? sharing_role_title(scope, role) : key);
    identity_roles_drop(roles);
    return code;
}

static int set_team(struct scope *scope, int64_t team, struct value *arguments,
                    struct portico_error *error)
{
    struct value *rows;
    int code =
        store_host_query(scope_session(scope, error), "SELECT name FROM portico_team WHERE id = ?",
                         PORTICO_ARGS(portico_arg_id(team)), &rows, error);
    return code < 0
               ? code
               : value_set_text(arguments, "team", rows->count ? value_rows_at(rows, 0)->text : "");
}

static int set_person(struct scope *scope, int64_t person, struct value *arguments,
                      struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(scope_session(scope, error),
                                "SELECT name FROM portico_person WHERE id = ?",
                                PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    return code < 0 ? code
                    : value_set_text(arguments, "person",
                                     rows->count ? value_rows_at(rows, 0)->text : "");
}

/* What is named, and not known yet. */
static int set_names(struct scope *scope, const struct sharing *sharing,
                     const struct sharing_names *names, struct value *arguments,
                     struct portico_error *error)
{
    const char *account = names->account;
    int64_t id = sharing->account ? sharing->account : IDENTITY_OWNER;
    int code = account ? 0 : sharing_account_name(scope, id, &account, error);
    if (code == 0)
        code = value_set_text(arguments, "account", account);
    if (code == 0 && sharing->role)
        code = names->role ? value_set_text(arguments, "role", names->role)
                           : set_role(scope, sharing->role, arguments, error);
    if (code == 0 && sharing->team)
        code = names->team ? value_set_text(arguments, "team", names->team)
                           : set_team(scope, sharing->team, arguments, error);
    if (code == 0 && sharing->person)
        code = set_person(scope, sharing->person, arguments, error);
    return code;
}

int sharing_describe(struct scope *scope, const struct sharing *sharing,
                     const struct sharing_names *names, const char **ret_words,
                     struct portico_error *error)
{
    static const struct sharing_names none = { 0 };
    static const char *const sources[] = {
        [PORTICO_LEVEL_ONLY_ME] = /* translated */ "Only me",
        [PORTICO_LEVEL_PEOPLE] = /* translated */ "Only people I name",
        [PORTICO_LEVEL_ROLE] = /* translated */ "{role} at {account}",
        [PORTICO_LEVEL_TEAM] = /* translated */ "Team {team} at {account}",
        [PORTICO_LEVEL_ACCOUNT] = /* translated */ "Everybody at {account}",
        [PORTICO_LEVEL_BELOW] = /* translated */ "Everybody at {account} and the companies below",
        [PORTICO_LEVEL_SIGNED_IN] = /* translated */ "Everybody who is signed in",
        [PORTICO_LEVEL_EVERYONE] = /* translated */ "Everyone on the web",
        [PORTICO_LEVEL_STAFF] = /* translated */ "Staff of {account}",
        [PORTICO_LEVEL_PERSON] = /* translated */ "Only {person} at {account}",
    };
    struct value *arguments = value_new(scope->arena, PORTICO_OBJECT);
    bool named = is_of_account(sharing->level) || sharing->level == PORTICO_LEVEL_STAFF ||
                 sharing->level == PORTICO_LEVEL_PERSON;
    int code = !arguments ? PORTICO_ENOMEM : !scope_session(scope, error) ? PORTICO_EIO : 0;
    if (code == 0 && named)
        code = set_names(scope, sharing, names ? names : &none, arguments, error);
    const char *source = sources[sharing->level];
    if (sharing->level == PORTICO_LEVEL_PERSON && !sharing->person)
        source = /* translated */ "Nobody at {account}";
    /* Of a row, whoever reads it is among them. */
    if (sharing->level == PORTICO_LEVEL_ONLY_ME && !names)
        source = /* translated */ "Only people it is shown to by name";
    const char *text = code == 0 ? words(scope, source, arguments) : NULL;
    if (code == 0 && text)
        *ret_words = text;
    return code < 0 ? code : text ? 0 : PORTICO_ENOMEM;
}
