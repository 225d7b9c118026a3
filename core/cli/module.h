/* Actions of `portico module`: one row each in module.c, the larger ones in a file of their own. */
#ifndef CLI_MODULE_H
#define CLI_MODULE_H

#include "base/value.h"
#include "cli/action.h"

struct module_action {
    struct cli_action action;
    bool config; /* needs the portal's config; else `config` is NULL */
    /* Returns an enum cli_exit. call->arguments[0] is the action's name. */
    int (*run)(const struct cli_call *call, struct config *config, struct arena *arena);
};

/* Everything a module registers (module_inspect.c). */
int module_inspect(const struct cli_call *call, struct config *config, struct arena *arena);
/* Runs its tests in the harness (module_test.c). */
int module_test(const struct cli_call *call, struct config *config, struct arena *arena);
/* What its author should mend (module_check.c). */
int module_check(const struct cli_call *call, struct config *config, struct arena *arena);

/* A new module's directory (module_new.c). */
int module_new(const struct cli_call *call, struct config *config, struct arena *arena);
/* Builds and serves a module and follows its changes (module_dev.c). */
int module_dev(const struct cli_call *call, struct config *config, struct arena *arena);

/* A module given by path: its directory, or NAME.so in it. */
struct module_place {
    const char *directory; /* absolute */
    const char *id;        /* as file or directory are named */
};
/* True if the word is a path: it holds a "/", ends with ".so", or is ".". */
bool module_is_path(const char *word);
/* 0, or an exit code after a message. */
int module_find_place(const struct cli_call *call, const char *word, struct arena *arena,
                      struct module_place *ret_place);
/* The files of a module: object of listings "templates", "migrations", "locale", "assets". */
struct value *module_files(const char *directory, struct arena *arena);

#endif
