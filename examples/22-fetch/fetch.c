/* Fetch: asks another server, and says what became of it. */
#include <portico/portico.h>

static int explain(struct portico_request *request, int code, const struct portico_error *error)
{
    uint32_t status = code == PORTICO_ETIMEDOUT ? 504 : 502;
    return portico_reply_problem(request, status, NULL, "The status page was not read",
                                 error->message);
}

/* GET /fetch: the first words of the page that the setting names. */
static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *headers = portico_object(request);
    portico_set_text(headers, "Accept", "text/plain");
    const struct portico_fetch_request asked = {
        .size = sizeof asked,
        .url = portico_setting_text(request, "page"),
        .headers = headers,
        .timeout_ms = 2000,
        .answer_max = 64 * 1024,
        .redirects = 2,
    };
    struct portico_fetch_answer got = { .size = sizeof got };
    int code = portico_fetch_url(portico_fetcher(request), &asked, &got, &error);
    if (code < 0)
        return explain(request, code, &error);
    struct portico_value *answer = portico_object(request);
    portico_set_integer(answer, "status", got.status);
    portico_set_text(answer, "type", portico_get_text(got.headers, "content-type", NULL));
    portico_set_text(answer, "words", portico_printf(request, "%.40s", got.body));
    return portico_reply_json(request, answer);
}

/* GET /fetch/held: while a transaction is open nothing is fetched, whoever is asked. */
static int hold(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = portico_begin(portico_db(request), &error);
    const struct portico_fetch_request asked = { .size = sizeof asked,
                                                 .url = "https://example.com/" };
    struct portico_fetch_answer got = { .size = sizeof got };
    if (code == 0)
        code = portico_fetch_url(portico_fetcher(request), &asked, &got, &error);
    portico_rollback(portico_db(request));
    return code < 0 ? explain(request, code, &error) : PORTICO_EFAULT;
}

static const struct portico_setting settings[] = {
    { .key = "page",
      .type = PORTICO_SETTING_TEXT,
      .initial = "https://status.example.com/",
      .title = "Status page",
      .help = "Address of the page whose first words are shown." },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/fetch", .handler = show, .permission = PORTICO_PUBLIC },
    { .method = "GET", .pattern = "/fetch/held", .handler = hold, .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Fetch",
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
};
PORTICO_EXPORT_MODULE(module)
