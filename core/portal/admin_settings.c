/* The portal's own settings for admins: those that may change while it serves, as a form; the rest
 * with the place where they stand. */
#include "base/error.h"
#include "portal/again.h"
#include "portal/pages.h"
#include "portal/settings.h"
#include "portal/visit.h"

#define PATH "/admin/settings"
#define LIVE_MAX 16

/* In the order shown. What else a section has belongs to the admin's own files. */
static const struct {
    const char *section;
    const char *live[LIVE_MAX];
} sections[] = {
    { "portal", { "name", "contact", "language", "timezone" } },
    { "sign_in", { "sign_up", "idle", "longest", "remember", "guesses" } },
};
#define SECTIONS (sizeof sections / sizeof *sections)

static bool is_live(size_t section, const char *key)
{
    for (size_t i = 0; i < LIVE_MAX && sections[section].live[i]; i++)
        if (strcmp(sections[section].live[i], key) == 0)
            return true;
    return false;
}

static const struct portico_setting *find(const char *section, const char *key)
{
    for (size_t i = 0; i < config_key_count; i++)
        if (strcmp(config_keys[i].section, section) == 0 &&
            strcmp(config_keys[i].setting.key, key) == 0)
            return &config_keys[i].setting;
    return NULL;
}

/* `items` has room for LIVE_MAX. */
static struct settings settings_of(struct portico_request *request, size_t section,
                                   struct portico_setting *items)
{
    size_t count = 0;
    for (size_t i = 0; i < LIVE_MAX && sections[section].live[i]; i++) {
        const struct portico_setting *setting =
            find(sections[section].section, sections[section].live[i]);
        if (setting)
            items[count++] = *setting;
    }
    return (struct settings){ .request = request,
                              .section = sections[section].section,
                              .words = "portico",
                              .items = items,
                              .count = count,
                              .path = PATH };
}

/* Where it is changed: the line it stands on, or the file and section it would stand in. */
static const char *place_of(struct portico_request *request, const char *section, const char *key)
{
    const struct config *config = inside_host(request)->config;
    const struct config_origin origin = config_origin(config, section, key);
    struct portico_value *arguments = portico_object(request);
    portico_set_text(arguments, "file", origin.file ? origin.file : config_file(config));
    portico_set_integer(arguments, "line", origin.line);
    portico_set_text(arguments, "key", key);
    portico_set_text(arguments, "section", section);
    if (!origin.file)
        return portico_translate(
            request, /* translated */ "Set {key} in {file}, section [{section}].", arguments);
    return origin.line
               ? portico_translate(request,
                                   /* translated */ "Set in {file}, line {line}: change it there.",
                                   arguments)
               : portico_translate(request, /* translated */ "Set by the {file}: change it there.",
                                   arguments);
}

static void show_fixed(struct portico_request *request, size_t section, struct portico_value *list)
{
    const struct module_host *host = inside_host(request);
    const char *name = sections[section].section;
    for (size_t i = 0; i < config_key_count; i++) {
        const struct portico_setting *setting = &config_keys[i].setting;
        if (strcmp(config_keys[i].section, name) != 0 || is_live(section, setting->key))
            continue;
        const char *written = config_written(host->config, name, setting->key);
        const char *value = written ? written : setting->initial;
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "title",
                         page_translate(host->pages, "portico", inside_arena(request),
                                        portico_locale(request), setting->title, NULL));
        portico_set_text(item, "value", value && *value ? value : NULL);
        portico_set_text(item, "place", place_of(request, name, setting->key));
    }
}

/* The section this request sends, or SECTIONS. */
static size_t sent_section(struct portico_request *request)
{
    const char *name = portico_form(request, "portico_section");
    size_t i = 0;
    while (i < SECTIONS && (!name || strcmp(sections[i].section, name) != 0))
        i++;
    return i;
}

int admin_settings(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const bool posted = strcmp(portico_method(request), "POST") == 0;
    const size_t sent = posted ? sent_section(request) : SECTIONS;
    const char *saved = NULL;
    struct portico_value *view = visit_view(request);
    struct portico_value *fixed = portico_set_list(view, "fixed");
    int answer;
    if (posted && sent == SECTIONS)
        return PORTICO_EINVAL;
    if (posted && !again_or_ask(request, PATH, &answer))
        return answer;
    if (!posted)
        settings_outcome(request, view);
    else
        portico_set_text(view, "saved", NULL);
    portico_set_text(view, "refused", NULL);
    portico_set_boolean(view, "changed", 0);
    for (size_t i = 0; i < SECTIONS; i++) {
        struct portico_setting items[LIVE_MAX];
        const struct settings settings = settings_of(request, i, items);
        struct portico_value *form = portico_object(request);
        int code = i == sent ? settings_save(&settings, form, &saved, &error)
                             : settings_show(&settings, false, form, &error);
        if (i == sent && code == 0)
            return portico_reply_redirect(request, 303,
                                          portico_printf(request, PATH "?saved=%s", saved));
        if (code < 0 && code != PORTICO_EINVAL)
            return visit_failed(request, code, &error);
        if (code == PORTICO_EINVAL)
            portico_set_text(view, "refused", portico_get_text(form, "refused", NULL));
        if (code == PORTICO_EINVAL)
            portico_set_boolean(view, "changed", portico_get_boolean(form, "changed", 0));
        portico_set_text(form, "section", settings.section);
        portico_set(view, portico_printf(request, "%s_form", settings.section), form);
        show_fixed(request, i, fixed);
    }
    if (posted)
        portico_set_status(request, 422);
    return portico_reply_view(request, "settings", view);
}
