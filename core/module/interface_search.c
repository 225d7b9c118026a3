/* portico.search: the call's session again, limited to the module's own kinds. */
#include "base/error.h"
#include "module/call.h"
#include "search/search.h"

#define DOCUMENT_SIZE_1_0 (offsetof(struct portico_document, locale) + sizeof(char *))
#define QUERY_SIZE_1_0 (offsetof(struct portico_search_query, offset) + sizeof(uint32_t))

struct search_handle {
    struct portico_search public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_search_open(struct scope *scope)
{
    struct search_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_search;
    handle->magic = SEARCH_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct scope *search_scope(struct portico_search *search)
{
    struct search_handle *handle = (struct search_handle *)search;
    if (!handle || handle->magic != SEARCH_MAGIC)
        call_stale_handle("search");
    return handle->scope;
}

#define search_scope(search) thread_scope(search_scope(search), PORTICO_SEARCH, __func__)

static int check_kind(const struct module *module, const char *kind, struct portico_error *error)
{
    const struct portico_search_kind *kinds = module->descriptor->search_kinds.items;
    for (uint32_t i = 0; kind && i < module->descriptor->search_kinds.count; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return PORTICO_OK;
    return error_set(error, PORTICO_EINVAL,
                     "The search kind \"%.60s\" is not in the descriptor of module %s: add it to "
                     ".search_kinds.",
                     kind ? kind : "", module->id);
}

static int search_api_index(struct portico_search *search, const struct portico_document *document,
                            struct portico_error *error)
{
    struct scope *scope = search_scope(search);
    struct portico_document own = { 0 };
    if (!interface_read(&own, sizeof own, document, DOCUMENT_SIZE_1_0))
        return error_set(error, PORTICO_EINVAL, "A search document needs its size set.");
    own.size = sizeof own;
    int code = check_kind(scope->call->module, own.kind, error);
    struct store_session *session = code < 0 ? NULL : scope_session(scope, error);
    if (!session)
        return code < 0 ? code : PORTICO_EIO;
    return search_index(session, scope->call->module->id, &own, error);
}

static int search_api_remove(struct portico_search *search, const char *kind, portico_id id,
                             struct portico_error *error)
{
    struct scope *scope = search_scope(search);
    int code = check_kind(scope->call->module, kind, error);
    struct store_session *session = code < 0 ? NULL : scope_session(scope, error);
    if (!session)
        return code < 0 ? code : PORTICO_EIO;
    return search_remove(session, scope->call->module->id, kind, id, error);
}

static int search_api_query(struct portico_search *search, const struct portico_search_query *query,
                            struct portico_value **ret_hits, struct portico_error *error)
{
    struct scope *scope = search_scope(search);
    struct portico_search_query own = { 0 };
    if (!interface_read(&own, sizeof own, query, QUERY_SIZE_1_0))
        return error_set(error, PORTICO_EINVAL, "A search query needs its size set.");
    struct store_session *session = scope_session(scope, error);
    struct value *hits = NULL;
    int code =
        session ? search_query(session, scope->call->module->id, &own, &hits, error) : PORTICO_EIO;
    if (code >= 0)
        *ret_hits = value_public(hits);
    return code;
}

const struct portico_search_api interface_search = {
    .table = { .size = sizeof(struct portico_search_api), .major = 1, .minor = 0 },
    .index = search_api_index,
    .remove = search_api_remove,
    .query = search_api_query,
};
