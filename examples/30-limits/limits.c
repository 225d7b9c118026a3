/* Rate limits: a question a while, whoever asks. */
#include <portico/portico.h>

/* POST /limits/questions: three in ten minutes; then 429, with when to come back. */
static int ask(struct portico_request *request)
{
    int code = portico_limit_take(portico_limits(request), "ask", 3, 600, NULL);
    if (code < 0)
        return code;
    return portico_reply_redirect(request, 303, "/limits");
}

/* POST /limits/guesses: an answer of the module's own, with the host's sentence. */
static int guess(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_limit_take(portico_limits(request), "guess", 5, 3600, &error);
    if (code == PORTICO_ELIMIT)
        return portico_reply_problem(request, 429, NULL, "Five guesses an hour", error.message);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/limits");
}

static const struct portico_route routes[] = {
    { .method = "POST",
      .pattern = "/limits/questions",
      .handler = ask,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/limits/guesses",
      .handler = guess,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Limits",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
