/* What is being written in Markdown, as it will be shown. */
#include "portal/pages.h"

#include <string.h>

#define PREVIEWS_A_MINUTE 60

int markdown_show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *text = portico_form(request, "text");
    int code =
        portico_limit_take(portico_limits(request), "preview", PREVIEWS_A_MINUTE, 60, &error);
    if (code < 0)
        return code;
    if (!text)
        return PORTICO_EINVAL;
    struct portico_value *html =
        portico_markdown(portico_content(request), text, strlen(text), &error);
    size_t length = 0;
    const char *markup = portico_text_of(html, &length);
    if (!markup && error.code == PORTICO_ELIMIT)
        return portico_reply_problem(
            request, 422, NULL, NULL,
            portico_translate(request,
                              "Lists and quotations stand too deep inside each other, or the text "
                              "is too long. Make it flatter, or split it in two.",
                              NULL));
    if (!markup)
        return error.code ? error.code : PORTICO_ENOMEM;
    return portico_reply_bytes(request, "text/html; charset=utf-8", markup, length);
}
