/* Replies: a page, JSON, a problem, a redirect, bytes, a file, and a template of another format. */
#include <portico/portico.h>

static struct portico_value *planets(struct portico_request *request)
{
    static const char *const names[] = { "Mercury", "Venus", "Earth & Moon" };
    struct portico_value *view = portico_object(request);
    struct portico_value *list = portico_set_list(view, "planets");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        portico_set_text(portico_append_object(list), "name", names[i]);
    return view;
}

static int view(struct portico_request *request)
{
    return portico_reply_view(request, "planets", planets(request));
}

/* A GET that answers JSON carries an ETag: asked again with If-None-Match it is a 304 without a
 * body. */
static int json(struct portico_request *request)
{
    return portico_reply_json(request, planets(request));
}

static int problem(struct portico_request *request)
{
    return portico_reply_problem(request, 409, "https://errors.example/taken",
                                 "That orbit is taken", "Choose another one.");
}

static int redirect(struct portico_request *request)
{
    return portico_reply_redirect(request, 303, "/replies/view");
}

static int bytes(struct portico_request *request)
{
    static const unsigned char dot[] = "GIF89a\x01\0\x01\0\0\0\0;";
    portico_set_header(request, "Cache-Control", "max-age=3600");
    return portico_reply_bytes(request, "image/gif", dot, sizeof dot - 1);
}

/* A file of the module's own directory; ranges and conditional requests work by themselves. */
static int file(struct portico_request *request)
{
    return portico_reply_file(request, "text/plain; charset=utf-8", "assets/orbit.txt");
}

static int feed(struct portico_request *request)
{
    return portico_reply_template(request, "application/xml", "planets-list", planets(request));
}

/* For search engines: the pages that everyone may see. */
static int sitemap(struct portico_request *request)
{
    struct portico_value *data = portico_object(request);
    portico_set_text(data, "page", portico_external_url(request, "/replies/view"));
    return portico_reply_template(request, "application/xml", "sitemap", data);
}

/* No reply at all: the code becomes the matching error page or problem document. */
static int missing(struct portico_request *request)
{
    (void)request;
    return PORTICO_ENOENT;
}

#define PAGE(path, function)                                                                       \
    {                                                                                              \
        .method = "GET", .pattern = "/replies/" path, .handler = function,                         \
        .permission = PORTICO_PUBLIC                                                               \
    }
static const struct portico_route routes[] = {
    PAGE("view", view),
    PAGE("json", json),
    PAGE("problem", problem),
    PAGE("redirect", redirect),
    PAGE("bytes", bytes),
    PAGE("file", file),
    PAGE("feed", feed),
    PAGE("missing", missing),
    { .method = "GET",
      .pattern = "/replies/sitemap.xml",
      .handler = sitemap,
      .permission = PORTICO_PUBLIC,
      .flags = PORTICO_ROUTE_SITEMAP },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Replies",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
