#include <portico/test.h>

#include <stdio.h>

static void follow_by_answering(struct portico_bench *bench, portico_id person)
{
    portico_test_as(bench, person, NULL);
    portico_test_post(bench, "/talk/tea", "body=I+drink+it.");
    PORTICO_CHECK_STATUS(bench, 303);
}

static const char *told(struct portico_bench *bench, portico_id person, const char *member)
{
    return portico_get_text(portico_at(portico_test_notices(bench, person), 0), member, NULL);
}

static void answers_show_their_authors(struct portico_bench *bench)
{
    portico_id mara = portico_test_person(bench, "mara", NULL);
    follow_by_answering(bench, mara);
    portico_test_get(bench, "/talk/tea");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "answers.0.author.handle"), "mara");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "follows"), "true");
}

static void who_answered_is_told_of_the_next_answer(struct portico_bench *bench)
{
    portico_id mara = portico_test_person(bench, "mara", NULL);
    portico_id ben = portico_test_person(bench, "benjamin", NULL);
    follow_by_answering(bench, mara);
    follow_by_answering(bench, ben);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_TEXT(bench, told(bench, mara, "title"), "benjamin answered in tea");
    PORTICO_CHECK_TEXT(bench, told(bench, mara, "reason"), "because you follow this topic");
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_notices(bench, ben)), 0);
    PORTICO_REQUIRE(bench, portico_count(portico_test_mails(bench)) == 1);
    const struct portico_value *mail = portico_at(portico_test_mails(bench), 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(mail, "to", NULL), "mara@example.com");
    PORTICO_CHECK_TEXT(bench, portico_get_text(mail, "subject", NULL), "benjamin answered in tea");
}

static void who_is_mentioned_is_told_once(struct portico_bench *bench)
{
    portico_id mara = portico_test_person(bench, "mara", NULL);
    portico_id ben = portico_test_person(bench, "benjamin", NULL);
    follow_by_answering(bench, mara);
    portico_test_as(bench, ben, NULL);
    portico_test_post(bench, "/talk/tea", "body=Ask+@mara+about+it");
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_notices(bench, mara)), 1);
    PORTICO_CHECK_TEXT(bench, told(bench, mara, "kind"), "mentions");
    PORTICO_CHECK_TEXT(bench, told(bench, mara, "text"), "Ask @mara about it");
}

static void looking_at_a_topic_reads_its_notices(struct portico_bench *bench)
{
    portico_id mara = portico_test_person(bench, "mara", NULL);
    follow_by_answering(bench, mara);
    follow_by_answering(bench, portico_test_person(bench, "benjamin", NULL));
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    portico_test_as(bench, mara, NULL);
    portico_test_get(bench, "/talk/tea");
    const struct portico_value *notice = portico_at(portico_test_notices(bench, mara), 0);
    PORTICO_CHECK(bench, notice && !portico_get_boolean(notice, "unread", 1));
}

static void what_somebody_follows_is_listed(struct portico_bench *bench)
{
    const portico_id mara = portico_test_person(bench, "mara", NULL);
    portico_test_as(bench, portico_test_person(bench, "benjamin", NULL), NULL);
    portico_test_post(bench, "/talk/coffee", "body=I+drink+that.");
    follow_by_answering(bench, mara);
    portico_test_post(bench, "/talk/water", "body=And+that.");
    portico_test_get(bench, "/talk");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics.0.subject"), "topic/water");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics.1.subject"), "topic/tea");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics.2.subject"), NULL);
    char next[200];
    snprintf(next, sizeof next, "/talk?after=%s", portico_test_json_text(bench, "topics.0.place"));
    portico_test_get(bench, next);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics.0.subject"), "topic/tea");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "topics.1.subject"), NULL);
    portico_test_get(bench, "/talk?after=the+beginning");
    PORTICO_CHECK_STATUS(bench, 400);
}

static void strangers_do_not_answer(struct portico_bench *bench)
{
    portico_test_post(bench, "/talk/tea", "body=Hello");
    PORTICO_CHECK(bench, portico_test_status(bench) != 200);
    PORTICO_CHECK_INTEGER(bench, portico_test_run_jobs(bench), 0);
    portico_test_get(bench, "/talk/tea");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "answers.0.body"), NULL);
}

static void people_who_are_counted_but_not_given_are_refused(struct portico_bench *bench)
{
    struct portico_people *people = portico_people(portico_test_context(bench));
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    PORTICO_CHECK_INTEGER(bench, portico_people_look(people, NULL, 3, &rows, &error),
                          PORTICO_EINVAL);
    PORTICO_CHECK_TEXT(bench, error.message, "3 people are counted, and none is given.");
    PORTICO_CHECK_INTEGER(bench, portico_people_look(people, NULL, 0, &rows, &error), 0);
}

static size_t found(struct portico_bench *bench, const char *beginning)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    struct portico_people *people = portico_people(portico_test_context(bench));
    PORTICO_CHECK_INTEGER(bench, portico_people_find(people, beginning, 5, &rows, &error), 0);
    return portico_count(rows);
}

static void people_of_another_company_are_not_found(struct portico_bench *bench)
{
    const portico_id harbour = portico_test_account(bench, "Harbour");
    const portico_id mara = portico_test_person(bench, "mara", NULL);
    portico_test_join(bench, harbour, mara, NULL);
    portico_test_join(bench, harbour, portico_test_person(bench, "benjamin", NULL), NULL);
    portico_test_join(bench, portico_test_account(bench, "Mill"),
                      portico_test_person(bench, "milo", NULL), NULL);
    portico_test_act(bench, mara, 0);
    PORTICO_CHECK_INTEGER(bench, found(bench, "ben"), 1);
    PORTICO_CHECK_INTEGER(bench, found(bench, "milo"), 0);
    portico_test_act(bench, portico_test_person(bench, "chief", "admin"), 0);
    PORTICO_CHECK_INTEGER(bench, found(bench, "milo"), 1);
}

static const struct portico_test tests[] = {
    { .name = "Answers show their authors", .run = answers_show_their_authors },
    { .name = "Who answered is told of the next answer",
      .run = who_answered_is_told_of_the_next_answer },
    { .name = "Who is mentioned is told once", .run = who_is_mentioned_is_told_once },
    { .name = "Looking at a topic reads its notices", .run = looking_at_a_topic_reads_its_notices },
    { .name = "What somebody follows is listed", .run = what_somebody_follows_is_listed },
    { .name = "Strangers do not answer", .run = strangers_do_not_answer },
    { .name = "People who are counted but not given are refused",
      .run = people_who_are_counted_but_not_given_are_refused },
    { .name = "People of another company are not found",
      .run = people_of_another_company_are_not_found },
};
PORTICO_EXPORT_TESTS(tests)
