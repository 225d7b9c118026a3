/* What a loaded configuration is made of; for the files of this room only. */
#ifndef CONFIG_STATE_H
#define CONFIG_STATE_H

#include "base/arena.h"
#include "config/config.h"
#include "config/reader.h"

#include <glib.h>
#include <sys/stat.h>

/* Later layers win, but MANAGED never over a key of FILE or DROP_IN: those are locked. */
enum config_layer { CONFIG_FILE, CONFIG_DROP_IN, CONFIG_MANAGED, CONFIG_ENVIRONMENT };

struct config_entry {
    enum config_layer layer;
    const char *section;
    const char *key;
    const char *value;
    const char *file; /* or "environment variable NAME", with line 0 */
    unsigned line;
};

struct config {
    struct arena *arena;
    const char *file;      /* absolute */
    const char *directory; /* that FILE lies in: relative paths count from here */
    const char *data;
    const char *url;
    const char *database;
    const char *brand;           /* NULL: none */
    enum config_layer layer;     /* being read */
    GHashTable *entries;         /* "section\nkey" → struct config_entry */
    GHashTable *sections;        /* name → struct config_entry with the first place it stands */
    GPtrArray *problems;         /* struct config_problem */
    GPtrArray *modules;          /* struct config_module */
    GHashTable *secrets;         /* "section\nkey" → text of a module's secret */
    struct config_value *values; /* by index in config_keys */
    const char *const **words;   /* likewise: texts split at blanks */
    const char *const *module_directories;
};

/* The index in config_keys, or -1. `<key>_file` finds a secret. */
int config_schema_find(const char *section, const char *key);
bool config_schema_has_section(const char *section);
/* The nearest known name, or NULL. */
const char *config_schema_nearest_section(const char *section);
const char *config_schema_nearest_key(const char *section, const char *key);
/* Lower-case letters, digits and `-`, a letter first, at most 40. */
bool config_is_module_name(const char *name);
/* True for keys that only the admin's own files may set: they point at files or code. */
bool config_schema_is_protected(const char *section, const char *key);
/* What the type cannot say: addresses, URLs, languages. 0, or EINVAL with the sentence. */
int config_schema_validate(const char *section, const char *key, const char *value,
                           struct portico_error *error);
extern const struct portico_setting config_module_keys[]; /* `enabled` and `path` */
extern const size_t config_module_key_count;

const struct config_entry *config_entry_find(const struct config *config, const char *section,
                                             const char *key);
void config_problem_add(struct config *config, const char *file, unsigned line,
                        const char *message);
void config_add_problem_at(struct config *config, const char *file, unsigned line,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The problem of a secret that stands in the config itself. */
void config_refuse_secret(struct config *config, const char *file, unsigned line,
                          const char *section, const char *key);
/* The problem of a key nobody knows; `nearest`, with its `ending`, is a known one, or NULL. */
void config_refuse_unknown(struct config *config, const char *file, unsigned line,
                           const char *section, const char *key, const char *nearest,
                           const char *ending);
/* Every key's value from the entries and the defaults (config.c). */
void config_resolve(struct config *config);
/* Absolute form of a path written in the config; blank stays blank. */
const char *config_absolute(struct config *config, const char *path);
/* Splits at blanks, NULL-terminated, in the arena. */
const char *const *config_split(struct arena *arena, const char *text);
/* Reads FILE and conf.d, without managed.conf and environment if `managed` is false. */
int config_load_layers(const char *file, bool managed, struct config **ret_config,
                       struct portico_error *error);
/* Fills module_directories (paths.c). */
void paths_collect(struct config *config);
/* As config_secret_read, with what the file was when it was read. */
int config_secret_read_at(struct arena *arena, const char *path, const char **ret_text,
                          struct stat *ret_status, struct portico_error *error);
/* Absolute path of the file that [section] `<key>_file` names; g_free it. NULL: not set. */
char *config_secret_path(const struct config *config, const char *section, const char *key);
/* Its text when the config was loaded, or NULL. */
const char *config_secret_loaded(const struct config *config, const char *section, const char *key);
/* Text of a secret's file: one line, private to its owner (and group for reading). */
int config_secret_read(struct arena *arena, const char *path, const char **ret_text,
                       struct portico_error *error);

#endif
