/* What a topic's page offers to whom: votes, acceptance, reports, removal, moderation. */
#include "act.h"

#include "communities.h"

/* What the viewer voted, for all posts and comments of a topic at once. */
static int read_ballots(struct portico_request *request, portico_id topic, portico_id me,
                        struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(
        portico_db(request),
        ACTS_SQL "SELECT b.target AS \"target:id\", b.value\n"
                 "FROM communities_ballot b\n"
                 "WHERE b.author = ?\n"
                 "    AND b.target IN (SELECT p.id FROM communities_post p\n"
                 "                     WHERE p.topic = ?\n"
                 "                     UNION ALL\n"
                 "                     SELECT c.id FROM communities_comment c\n"
                 "                     WHERE c.topic = ?)",
        PORTICO_ARGS(portico_arg_id(me), portico_arg_id(topic), portico_arg_id(topic)), ret_rows,
        error);
}

static int64_t vote_of(const struct portico_value *ballots, portico_id target)
{
    for (size_t i = 0; i < portico_count(ballots); i++)
        if (portico_get_integer(portico_at(ballots, i), "target", 0) == target)
            return portico_get_integer(portico_at(ballots, i), "value", 0);
    return 0;
}

/* Who looks, and what they may. */
struct onlooker {
    portico_id author;
    int votes, writes, moderates;
    const struct portico_value *ballots;
    struct target topic; /* what a target shares with its topic */
};

static void show_one(struct portico_request *request, const struct onlooker *onlooker,
                     enum target_kind kind, struct portico_value *view)
{
    portico_id id = portico_get_integer(view, "id", 0);
    portico_id author = portico_get_integer(view, "author_id", 0);
    int64_t mine = vote_of(onlooker->ballots, id);
    struct target target = onlooker->topic;
    target.id = id;
    target.kind = kind;
    target.author = author;
    target.status = portico_get_integer(view, "status_number", 0);
    target.is_mine = author && author == onlooker->author;
    target.moderates = onlooker->moderates;
    int shown = target.status == STATUS_SHOWN && target.topic_status == STATUS_SHOWN;
    portico_set_boolean(view, "is_mine", target.is_mine);
    portico_set_boolean(view, "may_vote", onlooker->votes && shown && !target.is_mine);
    portico_set_boolean(view, "asks_sign_in", shown && !portico_person(request));
    portico_set_boolean(view, "voted_up", mine > 0);
    portico_set_boolean(view, "voted_down", mine < 0);
    portico_set_text(view, "press_up", mine > 0 ? "none" : "up");
    portico_set_text(view, "press_down", mine < 0 ? "none" : "down");
    portico_set_boolean(view, "may_accept", may_accept(&target));
    portico_set_boolean(view, "may_flag", onlooker->writes && shown && !target.is_mine);
    portico_set_boolean(view, "may_remove", onlooker->writes && may_remove(&target));
    portico_set_boolean(view, "is_held", target.status == STATUS_HELD);
    portico_set_boolean(view, "is_removed", target.status == STATUS_REMOVED);
    portico_set_boolean(view, "may_restore",
                        target.status == STATUS_REMOVED && (target.moderates || target.is_mine));
    portico_set_boolean(view, "may_decide", target.status == STATUS_HELD && target.moderates);
    portico_set_boolean(view, "is_hidden", target.status != STATUS_SHOWN);
}

static int show_following(struct portico_request *request, portico_id topic,
                          struct portico_value *view, struct portico_error *error)
{
    struct portico_notices *notices = portico_notices(request);
    int32_t level = PORTICO_NORMAL;
    portico_id person = portico_person(request);
    int code = person && notices
                   ? portico_following(notices, person,
                                       portico_printf(request, "topic/%lld", (long long)topic),
                                       &level, error)
                   : PORTICO_OK;
    if (code < 0)
        return code;
    portico_set_boolean(view, "may_follow", person && notices);
    portico_set_boolean(view, "follows", level == PORTICO_FOLLOWS);
    portico_set_boolean(view, "is_muted", level == PORTICO_MUTED);
    return PORTICO_OK;
}

int acts_view(struct portico_request *request, portico_id topic, struct portico_value *view,
              struct portico_error *error)
{
    struct onlooker onlooker = {
        .votes = portico_may(request, "communities.vote"),
        .writes = portico_may(request, "communities.write"),
        .moderates = portico_may(request, "communities.moderate"),
    };
    struct portico_value *ballots = NULL;
    int code = author_known(request->context, &onlooker.author, error);
    if (code == 0)
        code = target_topic(request->context, topic, &onlooker.topic, error);
    if (code == 0 && onlooker.author)
        code = read_ballots(request, topic, onlooker.author, &ballots, error);
    if (code == 0)
        code = show_following(request, topic, view, error);
    if (code < 0)
        return code;
    onlooker.ballots = ballots;
    const struct portico_value *posts = portico_get(portico_get(view, "topic"), "posts");
    for (size_t i = 0; i < portico_count(posts); i++) {
        struct portico_value *post = portico_at(posts, i);
        const struct portico_value *comments = portico_get(post, "comments");
        int question = portico_get_boolean(post, "is_question", 0);
        show_one(request, &onlooker, question ? TARGET_QUESTION : TARGET_ANSWER, post);
        for (size_t at = 0; at < portico_count(comments); at++)
            show_one(request, &onlooker, TARGET_COMMENT, portico_at(comments, at));
    }
    portico_set_boolean(view, "moderates", onlooker.moderates);
    portico_set_boolean(view, "topic_is_held", onlooker.topic.status == STATUS_HELD);
    portico_set_boolean(view, "topic_is_removed", onlooker.topic.status == STATUS_REMOVED);
    portico_set_text(view, "did", did_word(request, portico_query_param(request, "did")));
    return PORTICO_OK;
}
