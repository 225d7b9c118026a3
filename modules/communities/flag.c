/* Reports: what somebody finds wrong with what another wrote, for moderators. */
#include "acts.h"

#include "brakes.h"

const char *flag_word(struct portico_context *context, const char *reason)
{
    static const struct {
        const char *reason, *word;
    } words[] = {
        { "spam", /* translated */ "Spam or advertising" },
        { "rude", /* translated */ "Rude or hurtful" },
        { "off-topic", /* translated */ "Does not belong here" },
        { "other", /* translated */ "Something else" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].reason, reason) == 0)
            return portico_translate(context, words[i].word, NULL);
    return reason;
}

int flag_raise(struct portico_context *context, const struct target *target,
               const struct flag *flag, struct portico_error *error)
{
    portico_id me = 0;
    int64_t changed = 0;
    if (target->is_mine)
        return write_fail(
            error, PORTICO_EPERM,
            portico_translate(context, "This is your own. Edit or remove it instead.", NULL));
    if (target->status != STATUS_SHOWN)
        return write_fail(
            error, PORTICO_ECONFLICT,
            portico_translate(context, "Moderators are looking at this already.", NULL));
    int code = brakes_take(context, BRAKES_FLAG, error);
    if (code == 0)
        code = author_mine(context, &me, error);
    if (code == 0)
        code = portico_execute(
            portico_db(context),
            "INSERT INTO communities_flag (id, target, kind, topic, author, reason, note, state,\n"
            "    created)\n"
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)\n"
            "ON CONFLICT (target, author) DO UPDATE\n"
            "SET reason = excluded.reason, note = excluded.note\n"
            "WHERE communities_flag.state = 0",
            PORTICO_ARGS(portico_arg_id(portico_new_id(context)), portico_arg_id(target->id),
                         portico_arg_integer(target->kind), portico_arg_id(target->topic),
                         portico_arg_id(me), portico_arg_text(flag->reason),
                         portico_arg_text(flag->note && *flag->note ? flag->note : NULL),
                         portico_arg_time(portico_now(context))),
            &changed, error);
    if (code == 0 && !changed)
        return write_fail(error, PORTICO_ECONFLICT,
                          portico_translate(context,
                                            "You reported this before, and moderators decided "
                                            "that it stays.",
                                            NULL));
    struct told told = target_told(target, flag->reason);
    return code < 0 ? code : tell_flagged(context, &told, error);
}

int flags_close(struct portico_context *context, portico_id target, enum flag_state state,
                int64_t *ret_count, struct portico_error *error)
{
    portico_id me = 0;
    int code = author_mine(context, &me, error);
    if (code < 0)
        return code;
    return portico_execute(portico_db(context),
                           "UPDATE communities_flag\n"
                           "SET state = ?, closed = ?, closed_by = ?\n"
                           "WHERE target = ? AND state = 0",
                           PORTICO_ARGS(portico_arg_integer(state),
                                        portico_arg_time(portico_now(context)), portico_arg_id(me),
                                        portico_arg_id(target)),
                           ret_count, error);
}
