/* What a person typed and has not sent: kept while typing, shown again, gone once it is sent. */
#include "module/form.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"

#define DRAFTS "{unfiltered the host's own drafts} "
#define INSERT                                                                                     \
    DRAFTS "INSERT INTO portico_draft (person, module, form, subject, content, updated) "          \
           "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person, module, form, subject) DO "
#define KEY "person = ? AND module = ? AND form = ? AND subject = ?"
#define KEY_ARGUMENTS(form)                                                                        \
    portico_arg_id((form)->call->viewer->person), portico_arg_text((form)->module->id),            \
        portico_arg_text((form)->type->name),                                                      \
        portico_arg_text(                                                                          \
            subject_in((form)->scope->arena, (form)->call->viewer->account, (form)->subject))

/* What was written in one account stays there: nothing begun for one is sent for another. */
static const char *subject_in(struct arena *arena, int64_t account, const char *subject)
{
    const char *own =
        account ? arena_printf(arena, "account/%lld %s", (long long)account, subject) : subject;
    return own ? own : "";
}

bool form_keeps_draft(const struct form *form)
{
    return form->type->flags & PORTICO_FORM_DRAFT && form->call->viewer->person && !form->api &&
           !viewer_looks(form->call->viewer);
}

static bool is_kept(const struct form_field *field)
{
    uint32_t type = field->field->type;
    return !(field->field->flags & PORTICO_FIELD_READ_ONLY) && type != PORTICO_FIELD_PASSWORD &&
           type != PORTICO_FIELD_FILE && type != PORTICO_FIELD_HIDDEN;
}

static void show(struct form *form, const struct value *content, int64_t time)
{
    for (unsigned i = 0; i < form->field_count; i++) {
        const struct value *text = value_get(content, text_of(form->fields[i].field->name));
        if (text && text->kind == PORTICO_TEXT && is_kept(&form->fields[i]))
            form->fields[i].drafted = text->text;
    }
    form->drafted = time;
}

static int load(struct form *form, struct portico_error *error)
{
    struct store_session *session = scope_session(form->scope, error);
    struct value *rows = NULL, *content = NULL;
    if (!session)
        return PORTICO_EIO;
    int code = store_host_query(session,
                                DRAFTS "SELECT content AS \"content\", updated AS \"updated:time\" "
                                       "FROM portico_draft WHERE " KEY,
                                PORTICO_ARGS(KEY_ARGUMENTS(form)), &rows, error);
    if (code < 0 || rows->count == 0)
        return code;
    const struct value_cell *cells = value_rows_at(rows, 0);
    code = json_parse(form->scope->arena, cells[0].text, cells[0].length, &content, error);
    if (code == 0)
        show(form, content, cells[1].integer);
    return code;
}

static struct value *content_of(struct form *form)
{
    struct value *content = value_new(form->scope->arena, PORTICO_OBJECT);
    for (unsigned i = 0; content && i < form->field_count; i++) {
        const struct form_field *field = &form->fields[i];
        if (!is_kept(field) || field->left_out)
            continue;
        const char *text = form_field_reading(form, &form->fields[i])->text;
        if (value_set_text(content, field->field->name, text) < 0)
            return NULL;
    }
    return content;
}

int form_draft_save(struct form *form, struct portico_error *error)
{
    struct store_session *session = scope_session(form->scope, error);
    struct value *content = content_of(form);
    struct buffer text = { 0 };
    if (!session)
        return PORTICO_EIO;
    if (content)
        json_write(&text, content);
    const char *json = content ? buffer_text(&text) : NULL;
    int64_t now = clock_now();
    int code =
        !json
            ? error_set(error, PORTICO_ENOMEM, "Memory ended while a draft was kept.")
            : store_host_execute(
                  session,
                  INSERT "UPDATE SET content = excluded.content, updated = excluded.updated",
                  PORTICO_ARGS(KEY_ARGUMENTS(form), portico_arg_text(json), portico_arg_time(now)),
                  NULL, error);
    buffer_free(&text);
    if (code == 0)
        form->drafted = now;
    return code;
}

int form_draft_make(struct store_session *session, const struct form_draft *draft,
                    struct portico_error *error)
{
    struct buffer text = { 0 };
    json_write(&text, draft->content);
    const char *json = buffer_text(&text);
    int code =
        !json ? error_set(error, PORTICO_ENOMEM, "Memory ended while a draft was kept.")
              : store_host_execute(
                    session, INSERT "NOTHING",
                    PORTICO_ARGS(portico_arg_id(draft->person), portico_arg_text(draft->module),
                                 portico_arg_text(draft->form),
                                 portico_arg_text(
                                     subject_in(store_session_arena(session), draft->account, "")),
                                 portico_arg_text(json), portico_arg_time(draft->updated)),
                    NULL, error);
    buffer_free(&text);
    return code;
}

int form_draft_drop(struct form *form, struct portico_error *error)
{
    if (!form_keeps_draft(form) &&
        !(form->api && form->call->viewer->person && form->type->flags & PORTICO_FORM_DRAFT))
        return 0;
    struct store_session *session = scope_session(form->scope, error);
    return session ? store_host_execute(session, DRAFTS "DELETE FROM portico_draft WHERE " KEY,
                                        PORTICO_ARGS(KEY_ARGUMENTS(form)), NULL, error)
                   : PORTICO_EIO;
}

/* A page without its draft is better than none: what fails here is said in the log. */
void form_draft_load(struct form *form)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    int code = 0;
    if (!form_keeps_draft(form) || form->sent)
        return;
    if (!form->draft)
        code = load(form, &error);
    else if (strcmp(form->draft, "discard") != 0)
        return;
    else
        code = form_draft_drop(form, &error);
    if (form->draft && code == 0)
        form->here = false;
    if (code < 0)
        log_warning("A draft could not be read or discarded: %s", error.message);
}

int form_prune_drafts(struct store_session *session, int64_t age, unsigned most,
                      struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(
        session,
        DRAFTS "SELECT person, module, form, subject FROM portico_draft WHERE updated < ? "
               "ORDER BY updated LIMIT ?",
        PORTICO_ARGS(portico_arg_time(clock_now() - age), portico_arg_integer(most)), &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct value_cell *cells = value_rows_at(rows, i);
        code = store_host_execute(
            session, DRAFTS "DELETE FROM portico_draft WHERE " KEY,
            PORTICO_ARGS(portico_arg_id(cells[0].integer), portico_arg_text(cells[1].text),
                         portico_arg_text(cells[2].text), portico_arg_text(cells[3].text)),
            NULL, error);
    }
    return code < 0 ? code : (int)rows->count;
}
