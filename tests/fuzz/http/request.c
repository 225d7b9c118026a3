/* Heads in one piece and in two must read the same, and what is accepted must keep its promises. */
#include "http/parser.h"

#include <stdlib.h>

struct reading {
    enum http_scan_result result;
    bool accepted;
    struct http_refusal refusal;
    struct http_request request;
};

static void read_head(struct reading *reading, const char *data, size_t length, size_t cut)
{
    struct http_limits limits = { .head_bytes = 1024, .target_bytes = 256, .field_count = 16 };
    struct http_scan scan = { 0 };
    struct http_framing framing;
    http_limits_complete(&limits);
    *reading = (struct reading){ .request = { .arena = arena_new(256) } };
    if (!reading->request.arena)
        abort();
    reading->result = http_scan_head(&scan, data, cut, &limits, &reading->refusal);
    if (reading->result == HTTP_SCAN_MORE)
        reading->result = http_scan_head(&scan, data, length, &limits, &reading->refusal);
    if (reading->result == HTTP_SCAN_FOUND)
        reading->accepted =
            http_parse_head(&reading->request, &framing, data + scan.start,
                            scan.position - scan.start, scan.lines, &limits, &reading->refusal);
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_promises(const struct http_request *request)
{
    require(text_is_utf8(request->path.data, request->path.length));
    require(request->path.data[0] == '/' || text_equals(request->path, TEXT("*")));
    require(!memmem(request->path.data, request->path.length, "/../", 4));
    require(!memmem(request->path.data, request->path.length, "/./", 3));
    require(request->path.data[request->path.length] == 0);
    require(request->query.data[request->query.length] == 0);
    require(request->host.data[request->host.length] == 0);
    require(request->method.data[request->method.length] == 0);
    for (size_t i = 0; i < request->field_count; i++)
        require(text_is_utf8(request->fields[i].value.data, request->fields[i].value.length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data;
    struct reading whole, cut;
    read_head(&whole, bytes, size, size);
    read_head(&cut, bytes, size, data[size - 1] % size);
    require(whole.result == cut.result && whole.accepted == cut.accepted);
    require(whole.accepted || whole.result == HTTP_SCAN_MORE || whole.refusal.status >= 400);
    require(whole.refusal.status == cut.refusal.status);
    if (whole.accepted) {
        check_promises(&whole.request);
        require(text_equals(whole.request.path, cut.request.path));
    }
    arena_free(whole.request.arena);
    arena_free(cut.request.arena);
    return 0;
}
