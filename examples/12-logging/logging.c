/* Logging: lines carry module, route and request id by themselves. Never log secrets or personal
 * data. */
#include <portico/portico.h>

static int work(struct portico_request *request)
{
    const char *what = portico_param(request, "what");
    portico_log(request, PORTICO_LOG_INFO, "Working on %zu letters.", strlen(what));
    if (strcmp(what, "trouble") == 0)
        portico_log(request, PORTICO_LOG_WARNING, "There is trouble: look at the machine.");
    return portico_reply_bytes(request, "text/plain; charset=utf-8", "done\n", 5);
}

static int start(struct portico_context *context, struct portico_error *error)
{
    (void)error;
    portico_log(context, PORTICO_LOG_INFO, "Logging starts.");
    return PORTICO_OK;
}

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/logging/{what}",
      .handler = work,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Logging",
    .start = start,
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
