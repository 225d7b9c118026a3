/* portico.content: the host's sanitizer and Markdown, in the scope's memory. */
#include "module/call.h"
#include "page/content.h"

struct content_handle {
    struct portico_content public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_content_open(struct scope *scope)
{
    struct content_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_content;
    handle->magic = CONTENT_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct arena *content_arena(struct portico_content *content, const char *function)
{
    struct content_handle *handle = (struct content_handle *)content;
    if (!handle || handle->magic != CONTENT_MAGIC)
        call_stale_handle("content");
    return thread_scope(handle->scope, PORTICO_CONTENT, function)->arena;
}

#define content_arena(content) content_arena(content, __func__)

static struct portico_value *content_api_sanitize(struct portico_content *content, const char *html,
                                                  size_t length, struct portico_error *error)
{
    struct value *made = NULL;
    int code = content_sanitize(content_arena(content), html, length, &made, error);
    return code < 0 ? NULL : value_public(made);
}

static struct portico_value *content_api_markdown(struct portico_content *content,
                                                  const char *markdown, size_t length,
                                                  struct portico_error *error)
{
    struct value *made = NULL;
    int code = content_markdown(content_arena(content), markdown, length, &made, error);
    return code < 0 ? NULL : value_public(made);
}

static char *content_api_plain(struct portico_content *content, const struct portico_value *html,
                               size_t limit)
{
    struct arena *arena = content_arena(content);
    return html ? content_plain(arena, value_of(html), limit) : NULL;
}

static const char *content_api_seal(struct portico_content *content,
                                    const struct portico_value *html)
{
    struct arena *arena = content_arena(content);
    return html ? content_seal(arena, value_of(html)) : NULL;
}

const struct portico_content_api interface_content = {
    .table = { .size = sizeof(struct portico_content_api), .major = 1, .minor = 0 },
    .sanitize = content_api_sanitize,
    .markdown = content_api_markdown,
    .plain = content_api_plain,
    .seal = content_api_seal,
};
