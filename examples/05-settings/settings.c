/* Settings: typed, with defaults and ranges; a mistake in the config is reported before anything
 * starts. */
#include <portico/portico.h>

static int show(struct portico_request *request)
{
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "greeting", portico_setting_text(request, "greeting"));
    portico_set_integer(answer, "rows", portico_setting_integer(request, "rows"));
    portico_set_boolean(answer, "friendly", portico_setting_boolean(request, "friendly"));
    portico_set_integer(answer, "patience_ms", portico_setting_integer(request, "patience"));
    portico_set_integer(answer, "upload_bytes", portico_setting_integer(request, "upload"));
    portico_set_text(answer, "order", portico_setting_text(request, "order"));
    /* A secret stands in a file of its own; never show it. */
    portico_set_boolean(answer, "has_key", portico_setting_text(request, "key") != NULL);
    return portico_reply_json(request, answer);
}

static const struct portico_setting settings[] = {
    { .key = "greeting",
      .type = PORTICO_SETTING_TEXT,
      .initial = "Welcome",
      .title = "Greeting",
      .help = "What people read first." },
    { .key = "rows",
      .type = PORTICO_SETTING_INTEGER,
      .initial = "10",
      .minimum = "1",
      .maximum = "100",
      .title = "Rows a page" },
    { .key = "friendly", .type = PORTICO_SETTING_BOOLEAN, .initial = "true", .title = "Friendly" },
    { .key = "patience", .type = PORTICO_SETTING_DURATION, .initial = "2s", .title = "Patience" },
    { .key = "upload", .type = PORTICO_SETTING_SIZE, .initial = "1MiB", .title = "Largest upload" },
    { .key = "order",
      .type = PORTICO_SETTING_CHOICE,
      .initial = "newest",
      .choices = "newest oldest",
      .title = "Order" },
    { .key = "key",
      .type = PORTICO_SETTING_SECRET,
      .title = "Key of the service",
      .help = "Written as key_file: the path of a file that holds it." },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/settings", .handler = show, .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Settings",
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
};
PORTICO_EXPORT_MODULE(module)
