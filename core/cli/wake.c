#include "cli/wake.h"

#include "base/clock.h"
#include "job/job.h"
#include "server/control.h"

#include <pthread.h>
#include <stdlib.h>

#define INTERVAL 100000 /* µs */

/* Modules may commit on threads of theirs. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    const struct config *config;
    int64_t woken; /* steady µs */
    bool owed;
} state;

void wake_portal(const struct config *config)
{
    char *answer = NULL;
    control_request(config_data_directory(config), "{\"command\":\"wake\"}", &answer, NULL);
    free(answer);
}

static void on_commit(void *data)
{
    (void)data;
    pthread_mutex_lock(&lock);
    int64_t now = clock_steady();
    state.owed = state.woken && now - state.woken < INTERVAL;
    if (state.config && !state.owed) {
        state.woken = now;
        wake_portal(state.config);
    }
    pthread_mutex_unlock(&lock);
}

void wake_follow(const struct config *config)
{
    state.config = config;
    job_set_waker(on_commit, NULL);
}

void wake_end(void)
{
    job_set_waker(NULL, NULL);
    pthread_mutex_lock(&lock);
    if (state.config && state.owed)
        wake_portal(state.config);
    state.config = NULL;
    state.owed = false;
    pthread_mutex_unlock(&lock);
}
