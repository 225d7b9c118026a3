/* Communities in reading form: what the files of this module share. */
#ifndef COMMUNITIES_H
#define COMMUNITIES_H

#include "words.h"

/* Columns of a topic in a list, for the alias `t` (a text). With its space as s and its author as
 * a. */
#define TOPIC_COLUMNS(t)                                                                           \
    t ".id AS \"id:id\", " t ".title, " t ".slug, " t ".excerpt, " t ".tags, " t ".state, " t      \
      ".closed AS \"closed:boolean\", " t ".score, " t ".views, " t ".answers, " t ".comments, " t \
      ".created AS \"created:time\", " t ".last_activity AS \"last_activity:time\", "              \
      "COALESCE(" t ".author_name, a.name) AS author_name, a.company, a.handle, "                  \
      "a.source_id AS author_number, s.slug AS space, s.title AS space_title, "                    \
      "s.kind AS space_kind, s.own_topics AS \"own_topics:boolean\", "                             \
      "s.own_people AS \"own_people:boolean\", " t ".own_person = 3 AS \"is_staffs:boolean\", "    \
      "" t ".asked_alone AS \"asked_alone:boolean\", "                                             \
      "s.audience AS \"space_audience:id\""
/* Where the space of topic `t` is for the viewer, and `t` as far as its space goes, shown or not: a
 * topic may lag behind a space that became one for others. */
#define SPACE_JOIN(t)                                                                              \
    "JOIN {visible communities_space} s ON s.id = " t ".space AND ((NOT s.own_topics AND NOT " t   \
    ".asked_alone) OR CASE WHEN s.own_people OR " t ".asked_alone THEN " t ".own_person ELSE " t   \
    ".own END IN (SELECT o.audience FROM {visible communities_own} o)) "
#define TOPIC_JOINS(t)                                                                             \
    SPACE_JOIN(t)                                                                                  \
    "LEFT JOIN communities_author a ON a.id = " t ".author"

/* Ways to sort a list of topics; the first is the default. */
struct topic_sort {
    const char *name;      /* of the query parameter */
    const char *order;     /* of communities_topic */
    const char *tag_order; /* of communities_topic_tag */
    int unanswered;        /* only topics nobody answered */
};
extern const struct topic_sort topic_sorts[];
extern const size_t topic_sort_count;
const struct topic_sort *topic_sort_named(const char *name); /* NULL: no such sort */

/* One page of topics: of a space, of a tag, or of all. Ids and texts 0 or NULL where not asked for.
 */
struct topic_list {
    portico_id space;
    const char *tag;
    const struct topic_sort *sort;
    const char *cursor;
    uint32_t limit;
};
int topic_list_read(struct portico_request *request, const struct topic_list *list,
                    struct portico_page *ret_page, struct portico_error *error);

/* A space by its slug or id: id, slug, title, description, topics, answers, solved, last_activity,
 * position, kind, writers, closed, audience, own_topics, own_people. Where each account, or each
 * person, sees their own topics, what is counted is what the viewer sees of them, and answers are
 * null. */
int space_read(struct portico_request *request, const char *slug, struct portico_value **ret_space,
               struct portico_error *error);
int space_of_id(struct portico_request *request, portico_id id, struct portico_value **ret_space,
                struct portico_error *error);
/* Counts so, in a row of "id" and "own_topics". */
int space_count_own(struct portico_request *request, struct portico_value *space,
                    struct portico_error *error);
/* All the viewer sees, in their order. */
int spaces_read(struct portico_request *request, struct portico_value **ret_spaces,
                struct portico_error *error);

/* What pages and API show of a row; all NULL when memory ended. */
struct portico_value *view_topic(struct portico_request *request, const struct portico_value *row);
struct portico_value *view_topics(struct portico_request *request,
                                  const struct portico_value *rows);
struct portico_value *view_space(struct portico_request *request, const struct portico_value *row);
struct portico_value *view_spaces(struct portico_request *request,
                                  const struct portico_value *rows);
struct portico_value *view_tags(struct portico_request *request, const char *tags);
/* Name of who wrote a row with author_name and author_number. */
const char *view_author(struct portico_request *request, const struct portico_value *row);
/* Copies members of a row under the same names. */
void view_copy(struct portico_value *object, const struct portico_value *row,
               const char *const *names, size_t count);
/* The frame of a page: title of the communities and what the templates share. */
struct portico_value *view_page(struct portico_request *request);
/* What the page says in its head of itself: its feeds lie below `path`; the address it is known by
 * is `path` with `query` behind, NULL: none. */
void view_head(struct portico_request *request, struct portico_value *view, const char *path,
               const char *title, const char *query);
/* Tabs for the ways to sort, the chosen one marked. */
void view_sorts(struct portico_request *request, struct portico_value *view,
                const struct topic_sort *chosen);
int64_t view_page_size(struct portico_request *request);
/* An error page or problem document for a failed read: wrong cursor, nothing there, or the host's
 * own. */
int view_failed(struct portico_request *request, int code, const struct portico_error *error);

/* A topic with its posts and comments: members of view_topic, space_description, posts; ids of its
 * author, of the accepted answer and of the viewer as an author. `first` is how many answers to
 * pass over. */
#define TOPIC_ANSWERS 100
int topic_read(struct portico_request *request, portico_id id, int64_t first,
               struct portico_value **ret_topic, struct portico_error *error);
/* The data of the topic's page and its address, without the form of an answer. */
int topic_view(struct portico_request *request, portico_id id, int64_t first,
               struct portico_value **ret_view, const char **ret_path, struct portico_error *error);
/* A topic of topic_read as schema.org's QAPage; NULL: its question is not shown to others. */
struct portico_value *structured_page(struct portico_request *request,
                                      const struct portico_value *topic);
/* Topics that share a tag; rows id, slug, title, state, answers. */
int topic_related(struct portico_request *request, portico_id id, struct portico_value **ret_rows,
                  struct portico_error *error);
/* Name, topics, description. */
int tag_read(struct portico_request *request, const char *name, struct portico_value **ret_tag,
             struct portico_error *error);
int tags_read(struct portico_request *request, const char *cursor, uint32_t limit,
              struct portico_page *ret_page, struct portico_error *error);
int tags_find(struct portico_request *request, const char *beginning, int64_t limit,
              struct portico_value **ret_rows, struct portico_error *error);
/* Where the last page of a search begins at most: whoever found nothing by then asks with other
 * words. */
#define SEARCH_DEEPEST 300
/* Of the hits that the viewer sees, at most 99 from `offset` on, and where the next page begins, 0:
 * there is none. Both untouched on failure. */
int search_read(struct portico_request *request, const char *words, int64_t offset, int64_t limit,
                struct portico_value **ret_hits, int64_t *ret_next, struct portico_error *error);

/* Of at most 100 hits those whose topic and space the viewer sees: an index may lag behind a space
 * that became one for others. At most `most` of them. */
int search_keep_seen(struct portico_request *request, const struct portico_value *hits, size_t most,
                     struct portico_value **ret_seen, struct portico_error *error);

/* Questions like one with this title, at most five: id, title, url, time, excerpt. */
int similar_read(struct portico_request *request, const char *title,
                 struct portico_value **ret_hits, struct portico_error *error);
/* Form "answer" of a topic, sent to where answers go. */
struct portico_form *answer_form(struct portico_request *request, portico_id topic);

/* Unanswered questions in the spaces and with the tags the viewer answered in before, the newest
 * first. None for who never wrote. */
int answerable_read(struct portico_request *request, int64_t limit, struct portico_value **ret_rows,
                    struct portico_error *error);

/* Absolute URL of a decoded path: what a tag holds beyond letters and digits is percent-encoded. */
const char *path_url(struct portico_request *request, const char *path);

/* Handlers, one file each kind. */
/* 1: a page of this module begins with it, "/communities/NAME" or below. */
int page_is_named(const char *name);
int page_home(struct portico_request *request);
int page_space(struct portico_request *request);
int page_topic(struct portico_request *request);
int page_tags(struct portico_request *request);
int page_tag(struct portico_request *request);
int page_search(struct portico_request *request);
int feed_all(struct portico_request *request);
int feed_space(struct portico_request *request);
int feed_tag(struct portico_request *request);
int sitemap(struct portico_request *request);
int sitemap_part(struct portico_request *request);
int api_spaces(struct portico_request *request);
int api_topics(struct portico_request *request);
int api_topic(struct portico_request *request);
int api_post(struct portico_request *request);
int api_tags(struct portico_request *request);
int api_search(struct portico_request *request);
/* Writing: pages and API by the same forms. */
int send_question(struct portico_request *request);
int send_answer(struct portico_request *request);
int send_comment(struct portico_request *request);
int send_edit(struct portico_request *request);
int send_comment_edit(struct portico_request *request);
int page_post(struct portico_request *request);
int page_history(struct portico_request *request);
int page_comment_history(struct portico_request *request);
int send_tag(struct portico_request *request);
int page_person(struct portico_request *request);
int page_mine(struct portico_request *request);
int page_waiting(struct portico_request *request);
int api_similar(struct portico_request *request);
int api_comment(struct portico_request *request);
int api_revisions(struct portico_request *request);
int api_comment_revisions(struct portico_request *request);

#endif
