#include "http/exchange.h"

#include "http/parser.h"

#include <portico/base.h>

#include <stdint.h>
#include <stdlib.h>

struct text http_request_field(const struct http_request *request, struct text name)
{
    for (size_t i = 0; i < request->field_count; i++)
        if (text_equals(request->fields[i].name, name))
            return request->fields[i].value;
    return (struct text){ NULL, 0 };
}

struct text http_request_field_joined(const struct http_request *request, struct text name)
{
    size_t length = 0;
    unsigned count = 0;
    for (size_t i = 0; i < request->field_count; i++)
        if (text_equals(request->fields[i].name, name)) {
            length += request->fields[i].value.length + 2;
            count++;
        }
    if (count <= 1)
        return http_request_field(request, name);
    char *joined = arena_alloc(request->arena, length);
    if (!joined)
        return (struct text){ NULL, 0 };
    size_t used = 0;
    for (size_t i = 0; i < request->field_count; i++) {
        struct text value = request->fields[i].value;
        if (!text_equals(request->fields[i].name, name))
            continue;
        if (used) {
            memcpy(joined + used, ", ", 2);
            used += 2;
        }
        memcpy(joined + used, value.data, value.length);
        used += value.length;
    }
    return (struct text){ joined, used };
}

int http_response_field(struct http_response *response, struct text name, struct text value)
{
    if (name.length == 0)
        return PORTICO_EINVAL;
    for (size_t i = 0; i < name.length; i++)
        if (!http_token[(unsigned char)name.data[i]])
            return PORTICO_EINVAL;
    for (size_t i = 0; i < value.length; i++)
        if (!http_value[(unsigned char)value.data[i]])
            return PORTICO_EINVAL;
    buffer_append(&response->fields, name.data, name.length);
    buffer_append(&response->fields, ": ", 2);
    buffer_append(&response->fields, value.data, value.length);
    buffer_append(&response->fields, "\r\n", 2);
    return response->fields.failed ? PORTICO_ENOMEM : 0;
}

/* The texts lie behind the struct in the same piece of memory. */
struct http_content *http_content_new(unsigned status, struct text fields, struct text body,
                                      struct text etag, int64_t modified)
{
    if (body.length > SIZE_MAX / 2 || fields.length > SIZE_MAX / 8 || etag.length > SIZE_MAX / 8)
        return NULL;
    struct http_content *content =
        malloc(sizeof *content + fields.length + body.length + etag.length + 1);
    if (!content)
        return NULL;
    char *data = (char *)(content + 1);
    struct text parts[3] = { fields, body, etag };
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].length)
            memcpy(data, parts[i].data, parts[i].length);
        parts[i].data = data;
        data += parts[i].length;
    }
    content->status = status;
    content->fields = parts[0];
    content->body = parts[1];
    content->etag = parts[2];
    content->modified = modified;
    content->references = 1;
    return content;
}

struct http_content *http_content_ref(struct http_content *content)
{
    content->references++;
    return content;
}

void http_content_unref(struct http_content *content)
{
    if (content && --content->references == 0)
        free(content);
}
