/* Tests of what is told: events, notices, followers, scenarios' events; and that what is not shown
 * is told to nobody it is not shown to. */
#include "place.h"

static const struct portico_value *notices_of(struct portico_bench *bench, portico_id person)
{
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    return portico_test_notices(bench, person);
}

/* How many notices of a kind somebody has. */
static int64_t told(struct portico_bench *bench, portico_id person, const char *kind)
{
    const struct portico_value *notices = notices_of(bench, person);
    int64_t count = 0;
    for (size_t i = 0; i < portico_count(notices); i++)
        count += strcmp(portico_get_text(portico_at(notices, i), "kind", ""), kind) == 0;
    return count;
}

static const char *title(struct portico_bench *bench, portico_id person, const char *kind)
{
    const struct portico_value *notices = notices_of(bench, person);
    for (size_t i = 0; i < portico_count(notices); i++)
        if (strcmp(portico_get_text(portico_at(notices, i), "kind", ""), kind) == 0)
            return portico_get_text(portico_at(notices, i), "title", "");
    return "";
}

/* Whether anything told to somebody holds the words. */
static int heard(struct portico_bench *bench, portico_id person, const char *words)
{
    const struct portico_value *notices = notices_of(bench, person);
    for (size_t i = 0; i < portico_count(notices); i++)
        if (strstr(portico_get_text(portico_at(notices, i), "text", ""), words) ||
            strstr(portico_get_text(portico_at(notices, i), "title", ""), words))
            return 1;
    return 0;
}

static void who_asked_and_who_answered_hear_of_answers(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    PORTICO_CHECK_TEXT(bench, title(bench, place.ada, "answers"),
                       "cleo answered “Where do I read the tide table?”");
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ben, "answers"), 1);
    PORTICO_CHECK_INTEGER(bench, told(bench, place.cleo, "answers"), 0);
    PORTICO_CHECK_INTEGER(bench, told(bench, place.dora, "answers"), 0);
}

static void who_muted_a_question_hears_nothing_and_stays_so(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ben, MEMBER);
    PORTICO_CHECK_INTEGER(bench,
                          put(bench, "topics", place.topic, "follow", "{\"level\":\"mute\"}"), 200);
    answer(bench, place.topic, "And it hangs in the harbour office, too.");
    int64_t before = told(bench, place.ben, "answers");
    portico_test_as(bench, place.cleo, MEMBER);
    answer(bench, place.topic, "The office is closed on Mondays, though.");
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ben, "answers"), before);
}

static void comments_are_told_to_whose_text_it_is(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    PORTICO_CHECK_TEXT(bench, title(bench, place.ben, "comments"),
                       "cleo commented on what you wrote in “Where do I read the tide table?”");
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ada, "comments"), 0);
}

static void who_is_named_is_told_once(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    int64_t before = told(bench, place.ada, "answers");
    portico_test_as(bench, place.ada, MEMBER);
    open_topic(bench, place.topic);
    portico_test_as(bench, place.ben, MEMBER);
    comment(bench, place.question, "As @ada and @dora know, it is on the pier.");
    PORTICO_CHECK_TEXT(bench, title(bench, place.dora, "mentions"),
                       "ben mentioned you in “Where do I read the tide table?”");
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ada, "mentions"), 1);
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ada, "comments"), 0);
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ada, "answers"), before);
}

static void whose_answer_is_accepted_is_told(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.ada, MEMBER);
    put(bench, "posts", place.answer, "accepted", "{\"accepted\":true}");
    PORTICO_CHECK_TEXT(bench, title(bench, place.ben, "accepted"),
                       "ada accepted your answer to “Where do I read the tide table?”");
    PORTICO_CHECK_INTEGER(bench, told(bench, place.cleo, "accepted"), 0);
}

static void reports_reach_moderators_and_nobody_else(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    post(bench, "posts", place.answer, "flags", "{\"reason\":\"rude\",\"note\":\"Wet paper.\"}");
    PORTICO_CHECK_TEXT(bench, title(bench, place.mod, "reports"),
                       "Something was reported in “Where do I read the tide table?”");
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ben, "reports"), 0);
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ben, "moderation"), 0);
    portico_test_as(bench, place.mod, MODERATOR);
    portico_test_get(bench, "/communities/moderation");
    PORTICO_CHECK_STATUS(bench, 200);
    const struct portico_value *notice = portico_at(notices_of(bench, place.mod), 0);
    PORTICO_CHECK(bench, notice && !portico_get_boolean(notice, "unread", 1));
}

static void what_moderators_do_is_told_to_whose_it_is(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "topics", place.topic, "move", "{\"space\":\"shipyard\"}");
    PORTICO_CHECK_TEXT(bench, title(bench, place.ada, "moderation"),
                       "A moderator moved “Where do I read the tide table?” to shipyard");
    post(bench, "posts", place.answer, "remove", "{\"reason\":\"It is wrong.\"}");
    PORTICO_CHECK_TEXT(bench, title(bench, place.ben, "moderation"),
                       "A moderator removed what you wrote in “Where do I read the tide table?”");
}

static void what_is_removed_is_read_in_no_notice(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    PORTICO_CHECK(bench, heard(bench, place.ada, "channel nine"));
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "posts", place.second, "remove", "{\"reason\":\"Not for us.\"}");
    PORTICO_CHECK(bench, !heard(bench, place.ada, "channel nine"));
    PORTICO_CHECK(bench, !heard(bench, place.ben, "channel nine"));
}

static void what_moves_to_fewer_readers_is_read_in_no_notice(struct portico_bench *bench)
{
    static const int64_t staff[] = { PORTICO_AUDIENCE_STAFF };
    struct place place;
    if (!make_place(bench, &place))
        return;
    PORTICO_CHECK(bench, heard(bench, place.ada, "channel nine"));
    execute(bench, LOOK "UPDATE communities_space SET audience = 3 WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(place.other)));
    const struct portico_test_viewer mod = {
        .size = sizeof mod, .person = place.mod, .may = MODERATOR, .sees = staff, .sees_count = 1
    };
    portico_test_as_viewer(bench, &mod);
    PORTICO_CHECK_INTEGER(
        bench, post(bench, "topics", place.topic, "move", "{\"space\":\"shipyard\"}"), 200);
    PORTICO_CHECK(bench, !heard(bench, place.ada, "channel nine"));
    PORTICO_CHECK_TEXT(
        bench, title(bench, place.ada, "moderation"),
        "A moderator moved “Where do I read the tide table?” to a space that not everybody reads");
}

static void an_answer_removed_takes_its_own_notices_along(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    comment(bench, place.second, "Then ask @ada about channel twelve.");
    comment(bench, place.question, "Which year is yours from, by the way?");
    PORTICO_CHECK(bench, heard(bench, place.ada, "channel twelve"));
    PORTICO_CHECK(bench, heard(bench, place.ada, "Which year"));
    portico_test_as(bench, place.mod, MODERATOR);
    post(bench, "posts", place.second, "remove", "{\"reason\":\"Not for us.\"}");
    PORTICO_CHECK(bench, !heard(bench, place.ada, "channel nine"));
    PORTICO_CHECK(bench, !heard(bench, place.ada, "channel twelve"));
    PORTICO_CHECK(bench, heard(bench, place.ada, "Which year"));
    PORTICO_CHECK_INTEGER(bench, told(bench, place.ada, "answers"), 1); /* that of Ben */
}

static void what_is_held_is_told_to_moderators_until_it_is_shown(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_set(bench, "blocked_words", "casino");
    portico_test_as(bench, place.dora, MEMBER);
    post(bench, "topics", place.topic, "answers",
         "{\"body\":\"Ask @cleo at the casino, they know the tides.\"}");
    PORTICO_CHECK(bench, !heard(bench, place.ada, "casino"));
    PORTICO_CHECK(bench, !heard(bench, place.cleo, "casino"));
    PORTICO_CHECK_TEXT(bench, title(bench, place.mod, "reports"),
                       "Something waits for you in “Where do I read the tide table?”");
    portico_id held =
        number(bench, LOOK "SELECT id AS n FROM communities_post WHERE status = 1 AND topic = ?",
               PORTICO_ARGS(portico_arg_id(place.topic)));
    portico_test_as(bench, place.mod, MODERATOR);
    PORTICO_CHECK_INTEGER(bench, post(bench, "posts", held, "approve", "{}"), 200);
    PORTICO_CHECK(bench, heard(bench, place.ada, "casino"));
    PORTICO_CHECK_TEXT(bench, title(bench, place.dora, "moderation"),
                       "What you wrote in “Where do I read the tide table?” is shown now");
}

static void looking_at_a_question_reads_what_was_told_of_it(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    PORTICO_CHECK(bench,
                  portico_get_boolean(portico_at(notices_of(bench, place.ada), 0), "unread", 0));
    portico_test_as(bench, place.ada, MEMBER);
    open_topic(bench, place.topic);
    PORTICO_CHECK(bench,
                  !portico_get_boolean(portico_at(notices_of(bench, place.ada), 0), "unread", 1));
}

static void open_pages_watch_for_answers(struct portico_bench *bench)
{
    struct place place;
    if (!make_place(bench, &place))
        return;
    portico_test_as(bench, place.dora, MEMBER);
    PORTICO_CHECK_INTEGER(bench, open_topic(bench, place.topic), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, ".news", "data-live"),
                       text(bench, "topic/%lld", (long long)place.topic));
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, ".news", "data-live-types"),
                       "portal.communities.topic.answered");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "#answers"), 1);
}

static const struct portico_test tests[] = {
    TEST("Who asked and who answered hear of answers", who_asked_and_who_answered_hear_of_answers),
    TEST("Who muted a question hears nothing, also after answering",
         who_muted_a_question_hears_nothing_and_stays_so),
    TEST("Comments are told to whose text it is", comments_are_told_to_whose_text_it_is),
    TEST("Who is named is told once", who_is_named_is_told_once),
    TEST("Whose answer is accepted is told", whose_answer_is_accepted_is_told),
    TEST("Reports reach moderators and nobody else", reports_reach_moderators_and_nobody_else),
    TEST("What moderators do is told to whose it is", what_moderators_do_is_told_to_whose_it_is),
    TEST("What is removed is read in no notice", what_is_removed_is_read_in_no_notice),
    TEST("What moves to fewer readers is read in no notice",
         what_moves_to_fewer_readers_is_read_in_no_notice),
    TEST("An answer removed takes its own notices along",
         an_answer_removed_takes_its_own_notices_along),
    TEST("What is held is told to moderators until it is shown",
         what_is_held_is_told_to_moderators_until_it_is_shown),
    TEST("Looking at a question reads what was told of it",
         looking_at_a_question_reads_what_was_told_of_it),
    TEST("Open pages watch for answers", open_pages_watch_for_answers),
};

PORTICO_EXPORT_TESTS(tests)
