/* Whom spaces and their topics are for, in words and in rows. */
#include "reach.h"

#include "communities.h"

#include <stdlib.h>

#define REACH_SQL "{unfiltered spreading} "

/* Topics that are read at once. */
#define TOPICS_AT_ONCE 20

/* Topics that go with the change of their space, and questions, answers and comments of them. */
#define TEXTS_WITH_IT 400

/* ---- what one asks ---- */

static int note_own(struct portico_context *context, portico_id audience,
                    struct portico_error *error)
{
    return portico_execute(portico_db(context),
                           "INSERT INTO communities_own (audience)\n"
                           "VALUES (?)\n"
                           "ON CONFLICT (audience) DO NOTHING",
                           PORTICO_ARGS(portico_arg_id(audience)), NULL, error);
}

int reach_own(struct portico_context *context, portico_id *ret_audience,
              struct portico_error *error)
{
    portico_id audience = PORTICO_AUDIENCE_STAFF, account = portico_account(context);
    int code = account && account != PORTICO_ACCOUNT_OWNER
                   ? portico_audience_account(portico_audiences(context), account, &audience, error)
                   : PORTICO_OK;
    if (code == 0)
        code = note_own(context, audience, error);
    if (code == 0)
        *ret_audience = audience;
    return code;
}

/* Whoever asked it; nobody of the account, where that is not known or they are erased; those it was
 * for so far, where there is no such account any more. */
static int whose(struct portico_context *context, const struct portico_value *row,
                 portico_id *ret_audience, struct portico_error *error)
{
    struct portico_audiences *audiences = portico_audiences(context);
    const portico_id account = portico_get_integer(row, "account", 0);
    const portico_id person = portico_get_integer(row, "person", 0);
    int code = person ? portico_audience_person(audiences, account, person, ret_audience, error)
                      : PORTICO_ENOENT;
    if (code == PORTICO_ENOENT)
        code = portico_audience_person(audiences, account, PORTICO_NO_PERSON, ret_audience, error);
    if (code == PORTICO_ENOENT)
        *ret_audience = portico_get_integer(row, "own", PORTICO_AUDIENCE_NOBODY);
    return code == PORTICO_ENOENT ? PORTICO_OK : code;
}

int reach_fill(struct portico_context *context, portico_id topic, struct portico_error *error)
{
    struct portico_value *row = NULL;
    portico_id audience = 0;
    int code = portico_query_one(
        portico_db(context),
        REACH_SQL "SELECT t.account AS \"account:id\", t.own AS \"own:id\",\n"
                  "    a.person AS \"person:id\"\n"
                  "FROM communities_topic t\n"
                  "JOIN communities_space s ON s.id = t.space\n"
                  "LEFT JOIN communities_author a ON a.id = t.author\n"
                  "WHERE t.id = ? AND s.own_topics AND s.own_people AND t.own_person = ?\n"
                  "    AND t.account > ?",
        PORTICO_ARGS(portico_arg_id(topic), portico_arg_id(PORTICO_AUDIENCE_STAFF),
                     portico_arg_id(PORTICO_ACCOUNT_OWNER)),
        &row, error);
    if (code == 0)
        code = whose(context, row, &audience, error);
    if (code < 0) /* there is nothing to fill */
        return code == PORTICO_ENOENT ? PORTICO_OK : code;
    code = note_own(context, audience, error);
    return code < 0 ? code
                    : portico_execute(portico_db(context),
                                      REACH_SQL "UPDATE communities_topic\n"
                                                "SET own_person = ?\n"
                                                "WHERE id = ?",
                                      PORTICO_ARGS(portico_arg_id(audience), portico_arg_id(topic)),
                                      NULL, error);
}

int reach_promise(struct portico_context *context, portico_id topic, struct portico_error *error)
{
    int code = reach_fill(context, topic, error);
    return code < 0 ? code
                    : portico_execute(portico_db(context),
                                      REACH_SQL "UPDATE communities_topic\n"
                                                "SET asked_alone = ?\n"
                                                "WHERE id = ? AND own_person <> ?",
                                      PORTICO_ARGS(portico_arg_boolean(1), portico_arg_id(topic),
                                                   portico_arg_id(PORTICO_AUDIENCE_STAFF)),
                                      NULL, error);
}

int reach_is_promised(struct portico_context *context, portico_id space,
                      struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(context),
                             REACH_SQL "SELECT t.id AS \"id:id\"\n"
                                       "FROM communities_topic t\n"
                                       "WHERE t.space = ? AND t.asked_alone AND t.status < 2\n"
                                       "LIMIT 1",
                             PORTICO_ARGS(portico_arg_id(space)), &rows, error);
    return code < 0 ? code : portico_count(rows) > 0;
}

int reach_of(struct portico_context *context, portico_id topic, portico_id *ret_audience,
             struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 REACH_SQL "SELECT " REACH_OF_TOPIC " AS \"audience:id\"\n"
                                           "FROM communities_topic t\n"
                                           "JOIN communities_space s ON s.id = t.space\n"
                                           "WHERE t.id = ?",
                                 PORTICO_ARGS(portico_arg_id(topic)), &row, error);
    if (code == 0)
        *ret_audience = portico_get_integer(row, "audience", 0);
    return code;
}

/* Which accounts an audience holds is not asked: two of different accounts are never within one
 * another. */
int reach_is_within(portico_id audience, portico_id wider)
{
    return audience == wider || wider == PORTICO_AUDIENCE_EVERYONE ||
           (wider == PORTICO_AUDIENCE_SIGNED_IN && audience != PORTICO_AUDIENCE_EVERYONE);
}

void reach_prepare(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id audience = 0, account = portico_account(request);
    if (!account || account == PORTICO_ACCOUNT_OWNER)
        return;
    int code = portico_audience_person(portico_audiences(request), 0, 0, &audience, &error);
    if (code < 0 && code != PORTICO_EPERM) /* staff who look write nothing */
        portico_log(request, PORTICO_LOG_WARNING, "%s", error.message);
}

int reach_lacks_account(struct portico_context *context, const struct portico_value *space)
{
    return portico_get_boolean(space, "own_topics", 0) && !portico_account(context);
}

/* ---- in words ---- */

struct portico_value *reach_object(struct portico_request *request,
                                   const struct portico_value *space)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *object = NULL;
    int code = portico_audience_describe(
        portico_audiences(request), portico_get_integer(space, "audience", 0), &object, &error);
    if (code < 0 && code != PORTICO_ENOENT)
        portico_log(request, PORTICO_LOG_WARNING, "Who reads a space is not known: %s",
                    error.message);
    return code < 0 ? NULL : object;
}

/* The name of an account; NULL: none, the owner's, or one that the viewer may not know. */
static const char *name_of(struct portico_request *request, portico_id id)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *account = NULL;
    if (!id || id == PORTICO_ACCOUNT_OWNER ||
        portico_account_named(portico_accounts(request), id, &account, &error) < 0)
        return NULL;
    return portico_get_text(account, "name", NULL);
}

static const char *person_sentence(struct portico_request *request)
{
    if (name_of(request, portico_account(request)))
        return portico_translate(request,
                                 "Only you, and those of our team who look after all companies, "
                                 "read what you ask here. Your colleagues see their own questions "
                                 "only.",
                                 NULL);
    return portico_may(request, "communities.moderate")
               ? portico_translate(request,
                                   "Each person sees only their own questions here; those of our "
                                   "team who look after all companies see and answer them all.",
                                   NULL)
               : portico_translate(request,
                                   "Each person sees only their own questions here. Sign in with "
                                   "your company to ask.",
                                   NULL);
}

static const char *own_sentence(struct portico_request *request)
{
    const char *account = name_of(request, portico_account(request));
    if (account) {
        struct portico_value *arguments = portico_object(request);
        portico_set_text(arguments, "account", account);
        return portico_translate(request,
                                 "Only {account}, partners who act for it, and those of our team "
                                 "who look after all companies read what you ask here. Other "
                                 "companies ask here too, and see their own questions only.",
                                 arguments);
    }
    return portico_may(request, "communities.moderate")
               ? portico_translate(request,
                                   "Each company sees only its own questions here; those of our "
                                   "team who look after all companies see and answer them all.",
                                   NULL)
               : portico_translate(request,
                                   "Each company sees only its own questions here. Sign in with "
                                   "your company to ask.",
                                   NULL);
}

/* What is said of audiences that every portal has. */
static const struct {
    portico_id audience;
    const char *sentence, *word;
} fixed[] = {
    { PORTICO_AUDIENCE_EVERYONE,
      /* translated */ "Everybody reads it, also without signing in.",
      /* translated */ "For everybody" },
    { PORTICO_AUDIENCE_SIGNED_IN,
      /* translated */ "Everybody who is signed in reads it.",
      /* translated */ "For who is signed in" },
    { PORTICO_AUDIENCE_STAFF,
      /* translated */ "Only our team reads it. No customer sees that it is there.",
      /* translated */ "For the team" },
};

/* "Everybody at Acme" and the like. */
static const char *described(struct portico_request *request, const struct portico_value *space)
{
    return portico_get_text(reach_object(request, space), "text", NULL);
}

const char *reach_sentence(struct portico_request *request, const struct portico_value *space)
{
    portico_id audience = portico_get_integer(space, "audience", 0);
    if (portico_get_boolean(space, "own_topics", 0))
        return portico_get_boolean(space, "own_people", 0) ? person_sentence(request)
                                                           : own_sentence(request);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].audience == audience)
            return portico_translate(request, fixed[i].sentence, NULL);
    struct portico_value *arguments = portico_object(request);
    const char *who = described(request, space);
    portico_set_text(arguments, "who", who);
    return who ? portico_translate(request,
                                   "{who}, partners who act for them, and those of our team who "
                                   "look after all companies read it. Nobody else sees that it is "
                                   "there.",
                                   arguments)
               : portico_translate(request, "Only some people read it.", NULL);
}

const char *reach_of_topic(struct portico_request *request, const struct portico_value *topic)
{
    struct portico_value *space = portico_object(request);
    portico_id audience = portico_get_integer(topic, "space_audience", 0);
    const int alone = portico_get_boolean(topic, "asked_alone", 0);
    if (!alone && !portico_get_boolean(topic, "own_topics", 0)) {
        portico_set_id(space, "audience", audience);
        return audience == PORTICO_AUDIENCE_EVERYONE ? NULL : reach_sentence(request, space);
    }
    if (alone || portico_get_boolean(topic, "own_people", 0))
        return portico_get_boolean(topic, "is_staffs", 0)
                   ? portico_translate(request, "Only who asked it and our team read it.", NULL)
                   : portico_translate(request,
                                       "Only who asked it, and those of our team who look after "
                                       "all companies, read it.",
                                       NULL);
    const char *account = name_of(request, portico_get_integer(topic, "account", 0));
    portico_set_text(space, "account", account);
    return account ? portico_translate(request,
                                       "Only {account}, partners who act for it, and those of "
                                       "our team who look after all companies read it.",
                                       space)
                   : portico_translate(request, "Only who asked it and our team read it.", NULL);
}

const char *reach_word(struct portico_request *request, const struct portico_value *space)
{
    portico_id audience = portico_get_integer(space, "audience", 0);
    if (portico_get_boolean(space, "own_topics", 0))
        return portico_get_boolean(space, "own_people", 0)
                   ? portico_translate(request, "Each person's own questions", NULL)
                   : portico_translate(request, "Own questions only", NULL);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].audience == audience)
            return portico_translate(request, fixed[i].word, NULL);
    const char *who = described(request, space);
    return who ? who : portico_translate(request, "For some people", NULL);
}

const char *reach_choice(struct portico_request *request, const struct portico_value *space)
{
    return portico_printf(request, "%s · %s", portico_get_text(space, "title", ""),
                          reach_word(request, space));
}

/* ---- in rows ---- */

/* Those of the space that are not for whom they should be. */
static int read_some(struct portico_context *context, portico_id space, int64_t most,
                     struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(
        portico_db(context),
        REACH_SQL "SELECT t.id AS \"id:id\", t.answers, t.comments\n"
                  "FROM communities_topic t\n"
                  "JOIN communities_space s ON s.id = t.space\n"
                  "WHERE t.space = ? AND t.status = 0 AND t.audience <> " REACH_OF_TOPIC "\n"
                  "ORDER BY t.id\n"
                  "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(space), portico_arg_integer(most)), ret_rows, error);
}

static int spread_row(struct portico_context *context, const struct portico_value *row,
                      struct portico_error *error)
{
    struct topic_change change;
    int code = topic_change_begin(context, portico_get_integer(row, "id", 0), &change, error);
    return code < 0 ? code : topic_change_end(context, &change, error);
}

/* In a scope of its own, so that many take no more memory than a few. Each topic in a transaction:
 * whoever writes in the space has a topic first and the space behind, and so has this. */
static int spread_some(struct portico_context *job, portico_id space, size_t *ret_count,
                       struct portico_error *error)
{
    struct portico_value *rows = NULL;
    struct portico_context *context = portico_scope(job);
    if (!context)
        return PORTICO_ENOMEM;
    int code = read_some(context, space, TOPICS_AT_ONCE, &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        code = portico_begin(portico_db(context), error);
        if (code == 0)
            code = spread_row(context, portico_at(rows, i), error);
        if (code == 0)
            code = portico_commit(portico_db(context), error);
    }
    if (code == 0)
        *ret_count = portico_count(rows);
    portico_end_scope(context);
    return code;
}

static int queue(struct portico_context *context, portico_id space, struct portico_error *error)
{
    struct portico_value *arguments = portico_object(context);
    portico_id id = 0;
    portico_set_text(arguments, "space", portico_printf(context, "%lld", (long long)space));
    const struct portico_job_request wanted = {
        .size = sizeof wanted,
        .name = REACH_JOB,
        .arguments = arguments,
        .lane = portico_printf(context, "space/%lld", (long long)space),
    };
    return portico_job_queue(portico_jobs(context), &wanted, &id, error);
}

/* So few, with all that stands in them, that they go with the change itself. */
static int is_little(const struct portico_value *rows)
{
    int64_t texts = 0;
    for (size_t i = 0; i < portico_count(rows); i++)
        texts += 1 + portico_get_integer(portico_at(rows, i), "answers", 0) +
                 portico_get_integer(portico_at(rows, i), "comments", 0);
    return portico_count(rows) <= REACH_TOPICS_WITH_IT && texts <= TEXTS_WITH_IT;
}

/* Topics that follow their space, in the order of ids; one more than may go with it. */
static int read_following(struct portico_context *context, portico_id space,
                          struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(
        portico_db(context),
        REACH_SQL "SELECT t.id AS \"id:id\", t.answers, t.comments, t.tags\n"
                  "FROM communities_topic t\n"
                  "WHERE t.space = ? AND t.status = 0 AND NOT t.asked_alone\n"
                  "ORDER BY t.id\n"
                  "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(space), portico_arg_integer(REACH_TOPICS_WITH_IT + 1)),
        ret_rows, error);
}

static int lock_topics(struct portico_context *context, const struct portico_value *rows,
                       struct portico_error *error)
{
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = portico_execute(
            portico_db(context),
            REACH_SQL "UPDATE communities_topic\n"
                      "SET views = views\n"
                      "WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(portico_get_integer(portico_at(rows, i), "id", 0))), NULL,
            error);
    return code;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All tags of the topics; where `tags` is NULL they are counted alone. */
static size_t tags_of(const struct portico_value *rows, char (*tags)[WORDS_TAG_MAX + 1])
{
    char one[WORDS_TAG_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < portico_count(rows); i++) {
        const char *at = portico_get_text(portico_at(rows, i), "tags", "");
        while (words_next_tag(&at, one)) {
            if (tags)
                memcpy(tags[count], one, sizeof one);
            count++;
        }
    }
    return count;
}

/* Each once, in the order that count_tags() takes them. */
static int lock_tags(struct portico_context *context, const struct portico_value *rows,
                     struct portico_error *error)
{
    const size_t count = tags_of(rows, NULL);
    char(*tags)[WORDS_TAG_MAX + 1] = portico_alloc(context, (count + 1) * sizeof *tags);
    if (!tags)
        return PORTICO_ENOMEM;
    tags_of(rows, tags);
    qsort(tags, count, sizeof *tags, by_name);
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < count; i++)
        if (i == 0 || strcmp(tags[i - 1], tags[i]) != 0)
            code = tag_lock(context, tags[i], error);
    return code;
}

int reach_lock(struct portico_context *context, portico_id space, struct portico_value **ret_topics,
               struct portico_error *error)
{
    struct portico_value *topics = NULL, *rows = NULL;
    int code = read_following(context, space, &topics, error);
    if (code < 0 || !is_little(topics))
        return code;
    code = lock_topics(context, topics, error);
    if (code == 0) /* again: what they are tagged with stays from now on */
        code = read_following(context, space, &rows, error);
    if (code == 0)
        code = lock_tags(context, rows, error);
    if (code == 0)
        *ret_topics = topics;
    return code;
}

/* Both in the order of ids. */
static int are_locked(const struct portico_value *rows, const struct portico_value *topics)
{
    size_t at = 0;
    for (size_t i = 0; i < portico_count(rows); i++) {
        const portico_id id = portico_get_integer(portico_at(rows, i), "id", 0);
        while (at < portico_count(topics) &&
               portico_get_integer(portico_at(topics, at), "id", 0) < id)
            at++;
        if (portico_get_integer(portico_at(topics, at), "id", 0) != id)
            return 0;
    }
    return 1;
}

int reach_spread(struct portico_context *context, portico_id space,
                 const struct portico_value *topics, int *ret_later, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = read_some(context, space, REACH_TOPICS_WITH_IT + 1, &rows, error);
    if (code < 0)
        return code;
    *ret_later = !is_little(rows) || !are_locked(rows, topics);
    if (*ret_later)
        return queue(context, space, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = spread_row(context, portico_at(rows, i), error);
    return code;
}

int reach_run(struct portico_context *context, struct portico_job *job, struct portico_error *error)
{
    portico_id space = portico_id_read(portico_get_text(portico_job_arguments(job), "space", NULL));
    size_t count = TOPICS_AT_ONCE;
    int64_t done = 0;
    while (count == TOPICS_AT_ONCE) {
        if (portico_job_progress(job, done, 0, NULL))
            return PORTICO_EBUSY;
        int code = spread_some(context, space, &count, error);
        if (code < 0)
            return code;
        done += (int64_t)count;
    }
    return PORTICO_OK;
}
