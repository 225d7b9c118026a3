/* What is acted on, and the log of what was done. */
#include "acts.h"

#include "communities.h"

#define EXCERPT 400

/* What a target's row brings besides its own columns. */
#define TOPIC_OF                                                                                   \
    "t.id AS \"topic:id\", t.title, t.slug, t.space AS \"space:id\", t.answers,\n"                 \
    "    t.author AS \"topic_author:id\", t.accepted AS \"accepted:id\",\n"                        \
    "    t.closed AS \"closed:boolean\", t.status AS topic_status"

static void fill(struct portico_context *context, const struct portico_value *row, portico_id me,
                 struct target *target)
{
    target->id = portico_get_integer(row, "id", 0);
    target->kind = (enum target_kind)portico_get_integer(row, "kind", 0);
    target->topic = portico_get_integer(row, "topic", 0);
    target->post = portico_get_integer(row, "post", 0);
    target->author = portico_get_integer(row, "author", 0);
    target->space = portico_get_integer(row, "space", 0);
    target->audience = portico_get_integer(row, "audience", 0);
    target->status = portico_get_integer(row, "status", 0);
    target->topic_status = portico_get_integer(row, "topic_status", 0);
    target->answers = portico_get_integer(row, "answers", 0);
    target->topic_author = portico_get_integer(row, "topic_author", 0);
    target->accepted = portico_get_integer(row, "accepted", 0);
    target->closed = portico_get_boolean(row, "closed", 0);
    target->title = portico_get_text(row, "title", "");
    target->slug = portico_get_text(row, "slug", "");
    target->is_mine = me && target->author == me;
    target->is_asker = me && target->topic_author == me;
    target->moderates = portico_may(context, "communities.moderate");
}

/* Whoever does not see it does not act on it: a moderator sees what is hidden in the spaces they
 * see, everybody what is their own. */
static const char post_sql[] = ACTS_SQL
    "SELECT p.id AS \"id:id\", p.kind, p.id AS \"post:id\", p.author AS \"author:id\",\n"
    "    p.status, p.audience AS \"audience:id\", " TOPIC_OF "\n"
    "FROM communities_post p\n"
    "JOIN communities_topic t ON t.id = p.topic\n" SPACE_JOIN(
        "t") "\n"
             "WHERE p.id = ? AND p.status <> 3 AND t.status <> 3\n"
             "    AND (? = 1 OR p.author = ?\n"
             "         OR EXISTS (SELECT 1 FROM {visible communities_post} v WHERE v.id = p.id))";
static const char comment_sql[] = ACTS_SQL
    "SELECT c.id AS \"id:id\", 3 AS kind, c.post AS \"post:id\", c.author AS \"author:id\",\n"
    "    c.status, c.audience AS \"audience:id\", " TOPIC_OF "\n"
    "FROM communities_comment c\n"
    "JOIN communities_topic t ON t.id = c.topic\n" SPACE_JOIN(
        "t") "\n"
             "WHERE c.id = ? AND c.status <> 3 AND t.status <> 3\n"
             "    AND (? = 1 OR c.author = ?\n"
             "         OR EXISTS (SELECT 1 FROM {visible communities_comment} v WHERE v.id = "
             "c.id))";

int target_read(struct portico_context *context, int is_comment, portico_id id,
                struct target *ret_target, struct portico_error *error)
{
    struct portico_value *row = NULL;
    portico_id me = 0;
    if (!id)
        return PORTICO_ENOENT;
    int code = author_known(context, &me, error);
    if (code == 0)
        code = portico_query_one(
            portico_db(context), is_comment ? comment_sql : post_sql,
            PORTICO_ARGS(portico_arg_id(id),
                         portico_arg_integer(portico_may(context, "communities.moderate")),
                         portico_arg_id(me)),
            &row, error);
    if (code == 0)
        fill(context, row, me, ret_target);
    return code;
}

int target_topic(struct portico_context *context, portico_id topic, struct target *ret_target,
                 struct portico_error *error)
{
    struct portico_value *row = NULL;
    if (!topic)
        return PORTICO_ENOENT;
    int code = portico_query_one(portico_db(context),
                                 ACTS_SQL "SELECT id AS \"id:id\"\n"
                                          "FROM communities_post\n"
                                          "WHERE topic = ? AND kind = 1",
                                 PORTICO_ARGS(portico_arg_id(topic)), &row, error);
    return code < 0 ? code
                    : target_read(context, 0, portico_get_integer(row, "id", 0), ret_target, error);
}

const char *target_path(struct portico_context *context, const struct target *target)
{
    struct told told = target_told(target, NULL);
    return told_path(context, &told);
}

struct told target_told(const struct target *target, const char *text)
{
    struct told told = {
        .topic = target->topic,
        .post = target->post,
        .comment = target->kind == TARGET_COMMENT ? target->id : 0,
        .author = target->author,
        .audience = target->audience,
        .title = target->title,
        .slug = target->slug,
        .text = text ? text : "",
    };
    return told;
}

int target_excerpt(struct portico_context *context, const struct target *target,
                   const char **ret_excerpt, struct portico_error *error)
{
    static const char post[] = ACTS_SQL "SELECT body AS \"body:html\"\n"
                                        "FROM communities_post\n"
                                        "WHERE id = ?";
    static const char comment[] = ACTS_SQL "SELECT body AS \"body:html\"\n"
                                           "FROM communities_comment\n"
                                           "WHERE id = ?";
    struct portico_value *row = NULL;
    int code =
        portico_query_one(portico_db(context), target->kind == TARGET_COMMENT ? comment : post,
                          PORTICO_ARGS(portico_arg_id(target->id)), &row, error);
    if (code < 0)
        return code;
    *ret_excerpt = portico_html_plain(portico_content(context), portico_get(row, "body"), EXCERPT);
    return *ret_excerpt ? PORTICO_OK : PORTICO_ENOMEM;
}

/* ---- the log ---- */

int action_log(struct portico_context *context, const struct action *action,
               struct portico_error *error)
{
    portico_id author = 0;
    int code = author_mine(context, &author, error);
    if (code < 0)
        return code;
    return portico_execute(
        portico_db(context),
        "INSERT INTO communities_action (id, author, name, topic, target, before, after, reason,\n"
        "    created)\n"
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(context)), portico_arg_id(author),
                     portico_arg_text(action->name), portico_arg_id(action->topic),
                     portico_arg_id(action->target), portico_arg_text(action->before),
                     portico_arg_text(action->after),
                     portico_arg_text(action->reason && *action->reason ? action->reason : NULL),
                     portico_arg_time(portico_now(context))),
        NULL, error);
}

const char *action_word(struct portico_context *context, const char *name)
{
    static const struct {
        const char *name, *word;
    } words[] = {
        { "accept", /* translated */ "Accepted an answer" },
        { "unaccept", /* translated */ "Took an acceptance back" },
        { "hold", /* translated */ "Held for a moderator" },
        { "approve", /* translated */ "Approved" },
        { "keep", /* translated */ "Declined the reports" },
        { "remove", /* translated */ "Removed" },
        { "restore", /* translated */ "Restored" },
        { "close", /* translated */ "Closed" },
        { "reopen", /* translated */ "Reopened" },
        { "move", /* translated */ "Moved" },
        { "merge", /* translated */ "Merged" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, name) == 0)
            return portico_translate(context, words[i].word, NULL);
    return name;
}

int action_was_mine(struct portico_context *context, const struct target *target, const char *name,
                    int *ret_mine, struct portico_error *error)
{
    struct portico_value *row = NULL;
    portico_id me = 0;
    int code = author_known(context, &me, error);
    if (code == 0)
        code = portico_query_one(portico_db(context),
                                 "SELECT author AS \"author:id\"\n"
                                 "FROM communities_action\n"
                                 "WHERE topic = ? AND target = ? AND name = ?\n"
                                 "ORDER BY created DESC, id DESC\n"
                                 "LIMIT 1",
                                 PORTICO_ARGS(portico_arg_id(target->topic),
                                              portico_arg_id(target->id), portico_arg_text(name)),
                                 &row, error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    *ret_mine = code == 0 && me && portico_get_integer(row, "author", 0) == me;
    return PORTICO_OK;
}
