#include "module/request.h"

#include "base/error.h"
#include "base/json.h"
#include "module/forgery.h"
#include "module/form.h"
#include "module/respond.h"
#include "module/schema.h"

/* The media type of the body without parameters, lower or upper case as sent. */
static struct text media_type(const struct http_request *request)
{
    struct text type = http_request_field(request, TEXT("content-type"));
    const char *end = type.length ? memchr(type.data, ';', type.length) : NULL;
    return text_trim(end ? (struct text){ type.data, (size_t)(end - type.data) } : type);
}

static bool is_json(struct text type)
{
    static const struct text suffix = { "+json", 5 };
    if (text_equals_ignoring_case(type, TEXT("application/json")))
        return true;
    return type.length > suffix.length &&
           text_equals_ignoring_case(
               (struct text){ type.data + type.length - suffix.length, suffix.length }, suffix);
}

/* False: answered. */
static bool refuse(struct call *call, unsigned status, const char *detail)
{
    const struct respond_words words = { .detail = detail };
    respond_error(call->host, call->exchange, call->viewer, status, &words);
    call->replied = true;
    return false;
}

static bool prepare_pairs(struct call *call, struct text encoded, struct call_pairs *pairs,
                          const char *what)
{
    struct arena *arena = call->exchange->request.arena;
    int code = http_form_parse(arena, encoded, &pairs->pairs, &pairs->count);
    if (code == PORTICO_ELIMIT)
        return refuse(
            call, 413,
            arena_printf(arena, "The %s has more than %d values.", what, HTTP_FORM_PAIRS_MAX));
    if (code == PORTICO_ENOMEM)
        return refuse(call, 500, NULL);
    if (code < 0)
        return refuse(call, 400,
                      arena_printf(arena, "The %s is not valid percent-encoded UTF-8.", what));
    return true;
}

const struct value *request_json(struct call *call, struct portico_error *error)
{
    const struct http_request *request = &call->exchange->request;
    if (call->json)
        return call->json;
    if (!is_json(media_type(request))) {
        error_set(error, PORTICO_EINVAL,
                  "The body is not JSON: send Content-Type application/json.");
        return NULL;
    }
    struct value *value = NULL;
    if (json_parse(request->arena, request->body.data, request->body.length, &value, error) < 0)
        return NULL;
    call->json = value;
    return value;
}

static bool prepare_json(struct call *call, const struct value *schema)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!is_json(media_type(&call->exchange->request)))
        return refuse(call, 415, "Send the body as JSON, with Content-Type: application/json.");
    const struct value *value = request_json(call, &error);
    struct arena *arena = call->exchange->request.arena;
    if (!value)
        return refuse(call, error.code == PORTICO_ENOMEM ? 500 : 400,
                      arena_strdup(arena, error.message));
    if (call->route->route
            .form) /* it judges its fields itself, and names each that does not pass */
        return value->kind == PORTICO_OBJECT ||
               refuse(call, 422, "Send a JSON object with the form's fields.");
    if (schema_validate(schema, value, &error) < 0)
        return refuse(call, 422, arena_strdup(arena, error.message));
    return true;
}

static bool has_form(const struct http_request *request)
{
    return request->body.length &&
           text_equals_ignoring_case(media_type(request),
                                     TEXT("application/x-www-form-urlencoded"));
}

static bool is_multipart(const struct http_request *request)
{
    return request->body.length &&
           http_multipart_is(http_request_field(request, TEXT("content-type")));
}

/* Two Content-Types could have two boundaries. */
static int parse_parts(struct call *call, const char **ret_reason)
{
    const struct http_request *request = &call->exchange->request;
    struct text type = http_request_field_joined(request, TEXT("content-type"));
    struct http_part *parts;
    size_t count;
    int code =
        http_multipart_parse(request->arena, type, request->body, &parts, &count, ret_reason);
    if (code < 0)
        return code;
    *ret_reason = "The form has a field that is not UTF-8.";
    code = http_multipart_pairs(request->arena, parts, count, &call->form.pairs, &call->form.count);
    if (code < 0)
        return code;
    call->parts = parts;
    call->part_count = count;
    return PORTICO_OK;
}

static bool prepare_parts(struct call *call)
{
    const char *reason;
    int code = parse_parts(call, &reason);
    if (code == PORTICO_OK)
        return true;
    if (code == PORTICO_ENOMEM)
        return refuse(call, 500, NULL);
    return refuse(call, code == PORTICO_ELIMIT ? 413 : 400, reason);
}

void request_prepare_pairs(struct call *call)
{
    const char *reason;
    const struct http_request *request = &call->exchange->request;
    struct arena *arena = request->arena;
    if (request->query.length &&
        http_form_parse(arena, request->query, &call->query.pairs, &call->query.count) < 0)
        call->query = (struct call_pairs){ 0 };
    if (has_form(request) &&
        http_form_parse(arena, request->body, &call->form.pairs, &call->form.count) < 0)
        call->form = (struct call_pairs){ 0 };
    if (is_multipart(request) && parse_parts(call, &reason) < 0)
        call->form = (struct call_pairs){ 0 };
}

/* Not the usual words of 403: nobody lacks a role here. */
static bool refuse_forgery(struct call *call)
{
    static const struct form_again again = {
        .status = 403,
        .title = /* translated */ "This form is from another sign-in",
        .detail = /* translated */
        "You signed in or out, or changed to another company, after it was opened. What you wrote "
        "is still here: look it over and send it again.",
    };
    if (!form_show_again(call, &again))
        module_error_response(
            call->host, call->exchange, 403, again.title,
            /* translated */
            "You signed in or out, or changed to another company, after it was opened, or it did "
            "not come from this portal. Open the page again and send it once more.",
            NULL);
    call->replied = true;
    return false;
}

/* The server lets through who may not only where a form can be shown again. */
static bool refuse_signed_out(struct call *call)
{
    static const struct form_again again = {
        .status = 401,
        .title = /* translated */ "You are signed out",
        .detail = /* translated */
        "Sign in on a new page, come back to this one and send it again: what you wrote stays "
        "here meanwhile.",
    };
    if (!form_show_again(call, &again))
        respond_sign_in(call->host, call->exchange);
    call->replied = true;
    return false;
}

bool request_takes_files(const struct module_route *route)
{
    const struct portico_list *list = &route->owner->descriptor->form_fields;
    const struct portico_field *fields = list->items;
    if (route->route.flags & PORTICO_ROUTE_FILES)
        return true;
    bool page = strncmp(route->route.pattern, "/api/", 5) != 0; /* its texts come with images */
    for (uint32_t i = 0; route->route.form && i < list->count; i++)
        if ((fields[i].type == PORTICO_FIELD_FILE ||
             (page && fields[i].type == PORTICO_FIELD_MARKDOWN)) &&
            strcmp(fields[i].form, route->route.form) == 0)
            return true;
    return false;
}

/* A browser sends a part without name and bytes for a field nothing was chosen for. */
const struct http_part *request_upload(const struct call *call, const char *name)
{
    for (size_t i = 0; name && i < call->part_count; i++) {
        const struct http_part *part = &call->parts[i];
        bool chosen = part->file_name.data && (part->file_name.length || part->content.length);
        if (chosen && text_equals(part->name, text_of(name)))
            return part;
    }
    return NULL;
}

bool request_prepare(struct call *call)
{
    const struct http_request *request = &call->exchange->request;
    const struct value *schema = registry_request_schema(call->module->registry, call->route);
    if (request->query.length && !prepare_pairs(call, request->query, &call->query, "query"))
        return false;
    if (!schema && is_multipart(request) && !prepare_parts(call))
        return false;
    if (!schema && has_form(request) && !prepare_pairs(call, request->body, &call->form, "form"))
        return false;
    if (!viewer_may(call->viewer, call->route->route.permission))
        return refuse_signed_out(call);
    if (!forgery_passes(call))
        return refuse_forgery(call);
    if (schema)
        return prepare_json(call, schema);
    if (request->body.length && strncmp(call->route->route.pattern, "/api/", 5) == 0)
        return refuse(call, 415, "This address takes no body: send the request without one.");
    return true;
}
