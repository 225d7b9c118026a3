/* Hello: one route, one page. */
#include <portico/portico.h>

static int hello(struct portico_request *request)
{
    struct portico_value *view = portico_object(request);
    portico_set_text(view, "name", portico_param(request, "name"));
    return portico_reply_view(request, "hello", view);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/hello/{name}", .handler = hello, .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Hello",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
