/* portico.request: what came in, and exactly one reply. */
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "module/call.h"
#include "module/hooks.h"
#include "module/request.h"
#include "module/respond.h"
#include "module/schema.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fields of the host: framing, security, sessions, and what the reply functions set themselves. */
static const char *const host_fields[] = {
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "host",
    "keep-alive",
    "location",
    "permissions-policy",
    "proxy-authenticate",
    "referrer-policy",
    "server",
    "set-cookie",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
};

static bool listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals_ignoring_case(text_of(names[i]), text_of(name)))
            return true;
    return false;
}
#define LISTED(names, name) listed((names), sizeof(names) / sizeof *(names), (name))

static struct arena *arena_of(const struct call *call)
{
    return call->exchange->request.arena;
}

static const char *request_method(struct portico_request *request)
{
    const struct call *call = call_of(request);
    struct text method = call->exchange->request.method;
    return text_equals(method, TEXT("HEAD")) ? "GET" : method.data;
}

static const char *request_path(struct portico_request *request)
{
    return call_of(request)->exchange->request.path.data;
}

static const char *request_param(struct portico_request *request, const char *name)
{
    const struct call *call = call_of(request);
    for (unsigned i = 0; call->match && i < call->match->param_count; i++)
        if (strcmp(call->match->params[i].name, name) == 0)
            return arena_strndup(arena_of(call), call->match->params[i].value.data,
                                 call->match->params[i].value.length);
    return NULL;
}

static const char *first(const struct call_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (text_equals(pairs->pairs[i].name, text_of(name)))
            return pairs->pairs[i].value.data;
    return NULL;
}

static const char *request_query(struct portico_request *request, const char *name)
{
    return first(&call_of(request)->query, name);
}

static const char *request_form(struct portico_request *request, const char *name)
{
    return first(&call_of(request)->form, name);
}

static bool is_get(const struct call *call)
{
    if (call->route)
        return strcmp(call->route->route.method, "GET") == 0;
    struct text method = call->exchange->request.method;
    return text_equals(method, TEXT("GET")) || text_equals(method, TEXT("HEAD"));
}

/* True if the answer made here may be given to others. A hook's own answer never is. */
static bool is_kept(const struct call *call)
{
    return call->route && call->route->route.cache_seconds > 0 && is_get(call);
}

/* Sessions and credentials are the host's: modules do not see them. */
static const char *request_header(struct portico_request *request, const char *name)
{
    static const char *const hidden[] = { "authorization", "cookie", "proxy-authorization" };
    const struct call *call = call_of(request);
    if (!name || LISTED(hidden, name))
        return NULL;
    char *lower = arena_strdup(arena_of(call), name);
    for (char *c = lower; c && *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c += 'a' - 'A';
    if (!lower)
        return NULL;
    /* RFC 9110 section 12.5.5. What varies so is not kept for the next who asks. */
    call->exchange->response.varies |= call->kind == CALL_HOOK;
    if (is_kept(call) && !call->replied) {
        call->exchange->response.varies = true;
        respond_field(&call->exchange->response, "Vary", lower);
    }
    struct text value = http_request_field_joined(&call->exchange->request, text_of(lower));
    if (!value.data || !text_is_utf8(value.data, value.length))
        return NULL;
    return arena_strndup(arena_of(call), value.data, value.length);
}

static const char *request_body(struct portico_request *request, size_t *ret_length)
{
    const struct call *call = call_of(request);
    struct text body = call->exchange->request.body;
    if (ret_length)
        *ret_length = body.length;
    return body.length ? body.data : NULL;
}

static const struct portico_value *request_api_json(struct portico_request *request,
                                                    struct portico_error *error)
{
    const struct value *value = request_json(call_of(request), error);
    return value ? value_public(value) : NULL;
}

static const char *request_external_url(struct portico_request *request, const char *path)
{
    const struct call *call = call_of(request);
    if (!path || path[0] != '/')
        return NULL;
    return arena_printf(arena_of(call), "%s%s", call->host->canonical_url, path);
}

/* Replies. */

static int may_reply(struct call *call, const char *what)
{
    if (!call->replied)
        return PORTICO_OK;
    log_error("The handler called %s after it had replied; the first reply stands.", what);
    return PORTICO_EINVAL;
}

static int request_set_status(struct portico_request *request, uint32_t status)
{
    struct call *call = call_of(request);
    if (status < 200 || status > 599 || may_reply(call, "portico_set_status") < 0)
        return PORTICO_EINVAL;
    call->status = status;
    return PORTICO_OK;
}

/* RFC 3986 section 2.1: what is not ASCII, and blanks, are percent-encoded. NULL: memory ended. */
static const char *encoded(struct arena *arena, const char *location)
{
    struct buffer target = { 0 };
    for (const unsigned char *c = (const unsigned char *)location; *c; c++)
        if (*c > 0x7e || *c == ' ' || *c == '"' || *c == '<' || *c == '>')
            buffer_printf(&target, "%%%02X", *c);
        else
            buffer_append_char(&target, (char)*c);
    const char *text = buffer_text(&target);
    const char *copy = text ? arena_strdup(arena, text) : NULL;
    buffer_free(&target);
    return copy;
}

/* Where the thing just made is: only with 201, and only here. */
static int set_location(struct call *call, const char *location)
{
    if (call->status != 201 || !respond_is_local(location)) {
        log_warning("The handler set the field Location, which needs the status 201 set before and "
                    "a path on this portal (\"/...\"); it was left out. For others there is "
                    "portico_reply_redirect.");
        return PORTICO_EPERM;
    }
    const char *text = encoded(arena_of(call), location);
    return text ? http_response_field(&call->exchange->response, TEXT("Location"), text_of(text))
                : PORTICO_ENOMEM;
}

static int request_set_header(struct portico_request *request, const char *name, const char *value)
{
    struct call *call = call_of(request);
    if (!name || !value || may_reply(call, "portico_set_header") < 0)
        return PORTICO_EINVAL;
    if (text_equals_ignoring_case(text_of(name), TEXT("location")))
        return set_location(call, value);
    if (LISTED(host_fields, name)) {
        log_warning("The handler set the field %s, which is the portal's; it was left out.", name);
        return PORTICO_EPERM;
    }
    call->own_caching |= text_equals_ignoring_case(text_of(name), TEXT("cache-control"));
    call->exchange->response.varies |= text_equals_ignoring_case(text_of(name), TEXT("vary"));
    return http_response_field(&call->exchange->response, text_of(name), text_of(value));
}

/* The status and the fields every reply of a body has. */
static void finish(struct call *call, const char *media_type)
{
    struct http_response *response = &call->exchange->response;
    response->status = call->status ? call->status : 200;
    respond_field(response, "Content-Type", media_type);
    /* What is made for somebody is theirs: no cache between keeps it for others. */
    const bool theirs = call->viewer && call->viewer->person;
    response->varies |= theirs;
    if (!call->own_caching)
        respond_field(response, "Cache-Control", theirs ? "private, no-cache" : "no-cache");
    call->replied = true;
}

/* A reply that cannot be made is the module's or portal's defect: 500, with the cause in the log.
 */
static int fail(struct call *call, const char *what, const struct portico_error *error)
{
    log_error("%s failed: %s", what, error->message);
    call->replied = true;
    const struct respond_words words = { .cause = error->message };
    respond_error(call->host, call->exchange, call->viewer, 500, &words);
    return PORTICO_EFAULT;
}

static int reply_rendered(struct call *call, const char *media_type, const char *view,
                          struct portico_value *data, const char *what)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (may_reply(call, what) < 0)
        return PORTICO_EINVAL;
    if (!view || !data) {
        error_set(&error, PORTICO_EINVAL, "The %s given was NULL.", view ? "data" : "view");
        return fail(call, what, &error);
    }
    if (respond_render(call->host, call->exchange, call->viewer, call->locale, call->module->id,
                       view, value_of(data), &error) < 0)
        return fail(call, what, &error);
    respond_field(&call->exchange->response, "Vary", "Accept-Language, Cookie");
    finish(call, media_type);
    if (is_kept(call))
        respond_etag(call->exchange);
    return PORTICO_OK;
}

static int request_reply_view(struct portico_request *request, const char *view,
                              struct portico_value *data)
{
    return reply_rendered(call_of(request), "text/html; charset=utf-8", view, data,
                          "portico_reply_view");
}

static int request_reply_template(struct portico_request *request, const char *media_type,
                                  const char *view, struct portico_value *data)
{
    struct call *call = call_of(request);
    if (!media_type)
        return PORTICO_EINVAL;
    return reply_rendered(call, media_type, view, data, "portico_reply_template");
}

/* In development and under test: what the route promises is what it answers. The text is read back,
 * for rows and ids have other kinds as JSON than in memory. */
static int check_answer(const struct call *call, const struct buffer *body,
                        struct portico_error *error)
{
    const char *promise = call->route ? call->route->route.response_schema : NULL;
    bool asked = call->host->development || call->host->check_results;
    if (!promise || !asked || (call->status && call->status != 200 && call->status != 201))
        return PORTICO_OK;
    struct arena *arena = arena_new(0);
    struct value *schema = NULL, *answer = NULL;
    struct portico_error reason = PORTICO_ERROR_INIT;
    int code =
        arena ? json_parse(arena, promise, strlen(promise), &schema, &reason) : PORTICO_ENOMEM;
    if (code == 0)
        code = json_parse(arena, body->data, body->length, &answer, &reason);
    if (code == 0)
        code = schema_validate(schema, answer, &reason);
    arena_free(arena);
    return code < 0 && code != PORTICO_ENOMEM
               ? error_set(error, PORTICO_EFAULT,
                           "The answer of %s does not fit its .response_schema: %s Correct one of "
                           "them. (Answers are checked in development and under test.)",
                           call->route->label, reason.message)
               : PORTICO_OK;
}

static int request_reply_json(struct portico_request *request, const struct portico_value *data)
{
    struct call *call = call_of(request);
    struct portico_error error = PORTICO_ERROR_INIT;
    if (may_reply(call, "portico_reply_json") < 0)
        return PORTICO_EINVAL;
    if (!data) {
        error_set(&error, PORTICO_EINVAL,
                  "The data given was NULL: memory ended, or it was never made.");
        return fail(call, "portico_reply_json", &error);
    }
    struct buffer *body = &call->exchange->response.body;
    json_write(body, value_of(data));
    if (!body->failed && check_answer(call, body, &error) < 0) {
        buffer_clear(body);
        return fail(call, "portico_reply_json", &error);
    }
    finish(call, "application/json");
    if (is_get(call))
        respond_etag(call->exchange);
    return PORTICO_OK;
}

static int request_reply_problem(struct portico_request *request, uint32_t status, const char *type,
                                 const char *title, const char *detail)
{
    struct call *call = call_of(request);
    if (may_reply(call, "portico_reply_problem") < 0 || status < 400 || status > 599)
        return PORTICO_EINVAL;
    const char *texts[] = { type, title, detail };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && !text_is_utf8(texts[i], strlen(texts[i])))
            return PORTICO_EINVAL;
    call->replied = true;
    const struct respond_words words = { .type = type,
                                         .title = title,
                                         .detail = detail || !title ? detail : "" };
    respond_error(call->host, call->exchange, call->viewer, status, &words);
    return PORTICO_OK;
}

static int request_reply_redirect(struct portico_request *request, uint32_t status,
                                  const char *location)
{
    static const uint32_t allowed[] = { 301, 302, 303, 307, 308 };
    struct call *call = call_of(request);
    bool known = false;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        known |= allowed[i] == status;
    if (!known || !respond_is_local(location) || may_reply(call, "portico_reply_redirect") < 0)
        return PORTICO_EINVAL;
    const char *text = encoded(arena_of(call), location);
    if (!text)
        return PORTICO_ENOMEM;
    /* Where fetch() is sent on, it does not say to which piece: the portal's script goes itself. */
    const bool told = status == 303 &&
                      http_request_field(&call->exchange->request, TEXT("portico-redirect")).data;
    call->exchange->response.status = told ? 204 : status;
    respond_field(&call->exchange->response, told ? "Portico-Location" : "Location", text);
    call->replied = true;
    return PORTICO_OK;
}

/* RFC 9110 section 15.3.5: neither body nor what describes one. */
static int reply_nothing(struct call *call)
{
    if ((call->status && call->status != 204) || may_reply(call, "portico_reply_bytes") < 0)
        return PORTICO_EINVAL;
    call->exchange->response.status = 204;
    call->replied = true;
    return PORTICO_OK;
}

static int request_reply_bytes(struct portico_request *request, const char *media_type,
                               const void *bytes, size_t length)
{
    struct call *call = call_of(request);
    if (!media_type && !bytes && !length)
        return reply_nothing(call);
    if (!media_type || (!bytes && length) || may_reply(call, "portico_reply_bytes") < 0)
        return PORTICO_EINVAL;
    buffer_append(&call->exchange->response.body, bytes, length);
    finish(call, media_type);
    if (is_kept(call))
        respond_etag(call->exchange);
    return PORTICO_OK;
}

/* Opens `path` below `directory`, one step at a time: no link, no "..", nothing hidden. */
static int open_below(const char *directory, const char *path)
{
    int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0) {
        const char *slash = strchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : strlen(path);
        char step[256];
        if (length == 0 || length >= sizeof step || path[0] == '.') {
            close(at);
            return -1;
        }
        memcpy(step, path, length);
        step[length] = '\0';
        int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (slash ? O_DIRECTORY : 0);
        int next = openat(at, step, flags);
        close(at);
        if (!slash || next < 0)
            return next;
        at = next;
        path = slash + 1;
    }
    return -1;
}

static int request_reply_file(struct portico_request *request, const char *media_type,
                              const char *path)
{
    struct call *call = call_of(request);
    struct http_response *response = &call->exchange->response;
    struct stat status;
    if (!media_type || !path || may_reply(call, "portico_reply_file") < 0)
        return PORTICO_EINVAL;
    int file = open_below(call->module->directory, path);
    if (file < 0 || fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
        if (file >= 0)
            close(file);
        return PORTICO_ENOENT;
    }
    response->file = file;
    response->file_offset = 0;
    response->file_length = (uint64_t)status.st_size;
    response->modified = (int64_t)status.st_mtim.tv_sec * 1000000;
    char *etag = arena_printf(arena_of(call), "\"%llx-%llx-%llx\"",
                              (unsigned long long)status.st_ino, (unsigned long long)status.st_size,
                              (unsigned long long)status.st_mtim.tv_sec * 1000000000ull +
                                  (unsigned long long)status.st_mtim.tv_nsec);
    if (etag)
        response->etag = text_of(etag);
    finish(call, media_type);
    return PORTICO_OK;
}

/* What a hook may read of the answer made before it. */

static uint32_t request_reply_status(struct portico_request *request)
{
    const struct call *call = call_of(request);
    return call->answer ? call->answer->status : 0;
}

static const char *request_reply_header(struct portico_request *request, const char *name)
{
    const struct call *call = call_of(request);
    if (!call->answer || !name)
        return NULL;
    if (call->answer->etag.length && strcasecmp(name, "etag") == 0)
        return arena_strndup(arena_of(call), call->answer->etag.data, call->answer->etag.length);
    struct text value = respond_find_field(call->answer->fields, text_of(name));
    return value.data && text_is_utf8(value.data, value.length)
               ? arena_strndup(arena_of(call), value.data, value.length)
               : NULL;
}

const struct portico_request_api interface_request = {
    .table = { .size = sizeof(struct portico_request_api), .major = 1, .minor = 1 },
    .method = request_method,
    .path = request_path,
    .param = request_param,
    .query = request_query,
    .header = request_header,
    .form = request_form,
    .body = request_body,
    .json = request_api_json,
    .external_url = request_external_url,
    .set_status = request_set_status,
    .set_header = request_set_header,
    .reply_view = request_reply_view,
    .reply_json = request_reply_json,
    .reply_problem = request_reply_problem,
    .reply_redirect = request_reply_redirect,
    .reply_bytes = request_reply_bytes,
    .reply_file = request_reply_file,
    .reply_template = request_reply_template,
    .reply_status = request_reply_status,
    .reply_header = request_reply_header,
};
