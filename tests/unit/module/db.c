/* What a module hears when its statement is refused: its own mistake is never the reader's. */
#include "../job/work.h"
#include "http/exchange.h"
#include "workshop.h"

static const char teller[] =
    "#define PORTICO_MODULE_USES \"portico.db 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "static int wrong(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  int code = portico_execute(portico_db(r), \"UPDATE nowhere SET x = 1\", PORTICO_NO_ARGS,\n"
    "                             NULL, &e);\n"
    "  return strstr(e.message, \"UPDATE nowhere SET x\") ? code : PORTICO_OK; }\n"
    "static int list(struct portico_request *r, uint32_t limit, const char *cursor) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  struct portico_page page = { .size = sizeof page };\n"
    "  const struct portico_page_query q = { .size = sizeof q, .limit = limit,\n"
    "    .table = \"teller_row\", .columns = \"t.id\", .order = \"id\", .cursor = cursor };\n"
    "  return portico_page(portico_db(r), &q, &page, &e); }\n"
    "static int value(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  struct portico_value *rows;\n"
    "  return portico_query(portico_db(r), \"SELECT abs(?)\",\n"
    "    PORTICO_ARGS(portico_arg_integer(INT64_MIN)), &rows, &e); }\n"
    "static int garbage(struct portico_request *r) { return list(r, 5, \"garbage\"); }\n"
    "static int none(struct portico_request *r) { return list(r, 0, NULL); }\n"
    "#define ROUTE(path, function) { .method = \"GET\", .pattern = path, .handler = function,\\\n"
    "  .permission = PORTICO_PUBLIC }\n"
    "static const struct portico_route routes[] = { ROUTE(\"/teller/wrong\", wrong),\n"
    "  ROUTE(\"/teller/garbage\", garbage), ROUTE(\"/teller/none\", none),\n"
    "  ROUTE(\"/teller/value\", value) };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Teller\",\n"
    "  .routes = PORTICO_LIST(routes) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

static unsigned ask(struct module_host *host, const char *path)
{
    struct http_exchange exchange = { .response = { .file = -1 } };
    struct http_request *request = &exchange.request;
    struct route_match match;
    request->arena = arena_new(0);
    request->method = text_of("GET");
    request->target = request->path = text_of(path);
    request->query = request->body = text_of("");
    g_strlcpy(request->id, "0123456789abcdef", sizeof request->id);
    g_assert_true(
        route_tree_match(registry_routes(host->registry), request->method, request->path, &match));
    module_call_route(host, match.route, &match, &viewer_anonymous, &exchange);
    unsigned status = exchange.response.status;
    buffer_free(&exchange.response.fields);
    buffer_free(&exchange.response.body);
    arena_free(request->arena);
    return status;
}

static void
a_refused_statement_is_a_defect_and_a_wrong_cursor_or_value_the_readers(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    struct workshop *shop = workshop_open();
    workshop_build(shop, "teller", teller, NULL);
    if (workshop_load(shop, false) < 0) {
        workshop_says(shop, "");
        g_error("%s", shop->error.message);
    }
    struct module_host host = { .registry = shop->registry,
                                .store = database.store,
                                .config = shop->config,
                                .canonical_url = "http://localhost" };
    g_assert_cmpuint(ask(&host, "/teller/wrong"), ==, 500);
    g_assert_cmpuint(ask(&host, "/teller/none"), ==, 500);
    g_assert_cmpuint(ask(&host, "/teller/garbage"), ==, 400);
    g_assert_cmpuint(ask(&host, "/teller/value"), ==, 400);
    workshop_close(shop);
    database_free(&database);
}

static const char mute[] =
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "static int twice(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  for (int i = 0; i < 2; i++)\n"
    "    if (portico_execute(portico_db(r), \"DELETE FROM mute_row\", PORTICO_NO_ARGS, NULL,\n"
    "                        &e) != PORTICO_EPERM) return PORTICO_EFAULT;\n"
    "  return strstr(e.message, \"PORTICO_MODULE_USES\") ? PORTICO_ECONFLICT : PORTICO_EFAULT; }\n"
    "static const struct portico_route routes[] = { { .method = \"GET\",\n"
    "  .pattern = \"/mute/twice\", .handler = twice, .permission = PORTICO_PUBLIC } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Mute\",\n"
    "  .routes = PORTICO_LIST(routes) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

static unsigned times(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static void an_interface_that_was_not_declared_is_named_in_the_log_once(void)
{
    struct workshop *shop = workshop_open();
    workshop_build(shop, "mute", mute, NULL);
    if (workshop_load(shop, false) < 0) {
        workshop_says(shop, "");
        g_error("%s", shop->error.message);
    }
    struct module_host host = { .registry = shop->registry,
                                .config = shop->config,
                                .canonical_url = "http://localhost" };
    int pipes[2], kept = dup(STDERR_FILENO);
    char said[8192];
    g_assert_cmpint(pipe(pipes), ==, 0);
    dup2(pipes[1], STDERR_FILENO);
    unsigned first = ask(&host, "/mute/twice"), second = ask(&host, "/mute/twice");
    dup2(kept, STDERR_FILENO);
    close(pipes[1]);
    close(kept);
    ssize_t length = read(pipes[0], said, sizeof said - 1);
    close(pipes[0]);
    g_assert_cmpint(length, >, 0);
    said[length] = '\0';
    g_assert_cmpuint(first, ==, 409);
    g_assert_cmpuint(second, ==, 409);
    g_assert_cmpuint(times(said,
                           "Module mute asked for the interface portico.db, which its "
                           "PORTICO_MODULE_USES does not name: add it there and build again."),
                     ==, 1);
    workshop_close(shop);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    DATABASE_TEST("db", a_refused_statement_is_a_defect_and_a_wrong_cursor_or_value_the_readers);
    g_test_add_func("/db/an interface that was not declared is named in the log once",
                    an_interface_that_was_not_declared_is_named_in_the_log_once);
    return g_test_run();
}
