/* The JSON Schema subset: what fits, what does not and where, and which schemas are refused. */
#include "module/schema.h"
#include "base/json.h"

#include <glib.h>

static struct value *parse(struct arena *arena, const char *text)
{
    struct value *value = NULL;
    g_assert_cmpint(json_parse(arena, text, strlen(text), &value, NULL), ==, 0);
    return value;
}

/* `says` NULL: the value fits. */
static const struct {
    const char *schema, *value, *says;
} cases[] = {
    { "{}", "17", NULL },
    { "{\"type\":\"string\"}", "\"a\"", NULL },
    { "{\"type\":\"string\"}", "1", "/ must be of type string" },
    { "{\"type\":[\"string\",\"null\"]}", "null", NULL },
    { "{\"type\":[\"string\",\"null\"]}", "true", "must be of type string or null" },
    { "{\"type\":\"integer\"}", "3", NULL },
    { "{\"type\":\"integer\"}", "3.0", NULL },
    { "{\"type\":\"integer\"}", "3.5", "must be of type integer" },
    { "{\"type\":\"number\"}", "3.5", NULL },
    { "{\"type\":\"number\"}", "\"3\"", "must be of type number" },
    { "{\"type\":\"boolean\"}", "false", NULL },
    { "{\"type\":\"boolean\"}", "0", "must be of type boolean" },
    { "{\"type\":\"array\"}", "{}", "must be of type array" },
    { "{\"type\":\"object\"}", "[]", "must be of type object" },
    { "{\"minimum\":1,\"maximum\":3}", "1", NULL },
    { "{\"minimum\":1,\"maximum\":3}", "0", "must be at least 1" },
    { "{\"minimum\":1,\"maximum\":3}", "3.1", "must be at most 3" },
    { "{\"minimum\":1}", "\"text\"", NULL },
    { "{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa4\xc3\xb6\xc3\xbc\"", NULL },
    { "{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa4\"", "at least 2 characters" },
    { "{\"minLength\":2,\"maxLength\":3}", "\"abcd\"", "at most 3 characters" },
    { "{\"minItems\":1,\"maxItems\":2}", "[]", "at least 1 items" },
    { "{\"minItems\":1,\"maxItems\":2}", "[1,2,3]", "at most 2 items" },
    { "{\"enum\":[\"a\",2,null]}", "2", NULL },
    { "{\"enum\":[\"a\",2,null]}", "2.0", NULL },
    { "{\"enum\":[\"a\",2,null]}", "\"b\"", "/ is none of the allowed values" },
    { "{\"enum\":[{\"a\":[1]}]}", "{\"a\":[1]}", NULL },
    { "{\"enum\":[{\"a\":[1]}]}", "{\"a\":[1,2]}", "none of the allowed" },
    { "{\"const\":true}", "true", NULL },
    { "{\"const\":true}", "1", "not the one allowed value" },
    { "{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "/b is required and missing" },
    { "{\"required\":[\"a\"]}", "[]", NULL },
    { "{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", "/a must be of type string" },
    { "{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"b\":1}", NULL },
    { "{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}",
      "/b is not a known member" },
    { "{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"b\":\"x\"}",
      "/b must be of type integer" },
    { "{\"items\":{\"properties\":{\"x\":{\"minimum\":0}}}}", "[{\"x\":1},{\"x\":-1}]",
      "/1/x must be at least 0" },
    { "{\"properties\":{\"a/b~c\":{\"type\":\"null\"}}}", "{\"a/b~c\":1}",
      "/a~1b~0c must be of type null" },
};

static void test_values_are_held_against_the_schema(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct arena *arena = arena_new(0);
        struct portico_error error = PORTICO_ERROR_INIT;
        struct value *schema = parse(arena, cases[i].schema), *value = parse(arena, cases[i].value);
        g_assert_cmpint(schema_check(schema, &error), ==, 0);
        int code = schema_validate(schema, value, &error);
        g_test_message("%s against %s: %s", cases[i].value, cases[i].schema, error.message);
        g_assert_cmpint(code, ==, cases[i].says ? PORTICO_EINVAL : 0);
        if (cases[i].says)
            g_assert_nonnull(strstr(error.message, cases[i].says));
        arena_free(arena);
    }
}

static void test_what_json_carries_as_text_is_a_string(void)
{
    static const uint32_t kinds[] = { PORTICO_ID, PORTICO_TIME };
    struct arena *arena = arena_new(0);
    struct portico_error error = PORTICO_ERROR_INIT;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct value *value = value_scalar(arena, kinds[i], 17, 0);
        struct value *string = parse(arena, "{\"type\":\"string\"}");
        struct value *integer = parse(arena, "{\"type\":\"integer\"}");
        g_assert_cmpint(schema_validate(string, value, &error), ==, 0);
        g_assert_cmpint(schema_validate(integer, value, &error), ==, PORTICO_EINVAL);
    }
    arena_free(arena);
}

static void test_schemas_beyond_the_subset_are_refused(void)
{
    static const struct {
        const char *schema, *says;
    } refused[] = {
        { "[]", "/ is not an object" },
        { "{\"pattern\":\"a+\"}", "/pattern is a keyword this portal does not check" },
        { "{\"properties\":{\"a\":{\"oneOf\":[]}}}", "/properties/a/oneOf is a keyword" },
        { "{\"type\":\"text\"}", "/type is no type: there are null, boolean, string" },
        { "{\"type\":[\"int\"]}", "/type is no type: there are null, boolean, string" },
        { "{\"type\":[]}", "/type is no type" },
        { "{\"required\":\"a\"}", "/required has a value" },
        { "{\"required\":[1]}", "/required has a value" },
        { "{\"minLength\":-1}", "/minLength has a value" },
        { "{\"maximum\":\"9\"}", "/maximum has a value" },
        { "{\"enum\":[]}", "/enum has a value" },
        { "{\"items\":[{}]}", "/items is not an object" },
        { "{\"properties\":[]}", "/properties has a value" },
        { "{\"additionalProperties\":3}", "/additionalProperties is not an object" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct arena *arena = arena_new(0);
        struct portico_error error = PORTICO_ERROR_INIT;
        g_assert_cmpint(schema_check(parse(arena, refused[i].schema), &error), ==, PORTICO_EINVAL);
        g_test_message("%s", error.message);
        g_assert_nonnull(strstr(error.message, refused[i].says));
        arena_free(arena);
    }
}

static void test_deep_schemas_end_in_a_sentence(void)
{
    struct arena *arena = arena_new(0);
    struct portico_error error = PORTICO_ERROR_INIT;
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 40; i++)
        g_string_append(text, "{\"items\":");
    g_string_append(text, "{}");
    for (int i = 0; i < 40; i++)
        g_string_append_c(text, '}');
    g_assert_cmpint(schema_check(parse(arena, text->str), &error), ==, PORTICO_ELIMIT);
    g_assert_nonnull(strstr(error.message, "32 deep"));
    g_string_free(text, TRUE);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/schema/values are held against the schema",
                    test_values_are_held_against_the_schema);
    g_test_add_func("/schema/what json carries as text is a string",
                    test_what_json_carries_as_text_is_a_string);
    g_test_add_func("/schema/schemas beyond the subset are refused",
                    test_schemas_beyond_the_subset_are_refused);
    g_test_add_func("/schema/deep schemas end in a sentence", test_deep_schemas_end_in_a_sentence);
    return g_test_run();
}
