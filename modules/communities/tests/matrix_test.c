/* Every route of the module, asked by everybody for everybody's rows. */
#include "place.h"

/* A space that only the account sees, one for each, as it was before a route changed it. */
static const char *space_of(struct portico_bench *bench, portico_id account, portico_id *ret_id)
{
    struct portico_context *context = portico_test_context(bench);
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id audience = 0;
    const char *slug = text(bench, "hall-%lld", (long long)account);
    struct portico_value *row = NULL;
    int code = portico_query_one(
        portico_db(context), LOOK "SELECT id AS \"id:id\" FROM communities_space WHERE slug = ?",
        PORTICO_ARGS(portico_arg_text(slug)), &row, &error);
    *ret_id = code == 0 ? portico_get_integer(row, "id", 0) : make_space(bench, slug);
    PORTICO_CHECK_INTEGER(
        bench, portico_audience_account(portico_audiences(context), account, &audience, &error), 0);
    execute(bench,
            LOOK "UPDATE communities_space\n"
                 "SET audience = ?, closed = ?, own_topics = ?, own_people = FALSE, kind = 0,\n"
                 "    writers = 0\n"
                 "WHERE id = ?",
            PORTICO_ARGS(portico_arg_id(audience), portico_arg_boolean(0), portico_arg_boolean(0),
                         portico_arg_id(*ret_id)));
    return slug;
}

/* What people wrote is in the texts; titles and tags stand in addresses, which readers type. */
static const char *make_rows(struct portico_bench *bench, portico_id account, const char *canary)
{
    portico_id space = 0;
    long long number = (long long)account;
    const char *hall = space_of(bench, account, &space);
    portico_id fresh = portico_new_id(portico_test_context(bench));
    portico_test_json_request(bench, "POST", "/api/communities/v1/topics",
                              text(bench,
                                   "{\"space\":\"%s\",\"title\":\"Where is it in hall %lld?\","
                                   "\"body\":\"The %s is not where it was: %lld.\","
                                   "\"tags\":[\"t%lld\"]}",
                                   hall, number, canary, (long long)fresh, number));
    portico_id topic = sent_id(bench);
    portico_id said = answer(
        bench, topic, text(bench, "The %s hangs on the pier: %lld.", canary, (long long)topic));
    portico_id word =
        comment(bench, said, text(bench, "The %s was wet: %lld.", canary, (long long)topic));
    return text(bench,
                "id=%lld posts/id=%lld comments/id=%lld spaces/id=%lld space=%s tag=t%lld "
                "slug=where-is-it-in-hall-%lld handle=matrix-1 from=1",
                (long long)topic, (long long)said, (long long)word, (long long)space, hall, number,
                number);
}

static void nobody_learns_of_anothers_rows(struct portico_bench *bench)
{
    static const char *const most[] = { "questions_an_hour", "answers_an_hour", "comments_an_hour",
                                        "votes_an_hour", "flags_an_hour" };
    for (size_t i = 0; i < sizeof most / sizeof *most; i++)
        portico_test_set(bench, most[i], "1000");
    portico_test_set(bench, "newcomer_posts", "0");
    /* Buttons send what no form and no schema declares. */
    portico_test_matrix(bench, make_rows, PORTICO_MATRIX_UNREACHED);
}

static const struct portico_test tests[] = {
    /* Tens of thousands of requests: minutes where the machine has other work. */
    { .name = "Nobody learns of another's rows",
      .run = nobody_learns_of_anothers_rows,
      .deadline_ms = 600000 },
};

PORTICO_EXPORT_TESTS(tests)
