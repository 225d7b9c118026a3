/* Tests of the example: recorded if the change is kept, and not otherwise. */
#include <portico/test.h>

static void whoever_is_taken_on_is_welcomed(struct portico_bench *bench)
{
    portico_test_post(bench, "/mail/members", "to=dana%40example.com&name=Dana");
    PORTICO_CHECK_STATUS(bench, 303);
    const struct portico_value *mail = portico_at(portico_test_mails(bench), 0);
    PORTICO_CHECK_TEXT(bench, portico_get_text(mail, "to", NULL), "dana@example.com");
    PORTICO_CHECK_TEXT(bench, portico_get_text(mail, "subject", NULL), "Welcome, Dana");
}

static void whoever_is_refused_gets_no_mail(struct portico_bench *bench)
{
    portico_test_post(bench, "/mail/members", "to=dana%40example.com&name=Dana&refused=1");
    PORTICO_CHECK_STATUS(bench, 409);
    PORTICO_CHECK_INTEGER(bench, portico_count(portico_test_mails(bench)), 0);
}

static const struct portico_test tests[] = {
    { .name = "Whoever is taken on is welcomed", .run = whoever_is_taken_on_is_welcomed },
    { .name = "Whoever is refused gets no mail", .run = whoever_is_refused_gets_no_mail },
};
PORTICO_EXPORT_TESTS(tests)
