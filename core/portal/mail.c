/* Mail for staff: whether it leaves, what waits, and what a message says. */
#include "notify/mail.h"
#include "base/error.h"
#include "base/json.h"
#include "identity/person.h"
#include "page/page.h"
#include "portal/inside.h"
#include "portal/pages.h"

#define MESSAGES_SHOWN 100

static bool is_configured(const struct module_host *host)
{
    return host->config && *config_text(host->config, "mail", "server") &&
           *config_text(host->config, "mail", "from");
}

/* To whom: an address, or a person by name, whose address is looked up when it leaves. */
static const char *reader_of(struct portico_request *request, struct store_session *session,
                             const struct mail_message *message)
{
    struct identity_person person;
    if (message->to)
        return message->to;
    if (identity_person_look(session, message->person, &person, NULL) < 0)
        return page_translate(inside_host(request)->pages, "portico", inside_arena(request),
                              portico_locale(request), /* translated */ "Somebody", NULL);
    return portico_printf(request, "%s (@%s)", person.name, person.handle);
}

static void show(struct portico_request *request, struct store_session *session,
                 const struct portico_value *row, struct portico_value *item)
{
    struct arena *arena = inside_arena(request);
    const char *json = portico_get_text(row, "arguments", "");
    const int64_t state = portico_get_integer(row, "state", 0);
    struct mail_message message = { 0 };
    struct value *arguments = NULL;
    if (state == JOB_DONE)
        message = (struct mail_message){
            .to = "",
            .subject = portico_translate(request, /* translated */ "A mail that was sent", NULL),
            .text = portico_translate(request, /* translated */ "What it said is not kept.", NULL),
        };
    else if (json_parse(arena, json, strlen(json), &arguments, NULL) < 0 ||
             mail_read(arguments, &message, NULL) < 0)
        message = (struct mail_message){ .to = "", .subject = "", .text = "" };
    portico_set_id(item, "id", portico_get_integer(row, "id", 0));
    portico_set_text(item, "subject", message.subject);
    portico_set_text(item, "to", reader_of(request, session, &message));
    portico_set_text(item, "text", message.text);
    portico_set_text(item, "module", message.module);
    portico_set_time(item, "created", portico_get_integer(row, "created", 0));
    portico_set_boolean(item, "failed", state == JOB_FAILED);
    portico_set_boolean(item, "waiting", state == JOB_WAITING || state == JOB_RUNNING);
    portico_set_boolean(item, "done", state == JOB_DONE);
    portico_set_text(item, "error", portico_get_text(row, "error", NULL));
}

#define COLUMNS                                                                                    \
    "SELECT id AS \"id:id\", state AS \"state\", arguments AS \"arguments\", error AS \"error\", " \
    "created AS \"created:time\" FROM portico_job WHERE module = 'core' AND name = 'mail' AND "    \
    "kind = 3 AND "

int mail_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session = inside_session(request, &error);
    struct portico_value *view = portico_object(request);
    struct portico_value *list = portico_set_list(view, "messages");
    struct value *rows = NULL;
    int code =
        session ? store_host_query(session,
                                   COLUMNS "state IN (0, 1, 3) ORDER BY sequence DESC "
                                           "LIMIT ?",
                                   PORTICO_ARGS(portico_arg_integer(MESSAGES_SHOWN)), &rows, &error)
                : PORTICO_EIO;
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count; i++)
        show(request, session, value_public(value_at(rows, i)), portico_append_object(list));
    portico_set_boolean(view, "configured", is_configured(inside_host(request)));
    portico_set_boolean(view, "any", rows->count > 0);
    return portico_reply_view(request, "mail", view);
}

static int64_t id_of(struct portico_request *request)
{
    long long id = 0;
    return text_to_int64(text_of(portico_param(request, "id")), &id) ? id : 0;
}

int mail_message_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session = inside_session(request, &error);
    struct portico_value *view = portico_object(request);
    struct value *rows = NULL;
    int code = session
                   ? store_host_query(session, COLUMNS "id = ?",
                                      PORTICO_ARGS(portico_arg_id(id_of(request))), &rows, &error)
                   : PORTICO_EIO;
    if (code < 0)
        return code;
    if (rows->count == 0)
        return PORTICO_ENOENT;
    show(request, session, value_public(value_at(rows, 0)), view);
    portico_set_boolean(view, "configured", is_configured(inside_host(request)));
    return portico_reply_view(request, "mail-message", view);
}

int mail_retry(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session = inside_session(request, &error);
    struct value *rows = NULL;
    int code = session
                   ? store_host_query(session, COLUMNS "id = ?",
                                      PORTICO_ARGS(portico_arg_id(id_of(request))), &rows, &error)
                   : PORTICO_EIO;
    if (code == 0 && rows->count == 0)
        return PORTICO_ENOENT;
    if (code == 0)
        code = job_retry(session, id_of(request), &error);
    if (code < 0 && code != PORTICO_ENOENT)
        return code;
    return portico_reply_redirect(request, 303, "/admin/mail");
}
