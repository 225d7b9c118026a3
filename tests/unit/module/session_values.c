/* What modules attach to a session: each by its own declaration, and in a share of its own. */
#include "module/session_values.h"
#include "base/error.h"
#include "base/json.h"
#include "module/check.h"
#include "module/module.h"

#include <glib.h>

#define WORDS(name, most)                                                                          \
    {                                                                                              \
        .key = name, .title = "Text", .type = PORTICO_FACT_TEXT, .maximum_length = most            \
    }

static const struct portico_session_value much[] = {
    WORDS("a", 0), WORDS("b", 0), WORDS("c", 0), WORDS("d", 0), WORDS("e", 0),
    WORDS("f", 0), WORDS("g", 0), WORDS("h", 0), WORDS("i", 0), WORDS("j", 0),
};
static const struct portico_session_value desk[] = {
    { .key = "desk",
      .title = "Desk",
      .type = PORTICO_FACT_TEXT,
      .flags = PORTICO_SESSION_REQUIRED },
};
static const struct portico_session_value wordy[] = { WORDS("a", 500), WORDS("b", 500),
                                                      WORDS("c", 500), WORDS("d", 500),
                                                      WORDS("e", 1) };

static const struct portico_session_value odd[] = {
    { .key = "odd", .title = "Odd", .type = PORTICO_FACT_NUMBER, .flags = 8, .reserved = 1 },
};

/* As long as a choice may be, and one byte more. */
#define EIGHT "12345678"
#define LONG_CHOICE EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT
static const struct portico_session_value choosy[] = {
    { .key = "tier",
      .title = "Tier",
      .type = PORTICO_FACT_CHOICE,
      .choices = "a=" LONG_CHOICE LONG_CHOICE "\n" LONG_CHOICE "=Just\n" LONG_CHOICE "9=Over" },
};

static const struct portico_module of_choosy = { .session_values = PORTICO_LIST(choosy) };
static const struct portico_module of_odd = { .session_values = PORTICO_LIST(odd) };
static const struct portico_module of_much = { .session_values = PORTICO_LIST(much) };
static const struct portico_module of_desk = { .session_values = PORTICO_LIST(desk) };
static const struct portico_module of_wordy = { .session_values = PORTICO_LIST(wordy) };

static struct value *parse(struct arena *arena, const char *json)
{
    struct value *value = NULL;
    g_assert_cmpint(json_parse(arena, json, strlen(json), &value, NULL), ==, 0);
    return value;
}

static void add(const struct module *module, struct value *given, const char **carried,
                struct arena *arena)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = session_values_add(module, given, *carried, arena, carried, &error);
    g_assert_cmpstr(error.message, ==, "");
    g_assert_cmpint(code, ==, 0);
}

static void hear(const char *sentence, void *data)
{
    g_string_append(data, sentence);
}

/* A text as long as any may be, of the longest characters there are. */
static const char *ships(struct arena *arena)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < SESSION_VALUES_TEXT_MAX; i++)
        g_string_append(text, "\xf0\x9f\x9a\xa2");
    const char *kept = arena_strdup(arena, text->str);
    g_string_free(text, TRUE);
    return kept;
}

/* As much as the declaration takes, of the longest characters there are. */
static struct value *all_of_it(struct arena *arena)
{
    struct value *given = value_new(arena, PORTICO_OBJECT);
    GString *text = g_string_new(NULL);
    for (int i = 0; i < SESSION_VALUES_TEXT_USUAL; i++)
        g_string_append(text, "\xf0\x9f\x9a\xa2");
    for (size_t i = 0; i < G_N_ELEMENTS(much); i++)
        g_assert_cmpint(value_set_text(given, much[i].key, arena_strdup(arena, text->str)), ==, 0);
    g_string_free(text, TRUE);
    return given;
}

static void test_none_takes_from_what_another_needs(void)
{
    const struct module first = { .id = "first", .descriptor = &of_much };
    const struct module second = { .id = "second", .descriptor = &of_desk };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    const char *carried = NULL;
    add(&first, all_of_it(arena), &carried, arena);
    g_assert_cmpint(session_values_require(&second, carried, arena, &error), ==, PORTICO_EFAULT);
    struct value *given = value_new(arena, PORTICO_OBJECT);
    g_autofree char *name = g_strnfill(SESSION_VALUES_TEXT_USUAL, 'x');
    g_assert_cmpint(value_set_text(given, "desk", name), ==, 0);
    add(&second, given, &carried, arena);
    g_assert_cmpint(session_values_require(&second, carried, arena, &error), ==, 0);
    g_assert_nonnull(session_values_read(&first, &much[9], carried, arena));
    arena_free(arena);
}

/* As many values as there may be, each as long in JSON as its declaration lets it be. */
static void test_the_longest_declaration_stays_below_its_share(void)
{
    struct portico_session_value values[PORTICO_SESSION_VALUES_MAX] = { 0 };
    char keys[PORTICO_SESSION_VALUES_MAX][65], choice[SESSION_VALUES_CHOICE_MAX + 1];
    struct portico_module descriptor = { .session_values = PORTICO_LIST(values) };
    const struct module module = { .id = "first", .descriptor = &descriptor };
    GString *said = g_string_new(NULL);
    struct descriptor_report report = { .say = hear, .data = said };
    struct arena *arena = arena_new(0);
    struct value *given = value_new(arena, PORTICO_OBJECT);
    const char *carried = NULL;
    memset(choice, '"', sizeof choice - 1); /* which JSON writes as two bytes */
    choice[sizeof choice - 1] = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        const bool text = i < SESSION_VALUES_CHARACTERS / SESSION_VALUES_TEXT_MAX;
        memset(keys[i], 'a' + (int)i, sizeof keys[i] - 1);
        keys[i][sizeof keys[i] - 1] = '\0';
        values[i] = (struct portico_session_value){
            .key = keys[i],
            .title = "Much",
            .type = text ? PORTICO_FACT_TEXT : PORTICO_FACT_CHOICE,
            .choices = text ? NULL : choice,
            .maximum_length = text ? SESSION_VALUES_TEXT_MAX : 0,
        };
        g_assert_cmpint(value_set_text(given, keys[i], text ? ships(arena) : choice), ==, 0);
    }
    check_session_values(&descriptor, &report);
    g_assert_cmpstr(said->str, ==, "");
    add(&module, given, &carried, arena);
    g_assert_cmpuint(strlen(carried), <, SESSION_VALUES_BYTES);
    arena_free(arena);
    g_string_free(said, TRUE);
}

/* Of a declaration that nobody checked, as in a session that goes on through another version. */
static void test_what_is_too_much_is_named(void)
{
    static char choice[SESSION_VALUES_BYTES + 1];
    memset(choice, 'x', sizeof choice - 1);
    const struct portico_session_value values[] = {
        WORDS("desk", 0),
        { .key = "tier", .title = "Tier", .type = PORTICO_FACT_CHOICE, .choices = choice },
    };
    const struct portico_module descriptor = { .session_values = PORTICO_LIST(values) };
    const struct module module = { .id = "second", .descriptor = &descriptor };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct value *given = value_new(arena, PORTICO_OBJECT);
    const char *carried = NULL;
    g_assert_cmpint(value_set_text(given, "desk", "12"), ==, 0);
    g_assert_cmpint(value_set_text(given, "tier", choice), ==, 0);
    g_assert_cmpint(session_values_add(&module, given, NULL, arena, &carried, &error), ==,
                    PORTICO_EFAULT);
    g_assert_nonnull(
        strstr(error.message, "bytes of module second, and 16384 is the most: \"tier\""));
    g_assert_null(carried);
    arena_free(arena);
}

static void test_a_key_is_all_of_its_bytes(void)
{
    const struct module module = { .id = "second", .descriptor = &of_desk };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct arena *arena = arena_new(0);
    const char *carried = NULL;
    struct value *given = value_new(arena, PORTICO_OBJECT);
    const struct text key = { "desk\0x", 6 };
    g_assert_cmpint(value_set(given, key, value_text(arena, "12", 2)), ==, 0);
    g_assert_cmpint(session_values_add(&module, given, carried, arena, &carried, &error), ==,
                    PORTICO_EFAULT);
    g_assert_nonnull(strstr(error.message, "is not in .session_values of module second"));
    g_assert_null(carried);
    arena_free(arena);
}

static void test_what_is_given_again_stands_in_its_place(void)
{
    const struct module module = { .id = "second", .descriptor = &of_desk };
    struct arena *arena = arena_new(0);
    const char *carried = NULL;
    add(&module, parse(arena, "{\"desk\":\"12\"}"), &carried, arena);
    add(&module, parse(arena, "{\"desk\":\"13\",\"chair\":null}"), &carried, arena);
    g_assert_cmpstr(carried, ==, "{\"second\":{\"desk\":\"13\"}}");
    arena_free(arena);
}

static void test_a_declaration_says_no_more_than_its_share(void)
{
    GString *said = g_string_new(NULL);
    struct descriptor_report report = { .say = hear, .data = said };
    check_session_values(&of_much, &report);
    g_assert_cmpstr(said->str, ==, "");
    check_session_values(&of_wordy, &report);
    g_assert_nonnull(strstr(said->str, "may have 2001 characters together, and 2000 is the most"));
    g_string_truncate(said, 0);
    check_session_values(&of_choosy, &report);
    g_assert_cmpstr(
        said->str, ==,
        "The value \"tier\" of .session_values has the choice "
        "\"1234567812345678123456781234567812345678…\" of 65 bytes, and a session keeps "
        "64 of one: write a short word before \"=\", and the words for people behind "
        "it.");
    check_session_values(&of_odd, &report);
    g_assert_nonnull(strstr(said->str, "\"odd\" of .session_values has .flags 0x8"));
    g_assert_nonnull(strstr(said->str, "has something in .reserved"));
    g_string_free(said, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-values/shares", test_none_takes_from_what_another_needs);
    g_test_add_func("/session-values/longest", test_the_longest_declaration_stays_below_its_share);
    g_test_add_func("/session-values/too-much", test_what_is_too_much_is_named);
    g_test_add_func("/session-values/keys", test_a_key_is_all_of_its_bytes);
    g_test_add_func("/session-values/again", test_what_is_given_again_stands_in_its_place);
    g_test_add_func("/session-values/declaration", test_a_declaration_says_no_more_than_its_share);
    return g_test_run();
}
