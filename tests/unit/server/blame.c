/* What crashes again and again is taken out, but never the way in. */
#include "server/supervisor.h"

#include <signal.h>
#include <string.h>

#define SEGFAULT SIGSEGV /* as wait() says it */

/* A supervisor without processes, and one worker's page. */
struct house {
    struct supervisor supervisor;
    struct worker_process worker;
    struct server_page *page;
    struct arena *arena;
};

static void house_new(struct house *house, enum worker_kind kind)
{
    *house = (struct house){ .page = g_new0(struct server_page, 1), .arena = arena_new(0) };
    house->supervisor.blame = blame_new();
    house->supervisor.old = g_ptr_array_new();
    house->worker.kind = kind;
    house->worker.page = house->page;
}

static void house_free(struct house *house)
{
    blame_free(house->supervisor.blame);
    g_ptr_array_free(house->supervisor.old, TRUE);
    arena_free(house->arena);
    g_free(house->page);
}

/* Its second thread crashes in what `label` names, so many times. */
static void crash(struct house *house, const char *label, unsigned times)
{
    char text[256];
    struct module_trace_slot *slot = &house->page->trace.slots[1];
    g_strlcpy(slot->name, label, sizeof slot->name);
    atomic_store(&slot->kind, CALL_ROUTE);
    atomic_store(&house->page->crashed, 2u);
    for (unsigned i = 0; i < times; i++)
        g_assert_cmpstr(
            blame_worker(&house->supervisor, &house->worker, SEGFAULT, text, sizeof text), ==,
            label);
}

static unsigned taken_out(struct house *house)
{
    return (unsigned)blame_list(&house->supervisor, house->arena)->count;
}

static void what_crashes_five_times_within_a_minute_is_taken_out(void)
{
    static const struct {
        enum worker_kind kind;
        const char *label;
        bool out;
    } cases[] = {
        { WORKER_SERVES, "communities GET /community", true },
        { WORKER_SERVES, "communities hook portal.rendered", true },
        { WORKER_JOBS, "communities job digest", true },
        { WORKER_SERVES, "portico GET /login", false },
        { WORKER_SERVES, "portico POST /login", false },
        { WORKER_SERVES, "portico GET /account", false },
        { WORKER_SERVES, "portico GET /admin/people", false },
        { WORKER_SERVES, "portico /search", true },
        { WORKER_SERVES, "porticoes GET /login", true },
        { WORKER_JOBS, "portico job notices", true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct house house;
        house_new(&house, cases[i].kind);
        crash(&house, cases[i].label, 4);
        g_assert_cmpuint(taken_out(&house), ==, 0);
        crash(&house, cases[i].label, 1);
        if (taken_out(&house) != cases[i].out)
            g_error("%s is %s", cases[i].label, cases[i].out ? "not taken out" : "taken out");
        house_free(&house);
    }
}

static void the_way_in_stays_however_often_it_crashes_or_hangs(void)
{
    struct house house;
    house_new(&house, WORKER_SERVES);
    crash(&house, "portico POST /login", 50);
    for (unsigned i = 0; i < 50; i++)
        blame_stuck(&house.supervisor, &house.worker, "portico POST /login");
    g_assert_cmpuint(taken_out(&house), ==, 0);
    crash(&house, "communities GET /community", 5);
    g_assert_cmpuint(taken_out(&house), ==, 1);
    house_free(&house);
}

static void what_hangs_its_process_five_times_is_taken_out(void)
{
    struct house house;
    house_new(&house, WORKER_SERVES);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmpuint(taken_out(&house), ==, 0);
        blame_stuck(&house.supervisor, &house.worker, "communities GET /community");
    }
    g_assert_cmpuint(taken_out(&house), ==, 1);
    house_free(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blame/what crashes five times within a minute is taken out",
                    what_crashes_five_times_within_a_minute_is_taken_out);
    g_test_add_func("/blame/the way in stays, however often it crashes or hangs",
                    the_way_in_stays_however_often_it_crashes_or_hangs);
    g_test_add_func("/blame/what hangs its process five times is taken out",
                    what_hangs_its_process_five_times_is_taken_out);
    return g_test_run();
}
