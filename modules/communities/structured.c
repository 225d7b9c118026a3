/* A question's page as search engines read it: schema.org's QAPage. */
#include "communities.h"
#include "write.h"

/* The accepted answer and a few more; crawlers read no further. */
#define ANSWERS_MOST 5
#define WORDS_MOST 1000

static const char *topic_path(struct portico_request *request, const struct portico_value *topic)
{
    return portico_printf(request, "/communities/topics/%lld/%s",
                          (long long)portico_get_integer(topic, "id", 0),
                          portico_get_text(topic, "slug", ""));
}

static struct portico_value *person(struct portico_request *request,
                                    const struct portico_value *post)
{
    struct portico_value *object = portico_object(request);
    const char *handle = portico_get_text(post, "handle", NULL);
    const char *url = portico_get_text(post, "author_url", NULL);
    if (handle)
        url = path_url(request, portico_printf(request, "/communities/people/%s", handle));
    portico_set_text(object, "@type", "Person");
    portico_set(object, "name", portico_get(post, "author"));
    if (url)
        portico_set_text(object, "url", url);
    return object;
}

static struct portico_value *piece(struct portico_request *request, const char *type,
                                   const struct portico_value *post, const char *url,
                                   const char *title)
{
    struct portico_value *object = portico_object(request);
    const char *text =
        portico_html_plain(portico_content(request), portico_get(post, "body"), WORDS_MOST);
    int64_t score = portico_get_integer(post, "score", 0);
    portico_set_text(object, "@type", type);
    portico_set_text(object, "url", url);
    /* An image alone has no words, and the text may not be empty. */
    portico_set_text(object, "text", text && *text ? text : title);
    portico_set(object, "datePublished", portico_get(post, "created"));
    portico_set(object, "dateModified",
                portico_get(post, portico_get_integer(post, "edited", 0) ? "edited" : "created"));
    portico_set_integer(object, "upvoteCount", score < 0 ? 0 : score);
    portico_set(object, "author", person(request, post));
    return object;
}

static int is_shown(const struct portico_value *post)
{
    return portico_get_integer(post, "status_number", 0) == STATUS_SHOWN;
}

static void add_answers(struct portico_request *request, struct portico_value *question,
                        const struct portico_value *topic, const char *url)
{
    const struct portico_value *posts = portico_get(topic, "posts");
    const char *title = portico_get_text(topic, "title", "");
    struct portico_value *suggested = NULL;
    for (size_t i = 1, count = 0; i < portico_count(posts) && count < ANSWERS_MOST; i++) {
        const struct portico_value *post = portico_at(posts, i);
        if (!is_shown(post))
            continue;
        const char *own = portico_printf(request, "%s#post-%lld", url,
                                         (long long)portico_get_integer(post, "id", 0));
        struct portico_value *answer = piece(request, "Answer", post, own, title);
        count++;
        if (portico_get_boolean(post, "accepted", 0)) {
            portico_set(question, "acceptedAnswer", answer);
            continue;
        }
        suggested = suggested ? suggested : portico_set_list(question, "suggestedAnswer");
        portico_append(suggested, answer);
    }
}

struct portico_value *structured_page(struct portico_request *request,
                                      const struct portico_value *topic)
{
    const struct portico_value *posts = portico_get(topic, "posts");
    const struct portico_value *post = portico_count(posts) ? portico_at(posts, 0) : NULL;
    if (!post || !portico_get_boolean(post, "is_question", 0) || !is_shown(post))
        return NULL;
    const char *url = path_url(request, topic_path(request, topic));
    struct portico_value *page = portico_object(request);
    struct portico_value *question =
        piece(request, "Question", post, url, portico_get_text(topic, "title", ""));
    portico_set(question, "name", portico_get(topic, "title"));
    portico_set(question, "answerCount", portico_get(topic, "answers"));
    add_answers(request, question, topic, url);
    portico_set_text(page, "@context", "https://schema.org");
    portico_set_text(page, "@type", "QAPage");
    portico_set(page, "mainEntity", question);
    return page;
}
