/* Mail: queued with the change that wants it, so that it is sent if and only if that is committed.
 */
#include <portico/portico.h>

static int send_welcome(struct portico_request *request, struct portico_error *error)
{
    static const char markdown[] = "Good to have you here. **Write to us** if anything is unclear.";
    const struct portico_message message = {
        .size = sizeof message,
        .to = portico_form(request, "to"),
        .subject = portico_printf(request, "Welcome, %s", portico_form(request, "name")),
        .text = "Good to have you here. Write to us if anything is unclear.\n",
        .html = portico_markdown(portico_content(request), markdown, sizeof markdown - 1, error),
        .reply_to = "Service <service@example.com>",
        .unsubscribe = "/mail/off",
        .thread = portico_form(request, "thread"),
    };
    return portico_mail_send(portico_mail(request), &message, NULL, error);
}

/* POST /mail/members (to, name): whoever is taken on is welcomed; who is not gets no mail. */
static int take_on(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_db *db = portico_db(request);
    int code = portico_begin(db, &error);
    /* … here the member would be written … */
    if (code == 0)
        code = send_welcome(request, &error);
    if (code == 0 && portico_form(request, "refused")) {
        portico_rollback(db);
        return portico_reply_problem(request, 409, NULL, "The member was refused", NULL);
    }
    if (code == 0)
        code = portico_commit(db, &error);
    if (code < 0)
        portico_rollback(db);
    if (code == PORTICO_EINVAL)
        return portico_reply_problem(request, 422, NULL, "That mail cannot be sent", error.message);
    return code < 0 ? code : portico_reply_redirect(request, 303, "/mail");
}

/* What a mail program posts to when its reader wants no more (RFC 8058). */
static int end(struct portico_request *request)
{
    return portico_reply_redirect(request, 303, "/mail");
}

static const struct portico_route routes[] = {
    { .method = "POST",
      .pattern = "/mail/members",
      .handler = take_on,
      .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/mail/off", .handler = end, .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Mail",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
