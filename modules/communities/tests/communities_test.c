/* Tests of the communities: pages, feeds, API, search, import, settings, who sees what. */
#include <portico/test.h>

#include <stdio.h>

/* A small community of our own writing: three questions, one solved, one answered, one open. */
static const char harbour[] =
    "<community space=\"harbour\" title=\"Harbour\" description=\"Berths and tides.\">\n"
    "<person key=\"ines\" name=\"Ines Vale\" company=\"Northlight\"/>\n"
    "<person key=\"oskar\" name=\"Oskar Lind\"/>\n"
    "<question id=\"1\" author=\"ines\" age=\"3d\" active=\"1d\" score=\"9\" views=\"40\" "
    "tags=\"berths pilots\" accepted=\"2\" title=\"Who assigns a berth at night?\">"
    "The office is **closed** after ten.</question>\n"
    "<answer id=\"2\" to=\"1\" author=\"oskar\" age=\"2d\" score=\"5\">Call the *pilot* station."
    "</answer>\n"
    "<answer id=\"3\" to=\"1\" author=\"ines\" age=\"1d\" score=\"1\">It rang for an "
    "hour.</answer>\n"
    "<comment id=\"1\" to=\"2\" author=\"ines\" age=\"1d\" score=\"2\">They answered at "
    "once.</comment>\n"
    "<question id=\"4\" author=\"oskar\" age=\"2d\" active=\"2h\" score=\"2\" views=\"7\" "
    "tags=\"tides\" title=\"Where do I read the tide "
    "table?\">&lt;script&gt;alert(1)&lt;/script&gt; "
    "I only find last year's.</question>\n"
    "<answer id=\"5\" to=\"4\" author=\"ines\" age=\"2h\" score=\"0\">On the pier.</answer>\n"
    "<question id=\"6\" author=\"oskar\" age=\"1d\" active=\"1d\" score=\"4\" views=\"3\" "
    "tags=\"berths\" title=\"Is there power at berth nine?\">For a small boat.</question>\n"
    "</community>\n";

static void fill(struct portico_bench *bench)
{
    portico_test_file(bench, "harbour.xml", harbour);
    int code = portico_test_import(bench, "demo", portico_test_file(bench, NULL, NULL), NULL);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_TEXT(bench, portico_test_message(bench), "");
}

/* The id of the first topic that a list of the API names. */
static const char *first_id(struct portico_bench *bench, const char *list)
{
    portico_test_get(bench, list);
    const char *id = portico_test_json_text(bench, "items.0.id");
    return id ? id : "0";
}

static const char *join(struct portico_bench *bench, const char *before, const char *id)
{
    char *text = portico_printf(portico_test_context(bench), "%s%s", before, id);
    return text ? text : before;
}

/* ---- pages ---- */

static void an_empty_community_says_so(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "Community");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "div.empty b"), "No questions yet");
}

static void the_first_page_shows_the_newest_questions(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, ".w8 ul.rows b"),
                       "Is there power at berth nine?");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".w8 ul.rows li"), 3);
}

static void a_space_lists_its_questions_by_activity(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/harbour"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "main h1"), "Harbour");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "ul.rows b a"),
                       "Where do I read the tide table?");
}

static void a_space_is_sorted_by_votes_on_demand(struct portico_bench *bench)
{
    fill(bench);
    portico_test_get(bench, "/communities/harbour?sort=votes");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "ul.rows b a"),
                       "Who assigns a berth at night?");
}

static void unanswered_questions_stand_alone(struct portico_bench *bench)
{
    fill(bench);
    portico_test_get(bench, "/communities/harbour?sort=unanswered");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.phone-stack li"), 1);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "ul.phone-stack b"),
                       "Is there power at berth nine?");
}

static void a_space_that_is_not_there_is_not_found(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/nowhere"), 404);
}

static void a_topic_shows_its_answers_accepted_first(struct portico_bench *bench)
{
    fill(bench);
    const char *id = first_id(bench, "/api/communities/v1/topics?sort=votes");
    portico_test_get(bench, join(bench, "/communities/topics/", id));
    PORTICO_CHECK_STATUS(bench, 301);
    const char *path = portico_test_header(bench, "location");
    PORTICO_REQUIRE(bench, path != NULL);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, path), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Who assigns a berth at night?");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Call the <em>pilot</em> station.");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "They answered at once.");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "2 answers");
}

static void markup_that_people_write_stays_text(struct portico_bench *bench)
{
    fill(bench);
    const char *id = first_id(bench, "/api/communities/v1/topics?sort=active");
    portico_test_get(bench, join(bench, "/communities/topics/", id));
    const char *path = portico_test_header(bench, "location");
    PORTICO_REQUIRE(bench, path != NULL);
    portico_test_get(bench, path);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "h1"), "tide table");
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "<script>alert"));
}

static void a_topic_that_is_not_there_is_not_found(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/topics/17"), 404);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/topics/seventeen"), 404);
}

static void tags_are_listed_the_most_used_first(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/tags"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "a.tile b"), "berths");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "a.tile"), 3);
}

static void a_tag_lists_its_questions(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/tags/berths"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "berths");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.phone-stack li"), 2);
}

static void pages_speak_the_readers_language(struct portico_bench *bench)
{
    const struct portico_test_viewer reader = { .size = sizeof reader, .locale = "de" };
    portico_test_as_viewer(bench, &reader);
    portico_test_get(bench, "/communities/tags");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "html", "lang"), "de");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Schlagworte");
}

/* ---- search and feeds ---- */

static void search_finds_words_of_question_and_answers(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/search?q=tide"), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.hits li"), 1);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "ul.hits h2"),
                       "Where do I read the tide table?");
}

static void search_without_a_hit_says_so(struct portico_bench *bench)
{
    fill(bench);
    portico_test_get(bench, "/communities/search?q=volcano");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "div.empty b"), "volcano");
}

static void the_feed_holds_the_newest_questions(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/feed.atom"), 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "content-type"), "application/atom+xml");
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "Is there power at berth nine?");
}

static void a_feed_of_a_space_that_is_not_there_is_not_found(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/nowhere/feed.atom"), 404);
}

/* ---- API ---- */

static void the_api_lists_spaces(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/api/communities/v1/spaces"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.slug"), "harbour");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "3");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.solved"), "1");
}

static void the_api_pages_by_cursor(struct portico_bench *bench)
{
    fill(bench);
    portico_test_get(bench, "/api/communities/v1/topics?limit=2&sort=newest");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.title"),
                       "Is there power at berth nine?");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.2.title"), NULL);
    const char *next = portico_test_json_text(bench, "next");
    PORTICO_REQUIRE(bench, next != NULL);
    portico_test_get(bench,
                     join(bench, "/api/communities/v1/topics?limit=2&sort=newest&cursor=", next));
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.title"),
                       "Who assigns a berth at night?");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.1.title"), NULL);
}

static void the_api_refuses_a_limit_that_does_not_fit(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/api/communities/v1/topics?limit=0"),
                          400);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "content-type"),
                        "application/problem+json");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "detail"),
                       "Give a number from 1 to 100.");
}

static void the_api_gives_only_the_fields_asked_for(struct portico_bench *bench)
{
    fill(bench);
    portico_test_get(bench, "/api/communities/v1/topics?fields=title");
    PORTICO_CHECK(bench, portico_test_json_text(bench, "items.0.id") != NULL);
    PORTICO_CHECK(bench, portico_test_json_text(bench, "items.0.title") != NULL);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.score"), NULL);
}

static void the_api_shows_a_question_with_its_posts(struct portico_bench *bench)
{
    fill(bench);
    const char *id = first_id(bench, "/api/communities/v1/topics?sort=votes");
    portico_test_get(bench, join(bench, "/api/communities/v1/topics/", id));
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "solved");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "posts.1.accepted"), "true");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "posts.1.author"), "Oskar Lind");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "posts.3.id"), NULL);
}

/* ---- import ---- */

static void an_import_that_runs_again_changes_nothing(struct portico_bench *bench)
{
    fill(bench);
    fill(bench);
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "3");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.1.slug"), NULL);
}

static void
an_import_of_a_broken_file_names_the_line_and_leaves_nothing(struct portico_bench *bench)
{
    portico_test_file(bench, "broken.xml",
                      "<community space=\"a\" title=\"A\" description=\"B\">\n<riddle/>\n");
    int code = portico_test_import(bench, "demo", portico_test_file(bench, NULL, NULL), NULL);
    PORTICO_CHECK_INTEGER(bench, code, PORTICO_EINVAL);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "broken.xml, line 2");
    portico_test_get(bench, "/api/communities/v1/topics");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.id"), NULL);
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.slug"), NULL);
}

static void ages_of_an_import_count_back_from_now(struct portico_bench *bench)
{
    struct portico_context *context = portico_test_context(bench);
    fill(bench);
    portico_test_get(bench, "/api/communities/v1/topics?sort=newest");
    portico_time day = INT64_C(86400) * 1000000;
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.created"),
                       portico_time_text(context, portico_test_now(bench) - day));
}

/* ---- settings and permissions ---- */

static void the_page_size_is_a_setting(struct portico_bench *bench)
{
    fill(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "page_size", "4"), PORTICO_EINVAL);
    PORTICO_CHECK_INTEGER(bench, portico_test_set(bench, "page_size", "5"), 0);
    portico_test_get(bench, "/communities/harbour");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.phone-stack li"), 3);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "nav.pager a[rel=next]"), 0);
}

static void the_title_is_a_setting(struct portico_bench *bench)
{
    portico_test_get(bench, "/communities");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Quay talk");
}

/* Moves everything of the harbour to an audience that only staff belongs to. */
static void close_the_harbour(struct portico_bench *bench)
{
    static const char *const updates[] = {
        "{unfiltered the test closes a space} UPDATE communities_space SET audience = ?",
        "{unfiltered the test closes a space} UPDATE communities_topic SET audience = ?",
    };
    struct portico_db *db = portico_db(portico_test_context(bench));
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
        PORTICO_CHECK_INTEGER(bench,
                              portico_execute(db, updates[i],
                                              PORTICO_ARGS(portico_arg_id(PORTICO_AUDIENCE_STAFF)),
                                              NULL, &error),
                              0);
    PORTICO_CHECK_TEXT(bench, error.message, "");
}

static void a_closed_space_is_not_there_for_others(struct portico_bench *bench)
{
    static const int64_t staff[] = { PORTICO_AUDIENCE_STAFF };
    const struct portico_test_viewer insider = {
        .size = sizeof insider, .person = 7, .sees = staff, .sees_count = 1
    };
    fill(bench);
    close_the_harbour(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/harbour"), 404);
    portico_test_as(bench, 8, "communities.read");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/harbour"), 404);
    portico_test_as_viewer(bench, &insider);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/harbour"), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.phone-stack li"), 3);
}

#define TEST(words, function)                                                                      \
    {                                                                                              \
        .name = words, .run = function                                                             \
    }
static const struct portico_test tests[] = {
    TEST("An empty community says so", an_empty_community_says_so),
    TEST("The first page shows the newest questions", the_first_page_shows_the_newest_questions),
    TEST("A space lists its questions by activity", a_space_lists_its_questions_by_activity),
    TEST("A space is sorted by votes on demand", a_space_is_sorted_by_votes_on_demand),
    TEST("Unanswered questions stand alone", unanswered_questions_stand_alone),
    TEST("A space that is not there is not found", a_space_that_is_not_there_is_not_found),
    TEST("A topic shows its answers, the accepted one first",
         a_topic_shows_its_answers_accepted_first),
    TEST("Markup that people write stays text", markup_that_people_write_stays_text),
    TEST("A topic that is not there is not found", a_topic_that_is_not_there_is_not_found),
    TEST("Tags are listed, the most used first", tags_are_listed_the_most_used_first),
    TEST("A tag lists its questions", a_tag_lists_its_questions),
    TEST("Pages speak the reader's language", pages_speak_the_readers_language),
    TEST("Search finds words of a question", search_finds_words_of_question_and_answers),
    TEST("Search without a hit says so", search_without_a_hit_says_so),
    TEST("The feed holds the newest questions", the_feed_holds_the_newest_questions),
    TEST("A feed of a space that is not there is not found",
         a_feed_of_a_space_that_is_not_there_is_not_found),
    TEST("The API lists spaces", the_api_lists_spaces),
    TEST("The API pages by cursor", the_api_pages_by_cursor),
    TEST("The API refuses a limit that does not fit", the_api_refuses_a_limit_that_does_not_fit),
    TEST("The API gives only the fields asked for", the_api_gives_only_the_fields_asked_for),
    TEST("The API shows a question with its posts", the_api_shows_a_question_with_its_posts),
    TEST("An import that runs again changes nothing", an_import_that_runs_again_changes_nothing),
    TEST("An import of a broken file names the line and leaves nothing",
         an_import_of_a_broken_file_names_the_line_and_leaves_nothing),
    TEST("Ages of an import count back from now", ages_of_an_import_count_back_from_now),
    TEST("The page size is a setting", the_page_size_is_a_setting),
    { .name = "The title is a setting",
      .run = the_title_is_a_setting,
      .settings = "title = Quay talk" },
    TEST("A closed space is not there for others", a_closed_space_is_not_there_for_others),
};
PORTICO_EXPORT_TESTS(tests)
