/* Partners who act for an account: offered, accepted, ended, and run out. The act, its events, its
 * records and the notices of the other company's admins are in one transaction. */
#include "base/clock.h"
#include "base/error.h"
#include "identity/audit.h"
#include "identity/day.h"
#include "identity/person.h"
#include "identity/sign_in.h"
#include "portal/company.h"
#include "portal/portal.h"

/* Of one delegation: the act, and whom of its two companies that is told. */
struct step {
    const char *kind;
    int64_t account, partner, delegation;
    const char *account_name, *partner_name;
    const char *object;
    int64_t told, also; /* those companies' admins; 0: none */
    int64_t until;
    const char *title, *text, *url;
};

/* ---- both companies read of it ---- */

static int record(const struct manage *manage, const struct step *step, struct portico_error *error)
{
    struct identity_act act = { .kind = step->kind,
                                .actor = manage->actor,
                                .account = step->account,
                                .other = step->partner,
                                .object = step->object,
                                .origin = manage->from };
    int code = identity_audit(manage->session, &act, error);
    act.account = step->partner;
    act.other = step->account;
    return code < 0 ? code : identity_audit(manage->session, &act, error);
}

static int emit(const struct manage *manage, const struct step *step, struct portico_error *error)
{
    static const char type[] = "portal.portico.account.changed";
    int code = portal_tell_account(manage->context, type, step->account, 0, "delegation", error);
    return code < 0
               ? code
               : portal_tell_account(manage->context, type, step->partner, 0, "delegation", error);
}

static const char *subject_of(const struct manage *manage, int64_t delegation)
{
    return portico_printf(manage->context, "delegation/%lld", (long long)delegation);
}

static int tell_admins(const struct manage *manage, const struct step *step, int64_t told,
                       struct portico_error *error)
{
    struct portico_value *arguments = portico_object(manage->context);
    portico_set_text(arguments, "company", step->account_name);
    portico_set_text(arguments, "partner", step->partner_name);
    portico_set_time(arguments, "day", clock_in_last_day(step->until));
    const struct portico_notice notice = {
        .kind = "delegation",
        .subject = subject_of(manage, step->delegation),
        .title = step->title,
        .arguments = arguments,
        .text = step->text,
        .url = step->url,
    };
    return company_tell_admins(
        manage->context, told, &notice,
        portico_printf(manage->context, "/admin/accounts/%lld", (long long)told), error);
}

/* What was said of it before is over with the next step. */
static int tell(const struct manage *manage, const struct step *step, struct portico_error *error)
{
    int code = portico_notice_withdraw(portico_notices(manage->context),
                                       subject_of(manage, step->delegation), error);
    if (code == 0 && step->told)
        code = tell_admins(manage, step, step->told, error);
    if (code == 0 && step->also)
        code = tell_admins(manage, step, step->also, error);
    return code;
}

static int done(const struct manage *manage, int code, const struct step *step,
                struct portico_error *error)
{
    if (code == 0)
        code = emit(manage, step, error);
    if (code == 0)
        code = record(manage, step, error);
    return code < 0 ? code : tell(manage, step, error);
}

static struct step step_of(const struct identity_delegation *of)
{
    struct step step = { .account = of->account,
                         .partner = of->partner,
                         .delegation = of->id,
                         .account_name = of->account_name,
                         .partner_name = of->partner_name,
                         .object = of->roles,
                         .until = of->until,
                         .text = of->reason,
                         .url = "/account/company/log" };
    return step;
}

static const char *with_day(const struct manage *manage, const struct step *step)
{
    char day[11];
    clock_last_day(step->until, day);
    return portico_printf(manage->context, "%s, until %s", step->object, day);
}

/* Opens in the name of whichever company of its reader it concerns. */
static const char *page_of(const struct manage *manage, int64_t delegation)
{
    return portico_printf(manage->context, "/account/company/delegations?of=%lld",
                          (long long)delegation);
}

/* ---- the steps ---- */

/* Each is told to another company's admins, and so is its end, once: how many within an hour of one
 * company, of one person, and of one company to the same partner. */
#define OFFERS 20u
#define OFFERS_TO_ONE 10u

static int count_offer(const struct manage *manage, const struct identity_new_delegation *made,
                       struct portico_error *error)
{
    const char *account = portico_printf(manage->context, "%lld", (long long)made->account);
    const char *both =
        portico_printf(manage->context, "%s %lld", account, (long long)made->partner);
    const struct {
        const char *kind, *key;
        unsigned most;
    } budgets[] = {
        { "delegate", account, OFFERS },
        { "delegate by", portico_printf(manage->context, "%lld", (long long)manage->actor),
          OFFERS },
        { "delegate", both, OFFERS_TO_ONE },
    };
    int64_t wait = 0;
    int code = 0;
    if (manage->actor == IDENTITY_OPERATOR)
        return PORTICO_OK;
    for (size_t i = 0; code == 0 && i < sizeof budgets / sizeof *budgets; i++)
        code = identity_guess_take(manage->identity, manage->session, budgets[i].kind,
                                   budgets[i].key, budgets[i].most, &wait, error);
    return code == PORTICO_ELIMIT
               ? inside_limit(manage->context, wait, /* translated */
                              "Partners were asked too often within an hour, and each time their "
                              "admins are told.",
                              error)
               : code;
}

int manage_delegation_give(const struct manage *manage, const struct identity_new_delegation *made,
                           struct portico_error *error)
{
    int64_t id = 0;
    struct identity_delegation given;
    int code = identity_delegating(manage->identity, manage->session, manage->actor, made->account,
                                   made->partner, made->roles, error);
    if (code == 0)
        code = identity_delegation_give(manage->session, made, &id, error);
    if (code == 0)
        code = count_offer(manage, made, error);
    if (code == 0)
        code = identity_delegation_look(manage->session, id, &given, error);
    if (code < 0)
        return code;
    struct step step = step_of(&given);
    step.kind = made->accepted ? "delegation.given" : "delegation.offered";
    step.object = with_day(manage, &step);
    step.told = made->partner;
    step.title = made->accepted ? /* translated */ "{partner} acts for {company} from now on"
                                : /* translated */ "{company} asks {partner} to act for them";
    step.url = page_of(manage, id);
    return done(manage, 0, &step, error);
}

/* As they stand now: what was offered by who may not any more is nobody's to accept. */
static int ask_giver(const struct manage *manage, const struct identity_delegation *offer,
                     struct portico_error *error)
{
    struct identity_person giver = { .state = IDENTITY_DISABLED };
    int code = 0;
    if (offer->commanded)
        return PORTICO_OK;
    if (offer->giver)
        code = identity_person_look(manage->session, offer->giver, &giver, error);
    if (code == 0 && giver.state == IDENTITY_ACTIVE)
        code = identity_delegating(manage->identity, manage->session, offer->giver, offer->account,
                                   offer->partner, offer->roles, error);
    else if (code == 0)
        code = PORTICO_EPERM;
    if (code != PORTICO_EPERM && code != PORTICO_ENOENT)
        return code;
    return error_set(error, PORTICO_EPERM,
                     /* translated */
                     "Whoever offered it may not do so any more: the company offers it again if "
                     "you ask.");
}

int manage_delegation_accept(const struct manage *manage, int64_t partner, int64_t delegation,
                             struct portico_error *error)
{
    struct identity_delegation offer;
    int code = identity_delegation_look(manage->session, delegation, &offer, error);
    if (code == 0 && (offer.partner != partner || offer.accepted))
        code = error_set(error, PORTICO_ENOENT, "There is no such offer any more.");
    if (code == 0)
        code = ask_giver(manage, &offer, error);
    if (code == 0)
        code = identity_delegation_accept(manage->session, delegation, error);
    if (code < 0)
        return code;
    struct step step = step_of(&offer);
    step.kind = "delegation.accepted";
    step.told = offer.account;
    step.title = /* translated */ "{partner} acts for {company} from now on";
    step.url = page_of(manage, delegation);
    return done(manage, 0, &step, error);
}

int manage_delegation_end(const struct manage *manage, int64_t account, int64_t delegation,
                          const char **ret_kind, struct portico_error *error)
{
    bool accepted;
    struct identity_delegation found;
    int code = identity_delegation_look(manage->session, delegation, &found, error);
    if (code == 0 && found.account != account && found.partner != account)
        code = error_set(error, PORTICO_ENOENT, "There is no such delegation any more.");
    if (code == 0)
        code = identity_delegation_end(manage->session, delegation, &accepted, error);
    if (code < 0)
        return code;
    struct step step = step_of(&found);
    const bool own = found.account == account;
    step.told = own ? found.partner : found.account;
    step.kind = accepted ? "delegation.ended"
                : own    ? "delegation.withdrawn"
                         : "delegation.declined";
    step.title = accepted ? /* translated */ "{partner} acts for {company} no more"
                 : own    ? /* translated */ "{company} asks {partner} no more to act for them"
                          : /* translated */ "{partner} does not want to act for {company}";
    if (ret_kind)
        *ret_kind = step.kind;
    /* Both companies know that it is over: its row alone was left. */
    return found.told ? record(manage, &step, error) : done(manage, 0, &step, error);
}

/* ---- the days that come ---- */

static int take(const struct manage *manage, enum identity_day day, int64_t delegation,
                struct identity_delegation *ret_found, struct portico_error *error)
{
    const int taken = identity_day_take(manage->session, day, delegation, error);
    if (taken <= 0)
        return taken;
    int code = identity_delegation_look(manage->session, delegation, ret_found, error);
    return code < 0 ? code : taken;
}

int manage_delegation_over(const struct manage *manage, int64_t delegation,
                           struct portico_error *error)
{
    struct identity_delegation found;
    const int taken = take(manage, IDENTITY_DAY_OVER, delegation, &found, error);
    if (taken <= 0)
        return taken;
    struct step step = step_of(&found);
    step.object = with_day(manage, &step);
    step.told = found.account;
    step.also = found.partner;
    step.kind = found.accepted ? "delegation.expired" : "delegation.lapsed";
    step.title = found.accepted ? /* translated */ "{partner} acts for {company} no more: the last "
                                                   "day is over"
                                : /* translated */ "{company} asks {partner} no more to act for "
                                                   "them: the last day is over";
    return done(manage, 0, &step, error);
}

int manage_delegation_near(const struct manage *manage, int64_t delegation,
                           struct portico_error *error)
{
    struct identity_delegation found;
    const int taken = take(manage, IDENTITY_DAY_NEAR, delegation, &found, error);
    if (taken <= 0)
        return taken;
    struct step step = step_of(&found);
    step.told = found.account;
    step.title = /* translated */ "{partner} acts for {company} only until {day}";
    step.url = page_of(manage, delegation);
    return tell(manage, &step, error);
}
