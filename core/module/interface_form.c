/* portico.form: the forms of the call's request. */
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "module/form.h"
#include "module/respond.h"

struct forms_handle {
    struct portico_forms public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_form_open(struct scope *scope)
{
    struct forms_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = interface_shown(&interface_forms);
    handle->magic = FORMS_MAGIC;
    handle->scope = scope;
    return handle;
}

static struct form *form_of(struct portico_form *public, const char *function)
{
    struct form *form = (struct form *)public;
    if (!form || form->magic != FORM_MAGIC)
        call_stale_handle("form");
    thread_scope(form->scope, PORTICO_FORMS, function);
    return form;
}
#define form_of(form) form_of(form, __func__)

static struct portico_form *forms_open(struct portico_forms *public, const char *name,
                                       const char *subject)
{
    struct forms_handle *handle = (struct forms_handle *)public;
    if (!handle || handle->magic != FORMS_MAGIC)
        call_stale_handle("forms");
    thread_scope(handle->scope, PORTICO_FORMS, __func__);
    struct form *form = form_open(handle->scope, name, subject);
    return form ? form_show(form) : NULL;
}

struct portico_form *form_show(struct form *form)
{
    form->public.api = interface_shown(&interface_form);
    return &form->public;
}

static int api_sent(struct portico_form *form)
{
    return form_of(form)->sent;
}

/* A form that was sent before is not sent again: it is the reply that says so. A key that cannot be
 * looked up now is looked up again, or fails, when the form is begun. */
static int api_valid(struct portico_form *public)
{
    struct form *form = form_of(public);
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!form->sent || !form_is_good(form))
        return 0;
    if (form_look(form, &error) < 0) {
        log_warning("Whether a form was sent before could not be read: %s", error.message);
        form->looked = false;
    }
    if (!form_is_good(form) || form->earlier)
        return 0;
    form_keep_images(form);
    return form_is_good(form);
}

static const struct portico_value *api_value(struct portico_form *public, const char *name)
{
    struct form *form = form_of(public);
    struct form_field *field = form_field(form, name);
    const struct value *value = field ? form_field_reading(form, field)->value : NULL;
    return value ? value_public(value) : NULL;
}

static const char *api_text(struct portico_form *public, const char *name)
{
    struct form *form = form_of(public);
    struct form_field *field = form_field(form, name);
    return field ? form_field_reading(form, field)->text : "";
}

static int set_typed(struct form *form, struct form_field *field, const char *typed)
{
    if (!field || !typed || !text_is_utf8(typed, strlen(typed)))
        return PORTICO_EINVAL;
    field->set = arena_strdup(form->scope->arena, typed);
    field->is_set = field->set != NULL;
    field->judged = false;
    return field->set ? PORTICO_OK : PORTICO_ENOMEM;
}

static int api_set(struct portico_form *public, const char *name, const struct portico_value *value)
{
    struct form *form = form_of(public);
    struct form_field *field = form_field(form, name);
    return field ? set_typed(
                       form, field,
                       form_typed(form->scope->arena, field->field, value ? value_of(value) : NULL))
                 : PORTICO_EINVAL;
}

static int api_set_text(struct portico_form *public, const char *name, const char *text)
{
    struct form *form = form_of(public);
    return set_typed(form, form_field(form, name), text ? text : "");
}

static int api_set_integer(struct portico_form *public, const char *name, int64_t integer)
{
    struct form *form = form_of(public);
    return set_typed(form, form_field(form, name),
                     arena_printf(form->scope->arena, "%lld", (long long)integer));
}

static int api_choice(struct portico_form *public, const char *name, const char *value,
                      const char *title)
{
    struct form *form = form_of(public);
    struct form_field *field = form_field(form, name);
    struct arena *arena = form->scope->arena;
    if (!field || field->field->type != PORTICO_FIELD_CHOICE || !value ||
        !text_is_utf8(value, strlen(value)) || (title && !text_is_utf8(title, strlen(title))))
        return PORTICO_EINVAL;
    struct form_choice *choices = arena_zalloc(arena, (field->choice_count + 1) * sizeof *choices);
    if (!choices)
        return PORTICO_ENOMEM;
    if (field->choice_count)
        memcpy(choices, field->choices, field->choice_count * sizeof *choices);
    choices[field->choice_count].value = arena_strdup(arena, value);
    choices[field->choice_count].title = arena_strdup(arena, title ? title : value);
    if (!choices[field->choice_count].value || !choices[field->choice_count].title)
        return PORTICO_ENOMEM;
    field->choices = choices;
    field->choice_count++;
    field->judged = false;
    field->error = NULL;
    return PORTICO_OK;
}

/* As large as it was in portico.form 1.1, where it began: modules built then pass this for ever. */
#define SHARED_LEAST 32u

static int api_shared(struct portico_form *public, const char *name,
                      struct portico_shared *ret_shared, struct portico_error *error)
{
    struct form *form = form_of(public);
    struct portico_shared own = { 0 };
    if (!ret_shared || ret_shared->size < SHARED_LEAST)
        return error_set(error, PORTICO_EINVAL,
                         "A struct portico_shared needs its size set: .size = sizeof it.");
    int code = form_shared(form, form_field(form, name), &own, error);
    own.size = ret_shared->size;
    if (code == 0)
        memcpy(ret_shared, &own, MIN(own.size, sizeof own));
    return code;
}

static int api_set_shared(struct portico_form *public, const char *name, portico_id audience,
                          const struct portico_value *people)
{
    struct form *form = form_of(public);
    return form_set_shared(form, form_field(form, name), audience,
                           people ? value_of(people) : NULL);
}

static int api_leave_out(struct portico_form *public, const char *name)
{
    struct form_field *field = form_field(form_of(public), name);
    if (!field)
        return PORTICO_EINVAL;
    field->left_out = true;
    field->error = NULL;
    return PORTICO_OK;
}

static int api_reject(struct portico_form *public, const char *name, const char *sentence)
{
    struct form *form = form_of(public);
    struct form_field *field = form_field(form, name);
    return name && !field ? PORTICO_EINVAL : form_refuse(form, field, sentence);
}

static int api_action(struct portico_form *public, const char *path)
{
    struct form *form = form_of(public);
    if (!respond_is_local(path) || !text_is_utf8(path, strlen(path)))
        return PORTICO_EINVAL;
    form->action = arena_strdup(form->scope->arena, path);
    return form->action ? PORTICO_OK : PORTICO_ENOMEM;
}

static int api_submit(struct portico_form *public, const char *words)
{
    struct form *form = form_of(public);
    if (!words || !*words || !text_is_utf8(words, strlen(words)))
        return PORTICO_EINVAL;
    form->submit = arena_strdup(form->scope->arena, words);
    return form->submit ? PORTICO_OK : PORTICO_ENOMEM;
}

static int api_begin(struct portico_form *form, struct portico_error *error)
{
    return form_begin(form_of(form), error);
}

static int api_done(struct portico_form *form, const char *path, const struct portico_value *json,
                    struct portico_error *error)
{
    return form_done(form_of(form), path, json ? value_of(json) : NULL, error);
}

static struct portico_value *api_view(struct portico_form *form)
{
    struct value *view = form_view(form_of(form));
    return view ? value_public(view) : NULL;
}

/* Replies. */

static int add_error(struct value *list, const char *field, const char *detail)
{
    struct value *error = value_new(list->arena, PORTICO_OBJECT);
    if (!error || value_set_text(error, "field", field) < 0 ||
        value_set_text(error, "detail", detail) < 0)
        return PORTICO_ENOMEM;
    return value_append(list, error);
}

/* 422; 429 with Retry-After where what is wrong is that a limit of this request was reached, which
 * the module put above the form so that nothing of what was written is lost. */
static unsigned refused_status(struct form *form)
{
    const struct call *call = form->call;
    bool limited = false;
    for (uint32_t i = 0; call->limit_words && i < form->errors->count; i++)
        limited |= strcmp(form->errors->items[i]->text, call->limit_words) == 0;
    if (limited)
        interface_request.set_header(&form->call->request.public, "Retry-After",
                                     arena_printf(form->scope->arena, "%u", call->retry_after));
    return limited ? 429 : 422;
}

/* RFC 9457 with one extension member: what is wrong with each field. */
static int reply_problem(struct form *form)
{
    const unsigned status = refused_status(form);
    struct arena *arena = form->scope->arena;
    struct value *problem = value_new(arena, PORTICO_OBJECT);
    struct value *errors = value_new(arena, PORTICO_LISTING);
    int code = problem && errors ? 0 : PORTICO_ENOMEM;
    for (uint32_t i = 0; code == 0 && i < form->errors->count; i++)
        code = add_error(errors, NULL, form->errors->items[i]->text);
    for (unsigned i = 0; code == 0 && i < form->field_count; i++)
        if (form->fields[i].error)
            code = add_error(errors, form->fields[i].field->name, form->fields[i].error);
    const char *title = form_words(form, /* translated */ "That does not fit", NULL);
    const char *detail =
        form_words(form, /* translated */ "Correct what is named below and send it again.", NULL);
    if (code < 0 || value_set_text(problem, "type", "about:blank") < 0 ||
        value_set_text(problem, "title", title) < 0 ||
        value_set_integer(problem, "status", status) < 0 ||
        value_set_text(problem, "detail", detail) < 0 ||
        value_set_text(problem, "request", form->call->exchange->request.id) < 0 ||
        value_set(problem, TEXT("errors"), errors) < 0)
        return PORTICO_ENOMEM;
    struct portico_request *request = &form->call->request.public;
    struct buffer body = { 0 };
    json_write(&body, problem);
    interface_request.set_status(request, status);
    interface_request.set_header(request, "Cache-Control", "no-store");
    code = body.failed ? PORTICO_ENOMEM
                       : interface_request.reply_bytes(request, "application/problem+json",
                                                       body.data, body.length);
    buffer_free(&body);
    return code;
}

/* There is no page to show it again on. */
static int reply_error(struct form *form)
{
    const char *detail = "";
    for (uint32_t i = 0; i < form->errors->count; i++)
        detail = arena_printf(form->scope->arena, "%s%s%s", detail, *detail ? " " : "",
                              form->errors->items[i]->text);
    for (unsigned i = 0; detail && i < form->field_count; i++)
        if (form->fields[i].error)
            detail = arena_printf(form->scope->arena, "%s%s%s: %s", detail, *detail ? " " : "",
                                  form->fields[i].field->label
                                      ? form_own_words(form, form->fields[i].field->label)
                                      : form->fields[i].field->name,
                                  form->fields[i].error);
    return interface_request.reply_problem(&form->call->request.public, refused_status(form), NULL,
                                           NULL, detail);
}

/* True: a draft was kept for a script, which needs no page. */
static bool keep_draft(struct form *form, int *ret_code)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!form->draft || !form->here || strcmp(form->draft, FORM_PREVIEW) == 0)
        return false;
    form_keep_images(form);
    int code = form_keeps_draft(form) ? form_draft_save(form, &error) : PORTICO_EPERM;
    if (strcmp(form->draft, "keep") != 0 && code == 0)
        return false;
    *ret_code =
        code < 0 ? code : interface_request.reply_bytes(&form->call->request.public, NULL, NULL, 0);
    return true;
}

/* A module may have refused what is sent again because of what the first sending made. */
static bool was_sent(struct form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    if (!form->looked || form->changed)
        return form->earlier;
    form->looked = form->earlier != NULL;
    return form_look(form, &error) == 0 && form->earlier;
}

static int api_reply(struct portico_form *public, const char *view, struct portico_value *data)
{
    struct form *form = form_of(public);
    struct portico_request *request = &form->call->request.public;
    int code = 0;
    if (keep_draft(form, &code))
        return code;
    if (was_sent(form))
        return form_answer_again(form, NULL) == PORTICO_EEXIST ? PORTICO_OK : PORTICO_EIO;
    bool refused = form->sent && !form_is_good(form);
    if (refused && form->api)
        return reply_problem(form);
    if (refused && !view)
        return reply_error(form);
    struct value *own = view && data ? form_view(form) : NULL;
    if (!own || value_set(value_of(data), TEXT("form"), own) < 0)
        return PORTICO_EINVAL;
    if (refused && interface_request.set_status(request, refused_status(form)) < 0)
        return PORTICO_EINVAL;
    /* Kept for the way back, with its key, and shared with nobody. */
    form->call->exchange->response.varies = true;
    interface_request.set_header(request, "Cache-Control", "private, no-cache");
    return interface_request.reply_view(request, view, data);
}

const struct portico_forms_api interface_forms = {
    .table = { .size = sizeof(struct portico_forms_api), .major = 1, .minor = 1 },
    .open = forms_open,
};

const struct portico_form_api interface_form = {
    .table = { .size = sizeof(struct portico_form_api), .major = 1, .minor = 1 },
    .sent = api_sent,
    .valid = api_valid,
    .value = api_value,
    .text = api_text,
    .set = api_set,
    .set_text = api_set_text,
    .set_integer = api_set_integer,
    .choice = api_choice,
    .leave_out = api_leave_out,
    .reject = api_reject,
    .action = api_action,
    .submit = api_submit,
    .begin = api_begin,
    .done = api_done,
    .view = api_view,
    .reply = api_reply,
    .shared = api_shared,
    .set_shared = api_set_shared,
};
