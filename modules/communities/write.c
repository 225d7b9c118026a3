/* Questions, answers and comments written anew. */
#include "write.h"

#include "communities.h"
#include "reach.h"
#include "tell.h"

/* What was shown is told to everyone concerned, what is held to moderators. */
struct telling {
    int (*tell)(struct portico_context *context, const struct told *told,
                struct portico_error *error);
    enum status status;
};

static int tell_new(struct portico_context *context, const struct telling *telling,
                    const struct told *told, struct portico_error *error)
{
    if (telling->status != STATUS_SHOWN)
        return tell_held(context, told, error);
    int code = telling->tell(context, told, error);
    if (code == 0 && told->mentioned_count)
        code = tell_mentioned(context, told, error);
    return code;
}

/* Images of the writer's own that the text shows become part of it. */
static int keep_files(struct portico_context *context, const char *source, const char *subject,
                      portico_id audience, struct portico_error *error)
{
    struct portico_files *files = portico_files(context);
    if (!files)
        return PORTICO_OK;
    int code =
        portico_file_assign_text(files, source, subject, write_files_audience(audience), error);
    return code < 0 ? code : PORTICO_OK;
}

static const char *subject_of(struct portico_context *context, const char *kind, portico_id id)
{
    return portico_printf(context, "%s/%lld", kind, (long long)id);
}

/* ---- questions ---- */

/* Whether the viewer may ask in the space. */
static int check_space(struct portico_context *context, portico_id space,
                       struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 "SELECT s.closed AS \"closed:boolean\", s.kind,\n"
                                 "    s.writers, s.own_topics AS \"own_topics:boolean\"\n"
                                 "FROM {visible communities_space} s\n"
                                 "WHERE s.id = ?",
                                 PORTICO_ARGS(portico_arg_id(space)), &row, error);
    if (code < 0)
        return code;
    if (portico_get_boolean(row, "closed", 0))
        return write_fail(
            error, PORTICO_ECONFLICT,
            portico_translate(context, "This space is closed. Ask in another one.", NULL));
    if (!space_may_begin(context, row))
        return write_fail(error, PORTICO_EPERM,
                          portico_translate(context,
                                            "Only moderators begin topics in this space. "
                                            "Ask in another one.",
                                            NULL));
    if (reach_lacks_account(context, row))
        return write_fail(error, PORTICO_EPERM,
                          portico_translate(context,
                                            "Here each company sees its own questions, and you act "
                                            "for none. Ask in another space, or choose your "
                                            "company first.",
                                            NULL));
    return PORTICO_OK;
}

/* A post that nobody sees yet: topic_change_end() shows it. */
struct post_row {
    portico_id id, topic, author;
    enum post_kind kind;
    enum status status;
    const char *source;
    const struct text *text;
};

static int insert_post(struct portico_context *context, const struct post_row *post,
                       struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        "INSERT INTO communities_post (id, audience, topic, kind, author, accepted, score,\n"
        "    created, body, source, status)\n"
        "VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(post->id), portico_arg_id(PORTICO_AUDIENCE_NOBODY),
                     portico_arg_id(post->topic), portico_arg_integer(post->kind),
                     portico_arg_id(post->author), portico_arg_boolean(0),
                     portico_arg_time(portico_now(context)), portico_arg_text(post->text->body),
                     portico_arg_text(post->source), portico_arg_integer(post->status)),
        NULL, error);
}

static int insert_topic(struct portico_context *context, const struct topic_new *topic,
                        const struct post_row *question, portico_id own,
                        struct portico_error *error)
{
    char slug[WORDS_SLUG_MAX + 1], tags[WORDS_TAGS_MAX + 1];
    words_slug(topic->title, slug);
    words_tags(topic->tags ? topic->tags : "", tags);
    struct portico_argument now = portico_arg_time(portico_now(context));
    return portico_execute(
        portico_db(context),
        "INSERT INTO communities_topic (id, audience, space, author, title, slug, excerpt, tags,\n"
        "    state, closed, score, views, answers, comments, created, last_activity, status,\n"
        "    locale, account, own)\n"
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(question->topic), portico_arg_id(PORTICO_AUDIENCE_NOBODY),
                     portico_arg_id(topic->space), portico_arg_id(question->author),
                     portico_arg_text(topic->title), portico_arg_text(slug),
                     portico_arg_text(question->text->excerpt), portico_arg_text(tags),
                     portico_arg_boolean(0), now, now, portico_arg_integer(topic->status),
                     portico_arg_text(portico_locale(context)),
                     portico_arg_id(portico_account(context)), portico_arg_id(own)),
        NULL, error);
}

int topic_create(struct portico_context *context, const struct topic_new *topic, portico_id *ret_id,
                 portico_id *ret_post, struct portico_error *error)
{
    struct text text;
    char slug[WORDS_SLUG_MAX + 1];
    words_slug(topic->title, slug);
    struct post_row post = {
        .id = portico_new_id(context),
        .topic = portico_new_id(context),
        .kind = POST_QUESTION,
        .status = topic->status,
        .source = topic->source,
        .text = &text,
    };
    int code = check_space(context, topic->space, error);
    if (code == 0)
        code = text_render(context, topic->source, &text, error);
    if (code == 0)
        code = author_mine(context, &post.author, error);
    portico_id own = 0;
    if (code == 0)
        code = reach_own(context, &own, error);
    if (code < 0)
        return code;
    code = insert_topic(context, topic, &post, own, error);
    /* Nothing of it was counted before. */
    struct topic_change change = {
        .id = post.topic,
        .space = topic->space,
        .audience = PORTICO_AUDIENCE_NOBODY,
    };
    portico_id audience = 0;
    if (code == 0)
        code = reach_promise(context, post.topic, error);
    if (code == 0)
        code = reach_of(context, post.topic, &audience, error);
    if (code == 0)
        code = insert_post(context, &post, error);
    if (code == 0)
        code = keep_files(context, topic->source, subject_of(context, "post", post.id), audience,
                          error);
    if (code == 0)
        code = topic_change_end(context, &change, error);
    struct told told = {
        .topic = post.topic,
        .post = post.id,
        .author = post.author,
        .audience = audience,
        .title = topic->title,
        .slug = slug,
        .text = text.plain,
        .mentioned = text.mentioned,
        .mentioned_count = text.mentioned_count,
    };
    struct telling telling = { tell_topic_created, topic->status };
    if (code == 0)
        code = tell_new(context, &telling, &told, error);
    if (code < 0)
        return code;
    *ret_id = post.topic;
    *ret_post = post.id;
    return PORTICO_OK;
}

/* ---- answers and comments ---- */

/* Of a topic's space only the team writes in: nobody else answers or comments. */
static int refuse_stranger(struct portico_context *context, struct portico_error *error)
{
    return write_fail(error, PORTICO_EPERM,
                      portico_translate(context, "Only the team writes in this space.", NULL));
}

static int refuse_closed(struct portico_context *context, struct portico_error *error)
{
    return write_fail(
        error, PORTICO_ECONFLICT,
        portico_translate(context, "This question is closed: nothing is added any more.", NULL));
}

int answer_create(struct portico_context *context, const struct answer_new *answer,
                  portico_id *ret_id, struct portico_error *error)
{
    struct portico_value *topic = NULL;
    struct topic_change change = { 0 };
    struct text text;
    struct post_row post = {
        .id = portico_new_id(context),
        .topic = answer->topic,
        .kind = POST_ANSWER,
        .status = answer->status,
        .source = answer->source,
        .text = &text,
    };
    int code = text_render(context, answer->source, &text, error);
    if (code == 0)
        code = author_mine(context, &post.author, error);
    if (code == 0)
        code = topic_change_begin(context, answer->topic, &change, error);
    /* Read once it is locked: nobody closes it between here and the commit. */
    if (code == 0)
        code = portico_query_one(
            portico_db(context),
            WRITE_SQL "SELECT t.audience AS \"audience:id\", t.title, t.slug,\n"
                      "    t.closed AS \"closed:boolean\", s.writers\n"
                      "FROM {visible communities_topic} t\n" SPACE_JOIN("t") "\n"
                                                                             "WHERE t.id = ?",
            PORTICO_ARGS(portico_arg_id(answer->topic)), &topic, error);
    if (code == 0 && portico_get_boolean(topic, "closed", 0))
        return refuse_closed(context, error);
    if (code == 0 && !space_may_answer(context, topic))
        return refuse_stranger(context, error);
    portico_id audience = portico_get_integer(topic, "audience", 0);
    if (code == 0)
        code = insert_post(context, &post, error);
    if (code == 0)
        code = keep_files(context, answer->source, subject_of(context, "post", post.id), audience,
                          error);
    change.touched = answer->status == STATUS_SHOWN;
    if (code == 0)
        code = topic_change_end(context, &change, error);
    if (code < 0)
        return code;
    struct told told = {
        .topic = answer->topic,
        .post = post.id,
        .author = post.author,
        .audience = audience,
        .title = portico_get_text(topic, "title", ""),
        .slug = portico_get_text(topic, "slug", ""),
        .text = text.plain,
        .mentioned = text.mentioned,
        .mentioned_count = text.mentioned_count,
    };
    struct telling telling = { tell_answered, answer->status };
    code = tell_new(context, &telling, &told, error);
    if (code == 0)
        *ret_id = post.id;
    return code;
}

static int insert_comment(struct portico_context *context, const struct comment_new *comment,
                          const struct told *told, const struct text *text,
                          struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        "INSERT INTO communities_comment (id, audience, topic, post, author, score, created,\n"
        "    body, source, status)\n"
        "VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(told->comment), portico_arg_id(PORTICO_AUDIENCE_NOBODY),
                     portico_arg_id(told->topic), portico_arg_id(comment->post),
                     portico_arg_id(told->author), portico_arg_time(portico_now(context)),
                     portico_arg_text(text->body), portico_arg_text(comment->source),
                     portico_arg_integer(comment->status)),
        NULL, error);
}

/* The post it stands under and its topic, as the viewer sees them. */
static int read_commented(struct portico_context *context, portico_id post,
                          struct portico_value **ret_row, struct portico_error *error)
{
    return portico_query_one(
        portico_db(context),
        WRITE_SQL
        "SELECT t.id AS \"topic:id\", p.audience AS \"audience:id\",\n"
        "    t.title, t.slug, t.closed AS \"closed:boolean\", s.writers\n"
        "FROM {visible communities_post} p\n"
        "JOIN {visible communities_topic} t ON t.id = p.topic\n" SPACE_JOIN("t") "\n"
                                                                                 "WHERE p.id = ?",
        PORTICO_ARGS(portico_arg_id(post)), ret_row, error);
}

int comment_create(struct portico_context *context, const struct comment_new *comment,
                   portico_id *ret_id, struct portico_error *error)
{
    struct portico_value *row = NULL;
    struct topic_change change = { 0 };
    struct text text;
    struct told told = { .post = comment->post, .comment = portico_new_id(context) };
    int code = text_render(context, comment->source, &text, error);
    if (code == 0)
        code = author_mine(context, &told.author, error);
    if (code == 0)
        code = read_commented(context, comment->post, &row, error);
    if (code == 0)
        code = topic_change_begin(context, portico_get_integer(row, "topic", 0), &change, error);
    /* Again once the topic is locked: meanwhile it may have been closed or hidden. */
    if (code == 0)
        code = read_commented(context, comment->post, &row, error);
    if (code < 0)
        return code;
    if (portico_get_boolean(row, "closed", 0))
        return refuse_closed(context, error);
    if (!space_may_answer(context, row))
        return refuse_stranger(context, error);
    told.topic = portico_get_integer(row, "topic", 0);
    told.audience = portico_get_integer(row, "audience", 0);
    told.title = portico_get_text(row, "title", "");
    told.slug = portico_get_text(row, "slug", "");
    told.text = text.plain;
    told.mentioned = text.mentioned;
    told.mentioned_count = text.mentioned_count;
    change.touched = comment->status == STATUS_SHOWN;
    change.same_words = 1;
    code = insert_comment(context, comment, &told, &text, error);
    if (code == 0)
        code = keep_files(context, comment->source, subject_of(context, "comment", told.comment),
                          told.audience, error);
    if (code == 0)
        code = topic_change_end(context, &change, error);
    struct telling telling = { tell_commented, comment->status };
    if (code == 0)
        code = tell_new(context, &telling, &told, error);
    if (code == 0)
        *ret_id = told.comment;
    return code;
}
