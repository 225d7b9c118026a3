/* Whom to ask: the people who look after a company, its own for technical matters, and who acts for
 * it. */
#include <portico/portico.h>

static int read_people(struct portico_request *request, struct portico_value *view,
                       struct portico_error *error)
{
    struct portico_value *team = NULL, *contacts = NULL;
    int code = portico_account_team(portico_accounts(request), 0, &team, error);
    if (code == 0)
        code =
            portico_account_contacts(portico_accounts(request), 0, "technical", &contacts, error);
    if (code < 0)
        return code;
    portico_set(view, "team", team);
    portico_set(view, "contacts", contacts);
    portico_set_boolean(view, "any", portico_count(team) + portico_count(contacts) > 0);
    return PORTICO_OK;
}

/* For those who look after the company's people; others see the page without it. */
static int read_partners(struct portico_request *request, struct portico_value *view,
                         struct portico_error *error)
{
    struct portico_value *all = NULL, *partners = portico_set_list(view, "partners");
    int code = portico_account_partners(portico_accounts(request), 0, &all, error);
    if (code == PORTICO_EPERM)
        return PORTICO_OK;
    for (size_t i = 0; code == 0 && i < portico_count(all); i++) {
        const struct portico_value *one = portico_at(all, i);
        /* Those it lets act, once they accepted; not those it acts for itself. */
        if (!portico_get_boolean(one, "accepted", 0) ||
            portico_get_integer(one, "account", 0) != portico_account(request))
            continue;
        struct portico_value *item = portico_append_object(partners);
        portico_set_text(item, "name", portico_get_text(one, "partner_name", ""));
        portico_set_time(item, "until", portico_get_integer(one, "until", 0));
    }
    portico_set_boolean(view, "any_partners", portico_count(partners) > 0);
    return code;
}

static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    if (!portico_account(request)) /* whoever acts for no company */
        return PORTICO_ENOENT;
    int code = read_people(request, view, &error);
    if (code == 0)
        code = read_partners(request, view, &error);
    return code < 0 ? code : portico_reply_view(request, "contacts", view);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/contacts", .handler = show, .permission = PORTICO_SIGNED_IN },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Contacts",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
