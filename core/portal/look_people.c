/* Where staff begin to see the portal as somebody else does, who look after people in no other way:
 * finding them by name, and the reason. Nothing else of people is shown here. */
#include "base/error.h"
#include "identity/giving.h"
#include "identity/member.h"
#include "identity/person.h"
#include "portal/admin_accounts.h"
#include "portal/looking.h"
#include "portal/pages.h"
#include "portal/people_list.h"

static int open_page(struct portico_request *request, struct store_session **ret_session,
                     struct portico_error *error)
{
    int code = visit_session(request, ret_session, error);
    return code < 0 ? code
                    : identity_may_view(inside_host(request)->identity, *ret_session,
                                        inside_viewer(request)->person, error);
}

static void show_name(struct portico_request *request, const char *name, const char *handle,
                      struct portico_value *item)
{
    portico_set_text(item, "name", name);
    portico_set_text(item, "initials", identity_initials(name, inside_arena(request)));
    portico_set_text(item, "handle", handle);
}

/* Whoever cannot sign in sees nothing that one could see. */
static void show_row(struct portico_request *request, const struct portico_value *row,
                     struct portico_value *list)
{
    const bool active = strcmp(portico_get_text(row, "state", ""), "active") == 0;
    if (!active || portico_get_integer(row, "id", 0) == inside_viewer(request)->person)
        return;
    struct portico_value *item = portico_append_object(list);
    portico_set_id(item, "id", portico_get_integer(row, "id", 0));
    show_name(request, portico_get_text(row, "name", ""), portico_get_text(row, "handle", ""),
              item);
}

int look_people_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = visit_view(request);
    struct store_session *session;
    int code = open_page(request, &session, &error);
    if (code == 0)
        code = people_list_show(request, session, show_row, view, &error);
    return code < 0 ? visit_failed(request, code, &error)
                    : portico_reply_view(request, "look-people", view);
}

static int show_companies(struct portico_request *request, struct store_session *session,
                          int64_t person, struct portico_value *view, struct portico_error *error)
{
    struct portico_value *list = portico_set_list(view, "companies");
    struct value *rows;
    int code = identity_memberships(session, person, &rows, error);
    for (uint32_t i = 0; code == 0 && i < rows->count; i++) {
        const struct portico_value *row = value_public(value_at(rows, i));
        struct portico_value *item = portico_append_object(list);
        portico_set_text(item, "name",
                         admin_account_name(request, portico_get_integer(row, "account", 0),
                                            portico_get_text(row, "name", "")));
        portico_set_text(item, "title", portico_get_text(row, "title", ""));
    }
    portico_set_boolean(view, "any_companies", portico_count(list) > 0);
    return code;
}

int look_person_page(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const int64_t viewer = inside_viewer(request)->person;
    struct portico_value *view = visit_view(request);
    struct identity_person person;
    struct store_session *session;
    int code = open_page(request, &session, &error);
    if (code == 0)
        code = identity_person_look(session, visit_number(portico_param(request, "id")), &person,
                                    &error);
    if (code == 0 && person.state != IDENTITY_ACTIVE)
        code = error_set(&error, PORTICO_ENOENT, "There is no such person who can sign in.");
    if (code < 0)
        return visit_failed(request, code, &error);
    code = identity_viewing(inside_host(request)->identity, session, viewer, person.id, &error);
    /* Where somebody belongs is told to whom may look in their place. */
    const int shown = code == 0 ? show_companies(request, session, person.id, view, &error) : 0;
    if ((code < 0 && code != PORTICO_EPERM) || shown < 0)
        return visit_failed(request, shown < 0 ? shown : code, &error);
    portico_set_id(view, "id", person.id);
    show_name(request, person.name, person.handle, view);
    portico_set_boolean(view, "may_view", code == 0);
    portico_set_text(view, "refused",
                     code < 0 ? portico_translate(request, error.message, NULL) : NULL);
    portico_set_text(view, "viewing", looking_lacks(request));
    return portico_reply_view(request, "look-person", view);
}
