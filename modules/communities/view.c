#include "communities.h"

#include "reach.h"

#define NAMES(array) (array), sizeof(array) / sizeof *(array)

void view_copy(struct portico_value *object, const struct portico_value *row,
               const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        portico_set(object, names[i], portico_get(row, names[i]));
}

struct portico_value *view_tags(struct portico_request *request, const char *tags)
{
    struct portico_value *list = portico_listing(request);
    char tag[WORDS_TAG_MAX + 1];
    while (words_next_tag(&tags, tag))
        portico_append_text(list, tag);
    return list;
}

const char *view_author(struct portico_request *request, const struct portico_value *row)
{
    const char *name = portico_get_text(row, "author_name", "");
    if (*name)
        return name;
    struct portico_value *arguments = portico_object(request);
    int64_t number = portico_get_integer(row, "author_number", 0);
    if (!number)
        return portico_translate(request, "Former member", NULL);
    portico_set_text(arguments, "number", portico_printf(request, "%lld", (long long)number));
    return portico_translate(request, "Member {number}", arguments);
}

/* Whether it asks for an answer: news ask for none, and what is closed or gone gets none. */
static int lacks_answer(const struct portico_value *row)
{
    return portico_get_integer(row, "state", 0) == 0 && !portico_get_boolean(row, "closed", 0) &&
           portico_get_integer(row, "space_kind", 0) != SPACE_ANNOUNCEMENTS &&
           portico_get_integer(row, "status", STATUS_SHOWN) == STATUS_SHOWN;
}

struct portico_value *view_topic(struct portico_request *request, const struct portico_value *row)
{
    static const char *const same[] = { "id",      "title",       "slug",          "excerpt",
                                        "score",   "views",       "answers",       "comments",
                                        "created", "closed",      "last_activity", "company",
                                        "space",   "space_title", "handle" };
    static const char *const states[] = { "open", "answered", "solved" };
    struct portico_value *topic = portico_object(request);
    view_copy(topic, row, NAMES(same));
    int64_t state = portico_get_integer(row, "state", 0);
    portico_set_text(topic, "state", states[state < 0 || state > 2 ? 0 : state]);
    portico_set_boolean(topic, "is_solved", state == 2);
    portico_set_boolean(topic, "is_answered", state == 1);
    portico_set_boolean(topic, "lacks_answer", lacks_answer(row));
    portico_set_text(topic, "author", view_author(request, row));
    portico_set(topic, "tags", view_tags(request, portico_get_text(row, "tags", "")));
    return topic;
}

struct portico_value *view_topics(struct portico_request *request, const struct portico_value *rows)
{
    struct portico_value *list = portico_listing(request);
    for (size_t i = 0; i < portico_count(rows); i++)
        portico_append(list, view_topic(request, portico_at(rows, i)));
    return list;
}

struct portico_value *view_space(struct portico_request *request, const struct portico_value *row)
{
    static const char *const same[] = { "id",       "slug",         "title",  "description",
                                        "topics",   "answers",      "solved", "closed",
                                        "position", "last_activity" };
    struct portico_value *space = portico_object(request);
    int announces = portico_get_integer(row, "kind", 0) == SPACE_ANNOUNCEMENTS;
    int of_team = portico_get_integer(row, "writers", 0) == WRITERS_TEAM;
    int own = portico_get_boolean(row, "own_topics", 0);
    int open = portico_get_integer(row, "audience", 0) == PORTICO_AUDIENCE_EVERYONE && !own;
    view_copy(space, row, NAMES(same));
    portico_set_text(space, "kind", announces ? "announcements" : "questions");
    portico_set_text(space, "writers", of_team ? "team" : "members");
    portico_set_boolean(space, "is_announcements", announces);
    portico_set_boolean(space, "is_of_team", of_team);
    portico_set_boolean(space, "own_topics", own);
    portico_set_boolean(space, "own_people", own && portico_get_boolean(row, "own_people", 0));
    portico_set_boolean(space, "is_for_some", !open);
    portico_set_text(space, "readers", reach_sentence(request, row));
    portico_set_text(space, "readers_word", reach_word(request, row));
    portico_set_boolean(space, "may_ask",
                        portico_may(request, "communities.write") &&
                            !portico_get_boolean(row, "closed", 0) &&
                            !reach_lacks_account(PORTICO_CONTEXT(request), row) &&
                            space_may_begin(PORTICO_CONTEXT(request), row));
    return space;
}

struct portico_value *view_spaces(struct portico_request *request, const struct portico_value *rows)
{
    struct portico_value *list = portico_listing(request);
    for (size_t i = 0; i < portico_count(rows); i++)
        portico_append(list, view_space(request, portico_at(rows, i)));
    return list;
}

struct portico_value *view_page(struct portico_request *request)
{
    struct portico_value *view = portico_object(request);
    const char *title = portico_setting_text(request, "title");
    /* The default is a text of ours and can be translated; a title of the owner's stays as it is.
     */
    portico_set_text(view, "communities",
                     title && *title ? title : portico_translate(request, "Community", NULL));
    portico_set_boolean(view, "may_ask", portico_may(request, "communities.write"));
    portico_set_boolean(view, "may_manage", portico_may(request, "communities.manage"));
    return view;
}

void view_head(struct portico_request *request, struct portico_value *view, const char *path,
               const char *title, const char *query)
{
    const char *url = path_url(request, path);
    portico_set_text(view, "feeds", url);
    portico_set_text(view, "feeds_title", title);
    portico_set_text(view, "address",
                     query && url ? portico_printf(request, "%s?%s", url, query) : url);
}

int64_t view_page_size(struct portico_request *request)
{
    return portico_setting_integer(request, "page_size");
}

void view_sorts(struct portico_request *request, struct portico_value *view,
                const struct topic_sort *chosen)
{
    const char *titles[] = {
        portico_translate(request, "Active", NULL),
        portico_translate(request, "Newest", NULL),
        portico_translate(request, "Most votes", NULL),
        portico_translate(request, "Unanswered", NULL),
    };
    struct portico_value *sorts = portico_set_list(view, "sorts");
    for (size_t i = 0; i < topic_sort_count; i++) {
        struct portico_value *sort = portico_append_object(sorts);
        portico_set_text(sort, "name", topic_sorts[i].name);
        portico_set_text(sort, "title", titles[i]);
        portico_set_boolean(sort, "chosen", &topic_sorts[i] == chosen);
    }
    portico_set_text(view, "sort", chosen->name);
    portico_set_boolean(view, "only_unanswered", chosen->unanswered);
}

int view_failed(struct portico_request *request, int code, const struct portico_error *error)
{
    if (code == PORTICO_EINVAL)
        return portico_reply_problem(
            request, 400, NULL, portico_translate(request, "This page of the list is gone", NULL),
            portico_translate(request,
                              "The address holds a place in the list that is not ours. "
                              "Begin at the first page.",
                              NULL));
    if (code != PORTICO_ENOENT && error->message[0])
        portico_log(request, PORTICO_LOG_ERROR, "%s", error->message);
    return code;
}
