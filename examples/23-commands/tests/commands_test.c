/* Tests of the example: as after `portico commands`. */
#include <portico/test.h>

static void lines_are_added_listed_and_swept(struct portico_bench *bench)
{
    const char *output = NULL;
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "add tea cup", &output), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "list --numbered", &output), 0);
    PORTICO_CHECK_TEXT(bench, output, "1  tea\n2  cup\n");
    portico_test_advance(bench, 31 * 86400);
    PORTICO_CHECK_INTEGER(bench, portico_test_command(bench, "sweep", &output), 0);
    PORTICO_CHECK_TEXT(bench, output, "2 lines removed.\n");
}

static void a_word_is_no_number_of_days(struct portico_bench *bench)
{
    int code = portico_test_command(bench, "sweep --older-than soon", NULL);
    PORTICO_CHECK_INTEGER(bench, code, PORTICO_EINVAL);
    PORTICO_CHECK_HOLDS(bench, portico_test_message(bench), "takes a number of days");
}

static const struct portico_test tests[] = {
    { .name = "Lines are added, listed and swept", .run = lines_are_added_listed_and_swept },
    { .name = "A word is no number of days", .run = a_word_is_no_number_of_days },
};
PORTICO_EXPORT_TESTS(tests)
