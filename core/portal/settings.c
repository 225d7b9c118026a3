#include "portal/settings.h"

#include "base/error.h"
#include "portal/visit.h"

#include <glib.h>

#define SETTINGS_MAX 200
#define CHOICES_SHOWN 3 /* at once; more fold into a list */

static const char *say(const struct settings *settings, const char *source,
                       const struct portico_value *arguments)
{
    return portico_translate(settings->request, source, arguments);
}

static const char *own_words(const struct settings *settings, const char *source)
{
    return source ? page_translate(inside_host(settings->request)->pages, settings->words,
                                   inside_arena(settings->request),
                                   portico_locale(settings->request), source, NULL)
                  : NULL;
}

/* ---- one field ---- */

/* What a value of the type looks like, for who wrote another. */
static const char *const shapes[] = {
    [PORTICO_SETTING_INTEGER] = /* translated */ "Write a whole number.",
    [PORTICO_SETTING_REAL] = /* translated */ "Write a number, such as 2.5.",
    [PORTICO_SETTING_DURATION] = /* translated */ "Write a time such as 30s, 5min, 2h or 7d.",
    [PORTICO_SETTING_SIZE] = /* translated */ "Write a size such as 64KiB or 1MiB.",
    [PORTICO_SETTING_CHOICE] = /* translated */ "Choose one of these.",
    [PORTICO_SETTING_SECRET] = NULL,
};

static const char *range_of(const struct settings *settings, const struct portico_setting *setting)
{
    struct portico_value *arguments = portico_object(settings->request);
    portico_set_text(arguments, "least", setting->minimum);
    portico_set_text(arguments, "most", setting->maximum);
    if (setting->minimum && setting->maximum)
        return say(settings, /* translated */ "From {least} to {most}.", arguments);
    if (setting->minimum)
        return say(settings, /* translated */ "At least {least}.", arguments);
    return setting->maximum ? say(settings, /* translated */ "At most {most}.", arguments) : NULL;
}

/* Why a value does not pass; NULL: it does. */
static const char *problem_of(const struct settings *settings,
                              const struct portico_setting *setting, const char *value)
{
    struct config_value parsed;
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!value || config_parse_value(setting, value, &parsed, &error) == 0)
        return NULL;
    const char *shape = setting->type < sizeof shapes / sizeof *shapes && shapes[setting->type]
                            ? say(settings, shapes[setting->type], NULL)
                            : error.message;
    const char *range = range_of(settings, setting);
    return portico_printf(settings->request, "%s%s%s", shape, range ? " " : "", range ? range : "");
}

static const char *locked_words(const struct settings *settings, const struct config_origin *origin)
{
    struct portico_value *arguments = portico_object(settings->request);
    portico_set_text(arguments, "file", origin->file);
    portico_set_integer(arguments, "line", origin->line);
    return origin->line
               ? say(settings, /* translated */ "Set in {file}, line {line}: change it there.",
                     arguments)
               : say(settings, /* translated */ "Set by the {file}: change it there.", arguments);
}

static bool is_secret(const struct portico_setting *setting)
{
    return setting->type == PORTICO_SETTING_SECRET;
}

static const char *help_of(const struct settings *settings, const struct portico_setting *setting,
                           const struct config_origin *origin)
{
    const char *help = own_words(settings, setting->help), *range = range_of(settings, setting);
    const char *end = NULL;
    struct portico_value *arguments = portico_object(settings->request);
    portico_set_text(arguments, "value",
                     setting->type == PORTICO_SETTING_CHOICE ? own_words(settings, setting->initial)
                                                             : setting->initial);
    portico_set_text(arguments, "key", portico_printf(settings->request, "%s_file", setting->key));
    if (is_secret(setting))
        end = say(settings,
                  /* translated */
                  "Its text stands in a file of its own, never here: name it with "
                  "{key} in portico.conf.",
                  arguments);
    else if (origin->locked)
        end = locked_words(settings, origin);
    else if (setting->initial && *setting->initial && setting->type != PORTICO_SETTING_BOOLEAN)
        end = say(settings, /* translated */ "If empty: {value}.", arguments);
    return portico_printf(settings->request, "%s%s%s%s%s", help ? help : "",
                          help && range ? " " : "", range ? range : "",
                          end && (help || range) ? " " : "", end ? end : "");
}

static void show_choices(const struct settings *settings, const struct portico_setting *setting,
                         const char *id, const char *value, struct portico_value *view)
{
    struct portico_value *list = portico_set_list(view, "choices");
    char **words = g_strsplit(setting->choices ? setting->choices : "", " ", 0);
    unsigned count = 0;
    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        struct portico_value *choice = portico_append_object(list);
        portico_set_text(choice, "value", *word);
        portico_set_text(choice, "title", own_words(settings, *word));
        portico_set_text(choice, "id", portico_printf(settings->request, "%s-%u", id, count++));
        portico_set_boolean(choice, "chosen", strcmp(*word, value) == 0);
    }
    g_strfreev(words);
    const bool choice = setting->type == PORTICO_SETTING_CHOICE;
    portico_set_boolean(view, "radios", choice && count <= CHOICES_SHOWN);
    portico_set_boolean(view, "select", choice && count > CHOICES_SHOWN);
}

/* What portico/field shows. */
static void show_field(const struct settings *settings, const struct portico_setting *setting,
                       const struct config_origin *origin, const char *value, const char *error,
                       struct portico_value *view)
{
    static const char *const nothing[] = { "autocomplete", "suggest",  "most", "minimum", "maximum",
                                           "lines",        "markdown", "file", "hidden" };
    struct portico_request *request = settings->request;
    const char *id = portico_printf(request, "setting-%s", setting->key);
    const char *help = help_of(settings, setting, origin);
    const bool box = setting->type == PORTICO_SETTING_BOOLEAN;
    const bool numeric = setting->type == PORTICO_SETTING_INTEGER;
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        portico_set_text(view, nothing[i], NULL);
    portico_set_text(view, "id", id);
    portico_set_text(view, "name", setting->key);
    portico_set_text(view, "label", own_words(settings, setting->title));
    portico_set_text(view, "help", *help ? help : NULL);
    portico_set_text(view, "value", value);
    portico_set_text(view, "error", error);
    portico_set_text(view, "described",
                     error && *help ? portico_printf(request, "%s-error %s-help", id, id)
                     : error        ? portico_printf(request, "%s-error", id)
                     : *help        ? portico_printf(request, "%s-help", id)
                                    : NULL);
    portico_set_text(view, "type", "text");
    portico_set_text(view, "mode", numeric ? "numeric" : NULL);
    portico_set_boolean(view, "required", 0);
    portico_set_boolean(view, "optional", 0);
    portico_set_boolean(view, "read_only", origin->locked || is_secret(setting));
    portico_set_boolean(view, "ticked", box && strcmp(value, "true") == 0);
    portico_set_boolean(view, "box", box);
    portico_set_boolean(view, "line", !box && setting->type != PORTICO_SETTING_CHOICE);
    show_choices(settings, setting, id, value, view);
}

/* ---- what stands and what was sent ---- */

/* As the file says it, brought to one way of writing. */
static const char *standing(const struct settings *settings, const struct config *config,
                            const struct portico_setting *setting)
{
    struct config_value parsed;
    const char *written = config_written(config, settings->section, setting->key);
    const char *value = written ? written : setting->initial ? setting->initial : "";
    if (setting->type == PORTICO_SETTING_BOOLEAN)
        return config_parse_value(setting, value, &parsed, NULL) == 0 && parsed.integer ? "true"
                                                                                        : "false";
    return value;
}

/* NULL: the default. */
static const char *sent_value(const struct settings *settings,
                              const struct portico_setting *setting)
{
    const char *sent = portico_form(settings->request, setting->key);
    if (setting->type == PORTICO_SETTING_BOOLEAN)
        sent = sent ? "true" : "false";
    char *trimmed = portico_printf(settings->request, "%s", sent ? sent : "");
    g_strstrip(trimmed);
    return *trimmed && strcmp(trimmed, setting->initial ? setting->initial : "") != 0 ? trimmed
                                                                                      : NULL;
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int load(const struct settings *settings, struct config **ret_config,
                struct portico_error *error)
{
    return config_load(config_file(inside_host(settings->request)->config), ret_config, error);
}

/* What the field shows without a request of its own. */
static const char *standing_shown(const struct settings *settings, const struct config *config,
                                  const struct portico_setting *setting)
{
    if (!is_secret(setting))
        return portico_printf(settings->request, "%s", standing(settings, config, setting));
    return config_written(config, settings->section,
                          portico_printf(settings->request, "%s_file", setting->key))
               ? say(settings, /* translated */ "It is set.", NULL)
               : say(settings, /* translated */ "It is not set.", NULL);
}

static bool is_editable(const struct settings *settings, const struct config *config,
                        const struct portico_setting *setting)
{
    return !is_secret(setting) && !config_origin(config, settings->section, setting->key).locked;
}

/* ---- somebody else's change meanwhile ---- */

/* What one request means for one field: shown as `was`, sent as `sent`; now it is `now`. */
struct field {
    const char *was, *sent, *now;
};

static const char *was_name(const struct settings *settings, const struct portico_setting *setting)
{
    return portico_printf(settings->request, "was.%s", setting->key);
}

static struct field field_of(const struct settings *settings, const struct config *config,
                             const struct portico_setting *setting)
{
    const char *sent = sent_value(settings, setting);
    return (struct field){
        .was = portico_form(settings->request, was_name(settings, setting)),
        .sent = sent               ? sent
                : setting->initial ? setting->initial
                                   : "",
        .now = standing_shown(settings, config, setting),
    };
}

static bool is_overtaken(const struct field *field)
{
    return field->was && strcmp(field->was, field->now) != 0 &&
           strcmp(field->sent, field->now) != 0;
}

static bool is_untouched(const struct field *field)
{
    return field->was && strcmp(field->sent, field->was) == 0;
}

static const char *value_words(const struct settings *settings,
                               const struct portico_setting *setting, const char *value)
{
    if (setting->type == PORTICO_SETTING_BOOLEAN)
        return strcmp(value, "true") == 0 ? say(settings, /* translated */ "on", NULL)
                                          : say(settings, /* translated */ "off", NULL);
    if (!*value)
        return say(settings, /* translated */ "nothing", NULL);
    return setting->type == PORTICO_SETTING_CHOICE ? own_words(settings, value) : value;
}

static const char *overtaken_words(const struct settings *settings,
                                   const struct portico_setting *setting, const struct field *field)
{
    const bool untouched = is_untouched(field);
    struct portico_value *arguments = portico_object(settings->request);
    portico_set_text(arguments, "value",
                     value_words(settings, setting, untouched ? field->was : field->now));
    return untouched
               ? say(settings,
                     /* translated */ "Somebody else changed this meanwhile. It was: {value}.",
                     arguments)
               : say(settings,
                     /* translated */
                     "Somebody else changed this meanwhile, to: {value}. Save once more to "
                     "set yours.",
                     arguments);
}

/* The field with what was sent in it: kept as written, except what was not touched and is another
 * by now. */
static bool show_sent(const struct settings *settings, const struct config *config,
                      const struct portico_setting *setting, struct portico_value *view)
{
    const struct config_origin origin = config_origin(config, settings->section, setting->key);
    const struct field field = field_of(settings, config, setting);
    const bool overtaken = is_overtaken(&field);
    const char *value = overtaken && is_untouched(&field) ? field.now : field.sent;
    const char *problem = problem_of(settings, setting, value);
    if (!problem && overtaken)
        problem = overtaken_words(settings, setting, &field);
    show_field(settings, setting, &origin, value, problem, view);
    return overtaken;
}

static void show_standing(const struct settings *settings, const struct config *config,
                          const struct portico_setting *setting, struct portico_value *view)
{
    const struct config_origin origin = config_origin(config, settings->section, setting->key);
    show_field(settings, setting, &origin, standing_shown(settings, config, setting), NULL, view);
}

/* So that the next request tells what it was shown. */
static void show_base(const struct settings *settings, const struct config *config,
                      const struct portico_setting *setting, struct portico_value *view)
{
    struct portico_value *base = portico_set_object(view, "base");
    portico_set_text(base, "was", was_name(settings, setting));
    portico_set_text(base, "now", standing_shown(settings, config, setting));
}

int settings_show(const struct settings *settings, bool sent, struct portico_value *view,
                  struct portico_error *error)
{
    const struct config *running = inside_host(settings->request)->config;
    struct portico_value *list = portico_set_list(view, "fields");
    struct config *config;
    bool editable = false, pending = false, changed = false;
    int code = load(settings, &config, error);
    if (code < 0)
        return code;
    for (size_t i = 0; i < settings->count; i++) {
        const struct portico_setting *setting = &settings->items[i];
        struct portico_value *item = portico_append_object(list);
        const bool open = is_editable(settings, config, setting);
        if (open && sent)
            changed |= show_sent(settings, config, setting, item);
        else
            show_standing(settings, config, setting, item);
        if (open)
            show_base(settings, config, setting, item);
        editable |= open;
        pending |= !same(config_written(config, settings->section, setting->key),
                         config_written(running, settings->section, setting->key));
    }
    portico_set_boolean(view, "editable", editable);
    portico_set_boolean(view, "pending", pending);
    portico_set_boolean(view, "changed", changed);
    portico_set_boolean(view, "any_fields", settings->count > 0);
    portico_set_text(view, "action", settings->path);
    config_free(config);
    return 0;
}

/* ---- changing ---- */

static int reload(struct portico_request *request, const char **ret_saved, const char **ret_reason,
                  struct portico_error *error)
{
    const struct module_host *host = inside_host(request);
    struct value *answer = NULL;
    if (!host->control) {
        *ret_saved = "late";
        return 0;
    }
    int code = host->control(host, "reload", inside_arena(request), &answer, error);
    if (code == PORTICO_ETIMEDOUT || code == PORTICO_ENOENT) {
        *ret_saved = "late";
        return 0;
    }
    if (code < 0)
        return code;
    *ret_saved = "live";
    if (portico_get_boolean(value_public(answer), "ok", 0))
        return 0;
    *ret_reason = portico_get_text(value_public(answer), "reason", "");
    return PORTICO_EINVAL;
}

/* Which, never to what: values may be nobody else's business. */
static int tell(struct portico_request *request, const char *type,
                const struct config_change *changes, size_t count, struct portico_error *error)
{
    struct portico_value *data = portico_object(request);
    struct portico_value *list = portico_set_list(data, "settings");
    for (size_t i = 0; i < count; i++)
        portico_append_text(list,
                            portico_printf(request, "[%s] %s", changes[i].section, changes[i].key));
    const struct portico_emission emission = {
        .size = sizeof emission, .type = type, .subject = "settings", .data = data
    };
    int code = portico_begin(portico_db(request), error);
    if (code < 0)
        return code;
    code = portico_emit(portico_events(request), &emission, NULL, error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

/* Before it is done: what cannot be written down is not done. */
static int record(struct portico_request *request, const char *kind,
                  const struct config_change *changes, size_t count, struct portico_error *error)
{
    int code = portico_begin(portico_db(request), error);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = visit_audit(request, kind, inside_viewer(request)->person, 0,
                           portico_printf(request, "[%s] %s", changes[i].section, changes[i].key),
                           error);
    if (code == 0)
        return portico_commit(portico_db(request), error);
    portico_rollback(portico_db(request));
    return code;
}

static const char *version_of(struct portico_request *request)
{
    return portico_printf(request, "%lu",
                          config_turn_version(config_data_directory(inside_host(request)->config)));
}

/* Has the portal take what was written into service, and takes back what it refuses. */
static int ask_portal(struct portico_request *request, struct config_turn *turn,
                      const char **ret_saved, const char **ret_reason, struct portico_error *error)
{
    struct portico_error own = PORTICO_ERROR_INIT;
    int code = reload(request, ret_saved, ret_reason, error);
    if (code == PORTICO_EINVAL && config_turn_refuse(turn, &own) < 0)
        portico_log(request, PORTICO_LOG_ERROR, "%s", own.message);
    return code;
}

static int change(struct portico_request *request, struct config_turn *turn,
                  const struct config *standing, const struct config_change *changes, size_t count,
                  const char **ret_saved, const char **ret_reason, struct portico_error *error)
{
    *ret_saved = "same";
    if (count == 0)
        return 0;
    int code = record(request, "settings.changed", changes, count, error);
    if (code < 0)
        return code;
    code = config_manage_change(turn, standing, changes, count, error);
    if (code == PORTICO_EINVAL || code == PORTICO_EPERM) {
        *ret_reason = error->message;
        return PORTICO_EINVAL;
    }
    if (code == 0)
        code = ask_portal(request, turn, ret_saved, ret_reason, error);
    for (size_t i = 0; code == 0 && i < count; i++)
        portico_log(request, PORTICO_LOG_INFO, "Admin %lld: changed %s in [%s].",
                    (long long)inside_viewer(request)->person, changes[i].key, changes[i].section);
    return code == 0 ? tell(request, "portal.portico.settings.changed", changes, count, error)
                     : code;
}

/* A change that did not come about is taken back in the log too. */
static int apply(struct portico_request *request, struct config_turn *turn,
                 const struct config *standing, const struct config_change *changes, size_t count,
                 const char **ret_saved, const char **ret_reason, struct portico_error *error)
{
    struct portico_error own = PORTICO_ERROR_INIT;
    int code = change(request, turn, standing, changes, count, ret_saved, ret_reason, error);
    if (code < 0 && record(request, "settings.undone", changes, count, &own) < 0)
        portico_log(request, PORTICO_LOG_ERROR, "%s", own.message);
    return code;
}

int settings_apply(struct portico_request *request, const struct config_change *changes,
                   size_t count, const char **ret_saved, const char **ret_reason,
                   struct portico_error *error)
{
    struct config_turn *turn;
    struct config *standing;
    int code =
        config_manage_begin(config_file(inside_host(request)->config), &turn, &standing, error);
    if (code < 0)
        return code;
    code = apply(request, turn, standing, changes, count, ret_saved, ret_reason, error);
    config_turn_end(turn);
    config_free(standing);
    return code;
}

int settings_go_back(struct portico_request *request, const char *version, const char **ret_saved,
                     const char **ret_reason, struct portico_error *error)
{
    struct config_turn *turn;
    int code = config_turn_take(config_data_directory(inside_host(request)->config), &turn, error);
    if (code < 0)
        return code;
    *ret_saved = "same";
    if (version && strcmp(version, version_of(request)) != 0) {
        *ret_reason = portico_translate(
            request, "Somebody else changed settings since. Look at what stands now.", NULL);
        code = PORTICO_EINVAL;
    }
    if (code == 0)
        code =
            visit_audit(request, "settings.undone", inside_viewer(request)->person, 0, NULL, error);
    if (code == 0)
        code = config_turn_undo(turn, error);
    if (code == 0)
        code = ask_portal(request, turn, ret_saved, ret_reason, error);
    config_turn_end(turn);
    if (code < 0)
        return code == PORTICO_ENOENT ? 0 : code;
    if (strcmp(*ret_saved, "live") == 0)
        *ret_saved = "undone";
    portico_log(request, PORTICO_LOG_INFO, "Admin %lld: undid the last change of settings.",
                (long long)inside_viewer(request)->person);
    return tell(request, "portal.portico.settings.undone", NULL, 0, error);
}

/* What was sent, compared with what stands: what it changes, and whether all of it may be. */
static bool read_sent(const struct settings *settings, const struct config *config,
                      struct config_change *changes, size_t *ret_count)
{
    bool good = true;
    size_t count = 0;
    for (size_t i = 0; i < settings->count && count < SETTINGS_MAX; i++) {
        const struct portico_setting *setting = &settings->items[i];
        if (!is_editable(settings, config, setting))
            continue;
        const char *value = sent_value(settings, setting);
        const struct field field = field_of(settings, config, setting);
        good &= problem_of(settings, setting, value) == NULL && !is_overtaken(&field);
        if (!same(value, config_written(config, settings->section, setting->key)))
            changes[count++] = (struct config_change){ settings->section, setting->key, value };
    }
    *ret_count = count;
    return good;
}

int settings_save(const struct settings *settings, struct portico_value *view,
                  const char **ret_saved, struct portico_error *error)
{
    struct config_change changes[SETTINGS_MAX];
    struct portico_request *request = settings->request;
    const char *reason = NULL;
    struct config_turn *turn;
    struct config *standing;
    size_t count = 0;
    int code =
        config_manage_begin(config_file(inside_host(request)->config), &turn, &standing, error);
    if (code < 0)
        return code;
    code = read_sent(settings, standing, changes, &count)
               ? apply(request, turn, standing, changes, count, ret_saved, &reason, error)
               : PORTICO_EINVAL;
    config_turn_end(turn);
    config_free(standing);
    if (code != PORTICO_EINVAL)
        return code;
    portico_set_text(view, "refused", reason);
    code = settings_show(settings, true, view, error);
    return code < 0 ? code : PORTICO_EINVAL;
}

static const struct {
    const char *name, *words;
} outcomes[] = {
    { "live", /* translated */ "Saved, and in service from now on." },
    { "late", /* translated */ "Saved. The portal is still taking it into service." },
    { "same", /* translated */ "Nothing was changed." },
    { "undone", /* translated */ "The last change is undone." },
};

void settings_outcome(struct portico_request *request, struct portico_value *view)
{
    const char *saved = portico_query_param(request, "saved");
    portico_set_text(view, "saved", NULL);
    portico_set_text(view, "undoes", version_of(request));
    for (size_t i = 0; saved && i < sizeof outcomes / sizeof *outcomes; i++)
        if (strcmp(saved, outcomes[i].name) == 0)
            portico_set_text(view, "saved", portico_translate(request, outcomes[i].words, NULL));
}
