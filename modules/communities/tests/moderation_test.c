/* Tests of what waits for moderators: what is held and why, that nobody else sees it anywhere,
 * reports, decisions and the log. */
#include "place.h"

static const char links[] = "See https://a.example/ and https://b.example/ and https://c.example/ "
                            "for berths.";

/* Ben's answer that is held: he is new here and wrote three links. */
static portico_id held_answer(struct portico_bench *bench, const struct place *place)
{
    portico_test_as(bench, place->ben, MEMBER);
    return answer(bench, place->topic, links);
}

static int shows(struct portico_bench *bench, const char *target, const char *words)
{
    portico_test_get(bench, target);
    return strstr(portico_test_body(bench, NULL), words) != NULL;
}

static void what_is_held_is_seen_by_its_author_and_moderators_alone(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    ask_for(bench, "harbour", "Cheapest moorings of the coast?", links);
    portico_id topic = sent_id(bench);
    const char *api_of_it = text(bench, "/api/communities/v1/topics/%lld", (long long)topic);
    static const char *const places[] = {
        "/communities",
        "/communities/harbour",
        "/communities/harbour?sort=unanswered",
        "/communities/tags/tides",
        "/communities/search?q=moorings",
        "/communities/feed.atom",
        "/communities/harbour/feed.atom",
        "/communities/tags/tides/feed.atom",
        "/api/communities/v1/topics",
        "/api/communities/v1/search?q=moorings",
        "/api/communities/v1/similar?q=Cheapest+moorings",
    };
    check_sums(bench);
    const portico_id others[] = { 0, place.ada };
    for (size_t who = 0; who < 2; who++) {
        portico_test_as(bench, others[who], others[who] ? MEMBER : "communities.read");
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            if (!PORTICO_CHECK(bench, !shows(bench, places[i], "Cheapest moorings of")))
                portico_test_note(bench, places[i]);
        PORTICO_CHECK_INTEGER(bench, open_topic(bench, topic), 404);
        PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, api_of_it), 404);
    }
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "1");
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, topic), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".hidden-note"), 1);
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, topic), 200);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", question_of(bench, topic), "approve", "{}"),
                          200);
    check_sums(bench);
    portico_test_as(bench, place.ada, MEMBER);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!PORTICO_CHECK(bench, shows(bench, places[i], "oorings")))
            portico_test_note(bench, places[i]);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, topic), 200);
}

static void a_held_answer_counts_once_it_is_approved(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_id held = held_answer(bench, &place);
    get(bench, "/api/communities/v1/topics/", place.topic);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "answers"), "2");
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, put(bench, "posts", held, "vote", "{\"value\":1}"), 404);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "flags", "{\"reason\":\"spam\"}"), 404);
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "posts", held, "approve", "{}");
    get(bench, "/api/communities/v1/topics/", place.topic);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "answers"), "3");
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "approve", "{}"), 409);
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "hold"), 1);
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "approve"), 1);
    check_sums(bench);
}

static void taking_what_is_held_away_and_putting_it_back_leaves_it_held(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_id held = held_answer(bench, &place);
    for (int i = 0; i < 2; i++) {
        PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "remove", "{}"), 200);
        PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "restore", NULL), 200);
        PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "status"), "held");
    }
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, get(bench, "/api/communities/v1/posts/", held), 404);
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK(bench,
                  shows(bench, "/communities/moderation", "A newcomer wrote it, with 3 links"));
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "approve", "{}"), 200);
    portico_test_as(bench, place.ben, MEMBER);
    post(bench, "posts", held, "remove", "{}");
    post(bench, "posts", held, "restore", NULL);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "status"), "shown");
    check_sums(bench);
}

/* The answer says something else now, whatever it said before. */
static uint32_t edit(struct portico_bench *bench, portico_id post, const char *json)
{
    struct portico_test_request request = {
        .size = sizeof request,
        .method = "PATCH",
        .target = text(bench, "/api/communities/v1/posts/%lld", (long long)post),
        .fields = "If-Match: *",
        .media_type = "application/json",
        .body = json,
        .body_length = strlen(json),
    };
    return portico_test_send(bench, &request);
}

static void an_edit_waits_like_what_is_new(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "blocked_words", "casino");
    portico_test_as(bench, place.ben, MEMBER);
    PORTICO_CHECK_INTEGER(
        bench, edit(bench, place.answer, "{\"body\":\"Come to the casino tonight.\"}"), 200);
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, get(bench, "/api/communities/v1/posts/", place.answer), 404);
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK(bench, shows(bench, "/communities/moderation", "casino"));
    check_sums(bench);
    post(bench, "posts", place.answer, "approve", "{}");
    portico_test_as(bench, place.ben, MEMBER);
    edit(bench, place.answer, "{\"body\":\"Come to the casino on the pier.\"}");
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, get(bench, "/api/communities/v1/posts/", place.answer), 200);
    check_sums(bench);
}

static void words_of_the_list_are_held_whoever_writes_them(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "blocked_words", "cheap watches, casino");
    portico_test_as(bench, place.dora, MEMBER);
    comment(bench, place.question, "Ask in the CASINO, they know.");
    comment(bench, place.question, "The casinos are closed at night.");
    PORTICO_CHECK_INTEGER(bench,
                          NUMBER(bench,
                                 "SELECT COUNT(*) AS n FROM communities_comment\n"
                                 "WHERE topic = ? AND status = 1",
                                 place.topic),
                          1);
    check_sums(bench);
}

static void the_same_words_twice_are_refused(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    answer(bench, place.topic, "There is one in the harbour office.");
    portico_id other = ask(bench, "shipyard", "Where is the harbour office?");
    post(bench, "topics", other, "answers", "{\"body\":\"There is one in the harbour office.\"}");
    PORTICO_CHECK(bench, portico_test_status(bench) >= 400);
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "within the last day");
    portico_test_advance(bench, 2 * 86400);
    answer(bench, other, "There is one in the harbour office.");
    check_sums(bench);
}

static void newcomers_are_slowed_down(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "questions_an_hour", "8");
    portico_test_set(bench, "newcomer_posts", "100");
    portico_test_as(bench, place.dora, MEMBER);
    ask(bench, "harbour", "Where do I wash my sails?");
    ask(bench, "harbour", "Where do I dry my sails?");
    ask_for(bench, "harbour", "Where do I fold my sails?", "They are large and I am alone.");
    PORTICO_CHECK_STATUS(bench, 429);
    PORTICO_CHECK(bench, portico_test_header(bench, "retry-after") != NULL);
    portico_test_as(bench, place.ada, MEMBER);
    ask(bench, "harbour", "Where do I mend my sails?");
    portico_test_set(bench, "newcomer_posts", "0");
    portico_test_as(bench, place.dora, MEMBER);
    ask(bench, "harbour", "Where do I fold my sails?");
    check_sums(bench);
}

static void reports_of_one_thing_are_one_entry(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    post(bench, "posts", place.answer, "flags", "{\"reason\":\"other\"}");
    PORTICO_CHECK_STATUS(bench, 422);
    post(bench, "posts", place.answer, "flags",
         "{\"reason\":\"other\",\"note\":\"The pier is gone.\"}");
    portico_test_as(bench, place.ada, MEMBER);
    post(bench, "posts", place.answer, "flags", "{\"reason\":\"spam\"}");
    post(bench, "posts", place.answer, "flags", "{\"reason\":\"rude\"}");
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/communities/moderation"), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article.card"), 1);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.comments li"), 2);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.comments"), "The pier is gone.");
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "keep", "{}"), 200);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article.card"), 0);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "div.empty b"), "Nothing waits");
    portico_test_as(bench, place.ada, MEMBER);
    PORTICO_CHECK_INTEGER(
        bench, post(bench, "posts", place.answer, "flags", "{\"reason\":\"spam\"}"), 409);
    check_sums(bench);
}

static void the_queue_decides_and_offers_the_way_back(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_id held = held_answer(bench, &place);
    const char *path = text(bench, "/communities/moderation/posts/%lld", (long long)held);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, path, "act=approve"), 403);
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "article"),
                        "A newcomer wrote it, with 3 links");
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, path, "act=dance"), 400);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, path, "act=remove&reason=Advertising"),
                          303);
    const char *back = portico_test_header(bench, "location");
    PORTICO_REQUIRE(bench, back != NULL);
    portico_test_get(bench, back);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, ".note form", "action"),
                       text(bench, "/communities/posts/%lld/restore", (long long)held));
    portico_test_get(bench, "/communities/moderation/log");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.rows li"), "Advertising");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.rows li"), 2);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "restore", NULL), 200);
    check_sums(bench);
}

static void the_queue_speaks_the_moderators_language(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    held_answer(bench, &place);
    const struct portico_test_viewer mod = {
        .size = sizeof mod, .person = place.mod, .may = MODERATOR, .locale = "de"
    };
    portico_test_as_viewer(bench, &mod);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "article"),
                        "Jemand Neues hat es geschrieben, mit 3 Links");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "article"), "Freigeben");
    portico_test_get(bench, "/communities/moderation/log");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "ul.rows li"), "zurückgehalten");
    get(bench, "/communities/moderation/close/", place.topic);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "h1"), "Die Frage schließen");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "form.form label"), "Grund");
}

static void a_form_cannot_be_made_to_look_old(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "newcomer_posts", "100");
    const char *page = text(bench, "/communities/posts/%lld/comments", (long long)place.answer);
    const char *form = text(bench, "comment-post-%lld", (long long)place.answer);
    const char *held = "/communities/waiting";
    portico_test_as(bench, place.dora, MEMBER);
    portico_test_send_form(bench, page, form, "body=Sent+at+once.");
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "location"), held);
    /* Written by hand: the first of two values counts. */
    portico_test_send_form(bench, page, form, "opened=1&body=Made+up+by+hand.");
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "location"), held);
    portico_test_get(bench, page);
    const char *opened =
        text(bench, "%s", portico_test_attribute(bench, "input[name=opened]", "value"));
    portico_test_advance(bench, 5);
    portico_test_send_form(bench, page, form,
                           text(bench, "opened=%s&body=Written+with+thought.", opened));
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "location"), "#comment-");
    /* Another reader's form is not one's own. */
    portico_test_as(bench, place.ben, MEMBER);
    portico_test_send_form(bench, page, form, text(bench, "opened=%s&body=Borrowed.", opened));
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "location"), held);
}

static void people_named_in_a_held_answer_are_told_when_it_is_approved(struct portico_bench *bench)
{
    struct place place;
    const struct portico_value *notices = NULL;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "blocked_words", "casino");
    portico_test_as(bench, place.ben, MEMBER);
    portico_id id = answer(bench, place.topic, "Ask @dora, she works at the casino.");
    portico_test_run_jobs(bench);
    notices = portico_test_notices(bench, place.dora);
    PORTICO_CHECK_INTEGER(bench, portico_count(notices), 0);
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "posts", id, "approve", "{}");
    PORTICO_CHECK_STATUS(bench, 200);
    portico_test_run_jobs(bench);
    notices = portico_test_notices(bench, place.dora);
    PORTICO_CHECK_INTEGER(bench, portico_count(notices), 1);
    PORTICO_CHECK_TEXT(bench, portico_get_text(portico_at(notices, 0), "kind", ""), "mentions");
}

static void a_long_queue_has_pages(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    for (int i = 0; i < 55; i++)
        execute(bench,
                LOOK "INSERT INTO communities_comment (id, audience, topic, post, author, score,\n"
                     "    created, body, source, status)\n"
                     "SELECT ?, 4, p.topic, p.id, p.author, 0, ?, p.body, 'Held.', 1\n"
                     "FROM communities_post p\n"
                     "WHERE p.id = ?",
                PORTICO_ARGS(portico_arg_id(portico_new_id(portico_test_context(bench))),
                             portico_arg_time(portico_test_now(bench) - i / 10),
                             portico_arg_id(place.answer)));
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article"), 50);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, ".lead"), "55 posts wait");
    const char *next = portico_test_attribute(bench, "a[rel=next]", "href");
    portico_test_get(bench, text(bench, "/communities/moderation%s", next ? next : ""));
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article"), 5);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "a[rel=next]"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "a[rel=prev]"), 1);
    portico_test_get(bench, "/api/communities/v1/moderation");
    const char *cursor = portico_test_json_text(bench, "next");
    PORTICO_CHECK(bench, cursor != NULL);
    portico_test_get(bench, text(bench, "/api/communities/v1/moderation?cursor=%s", cursor));
    PORTICO_CHECK(bench, portico_test_json_text(bench, "items.4.id") != NULL);
    PORTICO_CHECK(bench, portico_test_json_text(bench, "items.5.id") == NULL);
    portico_test_get(bench, "/communities/moderation?cursor=soon");
    PORTICO_CHECK_STATUS(bench, 400);
}

static const struct portico_test tests[] = {
    TEST("What is held is seen by its author and moderators alone",
         what_is_held_is_seen_by_its_author_and_moderators_alone),
    TEST("A held answer counts once it is approved", a_held_answer_counts_once_it_is_approved),
    TEST("Taking what is held away and putting it back leaves it held",
         taking_what_is_held_away_and_putting_it_back_leaves_it_held),
    TEST("An edit waits like what is new", an_edit_waits_like_what_is_new),
    TEST("Words of the list are held, whoever writes them",
         words_of_the_list_are_held_whoever_writes_them),
    TEST("The same words twice are refused", the_same_words_twice_are_refused),
    TEST("Newcomers are slowed down", newcomers_are_slowed_down),
    TEST("Reports of one thing are one entry", reports_of_one_thing_are_one_entry),
    TEST("The queue decides and offers the way back", the_queue_decides_and_offers_the_way_back),
    TEST("The queue speaks the moderator's language", the_queue_speaks_the_moderators_language),
    TEST("A form cannot be made to look old", a_form_cannot_be_made_to_look_old),
    TEST("People named in a held answer are told when it is approved",
         people_named_in_a_held_answer_are_told_when_it_is_approved),
    TEST("A long queue has pages", a_long_queue_has_pages),
};
PORTICO_EXPORT_TESTS(tests)
