/* One topic: the question, its answers with the accepted one first, comments, related topics. */
#include "send.h"

#include "acts.h"
#include "mention.h"
#include "reach.h"
#include "read.h"

#include <ctype.h>

#define NAMES(array) (array), sizeof(array) / sizeof *(array)
#define COMMENTS_MAX 2000
#define RELATED_MAX 6

/* Bytes of the character at `text`. */
static int character_length(const char *text)
{
    unsigned char first = (unsigned char)*text;
    return first < 0x80 ? first != 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* "Mara Lindqvist" to "ML". */
static const char *initials(struct portico_request *request, const char *name)
{
    const char *last = strrchr(name, ' ');
    last = last && last[1] ? last + 1 : NULL;
    char *text = portico_printf(request, "%.*s%.*s", character_length(name), name,
                                last ? character_length(last) : 0, last ? last : "");
    for (char *at = text; at && *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return text;
}

/* "CC BY-SA 3.0" to its page, if it is one of those. */
static const char *licence_url(struct portico_request *request, const char *licence)
{
    if (strncmp(licence, "CC BY-SA ", 9) != 0)
        return NULL;
    return portico_printf(request, "https://creativecommons.org/licenses/by-sa/%s/", licence + 9);
}

/* Who reads, as far as it decides what is offered. */
struct reader {
    portico_id author; /* 0: wrote nothing here yet */
    int edits_others;
    int writes; /* answers and comments, in this topic */
    int moderates;
};

/* Whoever has nothing hidden here reads by audience alone. */
static int sees_hidden(const struct reader *reader)
{
    return reader->author || reader->moderates;
}

/* What came with an import has no text to edit. */
static int may_edit(struct portico_request *request, const struct portico_value *row,
                    const struct reader *reader)
{
    portico_id author = portico_get_integer(row, "author", 0);
    (void)request;
    return portico_get_boolean(row, "has_source", 0) &&
           (reader->edits_others || (author && author == reader->author));
}

static void view_status(struct portico_value *view, const struct portico_value *row)
{
    static const char *const words[] = { "shown", "held", "removed", "merged" };
    int64_t status = portico_get_integer(row, "status", 0);
    portico_set_integer(view, "status_number", status);
    portico_set_text(view, "status", words[status < 0 || status > STATUS_MERGED ? 0 : status]);
}

static struct portico_value *view_post(struct portico_request *request,
                                       const struct portico_value *row, const struct reader *reader)
{
    static const char *const same[] = { "id",       "score",   "created",    "edited",
                                        "accepted", "company", "body",       "licence",
                                        "staff",    "handle",  "source_url", "revisions" };
    struct portico_value *post = portico_object(request);
    const char *author = view_author(request, row);
    const char *licence = portico_get_text(row, "licence", NULL);
    view_copy(post, row, NAMES(same));
    portico_set_boolean(post, "is_question", portico_get_integer(row, "kind", 0) == 1);
    portico_set(post, "author_id", portico_get(row, "author"));
    view_status(post, row);
    portico_set_text(post, "author", author);
    portico_set_text(post, "initials", initials(request, author));
    portico_set(post, "author_url", portico_get(row, "author_url"));
    portico_set_text(post, "licence_url", licence ? licence_url(request, licence) : NULL);
    portico_set_boolean(post, "has_credit",
                        licence || portico_get_text(row, "source_url", NULL) ||
                            portico_get_integer(row, "edited", 0));
    portico_set_boolean(post, "is_edited", portico_get_integer(row, "revisions", 0) > 0);
    portico_set_boolean(post, "may_edit", may_edit(request, row, reader));
    portico_set_boolean(post, "may_comment", reader->writes);
    portico_set_list(post, "comments");
    return post;
}

#define COMMENT_COLUMNS                                                                            \
    "SELECT c.id AS \"id:id\", c.post AS \"post:id\", c.score, c.status,\n"                        \
    "    c.created AS \"created:time\", c.edited AS \"edited:time\", c.body AS \"body:html\",\n"   \
    "    c.author AS \"author:id\", c.source IS NOT NULL AS \"has_source:boolean\",\n"             \
    "    c.revisions > 0 AS \"is_edited:boolean\",\n"                                              \
    "    COALESCE(c.author_name, a.name) AS author_name, a.handle,\n"                              \
    "    a.source_id AS author_number\n"
#define COMMENT_JOINS "LEFT JOIN communities_author a ON a.id = c.author\n"
#define COMMENT_ORDER                                                                              \
    "ORDER BY c.created, c.id\n"                                                                   \
    "LIMIT ?"

static int read_comments(struct portico_request *request, portico_id topic,
                         const struct reader *reader, struct portico_value *posts,
                         struct portico_error *error)
{
    static const char *const same[] = { "id",   "score",  "created",  "edited",
                                        "body", "handle", "is_edited" };
    struct portico_value *rows = NULL;
    struct portico_argument most = portico_arg_integer(COMMENTS_MAX);
    int code =
        sees_hidden(reader)
            ? portico_query(portico_db(request),
                            WRITE_SQL COMMENT_COLUMNS
                            "FROM communities_comment c\n" COMMENT_JOINS
                            "WHERE c.topic = ? AND c.status <> 3\n"
                            "    AND (? = 1 OR c.author = ? OR EXISTS (\n"
                            "        SELECT 1 FROM {visible communities_comment} v\n"
                            "        WHERE v.id = c.id))\n" COMMENT_ORDER,
                            PORTICO_ARGS(portico_arg_id(topic),
                                         portico_arg_integer(reader->moderates),
                                         portico_arg_id(reader->author), most),
                            &rows, error)
            : portico_query(portico_db(request),
                            COMMENT_COLUMNS "FROM {visible communities_comment} c\n" COMMENT_JOINS
                                            "WHERE c.topic = ?\n" COMMENT_ORDER,
                            PORTICO_ARGS(portico_arg_id(topic), most), &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        const struct portico_value *row = portico_at(rows, i);
        portico_id post_id = portico_get_integer(row, "post", 0);
        size_t at = 0, count = portico_count(posts);
        while (at < count && portico_get_integer(portico_at(posts, at), "id", 0) != post_id)
            at++;
        if (at == count)
            continue;
        struct portico_value *comment =
            portico_append_object(portico_get(portico_at(posts, at), "comments"));
        view_copy(comment, row, NAMES(same));
        view_status(comment, row);
        portico_set(comment, "post", portico_get(row, "post"));
        portico_set(comment, "author_id", portico_get(row, "author"));
        portico_set_text(comment, "author", view_author(request, row));
        portico_set_boolean(comment, "is_liked", portico_get_integer(row, "score", 0) > 0);
        portico_set_boolean(comment, "may_edit", may_edit(request, row, reader));
        portico_set_boolean(portico_at(posts, at), "has_comments", 1);
    }
    return code;
}

#define POST_COLUMNS                                                                               \
    "SELECT p.id AS \"id:id\", p.kind, p.accepted AS \"accepted:boolean\", p.score, p.status,\n"   \
    "    p.created AS \"created:time\", p.edited AS \"edited:time\", p.licence,\n"                 \
    "    p.source_url, p.body AS \"body:html\", p.revisions, p.author AS \"author:id\",\n"         \
    "    p.source IS NOT NULL AS \"has_source:boolean\",\n"                                        \
    "    a.handle, a.staff AS \"staff:boolean\",\n"                                                \
    "    COALESCE(p.author_name, a.name) AS author_name, a.company, a.url AS author_url,\n"        \
    "    a.source_id AS author_number\n"
#define POST_JOINS "LEFT JOIN communities_author a ON a.id = p.author\n"
#define POST_ORDER                                                                                 \
    "ORDER BY p.kind, p.accepted DESC, p.score DESC, p.id\n"                                       \
    "LIMIT ? OFFSET ?"

static int read_posts(struct portico_request *request, portico_id topic, int64_t first,
                      const struct reader *reader, struct portico_value *posts, int *ret_more,
                      struct portico_error *error)
{
    /* The question, the answers before, those of this page, and one to know whether there are more.
     */
    struct portico_value *rows = NULL;
    struct portico_argument limit = portico_arg_integer(TOPIC_ANSWERS + (first ? 1 : 2)),
                            offset = portico_arg_integer(first ? first + 1 : 0);
    int code =
        sees_hidden(reader)
            ? portico_query(
                  portico_db(request),
                  WRITE_SQL POST_COLUMNS "FROM communities_post p\n" POST_JOINS
                                         "WHERE p.topic = ? AND p.status <> 3\n"
                                         "    AND (? = 1 OR p.author = ? OR EXISTS (\n"
                                         "        SELECT 1 FROM {visible communities_post} v\n"
                                         "        WHERE v.id = p.id))\n" POST_ORDER,
                  PORTICO_ARGS(portico_arg_id(topic), portico_arg_integer(reader->moderates),
                               portico_arg_id(reader->author), limit, offset),
                  &rows, error)
            : portico_query(portico_db(request),
                            POST_COLUMNS "FROM {visible communities_post} p\n" POST_JOINS
                                         "WHERE p.topic = ?\n" POST_ORDER,
                            PORTICO_ARGS(portico_arg_id(topic), limit, offset), &rows, error);
    if (code < 0)
        return code;
    size_t count = portico_count(rows), most = TOPIC_ANSWERS + (first ? 0 : 1);
    for (size_t i = 0; i < count && i < most; i++)
        portico_append(posts, view_post(request, portico_at(rows, i), reader));
    *ret_more = count > most;
    return PORTICO_OK;
}

#define TOPIC_SQL                                                                                  \
    "SELECT " TOPIC_COLUMNS(                                                                       \
        "t") ", t.source_url, t.closed_reason, t.status, t.author AS \"author:id\",\n"             \
             "    t.accepted AS \"accepted:id\", t.account AS \"account:id\",\n"                   \
             "    s.id AS \"space_id:id\",\n"                                                      \
             "    s.description AS space_description, s.topics AS space_topics, s.writers,\n"      \
             "    s.answers AS space_answers, s.solved AS space_solved\n"

/* Hidden ones are for who asked and for moderators of the space. */
static int read_row(struct portico_request *request, portico_id id, const struct reader *reader,
                    struct portico_value **ret_row, struct portico_error *error)
{
    int code = portico_query_one(
        portico_db(request),
        TOPIC_SQL "FROM {visible communities_topic} t\n" TOPIC_JOINS("t") "\n"
                                                                          "WHERE t.id = ?",
        PORTICO_ARGS(portico_arg_id(id)), ret_row, error);
    if (code != PORTICO_ENOENT || !sees_hidden(reader))
        return code;
    return portico_query_one(
        portico_db(request),
        WRITE_SQL TOPIC_SQL
        "FROM communities_topic t\n" TOPIC_JOINS("t") "\n"
                                                      "WHERE t.id = ? AND t.status <> 3\n"
                                                      "    AND (? = 1 OR t.author = ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_integer(reader->moderates),
                     portico_arg_id(reader->author)),
        ret_row, error);
}

/* What stands in the space, as far as the viewer sees it. */
static int count_space(struct portico_request *request, struct portico_value *row,
                       struct portico_error *error)
{
    struct portico_value *space = portico_object(request);
    if (!portico_get_boolean(row, "own_topics", 0))
        return PORTICO_OK;
    portico_set_id(space, "id", portico_get_integer(row, "space_id", 0));
    portico_set_boolean(space, "own_topics", 1);
    int code = space_count_own(request, space, error);
    portico_set(row, "space_topics", portico_get(space, "topics"));
    portico_set(row, "space_solved", portico_get(space, "solved"));
    portico_set_text(row, "space_answers", NULL);
    return code;
}

static void view_mentions(struct portico_request *request, struct portico_value *posts)
{
    struct mention_memory memory = { 0 };
    for (size_t i = 0; i < portico_count(posts); i++) {
        const struct portico_value *comments = portico_get(portico_at(posts, i), "comments");
        mention_view(request, &memory, portico_at(posts, i));
        for (size_t j = 0; j < portico_count(comments); j++)
            mention_view(request, &memory, portico_at(comments, j));
    }
}

int topic_read(struct portico_request *request, portico_id id, int64_t first,
               struct portico_value **ret_topic, struct portico_error *error)
{
    struct portico_value *row = NULL;
    int more = 0;
    struct reader reader = {
        .edits_others = portico_may(request, "communities.edit_others"),
        .moderates = portico_may(request, "communities.moderate"),
    };
    int code = author_known(PORTICO_CONTEXT(request), &reader.author, error);
    if (code == 0)
        code = read_row(request, id, &reader, &row, error);
    if (code < 0)
        return code;
    static const char *const more_members[] = { "source_url",   "space_description",
                                                "space_topics", "space_answers",
                                                "space_solved", "closed_reason",
                                                "own_topics",   "own_people" };
    code = count_space(request, row, error);
    if (code < 0)
        return code;
    struct portico_value *topic = view_topic(request, row);
    view_copy(topic, row, NAMES(more_members));
    portico_set_text(topic, "readers", reach_of_topic(request, row));
    view_status(topic, row);
    portico_set(topic, "author_id", portico_get(row, "author"));
    portico_set(topic, "accepted_id", portico_get(row, "accepted"));
    portico_set_id(topic, "reader_id", reader.author);
    struct portico_value *posts = portico_set_list(topic, "posts");
    reader.writes = portico_may(request, "communities.write") &&
                    !portico_get_boolean(row, "closed", 0) &&
                    portico_get_integer(row, "status", 0) == STATUS_SHOWN &&
                    !send_is_api(request) && space_may_answer(PORTICO_CONTEXT(request), row);
    portico_set_boolean(topic, "may_write", reader.writes);
    code = read_posts(request, id, first, &reader, posts, &more, error);
    if (code == 0 && (sees_hidden(&reader) || portico_get_integer(row, "comments", 0) > 0))
        code = read_comments(request, id, &reader, posts, error);
    if (code < 0)
        return code;
    view_mentions(request, posts);
    if (more)
        portico_set_integer(topic, "more_from", first + TOPIC_ANSWERS);
    *ret_topic = topic;
    return PORTICO_OK;
}

int topic_related(struct portico_request *request, portico_id id, struct portico_value **ret_rows,
                  struct portico_error *error)
{
    /* The rarest of its tags says most; its best topics come straight from an index. */
    return portico_query(
        portico_db(request),
        "SELECT q.id AS \"id:id\", q.slug, q.title, q.answers, q.state = 2 AS "
        "\"is_solved:boolean\"\n"
        "FROM {visible communities_topic_tag} t\n"
        "JOIN {visible communities_topic} q ON q.id = t.topic\n"
        "" SPACE_JOIN(
            "q") "\n"
                 "WHERE t.tag = (SELECT c.tag\n"
                 "               FROM {visible communities_topic_tag} o\n"
                 "               JOIN {visible communities_tag_count} c ON c.tag = o.tag\n"
                 "               WHERE o.topic = ?\n"
                 "               GROUP BY c.tag\n"
                 "               HAVING SUM(c.topics) > 1\n"
                 "               ORDER BY SUM(c.topics), c.tag\n"
                 "               LIMIT 1)\n"
                 "    AND t.topic <> ?\n"
                 "ORDER BY t.score DESC, t.topic DESC\n"
                 "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_id(id), portico_arg_integer(RELATED_MAX)),
        ret_rows, error);
}

int topic_view(struct portico_request *request, portico_id id, int64_t first,
               struct portico_value **ret_view, const char **ret_path, struct portico_error *error)
{
    struct portico_value *topic = NULL, *related = NULL;
    /* Before anything is read: what happens from here on the open page is told. */
    portico_time now = portico_now(request);
    int code = topic_read(request, id, first, &topic, error);
    if (code == 0)
        code = topic_related(request, id, &related, error);
    if (code < 0)
        return code;
    const char *path = send_path(request, id, portico_get_text(topic, "slug", ""), NULL, 0);
    struct portico_value *view = view_page(request);
    portico_set(view, "topic", topic);
    portico_set_boolean(view, "has_topic_tags", portico_count(portico_get(topic, "tags")) > 0);
    portico_set_boolean(view, "has_answers", portico_get_integer(topic, "answers", 0) > 0);
    portico_set(view, "related", related);
    portico_set_boolean(view, "has_related", portico_count(related) > 0);
    portico_set_text(view, "path", path);
    portico_set_integer(view, "now", now);
    portico_set_text(view, "opened", send_opened(request));
    code = acts_view(request, view, error);
    if (code < 0)
        return code;
    view_head(request, view, path, portico_get_text(topic, "title", ""),
              first ? portico_printf(request, "from=%lld", (long long)first) : NULL);
    portico_set_text(view, "feeds",
                     path_url(request, portico_printf(request, "/communities/%s",
                                                      portico_get_text(topic, "space", ""))));
    portico_set_text(view, "feeds_title", portico_get_text(topic, "space_title", ""));
    if (!first)
        portico_set(view, "structured", structured_page(request, topic));
    *ret_view = view;
    *ret_path = path;
    return PORTICO_OK;
}

int page_topic(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = NULL;
    const char *path = NULL;
    int64_t first = 0;
    portico_id id = portico_id_read(portico_param(request, "id"));
    const char *from = portico_query_param(request, "from");
    if (!id || (from && (words_integer(from, &first) < 0 || first < 1 || first > 1000000)))
        return PORTICO_ENOENT;
    int code = topic_view(request, id, first, &view, &path, &error);
    if (code == PORTICO_ENOENT)
        return act_merged(request, id, "/communities/topics/");
    if (code < 0)
        return view_failed(request, code, &error);
    const char *slug = portico_get_text(portico_get(view, "topic"), "slug", "");
    const char *asked = portico_param(request, "slug");
    if (!asked || strcmp(asked, slug) != 0)
        return portico_reply_redirect(request, 301, path);
    if (portico_get_boolean(portico_get(view, "topic"), "may_write", 0))
        portico_set(view, "form", portico_form_view(answer_form(request, id)));
    read_tell(request, portico_get(view, "topic"));
    return portico_reply_view(request, "topic", view);
}
