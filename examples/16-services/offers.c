/* Services, the calling side: an offer asks the module prices what things cost. */
#include <portico/portico.h>

static int offer(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *arguments = portico_object(request), *price = NULL;
    portico_set_text(arguments, "item", portico_param(request, "item"));
    int code = portico_call(request, "prices.list", "find", arguments, &price, &error);
    if (code == PORTICO_ENOENT)
        return code; /* the provider's word: 404 here too */
    if (code < 0)
        return portico_reply_problem(request, 503, NULL, "No price right now", error.message);
    struct portico_value *view = portico_object(request);
    portico_set_text(view, "item", portico_param(request, "item"));
    portico_set(view, "price", price);
    /* "stock.levels 1.0?": this module does without where nobody offers it. */
    portico_set_boolean(view, "stock_known", portico_offers(request, "stock.levels"));
    return portico_reply_json(request, view);
}

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/offers/{item}",
      .handler = offer,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Offers",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
