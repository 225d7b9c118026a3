/* One value by its type: numbers, durations, sizes, choices, each with its range. */
#include "base/error.h"
#include "base/text.h"
#include "config/config.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 60

struct unit {
    const char *name;
    int64_t factor;
};
/* Microseconds and bytes. */
static const struct unit duration_units[] = {
    { "ms", 1000 },
    { "s", 1000000 },
    { "min", 60 * INT64_C(1000000) },
    { "h", 3600 * INT64_C(1000000) },
    { "d", 86400 * INT64_C(1000000) },
};
static const struct unit size_units[] = {
    { "", 1 }, { "B", 1 }, { "KiB", 1024 }, { "MiB", 1024 * 1024 }, { "GiB", 1024 * 1024 * 1024 },
};

static bool parse_with_unit(const char *text, const struct unit *units, size_t count,
                            int64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");
    long long number;
    if (!digits || !text_to_int64((struct text){ text, digits }, &number))
        return false;
    const char *unit = text + digits;
    while (*unit == ' ')
        unit++;
    if (number == 0 && !*unit) {
        *ret_number = 0;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(unit, units[i].name) == 0)
            return !__builtin_mul_overflow(number, units[i].factor, ret_number);
    return false;
}

static bool parse_integer(const char *text, struct config_value *value)
{
    long long number;
    if (!text_to_int64(text_of(text), &number))
        return false;
    value->integer = number;
    return true;
}

static bool parse_boolean(const char *text, struct config_value *value)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(text, words[i]) == 0) {
            value->integer = i % 2;
            return true;
        }
    return false;
}

static bool parse_real(const char *text, struct config_value *value)
{
    char *end;
    /* Decimal only: strtod alone would take "inf", "nan" and "0x10". */
    if (!*text || text[strspn(text, "0123456789.eE+-")])
        return false;
    value->real = g_ascii_strtod(text, &end);
    return end != text && !*end && isfinite(value->real);
}

static bool parse_duration(const char *text, struct config_value *value)
{
    return parse_with_unit(text, duration_units, G_N_ELEMENTS(duration_units), &value->integer);
}

static bool parse_size(const char *text, struct config_value *value)
{
    return parse_with_unit(text, size_units, G_N_ELEMENTS(size_units), &value->integer);
}

static bool parse_text(const char *text, struct config_value *value)
{
    value->text = text;
    return true;
}

struct type {
    bool (*parse)(const char *text, struct config_value *value);
    const char *wanted;
};
static const struct type types[] = {
    [PORTICO_SETTING_TEXT] = { parse_text, "text" },
    [PORTICO_SETTING_INTEGER] = { parse_integer, "a whole number" },
    [PORTICO_SETTING_BOOLEAN] = { parse_boolean, "`true` or `false`" },
    [PORTICO_SETTING_REAL] = { parse_real, "a number such as 0.5" },
    [PORTICO_SETTING_DURATION] = { parse_duration, "a time such as 500ms, 2s, 5min, 1h or 7d" },
    [PORTICO_SETTING_SIZE] = { parse_size, "a size such as 512B, 64KiB, 1MiB or 2GiB" },
    [PORTICO_SETTING_CHOICE] = { parse_text, NULL },
    [PORTICO_SETTING_SECRET] = { parse_text, "text" },
};

/* -1, 0 or 1 as `value` lies before, at or behind the bound; 0 without a (readable) bound. */
static int compare_bound(const struct type *type, uint32_t kind, const struct config_value *value,
                         const char *bound)
{
    struct config_value limit = { 0 };
    if (!bound || !type->parse(bound, &limit))
        return 0;
    if (kind == PORTICO_SETTING_REAL)
        return (value->real > limit.real) - (value->real < limit.real);
    return (value->integer > limit.integer) - (value->integer < limit.integer);
}

static bool has_range(uint32_t kind)
{
    return kind == PORTICO_SETTING_INTEGER || kind == PORTICO_SETTING_REAL ||
           kind == PORTICO_SETTING_DURATION || kind == PORTICO_SETTING_SIZE;
}

static void describe_range(const struct portico_setting *setting, char *text, size_t size)
{
    text[0] = '\0';
    if (!has_range(setting->type))
        return;
    if (setting->minimum && setting->maximum)
        snprintf(text, size, ", from %s to %s", setting->minimum, setting->maximum);
    else if (setting->minimum)
        snprintf(text, size, ", at least %s", setting->minimum);
    else if (setting->maximum)
        snprintf(text, size, ", at most %s", setting->maximum);
}

static int refuse(const struct portico_setting *setting, const char *wanted, const char *text,
                  struct portico_error *error)
{
    char range[160];
    describe_range(setting, range, sizeof range);
    size_t length = strlen(text);
    bool cut = length > SHOWN_MAX;
    if (cut)
        length = text_utf8_cut(text, SHOWN_MAX);
    return error_set(
        error, PORTICO_EINVAL, "`%s` must be %s%s, not `%.*s%s`.%s", setting->key, wanted, range,
        (int)length, text, cut ? "…" : "",
        strstr(text, " #") || strstr(text, " ;") ? " A comment needs a line of its own." : "");
}

static int parse_choice(const struct portico_setting *setting, const char *text,
                        struct config_value *ret_value, struct portico_error *error)
{
    int code = 0;
    char **choices = g_strsplit(setting->choices ? setting->choices : "", " ", -1);
    guint count = g_strv_length(choices);
    if (!g_strv_contains((const char *const *)choices, text) || !*text) {
        GString *wanted = g_string_new("one of ");
        for (guint i = 0; i < count; i++)
            g_string_append_printf(wanted, "%s`%s`", i ? (i + 1 == count ? " or " : ", ") : "",
                                   choices[i]);
        char *lower = g_ascii_strdown(text, -1);
        const char *nearest = text_nearest(lower, (const char *const *)choices, count);
        code = refuse(setting, wanted->str, text, error);
        if (nearest && error) {
            size_t end = strlen(error->message);
            snprintf(error->message + end, sizeof error->message - end, " Did you mean `%s`?",
                     nearest);
        }
        g_free(lower);
        g_string_free(wanted, TRUE);
    } else {
        ret_value->text = text;
    }
    g_strfreev(choices);
    return code;
}

int config_parse_value(const struct portico_setting *setting, const char *text,
                       struct config_value *ret_value, struct portico_error *error)
{
    if (setting->type == 0 || setting->type >= G_N_ELEMENTS(types))
        return error_set(error, PORTICO_EINVAL,
                         "The setting `%s` has the unknown type %u; it belongs to a newer host.",
                         setting->key, setting->type);
    struct config_value value = { 0 };
    if (setting->type == PORTICO_SETTING_CHOICE) {
        int code = parse_choice(setting, text, &value, error);
        if (code == 0)
            *ret_value = value;
        return code;
    }
    const struct type *type = &types[setting->type];
    if (!type->parse(text, &value))
        return refuse(setting, type->wanted, text, error);
    if (has_range(setting->type) &&
        (compare_bound(type, setting->type, &value, setting->minimum) < 0 ||
         compare_bound(type, setting->type, &value, setting->maximum) > 0))
        return refuse(setting, type->wanted, text, error);
    *ret_value = value;
    return 0;
}

const char *config_type_name(uint32_t type)
{
    static const char *const names[] = {
        [PORTICO_SETTING_TEXT] = "text",         [PORTICO_SETTING_INTEGER] = "integer",
        [PORTICO_SETTING_BOOLEAN] = "boolean",   [PORTICO_SETTING_REAL] = "real",
        [PORTICO_SETTING_DURATION] = "duration", [PORTICO_SETTING_SIZE] = "size",
        [PORTICO_SETTING_CHOICE] = "choice",     [PORTICO_SETTING_SECRET] = "secret",
    };
    return type < G_N_ELEMENTS(names) && names[type] ? names[type] : "unknown";
}
