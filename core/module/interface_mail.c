/* portico.mail: a message in the call's transaction. */
#include "base/error.h"
#include "module/call.h"
#include "module/notices.h"

#define MESSAGE_SIZE_1_0 (offsetof(struct portico_message, thread) + sizeof(char *))

struct mail_handle {
    struct portico_mail public; /* must be first */
    uint32_t magic;
    struct scope *scope;
};

void *interface_mail_open(struct scope *scope)
{
    struct mail_handle *handle = arena_zalloc(scope->arena, sizeof *handle);
    if (!handle)
        return NULL;
    handle->public.api = &interface_mail;
    handle->magic = MAIL_MAGIC;
    handle->scope = scope;
    return handle;
}

static int mail_api_send(struct portico_mail *mail, const struct portico_message *message,
                         portico_id *ret_id, struct portico_error *error)
{
    struct mail_handle *handle = (struct mail_handle *)mail;
    if (!handle || handle->magic != MAIL_MAGIC)
        call_stale_handle("mail");
    struct scope *scope = thread_scope(handle->scope, PORTICO_MAIL, __func__);
    struct portico_message own = { 0 };
    if (!interface_read(&own, sizeof own, message, MESSAGE_SIZE_1_0))
        return error_set(error, PORTICO_EINVAL, "A mail needs its size set.");
    const struct value *html = own.html ? value_of(own.html) : NULL;
    if (html && html->kind != PORTICO_HTML)
        return error_set(error, PORTICO_EINVAL,
                         "The html of a mail is html that the host made, as by "
                         "portico_html_sanitize or portico_markdown.");
    const struct mail_message checked = {
        .module = scope->call->module->id,
        .to = own.to,
        .subject = own.subject,
        .text = own.text,
        .html = html ? html->text : NULL,
        .reply_to = own.reply_to,
        .unsubscribe = own.unsubscribe,
        .thread = own.thread,
        .portal_url = scope->call->host->canonical_url,
        .person = own.person,
    };
    struct store_session *session = scope_session(scope, error);
    int64_t id = 0;
    int code =
        session ? module_mail(scope->call->host, session, &checked, &id, error) : PORTICO_EIO;
    if (code >= 0 && ret_id)
        *ret_id = id;
    return code < 0 ? code : PORTICO_OK;
}

const struct portico_mail_api interface_mail = {
    .table = { .size = sizeof(struct portico_mail_api), .major = 1, .minor = 0 },
    .send = mail_api_send,
};
