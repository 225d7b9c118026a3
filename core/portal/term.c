#include "portal/term.h"

#include "base/clock.h"
#include "base/error.h"
#include "identity/person.h"

#include <glib.h>

/* ---- the days ---- */

static const char *say(struct portico_request *request, const char *source)
{
    return portico_translate(request, source, NULL);
}

/* NULL: the day can be read. */
static const char *read_day(struct portico_request *request, const char *field,
                            int64_t (*parse)(const char *text, size_t length), int64_t *day)
{
    const char *text = portico_form(request, field);
    if (!text)
        return NULL;
    const int64_t read = *text ? parse(text, strlen(text)) : 0;
    if (read == INT64_MIN)
        return say(request, /* translated */
                   "This is no day: write one such as 2027-06-30, or leave it empty.");
    *day = read;
    return NULL;
}

bool term_read(struct portico_request *request, const struct identity_member *member,
               struct term *ret_term)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct term term = { .from = member->from, .until = member->until };
    term.from_wrong = read_day(request, "from", clock_parse_first_day, &term.from);
    term.until_wrong = read_day(request, "until", clock_parse_last_day, &term.until);
    if (!term.from_wrong && !term.until_wrong &&
        identity_member_days(member->account, term.from, term.until, &error) < 0)
        term.from_wrong = say(request, error.message);
    *ret_term = term;
    return !term.from_wrong && !term.until_wrong;
}

/* As it was typed, or as it is. */
static void show_day(struct portico_request *request, bool again, const char *field,
                     const char *day, struct portico_value *view)
{
    const char *typed = again ? portico_form(request, field) : NULL;
    portico_set_text(view, field, typed ? typed : day);
}

void term_show(struct portico_request *request, const struct identity_member *member,
               const struct term *again, struct portico_value *view)
{
    char first[11], last[11];
    clock_first_day(member->from, first);
    clock_last_day(member->until, last);
    show_day(request, again, "from", first, view);
    show_day(request, again, "until", last, view);
    portico_set_text(view, "from_wrong", again ? again->from_wrong : NULL);
    portico_set_text(view, "until_wrong", again ? again->until_wrong : NULL);
}

static void set_time(struct portico_value *item, const char *name, int64_t time)
{
    if (time)
        portico_set_time(item, name, time);
    else
        portico_set_text(item, name, NULL);
}

void term_show_begin(struct portico_request *request, int64_t from, struct portico_value *item)
{
    set_time(item, "begins", from > portico_now(request) ? clock_in_first_day(from) : 0);
}

/* ---- how it came about ---- */

void term_show_source(struct portico_request *request, struct store_session *session,
                      const struct identity_member *member, struct portico_value *view)
{
    static const char *const sources[] = { "invited", "domain", "import", "staff", "roles" };
    struct identity_person by;
    struct portico_value *came = portico_set_object(view, "came");
    bool known = false;
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        const bool is = strcmp(member->source, sources[i]) == 0;
        portico_set_boolean(came, sources[i], is);
        known |= is;
    }
    portico_set_boolean(came, "other", !known);
    /* Who was erased since has no name any more. */
    const bool named = member->by && identity_person_look(session, member->by, &by, NULL) == 0;
    portico_set_text(came, "by", named ? by.name : NULL);
    portico_set_time(came, "day", member->created);
    set_time(view, "since",
             member->from > portico_now(request) ? 0
             : member->from > member->created    ? clock_in_first_day(member->from)
                                                 : member->created);
}
