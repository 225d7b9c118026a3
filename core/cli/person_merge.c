/* `portico person merge`: two people who are one. */
#include "cli/person_merge.h"

#include "base/error.h"
#include "cli/manage.h"
#include "portal/manage_merge.h"

#include <stdio.h>

static void say_roles(GString *said, const char *words, const char *roles)
{
    if (*roles)
        g_string_append_printf(said, "; %s: %s", words, roles);
}

/* A line for each company of the one who goes. */
static void say_union(GString *said, const struct identity_union *united)
{
    const char *name = united->account == IDENTITY_OWNER ? "the owner's account" : united->name;
    if (!united->from)
        return;
    g_string_append_printf(said, "  %s: %s", name,
                           !united->into        ? "belongs to it from now on"
                           : united->takes_over ? "the membership of the other counts, theirs is "
                                                  "not in force"
                                                : "belongs to it already");
    say_roles(said, "gets", united->gained);
    say_roles(said, "ends", united->lost);
    say_roles(said, united->adds ? "comes into the teams" : "places in teams end", united->teams);
    g_string_append_c(said, '\n');
}

static int say_following(struct cli_manage *at, const struct identity_person *from,
                         const struct identity_person *into, struct portico_error *error)
{
    struct identity_union *unions;
    size_t count;
    int code = identity_merge_look(at->manage.session, from->id, into->id, &unions, &count, error);
    if (code < 0)
        return code;
    g_string_append_printf(at->said, "%s (@%s, %lld) becomes one with %s (@%s, %lld):\n",
                           from->name, from->handle, (long long)from->id, into->name, into->handle,
                           (long long)into->id);
    for (size_t i = 0; i < count; i++)
        say_union(at->said, &unions[i]);
    return 0;
}

static int merge(struct cli_manage *at, void *data, struct portico_error *error)
{
    const struct cli_call *call = at->call;
    struct identity_person from, into;
    int64_t job = 0;
    (void)data;
    int code = identity_person_named(at->manage.session, call->arguments[1], &from, error);
    if (code == 0)
        code = identity_person_named(at->manage.session, call->arguments[2], &into, error);
    if (code < 0)
        return code;
    const struct manage_merge wanted = { .from = from.id,
                                         .into = into.id,
                                         .reason = cli_value(call, "reason") };
    code = manage_merge_may(&at->manage, &wanted, error);
    if (code == 0)
        code = say_following(at, &from, &into, error);
    if (code < 0 || cli_value(call, "dry-run"))
        return code;
    code = manage_merge(&at->manage, &wanted, &job, error);
    g_string_append_printf(at->said,
                           "Merged. Job %lld puts @%s in place of @%s in the modules' rows.\n",
                           (long long)job, into.handle, from.handle);
    return code;
}

static int merge_again(struct cli_manage *at, void *data, struct portico_error *error)
{
    const int64_t *from = data;
    int64_t job = 0;
    int code = manage_merge_again(&at->manage, *from, &job, error);
    if (code == 0)
        g_string_append_printf(at->said,
                               "Job %lld looks for what still names person %lld, in all modules "
                               "that are enabled now.\n",
                               (long long)job, (long long)*from);
    return code;
}

int person_merge_again(const struct cli_call *call, int64_t from)
{
    return cli_manage_run(call, merge_again, &from);
}

int person_merge(const struct cli_call *call)
{
    return cli_manage_run(call, merge, NULL);
}
