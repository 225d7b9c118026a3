/* What people do with what stands here: vote, accept, follow, report; and what moderators do. The
 * changes work on the open transaction of the call, as those of write.h do, and take its locks in
 * the same order; handlers open it and answer. */
#ifndef COMMUNITIES_ACTS_H
#define COMMUNITIES_ACTS_H

#include "tell.h"
#include "write.h"

#define ACTS_SQL "{unfiltered acting} "

/* Longest reason somebody gives for what they do. */
#define REASON_MOST 500

enum target_kind { TARGET_QUESTION = 1, TARGET_ANSWER = 2, TARGET_COMMENT = 3 };

/* A question, answer or comment that somebody acts on. Texts are in the call's memory. */
struct target {
    portico_id id;
    enum target_kind kind;
    portico_id topic;
    portico_id post;   /* itself, or what the comment stands under */
    portico_id author; /* of communities_author; 0: nobody's any more */
    portico_id space;
    portico_id audience;
    int64_t status; /* enum status; a question's is its topic's too */
    int64_t topic_status;
    int64_t answers;         /* of the topic, shown */
    portico_id topic_author; /* who asked */
    portico_id accepted;     /* answer of the topic */
    int closed;              /* the topic */
    const char *title, *slug;
    int is_mine, is_asker;
    int moderates; /* the viewer may moderate */
};

/* The post or comment of an id as the viewer may see it: shown to them, their own, or anything in
 * the spaces of a moderator. ENOENT: none such, or merged away. */
int target_read(struct portico_context *context, int is_comment, portico_id id,
                struct target *ret_target, struct portico_error *error);
/* The question of a topic, likewise. */
int target_topic(struct portico_context *context, portico_id topic, struct target *ret_target,
                 struct portico_error *error);
/* "post/123" or "comment/123", and where it is seen, "/communities/topics/1/slug#post-123". */
const char *target_path(struct portico_context *context, const struct target *target);
/* It as tell.h takes it. `text` is what was said of it, such as a reason; NULL: nothing. */
struct told target_told(const struct target *target, const char *text);
/* Its Markdown or words, short, for lists. */
int target_excerpt(struct portico_context *context, const struct target *target,
                   const char **ret_excerpt, struct portico_error *error);

/* One line of the log of what was done. `before` and `after` are names of things as people know
 * them, or NULL. The names of acts are those of action_words. */
struct action {
    const char *name;
    portico_id topic, target;
    const char *before, *after, *reason;
};
int action_log(struct portico_context *context, const struct action *action,
               struct portico_error *error);
/* "approve" to "Approved", in the reader's language; unknown names stay as they are. */
const char *action_word(struct portico_context *context, const char *name);
/* Whether the viewer did the last one of that name to the target: what one removed oneself one may
 * restore. */
int action_was_mine(struct portico_context *context, const struct target *target, const char *name,
                    int *ret_mine, struct portico_error *error);

/* -1, 0 or 1; comments take 0 and 1. EPERM: one's own. */
int vote_cast(struct portico_context *context, const struct target *target, int value,
              int64_t *ret_score, struct portico_error *error);
/* Takes back what an author voted, with all that was counted by it; nothing to take is no error. Of
 * what is no more, the vote alone. */
int vote_take_back(struct portico_context *context, portico_id target, portico_id author,
                   struct portico_error *error);
/* Accepts the answer, or takes that back. EPERM: neither asker nor moderator. */
int answer_accept(struct portico_context *context, const struct target *answer, int accepted,
                  struct portico_error *error);

/* Flags: reasons "spam", "rude", "off-topic", "other". EPERM: one's own. */
struct flag {
    const char *reason;
    const char *note;
};
int flag_raise(struct portico_context *context, const struct target *target,
               const struct flag *flag, struct portico_error *error);
enum flag_state { FLAG_OPEN = 0, FLAG_UPHELD = 1, FLAG_DECLINED = 2 };
/* Closes those open about a target; how many there were. */
int flags_close(struct portico_context *context, portico_id target, enum flag_state state,
                int64_t *ret_count, struct portico_error *error);
/* A reason's words in the reader's language. */
const char *flag_word(struct portico_context *context, const char *reason);

/* What one may do with a target: 1 or 0. The same is asked by pages and by the acts. */
int may_remove(const struct target *target);
int may_accept(const struct target *target);

/* EPERM, ECONFLICT with a sentence. `reason` may be NULL or "". */
int target_remove(struct portico_context *context, const struct target *target, const char *reason,
                  struct portico_error *error);
int target_restore(struct portico_context *context, const struct target *target, const char *reason,
                   struct portico_error *error);
/* Moderators: shows what was held; ECONFLICT: it does not wait. */
int target_approve(struct portico_context *context, const struct target *target, const char *reason,
                   struct portico_error *error);
/* Moderators: it stays; the flags about it are closed. */
int target_keep(struct portico_context *context, const struct target *target, const char *reason,
                struct portico_error *error);
int topic_close(struct portico_context *context, const struct target *question, const char *reason,
                struct portico_error *error);
int topic_reopen(struct portico_context *context, const struct target *question, const char *reason,
                 struct portico_error *error);
int topic_move(struct portico_context *context, const struct target *question, portico_id space,
               const char *reason, struct portico_error *error);
/* Answers and comments go to `into`, whose question stays; the address of `question` leads there.
 */
int topic_merge(struct portico_context *context, const struct target *question,
                const struct target *into, const char *reason, struct portico_error *error);
/* The rows of that alone: of both their ids, topics and accepted answers. Both are locked, and told
 * of and counted by the caller. */
int topic_join(struct portico_context *context, const struct target *question,
               const struct target *into, struct portico_error *error);
/* Where a topic that was merged away went, as the viewer may see it: ENOENT: nowhere. */
int topic_merged_into(struct portico_context *context, portico_id topic, portico_id *ret_topic,
                      const char **ret_slug, struct portico_error *error);

/* How much waits for a moderator, counted to 1000. */
int queue_count(struct portico_request *request, int64_t *ret_count, struct portico_error *error);

/* Answers that an act failed: a page or problem document with the error's sentence. */
int act_failed(struct portico_request *request, int code, const struct portico_error *error);

/* Handlers. */
int act_vote_post(struct portico_request *request);
int act_vote_comment(struct portico_request *request);
int act_accept(struct portico_request *request);
int act_follow(struct portico_request *request);
int act_flag_post(struct portico_request *request);
int act_flag_comment(struct portico_request *request);
int act_remove_post(struct portico_request *request);
int act_remove_comment(struct portico_request *request);
int act_restore_post(struct portico_request *request);
int act_restore_comment(struct portico_request *request);
int act_close(struct portico_request *request);
int act_reopen(struct portico_request *request);
int act_move(struct portico_request *request);
int act_merge(struct portico_request *request);
int moderation_queue(struct portico_request *request);
int moderation_log(struct portico_request *request);
int moderation_post(struct portico_request *request);
int moderation_comment(struct portico_request *request);
int api_moderation_queue(struct portico_request *request);
int api_moderation_log(struct portico_request *request);
int api_approve_post(struct portico_request *request);
int api_approve_comment(struct portico_request *request);
int api_keep_post(struct portico_request *request);
int api_keep_comment(struct portico_request *request);

/* Answers for a topic that is not there: 301 to what it was merged into, below `path` and, for
 * pages, with its slug; else not found. */
int act_merged(struct portico_request *request, portico_id topic, const char *path);

/* Puts to the posts and comments of view's "topic", of topic_read(), what the viewer may do with
 * them and did. */
int acts_view(struct portico_request *request, struct portico_value *view,
              struct portico_error *error);

#endif
