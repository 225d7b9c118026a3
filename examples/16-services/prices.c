/* Services, the offering side: what a thing costs, for whichever module asks. */
#include <portico/portico.h>

#include <stdio.h>
#include <string.h>

static const struct {
    const char *item;
    int64_t cents;
} known[] = { { "tea", 450 }, { "cup", 900 } };

/* Runs as this module, whoever calls: its own memory, settings and database session. */
static int find(struct portico_context *context, const struct portico_value *arguments,
                struct portico_value **ret_result, struct portico_error *error)
{
    const char *item = portico_get_text(arguments, "item", "");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].item, item) != 0)
            continue;
        struct portico_value *result = portico_object(context);
        portico_set_integer(result, "cents", known[i].cents);
        *ret_result = result;
        return PORTICO_OK;
    }
    error->code = PORTICO_ENOENT;
    snprintf(error->message, sizeof error->message, "There is no price for \"%.80s\".", item);
    return PORTICO_ENOENT;
}

static const struct portico_service services[] = {
    { .name = "prices.list", .version = "1.0", .summary = "Prices of single things" },
};

static const struct portico_method methods[] = {
    { .service = "prices.list",
      .name = "find",
      .summary = "The price of a thing, in cents",
      .request_schema = "{\"type\":\"object\",\"required\":[\"item\"],"
                        "\"properties\":{\"item\":{\"type\":\"string\",\"minLength\":1}}}",
      .response_schema = "{\"type\":\"object\",\"required\":[\"cents\"],"
                         "\"properties\":{\"cents\":{\"type\":\"integer\",\"minimum\":0}}}",
      .call = find },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Prices",
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
};
PORTICO_EXPORT_MODULE(module)
