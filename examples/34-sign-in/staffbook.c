/* Signing in: names and passwords of another directory, and rules to agree to before one is in.
 *
 * [sign_in] verifiers = staffbook.people, steps = staffbook.rules */
#include <portico/portico.h>

#include <stdio.h>
#include <string.h>

/* What stands for the company's directory: each has an id for ever, and two names to sign in with.
 */
static const struct {
    const char *id, *login, *mail, *name, *password;
} book[] = {
    { "u-17", "nora", "nora@staff.example", "Nora Vale", "harbour lights at noon" },
    { "u-18", "omar", "omar@staff.example", "Omar Finch", "seven paper lanterns" },
};

/* No answer within [sign_in] ask_time is an answer as well: what asks others needs a time limit. */
static int verify(struct portico_context *context, const struct portico_value *arguments,
                  struct portico_value **ret_result, struct portico_error *error)
{
    const char *name = portico_get_text(arguments, "name", "");
    const char *password = portico_get_text(arguments, "password", "");
    struct portico_value *result = portico_object(context);
    (void)error;
    portico_set_boolean(result, "right", 0);
    for (size_t i = 0; i < sizeof book / sizeof *book; i++) {
        if (strcmp(book[i].login, name) != 0 && strcmp(book[i].mail, name) != 0)
            continue;
        /* Also with a wrong password: then guesses under both names count together. */
        portico_set_text(result, "external", book[i].id);
        portico_set_text(result, "name", book[i].name);
        portico_set_boolean(result, "right", strcmp(book[i].password, password) == 0);
    }
    *ret_result = result;
    return PORTICO_OK;
}

static int ask(struct portico_context *context, const struct portico_value *arguments,
               struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_value *result = portico_object(context), *rows = NULL;
    const portico_id person = portico_id_read(portico_get_text(arguments, "person", ""));
    int code =
        portico_query(portico_db(context), "SELECT person FROM staffbook_agreed WHERE person = ?",
                      PORTICO_ARGS(portico_arg_id(person)), &rows, error);
    if (code < 0)
        return code;
    portico_set_boolean(result, "due", portico_count(rows) == 0);
    portico_set_text(result, "form", "rules");
    portico_set_text(result, "title", portico_translate(context, "Rules of the house", NULL));
    portico_set_text(result, "text", portico_setting_text(context, "rules"));
    *ret_result = result;
    return PORTICO_OK;
}

static int answer(struct portico_context *context, const struct portico_value *arguments,
                  struct portico_value **ret_result, struct portico_error *error)
{
    const struct portico_value *values = portico_get(arguments, "values");
    const portico_id person = portico_id_read(portico_get_text(arguments, "person", ""));
    struct portico_value *result = portico_object(context);
    if (strcmp(portico_get_text(values, "word", ""), "lantern") != 0) {
        snprintf(error->message, sizeof error->message, "%s",
                 portico_translate(context, "Write the last word of the rules.", NULL));
        return PORTICO_EPERM; /* shown above the form, and they try again */
    }
    portico_set_boolean(result, "right", 1);
    *ret_result = result;
    return portico_execute(
        portico_db(context),
        "INSERT INTO staffbook_agreed (person, time) VALUES (?, ?) "
        "ON CONFLICT (person) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(person), portico_arg_time(portico_now(context))), NULL, error);
}

static const struct portico_service services[] = {
    { .name = "staffbook.people", .version = "1.0", .summary = "People of the directory" },
    { .name = "staffbook.rules", .version = "1.0", .summary = "Rules to agree to" },
};

static const struct portico_method methods[] = {
    { .service = "staffbook.people", PORTICO_VERIFIER, .call = verify },
    { .service = "staffbook.rules", PORTICO_STEP_ASKING, .call = ask },
    { .service = "staffbook.rules", PORTICO_STEP_ANSWERING, .call = answer },
};

static const struct portico_form_type forms[] = {
    { .name = "rules", .submit = "Agree", .flags = PORTICO_FORM_OPEN },
};

static const struct portico_field form_fields[] = {
    { .form = "rules",
      .name = "word",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Last word of the rules" },
};

static const struct portico_setting settings[] = {
    { .key = "rules",
      .type = PORTICO_SETTING_TEXT,
      .initial = "Whoever leaves last puts out the lantern",
      .title = "Rules" },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "staffbook_agreed",
      .title = "When you agreed to the rules",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "time:time" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Staff book",
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
    .forms = PORTICO_LIST(forms),
    .form_fields = PORTICO_LIST(form_fields),
    .settings = PORTICO_LIST(settings),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
