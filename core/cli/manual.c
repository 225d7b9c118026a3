/* The man pages in roff, from the same tables as --help and the config check: portico.1, one for
 * each command, and portico.conf.5. The build writes them with `portico --manual PAGE`. */
#include "base/text.h"
#include "cli/cli.h"
#include "config/state.h"

#include <stdio.h>
#include <string.h>

/* Roff reads "\" and "-" and a leading "." or "'" in its own way; `code` in backquotes is set bold.
 */
static void print_roff(const char *text)
{
    bool bold = false;
    bool begin = true;
    for (const char *c = text; *c; c++) {
        if (begin && (*c == '.' || *c == '\''))
            fputs("\\&", stdout);
        begin = *c == '\n';
        if (*c == '`')
            fputs((bold = !bold) ? "\\fB" : "\\fR", stdout);
        else if (*c == '-')
            fputs("\\-", stdout);
        else if (*c == '\\')
            fputs("\\e", stdout);
        else
            putchar(*c);
    }
    putchar('\n');
}

static void print_head(const char *name, const char *section, const char *summary)
{
    char *upper = g_ascii_strup(name, -1);
    printf(".TH %s %s \"\" \"Portico %s\" \"Portico\"\n.SH NAME\n", upper, section,
           PORTICO_VERSION);
    g_free(upper);
    char *line = g_strdup_printf("%s - %s", name, summary);
    print_roff(line);
    g_free(line);
}

static void print_paragraphs(const char *text)
{
    char **paragraphs = g_strsplit(text, "\n\n", -1);
    for (size_t i = 0; paragraphs[i]; i++) {
        if (i)
            puts(".PP");
        print_roff(paragraphs[i]);
    }
    g_strfreev(paragraphs);
}

static void print_term(const char *term, const char *text)
{
    puts(".TP");
    print_roff(term);
    print_roff(text);
}

static void print_option(const struct cli_option *option)
{
    char *term = g_strdup_printf("`--%s`%s%s", option->name, option->argument ? " " : "",
                                 option->argument ? option->argument : "");
    print_term(term, option->help);
    g_free(term);
}

static void print_exits(void)
{
    puts(".SH \"EXIT STATUS\"");
    for (size_t i = 0; i < cli_exit_count; i++) {
        char *code = g_strdup_printf("`%d`", cli_exits[i].code);
        print_term(code, cli_exits[i].meaning);
        g_free(code);
    }
}

static void print_files(void)
{
    puts(".SH FILES");
    print_term("`" CLI_CONFIG_HERE "`, `" CLI_CONFIG_SYSTEM "`",
               "The config, where --config names no other. See portico.conf(5).");
    print_term("`conf.d/*.conf`", "Beside the config, read after it in the order of their names.");
    print_term("`managed.conf`", "In the data directory: what `portico module` and the admin pages "
                                 "set. The versions before are kept as managed.conf.1 and so on.");
}

static void print_program(void)
{
    print_head("portico", "1", "serve a customer portal that is assembled from modules");
    puts(".SH SYNOPSIS\n.B portico\n.I COMMAND\n.RI [ OPTION \\&...]\n.SH DESCRIPTION");
    print_paragraphs("Portico is a framework from which a company assembles its customer portal. "
                     "A small core serves HTTP and provides routing, pages, search and the "
                     "database; what a customer sees comes from modules, which an admin switches "
                     "on and off in the config.");
    puts(".SH COMMANDS");
    for (size_t i = 0; cli_commands[i]; i++) {
        if (cli_commands[i]->hidden)
            continue;
        char *term = g_strdup_printf("`%s`", cli_commands[i]->name);
        char *text = g_strdup_printf("%s. See portico-%s(1).", cli_commands[i]->summary,
                                     cli_commands[i]->name);
        text[0] = g_ascii_toupper(text[0]);
        print_term(term, text);
        g_free(text);
        g_free(term);
    }
    print_exits();
    print_files();
    puts(".SH \"SEE ALSO\"");
    for (size_t i = 0; cli_commands[i]; i++)
        if (!cli_commands[i]->hidden)
            printf(".BR portico\\-%s (1),\n", cli_commands[i]->name);
    puts(".BR portico.conf (5)");
}

static void print_command(const struct cli_command *command)
{
    char *name = g_strdup_printf("portico-%s", command->name);
    print_head(name, "1", command->summary);
    g_free(name);
    printf(".SH SYNOPSIS\n.B portico %s\n.RI [ OPTION \\&...]\n", command->name);
    if (*command->arguments)
        print_roff(command->arguments);
    puts(".SH DESCRIPTION");
    print_paragraphs(command->description);
    puts(".SH OPTIONS");
    static const struct cli_option config = { "config", "FILE",
                                              "The config file. Without it: " CLI_CONFIG_HERE
                                              " in the current "
                                              "directory, else " CLI_CONFIG_SYSTEM "." };
    static const struct cli_option help = { "help", NULL, "Prints a short help." };
    for (size_t i = 0; i < command->option_count; i++)
        print_option(&command->options[i]);
    print_option(&config);
    print_option(&help);
    print_exits();
    puts(".SH \"SEE ALSO\"\n.BR portico (1),\n.BR portico.conf (5)");
}

static void print_setting(const struct portico_setting *setting)
{
    GString *text = g_string_new(setting->help);
    g_string_append_printf(text, " Type: %s", config_type_name(setting->type));
    if (setting->choices) {
        char **choices = g_strsplit(setting->choices, " ", -1);
        char *joined = g_strjoinv("`, `", choices);
        g_string_append_printf(text, ", one of `%s`", joined);
        g_free(joined);
        g_strfreev(choices);
    }
    if (setting->minimum)
        g_string_append_printf(text, ", from %s", setting->minimum);
    if (setting->maximum)
        g_string_append_printf(text, " to %s", setting->maximum);
    if (setting->initial && *setting->initial)
        g_string_append_printf(text, ". Default: `%s`", setting->initial);
    g_string_append_c(text, '.');
    char *term = g_strdup_printf("`%s%s`", setting->key,
                                 setting->type == PORTICO_SETTING_SECRET ? "_file" : "");
    print_term(term, text->str);
    g_free(term);
    g_string_free(text, TRUE);
}

static void print_config(void)
{
    print_head("portico.conf", "5", "config of a portal");
    puts(".SH DESCRIPTION");
    print_paragraphs(
        "The config is text in UTF-8: sections in brackets, below them one `key = value` a line. "
        "Lines that begin with `#` or `;` are comments; a comment needs a line of its own. A "
        "value may stand in double quotes, where \\\" \\\\ \\n and \\t are known; values do not "
        "continue on the next line. No section and no key may stand twice in one file.\n\n"
        "Later sources win over earlier ones: the defaults, `portico.conf`, `conf.d/*.conf` "
        "beside it in the order of their names, `managed.conf` in the data directory, and the "
        "environment. A key that portico.conf or conf.d sets is locked: managed.conf cannot "
        "change it. An environment variable `PORTICO_SECTION_KEY` sets a key, such as "
        "PORTICO_HTTP_LISTEN or, for a module, PORTICO_MODULE_COMMUNITIES_ENABLED.\n\n"
        "Times are written 500ms, 2s, 5min, 1h or 7d; sizes 512B, 64KiB, 1MiB or 2GiB; "
        "booleans `true` or `false`. A secret stands in a file of its own that only the portal's "
        "user can read; the key `NAME_file` names it. `portico check` finds every mistake with "
        "its line; `portico check --settings` lists all settings, those of modules too.");
    const char *section = "";
    for (size_t i = 0; i < config_key_count; i++) {
        if (strcmp(section, config_keys[i].section) != 0)
            printf(".SH \"[%s]\"\n", config_keys[i].section);
        section = config_keys[i].section;
        print_setting(&config_keys[i].setting);
    }
    puts(".SH \"[module NAME]\"");
    print_roff("One section for each module, with the host's keys below and the module's own "
               "settings.");
    for (size_t i = 0; i < config_module_key_count; i++)
        print_setting(&config_module_keys[i]);
    puts(".SH EXAMPLE\n.nf");
    print_roff("[portal]\nname = Acme Support\nurl = https://portal.example.com\n"
               "data = /var/lib/portico\n\n[http]\nlisten = 127.0.0.1:8080\n"
               "trusted_proxies = 127.0.0.1\n\n[module communities]\nenabled = true");
    puts(".fi\n.SH \"SEE ALSO\"\n.BR portico (1),\n.BR portico\\-check (1)");
}

int cli_manual(const char *page)
{
    if (strcmp(page, "portico.1") == 0) {
        print_program();
        return CLI_OK;
    }
    if (strcmp(page, "portico.conf.5") == 0) {
        print_config();
        return CLI_OK;
    }
    char *name = g_str_has_prefix(page, "portico-") && g_str_has_suffix(page, ".1")
                     ? g_strndup(page + 8, strlen(page) - 10)
                     : NULL;
    const struct cli_command *command = name ? cli_find(name) : NULL;
    g_free(name);
    if (command && !command->hidden) {
        print_command(command);
        return CLI_OK;
    }
    fprintf(stderr,
            "portico: there is no man page `%s`. There are portico.1, portico.conf.5 and "
            "portico-COMMAND.1 for each command.\n",
            page);
    return CLI_USAGE;
}
