/* A module with one defect a route, each of the kind that the author's harness must name. */
#define PORTICO_MODULE_USES "portico.db 1.0, portico.people 1.0"
#include <fcntl.h>
#include <portico/portico.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static volatile int broken, forever = 1;

static int sound(struct portico_request *request)
{
    struct portico_value *answer = portico_object(request);
    int code = portico_set_text(answer, "name", "sound");
    return code < 0 ? code : portico_reply_json(request, answer);
}

static int leak(struct portico_request *request)
{
    char *volatile lost = malloc(100);
    lost = NULL;
    (void)lost;
    return sound(request);
}

static void *wait_forever(void *nothing)
{
    while (forever)
        pause();
    return nothing;
}

static int thread(struct portico_request *request)
{
    pthread_t number;
    pthread_create(&number, NULL, wait_forever, NULL);
    return sound(request);
}

static int descriptor(struct portico_request *request)
{
    return open("/dev/zero", O_RDONLY | O_CLOEXEC) < 0 ? PORTICO_EIO : sound(request);
}

static int crash(struct portico_request *request)
{
    (void)request;
    abort();
}

static int hang(struct portico_request *request)
{
    wait_forever(NULL);
    return sound(request);
}

static int leave(struct portico_request *request)
{
    (void)request;
    _exit(0);
}

/* Well while there is memory. */
static int unchecked(struct portico_request *request)
{
    char *text = portico_alloc(request, 16);
    text[0] = 'x';
    return portico_reply_bytes(request, "text/plain", text, 1);
}

/* The same with what another table gives. */
static int heedless(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    portico_people_look(portico_people(request), NULL, 0, &rows, &error);
    return rows->api->count(rows) == 0 ? sound(request) : PORTICO_EFAULT;
}

/* What one failure left behind spoils every later request. */
static int spoiled(struct portico_request *request)
{
    if (broken)
        return PORTICO_EFAULT;
    broken = 1;
    if (!portico_alloc(request, 16))
        return PORTICO_ENOMEM;
    broken = 0;
    return sound(request);
}

static int scope(struct portico_request *request)
{
    return portico_scope(request) ? sound(request) : PORTICO_ENOMEM;
}

static int transaction(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_begin(portico_db(request), &error);
    return code < 0 ? code : sound(request);
}

static int cursor(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_cursor *opened = NULL;
    int code = portico_cursor_open(portico_db(request), "SELECT 1 AS number", PORTICO_NO_ARGS,
                                   &opened, &error);
    return code < 0 ? code : sound(request);
}

static int stale(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_cursor *opened = NULL;
    struct portico_value *row = NULL;
    int code = portico_cursor_open(portico_db(request), "SELECT 1 AS number", PORTICO_NO_ARGS,
                                   &opened, &error);
    if (code < 0)
        return code;
    portico_cursor_close(opened);
    portico_cursor_next(opened, &row, &error);
    return sound(request);
}

/* Without PORTICO_HAS. */
static int newest(struct portico_request *request)
{
    struct portico_context *context = request->context;
    return context->api->steady(context) > 0 ? sound(request) : PORTICO_EFAULT;
}

static int start(struct portico_context *context, struct portico_error *error)
{
    (void)error;
    if (portico_setting_boolean(context, "keep"))
        portico_set_state(context, malloc(64));
    return PORTICO_OK;
}

#define ROUTE(name)                                                                                \
    {                                                                                              \
        .method = "GET", .pattern = "/flawed/" #name, .handler = name,                             \
        .permission = PORTICO_PUBLIC                                                               \
    }
static const struct portico_route routes[] = {
    ROUTE(sound),  ROUTE(leak),        ROUTE(thread), ROUTE(descriptor), ROUTE(crash),
    ROUTE(hang),   ROUTE(leave),       ROUTE(scope),  ROUTE(unchecked),  ROUTE(spoiled),
    ROUTE(cursor), ROUTE(transaction), ROUTE(stale),  ROUTE(newest),     ROUTE(heedless),
};

static const struct portico_setting settings[] = {
    { .key = "keep", .type = PORTICO_SETTING_BOOLEAN, .initial = "false", .title = "Keep memory" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Flawed",
    .start = start,
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
};
PORTICO_EXPORT_MODULE(module)
