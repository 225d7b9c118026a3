/* What the API is, for whoever asks: an OpenAPI 3.1 document made of the modules' routes. */
#include "base/json.h"
#include "module/forgery.h"
#include "portal/pages.h"
#include "portal/visit.h"

#include <ctype.h>
#include <string.h>

#define METHOD_MAX 8

/* What a request is refused with, wherever it goes; RFC 9457. */
#define PROBLEM                                                                                    \
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],\"properties\":{"           \
    "\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},"                                 \
    "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"                           \
    "\"detail\":{\"type\":\"string\"},\"request\":{\"type\":\"string\"},"                          \
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"detail\"],"     \
    "\"properties\":{\"field\":{\"type\":[\"string\",\"null\"]},\"detail\":{\"type\":\"string\"}}" \
    "}}}}"

static const struct refusal {
    const char *status, *words;
    bool of_body; /* where one is taken */
} refusals[] = {
    { "400", /* translated */ "The address or the body cannot be read.", false },
    { "401", /* translated */ "Nobody is signed in, or the access token opens nothing.", false },
    { "403", /* translated */ "Whoever asks may not do this.", false },
    { "404", /* translated */ "There is nothing here, or nothing for whoever asks.", false },
    { "409", /* translated */ "It was changed or done in the meantime.", true },
    { "413", /* translated */ "The body is too large.", true },
    { "415", /* translated */ "The body is not JSON.", true },
    { "422",
      /* translated */ "A value does not fit; where a form is sent, “errors” names each field.",
      false },
    { "429", /* translated */ "Too many requests came: Retry-After says when to come back.",
      false },
    { "4XX", /* translated */ "It was refused.", false },
    { "5XX",
      /* translated */
      "The portal is busy or failed; with 503, Retry-After says when to come back.", false },
};

/* One answer at work. */
struct openapi {
    struct portico_request *request;
    struct module_host *host;
    const struct viewer *viewer;
    struct portico_value *paths, *tags;
};

static const char *say(const struct openapi *openapi, const char *source)
{
    return portico_translate(openapi->request, source, NULL);
}

/* Words of the module's own, in the reader's language. */
static const char *words_of(const struct openapi *openapi, const struct module *module,
                            const char *source)
{
    const char *words = openapi->host->pages && source
                            ? page_translate(openapi->host->pages, module_id(module),
                                             inside_arena(openapi->request),
                                             portico_locale(openapi->request), source, NULL)
                            : NULL;
    return words ? words : source;
}

/* ---- who may know what ---- */

/* What the host asks before a call; no route is told of that whoever asks cannot call. */
static bool may_know(const struct openapi *openapi, const struct portico_route *route)
{
    if (strncmp(route->pattern, "/api/", 5) != 0)
        return false;
    if (openapi->viewer->asker && route->flags & PORTICO_ROUTE_PRIVATE)
        return false;
    return viewer_may(openapi->viewer, route->permission);
}

/* ---- one operation ---- */

/* "get_communities_v1_topics_$id": no two routes have the same, for a literal has none of these
 * marks: they are written as "~" and their byte. */
static const char *operation_id(const struct openapi *openapi, const struct portico_route *route)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *pattern = route->pattern + 5; /* "/api/" */
    char *id = portico_alloc(openapi->request, strlen(route->method) + 2 + 3 * strlen(pattern)),
         *at;
    if (!id)
        return NULL;
    at = id;
    for (const char *method = route->method; *method; method++)
        *at++ = (char)tolower((unsigned char)*method);
    *at++ = '_';
    for (; *pattern; pattern++) {
        const unsigned char byte = (unsigned char)*pattern;
        if (byte == '/' || byte == '{')
            *at++ = byte == '/' ? '_' : '$';
        else if (isalnum(byte) || byte == '-' || byte == '.')
            *at++ = (char)byte;
        else if (byte != '}') {
            *at++ = '~';
            *at++ = digits[byte >> 4];
            *at++ = digits[byte & 15];
        }
    }
    *at = '\0';
    return id;
}

static void add_parameter(struct portico_value *list, const char *name, const char *in,
                          const char *words)
{
    struct portico_value *parameter = portico_append_object(list);
    portico_set_text(parameter, "name", name);
    portico_set_text(parameter, "in", in);
    portico_set_boolean(parameter, "required", strcmp(in, "path") == 0);
    portico_set_text(portico_set_object(parameter, "schema"), "type", "string");
    if (words)
        portico_set_text(parameter, "description", words);
}

/* The names stand in the path as they stand in the pattern: "{name}", or "{name...}" for the rest.
 */
static void add_parameters(const struct openapi *openapi, const struct portico_route *route,
                           struct portico_value *operation)
{
    struct portico_value *list = portico_set_list(operation, "parameters");
    for (const char *at = route->pattern; (at = strchr(at, '{'));) {
        const size_t length = strcspn(++at, "}");
        const bool rest = length > 3 && strncmp(at + length - 3, "...", 3) == 0;
        add_parameter(
            list, portico_printf(openapi->request, "%.*s", (int)length, at), "path",
            rest ? say(openapi, /* translated */ "The rest of the path, with its slashes.") : NULL);
    }
    if (route->form)
        add_parameter(list, "Idempotency-Key", "header",
                      say(openapi, /* translated */ "Made up by whoever sends: what is sent again "
                                                    "with the same one is done once."));
}

static void add_scheme(struct portico_value *list, const char *one, const char *other)
{
    struct portico_value *schemes = portico_append_object(list);
    if (one)
        portico_set_list(schemes, one);
    if (other)
        portico_set_list(schemes, other);
}

static void add_security(const struct portico_route *route, struct portico_value *operation)
{
    const bool unsafe = forgery_concerns(text_of(route->method));
    struct portico_value *list = portico_set_list(operation, "security");
    if (strcmp(route->permission, PORTICO_PUBLIC) == 0)
        add_scheme(list, NULL, NULL);
    if (route->flags & PORTICO_ROUTE_OUTSIDE)
        return;
    add_scheme(list, "session", unsafe ? "forgery" : NULL);
    if (!(route->flags & ROUTE_OF_SESSIONS))
        add_scheme(list, "token", NULL);
}

/* What a reader reads of a schema is said in their language; what a value may be is left. */
static void translate_schema(const struct openapi *openapi, const struct module *module,
                             struct value *schema)
{
    for (uint32_t i = 0; schema->kind == PORTICO_OBJECT && i < schema->count; i++) {
        const struct value_member *member = &schema->members[i];
        const bool words = text_equals(member->key, TEXT("title")) ||
                           text_equals(member->key, TEXT("description"));
        if (words && member->value->kind == PORTICO_TEXT)
            value_set_text(schema,
                           text_equals(member->key, TEXT("title")) ? "title" : "description",
                           words_of(openapi, module, member->value->text));
        else if (text_equals(member->key, TEXT("items")) ||
                 text_equals(member->key, TEXT("additionalProperties")))
            translate_schema(openapi, module, member->value);
        else if (text_equals(member->key, TEXT("properties")))
            for (uint32_t j = 0; j < member->value->count; j++)
                translate_schema(openapi, module, member->value->members[j].value);
    }
}

/* {"content": {"application/json": {"schema": …}}}. The registry's own schema is another's memory:
 * it is read again. */
static int add_content(const struct openapi *openapi, const struct module *module,
                       const char *media_type, const char *text, struct portico_value *holder,
                       struct portico_error *error)
{
    struct value *schema;
    int code = json_parse(inside_arena(openapi->request), text, strlen(text), &schema, error);
    if (code < 0)
        return code;
    if (module)
        translate_schema(openapi, module, schema);
    struct portico_value *content = portico_set_object(holder, "content");
    return portico_set(portico_set_object(content, media_type), "schema", value_public(schema));
}

static int add_responses(const struct openapi *openapi, const struct module_route *route,
                         struct portico_value *operation, struct portico_error *error)
{
    const char *schema = route->route.response_schema;
    struct portico_value *responses = portico_set_object(operation, "responses");
    struct portico_value *good = portico_set_object(responses, "2XX");
    portico_set_text(good, "description", say(openapi, /* translated */ "It went well."));
    if (strcmp(route->route.method, "GET") == 0)
        portico_set_text(
            portico_set_object(responses, "3XX"), "description",
            say(openapi, /* translated */
                "304: nothing changed since If-None-Match. Else Location says where it is."));
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (!refusals[i].of_body || route->route.request_schema)
            portico_set_text(
                portico_set_object(responses, refusals[i].status), "$ref",
                portico_printf(openapi->request, "#/components/responses/%s", refusals[i].status));
    return schema ? add_content(openapi, route->owner, "application/json", schema, good, error)
                  : PORTICO_OK;
}

static int add_operation(const struct openapi *openapi, const struct module_route *given,
                         struct portico_error *error)
{
    const struct portico_route *route = &given->route;
    const struct value *known = value_get(value_of(openapi->paths), text_of(route->pattern));
    struct portico_value *path =
        known ? value_public(known) : portico_set_object(openapi->paths, route->pattern);
    char method[METHOD_MAX] = "";
    for (size_t i = 0; route->method[i] && i + 1 < METHOD_MAX; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    struct portico_value *operation = portico_set_object(path, method);
    const char *id = operation_id(openapi, route);
    if (!operation || !id)
        return PORTICO_ENOMEM;
    portico_set_text(operation, "operationId", id);
    portico_append_text(portico_set_list(operation, "tags"), module_id(given->owner));
    portico_set_text(operation, "summary", words_of(openapi, given->owner, route->summary));
    portico_set_text(operation, "x-portico-permission", route->permission);
    add_parameters(openapi, route, operation);
    add_security(route, operation);
    int code = add_responses(openapi, given, operation, error);
    if (code < 0 || !route->request_schema)
        return code;
    struct portico_value *body = portico_set_object(operation, "requestBody");
    portico_set_boolean(body, "required", 1);
    return add_content(openapi, given->owner, "application/json", route->request_schema, body,
                       error);
}

/* ---- the document ---- */

static int add_paths(const struct openapi *openapi, struct portico_error *error)
{
    const struct registry *registry = openapi->host->registry;
    const struct module *last = NULL;
    int code = PORTICO_OK;
    for (size_t i = 0; code == 0 && i < registry_route_count(registry); i++) {
        const struct module_route *route = registry_route_at(registry, i);
        if (!may_know(openapi, &route->route))
            continue;
        if (route->owner != last) { /* those of a module stand together */
            struct portico_value *tag = portico_append_object(openapi->tags);
            portico_set_text(tag, "name", module_id(route->owner));
            portico_set_text(
                tag, "description",
                words_of(openapi, route->owner, module_descriptor(route->owner)->title));
        }
        last = route->owner;
        code = add_operation(openapi, route, error);
    }
    return code;
}

static int add_refusals(const struct openapi *openapi, struct portico_value *components,
                        struct portico_error *error)
{
    static const char reference[] = "{\"$ref\":\"#/components/schemas/Problem\"}";
    struct portico_value *responses = portico_set_object(components, "responses");
    struct value *problem;
    int code =
        json_parse(inside_arena(openapi->request), PROBLEM, strlen(PROBLEM), &problem, error);
    if (code == 0)
        code = portico_set(portico_set_object(components, "schemas"), "Problem",
                           value_public(problem));
    for (size_t i = 0; code == 0 && i < sizeof refusals / sizeof *refusals; i++) {
        struct portico_value *response = portico_set_object(responses, refusals[i].status);
        portico_set_text(response, "description", say(openapi, refusals[i].words));
        code = add_content(openapi, NULL, "application/problem+json", reference, response, error);
    }
    return code;
}

static void add_schemes(const struct openapi *openapi, struct portico_value *components)
{
    const struct text cookie = cookie_name(openapi->host->secure, COOKIE_SESSION);
    const struct {
        const char *key, *type, *in, *name, *words;
    } schemes[] = {
        { "session", "apiKey", "cookie",
          portico_printf(openapi->request, "%.*s", (int)cookie.length, cookie.data),
          /* translated */ "The session of a browser where somebody signed in." },
        { "forgery", "apiKey", "header", FORGERY_HEADER,
          /* translated */
          "The token that the portal's forms carry in the field portico_token, for what changes "
          "something in a session." },
        { "token", "http", NULL, NULL,
          /* translated */
          "An access token, which people make on the page “How you sign in”." },
    };
    struct portico_value *all = portico_set_object(components, "securitySchemes");
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct portico_value *scheme = portico_set_object(all, schemes[i].key);
        portico_set_text(scheme, "type", schemes[i].type);
        portico_set_text(scheme, "description", say(openapi, schemes[i].words));
        if (!schemes[i].in)
            portico_set_text(scheme, "scheme", "bearer");
        if (schemes[i].in) {
            portico_set_text(scheme, "in", schemes[i].in);
            portico_set_text(scheme, "name", schemes[i].name);
        }
    }
}

static void add_head(const struct openapi *openapi, struct portico_value *document)
{
    const char *url = openapi->host->canonical_url;
    struct portico_value *info = portico_set_object(document, "info");
    portico_set_text(info, "title",
                     visit_words(openapi->request, /* translated */ "The API of {portal}", "portal",
                                 config_text(openapi->host->config, "portal", "name")));
    portico_set_text(info, "version", PORTICO_VERSION);
    portico_set_text(info, "description",
                     say(openapi, /* translated */
                         "What is open to whoever asks for this document: sign in, or send an "
                         "access token, to read of more."));
    if (url && *url)
        portico_set_text(portico_append_object(portico_set_list(document, "servers")), "url", url);
}

int openapi_document(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *document = portico_object(request);
    struct openapi openapi = { .request = request,
                               .host = inside_host(request),
                               .viewer = inside_viewer(request) };
    portico_set_text(document, "openapi", "3.1.1");
    add_head(&openapi, document);
    openapi.tags = portico_set_list(document, "tags");
    openapi.paths = portico_set_object(document, "paths");
    struct portico_value *components = portico_set_object(document, "components");
    if (!openapi.paths || !openapi.tags || !components)
        return PORTICO_ENOMEM;
    int code = add_paths(&openapi, &error);
    if (code == 0)
        code = add_refusals(&openapi, components, &error);
    if (code < 0)
        return visit_failed(request, code, &error);
    add_schemes(&openapi, components);
    portico_set_header(request, "Cache-Control", "private, no-cache");
    portico_set_header(request, "Vary", "Accept-Language, Authorization, Cookie");
    return portico_reply_json(request, document);
}
