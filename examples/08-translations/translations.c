/* Translations: the English text is the key; locale/LANG.po has the others. */
#include <portico/portico.h>

static int greet(struct portico_request *request)
{
    struct portico_value *arguments = portico_object(request);
    struct portico_value *view = portico_object(request);
    const char *name = portico_query_param(request, "name");
    portico_set_text(arguments, "name", name ? name : "Portico");
    portico_set_text(view, "greeting",
                     portico_translate(request, "Good morning, {name}.", arguments));
    portico_set_text(view, "language", portico_locale(request));
    portico_set_integer(view, "letters", 3);
    return portico_reply_view(request, "greet", view);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/translations", .handler = greet, .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Translations",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
