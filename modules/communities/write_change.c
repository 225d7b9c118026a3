/* What follows from a change to a topic: who sees its rows, what is counted, what is found. */
#include "write.h"

#include "events.h"
#include "reach.h"
#include "tell.h"

#define SEARCH_TEXT_MAX (64 * 1024)
#define NAMES(array) (array), sizeof(array) / sizeof *(array)

int write_fail(struct portico_error *error, int code, const char *sentence)
{
    if (!error)
        return code;
    size_t length = strlen(sentence);
    length = length < sizeof error->message ? length : sizeof error->message - 1;
    while (length && ((unsigned char)sentence[length] & 0xc0) == 0x80)
        length--; /* in a character */
    error->code = code;
    memcpy(error->message, sentence, length);
    error->message[length] = '\0';
    return code;
}

/* The topic as it stands and whom its space gives it to. */
static int read_topic(struct portico_context *context, portico_id topic,
                      struct portico_value **ret_row, struct portico_error *error)
{
    return portico_query_one(
        portico_db(context),
        WRITE_SQL
        "SELECT t.space AS \"space:id\", t.audience AS \"audience:id\", t.status, t.state,\n"
        "    t.answers, t.tags, t.title, t.slug, t.score, t.accepted AS \"accepted:id\",\n"
        "    t.asked_alone AS \"asked_alone:boolean\",\n"
        "    t.created AS \"created:time\", t.last_activity AS \"last_activity:time\",\n"
        "    t.locale, " REACH_OF_TOPIC " AS \"wanted:id\"\n"
        "FROM communities_topic t\n"
        "JOIN communities_space s ON s.id = t.space\n"
        "WHERE t.id = ?",
        PORTICO_ARGS(portico_arg_id(topic)), ret_row, error);
}

int topic_change_begin(struct portico_context *context, portico_id topic,
                       struct topic_change *ret_change, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int64_t locked = 0;
    int code = portico_execute(portico_db(context),
                               WRITE_SQL "UPDATE communities_topic\n"
                                         "SET views = views\n"
                                         "WHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(topic)), &locked, error);
    if (code == 0)
        code = locked ? read_topic(context, topic, &row, error) : PORTICO_ENOENT;
    if (code < 0)
        return code;
    struct topic_change change = {
        .id = topic,
        .space = portico_get_integer(row, "space", 0),
        .audience = portico_get_integer(row, "audience", 0),
        .alone = portico_get_boolean(row, "asked_alone", 0),
        .status = portico_get_integer(row, "status", 0),
        .state = portico_get_integer(row, "state", 0),
        .answers = portico_get_integer(row, "answers", 0),
    };
    words_tags(portico_get_text(row, "tags", ""), change.tags);
    *ret_change = change;
    return PORTICO_OK;
}

/* ---- who sees its rows ---- */

#define WANTED "CASE WHEN status = 0 THEN ? ELSE ? END"

static int count_author(struct portico_context *context, portico_id author, int64_t number,
                        struct portico_error *error)
{
    if (!author || !number)
        return PORTICO_OK;
    /* What an import brought was never counted. */
    return portico_execute(portico_db(context),
                           "UPDATE communities_author\n"
                           "SET posts = CASE WHEN posts + ? > 0 THEN posts + ? ELSE 0 END\n"
                           "WHERE id = ?",
                           PORTICO_ARGS(portico_arg_integer(number), portico_arg_integer(number),
                                        portico_arg_id(author)),
                           NULL, error);
}

/* Posts get the audience they should have; their authors and files follow. */
static int show_posts(struct portico_context *context, portico_id topic, portico_id audience,
                      struct portico_error *error)
{
    struct portico_value *rows = NULL;
    struct portico_files *files = portico_files(context);
    struct portico_argument wanted = portico_arg_id(audience),
                            nobody = portico_arg_id(PORTICO_AUDIENCE_NOBODY);
    int code = portico_query(portico_db(context),
                             WRITE_SQL "SELECT id AS \"id:id\", author AS \"author:id\", status,\n"
                                       "    audience AS \"audience:id\"\n"
                                       "FROM communities_post\n"
                                       "WHERE topic = ? AND audience <> " WANTED "\n"
                                       "ORDER BY author, id",
                             PORTICO_ARGS(portico_arg_id(topic), wanted, nobody), &rows, error);
    if (code < 0 || portico_count(rows) == 0)
        return code;
    code = portico_execute(portico_db(context),
                           WRITE_SQL "UPDATE communities_post\n"
                                     "SET audience = " WANTED "\n"
                                     "WHERE topic = ? AND audience <> " WANTED,
                           PORTICO_ARGS(wanted, nobody, portico_arg_id(topic), wanted, nobody),
                           NULL, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        const struct portico_value *row = portico_at(rows, i);
        int was = portico_get_integer(row, "audience", 0) != PORTICO_AUDIENCE_NOBODY;
        int is = portico_get_integer(row, "status", 0) == STATUS_SHOWN &&
                 audience != PORTICO_AUDIENCE_NOBODY;
        portico_id id = portico_get_integer(row, "id", 0);
        code = count_author(context, portico_get_integer(row, "author", 0), is - was, error);
        if (code == 0 && files)
            code = portico_file_show(files, portico_printf(context, "post/%lld", (long long)id),
                                     is ? audience : PORTICO_AUDIENCE_STAFF, error);
        code = code > 0 ? PORTICO_OK : code;
    }
    return code;
}

/* A comment is seen where its post is. */
#define WANTED_COMMENT                                                                             \
    "CASE WHEN status = 0 THEN (SELECT p.audience FROM communities_post p\n"                       \
    "    WHERE p.id = communities_comment.post) ELSE ? END"

/* Comments follow their posts, and their images follow them. */
static int show_comments(struct portico_context *context, portico_id topic,
                         struct portico_error *error)
{
    struct portico_value *rows = NULL;
    struct portico_files *files = portico_files(context);
    struct portico_argument nobody = portico_arg_id(PORTICO_AUDIENCE_NOBODY);
    int code = portico_query(portico_db(context),
                             WRITE_SQL "SELECT id AS \"id:id\",\n"
                                       "    " WANTED_COMMENT " AS \"wanted:id\"\n"
                                       "FROM communities_comment\n"
                                       "WHERE topic = ? AND audience <> " WANTED_COMMENT "\n"
                                       "ORDER BY id",
                             PORTICO_ARGS(nobody, portico_arg_id(topic), nobody), &rows, error);
    if (code < 0 || portico_count(rows) == 0)
        return code;
    code = portico_execute(portico_db(context),
                           WRITE_SQL "UPDATE communities_comment\n"
                                     "SET audience = " WANTED_COMMENT "\n"
                                     "WHERE topic = ? AND audience <> " WANTED_COMMENT,
                           PORTICO_ARGS(nobody, portico_arg_id(topic), nobody), NULL, error);
    for (size_t i = 0; code == 0 && files && i < portico_count(rows); i++) {
        const struct portico_value *row = portico_at(rows, i);
        code = portico_file_show(
            files,
            portico_printf(context, "comment/%lld", (long long)portico_get_integer(row, "id", 0)),
            write_files_audience(portico_get_integer(row, "wanted", 0)), error);
        code = code > 0 ? PORTICO_OK : code;
    }
    return code;
}

/* ---- what is counted ---- */

/* Its own counts, of rows that are shown, and its state. What its status hides stays counted here:
 * the topic as a whole is seen or not. */
static int count_topic(struct portico_context *context, const struct topic_change *change,
                       portico_id audience, struct portico_error *error)
{
    struct portico_argument id = portico_arg_id(change->id);
    portico_time now = portico_now(context);
    return portico_execute(
        portico_db(context),
        WRITE_SQL
        "UPDATE communities_topic\n"
        "SET audience = ?,\n"
        "    answers = (SELECT COUNT(*) FROM communities_post p\n"
        "               WHERE p.topic = ? AND p.kind = 2 AND p.status = 0),\n"
        "    comments = (SELECT COUNT(*) FROM communities_comment c\n"
        "                JOIN communities_post p ON p.id = c.post\n"
        "                WHERE c.topic = ? AND c.status = 0 AND p.status = 0),\n"
        "    state = CASE WHEN EXISTS (SELECT 1 FROM communities_post p\n"
        "                              WHERE p.id = communities_topic.accepted AND p.topic = ?\n"
        "                                  AND p.kind = 2 AND p.status = 0) THEN 2\n"
        "                 WHEN EXISTS (SELECT 1 FROM communities_post p\n"
        "                              WHERE p.topic = ? AND p.kind = 2 AND p.status = 0) THEN 1\n"
        "                 ELSE 0 END,\n"
        "    last_activity = CASE WHEN ? > last_activity THEN ? ELSE last_activity END\n"
        "WHERE id = ?",
        PORTICO_ARGS(portico_arg_id(audience), id, id, id, id,
                     portico_arg_time(change->touched ? now : 0),
                     portico_arg_time(change->touched ? now : 0), id),
        NULL, error);
}

static int write_tag_rows(struct portico_context *context, portico_id topic,
                          const struct portico_value *row, struct portico_error *error)
{
    int code = portico_execute(portico_db(context),
                               WRITE_SQL "DELETE FROM communities_topic_tag\n"
                                         "WHERE topic = ?",
                               PORTICO_ARGS(portico_arg_id(topic)), NULL, error);
    char tag[WORDS_TAG_MAX + 1];
    const char *at = portico_get_text(row, "tags", "");
    while (code == 0 && words_next_tag(&at, tag))
        code = portico_execute(
            portico_db(context),
            "INSERT INTO communities_topic_tag (tag, topic, audience, state, score, created,\n"
            "    last_activity)\n"
            "VALUES (?, ?, ?, ?, ?, ?, ?)\n"
            "ON CONFLICT (tag, topic) DO NOTHING",
            PORTICO_ARGS(portico_arg_text(tag), portico_arg_id(topic),
                         portico_arg_id(portico_get_integer(row, "audience", 0)),
                         portico_arg_integer(portico_get_integer(row, "state", 0)),
                         portico_arg_integer(portico_get_integer(row, "score", 0)),
                         portico_arg_time(portico_get_integer(row, "created", 0)),
                         portico_arg_time(portico_get_integer(row, "last_activity", 0))),
            NULL, error);
    return code;
}

static int update_tag_rows(struct portico_context *context, portico_id topic,
                           const struct portico_value *row, struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        WRITE_SQL "UPDATE communities_topic_tag\n"
                  "SET audience = ?, state = ?, score = ?, last_activity = ?\n"
                  "WHERE topic = ?",
        PORTICO_ARGS(portico_arg_id(portico_get_integer(row, "audience", 0)),
                     portico_arg_integer(portico_get_integer(row, "state", 0)),
                     portico_arg_integer(portico_get_integer(row, "score", 0)),
                     portico_arg_time(portico_get_integer(row, "last_activity", 0)),
                     portico_arg_id(topic)),
        NULL, error);
}

/* A tag and how often the topic counted for it before and counts now. */
struct tag_sum {
    char name[WORDS_TAG_MAX + 1];
    int before, after;
};
#define TAG_SUMS 64

/* Kept in the order of names. */
static struct tag_sum *sum_of_tag(struct tag_sum *sums, size_t *count, const char *tag)
{
    size_t at = 0;
    while (at < *count && strcmp(sums[at].name, tag) < 0)
        at++;
    if (at < *count && strcmp(sums[at].name, tag) == 0)
        return &sums[at];
    if (*count == TAG_SUMS)
        return NULL;
    memmove(&sums[at + 1], &sums[at], (*count - at) * sizeof *sums);
    memset(&sums[at], 0, sizeof *sums);
    memcpy(sums[at].name, tag, strlen(tag) + 1);
    ++*count;
    return &sums[at];
}

static int count_tags(struct portico_context *context, const struct topic_change *change,
                      const struct portico_value *row, struct portico_error *error)
{
    struct tag_sum sums[TAG_SUMS + 1], *sum;
    size_t count = 0;
    char tag[WORDS_TAG_MAX + 1];
    const char *before = change->tags, *after = portico_get_text(row, "tags", "");
    portico_id audience = portico_get_integer(row, "audience", 0);
    while (change->audience != PORTICO_AUDIENCE_NOBODY && words_next_tag(&before, tag))
        if ((sum = sum_of_tag(sums, &count, tag)))
            sum->before = 1;
    while (audience != PORTICO_AUDIENCE_NOBODY && words_next_tag(&after, tag))
        if ((sum = sum_of_tag(sums, &count, tag)))
            sum->after = 1;
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (sums[i].before && sums[i].after && change->audience == audience)
            continue;
        if (sums[i].before)
            code = tag_count(context, sums[i].name, change->audience, -1, error);
        if (code == 0 && sums[i].after)
            code = tag_count(context, sums[i].name, audience, 1, error);
    }
    return code;
}

/* What a topic adds to the sums of its space, which say what all see who read it: nothing if it is
 * for one person alone, also where the space is for everybody by now. */
struct space_sum {
    portico_id space;
    int64_t topics, answers, solved;
    portico_time active;
};

static struct space_sum sum_of_change(const struct topic_change *change)
{
    const struct space_sum nothing = { .space = change->space };
    return change->audience == PORTICO_AUDIENCE_NOBODY || change->alone
               ? nothing
               : (struct space_sum){ .space = change->space,
                                     .topics = -1,
                                     .answers = -change->answers,
                                     .solved = -(change->state == 2) };
}

static struct space_sum sum_of_row(const struct portico_value *row)
{
    const struct space_sum nothing = { .space = portico_get_integer(row, "space", 0) };
    return portico_get_integer(row, "audience", 0) == PORTICO_AUDIENCE_NOBODY ||
                   portico_get_boolean(row, "asked_alone", 0)
               ? nothing
               : (struct space_sum){ .space = nothing.space,
                                     .topics = 1,
                                     .answers = portico_get_integer(row, "answers", 0),
                                     .solved = portico_get_integer(row, "state", 0) == 2,
                                     .active = portico_get_integer(row, "last_activity", 0) };
}

/* Locks it, also where nothing is added. */
static int add_to_space(struct portico_context *context, const struct space_sum *sum,
                        struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        WRITE_SQL "UPDATE communities_space\n"
                  "SET topics = topics + ?, answers = answers + ?, solved = solved + ?,\n"
                  "    last_activity = CASE WHEN ? > last_activity THEN ? ELSE last_activity END\n"
                  "WHERE id = ?",
        PORTICO_ARGS(portico_arg_integer(sum->topics), portico_arg_integer(sum->answers),
                     portico_arg_integer(sum->solved), portico_arg_time(sum->active),
                     portico_arg_time(sum->active), portico_arg_id(sum->space)),
        NULL, error);
}

static int count_spaces(struct portico_context *context, const struct topic_change *change,
                        const struct portico_value *row, struct portico_error *error)
{
    const struct space_sum before = sum_of_change(change);
    struct space_sum after = sum_of_row(row);
    if (before.space == after.space) {
        after.topics += before.topics;
        after.answers += before.answers;
        after.solved += before.solved;
        return add_to_space(context, &after, error);
    }
    const int first = before.space < after.space;
    int code = add_to_space(context, first ? &before : &after, error);
    return code < 0 ? code : add_to_space(context, first ? &after : &before, error);
}

/* ---- what is found ---- */

/* Words of the question and of its answers, the best first, as far as they fit. */
static const char *search_words(struct portico_context *context, portico_id topic,
                                struct portico_error *error)
{
    struct portico_cursor *cursor = NULL;
    struct portico_value *row = NULL;
    size_t length = 0;
    char *words = portico_alloc(context, SEARCH_TEXT_MAX + 1);
    if (!words || portico_cursor_open(portico_db(context),
                                      WRITE_SQL "SELECT body AS \"body:html\"\n"
                                                "FROM communities_post\n"
                                                "WHERE topic = ? AND status = 0\n"
                                                "ORDER BY kind, accepted DESC, score DESC, id",
                                      PORTICO_ARGS(portico_arg_id(topic)), &cursor, error) < 0)
        return NULL;
    int code = 0;
    while (length + 1 < SEARCH_TEXT_MAX && (code = portico_cursor_next(cursor, &row, error)) == 1) {
        const char *text = portico_html_plain(portico_content(context), portico_get(row, "body"),
                                              SEARCH_TEXT_MAX - length - 1);
        size_t more = text ? strlen(text) : 0;
        memcpy(words + length, text ? text : "", more);
        length += more;
        words[length++] = '\n';
    }
    portico_cursor_close(cursor);
    return code < 0 ? NULL : words;
}

static int index_topic(struct portico_context *context, portico_id topic,
                       const struct portico_value *row, struct portico_error *error)
{
    struct portico_search *search = portico_search(context);
    if (portico_get_integer(row, "audience", 0) == PORTICO_AUDIENCE_NOBODY)
        return portico_search_remove(search, "topic", topic, error);
    const char *words = search_words(context, topic, error);
    const char *url = portico_printf(context, "/communities/topics/%lld/%s", (long long)topic,
                                     portico_get_text(row, "slug", ""));
    if (!words || !url)
        return error && error->code < 0 ? error->code : PORTICO_ENOMEM;
    struct portico_document document = {
        .size = sizeof document,
        .kind = "topic",
        .id = topic,
        .audience = portico_get_integer(row, "audience", 0),
        .time = portico_get_integer(row, "last_activity", 0),
        .title = portico_get_text(row, "title", ""),
        .body = words,
        .url = url,
        .locale = portico_get_text(row, "locale", NULL),
    };
    return portico_search_index(search, &document, error);
}

/* Notices hold excerpts: whoever may no longer see the topic reads on nowhere. */
static int withdraw_notices(struct portico_context *context, const struct topic_change *change,
                            portico_id audience, struct portico_error *error)
{
    struct portico_notices *notices = portico_notices(context);
    if (!notices || audience == change->audience || reach_is_within(change->audience, audience) ||
        change->audience == PORTICO_AUDIENCE_NOBODY)
        return PORTICO_OK;
    return portico_notice_withdraw(notices, topic_subject(context, change->id), error);
}

/* Counting locked the space: whoever changed for whom it is did so before, and is seen now, or does
 * so after, and sees this topic. */
static int check_reach(struct portico_context *context, portico_id topic, portico_id audience,
                       struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = audience == PORTICO_AUDIENCE_NOBODY ? PORTICO_ENOENT
                                                   : read_topic(context, topic, &row, error);
    if (code < 0 || portico_get_integer(row, "wanted", 0) == audience)
        return code == PORTICO_ENOENT ? PORTICO_OK : code;
    return write_fail(error, PORTICO_ECONFLICT,
                      portico_translate(context,
                                        "Meanwhile the space became one for others. Look who "
                                        "reads it, and send it again.",
                                        NULL));
}

int topic_change_end(struct portico_context *context, const struct topic_change *change,
                     struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = reach_fill(context, change->id, error);
    if (code == 0)
        code = read_topic(context, change->id, &row, error);
    if (code < 0)
        return code;
    portico_id audience = portico_get_integer(row, "status", 0) == STATUS_SHOWN
                              ? portico_get_integer(row, "wanted", 0)
                              : PORTICO_AUDIENCE_NOBODY;
    code = show_posts(context, change->id, audience, error);
    if (code == 0)
        code = show_comments(context, change->id, error);
    if (code == 0)
        code = count_topic(context, change, audience, error);
    if (code == 0)
        code = read_topic(context, change->id, &row, error);
    if (code < 0)
        return code;
    int same_tags = strcmp(change->tags, portico_get_text(row, "tags", "")) == 0;
    code = same_tags ? update_tag_rows(context, change->id, row, error)
                     : write_tag_rows(context, change->id, row, error);
    if (code == 0)
        code = count_tags(context, change, row, error);
    if (code == 0)
        code = count_spaces(context, change, row, error);
    if (code == 0)
        code = check_reach(context, change->id, audience, error);
    if (code == 0)
        code = withdraw_notices(context, change, audience, error);
    if (code == 0 && !change->same_words)
        code = index_topic(context, change->id, row, error);
    return code;
}
