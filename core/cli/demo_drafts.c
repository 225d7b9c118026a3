#include "cli/demo_drafts.h"

#include "base/clock.h"
#include "base/json.h"
#include "cli/modules.h"
#include "identity/person.h"
#include "identity/standing.h"
#include "module/form.h"

#include <glib.h>
#include <string.h>

#define MINUTE INT64_C(60000000)

struct drafts {
    struct identity *identity;
    struct store_session *session;
    const struct portico_module *descriptor;
    const char *file;
    struct arena *arena;
    struct portico_error *error;
};

static int refuse(const struct drafts *drafts, const char *what, const char *name)
{
    return error_set(drafts->error, PORTICO_EINVAL, "%s: the module %s has no %s “%s”.",
                     drafts->file, drafts->descriptor->id, what, name);
}

static bool has_form(const struct drafts *drafts, const char *name)
{
    for (uint32_t i = 0; i < drafts->descriptor->forms.count; i++) {
        const struct portico_form_type *type = cli_list_at(&drafts->descriptor->forms, i);
        if (strcmp(type->name, name) == 0)
            return (type->flags & PORTICO_FORM_DRAFT) != 0;
    }
    return false;
}

static bool has_field(const struct drafts *drafts, const char *form, const char *name)
{
    for (uint32_t i = 0; i < drafts->descriptor->form_fields.count; i++) {
        const struct portico_field *field = cli_list_at(&drafts->descriptor->form_fields, i);
        if (strcmp(field->form, form) == 0 && strcmp(field->name, name) == 0)
            return true;
    }
    return false;
}

static int check(const struct drafts *drafts, const struct portico_value *row)
{
    const char *form = portico_get_text(row, "form", "");
    const struct portico_value *content = portico_get(row, "content");
    if (!has_form(drafts, form))
        return refuse(drafts, "form with drafts", form);
    for (size_t i = 0; i < portico_count(content); i++)
        if (!has_field(drafts, form, portico_key_at(content, i)))
            return refuse(drafts, "field", portico_key_at(content, i));
    return 0;
}

static int write_draft(const struct drafts *drafts, const struct portico_value *row)
{
    const char *external =
        arena_printf(drafts->arena, "demo:%s", portico_get_text(row, "person", ""));
    struct identity_person person;
    struct identity_standing standing;
    int64_t id = 0;
    int code = check(drafts, row);
    if (code == 0)
        code = identity_person_external(drafts->session, external, &id, drafts->error);
    if (code == 0)
        code = identity_person_look(drafts->session, id, &person, drafts->error);
    if (code < 0 || person.last_sign_in)
        return code == PORTICO_ENOENT ? 0 : code;
    code = identity_standing(drafts->identity, drafts->session, id, 0, &standing, drafts->error);
    if (code < 0)
        return code;
    const struct form_draft draft = {
        .person = id,
        .account = standing.account,
        .module = drafts->descriptor->id,
        .form = portico_get_text(row, "form", ""),
        .content = value_of(portico_get(row, "content")),
        .updated = clock_now() - portico_get_integer(row, "minutes", 0) * MINUTE,
    };
    return form_draft_make(drafts->session, &draft, drafts->error);
}

static int read_file(struct drafts *drafts, const struct portico_value **ret_rows)
{
    char *text = NULL;
    gsize length = 0;
    struct value *document = NULL;
    GError *failure = NULL;
    int code = 0;
    if (!g_file_test(drafts->file, G_FILE_TEST_EXISTS))
        return 0;
    if (!g_file_get_contents(drafts->file, &text, &length, &failure))
        code = error_set(drafts->error, PORTICO_EIO, "A demo's drafts cannot be read: %s.",
                         failure->message);
    else if (json_parse(drafts->arena, text, length, &document, drafts->error) == 0)
        *ret_rows = portico_get(value_public(document), "drafts");
    else
        code = PORTICO_EINVAL;
    g_clear_error(&failure);
    g_free(text);
    return code;
}

int demo_drafts(struct identity *identity, struct store_session *session, struct module *module,
                struct arena *arena, struct portico_error *error)
{
    const struct portico_value *rows = NULL;
    struct drafts drafts = {
        .identity = identity,
        .session = session,
        .descriptor = module_descriptor(module),
        .file = arena_printf(arena, "%s/demo/drafts.json", module_directory(module)),
        .arena = arena,
        .error = error,
    };
    int code = drafts.file ? read_file(&drafts, &rows) : PORTICO_ENOMEM;
    for (size_t i = 0; code == 0 && i < portico_count(rows); i++)
        code = write_draft(&drafts, portico_at(rows, i));
    return code;
}
