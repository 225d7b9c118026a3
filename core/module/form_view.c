/* What templates show of a form: every member set, null where there is nothing. */
#include "module/form.h"

#include "base/error.h"
#include "module/forgery.h"
#include "page/content.h"

#include <sodium.h>

#define IMAGES "image/png,image/jpeg,image/gif,image/webp"
#define RADIOS_MAX 4         /* choices shown at once; more fold into a list */
#define RADIOS_SHARING_MAX 7 /* of who may see it, which is to be seen at one glance */
#define PEOPLE_SUGGESTED "/portico/people?for=sharing"

const char *form_new_key(struct form *form)
{
    unsigned char bytes[16];
    char hex[2 * sizeof bytes + 1];
    if (!form->new_key) {
        randombytes_buf(bytes, sizeof bytes);
        sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
        form->new_key = arena_strdup(form->scope->arena, hex);
    }
    return form->new_key;
}

static int set(struct value *object, const char *key, struct value *value)
{
    return value ? value_set(object, text_of(key), value) : PORTICO_ENOMEM;
}

static int set_choices(struct value *view, const struct form_field *field, const char *text,
                       const char *id)
{
    struct value *list = value_new(view->arena, PORTICO_LISTING);
    for (unsigned i = 0; list && i < field->choice_count; i++) {
        struct value *choice = value_new(view->arena, PORTICO_OBJECT);
        if (!choice || value_append(list, choice) < 0 ||
            value_set_text(choice, "value", field->choices[i].value) < 0 ||
            value_set_text(choice, "title", field->choices[i].title) < 0 ||
            value_set_text(choice, "id", arena_printf(view->arena, "%s-%u", id, i)) < 0 ||
            value_set_boolean(choice, "chosen", strcmp(field->choices[i].value, text) == 0) < 0)
            return PORTICO_ENOMEM;
    }
    return set(view, "choices", list);
}

/* Which markup a field gets: true for one of these names. */
static const char *shape(const struct form_field *field)
{
    if (field->carried)
        return "hidden";
    switch (field->field->type) {
    case PORTICO_FIELD_LONG: return "lines";
    case PORTICO_FIELD_MARKDOWN: return "markdown";
    case PORTICO_FIELD_BOOLEAN: return "box";
    case PORTICO_FIELD_CHOICE:
        return field->choice_count && field->choice_count <= RADIOS_MAX ? "radios" : "select";
    case PORTICO_FIELD_SHARING:
        return field->choice_count <= RADIOS_SHARING_MAX ? "radios" : "select";
    case PORTICO_FIELD_FILE: return "file";
    case PORTICO_FIELD_HIDDEN: return "hidden";
    default: return "line";
    }
}

static int set_shape(struct value *view, const struct form_field *field)
{
    static const char *const shapes[] = { "line",   "lines",  "markdown", "box",
                                          "radios", "select", "file",     "hidden" };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (value_set_boolean(view, shapes[i], strcmp(shapes[i], shape(field)) == 0) < 0)
            return PORTICO_ENOMEM;
    return 0;
}

/* HTML's own words for an <input>. */
static const struct {
    const char *type, *mode;
} inputs[] = {
    [PORTICO_FIELD_TEXT] = { "text", NULL },
    [PORTICO_FIELD_MAIL] = { "email", "email" },
    [PORTICO_FIELD_PASSWORD] = { "password", NULL },
    [PORTICO_FIELD_INTEGER] = { "text", "numeric" },
    [PORTICO_FIELD_TAGS] = { "text", NULL },
    [PORTICO_FIELD_LINK] = { "url", "url" },
    [PORTICO_FIELD_DATE] = { "date", NULL },
    [PORTICO_FIELD_REAL] = { "text", "decimal" },
};

static int set_input(struct value *view, const struct portico_field *field)
{
    bool known = field->type < sizeof inputs / sizeof *inputs;
    if (value_set_text(view, "type", known ? inputs[field->type].type : NULL) < 0 ||
        value_set_text(view, "mode", known ? inputs[field->type].mode : NULL) < 0)
        return PORTICO_ENOMEM;
    bool counted = form_is_text(field->type) && field->type != PORTICO_FIELD_HIDDEN;
    bool dated = field->type == PORTICO_FIELD_DATE;
    int code = counted ? value_set_integer(view, "most", form_most(field))
                       : set(view, "most", value_new(view->arena, PORTICO_NULL));
    if (code == 0)
        code = value_set_text(view, "minimum", dated ? field->minimum : NULL);
    return code < 0 ? code : value_set_text(view, "maximum", dated ? field->maximum : NULL);
}

/* Ids of what describes the field, as aria-describedby wants them. */
static const char *described(struct arena *arena, const struct form_field *field, const char *id)
{
    bool help = field->field->help && *field->field->help;
    if (help && field->error)
        return arena_printf(arena, "%s-error %s-help", id, id);
    if (field->error)
        return arena_printf(arena, "%s-error", id);
    return help ? arena_printf(arena, "%s-help", id) : NULL;
}

static const char *shown_text(const struct form_field *field, const struct form_reading *reading)
{
    return field->field->type == PORTICO_FIELD_PASSWORD ? "" : reading->text;
}

/* Ids of one page's forms differ by name and subject: "comment-post-12". */
static const char *prefix_of(const struct form *form)
{
    char *prefix = *form->subject
                       ? arena_printf(form->scope->arena, "%s-%s", form->type->name, form->subject)
                       : arena_strdup(form->scope->arena, form->type->name);
    for (char *c = prefix; c && *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '_'))
            *c = '-';
    return prefix ? prefix : "form";
}

/* Of the session; people who are not signed in get one only with a form that is open to them. */
static const char *token_of(const struct form *form)
{
    const struct viewer *viewer = form->call->viewer;
    bool wanted = viewer->person || form->type->flags & PORTICO_FORM_OPEN;
    return wanted ? forgery_token_of(form->call) : NULL;
}

/* For a browser's dialogue: media types with commas between; NULL: whatever there is. */
static const char *accept_of(struct arena *arena, const struct portico_field *field)
{
    const char *taken = field->choices ? field->choices : PORTICO_ACCEPT_IMAGES;
    const char *list = NULL;
    if (field->type != PORTICO_FIELD_FILE)
        return NULL;
    for (const char *word = taken; *word;) {
        int length = (int)strcspn(word, " ");
        if (length == 1 && *word == '*')
            return NULL;
        bool images = length == sizeof PORTICO_ACCEPT_IMAGES - 1 &&
                      strncmp(word, PORTICO_ACCEPT_IMAGES, (size_t)length) == 0;
        if (length)
            list = arena_printf(arena, "%s%s%.*s", list ? list : "", list ? "," : "",
                                images ? (int)sizeof IMAGES - 1 : length, images ? IMAGES : word);
        word += length + (word[length] == ' ');
    }
    return list;
}

/* People are named beside the choice; null where nobody can be. */
static int set_people(struct form *form, struct value *view, const struct form_field *field,
                      const char *id)
{
    struct arena *arena = form->scope->arena;
    bool named = field->field->type == PORTICO_FIELD_SHARING && form_sharing_names(field) &&
                 !field->carried && form->call->viewer->person;
    struct value *people = value_new(arena, named ? PORTICO_OBJECT : PORTICO_NULL);
    const char *own = arena_printf(arena, "%s-people", id);
    if (!people || !own)
        return PORTICO_ENOMEM;
    if (named && (value_set_text(people, "id", own) < 0 ||
                  value_set_text(people, "name",
                                 arena_printf(arena, "%s" FORM_PEOPLE, field->field->name)) < 0 ||
                  value_set_text(people, "value", form_sharing_people(field)) < 0 ||
                  value_set_text(people, "suggest", PEOPLE_SUGGESTED) < 0))
        return PORTICO_ENOMEM;
    return set(view, "people", people);
}

/* As it will read, where the button asked for that: a script asks while it is typed. What cannot be
 * shown so is said beside the field. */
static int set_preview(struct form *form, struct value *view, struct form_field *field,
                       const char *text)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct value *html = value_new(view->arena, PORTICO_NULL);
    bool asked = form->draft && strcmp(form->draft, FORM_PREVIEW) == 0 &&
                 field->field->type == PORTICO_FIELD_MARKDOWN && *text;
    if (asked && content_markdown(view->arena, text, strlen(text), &html, &error) < 0) {
        if (error.code != PORTICO_ELIMIT)
            return PORTICO_ENOMEM;
        field->error = form_words(form, FORM_TOO_DEEP, NULL);
    }
    return set(view, "preview", html);
}

/* Where an image is chosen that comes with the text; null where none may. */
static int set_image(struct form *form, struct value *view, const struct form_field *field,
                     const char *id)
{
    bool taken = form_takes_image(form, field->field) ||
                 (form->again && field->field->type == PORTICO_FIELD_MARKDOWN);
    struct value *image = value_new(view->arena, taken ? PORTICO_OBJECT : PORTICO_NULL);
    const char *own = arena_printf(view->arena, "%s-image", id);
    const char *name = form_image_name(form, field);
    if (!image || !own || !name)
        return PORTICO_ENOMEM;
    if (taken && (value_set_text(image, "id", own) < 0 || value_set_text(image, "name", name) < 0 ||
                  value_set_text(image, "accept", IMAGES) < 0))
        return PORTICO_ENOMEM;
    return set(view, "image", image);
}

static struct value *field_view(struct form *form, struct form_field *field)
{
    struct arena *arena = form->scope->arena;
    const struct form_reading *reading = form_field_reading(form, field);
    const struct portico_field *own = field->field;
    struct value *view = value_new(arena, PORTICO_OBJECT);
    const char *id = arena_printf(arena, "%s-%s", prefix_of(form), own->name);
    if (!view || !id || set_preview(form, view, field, reading->text) < 0)
        return NULL;
    const struct {
        const char *name, *text;
    } texts[] = {
        { "id", id },
        { "name", own->name },
        { "label", form_own_words(form, own->label) },
        { "help", form_own_words(form, own->help) },
        { "value", shown_text(field, reading) },
        { "error", field->error },
        { "described", described(arena, field, id) },
        { "autocomplete", own->autocomplete },
        { "suggest", own->suggest },
        { "accept", accept_of(arena, own) },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (value_set_text(view, texts[i].name, texts[i].text) < 0)
            return NULL;
    const struct {
        const char *name;
        bool truth;
    } truths[] = {
        { "required", own->flags & PORTICO_FIELD_REQUIRED },
        { "optional", !(own->flags & (PORTICO_FIELD_REQUIRED | PORTICO_FIELD_READ_ONLY)) &&
                          own->type != PORTICO_FIELD_SHARING },
        { "read_only", own->flags & PORTICO_FIELD_READ_ONLY },
        { "ticked", own->type == PORTICO_FIELD_BOOLEAN && strcmp(reading->text, "1") == 0 },
    };
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++)
        if (value_set_boolean(view, truths[i].name, truths[i].truth) < 0)
            return NULL;
    const char *chosen =
        own->type == PORTICO_FIELD_SHARING ? form_sharing_token(field) : reading->text;
    if (set_shape(view, field) < 0 || set_input(view, own) < 0 ||
        set_choices(view, field, chosen, id) < 0 || set_people(form, view, field, id) < 0 ||
        set_image(form, view, field, id) < 0)
        return NULL;
    return view;
}

static int add_problem(struct value *list, const struct value *view, const char *id,
                       const char *text)
{
    struct value *problem = value_new(list->arena, PORTICO_OBJECT);
    struct value *label = view ? value_get(view, TEXT("label")) : NULL;
    if (!problem || value_set_text(problem, "id", id) < 0 ||
        value_set_text(problem, "label",
                       label && label->kind == PORTICO_TEXT ? label->text : NULL) < 0 ||
        value_set_text(problem, "text", text) < 0)
        return PORTICO_ENOMEM;
    return value_append(list, problem);
}

/* A group of radio buttons has no control of the field's own id: its first one takes the focus. */
static const char *focus_id(const struct form_field *field, const char *id, struct arena *arena)
{
    return strcmp(shape(field), "radios") == 0 ? arena_printf(arena, "%s-0", id) : id;
}

static int set_fields(struct form *form, struct value *view)
{
    struct arena *arena = form->scope->arena;
    struct value *by_name = value_new(arena, PORTICO_OBJECT);
    struct value *all = value_new(arena, PORTICO_LISTING);
    struct value *problems = value_new(arena, PORTICO_LISTING);
    struct value *hidden = value_new(arena, PORTICO_LISTING);
    bool uploads = false, images = false;
    if (!by_name || !all || !problems || !hidden)
        return PORTICO_ENOMEM;
    for (uint32_t i = 0; i < form->errors->count; i++)
        if (add_problem(problems, NULL, NULL, form->errors->items[i]->text) < 0)
            return PORTICO_ENOMEM;
    for (unsigned i = 0; i < form->field_count; i++) {
        struct form_field *field = &form->fields[i];
        if (field->left_out)
            continue;
        struct value *own = field_view(form, field), *listed = own ? value_twin(own) : NULL;
        if (!own || !listed || value_set(by_name, text_of(field->field->name), own) < 0)
            return PORTICO_ENOMEM;
        const char *id = value_get(own, TEXT("id"))->text;
        bool is_hidden = strcmp(shape(field), "hidden") == 0;
        uploads |= field->field->type == PORTICO_FIELD_FILE;
        images |= value_get(own, TEXT("image"))->kind == PORTICO_OBJECT;
        if (value_append(is_hidden ? hidden : all, listed) < 0)
            return PORTICO_ENOMEM;
        if (field->error &&
            add_problem(problems, own, is_hidden ? NULL : focus_id(field, id, arena),
                        field->error) < 0)
            return PORTICO_ENOMEM;
    }
    if (value_set_boolean(view, "has_problems", problems->count > 0) < 0 ||
        value_set_boolean(view, "uploads", uploads) < 0 ||
        value_set_boolean(view, "images", images) < 0)
        return PORTICO_ENOMEM;
    int code = set(view, "fields", by_name);
    code = code < 0 ? code : set(view, "list", all);
    code = code < 0 ? code : set(view, "hidden", hidden);
    return code < 0 ? code : set(view, "problems", problems);
}

/* Where the button that shows how it will read leads: to the first text of that kind. */
static const char *preview_path(const struct form *form)
{
    const char *path = form->action ? form->action : form->call->exchange->request.path.data;
    for (unsigned i = 0; i < form->field_count; i++) {
        const struct form_field *field = &form->fields[i];
        if (field->field->type == PORTICO_FIELD_MARKDOWN && !field->left_out &&
            !(field->field->flags & PORTICO_FIELD_READ_ONLY))
            return arena_printf(form->scope->arena, "%s#%s-%s-preview", path, prefix_of(form),
                                field->field->name);
    }
    return NULL;
}

/* What people who are not signed in lose with the page, signed-in ones find again. */
static int set_draft(struct form *form, struct value *view)
{
    struct value *draft = value_new(form->scope->arena, PORTICO_OBJECT);
    bool kept = form->drafted != 0;
    if (!draft || value_set_boolean(view, "drafts", form_keeps_draft(form)) < 0 ||
        value_set_boolean(draft, "kept", kept) < 0 ||
        set(draft, "time",
            kept ? value_scalar(form->scope->arena, PORTICO_TIME, form->drafted, 0)
                 : value_new(form->scope->arena, PORTICO_NULL)) < 0)
        return PORTICO_ENOMEM;
    return set(view, "draft", draft);
}

static bool keeps_key(const struct form *form)
{
    return (form->sent || form->again) && form->key && !form->changed;
}

struct value *form_view(struct form *form)
{
    struct arena *arena = form->scope->arena;
    struct value *view = value_new(arena, PORTICO_OBJECT);
    const struct call *call = form->call;
    if (form->sent) /* before the fields are read: it says why they do not pass */
        form_is_good(form);
    form_keep_images(form);
    const struct {
        const char *name, *text;
    } texts[] = {
        { "name", form_named(form) },
        { "id", arena_printf(arena, "form-%s", prefix_of(form)) },
        { "key", keeps_key(form) ? form->key : form_new_key(form) },
        { "token", token_of(form) },
        { "action", form->action ? form->action : call->exchange->request.path.data },
        { "submit", form->submit ? form->submit : form_own_words(form, form->type->submit) },
        { "earlier", form->earlier_path },
        { "previews", preview_path(form) },
    };
    for (size_t i = 0; view && i < sizeof texts / sizeof *texts; i++)
        if (value_set_text(view, texts[i].name, texts[i].text) < 0)
            return NULL;
    if (!view || set_fields(form, view) < 0 || set_draft(form, view) < 0)
        return NULL;
    return view;
}
