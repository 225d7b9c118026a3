/* The portal for admins: what it is made of, how its parts are, and their settings. */
#include "base/error.h"
#include "identity/identity.h"
#include "portal/again.h"
#include "portal/letters.h"
#include "portal/pages.h"
#include "portal/settings.h"
#include "portal/visit.h"

static const char *words_of(struct portico_request *request, const char *module, const char *source)
{
    return source ? page_translate(inside_host(request)->pages, module, inside_arena(request),
                                   portico_locale(request), source, NULL)
                  : NULL;
}

/* ---- how modules are ---- */

static enum portico_health_state health_of(struct portico_request *request, struct module *module,
                                           const char **ret_message)
{
    struct value *list = value_new(inside_arena(request), PORTICO_LISTING);
    int state = list ? module_call_health(inside_host(request), module, list) : PORTICO_FAILED;
    for (uint32_t i = 0; list && i < list->count; i++) {
        const char *message = portico_get_text(value_public(list->items[i]), "message", NULL);
        if (message && *message)
            *ret_message = message;
    }
    return (enum portico_health_state)state;
}

static bool show_module(struct portico_request *request, const char *id, bool enabled,
                        struct portico_value *item)
{
    struct module *module = registry_find(inside_host(request)->registry, id);
    const char *message = NULL;
    enum portico_health_state state =
        module ? health_of(request, module, &message) : PORTICO_HEALTHY;
    portico_set_text(item, "id", id);
    portico_set_text(item, "title",
                     module ? words_of(request, id, module_descriptor(module)->title) : id);
    portico_set_text(item, "description",
                     module ? words_of(request, id, module_descriptor(module)->description) : NULL);
    portico_set_text(item, "version", module ? module_version(module) : NULL);
    portico_set_boolean(item, "enabled", enabled);
    portico_set_boolean(item, "well", module && state == PORTICO_HEALTHY);
    portico_set_boolean(item, "degraded", module && state == PORTICO_DEGRADED);
    portico_set_boolean(item, "failed", module && state == PORTICO_FAILED);
    portico_set_boolean(item, "off", !module && !enabled);
    portico_set_boolean(item, "missing", !module && enabled);
    portico_set_text(item, "message", message);
    return state != PORTICO_HEALTHY || (!module && enabled);
}

static size_t show_modules(struct portico_request *request, struct portico_value *view)
{
    const struct config *config = inside_host(request)->config;
    struct portico_value *list = portico_set_list(view, "modules");
    size_t troubled = 0;
    for (size_t i = 0; i < config_module_count(config); i++) {
        const struct config_module *module = config_module_at(config, i);
        troubled +=
            show_module(request, module->name, module->enabled, portico_append_object(list));
    }
    portico_set_boolean(view, "any", portico_count(list) > 0);
    return troubled;
}

int modules_page(struct portico_request *request)
{
    struct portico_value *view = visit_view(request);
    show_modules(request, view);
    settings_outcome(request, view);
    return portico_reply_view(request, "modules", view);
}

/* ---- the first page ---- */

static int count_of(struct store_session *session, const char *sql, int64_t *ret_count,
                    struct portico_error *error)
{
    struct value *rows = NULL;
    int code = store_host_query(session, sql, NULL, 0, &rows, error);
    if (code == 0)
        *ret_count = portico_get_integer(value_public(value_at(rows, 0)), "n", 0);
    return code;
}

int admin_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session;
    struct portico_value *view = visit_view(request);
    int64_t people = 0, waiting = 0, unsent = 0;
    const size_t troubled = show_modules(request, view);
    int code = visit_session(request, &session, &error);
    if (code == 0)
        code = count_of(session, "SELECT count(*) AS n FROM portico_person WHERE state = 1",
                        &people, &error);
    if (code == 0)
        code = count_of(session, "SELECT count(*) AS n FROM portico_person WHERE state = 0",
                        &waiting, &error);
    if (code == 0)
        code = count_of(session,
                        "SELECT count(*) AS n FROM portico_job WHERE module = 'core' "
                        "AND name = 'mail' AND state = 3",
                        &unsent, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    portico_set_integer(view, "people", people);
    portico_set_integer(view, "waiting", waiting);
    portico_set_integer(view, "unsent", unsent);
    portico_set_integer(view, "troubled", (int64_t)troubled);
    portico_set_boolean(view, "any_waiting", waiting > 0);
    portico_set_boolean(view, "any_unsent", unsent > 0);
    portico_set_boolean(view, "any_troubled", troubled > 0);
    portico_set_boolean(view, "quiet", troubled == 0 && unsent == 0 && letters_leave(request));
    return portico_reply_view(request, "admin", view);
}

/* ---- one module ---- */

static const struct portico_setting enabled_setting = {
    .key = "enabled",
    .type = PORTICO_SETTING_BOOLEAN,
    .initial = "false",
    .title = "Enabled",
};

static const struct config_module *find_module(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config_module_count(config); i++)
        if (strcmp(config_module_at(config, i)->name, id) == 0)
            return config_module_at(config, i);
    return NULL;
}

/* Its own settings; of one that does not run nothing is known. */
static struct settings settings_of(struct portico_request *request, const char *id,
                                   const struct module *module)
{
    const struct portico_list *list = module ? &module_descriptor(module)->settings : NULL;
    return (struct settings){
        .request = request,
        .section = portico_printf(request, "module %s", id),
        .words = id,
        .items = list ? list->items : NULL,
        .count = list ? list->count : 0,
        .path = portico_printf(request, "/admin/modules/%s", id),
    };
}

/* The button that switches it on or off. */
static int switch_module(struct portico_request *request, const struct settings *settings,
                         const char *act, const char **ret_reason)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct config_change change = { settings->section, enabled_setting.key,
                                          strcmp(act, "on") == 0 ? "true" : "false" };
    const char *saved = NULL;
    int code = settings_apply(request, &change, 1, &saved, ret_reason, &error);
    if (code == PORTICO_EINVAL) { /* the reason may stand in what ends here */
        *ret_reason = *ret_reason ? portico_printf(request, "%s", *ret_reason) : NULL;
        return code;
    }
    return code < 0
               ? visit_failed(request, code, &error)
               : portico_reply_redirect(
                     request, 303, portico_printf(request, "%s?saved=%s", settings->path, saved));
}

static int show(struct portico_request *request, const char *id, struct portico_value *view)
{
    const struct config *config = inside_host(request)->config;
    const struct config_module *known = find_module(config, id);
    const struct config_origin origin =
        config_origin(config, portico_printf(request, "module %s", id), enabled_setting.key);
    show_module(request, id, known->enabled, view);
    portico_set_text(view, "locked",
                     origin.locked
                         ? visit_words(request,
                                       /* translated */ "Switched on or off in {file} only.",
                                       "file", origin.file)
                         : NULL);
    return portico_reply_view(request, "module", view);
}

int module_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *id = portico_param(request, "id"), *act = portico_form(request, "portico_act");
    const char *saved = NULL, *reason = NULL;
    const struct module_host *host = inside_host(request);
    const struct module *module = registry_find(host->registry, id);
    if (!find_module(host->config, id))
        return PORTICO_ENOENT;
    if (act && strcmp(act, "save") != 0 && strcmp(act, "on") != 0 && strcmp(act, "off") != 0)
        return PORTICO_EINVAL;
    const struct settings settings = settings_of(request, id, module);
    struct portico_value *view = visit_view(request);
    const bool sent = strcmp(portico_method(request), "POST") == 0;
    int code = 0, answer;
    if (sent && !again_or_ask(request, settings.path, &answer))
        return answer;
    portico_set_text(view, "refused", NULL);
    if (!sent)
        settings_outcome(request, view);
    else
        portico_set_text(view, "saved", NULL);
    if (sent && act && strcmp(act, "save") != 0) {
        code = switch_module(request, &settings, act, &reason);
        if (code != PORTICO_EINVAL)
            return code;
        portico_set_text(view, "refused", reason);
        code = settings_show(&settings, false, view, &error);
    } else if (sent) {
        code = settings_save(&settings, view, &saved, &error);
        if (code == 0)
            return portico_reply_redirect(
                request, 303, portico_printf(request, "%s?saved=%s", settings.path, saved));
        code = code == PORTICO_EINVAL ? 0 : code;
    } else {
        code = settings_show(&settings, false, view, &error);
    }
    if (code < 0)
        return visit_failed(request, code, &error);
    if (sent)
        portico_set_status(request, 422);
    return show(request, id, view);
}

/* The button that undoes the last change, whichever it was. */
int settings_undo(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *saved = NULL, *reason = NULL, *back = portico_form(request, "back");
    const char *page = back && strcmp(back, "settings") == 0 ? "/admin/settings" : "/admin/modules";
    int code = settings_go_back(request, portico_form(request, "version"), &saved, &reason, &error);
    if (code == PORTICO_EINVAL)
        return portico_reply_problem(
            request, 422, NULL, portico_translate(request, "It cannot be undone", NULL), reason);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_redirect(request, 303,
                                             portico_printf(request, "%s?saved=%s", page, saved));
}
