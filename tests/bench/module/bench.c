/* What `./dev bench` measures: a cached answer, a plain one, the fortunes page, a small durable
 * write. */
#include <portico/portico.h>

#include <stdlib.h>

#define FORTUNES_MAX 64

static int cached(struct portico_request *request)
{
    return portico_reply_bytes(request, "text/plain; charset=utf-8", "Hello, World!", 13);
}

static int answer(struct portico_request *request)
{
    return portico_reply_bytes(request, "text/plain; charset=utf-8", "Hello, World!", 13);
}

struct fortune {
    int64_t id;
    const char *message;
};

static int by_message(const void *left, const void *right)
{
    const struct fortune *a = left, *b = right;
    return strcmp(a->message, b->message);
}

/* Twelve rows from the database and one more, sorted, escaped and rendered. */
static int fortunes(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *rows = NULL;
    int code = portico_query(portico_db(request), "SELECT id, message FROM bench_fortune",
                             PORTICO_NO_ARGS, &rows, &error);
    if (code < 0)
        return code;

    struct fortune sorted[FORTUNES_MAX];
    size_t count = portico_count(rows);
    if (count >= FORTUNES_MAX)
        return PORTICO_ELIMIT;
    for (size_t i = 0; i < count; i++) {
        const struct portico_value *row = portico_at(rows, i);
        sorted[i].id = portico_get_integer(row, "id", 0);
        sorted[i].message = portico_get_text(row, "message", "");
    }
    sorted[count++] = (struct fortune){ 0, "Additional fortune added at request time." };
    qsort(sorted, count, sizeof *sorted, by_message);

    struct portico_value *view = portico_object(request);
    struct portico_value *list = portico_set_list(view, "fortunes");
    for (size_t i = 0; i < count; i++) {
        struct portico_value *item = portico_append_object(list);
        portico_set_integer(item, "id", sorted[i].id);
        portico_set_text(item, "message", sorted[i].message);
    }
    return portico_reply_view(request, "fortunes", view);
}

static int write_one(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const struct portico_value *body = portico_json(request, &error);
    if (!body)
        return portico_reply_problem(request, 400, NULL, "The body is not as described",
                                     error.message);
    portico_id id = portico_new_id(request);
    int code =
        portico_execute(portico_db(request), "INSERT INTO bench_write (id, number) VALUES (?, ?)",
                        PORTICO_ARGS(portico_arg_id(id),
                                     portico_arg_integer(portico_get_integer(body, "number", 0))),
                        NULL, &error);
    if (code < 0)
        return code;
    struct portico_value *reply = portico_object(request);
    portico_set_id(reply, "id", id);
    portico_set_status(request, 201);
    return portico_reply_json(request, reply);
}

static int count_writes(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *row = NULL;
    int code = portico_query_one(portico_db(request), "SELECT count(*) AS number FROM bench_write",
                                 PORTICO_NO_ARGS, &row, &error);
    return code < 0 ? code : portico_reply_json(request, row);
}

#define NUMBER_SCHEMA                                                                              \
    "{\"type\":\"object\",\"properties\":{\"number\":{\"type\":\"integer\"}},"                     \
    "\"required\":[\"number\"]}"
#define ID_SCHEMA                                                                                  \
    "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"}},"                          \
    "\"required\":[\"id\"]}"

static const struct portico_route routes[] = {
    { .method = "GET",
      .pattern = "/bench/cached",
      .handler = cached,
      .permission = PORTICO_PUBLIC,
      .cache_seconds = 3600 },
    { .method = "GET",
      .pattern = "/bench/answer",
      .handler = answer,
      .permission = PORTICO_PUBLIC },
    { .method = "GET",
      .pattern = "/bench/fortunes",
      .handler = fortunes,
      .permission = PORTICO_PUBLIC },
    { .method = "POST",
      .pattern = "/api/bench/v1/writes",
      .handler = write_one,
      .permission = PORTICO_PUBLIC,
      .summary = "Write one number",
      .request_schema = NUMBER_SCHEMA,
      .response_schema = ID_SCHEMA,
      .flags = PORTICO_ROUTE_IDEMPOTENT },
    { .method = "GET",
      .pattern = "/api/bench/v1/writes",
      .handler = count_writes,
      .permission = PORTICO_PUBLIC,
      .summary = "How many numbers were written",
      .response_schema = NUMBER_SCHEMA },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "bench_fortune", .reason = "The same sentences everywhere." },
    { .table = "bench_write", .reason = "Numbers of the bench." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Bench",
    .routes = PORTICO_LIST(routes),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
