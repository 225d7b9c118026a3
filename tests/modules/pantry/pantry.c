/* Offers a service whose method does what its argument says. Serial: its calls take turns. */
#include <portico/portico.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fetch(struct portico_context *context, const struct portico_value *arguments,
                 struct portico_value **ret_result, struct portico_error *error)
{
    const char *what = portico_get_text(arguments, "what", "");
    if (strcmp(what, "crash") == 0)
        abort();
    if (strcmp(what, "mice") == 0) {
        error->code = PORTICO_ECONFLICT;
        snprintf(error->message, sizeof error->message, "The mice were faster.");
        return PORTICO_ECONFLICT;
    }
    if (strcmp(what, "silence") == 0)
        return PORTICO_EIO;
    if (strcmp(what, "nothing") == 0)
        return PORTICO_OK;
    struct portico_value *result = portico_object(context), *list = portico_listing(context);
    portico_set_text(result, "shelf", portico_setting_text(context, "shelf"));
    portico_set_text(result, "language", portico_locale(context));
    portico_set_text(result, "state", portico_state(context));
    if (strcmp(what, "lie") != 0)
        portico_set_integer(result, "count", 3);
    for (int i = 0; i < 3; i++)
        portico_append_text(list, portico_printf(context, "%s %d", what, i));
    portico_set(result, "things", list);
    *ret_result = result;
    return PORTICO_OK;
}

/* Of the next call, which finds the memory of this one gone. */
static int start(struct portico_context *context, struct portico_error *error)
{
    (void)error;
    static char state[] = "the pantry's own";
    portico_set_state(context, state);
    return PORTICO_OK;
}

static const struct portico_setting settings[] = {
    { .key = "shelf", .type = PORTICO_SETTING_TEXT, .initial = "upper", .title = "Shelf" },
};

static const struct portico_service services[] = {
    { "pantry.stock", "1.1", "What there is to eat" },
};

static const struct portico_method methods[] = {
    { .service = "pantry.stock",
      .name = "fetch",
      .summary = "Takes a thing from the shelf",
      .request_schema = "{\"type\":\"object\",\"required\":[\"what\"],\"properties\":{\"what\":{"
                        "\"type\":\"string\"}},\"additionalProperties\":false}",
      .response_schema = "{\"type\":\"object\",\"required\":[\"count\",\"things\"]}",
      .call = fetch },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Pantry",
    .concurrency = PORTICO_SERIAL,
    .start = start,
    .settings = PORTICO_LIST(settings),
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
};
PORTICO_EXPORT_MODULE(module)
