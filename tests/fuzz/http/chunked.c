/* Chunked bodies in one piece and byte by byte must give the same bytes and the same verdict. */
#include "http/body.h"

#include <stdlib.h>

static enum http_body_result feed(struct http_body *body, const char *data, size_t length,
                                  size_t step, size_t *ret_used)
{
    const struct http_framing framing = { .chunked = true };
    struct http_refusal refusal = { 0 };
    enum http_body_result result = HTTP_BODY_MORE;
    size_t at = 0;
    http_body_begin(body, &framing, 4096, &refusal);
    while (at < length && result == HTTP_BODY_MORE) {
        size_t part = length - at < step ? length - at : step;
        size_t used = 0;
        result = http_body_feed(body, data + at, part, &used, &refusal);
        at += used;
    }
    if (result == HTTP_BODY_REFUSED && refusal.status < 400)
        abort();
    *ret_used = at;
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_body whole = { 0 }, bytes = { 0 };
    size_t whole_used, bytes_used;
    enum http_body_result result = feed(&whole, (const char *)data, size, size, &whole_used);
    if (feed(&bytes, (const char *)data, size, 1, &bytes_used) != result)
        abort();
    if (result == HTTP_BODY_DONE &&
        (whole_used != bytes_used || whole.content.length > 4096 ||
         !text_equals((struct text){ whole.content.data, whole.content.length },
                      (struct text){ bytes.content.data, bytes.content.length })))
        abort();
    buffer_free(&whole.content);
    buffer_free(&bytes.content);
    return 0;
}
