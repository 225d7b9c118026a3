/* A reading circle: who asks for a book, gets it offered and reads it. The host follows each wish
 * from the events of these routes and shows in `portico status` how many come true. */
#include <portico/portico.h>

#define DATA                                                                                       \
    "{\"type\":\"object\",\"properties\":{\"book\":{\"type\":\"string\"}},\"required\":"           \
    "[\"book\"],\"additionalProperties\":false}"

static const struct portico_event_type event_types[] = {
    { .type = "portal.scenarios.book.wished", .title = "A book was wished", .data_schema = DATA },
    { .type = "portal.scenarios.book.offered", .title = "A book was offered", .data_schema = DATA },
    { .type = "portal.scenarios.book.read", .title = "A book was read", .data_schema = DATA },
};

static const struct portico_scenario scenarios[] = {
    { .id = "read-a-book",
      .title = "Read a book I wished for",
      .starts = "portal.scenarios.book.wished",
      .finishes = "portal.scenarios.book.read",
      .correlate = "book",
      .abandon_hours = 24 * 30 },
};

static const struct portico_scenario_step scenario_steps[] = {
    { .scenario = "read-a-book",
      .id = "offered",
      .title = "Somebody offered it",
      .passes = "portal.scenarios.book.offered" },
};

/* POST /api/scenarios/v1/books/{book}/wished, and so on: each tells that it happened. */
static int tell(struct portico_request *request, const char *type)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *data = portico_object(request);
    portico_set_text(data, "book", portico_param(request, "book"));
    const struct portico_emission emission = { .size = sizeof emission,
                                               .type = type,
                                               .data = data };
    int code = portico_emit(portico_events(request), &emission, NULL, &error);
    if (code < 0) {
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.message);
        return code;
    }
    return portico_reply_json(request, data);
}

static int wished(struct portico_request *request)
{
    return tell(request, "portal.scenarios.book.wished");
}

static int offered(struct portico_request *request)
{
    return tell(request, "portal.scenarios.book.offered");
}

static int read_through(struct portico_request *request)
{
    return tell(request, "portal.scenarios.book.read");
}

#define EVENT_ROUTE(word, function, says)                                                          \
    {                                                                                              \
        .method = "POST", .pattern = "/api/scenarios/v1/books/{book}/" word, .handler = function,  \
        .permission = PORTICO_PUBLIC, .summary = says, .request_schema = "{\"type\":\"object\"}",  \
        .response_schema = DATA                                                                    \
    }
static const struct portico_route routes[] = {
    EVENT_ROUTE("wished", wished, "Wish for a book"),
    EVENT_ROUTE("offered", offered, "Offer a book"),
    EVENT_ROUTE("read", read_through, "Tell that a book was read"),
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Scenarios",
    .routes = PORTICO_LIST(routes),
    .event_types = PORTICO_LIST(event_types),
    .scenarios = PORTICO_LIST(scenarios),
    .scenario_steps = PORTICO_LIST(scenario_steps),
};
PORTICO_EXPORT_MODULE(module)
