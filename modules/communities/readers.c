#include "readers.h"

#include "reach.h"

#include <stdio.h>

const char *readers_of_asking(struct portico_request *request)
{
    const portico_id account = portico_account(request);
    if (!account || account == PORTICO_ACCOUNT_OWNER)
        return "staff"; /* what they ask for no customer */
    const char *word = portico_printf(request, "account:%lld", (long long)account);
    return word ? word : "some";
}

/* ---- words ---- */

static const char *word_of(struct portico_request *request, const struct portico_value *space,
                           const char *own)
{
    if (portico_get_boolean(space, "own_topics", 0))
        return portico_get_boolean(space, "own_people", 0) && strcmp(own, "staff") != 0 ? "person"
                                                                                        : own;
    const struct portico_value *who = reach_object(request, space);
    const char *level = portico_get_text(who, "level", "some");
    const char *role = portico_get_text(who, "role", NULL);
    const portico_id team = portico_get_integer(who, "team", 0);
    const portico_id account = portico_get_integer(who, "account", 0);
    if (team)
        return portico_printf(request, "%s:%lld", level, (long long)team);
    if (role)
        return portico_printf(request, "%s:%lld:%s", level, (long long)account, role);
    return account ? portico_printf(request, "%s:%lld", level, (long long)account) : level;
}

/* Of the space, or of whichever; NULL: nothing was said. */
static const char *said_of(struct portico_request *request, const char *sent, const char *slug)
{
    const size_t own = strlen(slug);
    for (const char *at = sent; *at;) {
        at += strspn(at, " ");
        const size_t length = strcspn(at, " "), name = strcspn(at, "= ");
        if (length && name == length)
            return portico_printf(request, "%.*s", (int)length, at);
        if (name == own && memcmp(at, slug, own) == 0)
            return portico_printf(request, "%.*s", (int)(length - name - 1), at + name + 1);
        at += length;
    }
    return NULL;
}

/* The same, or `whole` leaves out which. */
static int is_of(const char *word, const char *whole)
{
    const size_t length = strlen(whole);
    return strncmp(word, whole, length) == 0 && (!word[length] || word[length] == ':');
}

/* "account:7" behind "account", and "" behind "below". */
static const char *behind(const char *word, const char *level)
{
    const char *at = word + strlen(level);
    return *at == ':' ? at + 1 : at;
}

/* 1: all who read what is for `now` were among those whom `said` names, or look after all. */
static int is_within(const char *now, const char *said)
{
    static const struct {
        const char *part, *whole;
    } parts[] = { { "account", "below" }, { "role", "below" }, { "role", "account" } };
    if (strcmp(now, "person") == 0 || strcmp(said, "everyone") == 0 || is_of(now, said))
        return 1;
    if (strcmp(said, "signed-in") == 0)
        return strcmp(now, "everyone") != 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (is_of(now, parts[i].part) && is_of(said, parts[i].whole)) {
            const char *whole = behind(said, parts[i].whole);
            return !*whole || is_of(behind(now, parts[i].part), whole);
        }
    return 0;
}

/* ---- what the form carries ---- */

const char *readers_shown(struct portico_request *request, const struct portico_value *spaces,
                          const char *own, const char *sent)
{
    size_t length = 0;
    char *shown = portico_alloc(request, READERS_MOST + 1);
    for (size_t i = 0; shown && i < portico_count(spaces); i++) {
        const struct portico_value *space = portico_at(spaces, i);
        const char *slug = portico_get_text(space, "slug", "");
        const char *said = said_of(request, sent, slug);
        const char *word = said ? said : word_of(request, space, own);
        const size_t room = READERS_MOST + 1 - length;
        const int more =
            snprintf(shown + length, room, "%s%s=%s", length ? " " : "", slug, word ? word : "");
        if (more < 0 || (size_t)more >= room)
            break;
        length += (size_t)more;
    }
    if (shown)
        shown[length] = '\0';
    return shown ? shown : "";
}

int readers_are_others(struct portico_request *request, portico_id space, const char *own,
                       const char *sent, const char **ret_sentence, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(request),
                                 "{unfiltered telling} SELECT slug, title,\n"
                                 "    audience AS \"audience:id\",\n"
                                 "    own_topics AS \"own_topics:boolean\",\n"
                                 "    own_people AS \"own_people:boolean\"\n"
                                 "FROM communities_space\n"
                                 "WHERE id = ?",
                                 PORTICO_ARGS(portico_arg_id(space)), &row, error);
    if (code < 0)
        return code;
    const char *said = said_of(request, sent, portico_get_text(row, "slug", ""));
    const char *now = word_of(request, row, own);
    if (said && strcmp(said, READERS_OF_MOVING) == 0)
        said = own;
    if (!said || !now || is_within(now, said))
        return now ? 0 : PORTICO_ENOMEM;
    struct portico_value *arguments = portico_object(request);
    portico_set(arguments, "space", portico_get(row, "title"));
    portico_set_text(arguments, "readers", reach_sentence(request, row));
    *ret_sentence = portico_translate(request,
                                      "Nothing was sent: “{space}” is for others now than when "
                                      "you opened this page. {readers} Send it again if they may "
                                      "read it, or choose another space.",
                                      arguments);
    return *ret_sentence ? 1 : PORTICO_ENOMEM;
}
