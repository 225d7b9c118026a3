/* Commands that a command line could not parse are refused, each with a sentence. */
#include "module/check.h"

#include <glib.h>
#include <string.h>

static int run(struct portico_context *context, const struct portico_command_call *call,
               struct portico_error *error)
{
    (void)context, (void)call, (void)error;
    return 0;
}

static void hear(const char *sentence, void *data)
{
    g_string_append_printf(data, "%s\n", sentence);
}

static char *check(const char *id, struct portico_list commands, struct portico_list options)
{
    struct portico_module module = { .size = sizeof module,
                                     .id = id,
                                     .version = "1.0.0",
                                     .title = "Test",
                                     .commands = commands,
                                     .command_options = options };
    GString *said = g_string_new(NULL);
    struct descriptor_report report = { hear, said, 0 };
    descriptor_check(&module, &report);
    return g_string_free(said, FALSE);
}

static void test_good(void)
{
    static const struct portico_command commands[] = {
        { .name = "list", .summary = "Lists", .run = run },
        { .name = "add-one", .summary = "Adds", .arguments = "TEXT…", .most = 16, .run = run },
    };
    static const struct portico_command_option options[] = {
        { .command = "list", .name = "long", .help = "All." },
        { .command = "add-one", .name = "long", .help = "All." },
    };
    const struct portico_list all = PORTICO_LIST(commands), more = PORTICO_LIST(options);
    g_autofree char *said = check("notes", all, more);
    g_assert_cmpstr(said, ==, "");
}

static void test_broken(void)
{
    static const struct {
        struct portico_command command;
        const char *says;
    } rows[] = {
        { { .name = "List", .run = run }, "is not lower-case words" },
        { { .name = "list", .least = 2, .most = 1, .arguments = "A" }, "at least 2 arguments" },
        { { .name = "list", .most = 17, .arguments = "A…" }, "16 is the most" },
        { { .name = "list", .most = 1 }, "does not name them" },
        { { .name = "list", .arguments = "FILE" }, "takes none" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct portico_list one = { &rows[i].command, 1, sizeof rows[i].command };
        g_autofree char *said = check("notes", one, (struct portico_list){ 0 });
        g_assert_nonnull(strstr(said, rows[i].says));
    }
}

static void test_options(void)
{
    static const struct portico_command commands[] = { { .name = "list", .run = run },
                                                       { .name = "list", .run = run } };
    static const struct portico_command_option options[] = {
        { .command = "sweep", .name = "all", .help = "All." },
        { .command = "list", .name = "--all", .help = "All." },
        { .command = "list", .name = "config", .help = "A file." },
        { .command = "list", .name = "twice", .help = "Once." },
        { .command = "list", .name = "twice", .help = "Again." },
    };
    const struct portico_list all = PORTICO_LIST(commands), more = PORTICO_LIST(options);
    g_autofree char *said = check("notes", all, more);
    g_assert_nonnull(strstr(said, "The command \"list\" is given twice"));
    g_assert_nonnull(strstr(said, "\"sweep\", which is not in .commands"));
    g_assert_nonnull(strstr(said, "without dashes before it"));
    g_assert_nonnull(strstr(said, "The option config is one that every command has"));
    g_assert_nonnull(strstr(said, "The option twice of command list is given twice"));
}

static void test_words(void)
{
    static const struct portico_command commands[] = { { .name = "list", .run = run } };
    const struct portico_list all = PORTICO_LIST(commands);
    g_autofree char *said = check("status", all, (struct portico_list){ 0 });
    g_assert_nonnull(strstr(said, "`portico status` is a command of the program"));
    g_autofree char *without =
        check("status", (struct portico_list){ 0 }, (struct portico_list){ 0 });
    g_assert_cmpstr(without, ==, "");
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/commands/good ones are taken", test_good);
    g_test_add_func("/commands/what a usage line cannot say is refused", test_broken);
    g_test_add_func("/commands/options belong to a command, once each", test_options);
    g_test_add_func("/commands/a module named as a command of the program has none", test_words);
    return g_test_run();
}
