/* Tests of the example: a picture is taken by what it is, whatever it is called. */
#include <portico/test.h>

/* One pixel; a comment, "made at home", is not part of it. */
static const unsigned char gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
                                   "\x21\xfe\x0cmade at home\0"
                                   ",\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
#define SIZE (sizeof gif - 1)

static void a_picture_is_shown_under_its_own_name(struct portico_bench *bench)
{
    static const char *const more[] = { "title", "A dot", NULL };
    portico_test_upload(bench, "/pictures", "picture", "dot.html", gif, SIZE, more);
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/pictures");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, "img[alt='A dot']"), 1);
}

static void what_is_no_picture_is_refused(struct portico_bench *bench)
{
    portico_test_upload(bench, "/pictures", "picture", "dot.gif", "<svg>", 5, NULL);
    PORTICO_CHECK_STATUS(bench, 422);
    portico_test_upload(bench, "/pictures", "picture", "dot.gif", gif, SIZE - 1, NULL);
    PORTICO_CHECK_STATUS(bench, 422);
    portico_test_post(bench, "/pictures", "title=A+dot");
    PORTICO_CHECK_STATUS(bench, 422);
}

static const struct portico_test tests[] = {
    { .name = "A picture is shown under its own name",
      .run = a_picture_is_shown_under_its_own_name },
    { .name = "What is no picture is refused", .run = what_is_no_picture_is_refused },
};
PORTICO_EXPORT_TESTS(tests)
