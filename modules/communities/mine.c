/* What concerns who is signed in: what they asked, what they could answer, and what they follow. */
#include "communities.h"
#include "write.h"

#define ANSWERABLE_MOST 30
#define FOLLOWED_PAGE 20

int answerable_read(struct portico_request *request, int64_t limit, struct portico_value **ret_rows,
                    struct portico_error *error)
{
    portico_id me = 0;
    struct portico_value *rows = portico_listing(request);
    int code = author_known(PORTICO_CONTEXT(request), &me, error);
    struct portico_argument author = portico_arg_id(me), no = portico_arg_boolean(0);
    if (code == 0 && me)
        code = portico_query(
            portico_db(request),
            "SELECT " TOPIC_COLUMNS(
                "t") "\n"
                     "FROM {visible communities_topic} t\n" TOPIC_JOINS(
                         "t") "\n"
                              "WHERE t.state = 0 AND t.closed = ? AND s.kind = 0 AND (s.writers = "
                              "0 OR ? = 1)\n"
                              "    AND (t.author IS NULL OR t.author <> ?)\n"
                              "    AND (t.space IN (SELECT q.space\n"
                              "                     FROM {visible communities_post} p\n"
                              "                     JOIN {visible communities_topic} q ON q.id = "
                              "p.topic\n"
                              "                     WHERE p.author = ? AND p.kind = 2)\n"
                              "         OR t.id IN (SELECT g.topic\n"
                              "                     FROM {visible communities_topic_tag} g\n"
                              "                     WHERE g.state = 0 AND g.tag IN (\n"
                              "                         SELECT o.tag\n"
                              "                         FROM {visible communities_post} p\n"
                              "                         JOIN {visible communities_topic_tag} o ON "
                              "o.topic = p.topic\n"
                              "                         WHERE p.author = ? AND p.kind = 2)))\n"
                              "ORDER BY t.created DESC, t.id DESC\n"
                              "LIMIT ?",
            PORTICO_ARGS(no, portico_arg_integer(portico_may(request, "communities.moderate")),
                         author, author, author, portico_arg_integer(limit)),
            &rows, error);
    if (code == 0)
        *ret_rows = rows;
    return code;
}

static int read_asked(struct portico_request *request, struct portico_page *ret_page,
                      struct portico_error *error)
{
    portico_id me = 0;
    int code = author_known(PORTICO_CONTEXT(request), &me, error);
    struct portico_argument author = portico_arg_id(me);
    struct portico_page_query query = {
        .size = sizeof query,
        .limit = (uint32_t)view_page_size(request),
        .table = "communities_topic",
        .columns = TOPIC_COLUMNS("t"),
        .joins = TOPIC_JOINS("t"),
        .where = "t.author = ?",
        .arguments = &author,
        .argument_count = 1,
        .order = "created DESC, id DESC",
        .cursor = portico_query_param(request, "cursor"),
    };
    return code < 0 ? code : portico_page(portico_db(request), &query, ret_page, error);
}

/* What stands behind "topic/" in a subject of notices. */
static portico_id topic_of(const struct portico_value *followed)
{
    return portico_id_read(portico_get_text(followed, "subject", "topic/") + strlen("topic/"));
}

/* Topics of those subjects that the viewer sees, in the order of the subjects. */
static int read_topics(struct portico_request *request, const struct portico_value *followed,
                       struct portico_value *topics, struct portico_error *error)
{
    struct portico_argument ids[FOLLOWED_PAGE];
    struct portico_value *rows = NULL;
    for (size_t i = 0; i < FOLLOWED_PAGE; i++)
        ids[i] =
            portico_arg_id(i < portico_count(followed) ? topic_of(portico_at(followed, i)) : 0);
    int code = portico_query(
        portico_db(request),
        "SELECT " TOPIC_COLUMNS("t") "\n"
                                     "FROM {visible communities_topic} t\n" TOPIC_JOINS(
                                         "t") "\n"
                                              "WHERE t.id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                              "?, ?, ?, ?, ?, ?, ?, ?)",
        ids, FOLLOWED_PAGE, &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(followed) && i < FOLLOWED_PAGE; i++)
        for (size_t row = 0; row < portico_count(rows); row++)
            if (portico_get_integer(portico_at(rows, row), "id", 0) ==
                topic_of(portico_at(followed, i)))
                portico_append(topics, portico_at(rows, row));
    return code;
}

/* Those followed last first; what is not open to them any more is left out, also in its place. */
static int read_followed(struct portico_request *request, struct portico_page *ret_page,
                         struct portico_error *error)
{
    struct portico_value *followed = NULL, *topics = portico_listing(request);
    int code = portico_followed(portico_notices(request), portico_person(request), "topic/",
                                portico_query_param(request, "cursor"), FOLLOWED_PAGE + 1,
                                &followed, error);
    if (code == 0)
        code = read_topics(request, followed, topics, error);
    if (code < 0)
        return code;
    ret_page->rows = topics;
    if (portico_count(followed) > FOLLOWED_PAGE)
        ret_page->next = portico_get_text(portico_at(followed, FOLLOWED_PAGE - 1), "place", NULL);
    return PORTICO_OK;
}

int page_mine(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    const char *show = portico_query_param(request, "show");
    int answer = show && strcmp(show, "answer") == 0,
        follows = show && strcmp(show, "followed") == 0;
    int code = answer    ? answerable_read(request, ANSWERABLE_MOST, &page.rows, &error)
               : follows ? read_followed(request, &page, &error)
                         : read_asked(request, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    portico_set_boolean(view, "in_asked", !answer && !follows);
    portico_set_boolean(view, "in_answerable", answer);
    portico_set_boolean(view, "in_followed", follows);
    portico_set_boolean(view, "behind", follows && portico_query_param(request, "cursor"));
    portico_set(view, "topics", view_topics(request, page.rows));
    portico_set_boolean(view, "is_empty", portico_count(page.rows) == 0 && !page.next);
    portico_set_text(view, "next", page.next);
    portico_set_text(view, "previous", page.previous);
    portico_set_boolean(view, "is_paged", page.next || page.previous);
    return portico_reply_view(request, "mine", view);
}
