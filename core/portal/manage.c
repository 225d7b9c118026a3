#include "portal/manage.h"

#include "base/clock.h"
#include "base/error.h"
#include "identity/audit.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "identity/roster.h"
#include "portal/inside.h"
#include "portal/portal.h"

#include <glib.h>

int manage_of(struct portico_request *request, struct manage *ret_manage,
              struct portico_error *error)
{
    struct store_session *session = inside_session(request, error);
    if (!session)
        return error->code < 0 ? error->code : PORTICO_EIO;
    *ret_manage = (struct manage){
        .context = request->context,
        .session = session,
        .identity = inside_host(request)->identity,
        .actor = inside_viewer(request)->person,
        .through = inside_viewer(request)->through,
        .from = inside_network(request),
    };
    return 0;
}

/* ---- accounts ---- */

static int tell(const struct manage *manage, const char *type, int64_t account, int64_t person,
                const char *change, struct portico_error *error)
{
    return portal_tell_account(manage->context, type, account, person, change, error);
}

int manage_record(const struct manage *manage, const char *kind, int64_t account, int64_t person,
                  const char *object, struct portico_error *error)
{
    const struct identity_act act = { .kind = kind,
                                      .actor = manage->actor,
                                      .person = person,
                                      .account = account,
                                      .other = manage->through,
                                      .object = object,
                                      .origin = manage->from };
    return identity_audit(manage->session, &act, error);
}

static int changed(const struct manage *manage, int code, int64_t account, const char *change,
                   const char *kind, const char *object, struct portico_error *error)
{
    if (code == 0)
        code = tell(manage, "portal.portico.account.changed", account, 0, change, error);
    return code < 0 ? code : manage_record(manage, kind, account, 0, object, error);
}

int manage_account_add(const struct manage *manage, const struct identity_new_account *made,
                       int64_t *ret_account, struct portico_error *error)
{
    int64_t account = 0;
    int code = identity_account_make(manage->session, made, &account, error);
    if (code == 0)
        code = tell(manage, "portal.portico.account.added", account, 0, NULL, error);
    if (code == 0)
        code = manage_record(manage, "account.made", account, 0, made->external, error);
    if (code == 0)
        *ret_account = account;
    return code;
}

/* As it is before a change, and held, so that the record of the change says what it was. */
static int look_before(const struct manage *manage, int64_t account,
                       struct identity_account *ret_before, struct portico_error *error)
{
    int code = identity_account_hold(manage->session, account, error);
    return code < 0 ? code : identity_account_look(manage->session, account, ret_before, error);
}

/* "Harbour: now Harbour Works" */
static const char *turned(const struct manage *manage, const char *before, const char *now)
{
    return portico_printf(manage->context, "%s: now %s", before, now);
}

int manage_account_rename(const struct manage *manage, int64_t account, const char *name,
                          struct portico_error *error)
{
    struct identity_account before = { .name = "" }, now = { .name = "" };
    int code = look_before(manage, account, &before, error);
    if (code == 0)
        code = identity_account_rename(manage->session, account, name, error);
    if (code == 0)
        code = identity_account_look(manage->session, account, &now, error);
    return changed(manage, code, account, "name", "account.renamed",
                   turned(manage, before.name, now.name), error);
}

/* Nobody acts for others but a partner: what it was lent ends, and does not come back with the
 * kind.
 */
static int end_received(const struct manage *manage, int64_t account, struct portico_error *error)
{
    const struct identity_delegations received = { .account = account };
    struct value *rows;
    int code;
    do {
        code = identity_delegations(manage->session, &received, IDENTITY_DELEGATIONS_MAX, &rows,
                                    error);
        for (uint32_t i = 0; code == 0 && i < rows->count; i++)
            code = manage_delegation_end(manage, account, value_rows_at(rows, i)->integer, NULL,
                                         error);
    } while (code == 0 && rows->count);
    return code;
}

int manage_account_kind(const struct manage *manage, int64_t account, const char *kind,
                        struct portico_error *error)
{
    struct identity_account before = { .kind = "" };
    int code = look_before(manage, account, &before, error);
    if (code == 0)
        code = identity_account_kind(manage->session, account, kind, error);
    if (code == 0 && strcmp(kind, "partner") != 0)
        code = end_received(manage, account, error);
    return changed(manage, code, account, "kind", "account.changed",
                   turned(manage, before.kind, kind), error);
}

static const char *below(const struct manage *manage, int64_t parent)
{
    return parent ? portico_printf(manage->context, "below %lld", (long long)parent) : "below none";
}

int manage_account_move(const struct manage *manage, int64_t account, int64_t parent,
                        struct portico_error *error)
{
    int64_t former = 0;
    int code = identity_account_move(manage->session, account, parent, &former, error);
    return changed(manage, code, account, "place", "account.moved",
                   turned(manage, below(manage, former), below(manage, parent)), error);
}

int manage_account_state(const struct manage *manage, int64_t account,
                         enum identity_account_state state, struct portico_error *error)
{
    static const char *const words[] = {
        [IDENTITY_OPEN] = "opened", [IDENTITY_SUSPENDED] = "suspended", [IDENTITY_CLOSED] = "closed"
    };
    static const char *const kinds[] = { [IDENTITY_OPEN] = "account.opened",
                                         [IDENTITY_SUSPENDED] = "account.suspended",
                                         [IDENTITY_CLOSED] = "account.closed" };
    static const char *const were[] = { [IDENTITY_OPEN] = "was open",
                                        [IDENTITY_SUSPENDED] = "was suspended",
                                        [IDENTITY_CLOSED] = "was closed" };
    struct identity_account before = { .state = IDENTITY_OPEN };
    int code = look_before(manage, account, &before, error);
    if (code == 0)
        code = identity_account_state(manage->session, account, state, error);
    return changed(manage, code, account, words[state], kinds[state], were[before.state], error);
}

int manage_account_know(const struct manage *manage, int64_t account, const char *external,
                        struct portico_error *error)
{
    int code = identity_account_known_as(manage->session, account, external, error);
    return changed(manage, code, account, "external", "account.changed",
                   portico_printf(manage->context, "%s: on", external), error);
}

int manage_account_forget(const struct manage *manage, int64_t account, const char *external,
                          struct portico_error *error)
{
    int code = identity_account_forget(manage->session, account, external, error);
    return changed(manage, code, account, "external", "account.changed",
                   portico_printf(manage->context, "%s: off", external), error);
}

/* ---- who belongs to them ---- */

/* The owner's roles are told as those of the person, too. */
static int tell_owners_roles(const struct manage *manage, int64_t person,
                             struct portico_error *error)
{
    struct identity_person found;
    int code = identity_person_look(manage->session, person, &found, error);
    return code < 0 ? code : portal_tell_roles(manage->context, person, found.roles, error);
}

static int tell_member(const struct manage *manage, const char *type,
                       const struct identity_member *member, const char *change,
                       struct portico_error *error)
{
    int code = tell(manage, type, member->account, member->person, change, error);
    if (code == 0 && member->account == IDENTITY_OWNER)
        code = tell_owners_roles(manage, member->person, error);
    return code;
}

static int may_give(const struct manage *manage, int64_t account, int64_t person, const char *roles,
                    struct portico_error *error)
{
    return identity_giving(manage->identity, manage->session, manage->actor, account, person, roles,
                           error);
}

static int may_reach_below(const struct manage *manage, int64_t account,
                           struct portico_error *error)
{
    return identity_giving_below(manage->identity, manage->session, manage->actor, account, error);
}

int manage_record_roles(const struct manage *manage, const char *kind, const char *roles,
                        int64_t account, int64_t person, struct portico_error *error)
{
    char **words = g_strsplit_set(roles ? roles : "", " \t\r\n", -1);
    int code = 0;
    for (char **word = words; code == 0 && *word; word++)
        if (**word)
            code = manage_record(manage, kind, account, person, *word, error);
    g_strfreev(words);
    return code;
}

/* "Buyer, below on": with a comma between what is said. */
static const char *with(const struct manage *manage, const char *said, const char *more)
{
    return !*said ? more : !*more ? said : portico_printf(manage->context, "%s, %s", said, more);
}

/* "below on, from 2027-01-01, until 2027-06-30": how far and how long a membership reaches; a day
 * of -1 is not said. */
static const char *reach(const struct manage *manage, const char *below, int64_t from,
                         int64_t until)
{
    char first[11], last[11];
    clock_first_day(MAX(from, 0), first);
    clock_last_day(MAX(until, 0), last);
    const char *said = below;
    if (from >= 0)
        said = with(manage, said,
                    portico_printf(manage->context, "from %s", from ? first : "the start"));
    if (until >= 0)
        said =
            with(manage, said, portico_printf(manage->context, "until %s", until ? last : "ever"));
    return said;
}

int manage_member_add(const struct manage *manage, const struct identity_new_member *given,
                      int64_t *ret_membership, struct portico_error *error)
{
    struct identity_new_member of_actor = *given;
    const struct identity_new_member *made = &of_actor;
    const struct identity_member member = { .account = made->account, .person = made->person };
    of_actor.by = manage->actor;
    const char *said = with(manage, made->title ? made->title : "",
                            reach(manage, made->below ? "below on" : "",
                                  made->from ? made->from : -1, made->until ? made->until : -1));
    int code = may_give(manage, made->account, made->person, made->roles, error);
    if (code == 0 && made->below)
        code = may_reach_below(manage, made->account, error);
    if (code == 0)
        code = identity_member_add(manage->session, made, ret_membership, error);
    if (code == 0)
        code = tell_member(manage, "portal.portico.membership.added", &member, made->roles, error);
    if (code == 0)
        code = manage_record(manage, "membership.made", made->account, made->person,
                             *said ? said : NULL, error);
    return code < 0 ? code
                    : manage_record_roles(manage, "role.given", made->roles, made->account,
                                          made->person, error);
}

/* A membership and whether the actor may take or give it with all the roles it has. */
static int look(const struct manage *manage, int64_t membership, struct identity_member *ret_member,
                bool with_roles, struct portico_error *error)
{
    struct value *rows;
    GString *roles = g_string_new(NULL);
    int code = identity_member_look(manage->session, membership, ret_member, error);
    if (code == 0 && with_roles) {
        code = identity_roles_of_member(manage->session, membership, &rows, error);
        for (uint32_t i = 0; code == 0 && i < rows->count; i++)
            g_string_append_printf(roles, " %s", value_rows_at(rows, i)->text);
    }
    if (code == 0)
        code = may_give(manage, ret_member->account, ret_member->person, roles->str, error);
    g_string_free(roles, TRUE);
    return code;
}

/* What a change does to it. */
static const char *reaches(const struct manage *manage, const struct identity_member *member,
                           const struct identity_member_change *change)
{
    const bool below = change->below && *change->below != member->below;
    return reach(manage,
                 !below           ? ""
                 : *change->below ? "below on"
                                  : "below off",
                 change->from != member->from ? change->from : -1,
                 change->until != member->until ? change->until : -1);
}

static int may_change(const struct manage *manage, int64_t membership,
                      const struct identity_member_change *change,
                      struct identity_member *ret_member, struct portico_error *error)
{
    int code = look(manage, membership, ret_member, true, error);
    if (code == 0 && change->below && *change->below && !ret_member->below)
        code = may_reach_below(manage, ret_member->account, error);
    return code < 0
               ? code
               : identity_member_days(ret_member->account,
                                      change->from < 0 ? ret_member->from : change->from,
                                      change->until < 0 ? ret_member->until : change->until, error);
}

int manage_member_may(const struct manage *manage, int64_t membership,
                      const struct identity_member_change *change, struct portico_error *error)
{
    struct identity_member member;
    return may_change(manage, membership, change, &member, error);
}

/* Whether it writes another day. */
static bool moves(const struct identity_member *member, const struct identity_member_change *change)
{
    return (change->from >= 0 && change->from != member->from) ||
           (change->until >= 0 && change->until != member->until);
}

int manage_member_change(const struct manage *manage, int64_t membership,
                         const struct identity_member_change *change, struct portico_error *error)
{
    struct identity_member member;
    int code = may_change(manage, membership, change, &member, error);
    if (code == 0)
        code = identity_member_change(manage->session, membership, change, error);
    if (code == 0)
        code = tell(manage, "portal.portico.membership.changed", member.account, member.person,
                    "membership", error);
    const char *said = code == 0 ? reaches(manage, &member, change) : "";
    if (code == 0)
        code = manage_record(manage, "membership.changed", member.account, member.person,
                             *said ? said : NULL, error);
    return code < 0 || !moves(&member, change) ? code
                                               : manage_member_days(manage, membership, error);
}

int manage_member_approve(const struct manage *manage, int64_t membership,
                          struct portico_error *error)
{
    struct identity_member member;
    int code = look(manage, membership, &member, true, error);
    if (code == 0 && member.state != IDENTITY_APPLIED)
        return PORTICO_OK;
    if (code == 0)
        code = identity_member_approve(manage->session, membership, error);
    if (code == 0)
        code = portal_application_over(manage->context, membership, error);
    if (code == 0)
        code = tell_member(manage, "portal.portico.membership.added", &member, "approved", error);
    return code < 0 ? code
                    : manage_record(manage, "membership.approved", member.account, member.person,
                                    NULL, error);
}

int manage_member_roles(const struct manage *manage, int64_t membership, const char *given,
                        const char *taken, struct portico_error *error)
{
    struct identity_member member;
    int code = look(manage, membership, &member, false, error);
    if (code == 0)
        code = may_give(manage, member.account, member.person, given, error);
    if (code == 0)
        code = may_give(manage, member.account, member.person, taken, error);
    if (code == 0)
        code = identity_member_roles(manage->session, membership, given, taken, error);
    if (code == 0)
        code = tell_member(manage, "portal.portico.membership.changed", &member, "roles", error);
    if (code == 0)
        code =
            manage_record_roles(manage, "role.given", given, member.account, member.person, error);
    return code < 0 ? code
                    : manage_record_roles(manage, "role.taken", taken, member.account,
                                          member.person, error);
}

int manage_member_remove(const struct manage *manage, int64_t membership,
                         struct portico_error *error)
{
    struct identity_member member;
    int code = look(manage, membership, &member, true, error);
    if (code == 0)
        code = identity_member_remove(manage->session, membership, error);
    if (code == 0)
        code = identity_invitations_end(manage->session, member.person, member.account, error);
    if (code == 0)
        code = tell_member(manage,
                           member.state == IDENTITY_APPLIED ? "portal.portico.membership.declined"
                                                            : "portal.portico.membership.removed",
                           &member, NULL, error);
    if (code == 0 && member.state == IDENTITY_APPLIED)
        code = portal_application_over(manage->context, member.id, error);
    if (code < 0)
        return code;
    return manage_record(
        manage, member.state == IDENTITY_APPLIED ? "membership.declined" : "membership.removed",
        member.account, member.person, NULL, error);
}

/* ---- roles ---- */

static int tell_role(const struct manage *manage, int code, const char *key, const char *change,
                     const char *kind, const char *object, struct portico_error *error)
{
    if (code == 0)
        code = portal_tell_role(manage->context, key, change, error);
    return code < 0 ? code : manage_record(manage, kind, 0, 0, object, error);
}

int manage_role_add(const struct manage *manage, const struct identity_new_role *made,
                    struct portico_error *error)
{
    int code = identity_role_make(manage->session, made, error);
    return tell_role(manage, code, made->key, "added", "role.made", made->key, error);
}

int manage_role_describe(const struct manage *manage, const char *key, const char *title,
                         const char *description, struct portico_error *error)
{
    int code = identity_role_describe(manage->session, key, title, description, error);
    return tell_role(manage, code, key, "described", "role.described", key, error);
}

int manage_role_remove(const struct manage *manage, const char *key, struct portico_error *error)
{
    int code = identity_removing(manage->identity, manage->session, manage->actor, key, error);
    if (code == 0)
        code = identity_role_remove(manage->session, key, error);
    return tell_role(manage, code, key, "removed", "role.removed", key, error);
}

int manage_role_rule(const struct manage *manage, const char *key, const char *permission,
                     enum manage_rule rule, struct portico_error *error)
{
    static const char *const words[] = { "may", "may not", "reset" };
    const struct identity_ruling ruling = { key, permission, rule == MANAGE_ALLOW };
    int code = identity_ruling(manage->identity, manage->session, manage->actor, &ruling, error);
    if (code == 0 && rule == MANAGE_RESET)
        code = identity_role_reset(manage->session, key, permission, error);
    else if (code == 0)
        code = identity_role_rule(manage->session, key, permission, rule == MANAGE_ALLOW, error);
    return tell_role(manage, code, key, "rules", rule == MANAGE_RESET ? "role.reset" : "role.ruled",
                     portico_printf(manage->context, "%s %s %s", key, words[rule], permission),
                     error);
}
