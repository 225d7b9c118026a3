/* Requests: parameters of the path, the query, a form, and a JSON body checked against a schema. */
#include <portico/portico.h>

/* GET /requests/{section}?page=2 */
static int show(struct portico_request *request)
{
    const char *page = portico_query_param(request, "page");
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "method", portico_method(request));
    portico_set_text(answer, "path", portico_path(request));
    portico_set_text(answer, "section", portico_param(request, "section"));
    portico_set_text(answer, "page", page ? page : "1");
    portico_set_text(answer, "language", portico_header(request, "Accept-Language"));
    return portico_reply_json(request, answer);
}

/* POST /requests/feedback: after a form comes a redirect, so that "reload" does not send it again.
 */
static int feedback(struct portico_request *request)
{
    const char *text = portico_form(request, "text");
    if (!text || !*text)
        return portico_reply_problem(request, 422, NULL, "The form is empty", "Write a few words.");
    portico_log(request, PORTICO_LOG_INFO, "Feedback of %zu bytes came in.", strlen(text));
    return portico_reply_redirect(request, 303, "/requests/thanks");
}

/* POST /api/requests/v1/orders: the host has checked the body against order_schema already. */
static int order(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_value *body = portico_json(request, &error);
    if (!body)
        return error.code;
    int64_t total = 0;
    const struct portico_value *lines = portico_get(body, "lines");
    for (size_t i = 0; i < portico_count(lines); i++)
        total += portico_get_integer(portico_at(lines, i), "quantity", 1);
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "customer", portico_get_text(body, "customer", NULL));
    portico_set_integer(answer, "pieces", total);
    portico_set_status(request, 201);
    return portico_reply_json(request, answer);
}

static const char order_schema[] =
    "{ \"type\": \"object\", \"required\": [\"customer\", \"lines\"],"
    "  \"additionalProperties\": false, \"properties\": {"
    "    \"customer\": { \"type\": \"string\", \"minLength\": 1, \"maxLength\": 80 },"
    "    \"lines\": { \"type\": \"array\", \"minItems\": 1, \"items\": {"
    "      \"type\": \"object\", \"required\": [\"item\"], \"properties\": {"
    "        \"item\": { \"type\": \"string\" },"
    "        \"quantity\": { \"type\": \"integer\", \"minimum\": 1, \"maximum\": 999 } } } } } }";
static const char answer_schema[] =
    "{ \"type\": \"object\", \"properties\": {"
    "    \"customer\": { \"type\": \"string\" }, \"pieces\": { \"type\": \"integer\" } } }";

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/requests/{section}",
      .handler = show,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/requests/feedback",
      .handler = feedback,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/api/requests/v1/orders",
      .handler = order,
      .permission = PORTICO_PUBLIC,
      .summary = "Place an order",
      .request_schema = order_schema,
      .response_schema = answer_schema },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Requests",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
