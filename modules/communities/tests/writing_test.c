/* Tests of writing in a community: asking, answering, commenting, editing; what is counted, found
 * and kept of it. */
#include <portico/test.h>

#include <stdio.h>

#include "diff.h"

#define MEMBER "communities.read communities.write portico.unlimited"
#define ADA 101
#define BEN 102

static const char *text(struct portico_bench *bench, const char *format, ...)
{
    va_list arguments;
    struct portico_context *context = portico_test_context(bench);
    va_start(arguments, format);
    char *made = context->api->vprintf(context, format, arguments);
    va_end(arguments);
    return made ? made : "";
}

static void execute(struct portico_bench *bench, const char *sql,
                    const struct portico_argument *arguments, size_t count)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_execute(portico_db(portico_test_context(bench)), sql, arguments, count, NULL,
                               &error);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_TEXT(bench, error.message, "");
}

/* The first row's column n. */
static int64_t number(struct portico_bench *bench, const char *sql)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(portico_test_context(bench)), sql, PORTICO_NO_ARGS,
                                 &row, &error);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_TEXT(bench, error.message, "");
    return portico_get_integer(row, "n", -1);
}

#define READ "{unfiltered the test counts} "

static void open_space(struct portico_bench *bench, const char *slug, portico_id audience)
{
    struct portico_argument now = portico_arg_time(portico_test_now(bench));
    execute(bench,
            "INSERT INTO communities_space (id, audience, slug, title, description, topics,\n"
            "    answers, solved, last_activity, created)\n"
            "VALUES (?, ?, ?, ?, ?, 0, 0, 0, ?, ?)",
            PORTICO_ARGS(portico_arg_id(portico_new_id(portico_test_context(bench))),
                         portico_arg_id(audience), portico_arg_text(slug), portico_arg_text(slug),
                         portico_arg_text("A space of the test."), now, now));
}

/* Nobody here is new, so that nothing is held back. */
static void settle(struct portico_bench *bench)
{
    open_space(bench, "harbour", PORTICO_AUDIENCE_EVERYONE);
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_as(bench, ADA, MEMBER);
}

static const char question[] =
    "{\"space\":\"harbour\",\"title\":\"Who assigns a berth at night?\",\"tags\":[\"Berths\","
    "\"pilots\"],\"body\":\"The office is **closed** after ten, and nobody answers.\"}";

/* What one may send to the API; the id of what was made. */
static const char *sent(struct portico_bench *bench, const char *path, const char *json)
{
    portico_test_json_request(bench, "POST", path, json);
    PORTICO_CHECK_STATUS(bench, 201);
    const char *id = portico_test_json_text(bench, "id");
    PORTICO_CHECK(bench, id != NULL);
    return text(bench, "%s", id ? id : "0");
}

static const char *ask(struct portico_bench *bench)
{
    return sent(bench, "/api/communities/v1/topics", question);
}

static const char *answer(struct portico_bench *bench, const char *topic, const char *words)
{
    return sent(bench, text(bench, "/api/communities/v1/topics/%s/answers", topic),
                text(bench, "{\"body\":\"%s\"}", words));
}

static const char *question_of(struct portico_bench *bench, const char *topic)
{
    portico_test_get(bench, text(bench, "/api/communities/v1/topics/%s", topic));
    const char *id = portico_test_json_text(bench, "posts.0.id");
    return text(bench, "%s", id ? id : "0");
}

static uint32_t patch(struct portico_bench *bench, const char *target, const char *match,
                      const char *json)
{
    struct portico_test_request request = {
        .size = sizeof request,
        .method = "PATCH",
        .target = target,
        .fields = match ? text(bench, "If-Match: %s", match) : NULL,
        .media_type = "application/json",
        .body = json,
        .body_length = strlen(json),
    };
    return portico_test_send(bench, &request);
}

/* ---- asking ---- */

static void a_question_is_asked_through_the_api(struct portico_bench *bench)
{
    settle(bench);
    const char *id = ask(bench);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "location"),
                        text(bench, "/api/communities/v1/topics/%s", id));
    portico_test_get(bench, text(bench, "/api/communities/v1/topics/%s", id));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "title"),
                       "Who assigns a berth at night?");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "open");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "tags.0"), "berths");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "excerpt"),
                       "The office is closed after ten, and nobody answers.");
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "posts.0.body"),
                        "<strong>closed</strong>");
}

static void a_question_is_counted_and_found(struct portico_bench *bench)
{
    settle(bench);
    ask(bench);
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "1");
    portico_test_get(bench, "/api/communities/v1/tags?q=PIL");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.name"), "pilots");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.1.name"), NULL);
    portico_test_get(bench, "/api/communities/v1/search?q=closed+office");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.title"),
                       "Who assigns a berth at night?");
    PORTICO_CHECK_INTEGER(bench, number(bench, "SELECT posts AS n FROM communities_author"), 1);
}

static void a_page_asks_with_the_values_kept(struct portico_bench *bench)
{
    settle(bench);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/ask?space=harbour"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Ask a question");
    portico_test_post(bench, "/communities/ask",
                      "portico_form=ask&space=harbour&title=Short&tags=a&body=Kept+words+here.");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "textarea"), "Kept words here.");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "input[name=title][aria-invalid=true]"),
                          1);
    portico_test_post(bench, "/communities/ask",
                      "portico_form=ask&space=harbour&title=How+do+I+moor%3F&tags=ropes"
                      "&body=Which+rope+goes+first%3F");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "location"), "/how-do-i-moor");
    PORTICO_REQUIRE(bench, portico_test_header(bench, "location"));
    portico_test_get(bench, portico_test_header(bench, "location"));
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "How do I moor?");
}

static void who_is_not_signed_in_cannot_write(struct portico_bench *bench)
{
    settle(bench);
    const char *id = ask(bench);
    portico_test_as(bench, 0, NULL);
    portico_test_json_request(bench, "POST", "/api/communities/v1/topics", question);
    PORTICO_CHECK(bench, portico_test_status(bench) == 401 || portico_test_status(bench) == 403);
    portico_test_get(bench, text(bench, "/communities/topics/%s", id));
    PORTICO_REQUIRE(bench, portico_test_header(bench, "location"));
    portico_test_get(bench, portico_test_header(bench, "location"));
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "form.form textarea"), 0);
    PORTICO_CHECK_INTEGER(bench, number(bench, READ "SELECT COUNT(*) AS n FROM communities_topic"),
                          1);
}

static void a_closed_space_takes_no_question(struct portico_bench *bench)
{
    settle(bench);
    execute(bench, "{unfiltered the test closes it} UPDATE communities_space SET closed = ?",
            PORTICO_ARGS(portico_arg_boolean(1)));
    portico_test_json_request(bench, "POST", "/api/communities/v1/topics", question);
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "errors.0.field"), "space");
}

static void a_space_one_does_not_see_takes_no_question(struct portico_bench *bench)
{
    settle(bench);
    execute(bench, "{unfiltered the test hides it} UPDATE communities_space SET audience = ?",
            PORTICO_ARGS(portico_arg_id(PORTICO_AUDIENCE_STAFF)));
    portico_test_json_request(bench, "POST", "/api/communities/v1/topics", question);
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_INTEGER(bench, number(bench, READ "SELECT COUNT(*) AS n FROM communities_topic"),
                          0);
}

static void tags_are_words_that_fit_an_address(struct portico_bench *bench)
{
    settle(bench);
    portico_test_json_request(
        bench, "POST", "/api/communities/v1/topics",
        "{\"space\":\"harbour\",\"title\":\"Where is the pier?\",\"body\":\"I cannot find it.\","
        "\"tags\":[\"<script>\"]}");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "errors.0.field"), "tags");
    portico_test_json_request(
        bench, "POST", "/api/communities/v1/topics",
        "{\"space\":\"harbour\",\"title\":\"Where is the pier?\",\"body\":\"I cannot find it.\","
        "\"tags\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}");
    PORTICO_CHECK_STATUS(bench, 422);
}

static void similar_questions_are_shown_before_asking(struct portico_bench *bench)
{
    settle(bench);
    ask(bench);
    portico_test_get(bench, "/api/communities/v1/similar?q=Which+berth+assigns+the+night%3F");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.title"),
                       "Who assigns a berth at night?");
    portico_test_get(bench, "/api/communities/v1/similar?q=What+colour+has+the+sea%3F");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.title"), NULL);
    const char fields[] = "portico_form=ask&space=harbour&title=Who+assigns+berths+at+night%3F"
                          "&tags=berths&body=Nobody+picks+up+the+phone.";
    portico_test_post(bench, "/communities/ask", fields);
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.links a"),
                        "Who assigns a berth at night?");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "textarea"),
                        "Nobody picks up the phone.");
    portico_test_post(bench, "/communities/ask",
                      text(bench, "%s&seen=%s", fields,
                           portico_test_attribute(bench, "input[name=seen]", "value")));
    PORTICO_CHECK_STATUS(bench, 303);
}

/* ---- answering and commenting ---- */

static void an_answer_is_counted_and_moves_the_topic_up(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    portico_test_advance(bench, 60);
    portico_test_as(bench, BEN, MEMBER);
    answer(bench, topic, "Call the pilot station on channel twelve.");
    portico_test_get(bench, text(bench, "/api/communities/v1/topics/%s", topic));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "answered");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "answers"), "1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "last_activity"),
                       portico_time_text(portico_test_context(bench), portico_test_now(bench)));
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.answers"), "1");
    portico_test_get(bench, "/api/communities/v1/search?q=channel+twelve");
    PORTICO_CHECK(bench, portico_test_json_text(bench, "items.0.id") != NULL);
    PORTICO_CHECK_INTEGER(
        bench, number(bench, READ "SELECT state AS n FROM communities_topic_tag LIMIT 1"), 1);
}

static void the_page_of_a_topic_takes_an_answer(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *path = text(bench, "/communities/topics/%s", topic);
    portico_test_get(bench, text(bench, "%s/who-assigns-a-berth-at-night", path));
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "#answer textarea"), 1);
    portico_test_post(bench, path, "portico_form=answer&body=Too+short");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Who assigns a berth at night?");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "#answer textarea"), "Too short");
    portico_test_post(bench, path, "portico_form=answer&body=Ask+at+the+lock%2C+they+know.");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "location"), "#post-");
}

static void a_closed_topic_takes_no_answer(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    execute(bench, "{unfiltered the test closes it} UPDATE communities_topic SET closed = ?",
            PORTICO_ARGS(portico_arg_boolean(1)));
    portico_test_json_request(bench, "POST",
                              text(bench, "/api/communities/v1/topics/%s/answers", topic),
                              "{\"body\":\"Call the pilot station.\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "errors.0.detail"), "closed");
    PORTICO_CHECK_INTEGER(bench, number(bench, READ "SELECT COUNT(*) AS n FROM communities_post"),
                          1);
}

static void comments_stand_below_their_post(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *first = answer(bench, topic, "Call the pilot station on channel twelve.");
    const char *path = text(bench, "/communities/posts/%s/comments", first);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, path), 200);
    portico_test_post(bench, path, "portico_form=comment&body=");
    PORTICO_CHECK_STATUS(bench, 422);
    portico_test_post(bench, path, "portico_form=comment&body=They+answered+at+once.");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, text(bench, "/api/communities/v1/topics/%s", topic));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "comments"), "1");
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "posts.1.comments.0.body"),
                        "They answered at once.");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "posts.0.comments.0.body"), NULL);
}

static void what_is_written_stays_text(struct portico_bench *bench)
{
    settle(bench);
    const char *topic =
        sent(bench, "/api/communities/v1/topics",
             "{\"space\":\"harbour\",\"title\":\"<script>alert(1)</script> in a title\","
             "\"body\":\"<script>alert(2)</script> <img src=x onerror=alert(3)> "
             "[x](javascript:alert(4)) and words\"}");
    answer(bench, topic, "<svg onload=alert(5)> and enough words to send it");
    portico_test_get(bench, text(bench, "/communities/topics/%s", topic));
    PORTICO_REQUIRE(bench, portico_test_header(bench, "location"));
    portico_test_get(bench, portico_test_header(bench, "location"));
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "h1"), "<script>alert(1)</script>");
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "<script>alert"));
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "<svg onload"));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main img"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main a[href=javascript:alert(4)]"), 0);
}

/* ---- editing ---- */

static void an_edit_is_made_from_the_version_read(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *path = text(bench, "/api/communities/v1/posts/%s", question_of(bench, topic));
    const char *words = "{\"body\":\"The office is closed after nine, I was told.\"}";
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, NULL, words), 428);
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, "\"7\"", words), 412);
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, "\"0\"", words), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "version"), "1");
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, "\"0\"", words), 412);
    portico_test_get(bench, path);
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "source"), "after nine");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "version"), "1");
}

static void an_edit_of_title_and_tags_moves_address_and_counts(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *path = text(bench, "/api/communities/v1/posts/%s", question_of(bench, topic));
    patch(bench, path, "*", "{\"title\":\"Who gives out berths at night?\",\"tags\":[\"pilots\"]}");
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_get(bench, text(bench, "/communities/topics/%s/who-assigns-a-berth", topic));
    PORTICO_CHECK_STATUS(bench, 301);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "location"),
                        "/who-gives-out-berths-at-night");
    PORTICO_CHECK_INTEGER(
        bench, number(bench, READ "SELECT topics AS n FROM communities_tag WHERE name = 'berths'"),
        0);
    PORTICO_CHECK_INTEGER(
        bench, number(bench, READ "SELECT topics AS n FROM communities_tag WHERE name = 'pilots'"),
        1);
    PORTICO_CHECK_INTEGER(bench,
                          number(bench, READ "SELECT COUNT(*) AS n FROM communities_topic_tag"), 1);
}

static void others_do_not_edit_what_one_wrote(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *path = text(bench, "/api/communities/v1/posts/%s", question_of(bench, topic));
    portico_test_as(bench, BEN, MEMBER);
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, "*", "{\"body\":\"Something else.....\"}"),
                          403);
    portico_test_as(bench, BEN, MEMBER " communities.edit_others");
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, "*", "{\"body\":\"Something else.....\"}"),
                          200);
}

static void the_history_shows_what_changed(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *post = question_of(bench, topic);
    const char *path = text(bench, "/communities/posts/%s", post);
    portico_test_get(bench, text(bench, "%s/history", path));
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "div.empty b"), "never edited");
    portico_test_post(bench, text(bench, "%s/edit", path),
                      "portico_form=edit&version=0&title=Who+assigns+a+berth+at+night%3F"
                      "&tags=berths&body=The+office+is+**open**+after+ten%2C+and+nobody+answers."
                      "&note=It+opened");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, text(bench, "%s/history", path)), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "div.diff del"), "closed");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "div.diff ins"), "open");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "It opened");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main section.card"), 2);
    portico_test_get(bench, text(bench, "%s/history?view=side", path));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "div.sides div.diff"), 2);
    portico_test_get(bench, text(bench, "/api/communities/v1/posts/%s/revisions", post));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.number"), "1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.note"), "It opened");
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "items.1.source"), "**closed**");
}

static void an_edit_of_an_old_version_is_offered_again(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *path = text(bench, "/communities/posts/%s/edit", question_of(bench, topic));
    const char *fields = "portico_form=edit&title=Who+assigns+a+berth+at+night%3F&tags=berths";
    portico_test_post(bench, path,
                      text(bench, "%s&version=0&body=Text+of+the+first+editor.", fields));
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_post(bench, path,
                      text(bench, "%s&version=0&body=Text+of+the+second+editor.", fields));
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "textarea"),
                        "Text of the second editor.");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "input[name=version]", "value"), "1");
    portico_test_post(bench, path,
                      text(bench, "%s&version=1&body=Text+of+the+second+editor.", fields));
    PORTICO_CHECK_STATUS(bench, 303);
}

static void a_comment_is_edited_from_the_version_read(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *comment =
        sent(bench, text(bench, "/api/communities/v1/posts/%s/comments", question_of(bench, topic)),
             "{\"body\":\"Same here.\"}");
    const char *path = text(bench, "/api/communities/v1/comments/%s", comment);
    portico_test_get(bench, path);
    const char *version = text(bench, "\"%s\"", portico_test_json_text(bench, "version"));
    portico_test_advance(bench, 5);
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, version, "{\"body\":\"Not any more.\"}"), 200);
    PORTICO_CHECK_INTEGER(bench, patch(bench, path, version, "{\"body\":\"Or is it?\"}"), 412);
    portico_test_get(bench, path);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "source"), "Not any more.");
}

static void what_a_comment_said_stays(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *comment =
        sent(bench, text(bench, "/api/communities/v1/posts/%s/comments", question_of(bench, topic)),
             "{\"body\":\"The **north** pier.\"}");
    const char *api = text(bench, "/api/communities/v1/comments/%s", comment);
    const char *page = text(bench, "/communities/comments/%s", comment);
    portico_test_get(bench, text(bench, "%s/history", page));
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "div.empty b"), "never edited");
    portico_test_get(bench,
                     text(bench, "/communities/topics/%s/who-assigns-a-berth-at-night", topic));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.comments a[aria-label]"), 0);
    portico_test_advance(bench, 5);
    PORTICO_CHECK_INTEGER(bench, patch(bench, api, "*", "{\"body\":\"The **south** pier.\"}"), 200);
    portico_test_as(bench, BEN, MEMBER " communities.edit_others");
    portico_test_advance(bench, 5);
    PORTICO_CHECK_INTEGER(bench, patch(bench, api, "*", "{\"body\":\"The **south** quay.\"}"), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, text(bench, "%s/history", page)), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "History of the comment");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "main section.card"), 3);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "div.diff del"), "pier");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "div.diff ins"), "quay");
    portico_test_get(bench,
                     text(bench, "/communities/topics/%s/who-assigns-a-berth-at-night", topic));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.comments a[aria-label]"), 1);
    portico_test_get(bench, text(bench, "%s/revisions", api));
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.number"), "2");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.1.source"),
                       "The **south** pier.");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.2.source"),
                       "The **north** pier.");
    /* Under its own address alone: a comment is no post. */
    PORTICO_CHECK_INTEGER(
        bench, portico_test_get(bench, text(bench, "/communities/posts/%s/history", comment)), 404);
    PORTICO_CHECK_INTEGER(bench,
                          portico_test_get(bench, text(bench, "/communities/comments/%s/history",
                                                       question_of(bench, topic))),
                          404);
    /* What is taken away takes its past along, but for its author and moderators. */
    portico_test_as(bench, ADA, MEMBER);
    portico_test_json_request(bench, "POST", text(bench, "%s/remove", api), "{}");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, text(bench, "%s/revisions", api)), 200);
    portico_test_as(bench, BEN, MEMBER " communities.edit_others");
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, text(bench, "%s/revisions", api)), 404);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, text(bench, "%s/history", page)), 404);
}

/* ---- sending once ---- */

static void a_form_sent_again_makes_one_thing(struct portico_bench *bench)
{
    settle(bench);
    const char *topic = ask(bench);
    const char *path = text(bench, "/communities/topics/%s", topic);
    const char *fields = "portico_form=answer&portico_key=one-key&body=Ask+at+the+lock+by+day.";
    for (int i = 0; i < 5; i++) {
        portico_test_post(bench, path, fields);
        PORTICO_CHECK_STATUS(bench, 303);
    }
    PORTICO_CHECK_INTEGER(
        bench, number(bench, READ "SELECT COUNT(*) AS n FROM communities_post WHERE kind = 2"), 1);
    PORTICO_CHECK_INTEGER(bench, number(bench, READ "SELECT answers AS n FROM communities_topic"),
                          1);
}

/* ---- what differs ---- */

struct sides {
    char before[512], after[512];
    size_t changed;
};

static void add_side(void *data, enum diff_kind kind, const char *words, size_t length)
{
    struct sides *sides = data;
    if (kind != DIFF_ADDED)
        strncat(sides->before, words, length);
    if (kind != DIFF_REMOVED)
        strncat(sides->after, words, length);
    sides->changed += kind != DIFF_SAME ? length : 0;
}

static void a_difference_holds_both_texts(struct portico_bench *bench)
{
    static const char *const pairs[][2] = {
        { "", "" },
        { "", "all new" },
        { "all gone", "" },
        { "the quick brown fox", "the slow red fox jumps" },
        { "one\ntwo\nthree\n", "one\nthree\nfour\n" },
        { "Schöne Grüße, Zoë", "Schönste Grüße an Zoë" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct sides sides = { .changed = 0 };
        PORTICO_CHECK_INTEGER(bench, diff_words(pairs[i][0], pairs[i][1], add_side, &sides), 0);
        PORTICO_CHECK_TEXT(bench, sides.before, pairs[i][0]);
        PORTICO_CHECK_TEXT(bench, sides.after, pairs[i][1]);
    }
}

static void count_changed(void *data, enum diff_kind kind, const char *words, size_t length)
{
    (void)words;
    *(size_t *)data += kind != DIFF_SAME ? length : 0;
}

static void a_small_change_of_a_long_text_is_small(struct portico_bench *bench)
{
    char *before = portico_alloc(portico_test_context(bench), 60001);
    char *after = portico_alloc(portico_test_context(bench), 60001);
    size_t changed = 0;
    PORTICO_REQUIRE(bench, before && after);
    for (int i = 0; i < 60000; i++)
        before[i] = "ab cd ef. gh\n"[(i * 7 + i / 13) % 13];
    memcpy(after, before, 60000);
    memcpy(after + 30000, "XXXX", 4);
    PORTICO_CHECK_INTEGER(bench, diff_words(before, after, count_changed, &changed), 0);
    PORTICO_CHECK(bench, changed > 0 && changed < 40);
}

static void texts_without_anything_in_common_are_replaced(struct portico_bench *bench)
{
    char *before = portico_alloc(portico_test_context(bench), 30001);
    char *after = portico_alloc(portico_test_context(bench), 30001);
    size_t changed = 0;
    PORTICO_REQUIRE(bench, before && after);
    for (int i = 0; i < 30000; i++) {
        before[i] = i % 2 ? '.' : 'a';
        after[i] = i % 2 ? '!' : 'b';
    }
    PORTICO_CHECK_INTEGER(bench, diff_words(before, after, count_changed, &changed), 0);
    PORTICO_CHECK_INTEGER(bench, changed, 60000);
}

#define TEST(words, function)                                                                      \
    {                                                                                              \
        .name = words, .run = function, .deadline_ms = 60000                                       \
    }
static const struct portico_test tests[] = {
    TEST("A question is asked through the API", a_question_is_asked_through_the_api),
    TEST("A question is counted and found", a_question_is_counted_and_found),
    TEST("A page asks, with the values kept", a_page_asks_with_the_values_kept),
    TEST("Who is not signed in cannot write", who_is_not_signed_in_cannot_write),
    TEST("A closed space takes no question", a_closed_space_takes_no_question),
    TEST("A space one does not see takes no question", a_space_one_does_not_see_takes_no_question),
    TEST("Tags are words that fit an address", tags_are_words_that_fit_an_address),
    TEST("Similar questions are shown before asking", similar_questions_are_shown_before_asking),
    TEST("An answer is counted and moves the topic up",
         an_answer_is_counted_and_moves_the_topic_up),
    TEST("The page of a topic takes an answer", the_page_of_a_topic_takes_an_answer),
    TEST("A closed topic takes no answer", a_closed_topic_takes_no_answer),
    TEST("Comments stand below their post", comments_stand_below_their_post),
    TEST("What is written stays text", what_is_written_stays_text),
    TEST("An edit is made from the version read", an_edit_is_made_from_the_version_read),
    TEST("An edit of title and tags moves address and counts",
         an_edit_of_title_and_tags_moves_address_and_counts),
    TEST("Others do not edit what one wrote", others_do_not_edit_what_one_wrote),
    TEST("The history shows what changed", the_history_shows_what_changed),
    TEST("What a comment said stays", what_a_comment_said_stays),
    TEST("An edit of an old version is offered again", an_edit_of_an_old_version_is_offered_again),
    TEST("A comment is edited from the version read", a_comment_is_edited_from_the_version_read),
    TEST("A form sent again makes one thing", a_form_sent_again_makes_one_thing),
    TEST("A difference holds both texts", a_difference_holds_both_texts),
    TEST("A small change of a long text is small", a_small_change_of_a_long_text_is_small),
    TEST("Texts without anything in common are replaced",
         texts_without_anything_in_common_are_replaced),
};
PORTICO_EXPORT_TESTS(tests)
