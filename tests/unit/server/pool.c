#include "server/pool.h"

#include <glib.h>
#include <stdatomic.h>

#define MANY 2000

/* A job that waits at a gate, if it has one. */
struct work {
    struct pool_job job; /* must be first */
    _Atomic bool *gate;  /* runs on once it is true; NULL: at once */
    bool done, withdrawn;
};

struct scene {
    struct event_base *base;
    struct pool *pool;
    _Atomic unsigned running, most;
    unsigned done;
};

static void run(struct pool_job *job, unsigned slot, void *data)
{
    struct scene *scene = data;
    struct work *work = (struct work *)job;
    g_assert_cmpuint(slot, <, 4);
    unsigned now = atomic_fetch_add(&scene->running, 1) + 1, most = atomic_load(&scene->most);
    while (now > most && !atomic_compare_exchange_weak(&scene->most, &most, now))
        ;
    while (work->gate && !atomic_load(work->gate))
        g_thread_yield();
    atomic_fetch_sub(&scene->running, 1);
}

static void done(struct pool_job *job, void *data)
{
    struct scene *scene = data;
    struct work *work = (struct work *)job;
    g_assert_false(work->done);
    work->done = true;
    work->withdrawn = atomic_load(&job->state) == POOL_WITHDRAWN;
    scene->done++;
}

static void begin(struct scene *scene)
{
    *scene = (struct scene){ .base = event_base_new() };
    const struct pool_options options = {
        .base = scene->base, .threads = 4, .run = run, .done = done, .data = scene
    };
    g_assert_cmpint(pool_new(&options, &scene->pool, NULL), ==, 0);
}

static void end(struct scene *scene)
{
    pool_free(scene->pool);
    event_base_free(scene->base);
}

/* Turns the loop until `count` jobs came back. */
static void turn_until(struct scene *scene, unsigned count)
{
    pool_turn(scene->pool);
    while (scene->done < count) {
        event_base_loop(scene->base, EVLOOP_ONCE);
        pool_turn(scene->pool);
    }
}

static void wait_running(struct scene *scene, unsigned count)
{
    while (atomic_load(&scene->running) < count) {
        event_base_loop(scene->base, EVLOOP_ONCE);
        pool_turn(scene->pool);
    }
}

static void test_every_job(void)
{
    struct scene scene;
    begin(&scene);
    struct pool_group group = { .cap = 4 };
    struct pool_lane lanes[3] = { { .group = &group, .cap = 4 },
                                  { .group = &group, .cap = 4 },
                                  { .group = &group, .cap = 1 } };
    struct work *works = g_new0(struct work, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        pool_submit(scene.pool, &works[i].job, &lanes[i % 3]);
        if (i % 7 == 0)
            pool_turn(scene.pool);
    }
    turn_until(&scene, MANY);
    for (unsigned i = 0; i < MANY; i++)
        g_assert_true(works[i].done && !works[i].withdrawn);
    g_assert_cmpuint(group.running, ==, 0);
    g_free(works);
    end(&scene);
}

static void test_caps(void)
{
    struct scene scene;
    _Atomic bool gate = false, open = true;
    begin(&scene);
    struct pool_group greedy = { .cap = 2 }, modest = { .cap = 4 };
    struct pool_lane slow = { .group = &greedy, .cap = 4, .mean = 1000000 };
    struct pool_lane quick = { .group = &modest, .cap = 4 };
    struct work works[10] = { 0 }, other = { .gate = &open };
    for (unsigned i = 0; i < 10; i++) {
        works[i].gate = &gate;
        pool_submit(scene.pool, &works[i].job, &slow);
    }
    pool_turn(scene.pool);
    wait_running(&scene, 2);
    pool_submit(scene.pool, &other.job, &quick);
    turn_until(&scene, 1);
    g_assert_true(other.done);
    g_assert_cmpuint(pool_waiting(scene.pool), ==, 8);
    atomic_store(&gate, true);
    turn_until(&scene, 11);
    g_assert_cmpuint(scene.most, <=, 3);
    end(&scene);
}

static void test_serial(void)
{
    struct scene scene;
    begin(&scene);
    struct pool_group group = { .cap = 1 };
    struct pool_lane lanes[2] = { { .group = &group, .cap = 4, .mean = 1000 },
                                  { .group = &group, .cap = 4, .mean = 1000 } };
    struct work works[200] = { 0 };
    for (unsigned i = 0; i < 200; i++)
        pool_submit(scene.pool, &works[i].job, &lanes[i % 2]);
    turn_until(&scene, 200);
    g_assert_cmpuint(scene.most, ==, 1);
    end(&scene);
}

static void test_withdraw(void)
{
    struct scene scene;
    _Atomic bool gate = false;
    begin(&scene);
    struct pool_group group = { .cap = 1 };
    struct pool_lane lane = { .group = &group, .cap = 1 };
    struct work first = { .gate = &gate }, second = { 0 };
    pool_submit(scene.pool, &first.job, &lane);
    pool_submit(scene.pool, &second.job, &lane);
    pool_turn(scene.pool);
    wait_running(&scene, 1);
    g_assert_false(pool_withdraw(&first.job));
    g_assert_true(pool_withdraw(&second.job));
    atomic_store(&gate, true);
    turn_until(&scene, 2);
    g_assert_true(second.withdrawn && !first.withdrawn);
    end(&scene);
}

static void test_one_blocks(void)
{
    struct scene scene;
    _Atomic bool gate = false;
    begin(&scene);
    struct pool_group group = { .cap = 4 };
    /* A mean of 0: the pool expects the first job to be short, and it is not. */
    struct pool_lane lane = { .group = &group, .cap = 4 };
    struct work first = { .gate = &gate }, second = { 0 };
    pool_submit(scene.pool, &first.job, &lane);
    pool_submit(scene.pool, &second.job, &lane);
    turn_until(&scene, 1);
    g_assert_true(second.done);
    atomic_store(&gate, true);
    turn_until(&scene, 2);
    end(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/runs every job once and brings it back", test_every_job);
    g_test_add_func("/pool/keeps a group to its cap and serves others beside it", test_caps);
    g_test_add_func("/pool/runs one job at a time for a serial group", test_serial);
    g_test_add_func("/pool/withdraws a job that waits, never one that runs", test_withdraw);
    g_test_add_func("/pool/wakes another thread when a job that should be short blocks",
                    test_one_blocks);
    return g_test_run();
}
