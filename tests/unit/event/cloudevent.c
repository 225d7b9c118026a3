/* Names, traces and the CloudEvents 1.0.2 form, held against the specification's attribute rules.
 */
#include "event/event.h"

#include "base/json.h"

#include <glib.h>
#include <sodium.h>

static struct event_record example(struct arena *arena)
{
    struct value *data = value_new(arena, PORTICO_OBJECT);
    value_set_text(data, "title", "Tea & cake");
    return (struct event_record){
        .id = INT64_C(9223372036854775807),
        .time = INT64_C(1767225600500000),
        .person = 7,
        .account = INT64_C(4611686018427387904),
        .audience = 3,
        .type = "portal.shop.order.placed",
        .source = "/modules/shop",
        .subject = "order/1",
        .trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        .data = data,
    };
}

/* CloudEvents 1.0.2, sections 1 to 3 of the specification, and JSON event format, sections 2 and 3:
 * what every consumer may rely on. */
static void hold_to_the_rules(const struct value *event)
{
    static const char *const required[] = { "id", "source", "specversion", "type" };
    for (size_t i = 0; i < G_N_ELEMENTS(required); i++) {
        const struct value *attribute = value_get(event, text_of(required[i]));
        g_assert_nonnull(attribute);
        g_assert_cmpint(attribute->kind, ==, PORTICO_TEXT);
        g_assert_cmpuint(attribute->count, >, 0);
    }
    g_assert_cmpstr(value_get(event, TEXT("specversion"))->text, ==, "1.0");
    for (uint32_t i = 0; i < event->count; i++) {
        struct text name = event->members[i].key;
        const struct value *value = event->members[i].value;
        if (text_equals(name, TEXT("data")))
            continue;
        /* "MUST consist of lower-case letters or digits", "SHOULD NOT exceed 20 characters". */
        g_assert_cmpuint(name.length, <=, 20);
        for (size_t at = 0; at < name.length; at++)
            g_assert_true(g_ascii_islower(name.data[at]) || g_ascii_isdigit(name.data[at]));
        /* "MUST NOT be null"; a number would have to fit 32 bits, ours do not: all are Strings. */
        g_assert_cmpint(value->kind, ==, PORTICO_TEXT);
        g_assert_cmpuint(value->count, >, 0);
        g_assert_true(text_is_utf8(value->text, value->count));
        for (size_t at = 0; at < value->count; at++)
            g_assert_cmpint((unsigned char)value->text[at], >=, 0x20);
    }
    /* A URI-reference. */
    g_assert_true(g_uri_is_valid(value_get(event, TEXT("source"))->text, G_URI_FLAGS_NONE, NULL) ||
                  *value_get(event, TEXT("source"))->text == '/');
    /* RFC 3339, and "datacontenttype" a media type of RFC 2046. */
    const struct value *time = value_get(event, TEXT("time"));
    GDateTime *parsed = g_date_time_new_from_iso8601(time->text, NULL);
    g_assert_nonnull(parsed);
    g_date_time_unref(parsed);
    g_assert_cmpstr(value_get(event, TEXT("datacontenttype"))->text, ==, "application/json");
    g_assert_null(value_get(event, TEXT("data_base64")));
}

static void an_event_reads_as_cloudevents_1_0_2_prescribes(void)
{
    struct arena *arena = arena_new(0);
    struct event_record event = example(arena);
    struct value *made = event_to_cloudevent(&event, arena, "https://portal.example");
    g_assert_nonnull(made);
    hold_to_the_rules(made);
    struct buffer json = { 0 };
    json_write(&json, made);
    g_assert_cmpint(json.length, >, 0);
    char *text = g_strndup(json.data, json.length);
    g_assert_cmpstr(text, ==,
                    "{\"specversion\":\"1.0\",\"id\":\"9223372036854775807\","
                    "\"source\":\"https://portal.example/modules/shop\","
                    "\"type\":\"portal.shop.order.placed\","
                    "\"time\":\"2026-01-01T00:00:00.500Z\",\"subject\":\"order/1\","
                    "\"datacontenttype\":\"application/json\","
                    "\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\","
                    "\"personid\":\"7\",\"accountid\":\"4611686018427387904\","
                    "\"data\":{\"title\":\"Tea & cake\"}}");
    g_free(text);
    buffer_free(&json);
    arena_free(arena);
}

static void what_an_event_lacks_is_absent_not_empty(void)
{
    struct arena *arena = arena_new(0);
    struct event_record event = example(arena);
    event.subject = "";
    event.person = event.account = event.audience = 0;
    struct value *made = event_to_cloudevent(&event, arena, NULL);
    hold_to_the_rules(made);
    static const char *const absent[] = { "subject", "personid", "accountid", "audience" };
    for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
        g_assert_null(value_get(made, text_of(absent[i])));
    g_assert_cmpstr(value_get(made, TEXT("source"))->text, ==, "/modules/shop");
    arena_free(arena);
}

static void patterns_match_whole_types_and_beginnings_of_segments(void)
{
    static const struct {
        const char *types, *type;
        bool matches;
    } rows[] = {
        { "portal.shop.order.placed", "portal.shop.order.placed", true },
        { "portal.shop.order.placed", "portal.shop.order.place", false },
        { "portal.shop.order.placed", "portal.shop.order.placed2", false },
        { "portal.shop.*", "portal.shop.order.placed", true },
        { "portal.shop.*", "portal.shops.order.placed", false },
        { "portal.shop.*", "portal.shop.", false },
        { "portal.*", "portal.shop.order.placed", true },
        { " portal.a.b.c\n\tportal.shop.order.* ", "portal.shop.order.paid", true },
        { "", "portal.shop.order.placed", false },
        { "*", "portal.shop.order.placed", false },
        { "portal.shop.*.placed", "portal.shop.order.placed", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s, %s", rows[i].types, rows[i].type);
        g_assert_true(event_matches(rows[i].types, rows[i].type) == rows[i].matches);
    }
}

static void names_and_patterns_that_are_none_are_refused(void)
{
    static const char *const good[] = { "portal.shop.order.placed", "portal.shop.e-mail.sent2" };
    static const char *const bad[] = {
        "",
        "portal.shop.order",
        "portal.shop.order.placed.twice",
        "portal.other.order.placed",
        "portal.shop.Order.placed",
        "portal.shop..placed",
        "portal.shop.order.",
        "portal.shop.order.placed.",
        "portal.shop.order.placed ",
        "portal.shop.order.2placed",
        "portal.shop.order_line.placed",
        "other.shop.order.placed",
        "portal.shopping.order.placed",
    };
    static const char *const wrong[] = {
        "",        "*",  "portal",    "portal.*.order.placed", "portal.shop.order.placed.*",
        "portal.", ".*", "portal..*", "portal.shop.*x",        "portal.shop.order.placed x",
        "Portal.*"
    };
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_cmpint(event_type_check(good[i], "shop", &error), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("\"%s\"", bad[i]);
        g_assert_cmpint(event_type_check(bad[i], "shop", &error), ==, PORTICO_EINVAL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_test_message("\"%s\"", wrong[i]);
        g_assert_cmpint(event_patterns_check(wrong[i], &error), ==, PORTICO_EINVAL);
    }
    g_assert_cmpint(event_patterns_check("portal.*  portal.shop.order.placed portal.a.b.*", &error),
                    ==, 0);
}

static void a_traceparent_is_what_w3c_says_or_is_made_anew(void)
{
    static const char *const bad[] = {
        "",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    g_assert_false(event_trace_is_good(NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(event_trace_is_good(bad[i]));
    g_assert_true(event_trace_is_good("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    char one[EVENT_TRACE_SIZE], other[EVENT_TRACE_SIZE];
    event_trace_make(one);
    event_trace_make(other);
    g_assert_true(event_trace_is_good(one));
    g_assert_cmpstr(one, !=, other);
}

int main(int argc, char **argv)
{
    g_assert_cmpint(sodium_init(), >=, 0);
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/cloudevent/" #function, function)
    TEST(an_event_reads_as_cloudevents_1_0_2_prescribes);
    TEST(what_an_event_lacks_is_absent_not_empty);
    TEST(patterns_match_whole_types_and_beginnings_of_segments);
    TEST(names_and_patterns_that_are_none_are_refused);
    TEST(a_traceparent_is_what_w3c_says_or_is_made_anew);
    return g_test_run();
}
