/* A context used on another thread: under a sanitizer the call is stopped, by name. */
#include "workshop.h"

#include "http/exchange.h"
#include "module/call.h"

static const char source[] =
    "#define PORTICO_MODULE_USES \"portico.db 1.0, portico.content 1.0\"\n"
    "#define PORTICO_MODULE_VERSION \"1.0.0\"\n"
    "#include <portico/portico.h>\n"
    "#include <pthread.h>\n"
    "#include <stdlib.h>\n"
    "static struct portico_db *db; static struct portico_content *content;\n"
    "static void *clock_at(void *c) { portico_now((struct portico_context *)c); return NULL; }\n"
    "static void *query_on(void *c) { (void)c; struct portico_value *rows;\n"
    "  portico_query(db, \"SELECT 1 AS n\", PORTICO_NO_ARGS, &rows, NULL); return NULL; }\n"
    "static void *render(void *c) { (void)c; portico_markdown(content, \"x\", 1, NULL); return "
    "NULL; }\n"
    "static void *own(void *c) { (void)c; return malloc(1); }\n"
    "static int start(struct portico_context *c, struct portico_error *e)\n"
    "{ (void)e; pthread_t thread; void *made = NULL; db = portico_db(c);\n"
    "  content = portico_content(c);\n"
    "  portico_now(c);\n"
    "  pthread_create(&thread, NULL, ELSEWHERE, c); pthread_join(thread, &made); free(made);\n"
    "  return 0; }\n"
    "static const struct portico_module module = { PORTICO_MODULE_HEADER, .title = \"Threads\",\n"
    "  .start = start };\n"
    "PORTICO_EXPORT_MODULE(module)\n";

/* Starts a module whose `start` has `function` run on a thread of its own. */
static void start_with(const char *function)
{
    struct workshop *shop = workshop_open();
    char *define = g_strdup_printf("-DELSEWHERE=%s", function);
    const char *const flags[] = { define, "-pthread", NULL };
    workshop_build(shop, "threads", source, flags);
    g_assert_cmpint(workshop_load(shop, false), ==, 0);
    struct module_host host = { .registry = shop->registry, .config = shop->config };
    g_assert_cmpint(registry_start(shop->registry, &host, &shop->error), ==, 0);
    registry_stop(shop->registry, &host);
    g_free(define);
    workshop_close(shop);
}

static void is_stopped(const char *function, const char *sentence)
{
    if (!THREAD_TAGS) {
        g_test_skip("threads are watched in builds with a sanitizer");
        return;
    }
    if (g_test_subprocess()) {
        start_with(function);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr(sentence);
}

static void test_a_context_elsewhere_is_stopped(void)
{
    is_stopped("clock_at", "*The module threads called now of portico.context on a thread of its "
                           "own*belong to the thread that the module was called on*");
}

static void test_a_database_elsewhere_is_stopped(void)
{
    is_stopped("query_on", "*The module threads called query of portico.db on a thread*");
}

static void test_content_elsewhere_is_stopped(void)
{
    is_stopped("render", "*The module threads called markdown of portico.content on a thread*");
}

static void test_a_thread_without_the_sdk_is_free(void)
{
    start_with("own");
}

/* No module code belongs on the loop: its thread is told apart. */
static void test_the_loop_is_named(void)
{
    if (!THREAD_TAGS) {
        g_test_skip("threads are watched in builds with a sanitizer");
        return;
    }
    if (g_test_subprocess()) {
        thread_is_loop();
        start_with("own");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*The module threads called interface of portico.context on the "
                              "thread of the event loop*");
}

int main(int argc, char **argv)
{
    WORKSHOP_MAIN(argc, argv);
    g_test_add_func("/thread/a context used elsewhere is stopped",
                    test_a_context_elsewhere_is_stopped);
    g_test_add_func("/thread/a database used elsewhere is stopped",
                    test_a_database_elsewhere_is_stopped);
    g_test_add_func("/thread/content used elsewhere is stopped", test_content_elsewhere_is_stopped);
    g_test_add_func("/thread/a thread without the SDK is free",
                    test_a_thread_without_the_sdk_is_free);
    g_test_add_func("/thread/the event loop is told apart", test_the_loop_is_named);
    return g_test_run();
}
