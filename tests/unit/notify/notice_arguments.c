/* What a notice was given for its words, between its queue and its readers. */
#include "town.h"

#include "base/json.h"

/* What the arguments of the only notice are when it is read. */
static struct value *arguments_of(struct town *town, int64_t person, const char *module)
{
    struct value *rows = list(town, person), *kept = NULL;
    struct arena *arena = store_session_arena(town->database.session);
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *json = shown(rows, 0, "arguments");
    g_assert_cmpuint(rows->count, ==, 1);
    database_must(json_parse(arena, json, strlen(json), &kept, &error), &error);
    struct value *arguments = notice_arguments(kept, module, "ben", arena);
    g_assert_nonnull(arguments);
    return arguments;
}

static const struct value *argument_of(const struct value *arguments, const char *name)
{
    const struct value *argument = value_get(arguments, text_of(name));
    g_assert_nonnull(argument);
    return argument;
}

static void a_time_is_brought_back_as_one_and_a_text_that_looks_like_one_is_not(gconstpointer kind)
{
    static const char looks[] = "2026-12-05T00:00:00Z";
    struct town town;
    struct mail_message message;
    if (!town_new(&town, kind))
        return;
    struct portico_notice notice = answer();
    struct value *given = value_new(store_session_arena(town.database.session), PORTICO_OBJECT);
    g_assert_cmpint(value_set_text(given, "named", looks), ==, 0);
    g_assert_cmpint(
        value_set(given, TEXT("due"), value_scalar(given->arena, PORTICO_TIME, 1000000, 0)), ==, 0);
    g_assert_cmpint(value_set_text(given, "day", looks), ==, 0);
    notice.title = "{named} until {due}";
    notice.arguments = value_public(given);
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, town.ben);
    tell(&town);
    const struct value *read = arguments_of(&town, town.mara, "talk");
    g_assert_cmpint(argument_of(read, "named")->kind, ==, PORTICO_TEXT);
    g_assert_cmpstr(argument_of(read, "named")->text, ==, looks);
    g_assert_cmpint(argument_of(read, "due")->kind, ==, PORTICO_TIME);
    g_assert_cmpint(argument_of(read, "due")->integer, ==, 1000000);
    g_assert_cmpint(argument_of(read, "day")->kind, ==, PORTICO_TEXT);
    g_assert_cmpint(next_mail(&town, &message), ==, 1);
    g_assert_cmpstr(message.subject, ==, "de: 2026-12-05T00:00:00Z until 1000000");
    town_free(&town);
}

/* As the core wrote it before times were marked. */
static void the_day_of_a_delegation_of_before_is_still_one(gconstpointer kind)
{
    struct town town;
    if (!town_new(&town, kind))
        return;
    const struct portico_notice notice = answer();
    follow(&town, town.mara, PORTICO_FOLLOWS);
    queue(&town, &notice, town.ben);
    tell(&town);
    database_execute(&town.database,
                     "{unfiltered test} UPDATE portico_notice SET arguments = "
                     "'{\"day\":\"1970-01-01T00:00:01Z\",\"company\":\"1970-01-01T00:00:01Z\"}'",
                     PORTICO_NO_ARGS);
    const struct value *read = arguments_of(&town, town.mara, "portico");
    g_assert_cmpint(argument_of(read, "day")->kind, ==, PORTICO_TIME);
    g_assert_cmpint(argument_of(read, "day")->integer, ==, 1000000);
    g_assert_cmpint(argument_of(read, "company")->kind, ==, PORTICO_TEXT);
    g_assert_cmpint(argument_of(arguments_of(&town, town.mara, "talk"), "day")->kind, ==,
                    PORTICO_TEXT);
    town_free(&town);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(gconstpointer kind);
    } tests[] = {
        { "a time is brought back as one, and a text that looks like one is not",
          a_time_is_brought_back_as_one_and_a_text_that_looks_like_one_is_not },
        { "the day of a delegation of before is still one",
          the_day_of_a_delegation_of_before_is_still_one },
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        for (int kind = STORE_SQLITE; kind <= STORE_POSTGRES; kind++) {
            char *path =
                g_strdup_printf("/notice-arguments/%s/%s",
                                kind == STORE_SQLITE ? "sqlite" : "postgres", tests[i].name);
            g_test_add_data_func(path, GINT_TO_POINTER(kind), tests[i].run);
            g_free(path);
        }
    return g_test_run();
}
