#include "http/parser.h"

#include "base/arena.h"
#include "http/target.h"

#include <stdint.h>

#define METHOD_LENGTH_MAX ((size_t)32)

/* clang-format off */
const bool http_token[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1,
    ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,
    ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};
const bool http_value[256] = { ['\t'] = 1, [' ' ... '~'] = 1, [0x80 ... 0xFF] = 1 };
/* clang-format on */

void http_limits_complete(struct http_limits *limits)
{
#define DEFAULT(member, otherwise) limits->member = limits->member ? limits->member : (otherwise)
    DEFAULT(head_bytes, 32 * 1024);
    DEFAULT(target_bytes, 8 * 1024);
    DEFAULT(field_count, 100);
    DEFAULT(body_bytes, 1024 * 1024);
    DEFAULT(upload_bytes, 10 * 1024 * 1024);
    DEFAULT(uploads, 16);
    DEFAULT(connections, 10000);
    DEFAULT(head_time, 10 * 1000000);
    DEFAULT(body_time, 10 * 1000000);
    DEFAULT(idle_time, 60 * 1000000);
    DEFAULT(write_time, 30 * 1000000);
    DEFAULT(pipelined, 64);
#undef DEFAULT
}

static enum http_scan_result scan_refuse(struct http_refusal *ret_refusal, unsigned status,
                                         const char *reason)
{
    *ret_refusal = (struct http_refusal){ status, reason };
    return HTTP_SCAN_REFUSED;
}

static size_t request_line_max(const struct http_limits *limits)
{
    return METHOD_LENGTH_MAX + limits->target_bytes + sizeof " HTTP/1.1\r\n";
}

/* A line that does not end must not fill memory before somebody looks at it. */
static enum http_scan_result scan_unfinished(const struct http_scan *scan, size_t length,
                                             const struct http_limits *limits,
                                             struct http_refusal *ret_refusal)
{
    if (scan->lines == 0 && length - scan->start > request_line_max(limits))
        return scan_refuse(ret_refusal, 414, "The request target is too long.");
    if (length - scan->start > limits->head_bytes)
        return scan_refuse(ret_refusal, 431, "The request's header fields are too large.");
    return HTTP_SCAN_MORE;
}

enum http_scan_result http_scan_head(struct http_scan *scan, const char *data, size_t length,
                                     const struct http_limits *limits,
                                     struct http_refusal *ret_refusal)
{
    while (scan->position < length) {
        const char *end = memchr(data + scan->position, '\n', length - scan->position);
        size_t at = end ? (size_t)(end - data) : length;
        if (scan->lines == 0 && data[scan->start] != '\r' && data[scan->start] != '\n' &&
            !http_token[(unsigned char)data[scan->start]])
            return scan_refuse(ret_refusal, 400, "The request line does not begin with a method.");
        scan->position = at;
        if (!end)
            break;
        if (at + 1 - scan->start > limits->head_bytes)
            break;
        if (at == scan->line || data[at - 1] != '\r')
            return scan_refuse(ret_refusal, 400, "A line ends without a carriage return.");
        scan->position = at + 1;
        bool empty = at - scan->line == 1;
        scan->line = at + 1;
        if (!empty) {
            if (scan->lines == 0 && at - scan->start > request_line_max(limits))
                return scan_refuse(ret_refusal, 414, "The request target is too long.");
            if (++scan->lines > limits->field_count + 1)
                return scan_refuse(ret_refusal, 431, "The request has too many header fields.");
            continue;
        }
        if (scan->lines == 0) {
            /* RFC 9112 section 2.2 asks to ignore one empty line that old clients send after a
             * body. */
            if (scan->start)
                return scan_refuse(ret_refusal, 400, "The request line is empty.");
            scan->start = scan->position;
            continue;
        }
        return HTTP_SCAN_FOUND;
    }
    return scan_unfinished(scan, length, limits, ret_refusal);
}

/* Everything one head needs while it is read. */
struct reading {
    struct http_request *request;
    struct http_framing *framing;
    const struct http_limits *limits;
    struct http_refusal *refusal;
    unsigned hosts, lengths, encodings;
    bool close, keep_alive;
    struct text host;
};

static bool refuse(struct reading *reading, unsigned status, const char *reason)
{
    *reading->refusal = (struct http_refusal){ status, reason };
    return false;
}

static bool read_host(struct reading *reading, struct text value)
{
    if (reading->hosts++)
        return refuse(reading, 400, "The request has more than one Host field.");
    if (!http_host_valid(value))
        return refuse(reading, 400, "The Host field is not a valid host.");
    reading->host = value;
    return true;
}

static bool read_content_length(struct reading *reading, struct text value)
{
    uint64_t length = 0;
    if (reading->lengths++)
        return refuse(reading, 400, "The request has more than one Content-Length field.");
    if (value.length == 0 || value.length > 18)
        return refuse(reading, 400, "The Content-Length field is not a plain number.");
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return refuse(reading, 400, "The Content-Length field is not a plain number.");
        length = length * 10 + (uint64_t)(value.data[i] - '0');
    }
    reading->framing->content_length = length;
    return true;
}

static bool read_transfer_encoding(struct reading *reading, struct text value)
{
    static const struct text known[] = {
        { "gzip", 4 }, { "x-gzip", 6 }, { "deflate", 7 }, { "compress", 8 }, { "x-compress", 10 }
    };
    if (reading->encodings++)
        return refuse(reading, 400, "The request has more than one Transfer-Encoding field.");
    if (reading->request->minor_version == 0)
        return refuse(reading, 400, "HTTP/1.0 has no Transfer-Encoding.");
    if (text_equals_ignoring_case(value, TEXT("chunked"))) {
        reading->framing->chunked = true;
        return true;
    }
    const char *comma = memchr(value.data, ',', value.length);
    if (comma) {
        size_t first = (size_t)(comma - value.data);
        struct text coding = text_trim((struct text){ value.data, first });
        struct text last = text_trim((struct text){ comma + 1, value.length - first - 1 });
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (text_equals_ignoring_case(coding, known[i]) &&
                text_equals_ignoring_case(last, TEXT("chunked")))
                return refuse(reading, 501, "The only transfer coding understood is \"chunked\".");
    }
    return refuse(reading, 400, "The only transfer coding allowed is one final \"chunked\".");
}

static bool read_connection(struct reading *reading, struct text value)
{
    while (value.length) {
        const char *comma = memchr(value.data, ',', value.length);
        size_t length = comma ? (size_t)(comma - value.data) : value.length;
        struct text option = text_trim((struct text){ value.data, length });
        for (size_t i = 0; i < option.length; i++)
            if (!http_token[(unsigned char)option.data[i]])
                return refuse(reading, 400, "The Connection field is not a list of names.");
        reading->close |= text_equals_ignoring_case(option, TEXT("close"));
        reading->keep_alive |= text_equals_ignoring_case(option, TEXT("keep-alive"));
        length += comma != NULL;
        value = (struct text){ value.data + length, value.length - length };
    }
    return true;
}

static bool read_expect(struct reading *reading, struct text value)
{
    if (reading->request->minor_version == 0)
        return true; /* RFC 9110 section 10.1.1: ignored in HTTP/1.0 */
    if (!text_equals_ignoring_case(value, TEXT("100-continue")))
        return refuse(reading, 417, "The only expectation understood is \"100-continue\".");
    reading->framing->expects_continue = true;
    return true;
}

/* The fields that change framing or the answer; anything else is the handlers'. */
static const struct known_field {
    struct text name;
    bool (*read)(struct reading *reading, struct text value);
    unsigned condition;
} known_fields[] = {
    { { "host", 4 }, read_host, 0 },
    { { "content-length", 14 }, read_content_length, 0 },
    { { "transfer-encoding", 17 }, read_transfer_encoding, 0 },
    { { "connection", 10 }, read_connection, 0 },
    { { "expect", 6 }, read_expect, 0 },
    { { "if-match", 8 }, NULL, HTTP_IF_MATCH },
    { { "if-none-match", 13 }, NULL, HTTP_IF_NONE_MATCH },
    { { "if-modified-since", 17 }, NULL, HTTP_IF_MODIFIED_SINCE },
    { { "if-unmodified-since", 19 }, NULL, HTTP_IF_UNMODIFIED_SINCE },
    { { "range", 5 }, NULL, HTTP_RANGE },
};

static bool read_known(struct reading *reading, struct http_field field)
{
    if (!memchr("hctier", field.name.data[0], 6))
        return true;
    for (size_t i = 0; i < sizeof known_fields / sizeof *known_fields; i++) {
        const struct known_field *known = &known_fields[i];
        if (!text_equals(field.name, known->name))
            continue;
        reading->framing->conditions |= known->condition;
        return known->read ? known->read(reading, field.value) : true;
    }
    return true;
}

/* One field line without its CRLF; the name becomes lower case where it stands. */
static bool read_field(struct reading *reading, char *line, size_t length)
{
    size_t name = 0;
    for (; name < length && http_token[(unsigned char)line[name]]; name++)
        if (line[name] >= 'A' && line[name] <= 'Z')
            line[name] |= 0x20;
    if (name == 0 && length && (line[0] == ' ' || line[0] == '\t'))
        return refuse(reading, 400, "A header line is folded, which HTTP no longer allows.");
    if (name == 0 || name == length || line[name] != ':')
        return refuse(reading, 400, "A header field has no valid name before its colon.");
    struct text value = text_trim((struct text){ line + name + 1, length - name - 1 });
    bool beyond_ascii = false;
    for (size_t i = 0; i < value.length; i++) {
        if (!http_value[(unsigned char)value.data[i]])
            return refuse(reading, 400, "A header field holds a control character.");
        beyond_ascii |= (unsigned char)value.data[i] >= 0x80;
    }
    if (beyond_ascii && !text_is_utf8(value.data, value.length))
        return refuse(reading, 400, "A header field is not UTF-8.");
    struct http_field *field = &reading->request->fields[reading->request->field_count++];
    *field = (struct http_field){ { line, name }, value };
    return read_known(reading, *field);
}

/* "HTTP/1.1" or another 1.x. */
static bool read_version(struct reading *reading, const char *version, size_t length)
{
    if (length != 8 || memcmp(version, "HTTP/", 5) != 0 || version[5] < '0' || version[5] > '9' ||
        version[6] != '.' || version[7] < '0' || version[7] > '9')
        return refuse(reading, 400, "The request line does not end with an HTTP version.");
    if (version[5] != '1')
        return refuse(reading, 505, "This server speaks HTTP/1.1 and HTTP/1.0 only.");
    reading->request->minor_version = (unsigned)(version[7] - '0');
    return true;
}

static bool read_request_line(struct reading *reading, char *line, size_t length)
{
    struct http_request *request = reading->request;
    size_t method = 0;
    while (method < length && http_token[(unsigned char)line[method]])
        method++;
    char *blank = memrchr(line, ' ', length);
    if (method == 0 || method == length || line[method] != ' ' || blank == line + method)
        return refuse(reading, 400, "The request line is not method, target and version.");
    if (!read_version(reading, blank + 1, length - (size_t)(blank + 1 - line)))
        return false;
    if (method > METHOD_LENGTH_MAX)
        return refuse(reading, 501, "The request's method is unknown.");
    size_t target = (size_t)(blank - line) - method - 1;
    if (target > reading->limits->target_bytes)
        return refuse(reading, 414, "The request target is too long.");
    line[method] = 0;
    request->method = (struct text){ line, method };
    return http_target_parse(request, line + method + 1, target, reading->refusal);
}

/* What only the whole head can tell. */
static bool read_whole(struct reading *reading)
{
    struct http_request *request = reading->request;
    struct http_framing *framing = reading->framing;
    if (reading->hosts == 0 && request->minor_version > 0)
        return refuse(reading, 400, "The request has no Host field.");
    if (framing->chunked && reading->lengths)
        return refuse(reading, 400, "The request has both Content-Length and Transfer-Encoding.");
    framing->keep_alive = !reading->close && (request->minor_version > 0 || reading->keep_alive);
    if (request->host.data)
        return true; /* absolute form: RFC 9112 section 3.2.2 ignores the Host field */
    char *host = arena_strndup(request->arena, reading->host.data ? reading->host.data : "",
                               reading->host.length);
    if (!host)
        return refuse(reading, 503, "The server is out of memory. Try again in a moment.");
    request->host = (struct text){ host, reading->host.length };
    return true;
}

bool http_parse_head(struct http_request *request, struct http_framing *ret_framing,
                     const char *head, size_t length, unsigned lines,
                     const struct http_limits *limits, struct http_refusal *ret_refusal)
{
    struct http_framing framing = { 0 };
    struct reading reading = {
        .request = request, .framing = &framing, .limits = limits, .refusal = ret_refusal
    };
    request->method = request->path = request->query = request->target = TEXT("");
    request->host = (struct text){ NULL, 0 };
    request->field_count = 0;
    char *line = arena_strndup(request->arena, head, length);
    request->fields = arena_alloc(request->arena, lines * sizeof *request->fields);
    if (!line || !request->fields) {
        request->host = TEXT("");
        return refuse(&reading, 503, "The server is out of memory. Try again in a moment.");
    }
    bool (*read_line)(struct reading *, char *, size_t) = read_request_line;
    bool good = true;
    for (char *end = line + length - 2; good && line < end; read_line = read_field) {
        char *feed = memchr(line, '\n', (size_t)(end - line));
        good = read_line(&reading, line, (size_t)(feed - line) - 1);
        line = feed + 1;
    }
    good = good && read_whole(&reading);
    if (!request->host.data)
        request->host = TEXT("");
    if (good)
        *ret_framing = framing;
    return good;
}
