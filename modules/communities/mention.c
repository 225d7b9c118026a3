/* What is kept has a link to each person that it names; who reads it may not know all of them. */
#include "mention.h"

#define LINK "<a href=\"/communities/people/"

static int opens(struct portico_request *request, struct mention_memory *memory, const char *handle)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *person = NULL;
    for (size_t i = 0; i < memory->count; i++)
        if (strcmp(memory->handle[i], handle) == 0)
            return memory->opens[i];
    if (memory->count == MENTION_MEMORY)
        return 0;
    int code = person_read(request, handle, &person, &error);
    if (code < 0 && code != PORTICO_ENOENT)
        portico_log(request, PORTICO_LOG_WARNING, "A link to @%s is left out: %s", handle,
                    error.message);
    memory->handle[memory->count] = handle;
    return memory->opens[memory->count++] = code == 0;
}

/* The html without the links that lead nowhere; NULL: it has none. */
static const char *unlinked(struct portico_request *request, struct mention_memory *memory,
                            const char *html)
{
    const char *kept = "", *from = html, *at = html;
    while (kept && (at = strstr(at, LINK))) {
        const char *handle = at + sizeof LINK - 1, *text = strchr(at, '>');
        const char *end = text ? strstr(text, "</a>") : NULL;
        if (!end)
            break;
        const char *name = portico_printf(request, "%.*s", (int)strcspn(handle, "\"/?#"), handle);
        if (name && !opens(request, memory, name)) {
            kept = portico_printf(request, "%s%.*s%.*s", kept, (int)(at - from), from,
                                  (int)(end - text - 1), text + 1);
            from = end + strlen("</a>");
        }
        at = end;
    }
    return from == html || !kept ? NULL : portico_printf(request, "%s%s", kept, from);
}

void mention_view(struct portico_request *request, struct mention_memory *memory,
                  struct portico_value *post)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *html = portico_text_of(portico_get(post, "body"), NULL);
    const char *without = html ? unlinked(request, memory, html) : NULL;
    struct portico_value *body =
        without ? portico_html_sanitize(portico_content(request), without, strlen(without), &error)
                : NULL;
    if (body)
        portico_set(post, "body", body);
}
