/* Tests of acting on what stands in a community: who may what, and that everything that follows is
 * in step afterwards. */
#include "place.h"

/* ---- who may what ---- */

enum who { GUEST, READER, AUTHOR, ASKER, MODERATES, WHO };

static void become(struct portico_bench *bench, const struct place *place, enum who who)
{
    const portico_id people[WHO] = { 0, place->dora, place->ben, place->ada, place->mod };
    portico_test_as(bench, people[who],
                    who == GUEST       ? "communities.read"
                    : who == MODERATES ? MODERATOR
                                       : MEMBER);
}

/* An act on the answer of Ben to Ada's question, and what each is answered. What is refused changes
 * nothing, so that one place does for all; `again` undoes what was allowed. */
struct may {
    const char *method, *kind, *verb, *body;
    uint32_t answers[WHO];
};

static void each_may_what_is_theirs(struct portico_bench *bench)
{
    static const struct may acts[] = {
        { "PUT", "answer", "vote", "{\"value\":1}", { 401, 200, 403, 200, 200 } },
        { "PUT", "answer", "vote", "{\"value\":0}", { 401, 200, 403, 200, 200 } },
        { "PUT", "question", "vote", "{\"value\":-1}", { 401, 200, 200, 403, 200 } },
        { "PUT", "comment", "vote", "{\"value\":1}", { 401, 200, 200, 200, 200 } },
        { "PUT", "answer", "accepted", "{\"accepted\":true}", { 401, 403, 403, 200, 200 } },
        { "PUT", "answer", "accepted", "{\"accepted\":false}", { 401, 403, 403, 200, 200 } },
        { "PUT", "topic", "follow", "{\"level\":\"follow\"}", { 401, 200, 200, 200, 200 } },
        { "POST", "answer", "flags", "{\"reason\":\"rude\"}", { 401, 200, 403, 200, 200 } },
        { "POST", "comment", "flags", "{\"reason\":\"spam\"}", { 401, 200, 200, 200, 200 } },
        { "POST", "answer", "keep", "{}", { 401, 403, 403, 403, 200 } },
        { "POST", "comment", "remove", "{}", { 401, 403, 403, 403, 200 } },
        { "POST", "comment", "restore", NULL, { 401, 404, 404, 404, 200 } },
        { "POST", "topic", "close", "{\"reason\":\"Said all.\"}", { 401, 403, 403, 403, 200 } },
        { "POST", "topic", "reopen", "{}", { 401, 403, 403, 403, 200 } },
        { "POST", "topic", "move", "{\"space\":\"shipyard\"}", { 401, 403, 403, 403, 200 } },
        { "POST", "answer", "approve", "{}", { 401, 403, 403, 403, 409 } },
        { "POST", "answer", "remove", "{}", { 401, 403, 200, 404, 409 } },
        { "POST", "answer", "restore", NULL, { 401, 404, 200, 409, 409 } },
    };
    struct place place;
    if (!make_place(bench, &place))
        return;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const struct may *act = &acts[i];
        portico_id id = strcmp(act->kind, "answer") == 0     ? place.answer
                        : strcmp(act->kind, "question") == 0 ? place.question
                        : strcmp(act->kind, "comment") == 0  ? place.comment
                                                             : place.topic;
        const char *kind = strcmp(act->kind, "comment") == 0 ? "comments"
                           : strcmp(act->kind, "topic") == 0 ? "topics"
                                                             : "posts";
        for (enum who who = GUEST; who < WHO; who++) {
            become(bench, &place, who);
            uint32_t status = api(bench, act->method, kind, id, act->verb, act->body);
            if (!PORTICO_CHECK_INTEGER(bench, status, act->answers[who]))
                portico_test_note(bench, text(bench, "%s of %s, as %d: %s", act->verb, act->kind,
                                              (int)who, portico_test_body(bench, NULL)));
        }
    }
    check_sums(bench);
}

static void a_member_without_the_permission_does_not_vote(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, "communities.read communities.write");
    PORTICO_CHECK_INTEGER(bench, put(bench, "posts", place.answer, "vote", "{\"value\":1}"), 403);
}

static void guests_see_the_score_and_the_way_to_sign_in(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, 0, "communities.read");
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, place.topic), 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article .vote"), 3);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article form"), 0);
}

static void buttons_stand_where_they_may_be_pressed(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    open_topic(bench, place.topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article .vote form"), 3);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "input[name=accepted]"), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "details.menu summary.btn"), 0);
    portico_test_as(bench, place.ada, MEMBER);
    open_topic(bench, place.topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "article .vote form"), 2);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "input[name=accepted]"), 2);
    portico_test_as(bench, place.mod, MODERATOR);
    open_topic(bench, place.topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "details.menu summary.btn"), 1);
}

/* ---- votes ---- */

static void a_vote_counts_once_and_is_taken_back(struct portico_bench *bench)
{
    static const struct {
        const char *body, *score;
    } steps[] = {
        { "{\"value\":1}", "1" }, { "{\"value\":1}", "1" }, { "{\"value\":-1}", "-1" },
        { "{\"value\":0}", "0" }, { "{\"value\":0}", "0" },
    };
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        PORTICO_CHECK_INTEGER(bench, put(bench, "posts", place.answer, "vote", steps[i].body), 200);
        PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "score"), steps[i].score);
        check_sums(bench);
    }
}

static void a_vote_for_a_question_sorts_its_topic(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    put(bench, "posts", place.question, "vote", "{\"value\":1}");
    portico_test_as(bench, place.dora, MEMBER);
    put(bench, "posts", place.question, "vote", "{\"value\":1}");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "score"), "2");
    get(bench, "/api/communities/v1/topics/", place.topic);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "score"), "2");
    check_sums(bench);
}

static void a_button_votes_and_comes_back_to_the_post(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    const char *path = text(bench, "/communities/posts/%lld/vote", (long long)place.answer);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, path, "value=up"), 303);
    PORTICO_CHECK_HOLDS(bench, portico_test_header(bench, "location"),
                        text(bench, "#post-%lld", (long long)place.answer));
    open_topic(bench, place.topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".vote button[aria-pressed=true]"), 1);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, path, "value=sideways"), 400);
}

static void comments_are_not_voted_down(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, put(bench, "comments", place.comment, "vote", "{\"value\":-1}"),
                          400);
    PORTICO_CHECK_INTEGER(bench, put(bench, "comments", place.comment, "vote", "{\"value\":1}"),
                          200);
    check_sums(bench);
}

/* ---- acceptance and removal ---- */

static void the_asker_accepts_one_answer_at_a_time(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ada, MEMBER);
    put(bench, "posts", place.answer, "accepted", "{\"accepted\":true}");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "solved");
    put(bench, "posts", place.second, "accepted", "{\"accepted\":true}");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "accepted"), "true");
    check_sums(bench);
    get(bench, "/api/communities/v1/posts/", place.answer);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "accepted"), "false");
    put(bench, "posts", place.second, "accepted", "{\"accepted\":false}");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "state"), "answered");
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "accept"), 2);
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "unaccept"), 1);
    check_sums(bench);
}

static const char *state_of(struct portico_bench *bench, portico_id topic)
{
    get(bench, "/api/communities/v1/topics/", topic);
    return portico_test_json_text(bench, "state");
}

static void removing_the_accepted_answer_opens_the_question(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ada, MEMBER);
    put(bench, "posts", place.answer, "accepted", "{\"accepted\":true}");
    portico_test_as(bench, place.ben, MEMBER);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "remove", "{}"), 403);
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "remove", "{}"), 200);
    PORTICO_CHECK_TEXT(bench, state_of(bench, place.topic), "answered");
    check_sums(bench);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "restore", NULL), 200);
    PORTICO_CHECK_TEXT(bench, state_of(bench, place.topic), "solved");
    check_sums(bench);
}

static void a_removed_comment_stays_hidden_when_its_answer_comes_back(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "comments", place.comment, "remove", "{}");
    post(bench, "posts", place.answer, "remove", "{}");
    post(bench, "posts", place.answer, "restore", NULL);
    check_sums(bench);
    portico_test_as(bench, place.dora, MEMBER);
    open_topic(bench, place.topic);
    PORTICO_CHECK(bench, !strstr(portico_test_body(bench, NULL), "wet this morning"));
    PORTICO_CHECK_HOLDS(bench, portico_test_body(bench, NULL), "by the crane");
}

static void who_removed_their_own_restores_it(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ben, MEMBER);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "remove", "{}"), 200);
    open_topic(bench, place.topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".hidden-note form"), 1);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "restore", NULL), 200);
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "posts", place.answer, "remove", "{\"reason\":\"Wrong pier.\"}");
    portico_test_as(bench, place.ben, MEMBER);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.answer, "restore", NULL), 403);
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "detail"), "moderator");
    check_sums(bench);
}

static void a_question_with_answers_is_not_the_askers_to_remove(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ada, MEMBER);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", place.question, "remove", "{}"), 403);
    portico_id lonely = ask(bench, "harbour", "Who has the key of the boathouse?");
    portico_id question = question_of(bench, lonely);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", question, "remove", "{}"), 200);
    check_sums(bench);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, lonely), 200);
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, lonely), 404);
    portico_test_get(bench, "/communities/search?q=boathouse");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.hits li"), 0);
    portico_test_as(bench, place.ada, MEMBER);
    post(bench, "posts", question, "restore", NULL);
    portico_test_get(bench, "/communities/search?q=boathouse");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.hits li"), 1);
    check_sums(bench);
}

/* ---- order among topics ---- */

static void a_closed_question_takes_nothing_more(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(
        bench, post(bench, "topics", place.topic, "close", "{\"reason\":\"All is said.\"}"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "closed"), "true");
    portico_test_as(bench, place.dora, MEMBER);
    post(bench, "topics", place.topic, "answers", "{\"body\":\"One more thing about tides.\"}");
    PORTICO_CHECK(bench, portico_test_status(bench) >= 400 && portico_test_status(bench) < 500);
    open_topic(bench, place.topic);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "All is said.");
    PORTICO_CHECK_INTEGER(bench, put(bench, "posts", place.answer, "vote", "{\"value\":1}"), 200);
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(bench, post(bench, "topics", place.topic, "reopen", "{}"), 200);
    portico_test_as(bench, place.dora, MEMBER);
    answer(bench, place.topic, "One more thing about tides.");
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "close"), 1);
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "reopen"), 1);
    check_sums(bench);
}

static void moving_keeps_the_counts_of_both_spaces(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ada, MEMBER);
    put(bench, "posts", place.answer, "accepted", "{\"accepted\":true}");
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(
        bench, post(bench, "topics", place.topic, "move", "{\"space\":\"shipyard\"}"), 200);
    check_sums(bench);
    portico_test_get(bench, "/api/communities/v1/spaces");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.1.answers"), "2");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.1.solved"), "1");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "items.0.topics"), "0");
    PORTICO_CHECK_INTEGER(bench, logged(bench, place.topic, "move"), 1);
}

/* Only staff belong to the audience of the space a topic is moved to. */
static void moving_to_a_closed_space_hides_it_from_others(struct portico_bench *bench)
{
    static const int64_t staff[] = { PORTICO_AUDIENCE_STAFF };
    struct place place;
    if (!make_place(bench, &place))
        return;
    execute(bench, LOOK "UPDATE communities_space SET audience = 3 WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(place.other)));
    const struct portico_test_viewer mod = {
        .size = sizeof mod, .person = place.mod, .may = MODERATOR, .sees = staff, .sees_count = 1
    };
    portico_test_as_viewer(bench, &mod);
    PORTICO_CHECK_INTEGER(
        bench, post(bench, "topics", place.topic, "move", "{\"space\":\"shipyard\"}"), 200);
    check_sums(bench);
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, place.topic), 404);
    portico_test_get(bench, "/communities/search?q=tide");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "ul.hits li"), 0);
}

static void merging_brings_answers_votes_and_comments_along(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    put(bench, "posts", place.answer, "vote", "{\"value\":1}");
    portico_test_as(bench, place.dora, MEMBER);
    portico_id twin = ask(bench, "shipyard", "Where does the tide table hang?");
    portico_id third = answer(bench, twin, "I found one in the office, too.");
    comment(bench, question_of(bench, twin), "Which office is that?");
    portico_test_as(bench, place.mod, MODERATOR);
    const char *into =
        text(bench, "{\"into\":\"https://portal.example/communities/topics/%lld/some-words\"}",
             (long long)twin);
    PORTICO_CHECK_INTEGER(bench, post(bench, "topics", place.topic, "merge", into), 200);
    check_sums(bench);
    portico_test_as(bench, 0, "communities.read");
    PORTICO_CHECK_INTEGER(bench, get(bench, "/communities/topics/", place.topic), 301);
    PORTICO_CHECK_HOLDS(
        bench, portico_test_header(bench, "location"),
        text(bench, "/communities/topics/%lld/where-does-the-tide", (long long)twin));
    PORTICO_CHECK_INTEGER(bench, get(bench, "/api/communities/v1/topics/", place.topic), 301);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "location"),
                       text(bench, "/api/communities/v1/topics/%lld", (long long)twin));
    open_topic(bench, place.topic);
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "3 answers");
    PORTICO_CHECK_HOLDS(bench, portico_test_element(bench, "main"), "wet this morning");
    get(bench, "/api/communities/v1/posts/", place.answer);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "score"), "1");
    PORTICO_CHECK_INTEGER(bench, get(bench, "/api/communities/v1/posts/", third), 200);
    PORTICO_CHECK_INTEGER(bench, get(bench, "/api/communities/v1/posts/", place.question), 404);
}

static void an_old_address_leads_on_after_a_second_merge(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    portico_id second = ask(bench, "shipyard", "Where does the tide table hang?");
    portico_id third = ask(bench, "shipyard", "Is there a tide table on paper?");
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "topics", place.topic, "merge",
         text(bench, "{\"into\":\"%lld\"}", (long long)second));
    post(bench, "topics", second, "merge", text(bench, "{\"into\":\"%lld\"}", (long long)third));
    PORTICO_CHECK_STATUS(bench, 200);
    check_sums(bench);
    get(bench, "/api/communities/v1/topics/", place.topic);
    PORTICO_CHECK_STATUS(bench, 301);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "location"),
                       text(bench, "/api/communities/v1/topics/%lld", (long long)third));
}

static void what_cannot_be_merged_says_why(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(
        bench, post(bench, "topics", place.topic, "merge", "{\"into\":\"the other one\"}"), 422);
    PORTICO_CHECK_HOLDS(bench, portico_test_json_text(bench, "errors.0.detail"), "address");
    post(bench, "topics", place.topic, "merge",
         text(bench, "{\"into\":\"%lld\"}", (long long)place.topic));
    PORTICO_CHECK_STATUS(bench, 422);
    check_sums(bench);
}

static void a_merged_accepted_answer_stays_accepted_where_none_was(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ada, MEMBER);
    put(bench, "posts", place.answer, "accepted", "{\"accepted\":true}");
    portico_test_as(bench, place.dora, MEMBER);
    portico_id twin = ask(bench, "shipyard", "Where does the tide table hang?");
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "topics", place.topic, "merge",
         text(bench, "{\"into\":\"%lld\"}", (long long)twin));
    PORTICO_CHECK_TEXT(bench, state_of(bench, twin), "solved");
    check_sums(bench);
}

/* ---- following ---- */

static void following_is_said_and_taken_back(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    const char *path = text(bench, "/communities/topics/%lld/follow", (long long)place.topic);
    PORTICO_CHECK_INTEGER(bench, portico_test_post(bench, path, "level=follow"), 303);
    open_topic(bench, place.topic);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#follow button", "aria-pressed"),
                       "true");
    portico_test_post(bench, path, "level=normal");
    open_topic(bench, place.topic);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#follow button", "aria-pressed"),
                       "false");
}

static const struct portico_test tests[] = {
    TEST("Each may what is theirs", each_may_what_is_theirs),
    TEST("A member without the permission does not vote",
         a_member_without_the_permission_does_not_vote),
    TEST("Guests see the score and no buttons", guests_see_the_score_and_the_way_to_sign_in),
    TEST("Buttons stand where they may be pressed", buttons_stand_where_they_may_be_pressed),
    TEST("A vote counts once and is taken back", a_vote_counts_once_and_is_taken_back),
    TEST("A vote for a question sorts its topic", a_vote_for_a_question_sorts_its_topic),
    TEST("A button votes and comes back to the post", a_button_votes_and_comes_back_to_the_post),
    TEST("Comments are not voted down", comments_are_not_voted_down),
    TEST("The asker accepts one answer at a time", the_asker_accepts_one_answer_at_a_time),
    TEST("Removing the accepted answer opens the question again",
         removing_the_accepted_answer_opens_the_question),
    TEST("A removed comment stays hidden when its answer comes back",
         a_removed_comment_stays_hidden_when_its_answer_comes_back),
    TEST("Who removed their own restores it", who_removed_their_own_restores_it),
    TEST("A question with answers is not the asker's to remove",
         a_question_with_answers_is_not_the_askers_to_remove),
    TEST("A closed question takes nothing more", a_closed_question_takes_nothing_more),
    TEST("Moving keeps the counts of both spaces", moving_keeps_the_counts_of_both_spaces),
    TEST("Moving to a closed space hides it from others",
         moving_to_a_closed_space_hides_it_from_others),
    TEST("Merging brings answers, votes and comments along",
         merging_brings_answers_votes_and_comments_along),
    TEST("An old address leads on after a second merge",
         an_old_address_leads_on_after_a_second_merge),
    TEST("What cannot be merged says why", what_cannot_be_merged_says_why),
    TEST("A merged accepted answer stays accepted where none was",
         a_merged_accepted_answer_stays_accepted_where_none_was),
    TEST("Following is said and taken back", following_is_said_and_taken_back),
};
PORTICO_EXPORT_TESTS(tests)
