#include "identity/gate.h"

#include "base/error.h"

#include <glib.h>
#include <pthread.h>
#include <sys/resource.h>

#define WAITING 8u  /* for each thread: about a quarter of a second */
#define NICENESS 10 /* handlers go first; a thread cannot go back, so these do nothing else */

struct turn {
    void (*work)(void *data);
    void *data;
    bool done;
    struct turn *next;
};

struct identity_gate {
    pthread_mutex_t mutex;
    pthread_cond_t wanted, finished;
    struct turn *first, **last;
    unsigned threads, started, waiting;
    pthread_t *ids;
    bool ending;
};

static struct turn *next_turn(struct identity_gate *gate)
{
    while (!gate->first && !gate->ending)
        pthread_cond_wait(&gate->wanted, &gate->mutex);
    struct turn *turn = gate->first;
    if (!turn)
        return NULL;
    gate->first = turn->next;
    if (!gate->first)
        gate->last = &gate->first;
    gate->waiting--;
    return turn;
}

static void *run(void *data)
{
    struct identity_gate *gate = data;
    pthread_setname_np(pthread_self(), "passwords");
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    pthread_mutex_lock(&gate->mutex);
    for (struct turn *turn = next_turn(gate); turn; turn = next_turn(gate)) {
        pthread_mutex_unlock(&gate->mutex);
        turn->work(turn->data);
        pthread_mutex_lock(&gate->mutex);
        turn->done = true;
        pthread_cond_broadcast(&gate->finished);
    }
    pthread_mutex_unlock(&gate->mutex);
    return NULL;
}

struct identity_gate *identity_gate_new(unsigned threads)
{
    struct identity_gate *gate = g_new0(struct identity_gate, 1);
    gate->threads = threads ? threads : 1;
    gate->ids = g_new0(pthread_t, gate->threads);
    gate->last = &gate->first;
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->wanted, NULL);
    pthread_cond_init(&gate->finished, NULL);
    return gate;
}

void identity_gate_free(struct identity_gate *gate)
{
    if (!gate)
        return;
    pthread_mutex_lock(&gate->mutex);
    gate->ending = true;
    pthread_cond_broadcast(&gate->wanted);
    pthread_mutex_unlock(&gate->mutex);
    for (unsigned i = 0; i < gate->started; i++)
        pthread_join(gate->ids[i], NULL);
    pthread_cond_destroy(&gate->finished);
    pthread_cond_destroy(&gate->wanted);
    pthread_mutex_destroy(&gate->mutex);
    g_free(gate->ids);
    g_free(gate);
}

/* One more thread while there is work for it. False: there is none at all. */
static bool staffed(struct identity_gate *gate)
{
    if (gate->started < gate->threads &&
        pthread_create(&gate->ids[gate->started], NULL, run, gate) == 0)
        gate->started++;
    return gate->started > 0;
}

int identity_gate_run(struct identity_gate *gate, void (*work)(void *data), void *data,
                      struct portico_error *error)
{
    struct turn turn = { .work = work, .data = data };
    pthread_mutex_lock(&gate->mutex);
    if (gate->waiting >= WAITING * gate->threads || !staffed(gate)) {
        pthread_mutex_unlock(&gate->mutex);
        return error_set(error, PORTICO_EBUSY,
                         /* translated */
                         "Too many passwords are being checked at this moment: try again soon.");
    }
    *gate->last = &turn;
    gate->last = &turn.next;
    gate->waiting++;
    pthread_cond_signal(&gate->wanted);
    while (!turn.done)
        pthread_cond_wait(&gate->finished, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
    return PORTICO_OK;
}
