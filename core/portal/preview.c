/* What is being written in Markdown, as it will be shown. */
#include "module/form.h"
#include "portal/pages.h"

#include <string.h>

/* Who types without a pause asks for sixty. People who are not signed in share their network's. */
#define PREVIEWS_A_MINUTE 120
#define PREVIEWS_OF_A_NETWORK 600

int markdown_show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *text = portico_form(request, "text");
    uint32_t most = portico_person(request) ? PREVIEWS_A_MINUTE : PREVIEWS_OF_A_NETWORK;
    int code = portico_limit_take(portico_limits(request), "preview", most, 60, &error);
    if (code < 0)
        return code;
    if (!text)
        return PORTICO_EINVAL;
    struct portico_value *html =
        portico_markdown(portico_content(request), text, strlen(text), &error);
    size_t length = 0;
    const char *markup = portico_text_of(html, &length);
    if (!markup && error.code == PORTICO_ELIMIT)
        return portico_reply_problem(request, 422, NULL, NULL,
                                     portico_translate(request, FORM_TOO_DEEP, NULL));
    if (!markup)
        return error.code ? error.code : PORTICO_ENOMEM;
    return portico_reply_bytes(request, "text/html; charset=utf-8", markup, length);
}
