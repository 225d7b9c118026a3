/* Votes: one a person for what somebody else wrote; the sum changes in the same transaction. */
#include "acts.h"

#include "brakes.h"

/* Whoever votes for the same waits here for each other, so that what somebody's vote was is read
 * after all votes before. A question's sum stands in its topic too, which is locked first. */
static int lock(struct portico_context *context, const struct target *target,
                struct portico_error *error)
{
    static const char topic[] = ACTS_SQL "UPDATE communities_topic\n"
                                         "SET views = views\n"
                                         "WHERE id = ?";
    static const char post[] = "UPDATE {visible communities_post}\n"
                               "SET score = score\n"
                               "WHERE id = ?";
    static const char comment[] = "UPDATE {visible communities_comment}\n"
                                  "SET score = score\n"
                                  "WHERE id = ?";
    int64_t locked = 1;
    int code = PORTICO_OK;
    if (target->kind == TARGET_QUESTION)
        code = portico_execute(portico_db(context), topic,
                               PORTICO_ARGS(portico_arg_id(target->topic)), NULL, error);
    if (code == 0)
        code = portico_execute(portico_db(context), target->kind == TARGET_COMMENT ? comment : post,
                               PORTICO_ARGS(portico_arg_id(target->id)), &locked, error);
    return code == 0 && !locked ? PORTICO_ENOENT : code;
}

static int read_vote(struct portico_context *context, portico_id target, portico_id me,
                     int *ret_value, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code =
        portico_query(portico_db(context),
                      "SELECT value\n"
                      "FROM communities_ballot\n"
                      "WHERE target = ? AND author = ?",
                      PORTICO_ARGS(portico_arg_id(target), portico_arg_id(me)), &rows, error);
    if (code == 0)
        *ret_value = (int)portico_get_integer(portico_at(rows, 0), "value", 0);
    return code;
}

static int write_vote(struct portico_context *context, portico_id target, portico_id me, int value,
                      struct portico_error *error)
{
    if (!value)
        return portico_execute(portico_db(context),
                               "DELETE FROM communities_ballot\n"
                               "WHERE target = ? AND author = ?",
                               PORTICO_ARGS(portico_arg_id(target), portico_arg_id(me)), NULL,
                               error);
    return portico_execute(portico_db(context),
                           "INSERT INTO communities_ballot (target, author, value, created)\n"
                           "VALUES (?, ?, ?, ?)\n"
                           "ON CONFLICT (target, author) DO UPDATE\n"
                           "SET value = excluded.value, created = excluded.created",
                           PORTICO_ARGS(portico_arg_id(target), portico_arg_id(me),
                                        portico_arg_integer(value),
                                        portico_arg_time(portico_now(context))),
                           NULL, error);
}

/* The sums that follow from a vote, each with the same difference. */
static int add_score(struct portico_context *context, const struct target *target, int difference,
                     struct portico_error *error)
{
    static const struct {
        enum target_kind kind;
        int is_topic; /* found by the topic's id */
        const char *sql;
    } sums[] = {
        { TARGET_COMMENT, 0,
          ACTS_SQL "UPDATE communities_comment\nSET score = score + ?\nWHERE id = ?" },
        { TARGET_ANSWER, 0,
          ACTS_SQL "UPDATE communities_post\nSET score = score + ?\nWHERE id = ?" },
        { TARGET_QUESTION, 0,
          ACTS_SQL "UPDATE communities_post\nSET score = score + ?\nWHERE id = ?" },
        { TARGET_QUESTION, 1,
          ACTS_SQL "UPDATE communities_topic\nSET score = score + ?\nWHERE id = ?" },
        { TARGET_QUESTION, 1,
          ACTS_SQL "UPDATE communities_topic_tag\nSET score = score + ?\nWHERE topic = ?" },
    };
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < sizeof sums / sizeof *sums; i++)
        if (sums[i].kind == target->kind)
            code = portico_execute(
                portico_db(context), sums[i].sql,
                PORTICO_ARGS(portico_arg_integer(difference),
                             portico_arg_id(sums[i].is_topic ? target->topic : target->id)),
                NULL, error);
    return code;
}

/* Votes by direction, beside those an import counted. */
static int add_directions(struct portico_context *context, portico_id post, int before, int after,
                          struct portico_error *error)
{
    return portico_execute(portico_db(context),
                           "INSERT INTO communities_vote (post, up, down, round)\n"
                           "VALUES (?, ?, ?, 0)\n"
                           "ON CONFLICT (post) DO UPDATE\n"
                           "SET up = communities_vote.up + excluded.up,\n"
                           "    down = communities_vote.down + excluded.down",
                           PORTICO_ARGS(portico_arg_id(post),
                                        portico_arg_integer((after > 0) - (before > 0)),
                                        portico_arg_integer((after < 0) - (before < 0))),
                           NULL, error);
}

static int read_score(struct portico_context *context, const struct target *target,
                      int64_t *ret_score, struct portico_error *error)
{
    static const char post[] = ACTS_SQL "SELECT score FROM communities_post WHERE id = ?";
    static const char comment[] = ACTS_SQL "SELECT score FROM communities_comment WHERE id = ?";
    struct portico_value *row = NULL;
    int code =
        portico_query_one(portico_db(context), target->kind == TARGET_COMMENT ? comment : post,
                          PORTICO_ARGS(portico_arg_id(target->id)), &row, error);
    if (code == 0)
        *ret_score = portico_get_integer(row, "score", 0);
    return code;
}

int vote_cast(struct portico_context *context, const struct target *target, int value,
              int64_t *ret_score, struct portico_error *error)
{
    portico_id me = 0;
    int before = 0;
    if (target->is_mine)
        return write_fail(error, PORTICO_EPERM,
                          portico_translate(context, "You cannot vote for what you wrote.", NULL));
    int code = lock(context, target, error);
    if (code == 0)
        code = author_mine(context, &me, error);
    if (code == 0)
        code = read_vote(context, target->id, me, &before, error);
    if (code == 0 && value != before) {
        code = brakes_take(context, BRAKES_VOTE, error);
        if (code == 0)
            code = write_vote(context, target->id, me, value, error);
        if (code == 0)
            code = add_score(context, target, value - before, error);
        if (code == 0 && target->kind != TARGET_COMMENT)
            code = add_directions(context, target->id, before, value, error);
    }
    int64_t score = 0;
    if (code == 0)
        code = read_score(context, target, &score, error);
    struct told told = target_told(target, NULL);
    if (code == 0 && value != before)
        code = tell_voted(context, &told, value, score, error);
    if (code == 0)
        *ret_score = score;
    return code;
}

/* A post or comment by its id alone, whoever may see it; kind 0: it is no more. */
static int find_target(struct portico_context *context, portico_id id, struct target *ret_target,
                       struct portico_error *error)
{
    static const char find[] = ACTS_SQL "SELECT p.kind, p.topic AS \"topic:id\"\n"
                                        "FROM communities_post p\n"
                                        "WHERE p.id = ?\n"
                                        "UNION ALL\n"
                                        "SELECT 3, c.topic\n"
                                        "FROM communities_comment c\n"
                                        "WHERE c.id = ?";
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(context), find,
                             PORTICO_ARGS(portico_arg_id(id), portico_arg_id(id)), &rows, error);
    const struct portico_value *row = portico_at(rows, 0);
    if (code == 0)
        *ret_target = (struct target){
            .id = id,
            .kind = (enum target_kind)portico_get_integer(row, "kind", 0),
            .topic = portico_get_integer(row, "topic", 0),
        };
    return code;
}

int vote_take_back(struct portico_context *context, portico_id id, portico_id author,
                   struct portico_error *error)
{
    struct target target = { 0 };
    int value = 0;
    int code = find_target(context, id, &target, error);
    if (code == 0 && target.kind)
        code = lock(context, &target, error);
    if (code == 0)
        code = read_vote(context, id, author, &value, error);
    if (code == 0 && value)
        code = write_vote(context, id, author, 0, error);
    if (code == 0 && value && target.kind)
        code = add_score(context, &target, -value, error);
    if (code == 0 && value && target.kind && target.kind != TARGET_COMMENT)
        code = add_directions(context, id, value, 0, error);
    return code;
}
