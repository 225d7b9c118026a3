#include "brakes.h"

#include "acts.h"

#include <ctype.h>

#define HOUR 3600
#define SECOND INT64_C(1000000)
/* Nobody reads a question and writes an answer in less. */
#define FASTEST (3 * SECOND)
/* The same text again is looked for this far back. */
#define SAME_WITHIN (24 * HOUR * SECOND)
/* A newcomer's share of what others may do in an hour. */
#define NEWCOMER_SHARE 4

/* Somebody who has not shown yet that what they write stays. */
static int is_newcomer(struct portico_context *context, int *ret_newcomer,
                       struct portico_error *error)
{
    struct portico_value *row = NULL;
    portico_id person = portico_person(context);
    int64_t posts = 0;
    int code = PORTICO_OK;
    if (person)
        code = portico_query_one(portico_db(context),
                                 "SELECT posts\n"
                                 "FROM communities_author\n"
                                 "WHERE person = ?",
                                 PORTICO_ARGS(portico_arg_id(person)), &row, error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    if (code == 0)
        posts = portico_get_integer(row, "posts", 0);
    *ret_newcomer = posts < portico_setting_integer(context, "newcomer_posts");
    return PORTICO_OK;
}

int brakes_take(struct portico_context *context, enum brakes_act act, struct portico_error *error)
{
    static const struct {
        const char *name, *setting;
    } limits[] = {
        [BRAKES_QUESTION] = { "question", "questions_an_hour" },
        [BRAKES_ANSWER] = { "answer", "answers_an_hour" },
        [BRAKES_COMMENT] = { "comment", "comments_an_hour" },
        [BRAKES_VOTE] = { "vote", "votes_an_hour" },
        [BRAKES_FLAG] = { "flag", "flags_an_hour" },
        [BRAKES_EDIT] = { "edit", "comments_an_hour" },
    };
    int newcomer = 0;
    if (portico_may(context, "communities.moderate"))
        return PORTICO_OK;
    int code = is_newcomer(context, &newcomer, error);
    if (code < 0)
        return code;
    int64_t most = portico_setting_integer(context, limits[act].setting);
    if (newcomer)
        most = most > NEWCOMER_SHARE ? most / NEWCOMER_SHARE : 1;
    return portico_limit_take(portico_limits(context), limits[act].name, (uint32_t)most, HOUR,
                              error);
}

/* ---- what is held ---- */

/* Whether `text` holds `word` from one end of a word to the other, in any case of ASCII letters. */
static int holds(const char *text, const char *word, size_t length)
{
    int inside = 0;
    for (const char *at = text; *at; at++) {
        size_t same = 0;
        while (!inside && same < length &&
               tolower((unsigned char)at[same]) == tolower((unsigned char)word[same]))
            same++;
        unsigned char next = same == length ? (unsigned char)at[length] : 0;
        if (!inside && same == length && !isalnum(next) && next < 0x80)
            return 1;
        inside = isalnum((unsigned char)*at) || (unsigned char)*at >= 0x80;
    }
    return 0;
}

/* The setting's words stand between commas; each may be a phrase. */
static int is_blocked(struct portico_context *context, const char *text)
{
    const char *at = portico_setting_text(context, "blocked_words");
    while (at && *at) {
        size_t length = strcspn(at, ",");
        const char *word = at + strspn(at, " ");
        const char *end = at + length;
        while (end > word && end[-1] == ' ')
            end--;
        if (end > word && holds(text, word, (size_t)(end - word)))
            return 1;
        at += length + (at[length] == ',');
    }
    return 0;
}

/* The same person, the same words, within a day: sent again by mistake, or spread. */
static int refuse_same(struct portico_context *context, const struct brakes_text *text,
                       struct portico_error *error)
{
    static const char posts[] = ACTS_SQL "SELECT 1 AS found\n"
                                         "FROM communities_post p\n"
                                         "JOIN communities_author a ON a.id = p.author\n"
                                         "WHERE a.person = ? AND p.created > ? AND p.source = ?\n"
                                         "LIMIT 1";
    static const char comments[] =
        ACTS_SQL "SELECT 1 AS found\n"
                 "FROM communities_comment c\n"
                 "JOIN communities_author a ON a.id = c.author\n"
                 "WHERE a.person = ? AND c.created > ? AND c.source = ?\n"
                 "LIMIT 1";
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(context), text->act == BRAKES_COMMENT ? comments : posts,
                             PORTICO_ARGS(portico_arg_id(portico_person(context)),
                                          portico_arg_time(portico_now(context) - SAME_WITHIN),
                                          portico_arg_text(text->source)),
                             &rows, error);
    if (code == 0 && portico_count(rows) > 0)
        return write_fail(error, PORTICO_ECONFLICT,
                          portico_translate(context,
                                            "You wrote exactly this within the last day. Edit what "
                                            "you wrote there, or say it in other words.",
                                            NULL));
    return code;
}

static struct brakes_verdict judge(struct portico_context *context, const struct brakes_text *text,
                                   int newcomer)
{
    struct brakes_verdict held = { .status = STATUS_HELD };
    int64_t links = text_links(context, text->source);
    int64_t age = portico_now(context) - text->opened;
    if (is_blocked(context, text->source) || (text->title && is_blocked(context, text->title))) {
        held.reason = /* translated */ "It has a word of the list of words that are held";
    } else if (newcomer && links > portico_setting_integer(context, "newcomer_links")) {
        held.reason = /* translated */ "A newcomer wrote it, with {n} links";
        held.number = links;
    } else if (newcomer && text->opened && age >= 0 && age < FASTEST) {
        held.reason = /* translated */ "A newcomer sent it within seconds";
    } else {
        held.status = STATUS_SHOWN;
    }
    return held;
}

int brakes_write(struct portico_context *context, const struct brakes_text *text,
                 struct brakes_verdict *ret_verdict, struct portico_error *error)
{
    struct brakes_verdict verdict = { .status = STATUS_SHOWN };
    int newcomer = 0;
    int code = brakes_take(context, text->act, error);
    if (code == 0)
        code = is_newcomer(context, &newcomer, error);
    if (code == 0 && !portico_may(context, "communities.moderate")) {
        code = refuse_same(context, text, error);
        verdict = judge(context, text, newcomer);
    }
    if (code == 0)
        *ret_verdict = verdict;
    return code;
}

int brakes_edit(struct portico_context *context, const struct brakes_text *before,
                const struct brakes_text *after, struct brakes_verdict *ret_verdict,
                struct portico_error *error)
{
    struct brakes_verdict verdict = { .status = STATUS_SHOWN };
    int newcomer = 0;
    int code = brakes_take(context, BRAKES_EDIT, error);
    if (code == 0)
        code = is_newcomer(context, &newcomer, error);
    if (code == 0 && !portico_may(context, "communities.moderate")) {
        struct brakes_verdict was = judge(context, before, newcomer);
        verdict = judge(context, after, newcomer);
        if (was.status == STATUS_HELD && verdict.reason == was.reason &&
            verdict.number <= was.number)
            verdict = (struct brakes_verdict){ .status = STATUS_SHOWN };
    }
    if (code == 0)
        *ret_verdict = verdict;
    return code;
}

int brakes_held(struct portico_context *context, const struct brakes_verdict *verdict,
                portico_id topic, portico_id target, struct portico_error *error)
{
    struct action action = {
        .name = "hold",
        .topic = topic,
        .target = target,
        .after =
            verdict->number ? portico_printf(context, "%lld", (long long)verdict->number) : NULL,
        .reason = verdict->reason,
    };
    return verdict->status == STATUS_HELD ? action_log(context, &action, error) : PORTICO_OK;
}
