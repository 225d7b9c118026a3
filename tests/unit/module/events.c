/* Around handlers and jobs: what a descriptor may say, whose locks are held, what a handler in
 * another's transaction may not do. */
#include "workshop.h"

#include "../job/work.h"
#include "http/exchange.h"

static void refuses(const char *lines, const char *members, const char *says)
{
    struct workshop *shop = workshop_open();
    char *before = g_strdup_printf(
        "static int handle(struct portico_context *c, const struct portico_event *e, struct "
        "portico_error *r) { (void)c; (void)e; (void)r; return 0; }\n"
        "static int run(struct portico_context *c, struct portico_job *j, struct portico_error *r) "
        "{ (void)c; (void)j; (void)r; return 0; }\n"
        "void *kept[] = { (void *)handle, (void *)run };\n%s",
        lines);
    workshop_module(shop, "trial", before, members);
    g_assert_cmpint(workshop_load(shop, true), ==, PORTICO_EINVAL);
    g_assert_true(workshop_says(shop, says));
    g_free(before);
    workshop_close(shop);
}

static void a_descriptor_with_wrong_events_or_jobs_is_refused(void)
{
    static const char types[] = ".event_types = PORTICO_LIST(l),";
    static const char handlers[] = ".event_handlers = PORTICO_LIST(l),";
    static const char jobs[] = ".jobs = PORTICO_LIST(l),";
#define TYPE "static const struct portico_event_type l[] = "
#define HANDLER "static const struct portico_event_handler l[] = "
#define JOB "static const struct portico_job_type l[] = "
    refuses(TYPE "{ { .type = \"portal.other.a.b\", .title = \"x\", .data_schema = \"{}\" } };",
            types, "is not named portal.trial.<entity>.<pastverb>");
    refuses(TYPE "{ { .type = \"portal.trial.a.b\", .title = \"x\", .data_schema = \"{\" } };",
            types, "The data schema of the event type portal.trial.a.b is wrong");
    refuses(HANDLER "{ { .name = \"h\", .types = \"portal.\", .handle = handle } };", handlers,
            "The .types of event handler h are wrong");
    refuses(HANDLER "{ { .name = \"h\", .types = \"portal.*\", .handle = handle }, "
                    "{ .name = \"h\", .types = \"portal.*\", .handle = handle } };",
            handlers, "The event handler \"h\" is given twice: remove one.");
    refuses(HANDLER "{ { .name = \"h\", .types = \"portal.*\", .phase = 2, .handle = handle } };",
            handlers, "has the phase 2");
    refuses(JOB "{ { .name = \"j\", .title = \"x\", .schedule = \"0 0 31 2 *\", .run = run } };",
            jobs, "The .schedule of job j is wrong: The schedule \"0 0 31 2 *\" never comes");
    GString *many = g_string_new(JOB "{ ");
    for (int i = 0; i <= 100; i++)
        g_string_append_printf(
            many, "{ .name = \"j%d\", .title = \"x\", .schedule = \"every 1s\", .run = run }, ", i);
    g_string_append(many, "};");
    refuses(many->str, jobs,
            "The module has 101 jobs on a schedule, more than 100: give fewer of them one, which "
            "queue the others.");
    g_string_free(many, TRUE);
    refuses(JOB "{ { .name = \"J j\", .title = \"x\", .run = run } };", jobs,
            "is not named by lower-case words");
}

/* A serial module that emits, and listens in the transaction of the other's events. */
static const char source[] =
    "#define PORTICO_MODULE_USES \"portico.db 1.0, portico.event 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "#define OWN \"portal.\" PORTICO_MODULE_ID \".ball.played\"\n"
    "static int go(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  const struct portico_emission m = { .size = sizeof m, .type = OWN, .subject = \"ball\" };\n"
    "  int code = portico_emit(portico_events(r), &m, NULL, &e);\n"
    "  if (code < 0) return portico_reply_problem(r, 409, NULL, \"No\", e.message);\n"
    "  return portico_reply_json(r, portico_object(r)); }\n"
    "static int hear(struct portico_context *c, const struct portico_event *v,\n"
    "                struct portico_error *e) {\n"
    "  struct portico_db *db = portico_db(c);\n"
    "  if (portico_begin(db, e) >= 0 || portico_commit(db, e) >= 0) return PORTICO_EFAULT;\n"
    "  if (!strcmp(v->subject, \"out\")) portico_rollback(db);\n"
    "  e->message[0] = 0;\n"
    "  return 0; }\n"
    "static const struct portico_event_type types[] = {\n"
    "  { .type = OWN, .title = \"Played\", .data_schema = \"{\\\"type\\\":\\\"object\\\"}\" } };\n"
    "static const struct portico_event_handler handlers[] = {\n"
    "  { .name = \"hear\", .types = OTHER \" \" OWN, .phase = PORTICO_IN_TRANSACTION,\n"
    "    .handle = hear } };\n"
    "static const struct portico_route routes[] = {\n"
    "  { .method = \"GET\", .pattern = \"/\" PORTICO_MODULE_ID, .handler = go,\n"
    "    .permission = PORTICO_PUBLIC } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Ball\",\n"
    "  .concurrency = PORTICO_SERIAL, .routes = PORTICO_LIST(routes),\n"
    "  .event_types = PORTICO_LIST(types), .event_handlers = PORTICO_LIST(handlers) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

#define ROUNDS 25
#define PLAYERS 4

struct player {
    struct module_host *host;
    struct module_route *route;
};

static unsigned ask(struct module_host *host, struct module_route *route)
{
    struct http_exchange exchange = { .response = { .file = -1 } };
    struct route_match match = { 0 };
    struct http_request *request = &exchange.request;
    request->arena = arena_new(0);
    request->method = text_of("GET");
    request->target = request->path = text_of(route->route.pattern);
    request->query = request->body = text_of("");
    g_strlcpy(request->id, "0123456789abcdef", sizeof request->id);
    module_call_route(host, route, &match, &viewer_anonymous, &exchange);
    unsigned status = exchange.response.status;
    buffer_free(&exchange.response.fields);
    buffer_free(&exchange.response.body);
    arena_free(request->arena);
    return status;
}

static gpointer play(gpointer data)
{
    const struct player *player = data;
    for (int i = 0; i < ROUNDS; i++)
        g_assert_cmpuint(ask(player->host, player->route), ==, 200);
    return NULL;
}

static void serial_modules_that_hear_each_other_never_wait_in_a_circle(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    struct workshop *shop = workshop_open();
    const char *ping[] = { "-DOTHER=\"portal.pong.ball.played\"", NULL };
    const char *pong[] = { "-DOTHER=\"portal.ping.ball.played\"", NULL };
    workshop_build(shop, "ping", source, ping);
    workshop_build(shop, "pong", source, pong);
    if (workshop_load(shop, false) < 0) {
        workshop_says(shop, "");
        g_error("%s", shop->error.message);
    }
    struct module_host host = { .registry = shop->registry,
                                .store = database.store,
                                .config = shop->config,
                                .canonical_url = "http://localhost" };
    struct player players[PLAYERS];
    GThread *threads[PLAYERS];
    for (size_t i = 0; i < PLAYERS; i++) {
        players[i] = (struct player){ &host, registry_route_at(shop->registry, i % 2) };
        threads[i] = g_thread_new("player", play, &players[i]);
    }
    for (size_t i = 0; i < PLAYERS; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(
        database_integer(&database, "{unfiltered a test} SELECT count(*) FROM portico_event"), ==,
        ROUNDS * PLAYERS);
    workshop_close(shop);
    database_free(&database);
}

/* Answers 200 only if its handler in the transaction read the data as one after commit would. */
static const char carrier[] =
    "#define PORTICO_MODULE_USES \"portico.event 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "#define LENT \"portal.carrier.book.lent\"\n"
    "static int lend(struct portico_request *r) {\n"
    "  struct portico_error e = PORTICO_ERROR_INIT;\n"
    "  struct portico_value *d = portico_object(r);\n"
    "  portico_set_id(d, \"book\", 4200000000000000001);\n"
    "  portico_set_time(d, \"due\", 1000000);\n"
    "  const struct portico_emission m = { .size = sizeof m, .type = LENT, .data = d };\n"
    "  int code = portico_emit(portico_events(r), &m, NULL, &e);\n"
    "  return code < 0 ? code : portico_reply_json(r, d); }\n"
    "static int hear(struct portico_context *c, const struct portico_event *v,\n"
    "                struct portico_error *e) {\n"
    "  const char *book = portico_get_text(v->data, \"book\", NULL);\n"
    "  const char *due = portico_get_text(v->data, \"due\", NULL);\n"
    "  (void)c, (void)e;\n"
    "  if (!book || !due || portico_id_read(book) != 4200000000000000001) return -9;\n"
    "  return strcmp(due, \"1970-01-01T00:00:01Z\") ? -9 : 0; }\n"
    "static const struct portico_event_type types[] = { { .type = LENT, .title = \"Lent\",\n"
    "  .data_schema = \"{\\\"type\\\":\\\"object\\\",\\\"additionalProperties\\\":\"\n"
    "                 \"{\\\"type\\\":\\\"string\\\"}}\" } };\n"
    "static const struct portico_event_handler handlers[] = { { .name = \"hear\",\n"
    "  .types = LENT, .phase = PORTICO_IN_TRANSACTION, .handle = hear } };\n"
    "static const struct portico_route routes[] = { { .method = \"GET\",\n"
    "  .pattern = \"/carrier\", .handler = lend, .permission = PORTICO_PUBLIC } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Carrier\",\n"
    "  .routes = PORTICO_LIST(routes), .event_types = PORTICO_LIST(types),\n"
    "  .event_handlers = PORTICO_LIST(handlers) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

static void ids_and_times_are_text_to_handlers_of_both_phases(gconstpointer kind)
{
    struct database database;
    if (!work_new(&database, kind))
        return;
    struct workshop *shop = workshop_open();
    workshop_build(shop, "carrier", carrier, NULL);
    if (workshop_load(shop, false) < 0) {
        workshop_says(shop, "");
        g_error("%s", shop->error.message);
    }
    struct module_host host = { .registry = shop->registry,
                                .store = database.store,
                                .config = shop->config,
                                .canonical_url = "http://localhost" };
    g_assert_cmpuint(ask(&host, registry_route_at(shop->registry, 0)), ==, 200);
    /* What those after commit are given. */
    g_assert_cmpint(database_integer(&database,
                                     "{unfiltered a test} SELECT count(*) FROM portico_event WHERE "
                                     "data LIKE '%\"book\":\"4200000000000000001\"%'"),
                    ==, 1);
    workshop_close(shop);
    database_free(&database);
}

/* A service that notes each call as an event, and a job that calls it. */
static const char ledger[] =
    "#define PORTICO_MODULE_USES \"portico.event 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "#define ANY \"{\\\"type\\\":\\\"object\\\"}\"\n"
    "static int note(struct portico_context *c, const struct portico_value *given,\n"
    "                struct portico_value **ret_result, struct portico_error *e) {\n"
    "  const struct portico_emission m = { .size = sizeof m,\n"
    "                                      .type = \"portal.ledger.line.noted\" };\n"
    "  (void)given; *ret_result = portico_object(c);\n"
    "  return portico_emit(portico_events(c), &m, NULL, e); }\n"
    "static const struct portico_event_type types[] = {\n"
    "  { .type = \"portal.ledger.line.noted\", .title = \"Noted\", .data_schema = ANY } };\n"
    "static const struct portico_service services[] = { { \"ledger.lines\", \"1.0\", \"x\" } };\n"
    "static const struct portico_method methods[] = { { .service = \"ledger.lines\",\n"
    "  .name = \"note\", .summary = \"x\", .request_schema = ANY, .response_schema = ANY,\n"
    "  .call = note } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Ledger\",\n"
    "  .event_types = PORTICO_LIST(types), .services = PORTICO_LIST(services),\n"
    "  .methods = PORTICO_LIST(methods) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";
static const char clerk[] =
    "#define PORTICO_MODULE_USES \"portico.job 1.0, ledger.lines 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "static int run(struct portico_context *c, struct portico_job *j, struct portico_error *e) {\n"
    "  struct portico_value *result = NULL;\n"
    "  (void)j;\n"
    "  return portico_call(c, \"ledger.lines\", \"note\", NULL, &result, e); }\n"
    "static const struct portico_job_type jobs[] = {\n"
    "  { .name = \"write\", .title = \"Write\", .run = run } };\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Clerk\",\n"
    "  .jobs = PORTICO_LIST(jobs) };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

static int run_job(struct module_host *host, const struct job_claim *claim,
                   struct portico_error *error)
{
    struct module *module = NULL;
    struct module_job_watch watch = { 0 };
    const struct portico_job_type *type = registry_job(host->registry, "clerk", "write", &module);
    g_assert_nonnull(type);
    return module_call_job(host, module, type, claim, &watch, error);
}

static void what_a_service_writes_for_a_job_needs_the_jobs_lease(gconstpointer kind)
{
    static const char count[] = "{unfiltered a test} SELECT count(*) FROM portico_event";
    struct portico_error error = PORTICO_ERROR_INIT;
    struct database database;
    if (!work_new(&database, kind))
        return;
    struct workshop *shop = workshop_open();
    workshop_build(shop, "ledger", ledger, NULL);
    workshop_build(shop, "clerk", clerk, NULL);
    if (workshop_load(shop, false) < 0) {
        workshop_says(shop, "");
        g_error("%s", shop->error.message);
    }
    struct module_host host = { .registry = shop->registry,
                                .store = database.store,
                                .config = shop->config,
                                .canonical_url = "http://localhost" };
    const struct job_request request = { .module = "clerk", .name = "write", .kind = JOB_MODULE };
    struct job_claim first, second;
    int64_t id = work_queue(&database, &request);
    g_assert_true(work_claim(&database, &first));
    work_expire(&database, id);
    g_assert_true(work_claim(&database, &second)); /* another runner has it now */
    g_assert_cmpint(run_job(&host, &first, &error), ==, PORTICO_ECONFLICT);
    database_must(run_job(&host, &second, &error), &error);
    g_assert_cmpint(database_integer(&database, count), ==, 1);
    workshop_close(shop);
    database_free(&database);
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    g_test_add_func("/events/a_descriptor_with_wrong_events_or_jobs_is_refused",
                    a_descriptor_with_wrong_events_or_jobs_is_refused);
    DATABASE_TEST("events", serial_modules_that_hear_each_other_never_wait_in_a_circle);
    DATABASE_TEST("events", ids_and_times_are_text_to_handlers_of_both_phases);
    DATABASE_TEST("events", what_a_service_writes_for_a_job_needs_the_jobs_lease);
    return g_test_run();
}
