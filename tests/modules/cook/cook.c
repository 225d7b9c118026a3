/* Calls the pantry's service, in right and in wrong ways. Serial, as the pantry is. */
#include <portico/portico.h>

#include <string.h>
#include <unistd.h>

static int start(struct portico_context *context, struct portico_error *error)
{
    struct portico_value *arguments = portico_object(context), *result = NULL;
    portico_set_text(arguments, "what", "salt");
    return portico_call(context, "pantry.stock", "fetch", arguments, &result, error);
}

/* Calls in an open transaction, which is refused. */
static int in_transaction(struct portico_request *request, const struct portico_value *arguments,
                          struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_db *db = portico_db(request);
    int code = portico_begin(db, error);
    if (code == 0)
        code = portico_call(request, "pantry.stock", "fetch", arguments, ret_result, error);
    portico_rollback(db);
    return code;
}

static int meal(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *arguments = portico_object(request), *result = NULL;
    const char *way = portico_param(request, "way"), *what = portico_query_param(request, "what");
    if (what)
        portico_set_text(arguments, "what", what);
    const char *service = strcmp(way, "dream") == 0        ? "pantry.dreams"
                          : strcmp(way, "undeclared") == 0 ? "pantry.keys"
                                                           : "pantry.stock";
    int code = strcmp(way, "transaction") == 0
                   ? in_transaction(request, arguments, &result, &error)
                   : portico_call(request, service, strcmp(way, "unknown") == 0 ? "steal" : "fetch",
                                  strcmp(way, "empty") == 0 ? NULL : arguments, &result, &error);
    struct portico_value *view = portico_object(request);
    portico_set_integer(view, "code", code);
    portico_set_text(view, "error", error.message);
    portico_set_boolean(view, "stock", portico_offers(request, "pantry.stock"));
    portico_set_boolean(view, "dreams", portico_offers(request, "pantry.dreams"));
    portico_set_boolean(view, "wine", portico_offers(request, "cellar.wine"));
    portico_set_boolean(view, "keys", portico_offers(request, "pantry.keys"));
    if (result)
        portico_set(view, "result", result);
    return portico_reply_json(request, view);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/cook/{way}", .handler = meal, .permission = PORTICO_PUBLIC },
};

/* In a jobs process: fetches what crashes as long as the file of the setting `spoiled` is there. */
static int taste(struct portico_context *context, struct portico_job *job,
                 struct portico_error *error)
{
    struct portico_value *arguments = portico_object(context), *result = NULL;
    const char *spoiled = portico_setting_text(context, "spoiled");
    (void)job;
    if (!spoiled || !*spoiled)
        return PORTICO_OK;
    portico_set_text(arguments, "what", access(spoiled, F_OK) == 0 ? "crash" : "salt");
    return portico_call(context, "pantry.stock", "fetch", arguments, &result, error);
}

static const struct portico_job_type jobs[] = {
    { .name = "taste",
      .title = "Taste",
      .schedule = "every 1s",
      .attempts = 100,
      .backoff_ms = 100,
      .backoff_max_ms = 200,
      .run = taste },
};

static const struct portico_setting settings[] = {
    { .key = "spoiled",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "File that says that the salt crashes" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Cook",
    .concurrency = PORTICO_SERIAL,
    .start = start,
    .routes = PORTICO_LIST(routes),
    .jobs = PORTICO_LIST(jobs),
    .settings = PORTICO_LIST(settings),
};
PORTICO_EXPORT_MODULE(module)
