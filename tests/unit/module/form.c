/* Values of forms: what each type of field takes, what it says to the rest, and how limits count.
 */
#include "module/form.h"
#include "base/json.h"
#include "module/check.h"
#include "module/schema.h"

#include <glib.h>

/* `value` is JSON of what comes out; NULL: empty. `says` begins the sentence of a refusal. */
struct value_case {
    struct portico_field field;
    const char *typed, *value, *says;
};

static const struct value_case cases[] = {
    { { .type = PORTICO_FIELD_TEXT }, "  tea \t", "\"tea\"", NULL },
    { { .type = PORTICO_FIELD_TEXT }, "", NULL, NULL },
    { { .type = PORTICO_FIELD_TEXT }, " \r\n ", NULL, NULL },
    { { .type = PORTICO_FIELD_TEXT, .flags = PORTICO_FIELD_REQUIRED },
      "  ",
      NULL,
      "Fill this in." },
    { { .type = PORTICO_FIELD_TEXT }, "a\r\nb", NULL, "Write this on one line." },
    { { .type = PORTICO_FIELD_TEXT }, "a\x01z", NULL, "Take out the control characters" },
    { { .type = PORTICO_FIELD_TEXT }, "a\x7f", NULL, "Take out the control characters" },
    { { .type = PORTICO_FIELD_TEXT }, "a\xc2\x85z", NULL, "Take out the control characters" },
    { { .type = PORTICO_FIELD_TEXT }, "a\u202eb", NULL, "Take out the control characters" },
    { { .type = PORTICO_FIELD_TAGS }, "a, \u2067b", NULL, "Take out the control characters" },
    { { .type = PORTICO_FIELD_MARKDOWN }, "`a\u202eb`", "\"`a\u202eb`\"", NULL },
    { { .type = PORTICO_FIELD_TEXT, .minimum_length = 2 },
      "\u200b\u2060\ufeff\u3164\u00a0",
      NULL,
      "Write something that can be seen" },
    { { .type = PORTICO_FIELD_MARKDOWN },
      "\u2800\u034f\u00ad \u2003",
      NULL,
      "Write something that can be seen" },
    { { .type = PORTICO_FIELD_TAGS },
      "one, \u200b\u200b",
      NULL,
      "Write something that can be seen" },
    { { .type = PORTICO_FIELD_TEXT }, "न\u200dम 👩\u200d🚀", "\"न\u200dम 👩\u200d🚀\"", NULL },
    { { .type = PORTICO_FIELD_TEXT, .maximum_length = 3 }, "äöü", "\"äöü\"", NULL },
    { { .type = PORTICO_FIELD_TEXT, .maximum_length = 3 },
      "äöüß",
      NULL,
      "Shorten this to {limit} characters" },
    { { .type = PORTICO_FIELD_TEXT, .minimum_length = 2 },
      "ä",
      NULL,
      "Write at least {limit} characters" },
    { { .type = PORTICO_FIELD_TEXT, .minimum_length = 2 }, "", NULL, NULL },
    /* a + combining diaeresis becomes one letter, and counts as one. */
    { { .type = PORTICO_FIELD_TEXT, .maximum_length = 1 }, "a\xcc\x88", "\"ä\"", NULL },
    { { .type = PORTICO_FIELD_LONG },
      "\r\n\n  one\r\n  two \rthree\n \n",
      "\"  one\\n  two \\nthree\"",
      NULL },
    { { .type = PORTICO_FIELD_MARKDOWN }, "    code\n", "\"    code\"", NULL },
    { { .type = PORTICO_FIELD_PASSWORD }, " secret ", "\" secret \"", NULL },
    { { .type = PORTICO_FIELD_MAIL }, "ana@example.com", "\"ana@example.com\"", NULL },
    { { .type = PORTICO_FIELD_MAIL }, "ana", NULL, "This is not a mail address" },
    { { .type = PORTICO_FIELD_MAIL }, "Ana <ana@example.com>", NULL, "This is not a mail address" },
    { { .type = PORTICO_FIELD_MAIL }, "a@b.c, d@e.f", NULL, "This is not a mail address" },
    { { .type = PORTICO_FIELD_LINK },
      "https://example.com/a?b",
      "\"https://example.com/a?b\"",
      NULL },
    { { .type = PORTICO_FIELD_LINK }, "HTTP://example.com", "\"HTTP://example.com\"", NULL },
    { { .type = PORTICO_FIELD_LINK }, "javascript:alert(1)", NULL, "This is not a link" },
    { { .type = PORTICO_FIELD_LINK }, "https://", NULL, "This is not a link" },
    { { .type = PORTICO_FIELD_LINK }, "https://me:secret@example.com", NULL, "This is not a link" },
    { { .type = PORTICO_FIELD_LINK }, "https://a b", NULL, "This is not a link" },
    { { .type = PORTICO_FIELD_LINK }, "//example.com", NULL, "This is not a link" },
    { { .type = PORTICO_FIELD_INTEGER }, " 12 ", "12", NULL },
    { { .type = PORTICO_FIELD_INTEGER }, "+3", "3", NULL },
    { { .type = PORTICO_FIELD_INTEGER }, "-9223372036854775808", "-9223372036854775808", NULL },
    { { .type = PORTICO_FIELD_INTEGER }, "9223372036854775808", NULL, "Write a whole number" },
    { { .type = PORTICO_FIELD_INTEGER }, "1.5", NULL, "Write a whole number" },
    { { .type = PORTICO_FIELD_INTEGER }, "12 pieces", NULL, "Write a whole number" },
    { { .type = PORTICO_FIELD_INTEGER, .minimum = "1" }, "0", NULL, "Write a number of at least" },
    { { .type = PORTICO_FIELD_INTEGER, .maximum = "9" }, "10", NULL, "Write a number of at most" },
    { { .type = PORTICO_FIELD_REAL }, "2.5", "2.5", NULL },
    { { .type = PORTICO_FIELD_REAL }, "1e3", "1000", NULL },
    { { .type = PORTICO_FIELD_REAL }, "2,5", NULL, "Write a number, such as" },
    { { .type = PORTICO_FIELD_REAL }, "nan", NULL, "Write a number, such as" },
    { { .type = PORTICO_FIELD_REAL }, "0x10", NULL, "Write a number, such as" },
    { { .type = PORTICO_FIELD_REAL }, "1e999", NULL, "Write a number, such as" },
    { { .type = PORTICO_FIELD_REAL, .minimum = "0.5" }, "0.4", NULL, "Write a number of at least" },
    { { .type = PORTICO_FIELD_BOOLEAN }, "1", "true", NULL },
    { { .type = PORTICO_FIELD_BOOLEAN }, "on", "true", NULL },
    { { .type = PORTICO_FIELD_BOOLEAN }, "0", "false", NULL },
    { { .type = PORTICO_FIELD_BOOLEAN }, "", NULL, NULL },
    { { .type = PORTICO_FIELD_BOOLEAN }, "maybe", NULL, "Tick the box" },
    { { .type = PORTICO_FIELD_BOOLEAN, .flags = PORTICO_FIELD_REQUIRED },
      "",
      NULL,
      "Tick this box" },
    { { .type = PORTICO_FIELD_BOOLEAN, .flags = PORTICO_FIELD_REQUIRED },
      "0",
      NULL,
      "Tick this box" },
    { { .type = PORTICO_FIELD_CHOICE, .choices = "a=First\nb=Second" }, "b", "\"b\"", NULL },
    { { .type = PORTICO_FIELD_CHOICE, .choices = "a=First\nb=Second" },
      "First",
      NULL,
      "Choose one of the list" },
    { { .type = PORTICO_FIELD_CHOICE, .choices = "a=First", .flags = PORTICO_FIELD_REQUIRED },
      "",
      NULL,
      "Choose one." },
    { { .type = PORTICO_FIELD_TAGS },
      "red, green  blue,,Red",
      "[\"red\",\"green\",\"blue\"]",
      NULL },
    { { .type = PORTICO_FIELD_TAGS, .maximum_length = 2 }, "a b c", NULL, "Keep at most {limit}" },
    { { .type = PORTICO_FIELD_TAGS, .minimum_length = 2 }, "a", NULL, "Name at least {limit}" },
    { { .type = PORTICO_FIELD_TAGS },
      "a23456789012345678901234567890123456789012345678901",
      NULL,
      "Shorten “{word}”" },
    { { .type = PORTICO_FIELD_DATE }, "2024-02-29", "\"2024-02-29\"", NULL },
    { { .type = PORTICO_FIELD_DATE }, "2023-02-29", NULL, "Write a day" },
    { { .type = PORTICO_FIELD_DATE }, "0000-01-01", NULL, "Write a day" },
    { { .type = PORTICO_FIELD_DATE }, "29.2.2024", NULL, "Write a day" },
    { { .type = PORTICO_FIELD_DATE }, "2024-02-2", NULL, "Write a day" },
    { { .type = PORTICO_FIELD_DATE, .minimum = "2024-01-01" },
      "2023-12-31",
      NULL,
      "Choose a day that is {limit} or later" },
    { { .type = PORTICO_FIELD_DATE, .maximum = "2024-01-01" },
      "2024-01-02",
      NULL,
      "Choose a day that is {limit} or earlier" },
    { { .type = PORTICO_FIELD_HIDDEN }, "17", "\"17\"", NULL },
};

static void judge(struct arena *arena, const struct portico_field *field, struct text typed,
                  struct form_reading *ret_reading)
{
    struct form_choice *choices = NULL;
    struct form_rules rules = { .field = field };
    g_assert_cmpint(form_parse_choices(arena, field->choices, &choices, &rules.choice_count), ==,
                    0);
    rules.choices = choices;
    g_assert_cmpint(form_read(arena, &rules, typed, ret_reading), ==, 0);
}

static void assert_reading(const struct value_case *one, const struct form_reading *reading)
{
    struct buffer json = { 0 };
    if (reading->value)
        json_write(&json, reading->value);
    const char *value = reading->value ? buffer_text(&json) : NULL;
    bool good = g_strcmp0(value, one->value) == 0 &&
                (one->says ? reading->sentence && g_str_has_prefix(reading->sentence, one->says)
                           : !reading->sentence);
    if (!good)
        g_test_message("type %u \"%s\": %s, %s", one->field.type, one->typed, value,
                       reading->sentence);
    g_assert_true(good);
    buffer_free(&json);
}

static void test_each_type_takes_its_values_and_says_how_to_mend_others(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct arena *arena = arena_new(0);
        struct form_reading reading = { 0 };
        judge(arena, &cases[i].field, text_of(cases[i].typed), &reading);
        assert_reading(&cases[i], &reading);
        arena_free(arena);
    }
}

static void test_a_file_is_judged_by_what_it_is_and_by_the_choices_of_its_field(void)
{
    static const struct {
        const char *choices, *name, *content, *text, *says;
    } files[] = {
        { "text/plain", "C:\\tea\\notes.txt", "two cups", "notes.txt", NULL },
        { PORTICO_ACCEPT_ANY, "notes.bin", "\x01\x02", "notes.bin", NULL },
        { "image application/pdf", "notes.txt", "two cups", "notes.txt",
          "This file is {type}; taken here are {accept}." },
        { "text/plain", "report.pdf", "%PDF-1.7", "report.pdf",
          "This file is {type}; taken here are {accept}." },
        { PORTICO_ACCEPT_ANY, "empty.txt", "", "empty.txt", "This file is empty." },
        { PORTICO_ACCEPT_ANY, NULL, NULL, "", "Choose a file." },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        const struct portico_field field = { .name = "file",
                                             .type = PORTICO_FIELD_FILE,
                                             .flags = PORTICO_FIELD_REQUIRED,
                                             .choices = files[i].choices };
        const struct form_rules rules = { .field = &field };
        struct http_part part = { .name = TEXT("file") };
        struct arena *arena = arena_new(0);
        struct form_reading reading;
        if (files[i].name) {
            part.file_name = text_of(files[i].name);
            part.content = text_of(files[i].content);
        }
        g_assert_cmpint(form_read_file(arena, &rules, files[i].name ? &part : NULL, &reading), ==,
                        0);
        g_assert_cmpstr(reading.text, ==, files[i].text);
        g_assert_cmpstr(reading.sentence, ==, files[i].says);
        g_assert_true(!reading.value == !!files[i].says);
        if (reading.value)
            g_assert_cmpstr(reading.value->text, ==, files[i].text);
        arena_free(arena);
    }
}

static void test_images_alone_are_taken_where_a_field_says_nothing(void)
{
    const struct portico_field field = { .name = "file", .type = PORTICO_FIELD_FILE };
    const struct form_rules rules = { .field = &field };
    const struct http_part part = { TEXT("file"), TEXT("a.png"), { NULL, 0 }, TEXT("no image") };
    struct arena *arena = arena_new(0);
    struct form_reading reading;
    g_assert_cmpint(form_read_file(arena, &rules, &part, &reading), ==, 0);
    g_assert_nonnull(reading.sentence);
    g_assert_null(reading.value);
    g_assert_cmpint(form_read_file(arena, &rules, NULL, &reading), ==, 0);
    g_assert_null(reading.sentence);
    arena_free(arena);
}

static void test_what_is_refused_is_shown_again(void)
{
    const struct portico_field field = { .type = PORTICO_FIELD_TAGS, .maximum_length = 1 };
    struct arena *arena = arena_new(0);
    struct form_reading reading = { 0 };
    judge(arena, &field, TEXT("one, two"), &reading);
    g_assert_nonnull(reading.sentence);
    g_assert_cmpstr(reading.text, ==, "one, two");
    g_assert_cmpint(value_get(reading.arguments, TEXT("count"))->integer, ==, 2);
    arena_free(arena);
}

static void test_a_value_read_from_its_own_text_stays_the_same(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct arena *arena = arena_new(0);
        struct form_reading first = { 0 }, second = { 0 };
        judge(arena, &cases[i].field, text_of(cases[i].typed), &first);
        judge(arena, &cases[i].field, text_of(first.text), &second);
        if (!first.sentence)
            g_assert_cmpstr(second.text, ==, first.text);
        if (cases[i].field.type != PORTICO_FIELD_BOOLEAN)
            g_assert_true(!first.sentence == !second.sentence);
        arena_free(arena);
    }
}

static const struct {
    uint32_t type;
    const char *json, *text, *says;
} members[] = {
    { PORTICO_FIELD_TEXT, "\"tea\"", "tea", NULL },
    { PORTICO_FIELD_TEXT, "null", "", NULL },
    { PORTICO_FIELD_TEXT, "3", "", "Send this as a text." },
    { PORTICO_FIELD_INTEGER, "3", "3", NULL },
    { PORTICO_FIELD_INTEGER, "\"3\"", "", "Send this as a whole number." },
    { PORTICO_FIELD_INTEGER, "3.5", "", "Send this as a whole number." },
    { PORTICO_FIELD_REAL, "3", "3", NULL },
    { PORTICO_FIELD_REAL, "0.5", "0.5", NULL },
    { PORTICO_FIELD_REAL, "\"0.5\"", "", "Send this as a number." },
    { PORTICO_FIELD_BOOLEAN, "true", "1", NULL },
    { PORTICO_FIELD_BOOLEAN, "false", "", NULL },
    { PORTICO_FIELD_BOOLEAN, "1", "", "Send this as true or false." },
    { PORTICO_FIELD_TAGS, "[\"a\",\"b\"]", "a, b", NULL },
    { PORTICO_FIELD_TAGS, "[]", "", NULL },
    { PORTICO_FIELD_TAGS, "[\"a b\"]", "", "Send this as a list of words" },
    { PORTICO_FIELD_TAGS, "\"a\"", "", "Send this as a list of words" },
};

static void test_members_of_a_json_body_have_the_kind_of_their_field(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        struct arena *arena = arena_new(0);
        const struct portico_field field = { .type = members[i].type };
        const struct form_rules rules = { .field = &field };
        struct form_reading reading = { 0 };
        char *body = g_strdup_printf("{\"a\":%s}", members[i].json);
        struct value *object = NULL;
        g_assert_cmpint(json_parse(arena, body, strlen(body), &object, NULL), ==, 0);
        g_assert_cmpint(form_read_json(arena, &rules, value_get(object, TEXT("a")), &reading), ==,
                        0);
        g_assert_cmpstr(reading.text, ==, members[i].text);
        if (members[i].says)
            g_assert_true(g_str_has_prefix(reading.sentence, members[i].says));
        else
            g_assert_null(reading.sentence);
        g_free(body);
        arena_free(arena);
    }
}

static void test_the_schema_of_a_form_says_what_its_fields_say(void)
{
    static const struct portico_field fields[] = {
        { .form = "a",
          .name = "title",
          .type = PORTICO_FIELD_TEXT,
          .flags = PORTICO_FIELD_REQUIRED,
          .maximum_length = 9 },
        { .form = "b", .name = "other", .type = PORTICO_FIELD_TEXT },
        { .form = "a", .name = "size", .type = PORTICO_FIELD_INTEGER, .minimum = "1" },
        { .form = "a", .name = "kind", .type = PORTICO_FIELD_CHOICE, .choices = "x=X\ny=Y" },
        { .form = "a", .name = "tags", .type = PORTICO_FIELD_TAGS, .maximum_length = 2 },
    };
    const struct portico_module module = { .form_fields = PORTICO_LIST(fields) };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct value *schema = NULL, *body = NULL;
    const char *text = form_schema(arena, &module, "a");
    g_assert_cmpstr(text, ==,
                    "{\"type\":\"object\",\"properties\":{"
                    "\"title\":{\"type\":\"string\",\"maxLength\":9,\"minLength\":1},"
                    "\"size\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1},"
                    "\"kind\":{\"type\":\"string\",\"enum\":[\"x\",\"y\",\"\"]},"
                    "\"tags\":{\"type\":\"array\",\"maxItems\":2,"
                    "\"items\":{\"type\":\"string\",\"maxLength\":50}}},"
                    "\"required\":[\"title\"],\"additionalProperties\":false}");
    g_assert_cmpint(json_parse(arena, text, strlen(text), &schema, NULL), ==, 0);
    g_assert_cmpint(schema_check(schema, &error), ==, 0);
    static const char good[] = "{\"title\":\"t\",\"size\":1,\"kind\":\"y\",\"tags\":[\"a\"]}";
    g_assert_cmpint(json_parse(arena, good, strlen(good), &body, NULL), ==, 0);
    g_assert_cmpint(schema_validate(schema, body, &error), ==, 0);
    arena_free(arena);
}

/* What is said of a descriptor's forms, one sentence a line. */
static void add_sentence(const char *sentence, void *data)
{
    g_string_append_printf(data, "%s\n", sentence);
}

static void assert_said_of(const struct portico_field *field, uint32_t count, const char *part)
{
    static const struct portico_form_type forms[] = { { .name = "a", .submit = "Send" } };
    const struct portico_module module = {
        .id = "m",
        .forms = PORTICO_LIST(forms),
        .form_fields = { field, count, sizeof *field },
    };
    GString *said = g_string_new(NULL);
    struct descriptor_report report = { .say = add_sentence, .data = said };
    check_forms(&module, &report);
    if (part ? !strstr(said->str, part) : said->len > 0)
        g_error("said of %s: %s", field->name, said->str);
    g_string_free(said, TRUE);
}

static void assert_said(const struct portico_field *field, const char *part)
{
    assert_said_of(field, 1, part);
}

static void test_a_field_has_no_name_of_one_for_images(void)
{
    struct portico_field fields[] = {
        { .form = "a", .name = "text_image", .label = "L", .type = PORTICO_FIELD_FILE },
        { .form = "a", .name = "text", .label = "L", .type = PORTICO_FIELD_MARKDOWN },
    };
    assert_said_of(fields, 2,
                   "The field text_image of form a has the name of the field in which the portal "
                   "takes images for the Markdown field text: rename it.");
    fields[0].name = "test_image";
    assert_said_of(fields, 2, NULL);
    fields[0].name = "_image";
    assert_said_of(fields, 1, "rename it");
    fields[0].name = "text_image";
    fields[1].type = PORTICO_FIELD_LONG;
    assert_said_of(fields, 2, NULL);
}

static void test_fields_that_make_no_sense_do_not_load(void)
{
#define FIELD(...) &(const struct portico_field){ .form = "a", .label = "L", __VA_ARGS__ }
    assert_said(FIELD(.name = "good", .type = PORTICO_FIELD_TEXT), NULL);
    assert_said(FIELD(.name = "Bad", .type = PORTICO_FIELD_TEXT), "rename it");
    assert_said(FIELD(.name = "portico_key", .type = PORTICO_FIELD_TEXT), "rename it");
    assert_said(FIELD(.name = "x", .type = 99), "has the type 99");
    assert_said(
        &(const struct portico_field){ .form = "a", .name = "x", .type = PORTICO_FIELD_TEXT },
        "has no .label");
    assert_said(
        &(const struct portico_field){
            .form = "b", .name = "x", .label = "L", .type = PORTICO_FIELD_TEXT },
        "not in .forms");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_TEXT, .minimum = "1"), ".minimum_length");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_INTEGER, .minimum_length = 1),
                "only texts and TAGS");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_INTEGER, .minimum = "one"),
                "not one it would take itself");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_INTEGER, .maximum = "5", .initial = "6"),
                "The .initial \"6\"");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_INTEGER, .maximum = "5", .initial = "5"),
                NULL);
    assert_said(
        FIELD(.name = "x", .type = PORTICO_FIELD_TEXT, .minimum_length = 9, .maximum_length = 8),
        "at least 9 and at most 8");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_CHOICE, .choices = "a=A\na=B"), "twice");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_CHOICE, .choices = "=A"),
                "without a value or title");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_TEXT, .choices = "a=A"), "take them out");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_FILE, .choices = "image text/plain"),
                NULL);
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_FILE, .initial = "a.png"), "take it out");
    assert_said(FIELD(.name = "x", .type = PORTICO_FIELD_TEXT, .suggest = "/a"), "only TAGS");
#undef FIELD
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/module/form/each type takes its values and says how to mend others",
                    test_each_type_takes_its_values_and_says_how_to_mend_others);
    g_test_add_func("/module/form/a file is judged by what it is and by the choices of its field",
                    test_a_file_is_judged_by_what_it_is_and_by_the_choices_of_its_field);
    g_test_add_func("/module/form/images alone are taken where a field says nothing",
                    test_images_alone_are_taken_where_a_field_says_nothing);
    g_test_add_func("/module/form/what is refused is shown again",
                    test_what_is_refused_is_shown_again);
    g_test_add_func("/module/form/a value read from its own text stays the same",
                    test_a_value_read_from_its_own_text_stays_the_same);
    g_test_add_func("/module/form/members of a JSON body have the kind of their field",
                    test_members_of_a_json_body_have_the_kind_of_their_field);
    g_test_add_func("/module/form/the schema of a form says what its fields say",
                    test_the_schema_of_a_form_says_what_its_fields_say);
    g_test_add_func("/module/form/fields that make no sense do not load",
                    test_fields_that_make_no_sense_do_not_load);
    g_test_add_func("/module/form/a field has no name of one for images",
                    test_a_field_has_no_name_of_one_for_images);
    return g_test_run();
}
