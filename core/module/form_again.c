/* A form that came from somebody the portal no longer takes it from: nothing of it is done, and it
 * is shown again by the host itself, with what was written and the token of who asks now. */
#include "module/form.h"

#include "base/error.h"
#include "base/log.h"
#include "module/forgery.h"
#include "module/request.h"
#include "module/respond.h"

/* Whoever sends another's words from elsewhere must not have them shown here as one's own: the
 * browser says that the portal's own page sent it. What it calls foreign was refused before. */
static bool is_from_here(const struct http_request *request)
{
    return http_request_field(request, TEXT("sec-fetch-site")).data ||
           http_request_field(request, TEXT("origin")).data;
}

bool form_may_show_again(const struct module_route *route, const struct http_request *request)
{
    return route->owner->descriptor->forms.count && request->body.length &&
           forgery_concerns(request->method) && is_from_here(request) &&
           !respond_prefers_problem(request);
}

static struct text named_by(const struct call *call)
{
    for (size_t i = 0; i < call->form.count; i++)
        if (text_equals(call->form.pairs[i].name, TEXT(FORM_NAME)))
            return call->form.pairs[i].value;
    return (struct text){ "", 0 };
}

static bool is_of_module(const struct call *call, const char *name)
{
    const struct portico_list *list = &call->module->descriptor->forms;
    const struct portico_form_type *types = list->items;
    for (uint32_t i = 0; name && i < list->count; i++)
        if (strcmp(types[i].name, name) == 0)
            return true;
    return false;
}

/* The form that the body names, its subject behind a blank; or the route's, which need not be. */
static struct form *open_sent(struct call *call)
{
    struct text named = named_by(call);
    const char *blank = named.length ? memchr(named.data, ' ', named.length) : NULL;
    size_t length = blank ? (size_t)(blank - named.data) : named.length;
    const char *name =
        length ? arena_strndup(call->scope.arena, named.data, length) : call->route->route.form;
    return is_of_module(call, name) ? form_open(&call->scope, name, blank ? blank + 1 : NULL)
                                    : NULL;
}

static bool is_named(const struct call *call, const struct portico_field *field)
{
    for (size_t i = 0; i < call->form.count; i++)
        if (text_equals(call->form.pairs[i].name, text_of(field->name)))
            return true;
    for (size_t i = 0; i < call->part_count; i++)
        if (text_equals(call->parts[i].name, text_of(field->name)))
            return true;
    return false;
}

static bool is_offered(const struct form_field *field, const char *text)
{
    for (unsigned i = 0; i < field->choice_count; i++)
        if (strcmp(field->choices[i].value, text) == 0)
            return true;
    return !*text;
}

/* The handler, which did not run, knows what it would have left out and added: its page sends
 * neither a box that is not ticked nor a field it does not show. */
static void show_as_sent(struct form *form, struct form_field *field)
{
    uint32_t type = field->field->type;
    field->imageless = true;
    const char *text = form_field_reading(form, field)->text;
    bool named = is_named(form->call, field->field);
    field->left_out =
        field->field->flags & PORTICO_FIELD_READ_ONLY || (!named && type != PORTICO_FIELD_BOOLEAN);
    bool sharing = type == PORTICO_FIELD_SHARING;
    field->carried = (type == PORTICO_FIELD_CHOICE || sharing) &&
                     !is_offered(field, sharing ? form_sharing_token(field) : text);
    if (named && type == PORTICO_FIELD_PASSWORD && *text)
        field->error = form_words(form, /* translated */ "Enter it once more.", NULL);
    const char *sent = type == PORTICO_FIELD_FILE       ? field->field->name
                       : type == PORTICO_FIELD_MARKDOWN ? form_image_name(form, field)
                                                        : NULL;
    if (sent && request_upload(form->call, sent))
        field->error = form_words(form, /* translated */ "Choose the file once more.", NULL);
}

/* Where the page with this form lies, if it has one at the address it is sent to. */
static const char *way_in(struct call *call)
{
    const struct http_request *request = &call->exchange->request;
    struct buffer path = { 0 };
    struct route_match match;
    if (!call->host->sign_in || call->viewer->person)
        return NULL;
    buffer_append_text(&path, call->host->sign_in);
    const struct route_tree *tree = registry_routes(call->host->registry);
    if (route_tree_match(tree, TEXT("GET"), request->path, &match) && match.route) {
        buffer_append_text(&path, "?next=");
        respond_append_query(&path, request->path);
    }
    const char *text = buffer_text(&path) ? arena_strdup(request->arena, path.data) : NULL;
    buffer_free(&path);
    return text;
}

static struct value *page_of(struct form *form, const struct form_again *again)
{
    struct value *data = value_new(form->scope->arena, PORTICO_OBJECT);
    struct value *view = form_view(form);
    const struct {
        const char *name, *text;
    } texts[] = {
        { "title", form_words(form, again->title, NULL) },
        { "text", form_words(form, again->detail, NULL) },
        { "sign_in", again->status == 401 ? way_in(form->call) : NULL },
    };
    for (size_t i = 0; data && i < sizeof texts / sizeof *texts; i++)
        if (value_set_text(data, texts[i].name, texts[i].text) < 0)
            return NULL;
    return data && view && value_set(data, TEXT("form"), view) == 0 ? data : NULL;
}

static int render(struct form *form, const struct form_again *again)
{
    struct call *call = form->call;
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *data = page_of(form, again);
    int code = data ? respond_render(call->host, call->exchange, call->viewer, call->locale,
                                     "portico", "form-again", data, &error)
                    : error_set(&error, PORTICO_ENOMEM, "Memory ended.");
    if (code < 0) {
        log_error("A form could not be shown again: %s", error.message);
        return code;
    }
    call->exchange->response.status = again->status;
    call->exchange->response.varies = true;
    respond_field(&call->exchange->response, "Content-Type", "text/html; charset=utf-8");
    respond_field(&call->exchange->response, "Cache-Control", "no-store");
    return 0;
}

bool form_show_again(struct call *call, const struct form_again *again)
{
    if (!form_may_show_again(call->route, &call->exchange->request) || !call->host->pages)
        return false;
    struct form *form = open_sent(call);
    if (!form || !form->here)
        return false;
    form->sent = false;
    form->again = true;
    for (unsigned i = 0; i < form->field_count; i++)
        show_as_sent(form, &form->fields[i]);
    return render(form, again) == 0;
}
