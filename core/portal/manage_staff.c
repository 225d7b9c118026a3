/* The staff's own roles, by which somebody comes into the owner's account and leaves it: told and
 * recorded as of whoever belongs to an account. */
#include "identity/audit.h"
#include "identity/invitation.h"
#include "identity/person.h"
#include "portal/manage.h"
#include "portal/portal.h"

#include <glib.h>

static int tell(const struct manage *manage, int64_t person, int came, uint64_t roles,
                struct portico_error *error)
{
    char words[32];
    identity_roles_write(roles & IDENTITY_STORED, words);
    int code = portal_tell_account(manage->context,
                                   came > 0   ? "portal.portico.membership.added"
                                   : came < 0 ? "portal.portico.membership.removed"
                                              : "portal.portico.membership.changed",
                                   IDENTITY_OWNER, person,
                                   came > 0   ? words
                                   : came < 0 ? NULL
                                              : "roles",
                                   error);
    return code < 0 ? code : portal_tell_roles(manage->context, person, roles, error);
}

int manage_staff_roles(const struct manage *manage, int64_t person, uint64_t added, uint64_t taken,
                       struct portico_error *error)
{
    const struct identity_act act = {
        .actor = manage->actor, .person = person, .other = manage->through, .origin = manage->from
    };
    struct identity_person before, after;
    int came = 0;
    int code = identity_person_look(manage->session, person, &before, error);
    if (code == 0)
        code = identity_person_staff(manage->session, person, added, taken, &came, error);
    if (code == 0)
        code = identity_person_look(manage->session, person, &after, error);
    if (code == 0 && came < 0)
        code = identity_invitations_end(manage->session, person, IDENTITY_OWNER, error);
    if (code == 0 && (came || (before.roles ^ after.roles) & IDENTITY_STORED))
        code = tell(manage, person, came, after.roles, error);
    if (code == 0 && came)
        code = manage_record(manage, came > 0 ? "membership.made" : "membership.removed",
                             IDENTITY_OWNER, person, NULL, error);
    return code < 0 ? code
                    : identity_audit_roles(manage->session, &act, before.roles, after.roles, error);
}
