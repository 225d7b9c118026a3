/* Secrets: text sealed for the database, links that nobody can make up, a token read from its file.
 */
#include <portico/portico.h>

/* POST /secrets/sealed (text): what one would keep in a column. */
static int seal(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *text = portico_form(request, "text");
    char *sealed = NULL;
    if (!text ||
        portico_seal(portico_secrets(request), "note", text, strlen(text), &sealed, &error) < 0)
        return portico_reply_problem(request, 422, NULL, "Nothing was sealed", error.message);
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "sealed", sealed);
    return portico_reply_json(request, answer);
}

/* POST /secrets/opened (sealed): the text again. It is wiped when this call ends. */
static int open_sealed(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    void *text = NULL;
    size_t length = 0;
    if (portico_open(portico_secrets(request), "note", portico_form(request, "sealed"), &text,
                     &length, &error) < 0)
        return portico_reply_problem(request, 422, NULL, "It does not open", error.message);
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "text", text);
    return portico_reply_json(request, answer);
}

/* GET /secrets/link?reader=7: an address that works without signing in, for one reader. */
static int make_link(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    portico_id reader = portico_id_read(portico_query_param(request, "reader"));
    const char *what = portico_printf(request, "off/%lld", (long long)reader);
    char *key = NULL;
    int code =
        !what ? PORTICO_ENOMEM
              : portico_sign(portico_secrets(request), "link", what, strlen(what), &key, &error);
    if (code < 0)
        return code;
    struct portico_value *answer = portico_object(request);
    portico_set_text(
        answer, "link",
        portico_printf(request, "/secrets/off?reader=%lld&key=%s", (long long)reader, key));
    return portico_reply_json(request, answer);
}

/* GET /secrets/off?reader=7&key=…: whoever holds the link may. */
static int follow_link(struct portico_request *request)
{
    portico_id reader = portico_id_read(portico_query_param(request, "reader"));
    const char *what = portico_printf(request, "off/%lld", (long long)reader);
    if (!what || portico_verify(portico_secrets(request), "link", what, strlen(what),
                                portico_query_param(request, "key"), NULL) < 0)
        return PORTICO_ENOENT;
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "off", reader);
    return portico_reply_json(request, answer);
}

/* GET /secrets/token: how long the token is; the token itself goes to nobody but its service. */
static int use_token(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *token = NULL;
    int code = portico_secret_read(portico_secrets(request), "token", &token, &error);
    if (code == PORTICO_ENOENT)
        return portico_reply_problem(request, 503, NULL, "There is no token", error.message);
    if (code < 0)
        return code;
    struct portico_value *answer = portico_object(request);
    portico_set_integer(answer, "length", (int64_t)strlen(token));
    return portico_reply_json(request, answer);
}

static const struct portico_setting settings[] = {
    { .key = "token",
      .type = PORTICO_SETTING_SECRET,
      .title = "Token of the service",
      .help = "Written as token_file: the path of a file that holds it." },
};

#define ROUTE(verb, path, function)                                                                \
    {                                                                                              \
        .method = verb, .pattern = "/secrets/" path, .handler = function,                          \
        .permission = PORTICO_PUBLIC                                                               \
    }
static const struct portico_route routes[] = {
    ROUTE("POST", "sealed", seal),    ROUTE("POST", "opened", open_sealed),
    ROUTE("GET", "link", make_link),  ROUTE("GET", "off", follow_link),
    ROUTE("GET", "token", use_token),
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Secrets",
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
};
PORTICO_EXPORT_MODULE(module)
