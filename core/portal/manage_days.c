/* A membership begins with its first day, and is over after its last one: told as when somebody is
 * taken in or out. */
#include "base/clock.h"
#include "identity/day.h"
#include "portal/manage.h"
#include "portal/portal.h"

/* How it is told, by what came. */
static const struct {
    const char *kind, *event, *change, *title, *url;
} words[] = {
    [IDENTITY_DAY_BEGAN] = { "membership.began", "portal.portico.membership.added", "began",
                             /* translated */ "You belong to {company} from now on",
                             "/account/switch" },
    [IDENTITY_DAY_ENDED] = { "membership.ended", "portal.portico.membership.removed", "ended",
                             /* translated */
                             "You belong to {company} no more: your last day there is over",
                             "/account" },
};

/* What was said of it before is over. Of a company that is suspended or closed nobody needs to
 * hear. */
static int tell_person(const struct manage *manage, enum identity_day day,
                       const struct identity_member *member, struct portico_error *error)
{
    struct identity_account account;
    const char *subject = portico_printf(manage->context, "membership/%lld", (long long)member->id);
    int code = portico_notice_withdraw(portico_notices(manage->context), subject, error);
    if (code == 0)
        code = identity_account_look(manage->session, member->account, &account, error);
    if (code < 0 || account.state != IDENTITY_OPEN)
        return code;
    struct portico_value *arguments = portico_object(manage->context);
    portico_set_text(arguments, "company", account.name);
    const struct portico_notice notice = {
        .size = sizeof notice,
        .flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION,
        .kind = "membership",
        .subject = subject,
        .title = words[day].title,
        .arguments = arguments,
        .url = words[day].url,
        .people = &member->person,
        .people_count = 1,
        .reason = /* translated */ "because it is about you",
    };
    return portico_notify(portico_notices(manage->context), &notice, error);
}

static const char *day_of(const struct manage *manage, enum identity_day day,
                          const struct identity_member *member)
{
    char first[11], last[11];
    clock_first_day(member->from, first);
    clock_last_day(member->until, last);
    if (day == IDENTITY_DAY_BEGAN)
        return *first ? portico_printf(manage->context, "from %s", first) : NULL;
    return portico_printf(manage->context, "until %s", last);
}

static int tell(const struct manage *manage, enum identity_day day, int64_t membership,
                struct portico_error *error)
{
    struct identity_member member;
    const int taken = identity_day_take(manage->session, day, membership, error);
    if (taken <= 0)
        return taken;
    int code = identity_member_look(manage->session, membership, &member, error);
    if (code == 0)
        code = portal_tell_account(manage->context, words[day].event, member.account, member.person,
                                   words[day].change, error);
    if (code == 0)
        code = manage_record(manage, words[day].kind, member.account, member.person,
                             day_of(manage, day, &member), error);
    return code < 0 ? code : tell_person(manage, day, &member, error);
}

int manage_member_days(const struct manage *manage, int64_t membership, struct portico_error *error)
{
    int code = tell(manage, IDENTITY_DAY_ENDED, membership, error);
    return code < 0 ? code : tell(manage, IDENTITY_DAY_BEGAN, membership, error);
}
