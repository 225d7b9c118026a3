/* `--help` of the program and of each command, from the table. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/extra.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 80

static const struct cli_option common[] = {
    { "config", "FILE",
      "The config file. Without it: " CLI_CONFIG_HERE
      " in the current directory, else " CLI_CONFIG_SYSTEM "." },
    { "help", NULL, "Prints this help." },
};

/* Words of `text` in lines of WIDTH columns, all but the first indented; `column` is where it
 * begins. */
static void print_wrapped(const char *text, int indent, int column)
{
    for (const char *at = text; *at;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        int width = (int)g_utf8_strlen(at, (gssize)length);
        if (column > indent && column + 1 + width > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, at);
        column += width;
        at += length;
    }
    putchar('\n');
}

static void print_option(const struct cli_option *option)
{
    char *head = g_strdup_printf("  --%s%s%s", option->name, option->argument ? " " : "",
                                 option->argument ? option->argument : "");
    printf("%-24s", head);
    if (strlen(head) > 23)
        printf("\n%24s", "");
    print_wrapped(option->help, 24, 24);
    g_free(head);
}

static void print_exits(void)
{
    printf("\nExit codes:\n");
    for (size_t i = 0; i < cli_exit_count; i++) {
        printf("  %3d  ", cli_exits[i].code);
        print_wrapped(cli_exits[i].meaning, 7, 7);
    }
}

void cli_help(int count, char **words)
{
    printf("Usage: portico COMMAND [OPTION…]\n\n"
           "Portico serves a customer portal that is assembled from modules.\n\nCommands:\n");
    for (size_t i = 0; cli_commands[i]; i++)
        if (!cli_commands[i]->hidden)
            printf("  %-10s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    extra_list(count, words);
    printf("\n`portico COMMAND --help` tells more about one of them.\n");
    print_exits();
}

void cli_help_command(const struct cli_command *command)
{
    printf("Usage: portico %s [OPTION…]%s%s\n\n", command->name, *command->arguments ? " " : "",
           command->arguments);
    char **paragraphs = g_strsplit(command->description, "\n\n", -1);
    for (size_t i = 0; paragraphs[i]; i++) {
        print_wrapped(paragraphs[i], 0, 0);
        putchar('\n');
    }
    g_strfreev(paragraphs);
    printf("Options:\n");
    for (size_t i = 0; i < command->option_count; i++)
        print_option(&command->options[i]);
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        print_option(&common[i]);
    print_exits();
}
