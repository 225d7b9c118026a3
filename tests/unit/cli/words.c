/* The program's commands are words that no module with commands may have. */
#include "cli/cli.h"
#include "module/check.h"

#include <glib.h>

static void test_words(void)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (!check_is_program_word(cli_commands[i]->name))
            g_error("`portico %s` is missing in core/module/check_commands.c",
                    cli_commands[i]->name);
    g_assert_false(check_is_program_word("communities"));
}

int main(int count, char **words)
{
    g_test_init(&count, &words, NULL);
    g_test_add_func("/words/every command of the program is kept from modules", test_words);
    return g_test_run();
}
