/* Commands of a module and their options: what stands after `portico ID`. */
#include "module/check.h"

#include <string.h>

#define OPTIONS_MAX 16 /* of one command, and how many arguments it may take */

/* A module with commands is a word after `portico`, beside the program's own. */
static const char *const words_of_the_program[] = {
    "check",  "demo",    "disable", "enable",  "key",    "mail",    "event",    "help",   "import",
    "init",   "job",     "jobs",    "migrate", "module", "person",  "portico",  "reload", "run",
    "secret", "status",  "stop",    "version", "worker", "account", "audit",    "backup", "config",
    "export", "restore", "role",    "session", "user",   "why",     "exposure", "token",
};

static const struct portico_command *find_command(const struct portico_module *module,
                                                  const char *name)
{
    const struct portico_command *commands = module->commands.items;
    for (uint32_t i = 0; i < module->commands.count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static void check_command(const struct portico_command *command, struct descriptor_report *report)
{
    if (!check_is_word(command->name, "-"))
        descriptor_say(report,
                       "The command \"%.80s\" is not lower-case words joined by \"-\": rename it.",
                       command->name);
    if (command->least > command->most)
        descriptor_say(report,
                       "The command %.64s takes at least %u arguments and at most %u: set .most to "
                       "as many or more.",
                       command->name, command->least, command->most);
    if (command->most > OPTIONS_MAX)
        descriptor_say(
            report,
            "The command %.64s takes %u arguments; %d is the most: take fewer, or read a file.",
            command->name, command->most, OPTIONS_MAX);
    if (command->most > 0 && (!command->arguments || !*command->arguments))
        descriptor_say(report,
                       "The command %.64s takes arguments but does not name them for its usage "
                       "line: set .arguments.",
                       command->name);
    if (command->most == 0 && command->arguments && *command->arguments)
        descriptor_say(report,
                       "The command %.64s names arguments but takes none: set .most to how many.",
                       command->name);
}

static void check_option(const struct portico_module *module,
                         const struct portico_command_option *option,
                         struct descriptor_report *report)
{
    if (!find_command(module, option->command))
        descriptor_say(report,
                       "The option %.64s belongs to the command \"%.64s\", which is not in "
                       ".commands: correct the name.",
                       option->name, option->command);
    if (!check_is_word(option->name, "-"))
        descriptor_say(report,
                       "The option \"%.80s\" is not lower-case words joined by \"-\", without "
                       "dashes before it: rename it.",
                       option->name);
    else if (strcmp(option->name, "config") == 0 || strcmp(option->name, "help") == 0)
        descriptor_say(report, "The option %s is one that every command has: name it otherwise.",
                       option->name);
}

static void check_options(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_command_option *options = module->command_options.items;
    for (uint32_t i = 0; i < module->command_options.count; i++) {
        unsigned of_command = 0;
        check_option(module, &options[i], report);
        for (uint32_t other = 0; other < i; other++) {
            if (strcmp(options[other].command, options[i].command) != 0)
                continue;
            of_command++;
            if (strcmp(options[other].name, options[i].name) == 0)
                descriptor_say(report,
                               "The option %.64s of command %.64s is given twice: remove one.",
                               options[i].name, options[i].command);
        }
        if (of_command == OPTIONS_MAX)
            descriptor_say(report, "The command %.64s has more than %d options: remove some.",
                           options[i].command, OPTIONS_MAX);
    }
}

void check_commands(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_command *commands = module->commands.items;
    for (uint32_t i = 0; i < module->commands.count; i++) {
        check_command(&commands[i], report);
        if (find_command(module, commands[i].name) != &commands[i])
            descriptor_say(report, "The command \"%.80s\" is given twice: remove one.",
                           commands[i].name);
    }
    check_options(module, report);
    if (module->commands.count && check_is_program_word(module->id))
        descriptor_say(report,
                       "It has commands, but `portico %s` is a command of the program: rename the "
                       "module.",
                       module->id);
}

bool check_is_program_word(const char *id)
{
    for (size_t i = 0; i < sizeof words_of_the_program / sizeof *words_of_the_program; i++)
        if (strcmp(words_of_the_program[i], id) == 0)
            return true;
    return false;
}
