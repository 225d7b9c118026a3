/* What one person wrote here: for everybody, and what of one's own waits for a moderator. */
#include "mention.h"
#include "send.h"

#define ROWS_MOST 30

#define OF_TOPIC(of)                                                                               \
    "JOIN {visible communities_topic} t ON t.id = " of ".topic\n" SPACE_JOIN("t") "\n"

/* 1: the statement of `author` has a row. */
static int has_row(struct portico_request *request, const char *sql, portico_id author,
                   struct portico_error *error)
{
    struct portico_value *rows = NULL;
    const struct portico_argument id = portico_arg_id(author);
    int code = portico_query(portico_db(request), sql, PORTICO_ARGS(id, id), &rows, error);
    return code < 0 ? code : portico_count(rows) > 0;
}

/* 1: the viewer sees something they wrote or changed, moderators also where it is hidden. */
static int has_written(struct portico_request *request, portico_id author,
                       struct portico_error *error)
{
    static const char written[] =
        "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM {visible communities_post} p\n" OF_TOPIC(
            "p") "WHERE p.author = ?)\n"
                 "OR EXISTS (SELECT 1 FROM {visible communities_comment} c\n" OF_TOPIC(
                     "c") "WHERE c.author = ?)";
    static const char changed[] =
        "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM communities_revision r\n"
        "JOIN {visible communities_post} p ON p.id = r.post\n" OF_TOPIC(
            "p") "WHERE r.author = ?)\n"
                 "OR EXISTS (SELECT 1 FROM communities_revision r\n"
                 "JOIN {visible communities_comment} c ON c.id = r.post\n" OF_TOPIC(
                     "c") "WHERE r.author = ?)";
    static const char hidden[] =
        "{unfiltered moderating} SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM communities_post p\n"
        "JOIN communities_topic t ON t.id = p.topic\n" SPACE_JOIN(
            "t") "\nWHERE p.author = ? AND p.status <> 3)\n"
                 "OR EXISTS (SELECT 1 FROM communities_comment c\n"
                 "JOIN communities_topic t ON t.id = c.topic\n" SPACE_JOIN(
                     "t") "\nWHERE c.author = ? AND c.status <> 3)";
    int code = has_row(request, written, author, error);
    if (code == 0)
        code = has_row(request, changed, author, error);
    if (code == 0 && portico_may(request, "communities.moderate"))
        code = has_row(request, hidden, author, error);
    return code;
}

/* 1: the viewer may name them wherever they write. */
static int may_name(struct portico_request *request, const struct portico_value *person,
                    struct portico_error *error)
{
    struct portico_value *rows = NULL;
    portico_id id = portico_get_integer(person, "id", 0);
    if (id == portico_person(request))
        return 1;
    int code = portico_person(request)
                   ? portico_people_find(portico_people(request),
                                         portico_get_text(person, "handle", ""), 1, &rows, error)
                   : PORTICO_OK;
    return code < 0 ? code : portico_people_among(rows, id) != NULL;
}

int person_read(struct portico_request *request, const char *handle, struct portico_value **ret_row,
                struct portico_error *error)
{
    struct portico_value *person = NULL;
    portico_id author = 0;
    int code = portico_people_named(portico_people(request), handle, &person, error);
    if (code == 0)
        code = author_of(PORTICO_CONTEXT(request), portico_get_integer(person, "id", 0), &author,
                         error);
    int known = code == 0 && author ? has_written(request, author, error) : code;
    if (known == 0)
        known = may_name(request, person, error);
    if (known < 0)
        return known;
    if (!known)
        return write_fail(error, PORTICO_ENOENT, "Nobody whom the viewer knows has this handle.");
    struct portico_value *row = portico_object(request);
    portico_set(row, "name", portico_get(person, "name"));
    portico_set(row, "handle", portico_get(person, "handle"));
    portico_set(row, "initials", portico_get(person, "initials"));
    portico_set(row, "staff", portico_get(person, "staff"));
    portico_set_id(row, "id", author);
    *ret_row = row;
    return PORTICO_OK;
}

/* How much of theirs the viewer sees. */
static int count_posts(struct portico_request *request, struct portico_value *author,
                       struct portico_error *error)
{
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(request),
        "SELECT COUNT(*) AS posts FROM {visible communities_post} p\n" OF_TOPIC(
            "p") "WHERE p.author = ?",
        PORTICO_ARGS(portico_arg_id(portico_get_integer(author, "id", 0))), &row, error);
    portico_set_integer(author, "posts", portico_get_integer(row, "posts", 0));
    return code;
}

static int read_topics(struct portico_request *request, portico_id author,
                       struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(
        portico_db(request),
        "SELECT " TOPIC_COLUMNS("t") "\n"
                                     "FROM {visible communities_topic} t\n" TOPIC_JOINS(
                                         "t") "\n"
                                              "WHERE t.author = ?\n"
                                              "ORDER BY t.created DESC, t.id DESC\n"
                                              "LIMIT ?",
        PORTICO_ARGS(portico_arg_id(author), portico_arg_integer(ROWS_MOST)), ret_rows, error);
}

static int read_answers(struct portico_request *request, portico_id author,
                        struct portico_value **ret_rows, struct portico_error *error)
{
    return portico_query(portico_db(request),
                         "SELECT p.id AS \"id:id\", p.topic AS \"topic:id\", p.score,\n"
                         "    p.accepted AS \"accepted:boolean\", p.created AS \"created:time\",\n"
                         "    t.title, t.slug\n"
                         "FROM {visible communities_post} p\n"
                         "JOIN {visible communities_topic} t ON t.id = p.topic\n" SPACE_JOIN(
                             "t") "\n"
                                  "WHERE p.author = ? AND p.kind = 2\n"
                                  "ORDER BY p.created DESC, p.id DESC\n"
                                  "LIMIT ?",
                         PORTICO_ARGS(portico_arg_id(author), portico_arg_integer(ROWS_MOST)),
                         ret_rows, error);
}

int page_person(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *author = NULL, *topics = NULL, *answers = NULL;
    int code = person_read(request, portico_param(request, "handle"), &author, &error);
    portico_id id = portico_get_integer(author, "id", 0);
    if (code == 0)
        code = count_posts(request, author, &error);
    if (code == 0)
        code = read_topics(request, id, &topics, &error);
    if (code == 0)
        code = read_answers(request, id, &answers, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    /* A handle of somebody who was merged with them. */
    const char *handle = portico_get_text(author, "handle", "");
    if (strcasecmp(handle, portico_param(request, "handle")) != 0)
        return portico_reply_redirect(request, 303,
                                      portico_printf(request, "/communities/people/%s", handle));
    struct portico_value *view = view_page(request);
    portico_set(view, "person", author);
    portico_set(view, "topics", view_topics(request, topics));
    portico_set(view, "written", answers);
    portico_set_boolean(view, "has_topics", portico_count(topics) > 0);
    portico_set_boolean(view, "has_written", portico_count(answers) > 0);
    return portico_reply_view(request, "person", view);
}

/* One's own that a moderator looks at first. */
int page_waiting(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *posts = NULL, *comments = NULL;
    struct portico_argument person = portico_arg_id(portico_person(request));
    int code = portico_query(
        portico_db(request),
        "{unfiltered own} SELECT p.id AS \"id:id\", p.kind = 1 AS \"is_question:boolean\",\n"
        "    p.created AS \"created:time\", p.body AS \"body:html\", t.title\n"
        "FROM communities_post p\n"
        "JOIN communities_topic t ON t.id = p.topic\n"
        "JOIN communities_author a ON a.id = p.author\n" SPACE_JOIN(
            "t") "\n"
                 "WHERE a.person = ? AND p.status = 1\n"
                 "ORDER BY p.created DESC, p.id DESC\n"
                 "LIMIT ?",
        PORTICO_ARGS(person, portico_arg_integer(ROWS_MOST)), &posts, &error);
    if (code == 0)
        code = portico_query(
            portico_db(request),
            "{unfiltered own} SELECT c.id AS \"id:id\", c.created AS \"created:time\",\n"
            "    c.body AS \"body:html\", t.title\n"
            "FROM communities_comment c\n"
            "JOIN communities_topic t ON t.id = c.topic\n"
            "JOIN communities_author a ON a.id = c.author\n" SPACE_JOIN(
                "t") "\n"
                     "WHERE a.person = ? AND c.status = 1\n"
                     "ORDER BY c.created DESC, c.id DESC\n"
                     "LIMIT ?",
            PORTICO_ARGS(person, portico_arg_integer(ROWS_MOST)), &comments, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    portico_set(view, "held_posts", posts);
    portico_set(view, "held_comments", comments);
    portico_set_boolean(view, "is_empty", portico_count(posts) + portico_count(comments) == 0);
    return portico_reply_view(request, "waiting", view);
}

/* A permanent address of a question or answer. */
int page_post(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code =
        id ? portico_query_one(portico_db(request),
                               "SELECT t.id AS \"topic:id\", t.slug\n"
                               "FROM {visible communities_post} p\n"
                               "JOIN {visible communities_topic} t ON t.id = p.topic\n" SPACE_JOIN(
                                   "t") "\n"
                                        "WHERE p.id = ?",
                               PORTICO_ARGS(portico_arg_id(id)), &row, &error)
           : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    return portico_reply_redirect(request, 302,
                                  send_path(request, portico_get_integer(row, "topic", 0),
                                            portico_get_text(row, "slug", ""), "post", id));
}

/* A comment for the API, with what it is edited from. */
int api_comment(struct portico_request *request)
{
    static const char *const same[] = { "id",      "topic",  "post",   "score",  "body",
                                        "created", "edited", "source", "version" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code =
        id ? portico_query_one(
                 portico_db(request),
                 "SELECT c.id AS \"id:id\", c.topic AS \"topic:id\", c.post AS \"post:id\",\n"
                 "    c.score, c.body AS \"body:html\", c.created AS \"created:time\",\n"
                 "    c.edited AS \"edited:time\", c.source,\n"
                 "    COALESCE(c.edited, c.created) AS version,\n"
                 "    COALESCE(c.author_name, a.name) AS author_name,\n"
                 "    a.source_id AS author_number\n"
                 "FROM {visible communities_comment} c\n"
                 "JOIN {visible communities_topic} t ON t.id = c.topic\n" SPACE_JOIN(
                     "t") "\n"
                          "LEFT JOIN communities_author a ON a.id = c.author\n"
                          "WHERE c.id = ?",
                 PORTICO_ARGS(portico_arg_id(id)), &row, &error)
           : PORTICO_ENOENT;
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *comment = portico_object(request);
    view_copy(comment, row, same, sizeof same / sizeof *same);
    portico_set_text(comment, "author", view_author(request, row));
    mention_view(request, &(struct mention_memory){ 0 }, comment);
    return portico_reply_json(request, comment);
}
