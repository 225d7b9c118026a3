/* The fields of one form in one request: where each value comes from, and whether all pass. */
#include "module/form.h"

#include "base/error.h"
#include "base/log.h"
#include "module/request.h"

#define NOT_SHARING /* translated */ "Send this as an object with a “level”."

static const struct portico_form_type *find_type(const struct portico_module *module,
                                                 const char *name)
{
    const struct portico_form_type *types = module->forms.items;
    for (uint32_t i = 0; name && i < module->forms.count; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

const char *form_words(const struct form *form, const char *source, const struct value *arguments)
{
    const struct call *call = form->call;
    if (!call->host->pages)
        return source;
    const char *words = page_translate(call->host->pages, "portico", form->scope->arena,
                                       call->locale, source, arguments);
    return words ? words : source;
}

const char *form_own_words(const struct form *form, const char *source)
{
    const struct call *call = form->call;
    if (!source || !call->host->pages)
        return source;
    const char *words = page_translate(call->host->pages, form->module->id, form->scope->arena,
                                       call->locale, source, NULL);
    return words ? words : source;
}

struct form_field *form_field(const struct form *form, const char *name)
{
    for (unsigned i = 0; name && i < form->field_count; i++)
        if (strcmp(form->fields[i].field->name, name) == 0)
            return &form->fields[i];
    return NULL;
}

/* What the body says of `name`: the values joined by ", " if it stands there more than once, as
 * boxes of one name do; NULL: nothing. */
static const char *sent_text(const struct form *form, const char *name)
{
    const struct call_pairs *pairs = &form->call->form;
    const char *text = NULL;
    for (size_t i = 0; i < pairs->count; i++)
        if (text_equals(pairs->pairs[i].name, text_of(name)))
            text =
                text ? arena_printf(form->scope->arena, "%s, %s", text, pairs->pairs[i].value.data)
                     : pairs->pairs[i].value.data;
    return text;
}

static const char *first_sent(const struct form *form, const char *name)
{
    const struct call_pairs *pairs = &form->call->form;
    for (size_t i = 0; i < pairs->count; i++)
        if (text_equals(pairs->pairs[i].name, text_of(name)))
            return pairs->pairs[i].value.data;
    return NULL;
}

static const char *unsent_text(const struct form_field *field)
{
    if (field->drafted)
        return field->drafted;
    if (field->is_set)
        return field->set;
    return field->field->initial ? field->field->initial : "";
}

static bool is_method(const struct form *form, const char *method)
{
    return text_equals(form->call->exchange->request.method, text_of(method));
}

/* Where the value of a field comes from, as it was typed; only of what is no JSON body. */
static const char *typed_text(const struct form *form, const struct form_field *field)
{
    bool read_only = field->field->flags & PORTICO_FIELD_READ_ONLY;
    if (!form->here || read_only || form->api)
        return unsent_text(field);
    const char *text = field->field->type == PORTICO_FIELD_TAGS
                           ? sent_text(form, field->field->name)
                           : first_sent(form, field->field->name);
    return text ? text : "";
}

/* The choice, and behind it the people of a field of their own. */
static const char *typed_sharing(const struct form *form, const struct form_field *field)
{
    struct arena *arena = form->scope->arena;
    const char *typed = typed_text(form, field);
    const char *name = arena_printf(arena, "%s" FORM_PEOPLE, field->field->name);
    const char *people = form->here && !form->api && name ? first_sent(form, name) : NULL;
    return people && *typed ? arena_printf(arena, "%s %s", typed, people) : typed;
}

static int read_sharing(struct form *form, struct form_field *field, const struct value *member,
                        bool kept)
{
    bool sent = form->api && form->here && member && !kept;
    const char *typed = sent   ? form_typed(form->scope->arena, field->field, member)
                        : kept ? unsent_text(field)
                               : typed_sharing(form, field);
    if (typed)
        return form_read_sharing(form, field, typed, form->here ? unsent_text(field) : "");
    field->reading = (struct form_reading){ .text = "", .sentence = NOT_SHARING };
    return 0;
}

/* A JSON body has no files. */
static int read_upload(struct form *form, const struct form_rules *rules,
                       struct form_reading *ret_reading)
{
    static const struct form_reading nothing = { .text = "" };
    const struct http_part *part =
        form->here ? request_upload(form->call, rules->field->name) : NULL;
    if (!form->api)
        return form_read_file(form->scope->arena, rules, part, ret_reading);
    *ret_reading = nothing;
    return 0;
}

static int read_field(struct form *form, struct form_field *field)
{
    struct arena *arena = form->scope->arena;
    const struct form_rules rules = { field->field, field->choices, field->choice_count };
    struct value *body = form->api && form->here ? (struct value *)form->call->json : NULL;
    const struct value *member = value_get(body, text_of(field->field->name));
    bool kept =
        field->field->flags & PORTICO_FIELD_READ_ONLY || (!member && is_method(form, "PATCH"));
    if (field->field->type == PORTICO_FIELD_SHARING)
        return read_sharing(form, field, member, kept);
    if (body && !kept)
        return form_read_json(arena, &rules, member, &field->reading);
    if (field->field->type == PORTICO_FIELD_FILE && !kept)
        return read_upload(form, &rules, &field->reading);
    const char *typed = typed_text(form, field);
    if (typed && form_takes_image(form, field->field))
        return form_read_image(form, field, &rules, typed);
    return typed ? form_read(arena, &rules, text_of(typed), &field->reading) : PORTICO_ENOMEM;
}

const struct form_reading *form_field_reading(struct form *form, struct form_field *field)
{
    static const struct form_reading nothing = { .text = "" };
    if (field->left_out)
        return &nothing;
    if (!field->judged && read_field(form, field) < 0)
        return &nothing;
    if (!field->judged && field->reading.sentence && form->sent && !field->error)
        field->error = form_words(form, field->reading.sentence, field->reading.arguments);
    field->judged = true;
    return &field->reading;
}

int form_refuse(struct form *form, struct form_field *field, const char *sentence)
{
    const char *own = sentence && text_is_utf8(sentence, strlen(sentence))
                          ? arena_strdup(form->scope->arena, sentence)
                          : NULL;
    if (!own || !*own)
        return PORTICO_EINVAL;
    if (field) {
        form_field_reading(form, field);
        field->error = own;
        return 0;
    }
    return value_append(form->errors, value_text(form->scope->arena, own, strlen(own)));
}

/* RFC 9110 says nothing of unknown members; a misspelt optional one would be lost silently. */
static int check_members(struct form *form)
{
    const struct value *body = form->api && form->here ? form->call->json : NULL;
    if (form->checked || !body)
        return 0;
    form->checked = true;
    for (uint32_t i = 0; i < body->count; i++) {
        const struct form_field *field = form_field(form, body->members[i].key.data);
        if (field && !field->left_out)
            continue;
        struct value *arguments = value_new(form->scope->arena, PORTICO_OBJECT);
        if (!arguments || value_set_text(arguments, "name", body->members[i].key.data) < 0)
            return PORTICO_ENOMEM;
        int code = form_refuse(
            form, NULL,
            form_words(form, /* translated */ "There is no field “{name}”.", arguments));
        if (code < 0)
            return code;
    }
    return 0;
}

bool form_is_good(struct form *form)
{
    bool good = check_members(form) == 0;
    for (unsigned i = 0; i < form->field_count; i++) {
        form_field_reading(form, &form->fields[i]);
        good &= !form->fields[i].error && (form->fields[i].judged || form->fields[i].left_out);
    }
    return good && form->errors->count == 0;
}

static int add_choices(struct form *form, struct form_field *field)
{
    if (field->field->type != PORTICO_FIELD_CHOICE)
        return 0;
    int code = form_parse_choices(form->scope->arena, field->field->choices, &field->choices,
                                  &field->choice_count);
    for (unsigned i = 0; code == 0 && i < field->choice_count; i++)
        field->choices[i].title = form_own_words(form, field->choices[i].title);
    return code;
}

static int add_fields(struct form *form)
{
    const struct portico_list *list = &form->module->descriptor->form_fields;
    const struct portico_field *fields = list->items;
    form->fields = arena_zalloc(form->scope->arena, (list->count + 1) * sizeof *form->fields);
    int code = form->fields ? 0 : PORTICO_ENOMEM;
    for (uint32_t i = 0; code == 0 && i < list->count; i++) {
        if (strcmp(fields[i].form, form->type->name) != 0)
            continue;
        struct form_field *field = &form->fields[form->field_count++];
        field->field = &fields[i];
        code = add_choices(form, field);
    }
    return code;
}

const char *form_named(const struct form *form)
{
    return *form->subject
               ? arena_printf(form->scope->arena, "%s %s", form->type->name, form->subject)
               : form->type->name;
}

/* A page's form names itself in the body, for a page may have several; one written by hand may
 * leave out its subject, and on a route that takes only this form its name as well. An API route's
 * body is its form's. */
static bool is_here(const struct form *form)
{
    const struct call *call = form->call;
    const char *taken = call->route ? call->route->route.form : NULL;
    bool own = taken && strcmp(taken, form->type->name) == 0;
    if (is_method(form, "GET") || is_method(form, "HEAD"))
        return false;
    if (form->api)
        return own && call->json;
    const char *named = first_sent(form, FORM_NAME), *name = form_named(form);
    if (!named)
        return own;
    return strcmp(named, form->type->name) == 0 || (name && strcmp(named, name) == 0);
}

static void read_body(struct form *form)
{
    const struct http_request *request = &form->call->exchange->request;
    form->here = is_here(form);
    form->draft = form->here && !form->api ? first_sent(form, FORM_DRAFT) : NULL;
    form->sent = form->here && !form->draft;
    form->key = form->api ? NULL : form->here ? first_sent(form, FORM_KEY) : NULL;
    struct text field = http_request_field(request, TEXT("idempotency-key"));
    if (form->sent && !form->key && field.length)
        form->key = arena_strndup(form->scope->arena, field.data, field.length);
    if (form->key && (!*form->key || strlen(form->key) > 255))
        form->key = NULL;
}

struct form *form_open(struct scope *scope, const char *name, const char *subject)
{
    return form_open_of(scope, scope->call->module, name, subject);
}

struct form *form_open_of(struct scope *scope, const struct module *module, const char *name,
                          const char *subject)
{
    struct call *call = scope->call;
    const struct portico_form_type *type = find_type(module->descriptor, name);
    if (!type || !call->exchange) {
        log_error(type ? "The form \"%.64s\" was opened where no request is answered."
                       : "The form \"%.64s\" is not in .forms: add it there or correct the name.",
                  name ? name : "");
        return NULL;
    }
    struct form *form = arena_zalloc(scope->arena, sizeof *form);
    if (!form)
        return NULL;
    form->magic = FORM_MAGIC;
    form->scope = scope;
    form->call = call;
    form->module = module;
    form->type = type;
    form->subject = arena_strdup(scope->arena, subject ? subject : "");
    form->api = text_starts(call->exchange->request.path, TEXT("/api/"));
    form->errors = value_new(scope->arena, PORTICO_LISTING);
    if (!form->subject || !form->errors || add_fields(form) < 0)
        return NULL;
    read_body(form);
    form_draft_load(form);
    return form;
}
