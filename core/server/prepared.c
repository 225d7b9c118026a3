#include "server/prepared.h"

#include "base/error.h"
#include "module/respond.h"

#include <glib.h>

/* One language's two forms. */
struct forms {
    struct http_content *page, *problem;
};

struct prepared {
    struct module_host *host;
    unsigned status;
    const char *title, *detail;
    GHashTable *languages; /* the page set's own tag, by address, to struct forms */
    struct forms *first;
    struct arena *scratch; /* empty between two calls */
};

static void forms_free(gpointer data)
{
    struct forms *forms = data;
    http_content_unref(forms->page);
    http_content_unref(forms->problem);
    g_free(forms);
}

/* Renders through an exchange that has no connection. */
static struct http_content *render(const struct prepared *prepared, const char *locale,
                                   struct text accept)
{
    struct arena *arena = arena_new(0);
    struct viewer viewer = viewer_anonymous;
    viewer.locale = locale;
    struct http_field fields[] = {
        { .name = TEXT("accept"), .value = accept },
    };
    struct http_exchange exchange = {
        .request = { .arena = arena,
                     .method = TEXT("GET"),
                     .target = TEXT("/"),
                     .path = TEXT("/"),
                     .query = TEXT(""),
                     .host = TEXT(""),
                     .body = TEXT(""),
                     .minor_version = 1,
                     .fields = fields,
                     .field_count = sizeof fields / sizeof *fields },
        .response = { .file = -1 },
        .viewer = &viewer,
    };
    if (!arena)
        return NULL;
    module_error_response(prepared->host, &exchange, prepared->status, prepared->title,
                          prepared->detail, NULL);
    struct http_response *response = &exchange.response;
    struct http_content *content = http_content_new(
        prepared->status, (struct text){ response->fields.data, response->fields.length },
        (struct text){ response->body.data, response->body.length }, TEXT(""), 0);
    http_content_unref(response->content);
    buffer_free(&response->fields);
    buffer_free(&response->body);
    arena_free(arena);
    return content;
}

/* NULL: memory ended. */
static struct forms *add_language(struct prepared *prepared, const char *locale)
{
    struct forms *forms = g_new0(struct forms, 1);
    forms->page = render(prepared, locale, TEXT("text/html"));
    forms->problem = render(prepared, locale, TEXT("application/json"));
    if (!forms->page || !forms->problem) {
        forms_free(forms);
        return NULL;
    }
    g_hash_table_insert(prepared->languages, (gpointer)(uintptr_t)locale, forms);
    return forms;
}

int prepared_new(struct module_host *host, unsigned status, const char *title, const char *detail,
                 struct prepared **ret_prepared, struct portico_error *error)
{
    struct prepared *prepared = g_new0(struct prepared, 1);
    *prepared = (struct prepared){
        .host = host,
        .status = status,
        .title = title,
        .detail = detail,
        .languages = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, forms_free),
        .scratch = arena_new(0),
    };
    if (prepared->scratch)
        prepared->first =
            add_language(prepared, host->pages ? page_negotiate_locale(host->pages, "") : "en");
    if (!prepared->first) {
        prepared_free(prepared);
        return error_set(error, PORTICO_ENOMEM, "There is no memory for the error pages.");
    }
    *ret_prepared = prepared;
    return PORTICO_OK;
}

void prepared_free(struct prepared *prepared)
{
    if (!prepared)
        return;
    g_hash_table_destroy(prepared->languages);
    arena_free(prepared->scratch);
    g_free(prepared);
}

struct http_content *prepared_for(struct prepared *prepared, const struct http_request *request)
{
    /* The request's own arena may be in the hands of the handler that is late. */
    struct http_request asked = *request;
    asked.arena = prepared->scratch;
    const char *locale = respond_locale(prepared->host, &asked, NULL);
    struct forms *forms = g_hash_table_lookup(prepared->languages, locale);
    if (!forms && !(forms = add_language(prepared, locale)))
        forms = prepared->first;
    struct http_content *content = respond_prefers_problem(&asked) ? forms->problem : forms->page;
    arena_reset(prepared->scratch);
    return content;
}
