/* Two people became one: what both wrote, and how they voted, stands under one row of authors. */
#include "acts.h"

#include <stdlib.h>

#define ROWS_AT_ONCE 500
#define VOTES_AT_ONCE 100 /* each changes the sums of what was voted for */

static int by_id(const void *a, const void *b)
{
    const portico_id left = *(const portico_id *)a, right = *(const portico_id *)b;
    return (left > right) - (left < right);
}

/* Of rows of "topic", each once: whoever changes what stands in a topic has it first, so that they
 * wait for each other here. */
static int lock_topics(struct portico_context *context, const struct portico_value *rows,
                       struct portico_error *error)
{
    const size_t count = portico_count(rows);
    portico_id *topics = portico_alloc(context, (count + 1) * sizeof *topics);
    int code = topics ? PORTICO_OK : PORTICO_ENOMEM;
    for (size_t i = 0; code == 0 && i < count; i++)
        topics[i] = portico_get_integer(portico_at(rows, i), "topic", 0);
    if (code == 0)
        qsort(topics, count, sizeof *topics, by_id);
    for (size_t i = 0; code == 0 && i < count; i++)
        if (topics[i] && (i == 0 || topics[i] != topics[i - 1]))
            code = portico_execute(portico_db(context),
                                   ACTS_SQL "UPDATE communities_topic\n"
                                            "SET views = views\n"
                                            "WHERE id = ?",
                                   PORTICO_ARGS(portico_arg_id(topics[i])), NULL, error);
    return code;
}

/* Nobody votes twice, or for what they wrote: such votes are taken back, and the sums with them. */
static int merge_votes(struct portico_context *context, portico_id gone, portico_id remains,
                       int *ret_changed, struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int code = portico_query(
        portico_db(context),
        ACTS_SQL "SELECT b.target AS \"target:id\", b.author AS \"author:id\",\n"
                 "    COALESCE(p.topic, c.topic) AS \"topic:id\"\n"
                 "FROM communities_ballot b\n"
                 "LEFT JOIN communities_post p ON p.id = b.target\n"
                 "LEFT JOIN communities_comment c ON c.id = b.target\n"
                 "WHERE (b.author = ? AND (EXISTS (SELECT 1 FROM communities_ballot o\n"
                 "        WHERE o.target = b.target AND o.author = ?)\n"
                 "        OR p.author = ? OR c.author = ?))\n"
                 "    OR (b.author = ? AND (p.author IN (?, ?) OR c.author IN (?, ?)))\n"
                 "ORDER BY b.target, b.author\n"
                 "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(gone), portico_arg_id(remains), portico_arg_id(remains),
                     portico_arg_id(remains), portico_arg_id(remains), portico_arg_id(gone),
                     portico_arg_id(remains), portico_arg_id(gone), portico_arg_id(remains),
                     portico_arg_integer(VOTES_AT_ONCE)),
        &rows, error);
    if (code == 0)
        code = lock_topics(context, rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = vote_take_back(context, portico_get_integer(portico_at(rows, i), "target", 0),
                              portico_get_integer(portico_at(rows, i), "author", 0), error);
    *ret_changed |= code == 0 && portico_count(rows) > 0;
    return code;
}

/* Where both reported the same, that of the one who remains stays; an open report stays before one
 * that moderators closed, so that it does not vanish from their queue. */
static int merge_flags(struct portico_context *context, portico_id gone, portico_id remains,
                       int *ret_changed, struct portico_error *error)
{
    static const char closed[] =
        "DELETE FROM communities_flag\n"
        "WHERE author = ? AND state <> 0 AND target IN\n"
        "    (SELECT o.target FROM communities_flag o WHERE o.author = ? AND o.state = 0)";
    static const char doubled[] =
        "DELETE FROM communities_flag\n"
        "WHERE author = ? AND target IN\n"
        "    (SELECT o.target FROM communities_flag o WHERE o.author = ?)";
    int64_t first = 0, second = 0;
    int code =
        portico_execute(portico_db(context), closed,
                        PORTICO_ARGS(portico_arg_id(remains), portico_arg_id(gone)), &first, error);
    if (code == 0)
        code = portico_execute(portico_db(context), doubled,
                               PORTICO_ARGS(portico_arg_id(gone), portico_arg_id(remains)), &second,
                               error);
    *ret_changed |= code == 0 && first + second > 0;
    return code;
}

/* How often somebody's posts are seen is counted with them: what a slice takes over counts for the
 * one who remains from then on. What an import brought was never counted. */
static int move_posts(struct portico_context *context, portico_id gone, portico_id remains,
                      int *ret_changed, struct portico_error *error)
{
    static const char slice[] =
        ACTS_SQL "UPDATE communities_post SET author = ?\n"
                 "WHERE author = ? AND id IN\n"
                 "    (SELECT p.id FROM communities_post p WHERE p.author = ?\n"
                 "     ORDER BY p.created, p.id LIMIT ?)\n"
                 "RETURNING audience AS \"audience:id\", import AS \"import\"";
    static const char *const counts[] = {
        "UPDATE communities_author\n"
        "SET posts = posts\n"
        "WHERE id = ?",
        "UPDATE communities_author\n"
        "SET posts = posts + (SELECT CASE WHEN g.posts < ? THEN g.posts ELSE ? END\n"
        "                     FROM communities_author g WHERE g.id = ?)\n"
        "WHERE id = ?",
        "UPDATE communities_author\n"
        "SET posts = CASE WHEN posts < ? THEN 0 ELSE posts - ? END\n"
        "WHERE id = ?",
    };
    struct portico_value *rows = NULL;
    int64_t seen = 0;
    int code = portico_query(portico_db(context), slice,
                             PORTICO_ARGS(portico_arg_id(remains), portico_arg_id(gone),
                                          portico_arg_id(gone), portico_arg_integer(ROWS_AT_ONCE)),
                             &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        seen +=
            portico_get_integer(portico_at(rows, i), "audience", 0) != PORTICO_AUDIENCE_NOBODY &&
            !portico_get_integer(portico_at(rows, i), "import", 0);
    *ret_changed |= code == 0 && portico_count(rows) > 0;
    const struct portico_argument number = portico_arg_integer(seen), old = portico_arg_id(gone);
    if (code == 0 && seen)
        code = portico_execute(portico_db(context), counts[0], &old, 1, NULL, error);
    if (code == 0 && seen)
        code = portico_execute(portico_db(context), counts[1],
                               PORTICO_ARGS(number, number, old, portico_arg_id(remains)), NULL,
                               error);
    if (code == 0 && seen)
        code = portico_execute(portico_db(context), counts[2], PORTICO_ARGS(number, number, old),
                               NULL, error);
    return code;
}

/* Those that the slices of posts, comments and topics stand in. */
static int lock_slices(struct portico_context *context, portico_id gone,
                       struct portico_error *error)
{
    static const char topics[] =
        ACTS_SQL "SELECT q.topic AS \"topic:id\" FROM (SELECT p.topic FROM communities_post p\n"
                 "    WHERE p.author = ? ORDER BY p.created, p.id LIMIT ?) q\n"
                 "UNION\n"
                 "SELECT q.topic FROM (SELECT c.topic FROM communities_comment c\n"
                 "    WHERE c.author = ? ORDER BY c.created, c.id LIMIT ?) q\n"
                 "UNION\n"
                 "SELECT q.id FROM (SELECT t.id FROM communities_topic t\n"
                 "    WHERE t.author = ? ORDER BY t.created, t.id LIMIT ?) q";
    const struct portico_argument old = portico_arg_id(gone),
                                  most = portico_arg_integer(ROWS_AT_ONCE);
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(context), topics,
                             PORTICO_ARGS(old, most, old, most, old, most), &rows, error);
    return code < 0 ? code : lock_topics(context, rows, error);
}

/* A slice of each table goes over. */
static int merge_rows(struct portico_context *context, portico_id gone, portico_id remains,
                      int *ret_changed, struct portico_error *error)
{
    static const char *const slices[] = {
        ACTS_SQL "UPDATE communities_ballot SET author = ?\n"
                 "WHERE author = ? AND target IN\n"
                 "    (SELECT b.target FROM communities_ballot b WHERE b.author = ? LIMIT ?)",
        ACTS_SQL "UPDATE communities_flag SET author = ?\n"
                 "WHERE author = ? AND id IN\n"
                 "    (SELECT f.id FROM communities_flag f WHERE f.author = ? LIMIT ?)",
        ACTS_SQL "UPDATE communities_flag SET closed_by = ?\n"
                 "WHERE closed_by = ? AND id IN\n"
                 "    (SELECT f.id FROM communities_flag f WHERE f.closed_by = ? LIMIT ?)",
        ACTS_SQL "UPDATE communities_comment SET author = ?\n"
                 "WHERE author = ? AND id IN\n"
                 "    (SELECT c.id FROM communities_comment c WHERE c.author = ?\n"
                 "     ORDER BY c.created, c.id LIMIT ?)",
        ACTS_SQL "UPDATE communities_topic SET author = ?\n"
                 "WHERE author = ? AND id IN\n"
                 "    (SELECT t.id FROM communities_topic t WHERE t.author = ?\n"
                 "     ORDER BY t.created, t.id LIMIT ?)",
        ACTS_SQL "UPDATE communities_revision SET author = ?\n"
                 "WHERE author = ? AND id IN\n"
                 "    (SELECT r.id FROM communities_revision r WHERE r.author = ? LIMIT ?)",
        ACTS_SQL "UPDATE communities_action SET author = ?\n"
                 "WHERE author = ? AND id IN\n"
                 "    (SELECT l.id FROM communities_action l WHERE l.author = ? LIMIT ?)",
    };
    int64_t rows = 0;
    int code = lock_slices(context, gone, error);
    if (code == 0)
        code = merge_flags(context, gone, remains, ret_changed, error);
    if (code == 0)
        code = move_posts(context, gone, remains, ret_changed, error);
    for (size_t i = 0; code == 0 && i < sizeof slices / sizeof *slices; i++) {
        code =
            portico_execute(portico_db(context), slices[i],
                            PORTICO_ARGS(portico_arg_id(remains), portico_arg_id(gone),
                                         portico_arg_id(gone), portico_arg_integer(ROWS_AT_ONCE)),
                            &rows, error);
        *ret_changed |= code == 0 && rows > 0;
    }
    return code;
}

/* Nothing names it any more: what it counted goes over, and the row with its name goes. */
static int end_author(struct portico_context *context, portico_id gone, portico_id remains,
                      struct portico_error *error)
{
    int code = portico_execute(
        portico_db(context),
        "UPDATE communities_author\n"
        "SET posts = posts + (SELECT g.posts FROM communities_author g WHERE g.id = ?)\n"
        "WHERE id = ?",
        PORTICO_ARGS(portico_arg_id(gone), portico_arg_id(remains)), NULL, error);
    return code < 0 ? code
                    : portico_execute(portico_db(context),
                                      "DELETE FROM communities_author\n"
                                      "WHERE id = ?",
                                      PORTICO_ARGS(portico_arg_id(gone)), NULL, error);
}

/* One slice in the open transaction: 1 while more is left. */
static int merge_slice(struct portico_context *context, portico_id from, portico_id into,
                       struct portico_error *error)
{
    portico_id gone = 0, remains = 0;
    int changed = 0;
    int code = author_of(context, from, &gone, error);
    if (code == 0)
        code = author_of(context, into, &remains, error);
    if (code < 0 || !gone)
        return code;
    if (!remains) /* they never wrote here: the row becomes theirs */
        return author_give(context, from, into, error);
    code = merge_votes(context, gone, remains, &changed, error);
    if (code == 0 && !changed)
        code = merge_rows(context, gone, remains, &changed, error);
    if (code == 0 && !changed)
        code = end_author(context, gone, remains, error);
    return code < 0 ? code : changed;
}

int author_merge(struct portico_context *context, portico_id from, portico_id into,
                 struct portico_error *error)
{
    int code = portico_begin(portico_db(context), error);
    if (code < 0)
        return code;
    const int more = merge_slice(context, from, into, error);
    code = more < 0 ? more : portico_commit(portico_db(context), error);
    if (more < 0)
        portico_rollback(portico_db(context));
    return code < 0 ? code : more;
}
