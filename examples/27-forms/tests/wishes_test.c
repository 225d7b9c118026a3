/* Tests of the example: what is refused is said beside the field, what is sent is there once. */
#include <portico/test.h>

static void a_wish_that_passes_is_on_the_list(struct portico_bench *bench)
{
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+garden&urgency=soon&pieces=2");
    PORTICO_CHECK_STATUS(bench, 303);
    PORTICO_CHECK_TEXT(bench, portico_test_header(bench, "Location"), "/wishes");
    portico_test_get(bench, "/wishes");
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, ".rows li b"), "A garden");
}

static void what_is_wrong_is_said_beside_the_field(struct portico_bench *bench)
{
    portico_test_send_form(bench, "/wishes/new", "wish", "title=x&urgency=soon&pieces=2");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "#wish-title-error"),
                       "Write at least 3 characters; it has 1.");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#wish-title", "value"), "x");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".error"), 1);
}

static void what_only_the_module_knows_is_said_beside_the_field_too(struct portico_bench *bench)
{
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+bench&urgency=soon&pieces=1");
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+bench&urgency=now&pieces=1");
    PORTICO_CHECK_STATUS(bench, 422);
    PORTICO_CHECK_TEXT(bench, portico_test_element(bench, "#wish-title-error"),
                       "There is such a wish already: name yours otherwise.");
}

static void a_form_sent_twice_makes_one_wish(struct portico_bench *bench)
{
    static const char body[] = "title=A+kite&urgency=now&pieces=1&portico_key=k1";
    for (int i = 0; i < 2; i++) {
        portico_test_post(bench, "/wishes/new", body);
        PORTICO_CHECK_STATUS(bench, 303);
    }
    portico_test_get(bench, "/wishes");
    PORTICO_CHECK_INTEGER(bench, portico_test_count(bench, ".rows li"), 1);
}

static void a_draft_is_shown_again_until_it_is_sent_or_discarded(struct portico_bench *bench)
{
    portico_id ana = portico_test_person(bench, "ana", NULL);
    portico_test_as(bench, ana, NULL);
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+po&portico_draft=keep");
    PORTICO_CHECK_STATUS(bench, 204);
    portico_test_get(bench, "/wishes/new");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#wish-title", "value"), "A po");
    portico_test_as(bench, 0, NULL);
    portico_test_get(bench, "/wishes/new");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#wish-title", "value"), "");
    portico_test_as(bench, ana, NULL);
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+po&portico_draft=discard");
    PORTICO_CHECK_STATUS(bench, 200);
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#wish-title", "value"), "");
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+pond&portico_draft=save");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#wish-title", "value"), "A pond");
    portico_test_send_form(bench, "/wishes/new", "wish", "title=A+pond&urgency=now&pieces=1");
    PORTICO_CHECK_STATUS(bench, 303);
    portico_test_get(bench, "/wishes/new");
    PORTICO_CHECK_TEXT(bench, portico_test_attribute(bench, "#wish-title", "value"), "");
}

static const struct portico_test tests[] = {
    { .name = "A wish that passes is on the list", .run = a_wish_that_passes_is_on_the_list },
    { .name = "What is wrong is said beside the field",
      .run = what_is_wrong_is_said_beside_the_field },
    { .name = "What only the module knows is said beside the field too",
      .run = what_only_the_module_knows_is_said_beside_the_field_too },
    { .name = "A form sent twice makes one wish", .run = a_form_sent_twice_makes_one_wish },
    { .name = "A draft is shown again until it is sent or discarded",
      .run = a_draft_is_shown_again_until_it_is_sent_or_discarded },
};
PORTICO_EXPORT_TESTS(tests)
