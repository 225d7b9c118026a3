/* What the log kept of an act, in its reader's words: which role, until when, how it was called. */
#include "base/clock.h"
#include "module/facts.h"
#include "module/module.h"
#include "portal/company.h"

#include <glib.h>

typedef const char *in_words(const struct company *company, const char *kept);

static const char *translate_with(const struct company *company, const char *words,
                                  const char *name, const char *text)
{
    struct portico_value *arguments = portico_object(company->request);
    portico_set_text(arguments, name, text);
    return portico_translate(company->request, words, arguments);
}

static const char *join(const struct company *company, const char *said, const char *more)
{
    return *said ? portico_printf(company->request, "%s, %s", said, more) : more;
}

/* ---- roles ---- */

/* One that is gone is told by the key it had. */
static const char *one_role(const struct company *company, const char *key)
{
    const char *title = company_titles(company, key);
    if (!title && strcmp(key, "account-member") == 0)
        title = portico_translate(company->request, /* translated */ "Account member", NULL);
    return title ? title : key;
}

static const char *roles(const struct company *company, const char *kept)
{
    const char *said = "";
    char **keys = g_strsplit(kept, " ", -1);
    for (char **key = keys; *key; key++)
        if (**key)
            said = join(company, said,
                        one_role(company, portico_printf(company->request, "%s", *key)));
    g_strfreev(keys);
    return said;
}

/* ---- days, and what stands beside them ---- */

static const struct {
    const char *kept, *words;
} fixed[] = {
    { "with approval", /* translated */ "with approval" },
    { "without approval", /* translated */ "without approval" },
    { "below on", /* translated */ "also in the companies below" },
    { "below off", /* translated */ "no more in the companies below" },
    { "from the start", /* translated */ "without a first day" },
    { "until ever", /* translated */ "without a last day" },
};

static const char *day(const struct company *company, const char *words, int64_t moment)
{
    struct portico_value *arguments = portico_object(company->request);
    portico_set_time(arguments, "day", moment);
    return portico_translate(company->request, words, arguments);
}

/* What is none of these was written by somebody, such as what they do there. */
static const char *one_part(const struct company *company, const char *part)
{
    const size_t length = strlen(part);
    int64_t moment;
    for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
        if (strcmp(part, fixed[i].kept) == 0)
            return portico_translate(company->request, fixed[i].words, NULL);
    if (g_str_has_prefix(part, "until ") &&
        (moment = clock_parse_last_day(part + 6, length - 6)) != INT64_MIN)
        return day(company, /* translated */ "until {day}", clock_in_last_day(moment));
    if (g_str_has_prefix(part, "from ") &&
        (moment = clock_parse_first_day(part + 5, length - 5)) != INT64_MIN)
        return day(company, /* translated */ "from {day}", clock_in_first_day(moment));
    return part;
}

static const char *parts(const struct company *company, const char *kept)
{
    const char *said = "";
    char **each = g_strsplit(kept, ", ", -1);
    for (char **part = each; *part; part++)
        said =
            join(company, said, one_part(company, portico_printf(company->request, "%s", *part)));
    g_strfreev(each);
    return said;
}

/* "account-admin buyer, until 2027-06-30" */
static const char *lent(const struct company *company, const char *kept)
{
    const char *comma = strstr(kept, ", ");
    if (!comma)
        return roles(company, kept);
    const char *keys = portico_printf(company->request, "%.*s", (int)(comma - kept), kept);
    return join(company, roles(company, keys), parts(company, comma + 2));
}

/* ---- names ---- */

/* "Harbour: now Harbour Works", "The crew: in" */
static const char *named(const struct company *company, const char *kept)
{
    static const struct {
        const char *kept, *words;
    } ends[] = {
        { ": in", /* translated */ "{name}: taken in" },
        { ": out", /* translated */ "{name}: taken out" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(kept, ends[i].kept))
            return translate_with(company, ends[i].words, "name",
                                  portico_printf(company->request, "%.*s",
                                                 (int)(strlen(kept) - strlen(ends[i].kept)), kept));
    const char *now = g_strrstr(kept, ": now ");
    return !now ? kept
                : portico_printf(company->request, "%.*s → %s", (int)(now - kept), kept,
                                 now + strlen(": now "));
}

/* ---- facts ---- */

static const char *fact_value(const struct facts_reader *reader, const struct module *module,
                              const struct portico_account_fact *fact, const char *kept)
{
    return strcmp(kept, "none") == 0 ? "–" : facts_text(reader, module->id, fact, kept);
}

/* "contacts.plan: basic: now plus"; nothing of a fact that the account does not see any more. */
static const char *fact(const struct company *company, const char *kept)
{
    struct portico_request *request = company->request;
    const struct facts_reader reader = { inside_host(request), portico_locale(request),
                                         inside_arena(request) };
    const char *dot = strchr(kept, '.'), *value = strstr(kept, ": "),
               *now = g_strrstr(kept, ": now ");
    if (!dot || !value || !now || dot > value || value >= now)
        return NULL;
    const struct module *module = registry_find(
        reader.host->registry, portico_printf(request, "%.*s", (int)(dot - kept), kept));
    const struct portico_account_fact *declared =
        module
            ? facts_find(module, portico_printf(request, "%.*s", (int)(value - dot - 1), dot + 1))
            : NULL;
    if (!declared || !(declared->flags & PORTICO_FACT_SHOWN))
        return NULL;
    const char *before = portico_printf(request, "%.*s", (int)(now - value - 2), value + 2);
    return portico_printf(request, "%s: %s → %s", facts_words(&reader, module->id, declared->title),
                          fact_value(&reader, module, declared, before),
                          fact_value(&reader, module, declared, now + strlen(": now ")));
}

/* ---- each kind ---- */

/* What other acts keep are ids and words of the portal's own, or why staff did it. */
static const struct {
    const char *prefix;
    in_words *say;
} kinds[] = {
    { "role.", roles },       { "membership.", parts },     { "delegation.", lent },
    { "team.", named },       { "account.renamed", named }, { "domain.", parts },
    { "account.fact", fact },
};

const char *company_log_details(const struct company *company, const struct portico_value *row)
{
    const char *kind = portico_get_text(row, "kind", ""),
               *kept = portico_get_text(row, "object", NULL);
    for (size_t i = 0; kept && *kept && i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(kind, kinds[i].prefix))
            return kinds[i].say(company, kept);
    return NULL;
}
