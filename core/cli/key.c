/* `portico key`: the keys that modules' seals and signatures come from. */
#include "base/clock.h"
#include "cli/action.h"
#include "cli/record.h"
#include "config/keyring.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

struct key_action {
    struct cli_action action;
    int (*run)(const struct cli_call *call, const struct config *config, const char *path);
};

static int list(const struct cli_call *call, const struct config *config, const char *path)
{
    (void)config;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct keyring *ring = NULL;
    if (keyring_open(path, NULL, &ring, &error) < 0)
        return cli_fail(call, &error);
    struct keyring_entry entries[KEYRING_MAX];
    size_t count = keyring_list(ring, entries, KEYRING_MAX);
    keyring_free(ring);
    printf("%-6s %-8s %s\n", "KEY", "STATE", "MADE");
    for (size_t i = 0; i < count; i++) {
        char made[40];
        clock_rfc3339(entries[i].made, made, sizeof made);
        printf("%-6u %-8s %s\n", entries[i].number,
               entries[i].retired ? "retired"
               : i + 1 == count   ? "in use"
                                  : "kept",
               made);
    }
    return CLI_OK;
}

static int rotate(const struct cli_call *call, const struct config *config, const char *path)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct keyring *ring = NULL;
    unsigned number = 0;
    int code = keyring_open(path, NULL, &ring, &error); /* makes it on first use */
    keyring_free(ring);
    if (code < 0)
        return cli_fail(call, &error);
    int exit = cli_record(call, config, "key.made", NULL);
    if (exit)
        return exit;
    if (keyring_rotate(path, &number, &error) < 0)
        return cli_fail(call, &error);
    printf("Key %u is in use, in a running portal within two seconds. What older keys sealed still "
           "opens until they are retired.\n",
           number);
    return CLI_OK;
}

/* So that what cannot be done is not written down either; keyring_retire says why. */
static bool can_retire(const char *path, unsigned number)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct keyring_entry entries[KEYRING_MAX];
    struct keyring *ring = NULL;
    if (keyring_open(path, NULL, &ring, &error) < 0)
        return false;
    const size_t count = keyring_list(ring, entries, KEYRING_MAX);
    keyring_free(ring);
    for (size_t i = 0; i + 1 < count; i++)
        if (entries[i].number == number)
            return !entries[i].retired;
    return false;
}

static int retire(const struct cli_call *call, const struct config *config, const char *path)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *word = call->arguments[1];
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    if (*end || number < 1 || number > KEYRING_MAX) {
        fprintf(stderr, "portico key: `%s` is no number of a key. `portico key list` shows them.\n",
                word);
        return CLI_USAGE;
    }
    int exit =
        can_retire(path, (unsigned)number) ? cli_record(call, config, "key.retired", word) : CLI_OK;
    if (exit)
        return exit;
    if (keyring_retire(path, (unsigned)number, &error) < 0)
        return cli_fail(call, &error);
    printf("Key %lu is gone: nothing it sealed can be opened any more, by a running portal within "
           "two seconds.\n",
           number);
    return CLI_OK;
}

static const struct key_action actions[] = {
    { { "list", "", 0, 0 }, list },
    { { "rotate", "", 0, 0 }, rotate },
    { { "retire", " NUMBER", 1, 1 }, retire },
};

static int run(const struct cli_call *call)
{
    const struct key_action *action = CLI_FIND_ACTION(call, actions);
    if (!action)
        return CLI_USAGE;
    struct config *config = NULL;
    int code = cli_load(call, &config);
    if (code == 0)
        code = cli_become_owner(call, config);
    if (code == 0) {
        char *path = keyring_path(config);
        code = action->run(call, config, path);
        g_free(path);
    }
    config_free(config);
    return code;
}

const struct cli_command cli_key = {
    .name = "key",
    .summary = "list, rotate and retire the keys that modules seal and sign with",
    .arguments = "list | rotate | retire NUMBER",
    .arguments_least = 1,
    .arguments_most = 2,
    .description =
        "What modules seal for the database or sign for links is made with the newest key of the "
        "portal's key ring ([secrets] key_ring). `rotate` adds a key; running processes use it "
        "within two seconds, without a reload, and older keys still open what they sealed.\n\n"
        "`retire` forgets a key for good: what it sealed never opens again, and links it signed "
        "are refused. The key in use cannot be retired. Keep a copy of the key ring with each copy "
        "of the database.\n\n"
        "Both are written into the audit log first, as key.made and key.retired; where that is "
        "impossible, nothing is done.",
    .run = run,
};
