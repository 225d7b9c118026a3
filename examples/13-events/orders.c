/* Events: an order is told to those who listen, one of them in its transaction, one after it. */
#include <portico/portico.h>

#include <stdio.h>

#define PLACED "portal.orders.order.placed"

/* The row and its event: both are committed, or neither. */
static int write_order(struct portico_request *request, const char *article, int64_t pieces,
                       struct portico_error *error)
{
    struct portico_db *db = portico_db(request);
    portico_id id = portico_new_id(request);
    struct portico_value *data = portico_object(request);
    portico_set_text(data, "article", article);
    portico_set_integer(data, "pieces", pieces);
    const struct portico_emission placed = {
        .size = sizeof placed,
        .type = PLACED,
        .subject = portico_printf(request, "article/%s", article),
        .data = data,
    };
    int code = portico_begin(db, error);
    if (code < 0)
        return code;
    code = portico_execute(
        db, "INSERT INTO orders_order (id, article, pieces) VALUES (?, ?, ?)",
        PORTICO_ARGS(portico_arg_id(id), portico_arg_text(article), portico_arg_integer(pieces)),
        NULL, error);
    if (code == 0)
        code = portico_emit(portico_events(request), &placed, NULL, error);
    if (code == 0)
        return portico_commit(db, error);
    portico_rollback(db);
    return code;
}

static int place(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    const char *article = portico_form(request, "article");
    int64_t pieces = portico_id_read(portico_form(request, "pieces"));
    if (!article || pieces < 1)
        return PORTICO_EINVAL;
    int code = write_order(request, article, pieces, &error);
    if (code == PORTICO_ECONFLICT)
        return portico_reply_problem(request, 409, NULL, "Sold out", error.message);
    if (code < 0)
        return code;
    portico_set_status(request, 201);
    return portico_reply_json(request, portico_object(request));
}

/* In the transaction: its change is part of the order's, its refusal undoes the order. */
static int reserve(struct portico_context *context, const struct portico_event *event,
                   struct portico_error *error)
{
    const char *article = portico_text_of(portico_get(event->data, "article"), NULL);
    int64_t pieces = portico_value_integer(portico_get(event->data, "pieces")), changed = 0;
    int code = portico_execute(portico_db(context),
                               "UPDATE orders_stock SET pieces = pieces - ? "
                               "WHERE article = ? AND pieces >= ?",
                               PORTICO_ARGS(portico_arg_integer(pieces), portico_arg_text(article),
                                            portico_arg_integer(pieces)),
                               &changed, error);
    if (code == 0 && changed == 0) {
        snprintf(error->message, sizeof error->message, "There are not enough of these.");
        return PORTICO_ECONFLICT;
    }
    return code;
}

/* After the commit, in a jobs process. It may be delivered twice: the event's id makes it once. */
static int thank(struct portico_context *context, const struct portico_event *event,
                 struct portico_error *error)
{
    const char *article = portico_text_of(portico_get(event->data, "article"), NULL);
    return portico_execute(
        portico_db(context),
        "INSERT INTO orders_letter (event, text) VALUES (?, ?) "
        "ON CONFLICT (event) DO NOTHING",
        PORTICO_ARGS(portico_arg_id(event->id),
                     portico_arg_text(portico_printf(context, "Thank you for the %s.", article))),
        NULL, error);
}

static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *stock = NULL, *letters = NULL, *answer = portico_object(request);
    struct portico_db *db = portico_db(request);
    int code = portico_query(db, "SELECT article, pieces FROM orders_stock ORDER BY article",
                             PORTICO_NO_ARGS, &stock, &error);
    if (code == 0)
        code = portico_query(db, "SELECT text FROM orders_letter ORDER BY event", PORTICO_NO_ARGS,
                             &letters, &error);
    if (code < 0)
        return code;
    portico_set(answer, "stock", stock);
    portico_set(answer, "letters", letters);
    return portico_reply_json(request, answer);
}

static const struct portico_event_type event_types[] = {
    { .type = PLACED,
      .title = "Order placed",
      .data_schema = "{\"type\":\"object\",\"required\":[\"article\",\"pieces\"],"
                     "\"properties\":{\"article\":{\"type\":\"string\"},"
                     "\"pieces\":{\"type\":\"integer\",\"minimum\":1}}}" },
};

static const struct portico_event_handler event_handlers[] = {
    { .name = "reserve", .types = PLACED, .phase = PORTICO_IN_TRANSACTION, .handle = reserve },
    { .name = "thank", .types = "portal.orders.*", .handle = thank },
};

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/orders", .handler = show, .permission = PORTICO_PUBLIC },
    { .method = "POST", .pattern = "/orders", .handler = place, .permission = PORTICO_PUBLIC },
};

static const struct portico_personal_table personal_data[] = {
    { .table = "orders_order", .reason = "articles and numbers only" },
    { .table = "orders_stock", .reason = "articles and numbers only" },
    { .table = "orders_letter", .reason = "names an article, nobody" },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Orders",
    .routes = PORTICO_LIST(routes),
    .event_types = PORTICO_LIST(event_types),
    .event_handlers = PORTICO_LIST(event_handlers),
    .personal_data = PORTICO_LIST(personal_data),
};
PORTICO_EXPORT_MODULE(module)
