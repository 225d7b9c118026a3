/* Whom "@" may mean, while somebody writes. */
#include "module/knower.h"
#include "portal/pages.h"
#include "portal/visit.h"

#define PEOPLE_MOST 8
#define ASKS_A_MINUTE 120

/* Whom somebody may share things with, for ?for=sharing: fewer than they may mention. */
static int find(struct portico_request *request, const char *beginning,
                struct portico_value **ret_rows, struct portico_error *error)
{
    const char *purpose = portico_query_param(request, "for");
    const struct identity_knower knower = knower_of(inside_viewer(request));
    struct store_session *session;
    struct value *rows;
    if (!purpose || strcmp(purpose, "sharing") != 0 || !*beginning)
        return portico_people_find(portico_people(request), beginning, PEOPLE_MOST, ret_rows,
                                   error);
    int code = visit_session(request, &session, error);
    if (code == 0)
        code = identity_nameable(session, &knower, beginning, PEOPLE_MOST, &rows, error);
    if (code == 0)
        *ret_rows = value_public(rows);
    return code;
}

int people_suggest(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    const char *beginning = portico_query_param(request, "q");
    int code = portico_limit_take(portico_limits(request), "people", ASKS_A_MINUTE, 60, &error);
    if (code == 0)
        code = find(request, beginning ? beginning : "", &rows, &error);
    if (code < 0)
        return code;
    struct portico_value *answer = portico_object(request);
    struct portico_value *items = portico_set_list(answer, "items");
    for (size_t i = 0; i < portico_count(rows); i++) {
        struct portico_value *item = portico_append_object(items);
        portico_set(item, "name", portico_get(portico_at(rows, i), "handle"));
        portico_set(item, "title", portico_get(portico_at(rows, i), "name"));
    }
    return portico_reply_json(request, answer);
}
