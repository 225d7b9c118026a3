#include "server/dispatch.h"

void dispatch_refuse(struct http_response *response, unsigned status, const char *reason,
                     void *data)
{
    (void)data;
    response->status = status;
    http_response_field(response, TEXT("content-type"), TEXT("application/problem+json"));
    buffer_printf(&response->body, "{\"type\":\"about:blank\",\"status\":%u,\"title\":", status);
    buffer_append_json_text(&response->body, reason, strlen(reason));
    buffer_append_char(&response->body, '}');
}
