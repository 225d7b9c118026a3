/* What a topic's page offers to whom: votes, acceptance, reports, removal, moderation. */
#include "act.h"

#include "communities.h"

/* A vote of the viewer's. */
struct ballot {
    portico_id target;
    int64_t value;
};

/* Who looks, and what they may. */
struct onlooker {
    portico_id author;
    int votes, writes, moderates;
    const struct ballot *ballots;
    size_t ballot_count;
    struct target topic; /* what a target shares with its topic */
};

static int64_t vote_of(const struct onlooker *onlooker, portico_id target)
{
    for (size_t i = 0; i < onlooker->ballot_count; i++)
        if (onlooker->ballots[i].target == target)
            return onlooker->ballots[i].value;
    return 0;
}

/* What the viewer voted, for all posts and comments of the topic at once. */
static int read_ballots(struct portico_request *request, struct onlooker *onlooker,
                        struct portico_error *error)
{
    struct portico_value *rows = NULL;
    portico_id topic = onlooker->topic.topic;
    int code =
        portico_query(portico_db(request),
                      ACTS_SQL "SELECT b.target AS \"target:id\", b.value\n"
                               "FROM communities_ballot b\n"
                               "WHERE b.author = ?\n"
                               "    AND b.target IN (SELECT p.id FROM communities_post p\n"
                               "                     WHERE p.topic = ?\n"
                               "                     UNION ALL\n"
                               "                     SELECT c.id FROM communities_comment c\n"
                               "                     WHERE c.topic = ?)",
                      PORTICO_ARGS(portico_arg_id(onlooker->author), portico_arg_id(topic),
                                   portico_arg_id(topic)),
                      &rows, error);
    size_t count = portico_count(rows);
    struct ballot *ballots = portico_alloc(request, (count + 1) * sizeof *ballots);
    if (code < 0 || !ballots)
        return code < 0 ? code : PORTICO_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct portico_value *row = portico_at(rows, i);
        ballots[i] = (struct ballot){ portico_get_integer(row, "target", 0),
                                      portico_get_integer(row, "value", 0) };
    }
    onlooker->ballots = ballots;
    onlooker->ballot_count = count;
    return PORTICO_OK;
}

/* What all targets of the topic share. */
static struct target shared(const struct portico_value *topic, int moderates)
{
    portico_id me = portico_get_integer(topic, "reader_id", 0);
    struct target target = {
        .topic = portico_get_integer(topic, "id", 0),
        .topic_status = portico_get_integer(topic, "status_number", 0),
        .topic_author = portico_get_integer(topic, "author_id", 0),
        .answers = portico_get_integer(topic, "answers", 0),
        .accepted = portico_get_integer(topic, "accepted_id", 0),
        .moderates = moderates,
    };
    target.is_asker = me && target.topic_author == me;
    return target;
}

/* What is removed is restored by moderators, or by who wrote and removed it. */
static int show_restoring(struct portico_request *request, const struct target *target,
                          struct portico_value *view, struct portico_error *error)
{
    int mine = target->status == STATUS_REMOVED && target->moderates;
    int code = PORTICO_OK;
    if (target->status == STATUS_REMOVED && target->is_mine && !mine)
        code = action_was_mine(request->context, target, "remove", &mine, error);
    if (code == 0)
        portico_set_boolean(view, "may_restore", mine);
    return code;
}

static int show_one(struct portico_request *request, const struct onlooker *onlooker,
                    enum target_kind kind, struct portico_value *view, struct portico_error *error)
{
    portico_id id = portico_get_integer(view, "id", 0);
    portico_id author = portico_get_integer(view, "author_id", 0);
    int64_t mine = vote_of(onlooker, id);
    struct target target = onlooker->topic;
    target.id = id;
    target.kind = kind;
    target.author = author;
    target.status = portico_get_integer(view, "status_number", 0);
    target.is_mine = author && author == onlooker->author;
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
    portico_set_boolean(view, "may_decide", target.status == STATUS_HELD && target.moderates);
    portico_set_boolean(view, "is_hidden", target.status != STATUS_SHOWN);
    return show_restoring(request, &target, view, error);
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

int acts_view(struct portico_request *request, struct portico_value *view,
              struct portico_error *error)
{
    const struct portico_value *topic = portico_get(view, "topic");
    int moderates = portico_may(request, "communities.moderate");
    struct onlooker onlooker = {
        .author = portico_get_integer(topic, "reader_id", 0),
        .votes = portico_may(request, "communities.vote"),
        .writes = portico_may(request, "communities.write"),
        .moderates = moderates,
        .topic = shared(topic, moderates),
    };
    int code = onlooker.author ? read_ballots(request, &onlooker, error) : PORTICO_OK;
    if (code == 0)
        code = show_following(request, onlooker.topic.topic, view, error);
    if (code < 0)
        return code;
    const struct portico_value *posts = portico_get(topic, "posts");
    for (size_t i = 0; code == 0 && i < portico_count(posts); i++) {
        struct portico_value *post = portico_at(posts, i);
        const struct portico_value *comments = portico_get(post, "comments");
        int question = portico_get_boolean(post, "is_question", 0);
        code =
            show_one(request, &onlooker, question ? TARGET_QUESTION : TARGET_ANSWER, post, error);
        for (size_t at = 0; code == 0 && at < portico_count(comments); at++)
            code = show_one(request, &onlooker, TARGET_COMMENT, portico_at(comments, at), error);
    }
    if (code < 0)
        return code;
    portico_set_boolean(view, "moderates", onlooker.moderates);
    portico_set_boolean(view, "topic_is_held", onlooker.topic.status == STATUS_HELD);
    portico_set_boolean(view, "topic_is_removed", onlooker.topic.status == STATUS_REMOVED);
    portico_set_text(view, "did", did_word(request, portico_query_param(request, "did")));
    return PORTICO_OK;
}
