#include "portal/manage_merge.h"

#include "base/clock.h"
#include "base/error.h"
#include "identity/holding.h"
#include "identity/person.h"
#include "job/job.h"
#include "module/personal.h"
#include "portal/inside.h"
#include "portal/portal.h"

#include <glib.h>

#define MERGE_TRIES 60 /* what is under way may take hours */
/* µs before rows go over: longer than a transaction lives that began before */
#define MERGE_DELAY INT64_C(3000000)

/* ---- whether it may be done ---- */

static int check_reason(const char *reason, struct portico_error *error)
{
    bool said = false, seen = reason && g_utf8_validate(reason, -1, NULL);
    for (const char *at = reason; seen && *at; at = g_utf8_next_char(at)) {
        const gunichar letter = g_utf8_get_char(at);
        seen = g_unichar_isprint(letter) && g_unichar_type(letter) != G_UNICODE_FORMAT;
        said |= !g_unichar_isspace(letter);
    }
    if (said && seen && g_utf8_strlen(reason, -1) <= MANAGE_MERGE_REASON_MAX)
        return 0;
    return error_set(error, PORTICO_EINVAL,
                     /* translated */
                     "Say why, in one line of at most 200 letters: they and their companies read "
                     "it.");
}

/* Neither is being erased or still on the way from, or into, somebody. */
static int check_quiet(const struct manage *manage, int64_t person, struct portico_error *error)
{
    bool leaving = false, merging = false;
    int code = identity_leaving(manage->session, person, &leaving, error);
    if (code == 0)
        code = identity_merging(manage->session, person, &merging, error);
    if (code == 0 && leaving)
        code = error_set(error, PORTICO_ECONFLICT,
                         /* translated */ "One of them is being erased: that comes first.");
    if (code == 0 && merging)
        code = error_set(error, PORTICO_ECONFLICT,
                         /* translated */
                         "One of them was just merged, and rows are still going over: wait until "
                         "that is done.");
    return code;
}

/* Both get what the other may: who is behind the one's addresses can sign in as the other. */
static int check_account(const struct manage *manage, const struct manage_merge *merge,
                         int64_t account, struct portico_error *error)
{
    const int64_t people[] = { merge->from, merge->into };
    struct identity_member members[2] = { 0 };
    int code = 0;
    for (size_t i = 0; code == 0 && i < G_N_ELEMENTS(people); i++) {
        struct value *roles;
        const char *keys = "";
        code = identity_member_of(manage->session, account, people[i], &members[i], error);
        if (code == PORTICO_ENOENT) {
            code = 0;
            continue;
        }
        if (code == 0)
            code = identity_roles_of_member(manage->session, members[i].id, &roles, error);
        for (uint32_t r = 0; code == 0 && r < roles->count; r++)
            keys = portico_printf(manage->context, "%s %s", keys, value_rows_at(roles, r)->text);
        if (code == 0)
            code = identity_giving(manage->identity, manage->session, manage->actor, account,
                                   people[1 - i], keys, error);
        if (code == PORTICO_EINVAL)
            code = error_set(error, PORTICO_EPERM,
                             /* translated */
                             "One of them holds a role that nobody gives any more: take it from "
                             "them first.");
        if (code == 0 && members[i].below)
            code = identity_giving_below(manage->identity, manage->session, manage->actor, account,
                                         error);
    }
    return code;
}

/* Who belongs to companies is for those to change who look after companies. */
static int check_companies(const struct manage *manage, const struct manage_merge *merge,
                           struct portico_error *error)
{
    struct identity_union *unions;
    size_t count;
    bool companies = false;
    int code =
        identity_merge_look(manage->session, merge->from, merge->into, &unions, &count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        companies |= unions[i].account != IDENTITY_OWNER;
        code = check_account(manage, merge, unions[i].account, error);
        if (code == 0 && unions[i].loses_later)
            code = error_set(error, PORTICO_ECONFLICT,
                             /* translated */
                             "One of them belongs to a company from a later day on, and would not "
                             "any more: let it begin, or end it, first.");
    }
    if (code < 0 || !companies || manage->actor == IDENTITY_OPERATOR)
        return code;
    code = identity_person_may(manage->identity, manage->session, manage->actor, 0,
                               "portico.accounts", error);
    return code != 0 ? MIN(code, 0)
                     : error_set(error, PORTICO_EPERM,
                                 /* translated */
                                 "They belong to companies: only who looks after companies merges "
                                 "them.");
}

int manage_merge_open(const struct manage *manage, const struct manage_merge *merge,
                      struct portico_error *error)
{
    const int64_t actor = manage->actor;
    if (actor == IDENTITY_OPERATOR)
        return 0;
    /* By the owner's roles alone: they see addresses of all. */
    int code = identity_person_may(manage->identity, manage->session, actor, IDENTITY_OWNER,
                                   MANAGE_MERGE_PERMISSION, error);
    if (code == 0)
        code = error_set(error, PORTICO_EPERM,
                         /* translated */ "You may not merge people: ask an admin.");
    code = MIN(code, 0);
    if (code == 0 && merge->from)
        code = identity_over(manage->identity, manage->session, actor, merge->from, error);
    if (code == 0 && merge->into)
        code = identity_over(manage->identity, manage->session, actor, merge->into, error);
    return code;
}

static int check(const struct manage *manage, const struct manage_merge *merge,
                 struct portico_error *error)
{
    const int64_t actor = manage->actor;
    if (merge->from == merge->into)
        return error_set(error, PORTICO_EINVAL,
                         /* translated */ "This is the same person: choose somebody else.");
    if (actor != IDENTITY_OPERATOR && (actor == merge->from || actor == merge->into))
        return error_set(error, PORTICO_EPERM,
                         /* translated */ "Nobody merges themselves: ask another admin.");
    int code = manage_merge_open(manage, merge, error);
    if (code == 0)
        code = check_companies(manage, merge, error);
    if (code == 0)
        code = check_quiet(manage, merge->from, error);
    return code < 0 ? code : check_quiet(manage, merge->into, error);
}

int manage_merge_may(const struct manage *manage, const struct manage_merge *merge,
                     struct portico_error *error)
{
    struct identity_person gone, remains;
    int code = identity_person_look(manage->session, merge->from, &gone, error);
    if (code == 0)
        code = identity_person_look(manage->session, merge->into, &remains, error);
    if (code == 0)
        code = identity_merge_check(&gone, &remains, error);
    return code < 0 ? code : check(manage, merge, error);
}

/* ---- what was seen ---- */

static int seen_of(const struct manage *manage, const struct identity_union *unions, size_t count,
                   const char **ret_seen, struct portico_error *error)
{
    GString *words = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(words, "%lld %d %d %d %d %d|%s|%s|%s\n",
                               (long long)unions[i].account, unions[i].from != 0,
                               unions[i].into != 0, unions[i].takes_over, unions[i].adds,
                               unions[i].below, unions[i].gained, unions[i].lost, unions[i].teams);
    char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, words->str, (gssize)words->len);
    *ret_seen = arena_printf(store_session_arena(manage->session), "%.32s", sum);
    g_free(sum);
    g_string_free(words, TRUE);
    return *ret_seen ? 0 : error_set(error, PORTICO_ENOMEM, "Memory ended.");
}

int manage_merge_seen(const struct manage *manage, const struct manage_merge *merge,
                      const char **ret_seen, struct portico_error *error)
{
    struct identity_union *unions;
    size_t count;
    int code =
        identity_merge_look(manage->session, merge->from, merge->into, &unions, &count, error);
    return code < 0 ? code : seen_of(manage, unions, count, ret_seen, error);
}

static int check_seen(const struct manage *manage, const struct manage_merge *merge,
                      const struct identity_union *unions, size_t count,
                      struct portico_error *error)
{
    const char *seen = NULL;
    if (!merge->seen)
        return 0;
    int code = seen_of(manage, unions, count, &seen, error);
    if (code == 0 && strcmp(seen, merge->seen) != 0)
        code = error_set(error, PORTICO_ECONFLICT,
                         /* translated */
                         "What would follow is not what you saw: somebody changed it meanwhile. "
                         "Look again, then confirm.");
    return code;
}

/* ---- who is told ---- */

static const char *words(const struct manage *manage, const char *locale, const char *source,
                         const struct portico_value *arguments)
{
    const struct module_host *host = inside_context_host(manage->context);
    return page_translate(host->pages, "portico", store_session_arena(manage->session), locale,
                          source, (const struct value *)(const void *)arguments);
}

/* Whoever reads at the address of the one who vanished: it is how a wrong merge comes to light. */
static int write_to(const struct manage *manage, const struct identity_person *gone,
                    const struct identity_person *remains, const char *reason,
                    struct portico_error *error)
{
    const struct module_host *host = inside_context_host(manage->context);
    struct portico_value *arguments = portico_object(manage->context);
    if (!gone->address || !*gone->address)
        return 0;
    portico_set_text(arguments, "portal", config_text(host->config, "portal", "name"));
    portico_set_text(arguments, "old", gone->handle);
    portico_set_text(arguments, "new", remains->handle);
    portico_set_text(arguments, "reason", reason);
    const char *locale = gone->locale && *gone->locale ? gone->locale : remains->locale;
    const char *text =
        words(manage, locale, /* translated */
              "Your sign-in @{old} at {portal} became one with @{new}. What you wrote and where "
              "you belong is there now; sign in as @{new}, or with this address and the password "
              "of @{new}. If you do not know that password, ask for a new one.\n\nWhy: {reason}\n\n"
              "If @{new} is not you, say so to those who look after {portal} at once.\n",
              arguments);
    const struct portico_message message = {
        .size = sizeof message,
        .to = gone->address,
        .subject = words(manage, locale, /* translated */
                         "Your sign-in at {portal} became one "
                         "with another",
                         arguments),
        .text = text,
    };
    return portico_mail_send(portico_mail(manage->context), &message, NULL, error);
}

static int notify(const struct manage *manage, const struct identity_person *gone,
                  const struct manage_merge *merge, struct portico_error *error)
{
    struct portico_value *arguments = portico_object(manage->context);
    portico_set_text(arguments, "name", gone->name);
    portico_set_text(arguments, "handle", gone->handle);
    const struct portico_notice notice = {
        .size = sizeof notice,
        .flags = PORTICO_NOTICE_ONLY_NAMED | PORTICO_NOTICE_MENTION,
        .kind = "merged",
        .subject = portico_printf(manage->context, "merged/%lld", (long long)merge->from),
        .title = /* translated */ "The sign-in of {name} (@{handle}) became one with yours",
        .arguments = arguments,
        .text = merge->reason,
        .url = "/account",
        .people = &merge->into,
        .people_count = 1,
        .reason = /* translated */ "because it is about you",
    };
    return portico_notify(portico_notices(manage->context), &notice, error);
}

/* What happens to one of them in one account: the event, and the record. */
struct change {
    const char *event, *record;
    int64_t person;
};
enum { CHANGES_MAX = 3 };

/* Who only asked to join was no member: that is declined and asked for, not removed and added. */
static size_t changes_of(const struct manage_merge *merge, const struct identity_union *united,
                         struct change changes[CHANGES_MAX])
{
    static const struct change removed = { "portal.portico.membership.removed",
                                           "membership.removed", 0 },
                               declined = { "portal.portico.membership.declined",
                                            "membership.declined", 0 },
                               applied = { "portal.portico.membership.applied",
                                           "membership.applied", 0 },
                               changed = { "portal.portico.membership.changed",
                                           "membership.changed", 0 },
                               added = { "portal.portico.membership.added", "membership.made", 0 };
    const bool was_member = united->into && !united->into_asked;
    const bool more = united->takes_over || *united->gained || united->below;
    size_t count = 0;
    if (!united->from)
        return 0;
    changes[count] = united->from_asked ? declined : removed;
    changes[count++].person = merge->from;
    if (united->takes_over && united->from_asked) {
        changes[count] = removed; /* it was over already */
        changes[count].person = merge->into;
        count += was_member;
        changes[count] = applied;
        changes[count++].person = merge->into;
    } else if (more) {
        changes[count] = was_member ? changed : added;
        changes[count++].person = merge->into;
    }
    return count;
}

/* Modules that keep names, or copies of who belongs where. */
static int emit(const struct manage *manage, const struct manage_merge *merge,
                const struct identity_union *unions, size_t count, struct portico_error *error)
{
    struct portico_value *data = portico_object(manage->context);
    portico_set_id(data, "person", merge->into);
    portico_set_id(data, "merged", merge->from);
    const struct portico_emission emission = {
        .size = sizeof emission,
        .type = "portal.portico.person.merged",
        .subject = portico_printf(manage->context, "person/%lld", (long long)merge->into),
        .data = data,
    };
    int code = portico_emit(portico_events(manage->context), &emission, NULL, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct change changes[CHANGES_MAX];
        const size_t steps = changes_of(merge, &unions[i], changes);
        for (size_t s = 0; code == 0 && s < steps; s++)
            code = portal_tell_account(manage->context, changes[s].event, unions[i].account,
                                       changes[s].person, "merged", error);
        const int64_t ends = unions[i].takes_over ? unions[i].into : unions[i].from;
        const bool asked = unions[i].takes_over ? unions[i].into_asked : unions[i].from_asked;
        if (code == 0 && steps && asked)
            code = portal_application_over(manage->context, ends, error);
    }
    return code < 0 ? code
                    : portal_tell(manage->context, "portal.portico.person.changed", merge->into,
                                  "merged", error);
}

/* What one company reads: that it was, about whom it knew, without the id of the other; and what
 * they may there since, and do not any more. */
static int record_union(const struct manage *manage, const struct manage_merge *merge,
                        const struct identity_union *united, struct portico_error *error)
{
    const int64_t account = united->account;
    struct change changes[CHANGES_MAX];
    const size_t steps = changes_of(merge, united, changes);
    const int64_t loser = united->takes_over ? merge->into : merge->from;
    int code = 0;
    if (united->from)
        code = manage_record(manage, "person.merged", account, merge->from, merge->reason, error);
    if (code == 0 && united->into)
        code = manage_record(manage, "person.merged", account, merge->into, merge->reason, error);
    for (size_t s = 0; code == 0 && s < steps; s++)
        code = manage_record(manage, changes[s].record, account, changes[s].person,
                             united->below && changes[s].person == merge->into ? "merged, below on"
                                                                               : "merged",
                             error);
    if (code == 0)
        code =
            manage_record_roles(manage, "role.given", united->gained, account, merge->into, error);
    return code < 0
               ? code
               : manage_record_roles(manage, "role.taken", united->lost, account, loser, error);
}

/* How many addresses become sign-ins of the other; the log has no addresses. */
static int record_addresses(const struct manage *manage, const struct manage_merge *merge,
                            struct portico_error *error)
{
    struct value *rows;
    int code = identity_addresses(manage->session, merge->from, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++)
        if (portico_get_integer(value_public(value_at(rows, i)), "verified", 0))
            code = manage_record(manage, "address.added", 0, merge->into, "merged", error);
    return code;
}

/* One for the portal about each of them, and what each company reads. Nobody waits for the log
 * meanwhile: identity_audit writes it as the last thing of the transaction. */
static int record(const struct manage *manage, const struct manage_merge *merge,
                  const struct identity_union *unions, size_t count, struct portico_error *error)
{
    const char *into =
        portico_printf(manage->context, "into %lld: %s", (long long)merge->into, merge->reason);
    const char *from =
        portico_printf(manage->context, "from %lld: %s", (long long)merge->from, merge->reason);
    int code = manage_record(manage, "person.merged", 0, merge->from, into, error);
    if (code == 0)
        code = manage_record(manage, "person.merged", 0, merge->into, from, error);
    if (code == 0)
        code = record_addresses(manage, merge, error);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = record_union(manage, merge, &unions[i], error);
    return code;
}

/* ---- doing it ---- */

static int queue(const struct manage *manage, const struct manage_merge *merge, bool late,
                 int64_t *ret_job, struct portico_error *error)
{
    struct value *arguments = value_new(store_session_arena(manage->session), PORTICO_OBJECT);
    if (!arguments || value_set_integer(arguments, "from", merge->from) < 0 ||
        value_set_integer(arguments, "into", merge->into) < 0 ||
        (late && value_set_integer(arguments, "late", 1) < 0))
        return error_set(error, PORTICO_ENOMEM, "Memory ended.");
    const struct job_request job = { .module = "core",
                                     .name = PERSONAL_MERGE_JOB,
                                     .kind = JOB_HOST,
                                     .arguments = arguments,
                                     .not_before = clock_now() + MERGE_DELAY,
                                     .attempts = MERGE_TRIES };
    return job_queue(manage->session, &job, ret_job, error);
}

int manage_merge_again(const struct manage *manage, int64_t from, int64_t *ret_job,
                       struct portico_error *error)
{
    struct identity_person gone;
    int code = identity_person_look(manage->session, from, &gone, error);
    if (code == 0 && !gone.merged_into)
        code = error_set(error, PORTICO_ENOENT, "Person %lld was not merged into anybody.",
                         (long long)from);
    bool merging = false;
    if (code == 0)
        code = identity_merging(manage->session, from, &merging, error);
    if (code == 0 && merging)
        code = error_set(error, PORTICO_ECONFLICT,
                         "Rows of person %lld are still going over: wait until that is done. "
                         "`portico job list` says whether the job was given up, and why.",
                         (long long)from);
    const struct manage_merge merge = { .from = from, .into = code == 0 ? gone.merged_into : 0 };
    return code < 0 ? code : queue(manage, &merge, true, ret_job, error);
}

int manage_merge(const struct manage *manage, const struct manage_merge *merge, int64_t *ret_job,
                 struct portico_error *error)
{
    struct identity_person gone, remains;
    struct identity_union *unions;
    size_t count;
    int64_t proof;
    int code = check_reason(merge->reason, error);
    if (code == 0)
        code = identity_merge_hold(manage->session, merge->from, merge->into, error);
    if (code == 0)
        code = check(manage, merge, error);
    if (code == 0)
        code = identity_person_look(manage->session, merge->from, &gone, error);
    if (code == 0)
        code = identity_person_look(manage->session, merge->into, &remains, error);
    if (code == 0)
        code =
            identity_merge_look(manage->session, merge->from, merge->into, &unions, &count, error);
    if (code == 0)
        code = check_seen(manage, merge, unions, count, error);
    if (code == 0)
        code = record(manage, merge, unions, count, error);
    if (code == 0)
        code = identity_merge(manage->session, merge->from, merge->into, error);
    if (code == 0)
        code = emit(manage, merge, unions, count, error);
    if (code == 0)
        code = notify(manage, &gone, merge, error);
    if (code == 0)
        code = write_to(manage, &gone, &remains, merge->reason, error);
    if (code == 0)
        code = personal_request_open(manage->session, "merge", merge->from, &proof, NULL, error);
    return code < 0 ? code : queue(manage, merge, false, ret_job, error);
}
