/* From what a dispatcher set to the bytes that leave: status line, fields, conditions, ranges. */
#include "http/condition.h"
#include "http/internal.h"

#include "base/clock.h"

#include <stdlib.h>
#include <unistd.h>

/* Room for the status line and the fields that are written here, dates and numbers included. */
#define OWN_FIELDS_MAX ((size_t)512)
/* Payloads up to this size are put behind their head: one buffer costs less to send than two. */
#define JOINED_MAX ((size_t)1024)

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 206, "Partial Content" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" },
    { 417, "Expectation Failed" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
};

const char *http_reason(unsigned status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

/* A text that is written into memory known to be large enough. */
static char *put(char *out, const char *data, size_t length)
{
    if (length)
        memcpy(out, data, length);
    return out + length;
}
#define PUT(out, literal) put((out), (literal), sizeof(literal) - 1)

static char *put_number(char *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    return put(out, digits + at, sizeof digits - at);
}

static char *put_status(char *out, unsigned status)
{
    if (status == 200)
        return PUT(out, "HTTP/1.1 200 OK\r\n");
    const char *reason = http_reason(status);
    out = PUT(out, "HTTP/1.1 ");
    out = put_number(out, status);
    *out++ = ' ';
    out = put(out, reason, strlen(reason));
    return PUT(out, "\r\n");
}

/* Date and the server's own fields: the same for every answer of one second. */
static struct text common_fields(struct http_server *server)
{
    int64_t now = clock_now();
    if (now / 1000000 != server->second) {
        char date[30];
        clock_http_date(now, date);
        memcpy(server->common + 6, date, 29);
        server->second = now / 1000000;
    }
    return (struct text){ server->common, server->common_length };
}

/* RFC 9110 section 15.4.5: a 304 says nothing about a body it does not have. */
static char *put_fields_without_content(char *out, struct text fields)
{
    static const struct text dropped[] = {
        { "content-type:", 13 },   { "content-encoding:", 17 }, { "content-language:", 17 },
        { "content-length:", 15 }, { "content-range:", 14 },
    };
    while (fields.length) {
        const char *feed = memchr(fields.data, '\n', fields.length);
        size_t length = feed ? (size_t)(feed - fields.data) + 1 : fields.length;
        bool drop = false;
        for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
            drop |= length > dropped[i].length &&
                    text_equals_ignoring_case((struct text){ fields.data, dropped[i].length },
                                              dropped[i]);
        if (!drop)
            out = put(out, fields.data, length);
        fields = (struct text){ fields.data + length, fields.length - length };
    }
    return out;
}

/* What an answer consists of once conditions and ranges are decided. */
struct answer {
    unsigned status;
    struct text fields;
    struct text more; /* fields behind those of a shared content */
    struct text payload;
    struct text etag;
    int64_t modified;
    uint64_t size; /* of the whole representation */
    uint64_t first, length;
    bool from_file;
    bool produced;       /* of unknown length */
    bool own_validators; /* ETag and Last-Modified are not in `fields` yet */
};

static struct answer answer_of(const struct http_response *response)
{
    if (response->content) {
        const struct http_content *content = response->content;
        return (struct answer){ .status = content->status,
                                .fields = content->fields,
                                .more = { response->fields.data, response->fields.length },
                                .payload = content->body,
                                .etag = content->etag,
                                .modified = content->modified,
                                .size = content->body.length,
                                .length = content->body.length };
    }
    struct answer answer = {
        .status = response->status ? response->status : 500,
        .fields = { response->fields.data, response->fields.length },
        .payload = { response->body.data ? response->body.data : "", response->body.length },
        .etag = response->etag,
        .modified = response->modified,
        .size = response->body.length,
        .from_file = response->file >= 0,
        .produced = response->produce != NULL,
        .own_validators = true,
    };
    if (response->fields.failed || response->body.failed) {
        answer.status = 503;
        answer.fields = answer.payload = answer.etag = TEXT("");
        answer.size = 0;
        answer.from_file = answer.produced = false;
    }
    if (answer.from_file)
        answer.size = response->file_length;
    answer.length = answer.size;
    return answer;
}

static void answer_select(const struct http_call *call, struct answer *answer)
{
    const struct http_request *request = &call->exchange.request;
    unsigned conditions = call->framing.conditions;
    bool get = text_equals(request->method, TEXT("GET"));
    if (!conditions || answer->status != 200 || answer->produced ||
        (!answer->etag.length && !answer->modified) ||
        (!get && !text_equals(request->method, TEXT("HEAD"))))
        return;
    unsigned status = http_condition_evaluate(request, conditions, answer->etag, answer->modified);
    if (status) {
        answer->status = status;
        answer->length = 0;
        return;
    }
    if (!get || !(conditions & HTTP_RANGE))
        return;
    switch (http_range_select(request, answer->etag, answer->modified, answer->size, &answer->first,
                              &answer->length)) {
    case HTTP_RANGE_PART: answer->status = 206; break;
    case HTTP_RANGE_OUTSIDE:
        answer->status = 416;
        answer->length = 0;
        break;
    default: break;
    }
}

static char *put_validators(char *out, const struct answer *answer)
{
    if (answer->etag.length) {
        out = PUT(out, "ETag: ");
        out = put(out, answer->etag.data, answer->etag.length);
        out = PUT(out, "\r\n");
    }
    if (answer->modified) {
        char date[30];
        clock_http_date(answer->modified, date);
        out = PUT(out, "Last-Modified: ");
        out = put(out, date, 29);
        out = PUT(out, "\r\n");
    }
    return out;
}

static char *put_range(char *out, const struct answer *answer)
{
    if (answer->status == 200)
        return PUT(out, "Accept-Ranges: bytes\r\n");
    out = PUT(out, "Content-Range: bytes ");
    if (answer->status == 206) {
        out = put_number(out, answer->first);
        *out++ = '-';
        out = put_number(out, answer->first + answer->length - 1);
    } else {
        *out++ = '*';
    }
    *out++ = '/';
    out = put_number(out, answer->size);
    return PUT(out, "\r\n");
}

static char *put_head(char *out, const struct http_call *call, const struct answer *answer,
                      struct text common)
{
    const struct http_request *request = &call->exchange.request;
    bool whole = answer->status != 304 && answer->status != 412 && answer->status != 416;
    out = put_status(out, answer->status);
    out = put(out, common.data, common.length);
    const struct text parts[] = { answer->fields, answer->more, call->exchange.added };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        out = whole ? put(out, parts[i].data, parts[i].length)
                    : put_fields_without_content(out, parts[i]);
    if (answer->own_validators)
        out = put_validators(out, answer);
    bool ranged = answer->status == 206 || answer->status == 416;
    if (ranged ||
        (answer->status == 200 && !answer->produced && (answer->etag.length || answer->modified)))
        out = put_range(out, answer);
    out = PUT(out, "X-Request-Id: ");
    out = put(out, request->id, 16);
    if (answer->produced) {
        if (call->chunked)
            out = PUT(out, "\r\nTransfer-Encoding: chunked");
    } else if (answer->status != 304 && answer->status != 204) {
        out = PUT(out, "\r\nContent-Length: ");
        out = put_number(out, answer->length);
    }
    if (call->close)
        out = PUT(out, "\r\nConnection: close");
    else if (request->minor_version == 0)
        out = PUT(out, "\r\nConnection: keep-alive");
    return PUT(out, "\r\n\r\n");
}

void http_respond(struct http_call *call)
{
    struct http_server *server = call->server;
    struct http_response *response = &call->exchange.response;
    struct answer answer = answer_of(response);
    answer_select(call, &answer);
    call->close = response->close || !call->framing.keep_alive ||
                  call->exchange.connection->doomed || server->closing;
    bool bodiless = answer.status == 204 || answer.status == 304 ||
                    text_equals(call->exchange.request.method, TEXT("HEAD"));
    call->chunked = answer.produced && call->exchange.request.minor_version > 0;
    call->close |= answer.produced && !call->chunked;
    call->producing = answer.produced && !bodiless;
    bool joined = !bodiless && !answer.from_file && !answer.produced && answer.length <= JOINED_MAX;
    struct text common = common_fields(server);
    char *head = arena_alloc(call->exchange.request.arena,
                             OWN_FIELDS_MAX + common.length + answer.fields.length +
                                 answer.more.length + call->exchange.added.length +
                                 answer.etag.length + (joined ? JOINED_MAX : 0));
    if (!head) {
        /* Nothing honest can be said without memory: an empty head makes the sender hang up. */
        call->close = true;
        call->head = call->payload = TEXT("");
        http_call_log(call, 503, 0);
        return;
    }
    char *end = put_head(head, call, &answer, common);
    if (joined)
        end = put(end, answer.payload.data + answer.first, (size_t)answer.length);
    call->head = (struct text){ head, (size_t)(end - head) };
    if (!bodiless && answer.from_file) {
        response->file_offset += (off_t)answer.first;
        call->file_remaining = answer.length;
    } else if (!bodiless && !joined && !answer.produced) {
        call->payload = (struct text){ answer.payload.data + answer.first, (size_t)answer.length };
    }
    http_call_log(call, answer.status, bodiless ? 0 : answer.length);
}
