/* Mail for staff: whether it leaves, what waits, and what a message says. */
#include "notify/mail.h"
#include "base/error.h"
#include "base/json.h"
#include "identity/giving.h"
#include "identity/person.h"
#include "page/page.h"
#include "portal/again.h"
#include "portal/inside.h"
#include "portal/pages.h"
#include "portal/visit.h"

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

/* What is told to somebody may be of any company: staff who see all of them read it as well. */
static bool is_hidden(struct portico_request *request, const struct mail_message *message)
{
    return (message->notice || strcmp(message->module, "portico") != 0) &&
           !viewer_may(inside_viewer(request), "portico.accounts.see");
}

/* In the request's memory. */
static void read_message(struct portico_request *request, const struct portico_value *row,
                         struct mail_message *ret_message)
{
    const char *json = portico_get_text(row, "arguments", "");
    struct value *arguments = NULL;
    if (portico_get_integer(row, "state", 0) == JOB_DONE)
        *ret_message = (struct mail_message){
            .module = "",
            .to = "",
            .subject = portico_translate(request, /* translated */ "A mail that was sent", NULL),
            .text = portico_translate(request, /* translated */ "What it said is not kept.", NULL),
        };
    else if (json_parse(inside_arena(request), json, strlen(json), &arguments, NULL) < 0 ||
             mail_read(arguments, ret_message, NULL) < 0)
        *ret_message = (struct mail_message){ .module = "", .to = "", .subject = "", .text = "" };
    else if (is_hidden(request, ret_message)) {
        ret_message->subject =
            portico_translate(request, /* translated */ "What is new for them", NULL);
        ret_message->text = portico_translate(
            request, /* translated */ "What it says is for its reader alone.", NULL);
    }
}

static void show(struct portico_request *request, struct store_session *session,
                 const struct portico_value *row, const struct mail_message *message,
                 struct portico_value *item)
{
    const int64_t state = portico_get_integer(row, "state", 0);
    portico_set_id(item, "id", portico_get_integer(row, "id", 0));
    portico_set_text(item, "subject", message->subject);
    portico_set_text(item, "to", reader_of(request, session, message));
    portico_set_text(item, "module", message->module);
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

static void list_one(struct portico_request *request, struct store_session *session,
                     const struct portico_value *row, struct portico_value *item)
{
    struct mail_message message = { 0 };
    read_message(request, row, &message);
    show(request, session, row, &message, item);
}

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
        list_one(request, session, value_public(value_at(rows, i)), portico_append_object(list));
    portico_set_boolean(view, "configured", is_configured(inside_host(request)));
    portico_set_boolean(view, "any", rows->count > 0);
    return portico_reply_view(request, "mail", view);
}

static int64_t id_of(struct portico_request *request)
{
    long long id = 0;
    return text_to_int64(text_of(portico_param(request, "id")), &id) ? id : 0;
}

/* A letter of the portal's own, whose link lets its reader in: read by who could do as much anyway,
 * once it is proved again that it is them, and written down. 1: go on; 0: `ret_answer` is given. */
static int let_read(struct portico_request *request, struct store_session *session, int64_t id,
                    struct mail_message *message, int *ret_answer)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t person = message->owner ? message->owner : message->person;
    const int64_t actor = inside_viewer(request)->person;
    if (strcmp(message->module, "portico") != 0 || message->notice)
        return 1;
    int code = identity_over_letter(inside_host(request)->identity, session, actor, person,
                                    message->to, &error);
    if (code == PORTICO_EPERM) {
        message->text = portico_translate(
            request, /* translated */
            "This letter lets its reader in, and they may do more than you: ask an admin.", NULL);
        return 1;
    }
    if (code == 0 &&
        !again_or_ask(request, portico_printf(request, "/admin/mail/%lld", (long long)id),
                      ret_answer))
        return 0;
    if (code == 0)
        code = visit_audit(request, "mail.read", actor, person, message->subject, &error);
    if (code < 0)
        *ret_answer = visit_failed(request, code, &error);
    return code == 0;
}

int mail_message_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct store_session *session = inside_session(request, &error);
    struct portico_value *view = portico_object(request);
    struct mail_message message = { 0 };
    struct value *rows = NULL;
    const int64_t id = id_of(request);
    int answer;
    int code = session ? store_host_query(session, COLUMNS "id = ?",
                                          PORTICO_ARGS(portico_arg_id(id)), &rows, &error)
                       : PORTICO_EIO;
    if (code < 0)
        return code;
    if (rows->count == 0)
        return PORTICO_ENOENT;
    const struct portico_value *row = value_public(value_at(rows, 0));
    read_message(request, row, &message);
    if (!let_read(request, session, id, &message, &answer))
        return answer;
    show(request, session, row, &message, view);
    portico_set_text(view, "text", message.text);
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
