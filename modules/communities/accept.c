/* The answer that helped: whoever asked says which, or a moderator for them. One at a time. */
#include "acts.h"

int may_accept(const struct target *target)
{
    return target->kind == TARGET_ANSWER && target->status == STATUS_SHOWN &&
           target->topic_status == STATUS_SHOWN &&
           ((target->topic_author && target->is_asker) || target->moderates);
}

/* Marks exactly one answer of the topic, or none. */
static int mark(struct portico_context *context, portico_id topic, portico_id answer,
                struct portico_error *error)
{
    struct portico_argument none = portico_arg_integer(answer);
    int code = portico_execute(
        portico_db(context),
        ACTS_SQL "UPDATE communities_post\n"
                 "SET accepted = CASE WHEN id = ? THEN ? ELSE ? END\n"
                 "WHERE topic = ? AND kind = 2",
        PORTICO_ARGS(none, portico_arg_boolean(1), portico_arg_boolean(0), portico_arg_id(topic)),
        NULL, error);
    if (code < 0)
        return code;
    return portico_execute(portico_db(context),
                           ACTS_SQL "UPDATE communities_topic\n"
                                    "SET accepted = ?\n"
                                    "WHERE id = ?",
                           PORTICO_ARGS(portico_arg_id(answer), portico_arg_id(topic)), NULL,
                           error);
}

int answer_accept(struct portico_context *context, const struct target *answer, int accepted,
                  struct portico_error *error)
{
    struct topic_change change;
    struct target now;
    if (!may_accept(answer))
        return write_fail(error, PORTICO_EPERM,
                          portico_translate(context,
                                            "Only who asked the question, or a moderator, says "
                                            "which answer helped.",
                                            NULL));
    int code = topic_change_begin(context, answer->topic, &change, error);
    /* Once the topic is locked: another answer may have been accepted, this one removed. */
    if (code == 0)
        code = target_read(context, 0, answer->id, &now, error);
    if (code == 0 && !may_accept(&now))
        code = PORTICO_ENOENT;
    if (code < 0 || (now.accepted == now.id) == !!accepted)
        return code;
    code = mark(context, now.topic, accepted ? now.id : 0, error);
    change.same_words = 1;
    if (code == 0)
        code = topic_change_end(context, &change, error);
    struct action action = {
        .name = accepted ? "accept" : "unaccept",
        .topic = now.topic,
        .target = now.id,
    };
    if (code == 0)
        code = action_log(context, &action, error);
    struct told told = target_told(&now, NULL);
    if (code < 0)
        return code;
    return accepted ? tell_solved(context, &told, error) : tell_unsolved(context, &told, error);
}
