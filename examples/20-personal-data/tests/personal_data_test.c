/* Tests of the example: the rows that its migration brings are where the tables say. */
#include <portico/test.h>

static void entries_keep_their_words_and_likes_their_person(struct portico_bench *bench)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(portico_test_context(bench)),
                                 "SELECT e.name, count(*) AS likes FROM personal_data_entry e "
                                 "JOIN personal_data_like l ON l.entry = e.id "
                                 "WHERE e.author = ? GROUP BY e.name",
                                 PORTICO_ARGS(portico_arg_id(7)), &row, &error);
    PORTICO_CHECK_INTEGER(bench, code, 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(row, "name", NULL), "Dana");
    PORTICO_CHECK_INTEGER(bench, portico_get_integer(row, "likes", 0), 2);
}

static const struct portico_test tests[] = {
    { .name = "Entries keep their words and likes their person",
      .run = entries_keep_their_words_and_likes_their_person },
};
PORTICO_EXPORT_TESTS(tests)
