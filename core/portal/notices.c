/* What somebody was told, and how they choose to be told. */
#include "module/notices.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "module/module.h"
#include "module/outgoing.h"
#include "page/format.h"
#include "portal/inside.h"
#include "portal/pages.h"

#include <stdio.h>

#define NOTICES_A_PAGE 40
#define MUTED_SHOWN 50

/* ---- the list ---- */

static const char *words(struct portico_request *request, const char *module, const char *source,
                         const struct value *arguments)
{
    return page_translate(inside_host(request)->pages, module, inside_arena(request),
                          portico_locale(request), source, arguments);
}

/* The arguments as they were given, with who did it. */
static struct value *arguments_of(struct portico_request *request, const struct value *row,
                                  const char *actor)
{
    struct arena *arena = inside_arena(request);
    const char *json = portico_get_text(value_public(row), "arguments", NULL);
    struct value *kept = NULL;
    if (json && json_parse(arena, json, strlen(json), &kept, NULL) < 0)
        kept = NULL;
    return notice_arguments(kept, portico_get_text(value_public(row), "module", ""), actor, arena);
}

static void show(struct portico_request *request, const struct value *row,
                 struct portico_value *item)
{
    const struct portico_value *notice = value_public(row);
    const char *module = portico_get_text(notice, "module", "");
    const char *known = portico_get_text(notice, "actor_name", NULL);
    const char *actor =
        known ? known : words(request, "portico", /* translated */ "Somebody", NULL);
    struct value *arguments = arguments_of(request, row, actor);
    int64_t repeats = portico_get_integer(notice, "repeats", 1);
    portico_set_id(item, "id", portico_get_integer(notice, "id", 0));
    portico_set_text(item, "title",
                     words(request, module, portico_get_text(notice, "title", ""), arguments));
    portico_set_text(item, "excerpt", portico_get_text(notice, "excerpt", NULL));
    portico_set_text(item, "url", portico_get_text(notice, "url", "/"));
    portico_set_text(item, "reason",
                     words(request, module, portico_get_text(notice, "reason", ""), NULL));
    portico_set_text(item, "initials",
                     known ? identity_initials(known, inside_arena(request)) : NULL);
    portico_set_time(item, "changed", portico_get_integer(notice, "changed", 0));
    portico_set_boolean(item, "unread", portico_get_integer(notice, "read", 0) == 0);
    portico_set_boolean(item, "again", repeats > 1);
    portico_set_integer(item, "repeats", repeats);
}

/* "18 Nov 2026", or the words for today and yesterday, in the reader's zone. */
static const char *day_of(struct portico_request *request, int64_t time)
{
    const struct page_reader reader = { .locale = portico_locale(request),
                                        .timezone = inside_viewer(request)->timezone,
                                        .now = portico_now(request) };
    static const struct {
        int64_t back;
        const char *word;
    } near[] = { { 0, /* translated */ "Today" }, { 1, /* translated */ "Yesterday" } };
    struct buffer day = { 0 }, other = { 0 };
    const char *word = NULL;
    format_time(&day, &reader, FORMAT_DATE, time);
    for (size_t i = 0; i < 2 && !word; i++) {
        buffer_clear(&other);
        format_time(&other, &reader, FORMAT_DATE,
                    reader.now - near[i].back * 24 * INT64_C(3600000000));
        if (day.length == other.length && memcmp(day.data, other.data, day.length) == 0)
            word = words(request, "portico", near[i].word, NULL);
    }
    if (!word)
        word = arena_strndup(inside_arena(request), day.data, day.length);
    buffer_free(&day);
    buffer_free(&other);
    return word ? word : "";
}

static void show_by_day(struct portico_request *request, const struct value *rows,
                        struct portico_value *view)
{
    struct portico_value *days = portico_set_list(view, "days"), *items = NULL;
    const char *last = NULL;
    for (uint32_t i = 0; i < rows->count && i < NOTICES_A_PAGE; i++) {
        const struct value *row = value_at(rows, i);
        const char *day = day_of(request, portico_get_integer(value_public(row), "changed", 0));
        if (!last || strcmp(day, last) != 0) {
            struct portico_value *group = portico_append_object(days);
            portico_set_text(group, "day", day);
            items = portico_set_list(group, "items");
            last = day;
        }
        show(request, row, portico_append_object(items));
    }
}

static struct notice_place place_of(const char *text)
{
    struct notice_place place = { 0 };
    long long changed, id;
    if (text && sscanf(text, "%lld-%lld", &changed, &id) == 2)
        place = (struct notice_place){ changed, id };
    return place;
}

static void show_pager(struct portico_request *request, const struct value *rows,
                       struct portico_value *view)
{
    if (rows->count <= NOTICES_A_PAGE) {
        portico_set_text(view, "pager", NULL);
        return;
    }
    const struct portico_value *last = value_public(value_at(rows, NOTICES_A_PAGE - 1));
    struct portico_value *pager = portico_set_object(view, "pager");
    portico_set_text(pager, "previous", NULL);
    portico_set_text(pager, "next",
                     portico_printf(request, "/account/notices?before=%lld-%lld",
                                    (long long)portico_get_integer(last, "changed", 0),
                                    (long long)portico_get_integer(last, "id", 0)));
}

int notices_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct viewer *viewer = inside_viewer(request);
    const struct notice_place before = place_of(portico_query_param(request, "before"));
    struct store_session *session = inside_session(request, &error);
    struct portico_value *view = portico_object(request);
    struct value *rows = NULL;
    int64_t unread = 0;
    const struct notice_reader reader = { inside_host(request)->identity, viewer->person,
                                          viewer->asker != 0 };
    int code = session ? notice_list(session, &reader, &before, NOTICES_A_PAGE + 1, &rows, &error)
                       : PORTICO_EIO;
    if (code == 0)
        code = notice_unread(session, &reader, &unread, &error);
    if (code < 0)
        return code;
    show_by_day(request, rows, view);
    show_pager(request, rows, view);
    portico_set_boolean(view, "any", rows->count > 0);
    portico_set_boolean(view, "any_unread", unread > 0);
    portico_set_integer(view, "unread", unread);
    portico_set_integer(view, "until", portico_now(request));
    return portico_reply_view(request, "notices", view);
}

static int64_t number(const char *text)
{
    long long number = 0;
    return text && text_to_int64(text_of(text), &number) ? number : 0;
}

int notices_read(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int64_t id = number(portico_form(request, "id")),
            until = number(portico_form(request, "until"));
    struct store_session *session = inside_session(request, &error);
    int code = session ? notice_read(session, inside_viewer(request)->person, id, until, &error)
                       : PORTICO_EIO;
    return code < 0 ? code : portico_reply_redirect(request, 303, "/account/notices");
}

/* Mutes what a notice is about; `module` and `subject` instead of `id` listen to it again. */
int notices_mute(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t person = inside_viewer(request)->person;
    const char *module = portico_form(request, "module"),
               *subject = portico_form(request, "subject");
    const char *back = module ? "/account/notices/settings" : "/account/notices";
    int level = module ? PORTICO_NORMAL : PORTICO_MUTED;
    struct store_session *session = inside_session(request, &error);
    struct value *rows = NULL;
    int code = session ? 0 : PORTICO_EIO;
    if (code == 0 && !module) {
        code = store_host_query(
            session,
            "{unfiltered a person's own notice} SELECT module AS \"module\", subject AS "
            "\"subject\" FROM portico_notice WHERE id = ? AND person = ?",
            PORTICO_ARGS(portico_arg_id(number(portico_form(request, "id"))),
                         portico_arg_id(person)),
            &rows, &error);
        if (code == 0 && rows->count == 0)
            return PORTICO_ENOENT;
        const struct portico_value *row = code == 0 ? value_public(value_at(rows, 0)) : NULL;
        module = portico_get_text(row, "module", "");
        subject = portico_get_text(row, "subject", "");
    }
    if (code == 0)
        code = notice_follow(session, module, person, subject, level, &error);
    if (code == 0 && level == PORTICO_MUTED)
        code = notice_seen(session, module, person, subject, &error);
    return code < 0 ? code : portico_reply_redirect(request, 303, back);
}

/* ---- settings ---- */

struct choosing {
    struct portico_request *request;
    struct store_session *session;
    struct portico_error *error;
};

static const char *field(struct portico_request *request, const char *way, const char *module,
                         const char *kind)
{
    return portico_printf(request, "%s.%s.%s", way, module, kind);
}

static int show_kind(const struct choosing *choosing, const char *module,
                     const struct portico_notice_kind *kind, struct portico_value *list)
{
    struct portico_request *request = choosing->request;
    struct notice_choice choice = { .on_page = true, .by_mail = kind->mail != 0 };
    int code = notice_choice(choosing->session, inside_viewer(request)->person, module, kind->name,
                             &choice, choosing->error);
    struct portico_value *item = code == 0 ? portico_append_object(list) : NULL;
    portico_set_text(item, "title", words(request, module, kind->title, NULL));
    portico_set_text(item, "description",
                     kind->description ? words(request, module, kind->description, NULL) : NULL);
    portico_set_text(item, "page_field", field(request, "page", module, kind->name));
    portico_set_text(item, "mail_field", field(request, "mail", module, kind->name));
    portico_set_boolean(item, "on_page", choice.on_page);
    portico_set_boolean(item, "by_mail", choice.by_mail);
    return code;
}

static int choose_kind(const struct choosing *choosing, const char *module,
                       const struct portico_notice_kind *kind, struct portico_value *list)
{
    (void)list;
    struct portico_request *request = choosing->request;
    const int64_t person = inside_viewer(request)->person;
    struct notice_choice was = { .on_page = true, .by_mail = kind->mail != 0 };
    const struct notice_choice choice = {
        .on_page = portico_form(request, field(request, "page", module, kind->name)) != NULL,
        .by_mail = portico_form(request, field(request, "mail", module, kind->name)) != NULL,
    };
    int code = notice_choice(choosing->session, person, module, kind->name, &was, choosing->error);
    if (code < 0 || (was.on_page == choice.on_page && was.by_mail == choice.by_mail))
        return code;
    return notice_choose(choosing->session, person, module, kind->name, &choice, choosing->error);
}

static int each_kind(const struct choosing *choosing, struct portico_value *modules,
                     int (*take)(const struct choosing *choosing, const char *module,
                                 const struct portico_notice_kind *kind,
                                 struct portico_value *list))
{
    const struct registry *registry = inside_host(choosing->request)->registry;
    int code = 0;
    for (size_t i = 0; i < registry_module_count(registry); i++) {
        const struct portico_module *module = module_descriptor(registry_module_at(registry, i));
        const struct portico_notice_kind *kinds = module->notices.items;
        struct portico_value *list = NULL;
        if (modules && module->notices.count) {
            struct portico_value *group = portico_append_object(modules);
            portico_set_text(group, "module",
                             words(choosing->request, module->id, module->title, NULL));
            list = portico_set_list(group, "kinds");
        }
        for (uint32_t n = 0; code == 0 && n < module->notices.count; n++)
            code = take(choosing, module->id, &kinds[n], list);
    }
    return code;
}

static int show_muted(const struct choosing *choosing, struct portico_value *view)
{
    struct portico_request *request = choosing->request;
    const struct registry *registry = inside_host(request)->registry;
    struct portico_value *list = portico_set_list(view, "muted");
    struct value *rows = NULL;
    int code = notice_follows_of(choosing->session, inside_viewer(request)->person, PORTICO_MUTED,
                                 MUTED_SHOWN, &rows, choosing->error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        const char *id = portico_get_text(row, "module", "");
        const struct module *module = registry_find(registry, id);
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "module", id);
        portico_set_text(item, "subject", portico_get_text(row, "subject", ""));
        portico_set_text(item, "url", portico_get_text(row, "url", NULL));
        portico_set_text(item, "title",
                         module ? words(request, id, module_descriptor(module)->title, NULL) : id);
        portico_set_time(item, "changed", portico_get_integer(row, "changed", 0));
    }
    portico_set_boolean(view, "any_muted", portico_count(list) > 0);
    return code;
}

int notices_settings_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct choosing choosing = { request, inside_session(request, &error), &error };
    struct portico_value *view = portico_object(request);
    struct portico_value *modules = portico_set_list(view, "modules");
    const char *address = NULL;
    int code = choosing.session ? each_kind(&choosing, modules, show_kind) : PORTICO_EIO;
    if (code == 0)
        code = show_muted(&choosing, view);
    if (code == 0)
        code =
            identity_address_of(choosing.session, inside_viewer(request)->person, &address, &error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    portico_set_text(view, "address", address);
    portico_set_boolean(view, "any", portico_count(modules) > 0);
    portico_set_boolean(view, "saved", portico_query_param(request, "saved") != NULL);
    return portico_reply_view(request, "notice-settings", view);
}

int notices_settings(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct choosing choosing = { request, inside_session(request, &error), &error };
    int code = choosing.session ? each_kind(&choosing, NULL, choose_kind) : PORTICO_EIO;
    return code < 0 ? code
                    : portico_reply_redirect(request, 303, "/account/notices/settings?saved=1");
}

/* ---- the link in a mail ---- */

static int show_switch(struct portico_request *request, const struct notice_switch *off,
                       struct store_session *session)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    const struct module_host *host = inside_host(request);
    const struct portico_notice_kind *kind =
        module_notice_kind(host->registry, off->module, off->kind);
    bool is_off = false;
    int code = notice_switch_is_off(session, off, &is_off, &error);
    if (code < 0)
        return code;
    portico_set_boolean(view, "off", is_off);
    portico_set_boolean(view, "subject", off->follows);
    portico_set_text(view, "kind", kind ? words(request, off->module, kind->title, NULL) : NULL);
    portico_set_text(view, "action", portico_path(request));
    return portico_reply_view(request, "unsubscribe", view);
}

static int read_switch(struct portico_request *request, struct notice_switch *ret_off)
{
    const struct module_host *host = inside_host(request);
    struct portico_error error = PORTICO_ERROR_INIT;
    struct keyring *ring = host->outgoing ? host->outgoing->ring : NULL;
    int code = notice_switch_read(ring, portico_param(request, "token"), inside_arena(request),
                                  ret_off, &error);
    return code == PORTICO_EINVAL ? PORTICO_ENOENT : code;
}

int unsubscribe_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct notice_switch off;
    struct store_session *session = inside_session(request, &error);
    int code = session ? read_switch(request, &off) : PORTICO_EIO;
    return code < 0 ? code : show_switch(request, &off, session);
}

int unsubscribe(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct notice_switch off;
    struct store_session *session = inside_session(request, &error);
    int code = session ? read_switch(request, &off) : PORTICO_EIO;
    if (code == 0)
        code = notice_switch_set(session, &off, portico_form(request, "undo") != NULL, &error);
    return code < 0 ? code : show_switch(request, &off, session);
}
