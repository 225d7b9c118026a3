/* A module of hooks that do what a request asks them to: fail, crash, be late, answer, add fields.
 */
#include <portico/portico.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static atomic_uint made;   /* answers of the kept route */
static atomic_uint asked;  /* calls of the hook "count" */
static atomic_uint secret; /* calls of the hook "permit" for what nobody may see */

static void rest(const char *milliseconds)
{
    long time = milliseconds ? strtol(milliseconds, NULL, 10) : 0;
    const struct timespec pause = { .tv_sec = time / 1000, .tv_nsec = time % 1000 * 1000000 };
    nanosleep(&pause, NULL);
}

/* Reads all that a request has: it must be there however late it is. */
static size_t read_all(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    size_t length = 0, sum = 0;
    const char *body = portico_body(request, &length);
    for (size_t i = 0; i < length; i++)
        sum += (unsigned char)body[i];
    const char *texts[] = { portico_path(request), portico_method(request),
                            portico_header(request, "User-Agent"),
                            portico_query_param(request, "do"), portico_form(request, "name") };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        sum += texts[i] ? strlen(texts[i]) : 0;
    return sum + portico_count(portico_json(request, &error));
}

static int refuse(struct portico_error *error)
{
    error->code = PORTICO_EIO;
    snprintf(error->message, sizeof error->message, "The keys are lost.");
    return PORTICO_EIO;
}

/* "?do=late&for=600", "?do=fail", "?do=crash", "?do=answer", "?do=field". */
static int obey(struct portico_request *request, struct portico_error *error)
{
    const char *order = portico_query_param(request, "do");
    if (!order)
        return PORTICO_OK;
    if (strcmp(order, "late") == 0) {
        rest(portico_query_param(request, "for"));
        portico_log(request, PORTICO_LOG_WARNING, "read %zu afterwards", read_all(request));
        portico_set_header(request, "X-Late", "1");
        struct portico_value *view = portico_object(request);
        portico_set_text(view, "from", "the late hook");
        return portico_reply_json(request, view);
    }
    if (strcmp(order, "fail") == 0)
        return refuse(error);
    if (strcmp(order, "crash") == 0)
        abort();
    if (strcmp(order, "field") == 0)
        portico_set_header(request, "X-Obeyed", portico_path(request));
    if (strcmp(order, "answer") != 0)
        return PORTICO_OK;
    struct portico_value *view = portico_object(request);
    portico_set_integer(view, "sum", (int64_t)read_all(request));
    portico_set_text(view, "from", "the hook");
    return portico_reply_json(request, view);
}

static int count(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    unsigned number = atomic_fetch_add(&asked, 1) + 1;
    return portico_set_header(request, "X-Asked", portico_printf(request, "%u", number));
}

/* Never reached where the permission is refused. */
static int permit(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    if (strcmp(portico_path(request), "/warden/secret") == 0)
        atomic_fetch_add(&secret, 1);
    if (!portico_header(request, "X-Deny"))
        return PORTICO_OK;
    return portico_reply_problem(request, 403, NULL, "The warden says no",
                                 portico_printf(request, "To %s.", portico_param(request, "page")));
}

/* Each of three appends its letter to what the others left. */
static int append(struct portico_request *request, const char *letter)
{
    const char *before = portico_reply_header(request, "X-Order");
    return portico_set_header(request, "X-Order",
                              portico_printf(request, "%s%s", before ? before : "", letter));
}
static int append_a(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    return append(request, "a");
}
static int append_b(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    return append(request, "b");
}
static int append_c(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    return append(request, "c");
}

static int see(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    portico_set_header(request, "X-Own", "the hook's");
    int refused = portico_set_header(request, "Content-Security-Policy", "default-src *");
    portico_set_header(request, "X-Seen",
                       portico_printf(request, "%u %s %d", portico_reply_status(request),
                                      portico_reply_header(request, "Content-Type"), refused));
    return PORTICO_OK;
}

/* Answers instead, whatever it sees: were it asked about its own answer, the number would grow. */
static int swap(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    struct portico_value *view = portico_object(request);
    portico_set_integer(view, "instead_of", portico_reply_status(request));
    portico_set_status(request, 418);
    return portico_reply_json(request, view);
}

static int page(struct portico_request *request)
{
    struct portico_value *view = portico_object(request);
    portico_set_text(view, "page", portico_param(request, "page"));
    portico_set_integer(view, "secret", atomic_load(&secret));
    portico_set_header(request, "X-Own", "the handler's");
    return portico_reply_json(request, view);
}

static int echo(struct portico_request *request)
{
    size_t length = 0;
    const char *body = portico_body(request, &length);
    return portico_reply_bytes(request, "text/plain; charset=utf-8", body, length);
}

static int kept(struct portico_request *request)
{
    struct portico_value *view = portico_object(request);
    portico_set_integer(view, "made", atomic_fetch_add(&made, 1) + 1);
    return portico_reply_json(request, view);
}

static const struct portico_permission permissions[] = {
    { .name = "warden.read", .title = "Read what nobody may" },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/warden/{page}", .handler = page, .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/warden/closed",
      .handler = echo,
      .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/warden/open", .handler = echo, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/warden/closed", .handler = page, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/warden/open", .handler = page, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/warden/secret", .handler = page, .permission = "warden.read" },
    { .method = "GET",
      .pattern = "/warden/kept",
      .handler = kept,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = 3600 },
    { .method = "GET",
      .pattern = "/warden/kept/passed",
      .handler = kept,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = 3600 },
};

static const struct portico_hook hooks[] = {
    { .name = "closed",
      .point = PORTICO_BEFORE_ROUTING,
      .failure = PORTICO_FAIL_CLOSED,
      .paths = "/warden/closed /nowhere",
      .deadline_ms = 800,
      .run = obey },
    { .name = "open",
      .point = PORTICO_BEFORE_ROUTING,
      .failure = PORTICO_FAIL_OPEN,
      .paths = "/warden/open",
      .deadline_ms = 800,
      .run = obey },
    { .name = "count",
      .point = PORTICO_BEFORE_ROUTING,
      .failure = PORTICO_FAIL_OPEN,
      .run = count },
    { .name = "permit",
      .point = PORTICO_AFTER_PERMISSION,
      .paths = "/warden/permit /warden/secret /warden/kept/passed",
      .run = permit },
    { .name = "c",
      .point = PORTICO_BEFORE_SEND,
      .failure = PORTICO_FAIL_OPEN,
      .after = "warden/b",
      .run = append_c },
    { .name = "b", .point = PORTICO_BEFORE_SEND, .failure = PORTICO_FAIL_OPEN, .run = append_b },
    { .name = "a",
      .point = PORTICO_BEFORE_SEND,
      .failure = PORTICO_FAIL_OPEN,
      .before = "warden/b elsewhere/any",
      .run = append_a },
    { .name = "see", .point = PORTICO_BEFORE_SEND, .failure = PORTICO_FAIL_OPEN, .run = see },
    { .name = "swap", .point = PORTICO_BEFORE_SEND, .paths = "/warden/swap", .run = swap },
    { .name = "last",
      .point = PORTICO_BEFORE_SEND,
      .paths = "/warden/sent",
      .deadline_ms = 800,
      .run = obey },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,          .title = "Warden",
    .routes = PORTICO_LIST(routes), .permissions = PORTICO_LIST(permissions),
    .hooks = PORTICO_LIST(hooks),
};
PORTICO_EXPORT_MODULE(module)
