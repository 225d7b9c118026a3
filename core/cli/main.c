/* The program `portico`. What it can do stands in commands.c. */
#include "cli/cli.h"
#include "identity/hasher.h"
#include "module/inspect.h"

#include <string.h>

int main(int count, char **words)
{
    /* Not for people: the child in which a module is first loaded. */
    if (count > 1 && strcmp(words[1], "inspect-module") == 0)
        return inspect_main(count, words);
    /* Nor this one, in which a worker has passwords hashed. */
    if (count > 1 && strcmp(words[1], IDENTITY_HASHER_WORD) == 0)
        return identity_hasher_main();
    return cli_main(count, words);
}
