/* Whatever a module does beside requests, once each, for the author's harness to run. */
#define PORTICO_MODULE_USES                                                                        \
    "portico.db 1.0, portico.event 1.0, portico.job 1.0, portico.mail 1.0, portico.fetch 1.0"
#include <portico/portico.h>

/* ---- events ---- */

static int ask(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *data = portico_object(request);
    portico_set_text(data, "what", portico_param(request, "what"));
    const struct portico_emission emission = { .size = sizeof emission,
                                               .type = "portal.errand.wish.made",
                                               .subject = "wish/1",
                                               .data = data };
    int code = portico_emit(portico_events(request), &emission, NULL, &error);
    if (code < 0)
        return code;
    return portico_reply_redirect(request, 303, "/errand");
}

static int add(struct portico_context *context, const char *what, struct portico_error *error)
{
    return portico_execute(
        portico_db(context), "INSERT INTO errand_note (id, what) VALUES (?, ?)",
        PORTICO_ARGS(portico_arg_id(portico_new_id(context)), portico_arg_text(what)), NULL, error);
}

static int hear(struct portico_context *context, const struct portico_event *event,
                struct portico_error *error)
{
    return add(context, portico_get_text(event->data, "what", ""), error);
}

/* ---- jobs ---- */

static int nightly(struct portico_context *context, struct portico_job *job,
                   struct portico_error *error)
{
    (void)job;
    return add(context, "nightly", error);
}

static int deliver(struct portico_context *context, struct portico_job *job,
                   struct portico_error *error)
{
    struct portico_fetch_request request = { .size = sizeof request,
                                             .url = "https://shop.example/price" };
    struct portico_fetch_answer answer = { .size = sizeof answer };
    (void)job;
    int code = portico_fetch_url(portico_fetcher(context), &request, &answer, error);
    if (code < 0)
        return code;
    const struct portico_message message = { .size = sizeof message,
                                             .to = "dana@example.com",
                                             .subject = "Your errand",
                                             .text = answer.body };
    return portico_mail_send(portico_mail(context), &message, NULL, error);
}

static int order(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_job_request job = { .size = sizeof job, .name = "deliver" };
    int code = portico_job_queue(portico_jobs(request), &job, NULL, &error);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/errand");
}

/* ---- what there is ---- */

static int list(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request), "SELECT what FROM errand_note ORDER BY id",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;
    portico_set(answer, "notes", rows);
    return portico_reply_json(request, answer);
}

static int twice(struct portico_context *context, const struct portico_value *arguments,
                 struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_value *result = portico_object(context);
    int64_t number = portico_get_integer(arguments, "number", 0);
    (void)error;
    if (portico_set_integer(result, "number", number * 2) < 0)
        return PORTICO_ENOMEM;
    *ret_result = result;
    return PORTICO_OK;
}

static int note(struct portico_context *context, const struct portico_command_call *call,
                struct portico_error *error)
{
    const char *prefix = call->option(context, "prefix");
    const char *text = portico_printf(context, "%s%s\n", prefix ? prefix : "", call->arguments[0]);
    int code = add(context, call->arguments[0], error);
    if (code < 0 || !text)
        return code < 0 ? code : PORTICO_ENOMEM;
    return call->write(context, text, strlen(text));
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/errand", .handler = list, .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/errand/{what}", .handler = ask, .permission = "errand.ask" },
    { .method = "POST",
      .pattern = "/errand/order/now",
      .handler = order,
      .permission = PORTICO_SIGNED_IN },
};

static const struct portico_permission permissions[] = {
    { .name = "errand.ask", .title = "Ask for errands" },
};

static const struct portico_event_type event_types[] = {
    { .type = "portal.errand.wish.made",
      .title = "A wish was made",
      .data_schema = "{\"type\":\"object\",\"required\":[\"what\"],"
                     "\"properties\":{\"what\":{\"type\":\"string\"}}}" },
};

static const struct portico_event_handler event_handlers[] = {
    { .name = "hear", .types = "portal.errand.*", .handle = hear },
};

static const struct portico_job_type jobs[] = {
    { .name = "nightly", .title = "Nightly", .schedule = "0 3 * * *", .run = nightly },
    { .name = "deliver", .title = "Deliver", .run = deliver },
};

static const struct portico_service services[] = {
    { .name = "errand.sums", .version = "1.0", .summary = "Sums" },
};

static const struct portico_method methods[] = {
    { .service = "errand.sums",
      .name = "twice",
      .summary = "Twice a number",
      .request_schema = "{\"type\":\"object\",\"required\":[\"number\"],"
                        "\"properties\":{\"number\":{\"type\":\"integer\"}}}",
      .response_schema = "{\"type\":\"object\"}",
      .call = twice },
};

static const struct portico_command commands[] = {
    { .name = "note",
      .summary = "keep a note",
      .arguments = "TEXT",
      .least = 1,
      .most = 1,
      .run = note },
};

static const struct portico_command_option command_options[] = {
    { .command = "note", .name = "prefix", .argument = "TEXT", .help = "Stands before it." },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "errand_note", .reason = "Notes name no people." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Errand",
    .routes = PORTICO_LIST(routes),
    .permissions = PORTICO_LIST(permissions),
    .event_types = PORTICO_LIST(event_types),
    .event_handlers = PORTICO_LIST(event_handlers),
    .jobs = PORTICO_LIST(jobs),
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
    .personal_data = PORTICO_LIST(personal_data),
    .commands = PORTICO_LIST(commands),
    .command_options = PORTICO_LIST(command_options),
};
PORTICO_EXPORT_MODULE(module)
