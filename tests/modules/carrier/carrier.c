/* Attaches to sessions whatever its settings say. As module "strict" it lets none begin without. */
#include <portico/portico.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IS_STRICT (sizeof PORTICO_MODULE_ID == sizeof "strict")

static const struct portico_session_value session_values[] = {
    { .key = "desk",
      .title = "Desk",
      .type = PORTICO_FACT_TEXT,
      .flags = PORTICO_SESSION_SHARED | (IS_STRICT ? PORTICO_SESSION_REQUIRED : 0),
      .maximum_length = 12 },
    { .key = "seats", .title = "Seats", .type = PORTICO_FACT_NUMBER },
    { .key = "since", .title = "Since", .type = PORTICO_FACT_DATE },
    { .key = "guest", .title = "Guest", .type = PORTICO_FACT_BOOLEAN },
    { .key = "tier",
      .title = "Tier",
      .type = PORTICO_FACT_CHOICE,
      .choices = "gold=All of it\nsilver=Some of it" },
};

static void hang(void)
{
    const struct timespec long_time = { .tv_sec = 3 };
    nanosleep(&long_time, NULL);
}

static void give(struct portico_value *session, const char *how, const char *person,
                 const char *external)
{
    portico_set_text(session, "desk", *external ? external : person);
    portico_set_real(session, "seats", 2.5);
    portico_set_text(session, "since", "2026-11-23");
    portico_set_boolean(session, "guest", 1);
    portico_set_text(session, "tier", "gold");
    if (strcmp(how, "long") == 0)
        portico_set_text(session, "desk", "äöüäöüäöüäöüx");
    if (strcmp(how, "unknown") == 0)
        portico_set_text(session, "chair", "1");
    if (strcmp(how, "type") == 0)
        portico_set_text(session, "seats", "2");
    if (strcmp(how, "choice") == 0)
        portico_set_text(session, "tier", "bronze");
    if (strcmp(how, "without") == 0)
        portico_set_text(session, "desk", NULL);
}

static int decorate(struct portico_context *context, const struct portico_value *arguments,
                    struct portico_value **ret_result, struct portico_error *error)
{
    const char *how = portico_setting_text(context, "how");
    const char *person = portico_get_text(arguments, "person", "");
    struct portico_value *result = portico_object(context);
    (void)error;
    if (strcmp(how, "hang") == 0)
        hang();
    if (strcmp(how, "crash") == 0)
        abort();
    if (strcmp(how, "fail") == 0)
        return PORTICO_EIO;
    if (strcmp(how, "nonsense") == 0)
        portico_set_text(result, "session", "perhaps");
    else if (strcmp(how, "nothing") != 0)
        give(portico_set_object(result, "session"), how,
             person + (strlen(person) > 12 ? strlen(person) - 12 : 0),
             portico_get_text(arguments, "external", ""));
    *ret_result = result;
    return PORTICO_OK;
}

static int answer(struct portico_request *request, int code, struct portico_value *value)
{
    struct portico_value *view = portico_object(request);
    portico_set_integer(view, "code", code);
    if (code == 0)
        portico_set(view, "value", value);
    return portico_reply_json(request, view);
}

static int own(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *value = NULL;
    int code = portico_session_get(portico_session(request), portico_query_param(request, "key"),
                                   &value, &error);
    return answer(request, code, value);
}

static int peek(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *value = NULL;
    int code =
        portico_session_get_shared(portico_session(request), portico_query_param(request, "module"),
                                   portico_query_param(request, "key"), &value, &error);
    return answer(request, code, value);
}

static const struct portico_service services[] = {
    { .name = PORTICO_MODULE_ID ".values", .version = "1.0", .summary = "Values" },
};

static const struct portico_method methods[] = {
    { .service = PORTICO_MODULE_ID ".values", PORTICO_DECORATOR, .call = decorate },
};

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/api/" PORTICO_MODULE_ID "/v1/own",
      .handler = own,
      .permission = PORTICO_PUBLIC,
      .summary = "A value of its own, of an answer that might be kept",
      .cache_seconds = 60,
      .response_schema = "{\"type\":\"object\"}" },
    { .method = "GET",
      .pattern = "/api/" PORTICO_MODULE_ID "/v1/peek",
      .handler = peek,
      .permission = PORTICO_PUBLIC,
      .summary = "A value of another",
      .response_schema = "{\"type\":\"object\"}" },
};

static const struct portico_setting settings[] = {
    { .key = "how", .type = PORTICO_SETTING_TEXT, .initial = "good", .title = "What it does" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Carrier",
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
    .session_values = PORTICO_LIST(session_values),
};
PORTICO_EXPORT_MODULE(module)
