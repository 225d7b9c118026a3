/* Every list of the module read by whoever sees little, some or all: with --plans the database says
 * how it would read each. */
#include "place.h"

static portico_id new_space(struct portico_bench *bench, const char *title, const char *sharing,
                            int own)
{
    portico_test_json_request(bench, "POST", "/api/communities/v1/spaces",
                              text(bench,
                                   "{\"title\":\"%s\",\"kind\":\"questions\","
                                   "\"writers\":\"members\",\"sharing\":{\"level\":\"%s\"},"
                                   "\"own_topics\":%s}",
                                   title, sharing, own ? "true" : "false"));
    return sent_id(bench);
}

/* The page, and every page that it leads on to. */
static void walk(struct portico_bench *bench, const char *path)
{
    const char *at = path;
    int pages = 0;
    for (; at && pages < 3; pages++) {
        if (!PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, at), 200))
            portico_test_note(bench, at);
        const char *next = portico_test_attribute(bench, "a[rel=next]", "href");
        at = next ? text(bench, "%.*s%s", (int)strcspn(path, "?"), path, next) : NULL;
    }
}

static void walk_all(struct portico_bench *bench)
{
    static const char *const sorts[] = { "active", "newest", "votes", "unanswered" };
    static const char *const lists[] = { "/communities/docks", "/communities/desk",
                                         "/communities/tags/tides" };
    static const char *const plain[] = { "/communities",
                                         "/communities/tags",
                                         "/communities/feed.atom",
                                         "/communities/docks/feed.rss",
                                         "/communities/tags/tides/feed.atom",
                                         "/api/communities/v1/tags",
                                         "/api/communities/v1/topics",
                                         "/api/communities/v1/topics?sort=votes",
                                         "/api/communities/v1/topics?sort=unanswered" };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t j = 0; j < sizeof sorts / sizeof *sorts; j++)
            walk(bench, text(bench, "%s?sort=%s", lists[i], sorts[j]));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        walk(bench, plain[i]);
}

static void every_list_is_read_by_every_kind_of_viewer(struct portico_bench *bench)
{
    portico_id northwind = portico_test_account(bench, "Northwind");
    portico_id lena = portico_test_person(bench, "lena", NULL);
    portico_id adm = portico_test_person(bench, "adm", "admin");
    portico_test_join(bench, northwind, lena, NULL);
    portico_test_set(bench, "page_size", "5");
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_set(bench, "questions_an_hour", "100");
    portico_test_act(bench, adm, 0);
    new_space(bench, "Docks", "everyone", 0);
    new_space(bench, "Desk", "signed-in", 1);
    portico_test_act(bench, lena, northwind);
    for (int i = 0; i < 8; i++)
        ask(bench, i % 2 ? "desk" : "docks", text(bench, "Which tide is number %d today?", i));
    walk_all(bench);
    walk(bench, "/communities/mine");
    walk(bench, "/communities/people/lena");
    walk(bench, "/communities?accounts=all");
    portico_test_act(bench, adm, 0);
    walk_all(bench);
    portico_test_as(bench, 0, "communities.read");
    walk(bench, "/communities/docks?sort=active");
    walk(bench, "/communities/tags");
}

static const struct portico_test tests[] = {
    { .name = "Every list is read by every kind of viewer",
      .run = every_list_is_read_by_every_kind_of_viewer,
      .deadline_ms = 60000 },
};
PORTICO_EXPORT_TESTS(tests)
