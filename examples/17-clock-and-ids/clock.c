/* Clock and ids: times in and out as RFC 3339, how long something took, and what an id tells. */
#include <portico/portico.h>

/* GET /clock-and-ids/between?from=…&to=… : seconds between two times, whatever their zones. */
static int between(struct portico_request *request)
{
    portico_time from, to;
    if (portico_time_read(request, portico_query_param(request, "from"), &from) < 0 ||
        portico_time_read(request, portico_query_param(request, "to"), &to) < 0)
        return portico_reply_problem(request, 422, NULL, "That is no time",
                                     "Write times as 2026-11-22T09:30:00Z.");
    struct portico_value *answer = portico_object(request);
    portico_set_text(answer, "from", portico_time_text(request, from));
    portico_set_text(answer, "to", portico_time_text(request, to));
    portico_set_real(answer, "seconds", (double)(to - from) / 1e6);
    return portico_reply_json(request, answer);
}

/* GET /clock-and-ids/new : an id, and how long the host took to make it. */
static int make(struct portico_request *request)
{
    int64_t begun = portico_steady(request);
    portico_id id = portico_new_id(request);
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "id", id);
    portico_set_integer(answer, "took_us", portico_steady(request) - begun);
    return portico_reply_json(request, answer);
}

/* GET /clock-and-ids/ids/{id} : when it was made. Anything but an id does not exist. */
static int look(struct portico_request *request)
{
    portico_id id = portico_id_read(portico_param(request, "id"));
    if (!id)
        return PORTICO_ENOENT;
    struct portico_value *answer = portico_object(request);
    portico_set_id(answer, "id", id);
    portico_set_text(answer, "made", portico_time_text(request, portico_id_time(request, id)));
    return portico_reply_json(request, answer);
}

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/clock-and-ids/between",
      .handler = between,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/clock-and-ids/new",
      .handler = make,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/clock-and-ids/ids/{id}",
      .handler = look,
      .permission = PORTICO_PUBLIC },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Clock and ids",
    .routes = PORTICO_LIST(routes),
};
PORTICO_EXPORT_MODULE(module)
