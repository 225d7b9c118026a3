/* Signing in: a door that is shut for a while, and a book of who came and went. */
#include <portico/portico.h>

#include <stdio.h>
#include <string.h>

#define ENTER "door.enter_always"

static portico_id person_of(const struct portico_event *event)
{
    return portico_id_read(portico_text_of(portico_get(event->data, "person"), NULL));
}

/* In the transaction of the sign-in: the password was right, and there is no session yet. EPERM
 * with a sentence refuses and shows it; any other failure lets nobody in either. */
static int guard(struct portico_context *context, const struct portico_event *event,
                 struct portico_error *error)
{
    const char *notice = portico_setting_text(context, "shut");
    if (portico_setting_boolean(context, "broken")) {
        snprintf(error->message, sizeof error->message, "The list of guests cannot be read.");
        return PORTICO_EIO;
    }
    if (!notice || !*notice)
        return PORTICO_OK;
    int may = portico_people_may(portico_people(context), person_of(event), ENTER);
    if (may != 0)
        return may < 0 ? may : PORTICO_OK;
    snprintf(error->message, sizeof error->message, "%s", notice);
    return PORTICO_EPERM;
}

/* After the commit, at least once: the event's id makes it once. */
static int note(struct portico_context *context, const struct portico_event *event,
                struct portico_error *error)
{
    return portico_execute(
        portico_db(context),
        "INSERT INTO door_visit (event, person, came, time) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (event) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(event->id), portico_arg_id(person_of(event)),
                     portico_arg_boolean(strcmp(event->type, PORTICO_SESSION_BEGAN) == 0),
                     portico_arg_time(event->time)),
        NULL, error);
}

/* How often somebody came and went. */
static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL, *answer = portico_object(request);
    int code = portico_query(portico_db(request),
                             "SELECT coalesce(sum(CASE WHEN came THEN 1 ELSE 0 END), 0) AS came, "
                             "coalesce(sum(CASE WHEN came THEN 0 ELSE 1 END), 0) AS went "
                             "FROM door_visit",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;
    const struct portico_value *row = portico_at(rows, 0);
    portico_set_integer(answer, "came", portico_get_integer(row, "came", 0));
    portico_set_integer(answer, "went", portico_get_integer(row, "went", 0));
    return portico_reply_json(request, answer);
}

static const struct portico_event_handler event_handlers[] = {
    { .name = "guard",
      .types = PORTICO_SESSION_BEGAN,
      .phase = PORTICO_IN_TRANSACTION,
      .handle = guard },
    { .name = "note", .types = PORTICO_SESSION_BEGAN " " PORTICO_SESSION_ENDED, .handle = note },
};

static const struct portico_setting settings[] = {
    { .key = "shut",
      .type = PORTICO_SETTING_TEXT,
      .initial = "",
      .title = "Shut, with these words",
      .help = "While words stand here, nobody comes in but who may always." },
    { .key = "broken",
      .type = PORTICO_SETTING_BOOLEAN,
      .initial = "false",
      .title = "Fail",
      .help = "To see what a door that fails does: nobody comes in." },
};

static const struct portico_permission permissions[] = {
    { .name = ENTER, .title = "Come in while the door is shut", .roles = "admin" },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/door", .handler = show, .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "door_visit",
      .title = "When you came and went",
      .erase = PORTICO_ERASE_ROWS,
      .person = "person",
      .columns = "came:boolean time:time" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Door",
    .routes = PORTICO_LIST(routes),
    .settings = PORTICO_LIST(settings),
    .permissions = PORTICO_LIST(permissions),
    .event_handlers = PORTICO_LIST(event_handlers),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
