/* What happens around a handler: replies, errors, schemas, gates, serial modules. */
#include "workshop.h"

#include "http/exchange.h"

#include <unistd.h>

static const char source[] =
    "#define PORTICO_MODULE_USES \"portico.content 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "static int json(struct portico_request *r) {\n"
    "  struct portico_value *v = portico_object(r);\n"
    "  portico_set_text(v, \"name\", portico_param(r, \"name\"));\n"
    "  portico_set_text(v, \"q\", portico_query_param(r, \"q\"));\n"
    "  portico_set_text(v, \"method\", portico_method(r));\n"
    "  portico_set_text(v, \"cookie\", portico_header(r, \"Cookie\"));\n"
    "  portico_set_text(v, \"accept\", portico_header(r, \"ACCEPT\"));\n"
    "  portico_set_text(v, \"url\", portico_external_url(r, \"/a\"));\n"
    "  return portico_reply_json(r, v); }\n"
    "static int twice(struct portico_request *r) {\n"
    "  portico_reply_redirect(r, 303, \"/trial/gr\xc3\xb6\xc3\x9f"
    "e?x=1\");\n"
    "  return portico_reply_json(r, portico_object(r)); }\n"
    "static int away(struct portico_request *r) {\n"
    "  static const char *const out[] = { \"//evil.example\", \"/\\\\evil.example\", "
    "\"https://evil.example\","
    " \"/a\\r\\nSet-Cookie: x=1\", \"\", \"a\" };\n"
    "  for (int i = 0; i < 6; i++) if (portico_reply_redirect(r, 303, out[i]) != PORTICO_EINVAL) "
    "return 0;\n"
    "  if (portico_reply_redirect(r, 200, \"/a\") != PORTICO_EINVAL) return 0;\n"
    "  return portico_reply_bytes(r, \"text/plain\", \"stayed\", 6); }\n"
    "static int silent(struct portico_request *r) { (void)r; return 0; }\n"
    "static int absent(struct portico_request *r) { portico_set_header(r, \"X-Left\", \"over\"); "
    "return PORTICO_ENOENT; }\n"
    "static int make(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  const struct portico_value *in = portico_json(r, &e);\n"
    "  struct portico_value *v = portico_object(r);\n"
    "  portico_set_text(v, \"title\", portico_get_text(in, \"title\", \"?\"));\n"
    "  portico_set_status(r, 201);\n"
    "  if (portico_set_header(r, \"Location\", \"//evil.example\") != PORTICO_EPERM) return 0;\n"
    "  if (portico_set_header(r, \"Location\", \"/trial/it\") < 0) return 0;\n"
    "  return portico_reply_json(r, v); }\n"
    "static int nothing(struct portico_request *r) {\n"
    "  if (portico_set_header(r, \"Location\", \"/trial/it\") != PORTICO_EPERM) return 0;\n"
    "  return portico_reply_bytes(r, NULL, NULL, 0); }\n"
    "static int terse(struct portico_request *r) {\n"
    "  return portico_reply_problem(r, 409, NULL, \"Lent\", NULL); }\n"
    "static int gate(struct portico_request *r) {\n"
    "  char t[64]; int n = 0; struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  t[n++] = portico_db(r) ? 'd' : '-'; t[n++] = portico_search(r) ? 's' : '-';\n"
    "  t[n++] = portico_content(r) ? 'c' : '-';\n"
    "  t[n++] = portico_interface(r, \"portico.content\", 2) ? '2' : '-';\n"
    "  t[n++] = portico_set_header(r, \"Set-Cookie\", \"a=b\") == PORTICO_EPERM ? 'p' : '-';\n"
    "  t[n++] = portico_set_header(r, \"X-A\", \"a\\r\\nb\") == PORTICO_EINVAL ? 'i' : '-';\n"
    "  t[n++] = portico_may(r, \"trial.see\") ? 'm' : '-';\n"
    "  t[n++] = portico_may(r, PORTICO_PUBLIC) ? 'P' : '-';\n"
    "  t[n++] = portico_person(r) == 0 && portico_account(r) == 0 ? '0' : '-';\n"
    "  t[n++] = portico_execute(portico_db(r), \"x\", PORTICO_NO_ARGS, NULL, &e) == PORTICO_EPERM "
    "&& strstr(e.message, \"PORTICO_MODULE_USES\") ? 'u' : '-';\n"
    "  return portico_reply_bytes(r, \"text/plain\", t, n); }\n"
    "static int form(struct portico_request *r) {\n"
    "  const char *t = portico_form(r, \"text\");\n"
    "  return portico_reply_bytes(r, \"text/plain\", t ? t : \"none\", t ? strlen(t) : 4); }\n"
    "static int file(struct portico_request *r) {\n"
    "  return portico_reply_file(r, \"text/plain\", portico_param(r, \"path\")); }\n"
    "static int scoped(struct portico_request *r) {\n"
    "  for (int i = 0; i < 1000; i++) {\n"
    "    struct portico_context *s = portico_scope(r);\n"
    "    memset(portico_alloc(s, 10000), 1, 10000);\n"
    "    if (i != 500) portico_end_scope(s); }\n"
    "  return portico_reply_bytes(r, \"text/plain\", \"done\", 4); }\n"
    "static int settings(struct portico_request *r) {\n"
    "  char *t = portico_printf(r, \"%s %lld %lld %d\", portico_setting_text(r, \"word\"),\n"
    "    (long long)portico_setting_integer(r, \"time\"), (long long)portico_setting_integer(r, "
    "\"size\"),\n"
    "    portico_setting_boolean(r, \"on\"));\n"
    "  return portico_reply_bytes(r, \"text/plain\", t, strlen(t)); }\n"
    "static int state;\n"
    "static int start(struct portico_context *c, struct portico_error *e) { (void)e; state = 41; "
    "portico_set_state(c, &state); return 0; }\n"
    "static int kept(struct portico_request *r) {\n"
    "  int *n = portico_state(r); char *t = portico_printf(r, \"%d\", ++*n);\n"
    "  return portico_reply_bytes(r, \"text/plain\", t, strlen(t)); }\n"
    "static int sick(struct portico_context *c, char *m, size_t size) { (void)c; strncpy(m, \"Half "
    "full.\", size); return PORTICO_DEGRADED; }\n"
    "static int well(struct portico_context *c, char *m, size_t size) { (void)c; (void)m; "
    "(void)size; return PORTICO_HEALTHY; }\n"
    "static int import(struct portico_context *c, const struct portico_import *i, struct "
    "portico_error *e) {\n"
    "  (void)e; i->count(c, \"things\", 2); i->count(c, \"things\", 3); i->skipped(c, \"no "
    "title\", \"row 7\");\n"
    "  i->skipped(c, \"no title\", \"row 9\"); return i->progress(c, 1, 2); }\n"
    "#define PAGE(m, p, h) { .method = m, .pattern = p, .handler = h, .permission = PORTICO_PUBLIC "
    "}\n"
    "static const struct portico_route routes[] = {\n"
    "  PAGE(\"GET\", \"/trial/json/{name}\", json), PAGE(\"GET\", \"/trial/twice\", twice),\n"
    "  PAGE(\"GET\", \"/trial/away\", away), PAGE(\"GET\", \"/trial/silent\", silent),\n"
    "  PAGE(\"GET\", \"/trial/absent\", absent), PAGE(\"GET\", \"/trial/gate\", gate),\n"
    "  PAGE(\"POST\", \"/trial/form\", form), PAGE(\"GET\", \"/trial/file/{path...}\", file),\n"
    "  PAGE(\"GET\", \"/trial/scoped\", scoped), PAGE(\"GET\", \"/trial/settings\", settings),\n"
    "  PAGE(\"GET\", \"/trial/kept\", kept),\n"
    "  { .method = \"POST\", .pattern = \"/api/trial/v1/things\", .handler = make, .permission = "
    "PORTICO_PUBLIC,\n"
    "    .summary = \"Makes a thing\", .response_schema = \"{}\",\n"
    "    .request_schema = "
    "\"{\\\"type\\\":\\\"object\\\",\\\"required\\\":[\\\"title\\\"],\\\"properties\\\":"
    "{\\\"title\\\":{\\\"type\\\":\\\"string\\\",\\\"maxLength\\\":5}}}\" },\n"
    "  { .method = \"GET\", .pattern = \"/api/trial/v1/things/{name}\", .handler = json,\n"
    "    .permission = PORTICO_PUBLIC, .summary = \"One thing\", .response_schema = "
    "\"{\\\"type\\\":\\\"object\\\",\\\"properties\\\":"
    "{\\\"name\\\":{\\\"maxLength\\\":5}}}\" },\n"
    "  { .method = \"DELETE\", .pattern = \"/api/trial/v1/things\", .handler = nothing,\n"
    "    .permission = PORTICO_PUBLIC, .summary = \"Removes\" },\n"
    "  { .method = \"PUT\", .pattern = \"/api/trial/v1/things\", .handler = terse,\n"
    "    .permission = PORTICO_PUBLIC, .summary = \"Lends\", .response_schema = \"{}\" },\n"
    "};\n"
    "static const struct portico_setting settings_list[] = {\n"
    "  { .key = \"word\", .type = PORTICO_SETTING_TEXT, .initial = \"default\", .title = \"Word\" "
    "},\n"
    "  { .key = \"time\", .type = PORTICO_SETTING_DURATION, .initial = \"2s\", .title = \"Time\" "
    "},\n"
    "  { .key = \"size\", .type = PORTICO_SETTING_SIZE, .initial = \"1KiB\", .title = \"Size\" },\n"
    "  { .key = \"on\", .type = PORTICO_SETTING_BOOLEAN, .initial = \"true\", .title = \"On\" },\n"
    "};\n"
    "static const struct portico_health_check checks[] = { { \"well\", well }, { \"sick\", sick } "
    "};\n"
    "static const struct portico_importer importers[] = { { \"rows\", \"Rows\", import } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Trial\",\n"
    "  .concurrency = PORTICO_SERIAL, .start = start, .routes = PORTICO_LIST(routes),\n"
    "  .settings = PORTICO_LIST(settings_list), .health_checks = PORTICO_LIST(checks),\n"
    "  .importers = PORTICO_LIST(importers) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

static struct workshop *shop;
static struct module_host host;
static struct module_trace_page trace;

/* One request and what came back. */
struct talk {
    struct http_exchange exchange;
    struct http_field fields[8];
    unsigned status;
    char *body, *head;
};

static void talk_field(struct talk *talk, const char *name, const char *value)
{
    talk->fields[talk->exchange.request.field_count++] =
        (struct http_field){ text_of(name), text_of(value) };
}

static void talk_begin(struct talk *talk, const char *method, const char *path)
{
    memset(talk, 0, sizeof *talk);
    struct http_request *request = &talk->exchange.request;
    const char *query = strchr(path, '?');
    request->arena = arena_new(0);
    request->method = text_of(method);
    request->target = text_of(path);
    request->path = query ? text_of(arena_strndup(request->arena, path, (size_t)(query - path)))
                          : text_of(path);
    request->query = text_of(query ? query + 1 : "");
    request->body = text_of("");
    request->fields = talk->fields;
    g_strlcpy(request->id, "0123456789abcdef", sizeof request->id);
    talk->exchange.response.file = -1;
}

static void talk_send(struct talk *talk)
{
    struct http_request *request = &talk->exchange.request;
    struct route_match match;
    g_assert_true(
        route_tree_match(registry_routes(shop->registry), request->method, request->path, &match));
    module_call_route(&host, match.route, &match, &viewer_anonymous, &talk->exchange);
    struct http_response *response = &talk->exchange.response;
    talk->status = response->status;
    talk->body = g_strndup(response->body.data ? response->body.data : "", response->body.length);
    talk->head =
        g_strndup(response->fields.data ? response->fields.data : "", response->fields.length);
}

static void talk_end(struct talk *talk)
{
    buffer_free(&talk->exchange.response.body);
    buffer_free(&talk->exchange.response.fields);
    if (talk->exchange.response.file >= 0)
        close(talk->exchange.response.file);
    arena_free(talk->exchange.request.arena);
    g_free(talk->body);
    g_free(talk->head);
}

/* GET, the usual case: status and exact body. */
static void expect(const char *path, unsigned status, const char *body)
{
    struct talk talk;
    talk_begin(&talk, "GET", path);
    talk_send(&talk);
    g_assert_cmpuint(talk.status, ==, status);
    if (body)
        g_assert_cmpstr(talk.body, ==, body);
    talk_end(&talk);
}

static void test_handler_reads_what_came_in(void)
{
    struct talk talk;
    talk_begin(&talk, "HEAD", "/trial/json/J\xc3\xb6rg?q=a+b%21&q=second");
    talk_field(&talk, "cookie", "session=secret");
    talk_field(&talk, "accept", "text/html");
    talk_field(&talk, "accept", "text/plain");
    talk_send(&talk);
    g_assert_cmpuint(talk.status, ==, 200);
    g_assert_cmpstr(talk.body, ==,
                    "{\"name\":\"J\xc3\xb6rg\",\"q\":\"a b!\",\"method\":\"GET\",\"cookie\":null,"
                    "\"accept\":\"text/html, text/plain\",\"url\":\"https://portal.example/a\"}");
    g_assert_nonnull(strstr(talk.head, "application/json"));
    g_assert_cmpuint(talk.exchange.response.etag.length, ==, 34);
    talk_end(&talk);
}

static void test_malformed_query_is_refused_before_the_handler(void)
{
    expect("/trial/json/x?q=%ff", 400, NULL);
    expect("/trial/json/x?q=%zz", 400, NULL);
}

static void test_first_reply_stands(void)
{
    struct talk talk;
    talk_begin(&talk, "GET", "/trial/twice");
    talk_send(&talk);
    g_assert_cmpuint(talk.status, ==, 303);
    g_assert_nonnull(strstr(talk.head, "/trial/gr%C3%B6%C3%9Fe?x=1\r\n"));
    g_assert_cmpstr(talk.body, ==, "");
    talk_end(&talk);
}

static void test_redirects_stay_on_the_portal(void)
{
    expect("/trial/away", 200, "stayed");
}

static void test_handler_without_reply_becomes_an_error(void)
{
    expect("/trial/silent", 500, NULL);
    struct talk talk;
    talk_begin(&talk, "GET", "/trial/absent");
    talk_field(&talk, "accept", "text/html;q=0.5, application/json");
    talk_send(&talk);
    g_assert_cmpuint(talk.status, ==, 404);
    g_assert_nonnull(strstr(talk.head, "application/problem+json"));
    g_assert_null(strstr(talk.head, "X-Left"));
    g_assert_nonnull(strstr(talk.body, "\"status\":404"));
    g_assert_nonnull(strstr(talk.body, "\"request\":\"0123456789abcdef\""));
    talk_end(&talk);
}

static void test_browser_gets_no_problem_document(void)
{
    struct talk talk;
    talk_begin(&talk, "GET", "/trial/absent");
    talk_field(&talk, "accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    talk_send(&talk);
    g_assert_cmpuint(talk.status, ==, 404);
    g_assert_null(strstr(talk.head, "problem"));
    talk_end(&talk);
}

static void test_json_bodies_are_checked_against_the_schema(void)
{
    static const struct {
        const char *type, *body;
        unsigned status;
        const char *says;
    } cases[] = {
        { "application/json", "{\"title\":\"gold\"}", 201, "{\"title\":\"gold\"}" },
        { "application/vnd.thing+json; charset=utf-8", "{\"title\":\"gold\"}", 201, "gold" },
        { "text/plain", "{\"title\":\"gold\"}", 415, "application/json" },
        { "application/json", "{\"title\":", 400, "\"status\":400" },
        { "application/json", "", 400, "\"status\":400" },
        { "application/json", "{}", 422, "/title is required and missing" },
        { "application/json", "{\"title\":7}", 422, "/title must be of type string" },
        { "application/json", "{\"title\":\"silver\"}", 422,
          "/title must have at most 5 characters" },
        { "application/json", "[]", 422, "must be of type object" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct talk talk;
        talk_begin(&talk, "POST", "/api/trial/v1/things");
        talk_field(&talk, "content-type", cases[i].type);
        talk.exchange.request.body = text_of(cases[i].body);
        talk_send(&talk);
        g_test_message("%s", talk.body);
        g_assert_cmpuint(talk.status, ==, cases[i].status);
        g_assert_nonnull(strstr(talk.body, cases[i].says));
        g_assert_true(!strstr(talk.head, "/trial/it") == (talk.status != 201));
        talk_end(&talk);
    }
}

static void test_api_routes_answer_without_bodies_and_details(void)
{
    static const struct {
        const char *method, *body;
        unsigned status;
        const char *says, *never;
    } cases[] = {
        { "DELETE", "", 204, "", "Content-Type" },
        { "PUT", "", 409, "Lent", "detail" },
        { "PUT", "{}", 415, "takes no body", "Lent" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct talk talk;
        talk_begin(&talk, cases[i].method, "/api/trial/v1/things");
        talk.exchange.request.body = text_of(cases[i].body);
        talk_send(&talk);
        g_test_message("%s", talk.body);
        g_assert_cmpuint(talk.status, ==, cases[i].status);
        g_assert_nonnull(strstr(talk.body, cases[i].says));
        g_assert_null(strstr(talk.body, cases[i].never));
        g_assert_null(talk.status == 204 ? strstr(talk.head, cases[i].never) : NULL);
        talk_end(&talk);
    }
}

static void test_answers_are_held_to_their_schema_in_development_and_under_test(void)
{
    expect("/api/trial/v1/things/silver", 200, NULL);
    host.check_results = true;
    expect("/api/trial/v1/things/tin", 200, NULL);
    expect("/api/trial/v1/things/silver", 500, NULL);
    host.check_results = false;
}

static void test_only_declared_interfaces_are_given(void)
{
    expect("/trial/gate", 200, "--c-pi-P0u");
}

static void test_forms_are_decoded(void)
{
    struct talk talk;
    talk_begin(&talk, "POST", "/trial/form");
    talk_field(&talk, "content-type", "application/x-www-form-urlencoded");
    talk.exchange.request.body = text_of("other=1&text=gr%C3%BCn+tea");
    talk_send(&talk);
    g_assert_cmpstr(talk.body, ==, "gr\xc3\xbcn tea");
    talk_end(&talk);
}

static void test_files_stay_below_the_module(void)
{
    char *path = workshop_path(shop, "trial", "note.txt");
    g_assert_true(g_file_set_contents(path, "hello", -1, NULL));
    struct talk talk;
    talk_begin(&talk, "GET", "/trial/file/note.txt");
    talk_send(&talk);
    g_assert_cmpuint(talk.status, ==, 200);
    g_assert_cmpint(talk.exchange.response.file, >=, 0);
    g_assert_cmpuint(talk.exchange.response.file_length, ==, 5);
    g_assert_cmpuint(talk.exchange.response.etag.length, >, 4);
    talk_end(&talk);
    char *link = workshop_path(shop, "trial", "link.txt");
    g_assert_cmpint(symlink("/etc/passwd", link), ==, 0);
    expect("/trial/file/link.txt", 404, NULL);
    expect("/trial/file/../trial/note.txt", 404, NULL);
    expect("/trial/file/.hidden", 404, NULL);
    expect("/trial/file//etc/passwd", 404, NULL);
    expect("/trial/file/absent", 404, NULL);
    g_free(link);
    g_free(path);
}

static void test_scopes_have_memory_of_their_own(void)
{
    expect("/trial/scoped", 200, "done");
}

static void test_settings_come_typed(void)
{
    expect("/trial/settings", 200, "configured 1500 1024 1");
}

static void test_state_of_start_is_kept(void)
{
    expect("/trial/kept", 200, "42");
    expect("/trial/kept", 200, "43");
}

static void test_health_is_the_worst_of_the_checks(void)
{
    struct arena *arena = arena_new(0);
    struct value *list = value_new(arena, PORTICO_LISTING);
    struct module *module = registry_find(shop->registry, "trial");
    g_assert_cmpint(module_call_health(&host, module, list), ==, PORTICO_DEGRADED);
    g_assert_cmpuint(list->count, ==, 2);
    g_assert_cmpstr(value_get(list->items[1], TEXT("message"))->text, ==, "Half full.");
    g_assert_cmpstr(value_get(list->items[1], TEXT("state"))->text, ==, "degraded");
    arena_free(arena);
}

static int stop_at_once(int64_t done, int64_t total, void *data)
{
    *(int64_t *)data = done * 10 + total;
    return 1;
}

static void test_importer_reports_counts_and_reasons(void)
{
    struct arena *arena = arena_new(0);
    struct value *report = value_new(arena, PORTICO_OBJECT);
    struct module *module = registry_find(shop->registry, "trial");
    const struct portico_importer *importer = module_descriptor(module)->importers.items;
    int64_t seen = 0;
    g_assert_cmpint(
        module_call_importer(&host, module, importer, "/", stop_at_once, &seen, report, NULL), ==,
        1);
    g_assert_cmpint(seen, ==, 12);
    const struct value *counts = value_get(report, TEXT("counts"));
    const struct value *skipped = value_get(value_get(report, TEXT("skipped")), TEXT("no title"));
    g_assert_cmpint(value_get(counts, TEXT("things"))->integer, ==, 5);
    g_assert_cmpint(value_get(skipped, TEXT("count"))->integer, ==, 2);
    g_assert_cmpstr(value_get(skipped, TEXT("first"))->text, ==, "row 7");
    arena_free(arena);
}

static void test_calls_leave_counters_and_an_idle_trace(void)
{
    struct route_match match;
    route_tree_match(registry_routes(shop->registry), TEXT("GET"), TEXT("/trial/silent"), &match);
    struct module_route *route = match.route;
    uint64_t requests = route->requests, failures = route->failures;
    module_trace_use(&trace);
    module_trace_claim(3);
    expect("/trial/silent", 500, NULL);
    g_assert_cmpuint(route->requests, ==, requests + 1);
    g_assert_cmpuint(route->failures, ==, failures + 1);
    g_assert_cmpuint(route->running, ==, 0);
    g_assert_cmpuint(trace.slots[3].kind, ==, 0);
    g_assert_cmpstr(trace.slots[3].name, ==, "trial GET /trial/silent");
    g_assert_cmpuint(trace.slots[3].route, ==, route->index);
    module_trace_use(NULL);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    shop = workshop_open();
    workshop_build(shop, "trial", source, NULL);
    g_string_append(shop->sections, "word = configured\ntime = 1500ms\n");
    if (workshop_load(shop, false) < 0)
        g_error("%s", config_problem_at(shop->config, 0)->message);
    host = (struct module_host){ .registry = shop->registry,
                                 .config = shop->config,
                                 .canonical_url = "https://portal.example" };
    g_assert_cmpint(registry_start(shop->registry, &host, &shop->error), ==, 0);
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "handler reads what came in", test_handler_reads_what_came_in },
        { "malformed query is refused before the handler",
          test_malformed_query_is_refused_before_the_handler },
        { "first reply stands", test_first_reply_stands },
        { "redirects stay on the portal", test_redirects_stay_on_the_portal },
        { "handler without reply becomes an error", test_handler_without_reply_becomes_an_error },
        { "browser gets no problem document", test_browser_gets_no_problem_document },
        { "json bodies are checked against the schema",
          test_json_bodies_are_checked_against_the_schema },
        { "api routes answer without bodies and details",
          test_api_routes_answer_without_bodies_and_details },
        { "answers are held to their schema in development and under test",
          test_answers_are_held_to_their_schema_in_development_and_under_test },
        { "only declared interfaces are given", test_only_declared_interfaces_are_given },
        { "forms are decoded", test_forms_are_decoded },
        { "files stay below the module", test_files_stay_below_the_module },
        { "scopes have memory of their own", test_scopes_have_memory_of_their_own },
        { "settings come typed", test_settings_come_typed },
        { "state of start is kept", test_state_of_start_is_kept },
        { "health is the worst of the checks", test_health_is_the_worst_of_the_checks },
        { "importer reports counts and reasons", test_importer_reports_counts_and_reasons },
        { "calls leave counters and an idle trace", test_calls_leave_counters_and_an_idle_trace },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        char *name = g_strdup_printf("/call/%s", tests[i].name);
        g_test_add_func(name, tests[i].run);
        g_free(name);
    }
    int status = g_test_run();
    registry_stop(shop->registry, &host);
    workshop_close(shop);
    return status;
}
