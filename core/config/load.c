/* The layers of the configuration, read in order and held against the schema. */
#include "base/error.h"
#include "base/text.h"
#include "config/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

#define MODULE_PREFIX "module "

void config_problem_add(struct config *config, const char *file, unsigned line, const char *message)
{
    struct config_problem *problem = arena_zalloc(config->arena, sizeof *problem);
    *problem = (struct config_problem){ .file = arena_strdup(config->arena, file),
                                        .line = line,
                                        .message = arena_strdup(config->arena, message) };
    g_ptr_array_add(config->problems, problem);
}

const char *config_absolute(struct config *config, const char *path)
{
    if (!*path)
        return path;
    char *absolute = g_canonicalize_filename(path, config->directory);
    const char *kept = arena_strdup(config->arena, absolute);
    g_free(absolute);
    return kept;
}

static const char *module_of(const char *section)
{
    return g_str_has_prefix(section, MODULE_PREFIX) ? section + strlen(MODULE_PREFIX) : NULL;
}

static struct config_module *find_module(struct config *config, const char *name)
{
    for (guint i = 0; i < config->modules->len; i++) {
        struct config_module *module = config->modules->pdata[i];
        if (strcmp(module->name, name) == 0)
            return module;
    }
    return NULL;
}

bool config_is_module_name(const char *name)
{
    return g_ascii_islower(name[0]) && strlen(name) <= 40 &&
           !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static bool on_section(const char *section, const char *file, unsigned line, void *data)
{
    struct config *config = data;
    const char *name = module_of(section);
    if (name && !config_is_module_name(name)) {
        config_add_problem_at(config, file, line,
                              "`%s` is no module name. Module names are lower-case letters, "
                              "digits and `-`, and begin with a letter.",
                              name);
        return false;
    }
    if (!name && !config_schema_has_section(section)) {
        const char *nearest = config_schema_nearest_section(section);
        config_add_problem_at(config, file, line, "Unknown section [%s].%s%s%s", section,
                              nearest ? " Did you mean [" : " Settings of a module stand in ",
                              nearest ? nearest : "[module NAME]", nearest ? "]?" : ".");
        return false;
    }
    if (name && !find_module(config, name)) {
        struct config_module *module = arena_zalloc(config->arena, sizeof *module);
        module->name = name;
        module->file = file;
        module->line = line;
        g_ptr_array_add(config->modules, module);
    }
    if (!g_hash_table_contains(config->sections, section)) {
        struct config_entry *entry = arena_zalloc(config->arena, sizeof *entry);
        *entry = (struct config_entry){ config->layer, section, NULL, NULL, file, line };
        g_hash_table_insert(config->sections, (gpointer)section, entry);
    }
    return true;
}

const struct config_entry *config_entry_find(const struct config *config, const char *section,
                                             const char *key)
{
    char *name = g_strdup_printf("%s\n%s", section, key);
    const struct config_entry *entry = g_hash_table_lookup(config->entries, name);
    g_free(name);
    return entry;
}

static void keep(struct config *config, const struct config_reader_entry *from)
{
    const struct config_entry *before = config_entry_find(config, from->section, from->key);
    if (config->layer == CONFIG_MANAGED && before)
        return;
    struct config_entry *entry = arena_zalloc(config->arena, sizeof *entry);
    *entry = (struct config_entry){ config->layer, from->section, from->key,
                                    from->value,   from->file,    from->line };
    g_hash_table_replace(config->entries,
                         arena_printf(config->arena, "%s\n%s", from->section, from->key), entry);
}

/* The section that has this very key, or NULL: a key below the wrong heading is a common slip. */
static const char *section_of_key(const char *key)
{
    for (size_t i = 0; i < config_key_count; i++)
        if (config_schema_find(config_keys[i].section, key) == (int)i)
            return config_keys[i].section;
    return NULL;
}

static void unknown_key(struct config *config, const struct config_reader_entry *entry)
{
    const char *home = section_of_key(entry->key);
    if (home) {
        config_add_problem_at(config, entry->file, entry->line,
                              "Unknown key `%s` in [%s]. It belongs to [%s].", entry->key,
                              entry->section, home);
        return;
    }
    const char *nearest = config_schema_nearest_key(entry->section, entry->key);
    int index = nearest ? config_schema_find(entry->section, nearest) : -1;
    bool secret = index >= 0 && config_keys[index].setting.type == PORTICO_SETTING_SECRET;
    config_refuse_unknown(config, entry->file, entry->line, entry->section, entry->key, nearest,
                          secret ? "_file" : "");
}

static void check_value(struct config *config, const struct portico_setting *setting,
                        const struct config_reader_entry *entry)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct config_value value;
    if (setting->type == PORTICO_SETTING_SECRET && strcmp(setting->key, entry->key) == 0) {
        config_refuse_secret(config, entry->file, entry->line, entry->section, entry->key);
        return;
    }
    if (config_parse_value(setting, entry->value, &value, &error) == 0 &&
        config_schema_validate(entry->section, entry->key, entry->value, &error) == 0)
        keep(config, entry);
    else
        config_add_problem_at(config, entry->file, entry->line, "%s", error.message);
}

/* `enabled` and `path` are the host's; the rest waits for the module's own schema. */
static void module_entry(struct config *config, const struct config_reader_entry *entry)
{
    for (size_t i = 0; i < config_module_key_count; i++)
        if (strcmp(config_module_keys[i].key, entry->key) == 0) {
            check_value(config, &config_module_keys[i], entry);
            return;
        }
    keep(config, entry);
}

static void on_entry(const struct config_reader_entry *entry, void *data)
{
    struct config *config = data;
    if (config->layer == CONFIG_MANAGED && config_schema_is_protected(entry->section, entry->key)) {
        config_add_problem_at(config, entry->file, entry->line,
                              "`%s` in [%s] points at files or code and cannot stand in "
                              "managed.conf. Set it in %s.",
                              entry->key, entry->section, config->file);
        return;
    }
    if (module_of(entry->section)) {
        module_entry(config, entry);
        return;
    }
    int index = config_schema_find(entry->section, entry->key);
    if (index < 0)
        unknown_key(config, entry);
    else
        check_value(config, &config_keys[index].setting, entry);
}

static void on_problem(const char *file, unsigned line, const char *message, void *data)
{
    config_problem_add(data, file, line, message);
}

static int read_layer(struct config *config, enum config_layer layer, const char *file,
                      struct portico_error *error)
{
    struct config_reader reader = { config->arena, on_section, on_entry, on_problem, config };
    config->layer = layer;
    return config_reader_read(&reader, file, error);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_drop_ins(struct config *config)
{
    char *folder = g_build_filename(config->directory, "conf.d", NULL);
    GDir *directory = g_dir_open(folder, 0, NULL);
    GPtrArray *files = g_ptr_array_new();
    const char *name;
    while (directory && (name = g_dir_read_name(directory)))
        if (g_str_has_suffix(name, ".conf") && name[0] != '.')
            g_ptr_array_add(files, arena_printf(config->arena, "%s/%s", folder, name));
    if (directory)
        g_dir_close(directory);
    else if (g_file_test(folder, G_FILE_TEST_EXISTS))
        config_problem_add(config, folder, 0,
                           "It must be a directory that can be read. Mend its permissions, or "
                           "delete it.");
    g_ptr_array_sort(files, by_name);
    for (guint i = 0; i < files->len; i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        if (read_layer(config, CONFIG_DROP_IN, files->pdata[i], &error) < 0)
            config_problem_add(config, files->pdata[i], 0, error.message);
    }
    g_ptr_array_free(files, TRUE);
    g_free(folder);
}

/* managed.conf is found through [portal] data, which it cannot set itself. */
static void read_managed(struct config *config)
{
    const char *file = arena_printf(config->arena, "%s/managed.conf", config->data);
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = read_layer(config, CONFIG_MANAGED, file, &error);
    if (code < 0 && code != PORTICO_ENOENT)
        config_problem_add(config, file, 0, error.message);
}

static char *environment_name(const char *section, const char *key)
{
    char *name = g_strdup_printf("PORTICO_%s_%s", section, key);
    for (char *c = name; *c; c++)
        *c = g_ascii_isalnum(*c) ? g_ascii_toupper(*c) : '_';
    return name;
}

static void apply_environment(struct config *config, const char *section, const char *key,
                              const char *name, const char *value)
{
    const char *place = arena_printf(config->arena, "environment variable %s", name);
    if (!text_is_utf8(value, strlen(value))) {
        config_problem_add(config, place, 0, "The value is not valid UTF-8.");
        return;
    }
    struct config_reader_entry entry = { section, arena_strdup(config->arena, key),
                                         arena_strdup(config->arena, value), place, 0 };
    config->layer = CONFIG_ENVIRONMENT;
    on_entry(&entry, config);
}

/* The section whose name the variable begins with, and the key behind it in lower case. Of two
 * modules whose names begin alike the longer is meant. */
static const char *environment_section(struct config *config, const char *name, char **ret_key)
{
    const char *found = NULL;
    size_t longest = 0;
    GPtrArray *sections = g_ptr_array_new();
    for (size_t i = 0; i < config_key_count; i++)
        g_ptr_array_add(sections, (gpointer)config_keys[i].section);
    for (guint i = 0; i < config->modules->len; i++) {
        const struct config_module *module = config->modules->pdata[i];
        g_ptr_array_add(sections, arena_printf(config->arena, MODULE_PREFIX "%s", module->name));
    }
    for (guint i = 0; i < sections->len; i++) {
        char *prefix = environment_name(sections->pdata[i], "");
        size_t length = strlen(prefix);
        if (g_str_has_prefix(name, prefix) && name[length] && length > longest) {
            longest = length;
            found = sections->pdata[i];
            g_free(*ret_key);
            *ret_key = g_ascii_strdown(name + length, -1);
        }
        g_free(prefix);
    }
    g_ptr_array_free(sections, TRUE);
    return found;
}

static void read_environment(struct config *config)
{
    for (char **at = environ; at && *at; at++) {
        const char *equals = strchr(*at, '=');
        if (!equals || !g_str_has_prefix(*at, "PORTICO_"))
            continue;
        char *name = g_strndup(*at, (gsize)(equals - *at));
        char *key = NULL;
        const char *section = environment_section(config, name, &key);
        if (section)
            apply_environment(config, section, key, name, equals + 1);
        g_free(key);
        g_free(name);
    }
}

/* The data directory as far as the files and the environment say. */
static void resolve_data(struct config *config, bool environment)
{
    const struct config_entry *entry = config_entry_find(config, "portal", "data");
    const char *value =
        entry ? entry->value : config_keys[config_schema_find("portal", "data")].setting.initial;
    char *name = environment_name("portal", "data");
    const char *given = environment ? getenv(name) : NULL;
    if (given && *given && text_is_utf8(given, strlen(given)))
        value = given;
    g_free(name);
    config->data = config_absolute(config, arena_strdup(config->arena, value));
}

static struct config *new_config(const char *file)
{
    struct config *config = g_new0(struct config, 1);
    config->arena = arena_new(64 * 1024);
    char *absolute = g_canonicalize_filename(file, NULL);
    char *directory = g_path_get_dirname(absolute);
    config->file = arena_strdup(config->arena, absolute);
    config->directory = arena_strdup(config->arena, directory);
    g_free(directory);
    g_free(absolute);
    config->entries = g_hash_table_new(g_str_hash, g_str_equal);
    config->sections = g_hash_table_new(g_str_hash, g_str_equal);
    config->secrets = g_hash_table_new(g_str_hash, g_str_equal);
    config->problems = g_ptr_array_new();
    config->modules = g_ptr_array_new();
    return config;
}

int config_load_layers(const char *file, bool managed, struct config **ret_config,
                       struct portico_error *error)
{
    struct config *config = new_config(file);
    int code = read_layer(config, CONFIG_FILE, config->file, error);
    if (code < 0) {
        config_free(config);
        return code;
    }
    read_drop_ins(config);
    resolve_data(config, managed);
    if (managed) {
        read_managed(config);
        read_environment(config);
    }
    config_resolve(config);
    *ret_config = config;
    return 0;
}

int config_load(const char *file, struct config **ret_config, struct portico_error *error)
{
    int code = config_load_layers(file, true, ret_config, error);
    if (code == PORTICO_ENOENT && error)
        error_set(error, code,
                  "The config file %s does not exist. Name another with --config "
                  "FILE.",
                  file);
    return code;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    g_hash_table_destroy(config->entries);
    g_hash_table_destroy(config->sections);
    g_hash_table_destroy(config->secrets);
    g_ptr_array_free(config->problems, TRUE);
    g_ptr_array_free(config->modules, TRUE);
    arena_free(config->arena);
    g_free(config);
}
