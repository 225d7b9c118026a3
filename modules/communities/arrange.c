/* Moderators' order among topics: closing and reopening, moving to another space, merging. */
#include "acts.h"

#include "communities.h"
#include "reach.h"

static int require_moderator(struct portico_context *context, const struct target *question,
                             struct portico_error *error)
{
    return question->moderates
               ? PORTICO_OK
               : write_fail(error, PORTICO_EPERM,
                            portico_translate(context, "Only moderators do this.", NULL));
}

/* ---- closing ---- */

static int set_closed(struct portico_context *context, const struct target *question, int closed,
                      const char *reason, struct portico_error *error)
{
    struct topic_change change;
    struct target now;
    int code = require_moderator(context, question, error);
    if (code == 0)
        code = topic_change_begin(context, question->topic, &change, error);
    if (code == 0)
        code = target_read(context, 0, question->id, &now, error);
    if (code < 0 || now.closed == closed)
        return code;
    code =
        portico_execute(portico_db(context),
                        ACTS_SQL "UPDATE communities_topic\n"
                                 "SET closed = ?, closed_reason = ?\n"
                                 "WHERE id = ?",
                        PORTICO_ARGS(portico_arg_boolean(closed),
                                     portico_arg_text(closed && reason && *reason ? reason : NULL),
                                     portico_arg_id(question->topic)),
                        NULL, error);
    change.same_words = 1;
    if (code == 0)
        code = topic_change_end(context, &change, error);
    struct action action = {
        .name = closed ? "close" : "reopen",
        .topic = question->topic,
        .target = question->id,
        .before = question->title,
        .reason = reason,
    };
    if (code == 0)
        code = action_log(context, &action, error);
    struct told told = target_told(question, reason);
    if (code < 0)
        return code;
    return closed ? tell_closed(context, &told, error) : tell_reopened(context, &told, error);
}

int topic_close(struct portico_context *context, const struct target *question, const char *reason,
                struct portico_error *error)
{
    return set_closed(context, question, 1, reason, error);
}

int topic_reopen(struct portico_context *context, const struct target *question, const char *reason,
                 struct portico_error *error)
{
    return set_closed(context, question, 0, reason, error);
}

/* ---- moving ---- */

static int space_title(struct portico_context *context, portico_id space, const char **ret_title,
                       struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 "SELECT s.title\n"
                                 "FROM {visible communities_space} s\n"
                                 "WHERE s.id = ?",
                                 PORTICO_ARGS(portico_arg_id(space)), &row, error);
    if (code == 0)
        *ret_title = portico_get_text(row, "title", "");
    return code;
}

int topic_move(struct portico_context *context, const struct target *question, portico_id space,
               const char *reason, struct portico_error *error)
{
    struct topic_change change;
    const char *from = "", *to = "";
    int code = require_moderator(context, question, error);
    if (code == 0)
        code = space_title(context, space, &to, error);
    if (code == 0)
        code = topic_change_begin(context, question->topic, &change, error);
    if (code < 0 || change.space == space)
        return code;
    code = space_title(context, change.space, &from, error);
    if (code == 0)
        code = portico_execute(
            portico_db(context),
            ACTS_SQL "UPDATE communities_topic\n"
                     "SET space = ?, asked_alone = asked_alone AND EXISTS (\n"
                     "    SELECT 1 FROM communities_space s WHERE s.id = ? AND s.own_people)\n"
                     "WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(space), portico_arg_id(space),
                         portico_arg_id(question->topic)),
            NULL, error);
    if (code == 0)
        code = topic_change_end(context, &change, error);
    struct action action = {
        .name = "move",
        .topic = question->topic,
        .target = question->id,
        .before = from,
        .after = to,
        .reason = reason,
    };
    if (code == 0)
        code = action_log(context, &action, error);
    struct target now;
    if (code == 0)
        code = target_read(context, 0, question->id, &now, error);
    if (code < 0)
        return code;
    struct told told = target_told(&now, reason);
    return tell_moved(context, &told, to, error);
}

/* ---- merging ---- */

/* Both are locked by id, so that two merges cannot wait for each other. */
static int begin_both(struct portico_context *context, const struct target *question,
                      const struct target *into, struct topic_change *from, struct topic_change *to,
                      struct portico_error *error)
{
    int first = question->topic < into->topic;
    int code = topic_change_begin(context, first ? question->topic : into->topic, first ? from : to,
                                  error);
    return code < 0 ? code
                    : topic_change_begin(context, first ? into->topic : question->topic,
                                         first ? to : from, error);
}

/* Answers go with their votes and comments. The question stays where it was, merged away, and what
 * was said under it goes below the other question. */
static int move_rows(struct portico_context *context, const struct target *question,
                     const struct target *into, struct portico_error *error)
{
    static const char *const moves[] = {
        ACTS_SQL "UPDATE communities_comment\nSET post = ?\nWHERE post = ? AND topic = ?",
        ACTS_SQL "UPDATE communities_comment\nSET topic = ?\nWHERE topic = ?",
        ACTS_SQL "UPDATE communities_post\nSET topic = ?\nWHERE topic = ? AND kind = 2",
        "UPDATE communities_flag\nSET topic = ?\nWHERE topic = ? AND kind <> 1",
        ACTS_SQL "UPDATE communities_topic\nSET merged_into = ?\nWHERE merged_into = ?",
    };
    struct portico_argument to = portico_arg_id(into->topic),
                            from = portico_arg_id(question->topic);
    int code = portico_execute(
        portico_db(context), moves[0],
        PORTICO_ARGS(portico_arg_id(into->id), portico_arg_id(question->id), from), NULL, error);
    for (size_t i = 1; code == 0 && i < sizeof moves / sizeof *moves; i++)
        code = portico_execute(portico_db(context), moves[i], PORTICO_ARGS(to, from), NULL, error);
    return code;
}

/* An accepted answer stays one where the other question had none. */
static int keep_accepted(struct portico_context *context, const struct target *question,
                         const struct target *into, struct portico_error *error)
{
    portico_id accepted = into->accepted ? into->accepted : question->accepted;
    int code = portico_execute(portico_db(context),
                               ACTS_SQL "UPDATE communities_post\n"
                                        "SET accepted = CASE WHEN id = ? THEN ? ELSE ? END\n"
                                        "WHERE topic = ? AND kind = 2",
                               PORTICO_ARGS(portico_arg_integer(accepted), portico_arg_boolean(1),
                                            portico_arg_boolean(0), portico_arg_id(into->topic)),
                               NULL, error);
    if (code == 0)
        code = portico_execute(portico_db(context),
                               ACTS_SQL "UPDATE communities_topic\nSET accepted = ?\nWHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(accepted), portico_arg_id(into->topic)),
                               NULL, error);
    return code;
}

static int set_merged(struct portico_context *context, const struct target *question,
                      portico_id into, struct portico_error *error)
{
    int code = portico_execute(portico_db(context),
                               ACTS_SQL "UPDATE communities_topic\n"
                                        "SET status = 3, merged_into = ?, accepted = NULL\n"
                                        "WHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(into), portico_arg_id(question->topic)),
                               NULL, error);
    if (code == 0)
        code = portico_execute(portico_db(context),
                               ACTS_SQL "UPDATE communities_post\nSET status = 3\nWHERE id = ?",
                               PORTICO_ARGS(portico_arg_id(question->id)), NULL, error);
    return code;
}

int topic_join(struct portico_context *context, const struct target *question,
               const struct target *into, struct portico_error *error)
{
    int code = move_rows(context, question, into, error);
    if (code == 0)
        code = keep_accepted(context, question, into, error);
    return code < 0 ? code : set_merged(context, question, into->topic, error);
}

/* Everything about the two questions that changes, once both are locked. */
static int merge(struct portico_context *context, const struct target *question,
                 const struct target *into, struct portico_error *error)
{
    int code = topic_join(context, question, into, error);
    if (code == 0)
        code = flags_close(context, question->id, FLAG_UPHELD, NULL, error);
    struct portico_notices *notices = portico_notices(context);
    if (code == 0 && notices)
        code = portico_follow_move(
            notices, portico_printf(context, "topic/%lld", (long long)question->topic),
            portico_printf(context, "topic/%lld", (long long)into->topic), error);
    return code;
}

/* What stands under a question is read by those whom the question is for: never by others because
 * it was merged. Moving says who reads it; this does not. Counting has locked the spaces of both.
 */
static int check_readers(struct portico_context *context, const struct target *question,
                         const struct target *into, struct portico_error *error)
{
    portico_id here = 0, there = 0;
    int code = reach_of(context, question->topic, &here, error);
    if (code == 0)
        code = reach_of(context, into->topic, &there, error);
    if (code < 0 || reach_is_within(there, here))
        return code;
    return write_fail(error, PORTICO_EINVAL,
                      portico_translate(context,
                                        "People read that question who do not read this one, and "
                                        "would read its answers. Merge it into one that the same "
                                        "people read, or first move this one to a space of theirs.",
                                        NULL));
}

int topic_merge(struct portico_context *context, const struct target *question,
                const struct target *into, const char *reason, struct portico_error *error)
{
    struct topic_change from, to;
    struct target here, there;
    int code = require_moderator(context, question, error);
    if (code == 0 && question->topic == into->topic)
        code = write_fail(
            error, PORTICO_EINVAL,
            portico_translate(context, "A question cannot be merged into itself.", NULL));
    if (code == 0)
        code = begin_both(context, question, into, &from, &to, error);
    if (code == 0)
        code = target_read(context, 0, question->id, &here, error);
    if (code == 0)
        code = target_read(context, 0, into->id, &there, error);
    if (code == 0 && there.status != STATUS_SHOWN)
        code = write_fail(error, PORTICO_ECONFLICT,
                          portico_translate(context,
                                            "That question is not shown to anybody. Merge into "
                                            "one that is.",
                                            NULL));
    if (code == 0)
        code = merge(context, &here, &there, error);
    if (code == 0)
        code = topic_change_end(context, &from, error);
    to.touched = 1;
    if (code == 0)
        code = topic_change_end(context, &to, error);
    if (code == 0)
        code = check_readers(context, question, into, error);
    struct action action = {
        .name = "merge",
        .topic = question->topic,
        .target = question->id,
        .before = question->title,
        .after = into->title,
        .reason = reason,
    };
    if (code == 0)
        code = action_log(context, &action, error);
    struct told told = target_told(question, reason), whole = target_told(into, reason);
    return code < 0 ? code : tell_merged(context, &told, &whole, error);
}

int topic_merged_into(struct portico_context *context, portico_id topic, portico_id *ret_topic,
                      const char **ret_slug, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(context),
                                 ACTS_SQL "SELECT v.id AS \"id:id\", v.slug\n"
                                          "FROM communities_topic t\n"
                                          "JOIN {visible communities_topic} v\n"
                                          "    ON v.id = t.merged_into\n"
                                          "" SPACE_JOIN("v") "\n"
                                                             "WHERE t.id = ? AND t.status = 3",
                                 PORTICO_ARGS(portico_arg_id(topic)), &row, error);
    if (code < 0)
        return code;
    *ret_topic = portico_get_integer(row, "id", 0);
    *ret_slug = portico_get_text(row, "slug", "");
    return PORTICO_OK;
}
