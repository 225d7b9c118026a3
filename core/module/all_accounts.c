#include "module/all_accounts.h"

#include "base/log.h"
#include "http/form.h"
#include "identity/standing.h"

#include <glib.h>

/* Names of the query that say where in the list one is. */
static bool is_place(struct text name)
{
    static const struct text places[] = { TEXT("accounts"), TEXT("after"),  TEXT("before"),
                                          TEXT("page"),     TEXT("offset"), TEXT("cursor") };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (text_equals(name, places[i]))
            return true;
    return false;
}

static bool asks_for_all(const struct http_request *request)
{
    struct http_pair *pairs = NULL;
    size_t count = 0;
    if (request->query.length == 0 ||
        http_form_parse(request->arena, request->query, &pairs, &count) < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (text_equals(pairs[i].name, TEXT("accounts")))
            return text_equals(pairs[i].value, TEXT("all"));
    return false;
}

static int see_all(struct module_host *host, struct viewer *viewer, struct arena *arena)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session =
        store_session_new(host->store, arena, &store_viewer_host, "core");
    if (!session)
        return PORTICO_ENOMEM;
    int code =
        identity_sees(host->identity, session, viewer->person, false, &viewer->rows.audiences,
                      &viewer->rows.audience_count, &viewer->rows.every_account, &error);
    store_session_end(session);
    if (code < 0)
        log_warning("A list of all accounts shows the active one alone: %s", error.message);
    return code;
}

const struct viewer *all_accounts_viewer(struct module_host *host, const struct viewer *viewer,
                                         const struct http_request *request)
{
    /* Who looks as a person sees one company at a time: its record says so. */
    if (!viewer->person || viewer->asker || viewer->account_count < 2 || !host->store ||
        !text_equals(request->method, TEXT("GET")))
        return viewer;
    struct viewer *reader = arena_alloc(request->arena, sizeof *reader);
    if (!reader)
        return viewer;
    *reader = *viewer;
    reader->lists_accounts = true;
    reader->all_accounts = asks_for_all(request) && see_all(host, reader, request->arena) == 0;
    return reader;
}

const char *all_accounts_path(const struct http_request *request, bool all)
{
    struct http_pair *pairs = NULL;
    size_t count = 0;
    GString *path = g_string_new(NULL);
    char separator = '?';
    g_string_append_uri_escaped(path, request->path.data, "/", FALSE);
    if (request->query.length &&
        http_form_parse(request->arena, request->query, &pairs, &count) < 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_place(pairs[i].name))
            continue;
        g_string_append_c(path, separator);
        g_string_append_uri_escaped(path, pairs[i].name.data, NULL, FALSE);
        g_string_append_c(path, '=');
        g_string_append_uri_escaped(path, pairs[i].value.data, NULL, FALSE);
        separator = '&';
    }
    if (all)
        g_string_append_printf(path, "%caccounts=all", separator);
    const char *kept = arena_strdup(request->arena, path->str);
    g_string_free(path, TRUE);
    return kept;
}
