/* Somebody came to a company by a domain of theirs: who is told. */
#include "base/error.h"
#include "identity/audience.h"
#include "identity/holding.h"
#include "identity/member.h"
#include "identity/person.h"
#include "portal/company.h"

#define ADMINS_TOLD 50

static const char *subject_of(struct portico_context *context, int64_t membership)
{
    return portico_printf(context, "application/%lld", (long long)membership);
}

int company_tell_admins(struct portico_context *context, int64_t account,
                        const struct portico_notice *notice, const char *staff_url,
                        struct portico_error *error)
{
    portico_id people[ADMINS_TOLD];
    struct portico_notice told = *notice;
    struct value *rows;
    bool staff;
    struct store_session *session = inside_context_session(context, error);
    if (!session)
        return error->code < 0 ? error->code : PORTICO_EIO;
    int code = identity_people_looking_after(inside_context_host(context)->identity, session,
                                             account, ADMINS_TOLD, &rows, &staff, error);
    if (code < 0 || rows->count == 0 || (staff && !staff_url))
        return code;
    /* It may name people: who looks after the company no more reads it no more. */
    const struct identity_audience keepers = { .kind = IDENTITY_FOR_KEEPERS,
                                               .account = staff ? IDENTITY_OWNER : account };
    code = identity_audience_of(session, &keepers, &told.audience, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count; i++)
        people[i] = value_rows_at(rows, i)->integer;
    told.size = sizeof told;
    told.flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION;
    told.people = people;
    told.people_count = rows->count;
    told.url = staff ? staff_url : notice->url;
    told.reason =
        staff ? /* translated */ "because you look after companies, and nobody else this one"
              : /* translated */ "because you look after your company's people";
    return portico_notify(portico_notices(context), &told, error);
}

static int tell_admins(struct portico_request *request, const struct identity_person *person,
                       const struct portico_value *row, struct portico_error *error)
{
    const int64_t membership = portico_get_integer(row, "id", 0);
    struct portico_value *arguments = portico_object(request);
    portico_set_text(arguments, "name", person->name);
    portico_set_text(arguments, "company", portico_get_text(row, "name", ""));
    const struct portico_notice notice = {
        .kind = "application",
        .subject = subject_of(request->context, membership),
        .title = /* translated */ "{name} asks to join {company}",
        .arguments = arguments,
        .text = person->address,
        .url = portico_printf(request, "/account/company/people/%lld", (long long)membership),
    };
    const int64_t account = portico_get_integer(row, "account", 0);
    return company_tell_admins(request->context, account, &notice,
                               portico_printf(request, "/admin/accounts/%lld/people/%lld",
                                              (long long)account, (long long)person->id),
                               error);
}

int portal_tell_joined(void *data, int64_t person, int64_t account, struct portico_error *error)
{
    struct portico_request *request = data;
    struct identity_person whose;
    struct store_session *session;
    struct value *rows;
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_person_look(session, person, &whose, error);
    if (code == 0)
        code = identity_memberships(session, person, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        const bool applied = portico_get_integer(row, "state", 1) == IDENTITY_APPLIED;
        if (portico_get_integer(row, "account", 0) != account)
            continue;
        code = portal_tell_account(request->context,
                                   applied ? "portal.portico.membership.applied"
                                           : "portal.portico.membership.added",
                                   account, person, NULL, error);
        if (code == 0)
            code = applied ? tell_admins(request, &whose, row, error)
                           : portal_application_over(request->context,
                                                     portico_get_integer(row, "id", 0), error);
    }
    return code;
}

int portal_application_over(struct portico_context *context, int64_t membership,
                            struct portico_error *error)
{
    return portico_notice_withdraw(portico_notices(context), subject_of(context, membership),
                                   error);
}
