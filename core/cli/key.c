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

/* What changes the ring, and is written down. */
struct turn {
    const struct cli_call *call;
    const char *path;
    unsigned number; /* the key to retire */
};

static int rotate_now(void *data)
{
    const struct turn *turn = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct keyring *ring = NULL;
    unsigned number = 0;
    int code = keyring_open(turn->path, NULL, &ring, &error); /* makes it on first use */
    keyring_free(ring);
    if (code == 0)
        code = keyring_rotate(turn->path, &number, &error);
    if (code < 0)
        return cli_fail(turn->call, &error);
    printf("Key %u is in use, in a running portal within two seconds. What older keys sealed still "
           "opens until they are retired.\n",
           number);
    return CLI_OK;
}

static int rotate(const struct cli_call *call, const struct config *config, const char *path)
{
    struct turn turn = { .call = call, .path = path };
    return cli_record(call, config, "key.made", NULL, rotate_now, &turn);
}

static int retire_now(void *data)
{
    const struct turn *turn = data;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (keyring_retire(turn->path, turn->number, &error) < 0)
        return cli_fail(turn->call, &error);
    printf("Key %u is gone: nothing it sealed can be opened any more, by a running portal within "
           "two seconds.\n",
           turn->number);
    return CLI_OK;
}

static int retire(const struct cli_call *call, const struct config *config, const char *path)
{
    const char *word = call->arguments[1];
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    if (*end || number < 1 || number > KEYRING_MAX) {
        fprintf(stderr, "portico key: `%s` is no number of a key. `portico key list` shows them.\n",
                word);
        return CLI_USAGE;
    }
    struct turn turn = { .call = call, .path = path, .number = (unsigned)number };
    return cli_record(call, config, "key.retired", word, retire_now, &turn);
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
        "of the database.",
    .run = run,
};
