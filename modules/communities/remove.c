/* Taking things away and putting them back; letting through what was held. */
#include "acts.h"

int may_remove(const struct target *target)
{
    if (target->status != STATUS_SHOWN)
        return target->status == STATUS_HELD && (target->moderates || target->is_mine);
    if (target->moderates)
        return 1;
    if (!target->is_mine)
        return 0;
    switch (target->kind) {
    case TARGET_QUESTION: return target->answers == 0;
    case TARGET_ANSWER: return target->accepted != target->id;
    default: return 1;
    }
}

/* A question's status is its topic's. */
static int set_status(struct portico_context *context, const struct target *target,
                      enum status status, struct portico_error *error)
{
    static const char topic[] = ACTS_SQL "UPDATE communities_topic\nSET status = ?\nWHERE id = ?";
    static const char post[] = ACTS_SQL "UPDATE communities_post\nSET status = ?\nWHERE id = ?";
    static const char comment[] =
        ACTS_SQL "UPDATE communities_comment\nSET status = ?\nWHERE id = ?";
    struct portico_argument wanted = portico_arg_integer(status);
    int code = PORTICO_OK;
    if (target->kind == TARGET_QUESTION)
        code = portico_execute(portico_db(context), topic,
                               PORTICO_ARGS(wanted, portico_arg_id(target->topic)), NULL, error);
    if (code == 0)
        code = portico_execute(portico_db(context), target->kind == TARGET_COMMENT ? comment : post,
                               PORTICO_ARGS(wanted, portico_arg_id(target->id)), NULL, error);
    return code;
}

/* From one status to another, with all that follows. `target` is read again once the topic is
 * locked; ECONFLICT: somebody else was first. */
static int change(struct portico_context *context, struct target *target, enum status from,
                  enum status to, struct portico_error *error)
{
    struct topic_change topic;
    int code = topic_change_begin(context, target->topic, &topic, error);
    if (code == 0)
        code = target_read(context, target->kind == TARGET_COMMENT, target->id, target, error);
    if (code == 0 && target->status != (int64_t)from)
        code = write_fail(
            error, PORTICO_ECONFLICT,
            portico_translate(context, "Somebody else was first: look at it again.", NULL));
    if (code == 0)
        code = set_status(context, target, to, error);
    topic.same_words = target->kind == TARGET_COMMENT;
    return code < 0 ? code : topic_change_end(context, &topic, error);
}

static int log_act(struct portico_context *context, const struct target *target, const char *name,
                   const char *reason, struct portico_error *error)
{
    struct action action = {
        .name = name,
        .topic = target->topic,
        .target = target->id,
        .before = target->title,
        .reason = reason,
    };
    return action_log(context, &action, error);
}

static int refuse_removal(struct portico_context *context, const struct target *target,
                          struct portico_error *error)
{
    if (target->status == STATUS_REMOVED)
        return write_fail(error, PORTICO_ECONFLICT,
                          portico_translate(context, "This is removed already.", NULL));
    const char *sentence =
        !target->is_mine
            ? portico_translate(context, "Only moderators remove what others wrote.", NULL)
        : target->kind == TARGET_QUESTION
            ? portico_translate(context,
                                "Your question has answers that help others too. Report it if it "
                                "has to go.",
                                NULL)
            : portico_translate(context,
                                "Your answer was accepted and helps others. Report it if it has to "
                                "go.",
                                NULL);
    return write_fail(error, PORTICO_EPERM, sentence);
}

int target_remove(struct portico_context *context, const struct target *target, const char *reason,
                  struct portico_error *error)
{
    struct target now = *target;
    if (!may_remove(target))
        return refuse_removal(context, target, error);
    int code = change(context, &now, (enum status)target->status, STATUS_REMOVED, error);
    now.status = target->status;
    if (code == 0 && !may_remove(&now))
        code = refuse_removal(context, &now, error);
    if (code == 0)
        code = flags_close(context, target->id, FLAG_UPHELD, NULL, error);
    if (code == 0)
        code = log_act(context, target, "remove", reason, error);
    struct told told = target_told(target, reason);
    return code < 0 ? code : tell_removed(context, &told, error);
}

/* Why it waited when its author took it away, before a moderator had decided; `name` NULL: it did
 * not. */
static int read_hold(struct portico_context *context, const struct target *target,
                     struct action *ret_hold, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(context),
        "SELECT name, after, reason\n"
        "FROM communities_action\n"
        "WHERE topic = ? AND target = ?\n"
        "    AND name IN ('hold', 'approve', 'restore')\n"
        "ORDER BY created DESC, id DESC\n"
        "LIMIT 1",
        PORTICO_ARGS(portico_arg_id(target->topic), portico_arg_id(target->id)), &row, error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    if (strcmp(portico_get_text(row, "name", ""), "hold") == 0)
        *ret_hold = (struct action){
            .name = "hold",
            .topic = target->topic,
            .target = target->id,
            .after = portico_get_text(row, "after", NULL),
            .reason = portico_get_text(row, "reason", NULL),
        };
    return PORTICO_OK;
}

/* Back to the queue: taking it away and putting it back is no way past a moderator. */
static int hold_again(struct portico_context *context, struct target *target,
                      const struct action *hold, struct portico_error *error)
{
    const char *words = "";
    int code = change(context, target, STATUS_REMOVED, STATUS_HELD, error);
    if (code == 0)
        code = action_log(context, hold, error);
    if (code == 0)
        code = target_excerpt(context, target, &words, error);
    struct told told = target_told(target, words);
    return code < 0 ? code : tell_held(context, &told, error);
}

int target_restore(struct portico_context *context, const struct target *target, const char *reason,
                   struct portico_error *error)
{
    struct target now = *target;
    struct action hold = { 0 };
    int mine = 0;
    int code = target->moderates || !target->is_mine
                   ? PORTICO_OK
                   : action_was_mine(context, target, "remove", &mine, error);
    if (code < 0)
        return code;
    if (target->status != STATUS_REMOVED)
        return write_fail(error, PORTICO_ECONFLICT,
                          portico_translate(context, "This is not removed.", NULL));
    if (!target->moderates && !mine)
        return write_fail(error, PORTICO_EPERM,
                          portico_translate(context,
                                            "A moderator removed this, and only moderators restore "
                                            "it.",
                                            NULL));
    if (!target->moderates)
        code = read_hold(context, target, &hold, error);
    if (code == 0 && hold.name)
        return hold_again(context, &now, &hold, error);
    if (code == 0)
        code = change(context, &now, STATUS_REMOVED, STATUS_SHOWN, error);
    if (code == 0)
        code = log_act(context, target, "restore", reason, error);
    struct told told = target_told(target, reason);
    return code < 0 ? code : tell_restored(context, &told, error);
}

static int require_moderator(struct portico_context *context, const struct target *target,
                             struct portico_error *error)
{
    return target->moderates
               ? PORTICO_OK
               : write_fail(error, PORTICO_EPERM,
                            portico_translate(context, "Only moderators decide this.", NULL));
}

/* Whom it names, as when it is written. What an import brought names nobody. */
static int read_mentioned(struct portico_context *context, const struct target *target,
                          struct text *ret_text, struct portico_error *error)
{
    static const char post[] = ACTS_SQL "SELECT source FROM communities_post WHERE id = ?";
    static const char comment[] = ACTS_SQL "SELECT source FROM communities_comment WHERE id = ?";
    struct portico_value *row = NULL;
    int code =
        portico_query_one(portico_db(context), target->kind == TARGET_COMMENT ? comment : post,
                          PORTICO_ARGS(portico_arg_id(target->id)), &row, error);
    const char *source = portico_get_text(row, "source", NULL);
    return code < 0 || !source ? code : text_render(context, source, ret_text, error);
}

/* Told only now: as if it had been written at this moment. */
static int tell_shown(struct portico_context *context, const struct target *target,
                      struct portico_error *error)
{
    const char *words = "";
    struct text text = { 0 };
    int code = target_excerpt(context, target, &words, error);
    if (code == 0)
        code = read_mentioned(context, target, &text, error);
    if (code < 0)
        return code;
    struct told told = target_told(target, words);
    told.mentioned = text.mentioned;
    told.mentioned_count = text.mentioned_count;
    if (target->kind == TARGET_QUESTION)
        code = tell_topic_created(context, &told, error);
    else if (target->kind == TARGET_ANSWER)
        code = tell_answered(context, &told, error);
    else
        code = tell_commented(context, &told, error);
    if (code == 0 && told.mentioned_count)
        code = tell_mentioned(context, &told, error);
    return code < 0 ? code : tell_approved(context, &told, error);
}

int target_approve(struct portico_context *context, const struct target *target, const char *reason,
                   struct portico_error *error)
{
    struct target now = *target;
    int code = require_moderator(context, target, error);
    if (code == 0)
        code = change(context, &now, STATUS_HELD, STATUS_SHOWN, error);
    if (code == 0)
        code = flags_close(context, target->id, FLAG_DECLINED, NULL, error);
    if (code == 0)
        code = log_act(context, target, "approve", reason, error);
    if (code == 0) /* its audience is its space's again */
        code = target_read(context, target->kind == TARGET_COMMENT, target->id, &now, error);
    return code < 0 ? code : tell_shown(context, &now, error);
}

int target_keep(struct portico_context *context, const struct target *target, const char *reason,
                struct portico_error *error)
{
    int64_t closed = 0;
    int code = require_moderator(context, target, error);
    if (code == 0)
        code = flags_close(context, target->id, FLAG_DECLINED, &closed, error);
    if (code == 0 && !closed)
        code = write_fail(
            error, PORTICO_ECONFLICT,
            portico_translate(context, "Somebody else was first: nothing is reported here.", NULL));
    return code < 0 ? code : log_act(context, target, "keep", reason, error);
}
