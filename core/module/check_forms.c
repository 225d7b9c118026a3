/* Forms and their fields, and the routes that take them. */
#include "module/check.h"
#include "module/form.h"
#include "module/sharing.h"

#include <stdio.h>

#define FIELDS_MAX 100 /* of one form */

static const struct portico_form_type *find_form(const struct portico_module *module,
                                                 const char *name)
{
    const struct portico_form_type *forms = module->forms.items;
    for (uint32_t i = 0; i < module->forms.count; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}

static void check_choices(const struct portico_field *field, const char *what,
                          struct descriptor_report *report)
{
    struct arena *arena = arena_new(0);
    struct form_choice *choices = NULL;
    unsigned count = 0;
    if (field->choices && field->type != PORTICO_FIELD_CHOICE &&
        field->type != PORTICO_FIELD_FILE && field->type != PORTICO_FIELD_SHARING)
        descriptor_say(report,
                       "%s has .choices but is no PORTICO_FIELD_CHOICE, PORTICO_FIELD_FILE or "
                       "PORTICO_FIELD_SHARING: take them out.",
                       what);
    if (arena && field->choices && field->type == PORTICO_FIELD_CHOICE)
        form_parse_choices(arena, field->choices, &choices, &count);
    for (unsigned i = 0; i < count; i++) {
        if (!*choices[i].value || !*choices[i].title)
            descriptor_say(
                report, "%s has a choice without a value or title: write \"value=Title\".", what);
        for (unsigned other = 0; other < i; other++)
            if (strcmp(choices[other].value, choices[i].value) == 0)
                descriptor_say(report, "%s has the choice \"%.60s\" twice: remove one.", what,
                               choices[i].value);
    }
    arena_free(arena);
}

/* What the field itself would refuse could never be sent as it is shown. */
static void check_typed(const struct portico_field *field, const char *what, const char *which,
                        const char *typed, struct descriptor_report *report)
{
    struct arena *arena = typed ? arena_new(0) : NULL;
    struct portico_field bare = *field;
    struct form_rules rules = { .field = &bare };
    struct form_reading reading = { 0 };
    bool is_bound = typed != field->initial;
    if (is_bound)
        bare.minimum = bare.maximum = NULL;
    bare.flags = 0;
    struct form_choice *choices = NULL;
    if (arena)
        form_parse_choices(arena, field->choices, &choices, &rules.choice_count);
    rules.choices = choices;
    bool unknown = field->type == PORTICO_FIELD_CHOICE && !field->choices;
    if (arena && !unknown && form_read(arena, &rules, text_of(typed), &reading) == 0 &&
        (reading.sentence || (is_bound && !reading.value)))
        descriptor_say(report, "The .%s \"%.60s\" of %c%s is not one it would take itself.", which,
                       typed, what[0] + ('a' - 'A'), what + 1);
    arena_free(arena);
}

static bool has_level(const char *words, struct text wanted)
{
    for (const char *at = words; at && *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (text_equals((struct text){ at, strcspn(at, " ") }, wanted))
            return true;
    }
    return false;
}

/* Its choices are words for levels, one of which it begins with. */
static void check_sharing(const struct portico_field *field, const char *what,
                          struct descriptor_report *report)
{
    for (const char *at = field->choices; at && *at;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length && !sharing_level((struct text){ at, length }))
            descriptor_say(report,
                           "%s offers the level \"%.*s\", which is none: write words of me, "
                           "people, role, team, account, below, signed-in, everyone and staff.",
                           what, (int)(length < 40 ? length : 40), at);
        at += length;
    }
    if (!field->choices || !*field->choices)
        descriptor_say(report,
                       "%s offers no level in .choices: write some, such as "
                       "\"me people account\".",
                       what);
    else if (!field->initial || !has_level(field->choices, text_of(field->initial)))
        descriptor_say(report,
                       "%s has no .initial that is one of its .choices: set the level a new one "
                       "has.",
                       what);
}

static void check_bounds(const struct portico_field *field, const char *what,
                         struct descriptor_report *report)
{
    bool ordered = field->type == PORTICO_FIELD_INTEGER || field->type == PORTICO_FIELD_REAL ||
                   field->type == PORTICO_FIELD_DATE;
    bool counted = form_is_text(field->type) || field->type == PORTICO_FIELD_TAGS;
    if (!ordered && (field->minimum || field->maximum))
        descriptor_say(report,
                       "%s has a .minimum or .maximum, which only INTEGER, REAL and DATE have: "
                       "give texts a .minimum_length or .maximum_length.",
                       what);
    if (!counted && (field->minimum_length || field->maximum_length))
        descriptor_say(report,
                       "%s has a .minimum_length or .maximum_length, which only texts and TAGS "
                       "have: take it out.",
                       what);
    if (field->minimum_length > form_most(field))
        descriptor_say(report, "%s is at least %u and at most %u long: correct one of them.", what,
                       field->minimum_length, form_most(field));
    if (ordered) {
        check_typed(field, what, "minimum", field->minimum, report);
        check_typed(field, what, "maximum", field->maximum, report);
    }
    if (field->initial && field->type == PORTICO_FIELD_FILE)
        descriptor_say(report,
                       "%s has an .initial, but nobody can choose a file for others: "
                       "take it out.",
                       what);
    else if (field->type != PORTICO_FIELD_SHARING)
        check_typed(field, what, "initial", field->initial, report);
    else
        check_sharing(field, what, report);
}

static void check_field(const struct portico_module *module, const struct portico_field *field,
                        struct descriptor_report *report)
{
    char what[160];
    snprintf(what, sizeof what, "The field %.64s of form %.64s", field->name, field->form);
    if (!find_form(module, field->form))
        descriptor_say(report,
                       "%s is in .form_fields, but its form is not in .forms: add it there "
                       "or correct the name.",
                       what);
    if (!check_is_word(field->name, "_") || strncmp(field->name, "portico_", 8) == 0)
        descriptor_say(report,
                       "%s is not named by lower-case words joined by \"_\", or begins with "
                       "\"portico_\", which the portal's own fields do: rename it.",
                       what);
    if (field->type < PORTICO_FIELD_TEXT || field->type > PORTICO_FIELD_SHARING) {
        descriptor_say(report, "%s has the type %u, which is none: set one of PORTICO_FIELD_….",
                       what, field->type);
        return;
    }
    if (field->type != PORTICO_FIELD_HIDDEN && (!field->label || !*field->label))
        descriptor_say(report,
                       "%s has no .label, without which nobody knows what to write: add it.", what);
    if (field->suggest && (field->type != PORTICO_FIELD_TAGS || field->suggest[0] != '/'))
        descriptor_say(report,
                       "%s has a .suggest, which only TAGS have: give a path of this portal, "
                       "such as \"/tags\", to a field of that type, or remove it.",
                       what);
    check_choices(field, what, report);
    check_bounds(field, what, report);
}

/* A form shows a field of the portal's own beside each text in Markdown: for an image. */
static void check_beside_images(const struct portico_module *module,
                                const struct portico_field *field, struct descriptor_report *report)
{
    const struct portico_field *fields = module->form_fields.items;
    const size_t length = strlen(field->name), end = strlen(FORM_IMAGE);
    if (length <= end || strcmp(field->name + length - end, FORM_IMAGE) != 0)
        return;
    for (uint32_t i = 0; i < module->form_fields.count; i++)
        if (fields[i].type == PORTICO_FIELD_MARKDOWN && strcmp(fields[i].form, field->form) == 0 &&
            strlen(fields[i].name) == length - end &&
            strncmp(fields[i].name, field->name, length - end) == 0)
            descriptor_say(report,
                           "The field %.64s of form %.64s has the name of the field in which the "
                           "portal takes images for the Markdown field %.64s: rename it.",
                           field->name, field->form, fields[i].name);
}

static void check_fields(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_field *fields = module->form_fields.items;
    for (uint32_t i = 0; i < module->form_fields.count; i++) {
        unsigned of_form = 0;
        check_field(module, &fields[i], report);
        check_beside_images(module, &fields[i], report);
        for (uint32_t other = 0; other < i; other++) {
            if (strcmp(fields[other].form, fields[i].form) != 0)
                continue;
            of_form++;
            if (strcmp(fields[other].name, fields[i].name) == 0)
                descriptor_say(report, "The field %.64s of form %.64s is given twice: remove one.",
                               fields[i].name, fields[i].form);
        }
        if (of_form == FIELDS_MAX)
            descriptor_say(report, "The form %.64s has more than %d fields: make two of it.",
                           fields[i].form, FIELDS_MAX);
    }
}

static void check_route(const struct portico_module *module, const struct portico_route *route,
                        struct descriptor_report *report)
{
    const struct portico_form_type *form = find_form(module, route->form);
    char what[160];
    snprintf(what, sizeof what, "The route %.16s %.120s", route->method, route->pattern);
    if (!form)
        descriptor_say(report,
                       "%s takes the form \"%.64s\", which is not in .forms: add it there or "
                       "correct the name.",
                       what, route->form);
    if (strcmp(route->method, "GET") == 0 || strcmp(route->method, "DELETE") == 0)
        descriptor_say(report, "%s takes a form, but %s requests have no body: take .form out.",
                       what, route->method);
    if (route->request_schema)
        descriptor_say(report,
                       "%s has a .form and a .request_schema: take the schema out, it is made "
                       "from the form.",
                       what);
    if (form && !(form->flags & PORTICO_FORM_OPEN) && route->permission &&
        strcmp(route->permission, PORTICO_PUBLIC) == 0)
        descriptor_say(report,
                       "%s is public, but its form %.64s is not open to people who are not signed "
                       "in: set PORTICO_FORM_OPEN, or another permission.",
                       what, route->form);
}

void check_forms(const struct portico_module *module, struct descriptor_report *report)
{
    const struct portico_form_type *forms = module->forms.items;
    const struct portico_route *routes = module->routes.items;
    for (uint32_t i = 0; i < module->forms.count; i++) {
        if (!check_is_word(forms[i].name, "_"))
            descriptor_say(report,
                           "The form \"%.80s\" is not lower-case words joined by \"_\": rename it.",
                           forms[i].name);
        if (find_form(module, forms[i].name) != &forms[i])
            descriptor_say(report, "The form \"%.80s\" is given twice: remove one.", forms[i].name);
        if (!*forms[i].submit)
            descriptor_say(report,
                           "The form \"%.80s\" has no words for its button: set .submit to a verb.",
                           forms[i].name);
    }
    check_fields(module, report);
    for (uint32_t i = 0; i < module->routes.count; i++)
        if (routes[i].form)
            check_route(module, &routes[i], report);
}
