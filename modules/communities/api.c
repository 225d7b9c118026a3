/* The JSON API: what the pages show, for programs. Lists page by cursor; `fields=` names the
 * members. */
#include "communities.h"

#include "acts.h"
#include "mention.h"
#include "reach.h"

#define NAMES(array) (array), sizeof(array) / sizeof *(array)
#define LIMIT_MAX 100

/* A list's `limit`, 1 to 100, or the setting's; -1 if it is neither. */
static int64_t limit_of(struct portico_request *request)
{
    const char *given = portico_query_param(request, "limit");
    int64_t limit = view_page_size(request);
    if (given && (words_integer(given, &limit) < 0 || limit < 1 || limit > LIMIT_MAX))
        return -1;
    return limit;
}

static int refuse(struct portico_request *request, const char *title, const char *detail)
{
    return portico_reply_problem(request, 400, NULL, title, detail);
}

static int refuse_limit(struct portico_request *request)
{
    return refuse(request, portico_translate(request, "The limit does not fit", NULL),
                  portico_translate(request, "Give a number from 1 to 100.", NULL));
}

static int is_wanted(const char *fields, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = fields; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && memcmp(at, name, length) == 0)
            return 1;
    return 0;
}

/* The members `fields=` names, and always the id. */
static struct portico_value *pick(struct portico_request *request, struct portico_value *object)
{
    const char *fields = portico_query_param(request, "fields");
    if (!fields)
        return object;
    struct portico_value *picked = portico_object(request);
    const char *name;
    for (size_t i = 0; (name = portico_key_at(object, i)); i++) {
        struct portico_value *value = portico_get(object, name);
        if (strcmp(name, "id") != 0 && !is_wanted(fields, name))
            continue;
        if (portico_kind(value) != PORTICO_LISTING) {
            portico_set(picked, name, value);
            continue;
        }
        /* A list stands in one object only; what lists hold here are texts. */
        struct portico_value *list = portico_set_list(picked, name);
        for (size_t at = 0; at < portico_count(value); at++)
            portico_append_text(list, portico_text_of(portico_at(value, at), NULL));
    }
    return picked;
}

static struct portico_value *topic_object(struct portico_request *request,
                                          const struct portico_value *row)
{
    static const char *const same[] = { "id",       "title",  "slug",    "excerpt",      "space",
                                        "state",    "closed", "score",   "views",        "answers",
                                        "comments", "author", "created", "last_activity" };
    struct portico_value *view = view_topic(request, row), *object = portico_object(request);
    view_copy(object, view, NAMES(same));
    portico_set(object, "tags", view_tags(request, portico_get_text(row, "tags", "")));
    portico_set_text(object, "href",
                     portico_printf(request, "/api/communities/v1/topics/%lld",
                                    (long long)portico_get_integer(row, "id", 0)));
    return object;
}

static int reply_page(struct portico_request *request, const struct portico_page *page,
                      struct portico_value *(*view)(struct portico_request *,
                                                    const struct portico_value *))
{
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    for (size_t i = 0; i < portico_count(page->rows); i++)
        portico_append(items, pick(request, view(request, portico_at(page->rows, i))));
    portico_set_text(answer, "next", page->next);
    portico_set_text(answer, "previous", page->previous);
    return portico_reply_json(request, answer);
}

struct portico_value *space_object(struct portico_request *request, const struct portico_value *row)
{
    static const char *const same[] = { "id",         "slug",         "title",  "description",
                                        "kind",       "writers",      "closed", "own_topics",
                                        "own_people", "position",     "topics", "answers",
                                        "solved",     "last_activity" };
    struct portico_value *space = portico_object(request);
    view_copy(space, view_space(request, row), NAMES(same));
    portico_set(space, "sharing", reach_object(request, row));
    return space;
}

int api_spaces(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    int code = spaces_read(request, &rows, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    for (size_t i = 0; i < portico_count(rows); i++)
        portico_append(items, pick(request, space_object(request, portico_at(rows, i))));
    return portico_reply_json(request, answer);
}

int api_topics(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    struct portico_value *space = NULL;
    const char *slug = portico_query_param(request, "space");
    struct topic_list list = {
        .tag = portico_query_param(request, "tag"),
        .sort = topic_sort_named(portico_query_param(request, "sort")),
        .cursor = portico_query_param(request, "cursor"),
    };
    int64_t limit = limit_of(request);
    if (limit < 0)
        return refuse_limit(request);
    list.limit = (uint32_t)limit;
    if (!list.sort)
        return refuse(
            request, portico_translate(request, "There is no such order", NULL),
            portico_translate(request, "Sort by active, newest, votes or unanswered.", NULL));
    if (slug && list.tag)
        return refuse(request, portico_translate(request, "One filter at a time", NULL),
                      portico_translate(request, "Give either space or tag.", NULL));
    int code = slug ? space_read(request, slug, &space, &error) : PORTICO_OK;
    if (code == 0 && slug)
        list.space = portico_get_integer(space, "id", 0);
    if (code == 0)
        code = topic_list_read(request, &list, &page, &error);
    return code < 0 ? view_failed(request, code, &error) : reply_page(request, &page, topic_object);
}

int api_space(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int code = id ? space_of_id(request, id, &row, &error) : PORTICO_ENOENT;
    return code < 0 ? view_failed(request, code, &error)
                    : portico_reply_json(request, space_object(request, row));
}

static void add_post(struct portico_request *request, struct portico_value *object,
                     const struct portico_value *post)
{
    static const char *const same[] = { "id",         "score",   "body",       "author",
                                        "author_url", "company", "created",    "edited",
                                        "accepted",   "licence", "source_url", "status" };
    static const char *const of_comment[] = {
        "id", "score", "body", "author", "created", "status"
    };
    view_copy(object, post, NAMES(same));
    portico_set_text(object, "kind",
                     portico_get_boolean(post, "is_question", 0) ? "question" : "answer");
    struct portico_value *comments = portico_set_list(object, "comments");
    const struct portico_value *given = portico_get(post, "comments");
    for (size_t i = 0; i < portico_count(given); i++)
        view_copy(portico_append_object(comments), portico_at(given, i), NAMES(of_comment));
    (void)request;
}

int api_topic(struct portico_request *request)
{
    static const char *const same[] = { "id",      "title",         "slug",      "excerpt",
                                        "space",   "state",         "closed",    "score",
                                        "views",   "answers",       "comments",  "author",
                                        "created", "last_activity", "source_url" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *topic = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    int64_t from = 0;
    const char *first = portico_query_param(request, "from");
    if (!id)
        return PORTICO_ENOENT;
    if (first && (words_integer(first, &from) < 0 || from < 0 || from > 1000000))
        return refuse(request, portico_translate(request, "The place does not fit", NULL),
                      portico_translate(request, "Give the number of answers to pass over.", NULL));
    int code = topic_read(request, id, from, &topic, &error);
    if (code == PORTICO_ENOENT)
        return act_merged(request, id, "/api/communities/v1/topics/");
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *object = portico_object(request);
    view_copy(object, topic, NAMES(same));
    struct portico_value *tags = portico_set_list(object, "tags");
    const struct portico_value *given = portico_get(topic, "tags");
    for (size_t i = 0; i < portico_count(given); i++)
        portico_append_text(tags, portico_text_of(portico_at(given, i), NULL));
    object = pick(request, object);
    const char *fields = portico_query_param(request, "fields");
    if (fields && !is_wanted(fields, "posts"))
        return portico_reply_json(request, object);
    struct portico_value *posts = portico_set_list(object, "posts");
    const struct portico_value *read = portico_get(topic, "posts");
    for (size_t i = 0; i < portico_count(read); i++)
        add_post(request, portico_append_object(posts), portico_at(read, i));
    int64_t more = portico_get_integer(topic, "more_from", 0);
    if (more)
        portico_set_text(object, "next",
                         portico_printf(request, "/api/communities/v1/topics/%lld?from=%lld",
                                        (long long)id, (long long)more));
    return portico_reply_json(request, object);
}

int api_post(struct portico_request *request)
{
    static const char *const same[] = { "id",      "topic",      "score",  "body",
                                        "company", "created",    "edited", "accepted",
                                        "licence", "source_url", "source", "version" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    portico_id id = portico_id_read(portico_param(request, "id"));
    if (!id)
        return PORTICO_ENOENT;
    int code = portico_query_one(
        portico_db(request),
        "SELECT p.id AS \"id:id\", p.topic AS \"topic:id\", p.kind, p.score,\n"
        "    p.accepted AS \"accepted:boolean\", p.created AS \"created:time\",\n"
        "    p.edited AS \"edited:time\", p.licence, p.source_url, p.body AS \"body:html\",\n"
        "    p.source, p.revisions AS version,\n"
        "    COALESCE(p.author_name, a.name) AS author_name, a.company,\n"
        "    a.source_id AS author_number, v.up, v.down\n"
        "FROM {visible communities_post} p\n"
        "JOIN {visible communities_topic} t ON t.id = p.topic\n" SPACE_JOIN(
            "t") "\n"
                 "LEFT JOIN communities_author a ON a.id = p.author\n"
                 "LEFT JOIN communities_vote v ON v.post = p.id\n"
                 "WHERE p.id = ?",
        PORTICO_ARGS(portico_arg_id(id)), &row, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *post = portico_object(request);
    view_copy(post, row, NAMES(same));
    portico_set_text(post, "kind",
                     portico_get_integer(row, "kind", 0) == 1 ? "question" : "answer");
    portico_set_text(post, "author", view_author(request, row));
    mention_view(request, &(struct mention_memory){ 0 }, post);
    portico_set_integer(post, "votes_up", portico_get_integer(row, "up", 0));
    portico_set_integer(post, "votes_down", portico_get_integer(row, "down", 0));
    return portico_reply_json(request, pick(request, post));
}

static struct portico_value *tag_object(struct portico_request *request,
                                        const struct portico_value *row)
{
    static const char *const same[] = { "name", "topics", "description" };
    struct portico_value *tag = portico_object(request);
    view_copy(tag, row, NAMES(same));
    return tag;
}

int api_tags(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_page page = { .size = sizeof page };
    int64_t limit = limit_of(request);
    if (limit < 0)
        return refuse_limit(request);
    const char *beginning = portico_query_param(request, "q");
    int code = beginning ? tags_find(request, beginning, limit, &page.rows, &error)
                         : tags_read(request, portico_query_param(request, "cursor"),
                                     (uint32_t)limit, &page, &error);
    return code < 0 ? view_failed(request, code, &error) : reply_page(request, &page, tag_object);
}

int api_search(struct portico_request *request)
{
    static const char *const same[] = { "id", "title", "url", "time", "excerpt" };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *hits = NULL;
    const char *words = portico_query_param(request, "q");
    const char *cursor = portico_query_param(request, "cursor");
    int64_t limit = limit_of(request), offset = 0, next = 0;
    if (limit < 0)
        return refuse_limit(request);
    /* One hit more is read to know whether there are more, and a search gives at most a hundred. */
    if (limit == LIMIT_MAX)
        limit--;
    if (!words || !words[strspn(words, " ")])
        return refuse(request, portico_translate(request, "There is nothing to search for", NULL),
                      portico_translate(request, "Give words in q.", NULL));
    if (cursor && (words_integer(cursor, &offset) < 0 || offset < 0 || offset > SEARCH_DEEPEST))
        return view_failed(request, PORTICO_EINVAL, &error);
    int code = search_read(request, words, offset, limit, &hits, &next, &error);
    if (code < 0)
        return view_failed(request, code, &error);
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    for (size_t i = 0; i < portico_count(hits); i++)
        view_copy(portico_append_object(items), portico_at(hits, i), NAMES(same));
    portico_set_text(answer, "next",
                     next ? portico_printf(request, "%lld", (long long)next) : NULL);
    return portico_reply_json(request, answer);
}
