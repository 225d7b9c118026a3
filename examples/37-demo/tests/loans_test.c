/* Tests of the example: a file is read, and read again it changes nothing. */
#include <portico/test.h>

static int load(struct portico_bench *bench)
{
    portico_test_file(bench, "loans.tsv", "lena\t3\tForklift key\ndana\t40\tLabel printer\n");
    return portico_test_import(bench, "demo", portico_test_file(bench, NULL, NULL), NULL);
}

static void loans_are_there_the_newest_first(struct portico_bench *bench)
{
    PORTICO_CHECK_INTEGER(bench, load(bench), 0);
    PORTICO_CHECK_INTEGER(bench, portico_test_get(bench, "/loans"), 200);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.0.tool"), "Forklift key");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.1.tool"), "Label printer");
}

static void read_again_it_changes_nothing(struct portico_bench *bench)
{
    load(bench);
    portico_test_get(bench, "/loans");
    const char *taken = portico_test_json_text(bench, "loans.0.taken");
    PORTICO_CHECK_INTEGER(bench, load(bench), 0);
    portico_test_get(bench, "/loans");
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.0.taken"), taken);
    PORTICO_CHECK_TEXT(bench, portico_test_json_text(bench, "loans.2.tool"), NULL);
}

static const struct portico_test tests[] = {
    { .name = "Loans are there, the newest first", .run = loans_are_there_the_newest_first },
    { .name = "Read again it changes nothing", .run = read_again_it_changes_nothing },
};
PORTICO_EXPORT_TESTS(tests)
