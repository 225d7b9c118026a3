/* A form is sent once: the key it carries is claimed in the transaction that does what it asks for,
 * together with the answer, so that whoever sends it again gets that answer. */
#include "module/form.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "module/respond.h"

#include <sodium.h>

#define SENT "{unfiltered the host's own record of forms sent} "
#define HASH_SIZE 32

/* Each part with its length, so that no two lists of parts are one text. */
static void add_part(crypto_generichash_state *state, const char *part, size_t length)
{
    uint64_t size = length;
    crypto_generichash_update(state, (const unsigned char *)&size, sizeof size);
    crypto_generichash_update(state, (const unsigned char *)part, length);
}

static const char *hex_of(struct arena *arena, crypto_generichash_state *state)
{
    unsigned char hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    crypto_generichash_final(state, hash, sizeof hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return arena_strdup(arena, hex);
}

/* The token in the form: it was checked, and tells visitors apart who have no name. */
static struct text visitor_of(const struct form *form)
{
    const struct call *call = form->call;
    for (size_t i = 0; !call->viewer->person && i < call->form.count; i++)
        if (text_equals(call->form.pairs[i].name, TEXT(FORM_TOKEN)))
            return call->form.pairs[i].value;
    return (struct text){ "", 0 };
}

static const char *hash_key(const struct form *form)
{
    crypto_generichash_state state;
    const struct call *call = form->call;
    /* What is sent for one account is not the answer of another. */
    const int64_t person = call->viewer->person, account = call->viewer->account;
    struct text visitor = visitor_of(form);
    crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
    add_part(&state, (const char *)&person, sizeof person);
    add_part(&state, (const char *)&account, sizeof account);
    add_part(&state, visitor.data, visitor.length);
    add_part(&state, form->module->id, strlen(form->module->id));
    add_part(&state, form->type->name, strlen(form->type->name));
    add_part(&state, form->subject, strlen(form->subject));
    add_part(&state, form->key, strlen(form->key));
    return hex_of(form->scope->arena, &state);
}

/* Of all values but passwords, which are not to be guessed from it, and where it was sent. */
static const char *hash_values(struct form *form)
{
    crypto_generichash_state state;
    struct text path = form->call->exchange->request.path;
    crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
    add_part(&state, path.data, path.length);
    for (unsigned i = 0; i < form->field_count; i++) {
        struct form_field *field = &form->fields[i];
        const struct form_reading *reading = form_field_reading(form, field);
        const char *text = field->image ? form_image_typed(field) : reading->text;
        struct text content = field->image ? form_image_content(field) : reading->content;
        if (field->left_out || field->field->type == PORTICO_FIELD_PASSWORD)
            continue;
        add_part(&state, field->field->name, strlen(field->field->name));
        add_part(&state, text, strlen(text));
        if (content.length)
            add_part(&state, content.data, content.length);
    }
    return hex_of(form->scope->arena, &state);
}

/* The row of this key, or NULL. */
static int find_row(struct form *form, struct store_session *session, struct value **ret_row,
                    struct portico_error *error)
{
    struct value *rows;
    int code = store_host_query(session,
                                SENT "SELECT fingerprint, status, location, body "
                                     "FROM portico_sent WHERE key_hash = ?",
                                PORTICO_ARGS(portico_arg_text(form->key_hash)), &rows, error);
    if (code == 0)
        *ret_row = value_at(rows, 0);
    return code;
}

static const char *row_text(const struct value *row, const char *name)
{
    const struct value *value = value_get(row, text_of(name));
    return value && value->kind == PORTICO_TEXT ? value->text : NULL;
}

static int take_row(struct form *form, struct value *row, struct portico_error *error)
{
    const char *fingerprint = row_text(row, "fingerprint");
    if (fingerprint && strcmp(fingerprint, form->fingerprint) == 0) {
        form->earlier = row;
        return 0;
    }
    form->changed = true;
    form->earlier_path = row_text(row, "location");
    return form_refuse(form, NULL,
                       form_words(form, /* translated */
                                  "This was sent already, with other words. Press the button again "
                                  "to send it as a new one.",
                                  NULL)) < 0
               ? error_set(error, PORTICO_ENOMEM, "Memory ended while a form was checked.")
               : 0;
}

int form_look(struct form *form, struct portico_error *error)
{
    if (form->looked || !form->key || !form->sent)
        return 0;
    form->looked = true;
    form->key_hash = hash_key(form);
    form->fingerprint = hash_values(form);
    struct store_session *session = scope_session(form->scope, error);
    struct value *row = NULL;
    if (!form->key_hash || !form->fingerprint || !session)
        return PORTICO_EIO;
    int code = find_row(form, session, &row, error);
    return code < 0 || !row ? code : take_row(form, row, error);
}

/* What a browser or an API client gets, the first time and every other. */
static int answer(struct form *form, int64_t status, const char *location, const struct value *body)
{
    struct portico_request *request = &form->call->request.public;
    if (status == 303)
        return interface_request.reply_redirect(request, 303, location);
    if (status == 204)
        return interface_request.reply_bytes(request, NULL, NULL, 0);
    if (status == 201 && (interface_request.set_status(request, 201) < 0 ||
                          interface_request.set_header(request, "Location", location) < 0))
        return PORTICO_ENOMEM;
    return body ? interface_request.reply_json(request, value_public(body))
                : interface_request.reply_bytes(request, "application/json", "null", 4);
}

int form_answer_again(struct form *form, struct portico_error *error)
{
    const struct value *status = value_get(form->earlier, TEXT("status"));
    const char *text = row_text(form->earlier, "body");
    struct value *body = NULL;
    int code = text ? json_parse(form->scope->arena, text, strlen(text), &body, error) : 0;
    if (code < 0)
        return code;
    if (status && status->integer)
        answer(form, status->integer, row_text(form->earlier, "location"), body);
    else
        interface_request.reply_problem(
            &form->call->request.public, 409, NULL,
            form_words(form, /* translated */ "This was sent already", NULL),
            form_words(form, /* translated */ "It was done the first time; nothing is missing.",
                       NULL));
    return error_set(error, PORTICO_EEXIST,
                     "This form was sent before, and was answered as it was then.");
}

/* Another request of the same key got there first, with other values. */
static int answer_changed(struct form *form, struct portico_error *error)
{
    interface_request.reply_problem(&form->call->request.public, 422, NULL, NULL,
                                    form->errors->items[form->errors->count - 1]->text);
    return error_set(error, PORTICO_EEXIST,
                     "This form was sent before with other values, which the answer says.");
}

/* In the open transaction. Whoever sends the same key meanwhile waits here for its end. */
static int claim(struct form *form, struct store_session *session, struct portico_error *error)
{
    int64_t changed = 0;
    struct value *row = NULL;
    int code = store_host_execute(
        session,
        SENT "INSERT INTO portico_sent (key_hash, person, fingerprint, status, created) "
             "VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
        PORTICO_ARGS(portico_arg_text(form->key_hash), portico_arg_id(form->call->viewer->person),
                     portico_arg_text(form->fingerprint), portico_arg_time(clock_now())),
        &changed, error);
    if (code < 0 || changed)
        return code;
    code = find_row(form, session, &row, error);
    if (code == 0 && !row)
        code = error_set(error, PORTICO_EBUSY, "What was sent before was just removed: try again.");
    return code < 0 ? code : take_row(form, row, error);
}

int form_begin(struct form *form, struct portico_error *error)
{
    if (!form->sent || !form_is_good(form))
        return error_set(error, PORTICO_EINVAL,
                         "The form \"%s\" was not sent or is not valid: ask portico_form_sent() "
                         "and portico_form_valid() before portico_form_begin().",
                         form->type->name);
    if (form->earlier)
        return form_answer_again(form, error);
    struct store_session *session = scope_session(form->scope, error);
    int code = session ? store_begin(session, error) : PORTICO_EIO;
    if (code < 0)
        return code;
    code = form_look(form, error);
    if (code == 0 && form->key && !form->earlier && !form->changed)
        code = claim(form, session, error);
    if (code == 0 && !form->earlier && !form->changed) {
        form->begun = true;
        return 0;
    }
    store_rollback(session);
    if (code < 0)
        return code;
    return form->earlier ? form_answer_again(form, error) : answer_changed(form, error);
}

static int keep_answer(struct form *form, struct store_session *session, int64_t status,
                       const char *location, const struct value *json, struct portico_error *error)
{
    struct buffer text = { 0 };
    if (json)
        json_write(&text, json);
    const char *body = json ? buffer_text(&text) : NULL;
    int code = json && !body
                   ? error_set(error, PORTICO_ENOMEM, "Memory ended while an answer was kept.")
                   : store_host_execute(
                         session,
                         SENT "UPDATE portico_sent SET status = ?, location = ?, body = ? "
                              "WHERE key_hash = ?",
                         PORTICO_ARGS(portico_arg_integer(status), portico_arg_text(location),
                                      portico_arg_text(body), portico_arg_text(form->key_hash)),
                         NULL, error);
    buffer_free(&text);
    return code;
}

int form_done(struct form *form, const char *path, const struct value *json,
              struct portico_error *error)
{
    int64_t status = !form->api ? 303 : path ? 201 : json ? 200 : 204;
    if ((path || !form->api) && !respond_is_local(path))
        return error_set(error, PORTICO_EINVAL,
                         "portico_form_done was given \"%.120s\", which is no path on this portal: "
                         "begin it with \"/\".",
                         path ? path : "");
    struct store_session *session = form->begun ? scope_session(form->scope, error) : NULL;
    if (form->begun && !session)
        return PORTICO_EIO;
    int code = form_draft_drop(form, error);
    if (code == 0 && session && form->key)
        code = keep_answer(form, session, status, path, json, error);
    if (code == 0 && session)
        code = store_commit(session, error);
    if (code < 0)
        return code;
    form->begun = false;
    return answer(form, status, path, json);
}

int form_prune_sent(struct store_session *session, int64_t age, unsigned most,
                    struct portico_error *error)
{
    int64_t removed = 0;
    int code = store_host_execute(
        session,
        SENT "DELETE FROM portico_sent WHERE key_hash IN "
             "(SELECT key_hash FROM portico_sent WHERE created < ? ORDER BY created LIMIT ?)",
        PORTICO_ARGS(portico_arg_time(clock_now() - age), portico_arg_integer(most)), &removed,
        error);
    return code < 0 ? code : (int)removed;
}
