/* Whom "@" may mean, while somebody writes. */
#include "base/error.h"
#include "module/knower.h"
#include "portal/pages.h"
#include "portal/visit.h"

#define PEOPLE_MOST 8
#define ASKS_A_MINUTE 120

/* Those they may name: of their own accounts, of the staff. Who belongs to another company is told
 * to nobody by this; whoever knows a handle writes it all the same. */
static int find(struct portico_request *request, const char *beginning,
                struct portico_value **ret_rows, struct portico_error *error)
{
    const char *purpose = portico_query_param(request, "for");
    const struct identity_knower knower = knower_of(inside_viewer(request));
    struct store_session *session;
    struct value *rows;
    if (purpose && strcmp(purpose, "sharing") != 0)
        return error_set(error, PORTICO_EINVAL, "People are asked for to mention or to share.");
    if (!*beginning)
        return PORTICO_OK;
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
