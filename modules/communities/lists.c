/* Lists of topics: all, of a space, of a tag; sorted and paged by cursor. */
#include "communities.h"

#include "acts.h"

const struct topic_sort topic_sorts[] = {
    { "active", "last_activity DESC, id DESC", "last_activity DESC, topic DESC", 0 },
    { "newest", "created DESC, id DESC", "created DESC, topic DESC", 0 },
    { "votes", "score DESC, id DESC", "score DESC, topic DESC", 0 },
    { "unanswered", "created DESC, id DESC", "created DESC, topic DESC", 1 },
};
const size_t topic_sort_count = sizeof topic_sorts / sizeof *topic_sorts;

const struct topic_sort *topic_sort_named(const char *name)
{
    for (size_t i = 0; i < topic_sort_count; i++)
        if (!name || strcmp(topic_sorts[i].name, name) == 0)
            return &topic_sorts[i];
    return NULL;
}

int topic_list_read(struct portico_request *request, const struct topic_list *list,
                    struct portico_page *ret_page, struct portico_error *error)
{
    struct portico_argument arguments[2];
    size_t count = 0;
    if (list->tag)
        arguments[count++] = portico_arg_text(list->tag);
    else if (list->space)
        arguments[count++] = portico_arg_id(list->space);
    if (list->sort->unanswered)
        arguments[count++] = portico_arg_integer(0);
    static const char *const wheres[][2] = {
        { NULL, "t.state = ?" },
        { "t.space = ?", "t.space = ? AND t.state = ?" },
        { "t.tag = ?", "t.tag = ? AND t.state = ?" },
    };
    struct portico_page_query query = {
        .size = sizeof query,
        .limit = list->limit,
        .table = list->tag ? "communities_topic_tag" : "communities_topic",
        .columns = list->tag ? TOPIC_COLUMNS("q") : TOPIC_COLUMNS("t"),
        .joins = list->tag
                     ? "JOIN {visible communities_topic} q ON q.id = t.topic " TOPIC_JOINS("q")
                     : TOPIC_JOINS("t"),
        .where = wheres[list->tag ? 2 : list->space != 0][list->sort->unanswered],
        .arguments = arguments,
        .argument_count = count,
        .order = list->tag ? list->sort->tag_order : list->sort->order,
        .cursor = list->cursor,
    };
    return portico_page(portico_db(request), &query, ret_page, error);
}

#define SPACE_COLUMNS                                                                              \
    "s.id AS \"id:id\", s.slug, s.title, s.description, s.topics, s.answers, s.solved, "           \
    "s.last_activity AS \"last_activity:time\", s.position, s.kind, s.writers, "                   \
    "s.closed AS \"closed:boolean\", s.audience AS \"audience:id\", "                              \
    "s.own_topics AS \"own_topics:boolean\", s.own_people AS \"own_people:boolean\""

static int count_own(struct portico_request *request, portico_id space, const char *where,
                     int64_t *ret_count, struct portico_error *error)
{
    const struct portico_argument arguments[] = { portico_arg_id(space), portico_arg_integer(2) };
    const struct portico_page_query query = {
        .size = sizeof query,
        .table = "communities_topic",
        .where = where,
        .arguments = arguments,
        .argument_count = strstr(where, "state") ? 2 : 1,
    };
    int more = 0;
    return portico_page_count(portico_db(request), &query, ret_count, &more, error);
}

/* When something happened last, of what the viewer sees; 0: nothing did. */
static int latest_own(struct portico_request *request, portico_id space, portico_time *ret_latest,
                      struct portico_error *error)
{
    const struct portico_argument argument = portico_arg_id(space);
    const struct portico_page_query query = {
        .size = sizeof query,
        .limit = 1,
        .table = "communities_topic",
        .columns = "t.last_activity AS \"last_activity:time\"",
        .where = "t.space = ?",
        .arguments = &argument,
        .argument_count = 1,
        .order = "last_activity DESC, id DESC",
    };
    struct portico_page page = { .size = sizeof page };
    int code = portico_page(portico_db(request), &query, &page, error);
    if (code == 0)
        *ret_latest = portico_get_integer(portico_at(page.rows, 0), "last_activity", 0);
    return code;
}

int space_count_own(struct portico_request *request, struct portico_value *space,
                    struct portico_error *error)
{
    int64_t topics = 0, solved = 0;
    portico_time latest = 0;
    portico_id id = portico_get_integer(space, "id", 0);
    if (!portico_get_boolean(space, "own_topics", 0))
        return PORTICO_OK;
    int code = count_own(request, id, "t.space = ?", &topics, error);
    if (code == 0)
        code = count_own(request, id, "t.space = ? AND t.state = ?", &solved, error);
    if (code == 0)
        code = latest_own(request, id, &latest, error);
    if (code < 0)
        return code;
    portico_set_integer(space, "topics", topics);
    portico_set_integer(space, "solved", solved);
    portico_set_text(space, "answers", NULL);
    portico_set_text(space, "last_activity", NULL);
    if (latest)
        portico_set_time(space, "last_activity", latest);
    return PORTICO_OK;
}

static int read_one(struct portico_request *request, const char *sql, struct portico_argument which,
                    struct portico_value **ret_space, struct portico_error *error)
{
    int code = portico_query_one(portico_db(request), sql, &which, 1, ret_space, error);
    return code < 0 ? code : space_count_own(request, *ret_space, error);
}

int space_read(struct portico_request *request, const char *slug, struct portico_value **ret_space,
               struct portico_error *error)
{
    return read_one(request,
                    "SELECT " SPACE_COLUMNS "\n"
                    "FROM {visible communities_space} s\n"
                    "WHERE s.slug = ?",
                    portico_arg_text(slug), ret_space, error);
}

int space_of_id(struct portico_request *request, portico_id id, struct portico_value **ret_space,
                struct portico_error *error)
{
    return read_one(request,
                    "SELECT " SPACE_COLUMNS "\n"
                    "FROM {visible communities_space} s\n"
                    "WHERE s.id = ?",
                    portico_arg_id(id), ret_space, error);
}

int spaces_read(struct portico_request *request, struct portico_value **ret_spaces,
                struct portico_error *error)
{
    struct portico_value *rows = NULL, *spaces = portico_listing(request);
    int code = portico_query(portico_db(request),
                             "SELECT " SPACE_COLUMNS "\n"
                             "FROM {visible communities_space} s\n"
                             "ORDER BY s.position, s.title, s.id\n"
                             "LIMIT 200",
                             PORTICO_NO_ARGS, &rows, error);
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++) {
        struct portico_value *space = portico_at(rows, i); /* made anew each time it is asked for */
        code = space_count_own(request, space, error);
        if (code == 0)
            code = portico_append(spaces, space);
    }
    if (code == 0)
        *ret_spaces = spaces;
    return code;
}

/* Rows and ways on, with what keeps them: the sort stands in the link. */
static void set_page(struct portico_request *request, struct portico_value *view,
                     const struct portico_page *page)
{
    portico_set(view, "topics", view_topics(request, page->rows));
    portico_set_boolean(view, "is_empty", portico_count(page->rows) == 0);
    portico_set_text(view, "next", page->next);
    portico_set_text(view, "previous", page->previous);
    portico_set_boolean(view, "is_paged", page->next || page->previous);
}

/* What the home page says to who is signed in: what they could answer, and what waits. */
#define ANSWERABLE_HOME 4
static int add_own(struct portico_request *request, struct portico_value *view,
                   struct portico_error *error)
{
    struct portico_value *rows = NULL;
    int64_t waiting = 0;
    int code = portico_may(request, "communities.write")
                   ? answerable_read(request, ANSWERABLE_HOME, &rows, error)
                   : PORTICO_OK;
    if (code == 0 && portico_may(request, "communities.moderate"))
        code = queue_count(request, &waiting, error);
    if (code < 0)
        return code;
    portico_set(view, "answerable", view_topics(request, rows));
    portico_set_boolean(view, "has_answerable", portico_count(rows) > 0);
    if (waiting)
        portico_set_integer(view, "waiting", waiting);
    return PORTICO_OK;
}

/* A page further on is known by its own address; another order of the first one is not. */
static void set_head(struct portico_request *request, struct portico_value *view, const char *path,
                     const char *title, const struct topic_list *list)
{
    view_head(request, view, path, title,
              list->cursor
                  ? portico_printf(request, "sort=%s&cursor=%s", list->sort->name, list->cursor)
                  : NULL);
}

int page_home(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page newest = { .size = sizeof newest }, tags = { .size = sizeof tags };
    struct portico_value *spaces = NULL;
    struct topic_list list = {
        .sort = topic_sort_named("newest"),
        .cursor = portico_query_param(request, "cursor"),
        .limit = 10,
    };
    int code = spaces_read(request, &spaces, &error);
    if (code == 0)
        code = topic_list_read(request, &list, &newest, &error);
    if (code == 0)
        code = tags_read(request, NULL, 20, &tags, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    set_head(request, view, "/communities", portico_get_text(view, "communities", ""), &list);
    portico_set_text(view, "sort", list.sort->name);
    portico_set(view, "spaces", view_spaces(request, spaces));
    portico_set_boolean(view, "has_spaces", portico_count(spaces) > 0);
    /* A guest signs in on the way. */
    portico_set_boolean(view, "offers_ask",
                        !portico_person(PORTICO_CONTEXT(request)) ||
                            portico_may(request, "communities.write"));
    portico_set(view, "tags", tags.rows);
    portico_set_boolean(view, "has_tags", portico_count(tags.rows) > 0);
    set_page(request, view, &newest);
    code = add_own(request, view, &error);
    return code < 0 ? view_failed(request, code, &error)
                    : portico_reply_view(request, "home", view);
}

int page_space(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    struct portico_value *space = NULL;
    struct topic_list list = {
        .sort = topic_sort_named(portico_query_param(request, "sort")),
        .cursor = portico_query_param(request, "cursor"),
        .limit = (uint32_t)view_page_size(request),
    };
    int code = list.sort ? space_read(request, portico_param(request, "space"), &space, &error)
                         : PORTICO_ENOENT;
    if (code == 0) {
        list.space = portico_get_integer(space, "id", 0);
        code = topic_list_read(request, &list, &page, &error);
    }
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    set_head(request, view,
             portico_printf(request, "/communities/%s", portico_get_text(space, "slug", "")),
             portico_get_text(space, "title", ""), &list);
    portico_set(view, "about", view_space(request, space));
    view_sorts(request, view, list.sort);
    set_page(request, view, &page);
    return portico_reply_view(request, "space", view);
}

int page_tag(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    struct portico_value *tag = NULL;
    struct topic_list list = {
        .tag = portico_param(request, "tag"),
        .sort = topic_sort_named(portico_query_param(request, "sort")),
        .cursor = portico_query_param(request, "cursor"),
        .limit = (uint32_t)view_page_size(request),
    };
    int code = list.sort ? tag_read(request, list.tag, &tag, &error) : PORTICO_ENOENT;
    if (code == 0)
        code = topic_list_read(request, &list, &page, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *view = view_page(request);
    set_head(request, view, portico_printf(request, "/communities/tags/%s", list.tag), list.tag,
             &list);
    portico_set(view, "tag", tag);
    portico_set_boolean(view, "may_describe", portico_may(request, "communities.moderate"));
    view_sorts(request, view, list.sort);
    set_page(request, view, &page);
    return portico_reply_view(request, "tag", view);
}
