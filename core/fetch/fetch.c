#include "fetch/fetch.h"

#include "base/clock.h"
#include "base/error.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

/* One request on its way: this hop's place and what has arrived of its answer. */
struct exchange {
    const struct fetch_request *request;
    struct fetch_place *place;
    const char *method;
    const void *body; /* NULL: none, or dropped by a redirect */
    size_t body_length;
    bool foreign; /* a redirect led to another origin: no credentials any more */
    size_t answer_max, head_bytes;
    unsigned fields;
    struct buffer answer, headers; /* headers: "name\0value\0" each */
    bool refused, too_long;
    struct portico_error refusal;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode prepared = CURLE_FAILED_INIT;

static void prepare(void)
{
    prepared = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int fetch_prepare(struct portico_error *error)
{
    pthread_once(&once, prepare);
    return prepared == CURLE_OK ? 0
                                : error_set(error, PORTICO_EIO, "libcurl cannot be used: %s.",
                                            curl_easy_strerror(prepared));
}

/* What a request may hold */

static const char *method_of(const struct fetch_request *request)
{
    return request->method ? request->method : "GET";
}

static int check_method(const char *method, struct portico_error *error)
{
    static const char *const known[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(method, known[i]) == 0)
            return 0;
    return error_set(
        error, PORTICO_EINVAL,
        "The method \"%.20s\" is not fetched with: GET, HEAD, POST, PUT, PATCH, DELETE "
        "or OPTIONS, in capitals.",
        method);
}

/* Fields that frame the message or belong to the connection: the host's own. */
static bool is_hosts_own(struct text name)
{
    static const char *const names[] = {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equals_ignoring_case(name, text_of(names[i])))
            return true;
    return name.length >= 6 &&
           text_equals_ignoring_case((struct text){ name.data, 6 }, TEXT("proxy-"));
}

/* RFC 9110 section 5.1: token. */
static bool is_token(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!g_ascii_isalnum(name.data[i]) && !strchr("!#$%&'*+-.^_`|~", name.data[i]))
            return false;
    return name.length > 0 && name.length <= 128;
}

static bool is_field_value(const struct value *value)
{
    if (value->kind != PORTICO_TEXT || value->count > 8192)
        return false;
    for (uint32_t i = 0; i < value->count; i++)
        if ((unsigned char)value->text[i] < ' ' ? value->text[i] != '\t' : value->text[i] == 0x7f)
            return false;
    return true;
}

static int check_headers(const struct value *headers, struct portico_error *error)
{
    if (!headers)
        return 0;
    if (headers->kind != PORTICO_OBJECT || headers->count > FETCH_HEADERS_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "Headers of a fetch are an object of at most %d texts.",
                         FETCH_HEADERS_MAX);
    for (uint32_t i = 0; i < headers->count; i++) {
        const struct value_member *member = &headers->members[i];
        if (!is_token(member->key) || !is_field_value(member->value))
            return error_set(error, PORTICO_EINVAL,
                             "The header \"%.80s\" of a fetch is no field name with one line of "
                             "text.",
                             member->key.data);
        if (is_hosts_own(member->key))
            return error_set(error, PORTICO_EINVAL,
                             "The header \"%.80s\" of a fetch is the host's to set.",
                             member->key.data);
    }
    return 0;
}

static int check_limits(const struct fetch_request *request, struct portico_error *error)
{
    if (request->timeout_ms > FETCH_TIME_MAX || request->answer_max > FETCH_ANSWER_MAX ||
        request->redirects > FETCH_REDIRECTS_MAX)
        return error_set(error, PORTICO_EINVAL,
                         "A fetch takes at most 60 s, 16 MiB of answer and 5 redirects.");
    if (request->body_length > FETCH_BODY_MAX)
        return error_set(error, PORTICO_ELIMIT, "The body of a fetch is longer than 16 MiB.");
    if (request->body_length && !request->body)
        return error_set(error, PORTICO_EINVAL, "The body of a fetch has a length but no bytes.");
    return 0;
}

static int check_all(const struct fetch_rules *rules, const struct fetch_request *request,
                     struct fetch_place *ret_place, struct portico_error *error)
{
    int code = fetch_prepare(error);
    if (code == 0)
        code = check_method(method_of(request), error);
    if (code == 0)
        code = check_headers(request->headers, error);
    if (code == 0)
        code = check_limits(request, error);
    if (code == 0)
        code = place_read(rules, request->url, NULL, ret_place, error);
    return code;
}

int fetch_check(const struct fetch_rules *rules, const struct fetch_request *request,
                struct portico_error *error)
{
    struct fetch_place place = { 0 };
    int code = check_all(rules, request, &place, error);
    if (code == 0)
        place_free(&place);
    return code;
}

/* What libcurl asks while it works */

/* Here the address is known that will be connected to: a name that answers differently each time it
 * is asked for gains nothing. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *exchange = data;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        place_check_address(exchange->place, &address->addr, &exchange->refusal) < 0) {
        exchange->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    struct exchange *exchange = data;
    size_t length = size * count;
    if (length > exchange->answer_max - exchange->answer.length) {
        exchange->too_long = true;
        return 0;
    }
    buffer_append(&exchange->answer, bytes, length);
    return exchange->answer.failed ? 0 : length;
}

/* Bytes that are not UTF-8 are read as Latin-1, as RFC 9110 section 5.5 suggests. */
static void append_value(struct buffer *headers, struct text value)
{
    bool utf8 = text_is_utf8(value.data, value.length);
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (utf8 || c < 0x80) {
            buffer_append_char(headers, c ? (char)c : ' ');
        } else {
            buffer_append_char(headers, (char)(0xc0 | c >> 6));
            buffer_append_char(headers, (char)(0x80 | (c & 0x3f)));
        }
    }
    buffer_append_char(headers, '\0');
}

static size_t take_header(char *bytes, size_t size, size_t count, void *data)
{
    struct exchange *exchange = data;
    size_t length = size * count;
    exchange->head_bytes += length;
    if (exchange->head_bytes > FETCH_HEAD_MAX) {
        exchange->too_long = true;
        return 0;
    }
    if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0)
        buffer_clear(&exchange->headers); /* after 1xx: the fields before were not the answer's */
    const char *colon = memchr(bytes, ':', length);
    size_t name = colon ? (size_t)(colon - bytes) : 0;
    if (!is_token((struct text){ bytes, name }))
        return length;
    if (++exchange->fields > FETCH_FIELDS_MAX) {
        exchange->too_long = true;
        return 0;
    }
    for (size_t i = 0; i < name; i++)
        buffer_append_char(&exchange->headers, g_ascii_tolower(bytes[i]));
    buffer_append_char(&exchange->headers, '\0');
    struct text value = { colon + 1, length - name - 1 };
    while (value.length && strchr("\r\n", value.data[value.length - 1]))
        value.length--;
    append_value(&exchange->headers, text_trim(value));
    return exchange->headers.failed ? 0 : length;
}

/* One hop */

static struct curl_slist *add(struct curl_slist *list, const char *line, bool *ret_failed)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    *ret_failed |= !longer;
    return longer ? longer : list;
}

static bool is_credential(struct text name)
{
    return text_equals_ignoring_case(name, TEXT("authorization")) ||
           text_equals_ignoring_case(name, TEXT("cookie"));
}

static struct curl_slist *make_headers(const struct exchange *exchange, bool *ret_failed)
{
    const struct value *headers = exchange->request->headers;
    struct curl_slist *list = add(NULL, "Expect:", ret_failed);
    bool typed = false;
    for (uint32_t i = 0; headers && i < headers->count; i++) {
        const struct value_member *member = &headers->members[i];
        bool type = text_equals_ignoring_case(member->key, TEXT("content-type"));
        if ((exchange->foreign && is_credential(member->key)) || (type && !exchange->body))
            continue;
        typed |= type;
        const char *text = member->value->text;
        char *line = g_strdup_printf(*text ? "%.*s: %s" : "%.*s;%s", (int)member->key.length,
                                     member->key.data, text);
        list = add(list, line, ret_failed);
        g_free(line);
    }
    if (!typed)
        list = add(list, "Content-Type:", ret_failed);
    return list;
}

static void set_message(CURL *curl, const struct exchange *exchange)
{
    if (strcmp(exchange->method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
        return;
    }
    bool carries = strcmp(exchange->method, "POST") == 0 || strcmp(exchange->method, "PUT") == 0 ||
                   strcmp(exchange->method, "PATCH") == 0;
    if (carries || exchange->body_length) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->body ? exchange->body : "");
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, exchange->method);
}

static void set_options(CURL *curl, struct exchange *exchange, const struct fetch_rules *rules,
                        int64_t left_ms)
{
    curl_easy_setopt(curl, CURLOPT_CURLU, exchange->place->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* also none from the environment */
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Portico");
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)exchange->answer_max);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    if (rules->ca_file && *rules->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, rules->ca_file);
}

static int judge(CURLcode result, const struct exchange *exchange, const char *details,
                 struct portico_error *error)
{
    const char *host = exchange->place->host;
    if (result == CURLE_OK)
        return 0;
    if (exchange->too_long || result == CURLE_FILESIZE_EXCEEDED)
        return error_set(error, PORTICO_ELIMIT,
                         "The answer of %s is longer than the %zu bytes (or 64 KiB or %u lines of "
                         "header fields) that are taken.",
                         host, exchange->answer_max, FETCH_FIELDS_MAX);
    if (exchange->refused && result == CURLE_COULDNT_CONNECT)
        return error_set(error, PORTICO_EPERM, "%s", exchange->refusal.message);
    if (result == CURLE_OPERATION_TIMEDOUT)
        return error_set(error, PORTICO_ETIMEDOUT, "%s did not answer in time.", host);
    if (result == CURLE_OUT_OF_MEMORY || exchange->answer.failed || exchange->headers.failed)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while %s was fetched.", host);
    return error_set(error, PORTICO_EIO, "%s cannot be fetched: %s.", host,
                     *details ? details : curl_easy_strerror(result));
}

static int send_once(struct exchange *exchange, const struct fetch_rules *rules, int64_t left_ms,
                     unsigned *ret_status, char **ret_location, struct portico_error *error)
{
    char details[CURL_ERROR_SIZE] = "";
    bool failed = false;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = make_headers(exchange, &failed);
    if (!curl || failed) {
        curl_slist_free_all(headers);
        curl_easy_cleanup(curl);
        return error_set(error, PORTICO_ENOMEM, "There is no memory for a fetch.");
    }
    set_options(curl, exchange, rules, left_ms);
    set_message(curl, exchange);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    int code = judge(curl_easy_perform(curl), exchange, details, error);
    if (code == 0) {
        long status = 0;
        struct curl_header *location = NULL;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        *ret_status = (unsigned)status;
        if (curl_easy_header(curl, "Location", 0, CURLH_HEADER, -1, &location) == CURLHE_OK)
            *ret_location = g_strdup(location->value);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return code;
}

/* Redirects */

static bool is_redirect(unsigned status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* RFC 9110 section 15.4: what becomes of method and body. */
static void turn(struct exchange *exchange, unsigned status)
{
    bool post = strcmp(exchange->method, "POST") == 0, head = strcmp(exchange->method, "HEAD") == 0;
    if ((status == 303 && !head) || ((status == 301 || status == 302) && post)) {
        exchange->method = "GET";
        exchange->body = NULL;
        exchange->body_length = 0;
    }
}

static int follow(struct exchange *exchange, const struct fetch_rules *rules, unsigned status,
                  const char *location, struct portico_error *error)
{
    struct fetch_place next = { 0 };
    int code = place_read(rules, location, exchange->place, &next, error);
    if (code < 0) {
        error_prefix(error, "%s redirects. ", exchange->place->host);
        return code == PORTICO_EINVAL ? PORTICO_EPERM : code;
    }
    turn(exchange, status);
    exchange->foreign |= !place_is_same_origin(&next, exchange->place);
    place_free(exchange->place);
    *exchange->place = next;
    buffer_clear(&exchange->answer);
    buffer_clear(&exchange->headers);
    exchange->refused = false;
    return 0;
}

/* The answer */

static int add_header(struct value *headers, const char *name, const char *text)
{
    struct value *before = value_get(headers, text_of(name));
    if (!before)
        return value_set_text(headers, name, text);
    char *joined = arena_printf(headers->arena, "%s, %s", before->text, text);
    return joined ? value_set_text(headers, name, joined) : PORTICO_ENOMEM;
}

static int make_answer(const struct exchange *exchange, unsigned status, struct arena *arena,
                       struct fetch_answer *ret_answer, struct portico_error *error)
{
    struct fetch_answer answer = {
        .status = status,
        .headers = value_new(arena, PORTICO_OBJECT),
        .body = arena_strndup(arena, exchange->answer.data ? exchange->answer.data : "",
                              exchange->answer.length),
        .body_length = exchange->answer.length,
    };
    int code = answer.headers && answer.body ? 0 : PORTICO_ENOMEM;
    const char *at = exchange->headers.data, *end = at + exchange->headers.length;
    while (code == 0 && at < end) {
        const char *text = at + strlen(at) + 1;
        code = add_header(answer.headers, at, text);
        at = text + strlen(text) + 1;
    }
    if (code < 0)
        return error_set(error, PORTICO_ENOMEM, "Memory ended while %s was fetched.",
                         exchange->place->host);
    *ret_answer = answer;
    return 0;
}

int fetch_send(const struct fetch_rules *rules, const struct fetch_request *request,
               struct arena *arena, struct fetch_answer *ret_answer, struct portico_error *error)
{
    struct fetch_place place = { 0 };
    int code = check_all(rules, request, &place, error);
    if (code < 0)
        return code;
    struct exchange exchange = {
        .request = request,
        .place = &place,
        .method = method_of(request),
        .body = request->body_length ? request->body : NULL,
        .body_length = request->body_length,
        .answer_max = request->answer_max ? request->answer_max : FETCH_ANSWER,
        .refusal = PORTICO_ERROR_INIT,
    };
    int64_t limit = request->timeout_ms ? request->timeout_ms : FETCH_TIME;
    int64_t end = clock_steady() + limit * 1000;
    unsigned status = 0;
    for (unsigned hops = 0; code == 0; hops++) {
        int64_t left = (end - clock_steady() + 999) / 1000;
        char *location = NULL;
        code = left <= 0
                   ? error_set(error, PORTICO_ETIMEDOUT, "%s did not answer in time.", place.host)
                   : send_once(&exchange, rules, left, &status, &location, error);
        bool go_on = code == 0 && is_redirect(status) && location && hops < request->redirects;
        if (go_on)
            code = follow(&exchange, rules, status, location, error);
        g_free(location);
        if (!go_on)
            break;
    }
    if (code == 0)
        code = make_answer(&exchange, status, arena, ret_answer, error);
    buffer_free(&exchange.answer);
    buffer_free(&exchange.headers);
    place_free(&place);
    return code;
}
