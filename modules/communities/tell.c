#include "tell.h"

const char *told_path(struct portico_context *context, const struct told *told)
{
    const char *anchor = told->comment ? "#comment-" : told->post ? "#post-" : "";
    portico_id id = told->comment ? told->comment : told->post;
    return id ? portico_printf(context, "/communities/topics/%lld/%s%s%lld", (long long)told->topic,
                               told->slug, anchor, (long long)id)
              : portico_printf(context, "/communities/topics/%lld/%s", (long long)told->topic,
                               told->slug);
}

/* What happens to a topic is told to those who follow it, once the portal's events and notices are
 * declared: with neither, there is nobody to tell. */
static int tell(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    (void)context;
    (void)told;
    (void)error;
    return PORTICO_OK;
}

int tell_topic_created(struct portico_context *context, const struct told *told,
                       struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_answered(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_commented(struct portico_context *context, const struct told *told,
                   struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_edited(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_mentioned(struct portico_context *context, const struct told *told,
                   struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_held(struct portico_context *context, const struct told *told, struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_flagged(struct portico_context *context, const struct told *told,
                 struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_approved(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_removed(struct portico_context *context, const struct told *told,
                 struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_restored(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_closed(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_reopened(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_moved(struct portico_context *context, const struct told *told, const char *space,
               struct portico_error *error)
{
    (void)space;
    return tell(context, told, error);
}

int tell_merged(struct portico_context *context, const struct told *told, const struct told *whole,
                struct portico_error *error)
{
    (void)whole;
    return tell(context, told, error);
}

int tell_solved(struct portico_context *context, const struct told *told,
                struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_unsolved(struct portico_context *context, const struct told *told,
                  struct portico_error *error)
{
    return tell(context, told, error);
}

int tell_voted(struct portico_context *context, const struct told *told, int value, int64_t score,
               struct portico_error *error)
{
    (void)value;
    (void)score;
    return tell(context, told, error);
}
