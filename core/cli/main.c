/* The program `portico`. What it can do stands in commands.c. */
#include "cli/cli.h"
#include "module/inspect.h"

#include <string.h>

int main(int count, char **words)
{
    /* Not for people: the child in which a module is first loaded. */
    if (count > 1 && strcmp(words[1], "inspect-module") == 0)
        return inspect_main(count, words);
    return cli_main(count, words);
}
