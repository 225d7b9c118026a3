/* Templates: data goes in, the host renders and escapes. Markup comes only from the host's
 * sanitizer. */
#include <portico/portico.h>

static int list(struct portico_request *request)
{
    static const struct {
        const char *name;
        int64_t price;
    } teas[] = { { "Sencha", 1250 }, { "Earl <Grey>", 990 } };
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    struct portico_value *list = portico_set_list(view, "teas");
    for (size_t i = 0; i < sizeof teas / sizeof *teas; i++) {
        struct portico_value *tea = portico_append_object(list);
        portico_set_text(tea, "name", teas[i].name);
        portico_set_integer(tea, "price", teas[i].price);
    }
    static const char note[] = "Brew at **80 °C**.<script>alert(1)</script>";
    portico_set(view, "note",
                portico_markdown(portico_content(request), note, sizeof note - 1, &error));
    portico_set_integer(view, "count", (int64_t)portico_count(list));
    portico_set_time(view, "since", 1420070400000000);
    return portico_reply_view(request, "list", view);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/templates", .handler = list, .permission = PORTICO_PUBLIC },
};

static const struct portico_navigation navigation[] = {
    { .path = "/templates", .title = "Teas", .icon = "file-text", .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Templates",
    .routes = PORTICO_LIST(routes),
    .navigation = PORTICO_LIST(navigation),
};
PORTICO_EXPORT_MODULE(module)
