/* What the CLI and the admin pages set: checked, then written to managed.conf. */
#include "config/manage.h"

#include "base/error.h"
#include "base/text.h"
#include "config/reader.h"
#include "config/state.h"

#include <string.h>

/* Of its line at most, with quotes: the file has to be read again. */
static size_t written_length(const char *key, const char *value)
{
    size_t length = strlen(key) + strlen(" = \"\"") + strlen(value);
    for (const char *c = value; *c; c++)
        length += strchr("\"\\\n\t", *c) != NULL;
    return length;
}

/* The schema's word on section, key and value; a module's own keys are checked when it is loaded.
 */
static int check_change(const char *section, const char *key, const char *value,
                        struct portico_error *error)
{
    bool module = g_str_has_prefix(section, "module ");
    if (!module && !config_schema_has_section(section))
        return error_set(error, PORTICO_EINVAL, "Unknown section [%s].", section);
    if (module && !config_is_module_name(section + strlen("module ")))
        return error_set(error, PORTICO_EINVAL, "`%.80s` is no module name.",
                         section + strlen("module "));
    int index = module ? -1 : config_schema_find(section, key);
    if (!module && index < 0)
        return error_set(error, PORTICO_EINVAL, "Unknown key `%s` in [%s].", key, section);
    if (!key[0] || key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return error_set(error, PORTICO_EINVAL,
                         "`%.60s` is no key. Keys are lower-case letters, digits and `_`.", key);
    if (config_schema_is_protected(section, key))
        return error_set(error, PORTICO_EPERM,
                         "`%s` in [%s] points at files or code. Set it in portico.conf.", key,
                         section);
    if (!value)
        return 0;
    for (const char *c = value; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F)
            return error_set(error, PORTICO_EINVAL, "The value holds a control character.");
    if (!text_is_utf8(value, strlen(value)))
        return error_set(error, PORTICO_EINVAL, "The value is not valid UTF-8.");
    if (written_length(key, value) > CONFIG_READER_LINE_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "The value of `%s` is longer than a line may be, %d bytes. Shorten it.",
                         key, CONFIG_READER_LINE_MAX);
    const struct portico_setting *setting = index >= 0 ? &config_keys[index].setting : NULL;
    if (module && strcmp(key, "enabled") == 0)
        setting = &config_module_keys[0];
    struct config_value parsed;
    int code = setting ? config_parse_value(setting, value, &parsed, error) : 0;
    return code < 0 ? code : config_schema_validate(section, key, value, error);
}

static int check_origin(const struct config *config, const struct config_change *change,
                        struct portico_error *error)
{
    struct config_origin origin = config_origin(config, change->section, change->key);
    if (origin.locked && origin.line)
        return error_set(error, PORTICO_EPERM,
                         "`%s` in [%s] is set in %s:%u and locked by it. Change it there.",
                         change->key, change->section, origin.file, origin.line);
    if (origin.locked)
        return error_set(error, PORTICO_EPERM, "`%s` in [%s] is set by the %s. Change it there.",
                         change->key, change->section, origin.file);
    return 0;
}

int config_manage_begin(const char *file, struct config_turn **ret_turn, struct config **ret_config,
                        struct portico_error *error)
{
    struct config *config, *standing = NULL;
    struct config_turn *turn = NULL;
    int code = config_load(file, &config, error);
    if (code < 0)
        return code;
    code = config_turn_take(config->data, &turn, error);
    config_free(config);
    if (code == 0)
        code = config_load(file, &standing, error);
    if (code < 0) {
        config_turn_end(turn);
        return code;
    }
    *ret_turn = turn;
    *ret_config = standing;
    return 0;
}

int config_manage_change(struct config_turn *turn, const struct config *config,
                         const struct config_change *changes, size_t count,
                         struct portico_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = check_change(changes[i].section, changes[i].key, changes[i].value, error);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = check_origin(config, &changes[i], error);
    return code == 0 && count > 0 ? config_turn_write(turn, changes, count, error) : code;
}

int config_manage_all(const char *file, const struct config_change *changes, size_t count,
                      struct portico_error *error)
{
    struct config_turn *turn;
    struct config *config;
    int code = config_manage_begin(file, &turn, &config, error);
    if (code < 0)
        return code;
    code = config_manage_change(turn, config, changes, count, error);
    config_turn_end(turn);
    config_free(config);
    return code;
}

int config_manage(const char *file, const char *section, const char *key, const char *value,
                  struct portico_error *error)
{
    return config_manage_all(file, &(struct config_change){ section, key, value }, 1, error);
}
