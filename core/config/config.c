/* The resolved configuration: every key's value, the modules, and what the rooms above ask. */
#include "config/config.h"

#include "base/error.h"
#include "base/text.h"
#include "config/state.h"

#include <stdarg.h>
#include <string.h>

void config_add_problem_at(struct config *config, const char *file, unsigned line,
                           const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vprintf(config->arena, format, arguments);
    va_end(arguments);
    config_problem_add(config, file, line, message ? message : "Memory ended.");
}

void config_refuse_secret(struct config *config, const char *file, unsigned line,
                          const char *section, const char *key)
{
    config_add_problem_at(config, file, line,
                          "`%s` in [%s] is a secret, and secrets do not stand in the config. Put "
                          "it into a file that only the portal can read and write `%s_file = "
                          "PATH`.",
                          key, section, key);
}

void config_refuse_unknown(struct config *config, const char *file, unsigned line,
                           const char *section, const char *key, const char *nearest,
                           const char *ending)
{
    if (nearest)
        config_add_problem_at(config, file, line, "Unknown key `%s` in [%s]. Did you mean `%s%s`?",
                              key, section, nearest, ending);
    else
        config_add_problem_at(config, file, line,
                              "Unknown key `%s` in [%s]. `portico check --settings` lists all.",
                              key, section);
}

void config_add_problem(struct config *config, const char *section, const char *key,
                        const char *format, ...)
{
    const struct config_entry *entry =
        section && key ? config_entry_find(config, section, key) : NULL;
    if (!entry && section && key) {
        char *secret = g_strdup_printf("%s_file", key);
        entry = config_entry_find(config, section, secret);
        g_free(secret);
    }
    if (!entry && section)
        entry = g_hash_table_lookup(config->sections, section);
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vprintf(config->arena, format, arguments);
    va_end(arguments);
    config_problem_add(config, entry ? entry->file : config->file, entry ? entry->line : 0,
                       message ? message : "Memory ended.");
}

size_t config_problem_count(const struct config *config)
{
    return config->problems->len;
}

const struct config_problem *config_problem_at(const struct config *config, size_t index)
{
    return index < config->problems->len ? config->problems->pdata[index] : NULL;
}

const char *const *config_split(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    const char **words = arena_alloc(arena, (length / 2 + 2) * sizeof *words);
    size_t count = 0;
    for (const char *at = text + strspn(text, " \t"); *at; at += strspn(at, " \t")) {
        size_t word = strcspn(at, " \t");
        words[count++] = arena_strndup(arena, at, word);
        at += word;
    }
    words[count] = NULL;
    return words;
}

/* The text of the file that `<key>_file` names; a file that is missing or open to others is a
 * problem. */
static const char *read_secret(struct config *config, const char *section, const char *key)
{
    const char *name = arena_printf(config->arena, "%s_file", key);
    const struct config_entry *entry = config_entry_find(config, section, name);
    if (!entry || !*entry->value)
        return NULL;
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *text = NULL;
    if (config_secret_read(config->arena, config_absolute(config, entry->value), &text, &error) < 0)
        config_problem_add(config, entry->file, entry->line, error.message);
    return text;
}

static void resolve_value(struct config *config, size_t index)
{
    const struct config_key *key = &config_keys[index];
    const struct config_entry *entry = config_entry_find(config, key->section, key->setting.key);
    const char *text = entry ? entry->value : key->setting.initial;
    struct config_value *value = &config->values[index];
    if (key->setting.type == PORTICO_SETTING_SECRET) {
        const char *secret = read_secret(config, key->section, key->setting.key);
        value->text = secret ? secret : "";
        return;
    }
    struct portico_error error = PORTICO_ERROR_INIT;
    if (config_parse_value(&key->setting, text, value, &error) < 0)
        g_error("The default of [%s] %s does not fit its own schema: %s", key->section,
                key->setting.key, error.message);
    if (!value->text)
        value->text = text;
    if (key->setting.type == PORTICO_SETTING_TEXT)
        config->words[index] = config_split(config->arena, value->text);
}

static bool is_local(const char *address)
{
    return address[0] == '/' || g_str_has_prefix(address, "127.") ||
           g_str_has_prefix(address, "localhost:") || g_str_has_prefix(address, "[::1]:");
}

/* Never guessed from a request: the configured URL, or the first address while only this machine
 * (or a developer) can reach it. */
static void resolve_url(struct config *config)
{
    const char *url = config_text(config, "portal", "url");
    if (*url) {
        size_t length = strlen(url);
        config->url = arena_strndup(config->arena, url, length - (url[length - 1] == '/'));
        return;
    }
    const char *const *listen = config_words(config, "http", "listen");
    bool local = true;
    const char *first = NULL;
    for (size_t i = 0; listen[i]; i++) {
        local = local && is_local(listen[i]);
        if (!first && listen[i][0] != '/')
            first = listen[i];
    }
    if (!local && !config_boolean(config, "portal", "development"))
        config_add_problem(config, "http", "listen",
                           "The portal listens on an address that others can reach, but its URL is "
                           "unknown. Set `url` in [portal] to the address people use, such as "
                           "https://portal.example.com.");
    if (first && first[0] == '*')
        config->url = arena_printf(config->arena, "http://localhost%s", first + 1);
    else
        config->url = first ? arena_printf(config->arena, "http://%s", first) : "http://localhost";
    if (g_str_has_suffix(config->url, ":80"))
        config->url = arena_strndup(config->arena, config->url, strlen(config->url) - 3);
}

static void resolve_modules(struct config *config)
{
    for (guint i = 0; i < config->modules->len; i++) {
        struct config_module *module = config->modules->pdata[i];
        const char *section = arena_printf(config->arena, "module %s", module->name);
        const struct config_entry *enabled = config_entry_find(config, section, "enabled");
        const struct config_entry *path = config_entry_find(config, section, "path");
        struct config_value value = { 0 };
        if (enabled)
            config_parse_value(&config_module_keys[0], enabled->value, &value, NULL);
        module->enabled = value.integer != 0;
        module->path = path && *path->value ? config_absolute(config, path->value) : NULL;
    }
}

static void resolve_paths(struct config *config)
{
    const char *brand = config_text(config, "portal", "brand");
    config->brand = *brand ? config_absolute(config, brand) : NULL;
    const char *url = config_text(config, "database", "url");
    config->database = url;
    if (!g_str_has_prefix(url, "sqlite:"))
        return;
    char *path = g_canonicalize_filename(url + strlen("sqlite:"), config->data);
    config->database = arena_printf(config->arena, "sqlite:%s", path);
    g_free(path);
}

void config_resolve(struct config *config)
{
    config->values = arena_zalloc(config->arena, config_key_count * sizeof *config->values);
    config->words = arena_zalloc(config->arena, config_key_count * sizeof *config->words);
    for (size_t i = 0; i < config_key_count; i++)
        resolve_value(config, i);
    resolve_url(config);
    resolve_paths(config);
    resolve_modules(config);
    paths_collect(config);
}

static const struct config_value *value_of_key(const struct config *config, const char *section,
                                               const char *key)
{
    int index = config_schema_find(section, key);
    if (index < 0)
        g_error("The host asks for [%s] %s, which core/config/schema.c lacks.", section, key);
    return &config->values[index];
}

const char *config_text(const struct config *config, const char *section, const char *key)
{
    return value_of_key(config, section, key)->text;
}

int64_t config_integer(const struct config *config, const char *section, const char *key)
{
    return value_of_key(config, section, key)->integer;
}

bool config_boolean(const struct config *config, const char *section, const char *key)
{
    return value_of_key(config, section, key)->integer != 0;
}

const char *const *config_words(const struct config *config, const char *section, const char *key)
{
    return config->words[value_of_key(config, section, key) - config->values];
}

struct config_origin config_origin(const struct config *config, const char *section,
                                   const char *key)
{
    const struct config_entry *entry = config_entry_find(config, section, key);
    if (!entry)
        return (struct config_origin){ 0 };
    return (struct config_origin){ entry->file, entry->line, entry->layer != CONFIG_MANAGED };
}

const char *config_written(const struct config *config, const char *section, const char *key)
{
    const struct config_entry *entry = config_entry_find(config, section, key);
    return entry ? entry->value : NULL;
}

size_t config_module_count(const struct config *config)
{
    return config->modules->len;
}

const struct config_module *config_module_at(const struct config *config, size_t index)
{
    return index < config->modules->len ? config->modules->pdata[index] : NULL;
}

/* The module's setting that the key stands for; for a secret `ret_file` tells that it is
 * `<key>_file`. */
static const struct portico_setting *module_setting(const struct portico_setting *settings,
                                                    size_t count, const char *key, bool *ret_file)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(settings[i].key);
        if (strncmp(settings[i].key, key, length) != 0)
            continue;
        *ret_file =
            settings[i].type == PORTICO_SETTING_SECRET && strcmp(key + length, "_file") == 0;
        if (!key[length] || *ret_file)
            return &settings[i];
    }
    return NULL;
}

static void unknown_module_key(struct config *config, const struct config_entry *entry,
                               const struct portico_setting *settings, size_t count)
{
    const char **names = g_new(const char *, count + config_module_key_count);
    for (size_t i = 0; i < count; i++)
        names[i] = settings[i].type == PORTICO_SETTING_SECRET
                       ? arena_printf(config->arena, "%s_file", settings[i].key)
                       : settings[i].key;
    for (size_t i = 0; i < config_module_key_count; i++)
        names[count + i] = config_module_keys[i].key;
    char *lower = g_ascii_strdown(entry->key, -1);
    const char *nearest = text_nearest(lower, names, count + config_module_key_count);
    config_refuse_unknown(config, entry->file, entry->line, entry->section, entry->key, nearest,
                          "");
    g_free(lower);
    g_free(names);
}

static void check_module_entry(struct config *config, const struct config_entry *entry,
                               const struct portico_setting *settings, size_t count)
{
    for (size_t i = 0; i < config_module_key_count; i++)
        if (strcmp(config_module_keys[i].key, entry->key) == 0)
            return;
    bool file = false;
    const struct portico_setting *setting = module_setting(settings, count, entry->key, &file);
    if (!setting) {
        unknown_module_key(config, entry, settings, count);
        return;
    }
    if (setting->type == PORTICO_SETTING_SECRET && !file) {
        config_refuse_secret(config, entry->file, entry->line, entry->section, entry->key);
        return;
    }
    if (file) {
        const char *text = read_secret(config, entry->section, setting->key);
        if (text)
            g_hash_table_insert(config->secrets,
                                arena_printf(config->arena, "%s\n%s", entry->section, setting->key),
                                (gpointer)text);
        return;
    }
    struct config_value value;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (config_parse_value(setting, entry->value, &value, &error) < 0)
        config_problem_add(config, entry->file, entry->line, error.message);
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const struct config_entry *left = *(const struct config_entry *const *)a;
    const struct config_entry *right = *(const struct config_entry *const *)b;
    int order = (int)left->layer - (int)right->layer;
    if (!order)
        order = strcmp(left->file, right->file);
    return order ? order : (left->line > right->line) - (left->line < right->line);
}

void config_check_module(struct config *config, const char *name,
                         const struct portico_setting *settings, size_t count)
{
    char *section = g_strdup_printf("module %s", name);
    GPtrArray *entries = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer item;
    g_hash_table_iter_init(&iterator, config->entries);
    while (g_hash_table_iter_next(&iterator, NULL, &item))
        if (strcmp(((struct config_entry *)item)->section, section) == 0)
            g_ptr_array_add(entries, item);
    g_ptr_array_sort(entries, by_place);
    for (guint i = 0; i < entries->len; i++)
        check_module_entry(config, entries->pdata[i], settings, count);
    g_ptr_array_free(entries, TRUE);
    g_free(section);
}

const char *config_module_text(const struct config *config, const char *name, const char *key)
{
    char *section = g_strdup_printf("module %s", name);
    const struct config_entry *entry = config_entry_find(config, section, key);
    char *path = g_strdup_printf("%s\n%s", section, key);
    const char *secret = g_hash_table_lookup(config->secrets, path);
    g_free(path);
    g_free(section);
    return secret ? secret : entry ? entry->value : NULL;
}

const char *config_file(const struct config *config)
{
    return config->file;
}

const char *config_data_directory(const struct config *config)
{
    return config->data;
}

const char *config_url(const struct config *config)
{
    return config->url;
}

const char *config_database_url(const struct config *config)
{
    return config->database;
}

const char *config_brand_directory(const struct config *config)
{
    return config->brand;
}
