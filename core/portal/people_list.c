#include "portal/people_list.h"

#include "identity/person.h"

#define PEOPLE_A_PAGE 25

int people_list_show(struct portico_request *request, struct store_session *session,
                     void (*show)(struct portico_request *request, const struct portico_value *row,
                                  struct portico_value *list),
                     struct portico_value *view, struct portico_error *error)
{
    const char *query = portico_query_param(request, "q");
    const int64_t after = visit_number(portico_query_param(request, "after"));
    struct portico_value *list = portico_set_list(view, "people");
    struct identity_person last;
    struct value *rows = NULL;
    const bool behind = after && identity_person_look(session, after, &last, NULL) == 0;
    const struct identity_place place = { behind ? last.name : "", after };
    int code = identity_people_list(session, query ? query : "", behind ? &place : NULL,
                                    PEOPLE_A_PAGE + 1, &rows, error);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < rows->count && i < PEOPLE_A_PAGE; i++)
        show(request, value_public(value_at(rows, i)), list);
    portico_set_boolean(view, "any", portico_count(list) > 0);
    portico_set_text(view, "query", query && *query ? query : NULL);
    portico_set_boolean(view, "behind", behind);
    portico_set_text(view, "next", NULL);
    if (rows->count > PEOPLE_A_PAGE)
        portico_set_id(
            view, "next",
            portico_get_integer(value_public(value_at(rows, PEOPLE_A_PAGE - 1)), "id", 0));
    return PORTICO_OK;
}
