#include "module/respond.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "http/accept.h"
#include "module/cookie.h"
#include "module/frame.h"

#include <unistd.h>

/* What a status means to a person. Titles and details are English source texts, translated. */
static const struct usual {
    unsigned status;
    const char *title, *detail;
} usual_words[] = {
    { 400, "That request could not be understood",
      "Something in the address or form is not as expected." },
    { 401, "Sign in first", "This page is for people who are signed in." },
    { 403, "You may not do this", "Your roles here do not include it." },
    { 404, "Nothing here", "The page may have moved, or it is not for you." },
    { 405, "This page does not work that way",
      "The address exists, but not for this kind of request." },
    { 409, "Somebody was faster",
      "What you changed was changed in the meantime. Load it again and repeat." },
    { 413, "That is too large", "Send less at once." },
    { 415, "Unknown format", "The portal does not read this format here." },
    { 422, "That does not fit", "A value is not as expected." },
    { 429, "Too much at once", "Too many requests came from you. Try again shortly." },
    { 500, "Something went wrong", "It is not your doing, and it has been noted." },
    { 501, "That method is not known here",
      "The portal answers to GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS." },
    { 503, "Busy right now", "Try again in a moment." },
};

static const struct usual *usual_of(unsigned status)
{
    static const struct usual other = { 0, /* translated */ "The request failed",
                                        /* translated */
                                        "Try again, or go back to the start page." };
    for (size_t i = 0; i < sizeof usual_words / sizeof *usual_words; i++)
        if (usual_words[i].status == status)
            return &usual_words[i];
    return &other;
}

const char *respond_locale(const struct module_host *host, const struct http_request *request,
                           const struct viewer *viewer)
{
    if (!host->pages)
        return "en";
    if (viewer && viewer->locale)
        return page_negotiate_locale(host->pages, viewer->locale);
    struct text wish = cookie_find(request, cookie_name(host->secure, COOKIE_LOCALE));
    if (wish.length == 0 || wish.length > 35)
        wish = http_request_field(request, TEXT("accept-language"));
    if (wish.length == 0 || wish.length > 1000)
        return page_negotiate_locale(host->pages, "");
    char *header = arena_strndup(request->arena, wish.data, wish.length);
    return header ? page_negotiate_locale(host->pages, header) : "en";
}

bool respond_prefers_problem(const struct http_request *request)
{
    if (text_starts(request->path, TEXT("/api/")) || text_equals(request->path, TEXT("/api")))
        return true;
    return http_prefers_json(http_request_field_joined(request, TEXT("accept")));
}

/* "//host" and "/\host" would lead a browser elsewhere. */
bool respond_is_local(const char *location)
{
    if (!location || location[0] != '/' || location[1] == '/' || location[1] == '\\')
        return false;
    for (const unsigned char *c = (const unsigned char *)location; *c; c++)
        if (*c < 0x20 || *c == 0x7f || *c == '\\')
            return false;
    return true;
}

void respond_field(struct http_response *response, const char *name, const char *value)
{
    if (http_response_field(response, text_of(name), text_of(value)) < 0)
        log_warning("A response field %s was left out: its value holds forbidden characters.",
                    name);
}

struct text respond_find_field(struct text fields, struct text name)
{
    while (fields.length) {
        const char *feed = memchr(fields.data, '\r', fields.length);
        size_t length = feed ? (size_t)(feed - fields.data) : fields.length;
        const struct text line = { fields.data, length };
        if (length > name.length && line.data[name.length] == ':' &&
            text_equals_ignoring_case((struct text){ line.data, name.length }, name))
            return text_trim(
                (struct text){ line.data + name.length + 1, length - name.length - 1 });
        size_t step = feed && length + 2 <= fields.length ? length + 2 : fields.length;
        fields = (struct text){ fields.data + step, fields.length - step };
    }
    return (struct text){ NULL, 0 };
}

void respond_etag(struct http_exchange *exchange)
{
    static const char digits[] = "0123456789abcdef";
    const struct buffer *body = &exchange->response.body;
    struct hash_sum sum = hash_sum_of(body->data, body->length);
    char *etag = arena_alloc(exchange->request.arena, 2 + 32);
    if (!etag)
        return;
    etag[0] = etag[33] = '"';
    for (unsigned i = 0; i < 32; i++)
        etag[i + 1] = digits[sum.words[i / 16] >> (i % 16 * 4) & 15];
    exchange->response.etag = (struct text){ etag, 2 + 32 };
}

int respond_render(struct module_host *host, struct http_exchange *exchange,
                   const struct viewer *viewer, const char *locale, const char *module,
                   const char *view, const struct value *data, struct portico_error *error)
{
    struct arena *arena = exchange->request.arena;
    struct page_reader reader = { .locale = locale, .now = clock_now() };
    struct value *frame =
        host->pages ? frame_make(host, arena, viewer, &exchange->request, locale) : NULL;
    if (!frame)
        return error_set(error, PORTICO_ENOMEM, "No page could be made for %s/%s.", module, view);
    return page_render(host->pages, module, view, arena, data, frame, &reader,
                       &exchange->response.body, error);
}

/* Takes back what a half-made reply left. */
static void clear(struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    buffer_clear(&response->fields);
    buffer_clear(&response->body);
    http_content_unref(response->content);
    response->content = NULL;
    if (response->file >= 0)
        close(response->file);
    response->file = -1;
    response->etag = (struct text){ 0 };
    response->modified = 0;
}

static void write_problem(struct http_exchange *exchange, unsigned status,
                          const struct respond_words *words)
{
    struct value *problem = value_new(exchange->request.arena, PORTICO_OBJECT);
    if (problem) {
        value_set_text(problem, "type", words->type ? words->type : "about:blank");
        value_set_text(problem, "title", words->title);
        value_set_integer(problem, "status", status);
        if (*words->detail)
            value_set_text(problem, "detail", words->detail);
        value_set_text(problem, "request", exchange->request.id);
        if (words->cause)
            value_set_text(problem, "cause", words->cause);
        json_write(&exchange->response.body, problem);
    }
    respond_field(&exchange->response, "Content-Type", "application/problem+json");
}

static void write_page(struct module_host *host, struct http_exchange *exchange,
                       const struct viewer *viewer, const char *locale, unsigned status,
                       const struct respond_words *words)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *view = value_new(exchange->request.arena, PORTICO_OBJECT);
    int code = PORTICO_ENOMEM;
    if (view && host->pages) {
        value_set_integer(view, "status", status);
        value_set_text(view, "title", words->title);
        value_set_text(view, "detail", words->detail);
        value_set_text(view, "cause", words->cause);
        value_set_text(view, "request_id", exchange->request.id);
        code = respond_render(host, exchange, viewer, locale, "portico", "error", view, &error);
        if (code < 0)
            log_error("The error page could not be rendered: %s", error.message);
    }
    if (code >= 0) {
        respond_field(&exchange->response, "Content-Type", "text/html; charset=utf-8");
        return;
    }
    buffer_clear(&exchange->response.body);
    buffer_printf(&exchange->response.body, "%u %s\n%s\nRequest %s\n", status, words->title,
                  words->detail, exchange->request.id);
    respond_field(&exchange->response, "Content-Type", "text/plain; charset=utf-8");
}

static const char *translate(struct module_host *host, struct arena *arena, const char *locale,
                             const char *source, const struct value *arguments)
{
    return source && host->pages
               ? page_translate(host->pages, "portico", arena, locale, source, arguments)
               : source;
}

void respond_error(struct module_host *host, struct http_exchange *exchange,
                   const struct viewer *viewer, unsigned status, const struct respond_words *words)
{
    const char *locale = respond_locale(host, &exchange->request, viewer);
    struct arena *arena = exchange->request.arena;
    const struct usual *usual = usual_of(status);
    struct respond_words own = { 0 };
    if (words)
        own = *words;
    if (!own.title)
        own.title = translate(host, arena, locale, usual->title, NULL);
    if (!own.detail)
        own.detail = translate(host, arena, locale, usual->detail, NULL);
    if (!host->development)
        own.cause = NULL;
    clear(exchange);
    exchange->response.status = status;
    respond_field(&exchange->response, "Cache-Control", "no-store");
    if (status == 503)
        respond_field(&exchange->response, "Retry-After", "2");
    if (respond_prefers_problem(&exchange->request))
        write_problem(exchange, status, &own);
    else
        write_page(host, exchange, viewer, locale, status, &own);
}

void module_error_response(struct module_host *host, struct http_exchange *exchange,
                           unsigned status, const char *title, const char *detail,
                           const struct value *arguments)
{
    const struct viewer *viewer = exchange->viewer ? exchange->viewer : &viewer_anonymous;
    const char *locale = respond_locale(host, &exchange->request, viewer);
    struct arena *arena = exchange->request.arena;
    const struct respond_words words = {
        .title = translate(host, arena, locale, title, arguments),
        .detail = translate(host, arena, locale, detail, arguments),
    };
    respond_error(host, exchange, viewer, status, &words);
}

/* Bytes at the beginning that no reader of a query takes as its own. */
static size_t plain_run(struct text text)
{
    size_t length = 0;
    for (; length < text.length; length++) {
        unsigned char c = (unsigned char)text.data[length];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '-' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                     c == '_' || c == '~';
        if (!plain)
            break;
    }
    return length;
}

/* Percent-encoded for a query (WHATWG URL section 1.3). */
void respond_append_query(struct buffer *out, struct text text)
{
    while (text.length) {
        size_t run = plain_run(text);
        buffer_append(out, text.data, run);
        if (run < text.length)
            buffer_printf(out, "%%%02X", (unsigned char)text.data[run++]);
        text = (struct text){ text.data + run, text.length - run };
    }
}

/* True: of these, only being elsewhere makes sense after signing in. */
static bool is_around_sign_in(struct text path)
{
    static const char *const places[] = { "/login", "/account/", "/portico/" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (text_starts(path, text_of(places[i])))
            return true;
    return text_equals(path, TEXT("/"));
}

static bool reads(const struct http_request *request)
{
    return text_equals(request->method, TEXT("GET")) || text_equals(request->method, TEXT("HEAD"));
}

static const char *path_with_next(const char *page, struct arena *arena, struct text target)
{
    struct buffer path = { 0 };
    buffer_append_text(&path, page);
    buffer_append_text(&path, "?next=");
    respond_append_query(&path, target);
    const char *kept = arena_strndup(arena, path.data, path.length);
    buffer_free(&path);
    return kept;
}

const char *respond_sign_in_path(const struct module_host *host, struct arena *arena,
                                 const struct http_request *request)
{
    if (!host->sign_in || !reads(request) || is_around_sign_in(request->path))
        return host->sign_in;
    return path_with_next(host->sign_in, arena, request->target);
}

static void lead_to(struct http_exchange *exchange, const char *path)
{
    clear(exchange);
    exchange->response.status = 303;
    respond_field(&exchange->response, "Location", path);
    respond_field(&exchange->response, "Cache-Control", "no-store");
}

void respond_sign_in(struct module_host *host, struct http_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    if (!reads(request) || !host->sign_in || respond_prefers_problem(request)) {
        respond_error(host, exchange, &viewer_anonymous, 401, NULL);
        return;
    }
    lead_to(exchange, path_with_next(host->sign_in, request->arena, request->target));
}

bool respond_opens_before_step(struct text path)
{
    static const char *const places[] = { "/login", "/logout", "/portico/language" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (text_equals(path, text_of(places[i])))
            return true;
    return text_starts(path, TEXT("/login/"));
}

static bool wants_stream(const struct http_request *request)
{
    struct text accept = http_request_field_joined(request, TEXT("accept"));
    return accept.data && memmem(accept.data, accept.length, "text/event-stream", 17);
}

void respond_step(struct module_host *host, struct http_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    if (!respond_prefers_problem(request) && !wants_stream(request)) {
        struct text target = reads(request) ? request->target : TEXT("/");
        lead_to(exchange, path_with_next(RESPOND_STEP, request->arena, target));
        return;
    }
    module_error_response(
        host, exchange, 403, /* translated */ "A second step is needed",
        /* translated */
        "A role of yours needs a second step beside the password, and this session was opened "
        "without one. Open the portal in a browser: it asks for the step.",
        NULL);
}
