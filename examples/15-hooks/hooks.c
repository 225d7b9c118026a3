/* Hooks: a say in requests that are not the module's own – a guard, and a comfort. */
#include <portico/portico.h>

#include <stdio.h>
#include <string.h>

/* Lets nobody in without the key of the partner network. Answering is refusing; returning 0 without
 * a reply lets the request pass. */
static int guard(struct portico_request *request, struct portico_error *error)
{
    const char *wanted = portico_setting_text(request, "key");
    const char *key = portico_header(request, "X-Partner-Key");
    if (!wanted || !*wanted) {
        error->code = PORTICO_EINVAL;
        snprintf(error->message, sizeof error->message, "The setting `key` is empty.");
        return PORTICO_EINVAL; /* it fails closed: the portal answers 503 */
    }
    if (key && strcmp(key, wanted) == 0)
        return PORTICO_OK;
    return portico_reply_problem(request, 403, NULL, "Partners only",
                                 "Send the key of the partner network in X-Partner-Key.");
}

/* Tells readers of errors where help is. If it fails, the answer goes out without it. */
static int help(struct portico_request *request, struct portico_error *error)
{
    (void)error;
    if (portico_reply_status(request) < 400)
        return PORTICO_OK;
    return portico_set_header(request, "Link", "</hooks/help>; rel=\"help\"");
}

static int page(struct portico_request *request)
{
    struct portico_value *view = portico_object(request);
    portico_set_text(view, "page", portico_param(request, "page"));
    return portico_reply_json(request, view);
}

static const struct portico_hook hooks[] = {
    { .name = "guard",
      .point = PORTICO_BEFORE_ROUTING,
      .failure = PORTICO_FAIL_CLOSED,
      .before = "audit/record", /* of a module that need not be there */
      .paths = "/hooks/partners /api/hooks",
      .deadline_ms = 200,
      .run = guard },
    { .name = "help", .point = PORTICO_BEFORE_SEND, .failure = PORTICO_FAIL_OPEN, .run = help },
};

static const struct portico_setting settings[] = {
    { .key = "key",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Partner key",
      .help = "What partners send in X-Partner-Key." },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/hooks/{page}", .handler = page, .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,          .title = "Hooks",
    .routes = PORTICO_LIST(routes), .settings = PORTICO_LIST(settings),
    .hooks = PORTICO_LIST(hooks),
};
PORTICO_EXPORT_MODULE(module)
