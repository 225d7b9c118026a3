/* Values of a session: the contract somebody works on today, and the department they come from.
 *
 * [sign_in] steps = shift.contract, decorators = shift.people */
#include <portico/portico.h>

#include <string.h>

#define CONTRACTS "north=Maintenance north\nsouth=Maintenance south"

static const struct portico_session_value session_values[] = {
    { .key = "contract",
      .title = "Contract",
      .type = PORTICO_FACT_CHOICE,
      .flags = PORTICO_SESSION_REQUIRED | PORTICO_SESSION_SHARED,
      .choices = CONTRACTS },
    { .key = "department", .title = "Department", .type = PORTICO_FACT_TEXT, .maximum_length = 80 },
};

static int ask(struct portico_context *context, const struct portico_value *arguments,
               struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_value *result = portico_object(context);
    (void)arguments;
    (void)error;
    portico_set_boolean(result, "due", 1);
    portico_set_text(result, "form", "contract");
    portico_set_text(result, "title", portico_translate(context, "Today's contract", NULL));
    *ret_result = result;
    return PORTICO_OK;
}

/* What was chosen goes with this session; another of the same person may work on another one. */
static int answer(struct portico_context *context, const struct portico_value *arguments,
                  struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_value *result = portico_object(context);
    const char *contract = portico_get_text(portico_get(arguments, "values"), "contract", "");
    (void)error;
    portico_set_boolean(result, "right", 1);
    portico_set_text(portico_set_object(result, "session"), "contract", contract);
    *ret_result = result;
    return PORTICO_OK;
}

/* What stands for the directory. Whoever it does not know comes from no department. */
static int decorate(struct portico_context *context, const struct portico_value *arguments,
                    struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_value *result = portico_object(context);
    struct portico_value *session = portico_set_object(result, "session");
    (void)error;
    if (strcmp(portico_get_text(arguments, "external", ""), "u-17") == 0)
        portico_set_text(session, "department", "Sales");
    *ret_result = result;
    return PORTICO_OK;
}

/* Without a session, as with an access token, there is neither. */
static int today(struct portico_request *request)
{
    struct portico_value *view = portico_object(request), *value = NULL;
    const char *const keys[] = { "contract", "department" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct portico_error error = PORTICO_ERROR_INIT;
        int code = portico_session_get(portico_session(request), keys[i], &value, &error);
        if (code < 0 && code != PORTICO_ENOENT)
            return code;
        portico_set_text(view, keys[i], code == 0 ? portico_text_of(value, NULL) : NULL);
    }
    return portico_reply_json(request, view);
}

static const struct portico_service services[] = {
    { .name = "shift.contract", .version = "1.0", .summary = "Which contract one works on" },
    { .name = "shift.people", .version = "1.0", .summary = "Where people come from" },
};

static const struct portico_method methods[] = {
    { .service = "shift.contract", PORTICO_STEP_ASKING, .call = ask },
    { .service = "shift.contract", PORTICO_STEP_ANSWERING, .call = answer },
    { .service = "shift.people", PORTICO_DECORATOR, .call = decorate },
};

static const struct portico_form_type forms[] = {
    { .name = "contract", .submit = "Begin", .flags = PORTICO_FORM_OPEN },
};

static const struct portico_field form_fields[] = {
    { .form = "contract",
      .name = "contract",
      .type = PORTICO_FIELD_CHOICE,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "You work on",
      .choices = CONTRACTS },
};

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/api/shift/v1/today",
      .handler = today,
      .permission = PORTICO_SIGNED_IN,
      .summary = "What the session is about",
      .response_schema = "{\"type\":\"object\",\"properties\":{"
                         "\"contract\":{\"type\":[\"string\",\"null\"]},"
                         "\"department\":{\"type\":[\"string\",\"null\"]}}}" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Shift",
    .routes = PORTICO_LIST(routes),
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
    .forms = PORTICO_LIST(forms),
    .form_fields = PORTICO_LIST(form_fields),
    .session_values = PORTICO_LIST(session_values),
};
PORTICO_EXPORT_MODULE(module)
