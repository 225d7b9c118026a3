/* A verifier and two steps that do whatever the typed name, or their setting, says; and who says
 * in the log who joined and left. */
#include <portico/portico.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void hang(void)
{
    const struct timespec long_time = { .tv_sec = 3 };
    nanosleep(&long_time, NULL);
}

/* 1: that is what it does; the result is filled. */
static int misbehaves(const char *how, struct portico_value *result, const char *member)
{
    if (strcmp(how, "hang") == 0)
        hang();
    if (strncmp(how, "crash", 5) == 0)
        abort();
    if (strcmp(how, "nonsense") == 0)
        portico_set_text(result, member, "perhaps");
    return strcmp(how, "hang") == 0 || strcmp(how, "nonsense") == 0;
}

static int failing(struct portico_error *error)
{
    snprintf(error->message, sizeof error->message, "The directory cannot be reached.");
    return PORTICO_EIO;
}

/* "good" is the password of whoever is asked about: "ID" or "ID/alias". */
static int verify(struct portico_context *context, const struct portico_value *arguments,
                  struct portico_value **ret_result, struct portico_error *error)
{
    const char *name = portico_get_text(arguments, "name", "");
    const char *password = portico_get_text(arguments, "password", "");
    struct portico_value *result = portico_object(context);
    *ret_result = result;
    if (misbehaves(name, result, "right"))
        return PORTICO_OK;
    if (strcmp(name, "fail") == 0)
        return failing(error);
    portico_set_boolean(result, "right", strcmp(password, "good") == 0);
    if (strcmp(name, "whoever") == 0) /* yes, and not who */
        return PORTICO_OK;
    if (strncmp(name, "nobody", 6) == 0) {
        portico_set_boolean(result, "right", 0);
        return PORTICO_OK;
    }
    portico_set_text(result, "external",
                     portico_printf(context, "%.*s", (int)strcspn(name, "/"), name));
    portico_set_text(result, "name", "Somebody Elsewhere");
    return PORTICO_OK;
}

static int ask(struct portico_context *context, const struct portico_value *arguments,
               struct portico_value **ret_result, struct portico_error *error)
{
    struct portico_value *result = portico_object(context);
    const char *how = portico_setting_text(context, "step");
    (void)arguments;
    *ret_result = result;
    if (misbehaves(how, result, "due"))
        return PORTICO_OK;
    if (strcmp(how, "fail") == 0)
        return failing(error);
    portico_set_boolean(result, "due", strcmp(how, "none") != 0);
    portico_set_text(result, "form", strcmp(how, "formless") == 0 ? "missing" : "word");
    portico_set_text(result, "title", "The word of the day");
    portico_set_text(result, "text", "Whoever comes in says it.");
    return PORTICO_OK;
}

static int answer(struct portico_context *context, const struct portico_value *arguments,
                  struct portico_value **ret_result, struct portico_error *error)
{
    const char *word = portico_get_text(portico_get(arguments, "values"), "word", "");
    struct portico_value *result = portico_object(context);
    *ret_result = result;
    if (misbehaves(word, result, "right"))
        return PORTICO_OK;
    if (strcmp(word, "fail") == 0)
        return failing(error);
    if (strcmp(word, "sesame with a chair") == 0) /* which it does not declare */
        portico_set_text(portico_set_object(result, "session"), "chair", "1");
    else if (strcmp(word, "sesame") != 0) {
        snprintf(error->message, sizeof error->message, "That is not the word of the day.");
        return PORTICO_EPERM;
    }
    portico_set_boolean(result, "right", 1);
    return PORTICO_OK;
}

static int refuse_by(struct portico_context *context, const char *setting,
                     struct portico_error *error)
{
    const char *words = portico_setting_text(context, setting);
    if (!words || !*words)
        return PORTICO_OK;
    if (strcmp(words, "fail") == 0)
        return failing(error);
    snprintf(error->message, sizeof error->message, "%s", words);
    return PORTICO_EPERM;
}

static int refuse(struct portico_context *context, const struct portico_event *event,
                  struct portico_error *error)
{
    (void)event;
    return refuse_by(context, "joining", error);
}

static int shut(struct portico_context *context, const struct portico_event *event,
                struct portico_error *error)
{
    (void)event;
    return refuse_by(context, "door", error);
}

/* What it hears after the commit, in the log. */
static int hear(struct portico_context *context, const struct portico_event *event,
                struct portico_error *error)
{
    (void)error;
    portico_log(context, PORTICO_LOG_INFO, "Heard %s of %s in %s: %s", event->type,
                portico_get_text(event->data, "person", "nobody"),
                portico_get_text(event->data, "account", "none"),
                portico_get_text(event->data, "change", "-"));
    return PORTICO_OK;
}

static const struct portico_event_handler event_handlers[] = {
    { .name = "hear",
      .types = "portal.portico.membership.* portal.portico.account.changed " PORTICO_SESSION_ENDED,
      .handle = hear },
    { .name = "refuse",
      .types = PORTICO_MEMBERSHIP_ADDED,
      .phase = PORTICO_IN_TRANSACTION,
      .handle = refuse },
    { .name = "shut",
      .types = PORTICO_SESSION_BEGAN,
      .phase = PORTICO_IN_TRANSACTION,
      .handle = shut },
};

static const struct portico_service services[] = {
    { .name = "gatekeeper.people", .version = "1.0", .summary = "People" },
    { .name = "gatekeeper.word", .version = "1.0", .summary = "The word of the day" },
};

static const struct portico_method methods[] = {
    { .service = "gatekeeper.people", PORTICO_VERIFIER, .call = verify },
    { .service = "gatekeeper.word", PORTICO_STEP_ASKING, .call = ask },
    { .service = "gatekeeper.word", PORTICO_STEP_ANSWERING, .call = answer },
};

static const struct portico_form_type forms[] = {
    { .name = "word", .submit = "Say it", .flags = PORTICO_FORM_OPEN },
};

static const struct portico_field form_fields[] = {
    { .form = "word",
      .name = "word",
      .type = PORTICO_FIELD_TEXT,
      .flags = PORTICO_FIELD_REQUIRED,
      .label = "Word" },
};

static const struct portico_setting settings[] = {
    { .key = "joining", .type = PORTICO_SETTING_TEXT, .initial = "", .title = "Why nobody joins" },
    { .key = "door", .type = PORTICO_SETTING_TEXT, .initial = "", .title = "Why nobody comes in" },
    { .key = "step",
      .type = PORTICO_SETTING_TEXT,
      .initial = "due",
      .title = "What the step does" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Gatekeeper",
    .services = PORTICO_LIST(services),
    .methods = PORTICO_LIST(methods),
    .forms = PORTICO_LIST(forms),
    .form_fields = PORTICO_LIST(form_fields),
    .settings = PORTICO_LIST(settings),
    .event_handlers = PORTICO_LIST(event_handlers),
};
PORTICO_EXPORT_MODULE(module)
